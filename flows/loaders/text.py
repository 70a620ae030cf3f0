"""Files as text and as records: strict decoding, and the line that every record begins on."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from flows.errors import LayoutError
from flows.loaders.archive import read_content
from flows.loaders.envelope import open_envelope

_CONTROL_OR_UTF8 = re.compile(rb"[\x00\x80-\x9f]|[\xc3-\xf4][\xa0-\xbf]")


class Record(NamedTuple):
    """Cells of one record and the line it begins on."""

    line: int
    cells: list[str]


def read_text(path: Path, *, encoding: str = "utf-8-sig", latin1: bool = False) -> str:
    """
    Return the text of a file, packed or not, or name the line that is not in the encoding.

    Parameters
    ----------
    path : pathlib.Path
        File to read.
    encoding : str
        ``"utf-8-sig"`` is UTF-8 with or without a byte order mark.
    latin1 : bool
        Whether the layout is also published in Latin-1. Every byte means something there, so a
        file is taken for Latin-1 only if nothing in it speaks against it: neither a control
        character, as in Mac Roman or Windows-1252, nor a letter in UTF-8.

    Returns
    -------
    str
        Line ends as they are in the file.

    Raises
    ------
    LayoutError
        If bytes are not in the encoding, the file is empty, or cannot be unpacked. Nothing is
        replaced.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> read_text(example_path("cow_trade")).splitlines()[0][:20]
    'ccode1,ccode2,year,i'
    """
    content = open_envelope(read_content(path), path=str(path))
    try:
        text = decode(content, path=str(path), encoding=encoding)
    except LayoutError:
        if not latin1 or speaks_against_latin1(content):
            raise
        text = content.decode("latin-1")
    if not text.strip():
        raise LayoutError(f"{path}:1: expected a table, found an empty file")
    return text


def speaks_against_latin1(content: bytes) -> bool:
    """
    Say whether bytes cannot be Latin-1 as publishers write it, where each byte means something.

    Parameters
    ----------
    content : bytes
        Of a file, or of a part of it.

    Returns
    -------
    bool
        Whether it holds a control character beyond ASCII, as Mac Roman and Windows-1252 do, or a
        letter in UTF-8.

    Raises
    ------
    TypeError
        If it is not bytes.

    Examples
    --------
    >>> speaks_against_latin1("é".encode()), speaks_against_latin1("é".encode("latin-1"))
    (True, False)
    """
    return _CONTROL_OR_UTF8.search(content) is not None


def decode(content: bytes, *, path: str, encoding: str = "utf-8-sig") -> str:
    r"""
    Return bytes as text, or name the line and the bytes that are not in the encoding.

    Parameters
    ----------
    content : bytes
        Content of a file.
    path : str
        The file as errors name it.
    encoding : str
        Name of a codec of Python.

    Returns
    -------
    str
        The text.

    Raises
    ------
    LayoutError
        If a byte is not in the encoding, or is a NUL.

    Examples
    --------
    >>> decode("Türkiye".encode("latin-1"), path="my.csv")
    Traceback (most recent call last):
        ...
    flows.errors.LayoutError: my.csv:1: expected text in utf-8, found byte 0xfc after 'T'
    """
    name = encoding.removesuffix("-sig")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        before = error.object[: error.start]
        line = before.count(b"\n") + 1
        seen = before.rsplit(b"\n", 1)[-1][-20:].decode("ascii", "ignore")
        raise LayoutError(
            f"{path}:{line}: expected text in {name}, "
            f"found byte 0x{error.object[error.start]:02x} after {seen!r}"
        ) from error
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise LayoutError(f"{path}:{line}: expected text in {name}, found a NUL byte")
    return text


def split_records(
    text: str, *, path: str, delimiter: str = ",", quoted: bool = True
) -> Iterator[Record]:
    r"""
    Yield the records of delimited text, each with the line it begins on.

    Parameters
    ----------
    text : str
        Content of a file.
    path : str
        The file as errors name it.
    delimiter : str
        One character.
    quoted : bool
        Whether the layout puts cells into double quotes; where it does not, a quote is a character
        like any other.

    Yields
    ------
    Record
        One for every line, empty lines included.

    Raises
    ------
    LayoutError
        If a quote is never closed, or text follows a closed one.

    Examples
    --------
    >>> list(split_records('a,b\n"1\n2",3\n4,5', path="my.csv"))[2]
    Record(line=4, cells=['4', '5'])
    """
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=delimiter,
        quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
        strict=True,
    )
    line = 1
    try:
        for cells in reader:
            yield Record(line, cells)
            line = reader.line_num + 1
    except csv.Error as error:
        raise LayoutError(
            f"{path}:{line}: expected cells between {delimiter!r}, found: {error}"
        ) from error
