"""A flow beside its prediction: which mark stands where, and what cannot be drawn."""

from typing import Any

import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from flows.errors import SchemaError
from flows.figures.gravity import draw_flow_context
from flows.figures.style import LINES, new_figure

NAN = float("nan")

CONTEXT = pd.DataFrame(
    [
        ("Iran to Armenia", "2018", "predicted", "Predicted", 112.0, 8.0, 1500.0, 30.0, 400.0),
        ("Iran to Armenia", "2018", "stated", "BACI", 288.0, NAN, NAN, NAN, NAN),
        ("Iran to Armenia", "2018", "stated", "Armenia", 266.0, NAN, NAN, NAN, NAN),
        ("Iran to Armenia", "2019", "predicted", "Predicted", 43.0, 3.0, 600.0, 12.0, 160.0),
        ("Iran to Armenia", "2019", "stated", "BACI", 302.0, NAN, NAN, NAN, NAN),
        ("Armenia to Iran", "2019", "stated", "BACI", 83.8, NAN, NAN, NAN, NAN),
    ],
    columns=[
        *("flow", "year", "kind", "source", "value"),
        *("low", "high", "inner_low", "inner_high"),
    ],
)
LABELS: dict[str, Any] = {
    "unit_label": "USD million, log scale",
    "outer_label": "95 percent",
    "inner_label": "80 percent",
}


@pytest.fixture
def ax() -> Axes:
    return new_figure(height=60)[1]


def bars(ax: Axes) -> list[tuple[float, float]]:
    return [
        (bar.get_x(), bar.get_x() + bar.get_width())
        for bar in ax.patches
        if isinstance(bar, Rectangle)
    ]


def test_each_prediction_lies_across_its_two_ranges(ax: Axes) -> None:
    draw_flow_context(ax, CONTEXT, **LABELS)
    assert bars(ax) == [(8.0, 1500.0), (30.0, 400.0), (3.0, 600.0), (12.0, 160.0)]
    lines = [list(line.get_xdata()) for line in ax.lines if line.get_marker() == "None"]
    assert lines == [[112.0, 112.0], [43.0, 43.0]]
    assert ax.get_xscale() == "log"
    assert ax.get_xlim()[0] < 3.0
    assert ax.get_xlim()[1] > 1500.0


def test_each_source_has_one_look_in_every_row(ax: Axes) -> None:
    draw_flow_context(ax, CONTEXT, **LABELS)
    marks = {str(line.get_label()): line for line in ax.lines if line.get_linestyle() == "None"}
    assert list(marks) == ["BACI", "Armenia"]
    assert list(marks["BACI"].get_xdata()) == [288.0, 302.0, 83.8]
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names == ["Iran to Armenia, 2018", "Iran to Armenia, 2019", "Armenia to Iran, 2019"]
    heights = dict(zip(names, ax.get_yticks(), strict=True))
    beside = [
        float(mark) - row
        for mark, row in zip(marks["BACI"].get_ydata(), heights.values(), strict=True)
    ]
    assert beside == pytest.approx([beside[0]] * 3)
    assert marks["Armenia"].get_ydata()[0] > marks["BACI"].get_ydata()[0]
    apart = list(heights.values())
    assert apart[2] - apart[1] > apart[1] - apart[0], "another flow stands a little apart"


def test_a_report_keeps_the_colour_of_a_source(ax: Axes) -> None:
    draw_flow_context(ax, CONTEXT, **LABELS, places={"Iran": 0, "Armenia": 1, "BACI": 2})
    marks = {str(line.get_label()): line.get_color() for line in ax.lines}
    assert (marks["Armenia"], marks["BACI"]) == (LINES[1], LINES[2])


def test_what_no_logarithm_can_show_is_counted_in_the_heading(ax: Axes) -> None:
    draw_flow_context(ax, CONTEXT.replace(83.8, 0.0), **LABELS)
    assert "1 value of 0 not shown" in ax.get_title(loc="left")


def test_a_range_that_begins_at_zero_reaches_the_left_edge(ax: Axes) -> None:
    draw_flow_context(ax, CONTEXT.replace({"low": 3.0}, 0.0), **LABELS)
    edge, _ = ax.get_xlim()
    assert edge > 0
    assert (edge, 600.0) in bars(ax)
    assert ax.get_title(loc="left").replace("\n", " ").endswith("begin below it")
    plain = new_figure(height=60)[1]
    draw_flow_context(plain, CONTEXT, **LABELS)
    assert plain.get_title(loc="left") == LABELS["unit_label"]


def test_a_range_of_many_powers_of_ten_does_not_press_the_values_together(ax: Axes) -> None:
    draw_flow_context(ax, CONTEXT.replace({"low": 3.0}, 1e-9), **LABELS)
    assert ax.get_xlim()[0] > 1e-3


def test_statements_alone_are_drawn_without_ranges(ax: Axes) -> None:
    draw_flow_context(ax, CONTEXT[CONTEXT["kind"] == "stated"], **LABELS)
    legend = ax.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["BACI", "Armenia"]
    assert bars(ax) == []


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (CONTEXT.drop(columns="inner_low"), "missing inner_low"),
        (CONTEXT[:0], "at least one row"),
        (CONTEXT.assign(kind="guessed"), "expected predicted, stated in column kind"),
        (pd.concat([CONTEXT, CONTEXT[:1]]), "found twice: flow Iran to Armenia, year 2018"),
        (CONTEXT.assign(value=0.0), "expected a value above 0"),
    ],
)
def test_what_cannot_be_drawn_is_refused(ax: Axes, data: pd.DataFrame, message: str) -> None:
    with pytest.raises(SchemaError, match=message):
        draw_flow_context(ax, data, **LABELS)
