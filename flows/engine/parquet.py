"""Parquet files that are written whole or not at all, and read in batches."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkstemp

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from flows.table import COLUMNS

REPORT = b"flows"
"""Key under which a file says how it was made."""

_TYPES = {
    "str": pa.string(),
    "float64": pa.float64(),
    "int64": pa.int64(),
    "bool": pa.bool_(),
    "datetime64[s]": pa.timestamp("ms"),
}


def flow_schema(own: tuple[str, ...] = ()) -> pa.Schema:
    """
    Return the schema of a flow table as Parquet; dates are in milliseconds, its coarsest.

    Parameters
    ----------
    own : tuple of str
        Columns of numbers that come after.

    Returns
    -------
    pyarrow.Schema

    Raises
    ------
    TypeError
        If ``own`` holds anything but text.

    Examples
    --------
    >>> flow_schema(("quantity_t",)).names[-2:]
    ['line', 'quantity_t']
    """
    fields = [(name, _TYPES[kind]) for name, kind in COLUMNS.items()]
    return pa.schema([*fields, *((name, pa.float64()) for name in own)])


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """
    Give a place to write to, which becomes the file if nothing goes wrong.

    Parameters
    ----------
    path : pathlib.Path
        The file in the end.

    Yields
    ------
    pathlib.Path
        Beside it, so that it can take its name in one step.

    Raises
    ------
    OSError
        If the folder cannot be written to.

    Examples
    --------
    >>> import tempfile
    >>> target = Path(tempfile.mkdtemp()) / "a.txt"
    >>> with whole_file(target) as place:
    ...     _ = place.write_text("done")
    >>> target.read_text()
    'done'
    """
    handle, name = mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    os.close(handle)
    place = Path(name)
    try:
        yield place
        mask = os.umask(0)
        os.umask(mask)
        place.chmod(0o666 & ~mask)
        place.replace(path)
    finally:
        place.unlink(missing_ok=True)


class TableWriter:
    """Writes batches and keeps their count and sum."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.rows = 0
        self.sums: list[float] = []
        self._schema = schema
        self._writer = pq.ParquetWriter(path, schema, compression="zstd")

    def write(self, batch: pa.RecordBatch) -> None:
        """Write a batch, its columns by name and in the types of the file."""
        table = pa.Table.from_batches([batch]).select(self._schema.names).cast(self._schema)
        self._writer.write_table(table)
        self.rows += table.num_rows
        self.sums.append(pc.sum(table["value"]).as_py() or 0.0)

    def close(self, report: Mapping[str, object] | None = None) -> None:
        """Finish the file; with a report if all went well."""
        if report is not None:
            self._writer.add_key_value_metadata(
                {REPORT: json.dumps(report, ensure_ascii=False, sort_keys=True).encode()}
            )
        self._writer.close()
