"""A result under every combination of choices: the values sorted, and the options below them."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.transforms import ScaledTranslation, blended_transform_factory

from flows.errors import SchemaError
from flows.figures import alt_texts
from flows.figures.drawing import drawing
from flows.figures.marks import PAPER, draw_whisker
from flows.figures.scales import set_close_axis, style_axes
from flows.figures.style import (
    ACCENT,
    GREY,
    INK,
    PALE,
    SMALL,
    check_drawn,
    format_value,
    size_in_points,
    text_height,
    wrap_text,
)

_LEADING = 1.5
"""Points between two options."""

_BETWEEN = 5.0
"""Points above the name of a choice."""

_GAP = 9.0
"""Points between the values and their options."""

_NAMES_PART, _HEADING_PART = 0.3, 0.6
"""Of the width of a figure."""

_POINTS_PER_INCH = 72.0
_BESIDE = 5.0
_HEADROOM = 0.15
_MANY = 60
_DOTS = "dots-of-choices"
"""Begin of the ids under which the page of a report finds the dots, from left to right."""
_DOT, _LARGE_DOT = 1.8, 3.2
"""Diameters in points, of many combinations and of few."""


@drawing(alt=alt_texts.choices, height=52.0)
def draw_choices(
    ax: Axes,
    data: pd.DataFrame,
    *,
    choices: Sequence[str],
    unit_label: str,
    moves: Sequence[float],
    decimals: int,
    does_not_apply: str = "",
    number: str = "",
) -> Axes:
    """
    Draw the values of all combinations, the lowest first, above a matrix of their options.

    Parameters
    ----------
    ax : Axes
        As from ``new_figure``; the matrix hangs below it, with a dot for each combination and
        option.
    data : pandas.DataFrame
        One row a combination: a column of option labels for each choice (``does_not_apply`` has
        no dot), ``value``, ``low``, ``high`` (bounds; one that is missing beside the other is an
        arrow), ``own`` (true for the one that is marked). Rows without a value are counted below.
    choices : sequence of str
        The columns of the choices, from top to bottom.
    unit_label : str
        What is measured, and its unit.
    moves : sequence of float
        How far each choice moves the value, printed beside its name; missing where it is not known.
    decimals : int
        With how many decimals values are printed.
    does_not_apply : str
        Label where a combination does not have a choice.
    number : str
        Id of the number of a report that is marked; not drawn.

    Returns
    -------
    Axes
        The axes handed in.

    Raises
    ------
    SchemaError
        If a column is missing, two rows have the same options, or none has a value.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=120)
    >>> data = pd.DataFrame(
    ...     {"Release": ["2025", "2022"], "value": [67.7, 69.5], "low": [64.2, None],
    ...      "high": [68.3, None], "own": [True, False]}
    ... )
    >>> options = {
    ...     "choices": ["Release"], "unit_label": "Share, percent", "moves": [1.7], "decimals": 1
    ... }
    >>> draw_choices(axes, data, **options) is axes
    True
    """
    del number
    rows = check_drawn(
        data,
        figure="draw_choices",
        columns=[*choices, "own"],
        numbers=["value", "low", "high"],
        key=choices,
    )
    known = rows[rows["value"].notna()].sort_values(["value", *sorted(choices)], ignore_index=True)
    if known.empty:
        raise SchemaError("draw_choices: expected a row with a value, found none")
    _draw_known(ax, known)
    style_axes(ax, grid="y", title=unit_label)
    set_close_axis(ax, axis="y", headroom=_HEADROOM)
    ax.set_xlim(-1.0, len(known))
    ax.tick_params(axis="x", length=0, labelbottom=False)
    _label_own(ax, known, decimals=decimals)
    printed = ["" if pd.isna(size) else format_value(size, decimals=decimals) for size in moves]
    options = [sorted(set(known[choice]) - {does_not_apply}) for choice in choices]
    matrix = _draw_matrix(ax, known, zip(choices, printed, options, strict=True))
    _count(matrix, known, without_value=len(rows) - len(known))
    return ax


def _draw_known(ax: Axes, known: pd.DataFrame) -> None:
    """Draw each value with its bounds, one's own in the accent colour on top."""
    bounded = known.dropna(subset=["low", "high"])
    colours = [ACCENT if own else PALE for own in bounded["own"]]
    widths = [1.8 if own else 0.9 for own in bounded["own"]]
    ax.vlines(bounded.index, bounded["low"], bounded["high"], colors=colours, linewidths=widths)
    for place, row in known[known["low"].isna() != known["high"].isna()].iterrows():
        at, ends = float(str(place)), {end: row[end] for end in ("value", "low", "high")}
        draw_whisker(ax, at=at, colour=ACCENT if row["own"] else GREY, **ends)
    size = _DOT if len(known) > _MANY else _LARGE_DOT
    for own, colour, larger in ((False, INK, 1.0), (True, ACCENT, 1.5)):
        dots = known[known["own"] == own]
        line = ax.plot(dots.index, dots["value"], "o", color=colour, markersize=larger * size)
        line[0].set(zorder=3, gid=f"{_DOTS}-{'own' if own else 'others'}")


