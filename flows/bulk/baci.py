"""BACI in bulk: millions of rows as checked batches of numbers, named on any engine."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import narwhals as nw
import numpy as np
import pyarrow as pa

from flows.bulk.baci_lines import add_lines
from flows.bulk.naming import FIRST, LAST, Frame, Lift, country_table, finish, numbered, year_table
from flows.bulk.read import BulkLayout, Head, Part, Wanted
from flows.countries import Scheme
from flows.loaders.baci import COLUMNS, CONSTANTS, DIGITS, MISSING, THOUSAND, normalise_baci
from flows.loaders.cells import numbers, texts, with_columns
from flows.loaders.text import RawTable, Record, find_header

_COUNTED = ("file", "t", "i", "j", "k")
"""The numbers by which rows are added up before anything is named."""

_SCHEME: Scheme = "baci"
_CODES = 1024
_PRODUCTS = 1_000_000
_WIDTH = 16
_LONG = re.compile(rb",[\" ]*0[0-9]{6}")
_INTEGERS = ("t", "i", "j", "k")


def condense_baci(frame: Frame, by: Sequence[str]) -> Frame:
    """Return sums of the values by the publisher's numbers, so that few rows are left to name."""
    kept = _COUNTED if "product" in by else _COUNTED[:-1]
    summed = frame.group_by(*kept).agg(nw.col("v").sum(), nw.col("statements").sum())
    if "product" in by:
        return summed
    return summed.with_columns(nw.lit(0).alias("k"))


