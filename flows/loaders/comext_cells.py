"""What the cells of Comext mean: codes with labels or without, groups, periods, goods."""

import re
from datetime import date
from functools import cache

from flows.countries import Membership, country_code, country_groups
from flows.errors import CountryError, LayoutError, PeriodError
from flows.loaders.printed_periods import printed_period
from flows.periods import Period
from flows.products import TOTAL, hs_code

CN, SITC = "CN", "SITC"
"""Classifications of Comext: the Combined Nomenclature of each year, and the trade classification
of the United Nations."""

WORLD_GROUP, EXTRA, INTRA, EXTRA_2020, INTRA_2020 = "world", "extra", "intra", "extra27", "intra27"
"""Groups of partners that divide trade, the European Union being that of each day or that of 2020;
any other group is ``"other"``."""

_LEFT = date(2020, 2, 1)
"""First day on which the European Union of each day is that of 2020."""

_COUNTRY = re.compile(r"([A-Z]{2}|[A-Z]+[0-9_][A-Z0-9_]*|WORLD|EU|EA)[-:] ?(.+)")
_CODE = re.compile(r"([A-Z0-9_]+)[-:] ?.+")
_HISTORY = re.compile(r" \((?:incl\.|Eire|excl\.).*\)")
"""What Eurostat adds to a name: Belgium (incl. Luxembourg 'LU' -> 1998)."""

_GROUPS = {
    WORLD_GROUP: re.compile(r"WORLD|World|All countries of the world"),
    EXTRA: re.compile(r"EXT_EU|EU_EXTRA|Extra-EU(?: \(.*\))?"),
    INTRA: re.compile(r"INT_EU|EU_INTRA|Intra-EU(?: \(.*\))?"),
    EXTRA_2020: re.compile(r"EXT_EU27_2020|EU27_2020_EXTRA|Extra-EU27 \(from 2020\)"),
    INTRA_2020: re.compile(r"INT_EU27_2020|EU27_2020_INTRA|Intra-EU27 \(from 2020\)"),
    "other": re.compile(
        r"(?:EXT|INT)_\w+|(?:EU|EA|EUROZONE)(?:[0-9_]\w*)?|(?:Extra|Intra)-.+"
        r"|(?:European Union|Euro area)\b.*"
    ),
}

_MEMBERS = re.compile(r"([A-Z]{2})(?:-([0-9]{2})/([0-9]{4})(?:->([0-9]{2})/([0-9]{4}))?)?(?=[,)])")
"""A member in the name of a group: AT, or GB-01/1973->01/2020."""

_FLOWS = {"1": "import", "2": "export", "IMPORT": "import", "EXPORT": "export"}

_PROCEDURES = {
    "1": "normal trade",
    "2": "inward processing",
    "3": "outward processing",
    "5": "inward processing, suspension system",
    "6": "inward processing, drawback system",
    "7": "outward processing",
    "9": "not recorded from customs declarations",
    "NORMAL": "normal trade",
    "INWARD PROCESSING": "inward processing",
    "OUTWARD PROCESSING": "outward processing",
}
_ALL_PROCEDURES = ("", "4", "T", "TOTAL")
ALL_GOODS = "all goods"

_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})")
_WHOLE_YEAR = re.compile(r"[0-9]{4}")
_YEAR_MONTH = "52"
"""Month that stands for the whole year in files of the bulk download."""

_SINCE = re.compile(r"([A-Za-z]+)\.?-([A-Za-z]+)\.? ([0-9]{4})")
_DAYS = (date.min, date.max)

_HIDDEN = re.compile(r"[0-9]{2}(?=[0-9]*[A-Z])[0-9A-Z]{6}")
"""A code behind which the goods of a chapter are hidden, as confidential: 39XXXXXX, 99RRR100."""

_SITC_CODE = re.compile(r"[0-9]{1,5}|[0-9]{1,4}X+")


def plain_country(cell: str) -> str:
    """
    Return the code, or else the name, of a country as the crosswalk has it.

    >>> plain_country("AM-Armenia"), plain_country("Spain (incl. Canary Islands 'XB' from 1997)")
    ('AM', 'Spain')
    >>> plain_country("Guinea-Bissau"), plain_country("FR:France")
    ('Guinea-Bissau', 'FR')
    """
    labelled = _COUNTRY.fullmatch(cell)
    return labelled[1] if labelled else _HISTORY.sub("", cell)


def plain_code(cell: str) -> str:
    """
    Return the code of a cell, without its label.

    >>> plain_code("T-Total"), plain_code("2-EXPORT"), plain_code("Total")
    ('T', '2', 'Total')
    """
    labelled = _CODE.fullmatch(cell)
    return labelled[1] if labelled else cell


@cache
def group_of(cell: str) -> str:
    """
    Return which group of countries a cell names; nothing if it is none.

    >>> group_of("WORLD"), group_of("INT_EU"), group_of("European Union - 27 countries (AT, BE)")
    ('world', 'intra', 'other')
    >>> group_of("EE"), group_of("Estonia")
    ('', '')
    """
    name = cell if _COUNTRY.fullmatch(cell) is None else plain_country(cell)
    return next((kind for kind, form in _GROUPS.items() if form.fullmatch(name)), "")


