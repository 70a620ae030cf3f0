"""The bridge: each step by hand, the sum of all, what is refused, and the case itself."""

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from bridges import IRANIAN, MONTHLY, YEAR, armenia, gas, iran, lead
from hypothesis import given, settings
from hypothesis import strategies as st
from statements import flow_table, months, statement

from flows.compare.bridge import Bridge
from flows.errors import FlowsError, UnitError
from flows.periods import Period

MILLION = 1e6
ROUNDING = 1e-9
"""Relative; sums and quotients of a handful of numbers keep far more digits."""
PUBLISHED = 0.0005
"""Half a unit in the last place of a figure in million with three decimals."""


def values(found: Bridge) -> dict[str, float]:
    return {step.id: step.value for step in found.steps}


def between(found: Bridge) -> float:
    """Return the sum of the exporter's statement and all steps up to the importer's."""
    return sum(step.value for step in found.steps[:-1])


def test_steps_by_hand() -> None:
    goods = {"gas": gas(22.0), "oil": gas(10.0, product="2709")}
    found = lead(iran(60.0), armenia(142.0), exporter_leaves_out=goods, cif_fob_ratio=(1.0, 1.2))
    assert values(found) == pytest.approx(
        {
            "exporter": 60.0,
            "coverage": 22.0,
            "coverage-2": 10.0,
            "valuation": 110 - 100,
            "residual": 100 - 60,
            "importer": 142.0,
        },
        rel=ROUNDING,
    )
    valuation, residual = found.step("valuation"), found.step("residual")
    assert (valuation.low, valuation.high) == pytest.approx((0.0, 110 - 110 / 1.2), rel=ROUNDING)
    assert (residual.low, residual.high) == pytest.approx((110 / 1.2 - 60, 50.0), rel=ROUNDING)
    assert valuation.assumption == "CIF/FOB ratio 1.00 to 1.20"
    assert [step.kind for step in found.steps] == [
        "level",
        "change",
        "change",
        "change",
        "residual",
        "level",
    ]
    assert found.step("coverage-2").name == "Not counted by the exporter: oil"
    assert (found.unit, found.period, found.cif_fob_ratio) == ("USD", YEAR, (1.0, 1.2))
    assert (found.exporter.value, found.importer.value) == (60.0, 142.0)


def test_tidy_says_where_each_step_begins_and_ends() -> None:
    tidy = lead(iran(100.0), armenia(132.0), cif_fob_ratio=(1.1, 1.1)).tidy()
    assert list(tidy["id"]) == ["exporter", "valuation", "residual", "importer"]
    assert list(tidy["kind"]) == ["level", "change", "residual", "level"]
    assert tidy["cumulative_from"].to_list() == pytest.approx([0, 100, 112, 0], rel=ROUNDING)
    assert tidy["cumulative_to"].to_list() == pytest.approx([100, 112, 132, 132], rel=ROUNDING)
    assert tidy["step"].iloc[0] == "Iran reports, 2023"
    assert tidy["assumption"].iloc[0] == "as published"


def test_a_step_that_is_not_there_is_a_wrong_argument() -> None:
    with pytest.raises(ValueError, match=r"one of .*'residual'.* found 'calendar'") as bad:
        lead(iran(100.0), armenia(132.0)).step("calendar")
    assert not isinstance(bad.value, FlowsError)


def test_bounds_of_a_level_are_those_of_its_source() -> None:
    more_than = iran(412.0, low=412.0, high=float("nan"))
    level = lead(more_than, armenia(500.0)).step("exporter")
    assert (level.value, level.low) == (412.0, 412.0)
    assert pd.isna(level.high)


def test_bounds_of_months_without_bounds_are_their_sum_to_the_digit() -> None:
    monthly = flow_table(*months("2023-01", [0.1] * 12))
    level = lead(iran(1.0), monthly).step("importer")
    assert level.value == level.low == level.high


