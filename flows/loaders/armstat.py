"""Armstat, Statistical Committee of Armenia: trade by country and month, thousand US dollars."""

from dataclasses import replace

import pandas as pd

from flows.errors import LayoutError
from flows.loaders.cells import (
    codes,
    fail,
    filled,
    melt,
    numbers,
    plain_codes,
    spans,
    state,
    texts,
    translate,
    with_columns,
)
from flows.loaders.claims import about
from flows.loaders.layout import Layout, starts_with
from flows.loaders.records import delimited
from flows.loaders.text import RawTable
from flows.periods import Period
from flows.scope import Scope

COLUMNS = ("country", "year", "month", "export", "import_origin", "import_consignment")

# Armstat's methodology of external trade: exports are valued FOB and stated by country of
# destination; imports are valued CIF and stated twice, by country of origin and of consignment.
_FLOWS = {
    "export": ("FOB", "destination"),
    "import_origin": ("CIF", "origin"),
    "import_consignment": ("CIF", "consignment"),
}
"""Column of the file to valuation and partner basis."""

_THOUSAND = 1000

read_armstat = delimited(COLUMNS, optional=["date"])
"""Reads one row a country and month, three flows side by side; some vintages have ``date`` and
``country_region`` as well."""


def normalise_armstat(raw: RawTable) -> pd.DataFrame:
    """
    Return Armenia's trade as a flow table in US dollars.

    Parameters
    ----------
    raw : RawTable
        Of :func:`read_armstat`.

    Returns
    -------
    pandas.DataFrame
        Up to three rows a country and month: exports, imports by origin, imports by consignment.
        ``0`` is a stated zero. A country and month that the file does not have is no row: Armstat
        says nothing about it. ``partner_name`` is the country as the file names it.

    Raises
    ------
    LayoutError
        If a cell is not a number or a month, or ``date`` is another month than the row says.
    CountryError
        If a country is not in the crosswalk; a country may change its name inside the file.
    SchemaError
        If a country has a month twice.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> table = normalise_armstat(read_armstat(example_path("armstat")))
    >>> table.loc[0, ["exporter", "importer", "value", "valuation"]].to_dict()
    {'exporter': 'ARM', 'importer': 'GEO', 'value': 1000500.0, 'valuation': 'FOB'}
    """
    month = plain_codes(raw, "year") + "-" + plain_codes(raw, "month").str.zfill(2)
    _check_dates(raw, month)
    partners = codes(raw, "country", scheme="armstat")
    dated = replace(with_columns(raw, period=month, partner=partners), headings={"period": "month"})
    cells = melt(dated, list(_FLOWS), name="flow", keep=["country", "partner", "period"])
    present = filled(cells)
    partner = present.rows["partner"]
    exports = present.rows["flow"] == "export"
    columns = {
        "exporter": partner.where(~exports, "ARM"),
        "importer": partner.where(exports, "ARM"),
        "reporter": "ARM",
        **spans(translate(present, "period", _month)),
        "product": "TOTAL",
        "classification": "TOTAL",
        "value": numbers(present, "cell") * _THOUSAND,
        "unit": "USD",
        "valuation": present.rows["flow"].map(lambda flow: _FLOWS[flow][0]),
        "partner_basis": present.rows["flow"].map(lambda flow: _FLOWS[flow][1]),
        "coverage": "all goods",
        "partner_name": texts(present, "country"),
    }
    left_out = {"empty cells": len(cells.rows) - len(present.rows)}
    scope = Scope(countries=about(imports=["ARM"], exports=["ARM"]))
    return state(present, columns, rows_in=len(raw.rows), left_out=left_out, scope=scope)


def _month(cell: str) -> Period:
    year, _, month = cell.partition("-")
    if not (year + month).isascii() or not (year.isdigit() and month.isdigit()):
        raise LayoutError(f"expected a year and a month in numbers, found {cell!r}")
    return Period.month(int(year), int(month))


def _check_dates(raw: RawTable, month: pd.Series) -> None:
    """Check the first day of the month, which some vintages state beside year and month."""
    if "date" not in raw.rows:
        return
    wrong = texts(raw, "date") != month + "-01"
    if wrong.any():
        fail(raw, wrong, "date", "the first day of the row's year and month")


LAYOUTS = (
    Layout(
        "armstat",
        "Armstat",
        "trade of Armenia by country and month",
        starts_with(COLUMNS),
        read_armstat,
        normalise_armstat,
    ),
)
