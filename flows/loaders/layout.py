"""What a layout is: how it is known by its content, read and normalised."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from flows.loaders.text import RawTable, Reader
from flows.table import check_flows


@dataclass(frozen=True, slots=True)
class Layout:
    """
    One way in which a publisher writes its figures.

    ``key``: its name, and that of its file in ``examples``; ``publisher`` and ``content``: whose
    files they are, and what is in them; ``recognise``: whether a file is of this layout, from its
    first characters: those of no other layout are; ``read``: the cells of a file; ``normalise``:
    what they say, as a table; ``check``: that table unchanged, or what is wrong with it.
    """

    key: str
    publisher: str
    content: str
    recognise: Callable[[str], bool]
    read: Reader
    normalise: Callable[[RawTable], pd.DataFrame]
    check: Callable[[pd.DataFrame], pd.DataFrame] = check_flows

    def load(self, path: Path, *, dataset: str | None = None) -> pd.DataFrame:
        """Return the checked table of one file."""
        table = self.normalise(self.read(path, dataset=dataset))
        table.attrs["report"] = {"layout": self.key, **table.attrs["report"]}
        return table


def starts_with(columns: Sequence[str]) -> Callable[[str], bool]:
    """Return a function that knows a file by the names in its first line."""

    def recognise(beginning: str) -> bool:
        line = beginning.partition("\n")[0]
        return set(columns) <= {cell.strip('" \r') for cell in re.split("[,\t]", line)}

    return recognise


def matches(pattern: str) -> Callable[[str], bool]:
    """Return a function that knows a file by a regular expression."""
    compiled = re.compile(pattern, re.MULTILINE)
    return lambda beginning: compiled.search(beginning) is not None
