"""UN Comtrade in bulk: the rows that count as checked batches, named on any engine."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import narwhals as nw
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from flows.bulk.naming import Frame, Lift, classification_table, country_table, finish, period_table
from flows.bulk.read import BulkLayout, Head, Part, Wanted
from flows.countries import entries
from flows.errors import FlowsError
from flows.loaders.cells import numbers, texts
from flows.loaders.comtrade import (
    CONSTANTS,
    EXPORTS,
    NAMES,
    OPTIONAL,
    as_period,
    as_product,
    find_columns,
    kept_rows,
    normalise_comtrade,
    reason,
    reasons,
    renamed,
)
from flows.loaders.text import RawTable
from flows.products import classification_name

_NUMBERS = ("value", "cif", "fob", "weight")
_TEXTS = tuple(name for name in (*NAMES, *OPTIONAL) if name not in _NUMBERS)

_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in _TEXTS),
        *((name, pa.float64()) for name in _NUMBERS),
        ("line", pa.int64()),
    ]
)
"""Columns of a batch."""


def name_comtrade(frame: Frame, lift: Lift, files: pa.Table) -> Frame:
    """
    Return rows that count with countries, period, product and valuation as the flow
    table has them.
    """
    exports = nw.col("flow").is_in(EXPORTS)
    total = nw.col("product") == "TOTAL"
    cif, fob = (nw.col(name).fill_null(-1.0) == nw.col("value") for name in ("cif", "fob"))
    lost = (
        nw.col("classification").str.starts_with("H")
        & ~total
        & (nw.col("product").str.len_chars() % 2 == 1)
    )
    return (
        frame.join(lift(country_table("comtrade", "reporter", "stating")), on="reporter")
        .join(lift(country_table("comtrade", "partner", "other")), on="partner")
        .join(lift(period_table()), on="period")
        .join(lift(classification_table()), on="classification")
        .join(lift(files.select(["file", "dataset"])), on="file")
        .with_columns(
            nw.when(exports).then(nw.col("stating")).otherwise(nw.col("other")).alias("exporter"),
            nw.when(exports).then(nw.col("other")).otherwise(nw.col("stating")).alias("importer"),
            nw.col("stating").alias("reporter"),
            nw.when(lost)
            .then(nw.concat_str(nw.lit("0"), nw.col("product")))
            .otherwise(nw.col("product"))
            .alias("product"),
            nw.when(total).then(nw.lit("TOTAL")).otherwise(nw.col("named")).alias("classification"),
            nw.when(cif & ~fob)
            .then(nw.lit("CIF"))
            .otherwise(nw.when(fob & ~cif).then(nw.lit("FOB")).otherwise(nw.lit("")))
            .alias("valuation"),
            nw.when(exports)
            .then(nw.lit("destination"))
            .otherwise(nw.lit("origin"))
            .alias("partner_basis"),
            nw.col("weight").alias("netweight_kg"),
            *(nw.lit(text).alias(name) for name, text in CONSTANTS.items()),
        )
    )


def state_comtrade(frame: Frame, lift: Lift, files: pa.Table) -> Frame:
    """Return what countries reported as a flow table."""
    return finish(name_comtrade(frame, lift, files), {}, ["netweight_kg"])


def _head(path: Path, first: str) -> Head:
    delimiter = "\t" if "\t" in first else ","
    names = [name.strip('" ') for name in first.removeprefix("\ufeff").split(delimiter)]
    find_columns(names, path=str(path))
    return Head(tuple(names), delimiter, str(path), path.name, latin1=True)


def _columns(head: Head, _: Wanted) -> Mapping[str, pa.DataType]:
    return {
        theirs: pa.float64() if ours in _NUMBERS else pa.string()
        for ours, theirs in _spelled(head).items()
    }


def _spelled(head: Head) -> dict[str, str]:
    """Return our names with those of the file."""
    return {
        ours: next(name for name in spellings if name in head.names)
        for ours, spellings in {**NAMES, **OPTIONAL}.items()
        if not set(spellings).isdisjoint(head.names)
    }


def _check(table: pa.Table, head: Head, line: int, _: Wanted) -> Part | None:
    """Return the rows that count if each of them is as the loader wants it."""
    if not all(_is_blank(table[name]) for name in table.column_names if not name):
        return None
    rows = _renamed(table, _spelled(head), line)
    judged = nw.from_native(rows).with_columns(reason())
    counts = dict(judged["reason"].value_counts().iter_rows())
    kept = judged.filter(nw.col("reason") == "").drop("reason").to_native()
    if not _sound(kept):
        return None
    left_out = {text: int(counts[text]) for text in reasons() if text in counts}
    return Part(kept.select(_SCHEMA.names).cast(_SCHEMA), table.num_rows, left_out)


def _is_blank(column: pa.ChunkedArray) -> bool:
    return bool(column.null_count == len(column))


def _renamed(table: pa.Table, spelled: Mapping[str, str], line: int) -> pa.Table:
    size = table.num_rows
    columns = {}
    for field in _SCHEMA:
        if field.name == "line":
            columns["line"] = pa.array(np.arange(line, line + size))
        elif field.name not in spelled:
            blank = "" if pa.types.is_string(field.type) else None
            columns[field.name] = pa.array([blank] * size, field.type)
        elif pa.types.is_string(field.type):
            columns[field.name] = pc.utf8_trim_whitespace(table[spelled[field.name]])
        else:
            columns[field.name] = table[spelled[field.name]]
    return pa.table(columns)


def _sound(rows: pa.Table) -> bool:
    """Say whether what is kept has codes that are known and sizes that are possible."""
    if rows["value"].null_count:
        return False
    for name in _NUMBERS:
        ends = pc.min_max(rows[name]).as_py()
        if ends["min"] is not None and not 0 <= ends["min"] <= ends["max"] < np.inf:
            return False
        if pc.any(pc.is_nan(rows[name])).as_py():
            return False
    return all(
        _means(meaning, cell)
        for name, meaning in _MEANINGS.items()
        for cell in pc.unique(rows[name]).to_pylist()
    )


def _known(cell: str) -> bool:
    if cell not in entries("comtrade"):
        raise FlowsError(cell)
    return True


_MEANINGS: dict[str, Callable[[str], object]] = {
    "period": as_period,
    "classification": classification_name,
    "product": as_product,
    "reporter": _known,
    "partner": _known,
}


@cache
def _means(meaning: Callable[[str], object], cell: str) -> bool:
    """Say whether a cell has a meaning; the loader says why not."""
    try:
        meaning(cell)
    except FlowsError:
        return False
    return True


def _slow(raw: RawTable, _: Wanted) -> Part:
    """Return rows by the loader's rules; its errors are raised here."""
    normalise_comtrade(raw)
    left_out, kept = kept_rows(renamed(raw))
    columns = {name: texts(kept, name) for name in _TEXTS}
    columns |= {name: numbers(kept, name, blank=True) for name in _NUMBERS}
    rows = pa.table({**columns, "line": kept.rows["line"]}).cast(_SCHEMA)
    return Part(rows, len(raw.rows), left_out)


COMTRADE = {
    key: BulkLayout(key, _head, _columns, lambda _: _SCHEMA, _check, _slow)
    for key in ("comtrade_v1", "comtrade_legacy", "comtrade_legacy_bulk")
}
"""How the layouts of Comtrade's files are read in bulk."""
