"""Quarters, days, months of many languages and digits of other scripts in described tables."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from flows.errors import FlowsError, LayoutError, PeriodError
from flows.loaders import load
from flows.loaders.month_names import named_month
from flows.loaders.printed_periods import printed_period

HEAD = """reporter = "GEO"
unit = "USD"
coverage = "all goods"
"""
IMPORTS = '\n[flows.Imports]\ndirection = "import"\n'


def table_of(
    tmp_path: Path, text: str, columns: str, *, keys: str = "", calendar: str = "gregorian"
) -> pd.DataFrame:
    """Load a table of Georgia's imports as it is described."""
    path, description = tmp_path / "mine.csv", tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    content = f'{HEAD}calendar = "{calendar}"\n{keys}\n[columns]\npartner = "Country"\n{columns}'
    description.write_text(content + IMPORTS, encoding="utf-8")
    return load(path, layout=str(description))


def days_of(table: pd.DataFrame) -> list[tuple[str, str, float]]:
    return [
        (str(start.date()), str(end.date()), value)
        for start, end, value in zip(table["start"], table["end"], table["value"], strict=True)
    ]


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("Country,2023 Q1,2023 Q4,2023\nIran,5,6,40\n", 'value = "{year} Q{quarter}"'),
        ("Country,Q1 2023,Q4/2023\nIran,5,6\n", 'value = "{quarter}"'),
        ("Country,I 2023,IV 2023\nIran,5,6\n", 'value = "{quarter} {year}"'),
        (
            "Country,1 квартал 2023,4 квартал 2023\nIran,5,6\n",
            'value = "{quarter} квартал {year}"',
        ),
        ("Country,Year,Q,Imports\nIran,2023,Q1,5\nIran,2023,4,6\n", 'year = "Year"\nquarter = "Q"'),
        ("Country,Q,Imports\nIran,2023-Q1,5\nIran,2023Q4,6\n", 'quarter = "Q"'),
    ],
)
def test_quarters_stand_in_headings_and_in_columns(text: str, columns: str, tmp_path: Path) -> None:
    assert days_of(table_of(tmp_path, text, columns)) == [
        ("2023-01-01", "2023-03-31", 5.0),
        ("2023-10-01", "2023-12-31", 6.0),
    ]


def test_quarters_are_of_the_fiscal_year(tmp_path: Path) -> None:
    text = "Country,2080/81 Q1\nIran,5\n"
    table = table_of(tmp_path, text, 'value = "{year} Q{quarter}"', calendar="nepal-fiscal")
    assert str(table["start"].iloc[0].date()) == "2023-07-17"


def test_a_quarter_that_is_none_is_refused(tmp_path: Path) -> None:
    text = "Country,Year,Q,Imports\nIran,2023,Q5,5\n"
    with pytest.raises(PeriodError, match=r"mine.csv:2: .*Q: expected a quarter .*'Q5'"):
        table_of(tmp_path, text, 'year = "Year"\nquarter = "Q"')


def test_days_are_added_up_to_months_that_end_where_the_table_does(tmp_path: Path) -> None:
    text = "Country,Date,Imports\nIran,2023-01-02,5\nIran,31.01.2023,6\nIran,20230214,7\n"
    table = table_of(tmp_path, text, 'day = "Date"')
    assert days_of(table) == [("2023-01-02", "2023-01-31", 11.0), ("2023-02-01", "2023-02-14", 7.0)]
    warnings = table.attrs["report"]["warnings"]
    assert warnings[0] == "days were added up to months"
    assert "begins on 2023-01-02" in warnings[1]
    assert "ends on 2023-02-14" in warnings[2]


def test_a_day_twice_is_refused(tmp_path: Path) -> None:
    text = "Country,Date,Imports\nIran,2023-01-02,5\nIran,2023-01-02,6\n"
    with pytest.raises(FlowsError, match=r"once for every day; rows at fault: .* lines 2, 3"):
        table_of(tmp_path, text, 'day = "Date"')


def test_parts_of_days_are_added_up(tmp_path: Path) -> None:
    text = "Country,Date,Office,Imports\nIran,2023-01-01,A,5\nIran,2023-01-01,B,6\n"
    table = table_of(tmp_path, text, 'day = "Date"', keys='sum_over = ["Office"]')
    assert table["value"].tolist() == [11.0]


