"""The trend of one series: by hand, against R, and what bad series are told."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from references import NILE, SANDWICH

from flows.errors import FlowsError, PeriodError, SampleError
from flows.models.sample import check_series
from flows.models.trend import fit_trend

SAME = 1e-10


def _years(*values: float, start: int = 2015) -> pd.Series:
    return pd.Series(values, index=pd.period_range(str(start), periods=len(values), freq="Y"))


def test_trend_by_hand() -> None:
    # y = 1, 2, 2, 5 on t = 0..3: slope 6/5, constant 0.7, residuals 0.3, 0.1, -1.1, 0.7
    fit = fit_trend(_years(1, 2, 2, 5), form="level", se="classical")
    assert fit.params.to_list() == pytest.approx([0.7, 1.2])
    assert fit.resids.to_list() == pytest.approx([0.3, 0.1, -1.1, 0.7])
    # s^2 = 1.8 / 2; var(slope) = s^2 / 5; t = 1.2 / 0.424264
    assert fit.std_errors["trend"] == pytest.approx(np.sqrt(0.9 / 5))
    assert fit.r_squared == pytest.approx(1 - 1.8 / 9)
    # The t distribution with 2 degrees of freedom has a closed form.
    t = 1.2 / np.sqrt(0.18)
    assert fit.pvalues["trend"] == pytest.approx(1 - t / np.sqrt(2 + t**2))


@pytest.mark.parametrize("lags", range(7))
@pytest.mark.parametrize(("small_sample", "adjust"), [("none", 0), ("stata", 1)])
def test_newey_west_errors_of_the_nile_equal_r_sandwich(
    lags: int, small_sample: Any, adjust: int
) -> None:
    fit = fit_trend(NILE, form="level", se="newey-west", lags=lags, small_sample=small_sample)
    found = SANDWICH["cases"]["nile-trend"]
    assert fit.slope == pytest.approx(found["params"][1], rel=SAME)
    # R counted the years from 1 and here the first is 0, which moves the constant only.
    expected = found["covariance"][f"newey-west lags={lags} prewhite=0 adjust={adjust}"][1][1]
    assert fit.std_errors["trend"] == pytest.approx(np.sqrt(expected), rel=SAME)


def test_growth_of_months_is_percent_a_year() -> None:
    months = pd.period_range("2019-01", periods=36, freq="M")
    y = pd.Series(50 * 1.08 ** (np.arange(36) / 12), index=months)
    assert fit_trend(y).growth_pct == pytest.approx(8)


def test_growth_of_quarters_is_percent_a_year() -> None:
    quarters = pd.period_range("2019Q1", periods=8, freq="Q")
    y = pd.Series(50 * 1.08 ** (np.arange(8) / 4), index=quarters)
    assert fit_trend(y).growth_pct == pytest.approx(8)


def test_time_comes_from_integer_years_with_a_gap() -> None:
    y = pd.Series([100.0, 121.0, 146.41], index=pd.Index([1395, 1397, 1399]))
    fit = fit_trend(y, se="classical")
    assert fit.growth_pct == pytest.approx(10)
    assert fit.fitted.index.to_list() == [1395, 1397, 1399]


def test_rows_without_a_value_are_counted_with_the_reason() -> None:
    fit = fit_trend(_years(100, np.nan, 121, 133.1), se="classical")
    assert fit.growth_pct == pytest.approx(10)
    assert fit.nobs == 3
    assert {str(period): why for period, why in fit.left_out.items()} == {"2016": "missing value"}
    assert "1 (2016: missing value)" in fit.summary()


def test_interval_of_growth_is_the_transformed_interval_of_the_slope() -> None:
    fit = fit_trend(_years(100, 112, 119, 135, 146), se="hc1", level=0.9)
    low, high = fit.growth_interval()
    # Student's t with 3 degrees of freedom: 95 % quantile 2.353363
    half = 2.353363 * fit.std_errors["trend"]
    assert low == pytest.approx(100 * (np.exp(fit.slope - half) - 1), abs=1e-4)
    assert high == pytest.approx(100 * (np.exp(fit.slope + half) - 1), abs=1e-4)


def test_lag_rule_is_recorded() -> None:
    assert fit_trend(NILE, se="newey-west").lags == 4
    assert fit_trend(NILE, se="newey-west").covariance_type == (
        "Newey-West, 4 lags (floor(4(n/100)^(2/9))), factor n/(n-k)"
    )
    assert (
        fit_trend(NILE, se="newey-west", lags=1).covariance_type
        == "Newey-West, 1 lag (given), factor n/(n-k)"
    )
    assert fit_trend(NILE, se="hc3").covariance_type == "HC3"


def test_summary_states_the_choices_and_no_clock() -> None:
    assert fit_trend(_years(100, 110, 121, 133.1), se="classical").summary().splitlines()[:8] == [
        "Trend in the logarithm",
        "growth       10.00 % a year [10.00, 10.00]",
        "periods      2015 to 2018",
        "nobs         4",
        "left out     none",
        "covariance   classical; t(2)",
        "interval     95%",
        "R squared    1.0000",
    ]


def test_level_has_a_slope_and_no_growth_rate() -> None:
    fit = fit_trend(_years(3, 5, 7, 10), form="level")
    assert "growth" not in fit.summary()
    with pytest.raises(ValueError, match="no constant rate"):
        _ = fit.growth_pct
    with pytest.raises(ValueError, match="no constant rate"):
        fit.growth_interval()


def test_tidy_has_one_row_a_coefficient() -> None:
    tidy = fit_trend(_years(100, 112, 119, 135)).tidy()
    assert tidy.index.to_list() == ["const", "trend"]
    assert tidy.columns.to_list() == ["estimate", "std_error", "pvalue", "low", "high"]


def _fails(y: pd.Series, error: type[FlowsError], message: str, **options: Any) -> None:
    with pytest.raises(error, match=message):
        fit_trend(y, **options)


def test_too_few_observations() -> None:
    _fails(_years(1, 2, np.nan), SampleError, "at least 3 observations, found 2")
    _fails(_years(np.nan, np.nan, np.nan), SampleError, "found 0")


def test_constant_series() -> None:
    _fails(_years(4, 4, 4), SampleError, "found 4.0 in all 3 periods")


def test_zero_has_no_logarithm() -> None:
    _fails(_years(4, 0, 5), SampleError, "found 0.0 at 2016; a zero has no logarithm")
    assert fit_trend(_years(4, 0, 5), form="level", se="classical").nobs == 3


def test_negative_value_has_no_logarithm() -> None:
    _fails(_years(4, 3, -5), SampleError, "found -5.0 at 2017")


def test_infinite_value() -> None:
    _fails(_years(4, np.inf, 5), SampleError, "infinity at 2016")


def test_text_is_no_number() -> None:
    _fails(_years(1, 2, 3).astype("str"), SampleError, "expected numbers")


def test_period_twice() -> None:
    twice = pd.PeriodIndex(["2019", "2020", "2020"], freq="Y")
    _fails(pd.Series([1.0, 2.0, 3.0], index=twice), PeriodError, "found twice: 2020")


def test_mixed_frequency() -> None:
    mixed = pd.Index([pd.Period("2019", "Y"), pd.Period("2020-01", "M")], dtype=object)
    _fails(pd.Series([1.0, 2.0], index=mixed), PeriodError, "one frequency, found M, Y-DEC")


def test_row_numbers_are_not_time() -> None:
    _fails(pd.Series([1.0, 2.0, 3.0]), PeriodError, "row numbers are not time")


def test_dates_are_not_periods() -> None:
    dates = pd.to_datetime(["2019-01-01", "2020-01-01", "2021-01-01"])
    _fails(pd.Series([1.0, 2.0, 3.0], index=dates), PeriodError, "to_period")


def test_frequency_that_no_model_knows() -> None:
    weeks = pd.period_range("2019-01-01", periods=3, freq="W")
    _fails(pd.Series([1.0, 2.0, 3.0], index=weeks), PeriodError, "frequency W-SUN")
    twos = pd.PeriodIndex(["2019", "2021", "2023"], freq="2Y")
    _fails(pd.Series([1.0, 2.0, 3.0], index=twos), PeriodError, "frequency 2Y")


def test_row_without_a_period() -> None:
    index = pd.PeriodIndex(["2019", None, "2021"], freq="Y")
    _fails(pd.Series([1.0, 2.0, 3.0], index=index), PeriodError, "found 1 without")


def test_empty_series() -> None:
    empty = pd.Series([], dtype=float, index=pd.PeriodIndex([], freq="Y"))
    _fails(empty, SampleError, "found 0")


@pytest.mark.parametrize("options", [{"form": "cubic"}, {"level": 95}, {"level": 0}])
def test_bad_arguments(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="expected") as caught:
        fit_trend(_years(1, 2, 3), **options)
    assert not isinstance(caught.value, FlowsError)


def test_nullable_numbers_are_numbers() -> None:
    y = _years(100, 110, 121, 133.1).astype("Float64")
    y.iloc[1] = pd.NA
    assert fit_trend(y, se="classical").nobs == 3


POSITIVE = st.lists(st.floats(1, 1e6), min_size=5, max_size=15, unique=True)


@given(values=POSITIVE, factor=st.floats(0.001, 1000))
def test_growth_does_not_depend_on_the_unit(values: list[float], factor: float) -> None:
    y = _years(*values)
    assert fit_trend(factor * y).slope == pytest.approx(fit_trend(y).slope, abs=1e-9)


@given(values=POSITIVE)
def test_a_wider_level_gives_a_wider_interval(values: list[float]) -> None:
    fit = fit_trend(_years(*values))
    narrow, wide = fit.conf_int(level=0.9), fit.conf_int(level=0.99)
    assert (wide["low"] <= narrow["low"]).all()
    assert (wide["high"] >= narrow["high"]).all()


def test_sample_keeps_distances_in_time() -> None:
    index = pd.PeriodIndex(["2021-04", "2021-01", "2020-12"], freq="M")
    sample = check_series(pd.Series([3.0, 2.0, 1.0], index=index), at_least=3)
    assert np.diff(sample.steps).tolist() == [1, 3]
    assert not sample.unbroken
    assert sample.years.tolist() == pytest.approx([0, 1 / 12, 4 / 12])


def test_interval_of_the_line_is_that_of_a_prediction_of_the_mean() -> None:
    years = pd.period_range("2001", "2006", freq="Y")
    y = pd.Series([3.0, 5.0, 4.0, 8.0, 9.0, 8.0], index=years)
    line = fit_trend(y, form="level", se="classical").line_interval(level=0.9)
    x = np.column_stack([np.ones(6), np.arange(6.0)])
    theirs = sm.OLS(y.to_numpy(), x).fit().get_prediction(x).conf_int(alpha=0.1)
    np.testing.assert_allclose(line[["low", "high"]].to_numpy(), theirs, rtol=1e-12)


def test_interval_of_a_logarithmic_line_is_in_the_units_of_the_series() -> None:
    years = pd.period_range("2001", "2006", freq="Y")
    y = pd.Series([3.0, 5.0, 4.0, 8.0, 9.0, 8.0], index=years)
    in_logs = fit_trend(np.log(y), form="level", se="classical").line_interval()
    in_units = fit_trend(y, form="log", se="classical").line_interval()
    np.testing.assert_allclose(in_units.to_numpy(), np.exp(in_logs.to_numpy()), rtol=1e-12)


def test_season_does_not_bend_the_trend() -> None:
    # Six months of a rising year: without its season the second half would pass for growth.
    months = pd.period_range("2019-01", periods=36, freq="M")
    season = np.tile(np.arange(12.0) / 10 - 0.55, 3)
    y = pd.Series(np.exp(0.05 * np.arange(36) / 12 + season), index=months)
    for kind, tolerance in (("dummies", 1e-9), ("none", 0.2)):
        fit = fit_trend(y, season=kind, se="classical")  # type: ignore[arg-type]
        assert fit.slope == pytest.approx(0.05, abs=tolerance)
    assert fit_trend(y, season="dummies").params.index[2] == "season_1"
    wave = np.cos(2 * np.pi * np.arange(36) / 12) + np.sin(4 * np.pi * np.arange(36) / 12)
    waved = pd.Series(np.exp(0.05 * np.arange(36) / 12 + wave), index=months)
    fit = fit_trend(waved, season="harmonics", se="classical")
    assert fit.params.round(9).to_dict() == {
        "const": 0,
        "trend": 0.05,
        "cos_1": 1,
        "sin_1": 0,
        "cos_2": 0,
        "sin_2": 1,
    }


def test_seasons_that_cannot_be_told() -> None:
    _fails(_years(1, 2, 4), SampleError, "a series of years has no season", season="dummies")
    months = pd.period_range("2019-01", periods=6, freq="M")
    half = pd.Series(np.arange(1.0, 7.0), index=months)
    _fails(half, SampleError, "expected each of 12 seasons", season="dummies")
    with pytest.raises(ValueError, match="expected season"):
        fit_trend(half, season="weeks")  # type: ignore[arg-type]


def test_growth_without_a_period_is_that_of_the_line_through_all_others() -> None:
    years = pd.period_range("2015", "2022", freq="Y")
    y = pd.Series([100.0, 112.0, 119.0, 135.0, 146.0, 163.0, 176.0, 300.0], index=years)
    fit = fit_trend(y, se="classical")
    carrier = fit.diagnostics.most_influential
    assert carrier == pd.Period("2022", "Y")
    others = fit_trend(y.drop(carrier), se="classical")
    assert fit.growth_without(carrier) == pytest.approx(others.growth_pct, rel=1e-9)
    with pytest.raises(KeyError, match="expected one of the periods 2015 to 2022, found 2030"):
        fit.growth_without(pd.Period("2030", "Y"))
