"""Where the exhibits of a PDF stand: in their place in the text, or at the top of the next page."""

import json
from collections.abc import Callable, Sequence
from typing import NamedTuple

FLOATS = ".floats"
"""
File that the template reads: the ids of the exhibits that float, with spaces between.

Only exhibits read it, so that a layout keeps what the one before it made of all other text.
"""

_FOOT = 269 / 25.4 * 72
"""Where the text of a page ends, in points."""

_AROUND = 20.0
"""Points above an exhibit in the text."""


class Exhibit(NamedTuple):
    """An exhibit as set: where the text has it, its height, and the page on which it is shown."""

    id: str
    page: int
    y: float
    height: float
    long: bool
    shown: int


def place_exhibits(query: Callable[[str], str]) -> str:
    """
    Return what :data:`FLOATS` holds where the exhibits of a text stand at their places.

    One after the other: where an exhibit stands depends on those before it and on none after it.
    It floats if it does not fit where the text has it, or follows one that floats on the same page.
    One that would rise above its own place, since the text went with it, stays in the text.
    """
    floats: list[str] = []
    exhibits = _measure(query, floats)
    place = 0
    while place < len(exhibits):
        if _floats(exhibits, place, floats):
            tried = _measure(query, [*floats, exhibits[place].id])
            if tried[place].shown > tried[place].page:
                floats, exhibits = [*floats, exhibits[place].id], tried
        place += 1
    return " ".join(floats)


def _floats(exhibits: Sequence[Exhibit], place: int, floats: Sequence[str]) -> bool:
    own = exhibits[place]
    fits = own.long or own.y + _AROUND + own.height <= _FOOT
    return not fits or any(own.page == other.page for other in exhibits if other.id in floats)


def _measure(query: Callable[[str], str], floats: Sequence[str]) -> list[Exhibit]:
    return [Exhibit(**entry["value"]) for entry in json.loads(query(" ".join(floats)))]
