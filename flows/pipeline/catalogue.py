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

    Parameters
    ----------
    source : Source
    rows : int
        Rows of its table; 0 where there is a fault.
    fault : str
        Why it is not as it should be; empty where it is.
    warnings : tuple of str
        What to beware of in this file.
    """

    source: Source
    rows: int = 0
    fault: str = ""
    warnings: tuple[str, ...] = ()


def check_catalogue(root: Path) -> Iterator[Checked]:
    """
    Check hash, layout and schema of every data set.

    Parameters
    ----------
    root : pathlib.Path
        Folder of the project.

    Yields
    ------
    Checked
        One a data set, in the order of the ids; a fault does not end the check.

    Raises
    ------
    SourceError
        If a ``source.toml`` cannot be read.
    """
    for source in list_sources(root):
        yield _check(source)


def _check(source: Source) -> Checked:
    try:
        table = load_source(source)
    except FlowsError as error:
        return Checked(source, fault=str(error))
    return Checked(source, len(table), warnings=tuple(table.attrs["report"]["warnings"]))
