"""
The functions of the steps: each reads its files, calls one thing, writes its files.

Studies take a second to import: those of the steps that call them do.
"""

# ruff: noqa: PLC0415 - see above

import json
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any, TypeVar

import pandas as pd

from flows.errors import FlowsError, ReportError, nearest, unknown_name
from flows.figures.save import render_figure, report_places
from flows.findings import Figure, Findings, Number, Table
from flows.loaders import load, load_source
from flows.loaders.parquet import read_parquet, remember_whole
from flows.loaders.sealed import write_parquet
from flows.notation import read_text
from flows.origin import Made, call, noted
from flows.pipeline.graph import ABOUT_SOURCES
from flows.report import NUMBER_FORMATS, page, render
from flows.report.appendices import FIRST, Appendix
from flows.report.attachments import describe_edition
from flows.report.claims_file import read_claims
from flows.report.deposit.datapackage import datapackage_json
from flows.report.deposit.reference import dataset_reference
from flows.report.deposit.styles import format_apa
from flows.report.numbers import read_numbers
from flows.report.text import render_markdown
from flows.sources import Source, list_sources, read_source
from flows.table import join_flows
from flows.tables import TABLE_FORMATS

if TYPE_CHECKING:
    from flows.studies.section import Study

_Exhibit = TypeVar("_Exhibit", Figure, Table)
FindingsFiles = Mapping[str, Any]
"""``values``: path of the JSON file; ``figures``, ``tables``: id to the path of its frame."""


def write_dataset(*, description: Path, files: Sequence[Path], target: Path) -> None:
    """Load the raw files of one data set and keep its table as Parquet."""
    del files
    write_parquet(load_source(read_source(description.parent)), target, index=False)


def write_datapackage(
    *, descriptions: Sequence[Path], tables: Sequence[Path], target: Path
) -> None:
    """Describe all processed tables."""
    sources = [read_source(description.parent) for description in descriptions]
    _write_text(target, datapackage_json(sources, tables))


def write_study(
    *,
    plan: str,
    name: str,
    study: str,
    parameters: Mapping[str, Any],
    sections: Sequence[str] | None,
    of_sections: Mapping[str, Mapping[str, Any]],
    tables: Mapping[str, Path | Sequence[Path]],
    descriptions: Sequence[Path],
    findings: FindingsFiles,
) -> None:
    """Run a study."""
    from flows.studies import STUDIES
    from flows.studies.source_names import name_sources

    data: dict[str, Any] = {
        name: _read_tables(paths).called(name) for name, paths in tables.items()
    }
    sources = _read_sources(descriptions)
    if study == ABOUT_SOURCES:
        data["sources"] = sources
    place = f"{plan}: study {name}"
    if study not in STUDIES:
        known = nearest(study, STUDIES)
        raise ReportError(f"{place}: no kind of study {study!r}; there are: {known}")
    try:
        results = STUDIES[study].find(
            name, data=data, question=parameters, parameters=of_sections, only=sections
        )
    except FlowsError as error:
        raise type(error)(f"{place}: {error}") from error
    except (TypeError, ValueError) as error:
        raise ReportError(f"{place}: {error}") from error
    for kind, made in (("figure", results.figures), ("table", results.tables)):
        if missing := sorted(findings[f"{kind}s"].keys() - {exhibit.id for exhibit in made}):
            reason = _not_made(STUDIES[study], kind, missing[0], results, sections, name=name)
            raise ReportError(f"{place}: no {kind} {missing[0]!r}: {reason}")
    named = results if study == ABOUT_SOURCES else name_sources(results, sources.value)
    write_findings(named, findings)


def _not_made(
    study: "Study",
    kind: str,
    exhibit: str,
    results: Findings,
    sections: Sequence[str] | None,
    *,
    name: str,
) -> str:
    """Return why a study did not make an exhibit: which section would, and what that needs."""
    end = exhibit.removeprefix(f"{name}-")
    for section, about in getattr(study, "about", {}).items():
        if end not in (about.figures if kind == "figure" else about.tables):
            continue
        if sections is not None and section not in sections:
            return f"section {section!r} makes it, which is not among the sections of the study"
        own = f"{name}.{section}."
        reasons = [
            word
            for key, word in results.words.items()
            if key.startswith(own) and key.endswith("refused") and word
        ]
        here = f"; here: {'; '.join(reasons)}" if reasons else ""
        return f"section {section!r} makes it from {about.needs or 'what the data state'}{here}"
    made = results.figures if kind == "figure" else results.tables
    return f"there are: {nearest(exhibit, [other.id for other in made]) or 'none'}"


