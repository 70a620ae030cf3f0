"""The functions of the steps: each reads its files, calls one thing, writes its files."""

import inspect
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from flows.compare.claims import check_claims
from flows.errors import FlowsError, ReportError
from flows.figures import render_figure
from flows.findings import Findings
from flows.loaders import load_source
from flows.pipeline.archive import FindingsFiles, read_findings, read_frame, write_findings
from flows.pipeline.datapackage import datapackage_json
from flows.pipeline.steps import unknown_name
from flows.report.claims import read_claims
from flows.report.macros import numbers_tex
from flows.report.numbers import numbers_json
from flows.report.render import write_docx, write_html, write_pdf
from flows.report.text import render_markdown
from flows.sources import read_source
from flows.studies import STUDIES
from flows.studies.claims import claims_findings
from flows.studies.section import Study
from flows.table import join_flows
from flows.tables import table_csv, table_html, table_tex, table_typst


def write_dataset(*, description: Path, files: Sequence[Path], target: Path) -> None:
    """
    Load the raw files of one data set and keep its table as Parquet.

    Parameters
    ----------
    description : pathlib.Path
        Its ``source.toml``.
    files : sequence of pathlib.Path
        Its raw files; named so that a change of them is seen.
    target : pathlib.Path
        The Parquet file.

    Raises
    ------
    FlowsError
        As :func:`flows.loaders.load`.
    """
    del files
    load_source(read_source(description.parent)).to_parquet(target, index=False)


def write_datapackage(
    *, descriptions: Sequence[Path], tables: Sequence[Path], target: Path
) -> None:
    """
    Describe all processed tables.

    Parameters
    ----------
    descriptions, tables : sequence of pathlib.Path
        The ``source.toml`` and the Parquet file of each data set.
    target : pathlib.Path
        ``datapackage.json``.

    Raises
    ------
    SourceError
        If a description is not complete.
    """
    sources = [read_source(description.parent) for description in descriptions]
    _write_text(target, datapackage_json(sources, tables))


def write_study(
    *,
    name: str,
    study: str,
    parameters: Mapping[str, Any],
    sections: Sequence[str] | None,
    of_sections: Mapping[str, Mapping[str, Any]],
    tables: Mapping[str, Path | Sequence[Path]],
    descriptions: Sequence[Path],
    findings: FindingsFiles,
) -> None:
    """
    Run a study.

    Parameters
    ----------
    name : str
        Id of the instance; the study puts it before every id.
    study : str
        Key of ``flows.studies.STUDIES``.
    parameters : Mapping
        Arguments of its question besides the tables.
    sections : sequence of str, optional
        Sections that are made; by default all.
    of_sections : Mapping
        Section to its own arguments.
    tables : Mapping
        Argument to a processed table, or to several that are put under one another.
    descriptions : sequence of pathlib.Path
        The ``source.toml`` files that a study of the sources themselves is about.
    findings : Mapping
        Files to write; see :func:`flows.pipeline.archive.write_findings`.

    Raises
    ------
    ReportError
        If there is no such study, or its parameters are not what it takes.
    FlowsError
        If the data are not as the study needs them.
    """
    data: dict[str, Any] = {name: _read_tables(paths) for name, paths in tables.items()}
    if descriptions:
        data["sources"] = [read_source(description.parent) for description in descriptions]
    place = f"reports/appendix.toml: study {name}"
    if study not in STUDIES:
        raise ReportError(f"{place}: {unknown_name('kind of study', study, STUDIES)}")
    try:
        found = _find(
            STUDIES[study],
            name=name,
            data=data,
            parameters=parameters,
            sections=sections,
            of_sections=of_sections,
        )
    except FlowsError:
        raise
    except (TypeError, ValueError) as error:
        raise ReportError(f"{place}: {error}") from error
    write_findings(found, findings)


