"""What each layout says that its rows make up, the totals it keeps, and whether they hold."""

from pathlib import Path

import pandas as pd
import pytest

from flows.errors import LayoutError, SourceError
from flows.loaders import load, load_source
from flows.loaders.claims import asked_of_sipri, hold_against_totals, last_digit
from flows.loaders.examples import example_path
from flows.pipeline.catalogue import check_catalogue
from flows.pipeline.tasks import read_frame, write_dataset
from flows.scope import Scope, joined_scope, scope_of
from flows.sources import file_sha256, read_source
from tests.raw_files import changed

FIXTURES = Path(__file__).parent / "fixtures"
MILLION = 1_000_000
GEORGIA = """
reporter = "GEO"
unit = "USD"
calendar = "gregorian"
coverage = "all goods"
partners = "all"
{more}
[columns]
partner = "Country"
year = "Year"
[flows.Imports]
direction = "import"
valuation = "CIF"
partner_basis = "origin"
"""
SOURCE = """
id = "wits-summary@2019"
publisher = "World Bank"
title = "Trade of Armenia"
vintage = "2019"
retrieved = 2026-11-23
address = "https://wits.worldbank.org"
citation = "World Bank (2026)"
licence = "terms"
allows = "use"
redistribute = true
coverage = "Armenia"
loader = "wits_summary"
remarks = "none"
{scope}
[files]
"{name}" = "{digest}"
"""


def scope_of_table(table: pd.DataFrame) -> Scope:
    scope = scope_of(table["dataset"].iloc[0])
    assert scope is not None
    assert len(scope.entries) == len(table)
    return scope


def totals_of(table: pd.DataFrame) -> list[tuple[object, ...]]:
    """Return the totals that lie beside a table: of, country, first year, product, value, line."""
    totals = scope_of_table(table).totals
    years = totals.assign(start=totals["start"].dt.year)
    columns = ["of", "country", "start", "product", "value", "line"]
    return list(years[columns].itertuples(index=False, name=None))


def warnings_of(table: pd.DataFrame) -> list[str]:
    return [text for text in table.attrs["report"]["warnings"] if "printed total" in text]


def described(folder: Path, rows: str, *, more: str = 'total = "Total"') -> pd.DataFrame:
    table, description = folder / "georgia.csv", folder / "georgia.toml"
    table.write_text(f"Country,Year,Imports\n{rows}", encoding="utf-8")
    description.write_text(GEORGIA.format(more=more), encoding="utf-8")
    return load(table, layout=str(description))


@pytest.mark.parametrize(
    ("layout", "partners", "countries"),
    [
        ("sipri_deal_years", "all", {"imports": ("AZE",), "exports": ()}),
        ("sipri_register", "all", {"imports": ("AZE",), "exports": ()}),
        ("sipri_tiv_table", "all", {"imports": ("AZE",), "exports": ()}),
        ("sipri_site_table", "all", {"imports": ("AZE",), "exports": ()}),
        ("sipri_import_totals", "all", {"imports": None, "exports": ()}),
        ("sipri_export_totals", "all", {"imports": (), "exports": None}),
        ("sipri_old_csv", "not stated", {}),
        ("sipri_rtf", "not stated", {}),
        ("wits_summary", "largest", {"imports": ("ARM",), "exports": ("ARM",)}),
        ("comtrade_v1", "not stated", {"imports": ("ARM",), "exports": ("ARM",)}),
        ("comtrade_api", "not stated", {"imports": ("ARM",), "exports": ("ARM",)}),
        ("comtrade_legacy", "not stated", {"imports": ("ARM",), "exports": ("ARM",)}),
        ("comtrade_legacy_bulk", "not stated", {"imports": ("IND",), "exports": ("IND",)}),
        ("comtrade_monthly", "not stated", {"imports": ("ARM",), "exports": ("ARM",)}),
        ("imf_compact", "not stated", {"imports": ("ARM",), "exports": ("ARM",)}),
        ("imf_sdmx_csv", "not stated", {"imports": ("ARM",), "exports": ("ARM",)}),
        ("baci", "all", {"imports": None, "exports": None}),
        ("armstat", "not stated", {"imports": ("ARM",), "exports": ("ARM",)}),
        ("irica_press", "named", {"imports": ("IRN",), "exports": ("IRN",)}),
        ("cow_trade", "not stated", {}),
    ],
)
def test_a_layout_claims(layout: str, partners: str, countries: dict[str, object]) -> None:
    scope = scope_of_table(load(example_path(layout)))
    assert scope.partners == partners
    assert scope.countries == countries


