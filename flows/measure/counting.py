"""What a measure counts: which deliveries, and in which year each of them falls."""

from dataclasses import dataclass
from typing import Literal, get_args

import pandas as pd

from flows.errors import SchemaError

By = Literal["delivery", "order"]
"""The year in which a row counts."""


@dataclass(frozen=True, slots=True)
class Counting:
    """
    Which rows count, and in which year; as it stands, all of them in the period of the data.

    Parameters
    ----------
    by : {"delivery", "order"}
        ``delivery`` counts a row in its own period, as SIPRI counts. ``order`` counts it in the
        year in which it was ordered, which answers another question.
    products : tuple of str
        Products, such as SIPRI's categories ``("aircraft", "missiles")``; empty for all.
    status : tuple of str
        ``("New",)``, or others of the data set; empty for all.
    local_production : bool, optional
        False leaves out what the importer produced under licence; True keeps only that.
    year_estimated : bool, optional
        False keeps rows whose year the source does not mark as an estimate: the year of delivery,
        or of order where the rows count by order.
    without_deals : tuple of str
        Deals to leave out.

    Raises
    ------
    ValueError
        If ``by`` is neither.
    TypeError
        If one name is given where several are expected.

    Examples
    --------
    >>> Counting(by="order", status=("New",)).describe()
    'by year of order, status New'
    """

    by: By = "delivery"
    products: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    local_production: bool | None = None
    year_estimated: bool | None = None
    without_deals: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.by not in get_args(By):
            raise ValueError(f"by: expected {' or '.join(get_args(By))}, found {self.by!r}")
        for name in ("products", "status", "without_deals"):
            if isinstance(getattr(self, name), str):
                raise TypeError(f"{name}: expected several, found {getattr(self, name)!r}")

    @property
    def year_flag(self) -> str:
        """Column that marks the year in which a row counts as an estimate."""
        return f"{self.by}_year_estimated"

    def describe(self) -> str:
        """
        Say in words what is counted.

        Returns
        -------
        str
            For a note under a table.
        """
        local = {True: "local production only", False: "without local production", None: ""}
        sure = {True: "estimated years only", False: "certain years only", None: ""}
        parts = (
            f"by year of {self.by}",
            f"products {', '.join(self.products)}" if self.products else "",
            f"status {', '.join(self.status)}" if self.status else "",
            local[self.local_production],
            sure[self.year_estimated],
            f"without deal {', '.join(self.without_deals)}" if self.without_deals else "",
        )
        return ", ".join(part for part in parts if part)


_SHOWN = 12

ALL = Counting()
"""Every row, in the period that the source states."""


def choose_counted(rows: pd.DataFrame, counting: Counting) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Return the rows that pass a counting, whatever their year and their local production.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of one data set.
    counting : Counting
        What counts. Local production is a matter of definition, of which both ways are wanted
        where bounds are: it is only checked to be stated.

    Returns
    -------
    kept : pandas.DataFrame
        Rows that count.
    left_out : pandas.DataFrame
        Rows that pass so far as the source says, but do not say all that is asked: ``missing``
        names the first column that is empty.

    Raises
    ------
    SchemaError
        If the data set has no column that the counting needs.

    Examples
    --------
    >>> deals = pd.DataFrame({"status": ["New", None], "dataset": "a@1", "line": [2, 3]})
    >>> kept, left_out = choose_counted(deals, Counting(status=("New",)))
    >>> kept["line"].tolist(), left_out[["line", "missing"]].to_numpy().tolist()
    ([2], [[3, 'status']])
    """
    passed = pd.Series(data=True, index=rows.index)
    missing = pd.Series("", index=rows.index)
    for column, wanted in _demands(counting).items():
        if column not in rows.columns:
            raise SchemaError(
                f"{_dataset(rows)}: expected a column {column}, which counting "
                f"{counting.describe()!r} needs; found sums of deals"
            )
        unsaid = rows[column].isna()
        missing = missing.mask(missing.eq("") & unsaid, column)
        if wanted is not None:
            passed &= unsaid | rows[column].isin(wanted)
    if counting.without_deals:
        passed &= ~rows["deal"].isin(counting.without_deals)
    said = missing.eq("")
    return rows[passed & said], rows.assign(missing=missing)[passed & ~said]


def check_named(table: pd.DataFrame, counting: Counting) -> None:
    """
    Check that a data set has what a counting names: a mistyped product would count as nothing.

    Parameters
    ----------
    table : pandas.DataFrame
        Flow table of one data set.
    counting : Counting
        What counts.

    Raises
    ------
    SchemaError
        If a product, status or deal is not in the table.

    Examples
    --------
    >>> deals = pd.DataFrame({"product": ["ships"], "dataset": "a@1", "line": [2]})
    >>> check_named(deals, Counting(products=("ship",)))
    Traceback (most recent call last):
        ...
    flows.errors.SchemaError: a@1: expected product 'ship', found none; there are: 'ships'
    """
    named = {
        "product": counting.products,
        "status": counting.status,
        "deal": counting.without_deals,
    }
    for column, values in named.items():
        if values and column not in table.columns:
            raise SchemaError(f"{_dataset(table)}: expected a column {column}, found sums of deals")
        for value in values:
            if not table[column].eq(value).fillna(value=False).any():
                there = sorted(map(repr, table[column].dropna().unique()))
                shown = ", ".join(there[:_SHOWN]) + (" ..." if len(there) > _SHOWN else "")
                raise SchemaError(
                    f"{_dataset(table)}: expected {column} {value!r}, found none; "
                    f"there are: {shown}"
                )


def _demands(counting: Counting) -> dict[str, tuple[str | bool, ...] | None]:
    """Return the columns that a counting needs, and the values that pass (None: any)."""
    demands: dict[str, tuple[str | bool, ...] | None] = {}
    if counting.products:
        demands["product"] = counting.products
    if counting.status:
        demands["status"] = counting.status
    if counting.year_estimated is not None:
        demands[counting.year_flag] = (counting.year_estimated,)
    if counting.local_production is not None:
        demands["local_production"] = None
    if counting.by == "order":
        demands["order_year"] = None
    return demands


def _dataset(rows: pd.DataFrame) -> str:
    return " and ".join(sorted(rows["dataset"].unique())) or "no data set"
