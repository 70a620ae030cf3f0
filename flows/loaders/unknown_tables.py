"""The table in a file that nobody has described: how the file is written, and where it stands."""

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from flows.errors import LayoutError
from flows.loaders.column_kinds import (
    direction_of,
    is_figure,
    is_marked_year,
    is_number,
    is_year,
    known_scheme,
    share_of,
    words_known,
)
from flows.loaders.described_tables import joined_header
from flows.loaders.descriptions import COLUMNS, DELIMITERS, tidy
from flows.loaders.figures import ascii_digits
from flows.loaders.patterns import match_pattern
from flows.loaders.strangers import check_table
from flows.loaders.text import Record, read_content, split_records
from flows.loaders.workbook_parts import is_workbook
from flows.loaders.workbooks import read_sheets, sheet_names
from flows.safe_text import one_line, safe_json

_ENCODINGS = ("utf-8-sig", "cp1252", "cp1251", "cp1254")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_SAMPLE, _BEGINNING = 2000, 5000
_DEPTH = 40
_SHOWN = 8
_MOST = 0.6

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
    *("thousands", "classification", "fill_down", "sum_over", "corrections"),
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

    def has_gaps(self, name: str) -> bool:
        """Say whether rows with figures have no cell in a column, nor in those before it."""
        at = self.names.index(name)
        return any(
            _is_row(row) and not any(map(str.strip, row.cells[: at + 1])) for row in self.rows
        )


@dataclass(slots=True)
class Proposal:
    """
    A description in the making.

    ``keys``, ``columns``, ``cells``: keys to values in TOML; ``tables``: lines of the other tables;
    ``unsure``: what the file does not say, by key; ``said``: what other sheets of a workbook say;
    ``flows``: words for them in the names of sheets; ``layout``: that of a publisher, where the
    file has it and needs no description.
    """

    keys: dict[str, str] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)
    cells: dict[str, str] = field(default_factory=dict)
    tables: list[str] = field(default_factory=list)
    unsure: dict[str, str] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    flows: list[str] = field(default_factory=list)
    layout: str = ""

    def to_toml(self) -> str:
        """Return the description, with a comment where the file does not say what a key is."""
        keys = [key for key in _ORDER if key in self.keys]
        columns = [key for key in COLUMNS if key in self.columns]
        cells = [self._line(key, value) for key, value in self.cells.items()]
        lines = ["# Proposed from the table; decide what is marked NOT SURE."]
        if self.layout:
            lines.append(f"# The file loads without a description, as {self.layout}.")
        lines += [self._line(key, self.keys[key]) for key in keys]
        lines += ["", "[columns]", *(self._line(key, self.columns[key]) for key in columns)]
        lines += ["", "[cells]", *cells] if cells else []
        return "\n".join([*lines, *self.tables, ""])

    def _line(self, key: str, value: str) -> str:
        comment = self.unsure.get(key)
        return f"{key} = {value}" + (f"  # NOT SURE: {one_line(comment)}" if comment else "")


def quoted(text: str) -> str:
    """Return a text as TOML writes it."""
    return safe_json(text)


def records_of(path: Path, proposal: Proposal, sheet: str) -> list[Record]:
    """Return the records of a file, and propose how it is written."""
    if is_workbook(path):
        return _sheet(path, proposal, sheet)
    if sheet:
        raise LayoutError(f"{path}: expected a workbook with a sheet {sheet!r}, found a text file")
    check_table(path)
    text = ascii_digits(_decoded(read_content(path), proposal, path))
    if not text.strip():
        raise LayoutError(f"{path}:1: expected a table, found an empty file")
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
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError as error:
            found = f"byte {error.start + 1:,}: {error.reason}"
            raise LayoutError(f"{path}: expected UTF-16 to the end, found {found}") from error
    fitting = {}
    for encoding in _ENCODINGS:
        try:
            fitting[encoding] = content.decode(encoding)
        except UnicodeDecodeError:
            continue
    if not fitting or b"\0" in content:
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


