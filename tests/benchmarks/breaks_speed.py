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
from flows.models.partitions import best_partitions, segment_costs
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
    costs = segment_costs(np.ones((len(y), 1)), y, shortest=shortest)
    return best_partitions(costs, most=len(BREAKS)).breaks[len(BREAKS)].tolist()


def peer_breaks(y: FloatArray, shortest: int) -> list[int]:
    """Return the same from ruptures, whose last number is the end of the sample."""
    from ruptures import Dynp  # noqa: PLC0415 - a peer that tests do without

    found = Dynp(model="l2", jump=1, min_size=shortest).fit(y).predict(len(BREAKS))
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
            f"regimes of {shortest} or more: flows {ours:.4f} s, ruptures {theirs:.3f} s, "
            f"ratio {theirs / ours:.0f}, both {found}"
        )
    whole, found = median_seconds(lambda: whole_search(y), runs)
    if found != peer:
        raise ValueError(f"expected the breaks of ruptures, {peer}, found {found}")
    yield f"find_breaks with tests and intervals: {whole:.3f} s, ratio {theirs / whole:.0f}"


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
