"""One measure under every combination of choices: by hand, whatever the order, and refused."""

import math
from collections.abc import Mapping
from itertools import permutations
from typing import Any, NamedTuple

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.compare.choices import DOES_NOT_APPLY, ChoiceComparison, compare_choices
from flows.errors import PeriodError, SampleError, UnitError

DIGITS = 1e-12
"""Sums of a few numbers, in another order."""

SUMS = {"tens": {"ten": 10.0, "forty": 40.0}, "ones": {"one": 1.0, "two": 2.0}}
OWN = {"tens": "ten", "ones": "two"}

SIDES: dict[str, dict[str, Any]] = {
    "report": {"exporter": 100.0, "importer": 132.0},
    "ratio": {"as stated": 1.0, "1.1": 1.1, "1.2": 1.2},
    "year": {"1402": 0.0, "2023": 20.0},
}
WHERE = {"ratio": {"report": ["importer"]}}
SIDE = {"report": "importer", "ratio": "as stated", "year": "1402"}


class Bounded(NamedTuple):
    value: float
    low: float | None
    high: float


def add(*, tens: float, ones: float) -> float:
    return tens + ones


def fob(*, report: float, year: float, ratio: float = 1.0) -> float:
    if report == SIDES["report"]["exporter"] and year:
        raise PeriodError("the exporter publishes no such year")
    return (report + year) / ratio


def sides(**changes: Any) -> ChoiceComparison:
    asked: dict[str, Any] = {"own": SIDE, "applies": WHERE} | changes
    return compare_choices(fob, SIDES, **asked)


def test_every_combination_of_a_sum_by_hand() -> None:
    found = compare_choices(add, SUMS, own=OWN)
    assert found.frame["value"].tolist() == [11.0, 12.0, 41.0, 42.0]
    assert found.frame["tens"].tolist() == ["ten", "ten", "forty", "forty"]
    assert found.frame["own"].tolist() == [False, True, False, False]
    assert (found.lowest, found.median, found.highest, found.own) == (11.0, 26.5, 42.0, 12.0)
    assert (found.rank, found.below, found.above, found.refused) == (2, 1, 2, 0)
    assert found.moves[["choice", "options", "moves", "most", "compared"]].to_numpy().tolist() == [
        ["tens", 2, 30.0, 30.0, 2],
        ["ones", 2, 1.0, 1.0, 2],
    ]
    assert (found.most, found.choices, found.asked) == (
        "tens",
        ["tens", "ones"],
        ["tens", "ones"],
    )


def test_a_choice_that_does_not_apply_makes_one_combination_of_several() -> None:
    found = sides()
    assert len(found.frame) == 2 + 3 * 2
    exporter = found.frame[found.frame["report"] == "exporter"]
    assert exporter["ratio"].tolist() == [DOES_NOT_APPLY] * 2
    assert found.known.tolist() == pytest.approx(
        [100.0, 110.0, 120.0, 152 / 1.2, 132.0, 152 / 1.1, 152.0], abs=DIGITS
    )


def test_what_cannot_be_computed_stays_with_its_reason() -> None:
    found = sides()
    last = found.frame.iloc[-1]
    assert (found.refused, last["report"], last["year"]) == (1, "exporter", "2023")
    assert last["reason"] == "the exporter publishes no such year"
    assert math.isnan(last["value"])
    assert found.answers[-1] is None
    assert (found.frame["reason"] == "").sum() == len(found.known)


def test_a_choice_moves_by_its_mean_over_combinations_of_the_others_that_have_it() -> None:
    moves = sides().moves.set_index("choice")
    assert moves["compared"].to_dict() == {"report": 3, "ratio": 2, "year": 3}
    assert moves["moves"].to_dict() == pytest.approx(
        {
            # In 1402 alone, against each of the three ratios; the exporter has no 2023.
            "report": (32.0 + 20.0 + 10.0) / 3,
            "ratio": ((132 - 110) + (152 - 152 / 1.2)) / 2,
            # The exporter, who has one year, is not compared.
            "year": (20.0 + 20 / 1.1 + 20 / 1.2) / 3,
        },
        abs=DIGITS,
    )


@given(
    st.permutations(list(SIDES)), st.permutations(list(SIDES["ratio"])), st.sampled_from([1, -1])
)
def test_neither_the_order_of_choices_nor_of_options_changes_anything(
    choices: list[str], ratios: list[str], turn: int
) -> None:
    options = SIDES | {"ratio": {label: SIDES["ratio"][label] for label in ratios}}
    options = {choice: dict(list(own.items())[::turn]) for choice, own in options.items()}
    other = compare_choices(
        fob, {choice: options[choice] for choice in choices}, own=SIDE, applies=WHERE
    )
    plain = sides()
    pd.testing.assert_frame_equal(other.frame[plain.frame.columns], plain.frame)
    pd.testing.assert_frame_equal(other.moves, plain.moves)


