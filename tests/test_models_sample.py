"""Time comes from the index: what a model sees of a series, with days and seasons as regressors."""

from typing import Any

import pandas as pd
import pytest

import flows as fl
from flows.errors import PeriodError, SampleError
from flows.models.sample import (
    check_not_negative,
    check_positive,
    check_series,
    check_varies,
    last_day,
)


def test_a_zero_has_no_logarithm_and_is_named() -> None:
    y = pd.Series([1.0, 0.0], index=pd.period_range("2019", "2020", freq="Y"))
    with pytest.raises(
        SampleError, match=r"expected positive values, found 0\.0 at 2020; use form='level'"
    ):
        check_positive(check_series(y, at_least=2), instead="use form='level'")


def test_a_constant_series_is_refused() -> None:
    y = pd.Series([2.0, 2.0], index=pd.period_range("2019", "2020", freq="Y"))
    with pytest.raises(
        SampleError, match=r"expected values that vary, found 2\.0 in all 2 periods;"
    ):
        check_varies(check_series(y, at_least=2))


def test_a_value_below_zero_is_named_as_it_is() -> None:
    y = pd.Series([5e6, -3.5e6, -1.0], index=pd.period_range("2019", "2021", freq="Y"))
    with pytest.raises(SampleError, match=r"zero or more, found -3500000\.0 at 2020, 2021;"):
        check_not_negative(check_series(y, at_least=2))


@pytest.mark.parametrize(
    ("y", "kind"),
    [
        ([1.0, 2.0], "list"),
        (pd.DataFrame({"y": [1.0]}, index=[2020]), "DataFrame"),
        (None, "NoneT"),
    ],
)
def test_no_series_is_named(y: Any, kind: str) -> None:
    for fit in (fl.fit_trend, fl.compare_growth, fl.fit_local_trend, fl.find_breaks):
        with pytest.raises(
            TypeError, match=f"pandas Series with an index of periods, found {kind}"
        ):
            fit(y)
    with pytest.raises(TypeError, match="pandas Series with an index of periods"):
        fl.fit_interruption(y, at="2020")


def test_years_of_two_calendars_are_refused() -> None:
    y = pd.Series(1.0, index=pd.Index([2023, 1401, 2022, 1400, 1402]))
    with pytest.raises(PeriodError, match="one calendar, found 1402 followed by 2022; recut"):
        check_series(y, at_least=2)
    with pytest.raises(PeriodError, match="one calendar, found 1402-H2 followed by 2023-H1"):
        check_series(pd.Series(1.0, index=pd.Index(["2023-H1", "1402-H2"])), at_least=2)
    # Two observations 99 years apart are of one calendar.
    assert check_series(pd.Series(1.0, index=pd.Index([1913, 2012])), at_least=2).nobs == 2


def test_the_last_day_of_a_month_is_that_of_the_calendar() -> None:
    months = pd.period_range("2021-03", "2021-03", freq="M")
    assert last_day(months[0]) == pd.Timestamp("2021-03-31 00:00:00")


def test_half_years_and_quarters_are_read_from_their_labels() -> None:
    y = pd.Series([1.0, 2.0, 3.0], index=pd.Index(["2023-H1", "2022-H1", "2022-H2"]))
    sample = check_series(y, at_least=2)
    assert sample.periods.to_list() == ["2022-H1", "2022-H2", "2023-H1"]
    assert sample.years.tolist() == [0.0, 0.5, 1.0]
    quarters = check_series(y.set_axis(["1402-Q1", "1402-Q4", "1403-Q2"]), at_least=2)
    assert quarters.years.tolist() == [0.0, 0.75, 1.25]


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (["2022-H1", "2022-Q1"], "half-years or quarters in the index, found both"),
        (["2022-H1", "2022-H3"], "such as '2023-H1', found '2022-H3'"),
        (["2022-S1", "2022-S2"], "expected a PeriodIndex, integer years, or labels"),
    ],
)
def test_other_labels_are_refused(labels: list[str], message: str) -> None:
    with pytest.raises(PeriodError, match=message):
        check_series(pd.Series([1.0, 2.0], index=pd.Index(labels)), at_least=2)
