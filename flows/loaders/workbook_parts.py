"""Parts of a workbook (.xlsx), looked through before a library that trusts them reads them."""

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.parsers import expat

import numpy as np
from numpy.typing import NDArray

from flows.errors import LayoutError
from flows.file_limits import beyond, limits
from flows.loaders.evenness import allowed_signs, check_places, check_repeated
from flows.loaders.text import is_zip, list_members, member_sizes, read_content, stream_content

_BOOK = "xl/workbook.xml"
_SHEETS = "xl/worksheets/"
_STRINGS = "xl/sharedStrings.xml"

_ERROR = re.compile(rb"""(<c\s[^>]*\bt=["'])e(?=["'])""")
"""The type of a cell with an error; calamine makes an empty cell of it."""

_ERROR_SIGNS = (b't="e"', b"t='e'")
"""What a piece of a sheet with an error has in it: looked for first, as it takes no time."""

_CELL_TAGS = (b"<c ", b"<c>", b"<c/", b":c ")
_SHARED_SIGNS = (b't="s"', b"t='s'")
_NAMED_TEXT = re.compile(rb"""\bt=["']s["'][^>]*>\s*<(?:\w+:)?v>\s*([0-9]{1,9})""")
_BYTES_OF_A_SIGN = 10
"""Bytes that a character takes at most: &#x1F600; and so on."""

_SPACES = np.frombuffer(b" \t\n\r\f\v", dtype=np.uint8)
_QUOTES = np.frombuffer(b"\"'", dtype=np.uint8)
_SIGNS_OF_PLACE = 24
"""Letters, and digits, of a place that are read; Excel has three and seven."""

_FAR = 10**15
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
    return is_zip(path) and _BOOK in list_members(path)


@contextmanager
def readable(path: Path) -> Iterator[Path | io.BytesIO]:
    """Give a workbook as calamine can read it whole; the limits of packed files hold for it."""
    parts = list_members(path)
    seen = {name: _has_errors(path / name, sheet=name.startswith(_SHEETS)) for name in parts}
    faulty = {name for name, (errors, _) in seen.items() if errors}
    _check_shared(path, parts, sum(repeating for _, repeating in seen.values()))
    added = {} if _PARTS in parts else _lists_of_parts(path, parts)
    if not faulty and not added:
        yield path
        return
    with io.BytesIO() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name in parts:
                if name not in added:
                    _copy(path / name, name, archive, mended=name in faulty)
            for name, content in added.items():
                archive.writestr(name, content)
        file.seek(0)
        yield file


def _copy(path: Path, name: str, archive: zipfile.ZipFile, *, mended: bool) -> None:
    """Put a part into another workbook, the errors of a sheet as text."""
    with archive.open(name, "w", force_zip64=True) as part:
        for piece in _pieces(path):
            part.write(_ERROR.sub(rb"\1str", piece) if mended else piece)


def _pieces(path: Path) -> Iterator[bytes]:
    """Yield a part piece by piece, each up to the end of a tag."""
    rest = b""
    longest = _BYTES_OF_A_SIGN * limits().characters
    for piece in stream_content(path):
        whole, end, behind = piece.rpartition(b">")
        if end:
            yield rest + whole + end
        rest = behind if end else rest + piece
        if len(rest) > longest and path.suffix == ".xml":
            raise beyond("characters", "more", place=str(path))
    yield rest


def _has_errors(path: Path, *, sheet: bool) -> tuple[bool, int]:
    """
    Say whether a sheet has errors, and how many cells that name a text in the list of all.

    Its places are checked, and the size of any part.
    """
    columns, rows, errors = _Extent(), _Extent(), False
    cells = repeating = 0
    for piece in _pieces(path):
        if sheet:
            letters, digits = _places(piece)
            columns.add(letters)
            rows.add(digits)
            cells += sum(map(piece.count, _CELL_TAGS))
            repeating += sum(map(piece.count, _SHARED_SIGNS))
            errors |= any(sign in piece for sign in _ERROR_SIGNS)
    places = rows.size * columns.size
    # Calamine keeps a place for each cell between the first and the last, filled or not, and ends
    # the process where memory does not suffice: two in far corners ask for 500 gigabytes.
    if places > limits().cells:
        raise beyond(
            "cells",
            f"{rows.size:,} rows of {columns.size:,} columns between the first and the last",
            place=str(path),
            instead="delete the cells outside the table; or, ",
        )
    check_places(1, places, cells, place=str(path), instead="; delete those outside the table")
    return errors, repeating


