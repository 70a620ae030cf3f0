"""What is no longer sent to the destination, held against what is sent more to others."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from flows.countries import country_name
from flows.errors import PeriodError, SchemaError, ScopeError
from flows.findings import Findings, Number, Table
from flows.origin import Made
from flows.studies.numbers import join_words, make_number, spelled
from flows.studies.section import About
from flows.studies.transit.dated import add_up
from flows.studies.transit.question import (
    MILLION,
    Span,
    TransitQuestion,
    decimals_of,
    rows_of,
    span_of,
)
from flows.table import Rows

ABOUT = About(needs="the exporters’ statement of what they send to `destination`", tables=("lost",))


def lost(question: TransitQuestion) -> Findings:
    """
    Hold what the exporters send less to the destination against what they send more to others.

    All in the currency in which they state it. Numbers ``lost.before`` and ``.after`` (yearly
    means), ``.last-before`` and ``.last-after`` (years), ``.fall`` (sum over the years after of
    what is below the mean before); ``lost.offset.via``, ``.offset.<code>`` of each of the others
    and ``.offset.all`` in percent of the fall, where there is one. Words ``lost.refused``,
    ``lost.fell``, ``lost.via-rose``, ``lost.all-rose``, ``lost.several``,
    ``lost.receivers`` and ``lost.missing`` (names); table ``lost``.
    """
    accounts, refused = _accounts(question)
    name = question.name
    if question.destination in refused:
        words = {"refused": refused[question.destination]}
        return Findings(words={f"{name}.lost.{key}": word for key, word in words.items()})
    balance = _Balance(question, accounts)
    return Findings(
        numbers=(*_levels(balance), *_offsets(balance)),
        tables=(_table(balance),),
        words={f"{name}.lost.{key}": word for key, word in _words(balance, refused).items()},
    )


def _accounts(question: TransitQuestion) -> tuple[dict[str, Made[pd.Series]], dict[str, str]]:
    """Return what is sent to each country by year, and why there is none of some."""
    accounts, refused = {}, {}
    for country in (question.destination, *question.receivers):
        try:
            yearly = question.sent(country, freq="year", own=True)
            question.check_years(yearly)
        except (PeriodError, SchemaError, ScopeError) as error:
            refused[country] = str(error)
        else:
            accounts[country] = yearly
    return accounts, refused


@dataclass(frozen=True, eq=False)
class _Balance:
    """What is sent to the destination and to others, by year, in million."""

    question: TransitQuestion
    yearly: Mapping[str, Made[pd.Series]]

    @property
    def receivers(self) -> list[str]:
        """The country in the middle and those beside it that the data have."""
        return [country for country in self.question.receivers if country in self.yearly]

    @property
    def to_destination(self) -> Made[pd.Series]:
        return self.yearly[self.question.destination]

    @property
    def unit(self) -> str:
        return f"{self.question.stated_in} million"

    @cached_property
    def fall(self) -> Made[float]:
        """What is below the mean before, added up over the years after."""
        return self.fall_from(self.question.before)

    def fall_from(self, base: Span) -> Made[float]:
        """Return what is below the mean of a base, added up over the years after."""
        return self.question.additional(self.to_destination, base=base).part(lambda more: -more)

    def more(self, countries: list[str], base: Span) -> Made[float]:
        """Return what is above the mean of a base, added up over years and countries."""
        return add_up(
            self.question.additional(self.yearly[country], base=base) for country in countries
        )

    def offset(self, countries: list[str]) -> Made[float]:
        """Return what is above the mean before, in percent of the fall."""
        more = self.more(countries, self.question.before)
        return more.combined(self.fall, lambda above, below: 100 * above / below)

    @property
    def groups(self) -> dict[str, list[str]]:
        """Countries by the name in ids under which they are held against the fall."""
        single = {"via" if one == self.question.via else one: [one] for one in self.receivers}
        return {**single, "all": self.receivers} if single else {}

    @cached_property
    def rising(self) -> dict[str, list[str]]:
        """Groups to which more was sent, if less was sent to the destination."""
        if self.fall.value <= 0:
            return {}
        base = self.question.before
        return {key: one for key, one in self.groups.items() if self.more(one, base).value > 0}


def _levels(balance: _Balance) -> Iterator[Number]:
    question, yearly = balance.question, balance.to_destination
    last = {"last-before": question.before[1], "last-after": question.after[1]}
    spans = {"before": question.before, "after": question.after}
    of = f"Exports of {question.origin_name} to {question.words['destination']}"
    means = {
        key: (
            question.mean_of(span, yearly).part(lambda mean: mean / MILLION),
            f"{of}, yearly mean of {span_of(span)}.",
        )
        for key, span in spans.items()
    }
    years = {
        key: (question.in_year(year, yearly), f"{of} in {year}.") for key, year in last.items()
    }
    for key, (value, about) in {**means, **years}.items():
        yield _number(balance, key, value, balance.unit, about, rows=rows_of(yearly))
    about = (
        f"{of}: what is below the mean of {span_of(question.before)}, "
        f"{span_of(question.after)} together."
    )
    yield _number(balance, "fall", balance.fall, balance.unit, about, rows=rows_of(yearly))


def _offsets(balance: _Balance) -> Iterator[Number]:
    """Yield what additional exports are of the fall."""
    question = balance.question
    for key, countries in balance.rising.items():
        names = join_words([country_name(country) for country in countries])
        yield _number(
            balance,
            f"offset.{key}",
            balance.offset(countries),
            "%",
            f"Additional exports of {question.origin_name} to {names}, {span_of(question.after)}, "
            f"in percent of the fall of those to {question.words['destination']}.",
            rows=rows_of(balance.to_destination, *(balance.yearly[one] for one in countries)),
        )


def _number(
    balance: _Balance, key: str, value: Made[float], unit: str, about: str, *, rows: Rows
) -> Number:
    digits = 1 if unit == "%" else decimals_of(value.value)
    return make_number(
        balance.question.name, f"lost.{key}", value, unit, about, digits=digits, rows=rows
    )


def _words(balance: _Balance, refused: Mapping[str, str]) -> dict[str, str]:
    receivers = [country_name(country) for country in balance.receivers]
    return {
        "refused": "",
        "fell": "yes" if balance.fall.value > 0 else "",
        "receivers": join_words(receivers, nothing=""),
        "several": "yes" if len(receivers) > 1 else "",
        "missing": join_words([country_name(country) for country in refused], nothing=""),
        "via-rose": "yes" if "via" in balance.rising else "",
        "all-rose": "yes" if "all" in balance.rising else "",
    }


def _table(balance: _Balance) -> Table:
    question = balance.question
    groups = [[question.destination], *balance.groups.values()]
    before, after = span_of(question.before), span_of(question.after)
    last = {"more_last": f"More than {question.before[1]}", "offset_last": "% of the fall"}
    if len(question.bases_before) == 1:
        last = {}
    return Table(
        id=f"{question.name}-lost",
        frame=pd.DataFrame([_row(balance, countries) for countries in groups]).drop_duplicates(),
        labels={
            "to": "Exports to",
            "before": f"Mean {before}",
            "after": f"Mean {after}",
            "more": f"More than {before}",
            "offset": "% of the fall",
            **last,
        },
        formats={
            name: ".1f" if name.startswith("offset") else ",.1f"
            for name in ("before", "after", "more", "offset", *last)
        },
        caption=(
            f"What {question.origin_name} sends less to {question.words['destination']} and more "
            f"to others, {question.stated_in} million."
        ),
        note=(
            f"More than: sum of {after}, less as many times the yearly mean of the years in the "
            "heading. A minus sign: it fell. All as the exporters state it, at current prices."
        ),
        rows=rows_of(*balance.yearly.values()),
    )


def _row(balance: _Balance, countries: list[str]) -> dict[str, object]:
    """Return a row of the table; the part of a fall is empty where nothing fell or rose."""
    question = balance.question
    spans = {"before": question.before, "after": question.after}
    means = {
        when: sum(question.mean_of(span, balance.yearly[one]).value for one in countries) / MILLION
        for when, span in spans.items()
    }
    names = [country_name(country) for country in countries]
    row = {"to": names[0] if len(names) == 1 else f"all {spelled(len(names))}", **means}
    for end, base in zip(("", "_last"), question.bases_before, strict=False):
        more, fall = balance.more(countries, base).value, balance.fall_from(base).value
        row[f"more{end}"] = more
        row[f"offset{end}"] = 100 * more / fall if fall > 0 and more > 0 else math.nan
    return row