@cache
def members_of(cell: str) -> tuple[Membership, ...]:
    """Return the members of a group of reporters, from its name or its code; none if unknown."""
    name = plain_country(cell) if _COUNTRY.fullmatch(cell) else cell
    if name in country_groups():
        return country_groups()[name]
    return tuple(
        Membership(_alpha3(code), *_membership(joined, left))
        for code, *joined_left in _MEMBERS.findall(cell)
        for joined, left in [(joined_left[:2], joined_left[2:])]
    )


def _alpha3(code: str) -> str:
    try:
        return country_code(code, scheme="comext", on=date.max)
    except CountryError as error:
        raise LayoutError(f"expected a group of countries by their codes: {error}") from error


def _membership(joined: list[str], left: list[str]) -> tuple[date, date]:
    first, last = _DAYS
    if all(joined):
        first = Period.month(int(joined[1]), int(joined[0])).start
    if all(left):
        last = Period.month(int(left[1]), int(left[0])).end
    return first, last


def is_member(members: tuple[Membership, ...], alpha3: str, start: date, end: date) -> bool | None:
    """Say whether a country is a member on all days of a period; none if on some of them."""
    spans = [member for member in members if member.alpha3 == alpha3]
    if any(member.start <= start and end <= member.end for member in spans):
        return True
    return None if any(member.start <= end and start <= member.end for member in spans) else False


@cache
def basis_of(reporter: str, partner: str, start: date, end: date) -> str:
    """
    Return what the partner of an import is.

    Members of the European Union report imports from each other by the country from which the
    goods came, all others by the country of origin. Empty for a year in which one of them joined.
    """
    union = country_groups()["EU"]
    inside = [is_member(union, alpha3, start, end) for alpha3 in (reporter, partner)]
    if partner in _INSIDE or all(inside):
        return "consignment"
    return "" if None in inside and False not in inside else "origin"


_INSIDE = ("XQR", "XQV", "XQY", "XNI")
"""Areas of trade inside the European Union, and Northern Ireland, which stays in its market."""


def total_basis(group: str, start: date) -> str | None:
    """Return which imports a group of partners makes up, by what their partner is."""
    kinds = {EXTRA: "origin", INTRA: "consignment"}
    if start >= _LEFT:
        kinds |= {EXTRA_2020: "origin", INTRA_2020: "consignment"}
    return kinds.get(group)


def as_flow(cell: str) -> str:
    """Return the direction that a cell names."""
    code = plain_code(cell).upper()
    if code not in _FLOWS:
        raise LayoutError(f"expected 1 or 2, IMPORT or EXPORT, found {cell!r}")
    return _FLOWS[code]


def as_coverage(cell: str) -> str:
    """
    Return what is counted under a statistical procedure.

    >>> as_coverage("T-Total"), as_coverage("1-NORMAL")
    ('all goods', 'normal trade')
    """
    code = plain_code(cell).upper()
    if code in _ALL_PROCEDURES:
        return ALL_GOODS
    if code not in _PROCEDURES:
        known = "T (total), 1 (normal), 2 (inward), 3 (outward processing) or 9"
        raise LayoutError(f"expected the statistical procedure {known}, found {cell!r}")
    return _PROCEDURES[code]


def as_product(cell: str, *, classification: str = CN) -> str:
    """
    Return the code of goods; goods that are confidential have letters in theirs.

    >>> as_product("TOTAL-Total"), as_product("85423110-Processors"), as_product("39XXXXXX")
    ('TOTAL', '85423110', '39XXXXXX')
    """
    code = plain_code(cell)
    if code.upper() == TOTAL:
        return TOTAL
    if classification == SITC:
        if not _SITC_CODE.fullmatch(code):
            raise LayoutError(f"expected a code of the SITC, found {cell!r}")
        return code
    if _HIDDEN.fullmatch(code):
        return code
    if not code[:1].isdigit():
        raise LayoutError(
            f"expected TOTAL or a code of the Combined Nomenclature, found {cell!r}; "
            "download the table with codes, or with codes and labels"
        )
    known = hs_code(code)
    if len(known) > _LONGEST:
        raise LayoutError(f"expected at most {_LONGEST} digits, found {cell!r}")
    return known


_LONGEST = 8


def is_hidden(product: str) -> bool:
    """Say whether a code stands for confidential goods of a chapter."""
    return _HIDDEN.fullmatch(product) is not None


def as_period(cell: str) -> Period:
    """
    Return the period that a cell names; month 52 is the year.

    >>> as_period("202352"), as_period("Aug. 2024"), as_period("2024-08")
    (Period.year(2023), Period.month(2024, 8), Period.month(2024, 8))
    >>> as_period("Jan.-Mar. 2024").days
    91
    """
    if (compact := _COMPACT.fullmatch(cell)) and compact[2] == _YEAR_MONTH:
        return Period.year(int(compact[1]))
    if since := _SINCE.fullmatch(cell):
        first, last = (_month(f"{name} {since[3]}") for name in (since[1], since[2]))
        if (first.start.month, last.end.month) == (1, 12):
            return Period.year(int(since[3]))
        if first.start > last.start:
            raise PeriodError(f"expected months in order, found {cell!r}")
        return Period(first.start, last.end, cell, "gregorian")
    if _WHOLE_YEAR.fullmatch(cell):
        return Period.year(int(cell))
    return _month(cell)


def _month(cell: str) -> Period:
    return printed_period("", cell, calendar="gregorian")
