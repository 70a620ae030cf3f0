"""Bounds of a share: what cannot be excluded, exactly, under rules that are named."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from flows.canonical import exact_sum
from flows.countries import country_name
from flows.measure.box_extremes import Amounts
from flows.measure.checks import check_rows, check_within, years_counted
from flows.measure.counting import ALL, MARKS, Counting, count_flows, find_candidates
from flows.measure.covering import check_all_partners, stated_reason
from flows.measure.drawn_shares import share_drawn
from flows.measure.rules import Rule, UncertainYear, Way, check_rules, rule_splits
from flows.measure.shares import Share, share_counted
from flows.results import (
    Card,
    DrawingCall,
    Drawn,
    Result,
    print_between,
    print_count,
    print_own,
    print_percent,
    tidy_rows,
)
from flows.scope import Of

_RatioEnd = tuple[float, float, float, tuple[str, ...], Amounts, NDArray[np.bool_]]
"""Share, numerator, denominator, what was chosen, and each row's amount and whether it is ours."""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Extreme(Result):
    """
    One end of the bounds: the share there, and what makes it so.

    Parameters
    ----------
    value, numerator, denominator : float
        As in :class:`flows.measure.shares.Share`.
    chosen : tuple of str
        Definitions that differ from the source's or from what was counted.
    amounts : pandas.DataFrame
        One row a row that is in the sum or could be, with the index of ``ShareBounds.rows``:
        ``amount`` in the unit (0: not in the sum) and ``side``, ``"numerator"``, ``"other"`` or
        ``"out"``.
    """

    value: float
    numerator: float
    denominator: float
    chosen: tuple[str, ...]
    amounts: pd.DataFrame

    def _card(self) -> Card:
        moved = int((self.amounts["side"] == "out").sum())
        return Card(
            title=f"one end of the bounds, {print_percent(self.value)}",
            facts=(
                ("made of", f"{print_own(self.numerator)} of {print_own(self.denominator)}"),
                ("chosen", ", ".join(self.chosen) or "as in the share"),
                ("not in it", print_count(moved, "row")),
            ),
        )


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Effect(Result):
    """
    What one rule alone, or all of them, cannot exclude.

    Parameters
    ----------
    rule : str
        Name of the rule, or ``"all"``.
    at_low, at_high : Extreme
        The two ends.
    moved : int
        Rows whose amount or side at either end is not that of the share.
    """

    rule: str
    at_low: Extreme
    at_high: Extreme
    moved: int

    def tidy(self) -> pd.DataFrame:
        """
        Return the effect as a table.

        Returns
        -------
        pandas.DataFrame
            One row, as in :meth:`ShareBounds.tidy`.
        """
        return pd.DataFrame(
            [
                {
                    "rule": self.rule,
                    "low": self.at_low.value,
                    "high": self.at_high.value,
                    "low_numerator": self.at_low.numerator,
                    "low_denominator": self.at_low.denominator,
                    "high_numerator": self.at_high.numerator,
                    "high_denominator": self.at_high.denominator,
                    "rows_moved": self.moved,
                }
            ]
        )

    def _card(self) -> Card:
        return Card(
            title=self.rule,
            facts=(
                ("bounds", _between(self.at_low.value, self.at_high.value)),
                ("moved", print_count(self.moved, "row")),
            ),
        )


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class ShareBounds(Drawn):
    """
    A share, and the lowest and the highest that it can be.

    Parameters
    ----------
    share : Share
        As counted, without any rule.
    value, low, high : float
        The share, and its bounds under all rules together. Where deals of a register cross the edge
        of the window the share has bounds only: ``value`` is missing, as in ``share``, whose rows
        are the deals wholly inside.
    at_low, at_high : Extreme
        The two ends under all rules together.
    rules : tuple of Rule
        What cannot be excluded.
    effects : tuple of Effect
        Each rule alone, then all together. Where deals cross the edge of the window, each together
        with the rule that they need.
    rows : pandas.DataFrame
        Rows of the share and those that a rule could bring in, with ``amount`` and ``side`` as
        counted, ``amount_at_low``, ``side_at_low``, ``amount_at_high``, ``side_at_high``.
    limits : tuple of str
        What the bounds do not cover.
    """

    share: Share
    value: float
    low: float
    high: float
    at_low: Extreme
    at_high: Extreme
    rules: tuple[Rule, ...]
    effects: tuple[Effect, ...]
    rows: pd.DataFrame
    limits: tuple[str, ...]

    def tidy(self) -> pd.DataFrame:
        """
        Return one row a rule alone, then one for all of them.

        Returns
        -------
        pandas.DataFrame
            ``rule``, ``low``, ``high`` (0 to 1), numerator and denominator at each end in the unit
            of the share, ``rows_moved``.
        """
        return tidy_rows(self.effects)

    def drawing(self) -> DrawingCall:
        """
        Return the share as a point and its bounds as a box.

        Returns
        -------
        DrawingCall
            For :func:`flows.figures.draw_share_bounds`.

        Raises
        ------
        ValueError
            If the amounts are no TIV: the figure is one of arms.
        """
        return share_drawn(self.share, bounds=(self.low, self.high))

    def summary(self) -> str:
        """
        Return the bounds as text.

        Returns
        -------
        str
            The share in percent, each rule's effect, and what is not covered.
        """
        counted = self.share
        head = (
            f"{counted.supplier} to {counted.importer}, {counted.of}, "
            f"{counted.start}-{counted.end}, {counted.dataset}, {counted.counting.describe()}: "
            f"{_percent(self.value)}, bounds {100 * self.low:.2f} to {100 * self.high:.2f} %"
        )
        return "\n".join([head, self.tidy().to_string(index=False), *self.limits])

    def _card(self) -> Card:
        share = self.share._card()  # noqa: SLF001 - of its own kind
        counted = dict(share.facts)
        return Card(
            title=share.title,
            facts=(
                ("share", counted["share"]),
                ("bounds", _between(self.low, self.high)),
                ("rules", "; ".join(rule.name for rule in self.rules)),
                ("data", counted["data"]),
                ("left out", counted["left out"]),
            ),
            more=tuple(
                (effect.rule, _between(effect.at_low.value, effect.at_high.value))
                for effect in self.effects
            ),
            notes=self.limits,
            rows=share.rows,
        )


