"""The raw files hold the figures of the case: read as plain text, without any loader of ours."""

import csv
import datetime as dt
import gzip
import hashlib
import tomllib
from collections import defaultdict
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

RAW = Path(__file__).resolve().parents[1] / "data" / "raw"
FOLDERS = sorted(path.parent for path in RAW.glob("*/*/source.toml"))
KEYS = {
    "id": str,
    "publisher": str,
    "title": str,
    "short_title": str,
    "vintage": str,
    "retrieved": dt.date,
    "address": str,
    "citation": str,
    "licence": str,
    "allows": str,
    "redistribute": bool,
    "coverage": str,
    "loader": str,
    "remarks": str,
    "files": dict,
}
LOADERS = {
    "armstat-by-country@2025-02": "armstat",
    "armstat-partners@2025-02": "armstat",
    "baci-totals@2020": "baci_totals",
    "bls-cpi-u@2026-09": "bls_index",
    "case-events@2026-11": "events",
    "comtrade-fuels@2025-06": "comtrade_monthly",
    "cow-trade@4.0": "cow_trade",
    "ecb-rates@2026-10": "ecb_portal",
    "eurostat-exports@2024-11": "comext_web",
    "irica-press@2024-09": "irica_press",
    "sanctions-events@2026-11": "events",
    "sipri-deal-years@2022-03": "sipri_deal_years",
    "sipri-deal-years@2025-03": "sipri_deal_years",
    "sipri-import-totals@2021-03": "sipri_import_totals",
    "sipri-import-totals@2023-03": "sipri_import_totals",
    "sipri-published-shares@2022-03": "published_shares",
    "sipri-tiv-table@2022-03": "sipri_tiv_table",
    "sipri-tiv-table@2024-03": "sipri_tiv_table",
    "sipri-tiv-table@2026-03": "sipri_tiv_table",
    "wits-summary@2019": "wits_summary",
    "wits-summary-azerbaijan@2019": "wits_summary",
}
WINDOW = range(2016, 2021)
UNSURE_SHARE = Decimal("0.005")
"""Half of the last digit of a share printed with two decimals."""

Row = dict[str, str]
Cells = dict[tuple[str, int], Decimal]


def _text(folder: str, *, encoding: str = "utf-8-sig") -> str:
    """Text of the one data file of a folder, line ends as they are."""
    (path,) = (path for path in (RAW / folder).iterdir() if path.name != "source.toml")
    return path.read_bytes().decode(encoding)


def _deal_years_old(text: str) -> list[Row]:
    lines = [line.split(";") for line in text.split("\n")]
    return [dict(zip(lines[5], cells, strict=True)) for cells in lines[6:-2]]


def _deal_years_new(text: str) -> list[Row]:
    lines = [line.removesuffix(";") for line in text.split("\r\n")[11:]]
    return list(csv.DictReader(lines))


def _tiv_table(text: str) -> Cells:
    header, *body = list(csv.reader(text.split("\n")))[10:-1]
    return {
        (cells[0], int(year)): Decimal(cell)
        for cells in body
        if cells[0]
        for year, cell in zip(header, cells, strict=True)
        if year.isdigit() and cell
    }


def _by_supplier(rows: list[Row], supplier: str) -> Cells:
    cells: Cells = defaultdict(Decimal)
    for row in rows:
        cells[row[supplier], int(row["Delivery year"])] += Decimal(row["TIV delivery values"])
    return dict(cells)


def _window(cells: Cells, supplier: str | None = None) -> Decimal:
    return sum(
        (tiv for (name, year), tiv in cells.items() if year in WINDOW and supplier in (None, name)),
        Decimal(),
    )


def _deal_years_2022() -> Cells:
    return _by_supplier(_deal_years_old(_text("sipri-deal-years/2022-03")), "Seller")


def _deal_years_2025() -> Cells:
    return _by_supplier(_deal_years_new(_text("sipri-deal-years/2025-03")), "Supplier")


def _tiv_table_2024() -> Cells:
    return _tiv_table(_text("sipri-tiv-table/2024-03"))


def _tiv_table_2026() -> Cells:
    return _tiv_table(_text("sipri-tiv-table/2026-03"))


