"""The profile of a pair: found in the catalogue or in files, told in a terminal or on a page."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from pkgutil import resolve_name

import pandas as pd

from flows.countries import country_name
from flows.errors import CountryError, ReportError, SchemaError
from flows.figures.save import render_figure
from flows.findings import Findings, Table
from flows.loaders import load, load_source
from flows.report import REPORT_FORMATS
from flows.report.text import render_markdown
from flows.sources import list_sources
from flows.studies.dyad import Dyad, describe_dyad, tell_dyad
from flows.studies.dyad_lead import lead_sentences
from flows.studies.dyad_page import page_of
from flows.table import COLUMNS
from flows.tables.cells import format_cells

NAME = "profile"

_HEAD = """---
title: "{{ word('profile.pair') }}"
subtitle: "What is stated in {{ word('profile.place') }}"
---

{{ word('profile.out') }}

{{ word('profile.back') }}
"""
_FOOT = """
::: note
{{ word('profile.mirror') }}Countries that state nothing in {{ word('profile.place') }}:
{{ word('profile.silent') }}; what is not stated is not zero. Older releases, not shown:
{{ word('profile.older') }}. Nothing is added across data sets, reporters, bases or units.
:::
"""
_IN_A_ROW = 2


def profile_pair(
    *,
    exporter: str,
    importer: str,
    files: Sequence[Path] = (),
    layout: str | None = None,
    root: Path | None = None,
) -> Dyad:
    """Find everything that is stated about a pair of countries."""
    names = country_name(exporter), country_name(importer)
    if exporter == importer:
        raise CountryError(f"expected two countries, found {exporter} twice")
    if files:
        tables = [load(str(path), layout=layout) for path in files]
    else:
        loaded = (load_source(source) for source in list_sources(root))
        tables = [table for table in loaded if set(COLUMNS) <= set(table.columns)]
    kept = [_about(table, exporter, importer) for table in tables]
    stated = [table for table in kept if len(table)]
    if not stated:
        raise SchemaError(f"expected statements about {' and '.join(names)}, found none")
    trade = pd.concat(stated, ignore_index=True)
    return describe_dyad(trade, exporter=exporter, importer=importer)


def write_profile(dyad: Dyad, path: Path) -> None:
    """Write a profile as one page with its figures."""
    if path.suffix.removeprefix(".") not in REPORT_FORMATS:
        *others, last = (f".{kind}" for kind in REPORT_FORMATS)
        raise ReportError(
            f"{path}: expected a file {', '.join(others)} or {last}, found {path.suffix!r}"
        )
    findings = page_of(dyad, name=NAME)
    markdown = render_markdown("\n".join(_text(findings)), findings, name=NAME)
    with tempfile.TemporaryDirectory(prefix="flows-profile-") as name:
        folder = Path(name)
        (folder / "figures").mkdir()
        (folder / "references.bib").write_text("", encoding="utf-8")
        for figure in findings.figures:
            for file, content in render_figure(figure).items():
                (folder / "figures" / file).write_bytes(content)
        page = folder / f"page{path.suffix}"
        write = resolve_name(REPORT_FORMATS[path.suffix.removeprefix(".")])
        write(
            markdown,
            page,
            resources=folder,
            bibliography=folder / "references.bib",
            form="sheet",
        )
        shutil.copyfile(page, path)


def profile_json(dyad: Dyad) -> dict[str, object]:
    """Return a profile for a program."""
    findings = tell_dyad(dyad, name=NAME)
    return {
        "words": dict(findings.words),
        "tables": {table.id: _records(table.frame) for table in findings.tables},
        "numbers": {
            number.id: {
                "value": number.value,
                "unit": number.unit,
                "low": number.low,
                "high": number.high,
                "rows": {dataset: list(lines) for dataset, lines in number.rows.items()},
            }
            for number in findings.numbers
        },
    }


def print_profile(dyad: Dyad, *, width: int | None) -> None:
    """Print a profile as text."""
    from rich.console import Console  # noqa: PLC0415 - not before something is printed

    findings = tell_dyad(dyad, name=NAME)
    console = Console(width=width, highlight=False)
    console.print(f"[bold]{dyad.pair}[/bold]")
    for sentence in lead_sentences(dyad):
        console.print(sentence, markup=False)
    console.print(f"Nothing stated in {dyad.place} by: {dyad.silent}", markup=False)
    if dyad.older:
        console.print(f"Older releases, not shown: {', '.join(dyad.older)}", markup=False)
    for table in findings.tables:
        console.print()
        console.print(_rich_table(table))


def _rich_table(table: Table) -> object:
    from rich import box  # noqa: PLC0415 - as above
    from rich.table import Table as RichTable  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    printed = format_cells(table)
    grid = RichTable(title=table.caption, title_justify="left", box=box.SIMPLE_HEAD)
    for column, label in zip(printed.columns, table.labels.values(), strict=True):
        right = column in table.formats
        grid.add_column(Text(label), justify="right" if right else "left", overflow="fold")
    for row in printed.itertuples(index=False):
        grid.add_row(*(Text(str(cell)) for cell in row))
    return grid


def _about(table: pd.DataFrame, exporter: str, importer: str) -> pd.DataFrame:
    """Return all that one of the two trades, if anything is stated of both; deals stay apart."""
    pair = {exporter, importer}
    both = table["exporter"].isin(pair) & table["importer"].isin(pair)
    touched = table["exporter"].isin(pair) | table["importer"].isin(pair)
    columns = [column for column in (*COLUMNS, "deal") if column in table.columns]
    return table.loc[touched if both.any() else both, columns]


def _text(findings: Findings) -> Iterator[str]:
    stated, *others = (f'{{{{ table("{table.id}") }}}}' for table in findings.tables)
    figures = [f'{{{{ figure("{figure.id}") }}}}' for figure in findings.figures]
    yield _HEAD
    yield f"{stated}\n"
    yield from _side_by_side([*figures, *others])
    yield _FOOT


def _side_by_side(exhibits: Sequence[str]) -> Iterator[str]:
    """Yield the exhibits in rows of two."""
    for first in range(0, len(exhibits), _IN_A_ROW):
        row = exhibits[first : first + _IN_A_ROW]
        cells = "\n\n".join(f"::: cell\n{exhibit}\n:::" for exhibit in row)
        yield f":::: beside\n{cells}\n::::\n"


def _records(frame: pd.DataFrame) -> list[dict[str, object]]:
    empty = frame.astype(object).where(frame.notna(), None)
    return [{str(key): value for key, value in row.items()} for row in empty.to_dict("records")]
