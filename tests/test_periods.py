"""Calendars against the authority's published table; re-cutting by hand and by its properties."""

from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.errors import PeriodError
from flows.periods import Period, period_from, recut

# Leap years of the table "Kabise Shamsi 1206-1498" of the Calendar Center, Institute of
# Geophysics, University of Tehran, from the plain-text copy (CC0) in roozbehp/persiancalendar.
# With one first day of the same table they fix every other.
LEAP_YEARS = {
    *(1210, 1214, 1218, 1222, 1226, 1230, 1234, 1238, 1243, 1247, 1251, 1255, 1259, 1263, 1267),
    *(1271, 1276, 1280, 1284, 1288, 1292, 1296, 1300, 1304, 1309, 1313, 1317, 1321, 1325, 1329),
    *(1333, 1337, 1342, 1346, 1350, 1354, 1358, 1362, 1366, 1370, 1375, 1379, 1383, 1387, 1391),
    *(1395, 1399, 1403, 1408, 1412, 1416, 1420, 1424, 1428, 1432, 1436, 1441, 1445, 1449, 1453),
    *(1457, 1461, 1465, 1469, 1474, 1478, 1482, 1486, 1490, 1494, 1498),
}
FIRST_DAY_1206 = date(1827, 3, 22)
PRINTED = 0.0005  # the alignment file prints million USD with three decimals
FLOAT = 1e-9  # sums of at most a few dozen doubles


def months(first: str, last: str, values: np.ndarray | None = None) -> pd.DataFrame:
    index = pd.period_range(first, last, freq="M")
    return pd.DataFrame(
        {
            "start": index.start_time.astype("datetime64[s]"),
            "end": index.end_time.normalize().astype("datetime64[s]"),
            "value": np.ones(len(index)) if values is None else values,
            "dataset": "months@1",
            "line": range(2, len(index) + 2),
        }
    )


def test_solar_hijri_years_are_those_of_the_published_table() -> None:
    first_day = FIRST_DAY_1206
    for year in range(1206, 1499):
        days = 366 if year in LEAP_YEARS else 365
        assert (
            Period.year(year, calendar="solar-hijri").start,
            Period.year(year, calendar="solar-hijri").days,
        ) == (first_day, days)
        first_day += timedelta(days=days)


@pytest.mark.parametrize(
    ("month", "days"), [(1, 31), (6, 31), (7, 30), (11, 30), (12, 29)], ids=str
)
def test_solar_hijri_months_have_their_lengths(month: int, days: int) -> None:
    assert Period.months(1402, month, month, calendar="solar-hijri").days == days


def test_twelve_months_are_the_year() -> None:
    assert Period.months(1402, 1, 12, calendar="solar-hijri") == Period.year(
        1402, calendar="solar-hijri"
    )
    assert period_from({"calendar": "gregorian", "year": 2023, "month": [1, 12]}) == Period.year(
        2023
    )


@pytest.mark.parametrize(
    ("period", "start", "end", "label"),
    [
        (Period.year(2024), date(2024, 1, 1), date(2024, 12, 31), "2024"),
        (Period.month(2023, 12), date(2023, 12, 1), date(2023, 12, 31), "2023-12"),
        (Period.window(2016, 2020), date(2016, 1, 1), date(2020, 12, 31), "2016-2020"),
        (Period.window(2016, 2016), date(2016, 1, 1), date(2016, 12, 31), "2016"),
        (Period.year(1402, calendar="solar-hijri"), date(2023, 3, 21), date(2024, 3, 19), "1402"),
        (
            Period.months(1400, 1, 5, calendar="solar-hijri"),
            date(2021, 3, 21),
            date(2021, 8, 22),
            "1400-01..1400-05",
        ),
    ],
    ids=lambda value: value.label if isinstance(value, Period) else "",
)
def test_a_period_has_its_days_and_its_label(
    period: Period, start: date, end: date, label: str
) -> None:
    assert (period.start, period.end, period.label) == (start, end, label)


