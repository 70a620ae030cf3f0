"""The second section: it takes a table of its own, and may be asked without."""

import pandas as pd

from flows.findings import Findings
from toy_sections import ToyQuestion


def beside(question: ToyQuestion, other: pd.DataFrame | None = None) -> Findings:
    """Say how many rows another table has."""
    rows = "none" if other is None else str(len(other))
    return Findings(words={f"{question.name}.beside": rows})
