"""The years that a data set counts: a year without a statement is nothing found, not a gap."""

import pandas as pd

from flows.errors import PeriodError


def years_counted(table: pd.DataFrame) -> dict[str, tuple[int, int]]:
    """
    Return the first and the last year that each data set of a table counts.

    Parameters
    ----------
    table : pandas.DataFrame
        Flow table; ``attrs["spans"]`` says what each data set counts, and where it does not, its
        first and last statement do.

    Returns
    -------
    dict
        Data set to first and last year.

    Raises
    ------
    KeyError
        If ``dataset``, ``start`` or ``end`` is missing.

    Examples
    --------
    >>> from flows.loaders import load
    >>> from flows.loaders.examples import example_path
    >>> years_counted(load(example_path("armstat")))
    {'armstat.csv': (2023, 2024)}
    """
    spans = table.attrs.get("spans", {})
    return {
        str(dataset): spans.get(
            dataset, (int(group["start"].dt.year.min()), int(group["end"].dt.year.max()))
        )
        for dataset, group in table.groupby("dataset", sort=True)
    }


def span_stated(table: pd.DataFrame) -> range:
    """
    Return the years that the data set of a table says it counts.

    Parameters
    ----------
    table : pandas.DataFrame
        Flow table of one data set.

    Returns
    -------
    range
        Every year from the first to the last.

    Raises
    ------
    PeriodError
        If the data set does not say it: its first and last statement are no evidence that nothing
        was found before and after.

    Examples
    --------
    >>> from flows.loaders import load
    >>> from flows.loaders.examples import example_path
    >>> span_stated(load(example_path("sipri_deal_years")))
    range(2010, 2022)
    """
    spans = table.attrs.get("spans", {})
    datasets = sorted(table["dataset"].unique())
    unstated = [name for name in datasets if name not in spans]
    if unstated or len(datasets) != 1:
        raise PeriodError(
            f"expected one data set that says which years it counts, found "
            f"{', '.join(unstated or datasets) or 'no rows'}; a year without a statement can be "
            "missing there"
        )
    first, last = spans[datasets[0]]
    return range(first, last + 1)


def check_span(table: pd.DataFrame, *, start: int, end: int) -> None:
    """
    Check that the data sets of a table count all years of a window.

    Parameters
    ----------
    table : pandas.DataFrame
        Flow table; see :func:`years_counted`.
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
    for dataset, (first, last) in years_counted(table).items():
        if start < first or end > last:
            raise PeriodError(
                f"{dataset}: expected the years {start}-{end}, found a data set of {first}-{last}"
            )
