"""The pages of a build are of the edition that its manifest describes."""

import json
from pathlib import Path

import pytest
from toy_project import PAGES, built_project

from flows import __version__
from flows.pipeline.build import build_report
from flows.report import render
from flows.report.edition import Edition
from flows.report.manifest import read_manifest


def test_every_page_is_of_one_edition_which_agrees_with_the_manifest(tmp_path: Path) -> None:
    editions: dict[str, Edition] = {}

    def keep(_: str, path: Path, *, edition: Edition, **__: object) -> None:
        editions[path.name] = edition
        path.touch()

    with built_project(tmp_path) as project, pytest.MonkeyPatch.context() as patch:
        for module, write in (*PAGES, (render, "write_docx")):
            patch.setattr(module, write, keep)
        build_report(project, force=True)
        manifest = read_manifest(project / "reports" / "manifest.json")
    assert editions.keys() == {"appendix.pdf", "index.html", "appendix.docx"}
    assert len({edition.label for edition in editions.values()}) == 1
    record = json.loads(editions["appendix.pdf"].record)
    assert record["flows"] == manifest.code["version"] == __version__
    assert record["inputs"] == manifest.inputs
    assert record["parameters"] == manifest.parameters
    published = {output.sha256 for output in manifest.outputs.values()}
    assert set(record["results"].values()) <= published
    assert set(record["results"]) == {
        "figure-trade-by-year.csv",
        "table-trade-total.csv",
        "numbers.json",
    }
