"""What a study hands to the report: numbers, words, tables and figures, each with its origin."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Self, TypeVar

import numpy as np
import pandas as pd

from flows.canonical import MINUS, canonical
from flows.errors import ReportError, unknown_name
from flows.renderers import find_renderer
from flows.results import Card, DrawingCall, Drawn, Result, print_count, print_with_unit
from flows.table import Rows

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]

Form = Literal["n", "bounds", "between", "level"]
"""How a text asks for a number: its value, its ends in two ways, the level of its interval."""

_DECIMAL = re.compile(rf"[-+{MINUS}]?(?:\d+|\d{{1,3}}(?:,\d{{3}})+)(?:\.(\d+))?")


@dataclass(frozen=True, slots=True, repr=False)
class Number(Result):
    """
    One number of the report and everything that a reader needs to follow it back.

    Parameters
    ----------
    id : str
        Name in the text, ``study.what.detail``; stays the same when parameters change.
    value : float
        In ``unit``; kept, like ``low`` and ``high``, in its canonical form.
    unit : str
        ``"%"``, ``"TIV"`` (million), ``"USD million"``, ``"% a year"``, ``"ratio"``, ``"count"``.
    printed : str
        The value as the text prints it, without the unit.
    about : str
        What it is, in one sentence.
    code : tuple of str
        Statements of Python that give ``value``, and ``low, high`` where there are any, not
        rounded.
    rows : Mapping
        Lines of raw files that went in, by data set; see :data:`~flows.table.Rows`.
    low, high : float, optional
        Bounds or interval, in ``unit``; ``None`` where there is none.
    spread : {"bounds", "interval"}, optional
        Which of the two ``low`` and ``high`` are.
    level : float, optional
        Coverage of the interval, 0.95; only with ``spread="interval"``.
    exact : bool
        The value is a published figure, or a sum or difference of such: no digit of it is lost.

    Raises
    ------
    ReportError
        If ``low``, ``high``, ``spread`` and ``level`` do not fit together.
    """

    in_lists = True

    id: str
    value: float
    unit: str
    printed: str
    about: str
    code: tuple[str, ...]
    rows: Rows
    low: float | None = None
    high: float | None = None
    spread: Literal["bounds", "interval"] | None = None
    level: float | None = None
    exact: bool = False

    def __post_init__(self) -> None:
        for name in ("value", "low", "high"):
            if (value := getattr(self, name)) is not None:
                object.__setattr__(self, name, canonical(value, exact=self.exact))
        ends = self.low is not None or self.high is not None
        if ends != (self.spread is not None) or (self.spread == "interval") != (
            self.level is not None
        ):
            raise ReportError(
                f"number {self.id}: expected low or high with a spread, and a level with an "
                f"interval only, found low {self.low}, high {self.high}, spread {self.spread}, "
                f"level {self.level}"
            )

    def __str__(self) -> str:
        return print_with_unit(print_value(self), self.unit)

    def __format__(self, form: str) -> str:
        """Print as a text asks for it: with its unit, as "n", "bounds", "between", "level"."""
        match form:
            case "":
                return str(self)
            case "n" | "bounds" | "between" | "level":
                return print_number(self, form, unit=form == "between")
        return format(self.value, form)

    def _repr_markdown_(self) -> str:
        """Return what a text shows that takes a result in: the number with its unit."""
        return str(self)

    def _card(self) -> Card:
        printed = print_with_unit(print_value(self), self.unit)
        ends = self.spread and print_spread(self)
        level = "" if self.level is None else f"{self.level:.0%} "
        return Card(
            title=f"{self.id}, {printed}",
            facts=(
                ("about", self.about),
                *(((f"{level}{self.spread}", ends),) if ends else ()),
                ("trace", f"flows trace {self.id}"),
            ),
            rows=self.rows,
        )


class Numbers(Result, dict[str, Number]):
    """The numbers of a report by their ids: a dictionary of :class:`~flows.findings.Number`."""

    __slots__ = ()

    def tidy(self) -> pd.DataFrame:
        """
        Return the numbers as a table.

        Returns
        -------
        pandas.DataFrame
            One row a number: ``id``, ``value``, ``low``, ``high``, ``spread``, ``level``, ``unit``,
            ``printed``, ``about``.
        """
        columns = ("id", "value", "low", "high", "spread", "level", "unit", "printed", "about")
        return pd.DataFrame(
            [{name: getattr(number, name) for name in columns} for number in self.values()],
            columns=columns,
        )

    def _card(self) -> Card:
        studies = Counter(name.partition(".")[0] for name in self)
        return Card(
            title=print_count(len(self), "number"),
            facts=tuple(
                (study, print_count(many, "number")) for study, many in studies.most_common(5)
            ),
            more=tuple(
                (number.id, print_with_unit(print_value(number), number.unit))
                for number in self.values()
            ),
        )


@dataclass(frozen=True, slots=True, repr=False)
class Table(Result):
    """
    One table of the report: raw values, and how each column is printed.

    Parameters
    ----------
    id : str
        File name without ending, ``"shares"``.
    frame : pandas.DataFrame
        Values, kept in their canonical form; the CSV holds them as they are. One row is one row of
        the table.
    labels : Mapping
        Column name to printed heading; columns that are not named here are not printed.
    formats : Mapping
        Column name to a format specification (``".1f"``); text columns need none. A missing value
        prints as an empty cell.
    caption, note : str
        Above and below the table; the note says source, vintage and conventions. Markdown.
    rows : Mapping
        Lines of raw files that went in; see :data:`~flows.table.Rows`.
    exact : tuple of str
        Columns of published figures, or of sums and differences of such.
    """

    natural_table = "frame"

    in_lists = True

    id: str
    frame: pd.DataFrame
    labels: Mapping[str, str]
    formats: Mapping[str, str]
    caption: str
    note: str
    rows: Rows
    exact: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "frame", canonical_frame(self.frame, exact=self.exact))

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the table as the report prints it."""
        return str(find_renderer("html-part")(self))

    def _card(self) -> Card:
        rows, columns = len(self.frame), len(self.labels)
        return Card(
            title=self.id,
            facts=(
                ("caption", self.caption),
                ("size", f"{print_count(rows, 'row')}, {print_count(columns, 'column')}"),
                ("columns", ", ".join(self.labels.values())),
            ),
            notes=(self.note,),
            rows=self.rows,
        )


