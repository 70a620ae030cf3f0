"""What a result shows of itself: a few lines in a terminal, a small table in a notebook."""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from flows.renderers import find_renderer
from flows.safe_text import one_line

if TYPE_CHECKING:
    import pandas as pd

ItemT = TypeVar("ItemT", bound="Result")

Fact = tuple[str, str]
"""A label and what is printed beside it."""

_NBSP = "\N{NO-BREAK SPACE}"

_UNIT_PATTERNS = {
    "%": "{}%",
    "% a year": "{}% a year",
    "TIV": f"{{}}{_NBSP}million{_NBSP}TIV",
    "ratio": "{}",
    "count": "{}",
    "rank": f"rank{_NBSP}{{}}",
    "USD": f"USD{_NBSP}{{}}",
    "": "{}",
}
"""How a value and its unit are written together; any other unit follows the value."""

_MILLIONS = re.compile(r"(?!TIV)([A-Z]{3}) million")
"""Of a currency, whose code stands before the value."""

_WIDTH = 100
_MOST_FACTS = 5
_MOST_ROWS = 30
_MOST_LINES = 400
"""Characters of the numbers of lines that a notebook shows for a data set."""

_MILLION = 1e6
_DECIMALS = 3
_UNKNOWN = "not known"

_TABLE = (
    '<table class="flows-result"><caption style="text-align: left; font-weight: bold">{title}'
    "</caption><tbody>{rows}</tbody></table>{notes}{lines}"
)
_ROW = (
    '<tr><th scope="row" style="text-align: left; vertical-align: top">{label}</th>'
    '<td style="text-align: left">{printed}</td></tr>'
)
_DETAILS = "<details><summary>Lines of the raw files</summary><ul>{items}</ul></details>"

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

_DATE = re.compile(r"(?P<year>(?:19|20)\d\d)-(?P<month>0[1-9]|1[0-2])(?:-(?P<day>\d\d))?")


def print_with_unit(printed: str, unit: str) -> str:
    """
    Write a value and its unit together.

    >>> print_with_unit("412", "EUR million").replace("\N{NO-BREAK SPACE}", " ")
    'EUR 412 million'
    """
    if match := _MILLIONS.fullmatch(unit):
        return f"{match[1]}{_NBSP}{printed}{_NBSP}million"
    if unit in _UNIT_PATTERNS:
        return _UNIT_PATTERNS[unit].format(printed)
    return f"{printed}{_NBSP}{unit}"


def line_runs(lines: Iterable[int]) -> list[tuple[int, int]]:
    """
    Return the first and the last line of each run of lines that follow one another, in their order.

    >>> line_runs([2, 3, 4, 9])
    [(2, 4), (9, 9)]
    """
    runs: list[tuple[int, int]] = []
    for line in lines:
        if runs and line == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], line)
        else:
            runs.append((line, line))
    return runs


def print_lines(lines: Iterable[int]) -> str:
    """Return line numbers with runs drawn together."""
    return ", ".join(
        str(first) if first == last else f"{first}–{last}"
        for first, last in line_runs(sorted(set(lines)))
    )


def print_own(value: float) -> str:
    """Print a published figure, or a sum of such, with the decimals that it has, three at most."""
    from flows.canonical import print_value, shared_decimals  # noqa: PLC0415 - loads numpy

    if not math.isfinite(value):
        return _UNKNOWN
    return print_value(value, shared_decimals([value], most=_DECIMALS), exact=True)


def print_amount(value: float, unit: str) -> str:
    """
    Print a published amount, or a sum of such, with its unit; many dollars in million.

    >>> [print_amount(value, "USD").replace("\N{NO-BREAK SPACE}", " ") for value in (412e6, 950.0)]
    ['USD 412 million', 'USD 950']
    """
    if not math.isfinite(value):
        return _UNKNOWN
    if unit == "USD" and abs(value) >= _MILLION:
        return print_with_unit(print_own(value / _MILLION), "USD million")
    return print_with_unit(print_own(value), unit)


def print_estimate(value: float) -> str:
    """
    Print an estimate with four significant digits, or all that stand before the point.

    >>> [print_estimate(value) for value in (0.0123456, 12.3456, 123456.7)]
    ['0.01235', '12.35', '123,457']
    """
    from flows.canonical import print_value  # noqa: PLC0415 - loads numpy

    return print_value(value, decimals_of(value)) if math.isfinite(value) else _UNKNOWN


def decimals_of(value: float) -> int:
    """Return how many decimals leave four significant digits of a finite value."""
    place = 0 if value == 0 else math.floor(math.log10(abs(value)))
    return max(0, _DECIMALS - place)


def print_percent(share: float, *, digits: int = 2) -> str:
    """Print a share of 0 to 1 in percent."""
    from flows.canonical import print_value  # noqa: PLC0415 - loads numpy

    if not math.isfinite(share):
        return _UNKNOWN
    return print_with_unit(print_value(100 * share, digits), "%")


