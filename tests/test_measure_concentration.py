"""Concentration and partners' shares: by hand, properties, the case and the full export."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from deals import deal, deals
from hypothesis import given, settings
from hypothesis import strategies as st

import flows as fl
from flows.errors import SchemaError
from flows.measure.concentration import (
    MEASURES,
    Concentration,
    concentration,
    rolling_concentration,
)
from flows.measure.counting import Counting
from flows.measure.rules import (
    LocalProduction,
    UncertainNumber,
    UncertainYear,
    UnknownPartner,
)
from flows.measure.shares import (
    PartnerShares,
    partner_shares,
    rolling_partner_shares,
    share,
)

PUBLISHED = 0.0005
"""Half a unit in the last place of a figure with three decimals."""
ROUNDING = 1e-12
SUPPLIERS = ("BLR", "ISR", "RUS", "TUR", "XXU")


@pytest.fixture(scope="module")
def arms() -> pd.DataFrame:
    return fl.load("sipri-deal-years@2025-03")


@pytest.fixture(scope="module")
def small() -> pd.DataFrame:
    return deals(
        deal("ISR", 2016, 50.0, number_estimated=True),
        deal("RUS", 2016, 20.0),
        deal("TUR", 2017, 20.0, delivery_year_estimated=True),
        deal("XXU", 2017, 10.0, local_production=True),
        deal("RUS", 2019, 7.0),
    )


def of_azerbaijan(table: pd.DataFrame, **changes: Any) -> Concentration:
    return concentration(table, **({"importer": "AZE", "start": 2016, "end": 2017} | changes))


def partners_of(table: pd.DataFrame, **changes: Any) -> PartnerShares:
    return partner_shares(table, **({"importer": "AZE", "start": 2016, "end": 2017} | changes))


def test_concentration_by_hand(small: pd.DataFrame) -> None:
    found = of_azerbaijan(small)
    assert found.hhi == pytest.approx(0.25 + 0.04 + 0.04 + 0.01)
    assert found.effective_number == pytest.approx(1 / 0.34)
    assert (found.cr1, found.cr3, found.main) == (0.5, 0.9, "ISR")
    assert found.partners["partner"].tolist() == ["ISR", "RUS", "TUR", "XXU"]
    assert (found.total, found.unit, found.bounds) == (100.0, "TIV", {})
    assert found.rows["line"].tolist() == [13, 14, 15, 16]
    assert found.tidy()["measure"].tolist() == list(MEASURES)
    assert found.tidy()[["low", "high"]].isna().all(axis=None)


def test_bounds_of_concentration_by_hand(small: pd.DataFrame) -> None:
    found = of_azerbaijan(small, rules=[UncertainNumber(0.2)])
    low, high = 40.0, 60.0
    assert found.bounds["cr1"] == pytest.approx((low / (low + 50), high / (high + 50)))
    assert found.bounds["hhi"] == pytest.approx(
        ((low**2 + 900) / (low + 50) ** 2, (high**2 + 900) / (high + 50) ** 2)
    )
    ends = found.bounds["hhi"]
    assert found.bounds["effective_number"] == (1 / ends[1], 1 / ends[0])


def test_an_unknown_supplier_may_be_the_largest_or_one_of_its_own(small: pd.DataFrame) -> None:
    found = of_azerbaijan(small, rules=[UnknownPartner()])
    assert found.bounds["hhi"] == pytest.approx((0.34, 0.36 + 0.08))
    assert found.bounds["cr1"] == pytest.approx((0.5, 0.6))


def test_definitions_are_one_choice(small: pd.DataFrame) -> None:
    found = of_azerbaijan(small, rules=[LocalProduction()])
    without = of_azerbaijan(small, counting=Counting(local_production=False))
    assert found.bounds["hhi"] == pytest.approx((found.hhi, without.hhi))


@settings(max_examples=10)
@given(
    tiv=st.lists(
        st.tuples(st.sampled_from(SUPPLIERS), st.integers(1, 50), st.booleans()),
        min_size=1,
        max_size=6,
    ),
)
def test_bounds_contain_every_measure(tiv: list[tuple[str, int, bool]]) -> None:
    table = deals(
        *(
            deal(code, 2016, float(one), deal=str(at), number_estimated=marked)
            for at, (code, one, marked) in enumerate(tiv)
        )
    )
    tidy = of_azerbaijan(table, rules=[UncertainNumber(0.3), UnknownPartner()]).tidy()
    assert (tidy["low"] <= tidy["value"] + 1e-9).all()
    assert (tidy["value"] <= tidy["high"] + 1e-9).all()


def test_the_largest_share_has_the_bounds_of_a_share(arms: pd.DataFrame) -> None:
    """Israel is the largest in every configuration of uncertain years: CR1 is its share."""
    window = {"start": 2016, "end": 2020, "rules": [UncertainYear(1)]}
    found = of_azerbaijan(arms, **window)
    ends = fl.share_bounds(arms, supplier="ISR", importer="AZE", **window)
    assert found.bounds["cr1"] == pytest.approx((ends.low, ends.high), abs=ROUNDING)


def test_concentration_of_the_case(arms: pd.DataFrame) -> None:
    found = of_azerbaijan(arms, start=2016, end=2020)
    assert found.hhi == pytest.approx(0.492, abs=PUBLISHED)


@pytest.mark.parametrize(
    ("country", "hhi"),
    [
        ("ARM", 0.896),
        ("KAZ", 0.812),
        ("SAU", 0.598),
        ("IND", 0.313),
        ("EGY", 0.267),
        ("TUR", 0.227),
    ],
)
def test_concentration_of_importers_in_real_export(
    full_export: pd.DataFrame, country: str, hhi: float
) -> None:
    found = of_azerbaijan(full_export, importer=country, start=2016, end=2020)
    assert found.hhi == pytest.approx(hhi, abs=PUBLISHED)


@pytest.fixture(scope="module")
def full_export(shared_data: Path) -> pd.DataFrame:
    return fl.load(str(shared_data / "sipri" / "deal-years-2025-03.csv"))


def test_dependence_over_time(arms: pd.DataFrame) -> None:
    rolling = rolling_concentration(arms, importer="AZE", start=2011, end=2021, years=5)
    table = rolling.frame
    assert len(rolling) == len(table)
    assert table["start"].tolist() == list(range(2011, 2018))
    assert table["main"].tolist()[0] == "RUS"
    assert table["main"].tolist()[-1] == "ISR"
    assert (table["end"] - table["start"]).eq(4).all()
    shares = [
        share(arms, supplier=window.main, importer="AZE", start=window.start, end=window.end).value
        for window in rolling.windows
    ]
    assert table["cr1"].tolist() == pytest.approx(shares)


def test_windows_without_imports_have_no_concentration(small: pd.DataFrame) -> None:
    rolling = rolling_concentration(small, importer="AZE", start=2015, end=2019, years=1)
    assert [window.start for window in rolling] == [2016, 2017, 2019]
    shares = rolling_partner_shares(small, importer="AZE", start=2015, end=2019, years=1)
    assert [window.frame["partner"].iloc[0] for window in shares] == ["ISR", "TUR", "RUS"]
    with pytest.raises(
        ValueError, match=r"years: expected a length of 1 to 2 .* 2016-2017, found 3"
    ):
        rolling_partner_shares(small, importer="AZE", start=2016, end=2017, years=3)


def test_nothing_imported_has_no_partners() -> None:
    table = deals(deal("ISR", 2016, 0.0))
    with pytest.raises(SchemaError, match="imports of AZE in 2016-2017, found a sum of 0"):
        of_azerbaijan(table)
    with pytest.raises(SchemaError, match="imports of AZE in 2016-2017, found a sum of 0"):
        partners_of(table)


def test_all_partners_by_hand(small: pd.DataFrame) -> None:
    frame = partners_of(small).frame
    assert frame["partner"].tolist() == ["ISR", "RUS", "TUR", "XXU"]
    assert frame["kind"].tolist() == ["named", "named", "named", "unknown"]
    assert frame["rank"].tolist() == [1, 2, 2, pd.NA]
    assert frame["share"].tolist() == [0.5, 0.2, 0.2, 0.1]
    assert frame["name"].tolist() == ["Israel", "Russia", "Türkiye", "Unknown supplier"]


def test_the_top_partners_others_and_unknown(small: pd.DataFrame) -> None:
    found = partners_of(small, top=1)
    assert found.frame["partner"].tolist() == ["ISR", "others", "XXU"]
    assert found.frame["value"].tolist() == [50.0, 40.0, 10.0]
    assert found.frame["partners"].tolist() == [1, 2, 1]
    assert (found.total, found.unit) == (100.0, "TIV")
    assert "others" not in partners_of(small, top=3).frame["partner"].tolist()
    with pytest.raises(ValueError, match="top: expected at least 1 partner, found 0"):
        partners_of(small, top=0)


@settings(max_examples=10)
@given(
    tiv=st.lists(st.tuples(st.sampled_from(SUPPLIERS), st.floats(0.01, 1e4)), min_size=1),
    top=st.integers(1, 6),
)
def test_shares_of_a_table_add_up_to_one(tiv: list[tuple[str, float]], top: int) -> None:
    table = deals(*(deal(code, 2016, one, deal=str(at)) for at, (code, one) in enumerate(tiv)))
    found = partners_of(table, top=top)
    assert found.frame["share"].sum() == pytest.approx(1.0, abs=ROUNDING)
    assert found.frame["partners"].sum() == table["exporter"].nunique()
    every = partners_of(table).frame.set_index("partner")["share"]
    for code, expected in every.items():
        one = share(table, supplier=str(code), importer="AZE", start=2016, end=2017)
        assert one.value == pytest.approx(expected, abs=ROUNDING)


def test_customers_of_an_exporter() -> None:
    sold = deals(deal("ISR", 2016, 3.0), deal("ISR", 2016, 1.0, importer="IND", deal="b"))
    customers: dict[str, Any] = {"importer": None, "exporter": "ISR"}
    assert partners_of(sold, **customers).frame["partner"].tolist() == [
        "AZE",
        "IND",
    ]
    assert of_azerbaijan(sold, **customers).main == "AZE"
