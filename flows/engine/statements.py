"""What both publishers' statements share: the columns of the flow table, repeated ones, sums."""

from collections.abc import Callable, Mapping, Sequence

import narwhals as nw
import pyarrow as pa

from flows.engine.frames import Frame
from flows.table import COLUMNS

Lift = Callable[[pa.Table], Frame]
"""A small Arrow table as a frame of the engine."""

SUMMED_BY = (
    "exporter",
    "importer",
    "reporter",
    "year",
    "start",
    "end",
    "product",
    "classification",
    "valuation",
    "partner_basis",
)
"""What sums can be asked by."""

APART = ("reporter", "classification", "level", "unit", "valuation", "partner_basis")
"""What must not differ inside one sum: it would count goods twice, or add different measures."""


def finish(frame: Frame, constants: Mapping[str, str], own: Sequence[str]) -> Frame:
    """
    Return a frame with the columns of the flow table in their order.

    Parameters
    ----------
    frame : narwhals.LazyFrame
        What differs by row: at least the codes, the period, ``product``, ``value`` and ``line``.
    constants : Mapping
        Columns that are the same in every row.
    own : sequence of str
        Columns of the data set that come after.

    Returns
    -------
    narwhals.LazyFrame

    Raises
    ------
    narwhals.exceptions.ColumnNotFoundError
        If a column is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = nw.from_native(pd.DataFrame({"value": [1.0]})).lazy()
    >>> finish(frame, {}, [])
    Traceback (most recent call last):
        ...
    narwhals.exceptions.ColumnNotFoundError: ...
    """
    filled = frame.with_columns(
        nw.col("value").alias("low"),
        nw.col("value").alias("high"),
        nw.lit(value=False).alias("estimate"),
        *(nw.lit(text).alias(name) for name, text in constants.items()),
    )
    return filled.select(*COLUMNS, *own)


def sum_by(frame: Frame, by: Sequence[str]) -> Frame:
    """
    Return sums by what is asked and by what must stay apart.

    Parameters
    ----------
    frame : narwhals.LazyFrame
        Statements with ``file``, ``year`` and the columns of the flow table but for bounds.
    by : sequence of str
        Of :data:`SUMMED_BY`.

    Returns
    -------
    narwhals.LazyFrame
        ``by``, :data:`APART`, ``start``, ``end``, ``file``, ``value`` and ``statements``, their
        number.

    Raises
    ------
    narwhals.exceptions.ColumnNotFoundError
        If a column is missing.

    Examples
    --------
    >>> SUMMED_BY[:2]
    ('exporter', 'importer')
    """
    level = nw.col("product").str.len_chars().alias("level")
    keys = list(dict.fromkeys([*by, *APART, "start", "end", "file"]))
    return (
        frame.with_columns(level)
        .group_by(*keys)
        .agg(nw.col("value").sum(), nw.col("statements").sum())
        .with_columns(nw.col("statements").cast(nw.Int64()))
    )


def repeated(frame: Frame, key: Sequence[str]) -> Frame:
    """
    Return what stands there more than once.

    Parameters
    ----------
    frame : narwhals.LazyFrame
        Rows with ``line``.
    key : sequence of str
        Columns that make two rows the same statement.

    Returns
    -------
    narwhals.LazyFrame
        ``key``, ``times``, and the ``first`` and ``last`` line of each such statement.

    Raises
    ------
    narwhals.exceptions.ColumnNotFoundError
        If a column is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = nw.from_native(pd.DataFrame({"k": [1, 1, 2], "line": [2, 3, 4]})).lazy()
    >>> repeated(frame, ["k"]).collect().to_native().to_dict("records")
    [{'k': 1, 'times': 2, 'first': 2, 'last': 3}]
    """
    counted = frame.group_by(*key).agg(
        nw.len().alias("times"),
        nw.col("line").min().alias("first"),
        nw.col("line").max().alias("last"),
    )
    return counted.filter(nw.col("times") > 1)
