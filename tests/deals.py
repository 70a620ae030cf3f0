"""Deliveries by deal for tests, with the flags of SIPRI's deal-year layout."""

from typing import Any

import pandas as pd
from statements import counting_years, delivery

from flows.table import check_flows


def deal(supplier: str, year: int, tiv: float, **changes: Any) -> dict[str, Any]:
    """One new aircraft a TIV, ordered the year before; nothing is estimated."""
    row = {
        "deal": f"{supplier} {year}",
        "order_year": year - 1,
        "order_year_estimated": False,
        "number": tiv,
        "number_estimated": False,
        "delivery_year_estimated": False,
        "status": "New",
        "tiv_per_new_unit": 1.0,
        "tiv_per_unit": 1.0,
        "local_production": False,
        "product": "aircraft",
        "classification": "SIPRI",
    }
    return delivery(supplier, year, tiv, **(row | changes))


def deals(*rows: dict[str, Any], span: tuple[int, int] = (2010, 2024)) -> pd.DataFrame:
    """Return a flow table of deals: each row on a line of its own, each its own deal."""
    numbered = [row | {"line": line} for line, row in enumerate(rows, start=13)]
    kinds = {
        "order_year": "Int64",
        "order_year_estimated": "boolean",
        "number": "Float64",
        "number_estimated": "boolean",
        "delivery_year_estimated": "boolean",
        "local_production": "boolean",
    }
    table = check_flows(pd.DataFrame(numbered).astype(kinds))
    return counting_years(table, span)


Deal = tuple[str, str, float]
"""Supplier, deal, million TIV in 2016."""


def deals_of(*given: Deal, year: int = 2016, **changes: Any) -> pd.DataFrame:
    """Return a flow table with a row a deal."""
    rows = [deal(supplier, year, tiv, deal=name, **changes) for supplier, name, tiv in given]
    return deals(*rows)
