"""Covariance estimators against R's sandwich, against NIST, and by hand."""

from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from references import SANDWICH, reference

from flows.errors import SampleError
from flows.models import standard_errors
from flows.models.covariance import (
    KERNELS,
    andrews_bandwidth,
    automatic_bandwidth,
    block_bootstrap,
    classical,
    cosines,
    equal_weighted_cosine,
    heteroskedastic,
    kernel_hac,
    long_run_meat,
    newey_west,
    on_calendar,
    orthogonal_series,
    prewhiten,
    rule_of_thumb_lags,
    wild_bootstrap,
)
from flows.models.least_squares import fit_least_squares
from flows.models.sample import FloatArray
from flows.models.standard_errors import ErrorChoice, StandardError, estimate_covariance
from flows.models.trend import fit_trend

NIST = reference("nist_strd")["sets"]

# Two programs that both work in double precision differ by rounding, which the condition of the
# regressors multiplies: 1e3 for these data.
SAME = 1e-10


def _regression(case: str) -> tuple[FloatArray, FloatArray]:
    if case == "investment":
        rows = np.array(SANDWICH["data"]["investment"]["rows"])
        return np.column_stack([np.ones(len(rows)), rows[:, 1:]]), rows[:, 0]
    y = np.array(SANDWICH["data"]["nile"]["values"], dtype=float)
    x = np.ones((len(y), 1))
    return (x if case == "nile-const" else np.column_stack([x, np.arange(1, 101)])), y


def _variant(name: str, x: FloatArray, resids: FloatArray) -> FloatArray:
    if name == "classical":
        return classical(x, resids)
    if name.startswith("hc"):
        return heteroskedastic(x, resids, kind=name)  # type: ignore[arg-type]
    options = dict(word.split("=") for word in name.split()[1:])
    return newey_west(
        x,
        resids,
        lags=int(options["lags"]),
        prewhite=options["prewhite"] == "1",
        adjust=options["adjust"] == "1",
    )


VARIANTS = [
    (case, name) for case, found in SANDWICH["cases"].items() for name in found["covariance"]
]


@pytest.mark.parametrize(("case", "name"), VARIANTS)
def test_covariance_equals_r_sandwich(case: str, name: str) -> None:
    x, y = _regression(case)
    resids = fit_least_squares(x, y).resids
    expected = np.array(SANDWICH["cases"][case]["covariance"][name])
    np.testing.assert_allclose(_variant(name, x, resids), expected, rtol=SAME)


KERNEL_VARIANTS = [
    (case, name) for case, found in SANDWICH["cases"].items() for name in found["kernels"]
]


@pytest.mark.parametrize(("case", "name"), KERNEL_VARIANTS)
def test_kernel_covariance_equals_r_sandwich(case: str, name: str) -> None:
    x, y = _regression(case)
    resids = fit_least_squares(x, y).resids
    kernel, rule, white = name.split()
    prewhite = white == "prewhite=1"
    bandwidth = 4.0
    if rule == "andrews":
        bandwidth = automatic_bandwidth(
            x,
            resids,
            rule="andrews-1991",
            kernel=kernel,  # type: ignore[arg-type]
            prewhite=prewhite,
        )
    found = kernel_hac(
        x,
        resids,
        bandwidth=bandwidth,
        kernel=kernel,  # type: ignore[arg-type]
        prewhite=prewhite,
        adjust=rule == "andrews",
    )
    expected = np.array(SANDWICH["cases"][case]["kernels"][name])
    np.testing.assert_allclose(found, expected, rtol=SAME)


BANDWIDTHS = [
    (case, name) for case, found in SANDWICH["cases"].items() for name in found["bandwidths"]
]


@pytest.mark.parametrize(("case", "name"), BANDWIDTHS)
def test_automatic_bandwidth_equals_r_sandwich(case: str, name: str) -> None:
    x, y = _regression(case)
    rule, kernel, white = name.split()
    found = automatic_bandwidth(
        x,
        fit_least_squares(x, y).resids,
        rule=rule,  # type: ignore[arg-type]
        kernel=kernel,  # type: ignore[arg-type]
        prewhite=white == "prewhite=1",
    )
    assert found == pytest.approx(SANDWICH["cases"][case]["bandwidths"][name], rel=SAME)


