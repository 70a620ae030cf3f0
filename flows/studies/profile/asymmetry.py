"""Asymmetry: how far the two sides' statements of one flow lie apart."""

from flows.countries import country_name
from flows.findings import Findings, Table
from flows.studies.numbers import union_of
from flows.studies.profile.question import PairQuestion
from flows.studies.profile.tables import (
    LAST,
    in_millions,
    without_repeats,
)
from flows.studies.section import About
from flows.table import million_label

ABOUT = About(needs="a year of a flow that both sides state", tables=("asymmetry", "mirror"))

_REPORTS = ("exporter_report", "importer_report")
_NO_MIRROR = "No year of a flow is stated by both countries, so nothing can be compared. "


def asymmetry(question: PairQuestion, *, short: bool = False) -> Findings:
    """
    Divide the importer's report of a flow by the exporter's.

    Table ``asymmetry``, or ``mirror`` of one basis and the last years where it has to be ``short``;
    the word ``mirror`` says why there is none, and is empty where there is one.
    """
    if question.asymmetries.empty:
        why = {"mirror": _NO_MIRROR, "asymmetry.refused": _NO_MIRROR.strip(" .")}
        return Findings(words={f"{question.name}.{key}": word for key, word in why.items()})
    table = _short_table(question) if short else _table(question)
    words = dict.fromkeys((f"{question.name}.mirror", f"{question.name}.asymmetry.refused"), "")
    return Findings(tables=(table,), words=words)


def _table(question: PairQuestion) -> Table:
    frame = question.asymmetries
    columns = {
        "flow": "Flow",
        "year": "Year",
        "importer_says": "Importer’s statement",
        "exporter_report": "Exporter",
        "importer_report": "Importer",
        "ratio": "Ratio",
        "asymmetry_log": "Log ratio",
    }
    return Table(
        id=f"{question.name}-asymmetry",
        frame=in_millions(frame, *_REPORTS)[list(columns)],
        labels=columns,
        formats={
            **dict.fromkeys(_REPORTS, ",.1f"),
            **dict.fromkeys(("ratio", "asymmetry_log"), ".2f"),
        },
        caption="What the two sides state of one flow, million.",
        note="Ratio: importer's statement divided by exporter's, in the exporter's years.",
        rows=union_of(frame["rows"]),
    )


def _short_table(question: PairQuestion) -> Table:
    recent = question.asymmetries_of_one_basis.groupby("flow").tail(LAST)
    units = sorted({million_label(unit) for unit in recent["unit"]})
    order = {
        f"{country_name(source)} to {country_name(target)}": place
        for place, (source, target) in enumerate(question.directions)
    }
    recent = recent.assign(place=recent["flow"].map(order)).sort_values(["place", "year"])
    columns = {
        "flow": "Flow",
        "year": "Year",
        "exporter_report": "Exporter",
        "importer_report": "Importer",
        "ratio": "Ratio",
    }
    return Table(
        id=f"{question.name}-mirror",
        frame=without_repeats(in_millions(recent, *_REPORTS)[list(columns)], "flow"),
        labels=columns,
        formats={**dict.fromkeys(_REPORTS, ",.1f"), "ratio": ".2f"},
        caption=f"What the two sides state of one flow, {' and '.join(units)}.",
        note="Importer’s report divided by exporter’s, in the years of the side that states years.",
        rows=union_of(recent["rows"]),
    )
