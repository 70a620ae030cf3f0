"""How many breaks: tests against several breaks, and against one more."""

from collections.abc import Mapping

import numpy as np

from flows.models.break_design import Design
from flows.models.break_tables import bai_perron_critical_values
from flows.models.hypothesis import HypothesisTest
from flows.models.partial_change import regime_cost
from flows.models.regimes import RegimeErrors, cut
from flows.models.sample import IntArray
from flows.models.segments import Partitions
from flows.models.single_break import change_statistic, f_path
from flows.ties import first_maximum, first_minimum

_SIZE = 0.05


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
    >>> from flows.models.segments import best_partitions, segment_costs
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

    Notes
    -----
    Without common coefficients each regime is tested as a sample of its own [1]_. With them the
    date is added to the given breaks in the regression of the whole sample, since a regime may be
    too short to estimate the common coefficients again.

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
    statistics = [0.0]
    for rows in cut(len(design.y), breaks):
        if rows.stop - rows.start < 2 * design.shortest:
            continue
        if design.common is None:
            part = design.rows(rows)
            inside = np.array([first_maximum(f_path(part))])
            statistics.append(change_statistic(part, inside, errors=errors))
        elif design.carries(len(breaks) + 1):
            statistics.append(_beside_common(design, breaks, rows, errors))
    count = len(breaks)
    return HypothesisTest(
        name=f"supF({count + 1}|{count})",
        null=f"{count} breaks" if count != 1 else "1 break",
        statistic=max(statistics),
        critical_values=bai_perron_critical_values(
            "supF next", trim=design.trim, coefficients=design.x.shape[1], breaks=count + 1
        ),
    )


def _beside_common(design: Design, breaks: IntArray, rows: slice, errors: RegimeErrors) -> float:
    """Test one more break in a regime, with common coefficients of the whole sample."""
    dates = range(rows.start + design.shortest, rows.stop - design.shortest + 1)
    several = [np.sort(np.append(breaks, date)) for date in dates]
    costs = [regime_cost(design.x, design.y, at, common=design.common) for at in several]
    best = first_minimum(costs)
    if not np.isfinite(costs[best]):
        return 0.0
    added = int(np.searchsorted(breaks, dates[best]))
    return change_statistic(design, several[best], errors=errors, only=added)
