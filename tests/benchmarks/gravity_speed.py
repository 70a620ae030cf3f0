"""
Time Poisson fits with absorbed effects here and in pyfixest, beside each other.

Run as ``python tests/benchmarks/gravity_speed.py [--quick]`` where the extra ``bench`` is
installed. Synthetic worlds of 49,000 to 2.4 million rows have effects of exporter and year, of
importer and year, and of pair; BACI's totals of 2015-2020, squared with zeros, are fitted with the
same and without those of pairs. pyfixest takes the fastest of its backends (alternating
projections in Rust), keeps no copy of the data, and has Stata's factor for errors by pair; it is
timed with its own tolerances, and with some that give the package's digits.
"""

import warnings
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd
from timed import Arrays, Row, Work, in_turns, main

import flows as fl
from flows.models.sample import FloatArray

SEED = 20261127
YEARS = 20
COUNTRIES = (50, 101, 200, 347)
QUICK_COUNTRIES = 24
RUNS = 3

FEW_COUNTRIES = 25
"""Those whose trade with each other is fitted before the clock starts."""

CLOSE = 1e-9
WORDS = {"params": "coefficients", "std_errors": "errors"}


class Tolerance(NamedTuple):
    """Of the deviance and of what is absorbed, as parts of them."""

    deviance: float
    absorbed: float


PEERS = {
    "pyfixest": Tolerance(1e-8, 1e-6),
    "pyfixest, tolerances 1e-12": Tolerance(1e-12, 1e-12),
}
"""Its own tolerances, and those that give the digits of the package."""

MOST_ROUNDS = 200
"""Of pyfixest, which stops after 25 without a word whether or not the deviance has settled."""

BY_COUNTRY = ("exporter_year", "importer_year")
MODELS = {"three-way": (*BY_COUNTRY, "pair"), "two-way": BY_COUNTRY}
REGRESSORS = ("first", "second")


def world(countries: int, *, seed: int = SEED) -> FloatArray:
    """
    Return the rows of a world: exporter, importer, year, value, and two regressors.

    The logarithms of what countries are worth as exporters and as importers, and of what is between
    them, are normal; flows are whole numbers, many of them zero. The first regressor is an
    agreement that a third of the pairs conclude in these years, the second a cost.
    """
    rng = np.random.default_rng(seed)
    exporters, importers = np.nonzero(~np.eye(countries, dtype=bool))
    pairs = len(exporters)
    exporter, importer = np.repeat(exporters, YEARS), np.repeat(importers, YEARS)
    year, pair = np.tile(np.arange(YEARS), pairs), np.repeat(np.arange(pairs), YEARS)
    worth = rng.normal(0, 1, (2, countries, 1)) + rng.normal(0, 0.2, (2, countries, YEARS))
    agreed = (year >= rng.integers(0, 3 * YEARS, pairs)[pair]).astype(np.float64)
    cost = rng.normal(0, 1, len(pair))
    eta = worth[0][exporter, year] + worth[1][importer, year] + rng.normal(0, 1, pairs)[pair]
    mean = np.exp(eta + 0.3 * agreed - 0.1 * cost) * rng.gamma(2, 0.5, len(pair))
    return np.column_stack([exporter, importer, year, rng.poisson(mean), agreed, cost])


def totals(model: str) -> FloatArray:
    """
    Return the rows of BACI's totals, with zeros for pairs that did not trade in a year.

    The regressors are the logarithm of distance and a common border, for a model with effects of
    pairs times the year.
    """
    stated = fl.load("baci-totals@2020").assign(year=lambda rows: rows["start"].dt.year)
    facts = fl.pair_covariates(years=stated["year"].unique())
    facts = facts.dropna(subset=["log_distance", "border"])
    keys = ["exporter", "importer", "year"]
    traded = facts["exporter"].isin(stated["exporter"]) & facts["importer"].isin(stated["importer"])
    square = facts[traded].merge(stated[[*keys, "value"]], on=keys, how="left").sort_values(keys)
    year = square["year"] - square["year"].min()
    numbers, _ = pd.factorize(pd.concat([square["exporter"], square["importer"]]), sort=True)
    times = year if model == "three-way" else 1
    exporter, importer = np.split(numbers, 2)
    regressors = (square[name] * times for name in ("log_distance", "border"))
    return np.column_stack([exporter, importer, year, square["value"].fillna(0), *regressors])


