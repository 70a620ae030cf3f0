"""Opening an engine: pandas in memory, DuckDB out of core, Spark on this machine or a cluster."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, Protocol, get_args

import duckdb
import narwhals as nw
import pandas as pd
import pyarrow as pa

from flows.bulk.naming import Frame
from flows.errors import EngineError

EngineName = Literal["pandas", "duckdb", "spark"]
"""What runs the normalisation; all give the same table."""

_ENGINES: tuple[EngineName, ...] = get_args(EngineName)

_LARGE = 50 * 1024**2
"""Bytes of input from which DuckDB is the default."""

MEMORY_LIMIT = "200MB"
"""What DuckDB may hold; past it, it works in files. Reading takes some 150 MB on top."""

_ROWS = 122_880
_VECTOR = 2048


class Session(Protocol):
    """An engine at work."""

    def frame(self, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> Frame:
        """Return a stream of batches as a frame; it is read once."""

    def lift(self, table: pa.Table) -> Frame:
        """Return a small table as a frame."""

    def batches(self, frame: Frame) -> Iterator[pa.RecordBatch]:
        """Run the work and yield its result; rows of a file keep their order."""


@contextmanager
def open_session(
    engine: EngineName, *, memory_limit: str = MEMORY_LIMIT, ordered: bool = True
) -> Iterator[Session]:
    """Open an engine, and close it with everything that it has put on the disk."""
    if engine not in _ENGINES:
        raise ValueError(f"engine: expected {', '.join(_ENGINES)}, found {engine!r}")
    with TemporaryDirectory(prefix="flows-") as folder:
        opener = _opener(engine)
        with opener(Path(folder), memory_limit=memory_limit, ordered=ordered) as session:
            yield session


def choose_engine(size: int) -> EngineName:
    """Return the engine for input of a size, where none is asked for."""
    return "duckdb" if size > _LARGE else "pandas"


def _opener(engine: EngineName) -> Callable[..., AbstractContextManager[Session]]:
    """Return what opens an engine; Spark is imported when it is asked for, for it is an extra."""
    if engine == "pandas":
        return _open_pandas
    if engine == "duckdb":
        return _open_duckdb
    try:
        module = import_module("flows.bulk.on_spark")
    except ModuleNotFoundError as error:
        raise EngineError(
            f"engine {engine}: expected the package {error.name}, found it not installed; "
            f"pip install {error.name}"
        ) from error
    opener: Callable[..., AbstractContextManager[Session]] = module.open_here
    return opener


class PandasSession:
    """Frames of pandas."""

    def frame(self, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> Frame:
        """Return all batches as one frame."""
        return self.lift(pa.Table.from_batches(batches, schema=schema))

    def lift(self, table: pa.Table) -> Frame:
        """Return a table as a frame."""
        rows: pd.DataFrame = table.to_pandas(split_blocks=True)
        return nw.from_native(rows).lazy()

    def batches(self, frame: Frame) -> Iterator[pa.RecordBatch]:
        """Yield the result."""
        result: pd.DataFrame = frame.collect().to_native()
        yield from pa.Table.from_pandas(result, preserve_index=False).to_batches()


@contextmanager
def _open_pandas(_: Path, *, memory_limit: str, ordered: bool) -> Iterator[PandasSession]:  # noqa: ARG001 - pandas has no bound and no order to give up
    """Open a session; pandas knows no limit and always keeps the order."""
    yield PandasSession()


class DuckDBSession:
    """Relations of DuckDB."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
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

    def lift(self, table: pa.Table) -> Frame:
        """Return a table as a relation."""
        return nw.from_native(self._connection.from_arrow(table))

    def batches(self, frame: Frame) -> Iterator[pa.RecordBatch]:
        """Yield the result while it is made."""
        try:
            yield from frame.to_native().to_arrow_reader(_ROWS)
        except (duckdb.Error, OSError) as error:
            if self._fault is not None:
                raise self._fault from None
            raise EngineError(f"engine duckdb: {error}") from error


def _even(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield the rows in whole vectors of DuckDB: it puts small pieces of one off to the end."""
    rest: list[pa.RecordBatch] = []
    for batch in batches:
        held = sum(one.num_rows for one in rest)
        cut = (held + batch.num_rows) // _VECTOR * _VECTOR - held
        if cut > 0:
            first = min(-held % _VECTOR, cut)
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
def _open_duckdb(folder: Path, *, memory_limit: str, ordered: bool) -> Iterator[DuckDBSession]:
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
        yield DuckDBSession(connection)
