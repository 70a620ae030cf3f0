"""Errors that observations share: one exporter, one importer, any cluster, or any member."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np

from flows.models.sample import FloatArray, IntArray

PairError = Literal["pair", "exporter", "importer", "two-way", "dyads"]

RAISED = "raised to that of pairs alone where it was below"
"""What a covariance says of itself if a part of it was raised."""

_ROUNDING = 1e-10
"""Share of a variance below which a difference of two is rounding."""

FEW = 50.0
"""Clusters from which on they are not few, even by the more careful of the usual rules."""

_TABLE = 8
"""Length of a table of numbers, as a multiple of observations, up to which it beats sorting."""

TOO_FEW = "below 20 to 50 tests reject too often (Cameron and Miller 2015)"
"""What fewer of them mean."""


@dataclass(frozen=True, slots=True)
class SharedProducts:
    """
    Products of scores that share errors, summed: the middle of a sandwich.

    ``meat``: shape ``(k, k)``; ``raised``: whether some combination of coefficients had too small a
    variance, and has that of the smallest clusters alone.
    """

    meat: FloatArray
    raised: bool = False


def shared_products(
    scores: FloatArray,
    exporter: IntArray,
    importer: IntArray,
    *,
    se: PairError,
    least: float | None = 1.0,
) -> SharedProducts:
    r"""
    Sum :math:`s_p s_q'` over all couples of pairs whose errors may be correlated.

    ``scores``: one row a pair, shape ``(pairs, k)``, or for all but ``"pair"`` one a year of a
    pair; ``exporter``, ``importer``: numbers of the members of each, from 0 on, in one numbering,
    shape ``(pairs,)``. ``"pair"``: each with itself alone; ``"exporter"``, ``"importer"``: those
    with the same one; ``"two-way"``: those with the same exporter or the same importer;
    ``"dyads"``: those with a member in common, in whichever place. ``least``: as in
    :func:`clustered_products`; of dyads, the smallest clusters are pairs with their reverse.

    Aronow, P. M., Samii, C. and Assenova, V. A. (2015). Cluster-robust variance estimation for
    dyadic data. Political Analysis 23 (4), 564-577.
    """
    match se:
        case "pair":
            return SharedProducts(scores.T @ scores)
        case "exporter":
            return SharedProducts(_within(scores, exporter))
        case "importer":
            return SharedProducts(_within(scores, importer))
        case "two-way":
            return clustered_products(scores, [exporter, importer], least=least)
        case "dyads":
            return _by_member(scores, exporter, importer, least)


def clustered_products(
    scores: FloatArray, clusters: Sequence[IntArray], *, least: float | None
) -> SharedProducts:
    r"""
    Sum :math:`s_i s_j'` over all couples of observations that are in one cluster of any kind.

    ``scores``: shape ``(nobs, k)``; ``clusters``: for each kind the number of the cluster of each
    observation, from 0 on. Couples in common clusters of several kinds are counted once, by
    inclusion and exclusion. ``least``: where the variance of a combination of coefficients is below
    this part of the variance of the clusters that all kinds have in common, it is raised to the
    latter: 0 raises what is negative, 1 all that is smaller, None nothing.

    Cameron, A. C., Gelbach, J. B. and Miller, D. L. (2011). Robust inference with multiway
    clustering. Journal of Business & Economic Statistics 29 (2), 238-249.
    """
    k = scores.shape[1]
    once, whole, alone = np.zeros((k, k)), np.zeros((k, k)), np.zeros((k, k))
    for size in range(1, len(clusters) + 1):
        for kinds in combinations(clusters, size):
            alone = _within(scores, common_clusters(kinds))
            once = once + (-1) ** (size + 1) * alone
            whole = whole + alone
    if len(clusters) == 1:
        return SharedProducts(once)
    return _raised(once, alone, whole, least)


def common_clusters(kinds: Iterable[IntArray]) -> IntArray:
    """Return the number of the cluster of observations that are together in every kind."""
    first, *others = kinds
    for codes in others:
        first = _numbered(first * (codes.max() + 1) + codes)
    return first


def count_clusters(codes: IntArray) -> int:
    """Return how many clusters have an observation."""
    return int(np.count_nonzero(np.bincount(codes)))


def _numbered(codes: IntArray) -> IntArray:
    """Number what is there from 0 on, in its order: by a table where that is not too long."""
    if codes.max() > _TABLE * len(codes):
        return np.unique(codes, return_inverse=True)[1].astype(np.int64)
    there = np.zeros(int(codes.max()) + 1, dtype=np.int64)
    there[codes] = 1
    return np.asarray((np.cumsum(there) - 1)[codes])


def effective_clusters(information: FloatArray, clusters: IntArray) -> float:
    r"""
    Return how many equal clusters would be worth these: :math:`(\sum_c w_c)^2 / \sum_c w_c^2`.

    ``information``: what each row adds to the inverse of the variance of a coefficient.

    Carter, A. V., Schnepel, K. T. and Steigerwald, D. G. (2017). Asymptotic behavior of a t-test
    robust to cluster heterogeneity. Review of Economics and Statistics 99 (4), 698-709.
    """
    weights = np.bincount(clusters, weights=information)
    return float(weights.sum() ** 2 / (weights @ weights))


def _by_member(
    scores: FloatArray, first: IntArray, second: IntArray, least: float | None
) -> SharedProducts:
    """Sum by member, less what pairs with the same two members have in both sums."""
    apart = np.where((first != second)[:, None], scores, 0.0)
    count = int(max(first.max(), second.max())) + 1
    sums = _sums(scores, first, count) + _sums(apart, second, count)
    dyads = common_clusters([np.minimum(first, second), np.maximum(first, second)])
    total, twice = sums @ sums.T, _within(apart, dyads)
    return _raised(total - twice, twice, total + twice, least)


def _within(scores: FloatArray, clusters: IntArray) -> FloatArray:
    """Sum the products of all rows of a cluster with one another."""
    sums = _sums(scores, clusters, int(clusters.max()) + 1)
    return np.asarray(sums @ sums.T)


def _sums(scores: FloatArray, clusters: IntArray, count: int) -> FloatArray:
    """Return the sum of each cluster, shape ``(k, count)``."""
    sums = np.zeros((scores.shape[1], count))
    for place, column in enumerate(scores.T):
        sums[place] = np.bincount(clusters, weights=column, minlength=count)
    return sums


def _raised(
    once: FloatArray, alone: FloatArray, whole: FloatArray, least: float | None
) -> SharedProducts:
    """
    Leave no variance below ``least`` times that of the smallest clusters alone.

    Where the products of different clusters add up to less than nothing, what is left is too small
    and can be negative. The larger of the variances at hand is the remedy of MacKinnon, J. G.,
    Nielsen, M. O. and Webb, M. D. (2024). Jackknife inference with two-way clustering.
    arXiv:2406.08880. Here it is taken along directions that do not depend on the units of the
    coefficients: those in which ``whole``, the sum of all parts, is a sphere.
    """
    if least is None:
        return SharedProducts(once)
    lengths = np.sqrt(np.diag(whole))
    scale = np.where(lengths > 0, lengths, 1.0)
    values, vectors = np.linalg.eigh(whole / np.outer(scale, scale))
    live = values > values[-1] * _ROUNDING
    roots = scale[:, None] * vectors[:, live] * np.sqrt(values[live])
    inverse = vectors[:, live] / np.sqrt(values[live]) / scale[:, None]
    parts = [inverse.T @ part @ inverse for part in (once, alone)]
    above, turn = np.linalg.eigh(parts[0] - least * parts[1])
    turn = turn[:, above < 0]
    lift = np.diag(turn.T @ (parts[1] - parts[0]) @ turn)
    if not (lift > _ROUNDING).any():
        return SharedProducts(once)
    basis = roots @ turn
    return SharedProducts(once + basis * lift @ basis.T, raised=True)
