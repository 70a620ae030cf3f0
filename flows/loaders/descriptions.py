"""The TOML that describes a table of a statistics office: its keys, and what they may hold."""

import difflib
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

from flows.countries import country_name
from flows.errors import CountryError, LayoutError, PeriodError
from flows.loaders.code_lists import LIST_KEYS, listed_codes
from flows.loaders.patterns import FIELDS, WHEN, fields_of
from flows.loaders.printed_periods import printed_period
from flows.notation import parse_toml
from flows.periods import Calendar, rules_of
from flows.table import PARTNER_BASES, VALUATIONS, currencies

_PARTNERS = ("all", "named", "not stated")
_BLANKS, _APOSTROPHES = " \u00a0\u2007\u2009\u202f", "'\u2019"
ALIKE = {
    **dict.fromkeys(_BLANKS, _BLANKS),
    **dict.fromkeys(_APOSTROPHES, _APOSTROPHES),
}
"""Separators of thousands that look alike: each stands for all of them."""

DELIMITERS = (",", ";", "\t", "|")
SCHEMES = ("iso", "m49", "comtrade", "wits", "armstat", "census")
COLUMNS = (*FIELDS, "value")
"""What a description may name columns for."""

INSTEAD = ("missing", "confidential", "zero")
BESIDE = ("estimate", "note")
BELOW = re.compile(r"below ([0-9]+(?:\.[0-9]+)?)")
_MEANINGS = "missing, confidential, zero, below 0.5, estimate or note"
_ALPHA3 = re.compile("[A-Z]{3}")
_NO_MARK = re.compile(r"[0-9.,+-]*")
"""What can be a number, or a part of one."""

