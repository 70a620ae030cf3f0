"""Changes of the records are found where one column changes from one period to the next."""

import pandas as pd
import pytest
from statements import months, statement

from flows.compare.history import record_changes
from flows.errors import SchemaError
from flows.table import check_flows


def table(*rows: dict[str, object]) -> pd.DataFrame:
    return check_flows(pd.DataFrame(rows))


def test_a_series_that_is_recorded_alike_has_no_change() -> None:
    assert record_changes(table(*months("2023-01", [1.0, 2.0, 3.0]))).empty


@pytest.mark.parametrize(
    ("column", "value", "name", "kind"),
    [
        ("dataset", "armstat@2026-02", "data set: armstat@2025-02 to armstat@2026-02", "vintage"),
        ("reporter", "IRN", "reporter: ARM to IRN", "reporter"),
        ("partner_basis", "consignment", "partner basis: origin to consignment", "basis"),
        ("valuation", "", "valuation: CIF to not stated", "basis"),
        ("coverage", "non-oil goods", "coverage: all goods to non-oil goods", "basis"),
    ],
)
def test_each_change_has_its_day_and_kind(column: str, value: str, name: str, kind: str) -> None:
    rows = months("2023-01", [1.0, 2.0, 3.0])
    rows[2][column] = value
    (change,) = record_changes(table(*rows)).itertuples(index=False)
    assert (change.date, change.name, change.kind) == (pd.Timestamp("2023-03-01"), name, kind)


def test_months_after_years_are_a_change_of_the_calendar() -> None:
    rows = [statement(value=1.0), *months("2024-01", [1.0, 2.0])]
    (change,) = record_changes(table(*rows)).itertuples(index=False)
    assert (change.name, change.kind) == ("periods: calendar years to months", "calendar")


def test_the_name_of_the_partner_is_looked_at_where_there_is_one() -> None:
    rows = table(*months("2023-11", [1.0, 2.0, 3.0]))
    named = rows.assign(partner_name=["Iran", "Iran", "Islamic Republic of Iran"])
    changes = record_changes(named)
    assert changes["kind"].tolist() == ["reporter"]
    assert changes["date"].tolist() == [pd.Timestamp("2024-01-01")]


def test_no_row_is_refused() -> None:
    with pytest.raises(SchemaError, match="expected statements of a flow"):
        record_changes(table(statement()).head(0))
