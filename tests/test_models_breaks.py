"""Breaks against strucchange and mbreaks, by hand, and what bad requests are told."""

import itertools
from typing import Any, Literal

import numpy as np
import pandas as pd
import pytest
from compare_breaks import TURN, TURNING, break_cases
from comparison import nile, read
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.errors import FlowsError, PeriodError, SampleError
from flows.models.break_dates import (
    Shift,
    argmax_cdf,
    break_interval,
    date_interval,
    measure_shift,
    measure_shifts,
)
from flows.models.break_tests import (
    bai_perron_critical_values,
    change_statistic,
    f_statistics,
    hansen_pvalue,
    known_date_test,
    one_more_break_test,
    single_break_tests,
)
from flows.models.breaks import find_breaks, information_criteria
from flows.models.fluctuation import ols_cusum, ols_mosum, recursive_cusum
from flows.models.least_squares import fit_least_squares
from flows.models.partitions import (
    Design,
    best_partitions,
    cut,
    fit_regimes,
    mean_partitions,
    partial_partitions,
    partitions_of,
    regime_cost,
    regime_covariance,
    segment_costs,
)
from flows.models.results import HypothesisTest
from flows.models.sample import FloatArray

STRUCCHANGE = read("strucchange")
MBREAKS = read("mbreaks")["cases"]
CASES = STRUCCHANGE["cases"]
DESIGNS = {case: design for case, _, design, _ in break_cases()}

# Both programs add recursive residuals in double precision; the regressors of the seat-belt model
# (a constant and two lags near 3.2) have a condition of 1e3, and its square is lost.
SAME = 1e-9


def _regression(case: str) -> tuple[FloatArray, FloatArray]:
    return DESIGNS[case].x, DESIGNS[case].y


@pytest.mark.parametrize("case", CASES)
def test_partitions_and_criteria_equal_strucchange(case: str) -> None:
    expected = CASES[case]
    design = DESIGNS[case]
    most = len(expected["partitions"])
    costs = segment_costs(design.x, design.y, shortest=design.shortest)
    found = best_partitions(costs, most=most)
    # R dates a break by the last observation of the old regime, counted from 1; that number is the
    # first of the new one counted from 0.
    assert [list(breaks) for breaks in found.breaks[1:]] == expected["partitions"]
    np.testing.assert_allclose(found.costs, expected["rss"], rtol=SAME)
    criteria = information_criteria(found.costs, nobs=len(design.y), coefficients=design.x.shape[1])
    for name in ("aic", "bic", "lwz"):
        known = len(expected[name])
        np.testing.assert_allclose(criteria[name][:known], expected[name], rtol=SAME)


@pytest.mark.parametrize("case", CASES)
def test_single_break_tests_equal_strucchange(case: str) -> None:
    design = DESIGNS[case]
    costs = segment_costs(design.x, design.y, shortest=design.shortest)
    path = f_statistics(costs, shortest=design.shortest, coefficients=design.x.shape[1])
    np.testing.assert_allclose(path[~np.isnan(path)], CASES[case]["f_statistics"], rtol=1e-8)
    tests = single_break_tests(design, path)
    for name, (statistic, pvalue) in CASES[case]["tests"].items():
        assert tests[name].statistic == pytest.approx(statistic, rel=SAME)
        # R trims at floor(0.15 n) of n - 1 intervals, which moves the trim by less than 0.01.
        assert tests[name].pvalue == pytest.approx(pvalue, abs=5e-4)


INTERVALS = [(case, kind) for case in CASES for kind in CASES[case]["intervals"]]


@pytest.mark.parametrize(("case", "kind"), INTERVALS)
def test_intervals_of_dates_equal_strucchange(case: str, kind: str) -> None:
    design = DESIGNS[case]
    se, _, level = kind.partition(" ")
    for partition, expected in zip(
        CASES[case]["partitions"], CASES[case]["intervals"][kind], strict=False
    ):
        shifts = measure_shifts(design, np.array(partition), se=se)  # type: ignore[arg-type]
        found = [
            list(break_interval(at, shift, level=float(level or 0.95)))
            for at, shift in zip(partition, shifts, strict=True)
            if shift is not None
        ]
        assert found == expected


