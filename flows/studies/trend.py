"""The trend study: how a flow grew, when that changed, and whether the answer is robust."""

from collections.abc import Sequence

import pandas as pd

from flows.compare.records import record_changes
from flows.countries import country_name
from flows.findings import Findings, Json, Table
from flows.measure.selection import select_flows
from flows.measure.timeseries import Frequency, series
from flows.models.break_fit import Regime
from flows.periods import Calendar
from flows.studies.event_tests import events_table, fit_events
from flows.studies.examined import Examined, examine
from flows.studies.fits_table import fits_table
from flows.studies.regimes_table import regimes_table
from flows.studies.trend_figures import (
    breaks_figure,
    estimates_figure,
    forecast_figure,
    path_figure,
    residual_figures,
)
from flows.studies.trend_numbers import trend_numbers
from flows.studies.trend_words import trend_words

_EVENT = ["date", "name", "kind"]


def trend_study(
    trade: pd.DataFrame,
    *,
    exporter: str,
    importer: str,
    freqs: Sequence[Frequency] = ("month", "year"),
    calendar: Calendar = "gregorian",
    reporter: str | None = None,
    partner_basis: str | None = None,
    product: str | None = None,
    dataset: str | None = None,
    regime: Regime = "trend",
    events: pd.DataFrame | None = None,
    name: str = "trend",
) -> Findings:
    """
    Estimate the growth of one flow in several ways, date its breaks, and test known events.

    Parameters
    ----------
    trade : pandas.DataFrame
        Flow table.
    exporter, importer : str
        Alpha-3 codes.
    freqs : sequence of {"month", "year"}
        Periods in which the flow is looked at; figures and events are about the first.
    calendar : str
        Whose years.
    reporter, partner_basis, product, dataset : str, optional
        Which statement of the flow, where the table holds several.
    regime : {"trend", "mean"}
        What is constant between breaks.
    events : pandas.DataFrame, optional
        Dated events as :func:`flows.loaders.events.normalise_events` returns them.
    name : str
        First part of every id.

    Returns
    -------
    Findings
        Growth by estimator with intervals, breaks, events that stand out, diagnostics; tables
        ``fits``, ``regimes`` and ``events``; figures ``breaks``, ``estimates``, ``break-path``,
        ``residuals``, ``autocorrelation`` and ``forecast``.

    Raises
    ------
    FlowsError
        If the flow is not stated, stated twice, or too short to be looked at.
    ValueError
        If ``freqs`` is empty or names another period.

    Examples
    --------
    >>> import flows as fl
    >>> findings = trend_study(
    ...     fl.load("armstat-by-country@2025-02"), exporter="IRN", importer="ARM",
    ...     partner_basis="origin", freqs=["year"],
    ... )
    >>> [number.printed for number in findings.numbers if number.id == "trend.year.growth.ols-log"]
    ['8.0']
    """
    if not freqs:
        raise ValueError("freqs: expected month, year or both, found none")
    which = {
        "reporter": reporter,
        "partner_basis": partner_basis,
        "product": product,
        "dataset": dataset,
    }
    said = select_flows(trade, exporter=exporter, importer=importer, **which)
    known = _events(events)
    changes = record_changes(said)
    several = [
        examine(
            series(said, exporter=exporter, importer=importer, freq=freq, calendar=calendar),
            freq=freq,
            regime=regime,
            events=pd.concat([known, changes], ignore_index=True),
        )
        for freq in freqs
    ]
    title = f"{country_name(exporter)} to {country_name(importer)}"
    main = several[0]
    tested = fit_events(main, known)
    parameters: dict[str, Json] = {
        "exporter": exporter,
        "importer": importer,
        "calendar": calendar,
        "regime": regime,
        **{key: value for key, value in which.items() if value is not None},
    }
    shown = {"title": title, "name": name}
    return Findings(
        numbers=tuple(
            trend_numbers(several, tested, title=title, parameters=parameters, name=name)
        ),
        tables=(
            _fits(several, **shown),
            regimes_table(several, **shown),
            events_table(tested, main, **shown),
        ),
        figures=(
            breaks_figure(main, known, **shown),
            estimates_figure(several, **shown),
            path_figure(main, **shown),
            *residual_figures(main, **shown),
            forecast_figure(main, **shown),
        ),
        words=trend_words(several, tested, changes, title=title, name=name),
    )


def _events(events: pd.DataFrame | None) -> pd.DataFrame:
    if events is None:
        return pd.DataFrame(columns=_EVENT).astype({"date": "datetime64[s]"})
    return events.rename(columns={"start": "date"})[_EVENT]


def _fits(several: Sequence[Examined], *, title: str, name: str) -> Table:
    fits = {heading: fit for one in several for heading, fit in one.fits.items()}
    caption = f"Trends of {title}, {several[0].unit}."
    return fits_table(fits, name=f"{name}-fits", caption=caption, rows=several[0].rows)
