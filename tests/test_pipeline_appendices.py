"""Several appendices in one project: each has its files and its manifest, all share the data."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from test_pipeline_claims import CLAIMS
from test_pipeline_diff import NEW, OLD, add_vintage, number
from toy_project import PAGES, PLAN, TEXT, ToyStudy, edit, make_project, published, vintage_files

import flows as fl
from flows.cli import main
from flows.completion import list_ids
from flows.errors import ReportError, UnknownNameError
from flows.figures import FIGURE_FORMATS
from flows.findings import Figure, Findings
from flows.loaders.examples import example_path
from flows.pipeline import tasks, watch
from flows.pipeline.build import Build, build_report
from flows.pipeline.diff import describe_diff, diff_vintages
from flows.pipeline.trace import trace_number
from flows.pipeline.verify import verify_reports
from flows.report import APPENDIX_FILES, manifest, render
from flows.report.appendices import Appendix, find_appendix, list_appendices
from flows.report.numbers import numbers_json
from flows.studies import STUDIES

STEPS = 15
"""Two data sets and their package, and of each appendix study, figure, table, numbers, text."""


def _write_plainly(
    markdown: str, path: Path, *, resources: Path, bibliography: Path, **_: object
) -> None:
    shown = sorted(file.name for file in (resources / "figures").glob("*.svg"))
    path.write_text(f"{markdown}\n{shown}\n{bibliography.name}", encoding="utf-8")


def _draw_plainly(figure: Figure, *, places: object) -> dict[str, bytes]:
    del places
    content = figure.data.to_csv(index=False).encode()
    return {f"{figure.id}.{kind}": content for kind in FIGURE_FORMATS}


@pytest.fixture(scope="module", autouse=True)
def plain_pages() -> Iterator[None]:
    """Drawing and setting have tests of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(STUDIES, "toy", ToyStudy())
        patch.setattr(manifest, "package_sha256", lambda: "the package as it is")
        patch.setattr(tasks, "render_figure", _draw_plainly)
        for module, write in (*PAGES, (render, "write_docx")):
            patch.setattr(module, write, _write_plainly)
        yield


