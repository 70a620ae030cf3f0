"""What a share counts: order years, products, status, local production, exports; the case."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from deals import deal, deals
from statements import delivery, flow_table, statement

import flows as fl
from flows.errors import DoubleCountError, PeriodError, SchemaError, UnitError
from flows.loaders import load
from flows.loaders.examples import example_path
from flows.measure.checks import rows_by_dataset, select_flows
from flows.measure.counting import (
    ALL,
    Counting,
    choose_counted,
    count_flows,
    find_candidates,
    rows_within,
)
from flows.measure.shares import Share, share
from flows.table import join_flows

PUBLISHED = 0.005
"""Half a unit in the last place of a figure with two decimals."""
RELEASE = "sipri-deal-years@2025-03"


def israel(table: pd.DataFrame, **changes: Any) -> Share:
    asked = {"supplier": "ISR", "importer": "AZE", "start": 2016, "end": 2017}
    return share(table, **(asked | changes))


@pytest.fixture(scope="module")
def arms() -> pd.DataFrame:
    return fl.load(RELEASE)


@pytest.fixture(scope="module")
def small() -> pd.DataFrame:
    return deals(
        deal("ISR", 2016, 40.0, local_production=True, product="ships", order_year=2012),
        deal("ISR", 2017, 20.0, delivery_year_estimated=True),
        deal("RUS", 2016, 30.0, status="Second hand"),
        deal("RUS", 2018, 10.0, order_year=2016),
        deal("BLR", 2017, 10.0, order_year=None, delivery_year_estimated=None),
    )


@pytest.mark.parametrize(
    ("counting", "numerator", "denominator", "left_out"),
    [
        (Counting(), 60.0, 100.0, []),
        (Counting(products=("ships",)), 40.0, 40.0, []),
        (Counting(status=("New",)), 60.0, 70.0, []),
        (Counting(local_production=False), 20.0, 60.0, []),
        (Counting(local_production=True), 40.0, 40.0, []),
        (Counting(year_estimated=False), 40.0, 70.0, ["delivery_year_estimated"]),
        (Counting(year_estimated=True), 20.0, 20.0, ["delivery_year_estimated"]),
        (Counting(without_deals=("ISR 2016",)), 20.0, 60.0, []),
        (Counting(by="order"), 20.0, 30.0, ["order_year"]),
        (Counting(status=("New",), local_production=False), 20.0, 30.0, []),
    ],
)
def test_what_counts_by_hand(
    small: pd.DataFrame,
    counting: Counting,
    numerator: float,
    denominator: float,
    left_out: list[str],
) -> None:
    found = israel(small, counting=counting)
    assert (found.numerator, found.denominator) == (numerator, denominator)
    assert found.left_out["missing"].tolist() == left_out
    assert found.counting == counting


def test_by_year_of_order_a_delivery_before_the_window_cannot_be_of_it(small: pd.DataFrame) -> None:
    later = israel(small, counting=Counting(by="order"), start=2015, end=2016)
    assert later.left_out["line"].tolist() == [17]
    earlier = israel(small, counting=Counting(by="order"), start=2012, end=2016)
    assert (earlier.numerator, earlier.denominator) == (60.0, 100.0)


def test_what_a_counting_says_in_words() -> None:
    assert Counting().describe() == "by year of delivery"
    everything = Counting(
        by="order",
        products=("ships",),
        status=("New",),
        local_production=False,
        year_estimated=False,
        without_deals=("1", "2"),
    )
    assert everything.describe() == (
        "by year of order, products ships, status New, without local production, "
        "certain years only, without deal 1, 2"
    )


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"by": "arrival"}, ValueError, "by: expected delivery or order, found 'arrival'"),
        ({"products": "ships"}, TypeError, "products: expected a tuple of texts, .* found 'ships'"),
        ({"status": "New"}, TypeError, "status: expected a tuple of texts"),
    ],
)
def test_an_impossible_choice_of_what_counts_is_refused(
    changes: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        Counting(**changes)


@pytest.mark.parametrize(
    ("counting", "message"),
    [
        (
            Counting(products=("ship",)),
            "expected product 'ship', found none; there are: 'aircraft'",
        ),
        (Counting(status=("new",)), "expected status 'new', found none; there are: 'New'"),
        (Counting(without_deals=("X",)), "expected deal 'X', found none; there are: 'BLR 2017'"),
    ],
)
def test_a_name_that_is_not_there_counts_nothing(
    small: pd.DataFrame, counting: Counting, message: str
) -> None:
    with pytest.raises(SchemaError, match=message):
        israel(small, counting=counting)


@pytest.mark.parametrize(
    "counting",
    [
        Counting(by="order"),
        Counting(year_estimated=False),
        Counting(local_production=False),
        Counting(status=("New",)),
        Counting(without_deals=("1",)),
    ],
)
def test_sums_of_deals_have_no_columns_to_choose_by(counting: Counting) -> None:
    table = flow_table(delivery("ISR", 2016, 1.0), delivery("RUS", 2016, 1.0, line=8))
    with pytest.raises(SchemaError, match=r"sipri@2025-03: expected the column .* found totals"):
        israel(table, end=2016, counting=counting)


def test_a_customer_has_a_share_of_exports() -> None:
    sold = [("AZE", 30.0), ("IND", 60.0), ("VNM", 10.0)]
    table = flow_table(
        *(
            delivery("ISR", 2016, tiv, importer=to, line=line)
            for line, (to, tiv) in enumerate(sold)
        ),
        delivery("RUS", 2016, 99.0, importer="IND", line=9),
    )
    found = israel(table, importer="IND", end=2016, of="exports")
    assert (found.numerator, found.denominator, found.of) == (60.0, 100.0, "exports")
    assert israel(table, importer="IND", end=2016).denominator == 159.0


def test_exports_are_of_one_scope_and_name_customers() -> None:
    two = [delivery("ISR", 2016, 1.0), delivery("ISR", 2016, 1.0, importer="IND", coverage="other")]
    with pytest.raises(DoubleCountError, match="exports of ISR: expected one coverage"):
        israel(flow_table(*two), end=2016, of="exports")
    with pytest.raises(SchemaError, match="expected rows by customer, found totals"):
        israel(flow_table(delivery("ISR", 2016, 1.0, importer="XXX")), end=2016, of="exports")
    with pytest.raises(ValueError, match="of: expected imports or exports, found 'both'"):
        israel(flow_table(two[0]), end=2016, of="both")


def test_counted_rows_name_their_partner(small: pd.DataFrame) -> None:
    counted = count_flows(small, country="AZE", start=2016, end=2017)
    assert counted.rows["partner"].tolist() == ["ISR", "ISR", "RUS", "BLR"]
    assert rows_by_dataset(counted.rows) == {"sipri@2025-03": (13, 14, 15, 17)}


def test_order_years_are_refused_as_an_ordinary_choice(small: pd.DataFrame) -> None:
    with pytest.raises(PeriodError, match=r"found a choice by order_year 2016: .*by='order'"):
        select_flows(small, order_year=2016)


def test_rows_that_were_put_into_the_year_of_their_order_are_refused() -> None:
    two = deals(
        deal("ISR", 2016, 1.0, deal="7", order_year=2016),
        deal("ISR", 2017, 1.0, deal="7", order_year=2016),
    )
    moved = two.assign(
        start=pd.to_datetime(two["order_year"].astype(str) + "-01-01"),
        end=pd.to_datetime(two["order_year"].astype(str) + "-12-31"),
    )
    assert israel(two).numerator == 2.0
    with pytest.raises(
        DoubleCountError, match=r"deal 7: expected periods that do not overlap.*by="
    ):
        israel(moved)


def test_two_releases_and_two_units_are_never_one_sum(small: pd.DataFrame) -> None:
    older = small.assign(dataset="sipri@2022-03")
    with pytest.raises(DoubleCountError, match=r"expected one vintage .* filter dataset="):
        israel(join_flows([small, older]))
    with pytest.raises(DoubleCountError, match="expected one vintage"):
        israel(join_flows([small, older]), of="exports")
    dollars = flow_table(statement(exporter="TUR", importer="AZE", start="2016-01-01", line=99))
    with pytest.raises(UnitError, match="never added to dollars"):
        israel(join_flows([small, dollars]), end=2023)


@pytest.mark.parametrize(
    ("counting", "percent"),
    [
        (Counting(), 67.74),
        (Counting(year_estimated=False), 60.45),
        (Counting(without_deals=("56470",)), 55.24),
        (Counting(local_production=False), 54.32),
        (Counting(status=("New",)), 71.12),
        (Counting(by="order"), 45.59),
    ],
)
def test_the_share_of_the_case(arms: pd.DataFrame, counting: Counting, percent: float) -> None:
    found = israel(arms, end=2020, counting=counting)
    assert 100 * found.value == pytest.approx(percent, abs=PUBLISHED)
    assert rows_by_dataset(found.rows)[RELEASE]


def test_by_year_of_order_is_of_what_was_ordered_in_the_window(arms: pd.DataFrame) -> None:
    found = israel(arms, end=2020, counting=Counting(by="order"))
    assert found.numerator == pytest.approx(167.6, abs=0.05)
    assert found.denominator == pytest.approx(367.6, abs=0.05)
    assert found.rows["order_year"].between(2016, 2020).all()
    assert found.left_out.empty


def test_the_share_of_the_older_release() -> None:
    found = israel(fl.load("sipri-deal-years@2022-03"), end=2020)
    assert 100 * found.value == pytest.approx(69.47, abs=PUBLISHED)


@pytest.mark.parametrize(
    ("release", "source"), [("2022-03", "luke20332"), ("2025-03", "nagehanrdogan")]
)
def test_five_year_windows_are_those_of_the_facts_in_real_export(
    shared_data: Path, release: str, source: str
) -> None:
    facts = pd.read_csv(shared_data / "facts" / "az_supplier_year_by_vintage.csv")
    stated = facts[(facts["release"] == release) & facts["source"].str.contains(source)]
    table = fl.load(f"sipri-deal-years@{release}")
    for start in range(2011, 2018):
        window = stated[stated["year"].between(start, start + 4)]
        found = israel(table, start=start, end=start + 4)
        of_israel = window.loc[window["supplier"] == "Israel", "tiv"]
        assert found.numerator == pytest.approx(of_israel.sum(), abs=PUBLISHED)
        assert found.denominator == pytest.approx(window["tiv"].sum(), abs=PUBLISHED)


def test_customers_of_israel_in_real_export(shared_data: Path) -> None:
    table = fl.load(str(shared_data / "sipri" / "deal-years-2025-03.csv"))
    expected = {"IND": 43.8, "AZE": 16.0, "VNM": 11.0}
    for customer, percent in expected.items():
        found = israel(table, importer=customer, end=2020, of="exports")
        assert found.denominator == pytest.approx(4347.5, abs=0.05)
        assert 100 * found.value == pytest.approx(percent, abs=0.05)


def test_a_deal_without_a_status_is_left_out_with_the_reason() -> None:
    deals = pd.DataFrame({"status": ["New", None], "dataset": "a@1", "line": [2, 3]})
    kept, left_out = choose_counted(deals, Counting(status=("New",)))
    assert (kept["line"].tolist(), left_out[["line", "missing"]].to_numpy().tolist()) == (
        [2],
        [[3, "status"]],
    )


def test_deals_ordered_or_delivered_near_the_window_are_candidates() -> None:
    near, left_out = find_candidates(
        load(example_path("sipri_deal_years")),
        country="AZE",
        start=2012,
        end=2012,
        of="imports",
        dataset=None,
        counting=ALL,
    )
    assert (near["inside"].tolist(), len(left_out)) == ([False, True, False], 0)


def test_rows_that_are_all_outside_the_window_are_refused() -> None:
    dates = {"start": pd.to_datetime(["2015-01-01"]), "end": pd.to_datetime(["2015-12-31"])}
    with pytest.raises(
        SchemaError, match=r"expected rows in 2016-2020, found rows only in 2015-2015"
    ):
        rows_within(pd.DataFrame(dates), start=2016, end=2020)
