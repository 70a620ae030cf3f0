"""Products as publishers code and label them: classifications, HS chapters, SIPRI's categories."""

import re
from collections.abc import Mapping
from functools import cache

from flows.countries import read_rows
from flows.errors import LayoutError

TOTAL = "TOTAL"
"""All products, in every classification: both the product and its classification."""

HS_DIGITS = 6
"""Digits of a product that all countries share."""

NOT_SPECIFIED = "9999AA"
"""What the United Nations' list has for goods that are not specified by kind."""

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
