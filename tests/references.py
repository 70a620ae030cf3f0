"""Results of other programs for tests, each made by the script that lies beside it."""

import json
from pathlib import Path
from typing import Any

import pandas as pd


def reference(name: str) -> dict[str, Any]:
    """Return what lies in a file of results."""
    path = Path(__file__).parent / "reference" / f"{name}.json"
    return dict(json.loads(path.read_text(encoding="utf-8")))


SANDWICH = reference("sandwich")

NILE = pd.Series(
    SANDWICH["data"]["nile"]["values"],
    index=pd.period_range("1871", "1970", freq="Y"),
    dtype=float,
)
"""Flow of the Nile at Aswan in 10^8 cubic metres."""
