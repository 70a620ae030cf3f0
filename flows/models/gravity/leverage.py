"""Leverage of absorbed effects, exactly: a dense generalised inverse of their information."""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import blas, lapack

from flows.errors import SampleError
from flows.models.gravity.cells import Cells, joint
from flows.models.sample import FloatArray, IntArray

MOST_EFFECTS = 8_000
"""Constants up to which their information is inverted as a whole: 512 MB."""

NOTHING = 1e-11
"""Part of a constant's information that is rounding, if the other constants leave no more."""

_DEPENDENT = 1e-8
"""Part of a direction's squares that is left where it is a combination of others."""


@dataclass(frozen=True, slots=True, eq=False)
class Constants:
    """
    What is known of the constants of exporters and importers that the cells have.

    ``sent``, ``received``: number of a cell's constants within their part, shape ``(nobs,)``;
    ``part``: constants of different parts know nothing of each other, shape ``(nobs,)``;
    ``inverses``: generalised inverse of their information, one a part; ``mean``: of the cells;
    ``pair``: codes of the effects of pairs, which are eliminated, or None.
    """

    sent: IntArray
    received: IntArray
    part: IntArray
    inverses: list["GeneralisedInverse"]
    mean: FloatArray
    pair: IntArray | None

    def centred(self, columns: FloatArray) -> FloatArray:
        """Return columns less their weighted means by pair, shape ``(nobs, k)``."""
        if self.pair is None:
            return columns
        starts = np.flatnonzero(np.diff(self.pair, prepend=-1))
        sums = np.add.reduceat(columns * self.mean[:, None], starts, axis=0)
        return columns - (sums / np.add.reduceat(self.mean, starts)[:, None])[self.pair]

    def residuals(self, columns: FloatArray) -> FloatArray:
        """Return columns less their weighted projection on all effects, shape ``(nobs, k)``."""
        left = self.centred(columns.copy())
        for _ in range(2):  # the second takes what rounding left in the first
            for number, inverse in enumerate(self.inverses):
                rows = np.flatnonzero(self.part == number)
                sent, received = self.sent[rows], self.received[rows]
                sums = np.zeros((len(inverse.place), left.shape[1]))
                weighted = left[rows] * self.mean[rows, None]
                np.add.at(sums, sent, weighted)
                np.add.at(sums, received, weighted)
                constants = inverse.times(sums)
                left[rows] -= constants[sent] + constants[received]
            left = self.centred(left)
        return left

    def leverage(self, index: IntArray, present: FloatArray) -> FloatArray:
        r"""
        Return :math:`\Lambda^{1/2} M D \mathcal H^- D'M' \Lambda^{1/2}` of groups of cells.

        ``index``, ``present``: as :meth:`Cells.groups` yields them; :math:`M` takes weighted means
        by pair. Shape ``(groups, m, m)``.
        """
        known = self._covariance(index)
        mean = self.mean[index] * present
        if self.pair is not None:
            pairs = self.pair[index]
            shares = (pairs[:, :, None] == pairs[:, None, :]) * mean[:, None, :]
            total = shares.sum(axis=2, keepdims=True)
            np.divide(shares, total, out=shares, where=total > 0)
            known -= shares @ known
            known -= known @ shares.transpose(0, 2, 1)
        root = np.sqrt(mean)
        return np.asarray(known * root[:, :, None] * root[:, None, :])

    def _covariance(self, index: IntArray) -> FloatArray:
        """Return that of sums of the two constants of cells, shape ``(groups, m, m)``."""
        left, right = np.broadcast_arrays(index[:, :, None], index[:, None, :])
        alike, across = np.zeros(left.shape), np.zeros(left.shape)
        for number, inverse in enumerate(self.inverses):
            here = (self.part[left] == number) & (self.part[right] == number)
            first, second = left[here], right[here]
            alike[here] = inverse.at(self.sent[first], self.sent[second])
            alike[here] += inverse.at(self.received[first], self.received[second])
            across[here] = inverse.at(self.sent[first], self.received[second])
        return np.asarray(alike + across + across.transpose(0, 2, 1))


@dataclass(frozen=True, slots=True, eq=False)
class GeneralisedInverse:
    """
    A matrix G with A G A = A, for A symmetric and positive semi-definite.

    ``lower``: its lower triangle, scaled, in the order of elimination; ``place``: where a row of A
    stands in it; ``scale``: of each row of A.
    """

    lower: FloatArray
    place: IntArray
    scale: FloatArray

    def at(self, first: IntArray, second: IntArray) -> FloatArray:
        """Return the entries in rows ``first`` and columns ``second`` of A, of their shape."""
        row, column = self.place[first], self.place[second]
        below = self.lower[np.maximum(row, column), np.minimum(row, column)]
        return np.asarray(below * self.scale[first] * self.scale[second])

    def times(self, columns: FloatArray) -> FloatArray:
        """Return the product with columns in the order of A, shape ``(rows of A, k)``."""
        order = np.argsort(self.place)
        inner = (columns * self.scale[:, None])[order]
        product = blas.dsymm(1.0, self.lower, inner, lower=1)
        return np.asarray(product[self.place] * self.scale[:, None])


