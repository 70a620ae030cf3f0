"""Gravity in the report: on a world that is made up, and on the totals of all pairs of the case."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from bridges import armenia, iran

import flows as fl
from flows.compare.claims import Claim, Yardstick, check_claims
from flows.findings import Findings, Number
from flows.origin import call, runnable
from flows.pipeline.new.trade import draft_trade
from flows.report.text import render_markdown
from flows.scope import Scope, remember
from flows.studies.mirror import MIRROR
from flows.table import check_flows, join_flows

CODES = (
    *("ARM", "AUT", "AZE", "BEL", "BGR", "CHE", "CHN", "CZE", "DEU", "ESP", "FRA"),
    *("GBR", "GEO", "GRC", "HUN", "IND", "IRN", "ITA", "JPN", "KAZ", "POL", "TUR"),
)
LEVEL = 0.8
YEAR = {"calendar": "gregorian", "year": 2023}


def world(
    years: Mapping[int, Mapping[tuple[str, str], float]],
    *,
    codes: Sequence[str] = CODES,
    dataset: str = "everybody@1",
) -> pd.DataFrame:
    """Return trade of all pairs that gravity explains but for noise; some flows times a factor."""
    pairs = fl.pair_covariates(codes)
    rng = np.random.default_rng(5)
    size = dict(zip(codes, rng.normal(9, 1.2, len(codes)), strict=True))
    log_mean = (
        pairs["exporter"].map(size)
        + pairs["importer"].map(size)
        - 0.9 * pairs["log_distance"]
        + 0.5 * pairs["border"]
    )
    rows = []
    for year, factors in years.items():
        values = np.round(np.exp(log_mean + rng.normal(0, 0.8, len(pairs))) * 1e4, 2)
        named = zip(pairs["exporter"], pairs["importer"], strict=True)
        times = np.array([factors.get(pair, 1.0) for pair in named])
        rows.append(
            pd.DataFrame(
                {
                    "exporter": pairs["exporter"],
                    "importer": pairs["importer"],
                    "start": pd.Timestamp(year, 1, 1),
                    "end": pd.Timestamp(year, 12, 31),
                    "value": values * times,
                }
            )
        )
    table = pd.concat(rows, ignore_index=True)
    table = table.assign(
        reporter="CEPII",
        product="TOTAL",
        classification="TOTAL",
        unit="USD",
        low=table["value"],
        high=table["value"],
        valuation="FOB",
        partner_basis="",
        coverage="all goods",
        estimate=False,
        dataset=dataset,
        line=np.arange(2, len(table) + 2),
    )
    checked = check_flows(table)
    scope = Scope(
        partners="all", countries={"imports": None, "exports": None}, years=(min(years), max(years))
    )
    remember(dataset, scope.of_rows(checked))
    return checked


def reports() -> pd.DataFrame:
    """Return what Iran and Armenia state of Iran's exports in 2023; nobody states the others."""
    return join_flows([iran(100e6), armenia(132e6, line=8)])


def alone(tables: Mapping[str, Any], **parameters: Any) -> Findings:
    return MIRROR.find(
        "t",
        data={"trade": reports(), **tables},
        question={"exporter": "IRN", "importer": "ARM", "period": YEAR},
        parameters={"gravity": parameters},
        only=["gravity"],
    )


def number(findings: Findings, name: str) -> Number:
    return next(one for one in findings.numbers if one.id == f"t.{name}")


def says(findings: Findings) -> str:
    return " ".join(render_markdown("{{ section('t.gravity') }}", findings).split())


SOLD, BOUGHT = ("IRN", "ARM"), ("ARM", "IRN")


@pytest.fixture(scope="module")
def found() -> Findings:
    """Iran sells Armenia a thousand times as much in 2018, and a thousandth in 2019."""
    years = {2018: {SOLD: 1e3, BOUGHT: 1e-3}, 2019: {SOLD: 1e-3}, 2020: {}}
    return alone({"world": world(years)}, years=[2018, 2019])


