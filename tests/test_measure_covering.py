"""A share is of everything, of a printed total, or refused; what pandas does to a table is safe."""

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from statements import flow_table, statement

import flows as fl
from flows.errors import DoubleCountError, FlowsError, PeriodError, ScopeError
from flows.scope import Scope, remember

MAIN, BEFORE = "sipri-deal-years@2025-03", "sipri-deal-years@2022-03"
WINDOW: dict[str, Any] = {"start": 2016, "end": 2020}
PAIR: dict[str, Any] = {"supplier": "ISR", "importer": "AZE", **WINDOW, "dataset": MAIN}
OF: dict[str, Any] = {"importer": "AZE", **WINDOW, "dataset": MAIN}

Measure = Callable[[pd.DataFrame], Any]
MEASURES: dict[str, Measure] = {
    "share": lambda table: fl.share(table, **PAIR).value,
    "share_bounds": lambda table: (
        fl.share_bounds(table, **PAIR, rules=[fl.rules.UncertainYear(within=1)]).high
    ),
    "share_posterior": lambda table: (
        fl.share_posterior(table, **PAIR, draws=200, rng=1, level=0.9).low
    ),
    "deal_influence": lambda table: len(fl.deal_influence(table, **PAIR).deals),
    "partner_shares": lambda table: fl.partner_shares(table, **OF).frame["share"].tolist(),
    "rolling_partner_shares": lambda table: len(
        fl.rolling_partner_shares(table, **OF, years=3).frame
    ),
    "concentration": lambda table: fl.concentration(table, **OF).hhi,
    "rolling_concentration": lambda table: (
        fl.rolling_concentration(table, **OF, years=3).frame["hhi"].tolist()
    ),
    "supplier_years": lambda table: (
        fl.supplier_years(table, importer="AZE", dataset=MAIN).shares["ISR"].sum()
    ),
    "series": lambda table: fl.series(
        table, exporter="ISR", importer="AZE", freq="year", dataset=MAIN, absent="zero"
    ).tolist(),
    "total": lambda table: fl.series(
        table, importer="AZE", freq="year", dataset=MAIN, absent="zero"
    ).tolist(),
    "share of a group": lambda table: fl.share(table, **(PAIR | {"supplier": "CIS"})).value,
}
ALL_YEARS = {"supplier_years", "series", "total"}
"""Those that ask for every year."""


def through_pickle(table: pd.DataFrame) -> pd.DataFrame:
    back: pd.DataFrame = pickle.loads(pickle.dumps(table))  # noqa: S301 - written just before
    return back


def with_names(table: pd.DataFrame) -> pd.DataFrame:
    names = pd.DataFrame({"exporter": table["exporter"].unique()}).assign(named=True)
    return table.merge(names, on="exporter", how="left")


HARMLESS: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "copy": lambda table: table.copy(),
    "sort": lambda table: table.sort_values(["value", "line"], ascending=False),
    "shuffle": lambda table: table.sample(frac=1, random_state=1),
    "concat with another release": lambda table: pd.concat(
        [fl.load(BEFORE), table], ignore_index=True
    ),
    "merge": with_names,
    "pickle": through_pickle,
    "new index": lambda table: table.set_index("line", drop=False),
}

HARMFUL: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "years": lambda table: table[table["start"].dt.year >= 2018],
    "product": lambda table: table[table["product"] == "missiles"],
    "one supplier": lambda table: table[table["exporter"] == "ISR"],
    "one row less": lambda table: table.drop(
        index=table.index[(table["exporter"] == "ISR") & (table["start"].dt.year == 2017)][:1]
    ),
}


@pytest.fixture(scope="module")
def arms() -> pd.DataFrame:
    return fl.load(MAIN)


@pytest.mark.parametrize("step", HARMLESS)
@pytest.mark.parametrize("measure", MEASURES)
def test_a_step_that_loses_nothing_changes_nothing(
    measure: str, step: str, arms: pd.DataFrame
) -> None:
    assert MEASURES[measure](HARMLESS[step](arms)) == MEASURES[measure](arms)


