"""What all figures share: column, colours, type, the width of text, and checks of the data."""

import io
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Literal

import matplotlib.style
import pandas as pd
from matplotlib import get_data_path
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath

from flows.canonical import MINUS
from flows.errors import SchemaError
from flows.safe_text import show_controls

Width = Literal["single", "double"]

_WIDTHS_MM: dict[Width, float] = {"single": 90.0, "double": 180.0}
"""One and two columns of a journal."""

_MM_PER_INCH = 25.4
_POINTS_PER_INCH = 72.0

_AMPLE_INCHES = 30.0
"""Higher than any legend: one that hangs out of the axes would disturb the layout."""

INK = "#222222"
GREY = "#666666"
LIGHT = "#dddddd"
PALE = "#c4c4c4"

ACCENT = "#d55e00"

FILLS = (
    *("#56b4e9", "#0072b2", "#e69f00", "#009e73"),
    *("#332288", "#cc79a7", "#882255", "#999933"),
)
"""
Okabe and Ito's palette without black, the accent (vermillion) and the yellow that a thin line
loses on white paper, with three dark and muted colours of Tol's.

Light and dark follow each other, so that neighbours differ in a grey print too.
"""

LINES = ("#0072b2", ACCENT, "#009e73", "#cc79a7", "#e69f00", "#332288", "#56b4e9", "#882255")
"""The same for figures in which no supplier has the accent."""

Places = Mapping[str, int]
"""Names of suppliers, flows or groups, and the place of each in its palette."""

MARKERS = ("o", "s", "^", "v", "P")
"""Not as many as colours: thirty series pass before two look the same."""

FONT = "DejaVu Sans"
"""Comes with matplotlib, so that a figure is the same on every machine."""

