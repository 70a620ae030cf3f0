"""Checks of the rows that a measure shares out: in the window, stated once, partners named."""

from typing import Literal

import pandas as pd

from flows.errors import DoubleCountError, PeriodError, SchemaError
from flows.measure.double_counting import check_one_scope, check_stated_once
from flows.table import where

Of = Literal["imports", "exports"]
"""Whose total is shared out: an importer's, among suppliers, or an exporter's, among customers."""

UNNAMED = "XXX"

_WORDS = {"imports": "supplier", "exports": "customer"}


def check_within(rows: pd.DataFrame, start: int, end: int) -> None:
    """
    Check that a window has rows and cuts none of them.

    Parameters
    ----------
    rows : pandas.DataFrame
        Of :func:`find_candidates`.
    start, end : int
        First and last year.

    Raises
    ------
    PeriodError
        If a row crosses the edge.
    SchemaError
        If there is no row in the window.

    Examples
    --------
    >>> years = pd.DataFrame({"first": [2014], "last": [2014], "inside": [False]})
    >>> check_within(years, 2016, 2020)
    Traceback (most recent call last):
        ...
    flows.errors.SchemaError: expected rows in 2016-2020, found rows only in 2014-2014
    """
    cut = rows[(rows["first"] <= end) & (rows["last"] >= start) & ~rows["inside"]]
    if len(cut):
        raise PeriodError(
            f"expected periods inside or outside {start}-{end}, found some across its edge at "
            f"{where(cut)}; re-cut them first"
        )
    if not rows["inside"].any():
        there = f"only in {rows['first'].min()}-{rows['last'].max()}" if len(rows) else "of none"
        raise SchemaError(f"expected rows in {start}-{end}, found rows {there}")


def check_rows(rows: pd.DataFrame, *, of: Of) -> None:
    """
    Check that rows can be shared out: one unit and scope, each flow once, partners named.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of one country, with the column ``partner``.
    of : {"imports", "exports"}
        Whose total they make.

    Raises
    ------
    UnitError, DoubleCountError
        As in :func:`flows.measure.double_counting.check_stated_once`; also if one deal counts twice
        in a period, as it does where rows were put into the year of their order.
    SchemaError
        If no row names its partner, or the size of a flow is not published.

    Examples
    --------
    >>> from flows.table import empty_table
    >>> check_rows(empty_table(), of="imports")
    Traceback (most recent call last):
        ...
    flows.errors.SchemaError: expected rows with one unit, found no row
    """
    _check_deals(rows)
    check_stated_once(rows)
    check_one_scope(rows, of=of)
    if (rows["partner"] == UNNAMED).all():
        raise SchemaError(
            f"{rows['dataset'].iloc[0]}: expected rows by {_WORDS[of]}, found totals that name none"
        )


def _check_deals(rows: pd.DataFrame) -> None:
    if "deal" not in rows.columns:
        return
    key = ["exporter", "importer", "product", "dataset", "deal"]
    ordered = rows[rows["deal"].notna()].sort_values([*key, "start", "end", "line"])
    overlap = (ordered["start"] <= ordered.groupby(key)["end"].shift()).to_numpy()
    if overlap.any():
        at = int(overlap.argmax())
        two = ordered.iloc[at - 1 : at + 1]
        raise DoubleCountError(
            f"deal {two['deal'].iloc[0]}: expected periods that do not overlap, found two that do "
            f"({where(two)}); where rows were put into the year of their order, leave them in that "
            "of delivery and count with Counting(by='order')"
        )
