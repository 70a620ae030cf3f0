"""Manuscripts in LaTeX and Markdown: their numbers come by macros and placeholders, or by hand."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from flows.errors import ReportError, UnknownNameError
from flows.notation import read_utf8
from flows.report.manuscripts.built import BuiltReport
from flows.report.text import prose
from flows.report.typed import find_known

_TEX_ASIDE = re.compile(
    r"""
      \\begin\{(?P<raw>verbatim|lstlisting|comment)\*?\}.*?\\end\{(?P=raw)\*?\}
    | (?<!\\)%[^\n]*
    | \\verb\*?(?P<mark>[^\w\s]).*?(?P=mark)
    | \\flows[a-z]+(?:\s*\{[^{}]*\})+
    | \\(?:label|[a-zA-Z]*(?:ref|cite[a-zA-Z]*)|input|include\w*|bibliography\w*|usepackage
        |documentclass|url|href|[hv]space|setlength|setcounter)
      \*?\s*(?:\[[^\]]*\]\s*)*\{[^{}]*\}
    | \d+(?:\.\d+)?\s*(?:(?:pt|em|ex|cm|mm|in|bp|pc|sp)(?![a-z])
        |\\[a-z]*(?:width|height|sep|skip)(?![a-z]))
    """,
    re.DOTALL | re.VERBOSE,
)
"""What is not read as text: comments, code, keys, lengths, and what our macros are given."""

_TEX_CALL = re.compile(
    r"\\flows(?P<field>number|bounds|between|level|low|high|unit)(?P<unit>unit)?"
    r"\{(?P<id>[^{}\#]*)\}"
)
_TEX_FORMS = {"number": "n", "bounds": "bounds", "between": "between", "level": "level"}
_PLACEHOLDER = re.compile(r"\{\{\s*(?:n|bounds|between|level|table|figure)\(.*?\}\}", re.DOTALL)
_TEX_MARKS = {r"{,}": ",", r"\,": "\N{THIN SPACE}", "~": "\N{NO-BREAK SPACE}"}


def check_source(path: Path, report: BuiltReport) -> list[str]:
    """Tell what is wrong with the numbers of a manuscript: unknown ids, and digits by hand."""
    text = read_utf8(path, error=ReportError)
    check, hint, read = _CHECKS[path.suffix.lower()]
    faults, by_hand = list(check(text, report)), read(text)
    for position, written, ids in find_known(by_hand, report.known):
        fault = (
            f"expected {hint.format(ids[0])} or the like, found {written} typed by hand, which "
            f"the report has as {', '.join(ids)}"
        )
        faults.append((by_hand.count("\n", 0, position) + 1, fault))
    return [f"{path}:{line}: {fault}" for line, fault in sorted(faults)]


def _faults_of_tex(text: str, report: BuiltReport) -> Iterator[tuple[int, str]]:
    text = re.sub(r"(?<!\\)%[^\n]*", "", text)
    for match in _TEX_CALL.finditer(text):
        form = _TEX_FORMS.get(match["field"], "n")
        unit = ", unit=True" if match["unit"] else ""
        yield from _fault(text, match, f'{{{{ {form}("{match["id"]}"{unit}) }}}}', report)


def _faults_of_markdown(text: str, report: BuiltReport) -> Iterator[tuple[int, str]]:
    for match in _PLACEHOLDER.finditer(text):
        yield from _fault(text, match, match[0], report)


def _fault(
    text: str, match: re.Match[str], expression: str, report: BuiltReport
) -> Iterator[tuple[int, str]]:
    try:
        report.read(expression)
    except (ReportError, UnknownNameError) as error:
        yield text.count("\n", 0, match.start()) + 1, f"{error}, in {match[0]}"


def _tex_by_hand(text: str) -> str:
    def blank(match: re.Match[str]) -> str:
        return "\n" * match[0].count("\n") or " "

    for mark, character in _TEX_MARKS.items():
        text = text.replace(mark, character)
    return _TEX_ASIDE.sub(blank, text)


_Check = Callable[[str, BuiltReport], Iterator[tuple[int, str]]]
_CHECKS: Mapping[str, tuple[_Check, str, Callable[[str], str]]] = {
    ".tex": (_faults_of_tex, r"\flowsnumber{{{}}}", _tex_by_hand),
    ".md": (_faults_of_markdown, '{{{{ n("{}") }}}}', prose),
    ".qmd": (_faults_of_markdown, '`{{python}} fl.number("{}")`', prose),
}
SOURCES = tuple(_CHECKS)
"""Endings of manuscripts that take their numbers in when they are set."""
