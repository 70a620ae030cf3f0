"""WITS: the five largest partners only, so that an empty cell is no zero."""

from pathlib import Path

import pytest
from raw_files import changed

from flows.errors import CountryError, LayoutError
from flows.loaders import load
from flows.loaders.examples import example_path
from flows.loaders.wits import normalise_wits_summary, read_wits_summary

EXAMPLE = example_path("wits_summary")


def test_one_partner_in_two_of_three_years() -> None:
    trade = normalise_wits_summary(read_wits_summary(EXAMPLE))
    assert trade["start"].dt.year.tolist() == [2019, 2017]
    assert trade["value"].tolist() == [321.5e6, 177.25e6]
    assert set(trade["reporter"]) == {"ARM"}
    assert set(trade["exporter"]) == {"IRN"}
    assert trade.attrs["report"]["left_out"] == {
        "rows of other indicators": 3,
        "empty cells: not among the five largest": 1,
    }
    assert trade.attrs["report"]["warnings"] == [
        "no row counts anything between 2017-12-31 and 2019-01-01"
    ]


def test_exports_go_the_other_way(tmp_path: Path) -> None:
    path = changed(
        tmp_path,
        EXAMPLE,
        "Import,Trade (US$ Mil)-Top 5 Import Partner",
        "Export,Trade (US$ Mil)-Top 5 Export Partner",
    )
    trade = normalise_wits_summary(read_wits_summary(path))
    assert set(trade["importer"]) == {"IRN"}
    assert set(trade["exporter"]) == {"ARM"}


@pytest.mark.parametrize(
    ("old", "new", "error", "message"),
    [
        ("            321.50", "        1,321.50", LayoutError, "csv:3: expected 8 cells, found 9"),
        ("            321.50", "    n/a", LayoutError, "csv:3: column 2019: .* found '    n/a'"),
        (
            'Armenia,"Iran, Islamic Rep."',
            'Armenia,"Iran?"',
            CountryError,
            r"Iran\?.*summary.csv line 3",
        ),
        (",2019,2018,2017", ",a,b,c", LayoutError, "csv:1: column 6, 'a': expected a year"),
    ],
)
def test_a_fault_is_named_with_file_and_line(
    tmp_path: Path, old: str, new: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        normalise_wits_summary(read_wits_summary(changed(tmp_path, EXAMPLE, old, new)))


SUMMARY = (
    "Reporter,Partner,Product categories,Indicator Type,Indicator,2007,2006,2005\n"
    "Aruba,{partner},All Products,Import,Trade (US$ Mil)-Top 5 Import Partner,{cells}\n"
)


def test_latin1_is_read_and_told(tmp_path: Path) -> None:
    path = tmp_path / "summary.csv"
    path.write_bytes(SUMMARY.format(partner="Curaçao", cells="  1.50,,").encode("latin-1"))
    trade = load(path)
    assert trade["exporter"].tolist() == ["CUW"]
    assert trade.attrs["report"]["warnings"] == [
        "the file is not in UTF-8: it was read as Latin-1, see the accents in line 2"
    ]


def test_a_dissolved_state_is_the_one_of_the_year(tmp_path: Path) -> None:
    path = tmp_path / "summary.csv"
    serbia = '"Serbia, FR(Serbia/Montenegro)"'
    path.write_text(SUMMARY.format(partner=serbia, cells="  3.00,  2.00,  1.00"))
    trade = load(path)
    assert trade["start"].dt.year.tolist() == [2007, 2006, 2005]
    assert trade["exporter"].tolist() == ["SRB", "SCG", "SCG"]


def test_a_group_of_countries_among_the_partners_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "summary.csv"
    row = "Aruba,European Union,All Products,Import,Trade (US$ Mil)-Top 5 Import Partner,9.00,,\n"
    path.write_text(SUMMARY.format(partner="Iraq", cells="  3.00,,") + row)
    trade = load(path)
    assert trade["exporter"].tolist() == ["IRQ"]
    assert trade.attrs["report"]["left_out"]["rows of groups of countries"] == 1


@pytest.mark.parametrize("reporter", ["ARM", "IRN"])
def test_real_export_has_five_partners_a_year_and_flow(shared_data: Path, reporter: str) -> None:
    path = shared_data / "wits" / f"en_{reporter}_AllYears_WITS_Trade_Summary.CSV"
    trade = normalise_wits_summary(read_wits_summary(path))
    assert set(trade["reporter"]) == {reporter}
    exports = trade["exporter"] == reporter
    assert trade.groupby([exports, "start"]).size().eq(5).all()
