"""What a bridge can take out of two statements: by hand, in every order, and what is refused."""

import math
from itertools import permutations
from typing import Any

import pandas as pd
import pytest
from bridges import YEAR, armenia, gas, iran, lead
from hypothesis import given, settings
from hypothesis import strategies as st
from statements import flow_table, statement

from flows.compare.bridge import Bridge
from flows.compare.differences import Ledger, check_apart, check_one_flow, part_in, side_in
from flows.errors import DoubleCountError, FlowsError, SchemaError, UnitError
from flows.periods import Period
from flows.table import empty_table

ROUNDING = 1e-12
"""Relative; steps are rounded once, from fractions."""


def values(found: Bridge) -> dict[str, float]:
    return {step.id: step.value for step in found.steps}


def consignment(value: float, **changes: Any) -> pd.DataFrame:
    return armenia(value, partner_basis="consignment", line=8, **changes)


def revised(value: float, **changes: Any) -> pd.DataFrame:
    return armenia(value, dataset="armstat@2024-02", **changes)


def passing(value: float, **changes: Any) -> pd.DataFrame:
    return iran(value, line=9, **changes)


def test_all_steps_by_hand() -> None:
    found = lead(
        iran(400.0),
        armenia(612.0),
        exporter_revised=iran(420.0, dataset="irica@2025-03"),
        exporter_rate=(0.9, 1.1),
        exporter_re_exports=passing(20.0),
        importer_revised=revised(602.0),
        exporter_leaves_out={"gas": gas(52.0)},
        cif_fob_ratio=(1.0, 1.2),
        sources={"valuation": "a regression", "currency": "two rates"},
    )
    # Exporter: 400 -> 420 -> (0.9 to 1.1) -> less 20 at that rate. Importer: 612 -> 602 -> 550.
    assert values(found) == pytest.approx(
        {
            "exporter": 400.0,
            "vintage-exporter": 20.0,
            "vintage-importer": 10.0,
            "currency": 0.0,
            "re-exports": -20.0,
            "coverage": 52.0,
            "valuation": 50.0,
            "residual": 100.0,
            "importer": 612.0,
        },
        rel=ROUNDING,
    )
    steps = {step.id: (step.low, step.high) for step in found.steps}
    assert steps["vintage-exporter"] == (20.0, 20.0)
    assert steps["currency"] == pytest.approx((-42.0, 42.0), rel=ROUNDING)
    assert steps["re-exports"] == pytest.approx((-22.0, -18.0), rel=ROUNDING)
    assert steps["valuation"] == pytest.approx((0.0, 550 - 550 / 1.2), rel=ROUNDING)
    assert steps["residual"] == pytest.approx((550 / 1.2 - 440, 550 - 360), rel=ROUNDING)
    assert found.step("valuation").assumption == "CIF/FOB ratio 1.00 to 1.20 (a regression)"
    assert found.step("currency").assumption == "factor 0.90 to 1.10 (two rates)"
    assert found.step("residual").assumption.endswith("over the range of currency and valuation")
    assert found.step("re-exports").name == "Re-exports of Iran"
    assert found.step("vintage-importer").name == "Release: armstat@2024-02 against armstat@2025-02"


def test_partner_basis_by_hand() -> None:
    found = lead(
        iran(412.0),
        armenia(598.0),
        importer_other_basis=consignment(612.0),
        cif_fob_ratio=(1.0, 1.0),
    )
    assert values(found) == pytest.approx(
        {"exporter": 412.0, "basis": -14.0, "residual": 200.0, "importer": 598.0}, rel=ROUNDING
    )
    step = found.step("basis")
    assert step.name == "Partner basis: origin against consignment"
    assert step.rows["line"].to_list() == [8]


def test_valuation_before_coverage_differs_and_leaves_the_same_residual() -> None:
    asked: dict[str, Any] = {"exporter_leaves_out": {"gas": gas(22.0)}, "cif_fob_ratio": (1.1, 1.1)}
    usual = lead(iran(60.0), armenia(132.0), **asked)
    other = lead(iran(60.0), armenia(132.0), **asked, order=("valuation", "coverage"))
    assert values(usual) == pytest.approx(
        {"exporter": 60, "coverage": 22, "valuation": 10, "residual": 40, "importer": 132},
        rel=ROUNDING,
    )
    assert values(other) == pytest.approx(
        {"exporter": 60, "valuation": 12, "coverage": 20, "residual": 40, "importer": 132},
        rel=ROUNDING,
    )
    assert [step.id for step in other.steps][1:3] == ["valuation", "coverage"]
    table = usual.orders().set_index("id")
    assert table.loc["coverage", ["value", "lowest", "highest"]].to_list() == pytest.approx(
        [22.0, 20.0, 22.0], rel=ROUNDING
    )
    assert table.loc["valuation", ["lowest", "highest"]].to_list() == pytest.approx(
        [10.0, 12.0], rel=ROUNDING
    )
    assert len(set(table.loc["residual", ["value", "lowest", "highest"]])) == 1


