"""One question, several estimators: growth in percent a year, side by side."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import stats

from flows.models.results import check_level
from flows.models.sample import Sample, SampleError, check_positive, check_series, check_varies
from flows.models.state_space import fit_local_trend
from flows.models.trend import fit_trend

_AT_LEAST = 5


@dataclass(frozen=True, slots=True)
class GrowthEstimate:
    """
    Growth by one estimator.

    Parameters
    ----------
    growth_pct, low, high : float
        Percent a year, with an interval.
    nobs : int
        Observations used.
    answers : str
        Which question this estimator answers.
    """

    growth_pct: float
    low: float
    high: float
    nobs: int
    answers: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """
    Estimates side by side, and where they disagree.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns ``growth_pct``, ``low``, ``high``, ``nobs``, ``answers``; one row an estimator.
    apart : tuple of (str, str)
        Pairs of estimators whose intervals do not overlap.
    level : float
        Coverage of the intervals.
    """

    table: pd.DataFrame
    apart: tuple[tuple[str, str], ...]
    level: float

    @property
    def same_sign(self) -> bool:
        """Whether every estimate says growth, or every one decline."""
        return bool(np.ptp(np.sign(self.table["growth_pct"])) == 0)

    def tidy(self) -> pd.DataFrame:
        """
        Return the estimates as a frame.

        Returns
        -------
        pandas.DataFrame
            :attr:`table`, a new frame.
        """
        return self.table.copy()

    def summary(self) -> str:
        """
        Print the comparison for a person.

        Returns
        -------
        str
            One line an estimator, and whether they agree.
        """
        lines = [
            f"{name:<18} {growth:8.2f} % a year [{low:.2f}, {high:.2f}]  {answers}"
            for name, growth, low, high, _, answers in self.table.itertuples(name=None)
        ]
        pairs = "; ".join(f"{one} and {other}" for one, other in self.apart)
        verdict = f"intervals apart: {pairs}" if pairs else "all intervals overlap"
        sign = "one sign" if self.same_sign else "signs differ"
        return "\n".join(
            [f"Growth by estimator, {self.level:.0%} intervals", *lines, verdict, sign]
        )


def compare_fits(estimates: Mapping[str, GrowthEstimate], *, level: float = 0.95) -> Comparison:
    """
    Put growth estimates side by side.

    Parameters
    ----------
    estimates : Mapping
        Estimates by name, all with intervals of ``level``; :func:`estimate_growth` makes them.
    level : float
        Coverage of their intervals.

    Returns
    -------
    Comparison
        The table, and pairs whose intervals do not overlap.

    Raises
    ------
    ValueError
        If there is no estimate, or ``level`` is not between 0 and 1.

    Examples
    --------
    >>> one = GrowthEstimate(2.0, 1.0, 3.0, 9, "line")
    >>> other = GrowthEstimate(5.0, 4.0, 6.0, 9, "ends")
    >>> compare_fits({"OLS": one, "differences": other}).apart
    (('OLS', 'differences'),)
    """
    if not estimates:
        raise ValueError("expected at least one estimate to compare")
    columns = ["growth_pct", "low", "high", "nobs", "answers"]
    rows = [[getattr(found, name) for name in columns] for found in estimates.values()]
    table = pd.DataFrame(rows, columns=columns, index=pd.Index(estimates, name="estimator"))
    apart = tuple(
        (one, other)
        for one, other in combinations(estimates, 2)
        if estimates[one].high < estimates[other].low or estimates[other].high < estimates[one].low
    )
    return Comparison(table, apart, check_level(level))


def estimate_growth(y: pd.Series, *, level: float = 0.95) -> dict[str, GrowthEstimate]:
    """
    Estimate growth in five ways that fail in different ways.

    Parameters
    ----------
    y : pandas.Series
        Positive values in one unit; index of periods as for
        :func:`flows.models.trend.fit_trend`.
    level : float
        Coverage of the intervals.

    Returns
    -------
    dict
        ``"OLS-log"`` (orthogonal-series errors), ``"Poisson"``, ``"differences"``, ``"Theil-Sen"``
        and ``"state space"``.

    Raises
    ------
    PeriodError
        If the index holds no periods, periods of several frequencies, or one period twice.
    SampleError
        If fewer than five values are there, all are the same, or one has no logarithm.

    Examples
    --------
    >>> years = pd.period_range("2015", "2022", freq="Y")
    >>> y = pd.Series([100, 112, 119, 135, 146, 163, 176, 195], index=years)
    >>> list(estimate_growth(y))
    ['OLS-log', 'Poisson', 'differences', 'Theil-Sen', 'state space']
    """
    check_level(level)
    sample = check_series(y, at_least=_AT_LEAST)
    check_varies(sample)
    check_positive(sample, instead="compare by form='poisson' alone, or leave the zero out")
    return {
        "OLS-log": _line(y, "log", level, "growth of the median"),
        "Poisson": _line(y, "poisson", level, "growth of the mean"),
        "differences": _differences(sample, level),
        "Theil-Sen": _theil_sen(sample, level),
        "state space": _state_space(y, level),
    }


def _line(y: pd.Series, form: str, level: float, answers: str) -> GrowthEstimate:
    fit = fit_trend(y, form=form, se="orthogonal-series", level=level)  # type: ignore[arg-type]
    low, high = fit.growth_interval()
    return GrowthEstimate(fit.growth_pct, low, high, fit.nobs, answers)


def _differences(sample: Sample, level: float) -> GrowthEstimate:
    """Estimate the drift of a random walk: only the ends matter for it, all steps for its error."""
    steps, spans = np.diff(np.log(sample.observed)), np.diff(sample.years)
    span = float(spans.sum())
    slope = float(steps.sum()) / span
    df = len(steps) - 1
    variance = float(np.sum((steps - slope * spans) ** 2 / spans)) / df
    half = float(stats.t.ppf(0.5 + level / 2, df)) * np.sqrt(variance / span)
    return _growth(slope, slope - half, slope + half, sample.nobs, "drift of a random walk")


def _theil_sen(sample: Sample, level: float) -> GrowthEstimate:
    found = stats.theilslopes(np.log(sample.observed), sample.years, alpha=level)
    return _growth(
        found.slope, found.low_slope, found.high_slope, sample.nobs, "median pair, outliers aside"
    )


def _state_space(y: pd.Series, level: float) -> GrowthEstimate:
    """Average the smoothed slope; its error is taken as the average one, which is cautious."""
    fit = fit_local_trend(y, kind="trend", form="log", level=level)
    slope = float(fit.states["slope"].mean())
    half = float(stats.norm.ppf(0.5 + level / 2)) * float(fit.states["slope_std_error"].mean())
    return _growth(slope, slope - half, slope + half, fit.nobs, "average of a drifting slope")


def _growth(slope: float, low: float, high: float, nobs: int, answers: str) -> GrowthEstimate:
    if not np.isfinite([slope, low, high]).all():
        raise SampleError("expected a finite growth interval, found none; the series is too short")
    middle, below, above = (float(100 * np.expm1(value)) for value in (slope, low, high))
    return GrowthEstimate(middle, below, above, nobs, answers)
