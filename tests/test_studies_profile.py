"""The profile of a pair: by hand on few rows, on the catalogue, and on a user's own file."""

import datetime as dt
import json
import math
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from number_code import check_code
from statements import delivery, flow_table, months, statement

import flows as fl
from flows.cli import main
from flows.errors import CountryError, SchemaError
from flows.findings import Findings
from flows.pipeline.profile import profile_pair
from flows.scope import TOTAL_COLUMNS, Scope, no_totals, remember
from flows.studies.profile import IN_FULL, PROFILE, profile_study
from flows.studies.profile.balance import balance_table
from flows.studies.profile.partners import concentration_table
from flows.studies.profile.question import PairQuestion
from flows.studies.profile.sides import asymmetry_table
from flows.studies.profile.stated import describe_dynamics, list_statements

ROUNDING = 1e-9
ROOT = Path(__file__).resolve().parents[1]
PAIR = {"exporter": "IRN", "importer": "ARM"}
BACK = {
    "exporter": "ARM",
    "importer": "IRN",
    "valuation": "FOB",
    "partner_basis": "destination",
}
IRAN = {
    "reporter": "IRN",
    "start": dt.date(2023, 3, 21),
    "end": dt.date(2024, 3, 19),
    "value": 412.0,
    "valuation": "FOB",
    "partner_basis": "destination",
    "coverage": "non-oil goods",
    "dataset": "irica@2024-09",
}


def found(*rows: dict[str, Any]) -> pd.DataFrame:
    return flow_table(*rows)


def both_ways() -> pd.DataFrame:
    return found(
        *months("2023-01", [50.0] * 24),
        *months("2023-01", [10.0] * 24, **BACK, line=40),
        statement(**IRAN),
    )


def table_of(findings: Findings, name: str) -> pd.DataFrame:
    return next(table.frame for table in findings.tables if table.id == name)


def test_each_statement_is_told_apart() -> None:
    several = list_statements(both_ways(), **PAIR)
    told = [(one.title, one.says, one.calendar, one.by, one.gaps) for one in several]
    assert told == [
        ("Iran to Armenia", "Armenia", "gregorian", "month", 0),
        ("Iran to Armenia", "Iran", "solar-hijri", "year", 0),
        ("Armenia to Iran", "Armenia", "gregorian", "month", 0),
    ]
    assert several[1].years.to_dict() == {1402: 412.0}
    assert several[0].basis == "all goods, CIF, origin"


def test_missing_periods_are_counted() -> None:
    rows = found(*months("2022-01", [1.0] * 3), *months("2022-06", [1.0], line=9))
    assert list_statements(rows, **PAIR)[0].gaps == 2
    years = [
        statement(start=dt.date(year, 1, 1), end=dt.date(year, 12, 31), line=year)
        for year in (2015, 2018)
    ]
    assert list_statements(found(*years), **PAIR)[0].gaps == 2


def test_the_balance_by_hand() -> None:
    balances = balance_table(list_statements(both_ways(), **PAIR))
    assert balances["country"].tolist() == ["ARM", "ARM"]
    first = balances.iloc[0]
    assert (first["year"], first["exports"], first["imports"]) == ("2023", 120.0, 600.0)
    assert first["balance"] == -480.0
    assert first["import_share"] == pytest.approx(600 / 720)
    assert first["rows"] == {"armstat@2025-02": (*range(2, 14), 40)}


def test_more_than_leaves_the_balance_open() -> None:
    sold = IRAN | {"high": math.nan}
    bought = IRAN | {"exporter": "ARM", "importer": "IRN", "value": 45.0, "line": 8}
    trade = found(statement(**sold), statement(**bought))
    row = balance_table(list_statements(trade, **PAIR)).iloc[0]
    assert (row["country"], row["year"], row["calendar"]) == ("IRN", "1402", "solar-hijri")
    assert (row["balance"], row["balance_low"], row["balance_high"]) == (367.0, 367.0, math.inf)
    findings = profile_study(trade, **PAIR)
    share = findings.numbers[0]
    assert share.id == "profile.irica.irn.import-share.1402"
    assert (share.low, share.spread) == (0.0, "bounds")
    check_code(share, trade=trade)
    assert table_of(findings, "profile-balance")["bound"].tolist() == ["at least"]


