"""The README of a bundle: what data editors ask for, from what the bundle knows of itself."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flows.pipeline.bundles.chance import Seed
from flows.pipeline.bundles.exhibits import MAP, Mapped
from flows.pipeline.measured import Measured
from flows.report import render
from flows.report.appendices import Appendix
from flows.report.deposit.content import Deposit, processed_file, raw_files
from flows.report.deposit.reference import dataset_reference
from flows.report.deposit.styles import format_apa
from flows.report.edition import Attachment, build_label
from flows.report.manifest import LIBRARIES
from flows.results import print_count
from flows.safe_text import one_line
from flows.sources import Source

NOT_MEASURED = "not measured"

_MARKUP = re.compile(
    r"[\\`*<>$^~|]|&(?=[#\w]+;)|(?<!\w)@|\](?=[(\[])|(?<![^\W_])_|_(?![^\W_])|:(?=[\w+-]+:)|\A[-+#=]"
)
_ESCAPED = re.compile(r"\\([\\`*<>$^~|&@\]_:+#=-])")
_HEADING = re.compile(r"\A# (.*)\n")
_HIGHER = re.compile(r"^#(?=#+ )", re.MULTILINE)
"""What a heading loses where the title is none of them."""

_PINNED = re.compile(r"^([\w.-]+)==(\S+)", re.MULTILINE)

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_TIMES = (
    (10 * _MINUTE, "under 10 minutes"),
    (_HOUR, "10 to 60 minutes"),
    (2 * _HOUR, "1 to 2 hours"),
    (8 * _HOUR, "2 to 8 hours"),
    (_DAY, "8 to 24 hours"),
    (3 * _DAY, "1 to 3 days"),
    (14 * _DAY, "3 to 14 days"),
)
_SIZES = (
    (25e6, "under 25 MB"),
    (250e6, "25 MB to 250 MB"),
    (2e9, "250 MB to 2 GB"),
    (25e9, "2 GB to 25 GB"),
    (250e9, "25 GB to 250 GB"),
)
"""Classes in which data editors ask for time and storage."""

_PROGRAMS = {
    "main.py": "the one program to run: hashes, installation, `flows verify`",
    "code/flows/loaders/": "reads the files of each publisher into tables of one form",
    "code/flows/measure/": "shares, concentration, series, bounds",
    "code/flows/models/": "trends, breaks, intervals",
    "code/flows/compare/": "two statements of one flow, two releases of one data set, claims",
    "code/flows/figures/": "draws the figures",
    "code/flows/tables/": "sets the tables",
    "code/flows/report/": "fills the text and sets the pages",
    "code/flows/pipeline/tasks.py": "the steps of the build, which `flows build` runs in order",
}


@dataclass(frozen=True, slots=True)
class Contents:
    """
    What a README describes.

    ``facts``: those of ``bundle.json``; ``exhibits``: the map; ``studies``: id of each study of the
    plan to its kind; ``requirements``: text of ``requirements.txt``; ``size``: bytes of the other
    files; ``measured``: none where nobody has measured.
    """

    appendix: Appendix
    deposit: Deposit
    facts: Mapping[str, Any]
    exhibits: Sequence[Mapped]
    seeds: Sequence[Seed]
    studies: Mapping[str, str]
    requirements: str
    size: int
    measured: Measured | None


def readme(contents: Contents) -> str:
    """Return what a person reads first."""
    deposit, facts = contents.deposit, contents.facts
    text = files(__package__).joinpath("readme.md").read_text(encoding="utf-8")
    return text.format(
        title=literal(deposit.appendix.title),
        authors=literal(", ".join(author.name for author in deposit.appendix.authors)),
        date=deposit.date,
        label=build_label(facts["software"]["version"], facts["build"]),
        pdf=contents.appendix.file("appendix.pdf"),
        overview="\n\n".join(_overview(contents)),
        rights="\n".join(_rights(deposit)),
        availability="\n\n".join(_availability(deposit)),
        entries="\n".join(line for source in deposit.sources for line in _entry(source, facts)),
        datasets="\n".join(_datasets(deposit)),
        software="\n\n".join(_software(contents)),
        seeds="\n".join(_seeds(contents)),
        resources="\n\n".join(_resources(contents)),
        programs="\n".join(_programs(contents)),
        instructions="\n".join(_instructions(contents)),
        exhibits="\n".join(_exhibits(contents)),
        references="\n\n".join(
            literal(format_apa(reference))
            for reference in (
                deposit.appendix,
                deposit.software,
                *map(dataset_reference, deposit.sources),
            )
        ),
    )


def readme_pdf(text: str) -> bytes:
    """Return a README as PDF, with its Markdown inside; the same text gives the same bytes."""
    heading = _HEADING.match(text)
    title, body = (heading[1], text[heading.end() :]) if heading else ("README", text)
    quoted = title.replace("\\", "\\\\").replace('"', '\\"')
    attached = Attachment("README.md", text.encode(), "supplement", "The same text as Markdown")
    with TemporaryDirectory(prefix="flows-readme-") as name:
        folder = Path(name)
        (folder / "references.bib").touch()
        render.write_pdf(
            f'---\ntitle: "{quoted}"\n---\n{_for_pages(body)}',
            folder / "README.pdf",
            resources=folder,
            bibliography=folder / "references.bib",
            texts={"README.md": text},
            attachments=(attached,),
        )
        return (folder / "README.pdf").read_bytes()


def _for_pages(text: str) -> str:
    """Return Markdown as it is set: headings one level higher, references as references are."""
    before, heading, references = _HIGHER.sub("", text).partition("\n# References\n")
    return f"{before}{heading}\n::: references\n{references}\n:::\n" if heading else before


def literal(text: str) -> str:
    r"""
    Return plain text so that Markdown prints it as it is, in most cases unchanged.

    >>> print(literal("Trade [Data set: a*b], https://example.org/A_B"))
    Trade [Data set: a\*b], https://example.org/A_B
    """
    return _MARKUP.sub(r"\\\g<0>", one_line(text))


def plain(text: str) -> str:
    """Return the text that :func:`literal` wrote."""
    return _ESCAPED.sub(r"\1", text)


def _overview(contents: Contents) -> Iterator[str]:
    rows = contents.exhibits
    counts = [
        print_count(sum(row.kind == kind for row in rows), kind)
        for kind in ("figure", "table", "number")
    ]
    sources = print_count(len(contents.deposit.sources), "data set")
    yield (
        f"This bundle holds the code of one report, `{contents.appendix.folder}/`, and those of "
        "its data that may be passed on. "
        f"From {sources} the code makes {counts[0]}, {counts[1]} and {counts[2]} in the text."
    )
    took = contents.measured and f"It took {_took(contents.measured)}."
    yield " ".join(
        [
            "One program, `main.py`, makes all of it again and compares each file.",
            took or f"How long that takes was {NOT_MEASURED}.",
        ]
    )


def _rights(deposit: Deposit) -> Iterator[str]:
    shipped = sum(bool(source.redistribute) for source in deposit.sources)
    total = len(deposit.sources)
    yield (
        "- **Permission to use.** The authors took every data set from the publisher or the place "
        "that its entry below names, and use it on the terms quoted there."
    )
    yield (
        f"- **Permission to publish.** This bundle holds the files of {shipped} of "
        f"{print_count(total, 'data set')}: those whose terms, quoted below, allow passing them "
        "on. `LICENSE.txt` has the terms of the code, of the text and of each data set."
    )


def _availability(deposit: Deposit) -> Iterator[str]:
    left_out = [source.id for source in deposit.sources if not source.redistribute]
    total = len(deposit.sources)
    if not left_out:
        yield "**All** data are in this bundle."
    elif len(left_out) == total:
        yield "**None** of the data are in this bundle."
    else:
        yield (
            f"**Some** of the data are in this bundle: {total - len(left_out)} of {total} data "
            f"sets. Not in it: {', '.join(left_out)}."
        )
    if left_out:
        yield (
            "Where to get these files is said below. Put them into a folder and name it with "
            "`--data FOLDER`: they are known by their sha256. Without them, the exhibits that rest "
            "on other data sets are made."
        )


def _entry(source: Source, facts: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of one data set."""
    left_out = {entry["id"]: entry for entry in facts["left_out"]}.get(source.id)
    yield f"#### {source.id}\n"
    yield f"{literal(format_apa(dataset_reference(source)))}\n"
    yield f"- Terms: {literal(source.licence)}. {literal(source.allows)}"
    if left_out is None:
        yield "- In this bundle: yes, and kept as long as it is"
    else:
        yield f"- In this bundle: no. Get it from {literal(source.doi or source.address)}"
        yield f"- Kept: {literal(left_out['kept'])}"
    if source.remarks.strip():
        yield f"- How the file was made: {literal(source.remarks)}"
    yield from (f"- File: `{name}`" for name in raw_files(source))
    yield ""


