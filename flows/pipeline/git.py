"""The files of a commit, as git gives them; no program that the repository names is run."""

import os
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

_OF_LFS = ("git-lfs smudge -- %f", "git-lfs filter-process")
"""What git-lfs itself writes into the settings of a repository."""

_ITS_OWN = ("local", "worktree")
"""Where settings of a repository come from, with what they include."""

_NO_WATCHER = (("core.fsmonitor", "false"),)
_AS_IT_IS = (("smudge", ""), ("process", ""), ("required", "false"))
"""Of a filter that is not run."""

_ALONE = {
    "LC_ALL": "C",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
}
"""Git writes nothing, asks nobody and fetches nothing: how it fetches, a repository can say."""


class GitError(Exception):
    """What git says when it cannot do something."""


def run_git(root: Path, *arguments: str) -> bytes:
    """
    Return what git prints.

    The settings of a repository come with a folder that somebody passes on, and can name programs:
    filters of files and a watcher of the folder. Those of the user and of the machine hold; a
    repository's own filters run only if they are what git-lfs writes.
    """
    return _run(root, arguments, _without_programs(root))


@cache
def _without_programs(root: Path) -> tuple[tuple[str, str], ...]:
    """Return settings that put out those of a repository which name programs."""
    try:
        listed = _run(root, ("config", "--show-scope", "--includes", "--null", "--list"))
    except GitError:
        return _NO_WATCHER
    parts = os.fsdecode(listed).split("\0")
    entries = zip(parts[::2], parts[1::2], strict=False)
    keys = [(scope, *entry.partition("\n")[::2]) for scope, entry in entries if scope in _ITS_OWN]
    drivers = {
        key.rpartition(".")[0]
        for _, key, value in keys
        if key.endswith((".smudge", ".process")) and value not in _OF_LFS
    }
    return (
        *_NO_WATCHER,
        *((f"{driver}.{name}", value) for driver in sorted(drivers) for name, value in _AS_IT_IS),
    )


def _run(root: Path, arguments: Sequence[str], settings: Sequence[tuple[str, str]] = ()) -> bytes:
    """Run git with settings that go before all others."""
    before = os.environ.get("GIT_CONFIG_COUNT", "")
    first = int(before) if before.isdecimal() else 0
    given = {"GIT_CONFIG_COUNT": str(first + len(settings))}
    for number, (key, value) in enumerate(settings, start=first):
        given |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    done = subprocess.run(  # noqa: S603 - no shell
        ["git", "-C", str(root), *arguments],  # noqa: S607 - the user's own git
        env={**os.environ, **_ALONE, **given},
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        message = done.stderr.decode(errors="replace").strip().partition("\n")[0]
        raise GitError(f"git: {message.removeprefix('fatal: ')}")
    return done.stdout
