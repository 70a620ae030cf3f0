"""What a manuscript may ask of a built report, and what it gets."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal, get_args

import jinja2

from flows.errors import ReportError, unknown_name
from flows.findings import Form, Number, Numbers, print_alike, print_number, print_value
from flows.report.appendices import Appendix
from flows.report.grammar import TextEnvironment
from flows.report.manuscripts.exhibits import Exhibit, Kind
from flows.report.numbers import read_numbers
from flows.report.typed import telling_numbers

Call = Literal["n", "bounds", "between", "level", "typed", "table", "figure"]
_FORMS: tuple[Form, ...] = get_args(Form)

_KEY = re.compile(r"flows:(?P<form>n|bounds|between|level):(?P<id>[\w.-]+)(?P<unit>:unit)?")
_QUOTES = str.maketrans(
    dict.fromkeys(map(chr, (0x2018, 0x2019, 0x201A, 0x201B, 0x2039, 0x203A)), "'")
    | dict.fromkeys(map(chr, (0x201C, 0x201D, 0x201E, 0x201F, 0xAB, 0xBB)), '"')
    | dict.fromkeys(map(chr, (0xA0, 0x202F)), " ")
)
"""What a word processor makes of quotation marks and blanks that were typed."""
_CALLED = re.compile(r"(?<=\{\{)\s*[A-Za-z]+(?=\()")
"""Of which it makes the first word of a sentence."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What an expression asks for, and what it prints: of an exhibit nothing."""

    call: Call
    id: str
    printed: str
    unit: bool = False

    @property
    def key(self) -> str:
        """Name of the property of a document that holds what is printed."""
        return f"flows:{self.call}:{self.id}{':unit' if self.unit else ''}"

    def in_words(self) -> str:
        """Tell what was asked."""
        return f"{self.call} {self.id}{' with its unit' if self.unit else ''}"


class BuiltReport:
    """The numbers, tables and figures of a built appendix."""

    def __init__(self, root: Path, appendix: Appendix) -> None:
        self.name = appendix.name
        self.folder = root / appendix.folder
        self.numbers: Numbers = read_numbers(root / appendix.numbers)
        self.known: Mapping[str, list[str]] = known_numbers(self.numbers)
        """Numbers that a text cannot have by chance, with their ids."""

    def read(self, expression: str) -> Asked:
        """Return what an expression in braces asks for; its quotation marks may be curly."""
        typed = expression.translate(_QUOTES)
        written = _CALLED.sub(lambda call: call[0].lower(), typed)
        asked: list[Asked] = []
        calls = {call: self._noted(call, asked) for call in get_args(Call)}
        try:
            filled = TextEnvironment({"text": written}, calls).fill("text")
        except jinja2.TemplateError as error:
            raise ReportError(f"{error.message}, in {expression}") from error
        except TypeError as error:
            raise ReportError(f"expected {_EXAMPLE}, found {expression}: {error}") from error
        if len(asked) != 1 or filled != asked[0].printed:
            raise ReportError(f"expected one call, such as {_EXAMPLE}, found {expression}")
        return asked[0]

    def read_key(self, key: str) -> Asked:
        """Return what the property of this name holds."""
        match = _KEY.fullmatch(key)
        if match is None:
            raise ReportError(f"expected a field such as flows:n:arms.share.main, found {key}")
        form: Form = next(form for form in _FORMS if form == match["form"])
        unit = match["unit"] is not None
        return Asked(form, match["id"], self._print(form, match["id"], unit=unit), unit)

    def exhibit(self, kind: Kind, name: str) -> Exhibit:
        """Return a table or figure that the report has."""
        exhibit = Exhibit(kind, name, self.folder)
        exhibit.check()
        return exhibit

    def _noted(self, call: Call, asked: list[Asked]) -> Callable[..., str]:
        """Return what answers a call and notes it down."""

        def number(form: Form, name: str, *, unit: bool = False) -> str:
            asked.append(Asked(form, name, self._print(form, name, unit=unit), unit))
            return asked[-1].printed

        def typed(text: str, reason: str) -> str:
            if not reason.strip():
                raise ReportError(f"typed({text!r}): expected a reason, found none")
            asked.append(Asked("typed", reason, text))
            return text

        def shown(kind: Kind, name: str) -> str:
            asked.append(Asked(kind, self.exhibit(kind, name).id, ""))
            return ""

        match call:
            case "typed":
                return typed
            case "table" | "figure":
                return partial(shown, call)
        return partial(number, call)

    def _print(self, form: Form, name: str, *, unit: bool) -> str:
        if name not in self.numbers:
            raise unknown_name("number", name, self.numbers, all_in="numbers.json")
        return print_number(self.numbers[name], form, unit=unit)


_EXAMPLE = '{{ n("arms.share.main") }}'


def known_numbers(numbers: Mapping[str, Number]) -> dict[str, list[str]]:
    """
    Return what a report prints and a text cannot have by chance, with the ids that print it.

    Values come before bounds, and short ids, which name the main results, before long ones.
    """
    ordered = sorted(numbers.values(), key=lambda number: len(number.id))
    values = [(number.id, print_value(number)) for number in ordered]
    ends = [
        (number.id, print_alike(number, end))
        for number in ordered
        for end in (number.low, number.high)
        if end is not None
    ]
    known: dict[str, dict[str, None]] = {}
    for name, printed in (*values, *ends):
        for written in telling_numbers(printed):
            known.setdefault(written, {})[name] = None
    return {written: list(ids) for written, ids in known.items()}
