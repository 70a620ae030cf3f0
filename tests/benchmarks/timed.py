"""
Works timed beside each other: in turns, each in a process of its own, after a warm-up.

A benchmark of ``make bench`` is a file, named in ``bench.py``, with a function ``rows(*, quick:
bool) -> list[Row]``. One that works on a matrix of series has besides ::

    WORKS = {"flows": of_flows, "a peer": of_peer}  # each Work: matrix -> arrays by name

    def rows(*, quick: bool) -> list[Row]:
        values = ...
        inputs = {"flows": values, "a peer": values[:2000]}
        found = in_turns(__file__, inputs, runs=runs_of(quick=quick))
        agreed = agreement(found["flows"].arrays, found["a peer"].arrays, rtol=1e-9)
        return [
            Row("what is done", "flows", found["flows"].runs, "the reference"),
            Row("what is done", "a peer", found["a peer"].runs, agreed, times=len(values) / 2000),
        ]

    if __name__ == "__main__":
        main(WORKS, rows)

The first row of a work is the package's own; the others are divided by it.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from markdown_table import markdown_table
from own_process import Run, run_apart

FloatArray = npt.NDArray[np.float64]

Arrays = Mapping[str, FloatArray]
"""What a work found, by name; the first axis is the series."""

Work = Callable[[FloatArray], Arrays]

WARM_UP = 64
"""Series on which a work is run before the clock starts."""

LAUNCHED = Path(__file__).with_name("launched.py")

COLUMNS = (
    "work",
    "by",
    "seconds",
    "from, to",
    "seconds of processors",
    "peak MB",
    "this / flows",
    "results",
)


class Row(NamedTuple):
    """
    One work by one program.

    ``runs``: of the part that was timed; ``results``: whether they are those of the package;
    ``times``: how often that part goes into the whole, where a peer takes too long for all of it.
    """

    work: str
    by: str
    runs: tuple[Run, ...]
    results: str
    times: float = 1.0

    @property
    def seconds(self) -> float:
        """Median time of the whole."""
        return self.times * median(run.clock for run in self.runs)


class Timed(NamedTuple):
    """Runs of a work, and what the last of them found."""

    runs: tuple[Run, ...]
    arrays: Arrays


def runs_of(*, quick: bool) -> int:
    """Return how often a work is timed."""
    return 1 if quick else 5


def in_turns(file: str, inputs: Mapping[str, FloatArray], *, runs: int) -> dict[str, Timed]:
    """Time the works of a file on their matrices, in turns so that a busy minute hits all alike."""
    found: dict[str, list[Run]] = {name: [] for name in inputs}
    arrays: dict[str, Arrays] = {}
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder) / "values.npy", Path(folder) / "found.npz"
        for _ in range(runs):
            for name, values in inputs.items():
                np.save(source, values)
                found[name].append(run_apart(file, ["--work", name, str(source), str(out)]))
                with np.load(out) as kept:
                    arrays[name] = dict(kept)
    return {name: Timed(tuple(found[name]), arrays[name]) for name in inputs}


def measured(work: Callable[[], int]) -> Run:
    """Do a work that returns rows here; the peak is that of the process so far."""
    start, busy = time.perf_counter(), time.process_time()
    rows = work()
    clock, busy = time.perf_counter() - start, time.process_time() - busy
    # What getrusage gives as the peak begins with that of the parent.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return Run(clock, busy, int(status.partition("VmHWM:")[2].split()[0]) / 1024, rows)


def of_command(command: Sequence[str | Path], *, cwd: Path | None = None) -> Run:
    """Run a command to its end, and say what it and its processes took; rows are 0."""
    launch = [sys.executable, "-I", "-S", str(LAUNCHED), *map(str, command)]
    done = subprocess.run(launch, cwd=cwd, check=True, stdout=subprocess.PIPE, text=True)
    clock, busy, peak, rows = done.stdout.split()
    return Run(float(clock), float(busy), float(peak), int(rows))


def agreement(ours: Arrays, theirs: Arrays, *, rtol: float, atol: float = 0.0) -> str:
    """Say whether a peer found the same, in the arrays that both name, as far as it went."""
    shared = sorted(set(ours) & set(theirs))
    if not shared:
        raise ValueError(f"expected arrays of one name, found {sorted(ours)} and {sorted(theirs)}")
    for name in shared:
        peer = theirs[name]
        own = ours[name][: len(peer)]
        apart = ~np.isclose(own, peer, rtol=rtol, atol=atol, equal_nan=True)
        if apart.any():
            return f"differs: {name} of {np.count_nonzero(apart)} in {apart.size}"
    return "the same"


def table(rows: Iterable[Row]) -> str:
    """Return the rows as Markdown: medians, spread, and the ratio to the first row of a work."""
    own: dict[str, float] = {}
    lines = []
    for row in rows:
        first = own.setdefault(row.work, row.seconds)
        clocks = [row.times * run.clock for run in row.runs]
        busy = row.times * median(run.busy for run in row.runs)
        part = "" if row.times == 1 else f", 1/{row.times:.4g} of it"
        cells = (f"{row.seconds:.3g}", f"{min(clocks):.3g}, {max(clocks):.3g}", f"{busy:.3g}")
        peak = f"{max(run.peak for run in row.runs):.0f}"
        lines.append(
            [row.work, row.by + part, *cells, peak, f"{row.seconds / first:.3g}", row.results]
        )
    return markdown_table(COLUMNS, lines)


def first_rows(values: FloatArray) -> FloatArray:
    """Return the part of a matrix on which a work is run before the clock starts."""
    return values[:WARM_UP]


def main(
    works: Mapping[str, Work],
    rows: Callable[..., list[Row]],
    *,
    warm_up: Callable[[FloatArray], FloatArray] = first_rows,
) -> None:
    """Do one work for :func:`in_turns`, or print the rows of a file."""
    if sys.argv[1:2] == ["--work"]:
        name, source, out = sys.argv[2:]
        _do(works[name], Path(source), Path(out), warm_up)
        return
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="small inputs, one run")
    print(table(rows(quick=parser.parse_args().quick)))  # noqa: T201


def _do(work: Work, source: Path, out: Path, warm_up: Callable[[FloatArray], FloatArray]) -> None:
    values = np.load(source)
    work(warm_up(values))
    arrays: Arrays = {}

    def whole() -> int:
        nonlocal arrays
        arrays = work(values)
        return len(values)

    run = measured(whole)
    np.savez(out, **arrays)
    print(*run)  # noqa: T201