@pytest.mark.parametrize(
    "reference", MBREAKS, ids=lambda case: f"{case['series']} {case['errors']}"
)
def test_tests_for_several_breaks_equal_mbreaks(reference: dict[str, Any]) -> None:
    case = "nile-const" if reference["series"] == "nile" else "real-interest"
    design = DESIGNS[case]
    costs = segment_costs(design.x, design.y, shortest=design.shortest)
    partitions = best_partitions(costs, most=5)
    se = reference["errors"]
    found = [change_statistic(design, breaks, se=se) for breaks in partitions.breaks[1:]]
    np.testing.assert_allclose(found, reference["supF"], rtol=1e-12)
    if reference["one more"]:
        further = [
            one_more_break_test(design, breaks, se=se).statistic for breaks in partitions.breaks[:5]
        ]
        np.testing.assert_allclose(further, reference["one more"], rtol=1e-11)


def test_chow_equals_r() -> None:
    test = known_date_test(DESIGNS["nile-const"], 28)
    assert (test.statistic, test.pvalue) == pytest.approx(
        tuple(STRUCCHANGE["chow_nile_1898"]), rel=1e-10
    )


@pytest.mark.parametrize("case", STRUCCHANGE["argmax_cdf"])
def test_distribution_of_the_date_equals_r(case: dict[str, Any]) -> None:
    found = [argmax_cdf(x, xi=case["xi"], phi1=case["phi1"], phi2=case["phi2"]) for x in case["x"]]
    np.testing.assert_allclose(found, case["p"], atol=1e-13)


def test_hansen_pvalues_equal_r_until_its_polynomial_turns_down() -> None:
    for name, coefficients, trim, value, pvalue in STRUCCHANGE["hansen_pvalues"]["rows"]:
        found = hansen_pvalue(value, name=name, coefficients=coefficients, trim=trim)
        if (name, coefficients) in TURNING and value > TURN:
            assert 0 < found <= pvalue + 1e-12
        else:
            assert found == pytest.approx(pvalue, abs=1e-12)


@pytest.mark.parametrize("name", ["supF", "aveF", "expF"])
@given(
    coefficients=st.integers(1, 20),
    trim=st.floats(0.01, 0.5),
    statistics=st.tuples(st.floats(0, 200), st.floats(0, 1e9)),
)
def test_hansen_pvalues_never_rise(
    name: Literal["supF", "aveF", "expF"],
    coefficients: int,
    trim: float,
    statistics: tuple[float, float],
) -> None:
    tabulated = coefficients if name == "supF" else 1 + coefficients % 5
    less, more = (
        hansen_pvalue(value, name=name, coefficients=tabulated, trim=trim)
        for value in sorted(statistics)
    )
    assert 0 <= more <= less <= 1


@pytest.mark.parametrize("trim", [0.01, 0.15, 0.3, 0.49, 0.495, 0.5])
@pytest.mark.parametrize("name", ["supF", "aveF", "expF"])
def test_hansen_pvalues_fall_for_every_number_of_coefficients(
    name: Literal["supF", "aveF", "expF"], trim: float
) -> None:
    grid = [*np.linspace(0, 60, 31), 1e2, 1e3, 1e6, np.inf]
    for coefficients in range(1, 21 if name == "supF" else 6):
        found = [
            hansen_pvalue(value, name=name, coefficients=coefficients, trim=trim) for value in grid
        ]
        assert (np.diff(found) <= 0).all()
        assert 0 <= found[-1] < 6e-4


@pytest.mark.parametrize("case", CASES)
def test_cusum_equals_strucchange(case: str) -> None:
    x, y = _regression(case)
    for name, process in (("Rec-CUSUM", recursive_cusum(x, y)), ("OLS-CUSUM", ols_cusum(x, y))):
        expected = CASES[case]["fluctuation"][name]
        assert process.test.statistic == pytest.approx(expected[0], rel=1e-8)
        assert process.test.pvalue == pytest.approx(expected[1], rel=1e-6, abs=1e-12)


