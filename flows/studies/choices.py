"""Rules and countings by name, as a plan and the parameters of a number hold them."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from flows.findings import Json
from flows.measure.bound_rules import (
    LocalProduction,
    RoundedCell,
    Rule,
    SecondHand,
    UncertainNumber,
    UncertainYear,
    UnknownPartner,
)
from flows.measure.counting import ALL, Counting

RULES: Mapping[str, Callable[..., Rule]] = {
    "uncertain_years": UncertainYear,
    "uncertain_numbers": UncertainNumber,
    "rounded_cells": RoundedCell,
    "unknown_partners": UnknownPartner,
    "local_production": LocalProduction,
    "second_hand": SecondHand,
}
"""Rules of bounds by the name that a plan gives them."""


def read_rules(named: Mapping[str, Mapping[str, Any]]) -> dict[str, Rule]:
    """
    Make rules from their names and arguments.

    Parameters
    ----------
    named : Mapping
        Key of :data:`RULES` to the arguments of the rule, ``{"uncertain_years": {"within": 1}}``.

    Returns
    -------
    dict
        Name to rule, in the order handed in.

    Raises
    ------
    ValueError
        If there is no such rule, or an argument is out of its range.
    TypeError
        If an argument is missing, or is none of the rule.

    Examples
    --------
    >>> read_rules({"uncertain_years": {"within": 1}, "local_production": {}})
    {'uncertain_years': UncertainYear(within=1), 'local_production': LocalProduction()}
    """
    unknown = sorted(named.keys() - RULES.keys())
    if unknown:
        raise ValueError(f"rules: expected among {', '.join(RULES)}, found {', '.join(unknown)}")
    return {name: RULES[name](**_with_tuples(given)) for name, given in named.items()}


def rules_json(named: Mapping[str, Mapping[str, Any]]) -> dict[str, Json]:
    """
    Return rules and their arguments for the parameters of a number.

    Parameters
    ----------
    named : Mapping
        As for :func:`read_rules`.

    Returns
    -------
    dict
        The same, pairs as lists.

    Raises
    ------
    AttributeError
        If a rule has no arguments by name.

    Examples
    --------
    >>> rules_json({"second_hand": {"used": (0.3, 0.5), "modernised": (0.6, 0.7)}})
    {'second_hand': {'used': [0.3, 0.5], 'modernised': [0.6, 0.7]}}
    """
    return {name: _with_lists(given) for name, given in named.items()}


def counting_json(counting: Counting) -> dict[str, Json]:
    """
    Return what a counting chooses, for the parameters of a number.

    Parameters
    ----------
    counting : Counting
        Which rows count, and in which year.

    Returns
    -------
    dict
        Only what differs from counting everything.

    Raises
    ------
    AttributeError
        If it is no counting.

    Examples
    --------
    >>> counting_json(Counting(by="order", status=("New",)))
    {'by': 'order', 'status': ['New']}
    """
    chosen = {one.name: getattr(counting, one.name) for one in fields(counting)}
    return _with_lists(
        {name: value for name, value in chosen.items() if value != getattr(ALL, name)}
    )


def read_counting(chosen: Mapping[str, Any]) -> Counting:
    """
    Return the counting that the parameters of a number hold.

    Parameters
    ----------
    chosen : Mapping
        Of :func:`counting_json`.

    Returns
    -------
    Counting

    Raises
    ------
    ValueError, TypeError
        As :class:`flows.measure.counting.Counting`, or if something is chosen that it does not
        know.

    Examples
    --------
    >>> read_counting({"by": "order", "status": ["New"]}).describe()
    'by year of order, status New'
    """
    return Counting(**_with_tuples(chosen))


def rule_words(rule: Rule) -> tuple[str, str]:
    """
    Say in plain words what a rule is and what it allows.

    Parameters
    ----------
    rule : Rule
        Any.

    Returns
    -------
    title, meaning : str
        For a table.

    Examples
    --------
    >>> rule_words(UncertainYear(within=1))[1]
    'a year marked as an estimate may be up to 1 earlier or later'
    """
    match rule:
        case UncertainYear(within=within):
            meaning = f"a year marked as an estimate may be up to {within} earlier or later"
            return "Uncertain years", meaning
        case UncertainNumber(fraction=fraction):
            meaning = f"a number marked as an estimate may be {fraction:.0%} lower or higher"
            return "Uncertain numbers", meaning
        case RoundedCell(half=half):
            return "Rounded cells", f"a printed sum may be {half:g} lower or higher"
        case LocalProduction():
            return "Local production", "weapons built there under licence are imports or are not"
        case SecondHand(used=used, modernised=modernised):
            ends = (" to ".join(f"{one:.0%}" for one in pair) for pair in (used, modernised))
            meaning = "a used weapon counts for {} of a new one, a modernised one for {}"
            return "Second-hand factors", meaning.format(*ends)
        case _:
            return "Unknown suppliers", "an unknown supplier may be anyone"


def _with_tuples(given: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: tuple(value) if isinstance(value, list) else value for name, value in given.items()
    }


def _with_lists(given: Mapping[str, Any]) -> dict[str, Json]:
    return {
        name: list(value) if isinstance(value, tuple) else value for name, value in given.items()
    }