def print_between(low: str, high: str) -> str:
    """
    Print what cannot be excluded, or an interval, from its printed ends.

    >>> print_between("64.16%", "68.26%"), print_between("412", "not known")
    ('between 64.16% and 68.26%', 'at least 412')
    """
    if low == high:
        return low
    if _UNKNOWN in (low, high):
        return f"at most {high}" if low == _UNKNOWN else f"at least {low}"
    return f"between {low} and {high}"


def print_interval(value: float, low: float, high: float, *, level: float) -> str:
    """Print an estimate with its interval, if there is one."""
    ends = print_between(print_estimate(low), print_estimate(high))
    return _with_interval(print_estimate(value), ends, level)


def print_growth(value: float, low: float, high: float, *, level: float) -> str:
    """Print growth in percent a year with its interval, if there is one."""
    ends = print_between(print_percent(low / 100), print_percent(high / 100))
    return _with_interval(f"{print_percent(value / 100)} a year", ends, level)


def _with_interval(printed: str, ends: str, level: float) -> str:
    if ends == _UNKNOWN:
        return f"{printed}, without an interval"
    return f"{printed}, {ends} ({level:.0%} interval)"


def print_date(date: str) -> str:
    """
    Return a month or a day as a sentence has it, in English; what is neither stays as it is.

    >>> print_date("2025-03"), print_date("2024-11-06"), print_date("2019")
    ('March 2025', '6 November 2024', '2019')
    """
    match = _DATE.fullmatch(date)
    if match is None:
        return date
    day = f"{int(match['day'])} " if match["day"] else ""
    return f"{day}{MONTHS[int(match['month']) - 1]} {match['year']}"


def print_count(number: int, noun: str) -> str:
    """
    Print how many there are.

    >>> print_count(1, "row"), print_count(1029, "row")
    ('1 row', '1,029 rows')
    """
    from flows.canonical import print_value  # noqa: PLC0415 - loads numpy

    return f"{print_value(number, 0)} {noun}{'' if number == 1 else 's'}"


@dataclass(frozen=True, slots=True)
class Card:
    """
    The essentials of a result as printed.

    ``title``: what it is about; ``facts``: up to five, for every reader; ``more``: further facts,
    for who has room, such as one a partner; ``notes``: sentences on what it does not say; ``rows``:
    lines of the raw files behind it.
    """

    title: str
    facts: tuple[Fact, ...] = ()
    more: tuple[Fact, ...] = ()
    notes: tuple[str, ...] = ()
    rows: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def brief(self, name: str) -> str:
        """Return what a terminal shows: one line a fact, none longer than a screen is wide."""
        return "\n".join(_cut(line) for line in self._lines(f"{name}: {self.title}", self.facts))

    def text(self) -> str:
        """Return everything but the lines of the raw files, uncut."""
        return "\n".join(
            [*self._lines(self.title, (*self.facts, *self.more)), *map(one_line, self.notes)]
        )

    def html(self, name: str) -> str:
        """Return a table for a notebook: every text is data and escaped, nothing is fetched."""
        further = len(self.more) - _MOST_ROWS
        facts = (*self.facts, *self.more[:_MOST_ROWS])
        if further > 0:
            facts = (*facts, ("", f"and {further} more"))
        return _TABLE.format(
            title=_escaped(f"{name}: {self.title}"),
            rows="".join(
                _ROW.format(label=_escaped(label), printed=_escaped(printed))
                for label, printed in facts
            ),
            notes="".join(f"<p>{_escaped(note)}</p>" for note in self.notes),
            lines=_DETAILS.format(items="".join(self._items())) if self.rows else "",
        )

    def _items(self) -> Iterable[str]:
        for dataset, lines in self.rows.items():
            printed = print_lines(lines)
            if len(printed) > _MOST_LINES:
                printed = f"{printed[:_MOST_LINES].rpartition(',')[0]} and further ones"
            yield f"<li>{_escaped(dataset)}: {printed}</li>"

    @staticmethod
    def _lines(title: str, facts: Iterable[Fact]) -> list[str]:
        plain = [(one_line(label), one_line(printed)) for label, printed in facts]
        width = max((len(label) for label, _ in plain), default=0)
        return [one_line(title), *(f"  {label:<{width}}  {printed}" for label, printed in plain)]


