"""Two sides of one flow: the bridge between their reports, their ratio, and levels by source."""

import math
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from flows.figures import alt_texts
from flows.figures.drawing import drawing
from flows.figures.marks import (
    ARROW_POINTS,
    NAME_PART,
    LineEnd,
    connect_bars,
    draw_bar,
    draw_legend,
    draw_points,
    draw_values,
    draw_whisker,
    group_offsets,
    label_bar,
    label_line_ends,
    set_row_names,
    with_gaps,
)
from flows.figures.scales import (
    place_width,
    set_date_axis,
    set_log_axis,
    set_places,
    set_zero_axis,
    style_axes,
)
from flows.figures.style import (
    ACCENT,
    FILLS,
    GREY,
    INK,
    LINES,
    SMALL,
    Places,
    check_drawn,
    check_words,
    colour_at,
    common_decimals,
    format_value,
    keep_positive,
    series_look,
    take_places,
    text_width,
)

_LOOKS: dict[str, dict[str, Any]] = {
    "level": {"facecolor": FILLS[1]},
    "change": {"facecolor": FILLS[0], "hatch": "////"},
    "residual": {"facecolor": ACCENT, "hatch": "xxxx"},
}

_GROUP_WIDTH = 0.5
_HOLLOW: dict[str, Any] = {
    "color": GREY,
    "marker": "o",
    "markerfacecolor": "white",
    "linestyle": "none",
}
_NARROWEST = (0.5, 2.0)
"""The axis reaches at least so far: a small disagreement is not to look like a large one."""


@drawing(alt=alt_texts.bridge, height=2.0, height_per_row=8.5)
def draw_bridge(
    ax: Axes, data: pd.DataFrame, *, unit_label: str, decimals: int | None = None
) -> Axes:
    """
    Draw a waterfall from top to bottom: levels as full bars, changes between them, bounds.

    The bars lie, so that the name of a step is read beside it.

    Parameters
    ----------
    ax : Axes
        As from ``new_figure``.
    data : pandas.DataFrame
        Columns ``step`` (name), ``kind`` (``"level"``, ``"change"`` or ``"residual"``), ``value``,
        ``low``, ``high`` (bounds of the value; one missing: open on that side, both: none),
        ``cumulative_from`` and ``cumulative_to`` (ends of the bar); one row a step, in their order.
    unit_label : str
        What is measured, and its unit.
    decimals : int, optional
        Of the values beside the bars; by default one, or none where a value is large.

    Returns
    -------
    Axes
        The axes handed in.

    Raises
    ------
    SchemaError
        If a column or every row is missing, or a step has another kind.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=80)
    >>> data = pd.DataFrame(
    ...     {"step": ["Iran", "Gas", "Armenia"], "kind": ["level", "change", "level"],
    ...      "value": [412.0, 62.0, 474.0], "low": [412.0, None, None], "high": [None] * 3,
    ...      "cumulative_from": [0.0, 412.0, 0.0], "cumulative_to": [412.0, 474.0, 474.0]}
    ... )
    >>> draw_bridge(axes, data, unit_label="USD million") is axes
    True
    """
    rows = check_drawn(
        data,
        figure="draw_bridge",
        columns=["step", "kind"],
        numbers=["value", "low", "high", "cumulative_from", "cumulative_to"],
        key=["step"],
    )
    check_words(rows, "kind", figure="draw_bridge", words=_LOOKS)
    decimals = common_decimals(rows["value"]) if decimals is None else decimals
    for step in rows.itertuples():
        _draw_step(ax, step, decimals=decimals)
    connect_bars(ax, rows["cumulative_to"].tolist())
    style_axes(ax, grid="x", title=unit_label, title_part=0.9 - NAME_PART)
    set_zero_axis(ax, axis="x")
    ax.axvline(0.0, color=GREY, linewidth=0.8)
    set_row_names(ax, rows["step"], places=rows.index, part=NAME_PART)
    return ax


def _draw_step(ax: Axes, step: Any, *, decimals: int) -> None:
    """Draw a bar with its whisker; its value stands to the right of both."""
    start, end = step.cumulative_from, step.cumulative_to
    draw_bar(ax, at=step.Index, start=start, end=end, look=_LOOKS[step.kind])
    low, high = start + step.low, start + step.high
    draw_whisker(ax, at=step.Index, value=end, low=low, high=high, axis="x")
    right = np.nanmax([start, end, low, high])
    arrow = ARROW_POINTS if end == right and math.isnan(high) and not math.isnan(low) else 0.0
    text = format_value(step.value, decimals=decimals, signed=step.kind != "level")
    label_bar(ax, text, at=step.Index, end=right, points=arrow + 4)


def _name_flows(data: pd.DataFrame, *, exporter: str, **_: object) -> list[str]:
    """Return the flows, those of the exporter first."""
    flows = map(str, data["flow"].unique())
    return sorted(flows, key=lambda flow: (not flow.startswith(exporter), flow))


