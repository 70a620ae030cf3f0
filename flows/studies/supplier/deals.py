"""Which deals carry the share, and what it would be without each of them."""

from collections.abc import Iterator

import pandas as pd

from flows.canonical import print_value
from flows.countries import country_name
from flows.findings import Figure, Findings, Number, Table
from flows.measure.influence import DealInfluence, deal_title
from flows.origin import Made, applied, present
from flows.studies.numbers import make_number, source_line
from flows.studies.section import About
from flows.studies.supplier.question import SupplierQuestion, rows_of

ABOUT = About(
    needs="deliveries by deal, one of them by the supplier in the window",
    figures=("deals",),
    tables=("deals",),
)

_LISTED = 15
_OVERTAKEN = "another supplier delivers more"


def deals(question: SupplierQuestion, *, below: float) -> Findings:
    """
    Leave out the deals of the window one after the other.

    ``below`` is a share, 0 to 1: how many deals have to go until the share is less?

    Numbers ``largest-deal``, ``share.without-largest-deal``, ``deals.lowest-without``,
    ``deals.highest-without``, ``deals.to-lose-first`` and ``deals.to-fall-below``, those that the
    data allow; table and figure ``deals``, unless the share is the same without each. Words
    ``largest-deal`` (its name, empty where the supplier has none), ``deals.without`` (empty where
    nothing is left without it), ``deals.alike`` (empty where the share depends on the deal that is
    left out), ``deals.first`` (empty unless the supplier is the largest and would not be without
    some of its deals) and ``deals.refused``: why nothing is known; empty where it is.
    """
    influence, refused = question.leave_deals_out(below=below)
    largest = question.largest_deal
    keys = ("largest-deal", "deals.without", "deals.alike", "deals.first")
    words = {**dict.fromkeys(keys, ""), "deals.refused": refused}
    if influence is None or largest is None:
        return Findings(words=question.own(words))
    without = influence.value.deals["share_without"]
    alike = without.min() == without.max()
    words |= {
        "largest-deal": deal_title(largest),
        "deals.without": "" if question.without_largest_deal[0] is None else "yes",
        "deals.alike": "yes" if alike else "",
        "deals.first": "yes" if (last := influence.value.to_lose_first) and last.deals else "",
    }
    return Findings(
        numbers=tuple(_numbers(influence, largest, question)),
        tables=() if alike else (_table(influence.value, question),),
        figures=() if alike else (_figure(influence.value, question),),
        words=question.own(words),
    )


def _numbers(
    made: Made[DealInfluence], largest: pd.Series, question: SupplierQuestion
) -> Iterator[Number]:
    rows, deal = made.value.rows, largest["deal"]
    yield make_number(
        question.name,
        "largest-deal",
        made.part(lambda influence: influence.deals.set_index("deal")["value"].loc[deal]),
        made.value.share.unit,
        f"Deliveries of the largest deal ({deal_title(largest)}): {question.title}.",
        digits=1,
        rows=rows[rows["deal"] == deal],
        exact=True,
    )
    without, _ = question.without_largest_deal
    if without is not None:
        yield from question.share_numbers(without, "without-largest-deal")[:1]
    yield from _range_without(made, question)
    yield from _fewest(made, question)


def _range_without(made: Made[DealInfluence], question: SupplierQuestion) -> Iterator[Number]:
    """Yield the lowest and the highest share without one deal."""
    for word, end in (
        ("lowest", made.part(lambda influence: 100 * influence.deals["share_without"].min())),
        ("highest", made.part(lambda influence: 100 * influence.deals["share_without"].max())),
    ):
        yield make_number(
            question.name,
            f"deals.{word}-without",
            end,
            "%",
            f"{word.capitalize()} share without one deal: {question.title}.",
            digits=2,
            rows=made.value.rows,
        )


def _fewest(made: Made[DealInfluence], question: SupplierQuestion) -> Iterator[Number]:
    """Yield how many deals have to go, of those removals that exist."""
    below = f"the share is below {made.value.below:.0%}"
    for key, removal, event in (
        ("lose-first", made.part(lambda influence: influence.to_lose_first), _OVERTAKEN),
        ("fall-below", made.part(lambda influence: influence.to_fall_below), below),
    ):
        if (removed := present(removal)) is not None:
            yield make_number(
                question.name,
                f"deals.to-{key}",
                removed.part(lambda fewest: applied(len, fewest.deals)),
                "count",
                f"Fewest deals without which {event}: {question.title}.",
                digits=0,
                rows=made.value.rows,
            )


def _table(influence: DealInfluence, question: SupplierQuestion) -> Table:
    """One row a deal, the one whose absence moves the share most first."""
    shown = influence.deals.head(_LISTED)
    frame = pd.DataFrame(
        {
            "place": shown["place"],
            "supplier": [country_name(code) for code in shown["supplier"]],
            "deal": shown["deal"],
            "title": [deal_title(deal) for _, deal in shown.iterrows()],
            "value": shown["value"],
            "without_pct": 100 * shown["share_without"],
            "change_points": shown["change_points"],
        }
    )
    return Table(
        id=f"{question.name}-deals",
        frame=frame,
        labels={
            "place": "",
            "supplier": "Supplier",
            "title": "Deal",
            "value": "Million TIV",
            "without_pct": "Share without it, %",
            "change_points": "Change, points",
        },
        formats={"value": ",.1f", "without_pct": ".2f", "change_points": "+.2f"},
        caption=f"The deals on which the share depends most: {question.title}.",
        note=f"The first {len(frame)} of {len(influence.deals)} deals of all suppliers."
        if len(frame) < len(influence.deals)
        else f"All {len(frame)} deals of all suppliers.",
        rows=rows_of([influence.rows]),
        exact=("value",),
    )


def _most_moved(influence: DealInfluence) -> str:
    """Say what the deals do to the share that move it most."""
    moved = influence.deals.dropna(subset=["share_without"])
    if moved.empty:
        return ""
    first, second = moved.iloc[0], moved["change_points"].abs().iloc[1:2]
    share = print_value(100 * first["share_without"], 1)
    others = [
        f"; no other deal changes it by more than {print_value(points, 1)} percentage points"
        for points in second
    ]
    return f"Without the {deal_title(first)} the share is {share}%{''.join(others)}. "


def _figure(influence: DealInfluence, question: SupplierQuestion) -> Figure:
    drawing = influence.drawing()
    lines = rows_of([influence.rows])
    return Figure(
        id=f"{question.name}-deals",
        draw=drawing.draw,
        data=drawing.data,
        options=drawing.options,
        caption=f"{_most_moved(influence)}{question.title}, without one deal at a time.",
        source=source_line(lines),
        rows=lines,
    )
