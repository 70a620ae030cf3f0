"""BACI in bulk: millions of rows as checked batches of numbers, named on any engine."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import narwhals as nw
import numpy as np
import pyarrow as pa

from flows.bulk.baci_lines import DECIMALS, VALUE_WIDTH, add_lines
from flows.bulk.blocks import head_names
from flows.bulk.naming import YEARS, Frame, Lift, country_table, numbered, repeated, year_table
from flows.bulk.read import BulkLayout, Head, Part, Wanted, are_sizes
from flows.loaders.baci import (
    COLUMNS,
    CONSTANTS,
    FORMER,
    KEYS,
    MISSING,
    SCHEME,
    SCOPE,
    STATED,
    THOUSAND,
    classification_of,
    normalise_baci,
    plain_cells,
    unnamed_warning,
)
from flows.loaders.cells import numbers, texts, with_columns
from flows.loaders.text import RawTable, Record, find_header
from flows.products import HS_DIGITS, NOT_SPECIFIED

_COUNTRIES = 1024
"""More than the largest code of a country."""

_PRODUCTS: int = 10**HS_DIGITS
"""More than the largest code of a product: it stands for the one that is no number."""

_FIVE_DIGITS = 10_000
"""The least code of a product; a number below it has lost more than the zero in front."""

_PADDED_PRODUCT = re.compile(rb",[\" ]*0[0-9]{6}")


def condense_baci(frame: Frame, by: Sequence[str]) -> Frame:
    """Return sums of the values by the publisher's numbers, so that few rows are left to name."""
    kept = KEYS if "product" in by else KEYS[:-1]
    summed = frame.group_by("file", *kept).agg(nw.col("v").sum(), nw.col("statements").sum())
    if "product" in by:
        return summed
    return summed.with_columns(nw.lit(0).alias("k"))


def name_baci(frame: Frame, lift: Lift, files: pa.Table) -> Frame:
    """Return rows as the loader understands them; files have a revision and a data set."""
    return (
        _with_countries(frame, lift)
        .join(lift(year_table("t")), on="t")
        .join(lift(files), on="file")
        .with_columns(
            nw.when(nw.col("k") == _PRODUCTS)
            .then(nw.lit(NOT_SPECIFIED))
            .otherwise(nw.col("k").cast(nw.String()).str.zfill(HS_DIGITS))
            .alias("product"),
            (nw.col("v") * THOUSAND).alias("value"),
            *(nw.lit(text).alias(name) for name, text in CONSTANTS.items()),
        )
    )


def _with_countries(frame: Frame, lift: Lift) -> Frame:
    for code, side in (("i", "exporter"), ("j", "importer")):
        frame = frame.join(lift(numbered(country_table(SCHEME, code, side), code)), on=code)
    return frame


def _repeated(frame: Frame, lift: Lift, _: pa.Table) -> Frame:
    """Return what stands there twice; products need no names for that."""
    return repeated(_with_countries(frame, lift), ["file", "t", "exporter", "importer", "k"])


def clashing(codes: set[int]) -> bool:
    """Say whether two codes stand for the same country."""
    countries = _countries()
    return len({countries[code] for code in codes}) < len(codes)


@cache
def _countries() -> Mapping[int, str]:
    table = numbered(country_table(SCHEME, "code", "alpha3"), "code")
    return dict(zip(table["code"].to_pylist(), table["alpha3"].to_pylist(), strict=True))


def _head(path: Path, first: str) -> Head:
    names = head_names(first, COLUMNS, path=path, former=FORMER)
    find_header([Record(1, names)], COLUMNS, path=str(path))
    return Head(tuple(names), ",", str(path), path.name)


def _columns(_: Head, wanted: Wanted) -> Mapping[str, pa.DataType]:
    quantity = {"q": pa.float64()} if wanted == "rows" else {}
    return {**dict.fromkeys(KEYS, pa.int32()), "v": pa.float64(), **quantity}


def _schema(wanted: Wanted) -> pa.Schema:
    kept = KEYS[:-1] if wanted == "sums" else KEYS
    fields = [*((name, pa.int32()) for name in kept), ("v", pa.float64())]
    if wanted == "rows":
        return pa.schema([*fields, ("quantity_t", pa.float64()), ("line", pa.int64())])
    return pa.schema([*fields, ("statements", pa.int64())])


