"""The total, in a text of its own."""

from flows.findings import Findings
from flows.studies.numbers import make_number
from toy_sections import ToyQuestion


def total(question: ToyQuestion, *, factor: float) -> Findings:
    """Add up what the partner sent."""
    value = question.rows.part(lambda rows: factor * rows["value"].sum())
    about = f"What {question.partner} sent."
    number = make_number(question.name, "total", value, "USD", about, digits=1, rows={})
    return Findings(numbers=(number,))
