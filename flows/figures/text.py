"""Text at print size: how wide it is, where it breaks, how a value is printed beside its mark."""

from collections.abc import Iterable, Iterator
from functools import cache

import pandas as pd
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath

from flows.findings import MINUS

FONT = "DejaVu Sans"
"""Comes with matplotlib, so that a figure is the same on every machine."""

TEXT = 8.5
SMALL = 8.0
"""Points: a figure of 180 mm that is set 160 mm wide still has 7 points."""

LINE_HEIGHT = 1.25
"""From line to line, in font sizes."""

_WHOLE_FROM = 1000
_ROUNDING = 1.04
"""A picture of few pixels gives each letter a whole number of them."""


@cache
def text_width(text: str, *, size: float) -> float:
    """
    Return the width of one line of text, rather too wide than too narrow.

    Parameters
    ----------
    text : str
        Without line breaks.
    size : float
        Font size in points.

    Returns
    -------
    float
        Points.

    Examples
    --------
    >>> text_width("mm", size=8) > text_width("ii", size=8)
    True
    """
    font = FontProperties(family=FONT, size=size)
    width, _, _ = TextToPath().get_text_width_height_descent(text, font, ismath=False)
    return float(width) * _ROUNDING


def text_height(text: str, *, size: float) -> float:
    r"""
    Return the height of one or more lines of text.

    Parameters
    ----------
    text : str
        With its line breaks.
    size : float
        Font size in points.

    Returns
    -------
    float
        Points.

    Examples
    --------
    >>> text_height("Iran\nto Armenia", size=8)
    20.0
    """
    return (text.count("\n") + 1) * size * LINE_HEIGHT


def wrap_text(text: str, *, width: float, size: float, balanced: bool = False) -> str:
    r"""
    Break text into lines that are no wider than the width.

    Parameters
    ----------
    text : str
        A word that is too wide by itself (an address) is broken inside.
    width, size : float
        Width of a line and font size, in points.
    balanced : bool
        Make the lines about equally long, in no more lines: for names, where a single word in the
        last line looks like a name of its own.

    Returns
    -------
    str
        The text with line breaks.

    Raises
    ------
    ValueError
        If the width is less than two font sizes: a single letter might not fit.

    Examples
    --------
    >>> wrap_text("Democratic Republic of the Congo", width=125, size=8)
    'Democratic Republic of the\nCongo'
    >>> wrap_text("Democratic Republic of the Congo", width=125, size=8, balanced=True)
    'Democratic Republic\nof the Congo'
    """
    if width < 2 * size:
        raise ValueError(f"width: expected at least {2 * size} points, found {width}")
    lines = _filled(text, width=width, size=size)
    while balanced and width - 1 >= 2 * size:
        width -= 1
        narrower = _filled(text, width=width, size=size)
        if len(narrower) > len(lines):
            break
        lines = narrower
    return "\n".join(lines)


def _filled(text: str, *, width: float, size: float) -> list[str]:
    """Return lines of as many words as the width takes."""
    lines = [""]
    for word in _pieces(text.split(), width=width, size=size):
        longer = f"{lines[-1]} {word}".strip()
        if text_width(longer, size=size) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _pieces(words: Iterable[str], *, width: float, size: float) -> Iterator[str]:
    """Yield the words, and in pieces those that are wider than a line."""
    for word in words:
        rest = word
        while text_width(rest, size=size) > width:
            fits = len(rest) - 1
            while text_width(rest[:fits], size=size) > width:
                fits -= 1
            yield rest[:fits]
            rest = rest[fits:]
        yield rest


def format_value(value: float, *, decimals: int, signed: bool = False) -> str:
    """
    Print a number with separated thousands and a true minus sign.

    Parameters
    ----------
    value : float
        Any.
    decimals : int
        Digits after the point.
    signed : bool
        Print the plus sign of a positive number too.

    Returns
    -------
    str
        For example ``1,029.6``.

    Examples
    --------
    >>> format_value(-1029.61, decimals=1), format_value(28.0, decimals=0, signed=True)
    ('−1,029.6', '+28')
    """
    sign = "+" if signed else "-"
    return f"{value:{sign},.{decimals}f}".replace("-", MINUS)


def common_decimals(values: pd.Series) -> int:
    """
    Return how many decimals the value labels of one figure get.

    Parameters
    ----------
    values : pandas.Series
        Everything that is labelled.

    Returns
    -------
    int
        0 where a value reaches a thousand, otherwise 1.

    Examples
    --------
    >>> common_decimals(pd.Series([412.0, -28.4])), common_decimals(pd.Series([0.0, 12_758.0]))
    (1, 0)
    """
    return 0 if values.abs().max() >= _WHOLE_FROM else 1