def share_bounds(
    table: pd.DataFrame,
    *,
    supplier: str,
    importer: str,
    start: int,
    end: int,
    rules: Sequence[Rule],
    of: Of = "imports",
    dataset: str | None = None,
    counting: Counting = ALL,
) -> ShareBounds:
    r"""
    Return the lowest and the highest share that the rules cannot exclude.

    Parameters
    ----------
    table : pandas.DataFrame
        Flow table in one unit.
    supplier, importer, start, end, of, dataset, counting
        As in :func:`flows.share`.
    rules : sequence of Rule
        What cannot be excluded: :class:`~flows.measure.rules.UncertainYear`,
        :class:`~flows.measure.rules.UnsplitDeliveries` (for a register, with one row a deal),
        :class:`~flows.measure.rules.UncertainNumber`,
        :class:`~flows.measure.rules.RoundedCell`,
        :class:`~flows.measure.rules.UnknownPartner`,
        :class:`~flows.measure.rules.LocalProduction`,
        :class:`~flows.measure.rules.SecondHand`; each kind once, in any order.

    Returns
    -------
    ShareBounds
        The ends are reached, but for the upper end of a rounded cell, which is approached.

    Raises
    ------
    UnitError, DoubleCountError, PeriodError, SchemaError, CountryError, ValueError
        As :func:`flows.share`; also if there is no rule, a kind of rule is given
        twice, or the data set lacks a column that a rule needs.

    Notes
    -----
    The bounds are the extremes of the ratio, not the ratio of extremes: with :math:`A` the
    supplier's rows and :math:`B` the others', :math:`A/(A+B)` rises in every row of :math:`A` and
    falls in every row of :math:`B`, so that it is highest at :math:`A_{high}/(A_{high}+B_{low})`.
    Rows are independent of one another; a definition (local production, second-hand factors) is one
    choice for the whole sum, and all choices are gone through. A choice in which nothing is
    imported has no share and is no extreme.

    Examples
    --------
    >>> import flows as fl
    >>> from flows.measure.rules import UncertainYear
    >>> found = share_bounds(
    ...     fl.load("sipri-deal-years@2025-03"), supplier="ISR", importer="AZE",
    ...     start=2016, end=2020, rules=[UncertainYear(within=1)],
    ... )
    >>> [round(100 * share, 2) for share in (found.low, found.value, found.high)]
    [64.16, 67.74, 68.26]
    """
    if not rules:
        raise ValueError("rules: expected at least one, found none")
    check_rules(rules)
    scope = {"start": start, "end": end, "of": of, "dataset": dataset, "counting": counting}
    country, partner = (importer, supplier) if of == "imports" else (supplier, importer)
    country_name(partner)
    flows = count_flows(table, country=country, crossing=rule_splits(rules), **scope)  # type: ignore[arg-type]
    counted = share_counted(flows, supplier=supplier, importer=importer)
    check_all_partners(counted.scope, measure="share_bounds")
    near, _ = find_candidates(table, country=country, **scope)  # type: ignore[arg-type]
    whole = _effect(near, partner, rules, counted, "all", check=True)
    split = [] if flows.crossing.empty else [rule for rule in rules if rule_splits([rule])]
    alone = [_effect(near, partner, list({*split, rule}), counted, rule.name) for rule in rules]
    return ShareBounds(
        share=counted,
        value=counted.value,
        low=whole.at_low.value,
        high=whole.at_high.value,
        at_low=whole.at_low,
        at_high=whole.at_high,
        rules=tuple(rules),
        effects=(*alone, whole),
        rows=_rows(near, partner, whole),
        limits=_find_limits(table, near, rules, counted),
    )


