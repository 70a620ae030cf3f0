"""Content of a file, unpacked if it is packed, with a limit on what may come out."""

import gzip
import io
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO

from flows.errors import LayoutError

LIMIT = 4 * 1024**3
"""Bytes that a packed file may hold: three times a year of BACI."""

_RATIO = 200
_SMALL = 64 * 1024**2
_CHUNK = 1024**2
_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
_NOT_TABLES = (".pdf", ".html", ".htm", ".md", ".png", ".docx", "readme.txt")


def read_content(path: Path, *, limit: int = LIMIT) -> bytes:
    """
    Return the bytes of a file, or of the one table in a ``.gz`` or ``.zip``.

    Parameters
    ----------
    path : pathlib.Path
        Any file; whether it is packed is seen from its first bytes.
    limit : int
        Bytes that may come out.

    Returns
    -------
    bytes
        The content.

    Raises
    ------
    LayoutError
        If an archive is damaged, encrypted, holds no table or several, or expands beyond the limit
        or two hundredfold.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> from flows.load.examples import example_path
    >>> read_content(example_path("cow_trade"))[:6]
    b'ccode1'
    """
    content = path.read_bytes()
    if content.startswith(_GZIP):
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            return _unpack(file, path=str(path), packed=len(content), limit=limit)
    if content.startswith(_ZIP):
        return _read_only_member(content, path=str(path), limit=limit)
    return content


def list_tables(content: bytes, *, path: str) -> list[str]:
    """
    Return the names of the tables in a ``.zip``; documents beside them do not count.

    Parameters
    ----------
    content : bytes
        Content of the archive.
    path : str
        The file as errors name it.

    Returns
    -------
    list of str
        In the order of the archive.

    Raises
    ------
    LayoutError
        If the archive is damaged.

    Examples
    --------
    >>> list_tables(b"PK", path="my.zip")
    Traceback (most recent call last):
        ...
    flows.errors.LayoutError: my.zip: expected a zip archive, found a damaged one
    """
    with _opened(content, path=path) as archive:
        return [
            member.filename
            for member in archive.infolist()
            if not member.is_dir() and not member.filename.lower().endswith(_NOT_TABLES)
        ]


def read_member(content: bytes, name: str, *, path: str, limit: int = LIMIT) -> bytes:
    """
    Return one file of a ``.zip``.

    Parameters
    ----------
    content : bytes
        Content of the archive.
    name : str
        Name of the file inside.
    path : str
        The archive as errors name it.
    limit : int
        Bytes that may come out.

    Returns
    -------
    bytes
        Its content.

    Raises
    ------
    LayoutError
        If it is damaged or encrypted, or expands beyond the limit.

    Examples
    --------
    >>> read_member(b"PK", "a.csv", path="my.zip")
    Traceback (most recent call last):
        ...
    flows.errors.LayoutError: my.zip: expected a zip archive, found a damaged one
    """
    with _opened(content, path=path) as archive:
        packed = archive.getinfo(name).compress_size
        return _guarded(
            lambda: _unpack(archive.open(name), path=f"{path}/{name}", packed=packed, limit=limit),
            path=f"{path}/{name}",
        )


def _read_only_member(content: bytes, *, path: str, limit: int) -> bytes:
    tables = list_tables(content, path=path)
    if len(tables) != 1:
        raise LayoutError(
            f"{path}: expected one table in the archive, found {len(tables)}: "
            f"{', '.join(tables[:5]) or 'none'}; unpack the one that is meant"
        )
    return read_member(content, tables[0], path=path, limit=limit)


def _opened(content: bytes, *, path: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError) as error:
        raise LayoutError(f"{path}: expected a zip archive, found a damaged one") from error


def _unpack(file: IO[bytes] | gzip.GzipFile, *, path: str, packed: int, limit: int) -> bytes:
    """Read piece by piece: the size that an archive states may be a lie."""

    def pieces() -> bytes:
        parts = []
        size = 0
        while part := file.read(_CHUNK):
            size += len(part)
            if size > limit or (size > _SMALL and size > _RATIO * packed):
                raise LayoutError(
                    f"{path}: expected at most {limit} bytes and {_RATIO} times the packed size, "
                    f"found more than {size} bytes in {packed}"
                )
            parts.append(part)
        return b"".join(parts)

    return _guarded(pieces, path=path)


def _guarded(read: Callable[[], bytes], *, path: str) -> bytes:
    try:
        return read()
    except (zipfile.BadZipFile, zlib.error, EOFError, gzip.BadGzipFile) as error:
        raise LayoutError(
            f"{path}: expected a sound archive, found a damaged one: {error}"
        ) from error
    except (RuntimeError, NotImplementedError) as error:
        raise LayoutError(f"{path}: cannot be unpacked: {error}") from error
