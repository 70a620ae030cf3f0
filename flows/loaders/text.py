"""From a file to records: unpacked, decoded strictly, each row with the line it begins on."""

import base64
import binascii
import csv
import errno
import gzip
import json
import re
import time
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, Any, NamedTuple, Protocol

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from flows.errors import FlowsError, LayoutError, SourceError, UnknownNameError
from flows.file_limits import beyond, limits
from flows.loaders.evenness import Evenness
from flows.loaders.grids import Grid, any_of, grid_of
from flows.loaders.grids import Record as Record  # noqa: PLC0414 - what readers of text return

_HEADER_DEPTH = 40

_CONTROL_OR_UTF8 = re.compile(rb"[\x00\x80-\x9f]|[\xc3-\xf4][\xa0-\xbf]")

_LINE_END = re.compile(r"\r\n|\r|\n")

UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
"""How a text in UTF-16 begins, of either order of bytes."""

_UTF8 = "utf-8-sig"

_LOST_LETTER = "\ufffd"
"""What programs write where a letter was none in their encoding."""

_ENVELOPE = re.compile(rb'\A\s*\{\s*"(result|bytes)"\s*:')

BETWEEN = " ,;\t\r"
"""What a line holds that has no cells: spreadsheets end a table with lines of delimiters."""

_SMALL = 10 * 10**6
"""Bytes that a file may unpack to whatever its packed size: their table needs 100 MB."""

_CHUNK = 1024**2
_GZIP, _ZIP, _PARQUET = b"\x1f\x8b", b"PK\x03\x04", b"PAR1"
_BESIDE = re.compile(r"(?:^|/)(?:__MACOSX/|\.|thumbs\.db$|desktop\.ini$)", re.IGNORECASE)
"""What systems put into archives beside the files: __MACOSX/._table.csv, .DS_Store, Thumbs.db."""

_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
_OTHER_METHODS = {9: "Deflate64", 93: "Zstandard", 95: "XZ", 98: "PPMd"}
_ENCRYPTED = 1

DAMAGED_ARCHIVE = (zipfile.BadZipFile, zlib.error, EOFError, gzip.BadGzipFile, ValueError)
"""What the libraries raise on damaged archives."""

_NOT_TABLES = (".pdf", ".html", ".htm", ".md", ".png", ".docx", "readme.txt")


@dataclass(frozen=True, slots=True)
class RawTable:
    """
    The cells of one file, read and not yet understood.

    Parameters
    ----------
    path : str
        The file as errors name it.
    dataset : str
        ``source@vintage`` of a catalogued file, the file name of any other.
    header : Mapping
        What stands around the table: ``title``, ``generated``, ``source``, ``footer``.
    rows : pandas.DataFrame
        Every cell as text, exactly as in the file, under the file's own column names; and ``line``,
        the line of the file that the row begins on, counted from 1.
    warnings : tuple of str
        What to beware of, as far as reading shows it.
    remarks : list of str
        What is repaired or read by a rule while the cells are understood: the functions of
        :mod:`flows.loaders.cells` add to it, and the report of the table has all of them.
    headings : Mapping
        Columns that are not called as in the file, to what the file calls them; of columns that
        became rows, to the column that holds their headings.
    header_line : int
        The line of the file that names the columns.
    """

    path: str
    dataset: str
    header: Mapping[str, str]
    rows: pd.DataFrame
    warnings: tuple[str, ...] = ()
    remarks: list[str] = field(default_factory=list)
    headings: Mapping[str, str] = field(default_factory=dict)
    header_line: int = 1


class FileText(NamedTuple):
    """Text of a file, and what decoding shows that one should beware of."""

    text: str
    warnings: tuple[str, ...] = ()


