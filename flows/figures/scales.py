"""Axes: from zero for bars, logarithmic for growth and ratios; years, dates, named places."""

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import date2num
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator

from flows.canonical import MINUS
from flows.figures.style import (
    FONT,
    GREY,
    INK,
    LINE_HEIGHT,
    SMALL,
    TEXT,
    size_in_points,
    text_width,
    wrap_text,
)

_STEPS = (1.0, 2.0, 5.0)
_MAX_TICKS = 8
_MOST_BINS = 6
_BESIDE_POINTS = 130.0
"""About what labels on the left and a legend on the right take of the width of a figure."""

_FEWEST_YEARS = 8
_MONTHS = 12
_MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 6000)


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
    """Let the values start at zero, with few round ticks and separated thousands."""
    side = ax.yaxis if axis == "y" else ax.xaxis
    low, high = sorted(side.get_data_interval())
    low, high = min(low, 0.0), max(high, 0.0)
    reach = (high - low) or 1.0
    foot = low - headroom * reach if low < 0 else 0.0
    _set_linear(ax, axis, foot, high + headroom * reach)


def set_close_axis(ax: Axes, *, axis: Literal["x", "y"], headroom: float) -> None:
    """Let the axis hold what is drawn and little more, for differences: zero need not be on it."""
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
    """Let the y axis hold amounts: logarithmic, or from zero."""
    if log:
        values = amounts.to_numpy(dtype=float)
        set_log_axis(ax, low=float(np.nanmin(values)), high=float(np.nanmax(values)))
    else:
        set_zero_axis(ax, axis="y")


def set_log_axis(ax: Axes, *, low: float, high: float, axis: Literal["x", "y"] = "y") -> None:
    """Make an axis logarithmic, from one round number to another, with numbers written out."""
    if not 0 < low <= high:
        raise ValueError(f"expected 0 < low <= high, found low {low} and high {high}")
    numbers = _round_numbers(low, high, steps=_STEPS)
    if len(numbers) > _MAX_TICKS:
        numbers = _round_numbers(low, high, steps=(1.0,))
    ax.set(**{f"{axis}scale": "log", f"{axis}lim": (numbers[0], numbers[-1])})
    side = ax.yaxis if axis == "y" else ax.xaxis
    side.set_minor_locator(NullLocator())
    side.set_ticks(numbers[:: math.ceil(len(numbers) / _MAX_TICKS)])
    side.set_major_formatter(FuncFormatter(lambda value, _: _plain(value)))


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
    """Return about how wide each of several places on the x axis is printed."""
    width, _ = size_in_points(ax)
    return max(width - _BESIDE_POINTS, width / 3) / count


def set_year_axis(ax: Axes, *, first: int, last: int) -> None:
    """Let the x axis run over whole years, with room for a bar at each end."""
    spare = max(_FEWEST_YEARS - (last - first + 1), 0) / 2
    ax.set_xlim(first - 0.6 - spare, last + 0.6 + spare)
    room = place_width(ax, max(last - first + 1, _FEWEST_YEARS))
    needed = text_width("2000", size=SMALL) * 1.3
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 500) if step * room >= needed)
    ax.set_xticks([year for year in range(first, last + 1) if year % step == 0 or first == last])
    ax.xaxis.set_major_formatter(FuncFormatter(lambda year, _: f"{year:.0f}"))


def set_places(ax: Axes, names: Sequence[str]) -> None:
    """Let the x axis have one place for each name; names that would touch stand upright."""
    room = place_width(ax, len(names))
    upright = max(text_width(name, size=SMALL) for name in names) * 1.15 > room
    shown = range(0, len(names), math.ceil(SMALL * LINE_HEIGHT / room))
    ax.set_xticks(shown, [names[place] for place in shown], rotation=90 if upright else 0)
    ax.set_xlim(-0.6, len(names) - 0.4)


def set_date_axis(ax: Axes, dates: Sequence[pd.Timestamp]) -> None:
    """
    Let the x axis run over all dates, marked by years,
    or by months where the dates are close.
    """
    first, last = min(dates), max(dates)
    margin = max((last - first) * 0.02, pd.Timedelta(days=20))
    ax.set_xlim(days_since_epoch(first - margin), days_since_epoch(last + margin))
    months = pd.date_range(first, last, freq="MS")
    numbers = months.year * _MONTHS + months.month - 1
    step = next(step for step in _MONTH_STEPS if len(months) <= step * _most_labels(ax, step))
    shown = months[numbers % step == 0]
    ax.set_xticks([days_since_epoch(month) for month in shown], list(shown.strftime(_layout(step))))


def _layout(step: int) -> str:
    """Return how dates are printed that are so many months apart."""
    return "%Y" if step >= _MONTHS else "%Y-%m"


def _most_labels(ax: Axes, step: int) -> float:
    """Return how many of them the axis has room for."""
    example = pd.Timestamp(2000, 1, 1).strftime(_layout(step))
    return place_width(ax, 1) / (1.5 * text_width(example, size=SMALL))


def days_since_epoch(date: pd.Timestamp) -> float:
    """Return the number by which matplotlib knows a date."""
    return float(date2num(date))  # type: ignore[no-untyped-call]
