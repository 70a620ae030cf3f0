"""Predictions of flows that were left out, and ranges of what flows are beside them."""

import hashlib

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from flows.models.gravity.effects import Effect
from flows.models.gravity.left_out import Flows, cross_predict, pair_folds, predict_left_out
from flows.models.gravity.like_flows import fewest_for, likeness, percentile, ratio_ends

COUNTRIES = 8


def drawn(seed: int = 3, countries: int = COUNTRIES) -> Flows:
    """Return flows around a gravity model, some of them zero."""
    rng = np.random.default_rng(seed)
    exporters, importers = np.nonzero(~np.eye(countries, dtype=bool))
    x = rng.normal(0, 1, (len(exporters), 2))
    sizes = rng.normal(0, 1.5, (2, countries))
    mean = np.exp(x @ [-0.8, 0.4] + sizes[0][exporters] + sizes[1][importers])
    y = mean * rng.gamma(1.5, 1 / 1.5, len(mean)) * (rng.random(len(mean)) > 0.2)
    names = pd.Index([f"C{place}" for place in range(countries)])
    return Flows(
        x,
        ("one", "two"),
        y,
        Effect("exporter", exporters, names),
        Effect("importer", importers, names),
    )


def dense_prediction(flows: Flows, out: np.ndarray) -> np.ndarray:
    """Return what statsmodels predicts, with a column of zeros and ones for each country."""
    dummies = [np.eye(len(effect.levels))[effect.codes] for effect in flows.effects]
    design = np.column_stack([flows.x, dummies[0], dummies[1][:, 1:]])
    fit = sm.GLM(flows.y[~out], design[~out], family=sm.families.Poisson()).fit(tol=1e-14)
    return np.asarray(fit.predict(design[out]))


@pytest.mark.parametrize("pair", [(0, 1), (5, 2)])
def test_prediction_is_that_of_dummies_without_the_pair(pair: tuple[int, int]) -> None:
    flows = drawn()
    out = np.isin(flows.exporters.codes, pair) & np.isin(flows.importers.codes, pair)
    assert out.sum() == 2
    assert predict_left_out(flows, out) == pytest.approx(dense_prediction(flows, out), rel=1e-8)


def test_prediction_does_not_see_what_it_predicts() -> None:
    flows = drawn()
    out = np.isin(flows.exporters.codes, (0, 1)) & np.isin(flows.importers.codes, (0, 1))
    before = predict_left_out(flows, out)
    flows.y[out] = [1e6, 0.0]
    assert predict_left_out(flows, out).tolist() == before.tolist()


def test_prediction_of_an_exact_model_is_exact() -> None:
    flows = drawn()
    mean = np.exp(flows.x @ [-0.8, 0.4] + flows.exporters.codes / 3 - flows.importers.codes / 5)
    exact = Flows(flows.x, flows.names, mean, *flows.effects)
    folds = np.arange(len(mean)) % 5
    assert cross_predict(exact, folds) == pytest.approx(mean, rel=1e-9)


def test_each_flow_is_predicted_from_the_other_folds() -> None:
    flows = drawn()
    folds = np.arange(len(flows.y)) % 4
    predicted = cross_predict(flows, folds)
    for fold in range(4):
        out = folds == fold
        assert predicted[out] == pytest.approx(dense_prediction(flows, out), rel=1e-7)


def test_nothing_is_predicted_for_a_country_without_other_trade() -> None:
    flows = drawn()
    alone = flows.exporters.codes == 4
    flows.y[alone] = 0.0
    flows.y[alone & (flows.importers.codes == 1)] = 5.0
    out = np.isin(flows.exporters.codes, (1, 4)) & np.isin(flows.importers.codes, (1, 4))
    four_to_one = (flows.exporters.codes == 4)[out]
    predicted = predict_left_out(flows, out)
    assert np.isnan(predicted[four_to_one]).all()
    assert np.isfinite(predicted[~four_to_one]).all()


def test_nothing_is_predicted_between_countries_that_no_trade_connects() -> None:
    flows = drawn()
    flows.y[:] += 1.0
    apart = (flows.exporters.codes < 4) != (flows.importers.codes < 4)
    assert np.isnan(predict_left_out(flows, apart)).all()


