"""A result as a workbook: numbers are numbers, texts are texts, and nothing is there in part."""

from pathlib import Path

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook
from small_findings import table
from test_results import MAKERS, made

import flows as fl


def read(path: Path, sheet: str) -> list[list[object]]:
    return CalamineWorkbook.from_path(str(path)).get_sheet_by_name(sheet).to_python()


def test_numbers_are_numbers_and_not_rounded(tmp_path: Path) -> None:
    path = tmp_path / "shares.xlsx"
    table().to_excel(path)
    assert read(path, "shares") == [
        ["Supplier", "Share, %", "Change"],
        ["A & B_C", 1029.614, -1.25],
        ["100% <#1>", "", -0.001],
    ]
    about = dict(map(tuple, read(path, "about")))
    assert about["table"] == "Shares of A & B_C"
    assert about["sipri-deal-years@2025-03"] == "lines 12–14, 18"


def test_a_text_is_no_formula_and_no_link(tmp_path: Path) -> None:
    texts = ["=1+1", "@SUM(A1)", "https://example.org", "-2"]
    frame = pd.DataFrame({"supplier": texts, "share": 1.0, "change": 2.0})
    table(frame=frame).to_excel(tmp_path / "texts.xlsx")
    rows = read(tmp_path / "texts.xlsx", "shares")
    assert [row[0] for row in rows[1:]] == texts


def test_the_same_table_gives_the_same_bytes_over_what_was_there(tmp_path: Path) -> None:
    first, again = tmp_path / "first.xlsx", tmp_path / "again.xlsx"
    again.write_text("of before")
    for path in (first, again):
        made("PartnerShares").to_excel(path)
    assert first.read_bytes() == again.read_bytes()
    assert sorted(place.name for place in tmp_path.iterdir()) == ["again.xlsx", "first.xlsx"]
    with pytest.raises(OSError, match="nowhere"):
        made("Share").to_excel(tmp_path / "nowhere" / "share.xlsx")


@pytest.mark.parametrize("name", MAKERS)
def test_every_result_is_a_workbook(name: str, tmp_path: Path) -> None:
    path = tmp_path / "result.xlsx"
    made(name).to_excel(path)
    sheet = CalamineWorkbook.from_path(str(path)).sheet_names[0]
    rows = read(path, sheet)
    frame = made(name).tidy()
    assert len(rows) == (len(frame) + 1 if len(frame.columns) else 0)


def test_lists_and_dates(tmp_path: Path) -> None:
    sources = fl.list_sources()
    sources.to_excel(tmp_path / "sources.xlsx")
    rows = read(tmp_path / "sources.xlsx", "sources")
    assert [row[rows[0].index("retrieved")] for row in rows[1:]] == [
        str(source.retrieved) for source in sources
    ]
