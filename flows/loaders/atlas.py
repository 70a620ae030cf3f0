"""Atlas of Economic Complexity (Growth Lab at Harvard): trade by country, partner and product."""

import re
from dataclasses import replace
from pathlib import Path

import pandas as pd

from flows.errors import LayoutError
from flows.loaders.cells import levels, repaired, select, texts, translate, under_names
from flows.loaders.claims import about
from flows.loaders.layout import Layout, either, starts_with
from flows.loaders.pairs import pair_statements
from flows.loaders.records import read_delimited
from flows.loaders.text import RawTable
from flows.products import TOTAL, classification_name, hs_code
from flows.scope import Scope

FORMER_COLUMNS = ("year", "location_code", "partner_code", "export_value", "import_value")
COLUMNS = ("year", "country_iso3_code", "partner_iso3_code", "export_value", "import_value")

_NAMES = {
    "year": ("year",),
    "country": ("country_iso3_code", "location_code"),
    "partner": ("partner_iso3_code", "partner_code"),
    "export_value": ("export_value",),
    "import_value": ("import_value",),
}
_PRODUCT = re.compile(
    r"(?:product_(hs|sitc)([0-9]{2})?_code|(hs|sitc)_product_code)", re.IGNORECASE
)
"""A column of products: its classification and year; the Atlas means HS 1992 and SITC 2."""

_DISCREPANCIES = "XXXX"
"""The Atlas' own product, for what its totals are away from their parts."""

_NEGATIVE = r"-[0-9].*"
_KEY = ["exporter", "importer", "year", "product"]
_NEAR = 0.001
"""Part of a value by which the two sides of a flow may differ."""


def read_atlas(path: Path, *, dataset: str | None = None) -> RawTable:
    """
    Read trade by country and partner of any release, in total or by product.

    Parameters
    ----------
    path : pathlib.Path
        ``.tab`` or ``.csv``, packed or not, or ``.dta``, as Harvard Dataverse has them.
    dataset : str, optional
        ``source@vintage``; the file name by default.

    Returns
    -------
    RawTable
        All columns of the file.

    Raises
    ------
    LayoutError
        If encoding, header or a row is not as the layout has it.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> read_atlas(example_path("atlas")).rows.loc[0, "export_value"]
    '94550250'
    """
    return read_delimited(
        path,
        ["year", "export_value", "import_value"],
        dataset=dataset,
        usual=",\t",
        optional=[*COLUMNS, *FORMER_COLUMNS, "product_id"],
    )


def normalise_atlas(raw: RawTable) -> pd.DataFrame:
    """
    Return trade as the Growth Lab reconciles it as a flow table in US dollars.

    Parameters
    ----------
    raw : RawTable
        Of :func:`read_atlas`.

    Returns
    -------
    pandas.DataFrame
        One row an exporter, importer, year and product, reporter ``Growth Lab``. A flow stands in
        two rows, as exports of one country and as imports of the other: the exports count, and the
        imports of which there is no row of exports. A zero stands
        for a flow that only goes the other way, and gives no row; negative values are left out.
        All are counted in the report.

    Raises
    ------
    LayoutError
        If a cell is not a number, a year or a product, or there is no column of the products' codes
        but one of their ids.
    CountryError
        If a country is not in the crosswalk.
    SchemaError
        If a flow stands there twice.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> table = normalise_atlas(read_atlas(example_path("atlas")))
    >>> table[["exporter", "importer", "product", "value"]].iloc[0].to_dict()
    {'exporter': 'ARM', 'importer': 'IRN', 'product': '2716', 'value': 94550250.0}
    """
    column, classification = _classified(raw)
    named = under_names(raw, {**_NAMES, "product": (column,)})
    flows, again, apart = _flows(named)
    value = texts(flows, "value")
    zero, negative = value.str.fullmatch(r"0(?:\.0*)?|"), value.str.fullmatch(_NEGATIVE)
    kept = select(flows, ~zero & ~negative)
    product = texts(kept, "product")
    if column:
        product = translate(kept, "product", lambda cell: _product(cell, classification))
    differ = (f"{apart} flows are not the same as exports and as imports: exports count",)
    return pair_statements(
        kept,
        {
            "product": product.mask(product == "", TOTAL).astype("str"),
            "classification": classification,
            "reporter": "Growth Lab",
            "valuation": "FOB",
            "coverage": "all goods",
        },
        value="value",
        multiplier=1,
        rows_in=len(raw.rows),
        left_out={
            "imports that are the partner's exports again": again,
            "values of zero: trade goes the other way alone": int(zero.sum()),
            "negative values": int(negative.sum()),
        },
        scope=Scope(countries=about(imports=None, exports=None)),
        warnings=(
            *(differ if apart else ()),
            *levels(product.mask(product == "", TOTAL)),
            *(repaired(kept, "product", product) if column else ()),
        ),
    )


def _classified(raw: RawTable) -> tuple[str, str]:
    """Return the column of products, and their classification; none of a file of totals."""
    found = [(name, match) for name in raw.rows.columns if (match := _PRODUCT.fullmatch(name))]
    if not found:
        if "product_id" in raw.rows:
            raise LayoutError(
                f"{raw.path}:1: expected a column of codes, as product_hs92_code, beside "
                "product_id, found the Atlas' own numbers alone"
            )
        return "", TOTAL
    name, match = found[0]
    kind = (match[1] or match[3]).lower()
    return name, classification_name(f"HS{match[2] or '92'}" if kind == "hs" else "S2")


def _product(cell: str, classification: str) -> str:
    return hs_code(cell) if classification.startswith("HS") and cell != _DISCREPANCIES else cell


def _flows(named: RawTable) -> tuple[RawTable, int, int]:
    """Return one row a flow, how many stand there again, and how many differ between the two."""
    sides = [
        named.rows.rename(columns={"country": own, "partner": other, value: "value"})[
            [*_KEY, "value", "line"]
        ].assign(heading=value)
        for own, other, value in (
            ("exporter", "importer", "export_value"),
            ("importer", "exporter", "import_value"),
        )
    ]
    exports, imports = sides
    told = pd.MultiIndex.from_frame(imports[_KEY]).isin(pd.MultiIndex.from_frame(exports[_KEY]))
    both = exports.merge(imports[told], on=_KEY)
    one, other = (pd.to_numeric(both[f"value_{side}"], errors="coerce") for side in "xy")
    apart = (one - other).abs() > _NEAR * one.clip(lower=other)
    joined = pd.concat([exports, imports[~told]], ignore_index=True)
    headings = {**named.headings, "value": "heading"}
    return replace(named, rows=joined, headings=headings), int(told.sum()), int(apart.sum())


LAYOUTS = (
    Layout(
        "atlas",
        "Growth Lab, Atlas of Economic Complexity",
        "trade by country, partner and product",
        either(starts_with(COLUMNS), starts_with(FORMER_COLUMNS)),
        read_atlas,
        normalise_atlas,
        documented="https://dataverse.harvard.edu/dataverse/atlas",
    ),
)
