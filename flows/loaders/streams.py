"""Large files as checked streams of Arrow batches: quick where a block is plain, strict always."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pc

from flows.errors import LayoutError
from flows.loaders.blocks import Block, read_blocks
from flows.loaders.bulk import BulkLayout, Head, Part, Tally, Wanted
from flows.loaders.parquet_parts import is_parquet, parquet_parts
from flows.loaders.raw import make_table
from flows.loaders.text import Record, decode, speaks_against_latin1, split_records
from flows.loaders.workers import at_once


def stream(
    path: Path, layout: BulkLayout, tally: Tally, *, wanted: Wanted
) -> Iterator[pa.RecordBatch]:
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
    wanted : {"rows", "numbers", "sums"}
        Rows with all columns, rows with what a sum needs, or sums of each block.

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
    >>> [batch.num_rows for batch in stream(example_path("baci"), BACI, tally, wanted="numbers")]
    [3]
    >>> tally.rows_in, tally.rising
    (3, False)
    """
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
    head = layout.head(path, first.content.decode("latin-1").strip("\r\n"))
    one_encoding = _Encoding(head)
    one_encoding(first)
    yield from at_once(lambda block: _part(block, head, layout, wanted), map(one_encoding, blocks))


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


def _part(block: Block, head: Head, layout: BulkLayout, wanted: Wanted) -> Part:
    part = layout.scan(block.content, head) if wanted == "sums" else None
    if part is None and _plain(block.content) and layout.plain(block.content):
        table = _parse(block, head, layout, layout.columns(head, wanted))
        part = None if table is None else layout.check(table, head, block.line, wanted)
    if part is not None:
        return part
    records = _records(block, head)
    if not records:
        return Part(pa.table({}), 0, {})
    raw = make_table(head.names, records, path=head.path, dataset=head.dataset)
    return layout.slow(raw, wanted)


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
