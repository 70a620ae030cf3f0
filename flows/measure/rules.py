"""Rules of what cannot be excluded: how far rows may be off, and what counts as an import."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Protocol

import pandas as pd

from flows.errors import SchemaError, did_you_mean
from flows.measure.counting import UNKNOWN, Counting, delivery_years
from flows.table import where

Way = tuple[tuple[str, ...], pd.DataFrame]
"""What was chosen of the definitions, and the cells that follow from it."""

_USED, _MODERNISED = "Second hand", "Second hand but modernized"


class Rule(Protocol):
    """A rule returns every way to define the sum, each with cells that hold what a row may be."""

    @property
    def name(self) -> str:
        """Short name with its parameter, for a table."""
        ...

    def ways(self, cells: pd.DataFrame, counting: Counting) -> list[Way]:
        """Return the ways; see :func:`flows.measure.bounds.find_ways`."""
        ...


@dataclass(frozen=True, slots=True)
class UncertainYear:
    """
    A row whose year the source marks as an estimate may belong to one of the years around.

    A row inside the window may so fall out, and one outside may fall in: each row for itself, the
    row as a whole. A row that says nothing about its year is taken as it stands.

    Parameters
    ----------
    within : int
        Years by which the year may be wrong, to both sides.

    Raises
    ------
    ValueError
        If it is below 0.
    """

    within: int

    def __post_init__(self) -> None:
        _check_at_least_zero("within", self.within)

    @property
    def name(self) -> str:
        """Short name."""
        return f"uncertain years, {self.within}"

    def ways(self, cells: pd.DataFrame, counting: Counting) -> list[Way]:
        """Return the cells with rows near the edge that may be there or not."""
        marked = _flagged(cells, counting.year_flag, self.name)
        first, last = cells["first"] - self.within, cells["last"] + self.within
        start, end = cells.attrs["window"]
        may_leave = marked & ((first < start) | (last > end))
        may_enter = marked & (first <= end) & (last >= start)
        return _one_way(
            cells,
            there_low=cells["there_low"].mask(may_leave, 0.0),
            there_high=cells["there_high"].mask(may_enter, 1.0),
        )


@dataclass(frozen=True, slots=True)
class UnsplitDeliveries:
    """
    Of a deal delivered over several years, some inside the window, any part may be inside.

    A register has one row a deal, with the years of its deliveries and their sum. At least one
    weapon was delivered in each year that it lists, so much is surely inside or surely outside; of
    the rest any number may be inside, each deal for itself. Where a deal states no number, or no
    list of years, all of it may be inside or none.
    """

    @property
    def name(self) -> str:
        """Short name."""
        return "deliveries not split by year"

    def ways(self, cells: pd.DataFrame, counting: Counting) -> list[Way]:  # noqa: ARG002 - a Rule
        """Return the cells with the least and the most of each deal that may be inside."""
        crosses = cells["crosses"].astype("bool")
        years = delivery_years(cells, *cells.attrs["window"]).astype("float64")
        least = _part_of_number(cells, years, "inside", "factor_low")
        most = 1.0 - _part_of_number(cells, years, "outside", "factor_high")
        return _one_way(
            cells,
            there_low=cells["there_low"].mask(crosses, least),
            there_high=cells["there_high"].mask(crosses, most),
        )


def _part_of_number(
    cells: pd.DataFrame, years: pd.DataFrame, side: str, factor: str
) -> "pd.Series[float]":
    """Return which part of a deal one weapon a year on one side makes; 0 where it is not known."""
    if "number" not in cells.columns:
        return pd.Series(0.0, index=cells.index)
    number = cells["number"].astype("Float64").astype("float64") * cells[factor]
    enough = number >= years["inside"] + years["outside"]
    return (years[side] / number).where(enough, 0.0)


def rule_splits(rules: Sequence[Rule]) -> bool:
    """Say whether the rules allow for deals that cross the edge of a window."""
    return any(isinstance(rule, UnsplitDeliveries) for rule in rules)


@dataclass(frozen=True, slots=True)
class UncertainNumber:
    """
    A number delivered that the source marks as an estimate may differ by a fraction of itself.

    Parameters
    ----------
    fraction : float
        For example 0.25: the value of such a row may be a quarter lower or higher, each row for
        itself.

    Raises
    ------
    ValueError
        If it is not from 0 to 1.
    """

    fraction: float

    def __post_init__(self) -> None:
        if not 0 <= self.fraction <= 1:
            raise ValueError(f"fraction: expected 0 to 1, found {self.fraction}")

    @property
    def name(self) -> str:
        """Short name."""
        return f"uncertain numbers, {self.fraction:g}"

    def ways(self, cells: pd.DataFrame, counting: Counting) -> list[Way]:  # noqa: ARG002 - a Rule
        """Return the cells with a lower and a higher number of what is marked."""
        marked = _flagged(cells, "number_estimated", self.name)
        return _one_way(
            cells,
            factor_low=cells["factor_low"].mask(marked, 1.0 - self.fraction),
            factor_high=cells["factor_high"].mask(marked, 1.0 + self.fraction),
        )


@dataclass(frozen=True, slots=True)
class RoundedCell:
    """
    A cell of a printed table stands for all that rounds to it: 0 for [0, 0.5), 3 for [2.5, 3.5).

    Rows of single deals are not rounded cells, and are left as they are. The upper end is not
    reached, only approached.

    Parameters
    ----------
    half : float
        Half a unit of the last printed place: 0.5 in SIPRI's tables.

    Raises
    ------
    ValueError
        If it is not above 0.
    """

    half: float

    def __post_init__(self) -> None:
        if self.half <= 0:
            raise ValueError(f"half: expected more than 0, found {self.half}")

    @property
    def name(self) -> str:
        """Short name."""
        return f"rounded cells, {self.half:g}"

    def ways(self, cells: pd.DataFrame, counting: Counting) -> list[Way]:  # noqa: ARG002 - a Rule
        """Return the cells with the bounds of what they round and of what the source states."""
        no_deals = pd.Series(data=True, index=cells.index)
        printed = cells["deal"].isna() if "deal" in cells.columns else no_deals
        places = cells["value"] / (2 * self.half)
        odd = printed & (places != places.round())
        if odd.any():
            raise SchemaError(
                f"{self.name}: expected multiples of {2 * self.half:g}, found others at "
                f"{where(cells[odd])}; they are not rounded so"
            )
        if cells.loc[printed, "high"].isna().any():
            open_above = cells[printed & cells["high"].isna()]
            raise SchemaError(
                f"{self.name}: expected an upper bound, found none at {where(open_above)}"
            )
        low = (cells["value"] - self.half).clip(lower=0.0)
        high = cells["high"].where(cells["value"] == 0, cells["value"] + self.half)
        return _one_way(
            cells,
            size_low=cells["size_low"].mask(printed, low),
            size_high=cells["size_high"].mask(printed, high.clip(lower=self.half)),
        )


@dataclass(frozen=True, slots=True)
class UnknownPartner:
    """
    A row of an unknown supplier may be anyone's, also of a supplier who is named; each for itself.

    Parameters
    ----------
    codes : tuple of str
        Codes of unknown suppliers and recipients: SIPRI's by default.
    """

    codes: tuple[str, ...] = field(default=UNKNOWN)

    @property
    def name(self) -> str:
        """Short name."""
        return "unknown partners"

    def ways(self, cells: pd.DataFrame, counting: Counting) -> list[Way]:  # noqa: ARG002 - a Rule
        """Return the cells with rows that may be of either side."""
        return _one_way(cells, anyone=cells["anyone"] | cells["partner"].isin(self.codes))


def _flagged(rows: pd.DataFrame, column: str, name: str) -> pd.Series:
    """Return which rows a flag marks; a row without the flag stated is not marked."""
    if column not in rows.columns:
        raise SchemaError(
            f"{name}: expected a column {column}, found a table without it; leave the rule out, or "
            "use a release by deal"
        )
    return rows[column].eq(other=True).astype("boolean").fillna(value=False).astype("bool")


def _one_way(cells: pd.DataFrame, **columns: pd.Series) -> list[Way]:
    return [((), _replace_columns(cells, **columns))]


def _replace_columns(cells: pd.DataFrame, **columns: pd.Series | bool) -> pd.DataFrame:
    """Return cells with other columns, of the same window."""
    changed = cells.assign(**columns)
    changed.attrs = cells.attrs
    return changed


def _check_at_least_zero(name: str, value: float) -> None:
    if value < 0:
        raise ValueError(f"{name}: expected at least 0, found {value}")


@dataclass(frozen=True, slots=True)
class LocalProduction:
    """
    What the importer produced under licence may be defined in or out: one choice for the whole sum.

    A row that says nothing about it is taken as not produced there.
    """

    @property
    def name(self) -> str:
        """Short name."""
        return "local production"

    def ways(self, cells: pd.DataFrame, counting: Counting) -> list[Way]:  # noqa: ARG002 - a Rule
        """Return the cells as counted, with all local production, and without it."""
        local = _flagged(cells, "local_production", self.name)
        return [
            ((), cells),
            (("local production in",), _replace_columns(cells, admitted=True)),
            (("local production out",), _replace_columns(cells, admitted=~local)),
        ]


@dataclass(frozen=True, slots=True)
class SecondHand:
    """
    Second-hand weapons may be valued at other fractions of new ones: one choice for the whole sum.

    SIPRI takes 40 % of the value of a new weapon, and 66 % where it was modernised significantly.
    A share is monotone in such a factor, so its extremes are at the ends.

    Parameters
    ----------
    used, modernised : pair of float
        Lowest and highest fraction of the value when new. What the source takes is always one of
        the choices.

    Raises
    ------
    ValueError
        If the lowest is below 0 or above the highest.
    """

    used: tuple[float, float]
    modernised: tuple[float, float]

    def __post_init__(self) -> None:
        for word, (low, high) in (("used", self.used), ("modernised", self.modernised)):
            if not 0 <= low <= high:
                raise ValueError(f"{word}: expected 0 <= lowest <= highest, found {low}, {high}")

    @property
    def name(self) -> str:
        """Short name."""
        used, modernised = (f"{low:g}-{high:g}" for low, high in (self.used, self.modernised))
        return f"second-hand factors, used {used}, modernised {modernised}"

    def ways(self, cells: pd.DataFrame, counting: Counting) -> list[Way]:  # noqa: ARG002 - a Rule
        """Return the cells as valued, and with each choice of the ends."""
        new_value = _value_when_new(cells, self.name)
        ways: list[Way] = [((), cells)]
        for used, modernised in product(self.used, self.modernised):
            size = {_USED: used, _MODERNISED: modernised}
            factor = cells["status"].map(size).astype("float64")
            amount = (new_value * factor).where(factor.notna(), cells["value"])
            label = f"used at {used:g}, modernised at {modernised:g}"
            ways.append(((label,), _replace_columns(cells, size_low=amount, size_high=amount)))
        return ways


def check_rules(rules: Sequence[object]) -> None:
    """Check that each is a rule with its parameters, not its name."""
    kinds = [name for name, kind in globals().items() if hasattr(kind, "ways") and kind != Rule]
    for rule in rules:
        if not hasattr(rule, "ways") or isinstance(rule, type):
            name = rule.__name__ if isinstance(rule, type) else str(rule).replace("_", "")
            raise ValueError(
                f"rules: expected rules such as rules.UncertainYear(within=1), found {rule!r}"
                + did_you_mean(name, kinds)
            )


def _value_when_new(cells: pd.DataFrame, name: str) -> pd.Series:
    needed = ("status", "number", "tiv_per_new_unit")
    if missing := [column for column in needed if column not in cells.columns]:
        raise SchemaError(
            f"{name}: expected columns {', '.join(needed)}, found a table without "
            f"{', '.join(missing)}; leave the rule out, or use a release by deal"
        )
    value = (cells["number"] * cells["tiv_per_new_unit"]).astype("Float64")
    unsaid = cells["status"].isin([_USED, _MODERNISED]) & value.isna()
    if unsaid.any():
        raise SchemaError(
            f"{name}: expected a number and a value when new of what is second-hand, found none at "
            f"{where(cells[unsaid])}"
        )
    return value.astype("float64")
