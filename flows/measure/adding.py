"""Rows that make one statement: which they are, and the one row that holds their sum."""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from flows.measure.checks import SOURCE_LINES
from flows.table import STATEMENT_KEY

_BOUNDS = ("value", "low", "high")


def firsts_of(rows: pd.DataFrame) -> pd.Series:
    """Return, for every row that makes one statement with others, the label of the first."""
    repeated = rows[rows.duplicated(_key(rows), keep=False)]
    groups = repeated.assign(first=repeated.index).groupby(_key(rows), dropna=False)
    return groups["first"].transform("first")


def add_statements(rows: pd.DataFrame, firsts: pd.Series) -> pd.DataFrame:
    """Return the rows in their order, those that make one statement under the first of them."""
    if firsts.empty:
        return rows
    ordered = firsts.sort_values(kind="stable")
    repeated = rows.loc[ordered.index]
    ends = np.flatnonzero(ordered.ne(ordered.shift(-1)).to_numpy()) + 1
    sums = rows.loc[ordered.iloc[ends - 1]].assign(
        **{name: _of_parts(repeated[name], ends, math.fsum) for name in _BOUNDS},
        estimate=_of_parts(repeated["estimate"], ends, any),
    )
    if SOURCE_LINES in rows.columns:
        sums[SOURCE_LINES] = _of_parts(repeated[SOURCE_LINES], ends, " ".join)
    added = {*_key(rows), *_BOUNDS, "line", "estimate", SOURCE_LINES}
    parts = repeated.groupby(ordered)
    agreed = {
        name: sums[name].where(parts[name].nunique(dropna=False).eq(1))
        for name in rows.columns
        if name not in added
    }
    result = pd.concat([rows.drop(index=firsts.index), sums.assign(**agreed)]).sort_index()
    result.attrs = rows.attrs
    return result


def _of_parts(
    column: pd.Series, ends: npt.NDArray[np.int64], add: Callable[[Sequence[Any]], Any]
) -> list[Any]:
    """Return what each stretch of a column up to an end adds up to."""
    cells = column.tolist()
    return [add(cells[start:end]) for start, end in pairwise([0, *ends.tolist()])]


def _key(rows: pd.DataFrame) -> list[str]:
    return [*STATEMENT_KEY, *(["deal"] if "deal" in rows.columns else [])]
