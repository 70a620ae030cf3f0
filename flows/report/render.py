"""From Markdown to PDF, HTML and docx: the same packages give the same bytes on every machine."""

import os
import subprocess
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, cast

from flows.errors import ReportError

Form = Literal["article", "sheet"]
"""A text of many pages, or one page of exhibits that stay where they are written."""

_TEMPLATES = Path(__file__).parent / "templates"

_HTML_OPTIONS: Mapping[Form, tuple[str, ...]] = {
    "article": ("--number-sections", "--toc", "--toc-depth=2"),
    "sheet": ("--variable=sheet",),
}

_NO_DATE = {"SOURCE_DATE_EPOCH": "315532800"}
"""1980: the earliest time that a zip file, which a docx is, can hold."""


def write_pdf(
    markdown: str, path: Path, *, resources: Path, bibliography: Path, form: Form = "article"
) -> None:
    """
    Write a report as PDF.

    Nothing of the machine enters it: fonts are those inside the compiler, and no date is stored.
    """
    import typst  # noqa: PLC0415 - 40 MB that only this step needs

    source = _run_pandoc(
        markdown,
        "typst",
        f"--template={_TEMPLATES / f'{form}.typ'}",
        resources=resources,
        bibliography=bibliography,
    )
    try:
        compiler = typst.Compiler(source, root=resources, font_paths=[], ignore_system_fonts=True)
        pdf = cast("bytes", compiler.compile(format="pdf"))
    except typst.TypstError as error:
        hints = "".join(f" ({hint})" for hint in error.hints)
        raise ReportError(
            f"expected a text that Typst sets, found: {error.message}{hints}"
        ) from error
    _replace(path, pdf)


def write_html(
    markdown: str, path: Path, *, resources: Path, bibliography: Path, form: Form = "article"
) -> None:
    """Write a report as one HTML file that needs no other file, no script and no connection."""
    page = _run_pandoc(
        markdown,
        "html5",
        f"--template={_TEMPLATES / 'page.html'}",
        "--embed-resources",
        f"--css={_TEMPLATES / 'page.css'}",
        "--mathml",
        "--section-divs",
        *_HTML_OPTIONS[form],
        resources=resources,
        bibliography=bibliography,
    )
    _replace(path, page)


def write_docx(
    markdown: str, path: Path, *, resources: Path, bibliography: Path, form: Form = "article"
) -> None:
    """Write a report as a docx, for word processors, which break pages their own way."""
    del form
    content = _run_pandoc(
        markdown,
        "docx",
        "--output=-",
        "--number-sections",
        resources=resources,
        bibliography=bibliography,
    )
    _replace(path, content)


def _run_pandoc(
    markdown: str, to: str, *options: str, resources: Path, bibliography: Path
) -> bytes:
    """Convert with the pandoc that the package brings; warnings (a missing source) are errors."""
    command = [
        str(_pandoc()),
        "--from=markdown",
        f"--to={to}",
        f"--data-dir={_TEMPLATES}",  # not the user's own templates and styles
        "--citeproc",
        f"--lua-filter={_TEMPLATES / 'exhibits.lua'}",
        f"--bibliography={bibliography.resolve()}",
        "--metadata=link-citations=true",
        "--syntax-highlighting=none",
        "--columns=10000",  # a wide row would otherwise fix the widths of a table's columns
        "--wrap=none",
        "--fail-if-warnings",
        *options,
    ]
    done = subprocess.run(  # noqa: S603 - no shell, no argument from a text
        command,
        input=markdown.encode(),
        cwd=resources,
        env={**os.environ, **_NO_DATE},
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        message = done.stderr.decode(errors="replace").strip()
        raise ReportError(f"expected a text that Pandoc turns into {to}, found: {message}")
    return done.stdout


def _pandoc() -> Path:
    """Return the binary inside pypandoc_binary, never a newer one that the machine may have."""
    package = find_spec("pypandoc")
    folder = Path(package.origin).parent / "files" if package and package.origin else Path()
    binary = next((file for file in folder.glob("pandoc*") if file.stem == "pandoc"), None)
    if binary is None:
        raise ReportError(f"expected pandoc of the package pypandoc_binary, found none in {folder}")
    return binary


def _replace(path: Path, content: bytes) -> None:
    aside = path.with_name(f".{path.name}.new")
    aside.write_bytes(content)
    aside.replace(path)
