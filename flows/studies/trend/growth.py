"""Growth of a flow by several estimators, and where they agree."""

from collections.abc import Iterator

import pandas as pd

from flows.canonical import first_maximum, first_minimum
from flows.findings import Figure, Findings, Number
from flows.studies.numbers import join_words, make_number, source_line
from flows.studies.section import About
from flows.studies.trend.fits import fits_table
from flows.studies.trend.fitted import LEVEL, FittedSeries
from flows.studies.trend.question import TrendQuestion
from flows.table import prices_of

ABOUT = About(needs="at least five periods of the flow", figures=("estimates",), tables=("fits",))

ESTIMATORS = {
    "OLS-log": "line through logarithms",
    "Poisson": "Poisson pseudo-likelihood",
    "differences": "change from a year before",
    "Theil-Sen": "median pair (Theil–Sen)",
    "state space": "drifting slope (state space)",
}
"""How the text, the figures and the tables call the estimators."""


def growth(question: TrendQuestion) -> Findings:
    """
    Estimate growth in several ways, by month and by year.

    Numbers ``<freq>.growth.<estimator>`` with their intervals, ``.lowest`` and ``.highest``; words
    ``<freq>.`` with ``first``, ``last``, ``sign`` (grew or fell, empty where estimates differ in
    sign), ``zero`` (whether the interval of the line includes or excludes it), ``sure`` (estimators
    whose interval excludes zero) and ``apart`` (those whose intervals do not overlap); table
    ``fits``; figure ``estimates``. Where a value is zero only Poisson is estimated.
    """
    name, fitted = question.name, question.series
    fits = {heading: fit.value for series in fitted for heading, fit in series.fits.items()}
    return Findings(
        numbers=tuple(number for series in fitted for number in _numbers(question, series)),
        tables=(
            fits_table(
                fits,
                name=f"{name}-fits",
                caption=f"Trend lines of {question.title} ({fitted[0].unit}), side by side.",
                rows=fitted[0].rows,
            ),
        ),
        figures=(_figure(question),),
        words={f"{name}.{key}": word for series in fitted for key, word in _words(series).items()},
    )


def _numbers(question: TrendQuestion, series: FittedSeries) -> Iterator[Number]:
    freq, table = series.freq, series.comparison.table
    span = f"of {question.title} by {freq}, {series.y.index[0]} to {series.y.index[-1]}"
    for estimator, answers in table["answers"].items():
        value, interval = series.estimate(str(estimator))
        holds = series.comparison.estimates[str(estimator)].has_interval
        yield make_number(
            question.name,
            f"{freq}.growth.{str(estimator).lower().replace(' ', '-')}",
            value,
            "% a year",
            f"Growth {span}, by {ESTIMATORS[str(estimator)]}: {answers}.",
            digits=1,
            rows=series.rows,
            interval=interval if holds else None,
            level=LEVEL if holds else None,
        )
    lowest, highest = series.extremes
    for end, value, choose in (
        ("lowest", lowest, first_minimum),
        ("highest", highest, first_maximum),
    ):
        estimator = table.index[choose(table["growth_pct"])]
        yield make_number(
            question.name,
            f"{freq}.growth.{end}",
            value,
            "% a year",
            f"The {end} of the estimates of growth {span}: that by {ESTIMATORS[str(estimator)]}.",
            digits=1,
            rows=series.rows,
        )


def _words(series: FittedSeries) -> dict[str, str]:
    sure, line = _sure(series), series.comparison.table.index[0]
    pairs = [
        f"{ESTIMATORS[first]} and {ESTIMATORS[second]}" for first, second in series.comparison.apart
    ]
    words = {
        "first": str(series.y.index[0]),
        "last": str(series.y.index[-1]),
        "sign": _sign(series),
        "zero": "excludes zero" if line in sure else "includes zero",
        "sure": join_words([ESTIMATORS[name] for name in sure], nothing=""),
        "apart": "; ".join(pairs),
    }
    return {f"{series.freq}.{key}": word for key, word in words.items()}


def _sure(series: FittedSeries) -> list[str]:
    """Return the estimators whose interval excludes zero."""
    table = series.comparison.table
    return [str(name) for name in table.index[(table["low"] > 0) | (table["high"] < 0)]]


def _sign(series: FittedSeries) -> str:
    if not series.comparison.same_sign:
        return ""
    return "grew" if series.comparison.table["growth_pct"].iloc[0] > 0 else "fell"


def _figure(question: TrendQuestion) -> Figure:
    frames = [
        series.comparison.drawing().data.assign(group=f"by {series.freq}")
        for series in question.series
    ]
    data = pd.concat(frames, ignore_index=True).replace({"name": ESTIMATORS})
    prices = prices_of(question.main.unit.removesuffix(" million"))
    return Figure(
        id=f"{question.name}-estimates",
        draw="draw_estimates",
        data=data[["group", "name", "value", "low", "high", "nobs", "answers"]],
        options={"unit_label": "Growth, percent a year"},
        caption=(
            f"Growth of {question.title}{f' in {prices}' if prices else ''} by estimator, with "
            f"{LEVEL:.0%} intervals. {' '.join(_seen(series) for series in question.series)}"
        ),
        source=source_line(question.rows),
        rows=question.main.rows,
    )


def _seen(series: FittedSeries) -> str:
    """Say what the figure shows of one frequency: the sign, and which intervals exclude zero."""
    sign, several = _sign(series), len(series.comparison.table) > 1
    estimates = "the estimates are" if several else "the estimate is"
    side = {"grew": "above", "fell": "below", "": "on both sides of"}[sign]
    return f"By {series.freq} {estimates} {side} zero; {_excluding(series)}."


def _excluding(series: FittedSeries) -> str:
    sure, count = len(_sure(series)), len(series.comparison.table)
    if count == 1:
        return f"its interval {'excludes' if sure else 'includes'} zero"
    if sure in {0, count}:
        return f"{'all intervals exclude' if sure else 'no interval excludes'} it"
    return f"{sure} of {count} intervals {'exclude' if sure > 1 else 'excludes'} it"
