"""Much or little: held against a count of the raw files that uses nothing of the package."""

import csv
from collections import defaultdict
from pathlib import Path

import pandas as pd
import pytest
from bridges import armenia, iran

import flows as fl
from flows.findings import Findings, Number
from flows.origin import call, runnable
from flows.report.text import render_markdown
from flows.studies.mirror import MIRROR
from flows.table import join_flows

ROOT = Path(__file__).resolve().parents[1]
PARTNERS = ROOT / "data/raw/armstat-partners/2025-02/trade-by-country.csv"
PAIR = ROOT / "data/raw/armstat-by-country/2025-02/trade-by-country.csv"
PRESS = ROOT / "data/raw/irica-press/2024-09/iran-armenia.csv"
UNNAMED = "EU countries not specified"
IRAN = {"Iran", "Islamic Republic of Iran"}
QUESTION = {
    "exporter": "IRN",
    "importer": "ARM",
    "period": {"calendar": "solar-hijri", "year": 1402},
    "headline": 2023,
}


@pytest.fixture(scope="module")
def standing() -> Findings:
    ids = ("armstat-by-country@2025-02", "irica-press@2024-09")
    return MIRROR.find(
        "trade",
        data={
            "trade": call(fl.join_flows, [call(fl.load, dataset).arg for dataset in ids]),
            "partners": call(fl.load, "armstat-partners@2025-02"),
        },
        question=QUESTION,
        parameters={},
        only=["standing"],
    )


def number(findings: Findings, name: str) -> Number:
    return next(number for number in findings.numbers if number.id == name)


def amounts_by_country(column: str) -> dict[str, float]:
    """Add up a column of the raw file by country in 2023, thousand USD."""
    sums: dict[str, float] = defaultdict(float)
    with PARTNERS.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            if row["year"] == "2023":
                sums["Iran" if row["country"] in IRAN else row["country"]] += float(row[column])
    return sums


@pytest.mark.parametrize(
    ("name", "suffix", "column"),
    [
        ("flow.suppliers", "", "import_origin"),
        ("flow.suppliers", ".consignment", "import_consignment"),
        ("reverse.customers", "", "export"),
    ],
)
def test_the_place_among_partners_is_that_of_the_raw_file(
    standing: Findings, name: str, suffix: str, column: str
) -> None:
    sums = amounts_by_country(column)
    iran_sum = sums["Iran"]
    named = [amount for country, amount in sums.items() if country != UNNAMED]
    rank = 1 + sum(amount > iran_sum for amount in named)
    share = 100 * iran_sum / sum(sums.values())
    expected = {
        "partners": len(named),
        "rank": rank,
        "share": share,
        "times-average": iran_sum / (sum(named) / len(named)),
    }
    for what, value in expected.items():
        assert number(standing, f"trade.{name}.{what}{suffix}").value == pytest.approx(value)
    at_best, at_most = (
        number(standing, f"trade.{name}.{what}{suffix}") for what in ("rank", "share")
    )
    assert (at_best.low, at_best.high) == (rank, None)
    assert (at_most.low, at_most.high) == (None, pytest.approx(share))


def years_of_pair(column: str) -> dict[int, float]:
    sums: dict[int, float] = defaultdict(float)
    with PAIR.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            sums[int(row["year"])] += float(row[column])
    return sums


def years_of_press(flow: str) -> dict[int, float]:
    with PRESS.open(encoding="utf-8", newline="") as file:
        return {
            int(row["iranian_year"]): float(row["value_million_usd"])
            for row in csv.DictReader(file)
            if row["flow"] == flow and not row["months"]
        }


