"""Labels at the end of lines and over dates, placed so that none covers another."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import pandas as pd
from matplotlib.axes import Axes

from flows.figures.places import days_since_epoch
from flows.figures.style import GREY, size_in_points
from flows.figures.text import SMALL, text_height, wrap_text

_AXES_PART = 0.65
"""About what is left of a figure for its axes, in width and in height, beside labels."""

_PLAIN_PART = 0.8
"""The same in height for axes without events above and legends below."""

_LABEL_PART = 0.2
_NARROWEST = 9 * SMALL
_GAP = 3.0
_MIDDLE = 0.5
_PAPER = {"facecolor": "white", "edgecolor": "none", "pad": 0.0}


class LineEnd(NamedTuple):
    """The end of a line: where it is on the y axis, its name and its colour."""

    y: float
    name: str
    colour: str


class NamedPoint(NamedTuple):
    """A point on the axes, its name and the colour of that."""

    x: float
    y: float
    name: str
    colour: str


def spread_positions(wanted: Sequence[float], heights: Sequence[float]) -> list[float]:
    """
    Move labels apart along an axis, as little as needed, so that none covers another.

    Parameters
    ----------
    wanted : sequence of float
        Where the centre of each label should be.
    heights : sequence of float
        Height of each label, in the same unit.

    Returns
    -------
    list of float
        Centres in the order given; labels keep their order along the axis.

    Raises
    ------
    ValueError
        If there are not as many heights as positions.

    Examples
    --------
    >>> spread_positions([0.5, 0.5, 0.9], [0.25, 0.25, 0.1])
    [0.375, 0.625, 0.9]
    """
    if len(wanted) != len(heights):
        raise ValueError(f"heights: expected {len(wanted)}, found {len(heights)}")
    stacks: list[list[int]] = []
    for label in sorted(range(len(wanted)), key=lambda label: wanted[label]):
        stacks.append([label])
        while len(stacks) > 1 and (
            _ends(stacks[-2], wanted, heights)[1] > _ends(stacks[-1], wanted, heights)[0]
        ):
            stacks[-2:] = [stacks[-2] + stacks[-1]]
    centres = [0.0] * len(wanted)
    for stack in stacks:
        foot, _ = _ends(stack, wanted, heights)
        for label in stack:
            centres[label] = foot + heights[label] / 2
            foot += heights[label]
    return centres


def _ends(
    stack: Sequence[int], wanted: Sequence[float], heights: Sequence[float]
) -> tuple[float, float]:
    """Return foot and top of labels that stand on each other around their mean position."""
    centre = sum(wanted[label] for label in stack) / len(stack)
    half = sum(heights[label] for label in stack) / 2
    return centre - half, centre + half


def label_line_ends(ax: Axes, ends: Sequence[LineEnd], *, inside: bool = False) -> None:
    """
    Write the name of each line to the right of the axes, level with its end, in its colour.

    Parameters
    ----------
    ax : Axes
        With its limits and scale already set.
    ends : sequence of LineEnd
        One a line.
    inside : bool
        Keep the names between the ends of the axes, whose height is that at which the figure was
        made: for small figures that are to be equally high.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=60)
    >>> label_line_ends(axes, [LineEnd(0.5, "Exports", "black")])
    >>> [text.get_text() for text in axes.texts]
    ['Exports']
    """
    page_width, page_height = size_in_points(ax)
    width = max(_LABEL_PART * page_width, _NARROWEST)
    names = [wrap_text(end.name, width=width, size=SMALL, balanced=True) for end in ends]
    room = page_height if inside else _AXES_PART * page_height
    to_fraction = ax.transScale + ax.transLimits
    wanted = [float(to_fraction.transform((1.0, end.y))[1]) for end in ends]
    heights = [text_height(name, size=SMALL) / room for name in names]
    levels = spread_positions(wanted, heights)
    if inside:
        levels = _pushed_inside(levels, heights)
    for end, name, level in zip(ends, names, levels, strict=True):
        ax.annotate(
            name,
            xy=(1.0, level),
            xycoords="axes fraction",
            xytext=(2 * _GAP, 0),
            textcoords="offset points",
            va="center",
            fontsize=SMALL,
            color=end.colour,
        )


def _pushed_inside(centres: Sequence[float], heights: Sequence[float]) -> list[float]:
    """Move labels that stand apart down from above 1, then up from below 0; none passes another."""
    levels = list(centres)
    upward = sorted(range(len(levels)), key=lambda label: levels[label])
    ceiling, floor = 1.0, 0.0
    for label in reversed(upward):
        levels[label] = min(levels[label], ceiling - heights[label] / 2)
        ceiling = levels[label] - heights[label] / 2
    for label in upward:
        levels[label] = max(levels[label], floor + heights[label] / 2)
        floor = levels[label] + heights[label] / 2
    return levels


def label_points(ax: Axes, points: Sequence[NamedPoint]) -> None:
    """
    Write names to the right of the axes, each with a thin line to its point.

    Parameters
    ----------
    ax : Axes
        With its limits already set.
    points : sequence of NamedPoint
        Names stand in the order of their points, none above the top of the axes.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=60)
    >>> label_points(axes, [NamedPoint(0.2, 0.5, "Azerbaijan", "black")])
    >>> [text.get_text() for text in axes.texts]
    ['Azerbaijan']
    """
    page_width, page_height = size_in_points(ax)
    width = max(_LABEL_PART * page_width, _NARROWEST)
    ordered = sorted(points, key=lambda point: point.y, reverse=True)
    names = [wrap_text(point.name, width=width, size=SMALL, balanced=True) for point in ordered]
    room = _PLAIN_PART * page_height
    heights = [text_height(name, size=SMALL) / room for name in names]
    wanted, above = [], 0.0
    for point, height in zip(ordered, heights, strict=True):
        level = float(ax.transLimits.transform((0.0, point.y))[1])
        wanted.append(min(level, 1.0 - above - height / 2))
        above += height
    for point, name, level in zip(ordered, names, spread_positions(wanted, heights), strict=True):
        ax.annotate(
            name,
            xy=(point.x, point.y),
            xytext=(1.03, level),
            textcoords="axes fraction",
            va="center",
            fontsize=SMALL,
            color=point.colour,
            arrowprops={"arrowstyle": "-", "color": GREY, "linewidth": 0.5, "shrinkA": 0},
        )


def label_events(ax: Axes, events: Sequence[Mapping[str, str]], *, foot: float = 0.0) -> float:
    """
    Draw a vertical line at each date and its name above the axes, one name to a row.

    A name stands on the side of its line that has more room, the outer ones higher, so that the
    lines under a name end below it; one that does not passes behind the name.

    Parameters
    ----------
    ax : Axes
        With an x axis of dates whose limits are set.
    events : sequence of mapping
        ``date`` and ``name``.
    foot : float
        Points above the axes that something else takes.

    Returns
    -------
    float
        Height of the names in points with ``foot``: what stands above has to be moved up by it.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=60)
    >>> limits = axes.set_xlim(pd.Timestamp("2020-01-01"), pd.Timestamp("2022-01-01"))
    >>> label_events(axes, [{"date": "2021-01-01", "name": "Ban"}])
    10.0
    """
    dates = [days_since_epoch(pd.Timestamp(event["date"])) for event in events]
    places = [float(ax.transLimits.transform((date, 0.0))[0]) for date in dates]
    outward = sorted(range(len(events)), key=lambda event: abs(places[event] - _MIDDLE))
    width = _AXES_PART * size_in_points(ax)[0]
    for event in outward:
        room = max(places[event], 1.0 - places[event]) * width
        name = wrap_text(events[event]["name"], width=room, size=SMALL, balanced=True)
        _draw_event(ax, dates[event], name, foot=foot, leftward=places[event] > _MIDDLE)
        foot += text_height(name, size=SMALL)
    return foot


def _draw_event(ax: Axes, date: float, name: str, *, foot: float, leftward: bool) -> None:
    """Draw the line through the axes and on to the top of the name, ``foot`` points above them."""
    line: dict[str, Any] = {"color": GREY, "linewidth": 0.7, "linestyle": (0, (4, 2))}
    above = partial(
        ax.annotate,
        xy=(date, 1.0),
        xycoords=ax.get_xaxis_transform(),
        textcoords="offset points",
        fontsize=SMALL,
    )
    top = foot + text_height(name, size=SMALL)
    ax.axvline(date, zorder=1, **line)
    stem = {"arrowstyle": "-", "shrinkA": 0, "shrinkB": 0, **line}
    above("", xytext=(0, top), arrowprops=stem, zorder=1)
    side, gap = ("right", -_GAP) if leftward else ("left", _GAP)
    above(name, xytext=(gap, foot + _GAP), ha=side, va="bottom", bbox=_PAPER)
