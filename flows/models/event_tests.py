"""Several events, one series: each tested at its date, with Holm's correction for asking often."""

import pandas as pd

from flows.errors import PeriodError
from flows.models.hypothesis import holm
from flows.models.interruption import fit_interruption
from flows.models.interruption_fit import InterruptionForm
from flows.models.sample import SampleError
from flows.models.season import Season
from flows.models.standard_errors import StandardError


def check_events(
    y: pd.Series,
    events: pd.DataFrame,
    *,
    form: InterruptionForm = "log",
    comparison: pd.Series | None = None,
    season: Season = "none",
    se: StandardError = "newey-west",
) -> pd.DataFrame:
    """
    Test level and slope at the date of each event.

    Parameters
    ----------
    y : pandas.Series
        Values in one unit; PeriodIndex.
    events : pandas.DataFrame
        Columns ``date`` (a day) and ``name``; others are carried along.
    form : {"log", "level"}
        Scale of the line.
    comparison : pandas.Series, optional
        A series that the events did not touch.
    season : {"none", "dummies", "harmonics"}
        Seasonal effects of months or quarters.
    se : str
        How standard errors are estimated.

    Returns
    -------
    pandas.DataFrame
        The events with ``at``, ``level_change``, ``slope_change``, ``pvalue`` of the joint test,
        ``holm_pvalue`` over the events that can be tested, ``placebo_pvalue`` and ``untested``
        (why an event could not be tested, empty otherwise); one row an event, in their order.

    Raises
    ------
    ValueError
        If a column is missing.
    PeriodError
        If the series has no PeriodIndex.
    SampleError
        If the series itself cannot carry the model.

    Examples
    --------
    >>> years = pd.period_range("2013", "2022", freq="Y")
    >>> y = pd.Series([1, 2, 3, 4.1, 5, 16, 17, 18, 19.1, 20], index=years)
    >>> events = pd.DataFrame({"date": ["2018-03-01", "2013-01-01"], "name": ["ban", "early"]})
    >>> check_events(y, events, form="level", se="hc1")["untested"].str[:24].to_list()
    ['', 'expected at least 3 obse']
    """
    missing = [name for name in ("date", "name") if name not in events.columns]
    if missing:
        raise ValueError(f"expected events with date and name, missing {', '.join(missing)}")
    if not isinstance(y.index, pd.PeriodIndex):
        raise PeriodError(f"expected a series with a PeriodIndex, found {y.index.dtype}")
    rows: list[dict[str, object]] = []
    for date in pd.to_datetime(events["date"]):
        at = pd.Period(date, freq=y.index.freqstr)
        try:
            fit = fit_interruption(y, at=at, form=form, comparison=comparison, season=season, se=se)
        except SampleError as error:
            rows.append({"at": at, "untested": str(error)})
            continue
        rows.append(
            {
                "at": at,
                "level_change": fit.params["level_change"],
                "slope_change": fit.params["slope_change"],
                "pvalue": fit.test.pvalue,
                "placebo_pvalue": fit.placebo_pvalue,
            }
        )
    columns = ["at", "level_change", "slope_change", "pvalue", "placebo_pvalue", "untested"]
    found = pd.DataFrame(rows, columns=columns, index=events.index).fillna({"untested": ""})
    tested = found["pvalue"].dropna()
    adjusted = pd.Series(holm(tested.to_list()), index=tested.index, dtype="float64")
    found.insert(4, "holm_pvalue", adjusted.reindex(found.index))
    return events.join(found)
