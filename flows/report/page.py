"""
The page of a report: its text, and the evidence that any number or exhibit in it opens.

One file that asks nothing of the network: a policy in its head lets no script run but its own. What
a script adds (evidence beside the text, choices, sorted tables) is there without it too, as
lists, links and files beside the page.
"""

import base64
import hashlib
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from flows.files import replace_file
from flows.findings import Figure, Findings, Table
from flows.report import APPENDIX_FILES
from flows.report.deposit.content import raw_files
from flows.report.deposit.reference import dataset_reference, text_reference
from flows.report.deposit.styles import format_apa
from flows.report.edition import Edition
from flows.report.evidence import rows_by_run, split_lines
from flows.report.render import set_html
from flows.results import line_runs
from flows.safe_text import safe_json, shown
from flows.sources import Source
from flows.tables.cells import PLAIN, format_inline

_PAGE = APPENDIX_FILES["html"]
_SCRIPT = Path(__file__).parent / "templates" / "page.js"

_WHOLE = 150_000
"""Bytes of a raw file that a page carries whole."""

_NEAR = range(-2, 3)
"""Of a larger file, the lines that something on the page rests on and their neighbours."""

_QUOTED = 24
"""Lines that a number or an exhibit quotes of a file that may not be passed on."""

_SHOWN = re.compile(r"\{#((?:fig|tbl|claim)-[\w.-]+)")
_NUMBER = re.compile(r'data-id="([\w.-]+)"')
_DRAWING = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
_COLOUR = re.compile(r"#[0-9a-f]{6}\b")


def write_page(
    markdown: str,
    path: Path,
    *,
    findings: Findings,
    sources: Sequence[Source],
    resources: Path,
    bibliography: Path,
    texts: Mapping[str, str],
    edition: Edition,
) -> None:
    """
    Write a report as a page whose numbers and exhibits open their evidence.

    ``findings``: all that the text may show; ``sources``: the data sets behind them;
    ``resources``: folder of the figures and tables, which lie beside the page.
    """
    page = set_html(
        markdown,
        resources=resources,
        bibliography=bibliography,
        texts=texts,
        form="page",
        edition=edition,
    )
    metadata = page_metadata(markdown, findings, sources, edition)
    evidence = shown(page_evidence(markdown, findings, sources, edition))
    replace_file(path, _assemble(page.decode(), evidence, metadata).encode())


def write_metadata(
    markdown: str,
    path: Path,
    *,
    findings: Findings,
    sources: Sequence[Source],
    edition: Edition,
) -> None:
    """Write what stands in the head of the page, for programs, as a file beside it."""
    metadata = page_metadata(markdown, findings, sources, edition)
    content = safe_json(metadata, indent=1)
    replace_file(path, f"{content}\n".encode())


def _assemble(page: str, evidence: Mapping[str, Any], metadata: Mapping[str, Any]) -> str:
    script = _SCRIPT.read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    head = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    scripts = (
        f'<script type="application/ld+json">{_inside_script(metadata)}</script>\n'
        f'<script type="application/json" id="evidence-data">{_inside_script(evidence)}</script>\n'
        f"<script>{script}</script>\n"
    )
    page = _DRAWING.sub(lambda drawing: _COLOUR.sub(_as_variable, drawing[0]), page)
    if 'class="claim"' not in page:  # then it is the abstract that answers
        page = page.replace('<details class="abstract">', '<details class="abstract" open>', 1)
    before, end, after = page.rpartition("</body>")
    return before.replace("<head>", f"<head>\n{head}", 1) + scripts + end + after


def _as_variable(colour: re.Match[str]) -> str:
    """Let a page say what becomes of a colour of its figures where the background is dark."""
    return f"var(--c{colour[0][1:]},{colour[0]})"


def _inside_script(content: Mapping[str, Any]) -> str:
    """Return JSON that ends no element, whatever its texts say."""
    text = safe_json(content, separators=(",", ":"))
    return text.replace("<", r"\u003c")


def _shown(markdown: str) -> set[str]:
    """Return the ids of the exhibits, claims and numbers that a text shows."""
    numbers = (f"number-{name}" for name in _NUMBER.findall(markdown))
    return {*_SHOWN.findall(markdown), *numbers}


def page_metadata(
    markdown: str, findings: Findings, sources: Sequence[Source], edition: Edition
) -> dict[str, Any]:
    """Return what a page holds in the words of schema.org, each part with its address."""
    there = _shown(markdown)
    return {
        "@context": "https://schema.org",
        "@type": "Report",
        "name": text_reference(markdown, sources).title,
        "identifier": edition.label,
        "url": _PAGE,
        "isBasedOn": [_data_set(source) for source in sources],
        "hasPart": [
            {
                "@type": "Dataset",
                "@id": "numbers.json",
                "name": "Every number of the report: value, bounds, unit, code, lines of raw files",
                "encodingFormat": "application/json",
            },
            *_described_exhibits(findings, there),
            *_reviews(findings, there),
        ],
    }


def _data_set(source: Source) -> dict[str, str]:
    reference = dataset_reference(source)
    return {
        "@type": "Dataset",
        "@id": source.id,
        "name": source.title,
        "publisher": source.publisher,
        "version": source.vintage,
        "license": source.licence,
        "url": reference.link,
    }


