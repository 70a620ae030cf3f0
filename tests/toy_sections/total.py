"""The total, in a text of its own."""

from flows.findings import Findings, Number
from toy_sections import ToyQuestion


def total(question: ToyQuestion, *, factor: float) -> Findings:
    """Add up what the partner sent."""
    value = factor * float(question.rows["value"].sum())
    about = f"What {question.partner} sent."
    return Findings(
        numbers=(
            Number(f"{question.name}.total", value, "USD", f"{value:.1f}", about, "f", {}, {}),
        ),
    )
