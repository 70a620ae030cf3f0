"""Kalman filter and score under many sets of variances at once, from an exactly diffuse start."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.sparse import block_diag, csr_array, kron

from flows.models.sample import FloatArray

_HIDDEN = 1e-10
"""Loading, relative to the basis, of a direction of the start that an observation does not see."""


@dataclass(frozen=True, slots=True)
class System:
    r"""
    A series as a sum of states: :math:`y_t = z' a_t + e_t`, :math:`a_{t+1} = T a_t + w_t`.

    ``design``: :math:`z`, shape ``(m,)``; ``transition``: :math:`T`, shape ``(m, m)``; ``sources``:
    for each variance the state that its shocks enter; ``None`` for the noise :math:`e_t`;
    ``autoregressive``: the state of its own that keeps a part :math:`\rho` of itself, and starts
    from its stationary distribution; ``zero_start``: states that start at zero. Of all others
    nothing is known at the start.
    """

    design: FloatArray
    transition: FloatArray
    sources: tuple[int | None, ...]
    autoregressive: int | None = None
    zero_start: tuple[int, ...] = ()

    @property
    def known_start(self) -> tuple[int, ...]:
        """States whose start has a distribution."""
        stationary = () if self.autoregressive is None else (self.autoregressive,)
        return (*self.zero_start, *stationary)


@dataclass(frozen=True, slots=True)
class Start:
    """
    What the first observations say about a start of which nothing is assumed.

    ``gains``: by place in the series, of each observation that fixes an unknown: how much it moves
    each state, shape ``(m,)``; ``log_variances``: sum of the logarithms of the diffuse variances of
    these observations; ``unknowns``: directions of the start that no observation fixes.
    """

    gains: dict[int, FloatArray]
    log_variances: float
    unknowns: int


@dataclass(frozen=True, slots=True)
class Filtered:
    """
    Forecast errors under each of ``g`` sets of variances, and what the score needs of them.

    ``following``: mean of each state one period after the last, and under it its covariances with
    the others, shape ``(m + 1, m, g)``; ``lasting``: of the autoregressive state by period its mean
    as far as it is known then, and under it its covariances with all states.
    """

    squares: FloatArray
    log_variances: FloatArray
    gains: FloatArray
    errors: FloatArray
    precisions: FloatArray
    following: FloatArray
    lasting: FloatArray
    parts: tuple[FloatArray, FloatArray]


class DiffuseFilter:
    """
    The Kalman filter of one model and one series.

    ``system``: the model; ``y``: values in the order of time, missing ones NaN, shape ``(n,)``.

    Durbin, J. and Koopman, S. J. (2012). Time Series Analysis by State Space Methods, 2nd ed.
    Oxford University Press; sections 4.5 and 5.2.
    """

    def __init__(self, system: System, y: FloatArray) -> None:
        self.system, self.y = system, y
        self.start = _find_start(system, y)
        self._measured = np.array([place is None for place in system.sources])
        size, step = len(system.design), csr_array(system.transition)
        self._step = step
        # State and covariance move on in one stack, ``m`` rows and ``m * m``. A sparse product sums
        # in one order and calls no library for matrices: the same digits on every processor.
        self._onward = csr_array(block_diag([step, kron(step, step)]))
        self._back = csr_array(self._onward.T)
        self._loads = [(int(i), float(system.design[i])) for i in np.flatnonzero(system.design)]
        self._shocked = np.array([i for i in system.sources if i is not None], dtype=np.int64)
        self._spreads = size + self._shocked * (size + 1)
        observed = ~np.isnan(y)
        self.nobs = int(observed.sum())
        observed[list(self.start.gains)] = False
        self._counted = observed
        place = system.autoregressive
        self._ar = place
        self._ar_spread = 0 if place is None else size + place * (size + 1)
        row = size * (1 + (place or 0))
        self._ar_covariances = slice(row, row + size)
        self._ar_source = None if place is None else system.sources.index(place)

    @property
    def count(self) -> int:
        """Number of observations beyond those that fix the start."""
        return int(self._counted.sum())

    def run(self, params: FloatArray) -> Filtered:
        """
        Filter under each column of parameters.

        They are the variances in the order of the sources, and last, where there is an
        autoregressive state, the part of itself that it keeps.
        """
        size, sets = len(self.system.design), params.shape[1]
        variances, rho = self._split(params)
        noise, shocks = variances[self._measured].sum(axis=0), variances[~self._measured]
        stack = np.zeros((size * (size + 1), sets))
        lasting = np.zeros((len(self.y), size + 1, sets) if self._ar is not None else 0)
        if self._ar is not None:
            stack[self._ar_spread] = variances[self._ar_source] / (1 - rho**2)
        gains = np.zeros((len(self.y), size, sets))
        misses, spreads = np.zeros((len(self.y), sets)), np.ones((len(self.y), sets))
        for t, value in enumerate(self.y):
            if not math.isnan(value):
                parts = stack.reshape(size + 1, size, sets)
                # Of the state its mean as it is observed, and the covariance of each with that.
                seen = self._observed(parts.swapaxes(0, 1))
                spread = noise + self._observed(seen[1:])
                seen[0] -= value
                if self._counted[t]:
                    gain = np.divide(seen[1:], spread, out=gains[t])
                    parts -= seen[:, None] * gain
                    misses[t], spreads[t] = seen[0], spread
                else:
                    gains[t] = self.start.gains[t][:, None]
                    _fix(parts, gains[t], seen, spread)
            if self._ar is not None:
                lasting[t, 0] = stack[self._ar]
                lasting[t, 1:] = stack[self._ar_covariances]
            stack = self._moved(self._onward, stack, rho)
            stack[self._spreads] += shocks
        precisions = np.where(self._counted[:, None], 1 / spreads, 0.0)
        return Filtered(
            squares=(misses**2 * precisions).sum(axis=0),
            log_variances=np.log(spreads).sum(axis=0),
            gains=gains,
            errors=-misses * precisions,
            precisions=precisions,
            following=stack.reshape(size + 1, size, sets),
            lasting=lasting,
            parts=(variances, rho),
        )

    def forecast(self, filtered: Filtered, horizon: int) -> tuple[FloatArray, FloatArray]:
        """Return mean and variance of the values after the last, shapes ``(horizon, g)``."""
        size, sets = filtered.following.shape[1:]
        stack = filtered.following.reshape(size * (size + 1), sets).copy()
        variances, rho = filtered.parts
        noise, shocks = variances[self._measured].sum(axis=0), variances[~self._measured]
        means, spreads = np.zeros((horizon, sets)), np.zeros((horizon, sets))
        for step in range(horizon):
            seen = self._observed(stack.reshape(size + 1, size, sets).swapaxes(0, 1))
            means[step], spreads[step] = seen[0], noise + self._observed(seen[1:])
            stack = self._moved(self._onward, stack, rho)
            stack[self._spreads] += shocks
        return means, spreads

    def _split(self, params: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the variances, and the part that the autoregressive state keeps of itself."""
        count = len(self.system.sources)
        return params[:count], params[count] if self._ar is not None else np.zeros(params.shape[1])

    def _moved(self, step: csr_array, stack: FloatArray, rho: FloatArray) -> FloatArray:
        """Move states and covariances on, or back; the transition has 1 for the part kept."""
        stack = np.asarray(step @ stack)
        if self._ar is not None:
            size = len(self.system.design)
            parts = stack.reshape(size + 1, size, -1)
            parts[:, self._ar] *= rho
            parts[1 + self._ar] *= rho
        return stack

    def _observed(self, states: FloatArray) -> FloatArray:
        """Return the sum of the states, along the first axis, as the series shows it."""
        (first, load), *others = self._loads
        total = load * states[first]
        for place, weight in others:
            total += weight * states[place]
        return np.asarray(total)

    def score(self, filtered: Filtered) -> tuple[FloatArray, FloatArray]:
        r"""
        Return two sums for each variance: half their difference is the likelihood's derivative.

        They are :math:`\sum u_t^2` and :math:`\sum D_t` of the disturbance smoother for the noise,
        :math:`\sum r_{it}^2` and :math:`\sum N_{iit}` for a state, so that the score is exact also
        where a variance is zero (Koopman and Shephard 1992, Biometrika 79, 823-826). For the part
        kept they are made of the smoothed products of the autoregressive state and its next shock.
        """
        rho = filtered.parts[1]
        nobs, size, sets = filtered.gains.shape
        stack = np.zeros((size * (size + 1), sets))
        weights, spreads = np.zeros((nobs, size, sets)), np.zeros((nobs, len(self._shocked), sets))
        crossed = np.zeros((nobs, size, sets) if self._ar is not None else 0)
        by_noise = np.zeros((2, nobs, sets))
        for t in range(nobs - 1, -1, -1):
            weights[t], spreads[t] = stack[:size], stack[self._spreads]
            if self._ar is not None:
                crossed[t] = stack[self._ar_covariances]
            stack = self._moved(self._back, stack, rho)
            if math.isnan(self.y[t]):
                continue
            gain = filtered.gains[t]
            parts = stack.reshape(size + 1, size, sets)
            scores = -(parts * gain).sum(axis=1)
            precision = filtered.precisions[t] - (scores[1:] * gain).sum(axis=0)
            scores[0] += filtered.errors[t]
            for place, load in self._loads:
                scores[1 + place] += load * precision / 2
            for place, load in self._loads:
                loaded = load * scores
                parts[:, place] += loaded
                parts[1 + place] += loaded[1:]
            by_noise[0, t], by_noise[1, t] = scores[0], precision
        sums = np.zeros((2, len(self._measured), sets))
        sums[0, self._measured] = (by_noise[0] ** 2).sum(axis=0)
        sums[0, ~self._measured] = (weights[:, self._shocked] ** 2).sum(axis=0)
        sums[1, self._measured] = by_noise[1].sum(axis=0)
        sums[1, ~self._measured] = spreads.sum(axis=0)
        if self._ar is not None:
            by_rho = self._products(filtered, weights, crossed, self._ar)
            sums = self._with_start(sums, by_rho, stack, *filtered.parts)
        return sums[0], sums[1]

    def _products(
        self, filtered: Filtered, weights: FloatArray, crossed: FloatArray, place: int
    ) -> FloatArray:
        """Return the mean of the autoregressive state times its next shock, and its spread."""
        nobs, size, sets = weights.shape
        covariances = filtered.lasting[:, 1:].swapaxes(0, 1).reshape(size, -1)
        onward = np.asarray(self._step @ covariances).reshape(size, nobs, sets)
        onward[place] *= filtered.parts[1]
        onward = onward.swapaxes(0, 1)
        state = filtered.lasting[:, 0] + (onward * weights).sum(axis=1)
        return np.array(
            [(state * weights[:, place]).sum(axis=0), (onward * crossed).sum(axis=1).sum(axis=0)]
        )

    def _with_start(
        self,
        sums: FloatArray,
        by_rho: FloatArray,
        stack: FloatArray,
        variances: FloatArray,
        rho: FloatArray,
    ) -> FloatArray:
        """Add what the stationary start says of its two parameters, that of the part kept last."""
        start = np.array([stack[self._ar] ** 2, stack[self._ar_spread]])
        sums[:, self._ar_source] += start / (1 - rho**2)
        slope = 2 * rho * variances[self._ar_source] / (1 - rho**2) ** 2
        return np.concatenate([sums, (2 * by_rho + start * slope)[:, None]], axis=1)


