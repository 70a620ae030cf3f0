"""
From Markdown to PDF, HTML and docx: the same packages give the same bytes on every machine.

A text is data. Pandoc reads it in its sandbox, what it holds is checked, and only then are the
bibliography, the exhibits and the templates added; what the bibliography gave is checked again.

The PDF is PDF/A-3a, which keeps, and PDF/UA-1, which can be read aloud; Typst refuses to set what
is neither.
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any, Literal, cast

from flows.errors import ReportError
from flows.files import replace_file
from flows.report.edition import Attachment, Edition
from flows.report.markup import FRONT_MATTER_BLOCK, check_markup, find_place
from flows.report.placing import FLOATS, place_exhibits

Form = Literal["article", "page", "sheet"]
"""A text of many pages, the same as a page with files beside it, or one sheet of exhibits."""

_TEMPLATES = Path(__file__).parent / "templates"

_NUMBERED = ("--number-sections", "--toc", "--toc-depth=2")
_HTML_OPTIONS: Mapping[Form, tuple[str, ...]] = {
    "article": _NUMBERED,
    "page": (*_NUMBERED, "--variable=files-beside"),
    "sheet": ("--variable=sheet",),
}

_READER = "markdown-latex_macros"
"""Without macros, which can double a text with each line. What is raw is read, to be refused."""

_SECONDS, _MEMORY = 120, "1G"
"""What reading may take: some texts of a few lines, such as nested aliases in YAML, have no end."""

_READING = Lock()

_EPOCH = 315_532_800
"""1 January 1980, the day of every file: the earliest that a zip file, as a docx is, can hold."""

_NO_GLYPH = re.compile(r"the text `\"(?P<text>.+)\"` could not be displayed", re.DOTALL)
_NO_FONT = "unknown font family"
_AROUND = 30
"""Characters of a line that an error shows on either side of what is wrong."""


def write_pdf(
    markdown: str,
    path: Path,
    *,
    resources: Path,
    bibliography: Path,
    texts: Mapping[str, str] | None = None,
    form: Form = "article",
    edition: Edition | None = None,
    attachments: Sequence[Attachment] = (),
) -> None:
    """
    Write a report as PDF/A-3a and PDF/UA-1, with the files of its edition and others inside.

    Nothing of the machine enters it: fonts are those that come with the compiler and, for labels of
    figures, with matplotlib; the date is fixed.
    """
    document = _read(markdown, resources=resources, bibliography=bibliography, texts=texts)
    template = f"--template={_TEMPLATES / f'{form}.typ'}"
    source = _convert(document, "typst-citations", template, resources=resources, edition=edition)
    attached = (*(edition.attachments if edition else ()), *attachments)
    pdf = _set_with_typst(
        source, attached, root=resources, markdown=markdown, texts=texts or {"text": markdown}
    )
    replace_file(path, pdf)


def _set_with_typst(
    source: bytes,
    attachments: Sequence[Attachment],
    *,
    root: Path,
    markdown: str,
    texts: Mapping[str, str],
) -> bytes:
    import typst  # noqa: PLC0415 - 40 MB that only this step needs

    from flows.figures.style import FONT_FILE  # noqa: PLC0415 - loads matplotlib

    attached = "".join(map(_attach, attachments)).encode()
    files: Any = {  # in the manual of the package and not in its types
        "main.typ": source + attached,
        **{_aside(attachment): attachment.content for attachment in attachments},
    }
    try:
        with TemporaryDirectory(prefix="flows-fonts-") as fonts:
            # Alone: beside it lies a font with a box for every character, which hides what lacks.
            shutil.copy(FONT_FILE, fonts)

            def compiler(floats: str) -> Any:
                own: Any = {**files, FLOATS: floats.encode()}
                return typst.Compiler(own, root=root, font_paths=[fonts], ignore_system_fonts=True)

            floats = place_exhibits(lambda floats: _query_places(compiler(floats)))
            pdf, warnings = compiler(floats).compile_with_warnings(
                format="pdf", pdf_standards=["a-3a", "ua-1"], timestamp=_EPOCH
            )
    except typst.TypstError as error:
        raise ReportError(_explain(error, markdown=markdown, texts=texts)) from error
    if missing := [warning.message for warning in warnings if _NO_FONT in warning.message]:
        raise ReportError(
            f"expected the fonts of the templates inside typst, found: {missing[0]}; install the "
            "version that requirements.txt names"
        )
    return cast("bytes", pdf)


def _query_places(compiler: Any) -> str:
    """Return where the exhibits stand; what is wrong with a text, setting it tells better."""
    try:
        return cast("str", compiler.query("<placed>"))
    except RuntimeError:
        return "[]"


def _attach(attachment: Attachment) -> str:
    """Return the code of Typst that puts a file into the PDF."""
    name, aside = _typst_string(attachment.name), _typst_string(_aside(attachment))
    kind, about = _typst_string(attachment.media_type), _typst_string(attachment.description)
    return (
        f"\n#pdf.attach({name}, read({aside}, encoding: none), "
        f'relationship: "{attachment.relation}", mime-type: {kind}, description: {about})'
    )


def _typst_string(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _aside(attachment: Attachment) -> str:
    """Return where the compiler finds an attachment: no file of that name lies in the folder."""
    return f".attached/{attachment.name}"


def _explain(error: Any, *, markdown: str, texts: Mapping[str, str]) -> str:
    """Say what Typst refuses, and which character of which text no font has."""
    if match := _NO_GLYPH.search(error.message):
        missing = re.sub(r"\\u\{(\w+)\}", lambda code: chr(int(code[1], 16)), match["text"])
        lines = (line for line in markdown.splitlines() if missing in line)
        shown = "".join(f" in {_excerpt(line, missing)!r}" for line in [next(lines, "")] if line)
        codes = " ".join(f"U+{ord(character):04X}" for character in missing)
        return (
            f"{find_place(missing, texts)}: expected characters that the fonts inside Typst have "
            f"(Latin, Greek, Cyrillic, Armenian, Georgian, Hebrew, Arabic), found {missing!r} "
            f"({codes}){shown}"
        )
    if "missing document title" in error.message:
        return f"{next(iter(texts))}: expected a title in the front matter, found none"
    hints = "".join(f" ({hint})" for hint in error.hints)
    return f"expected a text that Typst sets, found: {error.message}{hints}"


def _excerpt(line: str, part: str) -> str:
    start = line.index(part)
    return line[max(0, start - _AROUND) : start + len(part) + _AROUND]


def write_html(
    markdown: str,
    path: Path,
    *,
    resources: Path,
    bibliography: Path,
    texts: Mapping[str, str] | None = None,
    form: Form = "article",
    edition: Edition | None = None,
) -> None:
    """Write a report as one HTML file that needs no other file, no script and no connection."""
    page = set_html(
        markdown,
        resources=resources,
        bibliography=bibliography,
        texts=texts,
        form=form,
        edition=edition,
    )
    replace_file(path, page)


def set_html(
    markdown: str,
    *,
    resources: Path,
    bibliography: Path,
    texts: Mapping[str, str] | None = None,
    form: Form = "article",
    edition: Edition | None = None,
) -> bytes:
    """Return a report as HTML that needs no other file, no script and no connection."""
    document = _read(markdown, resources=resources, bibliography=bibliography, texts=texts)
    return _convert(
        document,
        "html5",
        f"--template={_TEMPLATES / 'page.html'}",
        "--embed-resources",
        f"--css={_TEMPLATES / 'page.css'}",
        "--mathml",
        "--section-divs",
        *_HTML_OPTIONS[form],
        resources=resources,
        edition=edition,
    )


def write_docx(
    markdown: str,
    path: Path,
    *,
    resources: Path,
    bibliography: Path,
    texts: Mapping[str, str] | None = None,
    form: Form = "article",
    edition: Edition | None = None,
) -> None:
    """Write a report as a docx, for word processors, which break pages their own way."""
    from flows.report.word import reference_docx  # noqa: PLC0415 - loads lxml

    del form
    document = _read(markdown, resources=resources, bibliography=bibliography, texts=texts)
    reference = _run_pandoc(b"", "--print-default-data-file=reference.docx", folder=resources)
    with TemporaryDirectory(prefix="flows-docx-") as folder:
        styled = Path(folder) / "reference.docx"
        styled.write_bytes(reference_docx(reference))
        content = _convert(
            document,
            "docx",
            "--output=-",
            "--number-sections",
            f"--reference-doc={styled}",
            resources=resources,
            edition=edition,
        )
    replace_file(path, content)


def _read(
    markdown: str, *, resources: Path, bibliography: Path, texts: Mapping[str, str] | None
) -> bytes:
    """Return a checked document with its references, as Pandoc's JSON."""
    pictures = (resources / "figures").glob("*.svg")
    with _READING:
        return _read_once(
            markdown,
            resources=resources,
            pictures=frozenset(f"figures/{path.name}" for path in pictures),
            bibliography=bibliography.resolve(),
            entries=bibliography.read_text(encoding="utf-8", errors="replace"),
            texts=tuple((texts or {"text": markdown}).items()),
        )


