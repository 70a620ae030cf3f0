"""Series: months, years as stated, years put together from months, and what is left out."""

import datetime as dt
import math
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statements import counting_years, delivery, flow_table, months, statement

from flows.errors import (
    CountryError,
    DoubleCountError,
    FlowsError,
    PeriodError,
    SchemaError,
    UnitError,
)
from flows.measure.checks import select_flows, span_stated
from flows.measure.timeseries import SupplierYears, series, supplier_years
from flows.measure.whole_periods import Frequency
from flows.periods import Calendar, Period, run_of_months

ROUNDING = 1e-12
"""A few units in the last place, relative."""
PUBLISHED = 0.0005
"""Half a unit in the last place of a figure in million with three decimals."""

YEAR_1402 = {"start": dt.date(2023, 3, 21), "end": dt.date(2024, 3, 19)}


def flow(rows: pd.DataFrame, freq: Frequency, **changes: Any) -> pd.Series:
    return series(rows, exporter="IRN", importer="ARM", freq=freq, **changes)


def test_months_by_hand() -> None:
    rows = flow_table(*months("2023-11", [5.0, 7.0]), *months("2024-02", [0.0], line=9))
    found = flow(rows, "month")
    assert found.index.equals(
        pd.PeriodIndex(["2023-11", "2023-12", "2024-02"], freq="M", name="month")
    )
    assert list(found) == [5.0, 7.0, 0.0]
    assert found.name == "IRN to ARM"
    assert found.attrs == {
        "unit": "USD",
        "rows": {"armstat@2025-02": (2, 3, 9)},
        "left_out": {},
        "zeros": (),
        "scope": "scope not stated",
        "members": (),
    }


def test_months_before_1970_keep_their_date() -> None:
    found = flow(flow_table(*months("1969-12", [5.0, 7.0])), "month")
    assert list(found.index.astype(str)) == ["1969-12", "1970-01"]


def test_products_of_a_month_are_added() -> None:
    fuels = {"classification": "HS", "product": "271012"}
    gas = {"classification": "HS", "product": "271121"}
    rows = flow_table(*months("2023-01", [1.0, 2.0], **fuels), *months("2023-01", [10.0], **gas))
    assert list(flow(rows, "month")) == [11.0, 2.0]
    assert list(flow(rows, "month", product="271121")) == [10.0]


def test_a_year_is_taken_as_stated_or_put_together_from_all_of_its_months() -> None:
    stated = statement(start=dt.date(2022, 1, 1), end=dt.date(2022, 12, 31), value=90.0, line=40)
    rows = flow_table(*months("2023-01", [float(one) for one in range(1, 13)]), stated)
    found = flow(rows, "year")
    assert found.index.equals(pd.PeriodIndex(["2022", "2023"], freq="Y", name="year"))
    assert list(found) == [90.0, 78.0]
    assert found.attrs["rows"] == {"armstat@2025-02": (*range(2, 14), 40)}
    assert found.attrs["left_out"] == {}


def test_a_stated_year_wins_over_its_months() -> None:
    rows = flow_table(*months("2023-01", [1.0] * 12), statement(value=13.0, line=40))
    assert flow(rows, "year").to_list() == [13.0]


@pytest.mark.parametrize(
    ("first", "missing", "reason"),
    [
        ("2022-01", 14, "found none for 2023-03-01 to 2023-03-31"),
        ("2022-01", 23, "found none for 2023-12-01 to 2023-12-31"),
    ],
)
def test_a_year_with_a_gap_is_left_out_with_the_reason(
    first: str, missing: int, reason: str
) -> None:
    rows = [row for place, row in enumerate(months(first, [1.0] * 24)) if place != missing]
    found = flow(flow_table(*rows), "year")
    assert found.to_list() == [12.0]
    assert list(found.attrs["left_out"]) == ["2023"]
    assert reason in found.attrs["left_out"]["2023"]
    assert found.attrs["rows"] == {"armstat@2025-02": tuple(range(2, 14))}


def test_years_that_are_cut_by_the_ends_of_the_data_are_left_out_with_the_reason() -> None:
    found = flow(flow_table(*months("2022-11", [1.0] * 16)), "year")
    assert found.to_list() == [12.0]
    left_out = found.attrs["left_out"]
    assert list(left_out) == ["2022", "2024"]
    assert "found none for 2022-01-01 to 2022-10-31" in left_out["2022"]
    assert "found none for 2024-03-01 to 2024-12-31" in left_out["2024"]


