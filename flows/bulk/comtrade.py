"""UN Comtrade in bulk: the rows that count as checked batches, named on any engine."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import narwhals as nw
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from flows.bulk.blocks import head_names
from flows.bulk.naming import (
    Frame,
    Lift,
    classification_table,
    country_table,
    repeated,
)
from flows.bulk.read import BulkLayout, Head, Part, Tally, Wanted, are_sizes
from flows.countries import country_code, entries
from flows.errors import FlowsError
from flows.loaders.cells import NOT_AVAILABLE, numbers, texts
from flows.loaders.comtrade import (
    CODES,
    CONSTANTS,
    NAMES,
    NUMBERS,
    OPTIONAL,
    SAID_TWICE,
    SPELLINGS,
    WORLD_CODES,
    as_classification,
    as_period,
    as_product,
    delimiter_of,
    find_columns,
    judge,
    kept_rows,
    normalise_comtrade,
    our_names,
    prints_totals,
    scope_of_rows,
    statement,
    under_our_names,
)
from flows.loaders.said_twice import Twice, can_stand
from flows.loaders.text import RawTable
from flows.scope import Scope
from flows.table import STATEMENT_KEY

_READ: dict[str, pa.DataType] = {
    name: pa.float64() if name in NUMBERS else pa.string() for name in (*NAMES, *OPTIONAL)
}
"""What is read of a row, under our names."""

_NAMED = ("flow", "reporter", "partner", "classification", "product")

_SCHEMA = pa.schema(
    [
        *((name, _READ[name]) for name in (*_NAMED, *NUMBERS)),
        ("start", pa.date32()),
        ("end", pa.date32()),
        ("year", pa.int64()),
        ("line", pa.int64()),
    ]
)
"""Columns of a batch: of what only decides whether a row counts, nothing is left."""


_TEXTS = pa.schema([*((name, pa.string()) for name in _READ), ("line", pa.int64())])
"""Columns of rows that print totals, as the loader reads them."""


def name_comtrade(frame: Frame, lift: Lift, files: pa.Table) -> Frame:
    """Return rows that count as the loader understands them."""
    return (
        frame.join(lift(country_table("comtrade", "reporter", "stating")), on="reporter")
        .join(lift(country_table("comtrade", "partner", "other")), on="partner")
        .join(lift(classification_table("classification", "named")), on="classification")
        .join(lift(files.select(["file", "dataset"])), on="file")
        .with_columns(**statement(), **{name: nw.lit(text) for name, text in CONSTANTS.items()})
    )


def _repeated(frame: Frame, lift: Lift, files: pa.Table) -> Frame:
    return repeated(name_comtrade(frame, lift, files), [*STATEMENT_KEY, "file"])


def _head(path: Path, first: str) -> Head:
    delimiter = delimiter_of(first)
    names = head_names(first, SPELLINGS, path=path, delimiter=delimiter)
    find_columns(names, path=str(path))
    return Head(
        tuple(names),
        delimiter,
        str(path),
        path.name,
        delimiter_may_end_lines=True,
        value=our_names(names)["value"],
    )


def _columns(head: Head, _: Wanted) -> Mapping[str, pa.DataType]:
    counted = {theirs: _READ[ours] for ours, theirs in our_names(head.names).items()}
    names = {name for pair in _said_twice(head) for name in (pair.column, pair.other)}
    return {**dict.fromkeys(sorted(names), pa.string()), **counted}


def _said_twice(head: Head) -> list[Twice]:
    return [pair for pair in SAID_TWICE if {pair.column, pair.other} <= set(head.names)]


def _check(table: pa.Table, head: Head, line: int, _: Wanted) -> Part | None:
    """Return the rows that count if each of them is as the loader wants it."""
    if not all(_agree(table, pair) for pair in _said_twice(head)):
        return None
    read = _renamed(table, our_names(head.names), line)
    if any(pc.any(pc.match_substring(read[name], ".0")).as_py() for name in CODES):
        return None
    left_out, judged = judge(nw.from_native(read, eager_only=True))
    kept = judged.to_native()
    if not _sound(kept):
        return None
    rows = _with_days(kept).select(_SCHEMA.names).cast(_SCHEMA)
    return Part(
        rows,
        table.num_rows,
        left_out,
        reporters=frozenset(pc.unique(kept["reporter"]).to_pylist()),
        totals=_totals(read),
    )


def _agree(table: pa.Table, pair: Twice) -> bool:
    """Say whether no row says in one column what the other contradicts."""
    one, two = (
        table[name].combine_chunks().dictionary_encode() for name in (pair.column, pair.other)
    )
    if one.null_count or two.null_count:
        return False
    width = len(two.dictionary)
    both = np.unique(one.indices.to_numpy().astype(np.int64) * width + two.indices.to_numpy())
    texts_of = [[cell.strip() for cell in column.dictionary.to_pylist()] for column in (one, two)]
    return all(
        can_stand(pair.agree, first, second)
        for place in both.tolist()
        for first, second in [(texts_of[0][place // width], texts_of[1][place % width])]
    )


def _totals(read: pa.Table) -> pa.Table | None:
    """Return the rows of the world as text, as the loader reads them; none if there are none."""
    world = pc.and_(pc.is_in(read["partner"], pa.array(WORLD_CODES)), pc.is_valid(read["value"]))
    rows = read.filter(world)
    return rows.cast(_TEXTS) if rows.num_rows else None


def scope_of_file(tally: Tally) -> Scope:
    """Return what the rows of a file make up, by the rules of the loader."""
    reporters = {country_code(code, scheme="comtrade") for code in tally.reporters}
    rows = pa.concat_tables(tally.totals or [_TEXTS.empty_table()]).to_pandas()
    texts_only = rows.fillna(dict.fromkeys(NUMBERS, ""))
    return scope_of_rows(reporters, RawTable("", "", {}, texts_only))


def _with_days(rows: pa.Table) -> pa.Table:
    """Return rows with the first and the last day of their period, and its year."""
    cells = rows["period"].combine_chunks().dictionary_encode()
    periods = [as_period(cell) for cell in cells.dictionary.to_pylist()]
    days = {
        "start": [period.start for period in periods],
        "end": [period.end for period in periods],
        "year": [period.start.year for period in periods],
    }
    for name, values in days.items():
        column = pa.array(values, _SCHEMA.field(name).type).take(cells.indices)
        rows = rows.append_column(name, column)
    return rows


def _renamed(table: pa.Table, names: Mapping[str, str], line: int) -> pa.Table:
    """Return the columns that count under our names; those that the file lacks are blank."""
    size = table.num_rows
    columns = {}
    for ours, kind in _READ.items():
        is_text = pa.types.is_string(kind)
        if ours not in names:
            columns[ours] = pa.array(["" if is_text else None] * size, kind)
        else:
            cells = table[names[ours]]
            columns[ours] = _trimmed(cells, ours) if is_text else cells
    return pa.table({**columns, "line": np.arange(line, line + size)})


def _trimmed(cells: pa.ChunkedArray, ours: str) -> pa.ChunkedArray:
    trimmed = pc.utf8_trim_whitespace(cells)
    if ours not in OPTIONAL:
        return trimmed
    return pc.if_else(pc.equal(trimmed, NOT_AVAILABLE), "", trimmed)


def _sound(rows: pa.Table) -> bool:
    """Say whether what is kept has codes that are known and sizes that are possible."""
    if rows["value"].null_count or not all(are_sizes(rows[name]) for name in NUMBERS):
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
    "classification": as_classification,
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
    flows = normalise_comtrade(raw)
    left_out, kept = kept_rows(raw)
    columns = {
        **{name: texts(kept, name) for name in _NAMED},
        **{name: numbers(kept, name, blank=True) for name in NUMBERS},
        "start": flows["start"],
        "end": flows["end"],
        "year": flows["start"].dt.year,
        "line": flows["line"],
    }
    named = under_our_names(raw)
    printed = named.rows[prints_totals(named)]
    return Part(
        pa.table(columns).cast(_SCHEMA),
        len(raw.rows),
        left_out,
        reporters=frozenset(texts(kept, "reporter")),
        totals=pa.table({name: printed[name] for name in _TEXTS.names}).cast(_TEXTS)
        if len(printed)
        else None,
    )


COMTRADE = {
    key: BulkLayout(
        key,
        head=_head,
        columns=_columns,
        schema=lambda _: _SCHEMA,
        check=_check,
        missing=("", NOT_AVAILABLE),
        slow=_slow,
        name=name_comtrade,
        own=("netweight_kg",),
        repeated=_repeated,
        scope=scope_of_file,
    )
    for key in ("comtrade_v1", "comtrade_legacy", "comtrade_legacy_bulk")
}
"""How the layouts of Comtrade's files are read in bulk."""
