"""Parquet with the columns of a layout, as checked parts."""

from collections.abc import Iterable, Iterator
from itertools import accumulate
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from flows.errors import LayoutError
from flows.loaders.bulk import BulkLayout, Head, Part, Wanted
from flows.loaders.raw import make_table
from flows.loaders.text import Record
from flows.loaders.workers import at_once

_ROWS = 122_880


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
    >>> from flows.loaders.baci_bulk import BACI
    >>> path = Path(tempfile.mkdtemp()) / "a.parquet"
    >>> rows = {"t": [2022, 2022], "i": [4, 4], "j": [51, 51], "k": [10121, 10122], "v": [0.5, 2]}
    >>> pq.write_table(pa.table(rows), path)
    >>> [part.rows["v"].to_pylist() for part in parquet_parts(path, BACI, "sums")]
    [[2.5]]
    """
    try:
        with pq.ParquetFile(path) as file:
            head = layout.head(path, ",".join(file.schema_arrow.names))
            columns = layout.columns(head, wanted)
            sizes = [file.metadata.row_group(at).num_rows for at in range(file.num_row_groups)]
            if wanted != "sums":
                batches = file.iter_batches(_ROWS, columns=list(columns))
                yield from _parts(batches, head, layout, wanted, 1)
                return
            groups = zip(range(len(sizes)), accumulate(sizes, initial=1), strict=False)

            def work(group: tuple[int, int]) -> list[Part]:
                with pq.ParquetFile(path, metadata=file.metadata) as own:
                    batches = own.iter_batches(
                        _ROWS, row_groups=[group[0]], columns=list(columns), use_threads=False
                    )
                    return list(_parts(batches, head, layout, wanted, group[1]))

            for parts in at_once(work, groups):
                yield from parts
    except (pa.ArrowException, OSError) as error:
        raise LayoutError(f"{path}: expected sound Parquet, found: {error}") from error


def _parts(
    batches: Iterable[pa.RecordBatch], head: Head, layout: BulkLayout, wanted: Wanted, row: int
) -> Iterator[Part]:
    for batch in batches:
        yield _part(pa.Table.from_batches([batch]), head, layout, wanted, row)
        row += batch.num_rows


def _part(table: pa.Table, head: Head, layout: BulkLayout, wanted: Wanted, row: int) -> Part:
    """Return a part of rows that have types already."""
    columns = layout.columns(head, wanted)
    try:
        cast = table.cast(pa.schema([(name, columns[name]) for name in table.column_names]))
    except pa.ArrowInvalid:
        cast = None
    part = None if cast is None else layout.check(cast, head, row, wanted)
    if part is not None:
        return part
    records = [
        Record(row + place, ["" if cell is None else str(cell) for cell in cells.values()])
        for place, cells in enumerate(table.to_pylist())
    ]
    raw = make_table(table.column_names, records, path=head.path, dataset=head.dataset)
    return layout.slow(raw, wanted)
