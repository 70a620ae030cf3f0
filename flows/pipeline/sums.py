"""The last step of a sum: parts are added only where that counts nothing twice."""

from collections.abc import Sequence
from math import fsum

import pandas as pd

from flows.engine.statements import APART
from flows.errors import DoubleCountError

_STATED = ["reporter", "start", "end", "classification", "level", "partner_basis"]
_LONGEST_MONTH = 31
_TOLD = [name for name in APART if name != "level"]


def settle_sums(parts: pd.DataFrame, by: Sequence[str], files: Sequence[str]) -> pd.DataFrame:
    """
    Return one row a sum, or say what it would count twice.

    Parameters
    ----------
    parts : pandas.DataFrame
        Of :func:`flows.engine.statements.sum_by`, in any order.
    by : sequence of str
        What the sums are by.
    files : sequence of str
        Names of the files by their number, for the error.

    Returns
    -------
    pandas.DataFrame
        ``by``, ``value``, ``unit``, ``statements`` (how many were added) and what all of them have
        in common; sorted by ``by``.

    Raises
    ------
    DoubleCountError
        If two files state the same reporter and period, or a sum would mix reporters,
        classifications, levels of products, units, valuations, bases, or years with months.

    Examples
    --------
    >>> part = {"exporter": "IRN", "reporter": ["ARM", "IRN"], "start": "2020", "end": "2020"}
    >>> same = dict.fromkeys(["classification", "unit", "valuation", "partner_basis"], "")
    >>> parts = pd.DataFrame({**part, **same, "level": 5, "file": 0, "value": 1.0})
    >>> settle_sums(parts, ["exporter"], ["my.csv"])
    Traceback (most recent call last):
        ...
    flows.errors.DoubleCountError: expected one reporter in each sum, found ARM, IRN ...
    """
    columns = list(dict.fromkeys([*by, "value", "unit", "statements", *_TOLD]))
    if parts.empty:
        return pd.DataFrame(columns=columns).astype({"value": "float64", "statements": "int64"})
    _demand_one_file(parts, files)
    if parts.duplicated(list(by)).any():
        parts = _added(parts, by)
    return parts.sort_values(list(by), ignore_index=True)[columns]


def _added(parts: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    days = pd.to_datetime(parts["end"]) - pd.to_datetime(parts["start"])
    spanned = parts.assign(
        period=(days.dt.days >= _LONGEST_MONTH).map({True: "years", False: "months"})
    )
    grouped = spanned.groupby(list(by), sort=True)
    for name in (*APART, "period"):
        _demand_one(spanned, grouped[name].nunique(), name, by)
    common = [name for name in _TOLD if name not in by]
    return grouped.agg(
        **{
            "value": ("value", fsum),
            "statements": ("statements", "sum"),
            **{name: (name, "first") for name in common},
        }
    ).reset_index()


def _demand_one_file(parts: pd.DataFrame, files: Sequence[str]) -> None:
    stated = parts[[*_STATED, "file"]].drop_duplicates()
    holders = stated.groupby(_STATED)["file"].unique()
    several = holders[holders.map(len) > 1]
    if len(several):
        names = ", ".join(files[number] for number in sorted(several.iloc[0]))
        reporter, start = several.index[0][:2]
        raise DoubleCountError(
            f"expected what {reporter} states for {str(start)[:10]} in one file, "
            f"found it in {names}"
        )


def _demand_one(parts: pd.DataFrame, counts: pd.Series, name: str, by: Sequence[str]) -> None:
    mixed = counts[counts > 1]
    if mixed.empty:
        return
    at = mixed.index[0] if isinstance(mixed.index[0], tuple) else (mixed.index[0],)
    rows = parts
    for column, cell in zip(by, at, strict=True):
        rows = rows[rows[column] == cell]
    found = ", ".join(str(one) or "none" for one in sorted(rows[name].unique()))
    asked = "product" if name == "level" else name
    raise DoubleCountError(
        f"expected one {name} in each sum, found {found} for "
        f"{', '.join(f'{column} {cell}' for column, cell in zip(by, at, strict=True))}; "
        f"sum by {asked} as well"
    )
