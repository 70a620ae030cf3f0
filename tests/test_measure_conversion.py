"""Tables in another revision of the HS: bounds hold whatever split, weights are what they say."""

import datetime as dt
import math
from collections import Counter
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statements import flow_table, statement

import flows as fl
from flows.errors import DoubleCountError, SchemaError, ScopeError
from flows.products import REVISIONS, hs_codes, hs_links
from flows.scope import Scope, remember

YEARS = {revision: int(revision[2:]) + 1 for revision in REVISIONS}
FEW = settings(max_examples=20)
SUM = 1e-12  # relative: weights that add up to 1, times the value, added up


def goods(product: str, revision: str, value: float, line: int, **changes: Any) -> dict[str, Any]:
    """Armenia's imports from Iran in a year of the revision."""
    year = YEARS[revision]
    days = {"start": dt.date(year, 1, 1), "end": dt.date(year, 12, 31)}
    named = {"product": product, "classification": revision, "value": value, "line": line}
    return statement(**days, **named | changes)


@pytest.fixture
def oils() -> pd.DataFrame:
    """Of 271011 some became 271012, some 271020; of 271019 some stayed."""
    return flow_table(
        goods("271011", "HS2007", 10.0, 2),
        goods("271019", "HS2007", 20.0, 3),
        goods("271121", "HS2007", 5.0, 4),
        goods("271012", "HS2012", 30.0, 5),
        goods("271020", "HS2012", 10.0, 6),
    )


def rows_of(table: pd.DataFrame, revision: str) -> list[list[Any]]:
    rows = table[table["start"].dt.year == YEARS[revision]]
    columns = ["product", "low", "value", "high", "exact", "source_lines"]
    return rows[columns].sort_values("product").to_numpy().tolist()


def test_a_code_that_splits_has_bounds(oils: pd.DataFrame) -> None:
    result = fl.convert_products(oils, to="HS2012", weights="equal")
    assert rows_of(result.table, "HS2007") == [
        ["271012", 0.0, 5.0, 10.0, False, "2"],
        ["271019", 0.0, 10.0, 20.0, False, "3"],
        ["271020", 0.0, 15.0, 30.0, False, "2 3"],
        ["271121", 5.0, 5.0, 5.0, True, "4"],
    ]
    assert rows_of(result.table, "HS2012") == [
        ["271012", 30.0, 30.0, 30.0, True, "5"],
        ["271020", 10.0, 10.0, 10.0, True, "6"],
    ]
    assert set(result.table["classification"]) == {"HS2012"}


def test_codes_that_come_together_are_exact(oils: pd.DataFrame) -> None:
    result = fl.convert_products(oils, to="HS2007", weights="none")
    found = rows_of(result.table, "HS2012")
    assert found[0][:2] == ["271011", 30.0]
    assert math.isnan(found[0][2])
    assert found[0][3:] == [40.0, False, "5 6"]
    assert result.unweighted.to_numpy().tolist() == [["HS2012", "271020"]]
    assert "without weights: HS2012 271020" in result.summary()


def test_weights_of_a_year_that_is_reported_in_the_revision(oils: pd.DataFrame) -> None:
    result = fl.convert_products(oils, to="HS2012", weights=oils)
    assert result.weights == "values in armstat@2025-02, 2013-2013"
    values = {row[0]: row[2] for row in rows_of(result.table, "HS2007")}
    assert values == {"271012": 7.5, "271019": 0.0, "271020": 22.5, "271121": 5.0}
    none = oils[(oils["classification"] == "HS2007") | (oils["product"] == "271012")]
    lacking = fl.convert_products(none, to="HS2012", weights=none)
    assert lacking.unweighted["code"].tolist() == ["271019"]
    assert lacking.table["value"].isna().sum() == 2


