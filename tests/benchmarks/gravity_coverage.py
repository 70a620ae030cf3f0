"""
Simulate what gravity says of a coefficient that is known: its bias, and what its intervals hold.

Run as ``python tests/benchmarks/gravity_coverage.py [--samples N] [--seed S] [--processes P]
[--quick]`` where the extra ``bench`` is installed. Prints Markdown. Every choice of errors sees the
same samples; a sample is decided by the seed, the number of countries and years, and its own
number, so that the number of processes changes no digit.

The worlds are in the manner of Weidner and Zylkin (2021, section 4): effects of exporter and year,
importer and year, and pair, a regressor that depends on them, and log-normal errors with mean one
that a pair remembers. One more world has what theirs do not: shocks of countries that hit distant
partners more than near ones, which effects do not absorb and pairs with a country in common share.
"""

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, get_args

import numpy as np
import pandas as pd
from markdown_table import versions
from scipy import stats
from simulated import monte_carlo_error, percent, section

from flows.models.gravity.conventions import GravityError, Scores, gravity_covariance, spread_of
from flows.models.gravity.effects import Effect
from flows.models.gravity.poisson import fit_absorbed
from flows.models.gravity.weidner_zylkin import correct_three_way, correct_two_way
from flows.models.sample import FloatArray, IntArray

SAMPLES = 300
QUICK = 3
SEED = 20261127
LEVEL = 0.95

TRUE = 1.0
"""The coefficient."""

SPREAD = 1 / 4
"""Standard deviation of effects and of what is new in the regressor."""

MEMORY = 1 / 2
"""What the regressor keeps of the year before."""

PERSISTENCE = 0.3
"""Autocorrelation of the errors of a pair, before they are made log-normal."""

SHOCK = 0.35
"""Standard deviation of the shocks of a country, of partners at one standard deviation."""

THREE_WAY = ((20, 2), (20, 5), (20, 10), (60, 2), (60, 5), (60, 10))
TWO_WAY = ((20, 1), (60, 1))
"""Countries and years; of one year there are no effects of pairs."""

VARIANCES: Mapping[str, Callable[[FloatArray, FloatArray], FloatArray]] = {
    "variance as the mean": lambda mean, _: 1 / mean,
    "constant in logs": lambda mean, _: np.ones_like(mean),
    "variance of two parts": lambda mean, x: 0.5 / mean + 0.5 * np.exp(2 * x),
}
"""Variance of the errors, whose mean is one: cases II to IV of Weidner and Zylkin."""

SHARED = "shared by country"
CASES = (*VARIANCES, SHARED)

WORDS: Mapping[str, str] = {
    "adjusted": "pair, adjusted",
    "corrected": "pair, adjusted, around the corrected estimate",
    "fixest": "pair, fixest's factor",
    "pyfixest": "pyfixest, default (iid)",
}
"""Headings of what is no choice of errors by its name."""


class Estimate(NamedTuple):
    """A coefficient and its standard error."""

    value: float
    error: float


