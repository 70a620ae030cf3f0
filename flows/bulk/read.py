"""Large files as checked streams of Arrow batches: quick where a block is plain, strict always."""

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Literal, NamedTuple, TypeVar

import narwhals as nw
import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

from flows.bulk import BATCH_ROWS
from flows.bulk.blocks import Block, is_plain, read_blocks
from flows.bulk.naming import Frame, Lift
from flows.errors import LayoutError
from flows.loaders.cells import digits_left, rounded_warning
from flows.loaders.ends import cut_warning, without_empty_end
from flows.loaders.sealed import open_parquet
from flows.loaders.text import (
    BETWEEN,
    RawTable,
    Record,
    decode,
    is_parquet,
    latin1_warning,
    make_table,
    speaks_against_latin1,
    split_records,
)
from flows.scope import Scope

Wanted = Literal["rows", "numbers", "sums"]
"""All columns of each row, only those of a sum by products, or sums over products."""

_MOST_ROWS_TOGETHER = 2 * BATCH_ROWS
"""Rows of small groups of Parquet that are read in one piece."""

_MOST_ROWS_AT_ONCE = 2_000_000
"""Rows of a group from which it is read batch by batch."""

_POWER = re.compile(rb"(?<![^,;\t\"\n ])[0-9]*\.?[0-9]*[eE]\+[0-9]+(?=[,;\t\" \r\n])")
"""A cell with a power of ten: 3.25E+08."""

_NOT_ASCII = re.compile(rb"[\x80-\xff]")

_END_CELL = ""
"""Name of the cell behind a delimiter that ends a line: no column is called so."""

Piece = TypeVar("Piece")
Result = TypeVar("Result")

Hashes = np.ndarray[tuple[int], np.dtype[np.uint64]]
"""Numbers that differ where rows may differ: equal ones show nothing."""

_MOST_HASHES = 40_000_000
"""Rows of a file up to which their hashes are kept: 320 MB."""

_WORKERS = 2
"""Pieces that are worked on at the same time: more only take memory."""


class Part(NamedTuple):
    """
    Rows of one block.

    ``rows``: that count; ``rows_in``: all of them; ``left_out``: reason to number of rows;
    ``first``, ``last``: key of the first and of the last row, where the keys rise from row to row;
    else both -1; ``codes``: of countries, as numbers; ``warnings``: by their kind; ``reporters``:
    codes of those who state rows; ``totals``: rows that print the total of all partners, as text;
    ``keys``: hashes of what must not stand there twice, where the rows are in no order.
    """

    rows: pa.Table
    rows_in: int
    left_out: Mapping[str, int]
    first: int = -1
    last: int = -1
    codes: frozenset[int] = frozenset()
    warnings: Mapping[str, str] = MappingProxyType({})
    reporters: frozenset[str] = frozenset()
    totals: pa.Table | None = None
    keys: "Hashes | None" = None


@dataclass(frozen=True, slots=True)
class Head:
    """
    What the first line of a file says.

    ``names``: of the columns, without blanks; ``delimiter``: one character; ``path``: the file as
    errors name it; ``dataset``: the file as its rows name it; ``delimiter_may_end_lines``: whether
    there may be one more cell, which is empty; ``value``: name of the column of values.
    """

    names: tuple[str, ...]
    delimiter: str
    path: str
    dataset: str
    delimiter_may_end_lines: bool = False
    value: str = "value"


def _one_each(frame: Frame, _: Sequence[str]) -> Frame:
    return frame.with_columns(statements=nw.lit(1))


