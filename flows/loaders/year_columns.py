"""Columns named by years, or parts of them: which they are, and that no other holds figures."""

import re
from dataclasses import replace
from itertools import pairwise

import pandas as pd

from flows.errors import LayoutError
from flows.loaders.cells import remark, texts
from flows.loaders.text import RawTable

_YEAR = re.compile(r"([0-9]{4})(?:\.0+)?")
"""A year, or what programs write that took it for a number."""

_FIGURE = r"-?[0-9][0-9.,\s]*(?:[eE][+-]?[0-9]+)?"
_NUMBERED = re.compile(r"(?:Unnamed: [0-9]+)?")
"""How pandas and R head the column in which they number rows."""

_LEAST, _MOST = 1900, 2099
_PLAIN = r"[^0-9]+"
"""A name without a digit, which no damage to a year leaves."""


def year_columns(
    raw: RawTable, *, known: str = "", text: bool = False, pattern: re.Pattern[str] = _YEAR
) -> tuple[RawTable, list[str]]:
    """
    Return a table whose columns of years are named by four digits, and their names.

    A column that is none of the layout's and is not named by a year is refused where it may hold
    figures: 2018* and 20l8 are years that would be left out without a word.

    Parameters
    ----------
    raw : RawTable
        A table with years side by side.
    known : str
        Regular expression of the other columns that the layout has.
    text : bool
        Whether other columns without figures may stand there too, as people add them.
    pattern : re.Pattern
        How the layout writes a year, or a part of one behind its four digits: the first group.
    """
    names = {name: match[1] for name in _named(raw) if (match := pattern.fullmatch(name))}
    for place, name in enumerate(_named(raw), start=1):
        if name in names:
            _check_year(raw, name, names[name])
        elif not re.fullmatch(known, name):
            _check_other(raw, name, place, text=text)
    years = list(names.values())
    if repeated := [name for name, year in names.items() if years.count(year) > 1]:
        raise _refused(raw, repeated[-1], "each year once", "a year that stands there twice")
    other = {name: year for name, year in names.items() if name != year and "." in name}
    if other:
        first, year = next(iter(other.items()))
        remark(raw, f"{len(other)} columns are named as {first!r}: read as the year {year}")
    _remark_on_run(raw, [int(year) for year in years if len(year) == len("2018")])
    return replace(raw, rows=raw.rows.rename(columns=names)), years


def _remark_on_run(raw: RawTable, years: list[int]) -> None:
    """Say where years are not one after another: one may be another year that was mistyped."""
    steps = {then - before for before, then in pairwise(years)}
    if steps <= {1} or steps <= {-1}:
        return
    first = next(then for before, then in pairwise(years) if abs(then - before) > 1)
    remark(raw, f"years of the columns are not one after another (the first that is not: {first})")


def _named(raw: RawTable) -> list[str]:
    return [str(name) for name in raw.rows.columns if name != "line"]


def _check_year(raw: RawTable, name: str, year: str) -> None:
    if not _LEAST <= int(year[:4]) <= _MOST:
        raise _refused(raw, name, f"a year from {_LEAST} to {_MOST}", "another number")


def _check_other(raw: RawTable, name: str, place: int, *, text: bool) -> None:
    cells = texts(raw, name)
    if place == 1 and _NUMBERED.fullmatch(name) and _are_numbers_of_rows(cells):
        return
    figures = cells.str.fullmatch(_FIGURE)
    if not figures.any() and (not name or (text and re.fullmatch(_PLAIN, name))):
        return
    found = "a column that is not of the layout"
    if name.rpartition(".")[0] in raw.rows:
        found = f"{name.rpartition('.')[0]} again"
    if figures.any():
        row = raw.rows[figures].iloc[0]
        found += f", with figures (line {row['line']}: {cells[figures].iloc[0]!r})"
    raise _refused(raw, name, "a year, or another column of the layout", found, place=place)


def _are_numbers_of_rows(cells: pd.Series) -> bool:
    first = cells.iloc[0]
    return first in {"0", "1"} and cells.tolist() == [
        str(number) for number in range(int(first), int(first) + len(cells))
    ]


def _refused(
    raw: RawTable, name: str, expected: str, found: str, *, place: int | None = None
) -> LayoutError:
    place = place or _named(raw).index(name) + 1
    return LayoutError(
        f"{raw.path}:{raw.header_line}: column {place}, {name!r}: expected {expected}, found "
        f"{found}; correct the header, or take the column out of a copy of the file"
    )