def test_bounds_of_a_level_count_edge_months_by_their_days() -> None:
    monthly = flow_table(*months("2023-01", MONTHLY))
    bounded = monthly.assign(low=monthly["value"] / 2, high=3 * monthly["value"])
    found = lead(iran(150.0, IRANIAN), bounded, period=IRANIAN, headline=IRANIAN)
    level = found.step("importer")
    assert (level.low, level.value, level.high) == pytest.approx((179 / 2, 179, 3 * 179))


def test_one_month_without_an_upper_bound_leaves_the_level_without_one() -> None:
    monthly = flow_table(*months("2023-01", MONTHLY))
    monthly.loc[5, "high"] = float("nan")
    level = lead(iran(150.0), monthly).step("importer")
    assert (level.value, level.low) == (141.0, 141.0)
    assert pd.isna(level.high)


def test_calendar_step_where_the_importer_states_months() -> None:
    monthly = flow_table(*months("2023-01", MONTHLY))
    found = lead(iran(150.0, IRANIAN), monthly, period=IRANIAN, cif_fob_ratio=(1.0, 1.0))
    assert values(found) == pytest.approx(
        {"exporter": 150.0, "calendar": 141 - 179, "residual": 179 - 150, "importer": 141.0},
        rel=ROUNDING,
    )
    step = found.step("calendar")
    assert (step.low, step.high) == pytest.approx((141 - 192, 141 - 161), rel=ROUNDING)
    assert step.name == "Calendar: 1402 against 2023"
    assert step.rows["weight"].to_list() == pytest.approx([11 / 31, *[1] * 11, 19 / 31])
    assert found.importer.value == pytest.approx(179.0, rel=ROUNDING)


def test_calendar_step_where_the_exporter_states_months() -> None:
    monthly = flow_table(*months("2023-01", MONTHLY, valuation="FOB", reporter="IRN"))
    found = lead(monthly, armenia(190.0, IRANIAN), period=IRANIAN, cif_fob_ratio=(1.0, 1.0))
    assert values(found) == pytest.approx(
        {"exporter": 141.0, "calendar": 179 - 141, "residual": 190 - 179, "importer": 190.0},
        rel=ROUNDING,
    )
    step = found.step("calendar")
    assert (step.low, step.high) == pytest.approx((161 - 141, 192 - 141), rel=ROUNDING)


def test_calendar_steps_of_two_sides_with_months_are_added() -> None:
    exports = flow_table(*months("2023-01", MONTHLY, valuation="FOB", reporter="IRN"))
    imports = flow_table(*months("2023-01", [10.0] * 15))
    found = lead(exports, imports, period=IRANIAN, cif_fob_ratio=(1.0, 1.0))
    cut = 110 / 31 + 110 + 190 / 31
    assert found.step("calendar").value == pytest.approx(179 - 141 + 120 - cut, rel=ROUNDING)
    assert found.step("residual").value == pytest.approx(cut - 179, rel=ROUNDING)
    assert between(found) == pytest.approx(120.0, rel=ROUNDING)


def test_months_of_the_headline_itself_need_no_calendar_step() -> None:
    found = lead(iran(100.0), flow_table(*months("2023-01", MONTHLY)))
    assert [step.id for step in found.steps] == ["exporter", "valuation", "residual", "importer"]
    assert found.step("importer").value == 141.0


def test_a_period_of_whole_months_has_no_range_from_moving_them() -> None:
    monthly = flow_table(*months("2023-01", MONTHLY))
    spring = Period(dt.date(2024, 2, 1), dt.date(2024, 3, 31), "February and March", "gregorian")
    found = lead(iran(50.0, spring), monthly, period=spring, cif_fob_ratio=(1.0, 1.0))
    step = found.step("calendar")
    assert (step.value, step.low, step.high) == (141 - 82, 141 - 82, 141 - 82)


