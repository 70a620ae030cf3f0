"""The country in the middle beside its neighbours: which of them, when, how much, and together."""

from collections.abc import Iterator
from functools import reduce

import pandas as pd

from flows.countries import country_name
from flows.findings import Figure, Findings, Number, Table
from flows.models.break_surface import LEVELS
from flows.models.sample import Regime
from flows.models.several_tests import Adjustment
from flows.origin import Made, applied, call
from flows.studies.numbers import make_number, part_of, source_line
from flows.studies.section import About
from flows.studies.transit.dated import (
    EFFECT_FORMATS,
    SIGNIFICANCE,
    DatedFlow,
    DatedFlows,
    add_up,
    after_to_before,
    compare_answers,
    date_flow,
    effect_labels,
    effect_note,
    first_month_from,
    known_event,
    times_row,
)
from flows.studies.transit.question import TransitQuestion
from flows.studies.trend.fitted import LEVEL

ABOUT = About(
    needs="months enough for two regimes; a `known` day, for what changes there",
    figures=("neighbours",),
    tables=("neighbours",),
)


def neighbours(
    question: TransitQuestion,
    events: Made[pd.DataFrame] | None = None,
    *,
    known: str | None = None,
    regime: Regime = "mean",
    adjust: Adjustment = "holm",
) -> Findings:
    """
    Ask the same of each country that may play the same part, in the exporters' own currency.

    Numbers ``neighbours.<code>.growth`` (from the last year before to the first after), ``.ratio``
    (mean after over mean before), those of section ``breaks`` for each of them,
    ``neighbours.with-break``, ``.changed`` (at the known day) and, where two or more have a break,
    ``.same-month``: months that lie within the intervals of all of them, at a level at which all
    intervals hold together. Table and figure ``neighbours``.
    """
    at = first_month_from(known)
    dated = DatedFlows(
        tuple(
            date_flow(
                code,
                f"exports to {country_name(code)}",
                country_name(code),
                question.sent(code, own=True),
                at=at,
                regime=regime,
            )
            for code in question.receivers
        ),
        adjust,
    )
    growths = {flow.key: _growth(question, flow.key) for flow in dated.flows}
    ratios = {flow.key: _ratio(question, flow.key) for flow in dated.flows}
    count = len(dated.flows)
    order = sorted(dated.flows, key=lambda flow: -growths[flow.key].value)
    words = {
        **compare_answers(dated, f"exports to {part_of(count, count, 'countries')}"),
        "known": known_event(known, events),
        "tested": "yes" if dated.tested else "",
        "at": at,
        "most": order[0].label,
        "least": order[-1].label,
        "dated": "yes" if sum(flow.has_break for flow in dated.flows) > 1 else "",
        "joint-level": _joint_words(dated),
    }
    return Findings(
        numbers=(
            *_growth_numbers(question, dated, growths, ratios),
            *dated.numbers(question.name, "neighbours"),
            *_together(question, dated),
        ),
        tables=(_table(question, dated, growths, ratios, at),),
        figures=tuple(_figures(question, dated, at)),
        words={
            **{f"{question.name}.neighbours.{key}": word for key, word in words.items()},
            f"{question.name}.neighbours.first": order[0].key,
            f"{question.name}.neighbours.last": order[-1].key,
        },
    )


def _growth(question: TransitQuestion, code: str) -> Made[float]:
    last, first = str(question.before[1]), str(question.after[0])
    years = question.sent(code, freq="year", own=True)
    return years.part(lambda y: 100 * (y[first] / y[last] - 1))


def _ratio(question: TransitQuestion, code: str) -> Made[float]:
    return after_to_before(question, question.sent(code, freq="year", own=True))


def _growth_numbers(
    question: TransitQuestion,
    dated: DatedFlows,
    growths: dict[str, Made[float]],
    ratios: dict[str, Made[float]],
) -> Iterator[Number]:
    last, first = question.before[1], question.after[0]
    spans = question.words
    for flow in dated.flows:
        yield make_number(
            question.name,
            f"neighbours.{flow.key}.growth",
            growths[flow.key],
            "%",
            f"Growth from {last} to {first}, {question.stated_in}: {flow.title}.",
            digits=1,
            rows=flow.rows,
        )
        yield make_number(
            question.name,
            f"neighbours.{flow.key}.ratio",
            ratios[flow.key],
            "ratio",
            f"Mean of {spans['after']} over mean of {spans['before']}: {flow.title}.",
            digits=2,
            rows=flow.rows,
        )


