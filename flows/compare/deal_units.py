"""Which deal of one release is which deal of the other, and what each of them delivers."""

from typing import Literal, get_args

import pandas as pd

from flows.errors import SchemaError
from flows.table import where

Match = Literal["id", "attributes"]

ATTRIBUTES = ("exporter", "importer", "order_year", "designation", "product")
"""What tells a deal from others where the publisher gives no id."""

_BY_LINE = "line "
_ABOUT = ("designation", "description")


def deal_units(old: pd.DataFrame, new: pd.DataFrame, *, match: Match) -> tuple[pd.DataFrame, ...]:
    """
    Give every row of two releases the name of its deal, the same one in both.

    Parameters
    ----------
    old, new : pandas.DataFrame
        Flow tables of one data set each.
    match : {"id", "attributes"}
        By the publisher's id, or by supplier, recipient, year of order, designation and category.
        Deals that share all of these are one unit, since which is which cannot be known. A table
        that has no deals is matched by supplier, recipient and product under either rule.

    Returns
    -------
    tuple of pandas.DataFrame
        The two tables with the columns ``unit_id``, ``unit_name`` (for a reader) and ``ambiguous``
        (several deals of one release have that name).

    Raises
    ------
    SchemaError
        If only one table has deals, or ids are asked for and deals have none but their line.
    ValueError
        If ``match`` is neither.

    Examples
    --------
    >>> from flows.loaders import load
    >>> from flows.loaders.examples import example_path
    >>> arms = load(example_path("sipri_deal_years"))
    >>> deal_units(arms, arms, match="id")[0]["unit_id"].tolist()
    ['1', '1', '2']
    """
    if match not in get_args(Match):
        raise ValueError(f"match: expected {' or '.join(get_args(Match))}, found {match!r}")
    tables = (old, new)
    with_deals = ["deal" in one.columns and bool(one["deal"].notna().any()) for one in tables]
    if with_deals[0] != with_deals[1]:
        raise SchemaError(
            f"expected deals in both tables or in none, found them in one of "
            f"{where(old, shown=1)} and {where(new, shown=1)}"
        )
    if not with_deals[0]:
        return tuple(_named(one, ["exporter", "importer", "product"]) for one in tables)
    if match == "id":
        return tuple(_by_id(one) for one in tables)
    named = [_named(one, list(ATTRIBUTES)) for one in tables]
    several = {unit for one in named for unit in _held_by_several(one)}
    return tuple(one.assign(ambiguous=one["unit_id"].isin(several)) for one in named)


def _by_id(table: pd.DataFrame) -> pd.DataFrame:
    unnamed = table["deal"].isna() | table["deal"].astype("str").str.startswith(_BY_LINE)
    if unnamed.any():
        raise SchemaError(
            f"expected deals with an id of their publisher, found none at "
            f"{where(table[unnamed])}; match by attributes"
        )
    return table.assign(
        unit_id=table["deal"].astype("str"), unit_name=_names(table), ambiguous=False
    )


def _named(table: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    missing = [name for name in columns if name not in table.columns]
    if missing:
        raise SchemaError(
            f"{where(table, shown=1)}: expected the columns {', '.join(columns)}, "
            f"found none of {', '.join(missing)}"
        )
    parts = [table[name].astype("str").fillna("") for name in columns]
    named = _joined(parts, "; ")
    names = _names(table) if "designation" in columns else table["product"]
    return table.assign(unit_id=named, unit_name=names, ambiguous=False)


def _names(table: pd.DataFrame) -> pd.Series:
    """Return what a reader knows the deal by."""
    about = [table[name].astype("str").fillna("") for name in _ABOUT if name in table.columns]
    return _joined(about, " ").str.strip() if about else table["deal"]


def _joined(columns: list[pd.Series], between: str) -> pd.Series:
    told = [between.join(cells) for cells in zip(*columns, strict=True)]
    return pd.Series(told, index=columns[0].index, dtype="str")


def _held_by_several(table: pd.DataFrame) -> set[str]:
    deals = table.groupby("unit_id")["deal"].nunique()
    return {str(unit) for unit in deals.index[deals > 1]}
