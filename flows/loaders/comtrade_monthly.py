"""UN Comtrade, monthly imports of fuels, as re-published: one row a month, partner and product."""

import re
from pathlib import Path

import pandas as pd

from flows.countries import are_aggregates
from flows.errors import LayoutError
from flows.loaders.cells import numbers, texts
from flows.loaders.meanings import codes, spans, translate
from flows.loaders.raw import RawTable, read_delimited
from flows.loaders.rows import select
from flows.loaders.statements import state
from flows.periods import Period, gregorian_month

COLUMNS = (
    "period",
    "trade_code",
    "reporter",
    "partner_iso",
    "commodity_code",
    "netweight_kg",
    "trade_value_us",
)

FLOWS = {"M": "import", "X": "export"}
"""Code of the file to flow; re-exports (``RX``) are inside exports already."""

_DAY = re.compile(r"(\d{4})-(\d{2})-01", re.ASCII)
_CODE = re.compile(r"\d{1,6}", re.ASCII)
_DIGITS = 6


def read_comtrade_monthly(path: Path, *, dataset: str | None = None) -> RawTable:
    """
    Read monthly trade by partner and six-digit product.

    Parameters
    ----------
    path : pathlib.Path
        CSV in UTF-8, with or without byte order mark.
    dataset : str, optional
        ``source@vintage``; the file name by default.

    Returns
    -------
    RawTable
        All columns of the file.

    Raises
    ------
    LayoutError
        If encoding, header or a row is not as the layout has it: one such file that is around is
        UTF-8 with names of countries in Latin-1, and its first broken line is named.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> read_comtrade_monthly(example_path("comtrade_monthly")).rows.loc[0, "commodity_code"]
    '271121'
    """
    return read_delimited(path, COLUMNS, dataset=dataset)


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
    world = are_aggregates(texts(raw, "partner_iso"), scheme="comtrade")
    again = texts(raw, "trade_code").isin(["RX", "RM"])
    kept = select(raw, ~world & ~again)
    exports = translate(kept, "trade_code", _flow) == "export"
    reporter = codes(kept, "reporter", scheme="comtrade")
    partner = codes(kept, "partner_iso", scheme="iso")
    columns = {
        "exporter": reporter.where(exports, partner),
        "importer": partner.where(exports, reporter),
        "reporter": reporter,
        **spans(translate(kept, "period", _month)),
        "product": translate(kept, "commodity_code", _product),
        "classification": "HS",
        "value": numbers(kept, "trade_value_us"),
        "unit": "USD",
        "valuation": "",
        "partner_basis": "",
        "coverage": "listed products",
        "netweight_kg": numbers(kept, "netweight_kg", blank=True),
    }
    left_out = {
        "rows of World and groups of countries": world.sum(),
        "rows of re-trade": (again & ~world).sum(),
    }
    return state(kept, columns, rows_in=len(raw.rows), left_out=left_out)


def _flow(cell: str) -> str:
    if cell not in FLOWS:
        raise LayoutError(f"expected {', '.join(FLOWS)}, RX or RM, found {cell!r}")
    return FLOWS[cell]


def _month(cell: str) -> Period:
    match = _DAY.fullmatch(cell)
    if match is None:
        raise LayoutError(f"expected the first day of a month as 2010-01-01, found {cell!r}")
    return gregorian_month(int(match[1]), int(match[2]))


def _product(cell: str) -> str:
    if not _CODE.fullmatch(cell):
        raise LayoutError(f"expected a product code of up to six digits, found {cell!r}")
    return cell.zfill(_DIGITS)
