"""The profile of a pair: everything that the tables at hand state about two countries."""

import pandas as pd

from flows.findings import Findings
from flows.studies.profile.question import ask
from flows.studies.section import Study

PROFILE = Study("flows.studies.profile", ask)

IN_FULL = ("lead", "statements", "balance", "asymmetry", "partners", "over_time")
"""All sections, in the order in which they are read."""


def profile_study(
    trade: pd.DataFrame, *, exporter: str, importer: str, name: str = "profile"
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
        Of the latest release of each data set: tables ``statements`` and ``levels``, and where the
        data have them ``balance``, ``asymmetry`` and ``partners``; figures of levels for each
        direction and unit; the share of imports in the turnover by country and year; words
        ``pair``, ``place``, ``silent``, ``older`` and ``mirror``, and ``out`` and ``back``: a
        sentence for each direction.

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
    >>> found = profile_study(fl.load("armstat-by-country@2025-02"), exporter="IRN", importer="ARM")
    >>> shares = {number.id: number.printed for number in found.numbers}
    >>> shares["profile.armstat-by-country.arm.import-share.2023"]
    '86.35'
    """
    return PROFILE.find(
        name,
        data={"trade": trade},
        question={"exporter": exporter, "importer": importer},
        parameters={},
        only=IN_FULL,
    )
