"""Publishing: from the stage to its place by renaming, so that a reader never sees half a file."""

from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from flows.report.manifest import Manifest
from flows.sources import file_sha256

GENERATED = (PurePosixPath("data/processed"), PurePosixPath("reports"))
"""Folders in which publishing writes and removes; hand-written files in them are never named."""


def publish_files(stage: Path, target: Path, paths: Iterable[Path]) -> list[str]:
    """
    Bring staged files to their place, those that differ from what lies there.

    Parameters
    ----------
    stage, target : pathlib.Path
        Folders with the same layout.
    paths : iterable of pathlib.Path
        Files in ``stage``.

    Returns
    -------
    list of str
        What was written, named from ``target``.

    Raises
    ------
    OSError
        If a file cannot be read or written. Every file is then either the old or the new one.
    """
    written = []
    for path in paths:
        place = target / path.relative_to(stage)
        if not (place.is_file() and file_sha256(place) == file_sha256(path)):
            replace_file(place, path.read_bytes())
            written.append(place.relative_to(target).as_posix())
    return written


def replace_file(place: Path, content: bytes) -> None:
    """
    Write a file beside its place and rename it into place.

    Parameters
    ----------
    place : pathlib.Path
        The file to write; its folder is made.
    content : bytes

    Raises
    ------
    OSError
        If it cannot be written; an older file is then untouched.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     replace_file(Path(folder, "new", "a.txt"), b"a")
    ...     [path.name for path in Path(folder, "new").iterdir()]
    ['a.txt']
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = place.with_name(f".{place.name}.new")
    beside.write_bytes(content)
    beside.replace(place)


def remove_stale(target: Path, old: Manifest, new: Manifest) -> list[str]:
    """
    Remove files that the last report had and the new one has not.

    Parameters
    ----------
    target : pathlib.Path
        Folder that the manifests name files from.
    old, new : Manifest
        Of the report that lies there and of the one that replaces it.

    Returns
    -------
    list of str
        What was removed.

    Raises
    ------
    OSError
        If a file cannot be removed.
    """
    removed = []
    for name in sorted(old.outputs.keys() - new.outputs.keys() - new.inputs.keys()):
        place = target / name
        if _is_generated(name) and place.is_file():
            place.unlink()
            removed.append(name)
    return removed


def _is_generated(name: str) -> bool:
    path = PurePosixPath(name)
    return ".." not in path.parts and any(folder in path.parents for folder in GENERATED)
