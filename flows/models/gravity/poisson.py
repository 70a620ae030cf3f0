"""Poisson pseudo-likelihood with absorbed effects: the fit itself."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import xlogy

from flows.errors import SampleError
from flows.models.gravity.effects import Absorber, Effect
from flows.models.sample import FloatArray, IntArray

_ROUNDS = 200
_HALVINGS = 30
_SETTLED = 1e-10
"""Change of the deviance, as a part of it, from which on a round is the last but two."""

_LEAST = 0.1
"""Deviance, in units of the mean, below which changes are measured as they are."""

_ROUGH, _CLOSE, _FINAL = 0.1, 1e-6, 1e-12
"""
Tolerance of what is absorbed: while steps are large, in the first round and in the last but one,
and of the regressors in the last one.
"""

_ABSORBED = 1e-9
"""Part of a regressor's squares that is left where it is a combination of others."""

_FLOOR = 1e-300


@dataclass(frozen=True, slots=True, eq=False)
class AbsorbedFit:
    """
    A fit of a mean that is the exponential of regressors and effects.

    ``params``: shape ``(k,)``; ``mean``: fitted means, ``eta``: their logarithms, shape
    ``(nobs,)``; ``x_tilde``: regressors less their weighted projection on the effects, weights
    being the means, shape ``(nobs, k)``; ``bread``: inverse of the information, shape ``(k, k)``;
    ``deviance``: twice the distance of the pseudo-likelihood from a perfect fit; ``rounds``: of
    weighted least squares.
    """

    params: FloatArray
    mean: FloatArray
    eta: FloatArray
    x_tilde: FloatArray
    bread: FloatArray
    deviance: float
    rounds: int

    def scores(self, y: FloatArray) -> FloatArray:
        """Return the derivative of the pseudo-likelihood by observation, shape ``(nobs, k)``."""
        return np.asarray(self.x_tilde * (y - self.mean)[:, None])


def fit_absorbed(
    x: FloatArray, y: FloatArray, effects: Sequence[Effect], names: Sequence[str] = ()
) -> AbsorbedFit:
    r"""
    Fit :math:`E(y) = \exp(x'\beta + \text{effects})` by iterated weighted least squares.

    ``x``: regressors, shape ``(nobs, k)``; ``y``: not negative, shape ``(nobs,)``; that an estimate
    exists is checked before (see :mod:`flows.models.gravity.separation`). ``names``: of the
    regressors, for errors. Rows are summed in an order that their effects and values decide, in
    units of the mean of ``y``, so that neither their order nor their unit changes a digit that is
    printed.

    Correia, S., Guimaraes, P. and Zylkin, T. (2020). Fast Poisson estimation with high-dimensional
    fixed effects. Stata Journal 20 (1), 95-115.
    """
    effects = sorted(effects, key=lambda effect: -len(effect.levels))
    order, back = _in_order([*x.T, y, *[effect.codes for effect in reversed(effects)]])
    unit = float(np.mean(y[order]))
    scale = np.sqrt(np.mean(x[order] ** 2, axis=0))
    scale[scale == 0] = 1.0
    fit = _settle(
        x[order] / scale,
        y[order],
        unit=unit,
        absorber=Absorber([effect.ordered(order) for effect in effects], len(y)),
        effects=[effect.name for effect in effects],
        names=list(names) or [f"number {place + 1}" for place in range(x.shape[1])],
    )
    return AbsorbedFit(
        params=fit.params / scale,
        mean=fit.mean[back],
        eta=fit.eta[back],
        x_tilde=fit.x_tilde[back] * scale,
        bread=fit.bread / np.outer(scale, scale),
        deviance=fit.deviance,
        rounds=fit.rounds,
    )


def _in_order(keys: Sequence[FloatArray | IntArray]) -> tuple[IntArray | slice, IntArray | slice]:
    """Return the order by keys, the last one first, and the way back; rows in order stay views."""
    order = np.lexsort(keys)
    if (np.diff(order) == 1).all():
        return slice(None), slice(None)
    back = np.empty_like(order)
    back[order] = np.arange(len(order))
    return order, back


