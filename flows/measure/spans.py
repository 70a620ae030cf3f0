"""The years that a data set counts: a year without a statement is nothing found, not a gap."""

import pandas as pd

from flows.errors import PeriodError


def check_span(table: pd.DataFrame, *, start: int, end: int) -> None:
    """
    Check that the data sets of a table count all years of a window.

    Parameters
    ----------
    table : pandas.DataFrame
        Flow table; ``attrs["spans"]`` says what each data set counts, and where it does not, its
        first and last statement do.
    start, end : int
        First and last year.

    Raises
    ------
    PeriodError
        If the window begins before or ends after a data set.
    ValueError
        If ``end`` is before ``start``.

    Examples
    --------
    >>> from flows.table import empty_table
    >>> check_span(empty_table(), start=2020, end=2016)
    Traceback (most recent call last):
        ...
    ValueError: expected start <= end, found 2020 and 2016
    """
    if end < start:
        raise ValueError(f"expected start <= end, found {start} and {end}")
    spans = table.attrs.get("spans", {})
    for dataset, group in table.groupby("dataset", sort=True):
        years = (group["start"].dt.year.min(), group["end"].dt.year.max())
        first, last = spans.get(dataset, years)
        if start < first or end > last:
            raise PeriodError(
                f"{dataset}: expected the years {start}-{end}, found a data set of {first}-{last}"
            )
