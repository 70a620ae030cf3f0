"""Tables of statistics offices, CSV or Excel, read as a small TOML describes them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from operator import attrgetter
from pathlib import Path
from typing import Any

import pandas as pd

from flows.errors import CountryError, LayoutError, PeriodError
from flows.loaders.cells import codes, repaired, rounding, select, state, texts
from flows.loaders.claims import WORLD, about, last_digit, printed_totals
from flows.loaders.column_kinds import is_world
from flows.loaders.described_cells import (
    BESIDE_PARTNER,
    SHEET,
    Meanings,
    are_unknown,
    heading,
    is_partner,
    own_names,
    place,
    refuse,
    spread_cells,
    translated,
    value_columns,
    with_figures,
)
from flows.loaders.described_days import is_daily, months_of_days, told_days
from flows.loaders.described_sums import added_up, told_corrections
from flows.loaders.described_tables import read_table, said_in, sheets_of
from flows.loaders.descriptions import RATE_SOURCE, Description, Flow, read_description
from flows.loaders.figures import upper_bounds
from flows.loaders.grids import one_allocator
from flows.loaders.layout import Layout
from flows.loaders.patterns import WHEN, fields_of
from flows.loaders.printed_periods import printed_period
from flows.loaders.text import RawTable
from flows.loaders.workbooks import EXCEL_ERRORS
from flows.periods import Period
from flows.products import TOTAL, product_of
from flows.scope import Scope, no_totals

_WORLD_WORDS = ("total", "world")
_SIGN = re.compile(r".*[0-9]\s*([^\s0-9/\u2013-][^0-9]*)")
"""A sign behind a year: 2023*, 2023 p."""

_SIGNED = re.compile(
    r"(.*?)\s*([^\w\s%.]{1,2}|[\u00b9\u00b2\u00b3]|[0-9a-z]\)|\([0-9a-z]\)|(?<=[0-9\s])[a-z])"
)
"""A heading with a sign behind it, which is no share: 2023*, 2023 p, 2023 1)."""

_SHOWN = 5
_FACTOR, _NEAR = 1000, 2.0
"""A table that goes on in another multiple, and what trade may change by at the same time."""


def described_layout(description_path: Path, *, key: str) -> Layout:
    """Return a description as a layout, which is never recognised: it is named."""
    description = read_description(description_path)

    def read(path: Path, *, dataset: str | None = None) -> RawTable:
        return read_customs(path, description, dataset=dataset)

    return Layout(
        key=key,
        publisher="any statistics office",
        content="a table that the description describes",
        recognise=lambda _: False,
        read=read,
        normalise=lambda raw: normalise_customs(raw, description),
    )


@one_allocator()
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
        All columns, and one in braces for what stands in the name of a sheet, in the title or in
        the file's name: ``{year}``.

    Raises
    ------
    LayoutError
        If encoding, header or a row is not as described.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> from flows.loaders.descriptions import read_description
    >>> from flows.loaders.examples import example_path
    >>> description = read_description(example_path("customs_description"))
    >>> read_customs(example_path("customs"), description).rows.loc[0, "Exports"]
    '1.000,5'
    """
    in_name = said_in("file", path.name, description, path=str(path))
    sheets, warnings = sheets_of(path, description)
    tables = [
        read_table(records, description, path=path, dataset=dataset, sheet=sheet, said=in_name)
        for sheet, records in sheets.items()
    ]
    if len(tables) == 1:
        return replace(tables[0], warnings=(*warnings, *tables[0].warnings))
    rows = pd.concat([table.rows for table in tables], ignore_index=True)
    texts_of = rows.columns.drop("line")
    footers = [table.header["footer"] for table in tables if "footer" in table.header]
    return replace(
        tables[0],
        rows=rows.assign(**{name: rows[name].fillna("") for name in texts_of}),
        header={**tables[0].header, **({"footer": "\n".join(footers)} if footers else {})},
        warnings=tuple(warning for table in tables for warning in table.warnings),
    )


