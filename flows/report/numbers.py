"""The numbers of a report as one JSON file, and as macros for LaTeX."""

import json
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

from flows.errors import ReportError, unknown_name
from flows.findings import (
    Findings,
    Form,
    Number,
    Numbers,
    print_alike,
    print_number,
)
from flows.notation import parse_json
from flows.report.appendices import file_of
from flows.report.manifest import check_published
from flows.results import line_runs
from flows.safe_text import safe_json
from flows.tables.formats import escape_tex

_FIELDS = tuple(field.name for field in fields(Number))

_MOST_LINES = 10_000_000
"""Of a run: what no raw file has."""

_ID = re.compile(r"[A-Za-z0-9._-]+")

_HEADER = r"""% Numbers of the report; every build writes this file anew.
%   \input{numbers.tex}
%   \flowsnumber{id}, \flowsnumberunit{id}     value as printed; with its unit
%   \flowsbounds{id}, \flowsboundsunit{id}     bounds or interval: "64.16 to 68.26", "at least 412"
%   \flowsbetween{id}, \flowsbetweenunit{id}   the same in a sentence: "between 64.16 and 68.26"
%   \flowslevel{id}                            level of the interval: "95%"
%   \flowslow{id}, \flowshigh{id}, \flowsunit{id}   its ends and its unit alone
%   \flowstyped{412}{a quotation}              digits that are no number of the report, and why
%   \input{tables/id.tex}                      a table; needs \usepackage{booktabs}
% All work in captions and titles. An unknown id stops LaTeX with an error that names the nearest.
\begingroup\catcode`\@=11 \catcode`\!=12 \catcode`\?=12
\gdef\flowsfield#1#2{\ifcsname flows@#1@\detokenize{#2}\endcsname
  \csname flows@#1@\detokenize{#2}\expandafter\endcsname\else\flows@missing{#1}{#2}\fi}
\gdef\flowsnumber{\flowsfield{value}}
\gdef\flowsnumberunit{\flowsfield{value with unit}}
\gdef\flowsbounds{\flowsfield{bounds}}
\gdef\flowsboundsunit{\flowsfield{bounds with unit}}
\gdef\flowsbetween{\flowsfield{between}}
\gdef\flowsbetweenunit{\flowsfield{between with unit}}
\gdef\flowslevel{\flowsfield{level}}
\gdef\flowslow{\flowsfield{low}}
\gdef\flowshigh{\flowsfield{high}}
\gdef\flowsunit{\flowsfield{unit}}
\gdef\flowstyped#1#2{#1}
\gdef\flowsdefine#1#2#3{\expandafter\gdef\csname flows@#2@\detokenize{#1}\endcsname{#3}}
\global\let\flows@ids\empty
\gdef\flowsid#1{\expandafter\gdef\expandafter\flows@ids\expandafter{\flows@ids\flows@compare{#1}}}
% Nearest is the id with most letters like those of the wrong one, from the start and from the end.
\protected\gdef\flows@missing#1#2{\begingroup\edef\flows@wrong{\detokenize{#2}}%
  \ifcsname flows@value@\flows@wrong\endcsname
    \errmessage{flows: number '\flows@wrong' has no #1}%
  \else
    \count0=-1 \let\flows@nearest\empty \flows@ids
    \errmessage{flows: no number '\flows@wrong'; nearest: \flows@nearest}%
  \fi\endgroup}
\gdef\flows@compare#1{\count2=0 \edef\flows@id{\detokenize{#1}}%
  \edef\flows@step{\noexpand\flows@count\flows@wrong!\flows@end\flows@id?\flows@end}\flows@step
  \edef\flows@step{\noexpand\flows@count\expandafter\flows@turn\flows@wrong\flows@end{}!\flows@end
    \expandafter\flows@turn\flows@id\flows@end{}?\flows@end}\flows@step
  \ifnum\count2>\count0 \count0=\count2 \let\flows@nearest\flows@id\fi}
\gdef\flows@count#1#2\flows@end#3#4\flows@end{%
  \if#1#3\advance\count2 by 1 \flows@count#2\flows@end#4\flows@end\fi}
\gdef\flows@turn#1#2\flows@end#3{%
  \if\relax\detokenize{#2}\relax#1#3\else\flows@turn#2\flows@end{#1#3}\fi}
\global\let\flows@end\relax
\endgroup
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
        If there is no such file, if it is not the one whose hash ``manifest.json`` beside it
        holds, or if a number in it lacks a field.
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
        content = path.read_bytes()
        check_published(path, content)
        entries = parse_json(content)
    except FileNotFoundError as error:
        raise ReportError(
            f"{path}: expected the numbers of a built report, found no file"
        ) from error
    except json.JSONDecodeError as error:
        raise ReportError(f"{path}:{error.lineno}: expected JSON, found: {error.msg}") from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise ReportError(f"{path}: expected JSON, found: {error}") from error
    if not isinstance(entries, dict):
        raise ReportError(f"{path}: expected an object, found {type(entries).__name__}")
    return Numbers((name, _read_number(path, name, entry)) for name, entry in entries.items())


def number(name: str, *, appendix: str | None = None) -> Number:
    """
    Return a number of a built report, for a notebook or a script.

    In an f-string it prints as the report prints it: ``f"{share}"`` with its unit, ``f"{share:n}"``
    without, ``f"{share:bounds}"`` and ``f"{share:between}"`` its low and high, ``f"{share:level}"``
    the level of its interval; any other format is that of its value, ``f"{share:.1f}"``.

    Parameters
    ----------
    name : str
        Its id, such as ``"arms.share.main"``.
    appendix : str, optional
        Name of an appendix of the project; by default the only one, or ``reports/`` itself.

    Returns
    -------
    Number
        As :func:`read_numbers` returns it among the others.

    Raises
    ------
    ReportError
        If the report has not been built.
    UnknownNameError
        If there is no number of that id, with the nearest; or no such appendix.

    Examples
    --------
    >>> share = number("arms.share.main")
    >>> print(f"Israel delivered {share} of the imports.")
    Israel delivered 67.74% of the imports.
    >>> print(f"{number('arms.share.bounds.all'):between}")
    between 35.24 and 77.76%
    """
    numbers = read_numbers(appendix=appendix)
    if name not in numbers:
        raise unknown_name("number", name, numbers, all_in="numbers.json")
    return numbers[name]


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
    return safe_json(value, allow_nan=False, default=dict)


def _read_number(path: Path, name: str, entry: Any) -> Number:
    if not isinstance(entry, dict) or {"id", *entry} != set(_FIELDS):
        found = ", ".join(entry) if isinstance(entry, dict) else type(entry).__name__
        raise ReportError(
            f"{path}: number {name!r}: expected the fields {', '.join(_FIELDS[1:])}; found {found}"
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
    yield rf"\flowsid{{{number.id}}}"
    for field, text in _fields_tex(number):
        yield rf"\flowsdefine{{{number.id}}}{{{field}}}{{{escape_tex(text)}}}"


def _fields_tex(number: Number) -> Iterator[tuple[str, str]]:
    yield "value", print_number(number)
    yield "value with unit", print_number(number, unit=True)
    yield "unit", number.unit
    for field, bound in (("low", number.low), ("high", number.high)):
        if bound is not None:
            yield field, print_alike(number, bound)
    if number.spread is not None:
        forms: tuple[Form, ...] = ("bounds", "between")
        for form in forms:
            yield form, print_number(number, form)
            yield f"{form} with unit", print_number(number, form, unit=True)
    if number.level is not None:
        yield "level", print_number(number, "level")
