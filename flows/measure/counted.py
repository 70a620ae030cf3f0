"""The rows of one country in one window that a measure shares out among its partners."""

from dataclasses import dataclass
from typing import get_args

import pandas as pd

from flows.countries import country_name
from flows.measure.counted_checks import Of, check_rows, check_within
from flows.measure.counting import ALL, Counting, check_named, choose_counted
from flows.measure.selection import select_flows
from flows.measure.spans import check_span

UNKNOWN = ("XXR", "XXU")
"""Unknown recipients and suppliers of SIPRI."""

_SIDES = {"imports": ("importer", "exporter"), "exports": ("exporter", "importer")}
_MARKS = ["first", "last", "inside", "admitted"]


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """
    The rows of one country in one window that a measure shares out among partners.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows that count, with the column ``partner``, in the order of the file.
    left_out : pandas.DataFrame
        Rows of which the source does not say what the counting asks (``missing`` names the
        column): they are in no sum.
    country : str
        Alpha-3 code.
    of : {"imports", "exports"}
        Whose total it is.
    start, end : int
        First and last year.
    dataset, unit : str
        ``source@vintage``; ``"TIV"`` or ``"USD"``.
    counting : Counting
        What was counted.
    """

    rows: pd.DataFrame
    left_out: pd.DataFrame
    country: str
    of: Of
    start: int
    end: int
    dataset: str
    unit: str
    counting: Counting


def count_flows(
    table: pd.DataFrame,
    *,
    country: str,
    start: int,
    end: int,
    of: Of = "imports",
    dataset: str | None = None,
    counting: Counting = ALL,
) -> Counted:
    """
    Return the rows of a country in a window, each flow once.

    Parameters
    ----------
    table : pandas.DataFrame
        Flow table.
    country : str
        Alpha-3 code: the importer, or the exporter where ``of="exports"``.
    start, end : int
        First and last year, both included.
    of : {"imports", "exports"}
        Its imports by supplier, or its exports by customer.
    dataset : str, optional
        The vintage to count, where the table holds several.
    counting : Counting
        Which rows count, and in which year.

    Returns
    -------
    Counted

    Raises
    ------
    UnitError, DoubleCountError, PeriodError, SchemaError, CountryError, ValueError
        As :func:`flows.measure.shares.share` does.

    Examples
    --------
    >>> from flows.loaders import load
    >>> from flows.loaders.examples import example_path
    >>> arms = load(example_path("sipri_deal_years"))
    >>> counted = count_flows(arms, country="AZE", start=2011, end=2012)
    >>> counted.unit, counted.rows["partner"].tolist()
    ('TIV', ['ISR', 'ISR'])
    """
    near, left_out = find_candidates(
        table, country=country, start=start, end=end, of=of, dataset=dataset, counting=counting
    )
    inside = near[near["inside"] & near["admitted"]]
    check_within(near[near["admitted"]], start, end)
    check_rows(inside, of=of)
    return Counted(
        rows=inside.drop(columns=_MARKS).reset_index(drop=True),
        left_out=left_out[(left_out["first"] <= end) & (left_out["last"] >= start)].drop(
            columns=["first", "last"]
        ),
        country=country,
        of=of,
        start=start,
        end=end,
        dataset=str(inside["dataset"].iloc[0]),
        unit=str(inside["unit"].iloc[0]),
        counting=counting,
    )


def find_candidates(
    table: pd.DataFrame,
    *,
    country: str,
    start: int,
    end: int,
    of: Of,
    dataset: str | None,
    counting: Counting,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Return all rows of a country that could count, in any year, and those that say too little.

    Parameters
    ----------
    table : pandas.DataFrame
        Flow table.
    country, start, end, of, dataset, counting
        As in :func:`count_flows`.

    Returns
    -------
    near : pandas.DataFrame
        Rows with the columns ``partner``, ``first`` and ``last`` (years in which they count),
        ``inside`` (whether that is in the window) and ``admitted`` (whether they pass the counting
        of local production, which is a matter of definition).
    left_out : pandas.DataFrame
        Rows that do not say what the counting asks; ``missing`` names the column.

    Raises
    ------
    PeriodError, SchemaError, CountryError, ValueError
        As in :func:`count_flows`.

    Examples
    --------
    >>> from flows.loaders import load
    >>> from flows.loaders.examples import example_path
    >>> near, left_out = find_candidates(
    ...     load(example_path("sipri_deal_years")),
    ...     country="AZE", start=2012, end=2012, of="imports", dataset=None, counting=ALL,
    ... )
    >>> near["inside"].tolist(), len(left_out)
    ([False, True, False], 0)
    """
    if of not in get_args(Of):
        raise ValueError(f"of: expected {' or '.join(get_args(Of))}, found {of!r}")
    side, other = _SIDES[of]
    counted = select_flows(table, dataset=dataset)
    check_span(counted, start=start, end=end)
    check_named(counted, counting)
    rows = select_flows(counted, **{side: country})
    country_name(country)
    kept, left_out = choose_counted(
        rows.assign(partner=rows[other]).reset_index(drop=True), counting
    )
    if counting.by == "order":
        first = last = kept["order_year"].astype("int64")
    else:
        first, last = kept["start"].dt.year, kept["end"].dt.year
    local = counting.local_production
    near = kept.assign(
        first=first,
        last=last,
        inside=(first >= start) & (last <= end),
        admitted=True if local is None else kept["local_production"].eq(local).astype("bool"),
    )
    return near, left_out.assign(**_possible_years(left_out, counting))


def _possible_years(rows: pd.DataFrame, counting: Counting) -> dict[str, pd.Series]:
    """Return the first and the last year in which rows may count; an order precedes delivery."""
    first, last = rows["start"].dt.year, rows["end"].dt.year
    if counting.by == "delivery":
        return {"first": first, "last": last}
    ordered = rows["order_year"].astype("Float64")
    return {"first": ordered.fillna(0), "last": ordered.fillna(last)}


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
    PeriodError, SchemaError
        As :func:`check_within` does.

    Examples
    --------
    >>> dates = {"start": pd.to_datetime(["2015-01-01"]), "end": pd.to_datetime(["2015-12-31"])}
    >>> rows_within(pd.DataFrame(dates), start=2016, end=2020)
    Traceback (most recent call last):
        ...
    flows.errors.SchemaError: expected rows in 2016-2020, found rows only in 2015-2015
    """
    first, last = rows["start"].dt.year, rows["end"].dt.year
    inside = (first >= start) & (last <= end)
    check_within(rows.assign(first=first, last=last, inside=inside), start, end)
    within: pd.DataFrame = rows[inside]
    return within
