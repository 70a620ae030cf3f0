"""What each importer buys of each product in each year, from whom, and what it sells itself."""

from collections.abc import Collection

import numpy as np
import pandas as pd

from flows.errors import DoubleCountError, PeriodError, SchemaError, ScopeError
from flows.measure.checks import (
    UNNAMED,
    check_one_scope,
    check_one_statement,
    check_split_by_year,
    check_stated_sizes,
    select_flows,
)
from flows.measure.covering import PRINTED_TOTAL, stated_reason
from flows.measure.groups import is_group, printed_name, standings
from flows.measure.pair_years import in_window, sum_cells
from flows.measure.totals import as_members_report
from flows.scope import SIDES, Of, Scope, check_all_there, scope_of
from flows.screening.suppliers import CELL, concentrations, covers
from flows.table import where

TOTAL = ["importer", *CELL]
YEAR = ["importer", "year"]
_NAMELESS = "expected rows by supplier, found totals that name none"
_WORLD_ALIKE = ("classification", "valuation", "coverage")
"""What the exports of all countries have to have in common to be added."""

_COLUMNS = [
    *TOTAL,
    *("imports", "suppliers", "hhi", "main", "main_share", "outside_share", "scope", "refused"),
]
_GOODS = ["product", "start", "end"]


def rows_asked(
    table: pd.DataFrame, *, start: int | None, end: int | None, dataset: str | None
) -> pd.DataFrame:
    """Return the rows of a window of years, of which all of each product are there."""
    if (start is None) != (end is None):
        raise ValueError(f"expected start and end, or neither, found start={start} and end={end}")
    if table.empty:
        raise SchemaError("expected rows of flows, found none; check what was filtered")
    rows = in_window(select_flows(table, dataset=dataset), start, end)
    check_stated_sizes(rows)
    check_split_by_year(rows)
    check_goods_whole(rows, instead="choose importers= and start= and end= in dependence")
    for of in SIDES:
        own = rows_stated_by(rows, of=of)
        if len(own):
            dated = own.assign(year=own["start"].dt.year)
            check_one_statement(dated, of=["exporter", "importer", *CELL])
    return rows


def check_goods_whole(rows: pd.DataFrame, *, instead: str) -> None:
    """Check that of the products and periods of a table all exporters and importers are there."""
    if stated_reason(rows) is not None:
        return
    there = pd.MultiIndex.from_frame(rows[_GOODS].drop_duplicates())
    check_all_there(
        rows,
        needed=lambda entries: pd.Series(
            pd.MultiIndex.from_frame(entries[_GOODS]).isin(there), index=entries.index
        ),
        instead=f"{instead}: of a product and period, all exporters and importers are needed",
    )


def rows_stated_by(rows: pd.DataFrame, *, of: Of) -> pd.DataFrame:
    """
    Return the rows that count as imports, or as exports: not those that the partner states.

    What a country states of itself are its own goods that come back: imports, and no exports.
    """
    side, other = SIDES[of]
    by_partner = (rows["reporter"] == rows[other]) & (rows["reporter"] != rows[side])
    own = (rows["exporter"] == rows["importer"]) & (of == "exports")
    stated: pd.DataFrame = rows[~by_partner & ~own]
    return stated


def side_of(used: pd.DataFrame, *, of: Of, group: str | None) -> pd.DataFrame:
    """Return what countries state of their imports, or exports; a group counts as one of them."""
    rows = rows_stated_by(used, of=of)
    if group is not None:
        rows = _as_one(rows, group, side=SIDES[of][0])
    several = stated_reason(rows) is not None
    check_one_scope(rows, of=of, several_datasets=several, by=CELL)
    return rows


def _as_one(rows: pd.DataFrame, group: str, *, side: str) -> pd.DataFrame:
    """Return rows in which the members of a group stand under its name."""
    if not is_group(group):
        raise ValueError(f"group: expected a group of countries, found {group!r}")
    _check_every_country(rows, group)
    joined = as_members_report(rows, side=side)
    for column in ("exporter", "importer"):
        standing = standings(rows, side=column, group=group)
        partly = rows[standing.notna() & standing.ne("")]
        if len(partly):
            raise PeriodError(
                f"{where(partly)}: expected members of {group} for the whole of each row, found "
                f"that {standing[partly.index[0]]}; take a fixed list such as EU27_2020"
            )
        joined = joined.assign(**{column: rows[column].mask(standing.eq(""), group)})
    return joined


def _check_every_country(rows: pd.DataFrame, group: str) -> None:
    """Check that rows are of all countries, so that no member of a group is missing."""
    if stated_reason(rows) is not None:
        return
    for dataset in rows["dataset"].unique():
        scope = scope_of(str(dataset))
        if scope is None or any(scope.countries.get(of, ()) is not None for of in SIDES):
            raise ScopeError(
                f"group={group!r}: expected rows of every country, found in {dataset} those of "
                f"some, or nothing that says so; members of {printed_name(group)} may be missing. "
                "Load a data set of the world such as BACI, or, if all members are there, "
                "fl.state_whole(table, reason=...)"
            )


def outside(rows: pd.DataFrame, group: str | None) -> pd.DataFrame:
    """Return rows without the trade among the members of a group."""
    if group is None:
        return rows
    abroad: pd.DataFrame = rows[(rows["exporter"] != group) | (rows["importer"] != group)]
    return abroad


