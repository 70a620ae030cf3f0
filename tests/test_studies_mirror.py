"""The mirror study on the files of the case, section by section, and where data are not there."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import pytest
from bridges import YEAR, armenia, iran

import flows as fl
from flows.canonical import ESTIMATE_DIGITS, canonical
from flows.errors import FlowsError, UnitError
from flows.findings import Findings, Number
from flows.origin import read_call
from flows.report.text import render_markdown
from flows.studies.mirror import MIRROR
from flows.table import join_flows

PRINTED = 0.005
"""Half a unit of the second decimal, to which the expected values are known."""

ROUNDED = 10.0 ** (2 - ESTIMATE_DIGITS)
"""Half a unit of the last digit of each of a few addends, larger than their sum."""


def load(*ids: str) -> pd.DataFrame:
    return join_flows([fl.load(one) for one in ids])


@pytest.fixture(scope="module")
def trade() -> pd.DataFrame:
    return load("armstat-by-country@2025-02", "irica-press@2024-09", "comtrade-fuels@2025-06")


@pytest.fixture(scope="module")
def mirror(trade: pd.DataFrame) -> Findings:
    return fl.mirror_study(
        trade,
        exporter="IRN",
        importer="ARM",
        period=fl.Period.year(1402, calendar="solar-hijri"),
        cif_fob_ratio=(1.06, 1.10),
        leaves_out={"271121": "pipeline gas"},
        odd={"1398": "out of line"},
    )


def number(findings: Findings, name: str) -> Number:
    return next(one for one in findings.numbers if one.id == name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("flow.headline", 597.946992),
        ("flow.headline.consignment", 612.072283),
        ("reverse.headline", 94.550),
        ("flow.exporter-report", 412.0),
        ("flow.importer-report", 579.995),
        ("reverse.exporter-report", 89.555),
        ("reverse.importer-report", 45.0),
        ("flow.coverage", 61.974),
        ("flow.ratio.1395", 0.90),
        ("flow.ratio.1396", 0.90),
        ("flow.ratio.1398", 0.76),
        ("flow.ratio.1399", 1.11),
        ("flow.ratio.1400", 1.54),
        ("flow.ratio.1401", 1.34),
        ("flow.ratio.1402", 1.41),
        ("flow.ratio.last", 1.41),
        ("flow.months", 216),
    ],
)
def test_numbers_of_the_mirror_study(mirror: Findings, name: str, expected: float) -> None:
    assert number(mirror, f"trade.{name}").value == pytest.approx(expected, abs=PRINTED)


@pytest.mark.parametrize(
    ("name", "value", "low", "high"),
    [
        # By consignment 612.072 in 2023; 595.125 in the year 1402 is what its months give.
        ("flow.basis", -15.13, -15.13, -15.13),
        ("flow.residual.other-basis", None, 58.93 + 15.13 / 1.10, 76.70 + 15.13 / 1.06),
        # 61.974 and its share without freight, at the middle ratio of 1.08.
        ("flow.order.coverage", 61.974, 61.974 / 1.08, 61.974),
        ("flow.order.valuation", None, 518.021 * 0.08 / 1.08, 579.995 * 0.08 / 1.08),
        ("reverse.residual", None, 45 / 1.10 - 89.555, 45 / 1.06 - 89.555),
    ],
)
def test_what_order_and_basis_move(
    mirror: Findings, name: str, value: float | None, low: float, high: float
) -> None:
    found = number(mirror, f"trade.{name}")
    assert (found.low, found.high) == pytest.approx((low, high), abs=2 * PRINTED)
    if value is not None:
        assert found.value == pytest.approx(value, abs=PRINTED)


def test_the_break_of_the_ratios_is_a_number_and_a_word(mirror: Findings) -> None:
    assert mirror.words["trade.flow.break"] == "1399"
    assert mirror.words["trade.flow.break-test"] == "exact"
    assert mirror.words["trade.reverse.break-without-odd"] == "none"
    assert number(mirror, "trade.flow.break.pvalue").value == canonical(2 / 35)
    assert number(mirror, "trade.flow.break.nobs").value == 7
    assert mirror.words["trade.other-basis"] == "consignment"


def test_table_of_steps_holds_both_bridges_and_adds_up(mirror: Findings) -> None:
    table = next(one for one in mirror.tables if one.id == "trade-bridge-steps")
    for _, steps in table.frame.groupby("flow"):
        assert steps["value"].iloc[:-1].sum() == pytest.approx(steps["value"].iloc[-1], rel=ROUNDED)
    assert mirror.figures[2].id == "trade-bridge-reverse"


@pytest.fixture(scope="module")
def oil() -> Findings:
    return fl.study(
        "mirror",
        name="oil",
        data={"trade": load("wits-summary-azerbaijan@2019", "cow-trade@4.0")},
        question={
            "exporter": "AZE",
            "importer": "ISR",
            "period": {"calendar": "gregorian", "year": 2019},
        },
        sections={"silence": {"reporter": "AZE", "partner": "COW", "negligible": 0.01}},
    )


def test_a_concealed_flow_is_classed_and_not_divided(oil: Findings) -> None:
    assert number(oil, "oil.stated").value == pytest.approx(1331.62, rel=1e-12)
    # Of 23 years, 1992 to 2014, two have 164 and 154 million.
    assert number(oil, "oil.statements").value == 23
    assert number(oil, "oil.statements.little").value == 21
    assert number(oil, "oil.little.largest").value == 1
    assert number(oil, "oil.largest").value == 164
    assert oil.words["oil.class"] == "no statements"
    assert (oil.words["oil.first-year"], oil.words["oil.last-year"]) == ("1992", "2014")
    assert not any("ratio" in one.id for one in oil.numbers)
    assert all(one.rows for one in oil.numbers)


def test_a_side_without_any_row_leaves_years_empty() -> None:
    findings = fl.study(
        "mirror",
        name="silence",
        data={"trade": load("wits-summary-azerbaijan@2019")},
        question={"exporter": "AZE", "importer": "ISR", "period": fl.Period.year(2019)},
        sections={"silence": {"reporter": "AZE", "negligible": 0.01}},
    )
    assert findings.words["silence.partner"] == "Israel"
    assert findings.words["silence.first-year"] == ""
    assert [one.id for one in findings.numbers] == [
        "silence.stated",
        "silence.statements",
        "silence.statements.little",
    ]


def test_residual_of_the_bridge_lies_between_the_two_factors(mirror: Findings) -> None:
    # (579.995 - 61.974) / 1.10 - 412 and the same over 1.06
    residual = number(mirror, "trade.flow.residual")
    assert residual.low == pytest.approx(58.93, abs=PRINTED)
    assert residual.high == pytest.approx(76.70, abs=PRINTED)
    assert residual.low is not None
    assert residual.low < residual.value
    assert residual.spread == "bounds"


def test_more_than_is_a_bound_and_a_word(mirror: Findings) -> None:
    report = number(mirror, "trade.flow.exporter-report")
    assert (report.low, report.high, report.spread) == (412.0, None, "bounds")
    assert mirror.words["trade.flow.exporter-qualifier"] == "more than "
    assert mirror.words["trade.reverse.importer-qualifier"] == ""


def test_every_number_leads_to_lines_of_raw_files(mirror: Findings) -> None:
    for one in mirror.numbers:
        assert one.rows, one.id
        assert all(min(lines) > 1 for lines in one.rows.values()), one.id


def test_growth_has_an_interval_and_prints_as_its_value(mirror: Findings) -> None:
    growth = number(mirror, "trade.flow.growth")
    assert growth.spread == "interval"
    assert growth.level == 0.95
    assert growth.low is not None
    assert growth.high is not None
    assert growth.low < growth.value < growth.high
    assert float(growth.printed) == round(growth.value, 1)


def test_ratio_figure_keeps_a_place_for_the_year_without_a_figure(mirror: Findings) -> None:
    data = mirror.figures[3].data.set_index(["period", "flow"])
    assert pd.isna(data.loc[("1397", "Iran to Armenia"), "ratio"])
    assert bool(data.loc[("1398", "Iran to Armenia"), "odd"])


def test_a_pair_can_be_asked_the_other_way_round(trade: pd.DataFrame, mirror: Findings) -> None:
    findings = fl.mirror_study(
        trade,
        exporter="ARM",
        importer="IRN",
        months="ARM",
        period={"calendar": "solar-hijri", "year": 1402},
        cif_fob_ratio=(1.06, 1.10),
    )
    assert (
        number(findings, "trade.flow.residual").value
        == number(mirror, "trade.reverse.residual").value
    )
    assert (
        number(findings, "trade.reverse.headline").value
        == number(mirror, "trade.flow.headline").value
    )


def test_a_flow_is_classed_by_the_former_names_of_its_sides_too(oil: Findings) -> None:
    with pytest.warns(FutureWarning) as warned:
        found = fl.study(
            "mirror",
            name="oil",
            data={"trade": load("wits-summary-azerbaijan@2019", "cow-trade@4.0")},
            question={"exporter": "AZE", "importer": "ISR", "period": fl.Period.year(2019)},
            sections={"silence": {"teller": "AZE", "speaker": "COW", "nothing": 0.01}},
        )
    assert found.numbers == oil.numbers
    assert sorted(str(one.message) for one in warned) == [
        f"section silence({old}=...) is now section silence({new}=...)"
        for old, new in (
            ("nothing", "negligible"),
            ("speaker", "partner"),
            ("teller", "reporter"),
        )
    ]


def test_numbers_are_given_by_calls_that_a_person_would_write(mirror: Findings) -> None:
    year = 'fl.Period.year(1402, calendar="solar-hijri")'
    residual = number(mirror, "trade.flow.residual").code
    assert residual[-2] == 'value = bridge.step("residual").value / 1e6'
    assert f"    period={year}," in "\n".join(residual)
    assert read_call(residual, "fl.bridge") == {"cif_fob_ratio": (1.06, 1.1)}
    ratio = number(mirror, "trade.flow.ratio.1402").code
    assert ratio[-1] == 'value = history.frame.set_index("label")["ratio"].loc["1402"]'
    assert number(mirror, "trade.reverse.headline").code[-2:] == (
        "recut = fl.recut(exporter_report, fl.Period.year(2023))",
        "value = recut.value / 1e6",
    )


SECTIONS: Mapping[str, Mapping[str, Any]] = {
    "reports": {},
    "bridge": {},
    "choices": {},
    "history": {},
    "silence": {"reporter": "ARM", "negligible": 0.01},
    "one_number": {"log_std_devs": {"IRN": 0.1, "ARM": 0.1}},
    "standing": {},
    "all_pairs": {},
    "gravity": {},
}


def alone(section: str, trade: pd.DataFrame, **changes: Any) -> Findings:
    asked = {"exporter": "IRN", "importer": "ARM", "period": YEAR, "cif_fob_ratio": (1.06, 1.10)}
    pairs = {"pairs": trade} if section == "all_pairs" else {}
    return MIRROR.find(
        "t",
        data={"trade": trade, **pairs},
        question=asked | changes,
        parameters={section: SECTIONS[section]},
        only=[section],
    )


def says(section: str, findings: Findings) -> str:
    """Return what a section says, on one line."""
    return " ".join(render_markdown(f"{{{{ section('t.{section}') }}}}", findings).split())


def yearly() -> pd.DataFrame:
    """Return statements of the year 2023 in both directions: nobody publishes months."""
    back = {"exporter": "ARM", "importer": "IRN"}
    return join_flows(
        [
            iran(100e6),
            armenia(132e6, line=8),
            armenia(60e6, **back, valuation="FOB", partner_basis="destination", line=21),
            iran(50e6, **back, valuation="CIF", line=22),
        ]
    )


def test_every_section_is_found_in_the_folder() -> None:
    assert set(MIRROR.sections) == set(SECTIONS)


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_needs_no_other(section: str) -> None:
    findings = alone(section, yearly())
    assert list(findings.texts) == [f"t.{section}"]
    assert not [one.id for one in findings.numbers if not one.id.startswith("t.")]
    assert says(section, findings)


def test_only_sections_of_the_plan_are_made(trade: pd.DataFrame, mirror: Findings) -> None:
    year = fl.Period.year(1402, calendar="solar-hijri")
    found = alone("history", trade, period=year).numbers
    assert [one.id for one in found if one.id.endswith((".growth", ".residual"))] == []
    both = {one.id.removeprefix("trade."): one.value for one in mirror.numbers}
    assert {one.id.removeprefix("t."): one.value for one in found}.items() <= both.items()


def test_without_months_there_is_no_trend_and_the_text_says_so() -> None:
    findings = alone("reports", yearly())
    assert number(findings, "t.flow.headline").value == pytest.approx(132, rel=1e-12)
    assert (findings.tables, findings.figures) == ((), ())
    assert findings.words["t.trend.flow.refused"]
    told = says("reports", findings)
    assert "Growth from Iran to Armenia cannot be estimated: " in told
    assert "Growth from Armenia to Iran cannot be estimated: " in told
    assert "straight line" not in told


def test_a_headline_year_that_nobody_states_is_said() -> None:
    told = says("reports", alone("reports", yearly(), headline=2022))
    assert "No figure of trade from Iran to Armenia in 2022 is at hand" in told
    assert "No figure of trade from Armenia to Iran in 2022 is at hand" in told
    assert "reports imports" not in told


@pytest.mark.parametrize(
    ("section", "gone"),
    [
        ("bridge", "Iran records less than Armenia says it sent"),
        ("history", "From Armenia to Iran the mean ratio"),
        ("one_number", "From Armenia to Iran it is"),
    ],
)
def test_a_direction_that_one_side_does_not_report_is_refused(section: str, gone: str) -> None:
    trade = yearly()
    whole, one_way = alone(section, trade), alone(section, trade[trade["line"] != 22])
    part = section.replace("_", "-")
    assert not whole.words[f"t.{part}.reverse.refused"]
    assert not one_way.words[f"t.{part}.flow.refused"]
    reason = one_way.words[f"t.{part}.reverse.refused"]
    assert reason.startswith("Armenia to Iran: expected rows with reporter 'IRN', found none")
    assert (gone in says(section, whole)) == (section != "history")
    assert gone not in says(section, one_way)
    assert "Armenia to Iran: expected rows" in says(section, one_way)
    flows = [one for one in whole.numbers if one.id.startswith("t.flow.")]
    assert [one for one in one_way.numbers if one.id.startswith("t.flow.")] == flows
    assert not [one.id for one in one_way.numbers if one.id.startswith("t.reverse.")]


def test_the_bridge_of_one_direction_has_one_figure() -> None:
    trade = yearly()
    findings = alone("bridge", trade[trade["line"] != 22])
    assert [one.id for one in findings.figures] == ["t-bridge"]
    assert set(findings.tables[0].frame["flow"]) == {"Iran to Armenia"}


@pytest.mark.parametrize("section", ["bridge", "history", "one_number"])
def test_where_no_direction_has_two_reports_only_the_reasons_are_told(section: str) -> None:
    trade = yearly()
    findings = alone(section, trade[trade["reporter"] == "ARM"])
    assert (findings.numbers, findings.tables, findings.figures) == ((), (), ())
    assert says(section, findings).count("found none") == 2


def test_a_bridge_says_only_the_steps_that_it_has() -> None:
    """One year of one calendar, no goods left out: neither step is there to be told of."""
    told = says("bridge", alone("bridge", yearly()))
    assert "Freight and insurance" in told
    for gone in ("calendar year", "goods other than oil", "partner basis"):
        assert gone not in told


def test_the_part_of_a_gap_that_nothing_explains_is_given_by_hand() -> None:
    """100 sent and 132 arrived: at a ratio of 1.06 the rest is 24.5 of 32, at 1.10 it is 20."""
    findings = alone("bridge", yearly())
    share = number(findings, "t.flow.residual.share")
    assert share.low == pytest.approx(100 * (132 / 1.10 - 100) / 32)
    assert share.high == pytest.approx(100 * (132 / 1.06 - 100) / 32)
    assert findings.words["t.bridge.flow.explained"] == "part"
    figure = next(one for one in findings.figures if one.id == "t-bridge")
    assert ": 20 to 25 remain unexplained." in figure.caption


@pytest.mark.parametrize(
    ("arrived", "explained", "sign", "told"),
    [
        (108e6, "all", "either", "can explain the whole gap"),
        (132e6, "part", "more", "explain part of the gap"),
        (90e6, "none", "less", "do not explain the gap"),
        (100e6, "none", "less", "do not explain the gap"),
    ],
)
def test_the_text_says_how_much_of_the_gap_is_explained(
    arrived: float, explained: str, sign: str, told: str
) -> None:
    trade = yearly()
    trade.loc[trade["line"] == 8, ["value", "low", "high"]] = arrived
    findings = alone("bridge", trade)
    assert findings.words["t.bridge.flow.explained"] == explained
    assert findings.words["t.bridge.flow.sign"] == sign
    assert told in says("bridge", findings)
    shares = [one for one in findings.numbers if one.id == "t.flow.residual.share"]
    assert len(shares) == (explained == "part")


def test_who_reports_more_is_said_first() -> None:
    """Iran states 100 of 132 and 50 of 60; with other values it states more, or neither does."""
    told = says("bridge", alone("bridge", yearly()))
    assert told.index("Iran reports less trade than Armenia does, in both directions.") >= 0
    trade = yearly()
    trade.loc[trade["line"] == 8, ["value", "low", "high"]] = 90e6
    assert "report different amounts of their trade" in says("bridge", alone("bridge", trade))
    trade.loc[trade["line"] == 21, ["value", "low", "high"]] = 40e6
    assert "Iran reports more trade than Armenia does" in says("bridge", alone("bridge", trade))


def test_no_section_assumes_a_ratio() -> None:
    with pytest.raises(UnitError, match="expected a CIF/FOB ratio"):
        alone("bridge", yearly(), cif_fob_ratio=None)
    with pytest.raises(ValueError, match=r"expected cif_fob_ratio.*found none"):
        alone("one_number", yearly(), cif_fob_ratio=None)


def test_a_statement_made_twice_stops_every_comparison() -> None:
    twice = join_flows([yearly(), iran(90e6, dataset="irica@2025-01", line=30)])
    for section in ("bridge", "history", "one_number"):
        with pytest.raises(FlowsError, match="irica"):
            alone(section, twice)


def test_unequal_errors_are_told_as_unequal() -> None:
    findings = MIRROR.find(
        "t",
        data={"trade": yearly()},
        question={
            "exporter": "IRN",
            "importer": "ARM",
            "period": YEAR,
            "cif_fob_ratio": (1.06, 1.10),
        },
        parameters={"one_number": {"log_std_devs": {"IRN": 0.2, "ARM": 0.1}}},
        only=["one_number"],
    )
    told = says("one_number", findings)
    assert "neither is believed more" not in told
    assert told.index("20 log points") < told.index("10 log points")


def test_silence_names_its_own_witness(oil: Findings) -> None:
    told = " ".join(render_markdown("{{ section('oil.silence') }}", oil).split())
    assert "Azerbaijan reports exports to Israel of" in told
    assert "the Correlates of War project [@barbieri2009] compiles" in told
    reported = says("silence", alone("silence", yearly()))
    assert "Armenia reports imports from Iran of" in reported
    assert "Correlates of War" not in reported
    assert "Iran reports the same flow, so that the two can be compared" in reported
    assert "would pretend" not in reported
    unsaid = says("silence", alone("silence", yearly()[lambda rows: rows["reporter"] == "ARM"]))
    assert "No statement of this flow by Iran is at hand for any period" in unsaid
    assert "next to nothing" not in unsaid


def test_the_pair_asked_the_other_way_round_is_told_the_other_way_round(
    trade: pd.DataFrame,
) -> None:
    asked = {"exporter": "ARM", "importer": "IRN", "months": "ARM"}
    year = fl.Period.year(1402, calendar="solar-hijri")
    levels = says("reports", alone("reports", trade, period=year, **asked))
    exports, imports = levels.split("Its imports from Iran were")
    assert "by country of" not in exports
    assert "by country of origin (where the goods were made)" in imports
    told = says("bridge", alone("bridge", trade, period=year, **asked))
    assert "Iran reports less trade than Armenia does, in both directions." in told
    assert told.index("USD 412 million") < told.index("USD 45 million")
