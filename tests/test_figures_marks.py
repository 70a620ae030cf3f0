"""Marks that several figures have: series, whiskers, bars in rows, legends, labels."""

import pandas as pd
import pytest

from flows.figures.marks import (
    connect_bars,
    draw_bar,
    group_offsets,
    label_bar,
    label_events,
    set_bar_axis,
    set_row_names,
    with_gaps,
)
from flows.figures.style import new_figure


def test_a_gap_in_time_has_a_row_without_values() -> None:
    dates = pd.to_datetime(["2020-01-01", "2020-02-01", "2020-06-01"])
    assert with_gaps(pd.DataFrame({"date": dates}))["date"].dt.day.tolist() == [1, 1, 31, 1]


def test_bars_of_a_group_stand_around_its_middle() -> None:
    assert group_offsets(2, width=0.5) == pytest.approx([-0.125, 0.125])


def test_a_label_stands_on_the_side_that_its_bar_points_to() -> None:
    _, axes = new_figure(height=60)
    label_bar(axes, "−12.5", at=0, end=55.2, points=-4)
    assert axes.texts[0].get_ha() == "right"


def test_an_axis_of_bars_leaves_room_for_labels_at_both_ends() -> None:
    _, axes = new_figure(height=60)
    draw_bar(axes, at=0, start=60.0, end=70.0, look={})
    set_bar_axis(axes, ["60.0"], part=0.5)
    low, high = axes.get_xlim()
    assert (bool(55 < low < 60), bool(70 < high < 75)) == (True, True)


def test_a_line_leads_from_one_bar_to_the_next() -> None:
    _, axes = new_figure(height=60)
    connect_bars(axes, [412.0, 474.0])
    assert axes.lines[0].get_xdata().tolist() == pytest.approx([412.0, 412.0])


def test_rows_are_named_from_top_to_bottom_with_room_at_the_ends() -> None:
    _, axes = new_figure(height=60)
    set_row_names(axes, ["Iran", "Armenia"], places=[0, 1], part=0.3)
    assert [float(end) for end in axes.get_ylim()] == pytest.approx([1.6, -0.6])


def test_a_named_event_asks_for_room_above() -> None:
    _, axes = new_figure(height=60)
    axes.set_xlim(pd.Timestamp("2020-01-01"), pd.Timestamp("2022-01-01"))
    assert label_events(axes, [{"date": "2021-01-01", "name": "Ban"}]) == pytest.approx(10.0)