def _settle(
    x: FloatArray,
    values: FloatArray,
    *,
    unit: float,
    absorber: Absorber,
    effects: list[str],
    names: list[str],
) -> AbsorbedFit:
    """
    Iterate until the deviance settles, then twice more, with what is absorbed to more digits.

    After the first round the linear predictor is a combination of regressors and effects, so that
    what is projected is only the gap between values and means: the nearer the end, the less there
    is to solve.
    """
    k, y = x.shape[1], values / unit
    eta, mean, deviance = np.full(len(y), -np.log(unit)), (y + 1) / 2, np.inf
    x_tilde, params, tolerance = np.empty((k, len(y))), np.zeros(k), _CLOSE
    settled, gap = False, np.log(mean) - eta + (y - mean) / mean
    for rounds in range(1, _ROUNDS + 1):
        information = _project(x, x_tilde, mean, absorber, tolerance)
        if rounds == 1:
            check_independent(information, mean @ x**2, effects, names)
        left = absorber.residuals(gap, tolerance=max(tolerance, _CLOSE))
        change = np.linalg.solve(information, x_tilde @ (mean * left))
        step = np.subtract(gap, left, out=gap)
        step += change @ x_tilde
        del left
        part, eta, mean, previous, deviance = _shortened(eta, step, y, deviance)
        params += part * change
        if tolerance == _FINAL:
            return AbsorbedFit(
                params=params,
                mean=mean * unit,
                eta=eta + np.log(unit),
                x_tilde=x_tilde.T,
                bread=np.asarray(np.linalg.inv(information)) / unit,
                deviance=deviance * unit,
                rounds=rounds,
            )
        moved = abs(previous - deviance) / max(min(previous, deviance), _LEAST)
        tolerance = _FINAL if settled else _CLOSE if moved < _SETTLED else _ROUGH
        settled = tolerance == _CLOSE
        gap = (y - mean) / mean
    raise SampleError(
        f"expected the estimate to settle within {_ROUNDS} rounds, found the deviance to change by "
        f"{moved:.1e} of itself in the last one; look for values that are far above all others"
    )


def _project(
    x: FloatArray,
    x_tilde: FloatArray,
    weights: FloatArray,
    absorber: Absorber,
    tolerance: float,
) -> FloatArray:
    """Set what is left of the regressors beside the effects, and return its weighted products."""
    absorber.weigh(weights)
    for place, column in enumerate(x.T):
        x_tilde[place] = absorber.residuals(column, key=place, tolerance=tolerance)
    return np.asarray((x_tilde * weights) @ x_tilde.T)


def _shortened(
    eta: FloatArray, step: FloatArray, y: FloatArray, deviance: float
) -> tuple[float, FloatArray, FloatArray, float, float]:
    """Return how much of a step lowers the deviance, what it leads to, and both deviances."""
    part = 1.0
    for _ in range(_HALVINGS):
        with np.errstate(over="ignore", invalid="ignore"):
            moved = eta + part * step
            mean = np.maximum(np.exp(moved), _FLOOR)
            found = _deviance(y, mean)
        if found <= deviance + _SETTLED * max(deviance, _LEAST):
            return part, moved, mean, deviance, found
        part /= 2
    raise SampleError(
        f"expected a step that lowers the deviance, found none in {_HALVINGS} halvings from "
        f"{deviance:.6g} on; look for values that are far above all others"
    )


def _deviance(y: FloatArray, mean: FloatArray) -> float:
    terms = y / mean
    terms = xlogy(y, terms, out=terms)
    terms -= y
    terms += mean
    return float(2 * np.sum(terms))


def check_independent(
    information: FloatArray, squares: FloatArray, effects: Sequence[str], names: Sequence[str]
) -> None:
    """Refuse a regressor that is a combination of the effects, or of those before it."""
    within = np.diag(information)
    for place, name in enumerate(names):
        if not within[place] > _ABSORBED * squares[place]:
            them = ", ".join(effects) or "none"
            raise SampleError(
                f"{name}: expected a regressor that varies within the effects ({them}), found a "
                "combination of them: its coefficient cannot be told from theirs; leave it out"
            )
        others = information[:place, :place]
        along = information[:place, place]
        alone = within[place] - along @ np.linalg.solve(others, along)
        if not alone > _ABSORBED * within[place]:
            raise SampleError(
                f"{name}: expected a regressor of its own, found a combination of "
                f"{', '.join(names[:place])}"
                f"{' and the effects' if effects else ''}; leave one of them out"
            )
