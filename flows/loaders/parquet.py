"""Tables in Parquet: what ``flows convert`` and the build write, with what its rows make up."""

import json
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from flows.errors import LayoutError
from flows.loaders import known
from flows.loaders.claims import from_text
from flows.loaders.text import is_parquet
from flows.scope import remember
from flows.sources import file_sha256
from flows.table import COLUMNS, check_flows

_ATTRS = b"PANDAS_ATTRS"
"""Key under which pandas keeps the attributes of a table in the metadata of its file."""


def as_metadata(attrs: Mapping[Hashable, Any]) -> dict[bytes, bytes]:
    """Return report and scope of a table as the metadata of its file."""
    return {_ATTRS: json.dumps(attrs, ensure_ascii=False).encode()}


def read_attrs(path: Path) -> dict[Hashable, Any]:
    """Return the attributes that were written beside the rows, by pandas or in batches."""
    try:
        with pq.ParquetFile(path) as file:
            metadata = file.metadata.metadata or {}
    except (pa.ArrowException, OSError) as error:
        raise LayoutError(f"{path}: expected sound Parquet, found: {error}") from error
    attrs: dict[Hashable, Any] = json.loads(metadata.get(_ATTRS, b"{}"))
    return attrs


def read_parquet(path: Path) -> pd.DataFrame:
    """Return a table with its attributes; Parquet has no dates in seconds, and they are again."""
    attrs = read_attrs(path)
    frame = pd.read_parquet(path)
    dates = frame.select_dtypes("datetime64[ms]").columns
    typed = frame.astype(dict.fromkeys(dates, "datetime64[s]"))
    typed.attrs = attrs
    return typed


def remember_whole(table: pd.DataFrame) -> None:
    """
    Keep what the data set of a table makes up, where the table has all rows that were loaded.

    Attributes survive a filter: of a table that was filtered before it was written, they say too
    much.
    """
    claims, report = table.attrs.get("scope"), table.attrs.get("report", {})
    if claims is not None and len(table) and len(table) == report.get("rows_out"):
        remember(str(table["dataset"].iloc[0]), from_text(claims).of_rows(table))


def holds_flow_table(path: Path) -> bool:
    """Say whether a file is Parquet that ``flows convert`` wrote, or that has its columns."""
    if not is_parquet(path):
        return False
    if read_attrs(path).get("report", {}).get("layout") in known.LAYOUTS:
        return True
    names = pq.read_schema(path).names
    return set(COLUMNS) <= set(names)


def load_parquet(path: Path) -> pd.DataFrame:
    """
    Return a table that ``flows convert`` wrote, with its data set, report and scope.

    Rows of large files have the name of their file alone; they are a data set of one's own here.
    """
    frame = read_parquet(path)
    layout = known.LAYOUTS.get(frame.attrs.get("report", {}).get("layout", ""))
    if layout is None and not set(COLUMNS) <= set(frame.columns):
        raise LayoutError(
            f"{path}: expected a table that flows convert wrote, without sums, found Parquet with "
            f"the columns {', '.join(map(str, frame.columns))}; of BACI as Parquet make one first: "
            "flows convert FILE -o OUT.parquet"
        )
    named = _with_ids(frame, path) if "dataset" in frame.columns else frame
    table = (layout.check if layout else check_flows)(named)
    nothing = {"layout": "flow_table", "left_out": {}, "warnings": [], "header": {}}
    size = {"rows_in": len(table), "rows_out": len(table)}
    table.attrs = {**frame.attrs, "report": frame.attrs.get("report") or {**nothing, **size}}
    return table


def _with_ids(frame: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return rows whose data set is told apart from that of another file of the same name."""
    names = frame["dataset"].unique()
    if all("@" in name for name in names):
        return frame
    digits = file_sha256(path)[:8]
    if len(names) == 1:
        return frame.assign(dataset=f"{names[0]}@{digits}")
    return frame.assign(file=frame["dataset"], dataset=f"{path.name}@{digits}")
