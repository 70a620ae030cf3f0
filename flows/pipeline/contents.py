"""What the data sets of a catalogue hold: who states what, of when; looked up once, then kept."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from textwrap import fill, indent
from typing import Any

from flows.errors import FlowsError
from flows.files import replace_file
from flows.loaders.known import layouts
from flows.measure.contents import Contents, contents_of
from flows.notation import parse_json
from flows.report.manifest import package_sha256
from flows.sources import Source

_WIDTH = 96
"""Characters in a line of a header."""

LARGEST = 200_000_000
"""Bytes of a data set that is looked into: what takes minutes is not read for a list."""

_DESCRIBED = ("id", "publisher", "title", "vintage", "licence", "citation", "address")


@dataclass(frozen=True, slots=True)
class Entry:
    """A data set in a list: ``contents``, or why there are none, which is a ``fault`` or not."""

    source: Source
    contents: Contents | None = None
    reason: str = ""
    fault: bool = False

    def in_words(self) -> Iterator[str]:
        """Yield lines for a reader: whose it is and on which terms, then what it holds."""
        source = self.source
        missing = f"; to be completed: {', '.join(source.incomplete)}" if source.incomplete else ""
        yield f"{source.id}  {source.publisher}; {source.licence}{missing}"
        held = self.contents.in_words() if self.contents else [self.reason]
        yield from (f"    {line}" for line in held)

    def to_json(self) -> dict[str, object]:
        """Return the same for a program, with what a reference needs."""
        described = {key: getattr(self.source, key) for key in _DESCRIBED}
        contents = asdict(self.contents) if self.contents else None
        return {**described, "contents": contents, "not_read": self.reason or None}


def list_contents(
    root: Path, sources: Sequence[Source], *, announce: Callable[[str], None] = lambda _: None
) -> list[Entry]:
    """
    Return what data sets hold.

    A data set is read once; what was found is kept in ``.flows`` for as long as its ``source.toml``
    and the package stay as they are. That its files are those of ``source.toml`` is what
    ``flows check`` looks at.
    """
    place = root / ".flows" / "contents.json"
    code = package_sha256()
    kept = _read_kept(place, code)
    entries, found = [], {}
    for source in sources:
        digest = hashlib.sha256((source.folder / "source.toml").read_bytes()).hexdigest()
        if digest in kept:
            entries.append(Entry(source, kept[digest]))
        else:
            announce(f"reading {source.id}")
            entries.append(_look_into(source))
        if contents := entries[-1].contents:
            found[digest] = contents
    if found != kept:
        _keep(place, code, found)
    return entries


def _look_into(source: Source) -> Entry:
    """Read a data set, unless that is known to be in vain or to take long."""
    if not source.loader:
        return Entry(source, reason="not read: source.toml names no loader yet")
    size = sum(path.stat().st_size for path in source.paths if path.is_file())
    if size > LARGEST:
        return Entry(source, reason=f"{size / 1e6:,.0f} MB, which are not read for a list")
    from flows.loaders import load_source  # noqa: PLC0415 - a list that was kept needs no pandas

    try:
        table = load_source(source)
    except (FlowsError, OSError) as error:
        return Entry(source, reason=f"not read: {error}", fault=True)
    return Entry(source, contents_of(table))


def _read_kept(place: Path, code: str) -> dict[str, Contents]:
    """Return what was found before by the same package; nothing if that cannot be read."""
    try:
        kept = parse_json(place.read_text(encoding="utf-8"))
        return (
            {digest: _contents(**entry) for digest, entry in kept["contents"].items()}
            if kept["code"] == code
            else {}
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _contents(**entry: Any) -> Contents:
    texts = {name: tuple(value) for name, value in entry.items() if isinstance(value, list)}
    return Contents(**{**entry, **texts})


def describe_layouts() -> Iterator[str]:
    """Tell which layouts can be loaded, each with its header."""
    for entry in layouts().to_dict("records"):
        documented = " (header from documentation)" if entry["documented"] else ""
        yield f"{entry['key']}: {entry['publisher']}, {entry['content']}{documented}"
        yield indent(fill(entry["header"], _WIDTH), "    ")


def _keep(place: Path, code: str, found: dict[str, Contents]) -> None:
    """Keep what was found; a project that cannot be written to is read again the next time."""
    entries = {digest: asdict(contents) for digest, contents in found.items()}
    text = json.dumps({"code": code, "contents": entries}, ensure_ascii=False)
    with suppress(OSError):
        replace_file(place, text.encode())