@pytest.mark.parametrize("case", CASES)
def test_mosum_statistic_equals_strucchange(case: str) -> None:
    x, y = _regression(case)
    found = ols_mosum(
        x, y, rng=np.random.default_rng(1995), bandwidth=CASES[case]["mosum_bandwidth"]
    ).test
    expected, pvalue = CASES[case]["fluctuation"]["OLS-MOSUM"]
    assert found.statistic == pytest.approx(expected, rel=1e-9)
    # R reads p-values off a table that stops at 1 %; ours are simulated on a grid of 500 steps.
    assert found.pvalue == pytest.approx(pvalue, abs=0.02)


def test_critical_values_as_printed() -> None:
    # Bai and Perron (2003), supF(2|1) and UDmax at 5 %, one coefficient, trimming 0.15.
    following = bai_perron_critical_values("supF next", trim=0.15, coefficients=1, breaks=2)
    assert following[0.05] == 10.13
    assert bai_perron_critical_values("UDmax", trim=0.16, coefficients=1)[0.05] == 8.88
    assert bai_perron_critical_values("supF", trim=0.25, coefficients=1, breaks=9) == {}


def _series(*values: float) -> pd.Series:
    return pd.Series(values, index=pd.period_range("2001", periods=len(values), freq="Y"))


STEP = _series(10, 11, 9, 10, 11, 10, 20, 21, 19, 20, 21, 20)


def test_break_is_the_first_period_of_the_new_regime() -> None:
    fit = find_breaks(STEP)
    assert [str(date) for date in fit.break_dates] == ["2007"]
    assert fit.regimes["const"].to_list() == pytest.approx([61 / 6, 121 / 6])
    assert fit.regimes["nobs"].to_list() == [6, 6]
    assert [str(end) for end in fit.regimes["end"]] == ["2006", "2012"]
    assert fit.tidy()["before"].to_list() == pytest.approx([61 / 6])


def test_months_print_as_months() -> None:
    y = STEP.set_axis(pd.period_range("2020-09", periods=12, freq="M"))
    assert [str(date) for date in find_breaks(y).break_dates] == ["2021-03"]
    assert "2021-03 [" in find_breaks(y).summary()


def test_iranian_years_stay_integers() -> None:
    y = STEP.set_axis(pd.Index(range(1390, 1402), name="solar_hijri_year"))
    assert find_breaks(y).break_dates.to_list() == [1396]


def test_trend_regimes_of_the_nile() -> None:
    y = pd.Series(nile(), index=pd.period_range("1871", "1970", freq="Y"))
    fit = find_breaks(y, regime="trend", choose=1)
    assert [str(date) for date in fit.break_dates] == ["1899"]
    assert list(fit.regimes.columns) == ["start", "end", "nobs", "const", "trend"]


def test_conf_int_is_wider_at_a_higher_level() -> None:
    y = pd.Series(nile(), index=pd.period_range("1871", "1970", freq="Y"))
    fit = find_breaks(y, interval="bai-perron")
    ends = [fit.conf_int(level=level).iloc[0].astype(str).to_list() for level in (0.9, 0.95)]
    # R: observations 26-31 and 25-32 as the last of the old regime, which began in 1871.
    assert ends == [["1897", "1902"], ["1896", "1903"]]


def test_ways_to_choose_the_number_of_breaks() -> None:
    y = pd.Series(nile(), index=pd.period_range("1871", "1970", freq="Y"))
    for choose in ("bic", "lwz", "sequential", "bai-perron"):
        assert len(find_breaks(y, choose=choose).break_dates) == 1  # type: ignore[arg-type]
    assert find_breaks(y, choose=0).break_dates.empty
    assert len(find_breaks(y, choose=2).break_dates) == 2


def test_sequential_choice_of_the_real_interest_rate() -> None:
    values = STRUCCHANGE["data"]["real-interest"]["values"]
    y = pd.Series(values, index=pd.period_range("1961Q1", periods=len(values), freq="Q"))
    # mbreaks finds 3 breaks with its prewhitened errors: supF(3|2) is 14.72 against 11.14.
    fit = find_breaks(y, choose="bai-perron", se="hac-prewhitened")
    dates = pd.PeriodIndex(["1967Q1", "1972Q4", "1980Q4"], freq="Q")
    assert fit.break_dates.to_list() == dates.to_list()
    # The default finds as many, and each of these dates is in its interval.
    default = find_breaks(y).conf_int()
    assert len(default) == len(dates)
    assert ((default["low"] <= dates) & (dates <= default["high"])).all()


