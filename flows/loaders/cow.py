"""Correlates of War trade data, dyadic file: million current US dollars by pair and year."""

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
    with_columns,
)
from flows.loaders.layout import Layout, starts_with
from flows.loaders.records import delimited
from flows.loaders.text import RawTable

COLUMNS = ("ccode1", "ccode2", "year", "flow1", "flow2", "smoothflow1", "smoothflow2")

# The codebook: flow1 is the imports of country 1 from country 2, flow2 the reverse. The project
# compiles them, mostly from the IMF's Direction of Trade, and falls back on the exporter's figure
# where the importer's is missing: so it is the project that makes the statement.
_FLOWS = ("flow1", "flow2")
_MISSING = ("-9", "-9.0", "", "NA")
_MILLION = 1_000_000

read_cow_trade = delimited(COLUMNS)
"""Reads the dyadic file as distributed, or rows of it: one a pair and year."""


def normalise_cow_trade(raw: RawTable) -> pd.DataFrame:
    """
    Return both directions of every pair as a flow table in US dollars.

    Parameters
    ----------
    raw : RawTable
        Of :func:`read_cow_trade`.

    Returns
    -------
    pandas.DataFrame
        Up to two rows a row, reporter ``COW``, with the column ``smoothed_value`` (USD). ``-9``
        is missing and gives no row. The codebook states no valuation that holds for all pairs.

    Raises
    ------
    LayoutError
        If a cell is not a number or a year.
    CountryError
        If a code is not in the crosswalk.
    SchemaError
        If a pair has a year twice.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> table = normalise_cow_trade(read_cow_trade(example_path("cow_trade")))
    >>> table.loc[2, ["exporter", "importer", "value"]].to_dict()
    {'exporter': 'IRN', 'importer': 'ARM', 'value': 16000000.0}
    """
    years = spans(translate(raw, "year", calendar_year))
    first, second = codes_of(raw, ["ccode1", "ccode2"], scheme="cow", on=years["start"])
    coded = with_columns(raw, first=first, second=second)
    kept = ["first", "second", "year", "smoothflow1", "smoothflow2"]
    cells = melt(coded, _FLOWS, name="flow", keep=kept)
    stated = select(cells, ~texts(cells, "cell").isin(_MISSING))
    imports = stated.rows["flow"] == "flow1"
    first, second = stated.rows["first"], stated.rows["second"]
    smoothed = texts(stated, "smoothflow1").where(imports, texts(stated, "smoothflow2"))
    smoothed = smoothed.mask(smoothed.isin(_MISSING), "")
    columns = {
        "exporter": second.where(imports, first),
        "importer": first.where(imports, second),
        "reporter": "COW",
        **spans(translate(stated, "year", calendar_year)),
        "product": "TOTAL",
        "classification": "TOTAL",
        "value": numbers(stated, "cell") * _MILLION,
        "unit": "USD",
        "valuation": "",
        "partner_basis": "",
        "coverage": "all goods",
        "smoothed_value": numbers(with_columns(stated, smoothed=smoothed), "smoothed", blank=True)
        * _MILLION,
    }
    left_out = {"flows that are missing (-9)": len(cells.rows) - len(stated.rows)}
    # The publisher's file has every pair of states of the system, but so many of its flows are
    # missing that what is there need not be a state's whole trade: the scope stays unstated.
    return state(stated, columns, rows_in=len(raw.rows), left_out=left_out)


LAYOUTS = (
    Layout(
        "cow_trade",
        "Correlates of War",
        "dyadic trade",
        starts_with(COLUMNS),
        read_cow_trade,
        normalise_cow_trade,
    ),
)