def _columns(*widths: int) -> str:
    """Return the line below the head of a table; a page has columns of these widths."""
    return "|".join(["", *("---" * width for width in widths), ""])


def _datasets(deposit: Deposit) -> Iterator[str]:
    yield "| file | data set, and what it is | in this bundle |"
    yield _columns(5, 6, 2)
    for source in deposit.sources:
        shipped = "yes" if source.redistribute else "no"
        for name in raw_files(source):
            yield f"| `{name}` | {source.id}: {literal(source.coverage)} | {shipped} |"
        yield f"| `{processed_file(source)}` | {source.id}, the same rows as a table | {shipped} |"


def _software(contents: Contents) -> Iterator[str]:
    versions: dict[str, list[str]] = {}
    for name, version in _PINNED.findall(contents.requirements):
        versions.setdefault(name, []).append(version)
    libraries = [name.replace("_", "-") for name in LIBRARIES]
    chief = [f"{name} {' or '.join(versions[name])}" for name in libraries if name in versions]
    many = print_count(len(versions), "package")
    yield (
        f"Python 3.11 or later, and {many} of the versions that `requirements.txt` lists. The "
        f"figures rest on {', '.join(chief)}. `requirements.lock`, where it is here, has their "
        "hashes. `main.py` installs all of them into a folder beside this one. Pandoc, Typst and "
        "the fonts come with the packages: no other program is needed, and no system in particular."
    )
    yield (
        "None of these packages is in this bundle, and each has terms of its own, which "
        "`flows check --licences` lists. Pandoc, inside `pypandoc-binary`, is under the GNU "
        "General Public License, version 2 or later (source: https://github.com/jgm/pandoc). It "
        "runs as a program of its own; the terms of the code, the text and the data here stay as "
        "they are."
    )
    if contents.measured:
        yield f"Last run with Python {contents.measured.python} on {contents.measured.system}."


