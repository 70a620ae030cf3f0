"""
Publishing: what was made takes its place as a whole, by a journal that is followed to its end.

All files are brought onto the disk beside the journal before that is written. From then on the
report is the new one: whoever comes next follows a journal that was left.
"""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from errno import EXDEV
from pathlib import Path, PurePosixPath

from flows.errors import DiskError, ReportError, describe_os_error
from flows.files import explained, replace_file, sync, sync_folder
from flows.report.appendices import FIRST, JOURNAL
from flows.sources import file_sha256, find_root
from flows.stops import postponed

PROCESSED = "data/processed"
WORKSHOP = str(PurePosixPath(JOURNAL).parent)
"""The workshop of a project, which may be deleted while no build is at work."""

_READY = f"{WORKSHOP}/publishing"
_PATIENCE = 10.0
"""Seconds that a build takes at most to publish; who waits longer waits for something else."""


@dataclass(frozen=True, slots=True)
class _Move:
    """
    A file that takes its place; paths are seen from the project's folder.

    ``ready``: where it lies; ``sha256``: of its bytes; ``former``: of what the last build wrote in
    that place.
    """

    place: str
    ready: str
    sha256: str
    former: str | None


def publish(
    target: Path, files: Mapping[str, Path | bytes], *, former: Mapping[str, str], stale: set[str]
) -> list[str]:
    """
    Bring files to their places in a folder and remove others, all or none of it.

    Parameters
    ----------
    target : pathlib.Path
        Folder of the project, or one that stands for it.
    files : Mapping
        Name in the folder to a staged file or to bytes, in the order in which they come.
    former : Mapping
        Name to the sha256 of what the last build wrote there.
    stale : set of str
        Names of ``former`` that go.

    Returns
    -------
    list of str
        Names of files that were not there, or with other bytes.

    Raises
    ------
    ReportError
        If a place is taken by something that no build wrote.
    DiskError
        If something cannot be written; nothing was published then, unless the message says so.
    """
    changed = {name: new for name, new in files.items() if not _lies_there(new, target / name)}
    if not changed and not stale:
        return []
    try:
        with explained(target / _READY):
            moves = _prepare(target, changed, former)
        journal = {
            "moves": [asdict(move) for move in moves],
            "stale": {name: former[name] for name in sorted(stale)},
        }
        with postponed("what was made was published before that"):
            _begin(target, json.dumps(journal, indent=1) + "\n")
            _follow(target)
    finally:
        if not (target / JOURNAL).is_file():
            _clear(target)
    return list(changed)


def finish_publishing(target: Path) -> None:
    """Do what is left to do where a build was ended while it published."""
    if (target / JOURNAL).is_file():
        with hold_workshop(target / WORKSHOP, patience=_PATIENCE):
            if (target / JOURNAL).is_file():
                _follow(target)


def find_project(start: Path | None = None) -> Path:
    """Return the folder of the project, whose report is the whole old one or the whole new one."""
    root = find_root(start)
    finish_publishing(root)
    return root


@contextmanager
def hold_workshop(workshop: Path, *, patience: float = 0.0) -> Iterator[None]:
    """
    Keep other builds out of a workshop for as long as this one is at work.

    The system lets go of it when the process ends, however it ends.
    """
    from filelock import FileLock, Timeout  # noqa: PLC0415 - not before it is needed

    with explained(workshop):
        workshop.mkdir(parents=True, exist_ok=True)
        _check_links(workshop)
        lock = FileLock(workshop / "build.lock", is_singleton=False)
        try:
            lock.acquire(timeout=patience)
        except Timeout:
            raise ReportError(
                f"{workshop}: expected no build at work here, found one; wait until it ends"
            ) from None
    try:
        yield
    finally:
        lock.release()


def _check_links(workshop: Path) -> None:
    """Check that what a build clears away lies in the workshop and nowhere else."""
    for folder, folders, files in os.walk(workshop):
        for name in (*folders, *files):
            path = Path(folder, name)
            if path.is_symlink():
                raise ReportError(
                    f"{path}: expected only what builds leave in their workshop, found a link; "
                    f"delete {workshop}, which the next build makes again"
                )


def _lies_there(new: Path | bytes, place: Path) -> bool:
    """Say whether a place has these bytes already, in a file and not in a link to one."""
    if place.is_symlink() or not place.is_file():
        return False
    if isinstance(new, bytes):
        return place.read_bytes() == new
    return file_sha256(place) == file_sha256(new)


def _prepare(
    target: Path, files: Mapping[str, Path | bytes], former: Mapping[str, str]
) -> list[_Move]:
    """Bring files onto the disk, each where it can be renamed to its place."""
    _clear(target)
    (target / _READY).mkdir(parents=True)
    near = {parent: _can_rename(target, parent) for parent in {Path(name).parent for name in files}}
    moves = []
    for number, (name, new) in enumerate(files.items()):
        place = target / name
        _check_place(place, target, former.get(name))
        beside = Path(name).with_name(f".{place.name}.flows-part")
        ready = Path(_READY, str(number)) if near[Path(name).parent] else beside
        with explained(target / ready):
            _copy(new, target / ready)
        sha256 = file_sha256(target / ready)
        moves.append(_Move(name, ready.as_posix(), sha256, former.get(name)))
    sync_folder(target / _READY)
    return moves


