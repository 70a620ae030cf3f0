"""All pairs of mirrors: how far their reports lie apart, of which kind gaps are, since when."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from flows.compare.mirror_pairs import SIDES, pair_mirrors
from flows.compare.silence import CONFIDENTIAL
from flows.errors import PeriodError
from flows.measure.checks import UNNAMED, rows_by_dataset
from flows.measure.whole_periods import are_months
from flows.models.results import check_level
from flows.models.sample import FloatArray
from flows.results import Card, Result, print_count, print_estimate
from flows.scope import scope_of
from flows.screening.blocks import over_blocks
from flows.screening.designs import BLOCK
from flows.screening.fits import adjust_together, breaks_of
from flows.screening.growth import trends
from flows.screening.importer_products import check_goods_whole
from flows.screening.reasons import in_words
from flows.screening.silences import BOTH, silences
from flows.table import Rows, check_flows

_PAIR = [*SIDES, "product"]
_LONGEST = {"Y": 1, "M": 12}


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class MirrorGaps(Result):
    """
    How far the two reports of every pair of countries lie apart.

    Parameters
    ----------
    pairs : pandas.DataFrame
        One row an exporter, importer and product: ``flows`` (periods in which a side states one),
        ``compared`` (both do, with a size), ``exporter_only``, ``importer_only``, ``first`` and
        ``last`` period compared; ``asymmetry_log``, the mean of log(importer's report / exporter's
        report), and ``ratio``, its exponential; ``change``, the slope of that logarithm a year,
        with ``change_low``, ``change_high``, ``change_pvalue``, ``change_adjusted`` (for all tests)
        and ``change_reason`` (why there is none); ``breaks`` in its mean, with ``break_pvalue``,
        ``break_adjusted``, ``break_reason``.
    flows : pandas.DataFrame
        One row a flow, as in :class:`flows.compare.mirror_pairs.MirrorPairs`, with ``kind`` (as in
        :func:`flows.classify_mirror`, or ``"nothing stated"`` where no side states a size),
        ``ratio`` and ``asymmetry_log`` (missing unless both state a size that is no bound).
    breaks : pandas.DataFrame
        One row a break: exporter, importer and product, ``break_date`` (first period of the new
        regime), ``low`` and ``high`` (its interval), ``before`` and ``after`` (mean logarithms),
        ``pvalue`` of the test that added it.
    counts : pandas.DataFrame
        Index the kinds, columns years: how many flows.
    unit : str
        Of values.
    nominal_below : float
        Share of its mirror below which a statement counts as nothing.
    level : float
        Coverage of intervals.
    tests : int
        How many tests were made, over which p-values are adjusted.
    rows : Mapping
        Lines of the raw files by data set.
    notes : tuple of str
        What is not known.
    """

    natural_table = "pairs"

    pairs: pd.DataFrame
    flows: pd.DataFrame
    breaks: pd.DataFrame
    counts: pd.DataFrame
    unit: str
    nominal_below: float
    level: float
    tests: int
    rows: Rows
    notes: tuple[str, ...]

    def _card(self) -> Card:
        both = self.pairs[self.pairs["compared"] > 0]
        middle = both["asymmetry_log"].median()
        kinds = self.flows["kind"].value_counts()
        drifting = int((self.pairs["change_adjusted"] < 1 - self.level).sum())
        broken = int((self.pairs["break_adjusted"] < 1 - self.level).sum())
        return Card(
            title=(
                f"{print_count(len(self.flows), 'flow')} of "
                f"{print_count(len(self.pairs), 'pair')} that a side states"
            ),
            facts=(
                (
                    BOTH,
                    f"by both {print_count(int(kinds.get(BOTH, 0)), 'flow')}, pairs {len(both)}",
                ),
                ("median", f"importer's by exporter's {print_estimate(float(np.exp(middle)))}"),
                ("changing", f"{drifting} of {int(self.pairs['change_pvalue'].notna().sum())}"),
                ("breaks", f"{broken} of {int(self.pairs['break_pvalue'].notna().sum())}"),
                ("tests", f"{self.tests}, p-values adjusted for all of them"),
            ),
            more=tuple((str(kind), print_count(number, "flow")) for kind, number in kinds.items()),
            notes=self.notes,
            rows=self.rows,
        )


def mirror_gaps(
    table: pd.DataFrame,
    *,
    nominal_below: float,
    confidential: Collection[str] = CONFIDENTIAL,
    level: float = 0.95,
) -> MirrorGaps:
    """
    Return how far the two reports of every pair lie apart, of which kind gaps are, and since when.

    Parameters
    ----------
    table : pandas.DataFrame
        Flow table of many reporters, each of which speaks for itself; years, or months, not both.
    nominal_below : float
        A statement below this share of its mirror counts as nothing, such as 0.01. No default: it
        decides which pairs are compared at all.
    confidential : collection of str
        Product codes of undisclosed goods.
    level : float
        Coverage of intervals, 0.8 to 0.99.

    Returns
    -------
    MirrorGaps
        Statuses are those of :func:`flows.pair_mirrors`, kinds those of
        :func:`flows.classify_mirror`, slopes those of :func:`flows.fit_trend` of the logarithm
        (``form="level"``) and breaks those of :func:`flows.find_breaks`, of all pairs at once.

    Raises
    ------
    UnitError, DoubleCountError, SchemaError
        As :func:`flows.pair_mirrors`.
    ScopeError
        If rows of a product and period were filtered out of the table.
    PeriodError
        If the flows are neither all of calendar years nor all of months.
    ValueError
        If ``nominal_below`` is not between 0 and 1, or ``level`` not between 0.8 and 0.99.

    Notes
    -----
    The ratio is raw: freight and insurance (CIF over FOB) are in it. What they add to the logarithm
    by the same part each year is in its mean, and neither in its slope nor in its breaks. Goods of
    areas that are not specified are no pair; they are evidence for where a flow may be.

    Examples
    --------
    >>> def report(reporter, year, value):
    ...     exporting = reporter == "IRN"
    ...     return {
    ...         "exporter": "IRN", "importer": "ARM", "reporter": reporter,
    ...         "start": f"{year}-01-01", "end": f"{year}-12-31", "product": "TOTAL",
    ...         "classification": "TOTAL", "value": value, "unit": "USD", "low": value,
    ...         "high": value, "valuation": "FOB" if exporting else "CIF", "partner_basis": "",
    ...         "coverage": "all goods", "estimate": False, "dataset": "d@1", "line": year,
    ...     }
    >>> rows = pd.DataFrame(
    ...     [report("IRN", year, 100.0) for year in (2020, 2021)]
    ...     + [report("ARM", year, 110.0) for year in (2020, 2021, 2022)]
    ... )
    >>> gaps = mirror_gaps(rows, nominal_below=0.01)
    >>> gaps.flows["kind"].tolist()
    ['reported', 'reported', 'no statements']
    >>> gaps.pairs[["flows", "compared", "ratio"]].round(2).iloc[0].tolist()
    [3.0, 2.0, 1.1]
    """
    check_level(level)
    rows = check_flows(table)
    check_goods_whole(rows, instead="choose of the tables of the result")
    mirrors = pair_mirrors(rows, nominal_below=nominal_below)
    flows = mirrors.table.assign(kind=silences(mirrors.table, rows, confidential))
    named = (flows["exporter"] != UNNAMED) & (flows["importer"] != UNNAMED)
    flows = _with_ratios(flows[named].reset_index(drop=True))
    freq = _frequency(flows)
    period = pd.PeriodIndex(flows["start"], freq=freq)
    pairs = flows.groupby(_PAIR, sort=True, as_index=False).agg(
        flows=("kind", "size"),
        compared=("asymmetry_log", "count"),
        asymmetry_log=("asymmetry_log", "mean"),
    )
    only = {
        f"{side}_only": flows[f"{side}_value"].notna() & flows[f"{other}_value"].isna()
        for side, other in (SIDES, SIDES[::-1])
    }
    sums = flows[_PAIR].assign(**only).groupby(_PAIR, sort=True, as_index=False).sum()
    logs, periods = _grid(flows, period, len(pairs))
    fitted, breaks = _fitted(logs, periods, per_year=_LONGEST[freq], level=level)
    pvalues = {name: fitted[name] for name in ("change_pvalue", "break_pvalue")}
    adjusted, tests = adjust_together(pvalues, "benjamini-hochberg")
    columns = {
        **{name: sums[name] for name in only},
        **_compared(logs, periods),
        "ratio": np.exp(pairs["asymmetry_log"]),
        **fitted,
        **adjusted,
    }
    pairs = pairs.assign(**columns)
    return MirrorGaps(
        pairs=pairs[[*_PAIR, *_COLUMNS]],
        flows=flows,
        breaks=pairs[_PAIR].iloc[breaks.pop("series")].reset_index(drop=True).join(breaks),
        counts=pd.crosstab(flows["kind"], pd.Series(period.year, flows.index, name="year")),
        unit=mirrors.unit,
        nominal_below=nominal_below,
        level=level,
        tests=tests,
        rows=rows_by_dataset(rows),
        notes=_notes(rows),
    )


_COLUMNS = [
    *("flows", "compared", "exporter_only", "importer_only", "first", "last"),
    *("asymmetry_log", "ratio", "change", "change_low", "change_high", "change_pvalue"),
    *("change_adjusted", "change_reason", "breaks", "break_pvalue", "break_adjusted"),
    "break_reason",
]


def _with_ratios(flows: pd.DataFrame) -> pd.DataFrame:
    """Return flows with ratio and log asymmetry where both sides state a size that is no bound."""
    both = (flows[[f"{side}_status" for side in SIDES]] == "stated").all(axis=1)
    ratio = (flows["importer_value"] / flows["exporter_value"]).where(both)
    return flows.assign(ratio=ratio, asymmetry_log=np.log(ratio))


def _frequency(flows: pd.DataFrame) -> str:
    """Return whether flows are of years or of months."""
    years = (flows["start"].dt.day_of_year == 1) & (
        flows["end"] == flows["start"] + pd.offsets.YearEnd()
    )
    if years.all():
        return "Y"
    months = are_months(flows)
    if months.all():
        return "M"
    odd = flows[~(months if months.sum() > years.sum() else years)].iloc[0]
    raise PeriodError(
        f"{odd['exporter']} to {odd['importer']}: expected flows of calendar years or of months, "
        f"all of one kind, found {odd['start'].date()} to {odd['end'].date()}; re-cut them first, "
        "or take the rows of one kind"
    )


def _grid(
    flows: pd.DataFrame, period: pd.PeriodIndex, pairs: int
) -> tuple[FloatArray, pd.PeriodIndex]:
    """Return the logarithms of each pair on one calendar, and its periods."""
    periods = pd.period_range(period.min(), period.max())
    series = flows.groupby(_PAIR, sort=True).ngroup().to_numpy()
    logs = np.full((pairs, len(periods)), np.nan)
    logs[series, periods.get_indexer(period)] = flows["asymmetry_log"]
    return logs, periods


def _compared(logs: FloatArray, periods: pd.PeriodIndex) -> dict[str, Any]:
    """Return the first and the last period compared of each pair."""
    there = ~np.isnan(logs)
    none = np.asarray(~there.any(axis=1))
    ends = {
        "first": there.argmax(axis=1),
        "last": there.shape[1] - 1 - there[:, ::-1].argmax(axis=1),
    }
    return {name: pd.Series(periods[at]).mask(none) for name, at in ends.items()}


def _fitted(
    logs: FloatArray, periods: pd.PeriodIndex, *, per_year: int, level: float
) -> tuple[dict[str, Any], pd.DataFrame]:
    """Return slopes and breaks of every pair, and one row a break."""
    slopes = partial(trends, form="level", periods_per_year=per_year, level=level)
    lines = over_blocks(slopes, logs, block=BLOCK)
    found, breaks = breaks_of(logs, periods, level=level)
    columns = {
        "change": lines.slope,
        "change_low": lines.low,
        "change_high": lines.high,
        "change_pvalue": lines.pvalue,
        "change_reason": in_words(lines.reason),
        "breaks": found.count,
        "break_pvalue": found.pvalue,
        "break_reason": in_words(found.reason),
    }
    return columns, breaks


def _notes(rows: pd.DataFrame) -> tuple[str, ...]:
    """Say of which data sets a flow that is not reported may only not be in the file."""
    open_ones = [
        dataset
        for dataset in sorted(map(str, rows["dataset"].unique()))
        if (scope := scope_of(dataset)) is None or scope.partners != "all"
    ]
    return tuple(
        f"{dataset} does not claim to hold all partners of its reporters: a flow that is not "
        "reported may only not be in the file"
        for dataset in open_ones
    )