def find_header(records: Sequence[Record], columns: Sequence[str], *, path: str) -> int:
    """Return the position of the record that names the columns."""
    wanted = set(columns)
    named = [wanted & {cell.strip() for cell in record.cells} for record in records[:_HEADER_DEPTH]]
    best = max(range(len(named)), key=lambda position: len(named[position]), default=None)
    if best is None or not named[best]:
        line = records[0].line if records else 1
        raise LayoutError(
            f"{path}:{line}: expected a header with {_shown(columns)}, found none of them"
        )
    missing = [name for name in columns if name not in named[best]]
    if missing:
        raise LayoutError(
            f"{path}:{records[best].line}: expected a header with {_shown(columns)}, "
            f"missing {_shown(missing)}"
        )
    return best


def make_table(
    names: Sequence[str],
    records: Sequence[Record] | Grid,
    *,
    path: str,
    dataset: str | None = None,
    header: Mapping[str, str] | None = None,
    warnings: tuple[str, ...] = (),
    line: int = 1,
) -> RawTable:
    """Return records as a raw table; empty lines are not rows. ``line``: that of the names."""
    grid = records if isinstance(records, Grid) else grid_of(records)
    filled = any_of(grid.filled(BETWEEN))
    head, kept, around = _fitted(list(names), grid.where(filled))
    _check_rows(head, kept, path=path)
    if not len(kept):
        raise LayoutError(f"{path}:{line}: expected rows under the header, found none")
    names = _unique([name.strip() for name in head])
    rows = pa.table(kept.columns[: len(names)], names=names).to_pandas()
    rows["line"] = kept.lines
    said = (*warnings, *around, *_empty_lines(grid, filled))
    return RawTable(
        path, dataset or Path(path).name, dict(header or {}), rows, said, header_line=line
    )


def _check_rows(head: list[str], rows: Grid, *, path: str) -> None:
    """Check that no row is the header again, and that all have its width."""
    wrong = rows.widths != len(head)
    again = ~wrong & (len(head) > 1)
    for name, column in zip(head[1:], rows.columns[1:], strict=False):
        if not again.any():
            break
        again &= pc.equal(column, name).to_numpy()
    if not (wrong | again).any():
        return
    at = int((wrong | again).argmax())
    line, cells = rows.rows(at, at + 1)[0]
    if again[at]:
        raise LayoutError(
            f"{path}:{line}: expected a row, found the header again; "
            "keep one of them, or load the two tables as two files"
        )
    raise LayoutError(
        f"{path}:{line}: expected {len(head)} cells, found {len(cells)}: {' | '.join(cells)[:60]}"
        f"{_advice(cells, len(head)) if at == len(rows) - 1 else ''}"
    )


def _advice(cells: Sequence[str], width: int) -> str:
    """Say what to do where the last line of a file is no row."""
    if len(cells) > width:
        return ""
    if sum(bool(cell.strip(BETWEEN)) for cell in cells) == 1 < width:
        return "; delete the lines under the table in a copy of the file"
    return "; the file ends inside a row: download it again"


def _empty_lines(grid: Grid, filled: NDArray[np.bool_]) -> list[str]:
    """Say how many lines hold nothing but what stands between cells."""
    empty = ~filled & (grid.written() | (grid.widths > 1))
    if not empty.any():
        return []
    return [f"{empty.sum()} lines without any cell (line {grid.lines[empty].min()}): left out"]


def _fitted(head: list[str], rows: Grid) -> tuple[list[str], Grid, tuple[str, ...]]:
    """
    Return a header and rows of one width where a program changed it, and what was done.

    Spreadsheets put empty cells behind the table; R writes the numbers of rows without a header.
    """
    width = len(head)
    while width and not head[width - 1].strip():
        width -= 1
    if 0 < width < len(head) and not any_of(rows.filled()[width:]).any():
        said = f"{len(head) - width} columns without a name and without a cell are left out"
        return head[:width], rows.narrowed(width), (said,)
    if (rows.widths == len(head) + 1).all() and _are_numbered(rows):
        return ["", *head], rows, ("the first cell of each row is its number, as R writes it",)
    return head, rows, ()


