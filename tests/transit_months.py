"""Made months of a transit for tests: who sends what to whom, from which month on how much."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from statements import months

from flows.table import check_flows

FIRST = "2015-01"
MONTHS = 120
STEP_AT = 86
"""March 2022, the first whole month after the known day."""


def path(level: float, *, times: float = 1.0, at: int = STEP_AT, seed: int = 1) -> list[float]:
    """Return months around a level with noise of 5 % that rise once, to so many times."""
    shocks = np.random.default_rng(seed).normal(0.0, 0.05, MONTHS)
    levels = np.where(np.arange(MONTHS) >= at, times, 1.0) * level
    return [float(value) for value in levels * np.exp(shocks)]


def remembered(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a fit of a series that is made once for the same values and options."""
    made: dict[str, Any] = {}

    def fit(y: pd.Series, **options: Any) -> Any:
        key = f"{y.to_json(double_precision=15)} {sorted(options.items())}"
        if key not in made:
            made[key] = function(y, **options)
        return made[key]

    return fit


def stated(
    exporter: str, importer: str, reporter: str, values: Sequence[float], **changes: Any
) -> list[dict[str, Any]]:
    """Return the months of one flow as a reporter states them."""
    own = {
        "exporter": exporter,
        "importer": importer,
        "reporter": reporter,
        "valuation": "FOB" if reporter == exporter else "CIF",
        "partner_basis": "destination" if reporter == exporter else "consignment",
        "dataset": f"{reporter.lower()}@2025",
    }
    return months(FIRST, values, **(own | changes))


def flow_months(*flows: list[dict[str, Any]], since: str = FIRST) -> pd.DataFrame:
    """Return flows as one table, their lines one after another."""
    rows = [row for flow in flows for row in flow if str(row["start"]) >= since]
    return check_flows(pd.DataFrame([{**row, "line": line} for line, row in enumerate(rows, 2)]))
