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


def test_deliveries_of_one_supplier_are_no_total_of_its_customers() -> None:
    one = kept(
        delivery("ISR", 2019, 5.0, dataset=OWN),
        partners="all",
        countries={"imports": (), "exports": ("ISR",)},
    )
    with pytest.raises(ScopeError, match="expected all partners of Azerbaijan in its imports"):
        fl.series(one, importer="AZE", freq="year")
    assert fl.series(one, exporter="ISR", freq="year").attrs["scope"] == "all partners"


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


def test_a_group_is_its_members_on_the_days_of_each_row() -> None:
    table = kept(
        year("HRV", 2012, 1.0),
        year("HRV", 2014, 2.0),
        year("DEU", 2012, 10.0),
        year("DEU", 2014, 20.0),
        year("GBR", 2019, 7.0),
        year("GBR", 2021, 8.0),
        year("RUS", 2019, 99.0),
        **EVERY,
    )
    union = imports(table, exporter="EU")
    assert numbers(union) == {"2012": 10.0, "2014": 22.0, "2019": 7.0}
    assert (union.attrs["members"], union.attrs["scope"]) == (("DEU", "GBR", "HRV"), "all partners")
    fixed = imports(table, exporter="EU27_2020")
    assert numbers(fixed) == {"2012": 11.0, "2014": 22.0}
    assert fixed.name == "EU27_2020 to ARM"


def test_a_period_in_which_a_member_joins_or_leaves_is_left_out() -> None:
    rows = [year("HRV", 2013, 1.0), year("DEU", 2013, 2.0), year("DEU", 2014, 3.0)]
    left = [year("GBR", 2020, 1.0), year("DEU", 2020, 2.0)]
    union = imports(kept(*rows, *left, **EVERY), exporter="EU")
    assert numbers(union) == {"2014": 3.0}
    assert union.attrs["left_out"] == {
        "2013": "2013: Croatia joined EU within the period, on 2013-07-01",
        "2020": "2020: United Kingdom left EU within the period, on 2020-01-31",
    }
    months_too = kept(*monthly("HRV", [1.0] * 12, "2013-01"), **EVERY)
    assert numbers(imports(months_too, exporter="EU", freq="half-year")) == {"2013-H2": 6.0}


def test_dissolved_states_stand_in_a_group_as_their_territory_does() -> None:
    table = kept(
        year("SUN", 1990, 5.0),
        year("DDR", 1985, 6.0),
        year("CSK", 1985, 7.0),
        year("XBL", 1985, 8.0),
        year("DEU", 1985, 9.0),
        year("DEU", 1990, 9.0),
        **EVERY,
    )
    assert numbers(imports(table, exporter="EU")) == {"1985": 17.0, "1990": 9.0}
    fixed = imports(table, exporter="EU27_2020")
    assert numbers(fixed) == {"1985": 30.0}
    assert "Soviet Union holds the trade of members" in fixed.attrs["left_out"]["1990"]


def test_members_that_are_not_told_apart_are_in_the_union_of_their_day() -> None:
    table = kept(
        *(year("DEU", of, 5.0) for of in (2019, 2021)),
        *(year("XXE", of, 3.0) for of in (2019, 2021)),
        **EVERY,
    )
    assert numbers(imports(table, exporter="EU")) == {"2019": 8.0, "2021": 8.0}
    fixed = imports(table, exporter="EU27_2020")
    assert numbers(fixed) == {"2021": 8.0}
    assert (
        "holds the trade of members of EU27_2020 and of others" in fixed.attrs["left_out"]["2019"]
    )


def test_the_country_itself_is_no_partner_of_its_group() -> None:
    rows = [year("ARM", 2019, 5.0), year("RUS", 2019, 7.0)]
    table = kept(*rows, **EVERY)
    assert list(imports(table, exporter="EAEU")) == [7.0]
    share = fl.share(table, supplier="EAEU", importer="ARM", start=2019, end=2019)
    assert (share.numerator, share.denominator, share.members) == (7.0, 12.0, ("RUS",))


