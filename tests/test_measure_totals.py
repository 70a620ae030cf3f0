"""Totals of a country and sums over groups: everything, what is printed, or a refusal."""

import datetime as dt
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statements import counting_years, delivery, flow_table, months, statement

import flows as fl
from flows.errors import DoubleCountError, PeriodError, SchemaError, ScopeError, UnitError
from flows.scope import Scope, no_totals, remember

OWN = "own.csv@0a1b2c3d"
ROUNDING = 1e-12
"""A few units in the last place, relative."""

EVERY: dict[str, Any] = {"partners": "all", "countries": {"imports": None, "exports": None}}


def year(exporter: str, of: int, value: float, **changes: Any) -> dict[str, Any]:
    return statement(
        **{
            "exporter": exporter,
            "start": dt.date(of, 1, 1),
            "end": dt.date(of, 12, 31),
            "value": value,
            "dataset": OWN,
            "line": of * 1000 + sum(map(ord, exporter)),
            **changes,
        }
    )


def kept(*rows: dict[str, Any], **claims: Any) -> pd.DataFrame:
    table = flow_table(*rows)
    remember(OWN, Scope(**claims).of_rows(table))
    return table


def printed(*values: tuple[int, float], **changes: Any) -> pd.DataFrame:
    totals = [
        {
            "of": "imports",
            "country": "ARM",
            "reporter": "ARM",
            "start": pd.Timestamp(of, 1, 1),
            "end": pd.Timestamp(of, 12, 31),
            "product": "TOTAL",
            "classification": "TOTAL",
            "valuation": "CIF",
            "partner_basis": "origin",
            "value": value,
            "digit": 1.0,
            "line": 9000 + of,
            **changes,
        }
        for of, value in values
    ]
    return pd.DataFrame(totals) if totals else no_totals()


def imports(table: pd.DataFrame, **changes: Any) -> pd.Series:
    return fl.series(table, **{"importer": "ARM", "freq": "year", **changes})


def numbers(series: pd.Series) -> dict[str, float]:
    return {str(period): value for period, value in series.items()}


def test_a_total_is_the_sum_of_all_partners() -> None:
    table = kept(year("IRN", 2019, 30.0), year("RUS", 2019, 50.0), year("RUS", 2020, 7.0), **EVERY)
    total = imports(table)
    assert numbers(total) == {"2019": 80.0, "2020": 7.0}
    assert total.name == "imports of ARM"
    assert total.attrs["scope"] == "all partners"
    assert total.attrs["rows"] == {OWN: tuple(sorted(table["line"]))}


def test_a_total_of_exports_is_of_all_customers() -> None:
    table = kept(
        year("ARM", 2019, 3.0, importer="IRN", line=1),
        year("ARM", 2019, 4.0, importer="RUS", line=2),
        year("IRN", 2019, 5.0, line=3),
        **EVERY,
    )
    exports = fl.series(table, exporter="ARM", freq="year")
    assert (numbers(exports), exports.name) == ({"2019": 7.0}, "exports of ARM")


def test_neither_side_is_no_question() -> None:
    with pytest.raises(ValueError, match=r"importer= \(the imports of a country\) .* neither"):
        fl.series(flow_table(statement()), freq="year")


def test_a_table_made_by_hand_has_a_total_of_what_is_there() -> None:
    assert imports(flow_table(statement())).attrs["scope"] == "scope not stated"
    stated = fl.state_whole(flow_table(statement()), reason="all of it")
    assert imports(stated).attrs["scope"] == "stated to be the whole: all of it"


def test_rows_of_a_file_that_nobody_loaded_have_no_total() -> None:
    with pytest.raises(ScopeError, match="load the file again"):
        imports(flow_table(statement(dataset="own.csv@ffffffff")))


@pytest.mark.parametrize("partners", ["named", "largest", "not stated"])
def test_what_is_printed_is_the_total_of_some_partners(partners: str) -> None:
    table = kept(
        *(year("IRN", of, 30.0) for of in (2018, 2019, 2020)),
        partners=partners,
        totals=printed((2018, 200.0), (2019, 300.0)),
    )
    total = imports(table)
    assert numbers(total) == {"2018": 200.0, "2019": 300.0}
    assert total.attrs["scope"] == "printed total"
    assert total.attrs["rows"] == {OWN: (11018, 11019)}
    assert list(total.attrs["left_out"]) == ["2020"]
    assert "all partners or a printed total" in total.attrs["left_out"]["2020"]