@pytest.mark.parametrize(
    ("supplier", "recipient", "partners", "countries"),
    [
        ("All countries", "All countries", "all", {"imports": None, "exports": None}),
        ("All Countries", "Azerbaijan", "all", {"imports": ("AZE",), "exports": ()}),
        ("Israel", "All countries", "all", {"imports": (), "exports": ("ISR",)}),
        ("Israel", "Azerbaijan", "named", {"imports": ("AZE",), "exports": ("ISR",)}),
        ("Western Europe", "All countries", "named", {}),
    ],
)
def test_a_title_of_sipri_names_suppliers_and_recipients(
    supplier: str, recipient: str, partners: str, countries: dict[str, object]
) -> None:
    scope = asked_of_sipri(supplier, recipient)
    assert (scope.partners, scope.countries) == (partners, countries)


def test_deals_of_all_countries_make_up_the_trade_of_every_one() -> None:
    for name in ("sipri-deal-years.csv", "sipri-deal-years-old-site.txt"):
        scope = scope_of_table(load(FIXTURES / name))
        assert scope.holds_all("AZE", of="imports")
        assert scope.holds_all("ISR", of="exports")


def test_deals_of_one_supplier_make_up_its_exports_only(tmp_path: Path) -> None:
    path = changed(
        tmp_path,
        FIXTURES / "sipri-deal-years.csv",
        "from All countries  to All countries",
        "from Israel  to All countries",
    )
    scope = scope_of_table(load(path))
    assert scope.holds_all("ISR", of="exports")
    assert not scope.holds_all("AZE", of="imports")


@pytest.mark.parametrize(
    ("layout", "lines"), [("sipri_tiv_table", [15, 15, 15]), ("sipri_site_table", [8, 8, 8])]
)
def test_the_row_of_totals_of_a_tiv_table_is_kept(layout: str, lines: list[int]) -> None:
    table = load(example_path(layout))
    assert totals_of(table) == [
        ("imports", "AZE", 2016 + place, "TOTAL", value, lines[place])
        for place, value in enumerate([250.0, 10.0, 12.0])
    ]
    control = hold_against_totals(table, scope_of_table(table))
    assert (control.printed, control.compared, control.outside) == (3, 3, ())


def test_the_world_of_a_table_of_totals_is_nobodys_total() -> None:
    for layout in ("sipri_import_totals", "sipri_export_totals"):
        assert totals_of(load(example_path(layout))) == []


def test_wits_prints_the_total_of_which_the_five_largest_have_a_part() -> None:
    table = load(FIXTURES / "wits-top5-share.csv")
    scope = scope_of_table(table)
    assert scope.largest == 5
    assert totals_of(table) == [("imports", "ARM", 2019, "TOTAL", 5100.0 * MILLION, 7)]
    assert scope.totals["digit"].tolist() == [0.01 * MILLION]
    assert warnings_of(table) == []
    assert hold_against_totals(table, scope).in_words() == (
        "1 of 1 printed totals are not below the sum of their rows"
    )
    iran = table.loc[table["exporter"] == "IRN", "value"].sum()
    assert iran / scope.totals["value"].iloc[0] == pytest.approx(325 / 5100)


def test_the_five_largest_cannot_be_more_than_all(tmp_path: Path) -> None:
    path = changed(tmp_path, FIXTURES / "wits-top5-share.csv", "5100.00", "3000.00")
    (warning,) = warnings_of(load(path))
    assert warning == (
        "imports of ARM 2019: partners add up to 103.2 % of the printed total (line 7): "
        "3,095,000,000, printed 3,000,000,000"
    )


