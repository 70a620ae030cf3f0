"""FAO: the detailed trade matrix of FAOSTAT, food and agriculture by reporter and partner."""

import re

import pandas as pd

from flows.errors import LayoutError
from flows.loaders.cells import (
    calendar_year,
    codes_of,
    fail,
    melt,
    numbers,
    rounding,
    select,
    spans,
    state,
    texts,
    translate,
    under_names,
    with_columns,
)
from flows.loaders.claims import about
from flows.loaders.layout import Layout, either, starts_with
from flows.loaders.records import delimited
from flows.loaders.said_twice import Twice, check_said_twice, same_flow, same_year
from flows.loaders.text import RawTable
from flows.loaders.year_columns import year_columns
from flows.scope import Scope

_COUNTRIES = ("Reporter Country Code (M49)", "Reporter Countries", "Partner Country Code (M49)")
COLUMNS = (*_COUNTRIES, "Partner Countries", "Element", "Item", "Unit")
_LONG = (*COLUMNS, "Year", "Value")
_WIDE = (*COLUMNS, "Element Code", "Item Code")

_NAMES = {
    "reporter": (_COUNTRIES[0],),
    "reporter_name": (_COUNTRIES[1],),
    "partner": (_COUNTRIES[2],),
    "partner_name": ("Partner Countries",),
    "element": ("Element",),
    "item": ("Item Code", "Item Code (FAO)", "Item Code (CPC)"),
    "year": ("Year", "year"),
    "unit": ("Unit",),
    "cell": ("Value", "cell"),
    "flag": ("Flag", "flag"),
}

_FLOWS = {"export value": "export", "import value": "import"}
_UNITS = ("1000 USD", "1000 US$")
_THOUSAND = 1000
_YEAR = re.compile(r"[Yy]?([0-9]{4})(?:\.0+)?")
_FLAG_OR_YEAR = r"[Yy]?[0-9]{4}[FfNn]?\Z"
_BESIDE_YEARS = rf"[^0-9]+|.*Code.*|{_FLAG_OR_YEAR}"
"""What stands beside years: names and codes of countries, elements and items, flags and notes."""

_ELEMENTS = {"5622": "import", "5922": "export"}
_SAID_TWICE = (
    Twice("Year Code", "Year", same_year),
    Twice("Element Code", "Element", same_flow(_ELEMENTS)),
)

_CHINA = "China"
"""The sum of China, mainland, of Hong Kong, Macao and Taiwan, which have rows of their own."""

_ESTIMATES = ("E", "F", "Fc", "I", "Im", "R", "T", "X", "*")
"""Flags, now and before 2022, of what no country reported: estimates and other sources."""

_AS_REPORTED, _MISSING = ("A", ""), "M"

_OPTIONAL = ("Year", "Value", "Flag", "Element Code", *_NAMES["item"])

read_faostat = delimited(COLUMNS, optional=_OPTIONAL)
"""Reads the bulk file (normalised, or the years side by side) and what the site saves of it."""


