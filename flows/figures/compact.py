"""An SVG in fewer bytes: the same picture to a hundredth of a point."""

import re
from itertools import groupby
from operator import itemgetter

_PATH = re.compile(rb' d="([^"]*)"')
_PLACED = re.compile(rb' (?:x|y|x1|x2|y1|y2|width|height|points)="[^"]*"|translate\([^)]*\)')
_DECIMALS = re.compile(rb"-?\d+\.\d{3,}")
_AROUND_COMMAND = re.compile(rb"\s*([A-Za-z])\s*")
_STYLE = re.compile(rb'style="[^"]*"')
_MARKS = re.compile(rb'(?:<use [^>]*? style="[^"]*"/>\n)+')
_GLYPH = re.compile(rb'"(#?)DejaVuSans-')
_SHIFTED = re.compile(rb'(<use xlink:href="#[^"]*") transform="translate\(([-\d.]+)(?: 0)?\)"')
_MARK = re.compile(rb'(<use [^>]*?) (style="[^"]*")/>\n')


def compact_svg(drawn: bytes) -> bytes:
    r"""
    Return a figure of matplotlib without what takes room and shows nothing.

    >>> compact_svg(b'<path d="M 1.23456 2 \nL 3 4 \nz\n" style="fill: #fff; a: b"/>')
    b'<path d="M1.23 2L3 4z" style="fill:#fff;a:b"/>'
    """
    drawn = re.sub(rb"\n +", b"\n", drawn)
    drawn = _GLYPH.sub(rb'"\1g', drawn)
    drawn = _SHIFTED.sub(rb'\1 x="\2"', drawn)
    drawn = _PATH.sub(_shorten_path, drawn)
    drawn = _PLACED.sub(lambda found: _DECIMALS.sub(_round, found[0]), drawn)
    drawn = _STYLE.sub(lambda found: re.sub(rb"([:;]) ", rb"\1", found[0]), drawn)
    return _MARKS.sub(_share_styles, drawn)


def _shorten_path(found: re.Match[bytes]) -> bytes:
    path = _AROUND_COMMAND.sub(rb"\1", _DECIMALS.sub(_round, found[1]))
    return b' d="' + path.strip() + b'"'


def _round(number: re.Match[bytes]) -> bytes:
    return f"{float(number[0]):.2f}".rstrip("0").rstrip(".").encode()


def _share_styles(found: re.Match[bytes]) -> bytes:
    """Give marks that follow each other in one style a group that has it."""
    marks = [(mark[1] + b"/>\n", mark[2]) for mark in _MARK.finditer(found[0])]
    shared = []
    for style, run in groupby(marks, key=itemgetter(1)):
        drawn = b"".join(mark for mark, _ in run)
        shared.append(b"<g " + style + b">\n" + drawn + b"</g>\n")
    return b"".join(shared)
