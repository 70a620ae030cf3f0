"""
BACI as CEPII prints it: lines of one width, read eight bytes at a time.

A line is ``2022,4,51,080211,        2.500,        1.250``: year, exporter, importer and product,
thousands of dollars with three decimals, tonnes. Values are padded to one width, so that lines
differ in width only where a country's code has more digits; rows are sorted by these codes.
Therefore:

1. A block is cut into **runs** of lines that are as wide as each other and have their commas in
   the same places. A cell then stands in the same bytes of each line, and numpy can look at it in
   all lines at once: an array over the block whose stride is the width of a line.
2. The least and the largest **byte in each place** show that each character is one that may stand
   there: commas are equal to ``,``, digits lie between ``0`` and ``9``.
3. Eight bytes of each line are taken as one **word** of 64 bits. Two words that are equal are eight
   equal characters: so the codes of exporter and importer are compared with those of the line
   above without being read. Words with the first byte highest are in the order of their text: so
   products are seen to rise.
4. The digits before the point are a word, and those behind it are another. A word of digits becomes
   a number by **three multiplications**: the first joins neighbours to four pairs, the others give
   the first and third pair, the second and fourth, their weights. Blanks in front count as zeros.
5. Values are added up from one change of the pair to the next, as whole thousandths: exactly.

What is not printed so is not read here: the caller lets Arrow parse it.

Lemire, D. (2022). SWAR explained: parsing eight digits.
https://lemire.me/blog/2022/01/21/swar-explained-parsing-eight-digits/
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np

Numbers = np.ndarray[tuple[int], np.dtype[np.int64]]
"""Whole numbers, one a row or one a sum."""

_Words = np.ndarray[tuple[int], np.dtype[np.uint64]]
_Bytes = np.ndarray[tuple[int], np.dtype[np.uint8]]

DECIMALS = 3
VALUE_WIDTH = 16
"""Characters of the widest value: eight digits, a point and three, with blanks before them."""

_WIDTHS = (range(4, 5), range(1, 4), range(1, 4), range(6, 7), range(12, VALUE_WIDTH + 1))
"""Characters of ``t``, ``i``, ``j``, ``k`` and ``v``."""

_YEAR, _EXPORTER, _IMPORTER, _PRODUCT, _VALUE = range(5)
"""Places of the cells in a line, and of the commas behind them."""

_WORD = 8
_FIRST_SIX_LOWEST = np.uint64(2**48 - 1)

_LOW_HALVES = np.uint64(0x0F0F0F0F0F0F0F0F)
"""The low half of a byte: what a digit stands for, and nothing for a blank."""

_DIGIT_BITS = np.uint64(0x1010101010101010)
"""The bit by which a digit (0x30 to 0x39) differs from a blank (0x20)."""

_LAST_THREE = np.uint64(0x0F0F0F0000000000)
"""What the last three of eight digits stand for."""

_PAIRS_1_AND_3 = np.uint64(0x000000FF000000FF)
_TIMES_1_AND_3 = np.uint64(100 + (1_000_000 << 32))
_TIMES_2_AND_4 = np.uint64(1 + (10_000 << 32))

_MOST_LINES = 32_768
"""Lines of a run: its words fit into the cache of the processor."""

_LINES_OF_A_TILE = 64
"""Lines that are laid side by side where the least byte of each place is sought."""

_MOST_RUNS, _BYTES_OF_A_RUN = 64, 32_768
"""Runs that a block may have, and one more for so many bytes: more are slower than Arrow."""

_MOST_SUM = 2**62
_MOST_CODES = 1000
_BLANK, _COMMA, _POINT, _ZERO, _NINE, _LAST_PRINTED = b" ,.09~"


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


class _Run(NamedTuple):
    """Lines of one width in a block, and where the commas stand in each of them."""

    content: bytes
    start: int
    width: int
    lines: int
    commas: tuple[int, ...]

    def characters(self, place: int) -> _Bytes:
        """Return one character of each line."""
        return _every(self.content, self.start + place, self.width, self.lines)

    def words(self, place: int, *, highest: Literal["first", "last"] = "last") -> _Words:
        """Return eight characters of each line, from a place on."""
        kind = "<u8" if highest == "last" else ">u8"
        words: _Words = np.ndarray(
            (self.lines,), kind, self.content, offset=self.start + place, strides=(self.width,)
        )
        return words.astype(np.uint64)

    def code(self, cell: int, lines: Numbers) -> Numbers:
        """Return the number in a cell of some lines."""
        total = np.zeros(len(lines), dtype=np.int64)
        for place in range(self.commas[cell - 1] + 1, self.commas[cell]):
            total = total * 10 + (self.characters(place)[lines] & 0x0F)
        return total

    def product(self, line: int) -> int:
        """Return the product of a line."""
        start = self.start + line * self.width
        return int(self.content[start + self.commas[_IMPORTER] + 1 : start + self.commas[_PRODUCT]])


def add_lines(content: bytes) -> LineSums | None:
    """Add up the lines of a block by exporter and importer, if all are as CEPII prints them."""
    if b'"' in content or not content.endswith(b"\n"):
        return None
    sums_of_runs = []
    for run in _runs(content):
        sums = None if run is None else _add(run)
        if sums is None:
            return None
        sums_of_runs.append(sums)
    return _joined(sums_of_runs)


def _runs(content: bytes) -> Iterator[_Run | None]:
    """Yield runs until the content is at its end, or nothing where lines are not plain."""
    start = 0
    for _ in range(_MOST_RUNS + len(content) // _BYTES_OF_A_RUN):
        if start == len(content):
            return
        width = content.index(b"\n", start) + 1 - start
        commas = _commas(content[start : start + width])
        if not commas:
            break
        most = min((len(content) - start) // width, _MOST_LINES)
        other = _every(content, start + width - 1, width, most) != ord("\n")
        other |= _every(content, start + commas[_EXPORTER], width, most) != _COMMA
        lines = int(other.argmax()) if other.any() else most
        yield _Run(content, start, width, lines, commas)
        start += width * lines
    yield None


def _commas(line: bytes) -> tuple[int, ...]:
    """Return where commas stand in a line of six cells of the right widths, or nothing."""
    cells = line.split(b",")
    if len(cells) != len(_WIDTHS) + 1 or cells[_VALUE][-DECIMALS - 1 : -DECIMALS] != b".":
        return ()
    widths = [len(cell) for cell in cells[:-1]]
    if not all(width in allowed for width, allowed in zip(widths, _WIDTHS, strict=True)):
        return ()
    return tuple(sum(widths[:place]) + place - 1 for place in range(1, len(widths) + 1))


def _every(content: bytes, offset: int, width: int, lines: int) -> _Bytes:
    """Return one byte of each line."""
    return np.ndarray((lines,), np.uint8, content, offset=offset, strides=(width,))


def _add(run: _Run) -> LineSums | None:
    """Add up a run, if it is plain."""
    if not _has_plain_places(run):
        return None
    thousandths = _thousandths(run)
    pair, product = _pairs(run), _products(run)
    same = pair[1:] == pair[:-1]
    if thousandths is None or bool((same & (product[1:] <= product[:-1])).any()):
        return None
    heads = np.flatnonzero(np.concatenate([[True], ~same]))
    return LineSums(
        year=int(run.content[run.start : run.start + run.commas[_YEAR]]),
        exporters=run.code(_EXPORTER, heads),
        importers=run.code(_IMPORTER, heads),
        thousandths=np.add.reduceat(thousandths, heads),
        statements=np.diff(heads, append=run.lines),
        first=run.product(0),
        last=run.product(run.lines - 1),
    )


def _pairs(run: _Run) -> _Words:
    """Return exporter and importer of each line as text: at most seven characters."""
    start, end = run.commas[_YEAR] + 1, run.commas[_IMPORTER]
    return run.words(start) & np.uint64((1 << 8 * (end - start)) - 1)


def _products(run: _Run) -> _Words:
    """Return the six digits of each line's product, in whose order the words are."""
    end = run.commas[_PRODUCT]
    return run.words(end - _WORD, highest="first") & _FIRST_SIX_LOWEST


