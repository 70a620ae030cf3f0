"""Why a supplier's share moved between two releases."""

import math

import pandas as pd

from flows.canonical import exact_sum
from flows.compare.share_revision import ShareRevision, share_revision
from flows.countries import country_name
from flows.findings import Figure, Findings, Number
from flows.measure.checks import select_flows
from flows.studies.supplier.question import (
    SupplierQuestion,
    answer_or_reason,
    release_of,
    source_of,
)

_NAMED = 5
_REST = "other deals"
_WITHOUT_DEALS = "all deliveries"


def revision(question: SupplierQuestion, *, before: str | None = None) -> Findings:
    """
    Split the change of the share since the release ``before`` into deals.

    Numbers ``revision``, ``revision.numerator``, ``revision.denominator``, ``revision.deals`` and,
    where a deal changed, ``revision.largest-deal`` with the deal's TIV before and after; figure
    ``revision``. Words ``revision.before``, ``revision.largest-deal``,
    ``revision.largest-deal.supplier`` and ``revision.refused``: why there is nothing to split;
    empty where there is.
    """
    found, refused = None, "no former release is named"
    if before is not None:
        found, refused = answer_or_reason(_revise, question=question, before=before)
    return Findings(
        numbers=() if found is None else tuple(_numbers(found, question)),
        figures=() if found is None else (_figure(found, question),),
        words=question.own(_words(found, refused)),
    )


def _revise(*, question: SupplierQuestion, before: str) -> ShareRevision:
    former = select_flows(question.arms, dataset=before)
    return share_revision(former, question.release, **question.asked)


def _numbers(found: ShareRevision, question: SupplierQuestion) -> list[Number]:
    since = release_of(found.old.dataset)
    make = question.make("flows.share_revision", before=found.old.dataset, match=found.match)
    rows = found.rows
    deals = _by_deal(found)
    points = {
        "revision": (found.change, "Change of the share"),
        "revision.numerator": (math.fsum(found.deals["from_numerator"]), "By the numerator"),
        "revision.denominator": (math.fsum(found.deals["from_denominator"]), "By the denominator"),
    }
    numbers = [
        make(
            key,
            value,
            "points",
            f"{word} since release {since}: {question.title}.",
            digits=2,
            rows=rows,
        )
        for key, (value, word) in points.items()
    ]
    about = f"Deals that changed since release {since}: {question.title}."
    numbers.append(make("revision.deals", len(deals), "count", about, digits=0, rows=rows))
    return numbers + ([] if deals.empty else _largest(found, deals.iloc[0], question))


def _words(found: ShareRevision | None, refused: str) -> dict[str, str]:
    deals = _by_deal(found) if found is not None else pd.DataFrame()
    first = None if deals.empty else deals.iloc[0]
    words = {
        "refused": refused,
        "before": "" if found is None else release_of(found.old.dataset),
        "largest-deal": "" if first is None else str(first["name"]),
        "largest-deal.supplier": "" if first is None else country_name(str(first["exporter"])),
    }
    return {f"revision.{key}": word for key, word in words.items()}


def _figure(found: ShareRevision, question: SupplierQuestion) -> Figure:
    """Draw the deals that move the share most, then all others, between the two shares."""
    deals = _by_deal(found)
    parts = [
        (f"{country_name(one['exporter'])}: {one['name']}", float(one["points"]))
        for one in deals.head(_NAMED).to_dict("records")
    ]
    if len(deals) > _NAMED:
        parts.append((f"{len(deals) - _NAMED} {_REST}", math.fsum(deals["points"].iloc[_NAMED:])))
    at = 100 * found.old.value
    records = [(f"Release {release_of(found.old.dataset)}", "level", at, at, at)]
    for step, points in parts:
        records.append((step, "change", points, at, at + points))
        at += points
    new = 100 * found.new.value
    records.append((f"Release {release_of(found.new.dataset)}", "level", new, new, new))
    rows = found.rows
    return Figure(
        id=f"{question.name}-revision",
        draw="draw_revision_waterfall",
        data=pd.DataFrame(
            records, columns=["step", "kind", "value", "cumulative_from", "cumulative_to"]
        ),
        options={
            "unit_label": (
                f"Share of {country_name(question.supplier)}, {question.start}-{question.end}, "
                "percent, and changes in points"
            )
        },
        caption=(
            f"From release {release_of(found.old.dataset)} to release "
            f"{release_of(found.new.dataset)}: the change of "
            f"{country_name(question.supplier)}’s share in the imports of "
            f"{country_name(question.importer)}, {question.start}–{question.end}, by deal."
        ),
        source=source_of([found.old.rows, found.new.rows]),
        rows=rows,
    )


def _largest(found: ShareRevision, deal: pd.Series, question: SupplierQuestion) -> list[Number]:
    """Return what the deal that moves the share most adds to the change, and its size."""
    make = question.make("flows.share_revision", before=found.old.dataset, match=found.match)
    whose = f"{country_name(str(deal['exporter']))}, {deal['name']}"
    sides = {"before": found.old, "after": found.new}
    rows = [_rows_of_deal(one.rows, deal) for one in sides.values()]
    numbers = [
        make(
            "revision.largest-deal",
            float(deal["points"]),
            "points",
            f"What the deal that moves the share most adds to the change ({whose}).",
            digits=2,
            rows=pd.concat(rows),
        )
    ]
    for word, one, of_deal in zip(sides, sides.values(), rows, strict=True):
        about = f"Deliveries of that deal ({whose}), release {release_of(one.dataset)}."
        value = exact_sum(of_deal["value"])
        numbers.append(
            make(
                f"revision.largest-deal.{word}",
                value,
                one.unit,
                about,
                digits=2,
                rows=of_deal,
                exact=True,
            )
        )
    return numbers


def _by_deal(found: ShareRevision) -> pd.DataFrame:
    """Return the change by deal; where a release has none, each supplier is one."""
    deals = found.by_deal()
    named = _has_deals(found.new.rows)
    return deals if named else deals.assign(name=_WITHOUT_DEALS)


def _rows_of_deal(rows: pd.DataFrame, deal: pd.Series) -> pd.DataFrame:
    if _has_deals(rows):
        of_deal: pd.DataFrame = rows[rows["deal"].astype("str") == str(deal["deal"])]
        return of_deal
    of_supplier: pd.DataFrame = rows[rows["exporter"] == deal["exporter"]]
    return of_supplier


def _has_deals(rows: pd.DataFrame) -> bool:
    return "deal" in rows.columns and bool(rows["deal"].notna().any())
