"""One question, several estimators: growth in percent a year, side by side."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import stats

from flows.errors import SampleError
from flows.models.least_squares import fit_least_squares
from flows.models.results import check_level
from flows.models.sample import (
    FloatArray,
    IntArray,
    Sample,
    Season,
    check_positive,
    check_series,
    check_varies,
    seasonal_terms,
)
from flows.models.standard_errors import ErrorChoice, estimate_covariance
from flows.models.state_space import INTERVALS_FROM, fit_local_trend
from flows.models.trend import fit_trend
from flows.results import (
    Card,
    DrawingCall,
    Drawn,
    Result,
    print_between,
    print_count,
    print_growth,
    print_percent,
)

_AT_LEAST = 5

_SEASONAL_YEARS = 3
"""Fewest years of every month or quarter that let a season be told from a trend."""


@dataclass(frozen=True, slots=True, repr=False)
class GrowthEstimate(Result):
    """
    Growth by one estimator.

    Parameters
    ----------
    growth_pct, low, high : float
        Percent a year, with an interval; NaN where there is none.
    nobs : int
        Observations used.
    answers : str
        Which question this estimator answers; where there is no interval, why.
    """

    growth_pct: float
    low: float
    high: float
    nobs: int
    answers: str

    @property
    def interval(self) -> tuple[float, float]:
        """
        Both ends of the interval.

        Returns
        -------
        tuple of float
            ``low`` and ``high``; NaN where there is no interval.
        """
        return self.low, self.high

    @property
    def has_interval(self) -> bool:
        """Whether the estimator has an interval that can be believed."""
        return not np.isnan([self.low, self.high]).any()

    def _card(self) -> Card:
        return Card(
            title=f"{print_percent(self.growth_pct / 100)} a year",
            facts=(
                (
                    "interval",
                    print_between(print_percent(self.low / 100), print_percent(self.high / 100)),
                ),
                ("nobs", str(self.nobs)),
                ("answers", self.answers),
            ),
        )


@dataclass(frozen=True, slots=True, repr=False)
class Comparison(Drawn):
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
    estimates : Mapping
        The same estimates by name.
    """

    natural_table = "table"

    table: pd.DataFrame
    apart: tuple[tuple[str, str], ...]
    level: float
    estimates: Mapping[str, GrowthEstimate]

    @property
    def same_sign(self) -> bool:
        """Whether every estimate says growth, or every one decline."""
        return bool(np.ptp(np.sign(self.table["growth_pct"])) == 0)

    def drawing(self) -> DrawingCall:
        """
        Return each estimate with its interval.

        Returns
        -------
        DrawingCall
            For :func:`flows.figures.draw_estimates`.
        """
        data = self.table.rename_axis("name").reset_index()
        return DrawingCall(
            "draw_estimates",
            data.rename(columns={"growth_pct": "value"}).assign(group="growth"),
            {"unit_label": "Growth, percent a year"},
        )

    def summary(self) -> str:
        """
        Print the comparison for a person.

        Returns
        -------
        str
            One line an estimator, and whether they agree.
        """
        lines = [
            f"{name:<18} {growth:8.2f} % a year {_brackets(low, high)}  {answers}"
            for name, growth, low, high, _, answers in self.table.itertuples(name=None)
        ]
        pairs = "; ".join(f"{first} and {second}" for first, second in self.apart)
        verdict = f"intervals apart: {pairs}" if pairs else "all intervals overlap"
        sign = "one sign" if self.same_sign else "signs differ"
        return "\n".join(
            [f"Growth by estimator, {self.level:.0%} intervals", *lines, verdict, sign]
        )

    def _card(self) -> Card:
        printed = tuple(
            (
                name,
                print_growth(estimate.growth_pct, *estimate.interval, level=self.level),
            )
            for name, estimate in self.estimates.items()
        )
        pairs = "; ".join(f"{first} and {second}" for first, second in self.apart)
        return Card(
            title=f"{print_count(len(printed), 'estimator')} of growth",
            facts=(
                *printed[:3],
                ("intervals", f"apart: {pairs}" if pairs else "all overlap"),
                ("signs", "all alike" if self.same_sign else "differ"),
            ),
            more=printed[3:],
        )


def _brackets(low: float, high: float) -> str:
    return "[none]" if np.isnan([low, high]).any() else f"[{low:.2f}, {high:.2f}]"


def compare_fits(estimates: Mapping[str, GrowthEstimate], *, level: float = 0.95) -> Comparison:
    """
    Put growth estimates of one's own side by side.

    Parameters
    ----------
    estimates : Mapping
        Estimates by name, all with intervals of ``level``; those of
        :func:`flows.compare_growth` are its ``estimates``.
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
    >>> line = GrowthEstimate(2.0, 1.0, 3.0, 9, "line")
    >>> ends = GrowthEstimate(5.0, 4.0, 6.0, 9, "ends")
    >>> compare_fits({"OLS": line, "differences": ends}).apart
    (('OLS', 'differences'),)
    """
    if not estimates:
        raise ValueError("expected at least one estimate to compare")
    columns = ["growth_pct", "low", "high", "nobs", "answers"]
    rows = [[getattr(estimate, name) for name in columns] for estimate in estimates.values()]
    table = pd.DataFrame(rows, columns=columns, index=pd.Index(estimates, name="estimator"))
    apart = tuple(
        (first, second)
        for first, second in combinations(estimates, 2)
        if estimates[first].high < estimates[second].low
        or estimates[second].high < estimates[first].low
    )
    return Comparison(table, apart, check_level(level), dict(estimates))


