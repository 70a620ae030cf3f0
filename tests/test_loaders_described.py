"""What a description can say of a real table: where things stand, and what its signs mean."""

import math
import re
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from flows.errors import CountryError, LayoutError, PeriodError, SchemaError, UnitError
from flows.loaders import load
from flows.measure.checks import check_one_unit
from flows.scope import known_scope

TOP = {
    "reporter": '"GEO"',
    "unit": '"USD"',
    "calendar": '"gregorian"',
    "coverage": '"all goods"',
}
IMPORTS = '[flows.Imports]\ndirection = "import"\nvaluation = "CIF"\npartner_basis = "origin"\n'
LONG = '[columns]\npartner = "Country"\nyear = "Year"\n'


def described(folder: Path, tables: str, **keys: str | None) -> str:
    """Write a description: its keys above the tables; None takes a key away."""
    path = folder / "mine.toml"
    lines = [f"{key} = {value}" for key, value in (TOP | keys).items() if value is not None]
    path.write_text("\n".join([*lines, tables]), encoding="utf-8")
    return str(path)


def loaded(folder: Path, text: str, description: str, name: str = "mine.csv") -> pd.DataFrame:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return load(path, layout=description)


def figures(table: pd.DataFrame) -> list[list[object]]:
    """Return what most cases are about: who sold, when, how much."""
    months = table.assign(start=table["start"].dt.strftime("%Y-%m-%d"))
    return months[["exporter", "start", "value"]].to_numpy().tolist()


def workbook(path: Path, sheets: dict[str, list[list[str]]]) -> Path:
    """Write the smallest workbook with these sheets of text."""
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    parts, listed, related = {}, "", ""
    for number, (name, rows) in enumerate(sheets.items(), start=1):
        body = "".join(
            f'<row r="{line}">'
            + "".join(
                f'<c r="{letter}{line}" t="inlineStr"><is><t>{cell}</t></is></c>'
                for letter, cell in zip("ABCDEF", row, strict=False)
            )
            + "</row>"
            for line, row in enumerate(rows, start=1)
        )
        parts[f"xl/worksheets/sheet{number}.xml"] = (
            f"<worksheet {main}><sheetData>{body}</sheetData></worksheet>"
        )
        listed += f'<sheet name="{name}" sheetId="{number}" r:id="rId{number}"/>'
        related += f'<Relationship Id="rId{number}" Target="worksheets/sheet{number}.xml"/>'
    parts["xl/workbook.xml"] = (
        f'<workbook {main} xmlns:r="{office}"><sheets>{listed}</sheets></workbook>'
    )
    parts["xl/_rels/workbook.xml.rels"] = f"<Relationships>{related}</Relationships>"
    with zipfile.ZipFile(path, "w") as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    return path


def test_years_side_by_side(tmp_path: Path) -> None:
    description = described(
        tmp_path, '[columns]\npartner = "Country"\nvalue = "{year}"\n' + IMPORTS
    )
    table = loaded(tmp_path, "Country,2021,2022,Share\nARM,1,2,x\nAZE,3,,y\n", description)
    assert figures(table) == [
        ["ARM", "2021-01-01", 1.0],
        ["ARM", "2022-01-01", 2.0],
        ["AZE", "2021-01-01", 3.0],
    ]
    assert table.attrs["report"]["left_out"] == {"empty cells": 1}
    assert table.attrs["report"]["warnings"] == [
        "columns whose heading is not '{year}' were not read: Share"
    ]


def test_months_side_by_side_and_a_mark_on_a_heading(tmp_path: Path) -> None:
    description = described(
        tmp_path,
        '[columns]\npartner = "Country"\nvalue = "{month}"\n[marks]\n"*" = "estimate"\n' + IMPORTS,
    )
    table = loaded(tmp_path, "Country,Jan 2023,2023-02*\nARM,1,2\n", description)
    assert figures(table) == [["ARM", "2023-01-01", 1.0], ["ARM", "2023-02-01", 2.0]]
    assert table["estimate"].tolist() == [False, True]


