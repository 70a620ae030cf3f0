"""Is there one break: tests at every date, at an unknown date, and at a known one."""

from collections.abc import Mapping
from typing import Literal

import numpy as np
from scipy import stats

from flows.models.break_design import Design
from flows.models.break_tables import hansen_pvalue
from flows.models.hypothesis import HypothesisTest
from flows.models.partial_change import regime_cost
from flows.models.regimes import RegimeErrors, fit_regimes, regime_covariance
from flows.models.sample import FloatArray, IntArray
from flows.models.segments import segment_costs


def f_statistics(costs: FloatArray, *, shortest: int, coefficients: int) -> FloatArray:
    r"""
    Return Chow's statistic at every date that leaves both regimes long enough.

    Parameters
    ----------
    costs : numpy.ndarray
        As :func:`flows.models.segments.segment_costs` returns them.
    shortest : int
        Fewest observations of a regime.
    coefficients : int
        Number of coefficients that change, ``k``.

    Returns
    -------
    numpy.ndarray
        Shape ``(nobs + 1,)``: :math:`(RSS_0 - RSS_1) / (RSS_1 / (n - 2k))` by the first observation
        of the new regime, NaN where a regime would be too short.

    Raises
    ------
    IndexError
        If ``costs`` is empty.

    References
    ----------
    .. [1] Andrews, D. W. K. (1993). Tests for parameter instability and structural change with
       unknown change point. Econometrica 61 (4), 821-856.

    Examples
    --------
    >>> y = np.array([0.0, 2.0, 4.0, 6.0])
    >>> costs = segment_costs(np.ones((4, 1)), y, shortest=1)
    >>> f_statistics(costs, shortest=2, coefficients=1)
    array([nan, nan,  8., nan, nan])
    """
    nobs = costs.shape[1]
    found = np.full(nobs + 1, np.nan)
    dates = np.arange(shortest, nobs - shortest + 1)
    split = costs[dates, 0] + costs[nobs, dates]
    found[dates] = (costs[nobs, 0] - split) / (split / (nobs - 2 * coefficients))
    return found


def f_path(design: Design) -> FloatArray:
    """
    Return the F statistic at every date, with common coefficients or without.

    Parameters
    ----------
    design : Design
        The regression.

    Returns
    -------
    numpy.ndarray
        As :func:`f_statistics` returns it.

    Raises
    ------
    SampleError
        If the regressors are dependent within a regime.

    Examples
    --------
    >>> design = Design(np.ones((4, 1)), np.array([0.0, 2.0, 4.0, 6.0]), np.arange(4), shortest=2)
    >>> f_path(design)
    array([nan, nan,  8., nan, nan])
    """
    nobs, k = design.x.shape
    if design.common is None:
        costs = segment_costs(design.x, design.y, shortest=design.shortest)
        return f_statistics(costs, shortest=design.shortest, coefficients=k)
    found = np.full(nobs + 1, np.nan)
    for date in range(design.shortest, nobs - design.shortest + 1):
        at = np.array([date])
        if np.isfinite(regime_cost(design.x, design.y, at, common=design.common)):
            found[date] = change_statistic(design, at, errors="pooled")
    return found


def single_break_tests(design: Design, path: FloatArray) -> Mapping[str, HypothesisTest]:
    """
    Test against one break at an unknown date by three functionals of the F statistics.

    Parameters
    ----------
    design : Design
        The regression.
    path : numpy.ndarray
        As :func:`f_statistics` returns it.

    Returns
    -------
    Mapping
        Tests by name: ``"supF"``, ``"aveF"``, ``"expF"``.

    Raises
    ------
    ValueError
        If no date is left to test.

    References
    ----------
    .. [1] Andrews, D. W. K. and Ploberger, W. (1994). Optimal tests when a nuisance parameter is
       present only under the alternative. Econometrica 62 (6), 1383-1414.

    Examples
    --------
    >>> y = np.array([0.0, 1.0, 0.0, 1.0, 5.0, 6.0, 5.0, 6.0])
    >>> design = Design(np.ones((8, 1)), y, np.arange(8), shortest=2)
    >>> path = f_statistics(segment_costs(design.x, y, shortest=2), shortest=2, coefficients=1)
    >>> round(single_break_tests(design, path)["supF"].statistic, 6)
    150.0
    """
    found = path[~np.isnan(path)]
    if found.size == 0:
        raise ValueError("expected a date to test, found none: the shortest regime is too long")
    values: dict[Literal["supF", "aveF", "expF"], float] = {
        "supF": float(found.max()),
        "aveF": float(found.mean()),
        "expF": float(np.logaddexp.reduce(found / 2) - np.log(found.size)),
    }
    k = design.x.shape[1]
    return {
        name: HypothesisTest(
            name=name,
            null="no break",
            statistic=value,
            pvalue=hansen_pvalue(value, name=name, coefficients=k, trim=design.trim),
        )
        for name, value in values.items()
    }


