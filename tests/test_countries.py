"""Crosswalks: that they are consistent, and that nothing is guessed."""

import re
from datetime import date, timedelta
from typing import get_args

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.countries import (
    Scheme,
    aggregates,
    are_aggregates,
    country_code,
    country_codes,
    country_groups,
    country_name,
    dissolved_states,
    entries,
    hint_at_code,
    is_aggregate,
    read_rows,
)
from flows.errors import CountryError

SCHEMES = get_args(Scheme)
KINDS = {"country", "dissolved", "territory", "group", "organisation", "unspecified"}


@pytest.mark.parametrize(
    ("scheme", "name", "alpha3"),
    [
        ("iso", "Iran", "IRN"),
        ("iso", "IR", "IRN"),
        ("iso", "364", "IRN"),
        ("iso", "NA", "NAM"),
        ("iso", "ZAR", "COD"),
        ("m49", "Iran (Islamic Republic of)", "IRN"),
        ("m49", "051", "ARM"),
        ("m49", "492", "MCO"),
        ("comtrade", "251", "FRA"),
        ("comtrade", "842", "USA"),
        ("comtrade", "699", "IND"),
        ("comtrade", "757", "CHE"),
        ("comtrade", "579", "NOR"),
        ("comtrade", "490", "XXA"),
        ("comtrade", "492", "XXE"),
        ("comtrade", "899", "XXX"),
        ("comtrade", "866", "VNM"),
        ("comtrade", "868", "XVS"),
        ("baci", "516", "NAM"),
        ("baci", "USA, Puerto Rico and US Virgin Islands", "USA"),
        ("sipri", "Turkey", "TUR"),
        ("sipri", "Turkiye", "TUR"),
        ("sipri", "Türkiye", "TUR"),
        ("sipri", "Czech Republic", "CZE"),
        ("sipri", "Bosnia-Herzegovina", "BIH"),
        ("sipri", "unknown supplier(s)", "XXU"),
        ("sipri", "Soviet Union", "SUN"),
        ("sipri", "North Yemen", "YEM"),
        ("sipri", "South Yemen", "YMD"),
        ("sipri", "Hezbollah (Lebanon)*", "XHZ"),
        ("sipri", "CHE", "CHL"),
        ("sipri", "AST", "AUT"),
        ("wits", "Iran, Islamic Rep.", "IRN"),
        ("cow", "371", "ARM"),
        ("cow", "666", "ISR"),
        ("cow", "260", "DEU"),
        ("armstat", "Islamic Republic of Iran", "IRN"),
        ("armstat", "American Saoma", "ASM"),
        ("armstat", "Saoma", "WSM"),
    ],
)
def test_names_and_codes_lead_to_their_country(scheme: Scheme, name: str, alpha3: str) -> None:
    assert country_code(name, scheme=scheme) == alpha3


def test_only_blanks_and_the_form_of_accents_are_forgiven() -> None:
    assert country_code("  Tu\u0308rkiye ", scheme="sipri") == "TUR"
    for wrong in ("türkiye", "TURKIYE", "Turkiye.", "Tuerkiye", ""):
        with pytest.raises(CountryError, match=r"no alpha-3 code for .* in .*/sipri\.csv"):
            country_code(wrong, scheme="sipri")


@given(st.sampled_from(SCHEMES), st.text(max_size=12))
def test_no_text_is_guessed(scheme: Scheme, text: str) -> None:
    if text.strip() in entries(scheme):
        return
    with pytest.raises(CountryError):
        country_code(text, scheme=scheme)


@pytest.mark.parametrize(
    ("code", "day", "alpha3"),
    [
        ("365", date(1914, 1, 1), "RUS"),
        ("365", date(1991, 12, 25), "SUN"),
        ("365", date(1991, 12, 26), "RUS"),
        ("345", date(1900, 1, 1), "SRB"),
        ("345", date(1992, 4, 26), "YUG"),
        ("345", date(1992, 4, 27), "SCG"),
        ("345", date(2006, 6, 3), "SRB"),
        ("371", date(2000, 1, 1), "ARM"),
    ],
)
def test_the_day_decides_between_states_with_one_code(code: str, day: date, alpha3: str) -> None:
    assert country_code(code, scheme="cow", on=day) == alpha3


def test_a_code_of_several_states_needs_a_day_on_which_it_was_in_use() -> None:
    with pytest.raises(CountryError, match=r"'365' without a date, found RUS, SUN in .*cow.csv$"):
        country_code("365", scheme="cow")
    with pytest.raises(
        CountryError, match=r"'345' on 1850-01-01, found SCG, SRB, YUG in .*cow.csv, at other times"
    ):
        country_code("345", scheme="cow", on=date(1850, 1, 1))


def test_an_unknown_scheme_is_refused() -> None:
    with pytest.raises(ValueError, match=r"scheme: expected iso, m49, .*, found 'who'"):
        country_code("Iran", scheme="who")


