"""Time comes from the index: what a model sees of a series, sorted, with what was left out."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from flows.errors import PeriodError, SampleError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

PERIODS_PER_YEAR = {"Y": 1, "Q": 4, "M": 12}
"""Frequencies of a PeriodIndex that a model understands."""

YEARS = (1000, 2999)
"""Integers outside are row numbers, not years; inside are Gregorian and Solar Hijri years."""

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Sample:
    """
    The observations of one series in the order of time.

    Parameters
    ----------
    observed : numpy.ndarray
        Observed values, finite, shape ``(nobs,)``.
    steps : numpy.ndarray
        Number of each period on the calendar, counted in periods, strictly increasing, shape
        ``(nobs,)``; the distance of two observations in time is the difference of their steps.
    periods : pandas.Index
        The periods themselves, shape ``(nobs,)``.
    periods_per_year : int
        1, 4 or 12.
    left_out : pandas.Series
        The reason for each row of the series that is not used, by period.
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
    Return the usable observations of a series in the order of time, or say what is wrong with it.

    Parameters
    ----------
    y : pandas.Series
        Numbers in one unit; the index is a PeriodIndex of years, quarters or months, or integers
        that are years. Order and gaps do not matter; missing values are left out and counted.
    at_least : int
        Fewest observations that the model needs.

    Returns
    -------
    Sample
        Sorted by time.

    Raises
    ------
    PeriodError
        If the index holds no periods, periods of several frequencies, or one period twice.
    SampleError
        If the values are not numbers, one is infinite, or fewer than ``at_least`` are left.

    Examples
    --------
    >>> index = pd.PeriodIndex(["2021", "2019", "2022"], freq="Y")
    >>> sample = check_series(pd.Series([121.0, 100.0, None], index=index), at_least=2)
    >>> sample.years, dict(sample.left_out.astype(str))
    (array([0., 2.]), {Period('2022', 'Y-DEC'): 'missing value'})
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
    """
    Refuse a sample with a value that has no logarithm.

    Parameters
    ----------
    sample : Sample
        Checked observations.
    instead : str
        What the caller may do about it; ends the message.

    Raises
    ------
    SampleError
        If a value is zero or negative; the periods are named.

    Examples
    --------
    >>> y = pd.Series([1.0, 0.0], index=pd.period_range("2019", "2020", freq="Y"))
    >>> check_positive(check_series(y, at_least=2), instead="use form='level'")
    Traceback (most recent call last):
        ...
    flows.errors.SampleError: expected positive values, found 0.0 at 2020; use form='level'
    """
    bad = sample.observed <= 0
    if bad.any():
        raise SampleError(
            f"expected positive values, found {sample.observed[bad].min()} "
            f"at {_named(sample.periods[bad])}; {instead}"
        )


def check_varies(sample: Sample) -> None:
    """
    Refuse a sample in which every value is the same.

    Parameters
    ----------
    sample : Sample
        Checked observations.

    Raises
    ------
    SampleError
        If there is nothing for a model to explain.

    Examples
    --------
    >>> y = pd.Series([2.0, 2.0], index=pd.period_range("2019", "2020", freq="Y"))
    >>> check_varies(check_series(y, at_least=2))
    Traceback (most recent call last):
        ...
    flows.errors.SampleError: expected values that vary, found 2.0 in all 2 periods; ...
    """
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
        if years.min() >= YEARS[0] and years.max() <= YEARS[1]:
            return 1, years
        raise PeriodError(
            f"expected years between {YEARS[0]} and {YEARS[1]} in the index, found {years.min()} "
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
    if base not in PERIODS_PER_YEAR:
        raise PeriodError(
            f"expected periods of years, quarters or months, found frequency {index.freqstr}"
        )
    if index.hasnans:
        raise PeriodError(
            f"expected a period in every row, found {int(np.sum(index.isna()))} without"
        )
    return PERIODS_PER_YEAR[base], index.astype("int64").to_numpy()


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