def name_baci(frame: Frame, lift: Lift, files: pa.Table) -> Frame:
    """
    Return rows with countries, period, product and dollars in place of the publisher's
    numbers.
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
    """Return one year or more as a flow table."""
    named = name_baci(frame, lift, files).with_columns(nw.col("q").alias("quantity_t"))
    return finish(named, {}, ["quantity_t"])


def clashing(codes: set[int]) -> bool:
    """Say whether two codes stand for the same country."""
    countries = _countries()
    return len({countries[code] for code in codes}) < len(codes)


@cache
def _countries() -> Mapping[int, str]:
    table = numbered(country_table(_SCHEME, "code", "alpha3"), "code")
    return dict(zip(table["code"].to_pylist(), table["alpha3"].to_pylist(), strict=True))


def _head(path: Path, first: str) -> Head:
    names = [name.strip('" ') for name in first.removeprefix("\ufeff").split(",")]
    find_header([Record(1, names)], COLUMNS, path=str(path))
    return Head(tuple(names), ",", str(path), path.name)


def _columns(_: Head, wanted: Wanted) -> Mapping[str, pa.DataType]:
    quantity = {"q": pa.float64()} if wanted == "rows" else {}
    return {**dict.fromkeys(_INTEGERS, pa.int32()), "v": pa.float64(), **quantity}


def _schema(wanted: Wanted) -> pa.Schema:
    kept = _INTEGERS[:-1] if wanted == "sums" else _INTEGERS
    fields = [*((name, pa.int32()) for name in kept), ("v", pa.float64())]
    if wanted == "rows":
        return pa.schema([*fields, ("q", pa.float64()), ("line", pa.int64())])
    return pa.schema([*fields, ("statements", pa.int64())])


def _check(table: pa.Table, _: Head, line: int, wanted: Wanted) -> Part | None:
    """Return the rows, or sums of them, if each is as the loader wants it."""
    if any(table[name].null_count for name in (*_INTEGERS, "v")):
        return None
    t, i, j, k, v = (table[name].to_numpy() for name in (*_INTEGERS, "v"))
    ranges = ((t, FIRST, LAST), (i, 0, _CODES - 1), (j, 0, _CODES - 1), (k, 0, _PRODUCTS - 1))
    if not all(_within(numbers, *ends) for numbers, *ends in ranges):
        return None
    quantities = [table["q"].drop_null().to_numpy()] if "q" in table.column_names else []
    if not all(map(_sizes, [v, *quantities])):
        return None
    pair = ((t - FIRST) * _CODES + i) * _CODES + j
    changed = pair[1:] != pair[:-1]
    heads = np.flatnonzero(np.concatenate([[True], changed]))
    codes = frozenset(np.unique(np.concatenate([i[heads], j[heads]])).tolist())
    if not codes <= _countries().keys():
        return None
    falls = (pair[heads[1:]] < pair[heads[:-1]]).any() or (~changed & (k[1:] <= k[:-1])).any()
    ends = (-1, -1) if falls else (_key(t[0], i[0], j[0], k[0]), _key(t[-1], i[-1], j[-1], k[-1]))
    if wanted == "sums":
        counts = np.diff(heads, append=len(v))
        few = {"t": t[heads], "i": i[heads], "j": j[heads], "v": np.add.reduceat(v, heads)}
        return Part(pa.table({**few, "statements": counts}), len(v), {}, *ends, codes)
    return Part(_with_places(table, line, wanted), len(v), {}, *ends, codes)


def _plain(content: bytes) -> bool:
    """Say whether no number is hexadecimal, no year and no product has zeros too many."""
    odd = content.startswith(b"0") or any(mark in content for mark in (b"\n0", b"x", b"X"))
    return not odd and _LONG.search(content) is None


def _within(numbers: "np.ndarray[tuple[int], np.dtype[np.int32]]", low: int, high: int) -> bool:
    return bool(numbers.min() >= low and numbers.max() <= high)


def _sizes(numbers: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> bool:
    """Say whether numbers are finite and none is negative: one that is missing is neither."""
    return len(numbers) == 0 or bool(numbers.min() >= 0 and numbers.max() < np.inf)


def _key(t: int, i: int, j: int, k: int) -> int:
    """Return a number by which rows of a file are in order."""
    return ((int(t) * _CODES + int(i)) * _CODES + int(j)) * _PRODUCTS + int(k)


def _with_places(table: pa.Table, line: int, wanted: Wanted) -> pa.Table:
    size = table.num_rows
    if wanted == "rows":
        return table.append_column("line", pa.array(np.arange(line, line + size)))
    return table.append_column("statements", pa.array(np.ones(size, dtype=np.int64)))


def _scan(content: bytes, head: Head) -> Part | None:
    """Return sums of lines that stand as CEPII prints them."""
    sums = add_lines(content) if head.names == COLUMNS else None
    if sums is None or not FIRST <= sums.year <= LAST:
        return None
    codes = frozenset(np.unique(np.concatenate([sums.exporters, sums.importers])).tolist())
    if not codes <= _countries().keys():
        return None
    columns = {
        "t": np.full(len(sums.exporters), sums.year),
        "i": sums.exporters,
        "j": sums.importers,
        "v": sums.thousandths / THOUSAND,
        "statements": sums.statements,
    }
    first, last = (
        _key(sums.year, sums.exporters[end], sums.importers[end], product)
        for end, product in ((0, sums.first), (-1, sums.last))
    )
    return Part(pa.table(columns), int(sums.statements.sum()), {}, first, last, codes)


def _padded() -> tuple[str, ...]:
    """Return what stands where there is no quantity, with blanks before it up to the width."""
    return tuple(
        f"{missing:>{width}}" for missing in MISSING for width in range(len(missing), _WIDTH + 1)
    )


def _slow(raw: RawTable, wanted: Wanted) -> Part:
    """Return rows by the loader's rules; its errors are raised here."""
    if "q" not in raw.rows:
        raw = with_columns(raw, q=raw.rows["v"].mask(raw.rows["v"].notna(), ""))
    normalise_baci(raw)
    columns = {name: texts(raw, name).str.removesuffix(".0").astype("int32") for name in _INTEGERS}
    quantity = texts(raw, "q")
    weighed = with_columns(raw, q=quantity.mask(quantity.isin(MISSING), ""))
    table = {**columns, "v": numbers(raw, "v"), "q": numbers(weighed, "q", blank=True)}
    rows = pa.table({**table, "line": raw.rows["line"], "statements": [1] * len(raw.rows)})
    codes = frozenset(columns["i"]) | frozenset(columns["j"])
    return Part(rows.select(_schema(wanted).names), len(raw.rows), {}, codes=codes)


BACI = BulkLayout("baci", _head, _columns, _schema, _check, _slow, _plain, _scan, _padded())
"""How BACI is read in bulk; ``k`` is a number, for the loader puts its zeros back."""
