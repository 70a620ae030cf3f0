"""Content of a file, unpacked if it is packed, with a limit on what may come out."""

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from flows.errors import LayoutError

LIMIT = 4 * 1024**3
"""Bytes that a packed file may hold: ten years of a large customs table."""

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
        Any file; whether it is packed is seen from its first bytes. ``release.zip/table.csv`` is
        the table of that name in the archive.
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
    >>> from flows.loaders.examples import example_path
    >>> read_content(example_path("cow_trade"))[:6]
    b'ccode1'
    """
    return b"".join(stream_content(path, limit=limit))


def stream_content(path: Path, *, size: int = _CHUNK, limit: int = LIMIT) -> Iterator[bytes]:
    """
    Yield what :func:`read_content` returns, piece by piece.

    Parameters
    ----------
    path : pathlib.Path
        As for :func:`read_content`.
    size : int
        Bytes of a piece; the last may be shorter.
    limit : int
        Bytes that may come out of an archive.

    Yields
    ------
    bytes
        Never empty.

    Raises
    ------
    LayoutError
        As from :func:`read_content`, when the fault is reached.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> next(stream_content(example_path("cow_trade"), size=6))
    b'ccode1'
    """
    with _opened(path) as (file, packed):
        yield from _pieces(file, path=str(path), packed=packed, limit=limit, size=size)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[IO[bytes] | gzip.GzipFile, int | None]]:
    """Open the table of a file for reading, with its packed size if it is packed."""
    archive = archive_of(path)
    if archive is not None or is_zip(path):
        name = path.relative_to(archive).as_posix() if archive else _only_table(path)
        with _guarded(str(path)), zipfile.ZipFile(archive or path) as opened:
            member = _member(opened, name, path=archive or path)
            with opened.open(member) as file:
                yield file, member.compress_size
        return
    with path.open("rb") as file:
        if file.read(len(_GZIP)) != _GZIP:
            file.seek(0)
            yield file, None
            return
    with _guarded(str(path)), gzip.open(path) as unpacked:
        yield unpacked, path.stat().st_size


def is_zip(path: Path) -> bool:
    """
    Say whether a path is a zip archive, from its first bytes.

    Parameters
    ----------
    path : pathlib.Path
        Anything, also what does not exist.

    Returns
    -------
    bool

    Raises
    ------
    OSError
        If it is a file that cannot be read.

    Examples
    --------
    >>> is_zip(Path("."))
    False
    """
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_ZIP)) == _ZIP


def archive_of(path: Path) -> Path | None:
    """
    Return the zip archive that a path goes into.

    Parameters
    ----------
    path : pathlib.Path
        ``release.zip/table.csv``, for example.

    Returns
    -------
    pathlib.Path or None
        ``release.zip``; ``None`` for a path that goes into none.

    Raises
    ------
    OSError
        If a file on the way cannot be read.

    Examples
    --------
    >>> archive_of(Path("table.csv")) is None
    True
    """
    return next((parent for parent in path.parents if is_zip(parent)), None)


def list_tables(path: Path) -> list[str]:
    """
    Return the names of the tables in a zip archive; documents beside them do not count.

    Parameters
    ----------
    path : pathlib.Path
        A zip archive.

    Returns
    -------
    list of str
        In the order of the archive.

    Raises
    ------
    LayoutError
        If the archive is damaged.
    OSError
        If it cannot be read.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> list_tables(example_path("cow_trade"))
    Traceback (most recent call last):
        ...
    flows.errors.LayoutError: cow_trade.csv: expected a sound archive, found a damaged one
    """
    with _guarded(str(path)), zipfile.ZipFile(path) as archive:
        return [
            member.filename
            for member in archive.infolist()
            if not member.is_dir() and not member.filename.lower().endswith(_NOT_TABLES)
        ]


def _only_table(path: Path) -> str:
    tables = list_tables(path)
    if len(tables) != 1:
        raise LayoutError(
            f"{path}: expected one table in the archive, found {len(tables)}: "
            f"{', '.join(tables[:5]) or 'none'}; name the one that is meant after the archive"
        )
    return tables[0]


def _member(archive: zipfile.ZipFile, name: str, *, path: Path) -> zipfile.ZipInfo:
    found = [one for one in archive.infolist() if f"/{one.filename}".endswith(f"/{name}")]
    if not found:
        raise LayoutError(f"{path}: expected a table {name}, found none of that name")
    return found[0]


def _pieces(
    file: IO[bytes] | gzip.GzipFile, *, path: str, packed: int | None, limit: int, size: int
) -> Iterator[bytes]:
    """Read piece by piece: the size that an archive states may be a lie."""
    total = 0
    while part := file.read(size):
        total += len(part)
        if packed is not None and (total > limit or (total > _SMALL and total > _RATIO * packed)):
            raise LayoutError(
                f"{path}: expected at most {limit} bytes and {_RATIO} times the packed size, "
                f"found more than {total} bytes in {packed}"
            )
        yield part


@contextmanager
def _guarded(path: str) -> Iterator[None]:
    """Turn what the libraries raise on damaged archives into an error of the layout."""
    try:
        yield
    except LayoutError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, gzip.BadGzipFile, ValueError) as error:
        raise LayoutError(f"{path}: expected a sound archive, found a damaged one") from error
    except (RuntimeError, NotImplementedError, OverflowError) as error:
        raise LayoutError(f"{path}: cannot be unpacked: {error}") from error
