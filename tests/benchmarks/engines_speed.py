"""
Time BACI to dyad totals here, in DuckDB, Polars and pandas, each in a process of its own.

Run as ``python tests/benchmarks/engines_speed.py [--rows N] [--runs N] [--write]`` where the extra
``bench`` is installed, on Linux. ``--write`` puts the table into docs/engines.md. With eleven
million rows and three runs it takes some ten minutes and two gigabytes of the temporary folder.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from markdown_table import markdown_table
from own_process import Run

from flows.bulk import choose_allocator

if TYPE_CHECKING:
    from timed import Row

PAGE = Path(__file__).parents[2] / "docs" / "engines.md"
MARK = "<!-- written by tests/benchmarks/engines_speed.py -->"
YEARS = range(2020, 2023)

_SMALL = "t,i,j,k,v,q\n2020,4,20,010121,1.0,1.0\n"

Totals = dict[tuple[str, str, int], float]
"""Dollars by exporter, importer and year."""


def of_flows(paths: Sequence[Path]) -> Totals:
    """Sum with this package on DuckDB, with all its checks, to a Parquet file."""
    choose_allocator()  # as the command line does
    import pyarrow.parquet as pq  # noqa: PLC0415 - not in the processes of peers

    from flows.bulk.convert import convert  # noqa: PLC0415 - the same

    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.parquet"
        convert(paths, out, engine="duckdb", by=["exporter", "importer", "year"])
        table = pq.read_table(out, columns=["exporter", "importer", "year", "value"])
    return _totals(zip(*(column.to_pylist() for column in table.columns), strict=True))


def of_table(paths: Sequence[Path]) -> Totals:
    """Write the whole flow table with this package on DuckDB; its sum stands for the totals."""
    choose_allocator()
    from flows.bulk.convert import convert  # noqa: PLC0415 - not in the processes of peers

    with tempfile.TemporaryDirectory() as folder:
        done = convert(paths, Path(folder) / "out.parquet", engine="duckdb")
    return {("all", "all", 0): done.total or 0.0}


def of_duckdb(paths: Sequence[Path]) -> Totals:
    """Sum with DuckDB tuned by hand: types given, numbers added up before they are named."""
    import duckdb  # noqa: PLC0415 - not in the processes of peers

    names = [str(path) for path in paths]
    text = "{t: SMALLINT, i: SMALLINT, j: SMALLINT, k: VARCHAR, v: DOUBLE, q: VARCHAR}"
    source = (
        f"read_csv({names}, auto_detect=false, header=true, delim=',', quote='', columns="
        + text.replace("{", "{'").replace(": ", "': '").replace(", ", "', '").replace("}", "'}")
        + ")"
        if paths[0].suffix == ".csv"
        else f"read_parquet({names})"
    )
    with duckdb.connect(
        config={"preserve_insertion_order": False, "memory_limit": "250MB"}
    ) as here:
        here.execute("CREATE TABLE codes (code SMALLINT, alpha3 VARCHAR)")
        here.executemany("INSERT INTO codes VALUES (?, ?)", list(_codes().items()))
        query = (
            f"WITH few AS (SELECT t, i, j, sum(v) * 1000 AS usd FROM {source} GROUP BY ALL) "  # noqa: S608 - own names
            "SELECT e.alpha3, m.alpha3, t, usd FROM few JOIN codes e ON e.code = i "
            "JOIN codes m ON m.code = j"
        )
        return _totals(here.execute(query).fetchall())


def of_polars(paths: Sequence[Path]) -> Totals:
    """Sum with Polars, streaming: types given, numbers added up before they are named."""
    import polars as pl  # noqa: PLC0415 - a peer

    if paths[0].suffix == ".csv":
        types = dict.fromkeys("tij", pl.Int16) | dict.fromkeys("kvq", pl.String)
        rows = pl.scan_csv(paths, schema=types).with_columns(
            pl.col("v").str.strip_chars_start().cast(pl.Float64)
        )
    else:
        rows = pl.scan_parquet(paths)
    codes = _codes()
    named = [pl.col(name).replace_strict(codes, return_dtype=pl.String) for name in "ij"]
    few = rows.group_by("t", "i", "j").agg(pl.col("v").sum() * 1000)
    return _totals(few.select(*named, "t", "v").collect(engine="streaming").iter_rows())


def of_pandas(paths: Sequence[Path]) -> Totals:
    """Sum with pandas as people write it."""
    import pandas as pd  # noqa: PLC0415 - not in the processes of peers

    read = pd.read_csv if paths[0].suffix == ".csv" else pd.read_parquet
    rows = pd.concat([read(path) for path in paths])
    codes = pd.DataFrame(_codes().items(), columns=["code", "alpha3"])
    named = rows.merge(codes, left_on="i", right_on="code").merge(
        codes, left_on="j", right_on="code", suffixes=("_i", "_j")
    )
    summed = named.groupby(["alpha3_i", "alpha3_j", "t"], as_index=False)["v"].sum()
    summed["v"] *= 1000
    return _totals(summed.itertuples(index=False))


WORKS: dict[str, Callable[[Sequence[Path]], Totals]] = {
    "flows on DuckDB": of_flows,
    "DuckDB, tuned": of_duckdb,
    "Polars, streaming": of_polars,
    "pandas, as written": of_pandas,
}
"""What is compared."""

TABLE = "flows, the whole table"
"""What no peer does: timed for its memory."""


def _codes() -> dict[int, str]:
    from flows.countries import entries  # noqa: PLC0415 - brings Arrow, not yet chosen

    return {int(code): one[0].alpha3 for code, one in entries("baci").items() if code.isdigit()}


def _totals(rows) -> Totals:  # noqa: ANN001 - rows of four cells
    return {(exporter, importer, int(year)): float(usd) for exporter, importer, year, usd in rows}


def run_alone(name: str, paths: Sequence[Path]) -> dict[str, float]:
    """Return seconds, megabytes at the peak, dyads and dollars of one run in a new process."""
    with tempfile.TemporaryDirectory() as folder:
        small = _write_small(Path(folder) / f"small{paths[0].suffix}")
        command = [sys.executable, __file__, "--work", name, *map(str, [small, *paths])]
        done = subprocess.run(command, capture_output=True, check=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _write_small(path: Path) -> Path:
    """Write one row as text or as Parquet."""
    import pyarrow.csv as pc  # noqa: PLC0415 - not in the processes of peers
    import pyarrow.parquet as pq  # noqa: PLC0415 - the same

    path.write_text(_SMALL, encoding="utf-8")
    if path.suffix == ".parquet":
        pq.write_table(pc.read_csv(path), path)
    return path


def _work(name: str, small: Path, paths: Sequence[Path]) -> None:
    work = {**WORKS, TABLE: of_table}[name]
    work([small])
    start, busy = time.perf_counter(), time.process_time()
    totals = work(paths)
    seconds, busy = time.perf_counter() - start, time.process_time() - busy
    # What getrusage gives begins with the peak of the parent.
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    peak = int(status.partition("VmHWM:")[2].split()[0]) / 1024
    found = {"s": seconds, "cpu": busy, "mb": peak}
    print(json.dumps({**found, "dyads": len(totals), "usd": sum(totals.values())}))  # noqa: T201


def measure(paths: Sequence[Path], runs: int) -> dict[str, dict[str, float]]:
    """Return the best of some runs, taken in turns, so that a busy minute hits all alike."""
    several = [{name: run_alone(name, paths) for name in WORKS} for _ in range(runs)]
    sums = {name: one["usd"] for name, one in several[0].items()}
    if max(sums.values()) - min(sums.values()) > 1e-9 * max(sums.values()):
        raise ValueError(f"expected one sum, found {sums}")
    return {
        name: {
            "s": min(run[name]["s"] for run in several),
            "cpu": min(run[name]["cpu"] for run in several),
            "mb": max(run[name]["mb"] for run in several),
        }
        for name in WORKS
    }


def rows(*, quick: bool) -> "list[Row]":
    """Time a year in text and in Parquet for ``make bench``, and the whole table of it."""
    from baci_years import ROWS, write_years  # noqa: PLC0415 - not in the processes of works
    from timed import runs_of  # noqa: PLC0415 - the same

    size = ROWS // 100 if quick else ROWS
    found = []
    with tempfile.TemporaryDirectory() as folder:
        (text,) = write_years(Path(folder), YEARS[:1], rows=size)
        for kind, path in (("CSV", text), ("Parquet", text.with_suffix(".parquet"))):
            several = [
                {name: run_alone(name, [path]) for name in WORKS}
                for _ in range(runs_of(quick=quick))
            ]
            own = several[0]["flows on DuckDB"]
            found += [
                _row(f"BACI, {size:,} rows of {kind}, to totals by pair", name, several, own)
                for name in WORKS
            ]
        whole = [{TABLE: run_alone(TABLE, [text])} for _ in range(runs_of(quick=quick))]
        found.append(_row(f"BACI, {size:,} rows of CSV, to a flow table", TABLE, whole, own))
    return found


def _row(
    work: str, name: str, several: list[dict[str, dict[str, float]]], own: dict[str, float]
) -> "Row":
    """Return the runs of one work, and whether its dollars are the package's."""
    from timed import Row  # noqa: PLC0415 - not in the processes of works

    runs = [run[name] for run in several]
    same = all(abs(run["usd"] - own["usd"]) <= 1e-9 * own["usd"] for run in runs)
    words = "the reference" if runs[0] is own else "the same" if same else "differs"
    timed = tuple(Run(run["s"], run["cpu"], run["mb"], int(run["dyads"])) for run in runs)
    return Row(work, name, timed, words)


