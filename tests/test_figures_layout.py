"""Every figure, for the usual case and for awkward ones: no text is cut off or covers another."""

from collections.abc import Iterable, Sequence
from itertools import combinations, product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib import rc_context, rcParams
from matplotlib.figure import Figure as Canvas
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from flows.figures.drawing import find_drawings
from flows.figures.save import draw_figure
from flows.figures.style import draw_source, new_figure
from flows.findings import Figure

Event = dict[str, str]
Drawn = tuple[pd.DataFrame, dict[str, Any]]
"""What is drawn, and with which options."""

SMALLEST_PRINT = 7.0
"""Points: the least that journals ask for."""

PRINTED_PART = 160 / 180
"""A page of A4 has 160 mm for a figure of 180 mm."""

OVERLAP_PIXELS = 0.5
"""Boxes are measured in whole pixels: letters that far inside each other do not touch."""

LONG_NAME = "Democratic People's Republic of Korea"
ADDRESS = "https://www.example.org/" + "a/very/long/address/without/a/blank/" * 4
NAN = float("nan")


def imports(years: Iterable[int], suppliers: Sequence[str], scale: float = 100.0) -> Drawn:
    rows = [
        (year, supplier, scale * (1 + place))
        for year, (place, supplier) in product(years, enumerate(suppliers))
    ]
    data = pd.DataFrame(rows, columns=["year", "supplier", "value"])
    return data, {
        "unit_label": f"Imports of major arms by {LONG_NAME}, TIV (million)",
        "highlight": suppliers[0],
    }


def chosen(
    releases: Sequence[str], deals: Sequence[str], value: float, reach: float = 2.0
) -> Drawn:
    """Every release with every deal; the last combination has no value."""
    rows = [
        (release, deal, value * (1 + place / 10), value - reach, value + reach, place == 1)
        for place, (release, deal) in enumerate(product(releases, deals))
    ]
    data = pd.DataFrame(rows, columns=["Release", LONG_NAME, "value", "low", "high", "own"])
    data.loc[len(data), ["Release", LONG_NAME, "own"]] = [releases[0], "no such deal", False]
    return data.astype({"own": "bool"}), {
        "choices": ["Release", LONG_NAME],
        "unit_label": f"Share of {LONG_NAME}, percent",
        "moves": [value / 10, NAN],
        "decimals": 1,
        "does_not_apply": "does not apply",
    }


def placed(measure: str, among: str) -> Drawn:
    """Two measures of a pair among three groups, at both ends of the scale."""
    rows = [
        (
            f"{measure} {number}",
            f"{among} {group}",
            28000.0 + number,
            100.0 * ((group + number) % 2),
        )
        for number in range(2)
        for group in range(3)
    ]
    data = pd.DataFrame(rows, columns=["measure", "among", "others", "percentile"])
    return data, {"pair": f"{LONG_NAME} to {LONG_NAME}"}


def in_context(flow: str, years: Sequence[str], source: str, value: float = 100.0) -> Drawn:
    """A prediction and three sources a year, the sources on both sides of the prediction."""
    rows = [
        (flow, year, kind, name, amount, low, high, low * 2, high / 2)
        for year in years
        for kind, name, amount, low, high in (
            ("predicted", source, value, value / 10, value * 10),
            *(("stated", f"{source} {at}", value * 10.0**at, NAN, NAN) for at in (-1, 0, 1)),
        )
    ]
    columns = ["flow", "year", "kind", "source", "value", "low", "high", "inner_low", "inner_high"]
    return pd.DataFrame(rows, columns=columns), {
        "unit_label": f"{LONG_NAME}, USD million, log scale",
        "outer_label": f"95% of {LONG_NAME}",
        "inner_label": f"80% of {LONG_NAME}",
    }


def shares(
    windows: Sequence[str], releases: Sequence[str], share: float = 60.0, low: float = NAN
) -> Drawn:
    rows = [
        (window, release, share, low, NAN, "computed")
        for window, release in product(windows, releases)
    ]
    rows += [(window, "published", share, NAN, NAN, "published") for window in windows]
    columns = ["window", "release", "share_pct", "low", "high", "kind"]
    return pd.DataFrame(rows, columns=columns), {"supplier": LONG_NAME, "importer": LONG_NAME}