def test_gaps_do_not_move_dates() -> None:
    fit = find_breaks(STEP.drop(STEP.index[3]))
    assert [str(date) for date in fit.break_dates] == ["2007"]


def test_no_break_is_reported_as_none() -> None:
    fit = find_breaks(_series(1, 2, 1, 2, 1, 2, 1, 2, 1, 2))
    assert fit.break_dates.empty
    assert fit.summary().splitlines()[1] == "breaks           none"
    assert fit.conf_int().empty


def _fails(error: type[Exception], message: str, y: pd.Series = STEP, **options: Any) -> None:
    with pytest.raises(error, match=message):
        find_breaks(y, **options)


def test_short_samples_say_that_nothing_is_left_to_test() -> None:
    _fails(SampleError, "two regimes of 2, found 3: nothing is left", _series(1, 2, 4))


def test_bad_requests() -> None:
    _fails(ValueError, "regime to be one of mean, trend", regime="cubic")
    _fails(ValueError, "trim between 0 and 0.5", trim=0.6)
    _fails(ValueError, "0 to 5 breaks", choose=9)
    _fails(
        ValueError,
        "choose to be one of sequential, bootstrap, bai-perron, bic, lwz",
        choose="guess",
    )
    _fails(ValueError, "expected se to be one of", se="white")
    _fails(ValueError, "level", level=95)
    _fails(PeriodError, "row numbers", STEP.reset_index(drop=True))
    _fails(SampleError, "vary", _series(3, 3, 3, 3, 3, 3))
    _fails(FlowsError, "found a gap", STEP.drop(STEP.index[3]), se="hac-prewhitened")


def test_bad_segments() -> None:
    with pytest.raises(ValueError, match="1 <= shortest <= 3"):
        segment_costs(np.ones((3, 1)), np.ones(3), shortest=4)
    x = np.column_stack([np.ones(4), [1.0, 1.0, 2.0, 3.0]])
    with pytest.raises(SampleError, match="dependent from observation 1"):
        segment_costs(x, np.ones(4), shortest=2)
    with pytest.raises(ValueError, match="0 or more breaks"):
        best_partitions(segment_costs(np.ones((3, 1)), np.ones(3), shortest=1), most=-1)
    with pytest.raises(ValueError, match="increase between 0 and 5"):
        cut(5, np.array([3, 2]))


@given(
    st.floats(0.3, 3.0), st.floats(0.3, 3.0), st.floats(0.3, 3.0), st.sampled_from([0.6, 0.8, 0.9])
)
def test_an_interval_seen_from_the_other_side_is_its_mirror_image(
    xi: float, phi1: float, phi2: float, level: float
) -> None:
    """Which regime comes first is a name: sizes, noise and moments change places."""
    size = 2.0
    shift = Shift(xi=xi, phi1=phi1, phi2=phi2, size=size)
    # delta'Q2 delta = xi size; phi_i^2 delta'Q_i delta is the noise of a side.
    turned = Shift(xi=1 / xi, phi1=phi2, phi2=phi1, size=xi * size)
    try:
        low, high = date_interval(shift, level=level)
    except SampleError:
        with pytest.raises(SampleError, match="on one side"):
            date_interval(turned, level=level)
        return
    assert date_interval(turned, level=level) == pytest.approx((-high, -low), rel=1e-6)


def test_an_interval_needs_more_of_the_probability_on_both_sides_than_it_leaves_out() -> None:
    shift = Shift(xi=1.0, phi1=0.5, phi2=1.0, size=1.0)
    below = argmax_cdf(0.0, phi1=0.5, phi2=1.0)
    assert 0.05 < below < 0.5
    low, high = date_interval(shift, level=1 - 2 * (below - 0.001))
    assert low < 0 < high
    with pytest.raises(SampleError, match="on one side"):
        date_interval(shift, level=1 - 2 * (below + 0.001))
    with pytest.raises(SampleError, match="on one side"):
        date_interval(Shift(xi=1.0, phi1=1.0, phi2=0.01, size=1.0), level=0.95)


def test_a_break_without_other_facts_is_as_likely_before_its_place_as_after() -> None:
    assert argmax_cdf(0.0) == pytest.approx(0.5)
    assert argmax_cdf(-3.0) == pytest.approx(1 - argmax_cdf(3.0))


