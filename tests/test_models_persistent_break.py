"""Breaks in noise that persists: the likelihood against a dense one, size, power, dates, words."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.signal import lfilter

import flows as fl
from flows.errors import SampleError
from flows.models.break_sequence import DateProfile, bootstrap_pvalue, one_break, search_breaks
from flows.models.break_surface import SIGNIFICANCES, TRUE_RHOS, break_surface
from flows.models.breaks import find_breaks
from flows.models.partitions import Design
from flows.models.persistent_break import RHOS, deviances, profile_break
from flows.models.sample import FloatArray


def noise(seed: int, nobs: int, rho: float, *, series: int = 1) -> FloatArray:
    """Return stationary autoregressions with innovations of variance one."""
    shocks = np.random.default_rng(seed).standard_normal((series, nobs))
    shocks[:, 0] /= np.sqrt(1 - rho**2)
    return np.asarray(lfilter([1.0], [1.0, -rho], shocks, axis=1))


def design(nobs: int, coefficients: int, *, shortest: int, steps: Any = None) -> Design:
    steps = np.arange(nobs) if steps is None else steps
    x = np.vander(steps.astype(np.float64), coefficients, increasing=True)
    return Design(x, np.zeros(nobs), steps, shortest)


def yearly(values: Any) -> pd.Series:
    years = pd.period_range("1991", periods=len(values), freq="Y")
    return pd.Series(np.asarray(values, dtype=np.float64), index=years)


@pytest.mark.parametrize("coefficients", [1, 2])
@pytest.mark.parametrize("gaps", [[], [3, 17, 18]])
@pytest.mark.parametrize("season", ["no season", "a season"])
def test_deviances_are_those_of_generalised_least_squares(
    coefficients: int, gaps: list[int], season: str
) -> None:
    steps = np.delete(np.arange(40), gaps)
    shape = design(len(steps), coefficients, shortest=5, steps=steps)
    waves = np.column_stack([np.cos(np.pi * steps / 6), np.sin(np.pi * steps / 6)])
    y = np.random.default_rng(7).standard_normal(len(steps)).cumsum()
    common = waves if season == "a season" else None
    dates, without, by_date = deviances(Design(shape.x, y, steps, 5, common), y[None, :])
    for place, rho in enumerate(RHOS):
        # A dense covariance of the values that are there, with innovations of variance one.
        sigma = rho ** np.abs(np.subtract.outer(steps, steps)) / (1 - rho**2)
        for date in (None, 0, 11, len(dates) - 1):
            columns = (
                [shape.x]
                if date is None
                else [shape.x, shape.x * (np.arange(len(y)) >= dates[date])[:, None]]
            )
            x = np.column_stack(columns if common is None else [*columns, waves])
            fit = sm.GLS(y, x, sigma=sigma).fit()
            # statsmodels: -2 llf = n log(ssr) + log|sigma| + n (1 + log(2 pi / n)).
            expected = -2 * fit.llf - len(y) * (1 + np.log(2 * np.pi / len(y)))
            found = without[place, 0] if date is None else by_date[place, 0, date]
            assert found == pytest.approx(expected, abs=1e-8)


def test_unit_level_and_slope_do_not_matter() -> None:
    y = noise(3, 48, 0.5)[0]
    shape = design(48, 2, shortest=7)
    first = profile_break(Design(shape.x, y, shape.steps, 7))
    second = profile_break(Design(shape.x, 1e9 * y + 5e12 - 3e10 * shape.steps, shape.steps, 7))
    assert second.best == first.best
    assert second.ratio == pytest.approx(first.ratio, abs=1e-6)
    assert second.rho == pytest.approx(first.rho, abs=1e-6)
    assert second.spread == pytest.approx(1e9 * first.spread, rel=1e-6)


def test_the_spread_is_that_of_the_innovations() -> None:
    spreads = [
        profile_break(Design(np.ones((240, 1)), y, np.arange(240), 36)).spread
        for y in 3 * noise(5, 240, 0.8, series=40)
    ]
    assert np.mean(spreads) == pytest.approx(3, rel=0.02)


@pytest.mark.parametrize("coefficients", [1, 2])
@pytest.mark.parametrize("nobs", [8, 11, 33, 216, 2000])
def test_surfaces_are_ordered(nobs: int, coefficients: int) -> None:
    surface = break_surface(nobs, coefficients=coefficients, shortest=max(3, int(0.15 * nobs)))
    corrected = surface.corrected(np.linspace(-0.99, 0.99, 100))
    assert (np.diff(corrected) >= 0).all()
    for at in (-0.4, 0.0, 0.5, 1.0):
        assert (np.diff(surface.critical_values(at)) >= 0).all()
        pvalues = [surface.pvalue(ratio, at) for ratio in np.linspace(0, 100, 200)]
        assert pvalues[0] == 1
        assert pvalues[-1] == pytest.approx(min(SIGNIFICANCES))
        assert (np.diff(pvalues) <= 0).all()
    quantiles = [surface.date_quantile(level) for level in (0.8, 0.85, 0.9, 0.95, 0.97, 0.99)]
    assert (np.diff(quantiles) > 0).all()


def test_a_median_estimate_is_corrected_to_the_truth() -> None:
    shortest = 9
    surface = break_surface(60, coefficients=1, shortest=shortest)
    for rho in (0.0, 0.5, 0.8):
        estimates = [
            profile_break(Design(np.ones((60, 1)), y, np.arange(60), shortest)).rho
            for y in noise(11, 60, rho, series=400)
        ]
        assert float(surface.corrected(float(np.median(estimates)))) == pytest.approx(rho, abs=0.06)


def test_samples_too_short_are_refused() -> None:
    with pytest.raises(SampleError, match="at least 8 observations for a break, found 7"):
        break_surface(7, coefficients=1, shortest=2)
    fit = find_breaks(yearly([1, 2, 1, 9, 8, 9, 8]))
    assert fit.verdict == "a break cannot be told apart from persistent noise"
    assert not [name for name in fit.tests if name.startswith("supLR")]


@pytest.mark.parametrize("coefficients", [1, 2])
@pytest.mark.parametrize("rho", [0.0, 0.5, 0.8])
@pytest.mark.parametrize("nobs", [22, 75])
def test_noise_alone_has_a_break_in_no_more_than_eight_percent(
    nobs: int, rho: float, coefficients: int
) -> None:
    # Sizes between those that were simulated; 1.4 % is the standard error of 250 series.
    shape = design(nobs, coefficients, shortest=max(int(0.15 * nobs), coefficients + 1))
    found = [
        len(search_breaks(Design(shape.x, y, shape.steps, shape.shortest), most=1).breaks)
        for y in noise(nobs, nobs, rho, series=250)
    ]
    assert np.mean(found) < 0.08 + 2 * 0.014


def test_a_random_walk_is_not_cut_into_regimes() -> None:
    walks = np.random.default_rng(4).standard_normal((60, 120)).cumsum(axis=1)
    months = pd.period_range("2015-01", periods=120, freq="M")
    counts = [len(find_breaks(pd.Series(walk, index=months)).break_dates) for walk in walks[:20]]
    assert np.mean(np.array(counts) > 0) <= 0.15


def test_several_breaks_are_found_one_after_another() -> None:
    y = noise(8, 120, 0.3)[0] + np.repeat([0.0, 6.0, 1.0, 9.0], 30)
    fit = find_breaks(pd.Series(y, index=pd.period_range("2010-01", periods=120, freq="M")))
    assert fit.positions.tolist() == [30, 60, 90]
    assert fit.verdict == "3 breaks in the mean"
    steps = {name: test for name, test in fit.tests.items() if name.startswith("supLR")}
    # One break alone is not seen among three levels; two together are.
    assert {name: test.rejects() for name, test in steps.items()} == {
        "supLR(1|0)": True,
        "supLR(2|1)": False,
        "supLR(3|1)": True,
    }
    low_high = fit.conf_int()
    assert (low_high["low"] <= fit.break_dates).all()
    assert (low_high["high"] >= fit.break_dates).all()


def test_where_nothing_is_found_the_size_that_would_be_is_named() -> None:
    calm = find_breaks(yearly(noise(2, 30, 0.0)[0]))
    assert calm.break_dates.empty
    assert calm.verdict.startswith("no break is found; a shift of ")
    assert 1 < calm.detectable_shift < 5
    doubled = find_breaks(yearly(2 * noise(2, 30, 0.0)[0]))
    assert doubled.detectable_shift == pytest.approx(2 * calm.detectable_shift)


def test_intervals_hold_the_date_where_the_noise_persists() -> None:
    ys = noise(21, 30, 0.5, series=120) * np.sqrt(1 - 0.5**2)
    ys[:, 15:] += 1.5
    held = 0
    for y in ys:
        low, high = find_breaks(yearly(y), choose=1).conf_int().iloc[0]
        held += low <= pd.Period("2006", "Y") <= high
    # 95 % is said; 2 % is the standard error of 120 series.
    assert held / len(ys) >= 0.91


def test_a_wider_level_is_a_longer_interval() -> None:
    above = np.array([9.0, 4.0, 0.0, 2.0, 30.0])
    surface = break_surface(30, coefficients=1, shortest=4)
    profile = DateProfile(np.arange(10, 15), above, surface)
    lengths = [np.ptp(profile.interval(level)) for level in (0.8, 0.9, 0.99)]
    assert lengths == sorted(lengths)
    assert DateProfile(np.arange(10, 15), above, None).interval(0.9) == (10, 14)
    with pytest.raises(ValueError, match=r"simulated for 0\.8 to 0\.99, found 0\.5"):
        profile.interval(0.5)


def test_the_bootstrap_agrees_with_the_surface() -> None:
    y = noise(33, 40, 0.4)[0]
    y[20:] += 1.5
    shape = Design(np.ones((40, 1)), y, np.arange(40), 6)
    profile = profile_break(shape)
    surface = break_surface(40, coefficients=1, shortest=6)
    corrected = float(surface.corrected(profile.rho))
    drawn = bootstrap_pvalue(shape, profile, surface, rng=np.random.default_rng(1))
    again = bootstrap_pvalue(shape, profile, surface, rng=np.random.default_rng(1))
    assert drawn == again
    assert drawn == pytest.approx(surface.pvalue(profile.ratio, corrected), abs=0.1)


def test_pvalues_of_many_are_those_of_a_line_between_critical_values() -> None:
    surface, rng = break_surface(33, coefficients=2, shortest=4), np.random.default_rng(2)
    ratios, rhos = rng.gamma(1.0, 12.0, 300), rng.uniform(-0.6, 1.3, 300)
    ratios[0], ratios[1] = 0.0, float(surface.critical_value(rhos[1], significance=0.05))
    expected = [
        np.exp(np.interp(ratio, [0.0, *surface.critical_values(rho)], np.log([1, *SIGNIFICANCES])))
        for ratio, rho in zip(ratios, rhos, strict=True)
    ]
    assert surface.pvalue(ratios, rhos) == pytest.approx(expected, rel=1e-12)


def test_a_detectable_shift_is_on_the_line_between_simulated_ones() -> None:
    surface = break_surface(30, coefficients=1, shortest=4)
    between = (TRUE_RHOS[3] + TRUE_RHOS[4]) / 2
    shifts = surface.detectable_shift(np.array([TRUE_RHOS[3], between, TRUE_RHOS[4]]))
    assert shifts[1] == pytest.approx((shifts[0] + shifts[2]) / 2)
    assert np.isinf(surface.detectable_shift(1.0)) == np.isinf(surface.detectable[-1])


@pytest.mark.parametrize("level", [0.1, 1 / 3, 7.7])
def test_an_exact_step_has_no_memory_whatever_its_level(level: float) -> None:
    """What is left of it is rounding, which depends on the level."""
    y = np.zeros(17)
    y[3:] = 1.0
    step = one_break(Design(np.ones((17, 1)), y, np.arange(17), 2))
    other = one_break(Design(np.ones((17, 1)), 0.3 * y + level, np.arange(17), 2))
    assert step.longer == other.longer == 1.0
    assert other.autocorrelation == pytest.approx(step.autocorrelation, abs=1e-9)
    assert other.ratio == pytest.approx(step.ratio, rel=1e-9)


def test_where_every_other_year_is_observed_the_sign_of_persistence_is_not_seen() -> None:
    """It is taken for positive, and nothing warns although no two values are neighbours."""
    for seed in range(5):
        y = noise(seed, 40, 0.0)[0, ::2]
        shape = design(20, 1, shortest=3, steps=np.arange(0, 40, 2))
        assert profile_break(Design(shape.x, y, shape.steps, 3)).rho >= 0
        assert search_breaks(Design(shape.x, y, shape.steps, 3), most=5).noise is not None


def test_the_bootstrap_follows_longer_memory() -> None:
    shocks = np.random.default_rng(6).standard_normal((40, 160))
    ys = lfilter([1.0], [1.0, -0.2, -0.6], shocks, axis=1)[:, 60:]
    months = pd.period_range("2010-01", periods=100, freq="M")
    found = [
        len(find_breaks(pd.Series(y, index=months), choose="bootstrap", rng=1, most=1).break_dates)
        for y in ys
    ]
    assert np.mean(found) <= 0.15


def test_the_bootstrap_needs_chance_and_nothing_else_takes_it() -> None:
    y = yearly(noise(1, 20, 0.0)[0])
    with pytest.raises(ValueError, match="expected rng, a seed"):
        find_breaks(y, choose="bootstrap")
    with pytest.raises(ValueError, match="found rng=3 with choose='sequential'"):
        find_breaks(y, rng=3)


def test_a_plateau_of_zeros_is_a_regime() -> None:
    y = yearly([0] * 12 + [5, 7, 6, 8, 5, 7, 6, 8, 7, 6])
    for choose in ("sequential", "bai-perron", "bic", "lwz", 1):
        fit = find_breaks(y, choose=choose)
        assert fit.break_dates[0] == pd.Period("2003", "Y")
        assert fit.conf_int().notna().all(axis=None)
    exact = find_breaks(yearly([0] * 10 + [4] * 10))
    assert [str(date) for date in exact.break_dates] == ["2001"]
    for se in ("pooled", "regime"):
        assert find_breaks(y, se=se).tests["supF(1)"].statistic > 0


def test_deliveries_of_arms_have_an_answer() -> None:
    arms = fl.load("sipri-deal-years@2025-03")
    y = fl.series(arms, exporter="ISR", importer="AZE", freq="year", absent="zero")
    for choose in ("sequential", "bai-perron", "bic", "lwz", 1):
        fit = find_breaks(y, choose=choose)
        assert fit.conf_int().notna().all(axis=None)


def test_a_wide_trim_has_no_tabulated_values() -> None:
    fit = find_breaks(yearly(noise(9, 40, 0.0)[0]), trim=0.4)
    assert fit.tests["supF(1)"].critical_values == {}
    assert not np.isnan(fit.tests["supLR(1|0)"].pvalue)
