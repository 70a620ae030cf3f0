"""What the report can draw: every function marked as a drawing, found by its name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, wraps
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Literal, ParamSpec

from matplotlib.axes import Axes

from flows.figures.style import Width, journal_style
from flows.safe_text import shown

_P = ParamSpec("_P")

Palette = Literal["suppliers", "flows", "sources"]
"""
Whose colours: those of suppliers leave out the one of the supplier in question. Flows, and those
who state them, each begin with the first colour: no figure has both.
"""


@dataclass(frozen=True, slots=True)
class Drawing:
    """
    A drawing function and the size at which its figure is printed.

    ``draw``: ``draw(ax, data, **options)``; ``alt``: ``alt(data, **options)``, which says in words
    what is drawn; ``height``: of the axes in millimetres, labels, legend and source add what they
    need; ``height_per_row``: millimetres more for each row of data, for figures that list them;
    ``width``: one or two columns of a journal; ``names``: ``names(data, **options)``, the names
    that have a colour each, which the option ``places`` keeps through a report; ``palette``: what
    they are, since each kind has its own colours.
    """

    draw: Callable[..., Axes]
    alt: Callable[..., str]
    height: float
    height_per_row: float = 0.0
    width: Width = "double"
    names: Callable[..., list[str]] | None = None
    palette: Palette = "flows"


_MARKED: dict[str, Drawing] = {}


def drawing(
    *,
    alt: Callable[..., str],
    height: float,
    height_per_row: float = 0.0,
    width: Width = "double",
    names: Callable[..., list[str]] | None = None,
    palette: Palette = "flows",
) -> Callable[[Callable[_P, Axes]], Callable[_P, Axes]]:
    """
    Mark a function as one that the report may name in ``Figure.draw``, at the size of a `Drawing`.

    It draws in the style of the report, and the texts of its data as they are read.
    """

    def mark(function: Callable[_P, Axes]) -> Callable[_P, Axes]:
        name, home = function.__name__, function.__module__
        if name in _MARKED and _MARKED[name].draw.__module__ != home:
            raise ValueError(
                f"expected one drawing {name}, found it in {_MARKED[name].draw.__module__} "
                f"and in {home}"
            )

        @wraps(function)
        def draw_shown(*arguments: _P.args, **options: _P.kwargs) -> Axes:
            return function(*shown(arguments), **shown(options))

        styled = journal_style()(draw_shown)
        _MARKED[name] = Drawing(styled, alt, height, height_per_row, width, names, palette)
        return styled

    return mark


@cache
def find_drawings() -> Mapping[str, Drawing]:
    """Return every drawing of this package by name, in alphabetical order."""
    for module in iter_modules([str(Path(__file__).parent)]):
        import_module(f"{__package__}.{module.name}")
    return dict(sorted(_MARKED.items()))
