"""Dependence of all importers on suppliers: by hand, as the functions of one country, and scope."""

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest
from mirrors import year
from statements import flow_table, statement

import flows as fl
from flows.errors import DoubleCountError, ScopeError
from flows.loaders.claims import about
from flows.scope import Scope, remember
from flows.screening import churn
from flows.screening.dependence import Dependence, DependenceRule, dependence

ROUNDING = 1e-12
GEODEP = DependenceRule.geodep()
CONCENTRATED = DependenceRule(hhi=0.4)
WORLD = Scope(partners="all", countries=about(imports=None, exports=None))


def traded(
    exporter: str, importer: str, value: float, number: int, **changes: Any
) -> dict[str, Any]:
    """CEPII says what one country sold another of one product in a year."""
    own = {"reporter": "CEPII", "valuation": "FOB", "partner_basis": "", "product": "260112"}
    goods = {"classification": "HS2012", "dataset": "baci@1", "line": 2}
    said = year(number) | own | goods | changes
    return statement(exporter=exporter, importer=importer, value=value, **said)


def world(*rows: dict[str, Any], scope: Scope = WORLD) -> pd.DataFrame:
    """Return a flow table, each row on a line of its own, whose data set makes such a claim."""
    table = flow_table(*(row | {"line": line} for line, row in enumerate(rows, start=2)))
    for dataset in table["dataset"].unique():
        remember(str(dataset), scope.of_rows(table))
    return table


def random_world(seed: int) -> pd.DataFrame:
    """Six countries, three products, five years: some do not trade, some values are equal."""
    rng = np.random.default_rng(seed)
    codes = ("ARM", "DEU", "FRA", "IRN", "RUS", "XXX")
    rows = [
        traded(seller, buyer, float(rng.integers(0, 6)) * 100, number, product=product)
        for (seller, buyer), product, number in itertools.product(
            itertools.permutations(codes, 2), ("010121", "260112", "999999"), range(2018, 2023)
        )
        if rng.random() < 0.5
    ]
    return world(*rows)


def row_of(found: Dependence, importer: str, number: int) -> pd.Series:
    rows = found.frame[(found.frame["importer"] == importer) & (found.frame["year"] == number)]
    assert len(rows) == 1
    return rows.iloc[0]


def test_a_world_of_four_countries_by_hand() -> None:
    table = world(
        traded("IRN", "ARM", 80.0, 2020),
        traded("RUS", "ARM", 20.0, 2020),
        traded("ARM", "RUS", 50.0, 2020),
        traded("IRN", "DEU", 50.0, 2020),
    )
    armenia = row_of(dependence(table, rule=GEODEP), "ARM", 2020)
    assert (armenia["imports"], armenia["suppliers"], armenia["main"]) == (100.0, 2, "IRN")
    assert armenia["hhi"] == pytest.approx(0.64 + 0.04, rel=ROUNDING)
    assert armenia["main_share"] == pytest.approx(0.8)
    assert (armenia["exports"], armenia["imports_to_exports"]) == (50.0, 2.0)
    assert armenia["world_hhi"] == pytest.approx(0.65**2 + 0.1**2 + 0.25**2, rel=ROUNDING)
    assert armenia["meets"]
    assert armenia["dependent"] is pd.NA
    germany = row_of(dependence(table, rule=GEODEP), "DEU", 2020)
    assert (germany["exports"], germany["imports_to_exports"]) == (0.0, np.inf)


