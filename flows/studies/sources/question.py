"""What the study of sources asks about: the data sets that a report uses."""

from dataclasses import dataclass

from flows.origin import Made
from flows.sources import Source


@dataclass(frozen=True, slots=True, eq=False)
class SourcesQuestion:
    """Data sets by id."""

    name: str
    sources: Made[list[Source]]


def ask(sources: Made[list[Source]], *, name: str) -> SourcesQuestion:
    """Ask about data sets in the order of their ids, at least one."""
    if not sources.value:
        raise ValueError("sources: expected at least one data set, found none")
    return SourcesQuestion(name, sources)
