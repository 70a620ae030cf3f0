"""Standard errors by name: which estimator, which lags, which small-sample factor, in words too."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from scipy import stats

from flows.canonical import floor_of
from flows.models.covariance import (
    BandwidthRule,
    automatic_bandwidth,
    block_bootstrap,
    classical,
    cosines,
    equal_weighted_cosine,
    heteroskedastic,
    kernel_hac,
    orthogonal_series,
    rule_of_thumb_lags,
    wild_bootstrap,
)
from flows.models.persistence import persistent_series
from flows.models.results import HypothesisTest
from flows.models.sample import FloatArray, IntArray, check_choice

StandardError = Literal[
    "classical",
    "hc0",
    "hc1",
    "hc2",
    "hc3",
    "newey-west",
    "andrews",
    "ewc",
    "orthogonal-series",
    "wild-bootstrap",
    "block-bootstrap",
]
"""Each is a function of this module, marked with :func:`_estimator`."""

SmallSample = Literal["stata", "fixest", "none"]
LagRule = Literal["rule-of-thumb", "newey-west-1994", "andrews-1991"]

DRAWS = 1999
"""Resamples of a bootstrap; 1 % of a standard error is chance."""


@dataclass(frozen=True, slots=True)
class Covariance:
    """
    A covariance matrix and how to read it.

    ``matrix``: covariance of the coefficients, shape ``(k, k)``; ``covariance_type``: estimator,
    lags and factor, as a table's note says it; ``lags``: lags of the kernel, where there is one
    that counts whole lags; ``df``: degrees of freedom of Student's t for tests and intervals;
    ``whole``: whether all elements of the matrix, and not one variance, were estimated from ``df``
    projections, so that joint tests have fewer degrees of freedom left.
    """

    matrix: FloatArray
    covariance_type: str
    lags: int | None
    df: float
    whole: bool = False


@dataclass(frozen=True, slots=True)
class ErrorChoice:
    """
    How standard errors are estimated, as a caller asks for it.

    ``se``: the estimator, one of :data:`StandardError`; ``lags``: lags of ``"newey-west"`` in
    periods, or a rule of :data:`LagRule`; length of a block of ``"block-bootstrap"`` in periods;
    ``prewhite``: whether ``"newey-west"`` and ``"andrews"`` prewhiten the scores; ``small_sample``:
    whose factors and degrees of freedom; ``rng``: source of chance of the bootstraps, or its seed.
    """

    se: StandardError
    lags: int | LagRule | None = None
    prewhite: bool = False
    small_sample: SmallSample = "stata"
    rng: np.random.Generator | int | None = None

    def __post_init__(self) -> None:
        check_choice("se", self.se, get_args(StandardError))
        check_choice("small_sample", self.small_sample, get_args(SmallSample))
        if isinstance(self.lags, str):
            check_choice("lags", self.lags, get_args(LagRule))
        takes = _ESTIMATORS[self.se].takes
        if self.lags is not None and "lags" not in takes:
            raise ValueError(
                "lags are taken by se='newey-west' and 'block-bootstrap' only, found "
                f"se={self.se!r}"
            )
        if self.prewhite and "prewhite" not in takes:
            raise ValueError(
                f"prewhite is taken by se='newey-west' and 'andrews' only, found se={self.se!r}"
            )
        if ("rng" in takes) != (self.rng is not None):
            raise ValueError(
                "expected rng, a seed or numpy.random.Generator, with a bootstrap and only there; "
                f"found rng={self.rng} with se={self.se!r}"
            )


_Estimate = Callable[[FloatArray, FloatArray, IntArray, ErrorChoice], Covariance]


@dataclass(frozen=True, slots=True)
class _Estimator:
    """How a named choice is estimated, and which of ``lags``, ``prewhite``, ``rng`` it takes."""

    estimate: _Estimate
    takes: tuple[str, ...]


_ESTIMATORS: dict[StandardError, _Estimator] = {}


def _estimator(
    *names: StandardError, takes: tuple[str, ...] = ()
) -> Callable[[_Estimate], _Estimate]:
    """Mark what estimates the named choices: ``function(x, resids, steps, choice)``."""

    def mark(estimate: _Estimate) -> _Estimate:
        _ESTIMATORS.update(dict.fromkeys(names, _Estimator(estimate, takes)))
        return estimate

    return mark


def estimate_covariance(
    x: FloatArray, resids: FloatArray, steps: IntArray, choice: ErrorChoice
) -> Covariance:
    """
    Estimate the covariance of least-squares coefficients by a named choice.

    ``x``: regressors, shape ``(nobs, k)``; ``resids``, ``steps``: shape ``(nobs,)``, steps as in
    :class:`~flows.models.sample.Sample`.
    """
    return _ESTIMATORS[choice.se].estimate(x, resids, steps, choice)


def joint_test(
    name: str, params: FloatArray, covariance: Covariance, terms: slice, *, null: str
) -> HypothesisTest:
    r"""
    Test whether several coefficients are zero at once, by F.

    A matrix made of ``(X'X)^{-1}`` and one variance with :math:`K` degrees of freedom gives
    :math:`W / q \sim F(q, K)`. A matrix that is itself the mean of :math:`K` products gives
    Hotelling's :math:`\frac{K - q + 1}{K q} W \sim F(q, K - q + 1)`.

    Sun, Y. (2013). A heteroskedasticity and autocorrelation robust F test using an orthonormal
    series variance estimator. Econometrics Journal 16 (1), 1-26.
    """
    tested, spread = params[terms], covariance.matrix[terms, terms]
    q, df = len(tested), covariance.df - (len(tested) - 1) * covariance.whole
    if df <= 0:
        why = f"needs {q} projections at least, found {covariance.df:g}"
        return HypothesisTest(name, null, np.nan, reason=why)
    scale = np.sqrt(np.diag(spread))
    if np.linalg.matrix_rank(spread / np.outer(scale, scale), hermitian=True) < q:
        why = f"the errors of the {q} coefficients are not independent of each other"
        return HypothesisTest(name, null, np.nan, reason=why)
    wald = float(tested @ np.linalg.solve(spread, tested))
    statistic = wald * df / (covariance.df * q)
    return HypothesisTest(
        name, null, statistic, pvalue=float(stats.f.sf(statistic, q, df)), df=(float(q), df)
    )


@_estimator("classical")
def _classical(x: FloatArray, resids: FloatArray, _: IntArray, __: ErrorChoice) -> Covariance:
    return Covariance(classical(x, resids), "classical", None, len(x) - x.shape[1])


@_estimator("hc0", "hc1", "hc2", "hc3")
def _heteroskedastic(
    x: FloatArray, resids: FloatArray, _: IntArray, choice: ErrorChoice
) -> Covariance:
    matrix = heteroskedastic(x, resids, kind=choice.se)  # type: ignore[arg-type]
    return Covariance(matrix, choice.se.upper(), None, len(x) - x.shape[1])


@_estimator("newey-west", takes=("lags", "prewhite"))
def _newey_west(
    x: FloatArray, resids: FloatArray, steps: IntArray, choice: ErrorChoice
) -> Covariance:
    nobs, k = x.shape
    lags, rule = _lags(x, resids, steps, choice)
    adjust, factor = _factor(choice)
    matrix = kernel_hac(
        x, resids, bandwidth=lags + 1, steps=steps, prewhite=choice.prewhite, adjust=adjust
    )
    word = "lag" if lags == 1 else "lags"
    white = ", prewhitened" if choice.prewhite else ""
    df = nobs - 1 if choice.small_sample == "fixest" else nobs - k
    return Covariance(matrix, f"Newey-West, {lags} {word} ({rule}){white}, {factor}", lags, df)


@_estimator("andrews", takes=("prewhite",))
def _andrews(x: FloatArray, resids: FloatArray, steps: IntArray, choice: ErrorChoice) -> Covariance:
    bandwidth = automatic_bandwidth(
        x,
        resids,
        rule="andrews-1991",
        kernel="quadratic-spectral",
        steps=steps,
        prewhite=choice.prewhite,
    )
    adjust, factor = _factor(choice)
    matrix = kernel_hac(
        x,
        resids,
        bandwidth=bandwidth,
        kernel="quadratic-spectral",
        steps=steps,
        prewhite=choice.prewhite,
        adjust=adjust,
    )
    white = ", prewhitened" if choice.prewhite else ""
    kernel = f"quadratic spectral kernel, bandwidth {bandwidth:.3f} (Andrews 1991){white}"
    return Covariance(matrix, f"{kernel}, {factor}", None, len(x) - x.shape[1])


@_estimator("ewc")
def _cosine(x: FloatArray, resids: FloatArray, steps: IntArray, _: ErrorChoice) -> Covariance:
    count = _count(x)
    matrix = equal_weighted_cosine(x, resids, steps=steps, count=count)
    return Covariance(matrix, f"equal-weighted cosine, {_cosines(count)}", None, count, whole=True)


@_estimator("orthogonal-series")
def _series(x: FloatArray, resids: FloatArray, steps: IntArray, choice: ErrorChoice) -> Covariance:
    count = _count(x)
    estimate = orthogonal_series if choice.small_sample == "none" else persistent_series
    matrix = estimate(x, resids, steps=steps, count=count)
    factor = "no small-sample factor" if choice.small_sample == "none" else "AR(1) factor"
    return Covariance(matrix, f"orthogonal series, {_cosines(count)}, {factor}", None, count)


@_estimator("wild-bootstrap", takes=("rng",))
def _wild(x: FloatArray, resids: FloatArray, _: IntArray, choice: ErrorChoice) -> Covariance:
    rng = np.random.default_rng(choice.rng)
    matrix = wild_bootstrap(x, resids, draws=DRAWS, rng=rng)
    return Covariance(matrix, f"wild bootstrap, {DRAWS} draws", None, len(x) - x.shape[1])


@_estimator("block-bootstrap", takes=("lags", "rng"))
def _blocks(x: FloatArray, resids: FloatArray, steps: IntArray, choice: ErrorChoice) -> Covariance:
    rng = np.random.default_rng(choice.rng)
    length = choice.lags if isinstance(choice.lags, int) else None
    matrix = block_bootstrap(x, resids, steps=steps, length=length, draws=DRAWS, rng=rng)
    return Covariance(matrix, f"moving-block bootstrap, {DRAWS} draws", None, len(x) - x.shape[1])


def _cosines(count: int) -> str:
    return "1 cosine" if count == 1 else f"{count} cosines"


def _count(x: FloatArray) -> int:
    """Return how many cosines the residuals of a regression have room for."""
    return min(cosines(len(x)), len(x) - int(x.shape[1]))


def _factor(choice: ErrorChoice) -> tuple[bool, str]:
    adjust = choice.small_sample != "none"
    return adjust, "factor n/(n-k)" if adjust else "no small-sample factor"


def _lags(
    x: FloatArray, resids: FloatArray, steps: IntArray, choice: ErrorChoice
) -> tuple[int, str]:
    """Return the lags and where they come from."""
    span = int(steps[-1] - steps[0])
    if isinstance(choice.lags, int):
        if not 0 <= choice.lags < span:
            raise ValueError(
                f"expected 0 <= lags < {span}, the span of the sample, found {choice.lags}"
            )
        return choice.lags, "given"
    if choice.lags in (None, "rule-of-thumb"):
        return min(rule_of_thumb_lags(len(x)), span - 1), "floor(4(n/100)^(2/9))"
    rules: dict[str, tuple[BandwidthRule, str]] = {
        "newey-west-1994": ("newey-west-1994", "Newey-West 1994"),
        "andrews-1991": ("andrews-1991", "Andrews 1991"),
    }
    rule, words = rules[str(choice.lags)]
    bandwidth = automatic_bandwidth(x, resids, rule=rule, steps=steps, prewhite=choice.prewhite)
    return min(floor_of(bandwidth), span - 1), words
