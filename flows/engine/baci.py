"""BACI on any engine: what its numbers mean, written once on Narwhals."""

from collections.abc import Sequence

import narwhals as nw
import pyarrow as pa

from flows.engine.frames import Frame
from flows.engine.lookups import country_table, numbered, year_table
from flows.engine.statements import Lift, finish

THOUSAND = 1000
"""Dollars of one unit of ``v``."""

DIGITS = 6
"""Digits of a product: the files of some releases lost the first zero."""

CONSTANTS = {
    "reporter": "CEPII",
    "unit": "USD",
    "valuation": "FOB",
    "partner_basis": "",
    "coverage": "all goods",
}
"""What every statement says: CEPII takes freight and insurance out of what it reconciles."""

COUNTED = ("file", "t", "i", "j", "k")
"""The numbers by which rows are added up before anything is named."""


def condense_baci(frame: Frame, by: Sequence[str]) -> Frame:
    """
    Return sums of the values by the publisher's numbers, so that few rows are left to name.

    Parameters
    ----------
    frame : narwhals.LazyFrame
        Rows with ``file``, ``t``, ``i``, ``j``, ``k``, ``v`` and ``statements``, their number.
    by : sequence of str
        What is asked by; products stay apart only if it holds ``product``.

    Returns
    -------
    narwhals.LazyFrame
        The numbers, ``v``, ``statements``, and ``k`` of 0 where products were
        added up.

    Raises
    ------
    narwhals.exceptions.ColumnNotFoundError
        If a column is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"file": 0, "t": 2020, "i": 4, "j": 51, "k": [1, 2], "v": [1.5, 2.0]})
    >>> rows["statements"] = 1
    >>> few = condense_baci(nw.from_native(rows).lazy(), ["exporter"]).collect().to_native()
    >>> few[["k", "v", "statements"]].to_dict("records")
    [{'k': 0, 'v': 3.5, 'statements': 2}]
    """
    kept = COUNTED if "product" in by else COUNTED[:-1]
    summed = frame.group_by(*kept).agg(nw.col("v").sum(), nw.col("statements").sum())
    if "product" in by:
        return summed
    return summed.with_columns(nw.lit(0).alias("k"))


def name_baci(frame: Frame, lift: Lift, files: pa.Table) -> Frame:
    """
    Return rows with countries, period, product and dollars in place of the publisher's numbers.

    Parameters
    ----------
    frame : narwhals.LazyFrame
        Rows with ``file``, ``t``, ``i``, ``j``, ``k`` and ``v`` (thousand dollars).
    lift : callable
        A small table as a frame of the engine.
    files : pyarrow.Table
        ``file`` with ``dataset`` and ``classification``.

    Returns
    -------
    narwhals.LazyFrame
        The columns of the flow table but for bounds, with ``year`` and ``file``.

    Raises
    ------
    narwhals.exceptions.ColumnNotFoundError
        If a column is missing.

    Examples
    --------
    >>> THOUSAND, DIGITS
    (1000, 6)
    """
    exporters = numbered(country_table("baci", "i", "exporter"), "i")
    importers = numbered(country_table("baci", "j", "importer"), "j")
    return (
        frame.join(lift(exporters), on="i")
        .join(lift(importers), on="j")
        .join(lift(year_table()), on="t")
        .join(lift(files), on="file")
        .with_columns(
            nw.col("k").cast(nw.String()).str.zfill(DIGITS).alias("product"),
            (nw.col("v") * THOUSAND).alias("value"),
            *(nw.lit(text).alias(name) for name, text in CONSTANTS.items()),
        )
    )


def state_baci(frame: Frame, lift: Lift, files: pa.Table) -> Frame:
    """
    Return one year or more as a flow table.

    Parameters
    ----------
    frame, lift, files
        As for :func:`name_baci`; the frame has ``q`` (tonnes) and ``line`` as well.

    Returns
    -------
    narwhals.LazyFrame
        The columns of the flow table and ``quantity_t``.

    Raises
    ------
    narwhals.exceptions.ColumnNotFoundError
        If a column is missing.

    Examples
    --------
    >>> CONSTANTS["valuation"]
    'FOB'
    """
    named = name_baci(frame, lift, files).with_columns(nw.col("q").alias("quantity_t"))
    return finish(named, {}, ["quantity_t"])
