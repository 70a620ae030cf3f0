"""Tables of statistics offices: a description instead of code, for CSV and for Excel."""

import re
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pandas as pd
import pytest

from flows.errors import CountryError, LayoutError, PeriodError, SchemaError
from flows.loaders import load
from flows.loaders.examples import example_path
from flows.loaders.workbooks import read_sheet

TABLE, DESCRIPTION = example_path("customs"), example_path("customs_description")
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELATIONS = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'


def rewritten(path: Path, source: Path, changes: Iterable[tuple[str, str]], encoding: str) -> Path:
    text = source.read_text(encoding=encoding)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text, encoding=encoding)
    return path


def described(tmp_path: Path, *changes: tuple[str, str]) -> str:
    return str(rewritten(tmp_path / "mine.toml", DESCRIPTION, changes, "utf-8"))


def table(tmp_path: Path, *changes: tuple[str, str]) -> Path:
    return rewritten(tmp_path / "mine.csv", TABLE, changes, "cp1252")


def workbook(path: Path, rows: list[list[str | float]]) -> Path:
    """Write the smallest workbook that holds these rows from row 3 on."""
    texts = [cell for row in rows for cell in row if isinstance(cell, str)]
    body = ""
    for number, row in enumerate(rows, start=3):
        cells = ""
        for column, cell in zip("ABCDEFGH", row, strict=False):
            kind, value = (' t="s"', texts.index(cell)) if isinstance(cell, str) else ("", cell)
            cells += f'<c r="{column}{number}"{kind}><v>{value}</v></c>'
        body += f'<row r="{number}">{cells}</row>'
    shared = "".join(f"<si><t>{text}</t></si>" for text in texts)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook {MAIN} {RELATIONS}><sheets><sheet name="Data" r:id="rId1"/></sheets>'
            "</workbook>",
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            '<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/>'
            "</Relationships>",
        )
        archive.writestr("xl/sharedStrings.xml", f"<sst {MAIN}>{shared}</sst>")
        archive.writestr(
            "xl/worksheets/sheet1.xml",
            f"<worksheet {MAIN}><sheetData>{body}</sheetData></worksheet>",
        )
    return path


def test_a_table_in_thousands_with_decimal_commas() -> None:
    trade = load(TABLE, layout=str(DESCRIPTION))
    assert trade[["exporter", "importer", "value", "valuation"]].to_numpy().tolist() == [
        ["ARM", "GEO", 1_000_500.0, "FOB"],
        ["GEO", "ARM", 250_000.0, "CIF"],
        ["IRN", "ARM", 12_345_750.0, "CIF"],
    ]
    assert trade["line"].tolist() == [4, 4, 5]
    assert trade["end"].unique().tolist() == [pd.Timestamp("2023-01-31")]
    assert trade.attrs["report"]["left_out"] == {
        "cells of the total of all partners": 2,
        "empty cells": 1,
    }


def test_iranian_years_and_a_column_of_flows(tmp_path: Path) -> None:
    path = tmp_path / "iran.csv"
    path.write_text("who,year,what,usd,code\nArmenia,1402,out,412,2711\n", encoding="utf-8")
    description = tmp_path / "iran.toml"
    description.write_text(
        'reporter = "IRN"\nunit = "USD"\ncalendar = "solar-hijri"\ncoverage = "non-oil goods"\n'
        'classification = "HS2017"\n[columns]\npartner = "who"\nyear = "year"\nflow = "what"\n'
        'value = "usd"\nproduct = "code"\n[flows]\nout = { direction = "export" }\n',
        encoding="utf-8",
    )
    trade = load(path, layout=str(description))
    row = trade.iloc[0]
    assert (row["exporter"], row["importer"], row["product"]) == ("IRN", "ARM", "2711")
    assert (row["start"], row["end"]) == (pd.Timestamp("2023-03-21"), pd.Timestamp("2024-03-19"))


