"""The study of a flow that one side states and the other does not."""

from collections.abc import Mapping

import pandas as pd

from flows.compare.concealment import MirrorClass, class_mirror
from flows.countries import country_name
from flows.findings import Findings, Json, Number, Table
from flows.measure.selection import select_flows
from flows.periods import Period, period_from
from flows.studies.numbers import numbers_of
from flows.studies.pair import MILLION
from flows.table import ORGANISATIONS


def silence_study(
    trade: pd.DataFrame,
    *,
    exporter: str,
    importer: str,
    teller: str,
    period: Period | Mapping[str, object],
    nothing: float,
    speaker: str | None = None,
    threshold: float | None = None,
    name: str = "silence",
) -> Findings:
    """
    Class a flow that one side states, by what is at hand of the other side.

    Parameters
    ----------
    trade : pandas.DataFrame
        Flow table with the statement and all rows of the one who speaks for the other side.
    exporter, importer, teller : str
        Alpha-3 codes; ``teller`` is one of the two.
    period : Period or Mapping
        The period in question.
    nothing : float
        Share of the statement up to which another one counts as none.
    speaker : str, optional
        Who speaks for the other side; the other side itself by default.
    threshold : float, optional
        Value below which the speaker publishes nothing, in the unit of ``trade``.
    name : str
        First part of every id.

    Returns
    -------
    Findings
        The statement, how often and how high the speaker states the flow at other times, a table
        of evidence; the class as a word. No ratio and no mean: there is nothing to divide.

    Raises
    ------
    FlowsError
        If the statement is missing or made twice.

    Examples
    --------
    >>> import flows as fl
    >>> ids = ("wits-summary-azerbaijan@2019", "cow-trade@4.0")
    >>> findings = silence_study(
    ...     fl.join_flows([fl.load(one) for one in ids]), exporter="AZE", importer="ISR",
    ...     teller="AZE", speaker="COW", period=fl.gregorian_year(2019), nothing=0.01,
    ... )
    >>> findings.numbers[0].printed, findings.words["silence.class"]
    ('1,331.62', 'no statements')
    """
    period = period if isinstance(period, Period) else period_from(period)
    found = class_mirror(
        trade,
        exporter=exporter,
        importer=importer,
        teller=teller,
        period=period,
        nothing=nothing,
        speaker=speaker,
        threshold=threshold,
    )
    parameters: dict[str, Json] = {
        "exporter": exporter,
        "importer": importer,
        "teller": teller,
        "speaker": found.speaker,
        "period": period.label,
        "nothing": nothing,
        "threshold": threshold,
    }
    spoken = trade[
        (trade["exporter"] == exporter)
        & (trade["importer"] == importer)
        & (trade["reporter"] == found.speaker)
    ]
    return Findings(
        numbers=(
            _stated(trade, found, parameters, name),
            *_habit(spoken, found, nothing, parameters, name),
        ),
        tables=(_evidence_table(found, name),),
        words={
            f"{name}.exporter": country_name(exporter),
            f"{name}.importer": country_name(importer),
            f"{name}.teller": country_name(teller),
            f"{name}.speaker": _who(found.speaker),
            f"{name}.period": period.label,
            f"{name}.class": found.kind,
            f"{name}.first-year": _year(spoken["start"].min()),
            f"{name}.last-year": _year(spoken["end"].max()),
        },
    )


def _stated(
    trade: pd.DataFrame, found: MirrorClass, parameters: Mapping[str, Json], name: str
) -> Number:
    rows = select_flows(
        trade, exporter=found.exporter, importer=found.importer, reporter=found.teller
    )
    return numbers_of(name, "flows.class_mirror", parameters)(
        "stated",
        found.value / MILLION,
        "USD million",
        f"Trade from {country_name(found.exporter)} to {country_name(found.importer)} in "
        f"{found.period.label} as {country_name(found.teller)} reports it.",
        digits=2,
        rows=rows,
        exact=True,
    )


def _habit(
    spoken: pd.DataFrame,
    found: MirrorClass,
    nothing: float,
    parameters: Mapping[str, Json],
    name: str,
) -> list[Number]:
    """Return how many statements there are of the flow, and how many say next to nothing."""
    make = numbers_of(name, "flows.class_mirror", parameters)
    says = f"Statements of the flow by {_who(found.speaker)}"
    little = spoken[spoken["value"] <= nothing * found.value]
    more = spoken.drop(little.index)
    made = [
        make("statements", len(spoken), "statements", f"{says}.", digits=0, rows=spoken),
        make(
            "statements.little",
            len(little),
            "statements",
            f"{says} that are next to nothing beside what is stated.",
            digits=0,
            rows=little,
        ),
    ]
    return made + [
        make(
            f"{part}",
            float(rows["value"].max()) / MILLION,
            "USD million",
            f"{says}: largest{told}.",
            digits=0,
            rows=rows,
            exact=True,
        )
        for part, rows, told in (
            ("little.largest", little, " of those that are next to nothing"),
            ("largest", more if len(more) else spoken, ""),
        )
        if len(rows)
    ]


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
