"""What all figures share: width of the column, colours, type, the line that names the source."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from flows.figures.text import FONT, SMALL, TEXT, wrap_text

Width = Literal["single", "double"]

WIDTHS_MM: dict[Width, float] = {"single": 90.0, "double": 180.0}
"""One and two columns of a journal."""

MM_PER_INCH = 25.4
POINTS_PER_INCH = 72.0

_AMPLE_INCHES = 30.0
"""Higher than any legend: one that hangs out of the axes would disturb the layout."""

INK = "#222222"
GREY = "#666666"
LIGHT = "#dddddd"
PALE = "#c4c4c4"

ACCENT = "#d55e00"

FILLS = ("#56b4e9", "#0072b2", "#f0e442", "#009e73", "#cc79a7", "#e69f00")
"""
Okabe and Ito's palette without black and the accent (vermillion).

Light and dark follow each other, so that neighbours differ in a grey print too.
"""

LINES = ("#0072b2", ACCENT, "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
"""The same for lines and points, without the yellow that a thin line loses on white paper."""

MARKERS = ("o", "s", "^", "v", "P")
"""Not as many as colours: thirty series pass before two look the same."""

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
    >>> [round(float(inches * MM_PER_INCH)) for inches in figure.get_size_inches()]
    [90, 60]
    """
    if width not in WIDTHS_MM:
        raise ValueError(f"width: expected one of {', '.join(WIDTHS_MM)}, found {width!r}")
    if not height > 0:
        raise ValueError(f"height: expected millimetres above 0, found {height!r}")
    size = (WIDTHS_MM[width] / MM_PER_INCH, height / MM_PER_INCH)
    figure = Figure(figsize=size, layout="constrained", facecolor="white")
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
    width = float(figure.get_figwidth()) * POINTS_PER_INCH
    margin = SMALL / 2
    lines = wrap_text(source, width=width - 2 * margin, size=SMALL)
    figure.supxlabel(lines, x=margin / width, ha="left", ma="left", fontsize=SMALL, color=GREY)
    return figure


@journal_style()
def fit_height(ax: Axes, *, height: float) -> None:
    """
    Make the figure as high as its axes and everything around them need, and fix the layout.

    Parameters
    ----------
    ax : Axes
        The only one of its figure, with everything drawn.
    height : float
        Of the axes in millimetres; more where the legend or the names of the rows are higher.

    Raises
    ------
    ValueError
        If the axes were removed from their figure.

    Examples
    --------
    >>> figure, axes = new_figure(height=60)
    >>> fit_height(axes, height=60)
    >>> round(axes.get_window_extent().height / figure.dpi * MM_PER_INCH)
    60
    """
    figure = figure_of(ax)
    figure.set_figheight(_AMPLE_INCHES)
    figure.draw_without_rendering()
    rows = [label.get_window_extent().height for label in ax.get_yticklabels()]
    legend = ax.get_legend()
    needed = max(
        height / MM_PER_INCH * figure.dpi,
        1.15 * len(rows) * max(rows, default=0.0),
        legend.get_window_extent().height if legend else 0.0,
    )
    spare = ax.get_window_extent().height - needed
    figure.set_figheight(_AMPLE_INCHES - spare / figure.dpi)
    figure.draw_without_rendering()
    figure.set_layout_engine("none")


def figure_of(ax: Axes) -> Figure:
    """
    Return the figure that an axes stands in.

    Parameters
    ----------
    ax : Axes
        Any.

    Returns
    -------
    Figure
        The whole figure.

    Raises
    ------
    ValueError
        If the axes were removed from their figure.

    Examples
    --------
    >>> figure, axes = new_figure(height=60)
    >>> figure_of(axes) is figure
    True
    """
    figure = ax.get_figure(root=True)
    if figure is None:
        raise ValueError("ax: expected axes in a figure, found axes that were removed from theirs")
    return figure


def size_in_points(ax: Axes) -> tuple[float, float]:
    """
    Return width and height of the figure that an axes stands in.

    Parameters
    ----------
    ax : Axes
        Any.

    Returns
    -------
    tuple of float
        Points, 1/72 inch.

    Raises
    ------
    ValueError
        If the axes were removed from their figure.

    Examples
    --------
    >>> size_in_points(Figure(figsize=(2, 1)).add_subplot())
    (144.0, 72.0)
    """
    width, height = figure_of(ax).get_size_inches()
    return float(width) * POINTS_PER_INCH, float(height) * POINTS_PER_INCH
