"""Tables as offices print them, small: what a description of them can say, and what is refused."""

import tomllib
from pathlib import Path

import pytest

from flows.errors import CountryError, FlowsError, LayoutError, PeriodError
from flows.loaders import load
from flows.loaders.proposals import propose_description
from tests.test_loaders_described import IMPORTS, LONG, described, figures, loaded, workbook

PLAIN = "Country,Year,Imports\nARM,2023,500\n"


def test_a_total_in_a_merged_cell_beside_the_partners(tmp_path: Path) -> None:
    text = "SN,Country,Year,Imports\n1,ARM,2023,500\n2,AZE,2023,90\nTotal,,2023,590\n"
    with pytest.raises(CountryError, match=r"mine.csv:4: column Country: .*total = 'Total'"):
        loaded(tmp_path, text, described(tmp_path, LONG + IMPORTS))
    table = loaded(tmp_path, text, described(tmp_path, LONG + IMPORTS, total='"Total"'))
    assert table["value"].tolist() == [500.0, 90.0]
    assert table.attrs["report"]["left_out"] == {"cells of the total of all partners": 1}


def test_several_tables_in_one_sheet(tmp_path: Path) -> None:
    text = (
        "Table 1,,\nCountry,Year,Imports\nARM,2023,500\n\n"
        "Table 2,,\nCountry,Year,Imports\nAZE,2023,90\n"
    )
    first = described(tmp_path, LONG + IMPORTS, header_line="2", end="5")
    assert loaded(tmp_path, text, first)["exporter"].tolist() == ["ARM"]
    second = described(tmp_path, LONG + IMPORTS, header_line="6")
    assert loaded(tmp_path, text, second)["exporter"].tolist() == ["AZE"]


def test_codes_of_an_office_from_its_own_list(tmp_path: Path) -> None:
    listed = 'code;iso;name\n"013";AFG;Afeganistão\n"000";ZZZ;Não Definido\n'
    (tmp_path / "paises.csv").write_text(listed, encoding="cp1252")
    tables = LONG + IMPORTS + '[code_list]\nfile = "paises.csv"\nname = "code"\nalpha3 = "iso"\n'
    description = described(tmp_path, tables, delimiter='";"', encoding='"cp1252"')
    assert loaded(tmp_path, "Country;Year;Imports\n013;2023;5\n", description)[
        "exporter"
    ].tolist() == ["AFG"]
    with pytest.raises(CountryError, match=r"column Country: no alpha-3 code for '000'"):
        loaded(tmp_path, "Country;Year;Imports\n000;2023;5\n", description)


@pytest.mark.parametrize(
    ("listed", "message"),
    [
        (None, "code_list: expected a file beside the description"),
        ("a,iso\n1,ARM\n", r"list.csv:1: expected a header with 'code', 'iso', missing 'code'"),
        ("code,iso\n1,ARM\n1,AZE\n", r"list.csv:3: column code: expected each code once"),
    ],
)
def test_a_fault_in_a_list_of_codes_is_named(
    tmp_path: Path, listed: str | None, message: str
) -> None:
    if listed is not None:
        (tmp_path / "list.csv").write_text(listed, encoding="utf-8")
    tables = LONG + IMPORTS + '[code_list]\nfile = "list.csv"\nname = "code"\nalpha3 = "iso"\n'
    with pytest.raises(LayoutError, match=message):
        loaded(tmp_path, PLAIN, described(tmp_path, tables))


def test_names_with_one_code_are_added_up_where_that_is_said(tmp_path: Path) -> None:
    text = "Country,Year,Imports\nGaza,2023,1\nWest Bank,2023,2\n"
    names = '[names]\n"Gaza" = "PSE"\n"West Bank" = "PSE"\n'
    with pytest.raises(FlowsError, match=r'write sum_over = \["Country"\]'):
        loaded(tmp_path, text, described(tmp_path, LONG + IMPORTS + names))
    description = described(tmp_path, LONG + IMPORTS + names, sum_over='["Country"]')
    assert figures(loaded(tmp_path, text, description)) == [["PSE", "2023-01-01", 3.0]]


@pytest.mark.parametrize(
    ("keys", "tables", "message"),
    [
        ({"reporter": '"QQQ"'}, "", "mine.toml: reporter: expected an alpha-3 code that is in"),
        ({}, '[names]\n"ARM" = "ARMX"\n', r"mine.toml: \[names\]: 'ARM': expected an alpha-3 code"),
        ({"calendar": None, "calender": '"gregorian"'}, "", "did you mean calendar\\?"),
        ({}, '[months]\n"Smarch" = 13\n', r"\[months\]: 'Smarch': expected a number of 1 to 12"),
        (
            {"unit": '"EUR"'},
            '[rates]\nsource = "a bank"\n"2023/24" = 1.1\n',
            r"mine.toml: \[rates\]: 2023/24: expected a year",
        ),
        ({"sheet": '"T1"'}, "", "a text file has no sheets: take the key out"),
        ({}, '[marks]\n"500" = "missing"\n', r"found none in 1 rows: 1 cells marked '500'"),
    ],
)
def test_what_else_is_wrong_in_a_description(
    tmp_path: Path, keys: dict[str, str | None], tables: str, message: str
) -> None:
    with pytest.raises(LayoutError, match=message):
        loaded(tmp_path, PLAIN, described(tmp_path, LONG + IMPORTS + tables, **keys))


