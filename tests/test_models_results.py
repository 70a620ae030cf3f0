"""What all fits share: intervals, the tidy frame, the text of a summary, and tests as objects."""

import pandas as pd
import pytest

from flows.models.results import (
    check_level,
    describe_left_out,
    summary_text,
    tidy_frame,
    two_sided_pvalues,
)


def test_both_tails_of_the_t_distribution_count() -> None:
    assert two_sided_pvalues(pd.Series([2.0]), pd.Series([1.0]), df=10).round(
        4
    ).tolist() == pytest.approx([0.0734])


def test_a_level_in_percent_is_refused() -> None:
    with pytest.raises(ValueError, match=r"expected a level between 0 and 1, found 95"):
        check_level(95)


def test_a_tidy_frame_has_estimates_errors_and_intervals() -> None:
    one = pd.Series([1.0], index=["trend"])
    assert tidy_frame(one, one, one, pd.DataFrame({"low": one, "high": one})).columns.tolist() == [
        "estimate",
        "std_error",
        "pvalue",
        "low",
        "high",
    ]


def test_a_summary_is_a_title_facts_and_a_table() -> None:
    table = pd.DataFrame({"estimate": [1.5]}, index=["a"])
    assert (
        str(summary_text("A fit", [("nobs", "3")], table))
        == "A fit\nnobs  3\n   estimate\na       1.5"
    )


def test_what_was_left_out_is_counted_and_named() -> None:
    assert (
        describe_left_out(pd.Series(["missing value"], index=[2019])) == "1 (2019: missing value)"
    )