@pytest.mark.parametrize("prewhite", [False, True])
@pytest.mark.parametrize("case", SANDWICH["cases"])
def test_newey_west_with_automatic_lags_equals_r_sandwich(case: str, *, prewhite: bool) -> None:
    x, y = _regression(case)
    resids = fit_least_squares(x, y).resids
    choice = ErrorChoice(
        "newey-west", lags="newey-west-1994", prewhite=prewhite, small_sample="none"
    )
    found = estimate_covariance(x, resids, np.arange(len(x)), choice)
    expected = SANDWICH["cases"][case]["automatic"][int(prewhite)]
    np.testing.assert_allclose(found.matrix, np.array(expected), rtol=SAME)


def _correct_digits(found: FloatArray, certified: FloatArray) -> float:
    """Return the log relative error of the worst number; absolute where zero is certified."""
    scale = np.where(certified == 0, 1.0, np.abs(certified))
    error = np.abs(found - certified) / scale
    return float(np.min(-np.log10(np.maximum(error, 1e-15))))


# Wampler's polynomials of degree five have a condition of 1e6 after scaling: ten of sixteen digits
# remain, and nine in the worst coefficient.
DIGITS = {
    "Norris": 12,
    "Longley": 10,
    "NoInt1": 14,
    "Wampler1": 9,
    "Wampler2": 12,
    "Wampler3": 9,
}


@pytest.mark.parametrize("name", NIST)
def test_least_squares_has_the_certified_digits(name: str) -> None:
    case = NIST[name]
    data = np.array(case["data"], dtype=float)
    x = data[:, 1:]
    if case["polynomial_degree"]:
        x = np.vander(x[:, 0], case["polynomial_degree"] + 1, increasing=True)
    elif case["intercept"]:
        x = np.column_stack([np.ones(len(data)), x])
    fit = fit_least_squares(x, data[:, 0])
    std_errors = np.sqrt(np.diag(classical(x, fit.resids)))
    assert _correct_digits(fit.params, np.array(case["params"])) >= DIGITS[name]
    assert _correct_digits(std_errors, np.array(case["std_errors"])) >= DIGITS[name]


def test_dependent_regressors_are_refused() -> None:
    x = np.array([[1.0, 2.0], [1.0, 2.0], [1.0, 2.0]])
    with pytest.raises(SampleError, match="column 2 of 2"):
        fit_least_squares(x, np.ones(3))


def test_newey_west_weighs_lags_by_their_distance_in_time() -> None:
    x, resids = np.ones((3, 1)), np.array([1.0, 2.0, -3.0])
    # Pairs (1, 2) at distance 1 and (2, -3) at distance 2; two lags weigh 2/3 and 1/3.
    meat = 1 + 4 + 9 + 2 * (2 / 3 * 1 * 2 + 1 / 3 * 2 * -3)
    found = newey_west(x, resids, lags=2, steps=np.array([2000, 2001, 2003]))
    assert found[0, 0] == pytest.approx(meat / 9)


def test_newey_west_over_a_long_gap_adds_nothing() -> None:
    x, resids = np.ones((2, 1)), np.array([1.0, -1.0])
    found = newey_west(x, resids, lags=3, steps=np.array([1995, 2010]))
    assert found == pytest.approx(heteroskedastic(x, resids, kind="hc0"))


def test_newey_west_without_lags_is_hc0() -> None:
    x, y = _regression("investment")
    resids = fit_least_squares(x, y).resids
    np.testing.assert_allclose(
        newey_west(x, resids, lags=0), heteroskedastic(x, resids, kind="hc0"), rtol=SAME
    )


def test_prewhitening_over_a_gap_is_refused() -> None:
    with pytest.raises(SampleError, match="found a gap"):
        prewhiten(np.ones((3, 1)), np.array([2000, 2001, 2003]))


@pytest.mark.parametrize("rule", ["newey-west-1994", "andrews-1991"])
def test_bandwidth_of_an_exact_fit_is_zero(rule: Any) -> None:
    assert automatic_bandwidth(np.ones((10, 1)), np.zeros(10), rule=rule) == 0.0
    assert kernel_hac(np.ones((10, 1)), np.zeros(10), bandwidth=0.0)[0, 0] == 0.0


def test_automatic_bandwidth_needs_neighbours() -> None:
    steps = np.array([2000, 2002, 2004, 2006])
    with pytest.raises(SampleError, match="neighbouring periods"):
        automatic_bandwidth(np.ones((4, 1)), np.ones(4), rule="andrews-1991", steps=steps)