def test_two_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    text = "Country,Year,Imports,Imports\nARM,2023,500,7\n"
    with pytest.raises(
        LayoutError,
        match=r"mine.csv:1: expected one column called 'Imports', found columns 3 and 4",
    ):
        loaded(tmp_path, text, described(tmp_path, LONG + IMPORTS))
    beside = "Country,Year,Imports,Note,Note\nARM,2023,500,a,b\n"
    assert loaded(tmp_path, beside, described(tmp_path, LONG + IMPORTS))["value"].tolist() == [500]


def test_a_sum_that_is_not_there_is_told(tmp_path: Path) -> None:
    table = loaded(tmp_path, PLAIN, described(tmp_path, LONG + IMPORTS, total='"Wrold"'))
    assert any("no partner is called 'Wrold'" in text for text in table.attrs["report"]["warnings"])


def test_a_date_of_two_readings_says_how_each_is_written(tmp_path: Path) -> None:
    text = "Country,Date,Imports\nARM,2/1/2023,500\n"
    columns = '[columns]\npartner = "Country"\nmonth = "Date"\n'
    with pytest.raises(PeriodError, match=r'mine.csv:2: column Date: .*month = "\{\}/\{month\}"'):
        loaded(tmp_path, text, described(tmp_path, columns + IMPORTS))
    day_first = '[cells]\nmonth = "{}/{month}"\n'
    table = loaded(tmp_path, text, described(tmp_path, columns + day_first + IMPORTS))
    assert figures(table) == [["ARM", "2023-01-01", 500.0]]
    month_first = 'year = "Date"\n[cells]\nmonth = "{month}/{}/{}"\nyear = "{}/{}/{year}"\n'
    table = loaded(tmp_path, text, described(tmp_path, columns + month_first + IMPORTS))
    assert figures(table) == [["ARM", "2023-02-01", 500.0]]


def proposed_toml(path: Path, sheet: str = "") -> dict[str, object]:
    return tomllib.loads(propose_description(path, sheet=sheet).to_toml())


def test_the_sheet_with_partners_is_proposed_and_another_can_be_named(tmp_path: Path) -> None:
    codes = [["010121", "Horses", "5"], ["010129", "Others", "6"], ["010130", "Asses", "7"]]
    partners = [["1", "Armenia", "5"], ["2", "Iran", "6"], ["3", "France", "7"]]
    path = workbook(
        tmp_path / "book.xlsx",
        {
            "Goods": [["Code", "Name", "Imports"], *codes, ["020110", "Meat", "8"]],
            "Partners": [["SN", "Country", "Imports"], *partners],
        },
    )
    assert proposed_toml(path)["sheet"] == "Partners"
    assert proposed_toml(path, "Goods")["sheet"] == "Goods"
    with pytest.raises(LayoutError, match="expected one of the sheets 'Goods', 'Partners'"):
        propose_description(path, sheet="Nope")


def test_sheets_that_differ_in_their_direction_are_one_table(tmp_path: Path) -> None:
    rows = [["Country", "2022", "2023"], ["Armenia", "1", "2"], ["Iran", "3", "4"]]
    path = workbook(
        tmp_path / "book.xlsx",
        {
            "Cover": [["Unit: pounds million"]],
            "1. Annual Exports": [*rows, ["France", "5", "6"]],
            "2. Annual Imports": [*rows, ["France", "7", "8"]],
        },
    )
    proposal = propose_description(path)
    assert proposal.keys["sheet"] == '"{}. Annual {flow}"'
    assert (proposal.keys["unit"], proposal.keys["multiplier"]) == ('""', "1000000")
    toml = proposal.to_toml().replace('reporter = ""', 'reporter = "GBR"')
    (tmp_path / "mine.toml").write_text(toml.replace('unit = ""', 'unit = "GBP"'), encoding="utf-8")
    table = load(path, layout=str(tmp_path / "mine.toml"))
    france = table[table["exporter"].eq("FRA") & table["start"].dt.year.eq(2023)]
    assert france["value"].tolist() == [8_000_000.0]


def test_partners_with_the_unit_behind_them(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(
        "Variables,2023 Jan,2023 Feb\nAll goods(Million Dollars),1,2\n"
        "Armenia(Thousand Dollars),3,4\nFrance(Thousand Dollars),5,6\n",
        encoding="utf-8",
    )
    proposal = propose_description(path)
    assert proposal.cells == {"partner": '"{partner}(Thousand Dollars)"'}
    assert (proposal.keys["unit"], proposal.keys["multiplier"]) == ('""', "1000")
    assert proposal.unsure["unit"].startswith("USD, AUD, CAD, HKD, NZD or SGD?")


@pytest.mark.parametrize(
    ("dates", "cells"),
    [
        (("1/1/2023", "1/2/2023"), {"month": "{}/{month}"}),
        (("1/1/2023", "2/1/2023"), {"month": "{month}/{}/{}", "year": "{}/{}/{year}"}),
    ],
)
def test_which_number_of_a_date_is_the_month(
    tmp_path: Path, dates: tuple[str, str], cells: dict[str, str]
) -> None:
    path = tmp_path / "mine.csv"
    rows = "".join(f"Armenia,{date},5\n" for date in dates)
    path.write_text("Country,Date,Imports\n" + rows, encoding="utf-8")
    assert proposed_toml(path)["cells"] == cells


def test_names_in_capitals_are_known_and_other_figures_no_values(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(
        "Country,Year,Imports,Imports Revenue,Quantity of imports\nARMENIA,2023,5,1,9\n",
        encoding="utf-8",
    )
    toml = proposed_toml(path)
    assert "names" not in toml
    assert list(toml["flows"]) == ["Imports"]  # type: ignore[call-overload]
