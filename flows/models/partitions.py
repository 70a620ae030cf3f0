"""
The best way to cut a sample into regimes, in all coefficients of a regression or in some.

Throughout, ``x`` are regressors whose coefficients change, shape ``(nobs, k)``, ``common`` those
whose coefficients do not, shape ``(nobs, p)``, ``y`` is the response, shape ``(nobs,)``; ``breaks``
are the first observations of each new regime, counted from 0.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, get_args

import numpy as np
from scipy.linalg import block_diag

from flows.canonical import TIE, first_maximum, first_minimum
from flows.errors import SampleError
from flows.models.covariance import KERNELS, andrews_bandwidth, long_run_meat, prewhiten
from flows.models.least_squares import fit_least_squares
from flows.models.sample import FloatArray, IntArray

_ROWS = 32
"""Ends that are searched at once: so many rows of some hundred starts stay in the cache."""

_DEPENDENT = 1e-12
"""Relative size below which a change is taken for a combination of the others."""

RegimeErrors = Literal["pooled", "regime", "hac", "hac-prewhitened"]


@dataclass(frozen=True, slots=True)
class Design:
    """
    A regression in the order of time.

    ``x``: regressors whose coefficients may change, shape ``(nobs, k)``; ``y``: response, shape
    ``(nobs,)``; ``steps``: number of each observation's period, shape ``(nobs,)``; ``shortest``:
    fewest observations of a regime; ``common``: regressors whose coefficients do not change, shape
    ``(nobs, p)``.
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

    def carries(self, breaks: int) -> bool:
        """Whether there are more observations than coefficients with so many breaks."""
        common = 0 if self.common is None else self.common.shape[1]
        return len(self.y) > int((breaks + 1) * self.x.shape[1] + common)

    def rows(self, rows: slice) -> "Design":
        """Return the same regression on some of the observations."""
        common = None if self.common is None else self.common[rows]
        return Design(self.x[rows], self.y[rows], self.steps[rows], self.shortest, common)


def segment_costs(x: FloatArray, y: FloatArray, *, shortest: int) -> FloatArray:
    r"""
    Return the residual sum of squares of the regression in every segment.

    Shape ``(nobs + 1, nobs)``; the cell ``(j, i)`` is the sum over the observations
    :math:`i \le t < j`, infinite where the segment is too short. The ``shortest`` observations of
    all segments are fitted at once by QR; each further one adds its squared recursive residual.

    Brown, R. L., Durbin, J. and Evans, J. M. (1975). Techniques for testing the constancy of
    regression relationships over time. Journal of the Royal Statistical Society B 37 (2),
    149-192.
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

    ``breaks``: for 0, 1, 2, ... breaks the first observation of each new regime, counted from 0;
    ``costs``: sum of squared residuals of each of them.
    """

    breaks: tuple[IntArray, ...]
    costs: FloatArray


