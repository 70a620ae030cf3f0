"""Events and a flow: what changed at each known date, and what stands out."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from flows.findings import Findings, Number, Table
from flows.models.interruption import EventTests
from flows.origin import applied
from flows.studies.numbers import join_words, make_number, part_of
from flows.studies.section import About
from flows.studies.trend.fitted import LEVEL
from flows.studies.trend.question import TrendQuestion

ABOUT = About(needs="a table `events`", tables=("events",))

_CHANGES = ["level_change", "low", "high"]


def events(question: TrendQuestion) -> Findings:
    """
    Test each event in the world on the first series.

    Numbers ``events.tested``, and how many of them have a small ``events.pvalue``, ``events.holm``
    (adjusted for their number) and ``events.placebo`` (against earlier dates); words
    ``events.holm`` and ``events.placebo`` name them, ``events.verdict`` says at how many something
    changes; table ``events``. Events without periods on both sides are not tested: the note of the
    table says which.
    """
    tested = question.tested.value
    return Findings(
        numbers=tuple(_numbers(question)),
        tables=(_table(question),),
        words={
            f"{question.name}.events.verdict": _verdict(tested),
            **{
                f"{question.name}.events.{column}": join_words(tested.below(column))
                for column in ("holm", "placebo")
            },
        },
    )


def _numbers(question: TrendQuestion) -> Iterator[Number]:
    tested, below = question.tested, "Events with a p-value below 5 percent"
    where = f"on {question.title} by {question.main.freq}"
    for key, count, about in (
        ("tested", tested.part(lambda tests: applied(len, tests.frame)), f"Events tested {where}."),
        (
            "pvalue",
            tested.part(lambda tests: applied(len, tests.below("pvalue"))),
            f"{below} {where}, each event tested alone.",
        ),
        (
            "holm",
            tested.part(lambda tests: applied(len, tests.below("holm"))),
            f"{below} {where}, adjusted for their number by Holm’s method.",
        ),
        (
            "placebo",
            tested.part(lambda tests: applied(len, tests.below("placebo"))),
            f"{below} {where}, against earlier dates.",
        ),
    ):
        yield make_number(
            question.name,
            f"events.{key}",
            count,
            "count",
            about,
            digits=0,
            rows=question.main.rows,
        )


def _table(question: TrendQuestion) -> Table:
    series, tested = question.main, question.tested.value
    log = series.scale == "log"
    unit = "%" if log else series.unit
    left_out = f" Not tested: {'; '.join(tested.left_out)}." if tested.left_out else ""
    return Table(
        id=f"{question.name}-events",
        frame=_frame(tested),
        labels={
            "event": "Event",
            "since": "From",
            "level_change": f"Level, {unit}",
            "low": "Low",
            "high": "High",
            "slope_change": "Growth, log points a year" if log else f"Slope, {unit} a year",
            "pvalue": "p-value",
            "holm": "p-value, adjusted",
            "placebo": "p-value, placebo",
        },
        formats={
            **dict.fromkeys([*_CHANGES, "slope_change"], "+.1f"),
            **dict.fromkeys(["pvalue", "holm", "placebo"], ".4f"),
        },
        caption=(f"{question.title} by {series.freq}: level or growth changes {_verdict(tested)}."),
        note=(
            "Each event is tested alone, against a straight line before and after it. Level: jump "
            f"in the first period, with its {LEVEL:.0%} interval. P-value: that neither level nor "
            f"growth changes; adjusted for {len(tested.frame)} events by Holm’s method; placebo: "
            "share of dates, among the event’s own and all earlier ones, with a change as large. "
            f"Errors: {tested.covariance_type}.{left_out}"
        ),
        rows=series.rows,
    )


def _verdict(tested: EventTests) -> str:
    """Say at how many events something changes once the number of tests is allowed for."""
    changed, count = len(tested.below("holm")), len(tested.frame)
    if not count:
        return "at no event, since none could be tested"
    if count == 1:
        return "at the event" if changed else "at no event"
    return f"at {part_of(changed, count, 'events')}"


def _frame(tested: EventTests) -> pd.DataFrame:
    """Return the tests; of logarithms level in percent, growth in hundredths of a log point."""
    frame = tested.tidy()
    frame["since"] = frame["since"].map(str).astype(object)
    if tested.form == "log":
        frame[_CHANGES] = 100 * np.expm1(frame[_CHANGES].astype(float))
        frame["slope_change"] = 100 * frame["slope_change"].astype(float)
    return frame