def test_bad_distributions() -> None:
    with pytest.raises(ValueError, match="positive parameters"):
        argmax_cdf(0.0, xi=0.0)
    with pytest.raises(SampleError, match="on one side"):
        date_interval(Shift(xi=1.0, phi1=0.01, phi2=1.0, size=1.0), level=0.95)
    with pytest.raises(SampleError, match="coefficients that change"):
        measure_shift(np.zeros(1), (np.eye(1), np.eye(1)), (np.eye(1), np.eye(1)))
    nothing, one = np.zeros((1, 1)), np.eye(1)
    for moments, noise in (((nothing, one), (one, one)), ((one, one), (one, nothing))):
        with pytest.raises(SampleError, match="errors that vary"):
            measure_shift(np.ones(1), moments, noise)
    with pytest.raises(ValueError, match="trim between"):
        hansen_pvalue(3.0, name="supF", coefficients=1, trim=0.7)
    with pytest.raises(ValueError, match="statistic of Hansen"):
        hansen_pvalue(3.0, name="minF", coefficients=1, trim=0.1)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="statistic of Bai"):
        bai_perron_critical_values("minF", trim=0.1, coefficients=1)  # type: ignore[arg-type]
    assert np.isnan(hansen_pvalue(3.0, name="aveF", coefficients=9, trim=0.1))


def test_known_date_is_chi_squared() -> None:
    # 3.841459 is the 95 % quantile of chi squared with one degree of freedom.
    found = hansen_pvalue(3.841459, name="supF", coefficients=1, trim=0.5)
    assert found == pytest.approx(0.05, abs=1e-7)


def test_common_coefficients_stay_the_same() -> None:
    x, common = np.ones((6, 1)), np.array([[0.0], [1.0], [2.0], [0.0], [1.0], [2.0]])
    y = np.array([1.0, 3.0, 5.0, 11.0, 13.0, 15.0])
    fit = fit_regimes(x, y, np.array([3]), common=common)
    assert fit.params.ravel().tolist() == pytest.approx([1, 11])
    assert fit.common.tolist() == pytest.approx([2])


def test_covariance_with_common_coefficients_by_hand() -> None:
    x, common = np.ones((6, 1)), np.array([[-1.0], [0.0], [1.0], [-1.0], [0.0], [1.0]])
    resids = np.array([1.0, -2.0, 1.0, 1.0, -2.0, 1.0])
    found = regime_covariance(x, resids, np.array([3]), np.arange(6), se="pooled", common=common)
    # The common regressor is orthogonal to both means: variance 2 over 3 observations each.
    np.testing.assert_allclose(found, np.diag([2 / 3, 2 / 3]))


def test_test_prints_its_surprise() -> None:
    assert str(HypothesisTest("Chow", "no break", 5.0, 0.04)) == "Chow: 5 (p = 0.0400)"
    tabulated = HypothesisTest("supF(1)", "no break", 9.0, critical_values={0.1: 7.04, 0.05: 8.58})
    assert str(tabulated) == "supF(1): 9 (p < 0.05)"
    assert str(HypothesisTest("supF(1)", "", 1.0, critical_values={0.1: 7.04})).endswith(
        "(p > 0.1)"
    )
    with pytest.raises(ValueError, match=r"one of 0.1, 0.05"):
        tabulated.rejects(significance=0.2)


VALUES = st.lists(st.floats(-100, 100), min_size=6, max_size=12)


@given(values=VALUES, shortest=st.integers(1, 3), count=st.integers(1, 2))
def test_no_partition_is_better(values: list[float], shortest: int, count: int) -> None:
    y = np.array(values)
    costs = segment_costs(np.ones((len(y), 1)), y, shortest=shortest)
    found = best_partitions(costs, most=count)
    if len(found.breaks) <= count:
        return

    def total(breaks: tuple[int, ...]) -> float:
        parts = (y[rows] for rows in cut(len(y), np.array(breaks)))
        return sum(float(np.sum((part - part.mean()) ** 2)) for part in parts)

    every = [
        breaks
        for breaks in itertools.combinations(range(1, len(y)), count)
        if min(np.diff([0, *breaks, len(y)])) >= shortest
    ]
    assert found.costs[count] == pytest.approx(min(map(total, every)), abs=1e-6)


