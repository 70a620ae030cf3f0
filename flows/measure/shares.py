"""A supplier's share of what a country imported in a window of years."""

import math
from dataclasses import dataclass

import pandas as pd

from flows.countries import country_name
from flows.errors import PeriodError, SchemaError
from flows.measure.selection import check_one_scope, check_stated_once, select_flows
from flows.measure.spans import check_span
from flows.table import where

UNNAMED = "XXX"


@dataclass(frozen=True, slots=True, eq=False)
class Share:
    """
    A share and the statements that it was made from.

    Parameters
    ----------
    value : float
        Numerator divided by denominator, 0 to 1.
    numerator, denominator : float
        What the supplier delivered, and what all suppliers delivered, in ``unit``.
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


def share(
    table: pd.DataFrame,
    *,
    supplier: str,
    importer: str,
    start: int,
    end: int,
    dataset: str | None = None,
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
    dataset : str, optional
        The vintage to count, where the table holds several.

    Returns
    -------
    Share

    Raises
    ------
    UnitError
        If the importer's rows have two units.
    DoubleCountError
        If a flow is stated more than once, or the suppliers' flows are not of one data set,
        reporter, partner basis, valuation, coverage and classification.
    PeriodError
        If the data set does not count every year of the window, or a row crosses its edge.
    SchemaError
        If the importer has no rows in the window, imported nothing in it, or the data set does not
        name suppliers.
    CountryError
        If ``supplier`` is no code: a mistyped one would have a share of zero.
    ValueError
        If ``end`` is before ``start``.

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
    country_name(supplier)
    counted = select_flows(table, dataset=dataset)
    check_span(counted, start=start, end=end)
    rows = rows_within(select_flows(counted, importer=importer), start=start, end=end)
    check_stated_once(rows)
    check_one_scope(rows)
    _check_suppliers_named(rows)
    rows = rows.assign(counted=rows["exporter"] == supplier)
    numerator = math.fsum(rows.loc[rows["counted"], "value"])
    denominator = math.fsum(rows["value"])
    if denominator == 0:
        raise SchemaError(f"expected imports of {importer} in {start}-{end}, found a sum of 0")
    return Share(
        value=numerator / denominator,
        numerator=numerator,
        denominator=denominator,
        unit=str(rows["unit"].iloc[0]),
        supplier=supplier,
        importer=importer,
        start=start,
        end=end,
        dataset=str(rows["dataset"].iloc[0]),
        rows=rows.reset_index(drop=True),
    )


def rows_within(rows: pd.DataFrame, *, start: int, end: int) -> pd.DataFrame:
    """
    Return the rows whose period lies in a window of years.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of a flow table.
    start, end : int
        First and last year, both included.

    Returns
    -------
    pandas.DataFrame
        The rows, with their index.

    Raises
    ------
    PeriodError
        If a row crosses the edge of the window.
    SchemaError
        If no row lies in it.

    Examples
    --------
    >>> dates = {"start": pd.to_datetime(["2015-01-01"]), "end": pd.to_datetime(["2015-12-31"])}
    >>> rows_within(pd.DataFrame(dates), start=2016, end=2020)
    Traceback (most recent call last):
        ...
    flows.errors.SchemaError: expected rows in 2016-2020, found rows only in 2015-2015
    """
    first, last = rows["start"].dt.year, rows["end"].dt.year
    whole = (first >= start) & (last <= end)
    cut = rows[(first <= end) & (last >= start) & ~whole]
    if len(cut):
        raise PeriodError(
            f"expected periods inside or outside {start}-{end}, found some across its edge at "
            f"{where(cut)}; re-cut them first"
        )
    if not whole.any():
        raise SchemaError(
            f"expected rows in {start}-{end}, found rows only in {first.min()}-{last.max()}"
        )
    inside: pd.DataFrame = rows[whole]
    return inside


def _check_suppliers_named(rows: pd.DataFrame) -> None:
    if (rows["exporter"] == UNNAMED).all():
        raise SchemaError(
            f"{rows['dataset'].iloc[0]}: expected rows by supplier, found totals that name none"
        )