FONT_FILE = Path(get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"

TEXT = 8.5
SMALL = 8.0
"""Points: a figure of 180 mm that is set 160 mm wide still has 7 points."""

_STYLE: dict[Any, Any] = {
    "font.family": FONT,
    "font.size": TEXT,
    "text.color": INK,
    "text.parse_math": False,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.6,
    "axes.titlesize": TEXT,
    "axes.titlepad": 7.0,
    "grid.color": LIGHT,
    "grid.linewidth": 0.5,
    "hatch.linewidth": 0.6,
    "legend.fontsize": SMALL,
    "lines.linewidth": 1.2,
    "lines.markersize": 4.5,
    "lines.solid_capstyle": "butt",
}

LINE_HEIGHT = 1.25
"""From line to line, in font sizes."""

_SCREEN_DPI = 110
_WHOLE_FROM = 1000
_ROUNDING = 1.04
"""A picture of few pixels gives each letter a whole number of them."""


@contextmanager
def journal_style() -> Iterator[None]:
    """
    Draw in the style of the report, whatever style the caller has set, and restore that afterwards.

    Serves as ``with journal_style():`` and as the decorator ``@journal_style()``.

    Yields
    ------
    None
        Inside the block matplotlib's settings are its defaults with the report's on top.

    Examples
    --------
    >>> before = matplotlib.rcParams["font.size"]
    >>> with journal_style():
    ...     matplotlib.rcParams["font.size"]
    8.5
    >>> matplotlib.rcParams["font.size"] == before
    True
    """
    with matplotlib.style.context(["default", _STYLE]):
        yield


class ShownFigure(Figure):
    """A figure that a notebook shows, whether or not pyplot was ever imported there."""

    @journal_style()
    def _repr_png_(self) -> bytes:
        content = io.BytesIO()
        self.savefig(content, format="png", dpi=_SCREEN_DPI)
        return content.getvalue()


@journal_style()
def new_figure(*, width: Width = "double", height: float) -> tuple[Figure, Axes]:
    """
    Return an empty figure in the width of a journal's column, and its axes.

    The figure is not registered with pyplot: nothing has to be closed, and no window opens.

    Parameters
    ----------
    width : {"single", "double"}
        90 mm or 180 mm.
    height : float
        In millimetres.

    Returns
    -------
    tuple of Figure and Axes
        The layout makes room for labels outside the axes when the figure is drawn.

    Raises
    ------
    ValueError
        If the width is unknown or the height is not positive.

    Examples
    --------
    >>> figure, axes = new_figure(width="single", height=60)
    >>> [round(float(inches * _MM_PER_INCH)) for inches in figure.get_size_inches()]
    [90, 60]
    """
    if width not in _WIDTHS_MM:
        raise ValueError(f"width: expected one of {', '.join(_WIDTHS_MM)}, found {width!r}")
    if not height > 0:
        raise ValueError(f"height: expected millimetres above 0, found {height!r}")
    size = (_WIDTHS_MM[width] / _MM_PER_INCH, height / _MM_PER_INCH)
    figure = ShownFigure(figsize=size, layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    return figure, figure.add_subplot()


@journal_style()
def draw_source(figure: Figure, source: str) -> Figure:
    """
    Write the source under the axes, in as many lines as the width of the figure needs.

    Parameters
    ----------
    figure : Figure
        As from :func:`new_figure`: its layout keeps the axes clear of the lines.
    source : str
        Source and vintage.

    Returns
    -------
    Figure
        The same figure.

    Examples
    --------
    >>> figure, axes = new_figure(width="single", height=60)
    >>> draw_source(figure, "Source: SIPRI, March 2025.").get_supxlabel()
    'Source: SIPRI, March 2025.'
    """
    width = float(figure.get_figwidth()) * _POINTS_PER_INCH
    margin = SMALL / 2
    lines = wrap_text(show_controls(source), width=width - 2 * margin, size=SMALL)
    figure.supxlabel(lines, x=margin / width, ha="left", ma="left", fontsize=SMALL, color=GREY)
    return figure


@journal_style()
def fit_height(ax: Axes, *, height: float) -> None:
    """Make the figure as high as its axes and everything around them need, and fix the layout."""
    figure = _figure_of(ax)
    figure.set_figheight(_AMPLE_INCHES)
    _lay_out(figure)
    rows = [label.get_window_extent().height for label in ax.get_yticklabels()]
    legend = ax.get_legend()
    needed = max(
        height / _MM_PER_INCH * figure.dpi,
        1.15 * len(rows) * max(rows, default=0.0),
        legend.get_window_extent().height if legend else 0.0,
    )
    spare = ax.get_window_extent().height - needed
    figure.set_figheight(_AMPLE_INCHES - spare / figure.dpi)
    _lay_out(figure)
    figure.set_layout_engine(None)


def _lay_out(figure: Figure) -> None:
    """Put axes and labels where they will be; to draw all for that takes as long again."""
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.execute(figure)


def _figure_of(ax: Axes) -> Figure:
    """Return the figure that an axes stands in."""
    figure = ax.get_figure(root=True)
    if figure is None:
        raise ValueError("ax: expected axes in a figure, found axes that were removed from theirs")
    return figure


def size_in_points(ax: Axes) -> tuple[float, float]:
    """Return width and height of the figure that an axes stands in."""
    width, height = _figure_of(ax).get_size_inches()
    return float(width) * _POINTS_PER_INCH, float(height) * _POINTS_PER_INCH


def take_places(names: Sequence[str], report: Places | None = None) -> dict[str, int]:
    """
    Give each name its place in a palette: that of the report, else the next that is free.

    Examples
    --------
    >>> take_places(["Ukraine", "Russia"])
    {'Ukraine': 0, 'Russia': 1}
    >>> take_places(["Georgia", "Russia"], {"Ukraine": 0, "Russia": 1})
    {'Georgia': 2, 'Russia': 1}
    """
    taken = dict(report or {})
    for name in names:
        taken.setdefault(name, len(taken))
    return {name: taken[name] for name in names}


def colour_at(place: int, palette: Sequence[str]) -> str:
    """Return the colour of a place; after the last the first comes again."""
    return palette[place % len(palette)]


def series_look(place: int) -> dict[str, str]:
    """Return colour and marker of a place."""
    return {"color": colour_at(place, LINES), "marker": MARKERS[place % len(MARKERS)]}


@cache
def text_width(text: str, *, size: float) -> float:
    """Return the width of one line of text, rather too wide than too narrow."""
    font = FontProperties(family=FONT, size=size)
    width, _, _ = TextToPath().get_text_width_height_descent(text, font, ismath=False)
    return float(width) * _ROUNDING


def text_height(text: str, *, size: float) -> float:
    """Return the height of one or more lines of text."""
    return (text.count("\n") + 1) * size * LINE_HEIGHT


def wrap_text(text: str, *, width: float, size: float, balanced: bool = False) -> str:
    """Break text into lines that are no wider than the width."""
    if width < 2 * size:
        raise ValueError(f"width: expected at least {2 * size} points, found {width}")
    lines = _filled(text, width=width, size=size)
    while balanced and width - 1 >= 2 * size:
        width -= 1
        narrower = _filled(text, width=width, size=size)
        if len(narrower) > len(lines):
            break
        lines = narrower
    return "\n".join(lines)


def _filled(text: str, *, width: float, size: float) -> list[str]:
    """Return lines of as many words as the width takes."""
    lines = [""]
    for word in _pieces(text.split(), width=width, size=size):
        longer = f"{lines[-1]} {word}".strip()
        if text_width(longer, size=size) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _pieces(words: Iterable[str], *, width: float, size: float) -> Iterator[str]:
    """Yield the words, and in pieces those that are wider than a line."""
    for word in words:
        rest = word
        while text_width(rest, size=size) > width:
            fits = len(rest) - 1
            while text_width(rest[:fits], size=size) > width:
                fits -= 1
            yield rest[:fits]
            rest = rest[fits:]
        yield rest


def format_value(value: float, *, decimals: int, signed: bool = False) -> str:
    """Print a number with separated thousands and a true minus sign."""
    sign = "+" if signed else "-"
    return f"{value:{sign},.{decimals}f}".replace("-", MINUS)


def common_decimals(values: pd.Series) -> int:
    """Return how many decimals the value labels of one figure get."""
    return 0 if values.abs().max() >= _WHOLE_FROM else 1


def check_drawn(
    data: pd.DataFrame,
    *,
    figure: str,
    columns: Sequence[str],
    numbers: Sequence[str],
    key: Sequence[str],
) -> pd.DataFrame:
    """Return the columns that a figure draws, or say why it cannot be drawn."""
    wanted = [*columns, *numbers]
    missing = [name for name in wanted if name not in data.columns]
    if missing:
        raise SchemaError(
            f"{figure}: expected columns {', '.join(wanted)}, missing {', '.join(missing)}"
        )
    if data.empty:
        raise SchemaError(f"{figure}: expected at least one row, found none")
    repeated = data.duplicated(list(key))
    if repeated.any():
        twice = data.loc[repeated, list(key)].iloc[0]
        values = ", ".join(f"{name} {value}" for name, value in twice.items())
        raise SchemaError(f"{figure}: expected each {', '.join(key)} once, found twice: {values}")
    try:
        return data[wanted].astype(dict.fromkeys(numbers, float)).reset_index(drop=True)
    except (TypeError, ValueError) as error:
        raise SchemaError(
            f"{figure}: expected numbers in {', '.join(numbers)}, found {error}"
        ) from error


def check_words(rows: pd.DataFrame, column: str, *, figure: str, words: Collection[str]) -> None:
    """Say which words in a column the figure has no mark for."""
    unknown = sorted(set(rows[column]) - set(words))
    if unknown:
        raise SchemaError(
            f"{figure}: expected {', '.join(words)} in column {column}, found {', '.join(unknown)}"
        )


def keep_positive(
    rows: pd.DataFrame, *, figure: str, value: str, beside: Sequence[str]
) -> tuple[pd.DataFrame, str]:
    """Blank out what a logarithmic axis cannot show, and say so."""
    zeros = int((rows[value] <= 0).sum())
    amounts = rows[[value, *beside]]
    kept = rows.assign(**amounts.where(amounts > 0))
    if kept[value].isna().all():
        raise SchemaError(f"{figure}: expected a {value} above 0, found none")
    return kept, f"; {zeros} value{'s' * (zeros > 1)} of 0 not shown" if zeros else ""
