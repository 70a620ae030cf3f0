"""What the tables of a profile share: units, and cells that repeat the row above."""

import pandas as pd

from flows.measure.trade_indices import Amount
from flows.table import TIV

PERCENT = 100
LAST = 5
"""Years that a table shows of a series."""


def million_of(unit: str) -> float:
    """Return what is a million of a unit: TIV are published in millions, money is not."""
    return 1.0 if unit == TIV else 1e6


def in_millions(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Return a frame whose amounts, in the unit of their row, are in million of it."""
    scale = frame["unit"].map(million_of)
    return frame.assign(**{column: frame[column] / scale for column in columns})


def ends_of(name: str, index: Amount) -> dict[str, float]:
    """
    Return an index and its bounds as three columns.

    >>> ends_of("share", Amount(0.5, 0.4, 0.6))
    {'share': 0.5, 'share_low': 0.4, 'share_high': 0.6}
    """
    return {name: index.value, f"{name}_low": index.low, f"{name}_high": index.high}


def without_repeats(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Leave a cell empty where it and those of the columns before it repeat the row above."""
    blank = frame.reset_index(drop=True)
    repeated = {
        column: blank.duplicated(list(columns[:place]))
        for place, column in enumerate(columns, start=1)
    }
    return blank.assign(**{column: blank[column].mask(repeated[column], "") for column in columns})
