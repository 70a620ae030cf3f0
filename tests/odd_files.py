"""
Files that are damaged or odd, made from good ones by a seeded generator.

Each is what a transfer, an editor, a spreadsheet or a stranger makes of a file: other line ends,
quotes, encodings, delimiters, cells and numbers, alone or two at a time.
"""

import csv
import gzip
import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from random import Random
from typing import NamedTuple

from engine_files import baci_text

from flows.loaders.examples import example_path

BULK_KEYS = (
    "baci",
    "comtrade_v1",
    "comtrade_legacy",
    "comtrade_legacy_bulk",
    "comext_bulk",
    "comext_bulk_former",
)

CELLS = (
    "", " ", "0", "-0", "-1", "+1", "1e3", "1E+03", "3.25E+08", "1e999", "1e-320", "-1e3", "1,5",
    "1 000", "1\u00a0000", "1_000", "0x10", "1.", ".5", "00012", "012.50", "1.5.2", "1..5", "--1",
    "inf", "Infinity", "-inf", "NaN", "nan", "NA", "N/A", "n/a", "NULL", "null", "None", "#N/A",
    "TRUE", "٣", "１２", "²", "½", "Ⅻ", "1٣", "9" * 20, "9" * 40, "0." + "3" * 40, "1" + "0" * 310,
    "4.9406564584124654e-324", "1.7976931348623157e308", "1.8e308", "123456789012345678.5",
    "0.1e1", "1e", "e1", "1d3", "1f", "0b1", "0o7", "1L", "$5", "5%", "5 ", " 5", "\t5",
    "5\u00a0", "\u20095", "'5", "=5", "(5)", "c", ":", "...", "-", "é", "\ufffd", "\u200b5",
    "2022.0", "2022-01-01", "51.0", "051", "0051", "99999", "World", "ARM", "TOTAL", "total",
    "010121", "10121", "1012199", "01", "H5", "HS", "M", "X", "7", "1", "2",
)  # fmt: skip
"""What stands in a cell instead of what stood there."""

ALIEN = (
    b"\xff", b"\xe9", b"\xc3\xa9", b"\x80", b"\xc3", b"\x00", b"\x1a", b"\x0b", b"\x0c", b"\x1c",
    b"\x85", b"\xc2\x85", b"\xe2\x80\xa8", b"\xef\xbb\xbf", b"\r", b"\n", b"\r\n", b"\r\r\n",
    b"\n\r", b'"', b'""', b'"""', b"'", b"\\", b'\\"', b",", b",,", b";", b"\t", b"|", b" ", b"#",
    b"//",
)  # fmt: skip
"""Bytes that are put in anywhere."""


class OddFile(NamedTuple):
    """Key of the layout that the file had, what was done to it, its content and its ending."""

    key: str
    done: str
    content: bytes
    ending: str = "csv"


Change = Callable[[bytes, Random], bytes]


def good_text(key: str, rng: Random, *, rows: int = 6) -> bytes:
    """Return a good file of a layout; those of BACI are as CEPII pads them."""
    if key != "baci":
        return example_path(key).read_bytes()
    countries, products = [4, 20, 31, 51, 251, 364, 842], [10121, 271121, 930100, 80211]
    keys = sorted(
        {
            (2022, *rng.sample(countries, 2), rng.choice(products))
            for _ in range(rng.randint(1, rows))
        }
    )
    return baci_text([(*key, rng.randrange(10**7) / 1000) for key in keys]).encode()


def _lines(content: bytes) -> list[bytes]:
    return content.splitlines(keepends=True)


def _with_end(end: bytes) -> Change:
    return lambda content, _: content.replace(b"\r\n", b"\n").replace(b"\n", end)


def _mixed_ends(content: bytes, rng: Random) -> bytes:
    ends = (b"\n", b"\r\n", b"\r")
    return b"".join(line.rstrip(b"\r\n") + rng.choice(ends) for line in _lines(content))


def _line_put_in(line: bytes) -> Change:
    def change(content: bytes, rng: Random) -> bytes:
        lines = _lines(content)
        lines.insert(rng.randint(0, len(lines)), line)
        return b"".join(lines)

    return change


def _line_again(content: bytes, rng: Random) -> bytes:
    lines = _lines(content)
    lines.insert(rng.randint(1, len(lines)), rng.choice(lines))
    return b"".join(lines)


def _line_lost(content: bytes, rng: Random) -> bytes:
    lines = _lines(content)
    lines.pop(rng.randrange(len(lines)))
    return b"".join(lines)


def _lines_swapped(content: bytes, rng: Random) -> bytes:
    first, *rest = _lines(content)
    rng.shuffle(rest)
    return b"".join([first, *rest])


