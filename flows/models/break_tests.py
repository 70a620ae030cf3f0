"""Tests of breaks: none against one, at known dates and unknown, against several, one more."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from flows.canonical import first_maximum, first_minimum
from flows.models.partitions import (
    Design,
    Partitions,
    RegimeErrors,
    cut,
    fit_regimes,
    regime_cost,
    regime_covariance,
    segment_costs,
)
from flows.models.results import HypothesisTest
from flows.models.sample import FloatArray, IntArray

_SIZE = 0.05

Statistic = Literal["supF", "supF next", "UDmax", "WDmax"]

_TRIMS = (0.05, 0.10, 0.15, 0.20, 0.25)
"""Shares of the sample that Bai and Perron tabulate as the shortest regime."""

_NEAR = 0.025
"""How far a trim may be from the nearest one that is tabulated."""

_WIDEST, _NARROWEST, _STEP = 0.49, 0.01, 0.02
_HALF = 0.5
_FAR = 1e6


def f_statistics(costs: FloatArray, *, shortest: int, coefficients: int) -> FloatArray:
    """
    Return Chow's statistic at every date that leaves both regimes long enough.

    Andrews, D. W. K. (1993). Tests for parameter instability and structural change with unknown
    change point. Econometrica 61 (4), 821-856.
    """
    nobs = costs.shape[1]
    path = np.full(nobs + 1, np.nan)
    dates = np.arange(shortest, nobs - shortest + 1)
    split = costs[dates, 0] + costs[nobs, dates]
    gained = np.maximum(costs[nobs, 0] - split, 0.0)
    # Regimes that fit exactly: certain where the break explains something, nothing otherwise.
    certain = np.where(gained > 0, np.inf, 0.0)
    noise = split / (nobs - 2 * coefficients)
    path[dates] = np.divide(gained, noise, out=certain, where=noise > 0)
    return path


def f_path(design: Design) -> FloatArray:
    """Return the F statistic at every date, with common coefficients or without."""
    nobs, k = design.x.shape
    if design.common is None:
        costs = segment_costs(design.x, design.y, shortest=design.shortest)
        return f_statistics(costs, shortest=design.shortest, coefficients=k)
    path = np.full(nobs + 1, np.nan)
    for date in range(design.shortest, nobs - design.shortest + 1):
        at = np.array([date])
        if np.isfinite(regime_cost(design.x, design.y, at, common=design.common)):
            path[date] = change_statistic(design, at, se="pooled")
    return path


def single_break_tests(design: Design, path: FloatArray) -> Mapping[str, HypothesisTest]:
    """
    Test against one break at an unknown date by three functionals of the F statistics.

    Andrews, D. W. K. and Ploberger, W. (1994). Optimal tests when a nuisance parameter is
    present only under the alternative. Econometrica 62 (6), 1383-1414.
    """
    statistics = path[~np.isnan(path)]
    if statistics.size == 0:
        raise ValueError("expected a date to test, found none: the shortest regime is too long")
    values: dict[Literal["supF", "aveF", "expF"], float] = {
        "supF": float(statistics.max()),
        "aveF": float(statistics.mean()),
        "expF": float(np.logaddexp.reduce(statistics / 2) - np.log(statistics.size)),
    }
    k = design.x.shape[1]
    return {
        name: HypothesisTest(
            name=name,
            null="no break, independent errors",
            statistic=value,
            pvalue=hansen_pvalue(value, name=name, coefficients=k, trim=design.trim),
        )
        for name, value in values.items()
    }


def change_statistic(
    design: Design, breaks: IntArray, *, se: RegimeErrors, only: int | None = None
) -> float:
    """
    Return Bai and Perron's statistic that nothing changes at the given breaks.

    Bai, J. and Perron, P. (1998). Estimating and testing linear models with multiple structural
    changes. Econometrica 66 (1), 47-78; equation 10.
    """
    nobs, k = design.x.shape
    fit = fit_regimes(design.x, design.y, breaks, common=design.common)
    covariance = regime_covariance(
        design.x, fit.resids, breaks, design.steps, se=se, common=design.common
    )
    count = len(breaks)
    differences = np.diff(np.eye(count + 1), axis=0)
    tested = differences if only is None else differences[[only]]
    contrast = np.kron(tested, np.eye(k))
    wald = _wald(contrast @ fit.params.ravel(), contrast @ covariance @ contrast.T)
    fixed = 0 if design.common is None else design.common.shape[1]
    return float((nobs - (count + 1) * k - fixed) / (nobs * len(tested)) * wald)


def _wald(change: FloatArray, covariance: FloatArray) -> float:
    """Return ``change' covariance^-1 change``, infinite for a change that has no variance."""
    scale = np.sqrt(np.diag(covariance))
    if (scale[change != 0] == 0).any():
        return np.inf
    varies = scale > 0
    if not varies.any():
        return 0.0
    change, scale = change[varies] / scale[varies], scale[varies]
    correlation = covariance[np.ix_(varies, varies)] / np.outer(scale, scale)
    if np.linalg.cond(correlation) > 1 / np.finfo(np.float64).eps:
        return np.inf
    return float(change @ np.linalg.solve(correlation, change))