def test_the_total_of_a_dissolved_state_is_that_of_the_state_of_the_year(tmp_path: Path) -> None:
    path = tmp_path / "summary.csv"
    serbia = '"Serbia, FR(Serbia/Montenegro)",{},{},Import,{},9.00,7.00\n'
    path.write_text(
        "Reporter,Partner,Product categories,Indicator Type,Indicator,2007,2005\n"
        + serbia.format("Aruba", "All Products", "Trade (US$ Mil)-Top 5 Import Partner")
        + serbia.format("World", "All Products", "Imports (in US$ Mil)"),
        encoding="utf-8",
    )
    table = load(path)
    assert table["importer"].tolist() == ["SRB", "SCG"]
    assert [total[1:3] for total in totals_of(table)] == [("SRB", 2007), ("SCG", 2005)]
    assert scope_of_table(table).countries["imports"] == ("SCG", "SRB")


def test_a_world_row_of_comtrade_is_the_total_of_the_partners_in_the_file() -> None:
    table = load(FIXTURES / "comtrade-v1-one-partner-and-world.csv")
    assert table["exporter"].tolist() == ["IRN"]
    assert totals_of(table) == [("imports", "ARM", 2019, "TOTAL", 5_052_550_000.0, 3)]
    (warning,) = warnings_of(table)
    assert warning == (
        "imports of ARM 2019: partners add up to 6.4 % of the printed total (line 3): "
        "324,700,000, printed 5,052,550,000"
    )


def test_a_world_row_that_a_program_has_rounded_is_a_total_in_its_digits(tmp_path: Path) -> None:
    source = FIXTURES / "comtrade-v1-one-partner-and-world.csv"
    lines = source.read_text(encoding="utf-8").splitlines(keepends=True)
    lines[-1] = lines[-1].replace('"0","W00"', '"0.0","W00"').replace(',"0",,', ',"0.0",,', 1)
    path = tmp_path / "rounded.csv"
    path.write_text("".join(lines).replace("5052550000", "5.05E+09"), encoding="utf-8")
    table = load(path)
    assert totals_of(table) == [("imports", "ARM", 2019, "TOTAL", 5_050_000_000.0, 3)]
    assert scope_of_table(table).totals["digit"].tolist() == [10.0 * MILLION]
    warnings = table.attrs["report"]["warnings"]
    assert any(
        "column partnerCode: 1 codes with a point (line 3: '0.0')" in text for text in warnings
    )
    assert any("numbers are rounded (line 3: '5.05E+09', 3 digits" in text for text in warnings)


def test_only_the_total_over_procedures_and_transport_is_a_total_of_comtrade(
    tmp_path: Path,
) -> None:
    source = FIXTURES / "comtrade-v1-one-partner-and-world.csv"
    lines = source.read_text(encoding="utf-8").splitlines(keepends=True)
    by_road = lines[-1].replace('"C00",,"0","0"', '"C00",,"0","3200"')
    again = lines[-1].replace('"M"', '"RM"')
    assert by_road != lines[-1] != again
    path = tmp_path / "more.csv"
    path.write_text("".join([*lines, by_road, again]), encoding="utf-8")
    assert [total[-1] for total in totals_of(load(path))] == [3]


def test_the_world_of_the_monthly_file_is_kept(tmp_path: Path) -> None:
    example = example_path("comtrade_monthly")
    world = "2010-01-01,M,Armenia,WLD,World,271121,29278200.0,6875670\n"
    path = tmp_path / "monthly.csv"
    path.write_bytes(example.read_bytes().rstrip() + b"\n" + world.encode())
    table = load(path)
    assert totals_of(table) == [("imports", "ARM", 2010, "271121", 6875670.0, 4)]
    assert warnings_of(table) == []


@pytest.mark.parametrize(
    ("layout", "year", "value"),
    [
        ("imf_compact", 2018, 2_411.9 * MILLION),
        ("imf_sdmx_json", 2023, 8_552.0 * MILLION),
        ("imf_sdmx_xml", 2023, 8_552.0 * MILLION),
    ],
)
def test_the_world_of_the_imf_is_a_total_in_dollars(layout: str, year: int, value: float) -> None:
    (total,) = totals_of(load(example_path(layout)))
    assert total[:5] == ("exports", "ARM", year, "TOTAL", pytest.approx(value))