def test_dates_of_which_two_numbers_may_be_the_month_need_patterns(tmp_path: Path) -> None:
    text = "Country,Date,Imports\nIran,1/2/2023,5\n"
    with pytest.raises(PeriodError, match=r'write under \[cells\] day = "\{day\}/\{\}/\{\}"'):
        table_of(tmp_path, text, 'day = "Date"')
    columns = 'day = "Date"\nmonth = "Date"\nyear = "Date"\n[cells]\nday = "{day}/{}/{}"\n'
    columns += 'month = "{}/{month}/{}"\nyear = "{}/{}/{year}"'
    assert days_of(table_of(tmp_path, text, columns)) == [("2023-02-01", "2023-02-01", 5.0)]


@pytest.mark.parametrize("cell", ["3.12.1011", "10111203", "1011-12-03", "3.12.2911"])
def test_a_day_of_a_year_that_the_calendar_has_not_is_refused(cell: str) -> None:
    with pytest.raises(PeriodError, match=r"gregorian year: expected 1800 to 2199, found [12]"):
        printed_period("", "", "", cell, calendar="gregorian")


@pytest.mark.parametrize(
    ("name", "number"),
    [
        *(("Janv.", 1), ("février", 2), ("Marzo", 3), ("ABRIL", 4), ("Mai", 5), ("Juni", 6)),
        *(("Temmuz", 7), ("AĞUSTOS", 8), ("сентября", 9), ("październik", 10), ("Nov", 11)),
        *(("Fevrier", 2), ("Aout", 8), ("KASIM", 11)),
    ],
)
def test_months_have_names_in_many_languages(name: str, number: int) -> None:
    assert named_month(name, "gregorian") == number


def test_months_of_calendars_have_their_names() -> None:
    shrawan = printed_period("2080/81", "Shrawan", calendar="nepal-fiscal")
    assert shrawan.start == date(2023, 7, 17)
    assert printed_period("2082", "Chaitra", calendar="bikram-sambat").start.year == 2026
    assert printed_period("1402", "Esfand", calendar="solar-hijri").end == date(2024, 3, 19)
    assert printed_period("2015", "Hamle", calendar="ethiopia-fiscal").start == date(2022, 7, 8)


def test_a_name_of_two_months_is_refused(tmp_path: Path) -> None:
    text = "Country,Year,Month,Imports\nIran,2023,listopad,5\n"
    columns = 'year = "Year"\nmonth = "Month"'
    with pytest.raises(PeriodError, match=r"month 10 in hr and month 11 in cs, pl; write \"list"):
        table_of(tmp_path, text, columns)
    table = table_of(tmp_path, text, f'{columns}\n[months]\n"Listopad" = 11')
    assert days_of(table) == [("2023-11-01", "2023-11-30", 5.0)]


def test_months_side_by_side_are_read_in_their_language(tmp_path: Path) -> None:
    text = "Country,Year,janv.,févr.,Total\nIran,2023,5,6,11\n"
    table = table_of(tmp_path, text, 'year = "Year"\nvalue = "{month}"')
    assert table["value"].tolist() == [5.0, 6.0]
    assert "were not read: Total" in table.attrs["report"]["warnings"][0]


def test_digits_of_other_scripts_are_read_and_said(tmp_path: Path) -> None:
    text = "Country,Year,Imports\nArmenia,۱۴۰۲,۱۲۳٫۵\n"
    table = table_of(tmp_path, text, 'year = "Year"', calendar="solar-hijri")
    assert days_of(table) == [("2023-03-21", "2024-03-19", 123.5)]
    assert "digits of another script (line 2" in table.attrs["report"]["warnings"][0]


def test_headings_of_another_pattern_are_told(tmp_path: Path) -> None:
    text = "Country,Q1 2023,Q2 2023\nIran,5,6\n"
    with pytest.raises(LayoutError, match=r"they are as value = '\{quarter\}'"):
        table_of(tmp_path, text, 'value = "{year}"')


def test_a_heading_with_a_sign_is_not_passed_over(tmp_path: Path) -> None:
    text = "Country,2022,2023*\nIran,5,6\n"
    with pytest.raises(LayoutError, match=r'mine.csv:1: column 2023\*: .*write "\*" = "note"'):
        table_of(tmp_path, text, 'value = "{year}"')
    table = table_of(tmp_path, text, 'value = "{year}"\n[marks]\n"*" = "estimate"')
    assert table["estimate"].tolist() == [False, True]


def test_products_need_a_classification(tmp_path: Path) -> None:
    text = "Country,Year,HS,Imports\nIran,2023,0101,5\n"
    with pytest.raises(LayoutError, match="classification: expected whose codes"):
        table_of(tmp_path, text, 'year = "Year"\nproduct = "HS"')
