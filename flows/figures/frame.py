"""What every drawing function asks of its data before it draws."""

from collections.abc import Collection, Sequence

import pandas as pd

from flows.errors import SchemaError


def check_drawn(
    data: pd.DataFrame,
    *,
    figure: str,
    columns: Sequence[str],
    numbers: Sequence[str],
    key: Sequence[str],
) -> pd.DataFrame:
    """
    Return the columns that a figure draws, or say why it cannot be drawn.

    Parameters
    ----------
    data : pandas.DataFrame
        What the study made for the figure.
    figure : str
        Name of the drawing function, for the message.
    columns : sequence of str
        Names, dates and marks.
    numbers : sequence of str
        What is drawn to scale.
    key : sequence of str
        What makes a row the only one of its kind.

    Returns
    -------
    pandas.DataFrame
        A new frame with these columns and a fresh index, numbers as float, rows in their order.

    Raises
    ------
    SchemaError
        If there is no row, a column is missing or holds text for a number, or two rows have the
        same key: one mark would cover the other.

    Examples
    --------
    >>> data = pd.DataFrame({"year": [2020]})
    >>> check_drawn(data, figure="draw", columns=["year"], numbers=["value"], key=["year"])
    Traceback (most recent call last):
        ...
    flows.errors.SchemaError: draw: expected columns year, value, missing value
    """
    wanted = [*columns, *numbers]
    missing = [name for name in wanted if name not in data.columns]
    if missing:
        raise SchemaError(
            f"{figure}: expected columns {', '.join(wanted)}, missing {', '.join(missing)}"
        )
    if data.empty:
        raise SchemaError(f"{figure}: expected at least one row, found none")
    repeated = data.duplicated(list(key))
    if repeated.any():
        twice = data.loc[repeated, list(key)].iloc[0]
        found = ", ".join(f"{name} {value}" for name, value in twice.items())
        raise SchemaError(f"{figure}: expected each {', '.join(key)} once, found twice: {found}")
    try:
        return data[wanted].astype(dict.fromkeys(numbers, float)).reset_index(drop=True)
    except (TypeError, ValueError) as error:
        raise SchemaError(
            f"{figure}: expected numbers in {', '.join(numbers)}, found {error}"
        ) from error


def check_words(rows: pd.DataFrame, column: str, *, figure: str, words: Collection[str]) -> None:
    """
    Say which words in a column the figure has no mark for.

    Parameters
    ----------
    rows : pandas.DataFrame
        As from :func:`check_drawn`.
    column, figure : str
        Name of the column, and of the drawing function for the message.
    words : collection of str
        All that may stand in the column.

    Raises
    ------
    SchemaError
        If another word stands there: its row would not be drawn.

    Examples
    --------
    >>> rows = pd.DataFrame({"kind": ["level", "total"]})
    >>> check_words(rows, "kind", figure="draw", words=["level", "change"])
    Traceback (most recent call last):
        ...
    flows.errors.SchemaError: draw: expected level, change in column kind, found total
    """
    unknown = sorted(set(rows[column]) - set(words))
    if unknown:
        raise SchemaError(
            f"{figure}: expected {', '.join(words)} in column {column}, found {', '.join(unknown)}"
        )


def keep_positive(
    rows: pd.DataFrame, *, figure: str, value: str, beside: Sequence[str]
) -> tuple[pd.DataFrame, str]:
    """
    Blank out what a logarithmic axis cannot show, and say so.

    Parameters
    ----------
    rows : pandas.DataFrame
        As from :func:`check_drawn`.
    figure : str
        Name of the drawing function, for the message.
    value : str
        Column of the values.
    beside : sequence of str
        Columns of their bounds or fit.

    Returns
    -------
    tuple of DataFrame and str
        The rows with nothing at or below 0 in these columns, and what the heading has to add.

    Raises
    ------
    SchemaError
        If no value is left.

    Examples
    --------
    >>> rows = pd.DataFrame({"value": [0.0, 2.0], "low": [0.0, 1.0]})
    >>> kept, note = keep_positive(rows, figure="draw", value="value", beside=["low"])
    >>> kept["value"].tolist(), note
    ([nan, 2.0], '; 1 value of 0 not shown')
    """
    zeros = int((rows[value] <= 0).sum())
    amounts = rows[[value, *beside]]
    kept = rows.assign(**amounts.where(amounts > 0))
    if kept[value].isna().all():
        raise SchemaError(f"{figure}: expected a {value} above 0, found none")
    return kept, f"; {zeros} value{'s' * (zeros > 1)} of 0 not shown" if zeros else ""
