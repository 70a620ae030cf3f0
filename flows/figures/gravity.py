"""A flow in its context: what is stated of it, and what the trade of all other pairs predicts."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from flows.figures import alt_texts
from flows.figures.drawing import drawing
from flows.figures.marks import draw_legend, group_offsets, set_row_names
from flows.figures.scales import set_log_axis, style_axes
from flows.figures.style import (
    INK,
    LIGHT,
    PALE,
    Places,
    check_drawn,
    check_words,
    keep_positive,
    series_look,
    take_places,
)

PREDICTED, STATED = "predicted", "stated"
_RANGES = ["low", "high", "inner_low", "inner_high"]

_NAME_PART = 0.24
"""Of the width of a figure, for the names of flows."""

_REACH = 1e5
"""The axis shows ranges down to this part of the highest amount."""

_BETWEEN_FLOWS = 0.45
_HEIGHT = 0.62
_GROUP_WIDTH = 0.5
_MARK: dict[str, Any] = {
    "linestyle": "none",
    "markersize": 5.0,
    "markeredgecolor": "white",
    "markeredgewidth": 0.6,
}


def _name_sources(data: pd.DataFrame, **_: object) -> list[str]:
    return [str(name) for name in data.loc[data["kind"] == STATED, "source"].unique()]


@drawing(
    alt=alt_texts.flow_context,
    height=4.0,
    height_per_row=2.6,
    names=_name_sources,
    palette="sources",
)
def draw_flow_context(
    ax: Axes,
    data: pd.DataFrame,
    *,
    unit_label: str,
    outer_label: str,
    inner_label: str,
    places: Places | None = None,
) -> Axes:
    """
    Draw what is stated of a flow in a year beside what the trade of other pairs predicts.

    A row a flow and year: two bars for the ranges of the prediction, a line across them for the
    prediction, and a marker for each source that states the flow.

    Parameters
    ----------
    ax : Axes
        As from ``new_figure``.
    data : pandas.DataFrame
        Columns ``flow`` (``"Iran to Armenia"``), ``year`` (``"2019"``), ``kind`` (``"predicted"``
        or ``"stated"``), ``source`` (who states it, or what predicts it), ``value``, and of
        predictions ``low``, ``high`` (the outer range), ``inner_low``, ``inner_high``; one row a
        flow, year and source, flows and years in their order from the top. A range may begin at 0,
        which is beyond the left edge.
    unit_label : str
        What is measured, and its unit.
    outer_label, inner_label : str
        What the two ranges are, for the legend.
    places : mapping of str to int, optional
        The place of each source in the palette, as a report keeps it; by default in their order.

    Returns
    -------
    Axes
        The axes handed in.

    Raises
    ------
    SchemaError
        If a column or every row is missing, a source stands there twice in a row, or no value is
        positive.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=40)
    >>> data = pd.DataFrame(
    ...     {"flow": "Iran to Armenia", "year": "2019", "kind": ["predicted", "stated"],
    ...      "source": ["gravity", "BACI"], "value": [43.0, 302.0], "low": [4.0, None],
    ...      "high": [400.0, None], "inner_low": [10.0, None], "inner_high": [150.0, None]}
    ... )
    >>> draw_flow_context(
    ...     axes, data, unit_label="USD million", outer_label="95%", inner_label="80%"
    ... ) is axes
    True
    """
    rows = check_drawn(
        data,
        figure="draw_flow_context",
        columns=["flow", "year", "kind", "source"],
        numbers=["value", *_RANGES],
        key=["flow", "year", "source"],
    )
    check_words(rows, "kind", figure="draw_flow_context", words=(PREDICTED, STATED))
    rows, note = keep_positive(rows, figure="draw_flow_context", value="value", beside=[])
    heights = _heights(rows)
    rows["place"] = _named(rows).map(heights)
    note += _set_amounts(ax, rows)
    own = take_places(_name_sources(rows), places)
    handles = _draw_predicted(ax, rows[rows["kind"] == PREDICTED], outer_label, inner_label)
    handles += _draw_stated(ax, rows[rows["kind"] == STATED], own)
    style_axes(ax, grid="x", title=unit_label + note, title_part=0.97 - _NAME_PART)
    set_row_names(ax, heights, places=heights.values(), part=_NAME_PART)
    draw_legend(ax, handles)
    return ax


def _set_amounts(ax: Axes, rows: pd.DataFrame) -> str:
    """Let the x axis hold all values, and say so where a range begins below what it holds."""
    ends = rows[_RANGES].to_numpy()
    amounts = np.concatenate([rows["value"], ends[ends > 0]])
    high = float(np.nanmax(amounts))
    low = float(np.nanmin(amounts[amounts > high / _REACH]))
    set_log_axis(ax, low=min(low, float(rows["value"].min())), high=high, axis="x")
    hidden = bool((rows[["low", "inner_low"]].to_numpy() < ax.get_xlim()[0]).any())
    return "; ranges from the left edge begin below it" if hidden else ""


def _named(rows: pd.DataFrame) -> pd.Series:
    return rows["flow"].str.cat(rows["year"].astype("str"), sep=", ")


def _heights(rows: pd.DataFrame) -> dict[str, float]:
    """Return the height of each flow and year by its name, with some space between two flows."""
    first = rows.drop_duplicates(["flow", "year"])
    flows = pd.factorize(first["flow"])[0]
    return dict(zip(_named(first), np.arange(len(first)) + _BETWEEN_FLOWS * flows, strict=True))


def _draw_predicted(
    ax: Axes, rows: pd.DataFrame, outer_label: str, inner_label: str
) -> list[Artist]:
    """Draw each prediction across its ranges, and return what the legend explains."""
    edge = ax.get_xlim()[0]
    for row in rows.to_dict("records"):
        for low, high, colour in (("low", "high", LIGHT), ("inner_low", "inner_high", PALE)):
            start, end = max(row[low], edge), max(row[high], edge)
            ax.barh(row["place"], end - start, left=start, height=_HEIGHT, color=colour, zorder=1)
        across = [row["place"] - _HEIGHT / 2, row["place"] + _HEIGHT / 2]
        ax.plot([row["value"]] * 2, across, color=INK, linewidth=1.4, zorder=2)
    if rows.empty:
        return []
    line: dict[str, Any] = {"color": INK, "marker": "|", "markersize": 9, "linestyle": "none"}
    return [
        *(Line2D([], [], label=source, **line) for source in rows["source"].unique()),
        Patch(color=PALE, label=inner_label),
        Patch(color=LIGHT, label=outer_label),
    ]


def _draw_stated(ax: Axes, rows: pd.DataFrame, own: Places) -> list[Artist]:
    """Draw a marker for each source of a row, those of one row a little apart."""
    sources = [name for name in own if name in set(rows["source"])]
    handles: list[Artist] = []
    for source, offset in zip(
        sources, group_offsets(len(sources), width=_GROUP_WIDTH), strict=True
    ):
        points = rows[rows["source"] == source]
        heights = points["place"] + offset
        look: dict[str, Any] = {**_MARK, **series_look(own[source])}
        handles += ax.plot(points["value"], heights, label=source, zorder=3, **look)
    return handles
