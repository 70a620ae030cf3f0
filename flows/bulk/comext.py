"""Comext in bulk: months and years of eight-digit trade as checked batches, then added up."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import narwhals as nw
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from flows.bulk.blocks import head_names
from flows.bulk.naming import Frame, Lift, repeated
from flows.bulk.read import BulkLayout, Hashes, Head, Part, Wanted, are_sizes
from flows.countries import entries
from flows.errors import FlowsError
from flows.loaders.comext_bulk import (
    IDENTITY,
    LEFT_OUT,
    SUM_PROCEDURES,
    UK_TRADE,
    bulk_columns,
    bulk_scope,
    check_each_once,
    kept_in_bulk,
)
from flows.loaders.comext_cells import CN, as_coverage, as_flow, as_period, as_product, is_hidden
from flows.loaders.comext_rows import (
    CONSTANTS,
    NO_UNIT,
    QUANTITIES,
    SCHEME,
    SPELLINGS,
    UK_PARTS,
    as_bulk_basis,
    find_columns,
    our_names,
    under_our_names,
)
from flows.loaders.text import RawTable
from flows.periods import Period
from flows.products import TOTAL

_CODED = pa.dictionary(pa.int32(), pa.string())
_READ: dict[str, pa.DataType] = {
    **dict.fromkeys(IDENTITY, _CODED),
    "value": pa.float64(),
    "unit": _CODED,
    "kg": pa.float64(),
    "supplementary": pa.float64(),
}
"""What is read of a row, under our names; the last three only for whole rows."""

_OF_ROWS = ("unit", "kg", "supplementary")

_STATED = pa.schema(
    [
        *((name, pa.string()) for name in ("exporter", "importer", "reporter", "product")),
        ("partner_basis", pa.string()),
        ("start", pa.date32()),
        ("end", pa.date32()),
        ("year", pa.int64()),
        ("value", pa.float64()),
    ]
)
_KEY = [name for name in _STATED.names if name != "value"]

_SCHEMAS: dict[Wanted, pa.Schema] = {
    "rows": pa.schema(
        [
            *_STATED,
            *((name, pa.float64()) for name in QUANTITIES),
            ("identity", pa.int64()),
            ("line", pa.int64()),
        ]
    ),
    "numbers": pa.schema([*_STATED, ("statements", pa.int64())]),
    "sums": pa.schema([*_STATED, ("statements", pa.int64())]),
}

_NEEDED = frozenset(IDENTITY) - {"declarant", "area"}

_SURE = date(1999, 1, 1)
"""First day from which a code stands for the same country until today: BE was two until then."""

_SPREAD = np.uint64(0x9E3779B97F4A7C15)
"""An odd number that spreads hashes over all bits."""

Places = npt.NDArray[np.int64]

_product, _hidden = cache(as_product), cache(is_hidden)


def add_parts(frame: Frame) -> Frame:
    """Return one row a statement: procedures and hidden codes of a chapter are parts of it."""
    sizes = ("value", *QUANTITIES)
    counts = {f"{name}_there": nw.col(name).count() for name in QUANTITIES}
    added = frame.group_by("file", *_KEY).agg(
        *(nw.col(name).sum() for name in sizes),
        nw.col("line").min(),
        nw.len().alias("parts"),
        **counts,
    )
    there = {name: nw.when(nw.col(f"{name}_there") > 0).then(nw.col(name)) for name in QUANTITIES}
    return added.with_columns(parts=nw.col("parts").cast(nw.Float64()), **there).sort(
        "file", "line"
    )


def name_comext(frame: Frame, lift: Lift, files: pa.Table) -> Frame:
    """Return rows that count as the loader understands them."""
    exports = nw.col("partner_basis") == "destination"
    whole = nw.col("product") == TOTAL
    return frame.join(lift(files.select(["file", "dataset"])), on="file").with_columns(
        valuation=nw.when(exports).then(nw.lit("FOB")).otherwise(nw.lit("CIF")),
        classification=nw.when(whole).then(nw.lit(TOTAL)).otherwise(nw.lit(CN)),
        **{name: nw.lit(text) for name, text in {**CONSTANTS, "coverage": "all goods"}.items()},
    )


def _repeated(frame: Frame, _: Lift, __: pa.Table) -> Frame:
    return repeated(frame.filter(~nw.col("identity").is_null()), [*_KEY, "identity", "file"])


def _head(path: Path, first: str) -> Head:
    names = head_names(first, SPELLINGS, path=path)
    find_columns(names, path=str(path))
    return Head(tuple(names), ",", str(path), path.name, value=our_names(names)["value"])


def _columns(head: Head, wanted: Wanted) -> Mapping[str, pa.DataType]:
    return {
        theirs: _READ[ours]
        for ours, theirs in our_names(head.names).items()
        if ours in _READ and (wanted == "rows" or ours not in _OF_ROWS)
    }


def _check(table: pa.Table, head: Head, line: int, wanted: Wanted) -> Part | None:
    """Return the rows that count if each of them is as the loader wants it."""
    names = {theirs: ours for ours, theirs in our_names(head.names).items()}
    read = table.rename_columns([names[name] for name in table.column_names])
    read = read.unify_dictionaries().combine_chunks()
    sizes = [name for name in ("value", "kg", "supplementary") if name in read.column_names]
    if read["value"].null_count or not all(are_sizes(read[name]) for name in sizes):
        return None
    cells = _cells_of(read)
    if not all(name in cells for name in _NEEDED) or not _all_mean(cells):
        return None
    left_out, kept = _judged(cells)
    lines = np.flatnonzero(kept) + line
    here = {name: column.only(kept) for name, column in cells.items()}
    hashes, hidden = _hashes(here), here["product"].map(_hidden, bool)
    rows = _MAKE[wanted](read.filter(pa.array(kept)), here)
    if wanted == "rows":
        identity = pa.array(hashes.view(np.int64), mask=hidden)
        rows = rows.append_column("identity", identity).append_column("line", pa.array(lines))
    reporters = frozenset(pc.unique(rows["reporter"]).to_pylist())
    return Part(rows, table.num_rows, left_out, reporters=reporters, keys=hashes[~hidden])


class _Cells(NamedTuple):
    """A column as the texts that it has and their places."""

    texts: list[str]
    places: Places

    def only(self, kept: npt.NDArray[np.bool_]) -> "_Cells":
        """Return some rows."""
        return _Cells(self.texts, self.places[kept])

    def texts_of(self, meaning: Callable[[str], str]) -> pa.Array:
        """Return what each cell means, as text."""
        return pa.array([meaning(text) for text in self.texts], pa.string()).take(
            pa.array(self.places)
        )

    def map(self, meaning: Callable[[str], object], kind: npt.DTypeLike) -> npt.NDArray[Any]:
        """Return what each cell means, as an array."""
        return np.array([meaning(text) for text in self.texts], dtype=kind)[self.places]


def _cells_of(read: pa.Table) -> dict[str, _Cells]:
    return {
        name: _Cells(
            read[name].chunk(0).dictionary.to_pylist(),
            read[name].chunk(0).indices.to_numpy().astype(np.int64),
        )
        for name in IDENTITY
        if name in read.column_names
    }


@cache
def _countries() -> Mapping[str, str]:
    """Return the codes that have stood for one country since a day."""
    return {
        name: several[0].alpha3
        for name, several in (
            (name, [entry for entry in rows if entry.end >= _SURE])
            for name, rows in entries(SCHEME).items()
        )
        if len(several) == 1 and several[0].start <= _SURE and several[0].end == date.max
    }


def _country(cell: str) -> str:
    if cell not in _countries():
        raise FlowsError(cell)
    return _countries()[cell]


@cache
def _recent(cell: str) -> Period:
    period = as_period(cell)
    if period.start < _SURE:
        raise FlowsError(cell)
    return period


_MEANINGS: dict[str, Callable[[str], object]] = {
    "declarant": str,
    "area": str,
    "reporter": _country,
    "partner": _country,
    "trade": as_bulk_basis,
    "product": _product,
    "flow": as_flow,
    "procedure": as_coverage,
    "period": _recent,
}


@cache
def _means(name: str, cell: str | None) -> bool:
    """Say whether a cell has a meaning; the loader says why not."""
    try:
        return cell is not None and bool(_MEANINGS[name](cell) is not None)
    except FlowsError:
        return False


def _all_mean(cells: Mapping[str, _Cells]) -> bool:
    return all(_means(name, text) for name, column in cells.items() for text in column.texts)


def _judged(cells: Mapping[str, _Cells]) -> tuple[dict[str, int], npt.NDArray[np.bool_]]:
    """Return how many rows are left out, each for its first reason, and which are not."""
    parts = cells["trade"].map(UK_TRADE.__contains__, bool)
    parts |= cells["partner"].map(UK_PARTS.__contains__, bool)
    whole = cells["procedure"].map(SUM_PROCEDURES.__contains__, bool) & ~parts
    counts = zip(LEFT_OUT, (int(parts.sum()), int(whole.sum())), strict=True)
    return {reason: count for reason, count in counts if count}, ~parts & ~whole


def _hashes(cells: Mapping[str, _Cells]) -> Hashes:
    """Return a number a row that differs where what tells rows apart does."""
    size = len(cells["reporter"].places)
    hashes = np.zeros(size, dtype=np.uint64)
    for name, column in cells.items():
        texts = map(_product, column.texts) if name == "product" else column.texts
        hashed = pd.util.hash_array(np.array([*texts], dtype=object), categorize=False)
        hashes = (hashes * _SPREAD) ^ (hashed[column.places] + (hashes >> np.uint64(29)))
    return hashes


def _sides(cells: Mapping[str, _Cells]) -> dict[str, pa.Array]:
    """Return what rows state beside their values, a row each."""
    reporter, partner = (cells[name].texts_of(_country) for name in ("reporter", "partner"))
    exports = pa.array(cells["flow"].map(lambda cell: as_flow(cell) == "export", bool))
    return {
        "exporter": pc.if_else(exports, reporter, partner),
        "importer": pc.if_else(exports, partner, reporter),
        "reporter": reporter,
        "product": cells["product"].texts_of(_product),
        "partner_basis": pc.if_else(exports, "destination", cells["trade"].texts_of(as_bulk_basis)),
        "start": pa.array(cells["period"].map(lambda cell: _recent(cell).start, _DAY)),
        "end": pa.array(cells["period"].map(lambda cell: _recent(cell).end, _DAY)),
        "year": pa.array(cells["period"].map(lambda cell: _recent(cell).start.year, np.int64)),
    }


_DAY = "datetime64[D]"


def _numbers(read: pa.Table, cells: Mapping[str, _Cells]) -> pa.Table:
    """Return values by product."""
    ones = np.ones(read.num_rows, dtype=np.int64)
    return pa.table({**_sides(cells), "value": read["value"], "statements": ones})


def _rows(read: pa.Table, cells: Mapping[str, _Cells]) -> pa.Table:
    """Return values and quantities; a file may be without some of these."""
    missing = pa.nulls(read.num_rows, pa.float64())
    weight, supplementary = (
        read[name] if name in read.column_names else missing for name in ("kg", "supplementary")
    )
    if "unit" in read.column_names:
        without = pc.equal(read["unit"].cast(pa.string()), NO_UNIT)
        supplementary = pc.if_else(without, None, supplementary)
    sizes = dict(zip(QUANTITIES, (weight, supplementary), strict=True))
    return pa.table({**_sides(cells), "value": read["value"], **sizes})


def _summed(read: pa.Table, cells: Mapping[str, _Cells]) -> pa.Table:
    """Return sums over products of one level: goods as a whole, or codes."""
    kept = {**cells, "product": _levels(cells["product"])}
    key, size = np.zeros(read.num_rows, dtype=np.int64), 1
    for name in _SUMMED_BY:
        key = key * len(kept[name].texts) + kept[name].places
        size *= len(kept[name].texts)
    keys, place = (np.arange(size), key) if size <= _FEW else np.unique(key, return_inverse=True)
    counts = np.bincount(place, minlength=len(keys))
    there = np.flatnonzero(counts)
    values = np.bincount(place, weights=read["value"].to_numpy(), minlength=len(keys))[there]
    few = _sides(_unpacked(keys[there], kept))
    return pa.table({**few, "value": values, "statements": counts[there]})


_FEW = 500_000
"""Sums that a block may have up to which each has its place."""


_MAKE = {"rows": _rows, "numbers": _numbers, "sums": _summed}
_SUMMED_BY = ("reporter", "partner", "trade", "flow", "period", "product")


def _levels(products: _Cells) -> _Cells:
    """Return a product of the same level in the place of each: sums are apart by level only."""
    codes = [_product(text) for text in products.texts]
    levels = [TOTAL if code == TOTAL else str(len(code)) for code in codes]
    first = dict(zip(levels[::-1], codes[::-1], strict=True))
    names = list(first)
    places = np.array([names.index(level) for level in levels], dtype=np.int64)
    return _Cells(list(first.values()), places[products.places])


def _unpacked(keys: Places, cells: Mapping[str, _Cells]) -> dict[str, _Cells]:
    """Return the columns that a key was made of."""
    few: dict[str, _Cells] = {}
    for name in reversed(_SUMMED_BY):
        texts = cells[name].texts
        few[name] = _Cells(texts, keys % len(texts))
        keys = keys // len(texts)
    return few


def _slow(raw: RawTable, wanted: Wanted) -> Part:
    """Return rows by the loader's rules; its errors are raised here."""
    left_out, kept = kept_in_bulk(under_our_names(raw))
    stated = bulk_columns(kept)
    check_each_once(kept, stated["product"])
    hidden = stated["product"].map(is_hidden).to_numpy(dtype=bool)
    columns = our_names(list(raw.rows.columns))
    coded = {name: pd.factorize(kept.rows[name]) for name in IDENTITY if name in columns}
    hashes = _hashes({name: _Cells(list(texts), places) for name, (places, texts) in coded.items()})
    rows = pa.table(
        {
            **{name: stated[name] for name in _STATED.names if name != "year"},
            "year": stated["start"].dt.year,
            **{name: stated[name] for name in QUANTITIES},
            "identity": pa.array(hashes.view(np.int64), mask=hidden),
            "line": kept.rows["line"],
            "statements": np.ones(len(kept.rows), dtype=np.int64),
        }
    )
    schema = _SCHEMAS[wanted]
    return Part(
        rows.select(schema.names).cast(schema),
        len(raw.rows),
        left_out,
        reporters=frozenset(stated["reporter"]),
        keys=hashes[~hidden],
    )


COMEXT = {
    key: BulkLayout(
        key,
        head=_head,
        columns=_columns,
        schema=lambda wanted: _SCHEMAS[wanted],
        check=_check,
        slow=_slow,
        name=name_comext,
        own=(*QUANTITIES, "parts"),
        repeated=_repeated,
        condense=lambda frame, _: frame,
        add_parts=add_parts,
        scope=lambda tally: bulk_scope(tally.reporters),
    )
    for key in ("comext_bulk", "comext_bulk_former")
}
"""How months and years of the bulk download are read."""
