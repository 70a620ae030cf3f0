"""Figures about suppliers: what stands on the axes is what stands in the data."""

import pandas as pd
import pytest
from axes import legend_names, words
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.text import Annotation

from flows.errors import SchemaError
from flows.figures import (
    draw_context_distribution,
    draw_revision_waterfall,
    draw_share_bounds,
    draw_supplier_ranks,
    draw_tornado,
)
from flows.figures.marks import NamedPoint, label_points
from flows.figures.style import ACCENT, INK, new_figure

NAN = float("nan")

DEALS = pd.DataFrame(
    [("OPV-62", "Israel", 67.7, 55.2), ("BTR-82A", "Russia", 67.7, 72.8)],
    columns=["deal", "supplier", "share_pct", "without_pct"],
)
RANKS = pd.DataFrame(
    [
        ("2014-2018", "Russia", 1.0, 60.0),
        ("2014-2018", "Israel", 2.0, 40.0),
        ("2015-2019", "Israel", 1.0, 70.0),
        ("2016-2020", "Israel", 1.0, 40.0),
        ("2016-2020", "Russia", 1.0, 40.0),
    ],
    columns=["window", "supplier", "rank", "share_pct"],
)
IMPORTERS = pd.DataFrame(
    [
        ("Egypt", 27.0, 12.5, True),
        ("India", 31.0, 37.5, False),
        ("Azerbaijan", 49.0, 62.5, False),
        ("Armenia", 90.0, 87.5, True),
    ],
    columns=["importer", "value", "percentile", "named"],
)
BOUNDS = pd.DataFrame(
    [
        ("2016-2020", "2025-03", 67.7, 64.2, 68.3, 42.0, 86.0),
        ("2016-2020", "2022-03", 69.5, NAN, NAN, NAN, NAN),
        ("2015-2019", "2022-03", 60.2, 58.0, 61.0, NAN, NAN),
    ],
    columns=[
        *("window", "release", "share_pct"),
        *("bound_low", "bound_high", "interval_low", "interval_high"),
    ],
)
REVISION = pd.DataFrame(
    [
        ("March 2022", "level", 69.47, 69.47, 69.47),
        ("TB-2", "change", -1.9, 69.47, 67.57),
        ("LORA", "change", 0.17, 67.57, 67.74),
        ("March 2025", "level", 67.74, 67.74, 67.74),
    ],
    columns=["step", "kind", "value", "cumulative_from", "cumulative_to"],
)
PAIR = {"supplier": "Israel", "importer": "Azerbaijan"}
DOUBT = {"bounds_label": "edge years", "interval_label": "95% over deals"}


@pytest.fixture
def ax() -> Axes:
    return new_figure(width="double", height=80)[1]


def bars(ax: Axes) -> list[tuple[float, float]]:
    ends = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in ax.patches]
    return [(round(start, 6), round(end, 6)) for start, end in ends]


