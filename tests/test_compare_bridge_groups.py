"""What a group's members state, and in another currency: bridge and history by hand."""

import datetime as dt
import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statements import flow_table, months, statement

import flows as fl
from flows.compare.bridge import Bridge, bridge
from flows.compare.history import MirrorHistory, mirror_history
from flows.countries import country_groups
from flows.errors import CountryError, PeriodError, SchemaError, UnitError
from flows.measure.checks import rows_by_dataset
from flows.periods import Period
from flows.scope import Scope, remember

ROUNDING = 1e-12
"""Relative, of sums and quotients of few numbers."""
YEAR = Period.year(2023)
MEMBERS = sorted(member.alpha3 for member in country_groups()["EAEU"])


def members(side: str) -> Any:
    """Return statements of the five members, 1 to 5 a year and member, of 2023 or changed."""

    def report(*, without: str = "", **changes: Any) -> pd.DataFrame:
        other = {"exporter": "importer", "importer": "exporter"}[side]
        return flow_table(
            *(
                statement(
                    **{
                        side: member,
                        other: "DEU",
                        "reporter": member,
                        "value": float(size),
                        "dataset": "members@1",
                        "line": size,
                        "valuation": "FOB",
                        "partner_basis": "",
                        **changes,
                    }
                )
                for size, member in enumerate(MEMBERS, start=1)
                if member != without
            )
        )

    return report


exports = members("exporter")


def imports(**changes: Any) -> pd.DataFrame:
    """Return what Germany states of its imports from the five."""
    own = {"reporter": "DEU", "valuation": "CIF", "partner_basis": "origin", "dataset": "germany@1"}
    return exports(**(own | changes))


def lead(exporter_report: pd.DataFrame, importer_report: pd.DataFrame, **changes: Any) -> Bridge:
    asked: dict[str, Any] = {"period": YEAR, "headline": YEAR, "cif_fob_ratio": (1.0, 1.0)}
    asked |= {"group": "EAEU"}
    return bridge(
        exporter_report=exporter_report, importer_report=importer_report, **(asked | changes)
    )


def values(found: Bridge) -> dict[str, float]:
    return {step.id: step.value for step in found.steps}


def test_members_are_added_on_both_sides() -> None:
    assert len(MEMBERS) == 5
    extra = statement(exporter="FRA", importer="DEU", reporter="DEU", value=99.0, line=9)
    both = flow_table(*imports().to_dict("records"), {**extra, "dataset": "germany@1"})
    found = lead(exports(), both, cif_fob_ratio=(1.0, 1.5))
    assert values(found) == {
        "exporter": 15.0,
        "valuation": 15.0 - 15.0 / 1.25,
        "residual": 15.0 / 1.25 - 15.0,
        "importer": 15.0,
    }
    assert [step.name for step in found.steps[::3]] == [
        "EAEU reports, 2023",
        "Germany reports, 2023",
    ]
    assert rows_by_dataset(found.exporter.rows) == {"members@1": (1, 2, 3, 4, 5)}
    assert rows_by_dataset(found.importer.rows) == {"germany@1": (1, 2, 3, 4, 5)}


def test_a_group_may_import() -> None:
    arrivals = members("importer")(valuation="CIF", dataset="arrivals@1")
    sent = members("importer")(reporter="DEU", value=4.0)
    found = lead(sent, arrivals)
    assert (found.exporter.value, found.importer.value) == (20.0, 15.0)
    assert found.steps[-1].name == "EAEU reports, 2023"


def test_bounds_of_members_are_added_and_an_open_one_stays_open() -> None:
    found = lead(exports(value=2.0, low=1.0, high=float("nan")), imports())
    level = found.step("exporter")
    assert (level.value, level.low) == (10.0, 5.0)
    assert pd.isna(level.high)


def test_the_bridge_of_a_group_is_that_of_the_sums() -> None:
    apart = lead(exports(), imports(), cif_fob_ratio=(1.06, 1.10))
    pair = {"value": 15.0, "exporter": "FRA", "importer": "DEU"}
    summed = lead(
        flow_table(statement(reporter="FRA", valuation="FOB", partner_basis="", **pair)),
        flow_table(statement(reporter="DEU", dataset="germany@1", **pair)),
        cif_fob_ratio=(1.06, 1.10),
        group=None,
    )
    for mine, other in zip(apart.steps, summed.steps, strict=True):
        assert (mine.value, mine.low, mine.high) == (other.value, other.low, other.high)


