"""Alt texts say what stands in the data of a figure: its axes, its range, and where that lies."""

import inspect
import re
from collections.abc import Mapping
from typing import Any

import pandas as pd
import pytest
from test_figures_drawings import ASKED, BRIDGE, CHOICES, IMPORTS, RATIOS, SHARES, STANDING, TREND
from test_figures_gravity import CONTEXT, LABELS
from test_figures_layout import CASES
from test_figures_models import ESTIMATES, FORECAST, MARK, SERIES
from test_figures_suppliers import BOUNDS, DEALS, DOUBT, IMPORTERS, PAIR, RANKS, REVISION

from flows.errors import ReportError
from flows.figures import drawing
from flows.figures.drawing import Drawing, find_drawings
from flows.figures.save import alt_text, render_figure
from flows.findings import Figure


def figure(draw: str, data: pd.DataFrame, **options: Any) -> Figure:
    return Figure("shown", draw, data, options, "A caption.", "Source: SIPRI.", {})


def words_of(draw: str, data: pd.DataFrame, options: Mapping[str, Any]) -> str:
    return find_drawings()[draw].alt(data, **options)


@pytest.mark.parametrize("name", find_drawings())
def test_it_takes_what_its_drawing_takes(name: str) -> None:
    drawn = find_drawings()[name]
    _, *asked = inspect.signature(drawn.draw).parameters.values()
    known = inspect.signature(drawn.alt).parameters.values()
    assert [(option.name, option.kind, option.default) for option in known] == [
        (option.name, option.kind, option.default)
        for option in asked
        if option.name != "places"  # colours are not read aloud
    ]


@pytest.mark.parametrize("case", CASES)
def test_every_drawing_has_one_of_whole_sentences(case: str) -> None:
    draw, (data, options) = CASES[case]
    words = words_of(draw, data, options)
    assert re.fullmatch(r"[A-Z].*[^.]\.", words)
    assert not re.search(r"\b(nan|NaT|None|inf)\b|\.\.|\n", words)
    for label in ("unit_label", "highlight", "importer"):
        assert str(options.get(label, "")) in words


