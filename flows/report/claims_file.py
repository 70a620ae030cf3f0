"""The file of claims: ``reports/claims.toml``, one entry a published sentence."""

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flows.compare.claims import Claim, Claims, Yardstick
from flows.errors import ReportError
from flows.notation import read_utf8, toml_of
from flows.report.appendices import file_of
from flows.report.typed import typed_in_prose, typed_in_wording

_TEXTS = ("id", "quote", "citation", "assumes", "wording")
_TESTED = {"number": str, "compare": str, "unit": str, "tolerance": str, "says": str, "counts": str}
_PROSE = ("assumes", "tolerance", "says", "counts", "untestable")
"""Texts that explain; what they repeat of the sentence and its range is no result."""
_LISTS = ("also", "beside")
_QUALIFIED = ("qualifier", "yardsticks")
_COMPARED = {"against", "number", "unit"}
_YARDSTICK = {*_COMPARED, "low", "high", "missing"}
_BOUNDS: Mapping[str, tuple[str, ...]] = {
    "between": ("low", "high"),
    "at least": ("low",),
    "at most": ("high",),
}
_KNOWN = {*_TEXTS, *_TESTED, *_LISTS, *_QUALIFIED, "low", "high", "untestable", "part"}
_REFERENCES = "references.bib"
_ID = re.compile(r"\w[\w.-]*")
"""Of a claim: the address of what the report says of it ends with it."""
_KEY = re.compile(r"^@\w+\{\s*([^,\s]+)\s*,", re.MULTILINE)


def read_claims(
    path: Path | str | None = None,
    references: Path | str | None = None,
    *,
    appendix: str | None = None,
) -> Claims:
    """
    Read published sentences from a file of claims, such as ``reports/claims.toml``.

    Parameters
    ----------
    path : Path or str, optional
        ``claims.toml`` of the project by default, which is found upward from the working
        directory. It has one entry ``[[claim]]`` a sentence, each with ``id``, ``quote``,
        ``citation`` (key of a reference, or an address), ``assumes`` and ``wording``. A claim that
        a number tests has ``number`` (its id), ``unit``, ``compare`` (``"between"``,
        ``"at least"`` or ``"at most"``) with ``low``, ``high`` or both, ``tolerance`` (why the
        range is this one), ``says`` and ``counts``, and may have ``also`` and ``beside``, lists of
        further numbers; any other has ``untestable``, the reason. ``part`` are the words of the
        quote that are tested, where it says more. ``qualifier`` is a word such as "just", and
        ``yardsticks`` a list of what it may be held against: each has ``against``, and ``number``
        with ``unit`` and ``low``, ``high`` or both, or ``missing``, the reason why none compares;
        or both of them, where the report has the number for some data only.
    references : Path or str, optional
        BibTeX file of the citations; ``references.bib`` beside ``path`` by default.
    appendix : str, optional
        Name of an appendix of the project; by default the only one, or ``reports/`` itself.

    Returns
    -------
    Claims
        A list of :class:`flows.compare.claims.Claim` in the order of the file, to be held against
        numbers by :func:`flows.check_claims`.

    Raises
    ------
    ReportError
        If a file is missing or not TOML, an entry lacks a key or has an unknown one, a range is
        empty, words are not in the quote, a citation is not among the references, an id stands
        there twice, or a number was typed where the text should take it from the report; with the
        line.
    UnknownNameError
        If the project has no such appendix, or several and none of them is named.

    Examples
    --------
    >>> claims = read_claims()
    >>> claims[0].id, claims[0].number, claims[0].low
    ('arsenal', 'arms.share.main', 67.5)
    """
    path = file_of("claims.toml", path, appendix)
    text, entries = _read(path)
    keys = _reference_keys(path.with_name(_REFERENCES) if references is None else Path(references))
    lines = [
        line
        for line, content in enumerate(text.splitlines(), start=1)
        if re.match(r"\s*\[\[\s*claim\s*\]\]", content)
    ]
    claims = Claims()
    for entry, start, end in zip(entries, lines, [*lines, None][1:], strict=True):
        block = text.splitlines()[start - 1 : end and end - 1]
        claims.append(_Entry(entry, path, start, block).claim(keys))
    ids = [claim.id for claim in claims]
    for claim in claims:
        if ids.count(claim.id) > 1:
            raise ReportError(f"{claim.place}: the id {claim.id!r} stands twice; give each its own")
    return claims


