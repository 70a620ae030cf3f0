"""Vintages: what was added, gone and changed, by hand, by property and in real files."""

import math
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statements import counting_years, delivery, flow_table, statement

from flows.compare.vintages import VintageChange, compare_vintages
from flows.errors import DoubleCountError, FlowsError, SchemaError, UnitError
from flows.loaders import load

FEW = settings(max_examples=25)  # pairs of tables; comparing one takes some hundredths of a second
SUM = 1e-9  # relative: parts add up to the change in total

partners = st.sampled_from(["DEU", "FRA", "GEO", "IRN", "RUS"])
values = st.one_of(st.floats(min_value=0, max_value=1e9), st.just(math.nan))


def trade_table(rows: list[tuple[str, float]]) -> pd.DataFrame:
    return flow_table(
        *(
            statement(exporter=partner, value=value, line=line)
            for line, (partner, value) in enumerate(rows, start=2)
        )
    )


def deal_table(rows: list[tuple[str, float]]) -> pd.DataFrame:
    return flow_table(
        *(
            delivery(partner, 2020, value, deal=f"deal of {partner}", line=line)
            for line, (partner, value) in enumerate(rows, start=2)
        )
    )


tables = st.tuples(
    st.lists(st.tuples(partners, values), min_size=1, unique_by=lambda row: row[0]),
    st.lists(st.tuples(partners, values), min_size=1, unique_by=lambda row: row[0]),
    st.sampled_from([trade_table, deal_table]),
).map(lambda drawn: (drawn[2](drawn[0]), drawn[2](drawn[1])))


def difference_of(change: VintageChange) -> float:
    return math.fsum(change.parts()["sum"])


def test_added_gone_and_changed_by_hand() -> None:
    old = trade_table([("IRN", 10.0), ("RUS", 50.0), ("GEO", 3.0), ("FRA", 1.0)])
    new = trade_table([("DEU", 7.0), ("RUS", 45.0), ("GEO", 3.0), ("FRA", 31.0)])
    change = compare_vintages(old, new.assign(dataset="armstat@2026-02"))
    assert (change.old, change.new, change.unit) == ("armstat@2025-02", "armstat@2026-02", "USD")
    assert (change.rows_old, change.total_old, change.total_new) == (4, 64.0, 86.0)
    assert change.years == (2023, 2023)
    assert change.added[["exporter", "value_new", "line_new"]].to_numpy().tolist() == [
        ["DEU", 7.0, 2]
    ]
    assert change.gone[["exporter", "value_old", "line_old"]].to_numpy().tolist() == [
        ["IRN", 10.0, 2]
    ]
    assert change.changed[["exporter", "difference", "what"]].to_numpy().tolist() == [
        ["FRA", 30.0, "value"],
        ["RUS", -5.0, "value"],
    ]
    assert change.parts()["sum"].to_dict() == {"added": 7.0, "gone": -10.0, "changed": 25.0}
    assert list(change.tidy()["exporter"]) == ["FRA", "IRN", "DEU", "RUS"]


def test_a_deal_is_matched_by_its_id_whoever_delivered_what() -> None:
    old = flow_table(delivery("USA", 2020, 6.0, deal="7", product="ships", designation="Kidd"))
    new = flow_table(
        delivery("TUR", 2020, 8.0, deal="7", product="missiles", designation="Kidd-2", line=9)
    )
    change = compare_vintages(old, new)
    row = change.changed.iloc[0]
    assert row["what"] == "exporter USA to TUR, product ships to missiles, value"
    assert (row["deal"], row["designation"], row["exporter"]) == ("7", "Kidd-2", "TUR")
    assert change.added.empty
    assert change.gone.empty


def test_another_delivery_year_is_another_row() -> None:
    old = flow_table(delivery("TUR", 2020, 6.0, deal="7"))
    new = flow_table(delivery("TUR", 2021, 6.0, deal="7"))
    change = compare_vintages(old, new)
    assert (len(change.added), len(change.gone), len(change.changed)) == (1, 1, 0)
    assert change.years is None
    assert "in no year, which both count" in change.summary()


def test_a_longer_series_is_told_from_a_revision() -> None:
    old = flow_table(delivery("TUR", 2020, 6.0))
    later = [delivery("TUR", 2020, 6.0), delivery("ISR", 2020, 1.0), delivery("TUR", 2021, 2.0)]
    new = flow_table(*(row | {"dataset": "sipri@2026-03"} for row in later))
    counting_years(new, (2019, 2021))
    change = compare_vintages(old, new)
    assert change.years == (2020, 2020)
    assert change.added[["exporter", "in_both_years"]].to_numpy().tolist() == [
        ["TUR", False],
        ["ISR", True],
    ]
    assert change.parts().loc["added"].to_list() == [2, 3.0, 1, 1.0]


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        ({"high": math.nan}, {}, "bounds"),
        ({"estimate": True}, {}, "estimate True to False"),
        ({"value": math.nan}, {}, "value"),
        ({"value": math.nan}, {"value": math.nan}, None),
    ],
)
def test_what_changed_is_named(
    before: dict[str, Any], after: dict[str, Any], what: str | None
) -> None:
    changed = compare_vintages(
        flow_table(statement(**before)), flow_table(statement(**after))
    ).changed
    assert list(changed["what"]) == ([] if what is None else [what])


