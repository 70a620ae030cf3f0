"""The two sides of a bridge: what each states in the period that is compared."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from flows.errors import SchemaError, UnitError
from flows.measure.double_counting import check_one_statement, check_one_unit
from flows.periods import Period, Recut, recut
from flows.table import where

_STATED = ["exporter", "importer", "reporter", "unit", "dataset", "line"]
CONVENTIONS = ("valuation", "partner_basis")
"""What two statements must share before one is taken off the other."""


@dataclass(frozen=True, slots=True)
class Side:
    """
    One side's statement in the period that is compared, under its usual period, by whole months.

    Parameters
    ----------
    reporter : str
        Alpha-3 code.
    valuation : str
        ``FOB``, ``CIF`` or empty.
    cut : Recut
        In the period that is compared.
    usual : Recut
        Under the period in which the side is usually quoted; ``cut`` itself if that is the same.
    moved : tuple of float
        Values of the whole months nearest to the period; none where ``usual`` is ``cut``.
    """

    reporter: str
    valuation: str
    cut: Recut
    usual: Recut
    moved: tuple[float, ...]


def check_one_flow(
    exporter_says: Sequence[pd.DataFrame], importer_says: Sequence[pd.DataFrame]
) -> str:
    """
    Check that all state one flow in one unit, and each side speaks for itself.

    Parameters
    ----------
    exporter_says, importer_says : sequence of pandas.DataFrame
        Statements of each side: of all goods first, then of parts, other releases or other bases.

    Returns
    -------
    str
        The unit.

    Raises
    ------
    UnitError
        If there are two units.
    DoubleCountError
        If one of the tables makes more than one statement.
    SchemaError
        If one has no rows, two flows are stated, or one side reports for the other.

    Examples
    --------
    >>> from flows.table import empty_table
    >>> check_one_flow([empty_table()], [empty_table()])
    Traceback (most recent call last):
        ...
    flows.errors.SchemaError: expected rows with one unit, found no row
    """
    for says in (*exporter_says, *importer_says):
        check_one_statement(says)
    by_exporter = pd.concat([says[_STATED] for says in exporter_says])
    by_importer = pd.concat([says[_STATED] for says in importer_says])
    both = pd.concat([by_exporter, by_importer])
    flows = both.drop_duplicates(["exporter", "importer"])
    if len(flows) > 1:
        names = " and ".join(flows["exporter"] + " to " + flows["importer"])
        raise SchemaError(f"expected statements of one flow, found {names} ({where(flows)})")
    for side, says in (("exporter", by_exporter), ("importer", by_importer)):
        others = says[says["reporter"] != says[side]]
        if len(others):
            raise SchemaError(
                f"expected statements of {says[side].iloc[0]}, the {side}, found reporter "
                f"{others['reporter'].iloc[0]} at {where(others)}"
            )
    return check_one_unit(both)


def side_in(says: pd.DataFrame, *, period: Period, headline: Period) -> Side:
    """
    Return one side in the period that is compared.

    Parameters
    ----------
    says : pandas.DataFrame
        One statement, for ``period`` itself or by month.
    period : Period
        The period that is compared.
    headline : Period
        The period under which months are usually quoted.

    Returns
    -------
    Side

    Raises
    ------
    PeriodError
        If the side states neither ``period`` nor all months of ``period`` and ``headline``.

    Examples
    --------
    >>> from flows.periods import gregorian_year
    >>> says = pd.DataFrame({
    ...     "reporter": ["IRN"], "valuation": ["FOB"], "value": [100.0],
    ...     "start": pd.to_datetime(["2023-01-01"]), "end": pd.to_datetime(["2023-12-31"]),
    ... })
    >>> year = gregorian_year(2023)
    >>> side_in(says, period=year, headline=year).cut.value
    100.0
    """
    cut, usual, moved = _cut(says, period), None, list[float]()
    if not _stated(says, period).any() and not _same_days(period, headline):
        usual = recut(says, headline)
        moved = [recut(says, months).value for months in _whole_months(period)]
    return Side(
        reporter=str(says["reporter"].iloc[0]),
        valuation=str(says["valuation"].iloc[0]),
        cut=cut,
        usual=usual or cut,
        moved=tuple(moved),
    )


def part_in(
    says: pd.DataFrame,
    *,
    of: pd.DataFrame,
    period: Period,
    alike: Sequence[str] = CONVENTIONS,
) -> Recut:
    """
    Return what a side states in another table: a part of its goods, or the same in another way.

    Parameters
    ----------
    says : pandas.DataFrame
        One statement, for ``period`` itself or by month.
    of : pandas.DataFrame
        The statement of all goods by the same side.
    period : Period
        The period that is compared.
    alike : sequence of str
        Columns in which the two must agree; a data set that is silent is taken to agree.

    Returns
    -------
    Recut
        The statement in ``period``.

    Raises
    ------
    UnitError
        If the two are valued otherwise, or stated on another basis, and must not be.
    PeriodError
        If neither ``period`` nor all of its months are stated.

    Examples
    --------
    >>> from flows.periods import gregorian_year
    >>> all_goods = pd.DataFrame({"valuation": ["CIF"], "partner_basis": ["origin"]})
    >>> gas = pd.DataFrame({
    ...     "valuation": [""], "partner_basis": [""], "value": [60.0],
    ...     "start": pd.to_datetime(["2023-01-01"]), "end": pd.to_datetime(["2023-12-31"]),
    ... })
    >>> part_in(gas, of=all_goods, period=gregorian_year(2023)).value
    60.0
    """
    for column in alike:
        expected, found = of[column].iloc[0], says[column].iloc[0]
        if found not in {expected, ""}:
            raise UnitError(
                f"expected {column} {expected!r} as in the statement of all goods by "
                f"{says['reporter'].iloc[0]}, found {found!r} at {where(says)}"
            )
    return _cut(says, period)


def _cut(says: pd.DataFrame, period: Period) -> Recut:
    stated = says[_stated(says, period)]
    return recut(stated if len(stated) else says, period)


def _stated(says: pd.DataFrame, period: Period) -> pd.Series:
    start, end = pd.Timestamp(period.start), pd.Timestamp(period.end)
    return (says["start"] == start) & (says["end"] == end)


def _same_days(one: Period, other: Period) -> bool:
    return (one.start, one.end) == (other.start, other.end)


def _whole_months(period: Period) -> tuple[Period, ...]:
    """Return the whole months that begin with the month of the first day, and with the next."""
    first, last = pd.Period(period.start, freq="M"), pd.Period(period.end, freq="M")
    if first.start_time.date() == period.start and last.end_time.date() == period.end:
        return ()
    runs = ((first, last - 1), (first + 1, last))
    return tuple(
        Period(start.start_time.date(), end.end_time.date(), f"{start}..{end}", "gregorian")
        for start, end in runs
    )
