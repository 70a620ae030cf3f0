"""Both reports of a transit study: ratios and bridges by hand, what is missing, and the case."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from number_code import check_code
from statements import flow_table, months

import flows as fl
from flows.countries import country_groups
from flows.findings import Findings
from flows.origin import call
from flows.report.text import render_markdown
from flows.studies.transit import TRANSIT

ROUNDING = 1e-6
"""Relative; findings keep so many digits."""
MEMBERS = sorted(member.alpha3 for member in country_groups()["EAEU"])
BEFORE, AFTER = 36, 24
"""Months of 2019-2021 and of 2022-2023."""
RATE = 1.25

QUESTION: dict[str, Any] = {
    "origin": "EAEU",
    "via": "DEU",
    "destination": "FRA",
    "before": [2019, 2021],
    "after": [2022, 2023],
    "cif_fob_ratio": [1.0, 1.2],
}


def by_member(values: Sequence[float], **changes: Any) -> list[dict[str, Any]]:
    return [
        row
        for member in MEMBERS
        for row in months("2019-01", values, exporter=member, importer="DEU", **changes)
    ]


def sent() -> pd.DataFrame:
    """Return 1 million euro a month of each of the five members, after 2021 twice as much."""
    rows = []
    for member in MEMBERS:
        own = {"reporter": member, "unit": "EUR", "valuation": "FOB", "dataset": "sent@1"}
        values = [1e6] * BEFORE + [2e6] * AFTER
        rows += months("2019-01", values, exporter=member, importer="DEU", **own)
    return flow_table(*rows)


def arrived(before: float = 1.2, after: float = 0.8, *, wave: float = 0.02) -> pd.DataFrame:
    """Return so many times as much in dollars, by consignment; by origin half of that."""
    noise = np.exp(wave * np.random.default_rng(5).standard_normal(BEFORE + AFTER))
    values = RATE * 1e6 * noise * np.repeat([before, 2 * after], [BEFORE, AFTER])
    own = {"reporter": "DEU", "dataset": "hub@1"}
    return flow_table(
        *by_member(list(values), partner_basis="consignment", **own),
        *by_member(list(values / 2), partner_basis="origin", **own),
    )


def rates() -> pd.DataFrame:
    starts = pd.date_range("2018-12-01", periods=BEFORE + AFTER + 2, freq="MS")
    return pd.DataFrame(
        {
            "currency": "USD",
            "base": "EUR",
            "start": starts,
            "end": starts + pd.offsets.MonthEnd(),
            "level": RATE,
            "dataset": "rates@1",
            "line": range(2, 2 + len(starts)),
        }
    )


def answered(
    section: str, data: dict[str, Any], parameters: dict[str, Any] | None = None, **question: Any
) -> Findings:
    return TRANSIT.find(
        "case",
        data=data,
        question={**QUESTION, **question},
        parameters={section: parameters or {}},
        only=[section],
    )


def tables(**changes: Any) -> dict[str, Any]:
    return {"exports": sent(), "hub": arrived(), "rates": rates(), **changes}


def values(found: Findings) -> dict[str, float]:
    return {number.id.removeprefix("case."): number.value for number in found.numbers}


def text_of(found: Findings, section: str) -> str:
    front = "---\ntitle: A case\n---\n\n"
    text = render_markdown(f"{front}{{{{ section('case.{section}') }}}}\n", found)
    return " ".join(text.split())


def test_ratios_by_hand() -> None:
    found = answered("mirror", tables(hub=arrived(wave=0.0)))
    ratios = values(found)
    for basis, times in (("consignment", 1.0), ("origin", 0.5)):
        for year in range(2019, 2024):
            expected = times * (1.2 if year < 2022 else 0.8)
            assert ratios[f"mirror.{basis}.{year}"] == pytest.approx(expected, rel=ROUNDING)
        for end in ("", ".lowest", ".highest"):
            before, after = (ratios[f"mirror.{basis}.{when}{end}"] for when in ("before", "after"))
            assert (before, after) == pytest.approx((1.2 * times, 0.8 * times), rel=ROUNDING)
    frame = found.table("case-ratios").frame
    assert frame["exporters"].to_list() == pytest.approx([75.0] * 3 + [150.0] * 2)
    assert frame["importer-origin"].to_list() == pytest.approx([45.0] * 3 + [60.0] * 2)


def test_the_month_of_a_change_is_found_and_told() -> None:
    found = answered("mirror", tables())
    ratios = values(found)
    assert ratios["mirror.consignment.break"] == 1
    assert ratios["mirror.consignment.break.from"] == pytest.approx(1.2, rel=0.02)
    assert ratios["mirror.consignment.break.to"] == pytest.approx(0.8, rel=0.02)
    assert ratios["mirror.consignment.break.pvalue"] < 0.05
    assert found.words["case.mirror.consignment.break"].startswith("January 2022 (95% interval")
    figure = found.figure("case-ratio")
    assert set(figure.data["series"]) == {"by consignment", "by origin"}
    assert [mark["series"] for mark in figure.options["breaks"]] == ["by consignment"]  # type: ignore[index,union-attr]
    (axes,) = figure.plot().axes
    legend = axes.get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["both reports agree"]
    low, high = axes.get_ylim()
    assert low < 1 < high
    said = text_of(found, "mirror")
    assert "Germany used to record more than EAEU states to send, and now records less." in said
    assert "larger one by 0 to 20 percent" in said
    assert "By month the ratio changes at January 2022" in said


def test_without_a_change_it_says_what_would_have_been_found() -> None:
    found = answered("mirror", tables(hub=arrived(1.1, 1.1, wave=0.1)))
    ratios = values(found)
    assert ratios["mirror.consignment.break"] == 0
    assert ratios["mirror.consignment.detectable"] > 1
    assert "mirror.consignment.break.from" not in ratios
    assert found.words["case.mirror.consignment.break"] == "none"
    assert found.figure("case-ratio").options["breaks"] == []
    said = text_of(found, "mirror")
    assert "times the ratio in the middle of the series, or one as far down, would have" in said


def test_one_exporter_in_one_currency_on_one_basis() -> None:
    own = {"exports": sent().query("exporter == 'RUS'").assign(unit="USD"), "hub": arrived()}
    own["hub"] = own["hub"].query("partner_basis == 'consignment'")
    mirrored = answered("mirror", own, origin="RUS", cif_fob_ratio=[1.0, 1.0])
    assert values(mirrored)["mirror.consignment.before"] == pytest.approx(1.2 * RATE, rel=0.01)
    said = text_of(mirrored, "mirror")
    assert "Russia states to send" in said
    assert "Freight" not in said.replace("Freight and insurance included", "")
    assert "By country of origin" not in said
    bridged = answered("bridges", own, {"years": [2023]}, origin="RUS", cif_fob_ratio=[1.0, 1.0])
    assert bridged.words["case.bridges.2023.steps"] == "exporter residual importer"
    assert "at the mean rate" not in text_of(bridged, "bridges")


def test_bridges_by_hand() -> None:
    years = {"years": [2023, 2021], "ratio_source": "a source"}
    found = answered("bridges", tables(hub=arrived(before=1.1, wave=0.0)), years)
    steps = values(found)
    for year, exporter, importer in (("2021", 75.0, 41.25), ("2023", 150.0, 60.0)):
        expected = {
            "exporter": exporter,
            "currency": 0.0,
            "basis": -importer,
            "valuation": 2 * importer - 2 * importer / 1.1,
            "residual": 2 * importer / 1.1 - exporter,
            "importer": importer,
            "by-month": exporter,
            "importer.consignment": 2 * importer,
            "residual.share": 100 * (2 * importer / 1.1 / exporter - 1),
        }
        for step, value in expected.items():
            assert steps[f"bridges.{year}.{step}"] == pytest.approx(value, rel=ROUNDING, abs=1e-9)
    residual = found.number("case.bridges.2023.residual")
    assert (residual.low, residual.high) == pytest.approx((-50.0, -30.0), rel=ROUNDING)
    assert residual.spread == "bounds"
    assert found.words["case.bridges.2023.sign"] == "less"
    assert found.words["case.bridges.2021.sign"] == "either"
    assert [figure.id for figure in found.figures] == ["case-bridge-2021", "case-bridge-2023"]
    frame = found.table("case-bridges").frame
    assert frame["year"].to_list() == ["2021"] * 6 + ["2023"] * 6
    assert (frame["assumption"] == "CIF/FOB ratio 1.00 to 1.20 (a source)").sum() == 2
    said = text_of(found, "bridges")
    assert "In 2023 Germany recorded less than EAEU states to have sent" in said


@pytest.mark.parametrize("section", ["mirror", "bridges"])
def test_without_statistics_of_the_hub_it_says_so(section: str) -> None:
    parameters = {"years": [2023]} if section == "bridges" else {}
    found = answered(section, tables(hub=None), parameters)
    assert (found.numbers, found.tables, found.figures) == ((), (), ())
    assert "Germany's own statistics are not among the data" in text_of(found, section)


@pytest.mark.parametrize("section", ["mirror", "bridges"])
def test_a_year_that_is_not_whole_is_refused_in_words(section: str) -> None:
    parameters = {"years": [2021, 2023]} if section == "bridges" else {}
    begun = arrived().query("start < '2023-06-01'")
    found = answered(section, tables(hub=begun), parameters)
    said = text_of(found, section)
    if section == "mirror":
        assert (found.numbers, found.figures) == ((), ())
        assert "cannot be said: expected both reports in every year of 2022-2023" in said
    else:
        assert found.words["case.bridges.last"] == "2021"
        assert "Not every year has a bridge: 2023: " in said


def test_a_hub_without_a_partner_basis_has_no_ratio() -> None:
    found = answered(
        "mirror",
        tables(hub=arrived().assign(partner_basis="").drop_duplicates(["exporter", "start"])),
    )
    assert found.numbers == ()
    assert "does not state its imports by country of origin" in text_of(found, "mirror")


@cache
def case(section: str) -> Findings:
    ids = {
        "exports": "eurostat-exports@2024-11",
        "hub": "armstat-partners@2025-02",
        "rates": "ecb-rates@2026-10",
    }
    data = {name: call(fl.load, dataset) for name, dataset in ids.items()}
    own = {"origin": "EU27_2020", "via": "ARM", "destination": "RUS", "cif_fob_ratio": [1.06, 1.1]}
    parameters = {"years": [2021, 2023]} if section == "bridges" else {}
    return answered(section, data, parameters, **own)


def test_the_ratios_of_the_case() -> None:
    found = case("mirror")
    ratios = values(found)
    before = [ratios[f"mirror.consignment.{year}"] for year in (2019, 2020, 2021)]
    after = [ratios[f"mirror.consignment.{year}"] for year in (2022, 2023)]
    assert (min(before), max(before)) == pytest.approx((1.144, 1.273), abs=0.0005)
    assert (min(after), max(after)) == pytest.approx((0.907, 0.962), abs=0.0005)
    frame = found.table("case-ratios").frame.set_index("year")
    for year, exports, imports in (
        ("2021", 894.1, 1029.6),
        ("2022", 1951.4, 1769.0),
        ("2023", 2337.7, 2249.0),
    ):
        assert frame.loc[year, "exporters"] == pytest.approx(exports, abs=0.05)
        assert frame.loc[year, "importer-consignment"] == pytest.approx(imports, abs=0.05)
    check_code(found.number("case.mirror.consignment.before"))
    check_code(found.number("case.mirror.consignment.break.to"))


def test_the_bridges_of_the_case() -> None:
    found = case("bridges")
    steps = values(found)
    for year, exports, imports in (("2021", 894.1, 1029.6), ("2023", 2337.7, 2249.0)):
        assert steps[f"bridges.{year}.by-month"] == pytest.approx(exports, abs=0.05)
        assert steps[f"bridges.{year}.importer.consignment"] == pytest.approx(imports, abs=0.05)
        names = ("exporter", "currency", "basis", "valuation", "residual")
        added = sum(steps[f"bridges.{year}.{name}"] for name in names)
        assert added == pytest.approx(steps[f"bridges.{year}.importer"], abs=1e-4)
    check_code(found.number("case.bridges.2023.residual"))
    check_code(found.number("case.bridges.2023.residual.share"))
    assert found.words["case.bridges.2023.sign"] == "less"