@pytest.mark.parametrize(
    ("entry", "period"),
    [
        ({"calendar": "solar-hijri", "year": 1402}, Period.year(1402, calendar="solar-hijri")),
        (
            {"calendar": "solar-hijri", "year": 1400, "month": [1, 5]},
            Period.months(1400, 1, 5, calendar="solar-hijri"),
        ),
        ({"calendar": "gregorian", "year": 2023, "month": 3}, Period.month(2023, 3)),
        ({"calendar": "gregorian", "year": [2016, 2020]}, Period.window(2016, 2020)),
    ],
    ids=str,
)
def test_configuration_names_every_kind_of_period(entry: dict[str, object], period: Period) -> None:
    assert period_from(entry) == period


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"year": 2023}, "expected the keys calendar, year .* found year"),
        ({"calendar": "gregorian", "year": 2023, "day": 1}, "found calendar, year, day"),
        (
            {"calendar": "julian", "year": 2023},
            "expected gregorian, solar-hijri, .* found 'julian'",
        ),
        ({"calendar": ["gregorian"], "year": 2023}, "found \\['gregorian'\\]"),
        ({"calendar": "gregorian", "year": "2023"}, "expected a number or a pair as year"),
        (
            {"calendar": "gregorian", "year": [2020, 2021], "month": 1},
            "expected a month of one year",
        ),
        ({"calendar": "gregorian", "year": 2023, "month": 13}, "expected 1 to 12, found 13"),
    ],
    ids=str,
)
def test_a_faulty_configuration_is_named(entry: dict[str, object], message: str) -> None:
    with pytest.raises(PeriodError, match=message):
        period_from(entry)


def test_a_year_of_the_other_calendar_is_refused() -> None:
    with pytest.raises(PeriodError, match="solar-hijri year: expected 1206 to 1498, found 2023"):
        Period.year(2023, calendar="solar-hijri")
    with pytest.raises(PeriodError, match="gregorian year: expected 1800 to 2199, found 1402"):
        Period.year(1402)


def test_a_period_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(PeriodError, match="on or after its start 2020-01-01, found 2016-12-31"):
        Period.window(2020, 2016)


def test_years_between_leaves_out_years_that_stick_out() -> None:
    start, end = date(2022, 3, 21), date(2024, 3, 18)
    assert Period.between(start, end, calendar="solar-hijri", span="year") == (
        Period.year(1401, calendar="solar-hijri"),
    )
    assert Period.between(start, end, calendar="gregorian", span="year") == (Period.year(2023),)
    assert (
        Period.between(date(1500, 1, 1), date(1700, 1, 1), calendar="solar-hijri", span="year")
        == ()
    )


def test_edges_are_weighted_by_days() -> None:
    parts = months("2023-03", "2023-05", np.array([31.0, 60.0, 7.0]))
    found = recut(parts, Period.months(1402, 1, 1, calendar="solar-hijri"))
    assert found.value == pytest.approx(11 + 60 * 20 / 30, abs=FLOAT)
    assert found.rows["weight"].tolist() == pytest.approx([11 / 31, 20 / 30], abs=FLOAT)
    assert found.rows["line"].tolist() == [2, 3]


@pytest.mark.parametrize(("edges", "value"), [("whole-in", 98.0), ("whole-out", 60.0)])
def test_months_at_the_edges_can_move_whole(edges: str, value: float) -> None:
    parts = months("2023-03", "2023-05", np.array([31.0, 60.0, 7.0]))
    spring = Period(date(2023, 3, 21), date(2023, 5, 1), "spring", "gregorian")
    assert recut(parts, spring, edges=edges).value == value


def test_an_unknown_rule_for_the_edges_is_refused() -> None:
    with pytest.raises(ValueError, match="expected days, whole-in, whole-out, found 'split'"):
        recut(months("2023-01", "2023-12"), Period.year(2023), edges="split")


def test_days_without_a_part_are_named() -> None:
    parts = months("2023-01", "2023-11").drop(index=[2, 3])
    with pytest.raises(PeriodError, match="none for 2023-03-01 to 2023-04-30, 2023-12-01 to 2023"):
        recut(parts, Period.year(2023))


