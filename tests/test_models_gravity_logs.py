"""Gravity in logarithms: printed tables, dummies, and what is left out."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.regression.linear_model import OLS

from flows.errors import SampleError
from flows.models.gravity.conventions import clustered_covariance
from flows.models.gravity.effects import Effect, effect_of
from flows.models.gravity.logs import LogFit, fit_logs
from flows.models.sample import FloatArray, IntArray

TABLE_3 = {
    "lypex": (0.938, 0.012),
    "lypim": (0.798, 0.012),
    "lyex": (0.207, 0.017),
    "lyim": (0.106, 0.018),
    "ldist": (-1.166, 0.034),
    "border": (0.314, 0.127),
    "comlang": (0.678, 0.067),
    "colony": (0.397, 0.070),
    "landl_ex": (-0.062, 0.062),
    "landl_im": (-0.665, 0.060),
    "lremot_ex": (0.467, 0.079),
    "lremot_im": (-0.205, 0.085),
    "comfrt_wto": (0.491, 0.097),
    "open_wto": (-0.170, 0.053),
}
TABLE_5 = {
    "ldist": (-1.347, 0.031),
    "border": (0.174, 0.130),
    "comlang": (0.406, 0.068),
    "colony": (0.666, 0.070),
    "comfrt_wto": (0.310, 0.098),
}
"""
Columns of least squares of Santos Silva and Tenreyro (2006), 9,613 positive flows, errors robust
with n/(n-K) and constants of countries counted, as Stata's regress does.
"""


def robust_errors(fit: LogFit, effects: list[IntArray]) -> FloatArray:
    kept = [codes[fit.kept] for codes in effects]
    found = clustered_covariance(fit.scores, {}, small_sample="fixest", effects=kept)
    return np.asarray(np.sqrt(np.diag(found.matrix)))


@pytest.mark.parametrize(
    ("table", "absorb", "within"),
    [(TABLE_3, [], 0.0006), (TABLE_5, ["ex_feenstra", "im_feenstra"], 0.0005)],
)
def test_least_squares_of_the_log_of_gravity(
    table: dict[str, tuple[float, float]],
    absorb: list[str],
    within: float,
    shared_reference: Path,
) -> None:
    data = pd.read_csv(shared_reference / "gravity" / "log-of-gravity.csv.gz", comment="#")
    names = [*table] if absorb else [*table, "one"]
    data["one"] = 1.0
    effects = [effect_of(data, [column]) for column in absorb]
    y = data["trade"].to_numpy(dtype=float)
    fit = fit_logs(data[names].to_numpy(dtype=float), y, effects, names)
    assert (fit.nobs, fit.zeros, fit.singletons) == (9613, 18360 - 9613, 0)
    errors = robust_errors(fit, [effect.codes for effect in effects])
    for name, (estimate, std_error) in table.items():
        assert fit.params[names.index(name)] == pytest.approx(estimate, abs=0.0005), name
        # One printed error of table 3, that of lyex, is cut off, not rounded.
        assert errors[names.index(name)] == pytest.approx(std_error, abs=within), name


def drawn(seed: int, nobs: int = 120) -> tuple[FloatArray, FloatArray, list[Effect]]:
    """Return regressors, responses with zeros, and two crossed effects."""
    rng = np.random.default_rng(seed)
    first, second = rng.integers(0, 10, size=nobs), rng.integers(0, 8, size=nobs)
    x = rng.normal(size=(nobs, 2)) + first[:, None] / 5
    y = np.exp(x @ [0.5, -1] + second / 4 + rng.normal(size=nobs))
    y[rng.random(nobs) < 0.2] = 0
    levels = [pd.RangeIndex(10), pd.RangeIndex(8)]
    effects = [
        Effect(name, codes, index)
        for name, codes, index in zip(("first", "second"), (first, second), levels, strict=True)
    ]
    return x, y, effects


@pytest.mark.parametrize("absorbed", [0, 1, 2])
@pytest.mark.parametrize("seed", range(5))
def test_effects_are_dummies(absorbed: int, seed: int) -> None:
    x, y, effects = drawn(seed)
    fit = fit_logs(x, y, effects[:absorbed], ["a", "b"])
    kept = y > 0
    dummies = [
        pd.get_dummies(effect.codes[kept], dtype=float, drop_first=place > 0)
        for place, effect in enumerate(effects[:absorbed])
    ]
    dense = OLS(np.log(y[kept]), np.column_stack([x[kept], *dummies])).fit()
    assert (fit.nobs, fit.zeros) == (kept.sum(), (y == 0).sum())
    assert fit.params == pytest.approx(dense.params[:2], abs=1e-10)
    assert fit.scores.resids == pytest.approx(dense.resid, abs=1e-10)
    assert fit.fitted == pytest.approx(dense.fittedvalues, abs=1e-10)
    errors = robust_errors(fit, [effect.codes for effect in effects[:absorbed]])
    assert errors == pytest.approx(dense.HC1_se[:2], rel=1e-9)


@given(seed=st.integers(0, 10_000))
def test_neither_order_nor_units_matter(seed: int) -> None:
    x, y, effects = drawn(seed)
    order = np.random.default_rng(seed).permutation(len(y))
    before = fit_logs(x, y, effects, ["a", "b"])
    moved = [effect.kept(order) for effect in effects]
    after = fit_logs(x[order] * [1e9, 1e-3], y[order] * 1e9, moved, ["a", "b"])
    assert after.params * [1e9, 1e-3] == pytest.approx(before.params, abs=1e-10)
    assert robust_errors(after, []) * [1e9, 1e-3] == pytest.approx(
        robust_errors(before, []), rel=1e-9
    )


def test_rows_that_an_effect_fits_alone_are_left_out_and_change_nothing() -> None:
    x, y, effects = drawn(1)
    before = fit_logs(x, y, effects, ["a", "b"])
    more = [
        Effect(effect.name, np.append(effect.codes, code), pd.RangeIndex(code + 1))
        for effect, code in zip(effects, (10, 7), strict=True)
    ]
    after = fit_logs(np.vstack([x, [9.0, 9.0]]), np.append(y, 1.0), more, ["a", "b"])
    assert (after.nobs, after.singletons) == (before.nobs, before.singletons + 1)
    assert not after.kept[-1]
    assert after.params == pytest.approx(before.params, abs=1e-12)


def test_a_regressor_that_effects_take_in_is_named() -> None:
    x, y, effects = drawn(1)
    x[:, 1] = effects[0].codes ** 2
    with pytest.raises(SampleError, match="b: expected a regressor that varies within the effects"):
        fit_logs(x, y, effects, ["a", "b"])


def test_a_regressor_that_varies_among_zeros_alone_is_named() -> None:
    x, y, effects = drawn(1)
    x[:, 1] = np.where(y == 0, x[:, 1], 1.0)
    with pytest.raises(SampleError, match="b: expected a regressor that varies within the effects"):
        fit_logs(x, y, effects, ["a", "b"])


def test_too_few_logarithms_are_refused_with_the_reason() -> None:
    x, y, effects = drawn(1)
    few: Any = np.where(np.arange(len(y)) < 2, 1.0, 0.0)
    with pytest.raises(SampleError, match="118 of 120 are zero"):
        fit_logs(x, few, effects, ["a", "b"])
