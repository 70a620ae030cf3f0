"""The text of a report: Markdown whose numbers, words, figures and tables come from findings."""

import difflib
import re
import traceback
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import jinja2

from flows.errors import ReportError
from flows.findings import (
    Figure,
    Findings,
    Form,
    Number,
    Table,
    print_number,
)
from flows.report.evidence import evidence_section
from flows.report.grammar import GrammarError, TextEnvironment
from flows.report.markup import FRONT_MATTER_BLOCK
from flows.tables.formats import escape_markdown, quote_attribute, table_markdown

Item = TypeVar("Item")
_Exhibit = tuple[str, str]

_EXHIBITS = ("figref", "figure", "table", "tableref")
_CALLS = (
    "between",
    "bounds",
    "figref",
    "figure",
    "level",
    "n",
    "table",
    "tableref",
    "typed",
    "value",
    "word",
)

KINDS = {"fig": "Figure", "tbl": "Table"}

_NBSP = "\N{NO-BREAK SPACE}"

_FACTS = re.compile(
    r"^(?:address|date|deposit|doi|licence|version):.*(?:\n[ ]+.*)*|\borcid:.*", re.MULTILINE
)
"""What a front matter states of the appendix and no data could give."""

_NOT_PROSE = re.compile(
    r"""
      \{\{.*?\}\} | \{%.*?%\} | <!--.*?-->          # placeholders, conditions, comments
    | ^(?P<fence>```+|~~~+).*?^(?P=fence)           # code in blocks
    | (?P<ticks>`+)(?:(?!\n\n).)*?(?P=ticks)        # code in a paragraph
    | \[(?:(?!\n\n)[^\]])*@[^\]]*\]                # citations with their locators
    | (?<!\w)@[\w:.-]+ | \[\^[^\]\s]*\]            # their keys, and names of footnotes
    | \]\([^)\s]*\) | <?https?://[^\s>]+>?          # addresses
    | (?<=\])\{[^}\n]*\} | \{[\#.][^}\n]*\}         # attributes, which are not printed
    | ^\#+[ ]+\d+(?:\.\d+)*\.?(?=[ ])               # numbering of headings
    | ^[ ]*\d{1,2}[.)](?=[ ])                        # numbering of lists
    """,
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)


def render_markdown(
    text: str, findings: Findings, *, name: str = "text", citations: Sequence[str] = ()
) -> str:
    r"""
    Fill the placeholders of a report's text.

    Parameters
    ----------
    text : str
        Pandoc's Markdown, front matter and citations included, with Jinja2 placeholders:

        ``{{ n("id") }}``, ``{{ n("id", unit=True) }}``
            a number as printed, and with its unit;
        ``{{ bounds("id") }}``, ``{{ bounds("id", unit=True) }}``, ``{{ level("id") }}``
            its low and high, "64.16 to 68.26", and the coverage of an interval, "95%";
        ``{{ between("id") }}``, ``{{ between("id", unit=True) }}``
            the same in a sentence, "between 64.16 and 68.26";
        ``{{ word("name") }}``
            a word;
        ``{{ figure("id") }}``, ``{{ table("id") }}``
            an exhibit, on a line of its own; numbered in the order of the text;
        ``{{ figref("id") }}``, ``{{ tableref("id") }}``
            a link to it, "Figure 2";
        ``{{ section("study.name") }}``
            the paragraphs that a section of a study wrote;
        ``{{ citations() }}``
            the references of all data sets that the report uses;
        ``{{ typed("G7", "a name") }}``
            digits that are no result, with the reason;
        ``{% if value("id") > value("other") %} ... {% endif %}``
            values as numbers, for conditions.

        Of Jinja2 no more than :mod:`flows.report.grammar` lets through; ``docs/texts.md`` lists it.
    findings : Findings
        What the text may name.
    name : str
        File of the text, for errors.
    citations : sequence of str
        References of the data sets, one each.

    Returns
    -------
    str
        Markdown for :func:`flows.report.render.write_pdf` and ``write_html``.

    Raises
    ------
    ReportError
        If a number was typed by hand, a placeholder names what the findings do not hold or cannot
        be understood, or an exhibit is shown twice or referred to and never shown; with the line.
    """
    texts = {**findings.texts, name: text}
    for file, content in texts.items():
        check_no_typed_numbers(content, name=file)
    numbering = _Placeholders(findings, order=None, citations=citations)
    _fill(texts, numbering, name)
    placeholders = _Placeholders(findings, order=numbering.shown, citations=citations)
    filled = _fill(texts, placeholders, name)
    traces = evidence_section(placeholders.printed.values())
    return f"{filled.rstrip()}\n\n{traces}".rstrip() + "\n"