@pytest.mark.parametrize("seed", range(2))
def test_every_cell_is_that_of_one_country(seed: int) -> None:
    table = random_world(seed)
    frame = dependence(table, rule=GEODEP).frame
    assert len(frame) > 40
    for row in frame.sample(20, random_state=seed).to_dict("records"):
        counting = fl.Counting(products=(row["product"],))
        years = {"start": row["year"], "end": row["year"], "counting": counting}
        alone = fl.concentration(table, importer=row["importer"], **years)
        assert row["hhi"] == pytest.approx(alone.hhi, rel=ROUNDING)
        assert (row["main"], row["scope"]) == (alone.main, alone.scope)
        assert row["imports"] == pytest.approx(alone.total, rel=ROUNDING)
        assert row["suppliers"] == (alone.partners["value"] > 0).sum()
        shares = fl.partner_shares(table, importer=row["importer"], **years).frame
        assert row["main_share"] == pytest.approx(shares["share"].max(), rel=ROUNDING)
    named = table[(table["value"] > 0) & (table["exporter"] != "XXX")]
    assert len(frame) == len(named[["importer", "product", "start"]].drop_duplicates())


def test_world_exports_are_those_of_one_importer_who_buys_everything() -> None:
    table = random_world(9)
    frame = dependence(table, rule=GEODEP).frame
    everything = table.groupby(["exporter", "product", "start"], as_index=False)["value"].sum()
    for row in frame.head(30).to_dict("records"):
        mine = everything[
            (everything["product"] == row["product"]) & (everything["start"].dt.year == row["year"])
        ]
        shares = mine["value"] / mine["value"].sum()
        assert row["world_hhi"] == pytest.approx((shares**2).sum(), rel=1e-12)


def test_neither_the_order_of_rows_nor_other_products_change_a_cell() -> None:
    table = random_world(5)
    whole = dependence(table, rule=GEODEP)
    shuffled = dependence(table.sample(frac=1, random_state=3), rule=GEODEP)
    pd.testing.assert_frame_equal(whole.frame, shuffled.frame)
    pd.testing.assert_frame_equal(whole.churn, shuffled.churn)
    one = dependence(table[table["product"] == "260112"], rule=GEODEP).frame
    same = whole.frame[whole.frame["product"] == "260112"].reset_index(drop=True)
    pd.testing.assert_frame_equal(one, same)
    some = dependence(table, rule=GEODEP, importers=["ARM"]).frame
    armenia = whole.frame[whole.frame["importer"] == "ARM"].reset_index(drop=True)
    pd.testing.assert_frame_equal(some, armenia)


def test_a_threshold_is_exceeded_by_more_than_rounding() -> None:
    """0.1, 0.2 and 0.7 have 0.54, which floats add up to more than that."""
    rows = [
        traded(code, "ARM", amount, 2020)
        for code, amount in (("IRN", 0.7), ("RUS", 0.2), ("GEO", 0.1))
    ]
    table = world(*rows)
    assert not row_of(dependence(table, rule=DependenceRule(hhi=0.54)), "ARM", 2020)["meets"]
    assert row_of(dependence(table, rule=DependenceRule(hhi=0.539)), "ARM", 2020)["meets"]


def one_supplier(*years: int) -> list[dict[str, Any]]:
    return [traded("IRN", "ARM", 10.0, number) for number in years]


def two_suppliers(*years: int) -> list[dict[str, Any]]:
    equal = ("IRN", "RUS", "GEO", "TUR")
    return [traded(code, "ARM", 10.0, number) for code in equal for number in years]


def test_two_of_three_years_by_hand() -> None:
    table = world(*one_supplier(2015, 2017, 2019), *two_suppliers(2016, 2018, 2020))
    rule = DependenceRule(hhi=0.4, years=2, of=3)
    frame = dependence(table, rule=rule).frame.set_index("year")
    assert frame["meets"].tolist() == [True, False, True, False, True, False]
    # In 2015 and 2016 one year more could have made two.
    assert frame["dependent"].tolist()[2:] == [True, False, True, False]
    assert frame["dependent"].isna().tolist() == [True, True, *[False] * 4]


def test_two_years_that_meet_decide_before_the_third_is_known() -> None:
    frame = dependence(world(*one_supplier(2015, 2016)), rule=GEODEP, horizons=(1, 5)).frame
    assert frame["dependent"].isna().tolist() == [True, False]
    assert frame["dependent"].iloc[1]


