"""Files as text and as records: strict decoding, and the line that every record begins on."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from flows.errors import LayoutError


class Record(NamedTuple):
    """Cells of one record and the line it begins on."""

    line: int
    cells: list[str]


def read_text(path: Path, *, encoding: str = "utf-8-sig") -> str:
    """
    Return the text of a file, or name the line that is not in the encoding.

    Parameters
    ----------
    path : pathlib.Path
        File to read.
    encoding : str
        ``"utf-8-sig"`` is UTF-8 with or without a byte order mark.

    Returns
    -------
    str
        Line ends as they are in the file.

    Raises
    ------
    LayoutError
        If bytes are not in the encoding, or the file is empty. Nothing is replaced.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> read_text(example_path("cow_trade")).splitlines()[0][:20]
    'ccode1,ccode2,year,i'
    """
    content = path.read_bytes()
    if not content.strip():
        raise LayoutError(f"{path}:1: expected a table, found an empty file")
    return decode(content, path=str(path), encoding=encoding)


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
