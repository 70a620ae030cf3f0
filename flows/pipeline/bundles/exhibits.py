"""Which program makes each figure, table and number that the text of an appendix prints."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Literal

from jinja2 import nodes

from flows.findings import Number, print_value
from flows.notation import read_text
from flows.pipeline.bundles.programs import (
    Place,
    exhibit_place,
    function_place,
    text_file,
)
from flows.pipeline.graph import (
    CLAIMS,
    Instance,
    Places,
    make_data_steps,
    make_steps,
    read_plan,
    split_steps,
)
from flows.report.appendices import Appendix
from flows.report.deposit.content import Deposit
from flows.report.deposit.metadata import write_csv
from flows.report.grammar import TextEnvironment
from flows.report.numbers import read_numbers
from flows.results import print_with_unit
from flows.sources import list_sources
from flows.studies import STUDIES
from flows.studies.section import Study

MAP = "exhibits.csv"

_IDS = {"fig-": "figure", "tbl-": "table"}
_PRINTING = ("n", "bounds", "between")
"""Calls of a text that print a number."""
_HOLE = r"[\w.-]+"


@dataclass(frozen=True, slots=True)
class Mapped:
    """
    A figure, table or number, and what made it.

    ``number``: as the page prints it, ``"Figure 2"`` or ``"67.74 %"``; empty of an exhibit that the
    text does not show; ``title``: its caption, of a number what it is; ``program``, ``line``: where
    it is put together, of a number where the function is defined that gives it; ``text``: where the
    text prints a number, ``file:line``; ``code``: Python that gives a number; ``output_files``;
    ``data_sets``: those that it rests on; ``not_in_bundle``: those of them that are left out.
    """

    kind: Literal["figure", "table", "number"]
    name: str
    number: str
    title: str
    program: str
    line: int
    text: str
    code: str
    output_files: str
    data_sets: str
    not_in_bundle: str

    @property
    def place(self) -> Place:
        """Program and line."""
        return Place(self.program, self.line)


def map_exhibits(root: Path, appendix: Appendix, deposit: Deposit) -> list[Mapped]:
    """Return the figures and tables in the order of the page, then the numbers that it prints."""
    page = read_page((root / appendix.page).read_text(encoding="utf-8"))
    plan = [*read_plan(root / appendix.plan), CLAIMS]
    lacking = _lacking(root, appendix, deposit)
    exhibits = sorted(
        _map_exhibits(deposit, plan, page, lacking),
        key=lambda row: (row.kind, *_in_order(row.number)),
    )
    return [*exhibits, *_map_numbers(root, appendix, deposit, plan, page)]


def exhibits_csv(rows: Iterable[Mapped]) -> str:
    """Return the map for programs."""
    return write_csv(Mapped, rows)


def read_exhibits_csv(text: str) -> list[Mapped]:
    """Return the rows of a map that :func:`exhibits_csv` wrote."""
    rows = csv.DictReader(io.StringIO(text))
    return [Mapped(**{**row, "line": int(row["line"])}) for row in rows]  # type: ignore[arg-type]


@dataclass(slots=True)
class Page:
    """
    What a built page shows.

    ``captions``: kind and id of each exhibit to the words below it, its label first; ``numbers``:
    ids of the numbers in its text; ``words``: all of its text.
    """

    captions: dict[tuple[str, str], str] = field(default_factory=dict)
    numbers: list[str] = field(default_factory=list)
    words: str = ""


def read_page(page: str) -> Page:
    """Return what a page in HTML shows, blanks as one blank each."""
    reader = _PageReader()
    reader.feed(page)
    captions = {exhibit: _plain("".join(parts)) for exhibit, parts in reader.captions.items()}
    return Page(captions, [*dict.fromkeys(reader.numbers)], _plain("".join(reader.words)))


class _PageReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.captions: dict[tuple[str, str], list[str]] = {}
        self.numbers: list[str] = []
        self.words: list[str] = []
        self._caption: list[str] | None = None
        self._exhibit = ("", "")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: text or "" for name, text in attrs}
        identifier = attributes.get("id", "")
        if tag == "figure" and identifier[:4] in _IDS:
            self._exhibit = (_IDS[identifier[:4]], identifier[4:])
        if tag == "figcaption":
            self._caption = self.captions.setdefault(self._exhibit, [])
        if "data-id" in attributes:
            self.numbers.append(attributes["data-id"])

    def handle_endtag(self, tag: str) -> None:
        if tag == "figcaption":
            self._caption = None

    def handle_data(self, data: str) -> None:
        self.words.append(data)
        if self._caption is not None:
            self._caption.append(data)


def _plain(text: str) -> str:
    return " ".join(text.split())


def _in_order(number: str) -> tuple[bool, int]:
    """Sort what the page numbers by its number, and what it does not show last."""
    digits = re.search(r"\d+$", number)
    return (digits is None, int(digits[0]) if digits else 0)


def _lacking(root: Path, appendix: Appendix, deposit: Deposit) -> dict[str, list[str]]:
    """Return the data sets that are left out and without which a step cannot run, by its name."""
    places, sources = Places(root, root, appendix), list_sources(root)
    steps = [
        *make_data_steps(places, sources),
        *make_steps(places, sources, read_plan(places.plan)),
    ]
    owners = {
        path: source.id
        for source in deposit.sources
        if not source.redistribute
        for path in source.paths
    }
    _, blocked = split_steps(steps, owners)
    return {step.name: sorted({owners[path] for path in lacks}) for step, lacks in blocked}


def _map_exhibits(
    deposit: Deposit,
    plan: Sequence[Instance],
    page: Page,
    lacking: Mapping[str, Sequence[str]],
) -> Iterator[Mapped]:
    kinds = {
        (kind, name): study.study
        for study in plan
        for kind, names in (("figure", study.figures), ("table", study.tables))
        for name in names
    }
    for exhibit in deposit.exhibits:
        if exhibit.kind not in ("figure", "table"):
            continue
        place = exhibit_place(exhibit.kind, exhibit.id, kinds[exhibit.kind, exhibit.id])
        label, _, title = page.captions.get((exhibit.kind, exhibit.id), "").partition(". ")
        yield Mapped(
            kind=exhibit.kind,
            name=exhibit.id,
            number=label,
            title=title,
            program=place.file,
            line=place.line,
            text="",
            code="",
            output_files="; ".join(exhibit.files),
            data_sets="; ".join(exhibit.datasets),
            not_in_bundle="; ".join(lacking.get(exhibit.name, ())),
        )


def _map_numbers(
    root: Path, appendix: Appendix, deposit: Deposit, plan: Sequence[Instance], page: Page
) -> Iterator[Mapped]:
    withheld = {source.id for source in deposit.withheld.values()}
    numbers = read_numbers(root / appendix.numbers)
    printed = [numbers[name] for name in page.numbers]
    lines = (root / appendix.numbers).read_text(encoding="utf-8").splitlines()
    entries = {line.strip(): place for place, line in enumerate(lines, start=1)}
    places = [*_printing(root, appendix, plan)]
    for number in printed:
        entry = Place(appendix.numbers, entries.get(f'"{number.id}": {{', 1))
        place = function_place(number.code) or entry
        yield Mapped(
            kind="number",
            name=number.id,
            number=_as_printed(number),
            title=number.about,
            program=place.file,
            line=place.line,
            text="; ".join(dict.fromkeys(_where(number.id, places))),
            code="\n".join(number.code),
            output_files=str(entry),
            data_sets="; ".join(number.rows),
            not_in_bundle="; ".join(name for name in number.rows if name in withheld),
        )


def _as_printed(number: Number) -> str:
    return print_with_unit(print_value(number), number.unit)


def _where(number: str, places: Iterable[tuple[str, Place]]) -> Iterator[str]:
    return (str(place) for pattern, place in places if re.fullmatch(pattern, number))


def _printing(
    root: Path, appendix: Appendix, plan: Sequence[Instance]
) -> Iterator[tuple[str, Place]]:
    """Yield the ids of numbers, as patterns, that a place of a text prints."""
    text = read_text(root / appendix.text)
    yield from _printed_in(text, appendix.text, prefix="")
    shown = [_pattern(call.args[0]) for call in _calls(text, ("section",))]
    for study in plan:
        known = STUDIES.get(study.study)
        if not isinstance(known, Study):
            continue
        for section in known.sections:
            if any(re.fullmatch(pattern, f"{study.id}.{section}") for pattern in shown):
                said, file = known.text(section), text_file(study.study, section)
                yield from _printed_in(said, file, prefix=f"{re.escape(study.id)}.")


def _printed_in(text: str, file: str, *, prefix: str) -> Iterator[tuple[str, Place]]:
    """Yield what the calls of a text print, those of a section with its study in front."""
    for call in _calls(text, _PRINTING):
        if (pattern := _pattern(call.args[0])) != _HOLE:
            other = next((option.value for option in call.kwargs if option.key == "of"), None)
            before = prefix if other is None else f"{_pattern(other)}."
            yield f"{before}{pattern}", Place(file, call.lineno)


def _calls(text: str, names: Sequence[str]) -> Iterator[nodes.Call]:
    for call in TextEnvironment({}, {}).parse(text).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in names and call.args:
            yield call


def _pattern(expression: nodes.Expr) -> str:
    match expression:
        case nodes.Const(value=str(text)):
            return re.escape(text)
        case nodes.Concat(nodes=parts):
            return "".join(map(_pattern, parts))
        case _:
            return _HOLE
