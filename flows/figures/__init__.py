"""Figures of the report: each a function that draws its data on the caller's axes."""

from flows.figures.arms import (
    draw_context_distribution,
    draw_imports_by_supplier,
    draw_revision_waterfall,
    draw_supplier_ranks,
    draw_tornado,
)
from flows.figures.breaks import draw_break_path, draw_breaks, draw_regimes
from flows.figures.save import DRAWINGS, Drawing, draw_figure, render_figure, write_figure
from flows.figures.shares import draw_share_bounds, draw_share_windows
from flows.figures.style import draw_source, journal_style, new_figure
from flows.figures.trade import draw_bridge, draw_levels, draw_mirror_ratio
from flows.figures.trend import (
    draw_autocorrelation,
    draw_estimates,
    draw_forecast,
    draw_residuals,
    draw_trend,
)

__all__ = [
    "DRAWINGS",
    "Drawing",
    "draw_autocorrelation",
    "draw_break_path",
    "draw_breaks",
    "draw_bridge",
    "draw_context_distribution",
    "draw_estimates",
    "draw_figure",
    "draw_forecast",
    "draw_imports_by_supplier",
    "draw_levels",
    "draw_mirror_ratio",
    "draw_regimes",
    "draw_residuals",
    "draw_revision_waterfall",
    "draw_share_bounds",
    "draw_share_windows",
    "draw_source",
    "draw_supplier_ranks",
    "draw_tornado",
    "draw_trend",
    "journal_style",
    "new_figure",
    "render_figure",
    "write_figure",
]
