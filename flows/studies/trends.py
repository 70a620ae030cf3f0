"""Trends of a pair's monthly trade, under each convention for the standard errors."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from flows.findings import Number, Table
from flows.measure.timeseries import series
from flows.models.trend import fit_trend
from flows.models.trend_fit import TrendFit
from flows.studies.numbers import numbers_of
from flows.studies.pair import MILLION, Pair

_CONVENTIONS: tuple[Literal["orthogonal-series", "newey-west", "hc1", "classical"], ...] = (
    "orthogonal-series",
    "newey-west",
    "hc1",
    "classical",
)
_ERRORS = {
    "orthogonal-series": "Orthogonal series",
    "newey-west": "Newey–West",
    "hc1": "HC1",
    "classical": "Classical",
}
_LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class DirectionTrend:
    """
    One direction by month and its trend in logarithms.

    Parameters
    ----------
    direction : str
        ``"flow"`` or ``"reverse"``.
    title : str
        ``Iran to Armenia``.
    y : pandas.Series
        USD by month.
    fits : dict
        A fit for each convention of the standard errors; estimates are the same in all.
    """

    direction: str
    title: str
    y: pd.Series
    fits: Mapping[str, TrendFit]


def pair_trends(trade: pd.DataFrame, pair: Pair) -> list[DirectionTrend]:
    """
    Fit the trend of both directions as the side with months reports them.

    Parameters
    ----------
    trade : pandas.DataFrame
        Flow table.
    pair : Pair
        The two countries.

    Returns
    -------
    list of DirectionTrend
        The flow, then the reverse.

    Raises
    ------
    FlowsError
        If a direction is not stated by month, or a month is zero.
    """
    found = []
    for direction, exporter in pair.directions:
        rows = pair.statement(trade, exporter=exporter, reporter=pair.months)
        importer = pair.importer if exporter == pair.exporter else pair.exporter
        y = series(rows, exporter=exporter, importer=importer, freq="month")
        fits: dict[str, TrendFit] = {
            se: fit_trend(y, form="log", se=se, level=_LEVEL) for se in _CONVENTIONS
        }
        found.append(DirectionTrend(direction, pair.title(exporter), y, fits))
    return found


def trend_numbers(trends: list[DirectionTrend], name: str) -> list[Number]:
    """
    Return growth in percent a year, months used and the lags of the errors.

    Parameters
    ----------
    trends : list of DirectionTrend
        From :func:`pair_trends`.
    name : str
        First part of the ids.

    Returns
    -------
    list of Number
        ``<direction>.growth`` with its interval, ``<direction>.months`` and
        ``<direction>.lags``.

    Raises
    ------
    ValueError
        If an estimate is not finite.
    """
    made = []
    for one in trends:
        fit = one.fits["orthogonal-series"]
        make = numbers_of(
            name,
            "flows.fit_trend",
            {"form": fit.form, "se": fit.convention, "level": fit.level, "flow": one.title},
        )
        rows = one.y.attrs["rows"]
        span = f"{fit.fitted.index[0]} to {fit.fitted.index[-1]}"
        made += [
            make(
                f"{one.direction}.growth",
                fit.growth_pct,
                "% a year",
                f"Trend growth of trade from {one.title}, {span}, log-linear.",
                digits=1,
                rows=rows,
                interval=fit.growth_interval(),
                level=fit.level,
            ),
            make(
                f"{one.direction}.months",
                fit.nobs,
                "months",
                f"Months used for the trend of trade from {one.title}, {span}.",
                digits=0,
                rows=rows,
            ),
            make(
                f"{one.direction}.lags",
                one.fits["newey-west"].lags or 0,
                "months",
                f"Lags of the Newey-West errors for trade from {one.title}.",
                digits=0,
                rows=rows,
            ),
        ]
    return made


def trend_table(trends: list[DirectionTrend], name: str) -> Table:
    """
    Return the table of trend fits: one row a direction and convention of the errors.

    Parameters
    ----------
    trends : list of DirectionTrend
        From :func:`pair_trends`.
    name : str
        First part of the id.

    Returns
    -------
    Table
        Growth in percent a year with its interval; slope and its error in log points a year.

    Raises
    ------
    ValueError
        If there is no trend.
    """
    if not trends:
        raise ValueError("expected at least one trend, found none")
    conventions = "; ".join(fit.convention for fit in trends[0].fits.values())
    rows: dict[str, tuple[int, ...]] = {}
    entries = []
    for one in trends:
        for dataset, lines in one.y.attrs["rows"].items():
            rows[dataset] = tuple(sorted({*rows.get(dataset, ()), *lines}))
        entries += [_table_row(one, se, fit) for se, fit in one.fits.items()]
    return Table(
        id=f"{name}-trends",
        frame=pd.DataFrame(entries),
        labels={
            "flow": "Flow",
            "errors": "Standard errors",
            "growth_pct": "Growth, % a year",
            "low": "Low",
            "high": "High",
            "slope": "Slope",
            "std_error": "Std. error",
            "months": "Months",
        },
        formats={
            "growth_pct": ".2f",
            "low": ".2f",
            "high": ".2f",
            "slope": ".4f",
            "std_error": ".4f",
            "months": ".0f",
        },
        caption="Log-linear trends of monthly trade in both directions.",
        note=(
            f"Low and high are the ends of the {_LEVEL:.0%} interval of growth. Slope and standard "
            "error in log points a year. Only the errors differ between the rows of one flow: "
            f"{conventions}."
        ),
        rows=rows,
    )


def _table_row(one: DirectionTrend, se: str, fit: TrendFit) -> dict[str, object]:
    low, high = fit.growth_interval()
    return {
        "flow": one.title,
        "errors": _ERRORS[se],
        "growth_pct": fit.growth_pct,
        "low": low,
        "high": high,
        "slope": fit.slope,
        "std_error": float(fit.std_errors["trend"]),
        "months": fit.nobs,
    }


def trend_data(trends: list[DirectionTrend]) -> pd.DataFrame:
    """
    Return observed and fitted values by month, for the figure.

    Parameters
    ----------
    trends : list of DirectionTrend
        From :func:`pair_trends`.

    Returns
    -------
    pandas.DataFrame
        Columns ``date`` (first day of the month), ``series``, ``value`` and ``fitted`` (USD
        million), ``fitted_low`` and ``fitted_high``: the interval of the line.

    Raises
    ------
    ValueError
        If there is no trend.
    """
    if not trends:
        raise ValueError("expected at least one trend, found none")
    frames = []
    for one in trends:
        line = one.fits["orthogonal-series"].line_interval()
        frames.append(
            pd.DataFrame(
                {
                    "date": pd.PeriodIndex(one.y.index).to_timestamp(),
                    "series": one.title,
                    "value": one.y.to_numpy() / MILLION,
                    "fitted": line["fitted"].reindex(one.y.index).to_numpy() / MILLION,
                    "fitted_low": line["low"].reindex(one.y.index).to_numpy() / MILLION,
                    "fitted_high": line["high"].reindex(one.y.index).to_numpy() / MILLION,
                }
            )
        )
    return pd.concat(frames, ignore_index=True)
