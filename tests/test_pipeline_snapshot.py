"""Nothing that is edited while a build runs is in it, or in what its manifest says."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from test_pipeline_claims import CLAIMS
from toy_project import edit, published, raw_file

from flows.errors import ReportError
from flows.pipeline import build as build_module
from flows.pipeline import snapshot
from flows.pipeline.build import build_report
from flows.pipeline.snapshot import take_snapshot
from flows.report.manifest import read_manifest
from flows.sources import file_sha256

INPUTS = (
    "data/raw/armstat-by-country/2025-02/armstat.csv",
    "data/raw/armstat-by-country/2025-02/source.toml",
    "reports/appendix.md",
    "reports/appendix.toml",
    "reports/claims.toml",
    "reports/references.bib",
)


def around_the_steps(
    monkeypatch: pytest.MonkeyPatch, before: Callable[[], None], after: Callable[[], None]
) -> None:
    real = build_module._run

    def run(*args: object, **kwargs: object) -> list[str]:
        before()
        try:
            return real(*args, **kwargs)  # type: ignore[arg-type]
        finally:
            after()

    monkeypatch.setattr(build_module, "_run", run)


@pytest.fixture
def claimed(project: Path) -> Path:
    """A project with all that an appendix can be made from."""
    (project / "reports/claims.toml").write_text(CLAIMS.format(low=0, high=1e6), encoding="utf-8")
    build_report(project)
    return project


def test_an_edit_that_is_put_back_while_the_steps_run_is_nowhere(
    claimed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = published(claimed)
    kept = {name: (claimed / name).read_bytes() for name in INPUTS}

    def spoil() -> None:
        for name in INPUTS:
            (claimed / name).write_bytes(b"edited, and not fit to be read")

    def put_back() -> None:
        for name, content in kept.items():
            (claimed / name).write_bytes(content)

    around_the_steps(monkeypatch, spoil, put_back)
    assert build_report(claimed, force=True).made
    assert published(claimed) == before


def test_an_edit_while_the_steps_run_is_in_the_next_build(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def edit_text() -> None:
        edit(project / "reports/appendix.md", "Imports were", "In all, imports were")

    before = file_sha256(project / "reports/appendix.md")
    with monkeypatch.context() as patch:
        around_the_steps(patch, edit_text, lambda: None)
        build_report(project, force=True)
    inputs = read_manifest(project / "reports/manifest.json").inputs
    assert inputs["reports/appendix.md"] == before
    assert b"In all" not in (project / "reports/index.html").read_bytes()
    assert build_report(project).made == ("appendix",)
    assert b"In all" in (project / "reports/index.html").read_bytes()


def test_a_package_that_changes_while_the_steps_run_publishes_nothing(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = published(project)
    edit(project / "reports/appendix.md", "Imports were", "In all, imports were")
    stamps = dict(build_module._AS_READ)
    monkeypatch.setattr(build_module, "package_stamps", lambda: stamps)
    around_the_steps(monkeypatch, lambda: stamps.update({"table.py": (1, 1, 1)}), lambda: None)
    with pytest.raises(ReportError, match=r"table.py: expected the package to stay as it was"):
        build_report(project)
    assert {**published(project), "reports/appendix.md": b""} == {
        **before,
        "reports/appendix.md": b"",
    }


def test_errors_name_the_files_of_the_project(project: Path) -> None:
    raw = raw_file(project)
    content = raw.read_bytes()
    edit(raw, ",500,", ",five hundred,")
    description = raw.with_name("source.toml")
    was = file_sha256(raw)
    assert raw.read_bytes() != content
    known = description.read_text(encoding="utf-8").split('.csv" = "')[1][:64]
    edit(description, known, was)
    with pytest.raises(ValueError, match="five hundred") as error:
        build_report(project)
    assert str(raw) in str(error.value)
    assert ".flows" not in str(error.value)


def test_only_files_that_changed_are_copied_again(tmp_path: Path) -> None:
    root, copies = tmp_path / "project", tmp_path / "copies"
    files = [root / "data" / name for name in ("same", "changed", "gone")]
    for path in files:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"1")
    take_snapshot(root, copies, files)
    same = (copies / "data/same").stat()
    files[1].write_bytes(b"2")
    take_snapshot(root, copies, files[:2])
    assert (copies / "data/same").stat().st_mtime_ns == same.st_mtime_ns
    assert (copies / "data/changed").read_bytes() == b"2"
    assert not (copies / "data/gone").exists()
    (copies / "data/same").write_bytes(b"damaged")
    take_snapshot(root, copies, files[:2])
    assert (copies / "data/same").read_bytes() == b"1"


def test_a_file_that_is_being_written_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "project/text.md"
    path.parent.mkdir()
    path.write_bytes(b"the beginning")
    real = snapshot.copy_file

    def copy_later(path: Path, copy: Path) -> None:
        path.write_bytes(b"the beginning and the end")
        real(path, copy)

    monkeypatch.setattr(snapshot, "copy_file", copy_later)
    with pytest.raises(ReportError, match=r"text.md: expected a file that stays as it is"):
        take_snapshot(path.parent, tmp_path / "copies", [path])


@pytest.mark.skipif(not hasattr(os, "copy_file_range"), reason="a call of Linux")
def test_a_file_is_copied_where_the_system_cannot_share_its_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_bytes(b"12")

    def refuse(*_: object) -> int:
        raise OSError(errno.EXDEV, "another disk")

    monkeypatch.setattr(os, "copy_file_range", refuse)
    snapshot.copy_file(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == b"12"
