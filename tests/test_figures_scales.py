"""Axes: from zero for bars, logarithmic for growth and ratios; years, dates, named places."""

import pandas as pd
import pytest

from flows.figures.scales import (
    days_since_epoch,
    place_width,
    set_amount_axis,
    set_close_axis,
    set_zero_axis,
    style_axes,
)
from flows.figures.style import new_figure


def test_a_title_stands_on_the_left() -> None:
    _, axes = new_figure(height=60)
    style_axes(axes, grid="y", title="USD million")
    assert axes.get_title(loc="left") == "USD million"


def test_an_axis_of_amounts_begins_at_zero() -> None:
    _, axes = new_figure(height=60)
    axes.plot([0, 1], [40, 90])
    set_zero_axis(axes, axis="y")
    assert round(axes.get_ylim()[0]) == 0


def test_a_close_axis_has_headroom_at_both_ends() -> None:
    _, axes = new_figure(height=60)
    axes.plot([0, 1], [60, 70])
    set_close_axis(axes, axis="y", headroom=0.1)
    assert [float(end) for end in axes.get_ylim()] == pytest.approx([59.0, 71.0])


def test_amounts_may_stand_on_a_logarithmic_axis() -> None:
    _, axes = new_figure(height=60)
    set_amount_axis(axes, pd.DataFrame({"value": [0.7, 31.0]}), log=True)
    assert axes.get_yscale() == "log"


def test_more_places_leave_each_less_width() -> None:
    _, axes = new_figure(height=60)
    assert place_width(axes, 4) < place_width(axes, 2)


def test_a_day_is_counted_from_1970() -> None:
    assert days_since_epoch(pd.Timestamp("2021-01-01")) == pytest.approx(18628.0)
