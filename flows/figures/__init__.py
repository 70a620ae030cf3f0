"""Figures of the report: each a function that draws its data on the caller's axes."""

from flows.figures.break_path import draw_break_path
from flows.figures.breaks import draw_breaks
from flows.figures.bridge import draw_bridge
from flows.figures.context_distribution import draw_context_distribution
from flows.figures.estimates import draw_estimates
from flows.figures.forecast import draw_forecast
from flows.figures.imports_by_supplier import draw_imports_by_supplier
from flows.figures.levels import draw_levels
from flows.figures.mirror_ratio import draw_mirror_ratio
from flows.figures.residuals import draw_autocorrelation, draw_residuals
from flows.figures.revision_waterfall import draw_revision_waterfall
from flows.figures.save import DRAWINGS, Drawing, draw_figure, render_figure, write_figure
from flows.figures.share_bounds import draw_share_bounds
from flows.figures.share_windows import draw_share_windows
from flows.figures.style import draw_source, journal_style, new_figure
from flows.figures.supplier_ranks import draw_supplier_ranks
from flows.figures.tornado import draw_tornado
from flows.figures.trend import draw_trend
from flows.figures.two_regimes import draw_regimes

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
