"""A flow that one side states as nothing: each kind by hand, and that no bridge takes it."""

from typing import Any

import pandas as pd
import pytest
from bridges import armenia, iran, lead
from statements import flow_table, statement

import flows as fl
from flows.compare.silence import MirrorClass, check_reported, classify_mirror
from flows.errors import DoubleCountError, FlowsError, PeriodError, SchemaError, UnreportedError
from flows.former_models import class_mirror
from flows.periods import Period
from flows.table import empty_table

TOLD = 1331.62e6
YEAR = {"start": pd.Timestamp("2019-01-01"), "end": pd.Timestamp("2019-12-31")}


def told(value: float = TOLD, **changes: Any) -> dict[str, Any]:
    own = {"exporter": "AZE", "importer": "ISR", "reporter": "AZE", "valuation": "FOB"}
    return statement(value=value, **(own | YEAR | {"partner_basis": ""} | changes))


def israel(value: float, **changes: Any) -> dict[str, Any]:
    own = {
        "exporter": "AZE",
        "importer": "ISR",
        "reporter": "ISR",
        "dataset": "cbs@2020",
        "line": 3,
    }
    return statement(value=value, **(own | YEAR | changes))


def classed(*rows: dict[str, Any], **changes: Any) -> MirrorClass:
    asked = {
        "exporter": "AZE",
        "importer": "ISR",
        "reporter": "AZE",
        "period": Period.year(2019),
        "negligible": 0.01,
    }
    return classify_mirror(flow_table(told(), *rows), **(asked | changes))


def test_both_report_and_the_ratio_is_the_importers_by_the_exporters() -> None:
    found = classed(israel(1400e6))
    assert found.kind == "reported"
    assert found.ratio == 1400e6 / TOLD
    turned = classify_mirror(
        flow_table(told(), israel(1400e6)),
        exporter="AZE",
        importer="ISR",
        reporter="ISR",
        period=Period.year(2019),
        negligible=0.01,
    )
    assert turned.ratio == found.ratio
    assert (turned.value, turned.answer) == (1400e6, TOLD)


OTHERS = [israel(5e9, exporter="DEU", line=4), israel(2e9, exporter="USA", line=5)]


@pytest.mark.parametrize(
    ("rows", "changes", "kind"),
    [
        ([], {}, "no statements"),
        ([israel(1e6, start="2018-01-01", end="2018-12-31")], {}, "no statements"),
        (OTHERS, {}, "not reported"),
        ([israel(0.0)], {}, "not reported"),
        ([israel(1e6)], {}, "not reported"),
        ([israel(1e6)], {"negligible": 0.0}, "reported"),
        ([*OTHERS, israel(2e9, exporter="XXX", line=6)], {}, "other partner"),
        ([*OTHERS, israel(1e9, exporter="XXX", line=6)], {}, "not reported"),
        (OTHERS, {"threshold": 2e9}, "below threshold"),
        (OTHERS, {"threshold": 1e6}, "not reported"),
        ([israel(float("nan"), low=float("nan"), high=float("nan"))], {}, "confidential"),
        (
            [israel(3e9, exporter="XXX", product="9999", classification="HS2017", line=6)],
            {},
            "confidential",
        ),
        (
            [israel(1e9, exporter="XXX", product="9999", classification="HS2017", line=6)],
            {},
            "not reported",
        ),
        (
            [israel(3e9, exporter="XXX", product="9999", classification="HS2017", line=6)],
            {"confidential": ["27ZZ"]},
            "not reported",
        ),
    ],
)
def test_silence_is_classed_by_what_else_is_stated(
    rows: list[dict[str, Any]], changes: dict[str, Any], kind: str
) -> None:
    assert classed(*rows, **changes).kind == kind


def test_evidence_names_rows_and_lines() -> None:
    before = israel(2e6, start="2018-01-01", end="2018-12-31", line=9)
    found = classed(*OTHERS, israel(2e9, exporter="XXX", line=6), before)
    table = found.tidy().set_index("question")
    assert set(table["kind"]) == {"other partner"}
    row = table.loc["Has it goods of areas not specified that can hold the flow?"]
    assert (row["value"], bool(row["holds"]), row["where"]) == (2e9, True, "cbs@2020 line 6")
    assert table.loc["Does it state the flow?", "found"] == "no row"
    assert table.loc["Does it report this direction at all in the period?", "rows"] == 3
    other = table.loc["Does it state the flow at other times?"]
    assert other["found"] == "1 statements, 2,000,000 to 2,000,000"
    assert pd.isna(found.answer)
    assert (found.value, found.unit, found.partner) == (TOLD, "USD", "ISR")
    assert found.rows == {"armstat@2025-02": (7,), "cbs@2020": (4, 5, 6, 9)}