@lru_cache(maxsize=1)
def _read_once(
    markdown: str,
    *,
    resources: Path,
    pictures: frozenset[str],
    bibliography: Path,
    entries: str,
    texts: tuple[tuple[str, str], ...],
) -> bytes:
    """Read a text for all of its formats, of which the first reads it and the others wait."""
    by_name = dict(texts)
    read = _run_pandoc(
        markdown.encode(),
        *("+RTS", f"-M{_MEMORY}", "-RTS"),
        f"--from={_READER}",
        "--to=json",
        "--sandbox",
        "--columns=10000",  # a wide row would otherwise fix the widths of a table's columns
        folder=resources,
    )
    try:
        written = json.dumps(check_markup(json.loads(read), pictures=pictures, texts=by_name))
    except RecursionError as error:
        raise ReportError(
            f"{next(iter(by_name))}: expected lists and quotations of a few levels, found hundreds"
        ) from error
    cited = _run_pandoc(
        written.encode(),
        "--from=json",
        "--to=json",
        "--citeproc",
        f"--bibliography={bibliography}",
        "--metadata=link-citations=true",
        folder=resources,
    )
    document = json.loads(cited)
    checked = check_markup(
        {**document, "meta": {}}, pictures=pictures, texts={bibliography.name: entries}
    )
    return json.dumps({**checked, "meta": document["meta"]}).encode()


