"""Variances of greatest likelihood: a scale in closed form, ratios where the score is zero."""

import itertools
import math
from dataclasses import dataclass

import numpy as np

from flows.errors import SampleError
from flows.models.diffuse_filter import DiffuseFilter, Filtered
from flows.models.sample import FloatArray, IntArray

_NEGLIGIBLE = 5e-10
"""Log-likelihood that a variance has to add: one that adds less is zero."""

_ROUNDS = 200
_NUDGE = 1e-2
"""Distance, in log ratios, of the scores whose differences are the curvature."""
_LONGEST = 3.0
"""Longest step in log ratios."""
_FRACTIONS = (1.0, 0.25, 0.0625, 0.002)
"""Parts of a step that are tried while the likelihood can tell which is best."""
_NEAR = 1e-9
"""Likelihood still to be gained below which only the score tells where to go."""
_SETTLED = 1e-14
"""Step in log ratios that is rounding."""
_ZERO_SCORE = 1e-10
"""Score by log ratios that counts as zero, for one observation."""
_DECADES = 1.5
"""Distance of neighbours on the grid, in powers of ten."""
_TOP = 3.0
"""Highest ratio on the grid, as a power of ten."""
_SIZES = 10.0 ** np.arange(1, -14, -0.5)
"""Ratios at which a variance that is 0 is tried."""
_STARTS = 3
"""Most hills of the grid that are climbed."""


@dataclass(frozen=True, slots=True)
class Optimum:
    """
    Where a likelihood is highest.

    ``ratios``: variances relative to the largest one, shape ``(p,)``; exactly 0 where one is zero;
    ``scale``: the largest variance; ``loglik``: diffuse log-likelihood.
    """

    ratios: FloatArray
    scale: float
    loglik: float


