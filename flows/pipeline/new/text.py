"""The text of a new report: headings, and the sections that write their own sentences."""

import re
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files

from flows.pipeline.new.draft import Tried
from flows.studies import STUDIES

_HEADINGS: Mapping[str, str] = {
    "supplier.share": "The share",
    "supplier.countings": "What is counted",
    "supplier.bounds": "What cannot be excluded",
    "supplier.deals": "How much hangs on one deal",
    "supplier.windows": "Windows and releases",
    "supplier.concentration": "Concentration",
    "supplier.suppliers": "All suppliers",
    "supplier.suppliers_over_time": "How the suppliers changed",
    "profile.lead": "In short",
    "profile.statements": "Who states what",
    "profile.balance": "Balance",
    "profile.asymmetry": "Two sides of one flow",
    "profile.partners": "Among all partners",
    "profile.over_time": "Over time",
}
"""Headings of sections; one that has none goes on from the section before it."""


def report_text(head: str, studies: Sequence[Tried]) -> str:
    """Return the text of a report: its head, every section, and the references."""
    parts = [head.rstrip()]
    for tried in studies:
        parts += _sections_of(tried)
    parts.append("# References {.unnumbered}\n\n::: {#refs}\n:::\n")
    return "\n\n".join(parts)


def _sections_of(tried: Tried) -> Iterator[str]:
    draft = tried.draft
    for section in draft.of_sections:
        if heading := _HEADINGS.get(f"{draft.study}.{section}"):
            yield f"# {heading}"
        shown, has_text = _shown_by(draft.study, section)
        if has_text:
            yield f'{{{{ section("{draft.id}.{section}") }}}}'
        for kind, name in tried.exhibits[section]:
            if (kind, name.removeprefix(f"{draft.id}-")) not in shown:
                yield f'{{{{ {kind}("{name}") }}}}'


def _shown_by(study: str, section: str) -> tuple[set[tuple[str, str]], bool]:
    """Return the exhibits that a section's own text shows, and whether it has a text."""
    place = files(STUDIES[study].folder) / f"{section}.md"
    if not place.is_file():
        return set(), False
    text = place.read_text(encoding="utf-8")
    return set(re.findall(r"\b(figure|table)\(['\"]([^'\"]+)['\"]\)", text)), True
