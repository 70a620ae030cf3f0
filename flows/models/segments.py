"""The best way to cut a sample into regimes: every segment's fit, then every partition's."""

from dataclasses import dataclass

import numpy as np

from flows.errors import SampleError
from flows.models.sample import FloatArray, IntArray
from flows.ties import TIE


def segment_costs(x: FloatArray, y: FloatArray, *, shortest: int) -> FloatArray:
    r"""
    Return the residual sum of squares of the regression in every segment.

    Parameters
    ----------
    x : numpy.ndarray
        Regressors in the order of time, shape ``(nobs, k)``.
    y : numpy.ndarray
        Response, shape ``(nobs,)``.
    shortest : int
        Fewest observations of a segment, at least ``k``.

    Returns
    -------
    numpy.ndarray
        Shape ``(nobs + 1, nobs)``; the cell ``(j, i)`` is the sum over the observations
        :math:`i \le t < j`, infinite where the segment is too short.

    Raises
    ------
    ValueError
        If ``shortest`` is less than the number of regressors or more than the sample.
    SampleError
        If the regressors are dependent within some segment of the shortest length.

    Notes
    -----
    The first ``shortest`` observations of all segments are fitted at once by QR; each further one
    adds its squared recursive residual [1]_. For a mean alone all segments follow at once from
    cumulative sums of the deviations.

    References
    ----------
    .. [1] Brown, R. L., Durbin, J. and Evans, J. M. (1975). Techniques for testing the constancy of
       regression relationships over time. Journal of the Royal Statistical Society B 37 (2),
       149-192.

    Examples
    --------
    >>> costs = segment_costs(np.ones((4, 1)), np.array([1.0, 1.0, 5.0, 7.0]), shortest=1)
    >>> costs[2, 0], costs[4, 2], costs[3, 1]
    (np.float64(0.0), np.float64(2.0), np.float64(8.0))
    """
    nobs, k = x.shape
    if not k <= shortest <= nobs:
        raise ValueError(f"expected {k} <= shortest <= {nobs}, found {shortest}")
    if k == 1 and np.ptp(x) == 0:
        return _mean_costs(y, shortest)
    costs = np.full((nobs + 1, nobs), np.inf)
    params, bread, cost = _first_fits(x, y, shortest)
    starts = np.arange(nobs - shortest + 1)
    costs[starts + shortest, starts] = cost
    for length in range(shortest + 1, nobs + 1):
        starts = starts[:-1]
        row, value = x[starts + length - 1], y[starts + length - 1]
        params, bread, cost = params[:-1], bread[:-1], cost[:-1]
        gain = np.einsum("sij,sj->si", bread, row)
        scale = 1 + np.einsum("si,si->s", gain, row)
        error = value - np.einsum("si,si->s", params, row)
        cost = cost + error**2 / scale
        params = params + gain * (error / scale)[:, None]
        bread = bread - gain[:, :, None] * gain[:, None, :] / scale[:, None, None]
        costs[starts + length, starts] = cost
    return costs


def _mean_costs(y: FloatArray, shortest: int) -> FloatArray:
    """Return the sum of squares around its own mean of every segment."""
    deviations = y - y.mean()
    sums = np.concatenate([[0.0], np.cumsum(deviations)])
    squares = np.concatenate([[0.0], np.cumsum(deviations**2)])
    ends, starts = np.arange(len(y) + 1)[:, None], np.arange(len(y))
    length = np.maximum(ends - starts, 1)
    costs = np.subtract.outer(squares, squares[:-1])
    costs -= np.subtract.outer(sums, sums[:-1]) ** 2 / length
    np.maximum(costs, 0.0, out=costs)
    costs[ends - starts < shortest] = np.inf
    return np.asarray(costs)


def _first_fits(
    x: FloatArray, y: FloatArray, shortest: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Fit the shortest segment from every start: coefficients, inverse moments, sums of squares."""
    windows = np.lib.stride_tricks.sliding_window_view(x, shortest, axis=0).transpose(0, 2, 1)
    responses = np.lib.stride_tricks.sliding_window_view(y, shortest)
    q, r = np.linalg.qr(windows)
    diagonal = np.abs(np.diagonal(r, axis1=1, axis2=2))
    scale = np.linalg.norm(windows, axis=1)
    dependent = (diagonal <= shortest * np.finfo(np.float64).eps * scale).any(axis=1)
    if dependent.any():
        first = int(np.argmax(dependent))
        raise SampleError(
            f"expected regressors that are independent in every {shortest} observations, found "
            f"them dependent from observation {first + 1}; ask for longer regimes"
        )
    root = np.linalg.inv(r)
    params = np.einsum("sij,skj,sk->si", root, q, responses)
    resids = responses - np.einsum("ski,si->sk", windows, params)
    return params, root @ root.transpose(0, 2, 1), np.sum(resids**2, axis=1)


@dataclass(frozen=True, slots=True)
class Partitions:
    """
    The best partition of a sample for each number of breaks.

    Parameters
    ----------
    breaks : tuple of numpy.ndarray
        For 0, 1, 2, ... breaks the first observation of each new regime, counted from 0.
    costs : numpy.ndarray
        Sum of squared residuals of each of them.
    """

    breaks: tuple[IntArray, ...]
    costs: FloatArray


def best_partitions(costs: FloatArray, *, most: int) -> Partitions:
    """
    Find the partition of least cost for each number of breaks, exactly.

    Parameters
    ----------
    costs : numpy.ndarray
        Cost of each segment as :func:`segment_costs` returns it, shape ``(nobs + 1, nobs)``.
    most : int
        Largest number of breaks.

    Returns
    -------
    Partitions
        For 0 to ``most`` breaks, or fewer where the sample has no room.

    Raises
    ------
    ValueError
        If ``most`` is negative.

    Notes
    -----
    Dynamic programming over the last break [1]_. Of two partitions that cost the same the one with
    the earlier last break is taken; the same is what differs by :data:`flows.ties.TIE` of the cost
    without breaks, or less.

    References
    ----------
    .. [1] Bai, J. and Perron, P. (2003). Computation and analysis of multiple structural change
       models. Journal of Applied Econometrics 18 (1), 1-22.

    Examples
    --------
    >>> costs = segment_costs(np.ones((4, 1)), np.array([1.0, 1.0, 5.0, 7.0]), shortest=1)
    >>> found = best_partitions(costs, most=2)
    >>> found.breaks, found.costs
    ((array([], dtype=int64), array([2]), array([2, 3])), array([27.,  2.,  0.]))
    """
    if most < 0:
        raise ValueError(f"expected 0 or more breaks, found {most}")
    nobs = costs.shape[1]
    best = costs[:, 0]
    last: list[IntArray] = []
    breaks, totals = [np.array([], dtype=np.int64)], [best[nobs]]
    for _ in range(most):
        through = costs + best[:nobs]
        # The first within rounding of the least, in each row.
        least = through.min(axis=1, keepdims=True) + TIE * totals[0]
        last.append(np.argmax(through <= least, axis=1))
        best = through[np.arange(nobs + 1), last[-1]]
        if not np.isfinite(best[nobs]):
            break
        breaks.append(_trace(last, nobs))
        totals.append(best[nobs])
    return Partitions(tuple(breaks), np.array(totals))


def _trace(last: list[IntArray], nobs: int) -> IntArray:
    """Follow the last breaks back from the end of the sample."""
    found = [nobs]
    for step in reversed(last):
        found.append(int(step[found[-1]]))
    return np.array(found[:0:-1], dtype=np.int64)