def _check(table: pa.Table, _: Head, line: int, wanted: Wanted) -> Part | None:
    """Return the rows, or sums of them, if each is as the loader wants it."""
    if any(table[name].null_count for name in STATED):
        return None
    t, i, j, k, v = (table[name].to_numpy() for name in STATED)
    countries, products = range(_COUNTRIES), range(_FIVE_DIGITS, _PRODUCTS)
    ranges = ((t, YEARS), (i, countries), (j, countries), (k, products))
    if not all(_within(numbers, allowed) for numbers, allowed in ranges):
        return None
    if not all(are_sizes(table[name]) for name in ("v", "q") if name in table.column_names):
        return None
    changed = (t[1:] != t[:-1]) | (i[1:] != i[:-1]) | (j[1:] != j[:-1])
    heads = np.flatnonzero(np.concatenate([[True], changed]))
    codes = frozenset(np.unique(np.concatenate([i[heads], j[heads]])).tolist())
    if not codes <= _countries().keys():
        return None
    pair = ((t[heads].astype(np.int64) - YEARS[0]) * _COUNTRIES + i[heads]) * _COUNTRIES + j[heads]
    falls = (pair[1:] < pair[:-1]).any() or ((k[1:] <= k[:-1]) > changed).any()
    ends = (-1, -1) if falls else (_key(t[0], i[0], j[0], k[0]), _key(t[-1], i[-1], j[-1], k[-1]))
    if wanted == "sums":
        counts = np.diff(heads, append=len(v))
        few = {"t": t[heads], "i": i[heads], "j": j[heads], "v": np.add.reduceat(v, heads)}
        return Part(pa.table({**few, "statements": counts}), len(v), {}, *ends, codes)
    return Part(_with_places(table, line, wanted), len(v), {}, *ends, codes)


def _plain(content: bytes) -> bool:
    """Say whether no number is hexadecimal, no year and no product has zeros too many."""
    odd = content.startswith(b"0") or any(mark in content for mark in (b"\n0", b"x", b"X"))
    return not odd and _PADDED_PRODUCT.search(content) is None


def _within(numbers: "np.ndarray[tuple[int], np.dtype[np.int32]]", allowed: range) -> bool:
    return int(numbers.min()) in allowed and int(numbers.max()) in allowed


def _key(t: int, i: int, j: int, k: int) -> int:
    """Return a number by which rows of a file are in order."""
    return ((int(t) * _COUNTRIES + int(i)) * _COUNTRIES + int(j)) * _PRODUCTS + int(k)


def _with_places(table: pa.Table, line: int, wanted: Wanted) -> pa.Table:
    size = table.num_rows
    if wanted == "rows":
        named = table.rename_columns({"q": "quantity_t"})
        return named.append_column("line", pa.array(np.arange(line, line + size)))
    return table.append_column("statements", pa.array(np.ones(size, dtype=np.int64)))


def _scan(content: bytes, head: Head) -> Part | None:
    """Return sums of lines that stand as CEPII prints them."""
    sums = add_lines(content) if head.names == COLUMNS else None
    if sums is None or sums.year not in YEARS:
        return None
    codes = frozenset(np.unique(np.concatenate([sums.exporters, sums.importers])).tolist())
    if not codes <= _countries().keys():
        return None
    columns = {
        "t": np.full(len(sums.exporters), sums.year),
        "i": sums.exporters,
        "j": sums.importers,
        "v": sums.thousandths / 10**DECIMALS,
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
        f"{missing:>{width}}"
        for missing in MISSING
        for width in range(len(missing), VALUE_WIDTH + 1)
    )


def _slow(raw: RawTable, wanted: Wanted) -> Part:
    """Return rows by the loader's rules; its errors are raised here."""
    if "q" not in raw.rows:
        raw = with_columns(raw, q=raw.rows["v"].mask(raw.rows["v"].notna(), ""))
    flows, plain = normalise_baci(raw), plain_cells(raw)
    columns = {
        "t": flows["start"].dt.year,
        **{name: texts(plain, name).astype("int32") for name in "ij"},
        "k": flows["product"].replace(NOT_SPECIFIED, str(_PRODUCTS)).astype("int32"),
        "v": numbers(plain, "v"),
        "quantity_t": flows["quantity_t"],
        "line": flows["line"],
        "statements": [1] * len(flows),
    }
    codes = frozenset(columns["i"]) | frozenset(columns["j"])
    return Part(pa.table(columns).select(_schema(wanted).names), len(raw.rows), {}, codes=codes)


BACI = BulkLayout(
    "baci",
    head=_head,
    columns=_columns,
    schema=_schema,
    check=_check,
    slow=_slow,
    plain=_plain,
    scan=_scan,
    missing=_padded(),
    name=name_baci,
    own=("quantity_t",),
    repeated=_repeated,
    condense=condense_baci,
    scope=lambda _: SCOPE,
    warn=lambda paths: unnamed_warning(map(classification_of, paths)),
)
"""How BACI is read in bulk; ``k`` is a number, for the loader puts its zeros back."""
