"""What each pair of countries traded in each year, for all pairs of a table at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from flows.canonical import exact_sums
from flows.errors import SchemaError, ScopeError
from flows.measure.checks import (
    check_one_statement,
    check_span,
    check_split_by_year,
    rows_by_dataset,
    select_flows,
    span_stated,
)
from flows.measure.covering import stated_reason
from flows.measure.whole_periods import Cut
from flows.periods import Calendar
from flows.scope import check_all_there, scope_of
from flows.table import Rows, where

PAIR = ["exporter", "importer"]
_ROW = [*PAIR, "start", "end"]
_CELL = [*PAIR, "year"]


@dataclass(frozen=True, slots=True)
class PairSelection:
    """
    Which flows are asked for.

    ``start``, ``end``: first and last year, all without them; ``calendar``: whose years;
    ``absent``: what a year without a row is; ``group``: column that says to which group a pair
    belongs; ``wanted``: values of other columns.
    """

    start: int | None
    end: int | None
    calendar: Calendar
    absent: Literal["missing", "zero"]
    group: str | None
    wanted: Mapping[str, str | None]


@dataclass(frozen=True, slots=True, eq=False)
class PairYears:
    """
    What pairs traded by year.

    ``frame``: columns ``exporter``, ``importer``, ``year`` (a number), ``value`` and ``group``
    (empty where there are none), sorted by the first three; ``unit``: of the values; ``rows``:
    lines of the raw files by data set; ``left_out``: reason for each reporter and year that is not
    there as a whole; ``zeros``: how many years without a row were filled with zero.
    """

    frame: pd.DataFrame
    unit: str
    rows: Rows
    left_out: pd.Series
    zeros: int


def pair_years(table: pd.DataFrame, selection: PairSelection) -> PairYears:
    """Return what each pair traded in each whole year, products summed."""
    _check_selection(selection)
    rows = in_window(select_flows(table, **selection.wanted), selection.start, selection.end)
    check_pairs_kept(rows, selection)
    check_one_statement(rows)
    check_split_by_year(rows)
    used, left_out = whole_years(rows, selection.calendar)
    stated = sum_cells(used, _CELL)
    frame = _with_zeros(rows, stated, left_out, selection) if selection.absent == "zero" else stated
    return PairYears(
        frame=frame.merge(_groups(rows, selection.group), on=PAIR, how="left"),
        unit=str(rows["unit"].iloc[0]),
        rows=rows_by_dataset(used),
        left_out=left_out,
        zeros=len(frame) - len(stated),
    )


def _check_selection(selection: PairSelection) -> None:
    if selection.absent not in ("missing", "zero"):
        raise ValueError(f"absent: expected missing or zero, found {selection.absent!r}")
    if (selection.start is None) != (selection.end is None):
        raise ValueError(
            f"expected start and end, or neither, found start={selection.start} and "
            f"end={selection.end}"
        )
    if selection.calendar == "gregorian":
        return
    if selection.absent == "zero" or selection.start is not None:
        raise ValueError(
            "absent='zero', start and end: expected calendar='gregorian', found "
            f"{selection.calendar!r}: sources say of calendar years that they count them in full"
        )


def in_window(rows: pd.DataFrame, first: int | None, last: int | None) -> pd.DataFrame:
    """Return the rows with a day in the years that are asked for."""
    if first is None or last is None:
        return rows
    check_span(rows, start=first, end=last)
    inside: pd.DataFrame = rows[(rows["start"].dt.year <= last) & (rows["end"].dt.year >= first)]
    if inside.empty:
        raise SchemaError(f"expected rows in {first}-{last}, found none")
    return inside


def check_pairs_kept(rows: pd.DataFrame, selection: PairSelection) -> None:
    """Check that no row was taken out of a year that a pair has, or out of any year."""
    if stated_reason(rows) is not None:
        return
    key = PAIR if selection.absent == "zero" else _ROW
    there = pd.MultiIndex.from_frame(rows[key].drop_duplicates())
    product = selection.wanted.get("product")

    def needed(entries: pd.DataFrame) -> pd.Series:
        mine = pd.Series(pd.MultiIndex.from_frame(entries[key]).isin(there), index=entries.index)
        if selection.start is not None and selection.end is not None:
            mine &= entries["start"].dt.year <= selection.end
            mine &= entries["end"].dt.year >= selection.start
        return mine if product is None else mine & (entries["product"] == product)

    check_all_there(
        rows,
        needed=needed,
        instead="name what is wanted by start= and end=, product=, reporter=, partner_basis= or "
        "dataset=",
    )


def whole_years(rows: pd.DataFrame, calendar: Calendar) -> tuple[pd.DataFrame, pd.Series]:
    """
    Return the rows of whole years, and the reason for each reporter and year left out.

    Reporters publish at different times: a month that one of them lacks is no month of no trade.
    """
    cut = Cut("year", calendar)
    parts: list[pd.DataFrame] = []
    reasons: dict[tuple[str, str], str] = {}
    for reporter, own in rows.groupby("reporter", sort=True):
        used, left_out = cut.whole(own)
        parts.append(used)
        reasons.update({(str(reporter), year): reason for year, reason in left_out.items()})
    years = (
        pd.MultiIndex.from_tuples(list(reasons), names=["reporter", "year"]) if reasons else None
    )
    left_out_years = pd.Series(list(reasons.values()), index=years, dtype="str", name="reason")
    used = pd.concat([part for part in parts if len(part)] or parts)
    if used.empty:
        raise cut.nothing(rows, {str(key): reason for key, reason in reasons.items()})
    return used.assign(year=used["at"]), left_out_years


def sum_cells(used: pd.DataFrame, cell: list[str]) -> pd.DataFrame:
    """Return the sum of the rows of each cell, such as a pair and a year, sorted."""
    if used.empty:
        return used[[*cell, "value"]].astype({"year": "int64"}).reset_index(drop=True)
    keys = [pd.factorize(used[name], sort=True) for name in cell]
    numbers = np.ravel_multi_index([codes for codes, _ in keys], [len(names) for _, names in keys])
    _, first, group = np.unique(numbers, return_index=True, return_inverse=True)
    cells = used[cell].iloc[first].astype({"year": "int64"})
    sums = exact_sums(used["value"].to_numpy(), group, len(first))
    return cells.assign(value=sums).reset_index(drop=True)


def _groups(rows: pd.DataFrame, column: str | None) -> pd.DataFrame:
    """Return the group of each pair, which is one and the same in all of its rows."""
    pairs = rows[PAIR].drop_duplicates()
    if column is None:
        return pairs.assign(group="")
    if column not in rows.columns:
        raise ValueError(
            f"group: expected a column of the table, found {column!r}; there are: "
            f"{', '.join(map(str, rows.columns))}"
        )
    missing = rows[column].isna()
    if missing.any():
        raise SchemaError(f"expected {column} in every row, found none at {where(rows[missing])}")
    kinds = rows.drop_duplicates([*PAIR, column])
    several = kinds[kinds.duplicated(PAIR, keep=False)]
    if len(several):
        exporter, importer = several[PAIR].iloc[0]
        raise SchemaError(
            f"{exporter} to {importer}: expected one {column} in all years, found several "
            f"({where(several[(several[PAIR] == [exporter, importer]).all(axis=1)])}); a pair that "
            "changes its group has two trends"
        )
    return kinds[PAIR].assign(group=kinds[column].astype("str"))


def _with_zeros(
    rows: pd.DataFrame, values: pd.DataFrame, left_out: pd.Series, selection: PairSelection
) -> pd.DataFrame:
    """Return values with zero in each year that the data set counts and a pair has no row for."""
    span = span_stated(rows)
    scope = scope_of(str(rows["dataset"].iloc[0]))
    if scope is not None and scope.partners == "largest":
        raise ScopeError(
            f"absent='zero': expected all partners, found the largest alone in "
            f"{rows['dataset'].iloc[0]}: a year without a row is not one without trade"
        )
    first = span[0] if selection.start is None else selection.start
    last = span[-1] if selection.end is None else selection.end
    pairs = rows[[*PAIR, "reporter"]].drop_duplicates(PAIR)
    grid = pairs.merge(pd.DataFrame({"year": range(first, last + 1)}), how="cross")
    labels = pd.MultiIndex.from_arrays([grid["reporter"], grid["year"].astype("str")])
    whole = grid[~labels.isin(left_out.index)] if len(left_out) else grid
    filled = whole[_CELL].merge(values, on=_CELL, how="outer").fillna({"value": 0.0})
    return filled.sort_values(_CELL, ignore_index=True)
