"""Least squares by QR: normal equations lose half of the digits, a pseudo-inverse all."""

from dataclasses import dataclass

import numpy as np

from flows.errors import SampleError
from flows.models.sample import FloatArray


@dataclass(frozen=True, slots=True)
class LeastSquares:
    """
    A least-squares fit and what its covariance estimates are made of.

    Parameters
    ----------
    params : numpy.ndarray
        Coefficients, shape ``(k,)``.
    resids : numpy.ndarray
        Residuals, shape ``(nobs,)``.
    bread : numpy.ndarray
        Inverse of ``x.T @ x``, shape ``(k, k)``.
    leverage : numpy.ndarray
        Diagonal of the hat matrix, shape ``(nobs,)``.
    """

    params: FloatArray
    resids: FloatArray
    bread: FloatArray
    leverage: FloatArray


def fit_least_squares(x: FloatArray, y: FloatArray) -> LeastSquares:
    """
    Regress ``y`` on ``x`` by a Householder QR decomposition of the scaled columns.

    Parameters
    ----------
    x : numpy.ndarray
        Regressors, shape ``(nobs, k)``.
    y : numpy.ndarray
        Response, shape ``(nobs,)``.

    Returns
    -------
    LeastSquares
        Coefficients, residuals, bread and leverage.

    Raises
    ------
    SampleError
        If a column is a combination of the others: the coefficients are not identified.

    Notes
    -----
    Columns are scaled to length one before the decomposition, so that a regressor's unit does not
    decide whether it counts as dependent [1]_.

    References
    ----------
    .. [1] Golub, G. H. and Van Loan, C. F. (2013). Matrix Computations, 4th ed., section 5.3.

    Examples
    --------
    >>> x = np.column_stack([np.ones(3), [0.0, 1.0, 2.0]])
    >>> fit_least_squares(x, np.array([1.0, 3.0, 5.0])).params.round(12)
    array([1., 2.])
    """
    nobs, k = x.shape
    scale = np.linalg.norm(x, axis=0)
    if nobs < k or not scale.all():
        raise SampleError(f"expected {k} regressors to be independent in {nobs} observations")
    q, r = np.linalg.qr(x / scale)
    dependent = np.abs(np.diag(r)) <= nobs * np.finfo(np.float64).eps
    if dependent.any():
        raise SampleError(
            f"expected independent regressors, found column {int(np.argmax(dependent)) + 1} of {k} "
            "to be a combination of the ones before it; leave it out"
        )
    # Elimination of a triangular matrix has nothing to eliminate: this is back substitution.
    params = np.linalg.solve(r, q.T @ y) / scale
    root = np.linalg.solve(r, np.eye(k)) / scale[:, None]
    return LeastSquares(
        params=params,
        resids=y - x @ params,
        bread=root @ root.T,
        leverage=np.sum(q**2, axis=1),
    )
