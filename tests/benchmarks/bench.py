"""
Time all that people wait for, beside the programs that do the same, and write docs/speed.md.

Run as ``make bench``; ``make bench ARGS=--quick`` takes small inputs and prints without writing,
``ARGS="--only screen_growth"`` runs one file. What a file of benchmarks has is in ``timed.py``.
"""

import argparse
import os
import platform
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

from timed import Row, table

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "speed.md"
MARK = "<!-- written by tests/benchmarks/bench.py -->"

FILES = (
    "engines_speed",
    "screen_growth",
    "screen_breaks",
    "screen_local_level",
    "single_series_speed",
    "gravity_speed",
    "build_speed",
)
"""Files of benchmarks, each with a function ``rows(quick=)``, in the order of the table."""

PACKAGES = (
    "duckdb",
    "numpy",
    "pandas",
    "polars",
    "polars-ds",
    "pyarrow",
    "pyfixest",
    "ruptures",
    "scipy",
    "simdkalman",
    "statsmodels",
)


def rows_of(files: Iterable[str], *, quick: bool) -> list[Row]:
    """Run files of benchmarks one after the other, and return their rows."""
    rows = []
    for name in files:
        print(f"{name} ...", flush=True)  # noqa: T201
        rows += import_module(name).rows(quick=quick)
    return rows


def page(rows: Iterable[Row], *, date: str) -> str:
    """Return the measured part of the page: when and on what, and the table."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    head = (
        f"{date}; {platform.system()} on {platform.machine()}, {os.cpu_count()} processors; "
        f"Python {platform.python_version()}, {packages}."
    )
    return f"{head}\n\n{table(rows)}\n"


def written(text: str, part: str) -> str:
    """Return a page whose measured part, from the mark to the end, is another."""
    words, mark, _ = text.partition(MARK)
    if not mark:
        raise ValueError(f"expected the line {MARK} in {PAGE.name}, found none; put it back")
    return f"{words}{MARK}\n\n{part}"


def main() -> None:
    """Run the benchmarks, print their table, and put it on the page unless it was a quick run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small inputs, one run, no page")
    parser.add_argument("--only", choices=FILES, nargs="+", help="these files, no page")
    asked = parser.parse_args()
    found = page(
        rows_of(asked.only or FILES, quick=asked.quick), date=f"{datetime.now(UTC):%Y-%m-%d}"
    )
    print(found)  # noqa: T201
    if not asked.quick and not asked.only:
        PAGE.write_text(written(PAGE.read_text("utf-8"), found), encoding="utf-8")


if __name__ == "__main__":
    main()