@one_allocator()
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
        One row a reporter, partner, period, flow and product. What a mark says to be an estimate is
        one; what is marked as below a figure has the bounds 0 and that figure. Empty cells, those
        marked as missing or confidential, rows that do not count and partners that are sums are
        counted in the report. Rows that were added up have ``summed_rows``, how many they were, and
        the line of the first; rows that were turned into dollars have the ``rate``.

    Raises
    ------
    LayoutError
        If a cell is not a number, a period or a flow of the description, or a period has no rate.
    CountryError
        If a reporter or partner is neither in the description nor in the crosswalk.
    SchemaError
        If a statement stands there twice.

    Examples
    --------
    >>> from flows.loaders.descriptions import read_description
    >>> from flows.loaders.examples import example_path
    >>> description = read_description(example_path("customs_description"))
    >>> table = normalise_customs(read_customs(example_path("customs"), description), description)
    >>> table.loc[0, ["exporter", "importer", "value"]].to_dict()
    {'exporter': 'ARM', 'importer': 'GEO', 'value': 1000500.0}
    """
    counted, left_out = _chosen(_filled_down(raw, description), description)
    spread = spread_cells(counted, description)
    total = is_partner(spread, _totals(description))
    summed = is_partner(spread, list(description.leave_out)) & ~total
    cells = with_figures(select(spread, ~summed & ~total), description)
    filled, marked = _with_value(cells, description)
    _check_some(filled, marked, raw, description)
    columns = _statements(filled, description)
    products = columns["product"]
    rows, columns = added_up(filled, columns, counted, description)
    left_out |= {
        "cells of partners that are sums": summed.sum(),
        "cells of the total of all partners": total.sum(),
        "empty cells": ((cells.rows["cell"] == "") & (cells.rows["mark"] == "")).sum(),
        **marked,
    }
    values = list(value_columns(list(raw.rows.columns), description))
    return state(
        replace(rows, warnings=cells.warnings, header=_header(raw, description)),
        columns,
        rows_in=len(raw.rows),
        left_out=left_out,
        warnings=[
            *repaired(filled, "product", products),
            *rounding(raw, *values),
            *_unread_columns(raw, values, description),
            *_magnitudes(rows, columns),
            *_absent_sums(spread, description),
            *_incomplete(marked, description),
            *told_corrections(filled),
            *told_days(columns["start"], columns["end"], filled),
        ],
        scope=_scope(select(spread, total), columns, description, whole=not marked),
    )


def _header(raw: RawTable, description: Description) -> dict[str, str]:
    """Return what stands around the table, what was read there, and whose rates were used."""
    read = {
        name.strip("{}"): ", ".join(raw.rows[name].unique())
        for name in raw.rows.columns
        if name.startswith("{")
    }
    rates = f"{description.unit} to USD: {description.rates.get(RATE_SOURCE)}"
    return {**raw.header, **read, **({"rates": rates} if description.rates else {})}


def _filled_down(raw: RawTable, description: Description) -> RawTable:
    """Return rows whose merged cells are repeated, each sheet for itself."""
    rows = raw.rows.copy()
    for name in description.fill_down:
        cells = texts(raw, name)
        known = cells.mask(cells == "")
        sheets = rows[SHEET] if SHEET in rows else pd.Series("", index=rows.index)
        rows[name] = known.groupby(sheets).ffill().fillna("").astype("str")
    return replace(raw, rows=rows)


def _chosen(raw: RawTable, description: Description) -> tuple[RawTable, dict[str, Any]]:
    """Return the rows that count, and how many do not, and the lines under the table."""
    under = raw.header.get("footer", "")
    left_out: dict[str, Any] = {"lines under the table": len(under.splitlines())}
    for name, wanted in description.only.items():
        right = texts(raw, name).isin(wanted)
        if not right.any():
            there = ", ".join(repr(cell) for cell in texts(raw, name).unique()[:_SHOWN])
            raise LayoutError(
                f"{raw.path}: column {name}: expected rows with "
                f"{' or '.join(map(repr, wanted))}, as [only] in {description.path} has it, "
                f"found {there}"
            )
        left_out[f"rows with another {name}"] = (~right).sum()
        raw = select(raw, right)
    return raw, left_out


def _totals(description: Description) -> list[str]:
    """Return the partners that are the sum of all: as described, or left out by such a name."""
    if description.total:
        return [description.total]
    return [word for word in description.leave_out if word.casefold() in _WORLD_WORDS]


def _with_value(cells: RawTable, description: Description) -> tuple[RawTable, dict[str, int]]:
    """Return the cells that state a figure or a bound, and how many have a mark instead."""
    mark, unknown = cells.rows["mark"], are_unknown(cells, description)
    meanings = {key.strip(): meaning for key, meaning in description.marks.items()}
    counts = {
        f"cells marked {sign!r} ({meanings[str(sign)]})": int(count)
        for sign, count in mark[unknown].value_counts(sort=False).items()
    }
    stated = (cells.rows["cell"] != "") | ((mark != "") & ~unknown)
    # A sum is at least its known parts.
    return select(cells, stated | (unknown & bool(description.sum_over))), counts


def _check_some(
    filled: RawTable, marked: Mapping[str, int], raw: RawTable, description: Description
) -> None:
    """Check that some cell states something."""
    if not filled.rows.empty:
        return
    counts = ", ".join(f"{count} {what}" for what, count in marked.items()) or "all are empty"
    raise LayoutError(
        f"{raw.path}: expected cells with figures of partners, found none in {len(raw.rows)} rows: "
        f"{counts}; what counts and what a sign means stands in {description.path}"
    )


def _absent_sums(spread: RawTable, description: Description) -> list[str]:
    """Say which partners that are sums do not stand in the table: a name may be misspelt."""
    sums = [name for name in (description.total, *description.leave_out) if name]
    absent = [name for name in sums if not is_partner(spread, [name]).any()]
    if not absent:
        return []
    names = ", ".join(map(repr, absent))
    return [f"no partner is called {names}, as total or leave_out in {description.path} has it"]


def _unread_columns(raw: RawTable, values: list[str], description: Description) -> list[str]:
    """Say which columns were not read, where a pattern chooses those of values."""
    pattern = description.value_heading
    if not fields_of(pattern) or pattern == "{flow}":
        return []
    others = {*values, *description.named_columns, "line", ""}
    unread = [name for name in raw.rows.columns if name not in others and not name.startswith("{")]
    if not unread:
        return []
    for name in unread:
        _check_signs(raw, name, description)
    return [f"columns whose heading is not {pattern!r} were not read: {', '.join(unread)}"]


def _check_signs(raw: RawTable, name: str, description: Description) -> None:
    """Check that a heading is not one of the values with a sign beside it: 2023*."""
    signed = _SIGNED.fullmatch(name)
    if signed is None or not value_columns([signed[1].strip()], description):
        return
    raise LayoutError(
        f"{raw.path}:{description.header_lines[1]}: column {name}: expected a heading as "
        f"{description.value_heading!r}, found one with a sign; write "
        f'"{signed[2]}" = "note" or "estimate" under [marks] in {description.path}'
    )


def _incomplete(marked: Mapping[str, int], description: Description) -> list[str]:
    if not marked or description.partners != "all":
        return []
    count = sum(marked.values())
    return [f"{count} cells are missing or confidential: the rows are not all partners"]


def _magnitudes(cells: RawTable, columns: Mapping[str, Any]) -> list[str]:
    """Say where all values change by about a thousand from one period to the next."""
    keys = ["exporter", "importer", "product", "valuation", "partner_basis"]
    trade = pd.DataFrame({key: columns[key] for key in keys}).groupby(keys).ngroup()
    rows = pd.DataFrame({key: columns[key] for key in ["start", "end", "value"]})
    rows = rows.assign(line=cells.rows["line"], trade=trade).sort_values(["trade", "start"])
    before = rows.groupby("trade", sort=False)[["end", "value", "line"]].shift()
    follows = (rows["start"] - before["end"]).dt.days == 1
    pairs = rows[follows & (rows["value"] > 0) & (before["value"] > 0)]
    ratio = pairs["value"] / before["value"].loc[pairs.index]
    typical = ratio.groupby(pairs["start"]).median()
    jumps = [
        (day, value)
        for day, value in typical.items()
        for factor in (value, 1 / value)
        if _FACTOR / _NEAR <= factor <= _FACTOR * _NEAR
    ]
    warnings = []
    for day, value in jumps[:_SHOWN]:
        at = pairs.index[pairs["start"] == day][0]
        verb, times = ("rise", value) if value > 1 else ("fall", 1 / value)
        warnings.append(
            f"values {verb} by a factor of about {times:,.0f} at {day:%Y-%m-%d} (lines "
            f"{before['line'][at]:.0f}, {rows['line'][at]}): the table may go on in another "
            "multiple of its unit"
        )
    return warnings


def _statements(cells: RawTable, description: Description) -> dict[str, Any]:
    """Return what cells with a figure state, as columns of the flow table."""
    periods = _periods(cells, description)
    if is_daily(cells):
        periods = months_of_days(periods, cells, description)
    days = _days(periods)
    partner = _countries(cells, "partner", description, on=days["start"])
    return {
        **days,
        **_sides(cells, description, partner, on=days["start"]),
        **_values(cells, periods, description),
        "estimate": cells.rows["estimate"],
        "coverage": description.coverage,
        **({"sheet": cells.rows["sheet"]} if "sheet" in cells.rows else {}),
    }


def _periods(cells: RawTable, description: Description) -> Meanings:
    def period(*printed: str) -> Period:
        try:
            return printed_period(
                *printed, calendar=description.calendar, months=description.months
            )
        except PeriodError as error:
            sign = _SIGN.fullmatch(next(filter(None, printed), ""))
            hint = (
                f'; for a sign beside it write "{sign[1]}" = "note" under [marks]' if sign else ""
            )
            raise PeriodError(f"{error}{hint}") from error

    return translated(cells, WHEN, period, description)


def _days(periods: Meanings) -> dict[str, pd.Series]:
    """Return first and last days of periods, as columns of the flow table."""
    return {side: periods.each(attrgetter(side), "datetime64[s]") for side in ("start", "end")}


def _sides(
    cells: RawTable, description: Description, partner: pd.Series, *, on: pd.Series
) -> dict[str, Any]:
    """Return who trades what with whom, and how it is counted."""
    meaning = translated(cells, ("flow",), lambda word: _meaning(word, description), description)
    exports = meaning.each(lambda flow: flow.direction == "export", "bool")
    product = _products(cells, description)
    classification = pd.Series(description.classification, index=partner.index, dtype="str")
    reporter = (
        pd.Series(description.reporter, index=partner.index, dtype="str")
        if description.reporter
        else _countries(cells, "reporter", description, on=on)
    )
    return {
        "exporter": partner.mask(exports, reporter),
        "importer": partner.where(exports, reporter),
        "reporter": reporter,
        "product": product,
        "classification": classification.mask(product.eq(TOTAL), TOTAL),
        "valuation": meaning.each(attrgetter("valuation")),
        "partner_basis": meaning.each(attrgetter("partner_basis")),
    }


def _values(cells: RawTable, periods: Meanings, description: Description) -> dict[str, Any]:
    """Return values with their bounds, in the unit of the rows."""
    figures = cells.rows["cell"].mask(cells.rows["cell"] == "", "0").astype("float64")
    infinite = figures == float("inf")
    if infinite.any():
        refuse(cells, infinite, "cell", "a finite number", description)
    high = upper_bounds(cells.rows["mark"], description).fillna(figures)
    rate = _rate(cells, periods, description)
    factor = description.multiplier * (1.0 if rate is None else rate)
    return {
        "value": figures * factor,
        "low": figures * factor,
        "high": (high * factor).mask(are_unknown(cells, description)),
        "unit": description.unit if rate is None else "USD",
        **({} if rate is None else {"rate": rate}),
    }


def _rate(cells: RawTable, periods: Meanings, description: Description) -> pd.Series | None:
    """Return dollars for one unit in each period; none where the unit stays."""
    if not description.rates:
        return None
    rates = {}
    for printed, dollars in description.rates.items():
        if printed != RATE_SOURCE:
            period = printed_period(
                printed, "", calendar=description.calendar, months=description.months
            )
            rates[period.start, period.end] = float(dollars)
    rate = periods.each(lambda period: rates.get((period.start, period.end)), "float64")
    if rate.isna().any():
        row = int(rate.isna().to_numpy().argmax())
        period = periods.few[periods.number[row]]
        raise LayoutError(
            f"{place(cells, row)}: expected a rate for {period.label}, found none; write "
            f'"{period.label}" = dollars for one {description.unit} under [rates] in '
            f"{description.path}"
        )
    return rate


def _countries(cells: RawTable, what: str, description: Description, *, on: pd.Series) -> pd.Series:
    """Return countries by the description's own names, the others by its scheme."""
    _check_named(cells, what, description)
    own = own_names(cells, what, description.names)
    unnamed = own.isna()
    days = on[unnamed].reset_index(drop=True)
    try:
        others = codes(select(cells, unnamed), what, scheme=description.scheme, on=days)
    except CountryError as error:
        column = heading(cells, what, 0, description)
        sums = [name for name in cells.rows[what][unnamed].unique() if is_world(name)]
        world = f'; for the sum of all write total = "{sums[0]}"' if sums else ""
        raise CountryError(
            f"column {column}: {error}; names of this table go under [names] in "
            f"{description.path}, signs beside them under [marks], sums into leave_out{world}"
        ) from error
    code = own.astype("str").copy()
    code[unnamed.to_numpy()] = others.to_numpy()
    return code