def known_date_test(design: Design, at: int) -> HypothesisTest:
    """
    Test for a break at an observation that was known beforehand; see :func:`flows.chow_test`.

    Chow, G. C. (1960). Econometrica 28 (3), 591-605.
    """
    nobs, k = design.x.shape
    whole, split = (
        fit_regimes(design.x, design.y, np.array(breaks, dtype=np.int64), common=design.common)
        for breaks in ([], [at])
    )
    df = nobs - 2 * k - (0 if design.common is None else design.common.shape[1])
    statistic = (whole.rss - split.rss) / k / (split.rss / df)
    return HypothesisTest(
        name="Chow",
        null="no break at the given date",
        statistic=statistic,
        pvalue=float(stats.f.sf(statistic, k, df)),
        df=(float(k), float(df)),
    )


def several_breaks_tests(
    design: Design, partitions: Partitions, *, se: RegimeErrors
) -> Mapping[str, HypothesisTest]:
    """
    Test no break against given numbers of breaks, and against an unknown number.

    Bai, J. and Perron, P. (1998). Econometrica 66 (1), 47-78.
    """
    k = design.x.shape[1]
    tests = {}
    for count, breaks in enumerate(partitions.breaks[1:], start=1):
        tests[f"supF({count})"] = HypothesisTest(
            name=f"supF({count})",
            null=f"no break, errors {se}",
            statistic=change_statistic(design, breaks, se=se),
            critical_values=bai_perron_critical_values(
                "supF", trim=design.trim, coefficients=k, breaks=count
            ),
        )
    return {**tests, **_maxima(design, list(tests.values()), se)} if tests else {}


def _maxima(
    design: Design, tests: list[HypothesisTest], se: RegimeErrors
) -> dict[str, HypothesisTest]:
    """Return the largest statistic over numbers of breaks, as it is and weighted to equal size."""
    weighted = max(
        (
            test.statistic * tests[0].critical_values[_SIZE] / test.critical_values[_SIZE]
            for test in tests
            if _SIZE in test.critical_values
        ),
        default=np.nan,
    )
    statistics = {"UDmax": max(test.statistic for test in tests), "WDmax": weighted}
    k = design.x.shape[1]
    maxima = {}
    for name, value in statistics.items():
        tabulated = bai_perron_critical_values(name, trim=design.trim, coefficients=k)  # type: ignore[arg-type]
        kept = tabulated if name == "UDmax" else {_SIZE: tabulated.get(_SIZE, np.nan)}
        null = f"no break, errors {se}"
        maxima[name] = HypothesisTest(name, null, value, critical_values=kept)
    return maxima


def one_more_break_test(design: Design, breaks: IntArray, *, se: RegimeErrors) -> HypothesisTest:
    """
    Test the given breaks against one more, wherever in a regime it fits best.

    Without common coefficients each regime is tested as a sample of its own. With them the
    date is added to the given breaks in the regression of the whole sample, since a regime may be
    too short to estimate the common coefficients again.

    Bai, J. and Perron, P. (1998). Econometrica 66 (1), 47-78; section 4.3.
    """
    statistics = [0.0]
    for rows in cut(len(design.y), breaks):
        if rows.stop - rows.start < 2 * design.shortest:
            continue
        if design.common is None:
            part = design.rows(rows)
            inside = np.array([first_maximum(f_path(part))])
            statistics.append(change_statistic(part, inside, se=se))
        elif design.carries(len(breaks) + 1):
            statistics.append(_beside_common(design, breaks, rows, se))
    count = len(breaks)
    return HypothesisTest(
        name=f"supF({count + 1}|{count})",
        null=f"{count} break{'' if count == 1 else 's'}, errors {se}",
        statistic=max(statistics),
        critical_values=bai_perron_critical_values(
            "supF next", trim=design.trim, coefficients=design.x.shape[1], breaks=count + 1
        ),
    )


