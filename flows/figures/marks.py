"""Marks that several figures have: series, whiskers, bars in rows, legends, labels."""

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Literal, NamedTuple

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.container import Container
from matplotlib.legend import Legend
from matplotlib.lines import Line2D

from flows.figures.scales import days_since_epoch, set_close_axis
from flows.figures.style import GREY, INK, SMALL, size_in_points, text_height, text_width, wrap_text

_MANY = 60
_ONE_STEP = 1.5
"""Months and years differ in length, by less than half."""

_LEGEND_PART = 0.21
ARROW_POINTS = 11.0
"""Length of the arrow that stands for a missing bound."""

NAME_PART = 0.33
"""Of the width of a figure, for the names."""

_BESIDE = 10.0
"""Points around a label."""

_BAR: dict[str, Any] = {"height": 0.62, "edgecolor": INK, "hatchcolor": "white", "linewidth": 0.4}

AXES_PART = 0.65
"""About what is left of a figure for its axes, in width and in height, beside labels."""

_PLAIN_PART = 0.8
"""The same in height for axes without events above and legends below."""

_LABEL_PART = 0.2
_NARROWEST = 9 * SMALL
_GAP = 3.0
_MIDDLE = 0.5

PAPER: dict[str, Any] = {"facecolor": "white", "edgecolor": "none", "pad": 0.0}
"""Under a name that crosses lines."""


def draw_values(ax: Axes, points: pd.DataFrame, *, colour: str, label: str = "") -> Line2D:
    """
    Draw the values of a series; the line is interrupted where a value is missing.

    Parameters
    ----------
    ax : Axes
        Any.
    points : pandas.DataFrame
        Columns ``date`` and ``value``, sorted by date, as from :func:`with_gaps`.
    colour : str
        Of line and dots.
    label : str
        Name in the legend.

    Returns
    -------
    Line2D
        As drawn, for the legend.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=60)
    >>> dates = pd.to_datetime(["2020-01-01", "2020-02-01"])
    >>> points = pd.DataFrame({"date": dates, "value": [1.0, 2.0]})
    >>> draw_values(axes, points, colour="black").get_ydata().tolist()
    [1.0, 2.0]
    """
    (line,) = ax.plot(
        points["date"],
        points["value"],
        color=colour,
        label=label,
        alpha=0.6,
        linewidth=0.6,
        marker="o",
        markeredgewidth=0.0,
        markersize=1.6 if len(points) > _MANY else 3.5,
    )
    return line


def with_gaps(points: pd.DataFrame) -> pd.DataFrame:
    """Put an empty row where two dates are further apart than the closest ones."""
    step = points["date"].diff()
    late = points[step > _ONE_STEP * step.min()]
    empty = pd.DataFrame({"date": late["date"] - pd.Timedelta(days=1)})
    return pd.concat([points, empty]).sort_values("date")


def draw_whisker(
    ax: Axes,
    *,
    at: float,
    value: float,
    low: float,
    high: float,
    axis: Literal["x", "y"] = "y",
    colour: str = INK,
) -> None:
    """
    Draw what lies between two bounds; an arrow stands for the one that is missing: open there.

    Parameters
    ----------
    ax : Axes
        Any.
    at : float
        Position on the other axis.
    value : float
        The value itself, where an arrow starts.
    low, high : float
        Bounds; where both are missing nothing is drawn.
    axis : {"x", "y"}
        The axis of the values.
    colour : str
        Of the whisker.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=60)
    >>> draw_whisker(axes, at=0, value=2.0, low=1.0, high=3.0)
    >>> axes.lines[0].get_ydata().tolist()
    [1.0, 3.0]
    """
    if math.isnan(low) and math.isnan(high):
        return
    ends = [value if math.isnan(low) else low, value if math.isnan(high) else high]
    upright = axis == "y"
    xs, ys = ([at, at], ends) if upright else (ends, [at, at])
    ax.plot(xs, ys, color=colour, linewidth=0.9, marker="_" if upright else "|", markersize=5)
    if not (math.isnan(low) or math.isnan(high)):
        return
    reach = ARROW_POINTS if math.isnan(high) else -ARROW_POINTS
    ax.annotate(
        "",
        xy=(at, value) if upright else (value, at),
        xytext=(0, reach) if upright else (reach, 0),
        textcoords="offset points",
        arrowprops={
            "arrowstyle": "<-",
            "color": colour,
            "linewidth": 0.9,
            "shrinkA": 0,
            "shrinkB": 0,
        },
    )


def group_offsets(count: int, *, width: float) -> list[float]:
    """Return where the series of one place stand beside each other, around its middle."""
    return [width * ((series + 0.5) / count - 0.5) for series in range(count)]


