"""Checks that no flow is counted twice and nothing is summed that does not add up."""

from itertools import pairwise
from typing import Literal

import pandas as pd

from flows.errors import DoubleCountError, SchemaError, UnitError
from flows.table import where

_FILTERS = ("reporter", "dataset", "partner_basis", "valuation", "coverage", "classification")
"""Columns that tell two statements of one flow apart, in the order in which a filter is named."""

_FLOW = ["exporter", "importer"]


def check_one_unit(rows: pd.DataFrame) -> str:
    """
    Return the unit of the rows.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of a flow table.

    Returns
    -------
    str
        ``"USD"`` or ``"TIV"``.

    Raises
    ------
    UnitError
        If there are two: TIV is a volume of arms, not a price.
    SchemaError
        If there is no row.

    Examples
    --------
    >>> check_one_unit(pd.DataFrame({"unit": ["TIV", "TIV"]}))
    'TIV'
    """
    units = sorted(rows["unit"].unique())
    if not units:
        raise SchemaError("expected rows with one unit, found no row")
    if len(units) > 1:
        first = rows[rows["unit"] == units[0]].head(1)
        other = rows[rows["unit"] != units[0]].head(1)
        raise UnitError(
            f"expected one unit, found {' and '.join(units)} ({where(first)}; {where(other)}): "
            "TIV is a volume of arms and not a price, it is never added to dollars"
        )
    return str(units[0])


def check_stated_once(rows: pd.DataFrame) -> None:
    """
    Check that the rows can be added: one unit, one vintage, every flow stated once.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of a flow table.

    Raises
    ------
    UnitError
        If there are two units.
    DoubleCountError
        If one flow (exporter, importer, product) is stated by two reporters, on two bases, in two
        vintages, as a total beside its parts, or for two periods that overlap; the message names
        the filter to apply.
    SchemaError
        If there is no row, or the size of a flow is not published.

    Examples
    --------
    >>> from flows.table import empty_table
    >>> check_stated_once(empty_table())
    Traceback (most recent call last):
        ...
    flows.errors.SchemaError: expected rows with one unit, found no row
    """
    check_one_statement(rows)
    check_periods(rows)


def check_one_statement(rows: pd.DataFrame) -> None:
    """
    Check all that :func:`check_stated_once` does, but for periods that overlap.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of a flow table, of which a measure will choose the periods.

    Raises
    ------
    UnitError, DoubleCountError, SchemaError
        As in :func:`check_stated_once`.

    Examples
    --------
    >>> from flows.table import empty_table
    >>> check_one_statement(empty_table())
    Traceback (most recent call last):
        ...
    flows.errors.SchemaError: expected rows with one unit, found no row
    """
    check_one_unit(rows)
    unpublished = rows["value"].isna()
    if unpublished.any():
        raise SchemaError(
            f"expected a value in every row, found flows of unpublished size at "
            f"{where(rows[unpublished])}"
        )
    check_one_vintage(rows)
    _check_alike(rows, _FLOW)


def check_periods(rows: pd.DataFrame) -> None:
    """
    Check that no flow is stated for two periods that overlap; deliveries of deals may.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of a flow table that :func:`check_one_statement` has passed.

    Raises
    ------
    DoubleCountError
        If two periods overlap; the message names their lines.

    Examples
    --------
    >>> from flows.table import empty_table
    >>> check_periods(empty_table())
    """
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
    """
    Check that no data set is there in two releases.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of a flow table.

    Raises
    ------
    DoubleCountError
        If a data set has two vintages; the message names the filter to apply.

    Examples
    --------
    >>> check_one_vintage(pd.DataFrame({"dataset": ["a@1", "b@2"]}))
    """
    datasets = pd.Series(sorted(rows["dataset"].unique()))
    sources = datasets.str.partition("@")[0]
    twice = datasets[sources.duplicated(keep=False)]
    if len(twice):
        raise DoubleCountError(
            f"expected one vintage of a data set in one sum, found {', '.join(twice)}; "
            f"filter dataset={twice.iloc[0]!r}"
        )


def check_one_scope(rows: pd.DataFrame, *, of: Literal["imports", "exports"] = "imports") -> None:
    """
    Check that all suppliers of an importer, or customers of an exporter, are counted alike.

    Flows that are each stated once can still not be added if one comes from another data set,
    reporter or classification than the next: goods that name no supplier in one data set may be
    those that name theirs in another.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of a flow table.
    of : {"imports", "exports"}
        Whether the rows are added up by importer or by exporter.

    Raises
    ------
    DoubleCountError
        If an importer has two reporters, data sets, partner bases, valuations, coverages or
        classifications, or a product beside one that it includes; or an exporter has.

    Examples
    --------
    >>> from flows.table import empty_table
    >>> check_one_scope(empty_table())
    """
    _check_alike(rows, ["importer" if of == "imports" else "exporter"])


def _check_alike(rows: pd.DataFrame, total: list[str]) -> None:
    """Check that the rows of each total, such as one importer, count alike and count once."""
    kinds = rows.drop_duplicates([*total, *_FILTERS])
    several = kinds[kinds.duplicated(total, keep=False)]
    if len(several):
        ordered = several.sort_values([*total, *_FILTERS])
        found = ordered[(ordered[total] == ordered[total].iloc[0]).all(axis=1)]
        column = next(one for one in _FILTERS if len(found[one].unique()) > 1)
        first = found.drop_duplicates(column)
        values = sorted(repr(value) for value in first[column])
        raise DoubleCountError(
            f"{_name(first, total)}: expected one {column} in one sum, found "
            f"{', '.join(values)} ({where(first)}); filter {column}={values[0]} or another"
        )
    _check_products(rows, total)


def _check_products(rows: pd.DataFrame, total: list[str]) -> None:
    """Check that no code stands beside the codes that it includes: HS codes nest by prefix."""
    codes = rows.loc[rows["product"].str.isdigit(), [*_FLOW, "product"]]
    ordered = codes.drop_duplicates([*total, "product"]).sort_values([*total, "product"])
    same = ordered.duplicated(total)
    for place, (shorter, longer) in enumerate(pairwise(ordered["product"]), start=1):
        if longer.startswith(shorter) and same.iloc[place]:
            raise DoubleCountError(
                f"{_name(ordered.iloc[place:], total)}: expected products that do not include one "
                f"another, found {shorter} and {longer}; filter product={shorter!r} or the longer "
                "codes"
            )


def _name(rows: pd.DataFrame, total: list[str]) -> str:
    exporter, importer = rows[_FLOW].iloc[0]
    if total == _FLOW:
        return f"{exporter} to {importer}"
    return f"imports of {importer}" if total == ["importer"] else f"exports of {exporter}"
