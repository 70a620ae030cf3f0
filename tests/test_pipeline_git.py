"""A repository that somebody passed on names programs in its settings: none of them runs."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from flows.pipeline.git import GitError, _without_programs, run_git

CONTENT = b"exporter,importer\nIRN,ARM\n"


@pytest.fixture
def ran(tmp_path: Path) -> Path:
    """Return the file that a program writes if it runs."""
    return tmp_path / "ran"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in (("GLOBAL", os.devnull), ("SYSTEM", os.devnull)):
        monkeypatch.setenv(f"GIT_CONFIG_{name}", value)
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Nobody")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "nobody@example.org")
    root = tmp_path / "a project"
    root.mkdir()
    (root / "trade.csv").write_bytes(CONTENT)
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "Data")
    _without_programs.cache_clear()
    return root


def git(root: Path, *arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True).stdout


def filtered(root: Path, ran: Path, *, name: str = "filter.own", keys: str = "smudge") -> None:
    (root / ".gitattributes").write_text(f"*.csv filter={name.partition('.')[2]}\n")
    git(root, "config", f"{name}.{keys}", f"touch '{ran}'; cat")
    git(root, "config", f"{name}.required", "true")


def watched(root: Path, ran: Path) -> None:
    program = ran.parent / "watch.sh"
    program.write_text(f"#!/bin/sh\ntouch '{ran}'\n")
    program.chmod(0o755)
    git(root, "config", "core.fsmonitor", str(program))


def fetched(root: Path, ran: Path) -> None:
    git(root, "config", "remote.origin.url", f"ext::sh -c touch% '{ran}'")
    git(root, "config", "remote.origin.promisor", "true")
    git(root, "config", "extensions.partialClone", "origin")
    git(root, "config", "protocol.ext.allow", "always")
    blob = git(root, "rev-parse", "HEAD:trade.csv").decode().strip()
    (root / ".git" / "objects" / blob[:2] / blob[2:]).unlink()


def read(root: Path) -> bytes:
    return run_git(root, "cat-file", "--filters", "HEAD:./trade.csv")


@pytest.mark.parametrize("name", ["filter.own", "filter.a=b", "filter.a b.c"])
@pytest.mark.parametrize("keys", ["smudge", "process"])
def test_a_filter_of_the_repository_does_not_run(
    repository: Path, ran: Path, name: str, keys: str
) -> None:
    filtered(repository, ran, name=name, keys=keys)
    assert read(repository) == CONTENT
    assert not ran.exists()


def test_a_filter_that_the_repository_includes_does_not_run(repository: Path, ran: Path) -> None:
    filtered(repository, ran)
    settings = repository / ".git" / "config"
    settings.rename(repository / ".git" / "more")
    settings.write_text("[core]\n\trepositoryformatversion = 0\n[include]\n\tpath = more\n")
    assert read(repository) == CONTENT
    assert not ran.exists()


@pytest.mark.parametrize("trap", [filtered, watched, fetched], ids=lambda trap: trap.__name__)
def test_the_traps_of_these_tests_do_spring(
    repository: Path, ran: Path, trap: Callable[[Path, Path], None]
) -> None:
    trap(repository, ran)
    command = ["git", "cat-file", "--filters", "HEAD:./trade.csv"]
    subprocess.run(command, cwd=repository, check=False, capture_output=True)
    subprocess.run(["git", "status"], cwd=repository, check=False, capture_output=True)
    assert ran.exists()


def test_a_watcher_does_not_run(repository: Path, ran: Path) -> None:
    watched(repository, ran)
    assert read(repository) == CONTENT
    run_git(repository, "status")
    assert not ran.exists()


def test_what_is_missing_is_not_fetched_by_a_way_that_the_repository_names(
    repository: Path, ran: Path
) -> None:
    fetched(repository, ran)
    with pytest.raises(GitError):
        read(repository)
    assert not ran.exists()


def test_a_filter_of_the_user_runs(
    repository: Path, ran: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository / ".gitattributes").write_text("*.csv filter=mine\n")
    settings = tmp_path / "settings"
    settings.write_text(f'[filter "mine"]\n\tsmudge = "touch \'{ran}\'; cat"\n')
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    assert read(repository) == CONTENT
    assert ran.exists()


def test_what_git_lfs_writes_is_left(repository: Path) -> None:
    git(repository, "config", "filter.lfs.smudge", "git-lfs smudge -- %f")
    git(repository, "config", "filter.lfs.process", "git-lfs filter-process")
    git(repository, "config", "filter.lfs.required", "true")
    assert [key for key, _ in _without_programs(repository)] == ["core.fsmonitor"]


def test_settings_in_the_environment_hold(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "user.name")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "Somebody")
    assert run_git(repository, "config", "user.name") == b"Somebody\n"
    assert run_git(repository, "config", "core.fsmonitor") == b"false\n"