def test_a_group_of_importers_that_report_themselves_needs_each_of_them() -> None:
    gulf = ["ARE", "BHR", "KWT", "OMN", "QAT", "SAU"]
    rows = [
        year("IRN", of, 2.0, importer=code, reporter=code, line=place)
        for of in (2018, 2019)
        for place, code in enumerate(gulf, start=of)
    ]
    whole = fl.series(kept(*rows), exporter="IRN", importer="GCC", freq="year")
    assert numbers(whole) == {"2018": 12.0, "2019": 12.0}
    assert whole.attrs["scope"] == "a row of every member"
    less = fl.series(kept(*rows[:-1]), exporter="IRN", importer="GCC", freq="year")
    assert numbers(less) == {"2018": 12.0}
    assert "found none of SAU" in less.attrs["left_out"]["2019"]
    fob = kept(*rows[:-1], rows[-1] | {"valuation": "FOB"})
    with pytest.raises(DoubleCountError, match="expected one valuation"):
        fl.series(fob, exporter="IRN", importer="GCC", freq="year")


def test_some_partners_of_a_country_are_no_group() -> None:
    some = kept(year("DEU", 2019, 5.0), totals=printed((2019, 90.0)))
    with pytest.raises(PeriodError, match="a row of every member of EU, found none of AUT"):
        imports(some, exporter="EU")
    with pytest.raises(ScopeError, match=r"share of Belgium .* is not known"):
        fl.share(some, supplier="EU", importer="ARM", start=2019, end=2019)
    alone = kept(year("DEU", 2019, 5.0))
    assert imports(alone, exporter="EU").attrs["scope"] == "scope not stated"
    with pytest.raises(
        SchemaError, match="member of GCC as exporter, found none; there are: 'DEU'"
    ):
        imports(alone, exporter="GCC")


def test_the_total_of_a_group_is_without_the_trade_among_members() -> None:
    world = {"reporter": "CEPII", "valuation": "FOB", "partner_basis": ""}
    rows = [
        year(exporter, 2019, value, importer=importer, line=line, **world)
        for line, (exporter, importer, value) in enumerate(
            [
                ("DEU", "FRA", 100.0),
                ("USA", "FRA", 5.0),
                ("USA", "DEU", 7.0),
                ("FRA", "USA", 11.0),
                ("CHE", "USA", 13.0),
            ]
        )
    ]
    table = kept(*rows, **EVERY)
    union = fl.series(table, importer="EU", freq="year")
    assert (numbers(union), union.attrs["members"]) == ({"2019": 12.0}, ("DEU", "FRA"))
    assert numbers(fl.series(table, exporter="EU", freq="year")) == {"2019": 11.0}
    with pytest.raises(ScopeError, match="rows that this counts"):
        fl.series(table[table["exporter"] != "USA"], importer="EU", freq="year")
    with pytest.raises(ValueError, match="two groups: EU and CIS"):
        fl.series(table, exporter="EU", importer="CIS", freq="year")


def test_a_printed_total_is_no_trade_of_a_group_with_others() -> None:
    gulf = kept(
        *(
            year("IRN", 2019, 2.0, importer=code, reporter=code, line=place)
            for place, code in enumerate(["ARE", "BHR", "KWT", "OMN", "QAT", "SAU"])
        ),
        totals=printed((2019, 90.0), country="SAU", reporter="SAU"),
    )
    with pytest.raises(ScopeError, match="printed total of Saudi Arabia"):
        fl.series(gulf, importer="GCC", freq="year")


def test_a_member_that_a_source_does_not_name_stops_the_sum() -> None:
    table = kept(year("DEU", 2019, 5.0), unnamed={"MLT": "XXA"}, **EVERY)
    with pytest.raises(ScopeError, match="does not name Malta"):
        imports(table, exporter="EU")


def test_a_share_of_a_group_by_date() -> None:
    table = kept(
        *(year("DEU", of, 30.0) for of in (2012, 2013, 2014)),
        *(year("RUS", of, 50.0) for of in (2012, 2013, 2014)),
        year("HRV", 2012, 20.0),
        year("HRV", 2013, 20.0),
        **EVERY,
    )
    asked: dict[str, Any] = {"importer": "ARM", "start": 2012, "end": 2014}
    with pytest.raises(PeriodError, match="Croatia joined EU within the period, on 2013-07-01"):
        fl.share(table, supplier="EU", **asked)
    assert fl.share(table, supplier="EU27_2020", **asked).value == 130.0 / 280.0
    before = fl.share(table, supplier="EU", importer="ARM", start=2012, end=2012)
    assert (before.value, before.members, before.supplier) == (0.3, ("DEU",), "EU")
    assert before.rows.loc[before.rows["counted"], "exporter"].tolist() == ["DEU"]


