"""Variances from pairs and regressions over pairs: by hand, against statsmodels, and refusals."""

import numpy as np
import pytest
import statsmodels.api as sm

from flows.errors import SampleError
from flows.models.pair_variances import (
    connected_members,
    fit_dyads,
    fit_pair_variances,
    pair_design,
)

OPTIONS = {"prior_df": 1e-6, "tolerance": 1e-12, "max_iterations": 10_000}
FIRST, SECOND = np.array([0, 0, 1]), np.array([1, 2, 2])
ROUNDING = 1e-6
"""Relative; what a tiny prior and the last step leave."""


def test_design_counts_first_and_second_members() -> None:
    design = pair_design(FIRST, SECOND, second_ratio=0.5)
    assert design.tolist() == [[1, 0.5, 0], [1, 0, 0.5], [0, 1, 0.5]]


@pytest.mark.parametrize("ratio", [0.0, -1.0, np.inf, np.nan])
def test_ratio_of_variances_is_positive(ratio: float) -> None:
    with pytest.raises(ValueError, match="positive ratio of variances"):
        pair_design(FIRST, SECOND, second_ratio=ratio)


def test_three_members_are_solved_exactly_whatever_the_counts() -> None:
    # s1 + s2 / 2 = 3, s1 + s3 / 2 = 4, s2 + s3 / 2 = 5 for s = (2, 2, 4) less one: (2, 2, 4).
    design = pair_design(FIRST, SECOND, second_ratio=0.5)
    means, counts = design @ [2.0, 3.0, 4.0], np.array([10.0, 40.0, 20.0])
    fit = fit_pair_variances(design, (means * counts)[None], counts[None], **OPTIONS)
    assert fit.variances[0] == pytest.approx([2.0, 3.0, 4.0], rel=ROUNDING)
    assert fit.last_change <= 1e-12
    assert fit.iterations > 1


def test_samples_are_fitted_each_by_itself_and_from_any_start() -> None:
    design = pair_design(FIRST, SECOND, second_ratio=1.0)
    counts = np.full((2, 3), 10.0)
    squares = counts * (design @ np.array([[1.0, 4.0], [1.0, 5.0], [2.0, 6.0]])).T
    fit = fit_pair_variances(design, squares, counts, **OPTIONS, start=np.array([9.0, 0.1, 3.0]))
    assert fit.variances == pytest.approx(np.array([[1, 1, 2], [4, 5, 6]]), rel=ROUNDING)


def test_the_likelihood_of_the_estimate_is_the_highest_around_it() -> None:
    rng = np.random.default_rng(1)
    first, second = np.nonzero(np.triu(np.ones((5, 5)), 1))
    design = pair_design(first, second, second_ratio=1.0)
    counts, squares = np.full((1, 10), 4.0), rng.chisquare(4, (1, 10))
    found = fit_pair_variances(design, squares, counts, **OPTIONS).variances

    def likelihood(variances: np.ndarray) -> float:
        v = variances @ design.T
        return float(-np.sum(counts * np.log(v) + squares / v))

    for place in range(5):
        for factor in (0.9, 1.1):
            moved = found.copy()
            moved[0, place] *= factor
            assert likelihood(moved) < likelihood(found) + ROUNDING


def test_a_stronger_prior_draws_towards_the_average() -> None:
    design = pair_design(FIRST, SECOND, second_ratio=1.0)
    counts = np.full((1, 3), 10.0)
    squares = counts * (design @ [1.0, 2.0, 9.0])
    spread = [
        np.ptp(
            fit_pair_variances(design, squares, counts, **(OPTIONS | {"prior_df": df})).variances
        )
        for df in (0.01, 1.0, 100.0)
    ]
    assert spread[0] > spread[1] > spread[2]


def test_variances_scale_with_squares() -> None:
    design = pair_design(FIRST, SECOND, second_ratio=1.0)
    counts, squares = np.full((1, 3), 5.0), np.array([[10.0, 20.0, 40.0]])
    once, hundredfold = (
        fit_pair_variances(design, factor * squares, counts, **OPTIONS).variances
        for factor in (1, 100)
    )
    assert hundredfold == pytest.approx(100 * once, rel=ROUNDING)


