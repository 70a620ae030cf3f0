"""
Files of Parquet that hold a digest of their own bytes, so that damage is seen before a row is read.

Parquet has checksums of its pages, which readers need not look at, and none of headers of pages
nor of the footer: a byte there is another number of rows, or other values. A file that is sealed
has a line between its pages and its footer, where readers of Parquet do not look, with the sha256
of all its other bytes. Whoever writes the table again, with pandas or DuckDB, leaves it out: such a
file, as one of somebody else, is read without a claim, its pages by their own checksums if any.
"""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from flows.errors import FlowsError, LayoutError

_MARK = b"\nflows: sha256 of all bytes but this line: "
_SEAL_BYTES = len(_MARK) + 2 * hashlib.sha256().digest_size + len(b"\n")

_END = b"PAR1"
_LENGTH_BYTES = 4
"""Of the number of bytes of the footer, which stands before the end."""

_PIECE = 1024**2

_DAMAGE = (
    pa.ArrowException,
    OSError,
    ValueError,
    TypeError,
    KeyError,
    OverflowError,
    RecursionError,
    MemoryError,
)
"""What Arrow and pandas raise where a file is not as its footer says."""


def write_parquet(frame: pd.DataFrame, path: Path, *, index: bool | None = None) -> None:
    """Write a table with its attributes, and seal it; ``index`` as pandas has it."""
    frame.to_parquet(path, index=index, compression="zstd", write_page_checksum=True)
    seal_file(path)


def open_writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """Return what writes tables one after the other; the file is sealed once it is closed."""
    return pq.ParquetWriter(path, schema, compression="zstd", write_page_checksum=True)


def seal_file(path: Path) -> None:
    """Write the sha256 of a file of Parquet into it."""
    with path.open("r+b") as file:
        start = _footer_start(file)
        if start is None:
            raise LayoutError(f"{path}: expected Parquet that was written, found it without an end")
        digest = _digest(file, start, start)
        file.seek(start)
        footer = file.read()
        file.seek(start)
        file.write(_seal(digest) + footer)


def check_seal(path: Path) -> bool:
    """Say whether a file is sealed; if it is, and its bytes are not those written, refuse it."""
    with guard_parquet(path), path.open("rb") as file:
        start = _footer_start(file)
        if start is None or start < _SEAL_BYTES:
            return False
        file.seek(start - _SEAL_BYTES)
        seal = file.read(_SEAL_BYTES)
        if not _is_like_mark(seal):
            return False
        if seal != _seal(_digest(file, start - _SEAL_BYTES, start)):
            raise LayoutError(
                f"{path}: expected the bytes that were written, found others: the file was damaged "
                "or changed; write it again, or take a copy that is whole"
            )
    return True


@contextmanager
def open_parquet(
    path: Path, *, metadata: pq.FileMetaData | None = None, coded: Sequence[str] = ()
) -> Iterator[pq.ParquetFile]:
    """Open a file to read parts of it; ``coded``: columns of text that are read as dictionaries."""
    options: dict[str, Any] = {"metadata": metadata, "read_dictionary": list(coded)}
    with (
        guard_parquet(path),
        pq.ParquetFile(path, page_checksum_verification=True, **options) as file,
    ):
        yield file


@contextmanager
def guard_parquet(path: Path) -> Iterator[None]:
    """Turn what the libraries raise on damaged files into an error of the layout."""
    try:
        yield
    except FlowsError:
        raise
    except _DAMAGE as error:
        raise LayoutError(
            f"{path}: expected sound Parquet, found: {_short(error)}; write it again, or take a "
            "copy that is whole"
        ) from error


def _short(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return text[:_MOST_SHOWN] or type(error).__name__


_MOST_SHOWN = 200
"""Characters of an error of a library, which may have the whole footer in it."""


def _seal(digest: str) -> bytes:
    return _MARK + digest.encode() + b"\n"


def _is_like_mark(seal: bytes) -> bool:
    """Say whether bytes begin as a seal does; of a damaged one some bytes are others."""
    same = sum(there == ours for there, ours in zip(seal, _MARK, strict=False))
    return same > len(_MARK) // 2


def _footer_start(file: IO[bytes]) -> int | None:
    """Return where the footer of a file of Parquet begins, if it has an end that says so."""
    tail = _LENGTH_BYTES + len(_END)
    size = file.seek(0, 2)
    if size < tail:
        return None
    file.seek(size - tail)
    length = int.from_bytes(file.read(_LENGTH_BYTES), "little")
    start = size - tail - length
    return start if file.read() == _END and start >= 0 else None


def _digest(file: IO[bytes], skip: int, until: int) -> str:
    """Return the sha256 of all bytes but those from one place until another."""
    digest = hashlib.sha256()
    file.seek(0)
    left = skip
    while left and (piece := file.read(min(left, _PIECE))):
        digest.update(piece)
        left -= len(piece)
    file.seek(until)
    while piece := file.read(_PIECE):
        digest.update(piece)
    return digest.hexdigest()
