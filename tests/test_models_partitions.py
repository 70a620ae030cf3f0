"""The best way to cut a sample into regimes, in all coefficients of a regression or in some."""

import numpy as np
import pytest

from flows.models.partitions import regime_cost


def test_the_cost_of_regimes_is_what_their_means_leave() -> None:
    assert regime_cost(
        np.ones((4, 1)), np.array([1.0, 3.0, 8.0, 8.0]), np.array([2])
    ) == pytest.approx(2.0)