@pytest.mark.parametrize("measure", MEASURES)
def test_a_table_comes_back_from_parquet(measure: str, arms: pd.DataFrame, tmp_path: Path) -> None:
    arms.to_parquet(tmp_path / "arms.parquet")
    back = pd.read_parquet(tmp_path / "arms.parquet")
    assert MEASURES[measure](back) == MEASURES[measure](arms)


@pytest.mark.parametrize("step", HARMFUL)
@pytest.mark.parametrize("measure", MEASURES)
def test_a_filter_that_takes_what_is_counted_is_refused(
    measure: str, step: str, arms: pd.DataFrame
) -> None:
    filtered = HARMFUL[step](arms)
    if (measure, step) == ("series", "one supplier"):
        assert MEASURES[measure](filtered) == MEASURES[measure](arms)
        return
    with pytest.raises(ScopeError, match=rf"rows that this counts .*\({MAIN} lines? \d+"):
        MEASURES[measure](filtered)


@pytest.mark.parametrize("measure", sorted(MEASURES.keys() - ALL_YEARS))
def test_years_that_are_not_asked_for_may_be_gone(measure: str, arms: pd.DataFrame) -> None:
    near = arms[arms["start"].dt.year.between(2015, 2021)]
    assert MEASURES[measure](near) == MEASURES[measure](arms)


@pytest.mark.parametrize("measure", MEASURES)
def test_what_a_groupby_leaves_is_no_flow_table(measure: str, arms: pd.DataFrame) -> None:
    sums = arms.groupby(["exporter", "importer"], as_index=False)["value"].sum()
    with pytest.raises((FlowsError, ValueError), match="expected"):
        MEASURES[measure](sums)


def test_a_statement_of_the_caller_is_recorded(arms: pd.DataFrame) -> None:
    late = fl.state_whole(arms[arms["start"].dt.year >= 2018], reason="a part of the story")
    share = fl.share(late, **PAIR)
    assert round(100 * share.value, 2) == 63.94
    assert share.scope == "stated to be the whole: a part of the story"
    both = pd.concat([late, arms[arms["start"].dt.year < 2018]])
    assert fl.share(both, **PAIR).scope == "all partners", "not all rows are stated to be it"
    with pytest.raises(ValueError, match="expected why"):
        fl.state_whole(arms, reason=" ")


def trade(*rows: tuple[str, float], **changes: Any) -> pd.DataFrame:
    stated = [
        statement(exporter=code, value=value, line=line, dataset="own.csv@0a1b2c3d", **changes)
        for line, (code, value) in enumerate(rows, start=2)
    ]
    return flow_table(*stated)


YEAR = {"start": pd.Timestamp(2023, 1, 1), "end": pd.Timestamp(2023, 12, 31)}
ASKED: dict[str, Any] = {"importer": "ARM", "start": 2023, "end": 2023}


def printed(value: float) -> pd.DataFrame:
    row = {
        "of": "imports",
        "country": "ARM",
        "reporter": "ARM",
        **YEAR,
        "product": "TOTAL",
        "classification": "TOTAL",
        "valuation": "CIF",
        "partner_basis": "origin",
        "value": value,
        "digit": 1.0,
        "line": 9,
    }
    return pd.DataFrame([row])


def kept(table: pd.DataFrame, **claims: Any) -> pd.DataFrame:
    remember("own.csv@0a1b2c3d", Scope(**claims).of_rows(table))
    return table


def test_a_printed_total_is_the_denominator_of_some_partners() -> None:
    two = kept(trade(("IRN", 30.0), ("RUS", 50.0), **YEAR), partners="named", totals=printed(200.0))
    share = fl.share(two, supplier="IRN", **ASKED)
    assert (share.value, share.denominator, share.scope) == (0.15, 200.0, "printed total")
    frame = fl.partner_shares(two, **ASKED).frame
    assert frame["partner"].tolist() == ["RUS", "IRN", "others"]
    assert frame["share"].tolist() == [0.25, 0.15, 0.6]
    with pytest.raises(ScopeError, match=r"the share of China .* is not known"):
        fl.share(two, supplier="CHN", **ASKED)
    for measure in (
        lambda: fl.concentration(two, **ASKED),
        lambda: fl.share_bounds(two, supplier="IRN", **ASKED, rules=[fl.rules.RoundedCell(0.5)]),
    ):
        with pytest.raises(ScopeError, match="expected every partner"):
            measure()