def _has_plain_places(run: _Run) -> bool:
    """Say whether each byte of each line is one that may stand in its place."""
    rows = np.frombuffer(run.content, np.uint8, run.width * run.lines, run.start)
    low, high = _ends(rows, run.width)
    commas, point = list(run.commas), run.commas[_VALUE] - DECIMALS - 1
    value = commas[_PRODUCT] + 1
    digits = np.ones(commas[_VALUE], dtype=bool)
    digits[commas[:_VALUE]] = digits[point] = False
    digits[value : point - 1] = False
    padding, whole = slice(value, point - _WORD), slice(point - _WORD, point - 1)
    year, quantity = slice(0, commas[_YEAR]), slice(commas[_VALUE] + 1, -1)
    firsts = [commas[_YEAR] + 1, commas[_EXPORTER] + 1]
    return bool(
        low[commas].min() == high[commas].max() == _COMMA
        and low[point] == high[point] == _POINT
        and low[: commas[_VALUE]][digits].min() >= _ZERO
        and high[: commas[_VALUE]][digits].max() <= _NINE
        and low[firsts].min() > _ZERO
        and (low[padding] == _BLANK).all()
        and (high[padding] == _BLANK).all()
        and low[whole].min() >= _BLANK
        and high[whole].max() <= _NINE
        and (low[year] == high[year]).all()
        and (low[quantity] >= _BLANK).all()
        and (high[quantity] <= _LAST_PRINTED).all()
        and np.count_nonzero(rows == _COMMA) == len(commas) * run.lines
    )


