"""Sheets of workbooks (.xlsx) as columns of text cells."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from flows.errors import LayoutError
from flows.loaders.grids import TEXT, Grid, as_text, grid_of
from flows.loaders.workbook_parts import is_workbook, readable

EXCEL_ERRORS = ("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!")
"""What cells hold whose formula failed."""

_PUBLISHED = ("AllRTAs",)
"""Sheets that publishers call so, beside others that do not count: the WTO's list of agreements."""

_INTEGERS = 2.0**63
_PLAIN = (1e-4, 1e10)
"""Between these Arrow and Python write a number with decimals alike, without a power of ten."""


def read_sheet(path: Path, sheet: str = "", *, decimal: str = ".") -> Grid:
    """
    Return the rows of one sheet: what a cell holds, not how it is shown.

    A number has all its digits behind the decimal sign of the table, so that its cells of numbers
    and of text read alike; a date is ``2023-01-31``, an error its text (``#DIV/0!``), which is
    refused where a number or a name is needed; of merged cells the first holds what all of them
    show. The line of a record is the number of its row.
    """
    return next(iter(read_sheets(path, [sheet], decimal=decimal).values()))


def read_sheets(path: Path, sheets: Iterable[str], *, decimal: str = ".") -> dict[str, Grid]:
    """Return the rows of some sheets by their names, the cells of each as columns."""
    with _opened(path) as book:
        chosen = (_choose_sheet(book, name, path=path) for name in sheets)
        return {sheet.name: _grid(sheet, decimal) for sheet in chosen}


def sheet_names(path: Path) -> list[str]:
    """Return the names of the sheets of a workbook, in their order."""
    with _opened(path) as book:
        return list(book.sheet_names)


@contextmanager
def _opened(path: Path) -> Iterator[CalamineWorkbook]:
    if not is_workbook(path):
        raise LayoutError(f"{path}: expected a workbook (.xlsx), found a file of another kind")
    try:
        with readable(path) as file:
            yield CalamineWorkbook.from_object(file)
    except CalamineError as error:
        raise LayoutError(
            f"{path}: expected a workbook, found a damaged one ({error}); "
            "open it in a spreadsheet program and save it again as .xlsx"
        ) from error


def _choose_sheet(book: CalamineWorkbook, name: str, *, path: Path) -> CalamineSheet:
    """Return the sheet of a name, or the only one; those without a cell do not count."""
    names = book.sheet_names
    wanted = name or (names[0] if len(names) == 1 else "")
    if wanted in names and (sheet := book.get_sheet_by_name(wanted)).height:
        return sheet
    sheets = {other: book.get_sheet_by_name(other) for other in names}
    filled = {other: sheet for other, sheet in sheets.items() if sheet.height} or sheets
    told = [sheet for other, sheet in filled.items() if len(filled) == 1 or other in _PUBLISHED]
    if not name and len(told) == 1:
        return told[0]
    if name in filled:
        return filled[name]
    raise LayoutError(
        f"{path}: expected a description whose key 'sheet' names one of the sheets "
        f"{', '.join(map(repr, filled))}, found {name!r}; describe it, or "
        "save that sheet as a workbook of its own"
    )


def _grid(sheet: CalamineSheet, decimal: str) -> Grid:
    def column(cells: Sequence[Any]) -> pa.Array:
        return _texts(cells, decimal)

    return grid_of(enumerate(sheet.iter_rows(), start=1), column=column)


def _texts(cells: Sequence[Any], decimal: str) -> pa.Array:
    kinds = {*map(type, cells)}
    if kinds == {str}:
        return as_text(cells)
    if kinds == {float}:
        return _numbers(cells, decimal)
    floats = [cell for cell in cells if type(cell) is float]
    numbers = iter(_numbers(floats, decimal).to_pylist())
    return as_text(
        [next(numbers) if type(cell) is float else _TEXTS[type(cell)](cell) for cell in cells]
    )


_TEXTS: dict[type, Callable[[Any], str]] = {
    str: str,
    int: str,
    bool: lambda truth: str(truth).lower(),
    date: str,
    datetime: str,
    time: str,
    timedelta: str,
}
"""Type of a cell to its text, but for numbers."""


def _numbers(cells: Sequence[float], decimal: str) -> pa.Array:
    """Return numbers with all their digits, as Python writes them; whole ones without a point."""
    values = np.array(cells, dtype=np.float64)
    size = np.abs(values)
    whole = (values == np.trunc(values)) & (size < _INTEGERS)
    texts = pa.array(np.where(whole, values, 0).astype(np.int64)).cast(TEXT)
    if whole.all():
        return texts
    plain = ~whole & (size >= _PLAIN[0]) & (size < _PLAIN[1])
    written = pa.array(values[plain]).cast(TEXT)
    others = as_text([_number(value) for value in values[~whole & ~plain].tolist()])
    for wanted, those in ((plain, written), (~whole & ~plain, others)):
        pointed = those if decimal == "." else pc.replace_substring(those, ".", decimal)
        texts = pc.replace_with_mask(texts, pa.array(wanted), pointed)
    return texts


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() else repr(value)