@given(values=VALUES)
def test_recursive_residuals_give_the_sum_of_squares_of_a_fit(values: list[float]) -> None:
    y = np.array(values)
    x = np.column_stack([np.ones(len(y)), np.arange(len(y))])
    costs = segment_costs(x, y, shortest=2)
    resids = fit_least_squares(x[1:6], y[1:6]).resids
    assert costs[6, 1] == pytest.approx(resids @ resids, abs=1e-6)


def _monthly() -> pd.Series:
    season = np.tile([3.0, -3.0, 1.0, -1.0, 2.0, -2.0, 4.0, -4.0, 0.0, 0.0, 5.0, -5.0], 4)
    wiggle = 0.1 * np.random.default_rng(8).standard_normal(48)
    level = np.repeat([10.0, 13.0], 24)
    months = pd.period_range("2019-01", periods=48, freq="M")
    return pd.Series(level + season + wiggle, index=months)


def _six_years() -> pd.Series:
    """A line that jumps by 3 in May 2018, a yearly wave, and noise."""
    time = np.arange(72)
    noise = np.random.default_rng(2018).normal(scale=0.2, size=72)
    values = 10 + 0.02 * time + np.sin(time * np.pi / 6) + 3 * (time >= 40) + noise
    return pd.Series(values, index=pd.period_range("2015-01", periods=72, freq="M"))


def _least_squares_with_months(y: pd.Series, breaks: list[int]) -> tuple[FloatArray, float]:
    """A line a regime beside twelve months that add up to zero: coefficients and RSS."""
    time = np.arange(len(y))
    regime = np.searchsorted(breaks, time, side="right")
    lines = [column * (regime == i) for i in range(len(breaks) + 1) for column in (1, time / 12)]
    months = [1.0 * (time % 12 == i) - (time % 12 == 11) for i in range(11)]
    x = np.column_stack([*lines, *months])
    params, (rss,), *_ = np.linalg.lstsq(x, y.to_numpy(), rcond=None)
    return params[: len(lines)].reshape(-1, 2), rss


def test_six_years_of_months_with_seasonal_dummies_equal_least_squares() -> None:
    y = _six_years()
    fit = find_breaks(y, regime="trend", season="dummies", se="pooled")
    assert [str(date) for date in fit.break_dates] == ["2018-05"]
    params, rss = _least_squares_with_months(y, [40])
    np.testing.assert_allclose(fit.regimes[["const", "trend"]], params, rtol=1e-9)
    assert fit.criteria.loc[1, "rss"] == pytest.approx(rss, rel=1e-9)


def test_one_more_break_keeps_the_season_of_the_whole_sample() -> None:
    y = _six_years()
    fit = find_breaks(y, regime="trend", season="dummies", se="pooled")
    _, one = _least_squares_with_months(y, [40])
    dates = [*range(10, 31), *range(50, 63)]
    two = min(_least_squares_with_months(y, sorted([40, date]))[1] for date in dates)
    # 72 months less 3 lines and 11 months leave 55; a Wald test of two coefficients times its k.
    expected = 55 * (one - two) / two
    assert fit.tests["supF(2|1)"].statistic == pytest.approx(expected, rel=1e-8)


def test_errors_follow_from_the_periods_unless_they_are_given() -> None:
    months = _six_years()
    assert find_breaks(months).se == "hac-prewhitened"
    assert find_breaks(months.drop(months.index[30])).se == "hac"
    assert find_breaks(months.iloc[:59]).se == "regime"
    assert find_breaks(months, se="pooled").se == "pooled"
    years = months.set_axis(pd.period_range("1901", periods=72, freq="Y"))
    assert find_breaks(years).se == "regime"


def test_more_months_than_coefficients_are_needed() -> None:
    y = _six_years().iloc[:15]
    with pytest.raises(SampleError, match="the 11 of the season, found 15: use season='harmonics'"):
        find_breaks(y, regime="trend", season="dummies")
    fit = find_breaks(_six_years().iloc[24:42], regime="trend", season="dummies", se="pooled")
    # Two lines and eleven months in eighteen: at some dates they cannot be told apart.
    assert np.isfinite(fit.criteria["rss"]).all()
    assert 0 < fit.f_path.size < 18 - 2 * fit.shortest + 1


