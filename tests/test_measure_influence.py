"""Without each deal: by hand, against every choice of deals, and the case."""

import itertools
import math
from typing import Any

import pandas as pd
import pytest
from deals import Deal, deals_of
from hypothesis import given, settings
from hypothesis import strategies as st
from statements import delivery, flow_table

import flows as fl
from flows.errors import SchemaError
from flows.measure.counting import Counting
from flows.measure.influence import DealInfluence, deal_influence

ROUNDING = 1e-12
PUBLISHED = 0.005
"""Half a unit in the last place of a figure with two decimals."""

sizes = st.sampled_from([1.0, 2.0, 3.0, 5.0, 8.0])
choices = st.lists(
    st.tuples(st.sampled_from(["ISR", "RUS", "TUR", "XXU"]), sizes), min_size=2, max_size=6
)


def israel(rows: pd.DataFrame, **changes: Any) -> DealInfluence:
    asked = {"supplier": "ISR", "importer": "AZE", "start": 2016, "end": 2017}
    return deal_influence(rows, **(asked | changes))


def numbered(deals: list[tuple[str, float]]) -> list[Deal]:
    return [(supplier, str(number), tiv) for number, (supplier, tiv) in enumerate(deals)]


def test_influence_by_hand() -> None:
    rows = deals_of(("ISR", "a", 50.0), ("ISR", "b", 10.0), ("RUS", "c", 30.0), ("TUR", "d", 10.0))
    found = israel(rows, below=0.3)
    table = found.deals
    assert found.value == 0.6
    assert table["place"].tolist() == [1, 2, 3, 4]
    assert table["deal"].tolist() == ["a", "c", "d", "b"]
    assert table["supplier"].tolist() == ["ISR", "RUS", "TUR", "ISR"]
    assert table["share_without"].tolist() == pytest.approx([10 / 50, 60 / 70, 60 / 90, 50 / 90])
    assert table["change_points"].tolist() == pytest.approx(
        [-40, 100 * (6 / 7 - 0.6), 100 * (6 / 9 - 0.6), 100 * (5 / 9 - 0.6)]
    )
    assert found.to_lose_first is not None
    assert found.to_lose_first.deals == ("a",)
    assert found.to_lose_first.value == 50.0
    assert found.to_lose_first.share_without == 0.2
    assert found.to_fall_below == found.to_lose_first
    without = [10 / 50, 60 / 70, 60 / 90, 50 / 90]
    mean = sum(without) / 4
    assert found.jackknife_error == pytest.approx(
        math.sqrt(3 / 4 * sum((one - mean) ** 2 for one in without))
    )


def test_years_of_a_deal_are_left_out_together() -> None:
    rows = flow_table(
        delivery("ISR", 2016, 5.0, deal="a", line=2, designation="OPV-62"),
        delivery("ISR", 2017, 5.0, deal="a", line=3, designation="OPV-62"),
        delivery("ISR", 2016, 4.0, deal="b", line=4, designation="LORA"),
        delivery("RUS", 2016, 6.0, deal="c", line=5, designation="BTR-82A"),
        delivery("TUR", 2016, 6.0, deal="d", line=6, designation="TB-2"),
    )
    table = israel(rows).tidy()
    assert table.loc[0, ["designation", "value", "rows"]].tolist() == ["OPV-62", 10.0, 2]
    assert table.loc[0, "share_without"] == pytest.approx(0.25)


def test_equal_first_is_not_lost_and_unknown_suppliers_take_no_place() -> None:
    rows = deals_of(("ISR", "a", 4.0), ("ISR", "b", 6.0), ("RUS", "c", 4.0), ("XXU", "d", 90.0))
    found = israel(rows, below=0.05)
    assert found.to_lose_first is not None
    assert found.to_lose_first.deals == ("b", "a")
    assert found.to_fall_below is not None
    assert found.to_fall_below.deals == ("b",)


def test_a_supplier_that_is_not_first_loses_nothing() -> None:
    found = israel(deals_of(("ISR", "a", 4.0), ("RUS", "b", 6.0)), below=0.5)
    assert found.to_lose_first is not None
    assert (found.to_lose_first.deals, found.to_lose_first.share_without) == ((), 0.4)
    assert "another supplier delivers more: with all deals" in found.summary()
    absent = israel(deals_of(("TUR", "a", 4.0), ("RUS", "b", 6.0)))
    assert (absent.value, absent.jackknife_error) == (0.0, 0.0)
    assert (absent.deals["change_points"] == 0).all()


