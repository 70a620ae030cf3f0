"""Names of models and comparisons in the release before: they answer, and say the new call."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from flows.compare.silence import MirrorClass, classify_mirror
from flows.models.growth import GrowthEstimate, compare_growth
from flows.models.interruption import events_beside
from flows.models.sample import FloatArray
from flows.models.state_space import Kind, LocalForm, fit_local_trend
from flows.renamed import warn_renamed


def holm(pvalues: Sequence[float]) -> list[float]:
    """Adjust p-values by Holm's method: statsmodels' ``multipletests(method="holm")``."""
    from statsmodels.stats.multitest import multipletests  # noqa: PLC0415 - slow to import

    warn_renamed(
        "flows.holm(pvalues)",
        "statsmodels.stats.multitest.multipletests(pvalues, method='holm')[1]",
    )
    values = np.asarray(pvalues, dtype=np.float64)
    if not ((values >= 0) & (values <= 1)).all():
        raise ValueError(f"expected p-values between 0 and 1, found {list(pvalues)}")
    return multipletests(values, method="holm")[1].tolist() if len(values) else []


def estimate_growth(y: pd.Series, *, level: float = 0.95) -> dict[str, GrowthEstimate]:
    """Return the estimates of :func:`flows.compare_growth`."""
    warn_renamed("flows.estimate_growth(y)", "flows.compare_growth(y).estimates")
    return dict(compare_growth(y, level=level).estimates)


def forecast_local_trend(
    y: pd.Series,
    horizon: int,
    *,
    kind: Kind = "trend",
    form: LocalForm = "log",
    season: bool = False,
) -> FloatArray:
    """Return the forecasts of :func:`flows.fit_local_trend`."""
    warn_renamed(
        "flows.forecast_local_trend(y, horizon)",
        "flows.fit_local_trend(y, horizon=horizon).forecast_interval()['fitted']",
    )
    fit = fit_local_trend(y, kind=kind, form=form, season=season, horizon=horizon)
    return np.asarray(fit.forecast_interval()["fitted"], dtype=np.float64)


def mark_breaks(breaks: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """Name the events beside breaks: the method ``beside`` of :class:`BreakFit`."""
    warn_renamed("flows.mark_breaks(fit.conf_int(), events)", "fit.beside(events)")
    return events_beside(breaks, events, calendar=None)


def class_mirror(
    trade: pd.DataFrame, *, teller: str, nothing: float, speaker: str | None = None, **asked: Any
) -> MirrorClass:
    """Class a flow that one side states: :func:`flows.classify_mirror`."""
    warn_renamed(
        "flows.class_mirror(teller=..., speaker=..., nothing=...)",
        "flows.classify_mirror(reporter=..., partner=..., negligible=...)",
    )
    return classify_mirror(trade, reporter=teller, partner=speaker, negligible=nothing, **asked)