def _cell(new: Callable[[str, Random], str]) -> Change:
    """Change one cell of one line, the header's among them."""

    def change(content: bytes, rng: Random) -> bytes:
        lines = _lines(content)
        at = rng.randrange(len(lines))
        body = lines[at].rstrip(b"\r\n")
        cells = body.decode("utf-8", "surrogateescape").split(",")
        place = rng.randrange(len(cells))
        cells[place] = new(cells[place], rng)
        line = ",".join(cells).encode("utf-8", "surrogateescape")
        lines[at] = line + lines[at][len(body) :]
        return b"".join(lines)

    return change


def _rows(change: Callable[[list[list[str]], Random], None], **dialect: object) -> Change:
    """Change the cells of all lines and write them again as a program does."""

    def written(content: bytes, rng: Random) -> bytes:
        rows = list(csv.reader(io.StringIO(content.decode("utf-8", "surrogateescape"))))
        change(rows, rng)
        out = io.StringIO()
        csv.writer(out, **{"lineterminator": "\n", **dialect}).writerows(rows)  # type: ignore[arg-type]
        return out.getvalue().encode("utf-8", "surrogateescape")

    return written


def _no_change(_: list[list[str]], __: Random) -> None:
    return None


def _column_again(rows: list[list[str]], rng: Random) -> None:
    place = rng.randrange(len(rows[0]))
    for row in rows:
        row.insert(rng.choice([place, len(row)]), row[place] if place < len(row) else "")


def _column_lost(rows: list[list[str]], rng: Random) -> None:
    place = rng.randrange(len(rows[0]))
    for row in rows:
        if place < len(row):
            row.pop(place)


def _column_more(rows: list[list[str]], rng: Random) -> None:
    name = rng.choice(["note", "", "line", "value", "unit"])
    for number, row in enumerate(rows):
        row.append(name if number == 0 else rng.choice(["", "x"]))


def _columns_moved(rows: list[list[str]], rng: Random) -> None:
    order = list(range(len(rows[0])))
    rng.shuffle(order)
    for row in rows:
        row[:] = [row[place] for place in order if place < len(row)]


def _column_of_cells(rows: list[list[str]], rng: Random) -> None:
    place, cell = rng.randrange(len(rows[0])), rng.choice(CELLS)
    for row in rows[1:]:
        if place < len(row):
            row[place] = cell


def _names_in(case: Callable[[str], str]) -> Callable[[list[list[str]], Random], None]:
    def change(rows: list[list[str]], _: Random) -> None:
        rows[0][:] = [case(name) for name in rows[0]]

    return change


def _bytes_put_in(content: bytes, rng: Random) -> bytes:
    place = rng.randint(0, len(content))
    return content[:place] + rng.choice(ALIEN) + content[place:]


def _byte_changed(content: bytes, rng: Random) -> bytes:
    place = rng.randrange(len(content))
    return content[:place] + bytes([rng.randrange(256)]) + content[place + 1 :]


def _ends_all(end: bytes) -> Change:
    return lambda content, _: b"".join(
        line.rstrip(b"\r\n") + end + line[len(line.rstrip(b"\r\n")) :] for line in _lines(content)
    )


def _ends_one(end: bytes) -> Change:
    def change(content: bytes, rng: Random) -> bytes:
        lines = _lines(content)
        at = rng.randrange(len(lines))
        body = lines[at].rstrip(b"\r\n")
        lines[at] = body + end + lines[at][len(body) :]
        return b"".join(lines)

    return change


