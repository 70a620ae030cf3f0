"""The raw files of the second case, read without the package, add up to what is known of them."""

import csv
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

RAW = Path(__file__).parents[1] / "data" / "raw"
UNION = "European Union - 27 countries"
CALCULATED = {
    "EUR, EU to Russia": {"2021": 89_169, "2022": 55_008, "2023": 38_182},
    "thousand USD, Armenia to Russia": {
        "2019": 741.4,
        "2021": 840.7,
        "2022": 2462.8,
        "2023": 3540.2,
    },
}
"""Of a first calculation elsewhere, in million."""


def rows(name: str) -> Iterator[dict[str, str]]:
    with (RAW / name).open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def test_members_add_up_to_the_printed_total_in_every_month() -> None:
    printed, added = {}, defaultdict(int)
    for row in rows("eurostat-exports/2024-11/eu-exports-monthly.csv"):
        cell = row["PARTNER"], row["PERIOD"]
        if row["REPORTER"].startswith(UNION):
            printed[cell] = int(row["VALUE_IN_EUR"])
        elif row["REPORTER"] != "United Kingdom":
            added[cell] += int(row["VALUE_IN_EUR"])
    assert len(printed) == 6 * 68
    assert printed == added


@pytest.mark.parametrize(("year", "million"), CALCULATED["EUR, EU to Russia"].items())
def test_exports_of_the_union_to_russia(year: str, million: int) -> None:
    euros = sum(
        int(row["VALUE_IN_EUR"])
        for row in rows("eurostat-exports/2024-11/eu-exports-monthly.csv")
        if row["REPORTER"].startswith(UNION)
        and row["PARTNER"] == "Russian Federation"
        and row["PERIOD"].endswith(year)
    )
    assert round(euros / 1e6) == million


@pytest.mark.parametrize(("year", "million"), CALCULATED["thousand USD, Armenia to Russia"].items())
def test_exports_of_armenia_to_russia(year: str, million: float) -> None:
    thousand = sum(
        float(row["export"])
        for row in rows("armstat-partners/2025-02/trade-by-country.csv")
        if row["country"] == "Russian Federation" and row["year"] == year
    )
    assert thousand / 1e3 == pytest.approx(million, abs=0.05)


def test_forty_partners_have_every_month_of_ten_years() -> None:
    renamed = {"USA": "United States", "Islamic Republic of Iran": "Iran"}
    months = defaultdict(set)
    for row in rows("armstat-partners/2025-02/trade-by-country.csv"):
        country = renamed.get(row["country"], row["country"])
        months[country].add((row["year"], row["month"]))
    unnamed = months.pop("EU countries not specified")
    assert len(unnamed) == 36, "from 2022 on"
    assert len(months) == 39
    assert {len(stated) for stated in months.values()} == {120}


def test_every_month_has_one_rate() -> None:
    rates = {
        row["TIME_PERIOD"]: float(row["OBS_VALUE"])
        for row in rows("ecb-rates/2026-10/EXR.M.USD.EUR.SP00.A.csv")
    }
    assert len(rates) == 19 * 12
    assert min(rates.values()) > 0.95
    assert max(rates.values()) < 1.6
    below = [month for month, rate in rates.items() if rate < 1]
    assert below == ["2022-09", "2022-10"], (
        "the only months in which a euro cost less than a dollar"
    )
