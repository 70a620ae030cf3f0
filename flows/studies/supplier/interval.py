"""How much the share hangs on few deals: the interval by the bootstrap over deals."""

from flows.findings import Findings, Number
from flows.measure.posterior import SharePosterior
from flows.studies.supplier.question import SupplierQuestion


def interval(question: SupplierQuestion) -> Findings:
    """
    Weigh the deals of the window at random, as the question's ``posterior`` says.

    Numbers ``share.interval``, ``prob-largest``, ``deals`` and ``deals.effective``. Word
    ``interval.refused``: why there is no interval; empty where there is one.
    """
    found, refused = question.interval_of(question.share)
    return Findings(
        numbers=() if found is None else tuple(_numbers(found, question)),
        words=question.own({"interval.refused": refused}),
    )


def _numbers(found: SharePosterior, question: SupplierQuestion) -> list[Number]:
    make = question.make("flows.share_posterior", **question.drawn)
    return [
        make(
            "share.interval",
            100 * found.value,
            "%",
            f"Share and its interval by the bootstrap over deals: {question.title}.",
            digits=1,
            rows=found.rows,
            interval=(100 * found.low, 100 * found.high),
            level=found.level,
        ),
        make(
            "prob-largest",
            100 * found.prob_largest,
            "%",
            f"Draws in which the supplier is the largest: {question.title}.",
            digits=1,
            rows=found.rows,
        ),
        make(
            "deals",
            len(found.deals),
            "count",
            f"Deals: {question.imports}.",
            digits=0,
            rows=found.rows,
        ),
        make(
            "deals.effective",
            found.effective_deals,
            "count",
            f"Equal deals that would be as unequal in weight: {question.imports}.",
            digits=1,
            rows=found.rows,
        ),
    ]