def test_a_statement_for_the_period_itself_wins_over_months() -> None:
    year = statement(value=200.0, start=IRANIAN.start, end=IRANIAN.end, line=40)
    both = flow_table(*months("2023-01", MONTHLY), year)
    found = lead(iran(150.0, IRANIAN), both, period=IRANIAN)
    assert found.importer.value == 200.0
    assert found.step("importer").name == "Armenia reports, 1402"


@pytest.mark.parametrize(
    ("exporter", "importer", "ratio"),
    [("FOB", "CIF", None), ("FOB", "FOB", (1.06, 1.1)), ("", "CIF", (1.06, 1.1))],
)
def test_the_ratio_must_fit_the_valuations(
    exporter: str, importer: str, ratio: tuple[float, float] | None
) -> None:
    says = {
        "exporter_report": iran(1.0, valuation=exporter),
        "importer_report": armenia(1.0, valuation=importer),
    }
    found = f"IRN {exporter or 'unstated'} and ARM {importer}"
    with pytest.raises(UnitError, match=f"expected a CIF/FOB ratio if .* {found}$"):
        lead(**says, cif_fob_ratio=ratio)


@pytest.mark.parametrize("ratio", [(0.99, 1.1), (1.1, 1.06), (float("nan"), 1.1)])
def test_a_ratio_below_one_or_out_of_order_is_a_wrong_argument(ratio: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="expected 1 <= lowest <= highest CIF/FOB ratio") as bad:
        lead(iran(1.0), armenia(1.0), cif_fob_ratio=ratio)
    assert not isinstance(bad.value, FlowsError)


amounts = st.floats(min_value=1e8, max_value=1e9)
fifteen = st.lists(amounts, min_size=15, max_size=15)
ratios = st.tuples(st.floats(1.0, 1.5), st.floats(1.0, 1.5)).map(lambda two: (min(two), max(two)))


def of_months(exports: float, imports: list[float], **changes: Any) -> Bridge:
    goods = flow_table(
        *months(
            "2023-01",
            [0.25 * value for value in imports],
            product="271121",
            classification="HS",
        )
    )
    asked = {"period": IRANIAN, "exporter_leaves_out": {"gas": goods}} | changes
    return lead(iran(exports, IRANIAN), flow_table(*months("2023-01", imports)), **asked)


@settings(max_examples=20)
@given(amounts, fifteen, ratios)
def test_steps_add_up_to_the_importers_statement(
    exports: float, imports: list[float], ratio: tuple[float, float]
) -> None:
    found = of_months(exports, imports, cif_fob_ratio=ratio)
    largest = max(abs(step.value) for step in found.steps)
    importer = found.step("importer").value
    assert importer == pytest.approx(sum(imports[:12]), rel=ROUNDING)
    assert between(found) == pytest.approx(importer, abs=ROUNDING * largest)
    tidy = found.tidy()
    assert tidy["cumulative_to"].iloc[-2] == pytest.approx(importer, abs=ROUNDING * largest)
    assert all(step.low <= step.value <= step.high for step in found.steps)


@settings(max_examples=20)
@given(amounts, fifteen, ratios, st.floats(0.0, 0.1))
def test_a_wider_ratio_leaves_a_wider_residual(
    exports: float, imports: list[float], ratio: tuple[float, float], more: float
) -> None:
    low, high = ratio
    wider = (max(1.0, low - more), high + more)
    one, other = (
        of_months(exports, imports, cif_fob_ratio=each).step("residual") for each in (ratio, wider)
    )
    assert other.low <= one.low <= one.high <= other.high


@settings(max_examples=20)
@given(amounts)
def test_equal_statements_leave_nothing_unexplained(value: float) -> None:
    found = lead(iran(value), armenia(value, valuation="FOB"), cif_fob_ratio=None)
    assert values(found) == {"exporter": value, "residual": 0.0, "importer": value}
    assert found.cif_fob_ratio is None


