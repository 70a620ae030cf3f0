"""The engine Spark: its workers read the files where they lie, and map whole series by blocks."""

import os
import pickle
import re
import shutil
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from platform import node
from uuid import uuid4

import narwhals as nw
import pyarrow as pa
import pyarrow.dataset as ds
from py4j.protocol import Py4JError
from pyspark import StorageLevel
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql.functions import row_number
from pyspark.sql.pandas.types import from_arrow_schema

from flows import __version__, errors
from flows.bulk.engines import Reader
from flows.bulk.naming import Frame
from flows.bulk.read import Tally
from flows.bulk.series import OnBlock, Plan, blocks_of
from flows.errors import EngineError, FlowsError, SchemaError
from flows.loaders.text import archive_of

# Nothing goes through pandas on Spark here.
warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)

REMOTE = "SPARK_REMOTE"
"""The variable of the environment that names a server of Spark Connect."""

_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.log.level": "ERROR",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "32",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
}

_TOLD = pa.field("told", pa.binary())
"""Column of what a worker says of a file that it has read; empty in rows."""

_PLACE = "place"
"""Column of the place of a year in its series."""

_FIRST_SERVER = 4
"""First major version of a server that knows what is asked of it."""

_SECONDS = 20.0
"""How long a server may take to answer."""

_RAISED = re.compile(r"flows\.errors\.(\w+): (.*)")
"""The line of a worker's traceback that has an error of ours."""

_OF_JAVA = re.compile(r"\n\s+(at |\.\.\. )[^\n]*")
"""Lines of a traceback of Java."""


@dataclass(slots=True)
class SparkFrames:
    """
    Frames of Spark.

    ``spark``: the session; ``folder``: where workers of this machine write what is handed out, none
    where they are elsewhere; ``ordered``: whether rows keep the order of their files.
    """

    spark: SparkSession
    folder: Path | None
    ordered: bool

    def read(self, schema: pa.Schema, readers: Sequence[Reader], tallies: list[Tally]) -> Frame:
        """
        Return the rows of all files, a file a task, read by the workers from where they lie.

        What the loaders demand is of a file (one encoding, lines, hashes of its statements), so a
        worker reads a file as it is read here; what it told of the file is collected first.
        """
        away = [replace(reader, path=reader.path.absolute()) for reader in readers]  # type: ignore[type-var]
        files = self.spark.range(0, len(away), 1, len(away))
        fields = _as_spark_has_it(schema)
        read = files.mapInArrow(
            partial(_read_here, away, fields),
            from_arrow_schema(fields.append(_TOLD), prefer_timestamp_ntz=True),
        )
        kept = read.persist(StorageLevel.DISK_ONLY)
        with _errors():
            told = kept.where(f"{_TOLD.name} is not null").select(_TOLD.name).toArrow()
        _take_in([pickle.loads(cell) for cell in told[_TOLD.name].to_pylist()], tallies)  # noqa: S301 - of our own workers
        rows: Frame = nw.from_native(kept.where(f"{_TOLD.name} is null").drop(_TOLD.name))
        return rows

    def lift(self, table: pa.Table) -> Frame:
        """Return a small table as a frame."""
        rows: Frame = nw.from_native(self.spark.createDataFrame(table))
        return rows

    def keep(self, frame: Frame) -> Frame:
        """Return a frame that the workers keep on their disks."""
        kept: Frame = nw.from_native(frame.to_native().persist(StorageLevel.DISK_ONLY))
        return kept

    def map_blocks(self, parts: Frame, plan: Plan, function: OnBlock, schema: pa.Schema) -> Frame:
        """Return what a function makes of all series, which workers hand it by blocks."""
        mapped: Frame = nw.from_native(map_blocks(parts.to_native(), plan, function, schema))
        return mapped

    def batches(self, frame: Frame) -> Iterator[pa.RecordBatch]:
        """Yield the result: through files of this machine, or, from workers elsewhere, at once."""
        place = [name for name in ("dataset", "line") if name in frame.collect_schema().names()]
        rows = (frame.sort(*place) if self.ordered and place else frame).to_native()
        with _errors():
            if self.folder is None:
                yield from rows.toArrow().to_batches()
                return
            path = self.folder / uuid4().hex
            rows.write.parquet(str(path))
        yield from ds.dataset(sorted(path.glob("*.parquet")), format="parquet").to_batches()


