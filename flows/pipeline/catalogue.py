"""Checking the catalogue: every raw file is the published one and loads as a table."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flows.errors import FlowsError
from flows.loaders import load_source
from flows.sources import Source, list_sources


@dataclass(frozen=True, slots=True)
class Checked:
    """
    What a check of one data set found.

    ``source``; ``rows``: rows of its table; 0 where there is a fault; ``fault``: why it is not as
    it should be; empty where it is; ``warnings``: what to beware of in this file.
    """

    source: Source
    rows: int = 0
    fault: str = ""
    warnings: tuple[str, ...] = ()


def check_catalogue(root: Path) -> Iterator[Checked]:
    """Check hash, layout and schema of every data set."""
    for source in list_sources(root):
        yield _check(source)


def _check(source: Source) -> Checked:
    try:
        table = load_source(source)
    except FlowsError as error:
        return Checked(source, fault=str(error))
    return Checked(source, len(table), warnings=tuple(table.attrs["report"]["warnings"]))
