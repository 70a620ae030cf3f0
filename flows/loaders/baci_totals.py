"""Totals of BACI by pair and year, in our own layout: what an aggregate of a release holds."""

from dataclasses import replace

import pandas as pd

from flows.loaders.baci import SCOPE
from flows.loaders.cells import calendar_year, translate
from flows.loaders.layout import Layout, starts_with
from flows.loaders.pairs import pair_statements
from flows.loaders.records import delimited
from flows.loaders.text import RawTable

COLUMNS = ("exporter", "importer", "year", "thousand_usd")

_THOUSAND = 1000

read_baci_totals = delimited(COLUMNS)
"""Reads rows of exporter, importer, year and thousand dollars."""


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
    years = [period.start.year for period in translate(raw, "year", calendar_year).unique()]
    return pair_statements(
        raw,
        {"reporter": "CEPII", "valuation": "FOB", "coverage": "all goods"},
        value="thousand_usd",
        multiplier=_THOUSAND,
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
)
