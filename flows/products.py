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

_SIX = re.compile(r"[0-9]{1,6}")
_REVISION = re.compile(r"HS[0-9]{4}")
_HS_CODE = re.compile(r"[0-9]{2}(?:[0-9]{2}){0,4}")


def classification_name(code: str) -> str:
    """Return the name that a classification has in the flow table."""
    return _look_up("classifications.csv", "code", code, "classification")


def hs_revision(code: str) -> str:
    """Return the revision of the Harmonized System that a code stands for."""
    name = classification_name(code)
    if not _REVISION.fullmatch(name):
        raise LayoutError(f"expected the code of one revision of the HS, found {code!r} ({name})")
    return name


def product_of(code: str, *, classification: str) -> tuple[str, str]:
    """Return a product and its classification as the flow table has them."""
    name = classification_name(classification)
    if code == TOTAL:
        return TOTAL, TOTAL
    if name.startswith("HS") and code.isdigit() and not _HS_CODE.fullmatch(code):
        raise LayoutError(
            f"expected a code of {name} with 2, 4, 6 or more digits in pairs, found {code!r}; "
            "a zero in front may be lost"
        )
    return code, name


def hs_code(cell: str) -> str:
    """Return a six-digit code with the zeros in front that a program took away."""
    if not _SIX.fullmatch(cell):
        raise LayoutError(f"expected a product code of six digits, found {cell!r}")
    return cell.zfill(HS_DIGITS)


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
