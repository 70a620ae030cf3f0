"""World Bank WITS, country summary: the five largest partners of a country by year."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from flows.countries import are_aggregates
from flows.errors import LayoutError
from flows.loaders.cells import (
    calendar_year,
    codes,
    filled,
    melt,
    numbers,
    remark,
    select,
    spans,
    state,
    texts,
    translate,
    with_columns,
)
from flows.loaders.claims import WORLD, about, last_digit, printed_totals
from flows.loaders.layout import Layout, starts_with
from flows.loaders.records import delimited
from flows.loaders.text import RawTable
from flows.loaders.year_columns import year_columns
from flows.scope import Scope, no_totals

COLUMNS = ("Reporter", "Partner", "Product categories", "Indicator Type", "Indicator")

_COVERAGE = "all goods, five largest partners only"
"""What the file covers."""

_INDICATORS = {
    "Trade (US$ Mil)-Top 5 Export Partner": "export",
    "Trade (US$ Mil)-Top 5 Import Partner": "import",
}
"""The two indicators that state trade with one partner."""

_SHARES = {
    "Partner share(%)-Top 5 Export Partner": "export",
    "Partner share(%)-Top 5 Import Partner": "import",
}
"""The two that state what part of it that is, in percent."""

_FLOAT = 1e-9

_TOTALS = {"Exports (in US$ Mil)": "export", "Imports (in US$ Mil)": "import"}
"""The two indicators that state a country's trade with the world."""

_ALL_PRODUCTS = "All Products"
_WORLD = "World"
_LARGEST = 5
_MILLION = 1_000_000

read_wits_summary = delimited(COLUMNS)
"""Reads one row an indicator, the years side by side from the last to the first; the blanks before
numbers are kept."""


def normalise_wits_summary(raw: RawTable) -> pd.DataFrame:
    """
    Return trade with the five largest partners of each year as a flow table in US dollars.

    Parameters
    ----------
    raw : RawTable
        Of :func:`read_wits_summary`.

    Returns
    -------
    pandas.DataFrame
        One row a partner, flow and year. An empty cell is no row: the partner was not among the
        five largest, which is not zero. The file does not say how trade is valued. Partners that
        are groups of countries and all other indicators are left out, and counted in
        ``attrs["report"]``; a country's trade with the world is kept as the total of which the five
        have a part.

    Raises
    ------
    LayoutError
        If there is no column of a year, or a cell is not a number.
    CountryError
        If a country is not in the crosswalk, or not in that year.
    SchemaError
        If a partner and flow has two rows.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> table = normalise_wits_summary(read_wits_summary(example_path("wits_summary")))
    >>> table[["exporter", "importer", "value"]].to_dict("list")
    {'exporter': ['IRN', 'IRN'], 'importer': ['ARM', 'ARM'], 'value': [321500000.0, 177250000.0]}
    """
    raw, years = _years(raw)
    partners = texts(raw, "Indicator").isin(list(_INDICATORS))
    groups = partners & are_aggregates(texts(raw, "Partner"), scheme="wits")
    listed = partners & ~groups
    keep = ["Reporter", "Partner", "Indicator"]
    cells = melt(select(raw, listed | _is_world(raw)), years, name="year", keep=keep)
    present = filled(cells)
    printed = texts(present, "Indicator").isin(list(_TOTALS))
    period = spans(translate(present, "year", calendar_year))
    reporter = codes(present, "Reporter", scheme="wits", on=period["start"])
    # The world is no country: a row of it has its reporter there until it has its code.
    others = present.rows["Partner"].mask(printed, present.rows["Reporter"])
    named = with_columns(present, Partner=others)
    partner = codes(named, "Partner", scheme="wits", on=period["start"]).mask(printed, WORLD)
    columns = pd.DataFrame(_stated(present, period, reporter, partner))
    left_out = {
        "rows of other indicators": (~partners).sum(),
        "rows of groups of countries": groups.sum(),
        "empty cells: not among the five largest": (
            texts(cells, "Indicator").isin(list(_INDICATORS)).sum() - (~printed).sum()
        ),
    }
    totals = _printed(present, columns, printed)
    reporters = columns["reporter"].unique()
    scope = Scope(
        partners="largest",
        largest=_LARGEST,
        countries=about(imports=reporters, exports=reporters),
        totals=totals,
    )
    rows = select(present, ~printed)
    stated = columns[~printed].reset_index(drop=True)
    _check_shares(raw, years)
    return state(rows, dict(stated), rows_in=len(raw.rows), left_out=left_out, scope=scope)


