"""Claims in a built project: the table, its numbers and traces, the command and its exit codes."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from toy_project import PAGES, ToyStudy, edit, make_project

from flows.cli import main
from flows.errors import ReportError
from flows.pipeline.build import build_report
from flows.pipeline.claims_verdicts import check_report_claims, describe_claims
from flows.pipeline.graph import Instance, Places, make_steps
from flows.report import manifest, render
from flows.report.appendices import FIRST
from flows.report.numbers import read_numbers
from flows.results import print_with_unit
from flows.studies import STUDIES

CLAIMS = """[[claim]]
id = "imports"
quote = "imports were twelve million"
citation = "https://example.org"
number = "trade.total"
compare = "between"
low = {low}
high = {high}
unit = "USD million"
tolerance = "Rounded."
says = "imports"
counts = "imports"
assumes = "That all are counted."
wording = "imports of {{trade.total}}"
"""


def _plainly(
    markdown: str, path: Path, *, resources: Path, bibliography: Path, **_: object
) -> None:
    assert resources.is_dir()
    assert bibliography.is_file()
    path.write_text(markdown, encoding="utf-8")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    root = tmp_path_factory.mktemp("claims")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(STUDIES, "toy", ToyStudy())
        patch.setattr(manifest, "package_sha256", lambda: "the package as it is")
        for module, write in (*PAGES, (render, "write_docx")):
            patch.setattr(module, write, _plainly)
        make_project(root)
        (root / "reports/claims.toml").write_text(CLAIMS.format(low=0, high=1e6))
        edit(root / "reports/appendix.md", '{{ table("trade-total") }}', '{{ table("claims") }}')
        build_report(root)
        yield root


def test_many_runs_of_lines_are_told_by_their_number(project: Path) -> None:
    checked = check_report_claims(project, FIRST)
    told = "\n".join(describe_claims(checked))
    (number,) = {evidence.id for verdict in checked.verdicts for evidence in verdict.evidence}
    (dataset,) = checked.numbers[number].rows
    assert f"{dataset}: lines " in told
    scattered = replace(checked.numbers[number], rows={dataset: tuple(range(2, 60, 2))})
    many = replace(checked, numbers={number: scattered})
    assert f"{dataset}: 29 lines from 2 to 58" in "\n".join(describe_claims(many))


def test_the_table_is_part_of_the_report_and_of_its_manifest(project: Path) -> None:
    table = (project / "reports/tables/claims.csv").read_text(encoding="utf-8")
    assert "imports were twelve million" in table
    assert ",supported," in table
    made = json.loads((project / "reports/manifest.json").read_text(encoding="utf-8"))
    assert "reports/claims.toml" in made["inputs"]
    assert "reports/tables/claims.csv" in made["outputs"]


def test_its_numbers_lead_to_the_lines_of_the_evidence(project: Path) -> None:
    numbers = read_numbers(project / "reports/numbers.json")
    assert numbers["claims.count"].value == 1
    assert numbers["claims.count.supported"].value == 1
    assert numbers["claims.count.contradicted"].rows == {}
    assert numbers["claims.count.supported"].rows == numbers["trade.total"].rows


def test_the_command_prints_verdict_and_evidence(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--root", str(project), "claims"]) == 0
    told = capsys.readouterr().out
    total = read_numbers(project / "reports/numbers.json")["trade.total"]
    assert told.startswith("imports: supported\n")
    assert f"inside    {print_with_unit(total.printed, 'USD million')} (trade.total)" in told
    assert "armstat-by-country@2025-02: lines" in told
    assert f"supported imports of {total.printed}" in told


def test_the_command_prints_json(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--root", str(project), "claims", "--json"]) == 0
    (entry,) = json.loads(capsys.readouterr().out)
    assert (entry["verdict"], entry["range"]["low"]) == ("supported", 0)
    assert entry["evidence"][0]["rows"]["armstat-by-country@2025-02"]


def test_a_contradicted_claim_is_no_fault_and_a_missing_number_is_one(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = project / "reports/claims.toml"
    before = path.read_text(encoding="utf-8")
    try:
        path.write_text(CLAIMS.format(low=-2, high=-1), encoding="utf-8")
        assert main(["--root", str(project), "claims"]) == 0
        assert "imports: contradicted" in capsys.readouterr().out
        edit(path, "trade.total", "trade.totall")
        assert main(["--root", str(project), "claims"]) == 1
        fault = capsys.readouterr().err
        assert "claims.toml:1: claim imports" in fault
        assert "nearest: trade.total" in fault
    finally:
        path.write_text(before, encoding="utf-8")


def test_an_untestable_claim_has_no_range(project: Path) -> None:
    path = project / "reports/claims.toml"
    before = path.read_text(encoding="utf-8")
    text = (
        '[[claim]]\nid = "b"\nquote = "43 km"\ncitation = "https://example.org"\nassumes = ""\n'
        'untestable = "No lengths."\nwording = ""\n'
    )
    try:
        path.write_text(text, encoding="utf-8")
        found = check_report_claims(project, FIRST)
        assert [one.ruling for one in found.verdicts] == ["not testable"]
    finally:
        path.write_text(before, encoding="utf-8")


def test_wrong_usage_is_told_apart(project: Path) -> None:
    with pytest.raises(SystemExit) as code:
        main(["--root", str(project), "claims", "--unknown"])
    assert code.value.code == 2


def test_a_study_cannot_be_called_claims_beside_them(project: Path) -> None:
    with pytest.raises(ReportError, match="no study 'claims' beside"):
        make_steps(Places(project, project / ".flows"), [], [Instance("claims", "toy")])


def test_a_report_without_claims_says_so(project: Path, tmp_path: Path) -> None:
    root = tmp_path / "project"
    shutil.copytree(project, root)
    (root / "reports/claims.toml").write_text("", encoding="utf-8")
    build_report(root)
    assert read_numbers(root / "reports/numbers.json")["claims.count"].value == 0
    assert main(["--root", str(root), "claims"]) == 0
