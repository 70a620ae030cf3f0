"""Who states how much of one flow in a year."""

from collections.abc import Iterable, Sequence

import pandas as pd

from flows.canonical import exact_sum
from flows.errors import PeriodError, UnitError
from flows.measure.checks import FILTERS, check_one_unit, rows_by_dataset
from flows.periods import Period, recut
from flows.results import line_runs
from flows.table import Rows

_TOTAL = "TOTAL"
_HALF_YEAR = 183


def statements_of(
    table: pd.DataFrame,
    mirrors: Sequence[pd.DataFrame],
    *,
    exporter: str,
    importer: str,
    year: int,
    unit: str,
) -> tuple[pd.DataFrame, Rows]:
    """
    Return what each source states of a flow in a year, one row a statement, and their lines.

    The first is that of the table, then those of mirrors. A source that does not state the calendar
    year is shown with the period of its own that has most of the year, if it has half of it.
    """
    pair = (exporter, importer)
    own = _in_year(_of_flow(table, pair), year)
    used = [own]
    for mirror in mirrors:
        totals = _of_flow(mirror, pair)
        totals = totals[(totals["product"] == _TOTAL) & totals["value"].notna()]
        for _, rows in totals.groupby(list(FILTERS), sort=True):
            _check_unit(rows, unit)
            stated = _stated(rows, year)
            if stated is not None:
                used.append(stated)
    found = [_statement(rows, pair, year) for rows in used if len(rows)]
    if own.empty:
        found.insert(0, _statement(_in_year(table, year).head(1), pair, year) | {"value": 0.0})
    return pd.DataFrame(found), rows_by_dataset(pd.concat(used))


def _of_flow(table: pd.DataFrame, pair: tuple[str, str]) -> pd.DataFrame:
    there: pd.DataFrame = table[(table["exporter"] == pair[0]) & (table["importer"] == pair[1])]
    return there


def _in_year(rows: pd.DataFrame, year: int) -> pd.DataFrame:
    inside: pd.DataFrame = rows[(rows["start"].dt.year == year) & (rows["end"].dt.year == year)]
    return inside


def _statement(rows: pd.DataFrame, pair: tuple[str, str], year: int) -> dict[str, object]:
    """Return rows that make up one statement as a row of the table of sources."""
    first = rows.iloc[0]
    start, end = rows["start"].min(), rows["end"].max()
    sides = dict(zip(pair, ("exporter", "importer"), strict=True))
    return {
        "side": sides.get(first["reporter"], "compiled"),
        **{name: first[name] for name in ("reporter", "partner_basis", "valuation", "coverage")},
        "start": start,
        "end": end,
        "value": exact_sum(rows["value"]),
        "bound": bool(rows["high"].isna().any()),
        "whole_year": (start, end) == _year_of(year),
        "dataset": first["dataset"],
    }


def _year_of(year: int) -> tuple[pd.Timestamp, pd.Timestamp]:
    return pd.Timestamp(year, 1, 1), pd.Timestamp(year, 12, 31)


def _check_unit(rows: pd.DataFrame, unit: str) -> None:
    found = check_one_unit(rows)
    if found != unit:
        raise UnitError(
            f"mirrors: expected statements in {unit}, as the table, found {found} of "
            f"{rows['reporter'].iloc[0]} ({rows['dataset'].iloc[0]}): convert it with "
            "fl.convert_currency"
        )


def _stated(rows: pd.DataFrame, year: int) -> pd.DataFrame | None:
    """Return the rows that make up the year, else the one that has most of it."""
    try:
        cut = recut(rows, Period.year(year))
    except PeriodError:
        pass
    else:
        if cut.is_whole:
            return cut.rows
    first, last = _year_of(year)
    begins, ends = rows["start"].where(rows["start"] > first, first), rows["end"]
    inside = (ends.where(ends < last, last) - begins).dt.days + 1
    ordered = rows.assign(inside=inside).sort_values(["inside", "start", "line"])
    most = ordered.tail(1)
    return most if most["inside"].iloc[0] >= _HALF_YEAR else None


def world_shares(table: pd.DataFrame, *, exporter: str, importer: str, year: int) -> pd.DataFrame:
    """
    Return the shares of two countries in world trade in a year, and usually, by side.

    ``usual_share`` is the mean of the other years of the same data set; missing if it has none.
    """
    whole = table[table["dataset"].isin(_in_year(table, year)["dataset"].unique())]
    years = whole["start"].dt.year
    world = whole.groupby(years)["value"].sum()
    found = []
    for side, country in (("exporter", exporter), ("importer", importer)):
        mine = whole["value"].where(whole[side] == country, 0.0)
        shares = mine.groupby(years).sum() / world
        others = shares.drop(year)
        found.append(
            {
                "side": side,
                "country": country,
                "share": float(shares[year]),
                "usual_share": float(others.mean()),
                "years": print_years(others.index),
            }
        )
    return pd.DataFrame(found).set_index("side")


def print_years(years: Iterable[int]) -> str:
    """
    Print years, those that follow one another drawn together.

    >>> print_years([2015, 2016, 2017, 2020])
    '2015-2017, 2020'
    """
    return ", ".join(
        str(first) if first == last else f"{first}-{last}" for first, last in line_runs(years)
    )
