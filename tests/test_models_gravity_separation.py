"""Separation under absorbed effects: known sets, dummies instead of effects, and by hand."""

import tracemalloc
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from references import reference

from flows.errors import SampleError
from flows.models.gravity.separation import (
    droppable,
    name_rows,
    separated_with_effects,
    separating,
)
from flows.models.quasi_likelihood import BoolArray, separated
from flows.models.sample import FloatArray, IntArray

SETS = reference("separation")["sets"] | reference("separation_11")["sets"]

Sample = tuple[FloatArray, FloatArray, list[IntArray]]


def as_sample(frame: pd.DataFrame) -> Sample:
    """Return regressors, responses and effects; a set without effects has a constant."""
    effects = [name for name in frame if str(name).startswith("id") or name in {"i", "j"}]
    regressors = [name for name in frame if name not in {*effects, "y", "separated"}]
    x = frame[regressors].to_numpy(dtype=float).reshape(len(frame), -1)
    if not effects:
        x = np.column_stack([np.ones(len(frame)), x])
    codes = [np.unique(frame[name], return_inverse=True)[1] for name in effects]
    return x, frame["y"].to_numpy(dtype=float), codes


def with_dummies(x: FloatArray, y: FloatArray, codes: Sequence[IntArray]) -> BoolArray:
    dummies = [np.eye(code.max() + 1)[code] for code in codes]
    return separated(np.column_stack([x, *dummies]), y)


@pytest.mark.parametrize("name", SETS)
def test_known_sets_are_found(name: str) -> None:
    case = SETS[name]
    frame = pd.DataFrame(case["rows"], columns=case["columns"])
    found = separated_with_effects(*as_sample(frame))
    assert (np.flatnonzero(found) + 1).tolist() == case["separated"]


def test_known_sets_of_real_samples_are_found(shared_reference: Path) -> None:
    files = sorted((shared_reference / "poisson_separation").glob("*.csv"))
    assert len(files) == 17
    for path in files:
        frame = pd.read_csv(path)
        sample = as_sample(frame)
        wanted = frame["separated"] == 1 if "separated" in frame else with_dummies(*sample)
        assert (separated_with_effects(*sample) == wanted).all(), path.name


def no_regressor(nobs: int) -> FloatArray:
    return np.empty((nobs, 0))


def test_blocks_that_only_zeros_connect_one_way() -> None:
    # Exporters 0 and 1 sell to importers 0 and 1, exporter 2 to importer 2; a zero from 2 to 0.
    exporter = np.array([0, 0, 1, 1, 2, 2])
    importer = np.array([0, 1, 0, 1, 2, 0])
    y = np.array([1.0, 1, 1, 1, 1, 0])
    assert separated_with_effects(no_regressor(6), y, [exporter, importer]).tolist() == [
        *[False] * 5,
        True,
    ]
    # With a zero in the other direction one cannot fall without the other's rise.
    both = [np.append(exporter, 0), np.append(importer, 2)]
    assert not separated_with_effects(no_regressor(7), np.append(y, 0.0), both).any()


def test_three_blocks_whose_zeros_go_round_are_kept() -> None:
    pairs = [(0, 0, 1), (1, 1, 1), (2, 2, 1), (0, 1, 0), (1, 2, 0), (2, 0, 0)]
    exporter, importer, y = np.array(pairs).T
    effects = [exporter, importer]
    assert not separated_with_effects(no_regressor(6), y.astype(float), effects).any()
    way = separated_with_effects(no_regressor(5), y[:5].astype(float), [e[:5] for e in effects])
    assert np.flatnonzero(way).tolist() == [3, 4]


def three_way(exporters: int, years: int) -> tuple[IntArray, IntArray, IntArray, list[IntArray]]:
    cells = np.indices((exporters, exporters, years)).reshape(3, -1)
    i, j, t = cells[:, cells[0] != cells[1]]
    return i, j, t, [i * years + t, j * years + t, i * exporters + j]


def test_a_year_of_new_partners_only_is_separated_three_way() -> None:
    """Country 0 sells in its last year to 1 and 2 alone, in which it has no other rows."""
    i, j, t, codes = three_way(5, 4)
    y = np.ones(len(i))
    y[(i == 0) & (t == 3) & (j > 2)] = 0
    others = (i == 0) & (j <= 2) & (t < 3)
    kept = ~others
    sample = [np.unique(code[kept], return_inverse=True)[1] for code in codes]
    found = separated_with_effects(no_regressor(kept.sum()), y[kept], sample)
    assert (found == (y[kept] == 0)).all()
    # A zero in an earlier year of one of these pairs forbids the year to fall.
    y[others & (j == 1)] = 0
    kept |= others & (j == 1)
    sample = [np.unique(code[kept], return_inverse=True)[1] for code in codes]
    assert not separated_with_effects(no_regressor(kept.sum()), y[kept], sample).any()