def test_partners_side_by_side(tmp_path: Path) -> None:
    description = described(
        tmp_path,
        '[columns]\nyear = "Year"\nvalue = "{partner}"\n' + IMPORTS,
        leave_out='["EU"]',
    )
    table = loaded(tmp_path, "Year,ARM,AZE,EU\n2023,1,2,9\n", description)
    assert figures(table) == [["ARM", "2023-01-01", 1.0], ["AZE", "2023-01-01", 2.0]]


def test_letters_and_months_in_the_headings_and_a_year_in_a_column(tmp_path: Path) -> None:
    description = described(
        tmp_path,
        '[columns]\npartner = "CTYNAME"\nyear = "year"\nvalue = "{flow}{month}"\n'
        '[flows.I]\ndirection = "import"\n[flows.E]\ndirection = "export"\n',
    )
    text = "year,CTYNAME,IJAN,IFEB,IYR,EJAN\n2023,Armenia,1,2,3,4\n"
    table = loaded(tmp_path, text, description)
    assert figures(table) == [
        ["ARM", "2023-01-01", 1.0],
        ["ARM", "2023-02-01", 2.0],
        ["GEO", "2023-01-01", 4.0],
    ]
    (warning,) = table.attrs["report"]["warnings"]
    assert warning.endswith("were not read: IYR")


def test_cells_that_hold_more_than_a_field(tmp_path: Path) -> None:
    description = described(
        tmp_path,
        '[columns]\npartner = "Country"\nyear = "Year"\nmonth = "Month"\n'
        '[cells]\npartner = "{partner} {}"\nmonth = "{month}. {}"\n' + IMPORTS,
        leave_out='["Whole world"]',
    )
    text = (
        "Country,Year,Month,Imports\nAM Armenia,2023,01. Janeiro,5\n"
        "AZ Azerbaijan,2023,02. Fevereiro,6\nWhole world,2023,02. Fevereiro,7\n"
    )
    assert figures(loaded(tmp_path, text, description)) == [
        ["ARM", "2023-01-01", 5.0],
        ["AZE", "2023-02-01", 6.0],
    ]


def test_a_header_of_two_lines(tmp_path: Path) -> None:
    description = described(
        tmp_path,
        '[columns]\npartner = "Country"\nvalue = "{year} {flow}"\n'
        '[flows.Exports]\ndirection = "export"\n[flows.Imports]\ndirection = "import"\n',
        header_line="[2, 3]",
    )
    text = "Trade,,,,\nCountry,2022,,2023,\n,Exports,Imports,Exports,Imports\nARM,1,2,3,4\n"
    table = loaded(tmp_path, text, description)
    assert table[["exporter", "value"]].to_numpy().tolist() == [
        ["GEO", 1.0],
        ["ARM", 2.0],
        ["GEO", 3.0],
        ["ARM", 4.0],
    ]
    assert table["end"].dt.year.tolist() == [2022, 2022, 2023, 2023]


@pytest.mark.parametrize(
    ("key", "pattern", "name"),
    [
        ("title", '"Imports in {year}"', "mine.csv"),
        ("file", '"trade{year}"', "my_trade2023_v2.csv"),
        ("year", '"2023"', "mine.csv"),
    ],
)
def test_a_year_that_stands_in_no_column(tmp_path: Path, key: str, pattern: str, name: str) -> None:
    description = described(
        tmp_path, '[columns]\npartner = "Country"\n' + IMPORTS, header_line="2", **{key: pattern}
    )
    table = loaded(
        tmp_path, "Imports in 2023 by country,\nCountry,Imports\nARM,5\n", description, name
    )
    assert figures(table) == [["ARM", "2023-01-01", 5.0]]


def test_a_month_of_the_title(tmp_path: Path) -> None:
    description = described(
        tmp_path,
        '[columns]\npartner = "Country"\n[months]\n"Januar" = 1\n' + IMPORTS,
        header_line="2",
        title='"{month}"',
    )
    table = loaded(tmp_path, "Einfuhr Januar 2023,\nCountry,Imports\nARM,5\n", description)
    assert figures(table) == [["ARM", "2023-01-01", 5.0]]
    assert table["end"].dt.strftime("%m-%d").tolist() == ["01-31"]


