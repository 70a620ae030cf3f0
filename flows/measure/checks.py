"""Which rows a measure counts, in which years, and that none of them counts a flow twice."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from flows.countries import hint_at_code
from flows.errors import DoubleCountError, PeriodError, SchemaError, UnitError
from flows.scope import Of, scope_of, source_of
from flows.table import Rows, where

FILTERS = ("reporter", "dataset", "partner_basis", "valuation", "coverage", "classification")
"""Columns that tell two statements of one flow apart, in the order in which a filter is named."""

_FLOW = ["exporter", "importer"]

UNNAMED = "XXX"

SOURCE_LINES = "source_lines"
"""Column of rows that were added up: the lines of all of their parts, with blanks between."""

_WORDS = {"imports": "supplier", "exports": "customer"}


def check_one_unit(rows: pd.DataFrame) -> str:
    """Return the unit of the rows."""
    units = sorted(rows["unit"].unique())
    if not units:
        raise SchemaError("expected rows with one unit, found no row; check what was filtered")
    if len(units) > 1:
        first = rows[rows["unit"] == units[0]].head(1)
        other = rows[rows["unit"] != units[0]].head(1)
        raise UnitError(
            f"expected one unit, found {' and '.join(units)} ({where(first)}; {where(other)}): "
            "TIV, a volume of arms, and another currency are never added to dollars"
        )
    return str(units[0])


def check_stated_once(rows: pd.DataFrame) -> None:
    """Check that the rows can be added: one unit, one vintage, every flow stated once."""
    check_one_statement(rows)
    check_periods(rows)


def check_one_statement(rows: pd.DataFrame, *, of: Sequence[str] = _FLOW) -> None:
    """
    Check all that :func:`check_stated_once` does, but for periods that overlap.

    ``of``: what a sum is of; with ``product`` among these columns no two products are added.
    """
    check_one_unit(rows)
    unpublished = rows["value"].isna()
    if unpublished.any():
        raise SchemaError(
            f"expected a value in every row, found flows of unpublished size at "
            f"{where(rows[unpublished])}"
        )
    check_one_vintage(rows)
    _check_alike(rows, list(of))


def check_periods(rows: pd.DataFrame) -> None:
    """Check that no flow is stated for two periods that overlap; deliveries of deals may."""
    key = [*_FLOW, "product"]
    undivided = rows[rows["deal"].isna()] if "deal" in rows.columns else rows
    ordered = undivided.sort_values([*key, "start", "end"])
    overlap = ordered["start"] <= ordered.groupby(key)["end"].shift()
    if overlap.any():
        at = int(overlap.to_numpy().argmax())
        two = ordered.iloc[at - 1 : at + 1]
        raise DoubleCountError(
            f"{_name(two, _FLOW)}: expected periods that do not overlap, found two that do "
            f"({where(two)}); choose one period or re-cut first"
        )


def check_one_vintage(rows: pd.DataFrame) -> None:
    """Check that no data set is there in two releases."""
    datasets = pd.Series(sorted(rows["dataset"].unique()))
    sources = datasets.str.partition("@")[0]
    twice = datasets[sources.duplicated(keep=False)]
    if len(twice):
        raise DoubleCountError(
            f"expected one vintage of a data set in one sum, found {', '.join(twice)}; "
            f"filter dataset={twice.iloc[0]!r}"
        )


def check_one_scope(
    rows: pd.DataFrame,
    *,
    of: Of = "imports",
    several_datasets: bool = False,
    by: Sequence[str] = (),
) -> None:
    """
    Check that all suppliers of an importer, or customers of an exporter, are counted alike.

    Flows that are each stated once can still not be added if one comes from another data set,
    reporter or classification than the next: goods that name no supplier in one data set may be
    those that name theirs in another. ``several_datasets``: the caller states that together they
    are the whole; ``by``: columns, such as ``product``, of which no two values are added.
    """
    apart = [name for name in FILTERS if name != "dataset" or not several_datasets]
    _check_alike(rows, ["importer" if of == "imports" else "exporter", *by], apart)


def _check_alike(rows: pd.DataFrame, total: list[str], apart: Sequence[str] = FILTERS) -> None:
    """Check that the rows of each total, such as one importer, count alike and count once."""
    kinds = rows.drop_duplicates([*total, *apart])
    repeated = kinds[kinds.duplicated(total, keep=False)]
    if len(repeated):
        ordered = repeated.sort_values([*total, *apart])
        alike = ordered[(ordered[total] == ordered[total].iloc[0]).all(axis=1)]
        column = next(name for name in apart if len(alike[name].unique()) > 1)
        first = alike.drop_duplicates(column)
        values = sorted(repr(value) for value in first[column])
        if column == "reporter" and len(total) == 1:
            _check_one_side(first, total[0])
        raise DoubleCountError(
            f"{_name(first, total)}: expected one {column} in one sum, found "
            f"{', '.join(values)} ({where(first)}); filter {column}={values[0]} or another"
        )
    _check_products(rows, total)


def _check_one_side(first: pd.DataFrame, side: str) -> None:
    """Say of statements that each partner makes itself that they are of a group, not of all."""
    (partner,) = set(_FLOW) - {side}
    if (first["reporter"] == first[partner]).all():
        country = first[side].iloc[0]
        of = "imports" if side == "importer" else "exports"
        raise DoubleCountError(
            f"{of} of {country}: expected what one reporter states, found {len(first)} {partner}s "
            f"that each state their own trade with it ({where(first)}); ask for one of them "
            f"({partner}={first[partner].iloc[0]!r}), or for a group of which every member is "
            f"there: {partner}='EU27_2020' in series, among='EU27_2020' in share and partner_shares"
        )


def _check_products(rows: pd.DataFrame, total: list[str]) -> None:
    """Check that no code stands beside the codes that it includes: HS codes nest by prefix."""
    columns = list(dict.fromkeys([*_FLOW, *total, "product"]))
    codes = rows.loc[rows["product"].str.isdigit(), columns]
    if codes["product"].str.len().nunique() < 2:  # noqa: PLR2004 - none is longer than another
        return
    ordered = codes.drop_duplicates([*total, "product"]).sort_values([*total, "product"])
    same = ordered.duplicated(total)
    for place, (shorter, longer) in enumerate(pairwise(ordered["product"]), start=1):
        if longer.startswith(shorter) and same.iloc[place]:
            raise DoubleCountError(
                f"{_name(ordered.iloc[place:], total)}: expected products that do not include one "
                f"another, found {shorter} and {longer}; ask for product={shorter!r} or for the "
                f"longer codes (in a share by counting=fl.Counting(products=({shorter!r},)))"
            )


def _name(rows: pd.DataFrame, total: list[str]) -> str:
    exporter, importer = rows[_FLOW].iloc[0]
    if set(_FLOW) <= set(total):
        return f"{exporter} to {importer}"
    return f"imports of {importer}" if "importer" in total else f"exports of {exporter}"


def select_flows(table: pd.DataFrame, **values: str | None) -> pd.DataFrame:
    """
    Return the rows of a table that have given values, such as those of one reporter.

    Parameters
    ----------
    table : pandas.DataFrame
        Flow table.
    **values : str, optional
        Column to the value wanted there: ``exporter="IRN"``, ``reporter="ARM"``,
        ``partner_basis="origin"``, ``product="TOTAL"``, ``dataset="armstat@2025-02"``. A value of
        None asks for nothing.

    Returns
    -------
    pandas.DataFrame
        Rows with all of the values, in their order.

    Raises
    ------
    SchemaError
        If no row has a value; the message names those that are there. A mistyped code would
        otherwise count as no trade.
    PeriodError
        If the rows are to be chosen by ``order_year``, which answers another question.
    ValueError
        If the table has no such column.

    Examples
    --------
    >>> import flows as fl
    >>> trade = fl.load("armstat-by-country@2025-02")
    >>> exports = select_flows(trade, exporter="IRN", partner_basis="origin")
    >>> sorted(exports["importer"].unique()), exports["reporter"].unique().tolist()
    (['ARM'], ['ARM'])
    >>> select_flows(trade, exporter="IRM")
    Traceback (most recent call last):
        ...
    flows.errors.SchemaError: expected rows with exporter 'IRM', found none; there are: ...
    """
    rows = table
    for column, value in values.items():
        if column == "order_year":
            raise PeriodError(
                f"expected deliveries by their own year, found a choice by order_year {value!r}: "
                "sums by year of order answer another question; ask for them with "
                "Counting(by='order')"
            )
        if column not in table.columns:
            raise ValueError(
                f"expected a column of the table, found {column!r}; there are: "
                f"{', '.join(map(str, table.columns))}"
            )
        if value is None:
            continue
        kept = rows[rows[column] == value]
        if kept.empty:
            there = ", ".join(sorted(repr(code) for code in rows[column].unique())) or "none"
            hint = hint_at_code(value) if column in _FLOW else ""
            raise SchemaError(
                f"expected rows with {column} {value!r}, found none; there are: {there}{hint}"
            )
        rows = kept
    return rows


def rows_by_dataset(rows: pd.DataFrame) -> Rows:
    """Return the lines of the raw files that rows come from, those of parts that were added up."""
    lines: dict[str, set[int]] = {}
    whole = list(rows.columns.intersection([SOURCE_LINES]))
    for dataset, group in rows.groupby("dataset", sort=True):
        held = lines.setdefault(source_of(str(dataset)), set())
        held.update(map(int, group["line"]))
        for column in whole:
            held.update(map(int, " ".join(group[column].dropna()).split()))
    return {dataset: tuple(sorted(held)) for dataset, held in sorted(lines.items())}


def years_counted(table: pd.DataFrame) -> dict[str, tuple[int, int]]:
    """Return the first and the last year that each data set of a table counts."""
    return {
        str(dataset): _years_stated(str(dataset))
        or (int(group["start"].dt.year.min()), int(group["end"].dt.year.max()))
        for dataset, group in table.groupby("dataset", sort=True)
    }


def states_years(table: pd.DataFrame) -> bool:
    """Say whether every data set of a table says which years it counts."""
    return all(_years_stated(str(dataset)) for dataset in table["dataset"].unique())


def _years_stated(dataset: str) -> tuple[int, int] | None:
    scope = scope_of(dataset)
    return None if scope is None else scope.years


def span_stated(table: pd.DataFrame) -> range:
    """Return the years that the data set of a table says it counts."""
    datasets = sorted(map(str, table["dataset"].unique()))
    stated = {dataset: _years_stated(dataset) for dataset in datasets}
    unstated = [dataset for dataset, years in stated.items() if years is None]
    if unstated or len(datasets) != 1:
        raise PeriodError(
            "expected one data set that says which years it counts in full, found "
            f"{', '.join(unstated or datasets) or 'no rows'}: without that a year without rows may "
            "be missing rather than empty; choose one data set, as flows.load gives it"
        )
    first, last = stated[datasets[0]] or (0, -1)
    return range(first, last + 1)


def check_span(table: pd.DataFrame, *, start: int, end: int) -> None:
    """Check that the data sets of a table count all years of a window."""
    for name, year in (("start", start), ("end", end)):
        if not isinstance(year, int | np.integer) or isinstance(year, bool):
            raise ValueError(  # noqa: TRY004 - a bad argument, like the others
                f"{name}: expected a year as a number, as 2019, found {year!r}"
            )
    if end < start:
        raise ValueError(f"expected start <= end, found start={start} and end={end}")
    for dataset, (first, last) in years_counted(table).items():
        if start < first or end > last:
            raise PeriodError(
                f"{dataset}: expected the years {start}-{end}, found a data set of {first}-{last}; "
                "choose years inside it"
            )


def check_stated_sizes(rows: pd.DataFrame) -> None:
    """Check that a register of deals states how large they are, and not their numbers alone."""
    if len(rows) and "deal" in rows.columns and rows["value"].isna().all():
        raise SchemaError(
            f"{rows['dataset'].iloc[0]}: expected {rows['unit'].iloc[0]} of deals, found numbers "
            "of weapons alone; this register prints no TIV, and numbers of different weapons do "
            "not add up. Load SIPRI's trade register as CSV, which has the TIV of each deal, or "
            "its deals by delivery year"
        )


def check_within(rows: pd.DataFrame, start: int, end: int, *, crossing: bool = False) -> None:
    """Check that a window has rows and cuts none of them, unless deals may cross its edge."""
    cut = rows[rows["crosses"]]
    of_deals = "deal" in cut.columns and bool(cut["deal"].notna().all())
    if len(cut) and not (crossing and of_deals):
        raise PeriodError(_cut_in_words(cut, start, end, of_deals=of_deals))
    if not (rows["inside"] | rows["crosses"]).any():
        there = f"only in {rows['first'].min()}-{rows['last'].max()}" if len(rows) else "of none"
        raise SchemaError(f"expected rows in {start}-{end}, found rows {there}")


def check_split_by_year(rows: pd.DataFrame) -> None:
    """Check that no row is a deal with deliveries of several years, which are in no sum by year."""
    if "deal" not in rows.columns:
        return
    several = rows["deal"].notna() & (rows["start"].dt.year < rows["end"].dt.year)
    if several.any():
        raise PeriodError(
            f"expected deliveries by year, found {int(several.sum())} deals delivered over several "
            f"years ({where(rows[several])}); the register does not say how many fell in which: "
            "load SIPRI's deals by delivery year, or sum over a window that holds all of them"
        )


def _cut_in_words(cut: pd.DataFrame, start: int, end: int, *, of_deals: bool) -> str:
    if of_deals:
        return (
            f"expected deals delivered inside or outside {start}-{end}, found {len(cut)} with "
            f"deliveries on both sides of an edge ({where(cut)}); the register does not say how "
            "many fell inside: share_bounds and concentration bound what they can be, with "
            "rules=[fl.rules.UnsplitDeliveries()], and SIPRI's deals by delivery year say it"
        )
    return (
        f"expected periods inside or outside {start}-{end}, found some across its edge at "
        f"{where(cut)}; re-cut them first"
    )


def check_rows(rows: pd.DataFrame, *, of: Of, several_datasets: bool = False) -> None:
    """Check that rows can be shared out: one unit and scope, each flow once, partners named."""
    _check_deals(rows)
    check_stated_once(rows)
    check_one_scope(rows, of=of, several_datasets=several_datasets)
    if (rows["partner"] == UNNAMED).all():
        raise SchemaError(
            f"{rows['dataset'].iloc[0]}: expected rows by {_WORDS[of]}, found totals that name none"
        )


def _check_deals(rows: pd.DataFrame) -> None:
    if "deal" not in rows.columns:
        return
    key = ["exporter", "importer", "product", "dataset", "deal"]
    ordered = rows[rows["deal"].notna()].sort_values([*key, "start", "end", "line"])
    overlap = (ordered["start"] <= ordered.groupby(key)["end"].shift()).to_numpy()
    if overlap.any():
        at = int(overlap.argmax())
        two = ordered.iloc[at - 1 : at + 1]
        raise DoubleCountError(
            f"deal {two['deal'].iloc[0]}: expected periods that do not overlap, found two that do "
            f"({where(two)}); where rows were put into the year of their order, leave them in that "
            "of delivery and count with Counting(by='order')"
        )
