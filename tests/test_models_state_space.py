"""Local level and trend against Durbin and Koopman, gaps, forecasts and the back-test."""

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from references import NILE
from statsmodels.tsa.statespace.structural import UnobservedComponents

from flows.errors import SampleError
from flows.models.backtest import backtest
from flows.models.local_model import SPECIFICATIONS, Kind
from flows.models.sample import FloatArray
from flows.models.state_space import fit_local_trend


def test_nile_equals_durbin_and_koopman() -> None:
    # Durbin and Koopman (2012), section 2.10.3: variances 15,098.5 and 1,469.2 (as published, to
    # the digits printed); figure 2.6: the forecast is constant from the last filtered level on.
    fit = fit_local_trend(NILE, kind="level", form="level", noise="white", horizon=3)
    assert fit.variances["irregular"] == pytest.approx(15098.5, abs=0.05)
    assert fit.variances["level"] == pytest.approx(1469.2, abs=0.05)
    assert np.ptp(fit.forecasts["mean"]) == 0
    assert [str(period) for period in fit.forecasts.index] == ["1971", "1972", "1973"]


def test_steady_state_of_the_local_level() -> None:
    # The steady-state variance P solves P^2 - P q - q = 0 in units of the noise; the forecast one
    # step ahead has variance P + 1 (Durbin and Koopman 2012, section 2.11).
    fit = fit_local_trend(NILE, kind="level", form="level", noise="white", horizon=1)
    noise, shocks = fit.variances["irregular"], fit.variances["level"]
    q = shocks / noise
    steady = (q + np.sqrt(q**2 + 4 * q)) / 2
    expected = np.sqrt(noise * (steady + 1))
    assert fit.forecasts["std_error"].iloc[0] == pytest.approx(expected, rel=1e-6)


def test_missing_periods_are_filled_with_wider_bands() -> None:
    gap = NILE.drop(NILE.index[20:40])
    fit = fit_local_trend(gap, kind="level", form="level", noise="white")
    assert len(fit.states) == 100
    assert fit.nobs == 80
    spread = fit.states["level_std_error"]
    assert spread.iloc[30] > 1.5 * spread.iloc[60]
    # Between two observed levels the smoothed one runs along a straight line.
    assert np.diff(fit.states["level"].iloc[20:40], 2) == pytest.approx(0, abs=1e-6)


def test_slope_of_months_is_a_year_of_change() -> None:
    rng = np.random.default_rng(3)
    months = pd.period_range("2015-01", periods=48, freq="M")
    noise = 0.01 * rng.standard_normal(48)
    y = pd.Series(np.exp(0.12 * np.arange(48) / 12 + noise), index=months)
    fit = fit_local_trend(y, kind="trend")
    assert fit.states["slope"].mean() == pytest.approx(0.12, abs=0.02)
    assert "last slope" in fit.summary()
    assert fit.bands()["fitted"].iloc[-1] == pytest.approx(np.exp(0.12 * 47 / 12), rel=0.03)


def test_season_is_taken_out() -> None:
    months = pd.period_range("2015-01", periods=60, freq="M")
    season = 10 * np.tile(np.sin(2 * np.pi * np.arange(12) / 12), 5)
    rng = np.random.default_rng(4)
    y = pd.Series(100 + season + rng.standard_normal(60), index=months)
    fit = fit_local_trend(y, kind="level", form="level", season=True, horizon=12)
    assert fit.states["level"].std() < 2
    assert fit.forecasts["mean"].to_numpy() == pytest.approx(100 + season[:12], abs=3)


def test_wider_level_gives_wider_bands() -> None:
    fit = fit_local_trend(NILE, kind="level", horizon=2)
    assert (fit.bands(level=0.99)["low"] < fit.bands(level=0.9)["low"]).all()
    wide, narrow = fit.forecast_interval(level=0.99), fit.forecast_interval(level=0.9)
    assert (wide["high"] > narrow["high"]).all()
    assert fit.tidy().index.to_list() == ["irregular", "level", "ar"]


