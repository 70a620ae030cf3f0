"""Bounds of a share: by hand, against brute force, properties, refusals and the case."""

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from deals import deal, deals
from hypothesis import given, settings
from hypothesis import strategies as st
from statements import delivery, flow_table

import flows as fl
from flows.errors import DoubleCountError, PeriodError, SchemaError
from flows.measure.bounds import ShareBounds, check_ways, find_ways, share_bounds
from flows.measure.counting import Counting, find_candidates
from flows.measure.rules import (
    LocalProduction,
    RoundedCell,
    Rule,
    SecondHand,
    UncertainNumber,
    UncertainYear,
    UnknownPartner,
)
from flows.measure.shares import share

PUBLISHED = 0.005
ROUNDING = 1e-12
WITHIN, FRACTION = 1, 0.25
USED, MODERNISED = (0.4, 1.0), (0.66, 0.8)
OF_DEALS: tuple[Rule, ...] = (
    UncertainYear(WITHIN),
    UncertainNumber(FRACTION),
    UnknownPartner(),
    LocalProduction(),
    SecondHand(USED, MODERNISED),
)
CASE = {"supplier": "ISR", "importer": "AZE", "start": 2016, "end": 2020}

flag = st.sampled_from([True, False, None])
row = st.fixed_dictionaries(
    {
        "supplier": st.sampled_from(["ISR", "RUS", "XXU"]),
        "year": st.integers(2014, 2019),
        "tiv": st.integers(1, 20).map(float),
        "delivery_year_estimated": flag,
        "number_estimated": flag,
        "local_production": flag,
        "status": st.sampled_from(["New", "Second hand", "Second hand but modernized"]),
    }
)


