"""WITS queries and pages: one trade in two rows, groups, the world as total, thousands."""

from pathlib import Path

import pytest

from flows.errors import CountryError, FlowsError, LayoutError, SchemaError
from flows.loaders import load
from flows.loaders.examples import example_path
from flows.scope import scope_of
from tests.raw_files import changed

QUERY, PRODUCT = example_path("wits_query"), example_path("wits_product")
PARTNER, YEARS = example_path("wits_partner"), example_path("wits_partner_years")
IRAN = '"Iran, Islamic Rep."'


def test_an_import_and_its_gross_row_are_one_trade() -> None:
    trade = load(QUERY)
    assert trade["value"].tolist() == [62_000_500.0, 310_250_000.0]
    assert set(trade["classification"]) == {"HS2017"}
    left_out = trade.attrs["report"]["left_out"]
    assert left_out["rows of the same trade as a gross row"] == 1
    assert left_out["rows of groups of countries"] == 1


def test_a_plain_row_without_a_gross_one_counts(tmp_path: Path) -> None:
    path = changed(tmp_path, QUERY, "Gross Imp.,5,62000.5", "Re-Import,4,1")
    trade = load(path)
    assert trade["line"].tolist() == [3, 4]
    assert trade.attrs["report"]["left_out"]["rows of re-exports and re-imports"] == 1


def test_all_products_and_chapters_are_two_levels(tmp_path: Path) -> None:
    path = changed(tmp_path, QUERY, "H5,ARM,271121,Armenia,RUS", "H5,ARM,Total,Armenia,RUS")
    trade = load(path)
    assert trade[["product", "classification"]].to_numpy().tolist() == [
        ["271121", "HS2017"],
        ["TOTAL", "TOTAL"],
    ]
    assert any("levels 6, TOTAL" in text for text in trade.attrs["report"]["warnings"])


def test_a_sector_is_a_group_of_products(tmp_path: Path) -> None:
    path = changed(tmp_path, QUERY, "H5,ARM,271121,Armenia,RUS", "H5,ARM,27-27_Fuels,Armenia,RUS")
    trade = load(path)
    assert trade["exporter"].tolist() == ["IRN"]
    assert trade.attrs["report"]["left_out"]["rows of groups of products"] == 1


@pytest.mark.parametrize(
    ("path", "of", "value"),
    [
        (QUERY, "imports", 372_250_500.0),
        (PRODUCT, "imports", 21_300_500.0),
        (YEARS, "exports", 5_360_000_000.0),
    ],
)
def test_the_world_is_a_printed_total(path: Path, of: str, value: float) -> None:
    trade = load(path)
    scope = scope_of(trade["dataset"].iloc[0])
    assert scope is not None
    totals = scope.totals[["of", "country", "value"]].to_numpy().tolist()
    assert [of, "ARM", value] in totals
    assert scope.partners == "not stated"


def test_an_empty_cell_of_a_partner_is_no_zero() -> None:
    trade = load(PARTNER)
    comoros = trade[(trade["exporter"] == "COM") | (trade["importer"] == "COM")]
    assert comoros["value"].tolist() == [3_250_000.0]
    assert trade.attrs["report"]["left_out"]["empty cells"] == 1


@pytest.mark.parametrize(
    ("source", "edit", "error", "message"),
    [
        (
            QUERY,
            ("62000.5\nH5,ARM,271121,Armenia,IRN", "n.a.\nH5,ARM,271121,Armenia,IRN"),
            LayoutError,
            r"csv:2: column TradeValue in 1000 USD: expected a number as 1250.5, found 'n.a.'",
        ),
        (
            QUERY,
            ("Gross Imp.,5,310250", "Net Imp.,7,310250"),
            LayoutError,
            r"csv:4: column TradeFlowName: expected one of Export, .* found 'Net Imp.'",
        ),
        (
            QUERY,
            ("H5,ARM,271121,Armenia,RUS", "H9,ARM,271121,Armenia,RUS"),
            LayoutError,
            r"csv:4: column Nomenclature: .* found 'H9'",
        ),
        (
            QUERY,
            ("2023,Gross Imp.,5,310250", "2023/24,Gross Imp.,5,310250"),
            LayoutError,
            r"csv:4: column Year: expected a year, found '2023/24'",
        ),
        (QUERY, ("Russian Federation", "Rusia"), CountryError, r"'Rusia' .*nearest.* line 4"),
        (
            PRODUCT,
            ("          20100.25", "-5"),
            LayoutError,
            r"csv:3: column Trade Value 1000USD: expected a number that is not negative",
        ),
        (
            PARTNER,
            ("94550.25", "94 550"),
            LayoutError,
            r"csv:2: column Export \(US\$ Thousand\): expected a number as 1250.5, found '94 550'",
        ),
        (
            PARTNER,
            ("Export (US$ Thousand),Import (US$ Thousand)", "Export Share,Import Share"),
            LayoutError,
            r"csv:1: expected a column 'Export \(US\$ Thousand\)' or .*shares and",
        ),
        (YEARS, ("11750", "-"), LayoutError, r"csv:2: column 2022: expected a number"),
        (
            YEARS,
            (",2021,2022,2023", ",a,b,c"),
            LayoutError,
            r"csv:1: column 5, 'a': expected a year",
        ),
    ],
)
def test_a_fault_is_named_with_line_and_heading(
    tmp_path: Path, source: Path, edit: tuple[str, str], error: type[FlowsError], message: str
) -> None:
    path = changed(tmp_path, source, *edit)
    with pytest.raises(error, match=message):
        load(path)


def test_shares_alone_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "years.csv"
    lines = YEARS.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text(lines[0] + lines[3], encoding="utf-8")
    with pytest.raises(LayoutError, match=r"column Indicator: .* found 'Export Partner Share"):
        load(path)


def test_the_world_alone_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "product.csv"
    lines = PRODUCT.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:2]), encoding="utf-8")
    with pytest.raises(LayoutError, match="rows of the world alone; choose partners"):
        load(path)


def test_a_statement_that_stands_twice_is_refused(tmp_path: Path) -> None:
    path = changed(tmp_path, QUERY, "RUS,Russian Federation", f"IRN,{IRAN}")
    with pytest.raises(SchemaError, match=r"lines? 2, 4"):
        load(path)