def write_claims(
    *,
    appendix: str,
    claims: Path,
    references: Path,
    evidence: Sequence[FindingsFiles],
    findings: FindingsFiles,
) -> None:
    """Hold the claims of an appendix against what its studies found."""
    from flows.compare.claims import check_claims
    from flows.studies.claims_table import claims_findings

    numbers = {number.id: number for number in _read_all(evidence).numbers}
    named = {} if appendix == FIRST.name else {"appendix": appendix}
    read = noted(read_claims(claims, references), read_claims, **named)
    known = noted(numbers, read_numbers, **named)
    verdicts = call(check_claims, read.arg, known.arg).called("verdicts")
    place = Appendix(appendix).claims
    write_findings(claims_findings(verdicts, numbers, place=place), findings)


def write_colours(*, findings: Sequence[FindingsFiles], target: Path) -> None:
    """Give each name that a figure draws its colour, the same in all figures of the appendix."""
    places = report_places(figure for files in findings for figure in read_findings(files).figures)
    _write_text(target, json.dumps(places, ensure_ascii=False))


def write_figure(
    *,
    name: str,
    findings: FindingsFiles,
    targets: Mapping[str, Path],
    colours: Path | None = None,
) -> None:
    """Draw one figure, without colours of the appendix in its own."""
    (figure,) = _figures(_read_values(findings), {name: findings["figures"][name]})
    places = json.loads(colours.read_text(encoding="utf-8")) if colours else None
    contents = render_figure(figure, places=places)
    for target in targets.values():
        target.write_bytes(contents[target.name])


def write_table(*, name: str, findings: FindingsFiles, targets: Mapping[str, Path]) -> None:
    """Set one table."""
    (table,) = _tables(_read_values(findings), {name: findings["tables"][name]})
    for kind, target in targets.items():
        _write_text(target, resolve_name(TABLE_FORMATS[kind])(table))


def write_numbers(*, findings: Sequence[FindingsFiles], targets: Mapping[str, Path]) -> None:
    """Write all numbers, for programs and for LaTeX."""
    everything = _read_all(findings)
    for kind, target in targets.items():
        _write_text(target, resolve_name(NUMBER_FORMATS[kind])(everything))


def write_appendix(
    *,
    name: str,
    text: Path,
    references: Path,
    findings: Sequence[FindingsFiles],
    beside: Sequence[Path],
    inputs: Mapping[str, Path],
    parameters: Mapping[str, object],
    targets: Mapping[str, Path],
) -> None:
    """Set the text with its numbers, figures and tables, whose data are attached to the PDF."""
    del beside
    everything = _read_all(findings)
    template = read_text(text)
    sources = [read_source(path.parent) for path in inputs.values() if path.name == "source.toml"]
    citations = [format_apa(dataset_reference(source)) for source in sources]
    markdown = render_markdown(template, everything, name=name, citations=citations)
    folder = targets["html"].parent
    written: dict[str, Any] = {
        "resources": folder,
        "bibliography": references,
        "texts": {name: template, **everything.texts},
        "edition": describe_edition(everything, folder, inputs=inputs, parameters=parameters),
    }
    behind: dict[str, Any] = {"findings": everything, "sources": sources}
    with ThreadPoolExecutor(1) as beside_the_page:  # both wait for programs in C and Haskell
        pdf = beside_the_page.submit(render.write_pdf, markdown, targets["pdf"], **written)
        page.write_page(markdown, targets["html"], **behind, **written)
        page.write_metadata(markdown, targets["metadata"], **behind, edition=written["edition"])
        render.write_docx(markdown, targets["docx"], **written)
    pdf.result()


def _read_tables(paths: Path | Sequence[Path]) -> Made[pd.DataFrame]:
    """Read one table as it is, or several as one flow table, each as the data set that it is."""
    if isinstance(paths, Path):
        return noted(read_frame(paths), load, paths.stem)
    return call(join_flows, [_read_tables(path).arg for path in paths])


