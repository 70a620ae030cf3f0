"""Arms imports: by supplier and rank, the deals behind a share, its revision, other importers."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from flows.figures import alt_texts
from flows.figures.drawing import drawing
from flows.figures.marks import (
    NAME_PART,
    NamedPoint,
    connect_bars,
    draw_bar,
    draw_legend,
    label_bar,
    label_points,
    set_bar_axis,
    set_row_names,
)
from flows.figures.scales import set_places, set_year_axis, set_zero_axis, style_axes
from flows.figures.style import (
    ACCENT,
    FILLS,
    GREY,
    INK,
    LINES,
    PALE,
    Places,
    check_drawn,
    check_words,
    colour_at,
    format_value,
    take_places,
)

_REMAINDERS = ("Others", "Unknown supplier")
"""Rows that are no supplier; they close the stack."""

_HATCHES = ("", "////", "xxxx")
"""One for each round of the colours."""

_POINTS_PER_PERCENT = 2.4
"""Area of a mark, in square points."""

_SMALLEST = 6.0
_APART = 0.3
"""Between equals, which have one rank."""

_DASHES = ("-", "--", ":", "-.")

_DEAL_LOOKS: dict[bool, dict[str, Any]] = {
    True: {"facecolor": ACCENT},
    False: {"facecolor": FILLS[0], "hatch": "////"},
}
_AXES_PART = 0.43
"""About what names and legend leave of the width of a figure."""

_CHANGE_LOOKS: dict[bool, dict[str, Any]] = {
    True: {"facecolor": FILLS[0]},
    False: {"facecolor": ACCENT, "hatch": "////"},
}

_WHOLE = 100.0
_SPARE = 2.0
"""Room for a whole mark at either end."""


def _name_by_total(data: pd.DataFrame, *, highlight: str, **_: object) -> list[str]:
    """Return the suppliers that share the palette, the largest first."""
    table = data.pivot_table(index="year", columns="supplier", values="value")
    special = (highlight, *_REMAINDERS)
    return [name for name in _stacking_order(table, highlight) if name not in special]


@drawing(alt=alt_texts.imports_by_supplier, height=68.0, names=_name_by_total, palette="suppliers")
def draw_imports_by_supplier(
    ax: Axes,
    data: pd.DataFrame,
    *,
    unit_label: str,
    highlight: str,
    places: Places | None = None,
) -> Axes:
    """
    Draw imports by year and supplier as stacked bars, one supplier in the accent colour.

    The highlighted supplier stands on the base line, where its bars can be compared between years;
    the others follow by their total, then ``Others`` and ``Unknown supplier``. The order of the
    rows has no influence. A year without a row has no bar.

    Parameters
    ----------
    ax : Axes
        As from ``new_figure``.
    data : pandas.DataFrame
        Columns ``year`` (int), ``supplier`` (name), ``value``; one row a year and supplier.
    unit_label : str
        What is measured, and its unit.
    highlight : str
        Name of a supplier; one that delivered nothing is not drawn.
    places : mapping of str to int, optional
        The place of each name in the palette, as a report keeps it; by default in their order.

    Returns
    -------
    Axes
        The axes handed in.

    Raises
    ------
    SchemaError
        If a column or every row is missing, or a year and supplier stand there twice.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=80)
    >>> data = pd.DataFrame({"year": [2020], "supplier": ["Israel"], "value": [280.0]})
    >>> draw_imports_by_supplier(axes, data, unit_label="TIV", highlight="Israel") is axes
    True
    """
    rows = check_drawn(
        data,
        figure="draw_imports_by_supplier",
        columns=["year", "supplier"],
        numbers=["value"],
        key=["year", "supplier"],
    )
    table = rows.pivot_table(index="year", columns="supplier", values="value")
    foot = pd.Series(0.0, index=table.index)
    bars = []
    own = take_places(_name_by_total(rows, highlight=highlight), places)
    for supplier, look in _fills_of(_stacking_order(table, highlight), highlight, own).items():
        height = table[supplier].dropna()
        bars.append(
            ax.bar(
                height.index, height, bottom=foot[height.index], width=0.8, label=supplier, **look
            )
        )
        foot = foot.add(height, fill_value=0.0)
    style_axes(ax, grid="y", title=unit_label)
    set_zero_axis(ax, axis="y")
    set_year_axis(ax, first=int(rows["year"].min()), last=int(rows["year"].max()))
    draw_legend(ax, bars[::-1])
    return ax


def _stacking_order(table: pd.DataFrame, highlight: str) -> list[str]:
    """Return the suppliers from the base line up."""
    totals = table.sum().rename_axis("supplier").rename("total").reset_index()
    names = totals.sort_values(["total", "supplier"], ascending=[False, True])["supplier"].tolist()
    ends = (highlight, *_REMAINDERS)
    return [
        *(name for name in names if name == highlight),
        *(name for name in names if name not in ends),
        *(name for name in _REMAINDERS if name in names and name != highlight),
    ]


def _fills_of(
    suppliers: Sequence[str], highlight: str, places: Places
) -> dict[str, dict[str, Any]]:
    """Give each supplier its fill; hatches tell those apart that share a colour."""
    special: dict[str, dict[str, Any]] = {
        highlight: {"facecolor": ACCENT},
        _REMAINDERS[0]: {"facecolor": PALE},
        _REMAINDERS[1]: {"facecolor": "white", "hatch": "////", "edgecolor": GREY},
    }
    looks = {}
    for supplier in suppliers:
        look = special.get(supplier) or {
            "facecolor": colour_at(places[supplier], FILLS),
            "hatch": _HATCHES[places[supplier] // len(FILLS) % len(_HATCHES)],
        }
        looks[supplier] = {"edgecolor": "white", "hatchcolor": INK, "linewidth": 0.5, **look}
    return looks


def _name_by_rank(data: pd.DataFrame, *, highlight: str, **_: object) -> list[str]:
    """Return the suppliers that share the palette, those that ranked highest first."""
    best = data.groupby("supplier")["rank"].min().sort_values(kind="stable")
    return [str(name) for name in best.index if name != highlight]


@drawing(alt=alt_texts.supplier_ranks, height=60.0, names=_name_by_rank, palette="suppliers")
def draw_supplier_ranks(
    ax: Axes,
    data: pd.DataFrame,
    *,
    highlight: str,
    importer: str,
    places: Places | None = None,
) -> Axes:
    """
    Draw the rank of each supplier in every window, the largest at the top.

    Parameters
    ----------
    ax : Axes
        As from ``new_figure``.
    data : pandas.DataFrame
        Columns ``window`` (``"2016-2020"``), ``supplier`` (name), ``rank`` (from 1) and
        ``share_pct``; one row a window and supplier. A line is interrupted where a supplier has no
        rank in a window; equals are drawn one below the other.
    highlight : str
        Name of the supplier in the accent colour.
    importer : str
        Name, for the heading.
    places : mapping of str to int, optional
        The place of each name in the palette, as a report keeps it; by default in their order.

    Returns
    -------
    Axes
        The axes handed in.

    Raises
    ------
    SchemaError
        If a column or every row is missing, or a window and supplier stand there twice.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=60)
    >>> data = pd.DataFrame(
    ...     {"window": "2016-2020", "supplier": ["Israel", "Russia"], "rank": [1, 2],
    ...      "share_pct": [67.7, 16.4]}
    ... )
    >>> draw_supplier_ranks(axes, data, highlight="Israel", importer="Azerbaijan") is axes
    True
    """
    rows = check_drawn(
        data,
        figure="draw_supplier_ranks",
        columns=["window", "supplier"],
        numbers=["rank", "share_pct"],
        key=["window", "supplier"],
    ).sort_values(["window", "rank", "supplier"])
    rows["level"] = rows["rank"] + _APART * rows.groupby(["window", "rank"]).cumcount()
    windows = sorted(rows["window"].unique())
    levels = rows.pivot_table(index="supplier", columns="window", values="level")
    areas = rows.pivot_table(index="supplier", columns="window", values="share_pct")
    order = list(rows.groupby("supplier")["rank"].min().sort_values(kind="stable").index)
    handles = []
    own = take_places(_name_by_rank(rows, highlight=highlight), places)
    for supplier, look in _lines_of(order, highlight, own).items():
        level = levels.loc[supplier].to_numpy(dtype=float)
        (line,) = ax.plot(range(len(windows)), level, label=supplier, **look)
        area = (_POINTS_PER_PERCENT * areas.loc[supplier]).clip(lower=_SMALLEST)
        ax.scatter(range(len(windows)), level, s=area, color=look["color"], zorder=look["zorder"])
        handles.append(line)
    deepest = float(rows["level"].max())
    title = f"Rank among the suppliers of arms to {importer}; area of the marks: share"
    style_axes(ax, grid="y", title=title)
    set_places(ax, windows)
    ax.set_yticks(range(1, int(deepest) + 1))
    ax.set_ylim(deepest + 0.6, 0.4)
    draw_legend(ax, handles)
    return ax


def _lines_of(suppliers: list[str], highlight: str, places: Places) -> dict[str, dict[str, Any]]:
    """Give each supplier a colour and dashes of its own; those of the highlight are only its."""
    looks = {}
    for supplier in suppliers:
        if supplier == highlight:
            looks[supplier] = {"color": ACCENT, "linewidth": 2.2, "zorder": 4}
        else:
            colour = colour_at(places[supplier], FILLS)
            dash = _DASHES[places[supplier] // len(FILLS) % len(_DASHES)]
            looks[supplier] = {"color": colour, "linestyle": dash, "linewidth": 1.1, "zorder": 3}
    return looks


@drawing(alt=alt_texts.tornado, height=2.0, height_per_row=7.0)
def draw_tornado(ax: Axes, data: pd.DataFrame, *, supplier: str, importer: str) -> Axes:
    """
    Draw a bar for each deal, from the share with all deals to the share without it.

    Parameters
    ----------
    ax : Axes
        As from ``new_figure``.
    data : pandas.DataFrame
        Columns ``deal`` (name), ``supplier`` (name), ``share_pct`` (with all deals, the same in
        every row) and ``without_pct`` (without this one); one row a deal, in their order from the
        top.
    supplier, importer : str
        Names; deals of the supplier are drawn in the accent colour.

    Returns
    -------
    Axes
        The axes handed in; values do not start at zero, the bars at the share with all deals.

    Raises
    ------
    SchemaError
        If a column or every row is missing, or a deal stands there twice.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=60)
    >>> data = pd.DataFrame(
    ...     {"deal": ["OPV-62", "BTR-82A"], "supplier": ["Israel", "Russia"],
    ...      "share_pct": [67.7, 67.7], "without_pct": [55.2, 72.8]}
    ... )
    >>> draw_tornado(axes, data, supplier="Israel", importer="Azerbaijan") is axes
    True
    """
    rows = check_drawn(
        data,
        figure="draw_tornado",
        columns=["deal", "supplier"],
        numbers=["share_pct", "without_pct"],
        key=["deal"],
    )
    own = rows["supplier"] == supplier
    labels = [format_value(value, decimals=1) for value in rows["without_pct"]]
    ends = rows[["share_pct", "without_pct"]].to_numpy(dtype=float)
    for place, ((start, end), is_own, label) in enumerate(zip(ends, own, labels, strict=True)):
        draw_bar(ax, at=place, start=start, end=end, look=_DEAL_LOOKS[is_own])
        label_bar(ax, label, at=place, end=end, points=-4 if end < start else 4)
    title = f"Share of {supplier} in the arms imports of {importer} without each deal, percent"
    style_axes(ax, grid="x", title=title, title_part=0.9 - NAME_PART)
    set_bar_axis(ax, labels, part=_AXES_PART)
    whole = rows["share_pct"].iloc[0]
    line = ax.axvline(whole, color=INK, linewidth=0.8)
    line.set_label(f"with all deals: {format_value(whole, decimals=1)}")
    set_row_names(ax, rows["deal"], places=rows.index, part=NAME_PART)
    kinds = {True: f"deal of {supplier}", False: "deal of other suppliers"}
    patches = [_patch(kinds[kind], kind) for kind in (True, False) if (own == kind).any()]
    draw_legend(ax, [line, *patches])
    return ax


def _patch(label: str, kind: bool) -> Patch:  # noqa: FBT001 - a key of the looks
    return Patch(label=label, edgecolor=INK, hatchcolor="white", linewidth=0.4, **_DEAL_LOOKS[kind])


@drawing(alt=alt_texts.revision_waterfall, height=2.0, height_per_row=7.0)
def draw_revision_waterfall(ax: Axes, data: pd.DataFrame, *, unit_label: str) -> Axes:
    """
    Draw an old value, the parts of its change under one another, and the new value.

    Parts are small beside the values, which are therefore marks and no bars: the axis does not
    start at zero.

    Parameters
    ----------
    ax : Axes
        As from ``new_figure``.
    data : pandas.DataFrame
        Columns ``step`` (name of the release or of the part), ``kind`` (``"level"`` or
        ``"change"``), ``value`` (the level, or the change in points), ``cumulative_from`` and
        ``cumulative_to`` (ends of the bar; the same for a level); one row a step, in their order.
    unit_label : str
        What is measured, and its unit.

    Returns
    -------
    Axes
        The axes handed in.

    Raises
    ------
    SchemaError
        If a column or every row is missing, a step stands there twice or has another kind.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=60)
    >>> data = pd.DataFrame(
    ...     {"step": ["March 2022", "TB-2", "March 2025"], "kind": ["level", "change", "level"],
    ...      "value": [69.5, -1.8, 67.7], "cumulative_from": [69.5, 69.5, 67.7],
    ...      "cumulative_to": [69.5, 67.7, 67.7]}
    ... )
    >>> draw_revision_waterfall(axes, data, unit_label="Share, percent") is axes
    True
    """
    rows = check_drawn(
        data,
        figure="draw_revision_waterfall",
        columns=["step", "kind"],
        numbers=["value", "cumulative_from", "cumulative_to"],
        key=["step"],
    )
    check_words(rows, "kind", figure="draw_revision_waterfall", words=["level", "change"])
    labels = [_draw_step(ax, step) for step in rows.itertuples()]
    connect_bars(ax, rows["cumulative_to"].tolist())
    style_axes(ax, grid="x", title=unit_label, title_part=0.9 - NAME_PART)
    set_bar_axis(ax, labels, part=1 - NAME_PART)
    set_row_names(ax, rows["step"], places=rows.index, part=NAME_PART)
    return ax


def _draw_step(ax: Axes, step: Any) -> str:
    """Draw a level as a mark, a change as a bar; return the value that stands beside it."""
    start, end = step.cumulative_from, step.cumulative_to
    is_level = step.kind == "level"
    if is_level:
        ax.plot(end, step.Index, marker="D", markersize=6, color=INK, zorder=3)
    else:
        draw_bar(ax, at=step.Index, start=start, end=end, look=_CHANGE_LOOKS[step.value >= 0])
    text = format_value(step.value, decimals=2, signed=not is_level)
    away = 8 if is_level else 4
    label_bar(ax, text, at=step.Index, end=end, points=-away if end < start else away)
    return text


@drawing(alt=alt_texts.context_distribution, height=66.0)
def draw_context_distribution(
    ax: Axes, data: pd.DataFrame, *, unit_label: str, highlight: str
) -> Axes:
    """
    Draw a dot for each importer, from the least to the greatest, and name some of them.

    Parameters
    ----------
    ax : Axes
        As from ``new_figure``.
    data : pandas.DataFrame
        Columns ``importer`` (name), ``value``, ``percentile`` (0 to 100), ``named`` (whether its
        name is printed); one row an importer.
    unit_label : str
        What is compared, and its unit.
    highlight : str
        Name of the importer in the accent colour; it is always named.

    Returns
    -------
    Axes
        The axes handed in.

    Raises
    ------
    SchemaError
        If a column or every row is missing, or an importer stands there twice.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=60)
    >>> data = pd.DataFrame(
    ...     {"importer": ["Egypt", "Azerbaijan", "Armenia"], "value": [0.27, 0.49, 0.90],
    ...      "percentile": [16.7, 50.0, 83.3], "named": [True, False, True]}
    ... )
    >>> draw_context_distribution(axes, data, unit_label="HHI", highlight="Azerbaijan") is axes
    True
    """
    rows = check_drawn(
        data,
        figure="draw_context_distribution",
        columns=["importer", "named"],
        numbers=["value", "percentile"],
        key=["importer"],
    )
    marked = rows["importer"] == highlight
    named = (rows["named"].astype(bool) | marked).to_numpy()
    ax.plot(rows["value"][~named], rows["percentile"][~named], ".", color=LINES[0], markersize=5)
    names = [_draw_named(ax, row, highlight=highlight) for row in rows[named].itertuples()]
    style_axes(ax, grid="x", title=f"Percentile among importers (upright), {unit_label} (across)")
    set_zero_axis(ax, axis="x")
    ax.set_ylim(-_SPARE, _WHOLE + _SPARE)
    ax.set_yticks([0, 25, 50, 75, 100])
    label_points(ax, names)
    return ax


def _draw_named(ax: Axes, row: Any, *, highlight: str) -> NamedPoint:
    """Draw the mark of an importer whose name is printed."""
    look: dict[str, Any] = {"color": INK, "marker": "o", "markersize": 5}
    if row.importer == highlight:
        look = {"color": ACCENT, "marker": "D", "markersize": 6}
    ax.plot(row.value, row.percentile, zorder=3, **look)
    return NamedPoint(row.value, row.percentile, row.importer, look["color"])