def _can_rename(target: Path, folder: Path) -> bool:
    """Try whether a file can be moved into a folder, which may lie on another disk."""
    place = target / folder
    with explained(place):
        place.mkdir(parents=True, exist_ok=True)
        probe, moved = target / _READY / "probe", place / ".flows-probe"
        probe.touch()
        try:
            _rename_or_make(probe, moved)
            moved.unlink()
        finally:
            with suppress(OSError):
                moved.unlink()
    return not probe.exists()


def _rename_or_make(probe: Path, moved: Path) -> None:
    """Write to a folder: by renaming where that can be done, by a new file on another disk."""
    try:
        probe.replace(moved)
    except OSError as error:
        if error.errno != EXDEV:
            raise
        moved.touch()


def _check_place(place: Path, target: Path, former: str | None) -> None:
    """Check that a place is free for a file, and that none is lost there that is not a build's."""
    if place.is_dir() and not place.is_symlink():
        raise DiskError(f"{place}: expected a file, found a folder; remove it")
    if leads_out(place, target) and place.is_file() and file_sha256(place) != former:
        raise ReportError(
            f"{place}: expected a folder of the project, found a link to {place.parent.resolve()}, "
            f"and {place.name} there is a file that no build wrote; move it, or remove the link"
        )


def leads_out(place: Path, target: Path) -> bool:
    """Say whether a place lies outside of the project, since a folder in its path is a link."""
    return not place.parent.resolve().is_relative_to(target.resolve())


def _copy(new: Path | bytes, ready: Path) -> None:
    if isinstance(new, bytes):
        ready.write_bytes(new)
    else:
        shutil.copyfile(new, ready)
    sync(ready)


def _begin(target: Path, journal: str) -> None:
    """Write the journal, from which on the report is the new one."""
    try:
        replace_file(target / JOURNAL, journal.encode())
    except BaseException:
        with suppress(OSError):
            (target / JOURNAL).unlink()
        raise


def _follow(target: Path) -> None:
    """Do what a journal says, as often as it takes, and remove it when all is done."""
    moves, stale = _read_journal(target)
    names = (*(move.place for move in moves), *stale)
    folders = {folder for name in names for folder in PurePosixPath(name).parents}
    try:
        with explained(target / FIRST.folder):
            for move in moves:
                _move(move, target)
            for name, sha256 in stale.items():
                if has_bytes(target / name, sha256) and not leads_out(target / name, target):
                    (target / name).unlink()
            for folder in folders:
                if (target / folder).is_dir():
                    sync_folder(target / folder)
            (target / JOURNAL).unlink()
    except OSError as error:
        raise DiskError(
            f"{describe_os_error(error)}; the report is published in part: put that right and run "
            "flows build, which publishes the rest"
        ) from error
    with suppress(OSError):
        sync_folder(target / WORKSHOP)
    _clear(target)


def _move(move: _Move, target: Path) -> None:
    """Let a file take its place, if that was not done before."""
    ready, place = target / move.ready, target / move.place
    if has_bytes(ready, move.sha256):
        _check_place(place, target, move.former)
        with explained(place):
            ready.replace(place)
    elif not has_bytes(place, move.sha256):
        raise ReportError(
            f"{ready}: expected the new {move.place}, which a build was publishing when it was "
            f"ended, found another file or none; delete {target / WORKSHOP} and run flows build"
        )


def has_bytes(path: Path, sha256: str) -> bool:
    """Say whether a file is there, and no link, that has these bytes."""
    return path.is_file() and not path.is_symlink() and file_sha256(path) == sha256


def _read_journal(target: Path) -> tuple[list[_Move], dict[str, str]]:
    """Read what a build meant to publish; it can name files of a report only."""
    path = target / JOURNAL
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        moves = [_Move(**entry) for entry in content["moves"]]
        stale = dict(content["stale"])
        for name in (*stale, *(move.place for move in moves), *(move.ready for move in moves)):
            _check_name(name)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ReportError(
            f"{path}: expected what a build was publishing when it was ended, found {error}; "
            f"delete {path.parent} and run flows build"
        ) from error
    return moves, stale


def _check_name(name: str) -> None:
    path = PurePosixPath(name)
    inside = any(path.is_relative_to(folder) for folder in (PROCESSED, FIRST.folder, _READY))
    if not inside or ".." in path.parts or "\\" in name:
        raise ValueError(f"the name {name!r}")


def _clear(target: Path) -> None:
    """Remove what was got ready; in a folder that is no project, the workshop as well."""
    shutil.rmtree(target / _READY, ignore_errors=True)
    with suppress(OSError):
        (target / WORKSHOP).rmdir()
