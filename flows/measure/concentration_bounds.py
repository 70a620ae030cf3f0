"""Bounds of every measure of concentration under rules of what cannot be excluded."""

import math
from collections.abc import Sequence

import pandas as pd

from flows.measure.bound_rules import Rule
from flows.measure.bound_ways import check_ways, find_ways
from flows.measure.box_extremes import (
    Box,
    Interval,
    entropy_bounds,
    herfindahl_bounds,
    ratio_bounds,
)
from flows.measure.counted_checks import Of
from flows.measure.counting import Counting


def bound_measures(
    near: pd.DataFrame,
    rules: Sequence[Rule],
    *,
    window: tuple[int, int],
    of: Of,
    counting: Counting,
) -> dict[str, Interval]:
    """
    Return the lowest and the highest value of each measure.

    Parameters
    ----------
    near : pandas.DataFrame
        Rows of :func:`flows.measure.counted.find_candidates`.
    rules : sequence of Rule
        What cannot be excluded.
    window : pair of int
        First and last year.
    of : {"imports", "exports"}
        Whose total it is.
    counting : Counting
        What is counted.

    Returns
    -------
    dict
        Measure to its lowest and highest value; empty without rules.

    Raises
    ------
    UnitError, DoubleCountError, PeriodError, SchemaError, ValueError
        As :func:`flows.measure.bound_ways.find_ways` and
        :func:`flows.measure.bound_ways.check_ways`.

    Examples
    --------
    >>> bound_measures(pd.DataFrame(), [], window=(2016, 2020), of="imports", counting=Counting())
    {}
    """
    if not rules:
        return {}
    ways = find_ways(near, rules, window=window, counting=counting)
    check_ways(near, ways, window=window, of=of)
    boxes = [_box(cells) for _, cells in ways if (cells["amount_high"] > 0).any()]
    hhi = _hull([herfindahl_bounds(box) for box in boxes])
    return {
        "hhi": hhi,
        "effective_number": (1 / hhi[1], 1 / hhi[0]),
        "cr1": _hull([ratio_bounds(box, 1) for box in boxes]),
        "cr3": _hull([ratio_bounds(box, 3) for box in boxes]),
        "entropy": _hull([entropy_bounds(box) for box in boxes]),
    }


def _box(cells: pd.DataFrame) -> Box:
    possible = cells[cells["amount_high"] > 0]
    named = possible[~possible["anyone"]].groupby("partner", sort=True)
    unknown = possible[possible["anyone"]].sort_values(["amount_low", "amount_high"])
    return Box(
        low=tuple(named["amount_low"].agg(math.fsum)),
        high=tuple(named["amount_high"].agg(math.fsum)),
        anyone=tuple(zip(unknown["amount_low"], unknown["amount_high"], strict=True)),
    )


def _hull(several: Sequence[Interval]) -> Interval:
    return min(low for low, _ in several), max(high for _, high in several)
