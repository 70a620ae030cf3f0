"""
Reconcile trade of synthetic worlds whose true flows are known.

Run as ``python tests/benchmarks/synthetic_world.py [--worlds N] [--seed S] [--quick]``. Prints
Markdown. Each world has true flows, and reporters who state them with errors of their own; world
``n`` of one case has the same geography and the same chance as world ``n`` of another.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from markdown_table import markdown_table, versions

from flows.compare.mirror_pairs import CifFobRatio, MirrorPairs, fit_margin, pair_mirrors
from flows.compare.reconcile import reconcile
from flows.compare.reliability import Reliability, reliability
from flows.models.sample import FloatArray

WORLDS = 200
QUICK = 4
SEED = 20261123
LEVEL = 0.95
PRIOR_DF = 0.1
DRAWS = 60
NOMINAL = 0.01
FAR_APART = 2.0
"""Standard deviations of the difference from which two statements are called far apart."""
WORST = 0.1
GIVEN_RANGE = (1.0, 1.13)

STD_DEVS = (0.05, 0.1, 0.2, 0.4)
"""Root mean square of a reporter's log errors; every fourth country has the same."""

FIRST_YEAR = 2001
FREIGHT = 0.03
"""By how much the log CIF/FOB ratio grows with the log of distance."""
NEAREST = 200.0
NEIGHBOURS = 700.0
CONTIGUITY = -0.02
WIDTH = 5000.0
"""Kilometres: least distance, distance of neighbours, side of the world."""


@dataclass(frozen=True, slots=True)
class World:
    """
    What a world is like.

    ``bias`` is the share of a reporter's mean square error that is systematic, ``lasting`` the
    share of the rest that a pair keeps over the years. ``common`` is what every exporter adds in
    logs. ``importer_ratio`` is the variance of the errors as importer over that as exporter,
    ``tails`` the degrees of freedom of the errors, ``late`` the share of a year's shipments that
    arrives in the next. ``silent``, ``absent`` and ``concealed`` are the shares of countries that
    never report, of years that a reporter misses, and of flows of which a side states nothing.
    """

    countries: int = 20
    years: int = 6
    bias: float = 0.25
    lasting: float = 0.5
    common: float = 0.0
    importer_ratio: float = 1.0
    tails: float = np.inf
    late: float = 0.03
    silent: float = 0.1
    absent: float = 0.1
    concealed: float = 0.02


@dataclass(frozen=True, slots=True)
class Case:
    """
    A world, and how it is reconciled.

    ``cif_fob_ratio`` is a range where it is given and not fitted; ``divisor`` is by how much the
    number of worlds is divided.
    """

    world: World
    cif_fob_ratio: tuple[float, float] | None = None
    divisor: int = 4


CASES: Mapping[str, Case] = {
    "as the method assumes": Case(World(bias=0.0, lasting=0.0, late=0.0), divisor=1),
    "systematic and lasting errors, late arrival": Case(World(), divisor=1),
    "the same, ratio given as 1.00 to 1.13": Case(World(), GIVEN_RANGE),
    "half of the errors systematic": Case(World(bias=0.5)),
    "heavy tails (t, 3 df)": Case(World(tails=3.0)),
    "importers better than assumed (half the variance)": Case(World(importer_ratio=0.5)),
    "all exporters understate by 10 %": Case(World(common=float(np.log(0.9)))),
}
"""The worlds by the name in the table."""


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """A world: its flow table, covariates, true flows and true root mean square errors."""

    flows: pd.DataFrame
    covariates: pd.DataFrame
    truth: pd.Series
    std_devs: pd.Series


