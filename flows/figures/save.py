"""From a finding to files: every figure as PDF, SVG and PNG, with its data beside it."""

import io
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from pkgutil import resolve_name
from typing import Any, Protocol

import matplotlib.figure
import pandas as pd
from matplotlib.axes import Axes

from flows.errors import ReportError
from flows.figures import FIGURE_FORMATS
from flows.figures.compact import compact_svg
from flows.figures.drawing import Drawing, Palette, find_drawings
from flows.figures.style import (
    FONT,
    Places,
    draw_source,
    fit_height,
    journal_style,
    new_figure,
    take_places,
)
from flows.findings import Figure
from flows.safe_text import frame_csv

_FILE_STYLE: dict[Any, Any] = {
    "pdf.fonttype": 42,
    # Text as outlines: a browser without the font would set it in another, wider one, and labels
    # would run into each other.
    "svg.fonttype": "path",
    # Without it the ids in the file are random.
    "svg.hashsalt": "flows",
}
_PNG_DPI = 300

_NO_GLYPH = re.compile(r"Glyph (?P<code>\d+) .*missing from")
"""How matplotlib warns of a character that no font of a figure has."""


class _Asked(Protocol):
    """What is drawn: a finding, or the drawing of a result."""

    @property
    def draw(self) -> str: ...
    @property
    def data(self) -> pd.DataFrame: ...
    @property
    def options(self) -> Mapping[str, Any]: ...


ReportPlaces = Mapping[Palette, Places]
"""The places of all names of a report in their palettes, as :func:`report_places` gives them."""


def report_places(figures: Iterable[Figure]) -> dict[Palette, dict[str, int]]:
    """
    Return which colour each name has in all figures of a report: its place in a palette.

    Parameters
    ----------
    figures : iterable of flows.findings.Figure
        In the order of the report: the names of the first have the first places.

    Returns
    -------
    dict of str to dict of str to int
        Palette to name to place, for ``draw_figure`` and ``render_figure``.

    Raises
    ------
    ValueError
        If a figure names no drawing of :mod:`flows.figures`.

    Examples
    --------
    >>> import pandas as pd
    >>> data = pd.DataFrame(
    ...     {"year": 2020, "supplier": ["Israel", "Ukraine", "Russia"], "value": [280.0, 1.0, 5.0]}
    ... )
    >>> options = {"unit_label": "TIV, million", "highlight": "Israel"}
    >>> finding = Figure(
    ...     "arms", "draw_imports_by_supplier", data, options, "Imports.", "Source: SIPRI.", {}
    ... )
    >>> report_places([finding])
    {'suppliers': {'Russia': 0, 'Ukraine': 1}}
    """
    places: dict[Palette, dict[str, int]] = {}
    for figure in figures:
        drawing = _find_drawing(figure.draw)
        if drawing.names is not None:
            taken = places.setdefault(drawing.palette, {})
            taken.update(take_places(drawing.names(figure.data, **figure.options), taken))
    return places


