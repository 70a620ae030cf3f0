"""Compare trends of pairs with those of pyfixest."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from comparison import REFERENCE, Comparison

from flows.models.panel_trend import fit_panel_trend
from flows.table import check_flows

ROUNDING = 1e-11
"""Both programs add a thousand numbers in other orders."""

SETTLED = 1e-10
"""Pyfixest stops a Poisson fit where its deviance moves by less than 1e-13 of itself."""


def panel_values() -> pd.DataFrame:
    """Return what was drawn for the comparison: 12 countries, 8 years, gaps, zeros, two groups."""
    return pd.read_csv(REFERENCE / "panel_values.csv")


def panel_reference() -> pd.DataFrame:
    """Return slopes and standard errors by pyfixest."""
    return pd.read_csv(REFERENCE / "panel.csv")


def yearly_flows(values: pd.DataFrame, **changes: Any) -> pd.DataFrame:
    """Return a flow table of the columns exporter, importer, year, value, and any others."""
    year, value = values["year"].astype("str"), values["value"].astype("float64")
    columns = {
        "reporter": "CEPII",
        "start": pd.to_datetime(year + "-01-01"),
        "end": pd.to_datetime(year + "-12-31"),
        "product": "TOTAL",
        "classification": "TOTAL",
        "value": value,
        "unit": "USD",
        "low": value,
        "high": value,
        "valuation": "FOB",
        "partner_basis": "",
        "coverage": "all goods",
        "estimate": False,
        "dataset": "drawn@1",
        "line": np.arange(len(values)) + 2,
    }
    return check_flows(values.drop(columns="year").assign(**columns | changes))


def compare_panel() -> Iterator[Comparison]:
    """Compare the common slope, and its error by each way of clustering that pyfixest has."""
    values = panel_values()
    for form, tolerance in (("log", ROUNDING), ("poisson", SETTLED)):
        table = yearly_flows(values[values["value"] > 0] if form == "log" else values)
        expected = panel_reference().query("form == @form and term == 'trend'").set_index("se")
        slope = float(expected["slope"].iloc[0])
        name = f"Drawn pairs, {form}"
        for se, error in expected["std_error"].items():
            fit = fit_panel_trend(table, form=form, se=se)  # type: ignore[arg-type]
            if se == "pair":
                found = float(fit.params["trend"])
                yield Comparison(f"{name}: slope", "pyfixest", slope, found, tolerance)
            spread = float(fit.std_errors["trend"])
            yield Comparison(f"{name}: error, {se}", "pyfixest", error, spread, tolerance)
