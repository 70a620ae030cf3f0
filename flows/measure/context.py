"""Where one importer stands among all: concentration of its imports, its main supplier."""

import math
from dataclasses import dataclass

import pandas as pd

from flows.canonical import exact_sum, print_value
from flows.countries import country_name
from flows.errors import SchemaError, ScopeError
from flows.measure.checks import check_one_scope, check_span, check_stated_once, select_flows
from flows.measure.counting import rows_within
from flows.measure.covering import (
    NOT_STATED,
    PRINTED_TOTAL,
    Cover,
    check_all_partners,
    cover_of,
    stated_reason,
)
from flows.measure.indices import herfindahl
from flows.measure.shares import are_named
from flows.results import (
    Card,
    DrawingCall,
    Drawn,
    Result,
    print_amount,
    print_count,
    print_estimate,
    print_percent,
)
from flows.scope import check_all_there, scope_of

_HALF = 0.5
_PERCENT = 100.0


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class MainSupplierChange(Result):
    """
    The main supplier of an importer in two windows, and of all others with as much volume.

    Parameters
    ----------
    importer : str
        Alpha-3 code.
    former_window, window : pair of int
        First and last year of each.
    former, main : str
        Its main supplier in the former window, and in the window.
    loss_points : float
        What the former main supplier lost of its share, in percentage points; negative if it won.
    percentile_loss : float
        Place of that loss among those of all importers, 0 (the least) to 100.
    changed_part : float
        Part of the importers whose main supplier changed, 0 to 1.
    importers : pandas.DataFrame
        One row an importer with the volume in both windows, the largest loss first: ``importer``,
        ``former``, ``main``, ``changed``, ``share_before`` and ``share_after`` (of the former main
        supplier, 0 to 1), ``loss_points``, ``percentile_loss``.
    """

    importer: str
    former_window: tuple[int, int]
    window: tuple[int, int]
    former: str
    main: str
    loss_points: float
    percentile_loss: float
    changed_part: float
    importers: pd.DataFrame

    @property
    def changed(self) -> bool:
        """Whether the importer has another main supplier than before."""
        return self.former != self.main

    def summary(self) -> str:
        """
        Return the change as text.

        Returns
        -------
        str
            One line.
        """
        first, second = (f"{start}-{end}" for start, end in (self.former_window, self.window))
        return (
            f"{self.importer}, {first} to {second}: main supplier {self.former} to {self.main}; "
            f"{self.former} lost {self.loss_points:.1f} points, percentile "
            f"{self.percentile_loss:.1f} of {len(self.importers)} importers, of which "
            f"{self.changed_part:.1%} changed their main supplier"
        )

    def _card(self) -> Card:
        first, second = (f"{start}-{end}" for start, end in (self.former_window, self.window))
        columns = ["importer", "former", "main", "loss_points"]
        return Card(
            title=f"main supplier of {self.importer}, {first} to {second}",
            facts=(
                ("main", f"{self.former} to {self.main}"),
                ("loss", f"{print_value(self.loss_points, 1)} points of {self.former}"),
                ("percentile", f"{print_value(self.percentile_loss, 1)} of the losses"),
                ("all", f"{print_percent(self.changed_part, digits=1)} of {len(self.importers)}"),
            ),
            more=tuple(
                (str(importer), f"{former} to {main}, {print_value(points, 1)} points lost")
                for importer, former, main, points in self.importers[columns].itertuples(
                    index=False, name=None
                )
            ),
        )


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class SupplierContext(Drawn):
    """
    The concentration of all importers with a volume, and the place of one among them.

    Parameters
    ----------
    importer : str
        Alpha-3 code.
    start, end : int
        First and last year of the window.
    min_volume : float
        The least that an importer received in the window to be among those compared.
    unit : str
        Of the volume and of every value.
    dataset : str
        ``source@vintage``, or the name of the file.
    largest_share, hhi : float
        Share of the importer's largest supplier, and its Herfindahl-Hirschman index.
    percentile_share, percentile_hhi : float
        Place of each among all importers compared, 0 to 100; high is concentrated.
    importers : pandas.DataFrame
        One row an importer compared, the most concentrated by ``hhi`` first: ``importer``,
        ``value``, ``suppliers``, ``largest``, ``largest_share``, ``hhi``, ``effective_number``,
        ``percentile_share`` and ``percentile_hhi``.
    left_out : pandas.DataFrame
        Importers of the window that are not compared: ``importer``, ``value``, ``reason``.
    scope : str
        What the importer's suppliers are, as in :class:`flows.measure.shares.Share`: all of them,
        or ``"scope not stated"``. An importer whose suppliers fall short of a printed total is not
        compared.
    change : MainSupplierChange, optional
        Of the main supplier since a former window, if one was named.
    """

    importer: str
    start: int
    end: int
    min_volume: float
    unit: str
    dataset: str
    largest_share: float
    hhi: float
    percentile_share: float
    percentile_hhi: float
    importers: pd.DataFrame
    left_out: pd.DataFrame
    scope: str
    change: MainSupplierChange | None

    def tidy(self) -> pd.DataFrame:
        """
        Return the importers compared.

        Returns
        -------
        pandas.DataFrame
            A copy of ``importers``; ``marked`` is true for the one in question.
        """
        return self.importers.assign(marked=self.importers["importer"] == self.importer)

    def drawing(self) -> DrawingCall:
        """
        Return every importer by its concentration, and the name of the one in question.

        Returns
        -------
        DrawingCall
            For :func:`flows.figures.draw_context_distribution`.
        """
        table = self.importers
        data = pd.DataFrame(
            {
                "importer": [country_name(code) for code in table["importer"]],
                "value": table["hhi"],
                "percentile": table["percentile_hhi"],
                "named": table["importer"] == self.importer,
            }
        )
        options = {
            "unit_label": f"HHI of suppliers {self.start}-{self.end}",
            "highlight": country_name(self.importer),
        }
        return DrawingCall("draw_context_distribution", data, options)

    def summary(self) -> str:
        """
        Return the place of the importer as text.

        Returns
        -------
        str
            Without date or time.
        """
        head = (
            f"{self.importer}, {self.start}-{self.end} ({self.dataset}), among "
            f"{len(self.importers)} importers of at least {self.min_volume:g} {self.unit} "
            f"({len(self.left_out)} left out): share of the largest supplier "
            f"{self.largest_share:.4f}, percentile {self.percentile_share:.1f}; "
            f"HHI {self.hhi:.4f}, percentile {self.percentile_hhi:.1f}"
        )
        return head if self.change is None else f"{head}\n{self.change.summary()}"

    def _card(self) -> Card:
        volume = print_amount(self.min_volume, self.unit)
        compared = print_count(len(self.importers), "importer")
        percentiles = (print_value(self.percentile_share, 1), print_value(self.percentile_hhi, 1))
        return Card(
            title=f"{self.importer} among {compared}, {self.start}-{self.end}",
            facts=(
                ("largest", f"{print_percent(self.largest_share)}, percentile {percentiles[0]}"),
                ("HHI", f"{print_estimate(self.hhi)}, percentile {percentiles[1]}"),
                ("compared", f"importers of at least {volume}"),
                ("data", f"{self.dataset}, {self.scope}"),
                ("left out", print_count(len(self.left_out), "importer")),
            ),
            more=tuple(
                (str(importer), f"HHI {print_estimate(hhi)}")
                for importer, hhi in self.importers[["importer", "hhi"]].itertuples(
                    index=False, name=None
                )
            ),
        )


