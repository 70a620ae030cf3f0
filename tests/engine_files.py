"""Files for the engines: BACI as CEPII writes it, Comtrade's bulk file, and what comes of them."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from flows.loaders import load
from flows.table import check_flows

BACI_NAME = "BACI_HS22_Y2022_V202401b.csv"
HEADER = "t,i,j,k,v,q\n"


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
