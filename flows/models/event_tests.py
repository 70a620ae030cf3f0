"""Several events, one series: each tested at its date, with Holm's correction for asking often."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from flows.errors import SampleError
from flows.models.days import first_day
from flows.models.hypothesis import holm
from flows.models.interruption import fit_interruption
from flows.models.interruption_fit import InterruptionFit, InterruptionForm
from flows.models.season import Season
from flows.models.standard_errors import StandardError

SIGNIFICANCE = 0.05

_COLUMNS = [
    "event",
    "since",
    "level_change",
    "low",
    "high",
    "slope_change",
    "pvalue",
    "placebo",
    "placebos",
]


@dataclass(frozen=True, slots=True)
class EventTests:
    """
    Events, each tested for a change of level and slope of one series.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns ``event``, ``since`` (first whole period), ``level_change`` with ``low`` and
        ``high``, ``slope_change`` a year, both on the scale of the line, ``pvalue`` of their joint
        test, ``placebo`` (share of dates that look like this one; NaN where none has room),
        ``placebos`` (how many) and ``holm`` (``pvalue`` adjusted for the number of events); one row
        an event, in the order of time.
    left_out : tuple of str
        Events that could not be tested, with the reason.
    convention : str
        How the errors were estimated; empty where nothing was tested.
    form : {"log", "level"}
        Scale of the line.
    """

    frame: pd.DataFrame
    left_out: tuple[str, ...]
    convention: str
    form: InterruptionForm

    def below(self, column: str) -> list[str]:
        """
        Return the events whose p-value in a column is below 5 percent.

        Parameters
        ----------
        column : str
            ``"pvalue"``, ``"holm"`` or ``"placebo"``.

        Returns
        -------
        list of str
            In the order of time.

        Raises
        ------
        KeyError
            If there is no such column.
        """
        return [str(name) for name in self.frame.loc[self.frame[column] < SIGNIFICANCE, "event"]]

    def tidy(self) -> pd.DataFrame:
        """
        Return the tests as a frame.

        Returns
        -------
        pandas.DataFrame
            :attr:`frame`, a new one.
        """
        return self.frame.copy()


def fit_events(
    y: pd.Series,
    events: pd.DataFrame,
    *,
    form: InterruptionForm = "log",
    comparison: pd.Series | None = None,
    season: Season = "none",
    se: StandardError = "orthogonal-series",
    level: float = 0.95,
) -> EventTests:
    """
    Test level and slope at the date of each event.

    Parameters
    ----------
    y : pandas.Series
        Values in one unit; index of periods as for :func:`flows.models.trend.fit_trend`, Iranian
        years where it holds numbers.
    events : pandas.DataFrame
        Columns ``date`` (a day) and ``name``.
    form : {"log", "level"}
        Scale of the line.
    comparison : pandas.Series, optional
        A series that the events did not touch.
    season : {"none", "dummies", "harmonics"}
        Seasonal effects of months or quarters.
    se : str
        How standard errors are estimated; see :func:`flows.models.trend.fit_trend`.
    level : float
        Coverage of the intervals.

    Returns
    -------
    EventTests
        Changes are counted from the first period that begins on the day of the event or later.

    Raises
    ------
    ValueError
        If a column is missing, an option is unknown, or ``level`` is not between 0 and 1.

    Examples
    --------
    >>> years = pd.period_range("2013", "2022", freq="Y")
    >>> y = pd.Series([1, 2, 3, 4.1, 5, 16, 17, 18, 19.1, 20], index=years)
    >>> events = pd.DataFrame({"date": ["2018-01-01", "2013-01-01"], "name": ["ban", "early"]})
    >>> tested = fit_events(y, events, form="level", se="hc1")
    >>> tested.below("holm"), tested.left_out[0][:40]
    (['ban'], 'early: expected at least 3 observations ')
    """
    missing = [name for name in ("date", "name") if name not in events.columns]
    if missing:
        raise ValueError(f"expected events with date and name, missing {', '.join(missing)}")
    fits: list[tuple[str, InterruptionFit]] = []
    left_out = []
    for day, name in zip(pd.to_datetime(events["date"]), events["name"], strict=True):
        later = sorted(period for period in y.index if first_day(period, of=y.index) >= day)
        try:
            if not later:
                raise SampleError("expected periods after it, found none")  # noqa: TRY301 - same end
            fit = fit_interruption(
                y,
                at=later[0],
                form=form,
                comparison=comparison,
                season=season,
                se=se,
                level=level,
            )
        except SampleError as error:
            left_out.append(f"{name}: {error}")
        else:
            fits.append((str(name), fit))
    return EventTests(
        _frame(fits), tuple(left_out), "; ".join(sorted({fit.convention for _, fit in fits})), form
    )


def _frame(fits: list[tuple[str, InterruptionFit]]) -> pd.DataFrame:
    rows = [_row(name, fit) for name, fit in fits]
    frame = pd.DataFrame(rows, columns=_COLUMNS)
    frame = frame.sort_values("since", kind="stable", ignore_index=True)
    return frame.assign(holm=pd.Series(holm(frame["pvalue"].to_list()), dtype=float))


def _row(name: str, fit: InterruptionFit) -> list[object]:
    changes = fit.tidy().loc["level_change", ["estimate", "low", "high"]]
    placebos = len(fit.placebo)
    return [
        name,
        fit.at,
        *(float(change) for change in changes.to_numpy(dtype=float)),
        float(fit.params["slope_change"]),
        fit.test.pvalue,
        fit.placebo_pvalue if placebos else np.nan,
        placebos,
    ]
