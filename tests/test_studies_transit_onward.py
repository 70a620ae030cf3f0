"""The triangle of a transit study: bounds worked out by hand, and by logic of their own."""

import re

import hypothesis
import pytest
from hypothesis import strategies as st
from number_code import check_code
from transit_years import CONSIGNMENT, ONWARD, answer, exports_of, has, hub_of, text_of, yearly

import flows as fl
from flows.errors import PeriodError
from flows.findings import Findings

FALLING = (110.0, 110.0, 100.0, 100.0)
MUCH = (50.0, 50.0, 300.0, 350.0)


@pytest.fixture(scope="module")
def triangle() -> Findings:
    return answer("onward", exports=exports_of(), hub=hub_of())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("additional.exports", 500 - 2 * 100),
        ("additional.arrivals.consignment", 430 - 2 * 110),
        ("additional.onward", 200 - 2 * 50),
        ("unmatched.consignment", 100 * (1 - 210 / 300)),
        ("through", 300 - 210 / 1.2 + 100),
        ("through.displacing", 300),
    ],
)
def test_it_is_what_was_worked_out_by_hand(triangle: Findings, name: str, value: float) -> None:
    assert triangle.number(f"t.onward.{name}").value == pytest.approx(value, rel=1e-7)


def test_bounds_are_over_freight_and_the_ratio_before(triangle: Findings) -> None:
    unmatched = triangle.number("t.onward.unmatched.consignment")
    assert unmatched.spread == "bounds"
    assert unmatched.low == pytest.approx(30.0)
    assert unmatched.high == pytest.approx(100 * (1 - 210 / 1.2 / 300))
    narrow = answer("onward", exports=exports_of(), hub=hub_of(), cif_fob_ratio=(1.0, 1.0))
    high = narrow.number("t.onward.unmatched.consignment").high
    assert high == pytest.approx(100 * (1 - 210 / 1.1 / 300)), "the ratio before was 1.1"


def test_what_can_have_gone_on_begins_at_nothing(triangle: Findings) -> None:
    through = triangle.number("t.onward.through")
    assert (through.low, through.high) == (0.0, through.value)


def test_the_table_has_each_assumption_under_a_letter_with_its_formula(triangle: Findings) -> None:
    frame = triangle.table("t-triangle").frame.set_index("row")
    against_mean, against_last = "2019-2020", "2020"
    shares = frame[frame["what"].str.startswith("Not matched")]
    assert shares[against_mean].tolist() == pytest.approx(
        [100 * (1 - 210 / ratio / 300) for ratio in (1.0, 1.05, 1.2, 1.1)]
    )
    assert shares["reckoned"].tolist()[1] == "1 − B / (1.05 × A)"
    assert frame.loc["A", against_last] == 500 - 2 * 110
    assert frame.loc["B", against_last] == 430 - 2 * 110


def test_at_the_ratio_before_totals_leave_the_same_unmatched(triangle: Findings) -> None:
    frame = triangle.table("t-triangle").frame
    held = frame.loc[frame["what"].str.endswith("at the ratio before"), "2019-2020"].iloc[0]
    ratio = 110 / 100
    short = (ratio * 500 - 430) / ratio
    assert held == pytest.approx(100 * short / 300)


def test_no_part_has_to_be_others_where_less_went_on_than_came(triangle: Findings) -> None:
    assert not has(triangle, "onward.not-theirs")
    assert "no part of the rise has to be other goods" in text_of(triangle, "onward")


def test_what_exceeds_all_that_came_is_something_else() -> None:
    found = answer("onward", exports=exports_of(), hub=hub_of(onward=MUCH))
    least = found.number("t.onward.not-theirs")
    assert least.value == pytest.approx(100 * 250 / 550)
    assert (least.low, least.high) == (pytest.approx(least.value), 100.0)
    mark_up = found.number("t.onward.mark-up").value
    assert 300 * (1 + mark_up / 100) == pytest.approx(550)
    assert found.number("t.onward.not-theirs.all").value == pytest.approx(100 * 50 / 550)
    assert found.number("t.onward.through").value == pytest.approx(300)


def test_no_share_is_made_of_arrivals_that_fell() -> None:
    found = answer("onward", exports=exports_of(), hub=hub_of(consignment=FALLING))
    assert not has(found, "onward.unmatched.consignment")
    assert found.number("t.onward.through").value == 300
    assert "none of the additional goods is matched" in text_of(found, "onward")


def test_where_onward_exports_fell_only_what_never_arrived_can_have_gone() -> None:
    found = answer("onward", exports=exports_of(), hub=hub_of(onward=(50.0, 50.0, 40.0, 40.0)))
    assert found.number("t.onward.through").value == pytest.approx(300 - 210 / 1.2)
    assert found.number("t.onward.through.displacing").value == pytest.approx(300 - 210 / 1.2 + 80)
    assert "these exports did not rise" in text_of(found, "onward")


