"""Tables of many pairs for tests of screens: one organisation that states all trade."""

import numpy as np
import pandas as pd

from flows.scope import Scope, remember
from flows.table import check_flows

DATASET = "everybody@1"
CODES = ("ARM", "AZE", "DEU", "GEO", "IRN", "ISR", "RUS", "TUR")


def all_pairs(
    seed: int, *, first: int = 2001, years: int = 20, gaps: float = 0.1, zeros: float = 0.05
) -> pd.DataFrame:
    """Return the trade of all pairs of eight countries, with years missing and zeros among them."""
    rng = np.random.default_rng(seed)
    pairs = [(one, other) for one in CODES for other in CODES if one != other]
    noise = np.cumsum(rng.normal(0, 0.3, (len(pairs), years)), axis=1)
    noise += rng.normal(12, 2, (len(pairs), 1)) + rng.normal(0, 0.05, (len(pairs), 1)) * np.arange(
        years
    )
    values = np.round(np.exp(noise), 2)
    values[rng.random(values.shape) < zeros] = 0.0
    series, period = np.nonzero(rng.random(values.shape) >= gaps)
    year = pd.Series(first + period)
    table = pd.DataFrame(
        {
            "exporter": [pairs[place][0] for place in series],
            "importer": [pairs[place][1] for place in series],
            "reporter": "CEPII",
            "start": pd.to_datetime(year.astype("str") + "-01-01"),
            "end": pd.to_datetime(year.astype("str") + "-12-31"),
            "product": "TOTAL",
            "classification": "TOTAL",
            "value": values[series, period],
            "unit": "USD",
            "low": values[series, period],
            "high": values[series, period],
            "valuation": "FOB",
            "partner_basis": "",
            "coverage": "all goods",
            "estimate": False,
            "dataset": DATASET,
            "line": np.arange(2, len(series) + 2),
        }
    )
    return check_flows(table)


def state_all(table: pd.DataFrame) -> pd.DataFrame:
    """Remember that a table holds all partners of every country in all of its years."""
    years = (int(table["start"].dt.year.min()), int(table["end"].dt.year.max()))
    countries = {"imports": None, "exports": None}
    remember(DATASET, Scope(partners="all", countries=countries, years=years).of_rows(table))
    return table
