"""Checking the catalogue: every raw file is the published one and loads as a table."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from flows.errors import FlowsError
from flows.loaders import load_source
from flows.loaders.claims import Control, hold_against_totals
from flows.scope import scope_of
from flows.sources import Source, read_catalogue


@dataclass(frozen=True, slots=True)
class Checked:
    """
    What a check of one data set found.

    ``id`` of the data set; ``rows``: rows of its table; 0 where there is a fault; ``warnings``:
    what to beware of in this file; ``partners``: which partners the rows hold, where it is a flow
    table; ``control``: how the rows compare with the totals that are printed beside them;
    ``fault``: why it is not as it should be; empty where it is.
    """

    id: str
    rows: int = 0
    warnings: tuple[str, ...] = ()
    partners: str = ""
    control: Control = field(default_factory=Control)
    fault: str = ""

    def in_words(self) -> str:
        """Return what was found, in one line."""
        if self.fault:
            return f"FAULT: {self.fault}"
        covered = f"; partners: {self.partners}; {self.control.in_words()}" if self.partners else ""
        return f"{self.rows} rows{covered}"

    def to_json(self) -> dict[str, object]:
        """Return what was found for a program."""
        return {
            "id": self.id,
            "rows": self.rows,
            "fault": self.fault or None,
            "partners": self.partners or None,
            "totals": self.control.to_json(),
        }


def check_catalogue(root: Path) -> Iterator[Checked]:
    """Check hash, layout, schema and description of every data set."""
    sources, faults = read_catalogue(root)
    for source in sources:
        yield _check(source)
    for fault in faults:
        yield Checked("data/raw", fault=str(fault))


def _check(source: Source) -> Checked:
    try:
        table = load_source(source)
    except FlowsError as error:
        return Checked(source.id, fault=str(error))
    if source.incomplete:
        expected = f"{source.folder / 'source.toml'}: expected {', '.join(source.incomplete)}"
        return Checked(source.id, fault=f"{expected} to be completed, found nothing there")
    warnings = tuple(table.attrs["report"]["warnings"])
    scope = scope_of(source.id)
    if scope is None:
        return Checked(source.id, len(table), warnings)
    largest = scope.partners == "largest"
    partners = f"{scope.largest} largest" if largest else scope.partners
    return Checked(source.id, len(table), warnings, partners, hold_against_totals(table, scope))