def test_a_column_keeps_its_index_and_name() -> None:
    names = pd.Series([371, 630, 371], index=[7, 5, 3], name="ccode1")
    expected = pd.Series(["ARM", "IRN", "ARM"], index=[7, 5, 3], name="ccode1", dtype="str")
    pd.testing.assert_series_equal(country_codes(names, scheme="cow"), expected)


def test_an_empty_column_has_no_codes() -> None:
    assert country_codes(pd.Series([], dtype="str"), scheme="iso").tolist() == []


def test_a_column_takes_each_row_by_its_own_day() -> None:
    names = pd.Series(["365", "365", "630"])
    days = pd.Series(pd.to_datetime(["1990-01-01", "1992-01-01", "1990-01-01"]))
    assert country_codes(names, scheme="cow", on=days).tolist() == ["SUN", "RUS", "IRN"]


def test_every_name_at_fault_is_listed_with_its_lines() -> None:
    names = pd.Series(["Iran", "Persia", None, "World", "Persia"])
    with pytest.raises(CountryError) as caught:
        country_codes(names, scheme="wits", path="own.csv", lines=pd.Series([2, 3, 4, 5, 6]))
    assert "'Iran' in flows/crosswalks/wits.csv (nearest: Iran IRN, " in str(caught.value)
    assert re.sub(r" \(nearest: [^)]*\)", "", str(caught.value)) == (
        "no alpha-3 code for 'Iran' in flows/crosswalks/wits.csv "
        "(own.csv line 2); "
        "no alpha-3 code for 'Persia' in flows/crosswalks/wits.csv "
        "(own.csv lines 3, 6); "
        "no alpha-3 code for '' in flows/crosswalks/wits.csv (own.csv line 4); "
        "expected a country, found the aggregate 'World'; leave its rows out first "
        "(own.csv line 5); what is a country can be named in names.toml beside the file: "
        '[names] "Name" = "ARM"'
    )


def test_a_column_of_another_kind_does_not_fill_the_screen() -> None:
    with pytest.raises(CountryError, match=r"; and 50 more$"):
        country_codes(pd.Series(range(1000, 1100)), scheme="cow")


def test_aggregates_are_known_and_never_a_country() -> None:
    assert is_aggregate("World", scheme="comtrade")
    assert is_aggregate("0", scheme="baci")
    assert not is_aggregate("Armenia", scheme="comtrade")
    names = pd.Series(["World", None, "Armenia", " ... "], index=[4, 3, 2, 1])
    assert are_aggregates(names, scheme="wits").to_dict() == {4: True, 3: False, 2: False, 1: True}


def test_names_are_printed_in_english() -> None:
    printed = [country_name(code) for code in ("TUR", "IRN", "AZE", "SUN", "XXX", "XHZ")]
    assert printed == [
        "Türkiye",
        "Iran",
        "Azerbaijan",
        "Soviet Union",
        "Areas not specified",
        "Hezbollah (Lebanon)",
    ]
    with pytest.raises(CountryError, match=r"countries.csv, found 'iran'"):
        country_name("iran")


def test_dissolved_states_end_before_their_successors_are_alone() -> None:
    states = dissolved_states()
    assert states["SUN"].end == date(1991, 12, 25)
    assert {"ARM", "AZE", "RUS"} <= set(states["SUN"].successors)
    assert states["DDR"].successors == ("DEU",)
    assert states["SCG"].start == states["YUG"].end + timedelta(days=1)
    for state in states.values():
        assert state.start is None or state.start < state.end
        assert state.alpha3 not in state.successors
        assert all(country_name(successor) for successor in state.successors)


def test_codes_and_printed_names_are_unique() -> None:
    rows = read_rows("countries.csv")
    assert len({row["alpha3"] for row in rows}) == len({row["name"] for row in rows}) == len(rows)
    assert {row["kind"] for row in rows} == KINDS


def test_every_code_that_iso_does_not_assign_is_left_to_users_or_withdrawn() -> None:
    kinds = {row["alpha3"]: row["kind"] for row in read_rows("countries.csv")}
    assert sum(kind == "country" for kind in kinds.values()) == 249
    for alpha3, kind in kinds.items():
        assert re.fullmatch("[A-Z]{3}", alpha3)
        assert not (kind == "country" and alpha3.startswith("X"))
        assert alpha3.startswith("X") or kind in {"country", "dissolved", "territory"}
    dissolved = {alpha3 for alpha3, kind in kinds.items() if kind == "dissolved"}
    assert dissolved == set(dissolved_states())


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_name_leads_to_one_code_of_the_list_on_any_day(scheme: Scheme) -> None:
    for name, found in entries(scheme).items():
        spans = sorted((entry.start, entry.end) for entry in found)
        assert all(start <= end for start, end in spans)
        assert all(spans[i][1] < spans[i + 1][0] for i in range(len(spans) - 1)), name
        assert all(country_name(entry.alpha3) for entry in found)
    assert not aggregates(scheme) & set(entries(scheme))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_printed_name_leads_to_its_own_code_in_every_scheme(scheme: Scheme) -> None:
    names = {row["name"]: row["alpha3"] for row in read_rows("countries.csv")}
    capitals = {name.upper(): code for name, code in names.items()}
    printed = capitals if scheme == "census" else names
    shared = [name for name in entries(scheme) if name in printed]
    assert len(shared) > 30
    for name in shared:
        assert printed[name] in {entry.alpha3 for entry in entries(scheme)[name]}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_row_stands_once_and_as_it_is_looked_up(scheme: Scheme) -> None:
    rows = read_rows(f"{scheme}.csv")
    assert len({tuple(row.values()) for row in rows}) == len(rows)
    assert all(row["name"] == row["name"].strip() for row in rows)
    assert not [row for row in rows if row["from"] and row["from"] > (row["to"] or "9999")]


