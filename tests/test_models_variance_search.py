"""The filter and its score by differences, and searches that do not end where they should."""

from collections.abc import Callable

import numpy as np
import pytest

from flows.errors import SampleError
from flows.models.diffuse_filter import DiffuseFilter, System
from flows.models.sample import FloatArray
from flows.models.variance_search import Likelihood, find_variances

SLOPE = System(np.array([1.0, 0.0]), np.array([[1.0, 1.0], [0.0, 1.0]]), (None, 0, 1))
QUARTERS = System(
    np.array([1.0, 1.0, 0.0, 0.0]),
    np.array([[1.0, 0, 0, 0], [0, -1, -1, -1], [0, 1, 0, 0], [0, 0, 1, 0]]),
    (None, 0, 1),
)


LASTING = System(
    np.array([1.0, 0.0, 1.0]),
    np.array([[1.0, 1, 0], [0, 1, 0], [0, 0, 1]]),
    (None, 0, 1, 2),
    autoregressive=2,
)


def series(nobs: int, missing: tuple[int, ...] = ()) -> FloatArray:
    rng = np.random.default_rng(nobs)
    y = rng.normal(size=nobs).cumsum() + rng.normal(size=nobs)
    y[list(missing)] = np.nan
    return y


@pytest.mark.parametrize("system", [SLOPE, QUARTERS], ids=["slope", "quarters"])
@pytest.mark.parametrize("missing", [(), (1, 2, 5, 17)], ids=["whole", "gaps"])
@pytest.mark.parametrize("zero", [None, 0, 1, 2])
def test_score_is_the_derivative(
    system: System, missing: tuple[int, ...], zero: int | None
) -> None:
    likelihood = Likelihood(DiffuseFilter(system, series(30, missing)))
    ratios = np.array([1.0, 0.3, 0.2])
    if zero is not None:
        ratios[zero] = 0.0
    _, slopes = likelihood.scores(ratios[:, None])
    for j in range(3):
        # One-sided to second order, since a variance is not negative.
        step = 1e-5 * np.array([0.0, 1.0, 2.0])
        moved = np.tile(ratios[:, None], 3)
        moved[j] += step
        at, near, far = likelihood.values(moved)
        assert slopes[j, 0] == pytest.approx((4 * near - 3 * at - far) / 2e-5, rel=1e-4, abs=1e-5)


@pytest.mark.parametrize("missing", [(), (0, 1, 2, 5, 17)], ids=["whole", "gaps"])
@pytest.mark.parametrize("rho", [-0.9, 0.0, 0.3, 0.98])
def test_score_is_the_derivative_with_lasting_noise(missing: tuple[int, ...], rho: float) -> None:
    likelihood = Likelihood(DiffuseFilter(LASTING, series(30, missing)))
    params = np.array([1.0, 0.3, 0.2, 0.7, rho])
    _, slopes = likelihood.scores(params[:, None])
    step = 1e-5
    for j in range(5):
        moved = np.column_stack([params, params])
        moved[j] += [step, -step]
        up, down = likelihood.values(moved)
        assert slopes[j, 0] == pytest.approx((up - down) / (2 * step), rel=1e-5, abs=1e-6)


def test_likelihood_does_not_depend_on_the_scale_of_ratios() -> None:
    likelihood = Likelihood(DiffuseFilter(SLOPE, series(30)))
    ratios = np.array([1.0, 0.3, 0.2])
    values, slopes = likelihood.scores(np.column_stack([ratios, 8 * ratios]))
    assert values[0] == pytest.approx(values[1], rel=1e-13)
    # Euler: homogeneous of degree zero.
    assert ratios @ slopes[:, 0] == pytest.approx(0, abs=1e-11)


@pytest.mark.parametrize("nobs", [12, 60, 200])
@pytest.mark.parametrize("system", [SLOPE, QUARTERS], ids=["slope", "quarters"])
def test_score_is_zero_and_no_zero_would_rise(system: System, nobs: int) -> None:
    likelihood = Likelihood(DiffuseFilter(system, series(nobs, (3, 7))))
    best = find_variances(likelihood)
    _, slopes = likelihood.scores(best.ratios[:, None])
    assert np.abs(best.ratios * slopes[:, 0]).max() < 1e-12 * nobs
    assert (slopes[best.ratios == 0, 0] < 1e-6).all()


def test_indistinguishable_variances_become_one() -> None:
    twice = System(np.ones(1), np.eye(1), (None, None, 0))
    best = find_variances(Likelihood(DiffuseFilter(twice, series(40))))
    once = find_variances(
        Likelihood(DiffuseFilter(System(np.ones(1), np.eye(1), (None, 0)), series(40)))
    )
    assert np.count_nonzero(best.ratios) == np.count_nonzero(once.ratios)
    assert best.loglik == pytest.approx(once.loglik, rel=1e-13)


class Drawn(Likelihood):
    """A likelihood of two variances whose shape is given, by the log ratio of the second."""

    def __init__(self, value: Callable[[FloatArray], FloatArray], slope: float) -> None:
        super().__init__(DiffuseFilter(System(np.ones(1), np.eye(1), (None, 0)), series(20)))
        self.value, self.slope = value, slope

    def values(self, ratios: FloatArray) -> FloatArray:
        both = (ratios > 0).all(axis=0)
        logs = np.log(np.where(both, ratios[1] / np.where(both, ratios[0], 1.0), 1.0))
        return np.where(both, self.value(logs), -1.0)

    def scores(self, ratios: FloatArray) -> tuple[FloatArray, FloatArray]:
        with np.errstate(divide="ignore", invalid="ignore"):
            slopes = np.where(ratios > 0, self.slope / ratios, 0.0)
        return self.values(ratios), slopes * np.array([[-1.0], [1.0]])


def test_flat_likelihood_is_an_error() -> None:
    with pytest.raises(SampleError, match="found many: 20 values cannot tell them apart"):
        find_variances(Drawn(np.zeros_like, 0.0))


def test_likelihood_that_rises_for_ever_is_an_error() -> None:
    with pytest.raises(SampleError, match=r"end within \d+ steps"):
        find_variances(Drawn(lambda logs: 1e-3 * logs + 1.0, 1e-3))


@pytest.mark.parametrize(
    "values",
    [
        [0.2, 0.1, 0.3, 0.6, 0.9, 0.7, 0.5, 0.9, 1.1, 0.6],
        [-2.6, -0.3, -3.3, -0.5, 1.5, -1.9, 0.1, 0.1, 1.0, -2.0, -3.0, -3.4],
        [-1.4, -0.5, -0.3, 0.1, -1.6, 0.8, 2.9, 3.3, 0.3],
    ],
)
def test_the_highest_of_two_narrow_hills_is_found(values: list[float]) -> None:
    # The covariance of changes under a local level, by hand: 2 + q on the diagonal, -1 beside it.
    changes = np.diff(values)
    count = len(changes)
    noise = 2 * np.eye(count) - np.eye(count, k=1) - np.eye(count, k=-1)
    covariances = noise + np.geomspace(1e-4, 1e4, 2000)[:, None, None] * np.eye(count)
    squares = np.linalg.solve(covariances, changes[:, None])[..., 0] @ changes
    logs = count * (1 + np.log(2 * np.pi * squares / count)) + np.linalg.slogdet(covariances)[1]
    highest = -(logs.min() + np.log(2 * np.pi)) / 2
    level = System(np.ones(1), np.eye(1), (None, 0))
    best = find_variances(Likelihood(DiffuseFilter(level, np.array(values))))
    assert highest <= best.loglik + 1e-9
    assert best.loglik == pytest.approx(highest, abs=1e-4)
