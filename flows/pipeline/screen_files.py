"""Screens of files that do not fit into memory: blocks of series in, tables of Parquet out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from flows.bulk.engines import EngineName
from flows.bulk.series import SeriesSource, map_files
from flows.errors import EngineError
from flows.loaders.sealed import open_parquet, open_writer, seal_file
from flows.measure.shares import UNNAMED_BEGIN
from flows.models.sample import FloatArray, Regime
from flows.models.several_tests import Adjustment
from flows.scope import SIDES, Of, Scope
from flows.screening.block_rows import rows_of_block, schema_of
from flows.screening.breaks import AllChoice
from flows.screening.fits import Fit, adjust_together

_BLOCKS, _ADJUSTED = "blocks.parquet", "adjusted.parquet"


@dataclass(frozen=True, slots=True)
class FileScreen:
    """
    What a screen of files wrote.

    ``source``: what was read; ``series``, ``breaks``: rows of the tables; ``tests``: over how many
    p-values are adjusted; ``reasons``: by what was fitted, how many series were not and why.
    """

    source: SeriesSource
    series: int
    breaks: int
    tests: int
    reasons: Mapping[str, Mapping[str, int]]


def screen_large(
    files: Sequence[Path],
    folder: Path,
    *,
    by: Sequence[str],
    fits: Sequence[Fit],
    regime: Regime,
    choose: AllChoice | int,
    level: float,
    adjust: Adjustment,
    engine: EngineName | None,
    layout: str | None,
    memory_limit: str,
) -> FileScreen:
    """Write the tables of a screen into a folder, whole series at a time."""
    schema = schema_of(by, fits)
    work = partial(
        rows_of_block, by=tuple(by), fits=tuple(fits), regime=regime, choose=choose, level=level
    )
    told: list[SeriesSource] = []
    batches = map_files(
        files,
        work,
        schema,
        by=by,
        engine=engine,
        layout=layout,
        memory_limit=memory_limit,
        told=told.append,
    )
    pvalues = _write_blocks(folder / _BLOCKS, schema, batches)
    adjusted, tests = adjust_together(pvalues, adjust)
    _write_adjusted(folder, adjusted)
    source = told[0]
    _write_tables(folder, list(by), schema, source=source, memory_limit=memory_limit)
    for name in (_BLOCKS, _ADJUSTED):
        (folder / name).unlink()
    return FileScreen(
        source=source,
        series=_count(folder / "series.parquet"),
        breaks=_count(folder / "breaks.parquet"),
        tests=tests,
        reasons=_reasons(folder / "series.parquet", fits),
    )


def _write_blocks(
    path: Path, schema: pa.Schema, batches: Iterator[pa.RecordBatch]
) -> dict[str, FloatArray]:
    """Write what is made of each block as it comes; return the p-values by their column."""
    names = [name for name in schema.names if name.endswith("_pvalue")]
    pvalues: dict[str, list[FloatArray]] = {name: [np.empty(0)] for name in names}
    with open_writer(path, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
            for name in names:
                pvalues[name].append(batch[name].to_numpy(zero_copy_only=False))
    return {name: np.concatenate(parts) for name, parts in pvalues.items()}


def _write_adjusted(folder: Path, adjusted: Mapping[str, Any]) -> None:
    """Write the blocks again with their adjusted p-values, without values and breaks."""
    with open_parquet(folder / _BLOCKS) as blocks:
        kept = [name for name in blocks.schema_arrow.names if name not in {"values", "found"}]
        schema = pa.schema([blocks.schema_arrow.field(name) for name in kept])
        for name in adjusted:
            schema = schema.append(pa.field(name, pa.float64()))
        start = 0
        with open_writer(folder / _ADJUSTED, schema) as writer:
            for batch in blocks.iter_batches(columns=kept):
                end = start + batch.num_rows
                columns = [pa.array(values[start:end]) for values in adjusted.values()]
                writer.write_batch(
                    pa.RecordBatch.from_arrays([*batch.columns, *columns], schema=schema)
                )
                start = end


_CELLS = """
select {keys}, {first} + place - 1 as year, cell as value from (
  select {keys}, unnest("values") as cell, generate_subscripts("values", 1) as place from blocks
) where not isnan(cell)
"""

_BREAKS = """
select {keys}, one.* from (select {keys}, unnest(found) as one from blocks)
order by {keys}, one.break_date
"""

_SHARES = """
select *,
  case when {of_imports} then value / nullif(sum(value) over imports, 0) end as import_share,
  case when {of_imports} and not starts_with(exporter, '{unnamed}') then rank() over (partition by
    {imports}, starts_with(exporter, '{unnamed}') order by value desc) end as import_rank,
  case when {of_exports} then value / nullif(sum(value) over exports, 0) end as export_share,
  case when {of_exports} and not starts_with(importer, '{unnamed}') then rank() over (partition by
    {exports}, starts_with(importer, '{unnamed}') order by value desc) end as export_rank
