"""Which deliveries a share rests on."""

import pandas as pd
import pytest
from statements import delivery, flow_table

from flows.errors import SchemaError
from flows.studies.supplier_deals import choose_deliveries


@pytest.fixture
def arms() -> pd.DataFrame:
    rows = flow_table(
        delivery("ISR", 2016, 1.0, deal="1", line=2),
        delivery("ISR", 2017, 2.0, deal="1", line=3),
        delivery("RUS", 2017, 4.0, deal="2", line=4),
    )
    flags = pd.array([True, False, pd.NA], dtype="boolean")
    return rows.assign(delivery_year_estimated=flags)


def test_all_deliveries_count_by_default(arms: pd.DataFrame) -> None:
    assert list(choose_deliveries(arms)["line"]) == [2, 3, 4]


def test_a_deal_is_left_out_with_all_its_years(arms: pd.DataFrame) -> None:
    assert list(choose_deliveries(arms, without_deal="1")["line"]) == [4]


@pytest.mark.parametrize(("estimated", "lines"), [(True, [2]), (False, [3])])
def test_a_year_that_nothing_is_said_about_is_neither(
    arms: pd.DataFrame, *, estimated: bool, lines: list[int]
) -> None:
    chosen = choose_deliveries(arms, delivery_year_estimated=estimated)
    assert list(chosen["line"]) == lines


def test_what_cannot_be_left_out_is_named(arms: pd.DataFrame) -> None:
    with pytest.raises(SchemaError, match="sipri@2025-03: expected the deal 3, found none"):
        choose_deliveries(arms, without_deal="3")
    with pytest.raises(SchemaError, match="expected deliveries by deal, found sums of deals"):
        choose_deliveries(arms.drop(columns="deal"), without_deal="1")
