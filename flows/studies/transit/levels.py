"""Levels of the flows before and after: in current and constant prices, in both currencies."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pandas as pd

from flows.errors import PeriodError
from flows.findings import Figure, Findings, Number, Table
from flows.measure.deflation import deflate
from flows.origin import Made, call
from flows.studies.numbers import make_number, source_line
from flows.studies.section import About
from flows.studies.transit.dated import after_to_before
from flows.studies.transit.question import (
    ARRIVALS,
    FLOWS,
    MILLION,
    TransitQuestion,
    decimals_of,
    rows_of,
    span_of,
    with_lines,
)

ABOUT = About(
    needs=(
        "the exporters’ statement in all years that are compared; a table `prices`, an index of "
        "the question’s currency, for constant prices"
    ),
    figures=("months",),
    tables=("levels",),
)


@dataclass(frozen=True, eq=False)
class _Level:
    """A flow by year in one kind of money; ``end`` follows the flow's name in ids."""

    flow: str
    end: str
    money: str
    yearly: Made[pd.Series]


def levels(
    question: TransitQuestion,
    prices: Made[pd.DataFrame] | None = None,
    *,
    base_year: int | None = None,
) -> Findings:
    """
    Give what went in and out by year, and how many times as much it was after.

    Numbers ``levels.<flow>.<year>``, ``.before`` and ``.after`` (yearly means) and ``.ratio`` for
    the flows exports, arrivals-consignment, arrivals-origin and onward; ``.ratio-real`` at the
    prices of ``base_year`` (by default the last year before) where ``prices`` is an index of the
    question's currency; ``levels.exports.own.before``, ``.after`` and ``.ratio`` in the currency of
    the exporters. Words ``levels.<flow>.there``, ``levels.arrivals.there``, ``levels.months``,
    ``levels.real.refused`` and ``levels.real.prices``; table ``levels``; figure ``months``.
    """
    base = base_year or question.before[1]
    nominal = [
        _Level(flow, "", f"{question.currency}, current", yearly)
        for flow, yearly in question.by_year.items()
    ]
    own = [] if question.stated_in == question.currency else [_own(question)]
    real, refused = _real(question, prices, base)
    figures = _months(question)
    words = {
        "real.refused": refused,
        "real.prices": str(base) if real else "",
        "months": "yes" if figures else "",
        **{f"{flow}.there": "yes" if flow in question.by_year else "" for flow in FLOWS},
        "arrivals.there": next((flow for flow in ARRIVALS if flow in question.by_year), ""),
    }
    return Findings(
        numbers=(
            *(number for level in nominal for number in _years(question, level)),
            *(number for level in [*nominal, *own] for number in _means(question, level)),
            *(_ratio(question, level) for level in [*nominal, *own, *real]),
        ),
        tables=(_table(question, [*nominal, *own, *real], base),),
        figures=figures,
        words={f"{question.name}.levels.{key}": word for key, word in words.items()},
    )


def _own(question: TransitQuestion) -> _Level:
    """Return what the exporters state, in their own currency."""
    yearly = question.sent(question.via, freq="year", own=True)
    return _Level("exports", ".own", f"{question.stated_in}, current", yearly)


def _real(
    question: TransitQuestion, prices: Made[pd.DataFrame] | None, base: int
) -> tuple[list[_Level], str]:
    """Return the flows at constant prices, or the reason why there are none."""
    if prices is None:
        return [], f"a price index of {question.currency} would be needed"
    priced = str(prices.value["currency"].iloc[0])
    if priced != question.currency:
        return [], f"the price index among the data is one of {priced}"
    try:
        real = {
            table: call(deflate, made.arg, prices.arg, base=base).called("real")
            for table, made in (("exports", question.converted), ("hub", question.hub_converted))
            if made is not None
        }
    except PeriodError as error:
        return [], str(error)
    money = f"{question.currency}, prices of {base}"
    made = {
        flow: question.flow(flow, freq="year", of=real["exports" if flow == "exports" else "hub"])
        for flow in question.by_year
    }
    return [
        _Level(flow, "", money, with_lines(yearly, prices.value))
        for flow, yearly in made.items()
        if yearly
    ], ""


def _years(question: TransitQuestion, level: _Level) -> Iterator[Number]:
    amounts = level.yearly.value / MILLION
    stated = question.stated_in if level.flow == "exports" else question.hub_states_in
    for year in question.years:
        yield make_number(
            question.name,
            f"levels.{level.flow}.{year}",
            question.in_year(year, level.yearly),
            f"{question.currency} million",
            f"{question.title_of(level.flow)} in {year}, {question.stated_by(level.flow)}.",
            digits=decimals_of(*amounts),
            rows=question.rows_in(level.yearly, (year, year)),
            exact=stated == question.currency,
        )


