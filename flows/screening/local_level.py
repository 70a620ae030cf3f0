"""A level that drifts behind noise, of every series: the variances of greatest likelihood."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from flows.models.sample import FloatArray, IntArray
from flows.models.state_space import AT_LEAST, KNOWN, ROUNDING, LocalForm
from flows.models.variance_search import FLAT, NEGLIGIBLE, NUDGE
from flows.screening.reasons import Reason, ReasonArray
from flows.screening.roots import brent_roots

BLOCK = 2048
"""Series of a block: with fewer the calls of NumPy cost more than what they do."""

BoolArray = npt.NDArray[np.bool_]

_POINTS = 20
"""Ratios of the grid where sizes of shocks can be told apart."""

_NEAREST = 30.0
"""Factor by which the grid goes beyond the sizes that can be told apart."""

_FARTHEST = 1e7
"""The same of its last points: beyond, an end is as likely but for what is negligible."""

_ARRAYS = 6
"""Arrays, of a number a change, that the filter fills."""

_FACTORS = 64
"""Variances, each from 1 to the periods of a change and 2 more, whose product no gap overflows."""

_SETTLED = 1e-11
"""Distance, in the logarithm of a ratio, of a top from where it is said to be."""


@dataclass(frozen=True, slots=True)
class LocalLevels:
    """
    Local levels of series, as of :func:`flows.fit_local_trend` with ``noise="white"``.

    ``noise_variance``, ``level_variance``: of the white noise and of a period's shock to the level,
    on the scale of the fit; ``loglik``: diffuse log-likelihood; ``last_level``,
    ``last_level_std_error``: in the last period with a value; ``nobs``: values; ``reason``: why
    nothing was fitted.
    """

    noise_variance: FloatArray
    level_variance: FloatArray
    loglik: FloatArray
    last_level: FloatArray
    last_level_std_error: FloatArray
    nobs: IntArray
    reason: ReasonArray


def fit_local_levels(values: FloatArray, *, form: LocalForm = "log") -> LocalLevels:
    r"""
    Fit :math:`y_t = \mu_t + \varepsilon_t`, :math:`\mu_{t+1} = \mu_t + \eta_t` to each series.

    The changes from a value to the next have the covariance
    :math:`\sigma_\varepsilon^2 A + \sigma_\eta^2 D`: ``A`` has 2 on its diagonal and -1 beside it,
    ``D`` on its diagonal the periods from the one to the other. Their likelihood is the diffuse
    likelihood of the values [1]_, and factors of that matrix are the Kalman filter. With the scale
    in closed form one ratio of variances is left. Its likelihood has a top wherever the slope turns
    from up to down along a grid; each is found, and the highest is held against both ends, where
    one of the variances is zero.

    Parameters
    ----------
    values : ndarray
        Shape ``(series, periods)``, NaN where nothing is stated.
    form : {"log", "level"}
        Scale of the series.

    Returns
    -------
    LocalLevels
        One element a series.

    References
    ----------
    .. [1] Durbin, J. and Koopman, S. J. (2012). Time Series Analysis by State Space Methods, 2nd
       ed. Oxford University Press; chapters 2 and 7.
    """
    scaled, reason = _on_scale(values, form)
    nobs = np.count_nonzero(~np.isnan(values), axis=1)
    found = np.full((5, len(values)), np.nan)
    fitted = np.flatnonzero(reason == Reason.NONE)
    # The filter goes on with the first of them where the others end.
    fitted = fitted[np.argsort(-nobs[fitted], kind="stable")]
    if len(fitted):
        found[:, fitted], reason[fitted] = _fit(scaled[fitted], form)
    noise, level, loglik, last, error = found
    return LocalLevels(noise, level, loglik, last, error, nobs, reason)


def level_loglik(values: FloatArray, noise: FloatArray, level: FloatArray) -> FloatArray:
    """
    Return the diffuse log-likelihood of each series at given variances.

    ``values``: shape ``(series, periods)``, two or more of them stated; ``noise``, ``level``: one
    variance a series, at least one of the two positive.
    """
    order = np.argsort(np.count_nonzero(np.isnan(values), axis=1), kind="stable")
    changes = _changes(values[order])
    with np.errstate(divide="ignore"):
        filtered = _filter(changes, np.log(level[order]) - np.log(noise[order]), _room_for(changes))
    largest = np.maximum(noise, level)[order]
    logs = changes.counts * np.log(2 * math.pi * largest) + math.log(2 * math.pi)
    loglik = np.empty(len(values))
    loglik[order] = -(logs + filtered.log_variances + filtered.squares / largest) / 2
    return loglik


@dataclass(frozen=True, slots=True)
class _Changes:
    """
    Changes from each value to the next, series with most of them first.

    ``sizes``, ``periods``: shape ``(changes, series)``, periods from the one to the other, both
    zero where a series has no more; ``counts``: changes of each series.
    """

    sizes: FloatArray
    periods: FloatArray
    counts: IntArray

    def of(self, series: IntArray) -> "_Changes":
        """Return some of the series, in an order that keeps those with most changes first."""
        return _Changes(self.sizes[:, series], self.periods[:, series], self.counts[series])

    @property
    def running(self) -> list[int]:
        """How many series have a first change, a second and so on."""
        steps = np.arange(len(self.sizes))
        return [int(count) for count in np.searchsorted(-self.counts, -steps)]


@dataclass(frozen=True, slots=True)
class _Filtered:
    """
    What the filter says of a ratio of the level's variance to that of the noise, one a series.

    Variances are relative to the larger of the two, ``noise`` and ``level``. ``squares``: of
    forecast errors, each by its variance; ``log_variances``: sum of their logarithms; ``height``:
    log-likelihood with the best scale, but for what no ratio changes, and ``slope`` its derivative
    by the logarithm of the ratio; ``last_noise``: what of the last error is taken for noise.
    """

    noise: FloatArray
    level: FloatArray
    squares: FloatArray
    log_variances: FloatArray
    height: FloatArray
    slope: FloatArray
    last_noise: FloatArray
    last_kept: FloatArray


def _on_scale(values: FloatArray, form: LocalForm) -> tuple[FloatArray, ReasonArray]:
    """Return values or their logarithms, and why nothing can be fitted to a series."""
    low, high = _extremes(values)
    reasons = {
        Reason.INFINITE: np.isinf(values).any(axis=1),
        Reason.FEW_FOR_LEVEL: np.count_nonzero(~np.isnan(values), axis=1) < AT_LEAST,
        Reason.CONSTANT: low == high,
    }
    if form == "log":
        reasons[Reason.NOT_POSITIVE] = low <= 0
        with np.errstate(divide="ignore", invalid="ignore"):
            values = np.log(values)
    reason = np.select(list(reasons.values()), list(reasons), Reason.NONE).astype(np.int8)
    # Large numbers that differ may have one logarithm.
    reason[(reason == Reason.NONE) & np.equal(*_extremes(values))] = Reason.CONSTANT
    return values, reason


def _extremes(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the smallest and the largest value of each series."""
    return (
        np.fmin.reduce(values, axis=1, initial=np.inf),
        np.fmax.reduce(values, axis=1, initial=-np.inf),
    )


