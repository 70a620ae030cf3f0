"""The question of the profile of a pair: what is stated about two countries, and where."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from flows.countries import country_name
from flows.origin import Made
from flows.scope import own_file
from flows.studies.profile.sides import asymmetry_table
from flows.studies.profile.stated import (
    Dynamics,
    Statement,
    describe_dynamics,
    latest_releases,
    list_statements,
    make_years,
)


@dataclass(frozen=True, eq=False)
class PairQuestion:
    """
    Two countries and what is stated about them; what several sections need is computed once.

    Parameters
    ----------
    name : str
        First part of every id.
    exporter, importer : str
        Alpha-3 codes of the first direction.
    trade : Made of pandas.DataFrame
        Flow table of all that is at hand.
    latest : pandas.DataFrame
        Flow table of the latest release of each data set, other partners included.
    statements : tuple of Statement
        About the pair, both directions.
    older : tuple of str
        Data sets of which a later release is at hand.
    """

    name: str
    exporter: str
    importer: str
    trade: Made[pd.DataFrame]
    latest: pd.DataFrame
    statements: tuple[Statement, ...]
    older: tuple[str, ...]

    @property
    def directions(self) -> tuple[tuple[str, str], tuple[str, str]]:
        """Exporter and importer of both flows."""
        return (self.exporter, self.importer), (self.importer, self.exporter)

    @property
    def words(self) -> dict[str, str]:
        """What the texts of all sections may say of the pair."""
        return {
            "exporter": country_name(self.exporter),
            "importer": country_name(self.importer),
            "pair": self.pair,
            "place": self.place,
            "silent": self.silent,
            "older": ", ".join(self.older) or "none",
        }

    @property
    def pair(self) -> str:
        """The names of the two, ``Iran and Armenia``."""
        return f"{country_name(self.exporter)} and {country_name(self.importer)}"

    @property
    def place(self) -> str:
        """Where all this is stated: ids of the catalogue name a vintage, a user's files none."""
        listed = all(
            "@" in statement.dataset and own_file(statement.dataset) is None
            for statement in self.statements
        )
        return "this catalogue" if listed else "these files"

    @property
    def silent(self) -> str:
        """The countries of the two that state nothing of a direction; organisations are none."""
        missing = []
        for source, target in self.directions:
            heard = {
                statement.reporter
                for statement in self.statements
                if (statement.exporter, statement.importer) == (source, target)
            }
            flow = f"{country_name(source)} to {country_name(target)}"
            missing += [
                f"{country_name(side)} on {flow}" for side in (source, target) if side not in heard
            ]
        return "; ".join(missing) or "none"

    @cached_property
    def years(self) -> Callable[..., Made[pd.Series]]:
        """The years of a statement, or a bound of them, with the call; each is made once."""
        return functools.cache(functools.partial(make_years, self.trade))

    @cached_property
    def dynamics(self) -> tuple[Dynamics, ...]:
        """How each statement moved."""
        return tuple(describe_dynamics(statement) for statement in self.statements)

    @cached_property
    def asymmetries(self) -> pd.DataFrame:
        """How far the two sides' statements lie apart, by flow and year."""
        return asymmetry_table(self.statements)

    @property
    def asymmetries_of_one_basis(self) -> pd.DataFrame:
        """The same, one a flow and year: by origin where it is stated, of the last data set."""
        frame = self.asymmetries
        by_origin = frame[frame["importer_basis"] != "consignment"]
        kept = by_origin if len(by_origin) else frame
        one_each = kept.drop_duplicates(["flow", "calendar", "year"], keep="last")
        return one_each.sort_values("year", kind="stable")


def ask(trade: Made[pd.DataFrame], *, exporter: str, importer: str, name: str) -> PairQuestion:
    """Ask what a table states about a pair, as :func:`flows.profile_study` does."""
    latest, older = latest_releases(trade.value, exporter=exporter, importer=importer)
    statements = list_statements(latest, exporter=exporter, importer=importer)
    return PairQuestion(name, exporter, importer, trade, latest, tuple(statements), older)
