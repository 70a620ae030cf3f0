"""Poisson lines of all series at once are those of one series."""

from dataclasses import astuple
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from screened import KINDS, check_equal, random_series

from flows.models.quasi_likelihood import separated
from flows.models.trend import fit_trend
from flows.screening.blocks import over_blocks
from flows.screening.poisson import poisson_trends
from flows.screening.reasons import Reason

ERRORS = [{}, {"se": "classical"}, {"se": "newey-west"}, {"se": "newey-west", "lags": 2}]


@pytest.mark.parametrize("kind", KINDS)
def test_lines_are_those_of_one_series(kind: str) -> None:
    rng = np.random.default_rng([KINDS.index(kind), 2])
    fitted = 0
    for number in range(12):
        values = random_series(rng, kind, series=12)
        options: dict[str, Any] = {"level": 0.9, **ERRORS[number % len(ERRORS)]}
        often = int(rng.choice([1, 4, 12]))
        fitted += check_equal(
            poisson_trends(values, periods_per_year=often, **options),
            values,
            periods_per_year=often,
            fit=partial(fit_trend, form="poisson", **options),
        )
    assert fitted >= 30


def test_five_positive_values_are_never_separated() -> None:
    years = np.arange(8.0)
    x = np.column_stack([np.ones(8), years])
    for positive in combinations(range(8), 5):
        y = np.zeros(8)
        y[list(positive)] = 1
        assert not separated(x, y).any()
        assert poisson_trends(y[None]).reason == Reason.NONE
    for positive in combinations(range(8), 4):
        y = np.zeros(8)
        y[list(positive)] = 1
        assert poisson_trends(y[None]).reason == Reason.FEW_POSITIVE


def test_scores_are_zero_at_the_estimate() -> None:
    rng = np.random.default_rng(7)
    values = rng.poisson(3, size=(500, 25)).astype(float)
    values[rng.random(values.shape) < 1 / 10] = np.nan
    found = poisson_trends(values)
    first = (~np.isnan(values)).argmax(axis=1)
    years = np.arange(25) - first[:, None]
    left = values - np.exp(found.const[:, None] + found.slope[:, None] * years)
    assert np.abs(np.nansum(left, axis=1)).max() < 1e-9
    assert np.abs(np.nansum(left * years, axis=1)).max() < 1e-8


def test_exact_growth_is_found() -> None:
    found = poisson_trends(100 * 1.07 ** np.arange(6)[None], se="classical")
    assert found.growth_pct == pytest.approx(7)


def test_a_value_far_above_the_others_costs_no_digits() -> None:
    rng = np.random.default_rng(4)
    values = np.exp(8 * rng.normal(size=(100, 12)))
    found = poisson_trends(values)
    check_equal(found, values, periods_per_year=1, fit=partial(fit_trend, form="poisson"))
    assert (found.reason == Reason.NONE).all()


def test_no_series_minds_who_stands_beside_it() -> None:
    rng = np.random.default_rng(12)
    values = random_series(rng, "zeros", series=60)
    values = np.concatenate([values, np.where(rng.random(values.shape) < 0.8, values, np.nan)])
    whole = [array.tobytes() for array in astuple(poisson_trends(values))]
    for block in (1, 7, 512):
        found = astuple(over_blocks(poisson_trends, values, block=block))
        assert [array.tobytes() for array in found] == whole
    order = rng.permutation(len(values))
    found = astuple(poisson_trends(values[order]))
    assert [array[np.argsort(order)].tobytes() for array in found] == whole
