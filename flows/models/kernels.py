"""Kernels that weigh autocovariances, and the constants of their bandwidth rules."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from flows.models.sample import FloatArray

KernelName = Literal["bartlett", "parzen", "quadratic-spectral"]


@dataclass(frozen=True, slots=True)
class Kernel:
    """
    A kernel and what its bandwidth rules need.

    Parameters
    ----------
    weights : callable
        Weights of lags divided by the bandwidth, one at zero.
    order : int
        Characteristic exponent q: 1 for a kernel with a kink at zero, 2 for a smooth one.
    scale : float
        Constant of the optimal bandwidth; table I of Andrews (1991).
    preliminary : float
        Exponent of the preliminary lags; table II of Newey and West (1994).
    """

    weights: Callable[[FloatArray], FloatArray]
    order: int
    scale: float
    preliminary: float


def _bartlett(distance: FloatArray) -> FloatArray:
    return np.maximum(1 - distance, 0.0)


def _parzen(distance: FloatArray) -> FloatArray:
    far = np.maximum(1 - distance, 0.0)
    return np.asarray(2 * far**3 - 8 * np.maximum(1 / 2 - distance, 0.0) ** 3)


def _quadratic_spectral(distance: FloatArray) -> FloatArray:
    weights = np.ones_like(distance)
    away = distance > 0
    z = 6 * np.pi * distance[away] / 5
    weights[away] = 3 / z**2 * (np.sin(z) / z - np.cos(z))
    return weights


KERNELS: Mapping[KernelName, Kernel] = {
    "bartlett": Kernel(_bartlett, order=1, scale=1.1447, preliminary=2 / 9),
    "parzen": Kernel(_parzen, order=2, scale=2.6614, preliminary=4 / 25),
    "quadratic-spectral": Kernel(_quadratic_spectral, order=2, scale=1.3221, preliminary=2 / 25),
}
"""Kernels by name; every one of them gives a covariance that is never negative."""
