"""
A figure that was changed shows: the table of the file is another, or the file is refused.

The figures of a file are found by trying: a changed digit of them changes the table, or is refused.
"""

import random
import re
import tempfile
from functools import cache
from pathlib import Path

import pandas as pd
from fuzz_changes import new_number

from flows.errors import FlowsError
from flows.loaders import load
from flows.loaders.examples import example_path

_FIGURE = re.compile(r"(?<![\w.])[0-9]+(?:\.[0-9]+)?(?![\w.])")
_STRUCTURE = re.compile(r"""[,;\t|"'<>{}\[\]()\\:\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]""")
"""What may end a cell: the rest of a text is one cell."""


_LATIN = ("sipri_register",)
"""Whose publisher does not write UTF-8."""


class Unseen(AssertionError):  # noqa: N818 - it says what is wrong
    """A file was changed, and what is loaded is as before."""


@cache
def _path(key: str) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="fuzz-values-"))
    return folder / example_path(key).name


def _loaded(key: str, text: str) -> tuple[pd.DataFrame, object] | None:
    """Return what is loaded from a text, and what is said of it; none if it is refused."""
    path = _path(key)
    path.write_bytes(text.encode("latin-1" if key in _LATIN else "utf-8", "backslashreplace"))
    try:
        table = load(path, layout=key)
    except FlowsError:
        return None
    report = table.attrs["report"]
    said = report["left_out"], report["warnings"]
    return table.drop(columns="dataset", errors="ignore"), said


@cache
def _original(key: str) -> tuple[str, pd.DataFrame, object]:
    text = example_path(key).read_bytes().decode("latin-1" if key in _LATIN else "utf-8")
    loaded = _loaded(key, text)
    if loaded is None:
        raise Unseen(f"the example of {key} is refused")
    return text, *loaded


@cache
def _places(key: str) -> tuple[tuple[int, int], ...]:
    """Return where numbers stand in an example."""
    return tuple(match.span() for match in _FIGURE.finditer(_original(key)[0]))


@cache
def is_figure(key: str, start: int, end: int) -> bool:
    """Say whether a layout reads the number at a place: no other digit in it loads as the same."""
    text, table, _ = _original(key)
    for at in {start, end - 1}:
        digit = "1" if text[at] != "1" else "2"
        loaded = _loaded(key, text[:at] + digit + text[at + 1 :])
        if loaded is not None and loaded[0].equals(table):
            return False
    return True


def change_of_a_value(key: str, content: bytes) -> None:
    """
    Write over one figure of the example, and hold what comes of it against the example.

    The first two bytes say which figure; the rest is what is written there.
    """
    new = content[2:].decode("utf-8", "replace")
    if _STRUCTURE.search(new) or "\x00" in new:
        return
    text, table, said = _original(key)
    start, end = _places(key)[int.from_bytes(content[:2], "big") % len(_places(key))]
    if _same(new, text[start:end]) or not is_figure(key, start, end):
        return
    loaded = _loaded(key, text[:start] + new + text[end:])
    if loaded is None:
        return
    where = f"{example_path(key).name}:{text.count(chr(10), 0, start) + 1}"
    # A cell that is empty says less, and nothing else than one beside it that says the same.
    if new.strip() and loaded[0].equals(table) and loaded[1] == said:
        raise Unseen(f"{where}: {text[start:end]!r} and {new!r} load as the same")
    if len(loaded[0]) < len(table) and loaded[1] == said:
        raise Unseen(f"{where}: {new!r} for {text[start:end]!r} takes rows out and is not told")


def other_figure(content: bytes, chance: random.Random) -> bytes:
    """Return another place, and what a slip of a hand or of a program makes of a number."""
    kept = content[2:].decode("utf-8", "replace") if chance.random() < 0.5 else ""
    new = new_number(kept or chance.choice(("13", "2019", "412.5", "0")), chance)
    return chance.randbytes(2) + new.encode("utf-8", "replace")


def _same(new: str, old: str) -> bool:
    """Say whether two texts are one figure."""
    try:
        return float(new.replace(" ", "")) == float(old)
    except ValueError:
        return new.strip() == old
