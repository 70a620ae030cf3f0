"""What the study of sources asks about: the data sets that a report uses."""

from collections.abc import Sequence
from dataclasses import dataclass

from flows.sources import Source


@dataclass(frozen=True, slots=True)
class SourcesQuestion:
    """Data sets by id."""

    name: str
    sources: tuple[Source, ...]


def ask(sources: Sequence[Source], *, name: str) -> SourcesQuestion:
    """Ask about data sets, at least one."""
    if not sources:
        raise ValueError("expected at least one data set, found none")
    return SourcesQuestion(name, tuple(sorted(sources, key=lambda source: source.id)))