def test_weights_that_somebody_states(oils: pd.DataFrame) -> None:
    stated = pd.DataFrame(
        [("HS2007", "271011", "271012", 0.9), ("HS2007", "271011", "271020", 0.1)],
        columns=["classification", "product", "into", "weight"],
    )
    result = fl.convert_products(oils, to="HS2012", weights=stated)
    found = {row[0]: row[2] for row in rows_of(result.table, "HS2007")}
    assert found["271012"] == 9.0
    assert math.isnan(found["271020"])  # some of it may be of 271019, which has no weights
    assert result.unweighted["code"].tolist() == ["271019"]
    for changed, words in (
        (
            stated.assign(weight=[0.9, 0.2]),
            "expected weights of a code that add up to 1, found 1.1",
        ),
        (stated.assign(weight=[1.1, -0.1]), "expected one weight a pair of codes, 0 or more"),
        (stated.assign(into=["271012", "271012"]), "expected one weight a pair of codes"),
        (stated.assign(into=["271012", "271019"]), "271011 has no goods in common with 271019"),
        (stated.drop(columns="into"), "the columns classification, .* missing into"),
    ):
        with pytest.raises(SchemaError, match=words):
            fl.convert_products(oils, to="HS2012", weights=changed)


def test_bounds_of_several_codes_are_closer_than_sums_of_theirs(oils: pd.DataFrame) -> None:
    result = fl.convert_products(oils, to="HS2012", weights="equal")
    old = result.bounds(["271012", "271019", "271020"]).iloc[0]
    assert (old["low"], old["high"]) == (30.0, 30.0)
    two = result.bounds(["271012", "271020"]).iloc[0]
    assert (two["low"], two["high"]) == (10.0, 30.0)
    bases = fl.join_flows([oils, oils.assign(partner_basis="consignment")])
    apart = fl.convert_products(bases, to="HS2012", weights="none").bounds(["271012", "271020"])
    assert apart[["partner_basis", "low", "high"]].head(2).to_numpy().tolist() == [
        ["origin", 10.0, 30.0],
        ["origin", 40.0, 40.0],
    ]
    unbounded = oils.assign(high=oils["high"].where(oils["product"] != "271019"))
    result = fl.convert_products(unbounded, to="HS2012", weights="none")
    assert result.bounds(["271012"]).loc[0, "high"] == 10.0
    assert math.isnan(result.bounds(["271020"]).loc[0, "high"])
    with pytest.raises(SchemaError, match="expected codes of HS2012 in the table, found no 010121"):
        result.bounds(["271012", "010121"])


def test_a_code_that_splits_and_comes_together_again_is_certain() -> None:
    through = hs_links("HS1992", "HS2007")
    split = hs_links("HS1992", "HS2002")
    codes = [code for code, ends in through.items() if len(ends) == 1 and len(split[code]) > 1]
    assert codes
    table = flow_table(*(goods(code, "HS1992", 1.0, line) for line, code in enumerate(codes)))
    whole = fl.convert_products(table, to="HS2007", weights="none").table
    assert whole["exact"].all()
    assert whole["value"].sum() == len(codes)


POOL = {
    revision: sorted(
        code for code in hs_codes(revision) if code[:4] in {"0303", "2710", "2931", "8524", "8541"}
    )
    for revision in REVISIONS
}


@st.composite
def splits(draw: st.DrawFn) -> tuple[pd.DataFrame, str, Counter[str]]:
    """Rows of a revision, another one, and what each code holds there if each splits somehow."""
    revision, to = draw(st.permutations(REVISIONS))[:2]
    codes = draw(st.lists(st.sampled_from(POOL[revision]), min_size=1, max_size=8, unique=True))
    truth: Counter[str] = Counter()
    rows = []
    for line, code in enumerate(codes, start=2):
        ends = sorted(hs_links(revision, to)[code])
        parts = draw(st.lists(st.integers(0, 10**9), min_size=len(ends), max_size=len(ends)))
        truth.update(dict(zip(ends, parts, strict=True)))
        rows.append(goods(code, revision, float(sum(parts)), line))
    return flow_table(*rows), to, truth


@FEW
@given(splits(), st.data())
def test_bounds_hold_the_truth_whatever_it_is(
    case: tuple[pd.DataFrame, str, Counter[str]], data: st.DataObject
) -> None:
    table, to, truth = case
    result = fl.convert_products(table, to=to, weights="equal")
    made = result.table.set_index("product")
    for code, value in truth.items():
        assert made.loc[code, "low"] <= value <= made.loc[code, "high"]
        if made.loc[code, "exact"]:
            assert made.loc[code, "value"] == value
    assert math.isclose(made["value"].sum(), table["value"].sum(), rel_tol=SUM)
    several = data.draw(st.sets(st.sampled_from(sorted(made.index)), min_size=1))
    together = result.bounds(several).iloc[0]
    assert together["low"] <= sum(truth[code] for code in several) <= together["high"]
    assert made.loc[list(several), "low"].sum() <= together["low"]
    assert together["high"] <= made.loc[list(several), "high"].sum()


