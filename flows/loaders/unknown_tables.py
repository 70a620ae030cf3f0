"""The table in a file that nobody has described: how the file is written, and where it stands."""

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from flows.errors import LayoutError
from flows.loaders.column_kinds import is_number, is_year, known_scheme, words_known
from flows.loaders.described_tables import joined_header
from flows.loaders.descriptions import COLUMNS, DELIMITERS, tidy
from flows.loaders.text import Record, read_content, split_records
from flows.loaders.workbooks import is_workbook, read_sheets, sheet_names

_ENCODINGS = ("utf-8-sig", "cp1252", "cp1251", "cp1254")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_SAMPLE, _BEGINNING = 2000, 5000
_DEPTH = 40
_SHOWN = 8

_ORDER = (
    *("reporter", "year", "unit", "multiplier", "calendar", "coverage", "partners", "total"),
    *(
        "leave_out",
        "scheme",
        "sheet",
        "title",
        "header_line",
        "end",
        "encoding",
        "delimiter",
        "decimal",
    ),
    *("thousands", "sum_over"),
)
"""Keys as they are written: what the table is about, then how the file is written."""


class Table(NamedTuple):
    """A table as it was found: its names, rows and what stands around it."""

    names: list[str]
    rows: list[Record]
    header: tuple[int, int]
    around: list[str]

    def cells(self, name: str) -> list[str]:
        """Return the cells of a column that are filled, of the first rows."""
        at = self.names.index(name)
        found = (row.cells[at].strip() for row in self.rows if len(row.cells) > at)
        return [cell for cell in found if cell]


@dataclass(slots=True)
class Proposal:
    """
    A description in the making.

    ``keys``, ``columns``: keys to values in TOML; ``tables``: lines of the other tables;
    ``unsure``: what the file does not say, by key; ``layout``: that of a publisher, where the
    file has it and needs no description.
    """

    keys: dict[str, str] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)
    tables: list[str] = field(default_factory=list)
    unsure: dict[str, str] = field(default_factory=dict)
    layout: str = ""

    def to_toml(self) -> str:
        """Return the description, with a comment where the file does not say what a key is."""
        keys = [key for key in _ORDER if key in self.keys]
        columns = [key for key in COLUMNS if key in self.columns]
        lines = ["# Proposed from the table; decide what is marked NOT SURE."]
        if self.layout:
            lines.append(f"# The file loads without a description, as {self.layout}.")
        lines += [self._line(key, self.keys[key]) for key in keys]
        lines += ["", "[columns]", *(self._line(key, self.columns[key]) for key in columns)]
        return "\n".join([*lines, *self.tables, ""])

    def _line(self, key: str, value: str) -> str:
        comment = self.unsure.get(key)
        return f"{key} = {value}" + (f"  # NOT SURE: {comment}" if comment else "")


def quoted(text: str) -> str:
    """Return a text as TOML writes it."""
    return json.dumps(text, ensure_ascii=False)


def records_of(path: Path, proposal: Proposal) -> list[Record]:
    """Return the records of a file, and propose how it is written."""
    if is_workbook(path):
        return _sheet(path, proposal)
    content = read_content(path)
    text = _decoded(content, proposal, path)
    lines = [line for line in text.splitlines()[:_SAMPLE] if line.strip()]
    counts = {sign: Counter(line.count(sign) for line in lines) for sign in DELIMITERS}
    widths = {
        sign: max((n * (width > 0), width) for width, n in found.items())
        for sign, found in counts.items()
        if found
    }
    delimiter = max(widths, key=lambda sign: widths[sign], default=",")
    if delimiter != ",":
        proposal.keys["delimiter"] = quoted(delimiter)
    return list(split_records(text, path=str(path), delimiter=delimiter))


