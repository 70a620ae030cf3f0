"""UN Comtrade: one normalisation for all its layouts."""

import re
from collections.abc import Sequence

import pandas as pd

from flows.countries import are_aggregates
from flows.errors import LayoutError
from flows.loaders.cells import numbers, texts
from flows.loaders.comtrade_files import NAMES, OPTIONAL
from flows.loaders.meanings import codes, spans, translate
from flows.loaders.raw import RawTable
from flows.loaders.rows import select
from flows.loaders.statements import state
from flows.periods import Period, gregorian_month, gregorian_year
from flows.products import classification_name

FLOWS = {"M": "import", "1": "import", "X": "export", "2": "export"}
"""Codes of the site now and until 2022."""

AGAIN = ("RM", "RX", "4", "3")
"""Re-imports and re-exports: they are inside imports and exports already."""

TOTALS = {
    "partner2": ("", "0"),
    "customs": ("", "C00"),
    "transport": ("", "0"),
    "supply": ("", "0"),
}
"""What a row must say of a second partner, customs procedure, mode of transport and of supply to be
the total over them."""

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
    known = _renamed(raw)
    left_out, kept = _kept(known)
    period = spans(translate(kept, "period", _period))
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


def _renamed(raw: RawTable) -> RawTable:
    """Return the columns that count under one name each; those that the file lacks are empty."""
    columns = {ours: _first(raw, spellings) for ours, spellings in {**NAMES, **OPTIONAL}.items()}
    rows = pd.DataFrame({**columns, "line": raw.rows["line"]})
    return RawTable(raw.path, raw.dataset, raw.header, rows)


def _first(raw: RawTable, spellings: Sequence[str]) -> pd.Series:
    for name in spellings:
        if name in raw.rows.columns:
            return texts(raw, name)
    return pd.Series("", index=raw.rows.index, dtype="str")


def _kept(raw: RawTable) -> tuple[dict[str, int], RawTable]:
    """Return what is left out, each row for its first reason, and the rest."""
    flow = texts(raw, "flow")
    reasons = {
        "rows of services": ~texts(raw, "type").isin(["", "C"]),
        "rows of re-exports and re-imports": flow.isin(AGAIN),
        "rows of other flows": ~flow.isin(list(FLOWS)),
        "rows of the world and groups of countries": are_aggregates(
            texts(raw, "partner"), scheme="comtrade"
        )
        | are_aggregates(texts(raw, "reporter"), scheme="comtrade"),
    } | {f"rows of one {name}": ~texts(raw, name).isin(total) for name, total in TOTALS.items()}
    left_out = {}
    kept = pd.Series(True, index=raw.rows.index)
    for reason, rows in reasons.items():
        left_out[reason] = int((kept & rows).sum())
        kept &= ~rows
    return left_out, select(raw, kept)


def _products(raw: RawTable) -> tuple[pd.Series, list[str]]:
    """Return codes with their zeros: an odd number of digits in HS means that one was lost."""
    code = translate(raw, "product", _product).astype("str")
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


def _product(cell: str) -> str:
    if cell != "TOTAL" and not _CODE.fullmatch(cell):
        raise LayoutError(f"expected a product code of up to six digits or TOTAL, found {cell!r}")
    return cell


def _valuation(raw: RawTable, value: pd.Series) -> pd.Series:
    cif = numbers(raw, "cif", blank=True) == value
    fob = numbers(raw, "fob", blank=True) == value
    said = pd.Series("", index=value.index, dtype="str")
    return said.mask(cif & ~fob, "CIF").mask(fob & ~cif, "FOB")


def _period(cell: str) -> Period:
    match = _PERIOD.fullmatch(cell)
    if match is None:
        raise LayoutError(f"expected a year or a year and month as 202301, found {cell!r}")
    whole, year, month = match.groups()
    return gregorian_year(int(whole)) if whole else gregorian_month(int(year), int(month))
