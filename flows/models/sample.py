"""Time comes from the index: what a model sees of a series, with days and seasons as regressors."""

from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from flows.errors import PeriodError, SampleError
from flows.periods import Period

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_PERIODS_PER_YEAR = {"Y": 1, "Q": 4, "M": 12}
"""Frequencies of a PeriodIndex that a model understands."""

_YEARS = (1000, 2999)
"""Integers outside are row numbers, not years; inside are Gregorian and Solar Hijri years."""

_SHOWN = 5

Season = Literal["none", "dummies", "harmonics"]


@dataclass(frozen=True, slots=True)
class Sample:
    """
    The observations of one series in the order of time.

    ``observed``: finite values, shape ``(nobs,)``; ``steps``: number of each period on the
    calendar, strictly increasing, shape ``(nobs,)``, so that the distance of two observations in
    time is the difference of their steps; ``periods``: the periods themselves;
    ``periods_per_year``: 1, 4 or 12; ``left_out``: the reason for each row of the series that is
    not used, by period.
    """

    observed: FloatArray
    steps: IntArray
    periods: pd.Index
    periods_per_year: int
    left_out: pd.Series

    @property
    def nobs(self) -> int:
        """Number of observations used."""
        return len(self.observed)

    @property
    def years(self) -> FloatArray:
        """Years since the first period used, fractions for months and quarters."""
        return np.asarray((self.steps - self.steps[0]) / self.periods_per_year)

    @property
    def unbroken(self) -> bool:
        """Whether no period is missing between the first and the last."""
        return bool(self.steps[-1] - self.steps[0] == self.nobs - 1)


def check_series(y: pd.Series, *, at_least: int) -> Sample:
    """
    Return the usable observations of a series in the order of time,
    or say what is wrong with it.
    """
    periods_per_year, ordinals = _steps(y.index)
    _check_periods_once(y.index)
    values = _numbers(y)
    infinite = np.isinf(values)
    if infinite.any():
        raise SampleError(
            f"expected finite values, found infinity at {_named(y.index[infinite])}; "
            "correct the source or set them to missing"
        )
    order = np.argsort(ordinals)
    used = order[~np.isnan(values[order])]
    if len(used) < at_least:
        raise SampleError(
            f"expected at least {at_least} observations, found {len(used)} "
            f"(and {len(y) - len(used)} missing); widen the window or use a simpler model"
        )
    missing = y.index[order[np.isnan(values[order])]]
    return Sample(
        observed=values[used],
        steps=ordinals[used],
        periods=y.index[used],
        periods_per_year=periods_per_year,
        left_out=pd.Series("missing value", index=missing, dtype="str", name="reason"),
    )


def check_positive(sample: Sample, *, instead: str) -> None:
    """Refuse a sample with a value that has no logarithm."""
    bad = sample.observed <= 0
    if bad.any():
        raise SampleError(
            f"expected positive values, found {sample.observed[bad].min()} "
            f"at {_named(sample.periods[bad])}; {instead}"
        )


def check_varies(sample: Sample) -> None:
    """Refuse a sample in which every value is the same."""
    if np.ptp(sample.observed) == 0:
        raise SampleError(
            f"expected values that vary, found {sample.observed[0]} in all {sample.nobs} periods; "
            "a constant series has no trend to estimate"
        )


def _steps(index: pd.Index) -> tuple[int, IntArray]:
    """Return the periods in a year and the number of each period on the calendar."""
    if isinstance(index, pd.PeriodIndex):
        return _calendar_steps(index)
    if pd.api.types.is_integer_dtype(index.dtype) and len(index):
        years = index.to_numpy(dtype=np.int64)
        if years.min() >= _YEARS[0] and years.max() <= _YEARS[1]:
            return 1, years
        raise PeriodError(
            f"expected years between {_YEARS[0]} and {_YEARS[1]} in the index, found {years.min()} "
            f"to {years.max()}; row numbers are not time: set the index to the periods"
        )
    frequencies = sorted({item.freqstr for item in index if isinstance(item, pd.Period)})
    if len(frequencies) > 1:
        raise PeriodError(f"expected periods of one frequency, found {', '.join(frequencies)}")
    raise PeriodError(
        f"expected a PeriodIndex or integer years, found an index of {index.dtype}; "
        "convert dates with y.to_period('M') or y.to_period('Y')"
    )


