"""BACI as CEPII prints it: lines of one width, read eight bytes at a time."""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np

Numbers = np.ndarray[tuple[int], np.dtype[np.int64]]
"""Whole numbers, one a row or one a sum."""

_Words = np.ndarray[tuple[int], np.dtype[np.uint64]]
_Bytes = np.ndarray[tuple[int], np.dtype[np.uint8]]

_CELLS = (range(4, 5), range(1, 4), range(1, 4), range(6, 7), range(12, 17))
"""Characters of ``t``, ``i``, ``j``, ``k`` and ``v``: eight digits, a point, three, and blanks."""

_DECIMALS = 3

_TILE = 64
_LINES = 32_768
_MOST_SHORT, _SHORTEST = 64, 32_768
_MOST = 2**62
_BLANK, _COMMA, _POINT, _ZERO, _NINE, _LAST = b" ,.09~"
_WORD = 8
_CODES = 1000


class _Run(NamedTuple):
    """Lines of one width, and where the commas stand in each of them."""

    start: int
    width: int
    lines: int
    commas: tuple[int, ...]


class LineSums(NamedTuple):
    """
    Sums of the lines of a block.

    ``year``: the same in all lines; ``exporters``, ``importers``: codes of each sum, shape
    ``(sums,)``; they rise, or are repeated where widths change; ``thousandths``: sum of ``v`` in
    dollars, that is in thousandths of its unit; exact; ``statements``: lines of each sum;
    ``first``, ``last``: product of the first and of the last line.
    """

    year: int
    exporters: Numbers
    importers: Numbers
    thousandths: Numbers
    statements: Numbers
    first: int
    last: int


def add_lines(content: bytes) -> LineSums | None:
    """
    Add up the lines of a block by exporter and importer, where all are printed as CEPII prints.

    The block is cut into runs of lines of one width, so that a cell stands in the same bytes of
    each; eight digits are read by three multiplications.

    Lemire, D. (2022). SWAR explained: parsing eight digits.
    https://lemire.me/blog/2022/01/21/swar-explained-parsing-eight-digits/
    """
    if b'"' in content or not content.endswith(b"\n"):
        return None
    found = []
    for run in _runs(content):
        sums = None if run is None else _add(content, run)
        if sums is None:
            return None
        found.append(sums)
    return _joined(found)