def test_nothing_at_all_is_a_gap() -> None:
    with pytest.raises(PeriodError, match="found none for 2023-01-01 to 2023-12-31"):
        recut(months("2020-01", "2020-12"), Period.year(2023))


def test_days_in_two_parts_are_named_with_their_lines() -> None:
    parts = pd.concat([months("2023-01", "2023-12"), months("2023-06", "2023-06")])
    with pytest.raises(
        PeriodError, match="found 2 for 2023-06-01 to 2023-06-30 at months@1 lines 7, 2"
    ):
        recut(parts, Period.year(2023))


def test_a_year_beside_its_months_is_covered_twice() -> None:
    year = pd.DataFrame(
        {
            "start": [pd.Timestamp(2023, 1, 1)],
            "end": [pd.Timestamp(2023, 12, 31)],
            "value": [1.0],
        }
    )
    parts = pd.concat([year, months("2023-03", "2023-04")[["start", "end", "value"]]])
    with pytest.raises(PeriodError, match=r"found 2 for 2023-03-01 to 2023-03-31$"):
        recut(parts, Period.year(2023))


def test_a_missing_value_is_not_a_zero() -> None:
    parts = months("2023-01", "2023-12")
    parts.loc[4, "value"] = np.nan
    with pytest.raises(PeriodError, match="found none in the part from 2023-05-01 at months@1 li"):
        recut(parts, Period.year(2023))


def test_a_missing_value_outside_the_period_does_not_matter() -> None:
    parts = months("2023-01", "2024-12")
    parts.loc[12:, "value"] = np.nan
    assert recut(parts, Period.year(2023)).value == 12


amounts = st.lists(st.floats(0, 1e9), min_size=36, max_size=36).map(np.array)
three_years = ("2021-01", "2023-12")


@given(amounts, st.lists(st.integers(1, 1094), max_size=8, unique=True))
def test_periods_that_follow_one_another_keep_the_total(
    values: np.ndarray, cuts: list[int]
) -> None:
    parts = months(*three_years, values)
    starts = [date(2021, 1, 1) + timedelta(days=day) for day in [0, *sorted(cuts), 1095]]
    periods = [
        Period(start, following - timedelta(days=1), str(start), "gregorian")
        for start, following in pairwise(starts)
    ]
    total = sum(recut(parts, period).value for period in periods)
    assert total == pytest.approx(values.sum(), rel=FLOAT)


@given(amounts, st.integers(0, 700), st.integers(0, 394))
def test_whole_months_bound_the_weighted_ones(values: np.ndarray, begin: int, days: int) -> None:
    start = date(2021, 1, 1) + timedelta(days=begin)
    period = Period(start, start + timedelta(days=days), "some days", "gregorian")
    parts = months(*three_years, values)
    low, middle, high = (
        recut(parts, period, edges=edges) for edges in ("whole-out", "days", "whole-in")
    )
    rounding = 1e-12 * high.value
    assert low.value - rounding <= middle.value <= high.value + rounding
    inside = (middle.rows["start"].dt.date >= period.start) & (
        middle.rows["end"].dt.date <= period.end
    )
    assert (middle.rows.loc[inside, "weight"] == 1).all()
    assert (middle.rows.loc[~inside, "weight"] < 1).all()


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("export", "armstat_export"),
        ("import_origin", "armstat_import_origin"),
        ("import_consignment", "armstat_import_consignment"),
    ],
)
def test_recut_of_a_real_export_meets_the_alignment_file(
    shared_data: Path, column: str, expected: str
) -> None:
    facts = shared_data / "facts"
    table = pd.read_csv(facts / "derived_armstat_iran_monthly_2007_2024.csv")
    parts = months("2007-01", "2024-12", table[column].to_numpy() / 1e3)
    alignment = pd.read_csv(facts / "derived_solar_hijri_alignment.csv").set_index("sh_year")
    assert len(alignment) == 16
    for year, row in alignment.iterrows():
        period = Period.year(year, calendar="solar-hijri")
        assert (str(period.start), str(period.end)) == (row["start"], row["end"])
        assert abs(recut(parts, period).value - row[expected]) <= PRINTED + FLOAT
