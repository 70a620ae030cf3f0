"""Files for the engines: BACI as CEPII writes it, Comtrade's bulk file, and what comes of them."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

import pandas as pd

from flows.bulk.convert import Conversion, convert
from flows.bulk.engines import EngineName
from flows.errors import FlowsError
from flows.loaders import load
from flows.table import check_flows

BACI_NAME = "BACI_HS22_Y2022_V202401b.csv"
HEADER = "t,i,j,k,v,q\n"

_Made = TypeVar("_Made")


def baci_text(rows: Iterable[tuple[int, int, int, int, float]]) -> str:
    """Return rows of year, exporter, importer, product and thousand dollars."""
    lines = [f"{t},{i},{j},{k:06},{v:13.3f},{v / 2:13.3f}\n" for t, i, j, k, v in rows]
    return HEADER + "".join(lines)


def written(folder: Path, text: str | bytes, name: str = BACI_NAME) -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def read_flows(path: Path) -> pd.DataFrame:
    """Return what was written as a checked table: Parquet has no dates in seconds."""
    return check_flows(pd.read_parquet(path))


def load_by_name(path: Path) -> pd.DataFrame:
    """Return a file as loaded, its rows named as a conversion names them: without its hash."""
    table = load(path)
    return table.assign(dataset=table["dataset"].str.replace(r"@[0-9a-f]{8}$", "", regex=True))


SUMMED = (
    "exporter",
    "importer",
    "reporter",
    "start",
    "end",
    "product",
    "classification",
    "valuation",
    "partner_basis",
)
"""What tells statements apart: sums by all of it are of one row each, or of its parts."""


def outcome_of(work: Callable[[], _Made]) -> "_Made | FlowsError":
    """Return what comes of some work, or the error of the data that it ends with."""
    try:
        return work()
    except FlowsError as error:
        return error


def difference(
    path: Path,
    out: Path,
    *,
    engine: EngineName,
    layout: str | None = None,
    summed: bool = False,
) -> str:
    """Say in what an engine and the loader disagree about a file; empty if in nothing."""
    out.unlink(missing_ok=True)
    loaded = outcome_of(lambda: load(path, layout=layout))
    by = SUMMED if summed else ()
    done = outcome_of(lambda: convert([path], out, engine=engine, layout=layout, by=by))
    if isinstance(done, FlowsError) and "which engines do not read" in str(done):
        # Files that a program saved again are converted by the loader, where no engine is named.
        done = outcome_of(lambda: convert([path], out, layout=layout))
        summed = False
    if isinstance(loaded, FlowsError) and isinstance(done, FlowsError):
        return "" if path.name in f"{loaded} {done}" else f"no name in {loaded} and {done}"
    if isinstance(done, FlowsError):
        return f"the engine refuses: {done}"
    if isinstance(loaded, FlowsError):
        # A sum of values does not read quantities.
        unread = summed and any(f"column {name}" in str(loaded) for name in ("q", "QUANTITY"))
        return "" if unread else f"the loader refuses: {loaded}"
    return _other_sums(loaded, out) if summed else _other_rows(loaded, done, out)


def _other_rows(loaded: pd.DataFrame, done: Conversion, out: Path) -> str:
    report = loaded.attrs["report"]
    counts = (done.rows_in, done.rows_out, dict(done.left_out))
    if counts != (report["rows_in"], report["rows_out"], report["left_out"]):
        return f"expected {report}, found {counts}"
    try:
        pd.testing.assert_frame_equal(
            _without_file(read_flows(out)), _without_file(loaded), rtol=1e-9
        )
    except AssertionError as error:
        return f"other rows: {error}"
    return ""


def _without_file(table: pd.DataFrame) -> pd.DataFrame:
    return table.drop(columns="dataset")


def _other_sums(loaded: pd.DataFrame, out: Path) -> str:
    expected = loaded.groupby(list(SUMMED))["value"].sum().sort_index()
    table = pd.read_parquet(out)
    days = {name: table[name].astype("datetime64[s]") for name in ("start", "end")}
    found = table.assign(**days).set_index(list(SUMMED))["value"].sort_index()
    try:
        pd.testing.assert_series_equal(found, expected, rtol=1e-9, check_dtype=False)
    except AssertionError as error:
        return f"other sums: {error}"
    return ""
