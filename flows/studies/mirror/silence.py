"""A flow that one side states and the other does not."""

from collections.abc import Callable, Iterator

import pandas as pd

from flows.compare.silence import MirrorClass, classify_mirror
from flows.countries import country_name
from flows.findings import Findings, Number, Table
from flows.measure.checks import select_flows
from flows.studies.mirror.question import MILLION, MirrorQuestion
from flows.studies.numbers import numbers_of
from flows.table import ORGANISATIONS


def silence(
    question: MirrorQuestion,
    *,
    reporter: str,
    negligible: float,
    partner: str | None = None,
    threshold: float | None = None,
) -> Findings:
    """
    Class a flow that one side states, by what is at hand of the other side.

    ``reporter`` is the side that states it, ``partner`` who speaks for the other (by default that
    side itself); up to the share ``negligible`` of what is stated another statement counts as none,
    and below ``threshold`` the partner publishes nothing. Numbers of the statement and of what the
    partner says at other times, a table of the evidence, the class as a word.
    """
    found = classify_mirror(
        question.trade,
        exporter=question.exporter,
        importer=question.importer,
        reporter=reporter,
        period=question.period,
        negligible=negligible,
        partner=partner,
        threshold=threshold,
    )
    make = numbers_of(
        question.name,
        "flows.classify_mirror",
        {
            "exporter": question.exporter,
            "importer": question.importer,
            "reporter": reporter,
            "partner": found.partner,
            "period": question.period.label,
            "negligible": negligible,
            "threshold": threshold,
        },
    )
    trade = question.trade
    spoken = trade[
        (trade["exporter"] == question.exporter)
        & (trade["importer"] == question.importer)
        & (trade["reporter"] == found.partner)
    ]
    stated = _stated(trade, found, make)
    words = {
        "stated-in": ", ".join(stated.rows),
        "reporter": country_name(reporter),
        "partner": _who(found.partner),
        "class": found.kind,
        "first-year": _year(spoken["start"].min()),
        "last-year": _year(spoken["end"].max()),
    }
    return Findings(
        numbers=(stated, *_habit(spoken, found, negligible, make)),
        tables=(_evidence_table(found, question.name),),
        words={f"{question.name}.{key}": word for key, word in words.items()},
    )


def _stated(trade: pd.DataFrame, found: MirrorClass, make: Callable[..., Number]) -> Number:
    return make(
        "stated",
        found.value / MILLION,
        "USD million",
        f"Trade from {country_name(found.exporter)} to {country_name(found.importer)} in "
        f"{found.period.label} as {country_name(found.reporter)} reports it.",
        digits=2,
        rows=select_flows(
            trade, exporter=found.exporter, importer=found.importer, reporter=found.reporter
        ),
        exact=True,
    )


def _habit(
    spoken: pd.DataFrame, found: MirrorClass, negligible: float, make: Callable[..., Number]
) -> Iterator[Number]:
    """Yield how many statements there are of the flow, and how many say next to nothing."""
    says = f"Statements of the flow by {_who(found.partner)}"
    little = spoken[spoken["value"] <= negligible * found.value]
    more = spoken.drop(little.index)
    yield make("statements", len(spoken), "statements", f"{says}.", digits=0, rows=spoken)
    yield make(
        "statements.little",
        len(little),
        "statements",
        f"{says} that are next to nothing beside what is stated.",
        digits=0,
        rows=little,
    )
    for part, rows, which in (
        ("little.largest", little, " of those that are next to nothing"),
        ("largest", more if len(more) else spoken, ""),
    ):
        if len(rows):
            yield make(
                part,
                float(rows["value"].max()) / MILLION,
                "USD million",
                f"{says}: largest{which}.",
                digits=0,
                rows=rows,
                exact=True,
            )


def _evidence_table(found: MirrorClass, name: str) -> Table:
    frame = found.evidence.assign(value=found.evidence["value"] / MILLION)
    frame["holds"] = frame["holds"].map({True: "yes", False: "no"})
    return Table(
        id=f"{name}-evidence",
        frame=frame[["question", "holds", "value", "rows", "where"]],
        labels={
            "question": f"Of {_who(found.partner)}",
            "holds": "Answer",
            "value": "USD million",
            "rows": "Rows",
        },
        formats={"value": ".2f"},
        caption=(
            f"What the other side says of the trade from {country_name(found.exporter)} to "
            f"{country_name(found.importer)} in {found.period.label}."
        ),
        note=(
            f"{country_name(found.reporter)} states {found.value / MILLION:,.2f} million. "
            f"The first question that is answered with yes gives the class: {found.kind}."
        ),
        rows=found.rows,
    )


def _who(partner: str) -> str:
    return partner if partner in ORGANISATIONS else country_name(partner)


def _year(day: pd.Timestamp) -> str:
    return "" if pd.isna(day) else str(day.year)
