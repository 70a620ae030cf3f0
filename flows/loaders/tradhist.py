"""Two centuries of trade of pairs: CEPII's TRADHIST, and Gleditsch's expanded trade data."""

from pathlib import Path

import pandas as pd

from flows.loaders.cells import (
    calendar_year,
    codes_of,
    melt,
    numbers,
    select,
    spans,
    state,
    texts,
    translate,
    under_names,
    with_columns,
)
from flows.loaders.claims import about
from flows.loaders.layout import Layout, either, matches, starts_with
from flows.loaders.pairs import pair_statements
from flows.loaders.records import delimited, read_delimited
from flows.loaders.text import RawTable
from flows.scope import Scope

TRADHIST_COLUMNS = ("iso_o", "iso_d", "year", "FLOW")
GLEDITSCH_COLUMNS = ("numa", "numb", "year", "expab", "impab", "expba", "impba")

_NAMES = {
    "exporter": ("iso_o",),
    "importer": ("iso_d",),
    "year": ("year",),
    "flow": ("FLOW",),
}
_MISSING = ("", "NA", ".")
_MISSING_NUMBERS = (*_MISSING, "-9", "-9.0", "-9.00")
_MILLION = 1_000_000

_REPORTED = "0"
"""Origin of a value that was reported; all others Gleditsch took from elsewhere or filled in."""

_SIDES = {
    "expab": ("a", "b", "a", "eabo"),
    "impab": ("b", "a", "a", "iabo"),
    "expba": ("b", "a", "b", "ebao"),
    "impba": ("a", "b", "b", "ibao"),
}
"""Column of values to exporter, importer, reporter, and the column of the value's origin."""

read_tradhist = delimited(TRADHIST_COLUMNS)
"""Reads a part of the workbook as CEPII distributes it, or the same as CSV or ``.dta``."""


def normalise_tradhist(raw: RawTable) -> pd.DataFrame:
    """
    Return bilateral trade since 1827 as a flow table in pounds sterling.

    Parameters
    ----------
    raw : RawTable
        Of :func:`read_tradhist`.

    Returns
    -------
    pandas.DataFrame
        One row an origin, destination and year, reporter ``CEPII``, in current pounds, which
        are no dollars. ``FLOW`` counts; zeros that CEPII assumes beside it
        (``FLOW_0``) do not. Years without a value are counted in the report.

    Raises
    ------
    LayoutError
        If a cell is not a number or a year.
    CountryError
        If a country is not in the crosswalk.
    SchemaError
        If a pair has a year twice.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> table = normalise_tradhist(read_tradhist(example_path("tradhist")))
    >>> table[["exporter", "importer", "value", "unit"]].iloc[0].to_dict()
    {'exporter': 'GBR', 'importer': 'FRA', 'value': 446000.5, 'unit': 'GBP'}
    """
    named = under_names(raw, _NAMES)
    missing = texts(named, "flow").isin(_MISSING)
    return pair_statements(
        select(named, ~missing),
        {"unit": "GBP", "reporter": "CEPII", "coverage": "all goods"},
        value="flow",
        multiplier=1,
        rows_in=len(raw.rows),
        left_out={"rows without a value": int(missing.sum())},
        scope=Scope(),
    )


def read_gleditsch(path: Path, *, dataset: str | None = None) -> RawTable:
    """
    Read the expanded trade data as distributed, with blanks between cells, or as CSV.

    Parameters
    ----------
    path : pathlib.Path
        ``expdata.asc``, or the same as CSV or ``.dta``.
    dataset : str, optional
        ``source@vintage``; the file name by default.

    Returns
    -------
    RawTable
        One row a pair of states and year.

    Raises
    ------
    LayoutError
        If encoding, header or a row is not as the layout has it.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> read_gleditsch(example_path("gleditsch")).rows.loc[0, "acrb"]
    'IRN'
    """
    origins = [origin for *_, origin in _SIDES.values()]
    return read_delimited(path, GLEDITSCH_COLUMNS, dataset=dataset, usual=" ,\t", optional=origins)


