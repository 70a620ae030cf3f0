"""The share of one supplier by window of years, as each release of the data gives it."""

import pandas as pd
from matplotlib.axes import Axes

from flows.figures.frame import check_drawn, check_words
from flows.figures.marks import draw_legend, draw_points
from flows.figures.style import INK, journal_style
from flows.figures.windows import (
    Series,
    label_shares,
    place_in_windows,
    release_series,
    set_window_axes,
)


@journal_style()
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
    for series, labelled in place_in_windows(ax, _series(rows), windows):
        handles.append(draw_points(ax, series.points, label=series.label, look=series.look))
        if labelled:
            _label_values(ax, series.points)
    title = f"Share of {supplier} in the arms imports of {importer}, percent"
    set_window_axes(ax, windows, title=title, labelled=labelled)
    draw_legend(ax, handles, title="Release")
    return ax


def _series(rows: pd.DataFrame) -> list[Series]:
    """Return the releases by date, then published figures."""
    series = release_series(rows[rows["kind"] == "computed"])
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
    label_shares(ax, points["place"], points[["value", "high"]].max(axis="columns"), texts)