def test_a_title_without_the_year_is_refused(tmp_path: Path) -> None:
    description = described(
        tmp_path,
        '[columns]\npartner = "Country"\n' + IMPORTS,
        header_line="2",
        title='"{year}"',
    )
    with pytest.raises(LayoutError, match=r"expected one text with '\{year\}' above line 2.*none"):
        loaded(tmp_path, "By country,\nCountry,Imports\nARM,5\n", description)


def test_a_column_of_reporters(tmp_path: Path) -> None:
    description = described(
        tmp_path,
        '[columns]\nreporter = "Member"\npartner = "Country"\nyear = "Year"\n'
        '[names]\n"Deutschland" = "DEU"\n' + IMPORTS,
        reporter=None,
        partners='"all"',
    )
    text = "Member,Country,Year,Imports\nFRA,ARM,2023,5\nDeutschland,ARM,2023,6\n"
    table = loaded(tmp_path, text, description)
    assert table[["importer", "reporter", "value"]].to_numpy().tolist() == [
        ["FRA", "FRA", 5.0],
        ["DEU", "DEU", 6.0],
    ]
    scope = known_scope(table["dataset"].iloc[0])
    assert scope is not None
    assert scope.holds_all("DEU", of="imports")
    assert not scope.holds_all("ITA", of="imports")


def test_a_sheet_a_reporter(tmp_path: Path) -> None:
    description = described(
        tmp_path,
        '[columns]\npartner = ""\nvalue = "{year}"\n' + IMPORTS,
        reporter=None,
        sheet='"Trade of {reporter}"',
    )
    path = workbook(
        tmp_path / "mine.xlsx",
        {
            "Trade of France": [["", "2022", "2023"], ["Armenia", "1", "2"]],
            "Notes": [["nothing here"]],
            "Trade of Italy": [["", "2022", "2023"], ["Armenia", "3", "4"]],
        },
    )
    table = load(path, layout=description)
    assert table[["importer", "value"]].to_numpy().tolist() == [
        ["FRA", 1.0],
        ["FRA", 2.0],
        ["ITA", 3.0],
        ["ITA", 4.0],
    ]
    assert table["sheet"].unique().tolist() == ["Trade of France", "Trade of Italy"]


def test_an_error_in_one_of_several_sheets_names_it(tmp_path: Path) -> None:
    description = described(
        tmp_path,
        '[columns]\npartner = "Country"\nyear = "Year"\n' + IMPORTS,
        reporter=None,
        sheet='"{reporter}"',
    )
    head = ["Country", "Year", "Imports"]
    path = workbook(
        tmp_path / "mine.xlsx",
        {"FRA": [head, ["ARM", "2023", "1"]], "ITA": [head, ["ARM", "2023", "x1x"]]},
    )
    with pytest.raises(LayoutError, match=r"mine.xlsx:2 \(sheet 'ITA'\): column Imports: .*'x1x'"):
        load(path, layout=description)


OFFICES = "Country,Year,Office,Imports\nARM,2023,A,500\nARM,2023,B,100\nAZE,2023,A,7\n"


def test_offices_are_added_up(tmp_path: Path) -> None:
    table = loaded(tmp_path, OFFICES, described(tmp_path, LONG + IMPORTS, sum_over='["Office"]'))
    assert table[["exporter", "value", "line", "summed_rows"]].to_numpy().tolist() == [
        ["ARM", 600.0, 2, 2],
        ["AZE", 7.0, 4, 1],
    ]


def test_a_part_that_is_confidential_leaves_a_sum_open_above(tmp_path: Path) -> None:
    description = described(
        tmp_path, LONG + '[marks]\n"c" = "confidential"\n' + IMPORTS, sum_over='["Office"]'
    )
    table = loaded(tmp_path, OFFICES.replace("100", "c").replace(",7", ",c"), description)
    (row,) = table[["exporter", "value", "low", "high"]].to_numpy().tolist()
    assert row[:3] == ["ARM", 500.0, 500.0]
    assert math.isnan(row[3])
    assert table.attrs["report"]["left_out"] == {"cells marked 'c' (confidential)": 2}


