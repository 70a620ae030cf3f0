"""Dated events that a series may have felt: facts to test, which are no flow statements."""

from datetime import date
from pathlib import Path

import pandas as pd

from flows.errors import LayoutError, SchemaError
from flows.loaders.cells import fail, texts
from flows.loaders.meanings import translate
from flows.loaders.raw import RawTable, read_delimited
from flows.table import where

COLUMNS = ("id", "start", "end", "kind", "name", "about", "address")

_NEEDED = ("id", "kind", "name", "about", "address")


def read_events(path: Path, *, dataset: str | None = None) -> RawTable:
    """
    Read dated events: one row an event.

    Parameters
    ----------
    path : pathlib.Path
        CSV in UTF-8.
    dataset : str, optional
        ``source@vintage``; the file name by default.

    Returns
    -------
    RawTable
        All columns of the file.

    Raises
    ------
    LayoutError
        If encoding, header or a row is not as the layout has it.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> read_events(example_path("events")).rows.loc[0, "start"]
    '2021-01-01'
    """
    return read_delimited(path, COLUMNS, dataset=dataset)


def normalise_events(raw: RawTable) -> pd.DataFrame:
    """
    Return events with dates.

    Parameters
    ----------
    raw : RawTable
        Of :func:`read_events`.

    Returns
    -------
    pandas.DataFrame
        Columns ``id``, ``start`` and ``end`` (first and last day, the last one missing where there
        is none), ``kind``, ``name``, ``about``, ``address``, ``dataset``, ``line``; in the order of
        their first days. This is not a flow table.

    Raises
    ------
    LayoutError
        If a cell is empty that must not be, or is not a day.
    SchemaError
        As in :func:`check_events`.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> normalise_events(read_events(example_path("events")))["id"].tolist()
    ['agreement', 'ban']
    """
    for column in _NEEDED:
        empty = texts(raw, column) == ""
        if empty.any():
            fail(raw, empty, column, "text")
    days = {side: translate(raw, side, meaning) for side, meaning in _DAYS.items()}
    frame = pd.DataFrame(
        {
            "id": texts(raw, "id"),
            **{
                side: pd.to_datetime(column).astype("datetime64[s]")
                for side, column in days.items()
            },
            **{column: texts(raw, column) for column in _NEEDED[1:]},
            "dataset": raw.dataset,
            "line": raw.rows["line"],
        }
    ).sort_values(["start", "id"], ignore_index=True)
    frame.attrs["report"] = {
        "layout": "events",
        "rows_in": len(raw.rows),
        "rows_out": len(frame),
        "left_out": {},
        "warnings": [],
        "header": dict(raw.header),
    }
    return check_events(frame)


def check_events(frame: pd.DataFrame) -> pd.DataFrame:
    """
    Return events unchanged, or say what is wrong with them.

    Parameters
    ----------
    frame : pandas.DataFrame
        Of :func:`normalise_events`.

    Returns
    -------
    pandas.DataFrame
        The same frame.

    Raises
    ------
    SchemaError
        If an event ends before it starts, or two have the same id.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> table = normalise_events(read_events(example_path("events")))
    >>> check_events(table.assign(id="ban"))
    Traceback (most recent call last):
        ...
    flows.errors.SchemaError: expected each id once, found at events.csv lines 3, 2
    """
    faults = {
        "expected start to be no later than end": frame["start"] > frame["end"],
        "expected each id once": frame["id"].duplicated(keep=False),
    }
    for demand, wrong in faults.items():
        if wrong.any():
            raise SchemaError(f"{demand}, found at {where(frame[wrong])}")
    return frame


def _day(cell: str) -> date:
    try:
        return date.fromisoformat(cell)
    except ValueError as error:
        raise LayoutError(f"expected a day like 2021-01-31, found {cell!r}") from error


def _day_or_none(cell: str) -> date | None:
    return _day(cell) if cell else None


_DAYS = {"start": _day, "end": _day_or_none}
