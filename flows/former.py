"""Public names of the release before: each still answers, and says what it is called now."""

import math
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import numpy as np
import pandas as pd

from flows.canonical import exact_sum
from flows.compare.silence import MirrorClass, classify_mirror
from flows.findings import Findings, Table
from flows.measure import rules
from flows.measure.shares import rolling_partner_shares
from flows.measure.timeseries import SupplierYears
from flows.models.growth import GrowthEstimate, compare_growth
from flows.models.interruption import events_beside
from flows.models.local_model import Kind
from flows.models.sample import FloatArray, Regime
from flows.models.state_space import LocalForm, fit_local_trend
from flows.models.trend import TrendFit
from flows.periods import Calendar, Period, Span
from flows.periods.rules import NamedBy
from flows.renamed import warn_renamed
from flows.studies import study
from flows.studies.profile import profile_study
from flows.studies.trend import fits
from flows.table import Rows

_RULES = (
    "LocalProduction",
    "RoundedCell",
    "SecondHand",
    "UncertainNumber",
    "UncertainYear",
    "UnknownPartner",
)
NAMES = (
    *_RULES,
    "arms_trend_study",
    "calendar_year",
    "class_mirror",
    "dyad_study",
    "estimate_growth",
    "explain_total",
    "fiscal_year",
    "fits_table",
    "forecast_local_trend",
    "gregorian_month",
    "gregorian_year",
    "half_year",
    "holm",
    "mark_breaks",
    "periods_between",
    "quarter",
    "reconciliation_study",
    "share_years",
    "silence_study",
    "solar_hijri_months",
    "solar_hijri_year",
    "supplier_ranks",
    "two_trends_study",
    "window",
)
"""The public names that are gone; each stands in this module."""

Cause = Literal["equal", "rounding", "not rounding"]

_RANKS = ["window", "start", "end", "supplier", "value", "share", "rank"]


def _warn(old: str, new: str) -> None:
    warn_renamed(f"flows.{old}", f"flows.{new}", stacklevel=3)


def gregorian_year(year: int) -> Period:
    """Return a calendar year."""
    _warn(f"gregorian_year({year!r})", f"Period.year({year!r})")
    return Period.year(year)


def gregorian_month(year: int, month: int) -> Period:
    """Return a calendar month."""
    _warn(f"gregorian_month({year!r}, {month!r})", f"Period.month({year!r}, {month!r})")
    return Period.month(year, month)


def solar_hijri_year(year: int) -> Period:
    """Return an Iranian year."""
    _warn(f"solar_hijri_year({year!r})", f"Period.year({year!r}, calendar='solar-hijri')")
    return Period.year(year, calendar="solar-hijri")


def solar_hijri_months(year: int, first: int, last: int) -> Period:
    """Return some months of an Iranian year."""
    numbers = f"{year!r}, {first!r}, {last!r}"
    _warn(f"solar_hijri_months({numbers})", f"Period.months({numbers}, calendar='solar-hijri')")
    return Period.months(year, first, last, calendar="solar-hijri")


def calendar_year(year: int, *, calendar: Calendar) -> Period:
    """Return a year of any calendar."""
    arguments = f"{year!r}, calendar={calendar!r}"
    _warn(f"calendar_year({arguments})", f"Period.year({arguments})")
    return Period.year(year, calendar=calendar)


def half_year(year: int, number: int, *, calendar: Calendar) -> Period:
    """Return a half of a year of any calendar."""
    arguments = f"{year!r}, {number!r}, calendar={calendar!r}"
    _warn(f"half_year({arguments})", f"Period.half_year({arguments})")
    return Period.half_year(year, number, calendar=calendar)


def quarter(year: int, number: int, *, calendar: Calendar) -> Period:
    """Return a quarter of a year of any calendar."""
    arguments = f"{year!r}, {number!r}, calendar={calendar!r}"
    _warn(f"quarter({arguments})", f"Period.quarter({arguments})")
    return Period.quarter(year, number, calendar=calendar)


def fiscal_year(
    label: int | str, *, start_month: int, start_day: int = 1, named_by: NamedBy
) -> Period:
    """Return a fiscal year that begins on a day of the Gregorian calendar."""
    _warn(f"fiscal_year({label!r}, ...)", f"Period.fiscal_year({label!r}, ...)")
    return Period.fiscal_year(
        label, start_month=start_month, start_day=start_day, named_by=named_by
    )


def window(first: int, last: int) -> Period:
    """Return several calendar years as one period."""
    _warn(f"window({first!r}, {last!r})", f"Period.window({first!r}, {last!r})")
    return Period.window(first, last)


def periods_between(
    start: date, end: date, *, calendar: Calendar, span: Span
) -> tuple[Period, ...]:
    """Return the years, half-years or quarters that lie wholly between two days."""
    _warn("periods_between(...)", "Period.between(...)")
    return Period.between(start, end, calendar=calendar, span=span)


