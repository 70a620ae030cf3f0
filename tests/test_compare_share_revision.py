"""The change of a share between releases: exact parts, each deal classed, nothing guessed."""

import math
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statements import counting_years, delivery, flow_table, statement

import flows as fl
from flows.compare.share_revision import (
    DealSide,
    ShareRevision,
    deal_units,
    shapley_product,
    share_revision,
    split_change,
)
from flows.errors import PeriodError, SchemaError, UnitError

EXACT = 1e-9
"""What parts may differ from the whole, in percentage points."""

WINDOW = {"supplier": "ISR", "importer": "AZE", "start": 2016, "end": 2017}


def deal(
    supplier: str, year: int, tiv: float, number: float | None, **changes: Any
) -> dict[str, Any]:
    """Some items of one deal, delivered in one year."""
    about = {
        "deal": "1",
        "designation": "Kidd",
        "description": "boat",
        "order_year": 2015,
        "product": "ships",
        "classification": "SIPRI",
    }
    return delivery(supplier, year, tiv, **{**about, "number": number, **changes})


def release(*rows: dict[str, Any], vintage: str = "2025-03", **changes: Any) -> pd.DataFrame:
    """A release of 2015 to 2018 in which Russia delivers 10 TIV in 2016."""
    other = deal("RUS", 2016, 10.0, 1.0, deal="9", designation="Mi-24")
    named = [one | {"dataset": f"sipri@{vintage}"} | changes for one in (other, *rows)]
    found = flow_table(*named)
    found["number"] = found["number"].astype("Float64")
    return counting_years(found, (2015, 2018))


def revised(old: list[dict[str, Any]], new: list[dict[str, Any]], **changes: Any) -> ShareRevision:
    tables = release(*old, vintage="2022-03"), release(*new)
    return share_revision(*tables, **(WINDOW | changes))


def totals(found: ShareRevision) -> dict[str, float]:
    return dict(zip(found.deals["kind"], found.deals["total"], strict=True))


def test_a_revised_number_by_hand() -> None:
    found = revised([deal("ISR", 2016, 10.0, 5.0)], [deal("ISR", 2016, 30.0, 15.0)])
    # 10/20 to 30/40: numerator +20 times (20+40)/(2*20*40), denominator +20 times 40/(2*20*40).
    [row] = found.deals.to_dict("records")
    assert row["kind"] == "number"
    assert (row["counted"], row["total"]) == (20.0, 20.0)
    assert row["from_numerator"] == pytest.approx(75.0)
    assert row["from_denominator"] == pytest.approx(-50.0)
    assert found.change == pytest.approx(25.0)
    assert found.parts().loc["number", ["points", "deals"]].tolist() == pytest.approx([25.0, 1.0])


@pytest.mark.parametrize(
    ("old", "new", "kinds"),
    [
        ([], [deal("ISR", 2016, 4.0, 2.0)], {"new": 4.0}),
        ([deal("ISR", 2016, 4.0, 2.0)], [], {"gone": -4.0}),
        ([deal("ISR", 2016, 4.0, 2.0)], [deal("ISR", 2016, 6.0, 2.0)], {"unit value": 2.0}),
        ([deal("ISR", 2016, 4.0, 2.0)], [deal("ISR", 2018, 4.0, 2.0)], {"time": -4.0}),
        ([deal("ISR", 2015, 4.0, 2.0)], [deal("ISR", 2016, 4.0, 2.0)], {"time": 4.0}),
        ([deal("ISR", 2016, 4.0, 2.0)], [deal("ISR", 2017, 4.0, 2.0)], {}),
        ([deal("ISR", 2016, 4.0, None)], [deal("ISR", 2016, 5.0, 2.0)], {"value": 1.0}),
        ([deal("TUR", 2016, 4.0, 2.0)], [deal("ISR", 2016, 4.0, 2.0)], {"supplier": 0.0}),
        (
            [deal("ISR", 2016, 10.0, 10.0)],
            [deal("ISR", 2016, 24.0, 12.0)],
            {"number": 3.0, "unit value": 11.0},
        ),
    ],
)
def test_what_changed_in_a_deal_is_named(
    old: list[dict[str, Any]], new: list[dict[str, Any]], kinds: dict[str, float]
) -> None:
    found = revised(old, new)
    assert totals(found) == pytest.approx(kinds)
    assert math.fsum(found.deals["points"]) == pytest.approx(found.change, abs=EXACT)


