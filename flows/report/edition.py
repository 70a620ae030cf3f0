"""Which build a report is of: what its first page prints, and the files inside its PDF."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from flows import __version__

RECORD = "build.json"
"""Name of the attached file whose hash is the number of the build."""

_DIGITS = 12
"""Of the hash: enough that no two builds of a project share them."""

Relation = Literal["data", "supplement"]
"""``AFRelationship`` of PDF: what a figure or table was made from, or what adds to the text."""

_MEDIA_TYPES = {".csv": "text/csv", ".json": "application/json"}


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file inside a PDF."""

    name: str
    content: bytes
    relation: Relation
    description: str

    @property
    def media_type(self) -> str:
        """What kind of file it is."""
        return _MEDIA_TYPES[Path(self.name).suffix]


@dataclass(frozen=True, slots=True)
class Edition:
    """
    One build of a report.

    ``record``: JSON, hashes of everything that went in and of the results; ``results``: files that
    a reader of the PDF can take out of it. The manifest is none of them: it holds the PDF's hash.
    """

    record: bytes
    results: tuple[Attachment, ...]

    @property
    def build(self) -> str:
        """Number of the build: the first digits of the hash of its record."""
        return hashlib.sha256(self.record).hexdigest()[:_DIGITS]

    @property
    def label(self) -> str:
        """What the first page prints."""
        return f"flows {__version__}, build {self.build}"

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        """What the PDF holds: the results and the record."""
        described = (
            "What this build was made from; its own hash starts with the number of the build"
        )
        return (*self.results, Attachment(RECORD, self.record, "supplement", described))
