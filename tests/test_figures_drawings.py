"""What stands on the axes is what stands in the data."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from axes import legend_names, words
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex
from matplotlib.container import BarContainer
from matplotlib.dates import num2date
from matplotlib.lines import Line2D
from test_figures_suppliers import BOUNDS, DEALS, DOUBT, IMPORTERS, PAIR, RANKS, REVISION

from flows.errors import SchemaError
from flows.figures import (
    draw_bridge,
    draw_choices,
    draw_context_distribution,
    draw_imports_by_supplier,
    draw_levels,
    draw_mirror_ratio,
    draw_revision_waterfall,
    draw_share_bounds,
    draw_share_windows,
    draw_standing,
    draw_supplier_ranks,
    draw_tornado,
    draw_trend,
)
from flows.figures.style import ACCENT, INK, new_figure

NAN = float("nan")

IMPORTS = pd.DataFrame(
    [
        (2018, "Russia", 52.0),
        (2018, "Israel", 248.0),
        (2018, "Others", 20.0),
        (2018, "Unknown supplier", 1.0),
        (2020, "Israel", 21.0),
        (2020, "Belarus", 2.0),
        (2021, "Russia", 600.0),
    ],
    columns=["year", "supplier", "value"],
)
SHARES = pd.DataFrame(
    [
        ("2016-2020", "2025-03", 67.7, 64.2, 68.3, "computed"),
        ("2016-2020", "2022-03", 69.5, NAN, NAN, "computed"),
        ("2015-2019", "2022-03", 60.2, NAN, NAN, "computed"),
        ("2016-2020", "published", 69.0, NAN, NAN, "published"),
    ],
    columns=["window", "release", "share_pct", "low", "high", "kind"],
)
MONTHS = pd.to_datetime(["2020-01-01", "2020-02-01", "2020-03-01", "2020-06-01"])
TREND = pd.DataFrame(
    {
        "date": MONTHS,
        "series": "Exports",
        "value": [9.0, 0.0, 12.0, 14.0],
        "fitted": [9.5, 10.0, 11.0, 13.0],
        "fitted_low": [9.0, 9.5, 10.5, 12.5],
        "fitted_high": [10.0, 10.5, 11.5, 13.5],
    }
)
BRIDGE = pd.DataFrame(
    [
        ("Iran's report", "level", 412.0, 412.0, NAN, 0.0, 412.0),
        ("Gas", "change", 62.0, NAN, NAN, 412.0, 474.0),
        ("Freight", "change", -30.0, -40.0, -20.0, 474.0, 444.0),
        ("Residual", "residual", 136.0, NAN, NAN, 444.0, 580.0),
        ("Armenia's report", "level", 580.0, NAN, NAN, 0.0, 580.0),
    ],
    columns=["step", "kind", "value", "low", "high", "cumulative_from", "cumulative_to"],
)
RATIOS = pd.DataFrame(
    [
        ("1402", "Iran to Armenia", 1.4, NAN, 1.4, False),
        ("1398", "Iran to Armenia", 0.8, NAN, NAN, True),
        ("1397", "Iran to Armenia", NAN, NAN, NAN, False),
        ("1397", "Armenia to Iran", NAN, NAN, NAN, False),
        ("1402", "Armenia to Iran", 0.5, NAN, NAN, False),
    ],
    columns=["period", "flow", "ratio", "low", "high", "odd"],
)


@pytest.fixture
def ax() -> Axes:
    return new_figure(width="double", height=80)[1]


def bars_by_name(ax: Axes) -> dict[str, BarContainer]:
    return {bars.get_label(): bars for bars in ax.containers if isinstance(bars, BarContainer)}


def marks_by_name(ax: Axes) -> dict[str, Line2D]:
    return {line.get_label(): line for line in ax.lines if not line.get_label().startswith("_")}


def title(ax: Axes) -> str:
    return ax.get_title(loc="left").replace("\n", " ")


def draw_imports(ax: Axes, data: pd.DataFrame = IMPORTS, highlight: str = "Israel") -> Axes:
    return draw_imports_by_supplier(ax, data, unit_label="TIV, million", highlight=highlight)


def test_imports_each_bar_is_as_high_as_its_value(ax: Axes) -> None:
    draw_imports(ax)
    drawn = {
        (round(bar.get_x() + bar.get_width() / 2), name): bar.get_height()
        for name, bars in bars_by_name(ax).items()
        for bar in bars
    }
    assert drawn == {(row.year, row.supplier): row.value for row in IMPORTS.itertuples()}


def test_imports_bars_of_a_year_stand_on_each_other_from_zero(ax: Axes) -> None:
    draw_imports(ax)
    stack = sorted(
        (bar.get_y(), bar.get_height())
        for bars in bars_by_name(ax).values()
        for bar in bars
        if round(bar.get_x() + bar.get_width() / 2) == 2018
    )
    assert stack == [(0.0, 248.0), (248.0, 52.0), (300.0, 20.0), (320.0, 1.0)]
    assert ax.get_ylim()[0] == 0.0


def test_imports_highlight_is_lowest_then_by_total_then_remainders(ax: Axes) -> None:
    draw_imports(ax)
    from_top = ["Unknown supplier", "Others", "Belarus", "Russia", "Israel"]
    assert legend_names(ax) == from_top
    assert to_hex(bars_by_name(ax)["Israel"][0].get_facecolor()) == ACCENT


def test_imports_only_the_highlight_has_the_accent(ax: Axes) -> None:
    draw_imports(ax, highlight="Georgia")
    colours = {to_hex(bars[0].get_facecolor()) for bars in bars_by_name(ax).values()}
    assert ACCENT not in colours
    assert len(colours) == len(bars_by_name(ax))


def test_imports_fourteen_suppliers_look_different(ax: Axes) -> None:
    suppliers = [f"Supplier {number}" for number in range(1, 13)] + ["Others", "Unknown supplier"]
    data = pd.DataFrame({"year": 2020, "supplier": suppliers, "value": 1.0})
    draw_imports(ax, data, highlight="Supplier 1")
    looks = {
        (to_hex(bars[0].get_facecolor()), bars[0].get_hatch()) for bars in bars_by_name(ax).values()
    }
    assert len(looks) == 14


def draw_shares(ax: Axes) -> Axes:
    return draw_share_windows(ax, SHARES, supplier="Israel", importer="Azerbaijan")


def test_shares_points_stand_over_their_windows(ax: Axes) -> None:
    marks = marks_by_name(draw_shares(ax))
    windows = [label.get_text() for label in ax.get_xticklabels()]
    assert windows == ["2015-2019", "2016-2020"]
    drawn = {
        (windows[round(place)], name, share)
        for name, line in marks.items()
        for place, share in zip(line.get_xdata(), line.get_ydata(), strict=True)
    }
    assert drawn == {
        ("2016-2020", "2025-03", 67.7),
        ("2016-2020", "2022-03", 69.5),
        ("2015-2019", "2022-03", 60.2),
        ("2016-2020", "as published", 69.0),
    }


def test_shares_published_figures_are_open_and_last(ax: Axes) -> None:
    marks = marks_by_name(draw_shares(ax))
    assert legend_names(ax) == ["2022-03", "2025-03", "as published"]
    assert marks["as published"].get_markerfacecolor() == "white"
    assert len({line.get_marker() for line in marks.values()}) == 3


def test_shares_whisker_reaches_from_bound_to_bound(ax: Axes) -> None:
    draw_shares(ax)
    whiskers = [line.get_ydata() for line in ax.lines if line.get_marker() == "_"]
    assert [list(ends) for ends in whiskers] == [[64.2, 68.3]]


def test_shares_are_labelled_as_computed_and_as_published(ax: Axes) -> None:
    assert sorted(words(draw_shares(ax))) == ["60.2", "67.7", "69", "69.5"]


def test_shares_unknown_kind_is_refused(ax: Axes) -> None:
    with pytest.raises(SchemaError, match="in column kind, found guessed"):
        draw_share_windows(
            ax, SHARES.assign(kind="guessed"), supplier="Israel", importer="Azerbaijan"
        )


def draw_exports(ax: Axes, data: pd.DataFrame = TREND) -> Axes:
    events = [{"date": "2020-05-01", "name": "Ban"}]
    return draw_trend(ax, data, unit_label="USD million", events=events)


def test_trend_draws_values_and_fit_at_their_dates(ax: Axes) -> None:
    values, fit = draw_exports(ax).lines[:2]
    known = TREND[TREND["value"] > 0]
    drawn = pd.Series(np.asarray(values.get_ydata(), dtype=float), index=values.get_xdata())
    assert drawn.dropna().tolist() == known["value"].tolist()
    assert list(drawn.dropna().index) == list(known["date"])
    fitted = np.asarray(fit.get_ydata(), dtype=float)
    assert fitted[~np.isnan(fitted)].tolist() == TREND["fitted"].tolist()


def test_trend_line_is_interrupted_where_months_are_absent(ax: Axes) -> None:
    fitted = np.asarray(draw_exports(ax).lines[1].get_ydata(), dtype=float)
    assert np.isnan(fitted).tolist() == [False, False, False, True, False]


def test_trend_says_how_many_zeros_a_log_axis_leaves_out(ax: Axes) -> None:
    draw_exports(ax)
    assert ax.get_yscale() == "log"
    assert title(ax) == "USD million; 1 value of 0 not shown"


def test_trend_names_series_and_events(ax: Axes) -> None:
    assert words(draw_exports(ax)) == ["Exports", "Ban"]
    (event,) = [line for line in ax.lines if line.get_linestyle() == "--"]
    assert f"{num2date(event.get_xdata()[0]):%Y-%m-%d}" == "2020-05-01"


def test_trend_two_series_differ_in_colour_and_dashes(ax: Axes) -> None:
    lines = draw_exports(ax, pd.concat([TREND, TREND.assign(series="Imports")])).lines
    exports, imports = lines[1], lines[3]
    assert exports.get_color() != imports.get_color()
    assert exports.get_linestyle() != imports.get_linestyle()


def test_trend_without_a_positive_value_is_refused(ax: Axes) -> None:
    with pytest.raises(SchemaError, match="expected a value above 0"):
        draw_exports(ax, TREND.assign(value=0.0))


CHOICES = pd.DataFrame(
    [
        ("2025", "left out", 55.2, NAN, NAN, False),
        ("2022", "counted", 69.5, 66.0, NAN, False),
        ("2025", "counted", 67.7, 64.2, 68.3, True),
        ("2026", "counted", NAN, NAN, NAN, False),
    ],
    columns=["Release", "Deal", "value", "low", "high", "own"],
)
ASKED: dict[str, Any] = {
    "choices": ["Deal", "Release"],
    "unit_label": "Share, percent",
    "moves": [12.5, 1.8],
    "decimals": 1,
}


def test_choices_are_sorted_and_their_own_one_is_marked(ax: Axes) -> None:
    draw_choices(ax, CHOICES, **ASKED)
    others, own = (line for line in ax.lines if line.get_marker() == "o")
    assert [list(line.get_ydata()) for line in (others, own)] == [[55.2, 69.5], [67.7]]
    assert list(own.get_xdata()) == [1]
    assert own.get_color() == ACCENT
    (bounds,) = (lines for lines in ax.collections if isinstance(lines, LineCollection))
    assert [segment[:, 1].tolist() for segment in bounds.get_segments()] == [[64.2, 68.3]]
    assert "This report: 67.7" in words(ax)


def test_choices_have_a_dot_for_each_combination_and_option(ax: Axes) -> None:
    draw_choices(ax, CHOICES, **ASKED)
    (matrix,) = ax.child_axes
    rows = dict(
        zip(
            matrix.get_yticks(),
            (label.get_text() for label in matrix.get_yticklabels()),
            strict=True,
        )
    )
    dots = {
        (rows[height], int(place))
        for line in matrix.lines
        if line.get_marker() == "o"
        for place, height in zip(line.get_xdata(), line.get_ydata(), strict=True)
    }
    assert list(rows.values()) == ["counted", "left out", "2022", "2025"]
    assert dots == {
        ("left out", 0),
        ("counted", 1),
        ("counted", 2),
        ("2025", 0),
        ("2025", 1),
        ("2022", 2),
    }
    assert matrix.get_xlabel() == "3 combinations, the lowest value first; 1 more has no value"
    assert words(matrix) == ["Deal: moves it by 12.5", "Release: moves it by 1.8"]


def test_choices_without_a_value_are_refused(ax: Axes) -> None:
    with pytest.raises(SchemaError, match="expected a row with a value, found none"):
        draw_choices(ax, CHOICES.assign(value=NAN), **ASKED)


STANDING = pd.DataFrame(
    {
        "measure": ["value: USD 294 million"] * 2 + ["growth: 6.9% a year"] * 2,
        "among": ["all pairs", "suppliers of Armenia"] * 2,
        "others": [27311, 157, 29455, 157],
        "percentile": [88.0, 99.0, 62.0, 46.0],
    }
)


def test_standing_has_a_mark_for_each_measure_and_group(ax: Axes) -> None:
    draw_standing(ax, STANDING, pair="Iran to Armenia")
    marks = {line.get_label(): line for line in ax.lines if line.get_marker() in {"o", "s"}}
    assert list(marks) == [
        "all pairs (27,311 to 29,455 others)",
        "suppliers of Armenia (157 others)",
    ]
    everybody, suppliers = marks.values()
    assert list(everybody.get_xdata()) == [88.0, 62.0]
    assert [round(height) for height in everybody.get_ydata()] == [0, 1]
    assert list(suppliers.get_xdata()) == [99.0, 46.0]
    assert [label.get_text() for label in ax.get_yticklabels()] == STANDING[
        "measure"
    ].unique().tolist()
    assert ax.get_ylim()[0] > ax.get_ylim()[1]
    with pytest.raises(SchemaError, match="percentile"):
        draw_standing(ax, STANDING.drop(columns="percentile"), pair="Iran to Armenia")


def test_bridge_each_bar_reaches_from_where_to_where_the_data_say(ax: Axes) -> None:
    draw_bridge(ax, BRIDGE, unit_label="USD million")
    ends = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in ax.patches[: len(BRIDGE)]]
    assert ends == list(zip(BRIDGE["cumulative_from"], BRIDGE["cumulative_to"], strict=True))
    assert ax.get_xlim()[0] == 0.0


def test_bridge_steps_run_from_top_to_bottom_with_their_values(ax: Axes) -> None:
    draw_bridge(ax, BRIDGE, unit_label="USD million")
    assert [label.get_text() for label in ax.get_yticklabels()] == BRIDGE["step"].tolist()
    assert ax.get_ylim()[0] > ax.get_ylim()[1]
    assert words(ax) == ["412.0", "+62.0", "−30.0", "+136.0", "580.0"]


def test_bridge_whiskers_are_bounds_of_the_step_itself(ax: Axes) -> None:
    draw_bridge(ax, BRIDGE, unit_label="USD million")
    whiskers = [list(line.get_xdata()) for line in ax.lines if line.get_marker() == "|"]
    assert whiskers == [[412.0, 412.0], [434.0, 454.0]]


def test_bridge_missing_upper_bound_is_an_arrow_that_points_up(ax: Axes) -> None:
    draw_bridge(ax, BRIDGE, unit_label="USD million")
    (arrow,) = [text for text in ax.texts if text.arrow_patch is not None]
    assert arrow.xy == (412.0, 0)
    assert arrow.xyann[0] > 0


def test_bridge_kinds_differ_in_colour_and_hatch(ax: Axes) -> None:
    draw_bridge(ax, BRIDGE, unit_label="USD million")
    looks = [(to_hex(bar.get_facecolor()), bar.get_hatch()) for bar in ax.patches[: len(BRIDGE)]]
    level, gas, freight, residual, other_level = looks
    assert level == other_level
    assert gas == freight
    assert len({level, gas, residual}) == 3
    assert len({hatch for _, hatch in (level, gas, residual)}) == 3


def test_bridge_unknown_kind_is_refused(ax: Axes) -> None:
    with pytest.raises(SchemaError, match="in column kind, found total"):
        draw_bridge(ax, BRIDGE.assign(kind="total"), unit_label="USD million")


def draw_ratios(ax: Axes, data: pd.DataFrame = RATIOS) -> Axes:
    return draw_mirror_ratio(ax, data, exporter="Iran", importer="Armenia")


def test_ratio_points_stand_over_their_periods(ax: Axes) -> None:
    draw_ratios(ax)
    periods = [label.get_text() for label in ax.get_xticklabels()]
    assert periods == ["1397", "1398", "1402"]
    drawn = {
        (periods[round(place)], ratio)
        for line in ax.lines
        if line.get_linestyle() == "None"
        for place, ratio in zip(line.get_xdata(), line.get_ydata(), strict=True)
        if not np.isnan(ratio)
    }
    assert drawn == {("1402", 1.4), ("1398", 0.8), ("1402", 0.5)}


def test_ratio_agreement_is_a_line_at_one_on_a_log_axis(ax: Axes) -> None:
    agreement = marks_by_name(draw_ratios(ax))["both reports agree"]
    assert list(agreement.get_ydata()) == [1.0, 1.0]
    assert to_hex(agreement.get_color()) == INK
    assert ax.get_yscale() == "log"


def test_ratio_odd_one_is_hollow_and_explained(ax: Axes) -> None:
    draw_ratios(ax)
    hollow = [line for line in ax.lines if line.get_markerfacecolor() == "white"]
    assert [list(line.get_ydata()) for line in hollow if len(line.get_ydata())] == [[0.8]]
    assert any(name.startswith("hollow") for name in legend_names(ax))


def test_ratio_without_odd_ones_explains_none(ax: Axes) -> None:
    draw_ratios(ax, RATIOS.assign(odd=False))
    assert legend_names(ax) == ["Iran to Armenia", "Armenia to Iran", "both reports agree"]


def test_ratio_period_without_any_is_marked(ax: Axes) -> None:
    draw_ratios(ax)
    (mark,) = [text for text in ax.texts if text.get_text() == "n/a"]
    assert mark.xy == (0.0, 0.0)


def test_ratio_of_zero_is_counted_in_the_heading(ax: Axes) -> None:
    draw_ratios(ax, RATIOS.fillna({"ratio": 0.0}))
    assert title(ax).endswith("log scale; 2 values of 0 not shown")


Case = tuple[Callable[..., Axes], pd.DataFrame, dict[str, str]]
CASES: list[Case] = [
    (draw_imports_by_supplier, IMPORTS, {"unit_label": "TIV", "highlight": "Israel"}),
    (draw_share_windows, SHARES, {"supplier": "Israel", "importer": "Azerbaijan"}),
    (draw_trend, TREND, {"unit_label": "USD"}),
    (draw_levels, TREND[["date", "series", "value"]], {"unit_label": "USD"}),
    (draw_bridge, BRIDGE, {"unit_label": "USD"}),
    (draw_mirror_ratio, RATIOS, {"exporter": "Iran", "importer": "Armenia"}),
    (draw_tornado, DEALS, PAIR),
    (draw_supplier_ranks, RANKS, {"highlight": "Israel", "importer": "Azerbaijan"}),
    (draw_context_distribution, IMPORTERS, {"unit_label": "HHI", "highlight": "Azerbaijan"}),
    (draw_share_bounds, BOUNDS, {**PAIR, **DOUBT}),
    (draw_revision_waterfall, REVISION, {"unit_label": "Percent"}),
]
every_drawing = pytest.mark.parametrize("case", CASES, ids=lambda case: case[0].__name__)


@every_drawing
def test_missing_column_is_named(ax: Axes, case: Case) -> None:
    draw, data, options = case
    column = data.columns[-1]
    with pytest.raises(SchemaError, match=f"{draw.__name__}: .*missing {column}"):
        draw(ax, data.drop(columns=column), **options)


@every_drawing
def test_text_for_a_number_is_refused(ax: Axes, case: Case) -> None:
    draw, data, options = case
    number = data.columns[data.dtypes == "float64"][0]
    with pytest.raises(SchemaError, match=r"expected numbers in .*more than 412"):
        draw(ax, data.assign(**{number: "more than 412"}), **options)


@every_drawing
def test_no_rows_are_refused(ax: Axes, case: Case) -> None:
    draw, data, options = case
    with pytest.raises(SchemaError, match="expected at least one row"):
        draw(ax, data.iloc[:0], **options)


@every_drawing
def test_row_that_stands_twice_is_refused(ax: Axes, case: Case) -> None:
    draw, data, options = case
    with pytest.raises(SchemaError, match="once, found twice"):
        draw(ax, pd.concat([data, data.iloc[:1]]), **options)


@every_drawing
def test_data_handed_in_stay_as_they_are(ax: Axes, case: Case) -> None:
    draw, data, options = case
    before = data.copy(deep=True)
    assert draw(ax, data, **options) is ax
    pd.testing.assert_frame_equal(data, before)