def test_a_year_without_any_statement_is_neither_there_nor_left_out() -> None:
    earlier = statement(start=dt.date(2020, 1, 1), end=dt.date(2020, 12, 31), value=1.0, line=40)
    found = flow(flow_table(earlier, *months("2022-01", [1.0] * 12)), "year")
    assert list(found.index.astype(str)) == ["2020", "2022"]
    assert found.attrs["left_out"] == {}


def test_no_whole_year_is_an_error() -> None:
    rows = flow_table(*months("2023-01", [1.0] * 11))
    with pytest.raises(PeriodError, match=r"whole gregorian year .* none in 2023-01-01 to 2023-11"):
        flow(rows, "year")


def test_an_iranian_year_takes_days_of_its_edge_months() -> None:
    values = [31.0, *[0.0] * 11, 62.0]
    found = flow(flow_table(*months("2023-03", values)), "year", calendar="solar-hijri")
    assert found.index.name == "solar_hijri_year"
    assert list(found.index) == [1402]
    assert found.loc[1402] == pytest.approx(11 * 1.0 + 19 * 2.0, rel=ROUNDING)
    assert list(found.attrs["left_out"]) == ["1401", "1403"]


def test_a_stated_iranian_year_is_one_only_in_its_calendar() -> None:
    rows = flow_table(statement(value=412.0, **YEAR_1402))
    assert flow(rows, "year", calendar="solar-hijri").to_dict() == {1402: 412.0}
    with pytest.raises(PeriodError, match="expected a whole gregorian year"):
        flow(rows, "year")


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"reporter": "IRN"}, DoubleCountError, "expected one reporter"),
        ({"partner_basis": "consignment"}, DoubleCountError, "filter partner_basis='consignment'"),
        ({"dataset": "armstat@2024-02"}, DoubleCountError, "expected one vintage"),
        ({"unit": "TIV"}, UnitError, "found TIV and USD"),
        ({"value": float("nan")}, SchemaError, "unpublished size at armstat@2025-02 line 40"),
    ],
)
@pytest.mark.parametrize("freq", ["month", "year"])
def test_a_flow_that_is_stated_twice_has_no_series(
    freq: Frequency, changes: dict[str, Any], error: type[FlowsError], message: str
) -> None:
    rows = months("2023-01", [1.0] * 12)
    other = rows[0] | {"line": 40, "low": 0.0, "high": 2.0, "product": "27"} | changes
    with pytest.raises(error, match=message):
        flow(flow_table(*rows, other), freq)


@pytest.mark.parametrize("freq", ["month", "year"])
def test_a_month_that_stands_there_twice_is_not_added(freq: Frequency) -> None:
    rows = flow_table(*months("2023-01", [1.0] * 12))
    with pytest.raises(DoubleCountError, match=r"periods that do not overlap, .* lines 2, 2"):
        flow(pd.concat([rows, rows]), freq)


def test_a_year_that_stands_there_twice_is_not_added() -> None:
    rows = flow_table(statement())
    with pytest.raises(DoubleCountError, match=r"periods that do not overlap, .* lines 7, 7"):
        flow(pd.concat([rows, rows]), "year")


def test_filters_choose_the_statement() -> None:
    other = {"reporter": "IRN", "partner_basis": "", "dataset": "irica@2024-09"}
    rows = flow_table(*months("2023-01", [1.0]), *months("2023-01", [2.0], **other))
    for column, value in other.items():
        assert flow(rows, "month", **{column: value}).to_list() == [2.0]
    with pytest.raises(SchemaError, match="reporter 'SIPRI', found none; there are: 'ARM', 'IRN'"):
        flow(rows, "month", reporter="SIPRI")


def test_months_asked_of_yearly_data_name_the_rows() -> None:
    rows = flow_table(*months("2022-12", [1.0]), statement())
    with pytest.raises(PeriodError, match="found other periods at armstat@2025-02 line 7; ask for"):
        flow(rows, "month")


@pytest.mark.parametrize(
    ("freq", "calendar", "message"),
    [
        ("month", "solar-hijri", "expected calendar='gregorian', found 'solar-hijri'"),
        ("week", "gregorian", "freq: expected month or quarter or .* year, found 'week'"),
        ("Y", "solar-hijri", "freq: expected month or quarter or .* year, found 'Y'"),
    ],
)
def test_a_frequency_that_is_not_offered_is_a_wrong_argument(
    freq: Any, calendar: Calendar, message: str
) -> None:
    rows = flow_table(*months("2023-01", [1.0] * 12))
    with pytest.raises(ValueError, match=message) as bad:
        flow(rows, freq, calendar=calendar)
    assert not isinstance(bad.value, FlowsError)


