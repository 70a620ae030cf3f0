"""Registers, with one row a deal: exact where no deal crosses the window, else bounds."""

import datetime as dt
import math
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from deals import deal, deals
from hypothesis import given, settings
from hypothesis import strategies as st

import flows as fl
from flows.errors import PeriodError, SchemaError
from flows.loaders.examples import example_path
from flows.measure.indices import concentration_ratio, entropy, herfindahl
from flows.measure.rules import Rule, UncertainNumber, UnknownPartner, UnsplitDeliveries
from flows.scope import Scope, remember

WINDOW: dict[str, Any] = {"start": 2016, "end": 2017}
PAIR: dict[str, Any] = {"supplier": "ISR", "importer": "AZE", **WINDOW}
OF: dict[str, Any] = {"importer": "AZE", **WINDOW}
SPLIT = [UnsplitDeliveries()]
SUMMING = 1e-9
FRACTION = 0.5

years = st.sets(st.integers(2014, 2019), min_size=1, max_size=3)
entry = st.tuples(st.sampled_from(["ISR", "RUS", "TUR"]), years, st.integers(0, 2), st.booleans())
registers = st.lists(entry, min_size=1, max_size=3).filter(
    lambda drawn: any(years & {2016, 2017} for _, years, _, _ in drawn)
)


def in_register(
    supplier: str, listed: set[int], number: int, *, estimated: bool = False, **changes: Any
) -> dict[str, Any]:
    """Return a deal with the years of its deliveries, each weapon worth 2 TIV."""
    row = deal(supplier, min(listed), 2.0 * number, number=number, number_estimated=estimated)
    return {
        **row,
        "end": dt.date(max(listed), 12, 31),
        "delivery_years": "; ".join(map(str, sorted(listed, reverse=True))),
        **changes,
    }


def register(*rows: dict[str, Any]) -> pd.DataFrame:
    named = [row | {"deal": f"line {place}"} for place, row in enumerate(rows)]
    return deals(*named, span=(1950, 2024))


def drawn_register(drawn: list[tuple[str, set[int], int, bool]]) -> pd.DataFrame:
    return register(
        *(
            in_register(supplier, listed, len(listed) + more, estimated=estimated)
            for supplier, listed, more, estimated in drawn
        )
    )


def splits(number: float, listed: list[int]) -> Iterator[float]:
    """Yield the number inside the window in every split that has a weapon in each year."""
    spare = number - len(listed)
    for more in product(*[[0.0, spare / 2, spare]] * len(listed)):
        if sum(more) == spare:
            yield sum(
                1 + extra for year, extra in zip(listed, more, strict=True) if 2016 <= year <= 2017
            )


def allocations(table: pd.DataFrame, *, uncertain: bool) -> Iterator[dict[str, float]]:
    """Yield what each supplier delivered, in every split of every deal."""
    options = []
    for row in table.itertuples():
        listed = [int(year) for year in row.delivery_years.split("; ")]
        wrong = uncertain and row.number_estimated
        numbers = [
            row.number * (1 + part) for part in ((-FRACTION, 0, FRACTION) if wrong else (0,))
        ]
        # Fewer weapons than years: nothing is sure of what is inside.
        inside = [
            amount
            for number in numbers
            for amount in (
                splits(number, listed)
                if number >= len(listed)
                else [number * any(2016 <= year <= 2017 for year in listed), 0.0]
                if not all(2016 <= year <= 2017 for year in listed)
                else [number]
            )
        ]
        options.append([(row.exporter, 2.0 * amount) for amount in inside])
    for chosen in product(*options):
        sums: dict[str, float] = {}
        for supplier, amount in chosen:
            sums[supplier] = sums.get(supplier, 0.0) + amount
        yield sums


@settings(max_examples=20, deadline=None)
@given(drawn=registers, uncertain=st.booleans())
def test_bounds_are_those_of_every_split(
    drawn: list[tuple[str, set[int], int, bool]], *, uncertain: bool
) -> None:
    table = drawn_register(drawn)
    rules: list[Rule] = [*SPLIT, *([UncertainNumber(FRACTION)] if uncertain else [])]
    every = [sums for sums in allocations(table, uncertain=uncertain) if sum(sums.values())]
    shares = [sums.get("ISR", 0.0) / sum(sums.values()) for sums in every]
    bounds = fl.share_bounds(table, **PAIR, rules=rules)
    assert bounds.low == pytest.approx(min(shares), abs=SUMMING)
    assert bounds.high == pytest.approx(max(shares), abs=SUMMING)
    found = fl.concentration(table, **OF, rules=rules).bounds
    for sums in every:
        amounts = [amount for amount in sums.values() if amount]
        for name, value in (
            ("hhi", herfindahl(amounts)),
            ("cr1", concentration_ratio(amounts, 1)),
            ("entropy", entropy(amounts)),
        ):
            low, high = found[name]
            assert low - SUMMING <= value <= high + SUMMING


@settings(max_examples=12, deadline=None)
@given(drawn=registers)
def test_deals_on_one_side_have_a_share(drawn: list[tuple[str, set[int], int, bool]]) -> None:
    table = drawn_register(drawn)
    sides = [{2016 <= year <= 2017 for year in listed} for _, listed, _, _ in drawn]
    if any(len(side) > 1 for side in sides):
        with pytest.raises(PeriodError, match=r"both sides of an edge .*UnsplitDeliveries"):
            fl.share(table, **PAIR)
        assert math.isnan(fl.share_bounds(table, **PAIR, rules=SPLIT).value)
        return
    if {True} not in sides:
        return
    share = fl.share(table, **PAIR).value
    bounds = fl.share_bounds(table, **PAIR, rules=SPLIT)
    assert (bounds.low, bounds.value, bounds.high) == (share, share, share)


