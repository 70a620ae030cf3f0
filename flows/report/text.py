"""The text of a report: Markdown whose numbers, words, figures and tables come from findings."""

import difflib
import traceback
from collections.abc import Callable, Mapping
from typing import TypeVar

import jinja2
import jinja2.sandbox

from flows.errors import ReportError
from flows.findings import Findings, Number
from flows.report.exhibits import KINDS, figure_block, reference, table_block
from flows.report.printed import print_bounds, print_value, print_with_unit
from flows.report.traces import traces_section
from flows.report.typed import check_no_typed_numbers
from flows.tables import escape_markdown, quote_attribute

Item = TypeVar("Item")
_Exhibit = tuple[str, str]

_EXHIBITS = ("figref", "figure", "table", "tableref")
_CALLS = (
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


def render_markdown(text: str, findings: Findings, *, name: str = "text") -> str:
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
        ``{{ word("name") }}``
            a word;
        ``{{ figure("id") }}``, ``{{ table("id") }}``
            an exhibit, on a line of its own; numbered in the order of the text;
        ``{{ figref("id") }}``, ``{{ tableref("id") }}``
            a link to it, "Figure 2";
        ``{{ section("study.name") }}``
            the paragraphs that a section of a study wrote;
        ``{{ typed("G7", "a name") }}``
            digits that are no result, with the reason;
        ``{% if value("id") > value("other") %} ... {% endif %}``
            unrounded values, for conditions.
    findings : Findings
        What the text may name.
    name : str
        File of the text, for errors.

    Returns
    -------
    str
        Markdown for :func:`write_pdf` and :func:`write_html`.

    Raises
    ------
    ReportError
        If a number was typed by hand, a placeholder names what the findings do not hold or cannot
        be understood, or an exhibit is shown twice or referred to and never shown; with the line.

    Examples
    --------
    >>> share = Number("s", 67.7391, "%", "67.74", "Share.", "flows.share", {}, {})
    >>> markdown = render_markdown('{{ n("s", unit=True) }} of it.', Findings(numbers=(share,)))
    >>> markdown.splitlines()[0]
    '[67.74%]{.number data-id="s" title="Share."} of it.'
    """
    texts = {**findings.texts, name: text}
    for file, content in texts.items():
        check_no_typed_numbers(content, name=file)
    numbering = _Placeholders(findings, order=None)
    _fill(texts, numbering, name)
    placeholders = _Placeholders(findings, order=numbering.shown)
    filled = _fill(texts, placeholders, name)
    traces = traces_section(placeholders.printed.values())
    return f"{filled.rstrip()}\n\n{traces}".rstrip() + "\n"


class _Placeholders:
    """
    What a text may call, and what it has shown and printed so far.

    References run ahead of their exhibits, so a text is filled twice: first with ``order=None`` to
    number the exhibits, then with that order.
    """

    def __init__(self, findings: Findings, order: Mapping[_Exhibit, int] | None) -> None:
        self._numbers = {number.id: number for number in findings.numbers}
        self._figures = {figure.id: figure for figure in findings.figures}
        self._tables = {table.id: table for table in findings.tables}
        self.words = findings.words
        self._order = order
        self.shown: dict[_Exhibit, int] = {}
        self.printed: dict[str, Number] = {}

    def n(self, name: str, *, unit: bool = False) -> str:
        number = _find("number", name, self._numbers)
        return self._span(number, print_value(number), unit=unit)

    def bounds(self, name: str, *, unit: bool = False) -> str:
        number = _find("number", name, self._numbers)
        return self._span(number, print_bounds(number), unit=unit)

    def level(self, name: str) -> str:
        number = _find("number", name, self._numbers)
        if number.level is None:
            raise ReportError(f"number {name!r}: expected an interval with a level, found none")
        return f"{number.level * 100:g}%"

    def value(self, name: str) -> float:
        return _find("number", name, self._numbers).value

    def word(self, name: str) -> str:
        return escape_markdown(_find("word", name, self.words))

    def typed(self, text: str, reason: str) -> str:
        if not reason.strip():
            raise ReportError(f"typed({text!r}): expected a reason, found none")
        return text

    def figure(self, name: str) -> str:
        return figure_block(_find("figure", name, self._figures), self._show("fig", name))

    def table(self, name: str) -> str:
        return table_block(_find("table", name, self._tables), self._show("tbl", name))

    def figref(self, name: str) -> str:
        _find("figure", name, self._figures)
        return self._refer("fig", name)

    def tableref(self, name: str) -> str:
        _find("table", name, self._tables)
        return self._refer("tbl", name)

    def _span(self, number: Number, printed: str, *, unit: bool) -> str:
        self.printed.setdefault(number.id, number)
        if unit:
            printed = print_with_unit(printed, number.unit)
        title = quote_attribute(number.about)
        return f'[{escape_markdown(printed)}]{{.number data-id="{number.id}" title={title}}}'

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
        _find("section", wanted, {one: text for one, text in texts.items() if one != name})
        own = _OfStudy(placeholders, wanted.partition(".")[0])
        return environment.get_template(wanted).render(own.calls()).strip()

    environment = jinja2.sandbox.SandboxedEnvironment(
        loader=jinja2.FunctionLoader(lambda one: (texts[one], one, None)),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        comment_start_string="{##",  # "{#" starts the name of a heading in Pandoc's Markdown
        comment_end_string="##}",
    )
    environment.globals = {call: getattr(placeholders, call) for call in _CALLS}
    environment.globals["section"] = section
    try:
        return environment.get_template(name).render()
    except jinja2.TemplateSyntaxError as error:
        raise ReportError(
            f"{error.name}:{error.lineno}: expected Jinja2, found: {error}"
        ) from error
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
