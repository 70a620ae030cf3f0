"""What must hold before statements are added up: one release, each statement once, one measure."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from flows.bulk.engines import EngineName, open_session
from flows.bulk.inputs import BULK, Input, releases_of
from flows.bulk.naming import APART
from flows.errors import DoubleCountError, EngineError, LayoutError, SchemaError
from flows.loaders.baci import classification_of
from flows.table import where

STATED = ("reporter", "start", "end", "classification", "level", "partner_basis")
"""What two files must not both state."""

TOLD = tuple(name for name in APART if name != "level")
"""What a sum says of itself beside what it was asked by."""

SPAN = "period"
"""Name of the column that says whether a row is of a year or of a month."""

_LONGEST_MONTH = 31
_SHOWN = 5


def engines_cannot_read(path: Path, key: str, asked: str) -> LayoutError:
    """Return the error of a layout that has no engine where more is asked than loaders do."""
    return LayoutError(
        f"{path}: expected a layout that engines read ({', '.join(BULK)}) for {asked}, "
        f"found {key}; convert one file at a time, without sums"
    )


def loader_is_needed(reason: str) -> LayoutError:
    """Return the error of a file that a loader reads and an engine does not."""
    return LayoutError(
        f"{reason}, which engines do not read: expected one file, no sums and no --engine; "
        "convert each file by itself, then what that has written"
    )


def demand_one_release(paths: Sequence[Path], by: Sequence[str]) -> None:
    """Refuse to sum what is not of one release and one revision of the HS."""
    releases = releases_of(paths)
    if by and len(releases) > 1:
        raise DoubleCountError(f"expected files of one release, found {', '.join(releases)}")
    revisions = sorted({classification_of(path) for path in paths})
    if by and len(revisions) > 1:
        raise DoubleCountError(
            f"expected files of one revision of the HS, found {', '.join(revisions)}"
        )


def demand_all(rows: int, kept: int) -> None:
    """Refuse a result that does not hold each row that was read."""
    if rows != kept:
        raise EngineError(
            f"expected {kept} rows from the engine, found {rows}; "
            "flows or the engine is at fault: convert with another one (--engine)"
        )


def demand_once(inputs: Input, engine: EngineName, memory_limit: str) -> None:
    """Refuse a statement that stands there twice, with its file and lines; reads all again."""
    with open_session(engine, memory_limit=memory_limit, ordered=False) as session:
        batches = list(session.batches(inputs.twice(session).sort("file", "first").head(_SHOWN)))
    repeated = [row for batch in batches for row in batch.to_pylist()]
    if repeated:
        rows = pd.DataFrame(
            {"dataset": inputs.paths[row["file"]].name, "line": line}
            for row in repeated
            for line in (row["first"], row["last"])
        )
        raise SchemaError(
            "expected each statement (reporter, pair, period, product) once; "
            f"rows at fault: {where(rows)}"
        )


def demand_one_file(parts: pd.DataFrame, files: Sequence[str]) -> None:
    """Refuse two files that state the same."""
    stated = parts[[*STATED, "file"]].drop_duplicates()
    holders = stated.groupby(list(STATED))["file"].unique()
    several = holders[holders.map(len) > 1]
    if len(several):
        names = ", ".join(files[number] for number in sorted(several.iloc[0]))
        reporter, start = several.index[0][:2]
        raise DoubleCountError(
            f"expected what {reporter} states for {str(start)[:10]} in one file, "
            f"found it in {names}"
        )


def with_span(parts: pd.DataFrame) -> pd.DataFrame:
    """Return parts of sums that say whether each is of a year or of months."""
    days = pd.to_datetime(parts["end"]) - pd.to_datetime(parts["start"])
    return parts.assign(
        **{SPAN: (days.dt.days >= _LONGEST_MONTH).map({True: "years", False: "months"})}
    )


def demand_one_each(
    parts: pd.DataFrame, by: Sequence[str], names: Iterable[str], *, each: str = "sum"
) -> None:
    """Refuse parts that would be added up and differ in what must not differ."""
    grouped = parts.groupby(list(by), sort=True)
    for name in names:
        mixed = grouped[name].nunique().loc[lambda count: count > 1]
        if not mixed.empty:
            first = mixed.index[0]
            at = dict(zip(by, first if isinstance(first, tuple) else (first,), strict=True))
            raise _mixed(parts, at, name, each)


def _mixed(parts: pd.DataFrame, at: Mapping[str, object], name: str, each: str) -> DoubleCountError:
    rows = parts
    for column, cell in at.items():
        rows = rows[rows[column] == cell]
    values = ", ".join(str(value) or "none" for value in sorted(rows[name].unique()))
    asked = "product" if name == "level" else name
    return DoubleCountError(
        f"expected one {name} in each {each}, found {values} for "
        f"{', '.join(f'{column} {cell}' for column, cell in at.items())}; "
        f"sum by {asked} as well"
    )
