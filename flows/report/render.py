"""
From Markdown to PDF, HTML and docx: the same packages give the same bytes on every machine.

A text is data. Pandoc reads it in its sandbox, what it holds is checked, and only then are the
bibliography, the exhibits and the templates added; what the bibliography gave is checked again.
"""

import json
import os
import re
import subprocess
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, cast

from flows.errors import ReportError
from flows.report.markup import check_markup

Form = Literal["article", "sheet"]
"""A text of many pages, or one page of exhibits that stay where they are written."""

_TEMPLATES = Path(__file__).parent / "templates"

_HTML_OPTIONS: Mapping[Form, tuple[str, ...]] = {
    "article": ("--number-sections", "--toc", "--toc-depth=2"),
    "sheet": ("--variable=sheet",),
}

_READER = "markdown-latex_macros"
"""Without macros, which can double a text with each line. What is raw is read, to be refused."""

_SECONDS, _MEMORY = 120, "1G"
"""What reading may take: some texts of a few lines, such as nested aliases in YAML, have no end."""

_FRONT_MATTER = re.compile(r"---\n.*?\n(?:---|\.\.\.)(?=\n|\Z)\n?", re.DOTALL)

_NO_DATE = {"SOURCE_DATE_EPOCH": "315532800"}
"""1980: the earliest time that a zip file, which a docx is, can hold."""


def write_pdf(
    markdown: str,
    path: Path,
    *,
    resources: Path,
    bibliography: Path,
    texts: Mapping[str, str] | None = None,
    form: Form = "article",
) -> None:
    """
    Write a report as PDF.

    Nothing of the machine enters it: fonts are those inside the compiler, and no date is stored.
    """
    import typst  # noqa: PLC0415 - 40 MB that only this step needs

    document = _read(markdown, resources=resources, bibliography=bibliography, texts=texts)
    template = f"--template={_TEMPLATES / f'{form}.typ'}"
    source = _convert(document, "typst-citations", template, resources=resources)
    try:
        compiler = typst.Compiler(source, root=resources, font_paths=[], ignore_system_fonts=True)
        pdf = cast("bytes", compiler.compile(format="pdf"))
    except typst.TypstError as error:
        hints = "".join(f" ({hint})" for hint in error.hints)
        raise ReportError(
            f"expected a text that Typst sets, found: {error.message}{hints}"
        ) from error
    replace_file(path, pdf)


def write_html(
    markdown: str,
    path: Path,
    *,
    resources: Path,
    bibliography: Path,
    texts: Mapping[str, str] | None = None,
    form: Form = "article",
) -> None:
    """Write a report as one HTML file that needs no other file, no script and no connection."""
    document = _read(markdown, resources=resources, bibliography=bibliography, texts=texts)
    page = _convert(
        document,
        "html5",
        f"--template={_TEMPLATES / 'page.html'}",
        "--embed-resources",
        f"--css={_TEMPLATES / 'page.css'}",
        "--mathml",
        "--section-divs",
        *_HTML_OPTIONS[form],
        resources=resources,
    )
    replace_file(path, page)


def write_docx(
    markdown: str,
    path: Path,
    *,
    resources: Path,
    bibliography: Path,
    texts: Mapping[str, str] | None = None,
    form: Form = "article",
) -> None:
    """Write a report as a docx, for word processors, which break pages their own way."""
    del form
    document = _read(markdown, resources=resources, bibliography=bibliography, texts=texts)
    content = _convert(document, "docx", "--output=-", "--number-sections", resources=resources)
    replace_file(path, content)


def _read(
    markdown: str, *, resources: Path, bibliography: Path, texts: Mapping[str, str] | None
) -> bytes:
    """Return a checked document with its references, as Pandoc's JSON."""
    pictures = {f"figures/{path.name}" for path in (resources / "figures").glob("*.svg")}
    read = _run_pandoc(
        markdown.encode(),
        *("+RTS", f"-M{_MEMORY}", "-RTS"),
        f"--from={_READER}",
        "--to=json",
        "--sandbox",
        "--columns=10000",  # a wide row would otherwise fix the widths of a table's columns
        folder=resources,
    )
    texts = texts or {"text": markdown}
    try:
        written = json.dumps(check_markup(json.loads(read), pictures=pictures, texts=texts))
    except RecursionError as error:
        raise ReportError(
            f"{next(iter(texts))}: expected lists and quotations of a few levels, found hundreds"
        ) from error
    cited = _run_pandoc(
        written.encode(),
        "--from=json",
        "--to=json",
        "--citeproc",
        f"--bibliography={bibliography.resolve()}",
        "--metadata=link-citations=true",
        folder=resources,
    )
    check_markup(
        {**json.loads(cited), "meta": {}},
        pictures=pictures,
        texts={bibliography.name: bibliography.read_text(encoding="utf-8", errors="replace")},
    )
    return cited


def _convert(document: bytes, to: str, *options: str, resources: Path) -> bytes:
    return _run_pandoc(
        document,
        "--from=json",
        f"--to={to}",
        f"--lua-filter={_TEMPLATES / 'exhibits.lua'}",
        "--syntax-highlighting=none",
        "--wrap=none",
        *options,
        folder=resources,
    )


def read_front_matter(text: str) -> dict[str, Any]:
    r"""
    Return the front matter of a text, placeholders and all: text, lists and tables of text.

    >>> read_front_matter("---\nauthor: [A, B]\ntitle: Trade\n---\n\nText.\n")
    {'author': ['A', 'B'], 'title': 'Trade'}
    """
    front = _FRONT_MATTER.match(text)
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
            env={**os.environ, **_NO_DATE},
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


def replace_file(path: Path, content: bytes) -> None:
    """Write a file beside its place and rename it into place: it is never there in part."""
    aside = path.with_name(f".{path.name}.new")
    aside.write_bytes(content)
    aside.replace(path)
