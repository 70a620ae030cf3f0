"""SIPRI Arms Transfers Database: the register as CSV that the old site gave on request only."""

from pathlib import Path

import pandas as pd

from flows.errors import LayoutError
from flows.loaders.cells import texts
from flows.loaders.meanings import translate
from flows.loaders.raw import RawTable, read_delimited
from flows.loaders.rows import with_columns
from flows.loaders.sipri_register import normalise_sipri_register
from flows.table import check_flows

COLUMNS = {
    "buyer": "Recipient",
    "seller": "Supplier",
    "odat": "Year of order",
    "odai": "Year of order ?",
    "onum": "Number ordered",
    "onai": "Number ordered ?",
    "desig2": "Weapon designation",
    "desc": "Weapon description",
    "nrdel": "Number delivered",
    "nrdelai": "Number delivered ?",
    "delyears": "Year(s) of delivery",
    "status": "status",
    "tivunit": "SIPRI TIV per unit",
    "tivorder": "SIPRI TIV for total order",
    "tivdel": "SIPRI TIV of delivered weapons",
}
"""Its columns, and what the register of today calls them."""

CODES = ("buyercod", "sellercod", "wcat", "coprod", "term")
"""Columns of SIPRI's own codes: countries, category, production and terms. The file does not say
what they mean; countries are taken from the names beside them."""

STATUS = {"N": "New"}
"""The one letter of the column ``status`` that is known for sure; others are kept."""


def read_sipri_old_csv(path: Path, *, dataset: str | None = None) -> RawTable:
    """
    Read the CSV of the old site: one row a deal, flags as ``X``.

    Parameters
    ----------
    path : pathlib.Path
        The file as downloaded.
    dataset : str, optional
        ``source@vintage``; the file name by default.

    Returns
    -------
    RawTable
        All columns.

    Raises
    ------
    LayoutError
        If encoding, header or a row is not as the layout has it.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> read_sipri_old_csv(example_path("sipri_old_csv")).rows.loc[0, "buyercod"]
    'AZB'
    """
    return read_delimited(path, ["tidn", *COLUMNS, *CODES], dataset=dataset)


def normalise_sipri_old_csv(raw: RawTable) -> pd.DataFrame:
    """
    Return deals as a flow table, like those of the register of today.

    Parameters
    ----------
    raw : RawTable
        Of :func:`read_sipri_old_csv`.

    Returns
    -------
    pandas.DataFrame
        The columns of the register, ``deal`` being the id of the deal, and SIPRI's own codes as
        they are in ``buyercod``, ``sellercod``, ``wcat``, ``coprod``, ``term``.

    Raises
    ------
    LayoutError
        If a cell is not a number, years or a flag.
    CountryError
        If a supplier or recipient is not in the crosswalk.
    SchemaError
        If a deal stands there twice.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> table = normalise_sipri_old_csv(read_sipri_old_csv(example_path("sipri_old_csv")))
    >>> table[["deal", "exporter", "importer", "wcat"]].iloc[0].tolist()
    ['63890', 'ISR', 'AZE', 'AV']
    """
    deals = normalise_sipri_register(_as_register(raw))
    own = raw.rows.set_index("line").loc[deals["line"], ["tidn", *CODES]].reset_index(drop=True)
    return check_flows(deals.assign(deal=own["tidn"], **{code: own[code] for code in CODES}))


def _as_register(raw: RawTable) -> RawTable:
    renamed = {theirs: texts(raw, ours) for ours, theirs in COLUMNS.items()}
    rows = pd.DataFrame({**renamed, "Comments": "", "line": raw.rows["line"]})
    register = RawTable(raw.path, raw.dataset, raw.header, rows)
    marked = {name: translate(register, name, _flag) for name in rows.columns if name.endswith("?")}
    years = texts(register, "Year(s) of delivery").str.replace(",", ";", regex=False)
    status = texts(register, "status").replace(STATUS)
    return with_columns(register, **marked, **{"Year(s) of delivery": years, "status": status})


def _flag(cell: str) -> str:
    if cell not in ("", "X"):
        raise LayoutError(f"expected X or nothing, found {cell!r}")
    return "?" if cell else ""
