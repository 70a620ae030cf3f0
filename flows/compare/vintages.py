"""Two vintages of one data set: what was added, what is gone, and what was changed."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from flows.canonical import exact_sum
from flows.errors import DoubleCountError, SchemaError
from flows.measure.checks import check_one_unit, years_counted
from flows.models.sample import check_choice
from flows.results import Card, Result, print_amount, print_count
from flows.table import COLUMNS, STATEMENT_KEY, check_flows, where

_KINDS = ("added", "gone", "changed")
_NAMED = 5

Side = Literal["importer", "exporter"]

_PERIOD = ("start", "end")
_KEY = [name for name in STATEMENT_KEY if name != "dataset"]
_MEASURED = ("value", "low", "high")
_ATTRIBUTES = [name for name in COLUMNS if name not in {*_PERIOD, *_MEASURED, "dataset", "line"}]
_SHOWN = [name for name in COLUMNS if name not in {*_MEASURED, "estimate", "dataset", "line"}]
_NAMES = ("deal", "designation")
"""Columns of data sets with deals that tell a reader which deal it is."""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class VintageChange(Result):
    """
    What changed from one vintage of a data set to another.

    Parameters
    ----------
    old, new : str
        ``source@vintage``, or the name of a file.
    unit : str
        Of every value.
    rows_old, rows_new : int
        Rows of each side.
    total_old, total_new : float
        Sum of all values of each side that are published.
    years : tuple of int, optional
        First and last calendar year that both sides count; none if there is no such year.
    scope : str
        The countries that are compared, where only those of both sides are; empty otherwise.
    rows_outside : int
        Rows of both sides that are not in ``scope``; they are not compared.
    added, gone, changed : pandas.DataFrame
        Statements that only the new side makes, that only the old side makes, and that both make in
        another way; largest difference first. With the columns
        ``value_old``, ``value_new``, ``difference`` and ``in_both_years``: whether the period lies
        in ``years``, so that it is a revision and no longer or shorter series.
    """

    old: str
    new: str
    unit: str
    rows_old: int
    rows_new: int
    total_old: float
    total_new: float
    years: tuple[int, int] | None
    added: pd.DataFrame
    gone: pd.DataFrame
    changed: pd.DataFrame
    scope: str = ""
    rows_outside: int = 0

    def tidy(self) -> pd.DataFrame:
        """
        Return all that changed as one table, largest difference first.

        Returns
        -------
        pandas.DataFrame
            One row a statement; the column ``kind`` says which of the three it is.
        """
        kinds = [self.added, self.gone, self.changed]
        return _largest_first(pd.concat(kinds, ignore_index=True))

    def parts(self) -> pd.DataFrame:
        """
        Return rows and sums of the parts of the change.

        Returns
        -------
        pandas.DataFrame
            Index ``added``, ``gone``, ``changed``; ``rows``, ``sum`` (by how much the total moves,
            the three add up to the change of the total), and the same in the years that both
            count: ``rows_in_both_years``, ``sum_in_both_years``.
        """
        kinds = {"added": self.added, "gone": self.gone, "changed": self.changed}
        counted = {
            kind: (len(rows), _moved(rows), len(both := rows[rows["in_both_years"]]), _moved(both))
            for kind, rows in kinds.items()
        }
        columns = ["rows", "sum", "rows_in_both_years", "sum_in_both_years"]
        return pd.DataFrame.from_dict(counted, orient="index", columns=columns)

    def summary(self) -> str:
        """
        Return the totals and the parts of the change as text.

        Returns
        -------
        str
            One line a side and a part.
        """
        years = "no year" if self.years is None else f"{self.years[0]}-{self.years[1]}"
        lines = [
            f"{self.old} to {self.new}, {self.unit}",
            f"{'':9}{'rows':>9}{'sum':>20}   in {years}, which both count",
            f"{'old':9}{self.rows_old:9}{self.total_old:20,.2f}",
        ]
        for kind, part in self.parts().iterrows():
            lines.append(
                f"{kind:9}{part['rows']:9.0f}{part['sum']:+20,.2f}"
                f"{part['rows_in_both_years']:9.0f}{part['sum_in_both_years']:+20,.2f}"
            )
        lines.append(f"{'new':9}{self.rows_new:9}{self.total_new:20,.2f}")
        if self.scope:
            lines.append(f"compared: {self.scope}; {self.rows_outside} rows of others left out")
        return "\n".join(lines)

    def _card(self) -> Card:
        totals = (print_amount(total, self.unit) for total in (self.total_old, self.total_new))
        kinds = (("added", self.added), ("gone", self.gone), ("changed", self.changed))
        years = "no year" if self.years is None else f"{self.years[0]}-{self.years[1]}"
        compared = f"{self.scope}; {print_count(self.rows_outside, 'row')} of others left out"
        return Card(
            title=f"{self.old} to {self.new}",
            facts=(
                ("total", " to ".join(totals)),
                ("rows", f"{print_count(self.rows_old, 'row')} to {self.rows_new:,}"),
                ("changes", ", ".join(f"{len(rows):,} {kind}" for kind, rows in kinds)),
                ("both count", years),
                ("compared", compared if self.scope else "all"),
            ),
        )


def compare_vintages(
    old: pd.DataFrame, new: pd.DataFrame, *, common: Side | None = None
) -> VintageChange:
    """
    Compare two vintages of one data set, statement by statement.

    Parameters
    ----------
    old, new : pandas.DataFrame
        Flow tables of one data set each. Rows are matched by all that makes a statement but the
        data set; deals by their id and delivery period, so that a corrected supplier is a change.
    common : {"importer", "exporter"}, optional
        Compare only the importers (or exporters) that both have: a file of one country beside one
        of all says nothing about the others. What is left out is counted.

    Returns
    -------
    VintageChange
        A row is changed if its value, its bounds or another column of the flow table is; columns of
        the data set's own (designations, numbers ordered) are not compared.

    Raises
    ------
    SchemaError
        If one of them is not a flow table or has no rows, only one has deals, the ids of deals
        do not match across vintages, or ``common`` leaves nothing.
    ValueError
        If ``common`` is no side of a flow.
    DoubleCountError
        If one of them holds several data sets.
    UnitError
        If there are two units.

    Examples
    --------
    >>> from flows.loaders import load
    >>> from flows.loaders.examples import example_path
    >>> trade = load(example_path("armstat"))
    >>> change = compare_vintages(trade.head(8), trade)
    >>> len(change.added), len(change.gone), len(change.changed)
    (1, 0, 0)
    """
    old, new = check_flows(old), check_flows(new)
    names = [_name(table) for table in (old, new)]
    rows_before = len(old) + len(new)
    old, new, scope = _same_scope(old, new, common)
    unit = check_one_unit(pd.concat([old, new])[["unit", "dataset", "line"]])
    spans = [years_counted(table)[name] for table, name in zip((old, new), names, strict=True)]
    first, last = max(span[0] for span in spans), min(span[1] for span in spans)
    rows = _lay_side_by_side(old, new, _pair_rows(old, new))
    inside = (rows["start"].dt.year >= first) & (rows["end"].dt.year <= last)
    ordered = _largest_first(rows.assign(in_both_years=inside))
    added, gone, changed = (
        ordered[ordered["kind"] == kind].reset_index(drop=True) for kind in _KINDS
    )
    return VintageChange(
        old=names[0],
        new=names[1],
        unit=unit,
        rows_old=len(old),
        rows_new=len(new),
        total_old=exact_sum(old["value"].dropna()),
        total_new=exact_sum(new["value"].dropna()),
        years=(first, last) if first <= last else None,
        added=added,
        gone=gone,
        changed=changed,
        scope=scope,
        rows_outside=rows_before - len(old) - len(new),
    )


def _name(table: pd.DataFrame) -> str:
    names = sorted(table["dataset"].unique())
    if not names:
        raise SchemaError("expected a vintage with rows, found none")
    if len(names) > 1:
        raise DoubleCountError(
            f"expected one data set on each side, found {', '.join(names)}; "
            f"filter dataset={names[0]!r} or another"
        )
    return str(names[0])


def _same_scope(
    old: pd.DataFrame, new: pd.DataFrame, common: Side | None
) -> tuple[pd.DataFrame, pd.DataFrame, str]:
    """Cut both sides to the countries that both have on one side of the flow, and name them."""
    if common is None:
        return old, new, ""
    check_choice("common", common, get_args(Side))
    both = sorted({*old[common]} & {*new[common]})
    if not both:
        raise SchemaError(
            f"expected an {common} that both have, found none in {where(old, shown=1)} and "
            f"{where(new, shown=1)}"
        )
    members = ", ".join(both) if len(both) <= _NAMED else f"the {len(both)} that both have"
    kept = [table[table[common].isin(both)] for table in (old, new)]
    return kept[0], kept[1], f"{common} {members}"


def _moved(rows: pd.DataFrame) -> float:
    """Return by how much rows move the total; a size that is not published is not in it."""
    return exact_sum([*rows["value_new"].dropna(), *(-rows["value_old"].dropna())])


def _largest_first(rows: pd.DataFrame) -> pd.DataFrame:
    size = rows["difference"].abs()
    return rows.loc[size.sort_values(ascending=False, kind="stable").index].reset_index(drop=True)


def _pair_rows(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Pair the rows of two vintages: by deal and period, without deals by all that they state."""
    keys = [_match_key(table) for table in (old, new)]
    if keys[0]["deal"].ne("").any() != keys[1]["deal"].ne("").any():
        raise SchemaError(
            f"expected deals in both tables or in none, found them in one of "
            f"{where(old, shown=1)} and {where(new, shown=1)}"
        )
    numbered = [
        key.assign(**{name: np.arange(len(key))})
        for key, name in zip(keys, ("row_old", "row_new"), strict=True)
    ]
    paired = numbered[0].merge(numbered[1], how="outer", on=list(keys[0].columns), sort=True)
    return paired[["row_old", "row_new"]].fillna(-1).astype("int64")


