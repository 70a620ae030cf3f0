"""Rows that make one statement: which they are, and the one row that holds their sum."""

import math

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
    parts = rows.loc[firsts.index].groupby(firsts)
    added = {*_key(rows), *_BOUNDS, "line", "estimate", SOURCE_LINES}
    own = [name for name in rows.columns if name not in added]
    sums = rows.loc[list(parts.groups)].assign(
        **{name: parts[name].agg(math.fsum) for name in _BOUNDS}, estimate=parts["estimate"].any()
    )
    if SOURCE_LINES in rows.columns:
        sums[SOURCE_LINES] = parts[SOURCE_LINES].agg(" ".join)
    agreed = {name: sums[name].where(parts[name].nunique(dropna=False).eq(1)) for name in own}
    result = pd.concat([rows.drop(index=firsts.index), sums.assign(**agreed)]).sort_index()
    result.attrs = rows.attrs
    return result


def _key(rows: pd.DataFrame) -> list[str]:
    return [*STATEMENT_KEY, *(["deal"] if "deal" in rows.columns else [])]