def test_churn_by_hand() -> None:
    """Of two flags of 2015, one is gone in 2016 with the imports; it is back in 2017."""
    table = world(
        *one_supplier(2015, 2017),
        *[row | {"product": "010121"} for row in one_supplier(2015, 2016, 2017)],
        *[traded("IRN", "DEU", 1.0, number) for number in (2015, 2016, 2017)],
        *[traded("RUS", "DEU", 1.0, number) for number in (2015, 2016, 2017)],
    )
    found = dependence(table, rule=CONCENTRATED, importers=["ARM"])
    by_year = found.churn[found.churn["flag"] == "year"].set_index("year")
    first = by_year.loc[2015]
    assert first[["known", "dependent", "followed", "gone", "without_imports"]].tolist() == [
        *(2, 2, 2, 1, 1)
    ]
    assert first["gone_share"] == 0.5
    assert by_year.loc[2016, ["known", "dependent", "followed", "gone"]].tolist() == [2, 1, 1, 0]
    assert by_year.loc[2017, ["dependent", "followed"]].tolist() == [2, 0]
    moves = found.transitions[found.transitions["flag"] == "year"].set_index(["from", "to"])
    assert moves["count"].to_dict() == {
        ("dependent", "dependent"): 2,
        ("dependent", "not dependent"): 1,
        ("not dependent", "dependent"): 1,
        ("not dependent", "not dependent"): 0,
    }


def test_marks_against_the_words_of_the_rule() -> None:
    """Every row of up to six marks, each year asked for by itself."""
    states = (churn.UNKNOWN, churn.NO, churn.YES, churn.ABSENT)
    marks = np.array(list(itertools.product(states, repeat=5)), dtype=np.int8)
    found = churn.lasting(marks, years=2, of=3)
    for row, lasting in zip(marks, found, strict=True):
        for at in range(5):
            window = [churn.UNKNOWN] * 2 + list(row)
            last = window[at : at + 3]
            if last.count(churn.YES) >= 2:
                expected = [churn.YES]
            elif last.count(churn.YES) + last.count(churn.UNKNOWN) >= 2:
                expected = [churn.UNKNOWN]
            else:
                expected = [churn.NO, churn.ABSENT]
            assert lasting[at] in expected


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611)],
)
def test_wilson_as_newcombe_prints_it(count: int, of: int, low: float, high: float) -> None:
    """Newcombe, R. G. (1998). Statistics in Medicine 17, 857-872, table I, method 3."""
    found = churn.proportion(pd.Series([count]), pd.Series([of]), level=0.95).iloc[0]
    assert found["_low"] == pytest.approx(low, abs=5e-5)
    assert found["_high"] == pytest.approx(high, abs=5e-5)


def test_a_group_counts_as_one_country() -> None:
    table = world(
        traded("CHN", "DEU", 60.0, 2020),
        traded("CHN", "FRA", 20.0, 2020),
        traded("USA", "FRA", 20.0, 2020),
        traded("DEU", "FRA", 50.0, 2020),
        traded("FRA", "CHN", 30.0, 2020),
    )
    commission = dependence(table, rule=DependenceRule.commission(), group="EU27_2020")
    union = row_of(commission, "EU27_2020", 2020)
    assert union["imports"] == 100.0
    assert union["hhi"] == pytest.approx(0.8**2 + 0.2**2)
    assert union["outside_share"] == pytest.approx(100 / 150)
    # The Commission divides by all exports of the members: 30 abroad, 50 to each other.
    assert union["imports_to_exports"] == pytest.approx(100 / 80)
    assert union["dependent"]
    abroad = row_of(dependence(table, rule=GEODEP, group="EU27_2020"), "EU27_2020", 2020)
    assert abroad["imports_to_exports"] == pytest.approx(100 / 30)
    assert abroad["world_hhi"] == pytest.approx((80**2 + 20**2 + 30**2) / 130**2)
    assert row_of(commission, "CHN", 2020)["main"] == "EU27_2020"


