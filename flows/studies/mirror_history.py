"""The two reports of a pair year by year, in the calendar of the side that publishes years."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from flows.errors import PeriodError
from flows.findings import Json, Number
from flows.measure.selection import check_one_statement
from flows.periods import Calendar, Recut, recut, years_between
from flows.studies.numbers import numbers_of
from flows.studies.pair import MILLION, Pair


@dataclass(frozen=True, slots=True)
class History:
    """
    Both reports of both directions by year.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a year and direction: ``year``, ``direction`` (``"flow"``, ``"reverse"``),
        ``exporter_report``, ``importer_report`` (USD million), ``ratio`` (importer's report
        divided by exporter's), ``bound`` (the statement of years is a lower bound), ``odd`` (the
        reason why the year is known to be out of line, or nothing).
    rows : pandas.DataFrame
        ``year``, ``direction``, ``dataset``, ``line`` of every row that went in.
    """

    frame: pd.DataFrame
    rows: pd.DataFrame

    def numbers(self, name: str, parameters: Mapping[str, Json]) -> list[Number]:
        """
        Return the ratio of every year and direction.

        Parameters
        ----------
        name : str
            First part of the ids.
        parameters : Mapping
            Of the study.

        Returns
        -------
        list of Number
            ``<direction>.ratio.<year>``.

        Raises
        ------
        ValueError
            If a ratio is not finite.
        """
        return [*self._every_ratio(name, parameters), *self._end_ratios(name, parameters)]

    def words(self, name: str) -> dict[str, str]:
        """
        Return the first and last year of each direction.

        Parameters
        ----------
        name : str
            First part of the names.

        Returns
        -------
        dict
            ``<name>.<direction>.first-year`` and ``last-year``.

        Raises
        ------
        KeyError
            If the frame lacks a column.
        """
        years = self.frame.groupby("direction")["year"]
        return {
            f"{name}.{direction}.{end}-year": str(year)
            for end, found in (("first", years.first()), ("last", years.last()))
            for direction, year in found.items()
        }

    def _end_ratios(self, name: str, parameters: Mapping[str, Json]) -> list[Number]:
        """Return the ratios of the first and last year of each direction, under those names."""
        every = {number.id: number for number in self._every_ratio(name, parameters)}
        words = self.words(name)
        return [
            replace(
                every[f"{name}.{direction}.ratio.{words[f'{name}.{direction}.{end}-year']}"],
                id=f"{name}.{direction}.ratio.{end}",
            )
            for direction in self.frame["direction"].unique()
            for end in ("first", "last")
        ]

    def _every_ratio(self, name: str, parameters: Mapping[str, Json]) -> list[Number]:
        made = []
        for (year, direction), used in self.rows.groupby(["year", "direction"], sort=False):
            row = self.frame[
                (self.frame["year"] == year) & (self.frame["direction"] == direction)
            ].iloc[0]
            make = numbers_of(
                name,
                "flows.recut",
                {**parameters, "year": str(year), "direction": str(direction)},
            )
            made.append(
                make(
                    f"{direction}.ratio.{year}",
                    float(row["ratio"]),
                    "ratio",
                    f"Importer's report divided by exporter's, {year}."
                    + (f" Out of line: {row['odd']}." if row["odd"] else ""),
                    digits=2,
                    rows=used,
                )
            )
        return made


def mirror_history(
    trade: pd.DataFrame, pair: Pair, *, calendar: Calendar, odd: Mapping[str, str]
) -> History:
    """
    Set both reports of both directions side by side for every year that both cover.

    Parameters
    ----------
    trade : pandas.DataFrame
        Flow table.
    pair : Pair
        The two countries.
    calendar : str
        Whose years the side without months publishes.
    odd : Mapping
        Year to reason, of statements known to be out of line.

    Returns
    -------
    History
        The flow first, years in order.

    Raises
    ------
    FlowsError
        If a statement is missing or made twice, or no year is covered by both sides.
    """
    found = [
        entry
        for direction, exporter in pair.directions
        for entry in _compared_years(trade, pair, direction, exporter, calendar)
    ]
    if not found:
        raise PeriodError(f"expected {calendar} years that both sides report, found none")
    frame = pd.DataFrame([entry for entry, _ in found])
    frame["odd"] = [odd.get(year, "") for year in frame["year"]]
    return History(frame, pd.concat([rows for _, rows in found], ignore_index=True))


def _compared_years(
    trade: pd.DataFrame, pair: Pair, direction: str, exporter: str, calendar: Calendar
) -> Iterator[tuple[dict[str, object], pd.DataFrame]]:
    """Yield each year that one side states and the other covers by months, with the rows."""
    stated = pair.statement(trade, exporter=exporter, reporter=pair.years)
    months = pair.statement(trade, exporter=exporter, reporter=pair.months)
    check_one_statement(stated)
    check_one_statement(months)
    first, last = months["start"].min().date(), months["end"].max().date()
    for year in years_between(first, last, calendar=calendar):
        same = (stated["start"] == pd.Timestamp(year.start)) & (
            stated["end"] == pd.Timestamp(year.end)
        )
        if same.any():
            yield _one_year(pair, direction, recut(stated[same], year), recut(months, year))


def _one_year(
    pair: Pair, direction: str, stated: Recut, months: Recut
) -> tuple[dict[str, object], pd.DataFrame]:
    exports_by_months = (pair.months == pair.exporter) == (direction == "flow")
    exports, imports = (months, stated) if exports_by_months else (stated, months)
    label = stated.period.label
    entry = {
        "year": label,
        "direction": direction,
        "exporter_report": exports.value / MILLION,
        "importer_report": imports.value / MILLION,
        "ratio": imports.value / exports.value,
        "bound": bool(stated.rows["high"].isna().any()),
    }
    rows = pd.concat([stated.rows, months.rows])[["dataset", "line"]]
    return entry, rows.assign(year=label, direction=direction)