def test_iranian_years_are_forecast_as_years() -> None:
    y = pd.Series([3.0, 4.0, 4.5, 6.0, 6.5, 8.0], index=pd.Index(range(1395, 1401)))
    fit = fit_local_trend(y, kind="level", form="level", horizon=2)
    assert fit.forecasts.index.to_list() == [1401, 1402]


def months(values: FloatArray) -> pd.Series:
    return pd.Series(values, index=pd.period_range("2010-01", periods=len(values), freq="M"))


@pytest.mark.parametrize("kind", ["level", "trend"])
def test_unit_changes_the_numbers_by_the_unit_alone(kind: Kind) -> None:
    one = fit_local_trend(NILE, kind=kind, form="level", horizon=2)
    other = fit_local_trend(NILE * 1e-6, kind=kind, form="level", horizon=2)
    assert other.variances.to_numpy() == pytest.approx(one.variances.to_numpy() * 1e-12, rel=1e-11)
    assert other.states.to_numpy() == pytest.approx(one.states.to_numpy() * 1e-6, rel=1e-11)
    assert other.forecasts.to_numpy() == pytest.approx(one.forecasts.to_numpy() * 1e-6, rel=1e-11)
    beyond_start = 100 - {"level": 1, "trend": 2}[kind]
    assert other.loglik == pytest.approx(one.loglik + beyond_start * np.log(1e6), rel=1e-12)


@pytest.mark.parametrize("kind", ["level", "trend"])
def test_unit_moves_the_level_of_logarithms_and_nothing_else(kind: Kind) -> None:
    one, other = fit_local_trend(NILE, kind=kind), fit_local_trend(NILE * 1e-6, kind=kind)
    assert other.variances.to_numpy() == pytest.approx(one.variances.to_numpy(), rel=1e-11)
    assert other.loglik == pytest.approx(one.loglik, rel=1e-12)
    shift = other.states["level"] - one.states["level"]
    assert shift.to_numpy() == pytest.approx(np.log(1e-6), rel=1e-12)


@pytest.mark.parametrize("season", [False, True])
def test_likelihood_is_that_of_statsmodels(*, season: bool) -> None:
    rng = np.random.default_rng(11)
    y = months(rng.normal(size=60).cumsum() + 3 * rng.normal(size=60))
    y = y.drop(y.index[[14, 20, 21, 40]])
    fit = fit_local_trend(y, form="level", noise="white", season=season)
    whole = y.reindex(pd.period_range(y.index[0], y.index[-1], freq="M")).to_numpy()
    theirs = UnobservedComponents(
        whole, level="local linear trend", seasonal=12 if season else None, use_exact_diffuse=True
    )
    theirs.ssm.tolerance = 0  # no steady state instead of the filter
    assert fit.loglik == pytest.approx(theirs.loglike(fit.variances.to_numpy()), rel=1e-11)


def test_variance_that_adds_nothing_is_exactly_zero() -> None:
    # Increments of one size and random sign: all that is there is shocks to the level.
    walk = months(np.random.default_rng(1).choice([-1.0, 1.0], size=30).cumsum())
    fit = fit_local_trend(walk, form="level", noise="white")
    assert fit.variances[["irregular", "slope"]].to_list() == [0.0, 0.0]
    # Mean square of the increments around their own mean, which is the slope: n - 2 are free.
    steps = np.diff(walk)
    assert fit.variances["level"] == pytest.approx(np.sum((steps - steps.mean()) ** 2) / 28)
    # Without noise in the series its level is known.
    assert fit.states["level"].to_numpy() == pytest.approx(walk.to_numpy(), abs=1e-12)
    assert (fit.states["level_std_error"] == 0).all()


