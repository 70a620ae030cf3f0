"""Trade of pairs as an organisation states it: one row an exporter, importer and year."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from flows.countries import Scheme
from flows.loaders.cells import (
    calendar_year,
    codes_of,
    numbers,
    own_codes,
    rounding,
    spans,
    state,
    translate,
)
from flows.loaders.text import RawTable
from flows.scope import Scope


def pair_statements(
    raw: RawTable,
    said: Mapping[str, Any],
    *,
    value: str,
    multiplier: float,
    rows_in: int,
    left_out: Mapping[str, Any],
    scope: Scope,
    scheme: Scheme | None = "research",
    warnings: tuple[str, ...] = (),
) -> pd.DataFrame:
    """
    Return a flow table of rows whose columns are ``exporter``, ``importer`` and ``year``.

    ``said``: the other columns of the flow table, above all ``reporter`` and ``coverage``;
    ``value``: the column of figures, in ``multiplier`` units; ``scheme``: whose codes the countries
    have, none for those that this package writes.
    """
    period = spans(translate(raw, "year", calendar_year))
    sides = ["exporter", "importer"]
    exporter, importer = (
        [own_codes(raw, side) for side in sides]
        if scheme is None
        else codes_of(raw, sides, scheme=scheme, on=period["start"])
    )
    columns = {
        "exporter": exporter,
        "importer": importer,
        **period,
        "product": "TOTAL",
        "classification": "TOTAL",
        "value": numbers(raw, value) * multiplier,
        "unit": "USD",
        "valuation": "",
        "partner_basis": "",
        **said,
    }
    return state(
        raw,
        columns,
        rows_in=rows_in,
        left_out=left_out,
        warnings=[*rounding(raw, value), *warnings],
        scope=scope,
    )
