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


def test_two_sided_pvalues() -> None:
    assert two_sided_pvalues(pd.Series([2.0]), pd.Series([1.0]), df=10).round(
        4
    ).tolist() == pytest.approx([0.0734])


def test_check_level() -> None:
    with pytest.raises(ValueError, match=r"expected a level between 0 and 1, found 95"):
        check_level(95)


def test_tidy_frame() -> None:
    one = pd.Series([1.0], index=["trend"])
    assert tidy_frame(one, one, one, pd.DataFrame({"low": one, "high": one})).columns.tolist() == [
        "estimate",
        "std_error",
        "pvalue",
        "low",
        "high",
    ]


def test_summary_text() -> None:
    table = pd.DataFrame({"estimate": [1.5]}, index=["a"])
    assert (
        str(summary_text("A fit", [("nobs", "3")], table))
        == "A fit\nnobs  3\n   estimate\na       1.5"
    )


def test_describe_left_out() -> None:
    assert (
        describe_left_out(pd.Series(["missing value"], index=[2019])) == "1 (2019: missing value)"
    )