def _check_named(cells: RawTable, what: str, description: Description) -> None:
    """Check that every figure has a partner, and a reporter."""
    empty = cells.rows[what] == ""
    if not empty.any() or "" in description.names:
        return
    row = int(empty.to_numpy().argmax())
    column = heading(cells, what, row, description)
    begins = cells.rows[BESIDE_PARTNER].iloc[row] if BESIDE_PARTNER in cells.rows else ""
    line = f" in a line that begins with {begins!r}" if begins else ""
    sums = f"total = {begins!r} or leave_out = [{begins!r}] for a sum, " if begins else ""
    raise CountryError(
        f"{place(cells, row)}: column {column}: expected a {what}, found an empty cell{line}; "
        f"write {sums}fill_down = [{column!r}] for a merged cell that repeats the one above, or "
        f"end for the first line under the table, in {description.path}"
    )


def _meaning(word: str, description: Description) -> Flow:
    if word not in description.flows:
        raise LayoutError(
            f"expected one of the flows {', '.join(description.flows)}, found {word!r}; "
            f"add it under [flows], or leave its rows out by [only]"
        )
    return description.flows[word]


def _products(cells: RawTable, description: Description) -> pd.Series:
    """Return the products: codes of an office's own may be any text, but not an error of Excel."""
    errors = texts(cells, "product").isin(EXCEL_ERRORS)
    if errors.any():
        refuse(cells, errors, "product", "the code of a product", description)
    codes = translated(
        cells,
        ("product",),
        lambda cell: product_of(cell.strip(), classification=description.classification)[0],
        description,
    )
    return codes.each(str)


