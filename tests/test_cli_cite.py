"""``flows cite``: the software, an appendix, data sets, in every style."""

import json
from pathlib import Path

import pytest
from toy_project import make_project

from flows.cli import DONE, FAULT, USAGE, main
from flows.report.manifest import package_sha256

DATASET = "cow-trade@4.0"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = make_project(tmp_path)
    text = root / "reports/appendix.md"
    text.write_text("---\nauthor: A group\ndate: May 2026\n---\n\nText.\n", encoding="utf-8")
    return root


def built(root: Path) -> Path:
    (root / "reports/index.html").write_text("<title>Trade</title>", encoding="utf-8")
    (root / "reports/manifest.json").write_text("{}", encoding="utf-8")
    return root


def test_the_software_is_cited_anywhere_with_the_hash_of_its_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["cite"]) == DONE
    printed = capsys.readouterr().out
    assert printed.startswith("The flows developers. (n.d.). flows: ")
    assert package_sha256() in printed


def test_an_appendix_and_its_data(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["--root", str(built(project)), "cite", "--style", "csl-json"]
    assert main([*command, "reports"]) == DONE
    (appendix,) = json.loads(capsys.readouterr().out)
    assert (appendix["title"], appendix["issued"]) == ("Trade", {"date-parts": [[2026]]})
    assert main([*command, "--all"]) == DONE
    items = json.loads(capsys.readouterr().out)
    assert [item["id"] for item in items] == ["reports", "armstat-by-country@2025-02"]


def test_a_data_set_is_cited_once(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--root", str(project), "cite", DATASET, DATASET, "--style", "bibtex"]) == DONE
    printed = capsys.readouterr().out
    assert printed.count("@misc{cow-trade-4.0,") == 1
    assert "year" not in printed, "a version that is no date dates nothing"


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("nowhere", USAGE, "no appendix 'nowhere'; there are: reports"),
        ("cow-trade@1", FAULT, "its vintages: cow-trade@4.0"),
        ("reports", FAULT, "found none; flows build makes it"),
    ],
)
def test_what_cannot_be_cited(
    project: Path, capsys: pytest.CaptureFixture[str], name: str, code: int, message: str
) -> None:
    assert main(["--root", str(project), "cite", name]) == code
    assert message in capsys.readouterr().err
