"""Records of a table whatever program saved it: text, a workbook, Parquet or Stata."""

import math
import re
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from flows.errors import LayoutError
from flows.file_limits import beyond, limits
from flows.loaders.ends import check_closed, cut_warning
from flows.loaders.evenness import CONVERT
from flows.loaders.grids import TEXT, Grid, as_text, grid_of
from flows.loaders.sealed import check_seal, open_parquet
from flows.loaders.text import (
    UTF16_MARKS,
    RawTable,
    Reader,
    Record,
    find_header,
    grid_of_text,
    is_parquet,
    make_table,
    read_text,
    stream_content,
)
from flows.loaders.workbook_parts import is_workbook
from flows.loaders.workbooks import read_sheet

DELIMITERS = ",;\t|"
"""What programs put between cells."""

_LOOKED_AT = 40
"""Records from the beginning of a file among which is the header."""

_BRACKET_WITHIN = 64
"""Bytes in which JSON opens its first bracket."""

_BYTES_OF_A_CELL = 8
_ALWAYS = 10_000_000
"""Bytes that cells may take whatever the size of their file."""

_STATA_HEAD = re.compile(
    rb"<stata_dta><header><release>(?P<release>11[0-9])</release><byteorder>(?P<order>LSF|MSF)"
    rb"</byteorder><K>.{2,4}</K><N>(?P<rows>.{4,8})</N>",
    re.DOTALL,
)
_LONG_TEXT = 32_768
"""Type of a column whose texts stand behind the rows, each once."""

_SHORTEST = 4
"""Letters of a name from which on one of them may be wrong and it is still known."""

_NOT_NAME = re.compile("[^0-9a-z]")
_YEAR = re.compile(r"\A(?:[XxVv_]|[Yy][Rr]?)([0-9]{4})\Z")
"""What R and Stata, whose names do not begin with a digit, make of a column of a year."""
_PERIOD = re.compile(r"\A[XxVv_]?([0-9]{4})([-._]?)([MmQq])([0-9]{1,2})\Z")
"""What they make of one of a month or a quarter: X2023.M01, _2023_m01."""

_COMMA = re.compile(r"\s*-?[0-9]+,[0-9]+\s*")
_YEARS = re.compile("[12][0-9]{3},[12][0-9]{3}")
_STATA = re.compile(rb"<stata_dta>|[q-s][\x01\x02]\x01")
"""How a file of Stata begins: version 13 and later, or 10 to 12."""


class Saved(NamedTuple):
    """Records of a file, what to beware of in them, and what stands between their cells."""

    records: Grid
    warnings: tuple[str, ...] = ()
    delimiter: str = ""


@lru_cache(maxsize=4096)
def bare_name(name: str) -> str:
    """
    Return the letters and digits of a column's name: what R, Stata and snake_case leave of it.

    >>> {bare_name(name) for name in ("Trade Value (US$)", "Trade.Value..US..", "trade_value_usd")}
    {'tradevalueus'}
    >>> bare_name("X2nd.Partner.Code") == bare_name("2nd Partner Code")
    True
    """
    bare = _NOT_NAME.sub("", name.casefold())
    if bare[:1] == "x" and bare[1:2].isdigit():
        bare = bare[1:]
    return bare[:-1] if bare.endswith("usd") else bare


def read_records(
    path: Path,
    columns: Sequence[str],
    *,
    usual: str = ",",
    quoted: bool = True,
    line_end: str = "",
    former: Mapping[str, str] | None = None,
    optional: Sequence[str] = (),
) -> Saved:
    """
    Return the records of a file whose header has these columns, under their published names.

    ``usual``: what the publisher puts between cells, anything else is a warning; ``quoted``:
    whether the publisher quotes cells, as programs do that save the file again; ``line_end``: what
    the publisher puts behind the last cell; ``former``: names of other releases to those of now;
    ``optional``: columns that count where a file has them.
    """
    saved = from_another_program(path) or _from_text(path, columns, usual=usual, quoted=quoted)
    records, padded = _without_end(saved.records, line_end, path=str(path))
    records, renamed = _published(records, [*columns, *optional], former or {}, path=str(path))
    return saved._replace(records=records, warnings=(*saved.warnings, *padded, *renamed))


