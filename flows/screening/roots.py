"""Roots of many functions at once, by Brent's method."""

from collections.abc import Callable, Sequence

import numpy as np

from flows.models.sample import FloatArray, IntArray

_ROUNDING = 4 * np.finfo(np.float64).eps
_ROUNDS = 100


def brent_roots(
    function: Callable[[FloatArray, IntArray], FloatArray],
    ends: Sequence[FloatArray],
    values: Sequence[FloatArray],
    *,
    close: float,
) -> FloatArray:
    """
    Find a root of each function between two ends whose ``values`` have opposite signs, or are zero.

    ``function(x, which)`` returns the values at ``x`` of the functions numbered ``which``, the same
    array from call to call until half of its functions have their root. The steps are those of
    :func:`scipy.optimize.brentq` with ``xtol=close``, so that of several roots the same is found.
    A last step of less than ``close**0.75`` is not verified: interpolation converges faster
    than linearly, so that what it leaves is below ``close``.

    Brent, R. P. (1973). Algorithms for Minimization without Derivatives, chapters 3 and 4.
    """
    before, at = ends
    f_before, f_at = values
    roots = np.where(f_before == 0, before, at)
    which = np.arange(len(roots))
    across, f_across = before, f_before
    step_before = step = at - before
    moving = (f_before != 0) & (f_at != 0)
    for _ in range(_ROUNDS):
        if not moving.any():
            break
        if 2 * np.count_nonzero(moving) <= len(which):
            state = which, before, at, across, f_before, f_at, f_across, step_before, step
            which, before, at, across, f_before, f_at, f_across, step_before, step = (
                array[moving] for array in state
            )
            moving = np.ones(len(which), dtype=bool)
        changed = np.signbit(f_before) != np.signbit(f_at)
        across = np.where(changed, before, across)
        f_across = np.where(changed, f_before, f_across)
        step = np.where(changed, at - before, step)
        step_before = np.where(changed, step, step_before)
        swap = np.abs(f_across) < np.abs(f_at)
        before, at, across = (
            np.where(swap, at, before),
            np.where(swap, across, at),
            np.where(swap, at, across),
        )
        f_before, f_at, f_across = (
            np.where(swap, f_at, f_before),
            np.where(swap, f_across, f_at),
            np.where(swap, f_at, f_across),
        )
        least = (close + _ROUNDING * np.abs(at)) / 2
        half = (across - at) / 2
        trial = _interpolated((before, at, across), (f_before, f_at, f_across))
        quick = (
            (np.abs(step_before) > least)
            & (np.abs(f_at) < np.abs(f_before))
            & (2 * np.abs(trial) < np.minimum(np.abs(step_before), 3 * np.abs(half) - least))
        )
        found = moving & ((f_at == 0) | (np.abs(half) < least))
        roots[which[found]] = at[found]
        last = moving & ~found & quick & (np.abs(trial) <= close**0.75)
        roots[which[last]] = at[last] + trial[last]
        moving = moving & ~found & ~last
        step_before = np.where(quick, step, half)
        step = np.where(quick, trial, half)
        before, f_before = at, f_at
        at = at + np.where(np.abs(step) > least, step, np.copysign(least, half))
        if moving.any():
            f_at = function(at, which)
    return roots


def _interpolated(points: Sequence[FloatArray], values: Sequence[FloatArray]) -> FloatArray:
    """Return the step by a line through two points, by an inverse parabola through three."""
    before, at, across = points
    f_before, f_at, f_across = values
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        line = -f_at * (at - before) / (f_at - f_before)
        near = (f_before - f_at) / (before - at)
        far = (f_across - f_at) / (across - at)
        parabola = -f_at * (f_across * far - f_before * near)
        parabola /= far * near * (f_across - f_before)
    return np.where(before == across, line, parabola)
