"""One supplier over the years: growth of deliveries and change of the share, several ways."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from flows.errors import SampleError
from flows.models.share_trend import fit_share_trend
from flows.models.trend import fit_trend

LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """
    An estimate and its interval.

    Parameters
    ----------
    value, low, high : float
        In the unit of the estimate.
    nobs : int
        Years used.
    """

    value: float
    low: float
    high: float
    nobs: int


@dataclass(frozen=True, slots=True)
class SupplierTrend:
    """
    What several estimators say of one supplier.

    Parameters
    ----------
    supplier : str
        Alpha-3 code.
    years : int
        Years with deliveries.
    estimates : Mapping
        ``growth`` and ``since-first`` (Poisson, percent a year), ``share`` (fractional logit) and
        ``line`` (straight line), percentage points a year; those that exist.
    refused : str
        Why the others do not exist; empty if all do.
    level : float
        Coverage of the intervals.
    """

    supplier: str
    years: int
    estimates: Mapping[str, Estimate]
    refused: str
    level: float

    @property
    def sure(self) -> bool:
        """Whether all estimates exist, have one sign, and no interval holds zero."""
        signs = {(one.low > 0) - (one.high < 0) for one in self.estimates.values()}
        return not self.refused and len(signs) == 1 and signs != {0}


def supplier_trend(volumes: pd.DataFrame, shares: pd.DataFrame, supplier: str) -> SupplierTrend:
    """
    Estimate how deliveries and share of one supplier moved.

    Parameters
    ----------
    volumes : pandas.DataFrame
        Of :func:`flows.measure.timeseries.supplier_years`; zeros count.
    shares : pandas.DataFrame
        Of :func:`flows.measure.timeseries.share_years`.
    supplier : str
        Column of both.

    Returns
    -------
    SupplierTrend
        Poisson growth over all years and from the first delivery on, and the change of the share by
        fractional logit and by a straight line. Errors are those of orthogonal series.

    Raises
    ------
    KeyError
        If the supplier delivered nothing at all.

    Examples
    --------
    >>> years = pd.period_range("2010", "2015", freq="Y")
    >>> volumes = pd.DataFrame({"ISR": [0.0, 2, 1, 4, 6, 5], "RUS": [9.0, 7, 8, 6, 5, 4]}, years)
    >>> shares = volumes.div(volumes.sum(axis="columns"), axis="index")
    >>> found = supplier_trend(volumes, shares, "ISR")
    >>> found.years, found.estimates["since-first"].nobs
    (5, 5)
    """
    volume, share = volumes[supplier], shares[supplier]
    delivered = volume > 0
    since = volume[volume.index >= volume.index[delivered].min()]
    ways: dict[str, Callable[[], Estimate]] = {
        "growth": lambda: _growth(volume),
        "since-first": lambda: _growth(since),
        "share": lambda: _share(share),
        "line": lambda: _line(share),
    }
    estimates: dict[str, Estimate] = {}
    refused: list[str] = []
    for key, way in ways.items():
        try:
            estimates[key] = way()
        except SampleError as error:
            refused.append(f"{key}: {error}")
    return SupplierTrend(supplier, int(delivered.sum()), estimates, "; ".join(refused), LEVEL)


def _growth(volume: pd.Series) -> Estimate:
    fit = fit_trend(volume, form="poisson", level=LEVEL)
    return Estimate(fit.growth_pct, *fit.growth_interval(), fit.nobs)


def _share(share: pd.Series) -> Estimate:
    trend = fit_share_trend(share, level=LEVEL)
    return Estimate(trend.change, *trend.change_interval(), trend.nobs)


def _line(share: pd.Series) -> Estimate:
    fit = fit_trend(share, form="level", level=LEVEL)
    low, high = 100 * fit.conf_int().loc["trend"].to_numpy()
    return Estimate(100 * fit.slope, float(low), float(high), fit.nobs)
