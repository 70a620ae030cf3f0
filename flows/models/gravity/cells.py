"""Flows of pairs and periods, checked, in an order of their own, and their groups as blocks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from flows.errors import SampleError
from flows.models.sample import FloatArray, IntArray

_ENTRIES = 1_500_000
"""Entries of the matrices of groups that are held at once."""

_FITTED = 1e-5
"""Part of all flows by which sums of flows and of fitted means may differ."""


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """
    One row for each pair and period, ordered by cluster, pair, countries and time.

    ``x``: regressors, shape ``(nobs, k)``; ``y``, ``mean``: flows and fitted means in units of the
    mean flow; ``exporter``, ``importer``, ``time``: as given; ``pair``, ``cluster``: numbered from
    0 on as they come, shape ``(nobs,)``.
    """

    x: FloatArray
    y: FloatArray
    mean: FloatArray
    exporter: IntArray
    importer: IntArray
    time: IntArray
    pair: IntArray
    cluster: IntArray

    @property
    def clusters(self) -> int:
        """Number of clusters."""
        return int(self.cluster[-1]) + 1

    @property
    def undirected(self) -> bool:
        """Whether some pair has both directions."""
        return bool(joint(self.pair, self.exporter, self.importer).max() > self.pair[-1])

    def groups(self, codes: IntArray) -> Iterator[tuple[IntArray, FloatArray]]:
        """Yield rows of groups that stand together, shape ``(groups, m)``, and 1 where one is."""
        starts = np.flatnonzero(np.diff(codes, prepend=-1))
        sizes = np.diff(starts, append=len(codes))
        most = int(sizes.max())
        places = np.arange(most)
        step = max(1, _ENTRIES // most**2)
        for begin in range(0, len(starts), step):
            chosen = slice(begin, begin + step)
            rows = np.minimum(starts[chosen, None] + places, len(codes) - 1)
            yield rows, (places < sizes[chosen, None]).astype(np.float64)

    def check_fit(self, effects: Sequence[IntArray]) -> None:
        """Check that means add up to flows by each level of each effect, as those of a fit do."""
        for codes in effects:
            gaps = np.bincount(codes, self.y - self.mean)
            gap = float(np.abs(gaps).sum() / self.y.sum())
            if gap > _FITTED:
                raise SampleError(
                    "expected mean to be the Poisson fit with these effects, found sums of flows "
                    f"and of means that differ by {gap:.1e} of all flows; fit until it settles, on "
                    "the same rows and with the same effects"
                )


def ordered_cells(
    x: FloatArray,
    y: FloatArray,
    mean: FloatArray,
    *,
    exporter: IntArray,
    importer: IntArray,
    time: IntArray,
    pair: IntArray | None,
    cluster: IntArray | None,
) -> Cells:
    """Check the observations and order them; without ``pair`` each direction is one."""
    nobs = len(y)
    _check_values(x, y, mean)
    _check_codes(nobs, exporter=exporter, importer=importer, time=time)
    if joint(exporter, importer, time).max() + 1 < nobs:
        raise ValueError(
            "expected each exporter and importer once in a period, found some twice: add them up"
        )
    pair = joint(exporter, importer) if pair is None else pair
    cluster = pair if cluster is None else cluster
    _check_codes(nobs, pair=pair, cluster=cluster)
    couple = joint(np.minimum(exporter, importer), np.maximum(exporter, importer))
    _check_whole(pair, cluster, couple)
    order = np.lexsort((time, importer, exporter, pair, cluster))
    unit = float(np.mean(y[order]))
    return Cells(
        x=x[order],
        y=y[order] / unit,
        mean=mean[order] / unit,
        exporter=exporter[order],
        importer=importer[order],
        time=time[order],
        pair=_numbered(pair[order]),
        cluster=_numbered(cluster[order]),
    )


def _check_values(x: FloatArray, y: FloatArray, mean: FloatArray) -> None:
    """Check shapes and values of regressors, flows and means."""
    nobs, k = x.shape
    if not (nobs and k and y.shape == mean.shape == (nobs,)):
        raise ValueError(
            "expected x of shape (nobs, k), y and mean of shape (nobs,), found "
            f"{x.shape}, {y.shape} and {mean.shape}"
        )
    if not (np.isfinite(x).all() and np.isfinite(y).all() and np.isfinite(mean).all()):
        raise ValueError("expected finite regressors, flows and means, found some that are not")
    if (y < 0).any() or (mean <= 0).any() or not y.any():
        raise ValueError("expected flows from 0 on, not all 0, and positive means, found others")


def _check_codes(nobs: int, **codes: IntArray) -> None:
    """Check that there is a number from 0 on for each observation."""
    for name, numbers in codes.items():
        if numbers.shape != (nobs,) or int(numbers.min()) < 0:
            raise ValueError(
                f"expected {nobs} numbers of {name} from 0 on, found {len(numbers)}, the least "
                f"of them {numbers.min()}"
            )


def _check_whole(pair: IntArray, cluster: IntArray, couple: IntArray) -> None:
    """Check that pairs and clusters are of two countries each, and clusters of whole pairs."""
    for name, codes in (("pair", pair), ("cluster", cluster)):
        if joint(codes, couple).max() > joint(codes).max():
            raise ValueError(
                f"expected each {name} to hold flows between the same two countries, found one "
                "that holds others"
            )
    if joint(pair, cluster).max() > joint(pair).max():
        raise ValueError("expected clusters to hold whole pairs, found a pair in several")


def joint(*codes: IntArray) -> IntArray:
    """Return a number for each combination of codes, from 0 on, in their order."""
    numbers = np.zeros(len(codes[0]), dtype=np.int64)
    for one in codes:
        _, dense = np.unique(one, return_inverse=True)
        numbers = numbers * (int(dense.max()) + 1) + dense
    return np.unique(numbers, return_inverse=True)[1].astype(np.int64)


def _numbered(codes: IntArray) -> IntArray:
    """Return numbers of groups that stand together, from 0 on, as they come."""
    return np.cumsum(np.diff(codes, prepend=codes[0]) != 0)
