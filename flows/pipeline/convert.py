"""Files of any size to Parquet: what ``flows convert`` does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from pathlib import Path

import pandas as pd
import pyarrow as pa

from flows.engine.parquet import TableWriter, flow_schema, whole_file
from flows.engine.sessions import MEMORY_LIMIT, EngineName, choose_engine, open_session
from flows.errors import DoubleCountError, EngineError, LayoutError, SchemaError
from flows.loaders import load
from flows.pipeline.bulk_inputs import BULK, FLOW_TABLE, Input, classification_of
from flows.pipeline.convert_inputs import (
    check_asked,
    input_paths,
    input_size,
    layout_of,
    releases_of,
)
from flows.pipeline.sums import settle_sums
from flows.table import where

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Conversion:
    """
    What a conversion did.

    Parameters
    ----------
    layout : str
        Key of the layout.
    engine : str
        What ran it; ``loader`` where the layout has no bulk engine.
    releases : tuple of str
        That the names of the files state.
    rows_in, rows_out : int
        Rows of the files under their headers, and of the table that was written.
    left_out : Mapping
        Reason to number of rows.
    total : float, optional
        Sum of all values, in ``unit``; none where the rows have no value.
    unit : str
        ``USD``, ``TIV``, or empty.
    warnings : tuple of str
        What to beware of.
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
    """
    Write files of one layout as one Parquet file: the flow table, or sums of it.

    Parameters
    ----------
    files : sequence of str or pathlib.Path
        CSV, packed or not, a release of BACI as .zip, or Parquet of what this function wrote or
        with the columns of BACI.
    out : str or pathlib.Path
        Written whole or not at all.
    engine : {"pandas", "duckdb", "spark"}, optional
        By default DuckDB for more than 50 MB of input, else pandas.
    by : sequence of str
        What to sum by, of :data:`flows.engine.statements.SUMMED_BY`; no sum by default.
    layout : str, optional
        Key of the layout, where it shall not be recognised.
    memory_limit : str
        What DuckDB may hold before it works in files.

    Returns
    -------
    Conversion

    Raises
    ------
    FlowsError
        If a file is not as its layout has it (with file and line), a statement stands there twice,
        a sum would count goods twice, or the engine is not installed or out of memory.
    UnknownNameError
        If there is no such column or layout.
    ValueError
        If there is no such engine.
    OSError
        If a file cannot be read or written.

    Examples
    --------
    >>> import tempfile
    >>> from flows.loaders.examples import example_path
    >>> out = Path(tempfile.mkdtemp()) / "baci.parquet"
    >>> done = convert([example_path("baci")], out, by=["exporter", "year"])
    >>> done.rows_in, done.rows_out, done.total
    (3, 3, 3170.0)
    """
    check_asked(by, layout, memory_limit)
    paths = input_paths(files)
    key = layout_of(paths, layout)
    if key not in BULK and key != FLOW_TABLE:
        return _convert_loaded(paths, key, Path(out), by)
    chosen = engine or choose_engine(sum(map(input_size, paths)))
    _demand_one_release(paths, by)
    given = Input(key, paths)
    with whole_file(Path(out)) as place:
        rows, sums = _run(given, place, chosen, by, memory_limit)
    return _told(given, chosen, rows, sums)


def _demand_one_release(paths: Sequence[Path], by: Sequence[str]) -> None:
    """Refuse to sum what is not of one release and one revision of the HS."""
    releases = releases_of(paths)
    if by and len(releases) > 1:
        raise DoubleCountError(f"expected files of one release, found {', '.join(releases)}")
    revisions = sorted({classification_of(path) for path in paths})
    if by and len(revisions) > 1:
        raise DoubleCountError(
            f"expected files of one revision of the HS, found {', '.join(revisions)}"
        )


def _run(
    given: Input, place: Path, engine: EngineName, by: Sequence[str], memory_limit: str
) -> tuple[int, list[float]]:
    """Do the work, then see that no statement stands there twice and none was lost."""
    with open_session(engine, memory_limit=memory_limit, ordered=not by) as session:
        if by:
            parts = list(session.batches(given.summed(session, by)))
        else:
            writer = TableWriter(place, flow_schema(given.own))
            try:
                for batch in session.batches(given.stated(session)):
                    writer.write(batch)
            finally:
                writer.close()
    told = list(given.tallies)
    if not given.sure:
        _demand_once(given, engine, memory_limit)
    kept = sum(tally.rows_in - sum(tally.left_out.values()) for tally in told)
    if not by:
        _demand_all(writer.rows, kept)
        return writer.rows, writer.sums
    table = pa.Table.from_batches(parts).to_pandas() if parts else pd.DataFrame()
    _demand_all(int(table["statements"].sum()) if parts else 0, kept)
    summed = settle_sums(table, by, [path.name for path in given.paths])
    summed.to_parquet(place, index=False, compression="zstd")
    return len(summed), summed["value"].tolist()


def _demand_all(rows: int, kept: int) -> None:
    if rows != kept:
        raise EngineError(f"expected {kept} rows from the engine, found {rows}")


def _demand_once(given: Input, engine: EngineName, memory_limit: str) -> None:
    with open_session(engine, memory_limit=memory_limit, ordered=False) as session:
        batches = list(session.batches(given.twice(session).sort("file", "first").head(_SHOWN)))
    found = [row for batch in batches for row in batch.to_pylist()]
    if found:
        rows = pd.DataFrame(
            {"dataset": given.paths[row["file"]].name, "line": line}
            for row in found
            for line in (row["first"], row["last"])
        )
        raise SchemaError(f"expected each statement once; not so at {where(rows)}")


def _told(given: Input, engine: EngineName, rows: int, sums: list[float]) -> Conversion:
    left_out: dict[str, int] = {}
    for tally in given.tallies:
        for reason, count in tally.left_out.items():
            left_out[reason] = left_out.get(reason, 0) + count
    unnamed = given.key == "baci" and "HS" in map(classification_of, given.paths)
    return Conversion(
        layout=given.key,
        engine=engine,
        releases=releases_of(given.paths),
        rows_in=sum(tally.rows_in for tally in given.tallies),
        rows_out=rows,
        left_out=left_out,
        total=fsum(sums),
        unit="USD",
        warnings=("a file's name does not say its revision of HS",) if unnamed else (),
    )


def _convert_loaded(paths: Sequence[Path], key: str, out: Path, by: Sequence[str]) -> Conversion:
    """Convert by the ordinary loader, in memory."""
    if len(paths) > 1 or by:
        asked = "sums" if by else "several files"
        raise LayoutError(f"{paths[0]}: layout {key} has no bulk engine for {asked}")
    table = load(paths[0], layout=key)
    report = table.attrs.pop("report")
    table.attrs.clear()
    with whole_file(out) as place:
        table.to_parquet(place, index=False, compression="zstd")
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
