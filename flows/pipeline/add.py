"""Putting files into the catalogue: the files unchanged, their hashes, and what is left to say."""

import datetime as dt
import json
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from flows.errors import LayoutError, SourceError
from flows.loaders import LAYOUTS, load, recognise_layout
from flows.sources import Source, file_sha256, read_source

_NAME = re.compile(r"([a-z0-9][a-z0-9-]*)@([0-9A-Za-z][0-9A-Za-z.-]*)")
_ASKED = {
    "publisher": "who publishes the figures",
    "title": "what a reference calls the table",
    "address": "where it was taken from, https://...",
    "citation": "the whole reference",
    "licence": "the terms of the data, which are not those of the code",
    "allows": "what these terms allow",
    "coverage": "what the rows are: reporters, partners, periods, goods, unit",
}
"""Keys that only a person can write, with what belongs there."""


def add_files(
    root: Path, files: Sequence[Path], *, name: str, description: Path | None = None
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

    Returns
    -------
    Source
        ``incomplete`` names the keys that are left to write.

    Raises
    ------
    SourceError
        If the name is none, or the vintage is there already.
    FlowsError
        If a file does not load.
    OSError
        If a file cannot be read or written.
    """
    match = _NAME.fullmatch(name)
    if match is None:
        raise SourceError(
            f"expected source@vintage in small letters, as georgia-trade@2025-03, found {name!r}"
        )
    folder = root / "data" / "raw" / match[1] / match[2]
    if folder.exists():
        raise SourceError(
            f"{folder}: expected a vintage that is new, found one; a new release is a new vintage"
        )
    loader = _loader(files, description)
    paths = [*files, *([description] if description else [])]
    if len({path.name for path in paths}) < len(paths):
        raise SourceError(f"expected files with names of their own, found one name twice in {name}")
    folder.mkdir(parents=True)
    for path in paths:
        shutil.copy2(path, folder / path.name)
    text = _source_toml(name, match[2], folder, paths, loader)
    (folder / "source.toml").write_text(text, encoding="utf-8")
    return read_source(folder)


def _loader(files: Sequence[Path], description: Path | None) -> str:
    """Return how the files are read, after reading them."""
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


def _source_toml(name: str, vintage: str, folder: Path, paths: Sequence[Path], loader: str) -> str:
    # A file keeps the day on which it was written here; nothing else says when it was fetched.
    written = max(path.stat().st_mtime for path in paths)
    day = dt.datetime.fromtimestamp(written, tz=dt.UTC).date()
    known = {"publisher": LAYOUTS[loader].publisher} if loader in LAYOUTS else {}
    asked = {key: f"{key} = {_quoted(known.get(key, ''))}  # {_ASKED[key]}" for key in _ASKED}
    lines = [
        f"id = {_quoted(name)}",
        asked["publisher"],
        asked["title"],
        f"vintage = {_quoted(vintage)}",
        f"retrieved = {day}  # the day of the file; when was it fetched?",
        *(asked[key] for key in ("address", "citation", "licence", "allows", "coverage")),
        f"loader = {_quoted(loader)}",
        'remarks = ""  # what is odd about the figures',
        "",
        "[files]",
        *(f"{_quoted(path.name)} = {_quoted(file_sha256(folder / path.name))}" for path in paths),
    ]
    return "\n".join([*lines, ""])


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
