"""The profile of a pair: everything that the tables at hand state about two countries."""

from collections.abc import Iterator

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
from flows.studies.dyad_figures import level_figures, ratio_figure
from flows.studies.dyad_partners import concentration_table, partners_exhibit
from flows.studies.dyad_statements import Statement, describe_dynamics, list_statements
from flows.studies.numbers import numbers_of

_PERCENT = 100


def dyad_study(
    trade: pd.DataFrame, *, exporter: str, importer: str, name: str = "dyad"
) -> Findings:
    """
    Say who states what about a pair of countries: levels, growth, breaks, balance, asymmetry.

    Parameters
    ----------
    trade : pandas.DataFrame
        Flow table, or several under one another: of any unit, reporter, data set and calendar;
        nothing is added across them.
    exporter, importer : str
        Alpha-3 codes of the first direction; the other is looked at too.
    name : str
        First part of every id.

    Returns
    -------
    Findings
        Tables ``statements`` and ``levels``, and where the data have them ``balance``,
        ``asymmetry`` and ``partners``; figures of levels for each direction and unit, and of the
        ratio of the two sides; the share of imports in the turnover by country and year; words
        ``pair`` and ``silent``.

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
    >>> found = dyad_study(fl.load("armstat-by-country@2025-02"), exporter="IRN", importer="ARM")
    >>> shares = {number.id: number.printed for number in found.numbers}
    >>> shares["dyad.armstat-by-country.arm.import-share.2023"]
    '86.35'
    """
    statements = list_statements(trade, exporter=exporter, importer=importer)
    dynamics = [describe_dynamics(one) for one in statements]
    balances, asymmetries = balance_table(statements), asymmetry_table(statements)
    partners = concentration_table(trade, statements)
    names = country_name(exporter), country_name(importer)
    tables = [
        statements_table(statements, name=name),
        levels_table(statements, dynamics, name=name),
    ]
    figures = list(level_figures(statements, name=name))
    if len(balances):
        tables.append(balance_exhibit(balances, name=name))
    if len(asymmetries):
        tables.append(asymmetry_exhibit(asymmetries, name=name))
        figures.append(ratio_figure(asymmetries, names=names, name=name))
    if len(partners):
        tables.append(partners_exhibit(partners, name=name))
    return Findings(
        numbers=tuple(_numbers(balances, exporter=exporter, importer=importer, name=name)),
        tables=tuple(tables),
        figures=tuple(figures),
        words={
            f"{name}.pair": " and ".join(names),
            f"{name}.silent": _silent(statements, exporter, importer),
        },
    )


def _numbers(
    balances: pd.DataFrame, *, exporter: str, importer: str, name: str
) -> Iterator[Number]:
    """Yield the share of imports in the turnover, from the last vintage of each source."""
    make = numbers_of(name, "flows.dyad_study", {"exporter": exporter, "importer": importer})
    sourced = balances.assign(source=[one.partition("@")[0] for one in balances["dataset"]])
    last = sourced.sort_values("dataset").drop_duplicates(
        ["source", "country", "calendar", "year"], keep="last"
    )
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


def _silent(statements: list[Statement], exporter: str, importer: str) -> str:
    """Name the sides that state nothing about a direction in the tables at hand."""
    missing = []
    for one, other in ((exporter, importer), (importer, exporter)):
        flow = f"{country_name(one)} to {country_name(other)}"
        heard = {
            said.reporter for said in statements if (said.exporter, said.importer) == (one, other)
        }
        missing += [f"{country_name(side)} on {flow}" for side in (one, other) if side not in heard]
    return "; ".join(missing) or "none"
