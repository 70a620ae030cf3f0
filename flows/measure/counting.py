"""What a measure counts: which deliveries, in which year each falls, and the rows it shares out."""

from dataclasses import dataclass, replace
from typing import Literal, Protocol, get_args

import pandas as pd

from flows.countries import country_name
from flows.errors import SchemaError
from flows.measure.checks import (
    check_one_unit,
    check_one_vintage,
    check_rows,
    check_span,
    check_stated_sizes,
    check_within,
    select_flows,
)
from flows.measure.covering import (
    Cover,
    check_kept,
    check_one_holder,
    check_whole_years,
    cover_of,
    stated_reason,
)
from flows.measure.groups import rows_among
from flows.measure.totals import as_members_report, cover_among
from flows.results import Fact, print_count
from flows.scope import SIDES, Of
from flows.table import TIV

By = Literal["delivery", "order"]
"""The year in which a row counts."""

_SHOWN = 12

UNKNOWN = ("XXR", "XXU")
"""Unknown recipients and suppliers of SIPRI."""

MARKS = ["first", "last", "inside", "crosses", "admitted"]
"""Columns that say of a row whether it counts; they are gone from results."""


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
                text = getattr(self, name)
                raise TypeError(f"{name}: expected a tuple of texts, ({text!r},), found {text!r}")

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


ALL = Counting()
"""Every row, in the period that the source states."""


def choose_counted(rows: pd.DataFrame, counting: Counting) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows that pass a counting, whatever their year and their local production."""
    passed = pd.Series(data=True, index=rows.index)
    missing = pd.Series("", index=rows.index)
    for column, wanted in _demands(counting).items():
        if column not in rows.columns:
            raise SchemaError(
                f"{_dataset(rows)}: expected the column {column}, which counting "
                f"{counting.describe()!r} needs, found totals without it; load deliveries by deal "
                "and year"
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
    Check that a data set has what a counting names:
    a mistyped product would count as nothing.
    """
    named = {
        "product": counting.products,
        "status": counting.status,
        "deal": counting.without_deals,
    }
    for column, values in named.items():
        if values and column not in table.columns:
            raise SchemaError(
                f"{_dataset(table)}: expected the column {column}, found totals without it; load "
                "deliveries by deal and year"
            )
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


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """
    The rows of one country in one window that a measure shares out among partners.

    ``rows``: rows that count, with the column ``partner``, in the order of the file; ``crossing``:
    deals delivered inside the window and outside, of which only a part counts; ``left_out``: rows
    of which the source does not say what the counting asks (``missing`` names the column),
    which are in no sum; ``country``: alpha-3; ``of``: whose total it is; ``start``, ``end``: first
    and last year; ``cover``: what the rows cover; ``dataset``, ``unit``: ``source@vintage``
    (all of them where somebody states that several are the whole together), ``"TIV"`` or ``"USD"``;
    ``counting``: what was counted; ``among``: the group whose members alone are the partners.
    """

    rows: pd.DataFrame
    crossing: pd.DataFrame
    left_out: pd.DataFrame
    country: str
    of: Of
    start: int
    end: int
    dataset: str
    unit: str
    counting: Counting
    cover: Cover
    among: str | None