@pytest.mark.parametrize(
    ("freq", "calendar", "index", "amounts"),
    [
        ("year", "india-fiscal", [2023], [12 * 10.0]),
        ("year", "fiscal-07-01-end", [2023, 2024], [120.0, 120.0]),
        ("half-year", "gregorian", ["2022-H2", "2023-H1", "2023-H2", "2024-H1"], [60.0] * 4),
        ("quarter", "india-fiscal", ["2022/23-Q2", "2022/23-Q3"], [30.0] * 2),
    ],
)
def test_months_are_put_together_into_any_calendar(
    freq: Frequency, calendar: Calendar, index: list[Any], amounts: list[float]
) -> None:
    found = flow(flow_table(*months("2022-07", [10.0] * 24)), freq, calendar=calendar)
    assert list(found.index[: len(index)]) == index
    assert list(found[: len(index)]) == pytest.approx(amounts, rel=ROUNDING)


def test_gregorian_quarters_are_periods_and_incomplete_ones_are_named() -> None:
    found = flow(flow_table(*months("1969-11", [1.0, 2.0, 3.0, 4.0, 5.0])), "quarter")
    assert found.index.equals(pd.PeriodIndex(["1970Q1"], freq="Q", name="quarter"))
    assert list(found) == [12.0]
    assert list(found.attrs["left_out"]) == ["1969-Q4"]


def test_a_nepalese_year_is_the_days_of_the_months_that_it_cuts() -> None:
    found = flow(flow_table(*months("2023-01", [31.0] * 24)), "year", calendar="nepal-fiscal")
    assert list(found.index) == [2080]
    assert found.index.name == "nepal_fiscal_year"
    # 17-31 July 2023 are 15 of 31 days, eleven months whole, 1-15 July 2024 again 15.
    assert found[2080] == pytest.approx(15 + 11 * 31 + 15, rel=ROUNDING)


def test_a_statement_of_a_month_of_32_days_is_a_month() -> None:
    nepal = [run_of_months("nepal-fiscal", (2080, month), (2080, month)) for month in range(1, 13)]
    rows = [
        statement(start=one.start, end=one.end, value=5.0, line=line)
        for line, one in enumerate(nepal)
    ]
    assert max(one.days for one in nepal) == 32
    assert flow(flow_table(*rows), "year", calendar="nepal-fiscal").to_dict() == {2080: 60.0}


def test_an_unknown_calendar_is_refused() -> None:
    with pytest.raises(PeriodError, match=r"expected gregorian, solar-hijri, .* found 'julian'"):
        flow(flow_table(statement()), "year", calendar="julian")


values = st.lists(st.floats(min_value=0.0, max_value=1e9), min_size=36, max_size=36)


@settings(max_examples=15)
@given(values)
def test_years_keep_the_total_of_the_months(amounts: list[float]) -> None:
    rows = flow_table(*months("2021-01", amounts))
    monthly, yearly = flow(rows, "month"), flow(rows, "year")
    assert len(yearly) == 3
    assert yearly.sum() == pytest.approx(monthly.sum(), rel=ROUNDING)


@settings(max_examples=15)
@given(values)
def test_iranian_years_hold_all_but_the_days_outside_them(amounts: list[float]) -> None:
    found = flow(flow_table(*months("2021-01", amounts)), "year", calendar="solar-hijri")
    first, last = (
        Period.year(1400, calendar="solar-hijri"),
        Period.year(1401, calendar="solar-hijri"),
    )
    assert list(found.index) == [1400, 1401]
    assert (first.start, last.end) == (dt.date(2021, 3, 21), dt.date(2023, 3, 20))
    inside = amounts[2] * 11 / 31 + sum(amounts[3:26]) + amounts[26] * 20 / 31
    assert found.sum() == pytest.approx(inside, rel=ROUNDING)


@settings(max_examples=15)
@given(values, st.sampled_from(["ARM", "IRN"]))
def test_filtering_first_changes_nothing(amounts: list[float], reporter: str) -> None:
    other = {"reporter": "IRN", "dataset": "irica@2024-09"}
    rows = flow_table(*months("2021-01", amounts), *months("2021-01", amounts[::-1], **other))
    first = flow(rows, "year", reporter=reporter)
    second = flow(select_flows(rows, reporter=reporter), "year")
    pd.testing.assert_series_equal(first, second, check_exact=True)