def test_the_two_sides_are_compared_in_the_years_of_the_one_that_has_years() -> None:
    row = asymmetry_table(list_statements(both_ways(), **PAIR)).iloc[0]
    # 21 March 2023 to 19 March 2024: 11 of 31 days, eleven months whole, 19 of 31 days.
    expected = 50 * (11 / 31 + 11 + 19 / 31)
    assert row["importer_report"] == pytest.approx(expected)
    assert row["ratio"] == pytest.approx(expected / 412)
    assert row["asymmetry_log"] == pytest.approx(math.log(expected / 412))
    assert (row["calendar"], row["year"]) == ("solar-hijri", "1402")


def test_partners_are_ranked_in_the_last_whole_year() -> None:
    others = [
        row
        for line, (code, value) in enumerate([("RUS", 30.0), ("GEO", 20.0)], start=100)
        for row in months("2024-01", [value] * 12, exporter=code, line=line * 20)
    ]
    trade = pd.concat([both_ways(), found(*others)], ignore_index=True)
    row = concentration_table(trade, list_statements(trade, **PAIR)).iloc[0]
    assert (row["flow"], row["rank"], row["partners"], row["year"]) == ("imports", 1, 3, "2024")
    assert row["share"] == pytest.approx(0.5)
    assert row["herfindahl"] == pytest.approx(0.25 + 0.09 + 0.04)
    assert row["whole"] == "scope not stated"


def five_largest(**claims: Any) -> Findings:
    """What is said of partners in 2019 that a file lists beside a total of 100."""
    rows = [
        statement(
            exporter=code,
            value=value,
            start=dt.date(2019, 1, 1),
            end=dt.date(2019, 12, 31),
            line=line,
            dataset="largest.csv@0a1b2c3d",
        )
        for line, (code, value) in enumerate([("RUS", 30.0), ("IRN", 20.0)], start=2)
    ]
    trade = found(*rows)
    total = {name: trade.iloc[0][name] for name in TOTAL_COLUMNS if name in trade.columns}
    total |= {"of": "imports", "country": "ARM", "value": 100.0, "digit": 1.0, "line": 9}
    totals = pd.DataFrame([total]) if claims.pop("printed") else no_totals()
    remember("largest.csv@0a1b2c3d", Scope(totals=totals, **claims).of_rows(trade))
    return profile_study(trade, **PAIR, name="pair")


def test_a_place_among_some_partners_is_of_what_is_printed_or_says_so() -> None:
    printed = table_of(five_largest(partners="largest", largest=5, printed=True), "pair-partners")
    assert printed[["share", "whole"]].iloc[0].tolist() == [20.0, "printed total"]
    assert math.isnan(printed["herfindahl"].iloc[0]), "the other half may be of one or of many"
    listed = five_largest(partners="named", printed=False)
    row = table_of(listed, "pair-partners").iloc[0]
    assert (row["share"], row["whole"]) == (40.0, "partners listed")
    every = {"partners": "all", "countries": {"imports": None}, "printed": False}
    assert table_of(five_largest(**every), "pair-partners")["whole"].iloc[0] == "all partners"


def test_a_narrow_column_says_that_only_the_largest_are_stated() -> None:
    short = PROFILE.find(
        "pair",
        data={"trade": fl.load("wits-summary@2019")},
        question=PAIR,
        parameters={"statements": {"short": True}},
        only=("statements",),
    )
    counts = table_of(short, "pair-stated")["counts"]
    assert counts.unique().tolist() == ["all goods, if of five largest"]


def test_growth_needs_enough_periods_and_no_zeros() -> None:
    short, zeros, long = (
        describe_dynamics(list_statements(found(*months("2021-01", values)), **PAIR)[0])
        for values in (
            [1.01**month for month in range(35)],
            [0.0, *[5.0] * 35],
            [1.01**month for month in range(36)],
        )
    )
    assert (short.note, zeros.note) == ("no growth: 35 periods only", "no growth: zeros")
    assert math.isnan(short.growth)
    assert long.growth == pytest.approx((1.01**12 - 1) * 100)


