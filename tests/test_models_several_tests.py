"""P-values adjusted for their number: published findings, definitions, and what is left alone."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from references import reference

import flows as fl
from flows.models.several_tests import Adjustment

P_ADJUST = reference("p_adjust")
"""P-values of Benjamini and Hochberg (1995), section 4.1, as R adjusts them."""

METHODS: tuple[Adjustment, ...] = ("holm", "benjamini-hochberg", "benjamini-yekutieli")


@pytest.mark.parametrize("method", METHODS)
def test_adjusted_as_by_r(method: Adjustment) -> None:
    found = fl.adjust_pvalues(P_ADJUST["pvalues"][::-1], method=method)
    # Sixteen digits of R, one of rounding.
    np.testing.assert_allclose(found, P_ADJUST[method][::-1], rtol=1e-14)


def test_published_example_has_the_findings_that_its_authors_state() -> None:
    """Four findings by the procedure of the paper at 5 %, three by Bonferroni's and Holm's."""
    pvalues = pd.Series(P_ADJUST["pvalues"])
    assert (fl.adjust_pvalues(pvalues, method="benjamini-hochberg") <= 0.05).sum() == 4
    assert (fl.adjust_pvalues(pvalues) <= 0.05).sum() == 3


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        # By the definitions: 5 (0.01), 4 (0.02), 3 (0.03), then no less than before.
        ("holm", [0.05, 0.08, 0.09, 0.09, 0.09]),
        # 5 / i times i / 100 is 0.05 throughout; times 1 + 1/2 + 1/3 + 1/4 + 1/5 = 137 / 60.
        ("benjamini-hochberg", [0.05] * 5),
        ("benjamini-yekutieli", [0.05 * 137 / 60] * 5),
    ],
)
def test_five_p_values_by_hand(method: Adjustment, expected: list[float]) -> None:
    found = fl.adjust_pvalues(np.array([0.03, 0.01, 0.05, 0.02, 0.04]), method=method)
    assert found == pytest.approx(np.array(expected)[[2, 0, 4, 1, 3]])


def test_index_and_name_stay_and_a_missing_test_is_none() -> None:
    tests = pd.Series({"a": 0.02, "b": np.nan, "c": 0.03}, name="p")
    found = fl.adjust_pvalues(tests)
    assert found.name == "p"
    pd.testing.assert_series_equal(found, pd.Series({"a": 0.04, "b": np.nan, "c": 0.04}, name="p"))
    nullable = fl.adjust_pvalues(pd.Series([0.02, None, 0.03], dtype="Float64"))
    assert nullable.dropna().to_list() == [0.04, 0.04]
    assert fl.adjust_pvalues([]).size == 0
    assert np.isnan(fl.adjust_pvalues([np.nan])).all()


@given(
    pvalues=st.lists(st.floats(0, 1), min_size=1, max_size=12),
    method=st.sampled_from(METHODS),
)
def test_adjusted_are_no_smaller_and_in_the_same_order(pvalues: list[float], method: Any) -> None:
    before = np.array(pvalues)
    after = fl.adjust_pvalues(before, method=method)
    assert (after >= before - 1e-15).all()
    assert (after <= 1).all()
    assert (np.diff(after[np.argsort(before)]) >= -1e-15).all()


def test_no_p_values() -> None:
    with pytest.raises(ValueError, match=r"between 0 and 1, found 1\.2 at b"):
        fl.adjust_pvalues(pd.Series({"a": 0.1, "b": 1.2}))
    with pytest.raises(ValueError, match=r"found -0\.1 at place 2"):
        fl.adjust_pvalues([0.1, -0.1])
    with pytest.raises(ValueError, match="in one row"):
        fl.adjust_pvalues(np.ones((2, 2)))
    with pytest.raises(TypeError, match="p-values as numbers, found list"):
        fl.adjust_pvalues(["small"])
    with pytest.raises(ValueError, match="expected method to be one of holm"):
        fl.adjust_pvalues([0.1], method="sidak")  # type: ignore[call-overload]