@FEW
@given(splits())
def test_each_bound_is_reached_by_some_split(case: tuple[pd.DataFrame, str, Counter[str]]) -> None:
    table, to, _ = case
    made = fl.convert_products(table, to=to, weights="none").table
    revision = str(table["classification"].iloc[0])
    links = {code: hs_links(revision, to)[code] for code in table["product"]}
    values = dict(zip(table["product"], table["value"], strict=True))
    for row in made.itertuples():
        mine = [code for code, ends in links.items() if row.product in ends]
        assert row.high == sum(values[code] for code in mine)
        assert row.low == sum(values[code] for code in mine if len(links[code]) == 1)


def test_headings_split_as_their_codes_do() -> None:
    table = flow_table(goods("8548", "HS2017", 8.0, 2), goods("0101", "HS2017", 1.0, 3))
    made = fl.convert_products(table, to="HS2022", weights="equal").table.set_index("product")
    assert set(made.index) == {"0101", *hs_links("HS2017", "HS2022", 4)["8548"]}
    assert made["exact"].to_dict() == {code: code == "0101" for code in made.index}
    assert made.loc["8549", ["low", "high"]].tolist() == [0.0, 8.0]


def test_a_code_that_ends_stays_and_is_named() -> None:
    table = flow_table(goods("300219", "HS2017", 3.0, 2))
    result = fl.convert_products(table, to="HS2022", weights="equal")
    assert result.table[["product", "value", "exact"]].to_numpy().tolist() == [
        ["300219 of HS2017", 3.0, True]
    ]
    assert "no code in HS2022: HS2017 300219" in result.summary()


def test_series_have_the_bounds(oils: pd.DataFrame) -> None:
    table = fl.convert_products(oils, to="HS2012", weights="equal").table
    y = {
        bound: fl.series(
            table,
            exporter="IRN",
            importer="ARM",
            freq="year",
            product="271020",
            bound=bound,
        )
        for bound in ("low", None, "high")
    }
    assert [list(values) for values in y.values()] == [[0.0, 10.0], [15.0, 10.0], [30.0, 10.0]]
    assert y[None].attrs["rows"] == {"armstat@2025-02": (2, 3, 6)}


def test_what_may_be_of_a_code_must_be_there(oils: pd.DataFrame) -> None:
    remember("armstat@2025-02", Scope("all", {"imports": ("ARM",)}).of_rows(oils))
    with pytest.raises(ScopeError, match=r"1 rows that belong into the same sums .* line 2\)"):
        fl.convert_products(oils[oils["line"] != 2], to="HS2012", weights="equal")
    made = fl.convert_products(oils, to="HS2012", weights="equal").table
    share = fl.share(
        made,
        supplier="IRN",
        importer="ARM",
        start=YEARS["HS2007"],
        end=YEARS["HS2007"],
        counting=fl.Counting(products=("271020",)),
    )
    assert share.scope == "all partners"


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"to": "H4", "weights": "equal"}, ValueError, "to: no revision of the HS 'H4'"),
        ({"to": "HS2012", "weights": "even"}, ValueError, "expected 'equal', 'none' or a table"),
        (
            {"to": "HS2022", "weights": "self"},
            SchemaError,
            "expected rows in HS2022 with 6 digits, found HS2007, HS2012",
        ),
    ],
)
def test_bad_arguments(
    oils: pd.DataFrame, arguments: dict[str, Any], error: type[Exception], words: str
) -> None:
    weights = oils if arguments["weights"] == "self" else arguments["weights"]
    with pytest.raises(error, match=words):
        fl.convert_products(oils, to=arguments["to"], weights=weights)


def test_weights_of_a_table_count_each_flow_once(oils: pd.DataFrame) -> None:
    twice = fl.join_flows([oils, oils.assign(reporter="IRN", valuation="FOB")])
    with pytest.raises(DoubleCountError, match="expected one reporter in one sum"):
        fl.convert_products(oils, to="HS2012", weights=twice)
