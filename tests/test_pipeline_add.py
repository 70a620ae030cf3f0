"""Files put into the catalogue: copied, hashed, loadable by id, and what is left to write."""

import json
import tomllib
from importlib import resources
from pathlib import Path

import pytest

from flows.cli import DONE, FAULT, main
from flows.errors import LayoutError, SourceError
from flows.loaders import load_source
from flows.loaders.examples import example_path
from flows.pipeline.add import add_files
from flows.pipeline.catalogue import check_catalogue
from flows.sources import find_source

DESCRIPTION = (
    'reporter = "GEO"\nunit = "EUR"\ncalendar = "gregorian"\ncoverage = "all goods"\n[columns]\n'
    'partner = "Country"\nyear = "Year"\n[flows.Imports]\ndirection = "import"\n'
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "data" / "raw").mkdir(parents=True)
    return tmp_path


@pytest.fixture
def described(tmp_path: Path) -> tuple[Path, Path]:
    table, description = tmp_path / "georgia.csv", tmp_path / "georgia.toml"
    table.write_text("Country,Year,Imports\nARM,2023,5\n", encoding="utf-8")
    description.write_text(DESCRIPTION, encoding="utf-8")
    return table, description


def test_a_described_table_is_a_data_set(project: Path, described: tuple[Path, Path]) -> None:
    table, description = described
    added = add_files(project, [table], name="georgia-trade@2025-03", description=description)
    assert sorted(added.files) == ["georgia.csv", "georgia.toml"]
    assert (added.folder / "georgia.csv").read_bytes() == table.read_bytes()
    loaded = load_source(find_source("georgia-trade@2025-03", project))
    assert loaded[["exporter", "value", "unit", "dataset"]].to_numpy().tolist() == [
        ["ARM", 5.0, "EUR", "georgia-trade@2025-03"]
    ]
    assert loaded.attrs["report"]["layout"] == "georgia.toml"


def test_what_is_left_to_write_is_named_until_it_is_written(
    project: Path, described: tuple[Path, Path]
) -> None:
    table, description = described
    added = add_files(project, [table], name="georgia-trade@2025-03", description=description)
    assert {"citation", "licence", "publisher"} <= {*added.incomplete}
    (checked,) = check_catalogue(project)
    assert "citation, licence, allows, coverage, redistribute to be completed" in checked.fault
    source = added.folder / "source.toml"
    written = source.read_text(encoding="utf-8").replace(' = ""', ' = "written"')
    source.write_text(written, encoding="utf-8")
    (checked,) = check_catalogue(project)
    assert "expected redistribute to be completed" in checked.fault
    source.write_text(written.replace("# redistribute", "redistribute"), encoding="utf-8")
    (checked,) = check_catalogue(project)
    assert (checked.fault, checked.rows) == ("", 1)


def test_a_publisher_s_terms_say_whether_files_may_be_passed_on() -> None:
    text = resources.files("flows.pipeline").joinpath("publishers.toml").read_text("utf-8")
    for name, known in tomllib.loads(text).items():
        assert ("allows" in known) == ("redistribute" in known), name


def test_what_a_publisher_says_of_passing_on_is_written_down(project: Path) -> None:
    whole = add_files(project, [example_path("sipri_deal_years")], name="sipri@2025-03")
    assert (whole.redistribute, "redistribute" in whole.incomplete) == (False, False)
    assert "may not be passed on" in whole.allows


def test_a_known_layout_is_recognised(project: Path) -> None:
    added = add_files(project, [example_path("armstat")], name="armstat@2025-02")
    assert (added.loader, added.address) == ("armstat", "https://armstat.am")
    with pytest.raises(SourceError, match="a new release is a new vintage"):
        add_files(project, [example_path("armstat")], name="armstat@2025-02")


@pytest.mark.parametrize("name", ["georgia", "Georgia@2025", "../x@1", "a@../b", "a@"])
def test_a_name_that_is_none_is_refused(project: Path, name: str) -> None:
    with pytest.raises(SourceError, match="expected source@vintage"):
        add_files(project, [example_path("armstat")], name=name)


def test_a_file_that_does_not_load_is_not_added(project: Path, tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(LayoutError, match="expected a known layout"):
        add_files(project, [path], name="odd@1")
    assert not any((project / "data" / "raw").iterdir())


def test_a_folder_that_is_no_data_set_does_not_stop_the_others(
    project: Path, described: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    table, description = described
    root = ["--root", str(project)]
    (project / "data" / "raw" / "empty" / "1").mkdir(parents=True)
    command = ["add", str(table), "--description", str(description), "--id", "georgia@1"]
    assert main([*root, *command]) == DONE
    assert "source.toml: complete publisher, title" in capsys.readouterr().out
    assert main([*root, "list"]) == FAULT
    printed = capsys.readouterr()
    assert "georgia@1" in printed.out
    assert "to be completed: publisher" in printed.out
    assert "expected a file source.toml, found none" in printed.err
    assert main([*root, "check", "--json"]) == FAULT
    faults = {entry["id"]: entry["fault"] for entry in json.loads(capsys.readouterr().out)}
    assert "found none" in faults["data/raw"]
    assert "to be completed" in faults["georgia@1"]