def _read_sources(descriptions: Sequence[Path]) -> Made[list[Source]]:
    """Read the descriptions of data sets, which are those of the catalogue."""
    sources = sorted(
        (read_source(description.parent) for description in descriptions),
        key=lambda source: source.id,
    )
    return noted(sources, list_sources, only=[source.id for source in sources])


def _read_all(findings: Sequence[FindingsFiles]) -> Findings:
    return Findings.union([read_findings(files) for files in findings])


def _write_text(target: Path, text: str) -> None:
    target.write_text(text, encoding="utf-8", newline="\n")


def write_findings(findings: Findings, files: FindingsFiles) -> None:
    """Write what a study found: all numbers and words, and the exhibits that have a file."""
    figures = _choose("figure", findings.figures, files["figures"])
    tables = _choose("table", findings.tables, files["tables"])
    for figure in figures:
        _write_frame(figure.data, files["figures"][figure.id])
    for table in tables:
        _write_frame(table.frame, files["tables"][table.id])
    content = {
        "numbers": [_values(number) for number in findings.numbers],
        "words": dict(findings.words),
        "texts": dict(findings.texts),
        "figures": [_values(figure, without="data") for figure in figures],
        "tables": [_values(table, without="frame") for table in tables],
    }
    files["values"].parent.mkdir(parents=True, exist_ok=True)
    files["values"].write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def read_findings(files: FindingsFiles) -> Findings:
    """Read what :func:`write_findings` wrote."""
    content = _read_values(files)
    return Findings(
        numbers=tuple(Number(**_with_rows(entry)) for entry in content["numbers"]),
        words=content["words"],
        texts=content["texts"],
        figures=_figures(content, files["figures"]),
        tables=_tables(content, files["tables"]),
    )


def _read_values(files: FindingsFiles) -> dict[str, Any]:
    path = files["values"]
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ReportError(
            f"{path}: expected what a step of this build wrote, found: {error}; build again"
        ) from error
    return content


def _figures(content: Mapping[str, Any], frames: Mapping[str, Path]) -> tuple[Figure, ...]:
    """Return the figures whose frames are asked for, in the order in which they were made."""
    return tuple(
        Figure(**_with_rows(entry), data=read_frame(frames[entry["id"]]))
        for entry in content["figures"]
        if entry["id"] in frames
    )


def _tables(content: Mapping[str, Any], frames: Mapping[str, Path]) -> tuple[Table, ...]:
    """Return the tables whose frames are asked for, in the order in which they were made."""
    return tuple(
        Table(**_with_rows(entry), frame=read_frame(frames[entry["id"]]))
        for entry in content["tables"]
        if entry["id"] in frames
    )


def read_frame(path: Path) -> pd.DataFrame:
    """Read a table of the build; what a processed data set makes up is known from then on."""
    frame = read_parquet(path)
    remember_whole(frame)
    frame.attrs.pop("scope", None)
    return frame


def _choose(
    kind: str, made: Iterable[_Exhibit], wanted: Mapping[str, Path]
) -> tuple[_Exhibit, ...]:
    by_id = {exhibit.id: exhibit for exhibit in made}
    for name in wanted:
        if name not in by_id:
            raise ReportError(f"the study did not make it: {unknown_name(kind, name, by_id)}")
    return tuple(by_id[name] for name in wanted)


def _write_frame(frame: pd.DataFrame, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_parquet(frame, path)


def _values(item: Number | Figure | Table, *, without: str = "") -> dict[str, object]:
    return {
        field.name: dict(value) if isinstance(value, Mapping) else value
        for field in fields(item)
        if field.name != without
        for value in [getattr(item, field.name)]
    }


def _with_rows(entry: dict[str, Any]) -> dict[str, Any]:
    """Return an entry with tuples where JSON has lists."""
    exact = entry["exact"]
    return {
        **entry,
        "rows": {name: tuple(lines) for name, lines in entry["rows"].items()},
        "exact": tuple(exact) if isinstance(exact, list) else exact,
        **({"code": tuple(entry["code"])} if "code" in entry else {}),
    }