RATE_SOURCE = "source"
_ELSEWHERE = ("sheet", "title", "file")
"""Keys whose pattern may say what no column does."""


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

    Reporter, partner, period, flow and product each stand in one place: in a column of their
    own (``columns``), in the headings of the values (``columns["value"]``), in the names of the
    sheets, in the title, in the file's name, or for the whole table in the key of that name. Of
    year, month, quarter and day one suffices, and of a single flow nothing is needed.

    Parameters
    ----------
    path : str
        The description as errors name it.
    unit : str
        Currency of the table, an ISO 4217 code; its multiple of it is ``multiplier``. It is the
        unit of the rows, unless ``rates`` turn it into dollars.
    calendar : str
        Of the years and months; see :data:`flows.periods.Calendar`. Months of a fiscal year are
        counted from its first.
    coverage : str
        What the office counts, ``"all goods"``.
    columns : Mapping
        ``partner``, ``year``, ``month``, ``quarter``, ``day`` (whose rows are added up to months),
        ``reporter``, ``flow``, ``product`` to names of columns;
        ``value`` to that of the values, or to a pattern of their names: ``"{year}"`` where years
        stand side by side, ``"{flow} {year}"``, ``"{partner}"``. By default ``"{flow}"``.
    cells : Mapping
        Fields to a pattern of the cells that hold them, where these hold more: ``partner`` to
        ``"{partner} {}"`` for ``AM Armenia``. A cell that does not fit is taken whole.
    flows : Mapping
        What a flow is called in the table, to its meaning. Where nothing in the table calls it
        anything there is one, under any name.
    multiplier : float
        1000 for a table in thousands.
    reporter, year, month : str
        Of the whole table.
    scheme : str
        Whose names or codes the reporters and partners are.
    names : Mapping
        Names of this table to alpha-3 codes, before the scheme is asked; with those of a
        ``code_list``.
    code_list : Mapping
        The office's own list of its codes: ``file``, beside the description and written as the
        table is, and its columns ``name``, of what the table has, and ``alpha3``.
    leave_out : tuple of str
        Partners that are sums.
    total : str
        The partner that is the sum of all, ``"World"``: no row, but what the rows are held against.
        Without it, that is a partner of ``leave_out`` that is called World or Total.
    partners : {"all", "named", "not stated"}
        Whether the table has every partner of the reporter, or some that were asked for.
    only : Mapping
        Columns to the one text, or the texts, of the rows that count; all others are left out.
    sum_over : tuple of str
        Columns whose rows are added up: customs office, mode of transport, state.
    fill_down : tuple of str
        Columns in which an empty cell repeats the one above: merged cells.
    marks : Mapping
        Signs in place of a figure to ``"missing"``, ``"confidential"``, ``"zero"`` or
        ``"below 0.5"`` (in the table's own multiple); signs beside a figure, a year or a name to
        ``"estimate"`` or ``"note"``.
    months : Mapping
        Names of months in no language that is known, to their numbers.
    rates : Mapping
        Periods of the table to dollars for one ``unit``, and ``source``: whose rates they are.
    encoding, delimiter : str
        Of a text file.
    decimal, thousands : str
        Of numbers in text. A blank or an apostrophe stands for all that look like it.
    header_line : int or list of int
        Line of the names of the columns, counted from 1; first and last of several.
    end : str or int
        How the first line under the table begins, or its number.
    sheet, title, file : str
        Name of the sheet of a workbook, or a pattern; patterns that are looked for in the lines
        above the header and in the file's name: ``"Imports, {year}"``, ``"{reporter}"``.
    product, classification : str
        Product of the whole table; whose codes the products are, needed where there is a column.
    corrections : bool
        Whether negative figures correct others of the same statement: they are added to it, and
        counted. Without it they are refused, as is a sum that is negative.
    """

    path: str
    unit: str
    calendar: Calendar
    coverage: str
    columns: Mapping[str, str]
    flows: Mapping[str, Flow]
    multiplier: float = 1.0
    cells: Mapping[str, str] = field(default_factory=dict)
    reporter: str = ""
    year: str = ""
    month: str = ""
    scheme: Literal["iso", "m49", "comtrade", "wits", "armstat", "census"] = "iso"
    names: Mapping[str, str] = field(default_factory=dict)
    code_list: Mapping[str, str] = field(default_factory=dict)
    leave_out: tuple[str, ...] = ()
    total: str = ""
    partners: Literal["all", "named", "not stated"] = "not stated"
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sum_over: tuple[str, ...] = ()
    fill_down: tuple[str, ...] = ()
    marks: Mapping[str, str] = field(default_factory=dict)
    months: Mapping[str, int] = field(default_factory=dict)
    rates: Mapping[str, Any] = field(default_factory=dict)
    encoding: str = "utf-8-sig"
    delimiter: str = ","
    decimal: str = "."
    thousands: str = ""
    header_line: int | tuple[int, int] = 1
    end: str | int = ""
    sheet: str = ""
    title: str = ""
    file: str = ""
    product: str = "TOTAL"
    classification: str = "TOTAL"
    corrections: bool = False

    @property
    def header_lines(self) -> tuple[int, int]:
        """First and last line of the names of the columns."""
        line = self.header_line
        return (line, line) if isinstance(line, int) else line

    @property
    def value_heading(self) -> str:
        """Name of the column of values, or the pattern of their names."""
        return self.columns.get("value", "{flow}")

    @property
    def named_columns(self) -> list[str]:
        """Columns that the description names, but for those of values."""
        own = [name for key, name in self.columns.items() if key != "value"]
        return [*dict.fromkeys([*own, *self.only, *self.sum_over, *self.fill_down])]


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
        If there is no such file, it is not TOML, a key is missing or unknown, or a value is none
        that the key can have; if the ``code_list`` is not there or has no such columns.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> read_description(example_path("customs_description")).flows["Exports"].valuation
    'FOB'
    """
    if not path.is_file():
        raise LayoutError(f"{path}: expected a description (TOML), found no file of that name")
    try:
        content = parse_toml(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LayoutError(f"{path}: expected TOML, found: {error}") from error
    keys = {field.name for field in fields(Description)} - {"path"}
    needed = {"unit", "calendar", "coverage", "columns", "flows"}
    if unknown := sorted(content.keys() - keys):
        near = difflib.get_close_matches(unknown[0], keys, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise LayoutError(
            f"{path}: expected only the keys {', '.join(sorted(keys))}; found {unknown[0]!r}{hint}"
        )
    if missing := sorted(needed - content.keys()):
        raise LayoutError(f"{path}: expected the keys {', '.join(missing)}, found none of them")
    try:
        for check in (
            *(_check_types, _check_choices, _check_codes, _check_places, _check_marks),
            *(_check_months, _check_rates),
        ):
            check(content)
        flows = {word: _flow(word, meaning) for word, meaning in content["flows"].items()}
    except LayoutError as error:
        raise LayoutError(f"{path}: {error}") from error
    names = _listed(path, content) | content.get("names", {})
    return Description(path=str(path), **_tidied(content) | {"flows": flows, "names": names})


def _listed(path: Path, content: Mapping[str, Any]) -> dict[str, str]:
    """Return the codes of the list beside a description, if it names one."""
    if "code_list" not in content:
        return {}
    return listed_codes(
        path.parent / content["code_list"]["file"],
        content["code_list"],
        encoding=content.get("encoding", "utf-8-sig"),
        delimiter=content.get("delimiter", ","),
        described=str(path),
    )


def tidy(heading: str) -> str:
    """Return a heading on one line, with single blanks: cells break them as they like."""
    return " ".join(heading.split())


def _tidied(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys as :class:`Description` has them."""
    changed: dict[str, Any] = {
        "columns": {key: tidy(name) for key, name in content["columns"].items()},
        "leave_out": tuple(content.get("leave_out", ())),
        "only": {
            tidy(name): (cells,) if isinstance(cells, str) else tuple(cells)
            for name, cells in content.get("only", {}).items()
        },
    }
    for key in ("sum_over", "fill_down"):
        changed[key] = tuple(tidy(name) for name in content.get(key, ()))
    if isinstance(content.get("header_line"), list):
        changed["header_line"] = tuple(content["header_line"])
    return {**content, **changed}


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_line(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _is_lines(value: object) -> bool:
    pair = isinstance(value, list) and len(value) == 2 and all(_is_line(n) for n in value)  # noqa: PLR2004
    return _is_line(value) or (pair and value[0] <= value[1])  # type: ignore[index]


def _table_of(fits: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, dict) and all(map(fits, value.values()))


def _is_text(value: object) -> bool:
    return isinstance(value, str)


_TYPES: dict[str, tuple[Callable[[object], bool], str]] = {
    "multiplier": (_is_number, "a number"),
    "header_line": (_is_lines, "the number of a line, or first and last of several as [3, 4]"),
    "leave_out": (_is_texts, "a list of texts"),
    "sum_over": (_is_texts, "a list of names of columns"),
    "fill_down": (_is_texts, "a list of names of columns"),
    "end": (
        lambda value: _is_text(value) or _is_line(value),
        "how the first line under the table begins, or the number of that line",
    ),
    "code_list": (
        lambda value: _table_of(_is_text)(value) and set(value) == set(LIST_KEYS),  # type: ignore[call-overload]
        'a table with file, name and alpha3: file = "countries.csv", name and alpha3 = its columns',
    ),
    "columns": (_table_of(_is_text), "a table with text: partner = the name of its column"),
    "cells": (_table_of(_is_text), 'a table with text: month = "{month}. {}"'),
    "names": (_table_of(_is_text), 'a table with text: "Russian Fed." = "RUS"'),
    "marks": (_table_of(_is_text), 'a table with text: ".." = "missing"'),
    "months": (_table_of(_is_line), 'a table with numbers: "janvier" = 1'),
    "only": (
        _table_of(lambda cells: _is_text(cells) or _is_texts(cells)),
        'a table with text or lists of text: "Measure" = "Value"',
    ),
    "corrections": (lambda value: isinstance(value, bool), "true or false"),
    "flows": (lambda value: isinstance(value, dict) and bool(value), "a table with a flow"),
    "rates": (
        _table_of(lambda value: _is_text(value) or _is_number(value)),
        'a table: source = who published them, and "2023" = 1.0813',
    ),
}
"""Key to what its value must be, and to that in words; all others are text."""


def _check_types(content: Mapping[str, Any]) -> None:
    for key, value in content.items():
        fits, in_words = _TYPES.get(key, (_is_text, "text"))
        if not fits(value):
            raise LayoutError(f"{key}: expected {in_words}, found {value!r}")
    if not 0 < (multiplier := content.get("multiplier", 1)) < float("inf"):
        raise LayoutError(f"multiplier: expected a number above 0, found {multiplier}")


def _check_choices(content: Mapping[str, Any]) -> None:
    choices = {
        "scheme": (content.get("scheme", "iso"), SCHEMES),
        "partners": (content.get("partners", "not stated"), _PARTNERS),
        "decimal": (content.get("decimal", "."), (".", ",")),
        "thousands": (content.get("thousands", ""), ("", ".", ",", *ALIKE)),
        "delimiter": (content.get("delimiter", ","), DELIMITERS),
    }
    for key, (value, allowed) in choices.items():
        if value not in allowed:
            choice = ", ".join(repr(word) for word in allowed)
            raise LayoutError(f"{key}: expected one of {choice}, found {value!r}")
    if content["unit"] not in currencies():
        raise LayoutError(
            f"unit: expected one of the currency codes of ISO 4217, as USD or EUR, "
            f"found {content['unit']!r}; thousands and millions of it are the multiplier"
        )
    if not _ALPHA3.fullmatch(reporter := content.get("reporter", "XXX")):
        raise LayoutError(f"reporter: expected an alpha-3 code, as GEO, found {reporter!r}")
    if content.get("decimal", ".") == content.get("thousands"):
        raise LayoutError(
            f"thousands: expected another character than that of decimal, "
            f"found {content['thousands']!r} for both; name the two as the file has them"
        )
    try:
        rules_of(content["calendar"])
    except PeriodError as error:
        raise LayoutError(str(error)) from error


def _check_codes(content: Mapping[str, Any]) -> None:
    """Check that what shall be a country's code is one."""
    named = {f"[names]: {name!r}": code for name, code in content.get("names", {}).items()}
    reporter = {"reporter": content["reporter"]} if "reporter" in content else {}
    for key, code in (reporter | named).items():
        try:
            country_name(code)
        except CountryError as error:
            raise LayoutError(f"{key}: {error}") from error


def _check_months(content: Mapping[str, Any]) -> None:
    most = rules_of(content["calendar"]).months
    for name, number in content.get("months", {}).items():
        if number > most:
            raise LayoutError(
                f"[months]: {name!r}: expected a number of 1 to {most}, as the calendar "
                f"{content['calendar']} has months, found {number}"
            )


def _check_places(content: Mapping[str, Any]) -> None:
    """Check that what a row needs stands in one place each."""
    columns = content["columns"]
    if unknown := [key for key in columns if key not in COLUMNS]:
        raise LayoutError(
            f"[columns]: expected only {', '.join(COLUMNS)}, found {unknown[0]!r}; "
            "columns of no use are not named"
        )
    places = _places(content)
    for what, where in places.items():
        if len(where) > 1:
            raise LayoutError(
                f"{what}: expected one place where it stands, found {' and '.join(where)}"
            )
    if "reporter" not in places:
        raise LayoutError("expected the keys reporter, found none of them")
    if not places.keys() >= {"partner"} or not places.keys() & {*WHEN}:
        raise LayoutError(
            f"[columns]: expected partner, year, or where else they stand: "
            f'value = "{{year}}" for years side by side, sheet, title or file = "{{year}}", '
            f'year = "2023" for the whole table; found {", ".join(columns) or "none"}'
        )
    _check_flows_called(content, places)
    _check_classified(content, places)
    for what, pattern in content.get("cells", {}).items():
        if what not in columns or fields_of(pattern) != [what]:
            raise LayoutError(
                f"[cells]: expected a field of [columns] and a pattern with it, as month = "
                f'"{{month}}. {{}}", found {what} = {pattern!r}'
            )


def _check_classified(content: Mapping[str, Any], places: Mapping[str, Sequence[str]]) -> None:
    if "product" in places and not content.get("classification"):
        raise LayoutError(
            "classification: expected whose codes the products are, as HS2022, or a name of the "
            "office's own, since the table has products; found none"
        )


def _patterns(content: Mapping[str, Any]) -> dict[str, str]:
    """Return the patterns of a description by where they stand."""
    patterns = {"[columns] value": content["columns"].get("value", "{flow}")}
    patterns |= {key: content.get(key, "") for key in _ELSEWHERE}
    for key, pattern in patterns.items():
        if unknown := [what for what in fields_of(pattern) if what not in FIELDS]:
            raise LayoutError(
                f"{key}: expected between braces one of {', '.join(FIELDS)}, found {unknown[0]!r}"
            )
    return patterns


def _places(content: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return where each of the fields of a row stands."""
    columns, patterns = content["columns"], _patterns(content)
    places: dict[str, list[str]] = {}
    for what in FIELDS:
        where = [f"[columns] {what}"] * (what in columns)
        where += [place for place, pattern in patterns.items() if what in fields_of(pattern)]
        where += [f"the key {what}"] * (what in content and what in {"reporter", "year", "month"})
        if where:
            places[what] = where
    return places


def _check_flows_called(content: Mapping[str, Any], places: Mapping[str, Sequence[str]]) -> None:
    if "flow" in content["columns"] and "value" not in content["columns"]:
        raise LayoutError("[columns]: expected flow and value together, found one of them")
    if "flow" not in places and len(content["flows"]) > 1:
        raise LayoutError(
            f"[flows]: expected one flow, since nothing in the table says which; found "
            f"{', '.join(content['flows'])}; name the column of flows under [columns], "
            'or {flow} in value = "{flow} {year}"'
        )


def _check_marks(content: Mapping[str, Any]) -> None:
    for mark, meaning in content.get("marks", {}).items():
        if meaning not in {*INSTEAD, *BESIDE} and not BELOW.fullmatch(meaning):
            raise LayoutError(f"[marks]: {mark!r}: expected {_MEANINGS}, found {meaning!r}")
        if not mark.strip() or (meaning in BESIDE and _NO_MARK.fullmatch(mark)):
            raise LayoutError(f"[marks]: expected a sign that no number holds, found {mark!r}")


def _check_rates(content: Mapping[str, Any]) -> None:
    rates = content.get("rates", {})
    if not rates:
        return
    if content["unit"] == "USD":
        raise LayoutError("[rates]: expected none for a table in USD; unit is what the table is in")
    if not str(rates.get(RATE_SOURCE, "")).strip():
        raise LayoutError(
            "[rates]: expected source = who published the rates, where and when they were taken"
        )
    for period, rate in rates.items():
        if period == RATE_SOURCE:
            continue
        if not _is_number(rate) or not 0 < rate < float("inf"):
            raise LayoutError(
                f"[rates]: {period}: expected dollars for one {content['unit']}, found {rate!r}"
            )
        try:
            printed_period(
                period, "", calendar=content["calendar"], months=content.get("months", {})
            )
        except PeriodError as error:
            raise LayoutError(f"[rates]: {period}: {error}") from error


def _flow(word: str, meaning: object) -> Flow:
    allowed = {
        "direction": ("export", "import"),
        "valuation": VALUATIONS,
        "partner_basis": PARTNER_BASES,
    }
    if not isinstance(meaning, dict) or meaning.get("direction") not in allowed["direction"]:
        raise LayoutError(f"flow {word!r}: expected direction export or import, found {meaning!r}")
    for key, value in meaning.items():
        if key not in allowed:
            raise LayoutError(f"flow {word!r}: expected only {', '.join(allowed)}, found {key!r}")
        if value not in allowed[key]:
            choices = ", ".join(repr(choice) for choice in allowed[key])
            raise LayoutError(f"flow {word!r}: expected {key} as one of {choices}, found {value!r}")
    return Flow(**meaning)