class _Placeholders:
    """
    What a text may call, and what it has shown and printed so far.

    References run ahead of their exhibits, so a text is filled twice: first with ``order=None`` to
    number the exhibits, then with that order.
    """

    def __init__(
        self,
        findings: Findings,
        order: Mapping[_Exhibit, int] | None,
        citations: Sequence[str],
    ) -> None:
        self._citations = citations
        self._numbers = {number.id: number for number in findings.numbers}
        self._figures = {figure.id: figure for figure in findings.figures}
        self._tables = {table.id: table for table in findings.tables}
        self.words = findings.words
        self._order = order
        self.shown: dict[_Exhibit, int] = {}
        self.printed: dict[str, Number] = {}

    def n(self, name: str, *, unit: bool = False) -> str:
        return self._span(name, "n", unit=unit)

    def bounds(self, name: str, *, unit: bool = False) -> str:
        return self._span(name, "bounds", unit=unit)

    def between(self, name: str, *, unit: bool = False) -> str:
        return self._span(name, "between", unit=unit)

    def level(self, name: str) -> str:
        return print_number(_find("number", name, self._numbers), "level")

    def value(self, name: str) -> float:
        return _find("number", name, self._numbers).value

    def word(self, name: str) -> str:
        return escape_markdown(_find("word", name, self.words))

    def typed(self, text: str, reason: str) -> str:
        if not reason.strip():
            raise ReportError(f"typed({text!r}): expected a reason, found none")
        return text

    def citations(self) -> str:
        paragraphs = "\n\n".join(map(_unchanged, self._citations))
        return _div("references", paragraphs)

    def figure(self, name: str) -> str:
        return _figure_block(_find("figure", name, self._figures), self._show("fig", name))

    def table(self, name: str) -> str:
        return _table_block(_find("table", name, self._tables), self._show("tbl", name))

    def figref(self, name: str) -> str:
        _find("figure", name, self._figures)
        return self._refer("fig", name)

    def tableref(self, name: str) -> str:
        _find("table", name, self._tables)
        return self._refer("tbl", name)

    def _span(self, name: str, form: Form, *, unit: bool) -> str:
        number = _find("number", name, self._numbers)
        self.printed.setdefault(number.id, number)
        printed = escape_markdown(print_number(number, form, unit=unit))
        title = quote_attribute(number.about)
        return f'[{printed}]{{.number data-id="{number.id}" title={title}}}'

    def _show(self, kind: str, name: str) -> int:
        if (kind, name) in self.shown:
            raise ReportError(f"expected {KINDS[kind].lower()} {name!r} once, found it twice")
        number = 1 + sum(shown == kind for shown, _ in self.shown)
        self.shown[kind, name] = number
        return number

    def _refer(self, kind: str, name: str) -> str:
        if self._order is None:
            return ""
        if (kind, name) not in self._order:
            raise ReportError(
                f"expected {KINDS[kind].lower()} {name!r} in the text, found only a reference to it"
            )
        return reference(kind, name, self._order[kind, name])


class _OfStudy:
    """
    What a section's text may call: the same, with the study's name put before every id.

    ``of="arms"`` names another study; ``of=study("other")`` the one whose name is a word of this.
    """

    def __init__(self, placeholders: _Placeholders, study: str) -> None:
        self._placeholders, self._study = placeholders, study

    def calls(self) -> dict[str, Callable[..., object]]:
        joined = {call: "-" if call in _EXHIBITS else "." for call in _CALLS if call != "typed"}
        named = {call: self._named(call, between) for call, between in joined.items()}
        return {**named, "study": self._other}

    def _other(self, name: str) -> str:
        """Return a word as it is: one that is printed is escaped, and names no study."""
        return _find("word", f"{self._study}.{name}", self._placeholders.words)

    def _named(self, call: str, between: str) -> Callable[..., object]:
        def named(name: str, *, of: str = self._study, **options: bool) -> object:
            return getattr(self._placeholders, call)(f"{of}{between}{name}", **options)

        return named