TRADE = [year("IRN", 2014, 30.0), year("RUS", 2014, 70.0), year("RUS", 2016, 50.0)]


@pytest.mark.parametrize(
    "measure",
    [
        lambda table, **asked: fl.share(table, supplier="IRN", **asked),
        fl.partner_shares,
        fl.concentration,
        lambda table, **asked: fl.rolling_partner_shares(table, years=3, **asked),
    ],
)
def test_a_year_without_rows_is_not_a_year_without_trade(measure: Any) -> None:
    asked: dict[str, Any] = {"importer": "ARM", "start": 2014, "end": 2016}
    with pytest.raises(PeriodError, match="2015: expected rows of ARM, found none; whether"):
        measure(kept(*TRADE), **asked)
    with pytest.raises(PeriodError, match="2015: expected rows of ARM"):
        measure(kept(*TRADE, **EVERY), **asked)
    measure(fl.state_whole(kept(*TRADE), reason="no trade in 2015"), **asked)
    measure(kept(*TRADE, years=(2010, 2020)), **asked)
    elsewhere = year("IRN", 2015, 1.0, importer="GEO", reporter="GEO")
    measure(kept(*TRADE, elsewhere, **EVERY), **asked)
    gas = {"product": "271121", "classification": "HS2017"}
    other = [row | gas for row in TRADE]
    oil = year("RUS", 2015, 1.0, product="270900", classification="HS2017")
    only_gas = fl.Counting(products=("271121",))
    with_gas = kept(*other, oil)
    assert len(fl.partner_shares(with_gas, **asked, counting=only_gas).frame) == 2
    with pytest.raises(PeriodError, match="2015: expected rows of ARM"):
        measure(kept(*TRADE, elsewhere), **asked)


def test_suppliers_by_year_of_trade() -> None:
    begun = monthly("IRN", [1.0] * 3, "2017-01")
    years = fl.supplier_years(kept(*TRADE, *begun), importer="ARM")
    assert years.volumes["RUS"].to_dict() == {pd.Period("2014"): 70.0, pd.Period("2016"): 50.0}
    assert years.shares["IRN"].to_list() == [0.3, 0.0]
    assert years.left_out["2015"] == "2015: no rows; whether nothing was imported is not stated"
    assert "found none for 2017-04-01 to 2017-12-31" in years.left_out["2017"]
    assert (years.scope, years.zeros, years.unit) == ("scope not stated", (), "USD")


def test_suppliers_by_year_of_months_and_of_a_file_that_claims_all() -> None:
    table = kept(*monthly("IRN", [1.0] * 24), *monthly("RUS", [6.0], "2023-05"), **EVERY)
    years = fl.supplier_years(table, importer="ARM")
    assert years.volumes["IRN"].to_list() == [12.0, 12.0]
    assert years.volumes["RUS"].to_list() == [6.0, 0.0]
    assert years.scope == "all partners"
    with pytest.raises(ScopeError, match="rows that this counts"):
        fl.supplier_years(table[table["exporter"] == "IRN"], importer="ARM")


def test_some_suppliers_have_no_shares_by_year() -> None:
    some = kept(year("IRN", 2019, 30.0), totals=printed((2019, 90.0)))
    with pytest.raises(ScopeError, match="supplier_years: expected every supplier of Armenia"):
        fl.supplier_years(some, importer="ARM")
    with pytest.raises(ScopeError, match="expected all partners of Armenia"):
        fl.supplier_years(kept(year("IRN", 2019, 30.0), partners="named"), importer="ARM")
    solar = year("IRN", 2019, 5.0, start=dt.date(2019, 3, 21), end=dt.date(2020, 3, 19))
    with pytest.raises(PeriodError, match="expected a whole gregorian year"):
        fl.supplier_years(kept(solar, **EVERY), importer="ARM")
