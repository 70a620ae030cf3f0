"""Bounds and intervals of a supplier's share as a table and a figure."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from flows.countries import country_name
from flows.findings import Figure, Table
from flows.measure.shares import Share
from flows.studies.choices import rule_words
from flows.studies.supplier_doubt import Doubt
from flows.studies.supplier_question import SupplierQuestion, release_of, rows_of, source_of


def bounds_table(doubt: Doubt, question: SupplierQuestion) -> Table:
    """
    Return the table of rules, each alone and all together.

    Parameters
    ----------
    doubt : Doubt
        Of :func:`find_doubt`.
    question : SupplierQuestion
        What is asked.

    Returns
    -------
    Table
        One row a rule; none where the data allow no rule.

    Raises
    ------
    CountryError
        If a code has no name.
    """
    found = doubt.bounds
    effects = () if found is None else found.effects
    words = [rule_words(rule) for rule in (found.rules if found else ())]
    together = ("All together", "every choice at its worst at once")
    records = [
        (*told, 100 * one.at_low.value, 100 * one.at_high.value, one.moved)
        for told, one in zip([*words, together], effects, strict=False)
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
        caption=f"Bounds of the share, by rule: {question.told}.",
        note=(
            "Each pair is exact: the lowest and the highest ratio that the rule allows, not the "
            "ratio of a low to a high sum. No probability belongs to them."
            + (f" Not covered: {limits}." if limits else "")
        ),
        rows=rows_of([found.rows]) if found else {},
    )


def window_figure(
    shares: Sequence[Share], doubts: Sequence[Doubt], question: SupplierQuestion
) -> Figure:
    """
    Return the figure of shares by window and release, with bounds and intervals.

    Parameters
    ----------
    shares : sequence of Share
        Every window in every release.
    doubts : sequence of Doubt
        What is not sure about each of them.
    question : SupplierQuestion
        What is asked.

    Returns
    -------
    Figure
        Drawn by ``draw_share_bounds``. A release that does not allow every rule has no box: it
        would be narrower for want of data.

    Raises
    ------
    CountryError
        If a code has no name.
    """
    records = [_window_record(one, doubt) for one, doubt in zip(shares, doubts, strict=True)]
    levels = {one.posterior.level for one in doubts if one.posterior is not None}
    level = f"{min(levels):.0%} " if levels else ""
    return Figure(
        id=f"{question.name}-share-by-window",
        draw="draw_share_bounds",
        data=pd.DataFrame(records),
        options={
            "supplier": country_name(question.supplier),
            "importer": country_name(question.importer),
            "bounds_label": "bounds, all rules",
            "interval_label": f"{level}interval over deals",
        },
        caption=(
            f"{country_name(question.supplier)}’s share of {country_name(question.importer)}’s "
            "imports of major arms by window and release. Boxes: what all rules together cannot "
            "exclude. Whiskers: how much the share hangs on few deals. A release without flags and "
            "deals has neither."
        ),
        source=source_of([one.rows for one in shares]),
        rows=rows_of([one.rows for one in shares]),
    )


def _window_record(one: Share, doubt: Doubt) -> dict[str, Any]:
    nan = float("nan")
    box = doubt.bounds if not doubt.bounds_refused else None
    low, high = (box.low, box.high) if box else (nan, nan)
    ends = doubt.posterior.interval if doubt.posterior else (nan, nan)
    return {
        "window": f"{one.start}-{one.end}",
        "release": release_of(one.dataset),
        "share_pct": 100 * one.value,
        "bound_low": 100 * low,
        "bound_high": 100 * high,
        "interval_low": 100 * ends[0],
        "interval_high": 100 * ends[1],
    }