def test_every_iso_country_has_its_numeric_code_in_m49_and_comtrade() -> None:
    rows = read_rows("iso.csv")
    countries = {row["alpha3"] for row in read_rows("countries.csv") if row["kind"] == "country"}
    numeric = {row["name"]: row["alpha3"] for row in rows if re.fullmatch(r"\d{3}", row["name"])}
    assert set(numeric.values()) >= countries
    without = {"m49": {"TWN"}, "comtrade": {"MCO"}}  # 492 is another area in Comtrade
    for scheme, written in (("m49", str), ("comtrade", lambda code: str(int(code)))):
        known = {
            code: alpha3
            for code, alpha3 in numeric.items()
            if alpha3 in countries - without[scheme]
        }
        assert {code: country_code(written(code), scheme=scheme) for code in known} == known


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Saudi Arabia", "SAU"),
        ("KSA", "SAU"),
        ("ksa", "SAU"),
        ("UAE", "ARE"),
        ("ROK", "KOR"),
        ("DPRK", "PRK"),
        ("PRC", "CHN"),
        ("UK", "GBR"),
    ],
)
def test_a_wrong_code_is_hinted_at_and_never_read(written: str, meant: str) -> None:
    with pytest.raises(CountryError, match=f"did you mean {meant}\\?"):
        country_name(written)
    with pytest.raises(CountryError, match="no alpha-3 code"):
        country_code("KSA", scheme="iso")


def test_a_near_name_is_hinted_at_and_a_wrong_code_is_not() -> None:
    assert hint_at_code("Saudi Arabi") == "; did you mean Saudi Arabia SAU?"
    assert hint_at_code("QQQ") == "", "no name is like a code"
    assert hint_at_code("CHE") == "", "a code of its own, though SIPRI wrote it for Chile"
    assert "it is a group of countries" in hint_at_code("EU")


def test_wrong_codes_are_no_codes_and_lead_to_one() -> None:
    codes = {row["alpha3"] for row in read_rows("countries.csv")}
    rows = read_rows("wrong_codes.csv")
    assert not {row["code"] for row in rows} & codes
    assert {row["alpha3"] for row in rows} <= codes
    assert [row["code"] for row in rows] == sorted({row["code"] for row in rows})


def test_members_of_groups_are_countries_once_at_a_time() -> None:
    codes = {row["alpha3"] for row in read_rows("countries.csv")}
    for group, members in country_groups().items():
        assert group not in codes
        listed = [member.alpha3 for member in members]
        assert len(set(listed)) == len(listed), group
        assert set(listed) <= codes, group
        assert all(member.start < member.end for member in members), group
    assert all(row["source"] for row in read_rows("groups.csv"))


@pytest.mark.parametrize(
    ("group", "day", "count"),
    [
        ("EU", "1957-12-31", 0),
        ("EU", "1972-12-31", 6),
        ("EU", "1973-01-01", 9),
        ("EU", "1981-01-01", 10),
        ("EU", "1986-01-01", 12),
        ("EU", "2004-04-30", 15),
        ("EU", "2004-05-01", 25),
        ("EU", "2007-01-01", 27),
        ("EU", "2013-07-01", 28),
        ("EU", "2020-01-31", 28),
        ("EU", "2020-02-01", 27),
        ("EU27_2020", "1900-01-01", 27),
        ("EU28", "1900-01-01", 28),
        ("CIS", "2009-08-17", 12),
        ("CIS", "2009-08-18", 11),
        ("GCC", "2024-01-01", 6),
        ("EAEU", "2015-08-12", 5),
        ("ASEAN", "1999-04-30", 10),
    ],
)
def test_groups_have_as_many_members_as_they_had(group: str, day: str, count: int) -> None:
    on = date.fromisoformat(day)
    members = {
        member.alpha3 for member in country_groups()[group] if member.start <= on <= member.end
    }
    assert len(members - {"XBL", "XXE"}) == count


@pytest.mark.parametrize(("fixed", "day"), [("EU15", "2000-01-01"), ("EU28", "2015-01-01")])
def test_fixed_compositions_are_the_union_of_their_day(fixed: str, day: str) -> None:
    on = date.fromisoformat(day)
    union = {m.alpha3 for m in country_groups()["EU"] if m.start <= on <= m.end}
    assert {m.alpha3 for m in country_groups()[fixed]} == union - {"XBL"}