@pytest.mark.parametrize(
    ("column", "exporter", "importer"),
    [
        ("import_origin", "IRN", "ARM"),
        ("import_consignment", "IRN", "ARM"),
        ("export", "ARM", "IRN"),
    ],
)
def test_iranian_years_of_real_export_are_those_aligned_elsewhere(
    shared_data: Path, column: str, exporter: str, importer: str
) -> None:
    facts = shared_data / "facts"
    monthly = pd.read_csv(facts / "derived_armstat_iran_monthly_2007_2024.csv").sort_values("date")
    flows = {"exporter": exporter, "importer": importer}
    rows = flow_table(*months("2007-01", monthly[column] * 1e3, **flows))
    found = series(rows, **flows, freq="year", calendar="solar-hijri")
    aligned = pd.read_csv(facts / "derived_solar_hijri_alignment.csv", index_col="sh_year")
    assert list(found.index) == list(range(1386, 1403))
    expected = aligned[f"armstat_{column}"]
    assert (found.loc[expected.index] / 1e6).to_list() == pytest.approx(
        expected.to_list(), abs=PUBLISHED
    )
    assert list(found.attrs["left_out"]) == ["1385", "1403"]


def test_pipeline_gas_of_real_export_in_1402(shared_data: Path) -> None:
    file = shared_data / "facts" / "derived_comtrade_arm_imports_fuels_from_iran_monthly.csv"
    fuels = pd.read_csv(file, dtype={"commodity_code": "str"}, parse_dates=["period"])
    gas = fuels[fuels["commodity_code"] == "271121"]
    rows = flow_table(
        *(
            statement(
                start=one.period,
                end=one.period + pd.offsets.MonthEnd(),
                value=one.trade_value_us,
                product="271121",
                classification="HS",
                line=one.Index,
            )
            for one in gas.itertuples()
        )
    )
    found = flow(rows, "year", calendar="solar-hijri")
    assert found.loc[1402] / 1e6 == pytest.approx(61.974, abs=PUBLISHED)
    assert "2013-06" in found.attrs["left_out"]["1392"]


def arms(*rows: dict[str, Any], span: tuple[int, int] | None = (2014, 2018)) -> pd.DataFrame:
    found = flow_table(*rows)
    return counting_years(found, span) if span else found


def test_a_year_that_is_counted_and_has_no_delivery_is_zero_if_asked_for() -> None:
    rows = arms(delivery("ISR", 2015, 5.0), delivery("ISR", 2017, 7.0), delivery("RUS", 2016, 9.0))
    asked: dict[str, Any] = {"exporter": "ISR", "importer": "AZE", "freq": "year"}
    plain = series(rows, **asked)
    assert plain.to_list() == [5.0, 7.0]
    assert plain.attrs["zeros"] == ()
    found = series(rows, **asked, absent="zero")
    assert found.index.equals(pd.period_range("2014", "2018", freq="Y", name="year"))
    assert found.to_list() == [0.0, 5.0, 0.0, 7.0, 0.0]
    assert found.attrs["zeros"] == (2014, 2016, 2018)
    assert found.attrs["unit"] == "TIV"


def test_a_year_that_is_stated_in_part_is_no_zero() -> None:
    part = months("2016-02", [1.0], exporter="ISR", importer="AZE", dataset="sipri@2025-03")
    whole = months("2015-01", [1.0] * 12, exporter="ISR", importer="AZE", dataset="sipri@2025-03")
    rows = arms(*whole, *part, span=(2014, 2016))
    found = series(rows, exporter="ISR", importer="AZE", freq="year", absent="zero")
    assert found.to_dict() == {pd.Period("2014", "Y"): 0.0, pd.Period("2015", "Y"): 12.0}
    assert list(found.attrs["left_out"]) == ["2016"]


def test_zeros_are_refused_where_nothing_says_which_years_are_counted() -> None:
    asked: dict[str, Any] = {"exporter": "ISR", "importer": "AZE", "absent": "zero"}
    rows = arms(delivery("ISR", 2015, 5.0), span=None)
    with pytest.raises(
        PeriodError, match="says which years it counts in full, found sipri@2025-03"
    ):
        series(rows, **asked, freq="year")
    with pytest.raises(PeriodError, match="found no rows"):
        span_stated(rows.head(0))
    with pytest.raises(ValueError, match="found freq='month' and calendar='gregorian'"):
        series(rows, **asked, freq="month")
    with pytest.raises(ValueError, match="absent: expected missing or zero, found 'none'"):
        series(rows, **(asked | {"absent": "none"}), freq="year")


