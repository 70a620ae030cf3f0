"""What a column of an unknown table may be, from its heading and its cells."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, get_args

import pandas as pd

from flows.countries import Scheme, aggregates, entries, name_in_capitals, published
from flows.loaders.descriptions import SCHEMES, Description
from flows.loaders.figures import number_pattern, plain_numbers
from flows.loaders.patterns import match_pattern

Direction = Literal["export", "import"]

_DIRECTIONS: Mapping[Direction, tuple[str, ...]] = {
    "export": (
        *("export", "eksport", "ausfuhr", "esporta", "uitvoer", "ihracat"),
        *("\u044d\u043a\u0441\u043f\u043e\u0440\u0442", "\u0635\u0627\u062f\u0631\u0627\u062a"),
    ),
    "import": (
        *("import", "einfuhr", "invoer", "ithalat"),
        *("\u0438\u043c\u043f\u043e\u0440\u0442", "\u0648\u0627\u0631\u062f\u0627\u062a"),
    ),
}
"""Beginnings of words for a direction, in languages of many tables."""

_CODES: Mapping[str, Direction] = {"x": "export", "m": "import"}
_WORLD_WORDS = (
    *("total", "world", "all countries", "grand total", "insgesamt", "monde", "mundo", "toplam"),
    *("\u0432\u0441\u0435\u0433\u043e", "\u0438\u0442\u043e\u0433\u043e"),
)

_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "reporter": ("reporter", "declarant", "member"),
    "partner": (
        *(
            "partner",
            "countr",
            "cty",
            "pays",
            "land",
            "pa\u00eds",
            "destination",
            "origin",
            "market",
        ),
        *("\u0441\u0442\u0440\u0430\u043d", "\u00fclke"),
    ),
    "year": (
        *("year", "jahr", "ann\u00e9e", "a\u00f1o", "ano", "fy", "period", "time", "date"),
        *("\u0433\u043e\u0434", "y\u0131l"),
    ),
    "month": (
        *("month", "monat", "mois", "mes", "m\u00eas", "ay", "period", "time", "date"),
        "\u043c\u0435\u0441\u044f\u0446",
    ),
    "quarter": (
        "quarter",
        "quartal",
        "trimest",
        "qtr",
        "\u043a\u0432\u0430\u0440\u0442\u0430\u043b",
    ),
    "day": ("date", "day", "datum", "fecha", "tarih", "\u0434\u0430\u0442\u0430"),
    "product": ("hs", "commodit", "product", "code", "sitc", "cpa", "sh4", "ncm", "chapter"),
}
"""Beginnings of words in headings, for what stands below them."""

_LOOSE_NUMBER = re.compile(
    r"-?[0-9](?:[0-9 .,'\u2019\u00a0\u2009\u202f]*[0-9])?(?:[eE][+-]?[0-9]+)?"
)
_YEAR = re.compile(
    r"F\.?Y\.? ?[0-9]{2}|(?:F\.?Y\.? ?)?((?:1[3-9]|20)[0-9]{2})(?:\.0)?(?:[/\u2013-]([0-9]{2,4}))?"
)
_VALUE_WORDS = re.compile(
    r"value|amount|trade|usd|eur|dollar|wert|valor|valeur|\u0441\u0442\u043e\u0438\u043c",
    re.IGNORECASE,
)
_NO_VALUE_WORDS = re.compile(
    r"revenue|dut(y|ies)\b|tax|share|quantit|qty|weight|volume|growth|change|balance|%",
    re.IGNORECASE,
)
_CODE = re.compile(r"[0-9]{1,10}|[0-9]{4}\.[0-9.]+")
_MARKED = re.compile(
    rf"[^\w\s]{{0,2}}\s*({_LOOSE_NUMBER.pattern})\s*(?:[^\w\s]{{1,3}}|[\u00b9\u00b2\u00b3]|[a-z]|[(\[]\w{{1,2}}[)\]])?",
    re.IGNORECASE,
)
"""A number that may have a mark beside it: 500*, (5), 500 [1]."""

_DATE = re.compile(
    r"[0-9]{4}-[0-9]{2}-([0-9]{2})(?:[ T]00:00:00)?|([0-9]{1,2})\.[0-9]{1,2}\.[0-9]{4}"
)
_CLOSE_MONTH = re.compile(r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])")
_MOST, _HALF = 0.6, 0.5
_MIDDLE = (1, 28)
"""Days of a month between which no day is its first or last."""

_EXACT = 0.95


def direction_of(text: str) -> Direction | None:
    """Return the direction that a word names, or a heading with such a word in it."""
    folded = published(text).casefold().replace("i\u0307", "i")
    if folded in _CODES:
        return _CODES[folded]
    words = re.findall(r"[^\W\d_]+", folded)
    named: set[Direction] = {
        direction
        for direction in get_args(Direction)
        for word in words
        if word.startswith(_DIRECTIONS[direction])
    }
    return named.pop() if len(named) == 1 else None


def words_known(text: str) -> int:
    """Return how many words of a text are those of headings: the more, the better it was read."""
    words = re.findall(r"[^\W\d_]+", text.casefold())
    known = tuple(word for kinds in _HEADINGS.values() for word in kinds)
    return sum(word.startswith(known) or direction_of(word) is not None for word in words)


def is_headed(name: str, kind: str) -> bool:
    """Say whether a heading has a word for a kind of column."""
    words = re.findall(r"[^\W\d_]+", name.casefold())
    return any(word.startswith(_HEADINGS[kind]) for word in words)


def is_number(cell: str) -> bool:
    """Say whether a cell is a number, however its digits are parted."""
    return _LOOSE_NUMBER.fullmatch(cell.strip()) is not None


def is_figure(cell: str) -> bool:
    """Say whether a cell is a number, or one with a mark beside it, and no year."""
    match = _MARKED.fullmatch(cell.strip())
    return match is not None and not is_year(match[1])


def is_year(cell: str) -> bool:
    """Say whether a cell is a year, of any calendar, or a fiscal one."""
    match = _YEAR.fullmatch(cell.strip())
    if match is None or match[2] is None:
        return match is not None
    first, second = int(match[1]), str(match[2])
    return (first + 1) % int("1" + "0" * len(second)) == int(second)


def is_marked_year(cell: str) -> bool:
    """Say whether a cell is a year, with a mark beside it or without."""
    match = _MARKED.fullmatch(cell.strip())
    return match is not None and is_year(match[1])


def is_value(name: str) -> bool:
    """Say whether a heading has a word for values."""
    return _VALUE_WORDS.search(name) is not None


def is_no_value(name: str) -> bool:
    """Say whether a heading has a word for figures that are no values of trade."""
    return _NO_VALUE_WORDS.search(name) is not None


def is_month(cell: str) -> bool:
    """Say whether a cell is a month, with its year or by name alone."""
    whole = match_pattern("{month}", cell.strip(), flows=(), months=())
    return whole is not None and not cell.strip().isdigit()


def share_of(cells: Sequence[str], fits: Iterable[bool]) -> float:
    """Return the share of cells that fit, 0 of none."""
    return sum(fits) / len(cells) if cells else 0.0


def known_scheme(cells: Sequence[str]) -> tuple[Scheme, float]:
    """Return the scheme that knows the most of some partners, and their share."""
    names = {published(cell) for cell in cells if not is_world(cell)}
    shares: dict[Scheme, float] = {
        scheme: share_of([*names], (is_known(name, scheme) for name in names))
        for scheme in get_args(Scheme)
        if scheme in SCHEMES
    }
    best = max(shares, key=lambda scheme: shares[scheme])
    return best, shares[best]


def is_known(name: str, scheme: Scheme) -> bool:
    """Say whether a scheme has a name, also where it stands there in capitals."""
    return published(name) in entries(scheme) or name_in_capitals(name, scheme=scheme) is not None


def is_world(cell: str) -> bool:
    """Say whether a name is that of all partners together."""
    return published(cell).casefold() in _WORLD_WORDS


def is_group(cell: str, scheme: Scheme) -> bool:
    """Say whether a name is that of some partners together."""
    return published(cell) in aggregates(scheme)


def is_product(name: str, cells: Sequence[str]) -> bool:
    """Say whether a column has codes of products."""
    return (
        not is_headed(name, "partner")
        and is_headed(name, "product")
        and (share_of(cells, (_CODE.fullmatch(cell) is not None for cell in cells)) > _MOST)
    )


def has_years(cells: Sequence[str]) -> bool:
    """Say whether cells are years."""
    return share_of(cells, map(is_year, cells)) > _EXACT


def has_months(name: str, cells: Sequence[str]) -> bool:
    """Say whether cells are months: by name or with their year, or numbers under such a heading."""
    numbered = {str(number) for number in range(1, 14)} | {f"0{number}" for number in range(1, 10)}
    close = (_CLOSE_MONTH.fullmatch(cell) is not None for cell in cells)
    if is_headed(name, "month") and (
        share_of(cells, (c in numbered for c in cells)) > _EXACT or share_of(cells, close) > _EXACT
    ):
        return True
    return share_of(cells, map(is_month, cells)) > _EXACT


def has_quarters(name: str, cells: Sequence[str]) -> bool:
    """Say whether cells are quarters: Q1, 2023-Q1, or numbers under such a heading."""
    fits = [match_pattern("{quarter}", cell, flows=(), months=()) is not None for cell in cells]
    named = is_headed(name, "quarter") or any("q" in cell.casefold() for cell in cells)
    return named and share_of(cells, fits) > _EXACT


def has_days(cells: Sequence[str]) -> bool:
    """Say whether cells are dates of days that are not all the first or last of a month."""
    dates = [match for cell in cells if (match := _DATE.fullmatch(cell))]
    middle = any(_MIDDLE[0] < int(match[1] or match[2]) < _MIDDLE[1] for match in dates)
    return (
        middle and share_of(cells, (_DATE.fullmatch(cell) is not None for cell in cells)) > _EXACT
    )


def has_figures(cells: Sequence[str]) -> bool:
    """Say whether half of the cells or more are numbers, with marks or without."""
    return share_of(cells, (is_number(cell) or is_figure(cell) for cell in cells)) >= _HALF


def has_directions(cells: Sequence[str]) -> bool:
    """Say whether cells are words for directions, few of them."""
    words = set(cells)
    return (
        len(words) <= len(_CODES) * 3 and any(map(direction_of, words)) and not has_figures(cells)
    )


def separators(cells: Iterable[str]) -> tuple[tuple[str, str], bool]:
    """
    Return decimal and thousands separators that fit the most numbers, and whether they fit all of
    them and no others do.

    Others that give the same numbers do not count.
    """
    marked = (_MARKED.fullmatch(cell.strip()) for cell in cells)
    numbers = pd.Series([match[1] for match in marked if match], dtype="str")
    fitting: dict[tuple[str, str], list[str]] = {}
    shares: dict[tuple[str, str], float] = {}
    for decimal, thousands in (
        *((".", ""), (".", ","), (",", "."), (",", "")),
        *((".", " "), (",", " "), (".", "'"), (",", "'")),
    ):
        tried = Description("", "", "", "", {}, {}, decimal=decimal, thousands=thousands)
        fits = numbers.str.fullmatch(number_pattern(tried))
        shares[decimal, thousands] = float(fits.mean()) if len(fits) else 0.0
        if fits.all():
            fitting[decimal, thousands] = plain_numbers(numbers, tried).tolist()
    if not fitting:
        return max(shares, key=lambda pair: shares[pair]), False
    first = next(iter(fitting))
    return first, all(read == fitting[first] for read in fitting.values())
