"""Files of one result: a workbook, and a document for a word processor."""

import io
import re
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from flows.errors import ReportError
from flows.files import write_named
from flows.findings import Findings
from flows.report.render import write_docx
from flows.report.text import render_markdown
from flows.results import Result, print_lines
from flows.safe_text import shown
from flows.tables.cells import PLAIN, format_inline
from flows.tables.results import as_table

_CREATED = datetime(1980, 1, 1)  # noqa: DTZ001 - a workbook knows no time zones
"""What a workbook says of its making, so that the same table gives the same bytes."""

_AS_TEXT = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
"""Texts come from files: none of them is a formula."""

_WIDEST = 60
_SHEET = 31
"""Characters that Excel allows in the name of a sheet."""

_FORMAT = re.compile(r"(?P<sign>\+?)(?P<comma>,?)\.(?P<decimals>\d+)f")


def write_document(result: Result, path: Path) -> None:
    """Write the table of a result as a docx, replacing a file that is there."""
    _check_ending(path, ".docx")
    table = as_table(result)
    markdown = render_markdown(f'{{{{ table("{table.id}") }}}}', Findings(tables=(table,)))
    with TemporaryDirectory(prefix="flows-") as name:
        bibliography = Path(name) / "references.bib"
        bibliography.touch()
        made = Path(name) / path.name
        write_docx(markdown, made, resources=Path(name), bibliography=bibliography)
        content = made.read_bytes()
    write_named(path, content)


def write_excel(result: Result, path: Path) -> None:
    """
    Write the table of a result as a workbook, replacing a file that is there.

    The first sheet has the table, numbers as numbers and unrounded; the second says what they are.
    """
    _check_ending(path, ".xlsx")
    table = as_table(result)
    frame = table.frame[list(table.labels)].rename(columns=dict(table.labels))
    described = {"table": table.caption, "note": table.note}
    about = pd.DataFrame(
        [(what, format_inline(text, PLAIN)) for what, text in described.items()]
        + [(name, f"lines {print_lines(lines)}") for name, lines in table.rows.items()],
        columns=["what", "text"],
    )
    content = io.BytesIO()
    try:
        writer = pd.ExcelWriter(content, engine="xlsxwriter", engine_kwargs={"options": _AS_TEXT})
    except ModuleNotFoundError as error:
        raise ReportError(
            "to_excel: expected the package XlsxWriter, found none; install it "
            "(pip install XlsxWriter), or take to_docx, to_html or tidy().to_csv"
        ) from error
    with writer:
        writer.book.set_properties({"created": _CREATED})
        sheet = re.sub(r"[\[\]:*?/\\]", "-", table.id)[:_SHEET]
        _write_sheet(writer, frame, sheet, [table.formats.get(name, "") for name in table.labels])
        _write_sheet(writer, about, "about", ["", ""])
    write_named(path, content.getvalue())


def _write_sheet(writer: Any, frame: pd.DataFrame, name: str, formats: list[str]) -> None:
    frame = shown(frame)
    frame.to_excel(writer, sheet_name=name, index=False)
    sheet = writer.sheets[name]
    sheet.freeze_panes(1, 0)
    for place, (column, number_format) in enumerate(zip(frame.columns, formats, strict=True)):
        texts = [str(column), *map(str, frame.iloc[:, place])]
        width = min(_WIDEST, 2 + max(len(text) for text in texts[: 1 if number_format else None]))
        sheet.set_column(place, place, max(width, 8), _excel_format(writer.book, number_format))


def _excel_format(book: Any, number_format: str) -> Any:
    match = _FORMAT.fullmatch(number_format)
    if match is None:
        return None
    decimals = int(match["decimals"])
    shown = ("#,##0" if match["comma"] else "0") + ("." + "0" * decimals if decimals else "")
    return book.add_format({"num_format": f"+{shown};-{shown};{shown}" if match["sign"] else shown})


def _check_ending(path: Path, ending: str) -> None:
    """Check the name of a file that is to be written."""
    if path.suffix.lower() != ending:
        raise ReportError(f"{path}: expected a file {ending}, found {path.suffix or 'no ending'}")