def trend(
    dates: Sequence[str], series: Sequence[str], value: float = 10.0, events: Sequence[Event] = ()
) -> Drawn:
    rows = [
        (date, name, value, value, value / 2, value * 2)
        for date, name in product(pd.to_datetime(dates), series)
    ]
    columns = ["date", "series", "value", "fitted", "fitted_low", "fitted_high"]
    options = {"unit_label": "USD million, log scale", "events": list(events)}
    return pd.DataFrame(rows, columns=columns), options


def levels(dates: Sequence[str], series: Sequence[str]) -> Drawn:
    rows = [(date, name, 10.0) for date, name in product(pd.to_datetime(dates), series)]
    options = {"unit_label": "USD million, log scale"}
    return pd.DataFrame(rows, columns=["date", "series", "value"]), options


def months(first: str, last: str) -> list[str]:
    return [str(month.date()) for month in pd.date_range(first, last, freq="MS")]


def bridge(steps: int, name: str, size: float = 60.0) -> Drawn:
    rows = [("Exporter's report", "level", 10 * size, 10 * size, NAN, 0.0, 10 * size)]
    for step in range(steps):
        start = (10 + step) * size
        rows.append((f"{name} {step}", "change", size, 0.5 * size, 2 * size, start, start + size))
    end = (10 + steps) * size
    rows.append(("Residual", "residual", -size, NAN, NAN, end, end - size))
    columns = ["step", "kind", "value", "low", "high", "cumulative_from", "cumulative_to"]
    return pd.DataFrame(rows, columns=columns), {"unit_label": "USD million"}


def ratios(periods: Sequence[str], exporter: str, importer: str, ratio: float = 1.4) -> Drawn:
    flows = (f"{exporter} to {importer}", f"{importer} to {exporter}")
    rows = [
        (period, flow, ratio if place % 3 else NAN, NAN, NAN, place % 2 == 1)
        for place, (period, flow) in enumerate(product(periods, flows))
    ]
    columns = ["period", "flow", "ratio", "low", "high", "odd"]
    return pd.DataFrame(rows, columns=columns), {"exporter": exporter, "importer": importer}


def break_mark(date: str, low: str | None, high: str | None) -> dict[str, str | None]:
    return {"date": date, "low": low, "high": high, "name": date[:7]}


def breaks(
    dates: Sequence[str],
    marks: Sequence[dict[str, str | None]],
    *,
    events: Sequence[Event] = (),
    log: bool = True,
) -> Drawn:
    days = pd.to_datetime(dates)
    regime = sum(
        ((days >= pd.Timestamp(str(mark["date"]))).astype(int) for mark in marks),
        np.zeros(len(days)),
    )
    data = pd.DataFrame(
        {"date": days, "regime": regime, "value": 9.0 + regime, "fitted": 10.0 + 5 * regime}
    )
    return data, {
        "unit_label": "USD million a month, log scale",
        "breaks": list(marks),
        "interval_label": "95% interval of its date",
        "events": list(events),
        "log": log,
    }


def two_regimes(
    dates: Sequence[str],
    marks: Sequence[dict[str, str | None]],
    *,
    events: Sequence[Event] = (),
) -> Drawn:
    one, options = breaks(dates, marks, events=events)
    two = one.assign(value=3 * one["value"], fitted=3 * one["fitted"])
    data = pd.concat([one.assign(series="Exports"), two.assign(series=LONG_NAME)])
    named = [{**mark, "series": "Exports"} for mark in marks]
    kept = {name: value for name, value in options.items() if name != "interval_label"}
    return data, {**kept, "breaks": named}


def path(
    dates: Sequence[str], statistic: float, marks: Sequence[dict[str, str | None]] = ()
) -> Drawn:
    data = pd.DataFrame({"date": pd.to_datetime(dates), "statistic": statistic})
    return data, {
        "unit_label": "F statistic of one break at each date",
        "critical_value": 8.58,
        "critical_label": "5% critical value of the largest",
        "breaks": list(marks),
    }


def residuals(dates: Sequence[str], size: float) -> Drawn:
    signs = np.resize([1.0, -0.5, -2.0], len(dates))
    data = pd.DataFrame({"date": pd.to_datetime(dates), "value": size * signs})
    return data, {"unit_label": "Residuals of the trend, log points", "spread": size}


