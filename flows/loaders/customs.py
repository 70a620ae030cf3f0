"""Tables of statistics offices, CSV or Excel, read as a small TOML describes them."""

import codecs
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from flows.errors import LayoutError, PeriodError
from flows.loaders.cells import (
    codes,
    fail,
    melt,
    numbers,
    repaired,
    rounding,
    select,
    spans,
    state,
    texts,
    translate,
)
from flows.loaders.claims import WORLD, about, last_digit, printed_totals
from flows.loaders.text import (
    RawTable,
    Record,
    find_header,
    make_table,
    read_text,
    split_records,
)
from flows.loaders.workbooks import EXCEL_ERRORS, read_sheet
from flows.periods import Calendar, Period, read_year, rules_of, run_of_months
from flows.products import TOTAL, product_of
from flows.scope import Scope, no_totals
from flows.table import PARTNER_BASES, UNITS, VALUATIONS

_BETWEEN = "\x1f"
"""Between year and month: a fiscal year has a slash or a hyphen of its own."""

_WORLD_WORDS = ("total", "world")
_PARTNERS = ("all", "named", "not stated")
_BLANKS, _APOSTROPHES = " \u00a0\u2009\u202f", "'\u2019"
_ALIKE = {
    **dict.fromkeys(_BLANKS, _BLANKS),
    **dict.fromkeys(_APOSTROPHES, _APOSTROPHES),
}
"""Separators of thousands that look alike: each stands for all of them."""

_DELIMITERS = (",", ";", "\t", "|")
_SCHEMES = ("iso", "m49", "comtrade", "wits", "armstat")
COLUMNS = ("partner", "year", "month", "flow", "product", "value")
"""What a description names columns for; the first two are needed."""


@dataclass(frozen=True, slots=True)
class Flow:
    """
    What a word in the column of flows, or a column of values, stands for.

    Parameters
    ----------
    direction : {"export", "import"}
        Of the reporter.
    valuation : {"FOB", "CIF", ""}
        As the office states it.
    partner_basis : {"origin", "consignment", "destination", ""}
        As the office states it.
    """

    direction: Literal["export", "import"]
    valuation: str = ""
    partner_basis: str = ""


@dataclass(frozen=True, slots=True)
class Description:
    """
    How to read one table of a statistics office.

    Parameters
    ----------
    path : str
        The description as errors name it.
    reporter : str
        Alpha-3 code of the country that makes the statements.
    unit : {"USD"}
        Currency; the table's multiple of it is ``multiplier``.
    calendar : str
        Of the years and months; see :data:`flows.periods.Calendar`. Months of a fiscal year are
        counted from its first.
    coverage : str
        What the office counts, ``"all goods"``.
    columns : Mapping
        ``partner`` and ``year`` to names of columns; also ``month``, ``product``, and ``flow``
        together with ``value``.
    flows : Mapping
        Word in the column ``flow`` to its meaning; without that column, name of a column of values
        to its meaning.
    multiplier : float
        1000 for a table in thousands.
    scheme : str
        Whose names or codes the partners are.
    names : Mapping
        Partners of this table to alpha-3 codes, before the scheme is asked.
    leave_out : tuple of str
        Partners that are sums.
    total : str
        The partner that is the sum of all, ``"World"``: no row, but what the rows are held against.
        Without it, that is a partner of ``leave_out`` that is called World or Total.
    partners : {"all", "named", "not stated"}
        Whether the table has every partner of the reporter, or some that were asked for.
    encoding, delimiter : str
        Of a text file.
    decimal, thousands : str
        Of numbers in text. A blank or an apostrophe stands for all that look like it.
    header_line : int
        Line of the names of the columns, counted from 1.
    sheet : str
        Of a workbook.
    product, classification : str
        Where the table has no column of products.
    """

    path: str
    reporter: str
    unit: str
    calendar: Calendar
    coverage: str
    columns: Mapping[str, str]
    flows: Mapping[str, Flow]
    multiplier: float = 1.0
    scheme: Literal["iso", "m49", "comtrade", "wits", "armstat"] = "iso"
    names: Mapping[str, str] = field(default_factory=dict)
    leave_out: tuple[str, ...] = ()
    total: str = ""
    partners: Literal["all", "named", "not stated"] = "not stated"
    encoding: str = "utf-8-sig"
    delimiter: str = ","
    decimal: str = "."
    thousands: str = ""
    header_line: int = 1
    sheet: str = ""
    product: str = "TOTAL"
    classification: str = "TOTAL"


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
    >>> from flows.loaders.customs import read_description
    >>> from flows.loaders.examples import example_path
    >>> description = read_description(example_path("customs_description"))
    >>> read_customs(example_path("customs"), description).rows.loc[0, "Exports"]
    '1.000,5'
    """
    records = _records(path, description)
    below = [record for record in records if record.line >= description.header_line]
    _check_delimiter(below[:1], path, description)
    wanted = [*description.columns.values()]
    if "flow" not in description.columns:
        wanted += description.flows
    start = find_header(below[:1], wanted, path=str(path))
    return make_table(below[start].cells, below[start + 1 :], path=str(path), dataset=dataset)


def _check_delimiter(head: list[Record], path: Path, description: Description) -> None:
    """Say which character parts the cells, if the one that is described does not part any."""
    for line, cells in head:
        others = [sign for sign in _DELIMITERS if len(cells) == 1 and sign in cells[0]]
        if others and cells[0] not in description.columns.values():
            raise LayoutError(
                f"{path}:{line}: expected cells between {description.delimiter!r}, "
                f"found {cells[0][:60]!r}; write delimiter = {others[0]!r} in {description.path}"
            )


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
    >>> from flows.loaders.customs import read_description
    >>> from flows.loaders.examples import example_path
    >>> description = read_description(example_path("customs_description"))
    >>> table = normalise_customs(read_customs(example_path("customs"), description), description)
    >>> table.loc[0, ["exporter", "importer", "value"]].to_dict()
    {'exporter': 'ARM', 'importer': 'GEO', 'value': 1000500.0}
    """
    printed = texts(raw, description.columns["partner"])
    total = printed.isin(_totals(description))
    summed = printed.isin(description.leave_out) & ~total
    cells = _canonical(select(raw, ~summed & ~total), description)
    filled = select(cells, texts(cells, "cell") != "")
    period = _periods(filled, description)
    partner = _partners(filled, description, on=period["start"])
    columns = {**period, **_stated(filled, description, partner)}
    values = _value_columns(description)
    left_out = {
        "cells of partners that are sums": summed.sum() * len(values),
        "cells of the total of all partners": total.sum() * len(values),
        "empty cells": len(cells.rows) - len(filled.rows),
    }
    return state(
        filled,
        columns,
        rows_in=len(raw.rows),
        left_out=left_out,
        warnings=[*repaired(filled, "product", columns["product"]), *rounding(raw, *values)],
        scope=_scope(select(raw, total), description),
    )