def _changes(values: FloatArray) -> _Changes:
    """Return the changes between values of series, most values first."""
    series, periods = np.nonzero(~np.isnan(values))
    nobs = np.bincount(series, minlength=len(values))
    place = np.arange(len(series)) - np.repeat(np.cumsum(nobs) - nobs, nobs)
    aligned = np.zeros((2, nobs.max(), len(values)))
    aligned[:, place, series] = values[series, periods], periods
    sizes, over = np.diff(aligned, axis=1)
    ended = np.arange(1, nobs.max())[:, None] >= nobs
    sizes[ended] = over[ended] = 0.0
    return _Changes(sizes, over, nobs - 1)


def _filter(changes: _Changes, log_ratios: FloatArray, room: FloatArray) -> _Filtered:
    """
    Filter at logarithms of ratios; they may be infinite.

    ``room`` is where arrays are put: new memory would cost as much time as the sums.
    """
    counts, shape = changes.counts, (_ARRAYS, *changes.sizes.shape)
    arrays = room[: math.prod(shape)].reshape(shape)
    variances, errors, powers, sums = arrays[0], arrays[1], arrays[2:4], arrays[4:]
    noise, level = np.exp(np.minimum(-log_ratios, 0)), np.exp(np.minimum(log_ratios, 0))
    np.multiply(changes.periods, level, out=variances)
    variances += 2 * noise
    _forward(changes, noise, (variances, errors, powers[0], sums[1]))
    last = counts - 1, np.arange(len(counts))
    last_error, last_kept = errors[last], powers[0][last]
    np.multiply(errors, sums[1], out=sums[0])
    squares = _total(np.multiply(errors, sums[0], out=errors))
    starts = np.arange(0, len(variances), _FACTORS)
    log_variances = _total(np.log(np.multiply.reduceat(variances, starts, axis=0)))
    np.square(powers[0], out=powers[1])
    _backward(changes, powers, sums)
    np.square(sums[0], out=sums[0])
    sums *= changes.periods
    by_scale, by_logs = _total(sums[0]), _total(sums[1])
    with np.errstate(divide="ignore", invalid="ignore"):
        height = -(counts * np.log(squares / counts) + log_variances) / 2
        slope = level * (counts * by_scale / squares - by_logs) / 2
    return _Filtered(
        noise, level, squares, log_variances, height, slope, last_kept * last_error, last_kept
    )


def _forward(
    changes: _Changes,
    noise: FloatArray,
    arrays: tuple[FloatArray, FloatArray, FloatArray, FloatArray],
) -> None:
    """Make variances and errors of forecasts, and the part of an error that is taken for noise."""
    variances, errors, kept, inverse = arrays
    squared, product = noise**2, np.empty_like(noise)
    running = list(enumerate(changes.running))[1:]
    for at, count in running:
        spare = product[:count]
        variances[at, :count] -= np.divide(squared[:count], variances[at - 1, :count], out=spare)
    np.copyto(variances, 1.0, where=changes.periods == 0)
    np.divide(1.0, variances, out=inverse)
    np.multiply(noise, inverse, out=kept)
    errors[:] = changes.sizes
    for at, count in running:
        spare = product[:count]
        errors[at, :count] += np.multiply(kept[at - 1, :count], errors[at - 1, :count], out=spare)


