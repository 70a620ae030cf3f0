"""A flow that one side states and the other does not."""

from collections.abc import Iterator

import pandas as pd

from flows.compare.silence import MirrorClass, class_mirror
from flows.countries import country_name
from flows.findings import Findings, Number, Table
from flows.measure.checks import select_flows
from flows.origin import Made, applied, call
from flows.studies.mirror.question import MILLION, MirrorQuestion
from flows.studies.numbers import make_number
from flows.table import ORGANISATIONS


def silence(
    question: MirrorQuestion,
    *,
    teller: str,
    nothing: float,
    speaker: str | None = None,
    threshold: float | None = None,
) -> Findings:
    """
    Class a flow that one side states, by what is at hand of the other side.

    ``teller`` is the side that states it, ``speaker`` who speaks for the other (by default that
    side itself); up to the share ``nothing`` of what is stated another statement counts as none,
    and below ``threshold`` the speaker publishes nothing. Numbers of the statement and of what the
    speaker says at other times, a table of the evidence, the class as a word.
    """
    made = call(
        class_mirror,
        question.trade.arg,
        exporter=question.exporter,
        importer=question.importer,
        teller=teller,
        period=question.period,
        nothing=nothing,
        speaker=speaker,
        threshold=threshold,
    ).called("mirror")
    found = made.value
    stated = _stated(question, made)
    words = {
        "stated-in": ", ".join(stated.rows),
        "teller": country_name(teller),
        "speaker": _who(found.speaker),
        "class": found.kind,
        "first-year": _year(found.statements["start"].min()),
        "last-year": _year(found.statements["end"].max()),
    }
    return Findings(
        numbers=(stated, *_counts(question, made), *_largest(question, made)),
        tables=(_evidence_table(found, question.name),),
        words={f"{question.name}.{key}": word for key, word in words.items()},
    )


def _stated(question: MirrorQuestion, made: Made[MirrorClass]) -> Number:
    found = made.value
    return make_number(
        question.name,
        "stated",
        made.part(lambda mirror: mirror.value / MILLION),
        "USD million",
        f"Trade from {country_name(found.exporter)} to {country_name(found.importer)} in "
        f"{found.period.label} as {country_name(found.teller)} reports it.",
        digits=2,
        rows=select_flows(
            question.trade.value,
            exporter=found.exporter,
            importer=found.importer,
            reporter=found.teller,
        ),
        exact=True,
    )


def _counts(question: MirrorQuestion, made: Made[MirrorClass]) -> Iterator[Number]:
    """Yield how many statements there are of the flow, and how many state next to nothing."""
    statements = f"Statements of the flow by {_who(made.value.speaker)}"
    for name, counted, about, rows in (
        (
            "statements",
            made.part(lambda mirror: applied(len, mirror.statements)),
            f"{statements}.",
            made.value.statements,
        ),
        (
            "statements.little",
            made.part(lambda mirror: applied(len, mirror.negligible_statements)),
            f"{statements} that are next to nothing beside what is stated.",
            made.value.negligible_statements,
        ),
    ):
        yield make_number(question.name, name, counted, "statements", about, digits=0, rows=rows)


def _largest(question: MirrorQuestion, made: Made[MirrorClass]) -> Iterator[Number]:
    """Yield the largest statement of the flow, and the largest that is next to nothing."""
    every, little = made.value.statements, made.value.negligible_statements
    more = every.drop(little.index)
    statements = f"Statements of the flow by {_who(made.value.speaker)}"
    for name, largest, about, rows in (
        (
            "little.largest",
            made.part(lambda mirror: mirror.negligible_statements["value"].max() / MILLION),
            f"{statements}: largest of those that are next to nothing.",
            little,
        ),
        (
            "largest",
            made.part(lambda mirror: mirror.statements["value"].max() / MILLION),
            f"{statements}: largest.",
            more if len(more) else every,
        ),
    ):
        if len(rows):
            yield make_number(
                question.name, name, largest, "USD million", about, digits=0, rows=rows, exact=True
            )


def _evidence_table(found: MirrorClass, name: str) -> Table:
    frame = found.evidence.assign(value=found.evidence["value"] / MILLION)
    frame["holds"] = frame["holds"].map({True: "yes", False: "no"})
    return Table(
        id=f"{name}-evidence",
        frame=frame[["question", "holds", "value", "rows", "where"]],
        labels={
            "question": f"Of {_who(found.speaker)}",
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
            f"{country_name(found.teller)} states {found.value / MILLION:,.2f} million. The first "
            f"question that is answered with yes gives the class: {found.kind}."
        ),
        rows=found.rows,
    )


def _who(speaker: str) -> str:
    return speaker if speaker in ORGANISATIONS else country_name(speaker)


def _year(day: pd.Timestamp) -> str:
    return "" if pd.isna(day) else str(day.year)