def _calendar_steps(index: pd.PeriodIndex) -> tuple[int, IntArray]:
    base = index.freqstr.split("-")[0]
    if base not in _PERIODS_PER_YEAR:
        raise PeriodError(
            f"expected periods of years, quarters or months, found frequency {index.freqstr}"
        )
    if index.hasnans:
        raise PeriodError(
            f"expected a period in every row, found {int(np.sum(index.isna()))} without"
        )
    return _PERIODS_PER_YEAR[base], index.astype("int64").to_numpy()


def _check_periods_once(index: pd.Index) -> None:
    twice = index[index.duplicated()]
    if len(twice):
        raise PeriodError(
            f"expected each period once, found twice: {_named(twice)}; "
            "filter the table to one statement a period"
        )


def _numbers(y: pd.Series) -> FloatArray:
    if not pd.api.types.is_numeric_dtype(y.dtype):
        raise SampleError(f"expected numbers, found a series of {y.dtype}")
    return y.to_numpy(dtype=np.float64, na_value=np.nan)


def _named(periods: pd.Index) -> str:
    more = f" and {len(periods) - _SHOWN} more" if len(periods) > _SHOWN else ""
    return ", ".join(str(period) for period in periods[:_SHOWN]) + more


def first_day(period: object, *, of: pd.Index) -> pd.Timestamp:
    """Return the first day of a period."""
    return pd.Timestamp(_span(period, of)[0])


def last_day(period: object, *, of: pd.Index) -> pd.Timestamp:
    """Return the last day of a period."""
    return pd.Timestamp(_span(period, of)[1])


def _span(period: object, of: pd.Index) -> tuple[date, date]:
    if isinstance(period, pd.Period):
        return period.start_time.date(), period.end_time.date()
    calendar, ending, _ = str(of.name).rpartition("_year")
    if not ending:
        raise ValueError(
            f"expected periods, or years in an index named after their calendar "
            f"('solar_hijri_year'), found {period!r} in one named {of.name!r}"
        )
    year = Period.year(int(str(period)), calendar=calendar.replace("_", "-"))
    return year.start, year.end


def seasonal_terms(sample: Sample, season: Season) -> tuple[tuple[str, ...], FloatArray]:
    """Return regressors for the season of each observation."""
    if season not in get_args(Season):
        raise ValueError(
            f"expected season to be one of {', '.join(get_args(Season))}, found {season!r}"
        )
    if season == "none":
        return (), np.empty((sample.nobs, 0))
    seasons = sample.periods_per_year
    if seasons == 1:
        raise SampleError(
            "expected months or quarters for a season, found years; use season='none'"
        )
    place = sample.steps % seasons
    if season == "harmonics":
        return _waves(place, seasons)
    if len(np.unique(place)) < seasons:
        raise SampleError(
            f"expected each of {seasons} seasons to be observed, found {len(np.unique(place))}; "
            "use season='harmonics' or 'none'"
        )
    terms = np.eye(seasons)[:, :-1]
    terms[-1] = -1
    return tuple(f"season_{i + 1}" for i in range(seasons - 1)), terms[place]


def _waves(place: IntArray, seasons: int) -> tuple[tuple[str, ...], FloatArray]:
    columns = {}
    for wave in (1, 2):
        angle = 2 * np.pi * wave * place / seasons
        columns[f"cos_{wave}"] = np.cos(angle)
        if 2 * wave < seasons:
            columns[f"sin_{wave}"] = np.sin(angle)
    return tuple(columns), np.column_stack(list(columns.values()))
