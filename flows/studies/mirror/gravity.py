"""Little compared with what: each direction beside what the trade of all other pairs predicts."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import pandas as pd

from flows.compare.flow_context import FlowContext, flow_in_context
from flows.countries import country_name
from flows.errors import PeriodError, SchemaError, ScopeError, UnreportedError
from flows.findings import Figure, Findings, Number, Table
from flows.measure.checks import select_flows
from flows.origin import Made, call
from flows.studies.mirror.question import MILLION, MirrorQuestion
from flows.studies.numbers import Ends, join_words, make_number, source_line, union_of
from flows.studies.section import About
from flows.table import Rows

ABOUT = About(
    needs="a table `world` with the trade of all pairs of countries in the years",
    figures=("gravity",),
    tables=("gravity",),
)

_INNER, _OUTER = 0.8, 0.95
_LAST_YEARS = 3
_SHRUNK = 0.75
"""Part of its usual share of world trade below which a country's effect is said to be small."""

_AMONG: Mapping[str, str] = {
    "like flows": "like",
    "positive flows": "all",
    "neighbours": "neighbours",
    "exporter's partners": "customers",
    "importer's partners": "suppliers",
}
"""Groups of a context, and what ids call them."""

_SIDES = {1: "above", 0: "within", -1: "below"}
_REPORTS = (
    *("exporter-report", "exporter-report.own-year"),
    *("importer-report", "importer-report.own-year"),
)
_LIKE = "like flows"
_LOWER = "Part of the others among {} with a lower ratio of actual to predicted trade"
_NOT_NAMED = "the plan names no data set of the trade of all pairs as world"