def test_equal_moves_are_in_the_order_of_the_alphabet() -> None:
    for names in permutations("abc"):
        found = compare_choices(
            lambda **chosen: sum(chosen.values()),
            {name: {"low": 0.1, "high": 0.4} for name in names},
            own=dict.fromkeys(names, "low"),
        )
        assert found.choices == ["a", "b", "c"]


def test_where_nothing_moves_no_choice_does_most() -> None:
    found = compare_choices(lambda **_: 3.0, SUMS, own=OWN)
    assert (found.most, found.rank, found.above) == ("", 1, 0)
    assert "no choice moves it" in found.summary()


def test_values_that_differ_by_noise_alone_are_one_place() -> None:
    found = compare_choices(
        lambda way: way,
        {"way": {"sum": 0.1 + 0.2, "plain": 0.3}},
        own={"way": "sum"},
    )
    assert (found.rank, found.below, found.above) == (1, 0, 0)
    assert found.frame["way"].tolist() == ["plain", "sum"]


def test_bounds_are_those_of_the_result_and_may_be_missing() -> None:
    answers = {"open": Bounded(2.0, None, 3.0), "closed": Bounded(1.0, 0.5, 1.5)}
    found = compare_choices(lambda end: end, {"end": answers}, own={"end": "open"})
    assert found.frame[["low", "high"]].iloc[0].tolist() == [0.5, 1.5]
    assert found.frame["low"].isna().tolist() == [False, True]
    assert found.answers == (answers["closed"], answers["open"])


def test_a_result_without_a_finite_value_has_none() -> None:
    found = compare_choices(
        lambda size: size, {"size": {"one": 1.0, "none": math.nan}}, own={"size": "one"}
    )
    assert found.frame["reason"].tolist() == ["", "the measure gives no value"]
    with pytest.raises(SampleError, match="expected a finite value of size none, found none"):
        compare_choices(
            lambda size: size, {"size": {"one": 1.0, "none": math.nan}}, own={"size": "none"}
        )


def test_its_own_combination_has_to_be_there() -> None:
    with pytest.raises(PeriodError, match="publishes no such year"):
        sides(own={"report": "exporter", "year": "2023"})


def test_other_errors_than_those_of_the_data_stop() -> None:
    with pytest.raises(ZeroDivisionError):
        compare_choices(lambda by: 1 / by, {"by": {"zero": 0, "one": 1}}, own={"by": "one"})
    with pytest.raises(TypeError, match="expected a number, or a result"):
        compare_choices(lambda by: f"{by}", {"by": {"zero": 0, "one": 1}}, own={"by": "one"})

    def two_units(*, by: int) -> float:
        raise UnitError(f"expected one unit, found {by}")

    with pytest.raises(UnitError, match="expected one unit, found 1"):
        compare_choices(two_units, {"by": {"zero": 0, "one": 1}}, own={"by": "one"})


@pytest.mark.parametrize(
    ("choices", "changes", "message"),
    [
        ({}, {}, "choices: expected one at least, found none"),
        ({"a": {"only": 1}}, {}, "expected two options at least of 'a'.*found 'only'"),
        ({"value": {"x": 1, "y": 2}}, {}, "no column of the result has.*found 'value'"),
        (SUMS, {"own": {"tens": "ten"}}, "own: expected an option of 'ones', found none"),
        (SUMS, {"own": OWN | {"one": "two"}}, "own: expected one of 'tens', 'ones', found 'one'"),
        (SUMS, {"own": OWN | {"ones": "three"}}, "own, 'ones': .*found 'three'"),
        (SUMS, {"applies": {"ones": {"tens": ["five"]}}}, "applies, 'ones', 'tens': .*'five'"),
        (SUMS, {"applies": {"ones": {"tens": "ten"}}}, "a list of labels, found 'tens'"),
        (
            SUMS,
            {"applies": {"ones": {"tens": ["ten"]}, "tens": {"ones": ["one"]}}},
            "choices that always apply themselves",
        ),
    ],
)
def test_what_cannot_be_asked_is_refused(
    choices: Mapping[str, Any], changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        compare_choices(add, choices, **({"own": OWN} | changes))


def test_too_many_combinations_are_counted_and_refused_before_any_is_computed() -> None:
    options = {str(number): number for number in range(7)}

    def never(**_: int) -> float:
        raise AssertionError

    many = {"a": options, "b": options, "c": options}
    message = r"at most 300 combinations, found 343 \(options: a 7, b 7, c 7\)"
    with pytest.raises(ValueError, match=message):
        compare_choices(never, many, own={})
    with pytest.raises(ValueError, match=message):
        compare_choices(never, many, own={}, applies={"c": {"a": list(options)}})


def test_it_draws_itself() -> None:
    drawing = sides().drawing()
    assert drawing.draw == "draw_choices"
    assert drawing.options["choices"] == sides().choices
    assert len(sides().plot().axes) == 1
