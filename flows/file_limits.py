"""How much a file may be: limits against files that would fill the memory, in one place."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from types import TracebackType
from typing import Self

from flows.errors import LayoutError, UnknownNameError, unknown_name

VARIABLE = "FLOWS_LIMITS"
"""Variable of the environment that changes limits: ``unpacked=8GB,columns=20000``."""

_UNITS = {"": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9}
_NUMBER = re.compile(r"([0-9]{1,15})(KB|MB|GB|)")


@dataclass(frozen=True, slots=True)
class Limits:
    """
    What a file may hold before it is refused; a context that puts these limits in force.

    Parameters
    ----------
    unpacked : int
        Bytes that a packed file may unpack to; one that is not packed may be larger.
    ratio : int
        How many times its packed size a file may unpack to; the first 10 MB are free.
    cells : int
        Cells of a table, or of a sheet from its first to its last.
    characters : int
        Characters of one cell.
    columns : int
        Cells of one line.
    depth : int
        Brackets or elements inside each other, in JSON and XML.
    members : int
        Files in an archive.
    seconds : int
        Time in which a file is read and taken apart.
    """

    unpacked: int = 4 * 10**9
    ratio: int = 100
    cells: int = 50_000_000
    characters: int = 131_072
    columns: int = 16_384
    depth: int = 200
    members: int = 20_000
    seconds: int = 3_600

    def __enter__(self) -> Self:
        """Put these limits in force, in every thread."""
        _IN_FORCE.append(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Put the limits in force that were before."""
        _IN_FORCE.remove(self)


_IN_FORCE: list[Limits] = []

_WHAT = {
    "unpacked": "bytes in a packed file",
    "ratio": "times the packed size",
    "cells": "cells in a table",
    "characters": "characters in a cell",
    "columns": "cells in a line",
    "depth": "levels of brackets or elements",
    "members": "files in an archive",
    "seconds": "seconds for reading a file",
}


def limits(**changes: int | str) -> Limits:
    """
    Return the limits in force, or these with some changed, for a ``with`` statement.

    Parameters
    ----------
    **changes : int or str
        Limits by their names, as numbers or as text with a unit: ``"8GB"``. The names are
        ``unpacked``, ``ratio``, ``cells``, ``characters``, ``columns``, ``depth``, ``members`` and
        ``seconds``.

    Returns
    -------
    Limits
        The limits: of the ``with`` statement around, or those of the variable of the environment
        ``FLOWS_LIMITS`` (``unpacked=8GB,columns=20000``), which commands and the processes of a
        build follow, too.

    Raises
    ------
    UnknownNameError
        If there is no limit of this name, or the variable does not hold limits.
    ValueError
        If a limit is not a number above 0, with or without a unit.

    Examples
    --------
    >>> limits().columns
    16384
    >>> with limits(columns=20_000, unpacked="8GB"):
    ...     limits().columns, limits().unpacked
    (20000, 8000000000)
    """
    current = _IN_FORCE[-1] if _IN_FORCE else _of_environment(os.environ.get(VARIABLE, ""))
    return _changed(current, changes) if changes else current


@lru_cache(maxsize=1)
def _of_environment(text: str) -> Limits:
    entries = [entry.partition("=") for entry in text.split(",") if entry.strip()]
    try:
        return _changed(Limits(), {name.strip(): value.strip() for name, _, value in entries})
    except ValueError as error:
        raise UnknownNameError(f"{VARIABLE}: {error}") from error


def _changed(current: Limits, changes: Mapping[str, int | str]) -> Limits:
    names = [field.name for field in fields(Limits)]
    for name in changes:
        if name not in names:
            raise unknown_name("limit", name, names)
    return replace(current, **{name: _number(name, value) for name, value in changes.items()})


def _number(name: str, value: int | str) -> int:
    match = _NUMBER.fullmatch(str(value))
    number = int(match[1]) * _UNITS[match[2]] if match else 0
    if not number:
        raise ValueError(f"expected a limit {name} above 0, as 1000 or 8GB, found {str(value)!r}")
    return number


def beyond(name: str, found: str, *, place: str, instead: str = "") -> LayoutError:
    """
    Return the error for a file that goes beyond a limit, with the way to raise it.

    >>> print(beyond("columns", "20000", place="a.csv:3"))  # doctest: +NORMALIZE_WHITESPACE
    a.csv:3: expected at most 16,384 cells in a line, found 20000; if you trust the file, raise the
    limit "columns": with flows.limits(columns=...), or FLOWS_LIMITS=columns=...
    """
    most: int = getattr(limits(), name)
    return LayoutError(
        f"{place}: expected at most {most:,} {_WHAT[name]}, found {found}; {instead}if you trust "
        f'the file, raise the limit "{name}": with flows.limits({name}=...), or '
        f"{VARIABLE}={name}=..."
    )