def supplier_cells(
    imports: pd.DataFrame, *, importers: Collection[str], group: str | None
) -> pd.DataFrame:
    """
    Return how concentrated each importer's suppliers of each product are, year by year.

    ``TOTAL``, ``imports``, ``suppliers``, ``hhi``, ``main``, ``main_share``, ``outside_share``,
    ``scope``, ``refused``.
    """
    wanted = imports
    if importers:
        unknown = sorted(set(importers) - set(imports["importer"]))
        if unknown:
            raise SchemaError(
                f"importers: expected countries with imports in the table, found "
                f"{', '.join(unknown)}"
            )
        wanted = imports[imports["importer"].isin(list(importers))]
    abroad = outside(wanted, group)
    cells = concentrations(abroad, total=TOTAL, partner="exporter")
    covered = covers(abroad, of="imports").rename(columns={"country": "importer"})
    found = cells.merge(covered, on=TOTAL, how="left")
    nameless = (found["main"] == UNNAMED) & (found["partners"] == 1)
    found = found.assign(refused=found["refused"].mask(nameless, _NAMELESS))
    partial = (found["scope"] == PRINTED_TOTAL) | (found["refused"] != "")
    found = found.assign(
        imports=found["printed"].fillna(found["total"]),
        suppliers=found["partners"].astype("Int64").mask(partial),
        main=found["main"].mask(partial, ""),
        **{name: found[name].mask(partial) for name in ("hhi", "main_share")},
    )
    everything = sum_cells(wanted, TOTAL).rename(columns={"value": "everything"})
    found = found.merge(everything, on=TOTAL, how="left")
    from_outside = (found["total"] / found["everything"]).mask(partial)
    return found.assign(outside_share=from_outside)[_COLUMNS]


def with_exports(cells: pd.DataFrame, exports: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """
    Return cells with the importer's own exports, and imports divided by them.

    ``rows``: of the data set. A country without a row exports none of a product where the data set
    is known to hold all of its exports, or the country states other exports of that year.
    """
    sold = sum_cells(exports, ["exporter", *CELL]).rename(
        columns={"exporter": "importer", "value": "exports"}
    )
    covered = covers(exports, of="exports").rename(columns={"country": "importer"})
    totals = sold.merge(covered, on=TOTAL, how="left")
    refused = totals["refused"].fillna("") != ""
    totals = totals.assign(exports=totals["printed"].fillna(totals["exports"]).mask(refused))
    found = cells.merge(totals[[*TOTAL, "exports"]], on=TOTAL, how="left", indicator="stated")
    none = (found.pop("stated") == "left_only") & _counted(found, exports, rows)
    sold_most = found["exports"].mask(none, 0.0)
    with np.errstate(divide="ignore"):
        ratio = found["imports"] / sold_most
    return found.assign(exports=sold_most, imports_to_exports=ratio)


def _counted(cells: pd.DataFrame, exports: pd.DataFrame, rows: pd.DataFrame) -> pd.Series:
    """Say of which importers and years exports are known, so that no row is no export."""
    states = exports[["exporter", "year"]].drop_duplicates().set_axis(YEAR, axis="columns")
    others = pd.MultiIndex.from_frame(cells[YEAR]).isin(pd.MultiIndex.from_frame(states))
    return cells["importer"].isin(_held_whole(cells["importer"], rows, of="exports")) | others


def years_reported(imports: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the importers and years of which imports are known, so that no row is no import."""
    stated = imports[YEAR].drop_duplicates()
    whole = pd.DataFrame({"importer": _held_whole(imports["importer"], rows, of="imports")})
    years = stated[["year"]].drop_duplicates()
    return pd.concat([stated, whole.merge(years, how="cross")]).drop_duplicates()


def _held_whole(countries: pd.Series, rows: pd.DataFrame, *, of: Of) -> list[str]:
    """Return the countries of which the data set is known to hold all imports, or exports."""
    codes = sorted(map(str, countries.unique()))
    if stated_reason(rows) is not None:
        return codes
    scopes = [scope_of(str(dataset)) or Scope() for dataset in rows["dataset"].unique()]
    return [code for code in codes if all(scope.holds_all(code, of=of) for scope in scopes)]


def world_cells(exports: pd.DataFrame, *, known: bool) -> pd.DataFrame:
    """Return how concentrated the exporters of each product are in the world, year by year."""
    if not known or exports.empty:
        return pd.DataFrame(columns=[*CELL, "world_hhi"]).astype(
            {"product": "str", "year": "int64", "world_hhi": "float64"}
        )
    for column in _WORLD_ALIKE:
        values = exports.drop_duplicates([*CELL, column])
        several = values[values.duplicated(CELL, keep=False)]
        if len(several):
            first = several[(several[CELL] == several[CELL].iloc[0]).all(axis=1)]
            raise DoubleCountError(
                f"world exports of {first['product'].iloc[0]} in {first['year'].iloc[0]}: expected "
                f"one {column}, found "
                f"{', '.join(sorted(map(repr, first[column])))} ({where(first)}); products of two "
                "classifications are made comparable by fl.harmonise_products, others filtered"
            )
    world = concentrations(exports, total=CELL, partner="exporter")
    return world[[*CELL, "hhi"]].rename(columns={"hhi": "world_hhi"})
