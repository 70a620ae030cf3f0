"""Simulate how often an event is found that never happened: ``fit_interruption`` on noise."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from simulated import autoregressive, monte_carlo_error, percent, section

from flows.models.sample import FloatArray
from flows.models.standard_errors import ErrorChoice, estimate_covariance, joint_test

SIGNIFICANCE = 0.05

NOBS = (20, 30, 60, 144, 216)
RHOS = (0.0, 0.5, 0.8)
PLACES: Mapping[float, str] = {0.5: "middle", 0.75: "last quarter"}
"""Where the date lies, as a share of the sample, and its name in the table."""

FEWER = 4
"""The middle is the harder place; the other one is a check, with so many times fewer samples."""

CHOICES: Mapping[str, Mapping[str, Any]] = {
    "orthogonal series": {"se": "orthogonal-series"},
    "orthogonal series, as published": {"se": "orthogonal-series", "small_sample": "none"},
    "equal-weighted cosine": {"se": "ewc"},
    "Newey-West, rule of thumb": {"se": "newey-west"},
}


def event_line(nobs: int, place: float) -> FloatArray:
    """Return a constant, a trend, and a jump and a bend at a date."""
    years = np.arange(nobs)
    since = years - int(place * nobs)
    return np.column_stack([np.ones(nobs), years, since >= 0, np.maximum(since, 0)])


def event_pvalues(errors: FloatArray, choice: ErrorChoice, *, place: float) -> FloatArray:
    """Return the p-values of the joint test and of the jump, a row a sample; NaN for no test."""
    nobs = errors.shape[1]
    x, steps = event_line(nobs, place), np.arange(nobs)
    params = errors @ np.linalg.pinv(x).T
    pvalues = np.empty((len(errors), 2))
    for row, (estimates, resids) in enumerate(zip(params, errors - params @ x.T, strict=True)):
        covariance = estimate_covariance(x, resids, steps, choice)
        joint = joint_test("", estimates, covariance, slice(2, 4), null="")
        ratio = abs(estimates[2]) / np.sqrt(covariance.matrix[2, 2])
        pvalues[row] = joint.pvalue, 2 * stats.t.sf(ratio, covariance.df)
    return pvalues


def event_size(*, draws: int, seed: int) -> pd.DataFrame:
    """Return the rates of rejection by length, place, choice and autocorrelation."""
    rows = []
    for nobs in NOBS:
        innovations = np.random.default_rng([seed, nobs]).normal(size=(draws, nobs))
        for place in PLACES:
            used = innovations if place == 0.5 else innovations[: draws // FEWER]
            for name, options in CHOICES.items():
                for rho in RHOS:
                    errors = autoregressive(used, rho)
                    pvalues = event_pvalues(errors, ErrorChoice(**options), place=place)
                    joint, jump = np.mean(pvalues < SIGNIFICANCE, axis=0)
                    untested = bool(np.isnan(pvalues[:, 0]).all())
                    rows.append((nobs, place, name, rho, joint, jump, len(used), untested))
    columns = ["nobs", "place", "errors", "rho", "joint", "jump", "draws", "untested"]
    return pd.DataFrame(rows, columns=columns)


def event_section(*, draws: int, seed: int) -> str:
    """Return a table of rejections in percent with their Monte Carlo error."""
    table = []
    sizes = event_size(draws=draws, seed=seed)
    for (place, name, nobs), rows in sizes.groupby(["place", "errors", "nobs"], sort=False):
        joint = [
            "no test"
            if row.untested
            else percent(row.joint, monte_carlo_error(row.joint, row.draws))
            for row in rows.itertuples()
        ]
        jump = [
            percent(row.jump, monte_carlo_error(row.jump, row.draws)) for row in rows.itertuples()
        ]
        table.append([PLACES[place], name, str(nobs), *joint, *jump])
    columns = [f"{what}, rho {rho:g}" for what in ("joint", "jump") for rho in RHOS]
    about = f"{draws} samples, in the last quarter {draws // FEWER}."
    title = "Size of tests of an event that did not happen"
    return section(title, about, ["date", "standard errors", "n", *columns], table)
