"""
Time the models of one series: trends, exact breaks, local levels, beside statsmodels and ruptures.

Run as ``python tests/benchmarks/single_series_speed.py [--quick]`` where the extra ``bench`` is
installed. Each work takes some series one by one, as a notebook would.
"""

import numpy as np
import pandas as pd
from breaks_speed import BREAKS, NOBS, SHORTEST, exact_breaks, peer_breaks, shifted_means
from screen_local_level import lacking, of_statsmodels, walks_behind_noise
from timed import Arrays, Row, Timed, agreement, in_turns, main, runs_of

from flows.models.breaks import find_breaks
from flows.models.sample import FloatArray
from flows.models.state_space import fit_local_trend
from flows.models.trend import fit_trend

LAGS = 3
SERIES = 100


def years(values: FloatArray) -> pd.Series:
    """Return values as a series of years."""
    return pd.Series(values, index=pd.period_range("1900", periods=len(values), freq="Y"))


def trends_of_flows(values: FloatArray) -> Arrays:
    """Fit lines with errors of Newey and West."""
    fits = [fit_trend(years(row), form="level", se="newey-west", lags=LAGS) for row in values]
    return {
        "slope": np.array([fit.params["trend"] for fit in fits]),
        "error": np.array([fit.std_errors["trend"] for fit in fits]),
    }


def trends_of_statsmodels(values: FloatArray) -> Arrays:
    """Fit the same lines from arrays, without formulas."""
    from statsmodels.regression.linear_model import OLS  # noqa: PLC0415 - not in others' processes

    time = np.arange(values.shape[1], dtype=np.float64)
    line = np.column_stack([np.ones_like(time), time])
    kinds = {"maxlags": LAGS, "use_correction": True}
    fits = [OLS(row, line).fit(cov_type="HAC", cov_kwds=kinds, use_t=True) for row in values]
    return {
        "slope": np.array([fit.params[1] for fit in fits]),
        "error": np.array([fit.bse[1] for fit in fits]),
    }


def dates_of_flows(values: FloatArray) -> Arrays:
    """Date three breaks exactly."""
    return {"dates": np.array([exact_breaks(row, SHORTEST[1]) for row in values], dtype=float)}


def dates_of_ruptures(values: FloatArray) -> Arrays:
    """Date them by the fastest search of ruptures."""
    return {"dates": np.array([peer_breaks(row, SHORTEST[1]) for row in values], dtype=float)}


def breaks_of_flows(values: FloatArray) -> Arrays:
    """Date three breaks with their tests, criteria and intervals."""
    index = pd.period_range("1940-01", periods=values.shape[1], freq="M")
    fits = [find_breaks(pd.Series(row, index=index), choose=len(BREAKS)) for row in values]
    return {"dates": np.array([fit.positions for fit in fits], dtype=float)}


def levels_of_flows(values: FloatArray) -> Arrays:
    """Fit local levels with all that a fit tells: states, persistence, sets as likely."""
    fits = [
        fit_local_trend(years(row), kind="level", form="level", noise="white") for row in values
    ]
    return {"loglik": np.array([fit.loglik for fit in fits])}


WORKS = {
    "trends, flows": trends_of_flows,
    "trends, statsmodels": trends_of_statsmodels,
    "dates, flows": dates_of_flows,
    "dates, ruptures": dates_of_ruptures,
    "breaks, flows": breaks_of_flows,
    "levels, flows": levels_of_flows,
    "levels, statsmodels": of_statsmodels,
}


def rows(*, quick: bool) -> list[Row]:
    """Time each model and its peer in turns."""
    walks = walks_behind_noise(SERIES // 10 if quick else SERIES)
    shifted = np.tile(shifted_means(), (1 if quick else SERIES // 10, 1))
    inputs = {name: shifted if name.startswith(("dates", "breaks")) else walks for name in WORKS}
    found = in_turns(__file__, inputs, runs=runs_of(quick=quick))
    lines = f"trends of {len(walks)} series one by one, errors of Newey and West"
    dates = f"{len(BREAKS)} breaks in {NOBS:,} values, {len(shifted)} series one by one"
    levels = f"local levels of {len(walks)} series one by one"
    peers = {
        "trends, statsmodels": _same(found["trends, flows"], found["trends, statsmodels"]),
        "dates, ruptures": _same(found["dates, flows"], found["dates, ruptures"]),
        "breaks, flows": _same(found["dates, flows"], found["breaks, flows"]),
        "levels, statsmodels": lacking(
            found["levels, flows"].arrays, found["levels, statsmodels"].arrays, walks
        ),
    }
    table = (
        (lines, "flows, with tests of residuals", "trends, flows"),
        (lines, "statsmodels", "trends, statsmodels"),
        (dates, "flows", "dates, flows"),
        (dates, "ruptures", "dates, ruptures"),
        (dates, "flows, with tests and intervals", "breaks, flows"),
        (levels, "flows, with states and tests", "levels, flows"),
        (levels, "statsmodels", "levels, statsmodels"),
    )
    return [
        Row(work, by, found[name].runs, peers.get(name, "the reference"))
        for work, by, name in table
    ]


def _same(ours: Timed, theirs: Timed) -> str:
    return agreement(ours.arrays, theirs.arrays, rtol=1e-9)


if __name__ == "__main__":
    main(WORKS, rows)
