"""Trade agreements of pairs: the lists of the WTO, of DESTA and of Mario Larch, and their years."""

from datetime import date
from pathlib import Path
from typing import get_args

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from raw_files import changed

import flows as fl
from flows.countries import country_groups
from flows.errors import CountryError, LayoutError, SchemaError
from flows.geography import InForce, pair_covariates
from flows.loaders import load
from flows.loaders.agreements import AGREEMENT_COLUMNS, check_agreements
from flows.loaders.examples import example_path

WTO, DESTA, LARCH = (example_path(key) for key in ("wto_rtas", "desta", "larch_rta"))
PAIR, SPAN = ["exporter", "importer"], ["start", "end"]


def spells(table: pd.DataFrame, exporter: str, importer: str) -> list[list[str]]:
    own = table[(table["exporter"] == exporter) & (table["importer"] == importer)]
    return [[str(day.date()) for day in pair if pd.notna(day)] for pair in own[SPAN].to_numpy("O")]


@pytest.mark.parametrize("path", [WTO, DESTA, LARCH])
def test_every_list_ends_in_one_frame(path: Path) -> None:
    table = load(path)
    assert table.columns.tolist() == [*AGREEMENT_COLUMNS]
    assert {str(table[side].dtype) for side in ("start", "end")} == {"datetime64[s]"}
    assert check_agreements(table).equals(table)


@pytest.mark.parametrize("path", [WTO, DESTA])
def test_an_agreement_holds_in_both_directions(path: Path) -> None:
    table = load(path).drop(columns="line")
    back = table.rename(columns={"exporter": "importer", "importer": "exporter"})[table.columns]
    key = [*AGREEMENT_COLUMNS[:6]]
    pd.testing.assert_frame_equal(back.sort_values(key, ignore_index=True), table)


def test_a_group_is_its_members_and_they_are_no_pairs_of_its_agreements() -> None:
    table = load(WTO)
    interim = table[table["agreement"].str.contains("Interim")]
    union = {member.alpha3 for member in country_groups()["EAEU"]}
    assert set(interim["exporter"]) == union | {"IRN"}
    assert ((interim["exporter"] == "IRN") ^ (interim["importer"] == "IRN")).all()


def test_one_agreement_ends_on_the_day_before_it_is_inactive() -> None:
    assert spells(load(WTO), "IRN", "ARM") == [["2019-10-27", "2025-05-14"], ["2025-05-15"]]


def test_a_signatory_has_its_own_days() -> None:
    table = load(WTO)
    assert spells(table, "ARM", "RUS") == [["2015-01-02"]]
    assert spells(table, "KGZ", "ARM") == [["2015-08-12"]]
    assert spells(table, "AUT", "FIN") == [["1986-01-01", "1994-12-31"]]
    assert spells(table, "PRT", "ISL") == [["1970-03-01", "1985-12-31"]]
    assert spells(table, "GBR", "FIN") == [], "one left before the other came"


def test_a_signatory_that_came_on_no_day_is_left_out_by_name(tmp_path: Path) -> None:
    path = changed(tmp_path, WTO, "Armenia(02-Jan-2015 - ); ", "")
    table = load(path)
    assert spells(table, "ARM", "RUS") == []
    assert spells(table, "KGZ", "RUS") == [["2015-08-12"]]
    (said,) = table.attrs["report"]["warnings"]
    assert said.startswith("1 signatories are left out")
    assert "Armenia in Eurasian Economic Union (EAEU) (line 2)" in said


def test_what_is_not_in_force_is_counted() -> None:
    assert load(WTO).attrs["report"]["left_out"] == {"agreements that are not in force": 1}
    assert load(DESTA).attrs["report"]["left_out"] == {
        "pairs of treaties without a year of entry into force": 1
    }