def test_what_is_printed_fills_a_year_without_the_partners_listed() -> None:
    table = kept(
        *(year("IRN", of, 30.0) for of in (2018, 2020)),
        partners="named",
        totals=printed((2018, 200.0), (2019, 300.0), (2020, 250.0)),
    )
    assert list(imports(table)) == [200.0, 300.0, 250.0]


def test_partners_that_make_up_what_is_printed_are_all() -> None:
    rows = [year("IRN", 2018, 30.0), year("RUS", 2018, 70.0), year("RUS", 2019, 70.0)]
    table = kept(*rows, totals=printed((2018, 100.0), (2019, 71.0)))
    total = imports(table)
    assert (numbers(total), total.attrs["scope"]) == (
        {"2018": 100.0, "2019": 70.0},
        "all partners",
    )
    with pytest.raises(ScopeError, match="printed total 90 at most, found 100"):
        imports(kept(*rows, totals=printed((2018, 90.0))))


@pytest.mark.parametrize("partners", ["named", "largest"])
def test_some_partners_without_a_printed_total_have_none(partners: str) -> None:
    table = kept(year("IRN", 2019, 30.0), partners=partners)
    with pytest.raises(ScopeError, match=r"expected all partners of Armenia .* for 2019-2019"):
        imports(table)
    flow = imports(table, exporter="IRN")
    assert (list(flow), flow.attrs["scope"]) == ([30.0], "all rows of the flow")


def test_a_printed_total_of_another_product_is_none() -> None:
    gas = {"product": "271121", "classification": "HS2017"}
    oil = {"product": "270900", "classification": "HS2017"}
    rows = [year("IRN", 2019, 30.0, line=1, **gas), year("IRN", 2019, 5.0, line=2, **oil)]
    table = kept(*rows, partners="named", totals=printed((2019, 60.0), **gas))
    assert list(imports(table, product="271121")) == [60.0]
    with pytest.raises(ScopeError, match="no printed total"):
        imports(table)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"reporter": "RUS"}, DoubleCountError, "expected one reporter in one sum"),
        ({"valuation": "FOB"}, DoubleCountError, "expected one valuation in one sum"),
        ({"unit": "TIV"}, UnitError, "found TIV and USD"),
        ({"value": float("nan")}, SchemaError, "unpublished size"),
    ],
)
def test_suppliers_that_are_not_counted_alike_have_no_total(
    changes: dict[str, Any], error: type[Exception], message: str
) -> None:
    table = kept(
        year("IRN", 2019, 30.0),
        year(**{"exporter": "RUS", "of": 2019, "value": 5.0} | changes),
        **EVERY,
    )
    with pytest.raises(error, match=message):
        imports(table)


def monthly(exporter: str, values: list[float], first: str = "2023-01") -> list[dict[str, Any]]:
    rows = months(first, values, exporter=exporter, dataset=OWN)
    return [row | {"line": row["line"] + 100 * ord(exporter[0])} for row in rows]


def test_a_partner_without_a_month_had_no_trade_in_it() -> None:
    part = [row for place, row in enumerate(monthly("RUS", [2.0] * 12)) if place in (3, 7)]
    table = kept(*monthly("IRN", [1.0] * 12), *part, **EVERY)
    assert numbers(imports(table)) == {"2023": 16.0}
    assert imports(table, exporter="RUS", freq="month").sum() == 4.0
    with pytest.raises(PeriodError, match="expected a whole gregorian year"):
        imports(table, exporter="RUS")


def test_a_begun_year_and_a_month_that_nobody_has_leave_the_year_out() -> None:
    hole = [row for place, row in enumerate(monthly("IRN", [1.0] * 26)) if place != 14]
    total = imports(kept(*hole, **EVERY))
    assert numbers(total) == {"2023": 12.0}
    assert list(total.attrs["left_out"]) == ["2024", "2025"]
    assert "found none for 2024-03-01 to 2024-03-31" in total.attrs["left_out"]["2024"]


def test_partners_by_year_and_by_month_are_added_where_both_are_whole() -> None:
    table = kept(
        year("RUS", 2023, 5.0), year("RUS", 2024, 6.0), *monthly("IRN", [1.0] * 14), **EVERY
    )
    total = imports(table)
    assert numbers(total) == {"2023": 17.0}
    assert "found none for 2024-03-01 to 2024-12-31" in total.attrs["left_out"]["2024"]


def test_a_partner_with_other_periods_than_years_and_months_leaves_the_year_out() -> None:
    quarter = year("RUS", 2023, 5.0, end=dt.date(2023, 3, 31))
    table = kept(quarter, *monthly("IRN", [1.0] * 24), **EVERY)
    total = imports(table)
    assert numbers(total) == {"2024": 12.0}
    assert "expected every flow for the period or by month" in total.attrs["left_out"]["2023"]


