"""Folders and zip archives with the same bytes each time, and reading those of strangers."""

import io
import os
import shutil
import stat
import zipfile
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from flows.errors import BundleError
from flows.loaders.text import LARGEST_UNPACKED, guard_archive, read_pieces

_BEGIN = (1980, 1, 1, 0, 0, 0)
"""The first moment that a zip archive can state; every file carries it."""
_BEGIN_UNIX = 315_532_800
_MODE = 0o644
_MOST_FILES = 20_000
_LONGEST_NAME = 240


def zip_files(files: Mapping[str, bytes]) -> bytes:
    """Return an archive that depends on the files only; unpacked, since versions of zlib differ."""
    with io.BytesIO() as target:
        with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
            for name in sorted(files):
                member = zipfile.ZipInfo(name, _BEGIN)
                member.create_system = 3  # Unix, on any system
                member.external_attr = (stat.S_IFREG | _MODE) << 16
                archive.writestr(member, files[name])
        return target.getvalue()


def write_archive(files: Mapping[str, bytes], place: Path) -> None:
    """Write an archive beside its place and rename it into place."""
    if place.exists():
        raise _occupied(place)
    beside = place.with_name(f".{place.name}.new")
    try:
        beside.write_bytes(zip_files(files))
        beside.rename(place)
    finally:
        beside.unlink(missing_ok=True)


def write_folder(files: Mapping[str, bytes], place: Path) -> None:
    """Write a folder beside its place and rename it into place; files have one time and mode."""
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise _occupied(place)
    beside = place.with_name(f".{place.name}.new")
    shutil.rmtree(beside, ignore_errors=True)
    try:
        for name in sorted(files):
            path = beside / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(files[name])
            path.chmod(_MODE)
            os.utime(path, (_BEGIN_UNIX, _BEGIN_UNIX))
        if place.is_dir():
            place.rmdir()
        beside.rename(place)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _occupied(place: Path) -> BundleError:
    return BundleError(
        f"expected nothing at {str(place)!r}, found something; remove it, or name another"
    )


def unpack_archive(path: Path, folder: Path) -> None:
    """Unpack the archive of a stranger: files only, inside the folder, within limits of size."""
    with guard_archive(str(path)), zipfile.ZipFile(path) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        check_names([member.filename for member in members], place=str(path))
        if links := [member.filename for member in members if _is_special(member)]:
            raise BundleError(f"{path}: expected files only, found the link {links[0]!r}")
        left = LARGEST_UNPACKED
        for member in members:
            left -= _unpack(archive, member, folder, path=f"{path}/{member.filename}", limit=left)


def _unpack(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path, *, path: str, limit: int
) -> int:
    """Unpack one file; return its size."""
    place = folder / member.filename
    place.parent.mkdir(parents=True, exist_ok=True)
    with guard_archive(path), archive.open(member) as file, place.open("xb") as target:
        pieces = read_pieces(file, path=path, packed=member.compress_size, limit=limit)
        return sum(map(target.write, pieces))


def _is_special(member: zipfile.ZipInfo) -> bool:
    """Say whether a member is a link, a device or whatever else is no file."""
    return stat.S_IFMT(member.external_attr >> 16) not in {0, stat.S_IFREG}


def list_folder(folder: Path) -> list[str]:
    """Return the names of the files in the folder of a stranger, which may hold no links."""
    names = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise BundleError(f"{folder}: expected files only, found the link {name!r}")
        if path.is_file():
            names.append(name)
    check_names(names, place=str(folder))
    return names


def check_names(names: Iterable[str], *, place: str) -> None:
    """Check that names stay in the folder and mean the same file on every system."""
    names = list(names)
    if len(names) > _MOST_FILES:
        raise BundleError(f"{place}: expected at most {_MOST_FILES:,} files, found {len(names):,}")
    if unsafe := [name for name in names if not _is_plain(name)]:
        raise BundleError(
            f"{place}: expected names inside the folder, as data/a.csv, found {unsafe[0]!r}"
        )
    folded = Counter(name.casefold() for name in names)
    if twins := [name for name in names if folded[name.casefold()] > 1]:
        raise BundleError(
            f"{place}: expected names that differ in more than capital letters, found "
            f"{twins[0]!r} and {twins[1]!r}"
        )


def _is_plain(name: str) -> bool:
    parts = name.split("/")
    return (
        name.isprintable()
        and len(name) <= _LONGEST_NAME
        and not any(sign in name for sign in '\\:*?"<>|')
        and not any(part in {"", ".", ".."} or part[-1] in ". " for part in parts)
        and not PurePosixPath(name).is_absolute()
    )
