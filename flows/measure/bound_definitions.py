"""Rules about definitions: what counts as an import, and at what value; one choice for all rows."""

from dataclasses import dataclass
from itertools import product

import pandas as pd

from flows.errors import SchemaError
from flows.measure.bound_rules import Way, flagged, replace_columns
from flows.measure.counting import Counting
from flows.table import where

_USED, _MODERNISED = "Second hand", "Second hand but modernized"


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
        local = flagged(cells, "local_production", self.name)
        return [
            ((), cells),
            (("local production in",), replace_columns(cells, admitted=True)),
            (("local production out",), replace_columns(cells, admitted=~local)),
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
        found: list[Way] = [((), cells)]
        for used, modernised in product(self.used, self.modernised):
            size = {_USED: used, _MODERNISED: modernised}
            factor = cells["status"].map(size).astype("float64")
            amount = (new_value * factor).where(factor.notna(), cells["value"])
            label = f"used at {used:g}, modernised at {modernised:g}"
            found.append(((label,), replace_columns(cells, size_low=amount, size_high=amount)))
        return found


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
