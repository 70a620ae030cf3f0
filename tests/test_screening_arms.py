"""Dependence of all recipients of arms: each window is what the functions of one recipient give."""

import pandas as pd
import pytest
from deals import deal, deals
from statements import statement

import flows as fl
from flows.errors import SchemaError, ScopeError, UnitError
from flows.loaders.claims import about
from flows.measure.rules import (
    LocalProduction,
    Rule,
    SecondHand,
    UncertainNumber,
    UncertainYear,
    UnknownPartner,
    UnsplitDeliveries,
)
from flows.scope import Scope, remember
from flows.screening.arms_dependence import SupplierDependence, supplier_dependence

ROUNDING = 1e-12
RULES: tuple[Rule, ...] = (
    UncertainYear(within=1),
    UncertainNumber(0.25),
    UnknownPartner(),
    LocalProduction(),
    SecondHand(used=(0.3, 0.5), modernised=(0.5, 0.7)),
)


@pytest.fixture(scope="module")
def two_recipients() -> pd.DataFrame:
    flags = {"number_estimated": True, "delivery_year_estimated": True}
    used = {"status": "Second hand", "tiv_per_unit": 0.4, "number": 20.0}
    rows = [
        deal("ISR", 2016, 50.0, number_estimated=True),
        deal("RUS", 2016, 20.0),
        deal("TUR", 2017, 20.0, delivery_year_estimated=True),
        deal("XXU", 2017, 10.0, local_production=True),
        deal("RUS", 2019, 7.0, **flags),
        deal("BLR", 2018, 8.0, **used),
        deal("RUS", 2015, 30.0, importer="ARM"),
        deal("IND", 2018, 30.0, importer="ARM", **flags),
    ]
    table = deals(*rows, span=(2015, 2019))
    everyone = Scope(partners="all", countries=about(imports=None), years=(2015, 2019))
    remember("sipri@2025-03", everyone.of_rows(table))
    return table


def check_window(table: pd.DataFrame, row: dict[str, object], rules: tuple[Rule, ...]) -> None:
    window = {"importer": row["importer"], "start": row["start"], "end": row["end"]}
    index = fl.concentration(table, rules=rules, **window)
    assert row["hhi"] == pytest.approx(index.hhi, rel=ROUNDING)
    assert (row["main"], row["scope"]) == (index.main, index.scope)
    assert row["total"] == pytest.approx(index.total, rel=ROUNDING)
    if rules:
        share = fl.share_bounds(table, supplier=row["main"], rules=rules, **window)
        assert row["main_share"] == pytest.approx(share.value, rel=ROUNDING)
        found = (row["main_share_low"], row["main_share_high"], row["hhi_low"], row["hhi_high"])
        expected = (share.low, share.high, *index.bounds["hhi"])
        assert found == pytest.approx(expected, rel=ROUNDING)


@pytest.mark.parametrize("rules", [(), *((rule,) for rule in RULES), RULES])
def test_every_window_is_that_of_one_recipient(
    two_recipients: pd.DataFrame, rules: tuple[Rule, ...]
) -> None:
    frame = supplier_dependence(two_recipients, window=2, rules=rules).frame
    assert frame.groupby("importer")["start"].agg(list).to_dict() == {
        "ARM": [2015, 2017, 2018],
        "AZE": [2015, 2016, 2017, 2018],
    }
    for row in frame.to_dict("records"):
        check_window(two_recipients, row, rules)


def test_the_case_in_every_window_of_five_years() -> None:
    arms = fl.load("sipri-deal-years@2025-03")
    rules = (UncertainYear(within=1), UncertainNumber(0.25), UnknownPartner())
    frame = supplier_dependence(arms, window=5, start=2012, end=2020, rules=rules).frame
    for row in frame.to_dict("records"):
        check_window(arms, row, rules)


def test_a_window_by_hand(two_recipients: pd.DataFrame) -> None:
    found = supplier_dependence(two_recipients, window=2, start=2016, end=2017)
    assert found.frame[["importer", "total", "suppliers", "main"]].to_numpy().tolist() == [
        ["AZE", 100.0, 4, "ISR"]
    ]
    assert found.frame["hhi"].iloc[0] == pytest.approx(0.25 + 0.04 + 0.04 + 0.01)
    assert found.frame["hhi_low"].isna().all()
    assert "0 of 1 recipients from one supplier" in found.summary()


def test_deals_across_the_edge_leave_the_index_bounds_only() -> None:
    whole = deal("RUS", 2016, 10.0)
    long = deal("ISR", 2016, 20.0, end="2018-12-31", delivery_years="2016; 2018")
    table = deals(whole | {"delivery_years": "2016"}, long, span=(2015, 2019))
    rules = (UnsplitDeliveries(),)
    row = supplier_dependence(table, window=2, start=2016, end=2017, rules=rules).frame.iloc[0]
    alone = fl.concentration(table, importer="AZE", start=2016, end=2017, rules=rules)
    assert (row["main"], row["main_share"] != row["main_share"]) == ("", True)
    assert (row["hhi_low"], row["hhi_high"]) == pytest.approx(alone.bounds["hhi"])


def test_counting_is_that_of_a_share(two_recipients: pd.DataFrame) -> None:
    counting = fl.Counting(by="order", local_production=False)
    found = supplier_dependence(two_recipients, window=2, counting=counting)
    for row in found.frame.to_dict("records"):
        window = {"importer": row["importer"], "start": row["start"], "end": row["end"]}
        alone = fl.concentration(two_recipients, counting=counting, **window)
        assert (row["hhi"], row["main"]) == (pytest.approx(alone.hhi), alone.main)


def test_what_is_refused(two_recipients: pd.DataFrame) -> None:
    of_one = two_recipients[two_recipients["exporter"] != "ISR"]
    with pytest.raises(ScopeError, match="are not in the table any more"):
        supplier_dependence(of_one, window=2)
    with pytest.raises(UnitError, match="expected arms in TIV, found USD"):
        supplier_dependence(pd.DataFrame([statement()]), window=2)
    with pytest.raises(ValueError, match="window: expected 1 to 5 years"):
        supplier_dependence(two_recipients, window=6)
    missing = fl.Counting(products=("ships",))
    with pytest.raises(SchemaError, match="expected product 'ships'"):
        supplier_dependence(two_recipients, window=2, counting=missing)


def test_recipients_of_whom_suppliers_lack_are_left_out(two_recipients: pd.DataFrame) -> None:
    table = two_recipients.assign(dataset="partial@1")
    claims = Scope(partners="all", countries=about(imports=["AZE"]), years=(2015, 2019))
    remember("partial@1", claims.of_rows(table))
    found = supplier_dependence(table, window=5)
    assert isinstance(found, SupplierDependence)
    assert (set(found.frame["importer"]), found.left_out["importer"].tolist()) == ({"AZE"}, ["ARM"])