def make_world(world: World, seed: Sequence[int]) -> Made:
    """Return the statements of a world and the truth behind them."""
    rng = np.random.default_rng(seed)
    names = np.array([f"A{chr(65 + n // 26)}{chr(65 + n % 26)}" for n in range(world.countries)])
    i, j = np.nonzero(~np.eye(world.countries, dtype=bool))
    places = rng.uniform(0, WIDTH, size=(world.countries, 2))
    distance = np.maximum(np.linalg.norm(places[i] - places[j], axis=1), NEAREST)
    contiguous = distance < NEIGHBOURS
    ratio = FREIGHT * np.log(distance / NEAREST) + CONTIGUITY * (contiguous - 1)
    logs = true_logs(world, distance, (i, j), rng)
    scale = np.resize(STD_DEVS, world.countries)
    arrived = np.log((1 - world.late) * np.exp(logs[:, 1:]) + world.late * np.exp(logs[:, :-1]))
    sent, bias_sent = errors(world, scale, i, logs.shape, rng)
    got, bias_got = errors(world, scale * np.sqrt(world.importer_ratio), j, logs.shape, rng)
    says = {
        "exporter": logs[:, 1:] + sent[:, 1:] + world.common,
        "importer": arrived + ratio[:, None] + got[:, 1:],
    }
    flows = statements(world, names, (i, j), says, rng)
    pair = {"exporter": names[i], "importer": names[j]}
    covariates = pd.DataFrame(
        {**pair, "year": FIRST_YEAR, "dist": distance, "contig": contiguous.astype("float64")}
    ).assign(dataset="gravity@1", line=np.arange(2, len(i) + 2))
    years = np.tile(years_of(world), len(i))
    index = pd.MultiIndex.from_arrays(
        [*(np.repeat(names[one], world.years) for one in (i, j)), years]
    )
    random = (1 - world.bias) * scale**2
    realised = np.sqrt(random + (bias_sent**2 + bias_got**2 / world.importer_ratio) / 2)
    return Made(
        flows, covariates, pd.Series(logs[:, 1:].ravel(), index), pd.Series(realised, names)
    )


def years_of(world: World) -> np.ndarray:
    """Return the years that are reported."""
    return np.arange(FIRST_YEAR, FIRST_YEAR + world.years)


def true_logs(
    world: World, distance: FloatArray, pair: tuple, rng: np.random.Generator
) -> FloatArray:
    """Return logs of gravity, one row a pair, and a year more than is reported."""
    size = rng.normal(0, 1.5, world.countries)
    level = 20 + size[pair[0]] + size[pair[1]] - np.log(distance / NEAREST)
    level += rng.normal(0, 0.5, len(distance))
    growth = rng.normal(0.03, 0.2, (len(distance), world.years + 1))
    return np.asarray(level[:, None] + np.cumsum(growth, axis=1))


