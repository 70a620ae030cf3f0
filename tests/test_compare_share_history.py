"""A share in every release, and which of them a published one can come from."""

from typing import Any

import pandas as pd
import pytest
from statements import delivery, flow_table

import flows as fl
from flows.compare.share_history import ShareHistory, share_history
from flows.errors import PeriodError

NEAR = 0.005
"""Half of the last digit of a share printed with two decimals."""


def printed(share_pct: float, start: int = 2016, end: int = 2016, **changes: str) -> pd.DataFrame:
    row = {"importer": "AZE", "exporter": "ISR", "share_pct": share_pct, "edition": "March 2017"}
    dates = {"start": pd.Timestamp(start, 1, 1), "end": pd.Timestamp(end, 12, 31)}
    return pd.DataFrame([row | dates | changes])


def history(*rows: dict[str, Any], **changes: Any) -> ShareHistory:
    asked: dict[str, Any] = {"supplier": "ISR", "importer": "AZE", "windows": [(2016, 2016)]}
    return share_history(flow_table(*rows), **(asked | changes))


def verdict(israel: float, others: float, published: float, **changes: Any) -> str:
    found = history(
        delivery("ISR", 2016, israel),
        delivery("RUS", 2016, others),
        published=printed(published),
        **({"tolerance": 0.1} | changes),
    )
    [told] = found.published["verdict"]
    return str(told)


def test_shares_by_window_and_release_by_hand() -> None:
    old, new = {"dataset": "a@2020-03"}, {"dataset": "b@2021-03"}
    found = history(
        delivery("ISR", 2016, 6.4, **old),
        delivery("RUS", 2016, 3.4, **old),
        delivery("ISR", 2016, 5.0, **new),
        delivery("RUS", 2017, 5.0, **new),
        windows=[(2016, 2016), (2016, 2017)],
    )
    assert found.frame["dataset"].tolist() == ["a@2020-03", "b@2021-03", "b@2021-03"]
    assert found.frame["share_pct"].tolist() == pytest.approx([100 * 6.4 / 9.8, 100.0, 50.0])
    assert found.frame["rounded_sums_pct"].tolist() == pytest.approx([100 * 6 / 9, 100.0, 50.0])
    wide = found.wide()
    assert wide.loc[(2016, 2017), "b@2021-03"] == pytest.approx(50.0)
    assert pd.isna(wide.loc[(2016, 2017), "a@2020-03"])
    assert found.published.empty
    assert len(found.tidy()) == len(found.shares) == 3


@pytest.mark.parametrize(
    ("israel", "others", "published", "told"),
    [
        (60.4, 39.6, 60.0, "rounds to it"),
        (59.5, 40.5, 60.0, "rounds to it"),  # halves go up
        (47.6, 679.61, 6.6, "its rounded sums do"),  # 6.546, and 48 of 728 is 6.593
        (60.55, 39.45, 60.0, "within the tolerance"),
        (61.0, 39.0, 60.0, "differs"),
    ],
)
def test_what_a_published_share_can_come_from(
    israel: float, others: float, published: float, told: str
) -> None:
    assert verdict(israel, others, published) == told


def test_the_tolerance_counts_from_what_would_round() -> None:
    assert verdict(60.55, 39.45, 60.0, tolerance=0.0) == "differs"
    found = history(
        delivery("ISR", 2016, 61.0),
        delivery("RUS", 2016, 39.0),
        published=printed(60.0),
        tolerance=0.1,
    )
    assert found.published.loc[0, "apart"] == pytest.approx(0.5)


def test_totals_say_what_the_supplier_must_have_delivered() -> None:
    found = history(delivery("XXX", 2016, 1002.0), published=printed(69.0), tolerance=0.1)
    [row] = found.published.to_dict("records")
    assert row["verdict"] == "names no suppliers"
    assert (row["numerator_low"], row["numerator_high"]) == pytest.approx((686.37, 696.39))
    assert found.frame["denominator"].tolist() == [1002.0]
    assert found.shares == ()


def test_shares_of_others_are_not_looked_at() -> None:
    found = history(
        delivery("ISR", 2016, 1.0), published=printed(60.0, exporter="RUS"), tolerance=0.1
    )
    assert found.published.empty


def test_refusals() -> None:
    with pytest.raises(PeriodError, match="counts one of 2019-2020, found sipri@2025-03"):
        history(delivery("ISR", 2016, 1.0), windows=[(2019, 2020)])
    for tolerance in (None, -1.0, float("nan")):
        with pytest.raises(ValueError, match="expected a tolerance in percentage points"):
            history(delivery("ISR", 2016, 1.0), published=printed(60.0), tolerance=tolerance)


def test_the_published_shares_of_the_case() -> None:
    """SIPRI published 43, 60, 69 and 61; the first is of a release that no file at hand has."""
    names = [
        "sipri-deal-years@2022-03",
        "sipri-tiv-table@2024-03",
        "sipri-deal-years@2025-03",
        "sipri-tiv-table@2026-03",
        "sipri-import-totals@2021-03",
    ]
    found = fl.share_history(
        fl.join_flows([fl.load(name) for name in names]),
        supplier="ISR",
        importer="AZE",
        windows=[(2016, 2020)],
        published=fl.load("sipri-published-shares@2022-03"),
        tolerance=0.1,
    )
    window = found.wide().loc[(2016, 2020)]
    assert window[names[:4]].tolist() == pytest.approx([69.47, 67.74, 67.74, 66.62], abs=NEAR)
    told = found.published.set_index(["published_pct", "dataset"])["verdict"]
    assert told.xs(names[0], level="dataset").to_dict() == {
        43.0: "differs",
        60.0: "rounds to it",
        69.0: "rounds to it",
        61.0: "rounds to it",
    }
    assert told[69.0, names[2]] == told[61.0, names[3]] == "differs"
    assert told[69.0, names[4]] == "names no suppliers"