def add_appendix(root: Path, name: str, plan: str = PLAN) -> Path:
    folder = root / "reports" / name
    folder.mkdir(parents=True)
    (folder / "appendix.toml").write_text(plan, encoding="utf-8")
    (folder / "appendix.md").write_text(TEXT, encoding="utf-8")
    (folder / "references.bib").write_text("", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def built_pair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two appendices with the same ids, the second with twice the numbers."""
    root = make_project(tmp_path_factory.mktemp("pair"))
    add_appendix(root, "other", PLAN.replace('"IRN"', '"IRN", factor = 2.0'))
    assert len(build_report(root).made) == STEPS
    return root


@pytest.fixture
def pair(built_pair: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built_pair, tmp_path / "project"))


def add_data(root: Path, vintage: str) -> None:
    folder = root / "data" / "raw" / vintage
    folder.mkdir(parents=True)
    for name, content in vintage_files(vintage, digit="700").items():
        (folder / name).write_bytes(content)


def made(root: Path, name: str) -> dict:
    return json.loads((root / Appendix(name).manifest).read_text(encoding="utf-8"))


def test_each_appendix_has_its_own_files_under_the_same_ids(built_pair: Path) -> None:
    files = published(built_pair)
    own = {name.removeprefix("reports/other/") for name in files if "/other/" in name}
    first = {
        name.removeprefix("reports/")
        for name in files
        if name.startswith("reports/") and "/other/" not in name
    }
    assert own == first
    assert {"figures/trade-by-year.svg", "tables/trade-total.csv", "manifest.json"} < own
    totals = [
        fl.read_numbers(built_pair / Appendix(name).numbers)["trade.total"].value
        for name in ("reports", "other")
    ]
    assert totals[1] == pytest.approx(2 * totals[0])
    page = files["reports/other/index.html"]
    assert b"['trade-by-year.svg', 'trade-by-year.text.svg']" in page


def test_data_are_loaded_once_and_steps_are_told_apart(tmp_path: Path) -> None:
    add_appendix(make_project(tmp_path), "other")
    done = build_report(tmp_path)
    assert len(set(done.made)) == len(done.made) == STEPS
    assert {"study trade", "other: study trade", "data package"} < set(done.made)


def test_a_manifest_names_what_its_own_plan_uses(built_pair: Path) -> None:
    for appendix in list_appendices(built_pair):
        entries = made(built_pair, appendix.name)
        data = "data/raw/armstat-by-country/2025-02"
        assert set(entries["inputs"]) == {
            f"{data}/armstat.csv",
            f"{data}/source.toml",
            *(appendix.plan, appendix.text, appendix.references),
        }
        outside = {name for name in entries["outputs"] if not name.startswith(appendix.folder)}
        assert outside == {"data/processed/armstat-by-country@2025-02.parquet"}
        inner = [name for name in entries["outputs"] if name.startswith("reports/other/")]
        assert bool(inner) == (appendix.name == "other")


def test_a_second_build_of_all_or_one_has_nothing_to_do(built_pair: Path) -> None:
    assert build_report(built_pair) == Build(STEPS)
    for name in ("reports", "other"):
        assert build_report(built_pair, appendices=[name]) == Build(9)


def test_a_text_rebuilds_its_own_appendix_only(pair: Path) -> None:
    before = published(pair)
    edit(pair / "reports/other/appendix.md", "shows them", "shows it")
    assert build_report(pair, appendices=["reports"]) == Build(9)
    assert build_report(pair).made == ("other: appendix",)
    changed = {name for name, content in published(pair).items() if before.get(name) != content}
    made = {f"reports/other/{name}" for name in ("manifest.json", *APPENDIX_FILES.values())}
    assert changed == {*made, "reports/other/appendix.md"}
    assert build_report(pair) == Build(STEPS)


def test_data_of_one_appendix_change_nothing_in_another(pair: Path) -> None:
    before = published(pair)
    add_data(pair, "armstat-by-country/2025-03")
    edit(pair / "reports/other/appendix.toml", "@2025-02", "@2025-03")
    build_report(pair)
    after = published(pair)
    first = [name for name in before if name.startswith("reports/") and "/other/" not in name]
    assert {name: after[name] for name in first} == {name: before[name] for name in first}
    assert "data/raw/armstat-by-country/2025-03/armstat.csv" in made(pair, "other")["inputs"]


def test_data_that_no_plan_uses_are_made_and_seen_and_in_no_manifest(pair: Path) -> None:
    before = published(pair)
    add_data(pair, "cow-trade/4.1")
    done = build_report(pair)
    assert set(done.made) == {"data cow-trade@4.1", "data package"}
    assert set(done.written) == {
        "data/processed/cow-trade@4.1.parquet",
        "data/processed/datapackage.json",
    }
    assert build_report(pair) == Build(STEPS + 1)
    (pair / "data/processed/cow-trade@4.1.parquet").unlink()
    assert build_report(pair).written == ("data/processed/cow-trade@4.1.parquet",)
    shutil.rmtree(pair / "data/raw/cow-trade/4.1")
    assert build_report(pair).removed == ("data/processed/cow-trade@4.1.parquet",)
    assert published(pair) == before


def test_an_unknown_appendix_has_neighbours(built_pair: Path) -> None:
    with pytest.raises(
        UnknownNameError, match=r"'othr'; did you mean other\? there are: reports, other"
    ):
        build_report(built_pair, appendices=["othr"])
    with pytest.raises(UnknownNameError, match=r"no appendix 'x'; there are: reports, other"):
        verify_reports(built_pair, ["x"])


def test_a_broken_plan_is_named_and_every_last_report_stays(pair: Path) -> None:
    plan = pair / "reports/other/appendix.toml"
    plan.write_text("[[study", encoding="utf-8")
    edit(pair / "reports/appendix.md", "shows them", "shows it")
    before = published(pair)
    with pytest.raises(ReportError, match=r"reports/other/appendix\.toml: expected TOML"):
        build_report(pair)
    assert published(pair) == before
    assert build_report(pair, appendices=["reports"]).made == ("appendix",)


def test_an_error_of_a_study_or_text_names_the_file_of_its_appendix(pair: Path) -> None:
    edit(pair / "reports/other/appendix.toml", '"IRN"', '"USA"')
    before = published(pair)
    with pytest.raises(ReportError, match=r"^reports/other/appendix\.toml: study trade: "):
        build_report(pair)
    edit(pair / "reports/other/appendix.toml", '"USA"', '"IRN"')
    edit(pair / "reports/other/appendix.md", "trade.total", "trade.totl")
    with pytest.raises(ReportError, match=r"^reports/other/appendix\.md:1: "):
        build_report(pair)
    changed = {name for name, content in published(pair).items() if before[name] != content}
    assert changed == {"reports/other/appendix.toml", "reports/other/appendix.md"}


def test_stale_files_go_within_their_own_folder_only(pair: Path) -> None:
    record = pair / "reports/other/manifest.json"
    entries = json.loads(record.read_text(encoding="utf-8"))
    entries["outputs"] |= made(pair, "reports")["outputs"]
    record.write_text(json.dumps(entries), encoding="utf-8")
    before = published(pair)
    edit(pair / "reports/other/appendix.toml", 'figures = ["trade-by-year"]\n', "")
    edit(pair / "reports/other/appendix.md", '{{ figref("trade-by-year") }} shows them.', "")
    edit(pair / "reports/other/appendix.md", '{{ figure("trade-by-year") }}', "")
    done = build_report(pair)
    kinds = sorted(FIGURE_FORMATS)
    assert done.removed == tuple(f"reports/other/figures/trade-by-year.{kind}" for kind in kinds)
    assert before.keys() - published(pair).keys() == set(done.removed)


def test_only_takes_an_exhibit_of_one_appendix(pair: Path, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match=r"found 'trade-total' in reports, other; name the"):
        build_report(pair, only=["trade-total"])
    done = build_report(pair, appendices=["other"], only=["trade-total"], out=tmp_path / "out")
    assert all(name.startswith("reports/other/tables/trade-total.") for name in done.written[1:])
    assert len(done.written) == 5


def test_a_project_may_have_no_appendix_in_reports_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make_project(tmp_path)
    monkeypatch.setenv("FLOWS_ROOT", str(root))
    for name in ("appendix.toml", "appendix.md", "references.bib"):
        (root / "reports" / name).unlink()
    add_appendix(root, "own")
    assert len(build_report(root).made) == 9
    assert not (root / "reports" / "manifest.json").exists()
    assert list(fl.read_numbers()) == ["trade.total"]
    add_appendix(root, "second")
    with pytest.raises(UnknownNameError, match=r"there are: reports/own, reports/second"):
        fl.read_numbers()
    assert fl.read_numbers(appendix="own")["trade.total"].value > 0
    with pytest.raises(ValueError, match="expected a path or an appendix"):
        fl.read_numbers("numbers.json", appendix="own")


def test_reports_itself_is_meant_where_no_name_is_given(built_pair: Path) -> None:
    assert find_appendix(built_pair) == Appendix("reports")
    assert find_appendix(built_pair, "other").page == "reports/other/index.html"


@pytest.mark.parametrize("name", ["figures", "tables", "reports", "a b"])
def test_a_folder_of_such_a_name_is_no_appendix(pair: Path, name: str) -> None:
    (pair / "reports" / name).mkdir(exist_ok=True)
    (pair / "reports" / name / "appendix.toml").touch()
    with pytest.raises(ReportError, match=f"and not one of reports, figures, .*; found '{name}'"):
        build_report(pair)


def test_each_is_verified_against_its_own_manifest(
    pair: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = verify_reports(pair)
    assert [(name, one.verdict) for name, one in found.items()] == [
        ("reports", "same bytes"),
        ("other", "same bytes"),
    ]
    assert [one.others for one in found.values()] == [(), ()], "nor are those of the other foreign"
    edit(pair / "reports/other/numbers.tex", "2.002", "2.003")
    edit(pair / "reports/appendix.md", "shows them", "shows it")
    assert main(["--root", str(pair), "verify"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("reports: different: not made again")
    assert any(line.startswith("other: different: 15 of 16 files") for line in lines)
    assert main(["--root", str(pair), "verify", "--json"]) == 1
    assert list(json.loads(capsys.readouterr().out)) == ["reports", "other"]
    assert main(["--root", str(pair), "verify", "other", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["differences"][0]["file"].endswith("numbers.tex")


def test_a_number_is_traced_in_the_appendix_that_has_it(
    pair: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(UnknownNameError, match=r"reports:trade\.total, other:trade\.total"):
        trace_number(pair, "trade.total")
    first, other = (trace_number(pair, f"{name}:trade.total") for name in ("reports", "other"))
    assert other.number.value == pytest.approx(2 * first.number.value)
    assert first.lines == other.lines
    with pytest.raises(UnknownNameError, match=r"no number 'trade\.totl'; the nearest: trade\."):
        trace_number(pair, "trade.totl")
    (pair / "reports/numbers.json").unlink()
    assert trace_number(pair, "trade.total") == other
    assert main(["--root", str(pair), "trace", "xyz:trade.total"]) == 2
    assert "no appendix 'xyz'; there are: reports, other" in capsys.readouterr().err


def test_claims_of_an_appendix_are_named_by_it(
    pair: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (pair / "reports/other/claims.toml").write_text(CLAIMS.format(low=2, high=3), encoding="utf-8")
    edit(pair / "reports/other/appendix.md", '{{ table("trade-total") }}', '{{ table("claims") }}')
    build_report(pair)
    number = fl.read_numbers(pair / "reports/other/numbers.json")["claims.count.supported"]
    code = "\n".join(number.code)
    assert 'fl.read_claims(appendix="other")' in code
    assert 'fl.read_numbers(appendix="other")' in code
    table = (pair / "reports/other/tables/claims.tex").read_text(encoding="utf-8")
    assert "reports/other/claims.toml" in table
    assert main(["--root", str(pair), "claims"]) == 0
    assert capsys.readouterr().out.startswith("imports: supported\n"), "the other has no claims"
    (pair / "reports/claims.toml").write_text(CLAIMS.format(low=2, high=3), encoding="utf-8")
    assert main(["--root", str(pair), "claims"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("# reports\nimports: contradicted\n")
    assert "\n# other\nimports: supported\n" in out


def test_watching_sees_what_people_write_for_each(pair: Path) -> None:
    edits: Iterator[Callable[[], object]] = iter(
        [
            lambda: edit(pair / "reports/other/appendix.md", "shows them", "shows it"),
            lambda: edit(pair / "reports/other/numbers.tex", "2.002", "2.003"),
            lambda: edit(pair / "reports/appendix.md", "shows them", "shows it"),
        ]
    )
    seen = watch.changes(pair, wait=lambda: next(edits)() and None)
    assert next(seen) == ["reports/other/appendix.md"]
    assert next(seen) == ["reports/appendix.md"]


def test_completion_offers_appendices_and_numbers_of_each(pair: Path) -> None:
    assert list_ids(pair, "appendices") == ["reports", "other"]
    assert list_ids(pair, "numbers") == ["reports:trade.total", "other:trade.total"]
    (pair / "reports/numbers.json").unlink()
    assert list_ids(pair, "numbers") == ["trade.total"]


def test_open_takes_a_name(pair: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--root", str(pair), "open", "other"]) == 0
    assert capsys.readouterr().out == f"{pair / 'reports/other/index.html'}\n"


def test_a_new_vintage_is_told_to_each_appendix_that_uses_it(tmp_path: Path) -> None:
    text = example_path("sipri_deal_years").read_text(encoding="utf-8")
    add_vintage(tmp_path, OLD, text)
    add_vintage(tmp_path, NEW, text.replace("0.4,10.4,", "0.4,20.0,"))
    for name in ("a", "b", "c"):
        folder = add_appendix(tmp_path, name)
        shares = () if name == "c" else (number(f"{name}.share"),)
        (folder / "numbers.json").write_text(
            numbers_json(Findings(numbers=shares)), encoding="utf-8"
        )
    lines = list(describe_diff(diff_vintages(OLD, NEW, root=tmp_path), most=0))
    places = [line.split(",")[0] for line in lines if line.startswith("\nshares in ")]
    assert places == [f"\nshares in reports/{name}/numbers.json" for name in ("a", "b")]
