"""Verdicts by hand, as properties, and the errors of claims that cannot be evaluated."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.compare.claims import Claim, check_claims
from flows.errors import ReportError, UnitError
from flows.findings import Number


def number(name: str, value: float, **changes: Any) -> Number:
    given_fields = {"unit": "%", "printed": f"{value:g}", "about": "", "code": ()} | changes
    return Number(id=name, value=value, rows={"a@1": (2,)}, **given_fields)


def claim(**changes: Any) -> Claim:
    fields: dict[str, Any] = {
        "id": "arms",
        "quote": "nearly 70",
        "citation": "article",
        "assumes": "",
        "place": "claims.toml:3",
        "number": "share",
        "low": 67.5,
        "high": 70.0,
        "unit": "%",
        "says": "imports",
        "counts": "imports",
    }
    return Claim(**(fields | changes))


def rule(tested: Claim, *numbers: Number) -> Any:
    (verdict,) = check_claims([tested], {one.id: one for one in numbers})
    return verdict


def test_a_number_in_the_range_supports() -> None:
    verdict = rule(claim(), number("share", 67.74))
    assert (verdict.ruling, verdict.reasons) == ("supported", ())
    assert [(one.id, one.place) for one in verdict.evidence] == [("share", "inside")]


def test_the_ends_of_the_range_belong_to_it() -> None:
    assert rule(claim(), number("share", 67.5)).ruling == "supported"
    assert rule(claim(), number("share", 70.0)).ruling == "supported"


def test_a_number_out_of_the_range_contradicts() -> None:
    verdict = rule(claim(), number("share", 86.35))
    assert verdict.ruling == "contradicted"
    assert verdict.reasons == ("share lies outside 67.5 to 70 %",)


def test_another_quantity_qualifies() -> None:
    verdict = rule(claim(says="the arsenal"), number("share", 68.0))
    assert verdict.ruling == "supported with qualification"
    assert verdict.reasons == ("the sentence says the arsenal, the number counts imports",)


def test_another_number_that_lies_elsewhere_qualifies() -> None:
    verdict = rule(claim(also=("other",)), number("share", 68.0), number("other", 55.2))
    assert verdict.ruling == "supported with qualification"
    assert verdict.reasons == ("other lies outside 67.5 to 70 %",)
    assert rule(claim(also=("other",)), number("share", 68.0), number("other", 69.0)).ruling == (
        "supported"
    )


@pytest.mark.parametrize(
    ("low", "high", "ruling"),
    [
        (68.0, 69.0, "supported"),
        (66.0, 69.0, "supported with qualification"),
        (68.0, None, "supported with qualification"),
        (None, 68.0, "supported with qualification"),
        (80.0, 90.0, "contradicted"),
        (80.0, None, "contradicted"),
    ],
)
def test_bounds_decide_and_not_the_value_alone(
    low: float | None, high: float | None, ruling: str
) -> None:
    found = number("share", 68.5, low=low, high=high, spread="bounds")
    assert rule(claim(), found).ruling == ruling


def test_bounds_of_another_number_that_reach_beyond_qualify() -> None:
    other = number("other", 69.0, low=60.0, high=75.0, spread="bounds")
    verdict = rule(claim(also=("other",)), number("share", 68.0), other)
    assert verdict.reasons == ("the bounds of other reach beyond 67.5 to 70 %",)


def test_a_range_may_be_open() -> None:
    at_least = claim(low=60.0, high=math.inf)
    assert rule(at_least, number("share", 1e9)).ruling == "supported"
    assert rule(claim(low=-math.inf, high=60.0), number("share", 68.0)).ruling == "contradicted"


def test_without_a_number_nothing_is_tested_and_evidence_stands_beside() -> None:
    tested = claim(number="", untestable="No lengths.", beside=("share",), wording="{share} km?")
    verdict = rule(tested, number("share", 43.0, unit="km"))
    assert (verdict.ruling, verdict.reasons) == ("not testable", ("No lengths.",))
    assert [(one.id, one.place) for one in verdict.evidence] == [("share", "beside")]
    assert verdict.wording == "43 km?"


def test_the_wording_holds_the_numbers_as_printed() -> None:
    verdict = rule(claim(wording="{share}% of imports"), number("share", 68.0, printed="68.00"))
    assert verdict.wording == "68.00% of imports"


@pytest.mark.parametrize("field", ["number", "also", "beside", "wording"])
def test_a_number_that_is_not_there_is_named_with_its_place(field: str) -> None:
    missing = {"number": "shore", "also": ("shore",), "beside": ("shore",), "wording": "{shore}"}
    with pytest.raises(
        ReportError, match=r"claims.toml:3: claim arms: .* found 'shore'; nearest: share"
    ):
        rule(claim(**{field: missing[field]}), number("share", 68.0))


def test_a_number_that_is_far_from_all_has_no_nearest() -> None:
    with pytest.raises(ReportError, match=r"found 'zzz'$"):
        rule(claim(number="zzz"), number("share", 68.0))


def test_two_units_are_never_compared() -> None:
    with pytest.raises(UnitError, match=r"claims.toml:3: .* share in '%', found it in 'TIV'"):
        rule(claim(), number("share", 68.0, unit="TIV"))


@given(
    st.floats(0, 100),
    st.floats(0, 50),
    st.floats(0, 50),
    st.floats(0, 10),
)
def test_a_wider_range_never_contradicts_what_a_narrow_one_supports(
    value: float, below: float, above: float, wider: float
) -> None:
    found = number("share", value, low=value - below, high=value + above, spread="bounds")
    order = ["contradicted", "supported with qualification", "supported"]
    narrow = rule(claim(low=40.0, high=60.0), found).ruling
    wide = rule(claim(low=40.0 - wider, high=60.0 + wider), found).ruling
    assert order.index(wide) >= order.index(narrow)