def table(cases: dict[str, dict[str, dict[str, float]]]) -> str:
    """Return seconds, megabytes and the ratio to the package for each case."""
    rows = []
    for case, found in cases.items():
        own = next(iter(found.values()))["s"]
        for name, one in found.items():
            sizes = (f"{one['s']:.2f}", f"{one['cpu']:.2f}", f"{one['mb']:.0f}")
            rows.append([case, name, *sizes, f"{own / one['s']:.2f}"])
    columns = ["input", "what", "seconds", "of processors", "peak MB", "flows / this"]
    return markdown_table(columns, rows)


def main() -> None:
    """Write the years, time all works, print the table."""
    from baci_years import ROWS, write_years  # noqa: PLC0415 - not in the processes of works

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    cases = {}
    with tempfile.TemporaryDirectory() as folder:
        texts = write_years(Path(folder), YEARS, rows=options.rows)
        packed = [path.with_suffix(".parquet") for path in texts]
        for kind, paths in (("CSV", texts), ("Parquet", packed)):
            cases[f"{kind}, one year"] = measure(paths[:1], options.runs)
            cases[f"{kind}, three years"] = measure(paths, options.runs)
        cases["CSV, one year"][TABLE] = run_alone(TABLE, texts[:1])
    packages = ("duckdb", "narwhals", "pandas", "polars", "pyarrow")
    told = ", ".join(f"{name} {version(name)}" for name in packages)
    head = (
        f"{options.rows / 1e6:g} million rows a year, best of {options.runs} runs; "
        f"{os.cpu_count()} processors; Python {platform.python_version()}, {told}."
    )
    text = f"{head}\n\n{table(cases)}\n"
    print(text)  # noqa: T201
    if options.write:
        kept = PAGE.read_text(encoding="utf-8").partition(MARK)[0]
        PAGE.write_text(f"{kept}{MARK}\n\n{text}", encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--work"]:
        _work(sys.argv[2], Path(sys.argv[3]), [Path(path) for path in sys.argv[4:]])
    else:
        main()
