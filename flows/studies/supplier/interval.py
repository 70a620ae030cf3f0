"""How much the share hangs on few deals: the interval by the bootstrap over deals."""

from flows.findings import Findings, Number
from flows.measure.posterior import SharePosterior
from flows.origin import Made, applied
from flows.studies.numbers import make_number
from flows.studies.section import About
from flows.studies.supplier.question import SupplierQuestion

ABOUT = About(needs="deliveries by deal, and `posterior` of the question")


def interval(question: SupplierQuestion) -> Findings:
    """
    Weigh the deals of the window at random, as the question's ``posterior`` says.

    Numbers ``share.interval``, ``prob-largest``, ``deals`` and ``deals.effective``. Words
    ``interval.refused`` (why there is no interval) and ``interval.point``, which is empty unless
    its ends are one.
    """
    interval, refused = question.interval_of(question.share.value)
    return Findings(
        numbers=() if interval is None else tuple(_numbers(interval, question)),
        words=question.own({"interval.refused": refused, "interval.point": _point(interval)}),
    )


def _point(interval: Made[SharePosterior] | None) -> str:
    is_point = interval is not None and interval.value.low == interval.value.high
    return "yes" if is_point else ""


def _numbers(made: Made[SharePosterior], question: SupplierQuestion) -> list[Number]:
    rows = made.value.rows
    return [
        make_number(
            question.name,
            "share.interval",
            made.part(lambda posterior: 100 * posterior.value),
            "%",
            f"Share and its interval by the bootstrap over deals: {question.title}.",
            digits=1,
            rows=rows,
            interval=made.part(lambda posterior: (100 * posterior.low, 100 * posterior.high)),
            level=made.value.level,
        ),
        make_number(
            question.name,
            "prob-largest",
            made.part(lambda posterior: 100 * posterior.prob_largest),
            "%",
            f"Draws in which the supplier is the largest: {question.title}.",
            digits=1,
            rows=rows,
        ),
        make_number(
            question.name,
            "deals",
            made.part(lambda posterior: applied(len, posterior.deals)),
            "count",
            f"Deals: {question.imports}.",
            digits=0,
            rows=rows,
        ),
        make_number(
            question.name,
            "deals.effective",
            made.part(lambda posterior: posterior.effective_deals),
            "count",
            f"Equal deals that would be as unequal in weight: {question.imports}.",
            digits=1,
            rows=rows,
        ),
    ]
