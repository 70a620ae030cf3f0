"""
Time three exact breaks in the mean of 1,000 observations, here and in ruptures, in one run.

Run as ``python tests/benchmarks/breaks_speed.py [--runs N]`` where the extra ``bench`` is
installed. Both search all partitions whose regimes have at least as many observations as asked.
"""

import argparse
import platform
import statistics
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version

import numpy as np
import pandas as pd

from flows.models.breaks import find_breaks
from flows.models.partitions import mean_partitions
from flows.models.sample import FloatArray

NOBS = 1000
BREAKS = [300, 500, 800]
LEVELS = [0.0, 1.0, -0.5, 1.5]
SHORTEST = (2, 150)
"""Fewest observations of a regime: the least ruptures takes, and the trimming of 0.15."""

SEED = 20261123


def shifted_means() -> FloatArray:
    """Return normal noise of variance one around four levels."""
    lengths = np.diff([0, *BREAKS, NOBS])
    return np.random.default_rng(SEED).normal(size=NOBS) + np.repeat(LEVELS, lengths)


def exact_breaks(y: FloatArray, shortest: int) -> list[int]:
    """Return the first observation of each new regime."""
    return mean_partitions(y, shortest=shortest, most=len(BREAKS))[len(BREAKS)].tolist()


def peer_breaks(y: FloatArray, shortest: int) -> list[int]:
    """Return the same from the fastest search of ruptures; its last number is the sample's end."""
    from ruptures import KernelCPD  # noqa: PLC0415 - a peer that tests do without

    search = KernelCPD(kernel="linear", jump=1, min_size=shortest)
    found = search.fit(y[:, None]).predict(len(BREAKS))
    return [int(at) for at in found[:-1]]


def whole_search(y: FloatArray) -> list[int]:
    """Return the same from ``find_breaks``, with all its tests, criteria and intervals."""
    months = pd.period_range("1940-01", periods=len(y), freq="M")
    fit = find_breaks(pd.Series(y, index=months), choose=len(BREAKS))
    return [int(at) for at in fit.positions]


def median_seconds(work: Callable[[], list[int]], runs: int) -> tuple[float, list[int]]:
    """Return the median time of some runs, and what was found."""
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        found = work()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds), found


def measurements(y: FloatArray, runs: int) -> Iterator[str]:
    """Yield a line for each shortest regime, and one for the whole of ``find_breaks``."""
    for shortest in SHORTEST:
        ours, found = median_seconds(lambda least=shortest: exact_breaks(y, least), runs)
        theirs, peer = median_seconds(lambda least=shortest: peer_breaks(y, least), runs)
        if found != peer:
            raise ValueError(f"expected the breaks of ruptures, {peer}, found {found}")
        yield (
            f"regimes of {shortest} or more: flows {1e3 * ours:.2f} ms, ruptures "
            f"{1e3 * theirs:.2f} ms, ratio {ours / theirs:.2f}, both {found}"
        )
    whole, found = median_seconds(lambda: whole_search(y), runs)
    if found != peer:
        raise ValueError(f"expected the breaks of ruptures, {peer}, found {found}")
    yield f"find_breaks with tests and intervals: {whole:.3f} s"
    short = y[: 18 * 12]
    months = pd.period_range("2007-01", periods=len(short), freq="M")

    def bootstrap() -> list[int]:
        fit = find_breaks(pd.Series(short, index=months), choose="bootstrap", rng=1)
        return [int(at) for at in fit.positions]

    drawn, _ = median_seconds(bootstrap, runs)
    yield f"find_breaks of {len(short)} months with its bootstrap: {drawn:.2f} s"


def main() -> None:
    """Print versions and times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "ruptures"))
    head = f"n = {NOBS}, {len(BREAKS)} breaks, median of {runs} runs; Python "
    print(f"{head}{platform.python_version()}, {packages}")  # noqa: T201
    for line in measurements(shifted_means(), runs):
        print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
