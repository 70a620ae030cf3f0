"""Simulate how often the interval over deals holds the share of a process that made the deals."""

from collections.abc import Callable, Mapping

import numpy as np
from simulated import monte_carlo_error, percent, section

from flows.measure.posterior import draw_shares, equal_tails
from flows.models.sample import FloatArray

LEVEL = 0.95
RESAMPLES = 999
DEALS = (8, 35, 140)
SHARES = (0.2, 0.5, 0.7)
"""Share of the supplier in the process: of the deals and, sizes being alike, of their volume."""

SIZES: Mapping[str, Callable[[np.random.Generator, int], FloatArray]] = {
    "equal": lambda _, many: np.ones(many),
    # 35 deals weigh like 35 exp(-1.15^2) = 9.3 equal ones, as those of the report do.
    "log-normal, 1.15": lambda rng, many: np.exp(1.15 * rng.normal(size=many)),
    "log-normal, 1.5": lambda rng, many: np.exp(1.5 * rng.normal(size=many)),
    "Pareto, 1.5": lambda rng, many: 1 + rng.pareto(1.5, size=many),
}


def deals_coverage(
    sizes: str, deals: int, share: float, *, draws: int, seed: int
) -> tuple[float, int]:
    """Return how often the interval holds the share of the process, and of how many samples."""
    rng = np.random.default_rng([seed, deals, list(SIZES).index(sizes), round(100 * share)])
    holds = []
    for _ in range(draws):
        supplied = np.sort(rng.random(deals) >= share).astype(np.int64)
        if supplied[0] or not supplied[-1]:
            continue
        values = SIZES[sizes](rng, deals)
        drawn = draw_shares(values, supplied, draws=RESAMPLES, rng=rng)[:, 0]
        low, high = equal_tails(drawn[:, None], level=LEVEL)
        holds.append(low[0] <= share <= high[0])
    return float(np.mean(holds)), len(holds)


def deals_section(*, draws: int, seed: int) -> str:
    """Return a table of coverage in percent with its Monte Carlo error."""
    table = []
    for sizes in SIZES:
        for deals in DEALS:
            cells = []
            for share in SHARES:
                coverage, made = deals_coverage(sizes, deals, share, draws=draws, seed=seed)
                cells.append(percent(coverage, monte_carlo_error(coverage, made)))
            table.append([sizes, str(deals), *cells])
    about = f"{draws} samples, {RESAMPLES} draws of weights each; samples of one supplier aside."
    heading = ["sizes of deals", "deals", *(f"share {share:g}" for share in SHARES)]
    return section("Coverage of the interval over deals", about, heading, table)
