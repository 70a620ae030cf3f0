"""Products as publishers code and label them: classifications, HS chapters, SIPRI's categories."""

import re
from collections.abc import Mapping
from functools import cache

from flows.countries import read_rows
from flows.errors import LayoutError

TOTAL = "TOTAL"
"""All products, in every classification: both the product and its classification."""

_REVISION = re.compile(r"HS[0-9]{4}")
_HS_CODE = re.compile(r"[0-9]{2}(?:[0-9]{2}){0,4}")


def classification_name(code: str) -> str:
    """
    Return the name that a classification has in the flow table.

    Parameters
    ----------
    code : str
        UN Comtrade's code (``H5``, ``S3``, ``HS`` where a reply mixes revisions) or BACI's
        (``HS17``).

    Returns
    -------
    str
        ``HS`` or ``SITC`` with year or number of the revision, without it where the code has none.

    Raises
    ------
    LayoutError
        If the crosswalk does not have the code.

    Examples
    --------
    >>> classification_name("H5"), classification_name("S3"), classification_name("HS")
    ('HS2017', 'SITC3', 'HS')
    """
    return _look_up("classifications.csv", "code", code, "classification")


def hs_revision(code: str) -> str:
    """
    Return the revision of the Harmonized System that a code stands for.

    Parameters
    ----------
    code : str
        UN Comtrade's or BACI's code.

    Returns
    -------
    str
        ``HS`` and the year from which the revision applies.

    Raises
    ------
    LayoutError
        If the code is unknown, is of another classification, or names no revision: a product code
        means one thing in ``HS1992`` and may mean another in ``HS2022``.

    Examples
    --------
    >>> hs_revision("H0"), hs_revision("HS22")
    ('HS1992', 'HS2022')
    >>> hs_revision("HS")
    Traceback (most recent call last):
        ...
    flows.errors.LayoutError: expected the code of one revision of the HS, found 'HS' (HS)
    """
    name = classification_name(code)
    if not _REVISION.fullmatch(name):
        raise LayoutError(f"expected the code of one revision of the HS, found {code!r} ({name})")
    return name


def product_of(code: str, *, classification: str) -> tuple[str, str]:
    """
    Return a product and its classification as the flow table has them.

    Parameters
    ----------
    code : str
        Product code as text, with its leading zeros.
    classification : str
        Code of its classification; see :func:`classification_name`.

    Returns
    -------
    product, classification : str
        The total is the same product in the HS, in SITC and in any revision: ``TOTAL`` of
        ``TOTAL``. SITC's section 0 is food and no total.

    Raises
    ------
    LayoutError
        If there is no such classification, or a code of the HS does not have two digits for each
        of its levels: its leading zero is lost.

    Examples
    --------
    >>> product_of("271121", classification="H5"), product_of("TOTAL", classification="S3")
    (('271121', 'HS2017'), ('TOTAL', 'TOTAL'))
    >>> product_of("10121", classification="H5")
    Traceback (most recent call last):
        ...
    flows.errors.LayoutError: expected a code of HS2017 with two digits a level, found '10121'
    """
    name = classification_name(classification)
    if code == TOTAL:
        return TOTAL, TOTAL
    if name.startswith("HS") and code.isdigit() and not _HS_CODE.fullmatch(code):
        raise LayoutError(f"expected a code of {name} with two digits a level, found {code!r}")
    return code, name


def chapter_name(code: str) -> str:
    """
    Return the short English name of the chapter of the Harmonized System that a code is in.

    Parameters
    ----------
    code : str
        A chapter, or a longer code as text with its leading zero.

    Returns
    -------
    str
        Chapters are the same in all revisions, but for what moved between them.

    Raises
    ------
    LayoutError
        If there is no such chapter. 98 and 99 are each country's own, and have no name here.

    Examples
    --------
    >>> chapter_name("271121"), chapter_name("01")
    ('Mineral fuels and oils', 'Live animals')
    """
    return _look_up("hs_chapters.csv", "chapter", code[:2], "name")


def sipri_category(label: str) -> str:
    """
    Return the product that SIPRI labels as an armament category.

    Parameters
    ----------
    label : str
        As either site writes it.

    Returns
    -------
    str
        Product of the classification ``SIPRI``.

    Raises
    ------
    LayoutError
        If the crosswalk does not have the label.

    Examples
    --------
    >>> sipri_category("Air defence systems") == sipri_category("Air-defence systems")
    True
    """
    return _look_up("sipri_categories.csv", "label", label, "product")


def _look_up(file: str, column: str, cell: str, wanted: str) -> str:
    found = _entries(file, column, wanted).get(cell)
    if found is None:
        raise LayoutError(f"no {wanted} for {column} {cell!r}; add it to flows/crosswalks/{file}")
    return found


@cache
def _entries(file: str, column: str, wanted: str) -> Mapping[str, str]:
    return {row[column]: row[wanted] for row in read_rows(file)}