def test_years_around_the_window_alone_are_outside() -> None:
    table = register(in_register("RUS", {2015, 2018}, 9), in_register("ISR", {2016}, 3))
    assert fl.share(table, **PAIR).value == 1.0
    unlisted = table.assign(delivery_years="")
    with pytest.raises(PeriodError, match="found 1 with deliveries on both sides"):
        fl.share(unlisted, **PAIR)
    bounds = fl.share_bounds(unlisted, **PAIR, rules=SPLIT)
    assert (bounds.low, bounds.high) == (3 / 12, 1.0)


def test_a_window_that_no_deal_is_wholly_inside_of_has_bounds() -> None:
    table = register(in_register("RUS", {2015, 2016}, 4), in_register("ISR", {2017, 2018}, 4))
    bounds = fl.share_bounds(table, **PAIR, rules=SPLIT)
    assert (bounds.low, bounds.high) == (1 / 4, 3 / 4)
    assert bounds.share.rows.empty
    assert "not known, bounds 25.00 to 75.00 %" in bounds.summary()
    assert bounds.limits == ("deals across an edge of the window, so that the share is open: 2",)
    found = fl.concentration(table, **OF, rules=SPLIT)
    assert found.bounds["hhi"] == (0.5, pytest.approx(1 / 16 + 9 / 16))
    assert math.isnan(found.hhi)
    assert (found.main, found.total) == ("", 0.0)


def test_an_unknown_supplier_of_a_deal_that_crosses_may_be_anyone() -> None:
    table = register(in_register("XXU", {2015, 2016}, 4), in_register("ISR", {2017}, 2))
    bounds = fl.share_bounds(table, **PAIR, rules=[*SPLIT, UnknownPartner()])
    assert (bounds.low, bounds.high) == (2 / 5, 1.0)


def test_each_other_rule_is_taken_with_the_one_that_deals_need() -> None:
    table = register(
        in_register("RUS", {2016}, 4), in_register("ISR", {2015, 2016}, 3, estimated=True)
    )
    both = fl.share_bounds(table, **PAIR, rules=[UncertainNumber(FRACTION), *SPLIT]).tidy()
    # One or two of three boats; of 1.5 times as many up to three and a half beside four.
    assert both["rule"].tolist() == [
        "uncertain numbers, 0.5",
        "deliveries not split by year",
        "all",
    ]
    assert both["high"].tolist() == pytest.approx([3.5 / 7.5, 2 / 6, 3.5 / 7.5])
    assert both["low"].tolist() == pytest.approx([0.0, 1 / 5, 0.0])


def test_a_year_cannot_be_summed_from_deals_of_several() -> None:
    table = register(in_register("ISR", {2015, 2016}, 4), in_register("ISR", {2016}, 2))
    with pytest.raises(PeriodError, match=r"1 deals delivered over several years .* line 13"):
        fl.series(table, exporter="ISR", importer="AZE", freq="year")


def test_the_order_year_has_no_edge_to_cross() -> None:
    table = register(
        in_register("RUS", {2015, 2018}, 9, order_year=2016),
        in_register("ISR", {2016}, 3, order_year=2017),
    )
    assert fl.share(table, **PAIR, counting=fl.Counting(by="order")).value == 0.25


def test_periods_that_are_no_deals_are_not_split() -> None:
    table = register(in_register("RUS", {2015, 2016}, 4)).drop(columns=["deal"])
    with pytest.raises(PeriodError, match="re-cut them first"):
        fl.share_bounds(table, **PAIR, rules=SPLIT)


def test_a_file_of_the_site_by_hand() -> None:
    table = fl.load(example_path("sipri_register"))
    window: dict[str, Any] = {"importer": "AZE", "start": 2016, "end": 2020}
    with pytest.raises(PeriodError, match=r"found 1 with deliveries .* line 14"):
        fl.share(table, supplier="ISR", **window)
    # Six boats of 7 TIV in 2014, 2015 and 2017: one to four in 2017, beside 10.4 of Belarus.
    bounds = fl.share_bounds(table, supplier="ISR", **window, rules=SPLIT)
    assert (bounds.low, bounds.high) == (pytest.approx(7 / 17.4), pytest.approx(28 / 38.4))


def test_a_register_without_tiv_says_which_file_has_it() -> None:
    table = fl.load(example_path("sipri_rtf"))
    for rules in ([], SPLIT):
        with pytest.raises(SchemaError, match=r"numbers of weapons alone; .* as CSV"):
            fl.concentration(table, importer="AZE", start=2005, end=2009, rules=rules)


def test_bounds_hold_what_the_deals_by_year_of_the_same_release_say_on_real_files(
    shared_data: Path,
) -> None:
    release = "2025-03"
    (path,) = (shared_data / "facts").glob(f"az_register_release_{release}_*.csv")
    table = fl.load(path)
    remember(str(table["dataset"].iloc[0]), Scope("all", {"imports": ("AZE",)}).of_rows(table))
    by_year = fl.load(f"sipri-deal-years@{release}")
    for first in (2007, 2012, 2016):
        asked: dict[str, Any] = {"importer": "AZE", "start": first, "end": first + 4}
        for supplier in ("ISR", "RUS"):
            exact = fl.share(by_year, supplier=supplier, **asked).value
            bounds = fl.share_bounds(table, supplier=supplier, **asked, rules=SPLIT)
            assert bounds.low - 0.002 <= exact <= bounds.high + 0.002
        exact_hhi = fl.concentration(by_year, **asked).hhi
        low, high = fl.concentration(table, **asked, rules=SPLIT).bounds["hhi"]
        assert low - 0.002 <= exact_hhi <= high + 0.002