def test_a_corrected_supplier_moves_the_numerator_only() -> None:
    found = revised([deal("TUR", 2016, 4.0, 2.0)], [deal("ISR", 2016, 4.0, 2.0)])
    [row] = found.deals.to_dict("records")
    assert (row["counted"], row["exporter"]) == (4.0, "ISR")
    assert row["points"] == pytest.approx(100 * 4 / 14)


def test_part_of_a_deal_moves_out_of_the_window() -> None:
    found = revised(
        [deal("TUR", 2016, 4.0, 2.0), deal("TUR", 2017, 4.0, 2.0)],
        [deal("TUR", 2016, 4.0, 2.0), deal("TUR", 2018, 4.0, 2.0)],
    )
    assert totals(found) == pytest.approx({"time": -4.0})


def test_years_that_only_one_release_counts_are_no_change() -> None:
    later = release(deal("ISR", 2016, 4.0, 2.0), deal("ISR", 2019, 40.0, 20.0))
    counting_years(later, (2010, 2020))
    earlier = release(deal("ISR", 2016, 4.0, 2.0), vintage="2022-03")
    found = share_revision(earlier, later, **WINDOW)
    assert found.deals.empty
    assert found.parts().empty
    assert found.by_deal().empty
    assert (found.years, found.change) == ((2015, 2018), 0.0)


def test_registers_are_matched_by_what_they_say_of_a_deal() -> None:
    lines = ["line 3", "line 4"]
    old = [deal("ISR", 2016, 4.0, 2.0, deal=lines[0])]
    new = [deal("ISR", 2016, 6.0, 3.0, deal=lines[1])]
    with pytest.raises(SchemaError, match="match by attributes"):
        revised(old, new)
    found = revised(old, new, match="attributes")
    assert totals(found) == pytest.approx({"number": 2.0})
    assert found.ambiguous.empty


def test_deals_that_cannot_be_told_apart_are_listed_and_not_guessed() -> None:
    old = [deal("ISR", 2016, 4.0, 2.0), deal("ISR", 2016, 6.0, 3.0, deal="2", line=8)]
    new = [deal("ISR", 2016, 5.0, 2.0)]
    found = revised(old, new, match="attributes")
    assert totals(found) == {"ambiguous": -5.0}
    assert found.ambiguous["value"].tolist() == [4.0, 6.0, 5.0]
    assert found.ambiguous["dataset"].tolist() == [
        "sipri@2022-03",
        "sipri@2022-03",
        "sipri@2025-03",
    ]
    assert math.fsum(found.deals["points"]) == pytest.approx(found.change, abs=EXACT)


def test_without_deals_suppliers_are_compared() -> None:
    old = flow_table(delivery("ISR", 2016, 6.0), delivery("RUS", 2016, 4.0))
    new = flow_table(delivery("ISR", 2016, 6.0), delivery("RUS", 2016, 6.0))
    found = share_revision(old, new, **(WINDOW | {"end": 2016}))
    assert found.deals[["name", "exporter", "kind"]].to_numpy().tolist() == [
        ["TOTAL", "RUS", "value"]
    ]
    assert found.change == pytest.approx(-10.0)


def test_refusals() -> None:
    by_deal = release(deal("ISR", 2016, 4.0, 2.0))
    sums = flow_table(delivery("ISR", 2016, 6.0), delivery("RUS", 2017, 4.0))
    with pytest.raises(SchemaError, match="deals in both tables or in none"):
        share_revision(by_deal, sums, **WINDOW)
    with pytest.raises(PeriodError, match="expected the years 2014-2017"):
        share_revision(by_deal, by_deal, **(WINDOW | {"start": 2014}))
    with pytest.raises(ValueError, match="match to be one of id, attributes, found 'name'"):
        deal_units(by_deal, by_deal, match="name")  # type: ignore[arg-type]
    bare = by_deal.drop(columns="order_year")
    with pytest.raises(SchemaError, match=r"expected the columns .* found none of order_year"):
        deal_units(bare, bare, match="attributes")
    dollars = flow_table(
        statement(exporter="ISR", importer="AZE", value=6.0, start="2016-01-01", end="2017-12-31")
    )
    with pytest.raises(UnitError, match="expected one unit, found TIV and USD"):
        share_revision(sums, dollars, **WINDOW)
    with pytest.raises(ValueError, match="as many factors, found 1 and 2"):
        shapley_product([1.0], [1.0, 2.0])


