"""Volumes and shares of suppliers by year: zeros of a census, and no share of nothing."""

from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statements import delivery, flow_table, months

from flows.errors import CountryError, DoubleCountError, PeriodError, SchemaError
from flows.measure.timeseries import keep_largest, share_years, supplier_years


def arms(*rows: dict[str, Any], span: tuple[int, int] = (2014, 2017)) -> pd.DataFrame:
    found = flow_table(*rows)
    found.attrs["spans"] = {"sipri@2025-03": span}
    return found


def test_by_hand() -> None:
    rows = arms(
        delivery("RUS", 2014, 6.0),
        delivery("ISR", 2014, 2.0, line=8),
        delivery("ISR", 2016, 3.0, line=9),
    )
    volumes = supplier_years(rows, importer="AZE")
    assert volumes.index.equals(pd.period_range("2014", "2017", freq="Y", name="year"))
    assert volumes["ISR"].to_list() == [2.0, 0.0, 3.0, 0.0]
    assert volumes["RUS"].to_list() == [6.0, 0.0, 0.0, 0.0]
    assert volumes.attrs == {"unit": "TIV", "rows": {"sipri@2025-03": (7, 8, 9)}}
    shares = share_years(volumes)
    assert shares["ISR"].to_dict() == {pd.Period("2014"): 0.25, pd.Period("2016"): 1.0}
    assert shares.attrs["left_out"] == {"2015": "no imports", "2017": "no imports"}
    assert shares.attrs["rows"] == volumes.attrs["rows"]


def test_some_suppliers_and_the_rest() -> None:
    shares = pd.DataFrame({"BLR": [0.2, 0.0], "ISR": [0.5, 1.0], "RUS": [0.3, 0.0]})
    found = keep_largest(shares, ["ISR", "TUR"], rest="others")
    assert found.columns.tolist() == ["ISR", "TUR", "others"]
    assert found.to_numpy().tolist() == [[0.5, 0.0, 0.5], [1.0, 0.0, 0.0]]
    with pytest.raises(CountryError):
        keep_largest(shares, ["Israel"], rest="others")


@given(
    st.lists(
        st.tuples(st.sampled_from(["ISR", "RUS", "TUR"]), st.integers(2014, 2017)),
        min_size=1,
        unique=True,
    )
)
@settings(max_examples=20)
def test_shares_of_a_year_add_up(pairs: list[tuple[str, int]]) -> None:
    rows = [
        delivery(supplier, year, float(line), line=line)
        for line, (supplier, year) in enumerate(pairs, start=3)
    ]
    shares = share_years(supplier_years(arms(*rows), importer="AZE"))
    assert shares.sum(axis="columns").to_list() == pytest.approx([1.0] * len(shares))


def test_refusals() -> None:
    with pytest.raises(PeriodError, match="says which years it counts"):
        supplier_years(flow_table(delivery("ISR", 2014, 2.0)), importer="AZE")
    with pytest.raises(PeriodError, match=r"calendar years in 2015-2017, found others at .* 7"):
        supplier_years(arms(delivery("ISR", 2014, 2.0), span=(2015, 2017)), importer="AZE")
    two_years = delivery("ISR", 2014, 2.0, end="2015-12-31")
    with pytest.raises(PeriodError, match="found others"):
        supplier_years(arms(two_years), importer="AZE")
    twice = arms(delivery("ISR", 2014, 2.0), delivery("ISR", 2014, 2.0, reporter="ISR"))
    with pytest.raises(DoubleCountError):
        supplier_years(twice, importer="AZE")
    with pytest.raises(SchemaError, match="expected imports in one year at least"):
        share_years(supplier_years(arms(delivery("ISR", 2014, 0.0)), importer="AZE"))


def test_months_of_a_year_are_added() -> None:
    rows = months("2014-01", [1.0, 2.0], exporter="ISR", importer="AZE", dataset="sipri@2025-03")
    assert supplier_years(arms(*rows), importer="AZE")["ISR"].to_list() == [3.0, 0.0, 0.0, 0.0]
