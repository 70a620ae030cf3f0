"""Estimators side by side, and breaks beside events."""

import numpy as np
import pandas as pd
import pytest
from references import SANDWICH
from scipy import stats

from flows.errors import SampleError
from flows.models.breaks import find_breaks
from flows.models.growth import GrowthEstimate, compare_fits, compare_growth
from flows.models.sample import FloatArray


def _years(values: list[float]) -> pd.Series:
    return pd.Series(values, index=pd.period_range("2001", periods=len(values), freq="Y"))


NOISY = _years([100.0, 112, 117, 137, 144, 165, 174, 197])


def test_estimators_agree_on_steady_growth() -> None:
    found = compare_growth(NOISY)
    assert found.apart == ()
    assert found.same_sign
    assert found.table["growth_pct"].to_numpy() == pytest.approx(10, abs=1)
    lines = found.table.drop(index="state space")
    assert (lines["low"] < lines["growth_pct"]).all()
    assert found.summary().endswith("all intervals overlap\none sign")


def test_an_interval_that_does_not_hold_is_none_and_says_why() -> None:
    found = compare_growth(NOISY)
    state_space = found.estimates["state space"]
    assert np.isnan(state_space.interval).all()
    assert not state_space.has_interval
    assert state_space.answers.endswith("(no interval: not simulated for fewer than 10 periods)")
    (line,) = (line for line in found.summary().splitlines() if line.startswith("state space"))
    assert " % a year [none]  average of a drifting slope (no interval" in line
    longer = _years([*NOISY, 210.0, 245, 250, 284, 318, 325, 380])
    assert compare_growth(longer).estimates["state space"].has_interval


def test_differences_by_hand_with_a_gap() -> None:
    y = pd.Series(
        [1.0, np.e, np.e**2, np.e**5, np.e**5.5], index=pd.Index([2001, 2002, 2003, 2005, 2006])
    )
    estimate = compare_growth(y).estimates["differences"]
    assert estimate.growth_pct == pytest.approx(100 * np.expm1(5.5 / 5))
    # Steps 1, 1, 3 (over two years) and 0.5 less 1.1 a year; neighbours move apart, so that their
    # persistence counts as zero. One cosine over 2002 to 2006, less what the spans explain of it.
    root = np.sqrt([1, 1, 2, 1])
    left = np.array([1, 1, 3, 0.5]) / root - 1.1 * root
    cosine = np.cos(np.pi * np.array([0.5, 1.5, 3.5, 4.5]) / 5)
    cosine -= root * (root @ cosine) / 5
    half = stats.t.ppf(0.975, 1) * abs(cosine @ left) / np.linalg.norm(cosine) / np.sqrt(5)
    assert estimate.high == pytest.approx(100 * np.expm1(1.1 + half))


def test_one_outlier_moves_the_line_and_not_the_median_pair() -> None:
    y = _years([100.0, 110, 121, 133.1, 146.41, 161.05, 177.16, 1948.7])
    found = compare_growth(y).estimates
    assert found["Theil-Sen"].growth_pct == pytest.approx(10, abs=1)
    assert found["OLS-log"].growth_pct > 20


def test_sen_slope_of_the_nile_in_logs_has_the_sign_of_r() -> None:
    y = _years([float(value) for value in SANDWICH["data"]["nile"]["values"]])
    estimate = compare_growth(y).estimates["Theil-Sen"]
    slopes = [
        (np.log(y.iloc[j]) - np.log(y.iloc[i])) / (j - i)
        for i in range(100)
        for j in range(i + 1, 100)
    ]
    assert estimate.growth_pct == pytest.approx(100 * np.expm1(np.median(slopes)))


def _months(years: int) -> pd.Series:
    """Monthly trade that grows by 6 % a year, with a strong season and noise."""
    time = np.arange(12 * years)
    noise = np.random.default_rng(7).normal(scale=0.1, size=time.size)
    season = np.tile(np.linspace(-0.8, 0.8, 12), years)
    values = np.exp(np.log(1.06) * time / 12 + season + noise)
    return pd.Series(values, index=pd.period_range("2009-01", periods=time.size, freq="M"))


def test_a_season_does_not_widen_any_interval() -> None:
    found = compare_growth(_months(12)).table
    assert found["growth_pct"].to_numpy() == pytest.approx(6, abs=1)
    assert (found["high"] - found["low"] < 10).all()
    assert found["answers"].to_list() == [
        "growth of the median, seasonal dummies",
        "growth of the mean, seasonal dummies",
        "average change from a year before",
        "median pair of the same season, outliers aside",
        "average of a drifting slope, drifting season",
    ]


def test_season_is_left_alone_where_it_was_seen_too_seldom() -> None:
    found = compare_growth(_months(2)).estimates
    assert found["differences"].answers == "average change from one period to the next"
    assert found["OLS-log"].answers == "growth of the median"


