"""Descriptions proposed from a table: what it says is found, what it does not say is asked."""

import tomllib
from pathlib import Path

import pandas as pd
import pytest

from flows.cli import DONE, FAULT, main
from flows.errors import LayoutError
from flows.loaders import load
from flows.loaders.examples import example_path
from flows.loaders.proposals import propose_description
from flows.loaders.unknown_tables import Proposal


def proposed(folder: Path, text: str, encoding: str = "utf-8") -> Proposal:
    path = folder / "mine.csv"
    path.write_text(text, encoding=encoding)
    return propose_description(path)


def decided(folder: Path, proposal: Proposal, **keys: str) -> pd.DataFrame:
    """Load the table after the open questions were answered, as a user would."""
    text = proposal.to_toml()
    for key, value in keys.items():
        (line,) = [line for line in text.splitlines() if line.startswith(f"{key} = ")]
        text = text.replace(line, f"{key} = {value}")
    (folder / "mine.toml").write_text(text, encoding="utf-8")
    return load(folder / "mine.csv", layout=str(folder / "mine.toml"))


def test_a_long_table(tmp_path: Path) -> None:
    proposal = proposed(
        tmp_path,
        "Georgia's trade; thousand USD;;;\n\nCountry;Year;Exports FOB;Imports CIF;Note\n"
        "Armenia;2023;1 234,5;12;a\nTotal;2023;2 234,5;15,25;b\nAzerbaijan;2023;c;3;a\n",
    )
    assert (proposal.keys["delimiter"], proposal.keys["header_line"]) == ('";"', "3")
    assert (proposal.keys["unit"], proposal.keys["multiplier"]) == ('"USD"', "1000")
    assert {"unit", "multiplier", "reporter", "marks"} <= proposal.unsure.keys()
    with pytest.raises(LayoutError, match="expected a number as"):
        decided(tmp_path, proposal, reporter='"GEO"')
    proposal.tables = [
        line.replace('# "c" = "missing"', '"c" = "missing"') for line in proposal.tables
    ]
    table = decided(tmp_path, proposal, reporter='"GEO"')
    assert table[["exporter", "value", "valuation"]].to_numpy().tolist() == [
        ["GEO", 1_234_500.0, "FOB"],
        ["ARM", 12_000.0, "CIF"],
        ["AZE", 3_000.0, "CIF"],
    ]


def test_a_unit_is_never_guessed(tmp_path: Path) -> None:
    proposal = proposed(tmp_path, "Country,Year,Imports\nARM,2023,500\n")
    assert proposal.keys["unit"] == '""'
    with pytest.raises(LayoutError, match="unit: expected one of the currency codes"):
        decided(tmp_path, proposal, reporter='"GEO"')
    assert decided(tmp_path, proposal, reporter='"GEO"', unit='"EUR"')["unit"].tolist() == ["EUR"]


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("Country,2021,2022\nARM,1,2\n", {"partner": "Country", "value": "{year}"}),
        (
            "Country,Exports 2021,Imports 2021,Exports 2022\nARM,1,2,5\n",
            {"partner": "Country", "value": "{flow} {year}"},
        ),
        ("Country,Jan 2022,Feb 2022\nARM,1,2\n", {"partner": "Country", "value": "{month}"}),
        ("Year,ARM,AZE,IRN\n2022,1,2,3\n", {"year": "Year", "value": "{partner}"}),
        (
            "Partner,Period,Flow,HS code,Value\nARM,2023-01,X,0101,5\nAZE,2023-02,M,271121,6\n",
            {
                "partner": "Partner",
                "month": "Period",
                "flow": "Flow",
                "product": "HS code",
                "value": "Value",
            },
        ),
        (
            "Reporter,Partner,Year,Trade value\nFRA,ARM,2023,5\n",
            {"reporter": "Reporter", "partner": "Partner", "year": "Year", "value": "Trade value"},
        ),
        (
            "Country,2022,,2023,\n,Exports,Imports,Exports,Imports\nARM,1,2,3,4\n",
            {"partner": "Country", "value": "{year} {flow}"},
        ),
    ],
)
def test_where_things_stand_is_found(tmp_path: Path, text: str, columns: dict[str, str]) -> None:
    proposal = proposed(tmp_path, text)
    assert tomllib.loads(proposal.to_toml())["columns"] == columns


@pytest.mark.parametrize(
    ("year", "calendar"),
    [("2080/81", ""), ("FY23", ""), ("1402", "solar-hijri"), ("2078", ""), ("2023", "gregorian")],
)
def test_a_calendar_that_is_not_clear_is_asked(tmp_path: Path, year: str, calendar: str) -> None:
    proposal = proposed(tmp_path, f"Country,Year,Imports\nARM,{year},500\n")
    assert tomllib.loads(proposal.to_toml())["calendar"] == calendar
    assert "calendar" in proposal.unsure


