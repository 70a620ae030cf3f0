"""What is asked of a server of Spark Connect: a program, for a process has one kind of session."""

import json
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from flows.bulk.convert import convert
from flows.bulk.series import FloatArray, map_files
from flows.errors import FlowsError

BY = ("exporter", "importer")
MEANS = pa.schema(
    [*((name, pa.string()) for name in BY), ("mean", pa.float64()), ("n", pa.int64())]
)


def means(keys: pa.Table, values: FloatArray, _: int) -> pa.RecordBatch:
    """Return the mean of each series over the years that are stated."""
    counts = (~np.isnan(values)).sum(axis=1)
    sums = np.nansum(values, axis=1)
    columns = [keys[name].combine_chunks() for name in BY]
    return pa.record_batch([*columns, sums / counts, counts], MEANS.names)


def main(folder: Path, files: list[str]) -> None:
    """Do each piece of work; print what went wrong."""
    told = {}
    works = {
        "means": lambda out: pq.write_table(
            pa.Table.from_batches(map_files(files, means, MEANS, engine="spark"), MEANS), out
        ),
        "sums": lambda out: convert(files, out, engine="spark", by=["importer", "year"]),
        "rows": lambda out: convert(files, out, engine="spark"),
    }
    for name, work in works.items():
        try:
            work(folder / f"{name}.parquet")
        except FlowsError as error:
            told[name] = f"{type(error).__name__}: {error}"
    print(json.dumps(told))  # noqa: T201 - it is a program


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
