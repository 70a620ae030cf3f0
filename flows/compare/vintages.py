"""Two vintages of one data set: what was added, what is gone, and what was changed."""

from dataclasses import dataclass
from typing import Literal, get_args

import pandas as pd

from flows.canonical import exact_sum
from flows.compare.matching import lay_side_by_side, pair_rows
from flows.errors import DoubleCountError, SchemaError
from flows.measure.double_counting import check_one_unit
from flows.measure.spans import years_counted
from flows.table import check_flows, where

_KINDS = ("added", "gone", "changed")
_NAMED = 5

Side = Literal["importer", "exporter"]


@dataclass(frozen=True, slots=True, eq=False)
class VintageChange:
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
        another way; largest difference first. Columns as in
        :func:`flows.compare.matching.lay_side_by_side`, and ``in_both_years``: whether
        the period lies in ``years``, so that it is a revision and no longer or shorter series.
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
    names = [_name(one) for one in (old, new)]
    rows_before = len(old) + len(new)
    old, new, scope = _same_scope(old, new, common)
    unit = check_one_unit(pd.concat([old, new])[["unit", "dataset", "line"]])
    spans = [years_counted(one)[name] for one, name in zip((old, new), names, strict=True)]
    first, last = max(span[0] for span in spans), min(span[1] for span in spans)
    rows = lay_side_by_side(old, new, pair_rows(old, new))
    inside = (rows["start"].dt.year >= first) & (rows["end"].dt.year <= last)
    found = _largest_first(rows.assign(in_both_years=inside))
    added, gone, changed = (found[found["kind"] == kind].reset_index(drop=True) for kind in _KINDS)
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
    if common not in get_args(Side):
        raise ValueError(f"common: expected {' or '.join(get_args(Side))}, found {common!r}")
    both = sorted({*old[common]} & {*new[common]})
    if not both:
        raise SchemaError(
            f"expected an {common} that both have, found none in {where(old, shown=1)} and "
            f"{where(new, shown=1)}"
        )
    told = ", ".join(both) if len(both) <= _NAMED else f"the {len(both)} that both have"
    kept = [one[one[common].isin(both)] for one in (old, new)]
    return kept[0], kept[1], f"{common} {told}"


def _moved(rows: pd.DataFrame) -> float:
    """Return by how much rows move the total; a size that is not published is not in it."""
    return exact_sum([*rows["value_new"].dropna(), *(-rows["value_old"].dropna())])


def _largest_first(rows: pd.DataFrame) -> pd.DataFrame:
    size = rows["difference"].abs()
    return rows.loc[size.sort_values(ascending=False, kind="stable").index].reset_index(drop=True)
