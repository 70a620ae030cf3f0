"""UN Comtrade's files in bulk: the rows that count, as checked batches."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import narwhals as nw
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from flows.countries import entries
from flows.engine.comtrade import reason, reasons
from flows.errors import FlowsError
from flows.loaders.bulk import BulkLayout, Head, Part, Wanted
from flows.loaders.cells import numbers, texts
from flows.loaders.comtrade import (
    as_period,
    as_product,
    kept_rows,
    normalise_comtrade,
    renamed,
)
from flows.loaders.comtrade_files import NAMES, OPTIONAL, find_columns
from flows.loaders.raw import RawTable
from flows.products import classification_name

_NUMBERS = ("value", "cif", "fob", "weight")
_TEXTS = tuple(name for name in (*NAMES, *OPTIONAL) if name not in _NUMBERS)

SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in _TEXTS),
        *((name, pa.float64()) for name in _NUMBERS),
        ("line", pa.int64()),
    ]
)
"""Columns of a batch."""


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
    return Part(kept.select(SCHEMA.names).cast(SCHEMA), table.num_rows, left_out)


def _is_blank(column: pa.ChunkedArray) -> bool:
    return bool(column.null_count == len(column))


def _renamed(table: pa.Table, spelled: Mapping[str, str], line: int) -> pa.Table:
    size = table.num_rows
    columns = {}
    for field in SCHEMA:
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
    rows = pa.table({**columns, "line": kept.rows["line"]}).cast(SCHEMA)
    return Part(rows, len(raw.rows), left_out)


COMTRADE = {
    key: BulkLayout(key, _head, _columns, lambda _: SCHEMA, _check, _slow)
    for key in ("comtrade_v1", "comtrade_legacy", "comtrade_legacy_bulk")
}
"""How the layouts of Comtrade's files are read in bulk."""
