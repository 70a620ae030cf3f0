"""Tables and figures of a built report as content controls of a document for word processors."""

import hashlib
import re
import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from lxml import html

from flows.errors import ReportError, unknown_name
from flows.report import APPENDIX_FILES
from flows.report.manuscripts.package import PREFIXES, Element, Package, make, tag
from flows.report.manuscripts.runs import (
    control_tag,
    own_runs,
    paragraph_text,
    write_text,
)
from flows.results import print_count

Kind = Literal["table", "figure"]

EXHIBIT = re.compile(r"flows:(?P<kind>table|figure)(?P<caption>-caption)?:(?P<id>.+)")
"""Tag of the content control of an exhibit, or of the words of its caption."""

_LABELS = {"table": "Table", "figure": "Figure"}
_FOLDERS = {"table": ("tables", ".html"), "figure": ("figures", ".png")}
_EMU = 914_400
"""Units of a drawing in an inch; of a page there are 1,440."""
_TWIPS = 1_440
_DPI = 300
_WIDTH = 6.0
"""Inches between the margins of a page whose size a document does not say."""

_LONGEST_CELL, _AROUND_CELL = 24, 4
"""Characters of a cell for which a column is made wider, and those that its margins take."""

_LOOKS = {"em": "w:i", "strong": "w:b"}
_GRAPHIC = "http://schemas.openxmlformats.org/drawingml/2006/picture"


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A table or figure of a built report, and the folder that holds its files."""

    kind: Kind
    id: str
    folder: Path

    @property
    def tag(self) -> str:
        """The tag of its content control."""
        return f"flows:{self.kind}:{self.id}"

    @property
    def caption_tag(self) -> str:
        """The tag of the words of its caption."""
        return f"flows:{self.kind}-caption:{self.id}"

    def caption(self) -> Element:
        """Return the words of its caption, as HTML."""
        if self.kind == "table":
            return self.page().find(".//caption")
        return _figure_on_page(self.folder, self.id)[0]

    def page(self) -> Element:
        """Return the page of a table."""
        return html.fromstring(self.file.read_text(encoding="utf-8"))

    @property
    def properties(self) -> dict[str, str]:
        """What tells later of which build a picture is: Word packs it anew."""
        if self.kind == "table":
            return {}
        return {self.tag: hashlib.sha256(self.file.read_bytes()).hexdigest()}

    @property
    def file(self) -> Path:
        """What it is made from."""
        below, ending = _FOLDERS[self.kind]
        return self.folder / below / f"{self.id}{ending}"

    def check(self) -> None:
        """Check that the report has it."""
        below, ending = _FOLDERS[self.kind]
        there = [path.stem for path in (self.folder / below).glob(f"*{ending}")]
        if self.id not in there:
            raise unknown_name(self.kind, self.id, there)
        if self.kind == "figure":
            _figure_on_page(self.folder, self.id)


def insert_exhibit(package: Package, part: str, paragraph: Element, exhibit: Exhibit) -> None:
    """
    Put an exhibit and its caption in the place of a paragraph.

    The label of the caption, "Table 1", is the author's; the words after it are a control.
    """
    caption = _caption(exhibit, _next_number(paragraph, exhibit.kind), _caption_style(package))
    shown = _control(exhibit.tag, _contents(package, part, exhibit))
    blocks = [caption, shown] if exhibit.kind == "table" else [shown, caption]
    aside = [child for child in paragraph if child.tag != tag("w:pPr") and not _has_text(child)]
    caption.extend(aside)
    for block in blocks:
        paragraph.addprevious(block)
    look = paragraph.find(tag("w:pPr"))
    ends_section = look is not None and look.find(tag("w:sectPr")) is not None
    if ends_section or (paragraph.getparent().tag == tag("w:tc") and paragraph.getnext() is None):
        for run in list(own_runs(paragraph)):
            run.getparent().remove(run)
    else:
        paragraph.getparent().remove(paragraph)


def _has_text(element: Element) -> bool:
    """Whether it is more than a bookmark, a comment or a mark of spelling."""
    return next(element.iter(tag("w:t")), None) is not None


def _control(name: str, contents: Iterable[Element]) -> Element:
    return make(
        "w:sdt",
        make(
            "w:sdtPr",
            make("w:alias", val=" ".join(name.split(":"))),
            make("w:tag", val=name),
            make("w:id", val=str(zlib.crc32(name.encode()) >> 1)),
        ),
        make("w:sdtContent", *contents),
    )


def refresh_caption(control: Element, exhibit: Exhibit) -> tuple[str, str] | None:
    """Bring the words of a caption up to date; return them before and after, if they differ."""
    content = control.find(tag("w:sdtContent"))
    runs, made = list(own_runs(content)), list(_inline(exhibit.caption()))
    before, after = paragraph_text(runs), paragraph_text(made)
    if before == after:
        return None
    content[:] = _in_look_of(runs, made)
    return before, after


def refresh_exhibit(
    package: Package, part: str, control: Element, exhibit: Exhibit
) -> list[tuple[str, str]]:
    """
    Bring an exhibit up to date and return what changed in it, before and after.

    Its look stays as the author has it: size, fonts, style; of a table for as long as it has as
    many rows and columns.
    """
    content = control.find(tag("w:sdtContent"))
    if exhibit.kind == "figure":
        return _refresh_picture(package, part, content, exhibit)
    made = make("w:sdtContent", *_contents(package, part, exhibit))
    before, after = _all_text(content), _all_text(made)
    if before == after:
        return []
    if _shape(content) == _shape(made):
        for old, new in zip(content.iter(tag("w:p")), made.iter(tag("w:p")), strict=True):
            _refresh_paragraph(old, new)
        return [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]]
    rows = [print_count(len(list(each.iter(tag("w:tr")))), "row") for each in (content, made)]
    content[:] = list(made)
    return [(rows[0], rows[1])]


def _refresh_picture(
    package: Package, part: str, content: Element, exhibit: Exhibit
) -> list[tuple[str, str]]:
    """Word packs pictures anew, so that the property of the file tells of which build it is."""
    blip = next(content.iter(tag("a:blip")), None)
    if blip is None:
        content[:] = _contents(package, part, exhibit)
        return [("no picture", "that of this build")]
    if package.properties(exhibit.tag) == exhibit.properties:
        return []
    _replace_picture(package, part, blip, exhibit)
    return [("the picture of another build", "that of this build")]


def _replace_picture(package: Package, part: str, blip: Element, exhibit: Exhibit) -> None:
    """Put another picture in the place of one, as wide as the author has it."""
    picture = exhibit.file.read_bytes()
    across, down = _pixels(picture)
    name = package.target(part, blip.get(tag("r:embed")))
    if not name.endswith(".png"):
        name = _picture_name(exhibit)
        package.declare("png", "image/png")
        blip.set(tag("r:embed"), package.relate(part, "image", f"media/flows-{exhibit.id}.png"))
    package.put(name, picture)
    drawing = next(blip.iterancestors(tag("w:drawing")))
    for size in drawing.iter(tag("wp:extent"), tag("a:ext")):
        if size.get("cx"):
            size.set("cy", str(round(int(size.get("cx")) * down / across)))
    for named in drawing.iter(tag("wp:docPr")):
        named.set("descr", _figure_on_page(exhibit.folder, exhibit.id)[1])


def _shape(content: Element) -> list[int]:
    """Return how many cells stand in each row, and where paragraphs stand outside of tables."""
    return [
        len(block.findall(tag("w:tc"))) if block.tag == tag("w:tr") else 0
        for block in content.iter(tag("w:tr"), tag("w:p"))
    ]


def _refresh_paragraph(old: Element, new: Element) -> None:
    """Give a paragraph the text of another, in the look of its own first run."""
    runs, made = list(own_runs(old)), list(own_runs(new))
    if paragraph_text(runs) == paragraph_text(made):
        return
    for run in runs:
        run.getparent().remove(run)
    old.extend(_in_look_of(runs, made))


def _in_look_of(runs: Sequence[Element], made: Sequence[Element]) -> Sequence[Element]:
    """Return runs in the look of the first of those in whose place they come."""
    look = runs[0].find(tag("w:rPr")) if runs else None
    for run in made:
        if look is not None and run.find(tag("w:rPr")) is None:
            run.insert(0, deepcopy(look))
    return made


def _all_text(content: Element) -> list[str]:
    return [paragraph_text(own_runs(paragraph)) for paragraph in content.iter(tag("w:p"))]


def _picture_name(exhibit: Exhibit) -> str:
    return f"word/media/flows-{exhibit.id}.png"


def _pixels(picture: bytes) -> tuple[int, int]:
    """Return width and height of a PNG."""
    across, down = struct.unpack(">II", picture[16:24])
    return across, down


def _contents(package: Package, part: str, exhibit: Exhibit) -> list[Element]:
    """Return the blocks of an exhibit: picture, or table and note."""
    if exhibit.kind == "table":
        page = exhibit.page()
        table = _table(page.find(".//table"), _text_width(package))
        return [table, make("w:p", *_inline(page.find(".//p[@class='note']")))]
    picture = exhibit.file.read_bytes()
    package.put(_picture_name(exhibit), picture)
    package.declare("png", "image/png")
    related = package.relate(part, "image", f"media/flows-{exhibit.id}.png")
    drawing = _drawing(exhibit, picture, related, width=_text_width(package))
    return [make("w:p", make("w:pPr", make("w:keepNext")), make("w:r", drawing))]


def _caption(exhibit: Exhibit, number: int, style: str | None) -> Element:
    look = make("w:pPr", *([make("w:pStyle", val=style)] if style else []))
    if exhibit.kind == "table":
        look.append(make("w:keepNext"))
    label = _LABELS[exhibit.kind]
    return make(
        "w:p",
        look,
        _run(f"{label} "),
        make("w:fldSimple", _run(str(number)), instr=rf" SEQ {label} \* ARABIC "),
        _run(". "),
        _control(exhibit.caption_tag, _inline(exhibit.caption())),
    )


def _run(text: str, looks: Sequence[str] = ()) -> Element:
    shown = make("w:t")
    write_text(shown, text)
    return make("w:r", *([make("w:rPr", *map(make, looks))] if looks else []), shown)


def _inline(element: Element, looks: tuple[str, ...] = ()) -> Iterator[Element]:
    """Yield runs with the emphasis that the report has; a link shows its address."""
    if element.text:
        yield _run(element.text, looks)
    for child in element:
        own = (*looks, _LOOKS[child.tag]) if child.tag in _LOOKS else looks
        yield from _inline(child, own)
        if child.tag == "a" and child.text_content() != child.get("href"):
            yield _run(f" ({child.get('href')})", looks)
        if child.tail:
            yield _run(child.tail, looks)


def _table(table: Element, width: float) -> Element:
    rows = list(table.iter("tr"))
    weights = [_weight(cells) for cells in zip(*rows, strict=True)]
    rules = make("w:tblBorders", _rule("w:top", 12), _rule("w:bottom", 12))
    look = make("w:tblPr", make("w:tblW", w="5000", type="pct"), rules)
    twips = width * _TWIPS / sum(weights)
    columns = make(
        "w:tblGrid", *(make("w:gridCol", w=f"{weight * twips:.0f}") for weight in weights)
    )
    return make("w:tbl", look, columns, *(_row(row) for row in rows))


def _weight(cells: Iterable[Element]) -> int:
    """Return how wide a column asks to be: its longest word, and its longest cell up to a line."""
    head, *body = (cell.text_content() for cell in cells)
    words = [word for text in (head, *body) for word in text.split()]
    return _AROUND_CELL + max(
        [0, *map(len, words), *(min(len(text), _LONGEST_CELL) for text in body)]
    )


def _rule(name: str, eighths: int) -> Element:
    return make(name, val="single", sz=str(eighths), space="0", color="auto")


def _row(row: Element) -> Element:
    heads = row[0].tag == "th"
    look = make("w:trPr", make("w:cantSplit"), *([make("w:tblHeader")] if heads else []))
    return make("w:tr", look, *(_cell(cell, heads=heads) for cell in row))


def _cell(cell: Element, *, heads: bool) -> Element:
    rule = [make("w:tcBorders", _rule("w:bottom", 4))] if heads else []
    look = make("w:tcPr", make("w:tcW", w="0", type="auto"), *rule)
    spacing = make("w:spacing", before="20", after="20")
    right = [make("w:jc", val="right")] if cell.get("class") == "numeric" else []
    return make("w:tc", look, make("w:p", make("w:pPr", spacing, *right), *_inline(cell)))


def _drawing(exhibit: Exhibit, picture: bytes, related: str, *, width: float) -> Element:
    across, down = _pixels(picture)
    scale = min(1.0, width * _DPI / across) * _EMU / _DPI
    size = {"cx": str(round(across * scale)), "cy": str(round(down * scale))}
    number = str(zlib.crc32(exhibit.tag.encode()) >> 1)
    blip = make("a:blip")
    blip.set(tag("r:embed"), related)
    _, about = _figure_on_page(exhibit.folder, exhibit.id)
    named = make("pic:cNvPr", id=number, name=exhibit.file.name)
    image = make(
        "pic:pic",
        make("pic:nvPicPr", named, make("pic:cNvPicPr")),
        make("pic:blipFill", blip, make("a:stretch", make("a:fillRect"))),
        make(
            "pic:spPr",
            make("a:xfrm", make("a:off", x="0", y="0"), make("a:ext", **size)),
            make("a:prstGeom", make("a:avLst"), prst="rect"),
        ),
    )
    inline = make(
        "wp:inline",
        make("wp:extent", **size),
        make("wp:docPr", id=number, name=f"flows {exhibit.id}", descr=about),
        make("a:graphic", make("a:graphicData", image, uri=_GRAPHIC)),
        distT="0",
        distB="0",
        distL="0",
        distR="0",
    )
    return make("w:drawing", inline)


def _text_width(package: Package) -> float:
    """Return the inches between the margins of the last section."""
    sections = list(package.tree(package.texts[0]).iter(tag("w:sectPr")))
    size = sections[-1].find(tag("w:pgSz")) if sections else None
    margins = sections[-1].find(tag("w:pgMar")) if sections else None
    if size is None or margins is None:
        return _WIDTH
    across = int(size.get(tag("w:w"))) - sum(
        int(margins.get(tag(f"w:{side}"), "0")) for side in ("left", "right")
    )
    return across / _TWIPS


def _caption_style(package: Package) -> str | None:
    """Return the document's own style of captions, whatever its language calls it."""
    if package.read("word/styles.xml") is None:
        return None
    for style in package.tree("word/styles.xml").iter(tag("w:style")):
        name = style.find(tag("w:name"))
        if name is not None and name.get(tag("w:val"), "").lower() == "caption":
            return str(style.get(tag("w:styleId")))
    return None