@pytest.mark.parametrize(
    ("values", "options"),
    [
        (3 + 2.0 * np.arange(12), {"form": "level"}),
        (100 * 1.1 ** np.arange(12), {"form": "log"}),
        (np.tile(np.arange(12.0), 4), {"form": "level", "kind": "level", "season": True}),
    ],
    ids=["line", "growth", "season"],
)
def test_values_without_noise(values: FloatArray, options: dict[str, Any]) -> None:
    fit = fit_local_trend(months(values), **options, horizon=1)
    assert (fit.variances == 0).all()
    assert np.isposinf(fit.loglik)
    assert "fits every value but for rounding" in fit.summary()
    assert fit.states["level_std_error"].to_list() == [0.0] * len(values)
    following = {"line": 27.0, "growth": 100 * 1.1**12, "season": 0.0}
    name = "season" if "season" in options else {"level": "line", "log": "growth"}[options["form"]]
    found = fit.forecast_interval().iloc[0].to_numpy()
    assert found == pytest.approx(following[name], rel=1e-10, abs=1e-10)


def test_values_that_only_fix_the_start_are_too_few() -> None:
    y = months(np.random.default_rng(6).normal(size=40))
    with pytest.raises(SampleError, match="at least 36 values, 3 years of them, for 12 seasons"):
        fit_local_trend(y.iloc[:35], form="level", season=True)
    with pytest.raises(SampleError, match="each season to be observed"):
        fit_local_trend(y[y.index.month != 3], form="level", season=True)


def test_bad_requests() -> None:
    years = pd.Series([1.0, 2, 3, 4, 6], index=pd.period_range("2019", periods=5, freq="Y"))
    with pytest.raises(SampleError, match="a series of years has no season"):
        fit_local_trend(years, season=True)
    with pytest.raises(SampleError, match="no logarithm"):
        fit_local_trend(years - 1)
    with pytest.raises(SampleError, match="at least 5"):
        fit_local_trend(years.iloc[:4])
    bad: list[dict[str, Any]] = [{"kind": "jump"}, {"form": "cubic"}, {"horizon": -1}]
    for options in bad:
        with pytest.raises(ValueError, match="expected"):
            fit_local_trend(years, **options)


def test_backtest_by_hand() -> None:
    y = pd.Series([1.0, 2.0, 4.0, 7.0], index=pd.period_range("2019", periods=4, freq="Y"))

    def perfect(known: pd.Series, _: int) -> FloatArray:
        return np.array([known.iloc[-1] + len(known)])

    found = backtest(y, {"perfect": perfect}, first=2)
    table = found.scores
    # Naive misses by 2 and 3; drift continues by 1 (2 + 1 against 4) and 1.5 (5.5 against 7).
    assert table["mae"].to_dict() == pytest.approx({"perfect": 0, "naive": 2.5, "drift": 1.25})
    assert table.loc["drift", "relative"] == pytest.approx(0.5)
    assert table.loc["naive", "rmse"] == pytest.approx(np.sqrt(6.5))
    assert (table["origins"] == 2).all()
    drifting = found.frame[found.frame["forecaster"] == "drift"]
    assert drifting["error"].to_list() == [-1.0, -1.5]
    assert drifting["origin"].astype(str).to_list() == ["2020", "2021"]
    assert drifting["period"].astype(str).to_list() == ["2021", "2022"]
    assert "origins" in found.summary()
    assert found.tidy().equals(table)


def test_backtest_needs_an_unbroken_past() -> None:
    y = pd.Series([1.0, 2.0, 4.0], index=pd.Index([2019, 2020, 2022]))
    with pytest.raises(SampleError, match="unbroken series"):
        backtest(y, {}, first=1)
    with pytest.raises(SampleError, match="unbroken series"):
        backtest(y.iloc[:2], {}, first=2)


