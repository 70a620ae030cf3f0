"""Described tables of single days: the months that their days make up."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from flows.loaders.described_cells import Meanings
from flows.loaders.descriptions import Description
from flows.loaders.printed_periods import printed_period
from flows.loaders.text import RawTable
from flows.periods import Period

_EDGE = (
    "the table {} on {:%Y-%m-%d}, and the month counts {} that day; if it is whole, add a row of 0 "
    "on its {} day in a copy"
)


def is_daily(cells: RawTable) -> bool:
    """Say whether the cells of a described table are of single days."""
    return bool((cells.rows["day"] != "").any())


def months_of_days(days: Meanings, cells: RawTable, description: Description) -> Meanings:
    """
    Return the month of each day; the first and the last one end where the table does.

    Whether nothing was traded on the days of a month before the table begins is not known.
    """
    first, last = min(day.start for day in days.few), max(day.end for day in days.few)
    _, places = np.unique(days.number, return_index=True)
    years, names = (cells.rows[what].to_numpy()[places] for what in ("year", "month"))
    months = [
        _cut(_month(year, name, day, description), first, last)
        for year, name, day in zip(years, names, days.few, strict=True)
    ]
    return Meanings(months, days.number)


def _month(year: str, month: str, day: Period, description: Description) -> Period:
    if year and month:
        return printed_period(year, month, calendar=description.calendar, months=description.months)
    return Period.month(day.start.year, day.start.month)


def _cut(month: Period, first: date, last: date) -> Period:
    start, end = max(month.start, first), min(month.end, last)
    whole = (start, end) == (month.start, month.end)
    return month if whole else replace(month, start=start, end=end)


def told_days(starts: pd.Series, ends: pd.Series, cells: RawTable) -> list[str]:
    """Say that days were added up, and where the table begins and ends inside a month."""
    if not is_daily(cells):
        return []
    first, last = starts.min(), ends.max()
    said = ["days were added up to months"]
    if first.day != 1:
        said.append(_EDGE.format("begins", first, "from", "first"))
    if not last.is_month_end:
        said.append(_EDGE.format("ends", last, "to", "last"))
    return said
