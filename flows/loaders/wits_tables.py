"""World Bank WITS: results of its query, and the tables of its pages, by partner and product."""

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from flows.countries import are_aggregates
from flows.errors import LayoutError
from flows.loaders.cells import (
    calendar_year,
    codes,
    fail,
    levels,
    melt,
    numbers,
    repaired,
    rounding,
    select,
    spans,
    state,
    texts,
    translate,
    under_names,
    with_columns,
    without_missing,
)
from flows.loaders.claims import WORLD, about, last_digit, printed_totals
from flows.loaders.layout import Layout, has_line
from flows.loaders.records import delimited
from flows.loaders.said_twice import Twice, check_said_twice, same_country
from flows.loaders.text import RawTable
from flows.loaders.year_columns import year_columns
from flows.products import TOTAL, classification_name, hs_code
from flows.scope import Scope, no_totals

_NAMES = {
    "reporter": ("ReporterName", "Reporter", "Reporter Name"),
    "partner": ("PartnerName", "Partner", "Partner Name"),
    "year": ("Year", "year"),
    "flow": ("TradeFlowName", "TradeFlow", "flow"),
    "product": ("ProductCode", "Product Group"),
    "classification": ("Nomenclature",),
    "cell": ("TradeValue in 1000 USD", "Trade Value 1000USD", "cell"),
}
"""What a row says, and what the tables call it."""

QUERY_COLUMNS = (
    "Nomenclature",
    "ReporterISO3",
    "ProductCode",
    "ReporterName",
    "PartnerISO3",
    "PartnerName",
    "Year",
    "TradeFlowName",
    "TradeValue in 1000 USD",
)
PRODUCT_COLUMNS = (
    "Reporter",
    "TradeFlow",
    "ProductCode",
    "Year",
    "Partner",
    "Trade Value 1000USD",
)
PARTNER_COLUMNS = ("Reporter Name", "Partner Name", "Year", "Trade Flow")
YEARS_COLUMNS = ("Reporter Name", "Partner Name", "Trade Flow", "Indicator")
_BESIDE_YEARS = (*YEARS_COLUMNS, "Product Group")

_EXPORTS, _IMPORTS = "Export (US$ Thousand)", "Import (US$ Thousand)"
_FLOWS = {
    **dict.fromkeys(("Export", "Exports", "Gross Exp.", "Gross Exports", _EXPORTS), "export"),
    **dict.fromkeys(("Import", "Imports", "Gross Imp.", "Gross Imports", _IMPORTS), "import"),
}
_AGAIN = ("Re-Export", "Re-Exports", "Re-Import", "Re-Imports")
"""They are inside exports and imports already."""

_WORLD, _ALL_PRODUCTS, _ALL_CODES = "World", "All Products", ("Total", "999999")
_GROUP = r"(?=.*[A-Za-z_-])(?!9999AA).+"
"""A code of a sector or another group of products: 01-05_Animal, manuf."""

_SAID_TWICE = (
    Twice("ReporterName", "ReporterISO3", same_country("wits")),
    Twice("PartnerName", "PartnerISO3", same_country("wits")),
)
_THOUSAND = 1000
_COVERAGE = "all goods"

read_wits_query = delimited(QUERY_COLUMNS)
"""Reads the CSV of a query of trade data: one row a reporter, product, partner, year and flow."""

read_wits_product = delimited(PRODUCT_COLUMNS)
"""Reads the table of a page on trade in one product by country (``WITS-By-HS6Product``)."""

read_wits_partner = delimited(PARTNER_COLUMNS, optional=[_EXPORTS, _IMPORTS, "Product Group"])
"""Reads the table of a page on the partners of a country in a year (``WITS-Partner``)."""

read_wits_partner_years = delimited(YEARS_COLUMNS)
"""Reads the table of a page on the partners of a country, years side by side."""


def normalise_wits_table(raw: RawTable) -> pd.DataFrame:
    """
    Return trade by partner as a flow table in US dollars.

    Parameters
    ----------
    raw : RawTable
        Of :func:`read_wits_query` or :func:`read_wits_product`.

    Returns
    -------
    pandas.DataFrame
        One row a reporter, partner, flow, year and product. The tables are in thousands and do not
        say how trade is valued. A query has ``Import`` and ``Gross Imp.`` as two rows of the same
        trade: of these the gross one counts, in which re-imports are. Groups of countries and of
        products, re-exports and re-imports are left out, and counted in the report; trade with the
        world is kept as the total.

    Raises
    ------
    LayoutError
        If a cell is not a number, a year, a flow or a product, or all rows are of the world.
    CountryError
        If a country is not in the crosswalk, or not in that year.
    SchemaError
        If a statement stands there twice.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> table = normalise_wits_table(read_wits_query(example_path("wits_query")))
    >>> table[["exporter", "importer", "product", "value"]].iloc[0].to_dict()
    {'exporter': 'IRN', 'importer': 'ARM', 'product': '271121', 'value': 62000500.0}
    """
    return _normalised(raw, raw, {})


