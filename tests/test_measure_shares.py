"""Shares: by hand, what refuses a share, and what a share does not depend on."""

import csv
import datetime as dt
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statements import counting_years, delivery, flow_table

import flows as fl
from flows.errors import (
    CountryError,
    DoubleCountError,
    FlowsError,
    PeriodError,
    SchemaError,
    UnitError,
)
from flows.measure.checks import select_flows
from flows.measure.shares import (
    Share,
    add_by_partner,
    are_named,
    rank_suppliers,
    rolling_partner_shares,
    share,
    supplier_totals,
)
from flows.table import empty_table, join_flows

SUPPLIERS = ("BLR", "ISR", "RUS", "TUR")
YEARS = range(2015, 2018)
ROUNDING = 1e-12
"""A few units in the last place of numbers near 1."""
PUBLISHED = 0.005
"""Half a unit in the last place of a figure with two decimals."""

tiv = st.floats(min_value=0.01, max_value=1e4)
tables = st.lists(
    st.tuples(st.sampled_from(SUPPLIERS), st.sampled_from(YEARS), tiv),
    min_size=1,
    max_size=8,
    unique_by=lambda row: row[:2],
).map(lambda rows: table_of(*rows))


def table_of(
    *rows: tuple[str, int, float], span: tuple[int, int] = (2010, 2024), **changes: Any
) -> pd.DataFrame:
    made = flow_table(
        *(delivery(*row, line=line, **changes) for line, row in enumerate(rows, start=2))
    )
    return counting_years(made, span)


def israel(rows: pd.DataFrame, **changes: Any) -> Share:
    asked = {"supplier": "ISR", "importer": "AZE", "start": 2016, "end": 2017}
    return share(rows, **(asked | changes))


def test_share_by_hand() -> None:
    rows = table_of(
        ("ISR", 2015, 100.0),
        ("ISR", 2016, 30.0),
        ("RUS", 2016, 20.0),
        ("ISR", 2017, 45.0),
        ("TUR", 2017, 5.0),
        ("RUS", 2018, 100.0),
    )
    found = israel(rows)
    assert (found.numerator, found.denominator, found.value) == (75.0, 100.0, 0.75)
    assert (found.unit, found.dataset) == ("TIV", "sipri@2025-03")
    assert (found.supplier, found.importer, found.start, found.end) == ("ISR", "AZE", 2016, 2017)
    assert list(found.rows["line"]) == [3, 4, 5, 6]
    assert list(found.rows["counted"]) == [True, False, True, False]


def test_a_supplier_without_deliveries_has_a_share_of_zero() -> None:
    found = israel(table_of(("RUS", 2016, 20.0)))
    assert (found.value, found.numerator, found.denominator) == (0.0, 0.0, 20.0)
    assert not found.rows["counted"].any()


def test_another_importer_does_not_count() -> None:
    rows = join_flows(
        [
            table_of(("ISR", 2016, 1.0), ("RUS", 2016, 1.0)),
            table_of(("RUS", 2016, 9.0), importer="ARM"),
        ]
    )
    assert israel(rows).denominator == 2.0


def test_of_two_vintages_the_one_that_is_named_counts() -> None:
    old = table_of(("ISR", 2016, 1.0), ("RUS", 2016, 1.0), dataset="sipri@2022-03")
    new = table_of(("ISR", 2016, 3.0), ("RUS", 2016, 1.0))
    both = join_flows([old, new])
    assert israel(both, dataset="sipri@2022-03").value == 0.5
    assert israel(both, dataset="sipri@2025-03").value == 0.75
    with pytest.raises(DoubleCountError, match=r"one vintage .* filter dataset='sipri@2022-03'"):
        israel(both)
    with pytest.raises(SchemaError, match=r"dataset 'sipri@2024-03', found none; there are: 'sip"):
        israel(both, dataset="sipri@2024-03")


