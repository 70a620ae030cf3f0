"""Lines, labels, ticks: what is computed so that text has room."""

from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.axes import Axes

from flows.figures.marks import spread_positions
from flows.figures.scales import set_date_axis, set_log_axis, set_places, set_year_axis
from flows.figures.style import format_value, new_figure, text_width, wrap_text

SIZE = 8.0
ROUNDING = 1e-9
"""Positions are sums of a few floats of the size of 1."""

words = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=30)
sentences = st.lists(words, min_size=1, max_size=8).map(" ".join)
widths = st.floats(min_value=20.0, max_value=300.0)


@pytest.fixture
def ax() -> Axes:
    return new_figure(width="double", height=60)[1]


@given(text=sentences, width=widths, balanced=st.booleans())
def test_lines_fit_and_no_letter_is_lost(text: str, width: float, *, balanced: bool) -> None:
    wrapped = wrap_text(text, width=width, size=SIZE, balanced=balanced)
    assert max(text_width(line, size=SIZE) for line in wrapped.split("\n")) <= width
    assert "".join(wrapped.split()) == "".join(text.split())


@given(sentences, widths)
def test_balancing_takes_no_more_lines(text: str, width: float) -> None:
    plain = wrap_text(text, width=width, size=SIZE)
    balanced = wrap_text(text, width=width, size=SIZE, balanced=True)
    assert balanced.count("\n") <= plain.count("\n")


def test_width_that_no_letter_fits_is_refused() -> None:
    with pytest.raises(ValueError, match="expected at least 16"):
        wrap_text("Iran", width=10, size=SIZE)


labels = st.lists(st.tuples(st.floats(0, 1), st.floats(0.01, 0.3)), min_size=1, max_size=8)


@given(labels)
def test_labels_do_not_cover_each_other_and_keep_their_order(
    wanted: list[tuple[float, float]],
) -> None:
    positions, heights = zip(*wanted, strict=True)
    placed = spread_positions(positions, heights)
    upward = sorted(range(len(wanted)), key=lambda label: placed[label])
    for below, above in pairwise(upward):
        gap = placed[above] - placed[below] - (heights[above] + heights[below]) / 2
        assert gap >= -ROUNDING
        assert positions[below] <= positions[above]


def test_labels_that_have_room_stay_where_they_are() -> None:
    assert spread_positions([0.9, 0.1], [0.1, 0.1]) == pytest.approx([0.9, 0.1], abs=ROUNDING)


def test_labels_need_a_height_each() -> None:
    with pytest.raises(ValueError, match="heights: expected 2, found 1"):
        spread_positions([0.1, 0.2], [0.1])


@pytest.mark.parametrize(
    ("value", "decimals", "signed", "printed"),
    [
        (0.0, 1, False, "0.0"),
        (-1234.5, 1, False, "−1,234.5"),
        (62.0, 0, True, "+62"),
        (1e9, 0, False, "1,000,000,000"),
    ],
)
def test_values_are_printed(value: float, decimals: int, *, signed: bool, printed: str) -> None:
    assert format_value(value, decimals=decimals, signed=signed) == printed


@given(st.floats(-8, 12), st.floats(0, 12))
def test_log_axis_holds_all_values_between_few_round_ticks(low_log: float, decades: float) -> None:
    _, ax = new_figure(height=60)
    low, high = 10**low_log, 10 ** (low_log + decades)
    set_log_axis(ax, low=low, high=high)
    bottom, top = ax.get_ylim()
    assert bottom < low <= high < top
    assert 2 <= len(ax.get_yticks()) <= 8
    assert all(f"{tick:e}".startswith(("1.0", "2.0", "5.0")) for tick in ax.get_yticks())


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (-1.0, 1.0), (2.0, 1.0)])
def test_log_axis_refuses_what_has_no_logarithm(ax: Axes, low: float, high: float) -> None:
    with pytest.raises(ValueError, match="expected 0 < low <= high"):
        set_log_axis(ax, low=low, high=high)


@pytest.mark.parametrize(
    ("first", "last", "ticks"),
    [
        ("2020-01-01", "2020-03-01", ["2020-01", "2020-02", "2020-03"]),
        ("2019-11-01", "2021-02-01", ["2020-01", "2020-04", "2020-07", "2020-10", "2021-01"]),
        ("2019-03-01", "2023-02-01", ["2020", "2021", "2022", "2023"]),
        (
            "1996-01-01",
            "2015-01-01",
            ["1996", "1998", "2000", "2002", "2004", "2006", "2008", "2010", "2012", "2014"],
        ),
    ],
)
def test_date_ticks_are_true_months_and_years(
    ax: Axes, first: str, last: str, ticks: list[str]
) -> None:
    set_date_axis(ax, [pd.Timestamp(last), pd.Timestamp(first)])
    assert [label.get_text() for label in ax.get_xticklabels()] == ticks


def test_year_axis_shows_years_that_are_round_and_there(ax: Axes) -> None:
    set_year_axis(ax, first=1950, last=2024)
    years = ax.get_xticks().tolist()
    assert years[0] == 1950
    assert years[-1] <= 2024
    assert len({later - earlier for earlier, later in pairwise(years)}) == 1


def test_many_places_show_every_so_many(ax: Axes) -> None:
    names = [str(year) for year in range(1900, 2000)]
    set_places(ax, names)
    shown = [int(place) for place in ax.get_xticks()]
    assert [label.get_text() for label in ax.get_xticklabels()] == [names[i] for i in shown]
    assert 20 < len(shown) < 60


@pytest.mark.parametrize(("width", "height"), [("triple", 60), ("single", 0)])
def test_new_figure_refuses_sizes_that_no_journal_has(width: str, height: float) -> None:
    with pytest.raises(ValueError, match="expected"):
        new_figure(width=width, height=height)
