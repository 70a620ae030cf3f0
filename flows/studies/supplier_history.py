"""A supplier's share by window and release, beside what was published at the time."""

import pandas as pd

from flows.compare.share_history import VERDICTS, ShareHistory
from flows.countries import country_name
from flows.errors import SchemaError
from flows.findings import Number, Table
from flows.studies.numbers import print_value
from flows.studies.supplier_question import SupplierQuestion, release_of, rows_of

_AGREES = VERDICTS[:2]


def published_numbers(
    published: pd.DataFrame | None, history: ShareHistory, question: SupplierQuestion
) -> list[Number]:
    """
    Return the published share of the window, and how many published shares a release confirms.

    Parameters
    ----------
    published : pandas.DataFrame, optional
        Published shares.
    history : ShareHistory
        Every window in every release.
    question : SupplierQuestion
        What is asked.

    Returns
    -------
    list of Number
        ``share.published`` where there is one, ``published`` (how many) and
        ``published.confirmed``; nothing where nothing was published.

    Raises
    ------
    SchemaError
        If two shares were published for one window.
    """
    if published is None or history.published.empty:
        return []
    told = published[
        (published["importer"] == question.importer) & (published["exporter"] == question.supplier)
    ]
    here = told[(told["start"].dt.year == question.start) & (told["end"].dt.year == question.end)]
    window = f"{question.start}-{question.end}"
    if len(here) > 1:
        raise SchemaError(f"expected one published share for {window}, found {len(here)}")
    judged = history.published
    confirmed = judged[judged["verdict"].isin(_AGREES)].drop_duplicates(["start", "end"])
    load = question.make("flows.load")
    judge = question.make("flows.share_history")
    numbers = [
        load(
            "share.published",
            float(share_pct),
            "%",
            f"The share that SIPRI published for {window}.",
            digits=0,
            rows=here,
        )
        for share_pct in here["share_pct"]
    ]
    counts = {
        "published": (judged.drop_duplicates(["start", "end"]), "Published shares of windows."),
        "published.confirmed": (confirmed, "Published shares to which some release rounds."),
    }
    return numbers + [
        judge(key, len(found), "count", about, digits=0, rows=told)
        for key, (found, about) in counts.items()
    ]


def shares_table(history: ShareHistory, question: SupplierQuestion) -> Table:
    """
    Return the table of shares: one row a window, one column a release, then what was published.

    Parameters
    ----------
    history : ShareHistory
        Every window in every release.
    question : SupplierQuestion
        What is asked.

    Returns
    -------
    Table
        Percent; a window that a release does not count is empty.

    Raises
    ------
    CountryError
        If a code has no name.
    """
    wide = history.wide()
    frame = wide.reset_index(drop=True).rename(columns=release_of)
    releases = list(frame.columns)
    frame.insert(0, "window", [f"{start}-{end}" for start, end in wide.index])
    labels = {"window": "Window"} | {one: f"Release {one}" for one in releases}
    if len(history.published):
        told = {key: _published(rows) for key, rows in history.published.groupby(["start", "end"])}
        frame["published"] = [told.get(key, ("", ""))[0] for key in wide.index]
        frame["agrees"] = [told.get(key, ("", ""))[1] for key in wide.index]
        labels |= {"published": "Published", "agrees": "Rounds to it in release"}
    return Table(
        id=f"{question.name}-shares",
        frame=frame,
        labels=labels,
        formats=dict.fromkeys(releases, ".2f"),
        caption=(
            f"{country_name(question.supplier)}’s share of {country_name(question.importer)}’s "
            "imports of major arms by window and release, percent of TIV."
        ),
        note=(
            "Computed from SIPRI’s deliveries by deal and year or by supplier and year. An empty "
            "cell is a window that the release does not count in full. Published: the figures of "
            "SIPRI’s fact sheets of the following March; where no release rounds to one, the "
            "nearest and by how many percentage points it misses."
        ),
        rows=rows_of([one.rows for one in history.shares]),
    )


def published_table(history: ShareHistory, question: SupplierQuestion) -> Table:
    """
    Return the table of published shares, each judged in every release.

    Parameters
    ----------
    history : ShareHistory
        With published shares.
    question : SupplierQuestion
        What is asked.

    Returns
    -------
    Table
        One row a published share and release; none where nothing was published.

    Raises
    ------
    CountryError
        If a code has no name.
    """
    judged = history.published
    years = zip(judged["start"], judged["end"], strict=True)
    frame = pd.DataFrame(
        {
            "window": [f"{start}-{end}" for start, end in years],
            "edition": judged["edition"].astype("str"),
            "published": [f"{one:g}" for one in judged["published_pct"]],
            "release": [release_of(one) for one in judged["dataset"]],
            "share_pct": judged["share_pct"].astype("float64"),
            "rounded_sums_pct": judged["rounded_sums_pct"].astype("float64"),
            "apart": judged["apart"].astype("float64"),
            "verdict": judged["verdict"].astype("str"),
        }
    )
    return Table(
        id=f"{question.name}-published",
        frame=frame,
        labels={
            "window": "Window",
            "published": "Published",
            "release": "Release",
            "share_pct": "Computed",
            "rounded_sums_pct": "From rounded sums",
            "apart": "Apart",
            "verdict": "Verdict",
        },
        formats={"share_pct": ".2f", "rounded_sums_pct": ".2f", "apart": ".2f"},
        caption=(
            f"Published shares of {country_name(question.supplier)} in the imports of "
            f"{country_name(question.importer)}, percent, against each release at hand."
        ),
        note=(
            "From rounded sums: every supplier’s sum is rounded to a whole million TIV first, as "
            "SIPRI’s tables print them. Apart: percentage points from what would round to the "
            "published figure."
        ),
        rows=rows_of([one.rows for one in history.shares]),
    )


def published_words(history: ShareHistory) -> dict[str, str]:
    """
    Return which published shares no release rounds to.

    Parameters
    ----------
    history : ShareHistory
        Every window in every release.

    Returns
    -------
    dict
        ``published.unconfirmed``: their windows, or ``none``; ``published.printed``: all published
        shares in percent, empty where there are none.

    Raises
    ------
    KeyError
        If a verdict is missing.
    """
    windows = [
        f"{start}–{end}"
        for (start, end), judged in history.published.groupby(["start", "end"])
        if not judged["verdict"].isin(_AGREES).any()
    ]
    shares = history.published.drop_duplicates(["start", "end"])["published_pct"]
    return {
        "published.unconfirmed": ", ".join(windows) or "none",
        "published.printed": ", ".join(f"{one:g}" for one in shares),
    }


def _published(judged: pd.DataFrame) -> tuple[str, str]:
    """Return a published share as printed, and the releases that round to it or the nearest."""
    printed = f"{judged['published_pct'].iloc[0]:g}"
    agree = [release_of(one) for one in judged.loc[judged["verdict"].isin(_AGREES), "dataset"]]
    named = judged.dropna(subset=["apart"])
    if agree or named.empty:
        return printed, ", ".join(agree)
    nearest = named.sort_values(["apart", "dataset"]).iloc[0]
    return printed, f"none; {release_of(nearest['dataset'])} by {print_value(nearest['apart'], 1)}"
