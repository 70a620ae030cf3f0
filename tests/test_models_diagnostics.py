"""Residual tests against lmtest, influence and effective sample size by hand."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from references import SANDWICH, reference

from flows.models.covariance import effective_sample_size
from flows.models.diagnostics import (
    breusch_godfrey,
    breusch_pagan,
    diagnose,
    reset,
)
from flows.models.least_squares import fit_least_squares
from flows.models.sample import FloatArray
from flows.models.trend import fit_trend

LMTEST = reference("lmtest")
ROWS = np.array(SANDWICH["data"]["investment"]["rows"])


def _investment() -> tuple[FloatArray, FloatArray, FloatArray]:
    x = np.column_stack([np.ones(len(ROWS)), ROWS[:, 1:]])
    return x, ROWS[:, 0], fit_least_squares(x, ROWS[:, 0]).resids


@pytest.mark.parametrize("order", [1, 4])
def test_breusch_godfrey_equals_lmtest(order: int) -> None:
    x, _, resids = _investment()
    test = breusch_godfrey(x, resids, np.arange(len(x)), order=order)
    assert [test.statistic, test.pvalue] == pytest.approx(LMTEST[f"bg{order}"], rel=1e-9)


def test_breusch_pagan_equals_lmtest() -> None:
    x, _, resids = _investment()
    test = breusch_pagan(x, resids)
    assert [test.statistic, test.pvalue] == pytest.approx(LMTEST["bp"], rel=1e-9)


def test_reset_equals_lmtest() -> None:
    x, y, _ = _investment()
    test = reset(x, y)
    assert [test.statistic, test.pvalue] == pytest.approx(LMTEST["reset"], rel=1e-7)


def test_lag_over_a_gap_is_no_lag() -> None:
    x, resids = np.ones((4, 1)), np.array([1.0, -1.0, 2.0, -2.0])
    # The second year of each pair follows the first; between the pairs nothing follows.
    test = breusch_godfrey(x, resids, np.array([1, 2, 8, 9]), order=1)
    lagged = np.array([0.0, 1.0, 0.0, 2.0])
    left = fit_least_squares(np.column_stack([x, lagged]), resids).resids
    assert test.statistic == pytest.approx(4 * (1 - left @ left / (resids @ resids)))


def test_influence_is_the_change_of_the_slope_without_the_period() -> None:
    y = pd.Series([1.0, 2.0, 2.0, 5.0, 4.0], index=pd.Index(range(2001, 2006)))
    fit = fit_trend(y, form="level", se="hc1")
    for year in y.index[1:]:
        without = fit_trend(y.drop(year), form="level", se="hc1").slope
        assert fit.diagnostics.influence[year] == pytest.approx(without - fit.slope)
    assert "without 2004" in fit.summary() or "without 2005" in fit.summary()


def test_effective_sample_size_by_hand() -> None:
    # r = (2 * 2 + 2 * 2) / 16 with the residuals 2, 2, -2, -2: neighbours agree twice, differ once.
    resids = np.array([2.0, 2.0, -2.0, -2.0])
    assert effective_sample_size(resids, np.arange(4)) == pytest.approx(4 * 0.75 / 1.25)
    assert effective_sample_size(resids, np.arange(0, 8, 2)) == 4
    assert effective_sample_size(np.zeros(3), np.arange(3)) == 3


def test_small_samples_and_exact_fits_have_no_tests() -> None:
    x = np.column_stack([np.ones(3), np.arange(3.0)])
    resids = np.array([1.0, -2.0, 1.0])
    assert not diagnose(x, resids, np.arange(3), pd.Index([1, 2, 3]), orders=(1,)).tests
    x = np.column_stack([np.ones(9), np.arange(9.0)])
    assert not diagnose(x, np.zeros(9), np.arange(9), pd.Index(range(9)), orders=(1,)).tests


def test_values_of_every_other_year_have_no_neighbours_to_test() -> None:
    every_other = pd.Series(SHORT.to_numpy(), index=range(2001, 2025, 2))
    fit = fit_trend(every_other)
    assert list(fit.diagnostics.tests) == ["Breusch-Pagan", "RESET"]
    # The slope a year is half of that a step, whatever lies between.
    assert 2 * fit.slope == pytest.approx(fit_trend(SHORT).slope)


def test_summary_of_months_tests_a_year_of_lags() -> None:
    rng = np.random.default_rng(5)
    months = pd.period_range("2015-01", periods=60, freq="M")
    text = fit_trend(pd.Series(np.exp(rng.standard_normal(60)), index=months)).summary()
    for name in (
        "Breusch-Godfrey(1)",
        "Breusch-Godfrey(12)",
        "Breusch-Pagan",
        "RESET",
        "effective n",
    ):
        assert name in text


SHORT = pd.Series(
    [10.0, 11, 9, 13, 16, 12, 19, 22, 18, 27, 33, 25], index=pd.Index(range(2001, 2013))
)


@given(exponent=st.floats(-12, 12), form=st.sampled_from(["level", "log", "poisson"]))
def test_no_test_of_a_summary_hangs_on_the_unit(exponent: float, form: Any) -> None:
    plain = fit_trend(SHORT, form=form)
    scaled = fit_trend(10**exponent * SHORT, form=form)
    assert list(scaled.diagnostics.tests) == list(plain.diagnostics.tests)
    for name, test in plain.diagnostics.tests.items():
        # Statistics are differences of sums of squares, which lose some digits.
        other = scaled.diagnostics.tests[name]
        assert other.statistic == pytest.approx(test.statistic, rel=1e-6, abs=1e-8)
        assert other.pvalue == pytest.approx(test.pvalue, rel=1e-6, abs=1e-8)
    assert scaled.pvalues["trend"] == pytest.approx(plain.pvalues["trend"], rel=1e-6)
    assert scaled.diagnostics.effective_nobs == pytest.approx(plain.diagnostics.effective_nobs)
    if form != "level":
        assert scaled.growth_pct == pytest.approx(plain.growth_pct, rel=1e-8)
        assert scaled.growth_interval() == pytest.approx(plain.growth_interval(), rel=1e-6)


def test_breusch_pagan_of_alternating_residuals_finds_one_variance() -> None:
    x = np.column_stack([np.ones(6), np.arange(6)])
    assert breusch_pagan(x, 1e-9 * np.array([1.0, -1, 1, -1, 1, -1])).pvalue == 1


def test_an_exact_line_has_no_tests_in_any_unit() -> None:
    line = pd.Series(np.arange(1.0, 13), index=SHORT.index)
    for unit in (1e-12, 1.0, 1e12):
        assert not fit_trend(unit * line, form="level", se="classical").diagnostics.tests
