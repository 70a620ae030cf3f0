"""Words of the trend study: dates, and sentences that follow from the data."""

from collections.abc import Sequence

import pandas as pd

from flows.models.event_tests import EventTests
from flows.studies.examined import Examined


def trend_words(
    several: Sequence[Examined],
    tested: EventTests,
    changes: pd.DataFrame,
    *,
    title: str,
    name: str,
) -> dict[str, str]:
    """
    Return the words that a text about the flow needs.

    Parameters
    ----------
    several : sequence of Examined
        The flow by month, by year.
    tested : EventTests
        Events, tested on the first of them.
    changes : pandas.DataFrame
        Columns ``date`` and ``name`` of changes of the records.
    title : str
        What the flow is.
    name : str
        First part of the keys.

    Returns
    -------
    dict
        ``title``, ``changes``, ``records``, ``events.holm``, ``events.placebo``, and by frequency
        ``first``, ``last``, ``breaks``, ``sign``, ``zero``, ``sure``, ``apart``, ``carries``.

    Raises
    ------
    KeyError
        If a column is missing.
    """
    words = {
        "title": title,
        "changes": _changes(changes),
        "records": join_words([date for one in several for date in _beside_changes(one)]) or "none",
        "events.holm": join_words(tested.below("holm")) or "none",
        "events.placebo": join_words(tested.below("placebo")) or "none",
    }
    for one in several:
        influence = one.trend.diagnostics.influence
        words |= {
            f"{one.freq}.first": str(one.y.index[0]),
            f"{one.freq}.last": str(one.y.index[-1]),
            f"{one.freq}.breaks": _breaks(one),
            f"{one.freq}.sign": _sign(one),
            f"{one.freq}.zero": _zero(one),
            f"{one.freq}.sure": join_words(_sure(one)) or "no estimator",
            f"{one.freq}.apart": _apart(one),
            f"{one.freq}.carries": str(influence.abs().idxmax()),
        }
    return {f"{name}.{key}": word for key, word in words.items()}


def join_words(words: Sequence[str]) -> str:
    """
    Return a list as a sentence has it.

    Parameters
    ----------
    words : sequence of str
        Any number.

    Returns
    -------
    str
        Empty where there is none.

    Examples
    --------
    >>> join_words(["2012", "2018", "2021"]), join_words(["2012"])
    ('2012, 2018 and 2021', '2012')
    """
    if len(words) < 2:  # noqa: PLR2004 - one word has nothing to be joined to
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def _changes(changes: pd.DataFrame) -> str:
    named = [
        f"{name} (from {date:%Y-%m-%d} on)"
        for date, name in zip(changes["date"], changes["name"], strict=True)
    ]
    return "; ".join(named) or "none"


def _breaks(one: Examined) -> str:
    found = one.breaks.conf_int()
    return (
        join_words(
            [
                str(period) if pd.isna(low) or pd.isna(high) else f"{period} ({low} to {high})"
                for period, low, high in found.itertuples(name=None)
            ]
        )
        or "none"
    )


def _sign(one: Examined) -> str:
    growth = one.comparison.tidy()["growth_pct"]
    if not one.comparison.same_sign:
        return "the estimators do not agree on the sign"
    return f"all estimators say {'growth' if growth.iloc[0] > 0 else 'decline'}"


def _zero(one: Examined) -> str:
    """Say it of the first estimator, the line."""
    return "leaves zero out" if one.comparison.table.index[0] in _sure(one) else "holds zero"


def _sure(one: Examined) -> list[str]:
    """Return the estimators whose interval leaves zero out."""
    table = one.comparison.tidy()
    return [str(name) for name in table.index[(table["low"] > 0) | (table["high"] < 0)]]


def _apart(one: Examined) -> str:
    pairs = [f"{first} and {second}" for first, second in one.comparison.apart]
    if not pairs:
        return "all their intervals overlap"
    return f"the intervals of {join_words(pairs)} do not overlap"


def _beside_changes(one: Examined) -> list[str]:
    """Return the break dates whose interval holds a change of the records."""
    near = (one.marks["records"] != "").to_numpy()
    return [f"{period} (by {one.freq})" for period in one.breaks.break_dates[near]]
