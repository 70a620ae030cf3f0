r"""The numbers of a report as LaTeX macros: ``\flowsnumber{arms.share.2025-03}``."""

import re
from collections.abc import Iterator

from flows.errors import ReportError
from flows.findings import Findings, Number
from flows.report.printed import print_alike, print_value
from flows.tables import escape_tex

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


def numbers_tex(findings: Findings) -> str:
    r"""
    Return all numbers as LaTeX macros, sorted by id.

    Parameters
    ----------
    findings : Findings
        Ids of letters, digits, dots, hyphens and underscores.

    Returns
    -------
    str
        A file to ``\input``; it loads no package and runs with pdflatex, xelatex and lualatex.

    Raises
    ------
    ReportError
        If an id has another character, or bounds cannot be printed like their value.

    Examples
    --------
    >>> share = Number("s.2025-03", 67.7391, "%", "67.74", "Share.", "flows.share", {}, {})
    >>> print("\n".join(numbers_tex(Findings(numbers=(share,))).splitlines()[-2:]))
    \flowsdefine{s.2025-03}{value}{67.74}
    \flowsdefine{s.2025-03}{unit}{\%}
    """
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
