"""US Census Bureau: replies of its interface for international trade, as JSON or as CSV."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from flows.errors import LayoutError
from flows.loaders.cells import (
    codes,
    fail,
    levels,
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
from flows.loaders.claims import WORLD, about, last_digit, printed_totals
from flows.loaders.layout import Layout, either, matches, starts_with
from flows.loaders.records import check_once, is_json, read_delimited
from flows.loaders.text import RawTable, Record, make_table, read_json
from flows.periods import Period
from flows.products import TOTAL, hs_code
from flows.scope import Scope, no_totals

_COUNTRY, _CODE = "CTY_NAME", "CTY_CODE"
_VALUES = {
    "ALL_VAL": "export",
    "GEN_VAL": "import",
    "CON_VAL": "import",
}
"""Exports, general imports and imports for consumption, each for a month and since January."""

_NAMES = {
    "partner": (_COUNTRY,),
    "code": (_CODE,),
    "year": ("YEAR", "time"),
    "month": ("MONTH", "time"),
    "product": ("E_COMMODITY", "I_COMMODITY", "NAICS", "SITC"),
}
_PARTS = ("DISTRICT", "PORT", "STATE", "DIST_NAME", "PORT_NAME")
"""Columns that part the trade with a country."""

_TOTAL_CODE, _TOTAL_NAME = "-", "TOTAL FOR ALL COUNTRIES"
_GROUP = r"0[0-9]{3}|[0-9]XXX"
"""Codes of groups of countries (0003, European Union) and of regions (5XXX)."""

_PALESTINE = "ADMINISTERED BY ISRAEL"
"""The Gaza Strip and the West Bank are two rows of one code."""

_UNIDENTIFIED = ("8220", "UNIDENTIFIED COUNTRIES")
"""A code that replies leave without a name."""

_TIME = re.compile(r"([0-9]{4})(?:-([0-9]{1,2}))?")
_LAST_MONTH = 12
_REPORTER = "USA"


def read_us_census(path: Path, *, dataset: str | None = None) -> RawTable:
    """
    Read a reply: a list of lists, whose first is the header; or the CSV that a program made of it.

    Parameters
    ----------
    path : pathlib.Path
        JSON or CSV.
    dataset : str, optional
        ``source@vintage``; the file name by default.

    Returns
    -------
    RawTable
        One row a country, commodity and month. In JSON ``line`` is the number of the row, the
        header being 1, as the interface writes them.

    Raises
    ------
    LayoutError
        If the reply has no rows, or one of another length than the header.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> read_us_census(example_path("us_census")).rows.loc[0, "CTY_NAME"]
    'ARMENIA'
    """
    if not is_json(path, "["):
        return read_delimited(
            path, [_COUNTRY], dataset=dataset, optional=[*_optional(), *_value_columns()]
        )
    _, reply = read_json(path)
    if not isinstance(reply, list) or not reply or not all(isinstance(row, list) for row in reply):
        raise LayoutError(f"{path}:1: expected a list of lists, the first of them the header")
    records = [
        Record(line, ["" if cell is None else str(cell) for cell in row])
        for line, row in enumerate(reply, start=1)
    ]
    table = make_table(records[0].cells, records[1:], path=str(path), dataset=dataset)
    check_once(records, [_COUNTRY, *_optional(), *_value_columns()], path=str(path))
    return table


def _optional() -> list[str]:
    """Return what a reply may have beside the names of countries and values."""
    names = (name for spellings in _NAMES.values() for name in spellings)
    return [*dict.fromkeys(names), *_PARTS]


def _value_columns() -> list[str]:
    return [f"{name}_{span}" for name in _VALUES for span in ("MO", "YR")]


def normalise_us_census(raw: RawTable) -> pd.DataFrame:
    """
    Return trade of the United States as a flow table in US dollars.

    Parameters
    ----------
    raw : RawTable
        Of :func:`read_us_census`.

    Returns
    -------
    pandas.DataFrame
        One row a partner, month and commodity. Values of months go before those since January,
        which are a year in December and no period of their own before; general imports go before
        imports for consumption. Groups of countries are left out, and counted; all countries
        together are kept as the total. Exports are valued free alongside ship and imports at
        customs, which is neither FOB nor CIF.

    Raises
    ------
    LayoutError
        If there is no column of values or of countries, rows are of ports, districts or states, a
        value since January does not end in December, or a cell is not a number or a month.
    CountryError
        If a country is not in the crosswalk.
    SchemaError
        If a statement stands there twice.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> table = normalise_us_census(read_us_census(example_path("us_census")))
    >>> table[["exporter", "importer", "value"]].iloc[0].to_dict()
    {'exporter': 'USA', 'importer': 'ARM', 'value': 9500250.0}
    """
    value = _value_of(raw)
    _check_whole(raw)
    named = under_names(raw, {**_NAMES, "value": (value,)})
    code = texts(named, "code")
    nameless = (texts(named, "partner") == "") & (code == _UNIDENTIFIED[0])
    named = with_columns(named, partner=texts(named, "partner").mask(nameless, _UNIDENTIFIED[1]))
    partner = named.rows["partner"]
    total = (code == _TOTAL_CODE) | (partner == _TOTAL_NAME)
    group = code.str.fullmatch(_GROUP) & ~total
    empty = texts(named, "value") == ""
    rows = _joined(select(named, ~total & ~group & ~empty))
    columns = _stated(rows, value, codes(rows, "partner", scheme="census"))
    sides = {"exports" if _is_export(value) else "imports": [_REPORTER]}
    others = [name for name in _value_columns() if name in raw.rows and name != value]
    return state(
        rows,
        columns,
        rows_in=len(raw.rows),
        left_out={
            "rows of groups of countries": int(group.sum()),
            "rows of all countries": int(total.sum()),
            "rows without a value": int((empty & ~total & ~group).sum()),
        },
        warnings=[
            *levels(columns["product"]),
            *rounding(rows, "value"),
            *([f"{', '.join(others)} were not read beside {value}"] if others else []),
        ],
        scope=Scope(countries=about(**sides), totals=_totals(select(named, total & ~empty), value)),
    )


def _value_of(raw: RawTable) -> str:
    """Return the column of values that counts."""
    there = [name for name in _value_columns() if name in raw.rows]
    if not there or _COUNTRY not in raw.rows:
        raise LayoutError(
            f"{raw.path}:1: expected the columns {_COUNTRY} and one of "
            f"{', '.join(_value_columns())}, found {', '.join(raw.rows.columns.drop('line'))}"
        )
    if len({_is_export(name) for name in there}) > 1:
        raise LayoutError(f"{raw.path}:1: expected exports or imports, found {', '.join(there)}")
    return there[0]


def _is_export(value: str) -> bool:
    return _VALUES[value[:7]] == "export"


def _check_whole(raw: RawTable) -> None:
    parts = [name for name in _PARTS if name in raw.rows]
    if parts:
        raise LayoutError(
            f"{raw.path}:1: expected the whole trade with a country, found rows by {parts[0]}; ask "
            f"for it without {', '.join(parts)}, or add the rows up by a description with "
            f'sum_over = ["{parts[0]}"]'
        )


def _joined(rows: RawTable) -> RawTable:
    """Return rows in which the two rows of Palestine are one, with the line of the first."""
    palestine = texts(rows, "partner").str.endswith(_PALESTINE)
    if palestine.sum() <= 1:
        return rows
    keys = ["year", "month", "product"]
    part = select(rows, palestine)
    summed = (
        part.rows.assign(value=numbers(part, "value"))
        .groupby(keys, as_index=False)
        .agg({"partner": "first", "code": "first", "value": "sum", "line": "first"})
    )
    summed["value"] = summed["value"].astype("str")
    whole = pd.concat([rows.rows[~palestine], summed[rows.rows.columns]], ignore_index=True)
    return replace(rows, rows=whole)


def _period(rows: RawTable, value: str) -> pd.Series:
    """Return the month of each row, or the year that a value since January makes up."""
    year = translate(rows, "year", lambda cell: _parts(cell)[0])
    in_time = rows.headings.get("month") == "time"
    month = translate(rows, "month", lambda cell: _parts(cell)[1] if in_time else cell.lstrip("0"))
    wrong = ~month.astype("str").isin([str(number) for number in range(1, _LAST_MONTH + 1)])
    if wrong.any():
        fail(rows, wrong, "month", "a month, 01 to 12")
    month = month.astype("int64")
    if value.endswith("_YR"):
        begun = month != _LAST_MONTH
        if begun.any():
            fail(rows, begun, "month", f"12, since {value} counts from January on")
        return pd.Series([Period.year(int(number)) for number in year], index=year.index)
    pairs = zip(year, month, strict=True)
    return pd.Series([Period.month(int(y), int(m)) for y, m in pairs], index=year.index)


def _parts(cell: str) -> tuple[str, str]:
    match = _TIME.fullmatch(cell.strip())
    if match is None:
        raise LayoutError(f"expected a year and month as 2024-01, found {cell!r}")
    return match[1], (match[2] or "").lstrip("0")


def _stated(rows: RawTable, value: str, partner: pd.Series) -> dict[str, Any]:
    """Return what rows state, as columns of the flow table."""
    exports = _is_export(value)
    product = texts(rows, "product")
    whole = product.isin(["", "-"])
    heading = rows.headings.get("product", "")
    kind = heading if heading in {"NAICS", "SITC"} else "HS"
    if kind == "HS":
        named = replace(rows, rows=rows.rows.assign(product=product.mask(whole, "99")))
        product = translate(named, "product", hs_code).astype("str")
    product = product.mask(whole, TOTAL)
    return {
        "exporter": _REPORTER if exports else partner,
        "importer": partner if exports else _REPORTER,
        "reporter": _REPORTER,
        **spans(_period(rows, value)),
        "product": product,
        "classification": product.eq(TOTAL).map({True: TOTAL, False: kind}),
        "value": numbers(rows, "value"),
        "unit": "USD",
        "valuation": "",
        "partner_basis": "destination" if exports else "origin",
        "coverage": "imports for consumption" if value.startswith("CON") else "all goods",
    }


def _totals(rows: RawTable, value: str) -> pd.DataFrame:
    """Return what rows of all countries print."""
    if rows.rows.empty:
        return no_totals()
    columns = _stated(rows, value, pd.Series(WORLD, rows.rows.index, dtype="str"))
    digit = last_digit(texts(rows, "value"))
    return printed_totals({**columns, "digit": digit}, rows.rows["line"])


_JSON = r'\A\s*\[\s*\[[^\]]*"(?:ALL|GEN|CON)_VAL_(?:MO|YR)"'

LAYOUTS = (
    Layout(
        "us_census",
        "US Census Bureau",
        "trade of the United States by country, from its interface",
        either(matches(_JSON), *(starts_with([_COUNTRY, name]) for name in _value_columns())),
        read_us_census,
        normalise_us_census,
    ),
)
