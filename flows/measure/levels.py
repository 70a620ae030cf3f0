"""What an index, or a rate, was over a period, and the lines on which it stands."""

from collections.abc import Iterable
from datetime import date

import numpy as np
import pandas as pd

from flows.errors import PeriodError
from flows.periods import Calendar, Period

_LONGEST_GAP = 7
"""Days without a quotation that holidays explain; more is a gap."""


def level_over(levels: pd.DataFrame, start: date, end: date, *, name: str) -> float:
    """
    Return the mean of levels by day or month over a period.

    Of months, one that is in the period for some days counts by that part; of days, each quoted one
    counts alike, as in the averages that central banks publish.
    """
    if (levels["start"] == levels["end"]).all():
        return _mean_of_days(levels, start, end, name=name)
    first, last = pd.Timestamp(start), pd.Timestamp(end)
    months = pd.period_range(first, last, freq="M")
    by_month = pd.Series(
        levels["level"].to_numpy(dtype="float64"), pd.PeriodIndex(levels["start"], freq="M")
    ).reindex(months)
    if by_month.isna().any():
        missing = ", ".join(str(month) for month in months[by_month.isna()][:3])
        raise PeriodError(
            f"expected {name} in every month of {start} to {end}, found none in {missing}; it is "
            "not filled: leave that period out, or take another"
        )
    parts = np.ones(len(months))
    parts[0] -= (start.day - 1) / months[0].days_in_month
    parts[-1] -= (months[-1].days_in_month - end.day) / months[-1].days_in_month
    return float(np.average(by_month.to_numpy(), weights=parts))


def _mean_of_days(levels: pd.DataFrame, start: date, end: date, *, name: str) -> float:
    inside = levels["start"].between(pd.Timestamp(start), pd.Timestamp(end))
    days = levels.loc[inside, "start"].sort_values()
    around = pd.DatetimeIndex([pd.Timestamp(start), *days, pd.Timestamp(end)])
    gaps = np.diff(around) > pd.Timedelta(_LONGEST_GAP, unit="D")
    if days.empty or gaps.any():
        after = around[int(np.argmax(gaps))] if gaps.any() else around[0]
        raise PeriodError(
            f"expected {name} on the days of {start} to {end}, found none for more than "
            f"{_LONGEST_GAP} days after {after:%Y-%m-%d}; it is not filled: leave that period out, "
            "or take another"
        )
    return float(levels.loc[inside, "level"].mean())


def lines_within(levels: pd.DataFrame, spans: Iterable[tuple[date, date]]) -> tuple[int, ...]:
    """Return the lines of the levels that periods use."""
    used = np.zeros(len(levels), dtype=bool)
    for start, end in spans:
        used |= (
            (levels["start"] <= pd.Timestamp(end)) & (levels["end"] >= pd.Timestamp(start))
        ).to_numpy()
    return tuple(sorted(int(line) for line in levels.loc[used, "line"]))


def days_of(period: object, calendar: Calendar | None, *, instead: str) -> tuple[date, date]:
    """Return the first and the last day of a period of a series."""
    if isinstance(period, pd.Period):
        return period.start_time.date(), period.end_time.date()
    if calendar is None or not str(period).isdigit():
        raise PeriodError(
            f"expected periods whose days are known, found {period!r}; say whose years they are, "
            f"such as calendar='solar-hijri', or {instead}"
        )
    year = Period.year(int(str(period)), calendar=calendar)
    return year.start, year.end


def with_lines(
    y: pd.Series, levels: pd.DataFrame, spans: list[tuple[date, date]]
) -> dict[str, tuple[int, ...]]:
    """Return the rows of a series together with those of levels that periods use."""
    rows: dict[str, tuple[int, ...]] = dict(y.attrs.get("rows", {}))
    for dataset, own in levels.groupby("dataset", sort=True):
        rows[str(dataset)] = lines_within(own, spans)
    return rows
