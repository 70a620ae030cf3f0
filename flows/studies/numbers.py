"""How studies make numbers and print them, and how their parameters are written and read back."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pandas as pd

from flows.canonical import print_value
from flows.findings import Number
from flows.measure.checks import rows_by_dataset
from flows.measure.rules import (
    LocalProduction,
    RoundedCell,
    Rule,
    SecondHand,
    UncertainNumber,
    UncertainYear,
    UnknownPartner,
)
from flows.origin import Made, code_lines
from flows.table import Rows

RULES: Mapping[str, Callable[..., Rule]] = {
    "uncertain_years": UncertainYear,
    "uncertain_numbers": UncertainNumber,
    "rounded_cells": RoundedCell,
    "unknown_partners": UnknownPartner,
    "local_production": LocalProduction,
    "second_hand": SecondHand,
}
"""Rules of bounds by the name that a plan and the parameters of a number give them."""

Ends = tuple[float | None, float | None]
"""Low and high; none where nothing is known."""

_WHOLE_FROM = 10
_PAIR = 2
_SPELLED = ["none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]


def print_share(percent: float) -> str:
    """
    Print a share as SIPRI's fact sheets do: one decimal below 10, else whole, halves up.

    >>> [print_share(percent) for percent in (67.74, 9.96, 9.94, 6.0, 0.049, 0.0)]
    ['68', '10', '9.9', '6.0', '<0.05', '0']
    """
    if not 0 <= percent <= 100:  # noqa: PLR2004 - the whole
        raise ValueError(f"expected a share of 0 to 100 percent, found {percent}")
    if percent == 0:
        return "0"
    exact = Decimal(repr(float(percent)))
    if exact < Decimal("0.05"):
        return "<0.05"
    tenths = exact.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
    whole = exact.quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return str(tenths) if tenths < _WHOLE_FROM else str(whole)


def make_number(
    study: str,
    name: str,
    value: Made[float],
    unit: str,
    about: str,
    *,
    digits: int,
    rows: pd.DataFrame | Rows,
    bounds: Made[Ends] | None = None,
    interval: Made[Ends] | None = None,
    level: float | None = None,
    exact: bool = False,
) -> Number:
    """
    Return a number with the code that gives it.

    >>> from flows.origin import given
    >>> share = given("share", 0.677391)
    >>> number = make_number(
    ...     "arms", "share", share.part(lambda value: 100 * value), "%", "Share.", digits=2, rows={}
    ... )
    >>> number.id, number.printed, number.code
    ('arms.share', '67.74', ('value = 100 * share',))
    """
    ends = bounds or interval
    low, high = (None, None) if ends is None else ends.value
    wanted: dict[str, Made[object]] = {"value": value}
    if ends is not None:
        wanted["low, high"] = ends
    return Number(
        id=f"{study}.{name}",
        value=float(value.value),
        unit=unit,
        printed=print_value(float(value.value), digits, exact=exact),
        about=about,
        code=code_lines(wanted),
        rows=rows_by_dataset(rows) if isinstance(rows, pd.DataFrame) else rows,
        low=low,
        high=high,
        spread="bounds" if bounds else "interval" if interval else None,
        level=level if interval else None,
        exact=exact,
    )


def union_of(evidence: Iterable[Rows]) -> Rows:
    """
    Return the lines of several findings together, every line once, sorted.

    >>> union_of([{"a@1": (3, 2)}, {"a@1": (2,), "b@1": (5,)}])
    {'a@1': (2, 3), 'b@1': (5,)}
    """
    lines: dict[str, set[int]] = {}
    for rows in evidence:
        for dataset, numbers in rows.items():
            lines.setdefault(dataset, set()).update(numbers)
    return {dataset: tuple(sorted(numbers)) for dataset, numbers in sorted(lines.items())}


def read_rules(named: Mapping[str, Mapping[str, Any]]) -> dict[str, Rule]:
    """
    Make rules from their names, keys of :data:`RULES`, and arguments.

    >>> read_rules({"uncertain_years": {"within": 1}, "local_production": {}})
    {'uncertain_years': UncertainYear(within=1), 'local_production': LocalProduction()}
    """
    unknown = sorted(named.keys() - RULES.keys())
    if unknown:
        raise ValueError(
            f"rules: expected names among {', '.join(RULES)}, found {', '.join(unknown)}"
        )
    return {name: RULES[name](**_with_tuples(arguments)) for name, arguments in named.items()}


def rule_words(rule: Rule) -> tuple[str, str]:
    """
    Return the title of a rule and what it allows, in plain words for a table.

    >>> rule_words(UncertainYear(within=1))[1]
    'a year that is an estimate may be up to 1 earlier or later'
    """
    match rule:
        case UncertainYear(within=within):
            meaning = f"a year that is an estimate may be up to {within} earlier or later"
            return "Uncertain years", meaning
        case UncertainNumber(fraction=fraction):
            meaning = f"an estimated number of items may be {fraction:.0%} lower or higher"
            return "Uncertain numbers", meaning
        case RoundedCell(half=half):
            return "Rounded cells", f"a printed sum may be {half:g} lower or higher"
        case LocalProduction():
            return "Local production", "weapons built under licence count as imports or do not"
        case SecondHand(used=used, modernised=modernised):
            ends = (" to ".join(f"{end:.0%}" for end in pair) for pair in (used, modernised))
            meaning = "a used weapon counts for {} of a new one, a modernised one for {}"
            return "Second-hand factors", meaning.format(*ends)
        case _:
            return "Unknown suppliers", "an unknown supplier may be any country"


def _with_tuples(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in arguments.items()
    }


def join_words(words: Sequence[str], *, nothing: str = "none") -> str:
    """
    Return a list as a sentence has it.

    >>> join_words(["2012", "2018", "2021"]), join_words(["2012"]), join_words([])
    ('2012, 2018 and 2021', '2012', 'none')
    """
    if len(words) < 2:  # noqa: PLR2004 - one word has nothing to be joined to
        return "".join(words) or nothing
    return f"{', '.join(words[:-1])} and {words[-1]}"


def spelled(count: int) -> str:
    """
    Return a count as a sentence has it: in letters up to ten.

    >>> spelled(3), spelled(12)
    ('three', '12')
    """
    return _SPELLED[count] if count < len(_SPELLED) else str(count)


def part_of(count: int, whole: int, noun: str) -> str:
    """
    Return how many of several, as a sentence has it.

    >>> [part_of(count, 4, "years") for count in (0, 1, 3, 4)]
    ['none of the four years', 'one of the four years', 'three of the four years', 'all four years']
    >>> part_of(0, 2, "years"), part_of(2, 2, "years")
    ('neither of the two years', 'both years')
    """
    if count == whole:
        return f"{'both' if whole == _PAIR else f'all {spelled(whole)}'} {noun}"
    part = spelled(count) if count else "neither" if whole == _PAIR else "none"
    return f"{part} of the {spelled(whole)} {noun}"


def source_line(rows: Rows) -> str:
    """Return what stands under a figure."""
    return f"Source: {', '.join(sorted(rows))}."