@pytest.mark.parametrize(
    ("change", "sum_over", "error", "message"),
    [
        (("B,", "A,"), '["Office"]', SchemaError, r"once for every Office; .*lines 2, 3"),
        (
            ("B,", "Total,"),
            '["Office"]',
            LayoutError,
            r"mine.csv:3: column Office.* under \[only\]",
        ),
        (("", ""), "[]", SchemaError, r'lines 2, 3; they differ in "Office": write sum_over ='),
        (("B,", "A,"), "[]", SchemaError, r"lines 2, 3; only their figures differ"),
    ],
)
def test_what_cannot_be_added_up_is_refused(
    tmp_path: Path, change: tuple[str, str], sum_over: str, error: type[Exception], message: str
) -> None:
    description = described(tmp_path, LONG + IMPORTS, sum_over=sum_over)
    with pytest.raises(error, match=message):
        loaded(tmp_path, OFFICES.replace(*change), description)


def test_only_some_rows_count(tmp_path: Path) -> None:
    tables = LONG + '[only]\nOffice = ["B"]\n' + IMPORTS
    table = loaded(tmp_path, OFFICES, described(tmp_path, tables))
    assert figures(table) == [["ARM", "2023-01-01", 100.0]]
    assert table.attrs["report"]["left_out"] == {"rows with another Office": 2}
    with pytest.raises(
        LayoutError, match=r"column Office: expected rows with 'C', .*found 'A', 'B'"
    ):
        loaded(tmp_path, OFFICES, described(tmp_path, tables.replace('"B"', '"C"')))


@pytest.mark.parametrize("mark", ["..", "-", "\u2013", "NA", "n/a", "c", ":", "(D)", "x"])
@pytest.mark.parametrize("meaning", ["missing", "confidential"])
def test_a_mark_in_place_of_a_figure(tmp_path: Path, mark: str, meaning: str) -> None:
    text = f"Country,Year,Imports\nARM,2023,500\nAZE,2023, {mark} \n"
    description = described(
        tmp_path, f'{LONG}[marks]\n"{mark}" = "{meaning}"\n' + IMPORTS, partners='"all"'
    )
    table = loaded(tmp_path, text, description)
    assert figures(table) == [["ARM", "2023-01-01", 500.0]]
    report = table.attrs["report"]
    assert report["left_out"] == {f"cells marked {mark!r} ({meaning})": 1}
    assert report["warnings"] == [
        "1 cells are missing or confidential: the rows are not all partners"
    ]
    scope = known_scope(table["dataset"].iloc[0])
    assert scope is not None
    assert scope.partners == "named"
    with pytest.raises(LayoutError, match=r"mine.csv:3: column Imports: .*under \[marks\] in"):
        loaded(tmp_path, text, described(tmp_path, LONG + IMPORTS))


def test_nothing_and_less_than_the_unit_are_figures(tmp_path: Path) -> None:
    tables = LONG + '[marks]\n"-" = "zero"\n"0" = "below 0.5"\n' + IMPORTS
    table = loaded(
        tmp_path,
        "Country,Year,Imports\nARM,2023,-\nAZE,2023,0\nIRN,2023,3\n",
        described(tmp_path, tables, multiplier="1000"),
    )
    assert table[["value", "low", "high"]].to_numpy().tolist() == [
        [0.0, 0.0, 0.0],
        [0.0, 0.0, 500.0],
        [3000.0, 3000.0, 3000.0],
    ]


