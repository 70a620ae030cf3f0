"""Dissolved states: each policy by hand, what it must never do, and how much of totals it moves."""

import datetime as dt
import math
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statements import delivery, flow_table, statement

from flows.errors import SchemaError
from flows.loaders import load
from flows.measure.dissolved import Policy, Settled, settle_states
from flows.table import empty_table

STATES = ("DDR", "DEU", "YMD", "YEM", "SUN", "RUS", "IRN")
HEIRS = {"DDR": "DEU", "YMD": "YEM", "SUN": "RUS"}
FEW = settings(max_examples=25)  # tables; folding one takes a tenth of a second
SUM = 1e-9  # relative: adding the same numbers in another order

values = st.floats(min_value=0, max_value=1e9)


def german(exporter: str, importer: str, value: float, **changes: Any) -> dict[str, Any]:
    """The importer reports its imports of 1985."""
    return statement(
        **{
            "exporter": exporter,
            "importer": importer,
            "reporter": importer,
            "start": dt.date(1985, 1, 1),
            "end": dt.date(1985, 12, 31),
            "value": value,
            **changes,
        }
    )


tables = st.lists(
    st.tuples(st.sampled_from(STATES), st.sampled_from(STATES), values),
    max_size=12,
    unique_by=lambda row: row[:2],
).map(
    lambda rows: (
        flow_table(*(german(*row, line=line) for line, row in enumerate(rows, start=2)))
        if rows
        else empty_table()
    )
)


def effect_of(settled: Settled, country: str, side: str) -> dict[str, Any]:
    rows = settled.effect
    found = rows[(rows["country"] == country) & (rows["side"] == side)]
    assert len(found) == 1
    return found.iloc[0].to_dict()


@pytest.fixture
def germanys() -> pd.DataFrame:
    return flow_table(
        german("DDR", "IRN", 10.0, line=2, low=9.0),
        german("DEU", "IRN", 90.0, line=3, high=math.nan, estimate=True),
        german("DDR", "DEU", 5.0, line=4),
        german("IRN", "DDR", 1.0, line=5),
        german("FRA", "IRN", 7.0, line=6),
    )


def test_keep_changes_nothing_and_says_what_there_is(germanys: pd.DataFrame) -> None:
    settled = settle_states(germanys, policy="keep")
    pd.testing.assert_frame_equal(settled.table, germanys)
    assert settled.left_out.empty
    assert settled.combined.empty
    assert effect_of(settled, "DDR", "exporter") == {
        "country": "DDR",
        "side": "exporter",
        "unit": "USD",
        "rows_before": 2,
        "rows_after": 2,
        "value_before": 15.0,
        "value_after": 15.0,
        "outside": 0,
    }
    assert list(settled.effect["country"]) == ["DDR", "DDR", "all"]


def test_drop_leaves_out_every_row_that_names_the_state(germanys: pd.DataFrame) -> None:
    settled = settle_states(germanys, policy="drop")
    assert list(settled.table["line"]) == [3, 6]
    assert list(settled.left_out["line"]) == [2, 4, 5]
    everything = effect_of(settled, "all", "all")
    assert (everything["value_before"], everything["value_after"]) == (113.0, 97.0)
    assert effect_of(settled, "DDR", "importer")["rows_after"] == 0


def test_fold_adds_the_two_statements_that_become_one(germanys: pd.DataFrame) -> None:
    settled = settle_states(germanys, policy="fold")
    assert list(settled.table["line"]) == [2, 5, 6]
    united = settled.table.iloc[0]
    assert (united["exporter"], united["importer"], united["reporter"]) == ("DEU", "IRN", "IRN")
    assert (united["value"], united["low"]) == (100.0, 99.0)
    assert math.isnan(united["high"])
    assert united["estimate"]
    assert settled.combined[["line", "into"]].to_numpy().tolist() == [[2, 0], [3, 0]]


def test_fold_leaves_out_trade_inside_what_became_one_state(germanys: pd.DataFrame) -> None:
    settled = settle_states(germanys, policy="fold")
    assert list(settled.left_out["line"]) == [4]
    assert effect_of(settled, "DDR", "exporter")["value_after"] == 0
    assert effect_of(settled, "DEU", "exporter")["value_after"] == 100.0
    assert effect_of(settled, "DEU", "importer")["value_after"] == 1.0
    everything = effect_of(settled, "all", "all")
    assert (everything["rows_before"], everything["rows_after"]) == (5, 3)
    assert (everything["value_before"], everything["value_after"]) == (113.0, 108.0)


def test_fold_makes_the_reporter_that_of_the_successor() -> None:
    own = flow_table(german("IRN", "DDR", 1.0), german("IRN", "DEU", 2.0, line=8))
    folded = settle_states(own, policy="fold").table
    assert folded[["importer", "reporter", "value"]].to_numpy().tolist() == [["DEU", "DEU", 3.0]]


def test_a_size_that_is_not_published_stays_unknown_in_a_sum() -> None:
    unknown = german("DDR", "IRN", math.nan, low=0.0, high=math.nan)
    folded = settle_states(flow_table(unknown, german("DEU", "IRN", 2.0)), policy="fold").table
    assert folded["value"].isna().all()
    assert list(folded["low"]) == [2.0]


def test_deals_stay_deals() -> None:
    deals = flow_table(
        delivery("DDR", 1985, 3.0, deal="1", designation="T-55"),
        delivery("DEU", 1985, 4.0, deal="2", designation="Leopard", line=8),
    )
    settled = settle_states(deals, policy="fold")
    assert list(settled.table["exporter"]) == ["DEU", "DEU"]
    assert list(settled.table["value"]) == [3.0, 4.0]
    assert settled.combined.empty


