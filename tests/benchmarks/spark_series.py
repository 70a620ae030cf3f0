"""
Time the series of BACI on DuckDB, on Spark here and on a server of Spark Connect: the same tables.

Run as ``python tests/benchmarks/spark_series.py [--rows N] [--runs N] [--folder F] [--write]``
where the extra ``spark`` is installed and Java is there, on Linux. Three years of eleven million
rows are made, in a folder that is kept if one is named. A mean is fitted to each series by a
function that gets blocks of series. ``--write`` puts the table into docs/cluster.md.
"""

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from markdown_table import markdown_table

from flows.bulk import choose_allocator

PAGE = Path(__file__).parents[2] / "docs" / "cluster.md"
MARK = "<!-- written by tests/benchmarks/spark_series.py -->"
YEARS = range(2020, 2023)
ENGINES = {"DuckDB": "duckdb", "Spark, local[2]": "spark", "Spark Connect, pysail": "spark"}
SMALL = "t,i,j,k,v,q\n2020,4,20,010121,1.0,1.0\n"
RELATIVE = 1e-9


class Run(NamedTuple):
    """Seconds of the clock and of processors, those of one row, MB at the peak, and a table."""

    clock: float
    busy: float
    start: float
    peak: float
    rows: list[list[Any]]


def means_of_pairs() -> tuple[Any, Any, tuple[str, ...]]:
    """Return the function that fits a mean to each pair, its schema and what tells pairs apart."""
    import numpy as np  # noqa: PLC0415 - after the choice of the allocator
    import pyarrow as pa  # noqa: PLC0415 - the same

    by = ("exporter", "importer")
    schema = pa.schema([*((name, pa.string()) for name in by), ("mean", pa.float64())])

    def fit(keys: pa.Table, values: Any, _: int) -> pa.RecordBatch:
        means = np.nansum(values, axis=1) / (~np.isnan(values)).sum(axis=1)
        return pa.record_batch([*(keys[name].combine_chunks() for name in by), means], schema.names)

    return fit, schema, by


def means_of_products() -> tuple[Any, Any, tuple[str, ...]]:
    """Return the same for pairs and products; of a block the sums by exporter come back."""
    import numpy as np  # noqa: PLC0415 - after the choice of the allocator
    import pyarrow as pa  # noqa: PLC0415 - the same

    by = ("exporter", "importer", "product")
    names = ("means", "by_importer", "by_product")
    schema = pa.schema([("exporter", pa.string()), *((name, pa.float64()) for name in names)])

    def fit(keys: pa.Table, values: Any, _: int) -> pa.RecordBatch:
        means = np.nansum(values, axis=1) / (~np.isnan(values)).sum(axis=1)
        letters = np.array(keys["importer"].to_numpy(), dtype="S3").view("u1").reshape(-1, 3)
        weights = (1.0, letters @ [1.0, 0.01, 0.0001], keys["product"].to_numpy().astype(float))
        exporter = keys["exporter"].combine_chunks().dictionary_encode()
        sums = [np.bincount(exporter.indices, weights=means * weight) for weight in weights]
        return pa.record_batch([exporter.dictionary, *sums], schema.names)

    return fit, schema, by


KINDS: dict[str, Callable[[], tuple[Any, Any, tuple[str, ...]]]] = {
    "pairs": means_of_pairs,
    "pairs and products": means_of_products,
}


def work(engine: str, kind: str, paths: Sequence[Path]) -> None:
    """Fit means to one row, then to the files; print what both took and what came of it."""
    choose_allocator()
    import pyarrow as pa  # noqa: PLC0415 - after the choice

    from flows.bulk.series import map_files  # noqa: PLC0415 - the same

    fit, schema, by = KINDS[kind]()

    def table(files: Sequence[Path]) -> pa.Table:
        batches = map_files(files, fit, schema, by=by, engine=ENGINES[engine])
        return pa.Table.from_batches(batches, schema)

    with (
        _server() if "Connect" in engine else nullcontext(),
        tempfile.TemporaryDirectory() as folder,
    ):
        small = Path(folder) / "BACI_HS12_Y2020_V202401b.csv"
        small.write_text(SMALL, encoding="ascii")
        table([small])
        before = _busy()
        table([small])
        start, clock = _busy() - before, time.perf_counter()
        before = _busy()
        found = table(paths)
        clock, busy = time.perf_counter() - clock, _busy() - before
        peak = _peak()
    kept = [name for name in by if name in schema.names]
    rows = found.to_pandas().groupby(kept).sum().reset_index().to_numpy().tolist()
    print(json.dumps([clock, busy, start, peak, rows]))  # noqa: T201


