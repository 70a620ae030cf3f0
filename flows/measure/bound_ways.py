"""All ways to define a sum under several rules, and what each of its rows may be in each."""

from collections.abc import Sequence

import pandas as pd

from flows.measure.bound_rules import Rule, Way
from flows.measure.counted_checks import Of, check_rows, check_within
from flows.measure.counting import Counting


def find_ways(
    near: pd.DataFrame,
    rules: Sequence[Rule],
    *,
    window: tuple[int, int],
    counting: Counting,
) -> list[Way]:
    """
    Return every way to define a sum under all rules together, and what each row may be in it.

    Parameters
    ----------
    near : pandas.DataFrame
        Rows of :func:`flows.measure.counted.find_candidates`.
    rules : sequence of Rule
        In any order, each kind once.
    window : pair of int
        First and last year.
    counting : Counting
        What is counted.

    Returns
    -------
    list of (labels, cells)
        Cells are the rows with ``amount_low`` and ``amount_high`` (0 where the row is
        not in the sum) and ``anyone`` (whether the partner may be another). Rows are independent of
        one another within a way.

    Raises
    ------
    ValueError
        If a kind of rule stands there twice.
    SchemaError
        If the data set has no column that a rule needs, or a cell that it cannot use.

    Examples
    --------
    >>> import flows as fl
    >>> from flows.measure.bound_rules import UncertainNumber
    >>> from flows.measure.counted import find_candidates
    >>> near, _ = find_candidates(
    ...     fl.load("sipri-deal-years@2025-03"), country="AZE", start=2019, end=2019,
    ...     of="imports", dataset=None, counting=Counting(),
    ... )
    >>> ways = find_ways(
    ...     near, [UncertainNumber(0.1)], window=(2019, 2019), counting=Counting()
    ... )
    >>> cells = ways[0][1].query("partner == 'ESP' and inside")
    >>> [round(float(cells[name].iloc[0]), 1) for name in ("amount_low", "amount_high")]
    [11.7, 14.3]
    """
    kinds = [type(rule).__name__ for rule in rules]
    if twice := sorted({kind for kind in kinds if kinds.count(kind) > 1}):
        raise ValueError(f"rules: expected each kind once, found twice: {', '.join(twice)}")
    there, size = near["inside"].astype("float64"), near["value"]
    cells = near.assign(
        there_low=there,
        there_high=there,
        size_low=size,
        size_high=size,
        factor_low=1.0,
        factor_high=1.0,
        anyone=False,
    )
    cells.attrs = {"window": window}
    ways: list[Way] = [((), cells)]
    for rule in sorted(rules, key=lambda one: type(one).__name__):
        ways = [
            ((*chosen, *more), changed)
            for chosen, before in ways
            for more, changed in rule.ways(before, counting)
        ]
    return [(chosen, _with_amounts(one)) for chosen, one in ways]


def check_ways(near: pd.DataFrame, ways: Sequence[Way], *, window: tuple[int, int], of: Of) -> None:
    """
    Check that all rows that may be in the sum can be added.

    Parameters
    ----------
    near : pandas.DataFrame
        Rows of :func:`flows.measure.counted.find_candidates`.
    ways : sequence of (labels, cells)
        Of :func:`find_ways`.
    window : pair of int
        First and last year.
    of : {"imports", "exports"}
        Whose total it is.

    Raises
    ------
    UnitError, DoubleCountError, PeriodError, SchemaError
        As :func:`flows.measure.counted.count_flows`.

    Examples
    --------
    >>> check_ways(pd.DataFrame({"first": [], "last": [], "inside": []}), [], window=(1, 2),
    ...            of="imports")
    Traceback (most recent call last):
        ...
    flows.errors.SchemaError: expected rows in 1-2, found rows of none
    """
    possible = near["inside"].astype("bool")
    for _, cells in ways:
        possible |= cells["amount_high"] > 0
    check_within(near, *window)
    check_rows(near[possible], of=of)


def _with_amounts(cells: pd.DataFrame) -> pd.DataFrame:
    counted = cells["admitted"].astype("float64")
    return cells.assign(
        amount_low=counted * cells["there_low"] * cells["factor_low"] * cells["size_low"],
        amount_high=counted * cells["there_high"] * cells["factor_high"] * cells["size_high"],
    )