@pytest.mark.parametrize(
    ("cell", "mark"),
    [("500*", "*"), ("500 p", "p"), ("p500", "p"), ("500 (r)", "(r)"), ("500\u00b9", "\u00b9")],
)
@pytest.mark.parametrize(("meaning", "estimate"), [("estimate", True), ("note", False)])
def test_a_mark_beside_a_figure(
    tmp_path: Path, cell: str, mark: str, meaning: str, *, estimate: bool
) -> None:
    text = f"Country,Year,Imports\nARM,2023,{cell}\nAZE,2023,7\n"
    tables = f'{LONG}[marks]\n"{mark}" = "{meaning}"\n' + IMPORTS
    table = loaded(tmp_path, text, described(tmp_path, tables))
    assert table["value"].tolist() == [500.0, 7.0]
    assert table["estimate"].tolist() == [estimate, False]
    assert table.attrs["report"]["warnings"] == [
        f"column of values: 1 cells have the mark {mark!r} ({meaning})"
    ]
    with pytest.raises(LayoutError, match="for a mark beside a figure write"):
        loaded(tmp_path, text, described(tmp_path, LONG + IMPORTS))


def test_marks_beside_names_and_years(tmp_path: Path) -> None:
    tables = LONG + '[marks]\n"1)" = "note"\n"*" = "estimate"\n"e" = "estimate"\n' + IMPORTS
    text = (
        "Country,Year,Imports\nArmenia 1),2022,1\nArmenia1),2023*,2\nChile,2023e,3\nTotal*,2023,9\n"
    )
    table = loaded(tmp_path, text, described(tmp_path, tables, leave_out='["Total"]'))
    assert figures(table) == [
        ["ARM", "2022-01-01", 1.0],
        ["ARM", "2023-01-01", 2.0],
        ["CHL", "2023-01-01", 3.0],
    ]
    assert table["estimate"].tolist() == [False, True, True]


FOOT = "\nSource: an office, yearly\n* Preliminary\n"


def test_lines_under_a_table_are_counted(tmp_path: Path) -> None:
    description = described(tmp_path, LONG + IMPORTS)
    report = loaded(tmp_path, "Country,Year,Imports\nARM,2023,5\n" + FOOT, description).attrs[
        "report"
    ]
    assert report["left_out"] == {"lines under the table": 2}
    assert report["header"]["footer"] == "Source: an office yearly\n* Preliminary"


def test_where_a_table_ends_can_be_said(tmp_path: Path) -> None:
    text = "Country,Year,Imports\nARM,2023,5\nNotes: a,b,c\nAZE,2023,x\n"
    table = loaded(tmp_path, text, described(tmp_path, LONG + IMPORTS, end='"Notes"'))
    assert figures(table) == [["ARM", "2023-01-01", 5.0]]
    assert table.attrs["report"]["left_out"] == {"lines under the table": 2}
    with pytest.raises(LayoutError, match="expected a line under the table that begins with 'Src'"):
        loaded(tmp_path, text, described(tmp_path, LONG + IMPORTS, end='"Src"'))


def test_a_torn_row_is_no_line_under_the_table(tmp_path: Path) -> None:
    text = "Country,Year,Imports\nARM,2023,5\nAZE"
    with pytest.raises(LayoutError, match=r"mine.csv:3: expected 3 cells, .* write end = 'AZE'"):
        loaded(tmp_path, text, described(tmp_path, LONG + IMPORTS))


def test_rows_behind_an_empty_line_are_rows(tmp_path: Path) -> None:
    text = "Country,Year,Imports\nARM,2023,5\n\nAZE,2023,6\n"
    table = loaded(tmp_path, text, described(tmp_path, LONG + IMPORTS))
    assert table["value"].tolist() == [5.0, 6.0]


def test_merged_cells_are_filled_down(tmp_path: Path) -> None:
    text = "Country,Year,Imports\nARM,2022,1\n,2023,2\nAZE,2022,3\n,2023,4\n"
    table = loaded(tmp_path, text, described(tmp_path, LONG + IMPORTS, fill_down='["Country"]'))
    assert table["exporter"].tolist() == ["ARM", "ARM", "AZE", "AZE"]


