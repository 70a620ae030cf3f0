"""Comext of Eurostat: trade of the European Union's members, as its site answers a query."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from flows.errors import LayoutError
from flows.loaders.cells import heading, numbers, select, state, texts, translate
from flows.loaders.comext_cells import (
    ALL_GOODS,
    CN,
    as_coverage,
    group_of,
    members_of,
    plain_country,
)
from flows.loaders.comext_rows import (
    MISSING,
    NAMES,
    OPTIONAL,
    UK_PARTS,
    find_columns,
    flag_warnings,
    flow_columns,
    flow_warnings,
    totals_of_groups,
    under_our_names,
)
from flows.loaders.comext_union import absent_members, compare_with_members, members_apart
from flows.loaders.layout import Layout, either, starts_with
from flows.loaders.records import read_records
from flows.loaders.text import RawTable, make_table
from flows.scope import Scope

_WEB_COLUMNS = ("REPORTER", "PARTNER", "PRODUCT", "FLOW", "PERIOD")
_WEB_VALUES = ("VALUE_IN_EUR", "VALUE_IN_EUROS", "VALUE_EUR")


def read_comext_web(path: Path, *, dataset: str | None = None) -> RawTable:
    """
    Read what Eurostat's site Easy Comext exports as CSV.

    Parameters
    ----------
    path : pathlib.Path
        With labels, or with codes and labels.
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
    >>> read_comext_web(example_path("comext_web")).rows.loc[0, "PERIOD"]
    'Aug. 2024'
    """
    return read_with(path, dataset=dataset)


def read_with(path: Path, *, dataset: str | None = None) -> RawTable:
    """Read a table whose header has every column of :data:`NAMES` under one of its names."""
    spellings = [name for names in (*NAMES.values(), *OPTIONAL.values()) for name in names]
    records, warnings, _ = read_records(path, spellings)
    header = [cell.strip() for cell in records[0].cells]
    find_columns(header, path=str(path))
    return make_table(header, records[1:], path=str(path), dataset=dataset, warnings=warnings)


def normalise_comext(raw: RawTable) -> pd.DataFrame:
    """
    Return what members of the European Union report, as a flow table in euros.

    Parameters
    ----------
    raw : RawTable
        Of :func:`read_comext_web` or of one of the readers of :mod:`flows.loaders.eurostat`.

    Returns
    -------
    pandas.DataFrame
        One row a reporter, partner, flow, period and product, with the columns ``quantity_kg`` and
        ``supplementary_quantity``. Imports are CIF and exports FOB, at the reporter's border. The
        partner of an import is the country of origin; between members, that from which the goods
        came (``consignment``). Left out, and counted in the report: the Union and the euro area as
        reporters, the world and groups as partners, single statistical procedures beside their
        total, Northern Ireland beside the United Kingdom, cells without a value. What is printed of
        the world, and of partners inside and outside of the Union, is kept as the totals of a
        country; what is printed of the Union is held against its members.

    Raises
    ------
    LayoutError
        If a cell is not a number, a period, a flow, a procedure or a product.
    CountryError
        If a country is not in the crosswalk.
    SchemaError
        If a statement stands there twice.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> table = normalise_comext(read_comext_web(example_path("comext_web")))
    >>> table.loc[0, ["exporter", "importer", "value", "unit"]].to_dict()
    {'exporter': 'CYP', 'importer': 'ARM', 'value': 119814.0, 'unit': 'EUR'}
    """
    return flows_of_query(under_our_names(raw), classification=CN, rows_in=len(raw.rows))


def flows_of_query(
    named: RawTable,
    *,
    classification: str,
    rows_in: int,
    left_out: Mapping[str, int] | None = None,
) -> pd.DataFrame:
    """Return the flow table of rows under our names, which answer a query of the site."""
    why = _why_left_out(named)
    _check_parts(named, why)
    kept = select(named, why == "")
    columns = flow_columns(kept, classification=classification)
    rows = pd.DataFrame({**columns, "line": kept.rows["line"]})
    figures = compare_with_members(rows, _printed_of_union(named, classification))
    absent, told = absent_members(figures)
    stated = pd.concat([rows, absent], ignore_index=True) if len(absent) else rows
    return state(
        replace(kept, rows=stated[["line"]]),
        dict(stated.drop(columns="line")),
        rows_in=rows_in,
        left_out={**_counted(why), **(left_out or {})},
        warnings=[
            *flow_warnings(kept, columns),
            *flag_warnings(kept),
            *members_apart(figures),
            *told,
            *_only_the_union(why),
        ],
        scope=_scope_of_query(named, why, classification),
    )


def _counted(why: pd.Series) -> dict[str, int]:
    counts = why[why != ""].value_counts(sort=False)
    return {str(reason): int(count) for reason, count in counts.items()}


def _only_the_union(why: pd.Series) -> list[str]:
    alone = bool((why == UNION).any()) and not (why == "").any()
    return ["the Union is no country: ask for its members as reporters"] if alone else []


def _scope_of_query(named: RawTable, why: pd.Series, classification: str) -> Scope:
    """Return what rows make up: partners that somebody named, beside the totals of groups."""
    groups = select(named, (why == GROUPS) & ~texts(named, "value").isin(MISSING))
    totals = totals_of_groups(groups, classification=classification)
    return Scope(partners="named", totals=totals)


_ROUNDING = 1
"""Euros by which a total may be below its parts."""

_CONFIDENTIAL = "c"
UNION = "rows of the European Union and the euro area as reporters"
GROUPS = "rows of the world and groups of countries"
PARTS = "rows of one statistical procedure"
PARTS_OF_KINGDOM = "rows of parts of the United Kingdom"


def _why_left_out(named: RawTable) -> pd.Series:
    """Return why each row does not count, its first reason; nothing for those that do."""
    reporter, partner = (texts(named, name) for name in ("reporter", "partner"))
    coverage = translate(named, "procedure", as_coverage)
    empty = texts(named, "value").isin(MISSING)
    secret = texts(named, "flag").str.contains(_CONFIDENTIAL, regex=False) | (
        texts(named, "status").str.lower() == _CONFIDENTIAL
    )
    kingdom = partner.map(plain_country)
    reasons = {
        UNION: reporter.map(group_of) != "",
        GROUPS: partner.map(group_of) != "",
        PARTS: _beside_total(named, coverage),
        PARTS_OF_KINGDOM: kingdom.isin(UK_PARTS) & bool(kingdom.isin(_UK).any()),
        "confidential rows": empty & secret,
        "rows without a value": empty,
    }
    return pd.Series(
        np.select(list(reasons.values()), list(reasons), default=""), named.rows.index, dtype="str"
    )


_UK = ("GB", "UK", "United Kingdom")


def _beside_total(named: RawTable, coverage: pd.Series) -> pd.Series:
    """Say which rows are of one statistical procedure and stand beside the total over all."""
    total = coverage == ALL_GOODS
    keys = pd.MultiIndex.from_frame(
        named.rows[["reporter", "partner", "product", "flow", "period"]]
    )
    return ~total & keys.isin(keys[total])


def _check_parts(named: RawTable, why: pd.Series) -> None:
    """Check that statistical procedures are not more than the total that stands beside them."""
    parts = select(named, (why == PARTS) & ~texts(named, "value").isin(MISSING))
    keys = ["reporter", "partner", "product", "flow", "period"]
    if parts.rows.empty:
        return
    totals = select(named, translate(named, "procedure", as_coverage) == ALL_GOODS)
    totals = select(totals, ~texts(totals, "value").isin(MISSING))
    added = parts.rows.assign(part=numbers(parts, "value")).groupby(keys)["part"].sum()
    beside = totals.rows.assign(total=numbers(totals, "value")).join(added, on=keys)
    more = beside[beside["part"] > beside["total"] + _ROUNDING]
    if len(more):
        row = more.iloc[0]
        raise LayoutError(
            f"{named.path}:{row['line']}: column {heading(named, 'value', row)}: expected a total "
            f"of at least {row['part']:,.10g}, what its statistical procedures add up to, found "
            f"{row['total']:,.10g}; one of them was changed: download the file again"
        )


def _printed_of_union(named: RawTable, classification: str) -> pd.DataFrame:
    """Return what is printed of the Union or the euro area, where it is known who they are."""
    reporter, partner = (texts(named, name) for name in ("reporter", "partner"))
    known = [group_of(cell) != "" and bool(members_of(cell)) for cell in reporter]
    there = ~texts(named, "value").isin(MISSING) & (partner.map(group_of) == "")
    groups = select(named, there & pd.Series(known, named.rows.index))
    union = pd.Series(_UNION_CODE, groups.rows.index, dtype="str")
    columns = flow_columns(groups, classification=classification, reporter=union)
    return pd.DataFrame(columns).assign(group=texts(groups, "reporter"), line=groups.rows["line"])


_UNION_CODE = "XEU"


LAYOUTS = (
    Layout(
        "comext_web",
        "Eurostat Comext",
        "CSV of the site Easy Comext",
        either(*(starts_with((*_WEB_COLUMNS, value)) for value in _WEB_VALUES)),
        read_comext_web,
        normalise_comext,
    ),
)