class Likelihood:
    """
    The diffuse likelihood of variance ratios, each set with the scale that is best for it.

    ``kalman``: of the model and the series.
    """

    def __init__(self, kalman: DiffuseFilter) -> None:
        self.kalman, self.count = kalman, kalman.count
        self.constant = kalman.nobs * math.log(2 * math.pi) + kalman.start.log_variances

    def scale(self, ratios: FloatArray) -> float:
        """Return the factor that makes variances of ratios."""
        return float(self.kalman.run(ratios[:, None]).squares[0]) / self.count

    def values(self, ratios: FloatArray) -> FloatArray:
        """Return the log-likelihood of each column of ratios."""
        return self._value(self.kalman.run(ratios))

    def scores(self, ratios: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the log-likelihood of each column, and its derivative by each ratio."""
        filtered = self.kalman.run(ratios)
        squares, expected = self.kalman.score(filtered)
        return self._value(filtered), (squares * (self.count / filtered.squares) - expected) / 2

    def _value(self, filtered: Filtered) -> FloatArray:
        logs = self.count * (1 + np.log(filtered.squares / self.count)) + filtered.log_variances
        return np.asarray(-(logs + self.constant) / 2)


@dataclass(frozen=True, slots=True)
class _Place:
    """A set of ratios with its likelihood, its slopes, and the step that Newton would take."""

    ratios: FloatArray
    value: float
    slopes: FloatArray
    step: FloatArray
    gain: float
    flattest: float

    @property
    def positive(self) -> int:
        """Number of variances that are not 0."""
        return int(np.count_nonzero(self.ratios))

    @property
    def score(self) -> float:
        """Largest derivative by the logarithm of a ratio."""
        return float(np.abs(self.ratios * self.slopes).max())

    def equals(self, other: "_Place") -> bool:
        """Whether both are on the same top."""
        with np.errstate(divide="ignore", invalid="ignore"):
            apart = np.log(self.ratios) - np.log(other.ratios)
        same = (self.ratios == other.ratios) | (np.abs(apart) < _NUDGE)
        return bool(same.all())


def find_variances(likelihood: Likelihood) -> Optimum:
    """
    Find the variances of greatest likelihood among all that are not negative.

    The hills of a grid of ratios, zeros among them, are climbed by safeguarded Newton steps on the
    exact score. On the way a variance may become 0, and at the top each that is 0 is tried at many
    sizes. Of tops as high as another the one with the fewest positive variances is taken.
    """
    places = _look(likelihood, _hills(likelihood))
    for _ in range(_ROUNDS):
        if any(place.gain > _NEAR for place in places):
            places = _higher(likelihood, places)
            continue
        top = _polished(likelihood, _highest(places))
        better = _other_face(likelihood, top)
        if better is None:
            _check_top(likelihood, top)
            return Optimum(top.ratios, likelihood.scale(top.ratios), top.value)
        places = _look(likelihood, better)
    raise SampleError(
        f"expected the search for variances to end within {_ROUNDS} steps, found a likelihood "
        "still rising; use kind='level' or season=False"
    )


def _check_top(likelihood: Likelihood, top: _Place) -> None:
    if top.score > _ZERO_SCORE * likelihood.count:
        raise SampleError(
            f"expected a score of zero at the most likely variances, found {top.score:.3g}; use "
            "kind='level' or season=False"
        )
    if top.flattest < 2 * _NEGLIGIBLE:
        raise SampleError(
            f"expected one set of variances to be the most likely, found many: "
            f"{likelihood.kalman.nobs} values cannot tell them apart; use kind='level' or "
            "season=False"
        )


def _grid(kalman: DiffuseFilter) -> FloatArray:
    """Return ratios, zeros among them, of all sizes at which they could be told apart."""
    # Shocks to a state add up over the sample, to a slope twice: that much smaller ones matter.
    reach = 2 * math.log10(len(kalman.y))
    levels = []
    for place in kalman.system.sources:
        hidden = place is not None and kalman.system.design[place] == 0
        lowest = -_TOP if place is None else -reach * (1 + hidden)
        levels.append([*10 ** np.arange(_TOP, lowest - _DECADES, -_DECADES), 0.0])
    sets = [
        [0.0] * first + [1.0, *others]
        for first in range(len(levels))
        for others in itertools.product(*levels[first + 1 :])
    ]
    return np.array(sets).T


def _hills(likelihood: Likelihood) -> FloatArray:
    """Return the highest points of the grid that have no higher neighbour."""
    grid = _grid(likelihood.kalman)
    order = np.argsort(-likelihood.values(grid), kind="stable")
    grid = grid[:, order]
    with np.errstate(divide="ignore"):
        logs = np.log10(grid / grid.max(axis=0))
    # A zero is a neighbour of the smallest ratio.
    logs = np.maximum(logs, logs[np.isfinite(logs)].min() - _DECADES)
    hills = [
        i
        for i in range(len(order))
        if (np.ptp(logs[:, :i] - logs[:, [i]], axis=0) > 1.5 * _DECADES).all()
    ]
    return grid[:, hills[:_STARTS]]


def _look(likelihood: Likelihood, sets: FloatArray) -> list[_Place]:
    """Evaluate likelihood, score and curvature at each column of ratios."""
    sets = sets / sets.max(axis=0)
    free = [_free(ratios) for ratios in sets.T]
    nudged = [_nudged(ratios, places) for ratios, places in zip(sets.T, free, strict=True)]
    values, slopes = likelihood.scores(np.hstack(nudged))
    ends = np.cumsum([columns.shape[1] for columns in nudged])[:-1]
    parts = zip(nudged, free, np.split(values, ends), np.split(slopes, ends, axis=1), strict=True)
    return [_place(*part) for part in parts]


def _free(ratios: FloatArray) -> IntArray:
    """Return the places of the positive ratios but the first of the largest, which stays 1."""
    positive = np.flatnonzero(ratios)
    return np.asarray(positive[positive != np.argmax(ratios)])


def _nudged(ratios: FloatArray, free: IntArray) -> FloatArray:
    """Return the ratios, and each free one made a little larger, and smaller."""
    columns = np.tile(ratios[:, None], (1, 1 + 2 * len(free)))
    columns[free, 1 + 2 * np.arange(len(free))] *= math.exp(_NUDGE)
    columns[free, 2 + 2 * np.arange(len(free))] *= math.exp(-_NUDGE)
    return columns


def _place(ratios: FloatArray, free: IntArray, values: FloatArray, slopes: FloatArray) -> _Place:
    """Return the first column as a place, with its curvature from the others."""
    by_logs = (ratios * slopes)[free]
    curvature = (by_logs[:, 2::2] - by_logs[:, 1::2]) / (2 * _NUDGE)
    sizes, axes = np.linalg.eigh((curvature + curvature.T) / 2)
    along = axes.T @ by_logs[:, 0]
    # Where the likelihood is not concave the step goes up all the same.
    safe = np.maximum(np.abs(sizes), _NEGLIGIBLE)
    step = np.zeros(len(ratios))
    step[free] = axes @ (along / safe)
    return _Place(
        ratios=ratios[:, 0],
        value=float(values[0]),
        slopes=slopes[:, 0],
        step=step,
        gain=float(np.sum(along**2 / safe) / 2),
        flattest=float(sizes.min(initial=np.inf)),
    )


def _higher(likelihood: Likelihood, places: list[_Place]) -> list[_Place]:
    """Move each place that is not at its top, and keep one of those that meet."""
    trials = [_trials(place) if place.gain > _NEAR else place.ratios[:, None] for place in places]
    climbed = iter(_look(likelihood, np.hstack(trials)))
    moved = [
        max(itertools.islice(climbed, trial.shape[1]), key=lambda place: place.value)
        for trial in trials
    ]
    return [
        place
        for i, place in enumerate(moved)
        if not any(place.equals(earlier) for earlier in moved[:i])
    ]


def _trials(place: _Place) -> FloatArray:
    """Return the ratios with one variance less, and after some parts of the step."""
    step = place.step * min(1.0, _LONGEST / float(np.abs(place.step).max()))
    parts = [place.ratios * np.exp(part * step) for part in _FRACTIONS]
    return np.column_stack([*_without_one(place.ratios), *parts])


def _without_one(ratios: FloatArray) -> list[FloatArray]:
    """Return the ratios with each positive one at 0, if another is left."""
    positive = np.flatnonzero(ratios)
    if len(positive) == 1:
        return []
    return [np.where(np.arange(len(ratios)) == j, 0.0, ratios) for j in positive]


def _highest(places: list[_Place]) -> _Place:
    """Return the highest place; of those as high the one with the fewest positive variances."""
    top = max(place.value for place in places)
    equals = [place for place in places if place.value >= top - _NEGLIGIBLE]
    return min(equals, key=lambda place: place.positive)


def _polished(likelihood: Likelihood, place: _Place) -> _Place:
    """Take Newton's steps by the score alone until rounding is all that moves."""
    last = np.inf
    while _SETTLED < (length := float(np.abs(place.step).max())) < last / 2:
        (place,) = _look(likelihood, (place.ratios * np.exp(place.step))[:, None])
        last = length
    return place


def _other_face(likelihood: Likelihood, top: _Place) -> FloatArray | None:
    """Return ratios with one variance less that are as likely, or with one more that are better."""
    fewer = _without_one(top.ratios)
    more = [
        np.where(np.arange(len(top.ratios)) == j, size, top.ratios)
        for j in np.flatnonzero((top.ratios == 0) & (top.slopes > 0))
        for size in _SIZES
    ]
    if not fewer and not more:
        return None
    trials = np.column_stack([*fewer, *more])
    values = likelihood.values(trials)
    needed = np.repeat([-_NEGLIGIBLE, _NEGLIGIBLE], [len(fewer), len(more)])
    best = int(np.argmax(values - needed))
    return trials[:, [best]] if values[best] > top.value + needed[best] else None
