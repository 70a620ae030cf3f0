"""Files of any size to Parquet, row by row or added up: what ``flows convert`` does."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pyarrow as pa

from flows.bulk.engines import MEMORY_LIMIT, EngineName, choose_engine, open_session
from flows.bulk.flow_parquet import TableWriter, flow_schema
from flows.bulk.inputs import (
    BULK,
    Input,
    check_asked,
    check_target,
    input_paths,
    input_size,
    layout_of,
    loader_alone_reads,
    releases_of,
)
from flows.bulk.naming import APART
from flows.bulk.sums import (
    SPAN,
    TOLD,
    demand_all,
    demand_once,
    demand_one_each,
    demand_one_file,
    demand_one_release,
    engines_cannot_read,
    loader_is_needed,
    with_span,
)
from flows.errors import LayoutError
from flows.files import whole_file
from flows.loaders import FLOW_TABLE, load
from flows.loaders.claims import as_text
from flows.loaders.sealed import write_parquet

LARGEST_LOADED = 500_000_000
"""Bytes of a file that the loader may read in memory in the place of an engine."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """
    What a conversion did.

    ``layout``: key of the layout; ``engine``: what did the work, ``loader`` where the layout has no
    engine; ``releases``: those that the names of the files state; ``rows_in``, ``rows_out``: rows
    read and written; ``left_out``: reason to number of rows; ``total``: sum of what was written, in
    ``unit``; none where there are no values; ``warnings``: what to beware of.
    """

    layout: str
    engine: str
    releases: tuple[str, ...]
    rows_in: int
    rows_out: int
    left_out: Mapping[str, int]
    total: float | None
    unit: str
    warnings: tuple[str, ...] = ()


def convert(
    files: Sequence[str | Path],
    out: str | Path,
    *,
    engine: EngineName | None = None,
    by: Sequence[str] = (),
    layout: str | None = None,
    memory_limit: str = MEMORY_LIMIT,
) -> Conversion:
    """Write files of one layout as one Parquet file: the flow table, or sums of it."""
    check_asked(by, layout, memory_limit)
    check_target(Path(out))
    paths = input_paths(files)
    key = layout_of(paths, layout)
    if key not in BULK and key != FLOW_TABLE:
        return _convert_loaded(paths, key, Path(out), by)
    if reason := loader_alone_reads(paths, key):
        _demand_loadable(paths, by, engine, reason)
        return _convert_loaded(paths, key, Path(out), by)
    chosen = engine or choose_engine(sum(map(input_size, paths)))
    demand_one_release(paths, by)
    inputs = Input(key, paths)
    with whole_file(Path(out)) as place:
        written = _run(inputs, place, chosen, by, memory_limit)
    return _conversion(inputs, chosen, written)


def _demand_loadable(
    paths: Sequence[Path], by: Sequence[str], engine: EngineName | None, reason: str
) -> None:
    """Refuse to ask of an engine what the loader alone reads, and of the loader too much."""
    if len(paths) > 1 or by or engine:
        raise loader_is_needed(reason)
    if (size := input_size(paths[0])) > LARGEST_LOADED:
        raise LayoutError(
            f"{reason}, which engines do not read: expected at most {LARGEST_LOADED:,} bytes "
            f"for the loader, found {size:,}; take the file as published"
        )


def _run(
    inputs: Input, place: Path, engine: EngineName, by: Sequence[str], memory_limit: str
) -> "_Written":
    """Do the work, then see that no statement stands there twice and none was lost."""
    with open_session(engine, memory_limit=memory_limit, ordered=not by) as session:
        if by:
            parts = list(session.batches(inputs.summed(session, by)))
        else:
            writer = TableWriter(place, flow_schema(inputs.own))
            try:
                for batch in session.batches(inputs.stated(session)):
                    writer.write(batch)
                writer.describe(_attrs(inputs, writer.rows))
            finally:
                writer.close()
    tallies = list(inputs.tallies)
    if not inputs.sure:
        demand_once(inputs, engine, memory_limit)
    kept = sum(tally.rows_in - sum(tally.left_out.values()) for tally in tallies)
    if not by:
        demand_all(writer.rows if inputs.layout is None else writer.statements, kept)
        return _Written(writer.rows, writer.sums, writer.units)
    table = pa.Table.from_batches(parts).to_pandas() if parts else pd.DataFrame()
    demand_all(int(table["statements"].sum()) if parts else 0, kept)
    summed = _settle_sums(table, by, [path.name for path in inputs.paths])
    write_parquet(summed, place, index=False)
    return _Written(len(summed), summed["value"].tolist(), {*summed["unit"].unique()})


class _Written(NamedTuple):
    """Rows that were written, their values added up by batch, and the units of these."""

    rows: int
    sums: list[float]
    units: set[str]


def _attrs(inputs: Input, rows: int) -> dict[Hashable, Any]:
    """Return report and scope of what was written, as a table has them that was loaded."""
    report = {
        "layout": inputs.key,
        "rows_in": sum(tally.rows_in for tally in inputs.tallies),
        "rows_out": rows,
        "left_out": inputs.left_out,
        "warnings": inputs.warnings,
        "header": {},
    }
    scope = inputs.scope()
    return {"report": report} if scope is None else {"report": report, "scope": as_text(scope)}


def _conversion(inputs: Input, engine: EngineName, written: _Written) -> Conversion:
    return Conversion(
        layout=inputs.key,
        engine=engine,
        releases=releases_of(inputs.paths),
        rows_in=sum(tally.rows_in for tally in inputs.tallies),
        rows_out=written.rows,
        left_out=inputs.left_out,
        total=fsum(written.sums),
        unit="/".join(sorted(written.units)),
        warnings=tuple(inputs.warnings),
    )


def _convert_loaded(paths: Sequence[Path], key: str, out: Path, by: Sequence[str]) -> Conversion:
    """Convert by the ordinary loader, in memory."""
    if len(paths) > 1 or by:
        asked = "sums" if by else "several files together"
        raise engines_cannot_read(paths[0], key, asked)
    table = load(paths[0], layout=key)
    report = table.attrs["report"]
    with whole_file(out) as place:
        write_parquet(table, place, index=False)
    has_value = {"value", "unit"} <= set(table.columns)
    return Conversion(
        layout=key,
        engine="loader",
        releases=(),
        rows_in=report["rows_in"],
        rows_out=report["rows_out"],
        left_out=report["left_out"],
        total=fsum(table["value"].dropna()) if has_value else None,
        unit="/".join(sorted(set(table["unit"]))) if has_value else "",
        warnings=tuple(report["warnings"]),
    )


def _settle_sums(parts: pd.DataFrame, by: Sequence[str], files: Sequence[str]) -> pd.DataFrame:
    """Return one row a sum, or say what it would count twice."""
    columns = list(dict.fromkeys([*by, "value", "unit", "statements", *TOLD]))
    if parts.empty:
        return pd.DataFrame(columns=columns).astype({"value": "float64", "statements": "int64"})
    demand_one_file(parts, files)
    if parts.duplicated(list(by)).any():
        parts = _added(parts, by)
    return parts.sort_values(list(by), ignore_index=True)[columns]


def _added(parts: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    spanned = with_span(parts)
    demand_one_each(spanned, by, (*APART, SPAN))
    common = [name for name in TOLD if name not in by]
    return (
        spanned.groupby(list(by), sort=True)
        .agg(
            **{
                "value": ("value", fsum),
                "statements": ("statements", "sum"),
                **{name: (name, "first") for name in common},
            }
        )
        .reset_index()
    )


def describe_conversion(done: Conversion, out: Path) -> Iterator[str]:
    """Yield lines for a reader."""
    release = f", release {', '.join(done.releases)}" if done.releases else ""
    yield f"{out}: layout {done.layout}{release}, by {done.engine}"
    yield f"  {done.rows_in} rows in, {done.rows_out} rows out"
    yield from (f"  left out: {count} {reason}" for reason, count in done.left_out.items())
    if done.total is not None:
        yield f"  sum {done.total:.15g} {done.unit}"
    yield from (f"  beware: {warning}" for warning in done.warnings)