def _between(low: float, high: float) -> str:
    return print_between(print_percent(low), print_percent(high))


def _percent(value: float) -> str:
    return "not known" if math.isnan(value) else f"{100 * value:.2f} %"


def _find_limits(
    table: pd.DataFrame, near: pd.DataFrame, rules: Sequence[Rule], counted: Share
) -> tuple[str, ...]:
    """Say what bounds do not cover."""
    spans = years_counted(table[table["dataset"].isin(near["dataset"].unique())]).values()
    first, last = max(first for first, _ in spans), min(last for _, last in spans)
    limits = []
    for rule in rules:
        if not isinstance(rule, UncertainYear):
            continue
        years = range(counted.start - rule.within, counted.end + rule.within + 1)
        beyond = [str(year) for year in years if not first <= year <= last]
        if beyond:
            limits.append(
                f"deliveries of {', '.join(beyond)} cannot fall in: "
                f"{counted.dataset} counts {first}-{last}"
            )
        silent = int(near.get(counted.counting.year_flag, pd.Series(dtype=bool)).isna().sum())
        if silent:
            limits.append(f"rows that do not say whether their year is estimated: {silent}")
    if crossing := int((near["crosses"] & near["admitted"]).sum()):
        limits.append(f"deals across an edge of the window, so that the share is open: {crossing}")
    if len(counted.left_out):
        limits.append(f"rows left out, since they do not say what counts: {len(counted.left_out)}")
    return tuple(limits)


def _effect(
    near: pd.DataFrame,
    partner: str,
    rules: Sequence[Rule],
    counted: Share,
    name: str,
    *,
    check: bool = False,
) -> Effect:
    window = (counted.start, counted.end)
    ways = find_ways(near, rules, window=window, counting=counted.counting)
    if check:
        check_ways(near, ways, rules=rules, window=window, of=counted.of)
    lows = [_extreme(way, partner, highest=False) for way in ways]
    highs = [_extreme(way, partner, highest=True) for way in ways]
    low = _label(near, min(filter(None, lows), key=lambda extreme: extreme[0]))
    high = _label(near, max(filter(None, highs), key=lambda extreme: extreme[0]))
    base = _base(near, partner)
    moved = pd.Series(data=False, index=near.index)
    for end in (low, high):
        moved |= (end.amounts["amount"] != base["amount"]) | (
            (end.amounts["side"] != base["side"]) & (base["amount"] > 0)
        )
    return Effect(rule=name, at_low=low, at_high=high, moved=int(moved.sum()))


