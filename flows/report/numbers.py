"""The numbers of a report as one JSON file, and as macros for LaTeX."""

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from flows.errors import ReportError
from flows.findings import Findings, Number, Numbers, print_alike, print_value
from flows.report.appendices import file_of
from flows.results import line_runs
from flows.tables.formats import escape_tex

_FIELDS = tuple(field.name for field in fields(Number))

_MOST_LINES = 10_000_000
"""Of a run: what no raw file has."""

_ID = re.compile(r"[A-Za-z0-9._-]+")

_HEADER = r"""% Numbers of the report; every build writes this file anew.
%   \input{numbers.tex}
%   \flowsnumber{id}   value as printed, without its unit
%   \flowsunit{id}     unit
%   \flowslow{id}, \flowshigh{id}   bounds or interval, where the number has them
% An unknown id stops LaTeX with an error that names it.
\def\flowsfield#1#2{\ifcsname flows:#2:#1\endcsname\csname flows:#2:#1\endcsname
  \else\errmessage{flows: number '#2' has no #1 in numbers.tex}\fi}
\def\flowsnumber#1{\flowsfield{value}{#1}}
\def\flowsunit#1{\flowsfield{unit}{#1}}
\def\flowslow#1{\flowsfield{low}{#1}}
\def\flowshigh#1{\flowsfield{high}{#1}}
\def\flowsdefine#1#2#3{\expandafter\def\csname flows:#1:#2\endcsname{#3}}
"""


def numbers_json(findings: Findings) -> str:
    """Return all numbers as strict JSON, sorted by id."""
    entries = [
        _number_json(number) for number in sorted(findings.numbers, key=lambda number: number.id)
    ]
    return "{\n" + ",\n".join(entries) + "\n}\n" if entries else "{}\n"


def read_numbers(path: Path | str | None = None, *, appendix: str | None = None) -> Numbers:
    """
    Read the numbers of a built report.

    Parameters
    ----------
    path : Path or str, optional
        A ``numbers.json``; by default that of the project, which is found upward from the working
        directory.
    appendix : str, optional
        Name of an appendix of the project; by default the only one, or ``reports/`` itself.

    Returns
    -------
    Numbers
        A dictionary of id to :class:`flows.findings.Number`: value, unit, bounds, the code that
        gives it, and the lines of the raw files that went in. The file writes lines that follow
        one another as ``[first, last]``.

    Raises
    ------
    ReportError
        If there is no such file, or a number in it lacks a field.
    UnknownNameError
        If the project has no such appendix, or several and none of them is named.

    Examples
    --------
    >>> numbers = read_numbers()
    >>> numbers["arms.share.main"].printed, numbers["arms.share.main"].unit
    ('67.74', '%')
    """
    path = file_of("numbers.json", path, appendix)
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ReportError(
            f"{path}: expected the numbers of a built report, found no file"
        ) from error
    except json.JSONDecodeError as error:
        raise ReportError(f"{path}:{error.lineno}: expected JSON, found: {error.msg}") from error
    if not isinstance(entries, dict):
        raise ReportError(f"{path}: expected an object, found {type(entries).__name__}")
    return Numbers((name, _read_number(path, name, entry)) for name, entry in entries.items())


def _number_json(number: Number) -> str:
    entry: dict[str, Any] = {name: getattr(number, name) for name in _FIELDS}
    if math.isnan(number.value):
        entry["value"] = None
    entry["rows"] = {dataset: _packed(lines) for dataset, lines in number.rows.items()}
    try:
        lines = [f'  "{name}": {_dump(value)}' for name, value in entry.items() if name != "id"]
    except (TypeError, ValueError) as error:
        raise ReportError(
            f"number {number.id!r}: expected what JSON can hold, found: {error}"
        ) from error
    return f" {_dump(number.id)}: {{\n" + ",\n".join(lines) + "\n }"


def _packed(lines: Iterable[int]) -> list[object]:
    """Return lines as JSON has them: a run of several as its first and its last."""
    return [first if first == last else [first, last] for first, last in line_runs(lines)]


def _unpacked(entries: Iterable[Any]) -> Iterator[int]:
    """Yield the lines of :func:`_packed`, or of a file that lists each."""
    for entry in entries:
        first, last = entry if isinstance(entry, list) else (entry, entry)
        if not 0 <= last - first < _MOST_LINES:
            raise ValueError(f"{entry!r}")
        yield from range(first, last + 1)


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, default=dict)


def _read_number(path: Path, name: str, entry: Mapping[str, Any]) -> Number:
    if {"id", *entry} != set(_FIELDS):
        raise ReportError(
            f"{path}: number {name!r}: expected the fields {', '.join(_FIELDS[1:])}; "
            f"found {', '.join(entry)}"
        )
    try:
        rows = {dataset: tuple(_unpacked(lines)) for dataset, lines in entry["rows"].items()}
    except (AttributeError, TypeError, ValueError) as error:
        raise ReportError(
            f"{path}: number {name!r}: expected rows as lines and [first, last], found: {error}"
        ) from error
    value = math.nan if entry["value"] is None else entry["value"]
    code = tuple(entry["code"])
    return Number(**{**entry, "id": name, "value": value, "rows": rows, "code": code})


def numbers_tex(findings: Findings) -> str:
    """Return all numbers as LaTeX macros, sorted by id."""
    ordered = sorted(findings.numbers, key=lambda number: number.id)
    return _HEADER + "".join(f"{line}\n" for number in ordered for line in _definitions(number))


def _definitions(number: Number) -> Iterator[str]:
    if not _ID.fullmatch(number.id):
        raise ReportError(
            f"number {number.id!r}: expected letters, digits, '.', '-' and '_' in its id"
        )
    printed = {"value": print_value(number), "unit": number.unit}
    for field, bound in (("low", number.low), ("high", number.high)):
        if bound is not None:
            printed[field] = print_alike(number, bound)
    for field, text in printed.items():
        yield rf"\flowsdefine{{{number.id}}}{{{field}}}{{{escape_tex(text)}}}"
