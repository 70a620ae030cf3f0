"""Much or little: a flow beside the other partners of both countries, and beside its own past."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd

from flows.countries import country_name
from flows.errors import PeriodError, SchemaError, ScopeError, UnreportedError
from flows.findings import Findings, Number
from flows.measure.checks import select_flows
from flows.measure.covering import NOT_STATED, PRINTED_TOTAL, state_whole
from flows.measure.shares import PartnerShares, partner_shares
from flows.measure.timeseries import Bound, series
from flows.origin import Made, call
from flows.periods import Period, recut
from flows.studies.mirror.question import MirrorQuestion
from flows.studies.numbers import Ends, join_words, make_number
from flows.studies.section import About

ABOUT = About(
    needs="a table `partners` in which one of the two names other partners as well; earlier years"
)

_PARTNERS = {"suppliers": ("importer", "exporter"), "customers": ("exporter", "importer")}
"""Whose partners: the column of the country, and that of its partners."""

_FEWEST = 2
_MOST_NAMED = 4
_SOME = "the partners that the data name"
_NOT_AT_HAND = "no data set at hand lists them"


def standing(question: MirrorQuestion, partners: Made[pd.DataFrame] | None = None) -> Findings:
    """
    Say whether each direction is much or little, beside other partners and beside its own past.

    ``partners`` is a table of all goods by partner, by default that of the question. Of the
    importer's suppliers and of the exporter's customers in the headline year: rank, share,
    multiple of the average partner, number of partners. Where some partners only are named, share
    and rank are bounds: the most and the best that they can be among all. Of both reports of a
    flow: multiple of the first year that both sides state, and of the last year before. A word
    ``<part>.<direction>.refused`` says why one is not there.
    """
    table = question.trade if partners is None else partners
    numbers: list[Number] = []
    words: dict[str, str] = {}
    for kind in _PARTNERS:
        places, refused = question.both_ways(partial(_places, question, table, kind))
        words |= question.refusals(kind, refused)
        words |= {f"{question.name}.{direction}.{kind}.some": "" for direction in refused}
        for direction, listed in places.items():
            for place in listed:
                numbers += _place_numbers(question, direction, place)
            words |= _place_words(question, direction, *listed)
    for side in ("exporter", "importer"):
        pasts, refused = question.both_ways(partial(_past, question, side))
        words |= question.refusals(f"past.{side}", refused)
        for direction, past in pasts.items():
            numbers += _past_numbers(question, direction, past)
            words |= _past_words(question, direction, past)
    return Findings(numbers=tuple(numbers), words=words)


@dataclass(frozen=True, slots=True, eq=False)
class _Place:
    """One country among the suppliers, or the customers, of another, on one partner basis."""

    kind: str
    suffix: str
    basis: str
    country: str
    partner: str
    shares: Made[PartnerShares]
    total_known: bool
    all_named: bool

    @property
    def larger(self) -> pd.DataFrame:
        """The partners before it."""
        frame = self.shares.value.frame
        ahead: pd.DataFrame = frame[frame["rank"] < self.rank]
        return ahead

    @property
    def rank(self) -> int:
        return int(self.shares.value.frame.set_index("partner")["rank"].loc[self.partner])


def _places(
    question: MirrorQuestion, table: Made[pd.DataFrame], kind: str, _: str, sender: str
) -> list[_Place]:
    """Return the place on each partner basis, the one in question first."""
    pair = {"exporter": sender, "importer": question.other(sender)}
    own, other = _PARTNERS[kind]
    country = pair[own]
    try:
        rows = select_flows(table.value, **{own: country}, reporter=country, product="TOTAL")
    except SchemaError as error:
        raise UnreportedError(_NOT_AT_HAND) from error
    if rows[other].nunique() < _FEWEST or pair[other] not in set(rows[other]):
        raise UnreportedError(_NOT_AT_HAND)
    bases = sorted(set(rows["partner_basis"]), key=lambda basis: (basis != question.basis, basis))
    return [
        _place(question, table, kind, pair, basis, suffix=f".{basis}" if place else "")
        for place, basis in enumerate(bases)
    ]


def _place(
    question: MirrorQuestion,
    table: Made[pd.DataFrame],
    kind: str,
    pair: Mapping[str, str],
    basis: str,
    *,
    suffix: str,
) -> _Place:
    own, other = _PARTNERS[kind]
    chosen = {own: pair[own], "reporter": pair[own], "product": "TOTAL", "partner_basis": basis}
    rows = call(select_flows, table.arg, **chosen).called("partners")
    recut(select_flows(rows.value, **{other: pair[other]}), question.headline)
    year = question.headline.start.year
    try:
        shares = _shares(rows, own, pair[own], year)
        scope = shares.value.scope
    except ScopeError:
        shares = _shares(call(state_whole, rows.arg, reason=_SOME), own, pair[own], year)
        scope = _SOME
    return _Place(
        kind=kind,
        suffix=suffix,
        basis=basis,
        country=pair[own],
        partner=pair[other],
        shares=shares,
        total_known=scope not in {_SOME, NOT_STATED},
        all_named=scope not in {_SOME, NOT_STATED, PRINTED_TOTAL},
    )


def _shares(rows: Made[pd.DataFrame], side: str, country: str, year: int) -> Made[PartnerShares]:
    """Return what each partner has of the imports, or the exports, of a country in a year."""
    return call(
        partner_shares,
        rows.arg,
        importer=country if side == "importer" else None,
        exporter=country if side == "exporter" else None,
        start=year,
        end=year,
    )


def _place_numbers(question: MirrorQuestion, direction: str, place: _Place) -> Iterator[Number]:
    among = f"among the {place.kind} of {country_name(place.country)}"
    who, year = country_name(place.partner), question.headline.label
    limits = "" if place.all_named else " that the data name"
    worse = "" if place.all_named else " (among all it is this or a worse one)"
    less = "" if place.total_known else " (of all trade it is this or less)"
    abouts = {
        "partners": f"Partners {among}{limits}",
        "rank": f"Rank of {who} {among}{limits}{worse}",
        "share": f"Share of {who} {among}{limits}{less}",
        "times-average": f"Trade of {who} as a multiple of the average {among}{limits}",
    }
    for name, unit, digits, value, bounds in _place_values(place):
        yield make_number(
            question.name,
            f"{direction}.{place.kind}.{name}{place.suffix}",
            value,
            unit,
            f"{abouts[name]}, {year}, by country of {place.basis or 'partner'}.",
            digits=digits,
            rows=place.shares.value.rows,
            bounds=bounds,
        )


def _place_values(
    place: _Place,
) -> Iterator[tuple[str, str, int, Made[float], Made[Ends] | None]]:
    """Yield name, unit, digits, value, and bounds where partners are not named."""
    partner, shares = place.partner, place.shares
    row: Made[Any] = shares.part(lambda listed: listed.frame.set_index("partner").loc[partner])
    rank, share = (
        row.part(lambda cells: cells["rank"]),
        row.part(lambda cells: 100 * cells["share"]),
    )
    at_best = None if place.all_named else rank.part(lambda best: (best, None))
    at_most = None if place.total_known else share.part(lambda most: (None, most))
    yield (
        "partners",
        "count",
        0,
        shares.part(lambda listed: (listed.frame["kind"] == "named").sum()),
        None,
    )
    yield "rank", "rank", 0, rank, at_best
    yield "share", "%", 2, share, at_most
    average = row.combined(
        shares,
        lambda cells, listed: (
            cells["value"] / listed.frame.query("kind == 'named'")["value"].mean()
        ),
    )
    yield "times-average", "ratio", 2, average, None


def _place_words(
    question: MirrorQuestion, direction: str, place: _Place, *others: _Place
) -> dict[str, str]:
    """Return the names of the partners before it, where they are few, and what is not known."""
    names = [str(name) for name in place.larger["name"]]
    words = {
        "larger": join_words(names, nothing="") if len(names) <= _MOST_NAMED else "",
        "basis": place.basis,
        "other-basis": others[0].basis if others else "",
        "some": "" if place.total_known else "yes",
    }
    return {f"{question.name}.{direction}.{place.kind}.{key}": word for key, word in words.items()}


@dataclass(frozen=True, slots=True, eq=False)
class _Past:
    """The years that one side states of a flow, and which of them are compared."""

    side: str
    reporter: str
    title: str
    years: Made[pd.Series]
    lows: Made[pd.Series]
    highs: Made[pd.Series]
    now: str | int
    before: str | int
    since: str | int


def _past(question: MirrorQuestion, side: str, _: str, sender: str) -> _Past:
    receiver = question.other(sender)
    reporter, beside = (sender, receiver) if side == "exporter" else (receiver, sender)
    years = _years(question, sender, reporter)
    period = _period(question, reporter)
    keys = _keys(years.value, period)
    now = next((key for key in keys.values() if str(key) == period.label), None)
    earlier = {
        start: key
        for start, key in keys.items()
        if start < period.start.year and years.value.loc[key] > 0
    }
    if now is None or not earlier:
        raise PeriodError(
            f"expected the year {period.label} and trade in one before in the report of "
            f"{country_name(reporter)}, found {', '.join(map(str, keys.values())) or 'no year'}"
        )
    shared = earlier.keys() & _starts(question, sender, beside)
    return _Past(
        side=side,
        reporter=reporter,
        title=question.title(sender),
        years=years,
        lows=_years(question, sender, reporter, bound="low"),
        highs=_years(question, sender, reporter, bound="high"),
        now=now,
        before=earlier[max(earlier)],
        since=earlier[min(shared or earlier)],
    )


def _period(question: MirrorQuestion, reporter: str) -> Period:
    """Return the year in which a side is quoted: of its own calendar."""
    return question.headline if reporter == question.months else question.period


def _years(
    question: MirrorQuestion, sender: str, reporter: str, *, bound: Bound | None = None
) -> Made[pd.Series]:
    return call(
        series,
        question.report(sender, reporter=reporter).arg,
        exporter=sender,
        importer=question.other(sender),
        freq="year",
        calendar=_period(question, reporter).calendar,
        bound=bound,
    ).called(bound or "years")


def _keys(years: pd.Series, period: Period) -> dict[int, str | int]:
    """Return the label of each year by the Gregorian year in which it begins."""
    labels = [int(str(label)) for label in years.index]
    return {
        Period.year(label, calendar=period.calendar).start.year: (
            str(label) if isinstance(years.index, pd.PeriodIndex) else label
        )
        for label in labels
    }


def _starts(question: MirrorQuestion, sender: str, reporter: str) -> set[int]:
    """Return in which Gregorian years those begin that a side states; none where it is silent."""
    try:
        years = _years(question, sender, reporter).value
    except (PeriodError, UnreportedError):
        return set()
    return set(_keys(years, _period(question, reporter)))


def _past_numbers(question: MirrorQuestion, direction: str, past: _Past) -> Iterator[Number]:
    for name, then in (("since", past.since), ("before", past.before)):
        value, bounds = _multiple(past, then)
        yield make_number(
            question.name,
            f"{direction}.past.{past.side}.{name}",
            value,
            "ratio",
            f"Trade from {past.title} in {past.now} as a multiple of that of {then}, as "
            f"{country_name(past.reporter)} reports it.",
            digits=2,
            rows=past.years.value.attrs["rows"],
            bounds=bounds,
        )


def _multiple(past: _Past, then: str | int) -> tuple[Made[float], Made[Ends] | None]:
    """Return how many times an earlier year this one is, and what the source does not exclude."""
    now, lows, highs = past.now, past.lows, past.highs
    value = past.years.part(lambda years: years.loc[now] / years.loc[then])
    if all(lows.value.loc[year] == highs.value.loc[year] for year in (now, then)):
        return value, None
    if math.isinf(highs.value.loc[now]) or lows.value.loc[then] == 0:
        return value, lows.combined(highs, lambda low, high: (low.loc[now] / high.loc[then], None))
    return value, lows.combined(
        highs, lambda low, high: (low.loc[now] / high.loc[then], high.loc[now] / low.loc[then])
    )


def _past_words(question: MirrorQuestion, direction: str, past: _Past) -> dict[str, str]:
    """Return the years compared, and "at least " where the source states no more than that."""
    words = {"year": str(past.now)}
    for name, then in (("since", past.since), ("before", past.before)):
        _, bounds = _multiple(past, then)
        open_end = bounds is not None and bounds.value[1] is None
        words |= {f"{name}-year": str(then), f"{name}-qualifier": "at least " if open_end else ""}
    return {
        f"{question.name}.{direction}.past.{past.side}.{key}": word for key, word in words.items()
    }
