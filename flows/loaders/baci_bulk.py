"""BACI in bulk: millions of rows as checked batches of numbers."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa

from flows.countries.crosswalk import Scheme
from flows.engine.lookups import FIRST, LAST, country_table, numbered
from flows.loaders.baci import COLUMNS, MISSING, normalise_baci
from flows.loaders.bulk import BulkLayout, Head, Part
from flows.loaders.cells import numbers, texts
from flows.loaders.raw import RawTable, find_header
from flows.loaders.rows import with_columns
from flows.loaders.text import Record

_SCHEME: Scheme = "baci"
_CODES = 1024
_PRODUCTS = 1_000_000
_WIDTH = 16
_INTEGERS = ("t", "i", "j", "k")


def clashing(codes: set[int]) -> bool:
    """
    Say whether two codes stand for the same country.

    Parameters
    ----------
    codes : set of int
        Known ones.

    Returns
    -------
    bool
        Whether rows with different codes may be the same statement.

    Raises
    ------
    KeyError
        If a code is unknown.

    Examples
    --------
    >>> clashing({51, 364}), clashing({842, 840})
    (False, True)
    """
    countries = _countries()
    return len({countries[code] for code in codes}) < len(codes)


@cache
def _countries() -> Mapping[int, str]:
    table = numbered(country_table(_SCHEME, "code", "alpha3"), "code")
    return dict(zip(table["code"].to_pylist(), table["alpha3"].to_pylist(), strict=True))


@cache
def _known() -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    known = np.zeros(_CODES, dtype=bool)
    known[[code for code in _countries() if code < _CODES]] = True
    return known


def _head(path: Path, first: str) -> Head:
    names = [name.strip('" ') for name in first.removeprefix("\ufeff").split(",")]
    find_header([Record(1, names)], COLUMNS, path=str(path))
    return Head(tuple(names), ",", str(path), path.name)


def _columns(_: Head, few: bool) -> Mapping[str, pa.DataType]:  # noqa: FBT001 - passed on
    quantity = {} if few else {"q": pa.float64()}
    return {**dict.fromkeys(_INTEGERS, pa.int32()), "v": pa.float64(), **quantity}


def _schema(few: bool) -> pa.Schema:  # noqa: FBT001 - passed on
    fields = [*((name, pa.int32()) for name in _INTEGERS), ("v", pa.float64())]
    return pa.schema(fields if few else [*fields, ("q", pa.float64()), ("line", pa.int64())])


def _check(table: pa.Table, _: Head, line: int) -> Part | None:
    """Return the rows if each of them is as the loader wants it."""
    if any(table[name].null_count for name in (*_INTEGERS, "v")):
        return None
    t, i, j, k, v = (table[name].to_numpy() for name in (*_INTEGERS, "v"))
    ranges = ((t, FIRST, LAST), (i, 0, _CODES - 1), (j, 0, _CODES - 1), (k, 0, _PRODUCTS - 1))
    if not all(_within(numbers, *ends) for numbers, *ends in ranges):
        return None
    known = _known()
    quantities = [table["q"].drop_null().to_numpy()] if "q" in table.column_names else []
    if not (known[i].all() and known[j].all() and all(map(_sizes, [v, *quantities]))):
        return None
    used = np.zeros(_CODES, dtype=bool)
    used[i] = used[j] = True
    key = ((t.astype(np.int64) * _CODES + i) * _CODES + j) * _PRODUCTS + k
    rising = bool((key[1:] > key[:-1]).all())
    ends = (int(key[0]), int(key[-1])) if rising else (-1, -1)
    codes = frozenset(np.flatnonzero(used).tolist())
    return Part(_numbered_rows(table, line), table.num_rows, {}, *ends, codes)


def _within(numbers: "np.ndarray[tuple[int], np.dtype[np.int32]]", low: int, high: int) -> bool:
    return bool(numbers.min() >= low and numbers.max() <= high)


def _sizes(numbers: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> bool:
    """Say whether numbers are finite and none is negative: one that is missing is neither."""
    return len(numbers) == 0 or bool(numbers.min() >= 0 and numbers.max() < np.inf)


def _numbered_rows(table: pa.Table, line: int) -> pa.Table:
    if "q" not in table.column_names:
        return table
    return table.append_column("line", pa.array(np.arange(line, line + table.num_rows)))


def _padded() -> tuple[str, ...]:
    """Return what stands where there is no quantity, with blanks before it up to the width."""
    return tuple(
        f"{missing:>{width}}" for missing in MISSING for width in range(len(missing), _WIDTH + 1)
    )


def _slow(raw: RawTable) -> Part:
    """Return rows by the loader's rules; its errors are raised here."""
    normalise_baci(raw)
    columns = {name: texts(raw, name).str.removesuffix(".0").astype("int32") for name in _INTEGERS}
    table = {**columns, "v": numbers(raw, "v")}
    if "q" in raw.rows:
        quantity = texts(raw, "q")
        weighed = with_columns(raw, q=quantity.mask(quantity.isin(MISSING), ""))
        table |= {"q": numbers(weighed, "q", blank=True)}
    rows = pa.table({**table, "line": raw.rows["line"]})
    return Part(rows, len(raw.rows), {}, codes=frozenset(columns["i"]) | frozenset(columns["j"]))


BACI = BulkLayout("baci", _head, _columns, _schema, _check, _slow, _padded())
"""How BACI is read in bulk; ``k`` is a number, for the loader puts its zeros back."""
