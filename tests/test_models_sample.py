"""Time comes from the index: what a model sees of a series, with days and seasons as regressors."""

import pandas as pd
import pytest

from flows.errors import SampleError
from flows.models.sample import check_positive, check_series, check_varies, last_day


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


def test_the_last_day_of_a_month_is_that_of_the_calendar() -> None:
    months = pd.period_range("2021-03", "2021-03", freq="M")
    assert last_day(months[0], calendar=None) == pd.Timestamp("2021-03-31 00:00:00")
