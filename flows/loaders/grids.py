"""Lines of a file as columns of cells: what is done to cells is done to a whole column at once."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice, zip_longest
from typing import Any, NamedTuple, overload

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

_BLOCK = 1024
"""Lines whose cells are objects of Python at the same time."""

TEXT = pa.large_string()
"""Type of cells: what a column of text in pandas holds."""


class Record(NamedTuple):
    """Cells of one record and the line it begins on."""

    line: int
    cells: list[str]


@dataclass(frozen=True, slots=True, eq=False)
class Grid(Sequence[Record]):
    """
    Lines of a text file, or rows of a sheet, as columns of text; taken one by one, they are records
    of which few exist at a time.

    ``lines``: where each begins in the file; ``widths``: how many cells it has; ``columns``: the
    cells, an empty text behind the last of a line that is shorter than others.
    """

    lines: NDArray[np.int64]
    widths: NDArray[np.int64]
    columns: list[pa.ChunkedArray]

    def __len__(self) -> int:
        return len(self.lines)

    def rows(self, start: int = 0, stop: int | None = None) -> list[tuple[int, list[str]]]:
        """Return some lines one by one: where each begins, and its cells."""
        part = self[start:stop]
        cells = zip(*(column.to_pylist() for column in part.columns), strict=True)
        numbered = zip(part.lines.tolist(), part.widths.tolist(), strict=True)
        if not part.columns:
            return [(line, []) for line, _ in numbered]
        return [
            (line, list(row[:width])) for (line, width), row in zip(numbered, cells, strict=True)
        ]

    def __iter__(self) -> Iterator[Record]:
        """Yield the lines one by one."""
        for start in range(0, len(self), _BLOCK):
            yield from map(Record._make, self.rows(start, start + _BLOCK))

    @overload
    def __getitem__(self, part: int) -> Record: ...

    @overload
    def __getitem__(self, part: slice) -> "Grid": ...

    def __getitem__(self, part: int | slice) -> "Record | Grid":
        """Return a line, or those from one position to another; their cells are not copied."""
        if isinstance(part, int):
            at = range(len(self))[part]
            return Record._make(self.rows(at, at + 1)[0])
        start, stop, _ = part.indices(len(self))
        columns = [column.slice(start, max(stop - start, 0)) for column in self.columns]
        return Grid(self.lines[part], self.widths[part], columns)

    def where(self, wanted: NDArray[np.bool_]) -> "Grid":
        """Return some of the lines."""
        if wanted.all():
            return self
        columns = [column.filter(pa.array(wanted)) for column in self.columns]
        return Grid(self.lines[wanted], self.widths[wanted], columns)

    def narrowed(self, width: int) -> "Grid":
        """Return all lines without the cells behind a column."""
        return Grid(self.lines, np.minimum(self.widths, width), self.columns[:width])

    def renamed(self, at: int, cells: Sequence[str]) -> "Grid":
        """Return all lines, one of them with other cells, as many as before."""
        columns = [
            pa.chunked_array([*column[:at].chunks, as_text([cell]), *column[at + 1 :].chunks])
            for column, cell in zip(self.columns, cells, strict=False)
        ]
        return replace(self, columns=[*columns, *self.columns[len(columns) :]])

    def shortened(self, width: int, lines: NDArray[np.bool_]) -> "Grid":
        """Return all lines, some of them without the empty cells behind a column."""
        short = np.minimum(self.widths, width)
        return replace(self, widths=np.where(lines, short, self.widths))

    def filled(self, blanks: str = "") -> NDArray[np.bool_]:
        """
        Say which cells, by column and line, hold more than white space.

        ``blanks``: the signs that do not count instead.
        """
        there = np.zeros((len(self.columns), len(self)), dtype=np.bool_)
        for at, column in enumerate(self.columns):
            bare = pc.utf8_trim(column, blanks) if blanks else pc.utf8_trim_whitespace(column)
            there[at] = _lengths(bare) > 0
        return there

    def begins(self, text: str) -> NDArray[np.bool_]:
        """Say which lines have a cell that begins with a text."""
        there = np.zeros(len(self), dtype=np.bool_)
        for column in self.columns:
            starts = pc.starts_with(pc.utf8_trim_whitespace(column), text)
            there |= starts.to_numpy()
        return there

    def written_in(self, at: int) -> NDArray[np.bool_]:
        """Say which lines hold anything in one of their cells, be it blank."""
        return np.asarray(_lengths(self.columns[at]) > 0, dtype=np.bool_)

    def written(self) -> NDArray[np.bool_]:
        """Say which lines hold anything in their cells, be it blank."""
        there = np.zeros(len(self), dtype=np.bool_)
        for column in self.columns:
            there |= _lengths(column) > 0
        return there


def any_of(cells: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Say of each line whether it is so of one of its cells."""
    return np.asarray(cells.any(axis=0), dtype=np.bool_)


def _lengths(column: pa.ChunkedArray) -> NDArray[np.int64]:
    lengths: NDArray[np.int64] = pc.binary_length(column).to_numpy()
    return lengths


@contextmanager
def one_allocator() -> Iterator[None]:
    """
    Let Arrow take memory where calamine had its cells, and give back what is not used at the end.

    Arrow's own allocator takes new memory beside it: a tenth more at the peak.
    """
    usual = pa.default_memory_pool()
    pa.set_memory_pool(pa.system_memory_pool())
    try:
        yield
    finally:
        pa.default_memory_pool().release_unused()
        pa.set_memory_pool(usual)


def as_text(cells: Sequence[str]) -> pa.Array:
    """Return a column of cells that are text already."""
    return pa.array(cells, TEXT)


def grid_of(
    lines: Iterable[tuple[int, Sequence[Any]]],
    *,
    column: Callable[[Sequence[Any]], pa.Array] = as_text,
) -> Grid:
    """
    Return lines as columns; ``column`` turns some cells of a column into text.

    Lines are taken block by block, so that few cells are objects of Python at a time.
    """
    numbers, widths, parts = [], [], []
    for block in _blocks(lines):
        numbers.append(np.array([line for line, _ in block], dtype=np.int64))
        widths.append(np.array([len(cells) for _, cells in block], dtype=np.int64))
        cells_of = zip_longest(*(cells for _, cells in block), fillvalue="")
        parts.append([column(cells) for cells in cells_of])
    if not parts:
        return Grid(np.zeros(0, np.int64), np.zeros(0, np.int64), [])
    heights = [len(width) for width in widths]
    columns = [_joined(several, heights) for several in zip_longest(*parts)]
    return Grid(np.concatenate(numbers), np.concatenate(widths), columns)


def _blocks(
    lines: Iterable[tuple[int, Sequence[Any]]],
) -> Iterator[list[tuple[int, Sequence[Any]]]]:
    several = iter(lines)
    while block := list(islice(several, _BLOCK)):
        yield block


def _joined(parts: Sequence[pa.Array | None], heights: Sequence[int]) -> pa.ChunkedArray:
    """Return the parts of a column as one; where a block has no such column, empty cells."""
    return pa.chunked_array(
        [
            _empty_cells(height) if part is None else part
            for part, height in zip(parts, heights, strict=True)
        ]
    )


@lru_cache(maxsize=2)
def _empty_cells(height: int) -> pa.Array:
    """Return empty cells, the same ones for every column that a block does not have."""
    return pa.repeat(pa.scalar("", TEXT), height)
