"""What a new vintage changes, in its data and in the shares of the report, in words and values."""

import json
from collections.abc import Hashable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from flows.compare.share_revision import ShareRevision, share_revision
from flows.compare.vintages import Side, VintageChange, compare_vintages
from flows.errors import FlowsError, PeriodError, UnknownNameError, unknown_name
from flows.findings import Number
from flows.loaders import load, load_source
from flows.measure.counting import Counting, choose_counted
from flows.measure.covering import state_whole
from flows.measure.shares import share
from flows.origin import read_call
from flows.report.appendices import FIRST, list_appendices
from flows.report.numbers import read_numbers
from flows.sources import find_root, list_sources

_SHARE, _COUNTING = "fl.share", "fl.Counting"
_ASKED = ("supplier", "importer", "start", "end")
_OTHERWISE = ("dataset", "counting")
"""Arguments of a share that are not literals of the question: its data set, and what it counts."""

_DETAILS = ("product", "classification", "coverage", "partner_basis", "valuation", "designation")
_FACTS = ("old", "new", "unit", "years", "rows_old", "rows_new", "total_old", "total_new")
_TOTAL = "TOTAL"
_DEALS = 3
"""How many deals are named beneath a share."""


@dataclass(frozen=True, slots=True)
class MovedShare:
    """
    A share of the report beside the same share in another vintage.

    ``number``: as the report has it; ``value``: in the other vintage, in the unit of the number;
    none where it cannot be computed; ``reason``: why it cannot be computed; empty where it can;
    ``revision``: what made it move; none where it does not, or where its own vintage is not in the
    catalogue or names deals in another way; ``report``: file of the numbers in which it stands.
    """

    number: Number
    value: float | None
    reason: str = ""
    revision: ShareRevision | None = None
    report: str = FIRST.numbers

    @property
    def difference(self) -> float | None:
        """By how much the share moves, in percentage points."""
        return None if self.value is None else self.value - self.number.value


@dataclass(frozen=True, slots=True, eq=False)
class Diff:
    """
    What changes from one vintage to another.

    ``change``: in the data; ``shares``: in the reports: every share that was made from the old
    side's source, in any vintage.
    """

    change: VintageChange
    shares: tuple[MovedShare, ...]


def diff_vintages(
    old: str, new: str, *, root: Path | None = None, common: Side | None = None
) -> Diff:
    """Compare two vintages, and the shares of built reports with those of the new one."""
    before, after = (_load(name, root) for name in (old, new))
    change = compare_vintages(before, after, common=common)
    if Path(old).is_file():
        return Diff(change, ())
    project = find_root(root)
    shares = [
        (appendix.numbers, number)
        for appendix in list_appendices(project)
        for number in _shares_of(old, project / appendix.numbers)
    ]
    releases = {old: before, new: after}
    for name in {_dataset_of(number) for _, number in shares} - releases.keys():
        with suppress(UnknownNameError):
            releases[name] = _load(name, root)
    moved = (replace(_repeat(number, after, releases), report=report) for report, number in shares)
    return Diff(change, tuple(moved))


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
        is_share = number.unit == "%" and read_call(number.code, _SHARE) is not None
        if is_share and _dataset_of(number).partition("@")[0] == source:
            yield number


def _dataset_of(number: Number) -> str:
    """Return the one data set that a share is made from."""
    return min(number.rows)


def _repeat(
    number: Number, table: pd.DataFrame, releases: Mapping[str, pd.DataFrame]
) -> MovedShare:
    """Compute a share again, as its code does, from other rows."""
    arguments: dict[str, Any] = read_call(number.code, _SHARE) or {}
    asked = {name: arguments[name] for name in _ASKED if name in arguments}
    if unknown := sorted(arguments.keys() - {*_ASKED, *_OTHERWISE}):
        return MovedShare(number, None, f"it was made with {', '.join(unknown)}")
    counted_by: dict[str, Any] = read_call(number.code, _COUNTING) or {}
    try:
        counting = Counting(**counted_by)
        repeated = share(table, **asked, counting=counting)
    except (FlowsError, TypeError) as error:
        return MovedShare(number, None, str(error))
    revision = None
    dataset = _dataset_of(number)
    if dataset in releases and 100 * repeated.value != number.value:
        with suppress(FlowsError):
            sides = (_admitted(side, counting) for side in (releases[dataset], table))
            revision = share_revision(*sides, **asked)
    return MovedShare(number, 100 * repeated.value, revision=revision)


