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


def growth(question: TrendQuestion) -> Findings:
    """
    Estimate growth in several ways, by month and by year.

    Numbers ``<freq>.growth.<estimator>`` with their intervals, ``.lowest`` and ``.highest``; words
    ``<freq>.`` with ``first``, ``last``, ``sign``, ``zero``, ``sure`` or ``apart``; table ``fits``;
    figure ``estimates``. Where a value is zero only Poisson is estimated.
    """
    name, fitted = question.name, question.series
    fits = {heading: fit.value for series in fitted for heading, fit in series.fits.items()}
    return Findings(
        numbers=tuple(number for series in fitted for number in _numbers(question, series)),
        tables=(
            fits_table(
                fits,
                name=f"{name}-fits",
                caption=f"Trends of {question.title}, {fitted[0].unit}.",
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
            f"Growth {span}, by {estimator}: {answers}.",
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
            f"The {end} of the estimates of growth {span}: that by {estimator}.",
            digits=1,
            rows=series.rows,
        )


def _words(series: FittedSeries) -> dict[str, str]:
    table = series.comparison.table
    sure = [str(name) for name in table.index[(table["low"] > 0) | (table["high"] < 0)]]
    line = table.index[0]
    words = {
        "first": str(series.y.index[0]),
        "last": str(series.y.index[-1]),
        "sign": _sign(series),
        "zero": "leaves zero out" if line in sure else "holds zero",
        "sure": join_words(sure, nothing="no estimator"),
        "apart": _apart(series),
    }
    return {f"{series.freq}.{key}": word for key, word in words.items()}


def _sign(series: FittedSeries) -> str:
    if not series.comparison.same_sign:
        return "the estimators do not agree on the sign"
    first = series.comparison.table["growth_pct"].iloc[0]
    return f"all estimators say {'growth' if first > 0 else 'decline'}"


def _apart(series: FittedSeries) -> str:
    pairs = [f"{first} and {second}" for first, second in series.comparison.apart]
    if not pairs:
        return "all their intervals overlap"
    return f"the intervals of {join_words(pairs)} do not overlap"


def _figure(question: TrendQuestion) -> Figure:
    frames = [
        series.comparison.drawing().data.assign(group=f"by {series.freq}")
        for series in question.series
    ]
    data = pd.concat(frames, ignore_index=True)
    prices = prices_of(question.main.unit.removesuffix(" million"))
    return Figure(
        id=f"{question.name}-estimates",
        draw="draw_estimates",
        data=data[["group", "name", "value", "low", "high", "nobs", "answers"]],
        options={"unit_label": "Growth, percent a year"},
        caption=(
            f"Growth of {question.title}{f' in {prices}' if prices else ''} by estimator, with "
            f"{LEVEL:.0%} intervals. The estimators answer different questions: the two lines "
            "weigh all periods, differences only the first and the last, Theil–Sen takes the "
            "median pair of periods, and the state space lets the slope drift."
        ),
        source=source_line(question.rows),
        rows=question.main.rows,
    )
