"""The share by window and release: how it moves with the years, and with what SIPRI learned."""

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from flows.canonical import print_value
from flows.compare.share_history import VERDICTS, ShareHistory
from flows.countries import country_name
from flows.findings import Figure, Findings, Number, Table
from flows.measure.shares import Share
from flows.scope import release_of
from flows.studies.numbers import make_number, source_line
from flows.studies.section import About
from flows.studies.supplier.question import (
    SupplierQuestion,
    release_in_words,
    rows_of,
    span_in_words,
)

ABOUT = About(
    needs="`rules` and `posterior` of the question; other windows stand under `windows`",
    figures=("share-by-window",),
    tables=("shares",),
)

_EMPTY_CELL = " An empty cell: the release does not count the whole window."
_PUBLISHED = (
    " Published: in SIPRI’s fact sheet of the following March. Where no release rounds to that "
    "figure, the nearest release is named, with the percentage points by which it misses."
)
AGREES = VERDICTS[:2]
"""Verdicts by which a release confirms a published share."""


def windows(question: SupplierQuestion) -> Findings:
    """
    Set the share of every window in every release side by side, and beside what was published.

    Numbers ``share.<release>`` with ``numerator`` and ``denominator`` for the window in question,
    ``share.lowest`` and ``share.highest`` of them; table ``shares``; figure ``share-by-window``.
    Words ``windows.windows`` and ``windows.releases`` (how many, ``one`` or ``several``),
    ``windows.alike`` and ``windows.releases.alike``: empty where the share is another in another
    window, or in another release.
    """
    return Findings(
        numbers=tuple(_release_numbers(question)),
        tables=(_shares_table(question.history.value, question),),
        figures=(_window_figure(question),),
        words=question.own(_words(question)),
    )


def _words(question: SupplierQuestion) -> dict[str, str]:
    windows = [made.value for made in question.of_main]
    releases = [made.value for made in question.releases]
    return {
        "windows.windows": "one" if len(windows) == 1 else "several",
        "windows.alike": "yes" if _are_alike(windows) else "",
        "windows.releases": "one" if len(releases) == 1 else "several",
        "windows.releases.alike": "yes" if _are_alike(releases) else "",
    }


def _are_alike(shares: Sequence[Share]) -> bool:
    """Say whether shares are printed as the same."""
    return len({print_value(100 * share.value, 1) for share in shares}) == 1


def _release_numbers(question: SupplierQuestion) -> Iterator[Number]:
    for made in question.releases:
        yield from question.share_numbers(made, release_of(made.value.dataset))
    ordered = sorted(question.releases, key=lambda made: made.value.value)
    for word, made in (("lowest", ordered[0]), ("highest", ordered[-1])):
        release = release_in_words(made.value.dataset)
        yield make_number(
            question.name,
            f"share.{word}",
            made.part(lambda share: 100 * share.value),
            "%",
            f"The {word} share of all releases at hand: that of {release}.",
            digits=2,
            rows=made.value.rows,
        )


def _shares_table(history: ShareHistory, question: SupplierQuestion) -> Table:
    """One row a window, one column a release in percent, then what was published."""
    wide = history.wide()
    frame = wide.reset_index(drop=True).rename(columns=release_of)
    releases = list(frame.columns)
    frame.insert(0, "window", [f"{start}-{end}" for start, end in wide.index])
    labels = {"window": "Window"} | {release: f"Release {release}" for release in releases}
    if len(history.published):
        judged = {
            key: _published(rows) for key, rows in history.published.groupby(["start", "end"])
        }
        frame["published"] = [judged.get(key, ("", ""))[0] for key in wide.index]
        frame["agrees"] = [judged.get(key, ("", ""))[1] for key in wide.index]
        labels |= {"published": "Published", "agrees": "Rounds to it in release"}
    return Table(
        id=f"{question.name}-shares",
        frame=frame,
        labels=labels,
        formats=dict.fromkeys(releases, ".2f"),
        caption=(
            f"{_by_release(frame[releases])}{country_name(question.supplier)} in "
            f"{country_name(question.importer)}’s imports of major arms by window and release, "
            "percent of TIV."
        ),
        note=(
            "Computed from SIPRI’s deliveries by deal and year or by supplier and year."
            f"{_EMPTY_CELL if frame[releases].isna().any(axis=None) else ''}"
            f"{_PUBLISHED if 'published' in frame else ''}"
        ),
        rows=rows_of([share.rows for share in history.shares]),
    )


