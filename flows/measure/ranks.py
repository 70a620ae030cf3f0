"""Ranks of suppliers: who delivers more than whom, and how that changes from window to window."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from flows.canonical import exact_sum
from flows.errors import SchemaError
from flows.measure.counted import rows_within
from flows.measure.double_counting import check_one_scope, check_stated_once
from flows.measure.selection import select_flows
from flows.measure.spans import check_span, years_counted

_UNNAMED = "XX"
"""How the codes begin of unknown suppliers and recipients and of areas that are not specified."""

_COLUMNS = ["window", "start", "end", "supplier", "value", "share", "rank"]


def rank_suppliers(amounts: pd.Series) -> pd.Series:
    """
    Rank suppliers by what they delivered, the largest first.

    Parameters
    ----------
    amounts : pandas.Series
        One amount a supplier, index of alpha-3 codes.

    Returns
    -------
    pandas.Series
        1 and the number of suppliers that delivered more, so that equals share the better rank;
        missing for those that the source cannot name: they may be one supplier or several, and any
        of the others. Type ``Int64``, index as handed in.

    Raises
    ------
    ValueError
        If a supplier stands there twice.

    Examples
    --------
    >>> rank_suppliers(pd.Series({"ISR": 30.0, "RUS": 50.0, "TUR": 30.0, "XXU": 90.0})).tolist()
    [2, 1, 2, <NA>]
    """
    if not amounts.index.is_unique:
        twice = amounts.index[amounts.index.duplicated()][0]
        raise ValueError(f"amounts: expected each supplier once, found {twice} twice")
    named = amounts[are_named(amounts.index)]
    return named.rank(method="min", ascending=False).reindex(amounts.index).astype("Int64")


def are_named(codes: pd.Index) -> npt.NDArray[np.bool_]:
    """
    Say which codes stand for a country, an organisation or a group that the source names.

    Parameters
    ----------
    codes : pandas.Index
        Alpha-3 codes.

    Returns
    -------
    numpy.ndarray
        Shape ``(len(codes),)``; false for unknown suppliers, recipients and areas.

    Examples
    --------
    >>> are_named(pd.Index(["ISR", "XXU", "XNA"])).tolist()
    [True, False, True]
    """
    return np.array([not code.startswith(_UNNAMED) for code in codes], dtype=np.bool_)


def supplier_totals(rows: pd.DataFrame) -> pd.Series:
    """
    Return what each supplier delivered, as a sum that does not depend on the order of rows.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of a flow table that can be added.

    Returns
    -------
    pandas.Series
        In the unit of the rows, index ``exporter``, sorted.

    Raises
    ------
    KeyError
        If ``exporter`` or ``value`` is missing.

    Examples
    --------
    >>> rows = pd.DataFrame({"exporter": ["RUS", "ISR", "RUS"], "value": [1.0, 2.0, 3.0]})
    >>> supplier_totals(rows).to_dict()
    {'ISR': 2.0, 'RUS': 4.0}
    """
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
        As :func:`flows.measure.shares.share` does.
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
