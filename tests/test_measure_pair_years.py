"""Years of all pairs at once: whole years, years without a row, groups, and what is refused."""

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest
from statements import counting_years, delivery, flow_table, months, statement

from flows.errors import DoubleCountError, PeriodError, SchemaError, ScopeError, UnitError
from flows.measure.pair_years import PairSelection, PairYears, pair_years
from flows.measure.timeseries import series
from flows.scope import Scope, remember


def years_of(table: pd.DataFrame, **changes: Any) -> PairYears:
    wanted = {"product": changes.pop("product", None)}
    asked = {"start": None, "end": None, "calendar": "gregorian", "absent": "missing"}
    return pair_years(table, PairSelection(**(asked | {"group": None} | changes), wanted=wanted))


def cells(found: PairYears) -> list[tuple[Any, ...]]:
    columns = ["exporter", "importer", "year", "value"]
    return list(found.frame[columns].itertuples(index=False, name=None))


def test_years_and_products_by_hand() -> None:
    table = flow_table(
        statement(product="02", value=0.1, line=2),
        statement(product="01", value=0.2, line=3),
        statement(exporter="GEO", value=5.0, line=4),
    )
    found = years_of(table)
    assert cells(found) == [("GEO", "ARM", 2023, 5.0), ("IRN", "ARM", 2023, 0.3)]
    assert (found.unit, found.zeros, found.left_out.empty) == ("USD", 0, True)
    assert found.rows == {"armstat@2025-02": (2, 3, 4)}
    assert cells(years_of(table, product="01"))[-1] == ("IRN", "ARM", 2023, 0.2)


def test_years_are_put_together_from_months_of_one_reporter() -> None:
    rows = [
        *months("2022-01", [1.0] * 18),
        statement(exporter="RUS", importer="GEO", reporter="GEO", value=7.0, dataset="geo@1"),
    ]
    found = years_of(flow_table(*rows))
    # Armenia has half of 2023; Georgia has the whole of it.
    assert cells(found) == [("IRN", "ARM", 2022, 12.0), ("RUS", "GEO", 2023, 7.0)]
    assert list(found.left_out.index) == [("ARM", "2023")]


def test_iranian_years_are_those_of_series() -> None:
    table = flow_table(*months("2022-01", list(np.arange(36.0) + 1)))
    found = years_of(table, calendar="solar-hijri")
    alone = series(table, exporter="IRN", importer="ARM", freq="year", calendar="solar-hijri")
    assert found.frame["year"].to_list() == alone.index.to_list()
    assert found.frame["value"].to_list() == alone.to_list()


def deliveries() -> pd.DataFrame:
    rows = [
        delivery(supplier, year, tiv, line=line, dataset="census@1")
        for line, (supplier, year, tiv) in enumerate(
            [("ISR", 2011, 5.0), ("ISR", 2013, 2.0), ("RUS", 2012, 9.0)], start=2
        )
    ]
    return counting_years(flow_table(*rows), (2010, 2013))


def test_years_without_a_row_are_zero_where_that_is_asked_for() -> None:
    table = deliveries()
    assert len(cells(years_of(table))) == 3
    found = years_of(table, absent="zero")
    assert found.zeros == 5
    assert [value for *_, value in cells(found)] == [0, 5.0, 0, 2.0, 0, 0, 9.0, 0]
    inside = years_of(table, absent="zero", start=2011, end=2012)
    assert cells(inside) == [
        ("ISR", "AZE", 2011, 5.0),
        ("ISR", "AZE", 2012, 0.0),
        ("RUS", "AZE", 2011, 0.0),
        ("RUS", "AZE", 2012, 9.0),
    ]


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"absent": "none"}, ValueError, "expected missing or zero, found 'none'"),
        ({"absent": "zero", "calendar": "solar-hijri"}, ValueError, "calendar='gregorian'"),
        ({"start": 2011}, ValueError, "start and end, or neither"),
        (
            {"start": 2010, "end": 2011, "calendar": "solar-hijri"},
            ValueError,
            "start and end: expected calendar",
        ),
        ({"start": 2009, "end": 2011}, PeriodError, "2009-2011, found a data set of 2010-2013"),
        ({"start": 2010, "end": 2010}, SchemaError, "rows in 2010-2010, found none"),
        ({"group": "side"}, ValueError, "group: expected a column of the table, found 'side'"),
    ],
)
def test_what_is_asked_for_is_checked(
    changes: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        years_of(deliveries(), **changes)


def test_no_zeros_without_a_census() -> None:
    with pytest.raises(PeriodError, match="says which years it counts"):
        years_of(flow_table(statement()), absent="zero")
    table = deliveries().assign(dataset="largest@1")
    remember("largest@1", Scope(partners="largest", years=(2010, 2013)))
    with pytest.raises(ScopeError, match="found the largest alone in largest@1"):
        years_of(table, absent="zero")


def test_rows_that_were_filtered_out_are_missed() -> None:
    whole = flow_table(
        *(
            statement(product=product, value=1.0, line=line, dataset="held@1")
            for line, product in enumerate(("01", "02"), start=2)
        ),
        statement(
            product="01",
            start=dt.date(2022, 1, 1),
            end=dt.date(2022, 12, 31),
            line=4,
            dataset="held@1",
        ),
    )
    remember("held@1", Scope(years=(2022, 2023)).of_rows(whole))
    with pytest.raises(ScopeError, match="1 of 3 rows that this counts are not in the table"):
        years_of(whole[whole["product"] != "02"])
    # A year that is gone altogether was chosen; where years without a row are zero, it is missed.
    later = whole[whole["start"].dt.year == 2023]
    assert cells(years_of(later)) == [("IRN", "ARM", 2023, 2.0)]
    with pytest.raises(ScopeError, match="1 of 3 rows"):
        years_of(later, absent="zero")
    assert cells(years_of(later, absent="zero", start=2023, end=2023))[0][-1] == 2.0


def test_what_cannot_be_summed_is_refused() -> None:
    with pytest.raises(DoubleCountError, match="IRN to ARM: expected one reporter"):
        years_of(flow_table(statement(), statement(reporter="IRN", line=8)))
    tiv = delivery("ISR", 2023, 1.0)
    with pytest.raises(UnitError, match="expected one unit, found TIV and USD"):
        years_of(flow_table(statement(), tiv))
    with pytest.raises(PeriodError, match="expected a whole gregorian year"):
        years_of(flow_table(*months("2023-01", [1.0])))


def test_a_pair_has_one_group() -> None:
    table = flow_table(
        statement(line=2),
        statement(start=dt.date(2022, 1, 1), end=dt.date(2022, 12, 31), line=3),
        statement(exporter="GEO", line=4),
    )
    found = years_of(table.assign(side=["south", "south", "north"]), group="side")
    assert found.frame["group"].to_list() == ["north", "south", "south"]
    with pytest.raises(SchemaError, match="IRN to ARM: expected one side in all years"):
        years_of(table.assign(side=["south", "north", "north"]), group="side")
    with pytest.raises(SchemaError, match="expected side in every row, found none at armstat"):
        years_of(table.assign(side=["south", None, "north"]), group="side")