def test_folds_come_from_the_codes_of_the_pair_alone() -> None:
    exporters, importers = pd.Series(["IRN", "ARM", "GEO"]), pd.Series(["ARM", "IRN", "TUR"])
    whole = int.from_bytes(hashlib.sha256(b"ARM IRN").digest()[:8], "big")
    folds = pair_folds(exporters, importers, 10)
    assert folds[0] == folds[1] == whole % 10
    assert pair_folds(exporters[::-1], importers[::-1], 10).tolist() == folds[::-1].tolist()
    assert pair_folds(exporters[:1], importers[:1], 10)[0] == folds[0]


def test_ends_of_a_range_are_ranks() -> None:
    ratios = np.arange(1.0, 200.0)[None, :]
    ends = ratio_ends(ratios, level=0.95)
    assert (ends.low[0], ends.high[0]) == (5.0, 195.0)
    ends = ratio_ends(ratios, level=0.8)
    assert (ends.low[0], ends.high[0]) == (20.0, 180.0)


def test_a_range_with_many_zeros_begins_at_zero_and_misses_above_alone() -> None:
    ratios = np.concatenate([np.zeros(20), np.arange(1.0, 180.0)])[None, :]
    ends = ratio_ends(ratios, level=0.8)
    assert (ends.low[0], ends.high[0]) == (0.0, 140.0)
    few = ratio_ends(np.concatenate([np.zeros(3), np.arange(1.0, 197.0)])[None, :], level=0.95)
    assert (few.low[0], few.high[0]) == (2.0, 192.0)


@pytest.mark.parametrize("level", [0.8, 0.95])
@pytest.mark.parametrize("zeros", [0.0, 0.3])
def test_ranges_hold_the_next_ratio_as_often_as_they_say(level: float, zeros: float) -> None:
    rng = np.random.default_rng(20261127)
    draws = rng.lognormal(0, 2, (20_000, 200)) * (rng.random((20_000, 200)) >= zeros)
    held = ratio_ends(np.sort(draws[:, 1:], axis=1), level=level).hold(draws[:, 0])
    # One in 20,000 differs by four standard deviations; ranks of whole numbers add half a percent.
    allowed = 4 * np.sqrt(level * (1 - level) / 20_000)
    assert level - allowed <= held.mean() <= level + 0.005 + allowed


def test_a_wider_level_gives_a_wider_range() -> None:
    draws = np.sort(np.random.default_rng(1).lognormal(0, 2, (50, 200)), axis=1)
    narrow, wide = ratio_ends(draws, level=0.8), ratio_ends(draws, level=0.95)
    assert (wide.low <= narrow.low).all()
    assert (narrow.high <= wide.high).all()


@pytest.mark.parametrize(("level", "fewest"), [(0.5, 3), (0.8, 9), (0.9, 19), (0.95, 39)])
def test_both_ends_are_ranks_from_a_number_of_flows_on(level: float, fewest: int) -> None:
    assert fewest_for(level) == fewest
    ends = ratio_ends(np.arange(1.0, fewest + 1)[None, :], level=level)
    assert (ends.low[0], ends.high[0]) == (1.0, fewest)


def test_percentile_counts_equal_ones_half() -> None:
    assert percentile(3.0, np.array([1.0, 2.0, 3.0, 9.0])) == 62.5
    assert percentile(0.0, np.array([1.0, 2.0])) == 0.0


def test_flows_are_like_those_near_in_size_and_the_rest_and_not_like_themselves() -> None:
    predicted = np.exp([0.0, 0.0, 0.1, 5.0, 5.1])
    other = np.array([[0.0], [0.0], [0.0], [0.0], [1.0]])
    same = np.full((5, 1), 7.3)
    alike = likeness(predicted, np.column_stack([other, same]))
    near = alike.nearest(alike.places, np.arange(5), 2)
    assert [sorted(row) for row in near[:3].tolist()] == [[1, 2], [0, 2], [0, 1]]
    assert near[3].tolist()[0] == 4
    assert alike.weights[2] == 0.0
    own = alike.place(float(predicted[3]), np.array([0.0, 7.3]))
    assert own == pytest.approx(alike.places[3], abs=1e-12)
    assert alike.nearest(own[None, :], np.array([-1]), 1)[0].tolist() == [3]
