"""What is timed is the same: likelihoods at given variances, and tops that no peer surpasses."""

import numpy as np
import pytest
from screen_local_level import (
    given_flows,
    given_simdkalman,
    lacking,
    of_flows,
    of_simdkalman,
    of_statsmodels,
    walks_behind_noise,
)

VALUES = walks_behind_noise(12)


def test_statsmodels_finds_the_same_tops() -> None:
    ours, theirs = of_flows(VALUES), of_statsmodels(VALUES)
    assert lacking(ours, theirs, VALUES) == "the same"
    with pytest.raises(ValueError, match="expected no higher likelihood"):
        lacking({"loglik": ours["loglik"] - 1.0}, theirs, VALUES)


def test_what_a_peer_lacks_is_counted() -> None:
    ours = of_flows(VALUES)
    far = {"noise": np.full(12, 1e3), "level": np.full(12, 1e-3)}
    assert lacking(ours, far, VALUES).startswith("log-likelihood lower by 0.001 or more in 100.0%")


def test_simdkalman_has_the_same_likelihood_and_comes_nearer_to_the_top() -> None:
    pytest.importorskip("simdkalman", reason="a peer, not a need: pip install .[bench]")
    expected = given_simdkalman(VALUES)["loglik"]
    np.testing.assert_allclose(given_flows(VALUES)["loglik"], expected, rtol=1e-12)
    assert "lower" in lacking(of_flows(VALUES), of_simdkalman(VALUES), VALUES)
