"""Selection: which rows a sum may hold, and which filter an error names."""

import datetime as dt
from typing import Any

import pandas as pd
import pytest
from statements import counting_years, delivery, flow_table, months, statement, table

from flows.errors import DoubleCountError, FlowsError, PeriodError, SchemaError, UnitError
from flows.loaders import load
from flows.loaders.examples import example_path
from flows.measure.checks import (
    check_one_scope,
    check_one_statement,
    check_one_unit,
    check_one_vintage,
    check_periods,
    check_rows,
    check_span,
    check_stated_once,
    check_within,
    rows_by_dataset,
    select_flows,
    years_counted,
)
from flows.table import empty_table, join_flows


def test_select_keeps_rows_index_and_attrs() -> None:
    rows = table(statement(), statement(exporter="RUS", line=9), statement(line=11))
    rows.attrs["report"] = {"rows_in": 3}
    kept = select_flows(rows, exporter="IRN", reporter=None)
    assert list(kept.index) == [0, 2]
    assert kept.attrs == rows.attrs


def test_select_names_the_value_that_left_no_row_and_those_there_are() -> None:
    rows = table(statement(), statement(reporter="IRN"), statement(exporter="RUS"))
    with pytest.raises(
        SchemaError, match=r"reporter 'SIPRI', found none; there are: 'ARM', 'IRN'$"
    ):
        select_flows(rows, exporter="IRN", reporter="SIPRI")


def test_select_by_a_column_that_is_not_there_is_a_wrong_argument() -> None:
    with pytest.raises(ValueError, match="expected a column of the table, found 'partner'") as bad:
        select_flows(empty_table(), partner="IRN")
    assert not isinstance(bad.value, FlowsError)


def test_one_unit_names_a_line_of_each() -> None:
    rows = table(statement(), statement(line=8), statement(unit="TIV", dataset="s@1", line=9))
    with pytest.raises(
        UnitError, match=r"found TIV and USD \(s@1 line 9; armstat@2025-02 line 7\)"
    ):
        check_one_unit(rows)
    assert check_one_unit(rows.head(2)) == "USD"