def normalise_wits_partner(raw: RawTable) -> pd.DataFrame:
    """
    Return trade of a country with its partners as a flow table in US dollars.

    Parameters
    ----------
    raw : RawTable
        Of :func:`read_wits_partner`.

    Returns
    -------
    pandas.DataFrame
        One row a partner, flow and year, as in :func:`normalise_wits_table`. Shares and tariffs
        are not read. An empty cell is no row: not stated, which is not zero.

    Raises
    ------
    LayoutError
        If there is no column of values, or a cell is not a number, a year or a product.
    CountryError
        If a country is not in the crosswalk, or not in that year.
    SchemaError
        If a partner has a flow twice.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> table = normalise_wits_partner(read_wits_partner(example_path("wits_partner")))
    >>> table["value"].tolist()
    [94550250.0, 612072000.0, 3250000.0]
    """
    values = [name for name in (_EXPORTS, _IMPORTS) if name in raw.rows]
    if not values:
        raise LayoutError(
            f"{raw.path}:1: expected a column {_EXPORTS!r} or {_IMPORTS!r}, found shares and "
            "tariffs alone; choose that indicator on the page"
        )
    keep = [*PARTNER_COLUMNS[:3], *(name for name in ("Product Group",) if name in raw.rows)]
    cells = melt(raw, values, name="flow", keep=keep)
    return _normalised(raw, cells, {})


def normalise_wits_partner_years(raw: RawTable) -> pd.DataFrame:
    """
    Return trade of a country with its partners by year as a flow table in US dollars.

    Parameters
    ----------
    raw : RawTable
        Of :func:`read_wits_partner_years`.

    Returns
    -------
    pandas.DataFrame
        As :func:`normalise_wits_partner`; rows of other indicators are left out, and counted.

    Raises
    ------
    LayoutError
        If no row is in dollars, there is no column of a year, or a cell is not a number.
    CountryError
        If a country is not in the crosswalk, or not in that year.
    SchemaError
        If a partner has a flow twice.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> raw = read_wits_partner_years(example_path("wits_partner_years"))
    >>> normalise_wits_partner_years(raw)[["start", "value"]].astype("str").values.tolist()
    [['2022-01-01', '11750000.0'], ['2023-01-01', '94550250.0']]
    """
    raw, years = year_columns(raw, known="|".join(map(re.escape, _BESIDE_YEARS)), text=True)
    values = texts(raw, "Indicator").isin([_EXPORTS, _IMPORTS])
    if not values.any():
        other = texts(raw, "Indicator").iloc[0] if len(raw.rows) else "nothing"
        raise LayoutError(
            f"{raw.path}: column Indicator: expected rows of {_EXPORTS!r} or {_IMPORTS!r}, found "
            f"{other!r}; choose that indicator on the page"
        )
    if not years:
        raise LayoutError(f"{raw.path}:1: expected columns named by years, found none")
    flows = with_columns(raw, flow=texts(raw, "Indicator"))
    keep = ["Reporter Name", "Partner Name", "flow"]
    cells = melt(select(flows, values), years, name="year", keep=keep)
    return _normalised(raw, cells, {"rows of other indicators": int((~values).sum())})


def _normalised(raw: RawTable, cells: RawTable, left_out: Mapping[str, int]) -> pd.DataFrame:
    """Return the flow table of rows that have a value each."""
    check_said_twice(raw, _SAID_TWICE)
    named = under_names(cells, _NAMES)
    present = without_missing(named, "cell", texts(named, "cell"))
    named = with_columns(named, cell=present)
    counts, kept = _kept(named)
    world = texts(kept, "partner") == _WORLD
    if len(kept.rows) and world.all():
        raise LayoutError(
            f"{raw.path}: expected trade with single partners, found rows of the world alone; "
            "choose partners in the query or on the page"
        )
    rows = select(kept, ~world)
    period = spans(translate(rows, "year", calendar_year))
    partner = codes(rows, "partner", scheme="wits", on=period["start"])
    columns = _stated(rows, period, partner)
    reporters = columns["reporter"]
    return state(
        rows,
        columns,
        rows_in=len(raw.rows),
        left_out={**left_out, **counts, "rows of trade with the world": int(world.sum())},
        warnings=[
            *levels(columns["product"]),
            *repaired(_without_totals(rows), "product", columns["product"]),
            *rounding(raw, *(name for name in _NAMES["cell"] if name in raw.rows)),
        ],
        scope=Scope(
            countries=about(imports=reporters, exports=reporters),
            totals=_world_totals(select(kept, world)),
        ),
    )