def test_season_stays_the_same_across_a_break() -> None:
    fit = find_breaks(_monthly(), season="dummies", choose=1)
    assert [str(date) for date in fit.break_dates] == ["2021-01"]
    assert fit.regimes["const"].to_list() == pytest.approx([10, 13], abs=0.1)
    assert fit.tests["supF"].statistic == pytest.approx(fit.f_path.max())


@settings(max_examples=25)
@given(values=VALUES)
def test_one_partial_break_is_the_best_of_all(values: list[float]) -> None:
    y = np.array(values)
    x, common = np.ones((len(y), 1)), (-1.0) ** np.arange(len(y))[:, None]
    found = partial_partitions(x, common, y, shortest=2, most=1)
    every = [
        fit_regimes(x, y, np.array([date]), common=common).rss for date in range(2, len(y) - 1)
    ]
    cost = fit_regimes(x, y, found[1], common=common).rss
    assert cost == pytest.approx(min(every), abs=1e-9)


def test_two_partial_breaks_that_fit_exactly_are_found() -> None:
    common = (-1.0) ** np.arange(12)[:, None]
    y = np.repeat([1.0, 5.0, 2.0], 4) + 3 * common[:, 0]
    found = partial_partitions(np.ones((12, 1)), common, y, shortest=2, most=2)
    assert found[2].tolist() == [4, 8]


@pytest.mark.parametrize("coefficients", [1, 2])
def test_partitions_beside_a_season_are_the_best_of_all(coefficients: int) -> None:
    rng = np.random.default_rng(5)
    for _ in range(100):
        nobs = int(rng.integers(20, 28))
        time = np.arange(nobs)
        x = np.vander(time / 4, coefficients, increasing=True)
        common = np.eye(4)[time % 4][:, :3] - (time % 4 == 3)[:, None]
        y = rng.standard_normal(nobs) + 2 * (time > nobs // 3) + common @ rng.normal(size=3)
        found = partial_partitions(x, common, y, shortest=4, most=2)
        for count in (1, 2):
            every = [
                regime_cost(x, y, np.array(breaks), common=common)
                for breaks in itertools.combinations(range(4, nobs - 3), count)
                if min(np.diff([0, *breaks, nobs])) >= 4
            ]
            cost = regime_cost(x, y, found[count], common=common)
            assert cost == pytest.approx(min(every), rel=1e-9)


@given(values=VALUES, shortest=st.integers(1, 3), most=st.integers(0, 3))
def test_the_fast_search_of_means_is_that_of_every_segment(
    values: list[float], shortest: int, most: int
) -> None:
    y = np.round(values, 1)
    costs = segment_costs(np.ones((len(y), 1)), y, shortest=shortest)
    slow = best_partitions(costs, most=most).breaks
    fast = mean_partitions(y, shortest=shortest, most=most)
    x = np.ones((len(y), 1))
    assert len(fast) == len(slow)
    for ours, theirs in zip(fast, slow, strict=True):
        tolerance = 1e-7 * max(1.0, float(y @ y))
        assert abs(regime_cost(x, y, ours) - regime_cost(x, y, theirs)) <= tolerance


def test_long_series_are_searched_in_several_rows_at_once() -> None:
    y = np.random.default_rng(3).standard_normal(150) + np.repeat([0.0, 2.0, 1.0], 50)
    costs = segment_costs(np.ones((150, 1)), y, shortest=2)
    slow = best_partitions(costs, most=4).breaks
    fast = mean_partitions(y, shortest=2, most=4)
    assert [list(breaks) for breaks in fast] == [list(breaks) for breaks in slow]


def test_sums_of_regimes_that_hardly_vary_keep_their_digits() -> None:
    y = np.repeat([1e6, 2e6], 20) + np.tile([0.0, 1e-3], 20)
    found = partitions_of(Design(np.ones((40, 1)), y, np.arange(40), 6), most=1)
    # Each value is 0.0005 from its mean, but for how finely 1e6 can be written.
    assert found.costs[1] == pytest.approx(40 * 0.0005**2, rel=1e-6)
