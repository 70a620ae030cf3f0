"""
Print every statistic that others computed, beside what ``flows`` finds.

Run as ``python tests/benchmarks/reference_table.py > docs/references.md``. What was expected lies
in ``tests/reference`` with the script that made it; of several values the worst is shown.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from compare_breaks import compare_breaks
from compare_covariance import compare_covariance
from compare_panel import compare_panel
from comparison import Comparison, nile, read
from markdown_table import markdown_table, versions

from flows.models.covariance import classical
from flows.models.least_squares import fit_least_squares
from flows.models.quasi_likelihood import separated
from flows.models.sample import FloatArray
from flows.models.state_space import fit_local_trend
from flows.models.trend import fit_trend

FEWEST_DIGITS = 7.0
"""Correct digits of the worst coefficient below which a solver is not good enough."""

PRINTED = 0.05
"""Absolute: half of the last digit in print."""

ITERATED = 1e-7
"""Of an estimate that both programs iterate to."""


def compare_state_space() -> Iterator[Comparison]:
    """Compare the variances of the Nile's local level with those in print."""
    y = pd.Series(nile(), index=pd.period_range("1871", "1970", freq="Y"))
    found = fit_local_trend(y, kind="level", form="level", noise="white").variances
    for name, value in (("irregular", 15098.5), ("level", 1469.2)):
        yield Comparison(
            f"Nile, local level: variance of {name}",
            "Durbin and Koopman (2012), 2.10.3",
            value,
            float(found[name]),
            PRINTED,
            relative=False,
        )


def compare_poisson() -> Iterator[Comparison]:
    """Compare a Poisson trend; R stops when the deviance moves by less than 1e-8 of itself."""
    expected = read("poisson")
    y = pd.Series(nile(), index=pd.period_range("1871", "1970", freq="Y"))
    fit = fit_trend(y, form="poisson", se="hc0")
    for statistic, theirs, ours in (
        ("slope", expected["params"][1], fit.slope),
        ("HC0 error of the slope", expected["hc0"][1], float(fit.std_errors["trend"])),
    ):
        yield Comparison(f"Nile, Poisson trend: {statistic}", "R glm", theirs, ours, ITERATED)


def comparisons() -> list[Comparison]:
    """Return every row of the first table."""
    return [
        *compare_breaks(),
        *compare_covariance(),
        *compare_poisson(),
        *compare_panel(),
        *compare_state_space(),
    ]


def certified() -> Iterator[tuple[str, FloatArray, FloatArray, FloatArray, FloatArray]]:
    """Yield name, regressors, response, certified coefficients and standard errors of each set."""
    for name, case in {**read("nist_strd")["sets"], **read("nist_filip")["sets"]}.items():
        data = np.array(case["data"], dtype=float)
        x = data[:, 1:]
        if case["polynomial_degree"]:
            x = np.vander(x[:, 0], case["polynomial_degree"] + 1, increasing=True)
        elif case["intercept"]:
            x = np.column_stack([np.ones(len(data)), x])
        yield name, x, data[:, 0], np.array(case["params"]), np.array(case["std_errors"])


def digits(found: FloatArray, expected: FloatArray) -> float:
    """Return the correct digits of the worst number, at most 15; absolute where zero is right."""
    scale = np.where(expected == 0, 1.0, np.abs(expected))
    error = np.abs(found - expected) / scale
    return max(0.0, float(-np.log10(np.clip(error, 1e-15, None).max())))


def digits_by_solver(x: FloatArray, y: FloatArray, expected: FloatArray) -> dict[str, float]:
    """Return the correct digits of coefficients by four ways to solve least squares."""
    centred = x.copy()
    constant = np.ptp(x[:, 0]) == 0
    if constant:
        centred[:, 1:] -= x[:, 1:].mean(axis=0)
    slopes = np.linalg.pinv(centred) @ y
    if constant:
        slopes[0] -= x[:, 1:].mean(axis=0) @ slopes[1:]
    return {
        "flows (QR)": digits(fit_least_squares(x, y).params, expected),
        "pseudo-inverse": digits(np.linalg.pinv(x) @ y, expected),
        "pseudo-inverse, centred": digits(slopes, expected),
        "normal equations": digits(_normal_equations(x, y), expected),
    }


