"""Opening an engine: pandas in memory, DuckDB out of core, Spark on this machine or a cluster."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, Protocol, get_args

import narwhals as nw
import pandas as pd
import pyarrow as pa

from flows.bulk.naming import Frame
from flows.bulk.read import Tally
from flows.errors import EngineError

EngineName = Literal["pandas", "duckdb", "spark"]
"""What runs the normalisation; all give the same table."""

_ENGINES: tuple[EngineName, ...] = get_args(EngineName)

_SMALL_ENOUGH_FOR_PANDAS = 50 * 1024**2
"""Bytes of input past which DuckDB is the default."""

MEMORY_LIMIT = "200MB"
"""What DuckDB may hold; past it, it works in files. Reading takes some 150 MB on top."""


class Reader(Protocol):
    """A file to be read, here or where a worker of the engine is."""

    @property
    def path(self) -> Path:
        """Return where the file lies."""

    def __call__(self, tally: Tally) -> Iterator[pa.RecordBatch]:
        """Yield the rows that count, and keep the tally of all."""


class Session(Protocol):
    """An engine at work."""

    def read(self, schema: pa.Schema, readers: Sequence[Reader], tallies: list[Tally]) -> Frame:
        """Return the rows of all files as a frame, to be read once; tallies are full after that."""

    def lift(self, table: pa.Table) -> Frame:
        """Return a small table as a frame."""

    def keep(self, frame: Frame) -> Frame:
        """Return a frame that may be read more than once, where it is too large for memory too."""

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


def in_turn(readers: Sequence[Reader], tallies: Sequence[Tally]) -> Iterator[pa.RecordBatch]:
    """Yield the rows of one file after the other."""
    for reader, tally in zip(readers, tallies, strict=True):
        yield from reader(tally)
        tally.close()


def choose_engine(size: int) -> EngineName:
    """Return the engine for input of a size, where none is asked for."""
    return "duckdb" if size > _SMALL_ENOUGH_FOR_PANDAS else "pandas"


def _opener(engine: EngineName) -> Callable[..., AbstractContextManager[Session]]:
    """Return what opens an engine; it is imported when it is asked for, and Spark is an extra."""
    if engine == "pandas":
        return _open_pandas
    try:
        module = import_module(f"flows.bulk.on_{engine}")
    except ModuleNotFoundError as error:
        raise EngineError(
            f"engine {engine}: expected the package {error.name}, found it not installed; "
            f"pip install {error.name}"
        ) from error
    opener: Callable[..., AbstractContextManager[Session]] = module.open_here
    return opener


class PandasSession:
    """Frames of pandas."""

    def read(self, schema: pa.Schema, readers: Sequence[Reader], tallies: list[Tally]) -> Frame:
        """Return the rows of all files as one frame."""
        return self.lift(pa.Table.from_batches(in_turn(readers, tallies), schema=schema))

    def lift(self, table: pa.Table) -> Frame:
        """Return a table as a frame."""
        rows: pd.DataFrame = table.to_pandas(split_blocks=True)
        return nw.from_native(rows).lazy()

    def keep(self, frame: Frame) -> Frame:
        """Return a frame whose rows are in memory."""
        return frame.collect().lazy()

    def batches(self, frame: Frame) -> Iterator[pa.RecordBatch]:
        """Yield the result."""
        result: pd.DataFrame = frame.collect().to_native()
        yield from pa.Table.from_pandas(result, preserve_index=False).to_batches()


@contextmanager
def _open_pandas(_: Path, *, memory_limit: str, ordered: bool) -> Iterator[PandasSession]:  # noqa: ARG001 - pandas has no bound and no order to give up
    """Open a session; pandas knows no limit and always keeps the order."""
    yield PandasSession()