def autocorrelation(lags: int, value: float) -> Drawn:
    lag = np.arange(1, lags + 1)
    data = pd.DataFrame({"lag": lag, "value": value / lag, "low": -0.13, "high": 0.13})
    return data, {
        "unit_label": "Correlation of residuals with those so many months before",
        "band_label": "95% of uncorrelated residuals",
    }


def estimates(
    groups: Sequence[str], names: Sequence[str], value: float, reach: float = 2.0
) -> Drawn:
    rows = [
        (group, name, value + place, value + place - reach, value + place + reach)
        for group, (place, name) in product(groups, enumerate(names))
    ]
    columns = ["group", "name", "value", "low", "high"]
    return pd.DataFrame(rows, columns=columns), {"unit_label": "Growth, percent a year"}


def forecast(past: Sequence[str], ahead: Sequence[str], value: float, *, log: bool = True) -> Drawn:
    data = pd.DataFrame({"date": pd.to_datetime([*past, *ahead])})
    known = data["date"] <= pd.Timestamp(past[-1])
    for name, factor in {"value": 1.0, "fitted": 1.1}.items():
        data[name] = np.where(known, factor * value, NAN)
    widths = {"forecast": 1.0, "low": 0.5, "high": 2.0, "inner_low": 0.7, "inner_high": 1.4}
    for name, factor in widths.items():
        data[name] = np.where(known, NAN, factor * value)
    return data, {
        "unit_label": "USD million a month",
        "interval_label": "95% interval",
        "inner_label": "80% interval",
        "log": log,
    }


def tornado(names: Sequence[str], share: float, reach: float) -> Drawn:
    rows = [
        (name, LONG_NAME if place % 2 else "Israel", share, share + reach * (-1) ** (place + 1))
        for place, name in enumerate(names)
    ]
    columns = ["deal", "supplier", "share_pct", "without_pct"]
    return pd.DataFrame(rows, columns=columns), {"supplier": "Israel", "importer": LONG_NAME}


def ranks(windows: Sequence[str], suppliers: Sequence[str], share: float) -> Drawn:
    rows = [
        (window, supplier, 1.0 + (place + shift) % len(suppliers), share / (place + 1))
        for (shift, window), (place, supplier) in product(enumerate(windows), enumerate(suppliers))
    ]
    columns = ["window", "supplier", "rank", "share_pct"]
    options = {"highlight": suppliers[0], "importer": LONG_NAME}
    return pd.DataFrame(rows, columns=columns), options


def context(importers: Sequence[str], value: float, *, named: bool) -> Drawn:
    places = np.arange(len(importers))
    data = pd.DataFrame(
        {
            "importer": importers,
            "value": value * (1 + places),
            "percentile": 100 * (places + 0.5) / len(importers),
            "named": named,
        }
    )
    return data, {"unit_label": "share of the largest supplier", "highlight": importers[-1]}


def bounded(
    windows: Sequence[str], releases: Sequence[str], share: float, reach: float = 3.0
) -> Drawn:
    rows = [
        (window, release, share, share - reach, share + reach, share - 8 * reach, share + 8 * reach)
        for window, release in product(windows, releases)
    ]
    ends = ["bound_low", "bound_high", "interval_low", "interval_high"]
    return pd.DataFrame(rows, columns=["window", "release", "share_pct", *ends]), {
        "supplier": LONG_NAME,
        "importer": LONG_NAME,
        "bounds_label": "bounds: uncertain years at the edge may fall in or out",
        "interval_label": "95% interval over deals",
    }


def revision(parts: Sequence[str], size: float) -> Drawn:
    rows = [("Release of March 2022", "level", 69.47, 69.47, 69.47)]
    for part in parts:
        start = rows[-1][-1]
        rows.append((part, "change", size, start, start + size))
    rows.append(("Release of March 2025", "level", *[rows[-1][-1]] * 3))
    columns = ["step", "kind", "value", "cumulative_from", "cumulative_to"]
    return pd.DataFrame(rows, columns=columns), {"unit_label": f"Share of {LONG_NAME}, percent"}


