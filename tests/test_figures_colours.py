"""A name has one colour in all figures of a report, and looks of its own in each of them."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex

from flows.countries import country_name
from flows.figures.compact import compact_svg
from flows.figures.drawing import find_drawings
from flows.figures.save import draw_figure, render_figure, report_places
from flows.figures.style import FILLS, LINES
from flows.findings import Figure

REPORTS = Path(__file__).parents[1] / "reports"
PLANS = sorted(REPORTS.rglob("appendix.toml"))

LEAST_CONTRAST = 1.2
"""Between neighbours of the palette in grey: what the eye tells apart in areas side by side."""

BY_COLUMNS = {
    "draw_imports_by_supplier": ("year", "supplier", "value"),
    "draw_supplier_ranks": ("window", "supplier", "rank", "share_pct"),
    "draw_trend": ("date", "series", "value", "fitted", "fitted_low", "fitted_high"),
    "draw_regimes": ("date", "series", "regime", "value", "fitted"),
    "draw_mirror_ratio": ("period", "flow", "ratio", "low", "high", "odd"),
    "draw_estimates": ("group", "name", "value", "low", "high"),
    "draw_flow_context": ("flow", "year", "kind", "source", "value", "low", "inner_low"),
}
"""By which columns a kept CSV shows what was drawn from it."""

ASKED_TOO: Mapping[str, Mapping[str, Any]] = {
    "draw_regimes": {"breaks": []},
    "draw_flow_context": {"outer_label": "a range", "inner_label": "a shorter range"},
}
"""Options that have no default, besides the unit."""


def read_figure(path: Path, instance: Mapping[str, Any]) -> Figure | None:
    """Return a figure of the report from its kept data, or none if its drawing has no names."""
    data = pd.read_csv(path, dtype={"period": str, "window": str})
    draws = [name for name, wanted in BY_COLUMNS.items() if {*wanted} <= {*data.columns}]
    if not draws:
        return None
    if "date" in data:
        data["date"] = pd.to_datetime(data["date"])
    countries = {
        role: country_name(code)
        for role, code in instance.items()
        if role in {"supplier", "importer", "exporter"} and isinstance(code, str)
    }
    options: dict[str, Any] = {"unit_label": "a unit"}
    if draws[0] == "draw_imports_by_supplier":
        options["highlight"] = countries["supplier"]
    elif draws[0] == "draw_supplier_ranks":
        options = {"highlight": countries["supplier"], "importer": countries["importer"]}
    elif draws[0] == "draw_mirror_ratio":
        options = {"exporter": countries["exporter"], "importer": countries["importer"]}
    elif draws[0] in ASKED_TOO:
        options |= ASKED_TOO[draws[0]]
    elif draws[0] == "draw_estimates":
        options["times"] = bool((data["value"] > 0).all() and (data["low"].dropna() > 0).all())
    return Figure(path.stem, draws[0], data, options, "A caption.", "Source: a source.", {})


def read_figures(plan: Path) -> list[Figure]:
    studies = tomllib.loads(plan.read_text(encoding="utf-8"))["study"]
    figures = [
        read_figure(plan.parent / "figures" / f"{name}.csv", study["parameters"])
        for study in studies
        for name in study.get("figures", [])
    ]
    return [figure for figure in figures if figure is not None]


def colours(ax: Axes) -> dict[str, str]:
    """Return the colour of each name: in the legend, or of the name itself at the end of a line."""
    shown = {}
    for text in ax.texts:
        shown[text.get_text().replace("\n", " ")] = to_hex(text.get_color())
    legend = ax.get_legend()
    if legend is not None:
        for handle, text in zip(legend.legend_handles, legend.get_texts(), strict=True):
            if handle is None:
                continue
            colour = handle.get_facecolor() if hasattr(handle, "get_hatch") else handle.get_color()
            shown[text.get_text().replace("\n", " ")] = to_hex(colour)
    return shown


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.parent.name)
def test_a_name_has_one_colour_in_all_figures_of_a_report(plan: Path) -> None:
    figures = read_figures(plan)
    places = report_places(figures)
    found: dict[tuple[str, str], dict[str, set[str]]] = {}
    for figure in figures:
        drawing = find_drawings()[figure.draw]
        assert drawing.names is not None
        drawn = colours(draw_figure(figure, places=places).axes[0])
        names = drawing.names(figure.data, **figure.options)
        alone = len(names) == 1 and figure.draw == "draw_estimates"
        for name in [] if alone else names:
            found.setdefault((drawing.palette, name), {}).setdefault(drawn[name], set()).add(
                figure.id
            )
    assert found
    assert {name: seen for name, seen in found.items() if len(seen) > 1} == {}


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.parent.name)
def test_the_order_of_rows_changes_no_colour(plan: Path) -> None:
    figures = [figure for figure in read_figures(plan) if figure.draw == "draw_imports_by_supplier"]
    turned = [
        Figure(each.id, each.draw, each.data.iloc[::-1], each.options, "A.", "B.", {})
        for each in figures
    ]
    assert report_places(turned) == report_places(figures)


def test_a_name_of_another_figure_keeps_its_place_for_it() -> None:
    def imports(suppliers: list[str]) -> Figure:
        data = pd.DataFrame({"year": 2020, "supplier": suppliers, "value": [3.0, 2.0, 1.0]})
        options = {"unit_label": "TIV", "highlight": suppliers[0]}
        return Figure("a", "draw_imports_by_supplier", data, options, "A.", "B.", {})

    first, second = imports(["A", "B", "C"]), imports(["A", "C", "D"])
    places = report_places([first, second])
    assert places == {"suppliers": {"B": 0, "C": 1, "D": 2}}
    drawn = [colours(draw_figure(figure, places=places).axes[0]) for figure in (first, second)]
    assert drawn[0]["C"] == drawn[1]["C"] == FILLS[1]
    assert colours(draw_figure(second).axes[0])["C"] == FILLS[0]


def luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2.1."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_neighbours_of_a_palette_differ_in_a_grey_print() -> None:
    bright = [luminance(colour) + 0.05 for colour in FILLS]
    pairs = zip(bright, bright[1:] + bright[:1], strict=True)
    assert min(max(pair) / min(pair) for pair in pairs) >= LEAST_CONTRAST
    assert len({*FILLS}) == len(FILLS)
    assert len({*LINES}) == len(LINES)


def test_a_compact_svg_has_the_marks_and_words_of_the_drawn_one() -> None:
    drawn = (
        b'<svg>\n  <defs>\n   <path id="DejaVuSans-15" d="M 1 2 \nL 3.14159 4 \nz\n" '
        b'transform="scale(0.015625)"/>\n  </defs>\n'
        b'  <use xlink:href="#DejaVuSans-15" transform="translate(63.623047 0)"/>\n'
        b'  <use xlink:href="#m1" x="1.23456" y="2" style="fill: #fff"/>\n'
        b'  <use xlink:href="#m1" x="3" y="4" style="fill: #fff"/>\n</svg>\n'
    )
    assert compact_svg(drawn) == (
        b'<svg>\n<defs>\n<path id="g15" d="M1 2L3.14 4z" transform="scale(0.015625)"/>\n</defs>\n'
        b'<use xlink:href="#g15" x="63.62"/>\n'
        b'<g style="fill:#fff">\n<use xlink:href="#m1" x="1.23" y="2"/>\n'
        b'<use xlink:href="#m1" x="3" y="4"/>\n</g>\n</svg>\n'
    )


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.parent.name)
def test_a_figure_of_a_report_is_a_light_file(plan: Path) -> None:
    figures = read_figures(plan)
    sizes = [len(render_figure(figure)[f"{figure.id}.svg"]) for figure in figures[:3]]
    assert max(sizes) < 120_000
