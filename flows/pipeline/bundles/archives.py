"""Folders and zip archives with the same bytes each time, and reading those of strangers."""

import io
import os
import re
import stat
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import IO

from flows.errors import BundleError
from flows.file_limits import beyond, limits
from flows.files import whole_file, whole_folder
from flows.loaders.text import guard_archive, read_pieces

LARGEST_BUNDLE = 2_000_000_000
"""
Bytes of all files together, which are held in memory.

A service that runs deposits takes as much (Code Ocean: 2 GB), zip archives need no zip64 for it,
and what is written can be read back: more is not unpacked either.
"""

_BEGIN = (1980, 1, 1, 0, 0, 0)
"""The first moment that a zip archive can state; every file carries it."""
_BEGIN_UNIX = 315_532_800
_MODE = 0o644
_LONGEST_NAME = 240
_MOST_LARGE = 5

_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
"""Names that Windows keeps for devices, with any ending."""


def check_sizes(folder: Path, names: Iterable[str]) -> None:
    """Check that the files of a bundle can be held in memory, before one of them is read."""
    sizes = {name: (folder / name).stat().st_size for name in names}
    if (total := sum(sizes.values())) <= LARGEST_BUNDLE:
        return
    largest = sorted(sizes, key=lambda name: (-sizes[name], name))[:_MOST_LARGE]
    listed = ", ".join(f"{name} {sizes[name] / 1e6:,.0f} MB" for name in largest)
    raise BundleError(
        f"{folder}: expected files of at most {LARGEST_BUNDLE / 1e6:,.0f} MB for a bundle, found "
        f"{total / 1e6:,.0f} MB; the largest: {listed}. Keep of a raw file the rows that are used, "
        "or leave it out with redistribute = false in its source.toml and say where to get it"
    )


def zip_files(files: Mapping[str, bytes]) -> bytes:
    """Return an archive that depends on the files only; unpacked, since versions of zlib differ."""
    with io.BytesIO() as target:
        _write_members(files, target)
        return target.getvalue()


def _write_members(files: Mapping[str, bytes], target: IO[bytes]) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            member = zipfile.ZipInfo(name, _BEGIN)
            member.create_system = 3  # Unix, on any system
            member.external_attr = (stat.S_IFREG | _MODE) << 16
            archive.writestr(member, files[name])


def write_archive(files: Mapping[str, bytes], place: Path) -> None:
    """Write an archive as a whole."""
    if place.exists():
        raise _occupied(place)
    with whole_file(place) as beside, beside.open("wb") as target:
        _write_members(files, target)


def write_folder(files: Mapping[str, bytes], place: Path) -> None:
    """Write a folder as a whole; files have one time and mode."""
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise _occupied(place)
    with whole_folder(place) as beside:
        for name in sorted(files):
            path = beside / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(files[name])
            path.chmod(_MODE)
            os.utime(path, (_BEGIN_UNIX, _BEGIN_UNIX))


def _occupied(place: Path) -> BundleError:
    return BundleError(
        f"expected nothing at {str(place)!r}, found something; remove it, or name another"
    )


def unpack_archive(path: Path, folder: Path) -> None:
    """Unpack the archive of a stranger: files only, inside the folder, within limits of size."""
    with guard_archive(str(path)), zipfile.ZipFile(path) as archive:
        members = [member for member in archive.infolist() if member.filename[-1:] != "/"]
        # What is left of a cut archive can end in one of its members: a wheel is an archive itself.
        if min((member.header_offset for member in archive.infolist()), default=0):
            raise BundleError(
                f"{path}: expected a whole archive, found one that was cut off; get it again"
            )
        check_names([member.filename for member in members], place=str(path))
        if links := [member.filename for member in members if _is_special(member)]:
            raise BundleError(f"{path}: expected files only, found the link {links[0]!r}")
        left = LARGEST_BUNDLE
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
    if len(names) > limits().members:
        raise BundleError(str(beyond("members", f"{len(names):,}", place=place)))
    if unsafe := [name for name in names if not _is_plain(name)]:
        raise BundleError(
            f"{place}: expected names inside the folder, as data/a.csv, found {unsafe[0]!r}"
        )
    folded = Counter(map(_fold, names))
    if twins := sorted(name for name in names if folded[_fold(name)] > 1):
        raise BundleError(
            f"{place}: expected names that differ in more than capital letters and accents, found "
            f"{twins[0]!r} and {twins[1]!r}"
        )
    folders = {_fold(str(above)) for name in names for above in PurePosixPath(name).parents}
    if both := [name for name in names if _fold(name) in folders]:
        raise BundleError(
            f"{place}: expected {both[0]!r} as a file or as a folder, found it as both"
        )


def _fold(name: str) -> str:
    """Return what systems take for the same name: capital letters, and accents as two signs."""
    return unicodedata.normalize("NFC", name).casefold()


def _is_plain(name: str) -> bool:
    parts = name.split("/")
    return (
        name.isprintable()
        and len(name) <= _LONGEST_NAME
        and not any(sign in name for sign in '\\:*?"<>|')
        and not any(part in {"", ".", ".."} or part[-1] in ". " for part in parts)
        and not any(_RESERVED.fullmatch(part) for part in parts)
        and not PurePosixPath(name).is_absolute()
    )
