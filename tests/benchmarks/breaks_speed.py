"""
Time of three exact breaks in the mean of 1,000 observations, here and in ruptures.

Run with ``python tests/benchmarks/breaks_speed.py``; ruptures is timed where it is installed.
"""

import time
from importlib.util import find_spec

import numpy as np

from flows.models.segments import best_partitions, segment_costs

NOBS, BREAKS, SHORTEST = 1000, 3, 2


def main() -> None:
    """Print seconds and dates."""
    rng = np.random.default_rng(0)
    y = rng.standard_normal(NOBS)
    y[300:] += 1
    y[700:] -= 2
    start = time.perf_counter()
    costs = segment_costs(np.ones((NOBS, 1)), y, shortest=SHORTEST)
    dates = best_partitions(costs, most=BREAKS).breaks[BREAKS].tolist()
    print(f"flows     {time.perf_counter() - start:8.3f} s  {dates}")  # noqa: T201
    if find_spec("ruptures"):
        import ruptures  # noqa: PLC0415

        start = time.perf_counter()
        peer = ruptures.Dynp(model="l2", jump=1, min_size=SHORTEST).fit(y).predict(BREAKS)
        print(f"ruptures  {time.perf_counter() - start:8.3f} s  {peer[:-1]}")  # noqa: T201


if __name__ == "__main__":
    main()
