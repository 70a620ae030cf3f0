"""Every importer of a full export: how concentrated its imports are, and on whom."""

import math

import pandas as pd

from flows.canonical import exact_sum
from flows.measure.indices import herfindahl
from flows.measure.ranks import are_named

_HALF = 0.5
_PERCENT = 100.0


def importer_table(rows: pd.DataFrame) -> pd.DataFrame:
    """
    Return the concentration of every importer's imports.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of a flow table that can be added, of one window.

    Returns
    -------
    pandas.DataFrame
        One row an importer that received anything, sorted: ``importer``, ``value`` (all suppliers,
        in the unit of the rows), ``suppliers`` (how many delivered something), ``largest`` (the
        named supplier that delivered most, the first by code among equals; empty if there is none),
        ``largest_share`` (its share; missing if there is none), ``hhi``, ``effective_number``.

    Raises
    ------
    KeyError
        If ``exporter``, ``importer`` or ``value`` is missing.

    Examples
    --------
    >>> rows = pd.DataFrame(
    ...     {"importer": "AZE", "exporter": ["ISR", "RUS", "ISR"], "value": [20.0, 10.0, 10.0]}
    ... )
    >>> importer_table(rows)[["largest", "largest_share", "hhi"]].to_numpy().tolist()
    [['ISR', 0.75, 0.625]]
    """
    amounts = supplier_amounts(rows)
    described = [
        {"importer": importer, **_described(delivered.droplevel("importer"))}
        for importer, delivered in amounts.groupby(level="importer", sort=True)
    ]
    columns = ["importer", "value", "suppliers", "largest", "largest_share", "hhi"]
    table = pd.DataFrame(described, columns=columns)
    return table.assign(effective_number=1 / table["hhi"])


def supplier_amounts(rows: pd.DataFrame) -> pd.Series:
    """
    Return what each supplier delivered to each importer, where it is more than nothing.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of a flow table that can be added.

    Returns
    -------
    pandas.Series
        In the unit of the rows, index ``importer`` and ``exporter``, sorted.

    Raises
    ------
    KeyError
        If ``exporter``, ``importer`` or ``value`` is missing.

    Examples
    --------
    >>> rows = pd.DataFrame({"importer": "AZE", "exporter": ["ISR", "RUS"], "value": [2.0, 0.0]})
    >>> supplier_amounts(rows).to_dict()
    {('AZE', 'ISR'): 2.0}
    """
    sums = rows.groupby(["importer", "exporter"], sort=True)["value"].agg(exact_sum)
    amounts: pd.Series = sums[sums > 0].astype("float64")
    return amounts


def percentile(values: pd.Series) -> pd.Series:
    """
    Return the place of each value among all, in percent.

    Parameters
    ----------
    values : pandas.Series
        Without a missing one.

    Returns
    -------
    pandas.Series
        The part of the values that are less and half of those that are equal, itself among them:
        the median of an odd number of different values is at 50, and equals have one percentile.

    Examples
    --------
    >>> percentile(pd.Series([0.2, 0.5, 0.9, 0.9])).tolist()
    [12.5, 37.5, 75.0, 75.0]
    """
    return _PERCENT * (values.rank(method="average") - _HALF) / len(values)


def _described(delivered: pd.Series) -> dict[str, float | int | str]:
    """Return what an importer received, from how many, and from whom most."""
    total = exact_sum(delivered)
    named = delivered[are_named(delivered.index)].sort_values(ascending=False, kind="stable")
    return {
        "value": total,
        "suppliers": len(delivered),
        "largest": str(named.index[0]) if len(named) else "",
        "largest_share": named.iloc[0] / total if len(named) else math.nan,
        "hhi": herfindahl(delivered),
    }
