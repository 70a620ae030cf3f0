"""Tables of statistics offices, read as a description says: CSV or Excel, no code needed."""

import codecs
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from flows.errors import LayoutError
from flows.loaders.cells import numbers, texts
from flows.loaders.description import Description, Flow
from flows.loaders.meanings import codes, spans, translate
from flows.loaders.raw import RawTable, find_header, make_table
from flows.loaders.rows import melt, select, with_columns
from flows.loaders.statements import state
from flows.loaders.text import Record, read_text, split_records
from flows.loaders.workbook import read_sheet
from flows.periods import Period, calendar_year, read_year, run_of_months

_BETWEEN = "\x1f"
"""Between year and month: a fiscal year has a slash or a hyphen of its own."""


def read_customs(path: Path, description: Description, *, dataset: str | None = None) -> RawTable:
    """
    Read a table of a statistics office.

    Parameters
    ----------
    path : pathlib.Path
        Text file or workbook (``.xlsx``).
    description : Description
        Where the header is, how the file is written, and which columns count.
    dataset : str, optional
        ``source@vintage``; the file name by default.

    Returns
    -------
    RawTable
        All columns.

    Raises
    ------
    LayoutError
        If encoding, header or a row is not as described.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> from flows.loaders.description import read_description
    >>> from flows.loaders.examples import example_path
    >>> description = read_description(example_path("customs_description"))
    >>> read_customs(example_path("customs"), description).rows.loc[0, "Exports"]
    '1.000,5'
    """
    records = _records(path, description)
    below = [record for record in records if record.line >= description.header_line]
    wanted = [*description.columns.values()]
    if "flow" not in description.columns:
        wanted += description.flows
    start = find_header(below[:1], wanted, path=str(path))
    return make_table(below[start].cells, below[start + 1 :], path=str(path), dataset=dataset)


def normalise_customs(raw: RawTable, description: Description) -> pd.DataFrame:
    """
    Return the statements of a statistics office as a flow table.

    Parameters
    ----------
    raw : RawTable
        Of :func:`read_customs`.
    description : Description
        What its columns mean.

    Returns
    -------
    pandas.DataFrame
        One row a partner, period, flow and product. Empty cells and the partners that the
        description leaves out are counted in the report.

    Raises
    ------
    LayoutError
        If a cell is not a number, a period or a flow of the description.
    CountryError
        If a partner is neither in the description nor in the crosswalk.
    SchemaError
        If a statement stands there twice.

    Examples
    --------
    >>> from flows.loaders.description import read_description
    >>> from flows.loaders.examples import example_path
    >>> description = read_description(example_path("customs_description"))
    >>> table = normalise_customs(read_customs(example_path("customs"), description), description)
    >>> table.loc[0, ["exporter", "importer", "value"]].to_dict()
    {'exporter': 'ARM', 'importer': 'GEO', 'value': 1000500.0}
    """
    named = _canonical(raw, description)
    summed = texts(named, "partner").isin(description.leave_out)
    coded = _with_partners(select(named, ~summed), description.names, description)
    filled = select(coded, texts(coded, "cell") != "")
    meaning = translate(filled, "flow", lambda word: _meaning(word, description))
    exports = meaning.map(lambda flow: flow.direction == "export").astype("bool")
    partner = filled.rows["code"]
    columns = {
        "exporter": partner.mask(exports, description.reporter),
        "importer": partner.where(exports, description.reporter),
        "reporter": description.reporter,
        **spans(translate(filled, "period", lambda cell: _period(cell, description))),
        "product": texts(filled, "product"),
        "classification": description.classification,
        "value": numbers(filled, "cell") * description.multiplier,
        "unit": description.unit,
        "valuation": meaning.map(lambda flow: flow.valuation),
        "partner_basis": meaning.map(lambda flow: flow.partner_basis),
        "coverage": description.coverage,
    }
    left_out = {
        "cells of partners that are sums": summed.sum(),
        "empty cells": len(coded.rows) - len(filled.rows),
    }
    return state(filled, columns, rows_in=len(raw.rows), left_out=left_out)


def _records(path: Path, description: Description) -> list[Record]:
    if description.sheet or path.suffix.lower() == ".xlsx":
        return read_sheet(path, description.sheet)
    try:
        codecs.lookup(description.encoding)
    except LookupError as error:
        raise LayoutError(f"{description.path}: encoding: {error}") from error
    text = read_text(path, encoding=description.encoding)
    return list(split_records(text, path=str(path), delimiter=description.delimiter))


def _canonical(raw: RawTable, description: Description) -> RawTable:
    """Return one row a cell with the columns partner, period, flow, product and cell."""
    columns = description.columns
    month = texts(raw, columns["month"]) if "month" in columns else ""
    known = {
        "partner": texts(raw, columns["partner"]),
        "period": texts(raw, columns["year"]) + _BETWEEN + month,
        "product": texts(raw, columns["product"]) if "product" in columns else description.product,
    }
    kept = pd.DataFrame({**known, "line": raw.rows["line"]}, index=raw.rows.index)
    if "flow" in columns:
        cells = kept.assign(
            flow=texts(raw, columns["flow"]), cell=_number(raw, columns["value"], description)
        )
        return RawTable(raw.path, raw.dataset, raw.header, cells)
    flows = {word: _number(raw, word, description) for word in description.flows}
    wide = RawTable(raw.path, raw.dataset, raw.header, kept.assign(**flows))
    return melt(wide, list(flows), name="flow", keep=list(known))


def _number(raw: RawTable, column: str, description: Description) -> pd.Series:
    """Return the cells of a column with a point for decimals and nothing between thousands."""
    cells = texts(raw, column)
    if description.thousands:
        grouped = cells.str.fullmatch(
            rf"[0-9]{{1,3}}(?:\{description.thousands}[0-9]{{3}})*(?:\{description.decimal}[0-9]*)?"
        )
        cells = cells.mask(grouped, cells.str.replace(description.thousands, "", regex=False))
    if description.decimal == ".":
        return cells
    return cells.where(cells.str.contains(".", regex=False), cells.str.replace(",", "."))


def _with_partners(raw: RawTable, names: Mapping[str, str], description: Description) -> RawTable:
    own = texts(raw, "partner").map(names)
    others = select(raw, own.isna())
    found = codes(others, "partner", scheme=description.scheme)
    code = own.astype("str").copy()
    code[own.isna().to_numpy()] = found.to_numpy()
    return with_columns(raw, code=code)


def _meaning(word: str, description: Description) -> Flow:
    if word not in description.flows:
        raise LayoutError(f"expected one of {', '.join(description.flows)}, found {word!r}")
    return description.flows[word]


def _period(cell: str, description: Description) -> Period:
    printed, _, month = cell.partition(_BETWEEN)
    number = month.removesuffix(".0") or "1"
    if not (number.isascii() and number.isdigit()):
        raise LayoutError(f"expected a month in numbers, found {month!r}")
    calendar = description.calendar
    year = read_year(printed, calendar=calendar)
    if not month:
        return calendar_year(year, calendar=calendar)
    return run_of_months(calendar, (year, int(number)), (year, int(number)))