def errors(
    world: World, scale: FloatArray, reporter: FloatArray, shape: tuple, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Return log errors by pair and year, and the systematic one of each reporter."""
    bias = np.sqrt(world.bias) * scale * rng.normal(size=len(scale))
    lasting = np.sqrt(world.lasting) * draw(world, (shape[0], 1), rng)
    passing = np.sqrt(1 - world.lasting) * draw(world, shape, rng)
    random = np.sqrt(1 - world.bias) * scale[reporter][:, None] * (lasting + passing)
    return bias[reporter][:, None] + random, bias


def draw(world: World, shape: tuple, rng: np.random.Generator) -> FloatArray:
    """Return draws of variance one, normal or with heavy tails."""
    if np.isinf(world.tails):
        return rng.normal(size=shape)
    return np.asarray(rng.standard_t(world.tails, shape) * np.sqrt(1 - 2 / world.tails))


def statements(
    world: World,
    names: np.ndarray,
    pair: tuple,
    says: Mapping[str, FloatArray],
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Return what is published: gaps of silent reporters, and zeros where a flow is concealed."""
    years = years_of(world)
    present = rng.random((len(names), len(years))) >= world.absent
    present &= (rng.random(len(names)) >= world.silent)[:, None]
    hidden = rng.random(says["exporter"].shape)
    tables = []
    for side, who, (low, high) in (
        ("exporter", pair[0], (0.0, world.concealed / 2)),
        ("importer", pair[1], (world.concealed / 2, world.concealed)),
    ):
        values = np.where((hidden >= low) & (hidden < high), 0.0, np.exp(says[side]))
        kept = present[who].ravel()
        flat = {
            "exporter": np.repeat(names[pair[0]], len(years)),
            "importer": np.repeat(names[pair[1]], len(years)),
            "reporter": np.repeat(names[who], len(years)),
            "year": np.tile(years, len(who)),
            "value": values.ravel(),
        }
        rows = pd.DataFrame(flat)[kept]
        tables.append(rows.assign(valuation="FOB" if side == "exporter" else "CIF"))
    return flow_rows(pd.concat(tables, ignore_index=True))


def flow_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Complete statements of years to a flow table."""
    return rows.drop(columns="year").assign(
        start=pd.to_datetime(rows["year"].astype("str") + "-01-01"),
        end=pd.to_datetime(rows["year"].astype("str") + "-12-31"),
        product="TOTAL",
        classification="TOTAL",
        unit="USD",
        low=rows["value"],
        high=rows["value"],
        partner_basis="",
        coverage="all goods",
        estimate=False,
        dataset="synthetic@1",
        line=np.arange(2, len(rows) + 2),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Flows with their truth and rivals, and reporters with their true errors."""

    flows: pd.DataFrame
    reporters: pd.DataFrame


def judge(case: Case, seed: Sequence[int]) -> Judged:
    """Reconcile one world and set every value beside the truth."""
    made = make_world(case.world, seed)
    pairs = pair_mirrors(made.flows, nominal_below=NOMINAL)
    margin: CifFobRatio = case.cif_fob_ratio or fit_margin(pairs, made.covariates)
    found = reliability(
        pairs,
        cif_fob_ratio=margin,
        importer_ratio=1.0,
        prior_df=PRIOR_DF,
        draws=DRAWS,
        rng=seed[-1],
    )
    best = reconcile(pairs, log_std_devs=found, cif_fob_ratio=margin, level=LEVEL).table
    key = [best["exporter"], best["importer"], best["start"].dt.year]
    truth = made.truth.reindex(pd.MultiIndex.from_arrays(key)).to_numpy()
    flows = judge_flows(best, pairs, truth)
    return Judged(flows, judge_reporters(found, made.std_devs))


def judge_flows(best: pd.DataFrame, pairs: MirrorPairs, truth: FloatArray) -> pd.DataFrame:
    """Return log errors of the values and of their rivals, and whether the truth is covered."""
    low, value, high = (np.log(best[one]) for one in ("interval_low", "value", "interval_high"))
    apart = np.log(best["importer_fob"] / best["exporter_fob"]).abs()
    allowed = np.hypot(best["exporter_std_dev"], best["importer_std_dev"])
    sole = best["exporter"].where(best["kind"].str.startswith("exporter"), best["importer"])
    judged = pd.DataFrame(
        {
            "both": best["kind"] == "both",
            "reporter": sole,
            "held": (low <= truth) & (truth <= high),
            "held_unwidened": (value - truth).abs() <= (high - low) / 2 / best["widened"],
            "apart": apart > FAR_APART * allowed,
            "error": value - truth,
            **{name: np.log(rival) - truth for name, rival in rivals(best, pairs).items()},
        }
    )
    return judged[value.notna()]


def rivals(best: pd.DataFrame, pairs: MirrorPairs) -> dict[str, FloatArray]:
    """Return the mean, the importer's figure, the same FOB, and the mean of logs FOB."""
    exporter, importer = (
        pairs.table[f"{side}_value"].to_numpy() for side in ("exporter", "importer")
    )
    fob = best["exporter_fob"].to_numpy(), best["importer_fob"].to_numpy()
    return {
        "mean": np.where(np.isnan(exporter + importer), exporter, (exporter + importer) / 2),
        "importers": importer,
        "importers_fob": fob[1],
        "equal": np.sqrt(fob[0] * fob[1]),
    }


def judge_reporters(found: Reliability, std_devs: pd.Series) -> pd.DataFrame:
    """Return estimated and true root mean square errors as exporter."""
    ends = found.conf_int(level=LEVEL)
    true = std_devs.reindex(found.params.index)
    designed = pd.Series(np.resize(STD_DEVS, len(std_devs)), std_devs.index)
    return pd.DataFrame(
        {
            "designed": designed.reindex(found.params.index),
            "true": true,
            "found": found.params,
            "held": (ends["low"] <= true) & (true <= ends["high"]),
        }
    )


@dataclass(frozen=True, slots=True, eq=False)
class Summary:
    """One row a world: what was found of its flows; and all reporters of all worlds."""

    worlds: pd.DataFrame
    reporters: pd.DataFrame


def simulate(case: Case, *, worlds: int, seed: int) -> Summary:
    """Judge many worlds of one case."""
    judged = [judge(case, (seed, number)) for number in range(max(worlds // case.divisor, 2))]
    return Summary(
        pd.DataFrame([summarise(one.flows) for one in judged]),
        pd.concat([one.reporters for one in judged], ignore_index=True),
    )


def summarise(flows: pd.DataFrame) -> dict[str, float]:
    """Return coverage, mean error and root mean square errors of one world."""
    both, one = flows[flows["both"]], flows[~flows["both"]]
    apart = both[both["apart"]]
    names = ("error", "equal", "importers_fob", "importers", "mean")
    return {
        "flows": len(flows),
        "both": both["held"].mean(),
        "one": one["held"].mean(),
        "unwidened": both["held_unwidened"].mean(),
        "apart": apart["held"].mean(),
        "apart_unwidened": apart["held_unwidened"].mean(),
        "worst": one.groupby("reporter")["held"].mean().quantile(WORST),
        "bias": both["error"].mean(),
        "one_error": np.sqrt((one["error"] ** 2).mean()),
        **{f"rms_{name}": np.sqrt((both[name] ** 2).mean()) for name in names},
    }


def coverage_section(found: Mapping[str, Summary]) -> str:
    """Return a table of coverage in percent."""
    columns = ("both", "one", "unwidened", "apart", "apart_unwidened", "worst")
    table = [
        [name, *(percent(summary.worlds[column]) for column in columns)]
        for name, summary in found.items()
    ]
    heading = [
        "world",
        "two statements",
        "one statement",
        "two, not widened",
        "two far apart",
        "far apart, not widened",
        "one: worst tenth of reporters",
    ]
    return section("Coverage of the truth", heading, table)


def error_section(found: Mapping[str, Summary]) -> str:
    """Return a table of the mean and the root mean square of log errors."""
    columns = ("error", "equal", "importers_fob", "importers", "mean")
    table = [
        [
            name,
            f"{summary.worlds['bias'].mean():+.3f}",
            *(f"{root_mean_square(summary.worlds[f'rms_{column}']):.3f}" for column in columns),
            f"{root_mean_square(summary.worlds['one_error']):.3f}",
        ]
        for name, summary in found.items()
    ]
    heading = [
        "world",
        "mean error",
        "reconciled",
        "equal weights, FOB",
        "importer, FOB",
        "importer as stated",
        "mean as stated",
        "one statement",
    ]
    return section("Errors of the values, in logs", heading, table)


def reliability_section(found: Mapping[str, Summary]) -> str:
    """Return a table of true and estimated root mean square errors of reporters."""
    table = []
    for name, summary in found.items():
        for designed, rows in summary.reporters.groupby("designed"):
            miss = rows["found"] - rows["true"]
            table.append(
                [
                    name,
                    f"{designed:.2f}",
                    f"{root_mean_square(rows['true']):.3f}",
                    f"{root_mean_square(rows['found']):.3f}",
                    f"{root_mean_square(miss):.3f}",
                    f"{100 * rows['held'].mean():.1f}",
                ]
            )
    heading = ["world", "reporters", "true", "found", "error of one reporter", "coverage"]
    return section("Reliabilities", heading, table)


def root_mean_square(values: pd.Series) -> float:
    """Return the root of the mean of squares."""
    return float(np.sqrt((values**2).mean()))


def percent(shares: pd.Series) -> str:
    """Return the mean share over worlds in percent, its standard error in parentheses."""
    return f"{100 * shares.mean():.1f} ({100 * shares.std(ddof=1) / np.sqrt(len(shares)):.1f})"


def section(title: str, heading: Sequence[str], table: Sequence[Sequence[str]]) -> str:
    """Return a table under its title."""
    return f"### {title}\n\n{markdown_table(heading, table)}\n"


def sections(worlds: int, seed: int) -> Iterator[str]:
    """Yield what was run, then each table."""
    yield f"{worlds} worlds of the first two kinds, {worlds // 4} of the others, seed {seed},"
    yield f"{DRAWS} draws of the bootstrap;"
    yield f"{versions()}.\n"
    found = {name: simulate(case, worlds=worlds, seed=seed) for name, case in CASES.items()}
    yield coverage_section(found)
    yield error_section(found)
    yield reliability_section(found)


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, simulate, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=WORLDS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} worlds")
    asked = parser.parse_args(arguments)
    for text in sections(QUICK if asked.quick else asked.worlds, asked.seed):
        print(text, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
