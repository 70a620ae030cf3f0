"""What a country imports in a year, by supplier: volumes, zeros and all, and their shares."""

import pandas as pd

from flows.canonical import exact_sum
from flows.countries import country_name
from flows.errors import PeriodError, SchemaError
from flows.measure.double_counting import check_one_scope, check_stated_once
from flows.measure.selection import rows_by_dataset, select_flows
from flows.measure.spans import span_stated
from flows.table import where


def supplier_years(
    table: pd.DataFrame, *, importer: str, dataset: str | None = None
) -> pd.DataFrame:
    """
    Return what each supplier delivered in each year that a data set counts.

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
    pandas.DataFrame
        Index: every year of the span, a PeriodIndex. One column a supplier, in the order of their
        codes; a supplier that delivered nothing in a year has 0 there. ``attrs``: ``unit``, and
        ``rows``, the lines of the raw files by data set.

    Raises
    ------
    PeriodError
        If the data set does not say which years it counts, or a row is not a calendar year.
    SchemaError
        If the importer has no rows, or a size is not published.
    DoubleCountError
        If a flow is stated more than once, or suppliers are not counted alike.
    UnitError
        If there are two units.

    Examples
    --------
    >>> from flows.loaders import load
    >>> from flows.loaders.examples import example_path
    >>> volumes = supplier_years(load(example_path("sipri_deal_years")), importer="AZE")
    >>> volumes.loc["2011"].to_dict()
    {'BLR': 0.0, 'ISR': 12.5}
    """
    rows = select_flows(select_flows(table, dataset=dataset), importer=importer)
    check_stated_once(rows)
    check_one_scope(rows)
    years = span_stated(rows)
    outside = ~rows["start"].dt.year.isin(years) | (rows["start"].dt.year != rows["end"].dt.year)
    if outside.any():
        raise PeriodError(
            f"expected calendar years in {years[0]}-{years[-1]}, found others at "
            f"{where(rows[outside])}"
        )
    named = rows.assign(year=rows["start"].dt.year)
    volumes = named.pivot_table(
        index="year", columns="exporter", values="value", aggfunc=exact_sum, sort=True
    )
    volumes = volumes.reindex(years).fillna(0.0)
    volumes.index = pd.period_range(str(years[0]), str(years[-1]), freq="Y", name="year")
    volumes.columns.name = None
    volumes.attrs = {"unit": str(rows["unit"].iloc[0]), "rows": rows_by_dataset(rows)}
    return volumes


def share_years(volumes: pd.DataFrame) -> pd.DataFrame:
    """
    Return each supplier's share of every year in which there were imports.

    Parameters
    ----------
    volumes : pandas.DataFrame
        Of :func:`supplier_years`.

    Returns
    -------
    pandas.DataFrame
        Shares between 0 and 1, rows add up to 1. A year without imports has no shares and is not
        there; ``attrs["left_out"]`` names it with the reason.

    Raises
    ------
    SchemaError
        If there were no imports at all.

    Examples
    --------
    >>> years = pd.period_range("2019", "2021", freq="Y")
    >>> shares = share_years(pd.DataFrame({"ISR": [3.0, 0, 0], "TUR": [1.0, 0, 2]}, index=years))
    >>> shares["ISR"].to_list(), shares.attrs["left_out"]
    ([0.75, 0.0], {'2020': 'no imports'})
    """
    totals = pd.Series([exact_sum(row) for row in volumes.to_numpy()], index=volumes.index)
    if not (totals > 0).any():
        raise SchemaError("expected imports in one year at least, found none")
    shares = volumes[totals > 0].div(totals[totals > 0], axis="index")
    shares.attrs = {
        **volumes.attrs,
        "left_out": {str(year): "no imports" for year in totals.index[totals == 0]},
    }
    return shares


def keep_largest(volumes: pd.DataFrame, suppliers: list[str], *, rest: str) -> pd.DataFrame:
    """
    Return the columns of some suppliers, and all others as one.

    Parameters
    ----------
    volumes : pandas.DataFrame
        Volumes or shares, one column a supplier.
    suppliers : list of str
        Alpha-3 codes, in the order wanted; one that delivered nothing has zeros.
    rest : str
        Name of the column of all others.

    Returns
    -------
    pandas.DataFrame
        One column a supplier, then ``rest``.

    Raises
    ------
    CountryError
        If a supplier is no code.

    Examples
    --------
    >>> shares = pd.DataFrame({"BLR": [0.25], "ISR": [0.5], "RUS": [0.25]})
    >>> keep_largest(shares, ["ISR"], rest="others").to_dict("records")
    [{'ISR': 0.5, 'others': 0.5}]
    """
    for code in suppliers:
        country_name(code)
    named = volumes.reindex(columns=suppliers, fill_value=0.0)
    others = volumes.drop(columns=suppliers, errors="ignore")
    return named.assign(**{rest: [exact_sum(row) for row in others.to_numpy()]})