def normalise_gleditsch(raw: RawTable) -> pd.DataFrame:
    """
    Return what either state of a pair exports and imports as a flow table in US dollars.

    Parameters
    ----------
    raw : RawTable
        Of :func:`read_gleditsch`.

    Returns
    -------
    pandas.DataFrame
        Up to four rows a row of the file, in dollars (the file has millions): a flow has a row of
        either reporter. States are known by their numbers and the year, never by the letters beside
        them. ``estimate`` is every value whose origin is not 0, and so was not reported for that
        flow and year. ``-9`` is missing and gives no row.

    Raises
    ------
    LayoutError
        If a cell is not a number or a year.
    CountryError
        If a number is not in the crosswalk, or not in that year.
    SchemaError
        If a pair has a year twice.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> table = normalise_gleditsch(read_gleditsch(example_path("gleditsch")))
    >>> table[["exporter", "importer", "reporter", "value"]].iloc[0].to_dict()
    {'exporter': 'DEU', 'importer': 'IRN', 'reporter': 'DEU', 'value': 1500250000.0}
    """
    years = spans(translate(raw, "year", calendar_year))
    first, second = codes_of(raw, ["numa", "numb"], scheme="cow", on=years["start"])
    coded = with_columns(raw, a=first, b=second)
    origins = [name for *_, name in _SIDES.values() if name in raw.rows]
    cells = melt(coded, list(_SIDES), name="side", keep=["a", "b", "year", *origins])
    missing = texts(cells, "cell").isin(_MISSING_NUMBERS)
    kept = select(cells, ~missing)
    columns = {
        part: _by_side(kept, place)
        for place, part in enumerate(("exporter", "importer", "reporter"))
    }
    reporters = columns["reporter"]
    return state(
        kept,
        {
            **columns,
            **spans(translate(kept, "year", calendar_year)),
            "product": "TOTAL",
            "classification": "TOTAL",
            "value": numbers(kept, "cell") * _MILLION,
            "unit": "USD",
            "valuation": "",
            "partner_basis": "",
            "coverage": "all goods",
            "estimate": _origin(kept) != _REPORTED,
        },
        rows_in=len(raw.rows),
        left_out={"values that are missing (-9)": int(missing.sum())},
        scope=Scope(countries=about(imports=reporters, exports=reporters)),
    )


def _by_side(cells: RawTable, place: int) -> pd.Series:
    """Return the country that has a place in the flow of each cell."""
    first = cells.rows["side"].map(lambda side: _SIDES[side][place]) == "a"
    return cells.rows["a"].where(first, cells.rows["b"])


def _origin(cells: RawTable) -> pd.Series:
    """Return where the value of each cell is from, as the file codes it."""
    origin = pd.Series("", index=cells.rows.index, dtype="str")
    for side, (*_, name) in _SIDES.items():
        if name in cells.rows:
            here = cells.rows["side"] == side
            origin = origin.mask(here, texts(cells, name).str.removesuffix(".0"))
    return origin


LAYOUTS = (
    Layout(
        "tradhist",
        "CEPII, TRADHIST",
        "bilateral trade 1827-2014 in pounds sterling",
        starts_with(TRADHIST_COLUMNS),
        read_tradhist,
        normalise_tradhist,
        documented="http://www.cepii.fr/CEPII/en/bdd_modele/bdd_modele_item.asp?id=32",
    ),
    Layout(
        "gleditsch",
        "Gleditsch",
        "expanded trade data 1948-2000",
        either(
            starts_with(GLEDITSCH_COLUMNS),
            matches(r'\A"?numa"? +"?acra"? +"?numb"? +"?acrb"? +"?year"? +"?expab"?'),
        ),
        read_gleditsch,
        normalise_gleditsch,
        documented="http://ksgleditsch.com/exptradegdp.html",
    ),
)
