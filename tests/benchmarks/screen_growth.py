"""
Time growth of 40,000 series of 30 years here, in loops of statsmodels and in polars-ds.

Run as ``python tests/benchmarks/screen_growth.py [--quick]`` where the extra ``bench`` is
installed. Peers are timed where they estimate the same: Newey-West errors at three lags, classical
errors, and Poisson lines with errors for a variance that is a multiple of the mean; slopes, errors
and p-values have to be equal. The default errors of the package, which no peer has, are timed on
series with and without gaps, and on ten times fewer, ten and a hundred times as many, the last of
them made block by block, since all at once would be a gigabyte of input alone.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
from timed import Arrays, Row, agreement, in_turns, main, runs_of

from flows.models.sample import FloatArray
from flows.screening.blocks import over_blocks
from flows.screening.designs import BLOCK, Trends
from flows.screening.growth import trends
from flows.screening.poisson import poisson_trends

SEED = 20261128
SERIES, PERIODS = 40_000, 30
LAGS = 3
PART = 2_000
"""Series of the loops, of which all would take a minute."""

STREAMED = 4_000_000
CHUNK = 100_000
"""Series that are made and fitted at once where all do not lie in memory."""

CLOSE = 1e-9


def growing(count: int, *, seed: int = SEED) -> FloatArray:
    """Return series that grow 5 % a year with errors that remember half of the last one."""
    rng = np.random.default_rng(seed)
    errors = 0.3 * rng.normal(size=(count, PERIODS))
    for year in range(1, PERIODS):
        errors[:, year] += errors[:, year - 1] / 2
    size = rng.normal(12, 2, size=(count, 1))
    return np.asarray(np.exp(size + 0.05 * np.arange(PERIODS) + errors))


def with_gaps(values: FloatArray) -> FloatArray:
    """Take out every fifth value, wherever chance will have it."""
    out = np.random.default_rng(SEED).random(values.shape) < 1 / 5
    return np.where(out, np.nan, values)


def of_flows(kernel: Callable[[FloatArray], Trends], values: FloatArray) -> Arrays:
    """Fit all series on all cores."""
    found = over_blocks(kernel, values, block=BLOCK)
    return {"slope": found.slope, "std_error": found.std_error, "pvalue": found.pvalue}


def regressors() -> FloatArray:
    """Return a constant and the years."""
    return np.column_stack([np.ones(PERIODS), np.arange(PERIODS)])


def of_statsmodels(values: FloatArray) -> Arrays:
    """Fit lines with Newey-West errors one series after the other."""
    from statsmodels.regression.linear_model import OLS  # noqa: PLC0415 - slow to import

    x = regressors()
    kernel = {"maxlags": LAGS, "use_correction": True}
    rows = []
    for y in np.log(values):
        fit = OLS(y, x).fit(cov_type="HAC", cov_kwds=kernel, use_t=True)
        rows.append((fit.params[1], fit.bse[1], fit.pvalues[1]))
    return named(np.array(rows))


def of_statsmodels_poisson(values: FloatArray) -> Arrays:
    """Fit Poisson lines with errors by Pearson's chi-square one series after the other."""
    from statsmodels.genmod.families import Poisson  # noqa: PLC0415 - slow to import
    from statsmodels.genmod.generalized_linear_model import GLM  # noqa: PLC0415

    x, family = regressors(), Poisson()
    rows = []
    for y in values:
        fit = GLM(y, x, family=family).fit(scale="X2", use_t=True, tol=1e-12)
        rows.append((fit.params[1], fit.bse[1], fit.pvalues[1]))
    return named(np.array(rows))