def test_a_sum_that_is_the_printed_total_is_of_all_partners() -> None:
    whole = kept(trade(("IRN", 30.0), ("RUS", 50.0), **YEAR), totals=printed(80.0))
    share = fl.share(whole, supplier="CHN", **ASKED)
    assert (share.value, share.scope) == (0.0, "all partners")


def test_the_index_of_the_largest_partners_has_bounds() -> None:
    five = [("RUS", 40.0), ("CHN", 20.0), ("IRN", 10.0)]
    largest = kept(trade(*five, **YEAR), partners="largest", largest=3, totals=printed(95.0))
    found = fl.concentration(largest, **ASKED)
    squares = [40.0**2, 20.0**2, 10.0**2]
    low = sum(squares) / 95.0**2
    # The rest of 25 is at most two partners of 10 and one of 5.
    assert found.bounds["hhi"] == pytest.approx((low, low + (2 * 10.0**2 + 5.0**2) / 95.0**2))
    assert (found.cr1, found.cr3) == pytest.approx((40 / 95, 70 / 95))
    assert pd.isna(found.hhi)
    with pytest.raises(ScopeError, match=r"3 largest partners only.* at most 10"):
        fl.share(largest, supplier="GEO", **ASKED)


@pytest.mark.parametrize("partners", ["named", "largest"])
def test_without_a_printed_total_some_partners_have_no_share(partners: str) -> None:
    some = kept(trade(("IRN", 30.0), **YEAR), partners=partners)
    with pytest.raises(ScopeError, match="expected all partners of Armenia"):
        fl.share(some, supplier="IRN", **ASKED)
    with pytest.raises(ScopeError, match="expected all partners of Armenia"):
        fl.partner_shares(some, **ASKED)


def test_a_total_of_half_the_window_is_none() -> None:
    some = kept(
        trade(("IRN", 30.0), **YEAR), partners="named", totals=printed(200.0), years=(2022, 2023)
    )
    longer = {**ASKED, "start": 2022}
    with pytest.raises(ScopeError, match="no printed total for 2022-2023"):
        fl.share(some, supplier="IRN", **longer)


def test_partners_above_their_printed_total_are_refused() -> None:
    above = kept(trade(("IRN", 30.0), ("RUS", 50.0), **YEAR), totals=printed(70.0))
    with pytest.raises(ScopeError, match="add up to the printed total 70 at most, found 80"):
        fl.share(above, supplier="IRN", **ASKED)


def test_a_small_rest_of_the_printed_total_is_somebody_s() -> None:
    nearly = kept(trade(("IRN", 30000.0), ("RUS", 50000.0), **YEAR), totals=printed(80040.0))
    assert fl.share(nearly, supplier="IRN", **ASKED).scope == "printed total"
    with pytest.raises(ScopeError, match=r"not known: .* periods$"):
        fl.share(nearly, supplier="GEO", **ASKED)


def test_the_line_of_a_printed_total_is_in_the_share() -> None:
    two = kept(trade(("IRN", 30.0), ("RUS", 50.0), **YEAR), partners="named", totals=printed(200.0))
    assert fl.share(two, supplier="IRN", **ASKED).lines == {"own.csv@0a1b2c3d": (2, 3, 9)}


def test_years_of_one_supplier_alone_have_no_shares() -> None:
    one = trade(("ISR", 30.0), importer="AZE", **YEAR)
    kept(one, partners="all", countries={"imports": (), "exports": ("ISR",)}, years=(2023, 2023))
    with pytest.raises(ScopeError, match="expected all partners of Azerbaijan"):
        fl.supplier_years(one, importer="AZE")
    with pytest.raises(ScopeError, match="expected all importers"):
        fl.supplier_context(
            pd.concat([one, one.assign(importer="ARM", line=7)], ignore_index=True),
            importer="AZE",
            start=2023,
            end=2023,
            min_volume=1.0,
        )


