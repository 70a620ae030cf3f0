"""Flows over time: one by month or year of any calendar, all suppliers by year, ratios of two."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import pandas as pd

from flows.canonical import exact_sum
from flows.countries import country_name
from flows.errors import PeriodError, SchemaError, ScopeError, UnitError, did_you_mean
from flows.measure.checks import (
    check_one_scope,
    check_stated_once,
    rows_by_dataset,
    select_flows,
    span_stated,
    states_years,
)
from flows.measure.covering import ALL_MEMBERS, PRINTED_TOTAL, check_kept, cover_of
from flows.measure.totals import Added, Asked, add_flows, add_total
from flows.measure.whole_periods import Cut, Frequency
from flows.periods import Calendar
from flows.results import Card, DrawingCall, Drawn, print_amount, print_count
from flows.table import Rows, million_label, where

Absent = Literal["missing", "zero"]
Bound = Literal["low", "high"]

_MILLION = 1e6
_NAMED = 7
"""Suppliers that have a colour of their own in a figure."""


def series(
    table: pd.DataFrame,
    *,
    exporter: str | None = None,
    importer: str | None = None,
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
    Return one flow, or all exports or imports of a country, as a series over time.

    Parameters
    ----------
    table : pandas.DataFrame
        Flow table.
    exporter, importer : str, optional
        Alpha-3 codes. Both: one flow. One of them: the total of that country over all partners.
        Either may be a group of countries (see Notes).
    freq : {"month", "quarter", "half-year", "year"}
        A year, half-year or quarter that the source states is taken as stated; any other is put
        together from its months, cut by days where the calendars differ, if all of them are there.
    calendar : str
        Whose years, half-years or quarters; see :data:`~flows.periods.Calendar`.
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
        years that were filled with zero; ``scope``, what the values rest on (see Notes);
        ``members``, those of a group that are in the sum. Where several products are summed, one
        without a row in a period adds nothing.

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
    ScopeError
        If rows of a period that is there were filtered out of the table; if the rows of a total are
        some partners only and no printed total is at hand; if a source does not name a member of a
        group; or zeros are asked for where partners are missing.
    ValueError
        If neither exporter nor importer is given, or two groups; if ``freq``, ``absent`` or
        ``bound`` is unknown, months of another calendar than the Gregorian are asked for, or zeros
        of anything but calendar years.

    Notes
    -----
    Values in a currency are in current prices, and so is their growth;
    :func:`flows.deflate` puts a table into the prices of one period.

    A total is the sum over all partners where the data set claims to have them, or where they make
    up the publisher's printed totals but for rounding; otherwise it is the printed total of each
    period, with its lines in ``attrs["rows"]``, and periods without one are left out.
    ``attrs["scope"]`` says which: ``"all partners"``, ``"printed total"``, ``"scope not stated"``
    where nobody says which partners the rows are of, or what was stated by
    :func:`flows.state_whole`. Of one flow it is ``"all rows of the flow"`` where its data set is
    known and no row is missing.

    A year of a total is put together from the months that all partners together have: a partner
    without a row in one of them had no trade in it. Every partner's rows have to be whole: where
    one states the year, and another some months of it only, the year is left out.

    Groups are those of ``flows/crosswalks/groups.csv``: ``"EU"``, ``"CIS"``, ``"GCC"``,
    ``"EAEU"``, ``"ASEAN"``, ``"EFTA"`` and others by date of membership, and fixed lists such as
    ``"EU27_2020"``. A row counts if its country was a member on all of its days; a period in which
    a row crosses an accession or an exit is left out, for which months or a fixed list help. The
    total of a group is its trade with all others, without that among members. Where members state
    their own trade, or partners are known to be missing, a period counts only if each member has a
    row (``"a row of every member"``).

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

    All that Azerbaijan imported, and what came from members of the European Union:

    >>> import flows as fl
    >>> arms = fl.load("sipri-tiv-table@2026-03")
    >>> total = series(arms, importer="AZE", freq="year")
    >>> float(total["2024"]), total.attrs["scope"]
    (75.0, 'all partners')
    >>> series(arms, exporter="EU", importer="AZE", freq="year").attrs["members"]
    ('CZE', 'ESP', 'ITA', 'SVK')
    """
    if exporter is None and importer is None:
        raise ValueError(
            "expected exporter= and importer= (one flow), importer= (the imports of a country) or "
            "exporter= (its exports), found neither"
        )
    _check_choices(freq, calendar, absent)
    asked = Asked(
        exporter=exporter,
        importer=importer,
        cut=Cut(freq, calendar),
        wanted={
            "dataset": dataset,
            "reporter": reporter,
            "partner_basis": partner_basis,
            "product": product,
        },
        all_years=absent == "zero",
    )
    rows, added = add_flows(table, asked)
    used = added.used if bound is None else _at_bound(added.used, bound)
    values = used.groupby("at", sort=True)["value"].agg(exact_sum)
    if values.empty:
        raise asked.cut.nothing(rows, added.left_out)
    zeros = _zeros(rows, added, values) if absent == "zero" else []
    values = pd.concat([values, pd.Series(0.0, index=zeros)]).sort_index() if zeros else values
    values.index = asked.cut.index(used, values.index)
    values.name = _name(exporter, importer)
    values.attrs = {
        "unit": str(rows["unit"].iloc[0]),
        "rows": rows_by_dataset(used),
        "left_out": added.left_out,
        "zeros": tuple(zeros),
        "scope": added.scope,
        "members": added.members,
    }
    return values


