"""The edition of a report from its parts: data of exhibits, numbers, and what went in."""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Literal

from flows.findings import Figure, Findings, Table
from flows.report.appendices import Appendix
from flows.report.edition import Attachment, Edition, attached_name, build_number, build_record
from flows.report.manifest import Manifest
from flows.sources import file_sha256
from flows.tables.cells import PLAIN, format_inline

_KINDS: tuple[Literal["figure", "table"], ...] = ("figure", "table")


def describe_edition(
    findings: Findings,
    folder: Path,
    *,
    inputs: Mapping[str, Path],
    parameters: Mapping[str, object],
) -> Edition:
    """
    Return which build a report is of.

    ``folder``: where its figures, tables and ``numbers.json`` lie; ``inputs``: name below the
    project to file: raw files, their descriptions, and what a person wrote; ``parameters``: of each
    study.
    """
    results = (*_exhibits(findings, folder), _numbers(folder))
    record = build_record(
        {name: file_sha256(path) for name, path in inputs.items()},
        parameters,
        {made.name: hashlib.sha256(made.content).hexdigest() for made in results},
    )
    return Edition(record, results)


def build_of(manifest: Manifest, appendix: Appendix) -> str:
    """Return the number of the build that a manifest is of: the one on the first page."""
    outputs = {name: output.sha256 for name, output in manifest.outputs.items()}
    results = {
        attached_name(kind, path.stem): digest
        for kind in _KINDS
        for name, digest in outputs.items()
        for path in [PurePosixPath(name)]
        if path.suffix == ".csv" and path.parent.as_posix() == appendix.file(f"{kind}s")
    }
    numbers = PurePosixPath(appendix.numbers)
    if appendix.numbers in outputs:
        results[numbers.name] = outputs[appendix.numbers]
    return build_number(build_record(manifest.inputs, manifest.parameters, results))


def _exhibits(findings: Findings, folder: Path) -> Iterator[Attachment]:
    """Yield the data of each figure and table; a figure and a table may have one id."""
    made: dict[Literal["figure", "table"], tuple[Figure | Table, ...]] = {
        "figure": findings.figures,
        "table": findings.tables,
    }
    for kind, exhibits in made.items():
        for exhibit in exhibits:
            content = (folder / f"{kind}s" / f"{exhibit.id}.csv").read_bytes()
            described = f"Data of the {kind}: {format_inline(exhibit.caption, PLAIN)}"
            yield Attachment(attached_name(kind, exhibit.id), content, "data", described)


def _numbers(folder: Path) -> Attachment:
    described = "Every number of the report: value, bounds, unit, code, and lines of the raw files"
    return Attachment(
        "numbers.json", (folder / "numbers.json").read_bytes(), "supplement", described
    )
