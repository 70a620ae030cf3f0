"""A flow that one side states and the other does not."""

from collections.abc import Iterator

import pandas as pd

from flows.compare.silence import MirrorClass, classify_mirror
from flows.countries import country_name
from flows.findings import Findings, Number, Table
from flows.measure.checks import select_flows
from flows.origin import Made, applied, call
from flows.renamed import renamed_arguments
from flows.studies.mirror.question import MILLION, MirrorQuestion
from flows.studies.numbers import make_number
from flows.studies.section import About
from flows.table import ORGANISATIONS

ABOUT = About(needs="a report of the flow by one side in the period", tables=("evidence",))

_YEAR = pd.Timedelta(days=353)
_SEVERAL = 2


@renamed_arguments(teller="reporter", speaker="partner", nothing="negligible")
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
    made = call(
        classify_mirror,
        _on_one_basis(question, reporter).arg,
        exporter=question.exporter,
        importer=question.importer,
        reporter=reporter,
        period=question.period,
        negligible=negligible,
        partner=partner,
        threshold=threshold,
    ).called("mirror")
    mirror = made.value
    stated = _stated(question, made)
    words = {
        "stated-in": ", ".join(stated.rows),
        "reporter": country_name(reporter),
        "partner": _who(mirror.partner),
        "class": mirror.kind,
        "annual": "yes"
        if (mirror.statements["end"] - mirror.statements["start"] > _YEAR).all()
        else "",
        "first-year": _year(mirror.statements["start"].min()),
        "last-year": _year(mirror.statements["end"].max()),
    }
    return Findings(
        numbers=(stated, *_counts(question, made), *_largest(question, made)),
        tables=(_evidence_table(mirror, question.name),),
        words={f"{question.name}.{key}": word for key, word in words.items()},
    )


def _on_one_basis(question: MirrorQuestion, reporter: str) -> Made[pd.DataFrame]:
    """Return the table with the flow stated on the basis in question, where it is on several."""
    trade = question.trade.value
    stated = trade[
        (trade["exporter"] == question.exporter)
        & (trade["importer"] == question.importer)
        & (trade["reporter"] == reporter)
    ]
    if len(set(stated["partner_basis"])) < _SEVERAL:
        return question.trade
    chosen = f"reporter != {reporter!r} or partner_basis == {question.basis!r}"
    return question.trade.part(lambda table: table.query(chosen)).called("trade")


def _stated(question: MirrorQuestion, made: Made[MirrorClass]) -> Number:
    mirror = made.value
    return make_number(
        question.name,
        "stated",
        made.part(lambda mirror: mirror.value / MILLION),
        "USD million",
        f"Trade from {country_name(mirror.exporter)} to {country_name(mirror.importer)} in "
        f"{mirror.period.label} as {country_name(mirror.reporter)} reports it.",
        digits=2,
        rows=select_flows(
            _on_one_basis(question, mirror.reporter).value,
            exporter=mirror.exporter,
            importer=mirror.importer,
            reporter=mirror.reporter,
        ),
        exact=True,
    )


def _counts(question: MirrorQuestion, made: Made[MirrorClass]) -> Iterator[Number]:
    """Yield how many statements there are of the flow, and how many state next to nothing."""
    statements = f"Statements of the flow by {_who(made.value.partner)}"
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
    statements = f"Statements of the flow by {_who(made.value.partner)}"
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


def _evidence_table(mirror: MirrorClass, name: str) -> Table:
    frame = mirror.evidence.assign(value=mirror.evidence["value"] / MILLION)
    frame["holds"] = frame["holds"].map({True: "yes", False: "no"})
    return Table(
        id=f"{name}-evidence",
        frame=frame[["question", "holds", "value", "rows", "where"]],
        labels={
            "question": f"Of {_who(mirror.partner)}",
            "holds": "Answer",
            "value": "USD million",
            "rows": "Rows",
        },
        formats={"value": ".2f"},
        caption=(
            f"What the other side says of the trade from {country_name(mirror.exporter)} to "
            f"{country_name(mirror.importer)} in {mirror.period.label}."
        ),
        note=(
            f"{country_name(mirror.reporter)} states {mirror.value / MILLION:,.2f} million. "
            + (
                f"The first question that is answered with yes gives the class: {mirror.kind}."
                if mirror.evidence["holds"].any()
                else f"No question is answered with yes, which gives the class: {mirror.kind}."
            )
        ),
        rows=mirror.rows,
    )


def _who(partner: str) -> str:
    return partner if partner in ORGANISATIONS else country_name(partner)


def _year(day: pd.Timestamp) -> str:
    return "" if pd.isna(day) else str(day.year)