class Place(NamedTuple):
    """How errors are drawn, and for how many countries and years."""

    case: str
    countries: int
    years: int


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Rows of a world: numbers of exporter, importer and year, regressor and value."""

    exporter: IntArray
    importer: IntArray
    year: IntArray
    x: FloatArray
    y: FloatArray

    @property
    def years(self) -> int:
        """How many years there are."""
        return int(self.year.max()) + 1

    @property
    def codes(self) -> dict[str, IntArray]:
        """Numbers of the levels of each effect; one year has no effects of pairs."""
        by_year = {
            "exporter and year": self.exporter * self.years + self.year,
            "importer and year": self.importer * self.years + self.year,
        }
        pair = np.repeat(np.arange(len(self.y) // self.years), self.years)
        return by_year if self.years == 1 else by_year | {"pair": pair}


def draw(case: str, countries: int, years: int, rng: np.random.Generator) -> Sample:
    """Draw a world; the same chance gives the same effects and regressor in every case."""
    exporter, importer = np.nonzero(~np.eye(countries, dtype=bool))
    pairs = len(exporter)
    effects = rng.normal(0, SPREAD, (2, countries, years))
    of_pairs = rng.normal(0, SPREAD if years > 1 else 0.0, (pairs, 1))
    new = rng.normal(0, SPREAD, (pairs, years))
    errors = remembered(rng.normal(size=(pairs, years)))
    by_year = effects[0][exporter] + effects[1][importer]
    if case == SHARED:
        distance = symmetric_normal(rng, countries)[exporter, importer][:, None]
        shocks = rng.normal(0, SHOCK, (2, countries, years))
        new = new + SPREAD / SHOCK * distance * (shocks[0][exporter] + shocks[0][importer])
    x = regressor(by_year, of_pairs, new)
    mean = np.exp(by_year + of_pairs + TRUE * x)
    variance = VARIANCES.get(case, VARIANCES["constant in logs"])(mean, x)
    log_errors = log_normal(errors, variance)
    if case == SHARED:
        log_errors += distance * (shocks[1][exporter] + shocks[1][importer])
        log_errors -= (SHOCK * distance) ** 2
    rows = np.repeat(np.arange(pairs), years)
    return Sample(
        exporter=exporter[rows],
        importer=importer[rows],
        year=np.tile(np.arange(years), pairs),
        x=x.ravel(),
        y=(mean * np.exp(log_errors)).ravel(),
    )


def remembered(innovations: FloatArray) -> FloatArray:
    """Return errors of variance one of which each keeps a part of the one before, by pair."""
    errors = innovations.copy()
    for year in range(1, errors.shape[1]):
        fresh = np.sqrt(1 - PERSISTENCE**2) * innovations[:, year]
        errors[:, year] = PERSISTENCE * errors[:, year - 1] + fresh
    return errors


def symmetric_normal(rng: np.random.Generator, countries: int) -> FloatArray:
    """Return a number for each two countries, whichever of them exports."""
    drawn = rng.normal(size=(countries, countries))
    return (drawn + drawn.T) / np.sqrt(2)


def regressor(by_year: FloatArray, of_pairs: FloatArray, new: FloatArray) -> FloatArray:
    """Return what depends on all effects: on those of a pair through its first year."""
    x = by_year + new
    x[:, 0] += of_pairs[:, 0]
    for year in range(1, x.shape[1]):
        x[:, year] += MEMORY * x[:, year - 1]
    return x


def log_normal(errors: FloatArray, variance: FloatArray) -> FloatArray:
    """Return logarithms of errors with mean one and a variance, from normal ones."""
    of_logs = np.log1p(variance)
    return np.asarray(np.sqrt(of_logs) * errors - of_logs / 2)


def estimates(sample: Sample) -> dict[str, Estimate]:
    """Return an estimate and its standard error for each way to have them, by name."""
    codes, x, y = sample.codes, sample.x[:, None], sample.y
    effects = [Effect(name, of, pd.RangeIndex(of.max() + 1)) for name, of in codes.items()]
    fit = fit_absorbed(x, y, effects)
    scores = Scores(fit.x_tilde, fit.mean, y - fit.mean, fit.bread, spread_of(x))
    shared = partial(gravity_covariance, scores, sample.exporter, sample.importer)
    correction = (correct_two_way if sample.years == 1 else correct_three_way)(
        x, y, fit.mean, exporter=sample.exporter, importer=sample.importer, time=sample.year
    )
    matrices = {name: shared(se=name).matrix for name in get_args(GravityError)} | {
        "adjusted": correction.covariance,
        "corrected": correction.covariance,
        "fixest": shared(se="pair", small_sample="fixest", effects=list(codes.values())).matrix,
    }
    plain = float(fit.params[0])
    corrected = plain - float(correction.bias[0])
    return {
        name: Estimate(corrected if name == "corrected" else plain, float(np.sqrt(matrix[0, 0])))
        for name, matrix in matrices.items()
    }


def peer_estimates(sample: Sample) -> dict[str, Estimate]:
    """Return the same of pyfixest with the errors that it takes where none are asked for."""
    import pyfixest as pf  # noqa: PLC0415 - a peer that tests do without

    names = [name.replace(" and ", "_") for name in sample.codes]
    columns = dict(zip(names, sample.codes.values(), strict=True))
    frame = pd.DataFrame(columns).assign(x=sample.x, y=sample.y)
    fit = pf.fepois(f"y ~ x | {' + '.join(names)}", frame)
    return {"pyfixest": Estimate(float(fit.coef()["x"]), float(fit.se()["x"]))}


def one_sample(place: Place, number: int, *, seed: int, peer: bool) -> dict[str, Estimate]:
    """Return the estimates of one sample, which its number decides."""
    rng = np.random.default_rng([seed, place.countries, place.years, number])
    sample = draw(place.case, place.countries, place.years, rng)
    return estimates(sample) | (peer_estimates(sample) if peer else {})


@dataclass(frozen=True, slots=True)
class Coverage:
    """
    What samples of a place give, by name of the way to estimate.

    ``bias``: mean error in percent of the standard deviation of the estimates, ``covered``: share
    of the 95 % intervals that hold the coefficient.
    """

    samples: int
    bias: Mapping[str, float]
    covered: Mapping[str, float]


def coverage(found: Sequence[Mapping[str, Estimate]]) -> Coverage:
    """Summarise the estimates of samples."""
    bias, covered = {}, {}
    quantile = float(stats.norm.ppf(0.5 + LEVEL / 2))
    for name in found[0]:
        values, errors = np.array([one[name] for one in found]).T
        bias[name] = float(100 * (values.mean() - TRUE) / values.std(ddof=1))
        covered[name] = float(np.mean(np.abs(values - TRUE) <= quantile * errors))
    return Coverage(len(found), bias, covered)


def table_of(
    places: Sequence[Place], found: Sequence[Coverage]
) -> tuple[list[str], list[list[str]]]:
    """Return heading and rows: where, bias of both estimates, coverage of each choice."""
    names = list(found[0].covered)
    three_way = places[0].years > 1
    biases = ["pair", "corrected"] if three_way else ["pair"]
    shown = names if three_way else [name for name in names if name != "corrected"]
    rows = [
        [
            place.case,
            str(place.countries),
            *([str(place.years)] if three_way else []),
            *(f"{of.bias[name]:+.0f} ({100 / np.sqrt(of.samples):.0f})" for name in biases),
            *(
                percent(of.covered[name], monte_carlo_error(of.covered[name], of.samples))
                for name in shown
            ),
        ]
        for place, of in zip(places, found, strict=True)
    ]
    about = ["errors", "countries", *(["years"] if three_way else [])]
    headings = ["bias, plain", "bias, corrected"] if three_way else ["bias"]
    return [*about, *headings, *(WORDS.get(name, name) for name in shown)], rows


def sections(*, samples: int, seed: int, processes: int, peer: bool) -> Iterator[str]:
    """Yield a table for models with effects of pairs, and one for those without."""
    with ProcessPoolExecutor(processes) as pool:
        for title, sizes in (("Three-way", THREE_WAY), ("Two-way, one year", TWO_WAY)):
            places = [Place(case, *size) for case in CASES for size in sizes]
            found = []
            for place in places:
                work = partial(one_sample, place, seed=seed, peer=peer)
                found.append(coverage(list(pool.map(work, range(samples), chunksize=5))))
            yield section(f"{title} gravity", f"{samples} samples.", *table_of(places, found))


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, simulate, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=SAMPLES)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} samples")
    parser.add_argument("--no-peer", action="store_true", help="without pyfixest")
    asked = parser.parse_args(arguments)
    samples = QUICK if asked.quick else asked.samples
    print(f"{samples} samples, seed {asked.seed}; {versions()}.\n")  # noqa: T201
    for text in sections(
        samples=samples, seed=asked.seed, processes=asked.processes, peer=not asked.no_peer
    ):
        print(text, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
