"""
Time a synthetic month of Comext to sums by pair here and in DuckDB, each in a process of its own.

Run as ``python tests/benchmarks/comext_month.py [--rows N] [--runs N]`` on Linux. The file has the
columns, codes and order of ``full_202408.dat`` and values of chance; a real month has five million
rows and 400 MB. Prints a table for docs/engines.md.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from markdown_table import markdown_table

from flows.bulk import choose_allocator
from flows.countries import country_groups, entries

ROWS = 5_000_000
SEED = 20261126
PERIOD = "202408"
_PRODUCTS = 13_000
_HIDDEN = 0.002
_PIECE = 500_000
_BY = ["exporter", "importer", "reporter", "year"]

HEADER = (
    "REPORTER,PARTNER,TRADE_TYPE,PRODUCT_NC,PRODUCT_SITC,PRODUCT_CPA21,PRODUCT_CPA22,PRODUCT_BEC,"
    "PRODUCT_BEC5,PRODUCT_SECTION,FLOW,STAT_PROCEDURE,SUPPL_UNIT,PERIOD,VALUE_EUR,VALUE_NAC,"
    "QUANTITY_KG,QUANTITY_SUPPL_UNIT\n"
)


def write_month(path: Path, rows: int, *, seed: int = SEED) -> None:
    """Write near as many rows as asked, each reporter, partner, product and flow once."""
    rng = np.random.default_rng(seed)
    reporters, partners = _codes()
    products = np.unique(rng.integers(1_012_100, 97_069_000, _PRODUCTS))
    size = len(reporters) * len(partners) * len(products) * 4
    keys = np.unique(rng.integers(0, size, rows))
    with path.open("w", encoding="ascii") as file:
        file.write(HEADER)
        for start in range(0, len(keys), _PIECE):
            file.write(_lines(keys[start : start + _PIECE], reporters, partners, products, rng))


def _codes() -> tuple[list[str], list[str]]:
    """Return the codes of the members of the Union, and of all countries."""
    two = {name: rows[-1].alpha3 for name, rows in entries("comext").items() if len(name) == 2}
    partners = sorted(set(two) - {"XI", "XU", "EL", "UK"})
    members = {member.alpha3 for member in country_groups()["EU27_2020"]}
    return [code for code in partners if two[code] in members], partners


def _lines(keys, reporters, partners, products, rng) -> str:  # noqa: ANN001 - arrays
    rest, kind = np.divmod(keys, 4)
    rest, product = np.divmod(rest, len(products))
    reporter, partner = np.divmod(rest, len(partners))
    own = np.array(reporters)[reporter] == np.array(partners)[partner]
    inside = np.isin(partners, reporters)[partner]
    codes = pc.utf8_lpad(pa.array(products[product]).cast(pa.string()), 8, "0")
    chapters = pc.utf8_slice_codeunits(codes, 0, 2)
    hidden = pa.array(rng.random(len(keys)) < _HIDDEN)
    value = pa.array(np.maximum(rng.lognormal(8, 2.5, len(keys)), 1).astype(np.int64))
    weight = pa.array(rng.lognormal(5, 2.5, len(keys)).astype(np.int64)).cast(pa.string())
    columns = [
        pa.array(reporters).take(pa.array(reporter)),
        pa.array(partners).take(pa.array(partner)),
        pa.array(np.where(inside, "I", "E")),
        pc.if_else(hidden, pc.binary_join_element_wise(chapters, "XXXXXX", ""), codes),
        *("59229", "2052", "2059", "220", "311210", "06"),
        pa.array(np.where(kind // 2, "2", "1")),
        pa.array(np.where(kind % 2, "2", "1")),
        "NO_SU",
        PERIOD,
        value.cast(pa.string()),
        value.cast(pa.string()),
        weight,
        "0",
    ]
    lines = pc.binary_join_element_wise(*columns, ",").filter(pa.array(~own))
    return "\n".join(lines.to_pylist()) + "\n"


def of_flows(path: Path, by: list[str]) -> float:
    """Convert with this package on DuckDB, with all its checks; return the sum."""
    choose_allocator()
    from flows.bulk.convert import convert  # noqa: PLC0415 - not in the process of the peer

    with tempfile.TemporaryDirectory() as folder:
        return convert([path], Path(folder) / "out.parquet", engine="duckdb", by=by).total or 0.0


def of_duckdb(path: Path) -> float:
    """Sum with DuckDB tuned by hand: types given, four columns read, nothing checked."""
    import duckdb  # noqa: PLC0415 - not in the processes of this package

    names = HEADER.strip().split(",")
    kinds = {name: "BIGINT" if name == "VALUE_EUR" else "VARCHAR" for name in names}
    query = (
        f"SELECT REPORTER, PARTNER, FLOW, PERIOD, sum(VALUE_EUR) v FROM read_csv('{path}', "  # noqa: S608 - own names
        f"auto_detect=false, header=true, delim=',', quote='', columns={kinds}) "
        "WHERE TRADE_TYPE NOT IN ('L', 'M') GROUP BY ALL"
    )
    config = {"preserve_insertion_order": False, "memory_limit": "250MB"}
    with duckdb.connect(config=config) as here:
        return float(sum(row[-1] for row in here.execute(query).fetchall()))


WORK = {
    "flows on DuckDB, sums by pair": lambda path: of_flows(path, _BY),
    "DuckDB, tuned, the same sums": of_duckdb,
    "flows on DuckDB, the whole table": lambda path: of_flows(path, []),
}


def main() -> None:
    """Write the file, take the runs in turns and print the best of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--one", nargs=2, metavar=("WORK", "FILE"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        _run_here(*asked.one)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "full_202408.dat"
        write_month(path, asked.rows)
        rows = path.read_bytes().count(b"\n") - 1
        runs = {name: [_run_apart(name, path) for _ in range(asked.runs)] for name in WORK}
    best = {name: min(several) for name, several in runs.items()}
    totals = {round(total) for _, _, _, total in best.values()}
    assert len(totals) == 1, totals
    _say(f"{rows:,} rows, best of {asked.runs} runs; {os.cpu_count()} processors.\n")
    table = [
        (name, f"{clock:.2f}", f"{work:.2f}", f"{peak:.0f}", f"{rows / clock / 1e6:.2f}")
        for name, (clock, work, peak, _) in best.items()
    ]
    heading = ["what", "seconds", "of processors", "peak MB", "million rows/s"]
    _say(markdown_table(heading, table))


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _run_apart(name: str, path: Path) -> tuple[float, float, float, float]:
    command = [sys.executable, __file__, "--one", name, str(path)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    clock, work, peak, total = map(float, done.stdout.split())
    return clock, work, peak, total


def _run_here(name: str, path: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        small = Path(folder) / "small.dat"
        write_month(small, 10)
        WORK[name](small)
        clock, work = time.perf_counter(), time.process_time()
        total = WORK[name](Path(path))
    seconds = time.perf_counter() - clock, time.process_time() - work
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = int(status.partition("VmHWM:")[2].split()[0]) / 1024
    _say(" ".join(map(str, (*seconds, peak, total))))


if __name__ == "__main__":
    main()
