"""Is there a break, and how many: tests against one, several, or one more break."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

from flows.models.break_tables import bai_perron_critical_values, hansen_pvalue
from flows.models.hypothesis import HypothesisTest
from flows.models.regimes import RegimeErrors, cut, fit_regimes, regime_covariance
from flows.models.sample import FloatArray, IntArray
from flows.models.segments import Partitions, best_partitions, segment_costs


@dataclass(frozen=True, slots=True)
class Design:
    """
    A regression in the order of time.

    Parameters
    ----------
    x : numpy.ndarray
        Regressors whose coefficients may change, shape ``(nobs, k)``.
    y : numpy.ndarray
        Response, shape ``(nobs,)``.
    steps : numpy.ndarray
        Number of each observation's period, shape ``(nobs,)``.
    shortest : int
        Fewest observations of a regime.
    common : numpy.ndarray, optional
        Regressors whose coefficients do not change, shape ``(nobs, p)``.
    """

    x: FloatArray
    y: FloatArray
    steps: IntArray
    shortest: int
    common: FloatArray | None = None

    @property
    def trim(self) -> float:
        """Shortest regime as a share of the sample."""
        return self.shortest / len(self.y)

    def rows(self, rows: slice) -> "Design":
        """Return the same regression on some of the observations."""
        common = None if self.common is None else self.common[rows]
        return Design(self.x[rows], self.y[rows], self.steps[rows], self.shortest, common)


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


def change_statistic(design: Design, breaks: IntArray, *, errors: RegimeErrors) -> float:
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

    Returns
    -------
    float
        :math:`\frac{n - (m+1)k - p}{n m}\,
        \hat\delta' R' (R \hat V R')^{-1} R \hat\delta`.

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
    contrast = np.kron(np.diff(np.eye(count + 1), axis=0), np.eye(k))
    change = contrast @ fit.params.ravel()
    wald = change @ np.linalg.solve(contrast @ covariance @ contrast.T, change)
    fixed = 0 if design.common is None else design.common.shape[1]
    return float((nobs - (count + 1) * k - fixed) / (nobs * count) * wald)


def several_breaks_tests(
    design: Design, partitions: Partitions, *, errors: RegimeErrors
) -> Mapping[str, HypothesisTest]:
    """
    Test no break against given numbers of breaks, and against an unknown number.

    Parameters
    ----------
    design : Design
        The regression.
    partitions : Partitions
        Best partition for each number of breaks.
    errors : {"pooled", "regime", "hac", "hac-prewhitened"}
        Covariance.

    Returns
    -------
    Mapping
        Tests by name: ``"supF(1)"``, ``"supF(2)"``, ... , ``"UDmax"`` and ``"WDmax"``; empty
        where the sample has no room for a break.

    Raises
    ------
    SampleError
        If a period is missing with ``"hac-prewhitened"``.

    References
    ----------
    .. [1] Bai, J. and Perron, P. (1998). Econometrica 66 (1), 47-78.

    Examples
    --------
    >>> y = np.array([0.0, 1.0, 0.0, 1.0, 5.0, 6.0, 5.0, 6.0])
    >>> design = Design(np.ones((8, 1)), y, np.arange(8), shortest=2)
    >>> found = best_partitions(segment_costs(design.x, y, shortest=2), most=1)
    >>> list(several_breaks_tests(design, found, errors="pooled"))
    ['supF(1)', 'UDmax', 'WDmax']
    """
    k = design.x.shape[1]
    tests = {}
    for count, breaks in enumerate(partitions.breaks[1:], start=1):
        tests[f"supF({count})"] = HypothesisTest(
            name=f"supF({count})",
            null="no break",
            statistic=change_statistic(design, breaks, errors=errors),
            critical_values=bai_perron_critical_values(
                "supF", trim=design.trim, coefficients=k, breaks=count
            ),
        )
    return {**tests, **_maxima(design, list(tests.values()))} if tests else {}


def _maxima(design: Design, tests: list[HypothesisTest]) -> dict[str, HypothesisTest]:
    """Return the largest statistic over numbers of breaks, as it is and weighted to equal size."""
    weighted = max(
        test.statistic * tests[0].critical_values.get(_SIZE, np.nan) / test.critical_values[_SIZE]
        for test in tests
        if _SIZE in test.critical_values
    )
    found = {"UDmax": max(test.statistic for test in tests), "WDmax": weighted}
    k = design.x.shape[1]
    maxima = {}
    for name, value in found.items():
        tabulated = bai_perron_critical_values(name, trim=design.trim, coefficients=k)  # type: ignore[arg-type]
        kept = tabulated if name == "UDmax" else {_SIZE: tabulated.get(_SIZE, np.nan)}
        maxima[name] = HypothesisTest(name, "no break", value, critical_values=kept)
    return maxima


_SIZE = 0.05


def one_more_break_test(
    design: Design, breaks: IntArray, *, errors: RegimeErrors
) -> HypothesisTest:
    """
    Test the given breaks against one more, wherever in a regime it fits best.

    Parameters
    ----------
    design : Design
        The regression.
    breaks : numpy.ndarray
        First observation of each new regime under the null, counted from 0.
    errors : {"pooled", "regime", "hac", "hac-prewhitened"}
        Covariance.

    Returns
    -------
    HypothesisTest
        The largest single-break statistic over the regimes; zero where none has room.

    Raises
    ------
    SampleError
        If a period is missing with ``"hac-prewhitened"``.

    References
    ----------
    .. [1] Bai, J. and Perron, P. (1998). Econometrica 66 (1), 47-78; section 4.3.

    Examples
    --------
    >>> y = np.array([0.0, 1.0, 0.0, 1.0, 5.0, 6.0, 5.0, 6.0])
    >>> design = Design(np.ones((8, 1)), y, np.arange(8), shortest=2)
    >>> one_more_break_test(design, np.array([4]), errors="pooled").statistic
    0.0
    """
    largest = 0.0
    for rows in cut(len(design.y), breaks):
        part = design.rows(rows)
        if len(part.y) < 2 * design.shortest:
            continue
        costs = segment_costs(part.x, part.y, shortest=design.shortest)
        inside = best_partitions(costs, most=1).breaks[1]
        largest = max(largest, change_statistic(part, inside, errors=errors))
    count = len(breaks)
    return HypothesisTest(
        name=f"supF({count + 1}|{count})",
        null=f"{count} breaks" if count != 1 else "1 break",
        statistic=largest,
        critical_values=bai_perron_critical_values(
            "supF next", trim=design.trim, coefficients=design.x.shape[1], breaks=count + 1
        ),
    )


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