class Result:
    """
    What every result has: a short ``repr``, a table in a notebook, a text, a frame, and files.

    A class says what its card holds; it prints nothing itself.
    """

    __slots__ = ()

    in_lists: ClassVar[bool] = False
    """Whether it mostly stands in a list of its kind, where one line is enough."""

    natural_table: ClassVar[str] = ""
    """The attribute that is its table; without one a row is made of what is text or a number."""

    def _card(self) -> Card:
        """Return the essentials."""
        raise NotImplementedError

    def __repr__(self) -> str:
        card = self._card()
        if self.in_lists:
            card = Card(card.title)
        return card.brief(type(self).__name__)

    def _repr_html_(self) -> str:
        """Return what a notebook shows."""
        return self._card().html(type(self).__name__)

    def summary(self) -> str:
        """
        Return the essentials as text.

        Returns
        -------
        str
            One line a fact, without date or time.
        """
        return self._card().text()

    def tidy(self) -> "pd.DataFrame":
        """
        Return the result as a frame.

        Returns
        -------
        pandas.DataFrame
            A copy of the table that it holds; without one, a row with its texts and numbers, those
            of a list joined by commas.
        """
        import pandas as pd  # noqa: PLC0415 - the command line lists data sets without it

        if self.natural_table:
            frame: pd.DataFrame = getattr(self, self.natural_table)
            return frame.copy()
        return pd.DataFrame([dict(_plain_fields(self))])

    def to_latex(self) -> str:
        """
        Return its table as LaTeX, as the report has its own.

        Returns
        -------
        str
            A float with caption, label and note; needs the package booktabs.
        """
        return str(find_renderer("latex")(self))

    def to_html(self) -> str:
        """
        Return its table as an HTML page, as the report has its own.

        Returns
        -------
        str
            Complete and without scripts; every text is escaped.
        """
        return str(find_renderer("html")(self))

    def to_typst(self) -> str:
        """
        Return its table as Typst, as the report has its own.

        Returns
        -------
        str
            A figure with caption and note.
        """
        return str(find_renderer("typst")(self))

    def to_docx(self, path: Path | str) -> None:
        """
        Write its table for a word processor, as the report has its own.

        Parameters
        ----------
        path : pathlib.Path or str
            A file ``.docx``; one that is there is replaced, and stays as it is if this fails.

        Raises
        ------
        ReportError
            If the name ends otherwise.
        OSError
            If the file cannot be written.
        """
        find_renderer("docx")(self, Path(path))

    def to_excel(self, path: Path | str) -> None:
        """
        Write its table as a workbook: numbers as numbers, not rounded; what they are beside it.

        Parameters
        ----------
        path : pathlib.Path or str
            A file ``.xlsx``; one that is there is replaced, and stays as it is if this fails.

        Raises
        ------
        ReportError
            If the name ends otherwise, or the package XlsxWriter is not installed.
        OSError
            If the file cannot be written.
        """
        find_renderer("excel")(self, Path(path))


@dataclass(frozen=True, slots=True)
class DrawingCall:
    """
    What a drawing of :mod:`flows.figures` is asked for.

    ``draw``: its name; ``data``: all that is drawn; ``options``: its other arguments.
    """

    draw: str
    data: "pd.DataFrame"
    options: Mapping[str, Any]


class Listed(Result, list[ItemT]):
    """Results of one kind in a list: a line for each of the first, all of them in a notebook."""

    __slots__ = ()

    noun: ClassVar[str]
    """What one of them is called."""

    def tidy(self) -> "pd.DataFrame":
        """
        Return one row an item.

        Returns
        -------
        pandas.DataFrame
            Its texts and numbers.
        """
        return tidy_rows(self)

    def _card(self) -> Card:
        titles = [item._card().title.partition(", ") for item in self]  # noqa: SLF001 - its parts
        lines = tuple((name, about) for name, _, about in titles)
        return Card(
            title=print_count(len(lines), self.noun),
            facts=lines[:_MOST_FACTS],
            more=lines[_MOST_FACTS:],
        )


class Drawn(Result):
    """A result of which the report has a figure."""

    __slots__ = ()

    def drawing(self) -> DrawingCall:
        """
        Return what the figure shows.

        Returns
        -------
        DrawingCall
            Name of the drawing, data, options.
        """
        raise NotImplementedError

    def plot(self, ax: Any = None) -> Any:
        """
        Draw the figure that the report has of such a result.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default in a new figure of the report's size.

        Returns
        -------
        matplotlib.figure.Figure
            That of the axes; a notebook shows it.

        Raises
        ------
        SchemaError, ValueError
            If the result cannot be drawn: nothing is positive on a logarithmic axis, or the years
            of its index are numbers, which are no dates.
        """
        return find_renderer("figure")(self.drawing(), ax)


def tidy_rows(results: Iterable[Result]) -> "pd.DataFrame":
    """Return the frames of several results below each other; an empty one of none."""
    import pandas as pd  # noqa: PLC0415 - as above

    frames = [result.tidy() for result in results]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def _plain_fields(result: Any) -> Iterator[tuple[str, object]]:
    for place in fields(result):
        value = getattr(result, place.name)
        if isinstance(value, str | int | float | date | None):
            yield place.name, value
        elif isinstance(value, tuple) and all(
            isinstance(part, str | int | float) for part in value
        ):
            yield place.name, ", ".join(map(str, value))


def _escaped(text: str) -> str:
    return escape(one_line(text))


def _cut(line: str) -> str:
    return line if len(line) <= _WIDTH else f"{line[: _WIDTH - 1]}…"
