"""
Statistics of trade and of arms transfers, from the raw file to the number in a report.

The public names stand in ``__init__.pyi``, which type checkers read as well. Each is imported when
it is first asked for, so that the command line starts at once.
"""

import ast
from importlib import import_module
from pathlib import Path

from flows.renderers import register_renderers

__version__ = "0.1.0"

_STUB = ast.parse(Path(__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
_HOMES = {
    alias.name: str(line.module)
    for line in _STUB.body
    if isinstance(line, ast.ImportFrom)
    for alias in line.names
}

__all__ = list(_HOMES)

register_renderers(
    {
        "figure": "flows.figures.save:draw_on",
        "docx": "flows.report.exports:write_document",
        "excel": "flows.report.exports:write_excel",
        "html": "flows.tables.results:result_html",
        "html-part": "flows.tables.formats:table_part",
        "latex": "flows.tables.results:result_tex",
        "typst": "flows.tables.results:result_typst",
    }
)


def __getattr__(name: str) -> object:
    """Import a public name from its home, the first time that it is asked for."""
    if name in _HOMES:
        globals()[name] = _public(name, home=_HOMES[name])
        return globals()[name]
    if not name.startswith("_"):
        former = import_module("flows.former")
        if name in former.NAMES:
            return getattr(former, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _public(name: str, *, home: str) -> object:
    """Import what a line of the stub names: something of a module, or a module."""
    if home != __name__ and hasattr(module := import_module(home), name):
        return getattr(module, name)
    return import_module(f"{home}.{name}")


def __dir__() -> list[str]:
    """List the public names."""
    return [*__all__, "__version__"]