def test_backtest_refuses_what_forecasts_too_little() -> None:
    y = pd.Series([1.0, 2.0, 4.0, 7.0], index=pd.period_range("2019", periods=4, freq="Y"))
    with pytest.raises(ValueError, match="expected 2 forecasts from 2020, found 1"):
        backtest(y, {"short": lambda known, _: known.iloc[-1:]}, first=2, horizon=2)
    with pytest.raises(ValueError, match="expected horizon to be 1 or more"):
        backtest(y, {}, first=2, horizon=0)


def test_half_years_are_forecast_under_their_labels() -> None:
    labels = [f"2021/22-H{1 + half}" if half < 2 else f"2022/23-H{half - 1}" for half in range(4)]
    y = pd.Series([1.0, 2, 2, 3, 4], index=pd.Index([*labels, "2023/24-H1"]))
    fit = fit_local_trend(y, kind="level", form="level", horizon=2)
    assert fit.forecasts.index.to_list() == ["2023/24-H2", "2024/25-H1"]


LIKELIHOOD = 1e-6
"""By which the best of another's optimiser, from many starts, may be higher: none may be."""
BOUND = 0.9999
"""Largest part kept that is searched for."""


def drawn(
    nobs: int, *, rho: float, level: float, noise: float, seasons: int, seed: int
) -> pd.Series:
    """Draw a level that drifts, noise that lasts and white noise, with a season of months."""
    rng = np.random.default_rng(seed)
    lasting = np.zeros(nobs)
    for t, shock in enumerate(rng.normal(size=nobs)):
        lasting[t] = (rho * lasting[t - 1] if t else 0.0) + shock
    y = lasting + level * rng.normal(size=nobs).cumsum() + noise * rng.normal(size=nobs)
    y += 0.02 * np.arange(nobs) + 2 * np.sin(np.arange(nobs) * 2 * np.pi / 12) * (seasons > 1)
    return months(y)


def best_of_statsmodels(y: pd.Series, kind: Kind, seasons: int | None, starts: int) -> float:
    """Return its highest log-likelihood from its own start and from random ones."""
    model = UnobservedComponents(
        y.to_numpy(),
        level=SPECIFICATIONS[kind],
        seasonal=seasons,
        autoregressive=1,
        use_exact_diffuse=True,
    )
    model.ssm.tolerance = 0
    rng = np.random.default_rng(5)
    best = -np.inf
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for start in range(starts):
            sizes = np.exp(rng.normal(-1, 2, size=len(model.param_names) - 1))
            params = np.append(sizes, rng.uniform(-0.9, 0.97)) if start else model.start_params
            found = model.fit(params, disp=False, maxiter=500, cov_type="none").params
            if abs(found[-1]) <= BOUND:
                best = max(best, float(model.loglike(found)))
    return best


@pytest.mark.parametrize(
    ("nobs", "rho", "level", "noise", "kind"),
    [
        (12, 0.5, 0.0, 0.0, "trend"),
        (20, 0.8, 0.3, 0.5, "level"),
        (40, -0.5, 0.5, 0.0, "trend"),
        (60, 0.6, 0.1, 0.0, "trend"),
        (60, 0.0, 1.0, 0.5, "level"),
        (120, 0.9, 0.0, 1.0, "trend"),
    ],
)
def test_no_start_of_statsmodels_finds_a_higher_likelihood(
    nobs: int, rho: float, level: float, noise: float, kind: Kind
) -> None:
    y = drawn(nobs, rho=rho, level=level, noise=noise, seasons=1, seed=nobs)
    fit = fit_local_trend(y, kind=kind, form="level", noise="ar1")
    assert fit.loglik >= best_of_statsmodels(y, kind, None, starts=8) - LIKELIHOOD


def test_nor_with_a_season() -> None:
    y = drawn(60, rho=0.6, level=0.2, noise=0.3, seasons=12, seed=2)
    fit = fit_local_trend(y, kind="trend", form="level", noise="ar1", season=True)
    assert fit.loglik >= best_of_statsmodels(y, "trend", 12, starts=3) - LIKELIHOOD