CHANGES: Mapping[str, Change] = {
    "as it is": lambda content, _: content,
    "a mark in front": lambda content, _: b"\xef\xbb\xbf" + content,
    "two marks in front": lambda content, _: b"\xef\xbb\xbf" * 2 + content,
    "utf-16": lambda content, _: content.decode("utf-8", "replace").encode("utf-16"),
    "latin-1": lambda content, rng: (
        _cell(lambda cell, _: cell + "é")(content, rng)
        .decode("utf-8", "replace")
        .encode("latin-1", "replace")
    ),
    "ends of lines: CR": _with_end(b"\r"),
    "ends of lines: CR LF": _with_end(b"\r\n"),
    "ends of lines: CR CR LF": _with_end(b"\r\r\n"),
    "ends of lines: LF CR": _with_end(b"\n\r"),
    "ends of lines: mixed": _mixed_ends,
    "no end of the last line": lambda content, _: content.rstrip(b"\r\n"),
    "a blank line": _line_put_in(b"\n"),
    "a line of blanks": _line_put_in(b"   \t \n"),
    "a line of commas": _line_put_in(b",,,,,\n"),
    "a line of quotes": _line_put_in(b'""\n'),
    "a line of a word": _line_put_in(b"Source\n"),
    "a line of a comment": _line_put_in(b"# a comment, of two\n"),
    "blank lines in front": lambda content, _: b"\n\n" + content,
    "blank lines behind": lambda content, _: content + b"\n\n\r\n",
    "a line again": _line_again,
    "the header again": lambda content, _: content + _lines(content)[0],
    "a line lost": _line_lost,
    "lines in another order": _lines_swapped,
    "cut": lambda content, rng: content[: rng.randint(0, len(content))],
    "cut in front": lambda content, rng: content[rng.randint(1, len(content)) :],
    "a cell of another kind": _cell(lambda _, rng: rng.choice(CELLS)),
    "a cell with blanks": _cell(lambda cell, rng: rng.choice([" ", "\t", "\u00a0"]) + cell + " "),
    "a cell in quotes": _cell(lambda cell, _: f'"{cell}"'),
    "a cell in quotes, blanks around": _cell(lambda cell, _: f' "{cell}" '),
    "a cell in quotes, and more": _cell(lambda cell, _: f'"{cell}"x'),
    "a quote that opens": _cell(lambda cell, _: f'"{cell}'),
    "a quote that closes": _cell(lambda cell, _: f'{cell}"'),
    "a quote inside": _cell(lambda cell, _: f'{cell[:1]}"{cell[1:]}'),
    "quotes inside quotes": _cell(lambda cell, _: f'"{cell}""x"'),
    "an end of line in quotes": _cell(
        lambda cell, rng: '"' + cell + rng.choice(["\n", "\r\n", "\r"]) + '"'
    ),
    "a comma in quotes": _cell(lambda cell, _: f'"{cell},1"'),
    "a huge cell": _cell(lambda cell, rng: cell + rng.choice("x1 0") * 131_073),
    "a huge cell in quotes": _cell(lambda cell, _: f'"{cell}{" " * 131_073}"'),
    "a long number": _cell(lambda _, rng: str(rng.randrange(1, 10)) + "7" * rng.randint(15, 400)),
    "zeros in front": _cell(lambda cell, rng: "0" * rng.randint(1, 3) + cell.strip()),
    "decimals behind": _cell(lambda cell, rng: cell + rng.choice([".0", ".00", ".", ".5"])),
    "a digit lost": _cell(lambda cell, _: cell[:-1]),
    "bytes put in": _bytes_put_in,
    "a byte changed": _byte_changed,
    "a comma behind each line": _ends_all(b","),
    "commas behind each line": _ends_all(b",,"),
    "a comma behind a line": _ends_one(b","),
    "a comma and a blank behind a line": _ends_one(b", "),
    "a word behind a line": _ends_one(b",x"),
    "blanks behind a line": _ends_one(b"  "),
    "a NUL behind a line": _ends_one(b"\x00"),
    "all in quotes": _rows(_no_change, quoting=csv.QUOTE_ALL),
    "texts in quotes": _rows(_no_change, quoting=csv.QUOTE_NONNUMERIC),
    "single quotes": _rows(_no_change, quoting=csv.QUOTE_ALL, quotechar="'"),
    "semicolons": _rows(_no_change, delimiter=";"),
    "tabs": _rows(_no_change, delimiter="\t"),
    "bars": _rows(_no_change, delimiter="|"),
    "blanks behind commas": lambda content, _: content.replace(b",", b", "),
    "a column again": _rows(_column_again),
    "a column lost": _rows(_column_lost),
    "a column more": _rows(_column_more),
    "columns in another order": _rows(_columns_moved),
    "a column of one cell": _rows(_column_of_cells),
    "names in capitals": _rows(_names_in(str.upper)),
    "names in small letters": _rows(_names_in(str.lower)),
    "names with blanks": _rows(_names_in(lambda name: f" {name} ")),
    "names in quotes": _rows(_names_in(lambda name: f"'{name}'")),
}
"""What is done to a file, by its name."""


def odd_files(key: str, *, seed: int, number: int) -> Iterator[OddFile]:
    """Yield odd files of a layout: each change in turn, some files with a second one on top."""
    rng = Random(f"{key} {seed}")
    names = list(CHANGES)
    for count in range(number):
        name = names[count % len(names)]
        content = CHANGES[name](good_text(key, rng), rng)
        done = name
        if rng.random() < 0.25 and content:
            second = rng.choice(names)
            with suppress(ValueError, csv.Error, IndexError):
                content, done = CHANGES[second](content, rng), f"{name}; {second}"
        if rng.random() < 0.05:
            yield OddFile(key, f"{done}; packed", gzip.compress(content, mtime=0), "csv.gz")
        else:
            yield OddFile(key, done, content)
