"""Files in blocks of whole records, so that a file of any size is read in little memory."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np

from flows.errors import LayoutError
from flows.loaders.archive import stream_content

BLOCK = 8 * 1024**2
"""Bytes of a block: near a hundred thousand rows."""

_LONGEST = 16
_END = 10
_MARK = b"\xef\xbb\xbf"


class Block(NamedTuple):
    """Whole records and the line on which the first begins."""

    line: int
    content: bytes


def read_blocks(path: Path, *, size: int = BLOCK) -> Iterator[Block]:
    r"""
    Yield the header of a file, then its records.

    Parameters
    ----------
    path : pathlib.Path
        File to read, packed or not.
    size : int
        Bytes of a block, more or less: it ends with a record, and a cell in quotes may run over
        several lines.

    Yields
    ------
    Block
        The first holds the first line only, without a byte order mark.

    Raises
    ------
    LayoutError
        If the file is empty, is no sound archive, or has a record longer than sixteen blocks.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> [block.line for block in read_blocks(example_path("baci"), size=60)]
    [1, 2, 3, 4]
    """
    pieces, longest = stream_content(path, size=size), _LONGEST * size
    head, first = _header(pieces, longest, path=path)
    yield Block(1, head)
    line, rest = 2, b""
    for piece in chain([first], pieces):
        block, rest = _cut(rest, piece)
        if block:
            yield Block(line, block)
            line += count_lines(block)
        if len(rest) > longest:
            raise _too_long(rest, line, path)
    if rest:
        yield Block(line, rest)


def _header(pieces: Iterator[bytes], longest: int, *, path: Path) -> tuple[bytes, bytes]:
    """Return the first line, and what has been read behind it."""
    read = b""
    for piece in pieces:
        read = (read + piece).removeprefix(_MARK)
        head, end, rest = read.partition(b"\n")
        if end:
            return head + end, rest
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
    if b'"' in rest or b'"' in piece:
        both = rest + piece
        cut = _last_record(both)
        return both[:cut], both[cut:]
    cut = piece.rfind(b"\n") + 1
    if not cut:
        return b"", rest + piece
    return b"".join((rest, memoryview(piece)[:cut])), piece[cut:]


def count_lines(content: bytes) -> int:
    """
    Return the number of line ends.

    Parameters
    ----------
    content : bytes
        Any.

    Returns
    -------
    int

    Raises
    ------
    TypeError
        If the content is no bytes.

    Examples
    --------
    >>> count_lines(bytes([97, 10, 98, 10, 99]))
    2
    """
    return int(np.count_nonzero(np.frombuffer(content, np.uint8) == _END))


def _last_record(content: bytes) -> int:
    """Return where the last whole record ends: at a line end with all quotes before it closed."""
    cut = content.rfind(b"\n") + 1
    quotes = content.count(b'"', 0, cut)
    while cut and quotes % 2:
        before = content.rfind(b"\n", 0, cut - 1) + 1
        quotes -= content.count(b'"', before, cut)
        cut = before
    return cut
