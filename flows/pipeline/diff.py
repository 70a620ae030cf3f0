"""What a new vintage changes: in its data, and in the shares that the report prints."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from flows.compare.share_revision import ShareRevision, share_revision
from flows.compare.vintages import Side, VintageChange, compare_vintages
from flows.errors import FlowsError, PeriodError
from flows.findings import Number
from flows.loaders import load, load_source
from flows.measure.counting import Counting, choose_counted
from flows.measure.shares import share
from flows.pipeline.places import NUMBERS
from flows.pipeline.steps import UnknownNameError, unknown_name
from flows.report.numbers import read_numbers
from flows.sources import find_root, list_sources
from flows.studies.choices import read_counting

_SHARE = "flows.share"
_ASKED = ("supplier", "importer", "start", "end")
_COUNTING = "counting"


@dataclass(frozen=True, slots=True)
class MovedShare:
    """
    A share of the report beside the same share in another vintage.

    Parameters
    ----------
    number : Number
        As the report has it.
    value : float, optional
        In the other vintage, in the unit of the number; none where it cannot be computed.
    reason : str
        Why it cannot be computed; empty where it can.
    revision : ShareRevision, optional
        What made it move; none where it does not, or where its own vintage is not in the catalogue
        or names deals in another way.
    """

    number: Number
    value: float | None
    reason: str = ""
    revision: ShareRevision | None = None

    @property
    def difference(self) -> float | None:
        """By how much the share moves, in percentage points."""
        return None if self.value is None else self.value - self.number.value


@dataclass(frozen=True, slots=True, eq=False)
class Diff:
    """
    What changes from one vintage to another.

    Parameters
    ----------
    change : VintageChange
        In the data.
    shares : tuple of MovedShare
        In the report: every share that was made from the old side's source, in any vintage.
    """

    change: VintageChange
    shares: tuple[MovedShare, ...]


def diff_vintages(
    old: str, new: str, *, root: Path | None = None, common: Side | None = None
) -> Diff:
    """
    Compare two vintages, and the shares of the built report with those of the new one.

    Parameters
    ----------
    old, new : str
        Ids of the catalogue, or paths of files.
    root : pathlib.Path, optional
        Folder of the project; found upward from the working directory by default, and only needed
        where a side is of the catalogue.
    common : {"importer", "exporter"}, optional
        Compare only the importers (or exporters) that both sides have.

    Returns
    -------
    Diff
        Without shares where the old side is a file, or no report is built.

    Raises
    ------
    UnknownNameError
        If a side is neither a file nor in the catalogue.
    FlowsError
        If a side cannot be loaded, or the two cannot be compared.
    """
    before, after = (_load(name, root) for name in (old, new))
    change = compare_vintages(before, after, common=common)
    if Path(old).is_file():
        return Diff(change, ())
    shares = list(_shares_of(old, find_root(root) / NUMBERS))
    releases = {old: before, new: after}
    for name in {str(number.parameters["dataset"]) for number in shares} - releases.keys():
        with suppress(UnknownNameError):
            releases[name] = _load(name, root)
    return Diff(change, tuple(_repeat(number, after, releases) for number in shares))


def _load(name: str, root: Path | None) -> pd.DataFrame:
    if Path(name).is_file():
        return load(name)
    sources = {source.id: source for source in list_sources(find_root(root))}
    if name not in sources:
        raise unknown_name("file or data set", name, sources)
    return load_source(sources[name])


def _shares_of(dataset: str, path: Path) -> Iterator[Number]:
    """Yield the shares in percent that were made from any vintage of the source."""
    source = dataset.partition("@")[0]
    for number in read_numbers(path).values() if path.is_file() else ():
        made_from = str(number.parameters.get("dataset", "")).partition("@")[0]
        if (number.function, number.unit, made_from) == (_SHARE, "%", source):
            yield number


def _repeat(
    number: Number, table: pd.DataFrame, releases: Mapping[str, pd.DataFrame]
) -> MovedShare:
    """Compute a share again, with its own parameters, from other rows."""
    parameters = dict(number.parameters)
    dataset = str(parameters.pop("dataset"))
    if unknown := sorted(parameters.keys() - {*_ASKED, _COUNTING}):
        return MovedShare(number, None, f"it was made with {', '.join(unknown)}")
    asked: dict[str, Any] = {name: parameters[name] for name in _ASKED if name in parameters}
    try:
        counting = read_counting(parameters.get(_COUNTING) or {})  # type: ignore[arg-type]
        found = share(table, **asked, counting=counting)
    except (FlowsError, TypeError) as error:
        return MovedShare(number, None, str(error))
    revision = None
    if dataset in releases and 100 * found.value != number.value:
        with suppress(FlowsError):
            sides = (_admitted(one, counting) for one in (releases[dataset], table))
            revision = share_revision(*sides, **asked)
    return MovedShare(number, 100 * found.value, revision=revision)


def _admitted(table: pd.DataFrame, counting: Counting) -> pd.DataFrame:
    """Return the rows that count in their own period; by year of order there is no revision."""
    if counting.by != "delivery":
        raise PeriodError("expected deliveries by their own year, found a count by year of order")
    kept, _ = choose_counted(table, counting)
    if counting.local_production is None:
        return kept
    return kept[kept["local_production"].eq(counting.local_production)]