def _read_here(
    readers: Sequence[Reader], schema: pa.Schema, numbers: Iterator[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """Read, on a worker, the files of some numbers; a row behind those of a file has its tally."""
    for number in (number for batch in numbers for number in batch["id"].to_pylist()):
        tally = Tally()
        told: Tally | FlowsError = tally
        try:
            _demand_seen(readers[number].path)
            for batch in readers[number](tally):
                rows = batch.select(schema.names).cast(schema)
                yield rows.append_column(_TOLD, pa.nulls(len(batch), _TOLD.type))
            tally.close()
        except FlowsError as error:
            told = error
        row = dict.fromkeys(schema.names)
        cell = pickle.dumps((number, __version__, told))
        yield pa.RecordBatch.from_pylist([{**row, _TOLD.name: cell}], schema.append(_TOLD))


def _as_spark_has_it(schema: pa.Schema) -> pa.Schema:
    """Return a schema whose times are in microseconds: Spark has no others."""
    times = {field.name for field in schema if pa.types.is_timestamp(field.type)}
    return pa.schema(
        field.with_type(pa.timestamp("us")) if field.name in times else field for field in schema
    )


def _demand_seen(path: Path) -> None:
    if not (archive_of(path) or path).exists():
        raise EngineError(
            f"{path}: expected a file that each worker of Spark sees under this path, "
            f"found none on {node()}; put it into a folder that all of them share"
        )


def _take_in(found: Sequence[tuple[int, str, Tally | FlowsError]], tallies: list[Tally]) -> None:
    """Fill the tallies with what workers told; raise the first error, by files."""
    for number, version, told in sorted(found, key=lambda one: one[0]):
        if version != __version__:
            raise EngineError(
                f"engine spark: expected flows {__version__} on the workers as here, "
                f"found {version}"
            )
        if isinstance(told, FlowsError):
            raise told
        tallies[number] = told
    if len(found) != len(tallies):
        raise EngineError(
            f"engine spark: expected {len(tallies)} files to be read, found {len(found)}"
        )


def map_series(
    frame: DataFrame, keys: Sequence[str], function: OnBlock, schema: pa.Schema
) -> DataFrame:
    """
    Return what a function makes of each series of a frame, a call a block of whole series.

    Parameters
    ----------
    frame : pyspark.sql.DataFrame
        One row a series and year: ``keys``, ``year`` and ``value``; where it has ``reporter``,
        ``unit``, ``valuation`` or ``partner_basis``, they must not change within a series.
    keys : sequence of str
        What tells series apart.
    function : callable
        Called on the workers with a table of keys (one row a series), the values (series by years,
        NaN where there is no row) and the first year; returns a batch of ``schema``.
    schema : pyarrow.Schema
        Of what the function returns.

    Returns
    -------
    pyspark.sql.DataFrame
        Not yet run; the first and the last year are looked for at once.

    Raises
    ------
    SchemaError
        If the frame lacks a column, or has no rows.
    """
    if lacking := [name for name in (*keys, "year", "value") if name not in frame.columns]:
        raise SchemaError(
            f"expected a frame with {', '.join(lacking)}, found {', '.join(frame.columns)}"
        )
    with _errors():
        first, last = frame.agg({"year": "min"}).first()[0], frame.agg({"year": "max"}).first()[0]
    if first is None:
        raise SchemaError("expected a frame with rows, found none")
    years = range(int(first), int(last) + 1)
    return map_blocks(frame, Plan(tuple(keys), years), function, schema)


def map_blocks(rows: DataFrame, plan: Plan, function: OnBlock, schema: pa.Schema) -> DataFrame:
    """Return what a function makes of whole series: spread by series, sorted, by blocks."""
    spread = rows.repartition(*plan.by).sortWithinPartitions(*plan.by, "year")
    # Sail leaves a sort out where the plan above it does not need one; a window does, and costs a
    # plan of Spark that is sorted already nothing more.
    ordered = spread.withColumn(
        _PLACE, row_number().over(Window.partitionBy(*plan.by).orderBy("year"))
    )

    def on_blocks(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for keys, values in blocks_of(batches, plan):
            yield function(keys, values, plan.years.start).select(schema.names).cast(schema)

    return ordered.mapInArrow(on_blocks, from_arrow_schema(schema))


@contextmanager
def _errors() -> Iterator[None]:
    """Raise an error of ours that a worker raised as what it was, any other as the engine's."""
    try:
        yield
    except (PySparkException, Py4JError) as error:
        if raised := _RAISED.findall(str(error)):
            name, text = raised[-1]
            raise getattr(errors, name, EngineError)(text) from None
        raise EngineError(f"engine spark: {_OF_JAVA.sub('', str(error))}") from error


@contextmanager
def open_here(folder: Path, *, memory_limit: str, ordered: bool) -> Iterator[SparkFrames]:
    """Take the session that is open, else the server that SPARK_REMOTE names, else start Spark."""
    running = SparkSession.getActiveSession()
    remote = os.environ.get(REMOTE)
    if running is not None:
        yield SparkFrames(running, None, ordered)
        return
    spark = connect(remote) if remote else start_spark(folder, memory_limit)
    try:
        yield SparkFrames(spark, None if remote else folder, ordered)
    finally:
        # Where Java or the server has died there is nothing left to stop, and the error says more.
        with suppress(PySparkException, Py4JError, OSError):
            spark.stop()


def connect(remote: str) -> SparkSession:
    """Return a session on a server of Spark Connect, or say why there is none."""
    try:
        from grpc import FutureTimeoutError, channel_ready_future  # noqa: PLC0415 - an extra
        from pyspark.sql.connect.client import DefaultChannelBuilder  # noqa: PLC0415 - needs it
    except ImportError as error:
        raise EngineError(
            f"engine spark: {REMOTE} is set, expected the packages of Spark Connect, "
            f"found {error}; pip install 'pyspark[connect]'"
        ) from error
    try:
        if remote.startswith("sc:"):
            with DefaultChannelBuilder(remote).toChannel() as channel:
                channel_ready_future(channel).result(timeout=_SECONDS)
        spark = SparkSession.builder.remote(remote).getOrCreate()
        version = str(spark.version)
    except FutureTimeoutError:
        raise EngineError(
            f"engine spark: expected a server of Spark Connect at {remote} ({REMOTE}), "
            f"found none that answers within {_SECONDS:.0f} seconds"
        ) from None
    except (PySparkException, ValueError) as error:
        raise EngineError(f"engine spark: the server at {remote} ({REMOTE}): {error}") from error
    if int(version.partition(".")[0]) < _FIRST_SERVER:
        spark.stop()
        raise EngineError(
            f"engine spark: expected a server of Spark {_FIRST_SERVER} or later at {remote}, "
            f"found {version}"
        )
    return spark


def start_spark(folder: Path, memory_limit: str) -> SparkSession:
    """Start Spark on this machine with two workers, which put their files into a folder."""
    settings = {
        **_SETTINGS,
        "spark.sql.warehouse.dir": str(folder),
        "spark.local.dir": str(folder),
        "spark.driver.memory": _whole(memory_limit),
    }
    if not _finds_java():
        raise EngineError(
            "engine spark: expected Java 17 or later (JAVA_HOME, or java on the PATH), found none; "
            f"install it, or set {REMOTE} to a server of Spark Connect"
        )
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.master("local[2]").appName("flows")
    for name, setting in settings.items():
        builder = builder.config(name, setting)
    try:
        return builder.getOrCreate()
    except (PySparkException, OSError) as error:
        raise EngineError(f"engine spark: it did not start, Java 17 or later?: {error}") from error


def _finds_java() -> bool:
    home = os.environ.get("JAVA_HOME")
    return shutil.which("java", path=str(Path(home) / "bin") if home else None) is not None


def _whole(memory_limit: str) -> str:
    """Return a limit in Spark's letters; it does not start with less than 512 megabytes."""
    units = {"KB": 1 / 1024, "MB": 1, "GB": 1024}
    number, unit = memory_limit[:-2], memory_limit[-2:].upper()
    if unit not in units or not number.strip().replace(".", "", 1).isdecimal():
        raise EngineError(f"memory limit: expected a size as 500MB, found {memory_limit!r}")
    return f"{max(int(float(number) * units[unit]), 512)}m"