def _without_end(records: Grid, line_end: str, *, path: str) -> tuple[Grid, tuple[str, ...]]:
    """Return records without what ends a line; spreadsheets put more of it there."""
    if not line_end:
        return records, ()
    last_two = [records[int(at)] for at in np.flatnonzero(records.written())[-2:]]
    check_closed(
        [_last_cell(record).endswith(line_end) for record in last_two], last_two, path=path
    )
    padded: list[int] = []

    def ends() -> Iterator[Record]:
        for line, cells in records:
            last = max((at for at, cell in enumerate(cells) if cell), default=-1)
            if last >= 0:
                if cells[last].endswith(2 * line_end):
                    padded.append(line)
                cells[last] = cells[last].rstrip(line_end)
            yield Record(line, cells)

    ended = grid_of(ends())
    if not padded:
        return ended, ()
    return ended, (
        f"{len(padded)} lines end with several {line_end!r} (line {padded[0]}): left out",
    )


def _last_cell(record: Record) -> str:
    return next((cell for cell in reversed(record.cells) if cell), "")


def read_delimited(
    path: Path,
    columns: Sequence[str],
    *,
    dataset: str | None = None,
    usual: str = ",",
    former: Mapping[str, str] | None = None,
    optional: Sequence[str] = (),
) -> RawTable:
    """
    Read a file whose first record is the header: quoted cells, UTF-8 or Latin-1,
    nothing around the table. ``usual``, ``former``, ``optional``: as in :func:`read_records`.
    """
    records, warnings, _ = read_records(
        path, columns, usual=usual, former=former, optional=optional
    )
    start = find_header(records[:1], columns, path=str(path))
    return make_table(
        records[start].cells,
        records[start + 1 :],
        path=str(path),
        dataset=dataset,
        warnings=warnings,
        line=records[start].line,
    )


def delimited(columns: Sequence[str], *, optional: Sequence[str] = ()) -> Reader:
    """Return what reads a plain CSV that has these columns: all of its columns, as they are."""

    def read(path: Path, *, dataset: str | None = None) -> RawTable:
        return read_delimited(path, columns, dataset=dataset, optional=optional)

    return read


def beginning_of(path: Path) -> str | None:
    """Return the first records of a file of another program as text; none of a text file."""
    saved = from_another_program(path)
    if saved is None:
        return None
    return "\n".join(",".join(record.cells) for record in saved.records[:_LOOKED_AT])


def from_another_program(path: Path) -> Saved | None:
    """Return the records of a workbook, of Parquet or of Stata; none of a text file."""
    if is_workbook(path):
        return Saved(read_sheet(path), ("read from a workbook: of a cell counts what it holds",))
    if is_parquet(path):
        return Saved(_rows_of(_parquet(path)), ("read from Parquet",))
    if is_stata(path):
        return Saved(_rows_of(_stata(path)), ("read from a file of Stata",))
    return None


def is_json(path: Path, opening: str) -> bool:
    """Say whether a file is JSON that begins with a bracket of this kind."""
    if is_workbook(path) or is_parquet(path) or is_stata(path):
        return False
    head = next(stream_content(path, size=_BRACKET_WITHIN), b"")
    for mark in (b"\xef\xbb\xbf", *UTF16_MARKS):
        head = head.removeprefix(mark)
    return head.replace(b"\0", b"").lstrip().startswith(opening.encode())


