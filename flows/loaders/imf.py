"""IMF: Direction of Trade and International Trade in Goods by partner, as a flow table."""

import re

import pandas as pd

from flows.errors import LayoutError
from flows.loaders.cells import fail, integers, numbers, texts
from flows.loaders.meanings import codes, spans, translate
from flows.loaders.raw import RawTable
from flows.loaders.rows import select
from flows.loaders.statements import state
from flows.periods import Period, gregorian_month, gregorian_year

INDICATORS = {
    "TXG_FOB_USD": ("export", "FOB"),
    "TMG_CIF_USD": ("import", "CIF"),
    "TMG_FOB_USD": ("import", "FOB"),
    "XG_FOB_USD": ("export", "FOB"),
    "MG_CIF_USD": ("import", "CIF"),
    "MG_FOB_USD": ("import", "FOB"),
}
"""Indicator, old or new, to flow and valuation."""

# Countries have two letters in the old data and three in the new; groups have digits (B0, W00,
# G001, 1C_080) or more letters.
_COUNTRY = r"[A-Z]{2,3}"
_PERIOD = re.compile(r"([0-9]{4})(?:-(?:M?([0-9]{1,2})|Q([1-4])))?")
_MONTHS = 3
_MOST = 12


def normalise_imf(raw: RawTable) -> pd.DataFrame:
    """
    Return what countries reported to the IMF as a flow table in US dollars.

    Parameters
    ----------
    raw : RawTable
        Of one of the readers of :mod:`flows.loaders.imf_files`.

    Returns
    -------
    pandas.DataFrame
        One row a reporter, partner, indicator and period. In the old data values are multiplied
        by ten to the power of ``UNIT_MULT``; in the new data they are in dollars already, and
        ``SCALE`` only says how the IMF prints them. Groups of countries, other indicators and empty
        observations are left out, and counted in the report.

    Raises
    ------
    LayoutError
        If a cell is not a number or a period.
    CountryError
        If a country is not in the crosswalk.
    SchemaError
        If a statement stands there twice.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> from flows.loaders.imf_files import read_imf_compact
    >>> table = normalise_imf(read_imf_compact(example_path("imf_compact")))
    >>> table.loc[0, ["exporter", "importer", "value", "valuation"]].to_dict()
    {'exporter': 'ARM', 'importer': 'IRN', 'value': 84000000.0, 'valuation': 'FOB'}
    """
    old = "REF_AREA" in raw.rows
    area, counterpart = _AREAS[old]
    left_out, kept = _kept(raw, area, counterpart)
    exports = texts(kept, "INDICATOR").map(lambda code: INDICATORS[code][0]) == "export"
    reporter = codes(kept, area, scheme="iso")
    partner = codes(kept, counterpart, scheme="iso")
    value = numbers(kept, "OBS_VALUE")
    if old:
        value = value * 10.0 ** _multiplier(kept)
    columns = {
        "exporter": reporter.where(exports, partner),
        "importer": partner.where(exports, reporter),
        "reporter": reporter,
        **spans(translate(kept, "TIME_PERIOD", _period)),
        "product": "TOTAL",
        "classification": "TOTAL",
        "value": value,
        "unit": "USD",
        "valuation": texts(kept, "INDICATOR").map(lambda code: INDICATORS[code][1]),
        "partner_basis": "",
        "coverage": "all goods",
    }
    return state(kept, columns, rows_in=len(raw.rows), left_out=left_out)


_AREAS = {True: ("REF_AREA", "COUNTERPART_AREA"), False: ("COUNTRY", "COUNTERPART_COUNTRY")}


def _kept(raw: RawTable, area: str, counterpart: str) -> tuple[dict[str, int], RawTable]:
    other = ~texts(raw, "INDICATOR").isin(list(INDICATORS))
    group = ~(
        texts(raw, area).str.fullmatch(_COUNTRY) & texts(raw, counterpart).str.fullmatch(_COUNTRY)
    )
    empty = texts(raw, "OBS_VALUE").isin(["", "NaN"])
    left_out = {
        "observations of other indicators": int(other.sum()),
        "observations of groups of countries": int((group & ~other).sum()),
        "observations without a value": int((empty & ~group & ~other).sum()),
    }
    return left_out, select(raw, ~other & ~group & ~empty)


def _multiplier(raw: RawTable) -> pd.Series:
    power = integers(raw, "UNIT_MULT", blank=True).fillna(0)
    wrong = power > _MOST
    if wrong.any():
        fail(raw, wrong, "UNIT_MULT", f"a power of ten up to {_MOST}")
    return power.astype("float64")


def _period(cell: str) -> Period:
    match = _PERIOD.fullmatch(cell)
    if match is None:
        raise LayoutError(f"expected a period as 2023, 2023-M01 or 2023-Q1, found {cell!r}")
    year, month, quarter = match.groups()
    if month:
        return gregorian_month(int(year), int(month))
    if not quarter:
        return gregorian_year(int(year))
    last = int(quarter) * _MONTHS
    first = gregorian_month(int(year), last - _MONTHS + 1)
    return Period(first.start, gregorian_month(int(year), last).end, cell, "gregorian")
