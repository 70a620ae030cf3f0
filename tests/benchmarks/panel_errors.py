"""
Simulate how often errors of pairs find a common trend where there is none.

Run as ``python tests/benchmarks/panel_errors.py [--replications N] [--seed S]``. Prints Markdown.
Every choice of errors sees the same samples.
"""

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np
from markdown_table import versions
from scipy import stats
from simulated import autoregressive, monte_carlo_error, percent, section

from flows.errors import SampleError
from flows.models.panel import Panel, PanelForm, PanelLine, fit_panel, panel_covariance
from flows.models.sample import FloatArray, IntArray
from flows.models.shared_errors import RAISED, PairError

REPLICATIONS = 1000
SEED = 20261126
SIGNIFICANCE = 0.05

YEARS = 10
PERSISTENCE = 0.8
OWN, SHARED = 0.5, 0.25
"""Standard deviations of the logarithm: of a pair's own error, and of a country's."""

SIZES = 1.5
"""Standard deviation of the logarithm of the size of a country, where countries are unequal."""

Pairs = tuple[IntArray, IntArray]
Shocks = Mapping[str, FloatArray]


def complete(countries: int) -> Pairs:
    """Return all pairs of countries."""
    return np.nonzero(~np.eye(countries, dtype=bool))


def around_hubs(countries: int, hubs: int) -> Pairs:
    """Return the pairs of which a member is one of a few countries."""
    exporter, importer = complete(countries)
    kept = np.minimum(exporter, importer) < hubs
    return exporter[kept], importer[kept]


CASES: Mapping[str, Callable[[Shocks, Pairs], FloatArray]] = {
    "by pair": lambda _, pairs: np.zeros((len(pairs[0]), YEARS)),
    "by exporter": lambda shocks, pairs: shocks["country"][pairs[0]],
    "by exporter and by importer": lambda shocks, pairs: (
        shocks["country"][pairs[0]] + shocks["importer"][pairs[1]]
    ),
    "by country": lambda shocks, pairs: shocks["country"][pairs[0]] + shocks["country"][pairs[1]],
}
"""What pairs share: a country has one error in both places, or one in each."""

DESIGNS: Sequence[tuple[str, PanelForm, int, Pairs]] = (
    ("6, all pairs", "log", 1, complete(6)),
    ("10, all pairs", "log", 1, complete(10)),
    ("20, all pairs", "log", 1, complete(20)),
    ("60, all pairs", "log", 1, complete(60)),
    ("60, pairs of 8 of them", "log", 1, around_hubs(60, 8)),
    ("20 of unequal size", "poisson", 2, complete(20)),
    ("60 of unequal size", "poisson", 4, complete(60)),
)
"""Countries in words, form, by what the replications are divided, and the pairs."""


def draw_shocks(rng: np.random.Generator, countries: int, pairs: int) -> dict[str, FloatArray]:
    """Return persistent errors of countries and of pairs, one a row, and sizes of countries."""
    names = {"country": countries, "importer": countries, "pair": pairs}
    drawn = {
        name: autoregressive(rng.normal(size=(count, YEARS)), PERSISTENCE)
        for name, count in names.items()
    }
    return drawn | {"size": rng.normal(0, SIZES, countries)}


def panel_of(pairs: Pairs, logs: FloatArray) -> Panel:
    """Return values whose logarithms stand one pair a row, one year a column."""
    count = len(pairs[0])
    return Panel(
        exporter=pairs[0],
        importer=pairs[1],
        group=np.zeros(count, dtype=np.int64),
        pair=np.repeat(np.arange(count), YEARS),
        years=np.tile(np.arange(YEARS, dtype=np.float64), count),
        values=np.exp(logs).ravel(),
    )


def panels(
    pairs: Pairs, form: PanelForm, case: str, *, draws: int, seed: int
) -> Iterator[tuple[Panel, PanelLine]]:
    """Yield samples without a trend, and the line through each."""
    countries = int(pairs[0].max()) + 1
    rng = np.random.default_rng([seed, len(pairs[0])])
    for _ in range(draws):
        shocks = draw_shocks(rng, countries, len(pairs[0]))
        logs = OWN * shocks["pair"] + SHARED * CASES[case](shocks, pairs)
        if form == "poisson":
            logs += (shocks["size"][pairs[0]] + shocks["size"][pairs[1]])[:, None]
        panel = panel_of(pairs, logs)
        yield panel, fit_panel(panel, form=form)


@dataclass(frozen=True, slots=True)
class PanelSize:
    """
    What the samples of a case give with one choice of errors.

    ``size``: rate of rejection, ``effective``: median of effective clusters, ``raised``: share of
    variances that were raised to those of pairs alone, among the ``made`` samples, not refused.
    """

    size: float
    effective: float
    raised: float
    made: int


def panel_sizes(
    pairs: Pairs, form: PanelForm, case: str, *, draws: int, seed: int
) -> dict[PairError, PanelSize]:
    """Return what each choice of errors gives in the same samples."""
    tests: dict[PairError, list[tuple[bool, float, bool]]] = {se: [] for se in get_args(PairError)}
    for panel, line in panels(pairs, form, case, draws=draws, seed=seed):
        for se, outcomes in tests.items():
            try:
                covariance = panel_covariance(panel, line, se=se)
            except SampleError:
                continue
            ratio = abs(line.slopes[0]) / np.sqrt(covariance.matrix[0, 0])
            rejected = bool(2 * stats.t.sf(ratio, covariance.df) < SIGNIFICANCE)
            raised = RAISED in covariance.covariance_type
            outcomes.append((rejected, covariance.effective, raised))
    return {se: _summarise(outcomes) for se, outcomes in tests.items()}


def _summarise(outcomes: Sequence[tuple[bool, float, bool]]) -> PanelSize:
    if not outcomes:
        return PanelSize(np.nan, np.nan, np.nan, 0)
    rejected, effective, raised = np.array(outcomes).T
    return PanelSize(
        float(rejected.mean()), float(np.median(effective)), float(raised.mean()), len(outcomes)
    )


def panel_section(*, draws: int, seed: int) -> str:
    """Return a table of rejections in percent with their Monte Carlo error."""
    table = []
    for name, form, divisor, pairs in DESIGNS:
        for case in CASES:
            sizes = panel_sizes(pairs, form, case, draws=draws // divisor, seed=seed)
            dyads = sizes["dyads"]
            worth = f"{dyads.effective:.0f}" if dyads.made else ""
            cells = [_cell(size, draws // divisor) for size in sizes.values()]
            table.append([name, form, case, worth, *cells, f"{100 * dyads.raised:.1f}"])
    divisors = {form: divisor for _, form, divisor, _ in DESIGNS}
    about = (
        f"{draws} samples of {YEARS} years, of Poisson at least {draws // divisors['poisson']}; "
        "after the comma the percentage of samples that are refused, where some are."
    )
    choices = get_args(PairError)
    heading = ["countries", "form", "errors shared", "worth", *choices, "dyads raised"]
    return section("Size of a common trend of pairs", about, heading, table)


def _cell(size: PanelSize, draws: int) -> str:
    if size.made == 0:
        return "refused"
    refused = f", {100 * (1 - size.made / draws):.0f}" if size.made < draws else ""
    return percent(size.size, monte_carlo_error(size.size, size.made)) + refused


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table and what it was made with."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replications", type=int, default=REPLICATIONS)
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args(arguments)
    print(f"Seed {options.seed}; {versions()}.\n")  # noqa: T201
    print(panel_section(draws=options.replications, seed=options.seed))  # noqa: T201


if __name__ == "__main__":
    main()