def change_statistic(
    design: Design, breaks: IntArray, *, errors: RegimeErrors, only: int | None = None
) -> float:
    r"""
    Return Bai and Perron's statistic that nothing changes at the given breaks.

    Parameters
    ----------
    design : Design
        The regression.
    breaks : numpy.ndarray
        First observation of each new regime, counted from 0.
    errors : {"pooled", "regime", "hac", "hac-prewhitened"}
        Covariance; see :func:`flows.models.regimes.regime_covariance`.
    only : int, optional
        Place in ``breaks`` of the one that is tested while the others are taken as given.

    Returns
    -------
    float
        :math:`\frac{n - (m+1)k - p}{n q}\,
        \hat\delta' R' (R \hat V R')^{-1} R \hat\delta`, where ``q`` of ``m`` breaks are tested.

    Raises
    ------
    SampleError
        If a period is missing with ``"hac-prewhitened"``, or a regime is too short.

    References
    ----------
    .. [1] Bai, J. and Perron, P. (1998). Estimating and testing linear models with multiple
       structural changes. Econometrica 66 (1), 47-78; equation 10.

    Examples
    --------
    >>> design = Design(np.ones((4, 1)), np.array([0.0, 2.0, 4.0, 6.0]), np.arange(4), shortest=2)
    >>> round(change_statistic(design, np.array([2]), errors="pooled"), 9)
    8.0
    """
    nobs, k = design.x.shape
    fit = fit_regimes(design.x, design.y, breaks, common=design.common)
    covariance = regime_covariance(
        design.x, fit.resids, breaks, design.steps, errors=errors, common=design.common
    )
    count = len(breaks)
    differences = np.diff(np.eye(count + 1), axis=0)
    tested = differences if only is None else differences[[only]]
    contrast = np.kron(tested, np.eye(k))
    change = contrast @ fit.params.ravel()
    wald = change @ np.linalg.solve(contrast @ covariance @ contrast.T, change)
    fixed = 0 if design.common is None else design.common.shape[1]
    return float((nobs - (count + 1) * k - fixed) / (nobs * len(tested)) * wald)


def chow_test(design: Design, at: int) -> HypothesisTest:
    """
    Test for a break at a date that was known beforehand.

    Parameters
    ----------
    design : Design
        The regression.
    at : int
        First observation of the new regime, counted from 0.

    Returns
    -------
    HypothesisTest
        F test with ``(k, nobs - 2k)`` degrees of freedom.

    Raises
    ------
    SampleError
        If a regime is too short for its coefficients.

    References
    ----------
    .. [1] Chow, G. C. (1960). Econometrica 28 (3), 591-605.

    Examples
    --------
    >>> design = Design(np.ones((4, 1)), np.array([0.0, 2.0, 4.0, 6.0]), np.arange(4), shortest=1)
    >>> test = chow_test(design, 2)
    >>> round(test.statistic, 9), test.df
    (8.0, (1.0, 2.0))
    """
    nobs, k = design.x.shape
    one = fit_regimes(design.x, design.y, np.array([], dtype=np.int64))
    two = fit_regimes(design.x, design.y, np.array([at]))
    statistic = (one.rss - two.rss) / k / (two.rss / (nobs - 2 * k))
    return HypothesisTest(
        name="Chow",
        null="no break at the given date",
        statistic=statistic,
        pvalue=float(stats.f.sf(statistic, k, nobs - 2 * k)),
        df=(float(k), float(nobs - 2 * k)),
    )
