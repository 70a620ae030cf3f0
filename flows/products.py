"""Products as publishers code and label them: classifications, the HS over time, categories."""

import csv
import io
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from itertools import pairwise

from flows.countries import read_rows
from flows.errors import LayoutError, unknown_name

TOTAL = "TOTAL"
"""All products, in every classification: both the product and its classification."""

HS_DIGITS = 6
"""Digits of a product that all countries share."""

NOT_SPECIFIED = "9999AA"
"""What the United Nations' list has for goods that are not specified by kind."""

UNSPECIFIED = "999999"
"""The same in digits, as the tables that link revisions have it."""

REVISIONS = ("HS1992", "HS1996", "HS2002", "HS2007", "HS2012", "HS2017", "HS2022")
"""Revisions of the Harmonized System in their order."""

Links = Mapping[str, frozenset[str]]
"""Codes of one revision to the codes of another that hold some of their goods."""

WHOLE_HEADINGS = ("271000",)
"""CEPII's BACI has this code in place of all of heading 2710 (seen in HS2017 and HS2022)."""

OWN_CHAPTERS = ("98", "99")
"""Chapters that each country fills for itself."""

_NEAREST = 5

_REVISION = re.compile(r"HS[0-9]{4}")
_HS_DIGITS = re.compile(r"[0-9]{1,10}")
_HS_PRINTED = re.compile(r"[0-9]{4}\.[0-9]{2}(?:\.?[0-9]{2}){0,2}")
"""A code with the points of the Harmonized System's own print: 0101.21, 0101.21.00."""

FLOAT = r"[0-9]+\.0+"
"""A code that a program took for a number: 27112100.0."""


def classification_name(code: str) -> str:
    """Return the name that a classification has in the flow table."""
    return _look_up("classifications.csv", "code", code, "classification")


def hs_revision(code: str) -> str:
    """Return the revision of the Harmonized System that a code stands for."""
    name = classification_name(code)
    if not _REVISION.fullmatch(name):
        raise LayoutError(f"expected the code of one revision of the HS, found {code!r} ({name})")
    return name


def product_of(cell: str, *, classification: str) -> tuple[str, str]:
    """Return a product and its classification as the flow table has them."""
    if cell == TOTAL:
        return TOTAL, TOTAL
    return hs_code(cell) if classification.startswith("HS") else cell, classification


def hs_code(cell: str, *, digits: int | None = None) -> str:
    """
    Return a code of the Harmonized System: digits in pairs, with the zero in front.

    No chapter begins with two zeros: an odd number of digits has lost just one. ``digits``: how
    many the code must have; otherwise from 2 (a chapter) to 10 (a national tariff).
    """
    if cell == NOT_SPECIFIED:
        return cell
    code = _without_points(cell)
    even = code.zfill(len(code) + len(code) % 2)
    if not _HS_DIGITS.fullmatch(code) or (digits and len(even) != digits):
        wanted = f"{digits} digits" if digits else "2, 4, 6, 8 or 10 digits"
        raise LayoutError(
            f"expected a product code of the HS with {wanted}, found {cell!r}; "
            "a program may have taken codes for numbers: keep the column as text"
        )
    return even


def _without_points(cell: str) -> str:
    if _HS_PRINTED.fullmatch(cell):
        return cell.replace(".", "")
    return cell.partition(".")[0] if re.fullmatch(FLOAT, cell) else cell


def check_revision(name: str, *, argument: str) -> str:
    """Return a revision of the Harmonized System by its name in the flow table."""
    if name not in REVISIONS:
        raise ValueError(f"{argument}: {unknown_name('revision of the HS', name, REVISIONS)}")
    return name


@cache
def hs_codes(revision: str, digits: int = HS_DIGITS) -> frozenset[str]:
    """Return the codes of a revision with so many digits, 999999 among them."""
    codes = {
        link[side]
        for step, links in hs_steps().items()
        for side in (0, 1)
        if step[side] == revision
        for link in links
    }
    return frozenset(code[:digits] for code in codes)


def codes_under(revision: str, code: str) -> frozenset[str]:
    """Return the codes of a revision that a code stands for: itself, or all of its heading."""
    if code in (codes := hs_codes(revision, len(code))):
        return frozenset([code])
    if code not in WHOLE_HEADINGS:
        return frozenset()
    return frozenset(known for known in codes if known[:4] == code[:4])


