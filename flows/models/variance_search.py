"""Variances of greatest likelihood: a scale in closed form, ratios where the score is zero."""

import itertools
import math
from dataclasses import dataclass

import numpy as np

from flows.errors import SampleError
from flows.models.diffuse_filter import DiffuseFilter, Filtered, System
from flows.models.sample import FloatArray, IntArray

NEGLIGIBLE = 5e-10
"""Log-likelihood that a variance has to add: one that adds less is zero."""

FLAT = 2 * NEGLIGIBLE
"""Curvature by log ratios below which a top does not say where it is."""

_ROUNDS = 200
_POLISHES = 50
NUDGE = 1e-2
"""Distance, in log ratios, of the scores whose differences are the curvature."""
_LONGEST = 3.0
"""Longest step in log ratios."""
_FRACTIONS = (1.0, 0.25, 0.0625, 0.002)
"""Parts of a step that are tried while the likelihood can tell which is best."""
_NEAR = 1e-9
"""Likelihood still to be gained below which only the score tells where to go."""
_SLOW = 1e-4
"""Likelihood still to be gained, as Newton expects it, below which a climb is nearly at its top."""
_HOPE = 100
"""A climb nearly at its top that lacks more than so often what it expects is given up."""
_SETTLED = 1e-14
"""Step in log ratios that is rounding."""
_ZERO_SCORE = 1e-10
"""Score by log ratios that counts as zero, for one observation."""
_DECADES = 1.5
"""Distance of neighbours on the grid, in powers of ten."""
_ONE_RATIO_DECADES = 0.25
"""The same where one ratio is all there is to find: a hill may be narrow, and looking is cheap."""
_TOP = 3.0
"""Highest ratio on the grid, as a power of ten."""
_SIZES = 10.0 ** np.arange(1, -14, -0.5)
"""Ratios at which a variance that is 0 is tried."""
_STARTS = 3
"""Most hills of the grid that are climbed."""
_KEPT = (-0.99, -0.8, -0.4, 0.1, 0.4, 0.7, 0.85, 0.95, 0.99)
"""Parts kept of itself by autoregressive noise from which the search starts."""
_TURNED = (-0.1, -0.01, 0.01, 0.999)
"""More of them, where white noise or the drift of the level is turned into such noise."""
_SEEN_SIZES = (0.0, 1e-2, 0.3, 10.0, 300.0)
_HIDDEN_SIZES = (0.0, 1e-5, 1e-3, 0.1)
_SEASON_SIZES = (0.0, 1e-2)
"""Variances of noise and level, of a slope and of a season, by that of autoregressive noise."""
_KEPT_STARTS = 5
"""Most parts kept from which a search starts."""
_FARTHEST = 0.9999
"""Largest part kept: beyond, noise is not told from a level that drifts."""


@dataclass(frozen=True, slots=True)
class Optimum:
    """
    Where a likelihood is highest.

    ``ratios``: variances relative to the largest one, shape ``(p,)``; exactly 0 where one is zero;
    ``scale``: the largest variance; ``loglik``: diffuse log-likelihood; ``rho``: the part that
    autoregressive noise keeps of itself, none where there is no such noise.
    """

    ratios: FloatArray
    scale: float
    loglik: float
    rho: float | None = None

    @property
    def params(self) -> FloatArray:
        """Ratios, and the part kept where the model has one."""
        return self.ratios if self.rho is None else np.append(self.ratios, self.rho)