def _are_numbered(rows: Grid) -> bool:
    first = pc.utf8_trim_whitespace(rows.columns[0]).to_pylist() if rows.columns else []
    return first == [str(number) for number in range(1, len(rows) + 1)]


class Reader(Protocol):
    """Reads a file; ``dataset`` is ``source@vintage``, the file's name by default."""

    def __call__(self, path: Path, *, dataset: str | None = None) -> RawTable:
        """Return the cells of a file."""


def _unique(names: Sequence[str]) -> list[str]:
    seen = {"line": 1}
    unique = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        unique.append(name if seen[name] == 1 else f"{name}.{seen[name]}")
    return unique


def _shown(names: Sequence[str]) -> str:
    return ", ".join(repr(name) for name in names)


def once(path: str, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON whose keys are each there once."""
    entries = dict(pairs)
    if len(entries) < len(pairs):
        twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise LayoutError(
            f"{path}:1: expected each name once in an object, found {twice!r} twice; the file does "
            "not say which value counts: download it again"
        )
    return entries


def read_text(path: Path, *, encoding: str = _UTF8, latin1: bool = False) -> FileText:
    """Return the text of a file, packed or not, or name the line that is not in the encoding."""
    content = open_envelope(read_content(path), path=str(path))
    warnings = []
    if encoding == _UTF8 and content.startswith(UTF16_MARKS):
        encoding = "utf-16"
        warnings.append("read as UTF-16, in which spreadsheets save text")
    try:
        text = decode(content, path=str(path), encoding=encoding)
    except LayoutError:
        if not latin1 or speaks_against_latin1(content):
            raise
        text = content.decode("latin-1")
        warnings.append(latin1_warning(_line_of_first_accent(text)))
    if not text.strip():
        raise LayoutError(f"{path}:1: expected a table, found an empty file")
    if _LOST_LETTER in text:
        lines = [line for line, row in _numbered_lines(text) if _LOST_LETTER in row]
        warnings.append(
            f"letters are lost in {len(lines)} lines (line {lines[0]}): a program wrote U+FFFD "
            "in their place"
        )
    return FileText(text, tuple(warnings))


def latin1_warning(line: int) -> str:
    """Return what to beware of in a file that is not in UTF-8, from a line on."""
    return f"the file is not in UTF-8: it was read as Latin-1, see the accents in line {line}"


def _line_of_first_accent(text: str) -> int:
    return next(line for line, row in _numbered_lines(text) if not row.isascii())


def _numbered_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield lines as records have them: old programs end them with a carriage return alone."""
    yield from enumerate(_LINE_END.split(text), start=1)


def speaks_against_latin1(content: bytes) -> bool:
    """
    Say whether bytes cannot be Latin-1 as publishers write it,
    where each byte means something.
    """
    return _CONTROL_OR_UTF8.search(content) is not None


def decode(content: bytes, *, path: str, encoding: str = "utf-8-sig") -> str:
    """Return bytes as text, or name the line and the bytes that are not in the encoding."""
    name = encoding.removesuffix("-sig")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        before = error.object[: error.start]
        line = before.count(b"\n") + 1
        seen = before.rsplit(b"\n", 1)[-1][-20:].decode("ascii", "ignore")
        raise LayoutError(
            f"{path}:{line}: expected text in {name}, "
            f"found byte 0x{error.object[error.start]:02x} after {seen!r}; save the file as {name}"
        ) from error
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise LayoutError(f"{path}:{line}: expected text in {name}, found a NUL byte")
    return text


def split_records(
    text: str, *, path: str, delimiter: str = ",", quoted: bool = True
) -> Iterator[Record]:
    """Yield the records of delimited text, each with the line it begins on."""
    reader = csv.reader(
        _lines_of(text),
        delimiter=delimiter,
        quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
        strict=True,
    )
    line, evenness = 1, Evenness(path)
    usual = csv.field_size_limit(limits().characters)
    try:
        for cells in reader:
            evenness.add(line, len(cells))
            yield Record(line, cells)
            line = reader.line_num + 1
    except csv.Error as error:
        if "field limit" in str(error):
            why = "a quotation mark may be missing; " if quoted and '"' in text else ""
            raise beyond("characters", "more", place=f"{path}:{line}", instead=why) from error
        end = "unexpected end" in str(error)
        quote = "; a quotation mark opens a cell there that none closes" if end else ""
        raise LayoutError(
            f"{path}:{line}: expected cells between {delimiter!r}, found: {error}{quote}"
        ) from error
    finally:
        csv.field_size_limit(usual)


def grid_of_text(text: str, *, path: str, delimiter: str = ",", quoted: bool = True) -> Grid:
    """Return the records of delimited text but for blank lines."""
    records = split_records(text, path=path, delimiter=delimiter, quoted=quoted)
    return grid_of(record for record in records if record.cells)


def _lines_of(text: str) -> Iterator[str]:
    """Yield lines with what ends them; a copy of the text in memory would take four times of it."""
    start = 0
    for end in _LINE_END.finditer(text):
        yield text[start : end.end()]
        start = end.end()
    if start < len(text):
        yield text[start:]


def is_envelope(beginning: bytes) -> bool:
    """Say whether a file is a reply with a table inside, from its beginning."""
    return _ENVELOPE.match(beginning) is not None


def open_envelope(content: bytes, *, path: str) -> bytes:
    """Return the table inside a reply, and any other content as it is."""
    match = _ENVELOPE.match(content)
    if match is None:
        return content
    key = match[1].decode()
    try:
        inside = json.loads(content, object_pairs_hook=partial(once, path))[key]
        table = base64.b64decode(inside, validate=True) if key == "bytes" else inside.encode()
    except FlowsError:
        raise
    except (ValueError, TypeError, AttributeError, RecursionError, binascii.Error) as error:
        raise LayoutError(f"{path}:1: expected a table under {key!r}, found: {error}") from error
    if not table.strip():
        raise LayoutError(f"{path}:1: expected a table under {key!r}, found an empty reply")
    return bytes(table)


def read_content(path: Path) -> bytes:
    """Return the bytes of a file, or of the one table in a ``.gz`` or ``.zip``."""
    return b"".join(stream_content(path))


def stream_content(path: Path, *, size: int = _CHUNK) -> Iterator[bytes]:
    """Yield what :func:`read_content` returns, piece by piece."""
    with _opened(path) as (file, packed):
        yield from read_pieces(file, path=str(path), packed=packed, size=size)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[IO[bytes] | gzip.GzipFile, int | None]]:
    """Open the table of a file for reading, with its packed size if it is packed."""
    archive = archive_of(path)
    if archive is not None or is_zip(path):
        name = path.relative_to(archive).as_posix() if archive else _only_table(path)
        with guard_archive(str(path)), zipfile.ZipFile(archive or path) as opened:
            member = _member(opened, name, path=archive or path)
            _check_method(member, path=path)
            with opened.open(member) as file:
                yield file, member.compress_size
        return
    with path.open("rb") as file:
        if file.read(len(_GZIP)) != _GZIP:
            file.seek(0)
            yield file, None
            return
    with guard_archive(str(path)), gzip.open(path) as unpacked:
        yield unpacked, path.stat().st_size


