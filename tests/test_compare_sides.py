"""The sides of a bridge: what each must state so that the two can be compared."""

from typing import Any

import pandas as pd
import pytest
from bridges import IRANIAN, MONTHLY, YEAR, armenia, gas, iran, lead
from statements import flow_table, months

from flows.errors import DoubleCountError, PeriodError, SchemaError, UnitError, UnreportedError
from flows.periods import Period

ROUNDING = 1e-9
"""Relative; sums and quotients of a handful of numbers keep far more digits."""


def test_goods_left_out_need_months_of_the_period_only() -> None:
    goods = {"gas": gas(60.0, IRANIAN)}
    monthly = flow_table(*months("2023-01", MONTHLY))
    found = lead(iran(90.0, IRANIAN), monthly, period=IRANIAN, exporter_leaves_out=goods)
    assert found.step("coverage").value == 60.0
    assert found.step("coverage").rows["product"].to_list() == ["271121"]
    assert found.step("residual").high == pytest.approx((179 - 60) / 1.06 - 90, rel=ROUNDING)


def test_the_sides_must_state_one_flow() -> None:
    reverse = armenia(94.55, exporter="ARM", importer="IRN", line=9)
    with pytest.raises(SchemaError, match=r"found IRN to ARM and ARM to IRN \(irica.* line 9\)"):
        lead(iran(412.0), reverse)


def test_each_side_speaks_for_itself() -> None:
    with pytest.raises(SchemaError, match="statements of IRN, the exporter, found reporter ARM at"):
        lead(armenia(580.0), iran(412.0))
    with pytest.raises(SchemaError, match="statements of ARM, the importer, found reporter IRN at"):
        lead(iran(412.0), armenia(580.0), exporter_leaves_out={"gas": gas(60.0, reporter="IRN")})


@pytest.mark.parametrize("side", ["exporter_report", "importer_report", "gas"])
def test_one_unit_on_all_sides(side: str) -> None:
    says = {"exporter_report": iran(1.0), "importer_report": armenia(9.0), "gas": gas(1.0)}
    says[side] = says[side].assign(unit="TIV")
    goods = {"gas": says.pop("gas")}
    with pytest.raises(UnitError, match="expected one unit, found TIV and USD"):
        lead(**says, exporter_leaves_out=goods)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"valuation": "FOB"}, "expected valuation 'CIF' .* found 'FOB' at comtrade-fuels@2025-06"),
        ({"partner_basis": "consignment"}, "expected partner_basis 'origin' .* 'consignment'"),
    ],
)
def test_goods_left_out_are_stated_as_all_goods_are(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(UnitError, match=message):
        lead(iran(1.0), armenia(9.0), exporter_leaves_out={"gas": gas(1.0, **changes)})


def test_goods_left_out_are_a_part_of_all_goods() -> None:
    with pytest.raises(SchemaError, match=r"exporter: gas to be a part .* of 50 in 2023, found 60"):
        lead(iran(40.0), armenia(50.0), exporter_leaves_out={"gas": gas(60.0)})


def test_two_statements_of_one_side_name_the_filter() -> None:
    both = pd.concat([armenia(580.0), armenia(595.0, partner_basis="consignment", line=9)])
    with pytest.raises(DoubleCountError, match=r"one partner_basis .* filter partner_basis="):
        lead(iran(412.0), both)


def test_two_statements_for_the_same_days_are_refused() -> None:
    both = pd.concat([armenia(1.0, product="27"), armenia(2.0, product="28", line=9)])
    with pytest.raises(PeriodError, match=r"expected one part .* found 2 for .* lines 7, 9"):
        lead(iran(412.0), both)


def test_a_side_without_rows_is_refused() -> None:
    with pytest.raises(UnreportedError, match=r"\(not reported\): the importer has no row"):
        lead(iran(412.0), armenia(580.0).head(0))
    with pytest.raises(SchemaError, match="found no row"):
        lead(iran(412.0).head(0), armenia(580.0).head(0))


@pytest.mark.parametrize(
    ("count", "headline", "message"),
    [
        (14, YEAR, r"period 1402 .* found none for 2024-03-01 to 2024-03-19"),
        (15, Period.year(2022), r"period 2022 .* found none for 2022-01-01 to 2022-12-31"),
    ],
)
def test_a_side_that_does_not_cover_a_period_is_refused(
    count: int, headline: Period, message: str
) -> None:
    monthly = flow_table(*months("2023-01", MONTHLY[:count]))
    with pytest.raises(PeriodError, match=message):
        lead(iran(412.0, IRANIAN), monthly, period=IRANIAN, headline=headline)
