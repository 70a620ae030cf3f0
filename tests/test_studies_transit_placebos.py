"""Placebos of a transit: partners and dates at which something happened, and others."""

from typing import Any

import pytest
from number_code import check_code
from transit_months import flow_months, path, remembered, stated

import flows as fl
from flows.figures.save import draw_figure
from flows.findings import Findings
from flows.report.text import render_markdown
from flows.studies.transit import TRANSIT

KNOWN = "2022-02-24"
QUESTION: dict[str, Any] = {
    "origin": "DEU",
    "via": "GEO",
    "destination": "AZE",
    "before": [2019, 2021],
    "after": [2022, 2023],
}
EXPORTS = flow_months(stated("DEU", "GEO", "DEU", path(4e7, times=2.0, seed=1)))
STEP_BACK = 45
ZEROS = path(3e6, seed=8)
ZEROS[7] = 0.0
HUB = flow_months(
    stated("DEU", "GEO", "GEO", path(4e7, times=2.0, seed=2)),
    stated("TUR", "GEO", "GEO", path(8e7, times=3.0, seed=3)),
    stated("IRN", "GEO", "GEO", path(8e7, seed=4)),
    stated("GEO", "AZE", "GEO", path(1e7, times=3.0, seed=5)),
    stated("GEO", "TUR", "GEO", path(2e7, seed=6)),
    stated("GEO", "ITA", "GEO", ZEROS),
)


def ask(*, data: dict[str, Any] | None = None, **parameters: Any) -> Findings:
    return TRANSIT.find(
        "goods",
        data={"exports": EXPORTS, "hub": HUB} if data is None else data,
        question=QUESTION,
        parameters={"placebos": {"known": KNOWN, **parameters}},
        only=["placebos"],
    )


def text_of(findings: Findings) -> str:
    filled = render_markdown("{{ section('goods.placebos') }}", findings)
    return " ".join(filled.partition("# How each number was made")[0].split())


@pytest.fixture(scope="module")
def placebos() -> Findings:
    return ask(contaminated={"2020-03": "an illness", "TUR": "a ban"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("partners.count", 3),
        ("partners.flows", 4),
        ("partners.found", 1),
        ("partners.exceeding", 1),
        ("partners.with-break", 1),
        ("imports.flows", 2),
        ("imports.exceeding", 1),
        ("exports.found", 0),
        ("exports.exceeding", 0),
    ],
)
def test_other_partners_are_counted(placebos: Findings, name: str, value: float) -> None:
    assert placebos.number(f"goods.placebos.{name}").value == value


def test_partners_stand_ranked_beside_those_in_question(placebos: Findings) -> None:
    frame = placebos.table("goods-placebos").frame
    assert frame["flow"].to_list()[:4] == [
        "Türkiye",
        "Germany (in question)",
        "Iran",
        "Azerbaijan (in question)",
    ]
    assert placebos.words["goods.placebos.partners.reasons"] == "Türkiye (a ban)"
    assert "since a month is zero: exports to Italy" in placebos.table("goods-placebos").note


def test_every_number_comes_from_its_code(
    placebos: Findings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for fit in ("find_breaks", "fit_interruption"):
        monkeypatch.setattr(fl, fit, remembered(getattr(fl, fit)))
    for number in placebos.numbers:
        check_code(number, exports=EXPORTS, hub=HUB)


def test_text_says_first_how_often_the_method_finds_what_is_not_there(placebos: Findings) -> None:
    text = text_of(placebos)
    assert "The method also finds changes where nobody claims any. In [1]" in text
    assert "since something else happened then: 2020-03 (an illness)" in text
    assert "Germany does not stand out among the suppliers of Georgia: imports from [1]" in text
    assert draw_figure(placebos.figure("goods-placebos")).axes


def test_quiet_partners_are_told_as_such() -> None:
    text = text_of(ask(partners=["IRN"]))
    assert "The method finds no change at the known date" in text
    assert "Germany stands out among the suppliers of Georgia" in text
    assert "a reason was known" not in text


def test_dates_are_counted_and_those_that_share_no_month(placebos: Findings) -> None:
    # The hub's months begin in January 2015: January 2016 to January 2018 have twelve on each side.
    assert placebos.number("goods.placebos.dates.exports.count").value == 25
    assert placebos.number("goods.placebos.dates.exports.independent").value == 2
    assert placebos.number("goods.placebos.dates.exceeding").value == 0
    assert placebos.number("goods.placebos.dates.largest").value < 1.1
    kinds = placebos.table("goods-placebo-dates").frame[["kind", "span", "count"]]
    assert kinds.to_numpy().tolist()[:2] == [
        ["quiet", "2016-01 and 2018-01", 25.0],
        ["contaminated", "2018-02 and 2021-03", 38.0],
    ]


def test_a_date_as_large_as_the_known_one_is_found() -> None:
    values = [
        value * (2.5 if 30 <= month < STEP_BACK else 1.0)
        for month, value in enumerate(path(4e7, times=2.0, seed=2))
    ]
    table = flow_months(stated("DEU", "GEO", "DEU", values))
    findings = ask(data={"exports": table})
    assert findings.number("goods.placebos.dates.exports.exceeding").value >= 1
    largest = findings.number("goods.placebos.dates.exports.largest").value
    assert largest == pytest.approx(2.5, rel=0.05)


def test_dates_end_before_what_is_listed() -> None:
    findings = ask(data={"exports": EXPORTS}, contaminated={"2017-06": "a flood"})
    # From January 2016 to June 2016 all twelve months after a date lie before June 2017.
    assert findings.number("goods.placebos.dates.exports.count").value == 6


def test_without_the_hub_partners_are_refused() -> None:
    findings = ask(data={"exports": EXPORTS})
    assert not findings.figures
    text = text_of(findings)
    assert "what Georgia states of its trade by partner and month is not among the data" in text
    assert "earlier dates at which nothing is listed" in text


def test_without_earlier_months_dates_are_refused() -> None:
    table = EXPORTS[EXPORTS["start"] >= "2019-01-01"]
    findings = ask(data={"exports": table})
    assert not findings.numbers
    assert "no flow has months enough before 2019" in text_of(findings)
