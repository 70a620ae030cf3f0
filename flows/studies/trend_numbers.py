"""Numbers of the trend study."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from flows.findings import Json, Number
from flows.models.event_tests import EventTests
from flows.studies.examined import LEVEL, Examined
from flows.studies.numbers import numbers_of


def trend_numbers(
    several: Sequence[Examined],
    tested: EventTests,
    *,
    title: str,
    parameters: Mapping[str, Json],
    name: str,
) -> list[Number]:
    """
    Return growth by estimator, breaks, events and diagnostics.

    Parameters
    ----------
    several : sequence of Examined
        The flow by month, by year.
    tested : EventTests
        Events, tested on the first of them.
    title : str
        What the flow is.
    parameters : Mapping
        Arguments of the study.
    name : str
        First part of the ids.

    Returns
    -------
    list of Number
        ``<freq>.growth.<estimator>`` with its interval, ``.lowest`` and ``.highest``;
        ``<freq>.nobs``, ``<freq>.worth``, ``<freq>.carried``; ``<freq>.breaks`` and
        ``.breaks.beside-events``, ``<freq>.regimes`` and ``.regimes.alike``; ``events.tested``,
        ``events.pvalue``, ``events.holm``, ``events.placebo``.

    Raises
    ------
    ValueError
        If an estimate is not finite.
    """
    made: list[Number] = []
    for one in several:
        given = {**parameters, "freq": one.freq}
        made += _growth(one, title=title, parameters=given, name=name)
        made += _diagnostics(one, title=title, parameters=given, name=name)
        made += _regimes(one, title=title, parameters=given, name=name)
    return [*made, *_events(several[0], tested, title=title, parameters=parameters, name=name)]


def estimator_id(estimator: str) -> str:
    """
    Return the part of an id that names an estimator.

    Parameters
    ----------
    estimator : str
        As :func:`flows.models.growth_estimators.estimate_growth` names
        it.

    Returns
    -------
    str
        In small letters, joined by hyphens.

    Examples
    --------
    >>> estimator_id("state space")
    'state-space'
    """
    return estimator.lower().replace(" ", "-")


def _growth(
    one: Examined, *, title: str, parameters: Mapping[str, Json], name: str
) -> Iterator[Number]:
    make = numbers_of(name, "flows.compare_fits", {**parameters, "level": LEVEL})
    table = one.comparison.tidy()
    told = f"of {title} by {one.freq}, {one.y.index[0]} to {one.y.index[-1]}"
    for row in table.itertuples():
        yield make(
            f"{one.freq}.growth.{estimator_id(str(row.Index))}",
            row.growth_pct,
            "% a year",
            f"Growth {told}, by {row.Index}: {row.answers}.",
            digits=1,
            rows=one.rows,
            interval=(row.low, row.high),
            level=LEVEL,
        )
    ordered = table["growth_pct"].sort_values()
    for word, place in (("lowest", 0), ("highest", -1)):
        yield make(
            f"{one.freq}.growth.{word}",
            float(ordered.iloc[place]),
            "% a year",
            f"The {word} of the estimates of growth {told}: that by {ordered.index[place]}.",
            digits=1,
            rows=one.rows,
        )


def _diagnostics(
    one: Examined, *, title: str, parameters: Mapping[str, Json], name: str
) -> Iterator[Number]:
    make = numbers_of(name, "flows.fit_trend", parameters)
    found = one.trend.diagnostics
    moved = found.influence.to_numpy()
    without = float(100 * np.expm1(one.trend.slope + moved[np.abs(moved).argmax()]))
    for part, value, unit, about, digits in (
        ("nobs", one.trend.nobs, "count", "Periods used", 0),
        ("worth", found.effective_nobs, "count", "Uncorrelated observations it is worth", 0),
        ("carried", without, "% a year", "Growth without the period that moves it most", 1),
    ):
        told = f"{about}: {title} by {one.freq}."
        yield make(f"{one.freq}.{part}", value, unit, told, digits=digits, rows=one.rows)


def _regimes(
    one: Examined, *, title: str, parameters: Mapping[str, Json], name: str
) -> Iterator[Number]:
    make = numbers_of(name, "flows.find_breaks", {**parameters, "errors": one.breaks.errors})
    regimes = one.breaks.regimes
    alike = regimes["trend"] * one.trend.slope > 0 if "trend" in regimes else pd.Series(dtype=bool)
    for part, value, about in (
        ("breaks", len(one.breaks.break_dates), "Breaks found"),
        (
            "breaks.beside-events",
            (one.marks["world"] != "").sum(),
            "Breaks with an event inside the interval of their date",
        ),
        ("regimes", len(regimes), "Regimes"),
        ("regimes.alike", alike.sum(), "Regimes whose line goes the way of the whole"),
    ):
        told = f"{about}: {title} by {one.freq}."
        yield make(f"{one.freq}.{part}", int(value), "count", told, digits=0, rows=one.rows)


def _events(
    one: Examined, tested: EventTests, *, title: str, parameters: Mapping[str, Json], name: str
) -> Iterator[Number]:
    make = numbers_of(name, "flows.fit_interruption", {**parameters, "freq": one.freq})
    told = f"on {title} by {one.freq}"
    yield make(
        "events.tested",
        len(tested.frame),
        "count",
        f"Events tested {told}.",
        digits=0,
        rows=one.rows,
    )
    for column, how in (
        ("pvalue", "each event tested alone"),
        ("holm", "adjusted for their number by Holm’s method"),
        ("placebo", "against earlier dates"),
    ):
        yield make(
            f"events.{column}",
            len(tested.below(column)),
            "count",
            f"Events with a p-value below 5 percent {told}, {how}.",
            digits=0,
            rows=one.rows,
        )
