"""A docx filled with the numbers of a report, and filled again after each build."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter

from flows.errors import ReportError, UnknownNameError
from flows.report.manuscripts.built import Asked, BuiltReport
from flows.report.manuscripts.exhibits import (
    Exhibit,
    Kind,
    find_controls,
    insert_exhibit,
    refresh_caption,
    refresh_exhibit,
)
from flows.report.manuscripts.package import Element, Package, make, tag
from flows.report.manuscripts.runs import (
    Field,
    control_tag,
    field_runs,
    find_fields,
    own_runs,
    paragraph_text,
    take_out,
    write_text,
)
from flows.report.typed import find_known

OURS = "flows:"
"""Beginning of the names of properties and content controls that a fill makes."""

_EXPRESSION = re.compile(r"\{\{.*?\}\}")
_INSTRUCTION = re.compile(r'\s*DOCPROPERTY\s+"?(?P<key>flows:[^"\s]+)"?', re.IGNORECASE)
_EXCERPT = 60
"""Characters of a paragraph that tell where something stands."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a fill did at one place; ``before`` is none where it was the first."""

    place: str
    what: str
    before: str | None
    after: str

    def in_words(self) -> str:
        """Tell it in a line."""
        if self.before is None:
            return f"{self.what}: {self.after}, in {self.place}"
        before, after = self.before or "nothing", self.after or "nothing"
        return f"{self.what}: {before} -> {after}, in {self.place}"

    def as_fault(self) -> str:
        """Tell it of a document that was not filled, in a line."""
        found = "it not filled" if self.before is None else self.before or "nothing"
        return f"{self.place}: expected {self.after or 'nothing'} ({self.what}), found {found}"


_Expression = tuple[Element, re.Match[str], Asked]
"""Where an expression stands, in which paragraph, and what it asks for."""


@dataclass(slots=True)
class _Part:
    """What is to be done in one part of a document."""

    name: str
    expressions: list[_Expression] = field(default_factory=list)
    fields: list[tuple[Element, Field, Asked]] = field(default_factory=list)
    controls: list[tuple[Element, Exhibit]] = field(default_factory=list)
    captions: list[tuple[Element, Exhibit]] = field(default_factory=list)


def fill_document(package: Package, report: BuiltReport) -> list[Change]:
    """
    Fill what asks for a number, table or figure, and bring up to date what was filled before.

    Everything is looked up first: what the report does not have is an error of all such places, and
    the document stays as it is.
    """
    faults: list[str] = []
    parts = [_read_part(package, name, report, faults) for name in package.texts]
    if faults:
        raise ReportError("\n".join(f"{package.path}: {fault}" for fault in dict.fromkeys(faults)))
    properties: dict[str, str] = {}
    changes = []
    for part in parts:
        made = [
            *_refresh_part(package, part, properties),
            *_fill_part(package, part, report, properties),
        ]
        if made:
            package.touch(part.name)
        changes += made
    if properties or package.properties(OURS):
        package.set_properties(OURS, {**properties, f"{OURS}appendix": report.name})
    return list(dict.fromkeys(changes))


def appendix_of(package: Package) -> str | None:
    """Return the appendix that a document was filled from before."""
    return package.properties(OURS).get(f"{OURS}appendix")


def _read_part(package: Package, name: str, report: BuiltReport, faults: list[str]) -> _Part:
    """Look up all that a part asks for; what the report does not have is a fault."""
    root, part = package.tree(name), _Part(name)
    for paragraph in root.iter(tag("w:p")):
        text = paragraph_text(own_runs(paragraph, without=OURS))
        for match in _EXPRESSION.finditer(text):
            with _noted(faults, place_of(paragraph)):
                asked = report.read(match[0])
                _check_place(asked, paragraph, text)
                part.expressions.append((paragraph, match, asked))
        for shown in find_fields(paragraph):
            if key := _INSTRUCTION.match(shown.instruction):
                with _noted(faults, place_of(paragraph)):
                    part.fields.append((paragraph, shown, report.read_key(key["key"])))
    for control, match in find_controls(root):
        kind: Kind = "table" if match["kind"] == "table" else "figure"
        with _noted(faults, f"{kind} {match['id']}"):
            controls = part.captions if match["caption"] else part.controls
            controls.append((control, report.exhibit(kind, match["id"])))
    return part


@contextmanager
def _noted(faults: list[str], place: str) -> Iterator[None]:
    """Note what the report does not have, and go on."""
    try:
        yield
    except (ReportError, UnknownNameError) as error:
        faults.append(f"{place}: {error}")


