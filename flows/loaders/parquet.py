"""Tables in Parquet: what ``flows convert`` and the build write, with what its rows make up."""

import json
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from flows.errors import FlowsError, LayoutError
from flows.loaders import known
from flows.loaders.claims import from_text
from flows.loaders.sealed import check_seal, guard_parquet, open_parquet
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
    with open_parquet(path) as file:
        return _attrs(file, path)


def _attrs(file: pq.ParquetFile, path: Path) -> dict[Hashable, Any]:
    attrs = json.loads((file.metadata.metadata or {}).get(_ATTRS, b"{}"))
    if not isinstance(attrs, dict) or not isinstance(attrs.get("report", {}), dict):
        raise LayoutError(f"{path}: expected attributes of a table by name, found another thing")
    return attrs


def read_parquet(path: Path) -> pd.DataFrame:
    """Return a table with its attributes; Parquet has no dates in seconds, and they are again."""
    check_seal(path)
    attrs = read_attrs(path)
    with guard_parquet(path):
        frame = pd.read_parquet(path, page_checksum_verification=True)
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
    check_seal(path)
    if read_attrs(path).get("report", {}).get("layout") in known.LAYOUTS:
        return True
    with open_parquet(path) as file:
        return set(COLUMNS) <= set(file.schema_arrow.names)


def load_parquet(path: Path) -> pd.DataFrame:
    """
    Return a table that ``flows convert`` wrote, with its data set, report and scope.

    Rows of large files have the name of their file alone; they are a data set of one's own here.
    """
    frame = read_parquet(path)
    report = frame.attrs.get("report") or {}
    layout = known.LAYOUTS.get(str(report.get("layout")))
    if layout is None and not set(COLUMNS) <= set(frame.columns):
        raise LayoutError(
            f"{path}: expected a table that flows convert wrote, without sums, found Parquet with "
            f"the columns {', '.join(map(str, frame.columns))}; of BACI as Parquet make one first: "
            "flows convert FILE -o OUT.parquet"
        )
    named = _with_ids(frame, path) if "dataset" in frame.columns else frame
    try:
        table = (layout.check if layout else check_flows)(named)
    except FlowsError as error:
        raise type(error)(f"{path}: {error}") from error
    _check_report(report, path)
    nothing = {"layout": "flow_table", "left_out": {}, "warnings": [], "header": {}}
    size = {"rows_in": len(table), "rows_out": len(table)}
    table.attrs = {**frame.attrs, "report": report or {**nothing, **size}}
    return table


_REPORT: Mapping[str, type] = {
    "layout": str,
    "rows_in": int,
    "rows_out": int,
    "left_out": dict,
    "warnings": list,
    "header": dict,
}
"""What a report says, and the kind of each entry."""


def _check_report(report: Mapping[str, Any], path: Path) -> None:
    """Check that a report is empty, or that it has each entry in its kind."""
    if not report:
        return
    for name, kind in _REPORT.items():
        if not isinstance(report.get(name), kind):
            raise LayoutError(
                f"{path}: expected {name} as {kind.__name__} in the report beside the rows, found "
                f"{report.get(name)!r}; write the rows without attributes, or the table as loaded"
            )


def _with_ids(frame: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return rows whose data set is told apart from that of another file of the same name."""
    names = frame["dataset"].unique()
    if all("@" in name for name in names):
        return frame
    digits = file_sha256(path)[:8]
    if len(names) == 1:
        return frame.assign(dataset=f"{names[0]}@{digits}")
    return frame.assign(file=frame["dataset"], dataset=f"{path.name}@{digits}")
