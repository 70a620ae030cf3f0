"""A new appendix about goods that may go on: what the data allow is drafted, the rest left out."""

import datetime as dt
import tomllib
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import flows as fl
from flows.cli import USAGE, main
from flows.errors import SourceError, UnknownNameError
from flows.pipeline.new.project import Question, new_project
from flows.pipeline.new.transit import draft_transit, find_origin

EXPORTS, HUB = "eurostat-exports@2024-11", "armstat-partners@2025-02"
RATES, PRICES = "ecb-rates@2026-10", "bls-cpi-u@2026-09"
SANCTIONS, EVENTS = "sanctions-events@2026-11", "case-events@2026-11"
UNION = "EU27_2020"
TODAY = dt.date(2026, 11, 26)


def tables(*names: str) -> dict[str, pd.DataFrame]:
    return {name: fl.load(name) for name in names}


def estonia(*names: str) -> dict[str, pd.DataFrame]:
    """One exporter is enough to see what is drafted, and quick."""
    made = tables(EXPORTS, *names)
    made[EXPORTS] = fl.select_flows(made[EXPORTS], exporter="EST")
    return made


def test_without_statistics_of_the_country_their_sections_are_left_out() -> None:
    tried, remarks = draft_transit("EST", "KGZ", "RUS", estonia(RATES, SANCTIONS, HUB))
    asked = tried.draft.parameters
    assert (asked["before"], asked["after"]) == ([2019, 2021], [2022, 2023])
    assert asked["others"] == ["ARM", "GEO", "KAZ", "UZB"]
    assert asked["currency"] == "EUR", "that of the exporters, where nobody else states anything"
    assert {"levels", "breaks", "neighbours", "lost"} <= tried.draft.of_sections.keys()
    assert tried.left_out.keys() >= {"members", "bridges", "placebos"}
    assert tried.draft.of_sections["breaks"] == {"known": "2022-02-23"}
    assert remarks == [f"{HUB} is not used: it is about something else"]


def test_of_two_lists_of_events_none_is_chosen() -> None:
    tried, remarks = draft_transit("EST", "KGZ", "RUS", estonia(SANCTIONS, EVENTS))
    assert "events" not in tried.draft.data
    assert tried.draft.of_sections["breaks"] == {}
    assert remarks == [
        f"{SANCTIONS}, {EVENTS} are not used: enter the one that is meant under [study.data]"
    ]


def test_a_second_table_of_a_kind_is_named() -> None:
    made = estonia(RATES)
    made["other-rates@1"] = made[RATES]
    _, remarks = draft_transit("EST", "KGZ", "RUS", made)
    assert remarks == [f"other-rates@1 is not used: {RATES} is, for rates"]


def test_exports_and_whole_years_are_needed() -> None:
    with pytest.raises(SourceError, match="expected exports to Kyrgyzstan as the exporters state"):
        draft_transit(UNION, "KGZ", "RUS", tables(RATES, HUB))
    made = estonia()
    made[EXPORTS] = made[EXPORTS][made[EXPORTS]["start"] < "2022-06-01"]
    with pytest.raises(SourceError, match="in 5 whole years that follow one another, found 2019"):
        draft_transit("EST", "KGZ", "RUS", made)


def test_an_origin_is_a_country_or_a_group() -> None:
    assert [find_origin(name) for name in ("eu27_2020", "Germany")] == [UNION, "DEU"]
    wanted = r"no country 'EU27'.*or a group of countries: .*EU27_2020"
    with pytest.raises(UnknownNameError, match=wanted):
        find_origin("EU27")


def test_without_files_the_plan_says_what_to_get(tmp_path: Path) -> None:
    asked = Question(through=("Germany", "Turkey", "Russia"))
    made = new_project(tmp_path / "hub", asked, [], today=TODAY)
    plan: dict[str, Any] = tomllib.loads((made.folder / "reports/appendix.toml").read_text())
    study = plan["study"][0]
    assert (study["study"], study["parameters"]["via"]) == ("transit", "TUR")
    assert study["parameters"]["after"] == [2024, 2025]
    assert list(made.wanted) == ["comext-web@2026-11-26", "ecb-history@2026-11-26"]
    readme = (made.folder / "README.md").read_text(encoding="utf-8")
    assert "Did goods from DEU go to Türkiye to go on to Russia?" in readme
    assert (made.folder / "transit.ipynb").is_file()


def test_the_command_names_all_three_questions(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["new", str(tmp_path / "mine")]) == USAGE
    assert "--through ORIGIN COUNTRY DESTINATION" in capsys.readouterr().err
