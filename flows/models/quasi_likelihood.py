"""Poisson pseudo-likelihood and fractional logit, and whether their estimates exist."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.linalg import qr
from scipy.optimize import linprog
from scipy.sparse import csr_array, hstack
from scipy.special import expit, xlogy

from flows.errors import SampleError
from flows.models.least_squares import fit_least_squares
from flows.models.sample import FloatArray

Family = Literal["poisson", "logit"]

ROUNDS = 100
CLOSE = 1e-6
"""Change of the linear predictor from which on the next one is far smaller, or rounding."""

NOTHING = np.finfo(np.float64).eps / 4
"""Change that is none: around a predictor of zero, changes shrink for hundreds of rounds."""

_MEANS: Mapping[str, Callable[[FloatArray], FloatArray]] = {"poisson": np.exp, "logit": expit}
_WEIGHTS: Mapping[str, Callable[[FloatArray], FloatArray]] = {
    "poisson": lambda mean: mean,
    "logit": lambda mean: mean * (1 - mean),
}

BoolArray = npt.NDArray[np.bool_]

_TOLERANCE = 1e-7

_UNSOLVED = 1e-3
"""How far above zero a direction may move a row, of those that move others by one."""


@dataclass(frozen=True, slots=True)
class QuasiFit:
    """
    A quasi-likelihood fit and what its covariance estimates are made of.

    ``params``: coefficients of the linear predictor, shape ``(k,)``; ``mean``: fitted mean of the
    response, shape ``(nobs,)``; ``weights``: variance function at the fitted mean, shape
    ``(nobs,)``; ``deviance``: twice the distance of the quasi-likelihood from a perfect fit.
    """

    params: FloatArray
    mean: FloatArray
    weights: FloatArray
    deviance: float

    def weighted(self, x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return regressors and residuals that stand for the fit in least-squares covariances."""
        root = np.sqrt(self.weights)
        return x * root[:, None], (y - self.mean) / root


def fit_quasi_likelihood(
    x: FloatArray, y: FloatArray, *, family: Family, labels: Sequence[object] | None = None
) -> QuasiFit:
    r"""
    Fit :math:`E(y) = \exp(x'\beta)` or :math:`E(y) = 1 / (1 + e^{-x'\beta})`.

    ``x``: regressors, shape ``(nobs, k)``; ``y``: not negative, or a share between 0 and 1, shape
    ``(nobs,)``. It need not be a count: only the mean has to be right. ``labels``: names of the
    observations in an error; without them they are counted from 1.

    Santos Silva, J. M. C. and Tenreyro, S. (2006). The log of gravity. Review of Economics and
    Statistics 88 (4), 641-658. Papke, L. E. and Wooldridge, J. M. (1996). Econometric methods
    for fractional response variables. Journal of Applied Econometrics 11 (6), 619-632.
    """
    if family not in _MEANS:
        raise ValueError(f"expected family to be poisson or logit, found {family!r}")
    upper = np.inf if family == "poisson" else 1.0
    lost = separated(x, y, upper=upper)
    if lost.any():
        names = range(1, len(y) + 1) if labels is None else labels
        lost_names = ", ".join(str(name) for name, gone in zip(names, lost, strict=True) if gone)
        raise SampleError(
            f"expected an estimate to exist, found observations {lost_names} to be separated: a "
            "coefficient would be infinite; leave them out, with the reason, or drop a regressor"
        )
    return _scoring(x, y, family)