def _decoded(content: bytes, proposal: Proposal, path: Path) -> str:
    """Return the text, and propose its encoding; one of eight bits fits nearly any text."""
    if content.startswith(_UTF16):
        proposal.keys["encoding"] = '"utf-16"'
        return content.decode("utf-16")
    fitting = {}
    for encoding in _ENCODINGS:
        try:
            fitting[encoding] = content.decode(encoding)
        except UnicodeDecodeError:
            continue
    if not fitting:
        raise LayoutError(f"{path}:1: expected text, found bytes of no known encoding")
    encoding = max(fitting, key=lambda name: words_known(fitting[name][:_BEGINNING]))
    if _ENCODINGS[0] not in fitting:
        proposal.keys["encoding"] = quoted(encoding)
        accents = [line for line in fitting[encoding].splitlines() if not line.isascii()]
        proposal.unsure["encoding"] = (
            f"not UTF-8; {accents[0].strip()[:40]!r} should read right, else one of "
            f"{', '.join(sorted(fitting.keys() - {encoding}))}"
        )
    return fitting[encoding]


def _sheet(path: Path, proposal: Proposal) -> list[Record]:
    """Return the records of the longest sheet; sheets of one form may each say something."""
    names = sheet_names(path)
    sheets = read_sheets(path, names)
    longest = max(names, key=lambda name: sum(map(_is_row, sheets[name])))
    if len(names) == 1:
        return sheets[longest]
    proposal.keys["sheet"] = quoted(longest)
    others = [name for name in names if name != longest]
    proposal.unsure["sheet"] = f"other sheets: {', '.join(others[:_SHOWN])}"
    for what, fits in (
        ("year", all(map(is_year, names))),
        ("reporter", known_scheme(names)[1] == 1),
    ):
        if fits:
            proposal.keys["sheet"] = quoted(f"{{{what}}}")
            proposal.unsure["sheet"] = f"every sheet is read, its name taken for the {what}"
    return sheets[longest]


def filled_cells(record: Record) -> list[str]:
    """Return the cells of a record that hold something."""
    return [cell.strip() for cell in record.cells if cell.strip()]


def _is_row(record: Record) -> bool:
    """Say whether a record has figures: numbers that are no years."""
    cells = filled_cells(record)
    return len(cells) > 1 and any(is_number(cell) and not is_year(cell) for cell in cells)


def find_table(records: list[Record], proposal: Proposal, path: Path) -> Table:
    """Return the table whose header is the last line with several names above the first figures."""
    rows = [place for place, record in enumerate(records) if _is_row(record)]
    above = range(min(rows[0], _DEPTH)) if rows else range(0)
    heads = [place for place in above if len(filled_cells(records[place])) > 1]
    if not heads:
        raise LayoutError(
            f"{path}: expected a table with names above its figures, found none in the first "
            f"{_DEPTH} lines"
        )
    last = heads[-1]
    cells = [tidy(cell) for cell in records[last].cells]
    gaps = "" in cells[1:] or len({*cells}) < len(cells) or cells[0] == ""
    first = last - 1 if gaps and last - 1 in heads and records[last - 1].cells[0].strip() else last
    names = joined_header(records[first : last + 1])
    body = [record for record in records[last + 1 :] if len(record.cells) >= len(names)]
    around = [cell for record in records[: last + 1] for cell in filled_cells(record)]
    _end(proposal, records[last + 1 :], len(names))
    around += [cell for record in records[-_SHOWN:] for cell in filled_cells(record)[:1]]
    return Table(names, body[:_SAMPLE], (records[first].line, records[last].line), around)


def _end(proposal: Proposal, below: list[Record], width: int) -> None:
    """Propose where a table ends whose last row and the lines under it nothing parts."""
    whole = [
        place
        for place, record in enumerate(below)
        if len(record.cells) == width and len(filled_cells(record)) > 1
    ]
    under = below[whole[-1] + 1 :][:1] if whole else []
    if under and (cells := filled_cells(under[0])):
        proposal.keys["end"] = quoted(" ".join(cells[0].split()[:2]))
        proposal.unsure["end"] = f"line {under[0].line} is taken for the first under the table"