def _normal_equations(x: FloatArray, y: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.solve(x.T @ x, x.T @ y))


def solver_needed(found: dict[str, float]) -> str:
    """Say what is needed for seven digits, from the plainest to the most careful."""
    for words, name in (
        ("nothing", "normal equations"),
        ("no normal equations", "pseudo-inverse"),
        ("centring", "pseudo-inverse, centred"),
        ("QR", "flows (QR)"),
    ):
        if found[name] >= FEWEST_DIGITS:
            return words
    return "more than double precision"


def certified_rows() -> Iterator[list[Any]]:
    """Yield the correct digits of each certified set."""
    for name, x, y, params, std_errors in certified():
        found = digits_by_solver(x, y, params)
        resids = fit_least_squares(x, y).resids
        errors = digits(np.sqrt(np.diag(classical(x, resids))), std_errors)
        cells = [f"{value:.1f}" for value in (*found.values(), errors)]
        yield [name, *cells, solver_needed(found)]


def separation_sets() -> Iterator[tuple[str, int, list[int], list[int]]]:
    """Yield name, observations, and those separated as expected and as found."""
    sets = {**read("separation")["sets"], **read("separation_11")["sets"]}
    for name, case in sorted(sets.items()):
        rows = np.array(case["rows"], dtype=float)
        x = [np.ones(len(rows))]
        for column, values in zip(case["columns"][1:], rows.T[1:], strict=True):
            if column.startswith("id"):
                x.extend((values == level).astype(float) for level in np.unique(values))
            else:
                x.append(values)
        found = np.flatnonzero(separated(np.column_stack(x), rows[:, 0])) + 1
        yield name, len(rows), case["separated"], found.tolist()


def comparison_row(row: Comparison) -> list[Any]:
    """Return the cells of one comparison."""
    same = row.tolerance == 0
    tolerance = "the same" if same else f"{row.tolerance:g}{'' if row.relative else ' absolute'}"
    difference = "none" if row.difference == 0 else f"{row.difference:.1e}"
    return [row.statistic, row.source, row.expected, row.found, difference, tolerance]


def separation_row(name: str, nobs: int, expected: list[int], found: list[int]) -> list[Any]:
    """Return the cells of one set."""
    return [name, nobs, len(expected), len(found), "yes" if expected == found else "NO"]


PAGE = """\
# What others found, and what `flows` finds

Made by `python tests/benchmarks/reference_table.py` with
{versions}. What is expected lies in `tests/reference`
with the script that made it. Of several values the one that is furthest off is shown. A difference
is relative unless its tolerance is absolute. Breaks are dated by the first period of the new
regime; R's by the last of the old one.

{comparisons}

## Certified least squares (NIST StRD)

Correct digits (log relative error) of the worst coefficient, by four ways to solve least squares,
and of the worst standard error of the first; at most 15, which is what is certified.

{certified}

## Separated observations (ppmlhdfe)

{separation}
"""


def page() -> str:
    """Return the page of all tables."""
    solvers = ["flows (QR)", "pseudo-inverse", "pseudo-inverse, centred", "normal equations"]
    return PAGE.format(
        versions=versions(),
        comparisons=markdown_table(
            ["statistic", "source", "expected", "found", "difference", "tolerance"],
            map(comparison_row, comparisons()),
        ),
        certified=markdown_table(
            ["set", *solvers, "standard errors", "needed for 7 digits"], certified_rows()
        ),
        separation=markdown_table(
            ["set", "observations", "expected", "found", "the same ones"],
            (separation_row(*one) for one in separation_sets()),
        ),
    )


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201