def test_suppliers_of_one_data_set_and_totals_of_another_are_not_added() -> None:
    named = table_of(("ISR", 2016, 30.0), ("RUS", 2016, 10.0))
    totals = table_of(("XXX", 2016, 40.0), dataset="totals@2023-03")
    with pytest.raises(DoubleCountError, match="imports of AZE: expected one dataset"):
        israel(join_flows([named, totals]))


def test_totals_that_name_no_supplier_have_no_shares() -> None:
    with pytest.raises(SchemaError, match="sipri@2025-03: expected rows by supplier, found totals"):
        israel(table_of(("XXX", 2016, 40.0), ("XXX", 2017, 40.0)))


def test_areas_not_specified_beside_named_suppliers_count() -> None:
    assert israel(table_of(("ISR", 2016, 30.0), ("XXX", 2016, 10.0))).value == 0.75


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"unit": "USD"}, UnitError, "expected one unit, found TIV and USD"),
        ({"reporter": "AZE"}, DoubleCountError, "ISR to AZE: expected one reporter"),
        ({"partner_basis": "origin"}, DoubleCountError, "filter partner_basis='' or another"),
        ({"exporter": "RUS", "reporter": "RUS"}, DoubleCountError, "of AZE: expected one reporter"),
        ({"exporter": "RUS", "valuation": "CIF"}, DoubleCountError, "of AZE: expected one valuat"),
        ({"exporter": "RUS", "value": float("nan")}, SchemaError, "unpublished size at sipri"),
    ],
)
def test_what_cannot_be_added_has_no_share(
    changes: dict[str, Any], error: type[FlowsError], message: str
) -> None:
    rows = flow_table(delivery("ISR", 2016, 30.0), delivery("ISR", 2016, 10.0, line=9) | changes)
    with pytest.raises(error, match=message):
        israel(rows, start=2016, end=2016)


def test_a_window_beyond_the_span_is_refused() -> None:
    with pytest.raises(PeriodError, match="expected the years 2016-2025, found a data set of 2010"):
        israel(table_of(("ISR", 2016, 30.0)), end=2025)


@pytest.mark.parametrize("index", [[0, 1], [0, 0]])
def test_a_row_across_the_edge_is_named_whatever_the_index(index: list[int]) -> None:
    across = delivery("RUS", 2017, 5.0, end=dt.date(2018, 3, 20), line=9)
    rows = flow_table(delivery("ISR", 2016, 30.0), across).set_axis(index)
    with pytest.raises(PeriodError, match=r"across its edge at sipri@2025-03 line 9; re-cut them"):
        israel(rows)
    assert israel(rows, end=2018).denominator == 35.0


def test_no_rows_are_named_with_what_there_is() -> None:
    rows = table_of(("ISR", 2014, 30.0), ("RUS", 2015, 30.0))
    with pytest.raises(SchemaError, match="rows in 2016-2017, found rows only in 2014-2015"):
        israel(rows)
    with pytest.raises(SchemaError, match="importer 'ARM', found none; there are: 'AZE'"):
        israel(rows, importer="ARM")
    with pytest.raises(SchemaError, match="importer 'AZE', found none; there are: none"):
        israel(empty_table())


def test_nothing_imported_has_no_shares() -> None:
    with pytest.raises(SchemaError, match="expected imports of AZE in 2016-2017, found a sum of 0"):
        israel(table_of(("ISR", 2016, 0.0), ("RUS", 2017, 0.0)))


def test_a_window_that_ends_before_it_starts_is_a_wrong_argument() -> None:
    with pytest.raises(ValueError, match="expected start <= end") as bad:
        israel(table_of(("ISR", 2016, 30.0)), start=2018)
    assert not isinstance(bad.value, FlowsError)


@settings(max_examples=20)
@given(tables)
def test_shares_of_all_suppliers_add_up_to_one(rows: pd.DataFrame) -> None:
    shares = [israel(rows, supplier=one, start=2015).value for one in SUPPLIERS]
    assert sum(shares) == pytest.approx(1.0, abs=ROUNDING)
    assert all(0 <= one <= 1 for one in shares)


