"""Which build a report is of: what its first page prints, and the files inside its PDF."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from flows import __version__
from flows.safe_text import safe_json

RECORD = "build.json"
"""Name of the attached file whose hash is the number of the build."""

_DIGITS = 12
"""Of the hash: enough that no two builds of a project share them."""

Relation = Literal["data", "supplement"]
"""``AFRelationship`` of PDF: what a figure or table was made from, or what adds to the text."""

_MEDIA_TYPES = {".csv": "text/csv", ".json": "application/json", ".md": "text/markdown"}


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


def build_record(
    inputs: Mapping[str, str], parameters: Mapping[str, object], results: Mapping[str, str]
) -> bytes:
    """
    Return the record of a build as JSON: hashes of everything that went in and of the results.

    ``results``: attached file, as :func:`attached_name` names it, to its sha256.
    """
    record = {
        "flows": __version__,
        "inputs": dict(inputs),
        "parameters": parameters,
        "results": dict(results),
    }
    return (safe_json(record, indent=2, sort_keys=True) + "\n").encode()


def build_number(record: bytes) -> str:
    """Return the number of a build: the first digits of the hash of its record."""
    return hashlib.sha256(record).hexdigest()[:_DIGITS]


def build_label(version: str, build: str) -> str:
    """
    Return a build as the first page prints it.

    >>> build_label("1.2", "0123456789ab")
    'flows 1.2, build 0123456789ab'
    """
    return f"flows {version}, build {build}"


def attached_name(kind: Literal["figure", "table"], name: str) -> str:
    """Return the name under which the data of an exhibit are attached."""
    return f"{kind}-{name}.csv"


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
        """Number of the build."""
        return build_number(self.record)

    @property
    def label(self) -> str:
        """What the first page prints."""
        return build_label(__version__, self.build)

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        """What the PDF holds: the results and the record."""
        described = (
            "What this build was made from; its own hash starts with the number of the build"
        )
        return (*self.results, Attachment(RECORD, self.record, "supplement", described))