def supplier_context(
    table: pd.DataFrame,
    *,
    importer: str,
    start: int,
    end: int,
    min_volume: float,
    former: tuple[int, int] | None = None,
    dataset: str | None = None,
) -> SupplierContext:
    """
    Compare the suppliers of one importer with those of all importers of a full export.

    Parameters
    ----------
    table : pandas.DataFrame
        Flow table in one unit with all importers: a download of one's own of all recipients.
    importer : str
        Alpha-3 code.
    start, end : int
        First and last year, both included.
    min_volume : float
        Importers that received less in the window are not compared: of few weapons, one supplier
        has most for no reason. In the unit of the table; it moves the percentile and has no
        default.
    former : pair of int, optional
        First and last year of a window before: compares the change of the main supplier too, among
        importers that received ``min_volume`` in each of the two.
    dataset : str, optional
        The vintage to count, where the table holds several.

    Returns
    -------
    SupplierContext
        All importers compared, and the place of the one in question.

    Raises
    ------
    UnitError, DoubleCountError
        As :func:`flows.share` does.
    PeriodError
        If the data set does not count every year of a window, or a row crosses its edge.
    ScopeError
        If rows of a window were filtered out of the table, the data set does not have all suppliers
        of all importers, or those of the importer fall short of its printed total.
    SchemaError
        If the table has one importer only, or the importer did not receive ``min_volume`` from
        suppliers that the source names.
    ValueError
        If a window ends before it starts, the former one does not end before the other starts, or
        ``min_volume`` is not above 0.

    Notes
    -----
    Unknown recipients are not compared. Unknown suppliers count as one supplier in the index and
    are nobody's main supplier. Importers are compared as the source names them: organisations and
    armed groups that are no state are among them where they received enough.

    Examples
    --------
    >>> import flows as fl
    >>> arms = fl.load("sipri-deal-years@2025-03")
    >>> fl.supplier_context(arms, importer="AZE", start=2016, end=2020, min_volume=100)
    Traceback (most recent call last):
        ...
    flows.errors.SchemaError: expected a full export with many importers, found only AZE ...
    """
    if not min_volume > 0:
        raise ValueError(f"min_volume: expected more than 0, found {min_volume}")
    if former is not None and not former[1] < start:
        raise ValueError(f"former: expected a window that ends before {start}, found {former}")
    counted = select_flows(table, dataset=dataset)
    _check_full_export(counted)
    first = start if former is None else min(start, former[0])
    _check_partners(counted)
    _check_kept(counted, (first, end))
    rows = _window(counted, start, end)
    compared, left_out = _compared(rows, min_volume, (start, end))
    scope = _scope_of_importer(rows, importer, (start, end))
    here = _row_of(importer, compared, left_out, f"{start}-{end}", min_volume)
    return SupplierContext(
        importer=importer,
        start=start,
        end=end,
        min_volume=min_volume,
        unit=str(rows["unit"].iloc[0]),
        dataset=" and ".join(sorted(rows["dataset"].unique())),
        largest_share=float(here["largest_share"]),
        hhi=float(here["hhi"]),
        percentile_share=float(here["percentile_share"]),
        percentile_hhi=float(here["percentile_hhi"]),
        importers=compared,
        left_out=left_out,
        scope=scope,
        change=None
        if former is None
        else _change(counted, importer, former, (start, end), min_volume=min_volume),
    )


