"""How concentrated a country's suppliers or customers are, and what cannot be excluded."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from flows.canonical import exact_sum
from flows.errors import SchemaError, ScopeError
from flows.measure.bounds import check_ways, find_ways
from flows.measure.box_extremes import (
    Box,
    Interval,
    entropy_bounds,
    herfindahl_bounds,
    ratio_bounds,
)
from flows.measure.checks import rows_by_dataset
from flows.measure.counting import (
    ALL,
    Counted,
    Counting,
    count_flows,
    counted_facts,
    find_candidates,
)
from flows.measure.indices import concentration_ratio, effective_number, entropy, herfindahl
from flows.measure.rules import Rule, rule_splits
from flows.measure.shares import add_by_partner, country_asked, rolling_windows
from flows.renamed import country_by_side
from flows.results import (
    Card,
    Result,
    print_amount,
    print_between,
    print_count,
    print_estimate,
    print_percent,
)
from flows.scope import Of, scope_of

MEASURES = ("hhi", "effective_number", "cr1", "cr3", "entropy")

_SHARES = ("cr1", "cr3")


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Concentration(Result):
    """
    Concentration of one country's suppliers or customers in one window.

    Parameters
    ----------
    hhi : float
        Herfindahl-Hirschman index, 1/n to 1; an unknown supplier counts as one supplier.
    effective_number : float
        Suppliers of equal size with the same index: 1 / ``hhi``.
    cr1, cr3 : float
        Share of the largest supplier, on whom the country depends most, and of the three largest.
    entropy : float
        Of the shares, in nats: 0 for one supplier.
    main : str
        Code of the largest supplier; of equal ones the first in the alphabet.
    bounds : Mapping
        Measure to the lowest and the highest value that the rules cannot exclude; empty without
        rules.
    partners : pandas.DataFrame
        One row a supplier or customer, the largest first: ``partner``, ``value``, ``share``.
    total : float
        Sum, in ``unit``.
    importer, exporter : str or None
        Whose suppliers or customers they are; the other is None.
    unit, dataset, start, end, counting, rows, left_out
        As in :class:`flows.measure.counting.Counted`.
    rules : tuple of Rule
        What cannot be excluded.
    scope : str
        What the total is, as in :class:`flows.measure.shares.Share`. Where it is a printed total
        over the largest partners alone, the measures that hang on the others are missing, and
        ``bounds`` hold what they can be. So it is where deals of a register cross the edge of the
        window: ``partners`` and ``total`` are then of those wholly inside, and ``main`` is empty.
    """

    hhi: float
    effective_number: float
    cr1: float
    cr3: float
    entropy: float
    main: str
    bounds: Mapping[str, Interval]
    partners: pd.DataFrame
    total: float
    unit: str
    dataset: str
    importer: str | None
    exporter: str | None
    start: int
    end: int
    counting: Counting
    rules: tuple[Rule, ...]
    rows: pd.DataFrame
    left_out: pd.DataFrame
    scope: str

    def tidy(self) -> pd.DataFrame:
        """
        Return one row a measure.

        Returns
        -------
        pandas.DataFrame
            ``measure``, ``value``, and ``low`` and ``high``, missing without rules.
        """
        nothing = (math.nan, math.nan)
        ends = [self.bounds.get(name, nothing) for name in MEASURES]
        return pd.DataFrame(
            {
                "measure": MEASURES,
                "value": [getattr(self, name) for name in MEASURES],
                "low": [low for low, _ in ends],
                "high": [high for _, high in ends],
            }
        )

    def _card(self) -> Card:
        partners = "customers" if self.importer is None else "suppliers"
        total = print_amount(self.total, self.unit)
        return Card(
            title=(
                f"of the {partners} of {self.importer or self.exporter}, {self.start}-{self.end}"
            ),
            facts=(
                ("HHI", self._with_bounds("hhi")),
                ("largest", f"{self.main or 'not known'}, {self._with_bounds('cr1')} of {total}"),
                *counted_facts(self),
            ),
            more=tuple((name, self._with_bounds(name)) for name in MEASURES[1:]),
            rows=rows_by_dataset(self.rows),
        )

    def _with_bounds(self, measure: str) -> str:
        prints = print_percent if measure in _SHARES else print_estimate
        printed = prints(getattr(self, measure))
        if measure not in self.bounds:
            return printed
        low, high = (prints(end) for end in self.bounds[measure])
        return f"{printed}, {print_between(low, high)}"


@country_by_side
def concentration(
    table: pd.DataFrame,
    *,
    importer: str | None = None,
    exporter: str | None = None,
    start: int,
    end: int,
    dataset: str | None = None,
    counting: Counting = ALL,
    rules: Sequence[Rule] = (),
) -> Concentration:
    """
    Return how concentrated a country's suppliers are, or an exporter's customers.

    Parameters
    ----------
    table : pandas.DataFrame
        Flow table in one unit.
    importer, exporter : str, optional
        Alpha-3 code of the importer whose suppliers, or of the exporter whose customers are asked
        for: one of the two.
    start, end : int
        First and last year, both included.
    dataset : str, optional
        The vintage to count, where the table holds several.
    counting : Counting
        Which rows count, and in which year.
    rules : sequence of Rule
        What cannot be excluded, as in :func:`flows.share_bounds`; none by default.

    Returns
    -------
    Concentration

    Raises
    ------
    UnitError, DoubleCountError, PeriodError, SchemaError, CountryError, ValueError
        As :func:`flows.share` and :func:`flows.share_bounds`; also if
        both or neither of importer and exporter are given.

    Notes
    -----
    Bounds are exact: the extremes of each index over all amounts that the rules allow, not the
    index of extreme amounts. Rows are independent of one another, definitions are one choice for
    the whole sum. Under :class:`~flows.measure.rules.UnknownPartner` each row of an unknown
    supplier is one supplier's as a whole, named or not.

    Examples
    --------
    >>> import flows as fl
    >>> found = concentration(
    ...     fl.load("sipri-deal-years@2025-03"), importer="AZE", start=2016, end=2020
    ... )
    >>> round(found.hhi, 3), found.main, round(found.cr1, 4)
    (0.492, 'ISR', 0.6774)
    """
    country, of = country_asked(importer, exporter)
    counted = count_flows(
        table,
        country=country,
        start=start,
        end=end,
        of=of,
        dataset=dataset,
        counting=counting,
        crossing=rule_splits(rules),
    )
    partners = add_by_partner(counted.rows)
    if counted.cover.total is not None:
        return _with_unlisted(counted, partners, counted.cover.total, rules)
    amounts = partners["value"].tolist()
    known = counted.crossing.empty
    if known and math.fsum(amounts) == 0:
        raise SchemaError(f"expected {of} of {country} in {start}-{end}, found a sum of 0")
    near, _ = find_candidates(
        table, country=country, start=start, end=end, of=of, dataset=dataset, counting=counting
    )
    return Concentration(
        **(_measures(amounts) if known else dict.fromkeys(MEASURES, math.nan)),
        main=str(partners["partner"].iloc[0]) if known else "",
        bounds=_bound_measures(near, rules, window=(start, end), of=of, counting=counting),
        partners=partners,
        total=exact_sum(amounts),
        unit=counted.unit,
        dataset=counted.dataset,
        importer=importer,
        exporter=exporter,
        start=start,
        end=end,
        counting=counting,
        rules=tuple(rules),
        rows=counted.rows,
        left_out=counted.left_out,
        scope=counted.cover.how,
    )


def _measures(amounts: Sequence[float]) -> dict[str, float]:
    return {
        "hhi": herfindahl(amounts),
        "effective_number": effective_number(amounts),
        "cr1": concentration_ratio(amounts, 1),
        "cr3": concentration_ratio(amounts, 3),
        "entropy": entropy(amounts),
    }


def _with_unlisted(
    counted: Counted, partners: pd.DataFrame, total: float, rules: Sequence[Rule]
) -> Concentration:
    """
    Bound the measures where a part of a printed total is spread over partners that no row names.

    At its least the rest is spread over very many; at its most it is in partners as large as the
    smallest that is listed, since a larger one would be.
    """
    scope = scope_of(counted.dataset)
    one_period = len(counted.rows[["start", "end"]].drop_duplicates()) == 1
    if rules or not one_period or scope is None or scope.partners != "largest":
        raise ScopeError(
            f"concentration: expected every partner of {counted.country}, found some and a printed "
            "total; the rest can be bounded only where the rows are the largest partners of one "
            "year, and without rules"
        )
    listed = partners["value"].tolist()
    rest = total - math.fsum(listed)
    least = min(listed)
    number, left = divmod(rest, least)
    largest = [*listed, *[least] * int(number), left]
    spread = math.fsum((amount / total) ** 2 for amount in listed)
    high = herfindahl(largest)
    known = {f"cr{k}": concentration_ratio(largest, k) for k in (1, 3) if k <= len(listed)}
    bounds = {
        "hhi": (spread, high),
        "effective_number": (1 / high, 1 / spread),
        "entropy": (entropy(largest), math.inf),
        **{name: (value, value) for name, value in known.items()},
    }
    return Concentration(
        hhi=math.nan,
        effective_number=math.nan,
        cr1=known.get("cr1", math.nan),
        cr3=known.get("cr3", math.nan),
        entropy=math.nan,
        main=str(partners["partner"].iloc[0]),
        bounds=bounds,
        partners=partners,
        total=total,
        unit=counted.unit,
        dataset=counted.dataset,
        importer=counted.country if counted.of == "imports" else None,
        exporter=counted.country if counted.of == "exports" else None,
        start=counted.start,
        end=counted.end,
        counting=counted.counting,
        rules=(),
        rows=counted.rows,
        left_out=counted.left_out,
        scope=counted.cover.how,
    )


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class RollingConcentration(Result, Sequence[Concentration]):
    """
    The concentration of windows that follow one another: a sequence of them.

    Parameters
    ----------
    windows : tuple of Concentration
        In the order of time; a window without a total has none.
    """

    natural_table = "frame"

    windows: tuple[Concentration, ...]

    def __len__(self) -> int:
        """Return the number of windows."""
        return len(self.windows)

    def __getitem__(self, place: Any) -> Any:
        """Return the windows at a place or a slice of places."""
        return self.windows[place]

    @property
    def frame(self) -> pd.DataFrame:
        """
        All windows as one table.

        One row a window: ``dataset``, ``importer`` or ``exporter``, ``start``, ``end``, ``total``,
        ``main`` (code of the largest partner), and each measure with its bounds: ``hhi``,
        ``hhi_low``, ``hhi_high`` and so on, missing without rules.
        """
        return tabulate_concentration(self.windows)

    def _card(self) -> Card:
        first, last = self.windows[0], self.windows[-1]
        partners = "customers" if first.importer is None else "suppliers"
        facts = [
            (f"{window.start}-{window.end}", f"HHI {print_estimate(window.hhi)}, {window.main}")
            for window in self.windows
        ]
        return Card(
            title=(
                f"of the {partners} of {first.importer or first.exporter} in "
                f"{print_count(len(self), 'window')}"
            ),
            facts=(
                facts[0],
                facts[-1],
                ("counted", first.counting.describe()),
                ("data", f"{last.dataset}, {last.scope}"),
            ),
            more=tuple(facts[1:-1]),
            rows=rows_by_dataset(pd.concat([window.rows for window in self.windows])),
        )


@country_by_side
def rolling_concentration(
    table: pd.DataFrame,
    *,
    importer: str | None = None,
    exporter: str | None = None,
    start: int | None = None,
    end: int | None = None,
    years: int,
    dataset: str | None = None,
    counting: Counting = ALL,
    rules: Sequence[Rule] = (),
) -> RollingConcentration:
    """
    Return the concentration of every window of some years: dependence and how it changes.

    Parameters
    ----------
    table, importer, exporter, dataset, counting, rules
        As in :func:`concentration`.
    start, end : int, optional
        First year of the first window, last year of the last one; by default all years that the
        data set counts.
    years : int
        Length of a window.

    Returns
    -------
    RollingConcentration
        ``windows``, and all of them as one table, ``frame``. A window in which nothing was imported
        has no concentration and is not there.

    Raises
    ------
    UnitError, DoubleCountError, PeriodError, SchemaError, CountryError, ValueError
        As :func:`concentration`; also if no window fits, or none has a total.

    Examples
    --------
    >>> import flows as fl
    >>> rolling = rolling_concentration(
    ...     fl.load("sipri-deal-years@2025-03"), importer="AZE", start=2011, end=2020, years=5
    ... )
    >>> [(window.start, window.main, round(window.hhi, 2)) for window in rolling.windows[::5]]
    [(2011, 'RUS', 0.64), (2016, 'ISR', 0.49)]
    """
    country, of = country_asked(importer, exporter)
    windows = rolling_windows(
        table,
        country=country,
        of=of,
        start=start,
        end=end,
        years=years,
        dataset=dataset,
        counting=counting,
    )
    return RollingConcentration(
        tuple(
            concentration(
                table,
                importer=importer,
                exporter=exporter,
                start=first,
                end=last,
                dataset=dataset,
                counting=counting,
                rules=rules,
            )
            for first, last in windows
        )
    )


def tabulate_concentration(windows: Sequence[Concentration]) -> pd.DataFrame:
    """Return concentrations as a table, one row each."""
    records = []
    for window in windows:
        side = "exporter" if window.importer is None else "importer"
        fields = ("dataset", side, "start", "end", "total", "main")
        record = {name: getattr(window, name) for name in fields}
        for row in window.tidy().itertuples(index=False):
            ends = {f"{row.measure}_low": row.low, f"{row.measure}_high": row.high}
            record |= {str(row.measure): row.value, **ends}
        records.append(record)
    return pd.DataFrame(records)


def _bound_measures(
    near: pd.DataFrame,
    rules: Sequence[Rule],
    *,
    window: tuple[int, int],
    of: Of,
    counting: Counting,
) -> dict[str, Interval]:
    """Return the lowest and the highest value of each measure."""
    if not rules:
        return {}
    ways = find_ways(near, rules, window=window, counting=counting)
    check_ways(near, ways, rules=rules, window=window, of=of)
    boxes = [box_of(cells) for _, cells in ways if (cells["amount_high"] > 0).any()]
    hhi = hull([herfindahl_bounds(box) for box in boxes])
    return {
        "hhi": hhi,
        "effective_number": (1 / hhi[1], 1 / hhi[0]),
        "cr1": hull([ratio_bounds(box, 1) for box in boxes]),
        "cr3": hull([ratio_bounds(box, 3) for box in boxes]),
        "entropy": hull([entropy_bounds(box) for box in boxes]),
    }


def box_of(cells: pd.DataFrame) -> Box:
    """Return what each supplier may have delivered, from cells of one importer in one way."""
    possible = cells[cells["amount_high"] > 0]
    named = possible[~possible["anyone"]].groupby("partner", sort=True)
    unknown = possible[possible["anyone"]].sort_values(["amount_low", "amount_high"])
    return Box(
        low=tuple(named["amount_low"].agg(math.fsum)),
        high=tuple(named["amount_high"].agg(math.fsum)),
        anyone=tuple(zip(unknown["amount_low"], unknown["amount_high"], strict=True)),
    )


def hull(intervals: Sequence[Interval]) -> Interval:
    """Return the lowest and the highest end."""
    return min(low for low, _ in intervals), max(high for _, high in intervals)
