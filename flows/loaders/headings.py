"""The pattern that headings of an unknown table have: the period, flow or partner in them."""

import re
from collections.abc import Sequence

from flows.loaders.column_kinds import direction_of, has_quarters, is_month, known_scheme
from flows.loaders.printed_periods import month_text

_MOST = 0.6
YEAR_IN = re.compile(r"(?<![0-9])(?:19|20|13|14)[0-9]{2}(?:[/\u2013-][0-9]{2,4})?(?![0-9])")
_QUARTER_IN = re.compile(r"(?<![\w{])(?:[QT]?[1-4]|[1-4][QT]|IV|I{1,3})(?![\w}])")

PREFIXED = re.compile(rf"([A-Za-z]{{1,2}})(?:{month_text(())})")
"""A month behind a letter that stands for a flow: IJAN, EJAN."""


def heading_pattern(names: Sequence[str]) -> tuple[str, list[str]]:
    """Return the pattern of headings that say a period or a partner, and those headings."""
    quarters = [name for name in names if has_quarters("", [name])]
    dated = _dated([name for name in names if name not in quarters])
    if dated:
        best = max(dated, key=lambda template: len(dated[template]))
        return best, dated[best]
    months = [name for name in names if is_month(name)]
    for pattern, headings in (("{month}", months), ("{quarter}", quarters)):
        if len(headings) > 1:
            return pattern, headings
    prefixed = {name: match[1] for name in names if (match := PREFIXED.fullmatch(name))}
    if len(prefixed) > len({*prefixed.values()}):
        return "{flow}{month}", list(prefixed)
    if len(names) > 2 and known_scheme(names)[1] > _MOST:  # noqa: PLR2004 - two may be by chance
        return "{partner}", list(names)
    return "", []


def _dated(names: Sequence[str]) -> dict[str, list[str]]:
    """Return headings with a year by what is the same in them: a quarter or a flow beside it."""
    dated: dict[str, list[str]] = {}
    for name in names:
        match = YEAR_IN.search(name)
        if match and not is_month(name):
            template = f"{name[: match.start()]}{{year}}{name[match.end() :]}"
            words = re.findall(r"[^\W\d_{}]{2,}", template)
            word = next((w for w in words if direction_of(w)), "")
            template = template.replace(word, "{flow}") if word else template
            dated.setdefault(template, []).append(name)
    quartered: dict[str, list[str]] = {}
    for template, headings in dated.items():
        if (general := _QUARTER_IN.sub("{quarter}", template)) != template:
            quartered.setdefault(general, []).extend(headings)
    return dated | {general: held for general, held in quartered.items() if len(held) > 1}
