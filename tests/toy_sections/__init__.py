"""A study of two sections, as the tests of the frame need it."""

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class ToyQuestion:
    """What a partner sent."""

    name: str
    partner: str
    rows: pd.DataFrame

    @property
    def words(self) -> dict[str, str]:
        """The partner, for the texts."""
        return {"partner": self.partner}


def ask(trade: pd.DataFrame, *, partner: str, name: str) -> ToyQuestion:
    """Make the question of the toy study."""
    return ToyQuestion(name, partner, trade[trade["exporter"] == partner])
