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
    """
    A series as a sum of states: :math:`y_t = z' a_t + e_t`, :math:`a_{t+1} = T a_t + w_t`.

    ``design``: :math:`z`, shape ``(m,)``; ``transition``: :math:`T`, shape ``(m, m)``; ``sources``:
    for each variance the state that its shocks enter; ``None`` for the noise :math:`e_t`.
    """

    design: FloatArray
    transition: FloatArray
    sources: tuple[int | None, ...]


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
    """Forecast errors under each of ``g`` sets of variances, and what the score needs of them."""

    squares: FloatArray
    log_variances: FloatArray
    gains: FloatArray
    errors: FloatArray
    precisions: FloatArray


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

    @property
    def count(self) -> int:
        """Number of observations beyond those that fix the start."""
        return int(self._counted.sum())

    def run(self, variances: FloatArray) -> Filtered:
        """Filter under each column of variances, which are in the order of the sources."""
        size, sets = len(self.system.design), variances.shape[1]
        noise, shocks = variances[self._measured].sum(axis=0), variances[~self._measured]
        stack = np.zeros((size * (size + 1), sets))
        gains = np.zeros((len(self.y), size, sets))
        misses, spreads = np.zeros((len(self.y), sets)), np.ones((len(self.y), sets))
        for t, value in enumerate(self.y):
            if not math.isnan(value):
                parts = stack.reshape(size + 1, size, sets)
                # Of the state its mean as it is observed, and the covariance of each with that.
                seen = self._observed(parts, axis=1)
                spread = noise + self._observed(seen[1:], axis=0)
                seen[0] -= value
                if self._counted[t]:
                    gains[t] = seen[1:] / spread
                    parts -= seen[:, None] * gains[t]
                    misses[t], spreads[t] = seen[0], spread
                else:
                    gains[t] = self.start.gains[t][:, None]
                    _fix(parts, gains[t], seen, spread)
            stack = self._onward @ stack
            stack[self._spreads] += shocks
        precisions = np.where(self._counted[:, None], 1 / spreads, 0.0)
        return Filtered(
            squares=(misses**2 * precisions).sum(axis=0),
            log_variances=np.log(spreads).sum(axis=0),
            gains=gains,
            errors=-misses * precisions,
            precisions=precisions,
        )

    def _observed(self, states: FloatArray, *, axis: int) -> FloatArray:
        """Return the sum of the states along an axis as the series shows it."""
        moved = np.moveaxis(states, axis, 0)
        total = np.zeros(moved.shape[1:])
        for place, load in self._loads:
            total += load * moved[place]
        return total

    def score(self, filtered: Filtered) -> tuple[FloatArray, FloatArray]:
        r"""
        Return two sums for each variance: half their difference is the likelihood's derivative.

        They are :math:`\sum u_t^2` and :math:`\sum D_t` of the disturbance smoother for the noise,
        :math:`\sum r_{it}^2` and :math:`\sum N_{iit}` for a state, so that the score is exact also
        where a variance is zero (Koopman and Shephard 1992, Biometrika 79, 823-826).
        """
        nobs, size, sets = filtered.gains.shape
        stack = np.zeros((size * (size + 1), sets))
        by_state = np.zeros((2, nobs, len(self._shocked), sets))
        by_noise = np.zeros((2, nobs, sets))
        for t in range(nobs - 1, -1, -1):
            by_state[:, t] = stack[self._shocked], stack[self._spreads]
            stack = self._back @ stack
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
                parts[:, place] += load * scores
                parts[1 + place] += load * scores[1:]
            by_noise[:, t] = scores[0], precision
        squares, expected = np.zeros((2, len(self._measured), sets))
        squares[self._measured] = (by_noise[0] ** 2).sum(axis=0)
        squares[~self._measured] = (by_state[0] ** 2).sum(axis=0)
        expected[self._measured] = by_noise[1].sum(axis=0)
        expected[~self._measured] = by_state[1].sum(axis=0)
        return squares, expected


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
    transition, basis = csr_array(system.transition), np.eye(len(system.design))
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
