"""Shares of partners in what a country imports or exports, their ranks, and printed totals."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from flows.canonical import exact_sum
from flows.countries import country_name
from flows.errors import SchemaError
from flows.measure.checks import (
    UNNAMED,
    Of,
    check_one_scope,
    check_span,
    check_stated_once,
    select_flows,
    years_counted,
)
from flows.measure.counting import ALL, UNKNOWN, Counting, count_flows, find_candidates, rows_within

OTHERS = "others"

_UNNAMED = "XX"
"""How the codes begin of unknown suppliers and recipients and of areas that are not specified."""

_COLUMNS = ["window", "start", "end", "supplier", "value", "share", "rank"]

Cause = Literal["equal", "rounding", "not rounding"]


@dataclass(frozen=True, slots=True, eq=False)
class Share:
    """
    A share and the statements that it was made from.

    Parameters
    ----------
    value : float
        Numerator divided by denominator, 0 to 1.
    numerator, denominator : float
        What the supplier delivered to the importer, and what the importer received from all
        suppliers (or the supplier delivered to all customers), in ``unit``.
    unit : str
        ``"TIV"`` (million) or ``"USD"``.
    supplier, importer : str
        Alpha-3 codes.
    start, end : int
        First and last year of the window.
    dataset : str
        ``source@vintage``.
    rows : pandas.DataFrame
        Every row of the denominator; the column ``counted`` is true for those of the numerator.
    of : {"imports", "exports"}
        Whether it is a share of the importer's imports or of the supplier's exports.
    counting : Counting
        Which rows count, and in which year.
    left_out : pandas.DataFrame
        Rows that are in neither sum since the source does not say what the counting asks;
        ``missing`` names the column.
    """

    value: float
    numerator: float
    denominator: float
    unit: str
    supplier: str
    importer: str
    start: int
    end: int
    dataset: str
    rows: pd.DataFrame
    of: Of
    counting: Counting
    left_out: pd.DataFrame


def share(
    table: pd.DataFrame,
    *,
    supplier: str,
    importer: str,
    start: int,
    end: int,
    of: Of = "imports",
    dataset: str | None = None,
    counting: Counting = ALL,
) -> Share:
    """
    Return the share of one supplier in a country's imports over a window of years.

    Parameters
    ----------
    table : pandas.DataFrame
        Flow table in one unit. Arms are counted in the year of delivery, as SIPRI counts them.
    supplier, importer : str
        Alpha-3 codes.
    start, end : int
        First and last year, both included.
    of : {"imports", "exports"}
        Share of the importer's imports, or share that this customer has in the supplier's exports.
    dataset : str, optional
        The vintage to count, where the table holds several.
    counting : Counting
        Which rows count, and in which year: all in their own period by default.

    Returns
    -------
    Share

    Raises
    ------
    UnitError
        If the rows have two units.
    DoubleCountError
        If a flow is stated more than once, a deal counts twice in a period, or the flows are not of
        one data set, reporter, partner basis, valuation, coverage and classification.
    PeriodError
        If the data set does not count every year of the window, or a row crosses its edge.
    SchemaError
        If there are no rows in the window or their sum is 0, the data set does not name partners,
        or it has no column or no value that the counting asks for.
    CountryError
        If ``supplier`` is no code: a mistyped one would have a share of zero.
    ValueError
        If ``end`` is before ``start``, or ``of`` is neither.

    Examples
    --------
    >>> from flows.table import check_flows
    >>> rows = [
    ...     {"exporter": supplier, "value": tiv, "line": line}
    ...     for line, (supplier, tiv) in enumerate([("ISR", 30.0), ("RUS", 10.0)], start=1)
    ... ]
    >>> arms = check_flows(pd.DataFrame(rows).assign(
    ...     importer="AZE", reporter="SIPRI", start="2016-01-01", end="2016-12-31",
    ...     product="TOTAL", classification="TOTAL", unit="TIV", low=0.0, high=40.0, valuation="",
    ...     partner_basis="", coverage="major arms", estimate=False, dataset="sipri@2022-03",
    ... ))
    >>> share(arms, supplier="ISR", importer="AZE", start=2016, end=2016).value
    0.75
    """
    country, partner = (importer, supplier) if of == "imports" else (supplier, importer)
    country_name(partner)
    found = count_flows(
        table, country=country, start=start, end=end, of=of, dataset=dataset, counting=counting
    )
    rows = found.rows.assign(counted=found.rows["partner"] == partner).drop(columns="partner")
    numerator = exact_sum(rows.loc[rows["counted"], "value"])
    denominator = exact_sum(rows["value"])
    if denominator == 0:
        raise SchemaError(f"expected {of} of {country} in {start}-{end}, found a sum of 0")
    return Share(
        value=numerator / denominator,
        numerator=numerator,
        denominator=denominator,
        unit=found.unit,
        supplier=supplier,
        importer=importer,
        start=start,
        end=end,
        dataset=found.dataset,
        rows=rows,
        of=of,
        counting=counting,
        left_out=found.left_out.drop(columns="partner"),
    )


@dataclass(frozen=True, slots=True, eq=False)
class PartnerShares:
    """
    What each supplier or customer has of one country's total in one window.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a partner, the largest first, then the others together, then the unknown, each
        under its code: ``rank`` (missing for others and unknown), ``partner``, ``name``, ``kind``
        (``"named"``, ``"others"``, ``"unknown"``), ``partners`` (how many the row holds),
        ``value`` in ``unit``, ``share`` (0 to 1).
    total : float
        Sum, in ``unit``.
    unit, dataset, country, of, start, end, counting, rows, left_out
        As in :class:`flows.measure.counting.Counted`.
    """

    frame: pd.DataFrame
    total: float
    unit: str
    dataset: str
    country: str
    of: Of
    start: int
    end: int
    counting: Counting
    rows: pd.DataFrame
    left_out: pd.DataFrame


def partner_shares(
    table: pd.DataFrame,
    *,
    country: str,
    start: int,
    end: int,
    of: Of = "imports",
    dataset: str | None = None,
    counting: Counting = ALL,
    top: int | None = None,
) -> PartnerShares:
    """
    Return the shares of all suppliers of an importer, or of all customers of an exporter.

    Parameters
    ----------
    table : pandas.DataFrame
        Flow table in one unit.
    country, start, end, of, dataset, counting
        As in :func:`flows.measure.concentration.concentration`.
    top : int, optional
        How many partners are named; the rest is one row of others. All by default.

    Returns
    -------
    PartnerShares
        The shares add up to 1.

    Raises
    ------
    UnitError, DoubleCountError, PeriodError, SchemaError, CountryError, ValueError
        As :func:`share`; also if ``top`` is below 1.

    Examples
    --------
    >>> import flows as fl
    >>> found = partner_shares(
    ...     fl.load("sipri-deal-years@2025-03"), country="AZE", start=2016, end=2020, top=2
    ... )
    >>> found.frame["partner"].tolist(), found.frame["share"].round(3).tolist()
    (['ISR', 'RUS', 'others', 'XXU'], [0.677, 0.164, 0.155, 0.004])
    """
    if top is not None and top < 1:
        raise ValueError(f"top: expected at least 1 partner, found {top}")
    counted = count_flows(
        table, country=country, start=start, end=end, of=of, dataset=dataset, counting=counting
    )
    partners = add_by_partner(counted.rows)
    total = exact_sum(partners["value"])
    if total == 0:
        raise SchemaError(f"expected {of} of {country} in {start}-{end}, found a sum of 0")
    return PartnerShares(
        frame=_ranked(partners, total, top),
        total=total,
        unit=counted.unit,
        dataset=counted.dataset,
        country=country,
        of=of,
        start=start,
        end=end,
        counting=counting,
        rows=counted.rows,
        left_out=counted.left_out,
    )


def rolling_partner_shares(
    table: pd.DataFrame,
    *,
    country: str,
    start: int,
    end: int,
    years: int,
    of: Of = "imports",
    dataset: str | None = None,
    counting: Counting = ALL,
    top: int | None = None,
) -> tuple[PartnerShares, ...]:
    """
    Return the shares of all partners in every window of some years.

    Parameters
    ----------
    table, country, of, dataset, counting, top
        As in :func:`partner_shares`.
    start, end : int
        First year of the first window, last year of the last one.
    years : int
        Length of a window.

    Returns
    -------
    tuple of PartnerShares
        In the order of time; a window in which nothing was imported has none.

    Raises
    ------
    UnitError, DoubleCountError, PeriodError, SchemaError, CountryError, ValueError
        As :func:`partner_shares`; also if no window fits.

    Examples
    --------
    >>> import flows as fl
    >>> windows = rolling_partner_shares(
    ...     fl.load("sipri-deal-years@2025-03"), country="AZE", start=2015, end=2020, years=5
    ... )
    >>> [(one.start, one.frame["partner"].iloc[0]) for one in windows]
    [(2015, 'ISR'), (2016, 'ISR')]
    """
    asked = {"country": country, "of": of, "dataset": dataset, "counting": counting}
    windows = rolling_windows(table, start=start, end=end, years=years, **asked)  # type: ignore[arg-type]
    return tuple(
        partner_shares(table, start=first, end=last, top=top, **asked)  # type: ignore[arg-type]
        for first, last in windows
    )


def rolling_windows(
    table: pd.DataFrame,
    *,
    country: str,
    start: int,
    end: int,
    years: int,
    of: Of,
    dataset: str | None,
    counting: Counting,
) -> Iterator[tuple[int, int]]:
    """Yield the first and the last year of every window in which there is a total."""
    if not 1 <= years <= end - start + 1:
        raise ValueError(f"years: expected 1 to {end - start + 1}, found {years}")
    near, _ = find_candidates(
        table, country=country, start=start, end=end, of=of, dataset=dataset, counting=counting
    )
    filled = near[near["admitted"] & (near["value"] != 0)]
    for first in range(start, end - years + 2):
        last = first + years - 1
        if ((filled["first"] <= last) & (filled["last"] >= first)).any():
            yield first, last


def add_by_partner(rows: pd.DataFrame) -> pd.DataFrame:
    """Add up rows by partner."""
    sums = rows.groupby("partner", sort=True)["value"].agg(exact_sum).reset_index()
    total = exact_sum(sums["value"])
    ordered = sums.sort_values(["value", "partner"], ascending=[False, True], ignore_index=True)
    return ordered.assign(share=ordered["value"] / total if total else math.nan)


def _ranked(partners: pd.DataFrame, total: float, top: int | None) -> pd.DataFrame:
    is_unknown = partners["partner"].isin([*UNKNOWN, UNNAMED])
    named = partners[~is_unknown].reset_index(drop=True)
    shown = named.head(len(named) if top is None else top)
    rest = named.iloc[len(shown) :]
    records = [
        {"rank": rank, "partner": code, "kind": "named", "partners": 1, "value": value}
        for rank, (code, value) in enumerate(zip(shown["partner"], shown["value"], strict=True), 1)
    ]
    if len(rest):
        value = exact_sum(rest["value"])
        records.append({"partner": OTHERS, "kind": OTHERS, "partners": len(rest), "value": value})
    for code, value in partners.loc[is_unknown, ["partner", "value"]].itertuples(index=False):
        records.append({"partner": code, "kind": "unknown", "partners": 1, "value": value})
    columns = ["rank", "partner", "name", "kind", "partners", "value", "share"]
    frame = pd.DataFrame(records).reindex(columns=columns)
    names = [code if code == OTHERS else country_name(code) for code in frame["partner"]]
    return frame.assign(
        rank=frame["rank"].astype("Int64"), name=names, share=frame["value"] / total
    )


def rank_suppliers(amounts: pd.Series) -> pd.Series:
    """Rank suppliers by what they delivered, the largest first."""
    if not amounts.index.is_unique:
        twice = amounts.index[amounts.index.duplicated()][0]
        raise ValueError(f"amounts: expected each supplier once, found {twice} twice")
    named = amounts[are_named(amounts.index)]
    return named.rank(method="min", ascending=False).reindex(amounts.index).astype("Int64")


def are_named(codes: pd.Index) -> npt.NDArray[np.bool_]:
    """Say which codes stand for a country, an organisation or a group that the source names."""
    return np.array([not code.startswith(_UNNAMED) for code in codes], dtype=np.bool_)


def supplier_totals(rows: pd.DataFrame) -> pd.Series:
    """Return what each supplier delivered, as a sum that does not depend on the order of rows."""
    return rows.groupby("exporter", sort=True)["value"].agg(exact_sum).astype("float64")


def supplier_ranks(
    table: pd.DataFrame,
    *,
    importer: str,
    years: int,
    start: int | None = None,
    end: int | None = None,
    dataset: str | None = None,
) -> pd.DataFrame:
    """
    Rank the suppliers of an importer in every window of so many years.

    Parameters
    ----------
    table : pandas.DataFrame
        Flow table in one unit.
    importer : str
        Alpha-3 code.
    years : int
        Length of a window; SIPRI prints five years. Windows overlap: each begins a year after the
        one before.
    start, end : int, optional
        First year of the first window and last year of the last; by default all years that the
        data set counts.
    dataset : str, optional
        The vintage to count, where the table holds several.

    Returns
    -------
    pandas.DataFrame
        One row a window and supplier that delivered something in it: ``window``
        (``"2016-2020"``), ``start``, ``end`` (years), ``supplier``, ``value`` (in the unit of the
        table), ``share`` (0 to 1), ``rank`` (see :func:`rank_suppliers`). By window, then the
        largest first. A window without imports has no rows.

    Raises
    ------
    UnitError, DoubleCountError, PeriodError, CountryError
        As :func:`share` does.
    SchemaError
        As there, or if no window has imports.
    ValueError
        If ``years`` is not at least 1, or the years asked for are fewer than a window has.

    Examples
    --------
    >>> import flows as fl
    >>> arms = fl.load("sipri-deal-years@2025-03")
    >>> ranks = fl.supplier_ranks(arms, importer="AZE", years=5, start=2010, end=2020)
    >>> ranks[ranks["rank"] == 1].drop_duplicates("supplier")[["window", "supplier"]].to_numpy()
    array([['2010-2014', 'RUS'],
           ['2015-2019', 'ISR']], dtype=object)
    """
    counted = select_flows(table, dataset=dataset)
    first, last = _asked(counted, start, end)
    if not 1 <= years <= last - first + 1:
        raise ValueError(
            f"years: expected 1 to {last - first + 1} in {first}-{last}, found {years}"
        )
    rows = rows_within(select_flows(counted, importer=importer), start=first, end=last)
    check_stated_once(rows)
    check_one_scope(rows)
    windows = [_window(rows, year, year + years - 1) for year in range(first, last - years + 2)]
    ranks = pd.concat(windows, ignore_index=True)
    if ranks.empty:
        raise SchemaError(f"expected imports of {importer} in {first}-{last}, found a sum of 0")
    return ranks


def _asked(counted: pd.DataFrame, start: int | None, end: int | None) -> tuple[int, int]:
    """Return first and last year of all windows: those asked for, or those of every data set."""
    spans = years_counted(counted).values()
    first = max((span[0] for span in spans), default=0) if start is None else start
    last = min((span[1] for span in spans), default=0) if end is None else end
    check_span(counted, start=first, end=last)
    return first, last


def _window(rows: pd.DataFrame, first: int, last: int) -> pd.DataFrame:
    """Return the suppliers of one window, the largest first; none where nothing was delivered."""
    touching = (rows["start"].dt.year <= last) & (rows["end"].dt.year >= first)
    inside = rows_within(rows, start=first, end=last) if touching.any() else rows[touching]
    amounts = supplier_totals(inside)
    delivered = amounts[amounts > 0].rename("value").reset_index()
    ranked = delivered.assign(
        window=f"{first}-{last}",
        start=first,
        end=last,
        share=delivered["value"] / exact_sum(inside["value"]),
        rank=rank_suppliers(amounts).reindex(delivered["exporter"]).array,
    ).rename(columns={"exporter": "supplier"})
    ordered: pd.DataFrame = ranked.sort_values(["value", "supplier"], ascending=[False, True])
    return ordered[_COLUMNS]


@dataclass(frozen=True, slots=True)
class PrintedTotal:
    """
    A printed total beside the sum of its cells.

    Parameters
    ----------
    printed, total_of_cells, difference : float
        The total as printed, the sum of the printed cells, and the first less the second.
    low, high : float
        What the printed total can be if cells and total are rounded from the same raw values.
    cause : {"equal", "rounding", "not rounding"}
        ``rounding`` if the printed total is between ``low`` and ``high``.
    cells : int
        How many cells.
    """

    printed: float
    total_of_cells: float
    difference: float
    low: float
    high: float
    cause: Cause
    cells: int

    def summary(self) -> str:
        """
        Say what the difference is and where it comes from.

        Returns
        -------
        str
            One sentence.
        """
        told = f"{self.cells} printed cells add up to {self.total_of_cells:g}"
        if self.cause == "equal":
            return f"{told}, as the printed total."
        why = (
            "cells and total are each rounded from raw values, which allows"
            if self.cause == "rounding"
            else "that is more than rounding, which allows"
        )
        return (
            f"{told}, the printed total is {self.printed:g} ({self.difference:+g}): {why} "
            f"{self.low:g} to {self.high:g}."
        )


def explain_total(cells: Iterable[float], *, printed: float, half: float) -> PrintedTotal:
    """
    Explain a printed total beside its printed cells; neither is corrected.

    Parameters
    ----------
    cells : iterable of float
        Printed cells; a printed 0 stands for less than ``half``, an empty cell is none.
    printed : float
        The printed total.
    half : float
        Half a unit of the last printed place: 0.5 in SIPRI's tables.

    Returns
    -------
    PrintedTotal

    Raises
    ------
    ValueError
        If there is no cell, one is negative or not finite, or ``half`` is not above 0.

    Examples
    --------
    >>> found = explain_total([3, 0, 0, 0], printed=4, half=0.5)
    >>> found.cause, found.difference, found.low, found.high
    ('rounding', 1.0, 2.0, 5.5)
    """
    values = [float(cell) for cell in cells]
    if not values:
        raise ValueError("cells: expected at least one, found none")
    wrong = [value for value in (*values, printed) if not 0 <= value < math.inf]
    if wrong:
        raise ValueError(f"expected finite numbers of at least 0, found {wrong[0]}")
    if half <= 0:
        raise ValueError(f"half: expected more than 0, found {half}")
    total = math.fsum(values)
    low = math.fsum(max(value - half, 0.0) for value in values) - half
    high = math.fsum(value + half for value in values) + half
    inside = low <= printed <= high
    return PrintedTotal(
        printed=printed,
        total_of_cells=total,
        difference=printed - total,
        low=max(low, 0.0),
        high=high,
        cause="equal" if printed == total else "rounding" if inside else "not rounding",
        cells=len(values),
    )