def is_zip(path: Path) -> bool:
    """Say whether a path is a zip archive, from its first bytes."""
    return _begins(path, _ZIP)


def is_parquet(path: Path) -> bool:
    """Say whether a file is Parquet, from its first bytes."""
    return _begins(path, _PARQUET)


def _begins(path: Path, mark: bytes) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(mark)) == mark


def archive_of(path: Path) -> Path | None:
    """Return the zip archive that a path goes into."""
    return next((parent for parent in path.parents if is_zip(parent)), None)


def check_file(path: Path) -> None:
    """Check that a path is that of a file, or goes into an archive."""
    if not path.is_file() and archive_of(path) is None:
        raise SourceError(f"expected a file, found none at {str(path)!r}")


def list_members(path: Path) -> list[str]:
    """Return the names of all files in a zip archive."""
    return list(member_sizes(path))


def member_sizes(path: Path) -> dict[str, int]:
    """Return the names of all files in a zip archive, and how large it says they are."""
    with guard_archive(str(path)), zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        if len(members) > limits().members:
            raise beyond("members", f"{len(members):,}", place=str(path))
        return {part.filename: part.file_size for part in members if part.filename[-1:] != "/"}


def list_tables(path: Path) -> list[str]:
    """Return the names of the tables in a zip archive; documents beside them do not count."""
    return [
        name
        for name in list_members(path)
        if not name.lower().endswith(_NOT_TABLES) and _BESIDE.search(name) is None
    ]