def test_a_missing_period_is_a_row_of_zeros_on_the_calendar() -> None:
    scores = np.array([[1.0, 2.0], [3.0, 4.0]])
    laid = on_calendar(scores, np.array([2019, 2021]))
    np.testing.assert_array_equal(laid, [[1.0, 2.0], [0.0, 0.0], [3.0, 4.0]])


def test_steps_that_do_not_increase_are_refused() -> None:
    with pytest.raises(IndexError, match="strictly increasing"):
        long_run_meat(np.ones((2, 1)), np.array([1, 1]), kernel=KERNELS["bartlett"], bandwidth=2)


def test_rule_of_thumb_by_hand() -> None:
    # 4 (216/100)^(2/9) = 4.75 and 4 (7/100)^(2/9) = 2.22
    assert (rule_of_thumb_lags(216), rule_of_thumb_lags(7), rule_of_thumb_lags(100)) == (4, 2, 4)
    with pytest.raises(ValueError, match="number of observations"):
        rule_of_thumb_lags(-1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"se": "white"}, "expected se to be one of"),
        ({"se": "newey-west", "small_sample": "sas"}, "expected small_sample"),
        ({"se": "newey-west", "lags": "all"}, "expected lags to be one of"),
        ({"se": "hc1", "lags": 2}, "lags are taken by"),
        ({"se": "hc1", "prewhite": True}, "prewhite is taken by"),
        ({"se": "wild-bootstrap"}, "expected rng"),
        ({"se": "hc1", "rng": np.random.default_rng(1)}, "expected rng"),
    ],
)
def test_choices_that_do_not_exist_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ErrorChoice(**options)


@pytest.mark.parametrize("lags", [-1, 3])
def test_lags_outside_the_sample_are_refused(lags: int) -> None:
    with pytest.raises(ValueError, match="the span of the sample"):
        estimate_covariance(
            np.ones((4, 1)), np.ones(4), np.arange(4), ErrorChoice("newey-west", lags=lags)
        )


def test_every_standard_error_has_an_estimator_and_is_explained_to_the_user() -> None:
    names = get_args(StandardError)
    assert set(names) == set(standard_errors._ESTIMATORS)
    assert [name for name in names if f'"{name}"' not in (fit_trend.__doc__ or "")] == []


COVARIANCE_TYPES = {
    "classical": ("classical", 98.0),
    "hc2": ("HC2", 98.0),
    "andrews": ("quadratic spectral kernel, bandwidth 4.335 (Andrews 1991), factor n/(n-k)", 98.0),
    "ewc": ("equal-weighted cosine, 8 cosines", 8.0),
    "orthogonal-series": ("orthogonal series, 8 cosines, AR(1) factor", 8.0),
}


@pytest.mark.parametrize("se", COVARIANCE_TYPES)
def test_convention_names_the_choice_and_its_degrees_of_freedom(se: Any) -> None:
    x, y = _regression("nile-trend")
    resids = fit_least_squares(x, y).resids
    found = estimate_covariance(x, resids, np.arange(100), ErrorChoice(se))
    assert (found.covariance_type, found.df) == COVARIANCE_TYPES[se]


def test_fixest_counts_periods_for_the_degrees_of_freedom() -> None:
    x, y = _regression("nile-trend")
    resids = fit_least_squares(x, y).resids
    stata, fixest = (
        estimate_covariance(
            x, resids, np.arange(100), ErrorChoice("newey-west", small_sample=small_sample)
        )
        for small_sample in ("stata", "fixest")
    )
    np.testing.assert_array_equal(stata.matrix, fixest.matrix)
    assert (stata.df, fixest.df) == (98, 99)


def test_number_of_cosines_by_hand() -> None:
    # 0.4 * 27^(2/3) = 3.6 and 0.4 * 3^(2/3) = 0.8, which is less than one
    assert (cosines(27), cosines(3)) == (3, 1)
    with pytest.raises(ValueError, match="positive number"):
        cosines(0)


def test_all_cosines_of_a_mean_give_the_classical_variance() -> None:
    # All cosines but the constant are a basis of what a mean leaves over.
    resids = np.array([3.0, -1.0, 2.0, -4.0])
    x = np.ones((4, 1))
    expected = classical(x, resids)
    steps = np.arange(4)
    found = orthogonal_series(x, resids, steps=steps, count=3)
    np.testing.assert_allclose(found, expected, rtol=SAME)
    found = equal_weighted_cosine(x, resids, steps=steps, count=3)
    np.testing.assert_allclose(found, expected, rtol=SAME)