def _convert(
    document: bytes, to: str, *options: str, resources: Path, edition: Edition | None
) -> bytes:
    build = (f"--metadata=build={edition.label}",) if edition else ()
    return _run_pandoc(
        document,
        "--from=json",
        f"--to={to}",
        f"--lua-filter={_TEMPLATES / 'exhibits.lua'}",
        "--syntax-highlighting=none",
        "--wrap=none",
        *build,
        *options,
        folder=resources,
    )


def read_front_matter(text: str) -> dict[str, Any]:
    r"""
    Return the front matter of a text, placeholders and all: text, lists and tables of text.

    >>> read_front_matter("---\nauthor: [A, B]\ntitle: Trade\n---\n\nText.\n")
    {'author': ['A', 'B'], 'title': 'Trade'}
    """
    front = FRONT_MATTER_BLOCK.match(text)
    if front is None:
        return {}
    options = (f"--from={_READER}", "--to=plain", "--wrap=none", "--sandbox")
    template = f"--template={_TEMPLATES / 'metadata.json'}"
    read = _run_pandoc(front[0].encode(), *options, template, folder=_TEMPLATES)
    return cast("dict[str, Any]", json.loads(read))


def _run_pandoc(content: bytes, *options: str, folder: Path) -> bytes:
    """Run the pandoc that the package brings; warnings (a missing source) are errors."""
    command = [
        str(_pandoc()),
        *options,
        f"--data-dir={_TEMPLATES}",  # not the user's own templates and styles
        "--fail-if-warnings",
    ]
    try:
        done = subprocess.run(  # noqa: S603 - no shell, no argument from a text
            command,
            input=content,
            cwd=folder,
            env={**os.environ, "SOURCE_DATE_EPOCH": str(_EPOCH)},
            capture_output=True,
            check=False,
            timeout=_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise ReportError(
            f"expected a text that Pandoc sets within {_SECONDS} seconds, found a longer one"
        ) from error
    if done.returncode != 0:
        message = done.stderr.decode(errors="replace").strip()
        raise ReportError(f"expected a text that Pandoc sets, found: {message}")
    return done.stdout


def _pandoc() -> Path:
    """Return the binary inside pypandoc_binary, never a newer one that the machine may have."""
    package = find_spec("pypandoc")
    folder = Path(package.origin).parent / "files" if package and package.origin else Path()
    binary = next((file for file in folder.glob("pandoc*") if file.stem == "pandoc"), None)
    if binary is None:
        raise ReportError(f"expected pandoc of the package pypandoc_binary, found none in {folder}")
    return binary
