"""The profile of a pair: found in the catalogue or in files, told in a terminal or on a page."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from pkgutil import resolve_name

import pandas as pd

from flows.countries import country_name
from flows.errors import CountryError, ReportError, SchemaError
from flows.figures.save import render_figure, report_places
from flows.files import write_named
from flows.findings import Findings, Table
from flows.loaders import load, load_source
from flows.origin import given
from flows.report import REPORT_FORMATS
from flows.report.text import render_markdown
from flows.safe_text import show_controls
from flows.sources import list_sources
from flows.studies.profile import IN_FULL, PROFILE
from flows.studies.profile.question import PairQuestion, ask
from flows.table import COLUMNS
from flows.tables.cells import PLAIN, format_cells, format_inline

NAME = "profile"

_HEAD = """---
title: "{{ word('profile.pair') }}"
subtitle: "What is stated in {{ word('profile.place') }}"
---

{{ section('profile.lead') }}
"""
_FOOT = """
::: note
{{ word('profile.mirror') }}Countries that state nothing in {{ word('profile.place') }}:
{{ word('profile.silent') }}; what is not stated is not zero. Older releases, not shown:
{{ word('profile.older') }}. Nothing is added across data sets, reporters, bases or units.
:::
"""
_IN_A_ROW = 2
_ON_A_PAGE = ("lead", "statements", "over_time", "asymmetry", "balance", "partners")
_SHORT = {name: {"short": True} for name in ("statements", "asymmetry", "balance", "partners")}


def profile_pair(
    *,
    exporter: str,
    importer: str,
    files: Sequence[Path] = (),
    layout: str | None = None,
    root: Path | None = None,
) -> PairQuestion:
    """
    Find everything that is stated about a pair of countries.

    Parameters
    ----------
    exporter, importer : str
        Alpha-3 codes.
    files : sequence of pathlib.Path
        The user's own files instead of the catalogue.
    layout : str, optional
        Their layout or description; recognised by default.
    root : pathlib.Path, optional
        Folder of the project whose catalogue is asked where there are no files.

    Returns
    -------
    PairQuestion
        What is stated, and how it moved.

    Raises
    ------
    FlowsError
        If a file cannot be read, nothing is stated about the pair, or a code has no name.
    OSError
        If a file is missing.
    """
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
    pair = ask(given("trade", trade), exporter=exporter, importer=importer, name=NAME)
    _ = pair.dynamics  # the long part, while the command still shows that it works
    return pair


def write_profile(pair: PairQuestion, path: Path) -> None:
    """Write a profile as one page with its figures."""
    if path.suffix.removeprefix(".") not in REPORT_FORMATS:
        *others, last = (f".{kind}" for kind in REPORT_FORMATS)
        raise ReportError(
            f"{path}: expected a file {', '.join(others)} or {last}, found {path.suffix!r}"
        )
    findings = page_of(pair)
    markdown = render_markdown("\n".join(_text(findings)), findings, name=NAME)
    with tempfile.TemporaryDirectory(prefix="flows-profile-") as name:
        folder = Path(name)
        (folder / "figures").mkdir()
        (folder / "references.bib").write_text("", encoding="utf-8")
        places = report_places(findings.figures)
        for figure in findings.figures:
            for file, content in render_figure(figure, places=places).items():
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
        content = page.read_bytes()
    write_named(path, content)


def page_of(pair: PairQuestion) -> Findings:
    """Return what stands on the page: each section in short, and the figures."""
    return PROFILE.answer(pair, parameters=_SHORT, only=_ON_A_PAGE)


def profile_json(pair: PairQuestion) -> dict[str, object]:
    """
    Return a profile for a program.

    Parameters
    ----------
    pair : PairQuestion
        Of :func:`profile_pair`.

    Returns
    -------
    dict
        ``words``, ``tables`` (rows by id) and ``numbers`` (value, unit, bounds and lines by id); a
        missing value is ``None``.

    Raises
    ------
    AttributeError
        If ``pair`` is none.
    """
    findings = PROFILE.answer(pair, only=IN_FULL)
    return {
        "words": {f"{NAME}.{key}": word for key, word in pair.words.items()},
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


def print_profile(pair: PairQuestion, *, width: int | None) -> None:
    """
    Print a profile as text.

    Parameters
    ----------
    pair : PairQuestion
        Of :func:`profile_pair`.
    width : int, optional
        Characters in a line; those of the terminal by default.

    Raises
    ------
    BrokenPipeError
        If nobody reads it.
    """
    from rich.console import Console  # noqa: PLC0415 - not before something is printed
    from rich.text import Text  # noqa: PLC0415 - as above

    findings = PROFILE.answer(pair, only=IN_FULL)
    console = Console(width=width, highlight=False)
    console.print(Text(show_controls(pair.pair), style="bold"))
    words = [findings.words[f"{NAME}.{way}"] for way in ("out", "back")]
    if pair.silent != "none":
        words.append(f"Nothing stated in {pair.place} by: {pair.silent}")
    if pair.older:
        words.append(f"Older releases, not shown: {', '.join(pair.older)}")
    for line in words:
        console.print(Text(show_controls(line)))
    for table in findings.tables:
        console.print()
        console.print(_rich_table(table))


def _rich_table(table: Table) -> object:
    from rich import box  # noqa: PLC0415 - as above
    from rich.table import Table as RichTable  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    printed = format_cells(table)
    title = Text(show_controls(format_inline(table.caption, PLAIN)), style="table.title")
    grid = RichTable(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    for column, label in zip(printed.columns, table.labels.values(), strict=True):
        right = column in table.formats
        heading = Text(show_controls(label))
        grid.add_column(heading, justify="right" if right else "left", overflow="fold")
    for row in printed.itertuples(index=False):
        grid.add_row(*(Text(cell) for cell in row))
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
