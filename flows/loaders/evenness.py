"""Whether a table is as even as tables are, before it takes the memory of one that is not."""

import re
import time

import numpy as np

from flows.errors import LayoutError
from flows.file_limits import beyond, limits

CONVERT = "a large file of BACI, Comext or UN Comtrade is converted: flows convert FILE; "
"""What to do with a table that is too large to be read at once."""

_SOME_LINES = 1024

_MOST_EMPTY = 2_000_000
"""Places without a cell that lines of different length may leave in any table."""

_TIMES_FILLED = 20

_JSON_TEXT = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)', re.DOTALL)
_NO_BRACKETS = re.compile(r"[^\[\]{}]+")
_SMALL = 1_000_000
_SIGNS_OF_AN_OBJECT = 10
"""Characters that a list or an object of JSON has at least, on average: "0":[94550000], has 15."""

_SPREAD, _FREE = 20, 10_000_000
"""How many times the characters of a file its cells may have, and how many are free."""


def check_brackets(text: str, *, path: str) -> None:
    """Check how deep JSON nests and that its objects hold something, before they take memory."""
    brackets = _NO_BRACKETS.sub("", _JSON_TEXT.sub("", text)).encode()
    opens = np.isin(np.frombuffer(brackets, np.uint8), np.frombuffer(b"[{", np.uint8))
    depth = np.cumsum(np.where(opens, 1, -1))
    if len(depth) and depth.max() > limits().depth:
        raise beyond("depth", f"{depth.max():,}", place=f"{path}:1")
    count = int(opens.sum())
    if len(text) > _SMALL and count * _SIGNS_OF_AN_OBJECT > len(text):
        raise LayoutError(
            f"{path}:1: expected records with names and values, found {count:,} lists and objects "
            f"in {len(text):,} characters: most of them are empty"
        )


def check_places(columns: int, lines: int, filled: int, *, place: str, instead: str = "") -> None:
    """Check that a table of lines of different length has few places without a cell."""
    if columns > limits().columns:
        raise beyond("columns", f"{columns:,}", place=place)
    if columns * lines > max(_MOST_EMPTY, _TIMES_FILLED * filled):
        raise LayoutError(
            f"{place}: expected lines of about the same cells, found few cells of many: "
            f"{filled:,} in a table of {columns * lines:,} places{instead}"
        )
    if filled > limits().cells:
        raise beyond("cells", "more", place=place, instead=CONVERT)


def allowed_signs(size: int) -> int:
    """Return how many characters the cells of a file of so many bytes may have."""
    return _SPREAD * size + _FREE


def check_repeated(signs: int, cells: int, size: int, *, place: str) -> None:
    """Check that cells which repeat texts of a file hold about as much as the file does."""
    if signs > allowed_signs(size):
        raise LayoutError(
            f"{place}: expected short texts where many cells repeat them, found {signs:,} "
            f"characters in {cells:,} cells of a file of {size:,} bytes"
        )


class Evenness:
    """Whether lines are about as long as others: a table has as many places as its longest line."""

    def __init__(self, path: str) -> None:
        self._path, self._limits = path, limits()
        self._until = time.monotonic() + self._limits.seconds
        self._lines = self._widest = self._filled = self._places = 0

    def add(self, line: int, width: int) -> None:
        """Take a line of so many cells."""
        self._lines += 1
        self._filled += width
        if width > self._widest:
            self._widest = width
            check_places(width, 1, width, place=f"{self._path}:{line}")
        if not self._lines % _SOME_LINES:
            self._check(f"{self._path}:{line}")

    def _check(self, place: str) -> None:
        self._places += _SOME_LINES * self._widest
        self._widest = 0
        check_places(1, self._places, self._filled, place=place)
        if time.monotonic() > self._until:
            raise beyond("seconds", "more", place=place)
