"""A number of the report: the code that gives it, and the raw lines that went into it."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from flows.errors import SourceError, UnknownNameError, unknown_name
from flows.findings import Number
from flows.loaders.text import read_content
from flows.report.appendices import find_appendices
from flows.report.evidence import split_lines
from flows.report.numbers import read_numbers
from flows.sources import find_source, verify_source

_SHOWN = 500
"""Lines of a data set that are printed for a person."""


@dataclass(frozen=True, slots=True)
class RawLine:
    """
    One line of a raw file, as it stands there.

    ``dataset``: ``source@vintage``; ``path``: the file, named from the folder of the project;
    ``line``: counted from 1; ``text``: without its line end; bytes that are not UTF-8 are read as
    Latin-1.
    """

    dataset: str
    path: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Trace:
    """A number and every raw line that went into it."""

    number: Number
    lines: tuple[RawLine, ...]


def trace_number(root: Path, name: str) -> Trace:
    """Follow a number of a built report, ``NUMBER`` or ``APPENDIX:NUMBER``, to its raw lines."""
    number = find_number(root, name)
    lines = [
        raw
        for dataset, wanted in sorted(number.rows.items())
        for raw in read_raw_lines(root, dataset, wanted)
    ]
    return Trace(number, tuple(lines))


def find_number(root: Path, name: str) -> Number:
    """Return a number of whichever appendix has it; where several do, one has to be named."""
    wanted, _, number = name.rpartition(":")
    appendices = find_appendices(root, [wanted] if wanted else [])
    built = [appendix for appendix in appendices if (root / appendix.numbers).is_file()]
    numbers = {appendix: read_numbers(root / appendix.numbers) for appendix in built or appendices}
    having = [appendix for appendix in numbers if number in numbers[appendix]]
    if not having:
        ids = {known for several in numbers.values() for known in several}
        places = ", ".join(appendix.numbers for appendix in numbers)
        raise unknown_name("number", number, ids, all_in=places)
    if len(having) > 1:
        raise UnknownNameError(
            f"expected the number of one appendix, found {number!r} in several; name one of "
            + ", ".join(f"{appendix.name}:{number}" for appendix in having)
        )
    return numbers[having[0]][number]


def read_raw_lines(root: Path, dataset: str, wanted: tuple[int, ...]) -> list[RawLine]:
    """Return lines of the raw file of a data set."""
    source = find_source(dataset, root)
    verify_source(source)
    if len(source.tables) != 1:
        raise SourceError(
            f"{source.folder}: expected one file to find lines in, found {len(source.tables)}"
        )
    path = source.tables[0]
    texts = split_lines(read_content(path))
    if wanted and not 1 <= min(wanted) <= max(wanted) <= len(texts):
        raise SourceError(f"{path}: expected lines 1 to {len(texts)}, asked for {max(wanted)}")
    place = path.relative_to(root).as_posix()
    return [RawLine(dataset, place, line, texts[line - 1]) for line in sorted(set(wanted))]


def describe_trace(found: Trace) -> Iterator[str]:
    """Tell a person how a number was made and from which lines."""
    number = found.number
    yield f"{number.id} = {number.printed} {number.unit}"
    yield f"  {number.about}"
    yield f"  value       {number.value!r}"
    if number.spread:
        level = f" at level {number.level:g}" if number.level is not None else ""
        yield f"  {number.spread}      {number.low} to {number.high}{level}"
    yield "  made by"
    yield from (f"    {line}" for step in number.code for line in step.split("\n"))
    for dataset, lines in groupby(found.lines, key=lambda raw: raw.dataset):
        several = list(lines)
        yield f"  {dataset}"
        yield from (f"    {raw.path}:{raw.line}: {raw.text}" for raw in several[:_SHOWN])
        if len(several) > _SHOWN:
            yield f"    and {len(several) - _SHOWN:,} more lines; --json has all of them"