def _seeds(contents: Contents) -> Iterator[str]:
    if not contents.seeds:
        yield "No random numbers are drawn."
        return
    yield "Random numbers are drawn from these seeds; each study draws from its own.\n"
    yield "| seed | program | line | study |"
    yield "|---|---|---|---|"
    for seed in contents.seeds:
        yield f"| {seed.value} | `{seed.place.file}` | {seed.place.line} | {seed.study} |"


def _resources(contents: Contents) -> Iterator[str]:
    measured = contents.measured
    storage = f"The bundle is {_size(contents.size)}"
    if measured is None:
        yield (
            f"Time and memory were {NOT_MEASURED}: `flows verify {contents.appendix.name} "
            f"--measure` does that. {storage}."
        )
        return
    needed = contents.size + 2 * measured.bytes_made + measured.bytes_installed
    yield "\n".join(
        [
            f"- Time: {_class_of(measured.wall_seconds, _TIMES, 'over 14 days')}",
            f"- Memory: about {_size(measured.peak_memory)}",
            f"- Storage: {_class_of(needed, _SIZES, 'over 250 GB')}",
        ]
    )
    yield (
        f"Measured on {measured.date}: {_took(measured)}, for which the processors worked "
        f"{_duration(measured.cpu_seconds)}. What else the machine did is not known. It has "
        f"{measured.processor} processors, {_size(measured.memory)} of memory and "
        f"{measured.system}. {storage}, what it makes {_size(measured.bytes_made)}, written twice "
        f"while it is compared, and the packages {_size(measured.bytes_installed)}."
    )
    if is_outdated(measured, contents.facts):
        yield (
            f"These figures are of {build_label(measured.version, measured.build)}, an earlier "
            "build than this one."
        )


def _took(measured: Measured) -> str:
    cores = print_count(measured.cores, "core")
    return f"about {_duration(measured.wall_seconds)} on {cores}"


