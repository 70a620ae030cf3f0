"""The two reports of a pair year by year, in the calendar of the side that publishes years."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from flows.compare.history import MirrorHistory, mirror_history
from flows.findings import Json, Number
from flows.models.break_fit import BreakFit
from flows.models.exact_break import ExactBreak
from flows.periods import Calendar
from flows.studies.numbers import numbers_of
from flows.studies.pair import MILLION, Pair

LEVEL = 0.95


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
    directions : Mapping
        Direction to its history, with trend and breaks.
    """

    frame: pd.DataFrame
    rows: pd.DataFrame
    directions: Mapping[str, MirrorHistory]

    def numbers(self, name: str, parameters: Mapping[str, Json]) -> list[Number]:
        """
        Return the ratio of every year and direction, and what is tested of them.

        Parameters
        ----------
        name : str
            First part of the ids.
        parameters : Mapping
            Of the study.

        Returns
        -------
        list of Number
            ``<direction>.ratio.<year>``, ``.ratio.mean``, ``.asymmetry.trend`` and, where years are
            enough, ``.break.<pvalue|smallest|before|after>`` and the same ``.without-odd``.

        Raises
        ------
        ValueError
            If a ratio is not finite.
        """
        return [
            *self._every_ratio(name, parameters),
            *self._end_ratios(name, parameters),
            *(
                number
                for direction, found in self.directions.items()
                for number in _tested(found, direction, name, parameters)
            ),
        ]

    def words(self, name: str) -> dict[str, str]:
        """
        Return the first and last year of each direction, and the year in which a break falls.

        Parameters
        ----------
        name : str
            First part of the names.

        Returns
        -------
        dict
            ``<name>.<direction>.first-year``, ``last-year``, ``break`` and ``break-without-odd``
            ("none" where no break was looked for), ``break-test`` ("exact", "asymptotic", "none").

        Raises
        ------
        KeyError
            If the frame lacks a column.
        """
        years = self.frame.groupby("direction")["year"]
        breaks = {
            f"{name}.{direction}.{part}": _dates(fit)
            for direction, found in self.directions.items()
            for part, fit in (("break", found.breaks), ("break-without-odd", found.without_odd))
        }
        tests = {
            f"{name}.{direction}.break-test": _kind(found.breaks)
            for direction, found in self.directions.items()
        }
        return (
            breaks
            | tests
            | {
                f"{name}.{direction}.{end}-year": str(year)
                for end, found in (("first", years.first()), ("last", years.last()))
                for direction, year in found.items()
            }
        )

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


def pair_history(
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
    directions = {
        direction: mirror_history(
            exporter_says=pair.statement(trade, exporter=exporter, reporter=exporter),
            importer_says=pair.statement(trade, exporter=exporter, reporter=pair.other(exporter)),
            freq="year",
            calendar=calendar,
            odd=odd,
            level=LEVEL,
        )
        for direction, exporter in pair.directions
    }
    frame = pd.concat(
        [found.frame.assign(direction=direction) for direction, found in directions.items()],
        ignore_index=True,
    ).rename(columns={"label": "year"})
    frame[["exporter_report", "importer_report"]] /= MILLION
    rows = pd.concat(
        [found.rows.assign(direction=direction) for direction, found in directions.items()],
        ignore_index=True,
    ).rename(columns={"label": "year"})
    return History(frame, rows, directions)


def _tested(
    found: MirrorHistory, direction: str, name: str, parameters: Mapping[str, Json]
) -> Iterator[Number]:
    """Yield the level, the trend and the breaks of one direction."""
    make = numbers_of(name, "flows.mirror_history", {**parameters, "direction": direction})
    told = f"importer's report divided by exporter's, {direction}"
    yield make(
        f"{direction}.ratio.mean",
        float(np.exp(found.mean_log)),
        "ratio",
        f"Geometric mean of the {told}.",
        digits=2,
        rows=found.rows,
    )
    if found.trend is not None:
        low, high = found.trend.conf_int().loc["trend"].to_numpy(dtype="float64")
        yield make(
            f"{direction}.asymmetry.trend",
            100 * float(found.trend.params["trend"]),
            "log points a year",
            f"Slope of the logarithm of the {told}.",
            digits=1,
            rows=found.rows,
            interval=(100 * float(low), 100 * float(high)),
            level=LEVEL,
        )
    for part, fit in (("break", found.breaks), ("break-without-odd", found.without_odd)):
        if isinstance(fit, ExactBreak):
            for what, value, unit, digits in (
                ("pvalue", fit.pvalue, "p-value", 3),
                ("smallest", fit.smallest, "p-value", 3),
                ("before", float(np.exp(fit.before)), "ratio", 2),
                ("after", float(np.exp(fit.after)), "ratio", 2),
                ("nobs", float(fit.nobs), "years", 0),
            ):
                yield make(
                    f"{direction}.{part}.{what}",
                    value,
                    unit,
                    f"Exact test of a change in the {told}: {what}.",
                    digits=digits,
                    rows=found.rows,
                )


def _dates(fit: ExactBreak | BreakFit | None) -> str:
    if fit is None:
        return "none"
    dates = [fit.break_date] if isinstance(fit, ExactBreak) else list(fit.break_dates)
    return ", ".join(str(date) for date in dates) or "none"


def _kind(fit: ExactBreak | BreakFit | None) -> str:
    if fit is None:
        return "none"
    return "exact" if isinstance(fit, ExactBreak) else "asymptotic"
