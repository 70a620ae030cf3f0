"""Levels over time: each flow by year as everybody states it."""

from collections.abc import Iterator, Sequence

import pandas as pd

from flows.findings import Figure, Findings
from flows.periods import Period
from flows.studies.numbers import union_of
from flows.studies.profile.question import PairQuestion
from flows.studies.profile.stated import Statement, preferred, short_name
from flows.studies.profile.tables import million_of
from flows.studies.section import About
from flows.table import ORGANISATIONS, million_label

ABOUT = About(
    needs="a year that is stated and not zero; one figure a direction and unit, `arm-usd`"
)


def over_time(question: PairQuestion) -> Findings:
    """
    Draw each flow in each unit, which never share an axis; none where all is stated as nothing.

    Figures ``<exporter>-<unit>``: one line a reporter and data set, by year, all goods where a
    source has them, imports by origin where it has origin and consignment.
    """
    return Findings(figures=tuple(_figures(question)))


def _figures(question: PairQuestion) -> Iterator[Figure]:
    flows = dict.fromkeys((statement.unit, statement.title) for statement in question.statements)
    for unit, flow in sorted(flows, key=lambda key: key[0] != "USD"):
        shown = [
            statement
            for statement in preferred(question.statements)
            if (statement.title, statement.unit) == (flow, unit) and (statement.years > 0).any()
        ]
        if shown:
            sources = dict.fromkeys(short_name(statement.dataset) for statement in shown)
            yield Figure(
                id=f"{question.name}-{shown[0].exporter.lower()}-{unit.lower().replace(' ', '-')}",
                draw="draw_levels",
                data=pd.concat(
                    [_levels(statement, shown) for statement in shown], ignore_index=True
                ),
                options={"unit_label": f"{million_label(unit)}, log scale"},
                caption=f"{flow} by year, {million_label(unit)}.{_zeros(shown)}",
                source=f"Source: {', '.join(sources)}.",
                rows=union_of(statement.lines for statement in shown),
                exact=("value",),
            )


def _levels(statement: Statement, shown: Sequence[Statement]) -> pd.DataFrame:
    above = statement.years[statement.years > 0]
    return pd.DataFrame(
        {
            "date": [_first_day(statement, year) for year in above.index],
            "series": _label(statement, shown),
            "value": above.to_numpy() / million_of(statement.unit),
        }
    )


def _first_day(statement: Statement, year: object) -> pd.Timestamp:
    return pd.Timestamp(Period.year(int(str(year)), calendar=statement.calendar).start)


def _zeros(shown: Sequence[Statement]) -> str:
    """Say which years are stated as nothing, which a logarithmic axis cannot show."""
    zeros = []
    for statement in shown:
        years = [str(year) for year in statement.years.index[statement.years <= 0]]
        if years:
            zeros.append(f"{_label(statement, shown)} {_ranges(years)}")
    return f" Stated as 0 and not on the axis: {'; '.join(zeros)}." if zeros else ""


def _ranges(years: Sequence[str]) -> str:
    """Write years that follow one another as a range."""
    spans: list[list[int]] = []
    for year in map(int, years):
        if spans and year == spans[-1][1] + 1:
            spans[-1][1] = year
        else:
            spans.append([year, year])
    return ", ".join(
        str(first) if first == last else f"{first}\N{EN DASH}{last}" for first, last in spans
    )


def _label(statement: Statement, shown: Sequence[Statement]) -> str:
    """Return a name for a line: the source is named where a country has several."""
    same = [other for other in shown if other.reporter == statement.reporter]
    if len(same) == 1:
        return statement.says
    source = short_name(statement.dataset)
    if len({other.dataset for other in shown if short_name(other.dataset) == source}) > 1:
        source = statement.dataset
    if len({other.dataset for other in same}) == len(same):
        return source if statement.reporter in ORGANISATIONS else f"{statement.says}, {source}"
    words = (source, statement.basis, statement.classification)
    return f"{statement.says}, {', '.join(word for word in words if word)}"