def __getattr__(name: str) -> type[rules.Rule]:
    """Return a rule by its former name: the class itself, so that ``isinstance`` works too."""
    if name not in _RULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    warn_renamed(f"flows.{name}", f"flows.rules.{name}", stacklevel=3)
    rule: type[rules.Rule] = getattr(rules, name)
    return rule


def supplier_ranks(
    table: pd.DataFrame,
    *,
    importer: str,
    years: int,
    start: int | None = None,
    end: int | None = None,
    dataset: str | None = None,
) -> pd.DataFrame:
    """Rank the suppliers of an importer in every window of so many years."""
    _warn("supplier_ranks(...)", "rolling_partner_shares(...).frame")
    rolling = rolling_partner_shares(
        table, importer=importer, start=start, end=end, years=years, dataset=dataset
    ).frame
    delivered = rolling[rolling["value"] > 0].rename(columns={"partner": "supplier"})
    ordered = delivered.sort_values(["start", "value", "supplier"], ascending=[True, False, True])
    return ordered.reset_index(drop=True)[_RANKS]


def share_years(volumes: SupplierYears | pd.DataFrame) -> pd.DataFrame:
    """Return each supplier's share of every year in which there were imports."""
    _warn("share_years(volumes)", "supplier_years(...).shares")
    if isinstance(volumes, SupplierYears):
        return volumes.shares
    totals = pd.Series([exact_sum(row) for row in volumes.to_numpy()], index=volumes.index)
    return volumes[totals > 0].div(totals[totals > 0], axis="index")


def holm(pvalues: Sequence[float]) -> list[float]:
    """Adjust p-values by Holm's method: statsmodels' ``multipletests(method="holm")``."""
    from statsmodels.stats.multitest import multipletests  # noqa: PLC0415 - slow to import

    warn_renamed(
        "flows.holm(pvalues)",
        "statsmodels.stats.multitest.multipletests(pvalues, method='holm')[1]",
    )
    values = np.asarray(pvalues, dtype=np.float64)
    if not ((values >= 0) & (values <= 1)).all():
        raise ValueError(f"expected p-values between 0 and 1, found {list(pvalues)}")
    return multipletests(values, method="holm")[1].tolist() if len(values) else []


def estimate_growth(y: pd.Series, *, level: float = 0.95) -> dict[str, GrowthEstimate]:
    """Return the estimates of :func:`flows.compare_growth`."""
    warn_renamed("flows.estimate_growth(y)", "flows.compare_growth(y).estimates")
    return dict(compare_growth(y, level=level).estimates)


def forecast_local_trend(
    y: pd.Series,
    horizon: int,
    *,
    kind: Kind = "trend",
    form: LocalForm = "log",
    season: bool = False,
) -> FloatArray:
    """Return the forecasts of :func:`flows.fit_local_trend`."""
    warn_renamed(
        "flows.forecast_local_trend(y, horizon)",
        "flows.fit_local_trend(y, horizon=horizon).forecast_interval()['fitted']",
    )
    fit = fit_local_trend(y, kind=kind, form=form, season=season, horizon=horizon)
    return np.asarray(fit.forecast_interval()["fitted"], dtype=np.float64)


