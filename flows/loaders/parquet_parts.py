"""Parquet with the columns of a layout, as checked parts."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from flows.errors import LayoutError
from flows.loaders.bulk import BulkLayout, Head, Part, Wanted
from flows.loaders.raw import make_table
from flows.loaders.text import Record
from flows.loaders.workers import at_once

_ROWS = 122_880
_TOGETHER = 2 * _ROWS
_LARGE = 2_000_000


class _Asked(NamedTuple):
    """What is read, and how."""

    layout: BulkLayout
    head: Head
    wanted: Wanted
    names: list[str]


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


def parquet_parts(path: Path, layout: BulkLayout, wanted: Wanted) -> Iterator[Part]:
    """
    Yield the rows of a file by parts; sums of its groups of rows are made two at a time.

    Parameters
    ----------
    path : pathlib.Path
        Parquet.
    layout : BulkLayout
        How it is read.
    wanted : {"rows", "numbers", "sums"}
        What of it.

    Yields
    ------
    Part
        In the order of the file; the line of a row is its number.

    Raises
    ------
    FlowsError
        If it is no sound Parquet, or a row is not as the loader has it.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> from flows.loaders.baci_bulk import BACI
    >>> path = Path(tempfile.mkdtemp()) / "a.parquet"
    >>> rows = {"t": 2022, "i": 4, "j": 51, "k": [10121, 10122], "v": [0.5, 2], "q": 1.0}
    >>> pd.DataFrame(rows).to_parquet(path)
    >>> [part.rows["v"].to_pylist() for part in parquet_parts(path, BACI, "sums")]
    [[2.5]]
    """
    try:
        with pq.ParquetFile(path) as file:
            head = layout.head(path, ",".join(file.schema_arrow.names))
            asked = _Asked(layout, head, wanted, list(layout.columns(head, wanted)))
            if wanted == "sums":
                yield from _by_groups(file, path, asked)
            else:
                yield from _parts(file.iter_batches(_ROWS, columns=asked.names), 1, asked)
    except (pa.ArrowException, OSError) as error:
        raise LayoutError(f"{path}: expected sound Parquet, found: {error}") from error


def _by_groups(file: pq.ParquetFile, path: Path, asked: _Asked) -> Iterator[Part]:
    """Yield parts of neighbouring groups of rows, in a file that a worker opens for itself."""

    def work(piece: tuple[int, list[int], int]) -> list[Part]:
        row, groups, size = piece
        with pq.ParquetFile(path, metadata=file.metadata) as own:
            if size > _LARGE:
                batches = own.iter_batches(_ROWS, row_groups=groups, columns=asked.names)
                return list(_parts(batches, row, asked))
            rows = own.read_row_groups(groups, columns=asked.names, use_threads=False)
        starts = range(0, size, _ROWS)
        return [_part(rows.slice(start, _ROWS), row + start, asked) for start in starts]

    for parts in at_once(work, _pieces(file.metadata)):
        yield from parts


def _pieces(metadata: pq.FileMetaData) -> Iterator[tuple[int, list[int], int]]:
    """Yield the first row, the numbers and the size of groups that are read together."""
    row, groups, size = 1, list[int](), 0
    for group in range(metadata.num_row_groups):
        more = metadata.row_group(group).num_rows
        if groups and size + more > _TOGETHER:
            yield row, groups, size
            row, groups, size = row + size, [], 0
        groups.append(group)
        size += more
    if groups:
        yield row, groups, size


def _parts(batches: Iterable[pa.RecordBatch], row: int, asked: _Asked) -> Iterator[Part]:
    for batch in batches:
        yield _part(pa.Table.from_batches([batch]), row, asked)
        row += batch.num_rows


def _part(table: pa.Table, row: int, asked: _Asked) -> Part:
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