def test_exports_that_fell_leave_nothing_to_follow() -> None:
    sent = exports_of(yearly("DEU", "JOR", FALLING))
    found = answer("onward", exports=sent, hub=hub_of())
    assert {number.id for number in found.numbers} == {
        "t.onward.additional.exports",
        "t.onward.additional.arrivals.consignment",
        "t.onward.additional.onward",
    }
    assert "there is nothing in addition that could have gone on" in text_of(found, "onward")


def test_without_the_hub_it_says_what_would_be_needed() -> None:
    found = answer("onward", exports=exports_of())
    assert [number.id for number in found.numbers] == ["t.onward.additional.exports"]
    assert "its exports to Iraq is not among the data" in text_of(found, "onward")


def test_a_year_that_the_hub_does_not_state_is_not_filled() -> None:
    gap = (None, *CONSIGNMENT[1:])
    found = answer("onward", exports=exports_of(), hub=hub_of(consignment=gap))
    assert not has(found, "onward.additional.arrivals.consignment")
    assert "what arrived from Germany is not among the data" in text_of(found, "onward")
    with pytest.raises(PeriodError, match=r"all years of 2019-2020 .* found nothing whole in 2019"):
        answer("onward", exports=exports_of(yearly("DEU", "JOR", gap)), hub=hub_of())


def test_importers_that_state_fob_have_no_freight_taken_off() -> None:
    hub = hub_of().assign(valuation="FOB")
    found = answer("onward", exports=exports_of(), hub=hub)
    high = found.number("t.onward.unmatched.consignment").high
    assert high == pytest.approx(100 * (1 - 210 / 1.1 / 300))


def test_both_bases_count_for_what_can_have_gone_on() -> None:
    origin = (60.0, 60.0, 100.0, 120.0)
    found = answer("onward", exports=exports_of(), hub=hub_of(origin=origin))
    assert found.number("t.onward.unmatched.origin").value == pytest.approx(100 * (1 - 100 / 300))
    # By origin the ratio before is 0.6, so that the bounds lie on both sides of what is stated.
    low = found.number("t.onward.unmatched.origin").low
    assert low == pytest.approx(100 * (1 - 100 / 0.6 / 300))
    assert found.number("t.onward.through").value == pytest.approx(300)


@pytest.mark.parametrize("onward", [ONWARD, MUCH])
def test_every_number_is_given_by_its_code(onward: tuple[float, ...]) -> None:
    exports, hub = exports_of(), hub_of(onward=onward, origin=CONSIGNMENT)
    for number in answer("onward", exports=exports, hub=hub).numbers:
        check_code(number, exports=exports, hub=hub)
        assert number.rows


AMOUNT = st.integers(1, 400)


@hypothesis.given(AMOUNT, AMOUNT, AMOUNT)
@hypothesis.settings(max_examples=10, deadline=None)
def test_the_limit_is_that_of_what_never_arrived_and_of_what_went_on(
    sent: int, arrived: int, gone: int
) -> None:
    def rising(more: int) -> tuple[float, ...]:
        return (100.0, 100.0, 100.0, 100.0 + more)

    found = answer(
        "onward",
        exports=exports_of(yearly("DEU", "JOR", rising(sent))),
        hub=hub_of(consignment=rising(arrived), onward=rising(gone)),
        cif_fob_ratio=(1.0, 1.0),
    )
    never = max(0, sent - arrived)
    limit = min(sent, never + min(arrived, gone))
    assert found.number("t.onward.through").value == pytest.approx(limit)


@pytest.fixture(scope="module")
def case() -> Findings:
    return answer(
        "onward",
        exports=fl.load("eurostat-exports@2024-11"),
        hub=fl.load("armstat-partners@2025-02"),
        rates=fl.load("ecb-rates@2026-10"),
        origin="EU27_2020",
        via="ARM",
        destination="RUS",
        before=(2019, 2021),
        after=(2022, 2023),
        cif_fob_ratio=(1.06, 1.10),
    )


def test_the_case_has_the_shares_of_a_first_calculation(case: Findings) -> None:
    """About a quarter by consignment; 44 % by origin, without members that are not named."""
    assert case.number("t.onward.unmatched.consignment").value == pytest.approx(25, abs=2.5)
    exports = case.number("t.onward.additional.exports").value
    arrivals = case.number("t.onward.additional.arrivals.origin").value
    unnamed = float(re.findall(r"([\d.]+) by origin", case.table("t-triangle").note)[0])
    assert 100 * (1 - (arrivals - unnamed) / exports) == pytest.approx(44, abs=0.5)


def test_the_case_leaves_everything_open_but_the_rest(case: Findings) -> None:
    exports = case.number("t.onward.additional.exports")
    assert case.number("t.onward.through").high == exports.value
    onward = 2462.8 + 3540.2 - 2 * (741.4 + 680.3 + 840.7) / 3
    least = case.number("t.onward.not-theirs").value
    assert least == pytest.approx(100 * (1 - exports.value / onward), abs=0.01)
