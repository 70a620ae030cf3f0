"""The flow table: one row is one statement about goods going from exporter to importer."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files

import numpy as np
import pandas as pd

from flows.errors import SchemaError

COLUMNS: dict[str, str] = {
    "exporter": "str",
    "importer": "str",
    "reporter": "str",
    "start": "datetime64[s]",
    "end": "datetime64[s]",
    "product": "str",
    "classification": "str",
    "value": "float64",
    "unit": "str",
    "low": "float64",
    "high": "float64",
    "valuation": "str",
    "partner_basis": "str",
    "coverage": "str",
    "estimate": "bool",
    "dataset": "str",
    "line": "int64",
}
"""Columns of the flow table in their order, with their pandas types."""

TIV = "TIV"
"""SIPRI's unit of volume; every other unit is a currency."""

_REAL = " at {} prices"

VALUATIONS = ("FOB", "CIF", "")
PARTNER_BASES = ("origin", "consignment", "destination", "")
ORGANISATIONS = ("SIPRI", "CEPII", "IMF", "COW", "Growth Lab", "USITC", "OEC")
"""Reporters that are not countries."""

STATEMENT_KEY = (
    "exporter",
    "importer",
    "reporter",
    "start",
    "end",
    "product",
    "classification",
    "unit",
    "valuation",
    "partner_basis",
    "coverage",
    "dataset",
)
"""What makes two rows the same statement; a table of deals adds its ``deal`` column."""

Rows = Mapping[str, tuple[int, ...]]
"""Lines of raw files by data set: ``{"sipri-deal-years@2025-03": (12, 14)}``."""

_SHOWN = 5


@cache
def currencies() -> frozenset[str]:
    """Return the codes of ISO 4217 that may be the unit of a row, those of the past included."""
    text = files("flows").joinpath("crosswalks", "currencies.csv").read_text(encoding="utf-8")
    return frozenset(row["code"] for row in csv.DictReader(io.StringIO(text)))


def empty_table() -> pd.DataFrame:
    """Return a flow table without rows."""
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in COLUMNS.items()})


def check_flows(frame: pd.DataFrame) -> pd.DataFrame:
    """
    Return ``frame`` with its columns in order and typed, or say why it is not a flow table.

    Parameters
    ----------
    frame : pandas.DataFrame
        The columns of :data:`~flows.table.COLUMNS`; a data set may have columns of its own, which
        come after.

    Returns
    -------
    pandas.DataFrame
        A new frame: the columns of :data:`~flows.table.COLUMNS` in their order, then the others; a
        fresh index. ``attrs`` is kept.

    Raises
    ------
    SchemaError
        If a column is missing or cannot take its type, a code is not three capital letters, a
        period ends before it starts, a unit, valuation or partner basis is unknown, a value is
        negative or outside the bounds beside it, or one statement stands there twice. The message
        names the data set and the first lines of the raw file at fault.

    Notes
    -----
    ``value`` may be missing: the source says that the flow exists and does not publish its size.
    ``high`` may be missing: the source states no upper bound ("more than 412").

    Examples
    --------
    >>> check_flows(pd.DataFrame({"exporter": ["IRN"]}))
    Traceback (most recent call last):
        ...
    flows.errors.SchemaError: flow table: expected 17 columns, missing importer, reporter, ...
    """
    typed = _typed(frame)
    for demand, wrong in _faults(typed):
        if wrong.any():
            raise SchemaError(f"{demand}; rows at fault: {where(typed[wrong])}")
    repeated = _repeated(typed)
    if repeated.any():
        raise SchemaError(_in_words(typed[repeated]))
    return typed


def where(rows: pd.DataFrame, *, shown: int = _SHOWN) -> str:
    """Say which lines of which raw files the rows come from."""
    parts = []
    for dataset, group in rows.groupby("dataset", sort=False):
        lines = [str(line) for line in group["line"]]
        word = "line" if len(lines) == 1 else "lines"
        more = f" and {len(lines) - shown} more" if len(lines) > shown else ""
        parts.append(f"{dataset} {word} {', '.join(lines[:shown])}{more}")
    return "; ".join(parts)


