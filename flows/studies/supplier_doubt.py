"""What a supplier's share cannot exclude, and how much it hangs on few deals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from flows.findings import Number
from flows.measure.bounds import Effect, ShareBounds, share_bounds
from flows.measure.checks import select_flows
from flows.measure.posterior import SharePosterior, share_posterior
from flows.measure.shares import Share
from flows.studies.choices import read_rules, rule_words, rules_json
from flows.studies.supplier_question import SupplierQuestion, answer_or_reason, stated_columns

ALL_RULES = "all"


@dataclass(frozen=True, slots=True, eq=False)
class Doubt:
    """
    Bounds and interval of one share, as far as the data allow them.

    Parameters
    ----------
    rules : Mapping
        Name to arguments of the rules that the data allow, as the plan gives them.
    bounds : ShareBounds or None
        Under those rules; none where the data allow no rule.
    bounds_refused : str
        Which rules the data do not allow, and why; empty where they allow all.
    posterior : SharePosterior or None
        By the bootstrap over deals; none where the data do not allow it.
    posterior_refused : str
        Why not; empty where they do.
    """

    rules: Mapping[str, Mapping[str, Any]]
    bounds: ShareBounds | None
    bounds_refused: str
    posterior: SharePosterior | None
    posterior_refused: str


def find_doubt(
    arms: pd.DataFrame,
    *,
    question: SupplierQuestion,
    rules: Mapping[str, Mapping[str, Any]],
    posterior: Mapping[str, Any],
) -> Doubt:
    """
    Return bounds and interval of a share, or the reasons why there are none.

    Parameters
    ----------
    arms : pandas.DataFrame
        Flow table of deliveries.
    question : SupplierQuestion
        What is asked.
    rules : Mapping
        See :func:`flows.studies.choices.read_rules`.
    posterior : Mapping
        ``draws``, ``seed`` and ``level`` of :func:`flows.share_posterior`.

    Returns
    -------
    Doubt

    Raises
    ------
    FlowsError
        As :func:`flows.share`, but for what the data do not hold.
    ValueError
        If a rule is unknown, or draws and level do not fit together.
    """
    stated = stated_columns(select_flows(arms, dataset=question.dataset))
    asked: dict[str, Any] = {"table": stated, **question.asked}
    bounds, reasons = answer_or_reason(_bound, asked=asked, rules=rules)
    allowed = rules
    if bounds is None:
        allowed, reasons = _allowed(asked, rules)
        bounds = _bound(asked, allowed) if allowed else None
    interval, refused = answer_or_reason(share_posterior, **asked, **posterior)
    return Doubt(
        rules=allowed,
        bounds=bounds,
        bounds_refused=reasons,
        posterior=interval,
        posterior_refused=refused,
    )


def find_doubts(
    arms: pd.DataFrame,
    shares: Sequence[Share],
    *,
    question: SupplierQuestion,
    rules: Mapping[str, Mapping[str, Any]],
    posterior: Mapping[str, Any],
) -> tuple[Doubt, ...]:
    """
    Return what is not sure about each of several shares.

    Parameters
    ----------
    arms, question, rules, posterior
        As for :func:`find_doubt`.
    shares : sequence of Share
        Of several windows and releases.

    Returns
    -------
    tuple of Doubt
        In the order of the shares.

    Raises
    ------
    FlowsError, ValueError
        As :func:`find_doubt`.
    """
    return tuple(
        find_doubt(
            arms,
            question=replace(question, start=one.start, end=one.end, dataset=one.dataset),
            rules=rules,
            posterior=posterior,
        )
        for one in shares
    )


def doubt_numbers(doubt: Doubt, question: SupplierQuestion) -> list[Number]:
    """
    Return bounds by rule, and what the bootstrap over deals says.

    Parameters
    ----------
    doubt : Doubt
        Of :func:`find_doubt`.
    question : SupplierQuestion
        What is asked.

    Returns
    -------
    list of Number
        ``share.bounds.<rule>`` and ``share.bounds.all``; ``share.interval``, ``prob-largest``,
        ``deals``, ``deals.effective``.

    Raises
    ------
    CountryError
        If a code has no name.
    """
    numbers = []
    if doubt.bounds is not None:
        found = doubt.bounds
        for name, effect in zip([*doubt.rules, ALL_RULES], found.effects, strict=True):
            given = doubt.rules if name == ALL_RULES else {name: doubt.rules[name]}
            make = question.make("flows.share_bounds", rules=rules_json(given))
            numbers.append(
                make(
                    f"share.bounds.{name.replace('_', '-')}",
                    100 * found.value,
                    "%",
                    f"Share and its bounds under {_rule_told(effect.rule)}: {question.told}.",
                    digits=2,
                    rows=_rows_of_effect(found, effect),
                    bounds=(100 * effect.at_low.value, 100 * effect.at_high.value),
                )
            )
    return [*numbers, *_posterior_numbers(doubt.posterior, question)]


def _allowed(
    asked: Mapping[str, Any], rules: Mapping[str, Mapping[str, Any]]
) -> tuple[Mapping[str, Mapping[str, Any]], str]:
    """Return the rules that the data allow, and why they do not allow the others."""
    allowed, reasons = {}, []
    for name, rule in read_rules(rules).items():
        _, reason = answer_or_reason(_bound, asked=asked, rules={name: rules[name]})
        if reason:
            reasons.append(f"{rule_words(rule)[0].lower()}: {reason}")
        else:
            allowed[name] = rules[name]
    return allowed, "; ".join(reasons)


def _bound(asked: Mapping[str, Any], rules: Mapping[str, Mapping[str, Any]]) -> ShareBounds:
    return share_bounds(**asked, rules=tuple(read_rules(rules).values()))


def _rows_of_effect(found: ShareBounds, effect: Effect) -> pd.DataFrame:
    """Return the rows that are in the share or in one of the two ends of a rule."""
    ends = (effect.at_low.amounts, effect.at_high.amounts)
    amounts = [end["amount"].reindex(found.rows.index) for end in ends]
    somewhere = pd.concat([found.rows["amount"], *amounts], axis="columns") > 0
    rows: pd.DataFrame = found.rows[somewhere.any(axis="columns")]
    return rows


def _rule_told(name: str) -> str:
    return "all rules together" if name == ALL_RULES else f"the rule {name!r}"


def _posterior_numbers(found: SharePosterior | None, question: SupplierQuestion) -> list[Number]:
    if found is None:
        return []
    make = question.make(
        "flows.share_posterior", draws=found.draws, seed=found.seed, level=found.level
    )
    return [
        make(
            "share.interval",
            100 * found.value,
            "%",
            f"Share and its interval by the bootstrap over deals: {question.told}.",
            digits=1,
            rows=found.rows,
            interval=(100 * found.low, 100 * found.high),
            level=found.level,
        ),
        make(
            "prob-largest",
            100 * found.prob_largest,
            "%",
            f"Draws in which the supplier is the largest: {question.told}.",
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
