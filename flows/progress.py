"""How far long work has come: a line on a terminal or in a notebook, nothing in a pipe."""

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from flows.safe_text import one_line

T = TypeVar("T")
Say = Callable[[str], None]

SWITCH = "FLOWS_PROGRESS"
"""Variable of the environment that turns it off, ``0``: for notebooks whose outputs are kept."""

_AFTER = 2.0
"""Seconds that pass in silence: most work is done by then."""

_EVERY = 0.2
_WIDTH = 24

_shown: list[str] = []
"""What is being shown; work inside of other work says nothing of its own."""


def track(items: Iterable[T], about: str, *, total: int) -> Iterator[T]:
    """
    Yield items, and say how many of them are done if that takes more than two seconds.

    >>> list(track([1, 2, 3], "counting", total=3))
    [1, 2, 3]
    """
    show = None if _shown else _find_screen()
    if show is None:
        yield from items
        return
    _shown.append(about)
    start = said = time.monotonic()
    try:
        for done, item in enumerate(items):
            now = time.monotonic()
            if now - start > _AFTER and now - said > _EVERY:
                show(describe(about, done, total, seconds=now - start))
                said = now
            yield item
    finally:
        _shown.remove(about)
        if said > start:
            show("")


def describe(about: str, done: int, total: int, *, seconds: float) -> str:
    """
    Return a bar, the part that is done, and how long the rest may take.

    >>> describe("draws", 50, 100, seconds=6.0)
    'draws [############------------]  50%, 6 s left'
    """
    part = done / total if total else 1.0
    filled = round(_WIDTH * part)
    left = f", {seconds * (total - done) / done:.0f} s left" if done else ""
    return f"{one_line(about)} [{'#' * filled}{'-' * (_WIDTH - filled)}] {part:4.0%}{left}"


@contextmanager
def silent() -> Iterator[None]:
    """Let nothing inside show its progress: something else does."""
    _shown.append("")
    try:
        yield
    finally:
        _shown.remove("")


def _find_screen() -> Say | None:
    """Return what shows a line in place of the last one, where somebody looks."""
    if os.environ.get(SWITCH) == "0":
        return None
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if type(shell).__name__ == "ZMQInteractiveShell":
        return _notebook_line()
    return _terminal_line if sys.stderr.isatty() else None


def _terminal_line(text: str) -> None:
    sys.stderr.write(f"\r\x1b[2K{text}")
    sys.stderr.flush()


def _notebook_line() -> Say:
    display = sys.modules["IPython.display"].display
    handles: list[Any] = []

    def show(text: str) -> None:
        plain = {"text/plain": text}
        if handles:
            handles[0].update(plain, raw=True)
        else:
            handles.append(display(plain, raw=True, display_id=True))

    return show
