"""UN Comtrade by month, partner and product, as it was re-published: one file that is around."""

import re
from functools import partial
from typing import Any

import pandas as pd

from flows.countries import are_aggregates
from flows.errors import LayoutError
from flows.loaders.cells import (
    codes,
    numbers,
    repaired,
    rounding,
    select,
    spans,
    state,
    texts,
    translate,
)
from flows.loaders.claims import OTHER_ASIA, WORLD, about, last_digit, printed_totals
from flows.loaders.comtrade import AGAIN_LETTERS, LETTERS, WORLD_CODES
from flows.loaders.layout import Layout, starts_with
from flows.loaders.records import delimited
from flows.loaders.text import RawTable
from flows.periods import Period
from flows.products import HS_DIGITS, hs_code
from flows.scope import Scope, no_totals

MONTHLY_COLUMNS = (
    "period",
    "trade_code",
    "reporter",
    "partner_iso",
    "commodity_code",
    "netweight_kg",
    "trade_value_us",
)

_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-01")

read_comtrade_monthly = delimited(MONTHLY_COLUMNS)
"""Reads one row a month, partner, flow and product. One such file that is around is UTF-8 with
names of countries in Latin-1: its first broken line is named."""


def normalise_comtrade_monthly(raw: RawTable) -> pd.DataFrame:
    """
    Return monthly trade as a flow table in US dollars.

    Parameters
    ----------
    raw : RawTable
        Of :func:`read_comtrade_monthly`.

    Returns
    -------
    pandas.DataFrame
        One row a month, partner, flow and product, with the column ``netweight_kg``. The
        classification is ``HS``: the file does not say which revision; nor does it say how trade
        is valued. World, groups of countries and re-exports are left out, and counted in
        ``attrs["report"]``.

    Raises
    ------
    LayoutError
        If a cell is not a month, a flow, a product or a number.
    CountryError
        If a country is not in the crosswalk.
    SchemaError
        If a month, partner, flow and product stands there twice.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> table = normalise_comtrade_monthly(read_comtrade_monthly(example_path("comtrade_monthly")))
    >>> table.loc[0, ["exporter", "importer", "product", "value"]].to_dict()
    {'exporter': 'IRN', 'importer': 'ARM', 'product': '271121', 'value': 6875668.8}
    """
    group = are_aggregates(texts(raw, "partner_iso"), scheme="comtrade")
    again = texts(raw, "trade_code").isin(AGAIN_LETTERS)
    kept = select(raw, ~group & ~again)
    columns = _monthly(kept, codes(kept, "partner_iso", scheme="iso"))
    left_out = {
        "rows of World and groups of countries": group.sum(),
        "rows of re-trade": (again & ~group).sum(),
    }
    reporters = columns["reporter"]
    scope = Scope(
        countries=about(imports=reporters, exports=reporters),
        totals=_monthly_totals(select(raw, texts(raw, "partner_iso").isin(WORLD_CODES) & ~again)),
        unnamed=OTHER_ASIA,
    )
    warnings = [
        *repaired(kept, "commodity_code", columns["product"]),
        *rounding(kept, "trade_value_us", "netweight_kg"),
    ]
    return state(
        kept, columns, rows_in=len(raw.rows), left_out=left_out, warnings=warnings, scope=scope
    )


def _monthly_totals(world: RawTable) -> pd.DataFrame:
    """Return the totals over partners that rows of the world print."""
    if world.rows.empty:
        return no_totals()
    columns = _monthly(world, pd.Series(WORLD, world.rows.index, dtype="str"))
    digit = last_digit(texts(world, "trade_value_us"))
    return printed_totals({**columns, "digit": digit}, world.rows["line"])


def _monthly(kept: RawTable, partner: pd.Series) -> dict[str, Any]:
    """Return what rows of months state, as columns of the flow table."""
    exports = translate(kept, "trade_code", _flow) == "export"
    reporter = codes(kept, "reporter", scheme="comtrade")
    product = translate(kept, "commodity_code", partial(hs_code, digits=HS_DIGITS))
    return {
        "exporter": reporter.where(exports, partner),
        "importer": partner.where(exports, reporter),
        "reporter": reporter,
        **spans(translate(kept, "period", _month)),
        "product": product.astype("str"),
        "classification": "HS",
        "value": numbers(kept, "trade_value_us"),
        "unit": "USD",
        "valuation": "",
        "partner_basis": "",
        "coverage": "listed products",
        "netweight_kg": numbers(kept, "netweight_kg", blank=True),
    }


def _flow(cell: str) -> str:
    if cell not in LETTERS:
        raise LayoutError(f"expected {', '.join(LETTERS)}, RX or RM, found {cell!r}")
    return LETTERS[cell]


def _month(cell: str) -> Period:
    match = _DAY.fullmatch(cell)
    if match is None:
        raise LayoutError(f"expected the first day of a month as 2010-01-01, found {cell!r}")
    return Period.month(int(match[1]), int(match[2]))


LAYOUTS = (
    Layout(
        "comtrade_monthly",
        "UN Comtrade as re-published",
        "by month, partner and product",
        starts_with(MONTHLY_COLUMNS),
        read_comtrade_monthly,
        normalise_comtrade_monthly,
    ),
)
