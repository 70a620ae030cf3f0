"""The same question put where nothing should be found: other partners, and other dates."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from flows.countries import country_name
from flows.errors import SchemaError
from flows.findings import Figure, Findings, Number, Table
from flows.measure.groups import is_group, members_ever
from flows.measure.timeseries import series
from flows.measure.whole_periods import Frequency
from flows.models.sample import Regime
from flows.models.several_tests import Adjustment
from flows.origin import Made, call
from flows.studies.numbers import join_words, make_number, source_line
from flows.studies.section import About
from flows.studies.transit.dated import (
    EFFECT_FORMATS,
    SIGNIFICANCE,
    DatedFlow,
    DatedFlows,
    add_up,
    after_to_before,
    date_flow,
    effect_labels,
    effect_note,
    first_month_from,
    known_event,
    times_row,
)
from flows.studies.transit.other_dates import ask_dates, dates_findings, is_month
from flows.studies.transit.question import TransitQuestion
from flows.studies.trend.fitted import LEVEL

ABOUT = About(
    needs="a table `hub`, for partners; months before the years `before`, for dates",
    figures=("placebos",),
    tables=("placebos", "placebo-dates"),
)

_SIDES = ("imports", "exports")
_UNNAMED = "XXX"


@dataclass(frozen=True, eq=False)
class PartnerFlow:
    """A flow between the country in the middle and a partner; ``asked``: one of the question."""

    side: str
    partner: str
    asked: bool
    flow: DatedFlow
    ratio: Made[float]


def placebos(
    question: TransitQuestion,
    events: Made[pd.DataFrame] | None = None,
    *,
    known: str,
    partners: Sequence[str] | None = None,
    contaminated: Mapping[str, str] | None = None,
    months: int = 12,
    regime: Regime = "mean",
    adjust: Adjustment = "holm",
) -> Findings:
    """
    Put the question of the known day to other partners and to other dates.

    ``partners``: those of the country in the middle, by default all in its statistics but the
    destination and the exporters; ``contaminated``: months (``"2020-03"``) and partners, each with
    the reason why something may be found there; ``months``: on each side of another date.
    Numbers ``placebos.partners.count``, ``.flows``, ``.found``, ``.with-break``, ``.largest`` and
    ``.exceeding``, the same of ``placebos.imports`` and ``placebos.exports`` with ``.asked``;
    ``placebos.dates.count``, ``.largest``, ``.exceeding`` and those of each flow; tables
    ``placebos`` and ``placebo-dates``, figure ``placebos``; words ``placebos.partners.refused`` and
    ``placebos.dates.refused`` say what the data do not allow.
    """
    at, reasons = first_month_from(known), dict(contaminated or {})
    tested = _partner_flows(question, partners, at=at, regime=regime)
    others = [partner for partner in tested if not partner.asked]
    dated = DatedFlows(tuple(partner.flow for partner in tested), adjust)
    dates = ask_dates(question, events, reasons, at=at, months=months, regime=regime)
    words = {
        "known": known_event(known, events),
        "at": at,
        "partners.refused": "" if others else _no_partners(question),
        "dates.refused": "" if dates else _no_dates(question),
        "dates.reasons": _reasons(reasons, partners=False),
        "partners.reasons": _reasons(reasons, partners=True),
        "dates.months": str(months),
        **{f"{side}.there": "yes" if _has_both(tested, side) else "" for side in _SIDES},
    }
    found: list[Findings] = []
    if others:
        found.append(_of_partners(question, tested, dated, at))
    if dates:
        found.append(dates_findings(question, dates, at, months))
    own = Findings(words={f"{question.name}.placebos.{key}": word for key, word in words.items()})
    return Findings.union([*found, own])


def _has_both(tested: Sequence[PartnerFlow], side: str) -> bool:
    """Say whether there is a flow in question and one of another partner."""
    return {partner.asked for partner in tested if partner.side == side} == {True, False}


def _no_partners(question: TransitQuestion) -> str:
    via = country_name(question.via)
    if question.hub is None:
        return f"what {via} states of its trade by partner and month is not among the data"
    return f"the statistics of {via} that are among the data have no other partner"


def _no_dates(question: TransitQuestion) -> str:
    return f"no flow has months enough before {question.before[0]}"


def _reasons(reasons: Mapping[str, str], *, partners: bool) -> str:
    """Return what is known of months, or of partners."""
    kept = {key: why for key, why in reasons.items() if is_month(key) != partners}
    named = [f"{country_name(key) if partners else key} ({why})" for key, why in kept.items()]
    return join_words(named, nothing="")


def _partner_flows(
    question: TransitQuestion, partners: Sequence[str] | None, *, at: str, regime: Regime
) -> list[PartnerFlow]:
    """Return the flows with each partner, those of the question first."""
    if question.hub is None or not question.bases:
        return []
    asked = {"imports": question.origin, "exports": question.destination}
    flows = [
        _partner_flow(question, side, partner, at=at, regime=regime)
        for side in _SIDES
        for partner in (asked[side], *(_partners_of(question) if partners is None else partners))
    ]
    return [flow for flow in flows if flow is not None]


def _partners_of(question: TransitQuestion) -> list[str]:
    if question.hub is None:
        return []
    hub, origin, via = question.hub.value, question.origin, question.via
    there = {*hub.loc[hub["importer"] == via, "exporter"]}
    there |= {*hub.loc[hub["exporter"] == via, "importer"]}
    exporters = set(members_ever(origin)) if is_group(origin) else {origin}
    return sorted(there - exporters - {via, question.destination, _UNNAMED})


def _partner_flow(
    question: TransitQuestion, side: str, partner: str, *, at: str, regime: Regime
) -> PartnerFlow | None:
    """Return a flow, or none where the statistics have too little of it before or after."""
    try:
        by_month = _stated(question, side, partner, "month")
        ratio = after_to_before(question, _stated(question, side, partner, "year"))
    except SchemaError:
        return None
    if not np.isfinite(ratio.value):
        return None
    name = question.origin_name if partner == question.origin else country_name(partner)
    asked = {"imports": question.origin, "exports": question.destination}[side] == partner
    title = f"{side} {'from' if side == 'imports' else 'to'} {name}"
    flow = date_flow(f"{side}-{partner}", title, name, by_month, at=at, regime=regime)
    if flow.step is None or flow.search is None:
        return None
    return PartnerFlow(side, partner, asked, flow, ratio)


def _stated(question: TransitQuestion, side: str, partner: str, freq: Frequency) -> Made[pd.Series]:
    """Return what the country in the middle states; of imports, on the first of its bases."""
    into, hub = side == "imports", question.hub
    if hub is None:
        raise SchemaError("expected the statistics of the country in the middle, found none")
    return call(
        series,
        hub.arg,
        exporter=partner if into else question.via,
        importer=question.via if into else partner,
        freq=freq,
        reporter=question.via,
        partner_basis=question.bases[0] if into else None,
    )


def _of_partners(
    question: TransitQuestion,
    tested: Sequence[PartnerFlow],
    dated: DatedFlows,
    at: str,
) -> Findings:
    return Findings(
        numbers=tuple(_partner_numbers(question, tested, dated)),
        tables=(_partner_table(question, tested, dated, at),),
        figures=(_figure(question, tested, dated, at),),
    )


def _partner_numbers(
    question: TransitQuestion, tested: Sequence[PartnerFlow], dated: DatedFlows
) -> Iterator[Number]:
    others = [partner for partner in tested if not partner.asked]
    count = len({partner.partner for partner in others})
    yield make_number(
        question.name,
        "placebos.partners.count",
        call(len, sorted({partner.partner for partner in others})).called("count"),
        "count",
        f"Other partners of {country_name(question.via)} to which the question is put.",
        digits=0,
        rows=dated.rows,
    )
    by_side = {side: [other for other in others if other.side == side] for side in _SIDES}
    for part, flows in {"partners": others, **by_side}.items():
        if not flows:
            continue
        where = f"of {count} other partners" + ("" if part == "partners" else f", {part}")
        for key, (value, unit, about) in _counts(flows, tested, dated).items():
            yield make_number(
                question.name,
                f"placebos.{part}.{key}",
                value,
                unit,
                f"{about}, {where}.",
                digits=2 if unit == "ratio" else 0,
                rows=dated.rows,
            )
    for partner in tested:
        if partner.asked:
            yield make_number(
                question.name,
                f"placebos.{partner.side}.asked",
                partner.ratio,
                "ratio",
                f"Mean after over mean before: {partner.flow.title}.",
                digits=2,
                rows=partner.flow.rows,
            )


def _counts(
    flows: Sequence[PartnerFlow], tested: Sequence[PartnerFlow], dated: DatedFlows
) -> dict[str, tuple[Made[float], str, str]]:
    """Return what is counted over flows with other partners, its unit and what it is."""
    asked = {partner.side: partner.ratio for partner in tested if partner.asked}
    keys = [partner.flow.key for partner in flows]
    largest = call(max, [partner.ratio.arg for partner in flows]).called("largest")
    counts: dict[str, tuple[Made[float], str, str]] = {
        "flows": (call(len, keys).called("count"), "count", "Flows to which the question is put"),
        "largest": (largest, "ratio", "Largest ratio of the mean after to the mean before"),
    }
    at_least = [
        partner.ratio.combined(asked[partner.side], lambda ratio, own: 1 * (ratio >= own))
        for partner in flows
        if partner.side in asked
    ]
    if at_least:
        what = "Flows that grew at least as much as the one in question"
        counts["exceeding"] = (add_up(at_least), "count", what)
    what = f"Flows that change at the known date, adjusted for {len(dated.tested)} tests"
    small = [_is_small(partner.flow, dated) for partner in flows]
    counts["found"] = (add_up(count for count in small if count is not None), "count", what)
    broken = [partner.flow.broken for partner in flows]
    what = "Flows in which the search finds a break"
    counts["with-break"] = (add_up(count for count in broken if count is not None), "count", what)
    return counts


def _is_small(flow: DatedFlow, dated: DatedFlows) -> Made[int] | None:
    """Return whether the adjusted p-value of a flow is small, as 1 or 0."""
    if dated.adjusted is None:
        return None
    place = dated.place(flow)
    return dated.adjusted.part(lambda pvalues: 1 * (pvalues[place] < SIGNIFICANCE))


def _partner_table(
    question: TransitQuestion,
    tested: Sequence[PartnerFlow],
    dated: DatedFlows,
    at: str,
) -> Table:
    regime = dated.flows[0].fitted.regime
    frame = pd.DataFrame(
        [
            {
                "side": partner.side.capitalize(),
                **partner.flow.cells(),
                "flow": _name(partner),
                "found": _dates_of(partner.flow),
                "asked": partner.asked,
                "ratio": partner.ratio.value,
                "adjusted": dated.pvalue(partner.flow),
            }
            for partner in tested
        ]
    )
    frame = frame.sort_values(["side", "ratio"], ascending=False, kind="stable", ignore_index=True)
    labels = effect_labels(at, regime, dated.adjust)
    words = question.words
    return Table(
        id=f"{question.name}-placebos",
        frame=frame,
        labels={
            "side": "Flow",
            "flow": "Partner",
            "ratio": "Ratio",
            "found": "Breaks found",
            **{column: label for column, label in labels.items() if column != "effect_p"},
        },
        formats={"ratio": ",.2f", **EFFECT_FORMATS},
        caption=(
            f"The same question put to all partners of {country_name(question.via)}, in its own "
            "statistics, by how much their trade grew."
        ),
        note=(
            f"Ratio: mean of {words['after']} over mean of {words['before']}. Imports by "
            f"{question.bases[0]}. Breaks: by a search over all months that allows for persistent "
            f"noise, at {SIGNIFICANCE:.0%}." + effect_note(at, regime, dated.flows)
        ),
        rows=dated.rows,
    )


def _dates_of(flow: DatedFlow) -> str:
    """Return the dates of breaks without their intervals."""
    if flow.search is None:
        return "not searched"
    return ", ".join(str(date) for date in flow.search.value.break_dates) or "none"


def _figure(
    question: TransitQuestion, tested: Sequence[PartnerFlow], dated: DatedFlows, at: str
) -> Figure:
    rows = [
        times_row(partner.side.capitalize(), _name(partner), partner.flow) for partner in tested
    ]
    data = pd.DataFrame(rows).sort_values(["group", "value"], ascending=False, ignore_index=True)
    return Figure(
        id=f"{question.name}-placebos",
        draw="draw_estimates",
        data=data,
        options={"unit_label": f"Level from {at} on, times the level before", "times": True},
        caption=(
            f"How many times the level before {at} the trade of {country_name(question.via)} with "
            f"each partner has been since, with {LEVEL:.0%} intervals. A flow in question says "
            "something of its own only where the flows with other partners lie lower."
        ),
        source=source_line(dated.rows),
        rows=dated.rows,
    )


def _name(partner: PartnerFlow) -> str:
    return f"{partner.flow.label} (in question)" if partner.asked else partner.flow.label
