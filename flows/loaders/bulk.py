"""Large files as checked streams of Arrow batches: quick where a block is plain, strict always."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

from flows.errors import LayoutError
from flows.loaders.blocks import Block, read_blocks
from flows.loaders.raw import RawTable, make_table
from flows.loaders.text import Record, decode, speaks_against_latin1, split_records

WORKERS = 2
"""Blocks that are read at the same time: more only take memory."""

_ROWS = 122_880


class Part(NamedTuple):
    """
    Rows of one block.

    Parameters
    ----------
    rows : pyarrow.Table
        That count.
    rows_in : int
        All of them.
    left_out : Mapping
        Reason to number of rows.
    first, last : int
        Key of the first and of the last row, where the keys rise from row to row; else both -1.
    codes : frozenset of int
        Of countries, as numbers.
    """

    rows: pa.Table
    rows_in: int
    left_out: Mapping[str, int]
    first: int = -1
    last: int = -1
    codes: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Head:
    """
    What the first line of a file says.

    Parameters
    ----------
    names : tuple of str
        Of the columns, without blanks.
    delimiter : str
        One character.
    path : str
        The file as errors name it.
    dataset : str
        The file as its rows name it.
    latin1 : bool
        Whether the layout is also published in Latin-1.
    """

    names: tuple[str, ...]
    delimiter: str
    path: str
    dataset: str
    latin1: bool = False


@dataclass(frozen=True, slots=True)
class BulkLayout:
    """
    How a layout is read in bulk.

    Parameters
    ----------
    key : str
        Of the layout.
    head : callable
        Path and first line to :class:`Head`, or an error if names are missing.
    columns : callable
        Head, and whether only what a sum needs is wanted, to name in the file and Arrow type.
    schema : callable
        Whether only what a sum needs is wanted, to the schema of the rows of a part.
    check : callable
        A parsed table and its first line to a part; ``None`` where anything is not plain.
    slow : callable
        The same from cells of text, by the loader's rules: an error, or the part.
    missing : tuple of str
        What stands where there is no number.
    """

    key: str
    head: Callable[[Path, str], Head]
    columns: Callable[[Head, bool], Mapping[str, pa.DataType]]
    schema: Callable[[bool], pa.Schema]
    check: Callable[[pa.Table, Head, int], Part | None]
    slow: Callable[[RawTable], Part]
    missing: tuple[str, ...] = ("",)


@dataclass(slots=True)
class Tally:
    """
    What has been read so far.

    Parameters
    ----------
    rows_in : int
        Rows under the header.
    left_out : dict
        Reason to number of rows.
    rising : bool
        Whether the keys have risen from row to row: then none stands there twice.
    last : int
        The last key.
    codes : set of int
        Of countries, as numbers.
    """

    rows_in: int = 0
    left_out: dict[str, int] = field(default_factory=dict)
    rising: bool = True
    last: int = -1
    codes: set[int] = field(default_factory=set)

    def add(self, part: Part) -> None:
        """Count a part."""
        self.rows_in += part.rows_in
        for reason, count in part.left_out.items():
            self.left_out[reason] = self.left_out.get(reason, 0) + count
        self.rising = self.rising and part.first > self.last
        self.last = part.last
        self.codes |= part.codes


def stream(path: Path, layout: BulkLayout, tally: Tally, *, few: bool) -> Iterator[pa.RecordBatch]:
    """
    Yield the rows of a file that count, checked by the rules of its loader.

    Parameters
    ----------
    path : pathlib.Path
        CSV, packed or not, or Parquet with the columns of the layout.
    layout : BulkLayout
        How it is read.
    tally : Tally
        Where counts are kept.
    few : bool
        Whether only the columns that a sum needs are wanted.

    Yields
    ------
    pyarrow.RecordBatch
        In the order of the file.

    Raises
    ------
    FlowsError
        At the first fault, as the loader has it: file, line, expected, found.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> from flows.loaders.baci_bulk import BACI
    >>> from flows.loaders.examples import example_path
    >>> tally = Tally()
    >>> [batch.num_rows for batch in stream(example_path("baci"), BACI, tally, few=True)]
    [3]
    >>> tally.rows_in, tally.rising
    (3, False)
    """
    tally.last = -1
    schema = layout.schema(few)
    work = _parquet_parts if is_parquet(path) else _text_parts
    for part in work(path, layout, few):
        tally.add(part)
        if part.rows.num_rows:
            yield from part.rows.select(schema.names).cast(schema).to_batches()
    if not tally.rows_in:
        raise LayoutError(f"{path}: expected rows under the header, found none")


def is_parquet(path: Path) -> bool:
    """
    Say whether a file is Parquet, from its first bytes.

    Parameters
    ----------
    path : pathlib.Path
        Anything.

    Returns
    -------
    bool

    Raises
    ------
    OSError
        If it is a file that cannot be read.

    Examples
    --------
    >>> is_parquet(Path("."))
    False
    """
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) == b"PAR1"


def _text_parts(path: Path, layout: BulkLayout, few: bool) -> Iterator[Part]:  # noqa: FBT001 - passed on
    blocks = read_blocks(path)
    first = next(blocks, Block(1, b""))
    head = layout.head(path, first.content.decode("latin-1").strip("\r\n"))
    one_encoding = _Encoding(head)
    one_encoding(first)
    yield from _at_once(
        lambda block: _part(block, head, layout, few=few), map(one_encoding, blocks)
    )


def _at_once(work: Callable[[Block], Part], blocks: Iterable[Block]) -> Iterator[Part]:
    """Work on some blocks at the same time and yield what comes of them in their order."""
    waiting: deque[Future[Part]] = deque()
    blocks = iter(blocks)
    with ThreadPoolExecutor(WORKERS) as pool:
        for block in islice(blocks, WORKERS + 1):
            waiting.append(pool.submit(work, block))
        while waiting:
            part = waiting.popleft().result()
            waiting.extend(pool.submit(work, block) for block in islice(blocks, 1))
            yield part


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
            found = block
        except UnicodeDecodeError:
            if not self._head.latin1 or speaks_against_latin1(block.content):
                _decoded(block, path=self._head.path)
            self._seen.add("latin-1")
            found = Block(block.line, block.content.decode("latin-1").encode())
        if len(self._seen) > 1:
            raise LayoutError(
                f"{self._head.path}:{block.line}: expected one encoding, found UTF-8 and Latin-1"
            )
        return found


def _decoded(block: Block, *, path: str) -> str:
    """Return a block as text; the line of an error is that of the file."""
    try:
        return decode(block.content, path=path)
    except LayoutError:
        return decode(b"\n" * (block.line - 1) + block.content, path=path)


def _part(block: Block, head: Head, layout: BulkLayout, *, few: bool) -> Part:
    if _plain(block.content):
        table = _parse(block, head, layout, layout.columns(head, few))
        part = None if table is None else layout.check(table, head, block.line)
        if part is not None:
            return part
    records = _records(block, head)
    if not records:
        return Part(pa.table({}), 0, {})
    return layout.slow(make_table(head.names, records, path=head.path, dataset=head.dataset))


def _plain(content: bytes) -> bool:
    """Say whether Arrow and the loader see the same lines: no lone carriage return, no NUL."""
    lone = content.count(b"\r") != content.count(b"\r\n")
    return not lone and b"\0" not in content


def _parse(
    block: Block, head: Head, layout: BulkLayout, columns: Mapping[str, pa.DataType]
) -> pa.Table | None:
    content = block.content
    names = list(head.names)
    if content.partition(b"\n")[0].rstrip(b"\r").endswith(f"{head.delimiter}".encode()):
        names.append("")
    try:
        table = pc.read_csv(
            pa.BufferReader(content),
            pc.ReadOptions(column_names=names, use_threads=False),
            pc.ParseOptions(delimiter=head.delimiter, quote_char='"' if b'"' in content else False),
            pc.ConvertOptions(
                column_types=columns,
                include_columns=list(columns),
                null_values=list(layout.missing),
            ),
        )
    except (pa.ArrowInvalid, pa.ArrowKeyError):
        return None
    lines = content.count(b"\n") + (not content.endswith(b"\n"))
    return table if table.num_rows == lines else None


def _records(block: Block, head: Head) -> list[Record]:
    text = _decoded(block, path=head.path)
    try:
        found = list(split_records(text, path=head.path, delimiter=head.delimiter))
    except LayoutError:
        above = "\n" * (block.line - 1)
        found = list(split_records(above + text, path=head.path, delimiter=head.delimiter))
    width = len(head.names)
    return [
        Record(
            block.line + line - 1,
            cells[:-1] if len(cells) == width + 1 and not cells[-1] else cells,
        )
        for line, cells in found
        if any(cell.strip() for cell in cells)
    ]


def _parquet_parts(path: Path, layout: BulkLayout, few: bool) -> Iterator[Part]:  # noqa: FBT001 - passed on
    try:
        with pq.ParquetFile(path) as file:
            head = layout.head(path, ",".join(file.schema_arrow.names))
            columns = layout.columns(head, few)
            row = 1
            for batch in file.iter_batches(_ROWS, columns=list(columns)):
                table = pa.Table.from_batches([batch])
                yield _typed_part(table, head, layout, columns, row)
                row += table.num_rows
    except (pa.ArrowException, OSError) as error:
        raise LayoutError(f"{path}: expected sound Parquet, found: {error}") from error


def _typed_part(
    table: pa.Table, head: Head, layout: BulkLayout, columns: Mapping[str, pa.DataType], row: int
) -> Part:
    """Return a part of rows that have types already; the line of a row is its number."""
    try:
        cast = table.cast(pa.schema([(name, columns[name]) for name in table.column_names]))
    except pa.ArrowInvalid:
        cast = None
    part = None if cast is None else layout.check(cast, head, row)
    if part is not None:
        return part
    records = [
        Record(row + place, ["" if cell is None else str(cell) for cell in cells.values()])
        for place, cells in enumerate(table.to_pylist())
    ]
    return layout.slow(
        make_table(table.column_names, records, path=head.path, dataset=head.dataset)
    )
