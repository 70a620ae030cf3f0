"""A flow table in Parquet, added up over products while it is read."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from flows.engine.parquet import flow_schema
from flows.errors import LayoutError
from flows.loaders.bulk import Tally
from flows.table import STATEMENT_KEY

SUMS = pa.schema(
    [
        *(flow_schema().field(name) for name in (*STATEMENT_KEY, "value")),
        ("statements", pa.int64()),
    ]
)
"""Columns of the sums; ``product`` is the first of those that were added up."""

_ROWS = 122_880
_KEYS = [name for name in STATEMENT_KEY if name != "product"]
_TEXTS = [name for name in STATEMENT_KEY if pa.types.is_string(SUMS.field(name).type)]


def flow_sums(path: Path, tally: Tally) -> Iterator[pa.RecordBatch]:
    """
    Yield sums of the rows that follow each other and differ in their product only.

    Parameters
    ----------
    path : pathlib.Path
        Parquet with the columns of the flow table.
    tally : Tally
        Where rows are counted, and whether each statement has been seen to be there once: products
        rise within each sum, and no two sums of the same rest overlap.

    Yields
    ------
    pyarrow.RecordBatch
        Of :data:`SUMS`; products of different length are never added up.

    Raises
    ------
    LayoutError
        If it is no sound Parquet, or no flow table.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "a.parquet"
    >>> rows = pd.DataFrame({name: ["x", "x"] for name in _TEXTS}).assign(value=[1.0, 2.0])
    >>> days = pd.to_datetime(["2020-01-01"] * 2)
    >>> rows.assign(start=days, end=days, product=["0101", "0102"]).to_parquet(path)
    >>> tally = Tally()
    >>> [batch["value"].to_pylist() for batch in flow_sums(path, tally)], tally.rising
    ([[3.0]], True)
    """
    seen: list[pa.Table] = []
    try:
        with pq.ParquetFile(path, read_dictionary=_TEXTS) as file:
            for batch in file.iter_batches(_ROWS, columns=[*STATEMENT_KEY, "value"]):
                tally.rows_in += batch.num_rows
                sums = _added(pa.Table.from_batches([batch]).combine_chunks())
                yield from sums.select(SUMS.names).cast(SUMS).to_batches()
                seen.append(sums.drop_columns(["value", "statements"]))
    except (pa.ArrowException, OSError) as error:
        raise LayoutError(f"{path}: expected a flow table as sound Parquet: {error}") from error
    tally.rising = tally.rising and _once(seen)


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
