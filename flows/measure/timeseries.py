"""Flows over time: one by month or year of any calendar, all suppliers by year, ratios of two."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

import pandas as pd

from flows.canonical import exact_sum
from flows.countries import country_name
from flows.errors import PeriodError, SchemaError, UnitError
from flows.measure.checks import (
    check_one_scope,
    check_one_statement,
    check_periods,
    check_split_by_year,
    check_stated_once,
    rows_by_dataset,
    select_flows,
    span_stated,
)
from flows.measure.covering import check_kept, cover_of, stated_reason
from flows.periods import Calendar, Period, Span, numbered_periods, recut
from flows.scope import check_all_there
from flows.table import Rows, where

Frequency = Literal["month", "quarter", "half-year", "year"]
Absent = Literal["missing", "zero"]
Bound = Literal["low", "high"]

_LONGEST_MONTH = 32

_FIRST_ORDINAL = {"year": 1970, "quarter": 1970 * 4, "month": 1970 * 12}


def series(
    table: pd.DataFrame,
    *,
    exporter: str,
    importer: str,
    freq: Frequency,
    calendar: Calendar = "gregorian",
    reporter: str | None = None,
    partner_basis: str | None = None,
    product: str | None = None,
    dataset: str | None = None,
    absent: Absent = "missing",
    bound: Bound | None = None,
) -> pd.Series:
    """
    Return one flow as a series over time.

    Parameters
    ----------
    table : pandas.DataFrame
        Flow table.
    exporter, importer : str
        Alpha-3 codes.
    freq : {"month", "quarter", "half-year", "year"}
        A year, half-year or quarter that the source states is taken as stated; any other is put
        together from its months, cut by days where the calendars differ, if all of them are there.
    calendar : str
        Whose years, half-years or quarters; see :data:`flows.periods.Calendar`.
    reporter, partner_basis, product, dataset : str, optional
        Which statement of the flow, where the table holds several.
    absent : {"missing", "zero"}
        What a calendar year without a statement is. By default it is not there: missing is not
        zero. In a census, such as SIPRI's deliveries, nothing found in a year that is counted is
        ``"zero"``; the data set has to say which years it counts.
    bound : {"low", "high"}, optional
        What the source does not exclude, instead of what it states: 0 where it names no lower
        bound, infinity where it names no upper one ("more than").

    Returns
    -------
    pandas.Series
        Values in the unit of the rows. The index is a ``PeriodIndex``; for years of another
        calendar than the Gregorian an index of their numbers, named after it
        (``solar_hijri_year``); for half-years, and for quarters of another calendar, one of their
        labels. ``attrs``: ``unit``; ``rows``, the lines of the raw files by data set; ``left_out``,
        each period that has a statement for only a part of it, with the reason; ``zeros``, the
        years that were filled with zero. Where several products are summed, one without a row in a
        period adds nothing.

    Raises
    ------
    DoubleCountError
        If the flow is stated more than once: two reporters, bases or vintages, or two rows for
        the same days.
    UnitError
        If the rows have two units.
    PeriodError
        If months are asked for and a row is not a month, no period is covered, or zeros are asked
        for and the data set does not say which years it counts.
    SchemaError
        If no row is left, or the size of a flow is not published.
    ValueError
        If ``freq``, ``absent`` or ``bound`` is unknown, months of another calendar than the
        Gregorian are asked for, or zeros of anything but calendar years.

    Examples
    --------
    >>> from flows.table import check_flows
    >>> trade = check_flows(pd.DataFrame({
    ...     "start": pd.date_range("2023-01-01", periods=12, freq="MS"),
    ...     "end": pd.date_range("2023-01-01", periods=12, freq="ME"),
    ...     "line": range(2, 14),
    ... }).assign(
    ...     exporter="IRN", importer="ARM", reporter="ARM", product="TOTAL",
    ...     classification="TOTAL", value=50e6, unit="USD", low=50e6, high=50e6, valuation="CIF",
    ...     partner_basis="origin", coverage="all goods", estimate=False, dataset="armstat@2025-02",
    ... ))
    >>> series(trade, exporter="IRN", importer="ARM", freq="year").to_dict()
    {Period('2023', 'Y-DEC'): 600000000.0}
    """
    if freq not in get_args(Frequency):
        raise ValueError(f"freq: expected {' or '.join(get_args(Frequency))}, found {freq!r}")
    if freq == "month" and calendar != "gregorian":
        raise ValueError(
            f"freq='month': expected calendar='gregorian', found {calendar!r}: months are compared "
            "in that calendar only; take freq='year' for another"
        )
    if absent not in get_args(Absent):
        raise ValueError(f"absent: expected {' or '.join(get_args(Absent))}, found {absent!r}")
    if absent == "zero" and (freq, calendar) != ("year", "gregorian"):
        raise ValueError(
            "absent='zero': expected freq='year' and calendar='gregorian', found "
            f"freq={freq!r} and calendar={calendar!r}: sources say only of calendar years that "
            "they count them in full"
        )
    rows = select_flows(
        table,
        exporter=exporter,
        importer=importer,
        dataset=dataset,
        reporter=reporter,
        partner_basis=partner_basis,
        product=product,
    )
    check_one_statement(rows)
    check_split_by_year(rows)
    _check_periods_kept(rows, product=product, all_years=absent == "zero")
    if bound is not None:
        rows = _at_bound(rows, bound)
    used, left_out = (_months(rows), {}) if freq == "month" else _spans(rows, calendar, freq)
    values = used.groupby("at", sort=True)["value"].agg(exact_sum)
    zeros: list[int] = []
    if absent == "zero":
        zeros = [
            year
            for year in span_stated(rows)
            if year not in values.index and str(year) not in left_out
        ]
        values = pd.concat([values, pd.Series(0.0, index=zeros)]).sort_index()
    values.index = _index(values.index, used, freq, calendar)
    values.name = f"{exporter} to {importer}"
    values.attrs = {
        "unit": str(rows["unit"].iloc[0]),
        "rows": rows_by_dataset(used),
        "left_out": left_out,
        "zeros": tuple(zeros),
    }
    return values


def _check_periods_kept(rows: pd.DataFrame, *, product: str | None, all_years: bool) -> None:
    """Check that no row of a flow was taken out of a period that is there, or of any year."""
    if stated_reason(rows) is not None:
        return
    exporter, importer = rows[["exporter", "importer"]].iloc[0]
    there = pd.MultiIndex.from_frame(rows[["start", "end"]].drop_duplicates())

    def needed(entries: pd.DataFrame) -> pd.Series:
        mine = (entries["exporter"] == exporter) & (entries["importer"] == importer)
        if product is not None:
            mine &= entries["product"] == product
        if all_years:
            return pd.Series(mine)
        periods = pd.MultiIndex.from_frame(entries[["start", "end"]])
        return pd.Series(mine & periods.isin(there))

    check_all_there(
        rows,
        needed=needed,
        instead="name what is wanted by product=, reporter=, partner_basis= or dataset=",
    )


def _at_bound(rows: pd.DataFrame, bound: Bound) -> pd.DataFrame:
    """Return the rows with a bound in place of their value."""
    if bound not in get_args(Bound):
        raise ValueError(f"bound: expected {' or '.join(get_args(Bound))}, found {bound!r}")
    return rows.assign(value=rows[bound].fillna(0.0 if bound == "low" else math.inf))


def _months(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with the number of their month in ``at``."""
    months = [Period.month(day.year, day.month) for day in rows["start"]]
    wrong = [
        (start.date(), end.date()) != (month.start, month.end)
        for start, end, month in zip(rows["start"], rows["end"], months, strict=True)
    ]
    if any(wrong):
        raise PeriodError(
            f"expected months, found other periods at {where(rows[wrong])}; ask for freq='year'"
        )
    check_stated_once(rows)
    return rows.assign(at=rows["start"].dt.year * 12 + rows["start"].dt.month - 1)


