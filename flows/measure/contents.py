"""What a table holds: who states what, of when, and how much of the whole."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flows.results import Card, Result, print_count

if TYPE_CHECKING:
    import pandas as pd

_SHOWN = 4
"""Countries that are named; of more, the number is."""

_FREQUENCIES = (
    ("days", range(1, 2)),
    ("months", range(28, 32)),
    ("quarters", range(89, 94)),
    ("years", range(354, 368)),
)
"""Days that periods of a calendar have, Iranian ones as well."""

_OTHER = "other periods"


@dataclass(frozen=True, slots=True, repr=False)
class Contents(Result):
    """
    What a table holds; what it has no column for is empty.

    Parameters
    ----------
    rows : int
        How many.
    kind : str
        What the layout of its file is for.
    start, end : str
        First and last day.
    periods : tuple of str
        Which there are: ``"months"``, ``"years"``.
    reporters, exporters, importers : tuple of str
        Alpha-3 codes.
    products : int
        How many codes.
    classifications, coverage, units, releases : tuple of str
        Whose codes, what is counted, in which units, of which data sets, as the rows say.
    scope : str
        Which partners of whose totals the data sets claim to hold.
    totals : str
        How the rows compare with the totals that the publisher prints; of a table as it was loaded.
    left_out : Mapping
        Rows of the file that are not in the table, by reason.
    """

    rows: int
    kind: str = ""
    start: str = ""
    end: str = ""
    periods: tuple[str, ...] = ()
    reporters: tuple[str, ...] = ()
    exporters: tuple[str, ...] = ()
    importers: tuple[str, ...] = ()
    products: int = 0
    classifications: tuple[str, ...] = ()
    coverage: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    releases: tuple[str, ...] = ()
    scope: str = ""
    totals: str = ""
    left_out: Mapping[str, int] = field(default_factory=dict)

    def in_words(self) -> Iterator[str]:
        """Yield lines for a reader: how many and when, then who and what."""
        span = f"{' and '.join(self.periods)} from {self.start} to {self.end}" if self.start else ""
        units = ", ".join(self.units)
        rows = f"{self.rows:,} row{'' if self.rows == 1 else 's'}"
        yield ", ".join(text for text in (rows, span, units) if text)
        if not self.reporters:
            yield self.kind
            return
        codes = f"{self.products} codes of " if self.products > 1 else ""
        yield (
            f"{_named(self.reporters)} on exports of {_named(self.exporters)} to "
            f"{_named(self.importers)}; {', '.join(self.coverage)} "
            f"({codes}{', '.join(self.classifications)})"
        )

    def _card(self) -> Card:
        span = f", {self.start} to {self.end}" if self.start else ""
        codes = f"{print_count(self.products, 'code')} of " if self.products > 1 else ""
        flows = f"exports of {_named(self.exporters)} to {_named(self.importers)}"
        left_out = ", ".join(f"{rows} {reason}" for reason, rows in self.left_out.items())
        products = f"{', '.join(self.coverage)} ({codes}{', '.join(self.classifications)})"
        facts = (
            ("periods", f"{' and '.join(self.periods)}{span}" if self.start else ""),
            ("flows", flows) if self.exporters else ("holds", self.kind),
            ("reporters", _named(self.reporters)),
            ("counts", ", ".join((products, *self.units)) if self.coverage else ""),
            ("data", ", ".join(filter(None, (*self.releases, self.scope)))),
        )
        more = (("totals", self.totals), ("left out", left_out or "none"))
        return Card(
            title=print_count(self.rows, "row"),
            facts=tuple(fact for fact in facts if fact[1]),
            more=tuple(fact for fact in more if fact[1]),
        )


def show(table: "pd.DataFrame") -> Contents:
    """
    Say what a table holds: who states what of whom, of when, in what, and how much of the whole.

    Parameters
    ----------
    table : pandas.DataFrame
        Flow table, or any other that :func:`flows.load` returns.

    Returns
    -------
    Contents
        Rows, periods, reporters, exporters and importers, products, units, data sets, their scope
        and how they compare with the totals that are printed beside them.

    Raises
    ------
    ValueError
        If it is no table.

    Examples
    --------
    >>> import flows as fl
    >>> show(fl.load("sipri-deal-years@2025-03"))
    Contents: 222 rows
      periods    years, 2000-01-01 to 2024-12-31
      ...
    """
    import pandas as pd  # noqa: PLC0415 - a list that was kept needs no pandas

    if not isinstance(table, pd.DataFrame):
        raise ValueError(f"expected a table, as fl.load returns it, found {type(table).__name__}")  # noqa: TRY004 - a bad argument, as everywhere
    return contents_of(table)


def contents_of(table: "pd.DataFrame") -> Contents:
    """Return what a table holds."""
    from flows.loaders import LAYOUTS  # noqa: PLC0415 - a list that was kept needs no pandas

    report = table.attrs.get("report", {})
    layout = LAYOUTS.get(report.get("layout", ""))

    def distinct(column: str) -> tuple[str, ...]:
        return tuple(sorted(map(str, table[column].unique()))) if column in table else ()

    start, end, periods = _span(table)
    flows = "reporter" in table
    return Contents(
        rows=len(table),
        kind=layout.content if layout else "",
        start=start,
        end=end,
        periods=periods,
        reporters=distinct("reporter"),
        exporters=distinct("exporter") if flows else (),
        importers=distinct("importer") if flows else (),
        products=len(distinct("product")),
        classifications=distinct("classification"),
        coverage=distinct("coverage"),
        units=distinct("unit"),
        releases=distinct("dataset"),
        scope="; ".join(dict.fromkeys(filter(None, map(_scope_in_words, distinct("dataset"))))),
        totals=_totals(table) if flows else "",
        left_out=report.get("left_out", {}),
    )


def _scope_in_words(dataset: str) -> str:
    """Return which partners of whose totals a data set claims to hold."""
    from flows.scope import scope_of  # noqa: PLC0415 - as above

    scope = scope_of(dataset)
    if scope is None or scope.partners == "not stated":
        return "scope not stated"
    which = f"{scope.largest} largest" if scope.partners == "largest" else scope.partners
    whose = [
        f"{side} of {'every country' if countries is None else _named(countries)}"
        for side, countries in scope.countries.items()
        if countries is None or countries
    ]
    return f"{which} partners in the {' and '.join(whose)}" if whose else f"{which} partners"


def _totals(table: "pd.DataFrame") -> str:
    """Return how rows compare with printed totals, unless some were filtered out."""
    from flows.loaders.claims import hold_against_totals  # noqa: PLC0415 - as above
    from flows.scope import scope_of  # noqa: PLC0415 - as above

    compared = []
    for dataset, rows in table.groupby("dataset", sort=True):
        scope = scope_of(str(dataset))
        if scope is not None and len(rows) == len(scope.entries):
            compared.append(hold_against_totals(rows, scope).in_words())
    return "; ".join(compared)


def _span(table: "pd.DataFrame") -> tuple[str, str, tuple[str, ...]]:
    """Return first and last day, and which periods there are."""
    if not {"start", "end"} <= set(table.columns) or table.empty:
        return "", "", ()
    days = ((table["end"] - table["start"]).dt.days + 1).unique()
    named = {
        next((name for name, lengths in _FREQUENCIES if length in lengths), _OTHER)
        for length in days
    }
    order = [*(name for name, _ in _FREQUENCIES), _OTHER]
    first, last = table["start"].min().date(), table["end"].max().date()
    return str(first), str(last), tuple(sorted(named, key=order.index))


def _named(codes: Sequence[str]) -> str:
    return ", ".join(codes) if len(codes) <= _SHOWN else f"{len(codes)} countries"