def _check_place(asked: Asked, paragraph: Element, text: str) -> None:
    """Check that an exhibit stands alone, where a table may stand."""
    if asked.call not in ("table", "figure"):
        return
    if _EXPRESSION.fullmatch(text.strip()) is None:
        raise ReportError(f"expected {asked.call} {asked.id!r} alone in its paragraph, found text")
    if paragraph.getparent().tag not in (tag("w:body"), tag("w:tc")):
        raise ReportError(
            f"expected {asked.call} {asked.id!r} in the text or in the cell of a table, found it "
            "in a header, a note, a box or another control"
        )


def _refresh_part(package: Package, part: _Part, properties: dict[str, str]) -> Iterator[Change]:
    """Bring up to date what was filled before, and note the properties that hold it."""
    for paragraph, shown, asked in part.fields:
        properties[asked.key] = asked.printed
        if shown.text != asked.printed:
            yield Change(place_of(paragraph), asked.in_words(), shown.text, asked.printed)
            shown.show(asked.printed)
    for control, exhibit in part.controls:
        for words in refresh_exhibit(package, part.name, control, exhibit):
            yield Change(f"the {exhibit.kind}", f"{exhibit.kind} {exhibit.id}", *words)
        properties |= exhibit.properties
    for control, exhibit in part.captions:
        if caption := refresh_caption(control, exhibit):
            yield Change("the caption", f"{exhibit.kind} {exhibit.id}", *caption)


def _fill_part(
    package: Package, part: _Part, report: BuiltReport, properties: dict[str, str]
) -> Iterator[Change]:
    """Fill what was written since, and note the properties that hold it."""
    for paragraph, expressions in groupby(part.expressions, key=itemgetter(0)):
        place, first_to_last = place_of(paragraph), list(expressions)
        for expression in reversed(first_to_last):
            properties |= _fill_expression(package, part.name, expression, report)
        for _, _, asked in first_to_last:
            yield Change(place, asked.in_words(), None, asked.printed or "inserted")


def _fill_expression(
    package: Package, part: str, expression: _Expression, report: BuiltReport
) -> dict[str, str]:
    """Put what was asked for into its place; return the properties that hold it."""
    paragraph, match, asked = expression
    if asked.call in ("table", "figure"):
        exhibit = report.exhibit(asked.call, asked.id)
        insert_exhibit(package, part, paragraph, exhibit)
        return exhibit.properties
    empty = take_out(paragraph, match.start(), match.end(), without=OURS)
    if asked.call == "typed":
        made = [_typed_control(empty, asked)]
    else:
        made = field_runs(empty, rf'DOCPROPERTY "{asked.key}" \* MERGEFORMAT', asked.printed)
    for element in made:
        empty.addprevious(element)
    empty.getparent().remove(empty)
    return {} if asked.call == "typed" else {asked.key: asked.printed}


def _typed_control(empty: Element, asked: Asked) -> Element:
    """Return a control around digits that are no number of the report, named by the reason."""
    run, shown = deepcopy(empty), make("w:t")
    write_text(shown, asked.printed)
    run.append(shown)
    named = make("w:sdtPr", make("w:alias", val=asked.id), make("w:tag", val=f"{OURS}typed"))
    return make("w:sdt", named, make("w:sdtContent", run))


def typed_in_document(package: Package, report: BuiltReport) -> list[str]:
    """Tell which numbers of the report were typed by hand, outside of what a fill made."""
    faults = []
    for name in package.texts:
        for paragraph in package.tree(name).iter(tag("w:p")):
            if any(control_tag(above).startswith(OURS) for above in paragraph.iterancestors()):
                continue
            for _, written, ids in find_known(_text_by_hand(paragraph), report.known):
                could = ", ".join(ids)
                faults.append(
                    f"{place_of(paragraph)}: expected {{{{ n('{ids[0]}') }}}} or the like, found "
                    f"{written} typed by hand, which the report has as {could}"
                )
    return list(dict.fromkeys(faults))


def _text_by_hand(paragraph: Element) -> str:
    """Return the text of a paragraph with blanks for what our fields show."""
    ours = [
        piece
        for shown in find_fields(paragraph)
        if _INSTRUCTION.match(shown.instruction)
        for piece in shown.shown
    ]
    return "".join(
        " " * len(piece.text or "") if piece in ours else piece.text or ""
        for run in own_runs(paragraph, without=OURS)
        for piece in run.iterchildren(tag("w:t"))
    )


def place_of(paragraph: Element) -> str:
    """Return the beginning of a paragraph, by which a person finds it."""
    text = " ".join(paragraph_text(own_runs(paragraph)).split())
    return f"“{text[:_EXCERPT]}…”" if len(text) > _EXCERPT else f"“{text}”"