def test_days_as_spreadsheets_write_them(tmp_path: Path) -> None:
    text = WTO.read_text(encoding="utf-8")
    for day, written in (("2019-10-27", "27-Oct-19"), ("1960-05-03", "03-May-60")):
        assert day in text
        text = text.replace(day, written)
    path = tmp_path / "AllRTAs.csv"
    path.write_text(text, encoding="utf-8")
    table, own = load(path), ["dataset"]
    pd.testing.assert_frame_equal(table.drop(columns=own), load(WTO).drop(columns=own))
    assert "(line 4: '27-Oct-19') are read as 1948 to 2047" in table.attrs["report"]["warnings"][0]


def test_the_sheet_of_a_workbook_with_others(tmp_path: Path) -> None:
    cells = pd.read_csv(WTO, dtype="str", keep_default_na=False)
    path = tmp_path / "AllRTAs.xlsx"
    with pd.ExcelWriter(path) as book:
        cells.to_excel(book, sheet_name="AllRTAs", index=False)
        cells.iloc[:, :2].to_excel(book, sheet_name="RTA Changes", index=False)
    own = ["dataset", "line"]
    assert load(path)[AGREEMENT_COLUMNS[0]].tolist() == load(WTO)[AGREEMENT_COLUMNS[0]].tolist()
    assert load(path).drop(columns=own).equals(load(WTO).drop(columns=own))


def test_a_treaty_begins_with_its_year_and_the_list_ends_with_its_last() -> None:
    table = load(DESTA)
    assert spells(table, "IRN", "ARM") == [["1997-01-01"], ["2019-01-01"]]
    assert table["listed_to"].unique().tolist() == [pd.Timestamp("2018-12-31")]
    assert table["listed_from"].isna().all()


def test_years_in_a_row_are_one_agreement_while_its_kind_is_the_same() -> None:
    table = load(LARCH)
    assert spells(table, "ARM", "BLR") == [["2014-01-01", "2014-12-31"], ["2015-01-01"]]
    assert spells(table, "GEO", "UKR") == [["2013-01-01", "2013-12-31"], ["2015-01-01"]]
    assert table["kind"].tolist() == ["FTA", "CU & EIA", "FTA", "FTA"]
    assert table["line"].tolist() == [3, 4, 10, 12]
    assert table.attrs["report"]["left_out"] == {"pairs and years without an agreement": 6}


