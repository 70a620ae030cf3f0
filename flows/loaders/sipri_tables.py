"""SIPRI Arms Transfers Database: tables of TIV by partner and year, from either site."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from flows.countries import are_aggregates, is_aggregate
from flows.errors import LayoutError
from flows.loaders.cells import (
    calendar_year,
    codes,
    filled,
    melt,
    numbers,
    select,
    spans,
    state,
    texts,
    translate,
    with_columns,
)
from flows.loaders.claims import WORLD, about, asked_of_sipri, last_digit, printed_totals
from flows.loaders.layout import Layout, matches
from flows.loaders.records import read_records
from flows.loaders.sipri_sums import check_sums_of_table, high_of_printed
from flows.loaders.text import RawTable, Record, make_table
from flows.loaders.year_columns import year_columns
from flows.scope import Scope, no_totals

_TITLE = re.compile(r"TIV of arms (?:exports|imports) (from|to) (.+), (\d{4})-(\d{4})")
"""Title of a table: after "from" stands the supplier, after "to" the recipient, whether or not the
title says exports or imports. The old site headed its table of all imports "exports to all"."""

_FIRST_YEAR = r'[,;\t]"? *X?[0-9]{4}(?:\.0)? *"?[,;\t]'
_OLD_TABLE = r'\A"?TIV of arms (?:exports|imports) {}(?s:.*)^"?"?{}'
"""How a table of the old site begins, by what its title says after "exports" or "imports"."""

_YEAR = re.compile(r"[0-9]{4}(?:\.0)?")
_YEARS = tuple(str(year) for year in range(1950, 2050))
_GENERATED = "Generated: "

_TIV = {
    "reporter": "SIPRI",
    "product": "TOTAL",
    "classification": "TOTAL",
    "unit": "TIV",
    "valuation": "",
    "partner_basis": "",
}
_SHOWN = 5

_SUMS = r"Total|[0-9]{4}-[0-9]{4}"
"""How the column of the sums of the years is headed: by the site now, as 2016-2018."""

_SIDES: dict[str, tuple[Literal["exporter", "importer"], str, str]] = {
    "Supplier": ("exporter", "importer", "recipients"),
    "Exports by": ("exporter", "importer", "recipients"),
    "Recipient": ("importer", "exporter", "suppliers"),
    "Imports by": ("importer", "exporter", "suppliers"),
}
"""First cell of the header to the side that the rows are, the other side, and who is not named."""

# The last row names the other side: "Total exports to Azerbaijan", "Total world export".
_TOTAL = re.compile(r"Total (?:(?:exports?|imports?) (?:to|from) (.+)|world .+)")


def read_sipri_tiv_table(path: Path, *, dataset: str | None = None) -> RawTable:
    """
    Read a table of the old site: a preamble, then one row a country and one column a year.

    Parameters
    ----------
    path : pathlib.Path
        The file as downloaded.
    dataset : str, optional
        ``source@vintage``; the file name by default.

    Returns
    -------
    RawTable
        The first column, whose header is empty in the file, is ``Country``; ``header`` has
        ``title`` and ``generated``.

    Raises
    ------
    LayoutError
        If there is no title, no line of years, or a row has another number of cells.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> read_sipri_tiv_table(example_path("sipri_tiv_table")).header["title"]
    'TIV of arms imports to Azerbaijan, 2016-2018'
    """
    records, warnings, _ = read_records(path, _YEARS)
    title = next(iter(records[0].cells), "").strip()
    if not _TITLE.fullmatch(title):
        raise LayoutError(
            f"{path}:1: expected a title 'TIV of arms exports from ..., 1950-2021', found "
            f"{title[:60]!r}; without it the file does not say whose exports or imports these are"
        )
    start = _find_years(records, path=str(path))
    generated = [
        record.cells[0].removeprefix(_GENERATED)
        for record in records[:start]
        if record.cells and record.cells[0].startswith(_GENERATED)
    ]
    return make_table(
        [records[start].cells[0] or "Country", *records[start].cells[1:]],
        records[start + 1 :],
        path=str(path),
        dataset=dataset,
        header={"title": title} | ({"generated": generated[0].strip()} if generated else {}),
        warnings=warnings,
        line=records[start].line,
    )


def normalise_sipri_tiv_table(raw: RawTable) -> pd.DataFrame:
    """
    Return the table of one supplier or one recipient as a flow table, in million TIV.

    Parameters
    ----------
    raw : RawTable
        Of :func:`read_sipri_tiv_table`.

    Returns
    -------
    pandas.DataFrame
        One row a partner and year. A cell that prints ``0`` stands for deliveries below 0.5:
        value 0, ``low`` 0, ``high`` 0.5. An empty cell is no row: no deliveries were identified.
        Totals are left out, and counted in ``attrs["report"]``.

    Raises
    ------
    LayoutError
        If the title names no country, the years are not those of the title, or a cell is not a
        number.
    CountryError
        If a country is not in the crosswalk.
    SchemaError
        If a country has two rows.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> table = normalise_sipri_tiv_table(read_sipri_tiv_table(example_path("sipri_tiv_table")))
    >>> table.loc[0, ["exporter", "importer", "value", "low", "high"]].to_dict()
    {'exporter': 'BLR', 'importer': 'AZE', 'value': 0.0, 'low': 0.0, 'high': 0.5}
    """
    side, name = _title(raw)[:2]
    if name == "all":
        raise LayoutError(f"{raw.path}:1: expected the title of one country, found {name!r}")
    if is_aggregate(name, scheme="sipri"):
        raise LayoutError(
            f"{raw.path}:1: expected the title of one country, found the region {name!r}; its "
            "members are not told apart in such a table: take SIPRI's table by country"
        )
    title = RawTable(raw.path, raw.dataset, {}, pd.DataFrame({"title": [name], "line": [1]}))
    country = codes(title, "title", scheme="sipri").iloc[0]
    from_here = side == "from"
    return _state_tiv_cells(
        *_years_of_title(raw),
        rows="importer" if from_here else "exporter",
        other={"exporter" if from_here else "importer": country},
        coverage="major arms",
        scope=asked_of_sipri(name, "all") if from_here else asked_of_sipri("all", name),
    )


def normalise_sipri_totals(raw: RawTable) -> pd.DataFrame:
    """
    Return a table of totals as a flow table: partners are not named, and so are ``XXX``.

    Parameters
    ----------
    raw : RawTable
        Of :func:`read_sipri_tiv_table`.

    Returns
    -------
    pandas.DataFrame
        One row a recipient and year (exporter ``XXX``), or a supplier and year (importer ``XXX``);
        cells as in :func:`normalise_sipri_tiv_table`.

    Raises
    ------
    LayoutError
        If the title names one country, the years are not those of the title, or a cell is not a
        number.
    CountryError
        If a country is not in the crosswalk.
    SchemaError
        If a country has two rows.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> raw = read_sipri_tiv_table(example_path("sipri_import_totals"))
    >>> normalise_sipri_totals(raw).loc[0, ["exporter", "importer", "coverage"]].to_dict()
    {'exporter': 'XXX', 'importer': 'ARM', 'coverage': 'major arms, all suppliers together'}
    """
    side, name = _title(raw)[:2]
    if name != "all":
        raise LayoutError(f"{raw.path}:1: expected 'from all' or 'to all', found {name!r}")
    if side == "to":
        return _state_tiv_cells(
            *_years_of_title(raw),
            rows="importer",
            other={"exporter": "XXX"},
            coverage="major arms, all suppliers together",
            scope=Scope(partners="all", countries=about(imports=None)),
        )
    return _state_tiv_cells(
        *_years_of_title(raw),
        rows="exporter",
        other={"importer": "XXX"},
        coverage="major arms, all recipients together",
        scope=Scope(partners="all", countries=about(exports=None)),
    )


def _state_tiv_cells(
    raw: RawTable,
    years: Sequence[str],
    *,
    rows: Literal["exporter", "importer"],
    other: Mapping[str, str],
    coverage: str,
    scope: Scope,
    total: str = "Total",
) -> pd.DataFrame:
    """Return the cells of a table of countries and years as statements in million TIV."""
    first = raw.rows.columns[0]
    is_total = texts(raw, first) == total
    sums = [name for name in raw.rows.columns if re.fullmatch(_SUMS, name)]
    regions = are_aggregates(texts(raw, first), scheme="sipri") & ~is_total
    if regions.any() and (regions | is_total).all():
        names = ", ".join(texts(raw, first)[regions].head(_SHOWN))
        raise LayoutError(
            f"{raw.path}: expected rows of countries, found regions alone ({names}); a region is "
            "no party to a transfer: take SIPRI's table by country"
        )
    listed = select(raw, ~is_total & ~regions)
    coded = with_columns(listed, **{rows: codes(listed, first, scheme="sipri")})
    cells = melt(coded, years, name="year", keep=[rows])
    present = filled(cells)
    value = numbers(present, "cell")
    columns = {
        **_cells_stated(present, value, rows=rows, other=other),
        "high": high_of_printed(present, "cell", value),
        "coverage": coverage,
    }
    left_out = {
        "rows of totals": is_total.sum(),
        "rows of regions": regions.sum(),
        "cells of columns of totals": len(sums) * len(raw.rows),
        "empty cells: no deliveries identified": len(cells.rows) - len(present.rows),
    }
    claims = replace(
        scope,
        years=(int(years[0]), int(years[-1])),
        totals=_row_of_totals(select(raw, is_total), years, rows=rows, other=other),
    )
    table = state(present, columns, rows_in=len(raw.rows), left_out=left_out, scope=claims)
    # Whether regions are in the line of totals is not known.
    row = "" if regions.any() else total
    check_sums_of_table(raw, years, column=sums[0] if sums else "", row=row)
    return table


def _cells_stated(
    present: RawTable, value: pd.Series, *, rows: str, other: Mapping[str, str]
) -> dict[str, Any]:
    """Return what cells with a figure state, as columns of the flow table."""
    return {
        rows: present.rows[rows],
        **other,
        **spans(translate(present, "year", calendar_year)),
        **_TIV,
        "value": value,
    }


def _row_of_totals(
    raw: RawTable, years: Sequence[str], *, rows: str, other: Mapping[str, str]
) -> pd.DataFrame:
    """Return the totals of the years of the country that a table is about; none of the world's."""
    if raw.rows.empty or "XXX" in other.values():
        return no_totals()
    world = with_columns(raw, **{rows: pd.Series(WORLD, raw.rows.index, dtype="str")})
    cells = melt(world, years, name="year", keep=[rows])
    present = filled(cells)
    columns = _cells_stated(present, numbers(present, "cell"), rows=rows, other=other)
    digit = last_digit(texts(present, "cell"))
    return printed_totals({**columns, "digit": digit}, present.rows["line"])


