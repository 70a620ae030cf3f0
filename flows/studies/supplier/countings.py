"""The share by what counts as an import, and in which year."""

from collections.abc import Collection, Mapping

import pandas as pd

from flows.canonical import print_value
from flows.countries import country_name
from flows.findings import Findings, Number, Table
from flows.measure.counting import Counting
from flows.measure.shares import Share
from flows.origin import Made
from flows.studies.section import About
from flows.studies.supplier.question import SupplierQuestion, rows_of

ABOUT = About(needs="deliveries by deal, with the flags of a deal-year file", tables=("countings",))

_MAIN = "main"
_BY_ORDER = "by-order-year"
_WITHOUT_DEAL = "without-largest-deal"
_COUNTINGS = {
    "certain-years": Counting(year_estimated=False),
    "without-local-production": Counting(local_production=False),
    "new-weapons": Counting(status=("New",)),
    _BY_ORDER: Counting(by="order"),
}
_MEANINGS = {
    _MAIN: ("All deliveries, by year of delivery", "as SIPRI counts"),
    "certain-years": (
        "Certain delivery years only",
        "leaves out deliveries of all suppliers whose year is an estimate",
    ),
    _WITHOUT_DEAL: ("Without the supplier’s largest deal", "how much depends on one contract"),
    "without-local-production": (
        "Without local production",
        "leaves out what was built under licence in the country",
    ),
    "new-weapons": ("New weapons only", "leaves out second-hand weapons"),
    _BY_ORDER: ("By year of order", "who won the orders of these years, not who delivered in them"),
}


def countings(question: SupplierQuestion) -> Findings:
    """
    Count the share in other ways, each of which answers another question.

    Numbers ``share.certain-years``, ``share.without-local-production``, ``share.new-weapons`` and
    ``share.by-order-year``, the last with numerator and denominator; table ``countings``. Words
    ``countings.made`` and, of these, ``countings.unchanged`` (the same deliveries as in the share);
    ``countings.alike`` (the share in percent, if all give the same) and ``countings.refused``:
    which of them the data do not allow, and why; empty where they allow all.
    """
    answers = {key: question.count(counting) for key, counting in _COUNTINGS.items()}
    answers[_WITHOUT_DEAL] = question.without_largest_deal
    answers[_MAIN] = (question.share, "")
    shares = {key: made for key in _MEANINGS if (made := answers[key][0]) is not None}
    refused = [
        f"{meaning[0].lower()}: {answers[key][1]}"
        for key, meaning in _MEANINGS.items()
        if answers[key][1]
    ]
    others = [key for key in shares if key != _MAIN]
    unchanged = [key for key in others if _counts_the_same(shares[key].value, shares[_MAIN].value)]
    low, high = _ends([share.value for share in shares.values()])
    words = {
        "countings.made": " ".join(others),
        "countings.unchanged": " ".join(unchanged),
        "countings.alike": low if low == high else "",
        "countings.refused": "; ".join(refused),
    }
    measured = {key: share.value for key, share in shares.items()}
    return Findings(
        numbers=tuple(_numbers(shares, question)),
        tables=(_table(measured, question),) if others else (),
        words=question.own(words),
    )


def _counts_the_same(share: Share, main: Share) -> bool:
    sums = (share.numerator, share.denominator) == (main.numerator, main.denominator)
    return sums and share.left_out.empty


def _numbers(shares: dict[str, Made[Share]], question: SupplierQuestion) -> list[Number]:
    numbers = []
    for key in [key for key in shares if key in _COUNTINGS]:
        three = question.share_numbers(shares[key], key)
        numbers += three if key == _BY_ORDER else three[:1]
    return numbers


def _ends(shares: Collection[Share]) -> tuple[str, str]:
    """Return the lowest and the highest share as they are printed."""
    values = [share.value for share in shares]
    return print_value(100 * min(values), 2), print_value(100 * max(values), 2)


def _range(shares: Mapping[str, Share]) -> str:
    """Say how far the definitions lie apart."""
    low, high = _ends(shares.values())
    if low == high:
        return f"The share is {low}% by every definition."
    return f"The share ranges from {low} to {high}%, depending on what is counted."


def _table(shares: dict[str, Share], question: SupplierQuestion) -> Table:
    left_out = sum(len(share.left_out) for share in shares.values())
    records = [
        {
            "counted": _MEANINGS[key][0],
            "meaning": _MEANINGS[key][1],
            "numerator": share.numerator,
            "denominator": share.denominator,
            "share_pct": 100 * share.value,
        }
        for key, share in shares.items()
    ]
    return Table(
        id=f"{question.name}-countings",
        frame=pd.DataFrame(records),
        labels={
            "counted": "What is counted",
            "meaning": "What this shows",
            "numerator": country_name(question.supplier),
            "denominator": "All suppliers",
            "share_pct": "Share, %",
        },
        formats={"numerator": ",.2f", "denominator": ",.2f", "share_pct": ".2f"},
        caption=(
            f"{_range(shares)} {country_name(question.supplier)} in {question.imports}, "
            "by definition, million TIV."
        ),
        note="Each row answers another question; none is a bound of the first."
        + (
            f" Deliveries left out since they do not say what a row asks: {left_out}."
            if left_out
            else ""
        ),
        rows=rows_of([share.rows for share in shares.values()]),
        exact=("numerator", "denominator"),
    )
