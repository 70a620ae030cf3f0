"""The last step of every loader: columns become a checked flow table with a report beside it."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from flows.loaders.raw import RawTable
from flows.table import check_flows

_NOTHING = "no row is left: all of them were left out"


def state(
    raw: RawTable,
    columns: Mapping[str, Any],
    *,
    rows_in: int,
    left_out: Mapping[str, Any] | None = None,
    warnings: Sequence[str] = (),
    years: tuple[int, int] | None = None,
) -> pd.DataFrame:
    """
    Return the flow table of a file.

    Parameters
    ----------
    raw : RawTable
        The rows that become statements.
    columns : Mapping
        Columns of the flow table and the data set's own, each a series as long as ``raw.rows`` or
        one value for all. ``low`` and ``high`` are the value where the source states no bounds;
        ``estimate`` is False where it flags none; ``dataset`` and ``line`` come from ``raw``.
    rows_in : int
        Rows of the file under its header.
    left_out : Mapping, optional
        Reason to count; the reason says what is counted, rows or cells.
    warnings : sequence of str
        What a reader should know about this file.
    years : tuple of int, optional
        First and last calendar year that the file counts, where it says so: a year inside without
        a statement is then a year in which nothing was found, not a gap.

    Returns
    -------
    pandas.DataFrame
        ``attrs["report"]`` says rows in and out, what was left out and why, warnings, and
        what stood around the table; ``attrs["spans"]`` holds ``years`` under the data set.

    Raises
    ------
    SchemaError
        If the result is not a flow table, for example because a statement stands there twice.

    Examples
    --------
    >>> from flows.loaders.cow import normalise_cow_trade, read_cow_trade
    >>> from flows.loaders.examples import example_path
    >>> table = normalise_cow_trade(read_cow_trade(example_path("cow_trade")))
    >>> table.attrs["report"]["rows_out"]
    6
    """
    value = columns["value"]
    defaults = {
        "low": value,
        "high": value,
        "estimate": False,
        "dataset": raw.dataset,
        "line": raw.rows["line"],
    }
    frame = pd.DataFrame({**defaults, **columns}, index=raw.rows.index)
    checked = check_flows(frame)
    gaps = [] if years or "deal" in columns else _gaps(checked)
    reported = with_report(
        checked, raw, rows_in=rows_in, left_out=left_out, warnings=[*warnings, *gaps]
    )
    if years is not None:
        reported.attrs["spans"] = {raw.dataset: years}
    return reported


def with_report(
    frame: pd.DataFrame,
    raw: RawTable,
    *,
    rows_in: int,
    left_out: Mapping[str, Any] | None = None,
    warnings: Sequence[str] = (),
) -> pd.DataFrame:
    """
    Return a frame that says in ``attrs["report"]`` how it was made.

    Parameters
    ----------
    frame : pandas.DataFrame
        What a loader returns.
    raw : RawTable
        What it was made from.
    rows_in : int
        Rows of the file under its header.
    left_out : Mapping, optional
        Reason to count.
    warnings : sequence of str
        What a reader should know about this file.

    Returns
    -------
    pandas.DataFrame
        A copy; ``rows_in``, ``rows_out``, ``left_out``, ``warnings`` and ``header`` in its report.

    Raises
    ------
    TypeError
        If a count is not a number.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> from flows.loaders.raw import read_delimited
    >>> raw = read_delimited(example_path("armstat"), ["country"])
    >>> with_report(raw.rows, raw, rows_in=3).attrs["report"]["rows_out"]
    3
    """
    reported = frame.copy()
    reported.attrs["report"] = {
        "rows_in": rows_in,
        "rows_out": len(frame),
        "left_out": {reason: int(count) for reason, count in (left_out or {}).items() if count},
        "warnings": [*warnings, *([] if len(frame) else [_NOTHING])],
        "header": dict(raw.header),
    }
    return reported


def _gaps(frame: pd.DataFrame) -> list[str]:
    """Return the stretches of days inside the table that no row counts, in words."""
    periods = frame[["start", "end"]].drop_duplicates().sort_values("start")
    covered = periods["end"].cummax().shift()
    after = periods["start"] > covered + pd.Timedelta(days=1)
    return [
        f"no row counts anything between {last:%Y-%m-%d} and {first:%Y-%m-%d}"
        for last, first in zip(covered[after], periods.loc[after, "start"], strict=True)
    ]
