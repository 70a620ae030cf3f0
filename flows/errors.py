"""Errors of the package: every one says what was expected, what was found, and where."""

import difflib
import errno
from collections.abc import Iterable
from pathlib import Path

from flows.safe_text import show_controls


class _SafeError(ValueError):
    """What it quotes of a file is shown, and acts upon no terminal."""

    def __str__(self) -> str:
        return show_controls(super().__str__())


class FlowsError(_SafeError):
    """Base of every error that bad data can cause; a bad argument raises a plain ``ValueError``."""


class SchemaError(FlowsError):
    """A frame is not a flow table: a column, a type or a value is not as the table demands."""


class LayoutError(FlowsError):
    """A file is not in the layout it was read as: header, number of cells, encoding or a cell."""


class SourceError(FlowsError):
    """The catalogue of raw files is at fault: unknown id, missing file, bad ``source.toml``."""


class HashError(SourceError):
    """A raw file is not the file that was published: its sha256 differs from ``source.toml``."""


class FetchError(FlowsError):
    """A file could not be fetched whole: address, network, server or answer are at fault."""


class EngineError(FlowsError):
    """An engine cannot do its work: it is not installed, or its memory does not suffice."""


class CountryError(FlowsError):
    """A country's name or code has no entry in the crosswalk; nothing is guessed."""


class PeriodError(FlowsError):
    """A period is impossible, not covered by the data, or covered twice."""


class UnitError(FlowsError):
    """Two quantities that cannot be added, divided or compared met in one calculation."""


class DoubleCountError(FlowsError):
    """One flow is stated more than once in a sum; the message names the filter to apply."""


class ScopeError(FlowsError):
    """The rows are not all that a total is made of, and no printed total is at hand instead."""


class UnreportedError(FlowsError):
    """One side states a flow as nothing or not at all where both statements are needed."""


class SampleError(FlowsError):
    """The observations cannot carry the model: too few, constant, not positive or not finite."""


class ReportError(FlowsError):
    """The text of the report refers to something that the findings do not hold."""


class BundleError(FlowsError):
    """A bundle cannot be made, or one that was handed on is not as it was made."""


class DiskError(FlowsError, OSError):
    """A file cannot be written: no room, no right, a name that is too long; or not be read."""


class UnknownNameError(_SafeError):
    """A name that a user gave is none of those that exist; the message has the nearest ones."""


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """
    Return the nearest of the names that exist, for the end of an error; nothing if none is near.

    >>> did_you_mean("fit_trends", ["fit_trend", "load"]), did_you_mean("x", ["fit_trend"])
    ('; did you mean fit_trend?', '')
    """
    folded = {other.casefold(): other for other in sorted(known)}
    near = difflib.get_close_matches(str(name).casefold(), folded, n=1)
    return f"; did you mean {folded[near[0]]}?" if near else ""


_SHOWN = 20
"""Names that an error lists in full; of more it has the nearest."""


def unknown_name(
    kind: str, name: str, known: Iterable[str], *, all_in: str = ""
) -> UnknownNameError:
    """
    Return the error for a name that does not exist, with the names that are near.

    ``all_in``: where a person finds all of them, where they may be many.

    >>> print(unknown_name("number", "nothing", ["a.share", "a.sum"], all_in="numbers.json"))
    no number 'nothing'; there are: a.share, a.sum
    """
    known = sorted(known)
    near = difflib.get_close_matches(name, known, n=5, cutoff=0.4)
    if not near and len(known) > _SHOWN:
        near = difflib.get_close_matches(name, known, n=5, cutoff=0.0)
    if near:
        rest = f"; all {len(known)} stand in {all_in}" if all_in and len(known) > len(near) else ""
        return UnknownNameError(f"no {kind} {name!r}; the nearest: {', '.join(near)}{rest}")
    return UnknownNameError(f"no {kind} {name!r}; there are: {', '.join(known) or 'none'}")


def nearest(name: str, known: Iterable[str]) -> str:
    """
    Return names that exist as a list in words, those most like one that does not exist first.

    >>> nearest("blow", ["above", "below", "level"])
    'below, above, level'
    """
    names = list(known)
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    return ", ".join([*near, *(other for other in names if other not in near)])


_ON_DISK = {
    errno.ENOSPC: "room on the disk, found none; free some and run the same again",
    errno.EDQUOT: "room within your quota, found none; free some and run the same again",
    errno.EROFS: "a disk that can be written to, found one that can only be read; write elsewhere",
    errno.EFBIG: "a disk that takes files of this size, found one that does not",
    errno.EIO: "the disk to work, found it at fault (EIO); the log of the system says more",
    errno.EMFILE: "to open one more file, found the limit reached; raise it (ulimit -n 4096), or "
    "do less at once (--jobs 1)",
    errno.ENFILE: "to open one more file, found the limit of the whole machine reached",
    errno.ENAMETOOLONG: "a name that the system takes, found one that is too long",
    errno.EISDIR: "a file, found a folder; remove it, or name another",
    errno.ENOTDIR: "a folder, found a file in its path; remove it, or name another",
    errno.ENOTEMPTY: "an empty folder, found something in it; remove it, or name another",
    errno.ELOOP: "a file or folder, found links that lead to each other",
    errno.EPERM: "the right to read or write here, found none",
    errno.EACCES: "the right to read or write here, found none",
    errno.EEXIST: "nothing here, found something; remove it, or name another",
    errno.ENOENT: "this file or folder, found none",
}
"""What was expected and found where the system refuses, and what to do."""


def describe_os_error(error: OSError, place: Path | None = None) -> str:
    """
    Return what the system says of a file as this program says it.

    ``place``: what was being written, where it is another file than the one that is named.

    >>> describe_os_error(FileNotFoundError(2, "No such file", "a.csv"))
    "expected a file or folder, found none at 'a.csv'"
    >>> describe_os_error(OSError(28, "No space left on device"), Path("out.parquet"))
    'out.parquet: expected room on the disk, found none; free some and run the same again'
    """
    name = error.filename if place is None else None
    match error:
        case FileNotFoundError() if isinstance(name, str):
            return f"expected a file or folder, found none at {name!r}"
        case FileExistsError() if isinstance(name, str):
            return f"expected no file at {name!r}, found one; remove it, or name another"
        case PermissionError() if isinstance(name, str):
            return f"expected the right to read or write {name!r}, found none"
    words = _ON_DISK.get(error.errno or 0)
    if words is None:
        return str(error) if place is None else f"{place}: expected to write it, found: {error}"
    where = name if place is None else place
    return f"{where}: expected {words}" if where else f"expected {words}"
