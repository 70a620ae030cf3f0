"""FAOSTAT: thousands, quantities, China as a sum, flags, and years side by side."""

from pathlib import Path

import pytest

from flows.errors import CountryError, FlowsError, LayoutError, SchemaError
from flows.loaders import load
from flows.loaders.examples import example_path
from tests.raw_files import changed

EXAMPLE = example_path("faostat")
WIDE = (
    "Reporter Country Code,Reporter Country Code (M49),Reporter Countries,Partner Country Code,"
    "Partner Country Code (M49),Partner Countries,Item Code,Item,Element Code,Element,Unit,"
    "Y2021,Y2021F,Y2022,Y2022F\n"
    "107,'384,Côte d'Ivoire,1,'051,Armenia,656,Coffee,5922,Export Value,1000 US$,3.5,E,4,A\n"
)


def test_values_of_either_reporter_without_china_as_a_sum() -> None:
    trade = load(EXAMPLE)
    assert trade["value"].tolist() == [48_250_250.0, 12_000.0, 47_100_500.0]
    assert trade["reporter"].tolist() == ["ARM", "ARM", "RUS"]
    assert trade["exporter"].tolist() == ["RUS", "CHN", "RUS"]
    assert trade["estimate"].tolist() == [False, True, False]
    assert trade.attrs["report"]["left_out"] == {
        "cells of quantities": 1,
        "cells of China as a sum": 1,
        "cells without a value": 1,
    }


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_years_side_by_side_have_their_flags(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "wide.csv"
    path.write_text(WIDE, encoding=encoding)
    trade = load(path)
    assert trade["start"].dt.year.tolist() == [2021, 2022]
    assert trade["value"].tolist() == [3500.0, 4000.0]
    assert trade["estimate"].tolist() == [True, False]
    assert set(trade["exporter"]) == {"CIV"}


@pytest.mark.parametrize(
    ("edit", "error", "message"),
    [
        (('"48250.250000"', '"48,250"'), LayoutError, r"csv:2: column Value: .*'48,250'"),
        (('"1000 USD","48250', '"1000 EUR","48250'), LayoutError, r"csv:2: column Unit: .*1000 E"),
        (('"48250.250000","A"', '"48250.250000","Q9"'), LayoutError, r"csv:2: column Flag: .*Q9"),
        (
            ('"2022","1000 USD","48250', '"22","1000 USD","48250'),
            LayoutError,
            r"csv:2: .* columns Year Code and Ye",
        ),
        (('\'643","Russian Federation","15"', '\'643x","Russia","15"'), CountryError, "643x"),
        (('"41","\'159","China, mainland"', '"185","\'643","Russia"'), SchemaError, "lines? 2, 5"),
        (('"Value","Flag"', '"Val","Flag"'), LayoutError, r"csv:1"),
    ],
)
def test_a_fault_is_named_with_line_and_heading(
    tmp_path: Path, edit: tuple[str, str], error: type[FlowsError], message: str
) -> None:
    with pytest.raises(error, match=message):
        load(changed(tmp_path, EXAMPLE, *edit), layout="faostat")


def test_quantities_alone_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "quantities.csv"
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text(lines[0] + lines[2], encoding="utf-8")
    with pytest.raises(LayoutError, match=r"column Element: .*quantities alone \(Import quantity"):
        load(path)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (
            "Reporter Country Code,Reporter Countries,Partner Country Code,Element Code,Value",
            "trade matrix with countries by FAO's own codes, .*download it with M49 codes",
        ),
        (
            "Domain Code,Domain,Area Code (M49),Area,Element Code,Item,Year Code,Year,Value",
            "names no partner, .*take its detailed trade matrix",
        ),
    ],
)
def test_other_tables_of_faostat_are_told_apart(tmp_path: Path, header: str, message: str) -> None:
    path = tmp_path / "FAOSTAT_data.csv"
    path.write_text(f"{header}\n", encoding="utf-8")
    with pytest.raises(LayoutError, match=message):
        load(path)