def panel(values: FloatArray) -> pd.DataFrame:
    """Return rows as a table that has a whole number for each effect."""
    exporter, importer, year = (column.astype(np.int64) for column in values.T[:3])
    years, countries = int(year.max()) + 1, int(max(exporter.max(), importer.max())) + 1
    return pd.DataFrame(
        {
            "value": values[:, 3],
            "first": values[:, 4],
            "second": values[:, 5],
            "exporter_year": exporter * years + year,
            "importer_year": importer * years + year,
            "pair": exporter * countries + importer,
        }
    )


def among_few(values: FloatArray) -> FloatArray:
    """Return the rows of the first countries with each other."""
    return values[(values[:, :2] < FEW_COUNTRIES).all(axis=1)]


def of_flows(effects: Sequence[str], values: FloatArray) -> Arrays:
    """Fit a panel, with errors by pair."""
    fit = fl.fit_poisson(
        panel(values), "value", REGRESSORS, absorb=effects, cluster="pair", separated="leave out"
    )
    return {"params": fit.params.to_numpy(), "std_errors": fit.std_errors.to_numpy()}


def of_pyfixest(effects: Sequence[str], tolerance: Tolerance, values: FloatArray) -> Arrays:
    """Fit the same, as lean as it can be."""
    import pyfixest as pf  # noqa: PLC0415 - a peer that tests do without
    from pyfixest.demeaners import MapDemeaner  # noqa: PLC0415

    absorbing = MapDemeaner(fixef_tol=tolerance.absorbed, fixef_maxiter=100_000, backend="rust")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says how many rows it leaves out
        fit = pf.fepois(
            f"value ~ {' + '.join(REGRESSORS)} | {' + '.join(effects)}",
            panel(values),
            vcov={"CRV1": "pair"},
            ssc=pf.ssc(k_adj=False),
            iwls_tol=tolerance.deviance,
            iwls_maxiter=MOST_ROUNDS,
            demeaner=absorbing,
            copy_data=False,
            store_data=False,
            lean=True,
        )
    return {"params": fit.coef().to_numpy(), "std_errors": fit.se().to_numpy()}


WORKS: dict[str, Work] = {
    **{model: partial(of_flows, effects) for model, effects in MODELS.items()},
    **{
        f"{model}, {peer}": partial(of_pyfixest, effects, tolerance)
        for model, effects in MODELS.items()
        for peer, tolerance in PEERS.items()
    },
}


def apart(ours: Arrays, theirs: Arrays) -> str:
    """Say how far the results of a peer are from those of the package, coefficients and errors."""
    worst = {name: float(np.max(np.abs(theirs[name] / ours[name] - 1))) for name in ours}
    far = [f"{WORDS[name]} differ by {gap:.0e}" for name, gap in worst.items() if gap >= CLOSE]
    return ", ".join(far) or "the same"


def beside(work: str, model: str, values: FloatArray, *, runs: int) -> list[Row]:
    """Time a model here and in pyfixest."""
    named = {"flows": model} | {peer: f"{model}, {peer}" for peer in PEERS}
    found = in_turns(__file__, dict.fromkeys(named.values(), values), runs=runs)
    ours = found[model]
    return [
        Row(
            f"{model} gravity, {work}: {len(values):,} rows",
            by,
            found[name].runs,
            "the reference" if by == "flows" else apart(ours.arrays, found[name].arrays),
        )
        for by, name in named.items()
    ]


def rows(*, quick: bool) -> list[Row]:
    """Time worlds that grow, and the totals of BACI with and without effects of pairs."""
    runs = 1 if quick else RUNS
    table = []
    for countries in (QUICK_COUNTRIES,) if quick else COUNTRIES:
        table += beside("a synthetic world", "three-way", world(countries), runs=runs)
    for model in MODELS:
        values = totals(model)
        part = values[: len(values) // 10] if quick else values
        table += beside("BACI 2015-2020", model, part, runs=runs)
    return table


if __name__ == "__main__":
    main(WORKS, rows, warm_up=among_few)