def test_orders_without_factors_change_nothing() -> None:
    found = lead(
        iran(412.0),
        armenia(598.0),
        importer_other_basis=consignment(612.0),
        exporter_leaves_out={"gas": gas(60.0)},
        cif_fob_ratio=(1.0, 1.0),
    )
    table = found.orders()
    assert table["lowest"].equals(table["value"])
    assert table["highest"].equals(table["value"])


sizes = st.floats(1e8, 1e9)
parts = st.floats(0.0, 4e7)
ranges = st.tuples(st.floats(1.0, 1.5), st.floats(1.0, 1.5)).map(lambda two: (min(two), max(two)))
STEPS = ("vintage-importer", "currency", "re-exports", "coverage", "valuation")


def of_all(case: dict[str, Any], **more: Any) -> Bridge:
    passed, corrected, left_out = case["small"]
    return lead(
        iran(case["exports"]),
        armenia(case["imports"]),
        exporter_rate=case["rate"],
        exporter_re_exports=passing(passed),
        importer_revised=revised(case["imports"] + corrected),
        exporter_leaves_out={"gas": gas(left_out)},
        cif_fob_ratio=case["ratio"],
        **more,
    )


def left(case: dict[str, Any], *, rate: float, ratio: float) -> float:
    passed, corrected, left_out = case["small"]
    return (case["imports"] + corrected - left_out) / ratio - (case["exports"] - passed) * rate


wide = ranges.filter(lambda ends: ends != (1.0, 1.0))
cases = st.fixed_dictionaries(
    {
        "exports": sizes,
        "imports": sizes,
        "small": st.lists(parts, min_size=3, max_size=3),
        "rate": wide,
        "ratio": wide,
    }
)


@settings(max_examples=15)
@given(cases, st.permutations(STEPS))
def test_steps_add_up_to_the_last_digit_in_any_order(
    case: dict[str, Any], order: list[str]
) -> None:
    usual, found = of_all(case), of_all(case, order=order)
    own = [step.value for step in found.steps[:-1]]
    last_digit = math.ulp(max(abs(value) for value in (*own, case["imports"])))
    assert abs(math.fsum(own) - case["imports"]) <= len(own) * last_digit / 2
    for end in ("value", "low", "high"):
        assert getattr(found.step("residual"), end) == getattr(usual.step("residual"), end)
    table = usual.orders().set_index("id")
    for step in found.steps[1:-2]:
        assert table.loc[step.id, "lowest"] <= step.value <= table.loc[step.id, "highest"]


@settings(max_examples=15)
@given(cases, st.floats(0, 1), st.floats(0, 1))
def test_no_factor_within_its_range_leaves_the_extremes(
    case: dict[str, Any], at: float, by: float
) -> None:
    step = of_all(case).step("residual")
    rate, ratio = (
        min(max(low + share * (high - low), low), high)
        for share, (low, high) in ((at, case["rate"]), (by, case["ratio"]))
    )
    rounding = ROUNDING * (case["imports"] + 2 * case["exports"])
    assert step.low - rounding <= left(case, rate=rate, ratio=ratio) <= step.high + rounding
    corners = [left(case, rate=f, ratio=r) for r in case["ratio"] for f in case["rate"]]
    assert (step.low, step.high) == pytest.approx((min(corners), max(corners)), abs=rounding)


def test_extremes_over_orders_are_those_of_every_permutation() -> None:
    case = {
        "exports": 5e8,
        "imports": 6e8,
        "small": [1e7, 2e7, 3e7],
        "rate": (0.8, 1.1),
        "ratio": (1.05, 1.15),
    }
    table = of_all(case).orders().set_index("id")
    seen = [of_all(case, order=order) for order in permutations(STEPS)]
    for name in STEPS:
        every = [one.step(name).value for one in seen]
        assert (min(every), max(every)) == (table.loc[name, "lowest"], table.loc[name, "highest"])


def test_a_term_of_another_ledger_is_refused() -> None:
    one, other = (lead(iran(60.0), armenia(132.0)).ledger for _ in range(2))
    assert isinstance(one, Ledger)
    with pytest.raises(ValueError, match="expected a term of the ledger, found valuation"):
        one.change(other.terms[0], after=())


@pytest.mark.parametrize(
    "order", [["coverage"], ["coverage", "coverage"], ["calendar", "valuation"]]
)
def test_an_order_holds_each_step_once(order: list[str]) -> None:
    message = r"order: expected each of coverage, valuation once .* found " + ", ".join(order)
    with pytest.raises(ValueError, match=message) as bad:
        lead(iran(60.0), armenia(132.0), exporter_leaves_out={"gas": gas(1.0)}, order=order)
    assert not isinstance(bad.value, FlowsError)


def test_goods_inside_other_goods_are_not_taken_off_twice() -> None:
    goods = {"gas": gas(22.0), "all gas": gas(25.0, product="2711", line=8)}
    with pytest.raises(
        DoubleCountError, match=r"found 271121 under 'gas' .* and 2711 under 'all gas' .* line 8"
    ):
        lead(iran(60.0), armenia(132.0), exporter_leaves_out=goods)


