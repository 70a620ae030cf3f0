"""Intervals for break dates from a fitted partition."""

import numpy as np

from flows.errors import SampleError
from flows.models.break_dates import Shift, date_interval, measure_shift
from flows.models.break_design import Design
from flows.models.covariance import automatic_bandwidth, kernel_hac
from flows.models.regimes import RegimeErrors, cut, fit_regimes
from flows.models.sample import FloatArray, IntArray
from flows.ties import floor_of


def measure_shifts(
    design: Design, breaks: IntArray, *, errors: RegimeErrors
) -> tuple[Shift | None, ...]:
    """
    Measure each change of the coefficients against the noise on both sides.

    Parameters
    ----------
    design : Design
        The regression.
    breaks : numpy.ndarray
        First observation of each new regime, counted from 0.
    errors : {"pooled", "regime", "hac", "hac-prewhitened"}
        ``"pooled"`` takes regressors and errors to be alike in all regimes; ``"regime"`` lets both
        differ; the others add autocorrelation (quadratic spectral kernel, Andrews's bandwidth).

    Returns
    -------
    tuple of Shift or None
        One a break; ``None`` where the noise cannot be measured.

    Raises
    ------
    SampleError
        If a period is missing with ``"hac-prewhitened"``.

    References
    ----------
    .. [1] Bai, J. and Perron, P. (2003). Journal of Applied Econometrics 18 (1), 1-22; section 3.2.

    Examples
    --------
    >>> y = np.array([0.0, 2.0, 0.0, 2.0, 6.0, 8.0, 6.0, 8.0])
    >>> design = Design(np.ones((8, 1)), y, np.arange(8), shortest=2)
    >>> measure_shifts(design, np.array([4]), errors="pooled")
    (Shift(xi=1.0, phi1=1.0, phi2=1.0, size=36.0),)
    """
    fit = fit_regimes(design.x, design.y, breaks, common=design.common)
    parts = cut(len(design.y), breaks)
    if errors == "pooled":
        moment = design.x.T @ design.x / len(design.y)
        moments = [moment] * len(parts)
        noise = [moment * fit.rss / len(design.y)] * len(parts)
    else:
        moments = [design.x[rows].T @ design.x[rows] / (rows.stop - rows.start) for rows in parts]
        noise = [
            _noise(design.x[rows], fit.resids[rows], design.steps[rows], moment, errors)
            for rows, moment in zip(parts, moments, strict=True)
        ]
    changes = np.diff(fit.params, axis=0)
    shifts: list[Shift | None] = []
    for i, change in enumerate(changes):
        try:
            shifts.append(
                measure_shift(change, (moments[i], moments[i + 1]), (noise[i], noise[i + 1]))
            )
        except SampleError:
            shifts.append(None)
    return tuple(shifts)


def _noise(
    x: FloatArray, resids: FloatArray, steps: IntArray, moment: FloatArray, errors: RegimeErrors
) -> FloatArray:
    """Return the long-run covariance of the scores of one regime."""
    if errors == "regime":
        return moment * float(np.mean(resids**2))
    prewhite = errors == "hac-prewhitened"
    bandwidth = automatic_bandwidth(
        x, resids, rule="andrews-1991", kernel="quadratic-spectral", steps=steps, prewhite=prewhite
    )
    covariance = kernel_hac(
        x,
        resids,
        bandwidth=bandwidth,
        kernel="quadratic-spectral",
        steps=steps,
        prewhite=prewhite,
        adjust=True,
    )
    return np.asarray(len(x) * moment @ covariance @ moment)


def break_interval(at: int, shift: Shift, *, level: float) -> tuple[int, int]:
    """
    Return the interval of one break, in observations.

    Parameters
    ----------
    at : int
        Estimate: first observation of the new regime, counted from 0.
    shift : Shift
        Size and noise of the change.
    level : float
        Coverage.

    Returns
    -------
    tuple of int
        Earliest and latest first observation of the new regime; may lie outside the sample.

    Raises
    ------
    ValueError
        If ``level`` is not between 0 and 1.
    SampleError
        If the noise on both sides is too different for an interval.

    Examples
    --------
    >>> break_interval(28, Shift(xi=1.0, phi1=1.0, phi2=1.0, size=4.0), level=0.95)
    (25, 31)
    """
    low, high = date_interval(shift, level=level)
    return floor_of(at + low), -floor_of(-(at + high))