def _spans(
    rows: pd.DataFrame, calendar: Calendar, span: Span
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return the rows of each whole period with its number in ``at``, and the periods left out."""
    used, left_out = [], {}
    for number, period in _touched(rows, calendar, span):
        try:
            parts = _parts_of(rows, period)
        except PeriodError as error:
            left_out[period.label] = str(error)
            continue
        used.append(parts.assign(at=number, label=period.label))
    if not used:
        raise PeriodError(
            f"expected a whole {calendar} {span} or all of its months, "
            f"found none in {rows['start'].min().date()} to {rows['end'].max().date()}"
        )
    return pd.concat(used), left_out


def _touched(rows: pd.DataFrame, calendar: Calendar, span: Span) -> Iterator[tuple[int, Period]]:
    """Yield the periods for which there is a row, if only for some days of them."""
    first, last = date(rows["start"].min().year - 1, 1, 1), date(rows["end"].max().year + 1, 12, 31)
    for number, period in numbered_periods(first, last, calendar=calendar, span=span):
        if _touching(rows, period).any():
            yield number, period


def _parts_of(rows: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Return the statement of a period, or its months with the values that fall into it."""
    stated = rows[_same_days(rows, period)]
    if len(stated):
        check_periods(stated)
        return stated
    short = (rows["end"] - rows["start"]).dt.days < _LONGEST_MONTH
    months = rows[short & _touching(rows, period)]
    if len(months):
        check_periods(months)
    per_month = pd.DataFrame(
        months.groupby(["start", "end"], as_index=False)["value"].agg(exact_sum)
    )
    weights = recut(per_month, period).rows[["start", "end", "weight"]]
    parts = months.merge(weights, on=["start", "end"])
    return parts.assign(value=parts["value"] * parts["weight"])


def _touching(rows: pd.DataFrame, period: Period) -> pd.Series:
    start, end = pd.Timestamp(period.start), pd.Timestamp(period.end)
    return (rows["start"] <= end) & (rows["end"] >= start)


def _same_days(rows: pd.DataFrame, period: Period) -> pd.Series:
    start, end = pd.Timestamp(period.start), pd.Timestamp(period.end)
    return (rows["start"] == start) & (rows["end"] == end)


def _index(numbers: pd.Index, used: pd.DataFrame, freq: Frequency, calendar: Calendar) -> pd.Index:
    """Return the periods of these numbers as a model or a reader knows them."""
    if freq == "half-year" or (freq == "quarter" and calendar != "gregorian"):
        labels = dict(zip(used["at"], used["label"], strict=True))
        return numbers.map(labels).rename(freq.replace("-", "_"))
    if calendar != "gregorian":
        return numbers.rename(f"{calendar.replace('-', '_')}_year")
    ordinals = [int(number) - _FIRST_ORDINAL[freq] for number in numbers]
    return pd.PeriodIndex(
        [pd.Period(ordinal=ordinal, freq=freq[0].upper()) for ordinal in ordinals], name=freq
    )


@dataclass(frozen=True, slots=True, eq=False)
class SupplierYears:
    """
    What each supplier delivered in each year that a data set counts.

    Parameters
    ----------
    volumes : pandas.DataFrame
        Index: every year of the span, a PeriodIndex. One column a supplier, in the order of their
        codes; a supplier that delivered nothing in a year has 0 there. In ``unit``.
    shares : pandas.DataFrame
        Shares between 0 and 1 of the same suppliers; rows add up to 1. A year without imports has
        no shares and is not there.
    unit : str
        ``"TIV"`` (million) or ``"USD"``.
    rows : Mapping
        Lines of the raw files by data set.
    left_out : Mapping
        Years without shares, with the reason.
    zeros : tuple of int
        Years in which nobody delivered anything.
    """

    volumes: pd.DataFrame
    shares: pd.DataFrame
    unit: str
    rows: Rows
    left_out: Mapping[str, str]
    zeros: tuple[int, ...]

    def mix(self, suppliers: Sequence[str], *, rest: str) -> pd.DataFrame:
        """
        Return the shares of some suppliers, and of all others together.

        Parameters
        ----------
        suppliers : sequence of str
            Codes of those kept.
        rest : str
            Name of the last column, the sum of all others.

        Returns
        -------
        pandas.DataFrame
            One column each in this order, 0 for one that never delivered; rows as in ``shares``,
            adding up to 1.

        Raises
        ------
        CountryError
            If a code is none.
        """
        for code in suppliers:
            country_name(code)
        named = self.shares.reindex(columns=list(suppliers), fill_value=0.0)
        others = self.shares.drop(columns=list(suppliers), errors="ignore")
        return named.assign(**{rest: [exact_sum(row) for row in others.to_numpy()]})


def supplier_years(
    table: pd.DataFrame, *, importer: str, dataset: str | None = None
) -> SupplierYears:
    """
    Return what each supplier delivered in each year that a data set counts, and its share.

    Parameters
    ----------
    table : pandas.DataFrame
        Flow table of a census such as SIPRI's deliveries, that says which years it counts.
    importer : str
        Alpha-3 code.
    dataset : str, optional
        The vintage to count, where the table holds several.

    Returns
    -------
    SupplierYears
        ``volumes`` and ``shares``, each with a row a year and a column a supplier.

    Raises
    ------
    PeriodError
        If the data set does not say which years it counts, or a row is not a calendar year.
    SchemaError
        If the importer has no rows, a size is not published, or there were no imports at all.
    DoubleCountError
        If a flow is stated more than once, or suppliers are not counted alike.
    UnitError
        If there are two units.

    Examples
    --------
    >>> from flows.loaders import load
    >>> from flows.loaders.examples import example_path
    >>> years = supplier_years(load(example_path("sipri_deal_years")), importer="AZE")
    >>> years.volumes.loc["2011"].to_dict(), years.shares.loc["2011"].to_dict()
    ({'BLR': 0.0, 'ISR': 12.5}, {'BLR': 0.0, 'ISR': 1.0})
    """
    counted = select_flows(table, dataset=dataset)
    check_kept(counted, country=importer, of="imports", years=None)
    rows = select_flows(counted, importer=importer)
    check_stated_once(rows)
    check_one_scope(rows)
    years = span_stated(rows)
    cover_of(rows, country=importer, of="imports", start=years[0], end=years[-1], chosen=True)
    volumes = _volumes(rows, years)
    totals = pd.Series([exact_sum(row) for row in volumes.to_numpy()], index=volumes.index)
    if not (totals > 0).any():
        raise SchemaError(
            f"expected imports of {importer} above 0 in at least one year, found none in "
            f"{', '.join(sorted(rows['dataset'].unique()))}"
        )
    without = totals.index[totals == 0]
    return SupplierYears(
        volumes=volumes,
        shares=volumes[totals > 0].div(totals[totals > 0], axis="index"),
        unit=str(rows["unit"].iloc[0]),
        rows=rows_by_dataset(rows),
        left_out={str(year): "no imports" for year in without},
        zeros=tuple(year.year for year in without),
    )


def _volumes(rows: pd.DataFrame, years: range) -> pd.DataFrame:
    """Return the sum of each supplier in each year."""
    outside = ~rows["start"].dt.year.isin(years) | (rows["start"].dt.year != rows["end"].dt.year)
    if outside.any():
        raise PeriodError(
            f"expected calendar years in {years[0]}-{years[-1]}, found others at "
            f"{where(rows[outside])}"
        )
    volumes = rows.assign(year=rows["start"].dt.year).pivot_table(
        index="year", columns="exporter", values="value", aggfunc=exact_sum, sort=True
    )
    volumes = volumes.reindex(years).fillna(0.0)
    volumes.index = pd.period_range(str(years[0]), str(years[-1]), freq="Y", name="year")
    volumes.columns.name = None
    return volumes


def ratio(part: pd.Series, whole: pd.Series) -> pd.Series:
    """
    Return one series divided by another of the same unit, period by period.

    Parameters
    ----------
    part, whole : pandas.Series
        Of :func:`series`, or any with ``attrs["unit"]``, such as a gross
        domestic product in ``"USD"``.

    Returns
    -------
    pandas.Series
        In the periods that both have; ``attrs``: ``unit`` is ``"ratio"``, ``rows`` holds the lines
        of both by data set, where they have them.

    Raises
    ------
    UnitError
        If a unit is not stated or the units differ: a volume of arms in TIV is no price, and no
        part of a product or of trade in dollars.
    PeriodError
        If they have no period in common.
    ZeroDivisionError
        If the whole is 0 in a period.

    Examples
    --------
    >>> arms = pd.Series([75.0], index=[2016]); arms.attrs["unit"] = "TIV"
    >>> product = pd.Series([38e9], index=[2016]); product.attrs["unit"] = "USD"
    >>> ratio(arms, product)
    Traceback (most recent call last):
        ...
    flows.errors.UnitError: expected two series of one unit, found TIV divided by USD: ...
    """
    units = [volumes.attrs.get("unit") for volumes in (part, whole)]
    if None in units:
        raise UnitError(
            f"expected series with attrs['unit'], found {units[0]} and {units[1]}; state the unit "
            "of both, as flows.series does"
        )
    if units[0] != units[1]:
        raise UnitError(
            f"expected two series of one unit, found {units[0]} divided by {units[1]}: TIV is a "
            "volume of arms and not a price, it is no part of dollars; divide TIV by TIV, or take "
            "military expenditure for a burden on the product"
        )
    common = part.index.intersection(whole.index)
    if common.empty:
        raise PeriodError(
            f"expected two series with a period in common, found the part in {_span(part)} and "
            f"the whole in {_span(whole)}; make both over the same periods"
        )
    if (whole[common] == 0).any():
        at = whole[common].index[whole[common] == 0][0]
        raise ZeroDivisionError(f"expected a whole above 0, found 0 in {at}; leave that period out")
    divided = part[common] / whole[common]
    divided.attrs = {"unit": "ratio", "rows": _rows(part, whole)}
    return divided


def _span(values: pd.Series) -> str:
    return f"{values.index[0]} to {values.index[-1]}" if len(values) else "no period"


def _rows(part: pd.Series, whole: pd.Series) -> dict[str, tuple[int, ...]]:
    lines: dict[str, set[int]] = {}
    for volumes in (part, whole):
        for dataset, numbers in volumes.attrs.get("rows", {}).items():
            lines.setdefault(dataset, set()).update(numbers)
    return {dataset: tuple(sorted(numbers)) for dataset, numbers in sorted(lines.items())}
