"""Names of months in the languages of statistics offices, and in calendars of their own."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files

from flows.errors import PeriodError
from flows.periods import Calendar

_ENGLISH = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_ENGLISH_NUMBERS: Mapping[str, int] = (
    {word: n for n, word in enumerate(_ENGLISH, start=1)}
    | {word[:3]: n for n, word in enumerate(_ENGLISH, start=1)}
    | {"sept": 9}
)
"""English month, in full or in its first letters, to its number: English goes before the others."""

_ACCENTS = range(0x300, 0x370)

_NAMED_AS = {"nepal-fiscal": "bikram-sambat", "ethiopia-fiscal": "ethiopian"}
"""Fiscal years to the calendar whose months they have."""

_OWN = ("solar-hijri", "bikram-sambat", "ethiopian")


def base_calendar(calendar: Calendar) -> Calendar:
    """Return the calendar that names the months of another."""
    base = _NAMED_AS.get(calendar, calendar)
    return base if base in _OWN else "gregorian"


def bare_month(name: str) -> str:
    """
    Return a name of a month without capitals, accents and the point of an abbreviation.

    >>> bare_month("Févr."), bare_month("KASIM"), bare_month("Ağustos")
    ('fevr', 'kasim', 'agustos')
    """
    parts = unicodedata.normalize("NFD", name.strip().casefold())
    kept = "".join(letter for letter in parts if ord(letter) not in _ACCENTS)
    return unicodedata.normalize("NFC", kept).replace("ı", "i").rstrip(".")


@cache
def _names(calendar: Calendar) -> Mapping[str, Mapping[int, list[str]]]:
    """Return names of months to their numbers, each with the languages in which it is that."""
    text = files("flows").joinpath("crosswalks", "months.csv").read_text(encoding="utf-8")
    names: dict[str, dict[int, list[str]]] = {}
    for row in csv.DictReader(io.StringIO(text)):
        if row["calendar"] == calendar:
            number = names.setdefault(bare_month(row["name"]), {})
            number.setdefault(int(row["month"]), []).append(row["language"])
    return names


@cache
def _spellings() -> frozenset[str]:
    text = files("flows").joinpath("crosswalks", "months.csv").read_text(encoding="utf-8")
    names = {row["name"] for row in csv.DictReader(io.StringIO(text))}
    return frozenset({*_ENGLISH_NUMBERS, *names, *map(bare_month, names)})


def spelt_months(own: Iterable[str]) -> list[str]:
    """Return all names of months, with those of a description, the longest first."""
    return sorted({*_spellings(), *own}, key=len, reverse=True)


def named_month(name: str, calendar: Calendar) -> int | None:
    """
    Return the number of a month, in the calendar that names it; none of what is no name.

    >>> named_month("Sept.", "gregorian"), named_month("ŞUBAT", "gregorian")
    (9, 2)
    >>> named_month("Shrawan", "nepal-fiscal"), named_month("Total", "gregorian")
    (4, None)
    """
    bare = bare_month(name)
    base = base_calendar(calendar)
    if base == "gregorian" and bare in _ENGLISH_NUMBERS:
        return _ENGLISH_NUMBERS[bare]
    meant = _names(base).get(bare, {})
    if len(meant) > 1:
        two = " and ".join(f"month {n} in {', '.join(said)}" for n, said in sorted(meant.items()))
        raise PeriodError(
            f"expected a month, found {name!r}, which is {two}; "
            f'write "{name}" = its number under [months]'
        )
    return next(iter(meant), None)