@dataclass(frozen=True, slots=True)
class BulkLayout:
    """
    How a layout is read in bulk, by the rules of its loader.

    Reading. ``head``: what the first line of a file says; ``columns``: of the file to their types;
    ``schema``: of the batches; ``check``: rows that Arrow has parsed, from a line on, as a part, or
    nothing if the loader must decide; ``slow``: the same by the loader, which raises its errors;
    ``plain``: whether Arrow reads the bytes of a block as the loader does; ``scan``: sums of a
    block without parsing it, or nothing; ``missing``: cells of numbers that are not there.

    Naming, on any engine. ``name``: rows of batches as rows of the flow table; ``own``: its columns
    after those of all; ``repeated``: statements that stand there twice; ``condense``: sums by what
    is asked before anything is named, with the number of ``statements``; ``warn``: what to beware
    of, from the names of the files; ``scope``: what the rows of a file make up, once it was read;
    ``add_parts``: rows that are parts of one statement as one row, with ``parts``, their number.
    """

    key: str
    head: Callable[[Path, str], Head]
    columns: Callable[[Head, Wanted], Mapping[str, pa.DataType]]
    schema: Callable[[Wanted], pa.Schema]
    check: Callable[[pa.Table, Head, int, Wanted], Part | None]
    slow: Callable[[RawTable, Wanted], Part]
    name: Callable[[Frame, Lift, pa.Table], Frame]
    own: tuple[str, ...]
    repeated: Callable[[Frame, Lift, pa.Table], Frame]
    scope: Callable[["Tally"], Scope]
    plain: Callable[[bytes], bool] = lambda _: True
    scan: Callable[[bytes, Head], Part | None] = lambda _, __: None
    add_parts: Callable[[Frame], Frame] = lambda frame: frame
    missing: tuple[str, ...] = ("",)
    condense: Callable[[Frame, Sequence[str]], Frame] = _one_each
    warn: Callable[[Sequence[Path]], list[str]] = lambda _: []


@dataclass(slots=True)
class Tally:
    """
    What has been read so far.

    ``rows_in``: rows under the header; ``left_out``: reason to number of rows; ``rising``: whether
    the keys have risen from row to row: then none stands there twice; ``last``: the last key;
    ``codes``: of countries, as numbers; ``warnings``: the first of each kind; ``reporters`` and
    ``totals`` as in a part; ``keys``: hashes of the rows while they are read; ``once``: whether
    these have shown that none stands there twice.
    """

    rows_in: int = 0
    left_out: dict[str, int] = field(default_factory=dict)
    rising: bool = True
    last: int = -1
    codes: set[int] = field(default_factory=set)
    warnings: dict[str, str] = field(default_factory=dict)
    reporters: set[str] = field(default_factory=set)
    totals: list[pa.Table] = field(default_factory=list)
    keys: list[Hashes] | None = field(default_factory=list)
    once: bool = False

    def add(self, part: Part) -> None:
        """Count a part."""
        self.rows_in += part.rows_in
        for reason, count in part.left_out.items():
            self.left_out[reason] = self.left_out.get(reason, 0) + count
        self.rising = self.rising and part.first > self.last
        self.last = part.last
        self.codes |= part.codes
        self.reporters |= part.reporters
        if part.totals is not None:
            self.totals.append(part.totals)
        self.warnings = {**part.warnings, **self.warnings}
        if part.keys is None or sum(map(len, self.keys or ())) > _MOST_HASHES:
            self.keys = None
        if self.keys is not None and part.keys is not None:
            self.keys.append(part.keys)

    def close(self) -> None:
        """See, once a file was read, whether hashes show that no row is there twice."""
        if self.keys:
            ordered = np.sort(np.concatenate(self.keys))
            self.once = not bool((ordered[1:] == ordered[:-1]).any())
        self.keys = None


