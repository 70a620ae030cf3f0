"""Snapshots: a build reads copies of its inputs, so that no edit while it runs can be in it."""

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from flows.errors import FlowsError, ReportError, UnknownNameError
from flows.files import explained
from flows.sources import file_sha256

_MOST = 2**30
"""Bytes that the system is asked to copy at once."""


def take_snapshot(root: Path, folder: Path, paths: Iterable[Path]) -> None:
    """
    Copy files of a project to where they lie alike in a folder, and remove others there.

    A copy that has the bytes of its file stays: of large files only those that changed are copied.
    """
    kept = set()
    for path in paths:
        copy = folder / path.relative_to(root)
        kept.add(copy)
        sha256 = file_sha256(path)
        with explained(copy):
            if not (copy.is_file() and file_sha256(copy) == sha256):
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.unlink(missing_ok=True)
                copy_file(path, copy)
                if file_sha256(copy) != sha256:
                    raise ReportError(
                        f"{path}: expected a file that stays as it is while it is read, found one "
                        "that is being written; build again when that is done"
                    )
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_file() and path not in kept:
            path.unlink()
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()


def copy_file(path: Path, copy: Path) -> None:
    """Copy a file, which takes no room where the file system can share its blocks."""
    with path.open("rb") as read, copy.open("xb") as written:
        with suppress(OSError, AttributeError):  # what the system lacks, the rest is copied without
            while os.copy_file_range(read.fileno(), written.fileno(), _MOST):
                pass
        shutil.copyfileobj(read, written)


@contextmanager
def names_of_project(folder: Path, root: Path) -> Iterator[None]:
    """Name in errors the files of the project where those of its snapshot are meant."""
    try:
        yield
    except (FlowsError, UnknownNameError) as error:
        error.args = tuple(
            arg.replace(str(folder), str(root)) if isinstance(arg, str) else arg
            for arg in error.args
        )
        raise