def test_the_past_is_that_of_the_raw_files(standing: Findings) -> None:
    """Both sides' first common year: 1395 began in March 2016, Iran's first figure."""
    imports, exports = years_of_pair("import_origin"), years_of_pair("export")
    sold, bought = years_of_press("export"), years_of_press("import")
    assert min(sold) == min(bought) == 1395
    for name, value in {
        "flow.past.importer.since": imports[2023] / imports[2016],
        "flow.past.importer.before": imports[2023] / imports[2022],
        "reverse.past.exporter.since": exports[2023] / exports[2016],
        "reverse.past.exporter.before": exports[2023] / exports[2022],
        "flow.past.exporter.since": sold[1402] / sold[1395],
        "flow.past.exporter.before": sold[1402] / sold[1401],
        "reverse.past.importer.since": bought[1402] / bought[1395],
        "reverse.past.importer.before": bought[1402] / bought[1400],
    }.items():
        assert number(standing, f"trade.{name}").value == pytest.approx(value)


def test_more_than_is_at_least_that_multiple(standing: Findings) -> None:
    sold = number(standing, "trade.flow.past.exporter.before")
    assert (sold.low, sold.high) == (sold.value, None)
    assert number(standing, "trade.reverse.past.importer.before").spread is None


def test_the_code_of_a_number_gives_it(standing: Findings) -> None:
    for name in ("flow.suppliers.times-average", "flow.past.exporter.since"):
        stated = number(standing, f"trade.{name}")
        names: dict[str, object] = {}
        exec("\n".join(runnable(stated.code)), names)  # noqa: S102 - the code of a number
        assert names["value"] == pytest.approx(stated.value)


def test_the_text_says_what_the_data_do_not_hold(standing: Findings) -> None:
    text = " ".join(render_markdown("{{ section('trade.standing') }}", standing).split())
    assert "behind Russia, China and United States" in text
    assert "among all partners a rank is this or a worse one" in text
    assert "its other markets and its other suppliers are not among the data" in text
    assert "Iran sold more to Armenia than the average of its suppliers that the data name" in text
    assert "Iran bought less from Armenia than the average of its customers" in text


def all_partners() -> pd.DataFrame:
    """Return a year in which Armenia buys from three countries, and each has a year before."""
    amounts = {"IRN": (30e6, 60e6), "RUS": (90e6, 90e6), "GEO": (20e6, 50e6)}
    return join_flows(
        [
            armenia(value, exporter=sender, start=f"{year}-01-01", end=f"{year}-12-31", line=line)
            for place, (sender, values) in enumerate(amounts.items())
            for line, (year, value) in enumerate(zip((2022, 2023), values, strict=True), 10 * place)
        ]
    )


def alone(trade: pd.DataFrame) -> Findings:
    question = {**QUESTION, "period": {"calendar": "gregorian", "year": 2023}}
    return MIRROR.find(
        "t", data={"trade": trade}, question=question, parameters={}, only=["standing"]
    )


def test_a_whole_that_somebody_states_has_no_bounds() -> None:
    findings = alone(fl.state_whole(all_partners(), reason="made up"))
    assert number(findings, "t.flow.suppliers.rank").value == 2
    share = number(findings, "t.flow.suppliers.share")
    assert (share.value, share.spread) == (pytest.approx(30), None)
    assert number(findings, "t.flow.suppliers.times-average").value == pytest.approx(0.9)
    assert number(findings, "t.flow.past.importer.before").value == pytest.approx(2)
    assert findings.words["t.past.exporter.flow.refused"].startswith("Iran to Armenia: ")
    text = " ".join(render_markdown("{{ section('t.standing') }}", findings).split())
    assert "Iran sold less to Armenia than the average of its suppliers:" in text
    assert text.count("times that of 2022") == 1


def test_a_table_of_one_pair_says_that_it_lists_no_others() -> None:
    findings = alone(join_flows([iran(100e6), armenia(132e6, line=8)]))
    assert not findings.numbers
    for kind in ("suppliers", "customers"):
        for direction in ("flow", "reverse"):
            assert findings.words[f"t.{kind}.{direction}.refused"] == (
                "no data set at hand lists them"
            )
    text = render_markdown("{{ section('t.standing') }}", findings)
    assert "What other suppliers sold to Armenia is not among the data" in text