def _fix(parts: FloatArray, gain: FloatArray, seen: FloatArray, spread: FloatArray) -> None:
    """Update by an observation that fixes an unknown: no variance says how much it counts."""
    parts[0] -= seen[0] * gain
    crossed = seen[1:, None] * gain
    parts[1:] += spread * gain[:, None] * gain - crossed - crossed.swapaxes(0, 1)


def _find_start(system: System, y: FloatArray) -> Start:
    """
    Find the observations that fix the unknowns of the start; variances play no part in it.

    The diffuse part of the states' covariance is ``B B'``. An observation that sees it takes one
    column off ``B``: its rank is counted, never read off small numbers.
    """
    transition = csr_array(system.transition)
    basis = np.delete(np.eye(len(system.design)), system.known_start, axis=1)
    gains: dict[int, FloatArray] = {}
    logs = []
    for t, value in enumerate(y):
        seen = (system.design[:, None] * basis).sum(axis=0)
        length = math.sqrt(math.fsum(seen**2))
        if not math.isnan(value) and length > _HIDDEN * np.abs(basis).max(initial=0.0):
            gains[t] = (basis * seen).sum(axis=1) / length**2
            logs.append(2 * math.log(length))
            basis = _unseen(basis, seen, length)
        basis = np.asarray(transition @ basis)
    return Start(gains, math.fsum(logs), basis.shape[1])


def _unseen(basis: FloatArray, seen: FloatArray, length: float) -> FloatArray:
    """Turn the basis until only its first column is seen (Householder), and take that one off."""
    mirror = seen.copy()
    mirror[0] += math.copysign(length, seen[0])
    mirror /= math.sqrt(math.fsum(mirror**2))
    turned = basis - 2 * (basis * mirror).sum(axis=1)[:, None] * mirror
    return np.asarray(turned[:, 1:])