deals = st.lists(
    st.tuples(
        st.sampled_from(["ISR", "RUS", "TUR"]),
        st.integers(2015, 2018),
        st.integers(1, 40),
        st.floats(0.25, 50.0),
        st.sampled_from("12345"),
    ),
    max_size=8,
    unique_by=lambda one: (one[4], one[1]),
)


def rows_of(drawn: list[tuple[str, int, int, float, str]]) -> list[dict[str, Any]]:
    return [
        deal(supplier, year, number * each, float(number), deal=name, line=line)
        for line, (supplier, year, number, each, name) in enumerate(drawn, start=20)
    ]


@settings(max_examples=20)
@given(old=deals, new=deals, match=st.sampled_from(["id", "attributes"]))
def test_parts_add_up_and_turn_round_with_the_releases(
    old: list[Any], new: list[Any], match: Any
) -> None:
    there = revised(rows_of(old), rows_of(new), match=match)
    back = revised(rows_of(new), rows_of(old), match=match)
    assert math.fsum(there.deals["points"]) == pytest.approx(there.change, abs=EXACT)
    assert math.fsum(there.by_deal()["points"]) == pytest.approx(there.change, abs=EXACT)
    assert math.fsum(there.parts()["points"]) == pytest.approx(there.change, abs=EXACT)
    moved = there.new.numerator - there.old.numerator, there.new.denominator - there.old.denominator
    sums = [math.fsum(there.deals[name]) for name in ("counted", "total")]
    assert sums == pytest.approx(moved, abs=EXACT)
    points = [one.by_deal().set_index("deal")["points"] for one in (there, back)]
    for name, value in points[0].items():
        assert points[1].get(name, 0.0) == pytest.approx(-value, abs=EXACT)


@given(st.lists(st.tuples(st.floats(0, 9), st.floats(0, 9)), min_size=1, max_size=4))
def test_factors_add_up_and_one_that_stays_has_no_part(pairs: list[tuple[float, float]]) -> None:
    before, after = zip(*pairs, strict=True)
    parts = shapley_product(before, after)
    assert math.fsum(parts) == pytest.approx(math.prod(after) - math.prod(before), abs=EXACT)
    assert all(part == 0 for part, (one, other) in zip(parts, pairs, strict=True) if one == other)


def test_a_deal_in_no_release_has_no_number() -> None:
    [change] = split_change(None, DealSide(3.0, 3.0, None), ambiguous=False)
    assert change == ("new", 3.0, 3.0)


def test_the_case_is_led_by_the_drones() -> None:
    found = fl.share_revision(
        fl.load("sipri-deal-years@2022-03"),
        fl.load("sipri-deal-years@2025-03"),
        **(WINDOW | {"end": 2020}),
    )
    # 695.45 / 1001.06 and 697.45 / 1029.61: two decimals of a percentage.
    assert (100 * found.old.value, 100 * found.new.value) == pytest.approx(
        (69.47, 67.74), abs=0.005
    )
    assert math.fsum(found.deals["points"]) == pytest.approx(found.change, abs=EXACT)
    first = found.by_deal().iloc[0]
    assert (first["exporter"], first["name"]) == ("TUR", "Bayraktar TB-2 armed UAV")
    assert first["total"] == pytest.approx(28.8 - 6.25)
    assert first["kinds"] == "number, unit value"
    told = found.summary(most=2).splitlines()
    assert told[0].endswith("-1.73 points")
    assert told[-1].endswith("3 other deals")
    assert set(found.rows) == {"sipri-deal-years@2022-03", "sipri-deal-years@2025-03"}
    assert len(found.tidy()) == len(found.deals)
