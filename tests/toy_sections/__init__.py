"""A study of two sections, as the tests of the frame need it."""

from dataclasses import dataclass

import pandas as pd

from flows.origin import Made


@dataclass(frozen=True)
class ToyQuestion:
    """What a partner sent."""

    name: str
    partner: str
    rows: Made[pd.DataFrame]

    @property
    def words(self) -> dict[str, str]:
        """The partner, for the texts."""
        return {"partner": self.partner}


def ask(trade: Made[pd.DataFrame], *, partner: str, name: str) -> ToyQuestion:
    """Make the question of the toy study."""
    sent = trade.part(lambda rows: rows[rows["exporter"] == partner])
    return ToyQuestion(name, partner, sent)