def draw_figure(figure: Figure, *, places: ReportPlaces | None = None) -> matplotlib.figure.Figure:
    """
    Draw a finding as the report prints it, with its source.

    Parameters
    ----------
    figure : flows.findings.Figure
        What is drawn and how.
    places : mapping, optional
        As ``flows.figures.save.report_places`` gives them, so that a name has its colour of the
        report; by default the colours are those of a figure alone.

    Returns
    -------
    matplotlib.figure.Figure
        As wide as its drawing says, as high as its labels need; not registered with pyplot.

    Raises
    ------
    ValueError
        If ``figure.draw`` is not a drawing of :mod:`flows.figures`.
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
    return _draw_new(figure, source=figure.source, places=places)


def alt_text(figure: Figure) -> str:
    """
    Say what a figure shows, from its data, with its source: what stands in for it where it is read.

    Parameters
    ----------
    figure : flows.findings.Figure
        What is drawn and how.

    Returns
    -------
    str
        A few sentences: what kind of figure, its axes and unit, the range of each series.

    Raises
    ------
    ValueError
        If ``figure.draw`` is not a drawing of :mod:`flows.figures`.
    ReportError
        If the drawing has no words for its data.

    Examples
    --------
    >>> import pandas as pd
    >>> data = pd.DataFrame({"year": [2020, 2021], "supplier": "Israel", "value": [280.0, 21.0]})
    >>> options = {"unit_label": "TIV, million", "highlight": "Israel"}
    >>> finding = Figure(
    ...     "arms", "draw_imports_by_supplier", data, options, "Imports.", "Source: SIPRI.", {}
    ... )
    >>> alt_text(finding).split(". ")[1]
    'Total: between 21.0 (2021) and 280 (2020)'
    """
    words = _find_drawing(figure.draw).alt(figure.data, **figure.options).strip()
    if not words:
        raise ReportError(
            f"figure {figure.id}: expected a text that says what it shows, found none; "
            f"{figure.draw} makes it, see flows/figures/alt_texts.py"
        )
    return f"{words} {figure.source}".strip()


def draw_on(asked: _Asked, ax: Axes | None = None) -> matplotlib.figure.Figure:
    """Draw what a result asks for, on axes or in a new figure without a source below it."""
    if ax is None:
        return _draw_new(asked, source="")
    _find_drawing(asked.draw).draw(ax, asked.data, **asked.options)
    canvas = ax.get_figure(root=True)
    if canvas is None:
        raise ValueError("ax: expected axes of a figure, found axes that were removed from it")
    return canvas


def _draw_new(
    asked: _Asked, *, source: str, places: ReportPlaces | None = None
) -> matplotlib.figure.Figure:
    drawing = _find_drawing(asked.draw)
    height = drawing.height + drawing.height_per_row * len(asked.data)
    canvas, ax = new_figure(width=drawing.width, height=height)
    kept = {"places": places.get(drawing.palette)} if places and drawing.names else {}
    drawing.draw(ax, asked.data, **asked.options, **kept)
    if source:
        draw_source(canvas, source)
    fit_height(ax, height=height)
    return canvas


def _find_drawing(name: str) -> Drawing:
    drawings = find_drawings()
    if name not in drawings:
        raise ValueError(f"draw: expected one of {', '.join(drawings)}, found {name!r}")
    return drawings[name]


@journal_style()
def render_figure(figure: Figure, *, places: ReportPlaces | None = None) -> dict[str, bytes]:
    """
    Return the files of a figure; the same finding gives the same bytes.

    Parameters
    ----------
    figure : flows.findings.Figure
        What is drawn and how.
    places : mapping, optional
        As :func:`draw_figure` takes them.

    Returns
    -------
    dict of str to bytes
        File names (``ID.pdf``, one for each of :data:`flows.figures.FIGURE_FORMATS`) and contents.
        The PNG has 300 dots per inch; fonts are embedded in the PDF and outlines in the SVG, while
        ``ID.text.svg`` needs the font where it is shown; no file has a date.

    Raises
    ------
    ValueError, SchemaError
        As :func:`draw_figure`.
    ReportError
        If the font has no glyph for a character of the figure.

    Examples
    --------
    >>> import pandas as pd
    >>> data = pd.DataFrame({"year": [2020], "supplier": ["Israel"], "value": [280.0]})
    >>> options = {"unit_label": "TIV, million", "highlight": "Israel"}
    >>> finding = Figure(
    ...     "arms", "draw_imports_by_supplier", data, options, "Imports.", "Source: SIPRI.", {}
    ... )
    >>> sorted(render_figure(finding))
    ['arms.csv', 'arms.pdf', 'arms.png', 'arms.svg', 'arms.text.svg']
    """
    with _missing_glyphs_as_errors(figure), matplotlib.rc_context(_FILE_STYLE):
        canvas = draw_figure(figure, places=places)
        return {
            f"{figure.id}.{kind}": resolve_name(function)(figure, canvas)
            for kind, function in FIGURE_FORMATS.items()
        }


@contextmanager
def _missing_glyphs_as_errors(figure: Figure) -> Iterator[None]:
    """Turn the warning of matplotlib, which would draw an empty box, into an error."""
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=_NO_GLYPH.pattern, category=UserWarning)
        try:
            yield
        except UserWarning as warning:
            if (missing := _NO_GLYPH.match(str(warning))) is None:
                raise
            character = chr(int(missing["code"]))
            raise ReportError(
                f"figure {figure.id}: expected characters of the font {FONT}, found {character!r} "
                f"(U+{ord(character):04X}); write it in letters that the font has"
            ) from warning


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
    ['arms.pdf', 'arms.svg', 'arms.text.svg', 'arms.png', 'arms.csv']
    """
    written = []
    for name, content in render_figure(figure).items():
        path = folder / name
        path.write_bytes(content)
        written.append(path)
    return written


def figure_csv(figure: Figure, _: matplotlib.figure.Figure) -> bytes:
    """Return the data of a figure as CSV; no text of it is a formula."""
    return frame_csv(figure.data, date_format="%Y-%m-%d").encode()


def figure_pdf(figure: Figure, canvas: matplotlib.figure.Figure) -> bytes:
    """Return a drawn figure as PDF."""
    about = {"Title": figure.id, "Creator": None, "Producer": None, "CreationDate": None}
    return _save(canvas, "pdf", about)


def figure_svg(figure: Figure, canvas: matplotlib.figure.Figure) -> bytes:
    """Return a drawn figure as SVG."""
    return compact_svg(_save_svg(figure, canvas))


def _save_svg(figure: Figure, canvas: matplotlib.figure.Figure) -> bytes:
    return _save(canvas, "svg", {"Title": figure.id, "Creator": None, "Date": None})


def figure_text_svg(figure: Figure, canvas: matplotlib.figure.Figure) -> bytes:
    """Return a drawn figure as SVG whose labels are text, for what sets it with the font."""
    with matplotlib.rc_context({"svg.fonttype": "none"}):
        return _save_svg(figure, canvas)


def figure_png(figure: Figure, canvas: matplotlib.figure.Figure) -> bytes:
    """Return a drawn figure as PNG."""
    return _save(canvas, "png", {"Title": figure.id, "Software": None})


def _save(canvas: matplotlib.figure.Figure, kind: str, about: dict[str, str | None]) -> bytes:
    content = io.BytesIO()
    canvas.savefig(content, format=kind, dpi=_PNG_DPI, metadata=about)
    return content.getvalue()