def made(drawn: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Return a table of deals; what is second-hand is worth 40 or 66 percent of new."""
    factors = {"New": 1.0, "Second hand": 0.4, "Second hand but modernized": 0.66}
    return deals(
        *(
            deal(**one, deal=str(at), tiv_per_new_unit=1 / factors[one["status"]])
            for at, one in enumerate(drawn)
        )
    )


tables = (
    st.lists(row, min_size=1, max_size=4)
    .filter(lambda drawn: any(2016 <= one["year"] <= 2017 for one in drawn))
    .map(made)
)


def israel(table: pd.DataFrame, rules: Sequence[Rule], **changes: Any) -> ShareBounds:
    asked = {"supplier": "ISR", "importer": "AZE", "start": 2016, "end": 2017}
    return share_bounds(table, rules=rules, **(asked | changes))


def years_of(one: Any, *, uncertain: bool) -> list[int]:
    marked = one.delivery_year_estimated is True
    spread = WITHIN if uncertain and marked else 0
    return [one.start.year + shift for shift in range(-spread, spread + 1)]


def amounts_of(one: Any, kinds: set[type], used: float, modernised: float) -> list[float]:
    factor = {"Second hand": used, "Second hand but modernized": modernised}.get(one.status)
    value = one.value if factor is None else one.number * one.tiv_per_new_unit * factor
    marked = one.number_estimated is True and UncertainNumber in kinds
    return [value * (1 + part) for part in ((-FRACTION, 0, FRACTION) if marked else (0,))]


def owners_of(one: Any, kinds: set[type]) -> list[str]:
    anyone = one.exporter == "XXU" and UnknownPartner in kinds
    return ["ISR", "RUS", "TUR"] if anyone else [one.exporter]


def choices(table: pd.DataFrame, rules: Sequence[Rule]) -> Iterator[list[tuple[str, float]]]:
    """Yield every configuration that the rules allow, row by row, with no thought of extremes."""
    kinds = {type(rule) for rule in rules}
    records = [
        one._replace(
            **{
                name: None if pd.isna(getattr(one, name)) else bool(getattr(one, name))
                for name in ("delivery_year_estimated", "number_estimated", "local_production")
            }
        )
        for one in table.itertuples(index=False)
    ]
    factors = product(USED, MODERNISED) if SecondHand in kinds else [(0.4, 0.66)]
    for (used, modernised), local in product(
        [(0.4, 0.66), *factors], [True, False] if LocalProduction in kinds else [True]
    ):
        options = [
            list(
                product(
                    years_of(one, uncertain=UncertainYear in kinds),
                    amounts_of(one, kinds, used, modernised),
                    owners_of(one, kinds),
                )
            )
            for one in records
            if local or not one.local_production
        ]
        for picked in product(*options):
            yield [(owner, tiv) for year, tiv, owner in picked if 2016 <= year <= 2017]


def brute_force(table: pd.DataFrame, rules: Sequence[Rule]) -> tuple[float, float]:
    shares = []
    for sums in choices(table, rules):
        total = sum(tiv for _, tiv in sums)
        if total > 0:
            shares.append(sum(tiv for owner, tiv in sums if owner == "ISR") / total)
    return min(shares), max(shares)


@settings(max_examples=25)
@given(table=tables, rules=st.lists(st.sampled_from(OF_DEALS), min_size=1, unique=True))
def test_bounds_are_those_of_brute_force(table: pd.DataFrame, rules: list[Rule]) -> None:
    found = israel(table, rules)
    low, high = brute_force(table, rules)
    assert found.low == pytest.approx(low, abs=ROUNDING)
    assert found.high == pytest.approx(high, abs=ROUNDING)


@settings(max_examples=10)
@given(table=tables, rules=st.lists(st.sampled_from(OF_DEALS), min_size=1, unique=True))
def test_bounds_contain_the_share_and_each_rule_alone(
    table: pd.DataFrame, rules: list[Rule]
) -> None:
    found = israel(table, rules)
    assert found.low - ROUNDING <= found.value <= found.high + ROUNDING
    tidy = found.tidy()
    assert tidy["rule"].tolist() == [*(rule.name for rule in rules), "all"]
    assert (tidy["low"] >= found.low - ROUNDING).all()
    assert (tidy["high"] <= found.high + ROUNDING).all()
    for end in (found.at_low, found.at_high):
        sums = end.amounts.groupby("side")["amount"].sum()
        assert sums.get("numerator", 0.0) == pytest.approx(end.numerator)
        assert sums.sum() == pytest.approx(end.denominator)


@settings(max_examples=10)
@given(table=tables, within=st.integers(0, 3), fraction=st.floats(0, 0.5))
def test_wider_rules_give_wider_bounds(table: pd.DataFrame, within: int, fraction: float) -> None:
    narrow = israel(table, [UncertainYear(within), UncertainNumber(fraction)])
    wider = [UncertainYear(within + 1), UncertainNumber(2 * fraction)]
    wide = israel(table, wider)
    widest = israel(table, [*wider, LocalProduction()])
    assert wide.low <= narrow.low + ROUNDING
    assert narrow.high <= wide.high + ROUNDING
    assert widest.low <= wide.low
    assert wide.high <= widest.high


def test_each_row_goes_its_way_by_hand() -> None:
    table = deals(
        deal("ISR", 2015, 10.0, delivery_year_estimated=True),
        deal("ISR", 2016, 30.0, delivery_year_estimated=True),
        deal("ISR", 2017, 20.0),
        deal("RUS", 2017, 40.0, number_estimated=True),
        deal("RUS", 2018, 10.0, delivery_year_estimated=True),
        deal("RUS", 2019, 99.0, delivery_year_estimated=True),
        deal("XXU", 2016, 10.0),
    )
    found = israel(table, [UncertainYear(1), UncertainNumber(0.5), UnknownPartner()])
    assert (found.share.numerator, found.share.denominator) == (50.0, 100.0)
    assert (found.at_high.numerator, found.at_high.denominator) == (70.0, 90.0)
    assert (found.at_low.numerator, found.at_low.denominator) == (20.0, 100.0)
    assert found.rows["line"].tolist() == [13, 14, 15, 16, 17, 19]
    assert found.rows["side"].tolist() == ["out", "numerator", "numerator", "other", "out", "other"]
    assert found.rows["side_at_high"].tolist() == [
        "numerator",
        "numerator",
        "numerator",
        "other",
        "out",
        "numerator",
    ]
    assert found.rows["side_at_low"].tolist() == [
        "out",
        "out",
        "numerator",
        "other",
        "other",
        "other",
    ]
    assert found.rows["amount_at_low"].tolist() == [0.0, 0.0, 20.0, 60.0, 10.0, 10.0]
    assert found.tidy()["rows_moved"].tolist() == [3, 1, 1, 5]
    assert found.limits == ()


def test_a_definition_is_one_choice_for_the_whole_sum() -> None:
    table = deals(
        deal("ISR", 2016, 50.0, local_production=True),
        deal("RUS", 2016, 30.0, local_production=True),
        deal("RUS", 2017, 20.0),
    )
    found = israel(table, [LocalProduction()])
    assert (found.low, found.value, found.high) == (0.0, 0.5, 0.5)
    assert found.at_low.chosen == ("local production out",)
    assert found.at_high.chosen == ()
    without = israel(table, [LocalProduction()], counting=Counting(local_production=False))
    assert (without.low, without.value, without.high) == (0.0, 0.0, 0.5)
    assert without.at_high.chosen == ("local production in",)


def test_used_weapons_may_be_worth_more() -> None:
    table = deals(
        deal("ISR", 2016, 40.0, status="Second hand", number=100.0),
        deal("RUS", 2016, 60.0),
    )
    found = israel(table, [SecondHand(used=(0.4, 1.0), modernised=(0.66, 0.66))])
    assert (found.low, found.value) == (0.4, 0.4)
    assert found.high == pytest.approx(100 / 160)
    assert found.at_high.chosen == ("used at 1, modernised at 0.66",)


def test_a_choice_in_which_nothing_is_imported_is_no_extreme() -> None:
    ours = deals(deal("ISR", 2016, 5.0, delivery_year_estimated=True))
    found = israel(ours, [UncertainYear(1)])
    assert (found.low, found.high) == (1.0, 1.0)
    theirs = deals(deal("RUS", 2016, 5.0, delivery_year_estimated=True, local_production=True))
    found = israel(theirs, [UncertainYear(1), LocalProduction()])
    assert (found.low, found.high) == (0.0, 0.0)
    assert found.at_high.denominator == 5.0


def test_rounded_cells_by_hand() -> None:
    cells = [("ISR", 2016, 0.0), ("ISR", 2017, 3.0), ("RUS", 2016, 7.0), ("TUR", 2017, 0.0)]
    table = flow_table(
        *(
            delivery(*cell, line=line, low=0.0, high=0.5)
            if cell[2] == 0
            else delivery(*cell, line=line)
            for line, cell in enumerate(cells, start=12)
        )
    )
    found = israel(table, [RoundedCell(0.5)])
    assert found.value == 0.3
    assert found.low == pytest.approx(2.5 / (2.5 + 7.5 + 0.5))
    assert found.high == pytest.approx(4.0 / (4.0 + 6.5))
    with_deal = deals(deal("ISR", 2016, 1.25), deal("RUS", 2017, 3.0))
    untouched = israel(with_deal, [RoundedCell(0.5)])
    assert untouched.low == untouched.high == untouched.value


def test_by_year_of_order_the_uncertain_years_are_those_of_order() -> None:
    table = deals(
        deal("ISR", 2018, 10.0, order_year=2016, order_year_estimated=True),
        deal("RUS", 2018, 10.0, order_year=2017, delivery_year_estimated=True),
    )
    found = israel(table, [UncertainYear(1)], counting=Counting(by="order"))
    assert (found.low, found.value, found.high) == (0.0, 0.5, 0.5)


def test_bounds_of_a_customer_share() -> None:
    table = deals(
        deal("ISR", 2016, 10.0),
        deal("ISR", 2016, 10.0, importer="XXR", deal="a"),
        deal("ISR", 2017, 20.0, importer="IND", deal="b"),
    )
    found = israel(table, [UnknownPartner()], of="exports")
    assert (found.low, found.value, found.high) == (0.25, 0.25, 0.5)


def test_what_bounds_do_not_cover_is_said() -> None:
    table = deals(
        deal("ISR", 2016, 1.0),
        deal("RUS", 2017, 1.0, delivery_year_estimated=None),
        deal("RUS", 2016, 1.0, status=None),
        span=(2016, 2017),
    )
    found = israel(table, [UncertainYear(1)], counting=Counting(status=("New",)))
    assert found.limits == (
        "deliveries of 2015, 2018 cannot fall in: sipri@2025-03 counts 2016-2017",
        "rows that do not say whether their year is estimated: 1",
        "rows left out, since they do not say what counts: 1",
    )
    assert all(limit in found.summary() for limit in found.limits)
    assert "status New: 50.00 %, bounds 50.00 to 50.00 %" in found.summary()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: UncertainYear(-1), "within: expected at least 0, found -1"),
        (lambda: UncertainNumber(1.5), "fraction: expected 0 to 1, found 1.5"),
        (lambda: RoundedCell(0.0), "half: expected more than 0"),
        (lambda: SecondHand((1.0, 0.4), (0.66, 0.66)), "used: expected 0 <= lowest <= highest"),
        (lambda: SecondHand((0.4, 0.4), (-0.1, 0.66)), "modernised: expected 0 <= lowest"),
    ],
)
def test_a_rule_of_impossible_numbers_is_refused(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_rules_are_given_and_each_kind_once() -> None:
    table = deals(deal("ISR", 2016, 1.0))
    with pytest.raises(ValueError, match="rules: expected at least one, found none"):
        israel(table, [])
    with pytest.raises(ValueError, match="each kind once, found twice: UncertainYear"):
        israel(table, [UncertainYear(1), UncertainYear(2)])


@pytest.mark.parametrize("rule", [UncertainYear(1), UncertainNumber(0.1), LocalProduction()])
def test_a_rule_without_its_flag_is_refused(rule: Rule) -> None:
    with pytest.raises(SchemaError, match=r"expected a column .*; leave the rule out, or use a re"):
        israel(flow_table(delivery("ISR", 2016, 1.0)), [rule], end=2016)


def test_second_hand_weapons_need_a_number_and_a_value_when_new() -> None:
    rule = SecondHand(USED, MODERNISED)
    with pytest.raises(SchemaError, match="without status, number, tiv_per_new_unit"):
        israel(flow_table(delivery("ISR", 2016, 1.0)), [rule], end=2016)
    table = deals(deal("ISR", 2016, 1.0, status="Second hand", number=None))
    with pytest.raises(SchemaError, match="found none at sipri@2025-03 line 13"):
        israel(table, [rule])


def test_cells_that_are_not_rounded_so_are_refused() -> None:
    with pytest.raises(SchemaError, match="expected multiples of 1, found others at sipri"):
        israel(flow_table(delivery("ISR", 2016, 1.25)), [RoundedCell(0.5)], end=2016)
    unbounded = flow_table(delivery("ISR", 2016, 1.0, high=float("nan")))
    with pytest.raises(SchemaError, match="expected an upper bound, found none at sipri"):
        israel(unbounded, [RoundedCell(0.5)], end=2016)


def test_rows_that_may_come_in_are_held_to_the_same_checks() -> None:
    across = deal("RUS", 2017, 1.0, end=dt.date(2018, 3, 20), local_production=True)
    table = deals(deal("ISR", 2016, 1.0), across)
    without = Counting(local_production=False)
    assert (
        share(table, supplier="ISR", importer="AZE", start=2016, end=2017, counting=without).value
        == 1.0
    )
    with pytest.raises(PeriodError, match=r"both sides of an edge \(sipri@2025-03 line 14"):
        israel(table, [LocalProduction()], counting=without)
    other = deal("RUS", 2018, 1.0, delivery_year_estimated=True, coverage="other")
    with pytest.raises(DoubleCountError, match="imports of AZE: expected one coverage"):
        israel(deals(deal("ISR", 2016, 1.0), other), [UncertainYear(1)])


def test_edge_years_of_the_case() -> None:
    """A flagged year may be off by one, so rows of 2016 and 2020 leave and 2015 and 2021 enter."""
    found = share_bounds(
        fl.load("sipri-deal-years@2025-03"), rules=[UncertainYear(within=1)], **CASE
    )
    assert 100 * found.low == pytest.approx(64.16, abs=PUBLISHED)
    assert 100 * found.value == pytest.approx(67.74, abs=PUBLISHED)
    assert 100 * found.high == pytest.approx(68.26, abs=PUBLISHED)


def test_local_production_of_the_case_is_one_end() -> None:
    found = share_bounds(fl.load("sipri-deal-years@2025-03"), rules=[LocalProduction()], **CASE)
    assert 100 * found.low == pytest.approx(54.32, abs=PUBLISHED)
    assert found.high == found.value


def test_rounded_cells_of_a_printed_table_hold_the_unrounded_share_in_real_export(
    shared_data: Path,
) -> None:
    """Israel's exports printed in whole numbers, beside the deals of the same release."""
    folder = shared_data / "sipri"
    printed = fl.load(str(folder / "tiv-tables-2022-03" / "TIV-Export-ISR-1950-2021.csv"))
    asked = CASE | {"of": "exports"}
    found = share_bounds(printed, rules=[RoundedCell(0.5)], **asked)
    raw = share(fl.load(str(folder / "DealsAndTIVs-2022-03.txt")), **asked)
    assert found.low <= raw.value <= found.high
    assert found.low < found.value < found.high


def test_an_uncertain_number_gives_an_amount_two_ends() -> None:
    near, _ = find_candidates(
        fl.load("sipri-deal-years@2025-03"),
        country="AZE",
        start=2019,
        end=2019,
        of="imports",
        dataset=None,
        counting=Counting(),
    )
    ways = find_ways(near, [UncertainNumber(0.1)], window=(2019, 2019), counting=Counting())
    cells = ways[0][1].query("partner == 'ESP' and inside")
    assert [
        round(float(cells[name].iloc[0]), 1) for name in ("amount_low", "amount_high")
    ] == pytest.approx([11.7, 14.3])


def test_a_window_without_rows_is_refused() -> None:
    with pytest.raises(SchemaError, match=r"expected rows in 1-2, found rows of none"):
        check_ways(
            pd.DataFrame({"first": [], "last": [], "inside": [], "crosses": []}).astype(bool),
            [],
            rules=[],
            window=(1, 2),
            of="imports",
        )
