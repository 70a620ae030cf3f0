"""What a layout is: how it is known by its content, read and normalised."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from flows.errors import FlowsError
from flows.loaders.records import holds_names
from flows.loaders.text import RawTable, Reader
from flows.table import check_flows

_LOOKED_AT = 40
"""Lines from the beginning of a file among which is the header."""

_LINE = re.compile(r"\blines? ([0-9]+)")
"""Where an error says which rows are at fault, of a table that no longer knows its file."""

_UNTRIED = (
    "the layout is read as documented ({}), and was not tried on a file of the publisher: "
    "hold a figure against the source"
)


@dataclass(frozen=True, slots=True)
class Layout:
    """
    One way in which a publisher writes its figures.

    ``key``: its name, and that of its file in ``examples``; ``publisher`` and ``content``: whose
    files they are, and what is in them; ``recognise``: whether a file is of this layout, from its
    first characters: those of no other layout are; ``read``: the cells of a file; ``normalise``:
    what they say, as a table; ``check``: that table unchanged, or what is wrong with it;
    ``documented``: where its columns are documented, if it was never tried on a publisher's file.
    """

    key: str
    publisher: str
    content: str
    recognise: Callable[[str], bool]
    read: Reader
    normalise: Callable[[RawTable], pd.DataFrame]
    check: Callable[[pd.DataFrame], pd.DataFrame] = check_flows
    documented: str = ""

    def load(self, path: Path, *, dataset: str | None = None) -> pd.DataFrame:
        """Return the checked table of one file."""
        raw = self.read(path, dataset=dataset)
        try:
            table = self.normalise(raw)
        except FlowsError as error:
            if str(error).startswith(raw.path):
                raise
            line = _LINE.search(str(error))
            at = f"{raw.path}:{line[1]}" if line else raw.path
            raise type(error)(f"{at}: {error}") from error
        report = table.attrs["report"]
        untried = [_UNTRIED.format(self.documented)] if self.documented else []
        warnings = [*report["warnings"], *untried]
        table.attrs["report"] = {"layout": self.key, **report, "warnings": warnings}
        return table


def starts_with(
    columns: Sequence[str], *, former: Mapping[str, str] | None = None
) -> Callable[[str], bool]:
    """Return a function that knows a file by the names in its first line, whoever spelt them."""

    def recognise(beginning: str) -> bool:
        return holds_names(beginning.partition("\n")[0], columns, former=former)

    return recognise


def has_line(columns: Sequence[str]) -> Callable[[str], bool]:
    """Return a function that knows a file by the names in one of its first lines."""

    def recognise(beginning: str) -> bool:
        lines = beginning.split("\n", _LOOKED_AT)[:_LOOKED_AT]
        return any(holds_names(line, columns) for line in lines)

    return recognise


def either(*recognisers: Callable[[str], bool]) -> Callable[[str], bool]:
    """Return a function that knows a file if one of several does."""
    return lambda beginning: any(recognise(beginning) for recognise in recognisers)


def matches(pattern: str) -> Callable[[str], bool]:
    """Return a function that knows a file by a regular expression."""
    compiled = re.compile(pattern, re.MULTILINE)
    return lambda beginning: compiled.search(beginning) is not None