def gravity(
    question: MirrorQuestion,
    world: Made[pd.DataFrame] | None = None,
    *,
    years: Sequence[int] = (),
) -> Findings:
    """
    Say whether each direction is much or little for such a pair, by a gravity model of all others.

    ``world`` is a table of all goods of all pairs by year; ``years``: those that are looked at, by
    default the last three of the table; the headline year is looked at as well. Of each direction
    and year, under ``<direction>.gravity.<year>``: what the table and the two countries state, what
    the model without the pair predicts, the ranges of like flows, and percentiles. A word
    ``gravity.<direction>.refused`` says why a direction has none, and
    ``gravity.headline.refused`` why the headline year is not among them.
    """
    placed, refused = question.both_ways(partial(_place, question, world, years))
    numbers: list[Number] = []
    words = question.refusals("gravity", refused)
    for found in placed.values():
        numbers += _numbers(question, found)
        words |= _words(question, found)
    listed = list(placed.values())
    headline = {found.headline_refused for found in listed} if world else {_NOT_NAMED}
    words[f"{question.name}.gravity.headline.refused"] = "; ".join(sorted(headline))
    return Findings(
        numbers=tuple(numbers),
        tables=(_table(question, listed),) if listed else (),
        figures=(_figure(question, listed),) if listed else (),
        words=words,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Placed:
    """One direction by year in its context, and why the headline year is not there."""

    direction: str
    title: str
    contexts: Mapping[int, Made[FlowContext]]
    headline_refused: str

    @property
    def last(self) -> int:
        """The newest year."""
        return max(self.contexts)

    @property
    def by_place(self) -> list[Made[FlowContext]]:
        """The contexts, that of the lowest percentile among like flows first."""
        return sorted(self.contexts.values(), key=lambda made: _standing(made.value, _LIKE))

    def years_at(self, side: int) -> list[str]:
        """Return the years on one side of the range of like flows: a key of ``_SIDES``."""
        return [
            str(year) for year, made in self.contexts.items() if _side_of_range(made.value) == side
        ]


def _place(
    question: MirrorQuestion,
    world: Made[pd.DataFrame] | None,
    years: Sequence[int],
    direction: str,
    sender: str,
) -> _Placed:
    if world is None:
        raise UnreportedError(_NOT_NAMED)
    headline = question.headline.start.year
    at_hand = sorted(set(world.value["start"].dt.year))
    contexts: dict[int, Made[FlowContext]] = {}
    refused: dict[int, str] = {}
    for year in sorted({*(years or at_hand[-_LAST_YEARS:]), headline}):
        try:
            contexts[year] = _context(question, world, sender, year, at_hand)
        except (PeriodError, UnreportedError) as error:
            refused[year] = str(error)
    if not contexts:
        raise UnreportedError(refused[max(refused)])
    return _Placed(direction, question.title(sender), contexts, refused.get(headline, ""))


def _context(
    question: MirrorQuestion,
    world: Made[pd.DataFrame],
    sender: str,
    year: int,
    at_hand: Sequence[int],
) -> Made[FlowContext]:
    """Return the context of a year, from the release that has it."""
    rows = world.value
    releases = sorted(set(rows.loc[rows["start"].dt.year == year, "dataset"]))
    if not releases:
        raise PeriodError(
            f"the trade of all pairs is at hand for {at_hand[0]} to {at_hand[-1]} only"
        )
    table = world
    if len(set(rows["dataset"])) > 1 and len(releases) == 1:
        table = call(select_flows, world.arg, dataset=releases[0]).called("world")
    try:
        return call(
            flow_in_context,
            table.arg,
            exporter=sender,
            importer=question.other(sender),
            year=year,
            mirrors=[report.arg for report in _reports(question, sender)],
            level=(_INNER, _OUTER),
        ).called("context")
    except (SchemaError, ScopeError) as error:
        raise UnreportedError(f"{question.title(sender)}: {error}") from error


def _reports(question: MirrorQuestion, sender: str) -> Iterator[Made[pd.DataFrame]]:
    """Yield what the two countries state of a direction, where they do."""
    for reporter in (sender, question.other(sender)):
        try:
            yield question.report(sender, reporter)
        except UnreportedError:
            continue


class _Measured(NamedTuple):
    """What becomes a number: the end of its id, its value, and how it is printed."""

    part: str
    value: Made[float]
    unit: str
    about: str
    digits: int = 0
    interval: Made[Ends] | None = None
    level: float | None = None
    bounds: Made[Ends] | None = None


def _numbers(question: MirrorQuestion, found: _Placed) -> Iterator[Number]:
    for year, context in found.contexts.items():
        for measured in _measured(context, f"{found.title} in {year}"):
            yield _number(question, f"{found.direction}.gravity.{year}", measured, context)
    by_place = found.by_place
    for part, context in (("least", by_place[0]), ("most", by_place[-1])):
        year = context.value.year
        about = (
            f"{_LOWER.format(_LIKE)} than {found.title}: {year}, the year in which it is {part}."
        )
        measured = _Measured(f"percentile.{part}", _percentile(context, _LIKE), "%", about)
        yield _number(question, f"{found.direction}.gravity", measured, context)


def _number(
    question: MirrorQuestion, at: str, measured: _Measured, context: Made[FlowContext]
) -> Number:
    return make_number(
        question.name,
        f"{at}.{measured.part}",
        measured.value,
        measured.unit,
        measured.about,
        digits=measured.digits,
        rows=context.value.rows,
        bounds=measured.bounds,
        interval=measured.interval,
        level=measured.level,
    )


def _measured(context: Made[FlowContext], flow: str) -> Iterator[_Measured]:
    value = context.value
    yield from _stated(context, flow).values()
    digits = _digits(value.predicted)
    predicted = context.part(lambda one: one.predicted / MILLION)
    for part, level in (("predicted", _INNER), ("predicted.wide", _OUTER)):
        about = f"Trade of {flow} that gravity predicts without the two; the range of like flows."
        ends = _range(context, level)
        yield _Measured(part, predicted, "USD million", about, digits, ends, level)
    yield _Measured(
        "times",
        context.part(lambda one: one.ratio),
        "ratio",
        f"Trade of {flow} by what is predicted of it, and by the ends of the range of like flows.",
        1,
        _times_range(context),
        _INNER,
    )
    yield _Measured(
        "like",
        context.part(lambda one: one.percentiles["flows"].loc[_LIKE]),
        "count",
        f"Flows like {flow}, from which its range is made.",
    )
    yield _Measured(
        "coverage",
        context.part(lambda one: 100 * one.ranges["coverage"].loc[_INNER]),
        "%",
        "Part of all flows of the year that lie within the ranges made for them without them.",
    )
    for among, key in _AMONG.items():
        if not math.isnan(_standing(value, among)):
            about = f"{_LOWER.format(among)} than {flow}."
            yield _Measured(f"percentile.{key}", _percentile(context, among), "%", about)
    if (side := _shrunk(value)) is not None:
        usual = context.part(lambda one: one.sizes["predicted_at_usual"].loc[side] / MILLION)
        about = f"Trade of {flow} that gravity predicts at the usual share of the {side} in trade."
        yield _Measured("predicted.usual", usual, "USD million", about, digits)


def _stated(context: Made[FlowContext], flow: str) -> dict[str, _Measured]:
    """Return what the table and each of the two countries state of the year, or of their own."""
    stated: dict[str, _Measured] = {}
    for place, source in enumerate(context.value.sources.to_dict("records")):
        part = "actual" if source["side"] == "compiled" else f"{source['side']}-report"
        if not source["whole_year"]:
            part += ".own-year"
        first, last = (f"{source[end]:%-d %B %Y}" for end in ("start", "end"))
        about = f"Trade of {flow} as {source['reporter']} states it, {first} to {last}."
        value = context.part(_value_at(place))
        measured = _Measured(part, value, "USD million", about, _digits(source["value"]))
        if source["bound"]:
            measured = measured._replace(bounds=value.part(lambda least: (least, None)))
        stated.setdefault(part, measured)
    return stated


def _value_at(place: int) -> Callable[[FlowContext], float]:
    return lambda one: one.sources["value"].iloc[place] / MILLION


def _percentile(context: Made[FlowContext], among: str) -> Made[float]:
    return context.part(lambda one: one.percentiles["percentile"].loc[among])


def _standing(context: FlowContext, among: str) -> float:
    return float(context.percentiles["percentile"].loc[among])


def _range(context: Made[FlowContext], level: float) -> Made[Ends]:
    return context.part(
        lambda one: (
            one.ranges["low"].loc[level] / MILLION,
            one.ranges["high"].loc[level] / MILLION,
        )
    )


def _times_range(context: Made[FlowContext]) -> Made[Ends]:
    """Return the flow by the highest and by the lowest of like flows; a range may begin at 0."""
    if context.value.ranges["low"].loc[_INNER] == 0:
        return context.part(lambda one: (one.actual / one.ranges["high"].loc[_INNER], None))
    return context.part(
        lambda one: (
            one.actual / one.ranges["high"].loc[_INNER],
            one.actual / one.ranges["low"].loc[_INNER],
        )
    )


def _shrunk(context: FlowContext) -> str | None:
    """Return the side whose share of world trade is far below its usual one, if one is."""
    parts = context.sizes["share"] / context.sizes["usual_share"]
    return str(parts.idxmin()) if parts.min() < _SHRUNK else None


def _digits(value: float) -> int:
    """Return how many decimals leave two digits of an amount in million; none of a large one."""
    million = value / MILLION
    return max(0, 1 - math.floor(math.log10(million))) if million > 0 else 0


def _words(question: MirrorQuestion, found: _Placed) -> dict[str, str]:
    last = found.contexts[found.last]
    shrunk = _shrunk(last.value)
    stated = _stated(last, found.title)
    words = {
        "first": str(min(found.contexts)),
        "last": str(found.last),
        "several": "yes" if len(found.contexts) > 1 else "",
        "least": str(found.by_place[0].value.year),
        "reporter": str(last.value.sources["reporter"].iloc[0]),
        **{part: _qualifier(stated.get(part)) for part in _REPORTS},
        "shrunk": "" if shrunk is None else country_name(last.value.sizes["country"].loc[shrunk]),
        "shrunk-side": {"exporter": "exports", "importer": "imports"}.get(shrunk or "", ""),
        **{name: join_words(found.years_at(side), nothing="") for side, name in _SIDES.items()},
    }
    start = f"{question.name}.{found.direction}.gravity"
    return {f"{start}.{key}": word for key, word in words.items()}


def _qualifier(measured: _Measured | None) -> str:
    """Return how a report is quoted, or nothing where there is none."""
    if measured is None:
        return ""
    return "as stated" if measured.bounds is None else "more than"


def _side_of_range(context: FlowContext) -> int:
    """Return whether a flow is above the range of like flows (1), below it (-1) or within (0)."""
    low, high = (float(context.ranges[end].loc[_INNER]) for end in ("low", "high"))
    return int(context.actual > high) - int(context.actual < low)


def _table(question: MirrorQuestion, placed: Sequence[_Placed]) -> Table:
    """Return one row a direction and year."""
    rows = [
        _table_row(found, year, made) for found in placed for year, made in found.contexts.items()
    ]
    amounts = ("actual", "importer_report", "predicted", "inner_low", "inner_high")
    return Table(
        id=f"{question.name}-gravity",
        frame=pd.DataFrame(rows),
        labels={
            "flow": "Flow",
            "year": "Year",
            "actual": placed[0].contexts[placed[0].last].value.sources["reporter"].iloc[0],
            "exporter_report": "Exporter",
            "importer_report": "Importer",
            "predicted": "Predicted",
            "inner_low": "Low",
            "inner_high": "High",
            "percentile": "Percentile",
        },
        formats={**dict.fromkeys((*amounts, "exporter_report"), ",.1f"), "percentile": ".0f"},
        caption="What is stated of each direction, and what the trade of all other pairs predicts.",
        note=(
            "USD million. Exporter, importer: their own reports of the calendar year. Predicted: "
            "gravity model of all pairs but this one. Low and high: range of "
            f"{_INNER:.0%} of like flows. Percentile: among like flows, by actual over predicted."
        ),
        rows=_lines(placed),
    )


def _table_row(found: _Placed, year: int, made: Made[FlowContext]) -> dict[str, object]:
    stated = {part: one.value.value for part, one in _stated(made, found.title).items()}
    context = made.value
    ends = context.ranges.loc[_INNER]
    return {
        "flow": found.title,
        "year": str(year),
        "actual": context.actual / MILLION,
        "exporter_report": stated.get("exporter-report", math.nan),
        "importer_report": stated.get("importer-report", math.nan),
        "predicted": context.predicted / MILLION,
        "inner_low": ends["low"] / MILLION,
        "inner_high": ends["high"] / MILLION,
        "percentile": _standing(context, _LIKE),
    }


def _lines(placed: Sequence[_Placed]) -> Rows:
    return union_of(made.value.rows for found in placed for made in found.contexts.values())


def _figure(question: MirrorQuestion, placed: Sequence[_Placed]) -> Figure:
    drawings = [made.value.drawing() for found in placed for made in found.contexts.values()]
    rows = _lines(placed)
    return Figure(
        id=f"{question.name}-gravity",
        draw=drawings[0].draw,
        data=pd.concat([drawing.data for drawing in drawings], ignore_index=True),
        options=drawings[0].options,
        caption=(
            f"{' '.join(map(_seen, placed))} Bars: ranges that hold {_INNER:.0%} and {_OUTER:.0%} "
            "of the flows that are like this one in size of both countries, distance and what is "
            "predicted. Line: what the trade of all other pairs predicts. USD million, "
            "logarithmic axis."
        ),
        source=source_line(rows),
        rows=rows,
    )


def _seen(found: _Placed) -> str:
    """Say where a direction lies, in years."""
    placed = [(word, found.years_at(side)) for side, word in _SIDES.items()]
    told = ", ".join(f"{word} it in {join_words(years)}" for word, years in placed if years)
    return f"{found.title}: {told.replace(' it ', ' the range of like flows ', 1)}."