def armstat(shared_data: Path, column: str, **changes: Any) -> pd.DataFrame:
    file = shared_data / "facts" / "derived_armstat_iran_monthly_2007_2024.csv"
    monthly = pd.read_csv(file).sort_values("date")
    return flow_table(*months("2007-01", monthly[column] * 1e3, **changes))


def test_iran_to_armenia_of_real_export(shared_data: Path) -> None:
    file = shared_data / "facts" / "derived_comtrade_arm_imports_fuels_from_iran_monthly.csv"
    fuels = pd.read_csv(file, dtype={"commodity_code": "str"})
    pipeline = fuels[(fuels["commodity_code"] == "271121") & (fuels["period"] >= "2023")]
    own = {"product": "271121", "classification": "HS", "valuation": "", "partner_basis": ""}
    by_month = months("2023-01", pipeline["trade_value_us"], **own, dataset="comtrade@2025-06")
    assert [str(row["start"]) for row in by_month] == pipeline["period"].to_list()
    found = lead(
        iran(412 * MILLION, IRANIAN, high=float("nan")),
        armstat(shared_data, "import_origin"),
        period=IRANIAN,
        exporter_leaves_out={"pipeline gas": flow_table(*by_month)},
    )
    million = found.tidy().set_index("id")[["value", "low", "high"]] / MILLION
    assert found.importer.value / MILLION == pytest.approx(579.995, abs=PUBLISHED)
    assert million.loc["exporter", "value"] == 412.0
    assert million.loc["coverage", "value"] == pytest.approx(61.974, abs=PUBLISHED)
    assert million.loc["importer", "value"] == pytest.approx(597.947, abs=PUBLISHED)
    assert million.loc["calendar", "value"] == pytest.approx(597.947 - 579.995, abs=2 * PUBLISHED)
    assert round(million.loc["residual", "low"]) == 59
    assert round(million.loc["residual", "high"]) == 77
    assert between(found) == pytest.approx(found.step("importer").value, rel=ROUNDING)


def test_armenia_to_iran_of_real_export(shared_data: Path) -> None:
    reverse = {"exporter": "ARM", "importer": "IRN"}
    exports = armstat(shared_data, "export", **reverse, valuation="FOB", partner_basis="")
    imports = iran(45 * MILLION, IRANIAN, **reverse, valuation="CIF")
    found = lead(exports, imports, period=IRANIAN)
    assert found.step("exporter").value / MILLION == pytest.approx(94.550, abs=PUBLISHED)
    assert found.exporter.value / MILLION == pytest.approx(89.555, abs=PUBLISHED)
    assert found.step("importer").value == 45 * MILLION
    residual = found.step("residual")
    assert residual.low / MILLION == pytest.approx(45 / 1.10 - 89.555, abs=PUBLISHED)
    assert residual.high / MILLION == pytest.approx(45 / 1.06 - 89.555, abs=PUBLISHED)


def test_a_day_more_or_less_moves_the_edge_month_only() -> None:
    monthly = flow_table(*months("2023-01", MONTHLY))
    later = Period(dt.date(2023, 3, 22), IRANIAN.end, "from 22 March", "gregorian")
    found = lead(iran(150.0, later), monthly, period=later)
    assert found.importer.value == pytest.approx(178.0, rel=ROUNDING)


def test_the_size_of_a_step_over_all_orders_is_that_of_the_table() -> None:
    found = lead(iran(100.0), armenia(132.0), exporter_leaves_out={"gas": gas(22.0)})
    for row in found.orders().to_dict("records"):
        size = found.over_orders(row["id"])
        assert (size.value, size.low, size.high) == (row["value"], row["lowest"], row["highest"])
    # Goods worth 22 with freight are worth 22 / 1.08 where freight has gone before.
    size = found.over_orders("coverage")
    assert (size.low, size.high) == pytest.approx((22 / 1.08, 22), rel=ROUNDING)
    with pytest.raises(ValueError, match=r"expected one of .*'residual'.*found 'exporter'"):
        found.over_orders("exporter")
