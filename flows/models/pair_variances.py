"""Variances of single members from the squared differences of pairs of them."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from flows.errors import SampleError
from flows.models.sample import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class PairVariances:
    """
    Variances of the members, and how the iteration ended.

    Parameters
    ----------
    variances : numpy.ndarray
        Shape ``(samples, members)``, positive.
    iterations : int
        Steps until no variance moved by more than the tolerance.
    last_change : float
        Largest relative change of a variance in the last step.
    """

    variances: FloatArray
    iterations: int
    last_change: float


def pair_design(first: IntArray, second: IntArray, *, second_ratio: float) -> FloatArray:
    """
    Return how often the variance of each member counts in the variance of each pair.

    Parameters
    ----------
    first, second : numpy.ndarray
        Number of the two members of each pair, from 0 on, shape ``(pairs,)``.
    second_ratio : float
        Variance of a member as the second of a pair over its variance as the first.

    Returns
    -------
    numpy.ndarray
        Shape ``(pairs, members)``.

    Raises
    ------
    ValueError
        If the ratio is not positive.

    Examples
    --------
    >>> pair_design(np.array([0]), np.array([1]), second_ratio=0.5)
    array([[1. , 0.5]])
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

    Parameters
    ----------
    first, second : numpy.ndarray
        Number of the two members of each pair, shape ``(pairs,)``.

    Returns
    -------
    tuple of (tuple of int, bool)
        The members of each component, and whether sums of two determine the single ones.

    Raises
    ------
    ValueError
        If there is no pair.

    Notes
    -----
    Sums over pairs determine each member if and only if the component has a cycle of odd length:
    otherwise the members fall into two groups, and what one group gains the other may lose.
    That is so if the signless Laplacian of the component is not singular [1]_.

    References
    ----------
    .. [1] Cvetkovic, D., Rowlinson, P. and Simic, S. K. (2007). Signless Laplacians of finite
       graphs. Linear Algebra and its Applications 423 (1), 155-171.

    Examples
    --------
    >>> connected_members(np.array([0, 1, 2, 3]), np.array([1, 2, 0, 4]))
    (((0, 1, 2), True), ((3, 4), False))
    """
    design = pair_design(first, second, second_ratio=1.0)
    members = design.shape[1]
    graph = coo_array((np.ones(len(first)), (first, second)), shape=(members, members))
    _, labels = connected_components(graph, directed=False)
    laplacian = design.T @ design
    found = []
    for label in range(labels.max() + 1):
        inside = np.flatnonzero(labels == label)
        values = np.linalg.eigvalsh(laplacian[np.ix_(inside, inside)])
        identified = values[0] > len(inside) * values[-1] * np.sqrt(np.finfo(np.float64).eps)
        found.append((tuple(int(one) for one in inside), bool(identified)))
    return tuple(found)


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

    Parameters
    ----------
    design : numpy.ndarray
        Of :func:`pair_design`, shape ``(pairs, members)``.
    squares : numpy.ndarray
        Sum of squared differences of each pair, shape ``(samples, pairs)``.
    counts : numpy.ndarray
        Number of differences of each pair, shape ``(samples, pairs)``; need not be whole.
    prior_df : float
        To how many observations at the average variance the prior of each member amounts.
    tolerance : float
        Largest relative change of a variance in the last step.
    max_iterations : int
        Steps after which it is given up.
    start : numpy.ndarray, optional
        Where to begin, shape ``(members,)``; the average variance by default.

    Returns
    -------
    PairVariances
        Mode of the likelihood of normal differences times a scaled inverse chi-squared prior.

    Raises
    ------
    ValueError
        If ``prior_df`` is not positive: a member could be estimated to be free of error.
    SampleError
        If all differences are zero, or the iteration does not end.

    Notes
    -----
    Each step minimises a function above the negative log-likelihood that separates the members
    [1]_. The variances stay positive and the likelihood never falls.

    References
    ----------
    .. [1] Zhou, H., Hu, L., Zhou, J. and Lange, K. (2019). MM algorithms for variance components
       models. Journal of Computational and Graphical Statistics 28 (2), 350-361.

    Examples
    --------
    Differences with mean squares 2, 3 and 3 are sums of the variances 1, 1 and 2.

    >>> design = pair_design(np.array([0, 0, 1]), np.array([1, 2, 2]), second_ratio=1.0)
    >>> counts = np.full((1, 3), 1e6)
    >>> squares = np.array([[2e6, 3e6, 3e6]])
    >>> fit = fit_pair_variances(design, squares, counts, prior_df=1, tolerance=1e-9,
    ...                          max_iterations=1000)
    >>> fit.variances.round(3)
    array([[1., 1., 2.]])
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
