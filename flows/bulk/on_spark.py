"""The normalisation on Spark: rows are laid down as Parquet, which its workers share out."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import narwhals as nw
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from flows.bulk.naming import Frame
from flows.errors import EngineError

_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.log.level": "ERROR",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
}


class SparkFrames:
    """Frames of Spark."""

    def __init__(self, spark: SparkSession, folder: Path, *, ordered: bool) -> None:
        self._spark = spark
        self._folder = folder
        self._ordered = ordered

    def frame(self, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> Frame:
        """Return a stream as a frame, by way of a Parquet file."""
        path = self._folder / f"{uuid4().hex}.parquet"
        with pq.ParquetWriter(path, schema) as writer:
            for batch in batches:
                writer.write_batch(batch)
        rows: Frame = nw.from_native(self._spark.read.parquet(str(path)))
        return rows

    def lift(self, table: pa.Table) -> Frame:
        """Return a table as a frame."""
        return self.frame(table.schema, table.to_batches())

    def batches(self, frame: Frame) -> Iterator[pa.RecordBatch]:
        """Yield what the workers wrote."""
        place = [name for name in ("dataset", "line") if name in frame.collect_schema().names()]
        ordered = frame.sort(*place) if self._ordered and place else frame
        path = self._folder / uuid4().hex
        try:
            ordered.to_native().write.parquet(str(path))
        except PySparkException as error:
            raise EngineError(f"engine spark: {error}") from error
        parts = sorted(path.glob("*.parquet"))
        yield from ds.dataset(parts, format="parquet").to_batches()


@contextmanager
def open_here(folder: Path, *, memory_limit: str, ordered: bool) -> Iterator[SparkFrames]:
    """Open Spark here with two workers, or take the session that is open already."""
    running = SparkSession.getActiveSession()
    try:
        spark = running or start_spark(folder, memory_limit)
    except (PySparkException, OSError) as error:
        raise EngineError(f"engine spark: expected Java 17 or later: {error}") from error
    try:
        yield SparkFrames(spark, folder, ordered=ordered)
    finally:
        if running is None:
            spark.stop()


def start_spark(folder: Path, memory_limit: str) -> SparkSession:
    """Start Spark on this machine with two workers, which put their files into a folder."""
    settings = {
        **_SETTINGS,
        "spark.sql.warehouse.dir": str(folder),
        "spark.local.dir": str(folder),
        "spark.driver.memory": _whole(memory_limit),
    }
    builder = SparkSession.builder.master("local[2]").appName("flows")
    for name, setting in settings.items():
        builder = builder.config(name, setting)
    return builder.getOrCreate()


def _whole(memory_limit: str) -> str:
    """Return a limit in Spark's letters; it does not start with less than 512 megabytes."""
    units = {"KB": 1 / 1024, "MB": 1, "GB": 1024}
    number, unit = memory_limit[:-2], memory_limit[-2:].upper()
    if unit not in units or not number.strip().replace(".", "", 1).isdecimal():
        raise EngineError(f"memory limit: expected a size as 500MB, found {memory_limit!r}")
    return f"{max(int(float(number) * units[unit]), 512)}m"
