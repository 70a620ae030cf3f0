"""What all figures share: column, colours, type, the width of text, and checks of the data."""

import pandas as pd
import pytest
from matplotlib.figure import Figure

from flows.errors import SchemaError
from flows.figures.style import (
    _MM_PER_INCH,
    check_drawn,
    check_words,
    common_decimals,
    fit_height,
    keep_positive,
    new_figure,
    size_in_points,
    text_height,
)


def test_axes_keep_their_height_in_millimetres() -> None:
    figure, axes = new_figure(height=60)
    fit_height(axes, height=60)
    assert round(axes.get_window_extent().height / figure.dpi * _MM_PER_INCH) == 60


def test_an_inch_has_72_points() -> None:
    assert size_in_points(Figure(figsize=(2, 1)).add_subplot()) == pytest.approx((144.0, 72.0))


def test_two_lines_of_text_are_as_high_as_both() -> None:
    assert text_height("Iran\nto Armenia", size=8) == pytest.approx(20.0)


def test_a_figure_of_large_values_prints_no_decimals() -> None:
    assert (
        common_decimals(pd.Series([412.0, -28.4])),
        common_decimals(pd.Series([0.0, 12_758.0])),
    ) == (1, 0)


def test_a_column_that_a_figure_draws_must_be_there() -> None:
    data = pd.DataFrame({"year": [2020]})
    with pytest.raises(SchemaError, match=r"draw: expected columns year, value, missing value"):
        check_drawn(data, figure="draw", columns=["year"], numbers=["value"], key=["year"])


def test_keep_positive_blanks_the_zeros_of_a_logarithmic_axis_and_counts_them() -> None:
    rows = pd.DataFrame(
        {"value": [0.0, 2.0, 4.0], "low": [0.0, -1.0, 3.0], "name": ["none", "two", "four"]}
    )
    kept, note = keep_positive(rows, figure="draw", value="value", beside=["low"])
    nan = float("nan")
    expected = rows.assign(value=[nan, 2.0, 4.0], low=[nan, nan, 3.0])
    pd.testing.assert_frame_equal(kept, expected)
    assert note == "; 1 value of 0 not shown"
    assert keep_positive(rows[1:], figure="draw", value="value", beside=[])[1] == ""
    with pytest.raises(SchemaError, match="draw: expected a value above 0, found none"):
        keep_positive(rows[:1], figure="draw", value="value", beside=[])


def test_a_word_that_a_figure_does_not_know_is_refused() -> None:
    rows = pd.DataFrame({"kind": ["level", "total"]})
    with pytest.raises(
        SchemaError, match=r"draw: expected level, change in column kind, found total"
    ):
        check_words(rows, "kind", figure="draw", words=["level", "change"])