def _value_columns(description: Description) -> list[str]:
    """Return the file's names of the columns that hold values."""
    columns = description.columns
    return [columns["value"]] if "value" in columns else list(description.flows)


def _totals(description: Description) -> list[str]:
    """Return the partners that are the sum of all: as described, or left out by such a name."""
    if description.total:
        return [description.total]
    return [word for word in description.leave_out if word.casefold() in _WORLD_WORDS]


def _scope(world: RawTable, description: Description) -> Scope:
    """Return which partners the table has, and the totals of all of them."""
    reporter = [description.reporter]
    directions = {flow.direction for flow in description.flows.values()}
    return Scope(
        partners=description.partners,
        countries=about(
            imports=reporter if "import" in directions else (),
            exports=reporter if "export" in directions else (),
        ),
        totals=_world_totals(world, description),
    )


def _world_totals(world: RawTable, description: Description) -> pd.DataFrame:
    """Return what rows of the total of all partners print."""
    if world.rows.empty:
        return no_totals()
    cells = _canonical(world, description)
    filled = select(cells, texts(cells, "cell") != "")
    columns = {
        **_periods(filled, description),
        **_stated(filled, description, pd.Series(WORLD, filled.rows.index, dtype="str")),
        "digit": last_digit(texts(filled, "cell"), unit=description.multiplier),
    }
    return printed_totals(columns, filled.rows["line"])


def _periods(filled: RawTable, description: Description) -> dict[str, pd.Series]:
    return spans(translate(filled, "period", lambda cell: _period(cell, description)))


def _stated(filled: RawTable, description: Description, partner: pd.Series) -> dict[str, Any]:
    """Return what cells with a figure state, as columns of the flow table."""
    meaning = translate(filled, "flow", lambda word: _meaning(word, description))
    exports = meaning.map(lambda flow: flow.direction == "export").astype("bool")
    product = _products(filled, description)
    return {
        "exporter": partner.mask(exports, description.reporter),
        "importer": partner.where(exports, description.reporter),
        "reporter": description.reporter,
        "product": product,
        "classification": product.eq(TOTAL).map({True: TOTAL, False: description.classification}),
        "value": numbers(filled, "cell") * description.multiplier,
        "unit": description.unit,
        "valuation": meaning.map(lambda flow: flow.valuation),
        "partner_basis": meaning.map(lambda flow: flow.partner_basis),
        "coverage": description.coverage,
    }


