"""The Atlas: one flow in two rows, zeros that fill up a row, classifications in a heading."""

from pathlib import Path

import pandas as pd
import pytest

from flows.errors import CountryError, FlowsError, LayoutError, SchemaError
from flows.loaders import load
from flows.loaders.examples import example_path
from tests.raw_files import changed

EXAMPLE = example_path("atlas")
FORMER = (
    "year\tlocation_code\tpartner_code\ths_product_code\texport_value\timport_value\n"
    "2020\tARM\tIRN\t2716\t84000000\t0\n"
)


def test_a_flow_in_two_rows_counts_once() -> None:
    trade = load(EXAMPLE)
    assert trade["value"].tolist() == [94_550_250.0, 310_250_000.0, 1200.0, 35_500.0]
    assert set(trade["reporter"]) == {"Growth Lab"}
    left_out = trade.attrs["report"]["left_out"]
    assert left_out["imports that are the partner's exports again"] == 4


def test_two_sides_that_differ_are_told(tmp_path: Path) -> None:
    trade = load(changed(tmp_path, EXAMPLE, "2023,0,310250000", "2023,0,300000000"))
    assert trade["value"].tolist()[1] == 310_250_000.0
    differ = "1 flows are not the same as exports and as imports: exports count"
    assert differ in trade.attrs["report"]["warnings"]


def test_negative_values_are_no_rows_and_are_counted(tmp_path: Path) -> None:
    trade = load(changed(tmp_path, EXAMPLE, "1200,35500", "-1200,35500"))
    assert trade["exporter"].tolist() == ["ARM", "IRN", "UKR"]
    assert trade.attrs["report"]["left_out"]["negative values"] == 1


def test_the_release_of_2023_is_read_from_tabs_and_from_stata(tmp_path: Path) -> None:
    tabs, stata = tmp_path / "former.tab", tmp_path / "former.dta"
    tabs.write_text(FORMER, encoding="utf-8")
    pd.read_csv(tabs, sep="\t", dtype={"hs_product_code": "str"}).to_stata(stata, write_index=False)
    for path in (tabs, stata):
        trade = load(path)
        assert trade[["product", "classification", "value"]].to_numpy().tolist() == [
            ["2716", "HS1992", 84_000_000.0]
        ]
    assert len(load(tabs).attrs["report"]["warnings"]) == 1


@pytest.mark.parametrize(
    ("heading", "classification"),
    [("product_hs12_code", "HS2012"), ("product_sitc_code", "SITC2")],
)
def test_the_heading_says_the_classification(
    tmp_path: Path, heading: str, classification: str
) -> None:
    trade = load(changed(tmp_path, EXAMPLE, "product_hs92_code", heading))
    assert set(trade["classification"]) == {classification}


def test_a_file_without_products_is_of_all_goods(tmp_path: Path) -> None:
    path = tmp_path / "totals.csv"
    path.write_text(
        "country_iso3_code,partner_iso3_code,year,export_value,import_value\n"
        "ARM,ANS,2023,5,0\nARM,IRN,2023,7,9\n"
    )
    trade = load(path)
    assert set(trade["product"]) == {"TOTAL"}
    assert trade["importer"].tolist() == ["XXX", "IRN", "ARM"]


@pytest.mark.parametrize(
    ("edit", "error", "message"),
    [
        (("94550250,0\n", "n.a.,0\n"), LayoutError, "csv:2: column export_value: .*'n.a.'"),
        (("1001,2716,2023,945", "1001,27a,2023,945"), LayoutError, "csv:.*product_hs92_code"),
        (("ARM,364,IRN,1001", "ARM,364,QQQ,1001"), CountryError, "QQQ.*line 2"),
        (("UKR,1003,0102,2023", "UKR,1003,0102,23"), LayoutError, r"csv:6: column year: .*'23'"),
        (("product_hs92_code", "code"), LayoutError, "csv:1: expected a column of codes"),
        (("ARM,804,UKR,1003,0102", "ARM,364,IRN,1001,2716"), SchemaError, "lines? 2, 6"),
    ],
)
def test_a_fault_is_named_with_line_and_heading(
    tmp_path: Path, edit: tuple[str, str], error: type[FlowsError], message: str
) -> None:
    path = changed(tmp_path, EXAMPLE, *edit)
    with pytest.raises(error, match=message):
        load(path)
