"""What the printed pages share: a table in Markdown, and the versions behind it."""

import platform
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any


def markdown_table(heading: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    """Return a table; numbers with ten digits."""
    names = list(heading)
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join(f"| {' | '.join(_text(cell) for cell in cells)} |" for cells in lines)


def versions() -> str:
    """Return Python and the packages that numbers depend on."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy", "statsmodels"))
    return f"Python {platform.python_version()}, {packages}"


def _text(cell: Any) -> str:
    return f"{cell:.10g}" if isinstance(cell, float) else str(cell)
