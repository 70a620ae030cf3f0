"""Completion in shells, examples in every help, opening the report, watching what changes."""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from toy_project import edit, raw_file

from flows.cli import _parser, main
from flows.completion import IDS, SHELLS, completion_script
from flows.examples import EXAMPLES
from flows.pipeline import watch

ROOT = Path(__file__).resolve().parents[1]


def commands() -> dict[str, argparse.ArgumentParser]:
    (group,) = (
        action for action in _parser()._actions if isinstance(action, argparse._SubParsersAction)
    )
    return dict(group.choices)


def complete(line: str, folder: Path) -> list[str]:
    """Press the key at the end of a line, as bash does."""
    words = "({})".format(" ".join(f"'{word}'" for word in line.split(" ")))
    script = f"""
flows() {{ "{sys.executable}" -c 'from flows.cli import main; main()' "$@"; }}
{completion_script(_parser(), "bash")}
COMP_LINE='{line}'; COMP_POINT=${{#COMP_LINE}}; COMP_WORDS={words}
COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
_flows
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    done = subprocess.run(
        ["bash", "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=folder,
        env={**os.environ, "FLOWS_ROOT": str(ROOT)},
    )
    return done.stdout.split()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("flows ver", ["verify"]),
        ("flows build --w", ["--watch"]),
        ("flows build rep", ["reports"]),
        ("flows diff --common ", ["importer", "exporter"]),
        ("flows convert --engine d", ["duckdb"]),
        ("flows trace arms.share.ma", ["arms.share.main"]),
        ("flows trace --c", ["--code"]),
        ("flows diff cow", ["cow-trade@4.0"]),
        ("flows diff cow-trade@", ["4.0"]),
        ("flows completion z", ["zsh"]),
        ("flows add tab", ["table.csv"]),
    ],
)
def test_bash_completes(line: str, expected: list[str], tmp_path: Path) -> None:
    (tmp_path / "table.csv").touch()
    assert complete(line, tmp_path) == expected


@pytest.mark.parametrize("shell", SHELLS)
def test_a_script_knows_every_command_and_option(shell: str) -> None:
    script = completion_script(_parser(), shell)
    for name, command in commands().items():
        assert name in script
        for action in command._actions:
            for option in action.option_strings:
                assert (option if shell != "fish" else option.lstrip("-")) in script
    if shutil.which(shell):
        done = subprocess.run(
            [shell, "-n"], input=script, capture_output=True, text=True, check=False
        )
        assert done.stderr == ""


@pytest.mark.parametrize("ids", IDS)
def test_ids_are_printed_one_a_line(ids: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--root", str(ROOT), "completion", ids]) == 0
    known = {
        "appendices": "reports",
        "data-sets": "cow-trade@4.0",
        "numbers": "arms.share.main",
    }
    assert known[ids] in capsys.readouterr().out.splitlines()


def test_every_command_has_an_example_that_it_takes() -> None:
    assert commands().keys() <= EXAMPLES.keys()
    for name, command in commands().items():
        printed = command.format_help()
        assert all(f"  {line}" in printed for line in EXAMPLES[name])


def test_open_says_where_the_report_is_or_is_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "data" / "raw").mkdir(parents=True)
    assert main(["--root", str(tmp_path), "open"]) == 1
    page = tmp_path / "reports" / "index.html"
    assert f"expected a report at {page}, found none" in capsys.readouterr().err
    page.parent.mkdir()
    page.touch()
    assert main(["--root", str(tmp_path), "open"]) == 0
    assert capsys.readouterr().out == f"{page}\n"


def test_what_changes_is_named(tmp_path: Path) -> None:
    raw, text = tmp_path / "data" / "raw" / "a" / "1" / "a.csv", tmp_path / "reports" / "a.md"
    for path in (raw, text, text.with_suffix(".html")):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("1")
    steps = iter(
        [
            lambda: text.write_text("22"),
            lambda: text.with_suffix(".html").write_text("22"),
            raw.unlink,
        ]
    )

    def wait() -> None:
        next(steps)()

    found = watch.changes(tmp_path, wait=wait)
    assert next(found) == ["reports/a.md"]
    assert next(found) == ["data/raw/a/1/a.csv"]


def test_a_watched_report_is_built_again_and_faults_are_said(
    built: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def changes(_: Path) -> Iterator[list[str]]:
        edit(raw_file(built), "1000.5", "1000.6")
        yield ["data/raw/armstat.csv"]
        raise KeyboardInterrupt

    monkeypatch.setattr(watch, "changes", changes)
    assert main(["--root", str(built), "build", "--watch"]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[0].startswith("nothing to do")
    assert out.splitlines()[1:] == ["changed: data/raw/armstat.csv", "no longer watching"]
    assert "expected sha256" in err
