"""The files of ``flows/crosswalks``, read once, when they are first needed."""

import csv
import io
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Literal

Scheme = Literal["iso", "m49", "comtrade", "baci", "sipri", "wits", "cow", "armstat"]
"""Whose names and codes; each has a file of that name in ``flows/crosswalks``."""

# BACI keeps Comtrade's codes and most of its names; its own file holds the rest.
_FILES: dict[Scheme, tuple[str, ...]] = {
    "iso": ("iso.csv",),
    "m49": ("m49.csv",),
    "comtrade": ("comtrade.csv",),
    "baci": ("baci.csv", "comtrade.csv"),
    "sipri": ("sipri.csv",),
    "wits": ("wits.csv",),
    "cow": ("cow.csv",),
    "armstat": ("armstat.csv",),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """
    What one row of a crosswalk says a name stands for.

    Parameters
    ----------
    alpha3 : str
        The country.
    start, end : datetime.date
        First and last day on which it does; all days where the row has no dates.
    """

    alpha3: str
    start: date
    end: date


def file_of(scheme: Scheme) -> str:
    """
    Return the file in which a name of the scheme belongs.

    Parameters
    ----------
    scheme : {"iso", "m49", "comtrade", "baci", "sipri", "wits", "cow", "armstat"}
        Whose names.

    Returns
    -------
    str
        Path from the root of the repository.

    Raises
    ------
    ValueError
        If there is no such scheme.

    Examples
    --------
    >>> file_of("baci")
    'flows/crosswalks/baci.csv'
    """
    return f"flows/crosswalks/{_files_of(scheme)[0]}"


@cache
def entries(scheme: Scheme) -> Mapping[str, tuple[Entry, ...]]:
    """
    Return everything that the names and codes of a scheme stand for.

    Parameters
    ----------
    scheme : {"iso", "m49", "comtrade", "baci", "sipri", "wits", "cow", "armstat"}
        Whose names.

    Returns
    -------
    Mapping
        Name to its entries: one, or several that follow one another in time.

    Raises
    ------
    ValueError
        If there is no such scheme.

    Examples
    --------
    >>> [entry.alpha3 for entry in entries("cow")["365"]]
    ['RUS', 'RUS', 'SUN']
    """
    found: dict[str, tuple[Entry, ...]] = {}
    for row in (row for name in _files_of(scheme) for row in read_rows(name)):
        start = date.fromisoformat(row["from"]) if row["from"] else date.min
        end = date.fromisoformat(row["to"]) if row["to"] else date.max
        name = published(row["name"])
        found[name] = (*found.get(name, ()), Entry(row["alpha3"], start, end))
    return found


@cache
def aggregates(scheme: Scheme) -> frozenset[str]:
    """
    Return the names and codes of a scheme that stand for the world or a group of countries.

    Parameters
    ----------
    scheme : {"iso", "m49", "comtrade", "baci", "sipri", "wits", "cow", "armstat"}
        Whose names.

    Returns
    -------
    frozenset of str
        Names and codes.

    Raises
    ------
    ValueError
        If there is no such scheme.

    Examples
    --------
    >>> "World" in aggregates("wits")
    True
    """
    schemes = {name.removesuffix(".csv") for name in _files_of(scheme)}
    rows = read_rows("aggregates.csv")
    return frozenset(published(row["name"]) for row in rows if row["scheme"] in schemes)


def read_rows(name: str) -> list[dict[str, str]]:
    """
    Return the rows of one file.

    Parameters
    ----------
    name : str
        Its name in ``flows/crosswalks``.

    Returns
    -------
    list of dict
        Cells by column.

    Raises
    ------
    FileNotFoundError
        If there is no such file.

    Examples
    --------
    >>> read_rows("dissolved.csv")[0]["alpha3"]
    'ANT'
    """
    text = files("flows").joinpath("crosswalks", name).read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text)))


def published(name: str) -> str:
    """
    Return a name without the blanks around it, its accents in one Unicode form (NFC).

    Parameters
    ----------
    name : str
        As it stands in a file.

    Returns
    -------
    str
        The same name; nothing else is forgiven, neither case nor spelling.

    Raises
    ------
    TypeError
        If it is not text.

    Examples
    --------
    >>> published(" Tu\u0308rkiye ")
    'Türkiye'
    """
    return unicodedata.normalize("NFC", name).strip()


def _files_of(scheme: Scheme) -> tuple[str, ...]:
    if scheme not in _FILES:
        raise ValueError(f"scheme: expected {', '.join(_FILES)}, found {scheme!r}")
    return _FILES[scheme]