def mark_breaks(breaks: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """Name the events beside breaks: the method ``beside`` of :class:`BreakFit`."""
    warn_renamed("flows.mark_breaks(fit.conf_int(), events)", "fit.beside(events)")
    return events_beside(breaks, events, calendar=None)


def class_mirror(
    trade: pd.DataFrame, *, teller: str, nothing: float, speaker: str | None = None, **asked: Any
) -> MirrorClass:
    """Class a flow that one side states: :func:`flows.classify_mirror`."""
    warn_renamed(
        "flows.class_mirror(teller=..., speaker=..., nothing=...)",
        "flows.classify_mirror(reporter=..., partner=..., negligible=...)",
    )
    return classify_mirror(trade, reporter=teller, partner=speaker, negligible=nothing, **asked)


def dyad_study(
    trade: pd.DataFrame, *, exporter: str, importer: str, name: str = "dyad"
) -> Findings:
    """Say who states what about a pair of countries."""
    _warn("dyad_study(...)", "profile_study(...)")
    return profile_study(trade, exporter=exporter, importer=importer, name=name)


def silence_study(
    trade: pd.DataFrame,
    *,
    exporter: str,
    importer: str,
    period: Period | Mapping[str, object],
    name: str = "silence",
    **section: Any,
) -> Findings:
    """Class a flow that one side states, by what is at hand of the other side."""
    _warn("silence_study(...)", "study('mirror', ..., sections={'silence': {...}})")
    return study(
        "mirror",
        name=name,
        data={"trade": trade},
        question={"exporter": exporter, "importer": importer, "period": period},
        sections={"silence": section},
    )


def reconciliation_study(
    trade: pd.DataFrame,
    *,
    log_std_devs: Mapping[str, float],
    level: float = 0.95,
    name: str = "reconciled",
    **question: Any,
) -> Findings:
    """Reconcile both directions of a pair's trade under errors that are given."""
    _warn("reconciliation_study(...)", "study('mirror', ..., sections={'one_number': {...}})")
    return study(
        "mirror",
        name=name,
        data={"trade": trade},
        question=question,
        sections={"one_number": {"log_std_devs": log_std_devs, "level": level}},
    )


def arms_trend_study(
    arms: pd.DataFrame,
    *,
    importer: str,
    supplier: str,
    dataset: str | None = None,
    name: str = "arms-trend",
    **section: Any,
) -> Findings:
    """Follow a country's suppliers over the years."""
    _warn(
        "arms_trend_study(...)", "study('supplier', ..., sections={'suppliers_over_time': {...}})"
    )
    return study(
        "supplier",
        name=name,
        data={"arms": arms},
        question={"importer": importer, "supplier": supplier, "main": dataset},
        sections={"suppliers_over_time": section},
    )


def two_trends_study(
    trade: pd.DataFrame,
    *,
    exporter: str,
    importer: str,
    partner_basis: str | None = None,
    reverse_basis: str | None = None,
    regime: Regime = "trend",
    events: pd.DataFrame | None = None,
    name: str = "trends",
) -> Findings:
    """Set growth, breaks and events of both directions of a pair side by side."""
    _warn("two_trends_study(...)", "study('trend', ..., sections={'both_directions': {...}})")
    return study(
        "trend",
        name=name,
        data={"trade": trade, "events": events},
        question={
            "exporter": exporter,
            "importer": importer,
            "partner_basis": partner_basis,
            "regime": regime,
        },
        sections={"both_directions": {"reverse_basis": reverse_basis}},
    )


def fits_table(
    several: Mapping[str, TrendFit], *, name: str, caption: str, rows: Rows | None = None
) -> Table:
    """Set several trends side by side."""
    _warn("fits_table(...)", "studies.trend.fits.fits_table(...)")
    return fits.fits_table(several, name=name, caption=caption, rows=rows)


@dataclass(frozen=True, slots=True)
class PrintedTotal:
    """
    A printed total beside the sum of its cells.

    Parameters
    ----------
    printed, total_of_cells, difference : float
        The total as printed, the sum of the printed cells, and the first less the second.
    low, high : float
        What the printed total can be if cells and total are rounded from the same raw values.
    cause : {"equal", "rounding", "not rounding"}
        ``rounding`` if the printed total is between ``low`` and ``high``.
    cells : int
        How many cells.
    """

    printed: float
    total_of_cells: float
    difference: float
    low: float
    high: float
    cause: Cause
    cells: int

    def summary(self) -> str:
        """
        Say what the difference is and where it comes from.

        Returns
        -------
        str
            One sentence.
        """
        told = f"{self.cells} printed cells add up to {self.total_of_cells:g}"
        if self.cause == "equal":
            return f"{told}, as the printed total."
        why = (
            "cells and total are each rounded from raw values, which allows"
            if self.cause == "rounding"
            else "that is more than rounding, which allows"
        )
        return (
            f"{told}, the printed total is {self.printed:g} ({self.difference:+g}): {why} "
            f"{self.low:g} to {self.high:g}."
        )


def explain_total(cells: Iterable[float], *, printed: float, half: float) -> PrintedTotal:
    """
    Explain a printed total beside its printed cells; neither is corrected.

    Parameters
    ----------
    cells : iterable of float
        Printed cells; a printed 0 stands for less than ``half``, an empty cell is none.
    printed : float
        The printed total.
    half : float
        Half a unit of the last printed place: 0.5 in SIPRI's tables.

    Returns
    -------
    PrintedTotal

    Raises
    ------
    ValueError
        If there is no cell, one is negative or not finite, or ``half`` is not above 0.
    """
    warnings.warn(
        "flows.explain_total leaves flows with the next release", FutureWarning, stacklevel=2
    )
    values = [float(cell) for cell in cells]
    if not values:
        raise ValueError("cells: expected at least one, found none")
    wrong = [value for value in (*values, printed) if not 0 <= value < math.inf]
    if wrong:
        raise ValueError(f"expected finite numbers of at least 0, found {wrong[0]}")
    if half <= 0:
        raise ValueError(f"half: expected more than 0, found {half}")
    total = math.fsum(values)
    low = math.fsum(max(value - half, 0.0) for value in values) - half
    high = math.fsum(value + half for value in values) + half
    inside = low <= printed <= high
    return PrintedTotal(
        printed=printed,
        total_of_cells=total,
        difference=printed - total,
        low=max(low, 0.0),
        high=high,
        cause="equal" if printed == total else "rounding" if inside else "not rounding",
        cells=len(values),
    )
