"""Sheets of workbooks (.xlsx) as records of text cells."""

import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from flows.errors import LayoutError
from flows.loaders.text import Record, is_zip, list_tables, read_content

EXCEL_ERRORS = ("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!")
"""What cells hold whose formula failed."""

_BOOK = "xl/workbook.xml"
_SHEETS = "xl/worksheets/"

_ERROR = re.compile(rb"""(<c\s[^>]*\bt=["'])e(?=["'])""")
"""The type of a cell with an error; calamine makes an empty cell of it."""

_COLUMN = re.compile(rb"""\sr=["']([A-Za-z]+)""")
_ROW = re.compile(rb"""\sr=["'][A-Za-z]*([0-9]+)""")
_MOST_PLACES = 50_000_000
"""
Cells between the first and the last: calamine keeps a place for each, filled or not, and ends the
process where memory does not suffice (two stray cells in far corners ask for 500 gigabytes).
"""

_PARTS, _BOOK_PARTS = "_rels/.rels", "xl/_rels/workbook.xml.rels"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PARTS_OF_A_BOOK = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="{_BOOK}"/></Relationships>'
).encode()
_TYPE = re.compile(rb"""\sType=(?:"[^"]*"|'[^']*')""")
_SHEET_PART = re.compile(rb"<Relationship(?=[^>]*worksheets/)")


def is_workbook(path: Path) -> bool:
    """Say whether a file is a workbook, from its content."""
    return is_zip(path) and _BOOK in list_tables(path)


def read_sheet(path: Path, sheet: str = "", *, decimal: str = ".") -> list[Record]:
    """
    Return the rows of one sheet: what a cell holds, not how it is shown.

    A number has all its digits behind the decimal sign of the table, so that its cells of numbers
    and of text read alike; a date is ``2023-01-31``, an error its text (``#DIV/0!``), which is
    refused where a number or a name is needed; of merged cells the first holds what all of them
    show. The line of a record is the number of its row.
    """
    return next(iter(read_sheets(path, [sheet], decimal=decimal).values()))


def read_sheets(
    path: Path, sheets: Iterable[str], *, decimal: str = "."
) -> dict[str, list[Record]]:
    """Return the rows of some sheets by their names, as :func:`read_sheet` does."""
    with _opened(path) as book:
        held = {name: book.get_sheet_by_name(name) for name in book.sheet_names}
        # Those that hold something; all of them where none does.
        filled = [name for name, sheet in held.items() if sheet.height] or list(held)
        chosen = [_choose_sheet(filled, sheet, path=path) for sheet in sheets]
        return {name: _records(held[name], decimal) for name in chosen}


def sheet_names(path: Path) -> list[str]:
    """Return the names of the sheets of a workbook, in their order."""
    with _opened(path) as book:
        return list(book.sheet_names)


@contextmanager
def _opened(path: Path) -> Iterator[CalamineWorkbook]:
    if not is_workbook(path):
        raise LayoutError(f"{path}: expected a workbook (.xlsx), found a file of another kind")
    try:
        yield CalamineWorkbook.from_object(_readable(path))
    except CalamineError as error:
        raise LayoutError(
            f"{path}: expected a workbook, found a damaged one ({error}); "
            "open it in a spreadsheet program and save it again as .xlsx"
        ) from error


def _records(sheet: CalamineSheet, decimal: str) -> list[Record]:
    def number(value: float) -> str:
        return str(int(value)) if value.is_integer() else repr(value).replace(".", decimal)

    texts = _TEXTS | {float: number}
    return [
        Record(line, [texts[type(cell)](cell) for cell in row])
        for line, row in enumerate(sheet.iter_rows(), start=1)
    ]


_TEXTS: dict[type, Callable[[Any], str]] = {
    str: str,
    int: str,
    bool: lambda truth: str(truth).lower(),
    date: str,
    datetime: str,
    time: str,
    timedelta: str,
}
"""Type of a cell to its text, but for numbers with decimals."""


def _choose_sheet(sheets: list[str], sheet: str, *, path: Path) -> str:
    if not sheet and len(sheets) == 1:
        return sheets[0]
    if sheet not in sheets:
        raise LayoutError(
            f"{path}: expected a description whose key 'sheet' names one of the sheets "
            f"{', '.join(repr(name) for name in sheets)}, found {sheet!r}; describe it, or "
            "save that sheet as a workbook of its own"
        )
    return sheet


def _readable(path: Path) -> Path | io.BytesIO:
    """Return a workbook as calamine can read it whole; the limits of packed files hold for it."""
    parts = {part: read_content(path / part) for part in list_tables(path)}
    changed = {}
    for name, part in parts.items():
        if name.startswith(_SHEETS):
            _check_places(part, path=f"{path}/{name}")
            if _ERROR.search(part):
                changed[name] = _ERROR.sub(rb"\1str", part)
    if _PARTS not in parts:
        changed |= _lists_of_parts(parts.get(_BOOK_PARTS, b""))
    if not changed:
        return path
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w") as archive:
        for name, part in (parts | changed).items():
            archive.writestr(name, part)
    book.seek(0)
    return book


def _check_places(sheet: bytes, *, path: str) -> None:
    width = _extent({_column_number(letters) for letters in set(_COLUMN.findall(sheet))})
    height = _extent({int(digits[:20]) for digits in set(_ROW.findall(sheet))})
    if width * height > _MOST_PLACES:
        raise LayoutError(
            f"{path}: expected at most {_MOST_PLACES:,} cells between the first and the last, "
            f"found {height:,} rows of {width:,} columns; delete the cells outside the table"
        )


def _extent(places: set[int]) -> int:
    return max(places) - min(places) + 1 if places else 0


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper()[:9]:
        number = number * 26 + letter - ord("A") + 1
    return number


def _lists_of_parts(listed: bytes) -> dict[str, bytes]:
    """Return the two lists of a workbook's parts, which small programs leave out or do in part."""
    typed = _SHEET_PART.sub(
        f'<Relationship Type="{_OFFICE}/worksheet"'.encode(), _TYPE.sub(b"", listed)
    )
    return {_PARTS: _PARTS_OF_A_BOOK, _BOOK_PARTS: typed}
