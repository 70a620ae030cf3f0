"""Names and codes of countries, as publishers write them, to alpha-3 codes and back."""

import csv
import difflib
import io
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from flows.errors import CountryError, UnknownNameError
from flows.table import where

_SHOWN = 50
_NEAREST = 3
_CODE_LENGTH = 3
_UNKNOWN = "no alpha-3 code"
_NUMBERED = re.compile(r"^([A-Z]+)(\d+)(?:_\d+)?$")
"""A fixed composition of a group, by the number of its members."""
_NAME_IT = '; what is a country can be named in names.toml beside the file: [names] "Name" = "ARM"'

Scheme = Literal[
    "iso",
    "m49",
    "comtrade",
    "baci",
    "sipri",
    "wits",
    "cow",
    "armstat",
    "census",
    "fao",
    "research",
    "comext",
    "wto",
]
"""Whose names and codes; each has a file of that name in ``flows/crosswalks``."""

# BACI keeps Comtrade's codes and most of its names; data sets of research keep ISO's codes, most of
# them, and the WTO its names. Their own files hold the rest.
_FILES: dict[Scheme, tuple[str, ...]] = {
    "iso": ("iso.csv",),
    "m49": ("m49.csv",),
    "comtrade": ("comtrade.csv",),
    "baci": ("baci.csv", "comtrade.csv"),
    "sipri": ("sipri.csv",),
    "wits": ("wits.csv",),
    "cow": ("cow.csv",),
    "armstat": ("armstat.csv",),
    "census": ("census.csv",),
    "fao": ("fao.csv", "m49.csv"),
    "research": ("research.csv", "iso.csv"),
    "comext": ("comext.csv",),
    "wto": ("wto.csv", "iso.csv"),
}


def country_code(name_or_code: str, *, scheme: Scheme, on: date | None = None) -> str:
    """Return the alpha-3 code of a country that a publisher names or codes in its own way."""
    codes = _candidates(name_or_code, scheme, on)
    if len(codes) != 1:
        raise CountryError(_fault(name_or_code, scheme, on))
    return codes[0]


