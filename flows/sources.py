"""The catalogue of raw files: what lies in data/raw, from whom, on which terms, unchanged."""

import datetime as dt
import hashlib
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, cast

from flows.errors import HashError, SourceError, did_you_mean
from flows.notation import parse_toml
from flows.results import Card, Listed, Result

_TEXTS = (
    "id",
    "publisher",
    "title",
    "vintage",
    "address",
    "citation",
    "licence",
    "allows",
    "coverage",
    "loader",
    "remarks",
)

NAMES_FILE = "names.toml"
"""The file beside data that names countries which the crosswalks do not have."""

_OPTIONAL = {"scope", "redistribute", "doi", "short_title", "totals_differ"}

_YES_OR_NO = {True: "yes", False: "no", None: "not stated"}

_PARTNERS = ("all", "named", "largest")
_DOI = re.compile(r"10\.\d{4,9}/\S+")
_IN_ITS_FOLDER = re.compile(r"(?!\.\.?\Z)[^/\\\x00-\x1f\x7f]+")
_ALPHA3 = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True, repr=False)
class Source(Result):
    """
    One data set at one vintage: the content of a ``source.toml``.

    Parameters
    ----------
    id : str
        ``source@vintage``, as the two folders are named.
    publisher, title, vintage, address, citation : str
        What a reference needs.
    retrieved : datetime.date
        When the publisher's file was fetched.
    licence, allows : str
        Terms of the data, which are not the terms of the code, and what they allow.
    coverage, remarks : str
        What the rows are, and what is odd about them.
    loader : str
        Layout of the files; a key of ``flows.loaders.LAYOUTS``, or the file among them that
        describes the others, ``table.toml``.
    files : Mapping
        File name to sha256.
    folder : pathlib.Path
        Where the files are.
    scope : Mapping, optional
        What the rows make up, where the layout of the files does not say it or these are rows of a
        larger table: ``partners`` ("all", "named" or "largest"), ``largest`` (how many),
        ``imports`` and ``exports`` (alpha-3 codes of the countries whose totals the rows are
        about, or "every").
    redistribute : bool, optional
        Whether the files that lie here may be passed on, as a sentence of ``allows`` says;
        ``None`` where nobody has looked yet.
    doi : str, optional
        Of this data set, not of a paper about it; empty where it has none.
    short_title : str, optional
        What a line under a figure calls it, without the vintage; its publisher and title where it
        is empty.
    totals_differ : str, optional
        Why totals that the publisher prints are not the sums of the rows beside them, where they
        are not and the files are as published.
    """

    in_lists = True

    id: str
    publisher: str
    title: str
    vintage: str
    retrieved: dt.date
    address: str
    citation: str
    licence: str
    allows: str
    coverage: str
    loader: str
    remarks: str
    files: Mapping[str, str]
    folder: Path
    scope: Mapping[str, Any] | None = None
    redistribute: bool | None = None
    doi: str = ""
    short_title: str = ""
    totals_differ: str = ""

    @property
    def short_name(self) -> str:
        """Name for a line under a figure, without the vintage."""
        return self.short_title or f"{self.publisher}, {self.title}"

    @property
    def paths(self) -> list[Path]:
        """Paths of the raw files in the order of their names."""
        return [self.folder / name for name in sorted(self.files)]

    @property
    def tables(self) -> list[Path]:
        """Paths of those raw files that hold rows: no description, no names of countries."""
        return [path for path in self.paths if path.name not in (self.loader, NAMES_FILE)]

    @property
    def incomplete(self) -> list[str]:
        """Keys that somebody has yet to write."""
        unknown = {key for key in _TEXTS if key != "remarks" and not getattr(self, key).strip()}
        if self.redistribute is None:
            unknown.add("redistribute")
        return [field.name for field in fields(self) if field.name in unknown]

    def _card(self) -> Card:
        return Card(
            title=f"{self.id}, {self.title}",
            facts=(
                ("publisher", self.publisher),
                ("retrieved", str(self.retrieved)),
                ("licence", self.licence),
                ("may be passed on", _YES_OR_NO[self.redistribute]),
                ("coverage", self.coverage),
                ("files", ", ".join(self.files)),
            ),
            more=(("citation", self.citation), ("remarks", self.remarks or "none")),
        )


