"""Iran's customs (IRICA) as quoted in the press: trade by Iranian year, million US dollars."""

import re

import pandas as pd

from flows.errors import LayoutError
from flows.loaders.cells import (
    all_present,
    codes,
    numbers,
    plain_codes,
    spans,
    state,
    texts,
    translate,
    with_columns,
)
from flows.loaders.claims import about
from flows.loaders.layout import Layout, starts_with
from flows.loaders.records import delimited
from flows.loaders.text import RawTable
from flows.periods import Period
from flows.scope import Scope

COLUMNS = (
    "iranian_year",
    "months",
    "flow",
    "partner",
    "value_million_usd",
    "qualifier",
    "coverage",
    "address",
    "remark",
)

# IRICA values exports FOB and imports CIF and states exports by destination. Whether its imports
# go by origin or by the country that the goods came from is not said in the items quoted.
_FLOWS = {"export": ("FOB", "destination"), "import": ("CIF", "")}
"""Word of the file to valuation and partner basis."""

_QUALIFIERS = ("more than", "over")
"""Words that make a figure a lower bound without an upper one."""

_KNOWN_ODDITIES = {
    ("export", "1398", "Armenia"): (
        "'over 430' is out of line with the neighbouring years and with Armenia's report"
    ),
}
"""Flow, Iranian year and partner to what is odd about the figure."""

_MILLION = 1_000_000
_PERIOD = re.compile(r"(\d{4})/(?:(\d{1,2})-(\d{1,2}))?", re.ASCII)

read_irica_press = delimited(COLUMNS)
"""Reads one row a partner, flow and Iranian year or part of one."""


def normalise_irica_press(raw: RawTable) -> pd.DataFrame:
    """
    Return Iran's statements as a flow table in US dollars.

    Parameters
    ----------
    raw : RawTable
        Of :func:`read_irica_press`.

    Returns
    -------
    pandas.DataFrame
        One row a row, with the columns ``qualifier``, ``address`` and ``remark``. "More than 412"
        has no ``high``. Figures that are known to be odd are named in the report's warnings.

    Raises
    ------
    LayoutError
        If a flow, a qualifier or a period is not one that the layout knows, or a cell is not a
        number.
    CountryError
        If a partner is not in the crosswalk.
    SchemaError
        If a partner, flow and period stands there twice.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> table = normalise_irica_press(read_irica_press(example_path("irica_press")))
    >>> table.loc[[0], ["start", "low", "high"]]
           start          low  high
    0 2023-03-21  412000000.0   NaN
    """
    present = all_present(raw)
    period = plain_codes(present, "iranian_year") + "/" + texts(present, "months")
    dated = with_columns(present, period=period)
    conventions = translate(dated, "flow", _convention)
    bounded = translate(dated, "qualifier", _is_bound)
    partner = codes(dated, "partner", scheme="iso")
    exports = texts(dated, "flow") == "export"
    value = numbers(dated, "value_million_usd") * _MILLION
    columns = {
        "exporter": partner.where(~exports, "IRN"),
        "importer": partner.where(exports, "IRN"),
        "reporter": "IRN",
        **spans(translate(dated, "period", _period)),
        "product": "TOTAL",
        "classification": "TOTAL",
        "value": value,
        "high": value.mask(bounded),
        "unit": "USD",
        "valuation": conventions.str[0],
        "partner_basis": conventions.str[1],
        "coverage": texts(dated, "coverage"),
        "qualifier": texts(dated, "qualifier"),
        "address": texts(dated, "address"),
        "remark": texts(dated, "remark"),
    }
    return state(
        dated,
        columns,
        rows_in=len(raw.rows),
        warnings=_oddities(raw),
        scope=Scope(partners="named", countries=about(imports=["IRN"], exports=["IRN"])),
    )


def _convention(flow: str) -> tuple[str, str]:
    if flow not in _FLOWS:
        raise LayoutError(f"expected export or import, found {flow!r}")
    return _FLOWS[flow]


def _is_bound(qualifier: str) -> bool:
    if qualifier and qualifier not in _QUALIFIERS:
        raise LayoutError(f"expected {', '.join(_QUALIFIERS)} or nothing, found {qualifier!r}")
    return bool(qualifier)


def _period(cell: str) -> Period:
    match = _PERIOD.fullmatch(cell)
    if match is None:
        raise LayoutError(f"expected an Iranian year and months as 1402/1-5, found {cell!r}")
    year, first, last = match.groups()
    if first is None:
        return Period.year(int(year), calendar="solar-hijri")
    return Period.months(int(year), int(first), int(last), calendar="solar-hijri")


def _oddities(raw: RawTable) -> list[str]:
    keys = zip(texts(raw, "flow"), texts(raw, "iranian_year"), texts(raw, "partner"), strict=True)
    return [
        f"line {line}: {_KNOWN_ODDITIES[key]}"
        for line, key in zip(raw.rows["line"], keys, strict=True)
        if key in _KNOWN_ODDITIES
    ]


LAYOUTS = (
    Layout(
        "irica_press",
        "Iran's customs as quoted in the press",
        "by Iranian year",
        starts_with(COLUMNS),
        read_irica_press,
        normalise_irica_press,
    ),
)