def _extreme(way: Way, partner: str, *, highest: bool) -> _RatioEnd | None:
    """Return the extreme of one way; none where nothing can be imported in it."""
    chosen, cells = way
    anyone = cells["anyone"].to_numpy()
    ours = ((cells["partner"] == partner).to_numpy() & ~anyone) | (anyone & highest)
    least, most = cells["amount_low"].to_numpy(), cells["amount_high"].to_numpy()
    amount = np.where(ours == highest, most, least)
    if math.fsum(amount) == 0:
        amount = most
    numerator, denominator = exact_sum(amount[ours]), exact_sum(amount)
    if denominator == 0:
        return None
    return numerator / denominator, numerator, denominator, chosen, amount, ours


def _label(near: pd.DataFrame, extreme: _RatioEnd) -> Extreme:
    value, numerator, denominator, chosen, amount, ours = extreme
    amounts = pd.DataFrame({"amount": amount, "side": _sides(amount, ours)}, index=near.index)
    return Extreme(value, numerator, denominator, chosen, amounts)


def _base(near: pd.DataFrame, partner: str) -> pd.DataFrame:
    amount = (near["value"] * near["inside"] * near["admitted"]).to_numpy()
    ours = (near["partner"] == partner).to_numpy()
    return pd.DataFrame({"amount": amount, "side": _sides(amount, ours)}, index=near.index)


def _rows(near: pd.DataFrame, partner: str, whole: Effect) -> pd.DataFrame:
    """Return the rows that are in the share or in one of its extremes, and how."""
    parts = [
        near.drop(columns=MARKS),
        _base(near, partner),
        whole.at_low.amounts.add_suffix("_at_low"),
        whole.at_high.amounts.add_suffix("_at_high"),
    ]
    rows = pd.concat(parts, axis="columns")
    counted = near["inside"] & near["admitted"]
    return rows[counted | (rows[["amount_at_low", "amount_at_high"]] > 0).any(axis="columns")]


def _sides(amount: Amounts, ours: NDArray[np.bool_]) -> list[str]:
    return [
        "out" if size == 0 else "numerator" if is_ours else "other"
        for size, is_ours in zip(amount, ours, strict=True)
    ]


def find_ways(
    near: pd.DataFrame,
    rules: Sequence[Rule],
    *,
    window: tuple[int, int],
    counting: Counting,
) -> list[Way]:
    """Return every way to define a sum under all rules together, and what each row may be in it."""
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
    for rule in sorted(rules, key=lambda rule: type(rule).__name__):
        ways = [
            ((*chosen, *more), changed)
            for chosen, before in ways
            for more, changed in rule.ways(before, counting)
        ]
    return [(chosen, _with_amounts(changed)) for chosen, changed in ways]


def check_ways(
    near: pd.DataFrame,
    ways: Sequence[Way],
    *,
    rules: Sequence[Rule],
    window: tuple[int, int],
    of: Of,
) -> None:
    """Check that all rows that may be in the sum can be added."""
    possible = near["inside"].astype("bool")
    for _, cells in ways:
        possible |= cells["amount_high"] > 0
    check_within(near, *window, crossing=rule_splits(rules))
    rows = near[possible]
    check_rows(rows, of=of, several_datasets=stated_reason(rows) is not None)


def _with_amounts(cells: pd.DataFrame) -> pd.DataFrame:
    counted = cells["admitted"].astype("float64")
    return cells.assign(
        amount_low=counted * cells["there_low"] * cells["factor_low"] * cells["size_low"],
        amount_high=counted * cells["there_high"] * cells["factor_high"] * cells["size_high"],
    )
