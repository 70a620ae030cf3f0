"""What bounds of a share hold: the two ends, each rule's effect alone, and every row's way."""

from dataclasses import dataclass

import pandas as pd

from flows.measure.bound_rules import Rule
from flows.measure.shares import Share


@dataclass(frozen=True, slots=True, eq=False)
class Extreme:
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


@dataclass(frozen=True, slots=True, eq=False)
class Effect:
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


@dataclass(frozen=True, slots=True, eq=False)
class ShareBounds:
    """
    A share, and the lowest and the highest that it can be.

    Parameters
    ----------
    share : Share
        As counted, without any rule.
    value, low, high : float
        The share, and its bounds under all rules together.
    at_low, at_high : Extreme
        The two ends under all rules together.
    rules : tuple of Rule
        What cannot be excluded.
    effects : tuple of Effect
        Each rule alone, then all together.
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
        return pd.DataFrame(
            [
                {
                    "rule": effect.rule,
                    "low": effect.at_low.value,
                    "high": effect.at_high.value,
                    "low_numerator": effect.at_low.numerator,
                    "low_denominator": effect.at_low.denominator,
                    "high_numerator": effect.at_high.numerator,
                    "high_denominator": effect.at_high.denominator,
                    "rows_moved": effect.moved,
                }
                for effect in self.effects
            ]
        )

    def summary(self) -> str:
        """
        Return the bounds as text.

        Returns
        -------
        str
            The share in percent, each rule's effect, and what is not covered.
        """
        told = self.share
        head = (
            f"{told.supplier} to {told.importer}, {told.of}, {told.start}-{told.end}, "
            f"{told.dataset}, {told.counting.describe()}: {100 * self.value:.2f} %, "
            f"bounds {100 * self.low:.2f} to {100 * self.high:.2f} %"
        )
        return "\n".join([head, self.tidy().to_string(index=False), *self.limits])