def _means(question: TransitQuestion, level: _Level) -> Iterator[Number]:
    spans = {"before": question.before, "after": question.after}
    means = {
        when: question.mean_of(span, level.yearly).part(lambda mean: mean / MILLION)
        for when, span in spans.items()
    }
    for when, mean in means.items():
        yield make_number(
            question.name,
            f"levels.{level.flow}{level.end}.{when}",
            mean,
            f"{_currency(level)} million",
            f"{question.title_of(level.flow)}, mean of the years {span_of(spans[when])}, "
            f"{question.stated_by(level.flow)}.",
            digits=decimals_of(*(made.value for made in means.values())),
            rows=question.rows_in(level.yearly, spans[when]),
        )


def _currency(level: _Level) -> str:
    return level.money.partition(",")[0]


def _ratio(question: TransitQuestion, level: _Level) -> Number:
    first, last, start, end = (str(year) for year in (*question.before, *question.after))
    at_prices = "prices" in level.money
    return make_number(
        question.name,
        f"levels.{level.flow}{level.end}.ratio{'-real' if at_prices else ''}",
        level.yearly.part(lambda y: y[start:end].mean() / y[first:last].mean()),
        "ratio",
        f"{question.title_of(level.flow)}, mean of {span_of(question.after)} divided by mean of "
        f"{span_of(question.before)}, {level.money}.",
        digits=2,
        rows=rows_of(level.yearly),
    )


def _table(question: TransitQuestion, listed: list[_Level], base: int) -> Table:
    order = [*question.by_year]
    listed = sorted(listed, key=lambda level: order.index(level.flow))
    return Table(
        id=f"{question.name}-levels",
        frame=pd.DataFrame([_row(question, level) for level in listed]),
        labels={
            "flow": "Flow",
            "money": "Million of",
            **{str(year): str(year) for year in question.years},
            "ratio": "Ratio",
        },
        formats={**{str(year): ",.1f" for year in question.years}, "ratio": ".2f"},
        caption=(
            f"What went to {question.words['via']} and from there to "
            f"{question.words['destination']}, by year."
        ),
        note=(
            f"Ratio: mean of {span_of(question.after)} divided by mean of "
            f"{span_of(question.before)}." + _conversion(question) + _prices(listed, base)
        ),
        rows=rows_of(*(level.yearly for level in listed)),
    )


def _row(question: TransitQuestion, level: _Level) -> dict[str, object]:
    y = level.yearly.value
    means = (
        question.mean_of(span, level.yearly).value for span in (question.after, question.before)
    )
    after, before = means
    return {
        "flow": question.title_of(level.flow),
        "money": level.money,
        **{str(year): float(y[str(year)]) / MILLION for year in question.years},
        "ratio": after / before,
    }


def _conversion(question: TransitQuestion) -> str:
    if question.stated_in == question.currency:
        return ""
    return (
        f" The exporters state {question.stated_in}; each month is converted at its mean rate and "
        "the months are added up."
    )


def _prices(listed: list[_Level], base: int) -> str:
    if not any("prices" in level.money for level in listed):
        return ""
    return f" Prices of {base}: each month divided by the price index of its currency."


def _months(question: TransitQuestion) -> tuple[Figure, ...]:
    """Return the figure of the flows by month, none where no flow has months."""
    monthly = {}
    for flow in question.by_year:
        try:
            made = question.flow(flow)
        except PeriodError:
            continue
        if made is not None and (made.value > 0).any():
            monthly[flow] = made
    if not monthly:
        return ()
    frames = [_monthly(question, flow, made.value) for flow, made in monthly.items()]
    return (
        Figure(
            id=f"{question.name}-months",
            draw="draw_regimes",
            data=pd.concat(frames, ignore_index=True),
            options={"unit_label": f"{question.currency} million a month, log scale", "breaks": []},
            caption=_caption(question, monthly),
            source=source_line(rows_of(*monthly.values())),
            rows=rows_of(*monthly.values()),
        ),
    )


def _monthly(question: TransitQuestion, flow: str, y: pd.Series) -> pd.DataFrame:
    """Return a flow by month over the years that are compared, with its means before and after."""
    spans = [
        y[str(first) : str(last)] / MILLION for first, last in (question.before, question.after)
    ]
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "date": pd.PeriodIndex(span.index).start_time,
                    "series": question.short_title_of(flow),
                    "regime": place,
                    "value": span.to_numpy(),
                    "fitted": span.mean(),
                }
            )
            for place, span in enumerate(spans)
        ],
        ignore_index=True,
    )


def _caption(question: TransitQuestion, drawn: Iterable[str]) -> str:
    times = [
        f"{question.short_title_of(flow)}: "
        f"{after_to_before(question, question.by_year[flow]).value:.2f} times"
        for flow in drawn
    ]
    return (
        f"The flows by month, and as thick lines their means in {span_of(question.before)} and in "
        f"{span_of(question.after)}, on a logarithmic axis. The second mean is so many times the "
        f"first: {'; '.join(times)}."
    )
