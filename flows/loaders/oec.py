"""Observatory of Economic Complexity (OEC): trade of pairs, as its interface answers."""

import re
from dataclasses import replace
from pathlib import Path

import pandas as pd

from flows.errors import LayoutError
from flows.loaders.cells import levels, select, texts, translate, under_names
from flows.loaders.claims import about
from flows.loaders.json_records import read_json, records_of
from flows.loaders.layout import Layout, either, has_line, matches
from flows.loaders.pairs import pair_statements
from flows.loaders.records import is_json, read_delimited
from flows.loaders.text import RawTable, Record, find_header, make_table
from flows.products import TOTAL
from flows.scope import Scope

COLUMNS = ("Exporter Country ID", "Importer Country ID", "Year", "Trade Value")

_NAMES = {
    "exporter": (COLUMNS[0],),
    "importer": (COLUMNS[1],),
    "year": ("Year",),
    "value": ("Trade Value",),
    "product": ("HS6 ID", "HS4 ID", "HS2 ID"),
}
_ID = re.compile("[a-z]{2}([a-z]{3})")
"""A country: two letters of its continent and three of ISO: asarm."""


def read_oec(path: Path, *, dataset: str | None = None) -> RawTable:
    """
    Read a reply of the interface (``{"data": [...]}``), or the same as CSV.

    Parameters
    ----------
    path : pathlib.Path
        JSON or CSV.
    dataset : str, optional
        ``source@vintage``; the file name by default.

    Returns
    -------
    RawTable
        One row an exporter, importer, year and product.

    Raises
    ------
    LayoutError
        If the reply has no rows, or lacks a column.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> read_oec(example_path("oec")).rows.loc[0, "Exporter Country"]
    'Iran'
    """
    if not is_json(path, "{"):
        return read_delimited(path, COLUMNS, dataset=dataset, optional=_NAMES["product"])
    text, reply = read_json(path)
    rows = reply.get("data") if isinstance(reply, dict) else None
    if not isinstance(rows, list) or not rows:
        raise LayoutError(f"{path}:1: expected rows under data, found none")
    names, records = records_of(rows, text, path=str(path))
    find_header([Record(1, names)], COLUMNS, path=str(path))
    return make_table(names, records, path=str(path), dataset=dataset)


def normalise_oec(raw: RawTable) -> pd.DataFrame:
    """
    Return trade of pairs as the OEC states it as a flow table in US dollars.

    Parameters
    ----------
    raw : RawTable
        Of :func:`read_oec`.

    Returns
    -------
    pandas.DataFrame
        One row an exporter, importer, year and product, reporter ``OEC``. The product is the end of
        its ID, before which the OEC writes the section of the HS; the file does not say which
        revision. The values are BACI's in another form: a comparison with BACI compares nothing.

    Raises
    ------
    LayoutError
        If a cell is not a number, a year or an ID.
    CountryError
        If a country is not in the crosswalk.
    SchemaError
        If a pair has a year and product twice.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> table = normalise_oec(read_oec(example_path("oec")))
    >>> table[["exporter", "importer", "product", "value"]].iloc[0].to_dict()
    {'exporter': 'IRN', 'importer': 'ARM', 'product': '2711', 'value': 62000500.0}
    """
    named = under_names(raw, _NAMES)
    sides = {side: translate(named, side, _alpha3) for side in ("exporter", "importer")}
    heading = named.headings.get("product", "")
    product = pd.Series(TOTAL, index=named.rows.index, dtype="str")
    if heading:
        digits = int(heading[2])
        product = translate(named, "product", lambda cell: _code(cell, digits)).astype("str")
    coded = replace(named, rows=named.rows.assign(**sides))
    empty = texts(coded, "value") == ""
    kept = select(coded, ~empty)
    product = product[~empty].reset_index(drop=True)
    return pair_statements(
        kept,
        {
            "product": product,
            "classification": "HS" if heading else TOTAL,
            "reporter": "OEC",
            "valuation": "FOB",
            "coverage": "all goods",
        },
        value="value",
        multiplier=1,
        rows_in=len(raw.rows),
        left_out={"rows without a value": int(empty.sum())},
        scope=Scope(countries=about(imports=None, exports=None)),
        warnings=tuple(levels(product)),
    )


def _alpha3(cell: str) -> str:
    matched = _ID.fullmatch(cell)
    if matched is None:
        raise LayoutError(f"expected the ID of a country as asarm, found {cell!r}")
    return matched[1].upper()


def _code(cell: str, digits: int) -> str:
    """Return the code of a product without the section before it: 52711 is 2711 of section 5."""
    if not cell.isdigit() or not digits < len(cell) <= digits + 2:
        raise LayoutError(
            f"expected the number of a section and a code of {digits} digits, found {cell!r}"
        )
    return cell[-digits:]


LAYOUTS = (
    Layout(
        "oec",
        "Observatory of Economic Complexity",
        "trade by exporter and importer",
        either(has_line(COLUMNS), matches(r'\A\s*\{(?s:.*?)"data"(?s:.*)"Exporter Country ID"')),
        read_oec,
        normalise_oec,
        documented="https://oec.world/en/resources/api",
    ),
)
