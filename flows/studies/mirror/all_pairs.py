"""Where the flow stands among those of all pairs of countries, and how far two sources differ."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from flows.countries import country_name
from flows.errors import PeriodError, SchemaError, UnreportedError
from flows.findings import Figure, Findings, Number
from flows.measure.checks import rows_by_dataset, select_flows
from flows.measure.timeseries import series
from flows.origin import Made, call
from flows.screening.screen import Screen, screen
from flows.screening.standing import ALL, Standing
from flows.studies.mirror.question import MirrorQuestion
from flows.studies.numbers import make_number, source_line
from flows.studies.section import About

ABOUT = About(
    needs="a table `pairs` with the trade of all pairs by year",
    figures=("all-pairs", "all-pairs-reverse"),
)

_VALUE, _GROWTH = "latest", "log_growth_pct"
_LEVEL = 0.95


@dataclass(frozen=True, slots=True, eq=False)
class _Placed:
    """One direction among all pairs, and its values by year beside the importer's own report."""

    direction: str
    sender: str
    title: str
    standing: Made[Standing]
    years: Made[pd.Series]
    own: Made[pd.Series] | None
    rows: pd.DataFrame


def all_pairs(question: MirrorQuestion, pairs: Made[pd.DataFrame]) -> Findings:
    """
    Say whether each direction is much or little among the flows of all pairs of countries.

    ``pairs`` is a table of all goods of all pairs by year, as one organisation states them. Of each
    direction: its value in the last year, its growth, their percentiles among all pairs, among the
    suppliers of the importer and the customers of the exporter; and by how much the table differs
    from what the importer itself reports. A word ``all-pairs.<direction>.refused`` says why one is
    not there.
    """
    screened = call(screen, pairs.arg, fits=["log"], level=_LEVEL).called("screened")
    placed, refused = question.both_ways(
        lambda direction, sender: _place(question, pairs, screened, direction, sender)
    )
    numbers: list[Number] = []
    words = question.refusals("all-pairs", refused)
    for found in placed.values():
        numbers += _numbers(question, found)
        words |= _words(question, found)
    figures = tuple(_figure(question, found) for found in placed.values())
    return Findings(numbers=tuple(numbers), figures=figures, words=words)


def _place(
    question: MirrorQuestion,
    pairs: Made[pd.DataFrame],
    screened: Made[Screen],
    direction: str,
    sender: str,
) -> _Placed:
    receiver = question.other(sender)
    try:
        rows = select_flows(pairs.value, exporter=sender, importer=receiver)
        standing = screened.part(
            lambda found: found.standing(exporter=sender, importer=receiver)
        ).called("standing")
    except SchemaError as error:
        raise UnreportedError(f"{question.title(sender)}: {error}") from error
    return _Placed(
        direction=direction,
        sender=sender,
        title=question.title(sender),
        standing=standing,
        years=call(series, pairs.arg, exporter=sender, importer=receiver, freq="year").called(
            "years"
        ),
        own=_own(question, sender),
        rows=rows,
    )


def _own(question: MirrorQuestion, sender: str) -> Made[pd.Series] | None:
    """Return what the importer itself reports by calendar year; none where it does not."""
    receiver = question.other(sender)
    try:
        report = question.importer_report(sender)
        return call(series, report.arg, exporter=sender, importer=receiver, freq="year").called(
            "own_years"
        )
    except (PeriodError, UnreportedError):
        return None


def _numbers(question: MirrorQuestion, found: _Placed) -> Iterator[Number]:
    name = f"{found.direction}.all-pairs"
    frame = found.standing.value.frame
    last = found.years.value.index[-1]
    of_pair = f"of {found.title}, {_source(found)}"

    def number(part: str, value: Made[float], unit: str, about: str, digits: int) -> Number:
        return make_number(
            question.name, f"{name}.{part}", value, unit, about, digits=digits, rows=found.rows
        )

    value = found.years.part(lambda years: years.iloc[-1] / 1e6)
    yield number("value", value, "USD million", f"Trade {of_pair}, {last}.", 0)
    yield number("growth", _cell(found, _GROWTH, ALL, "value"), "% a year", f"Growth {of_pair}.", 1)
    yield number(
        "pairs",
        _cell(found, _VALUE, ALL, "others").part(lambda others: others + 1),
        "count",
        f"Pairs of countries with trade, {_source(found)}.",
        0,
    )
    for measure, word in ((_VALUE, "value"), (_GROWTH, "growth")):
        for among in frame["among"].unique():
            if pd.notna(_cell(found, measure, among, "percentile").value):
                yield number(
                    f"percentile.{word}.{_key(among)}",
                    _cell(found, measure, among, "percentile"),
                    "%",
                    f"Share of the others among {among} with a smaller {word} than {found.title}, "
                    f"{_source(found)}; ranked with the rows of all pairs.",
                    0,
                )
    yield from _beside(question, found)


def _cell(found: _Placed, measure: str, among: str, column: str) -> Made[float]:
    return found.standing.part(
        lambda standing: standing.frame.set_index(["measure", "among"])[column].loc[
            (measure, among)
        ]
    )


def _key(among: str) -> str:
    return "all" if among == ALL else among.partition(" ")[0]


def _beside(question: MirrorQuestion, found: _Placed) -> Iterator[Number]:
    """Yield the least and the most that the table has of the importer's own report."""
    if found.own is None:
        return
    ratios = found.years.combined(found.own, lambda years, own: (years / own).dropna())
    if ratios.value.empty:
        return
    receiver = country_name(question.other(found.sender))
    about = f"Trade of {found.title}, {_source(found)}, by what {receiver} reports, the {{}} year."
    rows = pd.concat([found.rows, question.importer_report(found.sender).value])
    for part, ratio, word in (
        ("least", ratios.part(lambda by_year: by_year.min()), "lowest"),
        ("most", ratios.part(lambda by_year: by_year.max()), "highest"),
    ):
        yield make_number(
            question.name,
            f"{found.direction}.all-pairs.beside.{part}",
            ratio,
            "ratio",
            about.format(word),
            digits=2,
            rows=rows,
        )


def _words(question: MirrorQuestion, found: _Placed) -> dict[str, str]:
    index = found.years.value.index
    own = [] if found.own is None else [year for year in index if year in found.own.value.index]
    words = {
        "first": str(index[0]),
        "last": str(index[-1]),
        "beside": f"{own[0]} to {own[-1]}" if own else "",
        "reporter": str(found.rows["reporter"].iloc[0]),
    }
    return {
        f"{question.name}.{found.direction}.all-pairs.{key}": word for key, word in words.items()
    }


def _source(found: _Placed) -> str:
    return f"by {found.rows['dataset'].iloc[0]}"


def _figure(question: MirrorQuestion, found: _Placed) -> Figure:
    drawing = found.standing.value.drawing()
    rows = rows_by_dataset(found.rows)
    index = found.years.value.index
    return Figure(
        id=f"{question.name}-all-pairs" + ("" if found.direction == "flow" else "-reverse"),
        draw=drawing.draw,
        data=drawing.data,
        options=drawing.options,
        caption=(
            f"Where {found.title} stands among the flows of all pairs of countries, {index[0]} to "
            f"{index[-1]}: the share of the others that are smaller, by measure."
        ),
        source=source_line(rows),
        rows=rows,
    )
