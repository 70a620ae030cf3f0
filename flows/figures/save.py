"""From a finding to files: every figure as PDF, SVG and PNG, with its data beside it."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib.figure
from matplotlib.axes import Axes

from flows.figures.arms import (
    draw_context_distribution,
    draw_imports_by_supplier,
    draw_revision_waterfall,
    draw_supplier_ranks,
    draw_tornado,
)
from flows.figures.breaks import draw_break_path, draw_breaks, draw_regimes
from flows.figures.shares import draw_share_bounds, draw_share_windows
from flows.figures.style import Width, draw_source, fit_height, journal_style, new_figure
from flows.figures.trade import draw_bridge, draw_levels, draw_mirror_ratio
from flows.figures.trend import (
    draw_autocorrelation,
    draw_estimates,
    draw_forecast,
    draw_residuals,
    draw_trend,
)
from flows.findings import Figure


@dataclass(frozen=True, slots=True)
class Drawing:
    """
    A drawing function and the size at which its figure is printed.

    Parameters
    ----------
    draw : callable
        ``draw(ax, data, **options)``.
    height : float
        Of the axes in millimetres; labels, legend and source add what they need.
    height_per_row : float
        Millimetres more for each row of data, for figures that list them.
    width : {"single", "double"}
        One or two columns of a journal.
    """

    draw: Callable[..., Axes]
    height: float
    height_per_row: float = 0.0
    width: Width = "double"


DRAWINGS: Mapping[str, Drawing] = {
    "draw_autocorrelation": Drawing(draw_autocorrelation, height=34.0),
    "draw_break_path": Drawing(draw_break_path, height=40.0),
    "draw_breaks": Drawing(draw_breaks, height=58.0),
    "draw_bridge": Drawing(draw_bridge, height=2.0, height_per_row=8.5),
    "draw_context_distribution": Drawing(draw_context_distribution, height=66.0),
    "draw_estimates": Drawing(draw_estimates, height=4.0, height_per_row=8.0),
    "draw_forecast": Drawing(draw_forecast, height=58.0),
    "draw_imports_by_supplier": Drawing(draw_imports_by_supplier, height=68.0),
    "draw_levels": Drawing(draw_levels, height=44.0, width="single"),
    "draw_mirror_ratio": Drawing(draw_mirror_ratio, height=58.0),
    "draw_regimes": Drawing(draw_regimes, height=42.0),
    "draw_residuals": Drawing(draw_residuals, height=40.0),
    "draw_revision_waterfall": Drawing(draw_revision_waterfall, height=2.0, height_per_row=7.0),
    "draw_share_bounds": Drawing(draw_share_bounds, height=64.0),
    "draw_share_windows": Drawing(draw_share_windows, height=58.0),
    "draw_supplier_ranks": Drawing(draw_supplier_ranks, height=60.0),
    "draw_tornado": Drawing(draw_tornado, height=2.0, height_per_row=7.0),
    "draw_trend": Drawing(draw_trend, height=62.0),
}
"""What a study may name in ``Figure.draw``."""

_FILE_STYLE: dict[Any, Any] = {
    "pdf.fonttype": 42,
    # Text as outlines: a browser without the font would set it in another, wider one, and labels
    # would run into each other.
    "svg.fonttype": "path",
    # Without it the ids in the file are random.
    "svg.hashsalt": "flows",
}
_PNG_DPI = 300


def draw_figure(figure: Figure) -> matplotlib.figure.Figure:
    """
    Draw a finding as the report prints it, with its source.

    Parameters
    ----------
    figure : flows.findings.Figure
        What is drawn and how.

    Returns
    -------
    matplotlib.figure.Figure
        As wide as its drawing says, as high as its labels need; not registered with pyplot.

    Raises
    ------
    ValueError
        If ``figure.draw`` is not in :data:`DRAWINGS`.
    SchemaError
        If the data are not what the drawing function asks for.

    Examples
    --------
    >>> import pandas as pd
    >>> data = pd.DataFrame({"year": [2020], "supplier": ["Israel"], "value": [280.0]})
    >>> options = {"unit_label": "TIV, million", "highlight": "Israel"}
    >>> finding = Figure(
    ...     "arms", "draw_imports_by_supplier", data, options, "Imports.", "Source: SIPRI.", {}
    ... )
    >>> draw_figure(finding).get_supxlabel()
    'Source: SIPRI.'
    """
    if figure.draw not in DRAWINGS:
        raise ValueError(f"draw: expected one of {', '.join(DRAWINGS)}, found {figure.draw!r}")
    drawing = DRAWINGS[figure.draw]
    height = drawing.height + drawing.height_per_row * len(figure.data)
    canvas, ax = new_figure(width=drawing.width, height=height)
    drawing.draw(ax, figure.data, **figure.options)
    draw_source(canvas, figure.source)
    fit_height(ax, height=height)
    return canvas


def render_figure(figure: Figure) -> dict[str, bytes]:
    """
    Return the files of a figure; the same finding gives the same bytes.

    Parameters
    ----------
    figure : flows.findings.Figure
        What is drawn and how.

    Returns
    -------
    dict of str to bytes
        File names (``ID.csv``, ``ID.pdf``, ``ID.png``, ``ID.svg``) and contents. The PNG has 300
        dots per inch; fonts are embedded in the PDF and outlines in the SVG; no file has a date.

    Raises
    ------
    ValueError, SchemaError
        As :func:`draw_figure`.

    Examples
    --------
    >>> import pandas as pd
    >>> data = pd.DataFrame({"year": [2020], "supplier": ["Israel"], "value": [280.0]})
    >>> options = {"unit_label": "TIV, million", "highlight": "Israel"}
    >>> finding = Figure(
    ...     "arms", "draw_imports_by_supplier", data, options, "Imports.", "Source: SIPRI.", {}
    ... )
    >>> sorted(render_figure(finding))
    ['arms.csv', 'arms.pdf', 'arms.png', 'arms.svg']
    """
    table = figure.data.to_csv(index=False, lineterminator="\n", date_format="%Y-%m-%d")
    return {f"{figure.id}.csv": table.encode(), **_print(draw_figure(figure), figure.id)}


def write_figure(figure: Figure, folder: Path) -> list[Path]:
    """
    Write the files of a figure.

    Parameters
    ----------
    figure : flows.findings.Figure
        What is drawn and how.
    folder : Path
        An existing folder; files of the same names are replaced.

    Returns
    -------
    list of Path
        What was written, see :func:`render_figure`.

    Raises
    ------
    ValueError, SchemaError
        As :func:`draw_figure`; then no file is touched.
    OSError
        If the folder does not exist or cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import pandas as pd
    >>> data = pd.DataFrame({"year": [2020], "supplier": ["Israel"], "value": [280.0]})
    >>> options = {"unit_label": "TIV, million", "highlight": "Israel"}
    >>> finding = Figure(
    ...     "arms", "draw_imports_by_supplier", data, options, "Imports.", "Source: SIPRI.", {}
    ... )
    >>> with TemporaryDirectory() as folder:
    ...     [path.name for path in write_figure(finding, Path(folder))]
    ['arms.csv', 'arms.pdf', 'arms.svg', 'arms.png']
    """
    written = []
    for name, content in render_figure(figure).items():
        path = folder / name
        path.write_bytes(content)
        written.append(path)
    return written


@journal_style()
def _print(canvas: matplotlib.figure.Figure, name: str) -> dict[str, bytes]:
    """Return the figure as PDF, SVG and PNG."""
    metadata = {
        "pdf": {"Title": name, "Creator": None, "Producer": None, "CreationDate": None},
        "svg": {"Title": name, "Creator": None, "Date": None},
        "png": {"Title": name, "Software": None},
    }
    files = {}
    with matplotlib.rc_context(_FILE_STYLE):
        for kind, about in metadata.items():
            content = io.BytesIO()
            canvas.savefig(content, format=kind, dpi=_PNG_DPI, metadata=about)
            files[f"{name}.{kind}"] = content.getvalue()
    return files
