"""A piece of work in a process of its own: what it takes, and what it prints."""

import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple


class Run(NamedTuple):
    """Seconds of the clock and of all processors, megabytes at the peak, and rows."""

    clock: float
    busy: float
    peak: float
    rows: int


def run_apart(file: str, arguments: Sequence[str]) -> Run:
    """Run a benchmark's file anew with arguments that end in :func:`report`."""
    command = [sys.executable, file, *arguments]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    clock, busy, peak, rows = done.stdout.split()[-4:]
    return Run(float(clock), float(busy), float(peak), int(rows))


def best(runs: Iterable[Run]) -> Run:
    """Return the least time of some runs of one work, and the highest peak."""
    clocks, works, peaks, rows = zip(*runs, strict=True)
    return Run(min(clocks), min(works), max(peaks), rows[0])


def report(work: Callable[[], int]) -> None:
    """Do some work that returns rows, and print what the whole process took, libraries with it."""
    start = time.perf_counter()
    rows = work()
    clock = time.perf_counter() - start
    used = resource.getrusage(resource.RUSAGE_SELF)
    # What getrusage gives as the peak begins with that of the parent.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = int(status.partition("VmHWM:")[2].split()[0]) / 1024
    sys.stdout.write(f"{clock} {used.ru_utime + used.ru_stime} {peak} {rows}\n")