def draw_points(ax: Axes, points: pd.DataFrame, *, label: str, look: Mapping[str, Any]) -> Line2D:
    """
    Draw values as markers in their places, each with what lies between its bounds.

    Parameters
    ----------
    ax : Axes
        Any.
    points : pandas.DataFrame
        Columns ``place`` (on the x axis), ``value``, ``low``, ``high``.
    label : str
        Name in the legend.
    look : mapping
        ``color``, ``marker`` and what else ``Axes.plot`` takes.

    Returns
    -------
    Line2D
        The markers, for the legend.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=60)
    >>> points = pd.DataFrame({"place": [0.0], "value": [2.0], "low": [1.0], "high": [3.0]})
    >>> look = {"color": "black", "marker": "o"}
    >>> draw_points(axes, points, label="Israel", look=look).get_ydata().tolist()
    [2.0]
    """
    for at, value, low, high in points[["place", "value", "low", "high"]].to_numpy(dtype=float):
        draw_whisker(ax, at=at, value=value, low=low, high=high, colour=look["color"])
    (markers,) = ax.plot(
        points["place"],
        points["value"],
        linestyle="none",
        label=label,
        zorder=3,
        clip_on=False,
        **look,
    )
    # matplotlib takes markers without a position to be at the corner of the page, and an unclipped
    # one would push the axes away from it.
    markers.set_in_layout(False)
    return markers


def draw_legend(ax: Axes, handles: Sequence[Artist | Container], *, title: str = "") -> Legend:
    """
    Draw the legend to the right of the axes, where it covers no data, long names in several lines.

    Parameters
    ----------
    ax : Axes
        In a figure whose layout makes room for it, as from ``new_figure``.
    handles : sequence of Artist or Container
        Each with its label, from top to bottom.
    title : str
        Above the names.

    Returns
    -------
    Legend
        As drawn.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=60)
    >>> legend = draw_legend(axes, axes.plot([1, 2], label="Israel"))
    >>> [text.get_text() for text in legend.get_texts()]
    ['Israel']
    """
    width = max(_LEGEND_PART * size_in_points(ax)[0], 9 * SMALL)
    wrap = partial(wrap_text, width=width, size=SMALL, balanced=True)
    return ax.legend(
        handles,
        [wrap(str(handle.get_label())) for handle in handles],
        title=wrap(title) or None,
        title_fontsize=SMALL,
        alignment="left",
        loc="upper left",
        bbox_to_anchor=(1.01, 1.0),
        borderaxespad=0.0,
        frameon=False,
        handlelength=1.4,
        handletextpad=0.6,
        labelspacing=0.45,
    )


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
    """Write beside the end of a bar."""
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
    """Let the x axis hold the bars, and at each end a label beside them."""
    width = part * size_in_points(ax)[0]
    needed = max(text_width(label, size=SMALL) for label in labels) + _BESIDE
    set_close_axis(ax, axis="x", headroom=needed / max(width - 2 * needed, needed))


def connect_bars(ax: Axes, ends: Sequence[float]) -> None:
    """Draw a thin line from the end of each bar to the bar below it."""
    for place, end in enumerate(ends[:-1]):
        ax.plot([end, end], [place, place + 1], color=GREY, linewidth=0.6, zorder=0.5)


def set_row_names(
    ax: Axes, names: Iterable[str], *, places: Iterable[float], part: float, above: float = 0.6
) -> None:
    """Let the y axis run from top to bottom with a name at each place."""
    wrap = partial(wrap_text, width=part * size_in_points(ax)[0], size=SMALL, balanced=True)
    places = list(places)
    ax.set_yticks(places, [wrap(name) for name in names])
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set_ylim(max(places) + 0.6, min(places) - above)


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
    """Move labels apart along an axis, as little as needed, so that none covers another."""
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
    """Write the name of each line to the right of the axes, level with its end, in its colour."""
    page_width, page_height = size_in_points(ax)
    width = max(_LABEL_PART * page_width, _NARROWEST)
    names = [wrap_text(end.name, width=width, size=SMALL, balanced=True) for end in ends]
    room = page_height if inside else AXES_PART * page_height
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
    """Write names to the right of the axes, each with a thin line to its point."""
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
    """
    dates = [days_since_epoch(pd.Timestamp(event["date"])) for event in events]
    places = [float(ax.transLimits.transform((date, 0.0))[0]) for date in dates]
    outward = sorted(range(len(events)), key=lambda event: abs(places[event] - _MIDDLE))
    width = AXES_PART * size_in_points(ax)[0]
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
    above(name, xytext=(gap, foot + _GAP), ha=side, va="bottom", bbox=PAPER)