def test_months_of_the_solar_hijri_year_are_cut_for_all_partners() -> None:
    table = kept(*monthly("IRN", [31.0] * 15), *monthly("RUS", [1.0], "2023-06"), **EVERY)
    total = imports(table, calendar="solar-hijri")
    # 11 of the 31 days of March 2023, eleven months, 19 of the 31 days of March 2024.
    assert total.loc[1402] == pytest.approx(11 + 11 * 31 + 19 + 1, rel=ROUNDING)


def test_bounds_are_added() -> None:
    table = kept(
        year("IRN", 2019, 30.0, low=20.0, high=float("nan")),
        year("RUS", 2019, 5.0, low=4.0, high=6.0),
        **EVERY,
    )
    ends = [imports(table, bound=bound).iloc[0] for bound in ("low", "high")]
    assert ends == [24.0, float("inf")]


def test_a_counted_year_without_deliveries_is_zero() -> None:
    rows = flow_table(delivery("ISR", 2015, 5.0), delivery("RUS", 2017, 7.0, line=9))
    table = counting_years(rows, (2014, 2017))
    total = fl.series(table, importer="AZE", freq="year", absent="zero")
    assert numbers(total) == {"2014": 0.0, "2015": 5.0, "2016": 0.0, "2017": 7.0}
    some = kept(
        year("IRN", 2018, 30.0),
        partners="named",
        years=(2018, 2019),
        totals=printed((2018, 200.0)),
    )
    with pytest.raises(ScopeError, match="absent='zero'"):
        imports(some, absent="zero")


@pytest.mark.parametrize(
    "keep",
    [
        lambda table: table["exporter"] == "RUS",
        lambda table: table["value"] != 5.0,
        lambda table: table["start"].dt.month != 3,
    ],
)
def test_a_total_of_filtered_rows_is_refused_or_leaves_the_year_out(keep: Any) -> None:
    whole = kept(*monthly("IRN", [1.0] * 12), *monthly("RUS", [2.0, 5.0, *[2.0] * 10]), **EVERY)
    with pytest.raises((ScopeError, PeriodError), match=r"rows that this counts|found none for"):
        imports(whole[keep(whole)])


def test_a_flow_by_year_beside_flows_by_month_cannot_be_taken_out() -> None:
    whole = kept(year("RUS", 2023, 5.0), *monthly("IRN", [1.0] * 12), **EVERY)
    with pytest.raises(ScopeError, match="1 of 13 rows that this counts"):
        imports(whole[whole["exporter"] == "IRN"])


def test_other_years_and_other_countries_may_be_gone() -> None:
    other = year("IRN", 2019, 9.0, importer="GEO", reporter="GEO", line=5)
    whole = kept(*(year("IRN", of, 30.0) for of in (2018, 2019)), other, **EVERY)
    assert numbers(imports(whole[whole["start"].dt.year == 2019])) == {"2019": 30.0}
    assert list(imports(whole[whole["importer"] == "ARM"])) == [30.0, 30.0]


def test_the_annual_rows_of_a_file_with_both_are_a_choice() -> None:
    whole = kept(year("IRN", 2023, 12.5), *monthly("IRN", [1.0] * 12), **EVERY)
    assert list(imports(whole)) == [12.5], "a stated year wins"
    assert list(imports(whole[whole["value"] == 12.5])) == [12.5]


amounts = st.lists(
    st.tuples(
        st.sampled_from(["IRN", "RUS", "GEO", "CHN"]),
        st.sampled_from([2018, 2019, 2020]),
        st.floats(0, 1e9),
    ),
    min_size=1,
    unique_by=lambda row: row[:2],
)


@settings(max_examples=25)
@given(amounts, st.randoms(use_true_random=False))
def test_a_total_is_the_sum_of_its_flows_in_any_order(
    rows: list[tuple[str, int, float]], chance: Any
) -> None:
    table = kept(*(year(*row) for row in rows), **EVERY)
    order = list(range(len(table)))
    chance.shuffle(order)
    total = imports(table)
    pd.testing.assert_series_equal(imports(table.iloc[order]), total, check_exact=True)
    flows = pd.DataFrame(
        {code: imports(table, exporter=code) for code in table["exporter"].unique()}
    )
    assert total.to_list() == pytest.approx(flows.sum(axis="columns").to_list(), rel=ROUNDING)
    for of in table["start"].dt.year.unique():
        if total.loc[str(of)] > 0:
            share = fl.share(table, supplier="IRN", importer="ARM", start=int(of), end=int(of))
            assert share.denominator == total.loc[str(of)]
