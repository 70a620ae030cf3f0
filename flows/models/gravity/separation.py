"""Which observations a Poisson model with absorbed effects cannot keep, found exactly."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
import numpy.typing as npt
from scipy.linalg import qr, solve_triangular
from scipy.sparse import coo_array, csr_array, hstack
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import spsolve_triangular

from flows.errors import SampleError
from flows.models.quasi_likelihood import BoolArray, strictly_negative
from flows.models.sample import FloatArray, IntArray

Levels = npt.NDArray[np.int32]
"""Numbers of groups, counted through all effects, shape ``(effects, rows)``."""

_NOTHING = 1e-10
"""Size, of regressors with largest value one, up to which a number is rounding."""

_BLOCK = 2**20
"""Numbers of a dense matrix that are held at a time."""

_SHOWN = 5

_GROUP = 2
"""Observations from which on a group is named instead of each of them."""


@dataclass(frozen=True, slots=True)
class DroppedGroups:
    """
    Groups of one effect that a fit leaves out, by their codes.

    ``zero``: groups whose responses are all zero; ``zero_rows``: how many observations they have
    that are in no such group of an earlier effect; ``singletons``: groups that had one observation
    left, a positive one, and that is in no such group of an earlier effect.
    """

    zero: IntArray
    zero_rows: int
    singletons: IntArray


@dataclass(frozen=True, slots=True)
class Droppable:
    """Observations to leave out before a fit, shape ``(nobs,)``, and the groups of each effect."""

    rows: BoolArray
    effects: tuple[DroppedGroups, ...]


def droppable(y: FloatArray, codes: Sequence[IntArray]) -> Droppable:
    """
    Find groups that are zero throughout and groups of one observation, until none is left.

    ``y``: responses of zero or more, shape ``(nobs,)``; ``codes``: groups of each effect, from 0
    on, each of shape ``(nobs,)``. The fall of one group can leave another with zeros only or with
    one observation; which rows remain does not depend on the order in which groups fall.

    A group of zeros has no estimate: its effect would be minus infinity. A positive singleton has
    one, and fits its own observation exactly: leaving it out, as reghdfe and ppmlhdfe do, changes
    no other coefficient and no fitted value. It lowers the numbers of observations and of
    clusters, and with them the factors of standard errors, those by cluster above all.

    Correia, S. (2015). Singletons, cluster-robust standard errors and fixed effects: a bad mix.
    """
    _check_responses(y)
    zero_of, single_of = np.full((2, len(y)), -1)
    zero_groups: list[list[IntArray]] = [[] for _ in codes]
    left, before = np.arange(len(y)), len(y) + 1
    while len(left) < before:
        before = len(left)
        for number, code in enumerate(codes):
            falls = left[_without_positive(y[left], code[left])]
            zero_groups[number].append(np.unique(code[falls]))
            zero_of[falls[zero_of[falls] < 0]] = number
        left = left[zero_of[left] < 0]
        for number, code in reversed(list(enumerate(codes))):
            single_of[left[np.bincount(code[left])[code[left]] == 1]] = number
        left = left[single_of[left] < 0]
    return Droppable(
        rows=(zero_of >= 0) | (single_of >= 0),
        effects=tuple(
            DroppedGroups(
                zero=np.unique(np.concatenate(zero_groups[number])),
                zero_rows=int(np.sum(zero_of == number)),
                singletons=np.unique(code[single_of == number]),
            )
            for number, code in enumerate(codes)
        ),
    )


def separated_with_effects(x: FloatArray, y: FloatArray, codes: Sequence[IntArray]) -> BoolArray:
    """
    Find the observations whose fitted value would have to be zero, shape ``(nobs,)``.

    ``x``: regressors, shape ``(nobs, k)``; ``y``: responses of zero or more, shape ``(nobs,)``;
    ``codes``: groups of each absorbed effect, from 0 on, each of shape ``(nobs,)``. It is the set
    of :func:`flows.models.quasi_likelihood.separated` with a dummy for each group: every zero that
    some combination of regressors and effects makes negative, which is zero wherever the response
    is positive and nowhere above zero.

    Groups of zeros fall first. The directions that leave all positive rows where they are come
    next: where nothing is separated there are usually none, and that is the end. What they do to
    the zero rows is decided by a graph where it is a sign or a difference of two directions, and
    by a linear programme where it is not.

    Correia, S., Guimaraes, P. and Zylkin, T. (2019). Verifying the existence of maximum
    likelihood estimates for generalized linear models. arXiv:1903.01633.
    """
    _check_responses(y)
    if not np.isfinite(x).all():
        raise SampleError("expected finite regressors, found missing or infinite values")
    lost = np.zeros(len(y), dtype=bool)
    for code in codes:
        lost |= _without_positive(y, code)
    positive, zero = np.flatnonzero(y > 0), np.flatnonzero((y == 0) & ~lost)
    if len(zero):
        lost[zero] = _separated(x, positive, zero, codes)
    return lost


def _check_responses(y: FloatArray) -> None:
    if not np.isfinite(y).all() or (y < 0).any():
        raise SampleError(f"expected responses of zero or more, found {y.min()} to {y.max()}")


def _without_positive(y: FloatArray, code: IntArray) -> BoolArray:
    """Return which rows are in a group without a positive response."""
    return np.asarray(np.bincount(code[y > 0], minlength=code.max(initial=-1) + 1)[code] == 0)


def _separated(
    x: FloatArray, positive: IntArray, zero: IntArray, codes: Sequence[IntArray]
) -> BoolArray:
    """Return which of the zero rows are separated, where each group has a positive row."""
    here, there, count = _levels(codes, positive, zero)
    forest = _forest(here, count, _fixed_levels(here, there, count))
    potentials = forest.potentials(x[positive[forest.rows]], here)
    trees = forest.trees(here)
    pinned = np.isin(np.arange(trees.shape[1]), _sums(trees, here).indices)
    free = trees[:, ~pinned]
    scale = np.maximum(x.max(axis=0), -x.min(axis=0))
    scale = np.maximum(scale, np.abs(potentials).max(axis=0, initial=0))
    directions = _Directions(x, potentials, np.where(scale > 0, scale, 1), trees[:, pinned])
    basis = _null_space(directions.moves(positive, here), directions.count)
    if basis.shape[1] + free.shape[1] == 0:
        return np.zeros(len(zero), dtype=bool)
    edges = csr_array(_rounded(directions.along(basis, zero, there), basis))
    return _strict(hstack([edges, _sums(free, there)], format="csr"))


def _levels(
    codes: Sequence[IntArray], positive: IntArray, zero: IntArray
) -> tuple[Levels, Levels, int]:
    """Return the groups of positive rows and of zero rows, numbered without gaps, and how many."""
    here = np.empty((len(codes), len(positive)), dtype=np.int32)
    there = np.empty((len(codes), len(zero)), dtype=np.int32)
    count = 0
    for effect, code in enumerate(codes):
        exists = np.bincount(code[positive]) > 0
        number = count - 1 + np.cumsum(exists)
        here[effect], there[effect] = number[code[positive]], number[code[zero]]
        count += int(exists.sum())
    return here, there, count


def _fixed_levels(here: Levels, there: Levels, count: int) -> IntArray:
    """
    Return levels that can be set to zero at once, since effects make up for each other.

    Where two effects meet, all levels of the one can rise and all of the other fall together,
    within each set of levels that rows connect. Such a shift sets one level of its set to zero and
    leaves alone the levels set before it, if they are in other sets. Where there is a choice, the
    level is one whose other sets have most positive rows.
    """
    sets = {
        pair: _connected(np.hstack([here[list(pair)], there[list(pair)]]), count)
        for pair in combinations(range(len(here)), 2)
    }
    is_fixed = np.zeros(count, dtype=bool)
    for (first, second), members in sets.items():
        weight = np.zeros(count)
        for pair, others in sets.items():
            if first in pair and pair != (first, second):
                rows = np.bincount(others[here[first]], minlength=count)
                weight += rows[others]
        candidates = np.unique(here[first])
        both = np.concatenate([candidates, np.unique(here[second])])
        taken = np.isin(members[candidates], members[both[is_fixed[both]]])
        candidates = candidates[~taken]
        best = candidates[np.lexsort((-weight[candidates], members[candidates]))]
        is_fixed[best[np.unique(members[best], return_index=True)[1]]] = True
    return np.flatnonzero(is_fixed)


def _connected(pairs: Levels, count: int) -> IntArray:
    """Number the sets of levels that pairs connect, shape ``(count,)``."""
    graph = coo_array((np.ones(pairs.shape[1], dtype=bool), tuple(pairs)), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1])


@dataclass(frozen=True, slots=True)
class _Forest:
    """
    An order in which positive rows determine levels one by one.

    ``order``: all levels, each after those that it is determined by; ``rows``: the row that
    determines it and whose other levels come before, -1 for a level that nothing determines;
    ``free``: levels that nothing determines and that are not fixed at zero.
    """

    order: IntArray
    rows: IntArray
    free: IntArray

    def potentials(self, x: FloatArray, here: Levels) -> FloatArray:
        """Return levels, shape ``(levels, k)``, that sum to the regressors on determining rows."""
        return self._solve(here, np.where(self.rows[:, None] >= 0, x, 0))

    def trees(self, here: Levels) -> csr_array:
        """Return how levels move with each free one, shape ``(levels, free)``."""
        count, step = len(self.order), max(1, _BLOCK // max(1, len(self.order)))
        blocks = [csr_array((count, 0))]
        for start in range(0, len(self.free), step):
            part = self.free[start : start + step]
            unit = np.zeros((count, len(part)))
            unit[part, np.arange(len(part))] = 1
            blocks.append(csr_array(self._solve(here, unit[self.order])))
        return hstack(blocks, format="csr")

    def _solve(self, here: Levels, right: FloatArray) -> FloatArray:
        """Return levels whose sums on determining rows, or themselves, are the right-hand side."""
        count = len(self.order)
        if not right.size:
            return np.zeros((count, right.shape[1]))
        place = np.empty(count, dtype=np.int32)
        place[self.order] = np.arange(count)
        determined = np.flatnonzero(self.rows >= 0)
        alone = np.flatnonzero(self.rows < 0)
        columns = place[here[:, self.rows[determined]]]
        at = np.concatenate([np.tile(determined, len(here)), alone])
        triangle = csr_array(
            (np.ones(len(at)), (at, np.concatenate([columns.ravel(), alone]))),
            shape=(count, count),
        )
        levels = np.empty_like(right)
        levels[self.order] = spsolve_triangular(triangle, right, unit_diagonal=True)
        return levels


def _forest(here: Levels, count: int, fixed: IntArray) -> _Forest:
    """
    Determine levels by positive rows: where all levels of a row but one are known, so is that one.

    Where no row determines another level, one becomes free: that which most rows wait for.
    """
    effects, nobs = here.shape
    rows_of = csr_array(
        (np.ones(here.size, dtype=bool), (here.ravel(), np.tile(np.arange(nobs), effects))),
        shape=(count, nobs),
    )
    unknown, rest = np.full(nobs, effects, dtype=np.int8), here.sum(axis=0)
    is_known = np.isin(np.arange(count), fixed)
    order, rows, free = [fixed], [np.full(len(fixed), -1)], []
    waiting = touched = np.arange(nobs)
    while not is_known.all():
        changed, level = _rows_of(rows_of, order[-1])
        np.subtract.at(unknown, changed, 1)
        np.subtract.at(rest, changed, level)
        touched = changed if len(order) > 1 else touched
        last = touched[unknown[touched] == 1]
        determined, first = np.unique(rest[last], return_index=True)
        row = last[first]
        if not len(determined):
            waiting = waiting[unknown[waiting] > 0]
            nearest = waiting[unknown[waiting] == unknown[waiting].min()]
            wanted = np.bincount(here[:, nearest].ravel(), minlength=count)
            determined = np.array([np.argmax(np.where(is_known, 0, wanted))])
            free.append(determined)
            row = np.array([-1])
        is_known[determined] = True
        order.append(determined)
        rows.append(row)
    none = np.zeros(0, dtype=np.int64)
    return _Forest(np.concatenate(order), np.concatenate(rows), np.concatenate([none, *free]))


def _rows_of(rows_of: csr_array, levels: IntArray) -> tuple[IntArray, IntArray]:
    """Return the rows of some levels, one level after another, and the level of each."""
    start, lengths = rows_of.indptr[levels], np.diff(rows_of.indptr)[levels]
    ahead = np.cumsum(lengths) - lengths
    at = np.repeat(start - ahead, lengths) + np.arange(lengths.sum())
    return rows_of.indices[at], np.repeat(levels, lengths)


@dataclass(frozen=True, slots=True)
class _Directions:
    """
    What can still move once rows have determined levels: regressors, and trees of free levels.

    ``potentials``: effects that make up for a regressor on the rows that determine levels, shape
    ``(levels, k)``; ``scale``: largest value of each regressor with its potentials; ``trees``: how
    levels move with each free level that some positive row resists, shape ``(levels, trees)``.
    """

    x: FloatArray
    potentials: FloatArray
    scale: FloatArray
    trees: csr_array

    @property
    def count(self) -> int:
        """Number of directions."""
        return int(self.potentials.shape[1] + self.trees.shape[1])

    def moves(self, rows: IntArray, levels: Levels) -> Iterator[FloatArray]:
        """Yield how far each direction moves rows, block by block of rows."""
        step = max(1, _BLOCK // max(1, self.count))
        for start in range(0, len(rows), step):
            part = levels[:, start : start + step]
            regressors = self.x[rows[start : start + step]] - self.potentials[part].sum(axis=0)
            yield np.hstack([regressors / self.scale, _sums(self.trees, part).toarray()])

    def along(self, basis: FloatArray, rows: IntArray, levels: Levels) -> FloatArray:
        """Return how far combinations of directions move rows, shape ``(rows, combinations)``."""
        k = len(self.scale)
        coefficients = basis[:k] / self.scale[:, None]
        effects = self.trees @ basis[k:] - self.potentials @ coefficients
        moves = self.x[rows] @ coefficients
        for level in levels:
            moves += effects[level]
        return np.asarray(moves)


def _sums(trees: csr_array, levels: Levels) -> csr_array:
    """Return what trees do to rows with these levels."""
    effects, nobs = levels.shape
    dummies = csr_array(
        (
            np.ones(levels.size),
            np.ascontiguousarray(levels.T).ravel(),
            np.arange(nobs + 1) * effects,
        ),
        shape=(nobs, trees.shape[0]),
    )
    sums = csr_array(dummies @ trees)
    sums.eliminate_zeros()
    return sums


def _null_space(blocks: Iterator[FloatArray], count: int) -> FloatArray:
    """Return the combinations of columns that are zero in all rows, shape ``(count, free)``."""
    step = np.zeros((0, count))
    basis = np.eye(count)
    for block in blocks:
        if not basis.shape[1]:
            break
        step = np.asarray(np.linalg.qr(np.vstack([step, block]), mode="r"))
        _, triangle, pivots = qr(step, mode="economic", pivoting=True)
        rank = int(np.sum(np.abs(np.diag(triangle)) > _NOTHING))
        basis = np.zeros((count, count - rank))
        basis[pivots[rank:]] = np.eye(count - rank)
        if rank:
            basis[pivots[:rank]] = -solve_triangular(triangle[:rank, :rank], triangle[:rank, rank:])
    return basis


def _rounded(moves: FloatArray, basis: FloatArray) -> FloatArray:
    """Return moves without what is only rounding."""
    return np.where(np.abs(moves) > 10 * _NOTHING * np.abs(basis).max(axis=0, initial=0), moves, 0)


def _strict(edges: csr_array) -> BoolArray:
    """
    Return which rows some direction makes negative while none becomes positive.

    Directions that must be equal, or zero, are merged first: those on a cycle of comparisons.
    """
    while True:
        high, low, compares = _comparisons(edges)
        count = edges.shape[1] + 1
        graph = coo_array((np.ones(len(high), dtype=bool), (high, low)), shape=(count, count))
        sets, member = connected_components(graph, connection="strong")
        if sets == count:
            break
        merge = csr_array(
            (np.ones(count - 1), (np.arange(count - 1), member[:-1])), shape=(count - 1, sets)
        )
        edges = csr_array(edges @ merge[:, np.arange(sets) != member[-1]])
        edges.data[np.abs(edges.data) <= 10 * _NOTHING] = 0
        edges.eliminate_zeros()
    undecided = np.diff(edges.indptr) > 0
    if (undecided & ~compares).any():
        undecided[undecided] = _by_programme(edges[undecided])
    return np.asarray(undecided)


def _comparisons(edges: csr_array) -> tuple[IntArray, IntArray, BoolArray]:
    """
    Return pairs of directions of which rows say that the first is at most the second.

    A row with one entry compares its direction with zero, which is counted after the last one; a
    row with an entry and its negative compares two. The third array says which rows do either.
    """
    start, entries = edges.indptr[:-1], np.diff(edges.indptr)
    pairs = np.flatnonzero(entries == len(("this", "other")))
    pairs = pairs[edges.data[start[pairs]] == -edges.data[start[pairs] + 1]]
    ones = np.flatnonzero(entries == 1)
    at = start[np.concatenate([ones, pairs])]
    this = edges.indices[at]
    other = np.concatenate([np.full(len(ones), edges.shape[1]), edges.indices[start[pairs] + 1]])
    rises = edges.data[at] > 0
    compares = np.zeros(edges.shape[0], dtype=bool)
    compares[ones] = compares[pairs] = True
    return np.where(rises, this, other), np.where(rises, other, this), compares


def _by_programme(edges: csr_array) -> BoolArray:
    """Return which rows some direction makes negative, by a linear programme of unlike rows."""
    edges.sort_indices()
    largest = np.maximum.reduceat(np.abs(edges.data), edges.indptr[:-1])
    edges.data /= np.repeat(largest, np.diff(edges.indptr))
    unlike: dict[bytes, int] = {}
    row_of = np.array(
        [
            unlike.setdefault(edges.indices[a:b].tobytes() + edges.data[a:b].tobytes(), len(unlike))
            for a, b in pairwise(edges.indptr)
        ]
    )
    first = np.unique(row_of, return_index=True)[1]
    return np.asarray(strictly_negative(edges[first])[row_of])


def separating(
    x: FloatArray, y: FloatArray, codes: Sequence[IntArray], lost: BoolArray
) -> BoolArray:
    """
    Return regressors that separate observations together with the effects, shape ``(k,)``.

    ``lost``: what :func:`separated_with_effects` found. Of the regressors returned none can be left
    out without keeping some of these observations; there are none where the effects alone separate.
    """
    needed = np.ones(x.shape[1], dtype=bool)
    for column in range(x.shape[1]):
        needed[column] = False
        needed[column] = (separated_with_effects(x[:, needed], y, codes) != lost).any()
    return needed


def name_rows(
    rows: BoolArray,
    among: BoolArray,
    codes: Sequence[IntArray],
    *,
    name_group: Callable[[int, int], str],
    name_row: Callable[[int], str],
) -> str:
    """
    Return observations in words: whole groups, from the largest on, then those left one by one.

    ``rows``: which observations, shape ``(nobs,)``; ``among``: what a group is whole of, such as
    zeros; ``codes``: groups of each effect, from 0 on; ``name_group``: what goes after "all 4" for
    the number of an effect and a code; ``name_row``: words for the place of an observation.
    """
    left = rows.copy()
    parts: list[str] = []
    sizes = [np.bincount(code[rows], minlength=code.max() + 1) for code in codes]
    whole = [
        np.bincount(code[among], minlength=len(n)) == n
        for n, code in zip(sizes, codes, strict=True)
    ]
    while left.any() and len(parts) < _SHOWN:
        new = [
            np.bincount(code[left], minlength=len(is_whole)) * is_whole
            for code, is_whole in zip(codes, whole, strict=True)
        ]
        effect = max(range(len(codes)), key=lambda effect: new[effect].max(), default=-1)
        if effect < 0 or new[effect].max() < _GROUP:
            break
        group = int(np.argmax(new[effect]))
        parts.append(f"all {sizes[effect][group]:,} {name_group(effect, group)}")
        left &= codes[effect] != group
    single = np.flatnonzero(left)
    shown = single[: _SHOWN - len(parts)]
    parts += [name_row(int(row)) for row in shown]
    more = f" and {len(single) - len(shown):,} more" if len(single) > len(shown) else ""
    return ", ".join(parts) + more