def test_a_product_that_is_counted_has_its_own_printed_total() -> None:
    gas = {"product": "271121", "classification": "HS2017"}
    oil = statement(exporter="RUS", product="270900", classification="HS2017", line=8, **YEAR)
    both = pd.concat(
        [trade(("IRN", 30.0), **YEAR, **gas), flow_table(oil | {"dataset": "own.csv@0a1b2c3d"})]
    )
    kept(both, totals=printed(60.0).assign(**gas))
    counted = fl.share(both, supplier="IRN", **ASKED, counting=fl.Counting(products=("271121",)))
    assert (counted.value, counted.scope) == (0.5, "printed total")


def test_a_begun_year_is_no_year() -> None:
    months = [
        statement(
            start=pd.Timestamp(2024, month, 1),
            end=pd.Timestamp(2024, month, 1) + pd.offsets.MonthEnd(),
            line=month + 1,
            dataset="own@2024",
        )
        for month in (1, 2)
    ]
    begun = flow_table(*months)
    asked: dict[str, Any] = {"start": 2024, "end": 2024}
    for measure in (
        lambda: fl.share(begun, supplier="IRN", importer="ARM", **asked),
        lambda: fl.partner_shares(begun, importer="ARM", **asked),
        lambda: fl.concentration(begun, importer="ARM", **asked),
    ):
        with pytest.raises(PeriodError, match="2024: expected rows of ARM for the whole year"):
            measure()


def test_another_statement_of_the_same_flows_may_be_gone() -> None:
    bases = [
        statement(exporter=code, partner_basis=basis, value=value, line=line, **YEAR)
        for line, (code, basis, value) in enumerate(
            [
                ("IRN", "origin", 30.0),
                ("RUS", "origin", 70.0),
                ("IRN", "consignment", 40.0),
                ("RUS", "consignment", 60.0),
            ],
            start=2,
        )
    ]
    both = flow_table(*(row | {"dataset": "own.csv@0a1b2c3d"} for row in bases))
    kept(both, partners="all", countries={"imports": None})
    origin = fl.select_flows(both, partner_basis="origin")
    assert fl.share(origin, supplier="IRN", **ASKED).value == 0.3
    with pytest.raises(ScopeError, match="1 of 2 rows"):
        fl.share(origin[origin["exporter"] == "IRN"], supplier="IRN", **ASKED)


def test_rows_of_a_file_that_nobody_loaded_are_refused() -> None:
    unknown = trade(("IRN", 30.0), **YEAR).assign(dataset="own.csv@ffffffff")
    with pytest.raises(ScopeError, match="load the file again"):
        fl.share(unknown, supplier="IRN", **ASKED)


def test_a_table_made_by_hand_says_that_its_scope_is_not_stated() -> None:
    by_hand = trade(("IRN", 30.0), ("RUS", 10.0), **YEAR).assign(dataset="by hand")
    share = fl.share(by_hand, supplier="IRN", **ASKED)
    assert (share.value, share.scope) == (0.75, "scope not stated")


def test_what_a_source_does_not_name_is_pointed_to() -> None:
    world = kept(
        trade(("XXA", 30.0), ("RUS", 10.0), **YEAR),
        partners="all",
        countries={"imports": None, "exports": None},
        unnamed={"TWN": "XXA"},
    )
    with pytest.raises(ScopeError, match="does not name Taiwan; its trade is in XXA"):
        fl.share(world, supplier="TWN", **ASKED)
    assert fl.share(world, supplier="XXA", **ASKED).value == 0.75


TABLE = """"TIV of arms {title}, 2016-2017",,,
,,,
,2016,2017,Total
{rows}
,,,
Total,{totals}
"""
"""A table of the site until 2023: one supplier's exports, or one recipient's imports."""


def tiv_table(folder: Path, name: str, title: str, rows: str, totals: str) -> pd.DataFrame:
    path = folder / name
    path.write_text(TABLE.format(title=title, rows=rows, totals=totals), encoding="utf-8")
    return fl.load(path)