def _by_release(shares: pd.DataFrame) -> str:
    """Say whether later releases give lower or higher shares, where they do so in every window."""
    ordered = shares.sort_index(axis="columns")
    changes = pd.concat([row.dropna().diff().dropna() for _, row in ordered.iterrows()])
    if changes.empty:
        return ""
    if (changes < 0).all():
        return "Each later release gives a lower share. "
    return "Each later release gives a higher share. " if (changes > 0).all() else ""


def _published(judged: pd.DataFrame) -> tuple[str, str]:
    """Return a published share as printed, and the releases that round to it or the nearest."""
    printed = f"{judged['published_pct'].iloc[0]:g}"
    agree = [
        release_of(dataset) for dataset in judged.loc[judged["verdict"].isin(AGREES), "dataset"]
    ]
    named = judged.dropna(subset=["apart"])
    if agree or named.empty:
        return printed, ", ".join(agree)
    nearest = named.sort_values(["apart", "dataset"]).iloc[0]
    return printed, f"none; {release_of(nearest['dataset'])} by {print_value(nearest['apart'], 1)}"


def _window_figure(question: SupplierQuestion) -> Figure:
    """
    Draw the shares with bounds and intervals.

    A release that does not allow every rule has no box: it would be narrower for want of data.
    """
    shares = [made.value for made in question.shares]
    intervals = [interval for interval, _ in map(question.interval_of, shares)]
    levels = [interval.value.level for interval in intervals if interval is not None]
    level = f"{min(levels):.0%} " if levels else ""
    data = pd.DataFrame([_window_record(share, question) for share in shares])
    lines = rows_of([share.rows for share in shares])
    return Figure(
        id=f"{question.name}-share-by-window",
        draw="draw_share_bounds",
        data=data,
        options={
            "supplier": country_name(question.supplier),
            "importer": country_name(question.importer),
            "bounds_label": "bounds, all rules",
            "interval_label": f"{level}interval over deals",
        },
        caption=(
            f"{_extremes(question)} {country_name(question.supplier)} in "
            f"{country_name(question.importer)}’s imports of major arms by window and release."
            f"{_marks(data)}"
        ),
        source=source_line(lines),
        rows=lines,
    )


def _extremes(question: SupplierQuestion) -> str:
    """Say in which windows of the main release the share is lowest and highest."""
    shares = [made.value for made in question.of_main]
    low, high = (end(shares, key=lambda share: share.value) for end in (min, max))
    if low.value == high.value:
        return f"The share is {print_value(100 * low.value, 1)}%."
    release = release_in_words(question.dataset)
    return (
        f"In the release of {release} the share lies between {_in_window(low)} and "
        f"{_in_window(high)}."
    )


def _in_window(share: Share) -> str:
    return f"{print_value(100 * share.value, 1)}% ({span_in_words(share.start, share.end)})"


def _marks(data: pd.DataFrame) -> str:
    """Say what the marks beside the shares mean, those that there are."""
    boxes, whiskers = data["bound_low"].notna(), data["interval_low"].notna()
    return (
        (" Boxes: what the data cannot rule out, all rules together." if boxes.any() else "")
        + (" Whiskers: how far the share depends on few deals." if whiskers.any() else "")
        + (
            " A release without deals and marks has neither."
            if (boxes | whiskers).any() and not (boxes | whiskers).all()
            else ""
        )
    )


def _window_record(share: Share, question: SupplierQuestion) -> dict[str, Any]:
    nan = float("nan")
    bounds, (interval, _) = question.bounds_of(share), question.interval_of(share)
    box = bounds.bounds if not bounds.refused else None
    low, high = (box.value.low, box.value.high) if box else (nan, nan)
    ends = interval.value.interval if interval else (nan, nan)
    return {
        "window": f"{share.start}-{share.end}",
        "release": release_of(share.dataset),
        "share_pct": 100 * share.value,
        "bound_low": 100 * low,
        "bound_high": 100 * high,
        "interval_low": 100 * ends[0],
        "interval_high": 100 * ends[1],
    }