def _backward(changes: _Changes, powers: FloatArray, sums: FloatArray) -> None:
    """
    Gather from the last change back what the slope of the likelihood is made of.

    ``sums``: what solves the covariance for the changes, and the diagonal of its inverse, shape
    ``(2, changes, series)`` (Koopman, S. J. and Shephard, N. 1992. Biometrika 79 (4), 823-826).
    """
    product, running = np.empty((2, sums.shape[-1])), changes.running
    for at in range(len(running) - 2, -1, -1):
        now = np.s_[:, : running[at + 1]]
        after = np.multiply(powers[:, at][now], sums[:, at + 1][now], out=product[now])
        sums[:, at][now] += after


def _total(array: FloatArray) -> FloatArray:
    """Add up along the changes, one after the other: NumPy's sum of a lone series goes by parts."""
    alone = array.shape[-1] == 1
    return np.asarray(np.cumsum(array, axis=0)[-1] if alone else array.sum(axis=0))


def _room_for(changes: _Changes) -> FloatArray:
    """Return memory for the arrays of a filter."""
    return np.empty(_ARRAYS * changes.sizes.size)


def _fit(values: FloatArray, form: LocalForm) -> tuple[FloatArray, ReasonArray]:
    """Return the estimates of series that vary, most values first."""
    origin = values[np.arange(len(values)), np.argmax(~np.isnan(values), axis=1)]
    spread = np.nanstd(values, axis=1)
    # A power of two: dividing by it rounds nothing.
    unit = 2.0 ** np.round(np.log2(spread))
    changes = _changes((values - origin[:, None]) / unit[:, None])
    counts = changes.counts
    size = np.maximum(np.nanmax(np.abs(values), axis=1), float(form == "log"))
    noiseless = spread * np.sqrt((counts + 1) / counts) <= ROUNDING * size
    room = _room_for(changes)
    log_ratios, settled = _most_likely(changes, room)
    log_ratios[noiseless] = -np.inf
    filtered = _filter(changes, log_ratios, room)
    scale = np.where(noiseless, 0.0, filtered.squares / counts)
    lost = counts * (1 + 2 * np.log(unit)) + (counts + 1) * math.log(2 * math.pi)
    left = filtered.noise * (1 - filtered.last_kept)
    found = np.array(
        [
            filtered.noise * scale * unit**2,
            filtered.level * scale * unit**2,
            np.where(noiseless, np.inf, filtered.height - lost / 2),
            origin + unit * (_total(changes.sizes) - filtered.last_noise),
            np.sqrt(np.where(left > KNOWN, left, 0) * scale) * unit,
        ]
    )
    found[:, ~settled] = np.nan
    return found, np.where(settled, Reason.NONE, Reason.UNSETTLED).astype(np.int8)


def _most_likely(changes: _Changes, room: FloatArray) -> tuple[FloatArray, BoolArray]:
    """Return the logarithm of each series' best ratio, and whether no other is as good."""
    grid = _grid(changes)
    filtered = [_filter(changes, ratios, room) for ratios in grid]
    slopes = np.array([each.slope for each in filtered])
    noise_alone, none = filtered[0].height, filtered[-1].height
    best = np.where(noise_alone >= none, -np.inf, np.inf)
    needed = np.maximum(noise_alone, none) + NEGLIGIBLE
    series, cell = np.nonzero(((slopes[1:-2] > 0) & (slopes[2:-1] <= 0)).T)
    ends = np.array([cell + 1, cell + 2]), series
    among = changes.of(series)
    room = _room_for(among)
    tops = brent_roots(
        lambda points, which: _filter(among.of(which), points, room).slope,
        grid[ends],
        slopes[ends],
        close=_SETTLED,
    )
    heights = _filter(among, tops, room).height
    below, above = (_filter(among, tops + step, room).slope for step in (-NUDGE, NUDGE))
    settled = np.ones(len(best), dtype=np.bool_)
    # The lowest first, so that the highest of a series is the last to be written.
    order = np.argsort(heights, kind="stable")
    order = order[heights[order] > needed[series[order]]]
    best[series[order]] = tops[order]
    settled[series[order]] = (below - above)[order] >= 2 * NUDGE * FLAT
    return best, settled


def _grid(changes: _Changes) -> FloatArray:
    """Return logarithms of ratios of all sizes for each series, from noise alone to none."""
    # What shocks add up to over the whole sample is seen where they are far smaller than noise.
    lowest = -np.log(changes.counts * changes.periods.sum(axis=0))
    near, far = math.log(_NEAREST), math.log(_FARTHEST)
    inner = np.linspace(lowest - near, np.full_like(lowest, near), _POINTS)
    ends = np.full((1, len(lowest)), np.inf)
    return np.concatenate([-ends, [lowest - far], inner, np.full_like(ends, far), ends])
