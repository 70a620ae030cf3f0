"""How a file of the report differs from its rebuilt counterpart: where, and by how much."""

import csv
import io
import json
import math
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import PurePosixPath

from flows.notation import parse_json
from flows.report.manifest import TOLERANCE

_NOISE = 1e-12
"""Values nearer to zero than this are the same: a sum that ought to be zero."""

_NUMBER = re.compile("(-?[0-9]+(?:[.][0-9]+)?(?:[eE][+-]?[0-9]+)?)")
_TEXTS = frozenset(
    {".bib", ".csv", ".html", ".json", ".md", ".rels", ".svg", ".tex", ".toml", ".typ", ".xml"}
)
_AROUND = 24
"""Characters shown before and after the first that differs."""


@dataclass(frozen=True, slots=True)
class ValueDifference:
    """
    One value that differs.

    ``place``: ``"line 3, low"`` or ``"trade.total.value"``; ``report``, ``rebuilt``: the value in
    either file; ``None`` where the file has no such place; ``relative``: difference over the larger
    of the two; ``None`` if one is no number.
    """

    place: str
    report: str | None
    rebuilt: str | None
    relative: float | None


@dataclass(frozen=True, slots=True)
class Difference:
    """
    How one file differs.

    ``file``: path below the project's folder; ``text``: how much differs and the first or largest
    difference, as ``report -> rebuilt``; ``within``: whether the numbers are the same within the
    tolerance and all else is the same text; ``values``: every value that differs, of a file that
    holds values.
    """

    file: str
    text: str
    within: bool = False
    values: tuple[ValueDifference, ...] = ()


def compare_contents(file: str, report: bytes, rebuilt: bytes) -> Difference | None:
    """Say how a file of the report and the rebuilt one differ."""
    if report == rebuilt:
        return None
    suffix = PurePosixPath(file).suffix.lower()
    if suffix in _TEXTS:
        with suppress(UnicodeDecodeError):
            return _compare_texts(file, report.decode("utf-8"), rebuilt.decode("utf-8"))
    describe = {".docx": _describe_archives, ".png": _describe_pictures}.get(suffix)
    if describe is not None:
        with suppress(Exception):  # whatever a damaged file does to its reader
            return Difference(file, describe(report, rebuilt))
    return Difference(file, _describe_bytes(report, rebuilt))


def list_values(place: str, content: object) -> Iterator[tuple[str, str]]:
    """Yield every value of nested mappings and lists with its place."""
    if content and isinstance(content, dict | list):
        entries = content.items() if isinstance(content, dict) else enumerate(content)
        for key, value in entries:
            yield from list_values(f"{place}.{key}" if place else str(key), value)
    else:
        yield place, content if isinstance(content, str) else json.dumps(content)


def compare_values(
    report: Iterator[tuple[str, str]], rebuilt: Iterator[tuple[str, str]]
) -> tuple[list[ValueDifference], int]:
    """Return the values that differ, in the order of their places, and the number of all places."""
    was, now = dict(report), dict(rebuilt)
    places = was | now
    differences = [
        ValueDifference(place, was.get(place), now.get(place), _relative(was, now, place))
        for place in places
        if was.get(place) != now.get(place)
    ]
    return differences, len(places)


def is_within(report: str, rebuilt: str, *, tolerance: float = TOLERANCE) -> bool:
    """
    Say whether two texts differ in nothing but fractions that are the same within a
    tolerance.
    """
    pieces = zip_longest(_NUMBER.split(report), _NUMBER.split(rebuilt))
    return all(
        was == now or (position % 2 == 1 and _is_close(was, now, tolerance))
        for position, (was, now) in enumerate(pieces)
    )


def _is_close(was: str | None, now: str | None, tolerance: float) -> bool:
    """Compare two numbers; those without a fraction are years, codes or counts."""
    if was is None or now is None or not all(re.search("[.eE]", text) for text in (was, now)):
        return False
    return math.isclose(float(was), float(now), rel_tol=tolerance, abs_tol=_NOISE)


def _relative(was: dict[str, str], now: dict[str, str], place: str) -> float | None:
    try:
        before, after = float(was[place]), float(now[place])
    except (KeyError, ValueError):
        return None
    largest = max(abs(before), abs(after))
    return abs(before - after) / largest if largest and math.isfinite(largest) else None


def _compare_texts(file: str, report: str, rebuilt: str) -> Difference:
    readers = {".json": _json_values, ".csv": _csv_values}
    read = readers.get(PurePosixPath(file).suffix.lower())
    if read is None:
        return Difference(file, _describe_lines(report, rebuilt))
    try:
        differences, count = compare_values(read(report), read(rebuilt))
    except (ValueError, csv.Error):
        return Difference(file, _describe_lines(report, rebuilt))
    if not differences:
        return Difference(file, f"the same values, {_describe_lines(report, rebuilt)}")
    text = _describe_values(differences, count)
    return Difference(file, text, is_within(report, rebuilt), tuple(differences))


