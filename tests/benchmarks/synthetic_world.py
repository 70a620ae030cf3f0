"""
Reconcile trade of synthetic worlds whose true flows are known.

Run as ``python tests/benchmarks/synthetic_world.py [--worlds N] [--seed S] [--quick]``. Prints
Markdown. Each world has true flows, and reporters who state them with errors of their own; world
``n`` of one case has the same geography and the same chance as world ``n`` of another.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from markdown_table import markdown_table, versions

from flows.compare.margins import Margin, fit_margin
from flows.compare.mirror_pairs import MirrorPairs, pair_mirrors
from flows.compare.reconcile import reconcile
from flows.compare.reliability import reliability
from flows.compare.reliability_result import Reliability
from flows.models.sample import FloatArray

WORLDS = 200
QUICK = 3
SEED = 20261123
LEVEL = 0.95
PRIOR_DF = 2.0
DRAWS = 60
NOMINAL = 0.01
GIVEN_RANGE = (1.0, 1.13)

STD_DEVS = (0.05, 0.1, 0.2, 0.4)
"""Root mean square of a reporter's log errors; every fourth country has the same."""

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


CASES: Mapping[str, World] = {
    "as the method assumes": World(bias=0.0, lasting=0.0, late=0.0),
    "systematic and lasting errors, late arrival": World(),
    "half of the errors systematic": World(bias=0.5),
    "heavy tails (t, 3 df)": World(tails=3.0),
    "importers better than assumed (half the variance)": World(importer_ratio=0.5),
    "all exporters understate by 10 %": World(common=np.log(0.9)),
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
    years = np.arange(2001, 2001 + world.years)
    flows = statements(world, names, (i, j), years, says, rng)
    pair = {"exporter": names[i], "importer": names[j]}
    covariates = pd.DataFrame(
        {**pair, "year": 2001, "dist": distance, "contig": contiguous.astype("float64")}
    ).assign(dataset="gravity@1", line=np.arange(2, len(i) + 2))
    index = pd.MultiIndex.from_arrays(
        [np.repeat(names[i], world.years), np.repeat(names[j], world.years), np.tile(years, len(i))]
    )
    random = (1 - world.bias) * scale**2
    realised = np.sqrt(random + (bias_sent**2 + bias_got**2 / world.importer_ratio) / 2)
    return Made(
        flows, covariates, pd.Series(logs[:, 1:].ravel(), index), pd.Series(realised, names)
    )


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
    years: np.ndarray,
    says: Mapping[str, FloatArray],
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Return what is published: gaps of silent reporters, and zeros where a flow is concealed."""
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


def judge(world: World, seed: Sequence[int], *, given_range: bool = False) -> Judged:
    """Reconcile one world and set every value beside the truth."""
    made = make_world(world, seed)
    pairs = pair_mirrors(made.flows, nominal_below=NOMINAL)
    margin: Margin = GIVEN_RANGE if given_range else fit_margin(pairs, made.covariates)
    found = reliability(
        pairs, margin=margin, importer_ratio=1.0, prior_df=PRIOR_DF, draws=DRAWS, seed=seed[-1]
    )
    best = reconcile(pairs, weights=found, margin=margin, level=LEVEL).table
    key = [best["exporter"], best["importer"], best["start"].dt.year]
    truth = made.truth.reindex(pd.MultiIndex.from_arrays(key)).to_numpy()
    flows = best[["kind", "value", "interval_low", "interval_high", "widened"]].assign(
        truth=truth, **rivals(pairs)
    )
    return Judged(flows[flows["value"].notna()], judge_reporters(found, made.std_devs))


def rivals(pairs: MirrorPairs) -> dict[str, FloatArray]:
    """Return the mean of what is stated, and the importer's figure or else the exporter's."""
    exporter, importer = (
        pairs.table[f"{side}_value"].to_numpy() for side in ("exporter", "importer")
    )
    both = (exporter + importer) / 2
    either = np.where(np.isnan(importer), exporter, importer)
    return {"mean": np.where(np.isnan(both), either, both), "importers": either}


def judge_reporters(found: Reliability, std_devs: pd.Series) -> pd.DataFrame:
    """Return estimated and true root mean square errors as exporter."""
    ends = found.conf_int(level=LEVEL)
    true = std_devs.reindex(found.params.index)
    return pd.DataFrame(
        {
            "designed": pd.Series(np.resize(STD_DEVS, len(std_devs)), std_devs.index),
            "true": true,
            "found": found.params,
            "held": (ends["low"] <= true) & (true <= ends["high"]),
        }
    ).dropna()
