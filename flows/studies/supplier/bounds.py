"""What the data cannot exclude: the lowest and the highest that the share can be, by rule."""

import pandas as pd

from flows.canonical import print_value
from flows.findings import Findings, Number, Table
from flows.measure.bounds import Effect, ShareBounds
from flows.origin import Made
from flows.studies.numbers import make_number, rule_words
from flows.studies.section import About
from flows.studies.supplier.question import AllowedBounds, SupplierQuestion, rows_of

ABOUT = About(
    needs="`rules` of the question, one of which the data allow: flags of deals, rounded cells",
    tables=("bounds",),
)

_ALL_RULES = "all"


def bounds(question: SupplierQuestion) -> Findings:
    """
    Bound the share under each rule of the question, and under all of them.

    Numbers ``share.bounds.<rule>`` and ``share.bounds.all``; table ``bounds``. Words
    ``bounds.rules`` (those that the data allow) and, of these and ``all``, ``bounds.unmoved`` (they
    cannot move the share); ``bounds.refused``: which rules the data do not allow, and why; empty
    where they allow all.
    """
    allowed = question.bounds_of(question.share.value)
    bounds = None if allowed.bounds is None else allowed.bounds.value
    return Findings(
        numbers=tuple(_numbers(allowed, question)),
        tables=() if bounds is None else (_table(bounds, question),),
        words=question.own(_words(allowed, bounds)),
    )


def _words(allowed: AllowedBounds, bounds: ShareBounds | None) -> dict[str, str]:
    names = [name.replace("_", "-") for name in allowed.rules]
    effects = () if bounds is None else bounds.effects
    unmoved = [
        name
        for name, effect in zip([*names, _ALL_RULES], effects, strict=False)
        if effect.at_low.value == effect.at_high.value
    ]
    return {
        "bounds.rules": " ".join(names) if bounds else "",
        "bounds.unmoved": " ".join(unmoved),
        "bounds.refused": allowed.refused,
    }


def _numbers(allowed: AllowedBounds, question: SupplierQuestion) -> list[Number]:
    if allowed.bounds is None:
        return []
    names = [*allowed.rules, _ALL_RULES]
    return [_number(allowed.bounds, place, name, question) for place, name in enumerate(names)]


def _number(made: Made[ShareBounds], place: int, name: str, question: SupplierQuestion) -> Number:
    effect = made.value.effects[place]
    rule = "all rules together" if name == _ALL_RULES else f"the rule {effect.rule!r}"
    return make_number(
        question.name,
        f"share.bounds.{name.replace('_', '-')}",
        made.part(lambda bounds: 100 * bounds.value),
        "%",
        f"Share and its bounds under {rule}: {question.title}.",
        digits=2,
        rows=_rows_of_effect(made.value, effect),
        bounds=made.part(
            lambda bounds: (
                100 * bounds.effects[place].at_low.value,
                100 * bounds.effects[place].at_high.value,
            )
        ),
    )


def _rows_of_effect(bounds: ShareBounds, effect: Effect) -> pd.DataFrame:
    """Return the rows that are in the share or in one of the two ends of a rule."""
    ends = (effect.at_low.amounts, effect.at_high.amounts)
    amounts = [end["amount"].reindex(bounds.rows.index) for end in ends]
    somewhere = pd.concat([bounds.rows["amount"], *amounts], axis="columns") > 0
    rows: pd.DataFrame = bounds.rows[somewhere.any(axis="columns")]
    return rows


def _range(bounds: ShareBounds) -> str:
    low, high = (print_value(100 * end, 2) for end in (bounds.low, bounds.high))
    return f"a share of {low}%." if low == high else f"shares between {low} and {high}%."


def _table(bounds: ShareBounds, question: SupplierQuestion) -> Table:
    """One row a rule, then all together."""
    together = ("All together", "every choice at its worst at once")
    meanings = [*map(rule_words, bounds.rules), together]
    records = [
        (*meaning, 100 * effect.at_low.value, 100 * effect.at_high.value, effect.moved)
        for meaning, effect in zip(meanings, bounds.effects, strict=True)
    ]
    limits = "; ".join(bounds.limits)
    return Table(
        id=f"{question.name}-bounds",
        frame=pd.DataFrame(records, columns=["rule", "meaning", "low", "high", "rows_moved"]),
        labels={
            "rule": "Rule",
            "meaning": "What may differ",
            "low": "Lowest, %",
            "high": "Highest, %",
            "rows_moved": "Deliveries moved",
        },
        formats={"low": ".2f", "high": ".2f"},
        caption=(f"What the data cannot rule out: {_range(bounds)} {question.title}, by rule."),
        note=(
            "Each pair is the lowest and the highest share that a rule allows; no probability "
            "belongs to the values between." + (f" Not covered: {limits}." if limits else "")
        ),
        rows=rows_of([bounds.rows]),
    )