def test_tornado_bars_reach_from_the_share_to_the_share_without(ax: Axes) -> None:
    draw_tornado(ax, DEALS, **PAIR)
    assert bars(ax) == [(67.7, 55.2), (67.7, 72.8)]
    assert words(ax) == ["55.2", "72.8"]
    assert [text.get_ha() for text in ax.texts] == ["right", "left"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["OPV-62", "BTR-82A"]
    assert ax.get_ylim()[0] > ax.get_ylim()[1]


def test_tornado_tells_the_supplier_from_others_and_names_the_whole(ax: Axes) -> None:
    draw_tornado(ax, DEALS, **PAIR)
    first, second = (to_hex(bar.get_facecolor()) for bar in ax.patches)
    assert first == ACCENT
    assert second != ACCENT
    assert legend_names(ax) == [
        "with all deals: 67.7",
        "deal of Israel",
        "deal of other suppliers",
    ]
    other = draw_tornado(new_figure(height=60)[1], DEALS.iloc[:1], **PAIR)
    assert legend_names(other) == ["with all deals: 67.7", "deal of Israel"]


def draw_ranks(ax: Axes, data: pd.DataFrame = RANKS) -> Axes:
    return draw_supplier_ranks(ax, data, highlight="Israel", importer="Azerbaijan")


def test_ranks_lines_run_through_the_ranks_and_break_where_there_is_none(ax: Axes) -> None:
    lines = {line.get_label(): line for line in draw_ranks(ax).lines}
    assert lines["Israel"].get_ydata().tolist() == [2.0, 1.0, 1.0]
    russia = lines["Russia"].get_ydata()
    assert (russia[0], russia[2]) == (1.0, pytest.approx(1.3))
    assert pd.isna(russia[1])
    assert ax.get_ylim()[0] > ax.get_ylim()[1]
    assert to_hex(lines["Israel"].get_color()) == ACCENT
    assert lines["Russia"].get_color() != ACCENT


def test_ranks_area_of_a_mark_is_its_share(ax: Axes) -> None:
    _, russia = draw_ranks(ax).collections
    israel, _ = ax.collections
    sizes = israel.get_sizes()
    assert sizes[1] / sizes[0] == pytest.approx(70 / 40)
    assert russia.get_sizes()[0] / sizes[0] == pytest.approx(60 / 40)


def test_ranks_twenty_suppliers_look_different(ax: Axes) -> None:
    data = pd.DataFrame({"window": "2016-2020", "supplier": [f"S{i:02}" for i in range(20)]})
    lines = draw_ranks(ax, data.assign(rank=1.0 + data.index, share_pct=5.0)).lines
    assert len({(line.get_color(), line.get_linestyle()) for line in lines}) == 20


def draw_context(ax: Axes, data: pd.DataFrame = IMPORTERS) -> Axes:
    return draw_context_distribution(ax, data, unit_label="HHI", highlight="Azerbaijan")


def test_context_every_importer_is_a_dot_at_its_percentile(ax: Axes) -> None:
    drawn = {
        point
        for line in draw_context(ax).lines
        for point in zip(line.get_xdata(), line.get_ydata(), strict=True)
    }
    assert drawn == set(zip(IMPORTERS["value"], IMPORTERS["percentile"], strict=True))


def test_context_the_highlight_is_named_and_marked(ax: Axes) -> None:
    draw_context(ax)
    assert sorted(words(ax)) == ["Armenia", "Azerbaijan", "Egypt"]
    colours = {text.get_text(): text.get_color() for text in ax.texts}
    assert colours == {"Armenia": INK, "Azerbaijan": ACCENT, "Egypt": INK}
    assert [line.get_color() for line in ax.lines if line.get_marker() == "D"] == [ACCENT]


def test_context_names_point_to_their_dots_in_order_and_stay_within_the_axes(ax: Axes) -> None:
    ax.set_ylim(0, 100)
    points = [NamedPoint(1.0, 100.0 - place, f"N{place}", INK) for place in range(5)]
    label_points(ax, points)
    texts = [text for text in ax.texts if isinstance(text, Annotation)]
    assert [text.xy for text in texts] == [(1.0, 100.0 - place) for place in range(5)]
    levels = [text.xyann[1] for text in texts]
    assert levels == sorted(levels, reverse=True)
    assert max(levels) < 1.0


def draw_bounds(ax: Axes, data: pd.DataFrame = BOUNDS) -> Axes:
    return draw_share_bounds(ax, data, **PAIR, **DOUBT)


def test_bounds_are_boxes_and_intervals_are_whiskers(ax: Axes) -> None:
    draw_bounds(ax)
    boxes = [(box.get_y(), round(box.get_y() + box.get_height(), 6)) for box in ax.patches]
    assert boxes == [(58.0, 61.0), (64.2, 68.3)]
    whiskers = [list(line.get_ydata()) for line in ax.lines if line.get_marker() == "_"]
    assert whiskers == [[42.0, 86.0]]
    assert legend_names(ax) == ["2022-03", "2025-03", "edge years", "95% over deals"]
    assert sorted(words(ax)) == ["60.2", "67.7", "69.5"]


def test_bounds_that_are_not_there_are_not_explained(ax: Axes) -> None:
    without = BOUNDS.assign(bound_low=NAN, bound_high=NAN, interval_low=NAN, interval_high=NAN)
    draw_bounds(ax, without)
    assert legend_names(ax) == ["2022-03", "2025-03"]
    assert not ax.patches


def test_revision_changes_are_bars_and_levels_are_marks(ax: Axes) -> None:
    draw_revision_waterfall(ax, REVISION, unit_label="Share, percent")
    assert bars(ax) == [(69.47, 67.57), (67.57, 67.74)]
    levels = [line.get_xdata()[0] for line in ax.lines if line.get_marker() == "D"]
    assert levels == [69.47, 67.74]
    assert words(ax) == ["69.47", "−1.90", "+0.17", "67.74"]
    assert len({to_hex(bar.get_facecolor()) for bar in ax.patches}) == 2
    assert ax.get_xlim()[0] > 60


def test_revision_bars_are_connected(ax: Axes) -> None:
    draw_revision_waterfall(ax, REVISION, unit_label="Share, percent")
    joints = [tuple(line.get_xdata()) for line in ax.lines if len(line.get_xdata()) == 2]
    assert joints == [(69.47, 69.47), (67.57, 67.57), (67.74, 67.74)]


def test_revision_unknown_kind_is_refused(ax: Axes) -> None:
    with pytest.raises(SchemaError, match="expected level, change in column kind, found residual"):
        draw_revision_waterfall(ax, REVISION.assign(kind="residual"), unit_label="Percent")
