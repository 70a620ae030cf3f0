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
    "supplier.deals": "How much depends on single deals",
    "supplier.windows": "Windows and releases",
    "supplier.choices": "What if one had chosen otherwise",
    "supplier.concentration": "Concentration",
    "supplier.suppliers": "All suppliers",
    "supplier.suppliers_over_time": "How the suppliers changed",
    "profile.statements": "Who states what",
    "profile.balance": "Balance",
    "profile.asymmetry": "Two sides of one flow",
    "profile.partners": "Among all partners",
    "profile.over_time": "Over time",
    "mirror.reports": "What the monthly statistics say",
    "mirror.bridge": "From one report to the other",
    "mirror.choices": "What if one had chosen otherwise",
    "mirror.history": "Both reports over the years",
    "mirror.gravity": "What gravity predicts",
    "mirror.silence": "A flow that one side states",
    "transit.levels": "How much",
    "transit.members": "Whose goods",
    "transit.breaks": "Since when",
    "transit.neighbours": "Not there alone",
    "transit.mirror": "What arrives of what was sent",
    "transit.bridges": "From one report to the other",
    "transit.onward": "What could have gone on",
    "transit.lost": "What was lost",
    "transit.placebos": "Where nothing should be found",
    "trend.growth": "Growth",
    "trend.breaks": "Breaks",
    "trend.forecast": "If it goes on like this",
}
"""Headings of sections; one that has none goes on from the section before it."""

_LEADS: Mapping[str, str] = {
    "profile.statements": "Every statement of either direction, from when to when, and how large "
    "the last whole year is",
    "profile.balance": "Exports against imports, as each reporter states both",
    "profile.asymmetry": "What both sides state of one flow, set against each other",
    "profile.partners": "Where the other country stands among all partners of a reporter",
    "profile.over_time": "Each flow by year, as everybody states it",
}
"""Sentences for sections that have tables and figures and no text of their own."""

_IN_THE_HEAD = {"profile.lead"}
"""Sections whose words the head of the text has."""


def report_text(head: str, studies: Sequence[Tried]) -> str:
    """Return the text of a report: its head, every section, and the references."""
    parts = [head.rstrip()]
    for tried in studies:
        parts += _sections_of(tried)
    parts.append("# References {.unnumbered}\n\n::: {#refs}\n:::\n")
    parts.append("## Data sets {.unnumbered}\n\n{{ citations() }}\n")
    return "\n\n".join(parts)


def _sections_of(tried: Tried) -> Iterator[str]:
    draft = tried.draft
    for section in draft.of_sections:
        if f"{draft.study}.{section}" in _IN_THE_HEAD:
            continue
        if heading := _HEADINGS.get(f"{draft.study}.{section}"):
            yield f"# {heading}"
        shown, has_text = _shown_by(draft.study, section)
        if has_text:
            yield f'{{{{ section("{draft.id}.{section}") }}}}'
        others = [
            (kind, name)
            for kind, name in tried.exhibits[section]
            if (kind, name.removeprefix(f"{draft.id}-")) not in shown
        ]
        if others:
            yield _exhibits(f"{draft.study}.{section}", others)


def _exhibits(kind: str, names: Sequence[tuple[str, str]]) -> str:
    """Return exhibits that no text shows, after a sentence where the section has no text."""
    shown = [f'{{{{ {which}("{name}") }}}}' for which, name in names]
    if names and (lead := _LEADS.get(kind)):
        calls = {"figure": "figref", "table": "tableref"}
        refs = ", ".join(f'{{{{ {calls[which]}("{name}") }}}}' for which, name in names)
        shown.insert(0, f"{lead} ({refs}).")
    return "\n\n".join(shown)


def _shown_by(study: str, section: str) -> tuple[set[tuple[str, str]], bool]:
    """Return the exhibits that a section's own text shows, and whether it has a text."""
    place = files(STUDIES[study].folder) / f"{section}.md"
    if not place.is_file():
        return set(), False
    text = place.read_text(encoding="utf-8")
    return set(re.findall(r"\b(figure|table)\(['\"]([^'\"]+)['\"]\)", text)), True