MARKS = [
    break_mark("2009-10-01", "2009-07-01", "2012-09-30"),
    break_mark("2010-04-01", None, None),
    break_mark("2018-05-01", "2018-01-01", "2018-07-31"),
    break_mark("2018-06-01", "2018-06-01", "2018-06-30"),
]
TWELVE = [f"{LONG_NAME} {number}" for number in range(1, 13)]
WINDOWS = [f"{year}-{year + 4}" for year in range(1995, 2021)]
EVENTS = [
    {"date": "2008-01-01", "name": "An event in the first year with a very long name, " * 3},
    {"date": "2021-01-01", "name": "Ban on imports"},
    {"date": "2021-02-01", "name": "Another event a month later"},
    {"date": "2024-12-01", "name": "The last month"},
]
CASES = {
    "imports": ("draw_imports_by_supplier", imports(range(2000, 2025), ["Israel", "Russia"])),
    "imports, twelve suppliers": (
        "draw_imports_by_supplier",
        imports(range(1995, 2025), [*TWELVE, "Others", "Unknown supplier"], scale=1e7),
    ),
    "imports, one bar": ("draw_imports_by_supplier", imports([2020], ["Israel"], scale=0.001)),
    "imports, years missing": ("draw_imports_by_supplier", imports([1993, 2020], ["Israel"])),
    "shares": (
        "draw_share_windows",
        shares(["2014-2018", "2015-2019", "2016-2020"], ["2022-03", "2025-03"], low=50.0),
    ),
    "shares, 26 windows": (
        "draw_share_windows",
        shares(WINDOWS, ["2022-03"], share=0.0),
    ),
    "shares, one window": ("draw_share_windows", shares(["2016-2020"], [], share=100.0)),
    "trend": (
        "draw_trend",
        trend(months("2007-01-01", "2024-12-01"), ["Exports"], events=EVENTS),
    ),
    "trend, five series that end together": (
        "draw_trend",
        trend([f"{year}-01-01" for year in range(1992, 2015)], TWELVE[:5], value=3e9),
    ),
    "levels": ("draw_levels", levels(["2020-01-01", "2021-01-01"], ["Armenia, Armstat", "COW"])),
    "levels, many of one size": (
        "draw_levels",
        levels(["2020-01-01"], [f"Armenia, source {number}" for number in range(5)]),
    ),
    "trend, one month": ("draw_trend", trend(["2020-01-01"], ["Exports"], value=1e-4)),
    "trend, two months": ("draw_trend", trend(["2020-01-01", "2020-02-01"], ["Exports"])),
    "bridge": ("draw_bridge", bridge(3, "Pipeline gas that Iran does not count")),
    "bridge, long names": ("draw_bridge", bridge(10, f"{LONG_NAME} " * 3, size=-1e8)),
    "bridge, two steps": ("draw_bridge", bridge(0, "")),
    "ratios": ("draw_mirror_ratio", ratios([str(y) for y in range(1395, 1403)], "Iran", "Armenia")),
    "ratios, 60 periods": (
        "draw_mirror_ratio",
        ratios([str(year) for year in range(1960, 2020)], LONG_NAME, "Bosnia and Herzegovina", 2e6),
    ),
    "ratios, one period": ("draw_mirror_ratio", ratios(["1402"], "Iran", "Armenia", 1e-5)),
    "breaks": ("draw_breaks", breaks(months("2007-01-01", "2024-12-01"), MARKS[:3])),
    "breaks, with events, close to each other": (
        "draw_breaks",
        breaks(months("2007-01-01", "2024-12-01"), MARKS, events=EVENTS),
    ),
    "breaks, none": ("draw_breaks", breaks(["2020-01-01", "2021-01-01"], [], log=False)),
    "regimes of two": (
        "draw_regimes",
        two_regimes(months("2007-01-01", "2024-12-01"), MARKS, events=EVENTS),
    ),
    "break path": ("draw_break_path", path(months("2009-09-01", "2022-03-01"), 475.0, MARKS)),
    "break path, below the critical value": (
        "draw_break_path",
        path(["2011-01-01", "2012-01-01"], 0.4),
    ),
    "residuals": ("draw_residuals", residuals(months("2007-01-01", "2024-12-01"), 0.2)),
    "residuals, in units": ("draw_residuals", residuals(["2020-01-01", "2021-01-01"], 3e9)),
    "autocorrelation": ("draw_autocorrelation", autocorrelation(24, 0.8)),
    "autocorrelation, one lag": ("draw_autocorrelation", autocorrelation(1, -0.8)),
    "estimates": (
        "draw_estimates",
        estimates(["Iran to Armenia", LONG_NAME], ["OLS", "Poisson", "differences"], 8.4),
    ),
    "estimates, long names, nothing sure": (
        "draw_estimates",
        estimates(["Exports"], [f"{LONG_NAME} by year", "Theil-Sen"], -1e5, reach=1e6),
    ),
    "estimates, no interval": ("draw_estimates", estimates(["Exports"], ["OLS"], 0.0, reach=NAN)),
    "forecast": (
        "draw_forecast",
        forecast(months("2007-01-01", "2024-12-01"), months("2025-01-01", "2025-12-01"), 60.0),
    ),
    "forecast, one year": ("draw_forecast", forecast(["2023-01-01"], ["2024-01-01"], 1e9)),
    "forecast, below zero": (
        "draw_forecast",
        forecast(["2022-01-01", "2023-01-01"], ["2024-01-01", "2025-01-01"], -5.0, log=False),
    ),
    "tornado": ("draw_tornado", tornado(["OPV-62", "BTR-82A infantry fighting vehicle"], 68, 12)),
    "tornado, long names, one side": (
        "draw_tornado",
        tornado([f"{LONG_NAME} {LONG_NAME}", *TWELVE], 100.0, 0.0),
    ),
    "ranks": ("draw_supplier_ranks", ranks(WINDOWS[-5:], ["Israel", "Russia", "Belarus"], 70.0)),
    "ranks, 26 windows, twelve suppliers": ("draw_supplier_ranks", ranks(WINDOWS, TWELVE, 100.0)),
    "ranks, one window": ("draw_supplier_ranks", ranks(["2016-2020"], ["Israel"], 100.0)),
    "context": (
        "draw_context_distribution",
        context(["Egypt", "Saudi Arabia", "Kazakhstan", "Azerbaijan"], 20.0, named=True),
    ),
    "context, long names": ("draw_context_distribution", context(TWELVE[:6], 1.0, named=True)),
    "context, many, one named": (
        "draw_context_distribution",
        context([f"Importer {number}" for number in range(150)], 1e-3, named=False),
    ),
    "bounds": ("draw_share_bounds", bounded(WINDOWS[-3:], ["2022-03", "2025-03"], 60.0)),
    "bounds, 26 windows": ("draw_share_bounds", bounded(WINDOWS, ["2022-03", "2025-03"], 60.0)),
    "bounds, none": ("draw_share_bounds", bounded(["2016-2020"], ["2025-03"], 60.0, reach=NAN)),
    "revision": ("draw_revision_waterfall", revision(["TB-2, revised", "All other deals"], -0.8)),
    "revision, long names, small": ("draw_revision_waterfall", revision(TWELVE, 1e-3)),
    "revision, nothing changed": ("draw_revision_waterfall", revision([], 0.0)),
    "standing": ("draw_standing", placed("growth: 6.9% a year", "all pairs")),
    "standing, long names": ("draw_standing", placed(LONG_NAME * 2, LONG_NAME)),
    "flow context": ("draw_flow_context", in_context("Iran to Armenia", ["2019"], "BACI")),
    "flow context, long names": (
        "draw_flow_context",
        in_context(f"{LONG_NAME} to {LONG_NAME}", TWELVE, LONG_NAME * 2, 1e-3),
    ),
    "flow context, large": ("draw_flow_context", in_context("A to B", TWELVE[:3], "C", 1e9)),
    "choices": ("draw_choices", chosen(["2022-03", "2025-03"], ["counted", "left out"], 60.0)),
    "choices, many, long names": ("draw_choices", chosen(TWELVE, [LONG_NAME * 2, *TWELVE], 1e3)),
    "choices, all alike": (
        "draw_choices",
        chosen(["2025-03"], ["counted", "left out"], 0.0, reach=NAN),
    ),
}

