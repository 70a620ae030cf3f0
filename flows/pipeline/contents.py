"""What the data sets of a catalogue hold: who states what, of when; looked up once, then kept."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.errors import FlowsError
from flows.pipeline.build import replace_file
from flows.report.manifest import package_sha256
from flows.sources import Source

if TYPE_CHECKING:
    import pandas as pd

_SHOWN = 4
"""Countries that are named; of more, the number is."""

LARGEST = 200_000_000
"""Bytes of a data set that is looked into: what takes minutes is not read for a list."""

_FREQUENCIES = (
    ("days", range(1, 2)),
    ("months", range(28, 32)),
    ("quarters", range(89, 94)),
    ("years", range(354, 368)),
)
"""Days that periods of a calendar have, Iranian ones as well."""

_OTHER = "other periods"

_DESCRIBED = ("id", "publisher", "title", "vintage", "licence", "citation", "address")


@dataclass(frozen=True, slots=True)
class Contents:
    """
    What a data set holds.

    ``rows``: how many; ``kind``: what the layout is for; ``start``, ``end``: first and last day, as
    text; ``periods``: which, as "months"; ``reporters``, ``exporters``, ``importers``: alpha-3
    codes; ``products``: how many codes; ``classifications``: whose codes; ``coverage``, ``units``:
    as the rows say. What a table has no column for is empty.
    """

    rows: int
    kind: str = ""
    start: str = ""
    end: str = ""
    periods: tuple[str, ...] = ()
    reporters: tuple[str, ...] = ()
    exporters: tuple[str, ...] = ()
    importers: tuple[str, ...] = ()
    products: int = 0
    classifications: tuple[str, ...] = ()
    coverage: tuple[str, ...] = ()
    units: tuple[str, ...] = ()

    def in_words(self) -> Iterator[str]:
        """Yield lines for a reader: how many and when, then who and what."""
        span = f"{' and '.join(self.periods)} from {self.start} to {self.end}" if self.start else ""
        units = ", ".join(self.units)
        rows = f"{self.rows:,} row{'' if self.rows == 1 else 's'}"
        yield ", ".join(text for text in (rows, span, units) if text)
        if not self.reporters:
            yield self.kind
            return
        codes = f"{self.products} codes of " if self.products > 1 else ""
        yield (
            f"{_named(self.reporters)} on exports of {_named(self.exporters)} to "
            f"{_named(self.importers)}; {', '.join(self.coverage)} "
            f"({codes}{', '.join(self.classifications)})"
        )


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


def contents_of(table: "pd.DataFrame") -> Contents:
    """Return what a table holds."""
    from flows.loaders import LAYOUTS  # noqa: PLC0415 - as above

    layout = LAYOUTS.get(table.attrs["report"]["layout"])

    def distinct(column: str) -> tuple[str, ...]:
        return tuple(sorted(map(str, table[column].unique()))) if column in table else ()

    start, end, periods = _span(table)
    flows = "reporter" in table
    return Contents(
        rows=len(table),
        kind=layout.content if layout else "",
        start=start,
        end=end,
        periods=periods,
        reporters=distinct("reporter"),
        exporters=distinct("exporter") if flows else (),
        importers=distinct("importer") if flows else (),
        products=len(distinct("product")),
        classifications=distinct("classification"),
        coverage=distinct("coverage"),
        units=distinct("unit"),
    )


def _span(table: "pd.DataFrame") -> tuple[str, str, tuple[str, ...]]:
    """Return first and last day, and which periods there are."""
    if not {"start", "end"} <= set(table.columns) or table.empty:
        return "", "", ()
    days = ((table["end"] - table["start"]).dt.days + 1).unique()
    named = {
        next((name for name, lengths in _FREQUENCIES if length in lengths), _OTHER)
        for length in days
    }
    order = [*(name for name, _ in _FREQUENCIES), _OTHER]
    first, last = table["start"].min().date(), table["end"].max().date()
    return str(first), str(last), tuple(sorted(named, key=order.index))


def _named(codes: Sequence[str]) -> str:
    return ", ".join(codes) if len(codes) <= _SHOWN else f"{len(codes)} countries"


def _read_kept(place: Path, code: str) -> dict[str, Contents]:
    """Return what was found before by the same package; nothing if that cannot be read."""
    try:
        kept = json.loads(place.read_text(encoding="utf-8"))
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


def _keep(place: Path, code: str, found: dict[str, Contents]) -> None:
    """Keep what was found; a project that cannot be written to is read again the next time."""
    entries = {digest: asdict(contents) for digest, contents in found.items()}
    text = json.dumps({"code": code, "contents": entries}, ensure_ascii=False)
    with suppress(OSError):
        replace_file(place, text.encode())