class Sources(Listed[Source]):
    """The data sets of a catalogue: a list of :class:`~flows.sources.Source`."""

    __slots__ = ()

    noun = "data set"


def find_root(start: Path | None = None) -> Path:
    """Return the folder of the project: the nearest one upward that holds ``data/raw``."""
    named = os.environ.get("FLOWS_ROOT") if start is None else None
    begin = Path(named or start or Path.cwd()).resolve()
    for folder in (begin,) if named else (begin, *begin.parents):
        if (folder / "data" / "raw").is_dir():
            return folder
    place = f"{begin}, which FLOWS_ROOT names" if named else f"{begin} or above it"
    raise SourceError(
        f"expected a folder data/raw in {place}, found none; "
        "go into the project's folder, name it in FLOWS_ROOT, or make one with flows new"
    )


def list_sources(root: Path | None = None, *, only: Iterable[str] | None = None) -> Sources:
    """
    Return the data sets in ``data/raw``, in the order of the ids.

    Parameters
    ----------
    root : pathlib.Path, optional
        Folder of the project; found upward from the working directory by default.
    only : iterable of str, optional
        Ids of those that are wanted, ``source@vintage``; by default all.

    Returns
    -------
    Sources
        A list of :class:`~flows.sources.Source`.

    Raises
    ------
    SourceError
        If a ``source.toml`` is missing, unreadable or incomplete, or a wanted data set is not
        there.
    """
    root = root or find_root()
    if only is not None:
        return Sources(find_source(name, root) for name in sorted(set(only)))
    folders = _folders(root)
    return Sources(read_source(folders[name]) for name in sorted(folders))


def read_catalogue(root: Path) -> tuple[list[Source], list[SourceError]]:
    """Return the data sets in ``data/raw``, and what is wrong with folders that are none."""
    sources, faults = [], []
    for _, folder in sorted(_folders(root).items()):
        try:
            sources.append(read_source(folder))
        except SourceError as error:
            faults.append(error)
    return sources, faults


def find_source(name: str, root: Path | None = None) -> Source:
    """Return the data set with this id."""
    root = root or find_root()
    folders = _folders(root)
    if name in folders:
        return read_source(folders[name])
    ids = sorted(folders)
    vintages = [known_id for known_id in ids if known_id.startswith(f"{name.partition('@')[0]}@")]
    near = (
        ""
        if vintages
        else did_you_mean(name.partition("@")[0], (known_id.partition("@")[0] for known_id in ids))
    )
    raise SourceError(
        f"no data set {name!r} in {root / 'data' / 'raw'}{near or ';'} "
        f"{'its vintages' if vintages else 'there are'}: {', '.join(vintages or ids) or 'none'}"
    )


def read_source(folder: Path) -> Source:
    """Read the ``source.toml`` of one folder."""
    return parse_source(_read_toml(folder / "source.toml"), folder)


def parse_source(content: dict[str, object], folder: Path) -> Source:
    """Return the source that a ``source.toml`` describes, as if it lay in a folder."""
    path = folder / "source.toml"
    expected = {field.name for field in fields(Source)} - {"folder"}
    if missing := sorted(expected - _OPTIONAL - content.keys()):
        raise SourceError(f"{path}: expected the keys {', '.join(missing)}, found none of them")
    if unknown := sorted(content.keys() - expected):
        raise SourceError(
            f"{path}: expected no other keys than those of a source, found {', '.join(unknown)}"
        )
    _check_types(path, content)
    name = _name(folder)
    if content["id"] != name:
        raise SourceError(
            f"{path}: expected id {name!r} as the folders say, found {content['id']!r}"
        )
    return Source(**cast("dict[str, Any]", content), folder=folder)


