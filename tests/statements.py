"""Rows of a flow table for tests: one complete statement, of which a test changes what it needs."""

import datetime as dt
from calendar import monthrange
from collections.abc import Sequence
from typing import Any

import pandas as pd

from flows.scope import Scope, remember
from flows.table import check_flows


def statement(**changes: Any) -> dict[str, Any]:
    """Armenia reports its imports from Iran in 2023; bounds follow a value that is changed."""
    value = changes.get("value", 597.9e6)
    row = {
        "exporter": "IRN",
        "importer": "ARM",
        "reporter": "ARM",
        "start": dt.date(2023, 1, 1),
        "end": dt.date(2023, 12, 31),
        "product": "TOTAL",
        "classification": "TOTAL",
        "value": value,
        "unit": "USD",
        "low": value,
        "high": value,
        "valuation": "CIF",
        "partner_basis": "origin",
        "coverage": "all goods",
        "estimate": False,
        "dataset": "armstat@2025-02",
        "line": 7,
    }
    return row | changes


def delivery(supplier: str, year: int, tiv: float, **changes: Any) -> dict[str, Any]:
    """SIPRI counts what one supplier delivered to Azerbaijan in one year."""
    return statement(
        **{
            "exporter": supplier,
            "importer": "AZE",
            "reporter": "SIPRI",
            "start": dt.date(year, 1, 1),
            "end": dt.date(year, 12, 31),
            "value": tiv,
            "unit": "TIV",
            "valuation": "",
            "partner_basis": "",
            "coverage": "major arms",
            "dataset": "sipri@2025-03",
            **changes,
        }
    )


def months(first: str, values: Sequence[float], **changes: Any) -> list[dict[str, Any]]:
    """Return one statement a calendar month from ``first`` (``"2023-01"``) on, from line 2 on."""
    return [
        statement(
            **{
                "start": dt.date(one.year, one.month, 1),
                "end": dt.date(one.year, one.month, monthrange(one.year, one.month)[1]),
                "value": value,
                "line": line,
                **changes,
            }
        )
        for line, (one, value) in enumerate(
            zip(pd.period_range(first, periods=len(values), freq="M"), values, strict=True), start=2
        )
    ]


def table(*rows: dict[str, Any]) -> pd.DataFrame:
    """Return the rows as they are, unchecked."""
    return pd.DataFrame(list(rows))


def flow_table(*rows: dict[str, Any]) -> pd.DataFrame:
    """Return the rows as a checked flow table."""
    return check_flows(table(*rows))


def counting_years(table: pd.DataFrame, span: tuple[int, int]) -> pd.DataFrame:
    """Return the same table, whose data sets say which years they count."""
    for dataset in table["dataset"].unique():
        remember(str(dataset), Scope(years=span))
    return table
