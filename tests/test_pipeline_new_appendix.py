"""A new appendix inside a project: its own folder, the project's data, nothing else."""

import datetime as dt
import shutil
from pathlib import Path

import pytest

from flows.cli import DONE, FAULT, main
from flows.errors import ReportError, SourceError
from flows.loaders.examples import example_path
from flows.pipeline.add import add_files
from flows.pipeline.graph import Places, make_steps, read_plan
from flows.pipeline.new.project import (
    NewProject,
    Question,
    find_project,
    new_appendix,
    new_project,
)
from flows.report.appendices import Appendix
from flows.sources import find_source, list_sources, verify_source

RAW = Path(__file__).parents[1] / "data" / "raw"
OLDER = "sipri-deal-years@2022-03"
TODAY = dt.date(2026, 11, 26)
MONTHS = "armstat@2025-02"
TRADE = Question(trade=("Iran", "Armenia"))
ARMS = Question(arms=("Azerbaijan", "Turkey"), window=(2016, 2020))
WRITTEN = {"appendix.toml", "appendix.md", "claims.toml", "references.bib"}


def raw(name: str) -> Path:
    (path,) = (path for path in (RAW / name.replace("@", "/")).iterdir() if path.suffix != ".toml")
    return path


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one data set and no appendix yet."""
    add_files(tmp_path / "project", [example_path("armstat")], name=MONTHS)
    return tmp_path / "project"


def make(project: Path, name: str, *files: Path, question: Question = TRADE) -> NewProject:
    return new_appendix(project, Path(name), question, files, today=TODAY)


def names(project: Path) -> set[str]:
    return {path.relative_to(project).as_posix() for path in project.rglob("*") if path.is_file()}


def ids(project: Path) -> list[str]:
    return [source.id for source in list_sources(project)]


def test_the_data_sets_of_the_project_are_tried_and_nothing_else_is_written(project: Path) -> None:
    before = names(project)
    done = make(project, "iran")
    assert names(project) - before == {f"reports/iran/{name}" for name in WRITTEN}
    assert (done.folder, done.datasets) == (project / "reports" / "iran", (MONTHS,))
    assert list(done.in_words())[-2:] == ["next:", "  flows build iran"]
    places = Places(project, project / ".flows", Appendix("iran"))
    assert make_steps(places, list_sources(project), read_plan(places.plan))


def test_a_file_that_is_there_already_is_not_entered_again(project: Path, tmp_path: Path) -> None:
    download = Path(shutil.copy(example_path("armstat"), tmp_path / "again.csv"))
    done = make(project, "iran", download)
    assert ids(project) == [MONTHS]
    assert done.remarks[0] == f"again.csv is {MONTHS} already"


def test_a_new_file_is_entered_for_all(project: Path) -> None:
    make(project, "iran")
    done = make(project, "arms", raw(OLDER), question=ARMS)
    assert ids(project) == [MONTHS, OLDER]
    assert done.datasets == (OLDER,)
    verify_source(find_source(OLDER, project))
    folders = {path.name for path in (project / "data" / "raw").iterdir()}
    assert folders == {"armstat", "sipri-deal-years"}, "and nothing of the way there"


def test_a_name_of_a_data_set_that_is_taken_is_said(project: Path, tmp_path: Path) -> None:
    text = example_path("armstat").read_text(encoding="utf-8")
    for name, digit in (("first.csv", "600"), ("second.csv", "700")):
        (tmp_path / name).write_text(text.replace(",500,", f",{digit},"), encoding="utf-8")
    make(project, "first", tmp_path / "first.csv")
    before = names(project)
    with pytest.raises(SourceError, match="flows add FILE --id ANOTHER@VINTAGE"):
        make(project, "second", tmp_path / "second.csv")
    assert names(project) == before


def test_nothing_is_half_written(project: Path) -> None:
    before = names(project)
    elsewhere = Question(arms=("Armenia", "Russia"))
    with pytest.raises(SourceError, match="expected deliveries of major arms to Armenia"):
        make(project, "armenia", raw(OLDER), question=elsewhere)
    assert names(project) == before
    assert [path.name for path in (project / "data" / "raw").iterdir()] == ["armstat"]
    assert list((project / "reports").iterdir()) == []


def test_a_folder_with_something_in_it_or_a_name_that_is_taken_is_left_alone(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(project, "iran")
    monkeypatch.chdir(project)
    for folder in ("iran", "reports/iran"):
        with pytest.raises(SourceError, match="expected a folder that is new or empty"):
            make(project, folder)
    with pytest.raises(ReportError, match="not one of reports, figures, tables; found 'tables'"):
        make(project, "tables")
    with pytest.raises(SourceError, match="or a folder outside of it, found another folder in it"):
        make(project, "data/iran")


def test_inside_and_outside_of_a_project(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FLOWS_ROOT", raising=False)
    monkeypatch.chdir(project / "data")
    assert find_project(Path("mine")) == project
    assert find_project(project / "reports" / "mine") == project
    assert find_project(tmp_path / "mine") is None
    monkeypatch.chdir(tmp_path)
    assert find_project(Path("mine")) is None
    assert find_project(Path("mine"), project) == project
    (tmp_path / "bare" / "data" / "raw").mkdir(parents=True)
    assert find_project(Path("mine"), tmp_path / "bare") is None, "no data set and no plan"


def test_a_project_without_data_takes_another_appendix(tmp_path: Path) -> None:
    root = tmp_path / "mine"
    new_project(root, ARMS, [], today=TODAY)
    assert find_project(root / "reports" / "second") == root
    done = make(root, "second", question=ARMS)
    assert list(done.wanted) == ["sipri-deal-years@2026-03"]
    assert list(done.in_words())[-2:] == [
        "  flows add FILE --id sipri-deal-years@2026-03",
        "  flows build second",
    ]


def test_the_command_makes_an_appendix_of_the_project_it_is_in(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("FLOWS_ROOT", raising=False)
    monkeypatch.chdir(project)
    asked = ["--trade", "Iran", "Armenia"]
    assert main(["new", "iran", *asked]) == DONE
    assert capsys.readouterr().out.splitlines()[-1] == "  flows build iran"
    assert {path.name for path in project.iterdir()} == {"data", "reports"}
    assert main(["new", "iran", *asked]) == FAULT
    assert capsys.readouterr().err.count("\n") == 1