def country_codes(
    names: pd.Series,
    *,
    scheme: Scheme,
    on: pd.Series | None = None,
    path: str = "",
    lines: pd.Series | None = None,
) -> pd.Series:
    """Return the alpha-3 codes of a column."""
    name_at, printed = pd.factorize(names.astype("str").fillna(""))
    day_at, days = _days(on, len(names))
    place_of, pairs = pd.factorize(name_at * len(days) + day_at)
    codes: list[str] = []
    faults: dict[str, pd.Series] = {}
    for place, pair in enumerate(pairs):
        name, day = printed[int(pair) // len(days)], days[int(pair) % len(days)]
        try:
            codes.append(country_code(name, scheme=scheme, on=day))
        except CountryError as error:
            faults[str(error)] = pd.Series(place_of == place, index=names.index)
    if faults:
        raise CountryError(_listed(faults, path, lines))
    coded = pd.array(codes, dtype="str").take(place_of)
    return pd.Series(coded, index=names.index, name=names.name)


def _days(on: pd.Series | None, rows: int) -> tuple[NDArray[np.intp], list[date | None]]:
    """Return which day stands in each row, and each day once."""
    if on is None:
        return np.zeros(rows, dtype=np.intp), [None]
    day_at, days = pd.factorize(on, use_na_sentinel=False)
    return day_at, pd.Series(days).dt.date.tolist()


def _candidates(name: str, scheme: Scheme, on: date | None) -> list[str]:
    candidates = entries(scheme).get(published(name), ())
    return sorted(
        {entry.alpha3 for entry in candidates if on is None or entry.start <= on <= entry.end}
    )


def _fault(name: str, scheme: Scheme, on: date | None) -> str:
    """Say why the name does not have one code."""
    if published(name) in aggregates(scheme):
        return f"expected a country, found the aggregate {name!r}; leave its rows out first"
    candidates = _candidates(name, scheme, None)
    if not candidates:
        return f"{_UNKNOWN} for {name!r} in {_file_of(scheme)}{_hint(name, scheme)}"
    day = "without a date" if on is None else f"on {on}"
    times = "" if _candidates(name, scheme, on) else ", at other times"
    return (
        f"expected one country for {name!r} {day}, found {', '.join(candidates)} in "
        f"{_file_of(scheme)}{times}"
    )


def _hint(name: str, scheme: Scheme) -> str:
    """Say what may be meant: a name whose accents are broken would be known in its own encoding."""
    for encoding in ("cp1252", "latin-1"):
        try:
            meant = name.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
        if meant != name:
            return (
                f": {meant!r} was saved as UTF-8 and read as {encoding}, take the file before that"
            )
    near = nearest_names(name, scheme)
    return f" (nearest: {', '.join(near)})" if near else ""


@cache
def nearest_names(name: str, scheme: Scheme) -> list[str]:
    """
    Return the names that are most like one that is not known, each with its code.

    >>> nearest_names("Armennia", "wits")[0]
    'Armenia ARM'
    """
    if name.isdigit():
        return []
    known = {
        name.casefold(): f"{name} {row.alpha3}"
        for name, rows in entries(scheme).items()
        for row in rows
    } | {name.casefold(): f"{name} {code}" for code, name in _names().items()}
    near = difflib.get_close_matches(published(name).casefold(), known, n=_NEAREST)
    return list(dict.fromkeys(known[folded] for folded in near))


def name_in_capitals(name: str, *, scheme: Scheme) -> str | None:
    """
    Return the name that differs in small letters and capitals only; none if not one country's.

    A code is one in its own letters only.

    >>> name_in_capitals("IRAN, ISLAMIC REP.", scheme="wits")
    'Iran, Islamic Rep.'
    >>> name_in_capitals("Korea, Republic Of", scheme="iso")
    'Korea, Republic of'
    """
    if not name.isupper() and len(name) <= _CODE_LENGTH:
        return None
    meant = _by_capitals(scheme).get(published(name).upper(), ())
    return meant[0] if len(meant) == 1 else None


@cache
def _by_capitals(scheme: Scheme) -> Mapping[str, tuple[str, ...]]:
    """Return the names that are the same in capitals, of each country one."""
    names: dict[str, dict[tuple[Entry, ...], str]] = {}
    for name, rows in entries(scheme).items():
        names.setdefault(name.upper(), {}).setdefault(rows, name)
    return {capitals: tuple(same.values()) for capitals, same in names.items()}


def _listed(faults: Mapping[str, pd.Series], path: str, lines: pd.Series | None) -> str:
    """Name every fault and the lines it stands in, then where names are added."""
    messages = list(faults)
    if lines is not None:
        rows = pd.DataFrame({"dataset": path, "line": lines})
        messages = [
            f"{fault} ({where(rows[at].drop_duplicates())})" for fault, at in faults.items()
        ]
    more = f"; and {len(messages) - _SHOWN} more" if len(messages) > _SHOWN else ""
    unknown = path and any(fault.startswith(_UNKNOWN) for fault in faults)
    return "; ".join(messages[:_SHOWN]) + more + (_NAME_IT if unknown else "")


@dataclass(frozen=True, slots=True)
class DissolvedState:
    """
    A state, territory or customs union that is no more.

    ``alpha3``: its code: of ISO 3166-3 where it has one there, else user-assigned; ``name``: its
    English name; ``start``: its first day; none where the crosswalk does not state it; ``end``: its
    last day; ``successors``: alpha-3 codes of the states on its territory; one may itself be
    dissolved.
    """

    alpha3: str
    name: str
    start: date | None
    end: date
    successors: tuple[str, ...]


def country_name(alpha3: str) -> str:
    """Return the English name that is printed for a code."""
    if alpha3 not in _names():
        raise CountryError(
            f"expected an alpha-3 code that is in flows/crosswalks/countries.csv, found {alpha3!r}"
            + hint_at_code(str(alpha3))
        )
    return _names()[alpha3]


def hint_at_code(name: str) -> str:
    """Return what may have been meant by something that is no code, for the end of an error."""
    if name in _names():
        return ""
    if name in country_groups():
        return "; it is a group of countries, which share and series take for a partner"
    meant = sorted(_named_exactly(name))
    if not meant and len(name) > _CODE_LENGTH:
        meant = nearest_names(name, "iso")[:1]
    return f"; did you mean {' or '.join(meant)}?" if meant else ""


def find_country(name_or_code: str) -> str:
    """
    Return the alpha-3 code of a country that a person names, by code or in a publisher's words.

    What is only near is not taken: ``UnknownNameError`` has the nearest.

    >>> find_country("arm"), find_country("Russia"), find_country("Iran (Islamic Republic of)")
    ('ARM', 'RUS', 'IRN')
    >>> find_country("Armennia")
    Traceback (most recent call last):
    flows.errors.UnknownNameError: no country 'Armennia'; did you mean Armenia (ARM)?
    """
    code = name_or_code.strip().upper()
    if code in _names():
        return code
    known = {name.casefold(): code for code, name in _names().items()}
    if name_or_code.strip().casefold() in known:
        return known[name_or_code.strip().casefold()]
    meant = sorted(_named_exactly(name_or_code))
    if len(meant) == 1:
        return meant[0]
    near = meant or [
        known[name]
        for name in difflib.get_close_matches(name_or_code.casefold(), known, n=_NEAREST)
    ]
    hint = " or ".join(f"{country_name(code)} ({code})" for code in near)
    raise UnknownNameError(
        f"no country {name_or_code!r}; "
        + (f"did you mean {hint}?" if hint else "name it in English or by its alpha-3 code")
    )


def _named_exactly(name: str) -> set[str]:
    """
    Return the codes that some publisher gives a name, in whatever case; nothing that is near.

    Among them are codes that people write by mistake: they are hinted at and never read as data.
    """
    wanted = name.strip().casefold()
    own = {code for code, known in _names().items() if known.casefold() == wanted}
    mistaken = {
        row["alpha3"] for row in read_rows("wrong_codes.csv") if row["code"].casefold() == wanted
    }
    schemes = (scheme for scheme in get_args(Scheme))
    return (
        own
        | mistaken
        | {
            row["alpha3"]
            for scheme in schemes
            for row in read_rows(f"{scheme}.csv")
            if row.get("name", "").casefold() == wanted and row["alpha3"] in _names()
        }
    )


@cache
def dissolved_states() -> Mapping[str, DissolvedState]:
    """Return every state, territory or customs union with a code that is no more."""
    states = {
        row["alpha3"]: DissolvedState(
            alpha3=row["alpha3"],
            name=country_name(row["alpha3"]),
            start=date.fromisoformat(row["from"]) if row["from"] else None,
            end=date.fromisoformat(row["to"]),
            successors=tuple(row["successors"].split()),
        )
        for row in read_rows("dissolved.csv")
    }
    return MappingProxyType(states)


@dataclass(frozen=True, slots=True)
class Membership:
    """``alpha3`` is in a group from ``start`` to ``end``, both days included."""

    alpha3: str
    start: date
    end: date


def group_name(group: str) -> str:
    """
    Return the name of a group of countries as a sentence has it.

    >>> group_name("EU27_2020"), group_name("EAEU")
    ('EU-27', 'EAEU')
    """
    return _NUMBERED.sub(r"\1-\2", group)


@cache
def country_groups() -> Mapping[str, tuple[Membership, ...]]:
    """
    Return the groups of countries that can be asked for by name, with their members by date.

    >>> sorted(country_groups())[:3], country_groups()["EAEU"][-1].start
    (['ASEAN', 'CACM', 'CIS'], datetime.date(2015, 8, 12))
    """
    groups: dict[str, tuple[Membership, ...]] = {}
    for row in read_rows("groups.csv"):
        start = date.fromisoformat(row["from"]) if row["from"] else date.min
        end = date.fromisoformat(row["to"]) if row["to"] else date.max
        member = Membership(row["alpha3"], start, end)
        groups[row["group"]] = (*groups.get(row["group"], ()), member)
    return MappingProxyType(groups)


@cache
def _names() -> dict[str, str]:
    return {row["alpha3"]: row["name"] for row in read_rows("countries.csv")}


def is_aggregate(name_or_code: str, *, scheme: Scheme) -> bool:
    """Say whether a name or code stands for the world or a group of countries."""
    return published(name_or_code) in aggregates(scheme)


def are_aggregates(names: pd.Series, *, scheme: Scheme) -> pd.Series:
    """Say which rows of a column stand for the world or a group of countries."""
    text = names.astype("str")
    return text.isin([name for name in text.dropna().unique() if is_aggregate(name, scheme=scheme)])


@dataclass(frozen=True, slots=True)
class Entry:
    """
    What one row of a crosswalk says a name stands for.

    ``alpha3``: the country; ``start``, ``end``: first and last day on which it does; all days where
    the row has no dates.
    """

    alpha3: str
    start: date
    end: date


def _file_of(scheme: Scheme) -> str:
    """Return the file in which a name of the scheme belongs."""
    return f"flows/crosswalks/{_files_of(scheme)[0]}"


@cache
def entries(scheme: Scheme) -> Mapping[str, tuple[Entry, ...]]:
    """Return everything that the names and codes of a scheme stand for."""
    listed: dict[str, tuple[Entry, ...]] = {}
    for row in (row for name in _files_of(scheme) for row in read_rows(name)):
        start = date.fromisoformat(row["from"]) if row["from"] else date.min
        end = date.fromisoformat(row["to"]) if row["to"] else date.max
        name = published(row["name"])
        listed[name] = (*listed.get(name, ()), Entry(row["alpha3"], start, end))
    return listed


@cache
def aggregates(scheme: Scheme) -> frozenset[str]:
    """Return the names and codes of a scheme that stand for the world or a group of countries."""
    schemes = {name.removesuffix(".csv") for name in _files_of(scheme)}
    rows = read_rows("aggregates.csv")
    return frozenset(published(row["name"]) for row in rows if row["scheme"] in schemes)


def read_rows(name: str) -> list[dict[str, str]]:
    """Return the rows of one file; what stands above its header (``#``) says where it is from."""
    text = files("flows").joinpath("crosswalks", name).read_text(encoding="utf-8")
    return list(csv.DictReader(line for line in io.StringIO(text) if not line.startswith("#")))


def published(name: str) -> str:
    """Return a name without the blanks around it, its accents in one Unicode form (NFC)."""
    return unicodedata.normalize("NFC", name).strip()


def _files_of(scheme: Scheme) -> tuple[str, ...]:
    if scheme not in _FILES:
        raise ValueError(f"scheme: expected {', '.join(_FILES)}, found {scheme!r}")
    return _FILES[scheme]