def count_flows(
    table: pd.DataFrame,
    *,
    country: str,
    start: int,
    end: int,
    of: Of = "imports",
    dataset: str | None = None,
    counting: Counting = ALL,
    crossing: bool = False,
    among: str | None = None,
) -> Counted:
    """
    Return the rows of a country in a window, each flow once.

    ``crossing``: deals may have deliveries on both sides of an edge of the window; ``among``: a
    group whose members alone are its partners.
    """
    near, left_out = find_candidates(
        table, country=country, start=start, end=end, of=of, dataset=dataset, counting=counting
    )
    admitted = near[near["admitted"]]
    check_stated_sizes(admitted)
    check_within(admitted, start, end, crossing=crossing)
    inside, across = admitted[admitted["inside"]], admitted[admitted["crosses"]]
    left_out = left_out[(left_out["first"] <= end) & (left_out["last"] >= start)]
    if among is not None:
        inside, across, left_out = (
            rows_among(rows, among, country=country) for rows in (inside, across, left_out)
        )
    counted = pd.concat([inside, across])
    check_one_unit(counted)
    check_one_vintage(counted)
    check_one_holder(counted, country=country, of=of)
    check_rows(
        counted if among is None else as_members_report(counted, side=SIDES[of][1]),
        of=of,
        several_datasets=stated_reason(counted) is not None,
    )
    if counting.by == "delivery":
        check_whole_years(counted, country=country, of=of, start=start, end=end)
    chosen = replace(counting, products=()) != ALL
    return Counted(
        rows=inside.drop(columns=MARKS).reset_index(drop=True),
        crossing=across.drop(columns=MARKS).reset_index(drop=True),
        left_out=left_out.drop(columns=["first", "last"]),
        country=country,
        of=of,
        start=start,
        end=end,
        dataset=_dataset(counted),
        unit=str(counted["unit"].iloc[0]),
        counting=counting,
        cover=cover_of(counted, country=country, of=of, start=start, end=end, chosen=chosen)
        if among is None
        else cover_among(counted, among, country=country, of=of),
        among=among,
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
    """Return all rows of a country that could count, in any year, and those that say too little."""
    if of not in get_args(Of):
        raise ValueError(f"of: expected {' or '.join(get_args(Of))}, found {of!r}")
    side, other = SIDES[of]
    counted = select_flows(table, dataset=dataset)
    check_span(counted, start=start, end=end)
    check_named(counted, counting)
    window = None if counting.by == "order" else (start, end)
    check_kept(counted, country=country, of=of, years=window)
    rows = select_flows(counted, **{side: country})
    country_name(country)
    kept, left_out = choose_counted(
        rows.assign(partner=rows[other]).reset_index(drop=True), counting
    )
    near = mark_candidates(kept, start=start, end=end, counting=counting)
    return near, left_out.assign(**_possible_years(left_out, counting))


def mark_candidates(
    kept: pd.DataFrame, *, start: int, end: int, counting: Counting
) -> pd.DataFrame:
    """Return rows with :data:`MARKS`, which say whether each counts in a window."""
    if counting.by == "order":
        first = last = kept["order_year"].astype("int64")
    else:
        first, last = kept["start"].dt.year, kept["end"].dt.year
    local = counting.local_production
    inside = (first >= start) & (last <= end)
    touching = (first <= end) & (last >= start)
    return kept.assign(
        first=first,
        last=last,
        inside=inside,
        crosses=touching & ~inside & delivery_years(kept, start, end)["inside"].fillna(1).ne(0),
        admitted=True if local is None else kept["local_production"].eq(local).astype("bool"),
    )


def delivery_years(rows: pd.DataFrame, start: int, end: int) -> pd.DataFrame:
    """
    Return how many years of delivery that a row lists are ``inside`` a window and ``outside``.

    Missing where the table lists none: then only the first and the last are known.
    """
    if "delivery_years" not in rows.columns:
        return pd.DataFrame(index=rows.index, columns=["inside", "outside"], dtype="Int64")
    listed = rows["delivery_years"].str.findall(r"[0-9]{4}").explode().astype("Int64")
    within = listed.between(start, end).groupby(level=0).sum()
    counts = listed.groupby(level=0).count()
    return pd.DataFrame({"inside": within, "outside": counts - within}).where(counts > 0)


def _possible_years(rows: pd.DataFrame, counting: Counting) -> dict[str, pd.Series]:
    """Return the first and the last year in which rows may count; an order precedes delivery."""
    first, last = rows["start"].dt.year, rows["end"].dt.year
    if counting.by == "delivery":
        return {"first": first, "last": last}
    ordered = rows["order_year"].astype("Float64")
    return {"first": ordered.fillna(0), "last": ordered.fillna(last)}


def rows_within(rows: pd.DataFrame, *, start: int, end: int) -> pd.DataFrame:
    """Return the rows whose period lies in a window of years."""
    first, last = rows["start"].dt.year, rows["end"].dt.year
    inside = (first >= start) & (last <= end)
    crosses = (first <= end) & (last >= start) & ~inside
    check_within(rows.assign(first=first, last=last, inside=inside, crosses=crosses), start, end)
    within: pd.DataFrame = rows[inside]
    return within


class _OfCounted(Protocol):
    """What a measure says of the rows that it was made from; see :class:`Counted`."""

    @property
    def dataset(self) -> str: ...
    @property
    def counting(self) -> Counting: ...
    @property
    def rows(self) -> pd.DataFrame: ...
    @property
    def left_out(self) -> pd.DataFrame: ...
    @property
    def scope(self) -> str: ...


def counted_facts(measure: _OfCounted) -> tuple[Fact, ...]:
    """Print what was counted, of which data set, and which rows are left out."""
    rows, out = (print_count(len(rows), "row") for rows in (measure.rows, measure.left_out))
    lacking = ", ".join(sorted(measure.left_out["missing"].unique()))
    return (
        ("counted", _counted_in_words(measure)),
        ("data", f"{measure.dataset}, {rows}, {measure.scope}"),
        ("left out", f"{out} without {lacking}" if lacking else "none"),
    )


def _counted_in_words(measure: _OfCounted) -> str:
    """Return what is counted; years of delivery are a word of arms."""
    if measure.counting == ALL and not measure.rows["unit"].eq(TIV).any():
        return "all rows, in their own period"
    return measure.counting.describe()
