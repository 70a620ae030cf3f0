"""Both directions of a pair side by side: growth, breaks and events in one figure and one table."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest

import numpy as np
import pandas as pd

from flows.canonical import print_value
from flows.findings import Figure, Findings, Table
from flows.studies.numbers import source_line, union_of
from flows.studies.section import About
from flows.studies.trend.breaks import break_words, drawn_words
from flows.studies.trend.fitted import LEVEL, FittedSeries
from flows.studies.trend.growth import ESTIMATORS
from flows.studies.trend.question import TrendQuestion

ABOUT = About(
    needs="the flow and its reverse, each in periods enough for a trend",
    figures=("regimes",),
    tables=("both",),
)

_GROWTH, _BREAKS, _EVENTS = "Growth", "Break", "Event"
_SIDES = ("flow", "reverse")

Cell = tuple[str, float | None]
"""As printed, and unrounded."""

Line = tuple[str, str, list[Cell]]
"""Part of the table, what the line is, and a cell a direction."""

Both = tuple[TrendQuestion, TrendQuestion]


def both_directions(
    question: TrendQuestion,
    *,
    reverse_basis: str | None = None,
    instances: Sequence[str] = (),
) -> Findings:
    """
    Set growth, breaks and events of a flow and of its reverse side by side.

    ``reverse_basis`` says which statement of the reverse, where the table holds several.
    ``instances`` are the ids of the two instances of this study that look at one direction each:
    with them the text gives their numbers, without them it shows table ``both`` and figure
    ``regimes`` alone.
    """
    if instances and (len(instances) != len(_SIDES) or question.freqs != ("month", "year")):
        raise ValueError(
            "instances: expected one for each direction, by month and year, found "
            f"{', '.join(instances)} by {', '.join(question.freqs)}"
        )
    both = (question, question.reversed(reverse_basis))
    return Findings(
        tables=(_table(both),),
        figures=(_figure(both),),
        words={
            f"{question.name}.instance.{side}": instance
            for side, instance in zip_longest(_SIDES, instances, fillvalue="")
        },
    )


def _table(both: Both) -> Table:
    """Return growth and p-values as printed and, in columns that are not printed, unrounded."""
    lines = [line for part in (_growth, _breaks, _events) for line in part(both)]
    frame = pd.DataFrame([(part, what) for part, what, _ in lines], columns=["part", "what"])
    frame["part"] = frame["part"].where(~frame["part"].duplicated(), "")
    for place, side in enumerate(_SIDES):
        frame[side] = [cells[place][0] for _, _, cells in lines]
    for place, side in enumerate(_SIDES):
        frame[f"{side} (value)"] = pd.Series([cells[place][1] for *_, cells in lines], dtype=float)
    titles = dict(zip(_SIDES, (question.title for question in both), strict=True))
    return Table(
        id=f"{both[0].name}-both",
        frame=frame,
        labels={"part": "", "what": "", **titles},
        formats={},
        caption=(
            f"Growth of {both[0].title} and of {both[1].title} by estimator, their breaks, and "
            "what changed at each event."
        ),
        note=(
            f"{both[0].main.title} unless said otherwise; {LEVEL:.0%} intervals in brackets. "
            "Growth: percent a year. Break: first period of a new regime. Event: p-value that "
            "neither level nor growth changes there, adjusted for the number of events (Holm)."
        ),
        rows=union_of(question.rows for question in both),
    )


def _growth(both: Both) -> Iterator[Line]:
    """Yield every estimator by the first frequency, and the first of them by the others."""
    tables = [question.main.comparison.table for question in both]
    for estimator in dict.fromkeys(name for table in tables for name in table.index):
        cells = [_estimate(table, estimator) for table in tables]
        yield _GROWTH, ESTIMATORS[estimator], cells
    for place, freq in enumerate(both[0].freqs[1:], start=1):
        tables = [question.series[place].comparison.table for question in both]
        estimator = tables[0].index[0]
        cells = [_estimate(table, estimator) for table in tables]
        yield _GROWTH, f"{ESTIMATORS[estimator]}, by {freq}", cells


def _estimate(table: pd.DataFrame, estimator: str) -> Cell:
    if estimator not in table.index:
        return "", None
    row = table.loc[estimator, ["growth_pct", "low", "high"]]
    value, low, high = (float(end) for end in row.to_numpy(dtype=float))
    if np.isnan([low, high]).any():
        return f"{print_value(value, 1)} [none]", value
    ends = f"{print_value(low, 1)}, {print_value(high, 1)}"
    return f"{print_value(value, 1)} [{ends}]", value


def _breaks(both: Both) -> Iterator[Line]:
    for place, freq in enumerate(both[0].freqs):
        by = f", by {freq}" if place else ""
        columns = [_dates(question.series[place]) for question in both]
        for number, dates in enumerate(zip_longest(*columns, fillvalue=""), start=1):
            yield _BREAKS, f"no. {number}{by}", [(date, None) for date in dates]


def _dates(series: FittedSeries) -> list[str]:
    return [
        str(date) if pd.isna(low) else f"{date} [{low}, {high}]"
        for date, low, high in series.breaks.value.conf_int().itertuples(name=None)
    ]


def _events(both: Both) -> Iterator[Line]:
    frames = [question.tested.value.frame for question in both]
    adjusted = [dict(zip(frame["event"], frame["holm"], strict=True)) for frame in frames]
    for event in dict.fromkeys(name for pvalues in adjusted for name in pvalues):
        values = [pvalues.get(event) for pvalues in adjusted]
        cells = ["" if value is None else print_value(value, 3) for value in values]
        yield _EVENTS, str(event), list(zip(cells, values, strict=True))


def _figure(both: Both) -> Figure:
    """Return both series with their regimes, break dates and events."""
    first = both[0].main
    log = all(question.main.scale == "log" for question in both)
    rows = union_of(question.rows for question in both)
    events = first.drawn_events(both[0].events.value)
    breaks = [
        mark for question in both for mark in question.main.drawn_breaks(series=question.title)
    ]
    found = "; ".join(f"{question.title}: {break_words(question.main)}" for question in both)
    return Figure(
        id=f"{both[0].name}-regimes",
        draw="draw_regimes",
        data=pd.concat([_drawn(question) for question in both], ignore_index=True),
        options={
            "unit_label": first.labelled(log=log),
            "breaks": breaks,
            "events": events,
            "log": log,
        },
        caption=(f"Trade by {first.freq}. {found}. {drawn_words(breaks, events, both[0].regime)}"),
        source=source_line(rows),
        rows=rows,
        exact=("value",),
    )


def _drawn(question: TrendQuestion) -> pd.DataFrame:
    drawn = question.main.drawn_regimes()
    drawn.insert(1, "series", question.title)
    return drawn