@dataclass(frozen=True, slots=True, repr=False)
class Figure(Drawn):
    """
    One figure of the report: the data it shows, and the name of the function that draws it.

    Parameters
    ----------
    id : str
        File name without ending, ``"arms-by-supplier"``.
    draw : str
        Name of a function in ``flows.figures``: ``draw(ax, data, **options)``.
    data : pandas.DataFrame
        All that is drawn, in the units of the axes and in canonical form; kept beside the figure
        as CSV.
    options : Mapping
        Keyword arguments of the drawing function, as JSON can hold them.
    caption : str
        What the figure shows, Markdown.
    source : str
        Source and vintage, printed under the figure.
    rows : Mapping
        Lines of raw files that went in; see :data:`~flows.table.Rows`.
    exact : tuple of str
        Columns of published figures, or of sums and differences of such.
    """

    natural_table = "data"

    in_lists = True

    id: str
    draw: str
    data: pd.DataFrame
    options: Mapping[str, Json]
    caption: str
    source: str
    rows: Rows
    exact: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "data", canonical_frame(self.data, exact=self.exact))
        options = {name: _canonical_option(value) for name, value in self.options.items()}
        object.__setattr__(self, "options", options)

    def drawing(self) -> DrawingCall:
        """
        Return what it shows, without its source.

        Returns
        -------
        DrawingCall
            Name of the drawing, data, options.
        """
        return DrawingCall(self.draw, self.data, self.options)

    def _card(self) -> Card:
        return Card(
            title=self.id,
            facts=(
                ("caption", self.caption),
                ("drawn by", f"{self.draw}, {print_count(len(self.data), 'row')}"),
                ("source", self.source),
            ),
            rows=self.rows,
        )


