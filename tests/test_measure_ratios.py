"""Ratios of series, and printed totals beside their cells."""

import math
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.errors import PeriodError, UnitError
from flows.measure.shares import explain_total
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
    with pytest.raises(PeriodError, match="expected series with a period in common, found none"):
        ratio(one, series_of({2017: 1.0}, unit="USD"))
    with pytest.raises(ZeroDivisionError, match="expected a whole above 0, found 0 in 2016"):
        ratio(one, series_of({2016: 0.0}, unit="USD"))


@pytest.mark.parametrize(
    ("cells", "printed", "cause", "words"),
    [
        ([2, 3], 5, "equal", "2 printed cells add up to 5, as the printed total."),
        ([3, 0, 0], 4, "rounding", r"total is 4 \(\+1\): cells and total are each rounded"),
        ([2, 3], 8, "not rounding", r"total is 8 \(\+3\): that is more than rounding, .* 3.5 to"),
    ],
)
def test_a_printed_total_is_explained(
    cells: list[int], printed: int, cause: str, words: str
) -> None:
    found = explain_total(cells, printed=printed, half=0.5)
    assert (found.cause, found.difference) == (cause, printed - sum(cells))
    assert pd.Series([found.summary()]).str.contains(words).all()


@given(st.lists(st.floats(0, 500), min_size=1, max_size=12))
def test_what_is_rounded_from_the_same_raw_values_is_rounding(raw: list[float]) -> None:
    cells = [math.floor(one + 0.5) for one in raw]
    found = explain_total(cells, printed=math.floor(math.fsum(raw) + 0.5), half=0.5)
    assert found.cause in {"equal", "rounding"}
    assert found.low <= math.fsum(cells) <= found.high


@pytest.mark.parametrize(
    ("cells", "printed", "half", "message"),
    [
        ([], 1, 0.5, "cells: expected at least one, found none"),
        ([-1], 1, 0.5, "finite numbers of at least 0, found -1"),
        ([1], math.nan, 0.5, "finite numbers of at least 0, found nan"),
        ([1], 1, 0.0, "half: expected more than 0, found 0"),
    ],
)
def test_no_printed_total(cells: list[float], printed: float, half: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        explain_total(cells, printed=printed, half=half)
