"""A known date: by hand, against placebo dates, and beside a comparison."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from flows.errors import SampleError
from flows.models.interruption import fit_events, fit_interruption


def _years(values: Any, start: int = 2001) -> pd.Series:
    return pd.Series(values, index=pd.period_range(str(start), periods=len(values), freq="Y"))


STEP = _years([1.0, 2.2, 2.8, 4.1, 5.0, 15.9, 17.1, 18.0, 19.0, 20.1])


def test_jump_and_bend_by_hand() -> None:
    # 1, 2, 3, 4 and then 10, 13, 16, 19: the jump at the fifth year is 10 - 5, the bend 2.
    fit = fit_interruption(
        _years([1.0, 2, 3, 4, 10, 13, 16, 19]), at="2005", form="level", se="hc1"
    )
    assert fit.params.to_list() == pytest.approx([1, 1, 5, 2])
    assert str(fit.at) == "2005"


def test_log_form_speaks_in_log_points() -> None:
    y = np.exp(0.1 * np.arange(10.0)) * np.where(np.arange(10) >= 6, 2.0, 1.0)
    fit = fit_interruption(_years(y), at="2007", se="hc1")
    assert fit.params["level_change"] == pytest.approx(np.log(2))
    assert fit.params["slope_change"] == pytest.approx(0, abs=1e-12)


def test_what_moved_both_does_not_count() -> None:
    fit = fit_interruption(STEP + 100, at="2006", form="level", comparison=STEP, se="hc1")
    assert fit.params["const"] == pytest.approx(100)
    assert fit.params["level_change"] == pytest.approx(0, abs=1e-9)
    assert fit.compared


def test_placebo_dates_lie_before_and_know_nothing_of_what_came_after() -> None:
    y = pd.concat(
        [
            _years(np.tile([1.0, 2.0, 1.5, 1.2, 2.1], 4)),
            _years([9.0, 10.0, 9.0, 10.0, 9.0, 10.0], 2021),
        ]
    )
    fit = fit_interruption(y, at="2021", form="level", se="hc1")
    assert [str(period) for period in fit.placebo.index[[0, -1]]] == ["2004", "2018"]
    assert fit.placebo_pvalue == pytest.approx(1 / 16)
    assert "placebo     15 dates, p = 0.062" in fit.summary()


def test_short_past_has_no_placebo() -> None:
    fit = fit_interruption(STEP, at="2006", form="level", se="hc1")
    assert fit.placebo.empty
    assert np.isnan(fit.placebo_pvalue)
    assert "no date before can be tested" in fit.summary()


def test_date_in_a_gap_is_the_next_period() -> None:
    fit = fit_interruption(STEP.drop(STEP.index[5]), at="2006", form="level", se="hc1")
    assert str(fit.at) == "2007"


def test_iranian_years_and_months() -> None:
    years = STEP.set_axis(pd.Index(range(1391, 1401)))
    assert fit_interruption(years, at=1396, form="level").at == 1396
    months = STEP.set_axis(pd.period_range("2020-08", periods=10, freq="M"))
    assert str(fit_interruption(months, at="2021-01", form="level").at) == "2021-01"


def test_intervals_and_frame() -> None:
    fit = fit_interruption(STEP, at="2006", form="level", se="classical")
    assert fit.tidy().index.to_list() == ["const", "trend", "level_change", "slope_change"]
    assert (fit.conf_int(level=0.99)["low"] < fit.conf_int(level=0.9)["low"]).all()
    assert fit.test.rejects()
    assert fit.nobs == 10


def test_joint_test_equals_the_f_test_of_two_regressions() -> None:
    fit = fit_interruption(STEP, at="2006", form="level", se="classical")
    x = np.column_stack([np.ones(10), np.arange(10)])
    resids = STEP.to_numpy() - x @ np.linalg.lstsq(x, STEP.to_numpy(), rcond=None)[0]
    less = float((fit.resids**2).sum())
    assert fit.test.statistic == pytest.approx((resids @ resids - less) / 2 / (less / 6))


def test_bad_dates() -> None:
    with pytest.raises(SampleError, match="found 1 before and 9"):
        fit_interruption(STEP, at="2002", form="level")
    with pytest.raises(SampleError, match="found 10 before and 0"):
        fit_interruption(STEP, at="2031", form="level")
    with pytest.raises(ValueError, match="a date like 2001"):
        fit_interruption(STEP, at="soon", form="level")
    with pytest.raises(ValueError, match="form to be one of log, level"):
        fit_interruption(STEP, at="2006", form="cubic")  # type: ignore[arg-type]
    with pytest.raises(SampleError, match="no logarithm"):
        fit_interruption(STEP - 1, at="2006")


EVENTS = pd.DataFrame(
    {
        "date": ["2006-02-01", "2004-07-01", "2002-01-01"],
        "name": ["ban", "treaty", "too early"],
        "source": ["a", "b", "c"],
    }
)


def test_events_are_adjusted_for_those_that_could_be_tested() -> None:
    tested = fit_events(STEP, EVENTS, form="level", se="hc1")
    frame = tested.tidy()
    assert frame["event"].to_list() == ["treaty", "ban"]
    # The first year that begins on the day of the event or later.
    assert [str(since) for since in frame["since"]] == ["2005", "2007"]
    alone = fit_interruption(STEP, at="2005", form="level", se="hc1")
    assert frame["level_change"].iloc[0] == alone.params["level_change"]
    assert frame["pvalue"].iloc[0] == alone.test.pvalue
    # The smaller of two p-values counts twice, the larger once and no less than the smaller.
    small, large = sorted(frame["pvalue"])
    assert sorted(frame["holm"]) == pytest.approx([2 * small, max(2 * small, large)])
    assert tested.left_out[0].startswith("too early: expected at least 3 observations")
    assert tested.covariance_type.startswith("HC1")


def test_event_after_the_series_and_event_in_an_iranian_year() -> None:
    late = EVENTS.assign(date="2031-01-01").iloc[:1]
    tested = fit_events(STEP, late, form="level")
    assert tested.left_out == ("ban: expected periods after it, found none",)
    assert tested.frame.empty
    iranian = STEP.set_axis(pd.RangeIndex(1390, 1390 + len(STEP)))
    ban = EVENTS.assign(date="2016-01-17").iloc[:1]
    tested = fit_events(iranian, ban, form="level", calendar="solar-hijri")
    assert tested.frame["since"].to_list() == [1395]


def test_events_need_dates() -> None:
    with pytest.raises(ValueError, match="missing date"):
        fit_events(STEP, EVENTS.drop(columns="date"))


def test_years_are_those_of_the_calendar_that_is_given() -> None:
    events = pd.DataFrame({"date": ["2018-10-01"], "name": ["ban"]})
    values = np.exp(np.array([0.0, 0.3, 0.1, 0.4, 0.2, 2.0, 2.2, 2.1, 2.4, 2.3]))
    # Ethiopia's 2011 began on 11 September 2018, so that the first year after the day is 2012.
    y = pd.Series(values, index=pd.Index(range(2006, 2016)))
    tested = fit_events(y, events, se="hc1", calendar="ethiopian")
    assert str(tested.frame["since"].iloc[0]) == "2012"
    with pytest.raises(ValueError, match="the days of 2006 depend on the calendar; give it"):
        fit_events(y, events, se="hc1")


def test_half_years_have_their_days_in_every_calendar() -> None:
    labels = [f"{1390 + half // 2}-H{half % 2 + 1}" for half in range(10)]
    y = STEP.set_axis(pd.Index(labels))
    # The second half of 1392 began on 23 September 2013.
    events = pd.DataFrame({"date": ["2013-09-23"], "name": ["ban"]})
    tested = fit_events(y, events, form="level", se="hc1", calendar="solar-hijri")
    assert tested.frame["since"].to_list() == ["1392-H2"]
    assert fit_interruption(y, at="1392-H2", form="level", se="hc1").at == "1392-H2"


def test_a_bootstrap_takes_its_chance_from_a_seed() -> None:
    first, second = (
        fit_interruption(STEP, at="2006", form="level", se="wild-bootstrap", rng=0).std_errors
        for _ in range(2)
    )
    assert first.equals(second)
    tested = fit_events(STEP, EVENTS, form="level", se="wild-bootstrap", rng=0)
    assert tested.covariance_type == "wild bootstrap, 1999 draws"
    with pytest.raises(ValueError, match="expected rng"):
        fit_interruption(STEP, at="2006", form="level", se="wild-bootstrap")


PLATEAU = _years([0.0, 0, 0, 0, 0, 0, 5, 7, 6, 8])


def test_a_plateau_of_zeros_has_errors_of_both_sides_together_or_none() -> None:
    fit = fit_interruption(PLATEAU, at="2007", form="level")
    assert np.isfinite(fit.tidy().to_numpy()).all()
    for se in ("hc1", "newey-west", "ewc"):
        sides = fit_interruption(PLATEAU, at="2007", form="level", se=se)
        assert sides.test.reason.startswith("every observation before the date lies on its line")
        assert sides.std_errors.isna().all()
        assert sides.pvalues.isna().all()
        assert sides.params.to_list() == pytest.approx(fit.params.to_list())
        assert "test        level and slope: none (every observation" in sides.summary()
    mirrored = _years(PLATEAU.to_numpy()[::-1])
    after = fit_interruption(mirrored, at="2005", form="level", se="hc1")
    assert "from the date on lies on its line" in after.test.reason


def test_two_exact_lines_have_no_errors() -> None:
    fit = fit_interruption(_years([0.0, 0, 0, 0, 5, 5, 5, 5]), at="2005", form="level")
    assert "no errors to estimate" in fit.test.reason
    assert np.isnan(fit.placebo_pvalue)
    tested = fit_events(
        PLATEAU, pd.DataFrame({"date": ["2007-01-01"], "name": ["war"]}), form="level", se="hc1"
    )
    assert tested.frame[["pvalue", "holm"]].isna().all(axis=None)
    assert tested.covariance_type.startswith("none: every observation before")
    assert tested.below("holm") == []


def test_both_functions_say_the_same_of_one_series_and_date() -> None:
    tested = fit_events(STEP, EVENTS.iloc[:1], form="level").frame.iloc[0]
    alone = fit_interruption(STEP, at="2007", form="level")
    assert tested["pvalue"] == alone.test.pvalue
    assert alone.covariance_type == "orthogonal series, 1 cosine, AR(1) factor"
    assert alone.test.df == (2.0, 1)


def test_a_mean_may_jump_alone() -> None:
    fit = fit_interruption(
        _years([1.0, 3, 1, 3, 6, 8, 6, 8]), at="2005", form="level", regime="mean", se="classical"
    )
    assert fit.params.to_dict() == pytest.approx({"const": 2, "level_change": 5})
    assert fit.test.name == "level"
    assert fit.test.pvalue == pytest.approx(fit.pvalues["level_change"])
    assert fit.lines()["fitted"].to_list() == pytest.approx([2] * 4 + [7] * 4)
    assert fit.change_pct == pytest.approx(250)
    low, high = fit.change_interval()
    assert (low + high) / 2 == pytest.approx(250)


def test_jump_in_percent_is_of_the_line_before() -> None:
    # The line 1, 2, 3, 4 goes on to 5, where the new one begins at 10.
    line = fit_interruption(
        _years([1.0, 2, 3, 4, 10, 13, 16, 19]), at="2005", form="level", se="hc1"
    )
    assert line.change_pct == pytest.approx(100)
    assert line.lines()["fitted"].to_list() == pytest.approx([1, 2, 3, 4, 10, 13, 16, 19])
    logs = fit_interruption(_years(np.repeat([1.0, 3.0], 5)), at="2006", se="hc1")
    assert logs.change_pct == pytest.approx(200)


def test_a_regime_is_mean_or_trend() -> None:
    with pytest.raises(ValueError, match="regime to be one of mean, trend, found 'step'"):
        fit_interruption(STEP, at="2006", regime="step")  # type: ignore[arg-type]
