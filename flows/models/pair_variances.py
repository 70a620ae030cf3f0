"""Pairs of countries: variances of single members, and a regression robust to what they share."""

from dataclasses import dataclass

import numpy as np
import statsmodels.api as sm
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from flows.errors import SampleError
from flows.models.least_squares import fit_least_squares
from flows.models.sample import FloatArray, IntArray
from flows.models.shared_errors import shared_products

_HUBER = 1.345
"""Huber's constant: 95 % as efficient as least squares where errors are normal."""

_EXACT = 1e-10
"""Share of the response's size below which residuals are rounding and have no scale."""

_ROUNDS, _SETTLED = 1000, 1e-11
"""Most rounds, and the change of a standardised residual in the last one that is rounding."""


@dataclass(frozen=True, slots=True)
class PairVariances:
    """
    Variances of the members, and how the iteration ended.

    ``variances``: shape ``(samples, members)``, positive; ``iterations``: steps until no variance
    moved by more than the tolerance; ``last_change``: largest relative change of a variance in the
    last step.
    """

    variances: FloatArray
    iterations: int
    last_change: float


def pair_design(first: IntArray, second: IntArray, *, second_ratio: float) -> FloatArray:
    """
    Return how often the variance of each member counts in the variance of each pair.

    ``first``, ``second``: number of the two members of each pair, from 0 on, shape ``(pairs,)``.
    Returned: shape ``(pairs, members)``.
    """
    if not 0 < second_ratio < np.inf:
        raise ValueError(f"expected a positive ratio of variances, found {second_ratio}")
    members, rows = int(max(first.max(), second.max())) + 1, np.arange(len(first))
    design = np.zeros((len(first), members))
    np.add.at(design, (rows, first), 1.0)
    np.add.at(design, (rows, second), second_ratio)
    return design


def connected_members(
    first: IntArray, second: IntArray
) -> tuple[tuple[tuple[int, ...], bool], ...]:
    """
    Split the members into connected components and say which components identify variances.

    Sums over pairs determine each member if and only if the component has a cycle of odd length:
    otherwise the members fall into two groups, and what one group gains the other may lose. That is
    so if the signless Laplacian of the component is not singular.

    Cvetkovic, D., Rowlinson, P. and Simic, S. K. (2007). Signless Laplacians of finite graphs.
    Linear Algebra and its Applications 423 (1), 155-171.
    """
    design = pair_design(first, second, second_ratio=1.0)
    members = design.shape[1]
    graph = coo_array((np.ones(len(first)), (first, second)), shape=(members, members))
    _, labels = connected_components(graph, directed=False)
    laplacian = design.T @ design
    groups = []
    for label in range(labels.max() + 1):
        inside = np.flatnonzero(labels == label)
        values = np.linalg.eigvalsh(laplacian[np.ix_(inside, inside)])
        identified = values[0] > len(inside) * values[-1] * np.sqrt(np.finfo(np.float64).eps)
        groups.append((tuple(int(member) for member in inside), bool(identified)))
    return tuple(groups)


def fit_pair_variances(
    design: FloatArray,
    squares: FloatArray,
    counts: FloatArray,
    *,
    prior_df: float,
    tolerance: float,
    max_iterations: int,
    start: FloatArray | None = None,
) -> PairVariances:
    r"""
    Estimate variances :math:`s_i^2` from differences of variance :math:`s_i^2 + \rho s_j^2`.

    ``design``: of :func:`pair_design`; ``squares``, ``counts``: sum and number of the squared
    differences of each pair, shape ``(samples, pairs)``, numbers need not be whole; ``prior_df``:
    to how many observations at the average variance the prior of each member amounts.

    Each step minimises a function above the negative log-likelihood that separates the members. The
    variances stay positive and the likelihood never falls.

    Zhou, H., Hu, L., Zhou, J. and Lange, K. (2019). MM algorithms for variance components
    models. Journal of Computational and Graphical Statistics 28 (2), 350-361.
    """
    if not 0 < prior_df < np.inf:
        raise ValueError(f"expected a positive prior_df, found {prior_df}")
    weight = (counts @ design).sum(axis=1, keepdims=True)
    average = squares.sum(axis=1, keepdims=True) / weight
    if not (average > 0).all():
        raise SampleError("expected differences between the members of pairs, found none")
    current = (
        np.tile(average, design.shape[1]) if start is None else np.tile(start, (len(squares), 1))
    )
    change = np.inf
    for iteration in range(1, max_iterations + 1):
        following = _step(current, design, squares, counts, (prior_df, average))
        change = float(np.max(np.abs(following / current - 1)))
        current = following
        if change <= tolerance:
            return PairVariances(current, iteration, change)
    raise SampleError(
        f"expected variances to change by less than {tolerance:g} within {max_iterations} steps, "
        f"found {change:g} in the last one"
    )