@pytest.fixture
def tables(tmp_path: Path) -> dict[str, pd.DataFrame]:
    """Three tables in which what Israel delivered to Azerbaijan stands twice."""
    israel = "Azerbaijan,20,10,30\nIndia,40,,40", "60,10,70"
    russia = "Azerbaijan,5,5,10\nIndia,50,50,100", "55,55,110"
    imports = "Israel,20,10,30\nRussia,5,5,10\nTurkey,10,,10", "35,15,50"
    return {
        "ISR": tiv_table(tmp_path, "israel.csv", "exports from Israel", *israel),
        "RUS": tiv_table(tmp_path, "russia.csv", "exports from Russia", *russia),
        "AZE": tiv_table(tmp_path, "azerbaijan.csv", "imports to Azerbaijan", *imports),
    }


TWO_YEARS: dict[str, Any] = {"start": 2016, "end": 2017}


def test_tables_of_some_suppliers_are_no_imports(tables: dict[str, pd.DataFrame]) -> None:
    two = fl.join_flows([tables["ISR"], tables["RUS"]])
    asked: dict[str, Any] = {"supplier": "ISR", "importer": "AZE", **TWO_YEARS}
    with pytest.raises(DoubleCountError, match=r"all exports of ISR.*none of them holds all impo"):
        fl.share(two, **asked)
    assert fl.share(two, **asked, of="exports").value == 30 / 70
    stated = fl.state_whole(two, reason="nobody else delivered")
    share = fl.share(stated, **asked)
    assert share.value == 30 / 40
    assert share.scope == "stated to be the whole: nobody else delivered"
    names = [str(tables[code]["dataset"].iloc[0]) for code in ("ISR", "RUS")]
    assert share.dataset == " and ".join(names)
    assert sorted(share.lines) == names
    bounds = fl.share_bounds(stated, **asked, rules=[fl.rules.RoundedCell(half=0.5)])
    assert (bounds.low, bounds.high) == (29 / 40, 31 / 40)
    found = fl.concentration(stated, importer="AZE", **TWO_YEARS)
    assert found.hhi == (30 / 40) ** 2 + (10 / 40) ** 2


def test_the_table_that_holds_all_is_pointed_to(tables: dict[str, pd.DataFrame]) -> None:
    every = fl.join_flows(list(tables.values()))
    israel, _, azerbaijan = (str(table["dataset"].iloc[0]) for table in tables.values())
    asked: dict[str, Any] = {"supplier": "ISR", "importer": "AZE", **TWO_YEARS}
    with pytest.raises(
        DoubleCountError, match=f"choose dataset='{azerbaijan}', which holds all im"
    ):
        fl.share(every, **asked)
    with pytest.raises(DoubleCountError, match=f"choose dataset='{israel}', which holds all expo"):
        fl.share(every, **asked, of="exports")
    assert fl.share(every, **asked, dataset=azerbaijan).value == 30 / 50
    assert fl.share(every, **asked, of="exports", dataset=israel).value == 30 / 70
    with pytest.raises(DoubleCountError, match="ISR to AZE: expected one dataset in one sum"):
        fl.share(fl.state_whole(every, reason="all of it"), **asked)


def test_all_tables_of_suppliers_give_the_share_of_the_real_files(shared_data: Path) -> None:
    folder = shared_data / "sipri" / "tiv-tables-2022-03"
    every = fl.join_flows([fl.load(path) for path in sorted(folder.glob("*.csv"))])
    whole = fl.state_whole(every, reason="the tables of all suppliers")
    share = fl.share(whole, supplier="ISR", importer="AZE", **WINDOW)
    assert (share.numerator, share.denominator) == (696.0, 1002.0)


@pytest.mark.parametrize("step", ["one supplier", "one row less"])
def test_rows_of_large_files_are_kept_small_and_missed_alike(
    step: str, arms: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    filtered = HARMFUL[step](arms)
    with pytest.raises(ScopeError) as large:
        fl.share(filtered, **PAIR)
    monkeypatch.setattr("flows.scope._MANY", 1)
    again = fl.load(MAIN)
    assert fl.share(again, **PAIR).value == fl.share(arms, **PAIR).value
    with pytest.raises(ScopeError) as small:
        fl.share(filtered, **PAIR)
    assert str(small.value) == str(large.value)
