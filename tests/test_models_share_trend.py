"""Trends of shares in points a year, and breaks of a composition."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.errors import SampleError
from flows.models.composition import CompositionBreaks, find_composition_breaks
from flows.models.share_trend import fit_share_trend

SAME = 1e-7
"""Relative; two programs that iterate to convergence."""
NUMERIC = 1e-5
"""Relative; a derivative by differences."""


def shares(*values: float, first: int = 2001) -> pd.Series:
    index = pd.period_range(str(first), periods=len(values), freq="Y")
    return pd.Series(values, index=index)


def test_the_change_is_statsmodels_average_marginal_effect() -> None:
    y = shares(0.0, 0.1, 0.05, 0.4, 0.3, 0.8, 0.7, 1.0)
    x = sm.add_constant(np.arange(8.0))
    fit = sm.GLM(y.to_numpy(), x, family=sm.families.Binomial()).fit(cov_type="HC0", tol=1e-12)
    slope, mean = fit.params[1], fit.fittedvalues
    found = fit_share_trend(y, se="hc0")
    assert found.params.to_numpy() == pytest.approx(fit.params, rel=SAME)
    assert found.std_errors.to_numpy() == pytest.approx(fit.bse, rel=SAME)
    assert found.change == pytest.approx(100 * slope * np.mean(mean * (1 - mean)), rel=SAME)


def test_the_error_of_the_change_is_that_of_its_derivative() -> None:
    y = shares(0.1, 0.1, 0.3, 0.25, 0.6, 0.5, 0.9)
    found = fit_share_trend(y, se="hc1")
    years = np.arange(7.0)

    def change(const: float, slope: float) -> float:
        mean = 1 / (1 + np.exp(-const - slope * years))
        return float(100 * slope * np.mean(mean * (1 - mean)))

    const, slope = found.params
    step = 1e-6
    gradient = np.array(
        [
            (change(const + step, slope) - change(const - step, slope)) / (2 * step),
            (change(const, slope + step) - change(const, slope - step)) / (2 * step),
        ]
    )
    expected = np.sqrt(gradient @ found.fit.covariance.to_numpy() @ gradient)
    assert found.change_std_error == pytest.approx(expected, rel=NUMERIC)


def test_intervals_and_tables() -> None:
    found = fit_share_trend(shares(0.1, 0.2, 0.3, 0.25, 0.6, 0.5), se="hc1")
    narrow, wide = found.change_interval(level=0.5), found.change_interval(level=0.99)
    assert wide[0] < narrow[0] < found.change < narrow[1] < wide[1]
    assert list(found.conf_int(level=0.9).index) == ["const", "trend"]
    tidy = found.tidy()
    assert list(tidy.index) == ["const", "trend", "change"]
    assert tidy.loc["change", "pvalue"] == found.pvalues["trend"]
    assert found.nobs == 6
    assert "percentage points a year [" in found.summary().splitlines()[0]
    with pytest.raises(ValueError, match="level"):
        found.change_interval(level=1.0)


@given(st.lists(st.floats(0.01, 0.99), min_size=6, max_size=12, unique=True))
@settings(max_examples=25)
def test_a_share_and_what_is_left_change_by_opposite_points(values: list[float]) -> None:
    one, rest = shares(*values), shares(*(1 - value for value in values))
    there, back = fit_share_trend(one, se="hc1"), fit_share_trend(rest, se="hc1")
    assert there.change == pytest.approx(-back.change, abs=1e-6)
    assert there.change_std_error == pytest.approx(back.change_std_error, rel=1e-5, abs=1e-9)


def test_a_share_that_jumps_from_none_to_all_has_no_estimate() -> None:
    with pytest.raises(SampleError, match="separated"):
        fit_share_trend(shares(0.0, 0.0, 0.0, 1.0, 1.0, 1.0))


def mix(*israel: float) -> pd.DataFrame:
    one = shares(*israel)
    return pd.DataFrame({"ISR": one, "RUS": 0.75 * (1 - one), "TUR": 0.25 * (1 - one)})


def breaks(table: pd.DataFrame, **changes: Any) -> CompositionBreaks:
    asked: dict[str, Any] = {"least": 3, "block": 1, "draws": 199, "rng": np.random.default_rng(7)}
    return find_composition_breaks(table, **(asked | changes))


STEPS = [0.1, 0.15, 0.05, 0.1, 0.12, 0.6, 0.65, 0.55, 0.6, 0.58, 0.2, 0.25, 0.3, 0.22, 0.24]


def test_two_breaks_are_dated_with_the_first_year_of_the_new_regime() -> None:
    found = breaks(mix(*STEPS))
    assert [str(date) for date in found.break_dates] == ["2006", "2011"]
    assert found.regimes["nobs"].tolist() == [5, 5, 5]
    assert found.regimes["ISR"].tolist() == pytest.approx([0.104, 0.596, 0.242])
    assert found.tidy()["kept"].tolist() == [True, True]
    assert found.summary().splitlines()[0] == "Breaks of a composition, 15 years"


def test_the_statistic_by_hand() -> None:
    """One split of 0, 0, 1, 1 shares into pairs of 0.1 and 0.9 apart, with two parts."""
    one = shares(0.0, 0.2, 0.9, 0.7)
    table = pd.DataFrame({"ISR": one, "RUS": 1 - one})
    found = breaks(table, least=2, draws=1)
    # Means 0.1 and 0.8: between 2 * (4 * 0.35^2) = 0.98; within 2 * (4 * 0.1^2) = 0.08 over 4-2.
    assert found.tests[0].statistic == pytest.approx(0.98 / (0.08 / 2))


def test_with_one_part_and_its_rest_the_statistic_is_anova_f() -> None:
    rng = np.random.default_rng(3)
    values = rng.uniform(size=12)
    found = breaks(mix(*values), least=6, draws=1)
    deviations = [values[:6] - values[:6].mean(), values[6:] - values[6:].mean()]
    within = sum(float(one @ one) for one in deviations)
    between = float(((values - values.mean()) ** 2).sum()) - within
    assert found.tests[0].statistic == pytest.approx(between / (within / 10))


def test_no_change_of_chance_rejects_as_often_as_it_should() -> None:
    """200 samples of independent years at 10 percent; two standard errors of that share."""
    rng = np.random.default_rng(11)
    tables = [mix(*rng.uniform(size=14)) for _ in range(200)]
    rejected = [breaks(one, draws=19, rng=rng).tests[0].pvalue <= 0.1 for one in tables]
    assert np.mean(rejected) == pytest.approx(0.1, abs=2 * np.sqrt(0.1 * 0.9 / 200))


def test_neighbouring_years_move_together_in_blocks() -> None:
    one = breaks(mix(*STEPS), block=1).tests[0].pvalue
    three = breaks(mix(*STEPS), block=3).tests[0].pvalue
    assert three > one


def test_the_search_stops_at_a_split_that_chance_can_give() -> None:
    found = breaks(mix(*STEPS), least=2)
    assert found.tidy()["kept"].tolist() == [True, True, False]
    assert found.tests[-1].pvalue >= 0.05


def test_a_sample_that_cannot_be_split_further_ends_the_search() -> None:
    values = [0.1, 0.2, 0.15, 0.12, 0.8, 0.9, 0.85, 0.82]
    found = breaks(mix(*values), least=4, draws=199, significance=0.1)
    assert [str(date) for date in found.break_dates] == ["2005"]
    assert len(found.tests) == 1


@pytest.mark.parametrize(
    ("table", "changes", "message"),
    [
        (mix(0.1, 0.2, 0.3), {}, "blocks of 1 need at least 6 years, found 3"),
        (mix(*STEPS), {"block": 4}, "blocks of 4 need at least 16 years, found 15"),
        (mix(*STEPS) * 2, {}, "they do not in 2001, 2002"),
        (mix(*STEPS, float("nan")), {}, "must add up to 1; they do not in 2016"),
        (mix(*STEPS, 1.2), {}, "not be negative .* they do not in 2016"),
        (pd.concat([mix(*STEPS), mix(0.5)]), {}, "the year 2001 stands twice"),
    ],
)
def test_what_is_no_composition_or_too_short_is_refused(
    table: pd.DataFrame, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(SampleError, match=message):
        breaks(table, **changes)


@pytest.mark.parametrize(("name", "value"), [("least", 1), ("block", 0), ("draws", 0)])
def test_choices_out_of_range_are_refused(name: str, value: int) -> None:
    with pytest.raises(ValueError, match=f"expected {name} to be"):
        breaks(mix(*STEPS), **{name: value})