def test_the_exporter_can_be_the_silent_side() -> None:
    found = classify_mirror(
        flow_table(israel(3e9), told(5e9, importer="XXX", line=8)),
        exporter="AZE",
        importer="ISR",
        reporter="ISR",
        period=Period.year(2019),
        negligible=0.01,
    )
    assert (found.kind, found.partner) == ("other partner", "AZE")


def test_statements_of_the_partner_are_kept_and_those_of_next_to_nothing_are_known() -> None:
    earlier = [
        israel(value, start=pd.Timestamp(f"{year}-01-01"), end=pd.Timestamp(f"{year}-12-31"))
        for year, value in ((2016, 1e6), (2017, TOLD / 100), (2018, TOLD / 50))
    ]
    found = classed(*(row | {"line": line} for line, row in enumerate(earlier, start=3)))
    assert found.statements["line"].to_list() == [3, 4, 5]
    assert found.negligible_statements["line"].to_list() == [3, 4]
    none = classed()
    assert (len(none.statements), len(none.negligible_statements)) == (0, 0)


def test_a_silent_flow_has_no_ratio() -> None:
    with pytest.raises(UnreportedError, match=r"only AZE reports AZE to ISR in 2019 \(ISR: not re"):
        classed(israel(0.0)).ratio  # noqa: B018


@pytest.mark.parametrize(
    ("importer", "found"),
    [
        (flow_table(israel(0.0)), r"ISR reports 0 \(cbs@2020 line 3\), AZE 1\.33162e\+09"),
        (flow_table(israel(1e6)), r"\(not reported\): ISR reports 1e\+06"),
        (flow_table(israel(0.0)).head(0), r"\(not reported\): the importer has no row"),
        (
            flow_table(israel(float("nan"), low=float("nan"), high=float("nan"))),
            r"\(confidential\): no value is given at cbs@2020 line 3; .*see flows.classify_mirror",
        ),
    ],
)
def test_a_bridge_refuses_a_flow_that_one_side_conceals(importer: pd.DataFrame, found: str) -> None:
    year = Period.year(2019)
    with pytest.raises(
        UnreportedError, match="AZE to ISR in 2019: the two reports cannot.*" + found
    ):
        lead(flow_table(told()), importer, period=year, headline=year)


def test_a_bridge_refuses_a_silent_exporter_too() -> None:
    with pytest.raises(UnreportedError, match=r"IRN reports 1 .*, ARM 580"):
        lead(iran(1.0), armenia(580.0))


def test_what_is_refused() -> None:
    with pytest.raises(ValueError, match=r"one side of the flow, AZE or ISR, found 'COW'") as bad:
        classed(reporter="COW")
    assert not isinstance(bad.value, FlowsError)
    with pytest.raises(ValueError, match=r"expected negligible to be a share .* found 1"):
        classed(negligible=1.0)
    with pytest.raises(SchemaError, match="reporter 'ISR', found none"):
        classed(reporter="ISR")
    with pytest.raises(DoubleCountError, match="one partner_basis"):
        classed(israel(1.0), israel(2.0, partner_basis="consignment"))
    with pytest.raises(DoubleCountError, match="one partner_basis"):
        classed(
            israel(1.0, exporter="XXX"),
            israel(2.0, exporter="XXX", partner_basis="consignment"),
        )
    with pytest.raises(PeriodError, match="expected one part for every day"):
        classed(israel(1.0, end="2019-06-30"))


def test_oil_of_the_case_is_stated_by_one_side_only() -> None:
    trade = fl.join_flows([fl.load("wits-summary-azerbaijan@2019"), fl.load("cow-trade@4.0")])
    found = classify_mirror(
        trade,
        exporter="AZE",
        importer="ISR",
        reporter="AZE",
        partner="COW",
        period=Period.year(2019),
        negligible=0.01,
    )
    assert found.value == pytest.approx(1331.62e6, rel=1e-12)
    assert found.kind == "no statements"
    habit = found.evidence.iloc[-1]
    assert (habit["rows"], habit["value"]) == (23, 0.0)


def test_where_neither_side_has_a_row_nothing_is_missing() -> None:
    check_reported(empty_table(), empty_table(), period=Period.year(2023))


def test_the_former_name_gives_the_same_class() -> None:
    table = flow_table(told(), israel(1400e6))
    with pytest.warns(FutureWarning, match=r"flows\.classify_mirror\(reporter="):
        found = class_mirror(
            table,
            exporter="AZE",
            importer="ISR",
            teller="AZE",
            period=Period.year(2019),
            nothing=0.01,
        )
    assert (found.kind, found.reporter, found.partner) == ("reported", "AZE", "ISR")
