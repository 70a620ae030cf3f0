"""Published shares: which of them a release at hand confirms."""

from collections.abc import Iterator

import pandas as pd

from flows.compare.share_history import ShareHistory
from flows.countries import country_name
from flows.errors import SchemaError
from flows.findings import Findings, Number, Table
from flows.origin import Made, applied
from flows.scope import release_of
from flows.studies.numbers import join_words, make_number
from flows.studies.section import About
from flows.studies.supplier.question import SupplierQuestion, rows_of
from flows.studies.supplier.windows import AGREES
from flows.table import where

ABOUT = About(
    needs="a table `published` of published shares of the pair, and `tolerance`",
    tables=("published",),
)


def published(question: SupplierQuestion) -> Findings:
    """
    Judge every published share of the pair in every release that counts its window.

    Numbers ``share.published`` of the window in question, ``published`` (how many) and
    ``published.confirmed``; table ``published``; words ``published.printed`` (all, in percent) and
    ``published.unconfirmed`` (windows that no release rounds to). Where nothing was published there
    is nothing and the words are empty. ``SchemaError`` where two shares were published for one
    window.
    """
    history = question.history.value
    return Findings(
        numbers=tuple(_numbers(question)),
        tables=() if history.published.empty else (_table(history, question),),
        words=question.own(_words(history)),
    )


def _numbers(question: SupplierQuestion) -> Iterator[Number]:
    history = question.history
    if question.published is None or history.value.published.empty:
        return
    of_pair = question.published.value[
        (question.published.value["importer"] == question.importer)
        & (question.published.value["exporter"] == question.supplier)
    ]
    yield from _of_window(question.published, of_pair, question)
    windows = ["start", "end"]
    yield make_number(
        question.name,
        "published",
        history.part(lambda judged: applied(len, judged.published.drop_duplicates(windows))),
        "count",
        "Published shares of windows.",
        digits=0,
        rows=of_pair,
    )
    agree = list(AGREES)
    yield make_number(
        question.name,
        "published.confirmed",
        history.part(
            lambda judged: applied(
                len,
                judged.published[judged.published["verdict"].isin(agree)].drop_duplicates(windows),
            )
        ),
        "count",
        "Published shares to which some release rounds.",
        digits=0,
        rows=of_pair,
    )


def _of_window(
    published: Made[pd.DataFrame], of_pair: pd.DataFrame, question: SupplierQuestion
) -> Iterator[Number]:
    """Yield the share that was published for the window in question, if there is one."""
    first, last = of_pair["start"].dt.year, of_pair["end"].dt.year
    here = of_pair[(first == question.start) & (last == question.end)]
    window = f"{question.start}-{question.end}"
    if len(here) > 1:
        raise SchemaError(
            f"expected one published share for {window}, found {len(here)} ({where(here)}); keep "
            "that of one edition"
        )
    if len(here):
        line = int(here["line"].iloc[0])
        yield make_number(
            question.name,
            "share.published",
            published.part(lambda table: table.set_index("line")["share_pct"].loc[line]),
            "%",
            f"The share that SIPRI published for {window}.",
            digits=0,
            rows=here,
        )


def _table(history: ShareHistory, question: SupplierQuestion) -> Table:
    """One row a published share and release."""
    judged = history.published
    years = zip(judged["start"], judged["end"], strict=True)
    frame = pd.DataFrame(
        {
            "window": [f"{start}-{end}" for start, end in years],
            "edition": judged["edition"].astype("str"),
            "published": [f"{percent:g}" for percent in judged["published_pct"]],
            "release": [release_of(dataset) for dataset in judged["dataset"]],
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
            f"Shares of {country_name(question.supplier)} in {country_name(question.importer)}’s "
            "imports of major arms as SIPRI published them and as each release has them, percent."
        ),
        note=(
            "From rounded sums: each supplier’s sum is first rounded to a whole million TIV, as in "
            "SIPRI’s tables. Apart: percentage points to the nearest share that rounds to the "
            "published figure."
        ),
        rows=rows_of([share.rows for share in history.shares]),
    )


def _words(history: ShareHistory) -> dict[str, str]:
    unconfirmed = [
        f"{start}–{end}"
        for (start, end), judged in history.published.groupby(["start", "end"])
        if not judged["verdict"].isin(AGREES).any()
    ]
    printed = _one_a_window(history.published)["published_pct"]
    return {
        "published.unconfirmed": join_words(unconfirmed),
        "published.printed": join_words([f"{percent:g}" for percent in printed], nothing=""),
    }


def _one_a_window(judged: pd.DataFrame) -> pd.DataFrame:
    return judged.drop_duplicates(["start", "end"])