def test_a_year_of_the_title(tmp_path: Path) -> None:
    proposal = proposed(tmp_path, "Imports by country in 2023,\nCountry,USD\nARM,5\n")
    table = decided(tmp_path, proposal, reporter='"GEO"')
    assert table["start"].dt.year.tolist() == [2023]
    assert table["importer"].tolist() == ["GEO"]


def test_rupees_in_thousands_of_a_fiscal_year(tmp_path: Path) -> None:
    proposal = proposed(
        tmp_path,
        'Fiscal Year 2080/81 (Annual),,,\n"Value in Rs. \'000",,,\n,,,\n'
        "S.N.,Partner Countries,Imports_Value,Exports_Value\n"
        '1,India,"9,98,76,543.5",-\n2,CHINA,"1,23,456","12,345"\n,Total,"10,00,00,000","12,345"\n',
    )
    assert proposal.unsure["unit"].startswith("INR, NPR, PKR or LKR? from")
    assert "2080/81" in proposal.unsure["calendar"]
    assert "CHINA" not in proposal.to_toml(), "a name in capitals is known"
    proposal.tables = [
        line.replace('# "-" = "missing"', '"-" = "zero"') for line in proposal.tables
    ]
    table = decided(tmp_path, proposal, reporter='"NPL"', unit='"NPR"', calendar='"nepal-fiscal"')
    assert table["value"].tolist() == [99_876_543_500.0, 0.0, 123_456_000.0, 12_345_000.0]
    assert table["start"].dt.strftime("%Y-%m-%d").unique().tolist() == ["2023-07-17"]


def test_letters_before_months_are_flows_to_be_named(tmp_path: Path) -> None:
    proposal = proposed(
        tmp_path, "year,CTY_CODE,CTYNAME,IJAN,IFEB,EJAN,EFEB\n2023,4631,Armenia,1,2,4,5\n"
    )
    assert tomllib.loads(proposal.to_toml())["columns"] == {
        "partner": "CTYNAME",
        "year": "year",
        "value": "{flow}{month}",
    }
    assert {"flows.I", "flows.E"} <= proposal.unsure.keys()


def test_signs_on_headings_and_the_first_line_under_a_table(tmp_path: Path) -> None:
    proposal = proposed(
        tmp_path,
        "Imports of Georgia,,,,\nThsd. USD,,,,\nCountry,2022,,2023*,\n"
        ",January,February,January,February\nArmenia,1,2,3,4\nTotal,1,2,3,4\n* Preliminary data\n",
    )
    proposal.tables = [line.replace('# "*" =', '"*" =') for line in proposal.tables]
    table = decided(tmp_path, proposal, reporter='"GEO"')
    assert table["value"].tolist() == [1000.0, 2000.0, 3000.0, 4000.0]
    assert table["estimate"].tolist() == [False, False, True, True]
    assert table.attrs["report"]["left_out"]["lines under the table"] == 1


def test_names_that_nobody_knows_are_shown_with_the_nearest(tmp_path: Path) -> None:
    text = (
        "Country,Year,Imports\nArmenia,2023,5\nIran,2023,6\nGeorgja,2023,7\nAll together,2023,9\n"
    )
    toml = proposed(tmp_path, text).to_toml()
    assert '# "Georgja" = ""  # Georgia is GEO' in toml
    assert '# "All together" = ""' in toml


def test_rows_that_something_else_parts_are_asked_about(tmp_path: Path) -> None:
    proposal = proposed(tmp_path, "Country,Year,Office,Imports\nARM,2023,A,500\nARM,2023,B,100\n")
    assert proposal.unsure["sum_over"].startswith("rows differ only in Office")


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1251", "Страна;Год;Импорт\nАрмения;2023;500\n"),
        ("cp1252", "Pays;Année;Importations\nArmenia;2023;500\nCôte d'Ivoire;2023;4\n"),
        ("utf-16", "Country\tYear\tImports\nArmenia\t2023\t500\n"),
    ],
)
def test_an_encoding_is_found_by_the_words_it_gives(
    tmp_path: Path, encoding: str, text: str
) -> None:
    assert proposed(tmp_path, text, encoding).keys["encoding"] == f'"{encoding}"'


def test_a_known_layout_needs_no_description() -> None:
    proposal = propose_description(example_path("armstat"))
    assert "# The file loads without a description, as armstat." in proposal.to_toml()


def test_a_file_without_a_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LayoutError, match="expected a table with names above its figures"):
        proposed(tmp_path, "nothing\nto see\n")


def test_the_command_writes_and_tries(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("Country,Year,Imports in USD\nARM,2023,500\n", encoding="utf-8")
    out = tmp_path / "mine.toml"
    assert main(["describe", str(path)]) == DONE
    assert capsys.readouterr().out.startswith("# Proposed from the table")
    assert main(["describe", str(path), "-o", str(out)]) == DONE
    printed = capsys.readouterr().out
    assert "reporter" in printed
    assert "does not load yet" in printed
    assert main(["describe", str(path), "-o", str(out)]) == FAULT
    assert "expected no file at" in capsys.readouterr().err