@pytest.mark.parametrize("case", CASES)
def test_the_order_of_rows_changes_nothing_where_it_is_not_shown(case: str) -> None:
    draw, (data, options) = CASES[case]
    in_order = ("draw_bridge", "draw_estimates", "draw_flow_context", "draw_revision_waterfall")
    if draw not in (*in_order, "draw_standing", "draw_tornado"):
        assert words_of(draw, data[::-1], options) == words_of(draw, data, options)


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (
            figure("draw_imports_by_supplier", IMPORTS, unit_label="TIV", highlight="Israel"),
            (
                "Stacked bars by year, 2018 to 2021, a layer for each supplier; upright: TIV. "
                "Total: between 23.0 (2020) and 600 (2021). Israel: between 21.0 (2020) and 248 "
                "(2018). The other layers by their sum over the years: Russia, Others, Belarus, "
                "Unknown supplier."
            ),
        ),
        (
            figure("draw_supplier_ranks", RANKS, highlight="Israel", importer="Azerbaijan"),
            (
                "Lines of the ranks of 2 suppliers of arms to Azerbaijan by window, 2014-2018 "
                "to 2016-2020, the first at the top; the area of a mark is the share. Israel "
                "has rank 2 in 2014-2018, 1 in 2015-2019, 1 in 2016-2020. The order in "
                "2016-2020: Israel (40.0%), Russia (40.0%)."
            ),
        ),
        (
            figure("draw_tornado", DEALS, **PAIR),
            (
                "Bars of the share of Israel in the arms imports of Azerbaijan, in percent, "
                "without each of 2 deals, beside 67.7 with all deals. Without one deal it is "
                "between 55.2 (OPV-62) and 72.8 (BTR-82A)."
            ),
        ),
        (
            figure("draw_revision_waterfall", REVISION, unit_label="Share, percent"),
            (
                "Waterfall from top to bottom. Share, percent: March 2022 69.5, TB-2 −1.90, "
                "LORA +0.170, March 2025 67.7."
            ),
        ),
        (
            figure(
                "draw_context_distribution", IMPORTERS, unit_label="HHI", highlight="Azerbaijan"
            ),
            (
                "Dots for 4 importers: HHI across, percentile among them upright. The values "
                "are between 27.0 (Egypt) and 90.0 (Armenia). Azerbaijan has 49.0, percentile "
                "62."
            ),
        ),
        (
            figure("draw_bridge", BRIDGE, unit_label="USD million"),
            (
                "Waterfall from top to bottom in USD million. Iran's report: 412 (at least "
                "412); Gas: +62.0; Freight: −30.0 (−40.0 to −20.0); Residual: +136; Armenia's "
                "report: 580."
            ),
        ),
        (
            figure("draw_choices", CHOICES, **ASKED),
            (
                "Dots of 3 combinations of choices, the lowest value first, above a matrix of "
                "their options; upright: Share, percent. Lowest: 55.2 (Deal: left out, Release: "
                "2025). Highest: 69.5 (Deal: counted, Release: 2022). This report: 67.7. Further "
                "combinations without a value: 1. What moves the value, most first: Deal by "
                "12.5, Release by 1.80."
            ),
        ),
        (
            figure("draw_standing", STANDING, pair="Iran to Armenia"),
            (
                "Marks of the percentile of Iran to Armenia on a scale from 0 to 100, a row a "
                "measure and a mark for each group of others. value: USD 294 million: 88 among all "
                "pairs, 99 among suppliers of Armenia. growth: 6.9% a year: 62 among all pairs, 46 "
                "among suppliers of Armenia."
            ),
        ),
        (
            figure("draw_flow_context", CONTEXT, **LABELS),
            (
                "Bars of predicted ranges and markers of what is stated, a row a flow and year; "
                "across: USD million, log scale. Iran to Armenia, 2018: Predicted 112 (80 percent: "
                "30.0 to 400, 95 percent: 8.00 to 1,500); BACI 288; Armenia 266. Iran to Armenia, "
                "2019: Predicted 43.0 (80 percent: 12.0 to 160, 95 percent: 3.00 to 600); BACI "
                "302. Armenia to Iran, 2019: BACI 83.8."
            ),
        ),
        (
            figure("draw_mirror_ratio", RATIOS, exporter="Iran", importer="Armenia"),
            (
                "Points on a logarithmic axis by period, 1397 to 1402: Iran and Armenia, the "
                "importer’s report divided by the exporter’s; at 1 both agree. Armenia to Iran: "
                "0.500 in 1402. Iran to Armenia: 0.800 in 1398 to 1.40 in 1402."
            ),
        ),
        (
            figure("draw_share_windows", SHARES, **PAIR),
            (
                "Points of the share of Israel in the arms imports of Azerbaijan, in percent, "
                "by window, 2015-2019 to 2016-2020, and release. As published: 69.0 in "
                "2016-2020. Release 2022-03: 60.2 in 2015-2019 to 69.5 in 2016-2020. Release "
                "2025-03: 67.7 in 2016-2020."
            ),
        ),
        (
            figure("draw_share_bounds", BOUNDS, **PAIR, **DOUBT),
            (
                "Points of the share of Israel in the arms imports of Azerbaijan, in percent, "
                "by window, 2015-2019 to 2016-2020, and release; boxes: edge years; whiskers: "
                "95% over deals. Release 2022-03: 60.2 in 2015-2019 to 69.5 in 2016-2020. "
                "Release 2025-03: 67.7 in 2016-2020."
            ),
        ),
        (
            figure("draw_trend", TREND, unit_label="USD million"),
            (
                "Lines by date, 2020-01 to 2020-06, with trends and the bands around them; "
                "upright, on a logarithmic axis: USD million. Exports: 9.00 in 2020-01 to 14.0 "
                "in 2020-06, lowest 0 in 2020-02. Exports, trend: 9.50 in 2020-01 to 13.0 in "
                "2020-06."
            ),
        ),
        (
            figure(
                "draw_breaks",
                SERIES,
                unit_label="USD million",
                breaks=[MARK],
                interval_label="95%",
                events=[{"name": "Ban", "date": "2019-01-01"}],
            ),
            (
                "Line by date, 2016 to 2020, with a fitted line for each of 2 regimes; upright: "
                "USD million. Reported: 9.00 in 2016 to 0 in 2020, highest 21.0 in 2019. "
                "Breaks: 2018 (95%: 2017-01-01 to 2019-12-31). Marked: Ban (2019-01-01)."
            ),
        ),
        (
            figure("draw_estimates", ESTIMATES, unit_label="Percent a year"),
            (
                "Markers with intervals. Percent a year. Exports: OLS 8.40 (5.90 to 10.9), "
                "Poisson 9.60 (at most 12.3). Imports: OLS −1.00 (−2.00 to 0.500)."
            ),
        ),
        (
            figure(
                "draw_forecast",
                FORECAST,
                unit_label="USD million",
                interval_label="95% interval",
                inner_label="80% interval",
            ),
            (
                "Line by date, 2016 to 2020, with its level and forecasts within two intervals; "
                "upright: USD million. Reported: 9.00 in 2016 to 12.0 in 2018. Forecast: 12.0 "
                "in 2019 to 13.0 in 2020. 95% interval at the end (9.00 to 18.0). 80% interval "
                "at the end (10.0 to 16.0)."
            ),
        ),
    ],
    ids=lambda value: value.draw if isinstance(value, Figure) else "",
)
def test_it_says_what_stands_in_the_data_and_the_source(shown: Figure, expected: str) -> None:
    assert alt_text(shown) == f"{expected} Source: SIPRI."


