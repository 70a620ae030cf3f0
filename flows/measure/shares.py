"""A partner's share of what a country imported or exported in a window of years."""

from dataclasses import dataclass

import pandas as pd

from flows.canonical import exact_sum
from flows.countries import country_name
from flows.errors import SchemaError
from flows.measure.counted import count_flows
from flows.measure.counted_checks import Of
from flows.measure.counting import ALL, Counting


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
