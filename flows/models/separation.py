"""Does a Poisson estimate exist: observations that some direction predicts perfectly."""

import numpy as np
import numpy.typing as npt
from scipy.linalg import qr
from scipy.optimize import linprog
from scipy.sparse import csr_array, eye_array, hstack

from flows.errors import SampleError
from flows.models.sample import FloatArray

BoolArray = npt.NDArray[np.bool_]

_TOLERANCE = 1e-7


def separated(x: FloatArray, y: FloatArray, *, upper: float = np.inf) -> BoolArray:
    r"""
    Find the observations whose fitted value would have to be zero.

    Parameters
    ----------
    x : numpy.ndarray
        Regressors with the constant and any fixed effects as columns, shape ``(nobs, k)``.
    y : numpy.ndarray
        Response, not negative, shape ``(nobs,)``.
    upper : float
        Largest possible response: infinite for Poisson, 1 for a share.

    Returns
    -------
    numpy.ndarray
        Whether each observation is separated, shape ``(nobs,)``. The estimate exists for the
        others.

    Raises
    ------
    SampleError
        If the response is out of its range, or the linear programme is not solved.

    Notes
    -----
    The estimate fails to exist when a direction :math:`\gamma` has :math:`x_i'\gamma = 0` wherever
    :math:`y_i > 0` and :math:`x_i'\gamma \le 0` wherever :math:`y_i = 0`, not all zero: along it
    the likelihood rises for ever [1]_. For a share, :math:`x_i'\gamma \ge 0` wherever it is one.
    The programme maximises the number of observations that lie strictly on one side, so one
    solution names all of them.

    References
    ----------
    .. [1] Correia, S., Guimaraes, P. and Zylkin, T. (2019). Verifying the existence of maximum
       likelihood estimates for generalized linear models. arXiv:1903.01633.

    Examples
    --------
    >>> x = np.column_stack([np.ones(4), [0.0, 0.0, 0.0, 1.0]])
    >>> separated(x, np.array([1.0, 2.0, 0.0, 0.0]))
    array([False, False, False,  True])
    """
    if not np.isfinite(y).all() or (y < 0).any() or (y > upper).any():
        raise SampleError(
            f"expected responses between 0 and {upper:g}, found {y.min()} to {y.max()}"
        )
    inside = (y > 0) & (y < upper)
    found = np.zeros(len(y), dtype=bool)
    free = _directions(x, inside)
    if free.shape[1] == 0 or inside.all():
        return found
    side = np.where(y[~inside] > 0, -1.0, 1.0)
    edges = side[:, None] * (x[~inside] @ free)
    scale = np.abs(edges).max(axis=1)
    live = scale > _TOLERANCE * max(1.0, float(scale.max()))
    if live.any():
        found[np.flatnonzero(~inside)[live]] = _strict(edges[live] / scale[live, None])
    return found


def _directions(x: FloatArray, inside: BoolArray) -> FloatArray:
    """Return a basis of the directions that leave every inner observation where it is."""
    lengths = np.linalg.norm(x, axis=0)
    scaled = x / np.where(lengths > 0, lengths, 1.0)
    if not inside.any():
        return np.eye(x.shape[1])
    q, r, _ = qr(scaled[inside].T, pivoting=True)
    diagonal = np.abs(np.diag(r))
    rank = int(np.sum(diagonal > diagonal[0] * max(x.shape) * np.finfo(np.float64).eps))
    directions = q[:, rank:]
    return np.asarray(directions / np.where(lengths > 0, lengths, 1.0)[:, None])


def _strict(edges: FloatArray) -> BoolArray:
    """Return which rows some direction makes negative while none becomes positive."""
    nobs, k = edges.shape
    # Minimise -sum(s) over free g and 0 <= s <= 1 with edges @ g + s <= 0.
    constraints = hstack([csr_array(edges), eye_array(nobs)], format="csr")
    solution = linprog(
        c=np.concatenate([np.zeros(k), -np.ones(nobs)]),
        A_ub=constraints,
        b_ub=np.zeros(nobs),
        bounds=[(None, None)] * k + [(0, 1)] * nobs,
        method="highs",
    )
    if solution.status != 0:
        raise SampleError(f"expected the separation check to be solved, found: {solution.message}")
    return np.asarray(np.asarray(solution.x)[k:] > 1 / 2)
