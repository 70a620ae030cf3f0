"""What a rebuilt report is held against: the last commit or, without one, the folder itself."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from flows.pipeline.places import MANIFEST, NUMBERS
from flows.pipeline.publish import is_removable


@dataclass(frozen=True, slots=True)
class Committed:
    """
    The report as it was handed on.

    Parameters
    ----------
    root : pathlib.Path
        Folder of the project.
    commit : str
        Short hash of the last commit; empty where the files in the folder are the report.
    reason : str
        Why it is the folder.
    names : frozenset of str
        Files of the commit below ``data`` and ``reports``; empty without a commit.
    """

    root: Path
    commit: str = ""
    reason: str = ""
    names: frozenset[str] = frozenset()

    @property
    def place(self) -> str:
        """Where the report is, as a sentence names it."""
        return f"commit {self.commit}" if self.commit else f"the folder ({self.reason})"

    def read(self, name: str) -> bytes | None:
        """Return a file as it was handed on, or nothing if there is none."""
        if not self.commit:
            return read_file(self.root / name)
        if name not in self.names:
            return None
        # Filters, so that a file of Git LFS is read; without those for line ends.
        options = ("-c", "core.autocrlf=false", "-c", "core.eol=lf")
        return _git(self.root, *options, "cat-file", "--filters", f"{self.commit}:./{name}")


def read_file(path: Path) -> bytes | None:
    """Return what a file holds, or nothing if there is none."""
    return path.read_bytes() if path.is_file() else None


def find_committed(root: Path) -> Committed:
    """
    Return the report of the last commit or, where there is none, that of the folder and the reason.

    Parameters
    ----------
    root : pathlib.Path
        Folder of the project.

    Returns
    -------
    Committed
    """
    try:
        if not _git(root, "rev-list", "--max-count=1", "--all"):
            return Committed(root, reason="nothing is committed")
        commit = _git(root, "rev-parse", "--verify", "--short=12", "HEAD").decode().strip()
        listed = _git(root, "ls-tree", "-r", "-z", "--name-only", commit, "data", "reports")
    except FileNotFoundError:
        return Committed(root, reason="git is not installed")
    except _GitError as error:
        return Committed(root, reason=str(error))
    names = frozenset(os.fsdecode(listed).split("\0")) - {""}
    if not any(name in {MANIFEST, NUMBERS} or is_removable(name) for name in names):
        return Committed(root, reason="the last commit holds no report")
    return Committed(root, commit=commit, names=names)


class _GitError(Exception):
    """What git says when it cannot do something."""


def _git(root: Path, *arguments: str) -> bytes:
    done = subprocess.run(  # noqa: S603 - no shell
        ["git", "-C", str(root), *arguments],  # noqa: S607 - the user's own git
        env={**os.environ, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"},
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        message = done.stderr.decode(errors="replace").strip().partition("\n")[0]
        raise _GitError(f"git: {message.removeprefix('fatal: ')}")
    return done.stdout