PLAIN = [
    "imports",
    "shares",
    "trend",
    "bridge",
    "ratios",
    "breaks",
    "break path",
    "residuals",
    "autocorrelation",
    "estimates",
    "forecast",
    "tornado",
    "ranks",
    "context",
    "bounds",
    "revision",
    "flow context",
    "choices",
]


def finding(name: str, source: str = "Source: SIPRI.") -> Figure:
    draw, (data, options) = CASES[name]
    return Figure("figure", draw, data, options, "Caption.", source, {})


def visible_texts(figure: Canvas) -> list[tuple[str, Bbox]]:
    """Every text that is printed, and where; ticks outside the axes are not printed."""
    figure.draw_without_rendering()
    hidden = set()
    for ax in figure.axes:
        for axis, limits in ((ax.xaxis, ax.get_xlim()), (ax.yaxis, ax.get_ylim())):
            for tick in axis.get_major_ticks():
                if not min(limits) <= tick.get_loc() <= max(limits):
                    hidden |= {tick.label1, tick.label2}
    return [
        (text.get_text(), text.get_window_extent())
        for text in figure.findobj(Text)
        if text.get_visible() and text.get_text().strip() and text not in hidden
    ]


def faults(figure: Canvas) -> list[str]:
    """Texts that leave the page, and pairs of texts of which one covers the other."""
    texts = visible_texts(figure)
    page = figure.bbox
    outside = [
        f"cut off: {text!r}"
        for text, box in texts
        if box.x0 < page.x0 or box.y0 < page.y0 or box.x1 > page.x1 or box.y1 > page.y1
    ]
    return outside + [
        f"overlap: {one!r} and {other!r}"
        for (one, box), (other, other_box) in combinations(texts, 2)
        if (common := Bbox.intersection(box, other_box)) is not None
        and min(common.width, common.height) > OVERLAP_PIXELS
    ]