from cells window imports as (partition by {imports}), exports as (partition by {exports})
order by {keys}, year
"""

_WHOLE: Mapping[Of, str] = {
    "imports": "reporter <> exporter and importer in (select country from whole_imports)",
    "exports": "reporter <> importer and exporter in (select country from whole_exports)",
}
"""Which rows are of a total that the files hold as a whole, and not the other side's report."""

_TOTALS = """
select '{of}' as of, {side} as country, {others}, year, sum(value) as total,
  count(*) filter (value > 0) as partners, sum({share} * {share}) as hhi,
  arg_max({partner}, value) as main, max({share}) as main_share
from over_time where {share} is not null group by {side}, {others}, year
"""

_SERIES = """
select adjusted.*, last.* exclude (value, year, {keys}) from adjusted left join
(select * from over_time where year = (select max(year) from over_time)) last using ({keys})
order by {keys}
"""


def _write_tables(
    folder: Path, by: list[str], schema: pa.Schema, *, source: SeriesSource, memory_limit: str
) -> None:
    """Write the tables, sorted, out of core; shares of those totals that the files hold whole."""
    named = (name for name in ("exporter", "importer", "reporter", *by) if name in schema.names)
    keys = list(dict.fromkeys(named))
    listed = ", ".join(keys)
    others = ", ".join(name for name in keys if name not in {"exporter", "importer"})
    config: dict[str, Any] = {"memory_limit": memory_limit, "temp_directory": str(folder / "spill")}
    with duckdb.connect(config=config) as base:
        base.from_parquet(str(folder / _BLOCKS)).create_view("blocks")
        base.from_parquet(str(folder / _ADJUSTED)).create_view("adjusted")
        base.sql(_CELLS.format(keys=listed, first=source.years.start)).create_view("cells")
        _write(base, _BREAKS.format(keys=listed), folder / "breaks.parquet")
        for of, (side, _) in SIDES.items():
            whole = _whole_totals(base, source.scope, of, side)
            base.from_arrow(pa.table({"country": whole})).create_view(f"whole_{of}")
        over_time = _SHARES.format(
            keys=listed,
            unnamed=UNNAMED_BEGIN,
            **{of: f"{side}, {others}, year" for of, (side, _) in SIDES.items()},
            **{f"of_{of}": whole for of, whole in _WHOLE.items()},
        )
        _write(base, over_time, folder / "over_time.parquet")
        base.from_parquet(str(folder / "over_time.parquet")).create_view("over_time")
        totals = " union all ".join(
            _TOTALS.format(of=of, side=side, share=f"{of[:-1]}_share", partner=other, others=others)
            for of, (side, other) in SIDES.items()
        )
        ordered = f"{totals} order by of desc, country, {others}, year"
        _write(base, ordered, folder / "totals.parquet")
        _write(base, _SERIES.format(keys=listed), folder / "series.parquet")


def _whole_totals(
    base: duckdb.DuckDBPyConnection, scope: Scope | None, of: Of, side: str
) -> pa.Array:
    """Return the countries whose imports, or exports, the files hold as a whole."""
    rows = base.sql(f"select distinct {side} from cells order by 1").fetchall()  # noqa: S608 - ours
    held = [code for (code,) in rows if scope is not None and scope.holds_all(code, of=of)]
    return pa.array(held, type=pa.string())


def _write(base: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    try:
        base.sql(query).write_parquet(str(path), compression="zstd")
        seal_file(path)
    except (duckdb.Error, OSError) as error:
        raise EngineError(f"{path}: expected the table to be written, found: {error}") from error


def _count(path: Path) -> int:
    with open_parquet(path) as file:
        return int(file.metadata.num_rows)


def _reasons(path: Path, fits: Sequence[Fit]) -> dict[str, dict[str, int]]:
    """Return by fit how many series were not fitted, by reason."""
    counts: dict[str, dict[str, int]] = {}
    for fit in fits:
        name = "break_reason" if fit == "breaks" else f"{fit}_reason"
        with open_parquet(path) as file:
            column = file.read(columns=[name])[name]
        counted = pc.value_counts(column).to_pylist()
        counts[fit] = {row["values"]: row["counts"] for row in counted if row["values"]}
    return counts