def test_yearly_differences_by_hand() -> None:
    quarters = pd.period_range("2019Q1", periods=16, freq="Q")
    logs = np.array([0.0, 1, 2, 3, 1, 2, 3, 4, 2, 3, 4, 5, 3, 4, 5, 7])
    y = pd.Series(np.exp(logs), index=quarters)
    # Every quarter is 1 above that of the year before, the last one 2: 13 / 12 a year.
    assert compare_growth(y).estimates["differences"].growth_pct == pytest.approx(
        100 * np.expm1(13 / 12)
    )
    # Without the quarter 2020Q1 two of the twelve differences are gone.
    gap = compare_growth(y.drop(quarters[4])).estimates["differences"]
    assert gap.growth_pct == pytest.approx(100 * np.expm1(11 / 10))


def _theil_sen(y: pd.Series) -> FloatArray:
    """Return the slope of the logarithm and the ends of its interval, a year."""
    estimate = compare_growth(y).estimates["Theil-Sen"]
    return np.log1p(np.array([estimate.growth_pct, estimate.low, estimate.high]) / 100)


def _scipy_theil_sen(y: pd.Series) -> FloatArray:
    found = stats.theilslopes(np.log(y.to_numpy()), np.arange(float(len(y))), alpha=0.95)
    return np.array([found.slope, found.low_slope, found.high_slope])


def test_median_pair_of_years_has_the_interval_of_scipy_where_ranks_show_no_more() -> None:
    np.testing.assert_allclose(_theil_sen(NOISY), _scipy_theil_sen(NOISY), rtol=1e-12)


def test_autocorrelation_stretches_the_interval_of_the_median_pair() -> None:
    waves = _years(list(np.exp(0.05 * np.arange(30) + 0.2 * np.sin(np.arange(30) / 3))))
    slope, low, high = _theil_sen(waves)
    expected, below, above = _scipy_theil_sen(waves)
    assert slope == pytest.approx(expected, rel=1e-12)
    # Both sides by the same factor, and an outlier of any size does not move it.
    stretch = (high - slope) / (above - slope)
    assert stretch > 2
    assert (slope - low) / (slope - below) == pytest.approx(stretch)
    higher, highest = (waves.copy(), waves.copy())
    higher.iloc[20] *= 1e3
    highest.iloc[20] *= 1e6
    np.testing.assert_allclose(_theil_sen(higher), _theil_sen(highest), rtol=1e-9)


def test_disagreement_is_named() -> None:
    up = GrowthEstimate(5.0, 4.0, 6.0, 9, "line")
    down = GrowthEstimate(-5.0, -6.0, -4.0, 9, "ends")
    found = compare_fits({"up": up, "down": down}, level=0.9)
    assert found.apart == (("up", "down"),)
    assert "intervals apart: up and down\nsigns differ" in found.summary()
    assert found.tidy().equals(found.table)
    with pytest.raises(ValueError, match="at least one"):
        compare_fits({})


def test_bad_series() -> None:
    with pytest.raises(SampleError, match="poisson"):
        compare_growth(_years([1.0, 2, 0, 4, 5]))
    with pytest.raises(SampleError, match="at least 5"):
        compare_growth(_years([1.0, 2]))


STEP = _years([10.0, 11, 9, 10, 11, 10, 20, 21, 19, 20, 21, 20])
EVENTS = pd.DataFrame(
    {
        "date": ["2007-05-01", "2007-01-01", "2011-01-01"],
        "name": ["ban", "HS 2007", "war"],
        "kind": ["policy", "classification", "war"],
    }
)


@pytest.mark.parametrize(
    ("rows", "verdict"),
    [([0, 1, 2], "either"), ([0], "world"), ([1], "statistics"), ([2], "unexplained")],
)
def test_break_is_marked_by_what_happened_in_its_interval(rows: list[int], verdict: str) -> None:
    marked = find_breaks(STEP).beside(EVENTS.iloc[rows])
    assert marked["verdict"].to_list() == [verdict]


def test_names_of_events_are_kept_apart() -> None:
    marked = find_breaks(STEP).beside(EVENTS)
    assert marked[["world", "records"]].to_numpy().tolist() == [["ban", "HS 2007"]]


def test_breaks_in_years_of_another_calendar_lie_beside_the_events_of_its_days() -> None:
    years = STEP.set_axis(pd.Index(range(1390, 1402)))
    # The interval begins with Iran's 1395, that is on 20 March 2016.
    events = pd.DataFrame(
        {"date": ["2016-03-19", "2016-03-20"], "name": ["old", "new"], "kind": ["war", "war"]}
    )
    fit = find_breaks(years, interval="bai-perron")
    assert fit.conf_int()["low"].to_dict() == {1396: 1395}
    assert fit.beside(events, calendar="solar-hijri")["world"].to_list() == ["new"]
    with pytest.raises(ValueError, match="days of 1395 depend on the calendar"):
        fit.beside(events)


def test_bad_events() -> None:
    with pytest.raises(ValueError, match="missing kind"):
        find_breaks(STEP).beside(EVENTS.drop(columns="kind"))
