"""SIPRI's figures against each other: sums of tables, deals and their weapons, records twice."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from flows.errors import LayoutError
from flows.loaders.cells import numbers, remark, texts
from flows.loaders.text import RawTable

BELOW = 0.5
"""What SIPRI prints as 0 is below this."""

_HALF = 0.5
_UNIT_PRINTED_TO = 0.01
"""The last digit that SIPRI prints of the TIV of a weapon and of a deal."""

_FLOAT = 1e-9
"""What adding up floats may be away, for each unit that is added."""

_SHOWN = 5
_AS_PUBLISHED = "take the file as SIPRI gives it"


class _Cells(NamedTuple):
    """Printed figures, and the least and the most that each can stand for."""

    printed: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def high_of_printed(raw: RawTable, column: str, value: pd.Series) -> pd.Series:
    """
    Return the upper bounds of printed figures: what is below one half stands there as 0.

    Programs write 0 as 0.0, 00 or -0; it stays the same figure, and the report says so.
    """
    zero = value == 0
    cells = texts(raw, column)
    other = zero & (cells != "0")
    if other.any():
        line = raw.rows.loc[other, "line"].iloc[0]
        remark(
            raw,
            f"{int(other.sum())} figures as {cells[other].iloc[0]!r} (line {line}) are SIPRI's 0: "
            f"below {BELOW}",
        )
    return value.mask(zero, BELOW)


def check_sums_of_table(raw: RawTable, years: Sequence[str], *, column: str, row: str) -> None:
    """
    Check that a table of TIV adds up to the totals that it prints, by line and by year.

    Each cell is rounded by itself, so that a sum may be away by one half for each of them.
    ``column``: where the totals of lines stand, nothing if nowhere; ``row``: the line of totals.
    """
    first = raw.rows.columns[0]
    names = texts(raw, first)
    total = (names == row).to_numpy()
    columns = [*years, column] if column else list(years)
    cells = _Cells(*(np.stack(side) for side in zip(*_bounds(raw, columns), strict=True)))
    lines = raw.rows["line"].to_numpy()
    if column and not np.isnan(cells.printed[-1]).all():
        parts = _Cells(*(side[:-1] for side in cells))
        wrong = _apart(parts, _Cells(*(side[-1] for side in cells)))
        if wrong is not None:
            at, said = wrong
            raise LayoutError(
                f"{raw.path}:{lines[at]}: column {column}: expected a total that the years of "
                f"{names.iloc[at]!r} add up to, found {said}; a figure was changed or lost: "
                f"{_AS_PUBLISHED}"
            )
    if not total.any() or np.isnan(cells.printed[:, total]).all():
        return
    parts = _Cells(*(side[:, ~total].T for side in cells))
    wrong = _apart(parts, _Cells(*(side[:, total][:, 0] for side in cells)))
    if wrong is not None:
        at, said = wrong
        raise LayoutError(
            f"{raw.path}:{lines[total][0]}: column {columns[at]}: expected a total that the lines "
            f"above add up to, found {said}; a figure or a line was changed or lost: "
            f"{_AS_PUBLISHED}"
        )


def _bounds(raw: RawTable, columns: Sequence[str]) -> list[_Cells]:
    """Return what the cells of each column can stand for; an empty cell is nothing at all."""
    bounds = []
    for column in columns:
        printed = numbers(raw, column, blank=True).to_numpy()
        half = _HALF * _digit(texts(raw, column), printed)
        low = np.where(printed == 0, 0.0, printed - half)
        high = printed + np.where(printed == 0, BELOW, half)
        bounds.append(_Cells(printed, np.nan_to_num(low), np.nan_to_num(high)))
    return bounds


def _digit(cells: pd.Series, printed: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the unit of the last digit of each figure: programs write 250 as 250.0."""
    decimals = cells.str.extract(r"\.([0-9]*)")[0].fillna("").str.len().to_numpy()
    whole = printed == np.floor(printed)
    return np.where(whole, 1.0, 10.0 ** -decimals.astype("float64"))


def _apart(parts: _Cells, total: _Cells) -> tuple[int, str] | None:
    """Return the first total that its parts cannot add up to, and both in words."""
    with np.errstate(invalid="ignore", over="ignore"):
        low, high = parts.low.sum(axis=0), parts.high.sum(axis=0)
        slack = _FLOAT * np.maximum(high, 1)
        wrong = (total.high + slack < low) | (total.low - slack > high)
    if not wrong.any():
        return None
    at = int(wrong.argmax())
    added = float(np.nansum(parts.printed[:, at]))
    printed = float(np.nan_to_num(total.printed[at]))
    allowed = max(high[at] - added, added - low[at]) + _HALF
    return at, (
        f"{printed:g} printed and a sum of {added:g}: {abs(printed - added):g} apart, where "
        f"rounding makes {allowed:g} at most"
    )


def check_deals(raw: RawTable, *, number: str, unit: str, value: str) -> None:
    """
    Say where weapons times the TIV of one of them is not the TIV that is printed of a deal.

    Both are printed to two decimals; a 0 stands for what is below one half.
    """
    weapons, each, printed = (
        numbers(raw, column, blank=True).to_numpy() for column in (number, unit, value)
    )
    with np.errstate(invalid="ignore", over="ignore"):
        product = weapons * each
        allowed = _HALF * _UNIT_PRINTED_TO * (weapons + 1) + _FLOAT * np.maximum(product, 1)
        most = np.where(printed == 0, np.maximum(allowed, BELOW), allowed)
        wrong = (np.abs(product - printed) > most) | np.isinf(product)
    if not wrong.any():
        return
    at = int(wrong.argmax())
    more = f" (and {int(wrong.sum()) - 1} more)" if wrong.sum() > 1 else ""
    remark(
        raw,
        f"line {raw.rows['line'].iloc[at]}, column {value}: {weapons[at]:g} weapons ({number}) of "
        f"{each[at]:g} million TIV each ({unit}) are {product[at]:g} together, and "
        f"{printed[at]:g} is printed{more}; in no deal of SIPRI's they differ: {_AS_PUBLISHED}",
    )


def repeated_records(raw: RawTable) -> list[str]:
    """Say which records stand in a file again: of two equal deals, or of one pasted twice."""
    cells = raw.rows.drop(columns="line")
    again = cells.duplicated(keep=False)
    if not again.any():
        return []
    numbered = raw.rows[again].groupby(list(cells.columns), sort=False, dropna=False)["line"]
    several = [_lines_in_words(lines.tolist()) for _, lines in numbered]
    more = f" and {len(several) - _SHOWN} more" if len(several) > _SHOWN else ""
    said = (
        f"{len(several)} records stand in the file again, every cell the same (lines "
        f"{', '.join(several[:_SHOWN])}{more}): each counts as a deal; SIPRI has a few equal "
        "deals, and a line that was pasted twice looks the same"
    )
    return [said]


def _lines_in_words(lines: Sequence[int]) -> str:
    several = list(dict.fromkeys(lines))
    first = " and ".join(map(str, several[:2]))
    return first if len(several) == len(several[:2]) else f"{first} and {len(several) - 2} more"
