"""A comparison of vintages as text for a reader, and as values for a program."""

import json
from collections.abc import Hashable, Iterator, Mapping
from typing import Any

import pandas as pd

from flows.compare.vintages import VintageChange
from flows.pipeline.diff import Diff, MovedShare

_DETAILS = ("product", "classification", "coverage", "partner_basis", "valuation", "designation")
_FACTS = ("old", "new", "unit", "years", "rows_old", "rows_new", "total_old", "total_new")
_TOTAL = "TOTAL"
_DEALS = 3
"""How many deals are named beneath a share."""


def describe_diff(found: Diff, *, most: int) -> Iterator[str]:
    """
    Yield a comparison as lines of text.

    Parameters
    ----------
    found : Diff
        Of :func:`flows.pipeline.diff.diff_vintages`.
    most : int
        How many changes are shown, the largest first. Where both sides count the same years, only
        those of these years: what lies outside is a longer or shorter series.

    Yields
    ------
    str
        Totals and parts, the largest changes, then the shares of the report.

    Raises
    ------
    KeyError
        If a change lacks a column.
    """
    yield found.change.summary()
    revised = _revised(found.change)
    if len(revised):
        yield f"\nthe largest {min(most, len(revised))} of {len(revised)} changes{_when(found)}"
    for row in revised.head(most).to_dict("records"):
        yield f"  {_change(row)}"
    yield "\nshares in reports/numbers.json, in percent, and what they would be"
    for one in found.shares:
        yield f"  {_share(one)}"
        yield from (f"      {line}" for line in _why(one))
    if not found.shares:
        yield f"  none was made from {found.change.old}"


def diff_json(found: Diff, *, most: int) -> dict[str, Any]:
    """
    Return a comparison as what JSON can hold.

    Parameters
    ----------
    found : Diff
        Of :func:`flows.pipeline.diff.diff_vintages`.
    most : int
        How many changes are in it, the largest first.

    Returns
    -------
    dict
        ``old``, ``new``, ``unit``, ``years``, ``rows_old``, ``rows_new``, ``total_old``,
        ``total_new``, ``scope``, ``rows_outside``, ``parts``, ``changes`` (of all years),
        ``shares``, each with the ``parts`` of its change.

    Raises
    ------
    KeyError
        If a change lacks a column.
    """
    change = found.change
    shown = (*_FACTS, "scope", "rows_outside")
    rows = change.tidy().head(most)
    dated = rows.assign(**{day: rows[day].dt.strftime("%Y-%m-%d") for day in ("start", "end")})
    return {
        **{name: getattr(change, name) for name in shown},
        "parts": _plain(change.parts().reset_index(names="kind")),
        "changes": _plain(dated),
        "shares": [
            {
                "id": one.number.id,
                "old": one.number.value,
                "new": one.value,
                "difference": one.difference,
                "not_computable": one.reason or None,
                "parts": None if one.revision is None else _plain(one.revision.tidy()),
            }
            for one in found.shares
        ],
    }


def _plain(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows with ``None`` for what is missing."""
    rows: list[dict[str, Any]] = json.loads(frame.to_json(orient="records", double_precision=15))
    return rows


def _revised(change: VintageChange) -> pd.DataFrame:
    rows = change.tidy()
    return rows if change.years is None else rows[rows["in_both_years"]]


def _when(found: Diff) -> str:
    years = found.change.years
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


def _share(one: MovedShare) -> str:
    told = f"{one.number.id:36} {one.number.value:7.2f}"
    if one.value is None:
        return f"{told}  not computable: {one.reason}"
    return f"{told} {one.value:7.2f} {one.difference:+z7.2f}"


def _why(one: MovedShare) -> list[str]:
    """Return what moves a share, the largest deals first."""
    return [] if one.revision is None else one.revision.summary(most=_DEALS).splitlines()[1:]
