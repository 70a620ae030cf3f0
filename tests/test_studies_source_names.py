"""Data sets by name: what a reader sees instead of the id of a folder."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from small_findings import figure, number, table

from flows.findings import Findings
from flows.sources import Source, list_sources
from flows.studies.source_names import name_sources, source_name

ROOT = Path(__file__).parents[1]


def source(name: str, *, short_title: str = "", title: str = "Trade by month") -> Source:
    return Source(
        id=name,
        publisher="Office of Statistics",
        title=title,
        vintage=name.partition("@")[2],
        retrieved=dt.date(2025, 3, 1),
        address="https://example.org",
        citation="",
        licence="",
        allows="",
        coverage="",
        loader="armstat",
        remarks="",
        files={},
        folder=Path(),
        short_title=short_title,
    )


OLD, NEW, OTHER = (
    source("arms@2022-03", short_title="Arms database"),
    source("arms@2025-03", short_title="Arms database"),
    source("trade@4.0"),
)


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        (NEW, "Arms database, March 2025"),
        (OTHER, "Office of Statistics, Trade by month, version 4.0"),
        (source("trade@2019"), "Office of Statistics, Trade by month, 2019"),
        (source("trade@2024-11-06"), "Office of Statistics, Trade by month, 6 November 2024"),
    ],
)
def test_a_name_says_who_what_and_when(named: Source, expected: str) -> None:
    assert source_name(named) == expected


def named(source_line: str, *sources: Source) -> str:
    findings = Findings(figures=(replace(figure("shares"), source=source_line),))
    return name_sources(findings, sources).figures[0].source


def test_releases_of_one_title_stand_together() -> None:
    line = named("Source: arms@2022-03, arms@2025-03, trade@4.0.", OLD, NEW, OTHER)
    assert line == (
        "Source: Arms database, March 2022 and March 2025; "
        "Office of Statistics, Trade by month, version 4.0."
    )


def test_what_is_not_in_the_catalogue_keeps_its_id() -> None:
    assert named("Source: my.csv@3fa9c1d2, arms@2025-03.", NEW) == (
        "Source: my.csv@3fa9c1d2, Arms database, March 2025."
    )


def test_a_longer_id_is_not_taken_for_a_shorter_one() -> None:
    line = "Source: arms@2025-03-10, old-arms@2025-03."
    assert named(line, NEW) == line


def test_words_and_printed_cells_are_named_and_evidence_keeps_ids() -> None:
    frame = pd.DataFrame({"printed": ["rate (arms@2025-03)"], "dataset": ["arms@2025-03"]})
    rests = table(
        frame=frame, labels={"printed": "Rests on"}, formats={}, note="From arms@2025-03."
    )
    traced = number(rows={"arms@2025-03": (2, 3)}, code=('fl.load("arms@2025-03")',))
    findings = Findings((traced,), (rests,), words={"study.from": "arms@2025-03"})
    shown = name_sources(findings, [NEW])
    assert shown.numbers == findings.numbers
    assert shown.words["study.from"] == "Arms database, March 2025"
    assert shown.tables[0].note == "From Arms database, March 2025."
    assert shown.tables[0].frame["printed"].tolist() == ["rate (Arms database, March 2025)"]
    assert shown.tables[0].frame["dataset"].tolist() == ["arms@2025-03"]


def test_every_data_set_of_the_project_has_a_name_that_fits_under_a_figure() -> None:
    assert all(len(source_name(one)) <= 90 for one in list_sources(ROOT))