def _duration(seconds: float) -> str:
    """
    Return a time as a reader needs it.

    >>> _duration(42.3), _duration(187), _duration(9000)
    ('40 seconds', '3 minutes', '2.5 hours')
    """
    if seconds < _MINUTE:
        return f"{max(10, 10 * round(seconds / 10))} seconds"
    if seconds < 2 * _HOUR:
        return print_count(round(seconds / _MINUTE), "minute")
    return f"{seconds / _HOUR:.1f} hours"


def _size(size: float) -> str:
    """
    Return a number of bytes as a reader needs it.

    >>> _size(431_000), _size(21_340_000), _size(1_530_000_000)
    ('1 MB', '21 MB', '1.5 GB')
    """
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{max(1, round(size / 1e6))} MB"  # noqa: PLR2004


def _class_of(value: float, classes: Iterable[tuple[float, str]], above: str) -> str:
    return next((name for limit, name in classes if value < limit), above)


def _programs(contents: Contents) -> Iterator[str]:
    yield "| program | what it does |"
    yield "|---|---|"
    studies: dict[str, list[str]] = {}
    for row in contents.exhibits:
        folder = row.program.rpartition("/")[0]
        if row.kind != "number" and folder.startswith("code/flows/studies/"):
            studies.setdefault(folder, []).append(row.number or row.name)
    for program, about in _PROGRAMS.items():
        yield f"| `{program}` | {about} |"
    for folder, exhibits in sorted(studies.items()):
        yield f"| `{folder}/` | puts together {', '.join(exhibits)} |"
    plan = ", ".join(f"{name} ({kind})" for name, kind in contents.studies.items())
    yield f"| `{contents.appendix.plan}` | the studies and their parameters: {plan} |"


def _instructions(contents: Contents) -> Iterator[str]:
    facts = contents.facts
    yield "1. Unpack the bundle, anywhere. Nothing has to be edited."
    step = 2
    if facts["left_out"]:
        yield (
            "2. If you have files that are not here (see above), put them into one folder, "
            "called FOLDER below."
        )
        step = 3
    data = " --data FOLDER" if facts["left_out"] else ""
    yield f"{step}. Run the one program. It needs the network once, to install the packages:\n"
    yield f"   ```sh\n   python main.py{data}\n   ```\n"
    yield (
        f"{step + 1}. Read the first line of its verdict: *same bytes*, *same numbers* or "
        "*different*, and below it every file that differs."
    )
    yield (
        f"\nWho has flows {facts['software']['version']} installed needs no network: "
        f"`flows verify .{data}` does the same and runs nothing of this folder. "
        "`flows trace NUMBER --code` prints the Python that gives a number."
    )


def _exhibits(contents: Contents) -> Iterator[str]:
    rows = [row for row in contents.exhibits if row.kind != "number"]
    numbers = len(contents.exhibits) - len(rows)
    yield (
        "The code makes all figures and tables, and all numbers in the text. Each exhibit has "
        "several forms that differ in their endings; its data are the CSV.\n"
    )
    left_out = any(row.not_in_bundle for row in rows)
    yield "| exhibit | program | line | output" + (" | needs |" if left_out else " |")
    yield _columns(3, 9, 2, 7, *((6,) if left_out else ()))
    for row in rows:
        needs = f" {row.not_in_bundle} |" if left_out else ""
        number = row.number or f"{row.kind}, not in the text"
        yield f"| {number} | `{row.program}` | {row.line} | `{_stem(row)}.*` |{needs}"
    if left_out:
        yield "\n*needs*: data sets that are not here and without which the exhibit is not made."
    yield (
        f"\nThe text prints {print_count(numbers, 'number')}. `{MAP}` lists each of them with the "
        "lines of the text that print it, the function that gives it, and Python that gives it "
        "again. It lists the figures and tables as well."
    )


def _stem(row: Mapped) -> str:
    return row.output_files.partition("; ")[0].rpartition(".")[0]


def is_outdated(measured: Measured, facts: Mapping[str, Any]) -> bool:
    """Say whether figures were measured for another build than that of a bundle."""
    return (measured.version, measured.build) != (facts["software"]["version"], facts["build"])
