"""Windows of years side by side, in each a point for every release."""

from collections.abc import Iterator, Sequence
from itertools import cycle
from typing import Any, NamedTuple

import pandas as pd
from matplotlib.axes import Axes

from flows.figures.marks import group_offsets
from flows.figures.places import set_places
from flows.figures.scales import place_width, set_zero_axis, style_axes
from flows.figures.style import LIGHT, LINES, MARKERS
from flows.figures.text import SMALL, text_width

_GROUP_WIDTH = 0.9
_WIDEST_LABEL = "00.0 "


class Series(NamedTuple):
    """Points of one look: their name in the legend, the rows that hold them, colour and marker."""

    label: str
    points: pd.DataFrame
    look: dict[str, Any]


def release_series(rows: pd.DataFrame) -> list[Series]:
    """
    Return a series for each release, by date.

    Parameters
    ----------
    rows : pandas.DataFrame
        Column ``release`` and others.

    Returns
    -------
    list of Series
        Each with a colour and a marker of its own.

    Examples
    --------
    >>> rows = pd.DataFrame({"release": ["2025-03", "2022-03"]})
    >>> [series.label for series in release_series(rows)]
    ['2022-03', '2025-03']
    """
    looks = zip(cycle(LINES), cycle(MARKERS), strict=False)
    return [
        Series(str(release), points, {"color": colour, "marker": marker})
        for (release, points), (colour, marker) in zip(
            rows.groupby("release", sort=True), looks, strict=False
        )
    ]


def place_in_windows(
    ax: Axes, series: Sequence[Series], windows: Sequence[str]
) -> Iterator[tuple[Series, bool]]:
    """
    Give each point its place on the x axis: that of its window, the series beside each other.

    Parameters
    ----------
    ax : Axes
        Any.
    series : sequence of Series
        Points with a column ``window``.
    windows : sequence of str
        In their order.

    Yields
    ------
    tuple of Series and bool
        The series, its points with a column ``place``; and whether values have room above them.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=60)
    >>> one = Series("2025-03", pd.DataFrame({"window": ["2016-2020"]}), {})
    >>> (placed, labelled), = place_in_windows(axes, [one], ["2015-2019", "2016-2020"])
    >>> placed.points["place"].tolist(), labelled
    ([1.0], True)
    """
    offsets = group_offsets(len(series), width=_GROUP_WIDTH)
    room = place_width(ax, len(windows)) * _GROUP_WIDTH / len(series)
    labelled = room > text_width(_WIDEST_LABEL, size=SMALL)
    for offset, one in zip(offsets, series, strict=True):
        places = one.points["window"].map(list(windows).index).astype(float) + offset
        yield one._replace(points=one.points.assign(place=places)), labelled


def label_shares(ax: Axes, places: pd.Series, tops: pd.Series, texts: Sequence[str]) -> None:
    """
    Print a text above the top of each point and what is drawn around it.

    Parameters
    ----------
    ax : Axes
        Any.
    places, tops : pandas.Series
        Where each stands on the x axis, and how high its marks reach.
    texts : sequence of str
        One a point.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=60)
    >>> label_shares(axes, pd.Series([0.0]), pd.Series([67.7]), ["67.7"])
    >>> [text.get_text() for text in axes.texts]
    ['67.7']
    """
    for place, top, text in zip(places, tops, texts, strict=True):
        ax.annotate(
            text,
            xy=(place, top),
            xytext=(0, 5),
            textcoords="offset points",
            ha="center",
            fontsize=SMALL,
        )


def set_window_axes(ax: Axes, windows: Sequence[str], *, title: str, labelled: bool) -> None:
    """
    Let the y axis hold shares from zero, and part the windows by thin lines.

    Parameters
    ----------
    ax : Axes
        With everything already drawn.
    windows : sequence of str
        In their order.
    title : str
        What is measured, and its unit.
    labelled : bool
        Whether there are values above the points, which need room.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=60)
    >>> points = axes.plot([0, 1], [60.2, 67.7])
    >>> set_window_axes(axes, ["2015-2019", "2016-2020"], title="Percent", labelled=False)
    >>> [label.get_text() for label in axes.get_xticklabels()]
    ['2015-2019', '2016-2020']
    """
    style_axes(ax, grid="y", title=title)
    set_zero_axis(ax, axis="y", headroom=0.1 if labelled else 0.03)
    set_places(ax, windows)
    for edge in range(1, len(windows)):
        ax.axvline(edge - 0.5, color=LIGHT, linewidth=0.5, zorder=0)
