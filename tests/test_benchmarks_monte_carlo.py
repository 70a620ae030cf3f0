"""The simulations behind the defaults: known theory, and the numbers of the public functions."""

import numpy as np
import pandas as pd
import pytest
from deals_coverage import deals_coverage
from event_size import CHOICES as EVENT_CHOICES
from event_size import event_pvalues
from growth_coverage import growth_coverage, lumpy_size
from monte_carlo import (
    BREAK_ERRORS,
    BREAK_RHOS,
    BREAK_SIZES,
    CHOICES,
    STRAINED_CASES,
    STRAINED_CHOICES,
    TREND_RHOS,
    autoregressive,
    date_coverage,
    date_interval,
    main,
    monte_carlo_error,
    slope_deviation,
    strained_size,
    trend_size,
    trend_tests,
)

from flows.models.breaks import find_breaks
from flows.models.interruption import fit_interruption
from flows.models.sample import FloatArray
from flows.models.standard_errors import ErrorChoice
from flows.models.trend import fit_trend

DRAWS = 1000
FAR = 4
"""Monte Carlo standard errors; chance goes further once in 16,000 times."""


def _innovations(draws: int, nobs: int) -> FloatArray:
    return np.random.default_rng(1).normal(size=(draws, nobs))


def _size(se: str, rho: float) -> float:
    errors = autoregressive(_innovations(DRAWS, 20), rho)
    return float(np.mean(trend_tests(errors, ErrorChoice(se)).pvalues < 0.05))  # type: ignore[arg-type]


@pytest.mark.parametrize("se", ["classical", "orthogonal-series"])
def test_tests_that_are_exact_without_autocorrelation_reject_5_percent(se: str) -> None:
    assert _size(se, 0.0) == pytest.approx(0.05, abs=FAR * np.sqrt(0.05 * 0.95 / DRAWS))


def test_newey_west_rejects_more_under_autocorrelation() -> None:
    without, strong = (_size("newey-west", rho) for rho in (0.0, 0.8))
    assert strong > without + FAR * monte_carlo_error(strong, DRAWS)


@pytest.mark.parametrize("name", CHOICES)
def test_simulated_test_is_the_test_of_fit_trend(name: str) -> None:
    y = _innovations(1, 20)
    rngs = (
        np.random.default_rng(5) if "bootstrap" in CHOICES[name]["se"] else None for _ in range(2)
    )
    found = trend_tests(y, ErrorChoice(**CHOICES[name], rng=next(rngs)))
    years = pd.period_range("2001", periods=20, freq="Y")
    fit = fit_trend(pd.Series(y[0], index=years), form="level", **CHOICES[name], rng=next(rngs))
    assert found.pvalues[0] == pytest.approx(fit.pvalues["trend"], rel=1e-9)
    low, high = fit.conf_int().loc["trend"]
    assert found.half_lengths[0] == pytest.approx((high - low) / 2, rel=1e-9)


@pytest.mark.parametrize(
    "name", [name for name, options in EVENT_CHOICES.items() if "small_sample" not in options]
)
def test_simulated_event_is_the_test_of_fit_interruption(name: str) -> None:
    options = EVENT_CHOICES[name]
    y = _innovations(1, 20)
    years = pd.period_range("2001", periods=20, freq="Y")
    joint, jump = event_pvalues(y, ErrorChoice(**options), place=0.5)[0]
    fit = fit_interruption(pd.Series(y[0], index=years), at="2011", form="level", **options)
    assert joint == pytest.approx(fit.test.pvalue, rel=1e-9)
    assert jump == pytest.approx(fit.pvalues["level_change"], rel=1e-9)


def test_default_keeps_its_size_where_newey_west_does_not() -> None:
    errors = autoregressive(_innovations(DRAWS, 20), 0.5)
    default, kernel = (
        float(np.mean(event_pvalues(errors, ErrorChoice(se), place=0.5)[:, 0] < 0.05))
        for se in ("orthogonal-series", "newey-west")
    )
    assert default < 0.08 + FAR * monte_carlo_error(0.08, DRAWS)
    assert kernel > 0.4


def test_interval_over_equal_deals_holds_and_over_unequal_ones_does_not() -> None:
    held = {
        sizes: deals_coverage(sizes, 35, 0.5, draws=200, seed=1)
        for sizes in ("equal", "log-normal, 1.5")
    }
    error = monte_carlo_error(0.95, 200)
    assert held["equal"][0] == pytest.approx(0.95, abs=FAR * error)
    assert held["log-normal, 1.5"][0] < held["equal"][0]


