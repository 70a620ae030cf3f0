"""The edition of a report from its parts: data of exhibits, numbers, and what went in."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from flows import __version__
from flows.findings import Findings
from flows.report.edition import Attachment, Edition
from flows.sources import file_sha256
from flows.tables.cells import PLAIN, format_inline


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
    record = {
        "flows": __version__,
        "inputs": {name: file_sha256(path) for name, path in inputs.items()},
        "parameters": parameters,
        "results": {made.name: hashlib.sha256(made.content).hexdigest() for made in results},
    }
    text = json.dumps(record, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    return Edition(text.encode(), results)


def _exhibits(findings: Findings, folder: Path) -> Iterator[Attachment]:
    """Yield the data of each figure and table; a figure and a table may have one id."""
    for kind, exhibits in (("figure", findings.figures), ("table", findings.tables)):
        for exhibit in exhibits:
            content = (folder / f"{kind}s" / f"{exhibit.id}.csv").read_bytes()
            described = f"Data of the {kind}: {format_inline(exhibit.caption, PLAIN)}"
            yield Attachment(f"{kind}-{exhibit.id}.csv", content, "data", described)


def _numbers(folder: Path) -> Attachment:
    described = "Every number of the report: value, bounds, unit, code, and lines of the raw files"
    return Attachment(
        "numbers.json", (folder / "numbers.json").read_bytes(), "supplement", described
    )
