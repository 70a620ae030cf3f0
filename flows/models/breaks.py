"""Breaks at unknown dates: the exact partition, how many, and how well they are dated."""

import math
from typing import Literal, get_args

import numpy as np
import pandas as pd

from flows.errors import SampleError
from flows.models.break_design import Design
from flows.models.break_fit import BreakFit, Regime
from flows.models.break_intervals import measure_shifts
from flows.models.break_tests import one_more_break_test, several_breaks_tests
from flows.models.hypothesis import HypothesisTest
from flows.models.partial_change import partial_partitions
from flows.models.regimes import RegimeErrors, cut, fit_regimes
from flows.models.results import check_level
from flows.models.sample import FloatArray, IntArray, Sample, check_series, check_varies
from flows.models.season import Season, seasonal_terms
from flows.models.segments import Partitions, best_partitions, segment_costs
from flows.models.single_break import f_path, single_break_tests
from flows.ties import first_minimum

Choice = Literal["bic", "lwz", "sequential"]

SIMULATED = 60
"""Fewest months or quarters whose errors are by default taken as autocorrelated."""

_ROUNDING = 1e-12
"""Residual sum of squares, relative to that without breaks, that is rounding."""

SEQUENTIAL_SIZE = 0.05
"""Significance at which the sequential choice stops."""


def find_breaks(
    y: pd.Series,
    *,
    regime: Regime = "mean",
    choose: Choice | int = "bic",
    trim: float = 0.15,
    most: int = 5,
    errors: RegimeErrors | None = None,
    season: Season = "none",
    level: float = 0.95,
) -> BreakFit:
    """
    Find the dates at which the mean or the trend of a series changes.

    Parameters
    ----------
    y : pandas.Series
        Values in one unit, or their logarithm; index of periods as for
        :func:`flows.models.trend.fit_trend`.
    regime : {"mean", "trend"}
        What is constant between breaks.
    choose : {"bic", "lwz", "sequential"} or int
        How many breaks: by an information criterion, by testing one more break at 5 % until the
        test no longer rejects, or a given number.
    trim : float
        Shortest regime as a share of the observations.
    most : int
        Largest number of breaks considered.
    errors : {"pooled", "regime", "hac", "hac-prewhitened"}, optional
        Covariance behind tests for several breaks and behind intervals: one variance, a variance a
        regime, or autocorrelation as well. Autocorrelation needs regimes of dozens of observations
        to be estimated. Without a choice it is ``"hac-prewhitened"`` for 60 months or quarters and
        more, ``"hac"`` where one of them is missing, and ``"regime"`` for years and for shorter
        samples; see docs/monte-carlo.md.
    season : {"none", "dummies", "harmonics"}
        Seasonal effects of months or quarters that stay the same over the whole sample, whatever
        breaks (partial structural change).
    level : float
        Coverage of the intervals.

    Returns
    -------
    BreakFit
        ``break_dates`` (first period of each new regime), ``conf_int()``, ``tests``, ``criteria``
        for every number of breaks, ``regimes``.

    Raises
    ------
    PeriodError
        If the index holds no periods, periods of several frequencies, or one period twice.
    SampleError
        If the sample has no room for two regimes, or a value is infinite or all are the same.
    ValueError
        If a name is unknown, ``trim`` is not between 0 and 0.5, or more breaks are asked for than
        there is room for.

    Notes
    -----
    All partitions are compared, by dynamic programming. Critical values and p-values are
    asymptotic and, for ``regime="trend"``, those of regressors without trend.

    References
    ----------
    .. [1] Bai, J. and Perron, P. (2003). Computation and analysis of multiple structural change
       models. Journal of Applied Econometrics 18 (1), 1-22.
    .. [2] Liu, J., Wu, S. and Zidek, J. V. (1997). On segmented multivariate regression.
       Statistica Sinica 7 (2), 497-525.

    Examples
    --------
    >>> years = pd.period_range("2011", "2022", freq="Y")
    >>> y = pd.Series([10, 11, 9, 10, 11, 10, 20, 21, 19, 20, 21, 20], index=years)
    >>> [str(date) for date in find_breaks(y).break_dates]
    ['2017']
    """
    check_level(level)
    sample, design = _design(y, regime, trim, season)
    errors = errors or _errors(sample)
    partitions = _partitions(design, most)
    criteria = information_criteria(
        partitions.costs, nobs=sample.nobs, coefficients=design.x.shape[1]
    )
    path = f_path(design)
    tests: dict[str, HypothesisTest] = {
        **single_break_tests(design, path),
        **several_breaks_tests(design, partitions, errors=errors),
    }
    steps = _sequence(design, partitions, errors)
    tests.update({test.name: test for test in steps})
    count, chosen_by = _count(choose, criteria, steps)
    breaks = partitions.breaks[count]
    fit = fit_regimes(design.x, design.y, breaks, common=design.common)
    return BreakFit(
        regime=regime,
        break_dates=sample.periods[breaks],
        chosen_by=chosen_by,
        criteria=criteria,
        tests=tests,
        regimes=_regimes(sample, breaks, fit.params),
        f_path=pd.Series(path[:-1], index=sample.periods, name="F").dropna(),
        fitted=pd.Series(design.y - fit.resids, index=sample.periods, name="fitted"),
        resids=pd.Series(fit.resids, index=sample.periods, name="resids"),
        errors=errors,
        shortest=design.shortest,
        level=level,
        left_out=sample.left_out,
        positions=breaks,
        shifts=measure_shifts(design, breaks, errors=errors),
    )