@pytest.mark.parametrize(
    ("calendar", "year", "month", "start", "end"),
    [
        ("india-fiscal", "2023-24", "", "2023-04-01", "2024-03-31"),
        ("pakistan-fiscal", "2022/23", "", "2022-07-01", "2023-06-30"),
        ("pakistan-fiscal", "2023", "1", "2022-07-01", "2022-07-31"),
        ("nepal-fiscal", "2080/81", "", "2023-07-17", "2024-07-15"),
        ("ethiopia-fiscal", "2015", "", "2022-07-08", "2023-07-07"),
        ("fiscal-04-06-end", "2024", "", "2023-04-06", "2024-04-05"),
    ],
)
def test_years_of_any_calendar(  # noqa: PLR0917
    tmp_path: Path, calendar: str, year: str, month: str, start: str, end: str
) -> None:
    path = tmp_path / "table.csv"
    path.write_text(f"who,year,month,Exports\nArmenia,{year},{month},412\n", encoding="utf-8")
    description = tmp_path / "table.toml"
    description.write_text(
        f'reporter = "IND"\nunit = "USD"\ncalendar = "{calendar}"\ncoverage = "all goods"\n'
        '[columns]\npartner = "who"\nyear = "year"\nmonth = "month"\n'
        '[flows.Exports]\ndirection = "export"\n',
        encoding="utf-8",
    )
    row = load(path, layout=str(description)).iloc[0]
    assert (row["start"], row["end"]) == (pd.Timestamp(start), pd.Timestamp(end))


def test_a_year_that_is_none_of_the_calendar_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("who,year,Exports\nArmenia,2023-25,412\n", encoding="utf-8")
    description = tmp_path / "table.toml"
    text = (
        'reporter = "IND"\nunit = "USD"\ncalendar = "india-fiscal"\ncoverage = "all goods"\n'
        '[columns]\npartner = "who"\nyear = "year"\n[flows.Exports]\ndirection = "export"\n'
    )
    description.write_text(text, encoding="utf-8")
    with pytest.raises(PeriodError, match=r"table.csv:2: .*follow one another, found '2023-25'"):
        load(path, layout=str(description))
    description.write_text(text.replace("india-fiscal", "mayan"), encoding="utf-8")
    with pytest.raises(LayoutError, match=r"table.toml: calendar: expected .* found 'mayan'"):
        load(path, layout=str(description))


def test_a_workbook_gives_the_same_as_the_text_file(tmp_path: Path) -> None:
    rows: list[list[str | float]] = [
        ["Partner", "Jahr", "Monat", "Exports", "Imports"],
        ["Georgia", 2023, 1, 1000.5, 250],
        ["Iran (IR)", 2023, 1],
    ]
    rows[2] += ["", 12345.75]
    path = workbook(tmp_path / "mine.xlsx", rows)
    description = described(tmp_path, ('decimal = ","', 'decimal = "."'), ('thousands = "."\n', ""))
    trade = load(path, layout=description)
    expected = load(TABLE, layout=str(DESCRIPTION))
    assert trade.drop(columns="dataset").equals(expected.drop(columns="dataset"))


def test_a_workbook_without_a_description_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(LayoutError, match=r"found a workbook .*; describe it"):
        load(workbook(tmp_path / "mine.xlsx", [["a"]]))


@pytest.mark.parametrize("error", ["#REF!", "#N/A"])
def test_an_error_of_excel_is_no_product(tmp_path: Path, error: str) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(f"who,year,code,usd\nArmenia,2023,{error},412\n", encoding="utf-8")
    description = tmp_path / "mine.toml"
    description.write_text(
        'reporter = "GEO"\nunit = "USD"\ncalendar = "gregorian"\ncoverage = "all goods"\n'
        'classification = "office"\n[columns]\npartner = "who"\nyear = "year"\n'
        'product = "code"\n[flows.usd]\ndirection = "export"\n',
        encoding="utf-8",
    )
    with pytest.raises(LayoutError, match=f"mine.csv:2: column code: .* found '{error}'"):
        load(path, layout=str(description))


NUMBERS = (
    'reporter = "GEO"\nunit = "USD"\ncalendar = "gregorian"\ncoverage = "all goods"\n'
    'delimiter = ";"\nclassification = "HS2022"\ndecimal = "{decimal}"\n'
    'thousands = "{thousands}"\n[columns]\npartner = "who"\nyear = "year"\nproduct = "code"\n'
    '[flows.usd]\ndirection = "import"\n'
)


def numbers_table(folder: Path, cell: str, code: str = "2711") -> Path:
    path = folder / "mine.csv"
    path.write_text(f"who;year;code;usd\nARM;2023;{code};{cell}\n", encoding="utf-8")
    return path


