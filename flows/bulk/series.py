"""Yearly series of files of any size: whole series by blocks, from a disk or on a cluster."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import narwhals as nw
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from flows.bulk.engines import MEMORY_LIMIT, EngineName, Session, choose_engine, open_session
from flows.bulk.inputs import (
    BULK,
    Input,
    check_asked,
    input_paths,
    input_size,
    layout_of,
    loader_alone_reads,
    releases_of,
)
from flows.bulk.naming import SUMMED_BY, Frame
from flows.bulk.sums import (
    SPAN,
    STATED,
    demand_all,
    demand_once,
    demand_one_each,
    demand_one_file,
    demand_one_release,
    engines_cannot_read,
    loader_is_needed,
    with_span,
)
from flows.errors import EngineError, PeriodError, UnknownNameError, unknown_name
from flows.loaders import FLOW_TABLE
from flows.scope import Scope

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

Begun = tuple[tuple[str, str, int], ...]
"""Reporter, partner basis and year of which months are missing for all partners."""

Block = tuple[pa.Table, FloatArray]
"""Keys of whole series, one row a series, and their values: series by years."""

OnBlock = Callable[[pa.Table, FloatArray, int], pa.RecordBatch]
"""Keys, values and first year of a block to the rows that are made of it."""

TOLD_APART_BY = tuple(name for name in SUMMED_BY if name not in {"year", "start", "end"})
"""What series can be told apart by."""

BLOCK_SERIES = 50_000
"""Series of a block at most: of thirty years each, an array of 12 megabytes."""

BLOCK_ROWS = 500_000
"""Rows that are held at most until a block is made of them, but for a single series."""

_OF_A_SERIES = ("reporter", "level", "unit", "valuation", "partner_basis")
"""What must not change within a series; a classification may where products are added up."""

_BEGUN_BY = ("reporter", "partner_basis")
_YEAR = 365


@dataclass(frozen=True, slots=True)
class Plan:
    """
    How blocks are made of rows.

    ``by``: what tells series apart; ``years``: of each block; ``begun``: as in a source;
    ``constants``: what is the same in all rows and so not in them; ``varying``: what is carried to
    see that it does not change within a series.
    """

    by: tuple[str, ...]
    years: range
    begun: Begun = ()
    constants: Mapping[str, str | int] = field(default_factory=dict)
    varying: tuple[str, ...] = ()


@runtime_checkable
class Spread(Protocol):
    """An engine whose workers call a function on blocks of series."""

    def map_blocks(self, parts: Frame, plan: Plan, function: OnBlock, schema: pa.Schema) -> Frame:
        """Return what the function makes of all series."""


@dataclass(frozen=True, slots=True)
class SeriesSource:
    """
    What series were read from.

    ``layout``: key of the layout; ``engine``: what did the work; ``releases``: those that the names
    of the files state; ``rows_in``: rows read; ``left_out``: reason to number of rows;
    ``warnings``: what to beware of; ``scope``: what the rows make up, none if nobody says;
    ``years``: all that are in the files; ``begun``: reporter, partner basis and year where months
    are missing for all partners: the year is missing from each of these series.
    """

    layout: str
    engine: str
    releases: tuple[str, ...]
    rows_in: int
    left_out: Mapping[str, int]
    warnings: tuple[str, ...]
    scope: Scope | None
    years: range
    begun: Begun


@dataclass(frozen=True, slots=True)
class SeriesBlock:
    """
    Whole series.

    ``keys``: one row a series, what it was told apart by and what is the same in all of its years
    (``reporter``, ``unit``, ``valuation``, ``partner_basis``); ``values``: of shape
    ``(series, years)``, NaN where nothing is stated; ``first_year``: that of the first column;
    ``source``: the same for all blocks.
    """

    keys: pa.Table
    values: FloatArray
    first_year: int
    source: SeriesSource


def stream_series(
    files: Sequence[str | Path],
    *,
    by: Sequence[str] = ("exporter", "importer"),
    engine: EngineName | None = None,
    memory_limit: str = MEMORY_LIMIT,
    layout: str | None = None,
) -> Iterator[SeriesBlock]:
    """
    Yield the yearly series of files, each whole and once, in the order of what tells them apart.

    Parameters
    ----------
    files : sequence of str or pathlib.Path
        Files of one layout that engines read: years of BACI, bulk files of Comtrade or Comext, or
        flow tables that ``flows convert`` wrote.
    by : sequence of str
        What tells series apart: columns of the flow table such as ``exporter``, ``importer``,
        ``product`` and, where several countries report, ``reporter``.
    engine : {"pandas", "duckdb", "spark"}, optional
        What sums and sorts; by default what suits the size.
    memory_limit : str
        What DuckDB may hold; past it, it works in files that are deleted.
    layout : str, optional
        Key of the layout; recognised by default.

    Yields
    ------
    SeriesBlock
        At most 50,000 series; all blocks have the same years.

    Raises
    ------
    DoubleCountError
        If a sum would count goods twice or add two measures, as in ``flows convert --by``, or if
        reporter, level of products, valuation or basis change within a series. It may come after
        some blocks, whose use then ends.
    SchemaError
        If a statement stands there twice.
    PeriodError
        If a statement is of more than one calendar year.
    LayoutError
        If a file is not as its layout demands, or if its layout has no engine.
    EngineError
        If the engine fails: memory or space on the disk do not suffice, a worker was ended.
    UnknownNameError
        If ``by`` names no column that can tell series apart.
    """
    inputs, chosen = _asked(files, by, engine, memory_limit, layout)
    return _streamed(inputs, by, chosen, memory_limit)


def map_files(
    files: Sequence[str | Path],
    function: OnBlock,
    schema: pa.Schema,
    *,
    by: Sequence[str] = ("exporter", "importer"),
    engine: EngineName | None = None,
    memory_limit: str = MEMORY_LIMIT,
    layout: str | None = None,
    told: Callable[[SeriesSource], object] = lambda _: None,
) -> Iterator[pa.RecordBatch]:
    """
    Yield what a function makes of each block of series: here, or on the workers of Spark.

    ``function`` is called with keys, values and first year as in :class:`SeriesBlock`, and returns
    rows of ``schema``; on Spark it travels to the workers. ``told`` is called with what was read,
    before the first block. The other parameters and what is raised are those of
    :func:`stream_series`. The order of rows is that of the series, on Spark none.
    """
    inputs, chosen = _asked(files, by, engine, memory_limit, layout)
    return _mapped(inputs, function, schema, by, chosen, memory_limit, told)


def _asked(
    files: Sequence[str | Path],
    by: Sequence[str],
    engine: EngineName | None,
    memory_limit: str,
    layout: str | None,
) -> tuple[Input, EngineName]:
    """Check what is asked; return the files and the engine."""
    if not by:
        raise UnknownNameError(
            f"expected columns to tell series apart by, found none; "
            f"there are {', '.join(TOLD_APART_BY)}"
        )
    for name in by:
        if name not in TOLD_APART_BY:
            raise unknown_name("column to tell series apart by", name, TOLD_APART_BY)
    check_asked(by, layout, memory_limit)
    paths = input_paths(files)
    key = layout_of(paths, layout)
    if key not in BULK and key != FLOW_TABLE:
        raise engines_cannot_read(paths[0], key, "series")
    if reason := loader_alone_reads(paths, key):
        raise loader_is_needed(reason)
    demand_one_release(paths, by)
    return Input(key, paths), engine or choose_engine(sum(map(input_size, paths)))


def _streamed(
    inputs: Input, by: Sequence[str], engine: EngineName, memory_limit: str
) -> Iterator[SeriesBlock]:
    with open_session(engine, memory_limit=memory_limit, ordered=False) as session:
        parts, plan, source = _checked(inputs, session, by, engine, memory_limit)
        for keys, values in blocks_of(session.batches(parts.sort(*by, "year")), plan):
            yield SeriesBlock(keys, values, plan.years.start, source)


def _mapped(  # noqa: PLR0917 - what its caller is asked
    inputs: Input,
    function: OnBlock,
    schema: pa.Schema,
    by: Sequence[str],
    engine: EngineName,
    memory_limit: str,
    told: Callable[[SeriesSource], object],
) -> Iterator[pa.RecordBatch]:
    with open_session(engine, memory_limit=memory_limit, ordered=False) as session:
        parts, plan, source = _checked(inputs, session, by, engine, memory_limit)
        told(source)
        if isinstance(session, Spread):
            yield from session.batches(session.map_blocks(parts, plan, function, schema))
            return
        for keys, values in blocks_of(session.batches(parts.sort(*by, "year")), plan):
            yield function(keys, values, plan.years.start).select(schema.names).cast(schema)


def _checked(
    inputs: Input, session: Session, by: Sequence[str], engine: EngineName, memory_limit: str
) -> tuple[Frame, Plan, SeriesSource]:
    """Read all files; return parts of the series, once it is sure that none counts twice."""
    parts = session.keep(inputs.parts(session, [*by, "year"]))
    apart = [*STATED, "unit", "valuation", "file"]
    counted = parts.group_by(*apart).agg(nw.col("statements").sum())
    batches = list(session.batches(counted))
    stated = pa.Table.from_batches(batches).to_pandas() if batches else pd.DataFrame()
    tallies = list(inputs.tallies)
    if not inputs.sure:
        demand_once(inputs, engine, memory_limit)
        inputs.tallies = tallies
    left_out = inputs.left_out
    rows_in = sum(tally.rows_in for tally in tallies)
    counted_rows = int(stated["statements"].sum()) if batches else 0
    demand_all(counted_rows, rows_in - sum(left_out.values()))
    plan = Plan(tuple(by), range(0))
    if batches:
        demand_one_file(stated, [path.name for path in inputs.paths])
        plan = _plan(stated, by)
        parts = parts.select(*by, "year", "value", *plan.varying)
    source = SeriesSource(
        layout=inputs.key,
        engine=engine,
        releases=releases_of(inputs.paths),
        rows_in=rows_in,
        left_out=left_out,
        warnings=tuple(inputs.warnings),
        scope=inputs.scope(),
        years=plan.years,
        begun=plan.begun,
    )
    return parts, plan, source


def _plan(stated: pd.DataFrame, by: Sequence[str]) -> Plan:
    """Return how blocks are made of what is stated: what never changes need not be carried."""
    years, begun = _years_of(stated)
    fixed = [
        name
        for name in (*_OF_A_SERIES, "classification")
        if name not in by and len(stated[name].unique()) == 1
        if not (begun and name in _BEGUN_BY)
    ]
    days = [] if set(with_span(stated)[SPAN]) == {"years"} else ["start", "end"]
    others = [name for name in (*_OF_A_SERIES, "classification") if name not in {*by, *fixed}]
    constants = {name: stated[name].iloc[0] for name in fixed}
    return Plan(tuple(by), years, begun, constants, (*others, *days))


def _years_of(stated: pd.DataFrame) -> tuple[range, Begun]:
    """Return the years of statements, and those of which a reporter states some months only."""
    periods = stated[[*_BEGUN_BY]].assign(
        start=pd.to_datetime(stated["start"]), end=pd.to_datetime(stated["end"])
    )
    across = periods[periods["start"].dt.year != periods["end"].dt.year]
    if len(across):
        first = across.iloc[0]
        raise PeriodError(
            f"expected statements within one calendar year, found {first['start']:%Y-%m-%d} to "
            f"{first['end']:%Y-%m-%d} by {first['reporter']}; "
            "load the table and take its series by flows.series(..., calendar=)"
        )
    spans = periods.drop_duplicates().assign(year=periods["start"].dt.year)
    spans["days"] = (spans["end"] - spans["start"]).dt.days + 1
    covered = spans.groupby([*_BEGUN_BY, "year"])["days"].sum()
    begun = tuple((who, basis, int(year)) for who, basis, year in covered[covered < _YEAR].index)
    return range(int(spans["year"].min()), int(spans["year"].max()) + 1), begun


def blocks_of(batches: Iterable[pa.RecordBatch], plan: Plan) -> Iterator[Block]:
    """Yield whole series, keys and values, of rows in the order of series and years."""
    last: tuple[Any, ...] = ()
    for rows in _whole_series(batches, plan.by):
        keys, values = _block(rows, plan)
        ends = [tuple(keys[name][at].as_py() for name in plan.by) for at in (0, -1)]
        if not (last < ends[0] and _rises(keys, plan.by)):
            raise EngineError(
                f"expected rows in the order of {', '.join(plan.by)} from the engine, found "
                "others; flows or the engine is at fault: take another one"
            )
        last = ends[1]
        yield keys, values


def _rises(keys: pa.Table, by: Sequence[str]) -> bool:
    """Say whether each row comes after the one above it, by the first column that differs."""
    before, equal = np.zeros(len(keys) - 1, dtype=bool), np.ones(len(keys) - 1, dtype=bool)
    for name in by:
        column = keys[name].combine_chunks()
        before |= equal & pc.less(column[:-1], column[1:]).to_numpy(zero_copy_only=False)
        equal &= ~_changes(keys, name)[1:]
    return bool(before.all())


def _whole_series(batches: Iterable[pa.RecordBatch], by: Sequence[str]) -> Iterator[pa.Table]:
    """Yield rows of at most as many whole series as a block has."""
    held: list[pa.Table] = []
    for batch in batches:
        if batch.num_rows:
            held.append(pa.Table.from_batches([batch]))
        if sum(part.num_rows for part in held) >= BLOCK_ROWS:
            rows = pa.concat_tables(held).combine_chunks()
            last = int(_heads(rows, by)[-1])
            yield from _cut(rows.slice(0, last), by)
            held = [rows.slice(last)]
    if held:
        yield from _cut(pa.concat_tables(held).combine_chunks(), by)


def _cut(rows: pa.Table, by: Sequence[str]) -> Iterator[pa.Table]:
    if rows.num_rows:
        starts = [*_heads(rows, by)[::BLOCK_SERIES].tolist(), rows.num_rows]
        yield from (rows.slice(start, end - start) for start, end in pairwise(starts))


def _block(rows: pa.Table, plan: Plan) -> Block:
    """Return series as an array; refuse what would add two measures."""
    heads = _heads(rows, plan.by)
    new_series = np.zeros(rows.num_rows, dtype=bool)
    new_series[heads] = True
    width = len(plan.years)
    column = rows["year"].to_numpy().astype(np.int64) - plan.years.start
    cell = (np.cumsum(new_series) - 1) * width + column
    size = len(heads) * width
    counts = np.bincount(cell, minlength=size)
    _demand_one_measure(rows, plan.by, new_series, counts[cell] > 1)
    sums = np.bincount(cell, weights=rows["value"].to_numpy(), minlength=size)
    counts[cell[_is_begun(rows, plan.begun)]] = 0
    values = np.where(counts, sums, np.nan).reshape(len(heads), width)
    return _told(rows.take(pa.array(heads)), plan), values


def _told(first: pa.Table, plan: Plan) -> pa.Table:
    """Return what is said of each series: its keys, and what is the same in all of its years."""
    for name, cell in plan.constants.items():
        first = first.append_column(name, pa.repeat(pa.scalar(cell), len(first)))
    told = [name for name in _kept_apart(first, plan.by) if name != "level"]
    return first.select([*dict.fromkeys([*plan.by, *told])])


def _demand_one_measure(
    rows: pa.Table, by: Sequence[str], new_series: BoolArray, several: BoolArray
) -> None:
    """Refuse series of two measures, and years of which a part counts twice among ``several``."""
    within = _kept_apart(rows, by)
    if mixed := [name for name in within if (_changes(rows, name) & ~new_series).any()]:
        demand_one_each(rows.to_pandas(), by, mixed, each="series")
    if several.any():
        parts = rows.filter(pa.array(several)).to_pandas()
        spanned = with_span(parts) if {"start", "end"} <= {*parts.columns} else parts
        names = [name for name in ("classification", SPAN) if name in spanned.columns]
        demand_one_each(spanned, [*by, "year"], names)


def _kept_apart(rows: pa.Table, by: Sequence[str]) -> list[str]:
    """Return the columns that must not change within a series; of products, revisions as well."""
    names = (*_OF_A_SERIES, "classification") if "product" in by else _OF_A_SERIES
    return [name for name in names if name in rows.column_names]


def _heads(rows: pa.Table, by: Sequence[str]) -> npt.NDArray[np.intp]:
    """Return where series begin."""
    new = np.zeros(rows.num_rows, dtype=bool)
    new[0] = True
    for name in by:
        new |= _changes(rows, name)
    return np.flatnonzero(new)


def _changes(rows: pa.Table, name: str) -> BoolArray:
    """Say of each row but the first whether a cell is not that of the row above."""
    column = rows[name].combine_chunks()
    changes = np.zeros(len(column), dtype=bool)
    changes[1:] = pc.not_equal(column[1:], column[:-1]).to_numpy(zero_copy_only=False)
    return changes


def _is_begun(rows: pa.Table, begun: Begun) -> BoolArray:
    """Say which rows are of a year of which only some months are stated."""
    is_begun = np.zeros(rows.num_rows, dtype=bool)
    for reporter, basis, year in begun:
        here = pc.and_(pc.equal(rows["year"], year), pc.equal(rows["reporter"], reporter))
        is_begun |= pc.and_(here, pc.equal(rows["partner_basis"], basis)).to_numpy()
    return is_begun