def _products(raw: RawTable, description: Description) -> pd.Series:
    """Return the products: codes of an office's own may be any text, but not an error of Excel."""
    errors = texts(raw, "product").isin(EXCEL_ERRORS)
    if errors.any():
        fail(raw, errors, "product", "the code of a product")
    return translate(
        raw, "product", lambda cell: product_of(cell, classification=description.classification)[0]
    ).astype("str")


def _records(path: Path, description: Description) -> list[Record]:
    if description.sheet or path.suffix.lower() == ".xlsx":
        return read_sheet(path, description.sheet, decimal=description.decimal)
    try:
        codecs.lookup(description.encoding)
    except LookupError as error:
        raise LayoutError(f"{description.path}: encoding: {error}") from error
    text = read_text(path, encoding=description.encoding).text
    return list(split_records(text, path=str(path), delimiter=description.delimiter))


def _canonical(raw: RawTable, description: Description) -> RawTable:
    """Return one row a cell with the columns partner, period, flow, product and cell."""
    columns = description.columns
    month = texts(raw, columns["month"]) if "month" in columns else ""
    repeated = {
        "partner": texts(raw, columns["partner"]),
        "period": texts(raw, columns["year"]) + _BETWEEN + month,
        "product": texts(raw, columns["product"]) if "product" in columns else description.product,
    }
    base = pd.DataFrame({**repeated, "line": raw.rows["line"]}, index=raw.rows.index)
    if "flow" in columns:
        cells = base.assign(
            flow=texts(raw, columns["flow"]), cell=_plain(raw, columns["value"], description)
        )
        return replace(raw, rows=cells)
    flows = {word: _plain(raw, word, description) for word in description.flows}
    wide = replace(raw, rows=base.assign(**flows))
    return melt(wide, list(flows), name="flow", keep=list(repeated))


def _plain(raw: RawTable, column: str, description: Description) -> pd.Series:
    """
    Return the numbers of a column with a point for decimals and nothing between thousands.

    Each is written as described, thousands in groups of three: 1.234 may be 1234 or a little more
    than 1, and only the description knows.
    """
    cells = texts(raw, column)
    between = _ALIKE.get(description.thousands, description.thousands)
    point = re.escape(description.decimal)
    grouped = f"[0-9]{{1,3}}(?:[{between}][0-9]{{3}})+|" if between else ""
    number = rf"-?(?:(?:{grouped}[0-9]+)(?:{point}[0-9]*)?|{point}[0-9]+)(?:[eE][+-]?[0-9]{{1,3}})?"
    wrong = ~cells.str.fullmatch(number) & (cells != "")
    if wrong.any():
        example = f"1{description.thousands}250{description.decimal}5"
        fail(raw, wrong, column, f"a number as {example!r}, described so in {description.path}")
    negative = cells.str.startswith("-")
    if negative.any():
        fail(raw, negative, column, "a number that is not negative")
    whole = cells.str.replace(f"[{between}]", "", regex=True) if between else cells
    return whole.str.replace(description.decimal, ".", regex=False)


def _partners(raw: RawTable, description: Description, *, on: pd.Series) -> pd.Series:
    """Return the partners by the description's own names, the others by its scheme."""
    own = texts(raw, "partner").map(description.names)
    unnamed = own.isna()
    days = on[unnamed].reset_index(drop=True)
    others = codes(select(raw, unnamed), "partner", scheme=description.scheme, on=days)
    code = own.astype("str").copy()
    code[unnamed.to_numpy()] = others.to_numpy()
    return code


def _meaning(word: str, description: Description) -> Flow:
    if word not in description.flows:
        raise LayoutError(
            f"expected one of the flows {', '.join(description.flows)}, found {word!r}; "
            f"add it under [flows] in {description.path}"
        )
    return description.flows[word]


def _period(cell: str, description: Description) -> Period:
    printed, _, month = cell.partition(_BETWEEN)
    number = month.removesuffix(".0") or "1"
    if not (number.isascii() and number.isdigit()):
        raise LayoutError(f"expected a month in numbers, found {month!r}")
    calendar = description.calendar
    year = read_year(printed, calendar=calendar)
    if not month:
        return Period.year(year, calendar=calendar)
    return run_of_months(calendar, (year, int(number)), (year, int(number)))