def _check_choices(freq: str, calendar: Calendar, absent: str) -> None:
    if freq not in get_args(Frequency):
        raise ValueError(
            f"freq: expected {' or '.join(get_args(Frequency))}, found {freq!r}"
            + did_you_mean(freq, get_args(Frequency))
        )
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


def _name(exporter: str | None, importer: str | None) -> str:
    if exporter is None:
        return f"imports of {importer}"
    return f"exports of {exporter}" if importer is None else f"{exporter} to {importer}"


def _zeros(rows: pd.DataFrame, added: Added, values: pd.Series) -> list[int]:
    """Return the years that a data set counts and has no row for."""
    if added.scope in (PRINTED_TOTAL, ALL_MEMBERS):
        raise ScopeError(
            "absent='zero': expected all partners, found some: a year without a row of them is "
            "not one without trade"
        )
    return [
        year
        for year in span_stated(rows)
        if year not in values.index and str(year) not in added.left_out
    ]


def _at_bound(rows: pd.DataFrame, bound: Bound) -> pd.DataFrame:
    """Return the rows with a bound in place of their value."""
    if bound not in get_args(Bound):
        raise ValueError(f"bound: expected {' or '.join(get_args(Bound))}, found {bound!r}")
    return rows.assign(value=rows[bound].fillna(0.0 if bound == "low" else math.inf))


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class SupplierYears(Drawn):
    """
    What each supplier delivered in each year that a data set counts.

    Parameters
    ----------
    volumes : pandas.DataFrame
        Index: every year that counts, a PeriodIndex: all of the span that a census counts, of trade
        those that have rows for the whole year. One column a supplier, in the order of their
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
    scope : str
        What the suppliers are, as in :class:`flows.measure.shares.Share`.
    """

    volumes: pd.DataFrame
    shares: pd.DataFrame
    unit: str
    rows: Rows
    left_out: Mapping[str, str]
    zeros: tuple[int, ...]
    scope: str

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

    def tidy(self) -> pd.DataFrame:
        """
        Return the deliveries as one table.

        Returns
        -------
        pandas.DataFrame
            One row a year and supplier: ``year``, ``supplier``, ``value`` in ``unit``, ``share``
            (0 to 1, missing in a year without imports).
        """
        columns = {"value": self.volumes, "share": self.shares}
        value, share = (
            frame.rename_axis("year")
            .melt(ignore_index=False, var_name="supplier", value_name=name)
            .set_index("supplier", append=True)
            for name, frame in columns.items()
        )
        return value.join(share).reset_index()

    def drawing(self) -> DrawingCall:
        """
        Return the deliveries by year and supplier, the largest suppliers by name.

        Returns
        -------
        DrawingCall
            For :func:`flows.figures.draw_imports_by_supplier`.
        """
        largest = self.volumes.sum().sort_index().sort_values(ascending=False, kind="stable").index
        named = {code: country_name(str(code)) for code in largest[:_NAMED]}
        size = 1.0 if self.unit == "TIV" else _MILLION
        values = self.tidy().assign(
            year=lambda rows: rows["year"].dt.year,
            supplier=lambda rows: rows["supplier"].map(named).fillna("Others"),
            value=lambda rows: rows["value"] / size,
        )
        groups = values[values["value"] > 0].groupby(["year", "supplier"])["value"]
        return DrawingCall(
            "draw_imports_by_supplier",
            groups.sum().reset_index(),
            {"unit_label": million_label(self.unit), "highlight": named[largest[0]]},
        )

    def _card(self) -> Card:
        sums = {str(name): exact_sum(column) for name, column in self.volumes.items()}
        order = sorted(sums, key=lambda name: (-sums[name], name))
        printed = tuple((name, print_amount(sums[name], self.unit)) for name in order)
        years = self.volumes.index
        reasons = (f"{year}: {reason}" for year, reason in self.left_out.items())
        return Card(
            title=f"{print_count(len(sums), 'supplier')}, {years[0]} to {years[-1]}",
            facts=(
                ("largest", ", ".join(f"{name} {amount}" for name, amount in printed[:3])),
                ("years", f"{len(years)}, of which {len(self.zeros)} without deliveries"),
                ("data", f"{', '.join(self.rows)}, {self.scope}"),
                ("left out", "; ".join(reasons) or "none"),
            ),
            more=printed,
            rows=self.rows,
        )


