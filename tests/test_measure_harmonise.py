"""Tables added up by families of HS codes: exact sums, lines and scopes kept, the rest refused."""

import datetime as dt
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statements import flow_table, statement

import flows as fl
from flows import scope as scopes
from flows.errors import DoubleCountError, FlowsError, SchemaError, ScopeError
from flows.loaders import load
from flows.measure.covering import ALL_PARTNERS, PRINTED_TOTAL
from flows.measure.families import product_families
from flows.products import hs_codes
from flows.scope import Scope, remember

OILS = "271012+3"
"""Light oils and others, of which HS2012 took those with biodiesel out."""

YEARS = {"HS2007": 2010, "HS2012": 2013}
FEW = settings(max_examples=20)


def goods(product: str, revision: str, value: float, line: int, **changes: Any) -> dict[str, Any]:
    """Armenia's imports from Iran in a year of the revision."""
    year = YEARS.get(revision, 2019)
    days = {"start": dt.date(year, 1, 1), "end": dt.date(year, 12, 31)}
    return statement(
        **{
            **days,
            "product": product,
            "classification": revision,
            "value": value,
            "line": line,
            **changes,
        }
    )


@pytest.fixture
def oils() -> pd.DataFrame:
    return flow_table(
        goods("271011", "HS2007", 10.0, 2, low=9.0),
        goods("271019", "HS2007", 20.0, 3, high=float("nan"), estimate=True),
        goods("271121", "HS2007", 5.0, 4),
        goods("271012", "HS2012", 7.0, 5),
        goods("271020", "HS2012", 1.0, 6),
        goods("TOTAL", "TOTAL", 99.0, 7),
    )


def test_rows_of_a_family_become_one(oils: pd.DataFrame) -> None:
    result = fl.harmonise_products(oils)
    columns = ["product", "classification", "value", "low", "high", "estimate", "source_lines"]
    rows = result.table[columns].astype(object).where(result.table[columns].notna(), None)
    span = "HS2007-HS2012"
    assert rows.to_numpy().tolist() == [
        [OILS, span, 30.0, 29.0, None, True, "2 3"],
        ["271121", span, 5.0, 5.0, 5.0, False, "4"],
        [OILS, span, 8.0, 8.0, 8.0, False, "5 6"],
        ["TOTAL", "TOTAL", 99.0, 99.0, 99.0, False, "7"],
    ]
    assert result.combined["line"].tolist() == [2, 3, 5, 6]
    assert result.combined["into"].tolist() == [0, 0, 2, 2]
    assert result.unseen[["classification", "product"]].to_numpy().tolist() == [
        ["HS2012", "271019"],
        ["HS2012", "271121"],
    ]


def test_every_measure_takes_a_family_and_keeps_the_lines(oils: pd.DataFrame) -> None:
    table = fl.harmonise_products(oils).table
    y = fl.series(table, exporter="IRN", importer="ARM", freq="year", product=OILS)
    assert y.to_dict() == {pd.Period("2010"): 30.0, pd.Period("2013"): 8.0}
    assert y.attrs["rows"] == {"armstat@2025-02": (2, 3, 5, 6)}
    share = fl.share(
        table,
        supplier="IRN",
        importer="ARM",
        start=2013,
        end=2013,
        counting=fl.Counting(products=(OILS,)),
    )
    assert (share.numerator, share.value) == (8.0, 1.0)
    assert share.lines == {"armstat@2025-02": (5, 6)}


def test_what_was_made_is_not_added_to_what_it_was_made_of(oils: pd.DataFrame) -> None:
    both = fl.join_flows([oils, fl.harmonise_products(oils).table])
    with pytest.raises(DoubleCountError, match="expected one vintage of a data set in one sum"):
        fl.series(both, exporter="IRN", importer="ARM", freq="year")


