"""The table in a text file or in sheets of a workbook: where a description says that it stands."""

import codecs
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from flows.errors import LayoutError
from flows.loaders.described_cells import SHEET, value_columns
from flows.loaders.descriptions import DELIMITERS, Description, tidy
from flows.loaders.ends import cut_warning
from flows.loaders.grids import Grid, any_of, grid_of
from flows.loaders.patterns import fields_of, match_pattern
from flows.loaders.records import from_another_program
from flows.loaders.strangers import check_table
from flows.loaders.text import (
    RawTable,
    Record,
    find_header,
    make_table,
    read_text,
    split_records,
)
from flows.loaders.workbook_parts import is_workbook
from flows.loaders.workbooks import read_sheets, sheet_names

_HEADER_DEPTH = 40
_PATTERNS = (
    *("{year}", "{month}", "{quarter}", "{day}", "{quarter} {year}", "{month} {year}"),
    *("{flow} {year}", "{year} {flow}", "{month} {}", "{year} {}", "{} {year}"),
)
"""Patterns of headings that tables have, for a hint."""


def sheets_of(path: Path, description: Description) -> tuple[dict[str, Grid], tuple[str, ...]]:
    """
    Return the lines of each sheet of a workbook that counts, by name, or of another file; and what
    to beware of in them.
    """
    if is_workbook(path) or path.suffix.lower() == ".xlsx":
        return _sheets_of_workbook(path, description), ()
    if description.sheet:
        raise LayoutError(
            f"{path}: expected a workbook, as sheet = {description.sheet!r} in {description.path} "
            "has it, found a file of another kind; a text file has no sheets: take the key out"
        )
    if saved := from_another_program(path):
        return {"": saved.records}, saved.warnings
    lines, warnings = _from_text(path, description)
    return {"": lines}, warnings


def _from_text(path: Path, description: Description) -> tuple[Grid, tuple[str, ...]]:
    try:
        codecs.lookup(description.encoding)
    except LookupError as error:
        raise LayoutError(f"{description.path}: encoding: {error}") from error
    check_table(path)
    try:
        text, warnings = read_text(path, encoding=description.encoding)
    except LayoutError as error:
        if not isinstance(error.__cause__, UnicodeDecodeError):
            raise
        raise LayoutError(
            f"{error}; or write in {description.path} which encoding it has: encoding = "
            '"cp1252" (western Europe), "cp1251" (Cyrillic), "cp1254" (Turkish), ...'
        ) from error
    lines = grid_of(split_records(text, path=str(path), delimiter=description.delimiter))
    return lines, (*warnings, *cut_warning(text, lines[-1:]))


def _sheets_of_workbook(path: Path, description: Description) -> dict[str, Grid]:
    sheets = [description.sheet]
    if fields_of(description.sheet):
        names = sheet_names(path)
        sheets = [name for name in names if _match("sheet", name, description) is not None]
        if not sheets:
            raise LayoutError(
                f"{path}: expected sheets called {description.sheet!r} in {description.path}, "
                f"found {', '.join(names)}"
            )
    return read_sheets(path, sheets, decimal=description.decimal)


def _match(key: str, text: str, description: Description) -> Mapping[str, str] | None:
    return match_pattern(
        getattr(description, key),
        text,
        flows=description.flows,
        months=description.months,
        whole=key == "sheet",
    )


def said_in(key: str, text: str, description: Description, *, path: str) -> Mapping[str, str]:
    """Return what the name of a file or of a sheet says."""
    if not fields_of(getattr(description, key)):
        return {}
    match = _match(key, text, description)
    if match is None:
        raise LayoutError(
            f"{path}: expected a name with {getattr(description, key)!r}, as {key} in "
            f"{description.path} has it, found {text!r}"
        )
    return match


def _in_title(above: list[Record], description: Description, *, path: str) -> Mapping[str, str]:
    """Return what the lines above the header say."""
    if not fields_of(description.title):
        return {}
    cells = [tidy(cell) for record in above for cell in record.cells]
    matches = [match for cell in cells if (match := _match("title", cell, description))]
    if not matches or any(match != matches[0] for match in matches):
        found = "none" if not matches else " and ".join(str(dict(match)) for match in matches)
        raise LayoutError(
            f"{path}:1: expected one text with {description.title!r} above line "
            f"{description.header_lines[0]}, as title in {description.path} has it, found {found}"
        )
    return matches[0]


def read_table(
    lines: Grid,
    description: Description,
    *,
    path: Path,
    dataset: str | None,
    sheet: str,
    said: Mapping[str, str],
) -> RawTable:
    """Return the rows of one sheet, or of a text file."""
    first, last = description.header_lines
    called = f"{path} (sheet {sheet!r})" if fields_of(description.sheet) else str(path)
    head, below = np.searchsorted(lines.lines, [first, last + 1])
    above, heads = list(lines[:head]), list(lines[head:below])
    _check_delimiter(heads[:1], path, description)
    names = joined_header(heads)
    _check_header(names, list(lines[:_HEADER_DEPTH]), description, path=called)
    _check_repeated(names, description, path=called)
    rows, under = _parted(lines[below:], len(names), description, path=called)
    raw = make_table(names, rows, path=called, dataset=dataset or path.name)
    fields = {**said, **_in_title(above, description, path=called)}
    fields |= said_in("sheet", sheet, description, path=called)
    added = {f"{{{what}}}": text for what, text in fields.items()}
    if fields_of(description.sheet):
        added[SHEET] = sheet
    title = " ".join(cell for record in above for cell in map(tidy, record.cells) if cell)
    footer = "\n".join(" ".join(filter(None, map(tidy, record.cells))) for record in under)
    header = {"title": title, "footer": footer}
    return replace(
        raw,
        path=str(path),
        rows=raw.rows.assign(**added),
        header={key: text for key, text in header.items() if text},
    )