def is_stata(path: Path) -> bool:
    """Say whether a file is of Stata, from its first bytes."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return _STATA.match(file.read(len(b"<stata_dta>"))) is not None


def _parquet(path: Path) -> pd.DataFrame:
    check_seal(path)
    with open_parquet(path) as file:
        schema = file.schema_arrow
        _check_size(path, file.metadata.num_rows, file.metadata.num_columns)
        coded = [field.name for field in schema if pa.types.is_string(field.type)]
    if nested := [field.name for field in schema if pa.types.is_nested(field.type)]:
        raise LayoutError(
            f"{path}: expected columns of text, numbers and dates, found lists or records in "
            f"{', '.join(nested)}; write the table without them"
        )
    _check_spread(path, _BYTES_OF_A_CELL * file.metadata.num_rows * file.metadata.num_columns)
    with open_parquet(path, coded=coded) as file:
        table = file.read()
        _check_texts(path, table)
        frame: pd.DataFrame = table.to_pandas()
    return frame


def _check_texts(path: Path, table: pa.Table) -> None:
    """Check what a few stored texts and numbers spread to as cells."""
    signs = _BYTES_OF_A_CELL * table.num_rows * table.num_columns
    for column in table.columns:
        if pa.types.is_dictionary(column.type):
            for part in column.chunks:
                lengths = pc.binary_length(part.dictionary).take(part.indices)
                signs += pc.sum(lengths.cast(pa.int64())).as_py() or 0
    _check_spread(path, signs)


def _check_spread(path: Path, signs: int) -> None:
    size = path.stat().st_size
    if signs > max(limits().ratio * size, _ALWAYS):
        found = f"{signs:,} bytes of cells out of {size:,}"
        raise beyond("ratio", found, place=str(path))


def _stata(path: Path) -> pd.DataFrame:
    _check_long_texts(path)
    try:
        frame = pd.read_stata(path, convert_categoricals=False)
    except (ValueError, struct.error, KeyError, IndexError, OverflowError) as error:
        raise LayoutError(f"{path}: expected a file of Stata, found: {error}") from error
    _check_size(path, *frame.shape)
    return frame


def _check_long_texts(path: Path) -> None:
    """Check what the long texts of Stata, which stand apart from its rows, may spread to."""
    content = path.read_bytes()
    head = _STATA_HEAD.match(content)
    if head is None:
        return
    order: Literal["big", "little"] = "little" if head["order"] == b"LSF" else "big"
    wide = head["release"] != b"117"
    rows = int.from_bytes(head["rows"][: 8 if wide else 4], order)
    types = content.partition(b"<variable_types>")[2].partition(b"</variable_types>")[0]
    kinds = np.frombuffer(types[: len(types) // 2 * 2], "<u2" if order == "little" else ">u2")
    columns = int((kinds == _LONG_TEXT).sum())
    at, longest, size = content.find(b"<strls>") + len(b"<strls>"), 0, 20 if wide else 16
    while content[at : at + 3] == b"GSO":
        length = int.from_bytes(content[at + size - 4 : at + size], order)
        longest, at = max(longest, length), at + size + length
    _check_spread(path, rows * columns * longest)


def _check_size(path: Path, rows: int, columns: int) -> None:
    if columns > limits().columns:
        raise beyond("columns", f"{columns:,}", place=str(path))
    if rows * columns > limits().cells:
        found = f"{rows:,} rows of {columns:,} columns"
        raise beyond("cells", found, place=str(path), instead=CONVERT)


def _rows_of(frame: pd.DataFrame) -> Grid:
    """Return a frame as records of text, the header as line 1."""
    height = len(frame) + 1
    columns = [
        pa.chunked_array(
            [as_text([str(name)]), pa.array(map(_text, frame.iloc[:, at].tolist()), TEXT)]
        )
        for at, name in enumerate(frame.columns)
    ]
    return Grid(np.arange(1, height + 1), np.full(height, len(columns)), columns)


def _text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if cell is None or cell is pd.NaT or (isinstance(cell, float) and math.isnan(cell)):
        return ""
    if isinstance(cell, pd.Timestamp):
        return str(cell.date())
    return str(cell).lower() if isinstance(cell, bool) else str(cell)


def _from_text(path: Path, columns: Sequence[str], *, usual: str, quoted: bool) -> Saved:
    text, warnings = read_text(path, latin1=True)
    delimiter = find_delimiter(text, columns, usual=usual)
    again = delimiter not in usual
    records = _split(text, columns, path=str(path), delimiter=delimiter, quoted=quoted or again)
    warnings = (*warnings, *cut_warning(text, records))
    if not again:
        return Saved(records, warnings, delimiter)
    said = f"cells stand between {delimiter!r}, not {usual[0]!r}: a program saved the file again"
    records, changed = _with_points(records) if delimiter == ";" else (records, ())
    return Saved(records, (*warnings, said, *changed), delimiter)


def find_delimiter(text: str, columns: Sequence[str], *, usual: str) -> str:
    """Return what stands between the names of the columns, in the line that has most of them."""
    wanted = {bare_name(name) for name in columns}
    lines = re.split(r"\r\n?|\n", text[:65_536])[:_LOOKED_AT]
    named = {
        delimiter: max(
            len(wanted & {bare_name(cell) for cell in line.split(delimiter)}) for line in lines
        )
        for delimiter in dict.fromkeys(usual + DELIMITERS)
    }
    return max(named, key=lambda delimiter: named[delimiter])


def _split(text: str, columns: Sequence[str], *, path: str, delimiter: str, quoted: bool) -> Grid:
    """
    Return the records of text.

    Where nothing is quoted by the publisher, quotes are read as such only if that makes one table
    of what is none without them: programs that save the file again put them around cells.
    """
    if quoted:
        return grid_of_text(text, path=path, delimiter=delimiter)
    plain = grid_of_text(text, path=path, delimiter=delimiter, quoted=False)
    if f'{delimiter}"' not in text or _is_even(plain, columns):
        return plain
    try:
        with_quotes = grid_of_text(text, path=path, delimiter=delimiter)
    except LayoutError:
        return plain
    return with_quotes if _is_even(with_quotes, columns) else plain


def _is_even(records: Grid, columns: Sequence[str]) -> bool:
    """Say whether all records under the header have as many cells as it."""
    start = _header_position(records, columns)
    return len(np.unique(records.widths[start:][records[start:].written()])) == 1


def _header_position(records: Sequence[Record], columns: Sequence[str]) -> int:
    wanted = {bare_name(name) for name in columns}
    named = [
        len(wanted & {bare_name(cell) for cell in record.cells}) for record in records[:_LOOKED_AT]
    ]
    return max(range(len(named)), key=lambda position: named[position], default=0)


def _with_points(records: Grid) -> tuple[Grid, tuple[str, ...]]:
    """
    Return numbers with a decimal point: programs that put semicolons between cells write a comma.

    A column that has points as well is left as it is, and refused where it is read.
    """
    written: set[int] = set()
    others: set[int] = set()
    for place, record in enumerate(records):
        for at, cell in enumerate(record.cells):
            if _COMMA.fullmatch(cell):
                written.add(at)
            if place and ("." in cell or _YEARS.fullmatch(cell)):
                others.add(at)
    commas = written - others
    if not commas:
        return records, ()
    turned = grid_of(
        Record(
            line,
            [
                cell.replace(",", ".") if at in commas and _COMMA.fullmatch(cell) else cell
                for at, cell in enumerate(cells)
            ],
        )
        for line, cells in records
    )
    first = next(
        (old.line, cell)
        for old in records
        for at, cell in enumerate(old.cells)
        if at in commas and _COMMA.fullmatch(cell)
    )
    return turned, (f"decimal commas (line {first[0]}: {first[1]!r}) are read as points",)


def _published(
    records: Grid, columns: Sequence[str], former: Mapping[str, str], *, path: str
) -> tuple[Grid, tuple[str, ...]]:
    """Return records whose header has the published names for those that programs made of them."""
    if not records:
        return records, ()
    start = _header_position(records, columns)
    line, cells = records[start]
    names = published_names([former.get(bare_name(cell), cell) for cell in cells], columns)
    check_once(records.renamed(start, names)[start:], columns, path=path)
    check_spelling(names, columns, at=f"{path}:{line}")
    renamed = [(old, new) for old, new in zip(cells, names, strict=True) if old.strip() != new]
    if not renamed:
        return records, ()
    old, new = renamed[0]
    more = f" and {len(renamed) - 1} more" if len(renamed) > 1 else ""
    said = f"columns have another name than published (line {line}: {old!r} for {new!r}{more})"
    return records.renamed(start, names), (said,)


def published_names(names: Iterable[str], columns: Sequence[str]) -> list[str]:
    """
    Return the names of a header as published.

    >>> published_names(["reporter_code", "X2019", "note"], ["reporterCode"])
    ['reporterCode', '2019', 'note']
    >>> published_names(["X2023.M01", "_2023_q1", "2023M1"], [])
    ['2023-M01', '2023-Q1', '2023M1']
    """
    stripped = [name.strip() for name in names]
    known = {bare_name(name): name for name in reversed(columns)}
    there = set(stripped)

    def published(name: str) -> str:
        meant = known.get(bare_name(name), name)
        if name not in columns and meant not in there:
            return meant
        return name

    return [_PERIOD.sub(_period, _YEAR.sub(r"\1", published(name))) for name in stripped]


def check_once(records: Sequence[Record], columns: Sequence[str], *, path: str) -> None:
    """
    Check that no column that counts stands there twice with other cells.

    ``records``: those of a table, the first being its header. Interfaces repeat a column that was
    asked for and given.
    """
    line, names = records[0]
    first: dict[str, int] = {}
    twice = [
        (first[name], place)
        for place, name in enumerate(names)
        if first.setdefault(name, place) != place and name in columns
    ]
    rows = (row for row in records[1:] if len(row.cells) == len(names)) if twice else ()
    for row in rows:
        for one, other in twice:
            if row.cells[one] != row.cells[other]:
                raise LayoutError(
                    f"{path}:{line}: expected each column once, found {names[one]!r} as columns "
                    f"{one + 1} and {other + 1}, which differ (line {row.line}: "
                    f"{row.cells[one]!r} and {row.cells[other]!r}); keep the right one"
                )


def check_spelling(names: Sequence[str], columns: Sequence[str], *, at: str) -> None:
    """Check that no name is misspelt: a column that only some files have would be lost."""
    absent = {bare_name(name): name for name in columns if name not in names and not name.isdigit()}
    for place, name in enumerate(names, start=1):
        meant = None if name in columns else _misspelt(bare_name(name), absent)
        if meant is not None:
            raise LayoutError(
                f"{at}: expected a column of the layout, found {name!r} as column {place}, which "
                f"is {absent[meant]!r} but for one letter; correct the name, or take the column out"
            )


def _misspelt(bare: str, absent: Iterable[str]) -> str | None:
    """Return the name of which one letter is another, missing or too many."""
    return next((name for name in absent if _is_near(bare, name)), None)


def _is_near(one: str, other: str) -> bool:
    """Say whether two names differ in one letter; another digit is another column."""
    if min(len(one), len(other)) < _SHORTEST or abs(len(one) - len(other)) > 1:
        return False
    begin = next(
        (at for at, pair in enumerate(zip(one, other, strict=False)) if len({*pair}) > 1), None
    )
    if begin is None:
        return len(one) != len(other)
    if len(one) == len(other):
        digits = one[begin].isdigit() and other[begin].isdigit()
        return one[begin + 1 :] == other[begin + 1 :] and not digits
    short, long = sorted((one, other), key=len)
    return short[begin:] == long[begin + 1 :]


def _period(match: re.Match[str]) -> str:
    year, sign, letter, number = match.groups()
    return f"{year}{'-' if sign else ''}{letter.upper()}{number}"


def holds_names(
    line: str, columns: Sequence[str], *, former: Mapping[str, str] | None = None
) -> bool:
    """Say whether a line has the names of all columns, as published or as programs leave them."""
    cells = {bare_name(cell) for cell in re.split(f"[{DELIMITERS}]", line)}
    now = {bare_name((former or {}).get(cell, cell)) for cell in cells}
    return {bare_name(name) for name in columns} <= now
