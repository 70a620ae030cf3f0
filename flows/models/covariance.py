"""
Covariance of coefficients: sandwiches, kernels and bandwidths, cosines, resampling.

Throughout, ``x`` are regressors in the order of time, shape ``(nobs, k)``; ``resids`` the residuals
of a regression on them and ``steps`` the number of each observation's period on the calendar,
strictly increasing, both of shape ``(nobs,)``; ``scores`` are ``x * resids``, row by row. A
covariance has the shape ``(k, k)``.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from scipy.linalg import qr

from flows.canonical import floor_of
from flows.errors import SampleError
from flows.models.least_squares import fit_least_squares
from flows.models.sample import FloatArray, IntArray, check_choice

Heteroskedastic = Literal["hc0", "hc1", "hc2", "hc3"]
BandwidthRule = Literal["newey-west-1994", "andrews-1991"]

_FEWEST_PAIRS = 3

KernelName = Literal["bartlett", "parzen", "quadratic-spectral"]


def classical(x: FloatArray, resids: FloatArray) -> FloatArray:
    """Estimate :math:`s^2 (X'X)^{-1}`, right where errors are uncorrelated with one variance."""
    nobs, k = x.shape
    return _bread(x) * float(resids @ resids / (nobs - k))


def heteroskedastic(x: FloatArray, resids: FloatArray, *, kind: Heteroskedastic) -> FloatArray:
    """
    Estimate the covariance where errors are uncorrelated and their variance may change.

    White, H. (1980). Econometrica 48 (4), 817-838. MacKinnon, J. G. and White, H. (1985).
    Journal of Econometrics 29 (3), 305-325.
    """
    from statsmodels.regression.linear_model import OLS  # noqa: PLC0415 - slow to import

    check_choice("kind", kind, get_args(Heteroskedastic))
    # The residuals of residuals are the residuals: the regression is there for its covariance.
    fit = OLS(resids, x).fit(method="qr")
    return np.asarray(getattr(fit, f"cov_{kind.upper()}"))


def newey_west(
    x: FloatArray,
    resids: FloatArray,
    *,
    lags: int,
    steps: IntArray | None = None,
    prewhite: bool = False,
    adjust: bool = False,
) -> FloatArray:
    """
    Estimate the covariance of :func:`kernel_hac` with the triangular weights of whole lags.

    Newey, W. K. and West, K. D. (1987). Econometrica 55 (3), 703-708.
    """
    if lags < 0:
        raise ValueError(f"expected lags to be 0 or more, found {lags}")
    return kernel_hac(x, resids, bandwidth=lags + 1, steps=steps, prewhite=prewhite, adjust=adjust)


def kernel_hac(
    x: FloatArray,
    resids: FloatArray,
    *,
    bandwidth: float,
    kernel: KernelName = "bartlett",
    steps: IntArray | None = None,
    prewhite: bool = False,
    adjust: bool = False,
) -> FloatArray:
    """
    Estimate the covariance where errors are autocorrelated and their variance may change.

    Without gaps this is ``kernHAC`` and ``NeweyWest`` of R's sandwich, prewhitened or not. Around a
    gap, lags are distances in time (see :func:`long_run_meat`).

    Newey, W. K. and West, K. D. (1987). Econometrica 55 (3), 703-708. Andrews, D. W. K. (1991).
    Econometrica 59 (3), 817-858.
    """
    if bandwidth < 0:
        raise ValueError(f"expected a bandwidth of 0 or more, found {bandwidth}")
    nobs, k = x.shape
    scores = x * resids[:, None]
    dates = np.arange(nobs) if steps is None else steps
    recolour = np.eye(k)
    if prewhite:
        scores, recolour = prewhiten(scores, dates)
        dates = dates[1:]
    meat = long_run_meat(scores, dates, kernel=KERNELS[kernel], bandwidth=bandwidth)
    outer = _bread(x) @ recolour
    return np.asarray(outer @ meat @ outer.T * (nobs / (nobs - k) if adjust else 1.0))


def automatic_bandwidth(
    x: FloatArray,
    resids: FloatArray,
    *,
    rule: BandwidthRule,
    kernel: KernelName = "bartlett",
    steps: IntArray | None = None,
    prewhite: bool = False,
) -> float:
    """Choose the bandwidth of :func:`kernel_hac` from the data."""
    rules = {"newey-west-1994": _newey_west_bandwidth, "andrews-1991": andrews_bandwidth}
    if rule not in rules:
        raise ValueError(f"expected rule to be one of {', '.join(rules)}, found {rule!r}")
    dates = np.arange(len(x)) if steps is None else steps
    loadings = np.ones(1) if x.shape[1] == 1 else np.where(np.ptp(x, axis=0) == 0, 0.0, 1.0)
    scores = x * resids[:, None]
    return rules[rule](scores, dates, kernel=kernel, loadings=loadings, prewhite=prewhite)


def _bread(x: FloatArray) -> FloatArray:
    return fit_least_squares(x, np.zeros(len(x))).bread


def cosines(nobs: int) -> int:
    r"""
    Return :math:`\lfloor 0.4 n^{2/3} \rfloor`, the number of cosines that suits the sample size.

    Lazarus, E., Lewis, D. J., Stock, J. H. and Watson, M. W. (2018). HAR inference:
    recommendations for practice. Journal of Business & Economic Statistics 36 (4), 541-559.
    """
    if nobs < 1:
        raise ValueError(f"expected a positive number of observations, found {nobs}")
    return max(1, floor_of(0.4 * math.pow(nobs, 2 / 3)))


def equal_weighted_cosine(
    x: FloatArray, resids: FloatArray, *, steps: IntArray, count: int
) -> FloatArray:
    """
    Estimate the covariance from equally weighted cosine transforms of the scores.

    Lazarus, E., Lewis, D. J., Stock, J. H. and Watson, M. W. (2018). HAR inference:
    recommendations for practice. Journal of Business & Economic Statistics 36 (4), 541-559.
    """
    _check_count(count, len(x))
    transforms = _basis(steps, count).T @ (x * resids[:, None])
    bread = fit_least_squares(x, resids).bread
    return np.asarray(bread @ (2 / count * transforms.T @ transforms) @ bread)


def orthogonal_series(
    x: FloatArray, resids: FloatArray, *, steps: IntArray, count: int
) -> FloatArray:
    """
    Estimate the covariance of trend coefficients from cosines made orthogonal to the regressors.

    The regressors move slowly, so only the long-run variance of the errors matters; with
    uncorrelated normal errors the t ratio has exactly Student's distribution with ``count`` degrees
    of freedom. Seasonal dummies do not move slowly: the errors of the slope stay right beside them,
    their own come out too large, which :func:`flows.models.persistence.persistent_series` mends.

    Sun, Y. (2011). Robust trend inference with series variance estimator and testing-optimal
    smoothing parameter. Journal of Econometrics 164 (2), 345-366.
    """
    projections = free_cosines(x, steps=steps, count=count).T @ resids
    return fit_least_squares(x, resids).bread * float(np.mean(projections**2))


def free_cosines(x: FloatArray, *, steps: IntArray, count: int) -> FloatArray:
    """Return cosines made orthogonal to the regressors and to one another, of length one."""
    nobs, k = x.shape
    _check_count(count, nobs - k)
    q, r = qr(np.column_stack([x, _basis(steps, count)]), mode="economic")
    remaining = np.abs(np.diag(r)[k:])
    if remaining.min() <= nobs * np.finfo(np.float64).eps:
        raise SampleError(
            f"expected {count} cosines beside {k} regressors in {nobs} observations, found them "
            "dependent; use another covariance"
        )
    return np.asarray(q[:, k:])


def _basis(steps: IntArray, count: int) -> FloatArray:
    span = steps[-1] - steps[0] + 1
    place = (steps - steps[0] + 0.5) / span
    return np.cos(np.pi * np.outer(place, np.arange(1, count + 1)))


def _check_count(count: int, most: int) -> None:
    if not 1 <= count <= most:
        raise ValueError(f"expected 1 to {most} cosines, found {count}")


def wild_bootstrap(
    x: FloatArray, resids: FloatArray, *, draws: int, rng: np.random.Generator
) -> FloatArray:
    r"""
    Estimate the covariance from residuals with random signs, for errors of changing variance.

    Residuals are divided by :math:`\sqrt{1-h_i}` and keep or change their sign with equal chance,
    so the expected covariance is HC2.

    Davidson, R. and Flachaire, E. (2008). The wild bootstrap, tamed at last. Journal of
    Econometrics 146 (1), 162-169.
    """
    fit = fit_least_squares(x, resids)
    scaled = resids / np.sqrt(1 - fit.leverage)
    signs = rng.choice([-1.0, 1.0], size=(_enough(draws), len(x)))
    return _spread(x, fit.bread, signs * scaled)


def block_bootstrap(
    x: FloatArray,
    resids: FloatArray,
    *,
    steps: IntArray,
    length: int | None = None,
    draws: int,
    rng: np.random.Generator,
) -> FloatArray:
    r"""
    Estimate the covariance from overlapping blocks of residuals, for autocorrelated errors.

    ``length``: periods in a block; without it :math:`\lceil n^{1/3} \rceil`.

    Kuensch, H. R. (1989). The jackknife and the bootstrap for general stationary observations.
    Annals of Statistics 17 (3), 1217-1241.
    """
    nobs = len(x)
    if np.any(np.diff(steps) != 1):
        raise SampleError("expected no missing period for blocks of residuals, found a gap")
    width = math.ceil(round(nobs ** (1 / 3), 9)) if length is None else length
    if not 1 <= width <= nobs:
        raise ValueError(f"expected blocks of 1 to {nobs} periods, found {width}")
    starts = rng.integers(0, nobs - width + 1, size=(_enough(draws), math.ceil(nobs / width)))
    places = (starts[:, :, None] + np.arange(width)).reshape(draws, -1)[:, :nobs]
    return _spread(x, fit_least_squares(x, resids).bread, resids[places])


def _enough(draws: int) -> int:
    if draws < 2:  # noqa: PLR2004 - one draw has no spread
        raise ValueError(f"expected at least 2 draws, found {draws}")
    return draws


def _spread(x: FloatArray, bread: FloatArray, errors: FloatArray) -> FloatArray:
    """Return the covariance of the coefficients of each row of errors."""
    return np.atleast_2d(np.cov(errors @ x @ bread, rowvar=False))


@dataclass(frozen=True, slots=True)
class Kernel:
    """
    A kernel and what its bandwidth rules need.

    ``weights``: weights of lags divided by the bandwidth, one at zero; ``order``: characteristic
    exponent q: 1 for a kernel with a kink at zero, 2 for a smooth one; ``scale``: constant of the
    optimal bandwidth; table I of Andrews (1991); ``preliminary``: exponent of the preliminary lags;
    table II of Newey and West (1994).
    """

    weights: Callable[[FloatArray], FloatArray]
    order: int
    scale: float
    preliminary: float


def long_run_meat(
    scores: FloatArray, steps: IntArray, *, kernel: Kernel, bandwidth: float
) -> FloatArray:
    """
    Sum :math:`w_{|s-t|} g_s g_t'` over all pairs of dated scores; a sum, not a mean.

    Scores are laid on the calendar with zeros in missing periods, so that two observations around
    a gap count as far apart as they are: the amplitude-modulated estimator.

    Datta, D. D. and Du, W. (2012). Nonparametric HAC estimation for time series data with
    missing observations. International Finance Discussion Papers 1060.
    """
    grid = on_calendar(scores, steps)
    meat = grid.T @ grid / 2
    lags = np.arange(len(grid)) if bandwidth > 0 else np.arange(1)
    weights = kernel.weights(lags / bandwidth) if bandwidth > 0 else np.ones(1)
    for lag in np.flatnonzero(weights)[1:]:
        meat += weights[lag] * grid[:-lag].T @ grid[lag:]
    return np.asarray(meat + meat.T)


def on_calendar(scores: FloatArray, steps: IntArray) -> FloatArray:
    """Lay dated rows on an unbroken calendar: a row a period, zeros where one is missing."""
    if np.any(np.diff(steps) <= 0) or len(steps) != len(scores):
        raise IndexError(f"expected {len(scores)} strictly increasing steps, found {len(steps)}")
    grid = np.zeros((int(steps[-1] - steps[0]) + 1, scores.shape[1]))
    grid[steps - steps[0]] = scores
    return grid


def prewhiten(scores: FloatArray, steps: IntArray) -> tuple[FloatArray, FloatArray]:
    """
    Take a first-order vector autoregression out of the scores.

    Returned: the whitened scores of all periods but the first, shape ``(nobs - 1, k)``, and the
    matrix that carries their long-run variance back to that of the scores, shape ``(k, k)``.

    Andrews, D. W. K. and Monahan, J. C. (1992). Econometrica 60 (4), 953-966.
    """
    if np.any(np.diff(steps) != 1):
        raise SampleError(
            "expected no missing period where scores are prewhitened, found a gap; "
            "use prewhite=False, which weighs lags by their distance in time"
        )
    transition = np.linalg.lstsq(scores[:-1], scores[1:], rcond=None)[0].T
    resids = scores[1:] - scores[:-1] @ transition.T
    return resids, np.linalg.inv(np.eye(scores.shape[1]) - transition)


def effective_sample_size(resids: FloatArray, steps: IntArray) -> float:
    r"""
    Return the effective sample size.

    :math:`n (1 - r) / (1 + r)`, where :math:`r` is the correlation of neighbouring periods, kept at
    zero or above.
    """
    nobs = len(resids)
    total = float(resids @ resids)
    if total == 0:
        return float(nobs)
    grid = on_calendar(resids[:, None], steps)[:, 0]
    r = max(0.0, float(grid[1:] @ grid[:-1]) / total)
    return max(1.0, nobs * (1 - r) / (1 + r))


def rule_of_thumb_lags(nobs: int) -> int:
    r"""
    Return :math:`\lfloor 4 (n / 100)^{2/9} \rfloor` lags, a rule of the sample size alone.

    Newey, W. K. and West, K. D. (1994). Review of Economic Studies 61 (4), 631-653; the
    preliminary lags of table II C, widely used as the final ones.
    """
    if nobs < 0:
        raise ValueError(f"expected a number of observations, found {nobs}")
    return floor_of(4 * math.pow(nobs / 100, 2 / 9))


def _newey_west_bandwidth(
    scores: FloatArray,
    steps: IntArray,
    *,
    kernel: KernelName = "bartlett",
    loadings: FloatArray,
    prewhite: bool,
) -> float:
    """
    Choose the bandwidth from autocovariances, by the rule of Newey and West (1994).

    Newey, W. K. and West, K. D. (1994). Automatic lag selection in covariance matrix
    estimation. Review of Economic Studies 61 (4), 631-653.
    """
    chosen = KERNELS[kernel]
    nobs = len(scores)
    preliminary = floor_of((3 if prewhite else 4) * (nobs / 100) ** chosen.preliminary)
    if prewhite:
        scores, _ = prewhiten(scores, steps)
        steps = steps[1:]
    series = on_calendar(scores, steps) @ loadings
    lags = np.arange(min(preliminary, len(series) - 1) + 1)
    sigma = np.array([series[: len(series) - lag] @ series[lag:] for lag in lags])
    at_zero = sigma[0] + 2 * sigma[1:].sum()
    if at_zero == 0:
        return 0.0
    curvature = 2 * lags**chosen.order @ sigma
    rate = 1 / (2 * chosen.order + 1)
    return float(chosen.scale * ((curvature / at_zero) ** 2 * nobs) ** rate)


def andrews_bandwidth(
    scores: FloatArray,
    steps: IntArray,
    *,
    kernel: KernelName = "quadratic-spectral",
    loadings: FloatArray,
    prewhite: bool,
    centred: bool = True,
) -> float:
    """
    Choose the bandwidth from first-order autoregressions, by the rule of Andrews (1991).

    The autoregressions use pairs of neighbouring periods only. ``loadings``: weight of each score's
    autoregression, shape ``(k,)``: zero for the constant, one for the others; ``centred``: whether
    the autoregressions have a constant.

    Andrews, D. W. K. (1991). Heteroskedasticity and autocorrelation consistent covariance
    matrix estimation. Econometrica 59 (3), 817-858; equation 6.4.
    """
    chosen = KERNELS[kernel]
    nobs = len(scores)
    if prewhite:
        scores, _ = prewhiten(scores, steps)
        steps = steps[1:]
        nobs -= 1
    rho, variance = _autoregressions(scores, steps, centred=centred)
    weights = loadings * variance**2
    if not weights.any():
        return 0.0
    below = float(np.sum(weights / (1 - rho) ** 4))
    if chosen.order == 1:
        above = np.sum(weights * 4 * rho**2 / ((1 - rho) ** 6 * (1 + rho) ** 2))
    else:
        above = np.sum(weights * 4 * rho**2 / (1 - rho) ** 8)
    return float(chosen.scale * (nobs * above / below) ** (1 / (2 * chosen.order + 1)))


def _autoregressions(
    scores: FloatArray, steps: IntArray, *, centred: bool
) -> tuple[FloatArray, FloatArray]:
    """Return the coefficient and the innovation variance of each score's own autoregression."""
    neighbours = np.flatnonzero(np.diff(steps) == 1)
    if len(neighbours) < _FEWEST_PAIRS:
        raise SampleError(
            f"expected at least {_FEWEST_PAIRS} pairs of neighbouring periods for an automatic "
            f"bandwidth, found {len(neighbours)}; give the lags"
        )
    before, after = scores[neighbours], scores[neighbours + 1]
    if centred:
        before = before - before.mean(axis=0)
        after = after - after.mean(axis=0)
    spread = np.sum(before**2, axis=0)
    moved = np.sum(before * after, axis=0)
    rho = np.divide(moved, spread, out=np.zeros_like(moved), where=spread > 0)
    return rho, np.mean((after - before * rho) ** 2, axis=0)


def _bartlett(distance: FloatArray) -> FloatArray:
    return np.maximum(1 - distance, 0.0)


def _parzen(distance: FloatArray) -> FloatArray:
    far = np.maximum(1 - distance, 0.0)
    return np.asarray(2 * far**3 - 8 * np.maximum(1 / 2 - distance, 0.0) ** 3)


def _quadratic_spectral(distance: FloatArray) -> FloatArray:
    weights = np.ones_like(distance)
    away = distance > 0
    z = 6 * np.pi * distance[away] / 5
    weights[away] = 3 / z**2 * (np.sin(z) / z - np.cos(z))
    return weights


KERNELS: Mapping[KernelName, Kernel] = {
    "bartlett": Kernel(_bartlett, order=1, scale=1.1447, preliminary=2 / 9),
    "parzen": Kernel(_parzen, order=2, scale=2.6614, preliminary=4 / 25),
    "quadratic-spectral": Kernel(_quadratic_spectral, order=2, scale=1.3221, preliminary=2 / 25),
}
"""Kernels by name; every one of them gives a covariance that is never negative."""
