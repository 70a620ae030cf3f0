"""The currency of an unknown table and its multiple, as the texts around the table name them."""

import re
from collections.abc import Sequence

from flows.loaders.unknown_tables import Proposal, quoted

_CURRENCIES = (
    ("USD", r"US ?\$|USD|U\.S\. dollar|US dollar|\u0434\u043e\u043b\u043b"),
    ("USD, AUD, CAD, HKD, NZD or SGD", r"dollars?\b"),
    ("EUR", r"EUR\b|euros?\b|\u20ac|\u0435\u0432\u0440\u043e"),
    ("INR, NPR, PKR or LKR", r"\bRs\b|rupees?"),
    ("GBP", r"GBP|\u00a3|pounds? sterling"),
    ("JPY", r"JPY|\bYen\b"),
)
_MULTIPLES = (
    (1000, r"thousand|thsd|tsd\b|'000|\b000\b|tausend|milliers|miles de|mil\b|\u0442\u044b\u0441"),
    (1_000_000, r"million|m(?=usd|eur)|mio\b|mln\b|millones|\u043c\u043b\u043d"),
    (1_000_000_000, r"billion|bn\b|milliard|\u043c\u043b\u0440\u0434"),
)


def propose_unit(proposal: Proposal, texts: Sequence[str]) -> None:
    """Propose currency and multiple where a text names them; one that may be several is asked."""
    proposal.unsure["unit"] = "the file names no currency: its ISO 4217 code, USD"
    proposal.keys["multiplier"] = "1"
    proposal.unsure["multiplier"] = "the file does not say: 1000 for thousands"
    named = [(text, unit) for text in texts for unit, word in _CURRENCIES if _has(word, text)]
    if named:
        text, unit = named[0]
        proposal.keys["unit"] = _quoted_code(unit)
        choice = f"{unit}? " if " " in unit else ""
        proposal.unsure["unit"] = f"{choice}from {text[:60]!r}"
        texts = [text, *texts]
        proposal.unsure["multiplier"] = f"from {text[:60]!r}"
    multiples = [(text, n) for text in texts for n, word in _MULTIPLES if _has(word, text)]
    if multiples:
        text, multiple = multiples[0]
        proposal.keys["multiplier"] = str(multiple)
        proposal.unsure["multiplier"] = f"from {text[:60]!r}"


def _has(pattern: str, text: str) -> bool:
    return re.search(pattern, text, re.IGNORECASE) is not None


def _quoted_code(unit: str) -> str:
    return quoted("" if " " in unit else unit)