def _described_exhibits(findings: Findings, there: set[str]) -> Iterator[dict[str, Any]]:
    for name, exhibit in _exhibits(findings).items():
        if name in there:
            yield {
                "@type": "Dataset",
                "@id": f"{_PAGE}#{name}",
                "name": format_inline(exhibit.caption, PLAIN),
                "isBasedOn": sorted(exhibit.rows),
                "distribution": {
                    "@type": "DataDownload",
                    "contentUrl": _csv_of(exhibit),
                    "encodingFormat": "text/csv",
                },
            }


def _reviews(findings: Findings, there: set[str]) -> Iterator[dict[str, Any]]:
    """Yield the verdicts on published sentences that the page shows."""
    for table in findings.tables:
        if table.id != "claims":
            continue
        for claim in table.frame.to_dict("records"):
            places = (f"claim-{claim['claim']}", f"tbl-{table.id}")
            if address := next((place for place in places if place in there), ""):
                yield {
                    "@type": "ClaimReview",
                    "@id": f"{_PAGE}#{address}",
                    "claimReviewed": claim["quote"],
                    "itemReviewed": {"@type": "Claim", "appearance": claim["citation"]},
                    "reviewRating": {"@type": "Rating", "alternateName": claim["verdict"]},
                    "reviewBody": claim["wording"],
                }


def page_evidence(
    markdown: str, findings: Findings, sources: Sequence[Source], edition: Edition
) -> dict[str, Any]:
    """Return what a page looks up: its exhibits with their data, the data sets with their lines."""
    there = _shown(markdown)
    exhibits = {name: made for name, made in _exhibits(findings).items() if name in there}
    numbers = [number for number in findings.numbers if f"number-{number.id}" in there]
    evidence = [*exhibits.values(), *numbers]
    used = {source.id: [item.rows.get(source.id, ()) for item in evidence] for source in sources}
    return {
        "citation": f"{format_apa(text_reference(markdown, sources))} {edition.label}.",
        "exhibits": {name: _evidence_of(exhibit) for name, exhibit in exhibits.items()},
        "sources": {
            source.id: {**_about(source), **_lines_of(source, used[source.id])}
            for source in sources
            if any(used[source.id])
        },
    }


def _exhibits(findings: Findings) -> dict[str, Figure | Table]:
    """Return figures and tables by their address on the page."""
    return {
        **{f"fig-{figure.id}": figure for figure in findings.figures},
        **{f"tbl-{table.id}": table for table in findings.tables},
    }


def _csv_of(exhibit: Figure | Table) -> str:
    return f"{'figures' if isinstance(exhibit, Figure) else 'tables'}/{exhibit.id}.csv"


def _evidence_of(exhibit: Figure | Table) -> dict[str, Any]:
    evidence: dict[str, Any] = {"csv": _csv_of(exhibit), "rows": rows_by_run(exhibit.rows)}
    if isinstance(exhibit, Figure):
        cells = exhibit.data.itertuples(index=False, name=None)
        evidence["columns"] = [str(name) for name in exhibit.data.columns]
        evidence["data"] = [[_cell(cell) for cell in row] for row in cells]
        if exhibit.draw == "draw_choices":
            evidence["choices"] = dict(exhibit.options)
    return evidence


def _cell(cell: Any) -> str | float | bool | None:
    """Return a cell as JSON has it, and as the CSV beside it prints it."""
    if pd.isna(cell):
        return None
    if isinstance(cell, bool | str):
        return cell
    if hasattr(cell, "strftime"):
        return f"{cell:%Y-%m-%d}"
    if hasattr(cell, "item"):
        return _cell(cell.item())
    if isinstance(cell, int) or (isinstance(cell, float) and math.isfinite(cell)):
        return cell
    return str(cell)


def _about(source: Source) -> dict[str, str]:
    reference = dataset_reference(source)
    return {
        "title": source.title,
        "publisher": source.publisher,
        "release": source.vintage,
        "terms": source.licence,
        "address": reference.link,
    }


def _lines_of(source: Source, used: Sequence[tuple[int, ...]]) -> dict[str, Any]:
    """Return the lines of the raw file that the page may and can show, by the first of each run."""
    contents = {path.name: path.read_bytes() for path in source.tables}
    if len(contents) == 1 and source.tables[0].suffix == ".gz":
        return {"note": "Its rows are lines inside of a packed file: flows trace prints them."}
    if len(contents) != 1 or any(b"\0" in content for content in contents.values()):
        return {"note": "Its rows are not the lines of one text file."}
    ((name, content),) = contents.items()
    every = split_lines(content)
    (file,) = (file for file in raw_files(source) if file.rpartition("/")[2] == name)
    lines = {
        first: every[first - 1 : last]
        for first, last in line_runs(_carried(source, content, len(every), used))
    }
    quoted = {} if source.redistribute else {"note": "Its terms let this page quote a few lines."}
    return {"file": file, "total": len(every), "lines": lines, **quoted}


def _carried(
    source: Source, content: bytes, total: int, used: Sequence[tuple[int, ...]]
) -> Iterable[int]:
    """Return which lines of a raw file the page carries."""
    if not source.redistribute:
        return sorted({1, *(line for wanted in used for line in wanted[:_QUOTED])})
    if len(content) <= _WHOLE:
        return range(1, total + 1)
    near = {line + step for wanted in used for line in wanted for step in _NEAR}
    return sorted(line for line in {1, *near} if 1 <= line <= total)