def test_a_sole_supplier_cannot_lose_its_place() -> None:
    found = israel(deals_of(("ISR", "a", 4.0), ("ISR", "b", 6.0)), below=1.0)
    assert (found.to_lose_first, found.to_fall_below) == (None, None)
    assert "share below 1: without no choice of deals" in found.summary()


def test_with_unknown_suppliers_only_beside_it_the_place_is_safe_and_the_share_is_not() -> None:
    found = israel(deals_of(("ISR", "a", 4.0), ("XXU", "b", 6.0)), below=0.1)
    assert found.to_lose_first is None
    assert found.to_fall_below is not None
    assert found.to_fall_below.deals == ("a",)


def fewest(deals: list[Deal], *, holds: Any) -> int | None:
    """Return the least number of deals, of anyone, without which it holds."""
    for count in range(len(deals)):
        for gone in itertools.combinations(deals, count):
            left = [deal for deal in deals if deal not in gone]
            if holds(left):
                return count
    return None


def supplied(deals: list[Deal], supplier: str) -> float:
    return sum(tiv for one, _, tiv in deals if one == supplier)


@settings(max_examples=60)
@given(choices, st.sampled_from([0.2, 0.5, 0.9]))
def test_no_choice_of_deals_does_with_fewer(deals: list[tuple[str, float]], below: float) -> None:
    listed = numbered(deals)
    found = israel(deals_of(*listed), below=below)

    def lost(left: list[Deal]) -> bool:
        rivals = (supplied(left, one) for one in ("RUS", "TUR"))
        return max(rivals) > supplied(left, "ISR")

    def fell(left: list[Deal]) -> bool:
        return supplied(left, "ISR") / sum(tiv for _, _, tiv in left) < below

    for removal, holds in ((found.to_lose_first, lost), (found.to_fall_below, fell)):
        count = None if removal is None else len(removal.deals)
        assert count == fewest(listed, holds=holds)


@settings(max_examples=20)
@given(choices)
def test_each_row_is_the_share_of_the_table_without_the_deal(
    deals: list[tuple[str, float]],
) -> None:
    rows = deals_of(*numbered(deals))
    for one in israel(rows).deals.itertuples():
        left = rows[rows["deal"] != one.deal]
        without = fl.share(left, supplier="ISR", importer="AZE", start=2016, end=2016)
        assert one.share_without == pytest.approx(without.value, abs=ROUNDING)


def test_without_its_largest_deal_the_share_of_israel_is_55_percent() -> None:
    arms = fl.load("sipri-deal-years@2025-03")
    found = israel(arms, end=2020, below=0.5)
    boats = found.deals.iloc[0]
    assert boats["designation"].startswith("OPV-62")
    assert boats["value"] == 287.5
    assert 100 * boats["share_without"] == pytest.approx(55.24, abs=PUBLISHED)
    assert boats["change_points"] == pytest.approx(55.24 - 67.74, abs=2 * PUBLISHED)
    assert "share below 0.5: without 2 deals (56470, 61950; 372.5 in all)" in found.summary()
    assert found.rows is found.share.rows


@pytest.mark.parametrize("below", [0.0, -1.0, 1.5, 50])
def test_a_threshold_that_is_no_share_is_refused(below: float) -> None:
    with pytest.raises(ValueError, match=f"below: expected a share above 0 .* found {below}"):
        israel(deals_of(("ISR", "a", 4.0), ("RUS", "b", 6.0)), below=below)


def test_sums_of_deals_have_no_influence() -> None:
    with pytest.raises(SchemaError, match="expected the deal of every row"):
        israel(flow_table(delivery("ISR", 2016, 5.0), delivery("RUS", 2016, 5.0, line=9)), end=2016)


def test_what_does_not_count_carries_nothing() -> None:
    rows = deals_of(("ISR", "a", 50.0), ("ISR", "b", 10.0), ("RUS", "c", 30.0))
    found = israel(rows, counting=Counting(without_deals=("a",)))
    assert found.deals["deal"].tolist() == ["c", "b"]
    assert found.value == 0.25
