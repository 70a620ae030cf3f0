"""Errors that pairs share: by brute force on random graphs, and sums that are no variance."""

from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.models.sample import FloatArray, IntArray
from flows.models.shared_errors import PairError, effective_clusters, shared_products

ROUNDING = 1e-9
"""Relative to the largest element; products of a few dozen numbers are summed in another order."""

SHARE = {
    "pair": lambda p, q: p == q,
    "exporter": lambda p, q: p[0] == q[0],
    "importer": lambda p, q: p[1] == q[1],
    "two-way": lambda p, q: p[0] == q[0] or p[1] == q[1],
    "dyads": lambda p, q: bool(set(p) & set(q)),
}
"""Which two pairs share an error, from the words of the papers."""


ALONE = {
    "two-way": SHARE["pair"],
    "dyads": lambda p, q: set(p) == set(q) and p[0] != p[1],
}
"""Below which variance those of several clusters are raised: a pair with itself, or reversed."""


def brute_force(
    scores: FloatArray, pairs: list[tuple[int, int]], share: Callable[..., bool]
) -> FloatArray:
    """Add the product of every couple of pairs, in both orders, that shares an error."""
    meat = np.zeros((scores.shape[1], scores.shape[1]))
    for (p, score), (q, other) in product(zip(pairs, scores, strict=True), repeat=2):
        if share(p, q):
            meat += np.outer(score, other)
    return meat


def numbered(pairs: list[tuple[int, int]]) -> tuple[IntArray, IntArray]:
    exporter, importer = np.array(pairs, dtype=np.int64).T
    return exporter, importer


def random_graph(seed: int) -> tuple[FloatArray, list[tuple[int, int]]]:
    """Return pairs with reversed ones and of a country with itself; odd ones share errors."""
    rng = np.random.default_rng(seed)
    members = int(rng.integers(3, 12))
    every = list(product(range(members), repeat=2))
    pairs = [pair for pair in every if rng.random() < 0.4] or every
    country = rng.normal(size=(members, 2))
    shared = np.array([country[i] + country[j] for i, j in pairs]) * (seed % 2)
    scores = shared + rng.normal(size=(len(pairs), 2))
    return scores - scores.mean(axis=0), pairs


@pytest.mark.parametrize("se", ["pair", "exporter", "importer"])
@pytest.mark.parametrize("seed", range(10))
def test_products_of_one_clustering_are_those_of_brute_force(se: PairError, seed: int) -> None:
    scores, pairs = random_graph(seed)
    found = shared_products(scores, *numbered(pairs), se=se)
    expected = brute_force(scores, pairs, SHARE[se])
    assert found.meat == pytest.approx(expected, abs=ROUNDING * np.abs(expected).max())
    assert not found.raised


@pytest.mark.parametrize("se", ["two-way", "dyads"])
@pytest.mark.parametrize("seed", range(40))
def test_products_of_several_are_counted_once_or_raised(se: PairError, seed: int) -> None:
    scores, pairs = random_graph(seed)
    expected, alone = (brute_force(scores, pairs, rule) for rule in (SHARE[se], ALONE[se]))
    found = shared_products(scores, *numbered(pairs), se=se)
    size = np.abs(found.meat).max()
    assert found.raised == (np.linalg.eigvalsh(expected - alone)[0] < 0)
    if found.raised:
        for least in (expected, alone):
            assert np.linalg.eigvalsh(found.meat - least)[0] > -ROUNDING * size
    else:
        assert found.meat == pytest.approx(expected, abs=ROUNDING * size)


@pytest.mark.parametrize("se", ["two-way", "dyads"])
def test_both_kinds_of_random_graph_are_there(se: PairError) -> None:
    found = [
        shared_products(s, *numbered(pairs), se=se) for s, pairs in map(random_graph, range(40))
    ]
    assert 10 < sum(products.raised for products in found) < 30


@pytest.mark.parametrize("se", ["two-way", "dyads"])
def test_a_variance_that_is_not_positive_is_raised_to_that_of_pairs(se: PairError) -> None:
    pairs = [(0, 2), (0, 3), (1, 2), (1, 3)]
    scores = np.array([[1.0], [-1.0], [-1.0], [1.0]])
    assert brute_force(scores, pairs, SHARE[se]) < 0
    found = shared_products(scores, *numbered(pairs), se=se)
    assert found.raised
    assert found.meat == pytest.approx(np.array([[4.0]]))


@pytest.mark.parametrize("seed", range(20))
def test_what_is_raised_does_not_depend_on_the_units(seed: int) -> None:
    scores, pairs = random_graph(seed)
    meat = shared_products(scores, *numbered(pairs), se="dyads").meat
    assert np.linalg.eigvalsh(meat)[0] > 0
    turn = np.array([[3.0, 1e6], [1e-3, 2.0]])
    turned = shared_products(scores @ turn, *numbered(pairs), se="dyads").meat
    expected = turn.T @ meat @ turn
    size = np.sqrt(np.outer(np.diag(expected), np.diag(expected)))
    assert turned / size == pytest.approx(expected / size, abs=1e-7)


def test_a_coefficient_without_scores_has_no_variance() -> None:
    scores, pairs = random_graph(2)
    found = shared_products(scores * [1.0, 0.0], *numbered(pairs), se="dyads")
    alone = shared_products(scores[:, :1], *numbered(pairs), se="dyads")
    assert found.meat[0, 0] == pytest.approx(alone.meat[0, 0])
    assert found.meat[1].tolist() == [0.0, 0.0]


@given(st.integers(1, 30), st.integers(1, 5))
def test_equal_clusters_are_worth_themselves(clusters: int, size: int) -> None:
    codes = np.repeat(np.arange(clusters), size)
    assert effective_clusters(np.ones(len(codes)), codes) == pytest.approx(clusters)


def test_a_cluster_with_everything_is_worth_one() -> None:
    codes = np.array([0, 1, 2])
    assert effective_clusters(np.array([1.0, 0.0, 0.0]), codes) == 1.0
    assert effective_clusters(np.array([2.0, 1.0, 1.0]), codes) == pytest.approx(16 / 6)