def test_a_regressor_and_the_effects_together_separate() -> None:
    exporter, importer = np.indices((2, 3)).reshape(2, -1)
    y = np.array([1.0, 1, 1, 1, 1, 0])
    x = np.zeros((6, 1))
    effects = [exporter, importer]
    assert not separated_with_effects(x, y, effects).any()
    # The regressor is an exporter's effect but for the zero.
    x[:, 0] = exporter
    x[5] = 4
    found = separated_with_effects(x, y, effects)
    assert np.flatnonzero(found).tolist() == [5]
    assert separating(x, y, effects, found).tolist() == [True]
    # Either of two regressors that are the same but for their unit will do; one is named.
    two = np.column_stack([x, np.arange(6) ** 2, 2 * x])
    found = separated_with_effects(two, y, effects)
    assert separating(two, y, effects, found).sum() == 1
    assert separating(x, np.ones(6), effects, np.zeros(6, dtype=bool)).tolist() == [False]


def test_no_positive_response_separates_all() -> None:
    one = np.zeros(3, dtype=np.int64)
    assert separated_with_effects(no_regressor(3), np.zeros(3), [one]).all()
    assert separated_with_effects(np.ones((3, 1)), np.zeros(3), []).all()
    assert not separated_with_effects(no_regressor(3), np.zeros(3), []).any()
    assert not separated_with_effects(no_regressor(3), np.ones(3), [one]).any()


@pytest.mark.parametrize("value", [-1.0, np.nan, np.inf])
def test_impossible_values_are_refused(value: float) -> None:
    one = np.zeros(2, dtype=np.int64)
    with pytest.raises(SampleError, match="responses of zero or more"):
        separated_with_effects(no_regressor(2), np.array([1.0, value]), [one])
    with pytest.raises(SampleError, match="responses of zero or more"):
        droppable(np.array([1.0, value]), [one])
    if value != -1:
        with pytest.raises(SampleError, match="finite regressors"):
            separated_with_effects(np.array([[1.0], [value]]), np.ones(2), [one])


@st.composite
def samples(draw: st.DrawFn) -> Sample:
    nobs = draw(st.integers(1, 30))
    counts = draw(st.lists(st.integers(1, 7), max_size=4))
    numbers = np.random.default_rng(draw(st.integers(0, 2**32)))
    codes = [np.unique(numbers.integers(0, n, nobs), return_inverse=True)[1] for n in counts]
    x = numbers.integers(-1, 2, (nobs, draw(st.integers(0, 3)))).astype(float)
    y = (numbers.random(nobs) < draw(st.floats(0.1, 0.9))) * numbers.exponential(size=nobs)
    return x if counts else np.column_stack([np.ones(nobs), x]), y, codes


@given(sample=samples())
def test_effects_separate_as_their_dummies_do(sample: Sample) -> None:
    assert (separated_with_effects(*sample) == with_dummies(*sample)).all()


@given(sample=samples(), seed=st.integers(0, 99))
def test_order_units_and_numbers_of_groups_change_nothing(sample: Sample, seed: int) -> None:
    x, y, codes = sample
    found = separated_with_effects(x, y, codes)
    order = np.random.default_rng(seed).permutation(len(y))
    renamed = [code.max() - code for code in codes]
    moved = separated_with_effects(x[order], y[order] * 1e9, [code[order] for code in renamed])
    assert (moved == found[order]).all()
    assert (separated_with_effects(x * 1e9 + x.sum(), y, codes) == found).all() or not codes
    assert (separated_with_effects(x / 3e5, y, codes[::-1]) == found).all()


@given(sample=samples())
def test_what_is_left_has_an_estimate(sample: Sample) -> None:
    x, y, codes = sample
    kept = ~separated_with_effects(x, y, codes)
    rest = [np.unique(code[kept], return_inverse=True)[1] for code in codes]
    if kept.any():
        assert not separated_with_effects(x[kept], y[kept], rest).any()


@pytest.mark.parametrize(("share", "beyond_groups"), [(0.15, True), (0.3, False)])
def test_a_sparse_panel_equals_its_dummies(share: float, *, beyond_groups: bool) -> None:
    i, _, t, codes = three_way(9, 4)
    numbers = np.random.default_rng(5)
    x = np.column_stack([numbers.normal(size=len(i)), (i == 3) & (t > 1)]).astype(float)
    y = (numbers.random(len(i)) < share).astype(float)
    found = separated_with_effects(x, y, codes)
    assert (found == with_dummies(x, y, codes)).all()
    alone = np.logical_or.reduce([np.bincount(code, weights=y)[code] == 0 for code in codes])
    assert (found & ~alone).any() == beyond_groups


