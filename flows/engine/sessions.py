"""Opening an engine: pandas in memory, DuckDB out of core, Spark on this machine or a cluster."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, Protocol, get_args

import pyarrow as pa

from flows.engine.frames import Frame
from flows.errors import EngineError

EngineName = Literal["pandas", "duckdb", "spark"]
"""What runs the normalisation; all give the same table."""

ENGINES: tuple[EngineName, ...] = get_args(EngineName)

LARGE = 50 * 1024**2
"""Bytes of input from which DuckDB is the default."""

MEMORY_LIMIT = "200MB"
"""What DuckDB may hold; past it, it works in files. Reading takes some 150 MB on top."""


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
    """
    Open an engine, and close it with everything that it has put on the disk.

    Parameters
    ----------
    engine : {"pandas", "duckdb", "spark"}
        Which one.
    memory_limit : str
        What DuckDB may hold (``"200MB"``); Spark takes it for its driver; pandas holds everything.
    ordered : bool
        Whether the rows that come out stand in the order of those that go in.

    Yields
    ------
    Session

    Raises
    ------
    ValueError
        If there is no such engine.
    EngineError
        If it is not installed, does not start, or fails at its work.

    Examples
    --------
    >>> with open_session("duckdb") as session:
    ...     table = session.lift(pa.table({"a": [1, 2]}))
    ...     sum(batch.num_rows for batch in session.batches(table))
    2
    """
    if engine not in ENGINES:
        raise ValueError(f"engine: expected {', '.join(ENGINES)}, found {engine!r}")
    with TemporaryDirectory(prefix="flows-") as folder:
        opener = _opener(engine)
        with opener(Path(folder), memory_limit=memory_limit, ordered=ordered) as session:
            yield session


def choose_engine(size: int) -> EngineName:
    """
    Return the engine for input of a size, where none is asked for.

    Parameters
    ----------
    size : int
        Bytes of all files.

    Returns
    -------
    {"pandas", "duckdb"}

    Raises
    ------
    TypeError
        If the size is not a number.

    Examples
    --------
    >>> choose_engine(400_000_000)
    'duckdb'
    """
    return "duckdb" if size > LARGE else "pandas"


def _opener(engine: EngineName) -> Callable[..., AbstractContextManager[Session]]:
    """Import an engine when it is asked for: no other one needs to be installed."""
    try:
        module = import_module(f"flows.engine.on_{engine}")
    except ModuleNotFoundError as error:
        raise EngineError(
            f"engine {engine}: expected the package {error.name}, found it not installed; "
            f"pip install {error.name}"
        ) from error
    opener: Callable[..., AbstractContextManager[Session]] = module.open_here
    return opener
