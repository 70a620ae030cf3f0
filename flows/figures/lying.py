"""Bars that lie under one another, the name of each to the left of the axes."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from matplotlib.axes import Axes

from flows.figures.scales import set_close_axis
from flows.figures.style import GREY, INK, size_in_points
from flows.figures.text import SMALL, text_width, wrap_text

NAME_PART = 0.33
"""Of the width of a figure, for the names."""

_BESIDE = 10.0
"""Points around a label."""

_BAR: dict[str, Any] = {"height": 0.62, "edgecolor": INK, "hatchcolor": "white", "linewidth": 0.4}


def draw_bar(ax: Axes, *, at: float, start: float, end: float, look: Mapping[str, Any]) -> None:
    """
    Draw a bar from one value to another.

    Parameters
    ----------
    ax : Axes
        Any.
    at : float
        Place on the y axis.
    start, end : float
        Values on the x axis.
    look : mapping
        ``facecolor``, ``hatch`` and what else ``Axes.barh`` takes.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=60)
    >>> draw_bar(axes, at=0, start=4.0, end=3.0, look={"facecolor": "black"})
    >>> float(axes.patches[0].get_width())
    -1.0
    """
    ax.barh(at, end - start, left=start, **(_BAR | dict(look)))


def label_bar(ax: Axes, text: str, *, at: float, end: float, points: float) -> None:
    """
    Write beside the end of a bar.

    Parameters
    ----------
    ax : Axes
        Any.
    text : str
        What is written.
    at : float
        Place of the bar on the y axis.
    end : float
        Value beside which it stands.
    points : float
        How far away; to the left of the end where negative.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=60)
    >>> label_bar(axes, "−12.5", at=0, end=55.2, points=-4)
    >>> axes.texts[0].get_ha()
    'right'
    """
    ax.annotate(
        text,
        xy=(end, at),
        xytext=(points, 0),
        textcoords="offset points",
        ha="right" if points < 0 else "left",
        va="center",
        fontsize=SMALL,
    )


def set_bar_axis(ax: Axes, labels: Iterable[str], *, part: float) -> None:
    """
    Let the x axis hold the bars, and at each end a label beside them.

    Parameters
    ----------
    ax : Axes
        With all bars drawn.
    labels : iterable of str
        What is written beside the bars.
    part : float
        About what the axes have of the width of the figure.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=60)
    >>> draw_bar(axes, at=0, start=60.0, end=70.0, look={})
    >>> set_bar_axis(axes, ["60.0"], part=0.5)
    >>> low, high = axes.get_xlim()
    >>> bool(55 < low < 60), bool(70 < high < 75)
    (True, True)
    """
    width = part * size_in_points(ax)[0]
    needed = max(text_width(label, size=SMALL) for label in labels) + _BESIDE
    set_close_axis(ax, axis="x", headroom=needed / max(width - 2 * needed, needed))


def connect_bars(ax: Axes, ends: Sequence[float]) -> None:
    """
    Draw a thin line from the end of each bar to the bar below it.

    Parameters
    ----------
    ax : Axes
        Any.
    ends : sequence of float
        Ends of the bars at 0, 1 and so on; the last one has no bar below it.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=60)
    >>> connect_bars(axes, [412.0, 474.0])
    >>> axes.lines[0].get_xdata().tolist()
    [412.0, 412.0]
    """
    for place, end in enumerate(ends[:-1]):
        ax.plot([end, end], [place, place + 1], color=GREY, linewidth=0.6, zorder=0.5)


def set_row_names(
    ax: Axes, names: Iterable[str], *, places: Iterable[float], part: float, above: float = 0.6
) -> None:
    """
    Let the y axis run from top to bottom with a name at each place.

    Parameters
    ----------
    ax : Axes
        Any.
    names : iterable of str
        From top to bottom; long ones are broken into lines.
    places : iterable of float
        One a name.
    part : float
        What the names may take of the width of the figure.
    above : float
        Room above the first place.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=60)
    >>> set_row_names(axes, ["Iran", "Armenia"], places=[0, 1], part=0.3)
    >>> [float(end) for end in axes.get_ylim()]
    [1.6, -0.6]
    """
    wrap = partial(wrap_text, width=part * size_in_points(ax)[0], size=SMALL, balanced=True)
    places = list(places)
    ax.set_yticks(places, [wrap(name) for name in names])
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set_ylim(max(places) + 0.6, min(places) - above)
