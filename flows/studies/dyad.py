"""The profile of a pair: everything that the tables at hand state about two countries."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from flows.countries import country_name
from flows.findings import Findings, Number
from flows.studies.dyad_balance import asymmetry_table, balance_table
from flows.studies.dyad_exhibits import (
    asymmetry_exhibit,
    balance_exhibit,
    levels_table,
    statements_table,
)
from flows.studies.dyad_figures import level_figures
from flows.studies.dyad_partners import concentration_table, partners_exhibit
from flows.studies.dyad_releases import latest_releases
from flows.studies.dyad_statements import (
    Dynamics,
    Statement,
    describe_dynamics,
    list_statements,
)
from flows.studies.numbers import numbers_of

_PERCENT = 100


@dataclass(frozen=True, slots=True, eq=False)
class Dyad:
    """
    Everything that is stated about a pair, and what follows from it.

    Parameters
    ----------
    exporter, importer : str
        Alpha-3 codes of the first direction.
    statements : tuple of Statement
        Of the latest release of each data set, both directions.
    dynamics : tuple of Dynamics
        One a statement.
    balances, asymmetries, partners : pandas.DataFrame
        See :func:`flows.studies.dyad_balance.balance_table`,
        :func:`flows.studies.dyad_balance.asymmetry_table` and
        :func:`flows.studies.dyad_partners.concentration_table`; may be empty.
    older : tuple of str
        Data sets of which a later release is at hand.
    """

    exporter: str
    importer: str
    statements: tuple[Statement, ...]
    dynamics: tuple[Dynamics, ...]
    balances: pd.DataFrame
    asymmetries: pd.DataFrame
    partners: pd.DataFrame
    older: tuple[str, ...]

    @property
    def directions(self) -> tuple[tuple[str, str], tuple[str, str]]:
        """Exporter and importer of both flows."""
        return (self.exporter, self.importer), (self.importer, self.exporter)

    @property
    def pair(self) -> str:
        """The names of the two, ``Iran and Armenia``."""
        return f"{country_name(self.exporter)} and {country_name(self.importer)}"

    @property
    def place(self) -> str:
        """Where all this is stated: ids of the catalogue name a vintage, a user's files none."""
        listed = all("@" in one.dataset for one in self.statements)
        return "this catalogue" if listed else "these files"

    @property
    def silent(self) -> str:
        """The countries of the two that state nothing of a direction; organisations are none."""
        missing = []
        for one, other in self.directions:
            heard = {
                said.reporter
                for said in self.statements
                if (said.exporter, said.importer) == (one, other)
            }
            flow = f"{country_name(one)} to {country_name(other)}"
            missing += [
                f"{country_name(side)} on {flow}" for side in (one, other) if side not in heard
            ]
        return "; ".join(missing) or "none"


def describe_dyad(trade: pd.DataFrame, *, exporter: str, importer: str) -> Dyad:
    """
    Find what is stated about a pair, how it moved, and how far the two sides are apart.

    Parameters
    ----------
    trade : pandas.DataFrame
        Flow table, or several under one another: of any unit, reporter, data set and calendar;
        nothing is added across them.
    exporter, importer : str
        Alpha-3 codes of the first direction; the other is looked at too.

    Returns
    -------
    Dyad
        Of the latest release of each data set.

    Raises
    ------
    SchemaError
        If nothing is stated about the pair.
    FlowsError
        If a statement contradicts itself.
    CountryError
        If a code has no name.

    Examples
    --------
    >>> import flows as fl
    >>> pair = describe_dyad(fl.load("irica-press@2024-09"), exporter="IRN", importer="ARM")
    >>> pair.pair, pair.silent
    ('Iran and Armenia', 'Armenia on Iran to Armenia; Armenia on Armenia to Iran')
    """
    latest, older = latest_releases(trade, exporter=exporter, importer=importer)
    statements = list_statements(latest, exporter=exporter, importer=importer)
    return Dyad(
        exporter=exporter,
        importer=importer,
        statements=tuple(statements),
        dynamics=tuple(describe_dynamics(one) for one in statements),
        balances=balance_table(statements),
        asymmetries=asymmetry_table(statements),
        partners=concentration_table(latest, statements),
        older=older,
    )