def test_helper_finds_text_that_is_cut_off_and_text_that_is_covered() -> None:
    figure, ax = new_figure(width="single", height=60)
    ax.text(0.2, 0.5, "one")
    ax.text(0.2, 0.5, "two")
    figure.text(0.99, 0.5, "outside")
    assert faults(figure) == ["cut off: 'outside'", "overlap: 'one' and 'two'"]


def test_every_drawing_function_has_a_case() -> None:
    assert {draw for draw, _ in CASES.values()} == set(find_drawings())


@pytest.mark.parametrize("name", CASES)
def test_text_is_large_enough_and_neither_cut_off_nor_covered(name: str) -> None:
    figure = draw_figure(finding(name))
    sizes = [text.get_fontsize() for text in figure.findobj(Text) if text.get_text().strip()]
    assert min(sizes) * PRINTED_PART >= SMALLEST_PRINT
    assert faults(figure) == []


@pytest.mark.parametrize("name", PLAIN)
def test_a_single_column_has_room_too(name: str) -> None:
    draw, (data, options) = CASES[name]
    figure, ax = new_figure(width="single", height=110)
    find_drawings()[draw].draw(ax, data, **options)
    draw_source(figure, "Source: SIPRI Arms Transfers Database, release of March 2025.")
    assert faults(figure) == []


def test_long_source_is_wrapped_within_the_page() -> None:
    figure = draw_figure(finding("bridge", source=f"Source: {ADDRESS} " * 2))
    assert faults(figure) == []
    assert "".join(figure.get_supxlabel().split()) == "".join(f"Source: {ADDRESS} ".split()) * 2


def test_height_follows_the_legend_and_the_width_does_not() -> None:
    few, many = (draw_figure(finding(name)) for name in ("imports", "imports, twelve suppliers"))
    assert many.get_figheight() > few.get_figheight()
    assert many.get_figwidth() == few.get_figwidth() == pytest.approx(180 / 25.4)


def test_axes_are_as_high_as_the_catalogue_says() -> None:
    figure = draw_figure(finding("imports"))
    height_mm = figure.axes[0].get_window_extent().height / figure.dpi * 25.4
    wanted = find_drawings()["draw_imports_by_supplier"].height
    pixel_mm = 25.4 / figure.dpi
    assert height_mm == pytest.approx(wanted, abs=pixel_mm)


@pytest.mark.parametrize("name", PLAIN)
def test_callers_settings_change_nothing_and_are_left_alone(name: str) -> None:
    expected = pixels(name)
    with rc_context({"font.size": 20, "axes.grid": True, "figure.dpi": 200}):
        before = dict(rcParams)
        found = pixels(name)
        assert dict(rcParams) == before
    np.testing.assert_array_equal(found, expected)


def pixels(name: str) -> np.ndarray:
    figure = draw_figure(finding(name))
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba())
