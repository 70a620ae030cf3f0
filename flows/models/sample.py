"""Time comes from the index: what a model sees of a series, with days and seasons as regressors."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from flows.errors import PeriodError, SampleError, did_you_mean
from flows.periods import Calendar, Period, Span
from flows.periods.period import part_of_year

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_PERIODS_PER_YEAR = {"Y": 1, "Q": 4, "M": 12}
"""Frequencies of a PeriodIndex that a model understands."""

_YEARS = (1000, 2999)
"""Integers outside are row numbers, not years; inside are Gregorian and Solar Hijri years."""

_LABEL = re.compile(r"(\d{4}(?:/\d{2})?)-([HQ])([1-4])")
"""A half-year or quarter of any calendar as :mod:`flows.periods` labels it: ``2023-H1``."""

_PARTS: dict[str, tuple[int, Span]] = {"H": (2, "half-year"), "Q": (4, "quarter")}

_CENTURY = 100
"""Years without an observation that part two calendars, not two observations."""

_SHOWN = 5

Season = Literal["none", "dummies", "harmonics"]
Regime = Literal["mean", "trend"]


@dataclass(frozen=True, slots=True)
class Sample:
    """
    The observations of one series in the order of time.

    ``observed``: finite values, shape ``(nobs,)``; ``steps``: number of each period on the
    calendar, strictly increasing, shape ``(nobs,)``, so that the distance of two observations in
    time is the difference of their steps; ``periods``: the periods themselves;
    ``periods_per_year``: 1, 2, 4 or 12; ``left_out``: the reason for each row of the series that is
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


def check_choice(argument: str, value: object, choices: tuple[str, ...]) -> None:
    """Refuse a value of an argument that is none of those it can have."""
    if value not in choices:
        raise ValueError(
            f"expected {argument} to be one of {', '.join(choices)}, found {value!r}"
            + did_you_mean(value, choices)
        )


def check_series(y: pd.Series, *, at_least: int) -> Sample:
    """
    Return the usable observations of a series in the order of time,
    or say what is wrong with it.
    """
    if not isinstance(y, pd.Series):
        raise TypeError(
            "expected a pandas Series with an index of periods, found "
            f"{type(y).__name__}; of a frame, take one column"
        )
    periods_per_year, ordinals = calendar_steps(y.index)
    _check_periods_once(y.index)
    _check_one_calendar(y.index, ordinals, periods_per_year)
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


def check_not_negative(sample: Sample) -> None:
    """Refuse a sample with a value below zero."""
    bad = sample.observed < 0
    if bad.any():
        raise SampleError(
            f"expected values of zero or more, found {sample.observed[bad].min()} at "
            f"{_named(sample.periods[bad])}; correct the source or use form='level'"
        )


def check_varies(sample: Sample) -> None:
    """Refuse a sample in which every value is the same."""
    if np.ptp(sample.observed) == 0:
        raise SampleError(
            f"expected values that vary, found {sample.observed[0]} in all {sample.nobs} periods; "
            "a constant series has no trend to estimate"
        )


def calendar_steps(index: pd.Index) -> tuple[int, IntArray]:
    """Return the periods in a year and the number of each period on the calendar."""
    if isinstance(index, pd.PeriodIndex):
        return _period_steps(index)
    if pd.api.types.is_integer_dtype(index.dtype) and len(index):
        years = index.to_numpy(dtype=np.int64)
        if years.min() >= _YEARS[0] and years.max() <= _YEARS[1]:
            return 1, years
        raise PeriodError(
            f"expected years between {_YEARS[0]} and {_YEARS[1]} in the index, found {years.min()} "
            f"to {years.max()}; row numbers are not time: set the index to the periods"
        )
    if len(index) and all(isinstance(item, str) and _LABEL.fullmatch(item) for item in index):
        return _label_steps(index)
    frequencies = sorted({item.freqstr for item in index if isinstance(item, pd.Period)})
    if len(frequencies) > 1:
        raise PeriodError(f"expected periods of one frequency, found {', '.join(frequencies)}")
    raise PeriodError(
        "expected a PeriodIndex, integer years, or labels of half-years or quarters ('2023-H1'), "
        f"found an index of {index.dtype}; convert dates with y.to_period('M') or y.to_period('Y')"
    )


def _label_steps(index: pd.Index) -> tuple[int, IntArray]:
    labels = [_read_label(str(item)) for item in index]
    letters = sorted({letter for _, letter, _ in labels})
    if len(letters) > 1:
        raise PeriodError("expected half-years or quarters in the index, found both")
    parts, _ = _PARTS[letters[0]]
    return parts, np.array([year * parts + number - 1 for year, _, number in labels])


