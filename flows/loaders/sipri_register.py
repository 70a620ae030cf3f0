"""SIPRI Arms Transfers Database: the trade register as CSV, one row a deal."""

import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from flows.errors import LayoutError
from flows.loaders.cells import integers, numbers, texts
from flows.loaders.meanings import codes, spans, translate
from flows.loaders.raw import RawTable, find_header, make_table
from flows.loaders.rows import select
from flows.loaders.statements import state
from flows.loaders.text import Record, read_text, split_records
from flows.periods import Period, window

COLUMNS = (
    "Recipient",
    "Supplier",
    "Year of order",
    "Number ordered",
    "Weapon designation",
    "Weapon description",
    "Number delivered",
    "Year(s) of delivery",
    "status",
    "Comments",
    "SIPRI TIV per unit",
    "SIPRI TIV for total order",
    "SIPRI TIV of delivered weapons",
)
"""Columns that have a name; after three of them comes a column of flags headed by one blank."""

_WIDTH = len(COLUMNS) + 3
_TO_COMMENTS = 13
_YEARS = re.compile(r"[0-9]{4}(?:; ?[0-9]{4})*")
_GENERATED = "Data generated: "
_BELOW = 0.5
# Of three complete exports (2024-03, 2025-03, 2026-03), the sound ones flag a third more numbers
# delivered than numbers ordered, the defective one a fifth as many.
_FEW = 0.5
_ENOUGH = 100


def read_sipri_register(path: Path, *, dataset: str | None = None) -> RawTable:
    """
    Read the register; nothing is quoted in it, so that a line break in Comments splits a record.

    Parameters
    ----------
    path : pathlib.Path
        The file as downloaded: Latin-1 or UTF-8.
    dataset : str, optional
        ``source@vintage``; the file name by default.

    Returns
    -------
    RawTable
        One row a deal. The columns of flags are called ``Year of order ?`` and so on. Two lines
        that make one record are joined; ``header["joined"]`` names them.

    Raises
    ------
    LayoutError
        If the encoding or the header is not that of the layout, or a record is broken in any other
        way than inside Comments.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> raw = read_sipri_register(example_path("sipri_register"))
    >>> raw.header["joined"], raw.rows["line"].tolist()
    ('15-16', [13, 14, 15, 17])
    """
    text = read_text(path, latin1=True)
    records = list(split_records(text, path=str(path), quoted=False))
    start = find_header(records, COLUMNS, path=str(path))
    names = _names(records[start], path=str(path))
    rows, joined = _join(records[start + 1 :])
    before = [",".join(record.cells).rstrip(" ;") for record in records[:start]]
    found = {
        "title": next((line for line in before if line), ""),
        "generated": next((line for line in before if line.startswith(_GENERATED)), ""),
        "joined": ", ".join(joined),
    }
    header = {key: text.removeprefix(_GENERATED) for key, text in found.items() if text}
    return make_table(names, rows, path=str(path), dataset=dataset, header=header)


def normalise_sipri_register(raw: RawTable) -> pd.DataFrame:
    """
    Return deals as a flow table: one row a deal, its deliveries of all years together.

    Parameters
    ----------
    raw : RawTable
        Of :func:`read_sipri_register`.

    Returns
    -------
    pandas.DataFrame
        From the first to the last year of delivery, in million TIV; the register does not say how
        much was delivered in which of them. ``product`` is the description of the weapon, for the
        register has no categories. Own columns: ``deal`` (the register has no ids, and two equal
        rows are two deals: the line stands for it), ``designation``, ``order_year``,
        ``order_year_estimated``, ``number_ordered``, ``number_ordered_estimated``, ``number``,
        ``number_estimated``, ``delivery_years``, ``status``, ``tiv_per_unit``, ``tiv_ordered``,
        ``comments``. Deals without a delivery are left out, and counted. The report warns of lines
        that were joined, and of a column of flags that other columns speak against.

    Raises
    ------
    LayoutError
        If a cell is not a number, years or a flag.
    CountryError
        If a supplier or recipient is not in the crosswalk.
    SchemaError
        If the result is not a flow table.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> table = normalise_sipri_register(read_sipri_register(example_path("sipri_register")))
    >>> table.loc[0, ["exporter", "importer", "product", "value"]].to_dict()
    {'exporter': 'BLR', 'importer': 'AZE', 'product': 'towed gun', 'value': 10.4}
    """
    delivered = texts(raw, "Year(s) of delivery") != ""
    deals = select(raw, delivered)
    value = numbers(deals, "SIPRI TIV of delivered weapons")
    printed_zero = texts(deals, "SIPRI TIV of delivered weapons") == "0"
    described = texts(deals, "Weapon description")
    statement = {
        "exporter": codes(deals, "Supplier", scheme="sipri"),
        "importer": codes(deals, "Recipient", scheme="sipri"),
        "reporter": "SIPRI",
        **spans(translate(deals, "Year(s) of delivery", _period)),
        "product": described.mask(described == "", "not described"),
        "classification": "SIPRI description",
        "value": value,
        "high": value.mask(printed_zero, _BELOW),
        "unit": "TIV",
        "valuation": "",
        "partner_basis": "",
        "coverage": "major arms",
        "estimate": _flags(deals, "Number delivered ?"),
    }
    return state(
        deals,
        {**statement, **_own(deals)},
        rows_in=len(raw.rows),
        left_out={"deals without a delivery": (~delivered).sum()},
        warnings=_warnings(raw),
    )