def best_partitions(costs: FloatArray, *, most: int) -> Partitions:
    """
    Find the partition of least cost for each number of breaks, exactly.

    Dynamic programming over the last break, on the costs of :func:`segment_costs`. Of two
    partitions that cost the same the one with the earlier last break is taken; the same is what
    differs by :data:`flows.canonical.TIE` of the cost without breaks, or less.

    Bai, J. and Perron, P. (2003). Computation and analysis of multiple structural change
    models. Journal of Applied Econometrics 18 (1), 1-22.
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
    dates = [nobs]
    for step in reversed(last):
        dates.append(int(step[dates[-1]]))
    return np.array(dates[:0:-1], dtype=np.int64)


def partitions_of(design: Design, *, most: int) -> Partitions:
    """Find the partition of least cost for each number of breaks, by what the regression is."""
    if most < 0:
        raise ValueError(f"expected 0 or more breaks, found {most}")
    x, y, common = design.x, design.y, design.common
    if common is not None:
        breaks = partial_partitions(x, common, y, shortest=design.shortest, most=most)
    elif x.shape[1] == 1 and np.ptp(x) == 0:
        breaks = mean_partitions(y, shortest=design.shortest, most=most)
    else:
        costs = segment_costs(x, y, shortest=design.shortest)
        breaks = best_partitions(costs, most=most).breaks
    # The sums of the search lose digits where a regime hardly varies: fitted again, they do not.
    fits = [fit_regimes(x, y, at, common=common) for at in breaks]
    return Partitions(tuple(breaks), np.array([fit.rss for fit in fits]))


def mean_partitions(y: FloatArray, *, shortest: int, most: int) -> tuple[IntArray, ...]:
    """
    Find the best partition into regimes of one mean each, for each number of breaks, exactly.

    The dynamic programming of :func:`best_partitions` on what regimes explain, computed in
    rows that stay in the processor's cache: one row an end, of its last regime from every start.
    """
    nobs = len(y)
    values = y - y.mean()
    sums = np.concatenate([[0.0], np.cumsum(values)])
    inverse = np.concatenate([[0.0], 1 / np.arange(1.0, nobs + 1)])
    most = min(most, nobs // shortest - 1)
    explained = np.full((most + 1, nobs + 1), -np.inf)
    explained[0, shortest:] = (sums**2 * inverse)[shortest:]
    if most > 1:
        _fill_explained(explained, sums, inverse, shortest)
    tie = TIE * float(values @ values)
    found = []
    for count in range(most + 1):
        dates: list[int] = []
        end = nobs
        for regime in range(count, 0, -1):
            starts = np.arange(regime * shortest, end - shortest + 1)
            through = (sums[end] - sums[starts]) ** 2 * inverse[end - starts]
            through += explained[regime - 1, starts]
            end = int(starts[np.argmax(through >= through.max() - tie)])
            dates.insert(0, end)
        found.append(np.array(dates, dtype=np.int64))
    return tuple(found)


def _fill_explained(
    explained: FloatArray, sums: FloatArray, inverse: FloatArray, shortest: int
) -> None:
    """Fill in, for 1, 2, ... breaks, the most that the regimes up to each end explain."""
    last = len(sums) - 1 - shortest
    backwards = np.concatenate([inverse[::-1], np.zeros(_ROWS + 1)])
    step = backwards.strides[0]
    too_short = np.where(np.tri(_ROWS, dtype=bool), 0.0, -np.inf)
    room = np.empty((2, _ROWS, len(sums)))
    for low in range(2 * shortest, last + 1, _ROWS):
        high = min(low + _ROWS, last + 1)
        rows, columns = high - low, high - 2 * shortest
        regime, through = room[0, :rows, :columns], room[1, :rows, :columns]
        starts = slice(shortest, shortest + columns)
        np.subtract(sums[low:high, None], sums[None, starts], out=regime)
        np.multiply(regime, regime, out=regime)
        # One over the length of a regime, by end and start: the same numbers, shifted by row.
        regime *= np.lib.stride_tricks.as_strided(
            backwards[len(sums) - 1 - low + shortest :], (rows, columns), (-step, step)
        )
        close = min(rows, columns)
        regime[:, columns - close :] += too_short[:rows, rows - close : rows]
        for count in range(1, len(explained) - 1):
            first = (count - 1) * shortest
            if first >= columns:
                break
            np.add(
                regime[:, first:],
                explained[count - 1, shortest + first : shortest + columns],
                out=through[:, first:],
            )
            explained[count, low:high] = through[:, first:].max(axis=1)


def partial_partitions(
    x: FloatArray, common: FloatArray, y: FloatArray, *, shortest: int, most: int
) -> tuple[IntArray, ...]:
    """
    Find the partition of least cost for each number of breaks where some coefficients are common.

    All partitions into two and three regimes are compared. For more, a date is added to the best
    partition into one regime fewer, and neighbouring dates are moved two at a time, all pairs
    compared, until none lowers the cost.
    """
    changes = _Changes.of(x, common, y)
    none = np.array([], dtype=np.int64)
    found = [none]
    for count in range(1, most + 1):
        coefficients = (count + 1) * x.shape[1] + common.shape[1]
        if len(y) < (count + 1) * shortest or len(y) <= coefficients:
            break
        starts = _with_one_more(changes, found[-1], shortest)
        starts.append(np.arange(1, count + 1) * (len(y) // (count + 1)))
        ends = [_moved_in_pairs(changes, start, shortest) for start in starts]
        costs = [regime_cost(x, y, at, common=common) for at in ends]
        best = first_minimum(costs)
        if not np.isfinite(costs[best]):
            break
        found.append(ends[best])
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Changes:
    """
    Changes of coefficients at every date, beside what is common and the first regime.

    ``gram``: their products, shape ``(nobs, nobs, k, k)``; ``explained``: those with the response,
    shape ``(nobs, k)``.
    """

    gram: FloatArray
    explained: FloatArray

    @classmethod
    def of(cls, x: FloatArray, common: FloatArray, y: FloatArray) -> "_Changes":
        nobs, k = x.shape
        basis, _ = np.linalg.qr(np.column_stack([x, common]))
        after = np.tri(nobs, dtype=bool)[:, :, None] * x[:, None, :]
        columns = after.reshape(nobs, -1)
        columns = columns - basis @ (basis.T @ columns)
        gram = (columns.T @ columns).reshape(nobs, k, nobs, k).transpose(0, 2, 1, 3)
        return cls(gram, (columns.T @ y).reshape(nobs, k))

    def beside(self, dates: IntArray) -> "_Changes":
        """Take off what changes at these dates explain."""
        if len(dates) == 0:
            return self
        nobs, k = self.explained.shape
        taken = self.gram[dates][:, dates].transpose(0, 2, 1, 3).reshape(len(dates) * k, -1)
        with_all = self.gram[dates].transpose(0, 2, 1, 3).reshape(len(dates) * k, nobs * k)
        weights = np.linalg.lstsq(taken, with_all, rcond=None)[0]
        gram = (with_all.T @ weights).reshape(nobs, k, nobs, k).transpose(0, 2, 1, 3)
        explained = (weights.T @ self.explained[dates].ravel()).reshape(nobs, k)
        return _Changes(self.gram - gram, self.explained - explained)

    def gains(self, dates: IntArray) -> FloatArray:
        """Return what one change at each of these dates explains."""
        return _explained(self.gram[dates, dates], self.explained[dates])

    def pair_gains(self, first: IntArray, second: IntArray) -> FloatArray:
        """Return what changes at two dates explain together, shape ``(first, second)``."""
        own, between = self.gram[first, first], self.gram[np.ix_(first, second)]
        weights = np.linalg.pinv(own, rcond=_DEPENDENT, hermitian=True)[:, None] @ between
        gram = self.gram[second, second][None] - between.transpose(0, 1, 3, 2) @ weights
        explained = self.explained[second] - np.einsum(
            "fski,fk->fsi", weights, self.explained[first]
        )
        return np.asarray(self.gains(first)[:, None] + _explained(gram, explained))


def _explained(gram: FloatArray, explained: FloatArray) -> FloatArray:
    """Return ``explained' gram^-1 explained`` of one or two changes, 0 where they are dependent."""
    a, u = gram[..., 0, 0], explained[..., 0]
    if gram.shape[-1] == 1:
        return np.divide(u**2, a, out=np.zeros_like(u), where=a > _DEPENDENT)
    b, c, v = gram[..., 0, 1], gram[..., 1, 1], explained[..., 1]
    size = a * c - b**2
    gain = c * u**2 - 2 * b * u * v + a * v**2
    return np.divide(gain, size, out=np.zeros_like(u), where=size > _DEPENDENT * np.abs(a * c))