def test_own_columns_stay_where_the_parts_agree() -> None:
    parts = flow_table(
        german("DDR", "IRN", 1.0, note="same", weight_kg=3.0),
        german("DEU", "IRN", 2.0, note="same", weight_kg=4.0, line=8),
        german("FRA", "IRN", 2.0, note="other", weight_kg=4.0, line=9),
    )
    folded = settle_states(parts, policy="fold").table
    assert list(folded["note"]) == ["same", "other"]
    assert folded["weight_kg"].isna().tolist() == [True, False]


def test_several_successors_need_a_choice() -> None:
    soviet = flow_table(delivery("SUN", 1980, 5.0), delivery("RUS", 1995, 7.0))
    with pytest.raises(ValueError, match=r"SUN has several successors: name one of ARM, AZE"):
        settle_states(soviet, policy="fold")
    settled = settle_states(soviet, policy="fold", successors={"SUN": "RUS"})
    assert list(settled.table["exporter"]) == ["RUS", "RUS"]
    assert effect_of(settled, "RUS", "exporter")["value_before"] == 7.0
    assert effect_of(settled, "RUS", "exporter")["value_after"] == 12.0


def test_a_successor_that_is_no_more_leads_to_its_own() -> None:
    rows = flow_table(delivery("YUG", 1980, 5.0))
    asked = [{"YUG": "SRB"}, {"YUG": "SCG", "SCG": "SRB"}]
    for successors in asked:
        settled = settle_states(rows, policy="fold", successors=successors)
        assert list(settled.table["exporter"]) == ["SRB"]
    with pytest.raises(ValueError, match="SCG has several successors"):
        settle_states(rows, policy="fold", successors={"YUG": "SCG"})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"policy": "merge"}, "policy: expected keep, fold, drop, found 'merge'"),
        ({"policy": "drop", "successors": {"SUN": "RUS"}}, "expected none with policy"),
        (
            {"policy": "fold", "successors": {"SUN": "IRN"}},
            r"successors: expected for SUN .* found 'IRN'",
        ),
        ({"policy": "fold", "successors": {"IRN": "SUN"}}, r"for IRN .* \(there is none\)"),
    ],
)
def test_a_wrong_argument_is_named(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        settle_states(empty_table(), **arguments)


def test_what_is_no_flow_table_is_refused() -> None:
    with pytest.raises(SchemaError):
        settle_states(pd.DataFrame({"exporter": ["SUN"]}), policy="keep")


@pytest.mark.parametrize("policy", ["keep", "drop", "fold"])
def test_a_statement_about_a_time_without_the_state_is_reported(policy: Policy) -> None:
    rows = flow_table(
        delivery("SUN", 1991, 1.0, line=2),
        delivery("SUN", 1995, 2.0, line=3),
        delivery("SUN", 1920, 4.0, line=4),
    )
    successors = {"SUN": "RUS"} if policy == "fold" else None
    settled = settle_states(rows, policy=policy, successors=successors)
    assert list(settled.outside["line"]) == [3, 4]
    assert effect_of(settled, "SUN", "exporter")["outside"] == 2
    assert "outside the dates of the state: sipri@2025-03 lines 3, 4" in settled.summary()


def test_the_summary_counts_what_was_done(germanys: pd.DataFrame) -> None:
    lines = settle_states(germanys, policy="fold").summary().splitlines()
    assert lines[0] == ("dissolved states, policy fold: 1 rows left out, 2 rows combined into 1")
    assert lines[-1].split() == ["all", "all", "USD", "5", "3", "113.0", "108.0", "0"]


@FEW
@given(tables)
def test_folding_keeps_the_total_but_for_inner_trade(rows: pd.DataFrame) -> None:
    settled = settle_states(rows, policy="fold", successors={"SUN": "RUS"})
    lost = math.fsum(settled.left_out["value"])
    assert math.fsum(settled.table["value"]) + lost == pytest.approx(
        math.fsum(rows["value"]), rel=SUM
    )
    assert not settled.table[["exporter", "importer"]].isin(HEIRS).to_numpy().any()
    sides = settled.left_out[["exporter", "importer"]].replace(HEIRS)
    assert (sides["exporter"] == sides["importer"]).all()


@FEW
@given(tables)
def test_folding_twice_is_folding_once(rows: pd.DataFrame) -> None:
    once = settle_states(rows, policy="fold", successors={"SUN": "RUS"}).table
    twice = settle_states(once, policy="fold", successors={"SUN": "RUS"})
    pd.testing.assert_frame_equal(twice.table, once)
    assert twice.left_out.empty


@FEW
@given(tables, st.sampled_from(["keep", "drop"]))
def test_every_row_is_still_there_or_is_left_out(rows: pd.DataFrame, policy: Policy) -> None:
    settled = settle_states(rows, policy=policy)
    assert sorted([*settled.table["line"], *settled.left_out["line"]]) == sorted(rows["line"])


def test_soviet_exports_in_real_export_of_totals(shared_data: Path) -> None:
    exports = load(shared_data / "sipri" / "TIV-Export-All-Country-1950-2022.csv")
    settled = settle_states(
        exports,
        policy="fold",
        successors={"SUN": "RUS", "CSK": "CZE", "YUG": "SRB"},
    )
    soviet = exports.loc[exports["exporter"] == "SUN", "value"].sum()
    russian = exports.loc[exports["exporter"] == "RUS", "value"].sum()
    assert soviet > russian > 0
    assert effect_of(settled, "RUS", "exporter")["value_after"] == soviet + russian
    everything = effect_of(settled, "all", "all")
    assert everything["value_before"] == everything["value_after"]
