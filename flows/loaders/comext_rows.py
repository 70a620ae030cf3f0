"""Rows of Comext under our names: what they state, and what they print of groups of partners."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd

from flows.countries import Scheme
from flows.errors import LayoutError
from flows.loaders.cells import (
    codes_of,
    numbers,
    plain_codes,
    repaired,
    rounding,
    select,
    spans,
    texts,
    translate,
    with_columns,
    without_missing,
)
from flows.loaders.claims import WORLD, last_digit, printed_totals
from flows.loaders.comext_cells import (
    ALL_GOODS,
    WORLD_GROUP,
    as_coverage,
    as_flow,
    as_period,
    as_product,
    basis_of,
    group_of,
    is_hidden,
    plain_code,
    plain_country,
    total_basis,
)
from flows.loaders.records import check_spelling
from flows.loaders.text import RawTable, Record, find_header
from flows.products import TOTAL
from flows.scope import no_totals

NAMES = {
    "reporter": ("DECLARANT_ISO", "REPORTER", "reporter"),
    "partner": ("PARTNER_ISO", "PARTNER", "partner"),
    "product": ("PRODUCT_NC", "PRODUCT", "product"),
    "flow": ("FLOW", "flow"),
    "period": ("PERIOD", "TIME_PERIOD"),
    "value": ("VALUE_IN_EUROS", "VALUE_IN_EUR", "VALUE_EUR", "OBS_VALUE"),
}
"""What every layout has, under one of these names."""

OPTIONAL = {
    "procedure": ("STAT_PROCEDURE", "STAT_REGIME"),
    "trade": ("TRADE_TYPE",),
    "unit": ("SUPPL_UNIT", "SUPP_UNIT"),
    "kg": ("QUANTITY_IN_KG", "QUANTITY_KG"),
    "hundred_kg": ("QUANTITY_IN_100KG",),
    "supplementary": ("SUP_QUANTITY", "QUANTITY_SUPPL_UNIT", "SUPPLEMENTARY_QUANTITY"),
    "flag": ("OBS_FLAG",),
    "status": ("CONF_STATUS",),
    "declarant": ("DECLARANT",),
    "area": ("PARTNER",),
}
"""What only some of them have; ``declarant`` and ``area`` are numbers where names go beside."""

_CODES = ("product", "flow", "period", "procedure")
_FIGURES = ("value", "kg", "hundred_kg", "supplementary", "flag", "status")

SCHEME: Scheme = "comext"
"""Whose codes and names the countries have."""

CONSTANTS = {"unit": "EUR"}
_VALUATIONS = {"import": "CIF", "export": "FOB"}
"""Statistical values are those at the border of the member that reports."""

UK_PARTS = (
    "XI",
    "XU",
    "United Kingdom (Northern Ireland)",
    "United Kingdom (excluding Northern Ireland)",
)
"""Northern Ireland and the rest of the United Kingdom, which GB holds both."""

BULK_BASES = {"I": "consignment", "E": "origin", "K": "origin", "L": "consignment", "M": "origin"}
"""Kind of trade to what the partner of an import is."""

NO_UNIT = "NO_SU"
"""What stands where goods have no supplementary unit."""

QUANTITIES = ("quantity_kg", "supplementary_quantity")
MISSING = ("", ":")
"""What stands where there is no value."""

_HUNDRED = 100.0
ESTIMATED = "e"


def find_columns(header: Sequence[str], *, path: str) -> None:
    """Check that a header has what every layout has."""
    spellings = [name for several in (*NAMES.values(), *OPTIONAL.values()) for name in several]
    check_spelling(header, spellings, at=f"{path}:1")
    names = our_names(header)
    wanted = [names.get(ours, spellings[0]) for ours, spellings in NAMES.items()]
    find_header([Record(1, list(header))], wanted, path=path)


def our_names(header: Sequence[str]) -> dict[str, str]:
    """Return our names of the columns that count, with those that the header has for them."""
    names = {
        ours: next(name for name in spellings if name in header)
        for ours, spellings in {**NAMES, **OPTIONAL}.items()
        if not set(spellings).isdisjoint(header)
    }
    # Only beside a column of codes is PARTNER a number.
    taken = {names.get("partner"), names.get("reporter")}
    return {ours: name for ours, name in names.items() if ours != "area" or name not in taken}


def under_our_names(raw: RawTable) -> RawTable:
    """Return all rows with the columns that count, under our names of them."""
    names = our_names(list(raw.rows.columns))
    columns = {
        ours: _cells(raw, ours, names[ours]) if ours in names else ""
        for ours in (*NAMES, *OPTIONAL)
    }
    rows = pd.DataFrame({**columns, "line": raw.rows["line"]}).astype(dict.fromkeys(columns, "str"))
    return replace(raw, rows=rows, headings={**raw.headings, **names})


def _cells(raw: RawTable, ours: str, name: str) -> pd.Series:
    """Return a column, its codes without the points and its figures without the NA of programs."""
    if ours in _CODES:
        return plain_codes(raw, name)
    cells = texts(raw, name)
    return without_missing(raw, name, cells) if ours in _FIGURES else cells


def flow_columns(
    kept: RawTable,
    *,
    classification: str,
    reporter: pd.Series | None = None,
    partner: pd.Series | None = None,
) -> dict[str, Any]:
    """Return what rows state, as columns of the flow table; a side that is no country is given."""
    period = spans(translate(kept, "period", as_period))
    plain = with_columns(
        kept, **{name: texts(kept, name).map(plain_country) for name in ("reporter", "partner")}
    )
    given = {"reporter": reporter, "partner": partner}
    sides = {name: codes for name, codes in given.items() if codes is not None}
    asked = [name for name in given if name not in sides]
    coded = codes_of(plain, asked, scheme=SCHEME, on=period["start"])
    sides |= dict(zip(asked, coded, strict=True))
    stating, other = sides["reporter"], sides["partner"]
    flow = translate(kept, "flow", as_flow)
    exports = flow == "export"
    product = translate(kept, "product", partial(as_product, classification=classification))
    product = product.astype("str")
    basis = _import_basis(kept, stating, other, period)
    return {
        "exporter": stating.where(exports, other),
        "importer": other.where(exports, stating),
        "reporter": stating,
        **period,
        "product": product,
        "classification": product.map(lambda code: TOTAL if code == TOTAL else classification),
        "value": numbers(kept, "value"),
        **CONSTANTS,
        "valuation": flow.map(_VALUATIONS),
        "partner_basis": basis.mask(exports, "destination"),
        "coverage": translate(kept, "procedure", as_coverage),
        "estimate": texts(kept, "flag").str.contains(ESTIMATED, regex=False),
        **quantities(kept),
    }


def _import_basis(
    kept: RawTable, reporter: pd.Series, partner: pd.Series, period: Mapping[str, pd.Series]
) -> pd.Series:
    """Return what the partner would be of an import, from the kind of trade if rows say it."""
    if (texts(kept, "trade") != "").any():
        return translate(kept, "trade", as_bulk_basis).astype("str")
    days = [period[side].dt.date for side in ("start", "end")]
    bases = [basis_of(*row) for row in zip(reporter, partner, *days, strict=True)]
    return pd.Series(bases, index=reporter.index, dtype="str")


def as_bulk_basis(cell: str) -> str:
    """Return what the partner of an import is, from the kind of trade."""
    if cell not in BULK_BASES:
        raise LayoutError(
            "expected I (inside the Union), E (outside), K, L or M (United Kingdom), "
            f"found {cell!r}"
        )
    return BULK_BASES[cell]


def quantities(kept: RawTable) -> dict[str, pd.Series]:
    """Return the weight and the quantity in the supplementary unit, where goods have one."""
    cells = {name: texts(kept, name) for name in ("kg", "hundred_kg", "supplementary")}
    blank = with_columns(
        kept, **{name: cell.mask(cell.isin(MISSING), "") for name, cell in cells.items()}
    )
    weight = numbers(blank, "kg", blank=True)
    weight = weight.fillna(numbers(blank, "hundred_kg", blank=True) * _HUNDRED)
    supplementary = numbers(blank, "supplementary", blank=True)
    return {
        "quantity_kg": weight,
        "supplementary_quantity": supplementary.mask(texts(kept, "unit") == NO_UNIT),
    }


def totals_of_groups(groups: RawTable, *, classification: str) -> pd.DataFrame:
    """Return the totals over partners that rows of the world and of groups print."""
    if groups.rows.empty:
        return no_totals()
    world = pd.Series(WORLD, groups.rows.index, dtype="str")
    columns = flow_columns(groups, classification=classification, partner=world)
    kinds = texts(groups, "partner").map(group_of)
    exports = columns["importer"] == WORLD
    days = columns["start"].dt.date
    bases = [total_basis(kind, day) for kind, day in zip(kinds, days, strict=True)]
    basis = pd.Series(bases, groups.rows.index, dtype="str")
    whole = columns["coverage"] == ALL_GOODS
    right = whole & (kinds == WORLD_GROUP).where(exports, basis.notna())
    stated = {
        **columns,
        "partner_basis": basis.mask(exports, "destination"),
        "digit": last_digit(texts(groups, "value")),
    }
    return printed_totals(dict(pd.DataFrame(stated)[right]), groups.rows["line"][right])


def flow_warnings(kept: RawTable, columns: Mapping[str, Any]) -> list[str]:
    """Say what to beware of in the codes and numbers of rows."""
    products: pd.Series = columns["product"]
    levels = sorted({TOTAL if code == TOTAL else str(len(code)) for code in products.unique()})
    hidden = products.map(is_hidden).astype("bool")
    years = columns["start"].dt.year
    several = []
    if len(levels) > 1:
        several.append(
            f"products of the levels {', '.join(levels)} (digits): each counts all goods again"
        )
    if hidden.any():
        line = kept.rows.loc[hidden, "line"].iloc[0]
        several.append(
            f"{int(hidden.sum())} rows of confidential goods, of which only the chapter is told "
            f"(line {line})"
        )
    if len(years.unique()) > 1 and (products.str.len() == _CN_DIGITS).any():
        several.append(_OF_EACH_YEAR)
    digits = with_columns(kept, product=texts(kept, "product").map(plain_code))
    plain = products != TOTAL
    return [
        *repaired(select(digits, plain), "product", products[plain].reset_index(drop=True)),
        *rounding(kept, "value"),
        *several,
    ]


_CN_DIGITS = 8
_OF_EACH_YEAR = (
    "codes of eight digits are those of each year's Combined Nomenclature: some change their "
    "goods, begin or end between years"
)


def flag_warnings(kept: RawTable) -> list[str]:
    """Say how many values have a flag other than that of an estimate."""
    flags = texts(kept, "flag")
    told = flags[(flags != "") & (flags != ESTIMATED)]
    return [
        f"{count} values have Eurostat's flag {flag} (line {kept.rows['line'][first]})"
        for flag, count, first in (
            (flag, len(rows), rows.index[0]) for flag, rows in told.groupby(told, sort=True)
        )
    ]
