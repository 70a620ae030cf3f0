"""The second section: it takes a table of its own, and may be asked without."""

import pandas as pd

from flows.findings import Findings
from flows.origin import Made
from toy_sections import ToyQuestion


def beside(question: ToyQuestion, other: Made[pd.DataFrame] | None = None) -> Findings:
    """Say how many rows another table has."""
    rows = "none" if other is None else str(len(other.value))
    return Findings(words={f"{question.name}.beside": rows})