def _beside_common(design: Design, breaks: IntArray, rows: slice, se: RegimeErrors) -> float:
    """Test one more break in a regime, with common coefficients of the whole sample."""
    dates = range(rows.start + design.shortest, rows.stop - design.shortest + 1)
    partitions = [np.sort(np.append(breaks, date)) for date in dates]
    costs = [regime_cost(design.x, design.y, at, common=design.common) for at in partitions]
    best = first_minimum(costs)
    if not np.isfinite(costs[best]):
        return 0.0
    added = int(np.searchsorted(breaks, dates[best]))
    return change_statistic(design, partitions[best], se=se, only=added)


def bai_perron_critical_values(
    statistic: Statistic, *, trim: float, coefficients: int, breaks: int = 0
) -> Mapping[float, float]:
    """
    Return the critical values of a test for several breaks; none for a trim far from any tabulated.

    Bai, J. and Perron, P. (2003). Critical values for multiple structural change tests.
    Econometrics Journal 6 (1), 72-78.
    """
    table = _table("bai_perron_2003.csv")
    if statistic not in set(table["statistic"]):
        raise ValueError(f"expected a statistic of Bai and Perron, found {statistic!r}")
    nearest = min(_TRIMS, key=lambda tabulated: abs(tabulated - trim))
    if abs(nearest - trim) > _NEAR:
        return {}
    rows = table[
        (table["statistic"] == statistic)
        & (table["trim"] == nearest)
        & (table["coefficients"] == coefficients)
        & (table["breaks"] == breaks)
    ]
    return dict(zip(rows["significance"].to_list(), rows["value"].to_list(), strict=True))


def hansen_pvalue(
    statistic: float, *, name: Literal["supF", "aveF", "expF"], coefficients: int, trim: float
) -> float:
    """
    Return the asymptotic p-value of a test for one break at an unknown date.

    Hansen, B. E. (1997). Approximate asymptotic p-values for structural-change tests. Journal
    of Business & Economic Statistics 15 (1), 60-67.
    """
    if not 0 < trim <= _HALF:
        raise ValueError(f"expected a trim between 0 and 0.5, found {trim}")
    table = _table("hansen_1997.csv")
    if name not in set(table["statistic"]):
        raise ValueError(f"expected a statistic of Hansen, found {name!r}")
    known_date = float(stats.chi2.sf(statistic, coefficients))
    if trim == _HALF:
        return known_date
    terms, df, turns = _polynomials(name, coefficients)
    if df.size == 0:
        return np.nan
    rising = np.minimum(statistic, turns)
    transformed = np.sum(terms * rising[:, None] ** np.arange(terms.shape[1]), axis=1)
    ladder = stats.chi2.sf(np.maximum(transformed, 0.0), df)
    return _between(np.asarray(ladder), trim, known_date)


@cache
def _polynomials(name: str, coefficients: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return polynomials from trim 0.49 to 0.01, degrees of freedom, and where each turns down."""
    # The coefficients are those of Hansen's (1997) tables, copied from R's strucchange 1.5-3.
    table = _table("hansen_1997.csv")
    rows = table[(table["statistic"] == name) & (table["coefficients"] == coefficients)]
    terms = rows[["constant", "linear", "square", "cube"]].to_numpy()
    slopes = [np.polynomial.Polynomial(row).deriv().roots() for row in terms]
    peaks = [roots.real[(roots.imag == 0) & (roots.real > 0)] for roots in slopes]
    turns = np.array([min([_FAR, *points]) for points in peaks])
    return terms, rows["df"].to_numpy(), turns


def _between(ladder: FloatArray, trim: float, known_date: float) -> float:
    """Interpolate p-values that are tabulated from the trim 0.49 down to 0.01."""
    if trim >= _WIDEST:
        share = (trim - _WIDEST) / (_HALF - _WIDEST)
        return float(share * known_date + (1 - share) * ladder[0])
    place = (_WIDEST - max(trim, _NARROWEST)) / _STEP
    return float(np.interp(place, np.arange(len(ladder)), ladder))


@cache
def _table(name: str) -> pd.DataFrame:
    with files("flows.models").joinpath("critical_values", name).open(encoding="utf-8") as file:
        return pd.read_csv(file)