def _together(question: TransitQuestion, dated: DatedFlows) -> Iterator[Number]:
    """Yield how many have a break or change at the known day, and whether in the same month."""
    searched = [flow.broken for flow in dated.flows if flow.broken is not None]
    counts = {}
    if searched:
        about = "Receivers in whose months the search finds a break."
        counts["with-break"] = (add_up(searched), about)
    if dated.adjusted is not None:
        about = f"Receivers that change at the known day, adjusted for {len(dated.tested)} tests."
        below = dated.adjusted.part(lambda pvalues: (pvalues < SIGNIFICANCE).sum())
        counts["changed"] = (below, about)
    broken = [flow for flow in dated.flows if flow.has_break]
    if len(broken) > 1:
        level = joint_level(sum(len(_dates(flow)) for flow in broken))
        shared = reduce(_shared, [_months_of(flow, level) for flow in broken])
        about = f"Months within the {level:.1%} intervals of all receivers with a break."
        counts["same-month"] = (shared.part(lambda months: applied(len, months)), about)
    for key, (count, about) in counts.items():
        yield make_number(
            question.name, f"neighbours.{key}", count, "count", about, digits=0, rows=dated.rows
        )


def _shared(first: Made[pd.PeriodIndex], second: Made[pd.PeriodIndex]) -> Made[pd.PeriodIndex]:
    return first.combined(second, lambda one, other: one.intersection(other))


def joint_level(intervals: int) -> float:
    """
    Return the level of each of several intervals at which all hold together at 95 %, at most 99 %.

    >>> joint_level(2), joint_level(20)
    (0.975, 0.99)
    """
    return min(round(1 - (1 - LEVEL) / intervals, 6), max(LEVELS))


def _joint_words(dated: DatedFlows) -> str:
    """Return the level at which the intervals of all breaks hold together."""
    count = sum(len(_dates(flow)) for flow in dated.flows)
    return f"{1 - count * (1 - joint_level(count)):.0%}" if count else ""


def _dates(flow: DatedFlow) -> pd.Index:
    return pd.Index([]) if flow.search is None else flow.search.value.break_dates


def _months_of(flow: DatedFlow, level: float) -> Made[pd.PeriodIndex]:
    """Return the months within the intervals of a flow's breaks."""
    spans = [_interval_months(flow, place, level) for place in range(len(_dates(flow)))]
    return reduce(_union, spans)


def _union(first: Made[pd.PeriodIndex], second: Made[pd.PeriodIndex]) -> Made[pd.PeriodIndex]:
    return first.combined(second, lambda one, other: one.union(other))


def _interval_months(flow: DatedFlow, place: int, level: float) -> Made[pd.PeriodIndex]:
    intervals = flow.fitted.breaks.part(lambda breaks: breaks.conf_int(level=level))
    low = intervals.part(lambda ends: ends["low"].iloc[place])
    high = intervals.part(lambda ends: ends["high"].iloc[place])
    return call(pd.period_range, low.arg, high.arg, freq="M").called("months")


def _table(
    question: TransitQuestion,
    dated: DatedFlows,
    growths: dict[str, Made[float]],
    ratios: dict[str, Made[float]],
    at: str,
) -> Table:
    words = question.words
    frame = pd.DataFrame(
        [
            {
                **flow.cells(),
                "flow": flow.label,
                "growth": growths[flow.key].value,
                "ratio": ratios[flow.key].value,
                "adjusted": dated.pvalue(flow),
            }
            for flow in dated.flows
        ]
    )
    return Table(
        id=f"{question.name}-neighbours",
        frame=frame.sort_values("growth", ascending=False, kind="stable", ignore_index=True),
        labels={
            "flow": "Exports to",
            "growth": f"{words['last-before']} to {words['first-after']}, %",
            "ratio": "Ratio",
            "found": f"Breaks found ({LEVEL:.0%} interval)",
            "detectable": "Detectable step",
            **effect_labels(at, dated.flows[0].fitted.regime, dated.adjust),
        },
        formats={"growth": "+,.1f", "ratio": ",.2f", **EFFECT_FORMATS},
        caption=(
            f"Exports of {question.origin_name} to {words['via']} and to countries that may play "
            f"the same part, {question.stated_in}."
        ),
        note=(
            f"Ratio: mean of {words['after']} over mean of {words['before']}. Breaks: by a search "
            f"over all months that allows for persistent noise, at {SIGNIFICANCE:.0%}. Detectable "
            "step, where it finds none: multiple of the level that it would find in 8 of 10 such "
            "series." + effect_note(at, dated.flows[0].fitted.regime, dated.flows)
        ),
        rows=dated.rows,
    )


def _figures(question: TransitQuestion, dated: DatedFlows, at: str) -> Iterator[Figure]:
    """Yield the levels after the known day as multiples of those before it."""
    steps = [flow for flow in dated.flows if flow.step is not None]
    if not steps:
        return
    changes = pd.DataFrame([times_row("Exports to", flow.label, flow) for flow in steps])
    changes = changes.sort_values("value", ascending=False, ignore_index=True)
    yield Figure(
        id=f"{question.name}-neighbours",
        draw="draw_estimates",
        data=changes,
        options={"unit_label": f"Level from {at} on, times the level before", "times": True},
        caption=(
            f"How many times the level before {at} the exports of {question.origin_name} to each "
            f"country have been since, with {LEVEL:.0%} intervals: most to "
            f"{changes['name'].iloc[0]}, least to {changes['name'].iloc[-1]}. Where intervals "
            "overlap, the changes may be of one size."
        ),
        source=source_line(dated.rows),
        rows=dated.rows,
    )