class Likelihood:
    """
    The diffuse likelihood of variance ratios, each set with the scale that is best for it.

    ``kalman``: of the model and the series.
    """

    def __init__(self, kalman: DiffuseFilter) -> None:
        self.kalman, self.count = kalman, kalman.count
        self.constant = kalman.nobs * math.log(2 * math.pi) + kalman.start.log_variances

    def scale(self, params: FloatArray) -> float:
        """Return the factor that makes variances of ratios."""
        return float(self.kalman.run(params[:, None]).squares[0]) / self.count

    def values(self, params: FloatArray) -> FloatArray:
        """Return the log-likelihood of each column of ratios, the part kept under them."""
        return self.from_filtered(self.kalman.run(params))

    def scores(self, params: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the log-likelihood of each column, and its derivative by each parameter."""
        filtered = self.kalman.run(params)
        squares, expected = self.kalman.score(filtered)
        return self.from_filtered(filtered), (
            squares * (self.count / filtered.squares) - expected
        ) / 2

    def from_filtered(self, filtered: Filtered) -> FloatArray:
        """Return the log-likelihood under each set of parameters that was filtered."""
        logs = self.count * (1 + np.log(filtered.squares / self.count)) + filtered.log_variances
        return np.asarray(-(logs + self.constant) / 2)


@dataclass(frozen=True, slots=True)
class _Axes:
    """
    Where the search may go: the logarithms of positive ratios, and the part kept, as artanh.

    ``system``: whose parameters they are.
    """

    system: System

    @property
    def count(self) -> int:
        """Number of variances."""
        return len(self.system.sources)

    @property
    def kept(self) -> int | None:
        """Place of the variance of the shocks to the autoregressive state."""
        place = self.system.autoregressive
        return None if place is None else self.system.sources.index(place)

    def settled(self, sets: FloatArray) -> FloatArray:
        """Return parameters whose largest ratio is 1; noise that is not there keeps nothing."""
        sets = sets.copy()
        sets[: self.count] /= sets[: self.count].max(axis=0)
        if self.kept is not None:
            sets[-1] = np.where(sets[self.kept] == 0, 0.0, sets[-1])
        return sets

    def free(self, params: FloatArray) -> IntArray:
        """Return what can move: positive ratios but the first of the largest, the part kept."""
        ratios = params[: self.count]
        positive = np.flatnonzero(ratios)
        free = positive[positive != np.argmax(ratios)]
        if self.kept is None or ratios[self.kept] == 0 or abs(params[-1]) >= _FARTHEST:
            return np.asarray(free)
        return np.append(free, self.count)

    def moved(self, params: FloatArray, steps: FloatArray) -> FloatArray:
        """Return parameters after each column of steps along the axes."""
        moved = params[:, None] * np.exp(steps)
        if self.kept is not None:
            rho = np.tanh(np.arctanh(params[-1]) + steps[-1])
            moved[-1] = np.clip(rho, -_FARTHEST, _FARTHEST)
        return np.asarray(moved)

    def slopes(self, params: FloatArray, slopes: FloatArray) -> FloatArray:
        """Return derivatives along the axes of those by the parameters, column by column."""
        along = params * slopes
        if self.kept is not None:
            along[-1] = (1 - params[-1] ** 2) * slopes[-1]
        return np.asarray(along)


@dataclass(frozen=True, slots=True)
class _Place:
    """Parameters with their likelihood, its slopes, and the step that Newton would take."""

    params: FloatArray
    value: float
    slopes: FloatArray
    step: FloatArray
    gain: float
    score: float
    flattest: float

    def equals(self, other: "_Place") -> bool:
        """Whether both are on the same top."""
        with np.errstate(divide="ignore", invalid="ignore"):
            apart = np.log(np.abs(self.params)) - np.log(np.abs(other.params))
        same = (self.params == other.params) | (np.abs(apart) < NUDGE)
        return bool(same.all() and (self.params * other.params >= 0).all())


def find_variances(likelihood: Likelihood, *, nested: Optimum | None = None) -> Optimum:
    """
    Find the parameters of greatest likelihood among all that are legal.

    The hills of a grid of ratios, zeros among them, are climbed by safeguarded Newton steps on the
    exact score; climbs that cannot end highest are given up. On the way a variance may become 0,
    and at the top each that is 0 is tried at many sizes. Of tops as high as another the one with
    the fewest positive variances is taken. A model with autoregressive noise, whose shocks come
    last, starts from the optimum without it (``nested``) and from the best ratios with each of
    several parts kept.
    """
    axes = _Axes(likelihood.kalman.system)
    starts = _hills(likelihood) if nested is None else _kept_hills(likelihood, nested)
    places = _look(likelihood, axes, starts)
    for _ in range(_ROUNDS):
        if any(place.gain > _NEAR for place in places):
            places = _promising(_higher(likelihood, axes, places))
            continue
        top = _polished(likelihood, axes, _highest(axes, places))
        better = _other_face(likelihood, axes, top)
        if better is None:
            return _checked(likelihood, axes, top)
        places = _look(likelihood, axes, better)
    raise SampleError(
        f"expected the search for variances to end within {_ROUNDS} steps, found a likelihood "
        "still rising; use kind='level' or season=False"
    )


def _checked(likelihood: Likelihood, axes: _Axes, top: _Place) -> Optimum:
    """Return a top as the optimum, if it is one and the only one."""
    if top.score > _ZERO_SCORE * likelihood.count:
        raise SampleError(
            f"expected a score of zero at the most likely variances, found {top.score:.3g}; use "
            "kind='level' or season=False"
        )
    if top.flattest < FLAT:
        raise SampleError(
            f"expected one set of variances to be the most likely, found many: "
            f"{likelihood.kalman.nobs} values cannot tell them apart; use kind='level' or "
            "season=False"
        )
    rho = None if axes.kept is None else float(top.params[-1])
    return Optimum(top.params[: axes.count], likelihood.scale(top.params), top.value, rho)


def _spacing(system: System) -> float:
    """Return the distance of neighbours on the grid, in powers of ten."""
    return _ONE_RATIO_DECADES if len(system.sources) == 2 else _DECADES  # noqa: PLR2004 - a ratio


def _grid(kalman: DiffuseFilter) -> FloatArray:
    """Return ratios, zeros among them, of all sizes at which they could be told apart."""
    # Shocks to a state add up over the sample, to a slope twice: that much smaller ones matter.
    reach, decades = 2 * math.log10(len(kalman.y)), _spacing(kalman.system)
    levels = []
    for place in kalman.system.sources:
        hidden = place is not None and kalman.system.design[place] == 0
        lowest = -_TOP if place is None else -reach * (1 + hidden)
        levels.append([*10 ** np.arange(_TOP, lowest - decades, -decades), 0.0])
    sets = [
        [0.0] * first + [1.0, *others]
        for first in range(len(levels))
        for others in itertools.product(*levels[first + 1 :])
    ]
    return np.array(sets).T


def _hills(likelihood: Likelihood) -> FloatArray:
    """Return the highest points of the grid that have no higher neighbour."""
    grid, decades = _grid(likelihood.kalman), _spacing(likelihood.kalman.system)
    order = np.argsort(-likelihood.values(grid), kind="stable")
    grid = grid[:, order]
    with np.errstate(divide="ignore"):
        logs = np.log10(grid / grid.max(axis=0))
    # A zero is a neighbour of the smallest ratio.
    logs = np.maximum(logs, logs[np.isfinite(logs)].min() - decades)
    hills = [
        i
        for i in range(len(order))
        if (np.ptp(logs[:, :i] - logs[:, [i]], axis=0) > 1.5 * decades).all()
    ]
    return grid[:, hills[:_STARTS]]


def _kept_hills(likelihood: Likelihood, nested: Optimum) -> FloatArray:
    """Return the optimum without autoregressive noise, and the best ratios at some parts kept."""
    system = likelihood.kalman.system
    sizes = [
        _SEEN_SIZES
        if not place
        else (_HIDDEN_SIZES if system.design[place] == 0 else _SEASON_SIZES)
        for place in system.sources[:-1]
    ]
    ratios = np.array(list(itertools.product(*sizes, [1.0]))).T
    grid = np.vstack([np.tile(ratios, len(_KEPT)), np.repeat(_KEPT, ratios.shape[1])])
    grid[-2] *= 1 - grid[-1] ** 2
    values = likelihood.values(grid).reshape(len(_KEPT), -1)
    best = np.argmax(values, axis=1)
    hills = grid[:, best + np.arange(len(_KEPT)) * ratios.shape[1]]
    hills = hills[:, np.argsort(-values.max(axis=1), kind="stable")[:_KEPT_STARTS]]
    return np.column_stack([np.append(nested.ratios, [0.0, 0.0]), hills])


def _look(likelihood: Likelihood, axes: _Axes, sets: FloatArray) -> list[_Place]:
    """Evaluate likelihood, score and curvature at each column of parameters."""
    sets = axes.settled(sets)
    free = [axes.free(params) for params in sets.T]
    nudged = [_nudged(axes, params, places) for params, places in zip(sets.T, free, strict=True)]
    values, slopes = likelihood.scores(np.hstack(nudged))
    ends = np.cumsum([columns.shape[1] for columns in nudged])[:-1]
    parts = zip(nudged, free, np.split(values, ends), np.split(slopes, ends, axis=1), strict=True)
    return [_place(axes, *part) for part in parts]


def _nudged(axes: _Axes, params: FloatArray, free: IntArray) -> FloatArray:
    """Return the parameters, and each free one made a little larger, and smaller."""
    steps = np.eye(len(params))[:, np.repeat(free, 2)]
    steps[:, ::2] *= NUDGE
    steps[:, 1::2] *= -NUDGE
    return np.column_stack([params, axes.moved(params, steps)])


def _place(
    axes: _Axes, params: FloatArray, free: IntArray, values: FloatArray, slopes: FloatArray
) -> _Place:
    """Return the first column as a place, with its curvature from the others."""
    along = axes.slopes(params, slopes)[free]
    curvature = (along[:, 2::2] - along[:, 1::2]) / (2 * NUDGE)
    sizes, directions = np.linalg.eigh((curvature + curvature.T) / 2)
    turned = directions.T @ along[:, 0]
    # Where the likelihood is not concave the step goes up all the same.
    safe = np.maximum(np.abs(sizes), NEGLIGIBLE)
    step = np.zeros(len(params))
    step[free] = directions @ (turned / safe)
    return _Place(
        params=params[:, 0],
        value=float(values[0]),
        slopes=slopes[:, 0],
        step=step,
        gain=float(np.sum(turned**2 / safe) / 2),
        score=float(np.abs(along[:, 0]).max(initial=0.0)),
        flattest=float(sizes.min(initial=np.inf)),
    )


def _higher(likelihood: Likelihood, axes: _Axes, places: list[_Place]) -> list[_Place]:
    """Move each place that is not at its top, and keep one of those that meet."""
    trials = [
        _trials(axes, place) if place.gain > _NEAR else place.params[:, None] for place in places
    ]
    ends = np.cumsum([trial.shape[1] for trial in trials])[:-1]
    values = np.split(likelihood.values(np.hstack(trials)), ends)
    best = [trial[:, np.argmax(value)] for trial, value in zip(trials, values, strict=True)]
    moved = _look(likelihood, axes, np.column_stack(best))
    return [
        place
        for i, place in enumerate(moved)
        if not any(place.equals(earlier) for earlier in moved[:i])
    ]


def _promising(places: list[_Place]) -> list[_Place]:
    """Return the places that may still end highest."""
    top = max(place.value for place in places) - NEGLIGIBLE
    return [
        place for place in places if place.gain > _SLOW or place.value + _HOPE * place.gain >= top
    ]


def _trials(axes: _Axes, place: _Place) -> FloatArray:
    """Return the parameters with one variance less, and after some parts of the step."""
    step = place.step * min(1.0, _LONGEST / float(np.abs(place.step).max()))
    parts = axes.moved(place.params, np.multiply.outer(step, _FRACTIONS))
    fewer = _without_one(axes, place.params)
    if axes.kept is not None and place.gain > _SLOW:
        # Far from its top a climb without such noise ends where the model without it ends.
        fewer = [params for params in fewer if params[axes.kept] > 0]
    return axes.settled(np.column_stack([*fewer, parts]))


def _without_one(axes: _Axes, params: FloatArray) -> list[FloatArray]:
    """Return the parameters with each positive variance at 0, if another is left."""
    positive = np.flatnonzero(params[: axes.count])
    if len(positive) == 1:
        return []
    return [np.where(np.arange(len(params)) == j, 0.0, params) for j in positive]


def _highest(axes: _Axes, places: list[_Place]) -> _Place:
    """Return the highest place; of those as high the one with the fewest positive variances."""
    top = max(place.value for place in places)
    equals = [place for place in places if place.value >= top - NEGLIGIBLE]
    return min(equals, key=lambda place: np.count_nonzero(place.params[: axes.count]))


def _polished(likelihood: Likelihood, axes: _Axes, place: _Place) -> _Place:
    """Take Newton's steps by the score alone until rounding is all that moves."""
    last = np.inf
    for _ in range(_POLISHES):
        length = float(np.abs(place.step).max())
        at_top = place.score <= _ZERO_SCORE * likelihood.count
        if length <= _SETTLED or (length >= last / 2 and at_top):
            break
        (place,) = _look(likelihood, axes, axes.moved(place.params, place.step[:, None]))
        last = length
    return place


def _other_face(likelihood: Likelihood, axes: _Axes, top: _Place) -> FloatArray | None:
    """Return parameters with one variance less that are as likely, or others that are better."""
    fewer = [*_without_one(axes, top.params), *_absorbed(axes, top.params)]
    more = [
        np.where(np.arange(len(top.params)) == j, size, top.params)
        for j in np.flatnonzero((top.params[: axes.count] == 0) & (top.slopes[: axes.count] > 0))
        if j != axes.kept
        for size in _SIZES
    ]
    more += _kept_otherwise(axes, top.params)
    if not fewer and not more:
        return None
    trials = axes.settled(np.column_stack([*fewer, *more]))
    values = likelihood.values(trials)
    needed = np.repeat([-NEGLIGIBLE, NEGLIGIBLE], [len(fewer), len(more)])
    best = int(np.argmax(values - needed))
    return trials[:, [best]] if values[best] > top.value + needed[best] else None


def _absorbed(axes: _Axes, params: FloatArray) -> list[FloatArray]:
    """Return the parameters with autoregressive noise as white noise, and as drift of the level."""
    if axes.kept is None or params[axes.kept] == 0:
        return []
    # The first two sources are the noise and the shocks to the level.
    sizes = params[axes.kept] / (1 - params[-1] ** 2), params[axes.kept]
    moved = np.tile(params, (2, 1))
    moved[[0, 1], [0, 1]] += sizes
    moved[:, axes.kept] = 0.0
    return list(moved)


def _kept_otherwise(axes: _Axes, params: FloatArray) -> list[FloatArray]:
    """Return the parameters with autoregressive noise of other sizes that keeps other parts."""
    if axes.kept is None:
        return []
    size = params[axes.kept] / (1 - params[-1] ** 2)
    sizes = _SIZES if size == 0 else size * 10.0 ** np.arange(-1, 1.5, 0.5)
    others = [(value * (1 - rho**2), rho) for value in sizes for rho in _KEPT]
    sets = np.tile(params, (len(others), 1))
    sets[:, [axes.kept, -1]] = others
    if size > 0:
        return list(sets)
    instead = np.tile(params, (2, len(_KEPT) + len(_TURNED), 1))
    instead[:, :, -1] = [*_KEPT, *_TURNED]
    # The white noise, or the drift of the level, as noise that keeps a part of itself.
    instead[0, :, axes.kept] = params[0] * (1 - instead[0, :, -1] ** 2)
    instead[1, :, axes.kept] = params[1]
    instead[[0, 1], :, [0, 1]] = 0.0
    return [
        *sets,
        *(turned for turned in instead.reshape(-1, len(params)) if turned[axes.kept] > 0),
    ]
