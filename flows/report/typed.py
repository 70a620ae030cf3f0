"""Numbers that were typed by hand: in claims and plans, and in texts beside a report."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from flows.errors import ReportError

_QUOTED = re.compile(r"“[^“”]*”|``.*?''|\"[^\"\n]*\"", re.DOTALL)
_NUMBER = re.compile(r"(?<![\w.,])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?!\d)")
_YEAR = re.compile(r"(?:1[89]|20)\d\d")
_THOUSANDS = re.compile(r"(?<=\d)[\u00a0\u202f\u2009](?=\d{3}(?!\d))")
_FEWEST_DIGITS = 3
"""Of a number that is taken for one of the report wherever it stands; two digits coincide often."""
_MOST_IDS = 3

_UNITS = r"(?:%|(?:percent|points?|times|million|billion|TIV|USD|EUR)\b)"
_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
)
_YEARS = r"(?:1[3-9]|20)\d\d"
"""Of either calendar."""
_PERIOD = re.compile(
    rf"""
      \b\d{{1,2}}\ {_MONTH}\b                              # 21 March
    | \b{_YEARS}-\d\d(?:-\d\d)?\b(?!\.\d)                  # 2025-03, 2016-20, 2022-03-01
    | (?<![\w.,+−])                                        # 2023, 2019-2021
      {_YEARS}(?:[-–]{_YEARS})?
      (?![\w%]|[.,]\d|[ \u00a0]{_UNITS})
    """,
    re.VERBOSE,
)
_CODE = re.compile(
    r"\b(?:(?:HS|SITC|chapters?|headings?|codes?)[ \u00a0]|[A-Z]{1,5}-)\d+(?:\.\d+)*"
)
"""Of goods, and names of things: HS 2711, C-130."""
_LEVEL = re.compile(r"\bat (?:the )?(?:1|5|10)[ \u00a0]?(?:%|percent)")
"""Of a test, by convention: no result."""
_PLACEHOLDER = re.compile(r"\{[^{}]+\}")
_ANY = re.compile(r"(?<![^\W\d_])(?<!\d)[+−-]?\d[\d,.]*(?<![.,])|[¼-¾⅐-⅞]")
_MEASURED = re.compile(
    rf"[+−-]?\d[\d,]*(?:\.\d+)?[ \u00a0-]?{_UNITS}"
    r"|(?:USD|EUR|[$€£])[ \u00a0]?\d[\d,.]*"
    r"|\d[\d,]*\.\d+|\d{1,3}(?:,\d{3})+|\d{3,}"
)
"""What looks like a result: with a unit, decimals or many digits."""


def typed_in_wording(text: str) -> list[str]:
    """
    Return the digits typed in a sentence that states results: all that are no period or quotation.

    >>> typed_in_wording("In 2016-20 it was {share}%, in March 2021 67.7% (“nearly 70”, 5 deals).")
    ['67.7', '5']
    """
    return _ANY.findall(_without(text, _PLACEHOLDER, _QUOTED, _PERIOD, _CODE))


def typed_in_prose(text: str, allowed: Iterable[str] = ()) -> list[str]:
    """
    Return what looks like a typed result in a text that explains: not small counts and levels.

    ``allowed``: texts whose numbers it may repeat, such as the quotation that it explains.

    >>> typed_in_prose("Of 27 members 12.3% in 2021, significant at 5 %; 412 is rounded.", ["412"])
    ['12.3%']
    """
    known = {number for other in allowed for number in _NUMBER.findall(other)}
    checked = _without(text, _PLACEHOLDER, _QUOTED, _PERIOD, _CODE, _LEVEL)
    results = [match[0].strip() for match in _MEASURED.finditer(checked)]
    return [result for result in results if not known.issuperset(_NUMBER.findall(result))]


def check_typed_in_plan(path: Path, text: str, content: object) -> None:
    """Check that no text of a plan, which captions and notes take up, has a result by hand."""
    faults = [
        f"{path}:{_line_of(result, text)}: expected no result typed by hand, found {result} in "
        f"{written!r}; take it out, or put it into “ ” if somebody else stated it"
        for written in _texts_in(content)
        for result in typed_in_prose(written)
    ]
    if faults:
        raise ReportError("\n".join(faults))


def _texts_in(content: object) -> Iterator[str]:
    """Yield the texts of several words: ids, names of files and addresses have one."""
    if isinstance(content, str):
        if " " in content:
            yield content
    elif isinstance(content, Mapping):
        for value in content.values():
            yield from _texts_in(value)
    elif isinstance(content, list):
        for value in content:
            yield from _texts_in(value)


def _line_of(written: str, text: str) -> int:
    lines = enumerate(text.splitlines(), start=1)
    return next((number for number, line in lines if written in line), 1)


def _without(text: str, *patterns: re.Pattern[str]) -> str:
    for pattern in patterns:
        text = pattern.sub(lambda match: " " * len(match[0]), text)
    return text


def telling_numbers(printed: str) -> list[str]:
    """
    Return the numbers in a printed form that a text does not have by chance, without commas.

    They have three digits and more, and are no year.

    >>> telling_numbers("1,029.61 to 70, 1200 or 2023")
    ['1029.61']
    """
    return [
        written.replace(",", "") for written in _NUMBER.findall(printed) if _is_telling(written)
    ]


def _is_telling(written: str) -> bool:
    digits = written.replace(",", "")
    if "." not in digits:
        digits = digits.rstrip("0")
    return len(digits.replace(".", "").lstrip("0")) >= _FEWEST_DIGITS and not _YEAR.fullmatch(
        written
    )


def find_known(text: str, known: Mapping[str, list[str]]) -> Iterator[tuple[int, str, list[str]]]:
    """
    Yield where a number of the report was typed, as it stands there, and which it could be.

    What stands in quotation marks are somebody's words.
    """
    for match in _NUMBER.finditer(_THOUSANDS.sub(",", _without(text, _QUOTED))):
        if (ids := known.get(match[0].replace(",", ""))) and not _YEAR.fullmatch(match[0]):
            yield match.start(), match[0], ids[:_MOST_IDS]