def _stated(
    present: RawTable, period: Mapping[str, pd.Series], reporter: pd.Series, partner: pd.Series
) -> dict[str, Any]:
    """Return what cells with a figure state, as columns of the flow table."""
    exports = texts(present, "Indicator").map({**_INDICATORS, **_TOTALS}) == "export"
    return {
        "exporter": reporter.where(exports, partner),
        "importer": partner.where(exports, reporter),
        "reporter": reporter,
        **period,
        "product": "TOTAL",
        "classification": "TOTAL",
        "value": numbers(present, "cell") * _MILLION,
        "unit": "USD",
        "valuation": "",
        "partner_basis": "",
        "coverage": _COVERAGE,
    }


def _is_world(raw: RawTable) -> pd.Series:
    """Say which rows are of all goods with the world."""
    return (
        texts(raw, "Indicator").isin(list(_TOTALS))
        & (texts(raw, "Product categories") == _ALL_PRODUCTS)
        & (texts(raw, "Partner") == _WORLD)
    )


def _check_shares(raw: RawTable, years: Sequence[str]) -> None:
    """Say where trade with a partner is not the printed share of trade with the world."""
    meant = [_INDICATORS, _SHARES, _TOTALS]
    named = texts(raw, "Indicator").isin(set().union(*meant))
    counted = named & (~texts(raw, "Indicator").isin(list(_TOTALS)) | _is_world(raw))
    keep = ["Reporter", "Partner", "Indicator"]
    cells = filled(melt(select(raw, counted), years, name="year", keep=keep))
    if cells.rows.empty:
        return
    half = last_digit(texts(cells, "cell")) / 2
    rows = cells.rows.assign(value=numbers(cells, "cell"), half=half)
    parts, shares, worlds = (
        rows[texts(cells, "Indicator").isin(list(kind))].assign(
            flow=texts(cells, "Indicator").map(kind)
        )
        for kind in meant
    )
    keys = ["Reporter", "flow", "year"]
    both = parts.merge(shares, on=[*keys, "Partner"], suffixes=("", "_share"))
    all_three = both.merge(worlds, on=keys, suffixes=("", "_world"))
    all_three = all_three[all_three["value_world"] > all_three["half_world"]]
    low = (all_three["value"] - all_three["half"]) / (
        all_three["value_world"] + all_three["half_world"]
    )
    high = (all_three["value"] + all_three["half"]) / (
        all_three["value_world"] - all_three["half_world"]
    )
    printed, rounded = all_three["value_share"], all_three["half_share"] + _FLOAT
    wrong = (printed + rounded < 100 * low) | (printed - rounded > 100 * high)
    if wrong.any():
        row = all_three[wrong].iloc[0]
        remark(
            raw,
            f"line {row['line']}, column {row['year']}: {row['value']:g} is "
            f"{100 * row['value'] / row['value_world']:.4g} % of trade with the world, "
            f"{row['value_world']:g} (line {row['line_world']}), and {row['value_share']:g} % is "
            f"printed (line {row['line_share']}): one of the three was changed, take the file as "
            "it was published",
        )


def _printed(present: RawTable, columns: pd.DataFrame, printed: pd.Series) -> pd.DataFrame:
    """Return what rows of trade with the world print, in dollars."""
    if not printed.any():
        return no_totals()
    digit = last_digit(texts(present, "cell")[printed], unit=_MILLION)
    return printed_totals({**columns[printed], "digit": digit}, present.rows["line"][printed])


def _years(raw: RawTable) -> tuple[RawTable, list[str]]:
    """Return the table and its columns of years."""
    table, years = year_columns(raw, known="|".join(map(re.escape, COLUMNS)), text=True)
    if not years:
        raise LayoutError(f"{raw.path}:1: expected columns named by years, found none")
    return table, years


LAYOUTS = (
    Layout(
        "wits_summary",
        "World Bank WITS",
        "country summary",
        starts_with(COLUMNS),
        read_wits_summary,
        normalise_wits_summary,
    ),
)
