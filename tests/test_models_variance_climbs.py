"""Climbs that cannot end highest are given up: they neither take time nor hide the optimum."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.tsa.statespace.structural import UnobservedComponents

from flows.models.state_space import fit_local_trend


@pytest.fixture
def wandering() -> pd.Series:
    """Return a random walk; beside its optimum lies a ridge that rises for hundreds of steps."""
    values = np.random.default_rng([1, 60, 3]).normal(size=160)[100:].cumsum()
    return pd.Series(values, index=pd.period_range("2000-01", periods=60, freq="M"))


def test_a_ridge_does_not_hide_the_optimum(wandering: pd.Series) -> None:
    fit = fit_local_trend(wandering, form="level", noise="ar1")
    model = UnobservedComponents(
        wandering.to_numpy(), "local linear trend", autoregressive=1, use_exact_diffuse=True
    )
    starts = np.exp(np.random.default_rng(1).normal(-1, 2, size=(5, 5)))
    starts[:, -1] = np.linspace(-0.5, 0.9, 5)
    best = max(
        float(model.fit(start, disp=False, maxiter=500, cov_type="none").llf) for start in starts
    )
    assert fit.loglik >= best - 1e-6
    assert 0 < fit.rho < 0.95