@pytest.mark.parametrize(
    "cell",
    [
        "2023-02",
        "202302",
        "2023M02",
        "02/2023",
        "Feb 2023",
        "February 2023",
        "Feb-23",
        "2023 February",
    ],
)
@pytest.mark.parametrize("key", ["year", "month"])
def test_a_month_with_its_year_in_one_cell(tmp_path: Path, cell: str, key: str) -> None:
    tables = f'[columns]\npartner = "Country"\n{key} = "Period"\n' + IMPORTS
    table = loaded(tmp_path, f"Country,Period,Imports\nARM,{cell},5\n", described(tmp_path, tables))
    days = table[["start", "end"]].iloc[0]
    assert [f"{day:%Y-%m-%d}" for day in days] == ["2023-02-01", "2023-02-28"]


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("2023-01-01", "found the date 2023-01-01, which may stand for its year or its month"),
        ("44927", "found '44927', in spreadsheets the number of the date 2023-01-01, which may"),
        ("20233", "found '20233', in spreadsheets the number of the date 1955-05-24, which may"),
        ("2023-02-30", "expected a date, found '2023-02-30'"),
        ("2003-04", "found '2003-04', which may be a month or two years"),
        ("2023/24", "expected a year of the gregorian calendar"),
        ("Smarch 2023", r'found .*Smarch.*write "Smarch" = its number under \[months\]'),
        ("2023-13", "month of gregorian year 2023: expected 1 to 12, found 13"),
    ],
)
def test_a_cell_that_may_be_a_year_or_a_month_is_refused(
    tmp_path: Path, cell: str, message: str
) -> None:
    with pytest.raises(PeriodError, match=rf"mine.csv:2: column Year: .*{message}"):
        loaded(
            tmp_path,
            f"Country,Year,Imports\nARM,{cell},5\n",
            described(tmp_path, LONG + IMPORTS),
        )


def test_dates_are_the_month_of_their_first_or_last_day(tmp_path: Path) -> None:
    tables = '[columns]\npartner = "Country"\nmonth = "Date"\n' + IMPORTS
    text = "Country,Date,Imports\nARM,2023-01-01,5\nARM,2023-02-28 00:00:00,6\nARM,44986,7\n"
    assert figures(loaded(tmp_path, text, described(tmp_path, tables))) == [
        ["ARM", "2023-01-01", 5.0],
        ["ARM", "2023-02-01", 6.0],
        ["ARM", "2023-03-01", 7.0],
    ]
    with pytest.raises(PeriodError, match="first or last day, found the date 2023-01-15"):
        loaded(tmp_path, text.replace("01-01", "01-15"), described(tmp_path, tables))


@pytest.mark.parametrize(
    ("calendar", "month", "start"),
    [
        ("gregorian", "January", "2023-01-01"),
        ("gregorian", "sept.", "2023-09-01"),
        ("gregorian", "Janvier", "2023-01-01"),
        ("india-fiscal", "April", "2023-04-01"),
        ("india-fiscal", "January", "2024-01-01"),
    ],
)
def test_months_by_name(tmp_path: Path, calendar: str, month: str, start: str) -> None:
    tables = (
        '[columns]\npartner = "Country"\nyear = "Year"\nmonth = "Month"\n'
        '[months]\n"Janvier" = 1\n' + IMPORTS
    )
    table = loaded(
        tmp_path,
        f"Country,Year,Month,Imports\nARM,2023,{month},5\n",
        described(tmp_path, tables, calendar=f'"{calendar}"'),
    )
    assert figures(table) == [["ARM", start, 5.0]]


def test_a_month_that_nobody_named_is_refused(tmp_path: Path) -> None:
    tables = '[columns]\npartner = "Country"\nyear = "Year"\nmonth = "Month"\n' + IMPORTS
    with pytest.raises(
        PeriodError, match=r"mine.csv:2: column Year, Month: .*\"fifth\" = its number"
    ):
        loaded(
            tmp_path, "Country,Year,Month,Imports\nARM,2023,fifth,5\n", described(tmp_path, tables)
        )


def test_groups_of_thousands_as_in_india(tmp_path: Path) -> None:
    text = "Country;Year;Imports\nARM;2023;12,34,567.5\nAZE;2023;1,234,567\nIRN;2023;45,678\n"
    description = described(tmp_path, LONG + IMPORTS, delimiter='";"', thousands='","')
    assert loaded(tmp_path, text, description)["value"].tolist() == [1234567.5, 1234567.0, 45678.0]
    with pytest.raises(LayoutError, match="found '12,34,56'"):
        loaded(tmp_path, text.replace("12,34,567.5", "12,34,56"), description)