def read_description(path: Path) -> Description:
    """
    Read a description and check it.

    Parameters
    ----------
    path : pathlib.Path
        TOML with the keys of :class:`Description`.

    Returns
    -------
    Description

    Raises
    ------
    LayoutError
        If it is not TOML, a key is missing or unknown, or a value is none that the key can have.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> read_description(example_path("customs_description")).flows["Exports"].valuation
    'FOB'
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LayoutError(f"{path}: expected TOML, found: {error}") from error
    keys = {field.name for field in fields(Description)} - {"path"}
    needed = {"reporter", "unit", "calendar", "coverage", "columns", "flows"}
    if unknown := sorted(content.keys() - keys):
        raise LayoutError(
            f"{path}: expected only the keys {', '.join(sorted(keys))}; found {unknown[0]!r}"
        )
    if missing := sorted(needed - content.keys()):
        raise LayoutError(f"{path}: expected the keys {', '.join(missing)}, found none of them")
    _check_types(content, path=path)
    _check(content, path=path)
    flows = {word: _flow(word, meaning, path=path) for word, meaning in content["flows"].items()}
    leave_out = tuple(content.get("leave_out", ()))
    return Description(path=str(path), **content | {"flows": flows, "leave_out": leave_out})


_TYPES: dict[str, tuple[type | tuple[type, ...], str]] = {
    "multiplier": ((int, float), "a number"),
    "header_line": (int, "a whole number"),
    "leave_out": (list, "a list of texts"),
    "columns": (dict, "a table [columns]"),
    "flows": (dict, "a table [flows]"),
    "names": (dict, "a table [names]"),
}
"""Key to the type of its value, and to that type in words; all others are text."""


def _check_types(content: Mapping[str, Any], *, path: Path) -> None:
    for key, value in content.items():
        kind, in_words = _TYPES.get(key, (str, "text"))
        if not isinstance(value, kind) or isinstance(value, bool):
            raise LayoutError(f"{path}: {key}: expected {in_words}, found {value!r}")
    words = [*content["columns"].values(), *content.get("names", {}).values()]
    for word in [*words, *content.get("leave_out", [])]:
        if not isinstance(word, str):
            raise LayoutError(
                f"{path}: expected text in [columns], [names] and leave_out, found {word!r}"
            )
    if not 0 < (multiplier := content.get("multiplier", 1)) < float("inf"):
        raise LayoutError(f"{path}: multiplier: expected a number above 0, found {multiplier}")


def _flow(word: str, meaning: object, *, path: Path) -> Flow:
    allowed = {
        "direction": ("export", "import"),
        "valuation": VALUATIONS,
        "partner_basis": PARTNER_BASES,
    }
    if not isinstance(meaning, dict) or meaning.get("direction") not in allowed["direction"]:
        raise LayoutError(
            f"{path}: flow {word!r}: expected direction export or import, found {meaning!r}"
        )
    for key, value in meaning.items():
        if key not in allowed:
            raise LayoutError(
                f"{path}: flow {word!r}: expected only {', '.join(allowed)}, found {key!r}"
            )
        if value not in allowed[key]:
            choices = ", ".join(repr(choice) for choice in allowed[key])
            raise LayoutError(
                f"{path}: flow {word!r}: expected {key} as one of {choices}, found {value!r}"
            )
    return Flow(**meaning)


def _check(content: Mapping[str, Any], *, path: Path) -> None:
    columns = content["columns"]
    choices = {
        "unit": (content["unit"], UNITS),
        "scheme": (content.get("scheme", "iso"), _SCHEMES),
        "partners": (content.get("partners", "not stated"), _PARTNERS),
        "decimal": (content.get("decimal", "."), (".", ",")),
        "thousands": (content.get("thousands", ""), ("", ".", ",", *_ALIKE)),
        "delimiter": (content.get("delimiter", ","), _DELIMITERS),
    }
    for key, (value, allowed) in choices.items():
        if value not in allowed:
            choice = ", ".join(repr(word) for word in allowed)
            raise LayoutError(f"{path}: {key}: expected one of {choice}, found {value!r}")
    if content.get("decimal", ".") == content.get("thousands"):
        raise LayoutError(
            f"{path}: thousands: expected another character than that of decimal, "
            f"found {content['thousands']!r} for both; name the two as the file has them"
        )
    try:
        rules_of(content["calendar"])
    except PeriodError as error:
        raise LayoutError(f"{path}: {error}") from error
    if not {"partner", "year"} <= columns.keys() <= set(COLUMNS):
        raise LayoutError(
            f"{path}: [columns]: expected partner, year, and of the rest only "
            f"{', '.join(COLUMNS[2:])}; found {', '.join(columns)}"
        )
    if ("flow" in columns) != ("value" in columns):
        raise LayoutError(f"{path}: [columns]: expected flow and value together, found one of them")
    if not content["flows"]:
        raise LayoutError(f"{path}: [flows]: expected at least one flow, found none")
