"""Figures as statistics offices print them: separators, marks beside a figure or in its place."""

import re
from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from flows.loaders.cells import bare
from flows.loaders.descriptions import ALIKE, BELOW, BESIDE, Description
from flows.loaders.workbooks import EXCEL_ERRORS

_BESIDE = re.compile(r"([^0-9]*)([0-9](?:.*[0-9])?)([^0-9]*)")
_NOTED = re.compile(r"([0-9](?:.*[0-9])?)\s*(\[[0-9a-z]{1,2}\]|\([0-9a-z]{1,2}\)|[0-9a-z]\))")
"""A number with a note behind it that may have a digit: 500[1], 500 (2), 500 1)."""

_BELOW = re.compile(r"[<\u2264]\s*([0-9.,]*[0-9])")
_ACCOUNTS = re.compile(r"\(([0-9][0-9.,]*)\)|([0-9][0-9.,]*)-")
_MINUS = r"^[\u2212\u2013]\s*(?=[0-9])"
_NEGATIVE = re.compile(r"[-\u2212\u2013]\s*[0-9]")
_SHOWN = 60

_ZEROS = (0x660, 0x6F0, 0x966, 0x9E6, 0xE50)
"""The zeros of Arabic, Persian, Devanagari, Bengali and Thai digits; the others follow."""

_ASCII = {zero + digit: str(digit) for zero in _ZEROS for digit in range(10)}
OTHER_DIGITS = f"[{''.join(map(chr, _ASCII))}]"
"""A digit of another script, as a pattern."""


class Marked(NamedTuple):
    """
    Cells without the marks beside them.

    ``texts``: what is left; ``estimates``: whether a mark says that a cell is an estimate;
    ``counts``: how many cells have each mark.
    """

    texts: pd.Series
    estimates: pd.Series
    counts: Mapping[str, int]


def without_marks(cells: pd.Series, description: Description, *, figures: bool) -> Marked:
    """Take off what stands beside cells; of names and years no letters, unless behind a digit."""
    beside = [mark for mark, meaning in description.marks.items() if meaning in BESIDE]
    texts, estimates = bare(cells), pd.Series(False, index=cells.index)
    counts = {}
    for mark in sorted(beside, key=len, reverse=True):
        sign = re.escape(mark.strip())
        behind = rf"(?<=[0-9])\s*{sign}$" if mark[-1].isalpha() else rf"(?<=\S)\s*{sign}$"
        before = rf"^{sign}\s*(?=[0-9])"
        marked = texts.str.contains(behind, regex=True)
        stripped = texts.str.replace(behind, "", regex=True)
        if figures:
            marked |= texts.str.contains(before, regex=True)
            stripped = stripped.str.replace(before, "", regex=True)
        texts = stripped.str.strip()
        counts[mark] = int(marked.sum())
        if description.marks[mark] == "estimate":
            estimates |= marked
    return Marked(texts, estimates, {mark: count for mark, count in counts.items() if count})


def number_pattern(description: Description) -> str:
    """
    Return what a number is by a description: 1.234 may be 1234 or a little more than 1.

    Thousands are in groups of three; between commas also as in India, 12,34,567.
    """
    between = _between(description)
    point = re.escape(description.decimal)
    grouped = f"[0-9]{{1,3}}(?:[{between}][0-9]{{3}})+|" if between else ""
    if between == ",":
        grouped += "[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3}|"
    return rf"-?(?:(?:{grouped}[0-9]+)(?:{point}[0-9]*)?|{point}[0-9]+)(?:[eE][+-]?[0-9]{{1,3}})?"


def ascii_digits(text: str) -> str:
    """Return a text whose digits of other scripts are those of 0 to 9."""
    return text.translate(_ASCII)


def with_hyphens(texts: pd.Series) -> pd.Series:
    """Return figures whose minus is a hyphen, whichever dash a program made of it."""
    return texts.str.replace(_MINUS, "-", regex=True)


def plain_numbers(texts: pd.Series, description: Description) -> pd.Series:
    """Return numbers with a point for decimals and nothing between thousands."""
    between = _between(description)
    whole = texts.str.replace(f"[{between}]", "", regex=True) if between else texts
    return whole.str.replace(description.decimal, ".", regex=False)


def _between(description: Description) -> str:
    return ALIKE.get(description.thousands, description.thousands)


def example_number(description: Description) -> str:
    """Return a number as the description has them."""
    return f"1{description.thousands}250{description.decimal}5"


def advice(cell: str, description: Description) -> str:
    """Say what to write where a cell is no number as described."""
    text = cell.strip()
    if hint := _special(text):
        return hint
    if beside := _BESIDE.fullmatch(text):
        mark = (beside[1] + beside[3]).strip()
        if mark in {"", "-", "()", "%"} or not re.fullmatch(number_pattern(description), beside[2]):
            return ""
        return f'; for a mark beside a figure write "{mark}" = "estimate" or "note" under [marks]'
    if text and not any(sign.isdigit() for sign in text) and not text.startswith("#"):
        return (
            f'; for a sign in place of a figure write "{text[:_SHOWN]}" = "missing", '
            '"confidential", "zero" or "below 0.5" under [marks]'
        )
    return ""


def _special(text: str) -> str:
    """Say what to write for what is not a figure with a sign: errors, bounds, notes, accounts."""
    if text in EXCEL_ERRORS:
        return (
            f'; its formula failed: mend it in a copy, or write "{text}" = "missing" under [marks]'
        )
    if text.endswith("%"):
        return "; a share is no value: name another column"
    if below := _BELOW.fullmatch(text):
        return f'; write "{text}" = "below {below[1].replace(",", ".")}" under [marks]'
    if noted := _NOTED.fullmatch(text):
        return (
            f'; for a mark beside a figure write "{noted[2]}" = "estimate" or "note" under [marks]'
        )
    if match := _ACCOUNTS.fullmatch(text):
        return (
            f"; accounts write a negative figure so: write -{match[1] or match[2]} in a copy; "
            f"{_CORRECT}"
        )
    return f"; {_CORRECT}" if _NEGATIVE.match(text) else ""


_CORRECT = "if negative figures correct others of the same period, write corrections = true"


def upper_bounds(cells: pd.Series, description: Description) -> pd.Series:
    """Return what cells are below whose mark says so, in the table's multiple; others NaN."""
    below = {
        mark: float(match[1])
        for mark, meaning in description.marks.items()
        if (match := BELOW.fullmatch(meaning))
    }
    return cells.str.strip().map(below).astype("float64")
