"""Sheets of workbooks: what a cell holds, and what is refused."""

import random
import zipfile
from pathlib import Path

import pytest
from small_workbooks import OFFICE, workbook

from flows.errors import FlowsError, LayoutError
from flows.loaders.workbook_parts import is_workbook
from flows.loaders.workbooks import read_sheet


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ('<c r="A1"><v>250</v></c>', "250"),
        ('<c r="A1"><v>324700000</v></c>', "324700000"),
        ('<c r="A1" s="2"><v>123.456</v></c>', "123.456"),
        ('<c r="A1"><v>1.5E-7</v></c>', "1.5e-07"),
        ('<c r="A1"><v>0.30000000000000004</v></c>', "0.30000000000000004"),
        ('<c r="A1"><v>1234567.1234567891</v></c>', "1234567.1234567892"),
        ('<c r="A1" s="1"><v>44927.5</v></c>', "2023-01-01 12:00:00"),
        ('<c r="A1" s="1"><v>44927</v></c>', "2023-01-01"),
        ('<c r="A1" t="b"><v>1</v></c>', "true"),
        ('<c r="A1" t="s"><v>0</v></c>', "Georgia"),
        ('<c r="A1" t="s"><v>1</v></c>', "Armenia"),
        ('<c r="A1" t="inlineStr"><is><t>0101</t></is></c>', "0101"),
        ('<c r="A1" t="str"><f>"a"&amp;"b"</f><v>ab</v></c>', "ab"),
        ('<c r="A1"><f>2+3</f><v>5</v></c>', "5"),
        ('<c r="A1" t="e"><v>#DIV/0!</v></c>', "#DIV/0!"),
        ('<c r="A1" t="e"><v>#N/A</v></c>', "#N/A"),
    ],
)
def test_what_a_cell_holds(tmp_path: Path, cell: str, text: str) -> None:
    path = workbook(tmp_path / "my.xlsx", f'<row r="1">{cell}</row>')
    assert list(read_sheet(path)) == [(1, [text])]


def test_rows_keep_their_numbers_and_columns_their_order(tmp_path: Path) -> None:
    rows = '<row r="3"><c r="B3"><v>1</v></c></row><row r="5"><c r="D5"><v>2</v></c></row>'
    records = read_sheet(workbook(tmp_path / "my.xlsx", rows))
    filled = [(line, [cell for cell in cells if cell]) for line, cells in records]
    assert filled == [(1, []), (2, []), (3, ["1"]), (4, []), (5, ["2"])]
    assert {len(cells) for _, cells in records} == {3}


def test_of_merged_cells_the_first_holds_the_content(tmp_path: Path) -> None:
    rows = (
        '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1"><v>1</v></c></row>'
        '<row r="2"><c r="A2"/><c r="B2"><v>2</v></c></row>'
    )
    merged = '<mergeCells count="1"><mergeCell ref="A1:A2"/></mergeCells>'
    path = workbook(tmp_path / "my.xlsx", rows, after=merged)
    assert [cells for _, cells in read_sheet(path)] == [["Georgia", "1"], ["", "2"]]


def test_a_workbook_without_the_list_of_its_parts_is_read(tmp_path: Path) -> None:
    rows = '<row r="1"><c r="A1" t="s"><v>0</v></c></row>'
    whole = workbook(tmp_path / "whole.xlsx", rows)
    path = tmp_path / "part.xlsx"
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            if name != "_rels/.rels":
                new.writestr(name, old.read(name).replace(f"{OFFICE}/worksheet".encode(), b"x"))
    assert list(read_sheet(path)) == list(read_sheet(whole))


@pytest.mark.parametrize(
    "corners",
    [
        '<row r="1"><c r="A1"/></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        '<row><c r="A1"/><c r="B99999999999"><v>1</v></c></row>',
        '<row><c r="A1"/><c r="xfd9999999"><v>1</v></c></row>',
    ],
)
def test_a_stray_cell_far_away_does_not_end_the_process(tmp_path: Path, corners: str) -> None:
    with pytest.raises(LayoutError, match="expected at most 50,000,000 cells"):
        read_sheet(workbook(tmp_path / "far.xlsx", corners))


def test_a_packed_workbook_has_the_limits_of_any_packed_file(tmp_path: Path) -> None:
    path = workbook(tmp_path / "bomb.xlsx", "<!--" + " " * 80_000_000 + "-->")
    with pytest.raises(LayoutError, match=r"bomb.xlsx/xl/worksheets/sheet1.xml: expected at most"):
        read_sheet(path)


def test_what_is_no_workbook_is_refused(tmp_path: Path) -> None:
    text = tmp_path / "my.xlsx"
    text.write_text("a,b\n1,2\n", encoding="utf-8")
    assert not is_workbook(text)
    with pytest.raises(
        LayoutError, match=r"expected a workbook \(.xlsx\), found a file of another"
    ):
        read_sheet(text)


def test_a_damaged_workbook_gives_records_or_a_flows_error(tmp_path: Path) -> None:
    rows = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" s="1"><v>2</v></c></row>'
    whole = workbook(tmp_path / "whole.xlsx", rows).read_bytes()
    chance = random.Random(1)
    path = tmp_path / "damaged.xlsx"
    for _ in range(100):
        content = bytearray(whole)
        content[chance.randrange(len(content))] = chance.randrange(256)
        path.write_bytes(content)
        try:
            assert all(isinstance(cell, str) for _, cells in read_sheet(path) for cell in cells)
        except FlowsError as error:
            assert str(error)  # noqa: PT017 - either outcome is right
