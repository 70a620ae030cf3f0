"""Whether a series is noise around a trend, I(0), or shocks that stay, I(1)."""

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd

from flows.models.results import HypothesisTest
from flows.models.sample import FloatArray
from flows.results import Card, Result, print_estimate, tidy_rows

_HORIZONS = {1: (2, 4, 8), 2: (2, 4, 12), 4: (2, 4, 12), 12: (3, 12, 36)}
"""By periods in a year: over how many periods changes are compared with those over one."""

_LEAST = 20
"""Fewest values of which the tests are made."""

_LONGEST_PART = 3
"""Longest horizon, as that part of the series."""

SIZE = 0.05

_WITHOUT_NOISE = "not tested: the values follow each other without noise"


@dataclass(frozen=True, slots=True, repr=False)
class Persistence(Result):
    """
    What a series says about the shocks to it.

    ``variance_ratios``: by horizon in periods; ``tests``: ADF and KPSS, where there are enough
    values; ``reading``: both in words.
    """

    variance_ratios: pd.Series
    tests: tuple[HypothesisTest, ...]
    reading: str

    def tidy(self) -> pd.DataFrame:
        """Return one row a test."""
        return tidy_rows(self.tests)

    def _card(self) -> Card:
        ratios = (
            (f"ratio over {n}", print_estimate(ratio)) for n, ratio in self.variance_ratios.items()
        )
        tests = tuple(("test", str(test)) for test in self.tests)
        return Card(title=self.reading, facts=tests, more=tuple(ratios))


UNTESTED = Persistence(
    pd.Series(dtype="float64", name="variance_ratio"), (), "not tested: there are none"
)
"""Of a series without noise."""


def find_persistence(values: FloatArray, *, periods_per_year: int, season: bool) -> Persistence:
    """Test a series on its calendar, a season of dummies taken out first; NaN are gaps."""
    empty = pd.Series(dtype="float64", name="variance_ratio")
    if np.isnan(values).any():
        return Persistence(empty, (), "not tested: periods are missing")
    if season:
        values = _without_season(values, periods_per_year)
    if np.ptp(np.diff(values)) == 0:
        return Persistence(empty, (), _WITHOUT_NOISE)
    longest = len(values) // _LONGEST_PART
    horizons = [horizon for horizon in _HORIZONS[periods_per_year] if horizon <= longest]
    ratios = pd.Series(
        [variance_ratio(values, horizon) for horizon in horizons],
        index=pd.Index(horizons, name="periods", dtype="int64"),
        name="variance_ratio",
        dtype="float64",
    )
    if len(values) < _LEAST:
        return Persistence(ratios, (), f"not tested: fewer than {_LEAST} periods do not tell")
    unit_root = _unit_root(values)
    if unit_root is None:
        return Persistence(ratios, (), _WITHOUT_NOISE)
    tests = unit_root, _stationarity(values)
    return Persistence(ratios, tests, _reading(*tests))


def variance_ratio(values: FloatArray, horizon: int) -> float:
    """
    Return the variance of changes over a horizon by that of as many changes over one period.

    It is 1 for a random walk with drift, and falls to 0 as the horizon grows for noise around a
    trend; free of bias under a random walk (Lo, A. W. and MacKinlay, A. C. 1988, Review of
    Financial Studies 1, 41-66; Cochrane, J. H. 1988, Journal of Political Economy 96, 893-920).
    """
    steps = len(values) - 1
    drift = (values[-1] - values[0]) / steps
    one = float(np.sum((np.diff(values) - drift) ** 2)) / (steps - 1)
    changes = values[horizon:] - values[:-horizon] - horizon * drift
    weight = horizon * (steps - horizon + 1) * (1 - horizon / steps)
    return float(np.sum(changes**2)) / weight / one


def _without_season(values: FloatArray, seasons: int) -> FloatArray:
    """Return the series less the effects of its seasons beside a line."""
    time = np.arange(len(values))
    terms = np.column_stack([time[:, None] % seasons == np.arange(seasons), time])
    coefs, *_ = np.linalg.lstsq(terms.astype(np.float64), values, rcond=None)
    effects = coefs[:-1] - coefs[:-1].mean()
    return np.asarray(values - effects[time % seasons])


def _unit_root(values: FloatArray) -> HypothesisTest | None:
    """Test for a unit root; none where changes are a combination of those before them."""
    from statsmodels.tools.sm_exceptions import SingularMatrixWarning  # noqa: PLC0415
    from statsmodels.tsa.stattools import adfuller  # noqa: PLC0415

    with warnings.catch_warnings():
        # Of the form of its result in versions to come.
        warnings.simplefilter("ignore", FutureWarning)
        warnings.simplefilter("error", SingularMatrixWarning)
        try:
            statistic, pvalue, lags, *_ = adfuller(values, regression="ct", autolag="AIC")
        except SingularMatrixWarning:
            return None
    name = f"augmented Dickey-Fuller with trend, {lags} lags"
    return HypothesisTest(name, "I(1): shocks stay", float(statistic), float(pvalue))


def _stationarity(values: FloatArray) -> HypothesisTest:
    from statsmodels.tsa.stattools import kpss  # noqa: PLC0415

    with warnings.catch_warnings():
        # Beyond the ends of its table, p = 0.01 or 0.1, the library says so by a warning.
        warnings.simplefilter("ignore")
        statistic, _, lags, critical = kpss(values, regression="ct", nlags="auto")
    sizes = {float(name.rstrip("%")) / 100: float(value) for name, value in critical.items()}
    name = f"KPSS with trend, {lags} lags"
    return HypothesisTest(
        name, "I(0): noise around a trend", float(statistic), critical_values=sizes
    )


def _reading(unit_root: HypothesisTest, stationarity: HypothesisTest) -> str:
    """Say in words what two tests of opposite nulls make of a series."""
    against = unit_root.rejects(significance=SIZE), stationarity.rejects(significance=SIZE)
    return {
        (True, False): "like I(0) around a trend: shocks fade",
        (False, True): "like I(1), a random walk with drift: shocks stay",
        (True, True): "unlike I(0) and unlike I(1): a break, or shocks that fade slowly",
        (False, False): "not told apart: as like I(0) around a trend as I(1)",
    }[against]