def joined_header(heads: list[Record]) -> list[str]:
    """Return the names of columns that may stand in several lines: merged cells above repeat."""
    width = max((len(record.cells) for record in heads), default=0)
    parts = []
    for record in heads:
        cells = [tidy(cell) for cell in record.cells] + [""] * (width - len(record.cells))
        if record is not heads[-1]:
            for at in range(1, width):
                cells[at] = cells[at] or cells[at - 1]
        parts.append(cells)
    return [tidy(" ".join(column)) for column in zip(*parts, strict=True)]


def _check_header(
    names: list[str], records: list[Record], description: Description, *, path: str
) -> None:
    """Check that the columns are there that a description names, or say where they are."""
    wanted = [*description.named_columns]
    pattern = description.value_heading
    wanted += [] if fields_of(pattern) and pattern != "{flow}" else value_columns([], description)
    head = Record(description.header_lines[0], names)
    try:
        find_header([head], wanted, path=path)
    except LayoutError as error:
        lines = [
            record.line for record in records if {*wanted} <= {tidy(cell) for cell in record.cells}
        ]
        if lines:
            raise LayoutError(
                f"{error}; they stand in line {lines[0]}: write header_line = {lines[0]} "
                f"in {description.path}"
            ) from error
        there = ", ".join(repr(name) for name in names if name)
        raise LayoutError(f"{error}; the line has {there or 'nothing'}") from error
    if not value_columns(names, description):
        there = ", ".join(repr(name) for name in names if name not in wanted)
        fitting = [
            other
            for other in _PATTERNS
            if value_columns(names, replace(description, columns={"value": other}))
        ]
        instead = f"; they are as value = {fitting[0]!r}" if fitting else ""
        raise LayoutError(
            f"{path}:{head.line}: expected headings as {pattern!r}, as [columns] value in "
            f"{description.path} has them, found {there or 'none'}{instead}"
        )


def _check_repeated(names: list[str], description: Description, *, path: str) -> None:
    """Check that no two columns that are read have one name."""
    read = {*description.named_columns, *value_columns(names, description)}
    for name in read:
        places = [str(at) for at, other in enumerate(names, start=1) if other == name]
        if len(places) > 1:
            first, last = description.header_lines
            above = f"header_line = [{first - 1}, {last}] in {description.path} if the line above"
            raise LayoutError(
                f"{path}:{last}: expected one column called {name!r}, found columns "
                f"{' and '.join(places)}; "
                + (f"write {above} tells them apart, else " if first > 1 else "")
                + "give them different names in a copy of the file"
            )


def _parted(
    below: Grid, width: int, description: Description, *, path: str
) -> tuple[Grid, list[Record]]:
    """Return the rows of a table, and the lines under it."""
    filled = below.filled()
    trimmed = below.shortened(width, ~any_of(filled[width:]))
    end = description.end
    if isinstance(end, int):
        at = int(np.searchsorted(below.lines, end))
    elif end:
        at = _end(trimmed, end, description, path=path)
    else:
        at = _foot(trimmed.widths, filled, width)
    _check_widths(trimmed[:at], filled, width, description, path=path)
    under = [record for record in trimmed[at:] if any(map(str.strip, record.cells))]
    return trimmed[:at], under


def _end(rows: Grid, end: str, description: Description, *, path: str) -> int:
    """Return where the first line is that begins with a text."""
    for at in np.flatnonzero(rows.begins(end)).tolist():
        [(_, cells)] = rows.rows(at, at + 1)
        if next(filter(None, map(str.strip, cells)), "").startswith(end):
            return int(at)
    raise LayoutError(
        f"{path}: expected a line under the table that begins with {end!r}, as end in "
        f"{description.path} has it, found none"
    )


def _foot(widths: NDArray[np.int64], filled: NDArray[np.bool_], width: int) -> int:
    """Return where the lines under a table begin: behind an empty one, and none a row of it."""
    counts = filled.sum(axis=0)
    rows = np.flatnonzero((widths == width) & (counts > (width > 1)))
    after = rows[-1] + 1 if len(rows) else 0
    empty = np.flatnonzero(counts[after:] == 0)
    return int(after + empty[0]) if len(empty) else len(widths)


def _check_widths(
    rows: Grid, filled: NDArray[np.bool_], width: int, description: Description, *, path: str
) -> None:
    wrong = (rows.widths != width) & any_of(filled[:, : len(rows)])
    if not wrong.any():
        return
    at = int(wrong.argmax())
    line, cells = rows.rows(at, at + 1)[0]
    first = next(filter(None, map(str.strip, cells)))
    raise LayoutError(
        f"{path}:{line}: expected {width} cells, found {len(cells)}: "
        f"{' | '.join(cells)[:60]}; if it is not a row of the table, write "
        f"end = {first[:20]!r} (how the first line under it begins) in {description.path}"
    )


def _check_delimiter(head: list[Record], path: Path, description: Description) -> None:
    """Say which character parts the cells, if the one that is described does not part any."""
    for line, cells in head:
        others = [sign for sign in DELIMITERS if len(cells) == 1 and sign in cells[0]]
        if others and cells[0] not in description.columns.values():
            raise LayoutError(
                f"{path}:{line}: expected cells between {description.delimiter!r}, "
                f"found {cells[0][:60]!r}; write delimiter = {others[0]!r} in {description.path}"
            )
