"""The studies on the raw files of the case; expected values are those of the sources themselves."""

from pathlib import Path

import pandas as pd
import pytest

import flows as fl
from flows.findings import Findings, Number
from flows.sources import list_sources
from flows.studies import STUDIES
from flows.studies.sources import sources_study
from flows.table import join_flows

ROOT = Path(__file__).parents[1]
PRINTED = 0.005
"""Half a unit of the second decimal, to which the expected values are known."""


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
        period=fl.solar_hijri_year(1402),
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
    assert number(mirror, "trade.flow.break.pvalue").value == pytest.approx(2 / 35, rel=1e-12)
    assert number(mirror, "trade.flow.break.nobs").value == 7
    assert mirror.words["trade.other-basis"] == "consignment"


def test_table_of_steps_holds_both_bridges_and_adds_up(mirror: Findings) -> None:
    frame = mirror.tables[0].frame
    assert mirror.tables[0].id == "trade-bridge-steps"
    for _, steps in frame.groupby("flow"):
        assert steps["value"].iloc[:-1].sum() == pytest.approx(steps["value"].iloc[-1], rel=1e-12)
    assert mirror.figures[2].id == "trade-bridge-reverse"


@pytest.fixture(scope="module")
def oil() -> Findings:
    return fl.silence_study(
        load("wits-summary-azerbaijan@2019", "cow-trade@4.0"),
        exporter="AZE",
        importer="ISR",
        teller="AZE",
        speaker="COW",
        period={"calendar": "gregorian", "year": 2019},
        nothing=0.01,
        name="oil",
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
    findings = fl.silence_study(
        load("wits-summary-azerbaijan@2019"),
        exporter="AZE",
        importer="ISR",
        teller="AZE",
        period=fl.gregorian_year(2019),
        nothing=0.01,
    )
    assert findings.words["silence.speaker"] == "Israel"
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


def test_the_study_of_sources_lists_their_terms() -> None:
    sources = list_sources(ROOT)
    findings = sources_study(sources)
    assert list(findings.tables[0].frame["id"]) == sorted(source.id for source in sources)
    assert findings.numbers[0].value == len(sources)
    with pytest.raises(ValueError, match="at least one data set"):
        sources_study([])


def test_studies_are_known_by_the_names_of_the_plan() -> None:
    assert set(STUDIES) == {
        "arms-trend",
        "dyad",
        "mirror",
        "reconciliation",
        "silence",
        "sources",
        "supplier",
        "trend",
    }