def _check_full_export(counted: pd.DataFrame) -> None:
    importers = counted["importer"].unique()
    if len(importers) < 2:  # noqa: PLR2004 - one importer is no distribution
        raise SchemaError(
            f"expected a full export with many importers, found only {', '.join(importers)} in "
            f"{', '.join(sorted(counted['dataset'].unique()))}: load a download of all recipients"
        )


def _check_partners(counted: pd.DataFrame) -> None:
    """Check that the rows are all suppliers of every importer, as far as that is known."""
    for dataset in counted["dataset"].unique():
        scope = scope_of(str(dataset))
        if scope is None or scope.partners == "not stated" or stated_reason(counted) is not None:
            continue
        if scope.partners != "all" or scope.countries.get("imports", ()) is not None:
            raise ScopeError(
                f"{dataset}: expected all importers with all of their suppliers, found a part of "
                "them; load a download of all recipients from all suppliers"
            )


def _check_kept(counted: pd.DataFrame, years: tuple[int, int]) -> None:
    """Check that no row of any importer in the windows was taken out of the table."""
    if stated_reason(counted) is None:
        check_all_there(
            counted,
            needed=lambda entries: entries["start"].dt.year.between(*years),
            instead="choose the windows by start=, end= and former=",
        )


def _window(counted: pd.DataFrame, start: int, end: int) -> pd.DataFrame:
    check_span(counted, start=start, end=end)
    rows = rows_within(counted, start=start, end=end)
    check_stated_once(rows)
    check_one_scope(rows)
    return rows