def test_a_group_needs_every_country() -> None:
    table = world(traded("CHN", "DEU", 60.0, 2020), scope=Scope(countries=about(imports=["DEU"])))
    with pytest.raises(ScopeError, match=r"group='EU27_2020': expected rows of every country"):
        dependence(table, rule=CONCENTRATED, group="EU27_2020")
    with pytest.raises(ValueError, match=r"group: expected a group of countries, found 'DEU'"):
        dependence(table, rule=CONCENTRATED, group="DEU")


def test_two_sides_speak_for_themselves() -> None:
    own = {"partner_basis": "", "dataset": "comtrade@1"}
    table = world(
        traded("IRN", "ARM", 90.0, 2020, reporter="ARM", **own),
        traded("IRN", "ARM", 70.0, 2020, reporter="IRN", **own),
        traded("GEO", "ARM", 10.0, 2020, reporter="ARM", **own),
        traded("ARM", "GEO", 25.0, 2020, reporter="ARM", **own),
        scope=Scope(countries=about(imports=["ARM", "IRN"], exports=["ARM", "IRN"])),
    )
    found = dependence(table, rule=CONCENTRATED)
    armenia = row_of(found, "ARM", 2020)
    assert (armenia["imports"], armenia["exports"]) == (100.0, 25.0)
    assert armenia["scope"] == "scope not stated"
    assert np.isnan(armenia["world_hhi"])
    assert "world_hhi is missing" in " ".join(found.notes)
    alone = fl.concentration(
        fl.select_flows(table, reporter="ARM"), importer="ARM", start=2020, end=2020
    )
    assert armenia["hhi"] == pytest.approx(alone.hhi)


def test_own_goods_that_come_back_are_imports_and_no_exports() -> None:
    own = {"reporter": "ARM", "dataset": "comtrade@1"}
    table = world(
        traded("IRN", "ARM", 90.0, 2020, **own),
        traded("ARM", "ARM", 10.0, 2020, **own),
        scope=Scope(countries=about(imports=["ARM"], exports=["ARM"])),
    )
    armenia = row_of(dependence(table, rule=CONCENTRATED), "ARM", 2020)
    alone = fl.concentration(table, importer="ARM", start=2020, end=2020)
    assert (armenia["imports"], armenia["hhi"]) == (alone.total, pytest.approx(alone.hhi))
    assert np.isnan(armenia["exports"])


def printed(value: float) -> Scope:
    """The publisher prints what Armenia imports from the world in 2020, in whole dollars."""
    total = {"of": "imports", "country": "ARM", "reporter": "CEPII", **year(2020), "digit": 1.0}
    goods = {"product": "260112", "classification": "HS2012", "valuation": "FOB", "line": 1}
    frame = pd.DataFrame([{**total, **goods, "partner_basis": "", "value": value}])
    return Scope(totals=frame.astype({"start": "datetime64[s]", "end": "datetime64[s]"}))


@pytest.mark.parametrize(("value", "scope"), [(100.0, "all partners"), (160.0, "printed total")])
def test_printed_totals_say_what_the_rows_are(value: float, scope: str) -> None:
    rows = (traded("IRN", "ARM", 80.0, 2020), traded("RUS", "ARM", 20.0, 2020))
    armenia = row_of(dependence(world(*rows, scope=printed(value)), rule=CONCENTRATED), "ARM", 2020)
    assert (armenia["imports"], armenia["scope"]) == (value, scope)
    assert np.isnan(armenia["hhi"]) == (scope == "printed total")
    assert (armenia["meets"] is pd.NA) == (scope == "printed total")


def test_some_partners_only_are_refused_or_left_out() -> None:
    rows = (traded("IRN", "ARM", 80.0, 2020), traded("IRN", "DEU", 20.0, 2020))
    named = Scope(partners="named", countries=about(imports=["ARM", "DEU"]))
    with pytest.raises(ScopeError, match="expected all partners of Armenia in its imports"):
        dependence(world(*rows, scope=named), rule=CONCENTRATED)
    one = Scope(partners="all", countries=about(imports=["DEU"]))
    found = dependence(world(*rows, scope=one), rule=CONCENTRATED)
    assert found.frame["importer"].tolist() == ["DEU"]
    assert found.left_out["importer"].tolist() == ["ARM"]
    assert "expected all partners of Armenia" in found.left_out["reason"].iloc[0]