def test_sums_are_exact_where_adding_one_by_one_loses_digits() -> None:
    rows = table_of(("ISR", 2016, 1e16), ("ISR", 2017, 1.0), ("RUS", 2016, 1.0))
    assert israel(rows).denominator == 1e16 + 2


@settings(max_examples=20)
@given(tables, st.sampled_from([1e-3, 0.5, 1e3, 1e6]))
def test_a_share_does_not_depend_on_the_scale_of_the_unit(rows: pd.DataFrame, scale: float) -> None:
    columns = ["value", "low", "high"]
    scaled = rows.assign(**{column: rows[column] * scale for column in columns})
    assert israel(scaled, start=2015).value == pytest.approx(
        israel(rows, start=2015).value, rel=ROUNDING
    )


@settings(max_examples=20)
@given(tables)
def test_filtering_first_changes_nothing(rows: pd.DataFrame) -> None:
    other = table_of(("ISR", 2016, 7.0), importer="ARM", dataset="sipri@2022-03")
    joined = join_flows([rows, other])
    filtered = select_flows(joined, importer="AZE", dataset="sipri@2025-03")
    asked = {"start": 2015, "dataset": "sipri@2025-03"}
    assert israel(joined, **asked).value == israel(filtered, **asked).value
    assert israel(filtered, **asked).value == israel(rows, start=2015).value


@pytest.mark.parametrize(
    ("release", "published"),
    [
        ("2022-03_created_2023-03-11", (695.45, 1001.06, 69.47)),
        ("2025-03_generated_2026-02-12", (697.45, 1029.61, 67.74)),
    ],
)
def test_share_of_israel_in_real_export(
    shared_data: Path, release: str, published: tuple[float, float, float]
) -> None:
    file = shared_data / "facts" / f"az_dealyear_release_{release}.csv"
    with file.open(encoding="utf-8") as lines:
        records = [record for record in csv.reader(lines) if "Supplier" not in record]
    deals = []
    for line, record in enumerate(records, start=1):
        exporter = {"Israel": "ISR"}.get(record[1], "XXU")
        year, value = int(record[10]), float(record[15])
        own = {"deal": record[0], "line": line, "dataset": f"sipri@{release[:7]}"}
        deals.append(delivery(exporter, year, value, **own))
    found = israel(flow_table(*deals), end=2020)
    numerator, denominator, percent = published
    assert found.numerator == pytest.approx(numerator, abs=PUBLISHED)
    assert found.denominator == pytest.approx(denominator, abs=PUBLISHED)
    assert 100 * found.value == pytest.approx(percent, abs=PUBLISHED)


def test_a_mistyped_supplier_has_no_share_of_zero() -> None:
    table = flow_table(delivery("ISR", 2016, 10.0))
    with pytest.raises(CountryError, match="Isr"):
        share(table, supplier="Isr", importer="AZE", start=2016, end=2016)


def test_partners_are_added_and_the_largest_comes_first() -> None:
    rows = pd.DataFrame({"partner": ["RUS", "ISR", "RUS"], "value": [1.0, 6.0, 1.0]})
    assert add_by_partner(rows).to_numpy().tolist() == [["ISR", 6.0, 0.75], ["RUS", 2.0, 0.25]]


def test_a_partner_whom_the_source_does_not_name_is_told_apart() -> None:
    assert are_named(pd.Index(["ISR", "XXU", "XNA"])).tolist() == [True, False, True]


def test_what_a_supplier_delivered_is_added() -> None:
    rows = pd.DataFrame({"exporter": ["RUS", "ISR", "RUS"], "value": [1.0, 2.0, 3.0]})
    assert supplier_totals(rows).to_dict() == {"ISR": 2.0, "RUS": 4.0}


ROWS = (
    ("RUS", 2014, 30.0),
    ("ISR", 2015, 10.0),
    ("RUS", 2015, 10.0),
    ("XXU", 2015, 60.0),
    ("ISR", 2016, 25.0),
    ("TUR", 2016, 0.0),
)


of_five_years = partial(table_of, span=(2013, 2017))


def ranks(rows: pd.DataFrame, **changes: Any) -> pd.DataFrame:
    return rolling_partner_shares(rows, **({"importer": "AZE", "years": 2} | changes)).frame


