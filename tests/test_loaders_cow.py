"""Correlates of War: flow1 is what country 1 imports, -9 is missing and 0 is zero."""

from pathlib import Path

import pytest

from flows.errors import CountryError, LayoutError
from flows.loaders.cow import normalise_cow_trade, read_cow_trade
from flows.loaders.examples import example_path

HEADER = "ccode1,ccode2,year,flow1,flow2,smoothflow1,smoothflow2\n"


def written(tmp_path: Path, rows: str) -> Path:
    path = tmp_path / "cow.csv"
    path.write_text(HEADER + rows, encoding="utf-8")
    return path


def test_one_line_gives_both_directions() -> None:
    trade = normalise_cow_trade(read_cow_trade(example_path("cow_trade")))
    in_1994 = trade[trade["line"] == 4]
    assert in_1994["importer"].tolist() == ["ARM", "IRN"]
    assert in_1994["exporter"].tolist() == ["IRN", "ARM"]
    assert in_1994["value"].tolist() == [43e6, 6e6]
    assert in_1994["smoothed_value"].tolist() == [43e6, 18e6]
    assert set(trade["reporter"]) == {"COW"}


def test_missing_is_counted_and_zero_is_kept() -> None:
    trade = normalise_cow_trade(read_cow_trade(example_path("cow_trade")))
    assert trade[trade["line"] == 2]["value"].tolist() == [0, 0]
    assert trade.attrs["report"]["left_out"] == {"flows that are missing (-9)": 2}


def test_whole_numbers_may_carry_a_point(tmp_path: Path) -> None:
    path = written(tmp_path, "371.0,630.0,1993.0,16.0,-9.0,16.0,-9.0\n")
    trade = normalise_cow_trade(read_cow_trade(path))
    assert trade[["exporter", "importer", "value"]].values.tolist() == [["IRN", "ARM", 16e6]]


def test_a_smoothed_value_may_be_missing_on_its_own(tmp_path: Path) -> None:
    trade = normalise_cow_trade(read_cow_trade(written(tmp_path, "371,630,1993,16,2,-9,2\n")))
    assert trade["smoothed_value"].isna().tolist() == [True, False]


@pytest.mark.parametrize(
    ("row", "error", "message"),
    [
        ("371,630,1993,-8,22,16,22\n", LayoutError, "cow.csv:2: .* not negative"),
        ("371,999,1993,16,22,16,22\n", CountryError, "999.*cow.csv line 2"),
        ("371,630,93,16,22,16,22\n", LayoutError, "cow.csv:2: column year"),
    ],
)
def test_a_fault_is_named_with_file_and_line(
    tmp_path: Path, row: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        normalise_cow_trade(read_cow_trade(written(tmp_path, row)))