def generalised_inverse(information: FloatArray, free: FloatArray) -> GeneralisedInverse:
    r"""
    Invert the information :math:`A` of constants that are determined up to some directions.

    ``information``: shape ``(n, n)``, Fortran order, is overwritten; ``free``: directions in which
    the constants may move together while no fitted value changes, one a column, shape ``(n, m)``;
    there may be others, and some may be combinations of the rest.

    With :math:`S` the inverse root of the diagonal and :math:`U` a basis of the free directions of
    :math:`S A S`, :math:`S (S A S + U U')^{-1} S` is a generalised inverse whose entries are no
    larger than they need be: one that sets the constants of some country to zero has the variance
    of that country's in all others, and differences of them lose digits. Directions that are free
    beyond ``free`` show in a Cholesky decomposition with pivoting, and have zeros.

    Higham, N. J. (2002). Accuracy and Stability of Numerical Algorithms, 2nd ed., section 10.3.
    Searle, S. R. (1982). Matrix Algebra Useful for Statistics, section 8.
    """
    diagonal = np.diag(information).copy()
    root = np.sqrt(diagonal)
    scale = np.divide(1.0, root, out=np.zeros_like(root), where=root > 0)
    information *= scale
    information *= scale[:, None]
    basis = _basis(free * root[:, None])
    known = blas.dsyrk(1.0, basis, beta=1.0, c=information, lower=1, overwrite_c=1)
    factor, pivots, rank, _ = lapack.dpstrf(known, tol=NOTHING, lower=1, overwrite_a=1)
    factor[rank:] = 0
    factor[np.arange(rank, len(factor)), np.arange(rank, len(factor))] = 1
    lower, _ = lapack.dpotri(factor, lower=1, overwrite_c=1)
    lower[rank:] = 0
    place = np.empty(len(pivots), dtype=np.int64)
    place[pivots - 1] = np.arange(len(pivots))
    return GeneralisedInverse(lower=lower, place=place, scale=scale)


def _basis(directions: FloatArray) -> FloatArray:
    """Return an orthonormal basis of what columns span."""
    lengths = np.linalg.norm(directions, axis=0)
    unit = directions[:, lengths > 0] / lengths[lengths > 0]
    values, vectors = np.linalg.eigh(unit.T @ unit)
    kept = values > _DEPENDENT
    return np.asarray(unit @ (vectors[:, kept] / np.sqrt(values[kept])))


def two_way_constants(cells: Cells) -> Constants:
    """Return the constants of exporters and importers, each period a part of its own."""
    sent, part = joint(cells.exporter), joint(cells.time)
    exporters = int(sent.max()) + 1
    received = joint(cells.importer) + exporters
    size, parts = int(received.max()) + 1, int(part.max()) + 1
    if parts * size**2 > MOST_EFFECTS**2:
        raise SampleError(
            f"expected at most {int(MOST_EFFECTS / np.sqrt(parts)):,} exporters and importers in "
            f"each of {parts} periods, found {size:,}: the leverage of their effects is computed "
            "exactly or not at all; take fewer periods, or fewer countries"
        )
    cells.check_fit([sent * parts + part, received * parts + part])
    free = np.where(np.arange(size) < exporters, 1.0, -1.0)[:, None]
    inverses = []
    for number in range(parts):
        here = part == number
        information = np.zeros((size, size), order="F")
        information[sent[here], received[here]] = cells.mean[here]
        information += information.T
        information[np.diag_indices(size)] = information.sum(axis=0)
        inverses.append(generalised_inverse(information, free))
    return Constants(sent, received, part, inverses, cells.mean, None)


def three_way_constants(cells: Cells) -> Constants:
    """Return the constants of exporters and importers by period, those of pairs eliminated."""
    sent = joint(cells.exporter, cells.time)
    received = joint(cells.importer, cells.time) + int(sent.max()) + 1
    size = int(received.max()) + 1
    if size > MOST_EFFECTS:
        raise SampleError(
            f"expected at most {MOST_EFFECTS:,} effects of exporter and time and of importer and "
            f"time, found {size:,}: their leverage is computed exactly or not at all; take fewer "
            "periods, such as every second one, or fewer countries"
        )
    cells.check_fit([sent, received, cells.pair])
    information = np.zeros((size, size), order="F")
    flat = information.ravel(order="K")
    for index, present in cells.groups(cells.pair):
        _, curvature = pair_curvature(cells.mean[index] * present)
        for one in (sent, received):
            for other in (sent, received):
                entries = one[index][:, :, None] * size + other[index][:, None, :]
                np.add.at(flat, entries.ravel(), curvature.ravel())
    inverse = generalised_inverse(information, _free(cells, sent, received))
    part = np.zeros(len(cells.y), dtype=np.int64)
    return Constants(sent, received, part, [inverse], cells.mean, cells.pair)


def pair_curvature(mean: FloatArray) -> tuple[FloatArray, FloatArray]:
    """
    Return shares of cells in their pair, and minus the second derivative of its likelihood.

    ``mean``: of the cells of pairs, shape ``(pairs, m)``; returned: that shape and ``(pairs, m,
    m)``.
    """
    shares = mean / mean.sum(axis=1, keepdims=True)
    curvature = -mean[:, :, None] * shares[:, None, :]
    cells = np.arange(mean.shape[1])
    curvature[:, cells, cells] = 0
    # A sum of the others, not a difference of two numbers that are alike.
    curvature[:, cells, cells] = -curvature.sum(axis=2)
    return shares, curvature


def _free(cells: Cells, sent: IntArray, received: IntArray) -> FloatArray:
    """
    Return directions in which the constants move while those of pairs make up for it.

    The constants of one exporter may rise in all periods, so may those of one importer (of both for
    undirected pairs); those of all exporters may rise in one period if those of importers fall.
    """
    _, first = np.unique(np.concatenate([sent, received]), return_index=True)
    nobs = len(cells.y)
    sign = np.where(first < nobs, 1.0, -1.0)
    country = np.concatenate([cells.exporter, cells.importer])[first]
    time = cells.time[first % nobs]
    if not cells.undirected:
        country = country * 2 + (sign < 0)
    return np.column_stack(
        [
            country[:, None] == np.unique(country),
            (time[:, None] == np.unique(time)) * sign[:, None],
        ]
    ).astype(np.float64)
