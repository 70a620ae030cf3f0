"""Covariance estimators against R's sandwich, against NIST, and by hand."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.models.covariance import classical, heteroskedastic, newey_west, newey_west_lags
from flows.models.least_squares import fit_least_squares
from flows.models.long_run import (
    bartlett,
    long_run_meat,
    newey_west_bandwidth,
    prewhiten,
    rule_of_thumb_lags,
)
from flows.models.sample import FloatArray, SampleError
from flows.models.standard_errors import estimate_covariance

REFERENCE = Path(__file__).parent / "reference"
SANDWICH = json.loads((REFERENCE / "sandwich.json").read_text())
NIST = json.loads((REFERENCE / "nist_strd.json").read_text())["sets"]

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


@pytest.mark.parametrize("prewhite", [False, True])
@pytest.mark.parametrize("case", SANDWICH["cases"])
def test_automatic_bandwidth_equals_r_sandwich(case: str, *, prewhite: bool) -> None:
    x, y = _regression(case)
    fit = fit_least_squares(x, y)
    loadings = np.ones(1) if x.shape[1] == 1 else np.array([0.0] + [1.0] * (x.shape[1] - 1))
    bandwidth = newey_west_bandwidth(
        x * fit.resids[:, None], np.arange(len(x)), loadings=loadings, prewhite=prewhite
    )
    expected = SANDWICH["cases"][case]
    assert bandwidth == pytest.approx(expected["bandwidth"][int(prewhite)], rel=SAME)
    lags = newey_west_lags(x, fit.resids, prewhite=prewhite)
    found = newey_west(x, fit.resids, lags=lags, prewhite=prewhite)
    np.testing.assert_allclose(found, np.array(expected["automatic"][int(prewhite)]), rtol=SAME)


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
    x, resids = np.ones((2, 1)), np.array([1.0, 2.0])
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


def test_bandwidth_of_an_exact_fit_is_zero() -> None:
    scores = np.zeros((10, 1))
    found = newey_west_bandwidth(scores, np.arange(10), loadings=np.ones(1), prewhite=False)
    assert found == 0.0


def test_steps_that_do_not_increase_are_refused() -> None:
    with pytest.raises(IndexError, match="strictly increasing"):
        long_run_meat(np.ones((2, 1)), np.array([1, 1]), kernel=bartlett, bandwidth=2)


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
        ({"se": "hc1", "lags": 2}, "lags only with"),
        ({"se": "newey-west", "lags": 3}, "the span of the sample"),
        ({"se": "newey-west", "lags": -1}, "the span of the sample"),
    ],
)
def test_choices_that_do_not_exist_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        estimate_covariance(np.ones((4, 1)), np.ones(4), np.arange(4), **options)


def test_bad_arguments_of_single_estimators_are_refused() -> None:
    with pytest.raises(ValueError, match="hc0, hc1, hc2 or hc3"):
        heteroskedastic(np.ones((3, 1)), np.ones(3), kind="hc9")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="0 or more"):
        newey_west(np.ones((3, 1)), np.ones(3), lags=-1)


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
