"""Publishing: from the stage to its place by renaming, so that a reader never sees half a file."""

from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from flows.pipeline.graph import FIGURE_FORMATS, TABLE_FORMATS
from flows.report.manifest import Manifest
from flows.sources import file_sha256

_REMOVABLE = {
    "data/processed": ("parquet",),
    "reports/figures": FIGURE_FORMATS,
    "reports/tables": TABLE_FORMATS,
}
"""Folder to the kinds of file that a build writes there and another plan has no more."""


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


def remove_stale(target: Path, old: Manifest, new: Manifest) -> tuple[list[str], list[str]]:
    """
    Remove what a build wrote for the last report and the new one has no more.

    A manifest is a text that anyone can edit. A file goes only if a build makes files of its kind
    and it still has the bytes that the last build wrote.

    Parameters
    ----------
    target : pathlib.Path
        Folder that the manifests name files from.
    old, new : Manifest
        Of the report that lies there and of the one that replaces it.

    Returns
    -------
    removed, kept : list of str
        What was removed, and what has other bytes and therefore stays.

    Raises
    ------
    OSError
        If a file cannot be removed.
    """
    stale = [
        name
        for name in sorted(old.outputs.keys() - new.outputs.keys() - new.inputs.keys())
        if is_removable(name) and (target / name).is_file()
    ]
    written = [name for name in stale if file_sha256(target / name) == old.outputs[name].sha256]
    for name in written:
        (target / name).unlink()
    return written, [name for name in stale if name not in written]


def is_removable(name: str) -> bool:
    """Say whether a build writes files of this kind that another plan has no more."""
    path = PurePosixPath(name)
    kinds = _REMOVABLE.get(path.parent.as_posix(), ())
    return "\\" not in name and path.suffix.removeprefix(".") in kinds
