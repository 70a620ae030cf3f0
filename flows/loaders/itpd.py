"""USITC: trade and production by industry (ITPD-E)."""

import pandas as pd

from flows.loaders.cells import fail, plain_codes, select, texts, under_names, with_columns
from flows.loaders.claims import about
from flows.loaders.layout import Layout, starts_with
from flows.loaders.pairs import pair_statements
from flows.loaders.records import delimited
from flows.loaders.text import RawTable
from flows.scope import Scope

COLUMNS = ("exporter_iso3", "importer_iso3", "year", "industry_id", "trade")

_NAMES = {
    "exporter": ("exporter_iso3",),
    "importer": ("importer_iso3",),
    "year": ("year",),
    "industry": ("industry_id",),
    "trade": ("trade",),
    "mirror": ("flag_mirror",),
    "zero": ("flag_zero",),
}
_ASSUMED, _ZERO_FLAGS = "u", ("p", "r", "u", "")
"""A zero that no country reported; flags of positive values, reported zeros and these."""

_MIRROR_FLAGS = {"1": True, "0": False, "": False}
_WITHOUT_FLAGS = (
    "there are no flags of mirrors and zeros: in ITPD-S, whose columns are else the same, a model "
    "fills the gaps"
)
_INDUSTRY = r"[0-9]{1,3}"
_MILLION = 1_000_000

read_itpd = delimited(COLUMNS, optional=["flag_mirror", "flag_zero"])
"""Reads any release of ITPD-E, or rows of it: one an exporter, importer, year and industry."""


def normalise_itpd(raw: RawTable) -> pd.DataFrame:
    """
    Return trade between countries by industry as a flow table in US dollars.

    Parameters
    ----------
    raw : RawTable
        Of :func:`read_itpd`.

    Returns
    -------
    pandas.DataFrame
        One row an exporter, importer, year and industry, reporter ``USITC``, in dollars (the file
        has millions), with the column ``mirror``: the value is what the exporter reported. Domestic
        trade, whose exporter is its importer, is production that was not exported and no flow
        between countries: it is left out. Zeros that no country reported (``flag_zero`` is ``u``)
        are no statements. Both are counted in the report. Industries are of goods and of services.

    Raises
    ------
    LayoutError
        If a cell is not a year, an industry, a number or a flag.
    CountryError
        If a country is not in the crosswalk.
    SchemaError
        If a pair has a year and industry twice.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> table = normalise_itpd(read_itpd(example_path("itpd")))
    >>> table[["exporter", "importer", "product", "value", "mirror"]].iloc[0].to_dict()
    {'exporter': 'IRN', 'importer': 'ARM', 'product': '34', 'value': 62500000.0, 'mirror': False}
    """
    named = under_names(raw, _NAMES)
    named = with_columns(
        named, **{column: plain_codes(named, column) for column in ("mirror", "industry")}
    )
    for column, allowed in (("zero", _ZERO_FLAGS), ("mirror", tuple(_MIRROR_FLAGS))):
        wrong = ~texts(named, column).isin(allowed)
        if wrong.any():
            fail(named, wrong, column, f"one of {', '.join(map(repr, allowed))}")
    wrong = ~texts(named, "industry").str.fullmatch(_INDUSTRY)
    if wrong.any():
        fail(named, wrong, "industry", "the number of an industry, 1 to 170")
    domestic = texts(named, "exporter") == texts(named, "importer")
    assumed = (texts(named, "zero") == _ASSUMED) & ~domestic
    kept = select(named, ~domestic & ~assumed)
    return pair_statements(
        kept,
        {
            "product": texts(kept, "industry"),
            "classification": "ITPD-E",
            "reporter": "USITC",
            "coverage": "goods and services by industry",
            "mirror": texts(kept, "mirror").map(_MIRROR_FLAGS).astype("bool"),
        },
        value="trade",
        multiplier=_MILLION,
        rows_in=len(raw.rows),
        left_out={
            "rows of domestic trade": int(domestic.sum()),
            "zeros that no country reported": int(assumed.sum()),
        },
        scope=Scope(countries=about(imports=None, exports=None)),
        warnings=() if {"mirror", "zero"} & named.headings.keys() else (_WITHOUT_FLAGS,),
    )


LAYOUTS = (
    Layout(
        "itpd",
        "USITC",
        "International Trade and Production Database (ITPD-E)",
        starts_with(COLUMNS),
        read_itpd,
        normalise_itpd,
        documented="https://www.usitc.gov/data/gravity/itpde.htm",
    ),
)
