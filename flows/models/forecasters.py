"""Forecasts of a model as a back-test asks for them."""

import numpy as np
import pandas as pd

from flows.models.local_trend_fit import Kind, LocalForm
from flows.models.sample import FloatArray
from flows.models.state_space import fit_local_trend


def forecast_local_trend(
    y: pd.Series,
    horizon: int,
    *,
    kind: Kind = "trend",
    form: LocalForm = "log",
    season: bool = False,
) -> FloatArray:
    """
    Forecast by a local trend that is fitted to the series as it is known.

    Parameters
    ----------
    y : pandas.Series
        Values in one unit; index of periods.
    horizon : int
        Periods to forecast.
    kind : {"level", "trend"}
        Whether the level has a slope; see :func:`flows.models.state_space.fit_local_trend`.
    form : {"log", "level"}
        Scale of the model.
    season : bool
        Add a season of months or quarters.

    Returns
    -------
    numpy.ndarray
        Shape ``(horizon,)``, in the unit of ``y``; the median where ``form="log"``.

    Raises
    ------
    FlowsError, ValueError
        As :func:`flows.models.state_space.fit_local_trend` does.

    Examples
    --------
    >>> years = pd.period_range("2013", "2022", freq="Y")
    >>> y = pd.Series([10, 12, 11, 13, 15, 14, 16, 18, 17, 19], index=years)
    >>> forecast_local_trend(y, 2, kind="level").shape
    (2,)
    """
    fit = fit_local_trend(y, kind=kind, form=form, season=season, horizon=horizon)
    return np.asarray(fit.forecast_interval()["fitted"], dtype=np.float64)
