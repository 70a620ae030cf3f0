"""Pairs of mirrors for tests: statements of two sides, and small rings of reporters."""

import datetime as dt
from itertools import permutations
from typing import Any

import numpy as np
import pandas as pd
from statements import flow_table, statement

from flows.compare.mirror_pairs import MirrorPairs, pair_mirrors

RING = ("ARM", "GEO", "IRN", "RUS")


def said(side: str, exporter: str, importer: str, value: float, **changes: Any) -> dict[str, Any]:
    """One side states one flow of 2023; bounds follow the value."""
    own = {
        "exporter": exporter,
        "importer": importer,
        "reporter": exporter if side == "exporter" else importer,
        "value": value,
        "valuation": "FOB" if side == "exporter" else "CIF",
        "partner_basis": "",
        "dataset": "comtrade@2025-06",
    }
    return statement(**(own | changes))


def year(number: int) -> dict[str, dt.date]:
    return {"start": dt.date(number, 1, 1), "end": dt.date(number, 12, 31)}


def mirrors(
    exporter_report: float, importer_report: float, *, nominal_below: float = 0.0, **changes: Any
) -> MirrorPairs:
    """Iran's exports to Armenia as both state them; changes are those of the exporter."""
    rows = (
        said("exporter", "IRN", "ARM", exporter_report, line=1, **changes),
        said("importer", "IRN", "ARM", importer_report, line=2),
    )
    return pair_mirrors(flow_table(*rows), nominal_below=nominal_below)


def ring(std_devs: dict[str, float], *, years: int, seed: int, scale: float = 1.0) -> pd.DataFrame:
    """Every country trades with every other; normal log errors, CIF a tenth above FOB."""
    rng = np.random.default_rng(seed)
    rows = []
    for exporter, importer in permutations(std_devs, 2):
        for number in range(2000, 2000 + years):
            true = scale * np.exp(rng.normal(10, 1))
            errors = rng.normal(size=2) * [std_devs[exporter], std_devs[importer]]
            sent, got = true * np.exp(errors) * [1.0, 1.1]
            lines = len(rows) + 1, len(rows) + 2
            rows += [
                said("exporter", exporter, importer, sent, line=lines[0], **year(number)),
                said("importer", exporter, importer, got, line=lines[1], **year(number)),
            ]
    return flow_table(*rows)