def _own(raw: RawTable) -> dict[str, pd.Series]:
    """Return the columns that only the register has."""
    return {
        "deal": "line " + raw.rows["line"].astype("str"),
        "designation": texts(raw, "Weapon designation"),
        "order_year": integers(raw, "Year of order", blank=True),
        "order_year_estimated": _flags(raw, "Year of order ?"),
        "number_ordered": numbers(raw, "Number ordered", blank=True).astype("Float64"),
        "number_ordered_estimated": _flags(raw, "Number ordered ?"),
        "number": numbers(raw, "Number delivered", blank=True).astype("Float64"),
        "number_estimated": _flags(raw, "Number delivered ?"),
        "delivery_years": texts(raw, "Year(s) of delivery"),
        "status": texts(raw, "status"),
        "tiv_per_unit": numbers(raw, "SIPRI TIV per unit", blank=True),
        "tiv_ordered": numbers(raw, "SIPRI TIV for total order", blank=True),
        "comments": texts(raw, "Comments"),
    }


def _names(header: Record, *, path: str) -> list[str]:
    """Return the names of the columns; a blank one holds the flags of the one before it."""
    cells = [cell.strip() for cell in header.cells]
    names = [f"{cells[at - 1]} ?" if at and not cell else cell for at, cell in enumerate(cells)]
    if len(names) != _WIDTH:
        raise LayoutError(f"{path}:{header.line}: expected {_WIDTH} columns, found {len(names)}")
    return names


def _join(records: Sequence[Record]) -> tuple[list[Record], list[str]]:
    """Put records together that a line break in Comments has split, and say which."""
    rows: list[Record] = []
    joined = []
    for record in records:
        last = rows[-1] if rows else Record(0, [])
        whole = len(last.cells) + len(record.cells) - 1
        if len(last.cells) == _TO_COMMENTS and whole == _WIDTH:
            comment = "\n".join([last.cells[-1].rstrip("\r"), record.cells[0]])
            rows[-1] = Record(last.line, [*last.cells[:-1], comment, *record.cells[1:]])
            joined.append(f"{last.line}-{record.line}")
        else:
            rows.append(record)
    return rows, joined


def _period(cell: str) -> Period:
    if not _YEARS.fullmatch(cell):
        raise LayoutError(f"expected years as '2010; 2012', found {cell!r}")
    years = sorted(int(year) for year in cell.split(";"))
    return window(years[0], years[-1])


def _flags(raw: RawTable, column: str) -> pd.Series:
    return translate(raw, column, _is_uncertain).astype("bool")


def _is_uncertain(cell: str) -> bool:
    if cell not in ("", "?"):
        raise LayoutError(f"expected ? or nothing, found {cell!r}")
    return cell == "?"


def _warnings(raw: RawTable) -> list[str]:
    ordered, delivered = (
        int((texts(raw, f"{name} ?") == "?").sum())
        for name in ("Number ordered", "Number delivered")
    )
    warnings = []
    if "joined" in raw.header:
        warnings.append(f"lines {raw.header['joined']}: joined, split by a line break in Comments")
    if ordered >= _ENOUGH and delivered < _FEW * ordered:
        warnings.append(
            f"column 'Number delivered ?': {delivered} flags beside {ordered} of 'Number ordered "
            "?', where sound exports have more: do not trust number_estimated and estimate"
        )
    return warnings
