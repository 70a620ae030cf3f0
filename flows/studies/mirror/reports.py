"""What the side with months reports: the headline year of both directions, months and trends."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from flows.canonical import print_value
from flows.countries import country_name
from flows.findings import Figure, Findings, Number, Table
from flows.measure.checks import rows_by_dataset
from flows.measure.timeseries import series
from flows.models.trend import TrendFit, fit_trend
from flows.origin import Made, call, present
from flows.periods import recut
from flows.studies.mirror.question import MILLION, MirrorQuestion
from flows.studies.numbers import make_number, source_line
from flows.studies.section import About
from flows.table import million_label

ABOUT = About(
    needs="months of the side that `months` names", figures=("monthly",), tables=("trends",)
)

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
            *(number for numbers in levels.values() for number in numbers),
            *(number for trend in fitted for number in _trend_numbers(trend, question)),
        ),
        tables=(_trend_table(fitted, question),) if fitted else (),
        figures=(_monthly_figure(fitted, question),) if fitted else (),
        words=question.refusals("level", no_level) | question.refusals("trend", no_trend),
    )


def _level_numbers(question: MirrorQuestion, direction: str, sender: str) -> Iterator[Number]:
    """Yield what is said of the headline year; of imports on the other partner bases too."""
    report = question.report(sender, reporter=question.months)
    first = report.value.iloc[0]
    terms = f"{first['partner_basis']} basis, {first['valuation']}"
    yield _level(question, report, f"{direction}.headline", sender, terms)
    if sender != question.months:
        for basis, imports in question.on_other_bases().items():
            name = f"{direction}.headline.{basis}"
            yield _level(question, imports, name, sender, f"by country of {basis}")


def _level(
    question: MirrorQuestion, report: Made[pd.DataFrame], name: str, sender: str, terms: str
) -> Number:
    level = call(recut, report.arg, question.headline)
    return make_number(
        question.name,
        name,
        level.part(lambda cut: cut.value / MILLION),
        "USD million",
        f"Trade from {question.title(sender)} in {question.headline.label} as "
        f"{country_name(question.months)} reports it, {terms}.",
        digits=3,
        rows=level.value.rows,
        exact=level.value.is_whole,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Trend:
    """One direction by month in USD, and a fit under each covariance type."""

    direction: str
    title: str
    y: pd.Series
    report: pd.DataFrame
    fits: Mapping[_CovarianceType, Made[TrendFit]]


def _fit(question: MirrorQuestion, direction: str, sender: str) -> _Trend:
    report = question.report(sender, reporter=question.months)
    importer = question.other(sender)
    y = call(series, report.arg, exporter=sender, importer=importer, freq="month")
    fits = {se: call(fit_trend, y.arg, form="log", se=se, level=_LEVEL) for se in _COVARIANCE_TYPES}
    return _Trend(direction, question.title(sender), y.value, report.value, fits)


def _trend_numbers(trend: _Trend, question: MirrorQuestion) -> Iterator[Number]:
    made = trend.fits["orthogonal-series"]
    months = made.value.fitted.index
    span = f"{months[0]} to {months[-1]}"
    yield make_number(
        question.name,
        f"{trend.direction}.growth",
        made.part(lambda fit: fit.growth_pct),
        "% a year",
        f"Trend growth of trade from {trend.title}, {span}, log-linear.",
        digits=1,
        rows=trend.report,
        interval=made.part(lambda fit: fit.growth_interval()),
        level=made.value.level,
    )
    yield make_number(
        question.name,
        f"{trend.direction}.months",
        made.part(lambda fit: fit.nobs),
        "months",
        f"Months used for the trend of trade from {trend.title}, {span}.",
        digits=0,
        rows=trend.report,
    )
    lags = present(trend.fits["newey-west"].part(lambda fit: fit.lags))
    if lags is not None:
        yield make_number(
            question.name,
            f"{trend.direction}.lags",
            lags,
            "months",
            f"Lags of the Newey-West errors for trade from {trend.title}.",
            digits=0,
            rows=trend.report,
        )


def _trend_table(trends: list[_Trend], question: MirrorQuestion) -> Table:
    """Return one row a direction and covariance type: only the errors differ."""
    covariance_types = "; ".join(made.value.covariance_type for made in trends[0].fits.values())
    rows = [
        _trend_row(trend, se, made.value) for trend in trends for se, made in trend.fits.items()
    ]
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
            "std_error": "Standard error",
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
        caption=(
            "Growth of monthly trade with standard errors of several kinds: the estimate is the "
            "same, its interval is not."
        ),
        note=(
            "Straight lines through the logarithms of the months. Low and high: ends of the "
            f"{_LEVEL:.0%} interval of growth. Slope and standard error: log points a year. "
            f"Errors: {covariance_types}."
        ),
        rows=rows_by_dataset(pd.concat([trend.report for trend in trends])),
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
    rows = rows_by_dataset(pd.concat([trend.report for trend in trends]))
    return Figure(
        id=f"{question.name}-monthly",
        draw="draw_trend",
        data=pd.concat([_line(trend) for trend in trends], ignore_index=True),
        options={"unit_label": million_label("USD")},
        caption=(
            f"Monthly trade between {country_name(question.exporter)} and "
            f"{country_name(question.importer)} as {country_name(question.months)} reports it, USD "
            f"million, logarithmic axis. {_seen(trends)}. Lines: log-linear trends with the "
            f"{_LEVEL:.0%} intervals of the lines."
        ),
        source=source_line(rows),
        rows=rows,
        exact=("value",),
    )


def _seen(trends: list[_Trend]) -> str:
    """Say how fast each direction grew."""
    growths = [(trend.title, trend.fits["orthogonal-series"].value.growth_pct) for trend in trends]
    return "; ".join(
        f"{title}: growth of {print_value(growth, 1)}% a year" for title, growth in growths
    )


def _line(trend: _Trend) -> pd.DataFrame:
    """Return observed and fitted values by month, with the interval of the line, USD million."""
    fit = trend.fits["orthogonal-series"].value
    line = fit.line_interval().reindex(trend.y.index) / MILLION
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