def _compared(
    rows: pd.DataFrame, min_volume: float, window: tuple[int, int]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the importers of a window that are compared, and the others with the reason."""
    table = _importer_table(rows)
    reason = pd.Series("", index=table.index)
    reason[table["largest"] == ""] = "no named supplier"
    reason[table["value"] < min_volume] = f"less than {min_volume:g}"
    reason[~are_named(pd.Index(table["importer"]))] = "unknown recipient"
    reason[table["importer"].isin(_short_of_total(rows, window))] = "less than the printed total"
    kept = table[reason == ""]
    placed = kept.assign(
        percentile_share=percentile(kept["largest_share"]), percentile_hhi=percentile(kept["hhi"])
    ).sort_values(["hhi", "importer"], ascending=[False, True], ignore_index=True)
    others = table.assign(reason=reason)[reason != ""]
    return placed, others[["importer", "value", "reason"]].reset_index(drop=True)


def _short_of_total(rows: pd.DataFrame, window: tuple[int, int]) -> list[str]:
    """Return the importers whose suppliers add up to less than is printed of all of them."""
    scopes = [scope_of(str(dataset)) for dataset in rows["dataset"].unique()]
    if all(scope is None or scope.totals.empty for scope in scopes):
        return []
    return [
        str(importer)
        for importer, own in rows.groupby("importer", sort=True)
        if _cover(own, str(importer), window).how == PRINTED_TOTAL
    ]


def _scope_of_importer(rows: pd.DataFrame, importer: str, window: tuple[int, int]) -> str:
    """Return what the suppliers of an importer are."""
    own = rows[rows["importer"] == importer]
    if own.empty:
        return NOT_STATED
    how = _cover(own, importer, window).how
    check_all_partners(how, measure="supplier_context")
    return how


def _cover(own: pd.DataFrame, importer: str, window: tuple[int, int]) -> Cover:
    start, end = window
    return cover_of(own, country=importer, of="imports", start=start, end=end, chosen=False)


def _row_of(
    importer: str, compared: pd.DataFrame, left_out: pd.DataFrame, window: str, min_volume: float
) -> pd.Series:
    """Return the row of an importer, or say why it is not among those compared."""
    own = compared[compared["importer"] == importer]
    if own.empty:
        excluded = left_out[left_out["importer"] == importer]
        volume = (
            f"{excluded['value'].iloc[0]:g} ({excluded['reason'].iloc[0]})"
            if len(excluded)
            else "none"
        )
        raise SchemaError(
            f"expected imports of {importer} in {window} of at least {min_volume:g}, found {volume}"
        )
    row: pd.Series = own.iloc[0]
    return row


def _change(
    counted: pd.DataFrame,
    importer: str,
    former: tuple[int, int],
    window: tuple[int, int],
    *,
    min_volume: float,
) -> MainSupplierChange:
    """Compare the main suppliers of all importers that have the volume in both windows."""
    rows = {span: _window(counted, *span) for span in (former, window)}
    before, left_out = _compared(rows[former], min_volume, former)
    _scope_of_importer(rows[former], importer, former)
    _row_of(importer, before, left_out, f"{former[0]}-{former[1]}", min_volume)
    after, _ = _compared(rows[window], min_volume, window)
    changes = _compare_main_suppliers(before, after, _supplier_amounts(rows[window]))
    here = changes[changes["importer"] == importer].iloc[0]
    return MainSupplierChange(
        importer=importer,
        former_window=former,
        window=window,
        former=str(here["former"]),
        main=str(here["main"]),
        loss_points=float(here["loss_points"]),
        percentile_loss=float(here["percentile_loss"]),
        changed_part=float(changes["changed"].mean()),
        importers=changes,
    )


def _importer_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the concentration of every importer's imports."""
    amounts = _supplier_amounts(rows)
    described = [
        {"importer": importer, **_described(delivered.droplevel("importer"))}
        for importer, delivered in amounts.groupby(level="importer", sort=True)
    ]
    columns = ["importer", "value", "suppliers", "largest", "largest_share", "hhi"]
    table = pd.DataFrame(described, columns=columns)
    return table.assign(effective_number=1 / table["hhi"])


def _supplier_amounts(rows: pd.DataFrame) -> pd.Series:
    """Return what each supplier delivered to each importer, where it is more than nothing."""
    sums = rows.groupby(["importer", "exporter"], sort=True)["value"].agg(exact_sum)
    amounts: pd.Series = sums[sums > 0].astype("float64")
    return amounts


def percentile(values: pd.Series) -> pd.Series:
    """Return the place of each value among all, in percent."""
    return _PERCENT * (values.rank(method="average") - _HALF) / len(values)


def _described(delivered: pd.Series) -> dict[str, float | int | str]:
    """Return what an importer received, from how many, and from whom most."""
    total = exact_sum(delivered)
    named = delivered[are_named(delivered.index)].sort_values(ascending=False, kind="stable")
    return {
        "value": total,
        "suppliers": len(delivered),
        "largest": str(named.index[0]) if len(named) else "",
        "largest_share": named.iloc[0] / total if len(named) else math.nan,
        "hhi": herfindahl(delivered),
    }


def _compare_main_suppliers(
    before: pd.DataFrame, after: pd.DataFrame, amounts: pd.Series
) -> pd.DataFrame:
    """Set the main suppliers of two windows side by side."""
    both = before.merge(after, on="importer", suffixes=("_before", "_after"), validate="1:1")
    pairs = zip(both["importer"], both["largest_before"], strict=True)
    left = [float(amounts.get(pair, 0.0)) for pair in pairs]
    changes = pd.DataFrame(
        {
            "importer": both["importer"],
            "former": both["largest_before"],
            "main": both["largest_after"],
            "changed": both["largest_before"] != both["largest_after"],
            "share_before": both["largest_share_before"],
            "share_after": left / both["value_after"],
        }
    )
    loss = _PERCENT * (changes["share_before"] - changes["share_after"])
    ranked = changes.assign(loss_points=loss, percentile_loss=percentile(loss))
    return ranked.sort_values(
        ["loss_points", "importer"], ascending=[False, True], ignore_index=True
    )
