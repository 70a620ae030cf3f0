"""The normalisation on DuckDB: streams go through a database in memory, out of core if need be."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import duckdb
import narwhals as nw
import pyarrow as pa

from flows.bulk import BATCH_ROWS
from flows.bulk.engines import Reader, in_turn
from flows.bulk.naming import Frame
from flows.bulk.read import Tally
from flows.errors import EngineError

_VECTOR_ROWS = 2048
"""Rows of a vector of DuckDB."""


class DuckDBSession:
    """Relations of DuckDB."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
        self._connection = connection
        self._folder = folder
        self._fault: BaseException | None = None

    def _kept(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Keep the error of a stream: DuckDB passes on its words only."""
        try:
            yield from batches
        except BaseException as fault:
            self._fault = fault
            raise

    def frame(self, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> Frame:
        """Return a stream as a relation."""
        reader = pa.RecordBatchReader.from_batches(schema, self._kept(_even(batches)))
        return nw.from_native(self._connection.from_arrow(reader))

    def read(self, schema: pa.Schema, readers: Sequence[Reader], tallies: list[Tally]) -> Frame:
        """Return the rows of all files as a relation."""
        return self.frame(schema, in_turn(readers, tallies))

    def keep(self, frame: Frame) -> Frame:
        """Return a relation whose rows lie in a file of Parquet."""
        path = str(self._folder / f"{uuid4().hex}.parquet")
        with self._errors():
            frame.to_native().write_parquet(path)
        return nw.from_native(self._connection.read_parquet(path))

    def lift(self, table: pa.Table) -> Frame:
        """Return a table as a relation."""
        return nw.from_native(self._connection.from_arrow(table))

    def batches(self, frame: Frame) -> Iterator[pa.RecordBatch]:
        """Yield the result while it is made."""
        with self._errors():
            yield from frame.to_native().to_arrow_reader(BATCH_ROWS)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Raise the error of a stream that was read, or say that the engine failed."""
        try:
            yield
        except (duckdb.Error, OSError) as error:
            if self._fault is not None:
                raise self._fault from None
            raise EngineError(
                f"engine duckdb: {error} (its files lie in {self._folder})"
            ) from error


def _even(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield the rows in whole vectors of DuckDB: it puts small pieces of one off to the end."""
    rest: list[pa.RecordBatch] = []
    for batch in batches:
        held = sum(piece.num_rows for piece in rest)
        cut = (held + batch.num_rows) // _VECTOR_ROWS * _VECTOR_ROWS - held
        if cut > 0:
            first = min(-held % _VECTOR_ROWS, cut)
            if first:
                yield pa.concat_batches([*rest, batch.slice(0, first)])
            if cut > first:
                yield batch.slice(first, cut - first)
            rest = [batch.slice(cut)]
        else:
            rest.append(batch)
    if rest:
        yield pa.concat_batches(rest)


@contextmanager
def open_here(folder: Path, *, memory_limit: str, ordered: bool) -> Iterator[DuckDBSession]:
    """Open a database in memory that puts what is too large for it into a folder."""
    try:
        connection = duckdb.connect(
            config={
                "memory_limit": memory_limit,
                "temp_directory": str(folder),
                "preserve_insertion_order": ordered,
            }
        )
    except duckdb.Error as error:
        raise EngineError(f"engine duckdb: {error}") from error
    with connection:
        if ordered:
            # Several threads take batches of a stream in turns, and put them down as they finish.
            connection.execute("SET threads = 1")
        # A stream has no size that could be known, and must never be the side that is held.
        connection.execute("SET disabled_optimizers = 'join_order,build_side_probe_side'")
        yield DuckDBSession(connection, folder)