def test_likelihood_with_lasting_noise_is_that_of_statsmodels() -> None:
    y = drawn(60, rho=0.6, level=0.2, noise=0.3, seasons=1, seed=8)
    y.iloc[[3, 4, 30]] = np.nan
    fit = fit_local_trend(y, form="level", noise="ar1")
    theirs = UnobservedComponents(
        y.to_numpy(), level="local linear trend", autoregressive=1, use_exact_diffuse=True
    )
    theirs.ssm.tolerance = 0
    params = np.append(fit.variances.to_numpy(), 0.0 if np.isnan(fit.rho) else fit.rho)
    assert fit.loglik == pytest.approx(theirs.loglike(params), rel=1e-11)


def test_unit_changes_nothing_but_the_unit_with_lasting_noise() -> None:
    y = drawn(60, rho=0.6, level=0.2, noise=0.3, seasons=1, seed=8)
    plain, small = (
        fit_local_trend(y * unit, form="level", noise="ar1", horizon=2) for unit in (1, 1e-6)
    )
    assert small.rho == pytest.approx(plain.rho, rel=1e-10)
    assert small.variances.to_numpy() == pytest.approx(plain.variances.to_numpy() * 1e-12, rel=1e-9)
    assert small.slope_interval() == pytest.approx(np.array(plain.slope_interval()) * 1e-6)


def test_noise_is_chosen_by_aic_and_both_are_printed() -> None:
    lasts = fit_local_trend(drawn(120, rho=0.7, level=0, noise=0, seasons=1, seed=1), form="level")
    assert (lasts.noise, lasts.criteria["aic"].idxmin()) == ("ar1", "ar1")
    assert lasts.rho == pytest.approx(0.7, abs=0.2)
    walk = months(np.random.default_rng(3).normal(size=200).cumsum())
    drifts = fit_local_trend(walk, form="level")
    assert drifts.noise == "white"
    assert "white" in drifts.summary()
    assert "ar1" in drifts.summary()
    told = fit_local_trend(walk, form="level", noise="ar1").summary()
    assert "not told from white noise beside a level that drifts" in told or "more likely" in told


def test_too_short_for_lasting_noise() -> None:
    y = drawn(9, rho=0.5, level=0, noise=0, seasons=1, seed=1)
    with pytest.raises(SampleError, match="at least 10 observations"):
        fit_local_trend(y, form="level", noise="ar1")
    assert fit_local_trend(y, form="level").criteria.index.to_list() == ["white"]


def test_slope_interval_is_the_union_over_what_is_as_likely() -> None:
    y = drawn(30, rho=0.5, level=0, noise=0, seasons=1, seed=3)
    fit = fit_local_trend(y, form="level")
    assert fit.slope == pytest.approx(fit.states["slope"].mean(), rel=1e-9)
    ours = fit.slope - 2.0 * fit.plausible["std_error"].iloc[0]
    low, high = fit.slope_interval()
    assert low <= ours
    assert low < fit.slope < high
    wide = fit.slope_interval(level=0.99)
    assert wide[0] < low
    with pytest.raises(SampleError, match="a level without a slope"):
        fit_local_trend(y, form="level", kind="level").slope_interval()


def test_summary_tells_noise_around_a_trend_from_a_random_walk() -> None:
    noise = drawn(200, rho=0.2, level=0, noise=0, seasons=1, seed=4)
    walk = months(np.random.default_rng(3).normal(size=200).cumsum())
    fits = [fit_local_trend(y, form="level", noise="white") for y in (noise, walk)]
    assert "like I(0) around a trend" in fits[0].summary()
    assert "like I(1), a random walk" in fits[1].summary()
    assert len(fits[0].tests) == 2
    ratios = [fit.persistence.variance_ratios for fit in fits]
    assert ratios[0][36] < 0.2
    assert ratios[1][3] == pytest.approx(1, abs=0.35)
