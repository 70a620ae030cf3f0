"""Whether the README of a bundle is true of it, and what its report prints is found by it."""

import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from flows.notation import parse_json, parse_toml
from flows.pipeline.bundles.contents import FACTS
from flows.pipeline.bundles.exhibits import MAP, Mapped, Page, read_exhibits_csv, read_page
from flows.pipeline.bundles.readme import NOT_MEASURED, plain
from flows.report.appendices import Appendix
from flows.report.deposit.reference import dataset_reference
from flows.report.deposit.styles import format_apa
from flows.report.edition import build_label, build_number
from flows.sources import parse_source

Files = Mapping[str, bytes]
Faults = Iterator[str]

_HEADINGS = (
    "Overview",
    "Data availability and provenance",
    "Statement about rights",
    "Summary of availability",
    "Details on each data set",
    "List of data sets",
    "Computational requirements",
    "Controlled randomness",
    "Time, memory and storage",
    "Description of programs",
    "Instructions to replicators",
    "List of exhibits",
    "Use of generative models",
    "References",
)
"""What the Social Science Data Editors' template asks a README for, and how ours say it."""

_EMBEDDED = re.compile(rb"/Type ?/EmbeddedFile.*?stream\r?\n(.*?)endstream", re.DOTALL)
_SEED = re.compile(r"\brng=(\d+)")


def scan_readme(files: Files) -> Faults:
    """Look for headings, and hold the PDF to the text, which lies inside it."""
    text = files.get("README.md", b"")
    if not text:
        yield "README.md: none"
    headings = re.findall(r"^#+ (.*)$", text.decode("utf-8"), re.MULTILINE)
    yield from (f"README.md: no heading {part!r}" for part in _HEADINGS if part not in headings)
    if "README.pdf" not in files:
        yield "README.pdf: none"
    elif text not in _attached(files["README.pdf"]):
        yield "README.pdf: is not made of this README.md"


def scan_citations(files: Files) -> Faults:
    """Hold the words by which README and page cite each data set to those of flows cite."""
    appendix = find_appendix_of(files)
    readme = plain(files.get("README.md", b"").decode("utf-8"))
    page = _page(files).words
    for name in sorted(name for name in files if re.fullmatch(r"data/raw/.*/source\.toml", name)):
        source = parse_source(parse_toml(files[name].decode("utf-8")), Path(name).parent)
        citation = format_apa(dataset_reference(source))
        if citation not in readme:
            yield f"README.md: does not cite {source.id} in the words of flows cite"
        if citation not in page:
            yield (
                f"{appendix.page}: does not cite {source.id} in the words of flows cite "
                "({{ citations() }} in the text)"
            )


def scan_map(files: Files) -> Faults:
    """Look for exhibits and printed numbers without a program and line that are here."""
    rows = read_exhibits_csv(files[MAP].decode("utf-8")) if MAP in files else []
    if not rows:
        yield f"{MAP}: none"
    mapped = {row.output_files.partition("; ")[0].rpartition(".")[0] for row in rows}
    yield from (f"{MAP}: nothing makes {name}" for name in list_exhibits(files) - mapped)
    numbers = {row.name: row for row in rows if row.kind == "number"}
    page = _page(files)
    yield from (f"{MAP}: no number {name}" for name in page.numbers if name not in numbers)
    for row in numbers.values():
        if not row.code:
            yield f"number {row.name}: no code"
        if not row.text:
            yield f"number {row.name}: no line of the text prints it"
    known = parse_json(files[find_appendix_of(files).numbers])
    yield from (f"number {name}: no code" for name, number in known.items() if not number["code"])
    for row in rows:
        yield from _faults_of_row(row, files)


def _faults_of_row(row: Mapped, files: Files) -> Faults:
    places = [str(row.place), *(place for place in row.text.split("; ") if place)]
    if row.kind == "number":
        places.append(row.output_files)
    else:
        missing = (name for name in row.output_files.split("; ") if name not in files)
        yield from (f"{row.kind} {row.name}: {name} is not here" for name in missing)
    for place in places:
        file, _, line = place.rpartition(":")
        if not 1 <= int(line) <= len(files.get(file, b"").splitlines()):
            yield f"{row.kind} {row.name}: no line {place}"


def scan_resources(files: Files) -> Faults:
    """Look for seeds that the README does not name with their lines, and for measured figures."""
    readme = files.get("README.md", b"").decode("utf-8")
    appendix = find_appendix_of(files)
    numbers = files[appendix.numbers].decode("utf-8")
    rows = re.findall(r"^\| (\d+) \| `(.+?)` \| (\d+) \|", readme, re.MULTILINE)
    listed = {seed for seed, *_ in rows}
    for seed in sorted({*_SEED.findall(numbers)} - listed, key=int):
        yield f"README.md: does not say where the seed {seed} stands"
    for seed, file, line in rows:
        lines = files.get(file, b"").decode("utf-8").splitlines()
        if not (1 <= int(line) <= len(lines) and seed in lines[int(line) - 1]):
            yield f"{file}:{line}: not the seed {seed}"
    if NOT_MEASURED in readme:
        yield (
            f"README.md: time, memory and storage are {NOT_MEASURED} (flows verify "
            f"{appendix.name} --measure, once the report is built)"
        )


def scan_builds(files: Files) -> Faults:
    """Hold the build that the report prints to that of the bundle and of the README."""
    facts, appendix = read_facts(files), find_appendix_of(files)
    build = facts.get("build", "")
    label = build_label(facts["software"]["version"], build)
    held: Sequence[tuple[str, Callable[[], bool]]] = (
        ("README.md", lambda: label in files.get("README.md", b"").decode("utf-8")),
        (appendix.page, lambda: label in _page(files).words),
        (
            appendix.file("appendix.pdf"),
            lambda: build in _builds_of(files.get(appendix.file("appendix.pdf"), b"")),
        ),
    )
    yield from (f"{name}: is not of {label}" for name, is_of in held if not is_of())


def _builds_of(pdf: bytes) -> list[str]:
    """Return the numbers of the files inside a PDF; that of its record stands on page one."""
    return [build_number(content) for content in _attached(pdf)]


def _attached(pdf: bytes) -> list[bytes]:
    """Return the files inside a PDF."""
    contents = []
    for stream in _EMBEDDED.findall(pdf):
        try:
            # It ends where its own form says: its last byte may look like the end of a line.
            contents.append(zlib.decompressobj().decompress(stream))
        except zlib.error:
            contents.append(stream.removesuffix(b"\n").removesuffix(b"\r"))
    return contents


def read_facts(files: Files) -> Mapping[str, Any]:
    """Return the facts of a bundle."""
    facts: Mapping[str, Any] = parse_json(files[FACTS])
    return facts


def find_appendix_of(files: Files) -> Appendix:
    """Return the appendix that a bundle is of."""
    return Appendix(read_facts(files)["appendix"])


def list_exhibits(files: Files) -> set[str]:
    """Return the figures and tables, without their endings."""
    folder = find_appendix_of(files).folder
    kinds = {f"{folder}/figures": ".png", f"{folder}/tables": ".tex"}
    return {
        name.removesuffix(path.suffix)
        for name in files
        if (path := PurePosixPath(name)).suffix == kinds.get(path.parent.as_posix())
    }


def _page(files: Files) -> Page:
    return read_page(files.get(find_appendix_of(files).page, b"").decode("utf-8"))