def _describe_values(differences: Sequence[ValueDifference], count: int) -> str:
    """Say how many values differ, by how much, and which differs most: a word above any number."""
    worst = max(
        differences, key=lambda change: math.inf if change.relative is None else change.relative
    )
    largest = max(
        (change.relative for change in differences if change.relative is not None), default=None
    )
    many = len(differences) > 1
    size = f"{len(differences)} of {count} values differ{'' if many else 's'}"
    if largest is not None:
        size += f", by {'up to ' if many else ''}{largest:.2g} of "
        size += "themselves" if many else "itself"
    report, rebuilt = (
        "none" if text is None else _shorten(text) for text in (worst.report, worst.rebuilt)
    )
    return f"{size} ({worst.place}: {report} -> {rebuilt})"


def _json_values(text: str) -> Iterator[tuple[str, str]]:
    return list_values("", parse_json(text))


def _csv_values(text: str) -> Iterator[tuple[str, str]]:
    rows = csv.reader(io.StringIO(text, newline=""))
    header = next(rows, [])
    for row in rows:
        for name, cell in zip_longest(header, row, fillvalue=""):
            yield f"line {rows.line_num}, {name}", cell


def _describe_lines(report: str, rebuilt: str) -> str:
    was, now = report.splitlines(keepends=True), rebuilt.splitlines(keepends=True)
    pairs = list(zip_longest(was, now, fillvalue=""))
    first = next(number for number, (before, after) in enumerate(pairs) if before != after)
    if len(was) == len(now):
        count = sum(before != after for before, after in pairs)
        size = f"{count} of {len(was)} lines differ{'s' if count == 1 else ''}"
    else:
        size = f"{len(was)} -> {len(now)} lines"
    before, after = _excerpts(*pairs[first])
    return f"{size} (line {first + 1}: {_quote(before)} -> {_quote(after)})"


def _excerpts(report: str, rebuilt: str) -> tuple[str, str]:
    """Cut both lines around the first character that differs."""
    if report.rstrip("\r\n") != rebuilt.rstrip("\r\n"):
        report, rebuilt = report.rstrip("\r\n"), rebuilt.rstrip("\r\n")
    pairs = zip_longest(report, rebuilt)
    first = next(number for number, (before, after) in enumerate(pairs) if before != after)
    begin = max(first - _AROUND, 0)

    def cut(line: str) -> str:
        piece = line[begin : first + _AROUND]
        return f"{'…' if begin else ''}{piece}{'…' if first + _AROUND < len(line) else ''}"

    return cut(report), cut(rebuilt)


def _quote(text: str) -> str:
    """Quote a piece of a line, its control characters escaped."""
    return repr(text).replace(r"\xa0", "\xa0")


def _shorten(text: str) -> str:
    text = text if text.isprintable() else _quote(text)
    return text if len(text) <= 2 * _AROUND else f"{text[: 2 * _AROUND]}…"


def _describe_archives(report: bytes, rebuilt: bytes) -> str:
    """Compare the files inside a docx."""
    was, now = _members(report), _members(rebuilt)
    names = [name for name in was | now if was.get(name) != now.get(name)]
    if not names:
        return f"the same files inside, packed otherwise: {_describe_bytes(report, rebuilt)}"
    first = "word/document.xml" if "word/document.xml" in names else names[0]
    differ = "differs" if len(names) == 1 else "differ"
    inside = f"{first}: {_describe_member(first, was, now)}"
    return f"{len(names)} of {len(was | now)} files inside {differ} ({inside})"


def _describe_member(name: str, was: Mapping[str, bytes], now: Mapping[str, bytes]) -> str:
    if name not in was or name not in now:
        return "there -> none" if name in was else "none -> there"
    difference = compare_contents(name, was[name], now[name])
    return difference.text if difference else ""


def _members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _describe_pictures(report: bytes, rebuilt: bytes) -> str:
    """Count the pixels that differ."""
    import numpy as np  # noqa: PLC0415 - only where pictures differ
    from PIL import Image  # noqa: PLC0415 - the same

    was, now = (
        np.asarray(Image.open(io.BytesIO(content)).convert("RGBA")) for content in (report, rebuilt)
    )
    if was.shape != now.shape:
        sizes = [f"{shape[1]} x {shape[0]}" for shape in (was.shape, now.shape)]
        return f"{' -> '.join(sizes)} pixels"
    count = int((was != now).any(axis=2).sum())
    if not count:
        return f"the same pixels, written otherwise: {_describe_bytes(report, rebuilt)}"
    return f"{count} of {was.shape[0] * was.shape[1]} pixels differ{'s' if count == 1 else ''}"


def _describe_bytes(report: bytes, rebuilt: bytes) -> str:
    pairs = zip_longest(report, rebuilt)
    first = next(number for number, (before, after) in enumerate(pairs) if before != after)
    return f"{len(report)} -> {len(rebuilt)} bytes, other ones from byte {first + 1} on"