@drawing(alt=alt_texts.mirror_ratio, height=58.0, names=_name_flows)
def draw_mirror_ratio(
    ax: Axes,
    data: pd.DataFrame,
    *,
    exporter: str,
    importer: str,
    places: Places | None = None,
) -> Axes:
    """
    Draw the importer's report divided by the exporter's, a marker for each flow and period.

    On the logarithmic axis 2 is as far from agreement as 0.5. A period for which nothing can be
    divided is marked ``n/a`` where there is room; a ratio marked as odd is hollow.

    Parameters
    ----------
    ax : Axes
        As from ``new_figure``.
    data : pandas.DataFrame
        Columns ``period`` (``"1402"``), ``flow`` (``"Iran to Armenia"``), ``ratio``, ``low``,
        ``high`` (bounds; one missing: open on that side, both: none) and ``odd`` (bool: the source
        is known to be out of line); one row a flow and period.
    exporter, importer : str
        Names of the two countries, for the heading.
    places : mapping of str to int, optional
        The place of each name in the palette, as a report keeps it; by default in their order.

    Returns
    -------
    Axes
        The axes handed in.

    Raises
    ------
    SchemaError
        If a column or every row is missing, a row stands there twice, or no ratio is positive.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=80)
    >>> data = pd.DataFrame(
    ...     {"period": ["1402"], "flow": ["Iran to Armenia"], "ratio": [1.41],
    ...      "low": [None], "high": [1.41], "odd": [False]}
    ... )
    >>> draw_mirror_ratio(axes, data, exporter="Iran", importer="Armenia") is axes
    True
    """
    rows = check_drawn(
        data,
        figure="draw_mirror_ratio",
        columns=["period", "flow", "odd"],
        numbers=["ratio", "low", "high"],
        key=["period", "flow"],
    )
    rows, note = keep_positive(
        rows, figure="draw_mirror_ratio", value="ratio", beside=["low", "high"]
    )
    rows = rows.rename(columns={"ratio": "value"})
    periods = sorted(rows["period"].unique())
    rows["place"] = rows["period"].map(periods.index).astype(float)
    own = take_places(_name_flows(rows, exporter=exporter), places)
    markers = _draw_flows(ax, rows, own)
    agreement = ax.axhline(1.0, color=INK, linewidth=0.9, label="both reports agree", zorder=1)
    drawn = rows[["value", "low", "high"]].to_numpy()
    set_log_axis(
        ax,
        low=min(_NARROWEST[0], float(np.nanmin(drawn))),
        high=max(_NARROWEST[1], float(np.nanmax(drawn))),
    )
    set_places(ax, periods)
    if place_width(ax, len(periods)) > text_width("n/a", size=SMALL):
        _mark_missing(ax, rows)
    title = f"{exporter} and {importer}: importer’s report divided by exporter’s report, log scale"
    style_axes(ax, grid="y", title=title + note)
    draw_legend(ax, [*markers, agreement])
    return ax


def _draw_flows(ax: Axes, rows: pd.DataFrame, flows: Places) -> list[Line2D]:
    """Draw the markers of each flow and return what the legend explains."""
    offsets = group_offsets(len(flows), width=_GROUP_WIDTH)
    handles = []
    for (flow, place), offset in zip(flows.items(), offsets, strict=True):
        points = rows[rows["flow"] == flow]
        placed = points.assign(place=points["place"] + offset)
        look = series_look(place)
        hollow: dict[str, Any] = {**look, "markerfacecolor": "white", "markeredgewidth": 1.1}
        odd = placed["odd"].astype(bool)
        draw_points(ax, placed[odd], label="", look=hollow)
        handles.append(draw_points(ax, placed[~odd], label=flow, look=look))
    if rows.loc[rows["odd"].astype(bool), "value"].notna().any():
        handles.append(Line2D([], [], label="hollow: source known to be out of line", **_HOLLOW))
    return handles


def _mark_missing(ax: Axes, rows: pd.DataFrame) -> None:
    """Say at the foot of a period that no report of it can be divided."""
    empty = rows.groupby("place")["value"].count() == 0
    for place in empty.index[empty]:
        ax.annotate(
            "n/a",
            xy=(place, 0.0),
            xycoords=ax.get_xaxis_transform(),
            xytext=(0, 4),
            textcoords="offset points",
            ha="center",
            fontsize=SMALL,
            color=GREY,
        )


def _name_series(data: pd.DataFrame, **_: object) -> list[str]:
    return sorted(map(str, data["series"].unique()))


@drawing(alt=alt_texts.levels, height=44.0, width="single", names=_name_series)
def draw_levels(
    ax: Axes, data: pd.DataFrame, *, unit_label: str, places: Places | None = None
) -> Axes:
    """
    Draw each series as a thin line with dots and its name at the end.

    A line is interrupted where periods are absent.

    Parameters
    ----------
    ax : Axes
        As from ``new_figure``.
    data : pandas.DataFrame
        Columns ``date`` (first day of the period), ``series`` (name) and ``value``; one row a
        series and date.
    unit_label : str
        What is measured, and its unit.
    places : mapping of str to int, optional
        The place of each name in the palette, as a report keeps it; by default in their order.

    Returns
    -------
    Axes
        The axes handed in.

    Raises
    ------
    SchemaError
        If a column or every row is missing, a row stands there twice, or no value is positive.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(width="single", height=50)
    >>> dates = pd.to_datetime(["2020-01-01", "2021-01-01"])
    >>> data = pd.DataFrame({"date": dates, "series": "Armenia", "value": [9.0, 12.0]})
    >>> draw_levels(axes, data, unit_label="USD million, log scale") is axes
    True
    """
    rows = check_drawn(
        data,
        figure="draw_levels",
        columns=["date", "series"],
        numbers=["value"],
        key=["series", "date"],
    ).sort_values(["series", "date"])
    rows, note = keep_positive(rows, figure="draw_levels", value="value", beside=[])
    rows = rows.dropna(subset="value")
    own = take_places(_name_series(rows), places)
    ends = []
    for name, points in rows.groupby("series", sort=True):
        colour = colour_at(own[str(name)], LINES)
        draw_values(ax, with_gaps(points), colour=colour)
        ends.append(LineEnd(float(points["value"].iloc[-1]), str(name), colour))
    set_log_axis(ax, low=float(rows["value"].min()), high=float(rows["value"].max()))
    set_date_axis(ax, list(rows["date"]))
    label_line_ends(ax, ends, inside=True)
    style_axes(ax, grid="y", title=unit_label + note, title_part=0.95)
    return ax
