"""A manuscript filled from a built appendix, or only looked through."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flows.errors import ReportError
from flows.files import replace_file
from flows.report.appendices import find_appendix
from flows.report.manuscripts.built import BuiltReport
from flows.report.manuscripts.documents import (
    Change,
    appendix_of,
    fill_document,
    typed_in_document,
)
from flows.report.manuscripts.package import Package
from flows.report.manuscripts.sources import SOURCES, check_source


@dataclass(frozen=True, slots=True)
class Filled:
    """A manuscript after a fill; ``written`` is false where nothing had changed."""

    path: Path
    changes: tuple[Change, ...]
    written: bool

    def in_words(self) -> Iterator[str]:
        """Tell what was done."""
        if not self.written:
            yield f"{self.path}: as the report has it, left as it is"
            return
        first = sum(change.before is None for change in self.changes)
        yield f"{self.path}: {first} filled, {len(self.changes) - first} changed"
        yield from (f"  {change.in_words()}" for change in self.changes)


def fill_manuscript(
    root: Path, path: Path, *, out: Path | None = None, appendix: str | None = None
) -> Filled:
    """Fill a docx with the numbers of a built appendix, in its place or elsewhere."""
    if path.suffix.lower() in SOURCES:
        raise ReportError(
            f"{path}: expected a docx to fill; LaTeX and Markdown take their numbers in when they "
            "are set, and --check looks them through"
        )
    package, report = _open(root, path, appendix)
    target = (out or path).resolve()
    _check_closed(target)
    changes = tuple(fill_document(package, report))
    written = package.changed or out is not None
    if written:
        replace_file(target, package.to_bytes())
    return Filled(out or path, changes, written)


def check_manuscript(root: Path, path: Path, *, appendix: str | None = None) -> list[str]:
    """Tell what in a manuscript is not as the built appendix has it."""
    if path.suffix.lower() in SOURCES:
        return check_source(path, BuiltReport(root, find_appendix(root, appendix)))
    package, report = _open(root, path, appendix)
    changes = fill_document(package, report)
    return [
        *(f"{path}: {change.as_fault()}" for change in changes),
        *(f"{path}: {fault}" for fault in typed_in_document(package, report)),
    ]


def _open(root: Path, path: Path, appendix: str | None) -> tuple[Package, BuiltReport]:
    if path.suffix.lower() != ".docx":
        expected = ", ".join((".docx", *SOURCES))
        raise ReportError(f"{path}: expected {expected}, found {path.suffix or 'no ending'}")
    package = Package(path)
    name = appendix or appendix_of(package)
    return package, BuiltReport(root, find_appendix(root, name))


def _check_closed(path: Path) -> None:
    """Check that no word processor has the file open: it would write over what is filled."""
    locks = (f"~${path.name}", f"~${path.name[2:]}", f".~lock.{path.name}#")
    for lock in locks:
        if path.with_name(lock).exists():
            raise ReportError(
                f"{path}: expected it closed, found {lock}, by which a word processor says that it "
                "is open; close it, or name another file with -o"
            )