def test_filtered_rows_are_refused() -> None:
    table = random_world(1)
    with pytest.raises(ScopeError, match="are not in the table any more"):
        dependence(table[table["importer"] == "ARM"], rule=GEODEP)
    stated = fl.state_whole(table[table["importer"] == "ARM"], reason="Armenia is the world")
    assert set(dependence(stated, rule=GEODEP).frame["importer"]) == {"ARM"}


def test_products_of_two_classifications_are_no_world() -> None:
    table = world(
        traded("IRN", "ARM", 1.0, 2020), traded("RUS", "DEU", 1.0, 2020, classification="HS2017")
    )
    with pytest.raises(
        DoubleCountError, match="expected one classification, found 'HS2012', 'HS2017'"
    ):
        dependence(table, rule=GEODEP)


def test_codes_of_another_year_may_be_of_another_classification() -> None:
    later = {"classification": "HS2017"}
    table = world(traded("IRN", "ARM", 1.0, 2016), traded("IRN", "ARM", 2.0, 2017, **later))
    found = dependence(table, rule=GEODEP)
    assert found.frame["imports"].tolist() == [1.0, 2.0]
    assert "several classifications (HS2012, HS2017)" in " ".join(found.notes)
    again = traded("RUS", "ARM", 2.0, 2016, **later)
    with pytest.raises(DoubleCountError, match="imports of ARM: expected one classification"):
        dependence(world(traded("IRN", "ARM", 1.0, 2016), again), rule=GEODEP)


def test_a_chapter_may_stand_beside_its_products() -> None:
    rows = [traded("IRN", "ARM", 9.0, 2020, product=code) for code in ("26", "260112", "TOTAL")]
    assert dependence(world(*rows), rule=GEODEP).frame["product"].tolist() == [
        *("26", "260112", "TOTAL")
    ]


def test_months_are_added_to_whole_years_only() -> None:
    spans = [
        (f"2020-{month:02}-01", pd.Timestamp(2020, month, 1) + pd.offsets.MonthEnd())
        for month in range(1, 13)
    ]
    rows = [traded("IRN", "ARM", 1.0, 2020, start=start, end=end) for start, end in spans]
    rows += [traded("IRN", "ARM", 1.0, 2021, start="2021-01-01", end="2021-01-31")]
    found = dependence(world(*rows), rule=CONCENTRATED)
    assert found.frame[["year", "imports"]].to_numpy().tolist() == [[2020, 12.0]]
    assert found.left_out["year"].tolist() == ["2021"]


def test_thresholds_and_arguments_are_checked() -> None:
    table = random_world(1)
    for wrong, message in (
        ({"horizons": (0,)}, "horizons: expected years of at least 1"),
        ({"level": 1.0}, "level: expected a share between 0 and 1"),
        ({"start": 2019}, "expected start and end, or neither"),
        ({"importers": ["USA"]}, "importers: expected countries with imports"),
    ):
        with pytest.raises(ValueError, match=message):
            dependence(table, rule=GEODEP, **wrong)
    with pytest.raises(ValueError, match="expected a threshold, found none"):
        DependenceRule()
    with pytest.raises(ValueError, match="expected 1 <= years <= of"):
        DependenceRule(hhi=0.4, years=3, of=2)


def test_what_is_printed() -> None:
    found = dependence(random_world(2), rule=GEODEP, horizons=(1, 2))
    text = found.summary()
    assert "hhi above 0.4 and world_hhi above 0.4 and imports_to_exports above 1" in text
    assert "GeoDep of CEPII" in text
    assert found.tidy().equals(found.frame)