def _sheet(path: Path, proposal: Proposal, sheet: str) -> list[Record]:
    """Return the records of a sheet with partners; sheets of one form may each say something."""
    names = sheet_names(path)
    if sheet and sheet not in names:
        raise LayoutError(
            f"{path}: expected one of the sheets {', '.join(map(repr, names))}, found {sheet!r}"
        )
    sheets = {name: list(grid) for name, grid in read_sheets(path, names).items()}
    chosen = sheet or _best_sheet(sheets)
    if len(names) == 1:
        return sheets[chosen]
    proposal.keys["sheet"] = quoted(chosen)
    others = [name for name in names if name != chosen]
    proposal.unsure["sheet"] = f"other sheets: {', '.join(others[:_SHOWN])}"
    proposal.said = [cell for name in others for cell in _texts_of(sheets[name][:_DEPTH])]
    years = [name for name in names if is_year(name)]
    for what, fits in (
        ("year", chosen in years and len(years) > 1),
        ("reporter", known_scheme(names)[1] == 1),
    ):
        if fits:
            proposal.keys["sheet"] = quoted(f"{{{what}}}")
            proposal.unsure["sheet"] = (
                f"every sheet so called is read, its name taken for the {what}"
            )
    _flow_of_sheets(proposal, chosen, others)
    return sheets[chosen]


def _best_sheet(sheets: dict[str, list[Record]]) -> str:
    """Return the longest of the sheets with a column of partners; of all where none has one."""
    lengths = {name: sum(map(_is_row, records)) for name, records in sheets.items()}
    with_partners = {
        name: length for name, length in lengths.items() if _has_partners(sheets[name])
    }
    return max(with_partners or lengths, key=lambda name: lengths[name])


def _has_partners(records: list[Record]) -> bool:
    rows = [record.cells for record in records[:_SAMPLE] if _is_row(record)]
    columns = ([cell for cell in map(str.strip, cells) if cell] for cells in zip(*rows))  # noqa: B905 - rows may be torn
    return any(
        known_scheme(cells)[1] > _MOST
        for cells in columns
        if len({*cells}) > 2 and share_of(cells, map(is_number, cells)) < _MOST  # noqa: PLR2004
    )


def _texts_of(records: list[Record]) -> list[str]:
    return [cell for record in records for cell in filled_cells(record) if not is_number(cell)]


def _flow_of_sheets(proposal: Proposal, chosen: str, others: list[str]) -> None:
    """Propose a pattern for sheets that differ in their number and in a word for a direction."""
    words = re.findall(r"[^\W\d_]+", chosen)
    word = next((word for word in words if direction_of(word)), "")
    if not word:
        return
    pattern = re.sub("^[0-9]+", "{}", chosen.replace(word, "{flow}", 1))
    directed = {
        word for name in others for word in re.findall(r"[^\W\d_]+", name) if direction_of(word)
    }
    fitting = [match_pattern(pattern, name, flows=directed, months=()) for name in others]
    flows = {match["flow"] for match in fitting if match} | {word}
    if len({direction_of(flow) for flow in flows}) > 1:
        proposal.keys["sheet"] = quoted(pattern)
        proposal.flows = [word, *sorted(flows - {word})]
        proposal.unsure["sheet"] = (
            f"sheets of both directions; others: {', '.join(others[:_SHOWN])}"
        )


def filled_cells(record: Record) -> list[str]:
    """Return the cells of a record that hold something."""
    return [cell.strip() for cell in record.cells if cell.strip()]


def _is_row(record: Record) -> bool:
    """Say whether a record has figures: numbers that are no years."""
    cells = filled_cells(record)
    return len(cells) > 1 and any(map(is_figure, cells))


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
    while len(heads) > 1 and _is_dated(records[heads[-1]], records[heads[-1] + 1 :]):
        heads.pop()
    last = heads[-1]
    cells = [tidy(cell) for cell in records[last].cells]
    gaps = "" in cells[1:] or len({*cells}) < len(cells) or cells[0] == ""
    first = last - 1 if gaps and last - 1 in heads and records[last - 1].cells[0].strip() else last
    names = joined_header(records[first : last + 1])
    body = [record for record in records[last + 1 :] if len(record.cells) >= len(names)]
    around = [cell for record in records[: last + 1] for cell in filled_cells(record)]
    _end(proposal, records[last + 1 :], len(names))
    around += [
        cell
        for record in records[-_SHOWN:]
        if not _is_row(record)
        for cell in filled_cells(record)[:1]
    ]
    return Table(names, body[:_SAMPLE], (records[first].line, records[last].line), around)


def _is_dated(record: Record, below: list[Record]) -> bool:
    """Say whether a line is a row without a figure: it has a year where those below have one."""
    return any(
        is_marked_year(cell) and share_of(column, map(is_marked_year, column)) > _MOST
        for place, cell in enumerate(record.cells)
        if (column := [row.cells[place] for row in below[:_DEPTH] if len(row.cells) > place])
    )


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
