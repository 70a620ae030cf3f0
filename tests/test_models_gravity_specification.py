"""The form of the mean: printed p-values, dummies, and means that are right and wrong."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from statsmodels.genmod.families import Poisson
from statsmodels.genmod.generalized_linear_model import GLM

from flows.models.gravity.conventions import Scores, SharedCovariance, clustered_covariance
from flows.models.gravity.effects import Effect, effect_of
from flows.models.gravity.logs import fit_logs
from flows.models.gravity.poisson import fit_absorbed
from flows.models.gravity.specification import reset_test, reset_test_of_logs
from flows.models.results import HypothesisTest
from flows.models.sample import FloatArray

PLAIN = (
    "lypex lypim lyex lyim ldist border comlang colony landl_ex landl_im lremot_ex lremot_im "
    "comfrt_wto open_wto one"
)
STRUCTURAL = "ldist border comlang colony comfrt_wto"


def robust(scores: Scores) -> SharedCovariance:
    return clustered_covariance(scores, {})


def after_poisson(x: FloatArray, y: FloatArray, effects: list[Effect]) -> HypothesisTest:
    fit = fit_absorbed(x, y, effects)
    return reset_test(x, y, effects, fit.eta, robust)


@pytest.mark.parametrize(
    ("regressors", "absorb", "least", "printed"),
    [
        (PLAIN, [], -np.inf, 0.331),
        (PLAIN, [], 0.0, 0.941),
        (STRUCTURAL, ["ex_feenstra", "im_feenstra"], -np.inf, 0.112),
    ],
)
def test_pvalues_of_the_log_of_gravity(
    regressors: str, absorb: list[str], least: float, printed: float, shared_reference: Path
) -> None:
    """Tables 3 and 5 of Santos Silva and Tenreyro (2006), three decimals, cut off."""
    data = pd.read_csv(shared_reference / "gravity" / "log-of-gravity.csv.gz", comment="#")
    data["one"] = 1.0
    data = data[data["trade"] > least]
    effects = [effect_of(data, [column]) for column in absorb]
    x = data[regressors.split()].to_numpy(dtype=float)
    test = after_poisson(x, data["trade"].to_numpy(dtype=float), effects)
    assert test.pvalue == pytest.approx(printed, abs=0.001)


def test_logarithms_of_the_log_of_gravity_are_rejected(shared_reference: Path) -> None:
    """Both tables print .000."""
    data = pd.read_csv(shared_reference / "gravity" / "log-of-gravity.csv.gz", comment="#")
    data["one"] = 1.0
    data = data[data["trade"] > 0]
    x, y = data[PLAIN.split()].to_numpy(dtype=float), data["trade"].to_numpy(dtype=float)
    fit = fit_logs(x, y, [], PLAIN.split())
    assert reset_test_of_logs(x, y, [], fit.fitted, robust).pvalue < 0.0005


def drawn(seed: int, *, bend: float) -> tuple[FloatArray, FloatArray, list[Effect]]:
    """Return values whose logarithm of the mean bends as much, with one effect."""
    rng = np.random.default_rng(seed)
    codes = np.arange(400) % 8
    x = rng.normal(size=(400, 2))
    line = x @ [0.4, -0.3] + codes / 10
    y = rng.poisson(np.exp(1 + line + bend * line**2)).astype(float)
    return x, y, [Effect("group", codes, pd.RangeIndex(8))]


def test_the_square_is_a_regressor_among_dummies() -> None:
    x, y, effects = drawn(1, bend=0)
    test = after_poisson(x, y, effects)
    dummies = pd.get_dummies(effects[0].codes, dtype=float).to_numpy()
    first = GLM(y, np.column_stack([x, dummies]), family=Poisson()).fit(tol=1e-13)
    square = first.predict(which="linear") ** 2
    again = GLM(y, np.column_stack([x, dummies, square]), family=Poisson())
    dense = again.fit(tol=1e-13, maxiter=200, cov_type="HC0")
    assert test.statistic == pytest.approx(dense.tvalues[-1] ** 2 * 399 / 400, rel=1e-6)


def test_a_right_mean_is_rejected_as_often_as_it_should_be_and_a_bent_one_always() -> None:
    right = [after_poisson(*drawn(seed, bend=0)).pvalue for seed in range(100)]
    # By chance fewer than 1 in 100 series of tests at 10 % end on either side.
    assert 3 < np.sum(np.array(right) < 0.1) <= 18
    assert all(after_poisson(*drawn(seed, bend=0.5)).pvalue < 0.05 for seed in range(10))


def test_units_do_not_matter() -> None:
    x, y, effects = drawn(2, bend=0.1)
    scaled = after_poisson(x * [1e6, 1e-6], y * 1e9, effects)
    assert scaled.statistic == pytest.approx(after_poisson(x, y, effects).statistic, rel=1e-7)


def test_without_anything_but_effects_there_is_no_test_and_the_reason_says_so() -> None:
    _, y, effects = drawn(3, bend=0)
    nothing = np.empty((400, 0))
    for test in (
        after_poisson(nothing, y, effects),
        reset_test_of_logs(nothing, y + 1, effects, np.log(1.0 + effects[0].codes), robust),
    ):
        assert np.isnan(test.statistic)
        assert "square of the index: expected a regressor that varies within" in test.reason