def compare_growth(y: pd.Series, *, level: float = 0.95) -> Comparison:
    """
    Estimate growth in five ways that fail in different ways, and say where they disagree.

    Parameters
    ----------
    y : pandas.Series
        Positive values in one unit; index of periods as for
        :func:`flows.fit_trend`.
    level : float
        Coverage of the intervals.

    Returns
    -------
    Comparison
        ``estimates`` and the rows of ``table``: ``"OLS-log"``, ``"Poisson"``, ``"differences"``
        (all with orthogonal-series errors), ``"Theil-Sen"`` and ``"state space"``. ``answers``
        says which question each answers, how it takes out the season, and why an interval is
        missing.

    Raises
    ------
    PeriodError
        If the index holds no periods, periods of several frequencies, or one period twice.
    SampleError
        If fewer than five values are there, all are the same, or one has no logarithm.
    TypeError
        If ``y`` is no Series.

    Notes
    -----
    Where every month or quarter is observed in three years at least, the two lines have seasonal
    dummies and the state space a season that drifts; differences are those from the same month a
    year before, averaged; and Theil-Sen takes pairs of the same month alone [1]_.

    Intervals allow for autocorrelation. That of Theil-Sen is the one of ranks, which takes values
    for uncorrelated, stretched on both sides by one factor: the error by orthogonal series of the
    slope of the ranks of the residuals, with its Student's t, over that of uncorrelated ranks; 1 at
    least. How often each holds the growth is in docs/monte-carlo.md.

    References
    ----------
    .. [1] Hirsch, R. M., Slack, J. R. and Smith, R. A. (1982). Techniques of trend analysis for
       monthly water quality data. Water Resources Research 18 (1), 107-121.

    Examples
    --------
    >>> years = pd.period_range("2015", "2022", freq="Y")
    >>> y = pd.Series([100, 112, 119, 135, 146, 163, 176, 195], index=years)
    >>> growth = compare_growth(y)
    >>> list(growth.estimates), growth.apart
    (['OLS-log', 'Poisson', 'differences', 'Theil-Sen', 'state space'], ())
    """
    estimators = growth_estimators(y, level=level)
    estimates = {name: estimate() for name, estimate in estimators.items()}
    return compare_fits(estimates, level=level)


def growth_estimators(y: pd.Series, *, level: float) -> dict[str, Callable[[], GrowthEstimate]]:
    """Return the estimators of :func:`compare_growth` by name, none of them called yet."""
    check_level(level)
    sample = check_series(y, at_least=_AT_LEAST)
    check_varies(sample)
    check_positive(sample, instead="only fit_trend(form='poisson') takes zeros")
    seasonal = _has_seasons(sample)
    differences = _yearly_differences if seasonal else _differences
    return {
        "OLS-log": partial(_line, y, "log", level, "growth of the median", seasonal=seasonal),
        "Poisson": partial(_line, y, "poisson", level, "growth of the mean", seasonal=seasonal),
        "differences": partial(differences, sample, level),
        "Theil-Sen": partial(_theil_sen, sample, level, seasonal=seasonal),
        "state space": partial(_state_space, y, level, seasonal=seasonal),
    }


def _has_seasons(sample: Sample) -> bool:
    seasons = sample.periods_per_year
    counts = np.bincount(sample.steps % seasons, minlength=seasons)
    return bool(seasons > 1 and counts.min() >= _SEASONAL_YEARS)


def _line(y: pd.Series, form: str, level: float, answers: str, *, seasonal: bool) -> GrowthEstimate:
    season: Season = "dummies" if seasonal else "none"
    fit = fit_trend(y, form=form, se="orthogonal-series", season=season, level=level)  # type: ignore[arg-type]
    low, high = fit.growth_interval()
    question = f"{answers}, seasonal dummies" if seasonal else answers
    return GrowthEstimate(fit.growth_pct, low, high, fit.nobs, question)


def _differences(sample: Sample, level: float) -> GrowthEstimate:
    """Average the change from each observation to the next: only the ends matter for it."""
    changes, spans = np.diff(np.log(sample.observed)), np.diff(sample.years)
    answers = "average change from one period to the next"
    return _average(_Changes(changes, spans, sample.steps[1:]), sample.nobs, level, answers)


def _yearly_differences(sample: Sample, level: float) -> GrowthEstimate:
    """Average the change from the same month or quarter a year before."""
    grid = np.full(int(sample.steps[-1] - sample.steps[0]) + 1, np.nan)
    grid[sample.steps - sample.steps[0]] = np.log(sample.observed)
    changes = grid[sample.periods_per_year :] - grid[: -sample.periods_per_year]
    steps = np.flatnonzero(~np.isnan(changes))
    years = _Changes(changes[steps], np.ones(len(steps)), steps)
    return _average(years, sample.nobs, level, "average change from a year before")