def test_ranks_by_hand() -> None:
    found = ranks(of_five_years(*ROWS))
    drawn = found[["window", "start", "end", "rank", "partner", "value"]].to_numpy().tolist()
    assert drawn == [
        ["2013-2014", 2013, 2014, 1, "RUS", 30.0],
        ["2014-2015", 2014, 2015, 1, "RUS", 40.0],
        ["2014-2015", 2014, 2015, 2, "ISR", 10.0],
        ["2014-2015", 2014, 2015, pd.NA, "XXU", 60.0],
        ["2015-2016", 2015, 2016, 1, "ISR", 35.0],
        ["2015-2016", 2015, 2016, 2, "RUS", 10.0],
        ["2015-2016", 2015, 2016, 3, "TUR", 0.0],
        ["2015-2016", 2015, 2016, pd.NA, "XXU", 60.0],
        ["2016-2017", 2016, 2017, 1, "ISR", 25.0],
        ["2016-2017", 2016, 2017, 2, "TUR", 0.0],
    ]
    assert found["share"].tolist()[:2] == [1.0, 40 / 110]
    assert found.groupby("window")["share"].sum().tolist() == pytest.approx([1.0] * 4)


def test_years_asked_for_bound_the_windows() -> None:
    found = ranks(of_five_years(*ROWS), start=2014, end=2015)
    assert found["window"].unique().tolist() == ["2014-2015"]


def test_window_without_imports_has_no_rows() -> None:
    found = ranks(of_five_years(("RUS", 2013, 1.0), ("RUS", 2017, 1.0)), years=1)
    assert found["window"].tolist() == ["2013-2013", "2017-2017"]


def test_equals_share_the_better_rank() -> None:
    found = rank_suppliers(pd.Series({"A": 2.0, "B": 3.0, "C": 3.0, "D": 1.0}))
    assert found.to_dict() == {"A": 3, "B": 1, "C": 1, "D": 4}
    with pytest.raises(ValueError, match="expected one amount a supplier, found several of A"):
        rank_suppliers(pd.Series([1.0, 2.0], index=["A", "A"]))


def test_a_table_of_the_case_agrees_with_shares() -> None:
    arms = fl.load("sipri-deal-years@2025-03")
    found = ranks(arms, years=5, start=2011, end=2020)
    for window in found[found["partner"] == "ISR"].itertuples():
        years = {"start": window.start, "end": window.end}
        whole = fl.share(arms, supplier="ISR", importer="AZE", **years)
        assert (window.value, window.share) == (whole.numerator, whole.value)


@pytest.mark.parametrize("years", [0, 6])
def test_a_window_longer_than_the_years_is_refused(years: int) -> None:
    with pytest.raises(
        ValueError, match=rf"years: expected a length of 1 to 5 .* 2013-2017, found {years}"
    ):
        ranks(of_five_years(*ROWS), years=years)


def test_what_cannot_be_added_has_no_ranks() -> None:
    with pytest.raises(SchemaError, match="imports of AZE in 2013-2017, found a sum of 0"):
        ranks(of_five_years(("RUS", 2014, 0.0)))
    with pytest.raises(SchemaError, match="importer 'ARM', found none"):
        ranks(of_five_years(*ROWS), importer="ARM")
    with pytest.raises(PeriodError, match="expected the years 2010-2017"):
        ranks(of_five_years(*ROWS), start=2010)
    both = fl.join_flows([of_five_years(*ROWS), of_five_years(*ROWS, dataset="sipri@2022-03")])
    with pytest.raises(DoubleCountError, match="expected one vintage"):
        ranks(both)
    assert len(ranks(both, dataset="sipri@2022-03")) == len(ranks(of_five_years(*ROWS)))
    long = delivery("RUS", 2014, 5.0, end=dt.date(2016, 12, 31))
    with pytest.raises(PeriodError, match="across its edge"):
        ranks(flow_table(long, delivery("ISR", 2016, 1.0, line=9)))