def test_too_many_cosines_are_refused() -> None:
    with pytest.raises(ValueError, match="1 to 3 cosines"):
        orthogonal_series(np.ones((4, 1)), np.ones(4), steps=np.arange(4), count=4)


def test_wild_bootstrap_tends_to_hc2() -> None:
    x, y = _regression("nile-trend")
    resids = fit_least_squares(x, y).resids
    found = wild_bootstrap(x, resids, draws=40_000, rng=np.random.default_rng(7))
    # A variance from 40,000 draws has a standard error of 0.7 %.
    np.testing.assert_allclose(found, heteroskedastic(x, resids, kind="hc2"), rtol=0.03)


def test_blocks_of_one_period_tend_to_classical_errors() -> None:
    x, y = _regression("nile-trend")
    resids = fit_least_squares(x, y).resids
    rng = np.random.default_rng(7)
    found = block_bootstrap(x, resids, steps=np.arange(100), length=1, draws=40_000, rng=rng)
    np.testing.assert_allclose(found * 100 / 98, classical(x, resids), rtol=0.03)


def test_blocks_keep_neighbours_together() -> None:
    # One block of the whole sample leaves nothing to chance.
    resids = np.array([1.0, 2.0, -3.0])
    rng = np.random.default_rng(7)
    steps = np.arange(3)
    found = block_bootstrap(np.ones((3, 1)), resids, steps=steps, length=3, draws=5, rng=rng)
    assert found[0, 0] == pytest.approx(0)


def test_bootstrap_is_the_same_for_the_same_generator() -> None:
    x, y = _regression("nile-trend")
    resids = fit_least_squares(x, y).resids
    for se in ("wild-bootstrap", "block-bootstrap"):
        first, second = (
            estimate_covariance(
                x,
                resids,
                np.arange(100),
                ErrorChoice(se, rng=np.random.default_rng(3)),  # type: ignore[arg-type]
            ).matrix
            for _ in range(2)
        )
        np.testing.assert_array_equal(first, second)


def test_bad_bootstraps_are_refused() -> None:
    x, resids, rng = np.ones((3, 1)), np.ones(3), np.random.default_rng(1)
    with pytest.raises(ValueError, match="at least 2 draws"):
        wild_bootstrap(x, resids, draws=1, rng=rng)
    with pytest.raises(ValueError, match="blocks of 1 to 3"):
        block_bootstrap(x, resids, steps=np.arange(3), length=4, draws=5, rng=rng)
    with pytest.raises(SampleError, match="found a gap"):
        block_bootstrap(x, resids, steps=np.array([1, 2, 4]), draws=5, rng=rng)


def test_bad_arguments_of_single_estimators_are_refused() -> None:
    with pytest.raises(ValueError, match="hc0, hc1, hc2, hc3"):
        heteroskedastic(np.ones((3, 1)), np.ones(3), kind="hc9")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="0 or more"):
        newey_west(np.ones((3, 1)), np.ones(3), lags=-1)
    with pytest.raises(ValueError, match="bandwidth of 0 or more"):
        kernel_hac(np.ones((3, 1)), np.ones(3), bandwidth=-1)
    with pytest.raises(ValueError, match="expected rule"):
        automatic_bandwidth(np.ones((3, 1)), np.ones(3), rule="guess")  # type: ignore[arg-type]


@given(
    resids=st.lists(st.floats(-100, 100), min_size=4, max_size=12),
    gaps=st.lists(st.integers(1, 4), min_size=12, max_size=12),
    lags=st.integers(0, 6),
)
def test_newey_west_is_never_negative(resids: list[float], gaps: list[int], lags: int) -> None:
    nobs = len(resids)
    steps = np.cumsum(gaps[:nobs])
    x = np.column_stack([np.ones(nobs), np.arange(nobs)])
    found = newey_west(x, np.array(resids), lags=lags, steps=steps)
    assert np.linalg.eigvalsh(found).min() >= -1e-9 * (1 + np.trace(found))


def test_the_bandwidth_of_andrews_by_hand() -> None:
    scores = np.array([[1.0], [1.0], [-1.0], [-1.0]] * 10)
    assert round(
        andrews_bandwidth(scores, np.arange(40), loadings=np.ones(1), prewhite=False), 2
    ) == pytest.approx(0.87)
