"""Forecasts under all variances that are as likely as the best, and what the slope stands for."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from flows.models.growth import compare_growth
from flows.models.sample import FloatArray
from flows.models.state_space import fit_local_trend


def months(values: FloatArray) -> pd.Series:
    return pd.Series(values, index=pd.period_range("2000-01", periods=len(values), freq="M"))


NOISE = np.random.default_rng(5).normal(size=48)
SEASON = np.tile(np.arange(12.0), 4)


@pytest.mark.parametrize(
    ("values", "options"),
    [
        (NOISE, {"noise": "white"}),
        (NOISE, {"kind": "level"}),
        (NOISE.cumsum(), {"noise": "ar1"}),
        (NOISE + SEASON, {"noise": "white", "season": True}),
        (np.where(np.arange(48) % 7 == 5, np.nan, NOISE), {}),
    ],
)
def test_those_of_the_optimum_are_statsmodels(values: FloatArray, options: dict[str, Any]) -> None:
    fit = fit_local_trend(months(values), form="level", horizon=7, **options)
    for name, column in fit.forecasts.items():
        ours = fit.plausible_forecasts[name].to_numpy()[:, 0]
        assert ours == pytest.approx(column.to_numpy(), rel=1e-6, abs=1e-9)


def test_interval_is_the_union_of_all_that_are_likely() -> None:
    fit = fit_local_trend(months(NOISE[:24]), form="level", horizon=3, level=0.9)
    interval = fit.forecast_interval()
    means, errors = (fit.plausible_forecasts[name].to_numpy() for name in ("mean", "std_error"))
    assert means.size > len(interval)
    half = stats.t.ppf(0.95, fit.df) * errors
    assert interval["low"].to_numpy() == pytest.approx((means - half).min(axis=1))
    assert interval["high"].to_numpy() == pytest.approx((means + half).max(axis=1))
    assert interval.index.equals(fit.forecasts.index)
    assert (interval["low"] < interval["fitted"]).all()
    assert (interval["fitted"] < interval["high"]).all()


def test_a_drift_estimated_as_zero_is_not_taken_as_known() -> None:
    fit = fit_local_trend(months(NOISE[20:44]), form="level", noise="white", horizon=12)
    assert fit.variances["level"] == 0
    last = fit.forecast_interval().iloc[-1]
    alone = 2 * stats.t.ppf(0.975, fit.df) * fit.forecasts["std_error"].iloc[-1]
    assert last["high"] - last["low"] > 1.2 * alone


def test_intervals_are_there_from_ten_values_on() -> None:
    fits = [fit_local_trend(months(NOISE[:n]), form="level", horizon=1) for n in (9, 10)]
    missing = [bool(fit.forecast_interval()["low"].isna().all()) for fit in fits]
    assert missing == [True, False]
    assert np.isnan([fit.slope_interval() for fit in fits]).all(axis=1).tolist() == missing
    few, enough = (fit.summary() for fit in fits)
    assert "none of slope and forecasts: 9 values, 10 needed" in few
    assert "nan" not in few
    assert "values, 10 needed" not in enough
    assert "fewer than 24 values: if shocks stay, 95% of the slope holds in 85 to 90%" in enough


def test_growth_that_drifts_is_that_of_these_periods_alone() -> None:
    years = pd.period_range("1991", periods=30, freq="Y")
    drifting, steady = 0.2 * NOISE[:30].cumsum().cumsum(), 0.05 * np.arange(30) + 0.1 * NOISE[:30]
    answers = [
        compare_growth(pd.Series(np.exp(logs), index=years)).estimates["state space"].answers
        for logs in (drifting, steady)
    ]
    assert [answer.endswith(", of these periods alone") for answer in answers] == [True, False]