def _next_number(paragraph: Element, kind: Kind) -> int:
    """Return the number of an exhibit among those that stand before it."""
    earlier = paragraph.xpath(
        "preceding::w:instrText/text() | preceding::w:fldSimple/@w:instr",
        namespaces=dict(PREFIXES),
    )
    return 1 + sum(_numbers(instruction, kind) for instruction in earlier)


def _numbers(instruction: str, kind: Kind) -> bool:
    return instruction.split()[:2] == ["SEQ", _LABELS[kind]]


def find_controls(root: Element) -> Iterator[tuple[Element, re.Match[str]]]:
    """Yield the content controls of exhibits and of their captions, and what their tags say."""
    for control in root.iter(tag("w:sdt")):
        if match := EXHIBIT.fullmatch(control_tag(control)):
            yield control, match


def _figure_on_page(folder: Path, name: str) -> tuple[Element, str]:
    """Return the caption of a figure and the text that stands in for it."""
    page = folder / APPENDIX_FILES["html"]
    shown = _figures_on_page(page.read_bytes()) if page.is_file() else {}
    if name not in shown:
        raise ReportError(
            f"expected figure {name!r} in the text of {page}, from which its caption comes; "
            "found it there not shown"
        )
    return shown[name]


@cache
def _figures_on_page(page: bytes) -> dict[str, tuple[Element, str]]:
    shown = {}
    for figure in html.fromstring(page).iter("figure"):
        captions, drawn = figure.findall(".//figcaption/p"), figure.find(".//*[@role='img']")
        if figure.get("id", "").startswith("fig-") and captions and drawn is not None:
            for label in captions[0].findall("span[@class='label']"):
                captions[0].text = (label.tail or "").lstrip()
                captions[0].remove(label)
            shown[figure.get("id").removeprefix("fig-")] = captions[0], drawn.get("aria-label", "")
    return shown