def stream(
    path: Path, layout: BulkLayout, tally: Tally, *, wanted: Wanted
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a file that count, checked by the rules of its loader."""
    tally.last = -1
    schema = layout.schema(wanted)
    work = parquet_parts if is_parquet(path) else _text_parts
    for part in work(path, layout, wanted):
        tally.add(part)
        if part.rows.num_rows:
            yield from part.rows.select(schema.names).cast(schema).to_batches()
    if not tally.rows_in:
        raise LayoutError(f"{path}: expected rows under the header, found none")


def _text_parts(path: Path, layout: BulkLayout, wanted: Wanted) -> Iterator[Part]:
    blocks = read_blocks(path)
    first = next(blocks, Block(1, b""))
    head = _head(first, path, layout)
    one_encoding = _Encoding(head)
    one_encoding(first)
    yield from _at_once(
        lambda block: _part_of_block(block, head, layout, wanted)._replace(
            warnings=_warnings(block, head)
        ),
        map(one_encoding, blocks),
    )


def read_head(path: Path, layout: BulkLayout) -> Head:
    """Return what the first line of a text says; refuse one that an engine does not read."""
    return _head(next(read_blocks(path)), path, layout)


def _head(first: Block, path: Path, layout: BulkLayout) -> Head:
    line = decode(first.content, path=str(path), encoding="latin-1")
    return layout.head(path, line.strip("\r\n"))


class _Encoding:
    """Turns blocks in Latin-1 into UTF-8 if nothing in the file speaks against it."""

    def __init__(self, head: Head) -> None:
        self._head = head
        self._seen: set[str] = set()

    def __call__(self, block: Block) -> Block:
        if block.content.isascii():
            return block
        try:
            block.content.decode()
            self._seen.add("utf-8")
            utf8 = block
        except UnicodeDecodeError:
            if speaks_against_latin1(block.content):
                _decoded(block, path=self._head.path)
            self._seen.add("latin-1")
            utf8 = Block(block.line, block.content.decode("latin-1").encode(), latin1=True)
        if len(self._seen) > 1:
            raise LayoutError(
                f"{self._head.path}:{block.line}: expected one encoding, found UTF-8 and Latin-1"
            )
        return utf8


def _decoded(block: Block, *, path: str) -> str:
    """Return a block as text; the line of an error is that of the file."""
    try:
        return decode(block.content, path=path)
    except LayoutError:
        return decode(b"\n" * (block.line - 1) + block.content, path=path)


def _warnings(block: Block, head: Head) -> dict[str, str]:
    """Return what to beware of in a block, by its kind."""
    warnings = {}
    if not block.content.endswith((b"\n", b"\r")):
        text = re.split(rb"[\r\n]", block.content)[-1].decode()
        last = Record(block.line_of(len(block.content)), text.split(head.delimiter))
        if said := cut_warning(text, [last]):
            warnings["cut"] = said[0]
    if block.latin1:
        accent = _NOT_ASCII.search(block.content)
        warnings["latin-1"] = latin1_warning(block.line_of(accent.start() if accent else 0))
    if b"+" in block.content:
        for match in _POWER.finditer(block.content):
            if digits := digits_left(match[0].decode()):
                line = block.line_of(match.start())
                warnings["rounded"] = rounded_warning(line, match[0].decode(), digits)
                break
    return warnings


def _part_of_block(block: Block, head: Head, layout: BulkLayout, wanted: Wanted) -> Part:
    part = layout.scan(block.content, head) if wanted == "sums" else None
    if part is None and is_plain(block.content, head.delimiter) and layout.plain(block.content):
        table = _parse(block, head, layout, layout.columns(head, wanted))
        part = None if table is None else layout.check(table, head, block.line, wanted)
    if part is not None:
        return _with_cells(part, part.totals, block, head) if part.totals else part
    records = _records(block, head)
    if not records:
        return Part(pa.table({}), 0, {})
    raw = make_table(head.names, records, path=head.path, dataset=head.dataset)
    return layout.slow(raw, wanted)


def _with_cells(part: Part, totals: pa.Table, block: Block, head: Head) -> Part:
    """Return a part whose printed totals have their values as the file prints them."""
    lines = block.content.split(b"\n")
    printed = b"\n".join(lines[line - block.line] for line in totals["line"].to_pylist())
    place = head.names.index(head.value)
    cells = [record.cells[place] for record in _records(Block(1, printed), head)]
    at = totals.schema.get_field_index("value")
    return part._replace(totals=totals.set_column(at, "value", pa.array(cells, pa.string())))


def _parse(
    block: Block, head: Head, layout: BulkLayout, columns: Mapping[str, pa.DataType]
) -> pa.Table | None:
    content = block.content
    names, kept = list(head.names), list(columns)
    if head.delimiter_may_end_lines and _ends_with(content, head.delimiter):
        names.append(_END_CELL)
        kept.append(_END_CELL)
    try:
        table = pc.read_csv(
            pa.BufferReader(content),
            pc.ReadOptions(column_names=names, use_threads=False),
            pc.ParseOptions(delimiter=head.delimiter, quote_char='"' if b'"' in content else False),
            pc.ConvertOptions(
                column_types={**columns, _END_CELL: pa.string()},
                include_columns=kept,
                null_values=list(layout.missing),
            ),
        )
    except (pa.ArrowInvalid, pa.ArrowKeyError):
        return None
    lines = content.count(b"\n") + (not content.endswith(b"\n"))
    if table.num_rows != lines or (_END_CELL in kept and any(table[_END_CELL].to_pylist())):
        return None
    return table.select(list(columns))


def _ends_with(content: bytes, delimiter: str) -> bool:
    """Say whether the first line ends with a delimiter."""
    return content.partition(b"\n")[0].rstrip(b"\r").endswith(delimiter.encode())


def _records(block: Block, head: Head) -> list[Record]:
    text = _decoded(block, path=head.path)
    records: Sequence[Record]
    try:
        records = list(split_records(text, path=head.path, delimiter=head.delimiter))
    except LayoutError:
        above = "\n" * (block.line - 1)
        records = list(split_records(above + text, path=head.path, delimiter=head.delimiter))
    if head.delimiter_may_end_lines:
        records = without_empty_end(records, len(head.names), path=head.path)
    return [
        Record(block.line + line - 1, cells)
        for line, cells in records
        if any(cell.strip(BETWEEN) for cell in cells)
    ]


class _Asked(NamedTuple):
    """What is read, and how."""

    layout: BulkLayout
    head: Head
    wanted: Wanted
    names: list[str]


def are_sizes(numbers: pa.ChunkedArray) -> bool:
    """Say whether the numbers that are there are such as loaders take: finite, none negative."""
    there = numbers.drop_null().to_numpy()
    return len(there) == 0 or bool(there.min() >= 0 and there.max() < np.inf)


def parquet_parts(path: Path, layout: BulkLayout, wanted: Wanted) -> Iterator[Part]:
    """Yield the rows of a file by parts; sums of its groups of rows are made two at a time."""
    with open_parquet(path) as file:
        head = layout.head(path, ",".join(file.schema_arrow.names))
        asked = _Asked(layout, head, wanted, list(layout.columns(head, wanted)))
        if wanted == "sums":
            yield from _by_groups(file, path, asked)
        else:
            batches = file.iter_batches(BATCH_ROWS, columns=asked.names)
            yield from _parts_of_batches(batches, 1, asked)


def _by_groups(file: pq.ParquetFile, path: Path, asked: _Asked) -> Iterator[Part]:
    """Yield parts of neighbouring groups of rows, in a file that a worker opens for itself."""

    def work(piece: tuple[int, list[int], int]) -> list[Part]:
        row, groups, size = piece
        with open_parquet(path, metadata=file.metadata) as own:
            if size > _MOST_ROWS_AT_ONCE:
                batches = own.iter_batches(BATCH_ROWS, row_groups=groups, columns=asked.names)
                return list(_parts_of_batches(batches, row, asked))
            rows = own.read_row_groups(groups, columns=asked.names, use_threads=False)
        starts = range(0, size, BATCH_ROWS)
        return [
            _part_of_table(rows.slice(start, BATCH_ROWS), row + start, asked) for start in starts
        ]

    for parts in _at_once(work, _pieces(file.metadata)):
        yield from parts


def _pieces(metadata: pq.FileMetaData) -> Iterator[tuple[int, list[int], int]]:
    """Yield the first row, the numbers and the size of groups that are read together."""
    row, groups, size = 1, list[int](), 0
    for group in range(metadata.num_row_groups):
        more = metadata.row_group(group).num_rows
        if groups and size + more > _MOST_ROWS_TOGETHER:
            yield row, groups, size
            row, groups, size = row + size, [], 0
        groups.append(group)
        size += more
    if groups:
        yield row, groups, size


def _parts_of_batches(batches: Iterable[pa.RecordBatch], row: int, asked: _Asked) -> Iterator[Part]:
    for batch in batches:
        yield _part_of_table(pa.Table.from_batches([batch]), row, asked)
        row += batch.num_rows


def _part_of_table(table: pa.Table, row: int, asked: _Asked) -> Part:
    """Return a part of rows that have types already."""
    layout, head = asked.layout, asked.head
    columns = layout.columns(head, asked.wanted)
    try:
        cast = table.cast(pa.schema([(name, columns[name]) for name in table.column_names]))
    except pa.ArrowInvalid:
        cast = None
    part = None if cast is None else layout.check(cast, head, row, asked.wanted)
    if part is not None:
        return part
    records = [
        Record(row + place, ["" if cell is None else str(cell) for cell in cells.values()])
        for place, cells in enumerate(table.to_pylist())
    ]
    raw = make_table(table.column_names, records, path=head.path, dataset=head.dataset)
    return layout.slow(raw, asked.wanted)


def _at_once(work: Callable[[Piece], Result], pieces: Iterable[Piece]) -> Iterator[Result]:
    """Work on some pieces at the same time, and yield what comes of them in their order."""
    waiting: deque[Future[Result]] = deque()
    left = iter(pieces)
    with ThreadPoolExecutor(_WORKERS) as pool:
        waiting.extend(pool.submit(work, piece) for piece in islice(left, _WORKERS + 1))
        while waiting:
            result = waiting.popleft().result()
            waiting.extend(pool.submit(work, piece) for piece in islice(left, 1))
            yield result
