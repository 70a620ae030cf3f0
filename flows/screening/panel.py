"""All series of a table side by side: one row a series, one column a period."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from flows.canonical import exact_sums
from flows.errors import PeriodError, SchemaError, ScopeError, did_you_mean
from flows.measure.checks import (
    check_one_statement,
    check_one_unit,
    check_one_vintage,
    check_periods,
    check_split_by_year,
    select_flows,
    span_stated,
)
from flows.measure.pair_years import PAIR, PairSelection, check_pairs_kept
from flows.measure.whole_periods import are_months
from flows.models.sample import FloatArray
from flows.scope import scope_of
from flows.table import where

Frequency = Literal["year", "month"]
Absent = Literal["missing", "zero"]
Voice = Literal["exporter", "importer", "organisation"]

_MONTHS = 12
_EPOCH = {"year": 1970, "month": 1970 * _MONTHS}
_LETTER = {"year": "Y", "month": "M"}
VOICES: tuple[Voice, ...] = get_args(Voice)


@dataclass(frozen=True, slots=True)
class Asked:
    """
    Which series are asked for.

    ``freq``: what a column is; ``by_product``: whether each product is a series of its own;
    ``absent``: what a year without a statement is; ``start``, ``end``: first and last year, all
    without them; ``wanted``: values of other columns.
    """

    freq: Frequency
    by_product: bool
    absent: Absent
    start: int | None
    end: int | None
    wanted: Mapping[str, str | None]

    def __post_init__(self) -> None:
        for name, found, choices in (
            ("freq", self.freq, get_args(Frequency)),
            ("absent", self.absent, get_args(Absent)),
        ):
            if found not in choices:
                raise ValueError(
                    f"{name}: expected {' or '.join(choices)}, found {found!r}"
                    + did_you_mean(found, choices)
                )
        if self.absent == "zero" and self.freq != "year":
            raise ValueError(
                "absent='zero': expected freq='year', found 'month': sources say only of years "
                "that they count them in full"
            )
        if self.start is not None and self.end is not None and self.end < self.start:
            raise ValueError(f"expected start <= end, found start={self.start}, end={self.end}")

    @property
    def key(self) -> list[str]:
        """Columns that tell series apart."""
        return [*PAIR, "reporter", *(["product"] if self.by_product else [])]


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """
    Series on one calendar.

    ``keys``: one row a series: ``exporter``, ``importer``, ``reporter``, ``product`` where each is
    a series, and ``voice``, which of the two the reporter is; ``amounts``: shape ``(series,
    periods)``, NaN where nothing is stated; ``periods``: those of the columns, one after the other;
    ``rows``: the rows of the flow table that are asked for, those of partial years too;
    ``left_out``: one row a series and year that is stated in part, with the reason.
    """

    keys: pd.DataFrame
    amounts: FloatArray
    periods: pd.PeriodIndex
    unit: str
    rows: pd.DataFrame
    left_out: pd.DataFrame

    def within(self, start: int | None, end: int | None) -> "Panel":
        """Return the same series in some years; those without a value there are gone."""
        years = self.periods.year
        first = years.min() if start is None else start
        last = years.max() if end is None else end
        kept = (years >= first) & (years <= last)
        if not kept.any():
            raise SchemaError(
                f"expected rows in {first}-{last}, found those of {years.min()}-{years.max()}"
            )
        values = self.amounts[:, kept]
        stated = np.flatnonzero(~np.isnan(values).all(axis=1))
        inside = (self.rows["start"].dt.year >= first) & (self.rows["end"].dt.year <= last)
        out = self.left_out["period"].astype("int64")
        asked = (out >= (out.min() if start is None else start)) & (
            out <= (out.max() if end is None else end)
        )
        return replace(
            self,
            keys=self.keys.iloc[stated].reset_index(drop=True),
            amounts=values[stated],
            periods=self.periods[kept],
            rows=self.rows[inside],
            left_out=self.left_out[asked].reset_index(drop=True),
        )


def build_panel(table: pd.DataFrame, asked: Asked) -> Panel:
    """Return the series of a table, each as :func:`flows.series` has it, reporters apart."""
    rows = _checked(table, asked)
    whole, left_out = _whole(rows, asked)
    if whole.empty:
        raise PeriodError(
            f"expected a whole {asked.freq}, found none in {rows['start'].min().date()} to "
            f"{rows['end'].max().date()}"
        )
    series, keys = _numbered(whole, asked.key)
    first, last = int(whole["at"].min()), int(whole["at"].max())
    if asked.absent == "zero":
        span = _span(rows)
        first, last = min(first, span[0]), max(last, span[-1])
    width = last - first + 1
    cells = series * width + (whole["at"].to_numpy() - first)
    held, group = np.unique(cells, return_inverse=True)
    values = np.full((len(keys), width), np.nan)
    values.flat[held] = exact_sums(whole["value"].to_numpy(), group, len(held))
    if asked.absent == "zero":
        _fill(values, first, span, left_out, keys)
    panel = Panel(
        keys=keys.assign(voice=voices_of(keys)),
        amounts=values,
        periods=_periods(first, last, asked.freq),
        unit=str(rows["unit"].iloc[0]),
        rows=rows,
        left_out=left_out,
    )
    return panel.within(asked.start, asked.end)


def _checked(table: pd.DataFrame, asked: Asked) -> pd.DataFrame:
    """Return the rows that are asked for: one unit and vintage, each flow stated once a voice."""
    rows = select_flows(table, **asked.wanted)
    if rows.empty:
        raise SchemaError("expected rows of flows, found none; check what was filtered")
    check_pairs_kept(
        rows,
        PairSelection(
            start=asked.start,
            end=asked.end,
            calendar="gregorian",
            absent=asked.absent,
            group=None,
            wanted=asked.wanted,
        ),
    )
    check_one_unit(rows)
    check_one_vintage(rows)
    of = [*PAIR, "product"] if asked.by_product else PAIR
    voices = voices_of(rows)
    for voice in VOICES:
        own = rows[voices == voice]
        if len(own):
            check_one_statement(own, of=of)
    check_split_by_year(rows)
    return rows


def voices_of(rows: pd.DataFrame) -> pd.Series:
    """Return which side the reporter of each row is."""
    own = rows["reporter"]
    voice = np.select(
        [own == rows["importer"], own == rows["exporter"]], VOICES[1::-1], default=VOICES[2]
    )
    return pd.Series(voice, index=rows.index, dtype="str")


def _whole(rows: pd.DataFrame, asked: Asked) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Return the rows of whole periods, and the series and periods left out.

    A year is stated as such, or by twelve months that all flows of a series together have.
    """
    months = are_months(rows)
    start, end = rows["start"].dt, rows["end"].dt
    years = (start.day_of_year == 1) & (end.month == _MONTHS) & (end.day == 31)  # noqa: PLR2004
    years &= start.year == end.year
    foreign = ~months if asked.freq == "month" else ~months & ~years
    if foreign.any():
        raise PeriodError(
            f"expected {'months' if asked.freq == 'month' else 'calendar years or months'}, found "
            f"other periods at {where(rows[foreign])}; leave them out, or take fl.series, which "
            "re-cuts periods of any calendar"
        )
    for _, part in rows[years | months].groupby([voices_of(rows), years], sort=False):
        check_periods(part)
    if asked.freq == "month":
        at = rows["start"].dt.year * _MONTHS + rows["start"].dt.month - 1
        return rows.assign(at=at), _none_left_out(asked.key)
    at = rows["start"].dt.year
    if years.all():
        return rows.assign(at=at), _none_left_out(asked.key)
    return _with_years_of_months(rows.assign(at=at), years, asked.key)


