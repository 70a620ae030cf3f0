"""The balance of a pair: what each reporter says of its exports to the other and its imports."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from flows.countries import country_name
from flows.findings import Findings, Number, Table
from flows.measure.trade_indices import Amount, import_share, normalised_balance
from flows.measure.trade_indices import balance as balance_of
from flows.origin import Made, call
from flows.studies.numbers import make_number, union_of
from flows.studies.profile.question import PairQuestion
from flows.studies.profile.sides import lines_of_year
from flows.studies.profile.stated import TOTAL, Statement, short_name
from flows.studies.profile.tables import (
    LAST,
    PERCENT,
    ends_of,
    in_millions,
    without_repeats,
)
from flows.studies.section import About
from flows.table import ORGANISATIONS, TIV, million_label

ABOUT = About(
    needs="both directions stated by one reporter, in one unit and calendar",
    tables=("balance", "balances"),
)

_PREFERRED = ("destination", "origin", "")
"""Bases that a balance is made of where a reporter states several."""

_COLUMNS = [
    *("reporter", "country", "partner", "dataset", "unit", "calendar", "year"),
    *("exports", "imports"),
    *("balance", "balance_low", "balance_high"),
    *("normalised", "normalised_low", "normalised_high"),
    *("import_share", "import_share_low", "import_share_high", "rows"),
]
_AMOUNTS = ("exports", "imports", "balance")
_OPEN = ["balance_low", "balance_high"]


def balance(question: PairQuestion, *, short: bool = False) -> Findings:
    """
    Set exports against imports as each reporter states both.

    Numbers ``<source>.<country>.import-share.<year>``; table ``balance``, or ``balances`` of one
    source a country in one currency where it has to be ``short``. Nothing where no reporter states
    both directions in one unit and calendar.
    """
    frame = balance_table(question.statements)
    if short:
        shown = _in_one_currency(frame)
        tables = [_short_table(shown, question.name)] if len(shown) else []
    else:
        tables = [_table(frame, question.name)] if len(frame) else []
    return Findings(numbers=tuple(_numbers(question, frame)), tables=tuple(tables))


def balance_table(statements: Sequence[Statement]) -> pd.DataFrame:
    """
    Return what each reporter says of its own exports to the other and imports from it, by year.

    One row a reporter, data set and year in which both directions are stated in one unit and
    calendar. ``balance`` is exports less imports; ``normalised`` is it over both together,
    ``import_share`` imports over both; each with the bounds that the amounts leave.
    """
    entries: list[dict[str, object]] = []
    for exports, imports in _own_statements(statements):
        for year in exports.years.index.intersection(imports.years.index):
            out, into = _amount(exports, year), _amount(imports, year)
            if out.value + into.value == 0:
                continue
            entries.append(
                {
                    "reporter": exports.reporter,
                    "country": exports.exporter,
                    "partner": exports.importer,
                    "dataset": exports.dataset,
                    "unit": exports.unit,
                    "calendar": exports.calendar,
                    "year": str(year),
                    "exports": out.value,
                    "imports": into.value,
                    **ends_of("balance", balance_of(out, into)),
                    **ends_of("normalised", normalised_balance(out, into)),
                    **ends_of("import_share", import_share(out, into)),
                    "rows": lines_of_year([exports, imports], str(year)),
                }
            )
    return pd.DataFrame(entries, columns=_COLUMNS)


def _own_statements(statements: Sequence[Statement]) -> Iterator[tuple[Statement, Statement]]:
    """Yield exports and imports of a reporter; an organisation speaks for the first country."""
    own = [statement for statement in statements if statement.classification == TOTAL]
    first = own[0].exporter if own else ""
    keys = dict.fromkeys(
        (statement.exporter, statement.reporter, statement.dataset, statement.unit)
        for statement in own
    )
    for country, reporter, dataset, unit in keys:
        speaker = first if reporter in ORGANISATIONS else reporter
        if speaker != country:
            continue
        mine = [
            statement
            for statement in own
            if (statement.reporter, statement.dataset, statement.unit) == (reporter, dataset, unit)
        ]
        exports = _preferred(statement for statement in mine if statement.exporter == country)
        imports = _preferred(statement for statement in mine if statement.importer == country)
        if exports and imports and exports.calendar == imports.calendar:
            yield exports, imports


def _preferred(statements: Iterable[Statement]) -> Statement | None:
    order = {basis: place for place, basis in enumerate(_PREFERRED)}
    return min(
        statements,
        key=lambda statement: (order.get(statement.partner_basis, len(order)), statement.valuation),
        default=None,
    )


def _amount(statement: Statement, year: Any) -> Amount:
    value, low, high = (
        float(ends.loc[year]) for ends in (statement.years, statement.low, statement.high)
    )
    return Amount(value, min(low, value), max(high, value))


def _numbers(question: PairQuestion, frame: pd.DataFrame) -> Iterator[Number]:
    """Yield the share of imports in the turnover."""
    own = {
        (exports.exporter, exports.reporter, exports.dataset, exports.unit): (exports, imports)
        for exports, imports in _own_statements(question.statements)
    }
    sources = [dataset.partition("@")[0] for dataset in frame["dataset"]]
    key = ["source", "country", "calendar", "year"]
    last = frame.assign(source=sources).drop_duplicates(key, keep="last")
    for row in last.sort_values(["source", "country", "year"]).to_dict("records"):
        exports, imports = own[row["country"], row["reporter"], row["dataset"], row["unit"]]
        share = call(
            import_share,
            _made_amount(question, exports, row["year"], "exports").arg,
            _made_amount(question, imports, row["year"], "imports").arg,
        )
        exact = share.value.low == share.value.high
        yield make_number(
            question.name,
            f"{row['source']}.{row['country'].lower()}.import-share.{row['year']}",
            share.part(lambda index: PERCENT * index.value),
            "%",
            f"Imports of {country_name(row['country'])} from {country_name(row['partner'])} in its "
            f"trade with it, exports and imports together, {row['year']}, {row['dataset']}.",
            digits=2,
            rows=row["rows"],
            bounds=None if exact else share.part(_percent_bounds),
        )


def _percent_bounds(index: Amount) -> tuple[float, float]:
    return PERCENT * index.low, PERCENT * index.high


def _made_amount(
    question: PairQuestion, statement: Statement, year: str, name: str
) -> Made[Amount | float]:
    """Return what is stated of a year: a number, or an amount with bounds where it has any."""
    label = year if isinstance(statement.years.index, pd.PeriodIndex) else int(year)
    value: Made[float] = question.years(statement).called(name).part(lambda years: years.loc[label])
    amount = _amount(statement, label)
    if amount.low == amount.high:
        return value
    low, high = value, value
    if amount.low < amount.value:
        low = (
            question.years(statement, bound="low")
            .called(f"{name}_low")
            .part(lambda ends: ends.loc[label])
        )
    if amount.high > amount.value:
        high = (
            question.years(statement, bound="high")
            .called(f"{name}_high")
            .part(lambda ends: ends.loc[label])
        )
    return call(Amount, value.arg, low.arg, high.arg).called(f"{name}_of_year")


def _table(frame: pd.DataFrame, name: str) -> Table:
    recent = frame.groupby(["dataset", "country"], sort=False).tail(LAST)
    printed = in_millions(recent, *_AMOUNTS).assign(
        unit=recent["unit"].map(million_label),
        import_share=recent["import_share"] * PERCENT,
        bound=np.where(np.isinf(recent["balance_high"]), "at least", "")
        + np.where(np.isinf(recent["balance_low"]), "at most", ""),
    )
    columns = {
        "country": "Country",
        "dataset": "Data set",
        "year": "Year",
        "unit": "Unit",
        "exports": "Exports",
        "imports": "Imports",
        "bound": "",
        "balance": "Balance",
        "normalised": "Balance, normalised",
        "import_share": "Imports, % of both",
    }
    return Table(
        id=f"{name}-balance",
        frame=printed[list(columns)].reset_index(drop=True),
        labels=columns,
        formats={**dict.fromkeys(_AMOUNTS, ",.1f"), "normalised": ".2f", "import_share": ".2f"},
        caption="Balance of trade as each reporter states it.",
        note=(
            "Exports less imports of the country; normalised by both together."
            + (
                " A source that states “more than” leaves the balance open on one side."
                if printed["bound"].any()
                else ""
            )
        ),
        rows=union_of(recent["rows"]),
    )


def _in_one_currency(frame: pd.DataFrame) -> pd.DataFrame:
    """
    Return of each country its own balances before others', where most years are stated.

    All in one currency: dollars, where anything is stated in them.
    """
    currencies = sorted(set(frame["unit"]) - {TIV})
    chosen = "USD" if "USD" in currencies else "".join(currencies[:1])
    priced = frame[frame["unit"] == chosen]
    own = priced[priced["reporter"] == priced["country"]]
    kept = []
    for _, stated in (own if len(own) else priced).groupby("country", sort=False):
        years = {str(dataset): len(rows) for dataset, rows in stated.groupby("dataset")}
        longest = max(years, key=lambda dataset: years[dataset])
        kept.append(stated[stated["dataset"] == longest].tail(LAST))
    return pd.concat(kept) if kept else priced


def _short_table(recent: pd.DataFrame, name: str) -> Table:
    columns = {
        "says": "Stated by",
        "year": "Year",
        "exports": "Exports",
        "imports": "Imports",
        "balance": "Balance",
        "import_share": "Imports, %",
    }
    printed = in_millions(recent, *_AMOUNTS).assign(
        says=recent["country"].map(country_name), import_share=recent["import_share"] * PERCENT
    )
    sources = recent.drop_duplicates("country")[["country", "dataset"]]
    by = ", ".join(
        f"of {country_name(country)} by {short_name(dataset)}"
        for country, dataset in sources.itertuples(index=False)
    )
    unbounded = np.isinf(recent[_OPEN]).any(axis=None)
    return Table(
        id=f"{name}-balances",
        frame=without_repeats(printed[list(columns)], "says"),
        labels=columns,
        formats={**dict.fromkeys(_AMOUNTS, ",.1f"), "import_share": ".1f"},
        caption=f"Balance of trade, {million_label(recent['unit'].iloc[0])}.",
        note=f"Exports less imports; imports in % of both; {by}."
        + (" Where a source states “more than”, the balance is open." if unbounded else ""),
        rows=union_of(recent["rows"]),
    )