def _years_of_title(raw: RawTable) -> tuple[RawTable, list[str]]:
    """Return a table and its columns of years: those of the title, without a gap."""
    _, _, first, last = _title(raw)
    table, years = _years(raw)
    expected = [str(year) for year in range(int(first), int(last) + 1)]
    if years != expected:
        odd = sorted(set(expected).symmetric_difference(years)) or years
        raise LayoutError(
            f"{raw.path}:{raw.header_line}: expected a column for each year {first}-{last} of the "
            f"title, in their order; missing or out of place: {', '.join(odd[:_SHOWN])}"
        )
    return table, years


def _years(raw: RawTable) -> tuple[RawTable, list[str]]:
    """Return a table and its columns of years, beside which stand the country and sums alone."""
    first = re.escape(raw.rows.columns[0])
    return year_columns(raw, known=f"{first}|{_SUMS}", text=True)


def _title(raw: RawTable) -> tuple[str, str, str, str]:
    """Return side, country, first and last year."""
    match = _TITLE.fullmatch(raw.header.get("title", ""))
    if match is None:
        raise LayoutError(f"{raw.path}:1: expected a title 'TIV of arms exports from ...'")
    side, country, first, last = match.groups()
    return side, country, first, last


def _find_years(records: Sequence[Record], *, path: str) -> int:
    named = [
        sum(_YEAR.fullmatch(cell.strip()) is not None for cell in record.cells[1:])
        for record in records
    ]
    most = max(named, default=0)
    if not most:
        raise LayoutError(f"{path}: expected a line of years under the title, found none")
    return named.index(most)


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
    records, warnings, _ = read_records(path, _YEARS, line_end=";")
    start = _find_header(records, path=str(path))
    rows = [record for record in records[start + 1 :] if any(record.cells)]
    totals = [
        record.cells[0].strip() for record in rows if _TOTAL.fullmatch(record.cells[0].strip())
    ]
    if len(totals) != 1:
        line = rows[-1].line if rows else 1
        raise LayoutError(
            f"{path}:{line}: expected one row of sums as 'Total exports to Azerbaijan', found "
            f"{len(totals)}; without it the file does not say whose table this is"
        )
    before = [",".join(record.cells).strip(" ,;\t") for record in records[:start]]
    around = {
        "title": next((line for line in before if line), ""),
        "generated": next((line for line in before if "enerated" in line), ""),
        "total": totals[0],
    }
    header = {key: text for key, text in around.items() if text}
    return make_table(
        records[start].cells,
        rows,
        path=str(path),
        dataset=dataset,
        header=header,
        warnings=warnings,
        line=records[start].line,
    )


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
    rows, other, unnamed = _SIDES[raw.rows.columns[0]]
    table, years = _site_years(raw)
    match = _TOTAL.fullmatch(raw.header["total"])
    country = match[1] if match else None
    return _state_tiv_cells(
        table,
        years,
        rows=rows,
        other={other: _code(raw, country) if country else "XXX"},
        coverage="major arms" if country else f"major arms, all {unnamed} together",
        scope=_site_scope(rows, country),
        total=raw.header["total"],
    )