def _only_table(path: Path) -> str:
    tables = list_tables(path)
    if len(tables) != 1:
        raise LayoutError(
            f"{path}: expected one table in the archive, found {len(tables)}: "
            f"{', '.join(tables[:5]) or 'none'}; name the one you mean, as {path.name}/table.csv"
        )
    return tables[0]


def _member(archive: zipfile.ZipFile, name: str, *, path: Path) -> zipfile.ZipInfo:
    members = [part for part in archive.infolist() if f"/{part.filename}".endswith(f"/{name}")]
    if not members:
        raise LayoutError(f"{path}: expected a table {name}, found none of that name")
    return members[0]


def _check_method(member: zipfile.ZipInfo, *, path: Path) -> None:
    """Check that a member of an archive is packed as Python can unpack it, without a password."""
    method = member.compress_type
    if method not in _METHODS:
        raise LayoutError(
            f"{path}: expected an archive packed by Deflate, bzip2 or LZMA, found "
            f"{_OTHER_METHODS.get(method, f'method {method}')}; unpack it yourself and load the "
            "table"
        )
    if member.flag_bits & _ENCRYPTED:
        raise LayoutError(
            f"{path}: expected an archive without a password, found one; unpack it yourself and "
            "load the table"
        )


def read_pieces(
    file: IO[bytes] | gzip.GzipFile,
    *,
    path: str,
    packed: int | None,
    limit: int | None = None,
    size: int = _CHUNK,
) -> Iterator[bytes]:
    """Read piece by piece: the size that an archive states may be a lie."""
    total, until = 0, time.monotonic() + limits().seconds
    while part := file.read(size):
        total += len(part)
        if limit is not None and total > limit:
            raise LayoutError(f"{path}: expected at most {limit:,} bytes, found more")
        if packed is not None:
            _check_unpacked(total, packed, path=path)
        if time.monotonic() > until:
            raise beyond("seconds", "more", place=path)
        yield part


def _check_unpacked(total: int, packed: int, *, path: str) -> None:
    """Check that a packed file has not unpacked to more than it may."""
    if total > limits().unpacked:
        raise beyond("unpacked", f"more than {total:,}", place=path, instead="unpack it; or, ")
    if total > max(_SMALL, limits().ratio * packed):
        found = f"more than {total:,} bytes out of {packed:,}"
        raise beyond("ratio", found, place=path, instead="unpack it; or, ")


def _damaged(path: str) -> LayoutError:
    return LayoutError(
        f"{path}: expected an archive that can be unpacked, found a damaged one; download it again"
    )


@contextmanager
def guard_archive(path: str) -> Iterator[None]:
    """Turn what the libraries raise on damaged archives into an error of the layout."""
    try:
        yield
    except (FlowsError, UnknownNameError):
        raise
    except DAMAGED_ARCHIVE as error:
        raise _damaged(path) from error
    except OSError as error:
        if error.errno != errno.EINVAL:  # what a place before the beginning of the file gives
            raise
        raise _damaged(path) from error
    except (RuntimeError, NotImplementedError, OverflowError) as error:
        raise LayoutError(
            f"{path}: expected an archive that can be unpacked, found: {error}; unpack it yourself "
            "and load the table"
        ) from error
