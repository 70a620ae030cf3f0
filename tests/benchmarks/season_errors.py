"""How far the errors of seasonal dummies are off under orthogonal series."""

import sys

import numpy as np
import pandas as pd

from flows.models.sample import FloatArray, check_series, seasonal_terms
from flows.models.standard_errors import ErrorChoice, estimate_covariance

SEED = 20261123
LENGTHS, RHOS, DRAWS = (72, 216), (0.0, 0.5, 0.8), 300


def error_ratios(nobs: int, rho: float, *, draws: int, rng: np.random.Generator) -> FloatArray:
    """Return the mean standard error over the true one: constant, slope, eleven dummies."""
    months = pd.Series(
        np.arange(float(nobs)), index=pd.period_range("2007-01", periods=nobs, freq="M")
    )
    sample = check_series(months, at_least=nobs)
    x = np.column_stack([np.ones(nobs), sample.years, seasonal_terms(sample, "dummies")[1]])
    lag = np.abs(np.subtract.outer(np.arange(nobs), np.arange(nobs)))
    spread = np.where(lag == 0, 1.0, rho**lag)
    weights, root = np.linalg.pinv(x), np.linalg.cholesky(spread)
    errors = rng.normal(size=(draws, nobs)) @ root.T
    choice = ErrorChoice("orthogonal-series")
    found = [
        np.sqrt(
            np.diag(estimate_covariance(x, row - x @ (weights @ row), sample.steps, choice).matrix)
        )
        for row in errors
    ]
    return np.asarray(np.mean(found, axis=0) / np.sqrt(np.diag(weights @ spread @ weights.T)))


def main() -> None:
    """Print a row a length and autocorrelation."""
    for nobs in LENGTHS:
        for rho in RHOS:
            ratios = error_ratios(nobs, rho, draws=DRAWS, rng=np.random.default_rng(SEED))
            dummies = f"{ratios[2:].min():.2f} to {ratios[2:].max():.2f}"
            sys.stdout.write(f"| {nobs} | {rho:g} | {ratios[1]:.2f} | {dummies} |\n")


if __name__ == "__main__":
    main()
