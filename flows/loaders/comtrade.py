"""UN Comtrade: one normalisation for all its layouts."""

import re
from collections.abc import Sequence

import narwhals as nw
import pandas as pd

from flows.engine.comtrade import FLOWS, reason, reasons
from flows.errors import LayoutError
from flows.loaders.cells import numbers, texts
from flows.loaders.comtrade_files import NAMES, OPTIONAL
from flows.loaders.meanings import codes, spans, translate
from flows.loaders.raw import RawTable
from flows.loaders.rows import select
from flows.loaders.statements import state
from flows.periods import Period, gregorian_month, gregorian_year
from flows.products import classification_name

_PERIOD = re.compile(r"([0-9]{4})(?:\.0)?|([0-9]{4})([0-9]{2})")
_SEVERAL = 2
_CODE = re.compile(r"[0-9]{1,6}")


def normalise_comtrade(raw: RawTable) -> pd.DataFrame:
    """
    Return what countries reported as a flow table in US dollars.

    Parameters
    ----------
    raw : RawTable
        Of :func:`flows.loaders.comtrade_files.read_comtrade` or ``read_comtrade_api``.

    Returns
    -------
    pandas.DataFrame
        One row a reporter, partner, flow, period and product, with the column ``netweight_kg``.
        The partner of an import is the country of origin, of an export the last known destination,
        as Comtrade defines them. ``valuation`` is that of the column, CIF or FOB, that holds the
        primary value; empty where the file does not say. Left out, and counted in the report: the
        world and groups of countries, re-exports and re-imports, other flows, services, and rows
        that are not totals over second partner, customs procedure, mode of transport and supply.

    Raises
    ------
    LayoutError
        If a cell is not a number, a period, a classification or a product.
    CountryError
        If a country is not in the crosswalk.
    SchemaError
        If a statement stands there twice.

    Examples
    --------
    >>> from flows.loaders.comtrade_files import read_comtrade
    >>> from flows.loaders.examples import example_path
    >>> table = normalise_comtrade(read_comtrade(example_path("comtrade_v1")))
    >>> table.loc[1, ["exporter", "importer", "product", "classification", "valuation"]].tolist()
    ['IRN', 'ARM', '010121', 'HS2017', 'CIF']
    """
    known = renamed(raw)
    left_out, kept = kept_rows(known)
    period = spans(translate(kept, "period", as_period))
    exports = texts(kept, "flow").map(FLOWS) == "export"
    reporter = codes(kept, "reporter", scheme="comtrade", on=period["start"])
    partner = codes(kept, "partner", scheme="comtrade", on=period["start"])
    value = numbers(kept, "value")
    product, repaired = _products(kept)
    columns = {
        "exporter": reporter.where(exports, partner),
        "importer": partner.where(exports, reporter),
        "reporter": reporter,
        **period,
        "product": product,
        "classification": translate(kept, "classification", classification_name).mask(
            product == "TOTAL", "TOTAL"
        ),
        "value": value,
        "unit": "USD",
        "valuation": _valuation(kept, value),
        "partner_basis": exports.map({True: "destination", False: "origin"}),
        "coverage": "all goods",
        "netweight_kg": numbers(kept, "weight", blank=True),
    }
    return state(
        kept,
        columns,
        rows_in=len(raw.rows),
        left_out=left_out,
        warnings=[*repaired, *_levels(product)],
    )


def renamed(raw: RawTable) -> RawTable:
    """
    Return the columns that count under one name each; those that the file lacks are empty.

    Parameters
    ----------
    raw : RawTable
        Of a file of any layout.

    Returns
    -------
    RawTable
        Columns of :data:`flows.loaders.comtrade_files.NAMES` and ``OPTIONAL``.

    Raises
    ------
    AttributeError
        If a column is not text.

    Examples
    --------
    >>> from flows.loaders.comtrade_files import read_comtrade
    >>> from flows.loaders.examples import example_path
    >>> renamed(read_comtrade(example_path("comtrade_v1"))).rows.loc[0, "reporter"]
    '51'
    """
    columns = {ours: _first(raw, spellings) for ours, spellings in {**NAMES, **OPTIONAL}.items()}
    rows = pd.DataFrame({**columns, "line": raw.rows["line"]})
    return RawTable(raw.path, raw.dataset, raw.header, rows)