def _site_scope(rows: Literal["exporter", "importer"], country: str | None) -> Scope:
    """Return what the rows make up: of one country, or the totals of every one."""
    if country is None:
        every = about(exports=None) if rows == "exporter" else about(imports=None)
        return Scope(partners="all", countries=every)
    return asked_of_sipri(*(("all", country) if rows == "exporter" else (country, "all")))


def _find_header(records: Sequence[Record], *, path: str) -> int:
    for position, record in enumerate(records):
        names = [cell.strip() for cell in record.cells]
        if names and names[0] in _SIDES and any(_YEAR.fullmatch(name) for name in names):
            return position
    raise LayoutError(
        f"{path}: expected a header that begins with {', '.join(_SIDES)} and has years, found none"
    )


def _site_years(raw: RawTable) -> tuple[RawTable, list[str]]:
    table, years = _years(raw)
    expected = [str(year) for year in range(int(years[0]), int(years[-1]) + 1)]
    if years != expected:
        raise LayoutError(
            f"{raw.path}:{raw.header_line}: expected years without a gap, found {', '.join(years)}"
        )
    return table, years


def _code(raw: RawTable, name: str) -> str:
    total = texts(raw, raw.rows.columns[0]) == raw.header["total"]
    named = with_columns(select(raw, total), named=pd.Series([name]))
    return str(codes(named, "named", scheme="sipri").iloc[0])


LAYOUTS = (
    Layout(
        "sipri_site_table",
        "SIPRI arms transfers",
        "TIV by country and year of the site since 2024",
        matches(rf'^"?(?:Supplier|Recipient|(?:Ex|Im)ports by)"?{_FIRST_YEAR}'),
        read_sipri_site_table,
        normalise_sipri_site_table,
    ),
    Layout(
        "sipri_tiv_table",
        "SIPRI arms transfers",
        "TIV of one supplier or recipient by year",
        matches(_OLD_TABLE.format(r"(?:from|to) (?!all,)", _FIRST_YEAR)),
        read_sipri_tiv_table,
        normalise_sipri_tiv_table,
    ),
    Layout(
        "sipri_import_totals",
        "SIPRI arms transfers",
        "TIV of all recipients by year",
        matches(_OLD_TABLE.format("to all,", _FIRST_YEAR)),
        read_sipri_tiv_table,
        normalise_sipri_totals,
    ),
    Layout(
        "sipri_export_totals",
        "SIPRI arms transfers",
        "TIV of all suppliers by year",
        matches(_OLD_TABLE.format("from all,", _FIRST_YEAR)),
        read_sipri_tiv_table,
        normalise_sipri_totals,
    ),
)
