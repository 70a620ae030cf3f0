"""Shares of arms imports as SIPRI published them: percentages, which are no flow statements."""

from pathlib import Path

import pandas as pd

from flows.errors import SchemaError
from flows.loaders.cells import numbers, texts
from flows.loaders.meanings import calendar_year, codes, translate
from flows.loaders.raw import RawTable, read_delimited
from flows.loaders.statements import with_report
from flows.table import where

COLUMNS = ("importer", "supplier", "start", "end", "share_pct", "edition", "address")

_KEY = ("importer", "exporter", "start", "end", "edition")
_FULL = 100


def read_published_shares(path: Path, *, dataset: str | None = None) -> RawTable:
    """
    Read published shares: one row a recipient, supplier, window and edition.

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
    >>> read_published_shares(example_path("published_shares")).rows.loc[0, "share_pct"]
    '69'
    """
    return read_delimited(path, COLUMNS, dataset=dataset)


def normalise_published_shares(raw: RawTable) -> pd.DataFrame:
    """
    Return published shares with dates and numbers.

    Parameters
    ----------
    raw : RawTable
        Of :func:`read_published_shares`.

    Returns
    -------
    pandas.DataFrame
        Columns ``importer``, ``exporter``, ``start`` and ``end`` (first and last day of the
        window), ``share_pct``, ``edition``, ``address``, ``dataset``, ``line``. This is not a flow
        table.

    Raises
    ------
    LayoutError
        If a cell is not a year or a number.
    CountryError
        If a code is not in the crosswalk.
    SchemaError
        As in :func:`check_shares`.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> table = normalise_published_shares(read_published_shares(example_path("published_shares")))
    >>> table.loc[0, ["importer", "exporter", "share_pct"]].to_dict()
    {'importer': 'AZE', 'exporter': 'ISR', 'share_pct': 69.0}
    """
    first = translate(raw, "start", calendar_year)
    last = translate(raw, "end", calendar_year)
    frame = pd.DataFrame(
        {
            "importer": codes(raw, "importer", scheme="iso"),
            "exporter": codes(raw, "supplier", scheme="iso"),
            "start": pd.Series([one.start for one in first]).astype("datetime64[s]"),
            "end": pd.Series([one.end for one in last]).astype("datetime64[s]"),
            "share_pct": numbers(raw, "share_pct"),
            "edition": texts(raw, "edition"),
            "address": texts(raw, "address"),
            "dataset": raw.dataset,
            "line": raw.rows["line"],
        }
    )
    return check_shares(with_report(frame, raw, rows_in=len(raw.rows)))


def check_shares(frame: pd.DataFrame) -> pd.DataFrame:
    """
    Return published shares unchanged, or say what is wrong with them.

    Parameters
    ----------
    frame : pandas.DataFrame
        Of :func:`normalise_published_shares`.

    Returns
    -------
    pandas.DataFrame
        The same frame.

    Raises
    ------
    SchemaError
        If a window ends before it starts, a share is above 100, or a share is stated twice in one
        edition.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> table = normalise_published_shares(read_published_shares(example_path("published_shares")))
    >>> check_shares(table.assign(share_pct=101.0))
    Traceback (most recent call last):
        ...
    flows.errors.SchemaError: expected no share above 100, found at published_shares.csv lines 2, 3
    """
    faults = {
        "expected start to be no later than end": frame["start"] > frame["end"],
        "expected no share above 100": frame["share_pct"] > _FULL,
        "expected each share once": frame.duplicated(list(_KEY), keep=False),
    }
    for demand, wrong in faults.items():
        if wrong.any():
            raise SchemaError(f"{demand}, found at {where(frame[wrong])}")
    return frame
