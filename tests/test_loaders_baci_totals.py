"""Totals of BACI by pair: thousands, who states them, and what a missing row means."""

from pathlib import Path

import pytest

from flows.bulk.convert import convert
from flows.errors import CountryError, FlowsError, LayoutError, SchemaError
from flows.loaders import load
from flows.loaders.examples import example_path
from flows.measure.timeseries import series
from flows.scope import scope_of
from tests.raw_files import changed

EXAMPLE = example_path("baci_totals")


def test_thousands_become_dollars_stated_by_the_organisation() -> None:
    trade = load(EXAMPLE)
    assert trade["value"].tolist() == [92_500_500.0, 302_000_250.0, 1_000_000.0]
    assert set(trade["reporter"]) == {"CEPII"}
    assert set(trade["valuation"]) == {"FOB"}


def test_a_pair_without_a_row_had_no_trade_in_the_years_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "totals.csv"
    path.write_text(
        "exporter,importer,year,thousand_usd\nIRN,ARM,2018,288\nIRN,GEO,2020,1\n", encoding="utf-8"
    )
    trade = load(path)
    scope = scope_of(trade["dataset"].iloc[0])
    assert scope is not None
    assert scope.years == (2018, 2020)
    years = series(trade, exporter="IRN", importer="ARM", freq="year", absent="zero")
    assert years.tolist() == [288_000.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("edit", "error", "message"),
    [
        (("92500.5", "92,500"), LayoutError, r"csv:2"),
        (("ARM,IRN,2019", "ARM,IRN,19"), LayoutError, r"csv:2: column year: .*'19'"),
        (("IRN,GEO", "IRN,QQQ"), CountryError, "QQQ"),
        (("IRN,GEO", "IRN,ARM"), SchemaError, "lines? 3, 4"),
    ],
)
def test_a_fault_is_named_with_its_line(
    tmp_path: Path, edit: tuple[str, str], error: type[FlowsError], message: str
) -> None:
    with pytest.raises(error, match=message):
        load(changed(tmp_path, EXAMPLE, *edit))


RELEASE = """t,i,j,k,v,q
2023,364,51,270112,412000.5,10
2023,364,51,271121,61000.25,NA
2023,51,364,020410,45000.125,5
2023,490,51,854231,1,NA
"""
"""A year of BACI: Iran sells two products to Armenia; 490 is what names no country."""


def test_sums_of_a_release_by_pair_load_as_its_totals(tmp_path: Path) -> None:
    release, sums = tmp_path / "BACI_HS22_Y2023_V202501.csv", tmp_path / "sums.parquet"
    release.write_text(RELEASE, encoding="utf-8")
    convert([release], sums, by=["exporter", "importer", "year"])
    trade = load(sums)
    assert trade.attrs["report"]["layout"] == "baci_sums"
    values = trade.set_index(["exporter", "importer"])["value"].to_dict()
    assert values[("IRN", "ARM")] == 473_000_750.0
    assert values[("ARM", "IRN")] == 45_000_125.0
    single = load(release)
    assert set(trade["exporter"]) == set(single["exporter"])
    assert trade["value"].sum() == single["value"].sum()
    assert set(trade["product"]) == {"TOTAL"}
    scope = scope_of(trade["dataset"].iloc[0])
    assert scope is not None
    assert (scope.years, scope.partners) == ((2023, 2023), "all")


def test_sums_by_product_are_not_totals_of_pairs(tmp_path: Path) -> None:
    release, sums = tmp_path / "BACI_HS22_Y2023_V202501.csv", tmp_path / "sums.parquet"
    release.write_text(RELEASE, encoding="utf-8")
    convert([release], sums, by=["exporter", "importer", "year", "product"])
    with pytest.raises(LayoutError, match=r"found them by product too; make them with"):
        load(sums)


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (("2,CEPII", "2,ARM"), r"csv:4: column reporter: expected CEPII, .* found 'ARM'"),
        (("4500125.0,USD", "4500125.0,EUR"), r"csv:3: column unit: expected USD, .* found 'EUR'"),
    ],
)
def test_sums_of_another_publisher_are_refused(
    tmp_path: Path, edit: tuple[str, str], message: str
) -> None:
    with pytest.raises(LayoutError, match=message):
        load(changed(tmp_path, example_path("baci_sums"), *edit))