@dataclass(frozen=True, slots=True)
class _Changes:
    """Changes of the logarithm, the years that each spans, and the number of its last period."""

    logs: FloatArray
    spans: FloatArray
    steps: IntArray


def _average(changes: _Changes, nobs: int, level: float, answers: str) -> GrowthEstimate:
    """Average changes a year: the longer its span, the less exact a change."""
    x = np.sqrt(changes.spans)[:, None]
    fit = fit_least_squares(x, changes.logs / x[:, 0])
    covariance = estimate_covariance(x, fit.resids, changes.steps, ErrorChoice("orthogonal-series"))
    slope, error = float(fit.params[0]), float(np.sqrt(covariance.matrix[0, 0]))
    half = float(stats.t.ppf(0.5 + level / 2, covariance.df)) * error
    return _growth(slope, slope - half, slope + half, nobs, answers)


def _theil_sen(sample: Sample, level: float, *, seasonal: bool) -> GrowthEstimate:
    """Take the median slope of all pairs, or of those within a season."""
    seasons = sample.periods_per_year if seasonal else 1
    groups = [np.flatnonzero(sample.steps % seasons == season) for season in range(seasons)]
    values, years = np.log(sample.observed), sample.years
    slopes = np.sort(np.concatenate([_pair_slopes(values[rows], years[rows]) for rows in groups]))
    slope = float(np.median(slopes))
    low, high = _rank_interval(slopes, np.array([len(rows) for rows in groups]), level)
    left = values - slope * years
    for rows in groups:
        left[rows] -= np.median(left[rows])
    stretch = _rank_stretch(sample, left, "dummies" if seasonal else "none", level)
    pairs = "pair of the same season" if seasonal else "pair"
    answers = f"median {pairs}, outliers aside"
    below, above = slope - stretch * (slope - low), slope + stretch * (high - slope)
    return _growth(slope, below, above, sample.nobs, answers)


def _rank_interval(slopes: FloatArray, sizes: IntArray, level: float) -> tuple[float, float]:
    """Return the interval of a median of ordered slopes, if errors were uncorrelated."""
    variance = float(np.sum(sizes * (sizes - 1) * (2 * sizes + 5))) / 18
    half = float(stats.norm.ppf(0.5 + level / 2)) * np.sqrt(variance)
    count = len(slopes)
    low = max(round((count - half) / 2) - 1, 0)
    high = min(round((count + half) / 2), count - 1)
    return float(slopes[low]), float(slopes[high])


def _rank_stretch(sample: Sample, left: FloatArray, season: Season, level: float) -> float:
    """
    Return by how much autocorrelation stretches the interval of ranks, at least 1.

    To the first order a median of pairs is a regression of the ranks of the residuals on time. The
    slope of that has a standard error by orthogonal series, and one if ranks were uncorrelated.
    """
    ranks = stats.rankdata(left) / (sample.nobs + 1)
    _, seasonal = seasonal_terms(sample, season)
    x = np.column_stack([np.ones(sample.nobs), sample.years, seasonal])
    fit = fit_least_squares(x, ranks)
    covariance = estimate_covariance(x, fit.resids, sample.steps, ErrorChoice("orthogonal-series"))
    alone = fit.bread[1, 1] * (sample.nobs - 1) / (sample.nobs + 1) / 12
    quantile = stats.t.ppf(0.5 + level / 2, covariance.df) / stats.norm.ppf(0.5 + level / 2)
    return max(1.0, float(quantile * np.sqrt(covariance.matrix[1, 1] / alone)))


def _pair_slopes(values: FloatArray, years: FloatArray) -> FloatArray:
    pairs = combinations(range(len(values)), 2)
    return np.array([(values[j] - values[i]) / (years[j] - years[i]) for i, j in pairs])


def _state_space(y: pd.Series, level: float, *, seasonal: bool) -> GrowthEstimate:
    """Average the smoothed slope; the interval is the union over all likely variances."""
    fit = fit_local_trend(y, kind="trend", form="log", season=seasonal, level=level)
    answers = f"average of a drifting slope{', drifting season' if seasonal else ''}"
    if fit.noise == "ar1":
        answers += ", AR(1) noise"
    if fit.nobs < INTERVALS_FROM:
        why = f"no interval: not simulated for fewer than {INTERVALS_FROM} periods"
        return GrowthEstimate(_percent(fit.slope), np.nan, np.nan, fit.nobs, f"{answers} ({why})")
    if fit.variances["slope"] > 0:
        answers += ", of these periods alone"
    return _growth(fit.slope, *fit.slope_interval(), fit.nobs, answers)


def _percent(slope: float) -> float:
    return float(100 * np.expm1(slope))


def _growth(slope: float, low: float, high: float, nobs: int, answers: str) -> GrowthEstimate:
    if not np.isfinite([slope, low, high]).all():
        raise SampleError("expected a finite growth interval, found none; the series is too short")
    return GrowthEstimate(_percent(slope), _percent(low), _percent(high), nobs, answers)