def counted_arms(*rows: dict[str, Any], span: tuple[int, int] = (2014, 2017)) -> pd.DataFrame:
    found = flow_table(*rows)
    return counting_years(found, span)


def test_volumes_and_shares_of_suppliers_by_hand() -> None:
    rows = counted_arms(
        delivery("RUS", 2014, 6.0),
        delivery("ISR", 2014, 2.0, line=8),
        delivery("ISR", 2016, 3.0, line=9),
    )
    years = supplier_years(rows, importer="AZE")
    volumes, shares = years.volumes, years.shares
    assert volumes.index.equals(pd.period_range("2014", "2017", freq="Y", name="year"))
    assert volumes["ISR"].to_list() == [2.0, 0.0, 3.0, 0.0]
    assert volumes["RUS"].to_list() == [6.0, 0.0, 0.0, 0.0]
    assert (years.unit, years.rows) == ("TIV", {"sipri@2025-03": (7, 8, 9)})
    assert shares["ISR"].to_dict() == {pd.Period("2014"): 0.25, pd.Period("2016"): 1.0}
    assert years.left_out == {"2015": "no imports", "2017": "no imports"}
    assert years.zeros == (2015, 2017)


def test_some_suppliers_and_the_rest() -> None:
    shares = pd.DataFrame({"BLR": [0.2, 0.0], "ISR": [0.5, 1.0], "RUS": [0.3, 0.0]})
    years = SupplierYears(shares, shares, "TIV", {}, {}, (), "all partners")
    found = years.mix(["ISR", "TUR"], rest="others")
    assert found.columns.tolist() == ["ISR", "TUR", "others"]
    assert found.to_numpy().tolist() == [[0.5, 0.0, 0.5], [1.0, 0.0, 0.0]]
    with pytest.raises(CountryError):
        years.mix(["Israel"], rest="others")


@given(
    st.lists(
        st.tuples(st.sampled_from(["ISR", "RUS", "TUR"]), st.integers(2014, 2017)),
        min_size=1,
        unique=True,
    )
)
@settings(max_examples=20)
def test_shares_of_a_year_add_up(pairs: list[tuple[str, int]]) -> None:
    rows = [
        delivery(supplier, year, float(line), line=line)
        for line, (supplier, year) in enumerate(pairs, start=3)
    ]
    shares = supplier_years(counted_arms(*rows), importer="AZE").shares
    assert shares.sum(axis="columns").to_list() == pytest.approx([1.0] * len(shares))


def test_years_of_suppliers_that_cannot_be_told_are_refused() -> None:
    with pytest.raises(PeriodError, match="says which years it counts"):
        supplier_years(flow_table(delivery("ISR", 2014, 2.0)), importer="AZE")
    with pytest.raises(PeriodError, match=r"calendar years in 2015-2017, found others at .* 7"):
        supplier_years(counted_arms(delivery("ISR", 2014, 2.0), span=(2015, 2017)), importer="AZE")
    two_years = delivery("ISR", 2014, 2.0, end="2015-12-31")
    with pytest.raises(PeriodError, match="found others"):
        supplier_years(counted_arms(two_years), importer="AZE")
    twice = counted_arms(delivery("ISR", 2014, 2.0), delivery("ISR", 2014, 2.0, reporter="ISR"))
    with pytest.raises(DoubleCountError):
        supplier_years(twice, importer="AZE")
    with pytest.raises(SchemaError, match="in at least one year, found none in sipri"):
        supplier_years(counted_arms(delivery("ISR", 2014, 0.0)), importer="AZE")


def test_months_of_a_year_are_added() -> None:
    rows = months("2014-01", [1.0, 2.0], exporter="ISR", importer="AZE", dataset="sipri@2025-03")
    assert supplier_years(counted_arms(*rows), importer="AZE").volumes["ISR"].to_list() == [
        3.0,
        0.0,
        0.0,
        0.0,
    ]


def test_a_bound_is_what_the_source_does_not_exclude() -> None:
    rows = flow_table(*months("2023-01", [2.0] * 11), *months("2023-12", [3.0], line=20))
    rows.loc[11, ["low", "high"]] = [math.nan, math.nan]
    asked = {"exporter": "IRN", "importer": "ARM", "freq": "year"}
    ends = [series(rows, bound=bound, **asked).loc["2023"] for bound in ("low", "high")]
    assert ends == [22.0, math.inf]
    assert series(rows, **asked).loc["2023"] == 25.0
    with pytest.raises(ValueError, match="bound: expected low or high, found 'top'"):
        series(rows, bound="top", **asked)
