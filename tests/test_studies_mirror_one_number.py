"""The reconciliation of the case: both directions by hand from the published figures."""

import math
from typing import Any

import pandas as pd
import pytest
from bridges import YEAR, armenia, gas, iran
from scipy import stats

import flows as fl
from flows.errors import SchemaError
from flows.findings import Findings, Number
from flows.origin import read_call
from flows.table import join_flows

ARGUMENTS: dict[str, Any] = {
    "exporter": "IRN",
    "importer": "ARM",
    "period": YEAR,
    "cif_fob_ratio": (1.06, 1.10),
    "log_std_devs": {"IRN": 0.1, "ARM": 0.1},
}
PRINTED = 0.01
"""The published figures are known to two decimals of a million."""


def reconciled(trade: pd.DataFrame, **asked: Any) -> Findings:
    own = {"log_std_devs": asked.pop("log_std_devs"), "level": 0.95}
    return fl.study(
        "mirror",
        name="reconciled",
        data={"trade": trade},
        question=asked,
        sections={"one_number": own},
    )


def number(findings: Findings, name: str) -> Number:
    return next(one for one in findings.numbers if one.id == f"reconciled.{name}")


def both_ways(exports: pd.DataFrame, imports: pd.DataFrame, *others: pd.DataFrame) -> pd.DataFrame:
    """Return the flow of a test, and a reverse direction in which both say the same."""
    back = {"exporter": "ARM", "importer": "IRN"}
    reverse = [
        armenia(50e6, **back, valuation="FOB", partner_basis="destination", line=21),
        iran(50e6, **back, valuation="CIF", line=22),
    ]
    return join_flows([exports, imports, *reverse, *others])


def test_case_is_reconciled_in_both_directions() -> None:
    ids = ("armstat-by-country@2025-02", "irica-press@2024-09", "comtrade-fuels@2025-06")
    found = reconciled(
        join_flows([fl.load(one) for one in ids]),
        **{**ARGUMENTS, "period": {"calendar": "solar-hijri", "year": 1402}},
        leaves_out={"271121": "pipeline gas"},
    )
    flow, reverse = number(found, "flow.value"), number(found, "reverse.value")
    assert number(found, "flow.at-least").low == pytest.approx(412.0)
    # Armenia's 580.00 without 61.97 of gas, at the middle ratio; little lies below the bound.
    middle = (580.00 - 61.97) / math.sqrt(1.06 * 1.10)
    below = stats.norm.cdf(math.log(412 / middle) / 0.1)
    median = middle * math.exp(0.1 * stats.norm.ppf((1 + below) / 2))
    assert flow.value == pytest.approx(median, abs=1)
    assert flow.low is not None
    assert 412 < flow.low < flow.value
    # Armenia's 89.56 FOB and Iran's 45 CIF at equal weights.
    apart = math.log(89.56 / 45 * math.sqrt(1.06 * 1.10))
    assert reverse.value == pytest.approx(89.56 / math.exp(apart / 2), abs=PRINTED)
    # Both ends lie at the highest ratio, where the two are farthest apart.
    farthest = (apart + math.log(1.10 / 1.06) / 2) / 2 * stats.norm.ppf(0.975)
    center = math.log(reverse.value) - math.log(1.10 / 1.06) / 4
    assert reverse.low == pytest.approx(math.exp(center - farthest), abs=PRINTED)
    assert reverse.high == pytest.approx(math.exp(center + farthest), abs=PRINTED)
    assert (reverse.spread, reverse.level) == ("interval", 0.95)
    assert number(found, "reverse.widened").value == pytest.approx(
        apart / math.sqrt(2 * 0.1**2), rel=0.01
    )
    assert (found.words["reconciled.flow.believed"], found.words["reconciled.flow.bounded"]) == (
        "Armenia",
        "Iran",
    )
    assert set(flow.rows) == set(ids)
    assert number(found, "flow.importer-weight").value == 100
    assert number(found, "reverse.importer-std-dev").printed == "10"
    assert found.words["reconciled.flow.kind"] == "exporter's bound"
    assert "IRN (CIF / 1.06 to 1.10) with weight 0.50" in found.words["reconciled.reverse.audit"]


def test_goods_that_the_exporter_leaves_out_are_taken_off() -> None:
    trade = both_ways(iran(100e6), armenia(132e6, line=8), gas(22e6, line=9))
    asked = ARGUMENTS | {"cif_fob_ratio": (1.1, 1.1), "leaves_out": {"271121": "gas"}}
    assert number(reconciled(trade, **asked), "flow.value").value == pytest.approx(100)


def test_two_reports_that_agree_give_what_both_say() -> None:
    found = reconciled(both_ways(iran(100e6), armenia(108e6, line=8)), **ARGUMENTS)
    value = number(found, "flow.value")
    assert value.value == pytest.approx(100, abs=0.1)
    asked = read_call(value.code, "fl.reconcile")
    assert asked is not None
    assert asked["log_std_devs"] == {"IRN": 0.1, "ARM": 0.1}
    assert {one.id.rpartition(".")[2] for one in found.numbers} == {
        "value",
        "exporter-weight",
        "exporter-std-dev",
        "importer-weight",
        "importer-std-dev",
    }


@pytest.mark.parametrize(
    ("exports", "imports", "reason"),
    [
        (iran(1000e6, high=float("nan")), 108e6, "which the other statement contradicts"),
        (iran(0.0), 0.0, "IRN states zero; ARM states zero"),
    ],
)
def test_a_direction_without_a_value_is_refused(
    exports: pd.DataFrame, imports: float, reason: str
) -> None:
    trade = both_ways(exports, armenia(imports, line=8))
    with pytest.raises(SchemaError, match=f"Iran to Armenia, 2023: expected statements .*{reason}"):
        reconciled(trade, **ARGUMENTS)


def test_errors_of_both_reporters_must_be_given() -> None:
    trade = both_ways(iran(100e6), armenia(108e6, line=8))
    with pytest.raises(ValueError, match="every reporter, found none for ARM"):
        reconciled(trade, **(ARGUMENTS | {"log_std_devs": {"IRN": 0.1}}))