def test_of_many_series_only_the_outermost_are_told() -> None:
    rows = [("2020-01-01", f"S{number}", float(number)) for number in range(1, 9)]
    data = pd.DataFrame(rows, columns=["date", "series", "value"])
    words = alt_text(figure("draw_levels", data, unit_label="USD"))
    assert "The last values of 8 series are between 1.00 (S1) and 8.00 (S8)." in words


def test_a_figure_without_one_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    silent = Drawing(lambda ax, _: ax, lambda _: " ", height=10.0)
    monkeypatch.setitem(drawing._MARKED, "draw_silently", silent)
    find_drawings.cache_clear()
    try:
        with pytest.raises(ReportError, match=r"^figure shown: expected a text .*draw_silently"):
            alt_text(figure("draw_silently", pd.DataFrame()))
    finally:
        monkeypatch.undo()
        find_drawings.cache_clear()


def test_a_character_that_the_font_lacks_stops_the_figure() -> None:
    shown = figure("draw_imports_by_supplier", IMPORTS, unit_label="百万", highlight="Israel")
    with pytest.raises(ReportError, match=r"^figure shown: .*DejaVu Sans, found '百' \(U\+767E\)"):
        render_figure(shown)


def test_labels_of_one_svg_are_text() -> None:
    shown = figure("draw_imports_by_supplier", IMPORTS, unit_label="TIV", highlight="Israel")
    assert re.search(
        r"<text [^>]*DejaVu Sans[^>]*>TIV</text>", render_figure(shown)["shown.text.svg"].decode()
    )


def test_a_level_that_series_are_held_against_is_told() -> None:
    options = {
        "unit_label": "Ratio",
        "breaks": [],
        "reference": {"name": "agreement", "value": 1.0},
    }
    words = words_of("draw_regimes", SERIES.assign(series="Ratio"), options)
    assert "Level line: agreement, 1.00. No break." in words