@contextmanager
def _server() -> Iterator[None]:
    """Start a server of Spark Connect without Java, and name it to what follows."""
    command = [sys.executable, "-W", "ignore", "-m", "pysail", "spark", "server", "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as it:
        line = next(line for line in it.stdout or () if "server on" in line)
        os.environ["SPARK_REMOTE"] = "sc://" + re.findall(r"[\d.]+:\d+", line)[-1]
        try:
            yield
        finally:
            it.terminate()


def _processes() -> Iterator[Path]:
    """Yield the processes of this piece of work: servers and workers are in its session."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(_stat(stat)[3]) == os.getsid(0):
                yield stat.parent
        except (FileNotFoundError, ProcessLookupError):
            continue


def _stat(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").rpartition(")")[2].split()


def _busy() -> float:
    """Return the seconds of processors of all processes, with those of children that ended."""
    ticks = sum(int(cell) for place in _processes() for cell in _stat(place / "stat")[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def _peak() -> float:
    """Return the megabytes of all processes at the peak of each."""
    texts = [(place / "status").read_text(encoding="ascii") for place in _processes()]
    peaks = [text.partition("VmHWM:")[2].split() for text in texts]
    return sum(int(peak[0]) for peak in peaks if peak) / 1024


def run_apart(engine: str, kind: str, paths: Sequence[Path]) -> Run:
    """Run a piece of work in a session of processes of its own."""
    command = [sys.executable, "-W", "ignore", __file__, "--work", engine, kind, *map(str, paths)]
    done = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    run = Run(*json.loads(done.stdout.splitlines()[-1]))
    print(f"{engine}, {kind}: {run[:4]}, {len(run.rows)} rows of the result", flush=True)  # noqa: T201
    return run


def equal(one: Run, other: Run) -> bool:
    """Say whether two results have the same keys and, to nine digits, the same numbers."""
    if len(one.rows) != len(other.rows):
        return False
    return all(
        abs(a - b) <= RELATIVE * abs(b) if isinstance(b, float) else a == b
        for first, second in zip(one.rows, other.rows, strict=True)
        for a, b in zip(first, second, strict=True)
    )


def table_of(runs: dict[tuple[str, str], list[Run]], rows: int) -> str:
    """Return medians, the spread of processor seconds, and rows a second of a processor."""
    lines = []
    for (kind, engine), several in runs.items():
        busy = sorted(run.busy for run in several)
        start = median(run.start for run in several)
        same = all(equal(run, runs[kind, "DuckDB"][0]) for run in several)
        lines.append(
            [
                kind,
                engine,
                f"{median(run.clock for run in several):.1f}",
                f"{median(busy):.1f} ({busy[0]:.1f} to {busy[-1]:.1f})",
                f"{start:.1f}",
                f"{rows / max(median(busy) - start, 1e-9) / 1e6:.2f}" if same else "differs",
                f"{max(run.peak for run in several):.0f}",
            ]
        )
    heading = ["series of", "engine", "seconds", "of processors", "of these to start"]
    return markdown_table([*heading, "million rows / processor second", "peak MB"], lines)


def main() -> None:
    """Make the years, time all engines in turns, print the table."""
    from baci_years import ROWS, write_years  # noqa: PLC0415 - not in the processes of works

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = options.folder or Path(made)
        paths = sorted(folder.glob("*.csv")) or write_years(folder, YEARS, rows=options.rows)
        rows = sum(_lines(path) - 1 for path in paths)
        runs: dict[tuple[str, str], list[Run]] = {
            (kind, engine): [] for kind in KINDS for engine in ENGINES
        }
        for _ in range(options.runs):
            for (kind, engine), several in runs.items():
                several.append(run_apart(engine, kind, paths))
    packages = ("duckdb", "numpy", "pyarrow", "pysail", "pyspark")
    told = ", ".join(f"{name} {version(name)}" for name in packages)
    head = (
        f"{rows:,} rows in {len(paths)} files of CSV; median (least to most) of {options.runs} "
        f"run(s); {os.cpu_count()} processors; Python {platform.python_version()}, {told}."
    )
    text = f"{head}\n\n{table_of(runs, rows)}\n"
    print(text)  # noqa: T201
    if options.write:
        kept = PAGE.read_text(encoding="utf-8").partition(MARK)[0]
        PAGE.write_text(f"{kept}{MARK}\n\n{text}", encoding="utf-8")


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 24), b""))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--work"]:
        work(sys.argv[2], sys.argv[3], [Path(path) for path in sys.argv[4:]])
    else:
        main()
