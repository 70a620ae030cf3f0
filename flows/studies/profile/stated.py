"""What is stated about a pair: each statement of its flows as one series over time."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from flows.countries import country_name
from flows.errors import PeriodError, SampleError, SchemaError
from flows.measure.checks import rows_by_dataset, select_flows
from flows.measure.timeseries import Bound, series
from flows.measure.whole_periods import Frequency
from flows.models.breaks import find_breaks
from flows.models.sample import Season
from flows.models.trend import fit_trend
from flows.origin import Made, call
from flows.periods import Calendar, Period
from flows.scope import own_file
from flows.table import ORGANISATIONS, Rows

_KEY = [
    *("exporter", "importer", "reporter", "dataset", "classification", "unit"),
    *("valuation", "partner_basis", "coverage"),
]
_ASKED = ("reporter", "dataset", "partner_basis")
"""Those of the key that :func:`flows.series` takes itself."""

_CALENDARS: tuple[Calendar, ...] = (
    *("gregorian", "solar-hijri", "india-fiscal", "pakistan-fiscal", "nepal-fiscal"),
    *("ethiopia-fiscal", "bikram-sambat", "ethiopian"),
)
TOTAL = "TOTAL"
_LONGEST_MONTH = 32
LEVEL = 0.95
FEWEST: Mapping[Frequency, int] = {"month": 36, "year": 12}
"""Periods that growth is estimated from at the least: fewer leave an interval that says nothing."""

_FEWEST_FOR_BREAKS, _FEWEST_FOR_SEASONS = 20, 96
_BASES = ("origin", "destination", "")
_NAMES = {
    "armstat": "Armstat",
    "comtrade": "Comtrade",
    "cow": "COW",
    "irica": "IRICA",
    "sipri": "SIPRI",
    "wits": "WITS",
}


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """
    What one reporter states of one flow in one data set, on one basis.

    Parameters
    ----------
    exporter, importer, reporter, dataset, classification, unit, valuation, partner_basis, coverage
        As in the flow table.
    calendar : str
        Of its years.
    by : {"month", "year"}
        How it is stated.
    rows : pandas.DataFrame
        Rows of the flow table.
    years : pandas.Series
        Values by whole year of ``calendar``, in ``unit``; may be empty.
    low, high : pandas.Series
        What the source does not exclude, by the same years; ``high`` may be infinite.
    """

    exporter: str
    importer: str
    reporter: str
    dataset: str
    classification: str
    unit: str
    valuation: str
    partner_basis: str
    coverage: str
    calendar: Calendar
    by: Frequency
    rows: pd.DataFrame
    years: pd.Series
    low: pd.Series
    high: pd.Series

    @property
    def title(self) -> str:
        """The direction, ``Iran to Armenia``."""
        return f"{country_name(self.exporter)} to {country_name(self.importer)}"

    @property
    def says(self) -> str:
        """Who states it, by name, or by its own name for an organisation."""
        return self.reporter if self.reporter in ORGANISATIONS else country_name(self.reporter)

    @property
    def basis(self) -> str:
        """What is counted, at which value and for which partner."""
        return basis_words(self.coverage, self)

    @property
    def lines(self) -> Rows:
        """Lines of the raw files by data set."""
        return rows_by_dataset(self.rows)

    @property
    def gaps(self) -> int:
        """Periods between the first and the last that are not stated."""
        starts = self.rows["start"].drop_duplicates()
        if self.by == "month":
            months = starts.dt.year * 12 + starts.dt.month
            return int(months.max() - months.min() + 1 - months.nunique())
        years = starts.dt.year
        return int(years.max() - years.min() + 1 - years.nunique())


@dataclass(frozen=True, slots=True)
class Dynamics:
    """
    How a statement moved.

    Parameters
    ----------
    growth, low, high : float
        Percent a year with its interval; missing where it was not estimated.
    breaks : tuple of str
        First periods of new regimes of its growth.
    note : str
        Why something was not estimated; empty if all was.
    """

    growth: float
    low: float
    high: float
    breaks: tuple[str, ...]
    note: str


def basis_words(coverage: str, statement: Statement) -> str:
    """Return what a statement counts: its coverage in these words, its valuation and basis."""
    words = (coverage, statement.valuation, statement.partner_basis)
    return ", ".join(word for word in words if word)


def latest_releases(
    table: pd.DataFrame, *, exporter: str, importer: str
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """
    Keep the latest release of each data set that states something about a pair.

    Returns the rows of the releases that are kept, those of other countries too, and the ids of
    those that are not. Data sets that one organisation makes in one unit, such as SIPRI's tables
    and its deals, are releases of the same thing; so are those of a country whose ids differ in
    the vintage only.

    >>> rows = pd.DataFrame({
    ...     "exporter": "ISR", "importer": "AZE", "reporter": "SIPRI", "unit": "TIV",
    ...     "dataset": ["sipri-tiv-table@2026-03", "sipri-deal-years@2025-03"],
    ... })
    >>> kept, older = latest_releases(rows, exporter="ISR", importer="AZE")
    >>> kept["dataset"].tolist(), older
    (['sipri-tiv-table@2026-03'], ('sipri-deal-years@2025-03',))
    """
    pair = {exporter, importer}
    about = table[table["exporter"].isin(pair) & table["importer"].isin(pair)]
    kinds = about[["dataset", "reporter", "unit"]].drop_duplicates()
    last: dict[tuple[str, ...], str] = {}
    for dataset, reporter, unit in kinds.itertuples(index=False):
        source = dataset.partition("@")[0]
        family = (reporter, unit) if reporter in ORGANISATIONS else (source,)
        last[family] = max(last.get(family, dataset), dataset, key=_age)
    older = sorted(set(kinds["dataset"]) - set(last.values()))
    return table[~table["dataset"].isin(older)], tuple(older)


def _age(dataset: str) -> tuple[list[int], str]:
    """Return the numbers of a vintage, so that 10.0 follows 4.0."""
    vintage = dataset.partition("@")[2]
    return [int(number) for number in re.findall(r"\d+", vintage)], dataset


def list_statements(table: pd.DataFrame, *, exporter: str, importer: str) -> list[Statement]:
    """
    Return every statement about a pair: the first direction, then the other.

    Raises :class:`SchemaError` if nothing is stated.

    >>> import flows as fl
    >>> trade = fl.load("irica-press@2024-09")
    >>> [(statement.title, statement.calendar, statement.by, len(statement.years))
    ...  for statement in list_statements(trade, exporter="IRN", importer="ARM")]
    [('Iran to Armenia', 'solar-hijri', 'year', 7), ('Armenia to Iran', 'solar-hijri', 'year', 5)]
    """
    names = f"{country_name(exporter)} and {country_name(importer)}"
    statements: list[Statement] = []
    for sender, receiver in ((exporter, importer), (importer, exporter)):
        rows = table[(table["exporter"] == sender) & (table["importer"] == receiver)]
        rows = rows[rows["value"].notna()]
        statements += [_statement(group) for _, group in rows.groupby(_KEY, sort=True)]
    if not statements:
        raise SchemaError(f"expected statements about trade of {names}, found none")
    return statements


def describe_dynamics(statement: Statement) -> Dynamics:
    """Estimate growth and breaks, of months where it states months, as far as it is long enough."""
    y = _finest(statement)
    none = (math.nan, math.nan, math.nan)
    why = _no_growth(statement, y)
    if why:
        return Dynamics(*none, (), f"no growth: {why}")
    try:
        fit = fit_trend(y, form="log", se="orthogonal-series", level=LEVEL)
    except SampleError as error:
        return Dynamics(*none, (), f"no growth: {error}")
    breaks, note = _breaks(y)
    return Dynamics(fit.growth_pct, *fit.growth_interval(), breaks, note)


def _no_growth(statement: Statement, y: pd.Series) -> str:
    """Return why no growth is estimated; what a census of deliveries does not list was none."""
    if (y <= 0).any() or (statement.unit == "TIV" and statement.gaps):
        return "zeros"
    return f"{len(y)} periods only" if len(y) < FEWEST[statement.by] else ""


def _breaks(y: pd.Series) -> tuple[tuple[str, ...], str]:
    if len(y) < _FEWEST_FOR_BREAKS:
        return (), f"no breaks looked for: {len(y)} periods only"
    by_month = isinstance(y.index, pd.PeriodIndex) and y.index.freqstr == "M"
    season: Season = "dummies" if by_month and len(y) >= _FEWEST_FOR_SEASONS else "none"
    fit = find_breaks(pd.Series(np.log(y), index=y.index), regime="trend", season=season)
    return tuple(str(date) for date in fit.break_dates), ""


def _finest(statement: Statement) -> pd.Series:
    """Return the months of a statement if it has months throughout, else its years."""
    if statement.by == "month" and statement.calendar == "gregorian":
        return _series(statement.rows, "month", "gregorian")
    return statement.years


def _statement(rows: pd.DataFrame) -> Statement:
    calendar, by = _calendar(rows)
    years = _years(rows, calendar)
    return Statement(
        **{column: str(rows[column].iloc[0]) for column in _KEY},
        calendar=calendar,
        by=by,
        rows=rows,
        years=years,
        low=_bound(rows, "low", years, calendar),
        high=_bound(rows, "high", years, calendar),
    )


def _bound(rows: pd.DataFrame, bound: Bound, years: pd.Series, calendar: Calendar) -> pd.Series:
    """Return bounds by year; most sources give a value and no other bound than itself."""
    exact = bool((rows[bound] == rows["value"]).all())
    return years if exact else _years(rows, calendar, bound=bound)


def _years(rows: pd.DataFrame, calendar: Calendar, *, bound: Bound | None = None) -> pd.Series:
    try:
        return _series(rows, "year", calendar, bound=bound)
    except PeriodError:  # only parts of years are stated
        return pd.Series(dtype="float64", index=pd.Index([], dtype="int64"))


def _series(
    rows: pd.DataFrame, freq: Frequency, calendar: Calendar, *, bound: Bound | None = None
) -> pd.Series:
    exporter, importer = (str(rows[side].iloc[0]) for side in ("exporter", "importer"))
    return series(
        rows, exporter=exporter, importer=importer, freq=freq, calendar=calendar, bound=bound
    )


def make_years(
    trade: Made[pd.DataFrame], statement: Statement, *, bound: Bound | None = None
) -> Made[pd.Series]:
    """Return the years of a statement, or a bound of them, as the call that gives them."""
    flow = {"exporter": statement.exporter, "importer": statement.importer}
    rows = select_flows(trade.value, **flow)
    told_apart = {
        column: str(getattr(statement, column)) for column in _KEY if len(rows[column].unique()) > 1
    }
    own = {column: told_apart.pop(column) for column in _ASKED if column in told_apart}
    table = trade
    if told_apart:
        table = call(select_flows, trade.arg, **flow, **told_apart)
    if select_flows(rows, **own, **told_apart)["value"].isna().any():
        table = table.part(lambda stated: stated.dropna(subset=["value"]))
    arguments: dict[str, Any] = {**flow, "freq": "year", **own}
    if statement.calendar != "gregorian":
        arguments["calendar"] = statement.calendar
    if bound is not None:
        arguments["bound"] = bound
    return call(series, table.arg, **arguments)


def _calendar(rows: pd.DataFrame) -> tuple[Calendar, Frequency]:
    """Return in which calendar a statement has most whole years, and how it is stated."""
    days = list(zip(rows["start"].dt.date, rows["end"].dt.date, strict=True))
    months = [
        (month.start, month.end)
        for start, _ in days
        for month in [Period.month(start.year, start.month)]
    ]
    if days == months:
        return "gregorian", "month"
    counts = {calendar: _whole_years(rows, calendar) for calendar in _CALENDARS}
    best = max(counts, key=lambda calendar: counts[calendar])
    short = (rows["end"] - rows["start"]).dt.days < _LONGEST_MONTH
    return (best if counts[best] else "gregorian"), ("month" if short.all() else "year")


def _whole_years(rows: pd.DataFrame, calendar: Calendar) -> int:
    start, end = rows["start"].min().date(), rows["end"].max().date()
    years = Period.between(start, end, calendar=calendar, span="year")
    ends = {year.start: year.end for year in years}
    return sum(
        ends.get(start.date()) == end.date()
        for start, end in zip(rows["start"], rows["end"], strict=True)
    )


def short_name(dataset: str) -> str:
    """
    Return how a narrow column or a line of a figure names a data set: publisher and vintage.

    >>> short_name("sipri-tiv-table@2026-03"), short_name("my.csv@3fa9c1d2")
    ('SIPRI 2026-03', 'my')
    """
    source, at, vintage = dataset.partition("@")
    if not at or own_file(dataset) is not None:
        return source.partition(".")[0]
    return f"{_NAMES.get(source.split('-')[0], source)} {vintage}".strip()


def preferred(statements: Sequence[Statement]) -> list[Statement]:
    """
    Return of each reporter, flow, unit and data set what it states of all goods, on one basis.

    Without single products beside a total of the same reporter, nor consignment beside origin.
    """
    kept = [
        statement
        for statement in statements
        if statement.classification == TOTAL
        or not any(
            other.classification == TOTAL and _same(statement, other) for other in statements
        )
    ]
    return [
        statement
        for statement in kept
        if not any(
            _same(statement, other)
            and (statement.dataset, statement.classification)
            == (other.dataset, other.classification)
            and _rank(other) < _rank(statement)
            for other in kept
        )
    ]


def _same(statement: Statement, other: Statement) -> bool:
    return (statement.exporter, statement.importer, statement.reporter, statement.unit) == (
        other.exporter,
        other.importer,
        other.reporter,
        other.unit,
    )


def _rank(statement: Statement) -> int:
    return (
        _BASES.index(statement.partner_basis) if statement.partner_basis in _BASES else len(_BASES)
    )