def _label_own(ax: Axes, known: pd.DataFrame, *, decimals: int) -> None:
    """Name one's own value at the top, on the side where the values are lower."""
    for place in known.index[known["own"]]:
        printed = format_value(known["value"][place], decimals=decimals)
        leftward = place > len(known) / 3
        _mark_own(ax, place)
        ax.annotate(
            f"This report: {printed}",
            xy=(place, 1.0),
            xycoords=ax.get_xaxis_transform(),
            xytext=(-_BESIDE if leftward else _BESIDE, 0),
            textcoords="offset points",
            ha="right" if leftward else "left",
            va="top",
            fontsize=SMALL,
            color=ACCENT,
        )


def _mark_own(ax: Axes, place: float) -> None:
    ax.axvline(place, color=ACCENT, linewidth=0.5, linestyle=(0, (4, 2)), zorder=0.5)


class _Row(NamedTuple):
    """A line of the matrix: its middle in points from the top, and the option it is for, if any."""

    at: float
    text: str
    choice: str
    option: str | None


def _rows(
    choices: Iterable[tuple[str, str, Sequence[str]]], *, width: float
) -> tuple[list[_Row], float]:
    """Return a line for each choice, with what it moves, and each option, and their height."""
    rows, foot = list[_Row](), 0.0
    for choice, moves, options in choices:
        heading = f"{choice}: moves it by {moves}" if moves else choice
        lines: list[tuple[str | None, str]] = [
            (None, wrap_text(heading, width=_HEADING_PART * width, size=SMALL))
        ]
        lines += [
            (option, wrap_text(option, width=_NAMES_PART * width, size=SMALL, balanced=True))
            for option in options
        ]
        for option, text in lines:
            height = text_height(text, size=SMALL) + _LEADING
            rows.append(_Row(foot + height / 2, text, choice, option))
            foot += height
        foot += _BETWEEN
    return rows, foot - _BETWEEN


def _draw_matrix(
    ax: Axes, known: pd.DataFrame, choices: Iterable[tuple[str, str, Sequence[str]]]
) -> Axes:
    """Hang a matrix below the values: a row an option, a dot where a combination has it."""
    rows, height = _rows(choices, width=size_in_points(ax)[0])
    matrix = _axes_below(ax, points=height)
    named = [row for row in rows if row.option is not None]
    for row in rows:
        if row.option is None:
            _write_choice(matrix, row.text, at=row.at)
        else:
            _draw_dots(matrix, known, known[row.choice] == row.option, at=row.at)
    for place in known.index[known["own"]]:
        _mark_own(matrix, place)
    style_axes(matrix, grid="y", title="")
    matrix.spines[["left", "bottom"]].set_visible(False)
    matrix.set_yticks([row.at for row in named], [row.text for row in named])
    matrix.tick_params(length=0, labelbottom=False)
    matrix.set_xlim(ax.get_xlim())
    matrix.set_ylim(height, 0.0)
    return matrix


def _count(matrix: Axes, known: pd.DataFrame, *, without_value: int) -> None:
    """Say below the matrix how many combinations there are."""
    has = "has" if without_value == 1 else "have"
    more = f"; {without_value} more {has} no value" if without_value else ""
    shown = f"{len(known)} combinations, the lowest value first{more}"
    matrix.set_xlabel(shown, fontsize=SMALL, color=INK)


def _axes_below(ax: Axes, *, points: float) -> Axes:
    """Return axes of a height in points that hang below others, whatever the height of those."""
    corner = ScaledTranslation(0.0, 0.0, ax.transAxes)  # type: ignore[arg-type]
    below = ax.figure.dpi_scale_trans + corner
    across = blended_transform_factory(ax.transAxes, below)
    inches = points / _POINTS_PER_INCH
    foot = -inches - _GAP / _POINTS_PER_INCH
    return ax.inset_axes((0.0, foot, 1.0, inches), transform=across)


def _write_choice(matrix: Axes, text: str, *, at: float) -> None:
    """Write the name of a choice above its options."""
    matrix.annotate(
        text,
        xy=(0.0, at),
        xycoords=matrix.get_yaxis_transform(),
        va="center",
        fontsize=SMALL,
        fontweight="bold",
        bbox=PAPER,
    )


def _draw_dots(matrix: Axes, known: pd.DataFrame, has: "pd.Series[bool]", *, at: float) -> None:
    size = _DOT if len(known) > _MANY else _LARGE_DOT
    for own, colour, larger in ((False, INK, 1.0), (True, ACCENT, 1.5)):
        places = known.index[has & (known["own"] == own)]
        matrix.plot(places, [at] * len(places), "o", color=colour, markersize=larger * size)