def numbers_described(folder: Path, decimal: str = ".", thousands: str = "") -> str:
    path = folder / "mine.toml"
    path.write_text(NUMBERS.format(decimal=decimal, thousands=thousands), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("decimal", "thousands", "cell", "value"),
    [
        (",", ".", "1.234.567,5", 1_234_567.5),
        (",", ".", "1.234", 1234.0),
        (",", "", "12,5", 12.5),
        (",", "", "1,5E+03", 1500.0),
        (".", ",", "1,234", 1234.0),
        (".", "'", "1\u2019234'567", 1_234_567.0),
        (".", " ", "1\u00a0234\u00a0567.5", 1_234_567.5),
        (",", "\u00a0", "1 234,5", 1234.5),
        (".", "\u202f", "1\u202f234", 1234.0),
        (".", " ", "1\u2009234", 1234.0),
    ],
)
def test_a_number_is_read_as_it_is_described(
    tmp_path: Path, decimal: str, thousands: str, cell: str, value: float
) -> None:
    trade = load(
        numbers_table(tmp_path, cell), layout=numbers_described(tmp_path, decimal, thousands)
    )
    assert trade["value"].tolist() == [value]


@pytest.mark.parametrize(
    ("decimal", "thousands", "cell", "example"),
    [
        (",", "", "1.234", "1250,5"),
        (",", ".", "12.5", "1.250,5"),
        (",", ".", "1.23.456", "1.250,5"),
        (".", ",", "12,5", "1,250.5"),
        (".", " ", "1  234", "1 250.5"),
        (".", "", "1 234", "1250.5"),
        (".", "", "(5)", "1250.5"),
        (".", "", "#DIV/0!", "1250.5"),
    ],
)
def test_a_number_that_is_written_otherwise_is_refused(
    tmp_path: Path, decimal: str, thousands: str, cell: str, example: str
) -> None:
    message = rf"mine.csv:2: column usd: expected a number as '{re.escape(example)}', .*mine.toml"
    with pytest.raises(LayoutError, match=message):
        load(numbers_table(tmp_path, cell), layout=numbers_described(tmp_path, decimal, thousands))


def test_another_delimiter_is_named(tmp_path: Path) -> None:
    path = numbers_table(tmp_path, "5")
    path.write_text(path.read_text(encoding="utf-8").replace(";", "\t"), encoding="utf-8")
    with pytest.raises(LayoutError, match=r"mine.csv:1: .* write delimiter = '\\t' in .*mine.toml"):
        load(path, layout=numbers_described(tmp_path))


def test_a_name_that_was_read_in_another_encoding_is_told(tmp_path: Path) -> None:
    path = numbers_table(tmp_path, "5")
    broken = "Côte d'Ivoire".encode().decode("cp1252")
    path.write_text(path.read_text(encoding="utf-8").replace("ARM", broken), encoding="utf-8")
    with pytest.raises(CountryError, match=r"\"Côte d'Ivoire\" was saved as UTF-8 and read as"):
        load(path, layout=numbers_described(tmp_path))


def test_one_sign_does_not_part_thousands_and_decimals(tmp_path: Path) -> None:
    with pytest.raises(LayoutError, match=r"mine.toml: thousands: expected another .* found '.'"):
        load(numbers_table(tmp_path, "1.234"), layout=numbers_described(tmp_path, ".", "."))


def test_a_cell_of_a_number_in_a_workbook_is_that_number(tmp_path: Path) -> None:
    rows: list[list[str | float]] = [
        ["Partner", "Jahr", "Monat", "Exports", "Imports"],
        ["Georgia", 2023, 1, 123.456, 1234.5],
        ["Iran (IR)", 2023, 1, "1.234,5", 1e-7],
    ]
    trade = load(workbook(tmp_path / "mine.xlsx", rows), layout=str(DESCRIPTION))
    assert trade["value"].tolist() == pytest.approx([123_456, 1_234_500, 1_234_500, 1e-4])


@pytest.mark.parametrize(
    ("code", "product", "repair"),
    [
        ("10121", "010121", "without their first zero (line 2): it was put back"),
        ("27112100.0", "27112100", "with a point (line 2): it was taken out"),
        ("0101.21", "010121", "with a point (line 2): it was taken out"),
    ],
)
def test_codes_of_the_hs_are_repaired_and_told(
    tmp_path: Path, code: str, product: str, repair: str
) -> None:
    trade = load(numbers_table(tmp_path, "5", code), layout=numbers_described(tmp_path))
    assert trade["product"].tolist() == [product]
    assert trade.attrs["report"]["warnings"] == [f"1 HS codes {repair}"]


