"""Absorbed effects: columns less what exporters, importers and pairs have alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from flows.errors import SampleError
from flows.models.quasi_likelihood import BoolArray
from flows.models.sample import FloatArray, IntArray

_ROUNDS = 5_000
_ROUNDING = 2e-15
"""What a sum loses to rounding, as a part of the sum of absolute values."""


@dataclass(frozen=True, slots=True, eq=False)
class Effect:
    """
    A constant for each level of something, such as each exporter in each year.

    ``name``: what it is a constant of; ``codes``: number of the level of each observation, from 0
    on, shape ``(nobs,)``; ``levels``: names of the levels.
    """

    name: str
    codes: IntArray
    levels: pd.Index

    def kept(self, rows: BoolArray | IntArray) -> "Effect":
        """Return the effect of some observations, its levels numbered anew."""
        codes = self.codes[rows]
        used = np.bincount(codes, minlength=len(self.levels)) > 0
        return Effect(self.name, (np.cumsum(used) - 1)[codes], self.levels[used])

    def ordered(self, order: IntArray | slice) -> "Effect":
        """Return the effect of the observations in another order."""
        return Effect(self.name, self.codes[order], self.levels)


def effect_of(frame: pd.DataFrame, columns: Sequence[str]) -> Effect:
    """Return the effect whose levels are the values that columns have together."""
    numbers = [pd.factorize(frame[name], sort=True) for name in columns]
    sizes = [len(names) for _, names in numbers]
    cells = np.ravel_multi_index([codes for codes, _ in numbers], sizes)
    codes, used = pd.factorize(cells, sort=True)
    parts = zip(np.unravel_index(used, sizes), numbers, strict=True)
    levels = [pd.Index(names)[part] for part, (_, names) in parts]
    return Effect(
        name=" and ".join(columns),
        codes=codes.astype(np.int64),
        levels=levels[0] if len(levels) == 1 else pd.MultiIndex.from_arrays(levels),
    )


@dataclass(slots=True, eq=False)
class Absorber:
    r"""
    Takes absorbed effects out of columns, by weighted least squares.

    The largest effect is eliminated: its constants are weighted means. The others solve the normal
    equations that are left, by conjugate gradients with the diagonal as preconditioner. What was
    solved last for a column is where the next solution begins, since weights change little from
    one round of a fit to the next.

    ``effects``: without any nothing is taken out; ``nobs``: number of observations, in an order in
    which the levels of the first effect stand together.

    Guimaraes, P. and Portugal, P. (2010). A simple feasible procedure to fit models with
    high-dimensional fixed effects. Stata Journal 10 (4), 628-649. Correia, S. (2017). Linear models
    with high-dimensional fixed effects: an efficient and feasible estimator. Working paper.
    """

    effects: Sequence[Effect]
    nobs: int
    _weights: FloatArray = field(init=False, repr=False)
    _starts: IntArray = field(init=False, repr=False)
    _sizes: IntArray = field(init=False, repr=False)
    _totals: FloatArray = field(init=False, repr=False)
    _diagonal: FloatArray = field(init=False, repr=False)
    _noise: float = field(init=False, repr=False)
    _solved: dict[int, FloatArray] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._solved = {}
        if not self.effects:
            return
        self._sizes = np.bincount(self.effects[0].codes)
        self._starts = np.concatenate([[0], np.cumsum(self._sizes)[:-1]])

    def weigh(self, weights: FloatArray) -> None:
        """Take the weights of the next columns, shape ``(nobs,)``."""
        self._weights = weights
        if not self.effects:
            return
        self._totals = np.add.reduceat(weights, self._starts)
        if len(self.effects) > 1:
            own = weights * weights / np.repeat(self._totals, self._sizes)
            whole = self._sums(weights)
            # Of a level with all the weight of its groups nothing is left to solve for.
            self._diagonal = np.maximum(whole - self._sums(own), whole * 1e-12)
            self._noise = _ROUNDING**2 * float(whole @ (whole / self._diagonal))

    def residuals(
        self, column: FloatArray, *, tolerance: float, key: int | None = None
    ) -> FloatArray:
        """
        Return a column less its effects, shape ``(nobs,)``.

        ``tolerance``: of the residuals of the normal equations, as a part of their right-hand side;
        ``key``: number of a column that comes again, to begin with what was solved for it last.
        """
        if not self.effects:
            return column
        left = self._centred(column)
        if len(self.effects) == 1:
            return left
        constants = self._solve(left, key, tolerance, largest=float(np.abs(column).max()))
        return np.subtract(left, self._centred(self._of(constants)), out=left)

    def _centred(self, column: FloatArray) -> FloatArray:
        """Return a column less the weighted means of the first effect."""
        means = np.add.reduceat(self._weights * column, self._starts) / self._totals
        spread = np.repeat(means, self._sizes)
        return np.subtract(column, spread, out=spread)

    def _sums(self, column: FloatArray) -> FloatArray:
        """Return the sum of a column over each level of the other effects, one after the other."""
        sums = [
            np.bincount(effect.codes, weights=column, minlength=len(effect.levels))
            for effect in self.effects[1:]
        ]
        return np.concatenate(sums)

    def _of(self, constants: FloatArray) -> FloatArray:
        """Return the constants of the other effects that each observation has, added up."""
        begin, column = 0, np.zeros(self.nobs)
        for effect in self.effects[1:]:
            end = begin + len(effect.levels)
            column += constants[begin:end][effect.codes]
            begin = end
        return column

    def _times(self, constants: FloatArray) -> FloatArray:
        """Multiply constants by the matrix of the normal equations that are left."""
        return self._sums(self._weights * self._centred(self._of(constants)))

    def _solve(
        self, left: FloatArray, key: int | None, tolerance: float, *, largest: float
    ) -> FloatArray:
        """Return the constants of the other effects; ``largest`` number of the column itself."""
        wanted = self._sums(self._weights * left)
        constants = None if key is None else self._solved.get(key)
        if constants is None:
            constants = np.zeros(len(wanted))
            resids = wanted
        else:
            resids = wanted - self._times(constants)
        enough = tolerance**2 * float(wanted @ (wanted / self._diagonal))
        enough = max(enough, self._noise * largest**2)
        scaled = resids / self._diagonal
        size, direction = float(resids @ scaled), scaled
        for _ in range(_ROUNDS):
            if size <= enough:
                if key is not None:
                    self._solved[key] = constants
                return constants
            moved = self._times(direction)
            step = size / float(direction @ moved)
            constants = constants + step * direction
            resids = resids - step * moved
            scaled = resids / self._diagonal
            size, last = float(resids @ scaled), size
            direction = scaled + size / last * direction
        names = ", ".join(effect.name for effect in self.effects)
        raise SampleError(
            f"expected the effects of {names} to be solved for within {_ROUNDS} rounds, found a "
            f"residual of {np.sqrt(size / enough) * tolerance:.1e}; some of their levels are "
            "hardly connected by any trade: leave out small ones, or an effect"
        )
