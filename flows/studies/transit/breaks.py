"""Breaks of the flows: at dates that are searched for, and at a date that is known beforehand."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from flows.findings import Figure, Findings, Json, Table
from flows.models.sample import Regime
from flows.models.several_tests import Adjustment
from flows.origin import Made
from flows.studies.numbers import part_of, source_line
from flows.studies.section import About
from flows.studies.transit.dated import (
    EFFECT_FORMATS,
    SIGNIFICANCE,
    DatedFlow,
    DatedFlows,
    compare_answers,
    drawn_breaks,
    drawn_date,
    effect_labels,
    effect_note,
    first_month_from,
    flows_between,
    known_event,
)
from flows.studies.transit.question import TransitQuestion, span_of
from flows.studies.trend.fitted import LEVEL

ABOUT = About(
    needs="months enough for two regimes; a `known` day, for what changes there",
    figures=("breaks",),
    tables=("breaks",),
)


def breaks(
    question: TransitQuestion,
    events: Made[pd.DataFrame] | None = None,
    *,
    known: str | None = None,
    regime: Regime = "mean",
    adjust: Adjustment = "holm",
) -> Findings:
    """
    Search each flow for breaks, and test it at one day that was known before looking.

    ``regime`` is what is constant between breaks, of the search and of the test alike; ``adjust``
    how p-values are adjusted for the number of flows. Numbers ``breaks.<flow>.count``,
    ``.detectable`` and, of a known day, ``.effect``, ``.beside-line``, ``.pvalue`` and
    ``.adjusted``; words ``breaks.<flow>`` (the dates found), and which flows have a break, which
    change at the known day, and in which the two answers differ; table and figure ``breaks``.
    """
    at = first_month_from(known)
    flows = flows_between(question, at=at, regime=regime)
    dated = DatedFlows(flows, adjust)
    words = {
        **{flow.key: flow.date_words for flow in flows},
        **compare_answers(dated, part_of(len(flows), len(flows), "flows")),
        "known": known_event(known, events),
        "tested": "yes" if "exports" in dated.tested else "",
        "drawn": "yes" if any(flow.search is not None for flow in flows) else "",
        "at": at,
        "regime": regime,
        "adjust": adjust,
        "detectable": "yes" if np.isfinite(flows[0].detectable) else "",
    }
    return Findings(
        numbers=tuple(dated.numbers(question.name, "breaks")),
        tables=(_table(question, dated, at, regime),),
        figures=tuple(_figures(question, dated, drawn_date(known, events))),
        words={f"{question.name}.breaks.{key}": word for key, word in words.items()},
    )


def _table(question: TransitQuestion, dated: DatedFlows, at: str, regime: Regime) -> Table:
    rows = [{**flow.cells(), "adjusted": dated.pvalue(flow)} for flow in dated.flows]
    return Table(
        id=f"{question.name}-breaks",
        frame=pd.DataFrame(rows),
        labels={
            "flow": "Flow",
            "found": f"Breaks found ({LEVEL:.0%} interval)",
            "detectable": "Detectable step",
            "persistence": "Persistence",
            **effect_labels(at, regime, dated.adjust),
        },
        formats=EFFECT_FORMATS,
        caption=_caption(at),
        note=(
            "Breaks: first months of a new regime, by a search over all months that allows for "
            f"persistent noise, at {SIGNIFICANCE:.0%}. Detectable step, where it finds none: "
            "multiple of the level that it would find in 8 of 10 such series. Persistence: "
            "correlation of the noise of neighbouring months, corrected for its bias."
            + effect_note(at, regime, dated.flows)
        ),
        rows=dated.rows,
    )


def _levels(known: list[Json]) -> str:
    return "its levels before and after the known date" if known else "the levels of its regimes"


def _caption(at: str) -> str:
    if not at:
        return "Breaks of each flow, where the search finds any."
    return f"Breaks that a search finds in each flow, and what changes from {at} on."


def _figures(question: TransitQuestion, dated: DatedFlows, known: list[Json]) -> Iterator[Figure]:
    """Yield the flows on one axis, each as an index: they are in several currencies."""
    drawn = [flow for flow in dated.flows if flow.search is not None]
    if not drawn:
        return
    span = span_of(question.before)
    yield Figure(
        id=f"{question.name}-breaks",
        draw="draw_regimes",
        data=pd.concat([flow.index_to(question.before) for flow in drawn], ignore_index=True),
        options={
            "unit_label": f"Mean of {span} = 100, log scale",
            "breaks": drawn_breaks(drawn),
            "events": known,
            "log": all(flow.log for flow in drawn),
        },
        caption=(
            f"Each flow by month, its mean in {span} put at 100, with {_levels(known)}. "
            f"{_seen(drawn)}"
        ),
        source=source_line(dated.rows),
        rows=dated.rows,
    )


def _seen(flows: list[DatedFlow]) -> str:
    """Say what the search finds in the flows that are drawn."""
    broken = [flow.label for flow in flows if flow.has_break]
    if not broken:
        return "The search finds no break in any of them."
    return (
        f"The search finds breaks in {len(broken)} of {len(flows)} (diamonds, with the intervals "
        "of their dates)."
    )
