"""
Time breaks of 40,000 series of 30 years here, in ruptures and in a loop of ``find_breaks``.

Run as ``python tests/benchmarks/screen_breaks.py [--quick]`` where the extra ``bench`` is
installed. The exact partitions into one to six regimes are those of ruptures. Its ``KernelCPD``
keeps those of all numbers when it is asked for the largest first; asked for one number after
another, it searches each time anew. The default search for breaks in noise that persists has no
peer.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from timed import Arrays, Row, agreement, in_turns, main, runs_of

from flows.models.breaks import find_breaks
from flows.models.sample import FloatArray, Regime
from flows.screening.blocks import over_blocks
from flows.screening.breaks import BREAKS_BLOCK, find_all_breaks
from flows.screening.partitions import PARTITIONS_BLOCK, all_partitions

SEED = 20261128
SERIES, PERIODS, MOST, SHORTEST = 40_000, 30, 5, 4
"""A regime has at least 0.15 of 30 periods, four."""

PART = {"KernelCPD": 4_000, "KernelCPD, each number anew": 4_000, "Dynp": 100}
LOOP = 200
"""Series of the peers, and of the loop, of which all would take minutes or hours."""

EXACT = "1 to 5 exact breaks in the mean of {:,} series"
TREND = "1 to 5 exact breaks in the trend of {:,} series"
SEARCH = "default breaks in the {} of {:,} series"


def shifted_series(count: int) -> FloatArray:
    """Return noise of first order with a shift of some size, or none, in any year."""
    rng = np.random.default_rng(SEED)
    noise = rng.normal(size=(count, PERIODS))
    for year in range(1, PERIODS):
        noise[:, year] += 0.4 * noise[:, year - 1]
    shift = rng.choice([0.0, 1.0, 3.0], size=(count, 1))
    return np.asarray(noise + shift * (np.arange(PERIODS) >= rng.integers(5, 25, (count, 1))))


def exact(values: FloatArray, regime: Regime = "mean") -> Arrays:
    """Find the best partition of every series for each number of breaks."""
    found = over_blocks(
        partial(all_partitions, regime=regime, most=MOST), values, block=PARTITIONS_BLOCK
    )
    return {"breaks": found.breaks[:, 1:].astype(np.float64)}


def of_ruptures(
    values: FloatArray, numbers: Sequence[int] = range(MOST, 0, -1), *, dynp: bool = False
) -> Arrays:
    """Find the same in ruptures, one series after the other, in this order of numbers."""
    from ruptures import Dynp, KernelCPD  # noqa: PLC0415 - a peer that tests do without

    breaks = np.full((len(values), MOST, MOST), -1.0)
    for place, row in enumerate(values):
        search: Any = (
            Dynp(model="l2", jump=1, min_size=SHORTEST)
            if dynp
            else KernelCPD(kernel="linear", jump=1, min_size=SHORTEST)
        )
        search.fit(row[:, None])
        for number in numbers:
            breaks[place, number - 1, :number] = search.predict(number)[:-1]
    return {"breaks": breaks}


def search(values: FloatArray, regime: Regime = "mean") -> Arrays:
    """Search every series as ``find_breaks`` does by default."""
    found = over_blocks(partial(find_all_breaks, regime=regime), values, block=BREAKS_BLOCK)
    return {
        "count": found.count.astype(np.float64),
        "autocorrelation": found.autocorrelation,
        "detectable": found.detectable_shift,
    }


def loop(values: FloatArray, regime: Regime = "mean") -> Arrays:
    """Do the same one series after the other, with all other tests of ``find_breaks``."""
    years = pd.period_range("1995", periods=values.shape[1], freq="Y")
    fits = [find_breaks(pd.Series(row, index=years), regime=regime) for row in values]
    return {
        "count": np.array([len(fit.break_dates) for fit in fits], dtype=np.float64),
        "autocorrelation": np.array([fit.autocorrelation for fit in fits]),
        "detectable": np.array([fit.detectable_shift for fit in fits]),
    }


WORKS = {
    "flows": exact,
    "flows, trend": partial(exact, regime="trend"),
    "KernelCPD": of_ruptures,
    "KernelCPD, each number anew": partial(of_ruptures, numbers=range(1, MOST + 1)),
    "Dynp": partial(of_ruptures, dynp=True),
    "search, mean": search,
    "search, trend": partial(search, regime="trend"),
    "loop, mean": loop,
    "loop, trend": partial(loop, regime="trend"),
}


def rows(*, quick: bool) -> list[Row]:
    """Time all works, and those of the package at sizes that grow."""
    share = 10 if quick else 1
    values = shifted_series(SERIES // share)
    parts = {name: values[: size // share] for name, size in PART.items()}
    inputs = {"flows": values, "flows, trend": values, **parts}
    found = in_turns(__file__, inputs, runs=runs_of(quick=quick))
    ours = found["flows"]
    table = [Row(EXACT.format(len(values)), "flows", ours.runs, "the reference")]
    for peer, part in parts.items():
        agreed = agreement(ours.arrays, found[peer].arrays, rtol=0.0)
        by = f"ruptures {peer}"
        times = len(values) / len(part)
        table.append(Row(EXACT.format(len(values)), by, found[peer].runs, agreed, times=times))
    trend = found["flows, trend"].runs
    table.append(Row(TREND.format(len(values)), "flows", trend, "the reference"))
    return [*table, *searches(values, quick=quick), *growth(quick=quick)]


def searches(values: FloatArray, *, quick: bool) -> list[Row]:
    """Time the default search beside a loop of the function of one series."""
    few = values[: LOOP // 10 if quick else LOOP]
    table = []
    for regime in ("mean", "trend"):
        inputs = {f"search, {regime}": values, f"loop, {regime}": few}
        ours, single = in_turns(__file__, inputs, runs=runs_of(quick=quick)).values()
        agreed = agreement(ours.arrays, single.arrays, rtol=1e-9)
        name, times = SEARCH.format(regime, len(values)), len(values) / len(few)
        table += [
            Row(name, "flows", ours.runs, "the reference"),
            Row(name, "loop of find_breaks", single.runs, agreed, times=times),
        ]
    return table


def growth(*, quick: bool) -> list[Row]:
    """Time the package on a tenth of the series, and on ten times as many."""
    sizes = (SERIES // 100,) if quick else (SERIES // 10, SERIES * 10)
    table = []
    for size in sizes:
        values = shifted_series(size)
        found = in_turns(
            __file__, {"flows": values, "search, mean": values}, runs=runs_of(quick=quick)
        )
        for name, work in zip(
            found, (EXACT.format(size), SEARCH.format("mean", size)), strict=True
        ):
            table.append(Row(work, "flows", found[name].runs, "the reference"))
    return table


if __name__ == "__main__":
    main(WORKS, rows)
