"""The appendices of a project: which there are, and how the files of each are named."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from flows.errors import ReportError, UnknownNameError, did_you_mean
from flows.report import APPENDIX_FILES
from flows.safe_text import NAME_OF_A_FILE, is_name_of_a_file
from flows.sources import find_root

_REPORTS = "reports"
"""Folder of the reports, and name of the appendix whose files lie in it directly."""

JOURNAL = ".flows/publishing.json"
"""What is left to publish where a build was ended while it published: a report old in part."""

_PLAN = "appendix.toml"

_TAKEN = (_REPORTS, "figures", "tables")


@dataclass(frozen=True, slots=True)
class Appendix:
    """
    One appendix: ``reports/`` itself, or the folder in it that has this ``name``.

    Files are named from the folder of the project: they lie alike there, in the workshop and in a
    commit.
    """

    name: str = _REPORTS

    @property
    def folder(self) -> str:
        """Folder of everything that a person writes for it and a build makes of it."""
        return _REPORTS if self.name == _REPORTS else f"{_REPORTS}/{self.name}"

    def file(self, name: str) -> str:
        """Return the name of a file in its folder."""
        return f"{self.folder}/{name}"

    @property
    def plan(self) -> str:
        """Its studies, with data sets, parameters and sections."""
        return self.file(_PLAN)

    @property
    def text(self) -> str:
        """What a person wrote around the sections."""
        return self.file("appendix.md")

    @property
    def references(self) -> str:
        """BibTeX of what the text cites."""
        return self.file("references.bib")

    @property
    def claims(self) -> str:
        """Published sentences; an appendix may be without."""
        return self.file("claims.toml")

    @property
    def measured(self) -> str:
        """What making it took on a machine; an appendix may be without."""
        return self.file("measured.toml")

    @property
    def numbers(self) -> str:
        """Every number with the code that gives it."""
        return self.file("numbers.json")

    @property
    def manifest(self) -> str:
        """What it was made from, and what came out."""
        return self.file("manifest.json")

    @property
    def page(self) -> str:
        """The page for a browser."""
        return self.file(APPENDIX_FILES["html"])


FIRST = Appendix()
"""The one whose files lie in ``reports/`` directly."""


def list_appendices(root: Path) -> list[Appendix]:
    """
    Return the appendices of a project: ``reports/`` itself, then those in it by name.

    A folder is one if it holds a plan. Without any, it is ``reports/`` that should.
    """
    folders = sorted(path.parent for path in (root / _REPORTS).glob(f"[!.]*/{_PLAN}"))
    for folder in folders:
        check_name(folder.name, place=folder)
    inside = [Appendix(folder.name) for folder in folders]
    if (root / FIRST.plan).is_file() or not inside:
        return [FIRST, *inside]
    return inside


def check_name(name: str, *, place: Path) -> None:
    """Check the name of the folder of an appendix, which stands in commands and names of steps."""
    if not is_name_of_a_file(name) or name in _TAKEN:
        raise ReportError(
            f"{place}: expected the name of an appendix to be of {NAME_OF_A_FILE}, and not one of "
            f"{', '.join(_TAKEN)}; found {name!r}"
        )


def find_appendices(root: Path, names: Iterable[str] = ()) -> list[Appendix]:
    """Return the named appendices in the order of the project; without names all of them."""
    if (root / JOURNAL).is_file():
        raise ReportError(
            f"{root / FIRST.folder}: expected a whole report, found one that a build is publishing "
            "or was ended while it did; run flows build, which publishes the rest"
        )
    there = list_appendices(root)
    known = [appendix.name for appendix in there]
    wanted = list(names)
    for name in wanted:
        if name not in known:
            near = did_you_mean(name, known) or ";"
            raise UnknownNameError(f"no appendix {name!r}{near} there are: {', '.join(known)}")
    return [appendix for appendix in there if appendix.name in wanted or not wanted]


def find_appendix(root: Path, name: str | None = None) -> Appendix:
    """Return the named appendix; without a name the only one, or ``reports/`` itself."""
    first, *others = find_appendices(root, [] if name is None else [name])
    if others and first != FIRST:
        folders = [appendix.folder for appendix in (first, *others)]
        raise UnknownNameError(
            f"expected the name of one of several appendices, such as {first.name}, found none; "
            f"there are: {', '.join(folders)}"
        )
    return first


def file_of(name: str, path: Path | str | None, appendix: str | None) -> Path:
    """Return a file of an appendix by its path, or by the name of the appendix of the project."""
    if path is None:
        root = find_root()
        return root / find_appendix(root, appendix).file(name)
    if appendix is not None:
        raise ValueError(f"expected a path or an appendix, found {path} and {appendix!r}")
    return Path(path)
