"""Comext of Eurostat in bulk: months and years of all that its members report, at eight digits."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from flows.errors import SchemaError
from flows.loaders.cells import select, state, texts, translate, with_columns
from flows.loaders.claims import about
from flows.loaders.comext import PARTS_OF_KINGDOM, read_with
from flows.loaders.comext_cells import CN, as_coverage, is_hidden
from flows.loaders.comext_rows import (
    QUANTITIES,
    UK_PARTS,
    flow_columns,
    flow_warnings,
    under_our_names,
)
from flows.loaders.layout import Layout, starts_with
from flows.loaders.text import RawTable
from flows.scope import Scope
from flows.table import where

BULK_COLUMNS = (
    "REPORTER",
    "PARTNER",
    "TRADE_TYPE",
    "PRODUCT_NC",
    "FLOW",
    "STAT_PROCEDURE",
    "PERIOD",
    "VALUE_EUR",
    "QUANTITY_KG",
)
FORMER_COLUMNS = (
    "DECLARANT_ISO",
    "PARTNER_ISO",
    "TRADE_TYPE",
    "PRODUCT_NC",
    "FLOW",
    "STAT_REGIME",
    "PERIOD",
    "VALUE_IN_EUROS",
    "QUANTITY_IN_KG",
)
"""Columns that count of the bulk download now, and until 2024."""

UK_TRADE = ("L", "M")
"""Kinds of trade with the parts of the United Kingdom."""

SUM_PROCEDURES = ("4", "T", "TOTAL")
LEFT_OUT = (
    PARTS_OF_KINGDOM,
    "rows of the total over statistical procedures",
)

IDENTITY = (
    "declarant",
    "area",
    "reporter",
    "partner",
    "trade",
    "product",
    "flow",
    "procedure",
    "period",
)
"""What tells rows of the bulk download apart, but for those of confidential goods."""


def read_comext_bulk(path: Path, *, dataset: str | None = None) -> RawTable:
    """
    Read a month or a year of the bulk download.

    Parameters
    ----------
    path : pathlib.Path
        ``full_202408.dat`` out of ``full_v2_202408.7z``, or the layout until 2024 (19 columns);
        packed with gzip or not.
    dataset : str, optional
        ``source@vintage``; the file name by default.

    Returns
    -------
    RawTable
        All columns under the names of the file.

    Raises
    ------
    LayoutError
        If encoding, header or a row is not as the layout has it.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> read_comext_bulk(example_path("comext_bulk")).rows.loc[0, "PERIOD"]
    '202408'
    """
    return read_with(path, dataset=dataset)


def normalise_comext_bulk(raw: RawTable) -> pd.DataFrame:
    """
    Return a file of the bulk download as a flow table in euros.

    Parameters
    ----------
    raw : RawTable
        Of :func:`read_comext_bulk`.

    Returns
    -------
    pandas.DataFrame
        One row a reporter, partner, flow, period and product, as :func:`normalise_comext` has them;
        ``parts`` is how many rows of the file it adds up: one for each statistical procedure and,
        where goods are confidential, for each of the hidden codes of a chapter. Northern Ireland
        (``XI``) and the rest of the United Kingdom (``XU``) are inside ``GB`` and left out.

    Raises
    ------
    LayoutError
        If a cell is not a number, a period, a flow, a kind of trade or a product.
    CountryError
        If a country is not in the crosswalk.
    SchemaError
        If a row stands there twice.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> table = normalise_comext_bulk(read_comext_bulk(example_path("comext_bulk")))
    >>> table.loc[0, ["importer", "product", "value", "parts"]].to_dict()
    {'importer': 'ARM', 'product': '35069190', 'value': 650.0, 'parts': 2.0}
    """
    left_out, kept = kept_in_bulk(under_our_names(raw))
    columns = bulk_columns(kept)
    check_each_once(kept, columns["product"])
    frame = pd.DataFrame(
        {**columns, "parts": 1.0, "dataset": raw.dataset, "line": kept.rows["line"]},
        index=kept.rows.index,
    )
    added = _added(frame)
    lines = replace(raw, rows=added[["line"]])
    return state(
        lines,
        dict(added.drop(columns=["dataset", "line"])),
        rows_in=len(raw.rows),
        left_out=left_out,
        warnings=flow_warnings(kept, columns),
        scope=bulk_scope(columns["reporter"].unique()),
    )


def bulk_scope(reporters: Iterable[str]) -> Scope:
    """
    Return what the rows of a file make up: all exports of those who report.

    Imports are by origin or by the country from which goods came, which are no one total.
    """
    return Scope(partners="all", countries=about(exports=reporters))


def bulk_columns(kept: RawTable) -> dict[str, Any]:
    """Return what rows of the bulk download state; a procedure is no coverage of its own."""
    translate(kept, "procedure", as_coverage)
    whole = with_columns(kept, procedure=pd.Series("", kept.rows.index, dtype="str"))
    return flow_columns(whole, classification=CN)


def kept_in_bulk(named: RawTable) -> tuple[dict[str, int], RawTable]:
    """Return what is left out, and the rest."""
    parts = texts(named, "trade").isin(UK_TRADE) | texts(named, "partner").isin(UK_PARTS)
    whole = texts(named, "procedure").isin(SUM_PROCEDURES) & ~parts
    counts = dict(zip(LEFT_OUT, (int(parts.sum()), int(whole.sum())), strict=True))
    left_out = {reason: count for reason, count in counts.items() if count}
    return left_out, select(named, ~parts & ~whole)


def check_each_once(kept: RawTable, products: pd.Series) -> None:
    """Check that no row stands there twice; those of goods that are hidden may be alike."""
    named = kept.rows.assign(product=products)
    open_rows = named[~products.map(is_hidden).astype("bool")]
    twice = open_rows[open_rows.duplicated([*IDENTITY], keep=False)]
    if len(twice):
        raise SchemaError(
            "expected each reporter, partner, product, flow, statistical procedure and period "
            f"once; rows at fault: {where(twice.assign(dataset=kept.dataset))}"
        )


def _added(frame: pd.DataFrame) -> pd.DataFrame:
    """Return one row a statement, with the first line of those that it adds up."""
    sizes = ["value", *QUANTITIES, "parts"]
    keys = [name for name in frame.columns if name not in {*sizes, "line"}]
    if not frame.duplicated(keys).any():
        return frame
    grouped = frame.groupby(keys, sort=False, dropna=False)
    sums = grouped[sizes].sum(min_count=1)
    return (
        sums.assign(line=grouped["line"].min()).reset_index().sort_values("line", ignore_index=True)
    )


LAYOUTS = (
    Layout(
        "comext_bulk",
        "Eurostat Comext",
        "month or year of the bulk download (v2, 18 columns)",
        starts_with(BULK_COLUMNS),
        read_comext_bulk,
        normalise_comext_bulk,
        documented="header and rows as public repositories quote them",
    ),
    Layout(
        "comext_bulk_former",
        "Eurostat Comext",
        "month or year of the bulk download until 2024 (19 columns)",
        starts_with(FORMER_COLUMNS),
        read_comext_bulk,
        normalise_comext_bulk,
        documented="header as scripts that read it name it",
    ),
)
