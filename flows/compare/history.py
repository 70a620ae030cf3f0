"""Two statements of one flow over time: ratio, trend, breaks, and changes of the records."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, get_args

import numpy as np
import pandas as pd

from flows.compare.differences import check_one_flow, joiner, side_in
from flows.compare.silence import check_comparable, check_reported
from flows.errors import PeriodError, SchemaError, UnreportedError
from flows.measure.checks import SOURCE_LINES, rows_by_dataset
from flows.measure.groups import printed_name
from flows.measure.whole_periods import Frequency
from flows.models.breaks import BreakFit, find_breaks
from flows.models.exact_break import ENUMERATED, ExactBreak, find_exact_break, runs_test
from flows.models.results import HypothesisTest
from flows.models.sample import check_choice
from flows.models.trend import TrendFit, fit_trend
from flows.periods import Calendar, Period, numbered_periods, read_year
from flows.renamed import renamed_arguments
from flows.results import Card, DrawingCall, Drawn, print_count, print_estimate

_FEWEST = 4
"""Two regimes of two."""

_WATCHED = {
    "dataset": ("vintage", "data set"),
    "classification": ("classification", "classification"),
    "reporter": ("reporter", "reporter"),
    "partner_name": ("reporter", "name of the partner"),
    "partner_basis": ("basis", "partner basis"),
    "valuation": ("basis", "valuation"),
    "coverage": ("basis", "coverage"),
    "span": ("calendar", "periods"),
}
"""Column to the kind of change, as :data:`flows.models.interruption._RECORD_KINDS`, and its
name."""

_MONTH_DAYS = 31


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class MirrorHistory(Drawn):
    """
    Two statements of one flow, period by period, and how far they are apart.

    Parameters
    ----------
    exporter, importer : str
        Alpha-3 codes of the flow, or the name of a group.
    frame : pandas.DataFrame
        One row a period that both cover: ``label``, ``exporter_report``, ``importer_report`` (in
        ``unit``), ``ratio`` (importer's divided by exporter's), ``asymmetry_log`` (its logarithm),
        ``bound`` (one of the two is a lower bound), ``odd`` (why the period is known to be out of
        line, or nothing). Index of periods, or of years of another calendar as whole numbers.
    unit : str
        Unit of the reports.
    mean_log : float
        Mean of the asymmetry; its exponential is the geometric mean of the ratios.
    trend : TrendFit, optional
        Straight line through the asymmetry, in log points a year; none with fewer than four
        periods.
    breaks : ExactBreak or BreakFit, optional
        Where the mean asymmetry changes: over all orders for up to eight periods, else by
        :func:`flows.find_breaks`.
    without_odd : ExactBreak or BreakFit, optional
        The same without the periods that are out of line, if there are any.
    signs : HypothesisTest, optional
        Whether years in which the importer states more stand together.
    rows : pandas.DataFrame
        ``label``, ``dataset``, ``line`` of every row that went in; ``source_lines`` of those that
        were added up over a group.
    left_out : pandas.Series
        Why a period is not there, by its label.
    """

    exporter: str
    importer: str
    frame: pd.DataFrame
    unit: str
    mean_log: float
    trend: TrendFit | None
    breaks: ExactBreak | BreakFit | None
    without_odd: ExactBreak | BreakFit | None
    signs: HypothesisTest | None
    rows: pd.DataFrame
    left_out: pd.Series

    @property
    def asymmetry_log(self) -> pd.Series:
        """Logarithm of the importer's report divided by the exporter's, by period."""
        return self.frame["asymmetry_log"]

    def drawing(self) -> DrawingCall:
        """
        Return the ratio of every period; the ratio to a lower bound has no low of its own.

        Returns
        -------
        DrawingCall
            For :func:`flows.figures.draw_mirror_ratio`, or, of months, a line with the mean of each
            regime for :func:`flows.figures.draw_regimes`; the axis of both is logarithmic.
        """
        exporter, importer = printed_name(self.exporter), printed_name(self.importer)
        if isinstance(self.frame.index, pd.PeriodIndex) and self.frame.index.freqstr == "M":
            return self._monthly_drawing(f"{exporter} to {importer}")
        data = pd.DataFrame(
            {
                "period": self.frame["label"],
                "flow": f"{exporter} to {importer}",
                "ratio": self.frame["ratio"],
                "low": math.nan,
                "high": self.frame["ratio"].where(self.frame["bound"]),
                "odd": self.frame["odd"] != "",
            }
        )
        options = {"exporter": exporter, "importer": importer}
        return DrawingCall("draw_mirror_ratio", data.reset_index(drop=True), options)

    def _monthly_drawing(self, flow: str) -> DrawingCall:
        months = pd.PeriodIndex(self.frame.index)
        fit = self.breaks if isinstance(self.breaks, BreakFit) else None
        means = pd.DataFrame({"regime": 0, "fitted": self.mean_log}, index=months)
        lines = means if fit is None else fit.lines()
        data = pd.DataFrame(
            {
                "date": months.to_timestamp(),
                "series": flow,
                "regime": lines["regime"].to_numpy(),
                "value": self.frame["ratio"].to_numpy(),
                "fitted": np.exp(lines["fitted"].to_numpy(dtype="float64")),
            }
        )
        dates = [] if fit is None else fit.drawn_dates()
        options: dict[str, Any] = {
            "unit_label": "Importer’s report divided by exporter’s report, log scale",
            "breaks": [{"series": flow, **mark} for mark in dates],
            "reference": {"value": 1.0, "name": "both reports agree"},
        }
        return DrawingCall("draw_regimes", data, options)

    def tidy(self) -> pd.DataFrame:
        """
        Return the periods as a table.

        Returns
        -------
        pandas.DataFrame
            ``frame`` with its index as the column ``period``.
        """
        return self.frame.rename_axis("period").reset_index()

    def _card(self) -> Card:
        periods = self.frame["label"]
        breaks = "not tested: too few periods" if self.breaks is None else repr(self.breaks)
        return Card(
            title=(
                f"{self.exporter} to {self.importer}, "
                f"{print_count(len(periods), 'period')} that both sides state"
            ),
            facts=(
                ("periods", f"{periods.iloc[0]} to {periods.iloc[-1]}"),
                ("mean ratio", print_estimate(math.exp(self.mean_log))),
                ("breaks", breaks.partition("\n")[0]),
                ("signs", "not tested" if self.signs is None else str(self.signs)),
                ("left out", print_count(len(self.left_out), "period")),
            ),
            more=tuple(
                (str(label), f"importer's / exporter's report {print_estimate(ratio)}")
                for label, ratio in self.frame[["label", "ratio"]].itertuples(
                    index=False, name=None
                )
            ),
            rows=rows_by_dataset(self.rows),
        )


@renamed_arguments(exporter_says="exporter_report", importer_says="importer_report")
def mirror_history(
    *,
    exporter_report: pd.DataFrame,
    importer_report: pd.DataFrame,
    freq: Frequency,
    calendar: Calendar = "gregorian",
    odd: Mapping[str, str] | None = None,
    group: str | None = None,
    level: float = 0.95,
) -> MirrorHistory:
    """
    Set two statements of one flow side by side for every period, and ask when their gap changed.

    Parameters
    ----------
    exporter_report, importer_report : pandas.DataFrame
        Rows of a flow table, one statement a side, in years or months. A side that states months
        is cut to the years of the other.
    freq : {"month", "quarter", "half-year", "year"}
        Length of a period.
    calendar : str
        Whose years, half-years or quarters; see :data:`~flows.periods.Calendar`.
    odd : Mapping, optional
        Label of a period to the reason why a statement of it is known to be out of line: it is
        shown and marked, and all tests are made with it and without.
    group : str, optional
        Name of a group of countries, such as ``"EU27_2020"``, whose members' rows are there on one
        side of the flow: they are added up as by :func:`flows.series`, and a period in which one of
        the two sides lacks a member is left out.
    level : float
        Coverage of the intervals.

    Returns
    -------
    MirrorHistory
        Periods that one side does not cover, or states as nothing, are left out with the reason.

    Raises
    ------
    UnitError
        If the sides have two units.
    DoubleCountError
        If a side makes more than one statement.
    SchemaError
        If the sides state two flows or one reports for the other, or ``group`` is named and neither
        side of the flow has several members, or both have.
    CountryError
        If ``group`` is no group of countries.
    UnreportedError
        If one side states nothing at all.
    PeriodError
        If no period is covered by both sides.
    ValueError
        If ``freq`` is unknown, or months of another calendar than the Gregorian are asked for.

    Notes
    -----
    The exact test of a change assumes that under the null every order of the asymmetries is as
    likely as any other: neither a trend nor dependence on the year before. It needs no sample
    size, but its smallest p-value with seven years is 2 in 35 if the regimes have three and four.

    Examples
    --------
    >>> import flows as fl
    >>> armenia, iran = fl.load("armstat-by-country@2025-02"), fl.load("irica-press@2024-09")
    >>> history = mirror_history(
    ...     exporter_report=iran[iran["exporter"] == "IRN"],
    ...     importer_report=armenia[
    ...         (armenia["exporter"] == "IRN") & (armenia["partner_basis"] == "origin")
    ...     ],
    ...     freq="year", calendar="solar-hijri",
    ... )
    >>> str(history.breaks.break_date), history.frame["ratio"].round(2).to_list()
    ('1399', [0.9, 0.9, 0.76, 1.11, 1.54, 1.34, 1.41])
    """
    check_choice("freq", freq, get_args(Frequency))
    if freq == "month" and calendar != "gregorian":
        raise ValueError(f"months are of the gregorian calendar only, found calendar={calendar!r}")
    _check_any(exporter_report, importer_report)
    join = joiner(group, [exporter_report, importer_report])
    exporter_report, importer_report = join(exporter_report), join(importer_report)
    unit = check_one_flow([exporter_report], [importer_report])
    entries, left_out = [], {}
    for period in _periods([exporter_report, importer_report], freq, calendar):
        try:
            entries.append(_compared(exporter_report, importer_report, period, odd or {}))
        except (PeriodError, UnreportedError) as error:
            left_out[period.label] = str(error)
    if not entries:
        raise PeriodError(f"no {freq} of the {calendar} calendar is reported by both sides")
    frame = pd.DataFrame([entry for entry, _ in entries])
    frame.index = _index(frame["label"], freq, calendar)
    gap = frame["asymmetry_log"]
    marked = frame["odd"] != ""
    varied = len(gap) >= _FEWEST and gap.max() > gap.min()
    flow = exporter_report.iloc[0]
    return MirrorHistory(
        exporter=str(flow["exporter"]),
        importer=str(flow["importer"]),
        frame=frame,
        unit=unit,
        mean_log=math.fsum(gap) / len(gap),
        trend=fit_trend(gap, form="level", level=level) if varied else None,
        breaks=_breaks(gap, level),
        without_odd=_breaks(gap[~marked], level) if marked.any() else None,
        signs=runs_test(gap, around=0.0) if (gap != 0).any() else None,
        rows=pd.concat([rows for _, rows in entries], ignore_index=True),
        left_out=pd.Series(left_out, dtype="str", name="left_out"),
    )


def _check_any(exporter_report: pd.DataFrame, importer_report: pd.DataFrame) -> None:
    """Check that both sides have rows."""
    both = pd.concat([exporter_report, importer_report])
    if len(both):
        first, last = both["start"].min().date(), both["end"].max().date()
        whole = Period(first, last, f"{first}..{last}", "gregorian")
        check_reported(exporter_report, importer_report, period=whole)


def _periods(sides: list[pd.DataFrame], freq: Frequency, calendar: Calendar) -> Iterator[Period]:
    """Yield the periods that lie between the first and last day that both sides touch."""
    first = max(side["start"].min() for side in sides)
    last = min(side["end"].max() for side in sides)
    if freq == "month":
        for month in pd.period_range(first, last, freq="M"):
            yield Period.month(month.year, month.month)
        return
    for _, period in numbered_periods(first.date(), last.date(), calendar=calendar, span=freq):
        yield period


def _compared(
    exporter_report: pd.DataFrame,
    importer_report: pd.DataFrame,
    period: Period,
    odd: Mapping[str, str],
) -> tuple[dict[str, object], pd.DataFrame]:
    """Return both statements of one period, and the rows behind them."""
    exporter, importer = (
        side_in(report, period=period, headline=period)
        for report in (exporter_report, importer_report)
    )
    check_comparable(exporter, importer)
    rows = pd.concat([exporter.cut.rows, importer.cut.rows])
    ratio = importer.cut.value / exporter.cut.value
    entry = {
        "label": period.label,
        "exporter_report": exporter.cut.value,
        "importer_report": importer.cut.value,
        "ratio": ratio,
        "asymmetry_log": float(np.log(ratio)),
        "bound": bool(rows["high"].isna().any()),
        "odd": odd.get(period.label, ""),
    }
    lines = rows.columns.intersection(["dataset", "line", SOURCE_LINES])
    return entry, rows[lines].assign(label=period.label)


def _index(labels: pd.Series, freq: Frequency, calendar: Calendar) -> pd.Index:
    if freq == "half-year" or (freq == "quarter" and calendar != "gregorian"):
        return pd.Index([str(label) for label in labels], name=freq.replace("-", "_"))
    if calendar == "gregorian":
        return pd.PeriodIndex(labels, freq=freq[0].upper())
    years = [read_year(label, calendar=calendar) for label in labels]
    return pd.Index(years, name=f"{calendar.replace('-', '_')}_year")


def _breaks(gap: pd.Series, level: float) -> ExactBreak | BreakFit | None:
    if len(gap) < _FEWEST or gap.max() == gap.min():
        return None
    if len(gap) <= ENUMERATED:
        return find_exact_break(gap)
    return find_breaks(gap, level=level)


def record_changes(rows: pd.DataFrame) -> pd.DataFrame:
    """
    Find the days from which one flow is recorded otherwise than before.

    A change of value on such a day may have happened in the statistics and not in the world.

    Parameters
    ----------
    rows : pandas.DataFrame
        Flow table with the statements of one flow; a column ``partner_name`` is looked at where
        the loader gives one.

    Returns
    -------
    pandas.DataFrame
        Columns ``date`` (first day of the first period that is recorded in the new way), ``name``
        (what changed, from what to what) and ``kind``; in the order of time.

    Raises
    ------
    SchemaError
        If there is no row.

    Examples
    --------
    >>> rows = pd.DataFrame({
    ...     "start": pd.to_datetime(["2022-01-01", "2023-01-01"]),
    ...     "end": pd.to_datetime(["2022-12-31", "2023-12-31"]),
    ...     "valuation": ["CIF", "FOB"],
    ... })
    >>> record_changes(rows)[["name", "kind"]].to_numpy().tolist()
    [['valuation: CIF to FOB', 'basis']]
    """
    if rows.empty:
        raise SchemaError(
            "there are no rows of the flow; check its exporter, importer and reporter"
        )
    watched = rows.assign(span=_spans(rows))
    changes = []
    for column, (kind, called) in _WATCHED.items():
        if column in watched:
            stated = watched.dropna(subset=[column]).groupby("start", sort=True)[column]
            words = stated.agg(lambda values: ", ".join(sorted(set(values))) or "not stated")
            changes += [
                (date, f"{called}: {before} to {after}", kind)
                for (_, before), (date, after) in pairwise(words.items())
                if before != after
            ]
    frame = pd.DataFrame(changes, columns=["date", "name", "kind"])
    return frame.astype({"date": "datetime64[s]"}).sort_values("date", ignore_index=True)


def _spans(rows: pd.DataFrame) -> pd.Series:
    """Return what each row is about: a month, a calendar year, or a year of another calendar."""
    month = (rows["end"] - rows["start"]).dt.days < _MONTH_DAYS
    january = (rows["start"].dt.month == 1) & (rows["start"].dt.day == 1)
    words = pd.Series("years of another calendar", index=rows.index)
    return words.mask(january, "calendar years").mask(month, "months")
