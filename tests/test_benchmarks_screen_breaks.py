"""What is timed is the same: partitions of the peer, and the search of one series."""

import numpy as np
import pytest
from screen_breaks import MOST, PERIODS, exact, loop, of_ruptures, search, shifted_series

VALUES = shifted_series(12)


def test_exact_breaks_by_hand() -> None:
    levels = np.repeat([0.0, 5.0, -5.0], [8, 12, 10]) + 0.1 * np.tile([1.0, -1.0], PERIODS // 2)
    assert exact(levels[None])["breaks"][0, 1].tolist() == [8, 20, *[-1] * (MOST - 2)]


@pytest.mark.parametrize("dynp", [False, True])
@pytest.mark.parametrize("numbers", [range(MOST, 0, -1), range(1, MOST + 1)])
def test_ruptures_finds_the_same_partitions(numbers: range, dynp: bool) -> None:  # noqa: FBT001
    pytest.importorskip("ruptures", reason="a peer, not a need: pip install .[bench]")
    ours, theirs = exact(VALUES), of_ruptures(VALUES, numbers, dynp=dynp)
    assert (ours["breaks"] == theirs["breaks"]).all()


@pytest.mark.parametrize("regime", ["mean", "trend"])
def test_the_loop_finds_the_same(regime: str) -> None:
    ours, single = search(VALUES, regime), loop(VALUES, regime)  # type: ignore[arg-type]
    for name, values in single.items():
        np.testing.assert_allclose(ours[name], values, rtol=1e-9)