def _fill(texts: Mapping[str, str], placeholders: _Placeholders, name: str) -> str:
    def section(wanted: str) -> str:
        _find("section", wanted, {key: text for key, text in texts.items() if key != name})
        own = _OfStudy(placeholders, wanted.partition(".")[0])
        return environment.fill(wanted, own.calls()).strip()

    calls = {call: getattr(placeholders, call) for call in (*_CALLS, "citations")}
    environment = TextEnvironment(texts, {**calls, "section": section})
    try:
        return environment.fill(name)
    except GrammarError as error:
        raise ReportError(f"{error.name}:{error.lineno}: {error.message}") from error
    except jinja2.TemplateSyntaxError as error:
        raise ReportError(
            f"{error.name}:{error.lineno}: expected Jinja2, found: {error}"
        ) from error
    except RecursionError as error:
        raise ReportError(f"{name}: expected a text that ends, found one too deep") from error
    except (ReportError, jinja2.TemplateRuntimeError, ArithmeticError, TypeError) as error:
        raise ReportError(f"{_place(error, texts)}: {error}") from error


def _place(error: Exception, texts: Mapping[str, str]) -> str:
    """Return text and line: Jinja2 enters its texts as files into the traceback."""
    frames = traceback.extract_tb(error.__traceback__)
    frame = next(frame for frame in reversed(frames) if frame.filename in texts)
    return f"{frame.filename}:{frame.lineno}"


def _find(kind: str, name: str, items: Mapping[str, Item]) -> Item:
    if name in items:
        return items[name]
    near = difflib.get_close_matches(name, items, n=3, cutoff=0.4)
    hint = f"; nearest: {', '.join(near)}" if near else ""
    raise ReportError(f"expected the id of a {kind}, found {name!r}{hint}")


def reference(kind: str, name: str, number: int) -> str:
    """Return a link to a figure or table of the text."""
    return f"[{KINDS[kind]}{_NBSP}{number}](#{kind}-{name})"


def _figure_block(figure: Figure, number: int) -> str:
    """Return a figure with its number and caption below it."""
    from flows.figures.save import alt_text  # noqa: PLC0415 - loads matplotlib

    alt = quote_attribute(alt_text(figure))
    image = f"![](figures/{figure.id}.svg){{.inline-svg alt={alt}}}"
    caption = _div("caption", f"{_label('fig', number)} {figure.caption}")
    return _exhibit(f"{{#fig-{figure.id} .exhibit .figure}}", f"{image}\n\n{caption}")


def _table_block(table: Table, number: int) -> str:
    """Return a table with its number and caption above and its note below."""
    caption = _div("caption", f"{_label('tbl', number)} {table.caption}")
    note = _div("note", table.note)
    parts = f"{caption}\n\n{table_markdown(table)}\n\n{note}"
    return _exhibit(f"{{#tbl-{table.id} .exhibit .table}}", parts)


def _exhibit(attributes: str, content: str) -> str:
    """Return a block of its own, also where a condition took the blank line before it."""
    return f"\n{_div(attributes, content)}\n"


def _div(attributes: str, content: str) -> str:
    return f"::: {attributes}\n{content}\n:::"


def _unchanged(text: str) -> str:
    """Return plain text whose quotation marks, dashes and dots stay as they are."""
    return re.sub(r"['\".-]", r"\\\g<0>", escape_markdown(text))


def _label(kind: str, number: int) -> str:
    return f"[{KINDS[kind]}{_NBSP}{number}.]{{.label}}"


def check_no_typed_numbers(text: str, *, name: str = "text") -> str:
    """Check that no number of a report's text was typed by hand."""
    faults = [
        f"{name}:{number}: expected a placeholder such as {{{{ n(...) }}}} or {{{{ word(...) }}}}, "
        f"found a typed number in {line.strip()!r}"
        for number, (line, checked) in enumerate(
            zip(text.split("\n"), prose(text).split("\n"), strict=True), start=1
        )
        if any(unicodedata.category(character).startswith("N") for character in checked)
    ]
    if faults:
        raise ReportError("\n".join(faults))
    return text


def prose(text: str) -> str:
    """Return a text, line by line, without placeholders, code, citations and stated facts."""
    front = FRONT_MATTER_BLOCK.match(text)
    end = front.end() if front else 0
    return _NOT_PROSE.sub(_blank, _FACTS.sub(_blank, text[:end]) + text[end:])


def _blank(match: re.Match[str]) -> str:
    """Return the lines of what was matched, empty."""
    return "\n" * match[0].count("\n")
