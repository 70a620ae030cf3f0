"""Large text files as blocks of whole records; whether Arrow reads them as the loader does."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from flows.errors import LayoutError
from flows.file_limits import limits
from flows.loaders.records import bare_name, check_spelling, published_names
from flows.loaders.text import split_records, stream_content

_BLOCK = 8 * 1024**2
"""Bytes of a block: near a hundred thousand rows."""

_MOST_BLOCKS_A_RECORD = 16
_LINE_FEED, _RETURN, _QUOTE = b'\n\r"'
_LINE_END = re.compile(rb"\r\n|\r|\n")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Block(NamedTuple):
    """Whole records, the line on which the first begins, and whether they were in Latin-1."""

    line: int
    content: bytes
    latin1: bool = False

    def line_of(self, place: int) -> int:
        """Return the line of the file in which a byte of the block stands."""
        return self.line + _count_lines(self.content[:place])


def read_blocks(path: Path, *, size: int = _BLOCK) -> Iterator[Block]:
    """Yield the header of a file, then its records."""
    pieces, longest = stream_content(path, size=size), _MOST_BLOCKS_A_RECORD * size
    head, first = _header(pieces, longest, path=path)
    yield Block(1, head)
    line, rest = 2, b""
    for piece in chain([first], pieces):
        block, rest = _cut(rest, piece)
        if block:
            yield Block(line, block)
            line += _count_lines(block)
        if len(rest) > longest:
            raise _too_long(rest, line, path)
    if rest:
        yield Block(line, rest)


def head_names(
    line: str,
    columns: Sequence[str],
    *,
    path: Path,
    delimiter: str = ",",
    former: Mapping[str, str] = MappingProxyType({}),
) -> list[str]:
    """
    Return the names in the first line of a file, if all are as the publisher writes them.

    ``columns``, ``former``: those that count, and their names in other releases, as in
    :func:`flows.loaders.records.read_records`.
    """
    records = list(split_records(line, path=str(path), delimiter=delimiter))
    printed = [name.strip() for name in records[0].cells] if records else []
    names = [former.get(bare_name(name), name) for name in printed]
    check_spelling(names, columns, at=f"{path}:1")
    for name, meant in zip(names, published_names(names, columns), strict=True):
        if name != meant:
            raise LayoutError(f"{path}:1: expected a header with {meant!r}, found {name!r} for it")
        if name in columns and names.count(name) > 1:
            raise LayoutError(f"{path}:1: expected a header with {name!r} once, found it twice")
    return names


def is_plain(content: bytes, delimiter: str) -> bool:
    """
    Say whether Arrow and the loader see the same cells in a block.

    They do not where a line ends with a carriage return alone, where there is a NUL, where a cell
    is longer than the loader takes, or where a quote stands elsewhere than around a whole cell.
    """
    lone = content.count(b"\r") != content.count(b"\r\n")
    return (
        not lone
        and b"\0" not in content
        and _has_short_lines(content)
        and (b'"' not in content or _quotes_whole_cells(content, delimiter))
    )


def _has_short_lines(content: bytes) -> bool:
    """Say whether no line is longer than a cell may be."""
    start, size, longest = 0, len(content), limits().characters
    while size - start > longest:
        end = content.rfind(b"\n", start, start + longest)
        if end < 0:
            return False
        start = end + 1
    return True


def _quotes_whole_cells(content: bytes, delimiter: str) -> bool:
    """Say whether quotes open where a cell begins and close where it ends, by turns."""
    numbers = np.frombuffer(b"\n%b\n" % content, np.uint8)
    places = np.flatnonzero(numbers == _QUOTE)
    before, behind = numbers[places[::2] - 1], numbers[places[1::2] + 1]
    return len(before) == len(behind) and bool(
        _are_of(before, (ord(delimiter), _LINE_FEED)).all()
        and _are_of(behind, (ord(delimiter), _LINE_FEED, _RETURN)).all()
    )


def _are_of(numbers: npt.NDArray[np.uint8], allowed: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    table = np.zeros(256, dtype=np.bool_)
    table[list(allowed)] = True
    return table[numbers]


def _header(pieces: Iterator[bytes], longest: int, *, path: Path) -> tuple[bytes, bytes]:
    """Return the first line, and what has been read behind it."""
    read = b""
    for piece in pieces:
        read = (read + piece).removeprefix(_BYTE_ORDER_MARK)
        end = _LINE_END.search(read)
        # A line feed may follow in the next piece.
        if end and (end[0] != b"\r" or end.end() < len(read)):
            return read[: end.end()], read[end.end() :]
        if len(read) > longest:
            raise _too_long(read, 1, path)
    if not read.strip():
        raise LayoutError(f"{path}:1: expected a table, found an empty file")
    return read, b""


def _too_long(record: bytes, line: int, path: Path) -> LayoutError:
    return LayoutError(
        f"{path}:{line}: expected records, found one of more than {len(record)} bytes: "
        "a quote may not be closed"
    )


def _cut(rest: bytes, piece: bytes) -> tuple[bytes, bytes]:
    """Return the whole records of what is left and what comes, and what is left then."""
    if b"\n" not in piece and b"\r" in piece:
        both = rest + piece
        cut = _last_record(both, b"\r", len(both) - 1)
        return both[:cut], both[cut:]
    if b'"' in rest or b'"' in piece:
        both = rest + piece
        cut = _last_record(both, b"\n", len(both))
        return both[:cut], both[cut:]
    cut = piece.rfind(b"\n") + 1
    if not cut:
        return b"", rest + piece
    return b"".join((rest, memoryview(piece)[:cut])), piece[cut:]


def _count_lines(content: bytes) -> int:
    """Return the number of line ends, of which a carriage return alone is one."""
    feeds = int(np.count_nonzero(np.frombuffer(content, np.uint8) == _LINE_FEED))
    if b"\r" not in content:
        return feeds
    return feeds + content.count(b"\r") - content.count(b"\r\n")


def _last_record(content: bytes, end: bytes, until: int) -> int:
    """Return where the last whole record ends: at a line end with all quotes before it closed."""
    cut = content.rfind(end, 0, until) + 1
    quotes = content.count(b'"', 0, cut)
    while cut and quotes % 2:
        before = content.rfind(end, 0, cut - 1) + 1
        quotes -= content.count(b'"', before, cut)
        cut = before
    return cut
