"""What a reconciliation holds: values with their intervals, bounds, weights and reasons."""

from dataclasses import dataclass

import pandas as pd

from flows.compare.mirror_pairs import MirrorPairs

ESTIMATED = (
    "both",
    "exporter only",
    "importer only",
    "exporter only, concealed",
    "importer only, concealed",
    "exporter's bound",
    "importer's bound",
)
"""Kinds of flows with a value: what it rests on."""

NOT_ESTIMATED = ("bound only", "contradicted", "not identified", "none stated")
"""Kinds of flows without one."""


@dataclass(frozen=True, slots=True, eq=False)
class Reconciled:
    """
    One best value of each flow, FOB, with its interval.

    Parameters
    ----------
    table : pandas.DataFrame
        One row a flow, as in ``pairs.table``: ``exporter``, ``importer``, ``start``, ``end``,
        ``product``; ``kind``, one of :data:`ESTIMATED` or :data:`NOT_ESTIMATED`; ``value``,
        ``interval_low``, ``interval_high`` (all three missing where there is no value);
        ``at_least``, the bound that a side states, which is no end of an interval;
        ``exporter_fob``, ``importer_fob`` (the two statements, at the middle ratio);
        ``exporter_weight``, ``importer_weight``; ``exporter_std_dev``, ``importer_std_dev`` of the
        log; ``widened`` (by the Birge ratio, 1 or more); ``df``; ``audit``: who was believed, with
        what weight and why.
    unit : str
        Of every value.
    level : float
        Coverage of the intervals.
    pairs : MirrorPairs
        What the two sides state, with the data set and the line of each statement.
    """

    table: pd.DataFrame
    unit: str
    level: float
    pairs: MirrorPairs

    def tidy(self) -> pd.DataFrame:
        """
        Return the flows with a value.

        Returns
        -------
        pandas.DataFrame
            Rows of ``table``, with its index.
        """
        return self.table[self.table["kind"].isin(ESTIMATED)]

    def summary(self) -> str:
        """
        Return how many flows rest on what, as text.

        Returns
        -------
        str
            One line a kind.
        """
        counts = self.table["kind"].value_counts()
        lines = [
            f"{kind:26}{counts[kind]:9}" for kind in (*ESTIMATED, *NOT_ESTIMATED) if kind in counts
        ]
        return "\n".join([f"{len(self.table)} flows, {self.unit}, {self.level:.0%} level", *lines])
