"""Flow tables in Parquet: written in batches, and added up while they are read."""

from collections.abc import Hashable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from flows.bulk import BATCH_ROWS
from flows.bulk.read import Tally
from flows.errors import LayoutError
from flows.loaders.parquet import as_metadata
from flows.loaders.sealed import open_parquet, open_writer, seal_file
from flows.table import COLUMNS, STATEMENT_KEY

_TYPES = {
    "str": pa.string(),
    "float64": pa.float64(),
    "int64": pa.int64(),
    "bool": pa.bool_(),
    "datetime64[s]": pa.timestamp("ms"),
}

_KEYS = [name for name in STATEMENT_KEY if name != "product"]


def flow_schema(own: tuple[str, ...] = ()) -> pa.Schema:
    """Return the schema of a flow table as Parquet; dates are in milliseconds, its coarsest."""
    fields = [(name, _TYPES[kind]) for name, kind in COLUMNS.items()]
    return pa.schema([*fields, *((name, pa.float64()) for name in own)])


class TableWriter:
    """Writes batches and keeps their count, sums and units, and how many rows they add up."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.rows = 0
        self.statements = 0
        self.sums: list[float] = []
        self.units: set[str] = set()
        self._path = path
        self._schema = schema
        self._writer = open_writer(path, schema)

    def write(self, batch: pa.RecordBatch) -> None:
        """Write a batch, its columns by name and in the types of the file."""
        table = pa.Table.from_batches([batch]).select(self._schema.names).cast(self._schema)
        self._writer.write_table(table)
        self.rows += table.num_rows
        parts = pc.sum(table["parts"]).as_py() if "parts" in table.column_names else None
        self.statements += table.num_rows if parts is None else int(parts)
        self.units |= set(pc.unique(table["unit"]).to_pylist())
        self.sums.append(pc.sum(table["value"]).as_py() or 0.0)

    def describe(self, attrs: Mapping[Hashable, Any]) -> None:
        """Write report and scope of the rows beside them, as pandas keeps attributes."""
        self._writer.add_key_value_metadata(as_metadata(attrs))

    def close(self) -> None:
        """Finish the file and seal it."""
        self._writer.close()
        seal_file(self._path)


SUMS = pa.schema(
    [
        *(flow_schema().field(name) for name in (*STATEMENT_KEY, "value")),
        ("statements", pa.int64()),
    ]
)
"""Columns of the sums; ``product`` is the first of those that were added up."""

_TEXTS = [name for name in STATEMENT_KEY if pa.types.is_string(SUMS.field(name).type)]


def flow_sums(path: Path, tally: Tally) -> Iterator[pa.RecordBatch]:
    """Yield sums of the rows that follow each other and differ in their product only."""
    seen: list[pa.Table] = []
    with open_parquet(path, coded=_TEXTS) as file:
        for batch in file.iter_batches(BATCH_ROWS, columns=[*STATEMENT_KEY, "value"]):
            tally.rows_in += batch.num_rows
            with as_flow_table(path):
                batch.validate(full=True)
                sums = _added(pa.Table.from_batches([batch]).combine_chunks())
                typed = sums.select(SUMS.names).cast(SUMS)
            yield from typed.to_batches()
            seen.append(sums.drop_columns(["value", "statements"]))
    tally.rising = tally.rising and _once(seen)


@contextmanager
def as_flow_table(path: Path) -> Iterator[None]:
    """Say of columns that are missing or of another type that they make no flow table."""
    try:
        yield
    except (pa.ArrowException, KeyError) as error:
        raise LayoutError(f"{path}: expected a flow table, found: {error}") from error


def _added(rows: pa.Table) -> pa.Table:
    """Return sums of runs with their first and ``last`` product; the latter is null in doubt."""
    if not rows.num_rows or any(column.null_count for column in rows.columns):
        ones = pa.array(np.ones(rows.num_rows, dtype=np.int64))
        return rows.append_column("statements", ones).append_column("last", _doubt(rows.num_rows))
    changed = np.zeros(rows.num_rows - 1, dtype=bool)
    for name in _KEYS:
        marks = _marks(rows[name].chunk(0))
        changed |= marks[1:] != marks[:-1]
    product = rows["product"].chunk(0)
    places, names = product.indices.to_numpy(), product.dictionary
    level = pc.utf8_length(names).to_numpy()[places]
    changed |= level[1:] != level[:-1]
    rank = _ranks(names)[places]
    one_name_each = pc.count_distinct(names).as_py() == len(names)
    rising = one_name_each and bool((changed | (rank[1:] > rank[:-1])).all())
    heads = np.flatnonzero(np.concatenate([[True], changed]))
    ends = np.append(heads[1:], rows.num_rows) - 1
    few = rows.take(heads)
    values = np.add.reduceat(rows["value"].to_numpy(), heads)
    few = few.set_column(few.schema.get_field_index("value"), "value", pa.array(values))
    last = product.take(pa.array(ends)).cast(pa.string()) if rising else _doubt(len(heads))
    return few.append_column("statements", pa.array(ends - heads + 1)).append_column("last", last)


def _ranks(names: pa.Array) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """Return the place of each name among all of them in order."""
    ranks = np.empty(len(names), dtype=np.int64)
    ranks[pc.array_sort_indices(names).to_numpy()] = np.arange(len(names))
    return ranks


def _doubt(size: int) -> pa.Array:
    return pa.nulls(size, pa.string())


def _marks(column: pa.Array) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """Return numbers that are equal only where the cells are."""
    coded = pa.types.is_dictionary(column.type)
    marks: np.ndarray[tuple[int], np.dtype[np.int64]] = (
        column.indices if coded else column.cast(pa.int64())
    ).to_numpy()
    return marks


def _once(seen: list[pa.Table]) -> bool:
    """Say whether it is certain that no statement is in two sums, or twice in one."""
    if not seen or any(table["last"].null_count for table in seen):
        return False
    runs: pd.DataFrame = pa.concat_tables([table.cast(_PLAIN) for table in seen]).to_pandas()
    again = runs[runs.duplicated(_KEYS, keep=False)].sort_values([*_KEYS, "product"])
    before = again.groupby(_KEYS)["last"].shift()
    return bool((before.isna() | (before < again["product"])).all())


_PLAIN = pa.schema([*(SUMS.field(name) for name in STATEMENT_KEY), ("last", pa.string())])