def _first(raw: RawTable, spellings: Sequence[str]) -> pd.Series:
    for name in spellings:
        if name in raw.rows.columns:
            return texts(raw, name)
    return pd.Series("", index=raw.rows.index, dtype="str")


def kept_rows(raw: RawTable) -> tuple[dict[str, int], RawTable]:
    """
    Return what is left out, each row for its first reason, and the rest.

    Parameters
    ----------
    raw : RawTable
        Of :func:`renamed`.

    Returns
    -------
    left_out : dict
        Reason to number of rows; see :func:`flows.engine.comtrade.reasons`.
    kept : RawTable
        The rows that count.

    Raises
    ------
    KeyError
        If a column is missing.

    Examples
    --------
    >>> from flows.loaders.comtrade_files import read_comtrade
    >>> from flows.loaders.examples import example_path
    >>> left_out, kept = kept_rows(renamed(read_comtrade(example_path("comtrade_v1"))))
    >>> left_out["rows of re-exports and re-imports"], len(kept.rows)
    (1, 3)
    """
    judged = pd.DataFrame({name: texts(raw, name) for name in raw.rows.columns.drop("line")})
    why = nw.from_native(judged).select(reason()).to_native()["reason"]
    counts = why[why != ""].value_counts()
    left_out = {text: int(counts[text]) for text in reasons() if text in counts}
    return left_out, select(raw, why == "")


def _products(raw: RawTable) -> tuple[pd.Series, list[str]]:
    """Return codes with their zeros: an odd number of digits in HS means that one was lost."""
    code = translate(raw, "product", as_product).astype("str")
    harmonised = texts(raw, "classification").str.startswith("H") & (code != "TOTAL")
    lost = harmonised & (code.str.len() % 2 == 1)
    if not lost.any():
        return code, []
    first = raw.rows.loc[lost, "line"].iloc[0]
    warning = f"{int(lost.sum())} HS codes without their first zero (line {first}): it was put back"
    return code.mask(lost, "0" + code), [warning]


def _levels(product: pd.Series) -> list[str]:
    levels = sorted({"TOTAL" if one == "TOTAL" else str(len(one)) for one in product.unique()})
    if len(levels) < _SEVERAL:
        return []
    return [f"products of the levels {', '.join(levels)} (digits): each counts all goods again"]


def as_product(cell: str) -> str:
    """
    Return a product code as Comtrade writes it.

    Parameters
    ----------
    cell : str
        As in the file.

    Returns
    -------
    str
        The same.

    Raises
    ------
    LayoutError
        If it is neither one to six digits nor ``TOTAL``.

    Examples
    --------
    >>> as_product("271121")
    '271121'
    """
    if cell != "TOTAL" and not _CODE.fullmatch(cell):
        raise LayoutError(f"expected a product code of up to six digits or TOTAL, found {cell!r}")
    return cell


def _valuation(raw: RawTable, value: pd.Series) -> pd.Series:
    cif = numbers(raw, "cif", blank=True) == value
    fob = numbers(raw, "fob", blank=True) == value
    said = pd.Series("", index=value.index, dtype="str")
    return said.mask(cif & ~fob, "CIF").mask(fob & ~cif, "FOB")


def as_period(cell: str) -> Period:
    """
    Return the year or month that a cell names.

    Parameters
    ----------
    cell : str
        ``2023``, ``2023.0`` or ``202301``.

    Returns
    -------
    Period
        Of the calendar.

    Raises
    ------
    LayoutError
        If the cell is anything else.
    PeriodError
        If there is no such month, or the year is out of the range of the calendar.

    Examples
    --------
    >>> as_period("202302").end
    datetime.date(2023, 2, 28)
    """
    match = _PERIOD.fullmatch(cell)
    if match is None:
        raise LayoutError(f"expected a year or a year and month as 202301, found {cell!r}")
    whole, year, month = match.groups()
    return gregorian_year(int(whole)) if whole else gregorian_month(int(year), int(month))
