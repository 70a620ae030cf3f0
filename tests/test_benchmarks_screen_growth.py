"""What is timed is the same line: that of statsmodels, and of the peer where it is installed."""

import numpy as np
import pytest
from screen_growth import PEERS, PERIODS, STREAMED, WORKS, growing, streamed, with_gaps
from timed import agreement

from flows.screening.growth import trends

SMALL = growing(40)


@pytest.mark.parametrize("own", PEERS)
def test_peers_find_the_same(own: str) -> None:
    peer, _ = PEERS[own]
    if peer == "polars-ds":
        pytest.importorskip("polars_ds", reason="polars-ds is a peer: pip install .[bench]")
    found = WORKS[own](SMALL)
    assert agreement(found, WORKS[f"{own}, {peer}"](SMALL), rtol=1e-9) == "the same"
    assert set(found) == {"slope", "std_error", "pvalue"}


def test_series_grow_as_they_should() -> None:
    many = growing(4000)
    assert trends(many).slope.mean() == pytest.approx(0.05, abs=0.002)
    assert np.isnan(with_gaps(many)).mean() == pytest.approx(0.2, abs=0.01)
    assert (growing(40) == SMALL).all()


def test_what_is_made_in_chunks_is_as_much_as_it_says() -> None:
    assert STREAMED % 100_000 == 0
    assert streamed(np.zeros((20, PERIODS)))["slope"] == pytest.approx(0.05, abs=0.01)