def test_a_jump_is_dated() -> None:
    values = [100.0 + month % 3 for month in range(24)] + [300.0 + month % 3 for month in range(24)]
    (one,) = list_statements(found(*months("2020-01", values)), **PAIR)
    assert "2022-01" in describe_dynamics(one).breaks


def test_constant_months_have_no_growth_and_say_so() -> None:
    (one,) = list_statements(found(*months("2020-01", [5.0] * 36)), **PAIR)
    assert describe_dynamics(one).note.startswith("no growth: expected values that vary")


def test_units_never_share_an_axis() -> None:
    arms = [delivery("ISR", year, 100.0 + year % 7, line=year) for year in range(2010, 2020)]
    dollars = [
        statement(
            exporter="ISR",
            importer="AZE",
            reporter="AZE",
            start=dt.date(year, 1, 1),
            end=dt.date(year, 12, 31),
            value=1e6 * (year - 2000),
            line=year,
        )
        for year in range(2010, 2020)
    ]
    findings = profile_study(found(*arms, *dollars), exporter="ISR", importer="AZE")
    assert [figure.id for figure in findings.figures] == ["profile-isr-usd", "profile-isr-tiv"]
    assert [set(figure.data["value"] > 99) for figure in findings.figures] == [{False}, {True}]
    units = table_of(findings, "profile-levels")["unit"].tolist()
    assert units == ["USD million, current prices", "TIV million"]
    assert findings.words["profile.silent"] == (
        "Israel on Israel to Azerbaijan; Azerbaijan on Azerbaijan to Israel; "
        "Israel on Azerbaijan to Israel"
    )


@pytest.mark.parametrize(
    ("section", "tables", "short", "words"),
    [
        ("statements", ["statements", "levels"], ["stated"], set()),
        ("balance", ["balance"], ["balances"], set()),
        ("asymmetry", ["asymmetry"], ["mirror"], {"mirror", "asymmetry.refused"}),
        ("partners", [], [], set()),
        ("lead", [], None, {"out", "back"}),
        ("over_time", [], None, set()),
    ],
)
def test_each_section_stands_alone(
    section: str, tables: list[str], short: list[str] | None, words: set[str]
) -> None:
    forms = {"full": ({}, tables)} | ({"short": ({"short": True}, short)} if short else {})
    for parameters, expected in forms.values():
        findings = PROFILE.find(
            "alone",
            data={"trade": both_ways()},
            question=PAIR,
            parameters={section: parameters},
            only=[section],
        )
        assert [table.id for table in findings.tables] == [f"alone-{name}" for name in expected]
        own = {"exporter", "importer", "pair", "place", "silent", "older"} | words
        assert set(findings.words) == {f"alone.{word}" for word in own}


def test_a_section_estimates_no_more_than_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise AssertionError("growth was estimated")

    monkeypatch.setattr("flows.studies.profile.question.describe_dynamics", fail)
    asked = {"data": {"trade": both_ways()}, "question": PAIR, "parameters": {}}
    assert PROFILE.find("alone", only=["balance", "asymmetry"], **asked).tables


def test_that_nothing_can_be_compared_is_said() -> None:
    findings = profile_study(found(*months("2023-01", [5.0] * 12)), **PAIR)
    assert [table.id for table in findings.tables] == ["profile-statements", "profile-levels"]
    assert findings.words["profile.mirror"].startswith("No year of a flow is stated by both")


def test_flows_of_nothing_have_no_figure() -> None:
    findings = profile_study(found(*months("2023-01", [0.0] * 12)), **PAIR)
    assert findings.figures == ()
    assert table_of(findings, "profile-levels")["level"].tolist() == [0.0]


