"""The text of a paragraph in a docx: runs, the fields in them, and pieces taken out of them."""

from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field

from flows.errors import ReportError
from flows.report.manuscripts.package import Element, make, tag
from flows.safe_text import show_controls


@dataclass(slots=True)
class Field:
    """A field of a document: its instruction, and the pieces of text that show its result."""

    instruction: str
    shown: list[Element] = field(default_factory=list)
    separator: Element | None = None

    @property
    def text(self) -> str:
        """What it shows now."""
        return "".join(piece.text or "" for piece in self.shown)

    def show(self, text: str) -> None:
        """Show another text in the look of the first piece."""
        if not self.shown:
            if self.separator is None:
                raise ReportError(f"field {self.instruction!r}: expected a result, found none")
            run = _like(self.separator.getparent())
            run.append(make("w:t"))
            self.separator.getparent().addnext(run)
            self.shown.append(run[-1])
        for piece in self.shown:
            write_text(piece, "")
        write_text(self.shown[0], text)


def own_runs(element: Element, *, without: str = "") -> Iterator[Element]:
    """
    Yield the runs of a paragraph that a reader sees: not those of paragraphs inside, nor deleted.

    ``without``: beginning of the tags of content controls that are passed over.
    """
    for child in element:
        if child.tag == tag("w:r"):
            yield child
        elif child.tag in (tag("w:p"), tag("w:del"), tag("w:moveFrom"), tag("w:pPr")):
            continue
        elif not (without and control_tag(child).startswith(without)):
            yield from own_runs(child, without=without)


def control_tag(element: Element) -> str:
    """Return the tag of a content control; of anything else, nothing."""
    if element.tag != tag("w:sdt"):
        return ""
    named = element.find(f"{tag('w:sdtPr')}/{tag('w:tag')}")
    return "" if named is None else str(named.get(tag("w:val"), ""))


def paragraph_text(runs: Iterable[Element]) -> str:
    """Return the text of runs."""
    return "".join(piece.text or "" for run in runs for piece in run.iterchildren(tag("w:t")))


def find_fields(paragraph: Element) -> list[Field]:
    """Return the fields that begin and end in a paragraph, complex ones and simple ones."""
    ended = [
        Field(simple.get(tag("w:instr"), ""), list(simple.iter(tag("w:t"))))
        for simple in paragraph.iter(tag("w:fldSimple"))
        if next(simple.iterancestors(tag("w:p")), None) is paragraph
    ]
    open_fields: list[Field] = []
    for run in own_runs(paragraph):
        for child in run:
            _read_field(child, open_fields, ended)
    return ended


def _read_field(child: Element, open_fields: list[Field], ended: list[Field]) -> None:
    kind = child.get(tag("w:fldCharType")) if child.tag == tag("w:fldChar") else child.tag
    if kind == "begin":
        open_fields.append(Field(""))
    elif not open_fields:
        return
    elif kind == "separate":
        open_fields[-1].separator = child
    elif kind == "end":
        ended.append(open_fields.pop())
    elif kind == tag("w:instrText") and open_fields[-1].separator is None:
        open_fields[-1].instruction += child.text or ""
    elif kind == tag("w:t") and open_fields[-1].separator is not None:
        open_fields[-1].shown.append(child)


def write_text(piece: Element, text: str) -> None:
    """Put text into an element of text, blanks at its ends included."""
    piece.text = show_controls(text)
    piece.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")


def _like(run: Element) -> Element:
    """Return an empty run that looks like another."""
    look = run.find(tag("w:rPr"))
    return make("w:r", *([] if look is None else [deepcopy(look)]))


def take_out(paragraph: Element, start: int, end: int, *, without: str = "") -> Element:
    """Take a piece of a paragraph's text out; return an empty run of its look in its place."""
    _split(paragraph, end, without)
    _split(paragraph, start, without)
    covered = [
        (piece, run)
        for piece, run, at in _pieces(paragraph, without)
        if start <= at < end and piece.text
    ]
    first = covered[0][1]
    empty = _like(first)
    first.addprevious(empty)
    for piece, run in covered:
        run.remove(piece)
        if all(child.tag == tag("w:rPr") for child in run):
            run.getparent().remove(run)
    return empty


def _pieces(paragraph: Element, without: str) -> list[tuple[Element, Element, int]]:
    """Return the elements of text of a paragraph, each with its run and where it begins."""
    pieces, at = [], 0
    for run in own_runs(paragraph, without=without):
        for piece in run.iterchildren(tag("w:t")):
            pieces.append((piece, run, at))
            at += len(piece.text or "")
    return pieces


def _split(paragraph: Element, position: int, without: str) -> None:
    """Have a run begin at a position of a paragraph's text."""
    for piece, run, at in _pieces(paragraph, without):
        text, before = piece.text or "", piece.getprevious()
        begins = position == at and (before is None or before.tag == tag("w:rPr"))
        if begins or not at <= position < at + len(text):
            continue
        after = _like(run)
        following = list(piece.itersiblings())
        if position > at:
            write_text(piece, text[: position - at])
            piece = make("w:t")  # noqa: PLW2901 - the second half takes the place of the first
            write_text(piece, text[position - at :])
        after.extend([piece, *following])
        run.addnext(after)
        return


def field_runs(empty: Element, instruction: str, text: str) -> list[Element]:
    """Return the runs of a complex field that looks like an empty run."""
    code, shown = make("w:instrText"), make("w:t")
    write_text(code, f" {instruction} ")
    write_text(shown, text)
    contents = [
        make("w:fldChar", fldCharType="begin"),
        code,
        make("w:fldChar", fldCharType="separate"),
        shown,
        make("w:fldChar", fldCharType="end"),
    ]
    runs = []
    for content in contents:
        runs.append(deepcopy(empty))
        runs[-1].append(content)
    return runs
