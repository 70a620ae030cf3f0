"""What `flows list` tells of each data set: from its rows, once, and whatever else is wrong."""

import json
from pathlib import Path

import pandas as pd
import pytest

from flows.cli import DONE, FAULT, main
from flows.loaders import LAYOUTS, load
from flows.loaders.examples import example_path
from flows.measure.contents import contents_of
from flows.pipeline import contents
from flows.pipeline.add import add_files
from flows.pipeline.contents import list_contents
from flows.sources import find_source, list_sources


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "data" / "raw").mkdir(parents=True)
    add_files(tmp_path, [example_path("armstat")], name="armstat@2025-02")
    return tmp_path


def test_who_what_and_when_are_those_of_the_rows() -> None:
    held = contents_of(load(example_path("armstat")))
    assert (held.rows, held.start, held.end, held.periods) == (
        9,
        "2023-01-01",
        "2024-01-31",
        ("months",),
    )
    assert (held.reporters, held.units, held.coverage) == (("ARM",), ("USD",), ("all goods",))
    assert (held.products, held.classifications) == (1, ("TOTAL",))
    assert list(held.in_words()) == [
        "9 rows, months from 2023-01-01 to 2024-01-31, USD",
        "ARM on exports of ARM, GEO, IRN to ARM, GEO, IRN; all goods (TOTAL)",
    ]


@pytest.mark.parametrize("key", sorted(LAYOUTS))
def test_every_layout_has_something_to_tell(key: str) -> None:
    table = load(example_path(key), layout=key)
    held = contents_of(table)
    assert held.rows == len(table)
    assert held.kind == LAYOUTS[key].content
    assert all(list(held.in_words()))
    if "reporter" in table:
        assert held.start
        assert {*held.exporters} == {*table["exporter"]}


@pytest.mark.parametrize(
    ("start", "end", "periods"),
    [
        (["2023-01-01", "2023-02-01"], ["2023-01-31", "2023-02-28"], ("months",)),
        (["2023-03-21", "2023-03-21"], ["2024-03-19", "2023-06-21"], ("quarters", "years")),
        (["2020-01-01", "2016-01-01"], ["2020-12-31", "2020-12-31"], ("years", "other periods")),
    ],
)
def test_periods_are_named_by_their_days(
    start: list[str], end: list[str], periods: tuple[str, ...]
) -> None:
    table = load(example_path("armstat")).head(2)
    days = {"start": pd.to_datetime(start), "end": pd.to_datetime(end)}
    assert contents_of(table.assign(**days)).periods == periods


def test_many_countries_are_counted() -> None:
    codes = ["ARM", "AZE", "BEL", "FRA", "GEO"]
    table = pd.concat([load(example_path("armstat")).head(1)] * 5, ignore_index=True)
    table.attrs["report"] = {"layout": "armstat"}
    (_, who) = contents_of(table.assign(importer=codes, product=codes)).in_words()
    assert "to 5 countries; all goods (5 codes of TOTAL)" in who


def test_a_data_set_is_read_once(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    first = list_contents(project, list_sources(project), announce=read.append)
    again = list_contents(project, list_sources(project), announce=read.append)
    assert again == first
    assert read == ["reading armstat@2025-02"]
    source = project / "data" / "raw" / "armstat" / "2025-02" / "source.toml"
    source.write_text(source.read_text("utf-8").replace('title = "', 'title = "T'), "utf-8")
    list_contents(project, list_sources(project), announce=read.append)
    monkeypatch.setattr(contents, "package_sha256", lambda: "another")
    list_contents(project, list_sources(project), announce=read.append)
    assert len(read) == 3


@pytest.mark.parametrize("kept", ["", "[]", '{"code": 1}', "{", '{"code": "x", "contents": 1}'])
def test_what_was_kept_and_is_damaged_is_looked_up_again(
    project: Path, kept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contents, "package_sha256", lambda: "x")
    (project / ".flows").mkdir()
    (project / ".flows" / "contents.json").write_text(kept, "utf-8")
    (entry,) = list_contents(project, list_sources(project))
    assert entry.contents is not None
    assert entry.contents.rows == 9


def test_a_project_that_cannot_be_written_to_is_listed(project: Path) -> None:
    (project / ".flows").write_text("no folder", encoding="utf-8")
    (entry,) = list_contents(project, list_sources(project))
    assert entry.contents is not None


def test_a_large_data_set_is_not_read(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "LARGEST", 10)
    (entry,) = list_contents(project, list_sources(project))
    assert (entry.contents, entry.fault) == (None, False)
    assert entry.reason.endswith("MB, which are not read for a list")


def test_one_that_cannot_be_read_does_not_stop_the_others(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    raw = project / "data" / "raw"
    for name in ("nothing", "no-loader", "changed"):
        (raw / name / "1").mkdir(parents=True)
    (raw / "folder" / "1" / "source.toml").mkdir(parents=True)
    text = (raw / "armstat" / "2025-02" / "source.toml").read_text("utf-8")
    for name, loader in (("no-loader", ""), ("changed", "armstat")):
        changed = text.replace("armstat@2025-02", f"{name}@1")
        changed = changed.replace('loader = "armstat"', f'loader = "{loader}"')
        (raw / name / "1" / "source.toml").write_text(changed, encoding="utf-8")
    assert main(["--root", str(project), "list"]) == FAULT
    printed = capsys.readouterr()
    assert "armstat@2025-02  Statistical Committee of the Republic of Armenia" in printed.out
    assert "    9 rows, months from" in printed.out
    assert "not read: source.toml names no loader yet" in printed.out
    assert "changed/1: expected the file armstat.csv, found none" in printed.out
    assert "nothing/1: expected a file source.toml, found none" in printed.err
    assert "folder/1/source.toml: expected a file, found a folder" in printed.err
    assert main(["--root", str(project), "check", "--json"]) == FAULT
    assert len(json.loads(capsys.readouterr().out)) == 5


def test_a_program_reads_the_same(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--root", str(project), "list", "--json"]) == DONE
    (entry,) = json.loads(capsys.readouterr().out)
    assert entry["id"] == find_source("armstat@2025-02", project).id
    assert (entry["contents"]["rows"], entry["contents"]["periods"]) == (9, ["months"])
    assert entry["not_read"] is None
