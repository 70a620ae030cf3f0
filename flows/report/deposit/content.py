"""What a deposit of an appendix consists of: its files, what made them, and what stays out."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from flows.report.deposit.reference import Reference
from flows.report.manifest import Manifest
from flows.sources import Source

_MEDIA_TYPES = {
    ".bib": "application/x-bibtex",
    ".csv": "text/csv",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".html": "text/html",
    ".json": "application/json",
    ".md": "text/markdown",
    ".parquet": "application/vnd.apache.parquet",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".tex": "application/x-tex",
    ".toml": "application/toml",
    ".txt": "text/plain",
    ".typ": "text/x-typst",
}


@dataclass(frozen=True, slots=True)
class Exhibit:
    """
    Something that one step of the build makes.

    ``id``: as ``flows build --only`` takes it; ``datasets``: ids of the data sets it rests on;
    ``files``: what was made, from the folder of the project.
    """

    id: str
    kind: Literal["figure", "table", "numbers", "report"]
    datasets: tuple[str, ...]
    files: tuple[str, ...]

    @property
    def name(self) -> str:
        """Its name for a reader."""
        return self.id if self.kind in ("numbers", "report") else f"{self.kind} {self.id}"


@dataclass(frozen=True, slots=True)
class Deposit:
    """
    One appendix with everything behind it.

    ``date``: ISO day that every file written for the deposit carries; ``processed``: file to sha256
    of the tables of its data sets; ``sources``: the data sets that it uses.
    """

    date: str
    appendix: Reference
    software: Reference
    manifest: Manifest
    processed: Mapping[str, str]
    sources: tuple[Source, ...]
    exhibits: tuple[Exhibit, ...]

    @property
    def inputs(self) -> Mapping[str, str]:
        """File to sha256 of what the appendix was made from, without data sets it does not use."""
        used = {_raw_folder(source) for source in self.sources}
        return {
            name: digest
            for name, digest in sorted(self.manifest.inputs.items())
            if not name.startswith("data/raw/") or name.rpartition("/")[0] in used
        }

    @property
    def outputs(self) -> Mapping[str, str]:
        """File to sha256 of what was made: the report, and the tables of its data sets."""
        report = {
            name: output.sha256
            for name, output in self.manifest.outputs.items()
            if not name.startswith("data/processed/")
        }
        return dict(sorted({**report, **self.processed}.items()))

    @property
    def withheld(self) -> Mapping[str, Source]:
        """Files that may not be passed on, raw and processed, with the data set that each is of."""
        return {
            name: source
            for source in self.sources
            if not source.redistribute
            for name in (*raw_files(source), processed_file(source))
        }


def raw_files(source: Source) -> list[str]:
    """Return the raw files of a data set, from the folder of the project."""
    return [f"{_raw_folder(source)}/{path.name}" for path in source.paths]


def processed_file(source: Source) -> str:
    """Return the processed table of a data set, from the folder of the project."""
    return f"data/processed/{source.id}.parquet"


def media_type(name: str) -> str:
    """
    Return the media type of a file of a deposit.

    >>> media_type("reports/tables/shares.csv")
    'text/csv'
    """
    return _MEDIA_TYPES.get(PurePosixPath(name).suffix.lower(), "application/octet-stream")


def _raw_folder(source: Source) -> str:
    return f"data/raw/{source.id.replace('@', '/')}"