def _ends(rows: _Bytes, width: int) -> tuple[_Bytes, _Bytes]:
    """Return the least and the largest byte in each place of a line."""
    tile = width * _LINES_OF_A_TILE
    whole = len(rows) // tile * tile
    tiles, rest = rows[:whole].reshape(-1, tile), rows[whole:].reshape(-1, width)
    low, high = np.full(width, 255, np.uint8), np.zeros(width, np.uint8)
    if len(rest):
        low, high = rest.min(axis=0), rest.max(axis=0)
    if len(tiles):
        by_line = (_LINES_OF_A_TILE, width)
        low = np.minimum(low, tiles.min(axis=0).reshape(by_line).min(axis=0))
        high = np.maximum(high, tiles.max(axis=0).reshape(by_line).max(axis=0))
    return low, high


def _thousandths(run: _Run) -> Numbers | None:
    """Return the values; ``None`` if a blank stands behind a digit, or sums could overflow."""
    end = run.commas[_VALUE]
    whole, decimals = run.words(end - DECIMALS - 1 - _WORD), run.words(end - _WORD)
    digits = _digits_behind_blanks(whole)
    if digits is None:
        return None
    decimals &= _LAST_THREE
    values = _eight_digits(digits)
    values *= np.uint64(10**DECIMALS)
    values += _eight_digits(decimals)
    return values.view(np.int64) if int(values.max()) * run.lines < _MOST_SUM else None


def _digits_behind_blanks(words: _Words) -> _Words | None:
    """Return what eight characters stand for, if they are blanks and then digits."""
    is_digit = words & _DIGIT_BITS
    # 0x10 - 0x01 is 0x0F: the low half of each byte that is a digit.
    digits = words & (is_digit - (is_digit >> np.uint64(4)))
    faults = words
    faults &= _LOW_HALVES
    faults ^= digits
    # The byte of the next character is the next higher one.
    faults |= (is_digit << np.uint64(8)) & ~is_digit
    return None if faults.any() else digits


def _eight_digits(digits: _Words) -> _Words:
    """Return the number that eight bytes from 0 to 9 stand for, the first in the lowest byte."""
    pairs = digits >> np.uint64(8)
    digits *= np.uint64(10)
    pairs += digits
    others = pairs >> np.uint64(16)
    pairs &= _PAIRS_1_AND_3
    pairs *= _TIMES_1_AND_3
    others &= _PAIRS_1_AND_3
    others *= _TIMES_2_AND_4
    pairs += others
    pairs >>= np.uint64(32)
    return pairs


def _joined(runs: list[LineSums]) -> LineSums | None:
    """Return the sums of all runs, if the lines of each come after those before it."""
    if not runs or any(run.year != runs[0].year for run in runs):
        return None
    joined = LineSums(
        runs[0].year,
        np.concatenate([run.exporters for run in runs]),
        np.concatenate([run.importers for run in runs]),
        np.concatenate([run.thousandths for run in runs]),
        np.concatenate([run.statements for run in runs]),
        runs[0].first,
        runs[-1].last,
    )
    steps = np.diff(joined.exporters * _MOST_CODES + joined.importers)
    borders = np.cumsum([len(run.exporters) for run in runs[:-1]], dtype=np.int64) - 1
    goes_on = np.array([run.last < other.first for run, other in pairwise(runs)], dtype=bool)
    # Where a run ends inside a pair, the pair may stand on both sides if its products rise.
    steps[borders[goes_on]] += 1
    return joined if bool((steps > 0).all()) else None
