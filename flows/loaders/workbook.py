"""Sheets of an Excel workbook (.xlsx) as records of text cells."""

import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError, fromstring

from flows.errors import LayoutError
from flows.loaders.archive import read_content
from flows.loaders.text import Record

WORKBOOK = "xl/workbook.xml"
"""The part that a workbook is known by."""

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_MOST_COLUMNS = 16_384


def read_sheet(path: Path, sheet: str = "") -> list[Record]:
    """
    Return the rows of one sheet: what a cell holds, not how it is shown.

    Parameters
    ----------
    path : pathlib.Path
        Workbook of Excel 2007 or later.
    sheet : str
        Name of the sheet; may be empty where there is only one.

    Returns
    -------
    list of Record
        ``line`` is the number of the row. All rows have the width of the widest.

    Raises
    ------
    LayoutError
        If it is no workbook, has no such sheet, or a cell is an error of Excel.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> read_sheet(example_path("cow_trade"))
    Traceback (most recent call last):
        ...
    flows.errors.LayoutError: cow_trade.csv: expected a workbook (.xlsx), found another file
    """
    if not zipfile.is_zipfile(path):
        raise LayoutError(f"{path}: expected a workbook (.xlsx), found another file")
    member = _find_sheet(path, sheet)
    shared = _shared_texts(path)
    rows = dict(_rows(_parse(path, member), shared, path=f"{path}/{member}"))
    width = max((max(cells, default=-1) + 1 for cells in rows.values()), default=0)
    return [
        Record(row, [cells.get(column, "") for column in range(width)])
        for row, cells in sorted(rows.items())
    ]


def _find_sheet(path: Path, sheet: str) -> str:
    book = _parse(path, WORKBOOK)
    sheets = {one.get("name", ""): one.get(_RELATION, "") for one in book.iter(f"{_MAIN}sheet")}
    if not sheet and len(sheets) == 1:
        sheet = next(iter(sheets))
    if sheet not in sheets:
        raise LayoutError(f"{path}: expected a sheet {sheet!r}, found {', '.join(sheets)}")
    targets = {
        one.get("Id", ""): one.get("Target", "")
        for one in _parse(path, "xl/_rels/workbook.xml.rels")
    }
    return "xl/" + targets.get(sheets[sheet], "").removeprefix("/xl/")


def _shared_texts(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        if "xl/sharedStrings.xml" not in archive.namelist():
            return []
    items = _parse(path, "xl/sharedStrings.xml").iter(f"{_MAIN}si")
    return ["".join(text.text or "" for text in item.iter(f"{_MAIN}t")) for item in items]


def _rows(
    sheet: Element, shared: list[str], *, path: str
) -> Iterator[tuple[int, Mapping[int, str]]]:
    for row in sheet.iter(f"{_MAIN}row"):
        cells = {}
        number = 0
        for cell in row.iter(f"{_MAIN}c"):
            match = _REFERENCE.fullmatch(cell.get("r", ""))
            if match is None:
                raise LayoutError(f"{path}: expected cells with a place as B7, found none")
            number = int(match[2])
            cells[_column(match[1])] = _value(cell, shared, path=f"{path}:{number}")
        if cells:
            yield number, cells


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return min(number, _MOST_COLUMNS) - 1


def _value(cell: Element, shared: list[str], *, path: str) -> str:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return "".join(text.text or "" for text in cell.iter(f"{_MAIN}t"))
    value = cell.find(f"{_MAIN}v")
    text = (value.text or "") if value is not None else ""
    if kind == "e":
        raise LayoutError(f"{path}: expected a value, found the error {text} of Excel")
    if kind != "s":
        return text
    if not text.isdecimal() or int(text) >= len(shared):
        raise LayoutError(f"{path}: expected a text of the workbook, found number {text!r}")
    return shared[int(text)]


def _parse(path: Path, member: str) -> Element:
    content = read_content(path / member)
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise LayoutError(f"{path}/{member}: expected no DOCTYPE in a workbook")
    try:
        return fromstring(content)  # noqa: S314 - declarations of entities are refused above
    except ParseError as error:
        raise LayoutError(f"{path}/{member}: expected XML, found: {error}") from error
