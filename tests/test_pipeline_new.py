"""A project of one's own: written whole or not at all, and it speaks of what its data hold."""

import datetime as dt
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from project_docs import section_lines

from flows.cli import DONE, FAULT, USAGE, main
from flows.errors import ReportError, SourceError, UnknownNameError
from flows.findings import Findings
from flows.loaders import load_source
from flows.loaders.examples import example_path
from flows.origin import given
from flows.pipeline.graph import Instance, Places, make_steps, read_plan
from flows.pipeline.new.project import NewProject, Question, new_project
from flows.pipeline.tasks import write_study
from flows.report.claims_file import read_claims
from flows.report.text import render_markdown
from flows.sources import list_sources
from flows.studies import STUDIES
from flows.table import join_flows

ROOT = Path(__file__).parents[1]
RAW = ROOT / "data" / "raw"
TODAY = dt.date(2026, 11, 26)

SILLY = (
    r"\bno full export is at hand",
    r"(?<![\d.–-])(\d[\d.,]*) to \1(?![\d.,–-])",
    r"\b1 of these 1\b",
    r"\bfinds 0\b",
    r"\b0: none\b",
    r": none;",
    r"\bdashed\b",
    r"\b1 (?:figures|deals|years|statements)\b",
    r"(?:are|is|than)USD",
    r"\bnan\b",
    r"  \.",
)
"""Sentences of another case, of ends that are one, of counts that are none."""


def raw(name: str) -> list[Path]:
    """Return the files of a data set of this repository, as a user's downloads."""
    return sorted(path for path in (RAW / name).iterdir() if path.suffix != ".toml")


def make(folder: Path, question: Question, *names: str) -> NewProject:
    return new_project(
        folder, question, [path for name in names for path in raw(name)], today=TODAY
    )


def study_of(instance: Instance, root: Path) -> Findings:
    sources = list_sources(root)
    if instance.study == "sources":
        data: dict[str, Any] = {"sources": given("sources", sources)}
    else:
        tables = {source.id: load_source(source) for source in sources}
        data = {
            argument: given(
                argument,
                tables[wanted]
                if isinstance(wanted, str)
                else join_flows([tables[name] for name in wanted]),
            )
            for argument, wanted in instance.data.items()
        }
    parameters = dict(instance.parameters)
    if "posterior" in parameters:
        parameters["posterior"] = {"draws": 200, "rng": 1, "level": 0.95}
    return STUDIES[instance.study].find(
        instance.id,
        data=data,
        question=parameters,
        parameters=instance.of_sections,
        only=instance.sections,
    )


def rendered(root: Path) -> str:
    """Return the text of a project as its reader sees it, without the traces of the numbers."""
    findings = Findings.union(
        [study_of(instance, root) for instance in read_plan(root / "reports" / "appendix.toml")]
    )
    text = (root / "reports" / "appendix.md").read_text(encoding="utf-8")
    markdown = render_markdown(text, findings).partition("::: html-only")[0]
    return re.sub(r"\[([^\]]*)\]\{\.number [^}]*\}", r"\1", markdown)


ARMS = Question(arms=("Azerbaijan", "Turkey"), window=(2016, 2020))
CASES: dict[str, tuple[Question, tuple[str, ...]]] = {
    "two releases": (ARMS, ("sipri-deal-years/2022-03", "sipri-deal-years/2025-03")),
    "one release": (ARMS, ("sipri-deal-years/2025-03",)),
    "a table only": (ARMS, ("sipri-tiv-table/2026-03",)),
    "a side only": (Question(trade=("Armenia", "Iran")), ("wits-summary/2019",)),
}


@pytest.mark.parametrize("case", CASES)
def test_a_strangers_report_speaks_of_its_data(case: str, tmp_path: Path) -> None:
    question, names = CASES[case]
    make(tmp_path / "mine", question, *names)
    text = rendered(tmp_path / "mine")
    prose = re.sub(r"^\|.*$|^ *[-\d].*  .*$", "", text, flags=re.MULTILINE)
    for pattern in SILLY:
        assert not re.search(pattern, prose), (pattern, re.search(pattern, prose))


def test_what_a_table_has_not_is_left_out_and_said(tmp_path: Path) -> None:
    done = make(tmp_path / "mine", ARMS, "sipri-tiv-table/2026-03")
    plan = read_plan(tmp_path / "mine/reports/appendix.toml")
    sections = plan[0].sections or ()
    assert not {"deals", "interval", "revision", "published", "context"} & set(sections)
    assert {"share", "windows", "suppliers"} <= set(sections)
    assert any(remark.startswith("arms: no deals: ") for remark in done.remarks)


def test_a_second_release_is_compared(tmp_path: Path) -> None:
    make(tmp_path / "mine", ARMS, "sipri-deal-years/2022-03", "sipri-deal-years/2025-03")
    (arms, sources) = read_plan(tmp_path / "mine/reports/appendix.toml")
    assert arms.of_sections["revision"] == {"before": "sipri-deal-years@2022-03"}
    assert sources.tables == ("sources-rights",)
    described = [source.incomplete for source in list_sources(tmp_path / "mine")]
    assert described == [[], []]


def test_a_full_export_gives_the_numbers_of_its_rows(tmp_path: Path, shared_data: Path) -> None:
    asked = Question(arms=("Armenia", "Russia"), window=(2016, 2020))
    export = shared_data / "sipri" / "deal-years-2025-03.csv"
    new_project(tmp_path / "mine", asked, [export], today=TODAY)
    text = rendered(tmp_path / "mine")
    assert "94.48%" in text
    assert "importers that received at least" in text
    for pattern in SILLY:
        assert not re.search(pattern, re.sub(r"^\|.*$", "", text, flags=re.MULTILINE)), pattern