def test_a_currency_is_kept_and_never_added_to_another(tmp_path: Path) -> None:
    text = "Country,Year,Imports\nARM,2023,500\n"
    euros = loaded(tmp_path, text, described(tmp_path, LONG + IMPORTS, unit='"EUR"'))
    dollars = loaded(tmp_path, text, described(tmp_path, LONG + IMPORTS), "other.csv")
    assert euros[["value", "unit"]].to_numpy().tolist() == [[500.0, "EUR"]]
    with pytest.raises(UnitError, match="expected one unit, found EUR and USD"):
        check_one_unit(pd.concat([euros, dollars]))


RATES = '[rates]\nsource = "a central bank, yearly averages"\n"2023" = 1.25\n'


def test_a_currency_becomes_dollars_by_a_rate_with_its_source(tmp_path: Path) -> None:
    tables = LONG + '[marks]\n"0" = "below 0.5"\n' + RATES + IMPORTS
    table = loaded(
        tmp_path,
        "Country,Year,Imports\nARM,2023,500\nAZE,2023,0\n",
        described(tmp_path, tables, unit='"EUR"', multiplier="1000"),
    )
    assert table[["value", "high", "unit", "rate"]].to_numpy().tolist() == [
        [625_000.0, 625_000.0, "USD", 1.25],
        [0.0, 625.0, "USD", 1.25],
    ]
    assert table.attrs["report"]["header"]["rates"] == (
        "EUR to USD: a central bank, yearly averages"
    )


def test_a_printed_total_is_turned_into_dollars_with_its_last_digit(tmp_path: Path) -> None:
    table = loaded(
        tmp_path,
        "Country,Year,Imports\nARM,2023,5.0\nWorld,2023,5.2\n",
        described(tmp_path, LONG + RATES + IMPORTS, unit='"EUR"', total='"World"'),
    )
    scope = known_scope(table["dataset"].iloc[0])
    assert scope is not None
    assert scope.totals[["value", "digit"]].to_numpy().tolist() == [pytest.approx([6.5, 0.125])]


@pytest.mark.parametrize(
    ("rates", "unit", "message"),
    [
        (RATES.replace("2023", "2022"), "EUR", r"mine.csv:2: expected a rate for 2023, found none"),
        (RATES.replace("a central bank, yearly averages", ""), "EUR", "expected source = who"),
        (RATES, "USD", r"\[rates\]: expected none for a table in USD"),
        (RATES.replace("1.25", "0"), "EUR", "expected dollars for one EUR, found 0"),
        ("", "Mio", "unit: expected one of the currency codes"),
    ],
)
def test_a_rate_at_fault_is_named(tmp_path: Path, rates: str, unit: str, message: str) -> None:
    with pytest.raises(LayoutError, match=message):
        loaded(
            tmp_path,
            "Country,Year,Imports\nARM,2023,500\n",
            described(tmp_path, LONG + rates + IMPORTS, unit=f'"{unit}"'),
        )


def test_a_change_of_magnitude_is_told(tmp_path: Path) -> None:
    text = "Country,Year,Imports\nARM,2022,500000\nARM,2023,520\nARM,2024,540\n"
    table = loaded(tmp_path, text, described(tmp_path, LONG + IMPORTS))
    (warning,) = table.attrs["report"]["warnings"]
    assert warning.startswith("values fall by a factor of about 962 at 2023-01-01 (lines 2, 3): ")


def test_an_unknown_name_says_where_to_write_it(tmp_path: Path) -> None:
    with pytest.raises(CountryError, match=r"'Armenien'.*under \[names\] in .*mine.toml"):
        loaded(
            tmp_path,
            "Country,Year,Imports\nArmenien,2023,5\n",
            described(tmp_path, LONG + IMPORTS),
        )


