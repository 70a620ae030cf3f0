"""Axes: their look, values from zero for bars, logarithmic for growth and ratios."""

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator

from flows.figures.style import GREY, INK, size_in_points
from flows.figures.text import FONT, SMALL, TEXT, text_width, wrap_text
from flows.findings import MINUS

_STEPS = (1.0, 2.0, 5.0)
_MAX_TICKS = 8
_MOST_BINS = 6
_BESIDE_POINTS = 130.0
"""About what labels on the left and a legend on the right take of the width of a figure."""


def style_axes(
    ax: Axes,
    *,
    grid: Literal["x", "y"],
    title: str,
    title_above: float = 0.0,
    title_part: float = 0.75,
) -> None:
    """
    Give an axes the look of the report: two spines, a light grid, what is measured at the top left.

    Sizes are set on the axes, not by matplotlib's settings, because tick labels are made only when
    the figure is drawn, after the drawing function has returned.

    Parameters
    ----------
    ax : Axes
        Any.
    grid : {"x", "y"}
        The axis of the values.
    title : str
        What is measured, and its unit; broken into lines where it is wider than the figure.
    title_above : float
        Points between the axes and the title that something else takes.
    title_part : float
        What is left for the title of the width of the figure, right of where the axes begin.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=60)
    >>> style_axes(axes, grid="y", title="USD million")
    >>> axes.get_title(loc="left")
    'USD million'
    """
    ax.spines[["top", "right"]].set_visible(False)
    ax.set_axisbelow(True)
    ax.grid(visible=True, axis=grid)
    ax.tick_params(which="both", length=2.5, width=0.6, color=GREY, labelcolor=INK, labelsize=SMALL)
    ax.tick_params(labelfontfamily=FONT)
    width = title_part * size_in_points(ax)[0]
    lines = wrap_text(title, width=width, size=TEXT)
    ax.set_title(lines, loc="left", pad=TEXT + title_above)


def set_zero_axis(ax: Axes, *, axis: Literal["x", "y"], headroom: float = 0.03) -> None:
    """
    Let the values start at zero, with few round ticks and separated thousands.

    Parameters
    ----------
    ax : Axes
        With everything already drawn: the end of the axis follows from it.
    axis : {"x", "y"}
        The axis of the values.
    headroom : float
        What is left free beyond the values, as a part of their range.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=60)
    >>> lines = axes.plot([0, 1], [40, 90])
    >>> set_zero_axis(axes, axis="y")
    >>> round(axes.get_ylim()[0])
    0
    """
    side = ax.yaxis if axis == "y" else ax.xaxis
    low, high = sorted(side.get_data_interval())
    low, high = min(low, 0.0), max(high, 0.0)
    reach = (high - low) or 1.0
    foot = low - headroom * reach if low < 0 else 0.0
    _set_linear(ax, axis, foot, high + headroom * reach)


def set_close_axis(ax: Axes, *, axis: Literal["x", "y"], headroom: float) -> None:
    """
    Let the axis hold what is drawn and little more, for differences: zero need not be on it.

    Parameters
    ----------
    ax : Axes
        With everything already drawn: the ends of the axis follow from it.
    axis : {"x", "y"}
        The axis of the values.
    headroom : float
        What is left free at each end, as a part of the range of the values.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=60)
    >>> lines = axes.plot([0, 1], [60, 70])
    >>> set_close_axis(axes, axis="y", headroom=0.1)
    >>> [float(end) for end in axes.get_ylim()]
    [59.0, 71.0]
    """
    side = ax.yaxis if axis == "y" else ax.xaxis
    low, high = sorted(side.get_data_interval())
    reach = (high - low) or 1.0
    _set_linear(ax, axis, low - headroom * reach, high + headroom * reach)