def test_goods_listed_twice_are_not_taken_off_twice() -> None:
    goods = {"gas": gas(22.0), "pipeline gas": gas(22.0)}
    with pytest.raises(DoubleCountError, match="expected goods that are not left out twice"):
        lead(iran(60.0), armenia(132.0), exporter_leaves_out=goods)
    nested = flow_table(
        statement(value=22.0, product="271121", classification="HS"),
        statement(value=25.0, product="2711", classification="HS"),
    )
    with pytest.raises(DoubleCountError, match="found 2711 and 271121"):
        lead(iran(60.0), armenia(132.0), exporter_leaves_out={"gas": nested})


def test_goods_of_two_classifications_may_be_the_same() -> None:
    goods = {
        "gas": gas(22.0, classification="HS2017"),
        "power": gas(9.0, product="351", classification="SITC3"),
    }
    with pytest.raises(DoubleCountError, match="found HS and SITC for 'gas' and 'power'"):
        lead(iran(60.0), armenia(132.0), exporter_leaves_out=goods)


def test_two_revisions_of_one_classification_stand_side_by_side() -> None:
    goods = {
        "gas": gas(22.0, classification="HS2017"),
        "power": gas(10.0, product="2716", classification="HS2012"),
    }
    # Each table is one statement; together they are of one kind and do not overlap.
    found = lead(iran(60.0), armenia(132.0), exporter_leaves_out=goods)
    assert found.step("coverage-2").value == 10.0


def test_all_goods_cannot_be_left_out() -> None:
    goods = {"everything": armenia(132.0, line=8)}
    with pytest.raises(DoubleCountError, match=r"under 'everything', found TOTAL at .* line 8"):
        lead(iran(60.0), armenia(132.0), exporter_leaves_out=goods)


def test_what_the_other_statements_must_be() -> None:
    says = {"exporter_report": iran(60.0), "importer_report": armenia(132.0)}
    with pytest.raises(UnitError, match=r"expected two partner bases .* 'origin' and 'origin'"):
        lead(**says, importer_other_basis=armenia(140.0))
    with pytest.raises(UnitError, match="expected dataset 'armstat@2025-02'"):
        lead(**says, importer_other_basis=consignment(140.0, dataset="other@1"))
    with pytest.raises(DoubleCountError, match="another release than armstat@2025-02, found the s"):
        lead(**says, importer_revised=armenia(140.0))
    with pytest.raises(UnitError, match=r"imports by origin .* found partner_basis 'consignment'"):
        lead(iran(60.0), consignment(140.0), exporter_re_exports=passing(2.0))
    with pytest.raises(DoubleCountError, match="found both: goods that pass through"):
        lead(**says, importer_other_basis=consignment(140.0), exporter_re_exports=passing(2.0))
    with pytest.raises(SchemaError, match=r"Re-exports of Iran to be a part .* of 60 in 2023.* 70"):
        lead(**says, exporter_re_exports=passing(70.0))
    with pytest.raises(SchemaError, match="statements of IRN, the exporter, found reporter ARM"):
        lead(**says, exporter_re_exports=armenia(7.0))


@pytest.mark.parametrize("rate", [(0.0, 1.0), (1.2, 1.1), (0.5, float("inf"))])
def test_a_rate_is_positive_and_in_order(rate: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="expected 0 < lowest <= highest factor") as bad:
        lead(iran(60.0), armenia(132.0), exporter_rate=rate)
    assert not isinstance(bad.value, FlowsError)


def test_the_period_of_the_other_statements_is_that_of_the_bridge() -> None:
    found = lead(iran(60.0), armenia(132.0), importer_other_basis=consignment(140.0))
    assert found.period == YEAR
    assert found.step("basis").rows["start"].dt.year.to_list() == [2023]


def test_a_part_on_its_own_is_taken_off_once() -> None:
    gas = pd.DataFrame({"product": ["271121"], "classification": ["HS2017"]})
    check_apart({"pipeline gas": gas})


def test_a_flow_without_rows_is_refused() -> None:
    with pytest.raises(SchemaError, match=r"expected rows with one unit, found no row"):
        check_one_flow([empty_table()], [empty_table()])


def test_a_side_in_its_own_year_is_its_value() -> None:
    says = pd.DataFrame(
        {
            "reporter": ["IRN"],
            "valuation": ["FOB"],
            "value": [100.0],
            "start": pd.to_datetime(["2023-01-01"]),
            "end": pd.to_datetime(["2023-12-31"]),
        }
    )
    year = Period.year(2023)
    assert side_in(says, period=year, headline=year).cut.value == pytest.approx(100.0)


def test_a_part_in_its_own_year_is_its_value() -> None:
    all_goods = pd.DataFrame({"valuation": ["CIF"], "partner_basis": ["origin"]})
    gas = pd.DataFrame(
        {
            "valuation": [""],
            "partner_basis": [""],
            "value": [60.0],
            "start": pd.to_datetime(["2023-01-01"]),
            "end": pd.to_datetime(["2023-12-31"]),
        }
    )
    assert part_in(gas, of=all_goods, period=Period.year(2023)).value == pytest.approx(60.0)
