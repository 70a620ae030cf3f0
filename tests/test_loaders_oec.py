"""OEC: continents before countries and sections before products, in JSON and in CSV."""

from pathlib import Path

import pytest

from flows.errors import CountryError, FlowsError, LayoutError, SchemaError
from flows.loaders import load
from flows.loaders.examples import example_path
from tests.raw_files import changed

EXAMPLE = example_path("oec")


def test_ids_lose_what_stands_before_the_code() -> None:
    trade = load(EXAMPLE)
    assert trade["exporter"].tolist() == ["IRN", "ARM"]
    assert trade["product"].tolist() == ["2711", "2716"]
    assert trade["value"].tolist() == [62_000_500.0, 84_000_250.0]
    assert set(trade["reporter"]) == {"OEC"}


def test_a_csv_without_products_is_of_all_goods(tmp_path: Path) -> None:
    path = tmp_path / "saved.csv"
    path.write_text(
        "Exporter Country ID,Importer Country ID,Importer Country,Year,Trade Value\n"
        "asirn,asarm,Armenia,2022,5.5\nasirn,asgeo,Georgia,2022,\n"
    )
    trade = load(path)
    assert trade[["product", "value"]].to_numpy().tolist() == [["TOTAL", 5.5]]
    assert trade.attrs["report"]["left_out"] == {"rows without a value": 1}


@pytest.mark.parametrize(
    ("edit", "error", "message"),
    [
        (('"asirn"', '"IRN"'), LayoutError, r"column Exporter Country ID: .*found 'IRN'"),
        (('"asirn"', '"asqqq"'), CountryError, "QQQ"),
        (('"52711"', '"2711"'), LayoutError, r"column HS4 ID: .*of 4 digits, found '2711'"),
        (("62000500.0", '"many"'), LayoutError, r"column Trade Value: .*found 'many'"),
        (('"Year":2022', '"Year":"22"'), LayoutError, r"column Year: expected a year"),
        (('"Importer Country ID":"asarm"', '"To":"asarm"'), LayoutError, "differs .* in Importer"),
        (('{"data":[', '{"error":['), LayoutError, "json:1: expected rows under data"),
        (
            (
                '"asarm","Exporter Country":"Armenia","Importer Country ID":"asirn"',
                '"asirn","Exporter Country":"Iran","Importer Country ID":"asarm"',
            ),
            SchemaError,
            "line",
        ),
    ],
)
def test_a_fault_is_named_with_its_heading(
    tmp_path: Path, edit: tuple[str, str], error: type[FlowsError], message: str
) -> None:
    path = changed(tmp_path, EXAMPLE, *edit)
    if error is SchemaError:
        path.write_text(path.read_text().replace("52716", "52711"))
    with pytest.raises(error, match=message):
        load(path, layout="oec")
