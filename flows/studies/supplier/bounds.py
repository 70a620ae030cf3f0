"""What the data cannot exclude: the lowest and the highest that the share can be, by rule."""

import pandas as pd

from flows.findings import Findings, Number, Table
from flows.measure.bounds import Effect, ShareBounds
from flows.studies.numbers import rule_words, rules_json
from flows.studies.supplier.question import AllowedBounds, SupplierQuestion, rows_of

_ALL_RULES = "all"


def bounds(question: SupplierQuestion) -> Findings:
    """
    Bound the share under each rule of the question, and under all of them.

    Numbers ``share.bounds.<rule>`` and ``share.bounds.all``; table ``bounds``. Word
    ``bounds.refused``: which rules the data do not allow, and why; empty where they allow all.
    """
    allowed = question.bounds_of(question.share)
    return Findings(
        numbers=tuple(_numbers(allowed, question)),
        tables=(_table(allowed.found, question),),
        words=question.own({"bounds.refused": allowed.refused}),
    )


def _numbers(allowed: AllowedBounds, question: SupplierQuestion) -> list[Number]:
    found = allowed.found
    if found is None:
        return []
    numbers = []
    for name, effect in zip([*allowed.rules, _ALL_RULES], found.effects, strict=True):
        given = allowed.rules if name == _ALL_RULES else {name: allowed.rules[name]}
        make = question.make("flows.share_bounds", rules=rules_json(given))
        rule = "all rules together" if name == _ALL_RULES else f"the rule {effect.rule!r}"
        numbers.append(
            make(
                f"share.bounds.{name.replace('_', '-')}",
                100 * found.value,
                "%",
                f"Share and its bounds under {rule}: {question.title}.",
                digits=2,
                rows=_rows_of_effect(found, effect),
                bounds=(100 * effect.at_low.value, 100 * effect.at_high.value),
            )
        )
    return numbers


def _rows_of_effect(found: ShareBounds, effect: Effect) -> pd.DataFrame:
    """Return the rows that are in the share or in one of the two ends of a rule."""
    ends = (effect.at_low.amounts, effect.at_high.amounts)
    amounts = [end["amount"].reindex(found.rows.index) for end in ends]
    somewhere = pd.concat([found.rows["amount"], *amounts], axis="columns") > 0
    rows: pd.DataFrame = found.rows[somewhere.any(axis="columns")]
    return rows


def _table(found: ShareBounds | None, question: SupplierQuestion) -> Table:
    """One row a rule, then all together; none where the data allow no rule."""
    records = []
    if found is not None:
        together = ("All together", "every choice at its worst at once")
        meanings = [*map(rule_words, found.rules), together]
        records = [
            (*meaning, 100 * one.at_low.value, 100 * one.at_high.value, one.moved)
            for meaning, one in zip(meanings, found.effects, strict=True)
        ]
    limits = "; ".join(found.limits if found else ())
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
        caption=f"Bounds of the share, by rule: {question.title}.",
        note=(
            "Each pair is exact: the lowest and the highest ratio that the rule allows, not the "
            "ratio of a low to a high sum. No probability belongs to them."
            + (f" Not covered: {limits}." if limits else "")
        ),
        rows=rows_of([found.rows]) if found else {},
    )