def test_intervals_of_growth_are_counted_as_given() -> None:
    found = growth_coverage(10, "line, rho 0.5", draws=6, seed=1)
    assert list(found.index) == ["OLS-log", "Poisson", "differences", "Theil-Sen", "state space"]
    assert found["draws"].to_list() == [6, 6, 6, 6, 2]
    assert found["length"].notna().all()
    assert found["coverage"].between(0, 1).all()


def test_one_delivery_makes_no_trend_more_often_than_many() -> None:
    few, many = (lumpy_size(lumps, draws=300, seed=1)[0] for lumps in (1, 10))
    assert many == pytest.approx(0.05, abs=FAR * monte_carlo_error(0.05, 300))
    assert few > 0.05


@pytest.mark.parametrize("errors", BREAK_ERRORS)
def test_simulated_interval_is_the_interval_of_find_breaks(errors: str) -> None:
    y = _innovations(1, 60)[0] + 3 * (np.arange(60) >= 30)
    years = pd.period_range("1961", periods=60, freq="Y")
    fit = find_breaks(
        pd.Series(y, index=years),
        choose=1,
        interval="bai-perron",
        se=errors,  # type: ignore[arg-type]
    )
    ends = fit.conf_int().iloc[0]
    assert date_interval(y, errors) == (ends["low"].year - 1961, ends["high"].year - 1961)


@pytest.mark.parametrize("rho", TREND_RHOS)
def test_errors_have_the_variance_and_the_correlation_asked_for(rho: float) -> None:
    errors = autoregressive(_innovations(20_000, 4), rho)
    # Second moments of 20,000 normal pairs have standard errors of at most 0.01.
    np.testing.assert_allclose(np.mean(errors**2, axis=0), 1, atol=0.04)
    np.testing.assert_allclose(np.mean(errors[:, 1:] * errors[:, :-1], axis=0), rho, atol=0.04)


def test_deviation_of_the_slope_by_hand() -> None:
    # Times -1, 0, 1: the slope is (y3 - y1) / 2, of variance (2 - 2 rho^2) / 4.
    assert slope_deviation(3, 0.0) == pytest.approx(np.sqrt(1 / 2))
    assert slope_deviation(3, 0.5) == pytest.approx(np.sqrt(1.5 / 4))


def test_every_choice_is_in_the_table_once() -> None:
    found = trend_size(20, draws=8, seed=1)
    assert len(found) == len(CHOICES) * len(TREND_RHOS)
    assert not found.duplicated(["errors", "rho"]).any()
    assert found["size"].between(0, 1).all()
    assert (found[["size_error", "length"]] > 0).all(axis=None)


def test_strain_is_shown_for_each_case() -> None:
    found = strained_size(draws=8, seed=1)
    assert list(found.index) == list(STRAINED_CHOICES)
    assert list(found.columns) == list(STRAINED_CASES)
    assert ((found >= 0) & (found <= 1)).all(axis=None)


def test_large_breaks_are_dated_more_closely_than_small_ones() -> None:
    found = date_coverage(60, draws=20, seed=1)
    assert len(found) == len(BREAK_RHOS) * len(BREAK_SIZES) * len(BREAK_ERRORS)
    for _, rows in found.groupby(["errors", "rho"]):
        assert rows.sort_values("size")["length"].is_monotonic_decreasing


def test_same_seed_gives_the_same_table() -> None:
    first, second = (date_coverage(60, draws=3, seed=2) for _ in range(2))
    pd.testing.assert_frame_equal(first, second)


def test_error_of_a_share_by_hand() -> None:
    assert monte_carlo_error(0.5, 100) == pytest.approx(0.05)
    # Never seen in 100 draws: as if seen once.
    assert monte_carlo_error(0.0, 100) == pytest.approx(np.sqrt(0.01 * 0.99 / 100))


def test_quick_run_prints_every_table(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--quick"])
    printed = capsys.readouterr().out
    assert [line for line in printed.splitlines() if line.startswith("###")] == [
        "### Size at n = 8",
        "### Size at n = 20",
        "### Size at n = 216",
        "### Size at n = 20 under strain",
        "### Size of tests of an event that did not happen",
        "### Coverage of the intervals of growth",
        "### Size of a Poisson trend of few deliveries",
        "### Coverage of the interval over deals",
        "### Coverage at n = 60",
        "### Coverage at n = 216",
    ]
    assert all(printed.count(f"| {name} |") >= 3 for name in CHOICES)
    assert "seed 20261123" in printed
