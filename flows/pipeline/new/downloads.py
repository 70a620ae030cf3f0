"""Downloads of a user: which data sets they are, of which release, and what they hold."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from flows.errors import LayoutError, SourceError
from flows.loaders import load, recognise_layout
from flows.measure.contents import contents_of
from flows.pipeline.add import add_files
from flows.sources import Source, file_sha256
from flows.table import COLUMNS

_SIPRI = "sipri_"
_RELEASE = (3, 15)
"""Month and day by which SIPRI has published a release, which counts the year before."""

_STATEMENT = [
    *("exporter", "importer", "reporter", "start", "end", "product", "classification"),
    *("valuation", "partner_basis"),
]
"""Columns that two files of one release never share a row of."""


@dataclass(frozen=True, slots=True, eq=False)
class Download:
    """A file with its layout and its table."""

    path: Path
    layout: str
    table: pd.DataFrame

    @property
    def holds_flows(self) -> bool:
        """Whether the rows are statements about flows, and not about shares, events or prices."""
        return set(COLUMNS) <= set(self.table.columns)

    @property
    def day(self) -> dt.date:
        """The day on which the file was written here."""
        return dt.datetime.fromtimestamp(self.path.stat().st_mtime, tz=dt.UTC).date()

    @property
    def vintage(self) -> str:
        """The release: SIPRI's by the day on which it made the file, else the day of the file."""
        if self.layout.startswith(_SIPRI) and len(self.table):
            return f"{_sipri_release(self.table)}-03"
        return str(self.day)

    @property
    def last_day(self) -> str:
        """The last day that the rows are about."""
        return str(self.table["end"].max().date())


def _sipri_release(table: pd.DataFrame) -> int:
    """Return the year of the release: that of March, which counts the deliveries to December."""
    last = int(table["end"].max().year)
    header = table.attrs["report"]["header"]
    stamp = re.sub(r"\s+\d+:.*", "", header.get("generated", ""))
    made = pd.to_datetime(stamp, dayfirst=True, errors="coerce", format="mixed")
    if pd.isna(made):
        return last + 1
    is_out = (made.month, made.day) >= _RELEASE or last >= made.year - 1
    return int(made.year) if is_out else int(made.year) - 1


def read_downloads(paths: Iterable[Path]) -> list[Download]:
    """Read files as ``flows.load`` does; the same content twice is refused."""
    downloads: list[Download] = []
    hashes: dict[str, Path] = {}
    for path in paths:
        digest = file_sha256(path)
        if digest in hashes:
            raise SourceError(f"expected files that differ, found {hashes[digest]} again as {path}")
        hashes[digest] = path
        downloads.append(Download(path, recognise_layout(path).key, load(path)))
    return downloads


def name_datasets(downloads: Sequence[Download]) -> dict[str, list[Download]]:
    """
    Group files into data sets, ``source@vintage``.

    Files of one layout and release are one data set, such as one table a supplier; where they state
    the same flows they are several releases, told apart by their last day.
    """
    groups: dict[tuple[str, str], list[Download]] = {}
    for download in downloads:
        groups.setdefault((download.layout, download.vintage), []).append(download)
    named: dict[str, list[Download]] = {}
    for (layout, vintage), files in groups.items():
        source = layout.replace("_", "-")
        if len(files) == 1 or not _overlap(files):
            named[f"{source}@{vintage}"] = files
            continue
        for download in files:
            name = f"{source}@{download.last_day}"
            if name in named:
                raise LayoutError(
                    f"{download.path} and {named[name][0].path} state the same flows of the same "
                    "days: expected two releases or two parts of one; hand in one of them"
                )
            named[name] = [download]
    return named


def _overlap(files: Sequence[Download]) -> bool:
    """Say whether a statement stands in two of several files."""
    if not all(download.holds_flows for download in files):
        return True
    key = [*_STATEMENT, *(["deal"] if all("deal" in file.table for file in files) else [])]
    whole = pd.concat([download.table[key].drop_duplicates() for download in files])
    return bool(whole.duplicated().any())


def enter_downloads(root: Path, downloads: Sequence[Download]) -> Iterator[Source]:
    """Copy each data set into ``data/raw`` of a project."""
    for name, files in sorted(name_datasets(downloads).items()):
        paths = [download.path for download in files]
        yield add_files(root, paths, name=name, known={"coverage": _coverage(files)})


def _coverage(files: Sequence[Download]) -> str:
    """Return what the rows are, in words."""
    tables = [download.table for download in files]
    whole = pd.concat(tables, ignore_index=True) if len(tables) > 1 else tables[0]
    whole.attrs = tables[0].attrs
    lines = "; ".join(contents_of(whole).in_words())
    return f"{lines[:1].upper()}{lines[1:]}."
