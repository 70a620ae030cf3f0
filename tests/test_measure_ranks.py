"""Ranks of suppliers: by hand, window by window, and what has none."""

import datetime as dt
from typing import Any

import pandas as pd
import pytest
from statements import delivery, flow_table

import flows as fl
from flows.errors import DoubleCountError, PeriodError, SchemaError
from flows.measure.shares import rank_suppliers, supplier_ranks

ROWS = (
    ("RUS", 2014, 30.0),
    ("ISR", 2015, 10.0),
    ("RUS", 2015, 10.0),
    ("XXU", 2015, 60.0),
    ("ISR", 2016, 25.0),
    ("TUR", 2016, 0.0),
)


def table_of(*rows: tuple[str, int, float], **changes: Any) -> pd.DataFrame:
    made = flow_table(*(delivery(*row, line=line, **changes) for line, row in enumerate(rows)))
    made.attrs["spans"] = dict.fromkeys(made["dataset"].unique(), (2013, 2017))
    return made


def ranks(rows: pd.DataFrame, **changes: Any) -> pd.DataFrame:
    return supplier_ranks(rows, **({"importer": "AZE", "years": 2} | changes))


def test_ranks_by_hand() -> None:
    found = ranks(table_of(*ROWS))
    assert list(found.columns) == ["window", "start", "end", "supplier", "value", "share", "rank"]
    drawn = found[["window", "supplier", "value", "rank"]].to_numpy().tolist()
    assert drawn == [
        ["2013-2014", "RUS", 30.0, 1],
        ["2014-2015", "XXU", 60.0, pd.NA],
        ["2014-2015", "RUS", 40.0, 1],
        ["2014-2015", "ISR", 10.0, 2],
        ["2015-2016", "XXU", 60.0, pd.NA],
        ["2015-2016", "ISR", 35.0, 1],
        ["2015-2016", "RUS", 10.0, 2],
        ["2016-2017", "ISR", 25.0, 1],
    ]
    assert found["share"].tolist()[:2] == [1.0, 60 / 110]
    assert found.groupby("window")["share"].sum().tolist() == pytest.approx([1.0] * 4)


def test_years_asked_for_bound_the_windows() -> None:
    found = ranks(table_of(*ROWS), start=2014, end=2015)
    assert found["window"].unique().tolist() == ["2014-2015"]


def test_window_without_imports_has_no_rows() -> None:
    found = ranks(table_of(("RUS", 2013, 1.0), ("RUS", 2017, 1.0)), years=1)
    assert found["window"].tolist() == ["2013-2013", "2017-2017"]


def test_equals_share_the_better_rank() -> None:
    found = rank_suppliers(pd.Series({"A": 2.0, "B": 3.0, "C": 3.0, "D": 1.0}))
    assert found.to_dict() == {"A": 3, "B": 1, "C": 1, "D": 4}
    with pytest.raises(ValueError, match="expected each supplier once, found A twice"):
        rank_suppliers(pd.Series([1.0, 2.0], index=["A", "A"]))


def test_a_table_of_the_case_agrees_with_shares() -> None:
    arms = fl.load("sipri-deal-years@2025-03")
    found = supplier_ranks(arms, importer="AZE", years=5, start=2011, end=2020)
    for one in found[found["supplier"] == "ISR"].itertuples():
        whole = fl.share(arms, supplier="ISR", importer="AZE", start=one.start, end=one.end)
        assert (one.value, one.share) == (whole.numerator, whole.value)


@pytest.mark.parametrize("years", [0, 6])
def test_a_window_longer_than_the_years_is_refused(years: int) -> None:
    with pytest.raises(ValueError, match=rf"years: expected 1 to 5 in 2013-2017, found {years}"):
        ranks(table_of(*ROWS), years=years)


def test_what_cannot_be_added_has_no_ranks() -> None:
    with pytest.raises(SchemaError, match="imports of AZE in 2013-2017, found a sum of 0"):
        ranks(table_of(("RUS", 2014, 0.0)))
    with pytest.raises(SchemaError, match="importer 'ARM', found none"):
        ranks(table_of(*ROWS), importer="ARM")
    with pytest.raises(PeriodError, match="expected the years 2010-2017"):
        ranks(table_of(*ROWS), start=2010)
    both = fl.join_flows([table_of(*ROWS), table_of(*ROWS, dataset="sipri@2022-03")])
    with pytest.raises(DoubleCountError, match="expected one vintage"):
        ranks(both)
    assert len(ranks(both, dataset="sipri@2022-03")) == len(ranks(table_of(*ROWS)))
    long = delivery("RUS", 2014, 5.0, end=dt.date(2016, 12, 31))
    with pytest.raises(PeriodError, match="across its edge"):
        ranks(flow_table(long, delivery("ISR", 2016, 1.0, line=9)))
