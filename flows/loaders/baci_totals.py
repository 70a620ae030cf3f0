"""Totals of BACI by pair and year: in our own layout, and as ``flows convert`` adds them up."""

from dataclasses import replace

import pandas as pd

from flows.countries import Scheme
from flows.errors import LayoutError
from flows.loaders.baci import CONSTANTS, SCOPE
from flows.loaders.cells import calendar_year, fail, texts, translate
from flows.loaders.layout import Layout, starts_with
from flows.loaders.pairs import pair_statements
from flows.loaders.records import delimited
from flows.loaders.text import RawTable

COLUMNS = ("exporter", "importer", "year", "thousand_usd")
SUMS = ("exporter", "importer", "year", "value", "unit", "statements", "reporter")
"""What ``flows convert --by exporter,importer,year`` writes, and what every sum says of itself."""

_THOUSAND = 1000
_TOLD_TOO = {"classification", "valuation", "partner_basis", "line"}

read_baci_totals = delimited(COLUMNS)
"""Reads rows of exporter, importer, year and thousand dollars."""

read_baci_sums = delimited(SUMS)
"""Reads sums over all products of a release, by exporter, importer and year."""


def normalise_baci_totals(raw: RawTable) -> pd.DataFrame:
    """
    Return all goods by pair and year as a flow table in US dollars.

    Parameters
    ----------
    raw : RawTable
        Of :func:`read_baci_totals`.

    Returns
    -------
    pandas.DataFrame
        One row an exporter, importer and year, reporter ``CEPII``, valuation FOB: CEPII takes
        freight out of the imports that it reconciles. The rows are all that a release counts in
        their years, so that a pair without a row in one of them had no trade.

    Raises
    ------
    LayoutError
        If a cell is not a year or a number.
    CountryError
        If a country is not in the crosswalk.
    SchemaError
        If a pair has a year twice.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> table = normalise_baci_totals(read_baci_totals(example_path("baci_totals")))
    >>> table[["exporter", "importer", "reporter", "value"]].iloc[0].to_dict()
    {'exporter': 'ARM', 'importer': 'IRN', 'reporter': 'CEPII', 'value': 92500500.0}
    """
    return _totals(raw, value="thousand_usd", multiplier=_THOUSAND, scheme="research")


def normalise_baci_sums(raw: RawTable) -> pd.DataFrame:
    """
    Return sums of a release by pair and year as a flow table in US dollars.

    Parameters
    ----------
    raw : RawTable
        Of :func:`read_baci_sums`.

    Returns
    -------
    pandas.DataFrame
        As of :func:`normalise_baci_totals`: all goods, since no product of BACI was left out.

    Raises
    ------
    LayoutError
        If a sum is of another publisher or unit, or of something else than a pair and a year.
    CountryError
        If a country is not in the crosswalk.
    SchemaError
        If a pair has a year twice.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> table = normalise_baci_sums(read_baci_sums(example_path("baci_sums")))
    >>> table[["exporter", "importer", "product", "value"]].iloc[0].to_dict()
    {'exporter': 'ARM', 'importer': 'IRN', 'product': 'TOTAL', 'value': 45000125.0}
    """
    if further := sorted(set(raw.rows.columns) - {*SUMS, *_TOLD_TOO}):
        raise LayoutError(
            f"{raw.path}:1: expected sums by exporter, importer and year, found them by "
            f"{further[0]} too; make them with flows convert --by exporter,importer,year"
        )
    for column in ("reporter", "unit"):
        if (other := texts(raw, column) != CONSTANTS[column]).any():
            words = f"{CONSTANTS[column]}, since sums of BACI alone are a flow table"
            fail(raw, other, column, words)
    return _totals(raw, value="value", multiplier=1, scheme=None)


def _totals(raw: RawTable, *, value: str, multiplier: float, scheme: Scheme | None) -> pd.DataFrame:
    years = [period.start.year for period in translate(raw, "year", calendar_year).unique()]
    said = {name: CONSTANTS[name] for name in ("reporter", "valuation", "coverage")}
    return pair_statements(
        raw,
        said,
        value=value,
        multiplier=multiplier,
        scheme=scheme,
        rows_in=len(raw.rows),
        left_out={},
        scope=replace(SCOPE, years=(min(years), max(years))),
    )


LAYOUTS = (
    Layout(
        "baci_totals",
        "CEPII",
        "BACI, totals by exporter, importer and year",
        starts_with(COLUMNS),
        read_baci_totals,
        normalise_baci_totals,
    ),
    Layout(
        "baci_sums",
        "CEPII",
        "BACI, sums by exporter, importer and year of flows convert --by",
        starts_with(SUMS),
        read_baci_sums,
        normalise_baci_sums,
    ),
)