def _reference_keys(path: Path) -> set[str]:
    try:
        return set(_KEY.findall(read_utf8(path, error=ReportError)))
    except FileNotFoundError as error:
        raise ReportError(
            f"{path}: the references of the claims are not there; give the BibTeX file"
        ) from error


def _read(path: Path) -> tuple[str, list[Any]]:
    try:
        text = read_utf8(path, error=ReportError)
    except FileNotFoundError as error:
        raise ReportError(f"{path}: expected the claims of a report, found no file") from error
    content = toml_of(text, path, error=ReportError)
    entries = content.pop("claim", [])
    if content or not isinstance(entries, list):
        others = ", ".join(sorted(content)) or "another form of claim"
        raise ReportError(f"{path}: expected entries [[claim]] only, found {others}")
    return text, entries


class _Entry:
    """One entry of the file, and the lines on which its keys stand."""

    def __init__(self, entry: dict[str, Any], path: Path, start: int, block: list[str]) -> None:
        self.entry, self.path, self.start, self.block = entry, path, start, block

    def claim(self, references: set[str]) -> Claim:
        self._check_keys()
        if "untestable" not in self.entry:
            self._check_range()
        yardsticks = self._yardsticks()
        self._check_typed()
        citation = self.entry["citation"]
        if citation not in references and not citation.startswith("https://"):
            raise self.error("citation", f"expected a reference or an address, found {citation!r}")
        lists = {key: tuple(self.entry.get(key, ())) for key in _LISTS}
        arguments = {key: value for key, value in self.entry.items() if key != "compare"} | lists
        arguments["yardsticks"] = yardsticks
        self._check_words()
        return Claim(**arguments, place=f"{self.path}:{self.start}")

    def _check_words(self) -> None:
        """Check that the part stands in the quote, and the qualifier in what is tested."""
        quote = self.entry["quote"]
        part = self.entry.get("part", quote)
        for key, word, text in (
            ("part", part, quote),
            ("qualifier", self.entry.get("qualifier", part), part),
        ):
            if word not in text:
                raise self.error(key, f"expected words of {text!r}, found {word!r}")
        if len({bool(self.entry.get(key)) for key in _QUALIFIED}) > 1:
            raise self.error(
                "qualifier", "expected a qualifier with its yardsticks, found one without the other"
            )

    def _yardsticks(self) -> tuple[Yardstick, ...]:
        yardsticks = self.entry.get("yardsticks", [])
        for yardstick in yardsticks:
            if unknown := sorted(yardstick.keys() - _YARDSTICK):
                raise self.error("yardsticks", f"expected no key {unknown[0]}, found it")
            for key, value in yardstick.items():
                if not _has_type(key, value):
                    raise self.error(
                        "yardsticks", f"expected {_type_of(key)} under {key}, found {value!r}"
                    )
            reason_alone = "missing" in yardstick and "number" not in yardstick
            needed = {"against", "missing"} if reason_alone else _COMPARED
            if missing := sorted(needed - yardstick.keys()):
                raise self.error("yardsticks", f"expected the key {missing[0]}, found none")
            self._check_yardstick_range(yardstick)
        return tuple(Yardstick(**yardstick) for yardstick in yardsticks)

    def _check_yardstick_range(self, yardstick: Mapping[str, Any]) -> None:
        ends = {"low", "high"} & yardstick.keys()
        if "number" not in yardstick and (odd := sorted({*ends, "unit"} & yardstick.keys())):
            raise self.error("yardsticks", f"expected no key {odd[0]} without a number, found it")
        if "number" in yardstick and not ends:
            raise self.error("yardsticks", "expected low, high or both, found neither")
        named = f"{{{yardstick.get('number')}}}"
        if "missing" in yardstick and named in yardstick["against"]:
            raise self.error(
                "yardsticks", f"expected no {named} under against, found it beside missing"
            )
        low, high = yardstick.get("low", -math.inf), yardstick.get("high", math.inf)
        if not low <= high:
            raise self.error("yardsticks", f"expected low up to high, found {low} and {high}")

    def _check_keys(self) -> None:
        if unknown := sorted(self.entry.keys() - _KNOWN):
            raise self.error(
                unknown[0],
                f"expected only the keys {', '.join(sorted(_KNOWN))}; found {unknown[0]!r}",
            )
        needed = set(_TEXTS) if "untestable" in self.entry else {*_TEXTS, *_TESTED}
        if missing := sorted(needed - self.entry.keys()):
            raise self.error("", f"expected the key {missing[0]}, found none")
        if "untestable" in self.entry and (
            odd := sorted({*_TESTED, *_QUALIFIED, "also", "low", "high"} & self.entry.keys())
        ):
            raise self.error(odd[0], f"expected no key {odd[0]} beside untestable, found it")
        for key, value in self.entry.items():
            if not _has_type(key, value):
                raise self.error(key, f"expected {_type_of(key)} under {key}, found {value!r}")
        if not _ID.fullmatch(self.entry["id"]):
            raise self.error(
                "id", f"expected letters, digits, . _ and -, found {self.entry['id']!r}"
            )

    def _check_range(self) -> None:
        compare = self.entry["compare"]
        if compare not in _BOUNDS:
            raise self.error("compare", f"expected {', '.join(_BOUNDS)}, found {compare!r}")
        ends = {"low", "high"} & self.entry.keys()
        if ends != set(_BOUNDS[compare]):
            wanted = " and ".join(_BOUNDS[compare])
            stated = " and ".join(sorted(ends)) or "neither"
            raise self.error("compare", f"expected {wanted} with {compare!r}, found {stated}")
        low, high = self.entry.get("low", -math.inf), self.entry.get("high", math.inf)
        if not low <= high:
            raise self.error("low", f"expected low up to high, found {low} and {high}")
        if not self.entry["tolerance"].strip():
            raise self.error("tolerance", "expected the reason for the range, found none")

    def _check_typed(self) -> None:
        """Check that no number was typed that the report computes."""
        quoted = [self.entry["quote"], *(str(self.entry.get(end, "")) for end in ("low", "high"))]
        wordings = [("wording", self.entry["wording"])]
        prose = [(key, self.entry.get(key, "")) for key in _PROSE]
        for yardstick in self.entry.get("yardsticks", []):
            wordings.append(("yardsticks", yardstick["against"]))
            prose.append(("yardsticks", yardstick.get("missing", "")))
        for key, text in wordings:
            self._check_by_hand(key, text, typed_in_wording(text), "{id of the number}")
        for key, text in prose:
            self._check_by_hand(key, text, typed_in_prose(text, quoted), "no result")

    def _check_by_hand(self, key: str, text: str, by_hand: list[str], instead: str) -> None:
        if by_hand:
            raise self.error(
                key,
                f"expected {instead}, found {by_hand[0]} typed by hand under {key}: {text!r}; "
                "years and dates may stand, and somebody else's words in “ ”",
            )

    def error(self, key: str, message: str) -> ReportError:
        """Return the error with the line of a key, or else of the entry."""
        line = self.start
        for place, content in enumerate(self.block):
            if key and re.match(rf"\s*{re.escape(key)}\s*=", content):
                line = self.start + place
        name = self.entry.get("id", "without id")
        return ReportError(f"{self.path}:{line}: claim {name}: {message}")


def _type_of(key: str) -> str:
    if key == "yardsticks":
        return "a list of tables"
    if key in _LISTS:
        return "a list of texts"
    return "a number" if key in {"low", "high"} else "text"


def _has_type(key: str, value: object) -> bool:
    if key in _LISTS or key == "yardsticks":
        kind = dict if key == "yardsticks" else str
        return isinstance(value, list) and all(isinstance(item, kind) for item in value)
    if key in {"low", "high"}:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, str)
