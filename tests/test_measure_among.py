"""Shares among the members of a group of countries, by their own reports or by the country's."""

from dataclasses import replace

import pandas as pd
import pytest

import flows as fl
from flows.countries import country_groups
from flows.errors import CountryError, DoubleCountError, PeriodError, SchemaError, ScopeError
from flows.scope import Scope, remember
from flows.table import check_flows

UNION = [m.alpha3 for m in country_groups()["EU27_2020"] if not m.alpha3.startswith("X")]


def reports(members: list[str], *, years: tuple[int, ...] = (2022, 2023)) -> pd.DataFrame:
    """Return what each member reports of its exports to Georgia: 1, 2, 3 ... a year."""
    rows = [
        {"exporter": member, "reporter": member, "value": float(number), "start": f"{year}-01-01"}
        for year in years
        for number, member in enumerate(members, start=1)
    ]
    table = pd.DataFrame(rows)
    return check_flows(
        table.assign(
            importer="GEO",
            end=table["start"].str[:4] + "-12-31",
            product="TOTAL",
            classification="TOTAL",
            unit="EUR",
            low=table["value"],
            high=table["value"],
            valuation="FOB",
            partner_basis="",
            coverage="all goods",
            estimate=False,
            dataset="union@1",
            line=range(2, len(table) + 2),
        )
    )


ASKED = {"importer": "GEO", "start": 2022, "end": 2023}
TOTAL = 27 * 28 / 2


def test_each_member_by_its_own_report() -> None:
    table = reports(UNION)
    share = fl.share(table, supplier=UNION[4], among="EU27_2020", **ASKED)
    assert share.value == pytest.approx(5 / TOTAL, rel=1e-15)
    assert share.denominator == 2 * TOTAL
    assert share.among == "EU27_2020"
    assert f"{UNION[4]} among EU27_2020 in the imports of GEO" in repr(share)
    assert share.tidy()["among"].tolist() == ["EU27_2020"]


def test_shares_of_the_members_add_up_to_one_and_agree_with_each() -> None:
    table = reports(UNION)
    shares = fl.partner_shares(table, among="EU27_2020", **ASKED)
    assert shares.frame["share"].sum() == pytest.approx(1)
    for row in shares.frame.itertuples():
        alone = fl.share(table, supplier=row.partner, among="EU27_2020", **ASKED)
        assert alone.value == row.share
    assert shares.total == fl.series(table, exporter="EU27_2020", importer="GEO", freq="year").sum()
    assert "among EU27_2020" in repr(shares)


def test_by_the_report_of_the_country_others_are_left_aside() -> None:
    stated = reports([*UNION, "TUR"]).assign(reporter="GEO")
    whole = fl.share(stated, supplier="DEU", **ASKED)
    inside = fl.share(stated, supplier="DEU", among="EU27_2020", **ASKED)
    assert inside.numerator == whole.numerator
    assert whole.denominator - inside.denominator == 2 * 28


def test_customers_among_a_group() -> None:
    table = reports(UNION).rename(columns={"exporter": "importer", "importer": "exporter"})
    share = fl.share(
        check_flows(table),
        supplier="GEO",
        importer="FRA",
        of="exports",
        among="EU27_2020",
        start=2022,
        end=2023,
    )
    assert share.value == pytest.approx((UNION.index("FRA") + 1) / TOTAL, rel=1e-15)


def test_a_member_without_a_row_is_not_taken_for_zero() -> None:
    table = reports([member for member in UNION if member != "MLT"])
    with pytest.raises(ScopeError, match=r"a row of every member of EU27_2020, found none of MLT"):
        fl.share(table, supplier="DEU", among="EU27_2020", **ASKED)


def test_where_all_partners_of_each_member_are_there_no_row_means_none() -> None:
    table = reports([member for member in UNION if member != "MLT"]).assign(dataset="members@1")
    claim = Scope(partners="all", countries={"exports": tuple(UNION)})
    remember("members@1", replace(claim, entries=table))
    share = fl.share(table, supplier="MLT", among="EU27_2020", **ASKED)
    assert share.value == 0


def test_without_a_group_the_reports_of_several_are_not_a_total() -> None:
    with pytest.raises(DoubleCountError, match="27 exporters that each state their own trade") as e:
        fl.share(reports(UNION), supplier="DEU", **ASKED)
    assert "among='EU27_2020'" in str(e.value)
    assert "filter reporter" not in str(e.value)


def test_two_reporters_of_one_flow_are_counted_twice_among_a_group_too() -> None:
    both = pd.concat([reports(UNION), reports(["DEU"]).assign(reporter="GEO", line=99)])
    with pytest.raises(DoubleCountError):
        fl.share(check_flows(both), supplier="DEU", among="EU27_2020", **ASKED)


def test_who_is_no_member_has_no_share_among_them() -> None:
    table = reports(UNION)
    with pytest.raises(
        CountryError, match="expected a member of EU27_2020 in 2022-2023, found 'GBR'"
    ):
        fl.share(table, supplier="GBR", among="EU27_2020", **ASKED)
    with pytest.raises(CountryError, match=r"among: expected a group .*EU27_2020.*found 'EU27'"):
        fl.share(table, supplier="DEU", among="EU27", **ASKED)
    with pytest.raises(SchemaError, match="a member of CIS, found none"):
        fl.partner_shares(table, among="CIS", **ASKED)


def test_a_member_that_leaves_within_a_row_is_refused() -> None:
    left = reports([*UNION, "GBR"], years=(2019, 2020))
    with pytest.raises(PeriodError, match="left EU within the period"):
        fl.share(left, supplier="DEU", importer="GEO", among="EU", start=2019, end=2020)
    before = fl.share(left, supplier="GBR", importer="GEO", among="EU", start=2019, end=2019)
    assert before.numerator == 28