def test_a_flow_is_placed_above_and_below_its_range(found: Findings) -> None:
    assert found.words["t.flow.gravity.above"] == "2018"
    assert found.words["t.flow.gravity.below"] == "2019"
    assert found.words["t.reverse.gravity.below"] == "2018"
    assert found.words["t.reverse.gravity.above"] == ""
    assert "much for such a pair in some years and little in others" in says(found)
    assert number(found, "flow.gravity.2018.percentile.like").value == 100
    assert number(found, "flow.gravity.percentile.least").value == 0
    assert number(found, "flow.gravity.percentile.most").value == 100


def test_what_is_predicted_owes_nothing_to_the_pair_itself(found: Findings) -> None:
    plain = alone({"world": world({2018: {}, 2019: {}, 2020: {}})}, years=[2018, 2019])
    for year in (2018, 2019):
        for direction in ("flow", "reverse"):
            name = f"{direction}.gravity.{year}.predicted"
            assert number(found, name).value == pytest.approx(number(plain, name).value, rel=1e-5)
    assert number(found, "flow.gravity.2018.actual").value == pytest.approx(
        1e3 * number(plain, "flow.gravity.2018.actual").value
    )


def test_a_multiple_and_the_range_say_the_same(found: Findings) -> None:
    """The multiple of the prediction, by the ends of its range, is that of the ends themselves."""
    for year in (2018, 2019):
        actual, predicted, times = (
            number(found, f"flow.gravity.{year}.{part}")
            for part in ("actual", "predicted", "times")
        )
        assert predicted.level == times.level == LEVEL
        assert times.value == pytest.approx(actual.value / predicted.value, rel=1e-5)
        assert predicted.high is not None
        assert times.low == pytest.approx(actual.value / predicted.high, rel=1e-5)
        wide = number(found, f"flow.gravity.{year}.predicted.wide")
        assert wide.low is not None
        assert predicted.low is not None
        assert wide.low <= predicted.low <= predicted.high <= (wide.high or np.inf)


def test_a_year_that_the_table_does_not_reach_is_said(found: Findings) -> None:
    reason = "the trade of all pairs is at hand for 2018 to 2020 only"
    assert found.words["t.gravity.headline.refused"] == reason
    told = says(found)
    assert f"“little” cannot be tested in this way: {reason}." in told
    assert "`flows convert BACI_HS22_Y2023_V202501.csv --by exporter,importer,year" in told


@pytest.fixture(scope="module")
def later() -> Findings:
    """Two releases: one to 2019, the other with the year of the reports, when Iran sells more."""
    tables = [world({2018: {}, 2019: {}}), world({2023: {SOLD: 1e3}}, dataset="newer@1")]
    return alone({"world": join_flows(tables)}, years=[2019])


def test_a_newer_release_beside_an_older_one_has_the_headline_year(later: Findings) -> None:
    assert later.words["t.gravity.headline.refused"] == ""
    assert "cannot be tested" not in says(later)
    assert number(later, "flow.gravity.2019.actual").rows.keys() == {"everybody@1"}
    newer = number(later, "flow.gravity.2023.actual")
    assert {"newer@1"} <= newer.rows.keys()
    assert "everybody@1" not in newer.rows
    assert number(later, "flow.gravity.2023.importer-report").value == 132
    assert number(later, "flow.gravity.2023.exporter-report").value == 100


@pytest.mark.parametrize(
    ("study", "ruling", "told"),
    [
        ("later", "supported with qualification", "“just” is not fair"),
        ("found", "supported with qualification", "“just” cannot be tested: not at hand"),
    ],
)
def test_the_word_of_a_claim_is_tested_once_the_year_is_there(
    study: str, ruling: str, told: str, request: pytest.FixtureRequest
) -> None:
    findings: Findings = request.getfixturevalue(study)
    numbers = {one.id: one for one in findings.numbers}
    numbers["sold"] = Number("sold", 412.0, "USD million", "412", "", (), {})
    gravity = Yardstick(
        "such a pair",
        number="t.flow.gravity.2023.times",
        high=1,
        unit="ratio",
        missing="not at hand",
    )
    claim = Claim(
        *("c", "just 412", "article", "", "claims.toml:1"),
        number="sold",
        low=411.5,
        high=412.5,
        unit="USD million",
        qualifier="just",
        yardsticks=(gravity,),
    )
    (verdict,) = check_claims([claim], numbers)
    assert verdict.ruling == ruling
    assert told in verdict.wording


