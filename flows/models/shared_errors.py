"""Errors that pairs of countries share: one exporter, one importer, either, or any member."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from flows.models.sample import FloatArray, IntArray

PairError = Literal["pair", "exporter", "importer", "two-way", "dyads"]

RAISED = "raised to that of pairs alone where it was below"
"""What a covariance says of itself if a part of it was raised."""

_ROUNDING = 1e-10
"""Share of a variance below which a difference of two is rounding."""


@dataclass(frozen=True, slots=True)
class SharedProducts:
    """
    Products of the scores of pairs that share errors, summed: the middle of a sandwich.

    ``meat``: shape ``(k, k)``; ``raised``: whether some combination of coefficients had a smaller
    variance than errors of pairs alone (for dyads, with their reverse) give, or a negative one, and
    has the latter.
    """

    meat: FloatArray
    raised: bool = False


def shared_products(
    scores: FloatArray, exporter: IntArray, importer: IntArray, *, se: PairError
) -> SharedProducts:
    r"""
    Sum :math:`s_p s_q'` over all couples of pairs whose errors may be correlated.

    ``scores``: one row a pair, shape ``(pairs, k)``; ``exporter``, ``importer``: numbers of the
    members of each pair, from 0 on, in one numbering, shape ``(pairs,)``. ``"pair"``: each with
    itself alone; ``"exporter"``, ``"importer"``: those with the same one; ``"two-way"``: those with
    the same exporter or the same importer; ``"dyads"``: those with a member in common, in whichever
    place.

    Cameron, A. C., Gelbach, J. B. and Miller, D. L. (2011). Robust inference with multiway
    clustering. Journal of Business & Economic Statistics 29 (2), 238-249. Aronow, P. M., Samii, C.
    and Assenova, V. A. (2015). Cluster-robust variance estimation for dyadic data. Political
    Analysis 23 (4), 564-577.
    """
    match se:
        case "pair":
            return SharedProducts(scores.T @ scores)
        case "exporter":
            return SharedProducts(_within(scores, exporter))
        case "importer":
            return SharedProducts(_within(scores, importer))
        case "two-way":
            either = _within(scores, exporter) + _within(scores, importer)
            return _counted_once(either, scores.T @ scores)
        case "dyads":
            return _by_member(scores, exporter, importer)


def effective_clusters(information: FloatArray, clusters: IntArray) -> float:
    r"""
    Return how many equal clusters would be worth these: :math:`(\sum_c w_c)^2 / \sum_c w_c^2`.

    ``information``: what each row adds to the inverse of the variance of a coefficient.

    Carter, A. V., Schnepel, K. T. and Steigerwald, D. G. (2017). Asymptotic behavior of a t-test
    robust to cluster heterogeneity. Review of Economics and Statistics 99 (4), 698-709.
    """
    weights = np.bincount(clusters, weights=information)
    return float(weights.sum() ** 2 / (weights @ weights))


def _by_member(scores: FloatArray, first: IntArray, second: IntArray) -> SharedProducts:
    """Sum by member, less what pairs with the same two members have in both sums."""
    apart = first != second
    members = np.concatenate([first, second[apart]])
    both = np.concatenate([scores, scores[apart]])
    low, high = np.minimum(first, second)[apart], np.maximum(first, second)[apart]
    dyads = low * (int(members.max()) + 1) + high
    twice = _within(scores[apart], np.unique(dyads, return_inverse=True)[1])
    return _counted_once(_within(both, members), twice)


def _within(scores: FloatArray, clusters: IntArray) -> FloatArray:
    """Sum the products of all rows of a cluster with one another."""
    sums = np.zeros((int(clusters.max()) + 1, scores.shape[1]))
    np.add.at(sums, clusters, scores)
    return np.asarray(sums.T @ sums)


def _counted_once(total: FloatArray, twice: FloatArray) -> SharedProducts:
    """
    Take off what is in a sum twice, but leave no variance below that of pairs alone.

    Where the products of different pairs add up to less than nothing, what is left is too small and
    can be negative. The larger of the variances at hand is the remedy of MacKinnon, J. G., Nielsen,
    M. O. and Webb, M. D. (2024). Jackknife inference with two-way clustering. arXiv:2406.08880.
    Here it is taken along directions that do not depend on the units of the coefficients.
    """
    lengths = np.sqrt(np.diag(total + twice))
    scale = np.where(lengths > 0, lengths, 1.0)
    values, vectors = np.linalg.eigh((total + twice) / np.outer(scale, scale))
    live = values > values[-1] * _ROUNDING
    roots = vectors[:, live] * np.sqrt(values[live])
    inverse = vectors[:, live] / np.sqrt(values[live]) / scale[:, None]
    # In this basis both sums are diagonal: shares, and one less shares.
    shares, turn = np.linalg.eigh(inverse.T @ total @ inverse)
    once, alone = 2 * shares - 1, 1 - shares
    basis = scale[:, None] * roots @ turn
    meat = basis * np.maximum(once, alone) @ basis.T
    return SharedProducts(meat, raised=bool((once < alone - _ROUNDING).any()))