def information_criteria(costs: FloatArray, *, nobs: int, coefficients: int) -> pd.DataFrame:
    r"""
    Weigh the fit of each number of breaks against its size.

    Parameters
    ----------
    costs : numpy.ndarray
        Residual sum of squares for 0, 1, 2, ... breaks.
    nobs : int
        Number of observations.
    coefficients : int
        Coefficients of one regime.

    Returns
    -------
    pandas.DataFrame
        Columns ``rss``, ``aic``, ``bic``, ``lwz``; index ``breaks``. A date counts as a parameter.
        LWZ charges :math:`0.299 (\log n)^{2.1}` for each. Where breaks leave residuals of rounding
        alone the criteria are ``-inf``, so that the fewest such breaks are the best.

    Raises
    ------
    ValueError
        If ``nobs`` is not positive.

    Examples
    --------
    >>> information_criteria(np.array([10.0, 5.0]), nobs=20, coefficients=1).round(2)
              rss    aic    bic    lwz
    breaks
    0       10.0  46.89  48.89  48.88
    1        5.0  37.03  41.01  41.01
    """
    if nobs < 1:
        raise ValueError(f"expected a positive number of observations, found {nobs}")
    breaks = np.arange(len(costs))
    unexplained = np.where(costs > _ROUNDING * costs[0], costs, 0.0)
    with np.errstate(divide="ignore"):
        deviance = nobs * (np.log(unexplained) + 1 - math.log(nobs) + math.log(2 * math.pi))
    parameters = coefficients * (breaks + 1) + breaks + 1
    charges = {"aic": 2.0, "bic": math.log(nobs), "lwz": 0.299 * math.log(nobs) ** 2.1}
    columns = {name: deviance + charge * parameters for name, charge in charges.items()}
    return pd.DataFrame({"rss": costs, **columns}, index=pd.Index(breaks, name="breaks"))


def _partitions(design: Design, most: int) -> Partitions:
    if design.common is not None:
        return partial_partitions(
            design.x, design.common, design.y, shortest=design.shortest, most=most
        )
    costs = segment_costs(design.x, design.y, shortest=design.shortest)
    return best_partitions(costs, most=most)


def _design(y: pd.Series, regime: Regime, trim: float, season: Season) -> tuple[Sample, Design]:
    if regime not in get_args(Regime):
        raise ValueError(f"expected regime to be mean or trend, found {regime!r}")
    if not 0 < trim < 1 / 2:
        raise ValueError(f"expected a trim between 0 and 0.5, found {trim}")
    sample = check_series(y, at_least=2)
    check_varies(sample)
    x = np.ones((sample.nobs, 1))
    if regime == "trend":
        x = np.column_stack([x, sample.years])
    shortest = max(math.floor(trim * sample.nobs), x.shape[1] + 1)
    if sample.nobs < 2 * shortest:
        raise SampleError(
            f"expected at least {2 * shortest} observations for two regimes of {shortest}, found "
            f"{sample.nobs}: nothing is left to test"
        )
    names, terms = seasonal_terms(sample, season)
    design = Design(x, sample.observed, sample.steps, shortest, terms if names else None)
    if not design.carries(1):
        raise SampleError(
            f"expected more observations than the {2 * x.shape[1]} coefficients of two regimes and "
            f"the {len(names)} of the season, found {sample.nobs}: use season='harmonics' or 'none'"
        )
    return sample, design


def _errors(sample: Sample) -> RegimeErrors:
    """Return the errors whose intervals cover best for such a sample."""
    if sample.periods_per_year == 1 or sample.nobs < SIMULATED:
        return "regime"
    return "hac-prewhitened" if sample.unbroken else "hac"


def _sequence(design: Design, partitions: Partitions, errors: RegimeErrors) -> list[HypothesisTest]:
    """Test one more break than each partition has."""
    return [one_more_break_test(design, breaks, errors=errors) for breaks in partitions.breaks[:-1]]


def _count(
    choose: Choice | int, criteria: pd.DataFrame, steps: list[HypothesisTest]
) -> tuple[int, str]:
    """Return the number of breaks and how it was chosen."""
    most = len(criteria) - 1
    if isinstance(choose, int):
        if not 0 <= choose <= most:
            raise ValueError(f"expected 0 to {most} breaks in this sample, found {choose}")
        return choose, "given"
    match choose:
        case "bic" | "lwz":
            return first_minimum(criteria[choose]), choose.upper()
        case "sequential":
            rejected = [test.rejects(significance=SEQUENTIAL_SIZE) for test in steps]
            count = rejected.index(False) if False in rejected else most
            return count, f"sequential tests at {SEQUENTIAL_SIZE:.0%}"
        case _:
            raise ValueError(
                f"expected choose to be a number or one of {', '.join(get_args(Choice))}, "
                f"found {choose!r}"
            )


def _regimes(sample: Sample, breaks: IntArray, params: FloatArray) -> pd.DataFrame:
    rows = cut(sample.nobs, breaks)
    frame = pd.DataFrame(
        {
            "start": [sample.periods[part.start] for part in rows],
            "end": [sample.periods[part.stop - 1] for part in rows],
            "nobs": [part.stop - part.start for part in rows],
        }
    )
    for name, column in zip(("const", "trend"), params.T, strict=False):
        frame[name] = column
    return frame.rename_axis("regime")
