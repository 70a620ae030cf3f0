"""The two sides of a bridge for tests: Iran's and Armenia's statements of one flow."""

from typing import Any

import pandas as pd
from statements import flow_table, statement

from flows.compare.bridge import Bridge, bridge
from flows.periods import Period

MONTHLY = [10.0, 10.0, 31.0, *[10.0] * 9, 20.0, 20.0, 62.0]
"""January 2023 to March 2024. The year: 141; Iranian 1402: 11 + 90 + 40 + 38 = 179; by whole
months from March 31 + 90 + 40 = 161, from April 90 + 40 + 62 = 192."""

YEAR = Period.year(2023)
IRANIAN = Period.year(1402, calendar="solar-hijri")


def iran(value: float, period: Period = YEAR, **changes: Any) -> pd.DataFrame:
    own = {"reporter": "IRN", "valuation": "FOB", "partner_basis": "", "dataset": "irica@2024-09"}
    dates = {"start": period.start, "end": period.end}
    return flow_table(statement(value=value, **(own | dates | changes)))


def armenia(value: float, period: Period = YEAR, **changes: Any) -> pd.DataFrame:
    return flow_table(
        statement(value=value, **({"start": period.start, "end": period.end} | changes))
    )


def gas(value: float, period: Period = YEAR, **changes: Any) -> pd.DataFrame:
    own = {"product": "271121", "classification": "HS", "valuation": "", "partner_basis": ""}
    return armenia(value, period, **({**own, "dataset": "comtrade-fuels@2025-06"} | changes))


def lead(exporter_report: pd.DataFrame, importer_report: pd.DataFrame, **changes: Any) -> Bridge:
    asked = {"period": YEAR, "headline": YEAR, "cif_fob_ratio": (1.06, 1.10)}
    return bridge(
        exporter_report=exporter_report, importer_report=importer_report, **(asked | changes)
    )