def no_code(revision: str, code: str) -> str:
    """Say that a revision does not have a code, and which has it or what is nearest."""
    holders = [name for name in REVISIONS if code in hs_codes(name, len(code))]
    if holders:
        return f"{revision} has no code {code!r}, which is of {', '.join(holders)}"
    if code[:2] in OWN_CHAPTERS:
        return f"{revision} has no code {code!r}: chapters 98 and 99 are each country's own"
    known = sorted(hs_codes(revision, len(code)))
    alike = ([other for other in known if other.startswith(code[:cut])] for cut in (5, 4, 2, 1, 0))
    first = ", ".join(next(filter(None, alike))[:_NEAREST])
    return f"no revision has a code {code!r}; the nearest of {revision}: {first}"


@cache
def hs_steps() -> Mapping[tuple[str, str], tuple[tuple[str, str], ...]]:
    """
    Return what each revision and the next have in common: (code, successor).

    A code may have several successors, or none: 300219 ends with HS2017.
    """
    steps: dict[tuple[str, str], list[tuple[str, str]]] = {pair: [] for pair in pairwise(REVISIONS)}
    for name in ("hs_correlation.csv", "hs_additions.csv"):
        text = files("flows").joinpath("crosswalks", name).read_text(encoding="utf-8")
        _, *rows = csv.reader(io.StringIO(text))
        for earlier, later, code, successor, *_ in rows:
            steps[f"HS{earlier}", f"HS{later}"].append((code, successor))
    return {pair: tuple(links) for pair, links in steps.items()}


@cache
def hs_links(revision: str, to: str, digits: int = HS_DIGITS) -> Links:
    """Return, for each code of a revision, the codes of another that may hold its goods."""
    places = REVISIONS.index(revision), REVISIONS.index(to)
    step = 1 if places[0] <= places[1] else -1
    path = [REVISIONS[place] for place in range(places[0], places[1] + step, step)]
    reached = {code: frozenset([code]) for code in hs_codes(revision)}
    for here, there in pairwise(path):
        following = _following(here, there)
        reached = {
            code: frozenset[str]().union(*(following[middle] for middle in between))
            for code, between in reached.items()
        }
    return _at_digits(reached, digits)


def _following(here: str, there: str) -> Links:
    """Return what each code of a revision becomes in the next, or was in the one before."""
    forward = (here, there) in hs_steps()
    links = hs_steps()[(here, there) if forward else (there, here)]
    following: dict[str, set[str]] = {code: set() for code in hs_codes(here)}
    for code, successor in links:
        start, end = (code, successor) if forward else (successor, code)
        following[start].add(end)
    return {code: frozenset(ends) for code, ends in following.items()}


def _at_digits(links: Links, digits: int) -> Links:
    if digits == HS_DIGITS:
        return links
    cut: dict[str, set[str]] = {}
    for code, ends in links.items():
        cut.setdefault(code[:digits], set()).update(end[:digits] for end in ends)
    return {code: frozenset(ends) for code, ends in cut.items()}


@cache
def legacy_codes() -> Mapping[tuple[str, str], str]:
    """Return what UN Comtrade's own codes beside a revision are a part of, by both."""
    rows = read_rows("hs_legacy.csv")
    return {(row["classification"], row["code"]): row["subheading"] for row in rows}


def chapter_name(code: str) -> str:
    """Return the short English name of the chapter of the Harmonized System that a code is in."""
    return _look_up("hs_chapters.csv", "chapter", code[:2], "name")


def sipri_category(label: str) -> str:
    """Return the product that SIPRI labels as an armament category."""
    return _look_up("sipri_categories.csv", "label", label, "product")


def _look_up(file: str, column: str, cell: str, wanted: str) -> str:
    entries = _entries(file, column, wanted)
    if cell not in entries:
        raise LayoutError(
            f"expected a {column} with a {wanted}, found {cell!r}; "
            f"add it to flows/crosswalks/{file}"
        )
    return entries[cell]


@cache
def _entries(file: str, column: str, wanted: str) -> Mapping[str, str]:
    return {row[column]: row[wanted] for row in read_rows(file)}