def test_the_catalogue_holds_every_vintage_of_the_case() -> None:
    assert {f"{folder.parent.name}@{folder.name}" for folder in FOLDERS} == LOADERS.keys()


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: f"{path.parent.name}@{path.name}")
def test_source_toml_is_complete_and_every_file_has_its_hash(folder: Path) -> None:
    source = tomllib.loads((folder / "source.toml").read_text(encoding="utf-8"))
    kinds = {key: type(value) for key, value in source.items() if key != "scope"}
    assert kinds == KEYS
    assert all(value.strip() for value in source.values() if isinstance(value, str))
    assert source["id"] == f"{folder.parent.name}@{folder.name}"
    assert source["vintage"] == folder.name
    assert source["loader"] == LOADERS[source["id"]]
    assert source["files"] == {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.name != "source.toml"
    }


@pytest.mark.parametrize(
    ("read", "israel", "total", "share"),
    [
        (_deal_years_2022, "695.45", "1001.06", "69.47"),
        (_deal_years_2025, "697.45", "1029.61", "67.74"),
        (_tiv_table_2024, "697.45", "1029.61", "67.74"),
        (_tiv_table_2026, "696.95", "1046.11", "66.62"),
    ],
)
def test_israel_in_azerbaijans_arms_imports_2016_to_2020(
    read: Callable[[], Cells], israel: str, total: str, share: str
) -> None:
    cells = read()
    assert (_window(cells, "Israel"), _window(cells)) == (Decimal(israel), Decimal(total))
    assert abs(100 * Decimal(israel) / Decimal(total) - Decimal(share)) <= UNSURE_SHARE


def test_flags_give_the_share_of_certain_delivery_years_and_of_order_years() -> None:
    rows = _deal_years_new(_text("sipri-deal-years/2025-03"))
    certain = _by_supplier(
        [row for row in rows if row["Delivery year is estimate"] == "No"], "Supplier"
    )
    assert round(100 * _window(certain, "Israel") / _window(certain), 2) == Decimal("60.45")
    by_order = _by_supplier(
        [row | {"Delivery year": row["Order date"]} for row in rows], "Supplier"
    )
    assert round(100 * _window(by_order, "Israel") / _window(by_order), 2) == Decimal("45.59")


def test_the_deal_that_carries_the_share_is_local_production() -> None:
    boats = [
        row
        for row in _deal_years_new(_text("sipri-deal-years/2025-03"))
        if row["Designation"].startswith("OPV-62") and int(row["Delivery year"]) in WINDOW
    ]
    assert sum(Decimal(row["TIV delivery values"]) for row in boats) == Decimal("287.5")
    assert {row["Local production"] for row in boats} == {"Yes"}


def test_tiv_table_is_the_half_up_rounding_of_the_deal_years_of_its_release() -> None:
    years = range(2011, 2021)
    table = _tiv_table(_text("sipri-tiv-table/2022-03"))
    rounded = {
        key: tiv.quantize(Decimal(1), ROUND_HALF_UP) for key, tiv in _deal_years_2022().items()
    }
    assert {key: tiv for key, tiv in table.items() if key[1] in years} == rounded


def test_tiv_table_2026_holds_the_delivery_of_an_unknown_supplier() -> None:
    assert _tiv_table_2026()["unknown supplier(s)", 2018] == 4