def test_what_cannot_be_estimated_is_refused() -> None:
    design = pair_design(FIRST, SECOND, second_ratio=1.0)
    counts, squares = np.ones((1, 3)), np.array([[1.0, 2.0, 9.0]])
    with pytest.raises(ValueError, match="positive prior_df, found 0"):
        fit_pair_variances(design, squares, counts, **(OPTIONS | {"prior_df": 0}))
    with pytest.raises(SampleError, match="differences between the members"):
        fit_pair_variances(design, 0 * squares, counts, **OPTIONS)
    with pytest.raises(SampleError, match=r"less than 1e-12 within 2 steps, found 0\.\d+"):
        fit_pair_variances(design, squares, counts, **(OPTIONS | {"max_iterations": 2}))


@pytest.mark.parametrize(
    ("pairs", "identified"),
    [
        ([(0, 1), (1, 0)], False),
        ([(0, 1), (1, 2), (2, 3), (3, 0)], False),
        ([(0, 1), (1, 2), (2, 0)], True),
        ([(0, 1), (1, 2), (2, 3), (3, 4), (4, 0)], True),
        ([(0, 1), (1, 2), (2, 0), (2, 3)], True),
    ],
)
def test_only_odd_rings_identify(pairs: list[tuple[int, int]], *, identified: bool) -> None:
    first, second = np.array(pairs).T
    ((members, found),) = connected_members(first, second)
    assert members == tuple(range(max(max(pair) for pair in pairs) + 1))
    assert found is identified


def test_components_are_apart() -> None:
    found = connected_members(np.array([0, 1, 2, 3]), np.array([1, 2, 0, 4]))
    assert found == (((0, 1, 2), True), ((3, 4), False))


def _dyads() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    first, second = np.nonzero(~np.eye(8, dtype=bool))
    x = np.column_stack([np.ones(len(first)), rng.normal(size=len(first))])
    y = x @ [0.1, 0.5] + rng.normal(0, 0.1, len(first))
    return x, y, first, second


def test_coefficients_are_those_of_statsmodels_and_outliers_do_not_move_them() -> None:
    x, y, first, second = _dyads()
    model = sm.RLM(y, x, M=sm.robust.norms.HuberT(1.345))
    expected = model.fit(conv="coefs", tol=1e-14, maxiter=1000).params
    assert fit_dyads(x, y, first, second).params == pytest.approx(expected, rel=1e-12)
    wild = y.copy()
    wild[5] += 100
    fit = fit_dyads(x, wild, first, second)
    assert fit.params == pytest.approx([0.1, 0.5], abs=0.05)
    assert fit.weights[5] < 0.01


def test_coefficients_that_do_not_settle_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.models.pair_variances._ROUNDS", 2)
    with pytest.raises(SampleError, match="settle within 2 rounds"):
        fit_dyads(*_dyads())


def test_covariance_counts_every_couple_of_pairs_once() -> None:
    # With a constant alone and no outlier, scores are residuals: couples of pairs, by hand.
    x, y = np.ones((4, 1)), np.array([1.0, 2.0, -1.0, -2.0])
    first, second = np.array([0, 0, 1, 3]), np.array([1, 2, 0, 4])
    fit = fit_dyads(x, y, first, second)
    assert fit.params == pytest.approx([0.0], abs=1e-12)
    # The first three share member 0: (1 + 2 - 1) squared; the fourth shares none: 2 squared.
    assert fit.covariance == pytest.approx(np.array([[(4 + 4) / 16]]))
    assert not fit.raised


def test_errors_that_a_country_shares_make_the_interval_wider() -> None:
    x, y, first, second = _dyads()
    shared = y + np.random.default_rng(4).normal(0, 0.5, 8)[first]
    apart, together = (
        fit_dyads(x, one, first, second).covariance[0, 0]
        / fit_dyads(x, one, *lone).covariance[0, 0]
        for one, lone in (
            (y, (np.arange(56), np.arange(56, 112))),
            (shared, (np.arange(56), np.arange(56, 112))),
        )
    )
    assert together > 2 * apart


def test_regressions_without_residuals_or_pairs_are_refused() -> None:
    x, _, first, second = _dyads()
    with pytest.raises(SampleError, match="all of them on one plane"):
        fit_dyads(x, x @ [0.1, 0.5], first, second)
    with pytest.raises(SampleError, match="more than 2 pairs for 2 coefficients, found 2"):
        fit_dyads(x[:2], x[:2, 1], first[:2], second[:2])
