"""One importer among all: by hand, the full export, and what is no distribution."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statements import delivery, flow_table

import flows as fl
from flows.errors import DoubleCountError, PeriodError, SchemaError, ScopeError, UnitError
from flows.measure.context import SupplierContext, percentile, supplier_context
from flows.scope import TOTAL_COLUMNS, Scope, remember

ROUNDING = 1e-12
THREE_DIGITS = 0.0005
HHI = {
    "AZE": 0.492,
    "ARM": 0.896,
    "KAZ": 0.812,
    "SAU": 0.598,
    "IND": 0.313,
    "EGY": 0.267,
    "TUR": 0.227,
}
"""Of suppliers 2016-20 in the release of March 2025, from the full export."""

Row = tuple[str, str, int, float]
ROWS: tuple[Row, ...] = (
    ("AZE", "RUS", 2015, 90.0),
    ("AZE", "ISR", 2015, 10.0),
    ("AZE", "RUS", 2016, 30.0),
    ("AZE", "ISR", 2016, 70.0),
    ("ARM", "RUS", 2015, 100.0),
    ("ARM", "RUS", 2016, 100.0),
    ("GEO", "USA", 2015, 60.0),
    ("GEO", "XXU", 2015, 40.0),
    ("GEO", "USA", 2016, 50.0),
    ("GEO", "FRA", 2016, 50.0),
    ("IRN", "CHN", 2015, 5.0),
    ("IRN", "CHN", 2016, 50.0),
    ("XXR", "RUS", 2016, 99.0),
    ("TKM", "XXU", 2016, 99.0),
    ("UZB", "RUS", 2016, 0.0),
)


def table_of(*rows: Row, **changes: Any) -> pd.DataFrame:
    return flow_table(
        *(
            delivery(supplier, year, tiv, importer=importer, line=line, **changes)
            for line, (importer, supplier, year, tiv) in enumerate(rows, start=2)
        )
    )


def azerbaijan(rows: pd.DataFrame, **changes: Any) -> SupplierContext:
    asked = {"importer": "AZE", "start": 2016, "end": 2016, "min_volume": 20.0}
    return supplier_context(rows, **(asked | changes))


def test_context_by_hand() -> None:
    found = azerbaijan(table_of(*ROWS))
    assert (found.unit, found.dataset) == ("TIV", "sipri@2025-03")
    assert found.importers["importer"].tolist() == ["ARM", "IRN", "AZE", "GEO"]
    assert found.importers["hhi"].tolist() == pytest.approx([1.0, 1.0, 0.58, 0.5])
    assert found.importers["largest"].tolist() == ["RUS", "CHN", "ISR", "FRA"]
    assert found.importers["percentile_hhi"].tolist() == [75.0, 75.0, 37.5, 12.5]
    assert (found.largest_share, found.hhi) == (0.7, pytest.approx(0.58))
    assert (found.percentile_share, found.percentile_hhi) == (37.5, 37.5)
    assert found.left_out.to_numpy().tolist() == [
        ["TKM", 99.0, "no named supplier"],
        ["XXR", 99.0, "unknown recipient"],
    ]
    assert (found.change, found.scope) == (None, "scope not stated")
    assert found.tidy()["marked"].tolist() == [False, False, True, False]
    assert "among 4 importers of at least 20 TIV (2 left out)" in found.summary()


def test_change_of_main_supplier_by_hand() -> None:
    found = azerbaijan(table_of(*ROWS), former=(2015, 2015))
    change = found.change
    assert change is not None
    table = change.importers
    assert table["importer"].tolist() == ["AZE", "GEO", "ARM"]
    assert table["loss_points"].tolist() == pytest.approx([60.0, 10.0, 0.0])
    assert table["changed"].tolist() == [True, True, False]
    assert (change.former, change.main, change.changed) == ("RUS", "ISR", True)
    assert change.loss_points == pytest.approx(60.0)
    assert change.percentile_loss == pytest.approx(100 * 2.5 / 3)
    assert change.changed_part == pytest.approx(2 / 3)
    assert "RUS lost 60.0 points, percentile 83.3 of 3 importers, of which 66.7%" in found.summary()


@given(st.lists(st.sampled_from([0.1, 0.2, 0.5, 1.0]), min_size=1, max_size=12))
def test_percentile_is_the_mean_of_weak_and_strict(values: list[float]) -> None:
    expected = [stats.percentileofscore(values, value, kind="mean") for value in values]
    assert percentile(pd.Series(values)).tolist() == pytest.approx(expected, abs=1e-9)


def test_concentration_of_importers_in_real_full_export(shared_data: Path) -> None:
    arms = fl.load(shared_data / "sipri" / "deal-years-2025-03.csv")
    found = supplier_context(
        arms, importer="AZE", start=2016, end=2020, min_volume=100, former=(2011, 2015)
    )
    hhi = found.importers.set_index("importer")["hhi"]
    assert {code: hhi[code] for code in HHI} == pytest.approx(HHI, abs=THREE_DIGITS)
    assert 100 * found.largest_share == pytest.approx(67.74, abs=0.005)
    place = stats.percentileofscore(hhi, found.hhi, kind="mean")
    assert found.percentile_hhi == pytest.approx(place, abs=1e-9)
    assert found.change is not None
    assert (found.change.former, found.change.main) == ("RUS", "ISR")
    alone = fl.share(arms, supplier="RUS", importer="AZE", start=2016, end=2020).value
    before = fl.share(arms, supplier="RUS", importer="AZE", start=2011, end=2015).value
    assert found.change.loss_points == pytest.approx(100 * (before - alone), abs=ROUNDING * 100)


def test_one_importer_is_no_full_export() -> None:
    with pytest.raises(SchemaError, match=r"full export .* only AZE in sipri-deal-years@2025-03"):
        azerbaijan(fl.load("sipri-deal-years@2025-03"))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"importer": "IRN", "min_volume": 60},
            r"IRN in 2016-2016 of at least 60, found 50 \(less",
        ),
        ({"importer": "TKM"}, r"found 99 \(no named supplier\)"),
        ({"importer": "UZB"}, "UZB in 2016-2016 of at least 20, found none"),
        ({"importer": "IRN", "former": (2015, 2015)}, r"IRN in 2015-2015 .* found 5 \(less than"),
    ],
)
def test_an_importer_that_is_not_compared_is_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(SchemaError, match=message):
        azerbaijan(table_of(*ROWS), **changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"min_volume": 0}, "min_volume: expected more than 0, found 0"),
        (
            {"former": (2015, 2016)},
            r"former: expected a window that ends before 2016, found \(2015, 2016\)",
        ),
        ({"former": (2015, 2014)}, "expected start <= end, found start=2015 and end=2014"),
    ],
)
def test_wrong_arguments_are_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        azerbaijan(table_of(*ROWS), **changes)


def test_what_cannot_be_added_has_no_context() -> None:
    rows = table_of(*ROWS)
    with pytest.raises(PeriodError, match="expected the years 2016-2018"):
        azerbaijan(rows, end=2018)
    dollars = table_of(("TKM", "RUS", 2016, 9.0), unit="USD")
    with pytest.raises(UnitError, match="found TIV and USD"):
        azerbaijan(fl.join_flows([rows[rows["importer"] != "TKM"], dollars]))
    both = fl.join_flows([rows, table_of(*ROWS, dataset="sipri@2022-03")])
    with pytest.raises(DoubleCountError, match="expected one vintage"):
        azerbaijan(both)
    assert azerbaijan(both, dataset="sipri@2022-03").hhi == azerbaijan(rows).hhi


def with_printed_total(importer: str, value: float) -> pd.DataFrame:
    """The same rows, in a data set that prints a total of one importer in 2016."""
    rows = table_of(*ROWS, dataset="sipri@printed")
    alike = rows.iloc[0]
    total = {name: alike[name] for name in TOTAL_COLUMNS if name in alike.index}
    total |= {"of": "imports", "country": importer, "value": value, "digit": 1.0, "line": 99}
    total |= {"start": pd.Timestamp(2016, 1, 1), "end": pd.Timestamp(2016, 12, 31)}
    remember("sipri@printed", Scope(totals=pd.DataFrame([total])).of_rows(rows))
    return rows


def test_an_importer_that_falls_short_of_its_printed_total_is_not_compared() -> None:
    found = azerbaijan(with_printed_total("GEO", 250.0))
    assert found.importers["importer"].tolist() == ["ARM", "IRN", "AZE"]
    assert found.left_out.set_index("importer")["reason"]["GEO"] == "less than the printed total"
    with pytest.raises(ScopeError, match="supplier_context: expected every partner"):
        azerbaijan(with_printed_total("AZE", 250.0))


def test_suppliers_that_make_up_a_printed_total_are_all() -> None:
    assert azerbaijan(with_printed_total("AZE", 100.0)).scope == "all partners"
    stated = fl.state_whole(table_of(*ROWS), reason="a full export")
    assert azerbaijan(stated).scope == "stated to be the whole: a full export"
