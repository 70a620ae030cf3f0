"""The trend study: how a flow grew, when that changed, and whether the answer is robust."""

from collections.abc import Sequence

import pandas as pd

from flows.findings import Findings
from flows.measure.whole_periods import Frequency
from flows.models.sample import Regime
from flows.periods import Calendar
from flows.studies.section import Study
from flows.studies.trend.question import ask

TREND = Study("flows.studies.trend", ask)


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
        Dated events, as :func:`flows.load` returns them of a list of events.
    name : str
        First part of every id.

    Returns
    -------
    Findings
        Growth by estimator with intervals, breaks, events that stand out, diagnostics; tables
        ``fits``, ``regimes`` and ``events``; figures ``estimates``, ``residuals``,
        ``autocorrelation``, ``breaks``, ``break-path`` and ``forecast``.

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
    return TREND.find(
        name,
        data={"trade": trade, "events": events},
        question={
            "exporter": exporter,
            "importer": importer,
            "freqs": freqs,
            "calendar": calendar,
            "reporter": reporter,
            "partner_basis": partner_basis,
            "product": product,
            "dataset": dataset,
            "regime": regime,
        },
        parameters={},
        only=["growth", "residuals", "breaks", "events", "forecast"],
    )
