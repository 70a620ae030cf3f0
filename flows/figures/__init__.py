"""
Figures of the report: each a function that draws its data on the caller's axes.

Modules of this package load matplotlib; the package itself does not, so that a plan can name the
files of a figure at no cost. A drawing is found by its name, ``flows.figures.draw_trend``.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from flows.errors import did_you_mean

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FIGURE_FORMATS: Mapping[str, str] = {
    "pdf": "flows.figures.save:figure_pdf",
    "svg": "flows.figures.save:figure_svg",
    "text.svg": "flows.figures.save:figure_text_svg",
    "png": "flows.figures.save:figure_png",
    "csv": "flows.figures.save:figure_csv",
}
"""Kind of file to the function that makes it, ``function(figure, canvas) -> bytes``."""


def __getattr__(name: str) -> "Callable[..., Axes]":
    """Find a drawing, wherever in the package it stands."""
    if name.startswith("draw_"):
        from flows.figures.drawing import find_drawings  # noqa: PLC0415 - loads matplotlib

        if name in find_drawings():
            return find_drawings()[name].draw
        near = did_you_mean(name, find_drawings())
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}{near}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
