"""Texts of strangers, shown and written so that nothing that reads them acts upon them."""

import json
import re
import sys
from collections.abc import Callable, Mapping
from typing import Any

_ACTING = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"  # control characters but tab and line feed
    r"|\r(?!\n)"  # begins a line anew, over what it held
    r"|[\u202a-\u202e\u2066-\u2069]"  # embeddings, overrides and isolates of bidirectional text
    r"|[\u2028\u2029]"  # ends of lines for JavaScript, and for nobody else
    r"|[\ufeff\ufffe\uffff\ud800-\udfff]"  # marks of an encoding and halves: no characters
)
"""
What acts upon a terminal or a reader's eye instead of being read.

Joiners and marks of direction (U+200C to U+200F, U+061C) are part of names in Persian, Arabic and
Hebrew, and stay.
"""

_FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")  # Excel takes the wide ones too
"""First characters at which a spreadsheet takes a text for a formula, as OWASP lists them."""

_SIGNED = re.compile(r"[+-]\d[\d,.]*%?(?: \([+−-]?[\d,.]+ to [+−-]?[\d,.]+\))?")
"""A number as printed with its sign, and its interval if it has one: nothing to calculate."""

_NO_TEXT = "biufcmM"
"""Kinds of columns that hold numbers, or times, and no text."""


_NAME = re.compile(r"\w[\w.-]{0,119}(?<!\.)")
_KEPT_BY_WINDOWS = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)

NAME_OF_A_FILE = (
    "letters, digits, . _ and -, at most 120 of them and no point at the end, and none of con, "
    "prn, aux, nul, com1 or lpt1, which Windows keeps"
)
"""What an id is made of by which files are named, in the words of an error."""


def is_name_of_a_file(name: object) -> bool:
    r"""
    Say whether files can be named by an id on any system, inside their folder.

    >>> [is_name_of_a_file(name) for name in ("trade.by-year", "../a", "NUL", "a\x00b", ["a"])]
    [True, False, False, False, False]
    """
    return (
        isinstance(name, str)
        and _NAME.fullmatch(name) is not None
        and _KEPT_BY_WINDOWS.fullmatch(name) is None
    )


def show_controls(text: str) -> str:
    r"""
    Return a text with the code of each character that would act instead of being read.

    The code is that of JSON, so that JSON stays JSON and means the same.

    >>> print(show_controls("Isra\x1b[31mel"), show_controls("\N{RIGHT-TO-LEFT OVERRIDE}a"))
    Isra\u001b[31mel \u202ea
    """
    return _ACTING.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def one_line(text: str) -> str:
    r"""
    Return a text in one line, spaces drawn together, without characters that act.

    >>> one_line("Trade\n  by\tmonth")
    'Trade by month'
    """
    return show_controls(" ".join(text.split()))


def safe_json(content: Any, **options: Any) -> str:
    r"""
    Return JSON that a person can read and a terminal can show.

    >>> print(safe_json({"name": "Israël\x9b"}))
    {"name": "Israël\u009b"}
    """
    return show_controls(json.dumps(content, ensure_ascii=False, **options))


def shown(content: Any) -> Any:
    r"""
    Return lists, dictionaries and frames with every text in them as :func:`show_controls` has it.

    For what is drawn, and for what a page decodes before it shows it.

    >>> shown({"name": ["a\x1b", 1]})
    {'name': ['a\\u001b', 1]}
    """
    if isinstance(content, str):
        return show_controls(content)
    if isinstance(content, Mapping):
        return {shown(key): shown(value) for key, value in content.items()}
    if type(content) in (list, tuple):
        return type(content)(map(shown, content))
    return _with_texts(content, shown) if hasattr(content, "isetitem") else content


def safe_cell(value: Any) -> Any:
    """
    Return a cell for a spreadsheet: a text that begins as a formula gets an apostrophe before it.

    >>> safe_cell("=1+1"), safe_cell("+1.5%"), safe_cell("Iran"), safe_cell(-1.5)
    ("'=1+1", '+1.5%', 'Iran', -1.5)
    """
    if not isinstance(value, str):
        return value
    calculates = _FORMULA.match(value) and not _SIGNED.fullmatch(value)
    return show_controls(f"'{value}" if calculates else value)


def frame_csv(frame: Any, **options: Any) -> str:
    """Return a frame of pandas as CSV for a spreadsheet, without its index."""
    safe = _with_texts(frame, safe_cell)
    return str(safe.to_csv(index=False, lineterminator="\n", **options))


def _with_texts(frame: Any, change: Callable[[Any], Any]) -> Any:
    """Return a frame of pandas whose cells and headings, where they are texts, are changed."""
    changed = frame.rename(columns=change)
    for place, kind in enumerate(frame.dtypes):
        if kind.kind not in _NO_TEXT:
            column = frame.iloc[:, place]
            cells = [change(cell) for cell in column]
            pairs = zip(cells, column, strict=True)
            if any(isinstance(old, str) and new != old for new, old in pairs):
                changed.isetitem(place, type(column)(cells, index=column.index, dtype=object))
    return changed


def say(text: object, *, end: str = "\n", error: bool = False) -> None:
    """Print a text at once, to standard error if it is one; nothing else of the package prints."""
    shown = show_controls(f"{text}")
    print(shown, end=end, file=sys.stderr if error else sys.stdout, flush=True)
