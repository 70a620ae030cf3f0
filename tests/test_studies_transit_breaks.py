"""Breaks and neighbours of a transit: made series whose break is known, and the case."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from number_code import check_code
from transit_months import flow_months, path, remembered, stated

import flows as fl
from flows.errors import PeriodError
from flows.figures.save import draw_figure
from flows.findings import Findings
from flows.report.text import render_markdown
from flows.studies.transit import TRANSIT
from flows.studies.transit.dated import first_month_from
from flows.studies.transit.neighbours import joint_level

KNOWN = "2022-02-24"
QUESTION: dict[str, Any] = {
    "origin": "DEU",
    "via": "GEO",
    "destination": "AZE",
    "others": ["ARM", "TUR"],
    "before": [2019, 2021],
    "after": [2022, 2023],
}
EXPORTS = flow_months(
    stated("DEU", "GEO", "DEU", path(4e7, times=2.0, seed=1)),
    stated("DEU", "ARM", "DEU", path(2e7, times=1.5, seed=2)),
    stated("DEU", "TUR", "DEU", path(9e7, seed=3)),
    since="2019",
)
HUB = flow_months(
    stated("DEU", "GEO", "GEO", path(4.4e7, seed=4)),
    stated("GEO", "AZE", "GEO", path(1e7, times=3.0, seed=5)),
    since="2019",
)
EVENTS = pd.DataFrame({"start": [KNOWN], "name": ["the event"], "kind": ["war"]})


def ask(section: str, *, data: dict[str, Any] | None = None, **parameters: Any) -> Findings:
    tables = {"exports": EXPORTS, "hub": HUB} if data is None else data
    return TRANSIT.find(
        "goods", data=tables, question=QUESTION, parameters={section: parameters}, only=[section]
    )


def text_of(findings: Findings, section: str) -> str:
    filled = render_markdown(f"{{{{ section('goods.{section}') }}}}", findings)
    return " ".join(filled.partition("# How each number was made")[0].split())


@pytest.fixture(scope="module")
def broken() -> Findings:
    return ask("breaks", data={"exports": EXPORTS, "hub": HUB, "events": EVENTS}, known=KNOWN)


@pytest.fixture(scope="module")
def neighbours() -> Findings:
    return ask("neighbours", known=KNOWN)


def test_a_step_is_dated_and_measured(broken: Findings) -> None:
    assert broken.number("goods.breaks.exports.count").value == 1
    assert "2022-03" in broken.words["goods.breaks.exports"]
    effect = broken.number("goods.breaks.exports.effect")
    assert effect.value == pytest.approx(100, abs=10)
    assert broken.table("goods-breaks").frame["effect_low"].iloc[0] < 100
    assert broken.table("goods-breaks").frame["effect_high"].iloc[0] > 100
    assert broken.number("goods.breaks.onward.effect").value == pytest.approx(200, abs=15)


def test_a_flow_that_does_not_change_has_neither_answer(broken: Findings) -> None:
    assert broken.number("goods.breaks.arrivals-consignment.count").value == 0
    assert broken.number("goods.breaks.arrivals-consignment.adjusted").value > 0.05
    assert "arrivals" not in broken.words["goods.breaks.changed"]
    assert broken.words["goods.breaks.only-known"] == "none"


def test_where_nothing_is_found_the_step_that_would_be_is_in_the_table(broken: Findings) -> None:
    frame = broken.table("goods-breaks").frame.set_index("flow")
    assert pd.isna(frame.loc["Exports of Germany to Georgia", "detectable"])
    arrivals = fl.series(HUB, exporter="DEU", importer="GEO", reporter="GEO", freq="month") / 1e6
    fit = fl.find_breaks(np.log(arrivals), regime="mean", season="dummies")
    assert frame.loc["Arrivals in Georgia from Germany by consignment", "detectable"] == (
        pytest.approx(np.exp(fit.detectable_shift), rel=1e-6)
    )


def test_flows_that_all_change_are_not_named_one_by_one() -> None:
    hub = HUB[HUB["exporter"] == "GEO"]
    findings = ask("breaks", data={"exports": EXPORTS, "hub": hub}, known=KNOWN)
    assert findings.words["goods.breaks.changed"] == "both flows"
    assert "that holds for both flows" in text_of(findings, "breaks")


def test_p_values_are_adjusted_over_all_flows(broken: Findings) -> None:
    pvalues = [number.value for number in broken.numbers if number.id.endswith(".pvalue")]
    adjusted = [number.value for number in broken.numbers if number.id.endswith(".adjusted")]
    assert adjusted == pytest.approx(list(fl.adjust_pvalues(pvalues)), rel=1e-6)


def test_every_number_comes_from_its_code(
    broken: Findings, neighbours: Findings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for fit in ("find_breaks", "fit_interruption"):
        monkeypatch.setattr(fl, fit, remembered(getattr(fl, fit)))
    for number in (*broken.numbers, *neighbours.numbers):
        check_code(number, exports=EXPORTS, hub=HUB)


def test_texts_name_the_event_and_draw(broken: Findings, neighbours: Findings) -> None:
    text = text_of(broken, "breaks")
    assert "named before looking (the event, 2022-02-24)" in text
    assert "that holds for exports of Germany to Georgia and exports of" in text
    assert "higher from then on" in text
    assert "is not among the data" not in text
    assert "Those with a break may have it in the same month" in text_of(neighbours, "neighbours")
    for figure in (*broken.figures, *neighbours.figures):
        assert draw_figure(figure).axes


def test_without_a_known_day_there_is_the_search_alone() -> None:
    findings = ask("breaks")
    assert not [number for number in findings.numbers if number.id.endswith(".effect")]
    assert "effect_text" not in findings.table("goods-breaks").labels
    assert "known date" not in text_of(findings, "breaks")
    others = ask("neighbours")
    assert not others.figures
    assert "did not rise to every country" in text_of(others, "neighbours")


def test_without_the_hub_the_exporters_alone_are_told() -> None:
    findings = ask("breaks", data={"exports": EXPORTS}, known=KNOWN)
    assert {number.id.split(".")[2] for number in findings.numbers} == {"exports"}
    assert "What Georgia states is not among the data" in text_of(findings, "breaks")


def test_beside_a_line_growth_is_no_step() -> None:
    growing = [value * 1.01**month for month, value in enumerate(path(4e7))]
    table = flow_months(stated("DEU", "GEO", "DEU", growing))
    findings = ask("breaks", data={"exports": table}, known=KNOWN)
    step = findings.number("goods.breaks.exports.effect")
    assert step.value > 50
    line = findings.number("goods.breaks.exports.beside-line")
    assert line.value == pytest.approx(0, abs=15)
    lines = ask("breaks", data={"exports": table}, known=KNOWN, regime="trend")
    assert lines.number("goods.breaks.exports.effect").value == line.value


def test_a_month_of_zero_is_told_in_percent_of_the_mean() -> None:
    values = path(4e7, times=2.0)
    values[5] = 0.0
    table = flow_months(stated("DEU", "GEO", "DEU", values))
    findings = ask("breaks", data={"exports": table}, known=KNOWN)
    assert findings.number("goods.breaks.exports.effect").value == pytest.approx(102, abs=10)
    assert "since a month is zero: exports of Germany" in findings.table("goods-breaks").note
    check_code(findings.number("goods.breaks.exports.effect"), exports=table)


def test_too_few_months_are_told_and_not_searched() -> None:
    table = EXPORTS[EXPORTS["start"] >= "2021-11-01"]
    table = table[table["start"] < "2022-04-01"]
    findings = ask("breaks", data={"exports": table}, known=KNOWN)
    assert not findings.numbers
    assert not findings.figures
    assert "not searched: too few months" in text_of(findings, "breaks")


def test_neighbours_are_ranked_and_share_their_month(neighbours: Findings) -> None:
    assert neighbours.words["goods.neighbours.found"] == "exports to Georgia and exports to Armenia"
    assert neighbours.number("goods.neighbours.with-break").value == 2
    assert neighbours.number("goods.neighbours.changed").value == 2
    assert neighbours.number("goods.neighbours.same-month").value >= 1
    years = fl.series(EXPORTS, exporter="DEU", importer="GEO", freq="year")
    assert neighbours.number("goods.neighbours.GEO.growth").value == pytest.approx(
        100 * (years["2022"] / years["2021"] - 1), rel=1e-6
    )


def test_breaks_far_apart_share_no_month() -> None:
    table = flow_months(
        stated("DEU", "GEO", "DEU", path(4e7, times=2.0)),
        stated("DEU", "ARM", "DEU", path(4e7, times=2.0, at=40, seed=2)),
        stated("DEU", "TUR", "DEU", path(4e7, seed=3)),
    )
    findings = ask("neighbours", data={"exports": table}, known=KNOWN)
    assert findings.number("goods.neighbours.same-month").value == 0
    assert "do not have it in the same month" in text_of(findings, "neighbours")


def test_a_country_alone_has_nothing_to_be_held_against() -> None:
    findings = TRANSIT.find(
        "goods",
        data={"exports": EXPORTS},
        question={**QUESTION, "others": []},
        parameters={"neighbours": {"known": KNOWN}},
        only=["neighbours"],
    )
    assert "no country is named to hold that against" in text_of(findings, "neighbours")


def test_levels_hold_together_and_days_are_checked() -> None:
    assert joint_level(5) == 0.99
    assert first_month_from("2022-03-01") == "2022-03"
    with pytest.raises(PeriodError, match="expected a day such as 2022-02-24, found 'spring'"):
        first_month_from("spring")


@pytest.fixture(scope="module")
def case() -> Findings:
    return TRANSIT.find(
        "case",
        data={
            "exports": fl.load("eurostat-exports@2024-11"),
            "rates": fl.load("ecb-rates@2026-10"),
        },
        question={
            **QUESTION,
            "origin": "EU27_2020",
            "via": "ARM",
            "destination": "RUS",
            "others": ["GEO", "KAZ", "KGZ", "UZB"],
        },
        parameters={"neighbours": {"known": KNOWN}},
        only=["neighbours"],
    )


@pytest.mark.parametrize(
    ("code", "growth"),
    [("KGZ", 344.8), ("ARM", 148.9), ("KAZ", 88.6), ("UZB", 63.8), ("GEO", 57.8)],
)
def test_growth_that_others_published(case: Findings, code: str, growth: float) -> None:
    assert case.number(f"case.neighbours.{code}.growth").printed == f"{growth}"
