"""What a new release changed in one deal: its number, its unit value, its time, its supplier."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import pandas as pd

from flows.canonical import exact_sum

KINDS = ("new", "gone", "number", "unit value", "time", "supplier", "value", "ambiguous")
"""How a release can change what a deal delivered in a window."""


@dataclass(frozen=True, slots=True)
class DealSide:
    """
    What one release says of one deal.

    Parameters
    ----------
    total : float
        TIV delivered in the window.
    counted : float
        Part of ``total`` that is of the supplier in question.
    factors : tuple of float or None
        Items delivered in all years that both releases count, the part of them in the window, the
        TIV an item, and the part that is of the supplier: ``total`` is the product of the first
        three, ``counted`` of all. None where the number of items is not stated.
    """

    total: float
    counted: float
    factors: tuple[float, float, float, float] | None


def describe_side(rows: pd.DataFrame, *, supplier: str, start: int, end: int) -> DealSide:
    """
    Return what one release says of one deal.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of one deal in the years that both releases count.
    supplier : str
        Alpha-3 code of the supplier in question.
    start, end : int
        First and last year of the window.

    Returns
    -------
    DealSide
        Sums and factors.

    Raises
    ------
    KeyError
        If a column of the flow table is missing.

    Examples
    --------
    >>> from flows.canonical import exact_sum
    from flows.loaders import load
    >>> from flows.loaders.examples import example_path
    >>> deal = load(example_path("sipri_deal_years")).query("deal == '1'")
    >>> describe_side(deal, supplier="ISR", start=2011, end=2011).factors
    (8.0, 0.625, 2.5, 1.0)
    """
    inside = rows[(rows["start"].dt.year >= start) & (rows["end"].dt.year <= end)]
    own = inside[inside["exporter"] == supplier]
    total, counted = exact_sum(inside["value"]), exact_sum(own["value"])
    return DealSide(total, counted, _factors(rows, inside, total, counted, supplier))


def _factors(
    rows: pd.DataFrame, inside: pd.DataFrame, total: float, counted: float, supplier: str
) -> tuple[float, float, float, float] | None:
    if "number" not in rows.columns or rows[["number", "value"]].isna().to_numpy().any():
        return None
    items, items_inside = math.fsum(rows["number"]), math.fsum(inside["number"])
    if items <= 0 or (items_inside <= 0 and total != 0):
        return None
    each = total / items_inside if items_inside > 0 else math.fsum(rows["value"]) / items
    part = counted / total if total else float((rows["exporter"] == supplier).mean())
    return items, items_inside / items, each, part


def split_change(
    before: DealSide | None, after: DealSide | None, *, ambiguous: bool
) -> Iterator[tuple[str, float, float]]:
    """
    Split the change of one deal into what changed in it.

    Parameters
    ----------
    before, after : DealSide or None
        What the releases say; None where the deal does not stand in a release.
    ambiguous : bool
        Whether several deals hide behind the name: what changed in which is then not known.

    Yields
    ------
    kind : str
        One of :data:`KINDS`.
    counted, total : float
        What it adds to the supplier's deliveries and to all deliveries in the window. They add up
        to the change of the deal. Where several factors change at once, each is given the mean of
        its effects over all orders in which they could have changed [1]_.

    References
    ----------
    .. [1] Shorrocks, A. F. (2013). Decomposition procedures for distributional analysis: a unified
       framework based on the Shapley value. Journal of Economic Inequality 11 (1), 99-126.

    Examples
    --------
    >>> old = DealSide(10.0, 0.0, (10.0, 1.0, 1.0, 0.0))
    >>> new = DealSide(24.0, 0.0, (12.0, 1.0, 2.0, 0.0))
    >>> [(kind, total) for kind, _, total in split_change(old, new, ambiguous=False) if total]
    [('number', 3.0), ('unit value', 11.0)]
    """
    nothing = DealSide(0.0, 0.0, None)
    one, other = before or nothing, after or nothing
    whole = (other.counted - one.counted, other.total - one.total)
    if ambiguous:
        yield ("ambiguous", *whole)
    elif before is None:
        yield ("new", *whole)
    elif after is None:
        yield ("gone", *whole)
    elif one.factors is None or other.factors is None:
        yield ("value", *whole)
    else:
        counted = shapley_product(one.factors, other.factors)
        total = [*shapley_product(one.factors[:3], other.factors[:3]), 0.0]
        kinds = ("number", "time", "unit value", "supplier")
        yield from zip(kinds, counted, total, strict=True)


def shapley_product(before: Sequence[float], after: Sequence[float]) -> list[float]:
    """
    Split the change of a product into its factors, the same whatever their order.

    Parameters
    ----------
    before, after : sequence of float
        The factors.

    Returns
    -------
    list of float
        One part a factor; they add up to the change of the product.

    Raises
    ------
    ValueError
        If the two have not the same number of factors.

    Examples
    --------
    >>> shapley_product([2.0, 3.0], [4.0, 5.0])
    [8.0, 6.0]
    """
    if len(before) != len(after):
        raise ValueError(f"expected as many factors, found {len(before)} and {len(after)}")
    places = range(len(before))
    return [
        (after[own] - before[own])
        * math.fsum(_weighted(before, after, own, size) for size in range(len(before)))
        for own in places
    ]


def _weighted(before: Sequence[float], after: Sequence[float], own: int, size: int) -> float:
    """Return the products of the other factors, of which ``size`` have changed already."""
    others = [place for place in range(len(before)) if place != own]
    weight = math.factorial(size) * math.factorial(len(others) - size) / math.factorial(len(before))
    return weight * math.fsum(
        math.prod(after[place] if place in changed else before[place] for place in others)
        for changed in combinations(others, size)
    )