def supplier_years(
    table: pd.DataFrame, *, importer: str, dataset: str | None = None
) -> SupplierYears:
    """
    Return what each supplier delivered in each year that a data set counts, and its share.

    Parameters
    ----------
    table : pandas.DataFrame
        Flow table of a census such as SIPRI's deliveries, that says which years it counts, so that
        one without rows is a year without imports; or of trade in dollars, whose years are those
        that have rows for the whole year, stated or in months.
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
        If a data set of deliveries does not say which years it counts, a row of one that does is
        not in a calendar year, or no year of trade is whole.
    ScopeError
        If rows were filtered out of the table, or they are not all suppliers.
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
    census = states_years(rows) or (rows["unit"] == "TIV").all()
    volumes, left_out, scope = _counted_years(rows) if census else _stated_years(rows)
    totals = pd.Series([exact_sum(row) for row in volumes.to_numpy()], index=volumes.index)
    if not (totals > 0).any():
        raise SchemaError(
            f"expected imports of {importer} above 0 in at least one year, found none in "
            f"{', '.join(sorted(rows['dataset'].unique()))}"
        )
    without = totals.index[totals == 0]
    left_out |= {str(year): "no imports" for year in without}
    return SupplierYears(
        volumes=volumes,
        shares=volumes[totals > 0].div(totals[totals > 0], axis="index"),
        unit=str(rows["unit"].iloc[0]),
        rows=rows_by_dataset(rows),
        left_out=dict(sorted(left_out.items())),
        zeros=tuple(year.year for year in without),
        scope=scope,
    )


def _counted_years(rows: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, str], str]:
    """Return the sum of each supplier in every year that a census says it counts."""
    years = span_stated(rows)
    importer = str(rows["importer"].iloc[0])
    cover = cover_of(
        rows, country=importer, of="imports", start=years[0], end=years[-1], chosen=True
    )
    outside = ~rows["start"].dt.year.isin(years) | (rows["start"].dt.year != rows["end"].dt.year)
    if outside.any():
        raise PeriodError(
            f"expected calendar years in {years[0]}-{years[-1]}, found others at "
            f"{where(rows[outside])}"
        )
    volumes = _volumes(rows.assign(at=rows["start"].dt.year)).reindex(years).fillna(0.0)
    return _by_year(volumes), {}, cover.how


def _stated_years(rows: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, str], str]:
    """Return the sum of each supplier in every year that rows are there for as a whole."""
    importer, cut = str(rows["importer"].iloc[0]), Cut("year")
    added = add_total(rows, cut=cut, country=importer, of="imports")
    if added.scope == PRINTED_TOTAL:
        raise ScopeError(
            f"supplier_years: expected every supplier of {country_name(importer)}, found some and "
            "a printed total; share and partner_shares take that total"
        )
    if added.used.empty:
        raise cut.nothing(rows, added.left_out)
    volumes = _volumes(added.used).fillna(0.0)
    gaps = {
        str(year): f"{year}: no rows; whether nothing was imported is not stated"
        for year in range(volumes.index[0], volumes.index[-1])
        if year not in volumes.index and str(year) not in added.left_out
    }
    return _by_year(volumes), added.left_out | gaps, added.scope


def _volumes(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the sum of each supplier in each year."""
    volumes = rows.pivot_table(
        index="at", columns="exporter", values="value", aggfunc=exact_sum, sort=True
    )
    volumes.columns.name = None
    return volumes


def _by_year(volumes: pd.DataFrame) -> pd.DataFrame:
    years = pd.PeriodIndex([pd.Period(year=year, freq="Y") for year in volumes.index], name="year")
    return volumes.set_axis(years, axis="index")


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
