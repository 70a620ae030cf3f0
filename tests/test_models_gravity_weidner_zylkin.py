"""Bias of three-way estimates and errors adjusted for leverage: Stata's numbers, dense formulas."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from flows.errors import SampleError
from flows.models.gravity.cells import Cells, ordered_cells
from flows.models.gravity.effects import Effect
from flows.models.gravity.leverage import Constants, three_way_constants, two_way_constants
from flows.models.gravity.poisson import fit_absorbed
from flows.models.gravity.weidner_zylkin import Correction, correct_three_way, correct_two_way
from flows.models.sample import FloatArray, IntArray


@dataclass(frozen=True)
class Panel:
    x: FloatArray
    y: FloatArray
    mean: FloatArray
    exporter: IntArray
    importer: IntArray
    time: IntArray
    pair: IntArray
    cluster: IntArray

    def rows(self, chosen: Any) -> "Panel":
        return Panel(**{name: getattr(self, name)[chosen] for name in self.__dataclass_fields__})

    @property
    def codes(self) -> dict[str, IntArray]:
        return {name: getattr(self, name) for name in ("exporter", "importer", "time")}

    @property
    def effects(self) -> list[IntArray]:
        times = int(self.time.max()) + 1
        return [self.exporter * times + self.time, self.importer * times + self.time, self.pair]

    def fitted(self, *, three: bool) -> tuple["Panel", FloatArray]:
        effects = []
        for number, codes in enumerate(self.effects[: 3 if three else 2]):
            levels, dense = np.unique(codes, return_inverse=True)
            effects.append(Effect(str(number), dense.astype(np.int64), pd.Index(levels)))
        fit = fit_absorbed(self.x, self.y, effects)
        return replace(self, mean=fit.mean), fit.params

    def three_way(self) -> Correction:
        return correct_three_way(
            self.x, self.y, self.mean, **self.codes, pair=self.pair, cluster=self.cluster
        )

    def two_way(self) -> Correction:
        return correct_two_way(self.x, self.y, self.mean, **self.codes, pair=self.cluster)


def drawn(
    rng: np.random.Generator,
    countries: int,
    periods: int,
    *,
    k: int = 1,
    undirected: bool = False,
    undirected_clusters: bool = False,
    domestic: bool = False,
    missing: float = 0.0,
    apart: bool = False,
) -> Panel:
    """Draw regressors and means of a panel; ``y`` is the true mean, with coefficients of 1 / k."""
    exporter, importer, time = (
        axis.ravel()
        for axis in np.meshgrid(
            np.arange(countries), np.arange(countries), np.arange(periods), indexing="ij"
        )
    )
    sent, received = rng.normal(0, 0.25, (2, countries, periods))
    ties = rng.normal(0, 0.25 if periods > 1 else 0, (countries, countries))
    if undirected:
        ties = np.triu(ties) + np.triu(ties, 1).T
    effects = sent[exporter, time] + received[importer, time] + ties[exporter, importer]
    x = np.stack([effects + rng.normal(0, 0.6, len(time)) for _ in range(k)], axis=1)
    mean = np.exp(x.mean(axis=1) + effects)
    couple = np.minimum(exporter, importer) * countries + np.maximum(exporter, importer)
    directed = exporter * countries + importer
    pair = couple if undirected else directed
    cluster = couple if undirected or undirected_clusters else pair
    panel = Panel(x, mean, mean, exporter, importer, time, pair, cluster)
    kept = (domestic | (exporter != importer)) & (rng.random(len(time)) >= missing)
    if apart:  # two halves of the world that do not trade, one of them late
        late = exporter >= countries // 2
        kept &= (late == (importer >= countries // 2)) & ((time > 0) | ~late)
    panel = panel.rows(kept)
    return informative(panel) if periods > 1 else panel


def informative(panel: Panel) -> Panel:
    """Leave out what stands alone in its level of an effect, until nothing does."""
    while True:
        kept = np.all([np.bincount(codes)[codes] > 1 for codes in panel.effects], axis=0)
        if kept.all():
            return panel
        panel = panel.rows(kept)


def with_errors(panel: Panel, rng: np.random.Generator, variance: FloatArray) -> Panel:
    """Multiply true means by log-normal errors of mean 1 and a given variance."""
    spread = np.log1p(variance)
    errors = np.exp(np.sqrt(spread) * rng.standard_normal(len(spread)) - spread / 2)
    return replace(panel, y=panel.mean * errors)


def dense_covariance(panel: Panel, *, three: bool) -> tuple[Any, ...]:
    """Return x less effects, adjusted and plain covariance, from the hat matrix of everything."""
    dummies = np.hstack(
        [codes[:, None] == np.unique(codes) for codes in panel.effects[: 3 if three else 2]]
    ).astype(float)
    root = np.sqrt(panel.mean)[:, None]
    constants = np.linalg.lstsq(dummies * root, panel.x * root, rcond=1e-11)[0]
    x_tilde = np.asarray(panel.x - dummies @ constants, dtype=np.float64)
    design = np.hstack([dummies, panel.x]) * root
    hat = design @ np.linalg.pinv(design, rcond=1e-11)
    k = panel.x.shape[1]
    plain, adjusted = np.zeros((k, k)), np.zeros((k, k))
    for cluster in np.unique(panel.cluster):
        rows = np.flatnonzero(panel.cluster == cluster)
        resids = (panel.y - panel.mean)[rows]
        # Residuals have no part in the directions that effects of pairs fit whole.
        freed = np.linalg.pinv(np.eye(len(rows)) - hat[np.ix_(rows, rows)], rcond=1e-9)
        freed = root[rows, 0] * (freed @ (resids / root[rows, 0]))
        plain += np.outer(x_tilde[rows].T @ resids, x_tilde[rows].T @ resids)
        adjusted += np.outer(x_tilde[rows].T @ freed, x_tilde[rows].T @ resids)
    bread = np.linalg.inv((x_tilde * root).T @ (x_tilde * root))
    clusters = len(np.unique(panel.cluster))
    factor = clusters / (clusters - 1)
    middle = (adjusted + adjusted.T) / 2
    return x_tilde, factor * bread @ middle @ bread, factor * bread @ plain @ bread


def dense_bias(panel: Panel, x_tilde: FloatArray, *, undirected: bool) -> FloatArray:
    """Return the bias as the formula has it: tensors, traces and matrices of all constants."""
    nobs, k = x_tilde.shape
    sent = panel.exporter[:, None] == np.arange(panel.exporter.max() + 1)
    received = panel.importer[:, None] == np.arange(panel.importer.max() + 1)
    times = panel.time[:, None] == np.arange(panel.time.max() + 1)
    parts = [(side[:, :, None] & times[:, None, :]).reshape(nobs, -1) for side in (sent, received)]
    dummies = np.hstack(parts).astype(float)
    number, periods = sent.shape[1], times.shape[1]
    block = np.repeat(np.arange(number), periods)
    block = np.concatenate([block, block if undirected else block + number])
    size = dummies.shape[1]
    curvature, products = np.zeros((size, size)), np.zeros((size, size))
    first, third = np.zeros((k, size, size)), np.zeros((k, size, size))
    for pair in np.unique(panel.pair):
        rows = np.flatnonzero(panel.pair == pair)
        total, here = panel.mean[rows].sum(), dummies[rows]
        shares = panel.mean[rows] / total
        scores = panel.y[rows] - shares * panel.y[rows].sum()
        second = total * (np.diag(shares) - np.outer(shares, shares))
        draws = np.eye(len(rows)) - shares
        cumulant = np.einsum("q,qr,qs,qt->rst", shares, draws, draws, draws)
        curvature += here.T @ second @ here
        products += here.T @ np.outer(scores, scores) @ here
        for column in range(k):
            x = x_tilde[rows, column]
            first[column] += here.T @ np.outer(second @ x, scores) @ here
            third[column] -= total * here.T @ np.einsum("rst,r->st", cumulant, x) @ here
    inverse, factor = np.zeros((size, size)), np.zeros(size)
    active = dummies.any(axis=0)
    for one in np.unique(block):
        chosen = np.ix_(block == one, block == one)
        inverse[chosen] = np.linalg.pinv(curvature[chosen], rcond=1e-10, hermitian=True)
        side = (block < number) == (one < number)
        alike = len(np.unique(block[side & active]))
        factor[block == one] = alike / (alike - 1)
    same = block[:, None] == block[None, :]
    noise = inverse @ (products * same) @ inverse
    bias = [
        np.sum(factor * np.diag(inverse @ (-first[c] * same) + third[c] * same @ noise / 2))
        for c in range(k)
    ]
    weighted = x_tilde * panel.mean[:, None]
    return np.asarray(np.linalg.solve(weighted.T @ x_tilde, np.array(bias)), dtype=np.float64)


PANELS: dict[str, dict[str, Any]] = {
    "two periods": {"countries": 7, "periods": 2},
    "three regressors": {"countries": 7, "periods": 3, "k": 3},
    "unbalanced": {"countries": 8, "periods": 4, "k": 2, "missing": 0.3},
    "very unbalanced": {"countries": 9, "periods": 5, "missing": 0.6},
    "two worlds": {"countries": 12, "periods": 4, "apart": True, "k": 2},
    "two undirected worlds": {"countries": 12, "periods": 3, "apart": True, "undirected": True},
    "domestic flows": {"countries": 6, "periods": 3, "domestic": True, "k": 2},
    "twenty periods": {"countries": 5, "periods": 20},
    "undirected pairs": {"countries": 7, "periods": 3, "undirected": True, "k": 2},
    "undirected, unbalanced, domestic flows": {
        "countries": 7,
        "periods": 4,
        "undirected": True,
        "domestic": True,
        "missing": 0.3,
    },
    "clusters of both directions": {
        "countries": 7,
        "periods": 3,
        "undirected_clusters": True,
        "missing": 0.2,
    },
}


@pytest.mark.parametrize("name", PANELS)
def test_correction_is_what_the_formulas_give_with_dense_matrices(name: str) -> None:
    rng = np.random.default_rng(7)
    panel = drawn(rng, **PANELS[name])
    panel = with_errors(panel, rng, np.full(len(panel.y), 0.5))
    for three in (True, False):
        fitted, _ = panel.fitted(three=three)
        correction = fitted.three_way() if three else fitted.two_way()
        x_tilde, adjusted, plain = dense_covariance(fitted, three=three)
        np.testing.assert_allclose(correction.covariance, adjusted, rtol=1e-7, atol=1e-12)
        np.testing.assert_allclose(correction.unadjusted, plain, rtol=1e-7, atol=1e-12)
        assert correction.clusters == len(np.unique(panel.cluster))
        bias = np.zeros(x_tilde.shape[1])
        if three:
            undirected = bool(PANELS[name].get("undirected"))
            bias = dense_bias(fitted, x_tilde, undirected=undirected)
        np.testing.assert_allclose(correction.bias, bias, rtol=1e-7, atol=1e-12)


def test_numbers_of_the_authors_program(shared_reference: Path) -> None:
    folder = shared_reference / "gravity"
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    expected = expected["ppmlhdfe-example-3"]
    frame = pd.read_csv(folder / "ppmlhdfe-example-3.csv.gz", comment="#")
    exporter, importer, time = (
        pd.factorize(frame[column], sort=True)[0].astype(np.int64)
        for column in ("isoexp", "isoimp", "year")
    )
    flows = frame["trade"].to_numpy()
    pair = exporter * 35 + importer
    x = frame[["fta"]].to_numpy(dtype=float)
    panel = Panel(x, flows, flows, exporter, importer, time, pair, pair)
    panel, params = panel.fitted(three=True)
    correction = panel.three_way()
    # Stata prints ten decimals of the first two and seven of the others.
    adjusted, plain = (
        float(np.sqrt(covariance[0, 0]))
        for covariance in (correction.covariance, correction.unadjusted)
    )
    assert correction.bias[0] == pytest.approx(expected["wz_bias"], abs=1e-10)
    assert adjusted == pytest.approx(expected["wz_adjusted_se"], abs=1e-10)
    assert params[0] - correction.bias[0] == pytest.approx(expected["wz_corrected"], abs=1e-7)
    assert plain == pytest.approx(expected["se_cluster_pair"]["fta"], abs=1e-7)
    assert correction.clusters == expected["clusters"]


def order_of(panel: Panel) -> IntArray:
    """Return the order that the cells of a panel are brought into."""
    return np.lexsort((panel.time, panel.importer, panel.exporter, panel.pair, panel.cluster))


def without_effects(
    truth: Panel, constants: Callable[[Cells], Constants]
) -> tuple[FloatArray, FloatArray]:
    """
    Return true means and what effects leave of the regressor, in the order of the cells.

    With them goes the noise that an estimate has to first order, whose mean is zero: without it a
    tenth of the samples shows the bias, which is of second order.
    """
    cells = ordered_cells(
        truth.x, truth.mean, truth.mean, **truth.codes, pair=truth.pair, cluster=truth.cluster
    )
    return truth.mean[order_of(truth)], constants(cells).residuals(cells.x)[:, 0]


@pytest.mark.parametrize(
    ("periods", "samples", "choices"),
    [
        (2, 40, {}),
        (5, 12, {}),
        (2, 30, {"undirected": True}),
        (3, 20, {"missing": 0.3}),
        (2, 30, {"domestic": True}),
    ],
)
def test_corrected_estimates_are_nearer_to_the_truth(
    periods: int, samples: int, choices: dict[str, Any]
) -> None:
    rng = np.random.default_rng(1)
    errors, biases = np.empty(samples), np.empty(samples)
    for sample in range(samples):
        truth = drawn(rng, 20, periods, **choices)
        panel = with_errors(truth, rng, truth.mean**-2)
        fitted, params = panel.fitted(three=True)
        cells, left = without_effects(truth, three_way_constants)
        noise = left @ (panel.y[order_of(truth)] - cells) / (cells @ left**2)
        errors[sample] = params[0] - 1 - noise
        biases[sample] = fitted.three_way().bias[0]
    before, after = errors.mean(), (errors - biases).mean()
    assert abs(after) < 0.75 * abs(before)
    assert abs(before) > 5 * np.std(errors) / np.sqrt(samples)
    assert abs(biases.mean()) > 8 * np.std(biases) / np.sqrt(samples)


def test_adjusted_errors_of_two_effects_are_larger_and_near_the_true_ones() -> None:
    rng = np.random.default_rng(2)
    true, adjusted, plain = 0.0, 0.0, 0.0
    for _ in range(100):
        truth = drawn(rng, 12, 1)
        # Variances proportional to means: there the adjustment is exact to first order.
        panel = with_errors(truth, rng, 0.05 / truth.mean)
        fitted, _ = panel.fitted(three=False)
        mean, left = without_effects(truth, two_way_constants)
        true += 0.05 / float(mean @ left**2)
        correction = fitted.two_way()
        assert not correction.bias.any()
        adjusted += float(correction.covariance[0, 0])
        plain += float(correction.unadjusted[0, 0])
    assert plain < 0.8 * true
    assert adjusted == pytest.approx(true, rel=0.1)


def small(**choices: Any) -> Panel:
    """Return a fitted panel of seven countries and three periods."""
    rng = np.random.default_rng(5)
    panel = drawn(rng, 7, 3, k=2, missing=0.2, **choices)
    return with_errors(panel, rng, np.full(len(panel.y), 0.5)).fitted(three=True)[0]


def numbers(correction: Correction) -> FloatArray:
    parts = (correction.bias, correction.covariance, correction.unadjusted)
    return np.concatenate([part.ravel() for part in parts])


@pytest.mark.parametrize("undirected", [True, False])
def test_order_unit_and_numbering_change_nothing(undirected: bool) -> None:  # noqa: FBT001 - a case
    panel = small(undirected=undirected)
    expected = numbers(panel.three_way())
    shuffled = panel.rows(np.random.default_rng(0).permutation(len(panel.y)))
    np.testing.assert_array_equal(numbers(shuffled.three_way()), expected)
    for unit in (1e9, 1e-9 / 3):
        scaled = replace(panel, y=panel.y * unit, mean=panel.mean * unit)
        np.testing.assert_allclose(numbers(scaled.three_way()), expected, rtol=1e-10)
    renamed = replace(
        panel,
        exporter=11 - panel.exporter,
        importer=11 - panel.importer,
        time=panel.time * 4 + 1988,
        pair=10**12 - panel.pair,
        cluster=10**12 - panel.cluster,
    )
    np.testing.assert_allclose(numbers(renamed.three_way()), expected, rtol=1e-10)


def test_regressors_keep_their_units() -> None:
    panel = small()
    scaled = replace(panel, x=panel.x * [1.0, 1e6] + [0.0, 1e4]).three_way()
    plain = panel.three_way()
    np.testing.assert_allclose(scaled.bias * [1.0, 1e6], plain.bias, rtol=1e-8)
    by = np.outer([1.0, 1e6], [1.0, 1e6])
    np.testing.assert_allclose(scaled.covariance * by, plain.covariance, rtol=1e-8)


def test_countries_of_very_different_size_lose_no_digits() -> None:
    rng = np.random.default_rng(3)
    panel = drawn(rng, 12, 3)
    sizes = 10.0 ** rng.uniform(-6, 6, 12)
    panel = with_errors(panel, rng, np.full(len(panel.y), 0.5))
    large = replace(panel, y=panel.y * sizes[panel.exporter] * sizes[panel.importer])
    fitted, _ = large.fitted(three=True)
    expected = dense_covariance(fitted, three=True)[1]
    np.testing.assert_allclose(fitted.three_way().covariance, expected, rtol=1e-7)


def test_what_was_done_is_told() -> None:
    words = small().three_way().words
    assert "pair effects directed" in words
    assert "of order 1/N" in words
    assert "pair effects undirected" in small(undirected=True).three_way().words
    assert "No bias of order 1/N" in small().fitted(three=False)[0].two_way().words


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda p: replace(p, mean=p.mean * 1.01), "expected mean to be the Poisson fit"),
        (lambda p: p.fitted(three=False)[0], "expected mean to be the Poisson fit"),
        (lambda p: replace(p, x=p.x[:, [0, 0]]), "number 2 of 2"),
        (
            lambda p: replace(p, x=np.column_stack([p.x[:, 0], p.exporter * p.time])),
            "number 2 of 2",
        ),
        (
            lambda p: replace(
                p, x=np.column_stack([p.x[:, 0], (p.pair == p.pair[0]) * (p.time == p.time[0])])
            ),
            "regressor 2 to rest on one pair alone",
        ),
        (lambda p: p.rows(p.time == 0).fitted(three=False)[0], "expected two periods or more"),
        (
            lambda p: p.rows(p.exporter == 0),
            "expected several exporters and importers",
        ),
    ],
)
def test_data_that_have_no_correction_are_refused(
    change: Callable[[Panel], Panel], message: str
) -> None:
    panel = change(small())
    with pytest.raises(SampleError, match=message):
        panel.three_way()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda p: replace(p, mean=p.mean[:-1]), "y and mean of shape"),
        (lambda p: replace(p, x=p.x * np.nan), "finite regressors"),
        (lambda p: replace(p, mean=p.mean * 0), "positive means"),
        (lambda p: replace(p, time=p.time - 9), "numbers of time from 0 on"),
        (lambda p: p.rows(np.r_[0, np.arange(len(p.y))]), "once in a period, found some twice"),
        (lambda p: replace(p, pair=p.pair // 4), "each pair to hold flows between the same two"),
        (lambda p: replace(p, cluster=p.cluster // 4), "each cluster to hold flows between"),
        (lambda p: replace(p, cluster=p.cluster * 3 + p.time), "found a pair in several"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(change: Callable[[Panel], Panel], message: str) -> None:
    panel = change(small())
    with pytest.raises(ValueError, match=message):
        panel.three_way()


def test_more_effects_than_are_inverted_whole_are_refused() -> None:
    exporter, importer = (np.tile(side, 1400) for side in ([0, 0, 1, 1, 2, 2], [1, 2, 0, 2, 0, 1]))
    time = np.repeat(np.arange(1400), 6)
    ones = np.ones(len(time))
    pair = exporter * 3 + importer
    panel = Panel(ones[:, None], ones, ones, exporter, importer, time, pair, pair)
    with pytest.raises(
        SampleError, match=r"at most 8,000 effects .* found 8,400: .* fewer periods"
    ):
        panel.three_way()
    many = replace(panel, exporter=exporter + time * 3, importer=importer + time * 3)
    many = replace(many, pair=many.exporter * 4200 + many.importer, time=time * 0)
    with pytest.raises(SampleError, match=r"at most 8,000 .* found 8,400: .* fewer countries"):
        replace(many, cluster=many.pair).two_way()
