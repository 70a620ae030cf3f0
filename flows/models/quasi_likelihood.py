"""Poisson pseudo-likelihood and fractional logit: the mean is modelled, zeros and all."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import expit, xlogy

from flows.errors import SampleError
from flows.models.least_squares import fit_least_squares
from flows.models.sample import FloatArray
from flows.models.separation import separated

Family = Literal["poisson", "logit"]

_ROUNDS = 100
_CLOSE = 1e-6
"""Change of the linear predictor from which on the next one is far smaller, or rounding."""


@dataclass(frozen=True, slots=True)
class QuasiFit:
    """
    A quasi-likelihood fit and what its covariance estimates are made of.

    Parameters
    ----------
    params : numpy.ndarray
        Coefficients of the linear predictor, shape ``(k,)``.
    mean : numpy.ndarray
        Fitted mean of the response, shape ``(nobs,)``.
    weights : numpy.ndarray
        Variance function at the fitted mean, shape ``(nobs,)``.
    deviance : float
        Twice the distance of the quasi-likelihood from a perfect fit.
    """

    params: FloatArray
    mean: FloatArray
    weights: FloatArray
    deviance: float

    def weighted(self, x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
        """
        Return regressors and residuals that stand for the fit in least-squares covariances.

        Parameters
        ----------
        x : numpy.ndarray
            Regressors, shape ``(nobs, k)``.
        y : numpy.ndarray
            Response, shape ``(nobs,)``.

        Returns
        -------
        regressors : numpy.ndarray
            ``x`` times the root of the weights: their cross-product is the information.
        resids : numpy.ndarray
            Pearson residuals: their product with the regressors is the scores.
        """
        root = np.sqrt(self.weights)
        return x * root[:, None], (y - self.mean) / root


def fit_quasi_likelihood(
    x: FloatArray, y: FloatArray, *, family: Family, labels: Sequence[object] | None = None
) -> QuasiFit:
    r"""
    Fit :math:`E(y) = \exp(x'\beta)` or :math:`E(y) = 1 / (1 + e^{-x'\beta})`.

    Parameters
    ----------
    x : numpy.ndarray
        Regressors, shape ``(nobs, k)``.
    y : numpy.ndarray
        Response: not negative for ``"poisson"``, a share between 0 and 1 for ``"logit"``, shape
        ``(nobs,)``. It need not be a count; only the mean has to be right [1]_ [2]_.
    family : {"poisson", "logit"}
        The mean.
    labels : sequence, optional
        Names of the observations in an error; without them they are counted from 1.

    Returns
    -------
    QuasiFit
        Coefficients, mean and weights.

    Raises
    ------
    SampleError
        If no estimate exists because observations are separated (they are named), the
        response is out of its range, or regressors are dependent.
    ValueError
        If ``family`` is unknown.

    References
    ----------
    .. [1] Santos Silva, J. M. C. and Tenreyro, S. (2006). The log of gravity. Review of Economics
       and Statistics 88 (4), 641-658.
    .. [2] Papke, L. E. and Wooldridge, J. M. (1996). Econometric methods for fractional response
       variables. Journal of Applied Econometrics 11 (6), 619-632.

    Examples
    --------
    >>> fit = fit_quasi_likelihood(np.ones((3, 1)), np.array([0.0, 1.0, 5.0]), family="poisson")
    >>> fit.mean.round(9)
    array([2., 2., 2.])
    """
    if family not in _MEANS:
        raise ValueError(f"expected family to be poisson or logit, found {family!r}")
    upper = np.inf if family == "poisson" else 1.0
    lost = separated(x, y, upper=upper)
    if lost.any():
        names = range(1, len(y) + 1) if labels is None else labels
        found = ", ".join(str(name) for name, gone in zip(names, lost, strict=True) if gone)
        raise SampleError(
            f"expected an estimate to exist, found observations {found} to be separated: a "
            "coefficient would be infinite; leave them out, with the reason, or drop a regressor"
        )
    return _scoring(x, y, family)


def _scoring(x: FloatArray, y: FloatArray, family: Family) -> QuasiFit:
    """Iterate weighted least squares, which is Newton's method, until only rounding moves it."""
    mean_of, weight_of, deviance_of = _MEANS[family], _WEIGHTS[family], _DEVIANCES[family]
    mean = (y + y.mean()) / 2
    predictor = np.log(mean) if family == "poisson" else np.log(mean / (1 - mean))
    moved = np.inf
    for _ in range(_ROUNDS):
        weights = weight_of(mean)
        root = np.sqrt(weights)
        working = predictor + (y - mean) / weights
        params = fit_least_squares(x * root[:, None], working * root).params
        previous, predictor = predictor, x @ params
        mean = mean_of(predictor)
        last, moved = moved, float(np.abs(predictor - previous).max())
        if (last <= _CLOSE and moved >= last / 2) or moved == 0:
            return QuasiFit(params, mean, weight_of(mean), deviance_of(y, mean))
    raise SampleError(f"expected the estimate to settle within {_ROUNDS} rounds, found {params}")


def _poisson_deviance(y: FloatArray, mean: FloatArray) -> float:
    return float(2 * np.sum(xlogy(y, y / mean) - (y - mean)))


def _logit_deviance(y: FloatArray, mean: FloatArray) -> float:
    return float(2 * np.sum(xlogy(y, y / mean) + xlogy(1 - y, (1 - y) / (1 - mean))))


_MEANS: Mapping[str, Callable[[FloatArray], FloatArray]] = {"poisson": np.exp, "logit": expit}
_WEIGHTS: Mapping[str, Callable[[FloatArray], FloatArray]] = {
    "poisson": lambda mean: mean,
    "logit": lambda mean: mean * (1 - mean),
}
_DEVIANCES = {"poisson": _poisson_deviance, "logit": _logit_deviance}
