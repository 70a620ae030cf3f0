"""Breaks and partitions of all series at once are those of the functions of one series."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from flows.canonical import first_minimum
from flows.errors import SampleError
from flows.models.break_sequence import date_profiles, search_breaks
from flows.models.breaks import BreakFit, find_breaks, information_criteria
from flows.models.partitions import Design, fit_regimes, partitions_of, regime_cost
from flows.models.sample import FloatArray, Regime
from flows.screening.blocks import over_blocks
from flows.screening.breaks import SeriesBreaks, find_all_breaks
from flows.screening.partitions import AllPartitions, all_partitions
from flows.screening.reasons import Reason

CLOSE = 1e-9
"""Relative difference that the order of additions makes at most, of an estimate."""

FIRST = 1950
REGIMES: tuple[Regime, ...] = ("mean", "trend")


def noise(rng: np.random.Generator, count: int, periods: int) -> FloatArray:
    return rng.standard_normal((count, periods))


def whole_numbers(rng: np.random.Generator, count: int, periods: int) -> FloatArray:
    return np.round(noise(rng, count, periods))


def many_zeros(rng: np.random.Generator, count: int, periods: int) -> FloatArray:
    there = rng.random((count, periods)) < rng.random((count, 1))
    return np.where(there, np.exp(noise(rng, count, periods)), 0.0)


def walks(rng: np.random.Generator, count: int, periods: int) -> FloatArray:
    return noise(rng, count, periods).cumsum(axis=1)


def shifts(rng: np.random.Generator, count: int, periods: int) -> FloatArray:
    """Two breaks, of which the second undoes the first or goes further."""
    time = np.arange(periods) / periods
    return noise(rng, count, periods) + 5 * (time > 0.3) + rng.choice([-5, 5]) * (time > 0.6)


def gaps(rng: np.random.Generator, count: int, periods: int) -> FloatArray:
    values = shifts(rng, count, periods)
    values[rng.random(values.shape) < 0.35] = np.nan
    return values


def every_other_year(rng: np.random.Generator, count: int, periods: int) -> FloatArray:
    values = shifts(rng, count, periods)
    values[:, 1::2] = np.nan
    return values


def steps(rng: np.random.Generator, count: int, periods: int) -> FloatArray:
    """Values that stay for five periods: breaks fit them exactly."""
    levels = rng.integers(0, 4, (count, periods // 5 + 1))
    return np.repeat(levels, 5, axis=1)[:, :periods] * rng.choice([1.0, 0.3], (count, 1)) + 0.1


def lone_values(rng: np.random.Generator, count: int, periods: int) -> FloatArray:
    """One or two values that differ from all others."""
    values = np.full((count, periods), 0.1)
    for _ in range(2):
        values[np.arange(count), rng.integers(0, periods, count)] = rng.integers(0, 3, count)
    return values


def far_from_zero(rng: np.random.Generator, count: int, periods: int) -> FloatArray:
    return 1e9 * walks(rng, count, periods) + 5e11


KINDS: tuple[Callable[[np.random.Generator, int, int], FloatArray], ...] = (
    noise,
    whole_numbers,
    many_zeros,
    walks,
    shifts,
    gaps,
    every_other_year,
    steps,
    lone_values,
    far_from_zero,
)


def some(kind: Callable[..., FloatArray], count: int, *, longest: int, seed: int) -> FloatArray:
    """Return series of a kind that begin and end in any period, of 1 to ``longest`` periods."""
    rng = np.random.default_rng(seed)
    values = kind(rng, count, longest)
    length = rng.integers(1, longest + 1, count)
    start = rng.integers(0, longest - length + 1)
    places = np.arange(longest)
    values[(places < start[:, None]) | (places >= (start + length)[:, None])] = np.nan
    values[:: max(count // 4, 2), longest // 2] = np.inf
    return values


def yearly(row: FloatArray) -> pd.Series:
    return pd.Series(row, index=pd.RangeIndex(FIRST, FIRST + len(row)))


def design_of(row: FloatArray, regime: Regime) -> Design | None:
    """Return the regression of ``find_breaks``, or None where it refuses the series."""
    from flows.models.breaks import _design  # noqa: PLC0415 - the edge of the function of one

    try:
        return _design(yearly(row), regime, 0.15, "none")[1]
    except SampleError:
        return None


def dates_of(found: SeriesBreaks, place: int) -> list[int]:
    """Return the breaks of one series."""
    dates = found.at
    return [int(date) for date in dates[found.series == place]]


def near(found: Any, expected: Any, *, size: float = 0.0) -> bool:
    """Whether numbers differ by no more than additions in another order, infinite ones alike."""
    return bool(np.allclose(found, expected, rtol=CLOSE, atol=CLOSE * size, equal_nan=True))


def assert_same_search(found: SeriesBreaks, place: int, row: FloatArray, regime: Regime) -> None:
    """Hold one series against the search of one series that ``find_breaks`` makes."""
    design = design_of(row, regime)
    refused = design is None
    assert refused == (found.reason[place] not in {Reason.NONE, Reason.SHORT})
    if design is None:
        assert found.count[place] == 0
        assert np.isnan([found.pvalue[place], found.autocorrelation[place]]).all()
        return
    search = search_breaks(design, most=5)
    years, mine = design.steps - FIRST, found.series == place
    assert dates_of(found, place) == years[search.breaks].tolist()
    ends = [profile.interval(0.95) for profile in date_profiles(design, search.breaks)]
    assert found.low[mine].tolist() == [years[low] for low, _ in ends]
    assert found.high[mine].tolist() == [years[high] for _, high in ends]
    fitted = design.y - fit_regimes(design.x, design.y, search.breaks).resids
    size = float(np.abs(design.y).max())
    assert near(found.before[mine], fitted[search.breaks - 1], size=size)
    assert near(found.after[mine], fitted[search.breaks], size=size)
    first = search.tests[0] if search.tests else None
    assert near(found.statistic[place], first.statistic if first else np.nan)
    assert near(found.pvalue[place], first.pvalue if first else np.nan)
    assert (search.noise is None) == (found.reason[place] == Reason.SHORT)
    if search.noise:
        assert near(found.autocorrelation[place], search.noise.autocorrelation)
        assert near(found.detectable_shift[place], search.noise.detectable)
    # The last test that rejects added the last break, a pair's both of theirs.
    rejected = [test.pvalue for test in search.tests if test.pvalue < 0.05]
    assert near(np.unique(found.added[mine]), np.unique(rejected))


@pytest.mark.parametrize("regime", REGIMES)
@pytest.mark.parametrize("kind", KINDS)
def test_the_search_is_that_of_one_series(kind: Callable[..., FloatArray], regime: Regime) -> None:
    values = some(kind, 30, longest=60, seed=1)
    short = some(kind, 40, longest=24, seed=2)
    values = np.concatenate([values, np.pad(short, ((0, 0), (0, 36)), constant_values=np.nan)])
    found = find_all_breaks(values, regime=regime)
    for place, row in enumerate(values):
        assert_same_search(found, place, row, regime)


@pytest.mark.parametrize("regime", REGIMES)
def test_rows_are_those_of_find_breaks(regime: Regime) -> None:
    values = np.concatenate([some(kind, 6, longest=40, seed=3) for kind in KINDS])
    found = find_all_breaks(values, regime=regime, level=0.9)
    for place, row in enumerate(values):
        fit: BreakFit | None = None
        try:
            fit = find_breaks(yearly(row), regime=regime, level=0.9)
        except SampleError:
            assert found.reason[place] not in {Reason.NONE, Reason.SHORT}
            continue
        mine = found.series == place
        rows = fit.tidy()
        assert dates_of(found, place) == (fit.break_dates - FIRST).tolist()
        assert (found.low[mine] + FIRST).tolist() == rows["low"].tolist()
        assert (found.high[mine] + FIRST).tolist() == rows["high"].tolist()
        size = float(np.nanmax(np.abs(row)))
        assert near(found.before[mine], rows["before"].to_numpy(dtype=float), size=size)
        assert near(found.after[mine], rows["after"].to_numpy(dtype=float), size=size)
        if found.reason[place] == Reason.NONE:
            assert near(found.autocorrelation[place], fit.autocorrelation)
            assert near(found.detectable_shift[place], fit.detectable_shift)


@pytest.mark.parametrize("kind", [shifts, gaps])
def test_of_months_the_search_is_that_of_one_series(kind: Callable[..., FloatArray]) -> None:
    """Long series have up to twelve lags, and gaps of any length."""
    values = kind(np.random.default_rng(4), 6, 150)
    for regime in REGIMES:
        found = find_all_breaks(values, regime=regime)
        for place, row in enumerate(values):
            assert_same_search(found, place, row, regime)


@pytest.mark.parametrize("regime", REGIMES)
def test_company_unit_and_level_do_not_matter(regime: Regime) -> None:
    rng = np.random.default_rng(5)
    values = np.concatenate([some(kind, 150, longest=40, seed=6) for kind in (shifts, gaps, walks)])
    order = rng.permutation(len(values))

    def search(block: FloatArray) -> SeriesBreaks:
        return find_all_breaks(block, regime=regime)

    whole, parts = search(values), over_blocks(search, 1e6 * values[order] + 3e6, block=37)
    assert whole.count.sum() > 50
    assert (whole.count[order] == parts.count).all()
    assert (whole.reason[order] == parts.reason).all()
    for place, mine in enumerate(order):
        one, other = whole.series == mine, parts.series == place
        assert dates_of(whole, mine) == dates_of(parts, place)
        assert (whole.low[one] == parts.low[other]).all()
        assert (whole.high[one] == parts.high[other]).all()
    assert np.allclose(whole.pvalue[order], parts.pvalue, rtol=1e-6, equal_nan=True)


def test_a_jump_is_found_in_its_period_with_its_levels() -> None:
    row = np.array([10, 11, 9, 10, 11, 10, 20, 21, 19, 20, 21, 20], dtype=np.float64)
    nothing = np.full(3, np.nan)
    later = np.concatenate([nothing, row])
    found = find_all_breaks(np.stack([later, np.concatenate([row, nothing])]))
    assert found.at.tolist() == [9, 6]
    assert found.series.tolist() == [0, 1]
    assert found.before == pytest.approx([61 / 6] * 2)
    assert found.after == pytest.approx([121 / 6] * 2)
    assert found.pvalue == pytest.approx(found.added)


def test_without_series_or_observations_nothing_is_found() -> None:
    for values in (np.empty((0, 12)), np.full((3, 12), np.nan)):
        found, cut = find_all_breaks(values), all_partitions(values)
        assert len(found.at) == 0
        assert found.reason.tolist() == [Reason.FEW] * len(values)
        assert cut.chosen("bic").tolist() == [-1] * len(values)


def test_reasons_in_the_order_in_which_one_series_is_asked() -> None:
    empty, inf = np.nan, np.inf
    values = np.array(
        [
            [1, inf, 2, 3, 4, 5, 6, 7, 8, 9],
            [1, *[empty] * 9],
            [2, 2, *[empty] * 8],
            [1, 2, 3, *[empty] * 7],
            [1, 2, 4, 3, 1, *[empty] * 5],
            [1, 2, 4, 3, 1, 2, 4, 3, 1, 2],
        ]
    )
    expected = [
        Reason.INFINITE,
        Reason.FEW,
        Reason.CONSTANT,
        Reason.NO_ROOM,
        Reason.SHORT,
        Reason.NONE,
    ]
    assert find_all_breaks(values).reason.tolist() == expected
    expected[4] = Reason.NONE
    assert all_partitions(values).reason.tolist() == expected


def assert_same_partitions(
    found: AllPartitions, place: int, row: FloatArray, regime: Regime
) -> None:
    design = design_of(row, regime)
    if design is None:
        assert found.reason[place]
        assert np.isnan(found.costs[place]).all()
        return
    expected = partitions_of(design, most=5)
    known = ~np.isnan(found.costs[place])
    assert known.tolist() == [count < len(expected.breaks) for count in range(6)]
    for count, breaks in enumerate(expected.breaks):
        mine = found.breaks[place, count]
        assert mine[:count].tolist() == (design.steps[breaks] - FIRST).tolist()
        assert (mine[count:] == -1).all()
    spread = float(np.sum((design.y - design.y.mean()) ** 2))
    costs = np.where(expected.costs > 1e-12 * spread, expected.costs, 0.0)
    assert near(found.costs[place, known], costs)


@pytest.mark.parametrize("regime", REGIMES)
@pytest.mark.parametrize("kind", KINDS)
def test_partitions_are_those_of_one_series(
    kind: Callable[..., FloatArray], regime: Regime
) -> None:
    values = some(kind, 240, longest=60, seed=7)
    found = all_partitions(values, regime=regime)
    for place, row in enumerate(values):
        assert_same_partitions(found, place, row, regime)


@pytest.mark.parametrize("regime", REGIMES)
def test_no_partition_costs_less(regime: Regime) -> None:
    values = np.concatenate(
        [shifts(np.random.default_rng(8), 3, 14), gaps(np.random.default_rng(9), 3, 14)]
    )
    found = all_partitions(values, regime=regime, most=2)
    for place, row in enumerate(values):
        there = np.flatnonzero(~np.isnan(row))
        x = np.vander(there.astype(np.float64), 2 if regime == "trend" else 1, increasing=True)
        shortest, nobs = x.shape[1] + 1, len(there)
        costs = [
            regime_cost(x, row[there], np.array([one, two]))
            for one in range(shortest, nobs - 2 * shortest + 1)
            for two in range(one + shortest, nobs - shortest + 1)
        ]
        if costs:
            assert near(found.costs[place, 2], min(costs))
        else:
            assert np.isnan(found.costs[place, 2])


@pytest.mark.parametrize("regime", REGIMES)
def test_the_number_of_breaks_is_that_of_one_series(regime: Regime) -> None:
    values = np.concatenate([some(kind, 30, longest=30, seed=10) for kind in KINDS])
    found = all_partitions(values, regime=regime)
    chosen = {choose: found.chosen(choose) for choose in ("bic", "lwz", 2)}  # type: ignore[arg-type]
    for place, row in enumerate(values):
        design = design_of(row, regime)
        if design is None:
            assert {int(counts[place]) for counts in chosen.values()} == {-1}
            continue
        known = found.costs[place, ~np.isnan(found.costs[place])]
        criteria = information_criteria(known, nobs=len(design.y), coefficients=design.x.shape[1])
        assert chosen["bic"][place] == first_minimum(criteria["bic"])
        assert chosen["lwz"][place] == first_minimum(criteria["lwz"])
        assert chosen[2][place] == (2 if len(known) > 2 else -1)  # type: ignore[index]
    taken = found.taken(chosen["bic"])
    assert ((taken >= 0).sum(axis=1) == np.maximum(chosen["bic"], 0)).all()


def test_find_breaks_by_a_criterion_takes_the_same_breaks() -> None:
    values = np.concatenate([some(kind, 3, longest=30, seed=11) for kind in (shifts, gaps, steps)])
    found = all_partitions(values)
    taken = found.taken(found.chosen("lwz"))
    for place, row in enumerate(values):
        if not found.reason[place]:
            dates = find_breaks(yearly(row), choose="lwz").break_dates
            assert (taken[place][taken[place] >= 0] + FIRST).tolist() == dates.tolist()


def test_more_breaks_than_were_searched_are_refused() -> None:
    with pytest.raises(ValueError, match="expected 0 to 5 breaks"):
        all_partitions(np.zeros((1, 12))).chosen(6)