def test_no_row_has_no_unit() -> None:
    with pytest.raises(SchemaError, match="found no row"):
        check_one_unit(empty_table())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"dataset": "armstat@2024-02"}, "one vintage .* armstat@2024-02, armstat@2025-02; filter"),
        ({"reporter": "IRN"}, r"IRN to ARM: expected one reporter .* 'ARM', 'IRN' .* lines 7, 9"),
        ({"dataset": "comtrade@1"}, "expected one dataset .* filter dataset='armstat@2025-02'"),
        ({"partner_basis": "consignment"}, "one partner_basis .* partner_basis='consignment' or"),
        ({"valuation": "FOB"}, "expected one valuation .* filter valuation='CIF' or another"),
        ({"coverage": "non-oil goods"}, "expected one coverage"),
        ({"classification": "HS", "product": "2711"}, "one classification .* 'HS', 'TOTAL'"),
    ],
)
def test_a_flow_that_is_stated_twice_names_the_filter(
    changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(DoubleCountError, match=message):
        check_one_statement(table(statement(), statement(line=9, **changes)))


def test_a_code_beside_one_that_it_includes_is_refused() -> None:
    codes = ("2711", "271012", "271121")
    rows = [
        statement(product=code, classification="HS", line=line) for line, code in enumerate(codes)
    ]
    with pytest.raises(DoubleCountError, match=r"2711 and 271121; ask for product='2711' or"):
        check_one_statement(table(*rows))
    check_one_statement(table(*rows[1:]))


def test_names_of_products_may_begin_alike() -> None:
    names = ("ships", "ships and boats")
    rows = [delivery("ISR", 2016, 5.0, product=name, classification="SIPRI") for name in names]
    check_stated_once(table(*rows))


def test_periods_that_overlap_are_named_by_their_lines() -> None:
    year = statement(line=20)
    rows = [*months("2022-11", [1.0, 1.0]), *months("2023-03", [1.0], line=4), year]
    with pytest.raises(DoubleCountError, match=r"IRN to ARM: .* lines 20, 4\); choose one period"):
        check_stated_once(table(*rows))
    check_one_statement(table(*rows))


def test_one_shared_day_is_an_overlap_and_the_next_day_is_none() -> None:
    first = statement(end=dt.date(2023, 3, 20), line=2)
    with pytest.raises(DoubleCountError, match="expected periods that do not overlap"):
        check_stated_once(table(first, statement(start=dt.date(2023, 3, 20), line=3)))
    check_stated_once(table(first, statement(start=dt.date(2023, 3, 21), line=3)))


def test_two_deals_may_share_a_year_and_totals_beside_them_may_not() -> None:
    deals = [delivery("ISR", 2016, 5.0, deal=name) for name in ("1", "2")]
    totals = [delivery("RUS", 2016, 5.0, line=line) for line in (8, 9)]
    check_stated_once(table(*deals, totals[0]))
    with pytest.raises(DoubleCountError, match=r"RUS to AZE: .* lines 8, 9"):
        check_stated_once(table(*deals, *totals))


def test_a_size_that_is_not_published_cannot_be_added() -> None:
    unpublished = statement(value=float("nan"), exporter="RUS", line=9)
    with pytest.raises(SchemaError, match=r"unpublished size at armstat@2025-02 line 9$"):
        check_stated_once(table(statement(), unpublished))


def test_flows_of_one_total_come_from_one_data_set() -> None:
    named = delivery("ISR", 2016, 30.0)
    unnamed = delivery("XXX", 2016, 40.0, dataset="totals@2023-03", line=9)
    check_stated_once(table(named, unnamed))
    with pytest.raises(
        DoubleCountError, match=r"imports of AZE: expected one dataset .* 'sipri@2025-03', 'totals"
    ):
        check_one_scope(table(named, unnamed))
    check_one_scope(table(named, delivery("RUS", 2016, 1.0)))


def test_products_of_one_total_do_not_include_one_another_across_suppliers() -> None:
    one = statement(product="27", classification="HS")
    other = statement(exporter="RUS", product="271121", classification="HS")
    with pytest.raises(DoubleCountError, match=r"imports of ARM: .* 27 and 271121"):
        check_one_scope(table(one, other))


def test_rows_by_dataset_names_each_line_once_in_order() -> None:
    rows = pd.DataFrame({"dataset": ["b@1", "a@1", "b@1", "b@1"], "line": [10, 3, 9, 10]})
    assert rows_by_dataset(rows) == {"a@1": (3,), "b@1": (9, 10)}


@pytest.mark.parametrize(("start", "end"), [(2006, 2010), (2020, 2025)])
def test_a_window_outside_the_span_is_refused(start: int, end: int) -> None:
    rows = counting_years(flow_table(statement()), (2007, 2024))
    with pytest.raises(PeriodError, match=f"years {start}-{end}, found a data set of 2007-2024"):
        check_span(rows, start=start, end=end)
    check_span(rows, start=2007, end=2024)


def test_without_a_span_the_statements_say_it() -> None:
    rows = flow_table(delivery("ISR", 2016, 1.0), delivery("RUS", 2018, 1.0))
    check_span(rows, start=2016, end=2018)
    with pytest.raises(PeriodError, match="found a data set of 2016-2018"):
        check_span(rows, start=2016, end=2019)


def test_every_data_set_of_a_joined_table_counts_the_window() -> None:
    longer = counting_years(flow_table(delivery("ISR", 2016, 1.0)), (1950, 2024))
    shorter = flow_table(delivery("RUS", 2016, 1.0, dataset="old@2017-02"))
    joined = join_flows([longer, shorter])
    check_span(joined, start=2016, end=2016)
    with pytest.raises(PeriodError, match=r"old@2017-02: expected the years 2016-2020"):
        check_span(joined, start=2016, end=2020)


def test_a_window_that_ends_before_it_starts_is_a_wrong_argument() -> None:
    with pytest.raises(
        ValueError, match="expected start <= end, found start=2020 and end=2016"
    ) as bad:
        check_span(flow_table(statement()), start=2020, end=2016)
    assert not isinstance(bad.value, FlowsError)


_ROWS = [
    statement(line=2),
    statement(line=3, reporter="IRN"),
    statement(line=4, exporter="RUS"),
    statement(line=5, exporter="RUS", start=dt.date(2023, 6, 1)),
]


def test_two_reporters_and_two_periods_of_one_flow_are_refused() -> None:
    rows = flow_table(*_ROWS)
    with pytest.raises(DoubleCountError, match="IRN to ARM: expected one reporter"):
        check_stated_once(rows)
    with pytest.raises(DoubleCountError, match=r"RUS to ARM: .* lines 4, 5\)"):
        check_stated_once(rows[rows["exporter"] == "RUS"])


def test_no_row_has_no_periods_that_are_refused() -> None:
    check_periods(empty_table())


def test_files_of_different_data_sets_are_not_two_vintages() -> None:
    check_one_vintage(pd.DataFrame({"dataset": ["a@1", "b@2"]}))


def test_the_years_of_a_file_are_those_of_its_rows() -> None:
    [(dataset, years)] = years_counted(load(example_path("armstat"))).items()
    assert (dataset.partition("@")[0], years) == ("armstat.csv", (2023, 2024))


def test_rows_outside_the_window_are_refused_with_their_years() -> None:
    years = pd.DataFrame({"first": [2014], "last": [2014], "inside": [False], "crosses": [False]})
    with pytest.raises(
        SchemaError, match=r"expected rows in 2016-2020, found rows only in 2014-2014"
    ):
        check_within(years, 2016, 2020)


def test_a_sum_of_no_row_is_refused() -> None:
    with pytest.raises(SchemaError, match=r"expected rows with one unit, found no row"):
        check_rows(empty_table(), of="imports")
