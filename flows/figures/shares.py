"""One supplier's share by window and release: as each release has it, and with its doubt."""

from collections.abc import Iterator, Sequence
from itertools import cycle
from typing import Any, NamedTuple

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from flows.figures import alt_texts
from flows.figures.drawing import drawing
from flows.figures.marks import draw_legend, draw_points, group_offsets
from flows.figures.scales import place_width, set_places, set_zero_axis, style_axes
from flows.figures.style import (
    GREY,
    INK,
    LIGHT,
    LINES,
    MARKERS,
    PALE,
    SMALL,
    check_drawn,
    check_words,
    text_width,
)

_BOX_WIDEST = 0.2
_BOX_PART = 0.5
"""Of what each release has of the width of a window."""

_BOX_ALPHA = 0.35

_GROUP_WIDTH = 0.9
_WIDEST_LABEL = "00.0 "


@drawing(alt=alt_texts.share_windows, height=58.0)
def draw_share_windows(ax: Axes, data: pd.DataFrame, *, supplier: str, importer: str) -> Axes:
    """
    Draw a point for each window and release, published figures as open diamonds beside them.

    Parameters
    ----------
    ax : Axes
        As from ``new_figure``.
    data : pandas.DataFrame
        Columns ``window`` (``"2016-2020"``), ``release`` (``"2025-03"``), ``share_pct``, ``low``,
        ``high`` (bounds; missing where there are none) and ``kind`` (``"computed"`` or
        ``"published"``); one row a window, release and kind.
    supplier, importer : str
        Names, for the heading.

    Returns
    -------
    Axes
        The axes handed in.

    Raises
    ------
    SchemaError
        If a column or every row is missing, a row stands there twice, or a kind is unknown.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=80)
    >>> data = pd.DataFrame(
    ...     {"window": ["2016-2020"], "release": ["2025-03"], "share_pct": [67.74],
    ...      "low": [64.16], "high": [68.26], "kind": ["computed"]}
    ... )
    >>> draw_share_windows(axes, data, supplier="Israel", importer="Azerbaijan") is axes
    True
    """
    rows = check_drawn(
        data,
        figure="draw_share_windows",
        columns=["window", "release", "kind"],
        numbers=["share_pct", "low", "high"],
        key=["window", "release", "kind"],
    ).rename(columns={"share_pct": "value"})
    check_words(rows, "kind", figure="draw_share_windows", words=["computed", "published"])
    windows = sorted(rows["window"].unique())
    handles = []
    labelled = False
    for series, labelled in _place_in_windows(ax, _series(rows), windows):
        handles.append(draw_points(ax, series.points, label=series.label, look=series.look))
        if labelled:
            _label_values(ax, series.points)
    title = f"Share of {supplier} in the arms imports of {importer}, percent"
    _set_window_axes(ax, windows, title=title, labelled=labelled)
    draw_legend(ax, handles, title="Release")
    return ax


class Series(NamedTuple):
    """Points of one look: their name in the legend, the rows that hold them, colour and marker."""

    label: str
    points: pd.DataFrame
    look: dict[str, Any]


def _series(rows: pd.DataFrame) -> list[Series]:
    """Return the releases by date, then published figures."""
    series = _release_series(rows[rows["kind"] == "computed"])
    published = rows[rows["kind"] == "published"]
    if not published.empty:
        look = {"color": INK, "marker": "D", "markerfacecolor": "white"}
        series.append(Series("as published", published, look))
    return series


def _label_values(ax: Axes, points: pd.DataFrame) -> None:
    """Print each share above its marker and whisker, a published one as it was published."""
    texts = [
        f"{value:g}" if kind == "published" else f"{value:.1f}"
        for value, kind in zip(points["value"], points["kind"], strict=True)
    ]
    _label_shares(ax, points["place"], points[["value", "high"]].max(axis="columns"), texts)


