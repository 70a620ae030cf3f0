"""Forecasts held against the past of a series."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from flows.errors import SampleError
from flows.models.results import summary_text
from flows.models.sample import FloatArray, Sample, check_series
from flows.progress import track
from flows.results import Card, Result, print_count, print_estimate

Forecaster = Callable[[pd.Series, int], pd.Series | FloatArray]
"""Takes a series and a horizon, returns that many forecasts in the units of the series."""


def naive(y: pd.Series, horizon: int) -> FloatArray:
    """Forecast that nothing changes."""
    return np.full(horizon, float(y.iloc[-1]))


def drift(y: pd.Series, horizon: int) -> FloatArray:
    """Forecast that the average change goes on."""
    change = (float(y.iloc[-1]) - float(y.iloc[0])) / max(len(y) - 1, 1)
    return np.asarray(float(y.iloc[-1]) + change * np.arange(1, horizon + 1), dtype=np.float64)


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Backtest(Result):
    """
    Forecasts of one series from origins in its past, and how far they missed.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a forecast: ``forecaster``, ``origin`` (last period that was known), ``period``,
        ``ahead`` (periods from the origin), ``forecast``, ``observed``, ``error`` (forecast less
        observed).
    scores : pandas.DataFrame
        Columns ``mae``, ``rmse`` (in the unit of the series), ``relative`` (the mean absolute error
        divided by the naive one's: below 1 is better) and ``origins``; one row a forecaster, index
        ``forecaster``, ``naive`` and ``drift`` last.
    horizon : int
        Periods ahead.
    """

    natural_table = "scores"

    frame: pd.DataFrame
    scores: pd.DataFrame
    horizon: int

    def summary(self) -> str:
        """
        Print the scores for a person.

        Returns
        -------
        str
            One line a forecaster; no date or time.
        """
        origins = int(self.scores["origins"].iloc[0])
        facts = [("origins", str(origins)), ("periods ahead", str(self.horizon))]
        return summary_text("Forecasts held against the past", facts, self.scores)

    def _card(self) -> Card:
        scores = self.scores.sort_values("mae", kind="stable")
        facts = tuple(
            (
                str(name),
                f"mean absolute error {print_estimate(mae)}, {print_estimate(relative)} of naive",
            )
            for name, mae, relative in scores[["mae", "relative"]].itertuples(name=None)
        )
        origins = print_count(int(self.scores["origins"].iloc[0]), "origin")
        return Card(
            title=f"{print_count(self.horizon, 'period')} ahead from {origins}",
            facts=facts[:5],
            more=facts[5:],
        )


def backtest(
    y: pd.Series,
    forecasters: Mapping[str, Forecaster],
    *,
    first: int,
    horizon: int = 1,
    stride: int = 1,
) -> Backtest:
    """
    Forecast from each origin on what was known then, beside the naive and the drift forecast.

    Parameters
    ----------
    y : pandas.Series
        Values in one unit without gaps; index of periods.
    forecasters : Mapping
        Forecasters by name: any function that takes the series up to the origin and a horizon, and
        returns that many forecasts in the unit of the series.
    first : int
        Observations before the first origin.
    horizon : int
        Periods ahead.
    stride : int
        Periods from one origin to the next.

    Returns
    -------
    Backtest
        ``scores``, one row a forecaster, and ``frame``, one row a forecast.

    Raises
    ------
    SampleError
        If a period is missing or no origin is left.
    ValueError
        If ``first``, ``horizon`` or ``stride`` is below 1, or a forecaster returns another number
        of forecasts.

    References
    ----------
    .. [1] Tashman, L. J. (2000). Out-of-sample tests of forecasting accuracy. International Journal
       of Forecasting 16 (4), 437-450.

    Examples
    --------
    >>> y = pd.Series([1.0, 2.0, 3.0, 4.0], index=pd.period_range("2019", "2022", freq="Y"))
    >>> backtest(y, {}, first=2).scores["mae"].to_dict()
    {'naive': 1.0, 'drift': 0.0}

    A model of the package, or any other function:

    >>> from flows.models.state_space import fit_local_trend
    >>> def local_level(known, horizon):
    ...     fit = fit_local_trend(known, kind="level", form="level", horizon=horizon)
    ...     return fit.forecast_interval()["fitted"]
    >>> y = pd.Series([1.0, 2, 4, 3, 5, 6, 5], index=pd.period_range("2016", "2022", freq="Y"))
    >>> backtest(y, {"local level": local_level}, first=6).frame["forecaster"].to_list()
    ['local level', 'naive', 'drift']
    """
    for name, value in (("first", first), ("horizon", horizon), ("stride", stride)):
        if value < 1:
            raise ValueError(f"expected {name} to be 1 or more periods, found {value}")
    sample = check_series(y, at_least=2)
    origins = range(first, sample.nobs - horizon + 1, stride)
    if not sample.unbroken or len(origins) == 0:
        raise SampleError(
            f"expected an unbroken series of more than {first + horizon - 1} periods, found "
            f"{sample.nobs}"
        )
    runs = [
        (name, forecaster, origin)
        for name, forecaster in {**forecasters, "naive": naive, "drift": drift}.items()
        for origin in origins
    ]
    frame = pd.concat(
        [
            _forecast_from(sample, origin, horizon, forecaster).assign(forecaster=name)
            for name, forecaster, origin in track(runs, "forecasts", total=len(runs))
        ],
        ignore_index=True,
    )
    columns = ["forecaster", "origin", "period", "ahead", "forecast", "observed", "error"]
    errors = {
        str(name): rows["error"].to_numpy()
        for name, rows in frame.groupby("forecaster", sort=False)
    }
    return Backtest(frame[columns], _score(errors, len(origins)), horizon)


def _forecast_from(
    sample: Sample, origin: int, horizon: int, forecaster: Forecaster
) -> pd.DataFrame:
    """Return the forecasts from one origin beside what was observed."""
    ordered = pd.Series(sample.observed, index=sample.periods)
    forecast = np.asarray(forecaster(ordered.iloc[:origin], horizon), dtype=np.float64)
    if forecast.shape != (horizon,):
        raise ValueError(
            f"expected {horizon} forecasts from {sample.periods[origin - 1]}, found {forecast.size}"
        )
    observed = sample.observed[origin : origin + horizon]
    return pd.DataFrame(
        {
            "origin": [sample.periods[origin - 1]] * horizon,
            "period": list(sample.periods[origin : origin + horizon]),
            "ahead": np.arange(1, horizon + 1),
            "forecast": forecast,
            "observed": observed,
            "error": forecast - observed,
        }
    )


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
