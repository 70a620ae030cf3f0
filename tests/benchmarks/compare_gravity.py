"""
Compare gravity with what papers and other programs printed.

Run as ``python tests/benchmarks/compare_gravity.py FOLDER``, the folder with their data and
``expected.json``. Prints Markdown: each number as printed, as found, the difference, and whether
it rounds to what is printed.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from comparison import Comparison
from markdown_table import markdown_table, versions

import flows as fl
from flows.models.gravity.conventions import gravity_covariance
from flows.models.gravity.effects import effect_of
from flows.models.gravity.gravity import members
from flows.models.gravity.logs import fit_logs
from flows.models.gravity.pseudo_likelihood import PoissonFit

THREE_WAY = "ppmlhdfe, example 3"
GUIDE = "Advanced Guide (2016)"
LOG_OF_GRAVITY = "Log of Gravity (2006)"
ROSE = "Rose (2004)"

CUT_OFF = ("table 3 PPML: lremot_im, error", "table 3 PPML: comfrt_wto, error")
"""Numbers of the Log of Gravity that are cut off in print, not rounded."""


def printed(statistic: str, source: str, expected: float, found: float, digits: int) -> Comparison:
    """Compare with a number in print, which is rounded to a number of decimals."""
    # The last bits of a number that lies half-way are nobody's digits.
    tolerance = 0.5 * 10.0**-digits * (1 + 1e-9)
    return Comparison(statistic, source, expected, found, tolerance, relative=False)


def coefficients(
    source: str, model: str, table: Mapping[str, Sequence[float]], fit: PoissonFit, digits: int
) -> Iterator[Comparison]:
    """Compare coefficients and their errors."""
    for name, (estimate, std_error) in table.items():
        where = f"{model}: {name}"
        yield printed(where, source, estimate, float(fit.params[name]), digits)
        yield printed(f"{where}, error", source, std_error, float(fit.std_errors[name]), digits)


def compare_three_way(folder: Path, expected: Mapping[str, Any]) -> Iterator[Comparison]:
    """Compare a fit with effects of pairs, and the correction of its bias."""
    data = pd.read_csv(folder / "ppmlhdfe-example-3.csv.gz", comment="#")
    panel = data.rename(columns={"isoexp": "exporter", "isoimp": "importer", "trade": "value"})
    fit = fl.fit_gravity(panel, effects="three-way")
    corrected = fl.fit_gravity(panel, effects="three-way", correct=True)
    exporters, importers, _ = (sum_of(part) for part in expected["absorbed"].split("+"))
    levels = (fit.effects["levels"] - fit.effects["redundant"]).to_list()
    for name, value, found, digits in (
        ("fta", expected["b"]["fta"], fit.params["fta"], 7),
        ("fta, error", expected["se_cluster_pair"]["fta"], fit.std_errors["fta"], 7),
        ("constant", expected["cons"][0], fit.constant["estimate"], 5),
        ("constant, error", expected["cons"][1], fit.constant["std_error"], 7),
        ("log-likelihood", expected["loglik"], fit.loglik, 1),
        ("deviance", expected["deviance"], fit.deviance, 1),
        ("pseudo R2", expected["pseudo_r2"], fit.pseudo_r2, 4),
        ("observations", expected["n"], fit.nobs, 0),
        ("clusters", expected["clusters"], sum(fit.clusters.values()), 0),
        ("constants of exporters", exporters, levels[0], 0),
        ("constants of importers", importers, levels[1], 0),
        ("fta, bias", expected["wz_bias"], corrected.bias["fta"], 10),
        ("fta, adjusted error", expected["wz_adjusted_se"], corrected.std_errors["fta"], 10),
        ("fta, corrected", expected["wz_corrected"], corrected.params["fta"], 7),
    ):
        yield printed(name, THREE_WAY, float(value), float(found), digits)


def sum_of(part: str) -> int:
    """Return what levels less redundant ones, such as 175-5, are; all of pairs are in clusters."""
    first, *rest = (int(number) for number in part.split("-"))
    return first - sum(rest)


def compare_guide(folder: Path, expected: Mapping[str, Any]) -> Iterator[Comparison]:
    """Compare two applications of the Advanced Guide, with effects of countries by year."""
    data = pd.read_csv(folder / "advanced-guide.csv.gz", comment="#")
    data["log_dist"] = np.log(data["dist"])
    inside = data["exporter"] == data["importer"]
    years = sorted(data["year"].unique())
    for year in years:
        data[f"log_dist_{year}"] = data["log_dist"] * (data["year"] == year) * ~inside
    data["log_dist_intra"] = data["log_dist"] * inside
    of_pairs = ["cntg", "lang", "clny"]
    by_year = [f"log_dist_{year}" for year in years]
    for name, rows, regressors in (
        ("application 1 (4)", data[~inside], ["log_dist", *of_pairs]),
        ("application 2 (3)", data, [*by_year, *of_pairs, "log_dist_intra"]),
    ):
        fit = fl.fit_poisson(
            rows,
            "trade",
            regressors,
            absorb=[("exporter", "year"), ("importer", "year")],
            cluster="pair_id",
        )
        table = dict(expected[name])
        yield printed(f"{name}: observations", GUIDE, table.pop("n"), fit.nobs, 0)
        yield from coefficients(GUIDE, name, table, fit, 4)


def compare_log_of_gravity(folder: Path, expected: Mapping[str, Any]) -> Iterator[Comparison]:
    """Compare tables 3 and 5 of the Log of Gravity, with and without effects of countries."""
    data = pd.read_csv(folder / "log-of-gravity.csv.gz", comment="#")
    for name, absorb in (
        ("table 3 PPML", []),
        ("table 5 PPML", ["ex_feenstra", "im_feenstra"]),
    ):
        table = expected[name]
        fit = fl.fit_poisson(data, "trade", list(table), absorb=absorb)
        yield printed(f"{name}: observations", LOG_OF_GRAVITY, expected["n"], fit.nobs, 0)
        yield from coefficients(LOG_OF_GRAVITY, name, table, fit, 3)


def compare_rose(folder: Path, expected: Mapping[str, Any]) -> Iterator[Comparison]:
    """Compare seven errors of least squares in logarithms, with effects of years."""
    data = pd.read_parquet(folder / "rose-2004.parquet")
    names = [name for name in data if name not in {"ltrade", "ctry1", "ctry2", "pair", "year"}]
    x = data[names].to_numpy(dtype=float)
    scale = data["ltrade"].mean()  # trade in a unit in which it is a number of the machine
    fit = fit_logs(x, np.exp(data["ltrade"].to_numpy() - scale), [effect_of(data, ["year"])], names)
    both = members(data.rename(columns={"ctry1": "exporter", "ctry2": "importer"}))
    constants = x.shape[1] + data["year"].nunique()
    variance = float(fit.scores.resids @ fit.scores.resids) / (len(data) - constants)
    errors = [np.sqrt(variance * np.diag(fit.scores.bread))]
    for se in ("robust", "pair", "exporter", "importer", "two-way", "dyadic"):
        found = gravity_covariance(fit.scores, *both, se=se, pair="undirected")  # type: ignore[arg-type]
        errors.append(np.sqrt(np.diag(found.matrix)))
    _, *kinds = expected["order"].split()
    for name in ("bothin", "onein", "gsp", "ldist"):
        place = names.index(name)
        estimate, *theirs = expected[name]
        yield printed(name, ROSE, estimate, float(fit.params[place]), 3)
        for kind, value, ours in zip(kinds, theirs, errors, strict=True):
            yield printed(f"{name}, error {kind}", ROSE, value, float(ours[place]), 3)


def compare_gravity(folder: Path) -> Iterator[Comparison]:
    """Compare every number of the folder."""
    expected = json.loads((folder / "expected.json").read_text("utf-8"))
    yield from compare_three_way(folder, expected["ppmlhdfe-example-3"])
    yield from compare_guide(folder, expected["advanced-guide"])
    yield from compare_log_of_gravity(folder, expected["log-of-gravity"])
    yield from compare_rose(folder, expected["rose-2004"])


def table(rows: Sequence[Comparison]) -> str:
    """Return the comparison as Markdown."""
    return markdown_table(
        ["of", "statistic", "printed", "found", "difference", "rounds to it"],
        (
            [
                row.source,
                row.statistic,
                row.expected,
                row.found,
                f"{row.found - row.expected:.1e}" if row.found != row.expected else "0",
                "yes" if row.holds else "no",
            ]
            for row in rows
        ),
    )


if __name__ == "__main__":
    found = list(compare_gravity(Path(sys.argv[1])))
    same = f"{sum(row.holds for row in found)} of {len(found)} round to what is printed"
    print(f"{versions()}; {same}.\n\n{table(found)}")  # noqa: T201