def test_three_way_panel_of_countries_needs_little_memory() -> None:
    i, j, t, codes = three_way(200, 6)
    numbers = np.random.default_rng(2)
    y = (numbers.random(len(i)) < 0.6) * 1.0
    agreement = (t >= numbers.integers(1, 9, (200, 200))[i, j]).astype(float)
    x = np.column_stack([agreement, numbers.normal(size=len(i))])
    tracemalloc.start()
    found = separated_with_effects(x, y, codes)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100 * 2**20
    # Where most flows are positive, only pairs without any flow are lost.
    assert (found == (np.bincount(codes[2], weights=y)[codes[2]] == 0)).all()


def test_falls_go_on_until_none_is_left() -> None:
    #   firm: 0 0 1 1 2 2 2 3 3    year: 3 has only zeros; without it firm 3 has one row.
    firm = np.array([0, 0, 1, 1, 2, 2, 2, 3, 3])
    year = np.array([0, 1, 0, 1, 0, 1, 2, 3, 1])
    y = np.array([1.0, 2, 3, 4, 5, 6, 7, 0, 9])
    found = droppable(y, [firm, year])
    assert np.flatnonzero(found.rows).tolist() == [6, 7, 8]
    of_firm, of_year = found.effects
    assert (of_firm.zero.tolist(), of_firm.zero_rows, of_firm.singletons.tolist()) == ([], 0, [3])
    assert (of_year.zero.tolist(), of_year.zero_rows, of_year.singletons.tolist()) == ([3], 1, [2])


def test_a_singleton_can_leave_zeros_behind() -> None:
    # Row 2 is all of firm 1 and the only flow of year 1, whose zero falls with it.
    firm = np.array([0, 0, 1, 0])
    year = np.array([0, 0, 1, 1])
    found = droppable(np.array([1.0, 2, 3, 0]), [firm, year])
    assert np.flatnonzero(found.rows).tolist() == [2, 3]
    assert found.effects[0].singletons.tolist() == [1]
    assert found.effects[1].zero.tolist() == [1]


@given(sample=samples())
def test_nothing_droppable_is_left_and_nothing_else_is_dropped(sample: Sample) -> None:
    _, y, codes = sample
    frame = pd.DataFrame({"y": y} | {f"c{n}": code for n, code in enumerate(codes)})
    while True:
        gone = pd.Series(data=False, index=frame.index)
        for name in frame.columns[1:]:
            groups = frame.groupby(name)["y"]
            gone |= (groups.transform("size") == 1) | (groups.transform("sum") == 0)
        if not gone.any():
            break
        frame = frame[~gone]
    found = droppable(y, codes)
    assert np.flatnonzero(~found.rows).tolist() == frame.index.tolist()
    counted = sum(len(effect.singletons) + effect.zero_rows for effect in found.effects)
    assert counted == found.rows.sum()


def test_rows_are_named_by_groups_where_they_fill_them() -> None:
    exporter = np.array([0, 0, 0, 1, 1, 2])
    importer = np.array([0, 1, 2, 0, 1, 2])
    labels = [["IRN", "ARM", "TUR"], ["GEO", "AZE", "RUS"]]

    def words(rows: list[int], *, among: Sequence[int] = range(6)) -> str:
        marks = np.isin(np.arange(6), rows), np.isin(np.arange(6), among)
        return name_rows(
            *marks,
            [exporter, importer],
            name_group=lambda effect, code: f"of {labels[effect][code]}",
            name_row=lambda row: f"{labels[0][exporter[row]]} to {labels[1][importer[row]]}",
        )

    assert words([0, 1, 2]) == "all 3 of IRN"
    assert words([0, 1, 2, 3]) == "all 3 of IRN, ARM to GEO"
    assert words([0, 1, 2, 5]) == "all 3 of IRN, TUR to RUS"
    assert words([0, 3, 4]) == "all 2 of ARM, IRN to GEO"
    assert words([0, 1]) == "IRN to GEO, IRN to AZE"
    assert words([0, 1], among=[0, 1, 3]) == "all 2 of IRN"
    everything = name_rows(
        np.ones(9, dtype=bool),
        np.ones(9, dtype=bool),
        [],
        name_group=lambda *_: "",
        name_row=lambda row: f"row {row + 1}",
    )
    assert everything == "row 1, row 2, row 3, row 4, row 5 and 4 more"
