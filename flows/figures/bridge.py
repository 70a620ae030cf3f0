"""From one side's report of a flow to the other's, step by step."""

import math
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from flows.figures.frame import check_drawn, check_words
from flows.figures.lying import NAME_PART, connect_bars, draw_bar, label_bar, set_row_names
from flows.figures.marks import ARROW_POINTS, draw_whisker
from flows.figures.scales import set_zero_axis, style_axes
from flows.figures.style import ACCENT, FILLS, GREY, journal_style
from flows.figures.text import common_decimals, format_value

_LOOKS: dict[str, dict[str, Any]] = {
    "level": {"facecolor": FILLS[1]},
    "change": {"facecolor": FILLS[0], "hatch": "////"},
    "residual": {"facecolor": ACCENT, "hatch": "...."},
}


@journal_style()
def draw_bridge(ax: Axes, data: pd.DataFrame, *, unit_label: str) -> Axes:
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
    decimals = common_decimals(rows["value"])
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
