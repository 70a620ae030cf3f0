"""The deals that a share is made of: what is drawn anew, and what is left out one by one."""

from typing import Literal, get_args

import pandas as pd

from flows.canonical import exact_sum
from flows.errors import SchemaError
from flows.measure.shares import Share
from flows.table import where

Unit = Literal["deal", "row"]

_TOLD = ("designation", "description")
_FEWEST = 2
_ROW_KEY = ["exporter", "start", "end", "product"]


def weighed_units(found: Share, *, unit: Unit) -> pd.DataFrame:
    """
    Return the deals of a share, each with all that it delivered in the window.

    Parameters
    ----------
    found : Share
        From :func:`flows.measure.shares.share`.
    unit : {"deal", "row"}
        A deal with its deliveries of several years is one thing that might not have been. Rows
        stand for deals only where a data set has nothing better, and by explicit request: rows of
        one deal come and go together, so that an interval by row is too narrow.

    Returns
    -------
    pandas.DataFrame
        One row a unit, by supplier and deal: ``supplier``, ``deal`` (or number of the row, as
        text), ``designation`` and ``description`` where the data set has them, ``value`` (in the
        unit of the share), ``rows`` (how many). The order of the rows of the share has no
        influence.

    Raises
    ------
    SchemaError
        If the data set does not say which deal a row belongs to, a deal has two suppliers, or fewer
        than two units delivered anything: one deal has nothing to be weighed against.
    ValueError
        If ``unit`` is neither.

    Examples
    --------
    >>> import flows as fl
    >>> arms = fl.load("sipri-deal-years@2025-03")
    >>> found = fl.share(arms, supplier="ISR", importer="AZE", start=2016, end=2020)
    >>> deals = weighed_units(found, unit="deal")
    >>> len(found.rows), len(deals), deals["value"].idxmax()
    (60, 35, 8)
    """
    if unit not in get_args(Unit):
        raise ValueError(f"unit: expected one of {', '.join(get_args(Unit))}, found {unit!r}")
    rows = _with_deals(found) if unit == "deal" else _with_numbers(found)
    told = {name: (name, "first") for name in _TOLD if name in rows.columns}
    units = rows.groupby(["exporter", "deal"], sort=True, as_index=False).agg(
        **told,
        value=("value", exact_sum),
        rows=("value", "size"),
    )
    delivered = int((units["value"] > 0).sum())
    if delivered < _FEWEST:
        raise SchemaError(
            f"expected imports of {found.importer} in {found.start}-{found.end} by at least "
            f"{_FEWEST} {unit}s, found {delivered}"
        )
    return units.rename(columns={"exporter": "supplier"})


def _with_deals(found: Share) -> pd.DataFrame:
    """Return the rows of the share, of which each has a deal and each deal one supplier."""
    rows = found.rows
    if "deal" not in rows.columns or rows["deal"].isna().any():
        without = rows[rows["deal"].isna()] if "deal" in rows.columns else rows
        raise SchemaError(
            f"expected the deal of every row, found none at {where(without)}; tables of totals "
            "have no deals: load deliveries by deal and year, or ask for unit='row'"
        )
    suppliers = rows.drop_duplicates(["deal", "exporter"])
    several = suppliers[suppliers["deal"].duplicated(keep=False)].sort_values(["deal", "exporter"])
    if len(several):
        deal = several["deal"].iloc[0]
        same = several[several["deal"] == deal]
        raise SchemaError(
            f"deal {deal}: expected one supplier, found {', '.join(same['exporter'])} "
            f"({where(same)})"
        )
    # Of a deal, the first year names the weapon.
    return rows.sort_values(["deal", *_ROW_KEY])


def _with_numbers(found: Share) -> pd.DataFrame:
    """Return the rows of the share with their number in ``deal``, the same in every order."""
    key = [*_ROW_KEY, *(["deal"] if "deal" in found.rows.columns else [])]
    rows = found.rows.sort_values(key)
    width = len(str(len(rows)))
    return rows.assign(deal=[f"{number:0{width}d}" for number in range(1, len(rows) + 1)])
