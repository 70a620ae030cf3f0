"""Crosswalks: every name and code of the real files has a country, the one that the file says."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from flows.countries import Scheme, are_aggregates, country_code, country_codes, is_aggregate


def _cells(path: Path, encoding: str, delimiter: str = ",") -> Iterator[list[str]]:
    with path.open(encoding=encoding, newline="") as file:
        yield from csv.reader(file, delimiter=delimiter)


def _resolves(names: set[str], scheme: Scheme) -> None:
    column = pd.Series(sorted(names))
    assert len(column) > 1
    country_codes(column[~are_aggregates(column, scheme=scheme)], scheme=scheme)


@pytest.mark.parametrize("vintage", ["2024-02", "2025-02"])
def test_armstat_names_of_a_real_export_resolve_and_no_month_stands_twice(
    shared_data: Path, vintage: str
) -> None:
    table = pd.read_csv(shared_data / "armstat" / f"trade-by-country-{vintage}.csv")
    table["country"] = country_codes(table["country"], scheme="armstat")
    assert not table.duplicated(["country", "year", "month"]).any()


def test_sipri_deal_years_of_real_exports_resolve(shared_data: Path) -> None:
    new = list(_cells(shared_data / "sipri" / "deal-years-2025-03.csv", "utf-8"))[12:]
    old = list(_cells(shared_data / "sipri" / "DealsAndTIVs-2022-03.txt", "utf-8", ";"))
    deals = [row for row in [*new, *old] if len(row) > 10 and row[0].isdigit()]
    assert len(deals) > 35_000
    _resolves({row[place] for row in deals for place in (1, 2)}, "sipri")


@pytest.mark.parametrize("name", ["register-2024-03.csv", "register-2025-03-broken-flags.csv"])
def test_sipri_registers_of_real_exports_resolve(shared_data: Path, name: str) -> None:
    lines = (shared_data / "sipri" / name).read_text(encoding="latin-1").splitlines()[12:]
    rows = [line.split(",") for line in lines]
    deals = [row for row in rows if len(row) > 10]
    assert len(deals) > 29_000
    _resolves({row[place] for row in deals for place in (0, 1)}, "sipri")


def test_sipri_rtf_register_of_a_real_export_resolves(shared_data: Path) -> None:
    path = shared_data / "sipri" / "Trade-Register-1950-2021.rtf"
    text = path.read_text(encoding="mac_roman")
    suppliers = set(re.findall(r"^\{\\b (.+?)\}\\par\{\\b R:\}", text, flags=re.MULTILINE))
    recipients = set(re.findall(r"\{\\b (?:R:|    )\} ([^\\{}]+)\\tab", text))
    assert len(suppliers) > 130
    assert len(recipients) > 230
    _resolves(suppliers | recipients, "sipri")


def test_sipri_tables_of_real_exports_resolve_by_name_and_code(shared_data: Path) -> None:
    tables = sorted((shared_data / "sipri" / "tiv-tables-2022-03").glob("*.csv"))
    assert len(tables) == 134
    for path in tables:
        rows = list(_cells(path, "utf-8"))
        supplier = re.fullmatch("TIV of arms exports from (.+), 1950-2021", rows[0][0])[1]
        code = re.fullmatch("TIV-Export-(.+)-1950-2021", path.stem)[1]
        assert country_code(code, scheme="sipri") == country_code(supplier, scheme="sipri")
        _resolves({row[0] for row in rows[11:] if row[0]}, "sipri")


@pytest.mark.parametrize(
    ("name", "preamble"),
    [
        ("TIV-Import-All-Country-1950-2022.csv", 11),
        ("TIV-Export-All-Country-1950-2022.csv", 11),
        ("TIV-Import-All-1950-2020-preamble-lost.csv", 1),
    ],
)
def test_sipri_totals_of_real_exports_resolve(shared_data: Path, name: str, preamble: int) -> None:
    rows = list(_cells(shared_data / "sipri" / name, "utf-8"))[preamble:]
    _resolves({row[0] for row in rows if row and row[0] not in ("", "Country")}, "sipri")


def test_no_two_sipri_names_of_a_real_export_meet_in_one_cell(shared_data: Path) -> None:
    names = ("TIV-Import-All-Country-1950-2022.csv", "TIV-Export-All-Country-1950-2022.csv")
    for name in names:
        rows = [row for row in list(_cells(shared_data / "sipri" / name, "utf-8"))[11:] if row[0]]
        filled = [
            (country_code(row[0], scheme="sipri"), year)
            for row in rows
            if row[0] != "Total"
            for year, cell in enumerate(row[1:74])
            if cell
        ]
        assert len(set(filled)) == len(filled)


def test_comtrade_v1_real_export_agrees_with_its_own_iso_codes(shared_data: Path) -> None:
    rows = list(_cells(shared_data / "comtrade" / "v1-web-export.csv", "latin-1"))[1:]
    areas = {tuple(row[place : place + 3]) for row in rows for place in (6, 11)}
    areas = {area for area in areas if not is_aggregate(area[0], scheme="comtrade")}
    assert len(areas) > 190
    for code, iso, name in areas:
        alpha3 = country_code(code, scheme="comtrade")
        assert country_code(name, scheme="comtrade") == alpha3
        assert iso in (alpha3, {"XXA": "S19", "XXX": "_X "}.get(alpha3))


def test_comtrade_legacy_real_export_agrees_with_its_own_iso_codes(shared_data: Path) -> None:
    with (shared_data / "comtrade" / "legacy.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    areas = {
        (row[f"{side} Code"], row[side], row[f"{side} ISO"])
        for row in rows
        for side in ("Reporter", "Partner")
        if row[f"{side} Code"]
    }
    areas = {area for area in areas if not is_aggregate(area[0], scheme="comtrade")}
    assert len(areas) > 110
    for code, name, iso in areas:
        assert country_code(code, scheme="comtrade") == iso
        assert country_code(name, scheme="comtrade") == iso


def test_comtrade_monthly_real_export_agrees_with_its_own_iso_codes(shared_data: Path) -> None:
    path = shared_data / "comtrade" / "fuel-imports-monthly-mixed-encoding.csv"
    areas = {(row[3], row[4]) for row in list(_cells(path, "latin-1"))[1:]}
    assert len(areas) > 70
    unspecified = {"_X": "XXX", "E19": "XXP", "S19": "XXA"}
    for iso, name in areas:
        assert country_code(name, scheme="comtrade") == unspecified.get(iso, iso)


def test_unspecified_areas_of_the_real_export_each_have_a_code(shared_data: Path) -> None:
    rows = list(_cells(shared_data / "baci" / "areas_not_specified.csv", "utf-8-sig"))[1:]
    codes = {row[3]: country_code(row[3], scheme="comtrade") for row in rows}
    assert len(codes) == len(set(codes.values())) == 20
    for row in rows:
        assert country_code(row[4], scheme="comtrade") == codes[row[3]]
        assert codes[row[3]].startswith("XX") or row[3] == "80"


@pytest.mark.parametrize(
    ("name", "encoding", "delimiter"),
    [
        ("country_codes.csv", "utf-8-sig", ","),
        ("country_codes_V202301 copy.csv", "utf-8", ";"),
        ("pare5__country_codes.csv", "utf-8", ","),
    ],
)
def test_baci_tables_of_real_exports_agree_by_code_name_and_iso(
    shared_data: Path, name: str, encoding: str, delimiter: str
) -> None:
    rows = list(_cells(shared_data / "baci" / name, encoding, delimiter))[1:]
    assert len(rows) > 220
    # BACI attributes both unions to their largest member; they stay apart here.
    unions = {"58": "BEL", "711": "ZAF"}
    for code, *cells in rows:
        alpha3 = country_code(code, scheme="baci")
        assert {country_code(text, scheme="baci") for text in cells[:2] if len(text) > 2} == {
            alpha3
        }
        if len(cells) == 4 and cells[3] not in ("", "N/A"):
            assert cells[3] == unions.get(code, alpha3)


@pytest.mark.parametrize("reporter", ["ARM", "IRN"])
def test_wits_names_of_real_exports_resolve(shared_data: Path, reporter: str) -> None:
    path = shared_data / "wits" / f"en_{reporter}_AllYears_WITS_Trade_Summary.CSV"
    rows = [row for row in _cells(path, "latin-1") if len(row) > 2][1:]
    assert {country_code(row[0], scheme="wits") for row in rows} == {reporter}
    _resolves({row[1] for row in rows}, "wits")


def test_cow_codes_of_the_real_export_are_the_two_pairs(shared_data: Path) -> None:
    for name, pair in (("arm371_irn630", ["ARM", "IRN"]), ("aze373_isr666", ["AZE", "ISR"])):
        table = pd.read_csv(shared_data / "facts" / f"derived_cow_{name}.csv")
        for column, alpha3 in zip(("ccode1", "ccode2"), pair, strict=True):
            assert set(country_codes(table[column].astype(int), scheme="cow")) == {alpha3}
