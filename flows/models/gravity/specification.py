"""Whether the mean of gravity has the right form: the test that Santos Silva and Tenreyro print."""

from collections.abc import Callable, Sequence

import numpy as np
from scipy import stats

from flows.errors import SampleError
from flows.models.gravity.conventions import Scores, SharedCovariance, spread_of
from flows.models.gravity.effects import Effect
from flows.models.gravity.logs import fit_logs
from flows.models.gravity.poisson import fit_absorbed
from flows.models.results import HypothesisTest
from flows.models.sample import FloatArray

_NAME = "RESET"
_NULL = "the square of what is fitted explains nothing more"
_SQUARE = "square of the index"


def reset_test(
    x: FloatArray,
    y: FloatArray,
    effects: Sequence[Effect],
    index: FloatArray,
    covariance: Callable[[Scores], SharedCovariance],
) -> HypothesisTest:
    r"""
    Add the square of the linear index to a fit by pseudo-likelihood, and test it.

    ``x``: regressors, shape ``(nobs, k)``; ``y``: values, ``index``: logarithms of the fitted
    means, shape ``(nobs,)``; ``covariance``: the convention of the fit's own errors. Where the mean
    is :math:`\exp(x'\beta)`, the square of :math:`x'\beta` has no place in it.

    Ramsey, J. B. (1969). Tests for specification errors in classical linear least-squares
    regression analysis. Journal of the Royal Statistical Society B 31 (2), 350-371. Santos Silva,
    J. M. C. and Tenreyro, S. (2006). The log of gravity. Review of Economics and Statistics 88 (4),
    641-658.
    """
    more = _with_square(x, index)
    try:
        fit = fit_absorbed(more, y, effects, _names(x))
    except SampleError as error:
        return _none(error)
    scores = Scores(fit.x_tilde, fit.mean, y - fit.mean, fit.bread, spread_of(more))
    return _of_last(fit.params, covariance(scores))


def reset_test_of_logs(
    x: FloatArray,
    y: FloatArray,
    effects: Sequence[Effect],
    index: FloatArray,
    covariance: Callable[[Scores], SharedCovariance],
) -> HypothesisTest:
    """Add the square of what is fitted to logarithms of positive ``y``, and test it."""
    try:
        fit = fit_logs(_with_square(x, index), y, effects, _names(x))
    except SampleError as error:
        return _none(error)
    return _of_last(fit.params, covariance(fit.scores))


def _with_square(x: FloatArray, index: FloatArray) -> FloatArray:
    """Add the square around the mean: the index itself is a combination of what is there."""
    return np.column_stack([x, (index - index.mean()) ** 2])


def _names(x: FloatArray) -> list[str]:
    return [*(f"number {place + 1}" for place in range(x.shape[1])), _SQUARE]


def _none(error: SampleError) -> HypothesisTest:
    return HypothesisTest(_NAME, _NULL, np.nan, reason=str(error))


def _of_last(params: FloatArray, covariance: SharedCovariance) -> HypothesisTest:
    statistic = float(params[-1] ** 2 / covariance.matrix[-1, -1])
    return HypothesisTest(_NAME, _NULL, statistic, float(stats.chi2.sf(statistic, 1)), df=(1.0,))
