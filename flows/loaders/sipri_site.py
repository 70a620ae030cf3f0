"""SIPRI Arms Transfers Database: the table of TIV by partner and year of the site since 2024."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import pandas as pd

from flows.errors import LayoutError
from flows.loaders.cells import texts
from flows.loaders.meanings import codes
from flows.loaders.raw import RawTable, make_table
from flows.loaders.rows import select, with_columns
from flows.loaders.sipri_tables import state_tiv_cells
from flows.loaders.text import Record, read_text, split_records

SIDES: dict[str, tuple[Literal["exporter", "importer"], str, str]] = {
    "Supplier": ("exporter", "importer", "recipients"),
    "Exports by": ("exporter", "importer", "recipients"),
    "Recipient": ("importer", "exporter", "suppliers"),
    "Imports by": ("importer", "exporter", "suppliers"),
}
"""First cell of the header to the side that the rows are, the other side, and who is not named."""

# The last row names the other side: "Total exports to Azerbaijan", "Total world export".
_TOTAL = re.compile(r"Total (?:(?:exports?|imports?) (?:to|from) (.+)|world .+)")
_YEAR = re.compile(r"[0-9]{4}")


def read_sipri_site_table(path: Path, *, dataset: str | None = None) -> RawTable:
    """
    Read a table of the site: one row a country, one column a year, then the sum of the years.

    Parameters
    ----------
    path : pathlib.Path
        CSV, or the reply of the site's interface that holds it.
    dataset : str, optional
        ``source@vintage``; the file name by default.

    Returns
    -------
    RawTable
        All columns; ``header`` has ``title``, ``generated`` and ``total``, the name of the row of
        sums.

    Raises
    ------
    LayoutError
        If there is no header, no row of sums, or a row has another number of cells.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> read_sipri_site_table(example_path("sipri_site_table")).header["total"]
    'Total exports to Azerbaijan'
    """
    text = re.sub(r";?\r?\n", "\n", read_text(path))
    records = list(split_records(text, path=str(path)))
    start = _find_header(records, path=str(path))
    rows = [record for record in records[start + 1 :] if any(record.cells)]
    totals = [
        record.cells[0].strip() for record in rows if _TOTAL.fullmatch(record.cells[0].strip())
    ]
    if len(totals) != 1:
        raise LayoutError(
            f"{path}: expected one row of sums as 'Total exports to Azerbaijan', found "
            f"{len(totals)}; without it nobody can say whose table this is"
        )
    before = [",".join(record.cells).strip(" ,;") for record in records[:start]]
    found = {
        "title": next((line for line in before if line), ""),
        "generated": next((line for line in before if "enerated" in line), ""),
        "total": totals[0],
    }
    header = {key: one for key, one in found.items() if one}
    return make_table(records[start].cells, rows, path=str(path), dataset=dataset, header=header)


def normalise_sipri_site_table(raw: RawTable) -> pd.DataFrame:
    """
    Return a table of the site as a flow table, in million TIV.

    Parameters
    ----------
    raw : RawTable
        Of :func:`read_sipri_site_table`.

    Returns
    -------
    pandas.DataFrame
        One row a country and year. ``0`` stands for deliveries below 0.5, an empty cell for none
        identified: it is no row. In a table of all countries the other side is ``XXX``. Sums are
        left out, and counted.

    Raises
    ------
    LayoutError
        If the years have a gap, or a cell is not a number.
    CountryError
        If a country is not in the crosswalk.
    SchemaError
        If a country has two rows.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> table = normalise_sipri_site_table(read_sipri_site_table(example_path("sipri_site_table")))
    >>> table.loc[0, ["exporter", "importer", "value", "high"]].to_dict()
    {'exporter': 'BLR', 'importer': 'AZE', 'value': 0.0, 'high': 0.5}
    """
    rows, other, unnamed = SIDES[raw.rows.columns[0]]
    years = _check_years(raw)
    match = _TOTAL.fullmatch(raw.header["total"])
    country = match[1] if match else None
    return state_tiv_cells(
        raw,
        years,
        rows=rows,
        other={other: _code(raw, country) if country else "XXX"},
        coverage="major arms" if country else f"major arms, all {unnamed} together",
        total=raw.header["total"],
    )


def _find_header(records: Sequence[Record], *, path: str) -> int:
    for position, record in enumerate(records):
        names = [cell.strip() for cell in record.cells]
        if names and names[0] in SIDES and any(_YEAR.fullmatch(name) for name in names):
            return position
    raise LayoutError(
        f"{path}: expected a header that begins with {', '.join(SIDES)} and has years, found none"
    )


def _check_years(raw: RawTable) -> list[str]:
    years = [name for name in raw.rows.columns if _YEAR.fullmatch(name)]
    expected = [str(year) for year in range(int(years[0]), int(years[-1]) + 1)]
    if years != expected:
        raise LayoutError(f"{raw.path}: expected years without a gap, found {', '.join(years)}")
    return years


def _code(raw: RawTable, name: str) -> str:
    total = texts(raw, raw.rows.columns[0]) == raw.header["total"]
    named = with_columns(select(raw, total), named=pd.Series([name]))
    return str(codes(named, "named", scheme="sipri").iloc[0])