@pytest.mark.parametrize("side", ["exporter", "importer"])
def test_a_member_that_one_side_lacks_is_named(side: str) -> None:
    reports = {"exporter": exports(), "importer": imports()}
    reports[side] = reports[side][reports[side]["exporter"] != "KGZ"]
    with pytest.raises(PeriodError, match=r"2023: expected a row of every member of EAEU.*KGZ"):
        lead(reports["exporter"], reports["importer"])


def test_a_source_of_all_partners_needs_no_row_of_a_member_without_trade() -> None:
    remember("germany@all", Scope(partners="all", countries={"imports": ("DEU",)}))
    found = lead(exports(), imports(without="KGZ", dataset="germany@all"))
    assert found.importer.value == 15.0 - (1 + MEMBERS.index("KGZ"))


def test_members_by_date() -> None:
    year = {"start": dt.date(2015, 1, 1), "end": dt.date(2015, 12, 31)}
    with pytest.raises(PeriodError, match=r"2015: Kyrgyzstan joined EAEU within the period"):
        lead(exports(**year), imports(**year), period=Period.year(2015), headline=Period.year(2015))
    history = mirror_history(
        exporter_report=flow_table(
            *exports().to_dict("records"), *exports(**year).to_dict("records")
        ),
        importer_report=flow_table(
            *imports().to_dict("records"), *imports(**year).to_dict("records")
        ),
        freq="year",
        group="EAEU",
    )
    assert history.frame["label"].to_list() == ["2023"]
    assert "joined EAEU" in history.left_out["2015"]


def test_wrong_use_says_what_to_do() -> None:
    with pytest.raises(CountryError, match=r"group: expected a group .*EU27_2020.* found 'DEU'"):
        lead(exports(), imports(), group="DEU")
    with pytest.raises(SchemaError, match=r"several members.*leave group away for one pair"):
        lead(exports().head(1), imports().head(1))
    elsewhere = flow_table(*(imports().to_dict("records")), statement(reporter="ARM"))
    with pytest.raises(SchemaError, match=r"one country on the other, .*importers ARM, DEU"):
        lead(exports(), elsewhere)
    with pytest.raises(SchemaError, match=r"one flow.*group='EU27_2020'"):
        lead(exports(), imports(), group=None)


def test_all_tables_of_a_side_are_added() -> None:
    found = lead(
        exports(),
        imports(),
        importer_other_basis=imports(value=2.0, partner_basis="consignment"),
        exporter_revised=exports(value=3.5, dataset="members@2"),
        exporter_leaves_out={
            "join": imports(value=0.5, product="2709", classification="HS", partner_basis="")
        },
    )
    assert values(found) == {
        "exporter": 15.0,
        "vintage-exporter": 2.5,
        "basis": 5.0,
        "coverage": 2.5,
        "residual": 10.0 - 2.5 - 17.5,
        "importer": 15.0,
    }


def monthly(reporter: str, sizes: Sequence[float], **changes: Any) -> list[dict[str, Any]]:
    return months("2022-12", sizes, reporter=reporter, **changes)


def both_by_month(lacking: int) -> MirrorHistory:
    """Return the history of the five, of which one lacks a month in the importer's statement."""
    sent = [
        row
        for member in MEMBERS
        for row in monthly(member, [2.0] * 14, exporter=member, importer="DEU", valuation="FOB")
    ]
    arrived = [
        row
        for member in MEMBERS
        for row in monthly("DEU", [3.0] * 14, exporter=member, importer="DEU", dataset="germany@1")
    ]
    del arrived[lacking]
    return mirror_history(
        exporter_report=flow_table(*sent),
        importer_report=flow_table(*arrived),
        freq="month",
        group="EAEU",
    )


def test_a_month_without_a_member_is_left_out_of_a_history() -> None:
    history = both_by_month(3)
    assert list(history.left_out.index) == ["2023-03"]
    assert "every member of EAEU, found none of ARM" in history.left_out["2023-03"]
    assert history.frame["ratio"].to_list() == [1.5] * 13
    assert (history.exporter, history.importer) == ("EAEU", "DEU")
    assert set(history.drawing().data["flow"]) == {"EAEU to Germany"}
    lines = rows_by_dataset(history.rows[history.rows["label"] == "2023-01"])
    assert lines == {"armstat@2025-02": (3,), "germany@1": (3,)}


EURO = [1.00, 1.10, 1.05, 1.20, 1.00, 0.90]
"""Dollars for a euro from December 2022 to May 2023."""