def verify_source(source: Source) -> None:
    """Check that the raw files are, byte for byte, those that ``source.toml`` names."""
    present = {path.name for path in source.folder.iterdir()} - {"source.toml"}
    if missing := sorted(source.files.keys() - present):
        raise SourceError(f"{source.folder}: expected the file {missing[0]}, found none")
    if unknown := sorted(present - source.files.keys()):
        raise SourceError(
            f"{source.folder / unknown[0]}: expected only files that source.toml has "
            "under [files], found this one; add it there with its sha256, or move it elsewhere"
        )
    for path in source.paths:
        if not path.is_file():
            raise SourceError(f"{path}: expected a file, found a folder, a device or a lost link")
        digest = file_sha256(path)
        if digest != source.files[path.name]:
            raise HashError(
                f"{path}: expected sha256 {source.files[path.name]}, found {digest}; "
                "the raw file was changed: restore it, or add the new release as a new vintage"
            )


def file_sha256(path: Path) -> str:
    """Return the sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _name(folder: Path) -> str:
    return f"{folder.parent.name}@{folder.name}"


def _folders(root: Path) -> dict[str, Path]:
    """Return the folders of all data sets by id; hidden folders are none."""
    folders = (root / "data" / "raw").glob("[!.]*/[!.]*")
    return {_name(folder): folder for folder in folders if folder.is_dir()}


def _check_types(path: Path, content: Mapping[str, object]) -> None:
    for key in _TEXTS:
        if not isinstance(content[key], str):
            raise SourceError(f"{path}: expected text in {key}, found {content[key]!r}")
    if not isinstance(content["retrieved"], dt.date):
        raise SourceError(f"{path}: expected a date in retrieved, found {content['retrieved']!r}")
    files = content["files"]
    if not isinstance(files, dict) or not all(isinstance(digest, str) for digest in files.values()):
        raise SourceError(f"{path}: expected file names and their sha256 in files, found {files!r}")
    for name in files:
        if not _IN_ITS_FOLDER.fullmatch(name):
            raise SourceError(
                f"{path}: expected names of files beside it under [files], without a folder, "
                f"found {name!r}"
            )
    _check_optional(path, content)


def _check_optional(path: Path, content: Mapping[str, object]) -> None:
    """Check the keys that may be left out."""
    if not isinstance(content.get("redistribute", True), bool):
        raise SourceError(
            f"{path}: expected redistribute = true or false, found {content['redistribute']!r}"
        )
    for key in ("short_title", "totals_differ"):
        if not isinstance(content.get(key, ""), str):
            raise SourceError(f"{path}: expected text in {key}, found {content[key]!r}")
    if "doi" in content and not _DOI.fullmatch(str(content["doi"])):
        raise SourceError(f"{path}: expected doi as 10.1000/example, found {content['doi']!r}")
    if "scope" in content:
        _check_scope(path, content["scope"])


def _check_scope(path: Path, scope: object) -> None:
    """Check the table that says what the rows make up."""
    if not isinstance(scope, dict):
        raise SourceError(f"{path}: expected a table [scope], found {scope!r}")
    keys = ("partners", "largest", "imports", "exports")
    if unknown := sorted(scope.keys() - set(keys)):
        raise SourceError(
            f"{path}: [scope]: expected only the keys {', '.join(keys)}, found {unknown[0]!r}"
        )
    if scope.get("partners") not in _PARTNERS:
        raise SourceError(
            f"{path}: [scope]: expected partners as one of {', '.join(_PARTNERS)}, "
            f"found {scope.get('partners')!r}"
        )
    if (scope["partners"] == "largest") != _is_count(scope.get("largest")):
        raise SourceError(
            f'{path}: [scope]: expected how many they are, largest = 5, with partners = "largest" '
            f"and only there, found {scope.get('largest')!r}"
        )
    for side in ("imports", "exports"):
        codes = scope.get(side, [])
        if codes != "every" and not _are_codes(codes):
            raise SourceError(
                f'{path}: [scope]: expected {side} as a list of alpha-3 codes or "every", '
                f"found {codes!r}"
            )


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _are_codes(codes: object) -> bool:
    return isinstance(codes, list) and all(
        isinstance(code, str) and _ALPHA3.fullmatch(code) for code in codes
    )


def _read_toml(path: Path) -> dict[str, object]:
    if path.exists() and not path.is_file():
        raise SourceError(f"{path}: expected a file, found a folder or a device")
    try:
        return parse_toml(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SourceError(f"{path.parent}: expected a file source.toml, found none") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SourceError(f"{path}: expected TOML, found an error: {error}") from error