def test_a_total_has_no_revision_of_the_hs(tmp_path: Path) -> None:
    trade = load(numbers_table(tmp_path, "5", "TOTAL"), layout=numbers_described(tmp_path))
    assert trade[["product", "classification"]].to_numpy().tolist() == [["TOTAL", "TOTAL"]]


def test_a_code_that_became_a_power_of_ten_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LayoutError, match=r"mine.csv:2: column code: .* found '1.0121E\+05'"):
        load(numbers_table(tmp_path, "5", "1.0121E+05"), layout=numbers_described(tmp_path))


def test_a_number_that_a_spreadsheet_rounded_is_told(tmp_path: Path) -> None:
    trade = load(numbers_table(tmp_path, "3.25E+08"), layout=numbers_described(tmp_path))
    (warning,) = trade.attrs["report"]["warnings"]
    assert warning.startswith(
        "column usd: 1 numbers are rounded (line 2: '3.25E+08', 3 digits are left)"
    )


def test_a_dissolved_state_is_the_one_of_the_year(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(
        'who;year;code;usd\n"Serbia, FR(Serbia/Montenegro)";2005;27;1\n'
        '"Serbia, FR(Serbia/Montenegro)";2007;27;2\n',
        encoding="utf-8",
    )
    description = Path(numbers_described(tmp_path))
    description.write_text('scheme = "wits"\n' + description.read_text(encoding="utf-8"))
    assert load(path, layout=str(description))["exporter"].tolist() == ["SCG", "SRB"]


def test_a_sheet_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(LayoutError, match="one of the sheets 'Data', found 'Trade'"):
        read_sheet(workbook(tmp_path / "mine.xlsx", [["a"]]), "Trade")


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (("1.000,5", "1.00,5"), LayoutError, r"mine.csv:4: column Exports: .* found '1.00,5'"),
        (("12.345,75", "-3"), LayoutError, "mine.csv:5: .* not negative"),
        (("Georgia", "Gruzija"), CountryError, "Gruzija.*mine.csv lines? 4"),
        ((";2023;1;;", ";2023;13;;"), ValueError, "mine.csv:5: column Jahr, Monat"),
        (("Monat", "Mon"), LayoutError, "mine.csv:3: .* missing 'Monat'"),
        (("Iran (IR)", "Georgia"), SchemaError, "lines 4, 5"),
    ],
)
def test_a_fault_in_the_table_is_named_with_its_line(
    tmp_path: Path, change: tuple[str, str], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        load(table(tmp_path, change), layout=str(DESCRIPTION))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('unit = "USD"', 'unit = "EURO"'), "unit: expected one of"),
        (('unit = "USD"', ""), "expected the keys unit"),
        (('unit = "USD"', 'unit = "USD"\nwidth = 3'), "found 'width'"),
        (("multiplier = 1000", "multiplier = 0"), "multiplier: expected a number above 0"),
        (
            ("multiplier = 1000", 'multiplier = "1000"'),
            "multiplier: expected a number, found '1000'",
        ),
        (('"export"', '"out"'), "flow 'Exports': expected direction"),
        (('"FOB"', '"fob"'), "flow 'Exports': expected valuation as one of .* found 'fob'"),
        (('partner = "Partner"\n', ""), "expected partner, year"),
        (('month = "Monat"', "month = 3"), r"columns: expected a table with text"),
        (('encoding = "cp1252"', 'encoding = "cp9999"'), "encoding: unknown encoding"),
        (("[columns]", "[columns"), "expected TOML"),
    ],
)
def test_a_fault_in_the_description_is_named(
    tmp_path: Path, change: tuple[str, str], message: str
) -> None:
    with pytest.raises(LayoutError, match=message):
        load(TABLE, layout=described(tmp_path, change))


def test_real_workbook_of_another_project_is_read_cell_by_cell(shared_data: Path) -> None:
    path = shared_data / "imf" / "TradeData.xlsx"
    with pytest.raises(LayoutError, match=r"one of the sheets 'Brazil', .* found ''"):
        read_sheet(path)
    with pytest.raises(LayoutError, match="describe it"):
        load(path)
