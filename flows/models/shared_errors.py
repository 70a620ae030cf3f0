"""Errors that pairs of countries share: one exporter, one importer, either, or any member."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from flows.models.sample import FloatArray, IntArray

PairError = Literal["pair", "exporter", "importer", "two-way", "dyads"]

REPLACED = "where it is not positive, that of pairs alone"
"""What a covariance says of itself if a part of it was replaced."""

_POSITIVE = 1e-10
"""Share of a variance below which a difference of two is rounding."""


@dataclass(frozen=True, slots=True)
class SharedProducts:
    """
    Products of the scores of pairs that share errors, summed: the middle of a sandwich.

    ``meat``: shape ``(k, k)``; ``replaced``: whether some combination of coefficients had no
    positive variance and has that of pairs alone (for dyads, with their reverse).
    """

    meat: FloatArray
    replaced: bool = False


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
    Take off what is in a sum twice, and replace what then is no variance.

    The difference is negative where the products of pairs that share one cluster cancel those of
    pairs with themselves; the latter alone are then the larger variance. The largest of those at
    hand is the remedy of MacKinnon, J. G., Nielsen, M. O. and Webb, M. D. (2024). Jackknife
    inference with two-way clustering. arXiv:2406.08880. Here it is taken in those directions alone,
    which do not depend on the units of the coefficients.
    """
    lengths = np.sqrt(np.diag(total + twice))
    scale = np.where(lengths > 0, lengths, 1.0)
    values, vectors = np.linalg.eigh((total + twice) / np.outer(scale, scale))
    live = values > values[-1] * _POSITIVE
    roots = vectors[:, live] * np.sqrt(values[live])
    inverse = vectors[:, live] / np.sqrt(values[live]) / scale[:, None]
    shares, turn = np.linalg.eigh(inverse.T @ total @ inverse)
    left = 2 * shares - 1
    positive = left > _POSITIVE
    basis = scale[:, None] * roots @ turn
    meat = basis * np.where(positive, left, 1 - shares) @ basis.T
    return SharedProducts(meat, replaced=not positive.all())
