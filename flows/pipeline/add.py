"""Putting files into the catalogue: the files unchanged, their hashes, and what is left to say."""

import datetime as dt
import re
import shutil
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any

from flows.errors import LayoutError, SourceError
from flows.files import explained, whole_folder
from flows.loaders import LAYOUTS, load, recognise_layout
from flows.loaders.text import archive_of, check_file
from flows.safe_text import NAME_OF_A_FILE, is_name_of_a_file, safe_json, show_controls
from flows.sources import NAMES_FILE, Source, check_file_names, file_sha256, read_source

_NAME = re.compile(r"([a-z0-9][a-z0-9-]*)@([0-9A-Za-z][0-9A-Za-z.-]*)")
_ASKED = {
    "publisher": "who publishes the figures",
    "title": "what a reference calls the table",
    "address": "where it was taken from, https://...",
    "citation": "the whole reference",
    "licence": "the terms of the data, which are not those of the code",
    "allows": "what these terms allow",
    "coverage": "what the rows are: reporters, partners, periods, goods, unit",
    "loader": "a key of flows list --layouts, or the file that describes the others",
    "remarks": "what is odd about the figures",
}
"""Keys that a person writes where they are not known, with what belongs there."""

_UNKNOWN_TERMS = "# redistribute = true  # or false: may the files be passed on, as allows says?"

_KEYS = (
    "id",
    "publisher",
    "title",
    "short_title",
    "vintage",
    "retrieved",
    "address",
    "citation",
    "licence",
    "allows",
    "redistribute",
    "coverage",
    "loader",
    "remarks",
)
"""Keys of a source.toml in the order in which they stand there."""


def add_files(
    root: Path,
    files: Sequence[Path],
    *,
    name: str,
    description: Path | None = None,
    known: Mapping[str, str | bool] = MappingProxyType({}),
) -> Source:
    """
    Copy files of one data set into ``data/raw``, with a ``source.toml`` to be completed.

    Parameters
    ----------
    root : pathlib.Path
        Folder of the project.
    files : sequence of pathlib.Path
        As published; they have to load.
    name : str
        ``source@vintage``.
    description : pathlib.Path, optional
        How to read them, where their layout is not known; it is copied beside them.
    known : Mapping
        Keys of the ``source.toml`` that are known beyond what the layout says.

    Returns
    -------
    Source
        ``incomplete`` names the keys that are left to write.

    Raises
    ------
    SourceError
        If the name is none, the vintage is there already, or a file has a name that none can have.
    FlowsError
        If a file does not load.
    OSError
        If a file cannot be read or written.
    """
    folder = new_folder(root, name)
    loader = _loader(files, description)
    paths = [*files, *([description] if description else []), *_names_beside(files)]
    if len({path.name for path in paths}) < len(paths):
        raise SourceError(f"expected files with names of their own, found one name twice in {name}")
    check_file_names((path.name for path in paths), place=folder / "source.toml")
    for path in paths:
        if show_controls(path.name) != path.name or path.name.casefold() == "source.toml":
            raise SourceError(
                f"expected another name of a file than {path.name!r}: source.toml is written here, "
                "and names are of characters that can be seen"
            )
    # A file keeps the day on which it was written here; nothing else says when it was fetched.
    written = max(path.stat().st_mtime for path in files)
    day = dt.datetime.fromtimestamp(written, tz=dt.UTC).date()
    with _folder_of_vintages(folder.parent), whole_folder(folder) as beside:
        for path in paths:
            shutil.copy2(path, beside / path.name)
        text = draft_source(
            name,
            beside,
            known={"loader": loader, **(known_of(loader) if loader in LAYOUTS else {}), **known},
            retrieved=f"{day}  # the day of the file; when was it fetched?",
        )
        (beside / "source.toml").write_text(text, encoding="utf-8")
    return read_source(folder)


@contextmanager
def _folder_of_vintages(folder: Path) -> Iterator[None]:
    """Give the folder in which vintages lie, which is not there afterwards without one."""
    with explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    finally:
        with suppress(OSError):
            folder.rmdir()


def known_of(layout: str) -> dict[str, Any]:
    """
    Return what is known of the files of a layout before anybody looks into them.

    >>> known_of("sipri_deal_years")["address"]
    'https://www.sipri.org/databases/armstransfers'
    """
    text = resources.files(__package__).joinpath("publishers.toml").read_text(encoding="utf-8")
    publisher = tomllib.loads(text).get(layout.partition("_")[0], {})
    described = LAYOUTS[layout]
    return {"publisher": described.publisher, "title": _capital(described.content), **publisher}


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def folder_of(root: Path, name: str) -> Path:
    """Return where a data set of this name belongs."""
    match = _NAME.fullmatch(name)
    if match is None or not all(map(is_name_of_a_file, match.groups())):
        raise SourceError(
            f"expected source@vintage in small letters, as georgia-trade@2025-03, each of them of "
            f"{NAME_OF_A_FILE}, found {name!r}"
        )
    return root / "data" / "raw" / match[1] / match[2]


def new_folder(root: Path, name: str) -> Path:
    """Return where a data set of this name belongs, which is not there yet."""
    folder = folder_of(root, name)
    if folder.exists():
        raise SourceError(
            f"{folder}: expected a vintage that is new, found one; a new release is a new vintage"
        )
    return folder


def _loader(files: Sequence[Path], description: Path | None) -> str:
    """Return how the files are read, after reading them."""
    for path in files:
        check_file(path)
    if description is not None:
        for path in files:
            load(path, layout=str(description))
        return description.name
    layouts = {recognise_layout(path).key for path in files}
    if len(layouts) > 1:
        raise LayoutError(f"expected files of one layout, found {', '.join(sorted(layouts))}")
    for path in files:
        load(path)
    return layouts.pop()


def _names_beside(files: Sequence[Path]) -> list[Path]:
    """Return the names of countries that somebody has put beside the files."""
    folders = dict.fromkeys((archive_of(path) or path).parent for path in files)
    return [folder / NAMES_FILE for folder in folders if (folder / NAMES_FILE).is_file()]


def draft_source(
    name: str, folder: Path, *, known: Mapping[str, str | bool], retrieved: str
) -> str:
    """
    Return the ``source.toml`` of the files in a folder, with a comment where a person must write.

    ``known``: keys whose content is known; ``retrieved``: a date, with a comment where it is one to
    look at.
    """
    asked = {key: f"{key} = {_quoted(known.get(key, ''))}  # {_ASKED[key]}" for key in _ASKED}
    stated = {key: f"{key} = {_quoted(value)}" for key, value in known.items() if value != ""}
    fixed = {
        "id": f"id = {_quoted(name)}",
        "vintage": f"vintage = {_quoted(name.partition('@')[2])}",
        "retrieved": f"retrieved = {retrieved}",
    }
    written = {**asked, "redistribute": _UNKNOWN_TERMS, **stated, **fixed}
    hashes = {path.name: file_sha256(path) for path in sorted(folder.iterdir())}
    lines = [
        *(written[key] for key in _KEYS if key in written),
        "",
        "[files]",
        *(f"{_quoted(file)} = {_quoted(digest)}" for file, digest in hashes.items()),
    ]
    return "\n".join([*lines, ""])


def _quoted(value: object) -> str:
    return safe_json(value)
