"""The trend study: how a flow grew, when that changed, and whether the answer is robust."""

from collections.abc import Sequence

import pandas as pd

from flows.findings import Findings, Table
from flows.measure.timeseries import Frequency
from flows.models.break_fit import Regime
from flows.periods import Calendar
from flows.studies.event_tests import events_table
from flows.studies.examined import Examined
from flows.studies.fits_table import fits_table
from flows.studies.flow_trend import fit_flow
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
    which = {
        "reporter": reporter,
        "partner_basis": partner_basis,
        "product": product,
        "dataset": dataset,
    }
    flow = fit_flow(
        trade,
        exporter=exporter,
        importer=importer,
        which=which,
        freqs=freqs,
        calendar=calendar,
        regime=regime,
        events=events,
    )
    shown = {"title": flow.title, "name": name}
    main, several, tested = flow.main, flow.several, flow.tested
    return Findings(
        numbers=tuple(trend_numbers(several, tested, parameters=flow.parameters, **shown)),
        tables=(
            _fits(several, **shown),
            regimes_table(several, **shown),
            events_table(tested, main, **shown),
        ),
        figures=(
            breaks_figure(main, flow.known, **shown),
            estimates_figure(several, **shown),
            path_figure(main, **shown),
            *residual_figures(main, **shown),
            forecast_figure(main, **shown),
        ),
        words=trend_words(several, tested, flow.changes, **shown),
    )


def _fits(several: Sequence[Examined], *, title: str, name: str) -> Table:
    fits = {heading: fit for one in several for heading, fit in one.fits.items()}
    caption = f"Trends of {title}, {several[0].unit}."
    return fits_table(fits, name=f"{name}-fits", caption=caption, rows=several[0].rows)
