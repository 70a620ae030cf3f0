"""Two statements over time, and changes of the records: by hand, tests, what is left out."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from bridges import armenia, iran
from hypothesis import given, settings
from hypothesis import strategies as st
from statements import flow_table, months, statement

import flows as fl
from flows.compare.history import MirrorHistory, mirror_history, record_changes
from flows.errors import PeriodError, SchemaError, UnreportedError
from flows.models.breaks import BreakFit
from flows.models.exact_break import ExactBreak
from flows.periods import Period

ROUNDING = 1e-12
"""Relative, of sums and quotients of few numbers."""


def years(side: Any, *values: float, first: int = 2015) -> pd.DataFrame:
    return pd.concat(
        [side(value, Period.year(first + place)) for place, value in enumerate(values)],
        ignore_index=True,
    )


def compared(exports: pd.DataFrame, imports: pd.DataFrame, **changes: Any) -> MirrorHistory:
    return mirror_history(
        exporter_report=exports, importer_report=imports, **({"freq": "year"} | changes)
    )


def test_ratio_and_asymmetry_by_hand() -> None:
    found = compared(years(iran, 100.0, 200.0), years(armenia, 110.0, 100.0))
    assert found.frame["ratio"].to_list() == [1.1, 0.5]
    assert found.asymmetry_log.to_list() == pytest.approx([math.log(1.1), -math.log(2)])
    assert found.mean_log == pytest.approx(math.log(0.55) / 2, rel=ROUNDING)
    assert (found.trend, found.breaks, found.without_odd) == (None, None, None)
    assert found.unit == "USD"
    tidy = found.tidy()
    assert tidy["period"].astype(str).to_list() == ["2015", "2016"]
    assert set(tidy["odd"]) == {""}
    assert found.rows[["label", "dataset", "line"]].iloc[0].to_list() == [
        "2015",
        "irica@2024-09",
        7,
    ]


def test_a_flip_of_the_sign_is_dated_and_tested_exactly() -> None:
    ratios = np.array([0.8, 0.9, 0.85, 1.2, 1.3, 1.25])
    found = compared(years(iran, *[100.0] * 6), years(armenia, *(100 * ratios)))
    assert isinstance(found.breaks, ExactBreak)
    assert str(found.breaks.break_date) == "2018"
    assert found.breaks.pvalue == pytest.approx(2 / math.comb(6, 3), rel=ROUNDING)
    assert found.signs is not None
    assert found.signs.pvalue == pytest.approx(2 / math.comb(6, 3), rel=ROUNDING)
    assert found.trend is not None
    slope = np.polyfit(np.arange(6), np.log(ratios), 1)[0]
    assert found.trend.params["trend"] == pytest.approx(slope, rel=1e-9)


def test_an_odd_year_is_shown_and_tested_without() -> None:
    exports = years(iran, *[100.0] * 6)
    imports = years(armenia, 80.0, 400.0, 80.0, 120.0, 121.0, 119.0)
    found = compared(exports, imports, odd={"2016": "a misprint"})
    assert found.frame["odd"].to_list() == ["", "a misprint", "", "", "", ""]
    assert isinstance(found.breaks, ExactBreak)
    assert isinstance(found.without_odd, ExactBreak)
    assert (found.breaks.nobs, found.without_odd.nobs) == (6, 5)
    assert str(found.without_odd.break_date) == "2018"


def test_a_lower_bound_is_marked() -> None:
    exports = years(iran, 100.0, 412.0)
    exports.loc[1, "high"] = float("nan")
    assert compared(exports, years(armenia, 100.0, 580.0)).frame["bound"].to_list() == [False, True]


def test_years_of_another_calendar_are_cut_from_months() -> None:
    exports = pd.concat(
        [iran(100.0, Period.year(year, calendar="solar-hijri")) for year in (1400, 1401)]
    )
    imports = flow_table(*months("2021-01", [10.0] * 30))
    found = compared(exports, imports, calendar="solar-hijri")
    assert found.frame.index.to_list() == [1400, 1401]
    assert found.frame.index.name == "solar_hijri_year"
    assert found.frame["ratio"].to_list() == pytest.approx([1.2, 1.2], rel=0.01)


def test_months_of_both_sides_go_through_the_search_for_breaks() -> None:
    noise = np.random.default_rng(3).normal(0.0, 0.02, 48)
    level = np.where(np.arange(48) < 24, math.log(0.8), math.log(1.3))
    exports = flow_table(
        *months("2019-01", [100.0] * 48, reporter="IRN", valuation="FOB", partner_basis="")
    )
    imports = flow_table(*months("2019-01", 100 * np.exp(level + noise)))
    found = compared(exports, imports, freq="month")
    assert isinstance(found.breaks, BreakFit)
    assert [str(date) for date in found.breaks.break_dates] == ["2021-01"]
    assert len(found.frame) == 48


def test_periods_that_one_side_does_not_state_are_left_out_with_the_reason() -> None:
    exports = pd.concat([years(iran, 100.0), years(iran, 100.0, 100.0, first=2017)])
    imports = years(armenia, 110.0, 120.0, 0.0, 130.0)
    found = compared(exports, imports)
    assert found.frame["label"].to_list() == ["2015", "2018"]
    assert "found none for 2016-01-01 to 2016-12-31" in found.left_out["2016"]
    assert "ARM reports 0 " in found.left_out["2017"]


def test_equal_statements_have_nothing_to_test() -> None:
    found = compared(years(iran, *[100.0] * 5), years(armenia, *[100.0] * 5))
    assert found.mean_log == 0.0
    assert (found.trend, found.breaks, found.signs) == (None, None, None)


@settings(max_examples=10)
@given(
    st.lists(st.floats(50.0, 500.0), min_size=5, max_size=5, unique=True),
    st.floats(0.5, 2.0),
)
def test_the_unit_changes_nothing(imports: list[float], unit: float) -> None:
    exports, says = years(iran, *[100.0] * 5), years(armenia, *imports)
    one = compared(exports, says)
    scaled = [
        side.assign(**{name: side[name] * unit for name in ("value", "low", "high")})
        for side in (exports, says)
    ]
    other = compared(*scaled)
    assert other.frame["ratio"].to_list() == pytest.approx(one.frame["ratio"].to_list(), rel=1e-12)
    assert isinstance(one.breaks, ExactBreak)
    assert isinstance(other.breaks, ExactBreak)
    assert other.breaks.pvalue == one.breaks.pvalue


def test_what_is_refused() -> None:
    with pytest.raises(ValueError, match="months are of the gregorian calendar only"):
        compared(iran(1.0), armenia(1.0), freq="month", calendar="solar-hijri")
    with pytest.raises(UnreportedError, match="the importer has no row"):
        compared(iran(1.0), armenia(1.0).head(0))
    with pytest.raises(SchemaError, match="found no row"):
        compared(iran(1.0).head(0), armenia(1.0).head(0))
    with pytest.raises(PeriodError, match="no year of the gregorian calendar is reported by both"):
        compared(iran(1.0), armenia(1.0, Period.year(2021)))
    reverse = flow_table(statement(exporter="ARM", importer="IRN"))
    with pytest.raises(SchemaError, match="expected statements of one flow"):
        compared(iran(1.0), reverse)


@pytest.fixture(scope="module")
def case() -> dict[str, MirrorHistory]:
    both = fl.load("armstat-by-country@2025-02"), fl.load("irica-press@2024-09")
    said = {
        (exporter, reporter): table[table["exporter"] == exporter]
        for exporter in ("IRN", "ARM")
        for reporter, table in zip(("ARM", "IRN"), both, strict=True)
    }
    imports = said["IRN", "ARM"]
    said["IRN", "ARM"] = imports[imports["partner_basis"] == "origin"]
    return {
        exporter: mirror_history(
            exporter_report=said[exporter, exporter],
            importer_report=said[exporter, "ARM" if exporter == "IRN" else "IRN"],
            freq="year",
            calendar="solar-hijri",
            odd={"1398": "out of line"},
        )
        for exporter in ("IRN", "ARM")
    }


PRINTED = 0.005
"""Half a unit of the second decimal, to which the expected ratios are known."""


def test_the_case_flips_after_1398_as_far_as_seven_years_can_say(
    case: dict[str, MirrorHistory],
) -> None:
    found = case["IRN"]
    assert found.frame["label"].to_list() == ["1395", "1396", *map(str, range(1398, 1403))]
    expected = [0.90, 0.90, 0.76, 1.11, 1.54, 1.34, 1.41]
    assert found.frame["ratio"].to_list() == pytest.approx(expected, abs=PRINTED)
    assert isinstance(found.breaks, ExactBreak)
    assert found.breaks.break_date == 1399
    assert found.breaks.before < 0 < found.breaks.after
    # The three smallest come first: of 35 choices of three, these and the three last.
    assert found.breaks.pvalue == found.breaks.smallest == pytest.approx(2 / 35, rel=ROUNDING)
    assert found.signs is not None
    assert found.signs.pvalue == pytest.approx(2 / 35, rel=ROUNDING)
    assert isinstance(found.without_odd, ExactBreak)
    assert found.without_odd.nobs == 6


def test_the_other_direction_of_the_case_has_no_flip(case: dict[str, MirrorHistory]) -> None:
    found = case["ARM"]
    assert found.frame["label"].to_list() == ["1395", "1396", "1399", "1400", "1402"]
    assert (found.frame["ratio"] < 1).all()
    assert isinstance(found.breaks, ExactBreak)
    assert found.breaks.pvalue > 0.5
    assert found.without_odd is None


def test_a_series_that_is_recorded_alike_has_no_change() -> None:
    assert record_changes(flow_table(*months("2023-01", [1.0, 2.0, 3.0]))).empty


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
    (change,) = record_changes(flow_table(*rows)).itertuples(index=False)
    assert (change.date, change.name, change.kind) == (pd.Timestamp("2023-03-01"), name, kind)


def test_months_after_years_are_a_change_of_the_calendar() -> None:
    rows = [statement(value=1.0), *months("2024-01", [1.0, 2.0])]
    (change,) = record_changes(flow_table(*rows)).itertuples(index=False)
    assert (change.name, change.kind) == ("periods: calendar years to months", "calendar")


def test_the_name_of_the_partner_is_looked_at_where_there_is_one() -> None:
    rows = flow_table(*months("2023-11", [1.0, 2.0, 3.0]))
    named = rows.assign(partner_name=["Iran", "Iran", "Islamic Republic of Iran"])
    changes = record_changes(named)
    assert changes["kind"].tolist() == ["reporter"]
    assert changes["date"].tolist() == [pd.Timestamp("2024-01-01")]


def test_no_row_is_refused() -> None:
    with pytest.raises(SchemaError, match="there are no rows of the flow"):
        record_changes(flow_table(statement()).head(0))


@pytest.mark.parametrize(
    ("freq", "calendar", "labels"),
    [
        ("half-year", "gregorian", ["2015-H1", "2015-H2", "2016-H1", "2016-H2"]),
        (
            "quarter",
            "gregorian",
            [f"{year}Q{part}" for year in (2015, 2016) for part in range(1, 5)],
        ),
        ("year", "india-fiscal", ["2015"]),
        ("half-year", "india-fiscal", ["2015/16-H1", "2015/16-H2", "2016/17-H1"]),
    ],
)
def test_months_are_set_side_by_side_in_every_longer_period(
    freq: str, calendar: str, labels: list[str]
) -> None:
    months = [Period.month(year, month) for year in (2015, 2016) for month in range(1, 13)]
    exports, imports = (
        pd.concat([side(value, month) for month in months], ignore_index=True)
        for side, value in ((iran, 100.0), (armenia, 110.0))
    )
    found = compared(exports, imports, freq=freq, calendar=calendar)
    assert found.frame.index.astype(str).to_list() == labels
    assert found.frame["ratio"].to_list() == pytest.approx([1.1] * len(labels))


def test_an_unknown_length_of_periods_is_refused() -> None:
    with pytest.raises(ValueError, match="freq to be one of month, quarter, half-year, year"):
        compared(years(iran, 1.0), years(armenia, 1.0), freq="week")