def test_cif_and_fob_have_a_total_each(tmp_path: Path) -> None:
    header = "COUNTRY,INDICATOR,COUNTERPART_COUNTRY,FREQUENCY,TIME_PERIOD,OBS_VALUE\n"
    rows = [
        f"ARM,{indicator},{partner},A,2023,{value}\n"
        for indicator, values in (("MG_CIF_USD", (106, 106)), ("MG_FOB_USD", (100, 120)))
        for partner, value in zip(("IRN", "G001"), values, strict=True)
    ]
    path = tmp_path / "imts.csv"
    path.write_text(header + "".join(rows), encoding="utf-8")
    (warning,) = warnings_of(load(path))
    assert "partners add up to 83.3 % of the printed total (line 5): 100, printed 120" in warning


def test_a_printed_total_above_its_partners_is_said(tmp_path: Path) -> None:
    table = described(tmp_path, "Total,2023,600\nARM,2023,500\nAZE,2023,90\n")
    assert table["value"].tolist() == [500.0, 90.0]
    assert table.attrs["report"]["left_out"] == {"cells of the total of all partners": 1}
    assert totals_of(table) == [("imports", "GEO", 2023, "TOTAL", 600.0, 2)]
    assert scope_of_table(table).holds_all("GEO", of="imports")
    (warning,) = warnings_of(table)
    assert warning == (
        "imports of GEO 2023: partners add up to 98.3 % of the printed total (line 2): "
        "590, printed 600"
    )


def test_a_total_that_is_left_out_by_its_own_name_is_held_against(tmp_path: Path) -> None:
    rows = "Total,2023,600\nARM,2023,500\nAZE,2023,90\n"
    table = described(tmp_path, rows, more='leave_out = ["Total"]')
    assert len(warnings_of(table)) == 1


def test_a_total_is_written_as_its_rows_and_other_sums_are_not_read(tmp_path: Path) -> None:
    rows = "Total,2023,'1.250,5'\nEU,2023,c\nARM,2023,'1.200,5'\nAZE,2023,50\n".replace("'", '"')
    more = 'total = "Total"\nleave_out = ["EU"]\ndecimal = ","\nthousands = "."'
    table = described(tmp_path, rows, more=more)
    assert table["value"].tolist() == [1200.5, 50.0]
    assert totals_of(table) == [("imports", "GEO", 2023, "TOTAL", 1250.5, 2)]
    assert scope_of_table(table).totals["digit"].tolist() == [0.1]
    assert table.attrs["report"]["left_out"] == {
        "cells of partners that are sums": 1,
        "cells of the total of all partners": 1,
    }


def test_rounding_to_the_printed_digit_is_no_fault(tmp_path: Path) -> None:
    rows = "ARM,2023,5\nAZE,2023,9\nTotal,2023,{}\n"
    assert warnings_of(described(tmp_path, rows.format(15))) == []
    assert len(warnings_of(described(tmp_path, rows.format(16)))) == 1


def test_only_the_first_totals_that_do_not_hold_are_said(tmp_path: Path) -> None:
    rows = "".join(f"Total,{year},600\nARM,{year},500\n" for year in range(2001, 2009))
    warnings = warnings_of(described(tmp_path, rows))
    assert len(warnings) == 6
    assert warnings[-1] == "3 more printed totals are not the sum of their partners"


def test_what_a_description_can_say_of_partners(tmp_path: Path) -> None:
    table, description = tmp_path / "georgia.csv", tmp_path / "georgia.toml"
    table.write_text("Country,Year,Imports\nARM,2023,500\n", encoding="utf-8")
    text = GEORGIA.format(more="").replace('partners = "all"', 'partners = "some"')
    description.write_text(text, encoding="utf-8")
    with pytest.raises(LayoutError, match="partners: expected one of 'all', 'named'"):
        load(table, layout=str(description))


def test_the_last_digit_is_that_of_the_text() -> None:
    cells = pd.Series(["5052.55", "600", "3.25E+08", "12."])
    assert last_digit(cells).tolist() == pytest.approx([0.01, 1.0, 1e6, 1.0])


