"""The flow table: what it accepts and what it says when it does not."""

import datetime as dt
from typing import Any

import pandas as pd
import pytest
from statements import statement, table

from flows.errors import SchemaError
from flows.table import COLUMNS, check_flows, empty_table, join_flows, where


def test_columns_come_in_order_and_typed_and_own_columns_after() -> None:
    shuffled = table(statement(deal="12"))[["deal", *reversed(COLUMNS)]]
    checked = check_flows(shuffled)
    assert list(checked.columns) == [*COLUMNS, "deal"]
    assert {name: str(checked[name].dtype) for name in COLUMNS} == COLUMNS


def test_no_upper_bound_and_unpublished_size_are_allowed() -> None:
    more_than = statement(value=412e6, low=412e6, high=float("nan"))
    unpublished = statement(value=float("nan"), low=0.0, high=float("nan"), product="2710")
    assert len(check_flows(table(more_than, unpublished))) == 2


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"exporter": "Iran"}, "column exporter: expected an alpha-3 code"),
        ({"importer": ""}, "column importer: expected an alpha-3 code"),
        ({"reporter": "Armstat"}, "column reporter: expected an alpha-3 code (ARM) or SIPRI"),
        ({"end": dt.date(2022, 12, 31)}, "expected start to be no later than end"),
        ({"unit": "thousand USD"}, "column unit: expected TIV or a currency of ISO 4217"),
        ({"valuation": "cif"}, "column valuation: expected one of FOB, CIF, nothing"),
        ({"partner_basis": "country"}, "column partner_basis: expected one of origin"),
        ({"product": ""}, "column product: expected text"),
        ({"value": -1.0, "low": -1.0}, "expected no negative number"),
        ({"value": float("inf"), "high": float("inf")}, "expected a finite number"),
        ({"low": 600e6}, "expected low <= value <= high"),
        ({"high": 1.0}, "expected low <= value <= high"),
    ],
)
def test_a_fault_is_named_with_its_line(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(SchemaError, match="armstat@2025-02 line 9") as caught:
        check_flows(table(statement(), statement(line=9, **changes)))
    assert message in str(caught.value)


def test_an_empty_cell_is_named_with_its_line() -> None:
    rows = table(statement(), statement(line=9, reporter=None))
    with pytest.raises(SchemaError, match=r"column reporter: .* line 9"):
        check_flows(rows)


@pytest.mark.parametrize(
    ("column", "cell"),
    [("product", 271121), ("estimate", 1), ("line", 7.5), ("value", "12"), ("start", 2023)],
)
def test_a_column_of_another_type_is_refused(column: str, cell: Any) -> None:
    with pytest.raises(SchemaError, match=f"column {column}: expected"):
        check_flows(table(statement(**{column: cell})))


def test_a_date_that_is_none_is_refused() -> None:
    with pytest.raises(SchemaError, match="column start: expected dates"):
        check_flows(table(statement(start="2023-13-45")))


def test_a_missing_column_is_named() -> None:
    with pytest.raises(SchemaError, match="expected 17 columns, missing unit"):
        check_flows(table(statement()).drop(columns="unit"))


def test_a_statement_that_stands_twice_names_both_lines() -> None:
    with pytest.raises(SchemaError, match=r"each statement .* once.* lines 7, 9"):
        check_flows(table(statement(), statement(line=9, value=600e6, high=600e6)))


def test_two_deals_of_one_year_are_two_statements() -> None:
    assert len(check_flows(table(statement(deal="1"), statement(deal="2", line=9)))) == 2


def test_join_finds_statements_that_stand_in_both() -> None:
    first = check_flows(table(statement()))
    second = check_flows(table(statement(dataset="armstat@2024-02")))
    joined = join_flows([first, second])
    assert list(joined["dataset"]) == ["armstat@2025-02", "armstat@2024-02"]
    with pytest.raises(SchemaError, match=r"each statement .* once"):
        join_flows([first, first])
    with pytest.raises(ValueError, match="at least one table"):
        join_flows([])


def test_where_counts_what_it_does_not_name() -> None:
    rows = pd.DataFrame({"dataset": ["a"] * 7, "line": range(1, 8)})
    assert where(rows) == "a lines 1, 2, 3, 4, 5 and 2 more"


def test_empty_table_is_a_flow_table() -> None:
    assert check_flows(empty_table()).empty


def test_copies_of_a_statement_are_told_from_two_values() -> None:
    with pytest.raises(SchemaError, match=r"lines 7, 9; they are identical .*delete the copies"):
        check_flows(table(statement(), statement(line=9)))
    other = statement(line=9, value=600e6, high=600e6)
    with pytest.raises(SchemaError, match=r"lines 7, 9; they differ \(values [0-9,]+, 600,000,000"):
        check_flows(table(statement(), other))
    with pytest.raises(SchemaError, match=r"lines 7, 9, 11; they differ"):
        check_flows(table(statement(), statement(line=9), statement(line=11, value=6.0, high=6e9)))