def test_a_pair_without_statements_and_an_unknown_code_are_refused() -> None:
    with pytest.raises(SchemaError, match="trade of Iran and Georgia, found none"):
        profile_study(both_ways(), exporter="IRN", importer="GEO")
    with pytest.raises(CountryError, match="IRR"):
        profile_study(both_ways(), exporter="IRR", importer="ARM")


def test_the_order_of_rows_changes_nothing() -> None:
    trade = both_ways()
    shuffled = trade.sample(frac=1, random_state=7)
    one, other = (profile_study(rows, **PAIR) for rows in (trade, shuffled))
    for table, again in zip(one.tables, other.tables, strict=True):
        pd.testing.assert_frame_equal(table.frame, again.frame)
    assert one.numbers == other.numbers


@pytest.fixture(scope="module")
def iran_and_armenia() -> PairQuestion:
    return profile_pair(**PAIR, root=ROOT)


def test_the_catalogue_gives_the_profile_of_the_case(iran_and_armenia: PairQuestion) -> None:
    findings = PROFILE.answer(iran_and_armenia, only=IN_FULL)
    numbers = {number.id: number for number in findings.numbers}
    share = numbers["profile.armstat-by-country.arm.import-share.2023"]
    # 597.947 of imports by origin and 94.550 of exports, million dollars, as Armstat prints them.
    assert share.value == pytest.approx(100 * 597.947 / (597.947 + 94.550), abs=1e-3)
    assert len(share.rows["armstat-by-country@2025-02"]) == 12
    ratios = table_of(findings, "profile-asymmetry")
    origin = ratios[ratios["importer_says"].str.endswith("origin")].set_index("year")["ratio"]
    of_one = [0.90, 0.90, 0.76, 1.11, 1.54, 1.34, 1.41]
    assert [round(ratio, 2) for ratio in origin] == [*of_one, *of_one], "two data sets, one release"


def test_arms_and_trade_of_another_pair_stay_apart(capsys: pytest.CaptureFixture[str]) -> None:
    command = ["--root", str(ROOT), "profile", "--exporter", "AZE", "--importer", "ISR", "--json"]
    assert main(command) == 0
    told = json.loads(capsys.readouterr().out)
    units = {row["unit"] for row in told["tables"]["profile-levels"]}
    assert units == {"USD million, current prices", "TIV million"}
    assert "Israel on Azerbaijan to Israel" in told["words"]["profile.silent"]
    assert "NaN" not in json.dumps(told["tables"])


def test_a_file_that_is_not_there_and_a_pair_without_rows_are_faults(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here = ["profile", "--exporter", "IRN", "--importer", "ARM", "--data"]
    assert main([*here, str(tmp_path / "none.csv")]) == 1
    pair = ["--root", str(ROOT), "profile", "--exporter", "VAT", "--importer", "SMR"]
    assert main(pair) == 1
    assert (
        "expected statements about Holy See and San Marino, found none" in capsys.readouterr().err
    )


@pytest.mark.parametrize("partner", ["RUS", "CHN", "GEO", "DEU", "USA"])
def test_a_real_export_gives_the_profile_of_any_partner(
    shared_data: Path, partner: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = shared_data / "armstat" / "trade-by-country-2025-02.csv"
    command = ["profile", "--exporter", partner, "--importer", "ARM", "--data", str(file)]
    assert main(command) == 0
    told = capsys.readouterr().out
    assert "Who states what" in told
    assert "Balance of trade" in told
    assert "Share and rank of the partner among all partners" in told


def test_the_code_of_a_number_tells_its_statement_from_others() -> None:
    consigned = months("2023-01", [70.0] * 24, partner_basis="consignment", line=80)
    unpublished = statement(**IRAN | {"reporter": "ARM", "value": math.nan, "line": 120})
    trade = pd.concat([both_ways(), found(*consigned), found(unpublished)], ignore_index=True)
    numbers = profile_study(trade, **PAIR).numbers
    assert [one.id.rpartition(".")[2] for one in numbers] == ["2023", "2024"]
    for one in numbers:
        check_code(one, trade=trade)
        assert 'partner_basis="origin"' in "".join(one.code)