def _kept(named: RawTable) -> tuple[dict[str, int], RawTable]:
    """Return the rows that count, and how many do not and why."""
    known = texts(named, "flow").isin([*_FLOWS, *_AGAIN])
    if not known.all():
        fail(named, ~known, "flow", f"one of {', '.join([*_FLOWS, *_AGAIN])}")
    partner, reporter = texts(named, "partner"), texts(named, "reporter")
    reasons = {
        "rows of re-exports and re-imports": texts(named, "flow").isin(_AGAIN),
        "rows of groups of countries": (
            (are_aggregates(partner, scheme="wits") & (partner != _WORLD))
            | are_aggregates(reporter, scheme="wits")
        ),
        "rows of groups of products": (
            texts(named, "product").str.fullmatch(_GROUP) & ~_of_all_products(named)
        ),
        "rows of the same trade as a gross row": _beside_gross(named),
        "empty cells": texts(named, "cell") == "",
    }
    counts: dict[str, int] = {}
    kept = pd.Series(True, index=named.rows.index)
    for reason, wrong in reasons.items():
        counts[reason] = int((kept & wrong).sum())
        kept &= ~wrong
    return counts, select(named, kept)


def _of_all_products(named: RawTable) -> pd.Series:
    return texts(named, "product").isin([_ALL_PRODUCTS, *_ALL_CODES, ""])


def _beside_gross(named: RawTable) -> pd.Series:
    """Say which rows have another of the same trade that is gross of re-exports or re-imports."""
    flow = texts(named, "flow")
    keys = ["reporter", "partner", "year", "product", "classification"]
    trade = named.rows[keys].assign(direction=flow.map(_FLOWS))
    gross = flow.str.startswith("Gross")
    if not gross.any() or gross.all():
        return pd.Series(False, index=flow.index)
    number = trade.groupby(list(trade.columns), dropna=False).ngroup()
    return ~gross & number.isin(number[gross])


def _without_totals(rows: RawTable) -> RawTable:
    """Return rows in which all products are TOTAL."""
    product = texts(rows, "product").mask(_of_all_products(rows), TOTAL)
    return with_columns(rows, product=product)


def _products(rows: RawTable) -> tuple[pd.Series, pd.Series]:
    """Return products and their classifications."""
    plain = _without_totals(rows)
    codes_of_rows = texts(rows, "classification").mask(lambda cells: cells == "", "HS")
    named = with_columns(rows, classification=codes_of_rows)
    classification = translate(named, "classification", classification_name).astype("str")
    product = texts(plain, "product")
    of_hs = classification.str.startswith("HS") & (product != TOTAL)
    product[of_hs] = translate(select(plain, of_hs), "product", hs_code).to_numpy()
    return product, classification.mask(product == TOTAL, TOTAL)


def _stated(rows: RawTable, period: Mapping[str, pd.Series], partner: pd.Series) -> dict[str, Any]:
    """Return what rows state, as columns of the flow table."""
    exports = texts(rows, "flow").map(_FLOWS) == "export"
    reporter = codes(rows, "reporter", scheme="wits", on=period["start"])
    product, classification = _products(rows)
    return {
        "exporter": reporter.where(exports, partner),
        "importer": partner.where(exports, reporter),
        "reporter": reporter,
        **period,
        "product": product,
        "classification": classification,
        "value": numbers(rows, "cell") * _THOUSAND,
        "unit": "USD",
        "valuation": "",
        "partner_basis": "",
        "coverage": _COVERAGE,
    }


def _world_totals(world: RawTable) -> pd.DataFrame:
    """Return what rows of trade with the world print, in dollars."""
    if world.rows.empty:
        return no_totals()
    period = spans(translate(world, "year", calendar_year))
    columns = _stated(world, period, pd.Series(WORLD, world.rows.index, dtype="str"))
    digit = last_digit(texts(world, "cell"), unit=_THOUSAND)
    return printed_totals({**columns, "digit": digit}, world.rows["line"])


LAYOUTS = (
    Layout(
        "wits_query",
        "World Bank WITS",
        "query of trade data by reporter, partner and product",
        has_line(QUERY_COLUMNS),
        read_wits_query,
        normalise_wits_table,
        documented="https://wits.worldbank.org",
    ),
    Layout(
        "wits_product",
        "World Bank WITS",
        "page of one product by country",
        has_line(PRODUCT_COLUMNS),
        read_wits_product,
        normalise_wits_table,
    ),
    Layout(
        "wits_partner",
        "World Bank WITS",
        "page of the partners of a country in a year",
        has_line(PARTNER_COLUMNS),
        read_wits_partner,
        normalise_wits_partner,
    ),
    Layout(
        "wits_partner_years",
        "World Bank WITS",
        "page of the partners of a country by year",
        has_line(YEARS_COLUMNS),
        read_wits_partner_years,
        normalise_wits_partner_years,
    ),
)