def join_flows(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """
    Put several flow tables under one another, each statement still under its own data set.

    Parameters
    ----------
    tables : sequence of pandas.DataFrame
        Flow tables; columns that only some of them have are empty in the others.

    Returns
    -------
    pandas.DataFrame
        A flow table.

    Raises
    ------
    ValueError
        If there is no table.
    SchemaError
        If one of them is not a flow table, or a statement stands in two of them.

    Examples
    --------
    >>> join_flows([empty_table(), empty_table()]).shape
    (0, 17)
    """
    if not tables:
        raise ValueError("expected at least one table, found none")
    checked = [check_flows(table) for table in tables]
    for table in checked:
        table.attrs = {}
    return check_flows(pd.concat(checked, ignore_index=True))


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    missing = [name for name in COLUMNS if name not in frame.columns]
    if missing:
        raise SchemaError(
            f"flow table: expected {len(COLUMNS)} columns, missing {', '.join(missing)}"
        )
    own = [name for name in frame.columns if name not in COLUMNS]
    typed = frame[[*COLUMNS, *own]].reset_index(drop=True)
    for name, kind in COLUMNS.items():
        column = typed[name]
        if column.dtype != kind:
            column = typed[name] = _cast(column, kind)
        if kind != "float64" and (empty := column.isna()).any():
            raise SchemaError(
                f"column {name}: expected no empty cell; rows at fault: {where(typed[empty])}"
            )
    return typed


def _is_text(column: pd.Series) -> bool:
    return bool(column.map(lambda cell: isinstance(cell, str) or pd.isna(cell)).all())


_IN_WORDS = {
    "str": "text",
    "float64": "numbers",
    "int64": "whole numbers",
    "bool": "True or False",
    "datetime64[s]": "dates",
}
"""Type of a column to what stands in it."""

_ACCEPTED: dict[str, Callable[[pd.Series], bool]] = {
    "str": _is_text,
    "float64": pd.api.types.is_numeric_dtype,
    "int64": pd.api.types.is_integer_dtype,
    "bool": pd.api.types.is_bool_dtype,
    "datetime64[s]": lambda column: not pd.api.types.is_numeric_dtype(column),
}
"""Which columns may take a type: 271121 is no product code (its zeros may be lost), 1 no flag."""


def _cast(column: pd.Series, kind: str) -> pd.Series:
    if len(column) == 0:
        return pd.Series(dtype=kind)
    if not _ACCEPTED[kind](column):
        raise SchemaError(
            f"column {column.name}: expected {_IN_WORDS[kind]} ({kind}), found {column.dtype}"
        )
    if kind in {"bool", "int64"} and column.isna().any():
        return column
    try:
        return column.astype(pd.api.types.pandas_dtype(kind))
    except (ValueError, TypeError) as error:
        raise SchemaError(
            f"column {column.name}: expected {_IN_WORDS[kind]} ({kind}), found: {error}"
        ) from error


def _faults(frame: pd.DataFrame) -> Iterator[tuple[str, pd.Series]]:
    """Yield what is demanded and which rows are at fault."""
    for name, (expected, is_right) in _TEXTS.items():
        wrong = [text for text in frame[name].unique() if not is_right(text)]
        if wrong:
            yield f"column {name}: expected {expected}", frame[name].isin(wrong)
    yield "expected start to be no later than end", frame["start"] > frame["end"]
    value, low, high = frame["value"], frame["low"], frame["high"]
    yield "column value: expected a finite number or none", np.isinf(value)
    yield "column value: expected no negative number", value < 0
    yield "expected low <= value <= high", (low > value) | (value > high) | (low > high)


def _is_alpha3(text: str) -> bool:
    return _ALPHA3.fullmatch(text) is not None


def _is_unit(text: str) -> bool:
    return text == TIV or text in currencies() or is_real(text)


def _one_of(words: Sequence[str]) -> tuple[str, Callable[[str], bool]]:
    return f"one of {', '.join(word or 'nothing' for word in words)}", words.__contains__


_ALPHA3 = re.compile("[A-Z]{3}")

_TEXTS: dict[str, tuple[str, Callable[[str], bool]]] = {
    **dict.fromkeys(("exporter", "importer"), ("an alpha-3 code (ARM)", _is_alpha3)),
    "reporter": (
        f"an alpha-3 code (ARM) or {', '.join(ORGANISATIONS)}",
        lambda text: _is_alpha3(text) or text in ORGANISATIONS,
    ),
    "unit": (f"{TIV} or a currency of ISO 4217, as USD", _is_unit),
    "valuation": _one_of(VALUATIONS),
    "partner_basis": _one_of(PARTNER_BASES),
    **dict.fromkeys(("product", "classification", "coverage", "dataset"), ("text", bool)),
}
"""Columns of text to what is expected in them, and whether a text is that."""


def real_unit(currency: str, base: str) -> str:
    """
    Return the unit of amounts at the prices of a base period.

    >>> real_unit("USD", "2023"), is_real("USD at 2023 prices"), is_real("USD")
    ('USD at 2023 prices', True, False)
    """
    return currency + _REAL.format(base)


def is_real(unit: str) -> bool:
    """Say whether a unit is of constant prices."""
    before, after = _REAL.split("{}")
    return before in unit and unit.endswith(after)


def prices_of(unit: str) -> str:
    """
    Return at whose prices amounts of a unit are; nothing for TIV, which is a volume.

    >>> prices_of("USD"), prices_of("USD at 2023 prices"), prices_of("TIV")
    ('current prices', '2023 prices', '')
    """
    before, _ = _REAL.split("{}")
    _, _, prices = unit.partition(before)
    return "" if unit == TIV else prices or "current prices"


def million_label(unit: str, *, a: str = "") -> str:
    """
    Return what stands over amounts in million, ``a`` period, and at whose prices they are.

    >>> million_label("USD", a="month"), million_label("TIV")
    ('USD million a month, current prices', 'TIV million')
    """
    before, _ = _REAL.split("{}")
    million = f"{unit.partition(before)[0]} million" + (f" a {a}" if a else "")
    prices = prices_of(unit)
    return f"{million}, {prices}" if prices else million


def _statement(frame: pd.DataFrame) -> list[str]:
    return [*STATEMENT_KEY, *(["deal"] if "deal" in frame.columns else [])]


def _repeated(frame: pd.DataFrame) -> pd.Series:
    key = _statement(frame)
    telling = [name for name in key if len(frame[name].unique()) > 1]
    return frame.duplicated(telling or key, keep=False)


def _in_words(repeated: pd.DataFrame) -> str:
    """Say where statements stand more than once, and whether their rows are the same."""
    told_apart = repeated.columns.drop("line")
    copies = repeated.duplicated(told_apart.tolist(), keep=False)
    text = "expected each statement (reporter, pair, period, product) once; rows at fault: "
    if copies.all():
        same = "they are identical in all that is read: delete the copies"
        return f"{text}{where(repeated)}; {same}, or take the file as it was published"
    key = _statement(repeated)
    odd = repeated.loc[~copies, key].head(1)
    values = repeated.merge(odd, on=key)["value"].unique()
    stated = ", ".join(f"{value:,.10g}" for value in values)
    return (
        f"{text}{where(repeated)}; they differ (values {stated}): keep the one that is meant, or "
        "the rows that add up if they are parts of it"
    )
