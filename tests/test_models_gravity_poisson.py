"""Poisson with absorbed effects: against dummies, in any order and unit, and what is refused."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.errors import SampleError
from flows.models.gravity import effects as absorbing
from flows.models.gravity import poisson
from flows.models.gravity.effects import Absorber, Effect, effect_of
from flows.models.gravity.poisson import fit_absorbed
from flows.models.sample import FloatArray

COUNTRIES, YEARS = 7, 4
SETTLED = 1e-9


def panel(seed: int) -> pd.DataFrame:
    """Return trade of pairs of countries, some of it zero, with two regressors."""
    rng = np.random.default_rng(seed)
    index = pd.MultiIndex.from_product(
        [range(COUNTRIES), range(COUNTRIES), range(YEARS)], names=["exporter", "importer", "year"]
    )
    frame = index.to_frame(index=False).query("exporter != importer").reset_index(drop=True)
    frame["agreement"] = (rng.random(len(frame)) < 0.4).astype(float)
    frame["distance"] = rng.normal(8, 1, len(frame))
    mean = np.exp(0.4 * frame["agreement"] - 0.8 * frame["distance"] + 6 + rng.normal(0, 1))
    frame["trade"] = mean * rng.gamma(0.5, 2, len(frame)) * (rng.random(len(frame)) < 0.85)
    return frame


KINDS = {
    "none": [],
    "one": [("exporter",)],
    "two-way": [("exporter", "year"), ("importer", "year")],
    "three-way": [("exporter", "year"), ("importer", "year"), ("exporter", "importer")],
}


def effects_of(frame: pd.DataFrame, kind: str) -> list[Effect]:
    return [effect_of(frame, columns) for columns in KINDS[kind]]


def columns_of(frame: pd.DataFrame, kind: str) -> FloatArray:
    x = frame[["agreement", "distance"]].to_numpy()
    return np.column_stack([x, np.ones(len(x))]) if kind == "none" else x


def dummies(effects: Sequence[Effect], nobs: int) -> FloatArray:
    """Return independent columns that say the same as the effects."""
    if not effects:
        return np.empty((nobs, 0))
    whole = np.column_stack([np.eye(len(one.levels))[one.codes] for one in effects])
    q, r = np.linalg.qr(whole)
    left, sizes, _ = np.linalg.svd(r)
    rank = int(np.sum(sizes > sizes[0] * 1e-10))
    return np.asarray(q @ left[:, :rank])


@pytest.mark.parametrize("kind", KINDS)
def test_fit_is_that_with_dummies(kind: str) -> None:
    frame = panel(3)
    x, y, effects = columns_of(frame, kind), frame["trade"].to_numpy(), effects_of(frame, kind)
    fit = fit_absorbed(x, y, effects)
    whole = np.column_stack([x, dummies(effects, len(y))])
    expected = sm.GLM(y, whole, family=sm.families.Poisson()).fit(tol=1e-13, maxiter=200)
    k = x.shape[1]
    assert fit.params == pytest.approx(expected.params[:k], rel=1e-7)
    assert fit.mean == pytest.approx(expected.fittedvalues, rel=1e-6)
    assert fit.deviance == pytest.approx(expected.deviance, rel=SETTLED)
    assert np.log(fit.mean) == pytest.approx(fit.eta)
    assert fit.bread == pytest.approx(expected.cov_params()[:k, :k], rel=1e-6)
    assert np.abs(fit.scores(y).sum(axis=0)).max() < SETTLED * y.sum()


@pytest.mark.parametrize("kind", ["two-way", "three-way"])
def test_what_is_left_of_regressors_is_orthogonal_to_effects(kind: str) -> None:
    frame = panel(4)
    x, y, effects = columns_of(frame, kind), frame["trade"].to_numpy(), effects_of(frame, kind)
    fit = fit_absorbed(x, y, effects)
    for effect in effects:
        for column in fit.x_tilde.T:
            sums = np.bincount(effect.codes, weights=fit.mean * column)
            assert np.abs(sums).max() < SETTLED * fit.mean.sum()


def test_fitted_means_add_up_to_values_of_every_level() -> None:
    frame = panel(5)
    effects = effects_of(frame, "three-way")
    fit = fit_absorbed(columns_of(frame, "three-way"), frame["trade"].to_numpy(), effects)
    for effect in effects:
        sums = np.bincount(effect.codes, weights=frame["trade"])
        fitted = np.bincount(effect.codes, weights=fit.mean)
        assert fitted == pytest.approx(sums, rel=1e-8, abs=1e-8 * sums.max())


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    unit=st.sampled_from([1e-6, 1e3, 1e9]),
    kind=st.sampled_from(["none", "two-way", "three-way"]),
)
def test_order_of_rows_and_unit_change_nothing(seed: int, unit: float, kind: str) -> None:
    frame = panel(6)
    fit = fit_absorbed(columns_of(frame, kind), frame["trade"].to_numpy(), effects_of(frame, kind))
    order = np.random.default_rng(seed).permutation(len(frame))
    other = frame.iloc[order]
    again = fit_absorbed(
        columns_of(other, kind), unit * other["trade"].to_numpy(), effects_of(other, kind)
    )
    if kind == "none":  # the unit is in the constant
        again.params[-1] -= np.log(unit)
    assert again.params == pytest.approx(fit.params, rel=1e-10)
    assert again.mean / unit == pytest.approx(fit.mean[order], rel=1e-10)
    assert again.bread * unit == pytest.approx(fit.bread, rel=1e-9)


def test_unit_of_a_regressor_changes_its_coefficient_alone() -> None:
    frame = panel(7)
    x, y, effects = columns_of(frame, "two-way"), frame["trade"].to_numpy(), None
    effects = effects_of(frame, "two-way")
    fit, other = fit_absorbed(x, y, effects), fit_absorbed(x * [1, 1e8], y, effects)
    assert other.params * [1, 1e8] == pytest.approx(fit.params, rel=1e-10)
    assert other.mean == pytest.approx(fit.mean, rel=1e-10)


def test_absorbed_regressor_is_named() -> None:
    frame = panel(8)
    x = np.column_stack([frame["agreement"], frame["year"] * frame["exporter"]])
    with pytest.raises(SampleError, match=r"size: expected a regressor that varies within"):
        fit_absorbed(x, frame["trade"].to_numpy(), effects_of(frame, "two-way"), ["fta", "size"])


def test_combination_of_regressors_is_named() -> None:
    frame = panel(8)
    x = columns_of(frame, "two-way")
    both = np.column_stack([x, x[:, 0] - 2 * x[:, 1]])
    with pytest.raises(SampleError, match="sum: expected a regressor of its own, found a combin"):
        fit_absorbed(
            both, frame["trade"].to_numpy(), effects_of(frame, "two-way"), ["fta", "dist", "sum"]
        )


def test_fit_that_does_not_settle_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = panel(9)
    arguments = columns_of(frame, "two-way"), frame["trade"].to_numpy()
    monkeypatch.setattr(poisson, "_ROUNDS", 2)
    with pytest.raises(SampleError, match="to settle within 2 rounds"):
        fit_absorbed(*arguments, effects_of(frame, "two-way"))
    monkeypatch.setattr(absorbing, "_ROUNDS", 1)
    with pytest.raises(SampleError, match="to be solved for within 1 rounds"):
        fit_absorbed(*arguments, effects_of(frame, "two-way"))


def test_steps_that_overshoot_are_shortened() -> None:
    """One value is far above all others: the first rounds go too far."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=(60, 1)) * 10
    y = np.exp(x[:, 0] * 3 - 40) + rng.random(60)
    y[:5] = 0
    whole = np.column_stack([x, np.ones(60)])
    fit = fit_absorbed(whole, y, [])
    assert np.abs(fit.scores(y).sum(axis=0) / (whole.std(axis=0) + 1)).max() < 1e-9 * y.sum()


def test_absorber_keeps_what_effects_do_not_explain() -> None:
    frame = panel(10)
    order = np.lexsort([frame["importer"], frame["exporter"]])
    effects = [effect.kept(order) for effect in effects_of(frame, "three-way")[::-1]]
    absorber = Absorber(effects, len(frame))
    weights = np.random.default_rng(2).random(len(frame)) + 0.1
    absorber.weigh(weights)
    column = np.random.default_rng(3).normal(size=len(frame))
    left = absorber.residuals(column, tolerance=1e-13)
    basis = dummies(effects, len(frame)) * np.sqrt(weights)[:, None]
    target = column * np.sqrt(weights)
    expected = target - basis @ np.linalg.lstsq(basis, target, rcond=None)[0]
    assert left * np.sqrt(weights) == pytest.approx(expected, abs=1e-10)