@drawing(alt=alt_texts.share_bounds, height=64.0)
def draw_share_bounds(
    ax: Axes,
    data: pd.DataFrame,
    *,
    supplier: str,
    importer: str,
    bounds_label: str,
    interval_label: str,
) -> Axes:
    """
    Draw a point for each window and release, its bounds as a box and its interval as a whisker.

    Parameters
    ----------
    ax : Axes
        As from ``new_figure``.
    data : pandas.DataFrame
        Columns ``window`` (``"2016-2020"``), ``release`` (``"2025-03"``), ``share_pct``,
        ``bound_low``, ``bound_high`` (what cannot be excluded), ``interval_low``,
        ``interval_high`` (what has a level); both ends of a pair are missing where there is none.
        One row a window and release, in percent.
    supplier, importer : str
        Names, for the heading.
    bounds_label, interval_label : str
        What box and whisker are, for the legend: by which rules, and at which level.

    Returns
    -------
    Axes
        The axes handed in.

    Raises
    ------
    SchemaError
        If a column or every row is missing, or a window and release stand there twice.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=80)
    >>> data = pd.DataFrame(
    ...     {"window": ["2016-2020"], "release": ["2025-03"], "share_pct": [67.74],
    ...      "bound_low": [64.16], "bound_high": [68.26],
    ...      "interval_low": [42.4], "interval_high": [85.8]}
    ... )
    >>> options = {"bounds_label": "years at the edge", "interval_label": "95% over deals"}
    >>> draw_share_bounds(axes, data, supplier="Israel", importer="Azerbaijan", **options) is axes
    True
    """
    numbers = ["share_pct", "bound_low", "bound_high", "interval_low", "interval_high"]
    rows = check_drawn(
        data,
        figure="draw_share_bounds",
        columns=["window", "release"],
        numbers=numbers,
        key=["window", "release"],
    )
    named = {"share_pct": "value", "interval_low": "low", "interval_high": "high"}
    windows = sorted(rows["window"].unique())
    handles: list[Artist] = []
    labelled = False
    releases = _release_series(rows.rename(columns=named))
    for series, labelled in _place_in_windows(ax, releases, windows):
        _draw_boxes(ax, series, width=min(_BOX_WIDEST, _BOX_PART / len(releases)))
        if labelled:
            _label_points(ax, series.points)
        handles.append(draw_points(ax, series.points, label=series.label, look=series.look))
    title = f"Share of {supplier} in the arms imports of {importer}, percent"
    _set_window_axes(ax, windows, title=title, labelled=labelled)
    if rows["bound_low"].notna().any():
        handles.append(Patch(label=bounds_label, facecolor=PALE, edgecolor=GREY, linewidth=0.5))
    if rows["interval_low"].notna().any():
        look: dict[str, Any] = {"color": INK, "linewidth": 0.9, "marker": "_", "markersize": 5}
        handles.append(Line2D([], [], label=interval_label, **look))
    draw_legend(ax, handles, title="Release")
    return ax


def _draw_boxes(ax: Axes, series: Series, *, width: float) -> None:
    """Draw a box from bound to bound."""
    colour = series.look["color"]
    bounded = series.points.dropna(subset=["bound_low", "bound_high"])
    for at, low, high in bounded[["place", "bound_low", "bound_high"]].to_numpy(dtype=float):
        ax.bar(
            at,
            high - low,
            bottom=low,
            width=width,
            facecolor=to_rgba(colour, _BOX_ALPHA),
            edgecolor=colour,
            linewidth=0.5,
            zorder=1.5,
        )


def _label_points(ax: Axes, points: pd.DataFrame) -> None:
    """Print each share above all its marks."""
    tops = points[["value", "bound_high", "high"]].max(axis="columns")
    _label_shares(ax, points["place"], tops, [f"{value:.1f}" for value in points["value"]])


def _release_series(rows: pd.DataFrame) -> list[Series]:
    """Return a series for each release, by date."""
    looks = zip(cycle(LINES), cycle(MARKERS), strict=False)
    return [
        Series(str(release), points, {"color": colour, "marker": marker})
        for (release, points), (colour, marker) in zip(
            rows.groupby("release", sort=True), looks, strict=False
        )
    ]


def _place_in_windows(
    ax: Axes, series: Sequence[Series], windows: Sequence[str]
) -> Iterator[tuple[Series, bool]]:
    """Give each point its place on the x axis: that of its window, the series beside each other."""
    offsets = group_offsets(len(series), width=_GROUP_WIDTH)
    room = place_width(ax, len(windows)) * _GROUP_WIDTH / len(series)
    labelled = room > text_width(_WIDEST_LABEL, size=SMALL)
    for offset, line in zip(offsets, series, strict=True):
        places = line.points["window"].map(list(windows).index).astype(float) + offset
        yield line._replace(points=line.points.assign(place=places)), labelled


def _label_shares(ax: Axes, places: pd.Series, tops: pd.Series, texts: Sequence[str]) -> None:
    """Print a text above the top of each point and what is drawn around it."""
    for place, top, text in zip(places, tops, texts, strict=True):
        ax.annotate(
            text,
            xy=(place, top),
            xytext=(0, 5),
            textcoords="offset points",
            ha="center",
            fontsize=SMALL,
        )


def _set_window_axes(ax: Axes, windows: Sequence[str], *, title: str, labelled: bool) -> None:
    """Let the y axis hold shares from zero, and part the windows by thin lines."""
    style_axes(ax, grid="y", title=title)
    set_zero_axis(ax, axis="y", headroom=0.1 if labelled else 0.03)
    set_places(ax, windows)
    for edge in range(1, len(windows)):
        ax.axvline(edge - 0.5, color=LIGHT, linewidth=0.5, zorder=0)
