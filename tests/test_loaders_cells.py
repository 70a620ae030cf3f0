"""Text cells as numbers, flags and periods: what is taken, and what is refused with its line."""

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.errors import CountryError, LayoutError, PeriodError
from flows.loaders.cells import (
    calendar_year,
    codes,
    flags,
    integers,
    melt,
    numbers,
    translate,
    with_report,
)
from flows.loaders.examples import example_path
from flows.loaders.records import read_delimited
from flows.loaders.text import RawTable, Record, make_table


def table(*cells: str) -> RawTable:
    records = [Record(line, [cell, "x"]) for line, cell in enumerate(cells, start=2)]
    return make_table(["cell", "other"], records, path="my.csv")


def test_numbers_are_read_with_blanks_around_them() -> None:
    found = numbers(table("  12.50", "0", ".5", "7.", "1.5e+07"), "cell")
    assert found.tolist() == [12.5, 0.0, 0.5, 7.0, 15_000_000.0]


@pytest.mark.parametrize(
    "cell",
    ["1,250.5", "1250,5", "1 250", "n/a", "NA", "nan", "inf", "0x10", "1_000", "٣", "..", "-"],
)
def test_what_is_no_number_is_refused_with_its_line(cell: str) -> None:
    with pytest.raises(LayoutError, match=r"my.csv:3: column cell: expected a number"):
        numbers(table("1", cell), "cell")


def test_a_negative_number_is_refused() -> None:
    with pytest.raises(LayoutError, match=r"my.csv:3: .* not negative, found '-3' \(and 1 more\)"):
        numbers(table("1", "-3", "-4"), "cell")


def test_a_number_beyond_the_range_of_floats_is_refused() -> None:
    with pytest.raises(LayoutError, match="finite"):
        numbers(table("9" * 400), "cell")


def test_an_empty_cell_is_missing_where_it_may_be_and_never_zero() -> None:
    assert math.isnan(numbers(table(""), "cell", blank=True)[0])
    with pytest.raises(LayoutError, match=r"my.csv:2"):
        numbers(table(""), "cell")


@given(st.floats(min_value=0, max_value=1e15, allow_nan=False))
def test_a_printed_float_comes_back_to_the_last_digit(value: float) -> None:
    assert numbers(table(repr(value)), "cell")[0] == value


def test_integers_and_their_absence() -> None:
    assert integers(table("2011", "", "371.0"), "cell", blank=True).tolist() == [2011, pd.NA, 371]
    with pytest.raises(LayoutError, match=r"whole number, found '2011.5'"):
        integers(table("2011.5"), "cell")


def test_flags_have_three_states() -> None:
    assert flags(table("Yes", "No", ""), "cell").tolist() == [True, False, pd.NA]
    with pytest.raises(LayoutError, match=r"my.csv:2: .* found '\?'"):
        flags(table("?"), "cell")


def test_an_unknown_country_is_named_with_its_line() -> None:
    with pytest.raises(CountryError, match=r"'Turkiye2'.* \(my.csv line 3\)"):
        codes(table("Israel", "Turkiye2"), "cell", scheme="sipri")


def test_a_year_has_four_digits_and_is_gregorian() -> None:
    assert (
        translate(table("2023", "2023.0"), "cell", calendar_year).tolist()
        == [calendar_year("2023")] * 2
    )
    with pytest.raises(LayoutError, match=r"my.csv:2: column cell: expected a year, found '23'"):
        translate(table("23"), "cell", calendar_year)
    with pytest.raises(PeriodError, match=r"my.csv:2: column cell"):
        translate(table("1402"), "cell", calendar_year)


def test_melting_keeps_the_lines_and_the_order_of_the_file() -> None:
    raw = make_table(
        ["country", "2020", "2019"],
        [Record(5, ["a", "1", "2"]), Record(6, ["b", "3", "4"])],
        path="my.csv",
    )
    long = melt(raw, ["2020", "2019"], name="year", keep=["country"]).rows
    assert long["line"].tolist() == [5, 5, 6, 6]
    assert long["cell"].tolist() == ["1", "2", "3", "4"]


def test_the_report_counts_the_rows_of_the_table() -> None:
    raw = read_delimited(example_path("armstat"), ["country"])
    assert with_report(raw.rows, raw, rows_in=3).attrs["report"]["rows_out"] == 3