def _step(
    current: FloatArray,
    design: FloatArray,
    squares: FloatArray,
    counts: FloatArray,
    prior: tuple[float, FloatArray],
) -> FloatArray:
    """Solve linear * s^2 + prior_df * s - inverse = 0 for the variance s of each member."""
    prior_df, average = prior
    inverse_variance = 1 / (current @ design.T)
    linear = (counts * inverse_variance) @ design
    inverse = current**2 * ((squares * inverse_variance**2) @ design) + prior_df * average
    # The stable form of the positive root: no difference of two numbers that are alike.
    root = np.sqrt(prior_df**2 + 4 * linear * inverse)
    return np.asarray(2 * inverse / (prior_df + root))


@dataclass(frozen=True, slots=True)
class DyadFit:
    """
    Coefficients of a robust regression over pairs, with their covariance.

    ``params``: shape ``(k,)``; ``covariance``: shape ``(k, k)``; ``raised``: whether a part of it
    was raised, as in :class:`~flows.models.shared_errors.SharedProducts`;
    ``weights``: of each pair, 1 or less for an outlier, shape ``(nobs,)``; ``scale``: standard
    deviation of a residual, from the median of their absolute values.
    """

    params: FloatArray
    covariance: FloatArray
    raised: bool
    weights: FloatArray
    scale: float


def fit_dyads(x: FloatArray, y: FloatArray, first: IntArray, second: IntArray) -> DyadFit:
    r"""
    Regress ``y`` on ``x`` by Huber's method, with errors that any two pairs may share.

    With scores :math:`s_p = x_p \psi(u_p / \hat\sigma) \hat\sigma` the bread is
    :math:`(X'X)^{-1}` over the mean of :math:`\psi'`, and the middle of the sandwich the sum of
    :math:`s_p s_q'` over all couples of pairs with a member in common, each couple once.

    Huber, P. J. and Ronchetti, E. M. (2009). Robust Statistics, 2nd ed., chapter 7. Aronow, P.
    M., Samii, C. and Assenova, V. A. (2015). Cluster-robust variance estimation for dyadic
    data. Political Analysis 23 (4), 564-577.
    """
    nobs, k = x.shape
    if nobs <= k:
        raise SampleError(f"expected more than {k} pairs for {k} coefficients, found {nobs}")
    plain = fit_least_squares(x, y)
    if np.max(np.abs(plain.resids)) <= _EXACT * max(float(np.max(np.abs(y))), 1.0):
        raise SampleError(f"expected {nobs} pairs with residuals, found all of them on one plane")
    norm = sm.robust.norms.HuberT(_HUBER)
    fit = sm.RLM(y, x, M=norm).fit(conv="sresid", tol=_SETTLED, maxiter=_ROUNDS)
    before, after = fit.fit_history["sresid"][-2:]
    if not np.max(np.abs(after - before)) <= _SETTLED:
        raise SampleError(
            f"expected weights and coefficients to settle within {_ROUNDS} rounds, found residuals "
            "still moving; leave out regressors that few pairs have"
        )
    standard = fit.resid / fit.scale
    scores = x * (norm.psi(standard) * fit.scale)[:, None]
    shared = shared_products(scores, first, second, se="dyads")
    # Pair by pair, slopes of psi could leave no pair to a regressor that few pairs have.
    bread = plain.bread / np.mean(norm.psi_deriv(standard))
    return DyadFit(
        params=np.asarray(fit.params),
        covariance=bread @ shared.meat @ bread,
        raised=shared.raised,
        weights=np.asarray(fit.weights),
        scale=float(fit.scale),
    )