def write_claims(
    *,
    claims: Path,
    references: Path,
    evidence: Sequence[FindingsFiles],
    findings: FindingsFiles,
) -> None:
    """
    Hold the claims of a report against what its studies found.

    Parameters
    ----------
    claims, references : pathlib.Path
        Hand-written.
    evidence : sequence of Mapping
        Files of every study.
    findings : Mapping
        Files to write; see :func:`flows.pipeline.archive.write_findings`.

    Raises
    ------
    FlowsError
        As :func:`flows.pipeline.claims.check_report_claims`.
    """
    numbers = {number.id: number for number in _read_all(evidence).numbers}
    verdicts = check_claims(read_claims(claims, references), numbers)
    write_findings(claims_findings(verdicts, numbers), findings)


def write_figure(*, name: str, findings: FindingsFiles, targets: Mapping[str, Path]) -> None:
    """
    Draw one figure.

    Parameters
    ----------
    name : str
        Its id.
    findings : Mapping
        Files of the study that made it.
    targets : Mapping
        Kind to file.

    Raises
    ------
    FlowsError
        As :func:`flows.figures.render_figure`.
    """
    figure = next(one for one in read_findings(findings).figures if one.id == name)
    contents = render_figure(figure)
    for target in targets.values():
        target.write_bytes(contents[target.name])


def write_table(*, name: str, findings: FindingsFiles, targets: Mapping[str, Path]) -> None:
    """
    Set one table.

    Parameters
    ----------
    name : str
        Its id.
    findings : Mapping
        Files of the study that made it.
    targets : Mapping
        Kind to file.

    Raises
    ------
    ReportError
        If a column that shall be printed is missing.
    """
    table = next(one for one in read_findings(findings).tables if one.id == name)
    printers = {"csv": table_csv, "tex": table_tex, "html": table_html, "typ": table_typst}
    for kind, target in targets.items():
        _write_text(target, printers[kind](table))


def write_numbers(*, findings: Sequence[FindingsFiles], targets: Mapping[str, Path]) -> None:
    """
    Write all numbers, for programs and for LaTeX.

    Parameters
    ----------
    findings : sequence of Mapping
        Files of every study.
    targets : Mapping
        ``json`` and ``tex``.

    Raises
    ------
    ReportError
        If two studies have a number of the same id.
    """
    everything = _read_all(findings)
    _write_text(targets["json"], numbers_json(everything))
    _write_text(targets["tex"], numbers_tex(everything))


def write_appendix(
    *,
    text: Path,
    references: Path,
    findings: Sequence[FindingsFiles],
    beside: Sequence[Path],
    targets: Mapping[str, Path],
) -> None:
    """
    Set the text with its numbers, figures and tables.

    Parameters
    ----------
    text, references : pathlib.Path
        Hand-written.
    findings : sequence of Mapping
        Files of every study.
    beside : sequence of pathlib.Path
        What the text can show or read: all that is made before it in the folder of the targets.
    targets : Mapping
        ``pdf``, ``html`` and ``docx``.

    Raises
    ------
    ReportError
        If the text refers to something that no study found; names its line.
    """
    del beside
    everything = _read_all(findings)
    markdown = render_markdown(text.read_text(encoding="utf-8"), everything, name=text.name)
    writers = {"pdf": write_pdf, "html": write_html, "docx": write_docx}
    for kind, target in targets.items():
        writers[kind](markdown, target, resources=target.parent, bibliography=references)


def _find(
    study: Any,
    *,
    name: str,
    data: Mapping[str, Any],
    parameters: Mapping[str, Any],
    sections: Sequence[str] | None,
    of_sections: Mapping[str, Mapping[str, Any]],
) -> Findings:
    if isinstance(study, Study):
        return study.find(
            name, data=data, question=parameters, parameters=of_sections, only=sections
        )
    given = {**data, **parameters, "name": name}
    inspect.signature(study).bind(**given)
    found: Findings = study(**given)
    return found


def _read_tables(paths: Path | Sequence[Path]) -> pd.DataFrame:
    """Read one table as it is, or several as one flow table."""
    if isinstance(paths, Path):
        return read_frame(paths)
    return join_flows([read_frame(path) for path in paths])


def _read_all(findings: Sequence[FindingsFiles]) -> Findings:
    return Findings.union([read_findings(files) for files in findings])


def _write_text(target: Path, text: str) -> None:
    target.write_text(text, encoding="utf-8", newline="\n")