def _with_years_of_months(
    rows: pd.DataFrame, years: pd.Series, key: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    flow = list(dict.fromkeys([*key, "product", "at"]))
    stated = pd.MultiIndex.from_frame(rows.loc[years, flow])
    by_month = ~years & ~pd.MultiIndex.from_frame(rows[flow]).isin(stated)
    months = rows[by_month].assign(month=rows["start"].dt.month)
    counts = months.groupby([*key, "at"], sort=True)["month"].nunique()
    partial = counts[counts < _MONTHS]
    used: pd.DataFrame = rows[years | by_month]
    inside = pd.MultiIndex.from_frame(used[[*key, "at"]]).isin(partial.index)
    frame = partial.reset_index()
    left_out = frame[key].assign(
        period=frame["at"].astype("str"),
        reason=[f"{months} of {_MONTHS} months" for months in frame["month"]],
    )
    return used[~inside], left_out


def _none_left_out(key: list[str]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype="str") for name in [*key, "period", "reason"]})


def _numbered(rows: pd.DataFrame, key: Sequence[str]) -> tuple[npt.NDArray[np.intp], pd.DataFrame]:
    """Return the number of each row's series, and the keys of the series in their order."""
    codes = np.zeros(len(rows), dtype=np.int64)
    levels = []
    for name in key:
        column, names = pd.factorize(rows[name], sort=True)
        codes = codes * len(names) + column
        levels.append(names)
    held, series = np.unique(codes, return_inverse=True)
    columns = {}
    for name, names in zip(reversed(key), reversed(levels), strict=True):
        held, place = np.divmod(held, len(names))
        columns[name] = names[place]
    return series, pd.DataFrame({name: columns[name] for name in key})


def _periods(first: int, last: int, freq: Frequency) -> pd.PeriodIndex:
    begin = pd.Period(ordinal=first - _EPOCH[freq], freq=_LETTER[freq])
    return pd.period_range(begin, periods=last - first + 1, name=freq)


def _span(rows: pd.DataFrame) -> range:
    """Return the years in which no row is no trade."""
    scope = scope_of(str(rows["dataset"].iloc[0]))
    if scope is not None and scope.partners == "largest":
        raise ScopeError(
            f"absent='zero': expected all partners, found the largest alone in "
            f"{rows['dataset'].iloc[0]}: a year without a row is not one without trade"
        )
    return span_stated(rows)


def _fill(
    values: FloatArray, first: int, span: range, left_out: pd.DataFrame, keys: pd.DataFrame
) -> None:
    """Put a zero where the data set counts a year and a series has no row in it."""
    inside = values[:, span[0] - first : span[-1] - first + 1]
    empty = np.isnan(inside)
    if len(left_out):
        names = list(keys.columns)
        place = pd.MultiIndex.from_frame(keys).get_indexer(
            pd.MultiIndex.from_frame(left_out[names])
        )
        years = left_out["period"].astype("int64").to_numpy() - span[0]
        known = (place >= 0) & (years >= 0) & (years < len(span))
        empty[place[known], years[known]] = False
    inside[empty] = 0.0