def rates(levels: Sequence[float] = EURO, currency: str = "USD") -> pd.DataFrame:
    starts = pd.date_range("2022-12-01", periods=len(levels), freq="MS")
    return pd.DataFrame(
        {
            "currency": currency,
            "base": "EUR",
            "start": starts,
            "end": starts + pd.offsets.MonthEnd(),
            "level": levels,
            "dataset": "rates@1",
            "line": range(2, 2 + len(levels)),
        }
    )


QUARTER = Period.quarter(2023, 1)


def sent(sizes: Sequence[float], **changes: Any) -> pd.DataFrame:
    own = {"reporter": "IRN", "valuation": "FOB", "partner_basis": "", "unit": "EUR"}
    return flow_table(*months("2023-01", sizes, **(own | changes)))


def arrived(value: float, **changes: Any) -> pd.DataFrame:
    days = {"start": QUARTER.start, "end": QUARTER.end}
    return flow_table(statement(**({"value": value, "dataset": "armenia@1"} | days | changes)))


def exchanged(sizes: Sequence[float], value: float, **changes: Any) -> Bridge:
    asked: dict[str, Any] = {"period": QUARTER, "headline": QUARTER, "rates": rates()}
    return lead(sent(sizes), arrived(value), **(asked | {"group": None} | changes))


def test_the_currency_step_by_hand() -> None:
    found = exchanged([10.0, 20.0, 30.0], 80.0)
    mean = (1.10 + 1.05 + 1.20) / 3
    own = 11.0 + 21.0 + 36.0
    assert values(found) == pytest.approx(
        {"exporter": 60 * mean, "currency": own - 60 * mean, "residual": 80 - own, "importer": 80},
        rel=ROUNDING,
    )
    step, residual = found.step("currency"), found.step("residual")
    least, most = 10 * 1.0 + 20 * 1.05 + 30 * 1.0, 10 * 1.1 + 20 * 1.2 + 30 * 1.2
    assert (step.low, step.high) == pytest.approx((least - 60 * mean, most - 60 * mean))
    assert (residual.low, residual.high) == pytest.approx((80 - most, 80 - least))
    assert found.unit == "USD"
    assert rows_by_dataset(step.rows) == {"rates@1": (2, 3, 4, 5, 6)}
    level = found.step("exporter").assumption
    assert (
        level
        == f"as published, at the mean rate of {QUARTER.label}, 1.1167 USD for one EUR (rates@1)"
    )
    assert "month before or after" in step.assumption
    assert step.assumption.endswith("(rates@1)")


def test_a_source_of_rates_is_printed() -> None:
    found = exchanged([10.0, 20.0, 30.0], 80.0, sources={"currency": "European Central Bank"})
    assert found.step("currency").assumption.endswith("(European Central Bank)")


def test_of_an_exporter_what_is_left_is_converted() -> None:
    """Re-exports of a month take the rate of that month off."""
    passed = sent([0.0, 20.0, 0.0], partner_basis="", dataset="passed@1")
    found = exchanged([10.0, 20.0, 30.0], 80.0, exporter_re_exports=passed)
    assert found.step("residual").value == pytest.approx(80 - 11 - 36, rel=ROUNDING)
    other = exchanged([10.0, 20.0, 30.0], 80.0, exporter_revised=sent([1.0, 2, 4], dataset="d@2"))
    assert other.step("residual").value == pytest.approx(80 - 1.1 - 2.1 - 4.8, rel=ROUNDING)
    for bridge_ in (found, other):
        assert sum(values(bridge_).values()) - 80 == pytest.approx(80.0, rel=ROUNDING)


def test_a_calendar_step_stands_at_the_rate_of_the_headline() -> None:
    months_ = [10.0, 20.0, 30.0, 40.0]
    period = Period.months(2023, 2, 4)
    found = lead(
        sent(months_),
        arrived(80.0, start=period.start, end=period.end),
        period=period,
        headline=QUARTER,
        group=None,
        rates=rates(),
    )
    mean = (1.10 + 1.05 + 1.20) / 3
    own = 21.0 + 36.0 + 40.0
    assert values(found) == pytest.approx(
        {
            "exporter": 60 * mean,
            "calendar": 30 * mean,
            "currency": own - 90 * mean,
            "residual": 80 - own,
            "importer": 80,
        },
        rel=ROUNDING,
    )


def test_rates_of_one_currency_change_nothing() -> None:
    with_rates = lead(
        sent([1.0, 2.0, 3.0], unit="USD"),
        arrived(9.0),
        period=QUARTER,
        headline=QUARTER,
        group=None,
        rates=rates(),
    )
    without = lead(
        sent([1.0, 2.0, 3.0], unit="USD"),
        arrived(9.0),
        period=QUARTER,
        headline=QUARTER,
        group=None,
    )
    assert with_rates.tidy().equals(without.tidy())


