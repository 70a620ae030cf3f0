"""Files and folders written whole or not at all, and on the disk before they take their place."""

import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import EDQUOT, EEXIST, EFBIG, ENOSPC, EROFS
from glob import escape
from pathlib import Path

from flows.errors import DiskError, FlowsError, describe_os_error

if sys.platform != "win32":
    import fcntl

_UNFINISHED = ".flows-part"
"""Ending of what is being written beside its place; a hidden name in the same folder."""

_LONGEST = 200
"""Bytes of a name that are kept in the name of what is written beside it: systems take 255."""


_OF_WRITING = {ENOSPC, EDQUOT, EROFS, EFBIG}
"""What no reading can cause: a copy that fails names the file that it is of."""


def replace_file(place: Path, content: bytes) -> None:
    """Write a file; what was there stays until the new one is whole."""
    with explained(place.parent):
        place.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(place) as beside:
        beside.write_bytes(content)


def write_named(place: Path, content: bytes) -> None:
    """Write a file that a person named: a folder that is misspelt is none that is made."""
    _check_folder(place.parent)
    replace_file(place, content)


def write_new_file(place: Path, text: str) -> None:
    """Write a file where none is, which a person named."""
    _check_folder(place.parent)
    if place.exists():
        raise DiskError(describe_os_error(FileExistsError(EEXIST, "", str(place))))
    with whole_file(place) as beside:
        beside.write_text(text, encoding="utf-8", newline="\n")


def _check_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise DiskError(f"{folder}: expected a folder, found none; make it first")


@contextmanager
def whole_file(place: Path) -> Iterator[Path]:
    """Give a place to write to, which becomes the file if nothing goes wrong."""
    with explained(place):
        _sweep(place)
        handle, name = tempfile.mkstemp(dir=place.parent, prefix=_prefix(place), suffix=_UNFINISHED)
        os.close(handle)
        beside = Path(name)
        try:
            with _held(beside):
                yield beside
                beside.chmod(0o666 & ~_mask())
                sync(beside)
                beside.replace(place)
            sync_folder(place.parent)
        finally:
            beside.unlink(missing_ok=True)


@contextmanager
def whole_folder(place: Path) -> Iterator[Path]:
    """Give a folder to write to, which becomes the new one, or an empty one, if all goes well."""
    with explained(place):
        place.parent.mkdir(parents=True, exist_ok=True)
        with folder_beside(place) as beside:
            try:
                yield beside
            except DiskError as error:  # of a file in it, which is to lie in its place
                raise DiskError(str(error).replace(str(beside), str(place))) from error
            beside.chmod(0o777 & ~_mask())
            sync_tree(beside)
            if place.is_dir():
                place.rmdir()
            beside.rename(place)
        sync_folder(place.parent)


@contextmanager
def folder_beside(place: Path) -> Iterator[Path]:
    """Give a folder beside a place, which is gone afterwards unless it has another name then."""
    _sweep(place)
    name = tempfile.mkdtemp(dir=place.parent.absolute(), prefix=_prefix(place), suffix=_UNFINISHED)
    try:
        with _held(Path(name)):
            yield Path(name)
    finally:
        shutil.rmtree(name, ignore_errors=True)


@contextmanager
def explained(place: Path) -> Iterator[None]:
    """Say of what the system refuses which file it was about, and what to do."""
    try:
        yield
    except FlowsError:
        raise
    except OSError as error:
        if _is_of_another(error, place):
            raise
        is_there = not isinstance(error, FileNotFoundError) or place.parent.is_dir()
        raise DiskError(describe_os_error(error, place if is_there else place.parent)) from error


def _is_of_another(error: OSError, place: Path) -> bool:
    """Say whether an error names a file that is read, not the one that is written here."""
    if error.errno in _OF_WRITING or not isinstance(error.filename, str):
        return False
    named, folder = Path(error.filename).absolute(), place.absolute().parent
    return (
        named != folder
        and not named.is_relative_to(folder / place.name)
        and not (named.parent == folder and named.name.startswith(_prefix(place)))
    )


def sync(path: Path) -> None:
    """See that a file is on the disk: its new name may be there before what is in it."""
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """See that the names in a folder are on the disk; Windows has no such call."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def sync_tree(folder: Path) -> None:
    """See that a folder is on the disk with all that is in it."""
    for path in folder.rglob("*"):
        if path.is_dir():
            sync_folder(path)
        else:
            sync(path)
    sync_folder(folder)


def _prefix(place: Path) -> str:
    name = place.name
    if len(os.fsencode(name)) > _LONGEST:
        name = hashlib.sha256(os.fsencode(name)).hexdigest()
    return f".{name}."


def _mask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@contextmanager
def _held(path: Path) -> Iterator[None]:
    """Keep others from taking what is being written for what was left over."""
    handle = _lock(path)
    try:
        yield
    finally:
        if handle is not None:
            os.close(handle)


def _lock(path: Path) -> int | None:
    """Return the handle of a file that is held, which the system lets go when the process ends."""
    if sys.platform == "win32":
        return None
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle


def _sweep(place: Path) -> None:
    """Remove what was being written to a place when its program was killed."""
    for left in place.parent.glob(f"{escape(_prefix(place))}*{_UNFINISHED}"):
        with suppress(OSError):
            handle = _lock(left)
            if handle is not None:
                if left.is_dir():
                    shutil.rmtree(left, ignore_errors=True)
                else:
                    left.unlink()
                os.close(handle)
