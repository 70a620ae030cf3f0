"""Figures of the report: each a function that draws its data on the caller's axes."""

from flows.figures.bridge import draw_bridge
from flows.figures.imports_by_supplier import draw_imports_by_supplier
from flows.figures.mirror_ratio import draw_mirror_ratio
from flows.figures.save import DRAWINGS, Drawing, draw_figure, render_figure, write_figure
from flows.figures.share_windows import draw_share_windows
from flows.figures.style import draw_source, journal_style, new_figure
from flows.figures.trend import draw_trend

__all__ = [
    "DRAWINGS",
    "Drawing",
    "draw_bridge",
    "draw_figure",
    "draw_imports_by_supplier",
    "draw_mirror_ratio",
    "draw_share_windows",
    "draw_source",
    "draw_trend",
    "journal_style",
    "new_figure",
    "render_figure",
    "write_figure",
]