def normalise_faostat(raw: RawTable) -> pd.DataFrame:
    """
    Return values of trade in food and agriculture as a flow table in US dollars.

    Parameters
    ----------
    raw : RawTable
        Of :func:`read_faostat`.

    Returns
    -------
    pandas.DataFrame
        One row a reporter, partner, flow, year and item, in dollars (the file has thousands).
        ``estimate`` is what no country reported, by its flag. A flow has a row of either reporter.
        Quantities are left out, as are rows of China with Hong Kong, Macao and Taiwan, which have
        their own; all are counted in the report. The file does not say how trade is valued.

    Raises
    ------
    LayoutError
        If no row is a value, or a cell is not a year, a number, a flag or a unit of values.
    CountryError
        If a country is not in the crosswalk.
    SchemaError
        If a statement stands there twice.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> table = normalise_faostat(read_faostat(example_path("faostat")))
    >>> table[["exporter", "importer", "product", "value"]].iloc[0].to_dict()
    {'exporter': 'RUS', 'importer': 'ARM', 'product': '15', 'value': 48250250.0}
    """
    check_said_twice(raw, _SAID_TWICE)
    named = under_names(_long(raw), _NAMES)
    element = texts(named, "element").str.casefold()
    value = element.isin(list(_FLOWS))
    if not value.any():
        raise LayoutError(
            f"{raw.path}: column Element: expected rows of Export value or Import value, found "
            f"quantities alone ({', '.join(texts(named, 'element').unique()[:3])})"
        )
    wrong = value & ~texts(named, "unit").isin(_UNITS)
    if wrong.any():
        fail(named, wrong, "unit", "1000 USD")
    china = value & (
        (texts(named, "reporter_name") == _CHINA) | (texts(named, "partner_name") == _CHINA)
    )
    flags = texts(named, "flag")
    unknown = value & ~flags.isin([*_ESTIMATES, *_AS_REPORTED, _MISSING])
    if unknown.any():
        fail(named, unknown, "flag", "one of FAO's flags (A, E, I, M, T, X)")
    missing = value & ~china & ((flags == _MISSING) | (texts(named, "cell") == ""))
    rows = select(named, value & ~china & ~missing)
    return _state(
        rows,
        rows_in=len(raw.rows),
        left_out={
            "cells of quantities": int((~value).sum()),
            "cells of China as a sum": int(china.sum()),
            "cells without a value": int(missing.sum()),
        },
    )


def _long(raw: RawTable) -> RawTable:
    """Return one row a cell, where years stand side by side with their flags."""
    if "Value" in raw.rows:
        return raw
    raw, years = year_columns(raw, known=_BESIDE_YEARS, pattern=_YEAR)
    if not years:
        raise LayoutError(f"{raw.path}:1: expected a column Value, or years as Y2023, found none")
    keep = [
        name for name in raw.rows.columns if not re.match(_FLAG_OR_YEAR, name) and name != "line"
    ]
    cells = melt(raw, years, name="year", keep=keep)
    there = {name.upper(): name for name in raw.rows.columns}
    marks = [there.get(f"Y{year}F", "") for year in years]
    if "" in marks:
        return cells
    flags = melt(raw, marks, name="year", keep=[]).rows["cell"]
    return with_columns(cells, flag=flags)


def _state(rows: RawTable, *, rows_in: int, left_out: dict[str, int]) -> pd.DataFrame:
    period = spans(translate(rows, "year", calendar_year))
    plain = {
        side: texts(rows, side).str.lstrip("'").str.zfill(3) for side in ("reporter", "partner")
    }
    reporter, partner = codes_of(
        with_columns(rows, **plain), ["reporter", "partner"], scheme="fao", on=period["start"]
    )
    exports = texts(rows, "element").str.casefold().map(_FLOWS) == "export"
    columns = {
        "exporter": reporter.where(exports, partner),
        "importer": partner.where(exports, reporter),
        "reporter": reporter,
        **period,
        "product": texts(rows, "item").str.lstrip("'"),
        "classification": "CPC" if rows.headings.get("item") == "Item Code (CPC)" else "FAOSTAT",
        "value": numbers(rows, "cell") * _THOUSAND,
        "unit": "USD",
        "valuation": "",
        "partner_basis": "",
        "coverage": "food and agriculture",
        "estimate": texts(rows, "flag").isin(_ESTIMATES),
    }
    return state(
        rows,
        columns,
        rows_in=rows_in,
        left_out=left_out,
        warnings=rounding(rows, "cell"),
        scope=Scope(countries=about(imports=reporter, exports=reporter)),
    )


LAYOUTS = (
    Layout(
        "faostat",
        "FAO, FAOSTAT",
        "detailed trade matrix",
        either(starts_with(_LONG), starts_with(_WIDE)),
        read_faostat,
        normalise_faostat,
    ),
)
