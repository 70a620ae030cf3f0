import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy_project import edit, make_project, published, raw_file

from flows.errors import HashError, ReportError, SourceError, UnknownNameError
from flows.pipeline import verify
from flows.pipeline.build import build_report
from flows.pipeline.catalogue import check_catalogue
from flows.pipeline.compare import Difference
from flows.pipeline.trace import RawLine, read_raw_lines, trace_number
from flows.pipeline.verify import Verification, find_committed, verify_reports
from flows.report.appendices import FIRST
from flows.report.evidence import split_lines
from flows.report.manifest import TOLERANCE, read_environment
from flows.sources import file_sha256

MANIFEST = "reports/manifest.json"
FIGURE = "reports/figures/trade-by-year"
FILES = 16


@pytest.fixture
def repository(project: Path) -> Path:
    """The same, with all but what can be made again committed."""
    (project / ".gitignore").write_text(".flows/\ndata/processed/\n", encoding="utf-8")
    (project / ".gitattributes").write_text("* -text\n", encoding="utf-8")
    git(project, "init", "--quiet")
    commit(project)
    return project


@pytest.fixture
def copied(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Copy in place of building again: for tests that change no input."""

    def copy(_: Path, *, out: Path, **__: object) -> None:
        for name, content in published(built).items():
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            (out / name).write_bytes(content)

    monkeypatch.setattr(verify, "build_report", copy)


def git(root: Path, *arguments: str) -> None:
    nobody = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    for role in ("AUTHOR", "COMMITTER"):
        nobody |= {f"GIT_{role}_NAME": "Nobody", f"GIT_{role}_EMAIL": "nobody@example.org"}
    subprocess.run(["git", *arguments], cwd=root, env={**os.environ, **nobody}, check=True)


def commit(root: Path) -> None:
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "The report")


def change_manifest(root: Path, change: Callable[[dict], object]) -> None:
    """Edit the manifest and write it as a build writes it."""
    path = root / MANIFEST
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    text = json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    path.write_text(text, encoding="utf-8")


def falsify(root: Path, name: str, old: bytes, new: bytes) -> None:
    """Change a file of the report, and the manifest so that it agrees."""
    path = root / name
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new))
    record = {"bytes": path.stat().st_size, "sha256": file_sha256(path)}
    change_manifest(root, lambda content: content["outputs"].update({name: record}))


def verify_report(root: Path) -> Verification:
    """Verify the one appendix of the project."""
    return verify_reports(root)["reports"]


def told(found: Verification) -> dict[str, str]:
    return {difference.file: difference.text for difference in found.differences}


def test_a_committed_report_is_verified_and_nothing_is_changed(repository: Path) -> None:
    before = published(repository)
    found = verify_report(repository)
    assert found.verdict == "same bytes"
    assert len(found.same) == FILES
    assert found.place == find_committed(repository, FIRST).place
    assert found.place.startswith("commit ")
    assert found == Verification(
        place=found.place, same=found.same, environment=read_environment()
    ), "there is nothing else to say"
    assert published(repository) == before


@pytest.mark.usefixtures("copied")
def test_processed_tables_need_not_be_there(repository: Path) -> None:
    shutil.rmtree(repository / "data/processed")
    assert len(verify_report(repository).same) == FILES


@pytest.mark.usefixtures("copied")
@pytest.mark.parametrize(
    ("name", "old", "new", "text"),
    [
        ("reports/index.html", b"1.001", b"9.001", "2 of 39 lines differ (line 1: "),
        ("reports/appendix.pdf", b"1.001", b"9.001", "bytes, other ones from byte "),
        ("reports/numbers.tex", b"{1.001}", b"{9.001}", "1 of 50 lines differs (line 48: "),
        ("reports/numbers.json", b'"1.001"', b'"9.001"', "trade.total.printed: 9.001 -> 1.001"),
        ("reports/tables/trade-total.html", b">500000<", b">900000<", "lines differs (line 24: "),
        ("reports/tables/trade-total.tex", b"500000", b"900000", "1 of 16 lines differs (line 9: "),
        ("reports/tables/trade-total.typ", b"[500000]", b"[900000]", "lines differs (line 11: "),
        ("reports/tables/trade-total.csv", b"500000", b"900000", "line 2, value: 900000.0 -> "),
        (f"{FIGURE}.csv", b"500000.0", b"500000.1", "1 of 6 values differs, by 2e-07 of itself"),
        (f"{FIGURE}.svg", b"2023", b"2033", "lines differ"),
        (f"{FIGURE}.png", b"IDAT", b"IDAt", "bytes, other ones from byte "),
        (f"{FIGURE}.pdf", b"stream", b"strean", "bytes, other ones from byte "),
        ("reports/appendix.docx", b"PK", b"pk", "bytes, other ones from byte 1 on"),
    ],
)
def test_a_falsified_file_is_different_though_the_manifest_agrees(
    repository: Path, name: str, old: bytes, new: bytes, text: str
) -> None:
    falsify(repository, name, old, new)
    modified = verify_report(repository)
    assert modified.verdict == "different"
    assert modified.differences == ()
    assert text in {one.file: one.text for one in modified.changed}[name]
    assert f"{name}: modified, not as it is rebuilt" in modified.uncommitted
    commit(repository)
    found = verify_report(repository)
    assert found.verdict == "different"
    assert list(told(found)) == [name]
    assert text in told(found)[name]
    assert (found.manifest, found.changed, found.uncommitted) == ((), (), ())
    shutil.rmtree(repository / ".git")
    assert told(verify_report(repository)) == told(found), "without git as well"


@pytest.mark.usefixtures("copied")
def test_every_difference_is_listed_with_every_value(repository: Path) -> None:
    falsify(repository, "reports/numbers.json", b"1.001", b"9.001")
    falsify(repository, f"{FIGURE}.csv", b"50", b"90")
    commit(repository)
    found = verify_report(repository)
    numbers, figure = sorted(found.differences, key=lambda one: one.file, reverse=True)
    assert [value.place for value in numbers.values] == [
        "trade.total.value",
        "trade.total.printed",
    ]
    assert [value.place for value in figure.values] == ["line 2, value", "line 3, value"]
    assert figure.text.startswith("2 of 6 values differ, by up to 0.44 of themselves (line 2")
    content = json.loads(json.dumps(found.to_json()))
    assert content["verdict"] == "different"
    assert [one["file"] for one in content["differences"]] == [figure.file, numbers.file]
    assert content["differences"][0]["values"][0]["rebuilt"] == "500000.0"


@pytest.mark.usefixtures("copied")
def test_fractions_within_the_tolerance_are_the_same_numbers(repository: Path) -> None:
    falsify(repository, f"{FIGURE}.csv", b"500000.0", b"500000.00001")
    commit(repository)
    found = verify_report(repository)
    assert found.verdict == "same numbers"
    assert found.summary().startswith(
        f"same numbers within {TOLERANCE:g}, and the same text: 15 of"
    )
    falsify(repository, "reports/numbers.tex", b"1.001", b"1.002")
    commit(repository)
    assert verify_report(repository).verdict == "different"


@pytest.mark.usefixtures("copied")
@pytest.mark.parametrize(
    ("change", "text"),
    [
        (
            lambda made: made["parameters"]["trade"].update(partner="ISR"),
            "trade.partner: ISR -> IRN",
        ),
        (lambda made: made["parameters"].update(other={}), "parameters, other: {} -> none"),
        (lambda made: made.update(tolerance=1.0), "parameters, tolerance: 1.0 -> 1e-07"),
        (lambda made: made["outputs"]["reports/numbers.tex"].update(bytes=7), "tex: 7 -> "),
        (lambda made: made["outputs"]["reports/numbers.tex"].update(sha256="a"), "sha256 a… -> "),
        (lambda made: made["inputs"].update({"reports/appendix.md": "a"}), "appendix.md: a -> "),
        (lambda made: made["inputs"].pop("reports/appendix.md"), "appendix.md: none -> "),
        (lambda made: made["inputs"].update({"data/gone.csv": "a"}), "data/gone.csv: a -> none"),
    ],
)
def test_a_manifest_that_states_what_is_not_so_is_different(
    repository: Path, change: Callable[[dict], object], text: str
) -> None:
    change_manifest(repository, change)
    commit(repository)
    found = verify_report(repository)
    assert found.verdict == "different"
    assert len(found.manifest) == 1
    assert text in found.manifest[0]
    assert found.inputs == ()
    assert found.differences == ()


@pytest.mark.usefixtures("copied")
def test_the_hash_of_a_processed_table_stands_for_it(repository: Path) -> None:
    name = "data/processed/armstat-by-country@2025-02.parquet"
    change_manifest(repository, lambda made: made["outputs"][name].update(sha256="a" * 64))
    commit(repository)
    found = verify_report(repository)
    assert found.verdict == "different"
    assert "sha256 aaaaaaaaaaaa… -> " in told(found)[name]


@pytest.mark.usefixtures("copied")
@pytest.mark.parametrize("old", ["{", '"bytes"'])
def test_a_manifest_that_is_none_or_written_otherwise_is_different(
    repository: Path, old: str
) -> None:
    edit(repository / MANIFEST, old, f"{old} ")
    commit(repository)
    found = verify_report(repository)
    assert found.verdict == "different"
    assert found.manifest == ("it is not written as a build writes it",)
    edit(repository / MANIFEST, f"{old} ", "[")
    commit(repository)
    found = verify_report(repository)
    assert found.verdict == "different"
    assert "it cannot be read: reports/manifest.json: expected a manifest" in found.manifest[0]
    assert len(found.same) == FILES - 1
    assert len(found.missing) == 2, "the manifest, and the table that it alone has a hash of"


@pytest.mark.usefixtures("copied")
def test_other_code_is_told_and_no_failure(repository: Path) -> None:
    change_manifest(repository, lambda made: made["code"].update(sha256="another"))
    commit(repository)
    found = verify_report(repository)
    assert found.verdict == "same bytes"
    assert "sha256 another; rebuilt by flows" in found.code
    assert "made by other code: flows" in found.summary()


def test_another_library_is_told_against_the_lock(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = read_environment()
    other = {**here, "libraries": {**here["libraries"], "pandas": "0.1"}}
    lock = "".join(
        f"{name.replace('_', '-')}=={version}\n" for name, version in here["libraries"].items()
    )
    (repository / "requirements.txt").write_text(lock, encoding="utf-8")
    monkeypatch.setattr(verify, "read_environment", lambda: other)
    monkeypatch.setattr("flows.pipeline.build.read_environment", lambda: other)
    found = verify_report(repository)
    assert found.verdict == "same bytes", "the manifest holds nothing of the machine"
    assert found.unlocked == (f"pandas 0.1, expected {here['libraries']['pandas']}",)
    assert "pandas 0.1" in found.summary().splitlines()[-1]


@pytest.mark.usefixtures("copied")
@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda root: shutil.rmtree(root / ".git"), "git: not a git repository"),
        (lambda root: git(root, "update-ref", "-d", "HEAD"), "nothing is committed"),
        (lambda root: git(root, "rm", "-r", "--quiet", "--cached", "reports"), "holds no report"),
    ],
)
def test_without_a_committed_report_the_folder_is_compared_and_it_is_said_why(
    repository: Path, spoil: Callable[[Path], None], reason: str
) -> None:
    spoil(repository)
    if "report" in reason:
        git(repository, "-c", "user.name=a", "commit", "--quiet", "--message", "None")
    found = verify_report(repository)
    assert found.verdict == "same bytes"
    assert found.place.startswith("the folder (")
    assert reason in found.place
    edit(repository / "reports/appendix.md", "shows them", "shows it")
    found = verify_report(repository)
    assert found.verdict == "different"
    assert found.manifest[0].startswith("inputs, reports/appendix.md: ")


@pytest.mark.usefixtures("copied")
def test_without_the_program_git_the_folder_is_compared(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    assert verify_report(repository).place == "the folder (git is not installed)"


@pytest.mark.usefixtures("copied")
def test_without_manifest_the_files_are_compared_and_the_rest_is_named(project: Path) -> None:
    (project / MANIFEST).unlink()
    shutil.rmtree(project / "data/processed")
    found = verify_report(project)
    assert found.verdict == "same bytes"
    assert len(found.same) == FILES - 1
    first, table = found.missing
    assert first == "parameters, sizes and hashes: there is no manifest to read"
    assert table.startswith("data/processed/armstat-by-country@2025-02.parquet: not kept")
    assert "not compared:" in found.summary()
    edit(project / "reports/numbers.tex", "1.001", "9.001")
    assert verify_report(project).verdict == "different"


def test_a_report_that_was_never_built_cannot_be_verified(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="expected a built report, found none; run flows build"):
        verify_report(make_project(tmp_path))


@pytest.mark.usefixtures("copied")
def test_a_missing_file_is_named(repository: Path) -> None:
    (repository / "reports/numbers.tex").unlink()
    found = verify_report(repository)
    assert found.verdict == "same bytes"
    assert found.uncommitted == ("reports/numbers.tex: deleted",)
    commit(repository)
    found = verify_report(repository)
    assert found.verdict == "different"
    assert told(found) == {"reports/numbers.tex": "none, though the manifest names it -> there"}


@pytest.mark.usefixtures("copied")
def test_files_that_no_step_makes_are_named(repository: Path) -> None:
    extra = "reports/figures/extra.csv"
    (repository / extra).write_text("x\n", encoding="utf-8")
    (repository / "reports/notes.txt").write_text("by hand", encoding="utf-8")
    found = verify_report(repository)
    assert found.verdict == "same bytes"
    assert found.others == (extra,)
    falsify(repository, extra, b"x", b"y")
    commit(repository)
    found = verify_report(repository)
    assert found.verdict == "different"
    assert told(found) == {extra: "there -> none: no step makes it"}


@pytest.fixture
def unmade(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing be made."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("something was made")

    monkeypatch.setattr(verify, "build_report", refuse)


def test_a_build_that_is_not_committed_is_not_what_is_compared(
    repository: Path, request: pytest.FixtureRequest
) -> None:
    edit(repository / "reports/appendix.toml", 'partner = "IRN"', 'partner = "IRN", factor = 2.0')
    build_report(repository)
    request.getfixturevalue("unmade")
    found = verify_report(repository)
    assert found.verdict == "different"
    assert len(found.inputs) == 1
    assert found.inputs[0].startswith("reports/appendix.toml: 1 of 7 lines differs (line 7: ")
    assert found.manifest == (), "what was committed agrees with itself"


@pytest.mark.usefixtures("copied")
def test_a_new_report_that_is_not_committed_is_named(repository: Path) -> None:
    git(repository, "rm", "--quiet", "--cached", f"{FIGURE}.svg")
    git(repository, "-c", "user.name=a", "commit", "--quiet", "--message", "Less")
    found = verify_report(repository)
    assert found.verdict == "different"
    assert told(found) == {f"{FIGURE}.svg": "none, though the manifest names it -> there"}
    assert found.uncommitted == (f"{FIGURE}.svg: new, as it is rebuilt",)


@pytest.mark.usefixtures("unmade")
@pytest.mark.parametrize(
    ("name", "old", "new", "change"),
    [
        ("appendix.md", "shows them", "shows it", "1 of 5 lines differs (line 1: "),
        ("appendix.toml", "[[study]]", "# the first\n[[study]]", "7 -> 8 lines (line 1: "),
        ("references.bib", "", "@misc{a}\n", "0 -> 1 lines"),
    ],
)
def test_nothing_is_made_from_a_changed_text(
    repository: Path, name: str, old: str, new: str, change: str
) -> None:
    edit(repository / "reports" / name, old, new)
    found = verify_report(repository)
    assert (found.made, found.verdict) == (False, "different")
    assert len(found.inputs) == 1
    assert found.inputs[0].startswith(f"reports/{name}: {change}")
    first, heading, *_ = found.summary().splitlines()
    assert first.startswith("different: not made again, since the inputs are not those that the ")
    assert heading == "modified inputs (committed -> now):"
    commit(repository)
    found = verify_report(repository)
    assert (found.made, found.verdict) == (False, "different"), "the manifest has another hash"
    assert found.manifest[0].startswith(f"inputs, reports/{name}: ")
    shutil.rmtree(repository / ".git")
    assert verify_report(repository).manifest == found.manifest, "without git as well"


@pytest.mark.usefixtures("unmade")
def test_a_changed_raw_digit_is_named_before_anything_is_made(repository: Path) -> None:
    edit(raw_file(repository), "500", "600")
    with pytest.raises(HashError, match=r"expected sha256 .*\(line 3, import_origin: 500 -> 600\)"):
        verify_report(repository)


@pytest.mark.usefixtures("unmade")
def test_a_changed_raw_digit_with_its_hash_is_named(repository: Path) -> None:
    raw = raw_file(repository)
    before = file_sha256(raw)
    edit(raw, "500", "600")
    edit(raw.parent / "source.toml", before, file_sha256(raw))
    found = verify_report(repository)
    assert (found.made, found.verdict) == (False, "different")
    assert "(line 3, import_origin: 500 -> 600)" in found.inputs[0]
    assert found.inputs[1].startswith("data/raw/armstat-by-country/2025-02/source.toml: 1 of")


@pytest.mark.usefixtures("copied")
def test_a_stale_processed_table_is_named_and_no_failure(repository: Path) -> None:
    name = "data/processed/armstat-by-country@2025-02.parquet"
    (repository / name).write_bytes(b"of another build")
    found = verify_report(repository)
    assert found.verdict == "same bytes"
    assert found.uncommitted[0].startswith(f"{name}: of another build")


def test_a_verdict_is_the_worst_that_was_found() -> None:
    within, beyond = Difference("a.csv", "", within=True), Difference("a.tex", "")
    assert Verification("here").verdict == "same bytes"
    assert Verification("here", differences=(within,)).verdict == "same numbers"
    assert Verification("here", changed=(within,)).verdict == "same numbers"
    assert Verification("here", differences=(within, beyond)).verdict == "different"
    assert Verification("here", changed=(beyond,)).verdict == "different"
    assert Verification("here", manifest=("wrong",)).verdict == "different"


def test_a_number_is_followed_to_its_raw_lines(project: Path) -> None:
    found = trace_number(project, "trade.total")
    assert found.number.value == pytest.approx(0.500 + 0.501)
    place = "data/raw/armstat-by-country/2025-02/armstat.csv"
    assert found.lines == (
        RawLine("armstat-by-country@2025-02", place, 3, '"Iran",2023,12,0,500,510,"2023-12-01"'),
        RawLine(
            "armstat-by-country@2025-02",
            place,
            4,
            '"Islamic Republic of Iran",2024,1,12,501,511,"2024-01-01"',
        ),
    )


def test_an_unknown_number_has_neighbours(project: Path) -> None:
    with pytest.raises(
        UnknownNameError, match=r"no number 'trade\.totl'; the nearest: trade\.total"
    ):
        trace_number(project, "trade.totl")


def test_a_trace_does_not_show_lines_of_a_changed_file(project: Path) -> None:
    edit(raw_file(project), "500", "600")
    with pytest.raises(HashError):
        trace_number(project, "trade.total")


def test_a_line_that_is_not_there_is_an_error(project: Path) -> None:
    with pytest.raises(SourceError, match=r"armstat\.csv: expected lines 1 to 4, asked for 5"):
        read_raw_lines(project, "armstat-by-country@2025-02", (2, 5))


@given(st.lists(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]))))
def test_lines_are_those_between_line_ends(lines: list[str]) -> None:
    content = "\r\n".join([*lines, "end"]).encode("utf-8")
    assert split_lines(content)[-len(lines) - 1 :] == [*lines, "end"]


def test_lines_that_are_not_utf8_are_latin1() -> None:
    assert split_lines("a;Côte d'Ivoire\nb".encode("latin-1")) == ["a;Côte d'Ivoire", "b"]


def test_the_catalogue_is_checked_to_its_end(project: Path) -> None:
    edit(raw_file(project), "500", "600")
    first, second = check_catalogue(project)
    assert "expected sha256" in first.fault
    assert first.rows == 0
    assert second.id == "cow-trade@4.0"
    assert not second.fault
    assert second.rows > 0
