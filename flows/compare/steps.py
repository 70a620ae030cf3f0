"""What a bridge holds: its steps, and how they add up."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from flows.compare.terms import Ledger
from flows.periods import Period, Recut

StepKind = Literal["level", "change", "residual"]


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """
    One step of a bridge.

    Parameters
    ----------
    id : str
        ``exporter``, ``calendar``, ``vintage-exporter``, ``vintage-importer``, ``currency``,
        ``re-exports``, ``basis``, ``coverage`` (a second one ``coverage-2``), ``valuation``,
        ``residual`` or ``importer``.
    name : str
        What is printed.
    kind : {"level", "change", "residual"}
        A statement, an explained difference, or what stays unexplained.
    value : float
        Level or change, in the unit of the bridge.
    low, high : float
        The step under the assumptions that can be made instead, each alone; ``high`` of a level is
        missing where its source states none.
    rows : pandas.DataFrame
        Rows that went in, with ``weight`` where a part of a row did; none where the step follows
        from the others.
    assumption : str
        What the value and its low and high rest on.
    """

    id: str
    name: str
    kind: StepKind
    value: float
    low: float
    high: float
    rows: pd.DataFrame
    assumption: str


@dataclass(frozen=True, slots=True, eq=False)
class Bridge:
    """
    The steps from the exporter's statement to the importer's; they add up to the last one.

    Parameters
    ----------
    steps : tuple of Step
        First and last are levels.
    unit : str
        Unit of every value.
    period : Period
        The period in which the two statements are compared.
    cif_fob_ratio : tuple of float, optional
        Lowest and highest CIF/FOB ratio, as the caller gave them.
    exporter, importer : Recut
        The two statements in ``period``: value, and rows with their weights.
    ledger : Ledger
        The same two values and what is taken out of them, in the order of the steps.
    """

    steps: tuple[Step, ...]
    unit: str
    period: Period
    cif_fob_ratio: tuple[float, float] | None
    exporter: Recut
    importer: Recut
    ledger: Ledger

    def step(self, name: str) -> Step:
        """
        Return the step with this id.

        Parameters
        ----------
        name : str
            Id of the step.

        Returns
        -------
        Step

        Raises
        ------
        ValueError
            If the bridge has no such step.
        """
        for step in self.steps:
            if step.id == name:
                return step
        raise ValueError(f"expected one of {[step.id for step in self.steps]}, found {name!r}")

    def tidy(self) -> pd.DataFrame:
        """
        Return the steps as a table.

        Returns
        -------
        pandas.DataFrame
            One row a step: ``id``, ``step``, ``kind``, ``value``, ``low``, ``high``,
            ``assumption``, and ``cumulative_from``, ``cumulative_to``: where it begins and ends.
        """
        values = np.array([step.value for step in self.steps])
        levels = np.array([step.kind == "level" for step in self.steps])
        changing = np.where(levels & (np.arange(len(values)) > 0), 0.0, values)
        reached = np.array([math.fsum(changing[:end]) for end in range(1, len(values) + 1)])
        return pd.DataFrame(
            {
                "id": [step.id for step in self.steps],
                "step": [step.name for step in self.steps],
                "kind": [step.kind for step in self.steps],
                "value": values,
                "low": [step.low for step in self.steps],
                "high": [step.high for step in self.steps],
                "assumption": [step.assumption for step in self.steps],
                "cumulative_from": np.where(levels, 0.0, reached - values),
                "cumulative_to": np.where(levels, values, reached),
            }
        )

    def orders(self) -> pd.DataFrame:
        """
        Return how large each step would be if the steps were taken in another order.

        A factor takes its share of what is there when it comes: valuation after coverage does not
        touch the goods left out, valuation before it takes freight off them too.

        Returns
        -------
        pandas.DataFrame
            One row a step that can change its place (all but the calendar) and the residual:
            ``id``, ``step``, ``value`` (in this order), ``lowest`` and ``highest`` over all
            orders, factors at the middle of their ranges. The residual is the same in each.
        """
        found = [
            (term.id, term.name, self.step(term.id).value, *self.ledger.over_orders(term))
            for term in self.ledger.terms
        ]
        left = self.step("residual")
        found.append((left.id, left.name, left.value, left.value, left.value))
        return pd.DataFrame(found, columns=["id", "step", "value", "lowest", "highest"])