def _set_linear(ax: Axes, axis: Literal["x", "y"], low: float, high: float) -> None:
    """Set the ends of an axis, with few round ticks and separated thousands."""
    (ax.set_ylim if axis == "y" else ax.set_xlim)(low, high)
    side = ax.yaxis if axis == "y" else ax.xaxis
    room = math.inf if axis == "y" else place_width(ax, 1)
    side.set_ticks(_round_ticks(low, high, room=room))
    side.set_major_formatter(FuncFormatter(lambda value, _: _plain(value)))


def _round_ticks(low: float, high: float, *, room: float) -> list[float]:
    """Return as many round numbers as have room beside each other."""
    ticks: list[float] = []
    for bins in range(_MOST_BINS, 0, -1):
        locator = MaxNLocator(nbins=bins, steps=[1, 2, 2.5, 5, 10])
        ticks = [float(tick) for tick in locator.tick_values(low, high) if low <= tick <= high]
        if 1.5 * sum(text_width(_plain(tick), size=SMALL) for tick in ticks) <= room:
            break
    return ticks


def set_amount_axis(ax: Axes, amounts: pd.DataFrame, *, log: bool) -> None:
    """
    Let the y axis hold amounts: logarithmic, or from zero.

    Parameters
    ----------
    ax : Axes
        With everything already drawn.
    amounts : pandas.DataFrame
        All that is drawn to scale; above 0 where ``log``.
    log : bool
        Whether equal distances are equal percentages.

    Raises
    ------
    ValueError
        If ``log`` and an amount is not positive.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=60)
    >>> set_amount_axis(axes, pd.DataFrame({"value": [0.7, 31.0]}), log=True)
    >>> axes.get_yscale()
    'log'
    """
    if log:
        values = amounts.to_numpy(dtype=float)
        set_log_axis(ax, low=float(np.nanmin(values)), high=float(np.nanmax(values)))
    else:
        set_zero_axis(ax, axis="y")


def set_log_axis(ax: Axes, *, low: float, high: float) -> None:
    """
    Make the y axis logarithmic, from one round number to another, with numbers written out.

    Parameters
    ----------
    ax : Axes
        Any.
    low, high : float
        Least and greatest value that is drawn, both above 0.

    Raises
    ------
    ValueError
        If ``low`` is not positive or ``high`` is below it.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=60)
    >>> set_log_axis(axes, low=0.7, high=31)
    >>> axes.get_yticks().tolist()
    [0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0]
    """
    if not 0 < low <= high:
        raise ValueError(f"expected 0 < low <= high, found low {low} and high {high}")
    numbers = _round_numbers(low, high, steps=_STEPS)
    if len(numbers) > _MAX_TICKS:
        numbers = _round_numbers(low, high, steps=(1.0,))
    ax.set_yscale("log")
    ax.set_ylim(numbers[0], numbers[-1])
    ax.yaxis.set_minor_locator(NullLocator())
    ax.set_yticks(numbers[:: math.ceil(len(numbers) / _MAX_TICKS)])
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _plain(value)))


def _round_numbers(low: float, high: float, *, steps: Sequence[float]) -> list[float]:
    """Return the round numbers from the last one below ``low`` to the first one above ``high``."""
    powers = range(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 2)
    numbers = [float(f"{step}e{power}") for power in powers for step in steps]
    first = max(index for index, number in enumerate(numbers) if number < low)
    last = min(index for index, number in enumerate(numbers) if number > high)
    return numbers[first : last + 1]


def _plain(value: float) -> str:
    """Print a tick: as many decimals as it needs, thousands separated."""
    digits = f"{value:,.10f}".rstrip("0").rstrip(".")
    return digits.replace("-", MINUS)


def place_width(ax: Axes, count: int) -> float:
    """
    Return about how wide each of several places on the x axis is printed.

    Parameters
    ----------
    ax : Axes
        Any.
    count : int
        How many places.

    Returns
    -------
    float
        Points; what labels beside the axes leave is known only when the figure is drawn.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=60)
    >>> place_width(axes, 4) < place_width(axes, 2)
    True
    """
    width, _ = size_in_points(ax)
    return max(width - _BESIDE_POINTS, width / 3) / count