def _admitted(table: pd.DataFrame, counting: Counting) -> pd.DataFrame:
    """Return the rows that count in their own period; by year of order there is no revision."""
    if counting.by != "delivery":
        raise PeriodError("expected deliveries by their own year, found a count by year of order")
    kept, _ = choose_counted(table, counting)
    if counting.local_production is None:
        local = kept
    else:
        local = kept[kept["local_production"].eq(counting.local_production)]
    return state_whole(local, reason=counting.describe())


def describe_diff(diff: Diff, *, most: int) -> Iterator[str]:
    """Yield a comparison as lines of text."""
    yield diff.change.summary()
    revised = _revised(diff.change)
    if len(revised):
        yield f"\nthe largest {min(most, len(revised))} of {len(revised)} changes{_when(diff)}"
    for row in revised.head(most).to_dict("records"):
        yield f"  {_change(row)}"
    for report in dict.fromkeys(moved.report for moved in diff.shares):
        yield f"\nshares in {report}, in percent, and what they would be"
        for moved in diff.shares:
            if moved.report == report:
                yield f"  {_share(moved)}"
                yield from (f"      {line}" for line in _why(moved))
    if not diff.shares:
        yield f"\nno share in a report was made from {diff.change.old}"


def diff_json(diff: Diff, *, most: int) -> dict[str, Any]:
    """Return a comparison as what JSON can hold."""
    change = diff.change
    shown = (*_FACTS, "scope", "rows_outside")
    rows = change.tidy().head(most)
    dated = rows.assign(**{day: rows[day].dt.strftime("%Y-%m-%d") for day in ("start", "end")})
    return {
        **{name: getattr(change, name) for name in shown},
        "parts": _plain(change.parts().reset_index(names="kind")),
        "changes": _plain(dated),
        "shares": [
            {
                "id": moved.number.id,
                "report": moved.report,
                "old": moved.number.value,
                "new": moved.value,
                "difference": moved.difference,
                "not_computable": moved.reason or None,
                "parts": None if moved.revision is None else _plain(moved.revision.tidy()),
            }
            for moved in diff.shares
        ],
    }


def _plain(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows with ``None`` for what is missing."""
    rows: list[dict[str, Any]] = json.loads(frame.to_json(orient="records", double_precision=15))
    return rows


def _revised(change: VintageChange) -> pd.DataFrame:
    rows = change.tidy()
    return rows if change.years is None else rows[rows["in_both_years"]]


def _when(diff: Diff) -> str:
    years = diff.change.years
    return "" if years is None else f" in {years[0]}-{years[1]}"


def _change(row: Mapping[Hashable, Any]) -> str:
    """Return one change on one line: by how much, from what to what, and which statement."""
    before = "none" if row["kind"] == "added" else _amount(row["value_old"])
    after = "none" if row["kind"] == "gone" else _amount(row["value_new"])
    by = _amount(row["difference"], sign="+")
    flow = f"{row['exporter']} to {row['importer']} {_days(row)} ({row['reporter']})"
    what = f": {row['what']}" if row["what"] not in {"", "value"} else ""
    return f"{by:>18}  {before:>16} to {after:<16} {', '.join([flow, *_details(row)])}{what}"


def _amount(value: float, *, sign: str = "") -> str:
    return "not published" if pd.isna(value) else f"{value:{sign}z,.2f}"


def _details(row: Mapping[Hashable, Any]) -> Iterator[str]:
    """Yield what tells the statement from others of the same flow."""
    for name in _DETAILS:
        if name in row and row[name] not in {"", _TOTAL, row["reporter"]} and pd.notna(row[name]):
            yield row[name]
    if pd.notna(row.get("deal")):
        yield f"deal {row['deal']}"


def _days(row: Mapping[Hashable, Any]) -> str:
    """Name a period by its year or month, where it is one of the calendar."""
    start, end = row["start"], row["end"]
    for freq in ("Y", "M"):
        period = start.to_period(freq)
        if (period.start_time.date(), period.end_time.date()) == (start.date(), end.date()):
            return str(period)
    return f"{start.date()}..{end.date()}"


def _share(moved: MovedShare) -> str:
    now = f"{moved.number.id:36} {moved.number.value:7.2f}"
    if moved.value is None:
        return f"{now}  not computable: {moved.reason}"
    return f"{now} {moved.value:7.2f} {moved.difference:+z7.2f}"


def _why(moved: MovedShare) -> list[str]:
    """Return what moves a share, the largest deals first."""
    return [] if moved.revision is None else moved.revision.summary(most=_DEALS).splitlines()[1:]
