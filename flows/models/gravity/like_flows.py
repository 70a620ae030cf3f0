"""How far flows of a kind are from what is predicted of them, and where one stands among them."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.spatial import KDTree

from flows.models.quasi_likelihood import BoolArray
from flows.models.sample import FloatArray, IntArray

_SIZE_COUNTS = 4.0
"""Times that predicted size counts in likeness; all else counts once."""


@dataclass(frozen=True, slots=True, eq=False)
class Likeness:
    """
    Which flows are like each other.

    ``places``: of each flow, shape ``(nobs, k + 1)``: the logarithm of what is predicted, and ``k``
    other numbers, all of them in standard deviations; the nearer two flows, the more they are
    alike. ``mean``, ``weights``: what makes a place of these numbers.
    """

    places: FloatArray
    mean: FloatArray
    weights: FloatArray

    def place(self, predicted: float, others: FloatArray) -> FloatArray:
        """Return the place of a flow with another prediction."""
        return np.asarray((np.append(np.log(predicted), others) - self.mean) * self.weights)

    def nearest(self, places: FloatArray, itself: IntArray, count: int) -> IntArray:
        """
        Return which flows are nearest to places, shape ``(len(places), count)``.

        ``itself``: the flow at each place, which is none of those that are like it.
        """
        near = np.asarray(KDTree(self.places).query(places, k=count + 1)[1])
        own = near == itself[:, None]
        own[~own.any(axis=1), -1] = True
        return np.asarray(near[~own].reshape(len(places), count), dtype=np.int64)


def likeness(predicted: FloatArray, others: FloatArray) -> Likeness:
    """
    Return which flows are like each other in what is predicted and in other numbers.

    ``predicted``: positive, shape ``(nobs,)``; ``others``: shape ``(nobs, k)``. What does not vary
    does not count.
    """
    columns = np.column_stack([np.log(predicted), others])
    mean, spread = columns.mean(axis=0), columns.std(axis=0)
    varies = spread > 1e-12 * np.maximum(np.abs(mean), 1.0)
    weights = np.where(varies, 1 / np.where(varies, spread, 1.0), 0.0)
    weights[0] *= _SIZE_COUNTS
    return Likeness((columns - mean) * weights, mean, weights)


@dataclass(frozen=True, slots=True, eq=False)
class Ends:
    """Lowest and highest ratio of ranges, each of shape ``(n,)``."""

    low: FloatArray
    high: FloatArray

    def hold(self, ratios: FloatArray) -> BoolArray:
        """Say which ratios lie within, ends included."""
        return np.asarray((self.low <= ratios) & (ratios <= self.high))


def ratio_ends(ratios: FloatArray, *, level: float) -> Ends:
    r"""
    Return the range that holds the ratio of one more flow with a probability of ``level``.

    ``ratios``: of flows like it, in ascending order, shape ``(n, count)``. If the next ratio is as
    likely to take any place among these :math:`m`, it lies between the ranks :math:`\lfloor (m+1)
    \alpha / 2 \rfloor` and :math:`\lceil (m+1)(1-\alpha/2) \rceil` with a probability of at least
    :math:`1 - \alpha` [1]_. Where zeros are more than :math:`\alpha / 2` of the ratios, the range
    begins at zero, and all of :math:`\alpha` lies above it.

    References
    ----------
    .. [1] Lei, J., G'Sell, M., Rinaldo, A., Tibshirani, R. J. and Wasserman, L. (2018).
       Distribution-free predictive inference for regression. Journal of the American Statistical
       Association 113 (523), 1094-1111.
    """
    count = ratios.shape[1]
    tail = (1 - level) / 2
    from_zero = (ratios == 0).mean(axis=1) >= tail
    return Ends(
        low=np.where(from_zero, 0.0, ratios[:, max(math.floor(_rank(tail, count)), 1) - 1]),
        high=np.where(from_zero, ratios[:, _last(level, count)], ratios[:, _last(1 - tail, count)]),
    )


def _last(share: float, count: int) -> int:
    return min(math.ceil(_rank(share, count)), count) - 1


def _rank(share: float, count: int) -> float:
    """Return a rank without what rounding adds to a whole one."""
    return round(share * (count + 1), 9)


def fewest_for(level: float) -> int:
    """Return how many flows a range needs, so that both of its ends are ranks among them."""
    return math.ceil(round(2 / (1 - level), 9)) - 1


def percentile(value: float, others: FloatArray) -> float:
    """
    Return the percentage of others that are below a value; those equal to it count half.

    >>> percentile(2.0, np.array([1.0, 2.0, 3.0, 4.0]))
    37.5
    """
    return float(100 * ((others < value).sum() + (others == value).sum() / 2) / len(others))