def _scoring(x: FloatArray, y: FloatArray, family: Family) -> QuasiFit:
    """
    Iterate weighted least squares, which is Newton's method, until only rounding moves it.

    Rows stand from large weights to small: where weights differ much, Householder steps lose the
    digits of small rows that stand before large ones. Cox, A. J. and Higham, N. J. (1998).
    Stability of Householder QR factorization for weighted least squares problems. Numerical
    Analysis 1997, 57-73.
    """
    mean_of, weight_of, deviance_of = _MEANS[family], _WEIGHTS[family], _DEVIANCES[family]
    mean = (y + y.mean()) / 2
    predictor = np.log(mean) if family == "poisson" else np.log(mean / (1 - mean))
    moved = np.inf
    # Where one value is far above all others, means leave the range of floats: nothing settles.
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        for _ in range(ROUNDS):
            weights = weight_of(mean)
            root = np.sqrt(weights)
            working = predictor + (y - mean) / weights
            rows = np.argsort(-root, kind="stable")
            params = fit_least_squares((x * root[:, None])[rows], (working * root)[rows]).params
            previous, predictor = predictor, x @ params
            mean = mean_of(predictor)
            last, moved = moved, float(np.abs(predictor - previous).max())
            if (last <= CLOSE and moved >= last / 2) or moved < NOTHING:
                return QuasiFit(params, mean, weight_of(mean), deviance_of(y, mean))
    raise SampleError(f"expected the estimate to settle within {ROUNDS} rounds, found {params}")


def _poisson_deviance(y: FloatArray, mean: FloatArray) -> float:
    return float(2 * np.sum(xlogy(y, y / mean) - (y - mean)))


def _logit_deviance(y: FloatArray, mean: FloatArray) -> float:
    return float(2 * np.sum(xlogy(y, y / mean) + xlogy(1 - y, (1 - y) / (1 - mean))))


_DEVIANCES = {"poisson": _poisson_deviance, "logit": _logit_deviance}


def separated(x: FloatArray, y: FloatArray, *, upper: float = np.inf) -> BoolArray:
    r"""
    Find the observations whose fitted value would have to be zero, shape ``(nobs,)``.

    No estimate exists if a direction :math:`\gamma` has :math:`x_i'\gamma = 0` wherever
    :math:`y_i > 0` and :math:`x_i'\gamma \le 0` wherever :math:`y_i = 0`, not all zero: along it
    the likelihood rises for ever. For a share, :math:`x_i'\gamma \ge 0` wherever it is one. A
    linear programme maximises the number of observations strictly on one side, so that one solution
    names all of them; the estimate exists for the others.

    Correia, S., Guimaraes, P. and Zylkin, T. (2019). Verifying the existence of maximum
    likelihood estimates for generalized linear models. arXiv:1903.01633.
    """
    if not np.isfinite(y).all() or (y < 0).any() or (y > upper).any():
        raise SampleError(
            f"expected responses between 0 and {upper:g}, found {y.min()} to {y.max()}"
        )
    inside = (y > 0) & (y < upper)
    is_separated = np.zeros(len(y), dtype=bool)
    free = _directions(x, inside)
    if free.shape[1] == 0 or inside.all():
        return is_separated
    side = np.where(y[~inside] > 0, -1.0, 1.0)
    edges = side[:, None] * (x[~inside] @ free)
    scale = np.abs(edges).max(axis=1)
    live = scale > _TOLERANCE * max(1.0, float(scale.max()))
    if live.any():
        is_separated[np.flatnonzero(~inside)[live]] = strictly_negative(
            edges[live] / scale[live, None]
        )
    return is_separated


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


def strictly_negative(edges: FloatArray | csr_array) -> BoolArray:
    """
    Return which rows some direction makes negative while none becomes positive.

    The programme is the dual of maximising the sum of s, each between 0 and 1, over directions g
    with ``edges @ g + s <= 0``: weights of rows from 0 on that cancel all edges, as few of them
    below 1 as can be, by their lack. It has one constraint for each direction only.
    """
    rows = csr_array(edges)
    nobs = rows.shape[0]
    solution = linprog(
        c=np.repeat([0.0, 1.0], nobs),
        A_eq=hstack([rows.T, -rows.T], format="csc"),
        b_eq=-rows.sum(axis=0),
        bounds=[(0, None)] * nobs + [(0, 1)] * nobs,
        method="highs",
    )
    moves = rows @ solution.eqlin.marginals if solution.status == 0 else np.full(nobs, np.inf)
    if moves.max(initial=0) > _UNSOLVED:
        raise SampleError(f"expected the separation check to be solved, found: {solution.message}")
    return np.asarray(moves < -1 / 2)
