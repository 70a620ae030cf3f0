"""Ratios of months after to months before, at dates other than the known one."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from flows.findings import Findings, Table
from flows.models.interruption import date_events
from flows.models.sample import Regime
from flows.origin import Made, applied, call
from flows.studies.numbers import join_words, make_number
from flows.studies.transit.dated import DatedFlow, add_up, flows_between
from flows.studies.transit.question import TransitQuestion, rows_of


@dataclass(frozen=True, eq=False)
class OtherDates:
    """
    Months after over months before every date of a flow, one ratio a date.

    ``quiet``: dates whose months all lie before the years that are compared and before anything
    that is listed; ``busy``: the later ones up to the known date; ``asked``: the ratio there.
    """

    flow: DatedFlow
    quiet: Made[pd.Series]
    busy: Made[pd.Series]
    asked: Made[float]


def is_month(key: str) -> bool:
    """Say whether a key of what is listed is a month and no partner."""
    return key[:1].isdigit()


def ask_dates(
    question: TransitQuestion,
    events: Made[pd.DataFrame] | None,
    reasons: Mapping[str, str],
    *,
    at: str,
    months: int,
    regime: Regime,
) -> list[OtherDates]:
    """Return the ratios of each flow that has dates to be asked; a series with gaps has none."""
    listed = [] if events is None else list(date_events(events.value)["date"].dt.to_period("M"))
    listed += [pd.Period(key, "M") for key in reasons if is_month(key)]
    found = []
    for flow in flows_between(question, at=at, regime=regime):
        index = flow.fitted.y.index
        if len(index) < (index[-1] - index[0]).n + 1 or pd.Period(at, "M") not in index:
            continue
        limit = min([pd.Period(f"{question.before[0]}-01", "M"), *_inside(listed, index)])
        ratios = flow.fitted.million.part(
            lambda y: y.rolling(months).mean().shift(1 - months) / y.rolling(months).mean().shift(1)
        )
        first, last, end = index[0] + months, limit - months, pd.Period(at, "M") - months
        if last < first or not np.isfinite(ratios.value[at]):
            continue
        found.append(
            OtherDates(
                flow,
                quiet=_between(ratios, first, last),
                busy=_between(ratios, last + 1, end),
                asked=ratios.part(lambda dates: dates[at]),
            )
        )
    return found


def _inside(listed: Iterable[pd.Period], index: pd.Index) -> list[pd.Period]:
    return [month for month in listed if month >= index[0]]


def _between(ratios: Made[pd.Series], first: pd.Period, last: pd.Period) -> Made[pd.Series]:
    low, high = str(first), str(last)
    return ratios.part(lambda dates: dates[low:high])


def dates_findings(
    question: TransitQuestion, dates: Sequence[OtherDates], at: str, months: int
) -> Findings:
    """Count the dates with ratios as large as at the known one; numbers and a table."""
    rows = rows_of(*(other.flow.fitted.million for other in dates))
    numbers = [
        make_number(
            question.name,
            f"placebos.dates.{name}",
            value,
            unit,
            about,
            digits=2 if unit == "ratio" else 0,
            rows=rows,
        )
        for name, (value, unit, about) in _date_counts(dates, months).items()
    ]
    return Findings(numbers=tuple(numbers), tables=(_date_table(question, dates, at, months),))


def _date_counts(
    dates: Sequence[OtherDates], months: int
) -> dict[str, tuple[Made[float], str, str]]:
    what = f"mean of {months} months over the mean of the {months} before"
    counts: dict[str, tuple[Made[float], str, str]] = {}
    for other in dates:
        key, title = other.flow.key, other.flow.title
        of_flow = {
            "count": (_count(other.quiet), "count", f"Dates at which nothing is listed: {title}."),
            "independent": (
                _independent(other, months),
                "count",
                f"Of these, dates that share no month with each other: {title}.",
            ),
            "largest": (
                other.quiet.part(lambda ratios: ratios.max()),
                "ratio",
                f"Largest {what} at such a date: {title}.",
            ),
            "exceeding": (
                _at_least(other.quiet, other),
                "count",
                f"Such dates with a ratio at least as large as at the known one: {title}.",
            ),
            "asked": (other.asked, "ratio", f"The {what} at the known date: {title}."),
        }
        counts |= {f"{key}.{name}": count for name, count in of_flow.items()}
    largest = call(max, [counts[f"{other.flow.key}.largest"][0].arg for other in dates])
    about = {
        "count": "Dates at which nothing is listed",
        "exceeding": "Such dates with a ratio at least as large as at the known one",
    }
    for name, what_counts in about.items():
        total = add_up(counts[f"{other.flow.key}.{name}"][0] for other in dates)
        counts[name] = (total, "count", f"{what_counts}, all flows.")
    counts["largest"] = (
        largest.called("largest"),
        "ratio",
        f"Largest {what} at such a date, all flows.",
    )
    return counts


def _count(ratios: Made[pd.Series]) -> Made[float]:
    return ratios.part(lambda dates: dates.count())


def _at_least(ratios: Made[pd.Series], other: OtherDates) -> Made[float]:
    return ratios.combined(other.asked, lambda dates, asked: (dates >= asked).sum())


def _independent(other: OtherDates, months: int) -> Made[int]:
    """Return how many dates have months of their own on both sides."""
    span = 2 * months
    return other.quiet.part(lambda dates: applied(int, (dates.count() + span - 1) / span))


def _date_table(
    question: TransitQuestion, dates: Sequence[OtherDates], at: str, months: int
) -> Table:
    frame = pd.DataFrame([row for other in dates for row in _date_rows(other, months)])
    return Table(
        id=f"{question.name}-placebo-dates",
        frame=frame,
        labels={
            "flow": "Flow",
            "kind": "Dates",
            "span": "Between",
            "count": "Number",
            "independent": "Sharing no month",
            "largest": "Largest ratio",
            "month": "At",
            "asked": f"Ratio in {at}",
            "exceeding": "As large",
        },
        formats={
            **dict.fromkeys(("count", "independent", "exceeding"), ".0f"),
            **dict.fromkeys(("largest", "asked"), ".2f"),
        },
        caption=(
            f"The ratio of {months} months to the {months} before them, at other dates and in {at}."
        ),
        note=(
            "Quiet: all months of the ratio lie before the years that are compared and before "
            "anything that is listed. Contaminated: later dates whose months end before the known "
            "date. Sharing no month: dates next to each other share most of their months."
        ),
        rows=rows_of(*(other.flow.fitted.million for other in dates)),
    )


def _date_rows(other: OtherDates, months: int) -> Iterator[dict[str, object]]:
    for kind, made in (("quiet", other.quiet), ("contaminated", other.busy)):
        ratios = made.value.dropna()
        if ratios.empty:
            continue
        yield {
            "flow": other.flow.label,
            "kind": kind,
            "span": join_words([str(ratios.index[0]), str(ratios.index[-1])]),
            "count": float(len(ratios)),
            "independent": float((len(ratios) + 2 * months - 1) // (2 * months)),
            "largest": ratios.max(),
            "month": str(ratios.idxmax()),
            "asked": other.asked.value,
            "exceeding": float((ratios >= other.asked.value).sum()),
        }
