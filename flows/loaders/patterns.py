"""Patterns of headings, sheets, titles and file names: ``"{flow} {year}"``."""

import re
from collections.abc import Iterable, Mapping
from functools import cache

from flows.loaders.printed_periods import DAY_TEXT, QUARTER_TEXT, YEAR_TEXT, month_text

FIELDS = ("reporter", "partner", "year", "month", "quarter", "day", "flow", "product")
"""What a pattern, or a column, may say of a row."""

WHEN = ("year", "month", "quarter", "day")
"""Those that say its period."""

_PLACE = re.compile(r"\{([a-z]*)\}")


def fields_of(pattern: str) -> list[str]:
    """Return what a pattern says, in its order: ``{}`` says nothing and stands for any text."""
    return [name for name in _PLACE.findall(pattern) if name]


def match_pattern(
    pattern: str, text: str, *, flows: Iterable[str], months: Iterable[str], whole: bool = True
) -> Mapping[str, str] | None:
    """Return what a text says by a pattern; none where it does not fit."""
    compiled = _compiled(pattern, tuple(flows), tuple(months))
    match = compiled.fullmatch(text) if whole else compiled.search(text)
    return None if match is None else match.groupdict()


@cache
def _compiled(pattern: str, flows: tuple[str, ...], months: tuple[str, ...]) -> re.Pattern[str]:
    texts = {
        "year": rf"(?<![0-9]){YEAR_TEXT}(?![0-9])",
        "month": rf"(?<![0-9])(?:{month_text(months)})(?![0-9])",
        "quarter": rf"(?<![0-9]){QUARTER_TEXT}(?![0-9])",
        "day": rf"(?<![0-9]){DAY_TEXT}(?![0-9])",
        "flow": "|".join(re.escape(word) for word in sorted(flows, key=len, reverse=True)),
    }
    parts = _PLACE.split(pattern)
    expression = re.escape(parts[0])
    for name, literal in zip(parts[1::2], parts[2::2], strict=True):
        expression += f"(?P<{name}>{texts.get(name, '.+?')})" if name else ".*?"
        expression += re.escape(literal)
    return re.compile(expression)