def test_without_the_trade_of_all_pairs_the_section_says_so() -> None:
    findings = alone({})
    assert (findings.numbers, findings.tables, findings.figures) == ((), (), ())
    told = says(findings)
    assert told.count("the plan names no data set of the trade of all pairs as world") == 1
    assert "the trade between Iran and Armenia is little for such a pair cannot be tested" in told
    assert "A release of BACI with the year 2023 makes it testable." in told


def test_a_table_of_a_few_pairs_is_no_world() -> None:
    findings = alone({"world": world({2023: {}}).query("exporter == 'IRN'")})
    assert not findings.numbers
    assert "cannot be tested with the data at hand" in says(findings)


def test_a_country_without_trade_in_the_table_is_said() -> None:
    others = [code for code in CODES if code != "IRN"]
    findings = alone({"world": world({2023: {}}, codes=others, dataset="others@1")})
    assert "in 2023, found none of IRN (Iran) in others" in says(findings)


def test_the_last_years_are_looked_at_by_default() -> None:
    table = world({year: {} for year in (2015, 2016, 2017, 2018)})
    findings = alone({"world": table})
    assert list(findings.tables[0].frame["year"]) == ["2016", "2017", "2018"] * 2


@pytest.mark.parametrize("at_hand", [True, False])
def test_a_new_project_has_the_section_where_a_file_has_all_pairs(*, at_hand: bool) -> None:
    stated = reports().assign(dataset="both@1")
    tables = {"both@1": stated} | ({"everybody@1": world({2023: {}})} if at_hand else {})
    tried, _ = draft_trade("IRN", "ARM", tables)
    (mirror,) = [study for study in tried if study.draft.study == "mirror"]
    assert ("gravity" in mirror.draft.of_sections) is at_hand
    assert mirror.draft.data.get("world") == ("everybody@1" if at_hand else None)
    assert ("gravity" in mirror.left_out) is not at_hand


def test_the_figure_has_every_source_and_every_year(found: Findings) -> None:
    (figure,) = found.figures
    assert figure.draw == "draw_flow_context"
    assert list(figure.data["flow"].unique()) == ["Iran to Armenia", "Armenia to Iran"]
    assert set(figure.data["year"]) == {"2018", "2019"}
    assert figure.caption.startswith(
        "Iran to Armenia: above the range of like flows in 2018, below it in 2019."
    )
    drawn = figure.data[figure.data["kind"] == "predicted"]
    assert (drawn["low"] <= drawn["inner_low"]).all()
    assert (drawn["inner_high"] <= drawn["high"]).all()


@pytest.fixture(scope="module")
def case() -> Findings:
    ids = ("armstat-by-country@2025-02", "irica-press@2024-09")
    return MIRROR.find(
        "t",
        data={
            "trade": call(fl.join_flows, [call(fl.load, dataset).arg for dataset in ids]),
            "world": call(fl.load, "baci-totals@2020"),
        },
        question={
            "exporter": "IRN",
            "importer": "ARM",
            "period": {"calendar": "solar-hijri", "year": 1402},
            "headline": 2023,
        },
        parameters={"gravity": {"years": [2019]}},
        only=["gravity"],
    )


def test_the_case_has_the_figures_that_were_found_without_the_package(case: Findings) -> None:
    """BACI has 302 million in 2019 where a two-way model fits 43, by another program."""
    assert number(case, "flow.gravity.2019.actual").printed == "302"
    assert number(case, "flow.gravity.2019.predicted").value == pytest.approx(43, abs=1)
    own = number(case, "flow.gravity.2019.exporter-report.own-year")
    assert (own.value, own.low, own.high, own.spread) == (430, 430, None, "bounds")
    assert "Iran in a year of its own more than" in says(case)
    assert "For the year 1402, or the calendar year 2023," in says(case)


@pytest.mark.parametrize("part", ["predicted", "times", "percentile.neighbours"])
def test_the_code_of_a_number_gives_it(case: Findings, part: str) -> None:
    stated = number(case, f"flow.gravity.2019.{part}")
    names: dict[str, Any] = {}
    exec("\n".join(runnable(stated.code)), names)  # noqa: S102 - the code of a number
    assert names["value"] == pytest.approx(stated.value)
    assert names.get("low") == (None if stated.low is None else pytest.approx(stated.low))
