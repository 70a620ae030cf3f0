"""Which row of one vintage makes the same statement as which row of the other."""

import numpy as np
import pandas as pd

from flows.errors import SchemaError
from flows.table import COLUMNS, STATEMENT_KEY, where

_PERIOD = ("start", "end")
_KEY = [name for name in STATEMENT_KEY if name != "dataset"]
_MEASURED = ("value", "low", "high")
_ATTRIBUTES = [name for name in COLUMNS if name not in {*_PERIOD, *_MEASURED, "dataset", "line"}]
_SHOWN = [name for name in COLUMNS if name not in {*_MEASURED, "estimate", "dataset", "line"}]
_NAMES = ("deal", "designation")
"""Columns of data sets with deals that tell a reader which deal it is."""


def pair_rows(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """
    Pair the rows of two vintages: by deal and period, without deals by all that they state.

    Parameters
    ----------
    old, new : pandas.DataFrame
        Flow tables of one data set each.

    Returns
    -------
    pandas.DataFrame
        One row a statement: ``row_old`` and ``row_new``, positions in the two tables, -1 where it
        does not stand there. Sorted by the statements, whatever the order of the tables.

    Raises
    ------
    SchemaError
        If only one table has deals, a deal has a period twice, or deals have no id but their line:
        a line means nothing in another vintage.

    Examples
    --------
    >>> from flows.loaders import load
    >>> from flows.loaders.examples import example_path
    >>> trade = load(example_path("armstat"))
    >>> pair_rows(trade.tail(2), trade.head(8)).sort_values("row_new").tail(2).to_numpy().tolist()
    [[-1, 6], [0, 7]]
    """
    keys = [_match_key(one) for one in (old, new)]
    if keys[0]["deal"].ne("").any() != keys[1]["deal"].ne("").any():
        raise SchemaError(
            f"expected deals in both tables or in none, found them in one of "
            f"{where(old, shown=1)} and {where(new, shown=1)}"
        )
    numbered = [
        key.assign(**{name: np.arange(len(key))})
        for key, name in zip(keys, ("row_old", "row_new"), strict=True)
    ]
    paired = numbered[0].merge(numbered[1], how="outer", on=list(keys[0].columns), sort=True)
    return paired[["row_old", "row_new"]].fillna(-1).astype("int64")


def lay_side_by_side(old: pd.DataFrame, new: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """
    Return what each pair states in the two vintages.

    Parameters
    ----------
    old, new : pandas.DataFrame
        Flow tables.
    pairs : pandas.DataFrame
        Of :func:`pair_rows`.

    Returns
    -------
    pandas.DataFrame
        ``kind`` (``added``, ``gone``, ``changed``, ``same``), the statement as the later of the
        two has it, ``value_old``, ``value_new``, ``difference`` (a statement that does not stand
        there counts as nothing; missing where a size is not published), ``what`` (which columns
        changed), ``line_old``, ``line_new``.

    Raises
    ------
    KeyError
        If a column of the flow table is missing.

    Examples
    --------
    >>> from flows.loaders import load
    >>> from flows.loaders.examples import example_path
    >>> trade = load(example_path("armstat"))
    >>> later = trade.assign(value=trade["value"] + 1)
    >>> rows = lay_side_by_side(trade, later, pair_rows(trade, later))
    >>> rows["kind"].unique().tolist(), rows["what"].unique().tolist()
    (['changed'], ['value'])
    """
    before, after = _take(old, pairs["row_old"]), _take(new, pairs["row_new"])
    absent_before, absent_after = pairs["row_old"] < 0, pairs["row_new"] < 0
    what = _what_changed(before, after).mask(absent_before | absent_after, "")
    kind = pd.Series("same", index=pairs.index).mask(what != "", "changed")
    shown = [name for name in (*_NAMES, *_SHOWN) if name in after.columns]
    difference = after["value"].mask(absent_after, 0.0) - before["value"].mask(absent_before, 0.0)
    return pd.DataFrame(
        {
            "kind": kind.mask(absent_before, "added").mask(absent_after, "gone"),
            **{name: after[name].where(~absent_after, _column(before, name)) for name in shown},
            "value_old": before["value"],
            "value_new": after["value"],
            "difference": difference,
            "what": what,
            "line_old": before["line"].astype("Int64"),
            "line_new": after["line"].astype("Int64"),
        }
    )


def _match_key(table: pd.DataFrame) -> pd.DataFrame:
    key = table[_KEY].reset_index(drop=True)
    key["deal"] = _column(table, "deal").fillna("").to_numpy()
    deals = key["deal"] != ""
    if (key["deal"] == "line " + table["line"].astype("str").to_numpy()).any():
        raise SchemaError(
            "expected deals with an id of their publisher, found their lines at "
            f"{where(table, shown=1)}: a line means nothing in another vintage"
        )
    # The publisher may correct who delivered what: the deal is still the same.
    key.loc[deals, [name for name in _KEY if name not in _PERIOD]] = ""
    repeated = key.duplicated(keep=False).to_numpy()
    if repeated.any():
        raise SchemaError(f"expected a period of a deal once, not so at {where(table[repeated])}")
    return key


def _column(table: pd.DataFrame, name: str) -> pd.Series:
    return table[name] if name in table.columns else pd.Series("", index=table.index)


def _take(table: pd.DataFrame, rows: pd.Series) -> pd.DataFrame:
    """Return the rows at these positions, and empty rows at -1."""
    return table.reset_index(drop=True).reindex(rows).set_axis(rows.index)


def _what_changed(before: pd.DataFrame, after: pd.DataFrame) -> pd.Series:
    """Name the columns that differ; codes with what they were and what they are."""
    told = pd.Series("", index=after.index, dtype="str")
    for name in _ATTRIBUTES:
        change = f", {name} " + before[name].astype("str") + " to " + after[name].astype("str")
        told = told.mask(_differ(before[name], after[name]), told + change)
    value = _differ(before["value"], after["value"])
    bounds = _differ(before["low"], after["low"]) | _differ(before["high"], after["high"])
    told = told.mask(value, told + ", value").mask(bounds & ~value, told + ", bounds")
    return told.str.removeprefix(", ")


def _differ(one: pd.Series, other: pd.Series) -> pd.Series:
    return one.ne(other) & ~(one.isna() & other.isna())