def test_tiv_table_2024_equals_both_copies_of_the_shared_facts(shared_data: Path) -> None:
    table = _tiv_table_2024()
    with (shared_data / "facts" / "az_supplier_year_by_vintage.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["release"] == "2024-03"]
    found = {
        generated: {
            (row["supplier"], int(row["year"])): Decimal(row["tiv"])
            for row in rows
            if row["generated"] == generated
        }
        for generated in {row["generated"] for row in rows}
    }
    assert found["2024-04-13"] == table
    since_2000 = {key: tiv for key, tiv in table.items() if key[1] >= 2000}
    assert found["2025-01-03"] == since_2000


def test_published_shares_are_those_of_the_fact_sheets() -> None:
    rows = csv.DictReader(_text("sipri-published-shares/2022-03").splitlines())
    shares = {
        (row["supplier"], int(row["start"]), int(row["end"])): Decimal(row["share_pct"])
        for row in rows
        if row["importer"] == "AZE"
    }
    windows = [(2014, 2018), (2015, 2019), (2016, 2020), (2017, 2021)]
    assert [shares["ISR", *window] for window in windows] == [43, 60, 69, 61]
    assert [shares["RUS", *window] for window in windows] == [51, 31, 17, 22]
    assert shares["RUS", 2011, 2020] == 60


def test_armstat_2023_and_the_change_of_irans_name() -> None:
    rows = list(csv.DictReader(_text("armstat-by-country/2025-02").splitlines()))
    million = {
        column: sum(Decimal(row[column]) for row in rows if row["year"] == "2023") / 1000
        for column in ("export", "import_origin", "import_consignment")
    }
    assert round(million["import_origin"], 6) == Decimal("597.946992")
    assert round(million["import_consignment"], 6) == Decimal("612.072283")
    assert round(million["export"], 3) == Decimal("94.550")
    assert {row["country"] for row in rows if row["year"] == "2024"} == {"Islamic Republic of Iran"}
    assert {row["country"] for row in rows if row["year"] < "2024"} == {"Iran"}
    months = {(int(row["year"]), int(row["month"])) for row in rows}
    assert months == {(year, month) for year in range(2007, 2025) for month in range(1, 13)}
    assert len(rows) == len(months)


def test_irica_bounds_belong_to_the_figures_that_have_them() -> None:
    rows = list(csv.DictReader(_text("irica-press/2024-09").splitlines()))
    bounds = {
        (row["iranian_year"], row["flow"], row["value_million_usd"]): row["qualifier"]
        for row in rows
        if row["qualifier"]
    }
    assert bounds == {("1402", "export", "412"): "more than", ("1398", "export", "430"): "over"}
    assert [row["value_million_usd"] for row in rows if row["iranian_year"] == "1402"] == [
        "412",
        "45",
    ]
    assert {row["flow"] for row in rows} == {"export", "import"}
    assert all(row["address"] for row in rows)


def test_gas_in_iranian_year_1402_with_march_split_by_days() -> None:
    gas = {
        row["period"][:7]: Decimal(row["trade_value_us"])
        for row in csv.DictReader(_text("comtrade-fuels/2025-06").splitlines())
        if row["commodity_code"] == "271121"
    }
    inside = sum(value for month, value in gas.items() if "2023-04" <= month <= "2024-02")
    edges = gas["2023-03"] * 11 / 31 + gas["2024-03"] * 19 / 31
    assert round((inside + edges) / 10**6, 2) == Decimal("61.97")


def test_cow_states_each_pair_once_a_year_and_keeps_the_zero_of_2007() -> None:
    rows = list(csv.DictReader(_text("cow-trade/4.0").splitlines()))
    stated = [(row["importer1"], row["importer2"], int(row["year"])) for row in rows]
    pairs = [("Armenia", "Iran"), ("Azerbaijan", "Israel")]
    assert stated == [(*pair, year) for pair in pairs for year in range(1992, 2015)]
    (odd,) = (row for row in rows if row["importer1"] == "Armenia" and row["year"] == "2007")
    assert (odd["flow1"], odd["smoothflow1"]) == ("0", "159")


def test_events_have_the_days_of_the_shared_facts(shared_data: Path) -> None:
    rows = csv.DictReader(_text("case-events/2026-11").splitlines())
    facts = csv.DictReader((shared_data / "facts" / "events.csv").read_text("utf-8").splitlines())
    spans = {row["id"]: (row["start"], row["end"]) for row in rows}
    assert spans == {fact["id"]: (fact["start"], fact["end"]) for fact in facts}


def test_armstat_rows_equal_those_of_the_real_export(shared_data: Path) -> None:
    real = (shared_data / "armstat" / "trade-by-country-2025-02.csv").read_bytes()
    header, *lines = real.decode("utf-8-sig").split("\n")
    iran = [line for line in lines if "Iran" in line.split(",")[0]]
    assert _text("armstat-by-country/2025-02").split("\n") == [header, *iran, ""]


def test_deal_years_rows_equal_those_of_the_real_exports(shared_data: Path) -> None:
    old = (shared_data / "sipri" / "DealsAndTIVs-2022-03.txt").read_bytes().decode()
    new = (shared_data / "sipri" / "deal-years-2025-03.csv").read_bytes().decode()
    rows_old = [row for row in _deal_years_old(old) if row["Buyer"] == "Azerbaijan"]
    rows_new = [row for row in _deal_years_new(new) if row["Recipient"] == "Azerbaijan"]
    assert _deal_years_old(_text("sipri-deal-years/2022-03")) == rows_old
    assert _deal_years_new(_text("sipri-deal-years/2025-03")) == rows_new


def test_tiv_table_equals_azerbaijans_rows_of_the_real_exports(shared_data: Path) -> None:
    printed: Cells = {}
    for path in (shared_data / "sipri" / "tiv-tables-2022-03").iterdir():
        text = path.read_text("utf-8")
        supplier = text.partition(" exports from ")[2].partition(", 1950")[0]
        cells = _tiv_table(text).items()
        printed |= {(supplier, year): tiv for (name, year), tiv in cells if name == "Azerbaijan"}
    assert _tiv_table(_text("sipri-tiv-table/2022-03")) == printed


def test_import_totals_equal_those_of_the_real_export(shared_data: Path) -> None:
    real = (shared_data / "sipri" / "TIV-Import-All-Country-1950-2022.csv").read_text("utf-8")
    printed = {key: tiv for key, tiv in _tiv_table(real).items() if key[0] == "Azerbaijan"}
    assert _tiv_table(_text("sipri-import-totals/2023-03")) == printed


def test_import_totals_2021_equal_those_of_the_real_export_without_preamble(
    shared_data: Path,
) -> None:
    path = shared_data / "sipri" / "TIV-Import-All-1950-2020-preamble-lost.csv"
    header, *body = csv.reader(path.read_text("utf-8").split("\n"))
    first = next(cells for cells in body if cells[0] == "Azerbaijan")
    printed = {
        ("Azerbaijan", int(year)): Decimal(cell)
        for year, cell in zip(header, first, strict=True)
        if year.isdigit() and cell
    }
    assert _tiv_table(_text("sipri-import-totals/2021-03")) == printed


def test_wits_rows_equal_those_of_the_real_export(shared_data: Path) -> None:
    real = (shared_data / "wits" / "en_ARM_AllYears_WITS_Trade_Summary.CSV").read_bytes().decode()
    header, *lines = real.split("\r\n")
    iran = [line for line in lines if "Iran" in line and "Trade (US$ Mil)" in line]
    assert _text("wits-summary/2019").split("\r\n") == [header, *iran, ""]


def test_wits_figure_of_azerbaijan_is_marked_as_a_citation() -> None:
    _, row = csv.reader(_text("wits-summary-azerbaijan/2019").splitlines())
    assert [cell.strip() for cell in row] == [
        "Azerbaijan",
        "Israel",
        "All Products",
        "Export",
        "Trade (US$ Mil)-Top 5 Export Partner",
        "1331.62",
    ]
    source = tomllib.loads((RAW / "wits-summary-azerbaijan/2019/source.toml").read_text("utf-8"))
    assert source["remarks"].strip().startswith("Taken from a citation, not from a download")


def test_fuels_rows_equal_those_of_the_real_export(shared_data: Path) -> None:
    real = shared_data / "comtrade" / "fuel-imports-monthly-mixed-encoding.csv"
    iran = [line for line in real.read_text("latin-1").split("\n") if ',"IRN",' in line]
    assert sorted(_text("comtrade-fuels/2025-06").split("\n")[1:-1]) == sorted(iran)


def test_a_data_set_of_a_part_says_which_partners_it_has() -> None:
    scopes = {
        f"{folder.parent.name}@{folder.name}": tomllib.loads(
            (folder / "source.toml").read_text(encoding="utf-8")
        ).get("scope")
        for folder in FOLDERS
    }
    partners = {name: scope["partners"] for name, scope in scopes.items() if scope}
    no_flows = {
        "bls-cpi-u@2026-09",
        "case-events@2026-11",
        "ecb-rates@2026-10",
        "sanctions-events@2026-11",
        "sipri-published-shares@2022-03",
    }
    printed_by_total = {"eurostat-exports@2024-11"}
    whole = {"baci-totals@2020"}
    assert scopes.keys() - partners.keys() == no_flows | printed_by_total | whole
    arms = {name for name in partners if name.startswith("sipri-")}
    assert {name for name, of in partners.items() if of == "all"} == arms
    assert all(scopes[name] == {"partners": "all", "imports": ["AZE"]} for name in arms)


def test_totals_of_all_pairs_have_the_figures_of_the_case() -> None:
    """Values, rows and countries as the copy that they were carried from has them."""
    path = RAW / "baci-totals" / "2020" / "baci-totals-2015-2020.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    flow = {
        int(row["year"]): Decimal(row["thousand_usd"])
        for row in rows
        if (row["exporter"], row["importer"]) == ("IRN", "ARM")
    }
    assert len(rows) == 175_730
    assert len({row["exporter"] for row in rows} | {row["importer"] for row in rows}) == 206
    assert sorted(flow) == [*range(2015, 2021)]
    assert round(flow[2018] / 1000) == 288
    assert round(flow[2019] / 1000) == 302
