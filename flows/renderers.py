"""Where a result finds what draws or writes it, without an import that goes up."""

from collections.abc import Callable, Mapping
from pkgutil import resolve_name
from typing import Any

_HOMES: dict[str, str] = {}


def register_renderers(homes: Mapping[str, str]) -> None:
    """Say which function renders what, ``module:function`` by kind; it is imported when needed."""
    _HOMES.update(homes)


def find_renderer(kind: str) -> Callable[..., Any]:
    """Import the function that renders a kind."""
    found: Callable[..., Any] = resolve_name(_HOMES[kind])
    return found