def test_a_size_that_was_not_published_moves_the_total_and_has_no_difference() -> None:
    change = compare_vintages(trade_table([("IRN", math.nan)]), trade_table([("IRN", 4.0)]))
    assert change.changed["difference"].isna().all()
    assert (change.total_old, change.total_new, difference_of(change)) == (0.0, 4.0, 4.0)


@pytest.mark.parametrize(
    ("old", "new", "error", "message"),
    [
        ([], [statement()], SchemaError, "a vintage with rows"),
        ([statement()], [delivery("TUR", 2020, 1.0)], UnitError, "USD"),
        (
            [statement(), statement(dataset="armstat@2024-02")],
            [statement()],
            DoubleCountError,
            "one data set on each side, found armstat@2024-02, armstat@2025-02",
        ),
        (
            [delivery("TUR", 2020, 1.0)],
            [delivery("TUR", 2020, 1.0, deal="7")],
            SchemaError,
            "deals in both tables or in none",
        ),
        (
            [delivery("TUR", 2020, 1.0, deal="line 7")],
            [delivery("TUR", 2020, 1.0, deal="line 7")],
            SchemaError,
            "a line means nothing in another vintage",
        ),
        (
            [delivery("TUR", 2020, 1.0, deal="8")] * 1
            + [delivery("ISR", 2020, 1.0, deal="8", line=9)],
            [delivery("TUR", 2020, 1.0, deal="8")],
            SchemaError,
            "a period of a deal once, not so at sipri@2025-03 lines 7, 9",
        ),
    ],
)
def test_what_cannot_be_compared_is_refused(
    old: list[dict[str, Any]], new: list[dict[str, Any]], error: type[FlowsError], message: str
) -> None:
    first = flow_table(*old) if old else trade_table([("IRN", 1.0)]).head(0)
    with pytest.raises(error, match=message):
        compare_vintages(first, flow_table(*new))


def test_the_summary_says_totals_and_parts() -> None:
    change = compare_vintages(trade_table([("IRN", 10.0)]), trade_table([("RUS", 2500.0)]))
    assert change.summary().splitlines() == [
        "armstat@2025-02 to armstat@2025-02, USD",
        "              rows                 sum   in 2023-2023, which both count",
        "old              1               10.00",
        "added            1           +2,500.00        1           +2,500.00",
        "gone             1              -10.00        1              -10.00",
        "changed          0               +0.00        0               +0.00",
        "new              1            2,500.00",
    ]


@FEW
@given(tables)
def test_a_table_has_not_changed_from_itself(pair: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    change = compare_vintages(pair[0], pair[0])
    assert change.tidy().empty
    assert difference_of(change) == 0


@FEW
@given(tables)
def test_swapping_swaps_added_and_gone(pair: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    there, back = compare_vintages(*pair), compare_vintages(pair[1], pair[0])
    assert list(there.added["exporter"]) == list(back.gone["exporter"])
    assert list(there.gone["exporter"]) == list(back.added["exporter"])
    assert list(there.changed["exporter"]) == list(back.changed["exporter"])
    pd.testing.assert_series_equal(there.changed["difference"], -back.changed["difference"])
    assert difference_of(there) == -difference_of(back)


@FEW
@given(tables)
def test_parts_add_up_to_the_change_in_total(pair: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    change = compare_vintages(*pair)
    scale = max(change.total_old, change.total_new)
    assert difference_of(change) == pytest.approx(
        change.total_new - change.total_old, abs=SUM * scale
    )
    assert change.rows_old + len(change.added) == change.rows_new + len(change.gone)


@FEW
@given(tables)
def test_the_largest_change_comes_first(pair: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    sizes = compare_vintages(*pair).tidy()["difference"].abs().dropna()
    assert sizes.is_monotonic_decreasing


def test_a_corrected_deal_in_real_export_of_deal_years(shared_data: Path) -> None:
    old = load(shared_data / "sipri" / "DealsAndTIVs-2022-03.txt")
    new = load(shared_data / "sipri" / "deal-years-2025-03.csv")
    change = compare_vintages(old, new)
    drones = change.changed[change.changed["deal"] == "63668"]
    assert drones[["importer", "value_old", "value_new"]].to_numpy().tolist() == [
        ["AZE", 6.25, 28.8]
    ]
    assert change.years == (2011, 2021)
    rows = change.rows_old - len(change.gone) + len(change.added)
    assert (change.rows_old, change.rows_new, rows) == (10_126, 25_024, 25_024)
    assert difference_of(change) == pytest.approx(change.total_new - change.total_old, rel=SUM)


def test_late_months_in_real_export_of_armstat(shared_data: Path) -> None:
    folder = shared_data / "armstat"
    change = compare_vintages(
        load(folder / "trade-by-country-2024-02.csv"), load(folder / "trade-by-country-2025-02.csv")
    )
    assert change.years == (2020, 2023)
    assert change.gone.empty
    largest = change.changed.iloc[0]
    assert (largest["exporter"], largest["importer"]) == ("RUS", "ARM")
    assert (largest["start"].year, largest["start"].month) == (2023, 11)
    assert set(change.changed["start"].dt.year) == {2023}