def dyad_study(
    trade: pd.DataFrame, *, exporter: str, importer: str, name: str = "dyad"
) -> Findings:
    """
    Say who states what about a pair of countries: levels, growth, breaks, balance, asymmetry.

    Parameters
    ----------
    trade : pandas.DataFrame
        As for :func:`describe_dyad`.
    exporter, importer : str
        Alpha-3 codes of the first direction; the other is looked at too.
    name : str
        First part of every id.

    Returns
    -------
    Findings
        Of :func:`tell_dyad`.

    Raises
    ------
    FlowsError
        As :func:`describe_dyad`.

    Examples
    --------
    >>> import flows as fl
    >>> found = dyad_study(fl.load("armstat-by-country@2025-02"), exporter="IRN", importer="ARM")
    >>> shares = {number.id: number.printed for number in found.numbers}
    >>> shares["dyad.armstat-by-country.arm.import-share.2023"]
    '86.35'
    """
    return tell_dyad(describe_dyad(trade, exporter=exporter, importer=importer), name=name)


def tell_dyad(dyad: Dyad, *, name: str) -> Findings:
    """
    Return all that was found about a pair, in full.

    Parameters
    ----------
    dyad : Dyad
        Of :func:`describe_dyad`.
    name : str
        First part of every id.

    Returns
    -------
    Findings
        Tables ``statements`` and ``levels``, and where the data have them ``balance``,
        ``asymmetry`` and ``partners``; figures of levels for each direction and unit; the share of
        imports in the turnover by country and year; words ``pair``, ``place``,
        ``silent`` and ``older``.

    Raises
    ------
    CountryError
        If a code has no name.
    """
    tables = [
        statements_table(dyad.statements, name=name),
        levels_table(dyad.statements, dyad.dynamics, name=name),
    ]
    if len(dyad.balances):
        tables.append(balance_exhibit(dyad.balances, name=name))
    if len(dyad.asymmetries):
        tables.append(asymmetry_exhibit(dyad.asymmetries, name=name))
    if len(dyad.partners):
        tables.append(partners_exhibit(dyad.partners, name=name))
    return Findings(
        numbers=tuple(_numbers(dyad, name=name)),
        tables=tuple(tables),
        figures=tuple(level_figures(dyad.statements, name=name)),
        words={
            f"{name}.pair": dyad.pair,
            f"{name}.place": dyad.place,
            f"{name}.silent": dyad.silent,
            f"{name}.older": ", ".join(dyad.older) or "none",
        },
    )


def _numbers(dyad: Dyad, *, name: str) -> Iterator[Number]:
    """Yield the share of imports in the turnover."""
    parameters = {"exporter": dyad.exporter, "importer": dyad.importer}
    make = numbers_of(name, "flows.dyad_study", parameters)
    sources = [one.partition("@")[0] for one in dyad.balances["dataset"]]
    key = ["source", "country", "calendar", "year"]
    last = dyad.balances.assign(source=sources).drop_duplicates(key, keep="last")
    for row in last.sort_values(["source", "country", "year"]).to_dict("records"):
        ends = row["import_share_low"] * _PERCENT, row["import_share_high"] * _PERCENT
        yield make(
            f"{row['source']}.{row['country'].lower()}.import-share.{row['year']}",
            row["import_share"] * _PERCENT,
            "%",
            f"Imports of {country_name(row['country'])} from {country_name(row['partner'])} in its "
            f"trade with it, exports and imports together, {row['year']}, {row['dataset']}.",
            digits=2,
            rows=row["rows"],
            bounds=ends if ends[0] < ends[1] else None,
        )
