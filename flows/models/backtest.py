"""Would the forecasts have been any good: the past forecast from its own past."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from flows.errors import SampleError
from flows.models.sample import FloatArray, check_series

Forecaster = Callable[[pd.Series, int], FloatArray]
"""Takes a series and a horizon, returns that many forecasts in the units of the series."""


def naive(y: pd.Series, horizon: int) -> FloatArray:
    """
    Forecast that nothing changes.

    Parameters
    ----------
    y : pandas.Series
        Values in the order of time.
    horizon : int
        Periods to forecast.

    Returns
    -------
    numpy.ndarray
        The last value, ``horizon`` times.

    Raises
    ------
    IndexError
        If the series is empty.

    Examples
    --------
    >>> naive(pd.Series([1.0, 3.0]), 2)
    array([3., 3.])
    """
    return np.full(horizon, float(y.iloc[-1]))


def drift(y: pd.Series, horizon: int) -> FloatArray:
    """
    Forecast that the average change goes on.

    Parameters
    ----------
    y : pandas.Series
        Values in the order of time.
    horizon : int
        Periods to forecast.

    Returns
    -------
    numpy.ndarray
        The last value plus the line from the first to the last.

    Raises
    ------
    IndexError
        If the series is empty.

    Examples
    --------
    >>> drift(pd.Series([1.0, 2.0, 3.0]), 2)
    array([4., 5.])
    """
    change = (float(y.iloc[-1]) - float(y.iloc[0])) / max(len(y) - 1, 1)
    return np.asarray(float(y.iloc[-1]) + change * np.arange(1, horizon + 1), dtype=np.float64)


def backtest(
    y: pd.Series,
    forecasters: Mapping[str, Forecaster],
    *,
    first: int,
    horizon: int = 1,
    stride: int = 1,
) -> pd.DataFrame:
    """
    Forecast from each origin on what was known then, beside the naive and the drift forecast.

    Parameters
    ----------
    y : pandas.Series
        Values in one unit without gaps; index of periods.
    forecasters : Mapping
        Forecasters by name.
    first : int
        Observations before the first origin.
    horizon : int
        Periods ahead.
    stride : int
        Periods from one origin to the next.

    Returns
    -------
    pandas.DataFrame
        Columns ``mae``, ``rmse`` (in the unit of ``y``), ``relative`` (the mean absolute error
        divided by the naive one's: below 1 is better) and ``origins``; one row a forecaster, index
        ``forecaster``, ``naive`` and ``drift`` last.

    Raises
    ------
    SampleError
        If a period is missing or no origin is left.

    References
    ----------
    .. [1] Tashman, L. J. (2000). Out-of-sample tests of forecasting accuracy. International Journal
       of Forecasting 16 (4), 437-450.

    Examples
    --------
    >>> y = pd.Series([1.0, 2.0, 3.0, 4.0], index=pd.period_range("2019", "2022", freq="Y"))
    >>> backtest(y, {}, first=2)["mae"].to_dict()
    {'naive': 1.0, 'drift': 0.0}
    """
    sample = check_series(y, at_least=2)
    origins = range(first, sample.nobs - horizon + 1, stride)
    if not sample.unbroken or len(origins) == 0 or first < 1:
        raise SampleError(
            f"expected an unbroken series of more than {first + horizon - 1} periods, found "
            f"{sample.nobs}"
        )
    ordered = pd.Series(sample.observed, index=sample.periods)
    errors = {}
    for name, forecaster in {**forecasters, "naive": naive, "drift": drift}.items():
        parts = [
            forecaster(ordered.iloc[:origin], horizon) - sample.observed[origin : origin + horizon]
            for origin in origins
        ]
        errors[name] = np.concatenate(parts)
    return _score(errors, len(origins))


def _score(errors: Mapping[str, FloatArray], origins: int) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "mae": {name: float(np.mean(np.abs(error))) for name, error in errors.items()},
            "rmse": {name: float(np.sqrt(np.mean(error**2))) for name, error in errors.items()},
        }
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = frame["mae"].to_numpy() / frame.loc["naive", "mae"]
    frame["relative"] = relative
    frame["origins"] = origins
    return frame.rename_axis("forecaster")