POOL = {
    revision: sorted(code for code in hs_codes(revision) if code[:4] in {"2710", "2711", "0303"})
    for revision in YEARS
}
cells = st.tuples(
    st.sampled_from(["IRN", "RUS"]),
    st.sampled_from(sorted(YEARS)).flatmap(
        lambda revision: st.tuples(st.just(revision), st.sampled_from(POOL[revision]))
    ),
    st.integers(min_value=0, max_value=10**12),
)
tables = st.lists(cells, min_size=1, max_size=25, unique_by=lambda cell: cell[:2]).map(
    lambda rows: flow_table(
        *(
            goods(code, revision, float(value), line, exporter=exporter)
            for line, (exporter, (revision, code), value) in enumerate(rows, start=2)
        )
    )
)


@FEW
@given(tables, st.sampled_from([6, 4, 2]))
def test_sums_are_exact_whatever_the_order(table: pd.DataFrame, digits: int) -> None:
    level = table.assign(product=table["product"].str[:digits])
    once = level.drop_duplicates(["exporter", "start", "product"])
    families = product_families("HS2007", "HS2012", digits=digits)
    expected: Counter[tuple[str, int, str]] = Counter()
    for row in once.itertuples():
        family = families.family_of(str(row.product), classification=str(row.classification))
        expected[str(row.exporter), row.start.year, family] += int(row.value)  # type: ignore[union-attr]
    shuffled = once.sample(frac=1, random_state=0)
    for rows in (once, shuffled):
        made = fl.harmonise_products(rows, first="HS2007", last="HS2012").table
        found = {
            (row.exporter, row.start.year, row.product): int(row.value)  # type: ignore[union-attr]
            for row in made.itertuples()
        }
        assert found == dict(expected)
        assert sorted(" ".join(made["source_lines"]).split()) == sorted(map(str, once["line"]))


def test_rows_of_another_level_are_left_out_on_demand() -> None:
    table = flow_table(
        goods("27", "HS2007", 35.0, 2),
        goods("2710", "HS2007", 30.0, 3),
        goods("271011", "HS2007", 10.0, 4),
        goods("271019", "HS2007", 20.0, 5),
        goods("2710", "HS2012", 8.0, 6),
    )
    with pytest.raises(DoubleCountError, match="1 rows of 2, 2 rows of 4, 2 rows of 6: each"):
        fl.harmonise_products(table)
    result = fl.harmonise_products(table, digits=4)
    assert result.table["product"].tolist() == ["2710", "2710"]
    assert result.left_out["line"].tolist() == [2, 4, 5]
    with pytest.raises(SchemaError, match="digits=8: expected codes of so many digits, found 2, 4"):
        fl.harmonise_products(table, digits=8)


def test_national_codes_are_shortened_on_demand_only() -> None:
    table = flow_table(
        goods("27101110", "HS2007", 1.0, 2),
        goods("27101190", "HS2007", 2.0, 3),
        goods("27101210", "HS2012", 4.0, 4),
    )
    with pytest.raises(SchemaError, match=r"found 8 digits .* lines 2, 3, 4.*shorten=True"):
        fl.harmonise_products(table)
    result = fl.harmonise_products(table, shorten=True)
    assert result.table["value"].tolist() == [3.0, 4.0]
    assert result.shortened == 3


def test_codes_beside_the_hs_are_known_for_what_they_are() -> None:
    old = {"start": dt.date(1994, 1, 1), "end": dt.date(1994, 12, 31)}
    table = flow_table(
        goods("271011", "HS1992", 1.0, 2, **old),
        goods("271022", "HS1992", 2.0, 3, **old),
        goods("9999AA", "HS1992", 4.0, 4, **old),
        goods("271012", "HS2012", 8.0, 5),
        goods("999999", "HS2012", 16.0, 6),
    )
    result = fl.harmonise_products(table)
    oil, unspecified = result.table["product"].unique()
    assert unspecified == "999999"
    assert result.table.groupby("product", sort=False)["value"].agg(list).to_dict() == {
        oil: [3.0, 8.0],
        unspecified: [4.0, 16.0],
    }
    codes = result.families.codes(oil)
    assert "271000" in codes.loc[codes["classification"] == "HS1992", "product"].tolist()


