"""What the side with months reports: the headline year of both directions, months and trends."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from flows.countries import country_name
from flows.findings import Figure, Findings, Number, Table
from flows.measure.checks import rows_by_dataset
from flows.measure.timeseries import series
from flows.models.trend import TrendFit, fit_trend
from flows.periods import recut
from flows.studies.mirror.question import MILLION, MirrorQuestion, source_of
from flows.studies.numbers import numbers_of

_CovarianceType = Literal["orthogonal-series", "newey-west", "hc1", "classical"]
_COVARIANCE_TYPES: Mapping[_CovarianceType, str] = {
    "orthogonal-series": "Orthogonal series",
    "newey-west": "Newey–West",
    "hc1": "HC1",
    "classical": "Classical",
}
_LEVEL = 0.95


def reports(question: MirrorQuestion) -> Findings:
    """
    Tell what the side with months reports of both directions, and how it grew.

    Numbers of the headline year on each partner basis and of growth by month; the figure of months
    and the table of trends. Words ``level.<direction>.refused`` and ``trend.<direction>.refused``
    say why one is not there: the year is not covered, there are no months, or one of them is zero.
    """
    levels, no_level = question.both_ways(
        lambda direction, sender: list(_level_numbers(question, direction, sender))
    )
    trends, no_trend = question.both_ways(
        lambda direction, sender: _fit(question, direction, sender)
    )
    fitted = list(trends.values())
    return Findings(
        numbers=(
            *(number for found in levels.values() for number in found),
            *(number for trend in fitted for number in _trend_numbers(trend, question)),
        ),
        tables=(_trend_table(fitted, question),) if fitted else (),
        figures=(_monthly_figure(fitted, question),) if fitted else (),
        words=question.refusals("level", no_level) | question.refusals("trend", no_trend),
    )


def _level_numbers(question: MirrorQuestion, direction: str, sender: str) -> Iterator[Number]:
    """Yield what is said of the headline year; of imports on the other partner bases too."""
    says = question.statement(sender, reporter=question.months)
    terms = f"{says['partner_basis'].iloc[0]} basis, {says['valuation'].iloc[0]}"
    yield _level(question, says, direction, sender, told=f", {terms}")
    if sender != question.months:
        for basis, rows in question.on_other_bases().items():
            told = f", by country of {basis}"
            yield _level(question, rows, direction, sender, told=told, basis=basis)


def _level(
    question: MirrorQuestion,
    says: pd.DataFrame,
    direction: str,
    sender: str,
    *,
    told: str,
    basis: str = "",
) -> Number:
    found = recut(says, question.headline)
    return question.make("flows.series", **({"basis": basis} if basis else {}))(
        f"{direction}.headline.{basis}" if basis else f"{direction}.headline",
        found.value / MILLION,
        "USD million",
        f"Trade from {question.title(sender)} in {question.headline.label} as "
        f"{country_name(question.months)} reports it{told}.",
        digits=3,
        rows=found.rows,
        exact=found.is_whole,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Trend:
    """One direction by month in USD, and a fit under each covariance type."""

    direction: str
    title: str
    y: pd.Series
    says: pd.DataFrame
    fits: Mapping[_CovarianceType, TrendFit]


def _fit(question: MirrorQuestion, direction: str, sender: str) -> _Trend:
    says = question.statement(sender, reporter=question.months)
    y = series(says, exporter=sender, importer=question.other(sender), freq="month")
    fits = {se: fit_trend(y, form="log", se=se, level=_LEVEL) for se in _COVARIANCE_TYPES}
    return _Trend(direction, question.title(sender), y, says, fits)


def _trend_numbers(trend: _Trend, question: MirrorQuestion) -> Iterator[Number]:
    fit = trend.fits["orthogonal-series"]
    make = numbers_of(
        question.name,
        "flows.fit_trend",
        {"form": fit.form, "se": fit.covariance_type, "level": fit.level, "flow": trend.title},
    )
    span = f"{fit.fitted.index[0]} to {fit.fitted.index[-1]}"
    yield make(
        f"{trend.direction}.growth",
        fit.growth_pct,
        "% a year",
        f"Trend growth of trade from {trend.title}, {span}, log-linear.",
        digits=1,
        rows=trend.says,
        interval=fit.growth_interval(),
        level=fit.level,
    )
    yield make(
        f"{trend.direction}.months",
        fit.nobs,
        "months",
        f"Months used for the trend of trade from {trend.title}, {span}.",
        digits=0,
        rows=trend.says,
    )
    yield make(
        f"{trend.direction}.lags",
        trend.fits["newey-west"].lags or 0,
        "months",
        f"Lags of the Newey-West errors for trade from {trend.title}.",
        digits=0,
        rows=trend.says,
    )


def _trend_table(trends: list[_Trend], question: MirrorQuestion) -> Table:
    """Return one row a direction and covariance type: only the errors differ."""
    covariance_types = "; ".join(fit.covariance_type for fit in trends[0].fits.values())
    rows = [_trend_row(trend, se, fit) for trend in trends for se, fit in trend.fits.items()]
    return Table(
        id=f"{question.name}-trends",
        frame=pd.DataFrame(rows),
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
            f"{covariance_types}."
        ),
        rows=rows_by_dataset(pd.concat([trend.says for trend in trends])),
    )


def _trend_row(trend: _Trend, se: _CovarianceType, fit: TrendFit) -> dict[str, object]:
    low, high = fit.growth_interval()
    return {
        "flow": trend.title,
        "errors": _COVARIANCE_TYPES[se],
        "growth_pct": fit.growth_pct,
        "low": low,
        "high": high,
        "slope": fit.slope,
        "std_error": float(fit.std_errors["trend"]),
        "months": fit.nobs,
    }


def _monthly_figure(trends: list[_Trend], question: MirrorQuestion) -> Figure:
    rows = rows_by_dataset(pd.concat([trend.says for trend in trends]))
    return Figure(
        id=f"{question.name}-monthly",
        draw="draw_trend",
        data=pd.concat([_line(trend) for trend in trends], ignore_index=True),
        options={"unit_label": "USD million"},
        caption=(
            f"Monthly trade between {country_name(question.exporter)} and "
            f"{country_name(question.importer)} as {country_name(question.months)} reports it, USD "
            "million, logarithmic axis, with log-linear trends and the 95% intervals of the lines."
        ),
        source=source_of(rows),
        rows=rows,
        exact=("value",),
    )


def _line(trend: _Trend) -> pd.DataFrame:
    """Return observed and fitted values by month, with the interval of the line, USD million."""
    line = trend.fits["orthogonal-series"].line_interval().reindex(trend.y.index) / MILLION
    return pd.DataFrame(
        {
            "date": pd.PeriodIndex(trend.y.index).to_timestamp(),
            "series": trend.title,
            "value": trend.y.to_numpy() / MILLION,
            "fitted": line["fitted"].to_numpy(),
            "fitted_low": line["low"].to_numpy(),
            "fitted_high": line["high"].to_numpy(),
        }
    )
