"""Ratios of series."""

from typing import Any

import pandas as pd
import pytest

from flows.errors import PeriodError, UnitError
from flows.measure.timeseries import ratio


def series_of(values: dict[int, float], **attrs: Any) -> pd.Series:
    made = pd.Series(values, dtype="float64")
    made.attrs = attrs
    return made


def test_a_ratio_is_of_the_periods_that_both_have() -> None:
    part = series_of({2016: 1.0, 2017: 2.0}, unit="TIV", rows={"b@1": (3, 4), "a@1": (1,)})
    whole = series_of({2017: 8.0, 2018: 9.0}, unit="TIV", rows={"b@1": (2, 3)})
    found = ratio(part, whole)
    assert found.to_dict() == {2017: 0.25}
    assert found.attrs == {"unit": "ratio", "rows": {"a@1": (1,), "b@1": (2, 3, 4)}}


def test_arms_are_no_part_of_a_product_in_dollars() -> None:
    arms, product = series_of({2016: 75.0}, unit="TIV"), series_of({2016: 38e9}, unit="USD")
    with pytest.raises(UnitError, match=r"found TIV divided by USD: .*take military expenditure"):
        ratio(arms, product)
    with pytest.raises(UnitError, match="found TIV and None; state the unit of both"):
        ratio(arms, series_of({2016: 38e9}))


def test_no_common_period_and_no_whole() -> None:
    one = series_of({2016: 1.0}, unit="USD")
    with pytest.raises(PeriodError, match="the part in 2016 to 2016 and the whole in 2017 to 2017"):
        ratio(one, series_of({2017: 1.0}, unit="USD"))
    with pytest.raises(ZeroDivisionError, match="expected a whole above 0, found 0 in 2016"):
        ratio(one, series_of({2016: 0.0}, unit="USD"))
