"""A robust regression over pairs of countries, whose errors are alike where a country is."""

from dataclasses import dataclass

import numpy as np
import statsmodels.api as sm

from flows.errors import SampleError
from flows.models.least_squares import fit_least_squares
from flows.models.sample import FloatArray, IntArray

_HUBER = 1.345
"""Huber's constant: 95 % as efficient as least squares where errors are normal."""

_EXACT = 1e-10
"""Share of the response's size below which residuals are rounding and have no scale."""


_ROUNDS, _SETTLED = 1000, 1e-11
"""Most rounds, and the change of a standardised residual in the last one that is rounding."""


@dataclass(frozen=True, slots=True)
class DyadFit:
    """
    Coefficients of a robust regression over pairs, with their covariance.

    Parameters
    ----------
    params : numpy.ndarray
        Shape ``(k,)``.
    covariance : numpy.ndarray
        Shape ``(k, k)``.
    weights : numpy.ndarray
        Of each pair, 1 or less for an outlier, shape ``(nobs,)``.
    scale : float
        Standard deviation of a residual, from the median of their absolute values.
    """

    params: FloatArray
    covariance: FloatArray
    weights: FloatArray
    scale: float


def fit_dyads(x: FloatArray, y: FloatArray, first: IntArray, second: IntArray) -> DyadFit:
    r"""
    Regress ``y`` on ``x`` by Huber's method, with errors that any two pairs may share.

    Parameters
    ----------
    x : numpy.ndarray
        Regressors, shape ``(nobs, k)``.
    y : numpy.ndarray
        Response, shape ``(nobs,)``.
    first, second : numpy.ndarray
        Number of the two members of each pair, shape ``(nobs,)``.

    Returns
    -------
    DyadFit
        Its covariance allows for correlation of any two pairs that have a member in common.

    Raises
    ------
    SampleError
        If the regressors are dependent, there are no more pairs than regressors, or all pairs lie
        on one plane: residuals then have no scale. Or if weights and coefficients do not settle.

    Notes
    -----
    With scores :math:`s_p = x_p \psi(u_p / \hat\sigma) \hat\sigma` and their sums :math:`S_c` over
    the pairs of member :math:`c`, the bread is :math:`(X'X)^{-1}` over the mean of
    :math:`\psi'` [1]_, and the middle of the sandwich is :math:`\sum_c S_c S_c'`. The
    estimator of [2]_ takes the products of a pair with itself off again, which are in there
    twice; with few members what is left need not be a covariance. Here they stay: the matrix is
    never negative, and errors are too large rather than too small.

    References
    ----------
    .. [1] Huber, P. J. and Ronchetti, E. M. (2009). Robust Statistics, 2nd ed., chapter 7.
    .. [2] Aronow, P. M., Samii, C. and Assenova, V. A. (2015). Cluster-robust variance estimation
       for dyadic data. Political Analysis 23 (4), 564-577.

    Examples
    --------
    >>> x, y = np.ones((5, 1)), np.array([0.9, 1.0, 1.1, 1.0, 50.0])
    >>> fit = fit_dyads(x, y, np.array([0, 0, 1, 2, 3]), np.array([1, 2, 2, 3, 4]))
    >>> round(float(fit.params[0]), 2), bool(fit.weights[4] < 0.01)
    (1.03, True)
    """
    nobs, k = x.shape
    if nobs <= k:
        raise SampleError(f"expected more than {k} pairs for {k} coefficients, found {nobs}")
    plain = fit_least_squares(x, y)
    if np.max(np.abs(plain.resids)) <= _EXACT * max(float(np.max(np.abs(y))), 1.0):
        raise SampleError(f"expected {nobs} pairs with residuals, found all of them on one plane")
    norm = sm.robust.norms.HuberT(_HUBER)
    found = sm.RLM(y, x, M=norm).fit(conv="sresid", tol=_SETTLED, maxiter=_ROUNDS)
    standard, before = found.resid / found.scale, found.fit_history["sresid"][-2]
    if not np.max(np.abs(standard - before)) <= _SETTLED:
        raise SampleError(
            f"expected weights and coefficients to settle within {_ROUNDS} rounds, found residuals "
            "still moving; leave out regressors that few pairs have"
        )
    scores = x * (norm.psi(standard) * found.scale)[:, None]
    # Pair by pair, slopes of psi could leave no pair to a regressor that few pairs have.
    bread = plain.bread / np.mean(norm.psi_deriv(standard))
    return DyadFit(
        params=np.asarray(found.params),
        covariance=bread @ _meat(scores, first, second) @ bread,
        weights=np.asarray(found.weights),
        scale=float(found.scale),
    )


def _meat(scores: FloatArray, first: IntArray, second: IntArray) -> FloatArray:
    """Sum the products of the scores of all pairs that have a member in common."""
    members = int(max(first.max(), second.max())) + 1
    by_member = np.zeros((members, scores.shape[1]))
    np.add.at(by_member, first, scores)
    np.add.at(by_member, second, scores)
    return np.asarray(by_member.T @ by_member)