def test_what_rates_cannot_do_is_refused() -> None:
    with pytest.raises(UnitError, match=r"expected one unit, found EUR and USD"):
        exchanged([1.0, 2.0, 3.0], 9.0, rates=None)
    with pytest.raises(ValueError, match=r"rates=.* or exporter_rate=.* found both"):
        exchanged([1.0, 2.0, 3.0], 9.0, exporter_rate=(0.9, 1.1))
    with pytest.raises(UnitError, match=r"expected rates of USD"):
        exchanged([1.0, 2.0, 3.0], 9.0, rates=rates(currency="CHF"))
    with pytest.raises(PeriodError, match=r"rate of USD for one EUR in every month.*2023-04"):
        exchanged([1.0, 2.0, 3.0], 9.0, rates=rates(EURO[:4]))
    whole = sent([9.0], end=dt.date(2023, 3, 31))
    with pytest.raises(PeriodError, match=r"by month.*convert_currency.*exporter_rate="):
        lead(whole, arrived(9.0), period=QUARTER, headline=QUARTER, group=None, rates=rates())
    with pytest.raises(UnitError, match=r"one unit, found EUR and USD"):
        exchanged([1.0] * 3, 9.0, exporter_revised=sent([1.0] * 3, unit="USD", dataset="d@2"))


sizes = st.lists(st.floats(1.0, 1e9), min_size=3, max_size=3)
levels = st.lists(st.floats(0.5, 2.0), min_size=5, max_size=5)
ranges = st.tuples(st.floats(1.0, 1.5), st.floats(1.0, 1.5)).map(lambda two: (min(two), max(two)))


@settings(max_examples=40)
@given(sizes, levels, ranges)
def test_steps_add_up_and_extremes_are_those_of_all_choices(
    exported: list[float], by_month: list[float], ratio: tuple[float, float]
) -> None:
    value = sum(exported)
    found = exchanged(exported, value, rates=rates(by_month), cif_fob_ratio=ratio)
    assert sum(step.value for step in found.steps[:-1]) == pytest.approx(value, rel=1e-9)
    choices = [by_month[month : month + 3] for month in range(3)]
    grid = [
        value / divisor - sum(size * rate for size, rate in zip(exported, chosen, strict=True))
        for chosen in itertools.product(*choices)
        for divisor in np.linspace(*ratio, 5)
    ]
    residual = found.step("residual")
    scale = 4 * value * ROUNDING
    assert residual.low == pytest.approx(min(grid), rel=ROUNDING, abs=scale)
    assert residual.high == pytest.approx(max(grid), rel=ROUNDING, abs=scale)
    assert residual.low <= residual.value + scale
    assert residual.value <= residual.high + scale


@settings(max_examples=20)
@given(sizes, st.floats(0.5, 2.0))
def test_a_constant_rate_is_a_step_of_nothing(exported: list[float], rate: float) -> None:
    found = exchanged(exported, sum(exported), rates=rates([rate] * 5))
    step = found.step("currency")
    assert step.low == step.value == step.high
    assert step.value == pytest.approx(0.0, abs=sum(exported) * ROUNDING)


def test_the_members_of_the_union_and_what_a_partner_states_of_them() -> None:
    """The facts of the case: million dollars by month, and imports by consignment."""
    union = fl.select_flows(fl.load("eurostat-exports@2024-11"), importer="ARM")
    armenia = fl.load("armstat-partners@2025-02")
    arrivals = fl.select_flows(armenia, importer="ARM", partner_basis="consignment")
    for year, exported, imported in (
        (2021, 894.1, 1029.6),
        (2022, 1951.4, 1769.0),
        (2023, 2337.7, 2249.0),
    ):
        period = Period.year(year)
        found = bridge(
            exporter_report=union,
            importer_report=arrivals,
            period=period,
            headline=period,
            cif_fob_ratio=(1.06, 1.10),
            rates=fl.load("ecb-rates@2026-10"),
            group="EU27_2020",
        )
        by_month = found.step("exporter").value + found.step("currency").value
        assert by_month / 1e6 == pytest.approx(exported, abs=0.05)
        assert found.importer.value / 1e6 == pytest.approx(imported, abs=0.05)
        low, high = imported / 1.10, imported / 1.06
        inner = sorted((low - exported, high - exported))
        assert found.step("residual").low / 1e6 < inner[0] + 0.1
        assert found.step("residual").high / 1e6 > inner[1] - 0.1
