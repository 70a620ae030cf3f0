"""Least squares by QR: normal equations lose half of the digits, a pseudo-inverse all."""

from dataclasses import dataclass

import numpy as np

from flows.errors import SampleError
from flows.models.sample import FloatArray


@dataclass(frozen=True, slots=True)
class LeastSquares:
    """
    A least-squares fit and what its covariance estimates are made of.

    ``params``: coefficients, shape ``(k,)``; ``resids``: residuals, shape ``(nobs,)``; ``bread``:
    inverse of ``x.T @ x``, shape ``(k, k)``; ``leverage``: diagonal of the hat matrix, shape
    ``(nobs,)``.
    """

    params: FloatArray
    resids: FloatArray
    bread: FloatArray
    leverage: FloatArray


def fit_least_squares(x: FloatArray, y: FloatArray) -> LeastSquares:
    """
    Regress ``y`` on ``x`` by a Householder QR decomposition of the scaled columns.

    Columns are scaled to length one before the decomposition, so that a regressor's unit does not
    decide whether it counts as dependent.

    Golub, G. H. and Van Loan, C. F. (2013). Matrix Computations, 4th ed., section 5.3.
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