def _lay_side_by_side(old: pd.DataFrame, new: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """Return what each pair states in the two vintages."""
    before, after = _take(old, pairs["row_old"]), _take(new, pairs["row_new"])
    absent_before, absent_after = pairs["row_old"] < 0, pairs["row_new"] < 0
    what = _what_changed(before, after).mask(absent_before | absent_after, "")
    kind = pd.Series("same", index=pairs.index).mask(what != "", "changed")
    shown = [name for name in (*_NAMES, *_SHOWN) if name in after.columns]
    difference = after["value"].mask(absent_after, 0.0) - before["value"].mask(absent_before, 0.0)
    return pd.DataFrame(
        {
            "kind": kind.mask(absent_before, "added").mask(absent_after, "gone"),
            **{name: after[name].where(~absent_after, _column(before, name)) for name in shown},
            "value_old": before["value"],
            "value_new": after["value"],
            "difference": difference,
            "what": what,
            "line_old": before["line"].astype("Int64"),
            "line_new": after["line"].astype("Int64"),
        }
    )


def _match_key(table: pd.DataFrame) -> pd.DataFrame:
    key = table[_KEY].reset_index(drop=True)
    key["deal"] = _column(table, "deal").fillna("").to_numpy()
    deals = key["deal"] != ""
    if (key["deal"] == "line " + table["line"].astype("str").to_numpy()).any():
        raise SchemaError(
            "expected deals with an id of their publisher, found their lines at "
            f"{where(table, shown=1)}: a line means nothing in another vintage"
        )
    # The publisher may correct who delivered what: the deal is still the same.
    key.loc[deals, [name for name in _KEY if name not in _PERIOD]] = ""
    repeated = key.duplicated(keep=False).to_numpy()
    if repeated.any():
        raise SchemaError(f"expected a period of a deal once, not so at {where(table[repeated])}")
    return key


def _column(table: pd.DataFrame, name: str) -> pd.Series:
    return table[name] if name in table.columns else pd.Series("", index=table.index)


def _take(table: pd.DataFrame, rows: pd.Series) -> pd.DataFrame:
    """Return the rows at these positions, and empty rows at -1."""
    return table.reset_index(drop=True).reindex(rows).set_axis(rows.index)


def _what_changed(before: pd.DataFrame, after: pd.DataFrame) -> pd.Series:
    """Name the columns that differ; codes with what they were and what they are."""
    changed = pd.Series("", index=after.index, dtype="str")
    for name in _ATTRIBUTES:
        change = f", {name} " + before[name].astype("str") + " to " + after[name].astype("str")
        changed = changed.mask(_differ(before[name], after[name]), changed + change)
    value = _differ(before["value"], after["value"])
    bounds = _differ(before["low"], after["low"]) | _differ(before["high"], after["high"])
    changed = changed.mask(value, changed + ", value").mask(bounds & ~value, changed + ", bounds")
    return changed.str.removeprefix(", ")


def _differ(before: pd.Series, after: pd.Series) -> pd.Series:
    return before.ne(after) & ~(before.isna() & after.isna())