def _check_shared(path: Path, parts: list[str], repeating: int) -> None:
    """Check that cells which name texts of a workbook's list do not name long ones many times."""
    sizes = member_sizes(path)
    size = sum(sizes[name] for name in parts if name == _STRINGS or name.startswith(_SHEETS))
    longest = _longest_text(path / _STRINGS) if _STRINGS in parts else 0
    if longest * repeating <= allowed_signs(size):
        return
    lengths = np.array(_lengths_of_texts(path / _STRINGS), dtype=np.int64)
    signs = sum(
        int(lengths[np.minimum(named, len(lengths) - 1)].sum())
        for name in parts
        if name.startswith(_SHEETS)
        for named in _named_texts(path / name)
    )
    check_repeated(signs, repeating, size, place=str(path / _STRINGS))


def _longest_text(path: Path) -> int:
    """Return a length that no text of the list of all goes beyond."""
    longest = current = 0
    for piece in _pieces(path):
        first, *others = piece.split(b"<si")
        current += len(first)
        for other in others:
            longest, current = max(longest, current), len(other)
    return max(longest, current)


def _lengths_of_texts(path: Path) -> list[int]:
    lengths: list[int] = []

    def start(name: str, _: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "si":
            lengths.append(0)

    def text(signs: str) -> None:
        if lengths:
            lengths[-1] += len(signs)

    def refuse(*_: object) -> None:
        raise LayoutError(f"{path}: expected XML without entities of its own, found some")

    parser = expat.ParserCreate()
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler, parser.CharacterDataHandler = start, text
    try:
        for piece in _pieces(path):
            parser.Parse(piece)
    except expat.ExpatError as error:
        raise LayoutError(f"{path}:{error.lineno}: expected XML, found: {error}") from error
    return lengths or [0]


def _named_texts(path: Path) -> Iterator[NDArray[np.int64]]:
    """Yield the places in the list of all texts that cells of a sheet name, piece by piece."""
    for piece in _pieces(path):
        yield np.array([int(place) for place in _NAMED_TEXT.findall(piece)], dtype=np.int64)


class _Extent:
    """How far numbers lie apart that come piece by piece."""

    def __init__(self) -> None:
        self._ends: list[int] = []

    def add(self, numbers: NDArray[np.int64]) -> None:
        """Take more numbers; 0 stands for none."""
        there = numbers[numbers > 0]
        if len(there):
            both = [*self._ends, int(there.min()), int(there.max())]
            self._ends = [min(both), max(both)]

    @property
    def size(self) -> int:
        """Numbers from the first to the last."""
        return self._ends[1] - self._ends[0] + 1 if self._ends else 0


def _places(piece: bytes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return columns and rows that a piece names: ``r="AB12"`` of a cell, ``r="12"`` of a row."""
    signs = np.frombuffer(piece + bytes(2 * _SIGNS_OF_PLACE + 4), dtype=np.uint8)
    named = np.flatnonzero((signs[1:-2] == ord("r")) & (signs[2:-1] == ord("=")))
    named = named[np.isin(signs[named], _SPACES) & np.isin(signs[named + 3], _QUOTES)]
    letters, behind = _number_at(signs, named + 4, first=ord("a"), base=26, lowest=1)
    digits, _ = _number_at(signs, behind, first=ord("0"), base=10, lowest=0)
    return letters, digits


def _number_at(
    signs: NDArray[np.uint8], at: NDArray[np.int64], *, first: int, base: int, lowest: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the numbers that begin at some signs, in letters or digits, and where they end."""
    number, more = np.zeros(len(at), dtype=np.int64), np.ones(len(at), dtype=np.bool_)
    small = signs if base == 10 else signs | 32  # noqa: PLR2004 - digits, or letters made small
    for _ in range(_SIGNS_OF_PLACE):
        value = small[at].astype(np.int64) - first
        more = more & (value >= 0) & (value < base)
        if not more.any():
            break
        number = np.where(more, np.minimum(number * base + value + lowest, _FAR), number)
        at = at + more
    return number, at


def _lists_of_parts(path: Path, parts: list[str]) -> dict[str, bytes]:
    """Return the two lists of a workbook's parts, which small programs leave out or do in part."""
    listed = read_content(path / _BOOK_PARTS) if _BOOK_PARTS in parts else b""
    typed = _SHEET_PART.sub(
        f'<Relationship Type="{_OFFICE}/worksheet"'.encode(), _TYPE.sub(b"", listed)
    )
    return {_PARTS: _PARTS_OF_A_BOOK, _BOOK_PARTS: typed}