@pytest.mark.parametrize(
    ("path", "change", "error", "message"),
    [
        (WTO, ("2019-10-27", "soon"), LayoutError, r"csv:4: column Date of Entry .* found 'soon'"),
        (WTO, ("2019-10-27", "2019-13-27"), LayoutError, "expected a day like 2019-10-27"),
        (WTO, ("2019-10-27", "27-Okt-2019"), LayoutError, "expected a day like 2019-10-27"),
        (WTO, ("Armenia(02-Jan-2015 - )", "Armenia (later)"), LayoutError, r"'Armenia \(later\)'"),
        (WTO, (",Belarus;", ",Belorusia;"), CountryError, r"'Belorusia' .*line 2"),
        (DESTA, (",51,364,53", ",51,1364,53"), CountryError, "'1364' .*csv line 2"),
        (DESTA, ("1995,1997", "1995,19997"), LayoutError, "column entryforceyear: expected a year"),
        (LARCH, ("BLR,2016,1", "BLR,2016,2"), LayoutError, "csv:5: column rta: expected 0 or 1"),
        (LARCH, ("BLR,2016,1", "BLR,2016,0"), LayoutError, "csv:5: column rta: expected 1 where a"),
        (LARCH, ("BLR,2016,1", "BLR,2015,1"), SchemaError, "once; .* lines 4, 5"),
        (
            LARCH,
            ("BLR,2016,1", "BLR,2018,1"),
            LayoutError,
            "from 2013 to 2018, found no row of 2017",
        ),
        (LARCH, ("ARM,BLR,2013", "AMR,BLR,2013"), CountryError, "'AMR' .*csv line 2"),
    ],
)
def test_a_fault_of_a_list_is_named(
    tmp_path: Path, path: Path, change: tuple[str, str], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        load(changed(tmp_path, path, *change))


def test_an_agreement_that_ends_before_it_begins_or_stands_twice_is_refused() -> None:
    table = load(WTO)
    with pytest.raises(SchemaError, match=r"start to be no later than end; .* lines 4"):
        check_agreements(table.assign(end=table["end"] - pd.Timedelta(days=30_000)))
    with pytest.raises(SchemaError, match="kind once; rows at fault"):
        check_agreements(pd.concat([table, table]))


OWN = pd.DataFrame(
    {
        "exporter": ["IRN", "IRN"],
        "importer": ["ARM", "ARM"],
        "start": ["2019-10-27", "2019-12-01"],
        "end": ["2020-06-30", None],
    }
)


@pytest.mark.parametrize(
    ("in_force", "expected"),
    [
        ("any day", [0, 1, 1]),
        ("first day", [0, 0, 1]),
        ("share", [0, (5 + 30 + 31) / 365, 1]),
    ],
)
def test_the_rule_says_what_a_begun_year_counts(in_force: InForce, expected: list[float]) -> None:
    facts = pair_covariates(
        ["IRN", "ARM"], years=[2018, 2019, 2020], agreements=OWN, in_force=in_force
    )
    there = facts[facts["exporter"] == "IRN"]
    assert there["agreement"].tolist() == pytest.approx(expected)
    assert facts[facts["exporter"] == "ARM"]["agreement"].tolist() == [0, 0, 0], "its own direction"


def test_the_yearly_list_gives_back_its_own_years_by_every_rule() -> None:
    panel = pd.read_csv(LARCH)
    codes = sorted({*panel["exporter"], *panel["importer"]})
    for rule in get_args(InForce):
        facts = pair_covariates(
            codes, years=range(2013, 2017), agreements=load(LARCH), in_force=rule
        )
        both = panel.merge(facts, on=[*PAIR, "year"], validate="1:1")
        assert both["agreement"].tolist() == both["rta"].tolist(), rule


def test_a_year_that_a_list_does_not_cover_is_missing_and_not_0() -> None:
    years = [2012, 2013, 2016, 2017]
    facts = pair_covariates(["ARM", "BLR", "IRN"], years=years, agreements=load(LARCH))
    known = facts.groupby("year")["agreement"].agg(lambda column: column.notna().all())
    assert known.to_dict() == {2012: False, 2013: True, 2016: True, 2017: False}
    with pytest.raises(SchemaError, match=r"agreement of every pair, found none of ARM to BLR"):
        fl.check_covariates(facts, needed=["agreement"])


days = st.integers(0, 1500).map(lambda day: np.datetime64("2017-06-01") + day)


@given(st.lists(st.tuples(days, days).map(sorted), max_size=5))
def test_shares_of_a_year_are_its_days_counted_one_by_one(spans: list[list[np.datetime64]]) -> None:
    frame = pd.DataFrame(
        {
            "exporter": ["IRN"] * len(spans),
            "importer": ["ARM"] * len(spans),
            "start": pd.Series([span[0] for span in spans], dtype="datetime64[s]"),
            "end": pd.Series([span[1] for span in spans], dtype="datetime64[s]"),
        }
    )
    facts = pair_covariates(
        ["ARM", "IRN"], years=range(2017, 2023), agreements=frame, in_force="share"
    )
    own = facts[facts["exporter"] == "IRN"].set_index("year")["agreement"]
    for year, share in own.items():
        year_days = np.arange(f"{year}-01-01", f"{int(str(year)) + 1}-01-01", dtype="datetime64[D]")
        counted = np.zeros(len(year_days), dtype=bool)
        for start, end in spans:
            counted |= (start <= year_days) & (year_days <= end)
        assert share == pytest.approx(counted.mean())


def test_agreements_that_are_none() -> None:
    with pytest.raises(ValueError, match="expected years= as well"):
        pair_covariates(["IRN", "ARM"], agreements=OWN)
    with pytest.raises(ValueError, match="in_force: expected any day, first day, share"):
        pair_covariates(["IRN", "ARM"], in_force="half")  # type: ignore[arg-type]
    with pytest.raises(SchemaError, match="found no start among exporter, importer, end"):
        pair_covariates(["IRN", "ARM"], years=[2019], agreements=OWN.drop(columns="start"))
    with pytest.raises(SchemaError, match=r"no later than the last one: row 1 \(IRN ARM\)"):
        pair_covariates(["IRN", "ARM"], years=[2019], agreements=OWN.assign(end="2019-11-30"))
    with pytest.raises(CountryError, match=r"agreements, column exporter: .*'Iran'; did"):
        pair_covariates(["IRN", "ARM"], years=[2019], agreements=OWN.replace("IRN", "Iran"))


@pytest.mark.parametrize(
    ("group", "day", "members"),
    [
        ("EFTA", "1972-12-31", {"AUT", "CHE", "DNK", "GBR", "ISL", "NOR", "PRT", "SWE"}),
        ("EFTA", "1995-01-01", {"CHE", "ISL", "LIE", "NOR"}),
        ("SACU", "1990-01-01", {"BWA", "LSO", "SWZ", "ZAF"}),
        ("MERCOSUR", "2000-01-01", {"ARG", "BRA", "PRY", "URY"}),
        ("CACM", "1970-01-01", {"CRI", "GTM", "HND", "NIC", "SLV"}),
    ],
)
def test_groups_that_sign_agreements(group: str, day: str, members: set[str]) -> None:
    on = date.fromisoformat(day)
    there = {one.alpha3 for one in country_groups()[group] if one.start <= on <= one.end}
    assert there == members


def wto_row(tmp_path: Path, **cells: str) -> pd.DataFrame:
    """Return the pairs of one agreement of the WTO's list."""
    row = dict.fromkeys(pd.read_csv(WTO, nrows=0).columns, "")
    row |= {"RTA ID": "1", "RTA Name": "Agreement", "Type": "FTA"}
    names = {
        "begins": "Date of Entry into Force (G)",
        "services": "Date of Entry into Force (S)",
        "inactive": "Inactive Date",
        "now": "Current signatories",
        "first": "Original signatories",
        "own": "Specific Entry/Exit dates",
    }
    row |= {names[name]: cell for name, cell in cells.items()}
    path = tmp_path / "AllRTAs.csv"
    pd.DataFrame([row]).to_csv(path, index=False)
    return load(path)


def test_a_member_that_left_a_group_signs_for_itself(tmp_path: Path) -> None:
    both = "United Kingdom; European Union"
    table = wto_row(tmp_path, begins="2021-01-01", now=both, first=both)
    assert "GBR" in set(table["exporter"])
    assert ((table["exporter"] == "GBR") ^ (table["importer"] == "GBR")).all()
    assert len(table[table["importer"].isin(["DEU", "FRA"])]) == 2


def test_members_that_signed_by_name_are_the_union_and_the_others_are_no_pairs(
    tmp_path: Path,
) -> None:
    six = "Belgium; France; Germany; Italy; Luxembourg; Netherlands"
    table = wto_row(
        tmp_path, begins="1971-01-01", inactive="1976-04-01", first=f"{six}; Kenya; Uganda"
    )
    assert spells(table, "KEN", "FRA") == [["1971-01-01", "1976-03-31"]]
    assert spells(table, "KEN", "GBR") == [["1973-01-01", "1976-03-31"]], "it joined the Union then"
    assert spells(table, "KEN", "UGA") == spells(table, "FRA", "DEU") == []


def test_the_union_itself_is_pairs_of_its_members(tmp_path: Path) -> None:
    six = "Belgium; France; Germany; Italy; Luxembourg; Netherlands"
    table = wto_row(tmp_path, begins="1958-01-01", now=six, first=six)
    assert len(table) == 6 * 5


def test_services_count_where_goods_do_not_and_no_pair_is_said(tmp_path: Path) -> None:
    table = wto_row(tmp_path, services="2010-05-01", now="China; Peru", first="China; Peru")
    assert spells(table, "CHN", "PER") == [["2010-05-01"]]
    alone = wto_row(tmp_path, begins="1975-01-01", inactive="1992-07-01", first="Finland")
    assert alone.empty
    assert "1 agreements have no two parties on any day: Agreement (line 2)" in str(
        alone.attrs["report"]["warnings"]
    )