def _runs(content: bytes) -> Iterator[_Run | None]:
    """Yield runs until the content is at its end, or nothing where lines are not plain."""
    start = 0
    for _ in range(_MOST_SHORT + len(content) // _SHORTEST):
        if start == len(content):
            return
        width = content.index(b"\n", start) + 1 - start
        commas = _commas(content[start : start + width])
        if not commas:
            break
        most = min((len(content) - start) // width, _LINES)
        other = _column(content, start + width - 1, width, most) != ord("\n")
        other |= _column(content, start + commas[1], width, most) != _COMMA
        lines = int(other.argmax()) if other.any() else most
        yield _Run(start, width, lines, commas)
        start += width * lines
    yield None


def _commas(line: bytes) -> tuple[int, ...]:
    """Return where commas stand in a line of six cells of the right widths, or nothing."""
    cells = line.split(b",")
    if len(cells) != len(_CELLS) + 1 or cells[4][-4:-3] != b".":
        return ()
    widths = [len(cell) for cell in cells[:-1]]
    if not all(width in allowed for width, allowed in zip(widths, _CELLS, strict=True)):
        return ()
    return tuple(sum(widths[:place]) + place - 1 for place in range(1, len(widths) + 1))


def _column(content: bytes, offset: int, width: int, lines: int) -> _Bytes:
    return np.ndarray((lines,), np.uint8, content, offset=offset, strides=(width,))


def _word(content: bytes, run: _Run, place: int, kind: str = "<u8") -> _Words:
    """Return the eight bytes from a place on of each line."""
    words: _Words = np.ndarray(
        (run.lines,), kind, content, offset=run.start + place, strides=(run.width,)
    )
    return words.astype(np.uint64)


def _add(content: bytes, run: _Run) -> LineSums | None:
    """Add up a run, if it is plain."""
    if not _plain(content, run):
        return None
    thousandths = _thousandths(content, run)
    product = _word(content, run, run.commas[3] - _WORD, ">u8") & np.uint64(2**48 - 1)
    pair = _word(content, run, run.commas[0] + 1) & _bytes(run.commas[2] - run.commas[0] - 1)
    same = pair[1:] == pair[:-1]
    if thousandths is None or bool((same & (product[1:] <= product[:-1])).any()):
        return None
    heads = np.flatnonzero(np.concatenate([[True], ~same]))
    exporters, importers = (
        _code(content, run, heads, place, end)
        for place, end in zip(run.commas[:2], run.commas[1:3], strict=True)
    )
    ends = (run.start, run.start + run.width * (run.lines - 1))
    first, last = (int(content[end + run.commas[2] + 1 : end + run.commas[3]]) for end in ends)
    return LineSums(
        int(content[run.start : run.start + run.commas[0]]),
        exporters,
        importers,
        np.add.reduceat(thousandths, heads),
        np.diff(heads, append=run.lines),
        first,
        last,
    )


def _plain(content: bytes, run: _Run) -> bool:
    """Say whether each byte of each line is one that may stand in its place."""
    size = run.width * run.lines
    rows = np.frombuffer(content, np.uint8, size, run.start)
    low, high = _ends(rows, run.width)
    commas, point = list(run.commas), run.commas[4] - 4
    digits = np.ones(run.commas[4], dtype=bool)
    digits[commas[:4]] = digits[point] = False
    digits[commas[3] + 1 : point - 1] = False
    blanks, value = slice(commas[3] + 1, point - _WORD), slice(point - _WORD, point - 1)
    year, firsts = slice(0, commas[0]), [commas[0] + 1, commas[1] + 1]
    rest = slice(commas[4] + 1, -1)
    low_digits, high_digits = low[: commas[4]][digits], high[: commas[4]][digits]
    return bool(
        low[commas].min() == high[commas].max() == _COMMA
        and low[point] == high[point] == _POINT
        and low_digits.min() >= _ZERO
        and high_digits.max() <= _NINE
        and low[firsts].min() > _ZERO
        and (low[blanks] == _BLANK).all()
        and (high[blanks] == _BLANK).all()
        and low[value].min() >= _BLANK
        and high[value].max() <= _NINE
        and (low[year] == high[year]).all()
        and (low[rest] >= _BLANK).all()
        and (high[rest] <= _LAST).all()
        and np.count_nonzero(rows == _COMMA) == len(commas) * run.lines
    )


def _ends(rows: _Bytes, width: int) -> tuple[_Bytes, _Bytes]:
    """Return the least and the largest byte in each place of a line."""
    whole = len(rows) // (width * _TILE) * width * _TILE
    tiles, rest = rows[:whole].reshape(-1, width * _TILE), rows[whole:].reshape(-1, width)
    low, high = np.full(width, 255, np.uint8), np.zeros(width, np.uint8)
    if len(rest):
        low, high = rest.min(axis=0), rest.max(axis=0)
    if len(tiles):
        low = np.minimum(low, tiles.min(axis=0).reshape(_TILE, width).min(axis=0))
        high = np.maximum(high, tiles.max(axis=0).reshape(_TILE, width).max(axis=0))
    return low, high


def _thousandths(content: bytes, run: _Run) -> Numbers | None:
    """Return the values; ``None`` if a blank stands behind a digit, or sums could overflow."""
    end = run.commas[4]
    whole, decimals = (_word(content, run, end - width) for width in (_DECIMALS + 1 + _WORD, _WORD))
    digit = whole & np.uint64(0x1010101010101010)
    digits = whole & (digit - (digit >> np.uint64(4)))
    whole &= np.uint64(0x0F0F0F0F0F0F0F0F)
    whole ^= digits
    whole |= (digit << np.uint64(8)) & ~digit
    if whole.any():
        return None
    decimals &= np.uint64(0x0F0F0F0000000000)
    values = _eight_digits(digits)
    values *= np.uint64(10**_DECIMALS)
    values += _eight_digits(decimals)
    return values.view(np.int64) if int(values.max()) * run.lines < _MOST else None


def _eight_digits(digits: _Words) -> _Words:
    """Return the number that eight bytes from 0 to 9 stand for, the first in the lowest byte."""
    pairs = digits >> np.uint64(8)
    digits *= np.uint64(10)
    pairs += digits
    every = np.uint64(0x000000FF000000FF)
    lower = pairs >> np.uint64(16)
    pairs &= every
    pairs *= np.uint64(0x000F424000000064)
    lower &= every
    lower *= np.uint64(0x0000271000000001)
    pairs += lower
    pairs >>= np.uint64(32)
    return pairs


def _bytes(count: int) -> np.uint64:
    """Return a mask of the first bytes of a word."""
    return np.uint64((1 << 8 * count) - 1)


def _code(content: bytes, run: _Run, heads: Numbers, place: int, end: int) -> Numbers:
    """Return the number between two commas of some lines."""
    total = np.zeros(len(heads), dtype=np.int64)
    for at in range(place + 1, end):
        column = _column(content, run.start + at, run.width, run.lines)
        total = total * 10 + (column[heads] & 0x0F)
    return total


def _joined(found: list[LineSums]) -> LineSums | None:
    """Return the sums of all runs, if the lines of each come after those before it."""
    if not found or any(one.year != found[0].year for one in found):
        return None
    joined = LineSums(
        found[0].year,
        np.concatenate([one.exporters for one in found]),
        np.concatenate([one.importers for one in found]),
        np.concatenate([one.thousandths for one in found]),
        np.concatenate([one.statements for one in found]),
        found[0].first,
        found[-1].last,
    )
    pairs = joined.exporters * _CODES + joined.importers
    steps = np.diff(pairs)
    borders = np.cumsum([len(one.exporters) for one in found[:-1]], dtype=np.int64) - 1
    goes_on = np.array([one.last < other.first for one, other in pairwise(found)], dtype=bool)
    steps[borders[goes_on]] += 1
    return joined if bool((steps > 0).all()) else None