def _with_one_more(changes: _Changes, breaks: IntArray, shortest: int) -> list[IntArray]:
    """Return the partitions with the date added that explains most in each regime with room."""
    beside = changes.beside(breaks)
    added = []
    for low, high in pairwise([0, *(int(at) for at in breaks), len(changes.explained)]):
        dates = np.arange(low + shortest, high - shortest + 1)
        if len(dates):
            date = dates[first_maximum(beside.gains(dates))]
            added.append(np.sort(np.append(breaks, date)))
    return added


def _moved_in_pairs(changes: _Changes, breaks: IntArray, shortest: int) -> IntArray:
    """Move neighbouring dates two at a time until that explains no more."""
    breaks, most = breaks.copy(), -np.inf
    while len(breaks) > 1:
        for place in range(len(breaks) - 1):
            ends = [0, *(int(at) for at in breaks), len(changes.explained)]
            low, high = ends[place], ends[place + 3]
            others = np.delete(breaks, [place, place + 1])
            beside = changes.beside(others)
            first = np.arange(low + shortest, high - 2 * shortest + 1)
            second = np.arange(low + 2 * shortest, high - shortest + 1)
            gains = beside.pair_gains(first, second)
            gains[np.subtract.outer(-first, -second) < shortest] = -np.inf
            at = np.unravel_index(first_maximum(gains), gains.shape)
            breaks[place : place + 2] = first[at[0]], second[at[1]]
        total = float(gains.max() + _joint(changes, others))
        if total <= most + TIE * abs(most):
            break
        most = total
    return breaks


def _joint(changes: _Changes, dates: IntArray) -> float:
    """Return what changes at these dates explain together."""
    if len(dates) == 0:
        return 0.0
    size = len(dates) * changes.explained.shape[1]
    gram = changes.gram[dates][:, dates].transpose(0, 2, 1, 3).reshape(size, size)
    explained = changes.explained[dates].ravel()
    return float(explained @ np.linalg.lstsq(gram, explained, rcond=None)[0])


def regime_cost(
    x: FloatArray, y: FloatArray, breaks: IntArray, *, common: FloatArray | None = None
) -> float:
    """Return the sum of squared residuals of a partition."""
    try:
        return fit_regimes(x, y, breaks, common=common).rss
    except SampleError:
        return np.inf


@dataclass(frozen=True, slots=True)
class RegimeFit:
    """
    Least squares with coefficients by regime.

    ``params``: coefficients that change, one row a regime, shape ``(regimes, k)``; ``common``:
    coefficients that stay the same, shape ``(p,)``; ``resids``: shape ``(nobs,)``; ``rss``: sum of
    squared residuals.
    """

    params: FloatArray
    common: FloatArray
    resids: FloatArray
    rss: float