@pytest.mark.parametrize(
    ("scheme", "cells", "codes"),
    [("m49", "51 8.0 004", "ARM ALB AFG"), ("comtrade", "51 8.0 251", "ARM ALB FRA")],
)
def test_codes_that_a_program_took_for_numbers(
    tmp_path: Path, scheme: str, cells: str, codes: str
) -> None:
    text = "Country,Year,Imports\n" + "".join(f"{cell},2023,5\n" for cell in cells.split())
    table = loaded(tmp_path, text, described(tmp_path, LONG + IMPORTS, scheme=f'"{scheme}"'))
    assert table["exporter"].tolist() == codes.split()
    (warning,) = table.attrs["report"]["warnings"]
    assert "codes of partners were numbers (line" in warning


@pytest.mark.parametrize(("cell", "mark"), [("2023*", "*"), ("2023 p", "p"), ("2023(r)", "(r)")])
def test_a_sign_beside_a_year_says_where_to_write_it(tmp_path: Path, cell: str, mark: str) -> None:
    text = f"Country,Year,Imports\nARM,{cell},5\n"
    message = f'column Year: .*write "{re.escape(mark)}" = "note" under'
    with pytest.raises(PeriodError, match=message):
        loaded(tmp_path, text, described(tmp_path, LONG + IMPORTS))
    tables = f'{LONG}[marks]\n"{mark}" = "note"\n' + IMPORTS
    assert figures(loaded(tmp_path, text, described(tmp_path, tables))) == [
        ["ARM", "2023-01-01", 5.0]
    ]


def test_a_header_in_another_line_is_named(tmp_path: Path) -> None:
    with pytest.raises(LayoutError, match=r"they stand in line 3: write header_line = 3 in"):
        loaded(
            tmp_path,
            "Imports,,\n,,\nCountry,Year,Imports\nARM,2023,5\n",
            described(tmp_path, LONG + IMPORTS),
        )


@pytest.mark.parametrize(
    ("tables", "keys", "message"),
    [
        (IMPORTS + '[columns]\npartner = "a"\n', {}, 'value = "{year}" for years side by side'),
        (LONG + IMPORTS, {"reporter": '""'}, "reporter: expected an alpha-3 code"),
        (LONG + IMPORTS, {"year": '"2023"'}, "year: expected one place .* and the key year"),
        (LONG + IMPORTS, {"title": '"{year}"'}, "year: expected one place .* and title"),
        (LONG + IMPORTS, {"title": '"{yaer}"'}, r"title: expected .* found 'yaer'"),
        (LONG + 'value = "{yaer}"\n' + IMPORTS, {}, "found 'yaer'"),
        (LONG + 'value = "v"\n' + IMPORTS + IMPORTS.replace("Im", "Ex"), {}, "expected one flow"),
        (LONG + '[marks]\n"c" = "secret"\n' + IMPORTS, {}, "expected missing, .* found 'secret'"),
        (LONG + '[marks]\n"1" = "note"\n' + IMPORTS, {}, "a sign that no number holds, found '1'"),
        (LONG + IMPORTS, {"header_line": "[4, 3]"}, r"first and last of several as \[3, 4\]"),
        (LONG + '[cells]\nmonth = "{month}. {}"\n' + IMPORTS, {}, "expected a field of"),
        (LONG + '[months]\n"Mai" = "5"\n' + IMPORTS, {}, "months: expected a table with numbers"),
    ],
)
def test_a_fault_in_the_description_is_named(
    tmp_path: Path, tables: str, keys: dict[str, str], message: str
) -> None:
    with pytest.raises(LayoutError, match=rf"mine.toml: .*{message}"):
        loaded(tmp_path, "Country,Year,Imports\nARM,2023,5\n", described(tmp_path, tables, **keys))


@pytest.mark.parametrize("name", ["nothing.toml", "folder.toml"])
def test_a_description_that_is_no_file_is_told(tmp_path: Path, name: str) -> None:
    table = tmp_path / "mine.csv"
    table.write_text("Country,Year,Imports\nArmenia,2023,5\n", encoding="utf-8")
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(LayoutError, match=rf"{name}: expected a description \(TOML\), found no"):
        load(table, layout=str(tmp_path / name))
