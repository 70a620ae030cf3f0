"""What is timed is the same search: dates by hand, and those of the peer where it is installed."""

import numpy as np
import pytest
from breaks_speed import BREAKS, exact_breaks, median_seconds, peer_breaks, shifted_means

SMALL = np.repeat([0.0, 5.0, -5.0, 1.0], [5, 4, 6, 5]) + 0.1 * np.tile([1.0, -1.0], 10)


def test_breaks_by_hand() -> None:
    assert exact_breaks(SMALL, 2) == [5, 9, 15]


def test_breaks_of_the_timed_series_are_near_the_true_ones() -> None:
    # A shift of 1.5 standard deviations or more is dated within a dozen periods nearly always.
    assert exact_breaks(shifted_means(), 150) == pytest.approx(BREAKS, abs=12)


def test_peer_finds_the_same_breaks() -> None:
    pytest.importorskip("ruptures", reason="ruptures is a peer, not a need: pip install .[bench]")
    assert peer_breaks(SMALL, 2) == exact_breaks(SMALL, 2)


def test_median_of_runs() -> None:
    found = []

    def work() -> list[int]:
        found.append(1)
        return [7]

    seconds, breaks = median_seconds(work, 3)
    assert seconds >= 0
    assert (len(found), breaks) == (3, [7])
