"""What one straight line leaves of a flow: how much it says, and which period carries it."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from flows.findings import Figure, Findings, Number
from flows.measure.whole_periods import Frequency
from flows.models.covariance import on_calendar
from flows.models.sample import calendar_steps
from flows.studies.numbers import make_number, source_line
from flows.studies.section import About
from flows.studies.trend.fitted import FittedSeries
from flows.studies.trend.question import TrendQuestion

ABOUT = About(needs="at least five periods of the flow", figures=("residuals", "autocorrelation"))

_LAGS: dict[Frequency, int] = {"month": 24, "quarter": 8, "half-year": 6, "year": 6}
_NORMAL = 1.96


def residuals(question: TrendQuestion) -> Findings:
    """
    Look at the residuals of the line: what the periods are worth, and the one that moves it most.

    Numbers ``<freq>.nobs``, ``<freq>.worth`` (uncorrelated observations) and ``<freq>.carried``
    (growth without the period that moves it most, the word ``<freq>.carries``); of the first
    frequency the figures ``residuals`` and ``autocorrelation``.
    """
    name = question.name
    return Findings(
        numbers=tuple(
            number for series in question.series for number in _numbers(question, series)
        ),
        figures=(_over_time(question), _correlated(question)),
        words={f"{name}.{series.freq}.carries": _carrier(series) for series in question.series},
    )


def _carrier(series: FittedSeries) -> str:
    """Return the period that moves the line most."""
    return str(series.trend.value.diagnostics.most_influential)


def _numbers(question: TrendQuestion, series: FittedSeries) -> Iterator[Number]:
    trend = series.trend
    for key, value, unit, what, digits in (
        ("nobs", trend.part(lambda fit: fit.nobs), "count", "Periods used", 0),
        (
            "worth",
            trend.part(lambda fit: fit.diagnostics.effective_nobs),
            "count",
            "Unrelated periods that carry as much information (effective sample size)",
            0,
        ),
        (
            "carried",
            trend.part(lambda fit: fit.growth_without(fit.diagnostics.most_influential)),
            "% a year",
            "Growth without the period that moves it most",
            1,
        ),
    ):
        yield make_number(
            question.name,
            f"{series.freq}.{key}",
            value,
            unit,
            f"{what}: {question.title} by {series.freq}.",
            digits=digits,
            rows=series.rows,
        )


def _over_time(question: TrendQuestion) -> Figure:
    series = question.main
    resids = series.trend.value.resids
    unit = "log points" if series.trend.value.form == "log" else series.unit
    return Figure(
        id=f"{question.name}-residuals",
        draw="draw_residuals",
        data=pd.DataFrame(
            {"date": series.first_days(resids.index), "value": resids.to_numpy()},
        ),
        options={"unit_label": f"Residuals, {unit}", "spread": float(resids.std())},
        caption=f"What one straight line leaves of {question.title} by {series.freq}.",
        source=source_line(series.rows),
        rows=series.rows,
    )


def _correlated(question: TrendQuestion) -> Figure:
    series = question.main
    return Figure(
        id=f"{question.name}-autocorrelation",
        draw="draw_autocorrelation",
        data=_autocorrelations(series.trend.value.resids, lags=_LAGS[series.freq]),
        options={
            "unit_label": f"Correlation of residuals with those so many {series.freq}s before",
            "band_label": "95% of uncorrelated residuals",
        },
        caption=(
            f"Autocorrelation of what one straight line leaves of {question.title}: the reason why "
            "errors that take periods for independent are too small."
        ),
        source=source_line(series.rows),
        rows=series.rows,
    )


def _autocorrelations(resids: pd.Series, *, lags: int) -> pd.DataFrame:
    """Return the correlation of residuals with those some periods before, gaps left empty."""
    _, steps = calendar_steps(resids.index)
    values = on_calendar(resids.to_numpy()[:, None], steps)[:, 0]
    lag = np.arange(1, min(lags, len(values) // 3) + 1)
    total = float(values @ values)
    correlated = [float(values[k:] @ values[:-k]) / total for k in lag]
    band = _NORMAL / np.sqrt(len(resids))
    return pd.DataFrame({"lag": lag, "value": correlated, "low": -band, "high": band})