def test_a_whole_heading_in_one_code_puts_its_families_together() -> None:
    table = flow_table(
        goods("271000", "HS2007", 1.0, 2, dataset="baci-2007@202301"),
        goods("271121", "HS2007", 2.0, 3, dataset="baci-2007@202301"),
        goods("271000", "HS2012", 4.0, 4, dataset="baci-2012@202301"),
    )
    result = fl.harmonise_products(table)
    assert result.families.together == ("2710",)
    assert result.table["classification"].unique() == ["HS2007-HS2012 with 2710 together"]
    assert result.table["value"].tolist() == [1.0, 2.0, 4.0]
    assert not result.unseen["product"].str.startswith("2710").any()
    beside = flow_table(goods("271000", "HS2012", 1.0, 2), goods("271012", "HS2012", 2.0, 3))
    with pytest.raises(DoubleCountError, match="expected 271012 or 271000, found both in one time"):
        fl.harmonise_products(beside, first="HS2007")


IN_2010 = {"start": dt.date(2010, 1, 1), "end": dt.date(2010, 12, 31)}

FAULTS: dict[str, tuple[list[dict[str, Any]], type[FlowsError], str]] = {
    "no year": (
        [goods("271011", "HS", 1.0, 2)],
        SchemaError,
        r"found 'HS' without its year \(armstat@2025-02 line 2\).*classification='HS2017'",
    ),
    "another system": (
        [goods("334", "SITC3", 1.0, 2), goods("321", "BEC4", 1.0, 3)],
        SchemaError,
        r"expected revisions of the HS \(HS1992 to HS2022\), found 'BEC4', 'SITC3'",
    ),
    "arms": ([goods("missiles", "SIPRI", 1.0, 2)], SchemaError, "found 'SIPRI'"),
    "of another revision": (
        [goods("271012", "HS2007", 1.0, 2), goods("271122", "HS2007", 1.0, 3)],
        SchemaError,
        r"'271012', which is of HS2012, HS2017, HS2022 \(.* line 2\); .* '271122'; the nearest of",
    ),
    "two revisions of one year": (
        [
            goods("271011", "HS2007", 1.0, 2),
            goods("271121", "HS2012", 1.0, 3, start="2010-01-01", end="2010-12-31"),
        ],
        DoubleCountError,
        r"IRN to ARM, 2010-01-01 to 2010-12-31: expected one revision .* found HS2007 and HS2012",
    ),
    "a part and its whole": (
        [goods("271000", "HS1996", 1.0, 2), goods("271011", "HS1996", 1.0, 3)],
        DoubleCountError,
        "expected 271000 or 271011, found both in one time, and one holds the other",
    ),
    "totals alone": ([goods("TOTAL", "TOTAL", 1.0, 2)], SchemaError, "found none"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults(fault: str) -> None:
    rows, error, words = FAULTS[fault]
    with pytest.raises(error, match=words):
        fl.harmonise_products(flow_table(*rows), first="HS1992")


def test_a_span_has_two_revisions_and_holds_the_rows(oils: pd.DataFrame) -> None:
    new = oils[oils["classification"] == "HS2012"]
    with pytest.raises(ValueError, match="expected products of several revisions, found HS2012"):
        fl.harmonise_products(new)
    with pytest.raises(ValueError, match="found rows of HS2007; name a wider span"):
        fl.harmonise_products(oils, first="HS2012", last="HS2022")


def loaded(partners: Any = "all", **changes: Any) -> pd.DataFrame:
    """A table of all suppliers of Armenia, whose data set says so."""
    table = flow_table(
        goods("271011", "HS2007", 10.0, 2),
        goods("271019", "HS2007", 20.0, 3),
        goods("271019", "HS2007", 70.0, 4, exporter="RUS"),
        goods("271121", "HS2007", 5.0, 5, exporter="RUS"),
        goods("271012", "HS2012", 8.0, 6),
    )
    scope = Scope(partners, countries={"imports": ("ARM",)}, **changes)
    remember("armstat@2025-02", scope.of_rows(table))
    return table


def share_of_iran(table: pd.DataFrame) -> Any:
    return fl.share(
        table,
        supplier="IRN",
        importer="ARM",
        start=2010,
        end=2010,
        counting=fl.Counting(products=(OILS,)),
    )


def test_the_claims_of_a_data_set_stay() -> None:
    table = fl.harmonise_products(loaded()).table
    share = share_of_iran(table)
    assert (share.value, share.scope) == (0.3, ALL_PARTNERS)
    with pytest.raises(ScopeError, match="rows that this counts are not in the table any more"):
        share_of_iran(table[table["exporter"] == "IRN"])


def test_a_part_that_was_filtered_out_is_missed() -> None:
    table = loaded()
    with pytest.raises(ScopeError, match=r"1 rows that belong into the same sums .*line 2\)"):
        fl.harmonise_products(table[table["line"] != 2])
    # Products, partners and years that are not in the same sums may go.
    fewer = table[(table["exporter"] == "IRN") & (table["product"] != "271121")]
    assert fl.harmonise_products(fewer).table["value"].tolist() == [30.0, 8.0]
    stated = fl.state_whole(table[table["line"] != 2], reason="light oils do not matter")
    assert fl.harmonise_products(stated).table["value"].tolist()[0] == 20.0


def printed(*totals: tuple[str, float]) -> pd.DataFrame:
    rows = [
        {
            "of": "imports",
            "country": "ARM",
            "reporter": "ARM",
            "start": pd.Timestamp(2010, 1, 1),
            "end": pd.Timestamp(2010, 12, 31),
            "product": product,
            "classification": "HS2007",
            "valuation": "CIF",
            "partner_basis": "origin",
            "value": value,
            "digit": 1.0,
            "line": 100 + place,
        }
        for place, (product, value) in enumerate(totals)
    ]
    return pd.DataFrame(rows).astype(scopes.no_totals().dtypes.to_dict())


def test_printed_totals_are_added_up_where_each_part_has_one() -> None:
    totals = printed(("271011", 40.0), ("271019", 160.0), ("271121", 5.0))
    table = fl.harmonise_products(loaded("named", totals=totals)).table
    share = share_of_iran(table)
    assert (share.value, share.denominator, share.scope) == (0.15, 200.0, PRINTED_TOTAL)
    assert share.lines == {"armstat@2025-02": (2, 3, 4, 100, 101)}
    table = fl.harmonise_products(loaded("named", totals=printed(("271011", 40.0)))).table
    with pytest.raises(ScopeError, match="and no printed total for 2010-2010"):
        share_of_iran(table)


def test_the_largest_partners_of_each_code_are_not_those_of_a_family() -> None:
    with pytest.raises(ScopeError, match="found the largest of each"):
        fl.harmonise_products(loaded("largest", largest=2))


def test_rows_of_another_session_are_refused() -> None:
    table = fl.harmonise_products(loaded()).table
    del scopes._known[table["dataset"].iloc[0]]
    with pytest.raises(ScopeError, match="expected a file that was loaded in this session"):
        share_of_iran(table)


def test_a_year_of_comtrade_keeps_its_total_in_real_export(shared_data: Path) -> None:
    table = load(shared_data / "comtrade" / "legacy-bulk-h3.csv")
    result = fl.harmonise_products(table, digits=6, last="HS2022")
    before = table[table["product"].str.len() == 6]
    after = result.table[result.table["product"] != "TOTAL"]
    key = ["exporter", "importer", "start"]
    pd.testing.assert_series_equal(
        before.groupby(key)["value"].sum(), after.groupby(key)["value"].sum()
    )
    assert len(after) == len(before) - len(result.combined) + result.combined["into"].nunique()
    lines = " ".join(after["source_lines"]).split()
    assert sorted(map(int, lines)) == sorted(before["line"])


def test_baci_of_2022_is_known_in_real_export(shared_data: Path) -> None:
    table = load(shared_data / "baci" / "BACI_HS22_Y2022_V202401b_head9.csv")
    result = fl.harmonise_products(table, first="HS2012")
    assert result.families.together == ("2710",)
    assert result.table["value"].sum() == table["value"].sum()
