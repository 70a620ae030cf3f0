"""What is cited: the facts of the software, an appendix or a data set, from one place each."""

import datetime as dt
import html
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from flows import __version__
from flows.errors import ReportError
from flows.notation import read_text
from flows.report import APPENDIX_FILES
from flows.report.manifest import package_sha256
from flows.report.render import read_front_matter
from flows.safe_text import one_line
from flows.sources import Source, file_sha256

Kind = Literal["software", "appendix", "dataset"]

_DATED = re.compile(r"(?:19|20)\d\d-\d\d(?:-\d\d)?")
_YEAR = re.compile(r"(?:19|20)\d\d")
_ORCID = re.compile(r"(?:\d{4}-){3}\d{3}[\dX]")
_TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)


def _in_lines_of_their_own(facts: "Author | Reference") -> None:
    """Draw each text into one line: in formats of a line a field, a second would be another."""
    for place in fields(facts):
        if isinstance(text := getattr(facts, place.name), str):
            object.__setattr__(facts, place.name, one_line(text))


@dataclass(frozen=True, slots=True)
class Author:
    """A person; an office or a group has no ``family``, and its name is never taken apart."""

    name: str
    family: str = ""
    given: str = ""
    orcid: str = ""
    affiliation: str = ""

    def __post_init__(self) -> None:
        _in_lines_of_their_own(self)


@dataclass(frozen=True, slots=True)
class Reference:
    """
    Everything that a citation of one thing may need.

    ``issued``: day, month or year as ISO 8601 writes it, empty where it is not known; ``about``:
    what the files hold, of a data set the part of it that was taken; ``hashes``: file to sha256;
    ``asked``: the reference as the publisher asks for it.
    """

    key: str
    kind: Kind
    title: str
    authors: tuple[Author, ...]
    version: str = ""
    issued: str = ""
    accessed: dt.date | None = None
    doi: str = ""
    address: str = ""
    licence: str = ""
    about: str = ""
    keywords: tuple[str, ...] = ()
    hashes: Mapping[str, str] = field(default_factory=dict)
    asked: str = ""

    def __post_init__(self) -> None:
        _in_lines_of_their_own(self)
        hashes = {one_line(name): digest for name, digest in self.hashes.items()}
        object.__setattr__(self, "hashes", hashes)
        object.__setattr__(self, "keywords", tuple(map(one_line, self.keywords)))

    @property
    def link(self) -> str:
        """The DOI as an address, else the address."""
        return f"https://doi.org/{self.doi}" if self.doi else self.address


def software_reference() -> Reference:
    """
    Return the package as it is cited, without the hash of its source.

    >>> software_reference().licence
    'BSD-3-Clause'
    """
    text = resources.files(__package__).joinpath("software.toml").read_text(encoding="utf-8")
    facts: dict[str, Any] = tomllib.loads(text)
    authors = tuple(Author(**author) for author in facts.pop("authors"))
    keywords = tuple(facts.pop("keywords"))
    return Reference(
        f"flows-{__version__}",
        "software",
        authors=authors,
        version=__version__,
        keywords=keywords,
        **facts,
    )


def package_hash() -> Mapping[str, str]:
    """Return the hash of the package's source, as a manifest has it."""
    return {"source of the package": package_sha256()}


def dataset_reference(source: Source) -> Reference:
    """Return a data set as it is cited; a vintage that is no date is a version only."""
    return Reference(
        source.id,
        "dataset",
        source.title,
        (Author(source.publisher),),
        version=source.vintage,
        issued=source.vintage if _DATED.fullmatch(source.vintage) else "",
        accessed=source.retrieved,
        doi=source.doi,
        address=source.address,
        licence=source.licence,
        about=source.coverage,
        hashes=dict(sorted(source.files.items())),
        asked=source.citation,
    )


def appendix_reference(folder: Path, sources: Sequence[Source]) -> Reference:
    """
    Return an appendix as it is cited: the front matter of its text, the title of its page.

    ``sources``: data sets that it uses; without a date in the front matter the newest of them dates
    it, for it says nothing later.
    """
    text = folder / "appendix.md"
    written = text_reference(read_text(text), sources)
    if not written.authors:
        raise ReportError(
            f"{text}: expected an author in the front matter, found none; write a line "
            "author: NAME between the two lines --- that the file begins with"
        )
    return replace(
        written,
        key=folder.name,
        title=_printed_title(folder / APPENDIX_FILES["html"]),
        hashes={"manifest.json": file_sha256(folder / "manifest.json")},
    )


def text_reference(text: str, sources: Sequence[Source]) -> Reference:
    """Return a report as its text's front matter says that it is cited."""
    facts = read_front_matter(text)
    authors = tuple(_author(entry) for entry in _entries(facts, "author"))
    newest = max((source.retrieved.isoformat() for source in sources), default="")
    return Reference(
        "report",
        "appendix",
        facts.get("title", ""),
        authors,
        version=facts.get("version", ""),
        issued=_iso(facts.get("date", newest)),
        doi=facts.get("doi", ""),
        address=facts.get("address", ""),
        licence=facts.get("licence", ""),
        about=facts.get("subtitle", ""),
        keywords=tuple(_entries(facts, "keywords")),
    )


def _iso(date: str) -> str:
    """Return a date as ISO 8601 writes it; of one in other words the year."""
    if _DATED.fullmatch(date):
        return date
    year = _YEAR.search(date)
    return year[0] if year else ""


def _entries(facts: Mapping[str, Any], key: str) -> list[Any]:
    entries = facts.get(key, [])
    return entries if isinstance(entries, list) else [entries]


def _author(entry: str | Mapping[str, str]) -> Author:
    """Return an author of the front matter: a name, or a table whose keys are those of Author."""
    if isinstance(entry, str):
        return Author(entry)
    known = {key: entry[key] for key in Author.__slots__ if key in entry}
    if "orcid" in known and not is_orcid(known["orcid"]):
        raise ReportError(
            f"front matter: expected an ORCID as 0000-0002-1825-0097, found {known['orcid']!r}"
        )
    name = f"{known.get('given', '')} {known.get('family', '')}".strip()
    return Author(**{"name": name, **known})


def is_orcid(text: str) -> bool:
    """
    Say whether a text is the number of an ORCID, by its form and its last digit (ISO 7064).

    >>> is_orcid("0000-0002-1825-0097"), is_orcid("0000-0002-1825-0098")
    (True, False)
    """
    if not _ORCID.fullmatch(text):
        return False
    digits = text.replace("-", "")
    total = 0
    for digit in digits[:-1]:
        total = 2 * (total + int(digit))
    return digits[-1] == "0123456789X"[(12 - total % 11) % 11]


def _printed_title(page: Path) -> str:
    """Return the title as a built page prints it: in the text it may have placeholders."""
    try:
        match = _TITLE.search(page.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ReportError(
            f"expected a report at {page}, found none; flows build makes it"
        ) from error
    if match is None:
        raise ReportError(
            f"{page}: expected the title of a report, found none; flows build --force"
        )
    return html.unescape(match[1])