def _scope(
    world: RawTable, columns: Mapping[str, Any], description: Description, *, whole: bool
) -> Scope:
    """Return which partners the table has, and the totals of all of them."""
    reporters: Sequence[str] = sorted(columns["reporter"].unique()) or [description.reporter]
    directions = {flow.direction for flow in description.flows.values()}
    partners = description.partners
    return Scope(
        partners="named" if partners == "all" and not whole else partners,
        countries=about(
            imports=reporters if "import" in directions else (),
            exports=reporters if "export" in directions else (),
        ),
        totals=_world_totals(world, description),
    )


def _world_totals(world: RawTable, description: Description) -> pd.DataFrame:
    """Return what rows of the total of all partners print."""
    if world.rows.empty or description.sum_over or is_daily(world):
        return no_totals()
    cells = with_figures(world, description)
    filled = select(cells, cells.rows["cell"] != "")
    periods = _periods(filled, description)
    days = _days(periods)
    partner = pd.Series(WORLD, filled.rows.index, dtype="str")
    values = _values(filled, periods, description)
    digit = last_digit(texts(filled, "cell"), unit=description.multiplier)
    columns = {
        **days,
        **_sides(filled, description, partner, on=days["start"]),
        **values,
        "digit": digit * values.get("rate", 1.0),
    }
    return printed_totals(columns, filled.rows["line"])