def test_files_of_several_suppliers_are_about_each_of_them() -> None:
    israel, russia = (asked_of_sipri(name, "all") for name in ("Israel", "Russia"))
    joined = joined_scope([israel, russia])
    assert (joined.partners, joined.countries) == (
        "all",
        {"imports": (), "exports": ("ISR", "RUS")},
    )
    mixed = joined_scope([israel, asked_of_sipri("all", "all")])
    assert (mixed.partners, mixed.countries) == ("not stated", {})


def catalogue(root: Path, scope: str) -> Path:
    """Write a catalogue of one data set, and return its folder."""
    folder = root / "data" / "raw" / "wits-summary" / "2019"
    folder.mkdir(parents=True)
    raw = FIXTURES / "wits-top5-share.csv"
    (folder / raw.name).write_bytes(raw.read_bytes())
    text = SOURCE.format(scope=scope, name=raw.name, digest=file_sha256(raw))
    (folder / "source.toml").write_text(text, encoding="utf-8")
    return folder


def test_a_source_says_what_its_rows_make_up_before_its_loader(tmp_path: Path) -> None:
    folder = catalogue(tmp_path, '[scope]\npartners = "named"\nimports = ["ARM"]')
    scope = scope_of_table(load_source(read_source(folder)))
    # Named partners may be the largest that the loader read: how many they are is kept.
    assert (scope.partners, scope.largest) == ("named", 5)
    assert scope.countries == {"imports": ("ARM",), "exports": ()}
    assert len(scope.totals) == 1


def test_a_source_of_every_country(tmp_path: Path) -> None:
    folder = catalogue(tmp_path, '[scope]\npartners = "all"\nimports = "every"')
    scope = scope_of_table(load_source(read_source(folder)))
    assert scope.holds_all("ARM", of="imports")
    assert not scope.holds_all("ARM", of="exports")


@pytest.mark.parametrize(
    ("scope", "message"),
    [
        ('[scope]\npartners = "named"\npartner = 1', "only the keys partners, .*'partner'"),
        ('[scope]\npartners = "some"', "partners as one of all, named, largest, found 'some'"),
        ('[scope]\nimports = ["ARM"]', "partners as one of"),
        ('[scope]\npartners = "largest"', "largest = 5"),
        ('[scope]\npartners = "all"\nlargest = 5', "largest = 5"),
        ('[scope]\npartners = "all"\nimports = "ARM"', "imports as a list of alpha-3 codes"),
        ('[scope]\npartners = "all"\nexports = ["Armenia"]', "exports as a list"),
        ('scope = "all"', r"a table \[scope\], found 'all'"),
    ],
)
def test_a_scope_that_says_something_else_is_refused(
    tmp_path: Path, scope: str, message: str
) -> None:
    with pytest.raises(SourceError, match=rf"source\.toml: .*{message}"):
        read_source(catalogue(tmp_path, scope))


def test_the_check_of_the_catalogue_says_whether_totals_hold(tmp_path: Path) -> None:
    catalogue(tmp_path, '[scope]\npartners = "all"\nimports = ["ARM"]')
    (outcome,) = check_catalogue(tmp_path)
    assert outcome.in_words() == (
        "5 rows; partners: all; 0 of 1 printed totals are the sum of their rows"
    )
    assert "60.7 %" in outcome.control.outside[0]


def test_a_processed_table_brings_its_scope_along(tmp_path: Path) -> None:
    folder = catalogue(tmp_path, "")
    first, second = tmp_path / "first.parquet", tmp_path / "second.parquet"
    for target in (first, second):
        write_dataset(description=folder / "source.toml", files=[], target=target)
    assert first.read_bytes() == second.read_bytes()
    loaded = scope_of_table(load_source(read_source(folder)))
    table = read_frame(first)
    assert "scope" not in table.attrs
    scope = scope_of_table(table)
    assert scope is not loaded
    assert (scope.partners, scope.largest, scope.countries) == (
        loaded.partners,
        loaded.largest,
        loaded.countries,
    )
    pd.testing.assert_frame_equal(scope.totals, loaded.totals)
    pd.testing.assert_frame_equal(scope.entries, loaded.entries)