def _read_label(label: str) -> tuple[int, str, int]:
    """Return year, letter and number of a half-year or quarter."""
    match = _LABEL.fullmatch(label)
    if not match or int(match[3]) > _PARTS[match[2]][0]:
        raise PeriodError(f"expected a half-year or quarter such as '2023-H1', found {label!r}")
    return int(match[1][:4]), match[2], int(match[3])


def periods_at(steps: Sequence[int], like: pd.Index) -> pd.Index:
    """Return the periods with these numbers, in the form of an index."""
    if isinstance(like, pd.PeriodIndex):
        freq = like.freqstr
        return pd.PeriodIndex([pd.Period(ordinal=step, freq=freq) for step in steps], freq=freq)
    if pd.api.types.is_integer_dtype(like.dtype):
        return pd.Index(list(steps), name=like.name)
    _, letter, _ = _read_label(str(like[0]))
    parts, _ = _PARTS[letter]
    fiscal = "/" in str(like[0])
    years = [f"{step // parts}" + f"/{(step // parts + 1) % 100:02}" * fiscal for step in steps]
    labels = [f"{year}-{letter}{step % parts + 1}" for year, step in zip(years, steps, strict=True)]
    return pd.Index(labels, name=like.name)


def step_of(period: str | int | pd.Period, like: pd.Index) -> int:
    """Return the number of a period that is named in the form of an index."""
    try:
        if isinstance(like, pd.PeriodIndex):
            return int(pd.Period(str(period), like.freqstr).ordinal)
        if pd.api.types.is_integer_dtype(like.dtype):
            return int(str(period))
        return int(calendar_steps(pd.Index([str(period)]))[1][0])
    except ValueError as error:
        raise ValueError(f"expected a date like {like[0]}, found {period!r}") from error


def _period_steps(index: pd.PeriodIndex) -> tuple[int, IntArray]:
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


def _check_one_calendar(index: pd.Index, ordinals: IntArray, periods_per_year: int) -> None:
    """Refuse years of two calendars: Iran's 1402 is the Gregorian 2023."""
    order = np.argsort(ordinals)
    gaps = np.diff(ordinals[order]) / periods_per_year
    if gaps.size and gaps.max() >= _CENTURY:
        place = int(np.argmax(gaps))
        before, after = index[order[place]], index[order[place + 1]]
        raise PeriodError(
            f"expected years of one calendar, found {before} followed by {after}; "
            "recut the periods into one calendar (flows.recut) or leave one of them out"
        )


def _numbers(y: pd.Series) -> FloatArray:
    if not pd.api.types.is_numeric_dtype(y.dtype):
        raise SampleError(f"expected numbers, found a series of {y.dtype}")
    return y.to_numpy(dtype=np.float64, na_value=np.nan)


def _named(periods: pd.Index) -> str:
    more = f" and {len(periods) - _SHOWN} more" if len(periods) > _SHOWN else ""
    return ", ".join(str(period) for period in periods[:_SHOWN]) + more


def years_since_first(index: pd.Index) -> FloatArray:
    """Return the years from the first period of an index to each, as fractions."""
    periods_per_year, steps = calendar_steps(index)
    return np.asarray((steps - steps[0]) / periods_per_year)


def first_day(period: object, *, calendar: Calendar | None = None) -> pd.Timestamp:
    """Return the first day of a period; a year that is a number needs its calendar."""
    if isinstance(period, pd.Period):
        return pd.Timestamp(period.start_time.date())
    return pd.Timestamp(_period_of(period, calendar).start)


def last_day(period: object, *, calendar: Calendar | None = None) -> pd.Timestamp:
    """Return the last day of a period; a year that is a number needs its calendar."""
    if isinstance(period, pd.Period):
        return pd.Timestamp(period.end_time.date())
    return pd.Timestamp(_period_of(period, calendar).end)


def _period_of(period: object, calendar: Calendar | None) -> Period:
    if calendar is None:
        raise ValueError(
            f"the days of {period} depend on the calendar; give it, such as calendar='solar-hijri'"
        )
    if not _LABEL.fullmatch(str(period)):
        return part_of_year(calendar, int(str(period)), 1, span="year")
    year, letter, number = _read_label(str(period))
    return part_of_year(calendar, year, number, span=_PARTS[letter][1])


def seasonal_terms(sample: Sample, season: Season) -> tuple[tuple[str, ...], FloatArray]:
    """Return regressors for the season of each observation."""
    check_choice("season", season, get_args(Season))
    if season == "none":
        return (), np.empty((sample.nobs, 0))
    seasons = sample.periods_per_year
    if seasons == 1:
        raise SampleError("a series of years has no season; use season='none'")
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
