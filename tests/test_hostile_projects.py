"""A stranger's project: commands show its texts and run nothing, and no id of it is a path."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from contextlib import suppress
from pathlib import Path

import pytest
from hostile import HOSTILE, Hostile
from test_hostile_texts import ACTING, STORED
from toy_project import edit, published, raw_file

from flows.cli import _parser, main
from flows.completion import completion_script, list_ids
from flows.errors import FlowsError, ReportError, SourceError
from flows.loaders import load
from flows.loaders.proposals import propose_description, try_description
from flows.pipeline.add import add_files
from flows.pipeline.build import build_report
from flows.pipeline.graph import read_plan
from flows.pipeline.verify import verify_reports
from flows.progress import describe
from flows.report import text
from flows.report.appendices import FIRST, list_appendices
from flows.report.manifest import file_sha256
from flows.sources import list_sources

ALL = " ".join(one.text for one in STORED if len(one.text) < 200)


def run(capsys: pytest.CaptureFixture[str], root: Path, *arguments: str) -> str:
    """Run a command; return what it showed, which nothing acts upon."""
    with suppress(SystemExit):
        main(["--root", str(root), *arguments])
    shown = "".join(capsys.readouterr())
    assert shown
    assert not ACTING.search(shown)
    assert "Traceback" not in shown
    return shown


@pytest.fixture
def strange(project: Path) -> Path:
    """The project with all hostile texts in the description of its data."""
    source = raw_file(project).parent / "source.toml"
    for words in ("A statistics office", "Trade", "A few rows.", "Everything.", "Open"):
        edit(source, f'= "{words}"', f"= {json.dumps(ALL)}")
    edit(source, 'remarks = ""', f"remarks = {json.dumps(ALL)}")
    return project


@pytest.mark.parametrize(
    "command",
    [
        ["list"],
        ["list", "--json"],
        ["check"],
        ["check", "--json"],
        ["cite", "--all"],
        ["trace", "trade.total"],
        ["trace", "trade.total", "--json"],
        ["trace", ALL],
        ["open", ALL],
        ["cite", ALL],
        ["diff", ALL, "cow-trade@4.0"],
        ["build", "--only", ALL],
        ["convert", ALL, "-o", "a.parquet"],
        ["describe", ALL],
        ["profile", "--exporter", ALL, "--importer", "ARM"],
        [ALL],
        ["build", f"--{ALL}"],
        ["completion", "data-sets"],
    ],
)
def test_a_command_shows_what_it_quotes(
    strange: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, strange, *command)


@pytest.mark.parametrize("one", HOSTILE, ids=lambda one: str(one.name))
def test_a_refused_file_is_shown(
    one: Hostile, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = one.text.encode("utf-8", "surrogateescape" if "\udcff" in one.text else "replace")
    path = tmp_path / "a.csv"
    for content in (
        b"Exporter;Importer;Year;" + words + b"\nIRN;ARM;2020;1;" + words + b"\n",
        words + b"\n" + words + b";" + words,
        b'{"a": "' + words + b'"}',
    ):
        path.write_bytes(content)
        with pytest.raises(FlowsError) as raised:
            load(path)
        assert not ACTING.search(str(raised.value))
    main(["convert", str(path), "-o", str(tmp_path / "out.parquet")])
    assert not ACTING.search("".join(capsys.readouterr()))


@pytest.mark.parametrize("one", HOSTILE, ids=lambda one: str(one.name))
def test_progress_is_one_line(one: Hostile) -> None:
    said = describe(one.text, 1, 2, seconds=1.0)
    assert not ACTING.search(said)
    assert "\n" not in said
    assert "\r" not in said


def test_a_proposed_description_reads_back(tmp_path: Path) -> None:
    path, description = tmp_path / "a.csv", tmp_path / "table.toml"
    for one in STORED:
        cell = '"' + one.text.replace('"', '""') + '"'
        rows = "".join(f"{cell},{cell},{year},{year}.5\n" for year in range(2010, 2020))
        path.write_text(f"Partner,{cell},Year,Value\n{rows}", encoding="utf-8")
        try:
            proposed = propose_description(path).to_toml()
        except FlowsError as error:
            proposed = f"# {error}"
        assert not ACTING.search(proposed)
        description.write_text(proposed, encoding="utf-8")
        assert tomllib.loads(proposed).keys() & {"study", "b"} == set()
        assert "expected only the keys" not in try_description(path, description)


# Verifying


def _attack(mark: Path) -> str:
    return f"{{{{ cycler.__init__.__globals__.os.system('touch {mark}') }}}}"


@pytest.mark.parametrize("name", ["appendix.md", "appendix.toml", "claims.toml", "references.bib"])
def test_a_changed_report_is_told_by_its_hash_and_no_text_is_filled(
    project: Path, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled: list[str] = []
    monkeypatch.setattr(text.TextEnvironment, "fill", lambda *_: filled.append("filled"))
    monkeypatch.setattr(
        "flows.pipeline.verify.build_report", lambda *_, **__: filled.append("built")
    )
    mark = tmp_path / "ran"
    path = project / "reports" / name
    before = path.read_text("utf-8") if path.is_file() else ""
    comment = "" if name == "appendix.md" else "# "
    path.write_text(f"{before}\n{comment}{_attack(mark)}\n", encoding="utf-8")
    (verified,) = verify_reports(project).values()
    assert (verified.verdict, verified.made) == ("different", False)
    told = verified.summary()
    assert f"reports/{name}: " in told
    assert file_sha256(path) in told
    assert not filled
    assert not mark.exists()


def test_a_text_that_agrees_with_its_manifest_runs_nothing_either(
    project: Path, tmp_path: Path
) -> None:
    mark = tmp_path / "ran"
    path = project / "reports/appendix.md"
    before = file_sha256(path)
    path.write_text(path.read_text("utf-8") + _attack(mark), encoding="utf-8")
    edit(project / "reports/manifest.json", before, file_sha256(path))
    with pytest.raises(ReportError, match=r"appendix\.md:\d+: expected "):
        verify_reports(project)
    assert not mark.exists()


# Ids and names are no paths

PATHS = (
    *("../a", "../../etc/passwd", "/etc/passwd", "a/b", "a\\b", "C:\\a", "..", ".", ".a", "a."),
    *("CON", "nul", "aux.x", "Com1", "lpt9.b", "a" * 121, "a\0b", "a\nb", "a\u202eb", "a b", ""),
    *("-rf", "~", "$(touch a)", "a:b", "a*", "\u2215etc"),
)


@pytest.mark.parametrize("name", PATHS)
@pytest.mark.parametrize("where", ["id", "figures", "tables"])
def test_an_id_of_a_plan_is_no_path(name: str, where: str, tmp_path: Path) -> None:
    plan = tmp_path / "appendix.toml"
    entry = {"id": "trade", "study": "toy", where: name if where == "id" else ["b", name]}
    lines = [f"{key} = {json.dumps(value)}" for key, value in entry.items()]
    plan.write_text("\n".join(["# A plan", "[[study]]", *lines]), encoding="utf-8")
    with pytest.raises(ReportError, match="expected an id of letters, digits") as raised:
        read_plan(plan)
    assert re.match(rf"{re.escape(str(plan))}(:\d+| or what it shows): ", str(raised.value))
    assert not ACTING.search(str(raised.value))


def test_an_id_of_a_plan_is_refused_with_its_line(tmp_path: Path) -> None:
    plan = tmp_path / "appendix.toml"
    plan.write_text('[[study]]\nid = "trade"\nstudy = "toy"\nfigures = [\n  "../a",\n]\n')
    with pytest.raises(ReportError, match=r"appendix\.toml:5: .*found '\.\./a'"):
        read_plan(plan)


@pytest.mark.parametrize("name", [name for name in PATHS if name not in ("", ".", "..")])
def test_a_folder_is_an_appendix_only_if_files_can_be_named_by_it(
    name: str, tmp_path: Path
) -> None:
    folder = tmp_path / "reports" / name.replace("/", "\u2044").replace("\0", "\x01")
    folder.mkdir(parents=True)
    (folder / "appendix.toml").touch()
    if folder.name.startswith("."):
        assert list_appendices(tmp_path) == [FIRST]
        return
    with pytest.raises(ReportError, match="expected the name of an appendix") as raised:
        list_appendices(tmp_path)
    assert not ACTING.search(str(raised.value))


@pytest.mark.parametrize("name", [f"{name}@2025" for name in PATHS] + [f"a@{n}" for n in PATHS])
def test_a_name_of_a_data_set_is_no_path(name: str, project: Path) -> None:
    before = published(project)
    with pytest.raises(SourceError, match="expected source@vintage"):
        add_files(project, [raw_file(project)], name=name)
    assert published(project) == before


@pytest.mark.parametrize(
    "name", ["../secret.csv", "/etc/passwd", "..", "a/b.csv", "a\\b.csv", "a\0"]
)
def test_a_description_names_no_file_of_another_folder(name: str, project: Path) -> None:
    source = raw_file(project).parent / "source.toml"
    (source.parent.parent / "secret.csv").write_text("secret", encoding="utf-8")
    with source.open("a", encoding="utf-8") as file:
        file.write(f'{json.dumps(name)} = "{"0" * 64}"\n')
    with pytest.raises(SourceError, match=r"source\.toml: expected names of files beside it"):
        list_sources(project)
    with pytest.raises(SourceError, match=r"source\.toml: expected names of files beside it"):
        build_report(project)


@pytest.mark.parametrize("name", [b"\xff.csv", b"a\x1b[31m.csv", b"a\nb.csv", b"\xe2\x80\xae.csv"])
def test_a_file_of_any_name_loads(name: bytes, built: Path, tmp_path: Path) -> None:
    strange = tmp_path / os.fsdecode(name)
    shutil.copyfile(raw_file(built), strange)
    table = load(strange)
    assert len(table) == len(load(raw_file(built)))
    assert not ACTING.search(table["dataset"].iloc[0])


@pytest.mark.parametrize("name", [b"\xff.csv", b"a\nb.csv", b"a\x1b[31m.csv", b"a\\b.csv"])
def test_a_file_whose_name_cannot_be_written_is_not_added(name: bytes, project: Path) -> None:
    strange = project / os.fsdecode(name)
    shutil.copyfile(raw_file(project), strange)
    with pytest.raises(SourceError, match="expected names of files beside it") as raised:
        add_files(project, [strange], name="a@2025")
    assert not ACTING.search(str(raised.value))
    assert not (project / "data/raw/a").exists()


# Shells


def test_completion_runs_nothing_that_an_id_holds(built: Path, tmp_path: Path) -> None:
    root = shutil.copytree(built, tmp_path / "project")
    path = root / "reports/numbers.json"
    numbers = json.loads(path.read_text("utf-8"))
    entry = next(iter(numbers.values()))
    numbers |= {one.text: entry for one in HOSTILE}
    path.write_text(json.dumps(numbers), encoding="utf-8")
    ids = list_ids(root, "numbers")
    assert "trade.total" in ids
    assert all(re.fullmatch(r"[\w.@:-]+", name) for name in ids)
    script = completion_script(_parser(), "bash")
    command = f"""
flows() {{ "{sys.executable}" -c 'from flows.cli import main; main()' --root '{root}' "$@"; }}
{script}
COMP_LINE='flows trace '; COMP_POINT=12; COMP_WORDS=(flows trace ''); COMP_CWORD=2
_flows; printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    done = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert "trade.total" in done.stdout.splitlines()
    assert not (tmp_path / "ran").exists()


def test_bash_takes_words_for_words_whatever_prints_them(tmp_path: Path) -> None:
    """The script itself runs nothing, should an older flows print ids as they are."""
    script = completion_script(_parser(), "bash")
    command = f"""
flows() {{ printf '%s\\n' '$(touch ran)' '`touch ran`' 'a.b' '*'; }}
{script}
COMP_LINE='flows trace '; COMP_POINT=12; COMP_WORDS=(flows trace ''); COMP_CWORD=2
_flows; printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    done = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert {"a.b", "*"} <= {*done.stdout.splitlines()}
    assert not (tmp_path / "ran").exists()