@dataclass(frozen=True, slots=True, repr=False)
class Findings(Result):
    """
    All that a study found.

    Parameters
    ----------
    numbers, tables, figures : tuple
        See :class:`Number`, :class:`Table`, :class:`Figure`; ids are unique within each.
    words : Mapping
        Named words for the text that follow from parameters or data: a country's name, a window.
    texts : Mapping
        Paragraphs by ``study.section``: Markdown whose placeholders name what the study found
        without the study's name in front.

    Raises
    ------
    ReportError
        If two numbers, tables or figures have the same id.
    """

    numbers: tuple[Number, ...] = ()
    tables: tuple[Table, ...] = ()
    figures: tuple[Figure, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for kind in ("numbers", "tables", "figures"):
            _check_unique(kind, [item.id for item in getattr(self, kind)])

    @classmethod
    def union(cls, several: Iterable[Self]) -> Self:
        """
        Return the findings of several studies as one.

        Parameters
        ----------
        several : iterable of Findings
            In the order of the report.

        Returns
        -------
        Findings
            Everything in that order.

        Raises
        ------
        ReportError
            If an id or a word stands in two of them.
        """
        several = list(several)
        for kind in ("words", "texts"):
            _check_unique(kind, [name for findings in several for name in getattr(findings, kind)])
        return cls(
            numbers=tuple(number for findings in several for number in findings.numbers),
            tables=tuple(table for findings in several for table in findings.tables),
            figures=tuple(figure for findings in several for figure in findings.figures),
            words={key: word for findings in several for key, word in findings.words.items()},
            texts={key: text for findings in several for key, text in findings.texts.items()},
        )

    def number(self, name: str) -> Number:
        """
        Return a number.

        Parameters
        ----------
        name : str
            Its id, such as ``"arms.share.main"``.

        Returns
        -------
        Number

        Raises
        ------
        UnknownNameError
            If there is none of that id; the message has the nearest.
        """
        return _of_id("number", name, self.numbers)

    def table(self, name: str) -> Table:
        """
        Return a table.

        Parameters
        ----------
        name : str
            Its id, such as ``"arms-shares"``.

        Returns
        -------
        Table

        Raises
        ------
        UnknownNameError
            If there is none of that id; the message has the nearest.
        """
        return _of_id("table", name, self.tables)

    def figure(self, name: str) -> Figure:
        """
        Return a figure; ``.plot()`` draws it.

        Parameters
        ----------
        name : str
            Its id, such as ``"arms-deals"``.

        Returns
        -------
        Figure

        Raises
        ------
        UnknownNameError
            If there is none of that id; the message has the nearest.
        """
        return _of_id("figure", name, self.figures)

    def tidy(self) -> pd.DataFrame:
        """
        Return the numbers as a table.

        Returns
        -------
        pandas.DataFrame
            As :meth:`Numbers.tidy`.
        """
        return Numbers((number.id, number) for number in self.numbers).tidy()

    def _card(self) -> Card:
        kinds = (("tables", self.tables), ("figures", self.figures))
        names = {number.id.partition(".")[0]: None for number in self.numbers}
        return Card(
            title=", ".join(names) or "nothing",
            facts=(
                ("numbers", str(len(self.numbers))),
                *(
                    (kind, f"{len(items)}: {', '.join(item.id for item in items)}".rstrip(": "))
                    for kind, items in kinds
                ),
                ("texts", f"{len(self.texts)}, {print_count(len(self.words), 'word')}"),
            ),
            more=tuple(
                (number.id, print_with_unit(print_value(number), number.unit))
                for number in self.numbers
            ),
        )


def print_value(number: Number) -> str:
    """Print a number without its unit."""
    return number.printed.replace("-", MINUS, 1) if number.printed[:1] == "-" else number.printed


def print_alike(number: Number, value: float) -> str:
    """Print another value with the decimals and thousands of a number's printed form."""
    match = _DECIMAL.fullmatch(number.printed)
    if match is None:
        raise ReportError(
            f"number {number.id!r}: expected a decimal number as its printed form, so that its "
            f"bounds can be printed alike; found {number.printed!r}"
        )
    grouping = "," if "," in number.printed else ""
    decimals = len(match[1] or "")
    return f"{value:z{grouping}.{decimals}f}".replace("-", MINUS)


def print_bounds(number: Number) -> str:
    """Print what lies between low and high, both named: "64.16 to 68.26"."""
    low, high = _printed_ends(number)
    if low is None or high is None:
        return _one_sided(low, high, "")
    return f"{low} to {high}"


def print_spread(number: Number, *, unit: bool = True) -> str:
    """
    Print bounds or an interval in a sentence, with its unit.

    >>> share = Number("s", 67.74, "%", "67.74", "", (), {}, 64.16, 68.26, "bounds")
    >>> print_spread(share)
    'between 64.16 and 68.26%'
    """
    low, high = _printed_ends(number)
    of = number.unit if unit else ""
    if low is None or high is None:
        return _one_sided(low, high, of)
    if low == high:
        return print_with_unit(low, of)
    return f"between {print_with_unit(f'{low} and {high}', of)}"


def print_number(number: Number, form: Form = "n", *, unit: bool = False) -> str:
    """Print what a text asks of a number: the same in every format."""
    if form == "between":
        return print_spread(number, unit=unit)
    if form == "level":
        if number.level is None:
            raise ReportError(
                f"number {number.id!r}: expected an interval with a level, found none"
            )
        return f"{number.level * 100:g}%"
    if form == "bounds" and unit and None in (number.low, number.high):
        return print_spread(number)
    printed = print_value(number) if form == "n" else print_bounds(number)
    return print_with_unit(printed, number.unit) if unit else printed


def _printed_ends(number: Number) -> tuple[str | None, str | None]:
    if number.low is None and number.high is None:
        raise ReportError(f"number {number.id!r}: expected a low or a high, found neither")
    low, high = (
        None if end is None else print_alike(number, end) for end in (number.low, number.high)
    )
    return low, high


def _one_sided(low: str | None, high: str | None, unit: str) -> str:
    if low is None:
        return f"at most {print_with_unit(str(high), unit)}"
    return f"at least {print_with_unit(low, unit)}"


def canonical_frame(frame: pd.DataFrame, *, exact: Collection[str] = ()) -> pd.DataFrame:
    """Return a copy of a frame whose floats are canonical; ``exact`` names published columns."""
    made = frame.copy()
    for place, name in enumerate(made):
        column = made.iloc[:, place]
        if pd.api.types.is_float_dtype(column.dtype):
            cells = [canonical(cell, exact=name in exact) for cell in column]
            made.isetitem(place, np.array(cells, dtype=np.float64))
        elif column.dtype == object:
            made.isetitem(place, column.map(_cell).astype(object).to_numpy())
    return made


def _cell(cell: object) -> object:
    return canonical(cell) if isinstance(cell, float) else cell


def _canonical_option(value: Json) -> Json:
    if isinstance(value, dict):
        return {name: _canonical_option(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_canonical_option(one) for one in value]
    return canonical(value) if isinstance(value, float) else value


_Item = TypeVar("_Item", Number, Table, Figure)


def _of_id(kind: str, name: str, items: tuple[_Item, ...]) -> _Item:
    by_id = {item.id: item for item in items}
    if name not in by_id:
        raise unknown_name(kind, name, by_id)
    return by_id[name]


def _check_unique(kind: str, ids: list[str]) -> None:
    twice = sorted({name for name in ids if ids.count(name) > 1})
    if twice:
        raise ReportError(f"{kind}: expected each id once, found twice: {', '.join(twice)}")
