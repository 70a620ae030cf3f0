"""Why a supplier's share moved between two releases."""

from collections.abc import Iterator

import pandas as pd

from flows.canonical import print_value
from flows.compare.share_revision import ShareRevision, has_deals, named_deals, share_revision
from flows.countries import country_name
from flows.findings import Figure, Findings, Number
from flows.measure.shares import Share
from flows.origin import Made, applied
from flows.studies.numbers import make_number, source_line
from flows.studies.section import About
from flows.studies.supplier.question import (
    SupplierQuestion,
    answer_or_reason,
    release_in_words,
)

ABOUT = About(
    needs="a second, older release, named by `before`, in which a delivery was another one",
    figures=("revision",),
)


def revision(question: SupplierQuestion, *, before: str | None = None) -> Findings:
    """
    Split the change of the share since the release ``before`` into deals.

    Numbers ``revision``, ``revision.numerator``, ``revision.denominator``, ``revision.deals`` and,
    where a deal changed, ``revision.largest-deal`` with the deal's TIV before and after; figure
    ``revision``, where anything changed. Words ``revision.before``, ``revision.largest-deal``,
    ``revision.largest-deal.supplier`` and ``revision.refused``: why there is nothing to split;
    empty where there is.
    """
    made, refused = None, "no former release is named"
    if before is not None:
        made, refused = answer_or_reason(
            share_revision,
            question.rows_of_release(before).arg,
            question.release.arg,
            supplier=question.supplier,
            importer=question.importer,
            start=question.start,
            end=question.end,
        )
    revised = None if made is None else made.value
    return Findings(
        numbers=() if made is None else tuple(_numbers(made, question)),
        figures=() if revised is None or revised.by_deal().empty else (_figure(revised, question),),
        words=question.own(_words(revised, refused)),
    )


def _numbers(made: Made[ShareRevision], question: SupplierQuestion) -> Iterator[Number]:
    since = release_in_words(made.value.old.dataset)
    deals = named_deals(made.value)
    for key, change, word in (
        ("revision", made.part(lambda revision: revision.change), "Change of the share"),
        (
            "revision.numerator",
            made.part(lambda revision: revision.deals["from_numerator"].sum()),
            "By the numerator",
        ),
        (
            "revision.denominator",
            made.part(lambda revision: revision.deals["from_denominator"].sum()),
            "By the denominator",
        ),
    ):
        yield make_number(
            question.name,
            key,
            change,
            "points",
            f"{word} since the release of {since}: {question.title}.",
            digits=2,
            rows=made.value.rows,
        )
    yield make_number(
        question.name,
        "revision.deals",
        made.part(lambda revision: applied(len, revision.by_deal())),
        "count",
        f"Deals that changed since the release of {since}: {question.title}.",
        digits=0,
        rows=made.value.rows,
    )
    if not deals.empty:
        yield from _largest(made, deals.iloc[0], question)


def _words(revision: ShareRevision | None, refused: str) -> dict[str, str]:
    deals = named_deals(revision) if revision is not None else pd.DataFrame()
    first = None if deals.empty else deals.iloc[0]
    words = {
        "refused": refused,
        "before": "" if revision is None else release_in_words(revision.old.dataset),
        "largest-deal": "" if first is None else str(first["name"]),
        "largest-deal.supplier": "" if first is None else country_name(str(first["exporter"])),
    }
    return {f"revision.{key}": word for key, word in words.items()}


def _figure(revision: ShareRevision, question: SupplierQuestion) -> Figure:
    """Draw the deals that move the share most, then all others, between the two shares."""
    drawing = revision.drawing()
    before, after = (release_in_words(side.dataset) for side in (revision.old, revision.new))
    return Figure(
        id=f"{question.name}-revision",
        draw=drawing.draw,
        data=drawing.data,
        options=drawing.options,
        caption=(
            f"SIPRI revised the share from {print_value(100 * revision.old.value, 1)} to "
            f"{print_value(100 * revision.new.value, 1)}%. {country_name(question.supplier)} in "
            f"{country_name(question.importer)}’s imports of major arms, {question.span}: what "
            f"each deal adds to the change from the release of {before} to that of {after}."
        ),
        source=source_line(revision.rows),
        rows=revision.rows,
    )


def _largest(
    made: Made[ShareRevision], deal: pd.Series, question: SupplierQuestion
) -> Iterator[Number]:
    """Yield what the deal that moves the share most adds to the change, and its size."""
    whose = f"{country_name(str(deal['exporter']))}, {deal['name']}"
    sides = {
        "before": made.part(lambda revision: revision.old),
        "after": made.part(lambda revision: revision.new),
    }
    evidence = {word: _rows_of_deal(side.value.rows, deal) for word, side in sides.items()}
    yield make_number(
        question.name,
        "revision.largest-deal",
        made.part(lambda revision: revision.by_deal()["points"].iloc[0]),
        "points",
        f"What the deal that moves the share most adds to the change ({whose}).",
        digits=2,
        rows=pd.concat(list(evidence.values())),
    )
    for word, side in sides.items():
        release = release_in_words(side.value.dataset)
        yield make_number(
            question.name,
            f"revision.largest-deal.{word}",
            _sum_of_deal(side, deal),
            side.value.unit,
            f"Deliveries of that deal ({whose}), release of {release}.",
            digits=2,
            rows=evidence[word],
            exact=True,
        )


def _sum_of_deal(side: Made[Share], deal: pd.Series) -> Made[float]:
    key = "deal" if has_deals(side.value.rows) else "exporter"
    name = str(deal[key])
    return side.part(lambda share: share.rows.loc[share.rows[key] == name, "value"].sum())


def _rows_of_deal(rows: pd.DataFrame, deal: pd.Series) -> pd.DataFrame:
    if has_deals(rows):
        of_deal: pd.DataFrame = rows[rows["deal"] == str(deal["deal"])]
        return of_deal
    of_supplier: pd.DataFrame = rows[rows["exporter"] == deal["exporter"]]
    return of_supplier