def cut(nobs: int, breaks: IntArray) -> list[slice]:
    """Return the rows of each regime."""
    ends = [0, *(int(start) for start in breaks), nobs]
    if any(end <= start for start, end in pairwise(ends)):
        raise ValueError(f"expected breaks that increase between 0 and {nobs}, found {breaks}")
    return [slice(start, end) for start, end in pairwise(ends)]


def _by_regime(x: FloatArray, breaks: IntArray) -> FloatArray:
    """Spread regressors over regimes, zero outside their own."""
    return np.asarray(block_diag(*(x[rows] for rows in cut(len(x), breaks))))


def fit_regimes(
    x: FloatArray, y: FloatArray, breaks: IntArray, *, common: FloatArray | None = None
) -> RegimeFit:
    """Fit one regression a regime; coefficients of ``common`` stay the same."""
    k = x.shape[1]
    if common is None:
        fits = [fit_least_squares(x[rows], y[rows]) for rows in cut(len(x), breaks)]
        resids = np.concatenate([fit.resids for fit in fits])
        params = np.array([fit.params for fit in fits])
        return RegimeFit(params, np.array([]), resids, float(resids @ resids))
    regimes = len(breaks) + 1
    fit = fit_least_squares(np.column_stack([_by_regime(x, breaks), common]), y)
    return RegimeFit(
        params=fit.params[: regimes * k].reshape(regimes, k),
        common=fit.params[regimes * k :],
        resids=fit.resids,
        rss=float(fit.resids @ fit.resids),
    )


def regime_covariance(
    x: FloatArray,
    resids: FloatArray,
    breaks: IntArray,
    steps: IntArray,
    *,
    se: RegimeErrors,
    common: FloatArray | None = None,
) -> FloatArray:
    """
    Estimate the covariance of the coefficients that change, as Bai and Perron's tests use it.

    Shape ``(regimes * k, regimes * k)``. ``se``: uncorrelated with one variance (``"pooled"``)
    or with a variance a regime, or a quadratic spectral estimate a regime, of the scores as they
    are (``"hac"``) or prewhitened.

    Bai, J. and Perron, P. (2003). Computation and analysis of multiple structural change
    models. Journal of Applied Econometrics 18 (1), 1-22; section 4.1.
    """
    regressors = _by_regime(x, breaks)
    if common is not None:
        fitted = [fit_least_squares(common, column).resids for column in regressors.T]
        regressors = np.column_stack(fitted)
    bread = fit_least_squares(regressors, resids).bread
    match se:
        case "pooled":
            return bread * float(np.mean(resids**2))
        case "regime":
            variances = [np.mean(resids[rows] ** 2) for rows in cut(len(x), breaks)]
            lengths = [rows.stop - rows.start for rows in cut(len(x), breaks)]
            meat = (regressors.T * np.repeat(variances, lengths)) @ regressors
        case "hac" | "hac-prewhitened":
            prewhite = se == "hac-prewhitened"
            if common is None:
                meat = _meat_by_regime(x, resids, breaks, steps, prewhite=prewhite)
            else:
                spread = _long_run_covariance(regressors, resids, steps, prewhite=prewhite)
                meat = len(x) * spread
        case _:
            raise ValueError(
                f"expected se to be one of {', '.join(get_args(RegimeErrors))}, found {se!r}"
            )
    return np.asarray(bread @ meat @ bread)


def _meat_by_regime(
    x: FloatArray, resids: FloatArray, breaks: IntArray, steps: IntArray, *, prewhite: bool
) -> FloatArray:
    parts = [
        (rows.stop - rows.start)
        * _long_run_covariance(x[rows], resids[rows], steps[rows], prewhite=prewhite)
        for rows in cut(len(x), breaks)
    ]
    return np.asarray(block_diag(*parts))


def _long_run_covariance(
    x: FloatArray, resids: FloatArray, steps: IntArray, *, prewhite: bool = True
) -> FloatArray:
    """Estimate the long-run covariance of the scores, as Bai and Perron (2003) do."""
    scores = x * resids[:, None]
    recolour = np.eye(x.shape[1])
    if prewhite:
        scores, recolour = prewhiten(scores, steps)
        steps = steps[1:]
    bandwidth = andrews_bandwidth(
        scores, steps, loadings=np.ones(x.shape[1]), prewhite=False, centred=False
    )
    kernel = KERNELS["quadratic-spectral"]
    meat = long_run_meat(scores, steps, kernel=kernel, bandwidth=bandwidth)
    return np.asarray(recolour @ meat @ recolour.T / (len(scores) - x.shape[1]))