def of_polars_ds(values: FloatArray) -> Arrays:
    """Fit lines with classical errors to all groups of one long table."""
    import polars as pl  # noqa: PLC0415 - a peer that tests do without
    import polars_ds as pds  # noqa: PLC0415

    frame = pl.DataFrame(
        {
            "series": np.repeat(np.arange(len(values), dtype=np.int32), PERIODS),
            "y": np.log(values).ravel(),
            "t": np.tile(np.arange(PERIODS, dtype=np.float64), len(values)),
        }
    )
    report = pds.lin_reg_report("t", target="y", add_bias=True).first().alias("line")
    found = frame.lazy().group_by("series").agg(report).unnest("line").sort("series").collect()
    return named(found.select("beta", "std_err", "p>|t|").to_numpy())


def named(rows: FloatArray) -> Arrays:
    """Return columns by the names of the package."""
    return dict(zip(("slope", "std_error", "pvalue"), rows.T, strict=True))


def streamed(values: FloatArray) -> Arrays:
    """Fit as many series as there are numbers, made in chunks; the time holds their making."""
    count = values.size
    slopes = 0.0
    for number, start in enumerate(range(0, count, CHUNK)):
        chunk = growing(min(CHUNK, count - start), seed=SEED + number)
        slopes += float(over_blocks(trends, chunk, block=BLOCK).slope.sum())
    return {"slope": np.array([slopes / count])}


NEWEY_WEST = partial(trends, se="newey-west", lags=LAGS)
WORKS = {
    "Newey-West": partial(of_flows, NEWEY_WEST),
    "Newey-West, statsmodels": of_statsmodels,
    "classical": partial(of_flows, partial(trends, se="classical")),
    "classical, polars-ds": of_polars_ds,
    "Poisson": partial(of_flows, partial(poisson_trends, se="classical")),
    "Poisson, statsmodels": of_statsmodels_poisson,
    "default": partial(of_flows, trends),
    "default, Poisson": partial(of_flows, poisson_trends),
    "streamed": streamed,
}

PEERS = {
    "Newey-West": ("statsmodels", "growth of {:,} series, Newey-West errors"),
    "classical": ("polars-ds", "growth of {:,} series, classical errors"),
    "Poisson": ("statsmodels", "Poisson growth of {:,} series, errors by chi-square"),
}


def rows(*, quick: bool) -> list[Row]:
    """Time all works beside their peers, and the default errors at sizes that grow."""
    share = 10 if quick else 1
    values = growing(SERIES // share)
    part = values[: PART // share]
    inputs = {}
    for own, (peer, _) in PEERS.items():
        inputs |= {own: values, f"{own}, {peer}": values if peer == "polars-ds" else part}
    found = in_turns(__file__, inputs, runs=runs_of(quick=quick))
    table = []
    for own, (peer, words) in PEERS.items():
        ours, theirs = found[own], found[f"{own}, {peer}"]
        times = len(values) / len(inputs[f"{own}, {peer}"])
        agreed = agreement(ours.arrays, theirs.arrays, rtol=CLOSE)
        work = words.format(len(values))
        table.append(Row(work, "flows", ours.runs, "the reference"))
        table.append(Row(work, peer, theirs.runs, agreed, times=times))
    return [*table, *alone(values, quick=quick)]


def alone(values: FloatArray, *, quick: bool) -> list[Row]:
    """Time the default errors, which no peer has."""
    sizes = (SERIES // 100,) if quick else (SERIES // 10, SERIES * 10)
    inputs = [
        (f"growth of {len(values):,} series", "default", values),
        (f"growth of {len(values):,} series with gaps", "default", with_gaps(values)),
        (f"Poisson growth of {len(values):,} series", "default, Poisson", values),
        *((f"growth of {size:,} series", "default", growing(size)) for size in sizes),
    ]
    if not quick:
        # The matrix says how many; what is fitted is made by the work itself.
        many = np.zeros((STREAMED // PERIODS + 1, PERIODS))
        inputs.append((f"growth of {many.size:,} series, made in chunks", "streamed", many))
    return [
        Row(
            work,
            "flows",
            in_turns(__file__, {name: given}, runs=runs_of(quick=quick))[name].runs,
            "no peer",
        )
        for work, name, given in inputs
    ]


if __name__ == "__main__":
    main(WORKS, rows)
