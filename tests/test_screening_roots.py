"""Many roots at once are those of SciPy's search for one."""

import numpy as np
import pytest
from scipy.optimize import brentq

from flows.screening.roots import brent_roots


@pytest.mark.parametrize("power", [1, 3, 9])
def test_roots_are_those_of_scipy(power: int) -> None:
    rng = np.random.default_rng(power)
    # Waves have several roots between the ends: the same of them is taken.
    at, wave = rng.uniform(-1, 1, size=(2, 300))

    def values(x: np.ndarray, which: np.ndarray) -> np.ndarray:
        return (x - at[which]) ** power + np.sin(20 * wave[which] * (x - at[which])) / 9

    low, high = np.full(300, -2.0), np.full(300, 3.0)
    ends = [values(end, np.arange(300)) for end in (low, high)]
    across = np.flatnonzero(ends[0] * ends[1] < 0)
    found = brent_roots(
        lambda x, which: values(x, across[which]),
        (low[across], high[across]),
        [end[across] for end in ends],
        close=1e-12,
    )
    assert len(across) > 250
    for root, number in zip(found, across, strict=True):
        expected = brentq(lambda x, n=number: values(x, n), -2, 3, xtol=1e-12)
        assert root == pytest.approx(expected, abs=1e-9 if power == 1 else 1e-4)


def test_an_end_may_be_the_root() -> None:
    ends = np.array([0.0, -1.0]), np.array([1.0, 0.0])
    assert brent_roots(lambda x, _: x, ends, ends, close=1e-12).tolist() == [0, 0]
    nothing = np.empty(0), np.empty(0)
    assert len(brent_roots(lambda x, _: x, nothing, nothing, close=1e-12)) == 0
