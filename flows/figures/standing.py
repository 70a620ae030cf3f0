"""Where one pair stands among all others: percentiles by measure and by whom it is held against."""

import pandas as pd
from matplotlib.axes import Axes

from flows.figures import alt_texts
from flows.figures.drawing import drawing
from flows.figures.marks import draw_legend, group_offsets, set_row_names
from flows.figures.scales import style_axes
from flows.figures.style import ACCENT, INK, LINES, MARKERS, PALE, check_drawn, format_value

_NAME_PART = 0.45
"""Of the width, for the names of measures with their values."""

_TITLE_PART = 0.5

_LOOKS = tuple(zip((ACCENT, LINES[0], INK), MARKERS, strict=False))
_SIZE = 6.0
_GROUP_WIDTH = 0.7
_MIDDLE = 50


@drawing(alt=alt_texts.standing, height=6.0, height_per_row=3.2)
def draw_standing(ax: Axes, data: pd.DataFrame, *, pair: str) -> Axes:
    """
    Draw the percentile of a pair by measure, a mark for each group that it is held against.

    Parameters
    ----------
    ax : Axes
        As from ``new_figure``.
    data : pandas.DataFrame
        Columns ``measure`` (its name and the value of the pair), ``among`` (name of the group),
        ``others`` (how many are compared with) and ``percentile`` (0 to 100); one row a measure and
        group, measures in their order from the top.
    pair : str
        Name, for the heading.

    Returns
    -------
    Axes
        The axes handed in.

    Raises
    ------
    SchemaError
        If a column or every row is missing, or a measure stands there twice in a group.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=40)
    >>> data = pd.DataFrame(
    ...     {"measure": ["growth: 3.00% a year"], "among": ["all pairs"], "others": [812],
    ...      "percentile": [61.0]}
    ... )
    >>> draw_standing(axes, data, pair="Iran to Armenia") is axes
    True
    """
    rows = check_drawn(
        data,
        figure="draw_standing",
        columns=["measure", "among"],
        numbers=["others", "percentile"],
        key=["measure", "among"],
    )
    measures, groups = rows["measure"].unique(), rows["among"].unique()
    places = {measure: at for at, measure in enumerate(measures)}
    offsets = group_offsets(len(groups), width=_GROUP_WIDTH)
    ax.axvline(_MIDDLE, color=PALE, linewidth=0.8, zorder=0)
    handles = []
    for group, offset, (colour, marker) in zip(groups, offsets, _LOOKS, strict=False):
        own = rows[rows["among"] == group]
        (marks,) = ax.plot(
            own["percentile"],
            own["measure"].map(places) + offset,
            label=f"{group} ({_count(own['others'])})",
            color=colour,
            marker=marker,
            markersize=_SIZE,
            linestyle="none",
            clip_on=False,
        )
        marks.set_in_layout(False)
        handles.append(marks)
    title = f"{pair}: percent of the others that lie below"
    style_axes(ax, grid="x", title=title, title_part=_TITLE_PART)
    ax.set_xlim(0, 100)
    ax.set_xticks([0, 25, _MIDDLE, 75, 100])
    set_row_names(ax, measures, places=places.values(), part=_NAME_PART)
    draw_legend(ax, handles)
    return ax


def _count(others: pd.Series) -> str:
    """Say how many are compared with, where measures differ in that from the least to the most."""
    least, most = (format_value(number, decimals=0) for number in (others.min(), others.max()))
    return f"{most} others" if least == most else f"{least} to {most} others"