def test_nothing_is_half_written(tmp_path: Path) -> None:
    elsewhere = Question(arms=("Armenia", "Russia"))
    with pytest.raises(SourceError, match="expected deliveries of major arms to Armenia"):
        make(tmp_path / "mine", elsewhere, "sipri-deal-years/2025-03")
    with pytest.raises(UnknownNameError, match=r"did you mean Armenia \(ARM\)"):
        make(tmp_path / "mine", Question(arms=("Armennia", "Russia")), "sipri-deal-years/2025-03")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "kept.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(SourceError, match="expected a folder that is new or empty"):
        make(tmp_path / "mine", ARMS, "sipri-deal-years/2025-03")
    assert [path.name for path in tmp_path.rglob("*")] == ["mine", "kept.txt"]


def test_without_files_it_says_what_to_get_and_the_build_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "mine"
    assert main(["new", str(folder), "--arms", "Armenia", "Russia"]) == DONE
    out = capsys.readouterr().out
    assert "https://www.sipri.org/databases/armstransfers" in out
    (wanted,) = re.findall(r"flows add FILE --id (\S+)", out)
    assert main(["--root", str(folder), "build"]) == FAULT
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert f"flows add FILE --id {wanted}" in error
    shutil.copy(raw("sipri-deal-years/2025-03")[0], tmp_path / "deals.csv")
    added = [str(tmp_path / "deals.csv"), "--id", wanted]
    assert main(["--root", str(folder), "add", *added]) == DONE
    plan = read_plan(folder / "reports" / "appendix.toml")
    assert make_steps(Places(folder, folder / ".flows"), list_sources(folder), plan)


def test_a_question_is_needed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", str(tmp_path / "mine")]) == USAGE
    assert "--arms IMPORTER SUPPLIER" in capsys.readouterr().err


def test_what_is_beside_the_report(tmp_path: Path) -> None:
    make(tmp_path / "mine", ARMS, "sipri-deal-years/2025-03")
    mine = tmp_path / "mine"
    assert read_claims(mine / "reports" / "claims.toml") == []
    notebook = nbformat.read(mine / "arms.ipynb", as_version=4)
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    assert 'fl.load("sipri-deal-years@2025-03")' in code
    assert 'supplier="TUR", importer="AZE", start=2016, end=2020' in code
    assert len((mine / "README.md").read_text(encoding="utf-8").splitlines()) <= 12
    assert {"report:", "check:"} <= set((mine / "Makefile").read_text(encoding="utf-8").split())


def test_every_key_that_a_section_cites_is_in_the_references_of_a_new_project() -> None:
    template = ROOT / "flows" / "pipeline" / "new" / "template"
    texts = [*(ROOT / "flows" / "studies").rglob("*.md"), *template.glob("*.md")]
    cited = {
        key
        for path in texts
        for key in re.findall(r"@([a-z]+\d{4})", path.read_text(encoding="utf-8"))
    }
    entries = re.findall(r"^@\w+\{(\w+),", (template / "references.bib").read_text(), re.MULTILINE)
    assert cited <= set(entries)


Write = Callable[..., None]


@pytest.mark.parametrize(
    ("parameters", "sections", "figure", "message"),
    [
        (
            {},
            ["revision"],
            "arms-revision",
            r"no figure 'arms-revision': section 'revision' .*older",
        ),
        ({}, ["share"], "arms-deals", r"section 'deals' makes it, which is not among the sections"),
        ({}, ["shares"], "arms-x", r"no section 'shares'; there are: share, "),
        ({"windows": 2011}, ["share"], "arms-x", r"question: expected a list for 'windows'"),
        ({"windos": []}, ["share"], "arms-x", r"no parameter 'windos'; there are: windows"),
    ],
)
def test_errors_of_a_study_say_study_section_and_parameter(
    parameters: dict[str, Any], sections: list[str], figure: str, message: str, tmp_path: Path
) -> None:
    table = tmp_path / "arms.parquet"
    load_source(list_sources(ROOT, only=["sipri-deal-years@2025-03"])[0]).to_parquet(table)
    question = {"importer": "AZE", "supplier": "ISR", "window": [2016, 2020], **parameters}
    with pytest.raises(ReportError, match=f"study arms: .*{message}"):
        write_study(
            plan="reports/appendix.toml",
            name="arms",
            study="supplier",
            parameters=question,
            sections=sections,
            of_sections={},
            tables={"arms": table},
            descriptions=[],
            findings={"values": tmp_path / "f.json", "figures": {figure: table}, "tables": {}},
        )


def test_the_page_on_projects_has_every_section() -> None:
    page = (ROOT / "docs" / "projects.md").read_text(encoding="utf-8")
    assert "\n".join(section_lines()).strip() in page


def test_sections_make_what_they_say() -> None:
    """Exhibits that a section's text shows are among those that it says it makes."""
    for study in STUDIES.values():
        folder = ROOT / study.folder.replace(".", "/")
        for section, about in study.about.items():
            place = folder / f"{section}.md"
            text = place.read_text(encoding="utf-8") if place.is_file() else ""
            shown = set(re.findall(r"\b(figure|table)\(['\"]([^'\"]+)['\"]\)", text))
            made = {("figure", end) for end in about.figures} | {
                ("table", end) for end in about.tables
            }
            assert shown <= made, section


def test_the_example_of_a_layout_is_named_as_its_data_set(tmp_path: Path) -> None:
    asked = Question(trade=("Iran", "Armenia"))
    done = new_project(tmp_path / "mine", asked, [example_path("armstat")], today=TODAY)
    assert [name.partition("@")[0] for name in done.datasets] == ["armstat"]
